"""Columns of a card out of a table, and errors that name column, row, customer and remedy."""
from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _core
from .._formatting import plain
from .._ids import distinct, is_missing
from ..errors import ConfigError, DataError
from .rule import Column
from .rules import level_text

SHOWN_ROWS = 5
EXACT_INTEGER = 2**53


def column_values(table: Any, column: Column) -> np.ndarray:
    """Return a column as doubles, NaN where missing; levels as their number in the order of the rule.

    Counts of a level that no row has are 0; `check_columns` lets no other column be absent.
    """
    if column.name not in table.names:
        return np.zeros(table.rows)
    if column.log is not None:
        return np.asarray(_core.log_ratio(numbers_of(table, column.name), *column.log))
    return numbers_of(table, column.name) if column.levels is None else codes_of(table, column)


def numbers_of(table: Any, name: str) -> np.ndarray:
    """Return a column of numbers as doubles; text, dates and integers beyond 2**53 are refused."""
    values = table.array(name)
    if values.dtype == object:
        values = _from_objects(values, name)
    if values.dtype.kind not in "bfiu":
        raise DataError(f"column {name!r} holds {_kind(values)}, its rule takes numbers; for categories use Table "
                        "or Grades")
    if values.dtype.kind in "iu" and values.size and max(-int(values.min()), int(values.max())) > EXACT_INTEGER:
        raise DataError(f"column {name!r} holds integers beyond 2**53, which lose digits as floats")
    return np.ascontiguousarray(values, np.float64)


def codes_of(table: Any, column: Column) -> np.ndarray:
    """Return levels as 0.0, 1.0 ..., NaN where missing; a level that the rule does not know is an error."""
    levels = {level: float(k) for k, level in enumerate(column.levels or ())}
    found = table.categories(column.name)
    if found is not None:
        at, present = found
        return _look_up(table, column, levels, at, present)
    at, present = distinct(table, column.name)
    return _look_up(table, column, levels, at, present)


def _look_up(table: Any, column: Column, levels: dict[str, float], at: np.ndarray, present: Any) -> np.ndarray:
    holes = [is_missing(level) for level in present]
    texts = [level_text(level) for level in present]
    used = np.zeros(len(texts) + 1, bool)                   # the last one: a hole, as -1 or as the last code
    used[at] = True
    unknown = [k for k, text in enumerate(texts) if used[k] and not holes[k] and text not in levels]
    if unknown:
        rows = np.flatnonzero(np.isin(at, unknown))
        bad = texts[at[rows[0]]]
        near = difflib.get_close_matches(bad, list(levels), n=1, cutoff=0.5)
        raise DataError(
            f"column {column.name!r}: {len(rows):,} of {len(at):,} values are no level of its rule\n"
            + row_list(table, rows, [repr(texts[at[r]]) for r in rows[:SHOWN_ROWS]])
            + (f"\n  did you mean {near[0]!r}?" if near else "") + f"   levels: {', '.join(map(plain, levels))}")
    codes = [np.nan if hole else levels.get(text, np.nan) for text, hole in zip(texts, holes, strict=True)]
    return np.asarray(np.array([*codes, np.nan])[at])


def row_list(table: Any, rows: np.ndarray, values: Sequence[str] = ()) -> str:
    """Return up to five rows as lines: number from 0, value, customer."""
    customers = table.array("customer") if "customer" in table.names else None
    place = getattr(table, "places", np.arange(table.rows))            # of a part of a table, in the whole
    lines = []
    for i, row in enumerate(rows[:SHOWN_ROWS]):
        value = f"   {values[i]}" if values else ""
        customer = "" if customers is None else f"   customer {plain(customers[row])}"
        lines.append(f"  row {place[row]:,}{value}{customer}")
    return "\n".join(lines) + ("\n  ..." if len(rows) > SHOWN_ROWS else "")


def demand_column(names: Sequence[str], name: str, where: str, remedy: str = "") -> None:
    """Raise when the table lacks a column that the card reads, with the likely meant one."""
    if name in names:
        return
    near = difflib.get_close_matches(name, [str(n) for n in names], n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}?   " if near else ""
    raise ConfigError(f"{where} {name!r} is not in the table{remedy}\n  {meant}"
                      f"columns: {', '.join(map(plain, names))}")


def _from_objects(values: np.ndarray, name: str) -> np.ndarray:
    """Return objects as numbers if they are numbers or missing."""
    items = [np.nan if is_missing(v) else v for v in values.tolist()]
    if any(isinstance(v, str | bytes) or not hasattr(v, "__float__") for v in items):
        raise DataError(f"column {name!r} holds text or objects, its rule takes numbers; for categories use Table "
                        "or Grades")
    if any(isinstance(v, int) and abs(v) > EXACT_INTEGER for v in items):
        raise DataError(f"column {name!r} holds integers beyond 2**53, which lose digits as floats")
    return np.array([float(v) for v in items], np.float64)


def _kind(values: np.ndarray) -> str:
    return {"U": "text", "S": "bytes", "M": "dates", "m": "durations", "c": "complex numbers"}.get(
        values.dtype.kind, str(values.dtype))
