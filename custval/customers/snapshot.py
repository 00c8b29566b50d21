"""Snapshot: what is known of some customers at the end of a day, as a selection of rows of a shared ledger.

Every customer of a snapshot has rows ``[begin, end)`` of the ledger, all of them known by the end of `day`; a
snapshot never changes, and all that are made from one order log share its arrays.
"""
from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from .. import _core
from .._arrays import Table
from .._dates import duration, whole_periods
from .._ids import ids_of, is_missing, match, other_kind
from .._row_report import shorten
from .._tabular import RowLabels, aligned, series
from .._validation import choice
from ..errors import DataError
from .event_logs import Log
from .ledger import Ledger, added
from .operational_time import Bought, OperationalTime
from .order_log import Amounts
from .order_options import Note, Reading
from .time_weighting import Age

DAYS_OF_YEAR = 365.25
COMPARABLE = 0.98              # share of a window to be observed before anything is compared with it: a week of a year
VALUES = ("margin", "amount", "purchases")


class Provenance(NamedTuple):
    """How an order log was read: its settings, and the rows that are not in the ledger."""

    unit: str
    zone: str | None                           # of the times, None for local wall time
    tz: str | None
    refunds: str
    end_given: bool
    read: int                                  # rows of the frame
    dropped: Mapping[str, int]                 # by reason
    filled: int                                # rows whose missing cost was filled
    money: Amounts | None                      # in money, where amounts are known
    notes: Mapping[str, list[Note]]            # lines of the data report on currency, merged accounts, products
    reading: Reading                           # columns and options, to read further rows in the same way
    examples: Mapping[str, tuple[str, ...]]    # ids of the rows dropped, by reason
    unmatched: int = 0                         # rows of the profile without a customer of the log


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Customers `who` of a ledger and their rows ``[begin, end)``, known at the end of `day`.

    With `start` it is a holdout: `begin` is each customer's first row after the day before `start`.
    """

    ledger: Ledger = field(repr=False)
    ids: Table                                 # a table with the column "customer", one row per customer of the log
    who: np.ndarray                            # places among the customers of the log
    begin: np.ndarray
    end: np.ndarray
    day: np.datetime64
    provenance: Provenance
    start: np.datetime64 | None = None
    logs: Mapping[str, Log] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    chosen: np.ndarray | None = None           # a mask of the customers of the log, None for all

    def row_labels(self) -> RowLabels:
        """Return what the rows of the tables of this snapshot are called: by position, or by customer."""
        return RowLabels(len(self.who), None, lambda: ids_of(self.ids, "customer")[self.who],
                         ("customer", self.provenance.reading.names["customer"]))

    @property
    def customers(self) -> np.ndarray:
        """The ids as an array."""
        return np.asarray(self.ids.array("customer")[self.who])

    def frame(self, columns: Mapping[str, Any]) -> Any:
        """Return a frame of the caller's kind: the ids, then `columns`."""
        return self.ids.new({"customer": self.ids.pick("customer", self.who), **columns})

    def until(self, day: np.datetime64) -> Snapshot:
        """Return what was known at the end of `day`, without the customers who came later."""
        end = self.ledger.cut(self.begin, self.end, day)
        if end is self.end:
            return replace(self, day=day)
        known = end > self.ledger.begin[self.who]
        return replace(self, who=self.who[known], begin=self.begin[known], end=end[known], day=day)

    def after(self, day: np.datetime64) -> Snapshot:
        """Return the rows after `day` of the same customers."""
        begin = self.ledger.cut(self.begin, self.end, day)
        return replace(self, begin=begin, start=day + np.timedelta64(1, "D"))

    def before(self) -> Snapshot:
        """Return what was known the day before a holdout began, without its new customers."""
        assert self.start is not None
        return self.whole().until(self.start - np.timedelta64(1, "D"))

    def whole(self) -> Snapshot:
        """Return a holdout joined with the rows before it."""
        return replace(self, begin=self.ledger.begin[self.who], start=None)

    def chosen_by(self, customers: object, name: str, ids: bool = True) -> np.ndarray:
        """Return a mask of the customers that a column chooses: True or False for each customer, or `ids`."""
        column = series(customers, name)[0]
        if column.dtype == object and len(column) and all(is_missing(v) or isinstance(v, bool) for v in column):
            lost = int(sum(map(is_missing, column)))
            if lost < len(column):
                raise DataError(f"{name}: {lost:,} of {len(column):,} values are missing; a mask has True or False for "
                                "each customer, such as with .fillna(False)")
        if column.dtype == bool:
            return aligned(self.row_labels(), customers, name)
        if not ids:
            raise DataError(f"{name}: got {len(column):,} values of type {column.dtype}; it takes True or False for "
                            f"each of {len(self.who):,} customers")
        place = match(self.customers, column, name)
        if (place < 0).any():
            raise DataError(f"{name}: the base has no customer {shorten(column[place < 0][0])}"
                            f"{other_kind(self.customers, column)}")
        mask = np.zeros(len(self.who), bool)
        mask[place] = True
        return mask

    def where(self, mask: np.ndarray) -> Snapshot:
        """Return the customers for which `mask` is true."""
        chosen = np.zeros(len(self.ledger.begin), bool)
        chosen[self.who[mask]] = True
        return replace(self, who=self.who[mask], begin=self.begin[mask], end=self.end[mask], chosen=chosen)

    def population(self) -> Snapshot:
        """Return all customers of the log, as known at the end of the day; `where` may have chosen some of them."""
        if self.chosen is None and self.start is None:
            return self
        ledger = self.ledger
        every = replace(self, who=np.arange(len(ledger.begin)), begin=ledger.begin, end=ledger.end, chosen=None)
        return every.until(self.day)

    def new_customers(self) -> np.ndarray:
        """Return a mask of the customers of a holdout without a row before it."""
        return np.asarray(self.begin == self.ledger.begin[self.who])

    def rows(self) -> tuple[int, int, int, int]:
        """Return the number of rows in the snapshot, before it, after it, and of customers not chosen."""
        inside = int((self.end - self.begin).sum())
        before = int((self.begin - self.ledger.begin[self.who]).sum())
        all_rows = len(self.ledger.tick)
        ours = all_rows if self.chosen is None else int((self.ledger.end - self.ledger.begin)[self.chosen].sum())
        return inside, before, ours - inside - before, all_rows - ours

    def since(self) -> Any:
        """Return the first day with money: that of an order, or of a cost before it."""
        days = [self.ledger.days(self.ledger.tick[self.begin[self.end > self.begin]])]
        days += [log.day[log.rows(self)[0]].astype("M8[D]") for log in self._costs()]
        return min((column.min() for column in days if len(column)), default=self.day)

    def log_begin(self) -> np.datetime64:
        """Return the day of the first row of the log, whoever is in the snapshot."""
        return np.datetime64(int(self.ledger.busy[0]), "D")

    def observed(self, begin: int, end: int) -> float:
        """Return the share of the days ``begin <= day < end`` on which the log had begun.

        It had begun by its first row, or earlier by as many days as ever passed in it without a row.
        """
        busy = self.ledger.busy
        until = int(self.day.astype(np.int64))
        known = np.append(busy[:np.searchsorted(busy, until, "right")], until + 1)
        if begin >= known[0] - (np.diff(known).max(initial=1) - 1):
            return 1.0
        return float(max(0, end - max(begin, int(known[0]))) / (end - begin))

    def first(self) -> np.ndarray:
        """Return the day of each customer's first row, NaT without one."""
        return self._day_of(self.begin)

    def last(self) -> np.ndarray:
        """Return the day of each customer's last row, NaT without one."""
        return self._day_of(self.end - 1)

    def _day_of(self, place: np.ndarray) -> np.ndarray:
        days = self.ledger.days(self.ledger.tick[np.clip(place, 0, len(self.ledger.tick) - 1)])
        return np.where(self.end > self.begin, days, np.datetime64("NaT", "D"))

    def lines(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the row of the ledger and the place of its customer for every row, customer by customer, by time."""
        length = self.end - self.begin
        who = np.repeat(np.arange(len(self.who)), length)
        return np.arange(len(who)) + np.repeat(self.begin - np.cumsum(length) + length, length), who

    # ---- numbers ----

    def knows(self, name: str) -> bool:
        """Return whether a value follows from the columns and logs given."""
        if name == "margin":
            return "amount" in self.ledger.columns and "cost" in self.ledger.columns
        return name in ("purchases", "orders") or name in self.ledger.columns or name in self.ledger.marks or (
            name == "marketing" and bool(self._costs()))

    def demand(self, name: str) -> None:
        """Raise when a value does not follow from them, with the argument to pass."""
        if not self.knows(name):
            lacking = "cost" if name == "margin" and "amount" in self.ledger.columns else name
            lacking = "amount" if lacking == "margin" else lacking
            raise DataError(f"value {name!r} is not known: the base has no {lacking}; "
                            f"pass {lacking}= to CustomerBase")

    def total(self, name: str, edges: np.ndarray | None = None, age: Age | None = None) -> np.ndarray:
        """Return a value per customer, or per customer and period between `edges` (days).

        With an `age`, rows outside its window are left out and others are weighted by their age.
        """
        self.demand(name)
        if name == "margin":
            marketing = self.total("marketing", edges, age) if self.knows("marketing") else 0.0
            amount, cost = self.total("amount", edges, age), self.total("cost", edges, age)
            return np.asarray(_core.margin(amount, cost, marketing))
        if name == "marketing" and self._costs():
            parts = [log.sums("cost", self, edges, age=age) for log in self._costs()]
            parts += [self._own(name, edges, age)] if name in self.ledger.columns else []
            return added(parts)
        return self._own(name, edges, age)

    def pieces(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the rows of which a value is the sum: place of the customer, day since 1970-01-01, and value.

        For purchases the row at which each begins, with 1.0. Rows of logs follow those of the orders.
        """
        self.demand(name)
        rows, who = self.lines()
        parts = []
        if name == "purchases":
            mark = self.ledger.purchases(self.begin, self.end)[0][rows]
            rows, who = rows[mark > 0], who[mark > 0]
            parts = [(who, rows, np.ones(len(rows)))]
        elif name in self.ledger.columns:
            parts = [(who, rows, self.ledger.columns[name][rows])]
        parts = [(who, self.ledger.days(self.ledger.tick[rows]).astype(np.int64), value) for who, rows, value in parts]
        for log in self._costs() if name == "marketing" else ():
            known, place = log.rows(self)
            parts.append((place, log.day[known].astype(np.int64), log.values["cost"][known]))
        place, day, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        return place, day, value

    def _costs(self) -> list[Log]:
        """Return the logs that are relationship cost."""
        return [self.logs[kind] for kind in ("contacts", "pools") if kind in self.logs]

    def _own(self, name: str, edges: np.ndarray | None, age: Age | None) -> np.ndarray:
        if age is not None:
            return self.ledger.time_weighted(name, self.begin, self.end, self.day, age)
        if edges is not None:
            return self.ledger.periods(name, self.begin, self.end, edges)
        if name == "purchases":
            return _core.totals(self.ledger.purchases(self.begin, self.end)[0], self.begin, self.end)
        if name == "orders" and name not in self.ledger.marks:
            return np.asarray(self.end - self.begin, float)
        return self.ledger.sums(name, self.begin, self.end)

    def orders(self) -> np.ndarray:
        """Return the number of orders per customer as integers."""
        if "orders" in self.ledger.marks:
            return self.total("orders").astype(np.int64)
        return np.asarray(self.end - self.begin)

    # ---- histories ----

    def histories(self, names: Sequence[str], unit: str,
                  time: OperationalTime | None = None) -> dict[str, np.ndarray]:
        """Return the columns `names` of x, t_x, T, m_x and litt, the sum of the logs of the gaps between purchases.

        With operational `time` t_x, T and the gaps are in it.
        """
        self.refuse_holdout("histories")
        if "m_x" in names and "amount" not in self.ledger.columns:
            raise DataError("the base has no amount, so nothing is known of spend: pass amount= to CustomerBase")
        given: dict[str, np.ndarray] = {}
        if time is not None:
            given = dict(zip(("x", "t_x", "T"), self.bought().on(time), strict=True))
        if "litt" in names:
            rows = None if time is None else time.at_ticks(self.ledger.tick.astype(float), self.ledger.per_day)
            given["litt"] = self.ledger.log_gaps(self.begin, self.end, unit, rows)
        if set(names) <= set(given):
            return {name: given[name] for name in names}
        found = self.ledger.histories(self.begin, self.end, self.day, unit)
        return {name: given[name] if name in given else getattr(found, name) for name in names}

    def bought(self) -> Bought:
        """Return the repeat purchases of each customer, and when the first and the last purchase were."""
        return self._bought

    @functools.cached_property
    def _bought(self) -> Bought:
        found, end = self.ledger.histories(self.begin, self.end, self.day), self.ledger.last_tick(self.day)
        first = end - found.T
        return Bought(found.x, first, first + found.t_x, end, self.ledger.per_day)

    def purchase_days(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the days of each customer's first and last purchase since 1970-01-01; without one, first > last."""
        return self.bought().days()

    def repeat_counts(self, edges: np.ndarray) -> np.ndarray:
        """Return the number of repeat purchases of all customers in each period between edges, in days."""
        origin, until = self._repeats_until
        return np.diff(until[np.clip(np.asarray(edges, np.int64) - origin, 0, len(until) - 1)])

    @functools.cached_property
    def _repeats_until(self) -> tuple[int, np.ndarray]:
        """The first day of the log, and the repeat purchases before each day from it to the day after the last."""
        ledger, origin = self.ledger, int(self.ledger.busy[0])
        marks, first = ledger.purchases(self.begin, self.end)[0], self._bought.first
        days = int(ledger.busy[-1]) - origin + 1
        every, new = (np.bincount(tick // ledger.per_day - origin, weights, days) for tick, weights in (
            (ledger.tick, marks), (first[~np.isnan(first)].astype(np.int32), None)))
        return origin, np.append(0, np.cumsum((every - new).astype(np.int64)))

    def opportunities(self, unit: str) -> dict[str, np.ndarray]:
        """Return x, t_x, n: the whole periods after that of the first purchase, and those of them with a purchase."""
        edges = whole_periods(self.since(), self.day, unit)
        return dict(zip(("x", "t_x", "n"), self.ledger.opportunities(self.begin, self.end, edges), strict=True))

    def margins(self) -> dict[str, np.ndarray]:
        """Return n, mean and SS of the margins of each customer's purchases: amount less product cost, where known."""
        self.demand("amount")
        values = self.ledger.columns["amount"]
        if "cost" in self.ledger.columns:
            values = _core.margin(values, self.ledger.columns["cost"], 0.0)
        marks = self.ledger.purchases(self.begin, self.end)[0]
        return dict(zip(("n", "mean", "SS"), _core.purchase_moments(marks, values, self.begin, self.end), strict=True))

    def spend_history(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Return the columns `names` about the money of each customer's purchases, as a model of it takes them.

        x, m_x: repeat purchases and their mean; n, mean, SS: margins; or n, mean, log_mean, log_SS of the amounts of
        all purchases above 0.
        """
        self.refuse_holdout("histories")
        if "SS" in names:
            return self.margins()
        found = self.histories(("x", "m_x"), self.provenance.unit) if "m_x" in names else self.spend_moments()
        return {name: found[name] for name in names}

    def spend_moments(self, without_last: bool = False) -> dict[str, np.ndarray]:
        """Return n, mean, log_mean and log_SS of the amounts of the purchases above 0.

        `without_last` leaves out the last of two or more of a customer, and adds its amount as ``last``, else NaN.
        """
        if "amount" not in self.ledger.columns:
            raise DataError("the base has no amount, so nothing is known of spend: pass amount= to CustomerBase")
        begins, net = self.ledger.purchases(self.begin, self.end)
        columns, last = _core.spend_moments(begins, net, self.begin, self.end, without_last)
        found = dict(zip(("n", "mean", "log_mean", "log_SS"), columns, strict=True))
        return found | ({"last": last} if without_last else {})

    def window(self, unit: str) -> dict[str, np.ndarray]:
        """Return t, x and, where money is known, m_x of the window of a holdout."""
        found = self.ledger.histories(self.begin, self.end, self.day, unit)
        return self._window(unit, found.x, found.m_x)

    def refuse_holdout(self, what: str) -> None:
        """Raise when this is a holdout."""
        if self.start is not None:
            raise DataError(f"a holdout has no {what} of its own: take the calibration base of the split")

    def _window(self, unit: str, x: np.ndarray, m_x: np.ndarray) -> dict[str, np.ndarray]:
        assert self.start is not None
        begin = self.ledger.begin[self.who]
        mark, spent = self.ledger.purchases(begin, self.end)
        old = _core.totals(mark, begin, self.begin) > 0             # else the first purchase is no repeat
        every = _core.totals(mark, self.begin, self.end)
        mean = _core.ratio(_core.totals(spent, self.begin, self.end), every)
        num, den = duration(unit)
        days = int((self.day - self.start).astype(np.int64)) + 1
        out = {"t": np.full(len(x), days * num / den), "x": np.where(old, every, x).astype(np.int64)}
        return out | ({"m_x": np.where(old, mean, m_x)} if "amount" in self.ledger.columns else {})

    def summary(self, unit: str) -> dict[str, np.ndarray]:
        """Return the columns of `CustomerBase.summary`, without the ids."""
        found = self.ledger.histories(self.begin, self.end, self.day, unit)
        amount, money = found.total, "amount" in self.ledger.columns
        if self.start is not None:
            out = {"newcomer": self.new_customers(), **self._window(unit, found.x, found.m_x)}
        else:
            out = {"x": found.x, "t_x": found.t_x, "T": found.T} | ({"m_x": found.m_x} if money else {})
        out |= {"orders": self.orders()} | ({"amount": amount} if money else {})
        out |= {name: self.total(name) for name in ("cost", "marketing") if self.knows(name)}
        if self.knows("margin"):
            out["margin"] = _core.margin(amount, out["cost"], out.get("marketing", 0.0))
        return out | {"first": self.ledger.days(found.first), "last": self.ledger.days(found.last)}


@runtime_checkable
class HistorySource(Protocol):
    """A source of histories for models: a `CustomerBase`, or another object with these members."""

    @property
    def unit(self) -> str:
        """Unit of the times, unless a model has its own."""

    @property
    def end(self) -> Any:
        """Last day of observation, included."""

    @property
    def snapshot(self) -> Snapshot:
        """The customers and their rows, from which other modules compute."""


def valued_by(base: HistorySource, value: str | None) -> str:
    """Return the quantity that is the value of customers: as requested, else margin, amount or purchases as known."""
    if value is None:
        return next(name for name in VALUES if base.snapshot.knows(name))
    base.snapshot.demand(choice("value", value, VALUES))
    return value
