"""Forecast of all customers together: by calendar period with intervals, new customers apart, last year beside it."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._dates import PERIODS, Periods, past_periods, split_unit
from .._formatting import Printed, many, number
from .._validation import ranks, sum_of
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import COMPARABLE, Snapshot
from ..models.clock import MOST, Clock
from ..models.purchase import PurchaseModel
from ..models.spend import SpendModel
from .forecast import Outlook, Rates, daily_cost, own_rates

DRAWN = 4000                   # customers up to which all are drawn; of more a sample, for their own randomness
WARM = 3                       # the first of these parts of a log is not counted: old customers look new in it
NEW_SEED = 1 << 61             # turns a seed into that of new customers


class Forecast(Printed):
    """Value of all customers together in the next calendar periods, with intervals; made by `Forecaster.total`.

    Attributes
    ----------
    value : {"margin", "amount", "purchases"}
        The value.
    levels : tuple of float
        Probabilities of the intervals.
    explanation : str
        The forecast against the last twelve months in words: what season, level and customers change; "" without a
        clock.
    """

    def __init__(self, value: str, levels: tuple[float, ...], columns: Mapping[str, np.ndarray], frames: Any,
                 explanation: str, customers: int):
        self.value, self.levels, self.explanation, self._columns = value, levels, explanation, columns
        self._frames, self._customers = frames, customers

    def table(self) -> Any:
        """Return a row per group of customers and period: the value, bounds by level, and the value a year before.

        Columns: customers ("known", "new", "all"), period, kind (past, rest, next, sum), value (actual or expected),
        low_80, high_80 and so on (NaN in the past), last_year (NaN where the log had not begun). New customers have
        their first purchase after the end of the base; a year before, after the same day of that year; in a past
        period, in it.
        """
        return self._frames.new(dict(self._columns))

    def _title(self) -> str:
        new = " and of new ones" if "new" in self._columns["customers"] else ""
        return f"{self.value} of {many(self._customers, 'customer')}{new}" + (
            f"\nPurchases a day: {self.explanation}" if self.explanation else "")

    _texts = 3

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        head = [name for name in self._columns if not name.startswith(("low", "high")) or name.endswith(
            f"_{self.levels[0]:.0%}".rstrip("%"))]
        rows = zip(*(self._columns[name] for name in head), strict=True)
        return head, [[*row[:3], *("" if math.isnan(v) else number(v, 0 if abs(v) >= 100 else 1) for v in row[3:])]
                      for row in rows]


class Fitted(NamedTuple):
    """What is fitted to a base as a whole."""

    purchases: PurchaseModel                   # bound to the customers
    spend: SpendModel | None
    rates: Rates


class Task(NamedTuple):
    """The customers to forecast, their expectations, the value, and the draws."""

    of: Fitted
    base: CustomerBase
    look: Outlook
    value: str
    draws: int
    seed: int

    @property
    def view(self) -> Snapshot:
        """Return the snapshot of the base."""
        return self.base.snapshot

    @property
    def days(self) -> np.ndarray:
        """Return the edges of the periods ahead in days from the end of the base."""
        return np.asarray(self.look.ahead.edges - self.look.ahead.edges[0], float)

    def with_sum(self, steps: np.ndarray) -> np.ndarray:
        """Return values by period with the sum of the whole periods beside them."""
        return np.concatenate([steps, steps[..., int(self.look.ahead.stub):].sum(axis=-1, keepdims=True)], axis=-1)


class Part(NamedTuple):
    """Expected totals by period, the last one their sum, and draws of them, a row each."""

    expected: np.ndarray
    drawn: np.ndarray


def total(task: Task, unit: str, history: int, levels: Sequence[float], newcomers: bool) -> Forecast:
    """Return the forecast of all customers of a base together."""
    view, value = task.view, task.value
    parts = {"known": Part(_sums(task.look.expected[value]), _drawn(task))}
    if newcomers:
        parts["new"] = _new_customers(task)
        parts["all"] = Part(*(mine + theirs for mine, theirs in zip(parts["known"], parts["new"], strict=True)))
    past = past_periods(task.base.end, history, unit) if history else None
    blocks = [_block(group, parts[group], task, past, unit, levels) for group in parts]
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return Forecast(value, tuple(levels), columns, view.ids, _explained(task), len(view.who))


def _sums(expected: np.ndarray) -> np.ndarray:
    """Return the sum of every column over the customers with a value; NaN where nobody has one."""
    known = ~np.isnan(expected)
    return np.array([sum_of(column[there]) if there.any() else math.nan
                     for column, there in zip(expected.T.copy(), known.T, strict=True)])


def _block(group: str, part: Part, task: Task, past: Periods | None, unit: str,
           levels: Sequence[float]) -> dict[str, np.ndarray]:
    """Return the rows of one group of customers."""
    view, ahead, value = task.view, task.look.ahead, task.value
    n, stub = len(ahead.labels), int(ahead.stub)
    before = [] if past is None else past.labels
    kinds = ["past"] * len(before) + ["rest"] * stub + ["next"] * (n - stub) + ["sum"]
    whole = f"sum of {many(n - stub, 'period')}"
    none = np.full(len(before), np.nan)
    actual, before_past = none[:0], none[:0]
    if past is not None:
        earlier = _a_year_before(past.edges, unit)
        actual, before_past = (_actual(view, value, edges, edges[:-1], group) for edges in (past.edges, earlier))
    earlier = _a_year_before(ahead.edges, unit)
    before_next = _actual(view, value, earlier, np.full(n, earlier[0]), group)
    out = {"customers": np.full(len(kinds), group, object),
           "period": np.array([*before, *ahead.labels, whole], object), "kind": np.array(kinds, object),
           "value": np.concatenate([actual, part.expected])}
    for level in levels:
        places = ranks(level, len(part.drawn))
        bounds = np.sort(part.drawn, axis=0)[list(places)]
        for name, row in zip(("low", "high"), bounds, strict=True):
            out[f"{name}_{level:.0%}".rstrip("%")] = np.append(none, row)
    return out | {"last_year": np.concatenate([before_past, before_next, [before_next[stub:].sum()]])}


def _a_year_before(edges: np.ndarray, unit: str) -> np.ndarray:
    """Return the days a year before; of days and weeks 52 weeks before, so that weekdays match."""
    if split_unit(unit, PERIODS)[0] in ("D", "W"):
        return np.asarray(edges - 364, np.int32)
    days = edges.astype(np.int64).astype("M8[D]")
    months = days.astype("M8[M]")
    return np.asarray(((months - 12).astype("M8[D]") + (days - months.astype("M8[D]"))).astype(np.int64), np.int32)


def _actual(view: Snapshot, value: str, edges: np.ndarray, new_from: np.ndarray, group: str) -> np.ndarray:
    """Return the value of a group of customers in past periods; NaN where the log had not begun or has ended.

    Customers are new in a period if their first purchase is not before the day `new_from`.
    """
    edges = np.asarray(edges, np.int32)
    found = view.total(value, edges)
    first = view.purchase_days()[0].astype(np.int64)[:, None]
    if group != "all":
        found = np.where((first < new_from) == (group == "known"), found, 0.0)
    last, log_begin = int(view.day.astype(np.int64)), int(view.log_begin().astype(np.int64))
    return np.array([sum_of(np.ascontiguousarray(column)) if end - 1 <= last and (group == "all" or new > log_begin)
                     and view.observed(int(begin), int(end)) >= COMPARABLE else math.nan
                     for column, begin, end, new in zip(found.T, edges[:-1], edges[1:], new_from, strict=True)])


# ---- known customers ----

def _drawn(task: Task) -> np.ndarray:
    """Return draws of the totals by period and of their sum, a row each."""
    there = np.flatnonzero(task.look.bought)
    rows = there if len(there) <= DRAWN else there[np.linspace(0, len(there) - 1, DRAWN).astype(np.intp)]
    every = len(rows) == len(there)
    drawing = _drawing(task, rows, not every)
    steps = _core.value_totals(*drawing.futures, drawing.spending, (drawing.edges, np.diff(task.days), *drawing.money),
                               drawing.covariates).reshape(task.draws, -1)
    found = task.with_sum(steps)
    if getattr(task.of.purchases, "missing_", False) or getattr(task.of.spend, "missing_", False):
        return np.full_like(found, np.nan)
    return found if every else _scaled(found, task, len(there) / len(rows))


def bounds(task: Task, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the value of each customer in all whole periods together; NaN without a purchase."""
    places, rows = ranks(level, task.draws), np.flatnonzero(task.look.bought)
    drawing = _drawing(task, rows, False)
    days, stub = np.diff(task.days), int(task.look.ahead.stub)
    factors = np.where(np.arange(len(days)) < stub, 0.0, 1.0)
    per_money, cost = drawing.money
    steps = (drawing.edges, factors, per_money, np.ascontiguousarray(cost * days[stub:].sum()))
    (low, high), _ = _core.value_spread(*drawing.futures, places, drawing.spending, steps, drawing.covariates)
    found = np.full((2, len(task.look.bought)), np.nan)
    found[:, rows] = low, high
    return found[0], found[1]


