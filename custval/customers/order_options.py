"""Options of an order log: which rows count, in which currency, and which accounts are one customer."""
from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .._arrays import FrameLike, Table, as_array
from .._dates import split_unit
from .._formatting import look, many, nearest, plain
from .._ids import distinct, ids_of, is_missing, match, numbered, plain_id
from .._row_report import FIX, Finding, known_sum, shorten
from .._tabular import is_frame, table
from .._validation import choice, in_short, setting, warn
from ..errors import ConfigError, DataError
from .timestamps import TimeFormat

FILLS = ("raise", "product", "base")
MONEY = ("amount", "cost", "marketing")
MOST_SHOWN = 12                                # values of a column that a message lists

Accounts: TypeAlias = Mapping[Any, Any] | FrameLike         # old ids and new ones: a mapping, a Series or two columns


class Note(NamedTuple):
    """A part of a line of the data report: words, or rows of one kind and their money where it is known."""

    before: str
    rows: int | None = None
    money: float | None = None
    after: str = ""

    def __str__(self) -> str:
        if self.rows is None:
            return self.before
        money = "" if self.money is None else f", {self.money:,.2f}"
        return f"{self.before}{': ' * bool(self.before)}{many(self.rows, 'row')}{money}{self.after}"


class Reading(NamedTuple):
    """How an order log is read: its columns by argument, and the options of `CustomerBase`."""

    names: Mapping[str, str]
    grain: str = "D"
    tz: str | None = None
    time_format: TimeFormat | None = None
    refunds: str = "net"
    missing: str = "raise"
    cost_missing: str = "raise"
    margin_rate: float | None = None
    rates: Mapping[Any, float] | None = None
    keep: Collection[Any] | None = None
    merge: Mapping[Any, Any] | None = None     # old id: final id
    further: bool = False                      # rows of a log read before: not every status or account occurs

    def check(self) -> None:
        """Raise for unknown settings, and for options that lack the column or the option they belong to."""
        split_unit(self.grain)
        choice("refunds", self.refunds, ("net", "drop", "raise"))
        choice("missing", self.missing, ("raise", "drop"))
        choice("cost_missing", self.cost_missing, FILLS)
        names = self.names
        if "price" in names and ("amount" in names or "quantity" not in names):
            raise ConfigError("price= is the price of one unit: pass it with quantity=, in place of amount=")
        if self.margin_rate is not None:
            _check_rate(self.margin_rate, "cost" not in names and ("amount" in names or "price" in names))
        if self.rates is not None:
            if "currency" not in names:
                raise ConfigError("rates= needs currency=, the column that names the currency of a row")
            if not hasattr(self.rates, "items"):
                raise ConfigError(f"rates={in_short(self.rates)}: pass a mapping, such as {{'EUR': 1, 'USD': .92}}")
            for currency, rate in self.rates.items():
                if not (setting(rate) or 0) > 0:
                    raise ConfigError(f"rates= has {in_short(rate)} for {currency!r}; expected the value of one unit "
                                      "in the currency of the base, a number above 0")
        if self.keep is not None and "status" not in names:
            raise ConfigError("keep= needs status=, the column with the status of an order")


def _check_rate(rate: float, amount_alone: bool) -> None:
    """Raise unless a margin rate is a share of a given amount and takes the place of a cost."""
    share = setting(rate)
    if share is None or share > 1:
        raise ConfigError(f"margin_rate={in_short(rate)}: expected a share of the amount, at most 1")
    if not amount_alone:
        raise ConfigError("margin_rate= replaces cost= and is a share of amount=: pass amount=, and one of the two")


# ---- price and quantity ----

def line_totals(price: np.ndarray, quantity: np.ndarray) -> np.ndarray:
    """Return price times quantity, exact for prices of up to 4 decimals and quantities of up to 3.

    Examples
    --------
    >>> line_totals(np.array([2.55]), np.array([6.0])), 2.55 * 6
    (array([15.3]), 15.299999999999999)
    """
    with np.errstate(all="ignore"):
        units, pieces = np.rint(price * 1e4), np.rint(quantity * 1e3)
        exact = (units / 1e4 == price) & (pieces / 1e3 == quantity) & (np.abs(units * pieces) < 2.0**53)
        return np.asarray(np.where(exact, units * pieces / 1e7, price * quantity))


