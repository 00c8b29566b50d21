"""Tables with one row a customer, put in the order of the base's customers."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import Table, picked
from .._ids import ids_of, keys_of, match
from .._row_report import Finding, shorten, warn_apart
from .._tabular import check_names, demand, table
from .._validation import warn
from ..errors import DataError
from .order_log import teller, undated
from .timestamps import ticks

FIRST_CONTACT = "first_contact"


def read_profile(frame: Any, ids: Table, customer: str, tz: str | None,
                 time_format: str | None) -> tuple[dict[str, Any], int]:
    """Return the columns of a profile in the order of `ids`, the first contact as days; how many rows are apart."""
    known = ids.array("customer")
    opened, row, strangers = matched(frame, known, customer)
    columns = _columns(opened, row, ids, customer)
    if FIRST_CONTACT in columns:
        days = _days(opened, {"customer": customer, "time": FIRST_CONTACT}, tz, time_format)
        columns[FIRST_CONTACT] = np.append(days, np.datetime64("NaT", "D"))[row]
    warn_apart("profile", strangers, opened.rows, known[0])
    return columns, len(strangers)


def read_same(frame: Any, known: np.ndarray, ids: Table, customer: str) -> dict[str, Any]:
    """Return the columns of a table with a row for each of the `known`, in their order; other rows are left out."""
    opened, row, strangers = matched(frame, known, customer)
    if (row < 0).any():
        raise DataError(f"column {customer!r}: {int((row < 0).sum()):,} of {len(known):,} customers have no row, "
                        f"the first is {shorten(known[(row < 0).argmax()])}")
    if strangers:
        warn(f"join: {len(strangers):,} of {opened.rows:,} rows are of customers that the base does not have now, such "
             f"as {shorten(strangers[0])}; they are left out")
    return _columns(opened, row, ids, customer)


def _columns(opened: Table, row: np.ndarray, ids: Table, customer: str) -> dict[str, Any]:
    """Return the rows of all columns: of a frame of the kind of `ids` in their own types, of others as arrays."""
    own = opened.kind == ids.kind
    return {name: opened.pick(name, row) if own else picked(opened, name, row)
            for name in opened.names if name != customer}


def matched(frame: Any, known: np.ndarray, customer: str) -> tuple[Table, np.ndarray, list[Any]]:
    """Return the open table, the row of each of the known ids, -1 for none, and the ids that are none of them."""
    check_names({"customer": customer})
    opened = table(frame)
    demand(opened, customer, "customer")
    missing = keys_of(opened, customer)[1]
    if missing is not None:
        lost = Finding(customer, "customer missing", "are missing", np.flatnonzero(missing),
                       "Give these rows their customer, or take them out.")
        raise DataError(teller(opened, {"customer": customer})([lost]))
    asked = ids_of(opened, customer)
    place = match(known, asked, customer)
    row = np.full(len(known), -1)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    if len(np.unique(place[place >= 0])) < int((place >= 0).sum()):
        twice = np.flatnonzero(np.bincount(place[place >= 0], minlength=len(known)) > 1)[0]
        raise DataError(f"column {customer!r}: customer {shorten(known[twice])} has more than one row")
    return opened, row, asked[place < 0].tolist()


def _days(opened: Table, names: dict[str, str], tz: str | None, time_format: str | None) -> np.ndarray:
    """Return a column of dates as datetime64[D], NaT where there is none yet."""
    day, _ = ticks(opened, names["time"], hours=False, tz=tz, time_format=time_format)
    hole, found = undated(opened, names["time"], day, FIRST_CONTACT, "Correct these rows, or empty them.")
    if found:
        raise DataError(teller(opened, names)(found))
    return np.where(hole, np.datetime64("NaT", "D"), day.astype("M8[D]"))