class Drawing(NamedTuple):
    """The arguments of the core that draw the futures of some customers."""

    futures: tuple[str, np.ndarray, Any, float | np.ndarray, int, int]
    edges: np.ndarray
    spending: tuple[str | None, np.ndarray | None, tuple[np.ndarray, ...]]
    money: tuple[np.ndarray, np.ndarray]       # value per money, and relationship cost per day
    covariates: Any


def _drawing(task: Task, rows: np.ndarray, fixed: bool) -> Drawing:
    """Return the arguments to draw some customers; `fixed`: at the estimates, without what is common to all."""
    view, model, draws = task.view, task.of.purchases, task.draws
    x, t_x, T = (column[rows].astype(float) for column in model.histories(view).values())
    edges = model.elapsed(view.day, task.days) if fixed else model.drawn_edges(view.day, task.days, draws, task.seed)
    time = float(edges[-1]) if edges.ndim == 1 else np.ascontiguousarray(edges[:, -1])
    sets = model.drawn_parameters(draws, task.seed, fixed=fixed, allow_unconverged=False)
    spending, per_money, cost = _money(task, fixed)
    given = model.covariate_input(len(task.look.bought))
    picked = None if given is None else (*(tuple(c[rows] for c in part) for part in given[:2]), *given[2:])
    pace = () if task.look.adjusted is None else (_paces(task)[rows],)
    return Drawing((model.prefix, sets, (x, t_x, T, view.who[rows], *pace), time, draws, task.seed), edges.ravel(),
                   (*spending[:2], tuple(column[rows] for column in spending[2])), (per_money[rows], cost[rows]),
                   picked)


