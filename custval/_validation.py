"""A column of numbers, one per customer: finite, or told by row."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._tabular import loses_digits, series
from .errors import ConfigError, DataError

TIES = ("min", "dense", "average")           # as the core numbers them
SHOWN = 5                      # rows that a message lists


def finite(column: np.ndarray, name: str, missing: str | None = None) -> int:
    """Return how many values are numbers; refuse infinity, and NaN unless ``missing="apart"``.

    None: the caller has no such choice, and the message offers none.
    """
    if missing not in (None, "raise", "apart"):
        raise ConfigError(f"missing={missing!r}: pass 'raise' or 'apart'")
    if column.dtype.kind not in "iuf" or column.dtype.itemsize > 8:
        raise DataError(f"{name}: expected a column of numbers, got {column.dtype}")
    if loses_digits(column):
        raise DataError(f"{name}: integers beyond 2**53 lose digits in sums; pass floats if that is meant")
    if column.dtype.kind != "f" or np.isfinite(column).all():
        return len(column)
    holes = np.isnan(column)
    if missing != "apart" and holes.any():
        apart = 'pass missing="apart" to set these customers apart and count them'
        raise DataError(f"{name}: {named(column, holes)} NaN\n"
                        f"  Fill them in, or {'leave these rows out' if missing is None else apart}.")
    endless = np.isinf(column)
    if endless.any():
        raise DataError(f"{name}: {named(column, endless)} infinite\n  Correct these rows.")
    return int(len(column) - holes.sum())


def named(column: np.ndarray, bad: np.ndarray) -> str:
    """Return ``"2 of 7 values (rows 3, 5) are"``."""
    rows = np.flatnonzero(bad)
    shown = ", ".join(f"{row:,}" for row in rows[:SHOWN]) + (", ..." if len(rows) > SHOWN else "")
    return f"{len(rows):,} of {len(column):,} values (row{'s' * (len(rows) > 1)} {shown}) are"


def ranked(values: np.ndarray, ties: str = "min") -> np.ndarray:
    """Return places, 1 for the largest; equal values share the smallest, leave no gap, or share their mean."""
    return np.asarray(_core.rank(values, TIES.index(ties)))


def sum_of(values: np.ndarray) -> float:
    """Return the compensated sum of a column."""
    return float(_core.totals(values, np.zeros(1, np.int64), np.array([len(values)]))[0])


def companion(values: Any, other: Any, name: str) -> np.ndarray:
    """Return a second column for the customers of `values`: as long, with the same index if both have one, finite."""
    column = aligned(values, other, name)
    finite(column, name)
    return column


def aligned(values: Any, other: Any, name: str) -> np.ndarray:
    """Return a second column for the customers of `values`: as long, with the same index if both have one."""
    column = series(other)[0]
    if len(column) != len(values):
        raise DataError(f"{name}: {len(column):,} rows for {len(values):,} values")
    same_index(values, other, name)
    return column


def same_index(values: Any, other: Any, name: str) -> None:
    """Refuse two pandas objects that carry different indexes: rows would be paired wrongly."""
    if hasattr(values, "iloc") and hasattr(other, "iloc") and not values.index.equals(other.index):
        raise DataError(f"{name}: carries another index than the values; align them first")


def divide(part: Any, whole: Any) -> np.ndarray:
    """Return ``part / whole``, NaN where the whole is 0."""
    whole = np.asarray(whole, float)
    return np.asarray(part / np.where(whole == 0, np.nan, whole))
