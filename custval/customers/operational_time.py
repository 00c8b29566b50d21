"""Operational time: the clock of purchases that all customers share, by day, and when customers bought."""
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np


class OperationalTime(NamedTuple):
    """Operational time at the end of each day: ``table[j]`` is that of day ``origin + j``; linear within days."""

    origin: int
    table: np.ndarray

    def at(self, day: np.ndarray) -> np.ndarray:
        """Return the operational time at the end of days, counted since 1970-01-01; NaN where a day is NaN."""
        return np.asarray(np.interp(day, np.arange(self.origin, self.origin + len(self.table)), self.table))

    def at_ticks(self, tick: np.ndarray, per_day: int) -> np.ndarray:
        """Return the operational time of ticks, of which a day has `per_day`; NaN where a tick is NaN."""
        if per_day > 1:
            return self.at((tick + 1) / per_day - 1)
        if not np.isnan(tick.min(initial=0)):
            return self.table[tick.astype(np.intp) - self.origin]
        missing = np.isnan(tick)
        found = self.table[np.where(missing, self.origin, tick).astype(np.intp) - self.origin]
        return np.where(missing, np.nan, found)

    def between(self, first: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Return the operational time that passes in a number of days after the days `first`."""
        return np.asarray(self.at(first + days) - self.at(first))


class Bought(NamedTuple):
    """Repeat purchases of customers, and the ticks of their first and last purchase; NaN without one."""

    x: np.ndarray
    first: np.ndarray
    last: np.ndarray
    end: int                                   # last tick of the day
    per_day: int

    def where(self, mask: np.ndarray) -> Bought:
        """Return some of the customers."""
        return self._replace(x=self.x[mask], first=self.first[mask], last=self.last[mask])

    def on(self, time: OperationalTime) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return x, t_x and T in operational time."""
        first, last = (time.at_ticks(tick, self.per_day) for tick in (self.first, self.last))
        end = float(time.at_ticks(np.array([float(self.end)]), self.per_day)[0])
        return self.x, np.where(self.x > 0, last - first, 0.0), end - first

    def days(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the days of first and last purchase since 1970-01-01; without a purchase, first > last."""
        missing, per_day = np.isnan(self.first), self.per_day
        first, last = (np.where(missing, none, tick).astype(np.int32) for none, tick in (
            (per_day, self.first), (0, self.last)))
        return (first, last) if per_day == 1 else (first // per_day, last // per_day)


def exponentials(values: np.ndarray) -> np.ndarray:
    """Return exp of a few values, the same bits on machines of every kind."""
    return np.array([math.exp(value) for value in values])


def log_ratio(purchases: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return the log of purchases over expected ones, of which a half more makes none possible."""
    return np.array([math.log((n + 0.5) / (e + 0.5)) for n, e in zip(purchases, expected, strict=True)])


class Posterior(NamedTuple):
    """Log intensity of consecutive periods: mean and covariance, and the level and the season in the mean."""

    mean: np.ndarray
    covariance: np.ndarray
    level: np.ndarray
    season: np.ndarray
