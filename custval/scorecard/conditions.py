"""Conditions of a card in a set: values of columns, all of which a customer must have."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .._arrays import Table
from .._ids import distinct, is_missing
from ..errors import ConfigError
from .columns import demand_column, numbers_of
from .exact import real, shown
from .rule import text
from .rules import level_text

SIDES = ("from", "to")


class Range(NamedTuple):
    """Numbers at or above `low` and below `high`."""

    low: float
    high: float


Condition: TypeAlias = tuple[tuple[str, tuple[str, ...] | Range], ...]           # (column, levels or range)


def condition(given: object, what: str) -> Condition:
    """Return a condition: columns in order, each with the levels or the range that it must have."""
    if not isinstance(given, Mapping) or not given:
        raise ConfigError(f"{what}: expected a table of columns, such as {{ type = \"B2B\" }}")
    return tuple((text(column, "column"), _wanted(wanted, f"{what}.{column}")) for column, wanted in given.items())


def plain_condition(when: Condition) -> dict[str, Any]:
    """Return a condition as in a file: one level as itself, a range as a table."""
    return {column: {side: edge for side, edge in zip(SIDES, wanted, strict=True) if np.isfinite(edge)}
            if isinstance(wanted, Range) else list(wanted) if len(wanted) > 1 else wanted[0] for column, wanted in when}


def words(when: Condition) -> str:
    """Return a condition as text."""
    return " and ".join(" and ".join(f"{column} {sign} {shown(edge)}" for sign, edge in zip((">=", "<"), wanted,
                                                                                            strict=True)
                                     if np.isfinite(edge))
                        if isinstance(wanted, Range) else f"{column} in {', '.join(wanted)}"
                        for column, wanted in when)


def met(when: Condition, table: Table, where: str) -> np.ndarray:
    """Return a mask of the customers who meet a condition; a missing value meets none."""
    out = np.ones(table.rows, bool)
    for column, wanted in when:
        demand_column(table.names, column, f"{where}: when: column")
        out &= _within(table, column, wanted) if isinstance(wanted, Range) else _among(table, column, wanted)
    return out


def _wanted(wanted: object, what: str) -> tuple[str, ...] | Range:
    if isinstance(wanted, Mapping):
        if not wanted or set(wanted) - set(SIDES):
            raise ConfigError(f"{what}: a range is {{ from = ..., to = ... }}, from included, to not, or one of them")
        low, high = (real(wanted[side], f"{what}.{side}") if side in wanted else infinite
                     for side, infinite in zip(SIDES, (-np.inf, np.inf), strict=True))
        if high <= low:
            raise ConfigError(f"{what}: nothing lies from {shown(low)} to {shown(high)}")
        return Range(low, high)
    levels = wanted if isinstance(wanted, list | tuple) else [wanted]
    if not levels or any(is_missing(level) or isinstance(level, list | tuple | Mapping) for level in levels):
        raise ConfigError(f"{what} = {wanted!r}: expected a level, a list of levels, or a range")
    return tuple(level_text(level) for level in levels)


def _within(table: Table, column: str, wanted: Range) -> np.ndarray:
    values = numbers_of(table, column)
    return np.asarray((values >= wanted.low) & ((values < wanted.high) | (wanted.high == np.inf)))


def _among(table: Table, column: str, levels: Sequence[str]) -> np.ndarray:
    at, present = table.categories(column) or distinct(table, column)
    good = [not is_missing(level) and level_text(level) in levels for level in present]
    return np.asarray(np.array([*good, False])[at])