# ---- status ----

def left_out_by_status(opened: Table, reading: Reading) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """Return the rows whose status does not count, by status; and those without one, unless None is in `keep`."""
    name, keep = reading.names["status"], reading.keep
    codes, values = distinct(opened, name)
    rows = np.bincount(codes, minlength=len(values))
    there = f"column {name!r} has: {listed(values, rows)}"
    if keep is None:
        raise ConfigError(f"status={name!r}: pass keep=, the statuses that count\n  {there}")
    states = [_state(value) for value in values.tolist()]
    try:
        wanted = {_state(value) for value in ((keep,) if isinstance(keep, str) or not np.iterable(keep) else keep)}
    except TypeError as error:
        raise ConfigError(f"keep={in_short(keep)}: pass the statuses that count, such as "
                          "{'paid', 'shipped'}") from error
    kept = np.array([state in wanted for state in states], bool)
    lacking = sorted(wanted - {None} - {state for state, n in zip(states, rows, strict=True) if n}, key=str)
    alike = {_spelling(state) for state in wanted - {None}}
    near = np.array([_spelling(state) in alike for state in states], bool) & ~kept & (rows > 0)
    counted = {states[k] for k in np.flatnonzero(near | (kept & (rows > 0))).tolist()}
    meant = "" if not near.any() else (
        f"\n  {many(int(rows[near].sum()), 'row differs', 'rows differ')} from keep= in case, blanks or "
        f"type only; if they count, pass keep={_shown(counted)}")
    if not rows[kept].sum() and not reading.further:
        raise DataError(f"keep={_shown(wanted)}: no row has such a status\n  {there}{meant}")
    if meant:
        warn(f"keep={_shown(wanted)}: {there}{meant}")
    elif lacking and not reading.further:
        warn(f"keep: no row has the status {', '.join(map(repr, lacking))}; {there}")
    stated = np.array([state is not None for state in states], bool)
    left = {f"status {plain(values[code])}": np.flatnonzero(codes == code)
            for code in np.flatnonzero(~kept & stated & (rows > 0)).tolist()}
    unstated = np.flatnonzero((~kept & ~stated)[codes])
    return left, [Finding(name, "status missing", "are missing", unstated, _fill(reading))] if unstated.size else []


def warn_of_halves(opened: Table, reading: Reading, order: np.ndarray, left: Mapping[str, np.ndarray]) -> None:
    """Warn of rows without a status that count, although other rows of their orders do not."""
    out, (codes, values) = np.concatenate(list(left.values())), distinct(opened, reading.names["status"])
    unstated = np.array([_state(value) is None for value in values.tolist()], bool)
    half = unstated[codes] & np.isin(order, np.unique(order[out])) & (order >= 0)
    half[out] = False
    if half.any():
        orders = np.unique(order[half])
        one = plain(opened.array(reading.names["order"])[half.argmax()])
        warn(f"keep: {many(int(half.sum()), 'row')} without a status count, although other rows of their "
             f"{many(len(orders), 'order')}, such as {shorten(one)}, do not. {_filled(reading)}")


def _filled(reading: Reading) -> str:
    """Return how the first line of an order fills the others."""
    name, order = reading.names["status"], reading.names["order"]
    return (f"If only the first line of an order has it, in pandas: frame[{name!r}] = frame.groupby({order!r})"
            f"[{name!r}].ffill().")


def _fill(reading: Reading) -> str:
    """Return the remedy for rows without a status."""
    filled = f"{_filled(reading)} " if "order" in reading.names else ""
    return f"{filled}{FIX} With None in keep= they count."


