"""Read an order log; every row is used or accounted for.

`read_ids`, `read_times` and `read_amounts` read a column by its role and return its values and findings: the rows
that are invalid, and why.
"""
from __future__ import annotations

import decimal
import functools
from collections.abc import Callable, Mapping
from numbers import Real
from typing import NamedTuple

import numpy as np

from .. import _core
from .._arrays import Table
from .._core import NO_TICK
from .._formatting import plain
from .._ids import codes_of, keys_of
from .._row_report import FIX, Finding, message, settle, shorten
from ..errors import ConfigError, DataError
from .ledger import Ledger, build
from .timestamps import read_times

NUMBERS = ("amount", "cost", "marketing", "quantity")
MARKS = {"order": "orders", "product": "products"}        # counted where they first appear
NOT_NUMBERS = {"U": "text", "S": "bytes", "M": "dates", "m": "spans of time", "c": "complex numbers",
               "b": "true and false", "f": "numbers wider than float64"}
FILLS = ("raise", "product", "base")
LIKELY = {"customer": ("customer", "client", "cust", "user", "buyer", "account", "member", "客户", "顾客", "id"),
          "time": ("date", "time", "day", "日期", "时间"),
          "amount": ("amount", "sales", "revenue", "paid", "total", "price", "value", "金额")}


class Fill(NamedTuple):
    """The treatment of missing product costs, and the margin rate in place of a cost column."""

    missing: str
    margin_rate: float | None


class Orders(NamedTuple):
    """A log that was read: its ledger, each customer's first row in the frame, and the rows dropped."""

    ledger: Ledger
    first_row: np.ndarray
    zone: str | None
    dropped: dict[str, int]
    filled: int                                # rows whose missing cost was filled


def read_orders(opened: Table, names: Mapping[str, str], *, grain: str, tz: str | None,
                time_format: str | None, refunds: str, missing: str, fill: Fill) -> Orders:
    """Read the columns `names` (argument: column) of an open table into a ledger."""
    keys, findings = read_ids(opened, names["customer"], "customer")
    tick, zone, found = read_times(opened, names["time"], hours=grain == "h", tz=tz, time_format=time_format)
    if tz is not None and zone is None and (tick != NO_TICK).any():
        raise DataError(f"column {names['time']!r}: its times carry no zone, so tz={tz!r} has nothing to convert; they "
                        "are local wall time\n  Leave tz= away if they are by the clock of the place; if they are of "
                        "another zone, give them that first, in pandas: "
                        f"frame[{names['time']!r}].dt.tz_localize(\"UTC\").")
    findings += found
    columns, codes = {}, {}
    for argument in (n for n in NUMBERS if n in names):
        columns[argument], found = read_amounts(opened, names[argument], argument)
        findings += found if argument != "cost" else []
    count = _fill_costs(columns, opened, names, fill)
    findings += not_finite(columns["cost"], names["cost"], "cost") if "cost" in names else []
    for argument in (n for n in MARKS if n in names):
        codes[MARKS[argument]], found = read_ids(opened, names[argument], argument, codes_of)
        findings += found
    words = worder(opened, names)
    keep, dropped = settle(findings, opened.rows, missing, words, "orders")
    if refunds != "net" and "amount" in columns:
        keep = _without_refunds(columns["amount"], names["amount"], refunds, keep, dropped, words)
    if keep is not None:
        keys, tick = keys[keep], tick[keep]
        columns = {name: column[keep] for name, column in columns.items()}
        codes = {name: code[keep] for name, code in codes.items()}
    ledger, first = build(keys, tick, columns, codes, grain)
    return Orders(ledger, first if keep is None else np.flatnonzero(keep)[first], zone, dropped, count)


def _without_refunds(amount: np.ndarray, name: str, refunds: str, keep: np.ndarray | None,
                     dropped: dict[str, int], words: Callable[[list[Finding]], str]) -> np.ndarray | None:
    below = amount < 0 if keep is None else (amount < 0) & keep
    rows = np.flatnonzero(below)
    if not rows.size:
        return keep
    if refunds == "raise":
        raise DataError(words([Finding(name, "refund", "are below zero", rows, 'Pass refunds="net" to set refunds '
                                      'against purchases, or refunds="drop" to leave them out and count them.')]))
    dropped["refund"] = rows.size
    return ~below if keep is None else keep & ~below


# ---- one reader for each role of a column ----

def read_ids(opened: Table, name: str, argument: str,
             read: Callable[[Table, str], tuple[np.ndarray, np.ndarray | None]] = keys_of,
             ) -> tuple[np.ndarray, list[Finding]]:
    """Read a column of ids as int64 keys, or as codes 0 .. k - 1 with ``read=codes_of``."""
    keys, missing = read(opened, name)
    return keys, missing_ids(name, argument, missing)


def missing_ids(name: str, argument: str, missing: np.ndarray | None) -> list[Finding]:
    """Return the finding that ids are missing, if any are."""
    return [] if missing is None else [
        Finding(name, f"{argument} missing", "are missing", np.flatnonzero(missing), FIX)]


