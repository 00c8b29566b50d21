"""Residual value: the discounted value that the future purchases of each customer contribute, and its uncertainty."""
from __future__ import annotations

import copy
import math
from collections.abc import Callable
from functools import cached_property, partial
from typing import NamedTuple, TypeAlias

import numpy as np

from .. import _core
from .._arrays import FrameLike
from .._dates import MONTHS_IN, PERIODS, annual, counted, duration, split_unit
from .._tabular import demand, table
from .._validation import choice, in_short, numbers, setting, sum_of
from ..customers.snapshot import HistorySource, Snapshot, valued_by
from ..errors import ConfigError, DataError
from ..models import NormalMargin
from ..models.base import Model
from ..models.histories import Dated, demand_calendar, taken
from ..models.purchase import PurchaseModel
from .forecast import Rates, daily_cost, own_rates, rates_of
from .value_model import MoneyModel

HISTORY = ("x", "t_x", "T")
DAYS = {"D": 1, "W": 7}
MONTH = 1461 / 48                    # days of a month as a duration
SHARES = 32                          # steps of equal present value that stand for an endless time in draws
OTHER_SEED = 1 << 63                 # turns a seed into that of the parameters of the spend model
Customers: TypeAlias = HistorySource | FrameLike


class Horizon(NamedTuple):
    """The future in steps: edges in the unit of the model, days of each step, discount factor of its money."""

    edges: np.ndarray
    days: np.ndarray
    factors: np.ndarray
    per_period: int = 1              # steps of one period
    endless: float | None = None     # the discount rate of a time without end


def horizon(end: np.datetime64 | None, periods: int | None, unit: str, discount: float,
            model: PurchaseModel) -> Horizon:
    """Return the periods from the day after `end` on, or as durations without one; endless without `periods`.

    Months, quarters and years are in steps of months; weeks and days are steps themselves. Edges are in the time of
    the model.
    """
    discount = annual(discount, periods is None, "periods")
    letter, anchor = split_unit(unit, PERIODS)
    if anchor is not None:
        raise ConfigError(f"unit={unit!r}: the periods of a lifetime value begin on the day after the last one known, "
                          f"so they have no anchor; pass {letter!r}")
    if periods is None:
        return _endless(discount, partial(_times, model, end))
    months = MONTHS_IN.get(letter)
    k = np.arange(counted(periods) * (months or 1) + 1)
    if months is None:
        days, years = k * float(DAYS[letter]), k * DAYS[letter] / 365.25
    else:
        days, years = (k * MONTH if end is None else _months_after(end, k)), k / 12
    return Horizon(_times(model, end, days), np.diff(days), (1 + discount) ** -years[1:], months or 1)


def _times(model: PurchaseModel, end: np.datetime64 | None, days: np.ndarray) -> np.ndarray:
    """Return the time of the model that passes in some days after `end`; without an end, as durations."""
    if end is not None:
        return model.elapsed(end, days)
    assert model.unit is not None, "callers demand a model with a unit"
    num, den = duration(model.unit)
    return np.asarray(days * num / den)


def _endless(discount: float, times: Callable[[np.ndarray], np.ndarray]) -> Horizon:
    """Return steps that each hold an equal share of a perpetuity, without its last millionth, at mean factors."""
    force, before = math.log1p(discount), np.arange(SHARES + 1) / SHARES
    before[-1] -= 1e-6
    years = -np.log1p(-before) / force
    return Horizon(times(years * 365.25), np.diff(years) * 365.25, np.diff(before) / (force * np.diff(years)),
                   endless=discount)


def _months_after(end: np.datetime64, months: np.ndarray) -> np.ndarray:
    """Return the days from the day after `end` to its day in later months, to the 1st after where there is none."""
    start = end + np.timedelta64(1, "D")
    month = start.astype("M8[M]")
    into = start - month.astype("M8[D]")
    first, after = ((month + (months + n)).astype("M8[D]") for n in (0, 1))
    return np.asarray((np.minimum(first + into, after) - start).astype(float))


