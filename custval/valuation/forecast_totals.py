"""Forecast of all customers together: by calendar period with intervals, new customers apart, last year beside it."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import _core
from .._dates import PERIODS, Periods, past_periods, split_unit
from .._formatting import Printed, many, number
from .._validation import Seed, ranks, seeded, sum_of
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import COMPARABLE, Snapshot
from ..models.clock import Clock
from ..models.purchase import PurchaseModel
from .forecast import Outlook, daily_cost, own_rates

if TYPE_CHECKING:
    from .forecaster import Forecaster

DRAWN = 4000                   # customers up to which all are drawn; of more a sample, for their own randomness
GROUPS = ("known", "new", "all")
WARM = 3                       # the first of so many parts of a log is not counted: old customers look new in it
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

        Columns: customers ("known": with a purchase by the end of the base; "new": from their first purchase on; "all"),
        period, kind (past, rest, next, sum), value (actual or expected), low_80, high_80 and so on (NaN in the past),
        last_year (NaN where the log had not begun).
        """
        return self._frames.new(dict(self._columns))

    def _title(self) -> str:
        return f"{self.value} of {many(self._customers, 'customer')} and of new ones" + (
            f"; against the last twelve months: {self.explanation}" if self.explanation else "")

    _texts = 3

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        head = [name for name in self._columns if not name.startswith(("low", "high")) or name.endswith(
            f"_{self.levels[0]:.0%}".rstrip("%"))]
        rows = zip(*(self._columns[name] for name in head), strict=True)
        return head, [[*row[:3], *("" if math.isnan(v) else number(v, 0 if abs(v) >= 100 else 1) for v in row[3:])]
                      for row in rows]


class Part(NamedTuple):
    """Expected totals by period, the last one their sum, and draws of them, a row each."""

    expected: np.ndarray
    drawn: np.ndarray


def total(of: Forecaster, base: CustomerBase, look: Outlook, value: str, unit: str, history: int,
          levels: Sequence[float], newcomers: bool, draws: int, seed: Seed) -> Forecast:
    """Return the forecast of all customers of a base together; `look` has the expectations of each."""
    view, at = base.snapshot, seeded(seed)
    expected = look.expected[value]
    known = Part(np.array([sum_of(column[~np.isnan(column)]) for column in expected.T.copy()]),
                 _drawn(of, base, look, value, draws, at))
    parts = {"known": known}
    if newcomers:
        parts["new"] = _new_customers(of, view, look, value, draws, at)
        parts["all"] = Part(*(mine + theirs for mine, theirs in zip(known, parts["new"], strict=True)))
    past = past_periods(base.end, history, unit) if history else None
    blocks = [_block(group, parts[group], view, look.ahead, past, value, unit, levels) for group in parts]
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return Forecast(value, tuple(levels), columns, view.ids, _explained(of, base, look), len(view.who))


def _block(group: str, part: Part, view: Snapshot, ahead: Periods, past: Periods | None, value: str, unit: str,
           levels: Sequence[float]) -> dict[str, np.ndarray]:
    """Return the rows of one group of customers."""
    n, stub = len(ahead.labels), int(ahead.stub)
    before = [] if past is None else past.labels
    kinds = ["past"] * len(before) + ["rest"] * stub + ["next"] * (n - stub) + ["sum"]
    whole = f"sum of {many(n - stub, 'period')}"
    none = np.full(len(before), np.nan)
    actual = none[:0] if past is None else _actual(view, value, past.edges, group)
    spans = ahead.edges if past is None else np.append(past.edges[:-1], ahead.edges)
    a_year_ago = _actual(view, value, _a_year_before(spans, unit), group)
    if past is not None and len(spans) > len(before) + n + 1:
        raise AssertionError("edges of past and next periods meet")
    sum_before = a_year_ago[len(before) + stub:].sum()
    out = {"customers": np.full(len(kinds), group, object),
           "period": np.array([*before, *ahead.labels, whole], object), "kind": np.array(kinds, object),
           "value": np.concatenate([actual, part.expected])}
    for level in levels:
        places = ranks(level, len(part.drawn))
        bounds = np.sort(part.drawn, axis=0)[list(places)]
        for name, row in zip(("low", "high"), bounds, strict=True):
            out[f"{name}_{level:.0%}".rstrip("%")] = np.append(none, row)
    return out | {"last_year": np.append(a_year_ago, sum_before)}


