"""Cards written as TOML and JSON."""
from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .. import _files
from .card_files import SCHEMA, SHARED, card_format
from .exact import exact
from .rule import Rule
from .rules import Grades, Linear, Log, Manual, Piecewise, Quantiles, Steps, Table


def write(path: str | os.PathLike[str], table: Mapping[str, Any]) -> None:
    """Write a card; a reader finds the old file or the new one, never a part."""
    toml = card_format(path) == ".toml"
    _files.write(path, to_toml(table) if toml else json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def to_dict(card: Any) -> dict[str, Any]:
    """Return a card as plain data in the order of the file."""
    return {"schema": SCHEMA, **body(card)}


def body(card: Any) -> dict[str, Any]:
    """Return what a card says, without the schema."""
    table = {"name": card.name, "version": card.version, "combine": card.combine,
             "missing": card.missing, "digits": card.digits,
             "round_at": None if card.digits is None else card.round_at, "cap": card.cap, "floor": card.floor,
             "indicator": [{"name": i.name, "weight": i.weight, "cap": i.cap, "floor": i.floor,
                            "measure": [{"column": column, **_rule(rule)} for column, rule in i.measures.items()]}
                           for i in card.indicators],
             "tier": [{"name": name, "from": lowest} for name, lowest in card.tiers] or None}
    said: dict[str, Any] = plain(table)
    return said


def _rule(rule: Rule) -> dict[str, Any]:
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


def plain(value: Any) -> Any:
    """Return data without None, numbers as int, float or "p/q"."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
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


def to_toml(table: Mapping[str, Any], path: str = "") -> str:
    """Return plain data as the text of a TOML file: lists of tables below the rest, each under its [[path]]."""
    inner = {key: value for key, value in table.items() if isinstance(value, list) and value
             and all(isinstance(entry, Mapping) for entry in value)}
    blank = "  " * path.count(".")
    lines = [f"{blank}{key} = {_value(value)}" for key, value in table.items() if key not in inner]
    for key, entries in inner.items():
        place = f"{path}.{key}".lstrip(".")
        for entry in entries:
            lines += [*([""] if not path else []), f"{'  ' * place.count('.')}[[{place}]]", to_toml(entry, place)[:-1]]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
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
