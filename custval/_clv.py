"""Lifetime value put together: steps of discounting, and the money of one purchase to come."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from . import _core
from ._columns import demand, table
from ._errors import ConfigError, DataError
from ._forecast import _cost_a_day, rates
from ._time import MONTHS_IN, PERIODS, counted, duration, split_unit

DAYS = {"D": 1, "W": 7}
MONTH = 1461 / 48                    # days of a month as a duration
HISTORY = ("x", "t_x", "T")


class Steps(NamedTuple):
    """The time ahead: edges in the unit of the model, days of each step, what money is worth at its end."""

    edges: np.ndarray
    days: np.ndarray
    factors: np.ndarray


def steps(end: Any, periods: int, unit: str, discount: float, own: str) -> Steps:
    """Return months, also of quarters and years, or weeks or days, from the day after `end`; without one, durations."""
    letter, anchor = split_unit(unit, PERIODS)
    if anchor is not None:
        raise ConfigError(f"unit={unit!r}: the periods of a lifetime value begin on the day after the last one known, "
                          f"so they have no anchor; pass {letter!r}")
    months = MONTHS_IN.get(letter)
    k = np.arange(counted(periods) * (months or 1) + 1)
    if months is None:
        days, years = k * float(DAYS[letter]), k * DAYS[letter] / 365.25
    else:
        days, years = (k * MONTH if end is None else _months_on(end, k)), k / 12
    num, den = duration(own)
    return Steps(days * num / den, np.diff(days), (1 + discount) ** -years[1:])


def _months_on(end: np.datetime64, months: np.ndarray) -> np.ndarray:
    """Return the days to the same day of later months as the one after `end`; where there is none, to the 1st after."""
    start = end + np.timedelta64(1, "D")
    month = start.astype("M8[M]")
    into = start - month.astype("M8[D]")
    first, after = ((month + (months + n)).astype("M8[D]") for n in (0, 1))
    return np.asarray((np.minimum(first + into, after) - start).astype(float))


def columns_of(data: Any, unit: str) -> dict[str, np.ndarray]:
    """Return what a base or a frame knows of its customers: histories, money, margins."""
    if hasattr(data, "_summary"):
        if data._view.start is not None:
            raise DataError("a holdout has no future of its own; value the calibration base")
        known: dict[str, np.ndarray] = data._summary(unit)
        return known | (data._margins() if data._view.knows("amount") else {})
    opened = table(data)
    for name in HISTORY:
        demand(opened, name)
    there = (*HISTORY, "m_x", "n", "mean", "SS", "amount", "margin")
    return {name: opened.array(name) for name in there if name in opened.names}


def per_purchase(columns: Mapping[str, np.ndarray], model: Any, allow: bool) -> np.ndarray:
    """Return the expected money of one purchase: what is spent, or the signed margin."""
    names = ("n", "mean", "SS") if model.role == "margin" else ("x", "m_x")
    lacking = [name for name in names if name not in columns]
    if lacking:
        raise DataError(f"no {' and '.join(lacking)} to value purchases with: pass a CustomerBase that has amount=, "
                        f"or a frame with the columns {', '.join(names)}")
    if model.role == "margin":
        return np.asarray(model.expected_margin(*(columns[name] for name in names), allow_unconverged=allow))
    x, m_x = columns["x"], columns["m_x"]
    free = (x > 0) & (m_x <= 0)                        # repeat purchases for nothing say nothing about money
    return np.asarray(model.expected_spend(np.where(free, 0, x) if free.any() else x, m_x, allow_unconverged=allow))


def net(base: Any, money: np.ndarray, value: str, spent: bool) -> np.ndarray:
    """Return money of purchases net of refunds, or as margin: at the customer's own rates where it is what is spent."""
    shares = rates(base) if spent else {}
    amount = _core.expected_money(money, shares.get("amount", 1.0), 1.0)
    cost = _core.expected_money(money, shares["cost"], 1.0) if spent and value == "margin" else 0.0
    return np.asarray(_core.margin(amount, cost, 0.0))


def relationship(base: Any, ahead: Steps, p_alive: np.ndarray) -> Any:
    """Return what contacts and marketing will cost while a customer is active, discounted like the purchases."""
    return _core.expected_money(float(ahead.days @ ahead.factors), _cost_a_day(base), p_alive)