def read_amounts(opened: Table, name: str, argument: str) -> tuple[np.ndarray, list[Finding]]:
    """Read a column of numbers as float64."""
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
    return values, not_finite(values, name, argument)


def not_finite(values: np.ndarray, name: str, argument: str) -> list[Finding]:
    """Return the finding that values are not finite, if any are not."""
    count, rows = _core.bad_values(values, 1)
    if not count:
        return []
    rows = _core.bad_values(values, count)[1]
    return [Finding(name, f"{argument} not finite", "are not finite numbers", rows, FIX)]


def _from_objects(column: np.ndarray, name: str, argument: str) -> np.ndarray:
    out = np.full(len(column), np.nan)
    for row, value in enumerate(column.tolist()):
        if isinstance(value, Real | decimal.Decimal) and not isinstance(value, bool):
            out[row] = float(value)
        elif value is not None and str(value) not in ("<NA>", "NaT", "nan"):
            raise DataError(f"column {name!r} ({argument}=) holds {type(value).__name__} values such as "
                            f"{shorten(value)} in row {row:,}; convert it to numbers first")
    return out


def worder(opened: Table, names: Mapping[str, str]) -> Callable[[list[Finding]], str]:
    """Return a function that words findings as the message of a DataError."""
    column = functools.cache(opened.array)

    def about(row: int) -> str:
        roles = [role for role in ("customer", "order") if role in names]
        return ", ".join(f"{role} {_plain(column(names[role])[row])}" for role in roles)

    return lambda findings: message(findings, opened.rows, lambda name, row: column(name)[row], about)


def _plain(value: object) -> str:
    text = shorten(value)
    return text if text == "(missing)" else shorten(str(value))[1:-1]


def suggestion(opened: Table) -> str:
    """Return the message for a call without column names: a likely call, ready to paste."""
    found: dict[str, str] = {}
    for argument, words in LIKELY.items():
        names = [n for word in words for n in sorted(opened.names, key=lambda n: len(str(n)))
                 if word in str(n).lower() and n not in found.values()]
        found |= {argument: names[0]} if names else {}
    call = ", ".join(f"{argument}={name!r}" for argument, name in found.items())
    return (f"which column is which? columns: {', '.join(map(plain, opened.names))}\n"
            f"  Perhaps: cv.CustomerBase(orders, {call or 'customer=..., time=...'})")


# ---- product costs ----

def check_rate(rate: float | None, cost: str | None, amount: str | None) -> None:
    """Raise unless a margin rate is a share of a given amount and takes the place of a cost."""
    if rate is None:
        return
    if isinstance(rate, bool) or not isinstance(rate, Real) or not -np.inf < float(rate) <= 1:
        raise ConfigError(f"margin_rate={rate!r}: expected a share of the amount, at most 1")
    if cost is not None or amount is None:
        raise ConfigError("margin_rate= replaces cost= and is a share of amount=: pass amount=, and one of the two")


def _fill_costs(columns: dict[str, np.ndarray], opened: Table, names: Mapping[str, str], fill: Fill) -> int:
    """Fill missing product costs; return the number of rows of a cost column that were filled."""
    if fill.margin_rate is not None:
        columns["cost"] = columns["amount"] * (1.0 - fill.margin_rate)
    if fill.missing == "raise" or "cost" not in names:
        return 0
    missing = np.isnan(columns["cost"])
    if not missing.any():
        return 0
    if "amount" not in names or (fill.missing == "product" and "product" not in names):
        lacking = "amount" if "amount" not in names else "product"
        raise ConfigError(f"cost_missing={fill.missing!r} needs {lacking}=, the column by which costs are filled")
    group = codes_of(opened, names["product"])[0] if fill.missing == "product" else np.zeros(len(missing), np.int64)
    rate = _rates(columns["amount"], columns["cost"], missing, group)
    lost = np.flatnonzero(missing & np.isnan(rate[group]) & np.isfinite(columns["amount"]))
    if lost.size:
        of = f"of product {opened.array(names['product'])[lost[0]]!r} " if fill.missing == "product" else ""
        raise DataError(f"column {names['cost']!r}: row {lost[0]:,} has no cost, and no row {of}has one, or those "
                        'that have sum to no amount above 0\n  Give them a cost, or pass cost_missing="base".')
    columns["cost"] = np.where(missing, columns["amount"] * rate[group], columns["cost"])
    return int(missing.sum())


def _rates(amount: np.ndarray, cost: np.ndarray, missing: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the cost ratio of each group, product cost per amount, NaN where unknown."""
    known = ~missing & np.isfinite(amount) & np.isfinite(cost)
    (money, spent), begin, end, first = _core.group_by(group[known], (amount[known], cost[known]))
    whole = _core.totals(money, begin, end)
    rate = np.full(int(group.max(initial=0)) + 1, np.nan)
    rate[group[known][first]] = np.where(whole > 0, _core.ratio(_core.totals(spent, begin, end), whole), np.nan)
    return rate
