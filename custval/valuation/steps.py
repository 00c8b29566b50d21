"""The time ahead of a lifetime value: months, weeks or days, and what money is worth at their ends."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .._dates import MONTHS_IN, PERIODS, annual, counted, duration, split_unit
from ..errors import ConfigError

DAYS = {"D": 1, "W": 7}
MONTH = 1461 / 48                    # days of a month as a duration


SHARES = 32                          # of all that money is worth for ever, as steps in which to draw


class Steps(NamedTuple):
    """The time ahead: edges in the unit of the model, days of each step, what money in it is worth."""

    edges: np.ndarray
    days: np.ndarray
    factors: np.ndarray
    each: int = 1                    # steps of a period
    for_ever: float | None = None    # the discount of a time without end


def steps(end: Any, periods: int | None, unit: str, discount: float, own: str) -> Steps:
    """Return months, also of quarters and years, or weeks or days, from the day after `end`; without one, durations.

    With no number of periods the time has no end.
    """
    annual(discount, periods is None, "periods")
    letter, anchor = split_unit(unit, PERIODS)
    if anchor is not None:
        raise ConfigError(f"unit={unit!r}: the periods of a lifetime value begin on the day after the last one known, "
                          f"so they have no anchor; pass {letter!r}")
    if periods is None:
        return _for_ever(discount, own)
    months = MONTHS_IN.get(letter)
    k = np.arange(counted(periods) * (months or 1) + 1)
    if months is None:
        days, years = k * float(DAYS[letter]), k * DAYS[letter] / 365.25
    else:
        days, years = (k * MONTH if end is None else _months_on(end, k)), k / 12
    num, den = duration(own)
    return Steps(days * num / den, np.diff(days), (1 + discount) ** -years[1:], months or 1)


def _for_ever(discount: float, own: str) -> Steps:
    """Return steps that each hold an equal share of a perpetuity, its last millionth apart; money at its mean worth."""
    force, gone = math.log1p(discount), np.arange(SHARES + 1) / SHARES
    gone[-1] -= 1e-6
    years, (num, den) = -np.log1p(-gone) / force, duration(own)
    return Steps(years * (365.25 * num / den), np.diff(years) * 365.25, np.diff(gone) / (force * np.diff(years)),
                 for_ever=discount)


def _months_on(end: np.datetime64, months: np.ndarray) -> np.ndarray:
    """Return the days to the same day of later months as the one after `end`; where there is none, to the 1st after."""
    start = end + np.timedelta64(1, "D")
    month = start.astype("M8[M]")
    into = start - month.astype("M8[D]")
    first, after = ((month + (months + n)).astype("M8[D]") for n in (0, 1))
    return np.asarray((np.minimum(first + into, after) - start).astype(float))