def _paces(task: Task) -> np.ndarray:
    """Return how fast the time of each customer runs, so that the draws have the mean of the adjusted expectation."""
    view, model, factor = task.view, task.of.purchases, task.look.adjusted
    ahead, histories = model.elapsed(view.day, task.days[-1]), model.histories(view).values()
    usual, faster = (np.asarray(model.expected_purchases(ahead * by, *histories)) for by in (1.0, factor))
    ratio = np.divide(factor * usual, faster, out=np.ones(len(usual)), where=faster > 0)
    return np.asarray(factor * ratio)


def _money(task: Task, fixed: bool) -> tuple[tuple[Any, Any, tuple[np.ndarray, ...]], np.ndarray, np.ndarray]:
    """Return the model of money with its columns, value per money, and relationship cost per day."""
    view, spend, rates, n = task.view, task.of.spend, task.of.rates, len(task.view.who)
    if task.value == "purchases" or spend is None:
        return (None, None, ()), np.ones(n), np.zeros(n)
    own = own_rates(view, rates)
    per_money = own["amount"] - own["cost"] if task.value == "margin" else own["amount"]
    costly = task.value == "margin" and view.knows("marketing")
    cost = daily_cost(view, rates) if costly else np.zeros(n)
    sets = spend.drawn_parameters(task.draws, task.seed ^ NEW_SEED, fixed=fixed, allow_unconverged=False)
    paid = spend.paid(*view.spend_history(spend.columns_in(None)).values())
    per_money = np.ascontiguousarray(per_money * getattr(spend, "smearing_", 1.0))
    columns = tuple(np.asarray(column, float) for column in paid)
    return (spend.prefix, sets, columns), per_money, np.ascontiguousarray(cost)


