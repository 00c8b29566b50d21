"""Card files: TOML and JSON, read strictly, written whole; errors name the line of a TOML file."""
from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

from .. import _files
from .._files import At, keys
from .._formatting import plain
from ..errors import ConfigError
from .compile import Card
from .exact import Limit, exact, real
from .indicator import Indicator
from .rule import Rule, changed, text
from .rules import Grades, Linear, Log, Manual, Piecewise, Quantiles, Steps, Table

C = TypeVar("C", bound=Card)
T = TypeVar("T")
Data: TypeAlias = Mapping[str, Any]            # a table of a file

SCHEMA = "custval/scorecard-1"
FORMATS = (".toml", ".json")
OPTIONS = ("version", "combine", "missing", "digits", "round_at", "cap", "floor")
CARD = ("name", *OPTIONS, "indicator", "tier")
INDICATOR = ("name", "weight", "cap", "floor", "measure")
RULES = ("steps", "linear", "piecewise", "log", "grades", "table", "manual")
LIMITS = ("cap", "floor", "missing")
SHARED = (*LIMITS, "window", "half_life", "decay")
OWN = {"steps": ("auto",), "grades": ("times", "counts")}               # beside SHARED
MEASURE = ("column", "label", *RULES, "times", "counts", "auto", *SHARED)

TABLES = re.compile(r"\s*\[\[\s*([\w.]+)\s*\]\]")          # [[indicator.measure]]
STEP = re.compile(r"(\w+)\[(\d+)\]")                       # indicator[0] of indicator[0].measure[2].steps
PLACE = r": ((?:\w+\[\d+\]\.?)*\w*)(?:: key '([^']+)' is not known)?(?=:| =|\n|$)"
KEY = re.compile(r'\s*(?:"([^"]+)"|([\w-]+))\s*=')


# ---- read ----

def tiers_from(given: Sequence[tuple[str, Limit]]) -> tuple[tuple[str, float | None], ...]:
    """Return (name, from) of each tier, highest first."""
    if any(isinstance(t, str) or not isinstance(t, Sequence) or len(t) != 2 for t in given):
        raise ConfigError("tiers: expected pairs (name, from), the highest first")
    out = [(text(name, "name of a tier"), None if lo is None else real(lo, "from")) for name, lo in given]
    for (name, lo), (after, next_lo) in pairwise(out):
        if lo is None or (next_lo is not None and next_lo >= lo):
            raise ConfigError(f"tier {after!r} does not lie below tier {name!r}: the highest comes first")
    return tuple(out)


def card_format(path: str | os.PathLike[str]) -> str:
    """Return ".toml" or ".json"."""
    return _files.suffix(path, FORMATS, "a card")


def read(path: str | os.PathLike[str]) -> bytes:
    """Return a card file's bytes."""
    card_format(path)
    return _files.read(path, "card")


def from_dict(make: Callable[..., C], table: Data, source: str, normalise: bool = False) -> C:
    """Return the card that a table describes, made by `Scorecard`; errors name the path to the key."""
    check_schema(table, SCHEMA, source)
    content = {key: table[key] for key in table if key != "schema"}
    return changed(card_of(make, content, source, normalise), source=source)


def load(path: str | os.PathLike[str], build: Callable[[Data, str], T]) -> T:
    """Return what `build` makes of a card file and its name; errors name the line."""
    return built(read(path), plain(os.path.basename(os.fspath(path))), build)


def built(raw: bytes, source: str, build: Callable[[Data, str], T]) -> T:
    """Return what `build` makes of the bytes of a file and its name; errors name the line."""
    table = _files.parse(raw, source, source.endswith(".toml"))
    with naming_lines(source, raw):
        return build(table, source)


def check_schema(table: Data, schema: str, source: str) -> None:
    """Raise unless a table says that it is of this schema."""
    if table.get("schema") != schema:
        raise ConfigError(f"{source}: schema = {table.get('schema')!r}, this version reads {schema!r}")


def card_of(make: Callable[..., C], table: Data, source: str, normalise: bool, path: str = "") -> C:
    """Return the card that a table describes; `path` is the place of the table in the file."""
    where, inside = (f"{source}: {path}", f"{source}: {path}.") if path else (source, f"{source}: ")
    keys(table, CARD, ("name", "indicator"), where)
    indicators = [_indicator(entry, f"{inside}indicator[{i}]")
                  for i, entry in enumerate(entries(table, "indicator", where))]
    tiers = entries(table, "tier", where) if "tier" in table else []
    for i, entry in enumerate(tiers):
        keys(entry, ("name", "from"), ("name",), f"{inside}tier[{i}]")
    options = {k: table[k] for k in OPTIONS if k in table}
    with At(where):
        return make(table["name"], indicators, normalise=normalise,
                    tiers=[(entry["name"], entry.get("from")) for entry in tiers], **options)


