"""Cards read from TOML and JSON, strictly."""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .. import _files
from .._files import At, keys
from ..errors import ConfigError
from .exact import real
from .rule import Rule, text
from .rules import Grades, Linear, Log, Manual, Piecewise, Steps, Table

SCHEMA = "custval/scorecard-1"
FORMATS = (".toml", ".json")
OPTIONS = ("version", "combine", "missing", "digits", "round_at", "cap", "floor")
CARD = ("name", *OPTIONS, "indicator", "tier")
INDICATOR = ("name", "weight", "cap", "floor", "measure")
RULES = ("steps", "linear", "piecewise", "log", "grades", "table", "manual")
LIMITS = ("cap", "floor", "missing")
SHARED = (*LIMITS, "window", "half_life", "decay")
OWN = {"steps": ("auto",), "grades": ("times", "counts")}               # beside those
MEASURE = ("column", *RULES, "times", "counts", "auto", *SHARED)


def tiers(given: Sequence[Any]) -> tuple[tuple[str, float | None], ...]:
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


def from_dict(card: Any, indicator: Any, table: Mapping[str, Any], source: str, normalise: bool) -> Any:
    """Return the card that a table describes; errors name the path to the key."""
    check_schema(table, SCHEMA, source)
    return card_of(card, indicator, {key: table[key] for key in table if key != "schema"}, source, normalise)


def check_schema(table: Mapping[str, Any], schema: str, source: str) -> None:
    """Raise unless a table says that it is of this schema."""
    if table.get("schema") != schema:
        raise ConfigError(f"{source}: schema = {table.get('schema')!r}, this version reads {schema!r}")


def card_of(card: Any, indicator: Any, table: Mapping[str, Any], source: str, normalise: bool, path: str = "") -> Any:
    """Return the card that a table, or the part of a file that `path` names, describes."""
    where, inside = (f"{source}: {path}", f"{source}: {path}.") if path else (source, f"{source}: ")
    keys(table, CARD, ("name", "indicator"), where)
    indicators = [_indicator(indicator, entry, f"{inside}indicator[{i}]")
                  for i, entry in enumerate(entries(table, "indicator", where))]
    tiers = entries(table, "tier", where) if "tier" in table else []
    for i, entry in enumerate(tiers):
        keys(entry, ("name", "from"), ("name",), f"{inside}tier[{i}]")
    options = {k: table[k] for k in OPTIONS if k in table}
    with At(where):
        return card(table["name"], indicators, normalise=normalise,
                    tiers=[(entry["name"], entry.get("from")) for entry in tiers], **options)


def _indicator(indicator: Any, table: Any, where: str) -> Any:
    keys(table, INDICATOR, ("name", "measure"), where)
    measures: dict[str, Rule] = {}
    for m, entry in enumerate(entries(table, "measure", where)):
        at = f"{where}.measure[{m}]"
        keys(entry, MEASURE, ("column",), at)
        with At(f"{at}.column"):
            column = text(entry["column"], "column")
        if column in measures:
            raise ConfigError(f"{at}.column = {column!r} has a measure already")
        measures[column] = _rule(entry, at)
    with At(where):
        options = {key: table[key] for key in ("weight", "cap", "floor") if key in table}
        return indicator(table["name"], measures=measures, **options)


def _rule(table: Mapping[str, Any], where: str) -> Rule:
    kinds = [kind for kind in RULES if kind in table]
    if len(kinds) != 1:
        raise ConfigError(f"{where}: expected one rule of {', '.join(RULES)}, found {', '.join(kinds) or 'none'}")
    kind = kinds[0]
    allowed = OWN.get(kind, ()) + (LIMITS if kind == "manual" else SHARED)
    for key in table:
        if key not in ("column", kind, *allowed):
            raise ConfigError(f"{where}.{key}: {kind} takes {', '.join(allowed)}")
    with At(f"{where}.{kind}"):
        return MAKE[kind](table[kind], {key: table[key] for key in allowed if key in table})


def _steps(table: Any, options: Mapping[str, Any]) -> Rule:
    if isinstance(table, dict):
        keys(table, ("quantiles",), ("quantiles",), "steps")
        return Steps.quantiles(table["quantiles"], **options)
    if isinstance(table, list):                              # "open" is None
        table = [[None if n == "open" else n for n in s[:-1]] + s[-1:] if isinstance(s, list) else s for s in table]
    return Steps(table, **options)


def _linear(table: Any, options: Mapping[str, Any]) -> Rule:
    if not isinstance(table, dict) or list(table) != ["per"]:
        raise ConfigError("expected { per = ... }; a line through knots is piecewise = [[value, points], ...]")
    return Linear(per=table["per"], **options)


def _log(table: Any, options: Mapping[str, Any]) -> Rule:
    keys(table, ("per", "points", "base"), ("per", "points"), "log")
    return Log(**table, **options)


def _manual(given: Any, options: Mapping[str, Any]) -> Rule:
    if given is not True:
        raise ConfigError(f"manual = {given!r}: a measure that people score by hand has manual = true")
    return Manual(**options)


MAKE: dict[str, Callable[[Any, Mapping[str, Any]], Rule]] = {
    "steps": _steps, "linear": _linear, "log": _log,
    "piecewise": lambda knots, options: Piecewise(knots, **options),
    "grades": lambda points, options: Grades(points, **options),
    "table": lambda points, options: Table(points, **options), "manual": _manual}


def entries(table: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """Return the list of tables that a key has."""
    if not isinstance(table[key], list) or (not table[key] and key != "tier"):
        raise ConfigError(f"{where}: {key}: expected one or more tables")
    return list(table[key])
