"""Read tables with one row per customer into the order of the customers of a base."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import FrameLike, Table, picked
from .._ids import ids_of, keys_of, match, other_kind
from .._row_report import Finding, shorten, warn_unmatched
from .._tabular import check_names, demand, keyed, table
from .._validation import warn
from ..errors import DataError
from .order_log import worder
from .timestamps import TimeFormat, read_dates

FIRST_CONTACT = "first_contact"


def read_profile(frame: FrameLike, ids: Table, customer: str, tz: str | None,
                 time_format: TimeFormat | None) -> tuple[dict[str, Any], int]:
    """Return the columns of a profile in the order of `ids`, and the number of rows of unknown customers."""
    known = ids.array("customer")
    opened, row, unknown = matched(frame, known, customer)
    columns = _columns(opened, row, ids, customer)
    if FIRST_CONTACT in columns:
        days = _days(opened, {"customer": customer, "time": FIRST_CONTACT}, tz, time_format)
        columns[FIRST_CONTACT] = np.append(days, np.datetime64("NaT", "D"))[row]
    warn_unmatched("profile", unknown, opened.rows, known[0])
    return columns, len(unknown)


def read_same(frame: FrameLike, known: np.ndarray, ids: Table, customer: str) -> dict[str, Any]:
    """Return the columns of a table with a row for each of the `known`, in their order; other rows are excluded."""
    opened, row, unknown = matched(frame, known, customer)
    if (row < 0).any():
        other = other_kind(known, np.array(unknown, object))
        raise DataError(f"column {customer!r}: {int((row < 0).sum()):,} of {len(known):,} customers have no row, "
                        f"the first is {shorten(known[(row < 0).argmax()])}{other}")
    if unknown:
        warn(f"join: {len(unknown):,} of {opened.rows:,} rows are of customers that the base does not have now, such "
             f"as {shorten(unknown[0])}; they are left out")
    return _columns(opened, row, ids, customer)


def _columns(opened: Table, row: np.ndarray, ids: Table, customer: str) -> dict[str, Any]:
    """Return the rows of all columns: in their own types if the frame is of the kind of `ids`, else as arrays."""
    own = opened.kind == ids.kind
    return {name: opened.pick(name, row) if own else picked(opened, name, row)
            for name in opened.names if name != customer}


def matched(frame: object, known: np.ndarray, customer: str) -> tuple[Table, np.ndarray, list[Any]]:
    """Return the open table, the row of each known id, -1 for none, and the unknown ids."""
    check_names({"customer": customer})
    opened = table(keyed(frame, known, customer))
    demand(opened, customer, "customer")
    missing = keys_of(opened, customer)[1]
    if missing is not None:
        lost = Finding(customer, "customer missing", "are missing", np.flatnonzero(missing),
                       "Give these rows their customer, or take them out.")
        raise DataError(worder(opened, {"customer": customer})([lost]))
    theirs = ids_of(opened, customer)
    place = match(known, theirs, customer)
    row = np.full(len(known), -1)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    if len(np.unique(place[place >= 0])) < int((place >= 0).sum()):
        twice = np.flatnonzero(np.bincount(place[place >= 0], minlength=len(known)) > 1)[0]
        raise DataError(f"column {customer!r}: customer {shorten(known[twice])} has more than one row")
    return opened, row, theirs[place < 0].tolist()


def _days(opened: Table, names: dict[str, str], tz: str | None, time_format: TimeFormat | None) -> np.ndarray:
    """Return a column of dates as datetime64[D], NaT where missing."""
    day, gap, found = read_dates(opened, names["time"], FIRST_CONTACT, missing=0, tz=tz, time_format=time_format,
                                 fix="Correct these rows, or empty them.")
    if found:
        raise DataError(worder(opened, names)(found))
    return np.where(gap, np.datetime64("NaT", "D"), day.astype("M8[D]"))
