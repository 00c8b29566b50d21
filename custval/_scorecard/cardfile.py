"""Cards read from TOML and JSON, strictly."""
from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from .._errors import ConfigError
from .exact import real
from .levels import Grades, Table
from .rule import Rule, text
from .rules import Linear, Steps

SCHEMA = "custval/scorecard-1"
LARGEST = 1 << 17                   # bytes of a card file
DEEPEST = 16                        # tables in a table
CARD = ("schema", "name", "combine", "missing", "digits", "round_at", "cap", "indicator", "tier")
INDICATOR = ("name", "weight", "cap", "measure")
RULES = ("steps", "linear", "grades", "table")
MEASURE = ("column", *RULES, "times", "counts", "cap", "floor", "missing")
OPTIONS = {"steps": ("cap", "missing"), "linear": ("cap", "floor", "missing"),
           "grades": ("times", "counts", "cap", "missing"), "table": ("cap", "missing")}


def tiers(given: Sequence[Any]) -> tuple[tuple[str, float | None], ...]:
    """Return (name, from) of each tier, highest first."""
    if any(isinstance(t, str) or not isinstance(t, Sequence) or len(t) != 2 for t in given):
        raise ConfigError("tiers: expected pairs (name, from), the highest first")
    out = [(text(name, "name of a tier"), None if lo is None else real(lo, "from")) for name, lo in given]
    for (name, lo), (after, next_lo) in pairwise(out):
        if lo is None or (next_lo is not None and next_lo >= lo):
            raise ConfigError(f"tier {after!r} does not lie below tier {name!r}: the highest comes first")
    return tuple(out)


def known(word: Any, allowed: Iterable[str], what: str) -> None:
    """Raise unless the word is one of those allowed; name the likely meant one."""
    words = list(allowed)
    if word in words:
        return
    near = difflib.get_close_matches(str(word), words, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}?   " if near else ""
    raise ConfigError(f"{what} {word!r} is not known\n  {meant}known: {', '.join(words)}")