class Valuation:
    """The customers of a base or a frame with a purchase model and a spend or margin model that value them."""

    def __init__(self, purchases: PurchaseModel, spend: MoneyModel, data: Customers, value: str | None,
                 margin_rate: float | None, allow: bool, *, shared: Callable[[Snapshot], Rates] = rates_of):
        self.base, self._shared = data if isinstance(data, HistorySource) else None, shared
        self.end = self.base.end if self.base is not None else data.day if isinstance(data, Dated) else None
        self.kind = _kind(self.base, spend, value, margin_rate)
        unit = purchases.agreed_unit(data, None)
        assert unit is not None, "callers demand a model with a unit"
        self.columns = _columns_of(data, unit, purchases, spend)
        self.history = tuple(self.columns[name] for name in HISTORY)
        self.model, self.spend, self.rate = purchases.bound_to(data, allow), spend, setting(margin_rate)
        self.allow = allow
        self.p_alive = np.asarray(self.model.p_alive(*self.history, allow_unconverged=allow))

    def with_model(self, **models: Model) -> Valuation:
        """Return the same customers with another ``model`` of purchases or another ``spend``."""
        other = copy.copy(self)
        vars(other).update(models)
        other.p_alive = np.asarray(other.model.p_alive(*other.history, allow_unconverged=other.allow))
        return other

    # ---- future purchases and their money ----

    def purchases(self, ahead: Horizon) -> np.ndarray:
        """Return expected purchases, discounted from the ends of the steps; endless ones each from its own time."""
        if ahead.endless is None or self.model.clock_ is not None:
            return np.asarray(self.model.discounted_purchases(ahead.edges, ahead.factors, self.history, self.allow))
        return np.asarray(self.model.dert(*self.history, discount=ahead.endless, allow_unconverged=self.allow))

    def while_alive(self, ahead: Horizon, alive: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return discounted purchases, discounted days and number of the periods that begin with P(alive) >= alive."""
        none = np.where(np.isnan(self.p_alive), np.nan, 0.0)
        purchases, days, periods = none, none, none
        for at in range(0, len(ahead.days), ahead.per_period):
            period = Horizon(ahead.edges[at:at + ahead.per_period + 1], ahead.days[at:at + ahead.per_period],
                             ahead.factors[at:at + ahead.per_period])
            now = self.model.p_alive(*self.history, t=period.edges[0], allow_unconverged=self.allow)
            counts = np.where(np.asarray(now) >= alive, 1.0, 0.0)
            if not counts.any():
                break
            purchases = purchases + self.purchases(period) * counts
            days, periods = days + self.days(period) * counts, periods + counts
        return purchases, days, periods

    def spend_per_purchase(self) -> np.ndarray:
        """Return the expected money of one purchase: spend, or the signed margin."""
        if isinstance(self.spend, NormalMargin):
            return np.asarray(self.spend.expected_margin(*self.money(), allow_unconverged=self.allow))
        return np.asarray(self.spend.expected_spend(*self.money(), allow_unconverged=self.allow))

    def money(self) -> tuple[np.ndarray, ...]:
        """Return the columns that the spend model takes."""
        names = self.spend.columns_in(None if self.base is not None else self.columns)
        lacking = [name for name in names if name not in self.columns]
        if lacking:
            raise DataError(f"no {' and '.join(lacking)} to value purchases with, as {type(self.spend).__name__} does: "
                            f"pass a CustomerBase that has amount=, or a frame with the columns {', '.join(names)}, "
                            "such as base.summary(spend=True)")
        return tuple(self.spend.paid(*(self.columns[name] for name in names)))

    # ---- value ----

    @cached_property
    def rates(self) -> Rates:
        """What the customers share, of the fit."""
        assert self.base is not None
        return self._shared(self.base.snapshot)

    @cached_property
    def per_money(self) -> float | np.ndarray:
        """Value per money of purchases: the margin rate, or the customer's own, net of refunds and cost."""
        if self.rate is not None:
            return self.rate
        if self.base is None or self.spend.role == "margin":
            return 1.0
        own = own_rates(self.base.snapshot, self.rates)
        lacking = [name for name in ("amount", "cost")[:1 + (self.kind == "margin")] if name not in own]
        if lacking:
            raise DataError(f"the fit knows no {lacking[0]}, as its base had none: fit the CLV to this base")
        return np.asarray(_core.margin(own["amount"], own["cost"] if self.kind == "margin" else 0.0, 0.0))

    @cached_property
    def cost_per_day(self) -> np.ndarray | None:
        """Relationship cost of an active customer per day, None where it is not known."""
        counts = self.rate is None and self.kind == "margin"
        if self.base is None or not counts or not self.base.snapshot.knows("marketing"):
            return None
        return daily_cost(self.base.snapshot, self.rates)

    def days(self, ahead: Horizon) -> float:
        """Return the discounted days of relationship cost; raise for an endless time of it."""
        if ahead.endless is None:
            return float(ahead.days @ ahead.factors)
        if self.cost_per_day is not None:
            raise ConfigError("the base knows relationship cost, which has no end of its own: pass periods=, or "
                              "margin_rate= or value='amount' without it")
        return 0.0

    def residual(self, purchases: np.ndarray, spend: np.ndarray, days: float | np.ndarray) -> np.ndarray:
        """Return the value of future purchases less the relationship cost of `days` while active."""
        money = _core.expected_money(purchases, spend, self.per_money)
        if self.cost_per_day is None:
            return np.asarray(money)
        cost = _core.expected_money(days, self.cost_per_day, self.p_alive)
        return np.asarray(_core.margin(money, 0.0, cost))

    def expected(self, ahead: Horizon, purchases: np.ndarray | None = None) -> np.ndarray:
        """Return the expected residual value of each customer, from their `purchases` where these are known."""
        purchases = self.purchases(ahead) if purchases is None else purchases
        return self.residual(purchases, self.spend_per_purchase(), self.days(ahead))

    def total(self, ahead: Horizon, purchases: np.ndarray | None = None) -> float:
        """Return the sum of the expected residual values."""
        residual = self.expected(ahead, purchases)
        return sum_of(residual[~np.isnan(residual)])

    @property
    def counts(self) -> str:
        """The column of money from which value is computed."""
        return self.kind if self.rate is None else "amount"

    def historical(self, money: np.ndarray) -> np.ndarray:
        """Return the value of past money, in the column `counts`."""
        return np.asarray(_core.expected_money(money, 1.0 if self.rate is None else self.rate, 1.0))

    def with_history(self, residual: np.ndarray) -> dict[str, np.ndarray]:
        """Return historical and total value and the ratio of residual to history; nothing without past money."""
        if self.counts not in self.columns:
            return {}
        history = self.historical(self.columns[self.counts])
        return {"historical_value": history, "total_value": history + residual,
                "ratio": _core.ratio(residual, np.where(history > 0, history, 0.0))}


def _kind(base: HistorySource | None, spend: MoneyModel, value: str | None, margin_rate: float | None) -> str:
    """Return the kind of value: amount or margin."""
    if margin_rate is not None:
        if setting(margin_rate) is None:
            raise ConfigError(f"margin_rate={in_short(margin_rate)}: pass margin per amount, such as 0.35")
        if spend.role == "margin" or value == "amount":
            raise ConfigError("margin_rate turns amounts into margins: it goes with a spend model and value='margin'")
        return "margin"
    if value is not None:
        choice("value", value, ("margin", "amount"))
    if spend.role == "margin":
        return "margin" if base is None or base.snapshot.knows("margin") else "amount"
    if base is None:
        if value == "margin":
            raise ConfigError("a summary has no future costs: pass margin_rate=, spend=cv.NormalMargin(), or the base")
        return "amount"
    return "amount" if value is None and not base.snapshot.knows("margin") else valued_by(base, value)


def _columns_of(data: Customers, unit: str, model: PurchaseModel, spend: MoneyModel) -> dict[str, np.ndarray]:
    """Return the known columns of a base or a frame: histories, money, margins."""
    if isinstance(data, HistorySource):
        data.snapshot.refuse_holdout("future")
        known: dict[str, np.ndarray] = data.snapshot.summary(unit)
        if model.clock_ is not None:
            known |= model.histories(data.snapshot)
        return known | (data.snapshot.spend_history(spend.columns_in(None)) if data.snapshot.knows("amount") else {})
    demand_calendar(model.clock_, data)
    opened = table(data)
    names = taken((*HISTORY, "m_x", "n", "mean", "SS", "log_mean", "amount", "margin"), opened.names)
    for name in HISTORY:
        demand(opened, names[name])
    return {name: numbers(opened.array(own), own) for name, own in names.items() if own in opened.names}


# ---- uncertainty ----

def drawn_times(model: PurchaseModel, end: np.datetime64 | None, ahead: Horizon, draws: int,
                seed: int) -> tuple[float | np.ndarray, np.ndarray]:
    """Return the horizon and the edges of the steps; on a clock those of each draw."""
    if end is None or model.clock_ is None:
        return float(ahead.edges[-1]), ahead.edges
    edges = model.drawn_edges(end, np.append(0.0, np.cumsum(ahead.days)), draws, seed)
    return np.ascontiguousarray(edges[:, -1]), edges.ravel()


def spread(of: Valuation, ahead: Horizon, ranks: tuple[int, int], draws: int, seed: int,
           fixed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values at two ranks among the draws of each customer, and the sorted totals of the draws."""
    x, t_x, T = (np.ascontiguousarray(column, float) for column in of.history)
    money = tuple(np.ascontiguousarray(column, float) for column in of.money())
    per_money = np.broadcast_to(np.asarray(of.per_money, float) * getattr(of.spend, "smearing_", 1.0), x.shape)
    daily = np.zeros(1) if of.cost_per_day is None else of.cost_per_day
    cost = np.broadcast_to(_core.expected_money(daily, of.days(ahead), 1.0), x.shape)
    time, edges = drawn_times(of.model, of.end, ahead, draws, seed)
    (low, high), totals = _core.value_spread(
        of.model.prefix, of.model.drawn_parameters(draws, seed, fixed=fixed, allow_unconverged=of.allow),
        (x, t_x, T, *(() if of.base is None else (of.base.snapshot.who,))),
        time, draws, seed, ranks,
        (of.spend.prefix, of.spend.drawn_parameters(draws, seed ^ OTHER_SEED, fixed=fixed, allow_unconverged=of.allow),
         money),
        (edges, ahead.factors, np.ascontiguousarray(per_money), np.ascontiguousarray(cost)),
        of.model.covariate_input(len(x)))
    totals.sort()
    return low, high, totals


def standard_error(of: Valuation, ahead: Horizon, fixed: bool) -> float:
    """Return the standard error of the total from those of the parameters: delta method, central differences."""
    variance = 0.0
    if not fixed:
        variance += of.model.variance_of(lambda model: of.with_model(model=model).total(ahead))
        purchases = of.purchases(ahead)
        variance += of.spend.variance_of(lambda spend: of.with_model(spend=spend).total(ahead, purchases))
    return math.sqrt(max(variance, 0.0))