def _a_year_before(edges: np.ndarray, unit: str) -> np.ndarray:
    """Return the days a year before: of weeks 52 weeks, so that weekdays match; days fall together on February 29."""
    if split_unit(unit, PERIODS)[0] == "W":
        return np.asarray(edges - 364, np.int32)
    days = edges.astype(np.int64).astype("M8[D]")
    months = days.astype("M8[M]")
    into = np.minimum(days - months.astype("M8[D]"), np.timedelta64(27, "D")) if split_unit(unit, PERIODS)[
        0] == "D" else days - months.astype("M8[D]")
    return np.asarray(((months - 12).astype("M8[D]") + into).astype(np.int64), np.int32)


def _actual(view: Snapshot, value: str, edges: np.ndarray, group: str) -> np.ndarray:
    """Return the value of a group of customers in past periods; NaN where the log had not begun or has ended."""
    edges = np.asarray(edges, np.int32)
    found = view.total(value, edges)
    first = view.purchase_days()[0].astype(np.int64)[:, None]
    if group != "all":
        found = np.where((first < edges[:-1]) == (group == "known"), found, 0.0)
    last = int(view.day.astype(np.int64))
    return np.array([sum_of(np.ascontiguousarray(column)) if end > begin and end - 1 <= last and
                     view.observed(int(begin), int(end)) >= COMPARABLE else math.nan
                     for column, begin, end in zip(found.T, edges[:-1], edges[1:], strict=True)])


# ---- known customers ----

def _drawn(of: Forecaster, base: CustomerBase, look: Outlook, value: str, draws: int, seed: int) -> np.ndarray:
    """Return draws of the totals by period and of their sum, a row each."""
    view, model = base.snapshot, of._model("purchases").bound_to(base)
    x, t_x, T = (column.astype(float) for column in model.histories(view).values())
    there = np.flatnonzero(~np.isnan(T))
    rows = there if len(there) <= DRAWN else there[np.linspace(0, len(there) - 1, DRAWN).astype(np.intp)]
    every = len(rows) == len(there)
    days = (look.ahead.edges - look.ahead.edges[0]).astype(float)
    edges, time = model.elapsed(view.day, days), None
    if every and model.clock_ is not None:
        edges = model.drawn_edges(view.day, days, draws, seed)
        time = np.ascontiguousarray(edges[:, -1])
    sets = model.drawn_parameters(draws, seed, fixed=not every, allow_unconverged=False)
    spending, per_money, cost = _money(of, view, value, draws, seed, not every)
    given = model.covariate_input(len(x))
    picked = None if given is None else tuple(tuple(c[rows] for c in part) for part in given[:2]) + given[2:]
    steps = _core.value_totals(
        model.prefix, sets, (x[rows], t_x[rows], T[rows], view.who[rows]), float(edges[-1]) if time is None else time,
        draws, seed, (spending[0], spending[1], tuple(column[rows] for column in spending[2])),
        (np.ravel(edges), np.diff(days), per_money[rows], cost[rows]), picked).reshape(draws, -1)
    stub = int(look.ahead.stub)
    found = np.column_stack([steps, steps[:, stub:].sum(axis=1)])
    return found if every else _scaled(found, model, look, value, len(there) / len(rows), draws, seed, view, days)