def _indicator(table: Data, where: str) -> Indicator:
    keys(table, INDICATOR, ("name", "measure"), where)
    measures: dict[str, Rule] = {}
    labels: dict[str, str] = {}
    for m, entry in enumerate(entries(table, "measure", where)):
        at = f"{where}.measure[{m}]"
        keys(entry, MEASURE, ("column",), at)
        with At(f"{at}.column"):
            column = text(entry["column"], "column")
        if column in measures:
            raise ConfigError(f"{at}.column = {column!r} has a measure already")
        if "label" in entry:
            with At(f"{at}.label"):
                labels[column] = text(entry["label"], "label")
        measures[column] = _rule(entry, at)
    with At(where):
        options = {key: table[key] for key in ("weight", "cap", "floor") if key in table}
        return Indicator(table["name"], measures=measures, labels=labels, **options)


def _rule(table: Data, where: str) -> Rule:
    kinds = [kind for kind in RULES if kind in table]
    if len(kinds) != 1:
        raise ConfigError(f"{where}: expected one rule of {', '.join(RULES)}, found {', '.join(kinds) or 'none'}")
    kind = kinds[0]
    allowed = OWN.get(kind, ()) + (LIMITS if kind == "manual" else SHARED)
    for key in table:
        if key not in ("column", "label", kind, *allowed):
            raise ConfigError(f"{where}.{key}: {kind} takes {', '.join(allowed)}")
    with At(f"{where}.{kind}"):
        return MAKE[kind](table[kind], {key: table[key] for key in allowed if key in table})


def _steps(table: object, options: Data) -> Rule:
    if isinstance(table, dict):
        keys(table, ("quantiles",), ("quantiles",), "steps")
        return Steps.quantiles(table["quantiles"], **options)
    steps: Any = table
    if isinstance(table, list):                              # "open" is None
        steps = [[None if n == "open" else n for n in s[:-1]] + s[-1:] if isinstance(s, list) else s for s in table]
    return Steps(steps, **options)


def _linear(table: object, options: Data) -> Rule:
    if not isinstance(table, dict) or list(table) != ["per"]:
        raise ConfigError("expected { per = ... }; a line through knots is piecewise = [[value, points], ...]")
    return Linear(per=table["per"], **options)


def _log(table: Data, options: Data) -> Rule:
    keys(table, ("per", "points", "base"), ("per", "points"), "log")
    return Log(**table, **options)


def _manual(given: object, options: Data) -> Rule:
    if given is not True:
        raise ConfigError(f"manual = {given!r}: a measure that people score by hand has manual = true")
    return Manual(**options)


MAKE: dict[str, Callable[[Any, Data], Rule]] = {
    "steps": _steps, "linear": _linear, "log": _log,
    "piecewise": lambda knots, options: Piecewise(knots, **options),
    "grades": lambda points, options: Grades(points, **options),
    "table": lambda points, options: Table(points, **options), "manual": _manual}


def entries(table: Data, key: str, where: str) -> list[Any]:
    """Return the list of tables that a key has."""
    if not isinstance(table[key], list) or (not table[key] and key != "tier"):
        raise ConfigError(f"{where}: {key}: expected one or more tables")
    return list(table[key])


# ---- write ----