def _scaled(drawn: np.ndarray, task: Task, share: float) -> np.ndarray:
    """Return draws of the totals of all customers from those of a sample of them at fixed parameters.

    Their own randomness is independent, so that of all is the sample's times the root of its share; what is common to
    them, the parameters and the clock, are factors of the expectation.
    """
    view, model, draws, days = task.view, task.of.purchases, task.draws, task.days
    histories = tuple(np.asarray(column, float) for column in model.histories(view).values())
    ahead = float(model.elapsed(view.day, days[-1]))
    whole = model.expected_total(ahead, histories)
    variance = model.variance_of(lambda other: other.expected_total(ahead, histories)) / whole ** 2 if whole > 0 else 0
    common = _core.draw_lognormals(np.array([max(variance, 0.0)]), draws, task.seed ^ NEW_SEED)[:, None]
    clock = np.ones((draws, len(days) - 1))
    if model.clock_ is not None:
        drawn_days = np.diff(model.drawn_edges(view.day, days, draws, task.seed))
        clock = drawn_days / np.diff(model.elapsed(view.day, days))
    steps = _sums(task.look.expected[task.value])[:-1] * common * clock
    return np.asarray(task.with_sum(steps) + (drawn - drawn.mean(axis=0)) * math.sqrt(share))


# ---- new customers ----

def _new_customers(task: Task) -> Part:
    """Return the value of customers whose first purchase lies ahead.

    First purchases by month have the structure of a clock. Each is followed by the repeat purchases that the model
    expects of a new customer, at the mean spend, and rates, of all.
    """
    view, model, days, draws = task.view, task.of.purchases, task.days, task.draws
    first = view.purchase_days()[0].astype(np.int64)
    last = int(view.day.astype(np.int64))
    first = first[first <= last]
    begin = int(first.min(initial=last))
    begin = max(begin + (last - begin) // WARM, last - 31 * MOST)
    arrivals = Clock.of_counts(first[first > begin], begin + 1, last) if last > begin else None
    if arrivals is None or not (first > begin).any() or model.coefficients() or getattr(model, "missing_", False):
        return Part(np.zeros(len(days)), np.zeros((draws, len(days))))
    rate = np.count_nonzero(first > begin) / (last - begin)
    each = np.diff(arrivals.elapsed(view.day, np.arange(days[-1] + 1))) * rate              # new customers of a day
    day = np.arange(1, days[-1] + 1)
    time, edges = (model.elapsed(view.day, d) for d in (day, days))
    since = edges - time[:, None]                                        # from the first purchase to an edge
    bought = np.where(days >= day[:, None], 1 + np.asarray(model.expected_purchases_new(np.maximum(since, 0))), 0.0)
    until = (each[:, None] * bought).sum(axis=0)
    worth = np.diff(until) * _worth(task)
    expected = np.diff(arrivals.elapsed(view.day, days))
    drawn = np.diff(arrivals.drawn(view.day, days, draws, task.seed ^ NEW_SEED)) / expected
    own = _core.draw_lognormals(np.array([1 / max(each.sum(), 1.0)]), draws, task.seed ^ NEW_SEED ^ 1)[:, None]
    return Part(task.with_sum(worth), task.with_sum(worth * drawn * own))


def _worth(task: Task) -> float:
    """Return the value of a purchase of a new customer: the mean spend, at the rates of all."""
    spend, rates = task.of.spend, task.of.rates.money
    if task.value == "purchases" or spend is None:
        return 1.0
    per_money = rates["amount"][0] - (rates["cost"][0] if task.value == "margin" else 0.0)
    return float(spend.expected_spend(0, np.nan)) * per_money


# ---- words ----

def _explained(task: Task) -> str:
    """Return what season, level and customers change in purchases a day, against the last twelve months."""
    view, clock, look = task.view, task.of.purchases.clock_, task.look
    expected = look.expected["purchases"]
    if clock is None or clock.period is None or clock.end_ != view.day:
        return ""
    stub = int(look.ahead.stub)
    begin, end = int(look.ahead.edges[stub]), int(look.ahead.edges[-1])
    tomorrow = int(view.day.astype(np.int64)) + 1
    since = max(tomorrow - 365, int(clock.first_.astype(np.int64)))
    counts = view.repeat_counts(np.array([since, tomorrow]))
    ahead = sum_of(expected[:, -1][~np.isnan(expected[:, -1])]) / (end - begin)
    if not counts[0] or not ahead:
        return ""
    season, level = (after / before for after, before in zip(clock.parts(begin, end - 1), clock.parts(
        since, tomorrow - 1), strict=True))
    every = ahead / (counts[0] / (tomorrow - since))
    parts = ", ".join(f"{name} {factor - 1:+.0%}" for name, factor in (
        ("season", season), ("level", level), ("customers", every / (season * level))))
    return f"{every - 1:+.0%} against the last {many(tomorrow - since, 'day')}: {parts}"