def _state(value: Any) -> Any:
    """Return a status in its simplest type, None if it is missing."""
    return None if is_missing(value) else plain_id(value)


def _spelling(state: Any) -> str:
    """Return a status without case, outer blanks, invisible characters and type; missing ones have none."""
    return "" if state is None else look(state).casefold()


def _shown(values: Collection[Any]) -> str:
    return "{" + ", ".join(sorted(map(repr, values))) + "}"


def listed(values: np.ndarray, rows: np.ndarray, money: np.ndarray | None = None) -> str:
    """Return the values of a column with their rows and money, the most frequent first."""
    order = [code for code in np.argsort(-rows, kind="stable").tolist() if rows[code]]
    shown = [f"{shorten(values[code])} {many(int(rows[code]), 'row')}"
             + (f" ({money[code]:,.2f})" if money is not None else "") for code in order[:MOST_SHOWN]]
    return ", ".join(shown) + (f", and {len(order) - MOST_SHOWN:,} more" if len(order) > MOST_SHOWN else "")


# ---- currency ----

def convert(opened: Table, name: str, rates: Mapping[Any, float] | None, columns: dict[str, np.ndarray],
            chosen: np.ndarray) -> list[Note]:
    """Convert the money of a log to one currency, in place of its columns; return the line of the data report."""
    codes, values = distinct(opened, name)
    known = np.array([not is_missing(value) for value in values.tolist()], bool)
    rows = np.bincount(codes[chosen], minlength=len(values)) * known
    amount = columns.get("amount", np.zeros(0))
    money = np.array([known_sum(amount[chosen & (codes == code)]) if rows[code] and len(amount) else 0.0
                      for code in range(len(values))]) if len(amount) else None
    names = [plain_id(value) for value in values.tolist()]
    if rates is None:
        if np.count_nonzero(rows) > 1:
            first = names[int(rows.argmax())]
            others = ", ".join(f"{names[code]!r}: ..." for code in np.flatnonzero(rows) if names[code] != first)
            raise DataError(f"column {name!r} (currency=) has {np.count_nonzero(rows)} currencies: "
                            f"{listed(values, rows, money)}\n  A base has one: pass rates={{{first!r}: 1, {others}}}, "
                            "the value of one unit of each, or keep the rows of one currency.")
        return [Note(plain(names[int(rows.argmax())]))] if rows.any() else []
    lacking = [code for code in np.flatnonzero(rows).tolist() if names[code] not in rates]
    if lacking:
        only = np.where(np.isin(np.arange(len(rows)), lacking), rows, 0)
        near = nearest(str(names[lacking[0]]), map(str, rates))
        meant = f"\n  did you mean {near!r} in rates=?" if near else ""
        raise DataError(f"column {name!r} (currency=): rates= has no rate for {listed(values, only, money)}\n"
                        f"  Add the value of one unit, such as rates={{..., {names[lacking[0]]!r}: ...}}.{meant}")
    rate = np.array([float(rates.get(currency, np.nan)) if is_known else np.nan
                     for currency, is_known in zip(names, known, strict=True)])[codes]
    for column in (c for c in MONEY if c in columns):
        columns[column] = columns[column] * rate
    own = [str(currency) for currency, one in rates.items() if one == 1]
    return [*map(Note, own[:1]), *(Note(f"{names[code]} at {float(rates[names[code]]):g}", int(rows[code]),
                                        None if money is None else float(money[code]))
                                   for code in np.flatnonzero(rows).tolist() if rates[names[code]] != 1)]


# ---- accounts ----