def _money(of: Forecaster, view: Snapshot, value: str, draws: int, seed: int,
           fixed: bool) -> tuple[tuple[Any, Any, tuple[np.ndarray, ...]], np.ndarray, np.ndarray]:
    """Return the model of money with its columns, value per money, and relationship cost per day."""
    n = len(view.who)
    if value == "purchases":
        return (None, None, ()), np.ones(n), np.zeros(n)
    spend, rates = of._model("spend"), of._shared(view)
    own = own_rates(view, rates)
    per_money = own["amount"] - own["cost"] if value == "margin" else own["amount"]
    cost = daily_cost(view, rates) if value == "margin" and view.knows("marketing") else np.zeros(n)
    sets = spend.drawn_parameters(draws, seed ^ NEW_SEED, fixed=fixed, allow_unconverged=False)
    x, m_x = view.histories(("x", "m_x"), view.provenance.unit).values()
    paid = (x > 0) & (m_x > 0)
    columns = (np.where(paid, x, 0).astype(float), np.where(paid, m_x, 0.0))
    return (spend.prefix, sets, columns), np.ascontiguousarray(per_money), np.ascontiguousarray(cost)


def _scaled(drawn: np.ndarray, model: PurchaseModel, look: Outlook, value: str, share: float, draws: int, seed: int,
            view: Snapshot, days: np.ndarray) -> np.ndarray:
    """Return draws of the totals of all customers from those of a sample of them at fixed parameters.

    Their own randomness is independent, so that of all is the sample's times the root of its share; what is common to
    them, the parameters and the clock, are factors of the expectation.
    """
    expected = np.array([sum_of(column[~np.isnan(column)]) for column in look.expected[value].T.copy()])
    histories = tuple(np.asarray(column, float) for column in model.histories(view).values())
    ahead = float(model.elapsed(view.day, days[-1]))
    whole = model._expected_total(ahead, histories)
    variance = model.variance_of(lambda other: other._expected_total(ahead, histories)) / whole ** 2 if whole > 0 else 0
    common = _core.draw_lognormals(np.array([max(variance, 0.0)]), draws, seed ^ NEW_SEED)[:, None]
    clock = np.ones((draws, len(days) - 1))
    if model.clock_ is not None:
        clock = np.diff(model.drawn_edges(view.day, days, draws, seed)) / np.diff(model.elapsed(view.day, days))
    steps = expected[:-1] * common * clock
    stub = int(look.ahead.stub)
    return np.column_stack([steps, steps[:, stub:].sum(axis=1)]) + (drawn - drawn.mean(axis=0)) * math.sqrt(share)


# ---- new customers ----

def _new_customers(of: Forecaster, view: Snapshot, look: Outlook, value: str, draws: int, seed: int) -> Part:
    """Return the value of customers whose first purchase lies ahead.

    First purchases by month have the structure of a clock. Each is followed by the repeat purchases that the model
    expects of a new customer, at the mean spend, and rates, of all.
    """
    days = (look.ahead.edges - look.ahead.edges[0]).astype(float)
    stub, model = int(look.ahead.stub), of._model("purchases")
    first = view.purchase_days()[0].astype(np.int64)
    last = int(view.day.astype(np.int64))
    first = first[first <= last]
    begin = int(first.min(initial=last))
    begin += (last - begin) // WARM
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
    worth = np.diff(until) * _worth(of, view, value)
    drawn = np.diff(arrivals.drawn(view.day, days, draws, seed ^ NEW_SEED)) / np.diff(arrivals.elapsed(view.day, days))
    own = _core.draw_lognormals(np.array([1 / max(each.sum(), 1.0)]), draws, seed ^ NEW_SEED ^ 1)[:, None]
    steps = worth * drawn * own
    return Part(np.append(worth, worth[stub:].sum()), np.column_stack([steps, steps[:, stub:].sum(axis=1)]))


def _worth(of: Forecaster, view: Snapshot, value: str) -> float:
    """Return the value of a purchase of a new customer: the mean spend, at the rates of all."""
    if value == "purchases":
        return 1.0
    rates = of._shared(view).money
    per_money = rates["amount"][0] - (rates["cost"][0] if value == "margin" else 0.0)
    return float(of._model("spend").expected_spend(0, np.nan)) * per_money


# ---- words ----

def _explained(of: Forecaster, base: CustomerBase, look: Outlook) -> str:
    """Return what season, level and customers change in purchases a day, against the last twelve months."""
    view, clock = base.snapshot, of._model("purchases").clock_
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
    return ", ".join(f"{name} {factor - 1:+.0%}" for name, factor in (
        ("season", season), ("level", level), ("customers", every / (season * level)), ("in all", every)))
