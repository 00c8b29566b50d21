"""Tables with one row a customer, put in the order of the base's customers."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._columns import Table, check_names, demand, table
from .._errors import DataError
from .._ids import match
from .._rows import shorten, warn_apart
from .moments import ticks
from .read import teller, undated

FIRST_CONTACT = "first_contact"


def read_profile(frame: Any, ids: np.ndarray, customer: str, tz: str | None,
                 time_format: str | None) -> tuple[dict[str, np.ndarray], int]:
    """Return the columns of a profile in the order of `ids`, the first contact as days; how many rows are apart."""
    opened, place, row = _matched(frame, ids, customer)
    columns = {name: opened.array(name) for name in opened.names if name != customer}
    if FIRST_CONTACT in columns:
        columns[FIRST_CONTACT] = _days(opened, {"customer": customer, "time": FIRST_CONTACT}, tz, time_format)
    strangers = opened.array(customer)[place < 0].tolist()
    warn_apart("profile", strangers, opened.rows, ids[0])
    return {name: _aligned(column, row) for name, column in columns.items()}, len(strangers)


def read_same(frame: Any, ids: np.ndarray, customer: str) -> dict[str, np.ndarray]:
    """Return the columns of a table with a row for every customer, in the order of `ids`."""
    opened, _, row = _matched(frame, ids, customer)
    if (row < 0).any():
        raise DataError(f"column {customer!r}: {int((row < 0).sum()):,} of {len(ids):,} customers have no row, "
                        f"the first is {shorten(ids[(row < 0).argmax()])}")
    return {name: _aligned(opened.array(name), row) for name in opened.names if name != customer}


def _matched(frame: Any, ids: np.ndarray, customer: str) -> tuple[Table, np.ndarray, np.ndarray]:
    """Return the open table, the place of each of its rows among `ids`, and the row of each id; -1 is none."""
    check_names({"customer": customer})
    opened = table(frame)
    demand(opened, customer, "customer")
    place = match(ids, opened.array(customer), customer)
    row = np.full(len(ids), -1)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    if len(np.unique(place[place >= 0])) < int((place >= 0).sum()):
        twice = np.flatnonzero(np.bincount(place[place >= 0], minlength=len(ids)) > 1)[0]
        raise DataError(f"column {customer!r}: customer {shorten(ids[twice])} has more than one row")
    return opened, place, row


def _days(opened: Table, names: dict[str, str], tz: str | None, time_format: str | None) -> np.ndarray:
    """Return a column of dates as datetime64[D], NaT where there is none yet."""
    day, _ = ticks(opened, names["time"], hours=False, tz=tz, time_format=time_format)
    hole, found = undated(opened, names["time"], day, FIRST_CONTACT, "Correct these rows, or empty them.")
    if found:
        raise DataError(teller(opened, names)(found))
    return np.where(hole, np.datetime64("NaT", "D"), day.astype("M8[D]"))


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