def accounts(merge: Accounts | None) -> dict[Any, Any] | None:
    """Return the final id of each merged account: chains are followed, cycles refused."""
    if merge is None:
        return None
    final: dict[Any, Any] = {}
    for old, new in _pairs(merge):
        if is_missing(old) or is_missing(new):
            raise ConfigError(f"merge: {shorten(old)} to {shorten(new)}: both ids are needed; leave the pair out")
        if not isinstance(new, Hashable) or not isinstance(old, Hashable):
            raise ConfigError(f"merge: {shorten(old)} to {shorten(new)}: one account goes to one id, not to a "
                              f"{type(new).__name__}; write {{old id: new id}} for each")
        if final.setdefault(old, new) != new:
            raise ConfigError(f"merge: {old!r} goes to {final[old]!r} and to {new!r}; an account has one customer")
    final = {old: new for old, new in final.items() if old != new}
    for old in final:
        path = [old]
        while path[-1] in final:
            path.append(final[path[-1]])
            if path[-1] in path[:-1]:
                raise ConfigError("merge: a cycle, " + " to ".join(repr(who) for who in path[path.index(path[-1]):])
                                  + "; leave out one of the pairs")
        for who in path[:-1]:
            final[who] = path[-1]
    return final


def _pairs(merge: Any) -> list[tuple[Any, Any]]:
    if hasattr(merge, "items") and not hasattr(merge, "columns") and not _is_frame(merge):
        pairs = list(merge.items())
    else:
        if not is_frame(merge):
            raise ConfigError("merge= takes a mapping {old id: new id}, a Series with the old ids as index, or a frame "
                              f"with the columns old and new, got {type(merge).__name__}")
        opened = table(merge)
        names = ["old", "new"] if {"old", "new"} <= set(opened.names) else opened.names
        if len(names) != 2:
            raise ConfigError(f"merge: {many(len(names), 'column')}; a frame has two, the old and the new id")
        pairs = list(zip(*(ids_of(opened, name).tolist() for name in names), strict=True))
    return [(plain_id(old), plain_id(new)) for old, new in pairs]


def _is_frame(merge: Any) -> bool:
    """Return whether a mapping is a frame of two arrays, rather than one id for each id."""
    return isinstance(merge, Mapping) and len(merge) == 2 and all(
        isinstance(column, list | np.ndarray) for column in merge.values())


class Customers(NamedTuple):
    """The customers of a log after accounts were merged."""

    codes: np.ndarray              # of each row
    ids: np.ndarray | None         # of each code; None: those of the rows `first`
    first: np.ndarray              # a row that carries the id of each code
    moved: np.ndarray              # a mask of the rows whose account was merged into another one


def merge_accounts(opened: Table, name: str, keys: np.ndarray, merge: Mapping[Any, Any],
                   further: bool = False) -> Customers:
    """Return the rows of a log by customer, with merged accounts as one; `further` rows need none of them."""
    codes, first = numbered(keys)
    known = ids_of(opened, name)[first]
    old = match(known, as_array(list(merge)), name)
    if merge and (old < 0).all() and not further:
        raise DataError(f"merge: none of its {many(len(merge), 'old id')} occurs in column {name!r}; such an id is "
                        f"{shorten(next(iter(merge)))}, the log has {shorten(known[0])}; ids are compared with their "
                        "type, 7 is not '7'")
    new_ids = list(dict.fromkeys(merge.values()))
    place = match(known, as_array(new_ids), name)
    fresh = np.cumsum(place < 0) - 1 + len(known)                      # ids that no row has
    target = dict(zip(new_ids, np.where(place < 0, fresh, place).tolist(), strict=True))
    goes_to = np.arange(len(known))
    for where, new in zip(old.tolist(), merge.values(), strict=True):
        if where >= 0:
            goes_to[where] = target[new]
    merged = goes_to[codes]
    added = [new for new, lost in zip(new_ids, (place < 0).tolist(), strict=True) if lost]
    if not added:
        return Customers(merged, None, first, merged != codes)
    ids = np.empty(len(known) + len(added), object)
    ids[:] = [*known.tolist(), *added]
    return Customers(merged, ids, first, merged != codes)


def renamed(ids: np.ndarray, merge: Mapping[Any, Any] | None) -> np.ndarray:
    """Return ids of another log with merged accounts under their final ids."""
    if not merge:
        return ids
    values = [merge.get(plain_id(value), value) for value in ids.tolist()]
    return as_array(values)