def read(path: str | os.PathLike[str]) -> bytes:
    """Return a card file's bytes, at most `LARGEST` of them."""
    card_format(path)
    with open(path, "rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ConfigError(f"{os.path.basename(path)}: larger than {LARGEST:,} bytes; that is no card")
    return raw


def _shallow(toml: str) -> None:
    """Refuse keys of many parts before they are read: the time and memory they take grow with their square."""
    for number, line in enumerate(toml.splitlines(), 1):
        if line.partition("=")[0].count(".") >= DEEPEST:
            raise ConfigError(f"line {number}: a key of more than {DEEPEST} parts")


def parse(raw: bytes, source: str) -> dict[str, Any]:
    """Return the table in a TOML or JSON text; NaN, infinities and keys given twice are refused."""
    try:
        content = raw.decode("utf-8-sig")
        if source.endswith(".json"):
            table = json.loads(content, object_pairs_hook=_no_twins, parse_constant=_finite, parse_float=_finite)
        else:
            _shallow(content)
            table = tomllib.loads(content.replace("\r\n", "\n"), parse_float=_finite)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from None
    except (ValueError, RecursionError) as error:          # both decoders' errors are ValueErrors
        raise ConfigError(f"{source}: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{source}: expected a table, found {type(table).__name__}")
    return table


def from_dict(card: Any, indicator: Any, table: Mapping[str, Any], source: str, normalise: bool) -> Any:
    """Return the card that a table describes; errors name the path to the key."""
    if table.get("schema") != SCHEMA:
        raise ConfigError(f"{source}: schema = {table.get('schema')!r}, this version reads {SCHEMA!r}")
    _keys(table, CARD, ("name", "indicator"), source)
    indicators = [_indicator(indicator, entry, f"{source}: indicator[{i}]")
                  for i, entry in enumerate(_list(table, "indicator", source))]
    entries = _list(table, "tier", source) if "tier" in table else []
    for i, entry in enumerate(entries):
        _keys(entry, ("name", "from"), ("name",), f"{source}: tier[{i}]")
    options = {k: table[k] for k in ("combine", "missing", "digits", "round_at", "cap") if k in table}
    with _At(source):
        return card(table["name"], indicators, normalise=normalise,
                    tiers=[(entry["name"], entry.get("from")) for entry in entries], **options)


def _indicator(indicator: Any, table: Any, where: str) -> Any:
    _keys(table, INDICATOR, ("name", "measure"), where)
    measures: dict[str, Rule] = {}
    for m, entry in enumerate(_list(table, "measure", where)):
        at = f"{where}.measure[{m}]"
        _keys(entry, MEASURE, ("column",), at)
        with _At(f"{at}.column"):
            column = text(entry["column"], "column")
        if column in measures:
            raise ConfigError(f"{at}.column = {column!r} has a measure already")
        measures[column] = _rule(entry, at)
    with _At(where):
        return indicator(table["name"], weight=table.get("weight"), cap=table.get("cap"), measures=measures)


def _rule(table: Mapping[str, Any], where: str) -> Rule:
    kinds = [kind for kind in RULES if kind in table]
    if len(kinds) != 1:
        raise ConfigError(f"{where}: expected one rule of {', '.join(RULES)}, found {', '.join(kinds) or 'none'}")
    kind = kinds[0]
    for key in table:
        if key not in ("column", kind, *OPTIONS[kind]):
            raise ConfigError(f"{where}.{key}: {kind} takes {', '.join(OPTIONS[kind])}")
    options = {key: table[key] for key in OPTIONS[kind] if key in table}
    with _At(f"{where}.{kind}"):
        if kind == "steps":
            return Steps(_opened(table[kind]), **options)
        if kind == "linear":
            return _linear(table[kind], options)
        return Grades(table[kind], **options) if kind == "grades" else Table(table[kind], **options)


def _opened(steps: Any) -> Any:
    """Return steps with the word "open" as None."""
    if not isinstance(steps, list):
        return steps
    return [[None if n == "open" else n for n in s[:-1]] + s[-1:] if isinstance(s, list) else s for s in steps]


def _linear(table: Any, options: Mapping[str, Any]) -> Linear:
    if not isinstance(table, dict) or sorted(table) not in (["per"], ["from", "to"], ["knots"]):
        raise ConfigError("expected { per = ... }, { from = [value, points], to = [value, points] } "
                          "or { knots = [...] }")
    knots = [table["from"], table["to"]] if "from" in table else table.get("knots", [])
    if not isinstance(knots, list):
        raise ConfigError("knots: expected a list of [value, points]")
    return Linear(*knots, per=table.get("per"), **options)


def _keys(table: Any, allowed: Sequence[str], needed: Sequence[str], where: str) -> None:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a table, found {type(table).__name__}")
    for key in table:
        with _At(where):
            known(key, allowed, "key")
    for key in needed:
        if key not in table:
            raise ConfigError(f"{where}: the key {key!r} is missing")


def _list(table: Mapping[str, Any], key: str, where: str) -> list[Any]:
    if not isinstance(table[key], list) or (not table[key] and key != "tier"):
        raise ConfigError(f"{where}: {key}: expected one or more tables")
    return list(table[key])


class _At:
    """Put the place in the file before what a rule or card says."""

    def __init__(self, where: str):
        self.where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, ConfigError):
            raise ConfigError(f"{self.where}: {error}") from None


def _finite(number: str) -> float:
    value = float(number)
    if not abs(value) < float("inf"):
        raise ConfigError(f"{number} is not a number that a card can hold")
    return value


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twin = next(k for k in table if sum(1 for key, _ in pairs if key == k) > 1)
        raise ConfigError(f"key {twin!r} is given twice")
    return table


def card_format(path: str | os.PathLike[str]) -> str:
    """Return ".toml" or ".json"."""
    suffix = Path(path).suffix
    if suffix not in (".toml", ".json"):
        raise ConfigError(f"{os.path.basename(path)}: a card is a .toml or a .json file")
    return suffix
