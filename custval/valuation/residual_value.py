"""Customers to value: what is known of them, the models that face them, and what counts as value."""
from __future__ import annotations

import copy
import math
from functools import cached_property
from typing import Any

import numpy as np

from .. import _core
from .._tabular import demand, table
from .._validation import choice
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError
from .forecast import daily_cost, rates, valued_by
from .steps import Steps

HISTORY = ("x", "t_x", "T")


class Case:
    """The customers of a base or a frame, seen by a model of purchases and one of spend or margin."""

    def __init__(self, purchases: Any, spend: Any, data: Any, value: str | None, margin_rate: float | None,
                 allow: bool):
        self.base: Any = data if isinstance(data, HistorySource) else None
        self.kind = _kind(self.base, spend, value, margin_rate)
        self.columns = columns_of(data, purchases._agreed_unit(data, None))
        self.history = tuple(self.columns[name] for name in HISTORY)
        self.model, self.spend, self.rate, self.allow = purchases._facing(data, allow), spend, margin_rate, allow
        self.p_alive = np.asarray(self.model.p_alive(*self.history, allow_unconverged=allow))

    # ---- what is to come ----

    def purchases(self, ahead: Steps) -> np.ndarray:
        """Return expected purchases, discounted from the ends of the steps; for ever, each from its own time."""
        if ahead.for_ever is None:
            return np.asarray(self.model._discounted(ahead.edges, ahead.factors, self.history, self.allow))
        return np.asarray(self.model.dert(*self.history, discount=ahead.for_ever, allow_unconverged=self.allow))

    def seen_by(self, **models: Any) -> Case:
        """Return the case with another ``model`` of purchases or ``spend`` in place."""
        case = copy.copy(self)
        vars(case).update(models)
        case.p_alive = np.asarray(case.model.p_alive(*case.history, allow_unconverged=case.allow))
        return case

    def while_alive(self, ahead: Steps, alive: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return discounted purchases, discounted days and number of the periods that begin with P(alive) >= alive."""
        none = np.where(np.isnan(self.p_alive), np.nan, 0.0)
        purchases, days, periods = none, none, none
        for at in range(0, len(ahead.days), ahead.each):
            period = Steps(ahead.edges[at:at + ahead.each + 1], ahead.days[at:at + ahead.each],
                           ahead.factors[at:at + ahead.each])
            now = self.model.p_alive(*self.history, t=period.edges[0], allow_unconverged=self.allow)
            counts = np.where(np.asarray(now) >= alive, 1.0, 0.0)
            if not counts.any():
                break
            purchases = _core.discounted(purchases, self.purchases(period), counts)
            days = _core.discounted(days, self.days(period), counts)
            periods = _core.discounted(periods, 1.0, counts)
        return purchases, days, periods

    def each(self) -> np.ndarray:
        """Return the expected money of one purchase: what is spent, or the signed margin."""
        if self.spend.role == "margin":
            return np.asarray(self.spend.expected_margin(*self.money(), allow_unconverged=self.allow))
        return np.asarray(self.spend.expected_spend(*self.money(), allow_unconverged=self.allow))

    def money(self) -> tuple[np.ndarray, ...]:
        """Return the columns that the spend model takes."""
        names = ("n", "mean", "SS") if self.spend.role == "margin" else ("x", "m_x")
        lacking = [name for name in names if name not in self.columns]
        if lacking:
            raise DataError(f"no {' and '.join(lacking)} to value purchases with: pass a CustomerBase that has "
                            f"amount=, or a frame with the columns {', '.join(names)}")
        if self.spend.role == "margin":
            return tuple(self.columns[name] for name in names)
        x, m_x = self.columns["x"], self.columns["m_x"]
        free = (x > 0) & (m_x <= 0)                    # repeat purchases for nothing say nothing about money
        return (np.where(free, 0, x) if free.any() else x), m_x

    # ---- what of it is value ----

    @cached_property
    def per_money(self) -> Any:
        """Return value per money of purchases: the margin rate, or the customer's own, net of refunds and cost."""
        if self.rate is not None:
            return self.rate
        if self.base is None or self.spend.role == "margin":
            return 1.0
        shares = rates(self.base)
        return _core.margin(shares["amount"], shares["cost"] if self.kind == "margin" else 0.0, 0.0)

    @cached_property
    def cost_a_day(self) -> np.ndarray | None:
        """Return what an active customer's contacts and marketing cost a day, None where that is not known."""
        counts = self.rate is None and self.kind == "margin"
        if self.base is None or not counts or not self.base.snapshot.knows("marketing"):
            return None
        return daily_cost(self.base)

    def days(self, ahead: Steps) -> Any:
        """Return the days of relationship cost, discounted; refuse an endless time of it."""
        if ahead.for_ever is None:
            return ahead.days @ ahead.factors
        if self.cost_a_day is not None:
            raise ConfigError("the base knows relationship cost, which has no end of its own: pass periods=, or "
                              "margin_rate= or value='amount' without it")
        return 0.0

    def residual(self, purchases: np.ndarray, each: np.ndarray, days: Any) -> np.ndarray:
        """Return value to come, of purchases and less the relationship cost of so many days while active."""
        money, a_day = _core.expected_money(purchases, each, self.per_money), self.cost_a_day
        if a_day is None:
            return np.asarray(money)
        return np.asarray(_core.margin(money, 0.0, _core.expected_money(days, a_day, self.p_alive)))

    def known(self, money: np.ndarray) -> np.ndarray:
        """Return the value of money that has come, in the column `counts`."""
        return np.asarray(_core.expected_money(money, 1.0 if self.rate is None else self.rate, 1.0))

    @property
    def counts(self) -> str:
        """The column of money that value is made of."""
        return self.kind if self.rate is None else "amount"

    def in_all(self, residual: np.ndarray) -> dict[str, np.ndarray]:
        """Return value so far, in all, and what is to come over what was; nothing where the past is not known."""
        if self.counts not in self.columns:
            return {}
        history = self.known(self.columns[self.counts])
        return {"historical_value": history, "total_value": _core.discounted(history, residual, 1.0),
                "ratio": _core.ratio(residual, np.where(history > 0, history, 0.0))}


def _kind(base: Any, spend: Any, value: str | None, margin_rate: float | None) -> str:
    """Return whether amount or margin is valued."""
    if margin_rate is not None:
        if isinstance(margin_rate, bool) or not isinstance(margin_rate, int | float) or not abs(margin_rate) < math.inf:
            raise ConfigError(f"margin_rate={margin_rate!r}: pass margin per amount, such as 0.35")
        if spend.role == "margin" or value == "amount":
            raise ConfigError("margin_rate turns amounts into margins: it goes with a spend model and value='margin'")
        return "margin"
    if value is not None:
        choice("value", value, ("margin", "amount"))
    if spend.role == "margin":
        return "margin" if base is None or base.snapshot.knows("margin") else "amount"
    if base is None:
        if value == "margin":
            raise ConfigError("a summary has no costs to come: pass margin_rate=, spend=cv.NormalMargin(), or the base")
        return "amount"
    return "amount" if value is None and not base.snapshot.knows("margin") else valued_by(base, value)


def columns_of(data: Any, unit: str) -> dict[str, np.ndarray]:
    """Return what a base or a frame knows of its customers: histories, money, margins."""
    if isinstance(data, HistorySource):
        if data.snapshot.start is not None:
            raise DataError("a holdout has no future of its own; value the calibration base")
        known: dict[str, np.ndarray] = data.snapshot.summary(unit)
        return known | (data.snapshot.margins() if data.snapshot.knows("amount") else {})
    opened = table(data)
    for name in HISTORY:
        demand(opened, name)
    there = (*HISTORY, "m_x", "n", "mean", "SS", "amount", "margin")
    return {name: opened.array(name) for name in there if name in opened.names}
