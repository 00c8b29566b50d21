"""An order log out of a frame: every row used, or told and counted."""
from __future__ import annotations

import decimal
import functools
import numbers
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._arrays import Table
from .._core import NO_TICK
from .._formatting import plain
from .._ids import codes_of, is_missing, keys_of
from .._row_report import FIX, Finding, message, settle, shorten, time_remedy
from .._tabular import demand
from ..errors import DataError
from .costs import Fill, filled
from .ledger import Ledger, build
from .timestamps import ticks

NUMBERS = ("amount", "cost", "marketing", "quantity")
MARKS = {"order": "orders", "product": "products"}        # counted where they first appear
NOT_NUMBERS = {"U": "text", "S": "bytes", "M": "dates", "m": "spans of time", "c": "complex numbers",
               "b": "true and false", "f": "numbers wider than float64"}


class Orders(NamedTuple):
    """A log that was read: its ledger, each customer's first row in the frame, and what was left out."""

    ledger: Ledger
    first_row: np.ndarray
    zone: str | None
    dropped: dict[str, int]
    filled: int                                # rows whose empty cost was filled


def read_orders(opened: Table, names: Mapping[str, str], *, grain: str, tz: str | None,
                time_format: str | None, refunds: str, missing: str, fill: Fill) -> Orders:
    """Read the columns `names` (argument: column) of an open table into a ledger."""
    for argument, name in names.items():
        demand(opened, name, argument)
    tell = teller(opened, names)
    keys, unknown = keys_of(opened, names["customer"])
    findings = holes(names["customer"], "customer", unknown)
    tick, zone = ticks(opened, names["time"], hours=grain == "h", tz=tz, time_format=time_format)
    if tz is not None and zone is None and (tick != NO_TICK).any():
        raise DataError(f"column {names['time']!r}: its times carry no zone, so tz={tz!r} has nothing to convert; they "
                        "are local wall time\n  Leave tz= away if they are by the clock of the place; if they are of "
                        "another zone, give them that first, in pandas: "
                        f"frame[{names['time']!r}].dt.tz_localize(\"UTC\").")
    findings += bad_times(opened, names["time"], tick)
    columns, codes = {}, {}
    for argument in (n for n in NUMBERS if n in names):
        columns[argument], found = numbers_of(opened, names[argument], argument)
        findings += found if argument != "cost" else []
    count = filled(columns, opened, names, fill)
    findings += numbers_in(columns["cost"], names["cost"], "cost") if "cost" in names else []
    for argument in (n for n in MARKS if n in names):
        codes[MARKS[argument]], unknown = codes_of(opened, names[argument])
        findings += holes(names[argument], argument, unknown)
    keep, dropped = settle(findings, opened.rows, missing, tell, "orders")
    if refunds != "net" and "amount" in columns:
        keep = _without_refunds(columns["amount"], names["amount"], refunds, keep, dropped, tell)
    if keep is not None:
        keys, tick = keys[keep], tick[keep]
        columns = {name: column[keep] for name, column in columns.items()}
        codes = {name: code[keep] for name, code in codes.items()}
    ledger, first = build(keys, tick, columns, codes, grain)
    return Orders(ledger, first if keep is None else np.flatnonzero(keep)[first], zone, dropped, count)


def _without_refunds(amount: np.ndarray, name: str, refunds: str, keep: np.ndarray | None,
                     dropped: dict[str, int], tell: Any) -> np.ndarray | None:
    below = amount < 0 if keep is None else (amount < 0) & keep
    rows = np.flatnonzero(below)
    if not rows.size:
        return keep
    if refunds == "raise":
        raise DataError(tell([Finding(name, "refund", "are below zero", rows, 'Pass refunds="net" to set refunds '
                                      'against purchases, or refunds="drop" to leave them out and count them.')]))
    dropped["refund"] = rows.size
    return ~below if keep is None else keep & ~below


def holes(name: str, argument: str, unknown: np.ndarray | None) -> list[Finding]:
    """Return the finding that ids are missing, if any are."""
    return [] if unknown is None else [
        Finding(name, f"{argument} missing", "are missing", np.flatnonzero(unknown), FIX)]


