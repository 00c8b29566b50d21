"""What is known of which customers at the end of a day: a choice of rows of a shared ledger."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .. import _core
from .._arrays import Table
from .._dates import duration, whole_periods
from ..errors import DataError
from .event_logs import Log
from .ledger import Ledger
from .time_weighting import Age

DAYS_OF_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Customers `who` of a ledger and their rows ``[begin, end)``, known at the end of `day`.

    With `start` it is a holdout: `begin` is each customer's first row after the day before `start`.
    """

    ledger: Ledger = field(repr=False)
    ids: Table                                 # a table with the column "customer", one row per root customer
    who: np.ndarray                            # places among the root customers
    begin: np.ndarray
    end: np.ndarray
    day: Any                                   # datetime64[D]
    start: Any = None
    logs: Mapping[str, Log] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    chosen: np.ndarray | None = None           # which of the root customers, None for all

    @property
    def customers(self) -> np.ndarray:
        """The ids as an array."""
        return np.asarray(self.ids.array("customer")[self.who])

    def frame(self, columns: Mapping[str, Any]) -> Any:
        """Return a frame of the caller's kind: the ids, then `columns`."""
        return self.ids.new({"customer": self.ids.pick("customer", self.who), **columns})

    def until(self, day: np.datetime64) -> Snapshot:
        """Return what was known at the end of `day`; who came later is not there."""
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
        """Return what was known the day before a holdout began; newcomers are not there."""
        return self.whole().until(self.start - np.timedelta64(1, "D"))

    def whole(self) -> Snapshot:
        """Return a holdout and what was known before it."""
        return replace(self, begin=self.ledger.begin[self.who], start=None)

    def where(self, mask: np.ndarray) -> Snapshot:
        """Return the customers for which `mask` is true."""
        chosen = np.zeros(len(self.ledger.begin), bool)
        chosen[self.who[mask]] = True
        return replace(self, who=self.who[mask], begin=self.begin[mask], end=self.end[mask], chosen=chosen)

    def newcomers(self) -> np.ndarray:
        """Return who of a holdout had no row before it."""
        return np.asarray(self.begin == self.ledger.begin[self.who])

    def rows(self) -> tuple[int, int, int, int]:
        """Return the rows in view, before it, after it (those of customers to come), and of customers not chosen."""
        inside = int((self.end - self.begin).sum())
        before = int((self.begin - self.ledger.begin[self.who]).sum())
        all_rows = len(self.ledger.tick)
        ours = all_rows if self.chosen is None else int((self.ledger.end - self.ledger.begin)[self.chosen].sum())
        return inside, before, ours - inside - before, all_rows - ours

    def since(self) -> Any:
        """Return the first day of money: of an order, or of a contact before it."""
        days = [self.ledger.days(self.ledger.tick[self.begin[self.end > self.begin]])]
        days += [log.day[log.rows(self)[0]].astype("M8[D]") for log in self._costs()]
        return min((column.min() for column in days if len(column)), default=self.day)

    def first(self) -> np.ndarray:
        """Return the day of each customer's first row in view, NaT without one."""
        return self._day_of(self.begin)

    def last(self) -> np.ndarray:
        """Return the day of each customer's last row in view, NaT without one."""
        return self._day_of(self.end - 1)

    def _day_of(self, place: np.ndarray) -> np.ndarray:
        days = self.ledger.days(self.ledger.tick[np.clip(place, 0, len(self.ledger.tick) - 1)])
        return np.where(self.end > self.begin, days, np.datetime64("NaT", "D"))

    # ---- numbers ----

    def knows(self, name: str) -> bool:
        """Return whether a value can be had from the columns and logs given."""
        if name == "margin":
            return "amount" in self.ledger.columns and "cost" in self.ledger.columns
        return name in ("purchases", "orders") or name in self.ledger.columns or name in self.ledger.marks or (
            name == "marketing" and bool(self._costs()))

    def demand(self, name: str) -> None:
        """Raise when a value cannot be had, with what to pass."""
        if not self.knows(name):
            lacking = "cost" if name == "margin" and "amount" in self.ledger.columns else name
            lacking = "amount" if lacking == "margin" else lacking
            raise DataError(f"value {name!r} is not known: the base has no {lacking}; "
                            f"pass {lacking}= to CustomerBase")

    def total(self, name: str, edges: np.ndarray | None = None, age: Age | None = None) -> np.ndarray:
        """Return a value per customer, or per customer and period between `edges` (days).

        With an `age`: of the rows that are not too old, faded.
        """
        self.demand(name)
        if name == "margin":
            marketing = self.total("marketing", edges, age) if self.knows("marketing") else 0.0
            amount, cost = self.total("amount", edges, age), self.total("cost", edges, age)
            return np.asarray(_core.margin(amount, cost, marketing))
        if name == "marketing" and self._costs():
            parts = [log.sums("cost", self, edges, age=age) for log in self._costs()]
            parts += [self._own(name, edges, age)] if name in self.ledger.columns else []
            return np.asarray(reduce(_core.relationship_cost, parts))
        return self._own(name, edges, age)

    def _costs(self) -> list[Log]:
        """Return the logs that are relationship cost."""
        return [self.logs[kind] for kind in ("contacts", "pools") if kind in self.logs]

    def _own(self, name: str, edges: np.ndarray | None, age: Age | None) -> np.ndarray:
        if age is not None:
            return self.ledger.aged(name, self.begin, self.end, self.day, age)
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

    def histories(self, names: Sequence[str], unit: str) -> dict[str, np.ndarray]:
        """Return the columns `names` of x, t_x, T, m_x and litt, the sum of the logs of the gaps between purchases."""
        self.refuse_holdout("histories")
        if "m_x" in names and "amount" not in self.ledger.columns:
            raise DataError("the base has no amount, so nothing is known of spend: pass amount= to CustomerBase")
        found = self.ledger.histories(self.begin, self.end, self.day, unit)
        return {name: self.ledger.log_gaps(self.begin, self.end, unit) if name == "litt" else getattr(found, name)
                for name in names}

    def opportunities(self, unit: str) -> dict[str, np.ndarray]:
        """Return x, t_x, n: the whole periods after that of the first purchase, and those of them with a purchase."""
        edges = whole_periods(self.since(), self.day, unit)
        return dict(zip(("x", "t_x", "n"), self.ledger.opportunities(self.begin, self.end, edges), strict=True))

    def margins(self) -> dict[str, np.ndarray]:
        """Return n, mean and SS of what each customer's purchases brought: amount less product cost, where known."""
        self.demand("amount")
        values = self.ledger.columns["amount"]
        if "cost" in self.ledger.columns:
            values = _core.change(values, self.ledger.columns["cost"])
        marks = self.ledger.purchases(self.begin, self.end)[0]
        return dict(zip(("n", "mean", "SS"), _core.purchase_moments(marks, values, self.begin, self.end), strict=True))

    def window(self, unit: str) -> dict[str, np.ndarray]:
        """Return t, x and, where money is known, m_x of the window of a holdout."""
        found = self.ledger.histories(self.begin, self.end, self.day, unit)
        return self._window(unit, found.x, found.m_x)

    def refuse_holdout(self, what: str) -> None:
        """Raise when this is a holdout."""
        if self.start is not None:
            raise DataError(f"a holdout has no {what} of its own: take the calibration base of the split")

    def _window(self, unit: str, x: np.ndarray, m_x: np.ndarray) -> dict[str, np.ndarray]:
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
            out = {"newcomer": self.newcomers(), **self._window(unit, found.x, found.m_x)}
        else:
            out = {"x": found.x, "t_x": found.t_x, "T": found.T} | ({"m_x": found.m_x} if money else {})
        out |= {"orders": self.orders()} | ({"amount": amount} if money else {})
        out |= {name: self.total(name) for name in ("cost", "marketing") if self.knows(name)}
        if self.knows("margin"):
            out["margin"] = _core.margin(amount, out["cost"], out.get("marketing", 0.0))
        return out | {"first": self.ledger.days(found.first), "last": self.ledger.days(found.last)}


@runtime_checkable
class HistorySource(Protocol):
    """A source of histories for models: a `CustomerBase`, or any object that offers these members."""

    @property
    def unit(self) -> str:
        """Unit of the times, unless a model has its own."""

    @property
    def end(self) -> Any:
        """Last day of observation, included."""

    @property
    def snapshot(self) -> Snapshot:
        """The customers and their rows in view, from which modules compute."""
