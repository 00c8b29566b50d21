"""Given factors of the intensity of purchases by day: promotions, seasons, closing days."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._dates import as_day
from .._tabular import demand, table
from .._validation import numbers
from ..errors import DataError


class Calendar(NamedTuple):
    """Given factors of the intensity of purchases, on consecutive days."""

    first: int
    factor: np.ndarray

    def of(self, first: int, days: int) -> np.ndarray:
        """Return the factors of a number of days from `first` on."""
        begin = first - self.first
        if begin < 0 or begin + days > len(self.factor):
            spans = np.array([self.first, self.first + len(self.factor) - 1, first, first + days - 1])
            has, until, needs, last = spans.astype("M8[D]")
            raise DataError(f"calendar= has factors from {has} to {until}; those of {needs} to {last} are needed: "
                            "add the missing days, with factor 1 on ordinary ones")
        return self.factor[begin:begin + days]


def calendar_of(given: Any) -> Calendar:
    """Return given factors by day, checked."""
    if isinstance(given, Mapping) and not {"day", "factor"} <= set(given):
        days, factors = list(given), np.array(list(given.values()))
    else:
        opened = table(given)
        for name in ("day", "factor"):
            demand(opened, name)
        days, factors = opened.array("day").tolist(), opened.array("factor")
    day = np.array([as_day(value, "day") for value in days], "M8[D]").astype(np.int64)
    factor = numbers(factors, "factor").astype(float)
    order = np.argsort(day, kind="stable")
    day, factor = day[order], factor[order]
    if len(day) == 0:
        raise DataError("calendar= has no day")
    if (np.diff(day) == 0).any():
        twice = day[1:][np.diff(day) == 0][0].astype("M8[D]")
        raise DataError(f"calendar= has {twice} twice: one factor a day")
    if (np.diff(day) > 1).any():
        before = day[:-1][np.diff(day) > 1][0]
        raise DataError(f"calendar= has no factor on {(before + 1).astype('M8[D]')}: its days are consecutive; add the "
                        "missing ones, with factor 1 on ordinary days")
    bad = ~(np.isfinite(factor) & (factor >= 0))
    if bad.any():
        at = np.flatnonzero(bad)[0]
        raise DataError(f"calendar=: the factor of {day[at].astype('M8[D]')} is {factor[at]:g}: a factor is finite and "
                        "0 or more, 1 on an ordinary day")
    return Calendar(int(day[0]), factor)