def bad_times(opened: Table, name: str, tick: np.ndarray, argument: str = "time",
              fix: str = FIX) -> list[Finding]:
    """Return the finding that times are no dates of the years 1 to 9999, if any are not."""
    if tick.min(initial=0) > NO_TICK:
        return []
    rows = np.flatnonzero(tick == NO_TICK)
    remedy = time_remedy(opened.array(name)[rows[:100]], fix)
    return [Finding(name, f"{argument} not a date", "are not dates", rows, remedy)]


def undated(opened: Table, name: str, tick: np.ndarray, argument: str,
            fix: str = FIX) -> tuple[np.ndarray, list[Finding]]:
    """Return which rows of a column of times are empty, and the finding that others are no dates."""
    empty = np.array([is_missing(v) or v == "" for v in opened.array(name).tolist()], bool)
    missing = opened.missing(name)
    empty = empty if missing is None else empty | missing
    return empty, bad_times(opened, name, np.where(empty, 0, tick), argument, fix)


def numbers_of(opened: Table, name: str, argument: str) -> tuple[np.ndarray, list[Finding]]:
    """Return a column as float64, and the finding that some are not finite, if so."""
    column = opened.array(name)
    kind = column.dtype.kind
    if kind == "O":
        column, kind = _from_objects(column, name, argument), "f"
    if kind not in "fiu" or column.dtype.itemsize > 8:
        raise DataError(f"column {name!r} ({argument}=) holds {NOT_NUMBERS.get(kind, column.dtype)}, not "
                        f"numbers; convert it first, so that nothing is guessed")
    values = np.ascontiguousarray(column, np.float64)
    if kind in "iu" and column.dtype.itemsize == 8 and column.size and np.abs(values).max() >= 2.0**53:
        raise DataError(f"column {name!r} ({argument}=) holds integers beyond 2**53, which lose digits")
    return values, numbers_in(values, name, argument)


def numbers_in(values: np.ndarray, name: str, argument: str) -> list[Finding]:
    """Return the finding that some values are not finite, if so."""
    count, rows = _core.bad_values(values, 1)
    if not count:
        return []
    rows = _core.bad_values(values, count)[1]
    return [Finding(name, f"{argument} not finite", "are not finite numbers", rows, FIX)]


def _from_objects(column: np.ndarray, name: str, argument: str) -> np.ndarray:
    out = np.full(len(column), np.nan)
    for row, value in enumerate(column.tolist()):
        if isinstance(value, numbers.Real | decimal.Decimal) and not isinstance(value, bool):
            out[row] = float(value)
        elif value is not None and str(value) not in ("<NA>", "NaT", "nan"):
            raise DataError(f"column {name!r} ({argument}=) holds {type(value).__name__} values such as "
                            f"{shorten(value)} in row {row:,}; convert it to numbers first")
    return out


def teller(opened: Table, names: Mapping[str, str]) -> Any:
    """Return the function that turns findings into the text of a DataError."""
    column = functools.cache(opened.array)

    def about(row: int) -> str:
        said = [f"{what} {_plain(column(names[what])[row])}" for what in ("customer", "order") if what in names]
        return ", ".join(said)

    return lambda findings: message(findings, opened.rows, lambda name, row: column(name)[row], about)


def _plain(value: Any) -> str:
    text = shorten(value)
    return text if text == "(missing)" else shorten(str(value))[1:-1]


LIKELY = {"customer": ("customer", "client", "cust", "user", "buyer", "account", "member", "客户", "顾客", "id"),
          "time": ("date", "time", "day", "日期", "时间"),
          "amount": ("amount", "sales", "revenue", "paid", "total", "price", "value", "金额")}


def suggestion(opened: Table) -> str:
    """Return the text for a call without column names: the likeliest one, ready to paste."""
    found: dict[str, str] = {}
    for argument, words in LIKELY.items():
        names = [n for word in words for n in sorted(opened.names, key=lambda n: len(str(n)))
                 if word in str(n).lower() and n not in found.values()]
        found |= {argument: names[0]} if names else {}
    call = ", ".join(f"{argument}={name!r}" for argument, name in found.items())
    return (f"which column is which? columns: {', '.join(map(plain, opened.names))}\n"
            f"  Perhaps: cv.CustomerBase(orders, {call or 'customer=..., time=...'})")