def write(path: str | os.PathLike[str], table: Data) -> None:
    """Write a card; a reader finds the old file or the new one, never a part of one."""
    toml = card_format(path) == ".toml"
    _files.write(path, to_toml(table) if toml else json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def to_dict(card: Card) -> dict[str, Any]:
    """Return a card as plain data in the order of the file."""
    return {"schema": SCHEMA, **body(card)}


def body(card: Card) -> dict[str, Any]:
    """Return a card as plain data without the schema."""
    return plain_table({
        "name": card.name, "version": card.version, "combine": card.combine, "missing": card.missing,
        "digits": card.digits, "round_at": None if card.digits is None else card.round_at,
        "cap": card.cap, "floor": card.floor,
        "indicator": [{"name": i.name, "weight": i.weight, "cap": i.cap, "floor": i.floor,
                       "measure": [{"column": column, "label": (i.labels or {}).get(column), **_data_of(rule)}
                                   for column, rule in i.measures.items()]}
                      for i in card.indicators],
        "tier": [{"name": name, "from": lowest} for name, lowest in card.tiers] or None})


def _data_of(rule: Rule) -> dict[str, Any]:
    shared = {key: getattr(rule, key) for key in SHARED}
    if isinstance(rule, Steps):
        steps = [["open" if lo is None else lo, points] for lo, points in rule.steps]
        return {"steps": steps, "auto": rule.auto, **shared}
    if isinstance(rule, Quantiles):
        return {"steps": {"quantiles": rule.points}, **shared}
    if isinstance(rule, Linear):
        return {"linear": {"per": rule.per}, **shared}
    if isinstance(rule, Log):
        return {"log": {"per": rule.per, "points": rule.points, "base": rule.base}, **shared}
    if isinstance(rule, Piecewise):
        return {"piecewise": rule.knots, **shared}
    if isinstance(rule, Grades):
        return {"grades": rule.points, "times": rule.times, "counts": rule.counts, **shared}
    if isinstance(rule, Manual):
        return {"manual": True, **shared}
    assert isinstance(rule, Table)
    return {"table": rule.points, **shared}


def plain_table(table: Data) -> dict[str, Any]:
    """Return a table without None, its numbers as int, float or "p/q"."""
    return {key: _plain_data(value) for key, value in table.items() if value is not None}


def _plain_data(value: object) -> object:
    if isinstance(value, Mapping):
        return plain_table(value)
    if isinstance(value, list | tuple):
        return [_plain_data(v) for v in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, Fraction):
        if value.denominator == 1 and abs(value) < 2**53:
            return int(value)
        short = len(str(value.denominator)) < 15 and len(str(value.numerator)) < 15
        near = float(value) if short else 0.0
        return near if near and exact(near) == value and value == Fraction(repr(near)) else \
            f"{value.numerator}/{value.denominator}"
    return value


def to_toml(table: Data, path: str = "") -> str:
    """Return plain data as the text of a TOML file; lists of tables follow the rest, each under its [[path]]."""
    inner = {key: value for key, value in table.items() if isinstance(value, list) and value
             and all(isinstance(entry, Mapping) for entry in value)}
    blank = "  " * path.count(".")
    lines = [f"{blank}{key} = {_value(value)}" for key, value in table.items() if key not in inner]
    for key, entries in inner.items():
        place = f"{path}.{key}".lstrip(".")
        for entry in entries:
            lines += [*([""] if not path else []), f"{'  ' * place.count('.')}[[{place}]]", to_toml(entry, place)[:-1]]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    return repr(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


# ---- lines ----

@contextmanager
def naming_lines(source: str, raw: bytes) -> Iterator[None]:
    """Add the line to errors about a TOML file."""
    try:
        yield
    except ConfigError as error:
        if not source.endswith(".toml"):
            raise
        raise ConfigError(with_line(str(error), source, raw.decode("utf-8-sig"))) from None


def with_line(message: str, source: str, toml: str) -> str:
    """Return a message with the line of the place that it begins with."""
    found = re.match(re.escape(source) + PLACE, message)
    if found is None:
        return message
    path, unknown = found[1], found[2]
    line = line_of(toml, path if unknown is None else f"{path}.{unknown}".lstrip("."))
    return f"{message}\n  line {line}: {toml.splitlines()[line - 1].strip()}" if line else message


def line_of(toml: str, path: str) -> int:
    """Return the number of the line (from 1) of a place such as ``indicator[0].measure[2].steps``, 0 if there is none.

    Examples
    --------
    >>> line_of("name = 'x'\\n[[indicator]]\\nweight = 1\\n", "indicator[0].weight")
    3
    """
    steps = STEP.findall(path)
    wanted = [(".".join(name for name, _ in steps[:k + 1]), int(place)) for k, (name, place) in enumerate(steps)]
    key = path.rpartition("]")[2].lstrip(".") or None
    seen: dict[str, int] = {}
    at: list[tuple[str, int]] = []
    header = 0
    for number, line in enumerate(toml.splitlines(), 1):
        if table := TABLES.match(line):
            name = table[1]
            seen = {k: n for k, n in seen.items() if not k.startswith(name + ".")}
            seen[name] = seen.get(name, -1) + 1
            at = [pair for pair in at if name.startswith(pair[0] + ".")] + [(name, seen[name])]
            header = number if at == wanted else header
        elif at == wanted and key is not None and (found := KEY.match(line)) and key in (found[1], found[2]):
            return number
    return header
