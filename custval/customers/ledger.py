"""Ledger: the order log as arrays, grouped by customer, with the queries that the core computes from it.

A ledger is built once and shared by every base made from it: a base selects customers and, for each, rows
``[begin, end)`` of these arrays. A customer's rows are sorted by time, then by money, so every sum is the same
to the last bit however the log was shuffled.
"""
from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import Table
from .._core import NO_TICK
from .._dates import duration, grain_edges
from .time_weighting import Age
from .timestamps import PER_DAY

MONEY = ("amount", "cost", "marketing")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Rows of all customers; `tick` in days, or hours where the grain is an hour."""

    tick: np.ndarray                       # int32
    columns: Mapping[str, np.ndarray]      # float64: amount, cost, marketing, quantity, if given
    marks: Mapping[str, np.ndarray]        # 1.0 at the first row of each of the orders, products
    product: np.ndarray | None = field(repr=False)          # int32 codes, if given
    begin: np.ndarray
    end: np.ndarray
    grain: str
    edges: np.ndarray | None = field(repr=False)
    order: np.ndarray | None = field(default=None, repr=False)           # int32 codes, if given
    labels: Mapping[str, Table] = field(default_factory=dict, repr=False)    # column "value" by code: orders, products

    @property
    def per_day(self) -> int:
        """Ticks per day."""
        return PER_DAY["h"] if self.grain == "h" else 1

    @cached_property
    def latest(self) -> int:
        """The last tick of the ledger."""
        return int(self.tick.max(initial=np.iinfo(np.int32).min))

    @cached_property
    def busy(self) -> np.ndarray:
        """The days that have rows, ascending."""
        day = self.tick // self.per_day
        first = int(day.min())
        there = np.zeros(int(day.max()) - first + 1, bool)
        there[day - first] = True
        return np.flatnonzero(there) + first

    def ticks(self, days: ArrayLike) -> np.ndarray:
        """Return the first tick of each day."""
        return np.asarray(np.asarray(days, np.int64) * self.per_day, np.int32)

    def last_tick(self, day: np.datetime64) -> int:
        """Return the last tick of a day."""
        return int(self.ticks(day.astype(np.int64) + 1)) - 1

    def days(self, tick: np.ndarray | np.generic) -> Any:
        """Return ticks as datetime64[D], NaT where there is none."""
        time = np.where(tick == NO_TICK, np.int64(np.iinfo(np.int64).min), tick)
        return (time.view("M8[h]").astype("M8[D]") if self.per_day > 1 else time.view("M8[D]"))[()]

    def cut(self, begin: np.ndarray, end: np.ndarray, day: np.datetime64) -> np.ndarray:
        """Return each customer's first row after `day`."""
        last = self.last_tick(day)
        return end if last >= self.latest else _core.cut(self.tick, begin, end, last)

    def histories(self, begin: np.ndarray, end: np.ndarray, day: np.datetime64,
                  unit: str | None = None) -> _core.Summary:
        """Return x, t_x, T, m_x, recency at the end of `day`, total amount, first and last tick.

        Times are in `unit`, or in ticks, which `in_units` converts to any unit with the same result.
        """
        num, den = (1, 1) if unit is None else duration(unit, self.per_day)
        return _core.summary(self.tick, self.columns.get("amount"), begin, end, self.last_tick(day),
                             self.edges, num, den)

    def in_units(self, *spans: tuple[np.ndarray, str]) -> list[np.ndarray]:
        """Return spans of ticks, each in its unit."""
        per_day = self.per_day
        factors = [duration(unit, per_day) for _, unit in spans]
        return [np.asarray(ticks * num / den) for (ticks, _), (num, den) in zip(spans, factors, strict=True)]

    def purchases(self, begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return, for each row, 1.0 and its net amount where a purchase begins; 0.0 elsewhere."""
        return _core.purchases(self.tick, self.columns.get("amount"), begin, end, self.edges)

    def opportunities(self, begin: np.ndarray, end: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return x, t_x, n: purchases by whole periods after that of the first one; `days` are the edges."""
        return _core.opportunities(self.tick, self.purchases(begin, end)[0], begin, end, self.ticks(days))

    def log_gaps(self, begin: np.ndarray, end: np.ndarray, unit: str, time: np.ndarray | None = None) -> np.ndarray:
        """Return the sum of the logs of each customer's gaps between purchases, in `unit` or by times of the rows."""
        num, den = duration(unit, self.per_day)
        return _core.log_gaps(self.tick, self.purchases(begin, end)[0], begin, end, num, den, time)

    def grains(self, begin: np.ndarray, end: np.ndarray) -> int:
        """Return the number of pairs of customer and grain that have rows."""
        marks = _core.purchases(self.tick, None, begin, end, self.edges)[0]
        return int(np.count_nonzero(marks))

    def sums(self, name: str, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the total of a column, or the number of marked rows, per customer."""
        return _core.totals(self.values(name), begin, end)

    def periods(self, name: str, begin: np.ndarray, end: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Return totals per customer and period; `days` are the edges."""
        if name == "orders" and name not in self.marks:
            return _core.history(self.tick, None, begin, end, self.ticks(days))
        values = self.purchases(begin, end)[0] if name == "purchases" else self.values(name)
        return _core.history(self.tick, values, begin, end, self.ticks(days))

    def time_weighted(self, name: str, begin: np.ndarray, end: np.ndarray, day: np.datetime64, age: Age) -> np.ndarray:
        """Return totals per customer of the rows inside the window of `age` at the end of `day`, decayed."""
        if name == "orders" and name not in self.marks:
            values = np.ones(len(self.tick))
        else:
            values = self.purchases(begin, end)[0] if name == "purchases" else self.values(name)
        values = age.decayed(values, self.days(self.tick).astype(np.int64), day)
        window = np.array([age.since(day), day + np.timedelta64(1, "D")]).astype(np.int64)
        return np.asarray(_core.history(self.tick, values, begin, end, self.ticks(window))[:, 0])

    def values(self, name: str) -> np.ndarray:
        """Return a column or a mark."""
        return self.columns[name] if name in self.columns else self.marks[name]


def added(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the sum of columns of money, row by row."""
    return functools.reduce(lambda total, part: np.asarray(_core.margin(total, -part, 0.0)), parts)


def build(keys: np.ndarray, tick: np.ndarray, columns: Mapping[str, np.ndarray],
          codes: Mapping[str, np.ndarray], grain: str,
          labels: Mapping[str, Table] | None = None) -> tuple[Ledger, np.ndarray]:
    """Group a log by customer; return the ledger and each customer's first row in the log."""
    tick, values, row, begin, end, first = _core.ledger(keys, tick, tuple(columns.values()), bool(codes))
    edges = None
    if grain[0] not in "hD" and len(tick):
        low, high = (np.datetime64(int(t), "D") for t in (tick.min(), tick.max()))
        edges = grain_edges(low, high, grain)
    marks = {name: _first_of_each(code[row], begin, end) for name, code in codes.items()}
    order, product = (codes[name][row].astype(np.int32) if name in codes else None for name in ("orders", "products"))
    return Ledger(tick, dict(zip(columns, values, strict=True)), marks, product, begin, end, grain, edges, order,
                  labels or {}), first


def _first_of_each(code: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mark the first row of each distinct pair of customer and code; code -1 is unknown."""
    by_place = np.argsort(begin, kind="stable")
    customer = np.repeat(by_place, (end - begin)[by_place])
    pair = customer * (int(code.max(initial=0)) + 2) + code + 1
    first = _core.group_by(pair, ())[3]
    mark = np.zeros(len(pair))
    mark[first[code[first] >= 0]] = 1.0
    return mark
