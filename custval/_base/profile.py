"""Tables with one row a customer, put in the order of the base's customers."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._columns import demand, table
from .._errors import DataError
from .._ids import match
from .._rows import shorten


def read_profile(frame: Any, ids: np.ndarray, customer: str,
                 complete: bool = False) -> tuple[dict[str, np.ndarray], int]:
    """Return the columns of a table with one row per customer, in the order of `ids`; how many are apart."""
    opened = table(frame)
    demand(opened, customer, "customer")
    asked = opened.array(customer)
    place = match(ids, asked, customer)
    row = np.full(len(ids), -1)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    if complete and (row < 0).any():
        raise DataError(f"column {customer!r}: {int((row < 0).sum()):,} of {len(ids):,} customers have no row, "
                        f"the first is {shorten(ids[(row < 0).argmax()])}")
    if len(np.unique(place[place >= 0])) < int((place >= 0).sum()):
        twice = np.flatnonzero(np.bincount(place[place >= 0], minlength=len(ids)) > 1)[0]
        raise DataError(f"column {customer!r}: customer {shorten(ids[twice])} has more than one row")
    return ({name: _aligned(opened.array(name), row) for name in opened.names if name != customer},
            int((place < 0).sum()))


def _aligned(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return ``column[row]`` with a hole where `row` is -1."""
    lost = row < 0
    if not lost.any():
        return np.asarray(column[row])
    kind = column.dtype.kind
    wide = column.astype(float) if kind in "iu" else column if kind in "fmM" else column.astype(object)
    out = wide[row] if len(wide) else np.full(len(row), None, object)
    out[lost] = np.nan if out.dtype.kind == "f" else np.timedelta64("NaT") if kind == "m" else (
        np.datetime64("NaT") if kind == "M" else None)
    return out
