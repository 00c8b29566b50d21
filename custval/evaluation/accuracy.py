"""Predictions of purchases or money against what came after them, beside a naive baseline."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._dates import duration, grain_ends
from .._formatting import many, number, table
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError

BETTER = 0.05                  # more of the best customers found than by the baseline: grade A
MANY = 7                       # repeat purchases: this many and more are one group


class Accuracy(NamedTuple):
    """How close predictions came.

    Attributes
    ----------
    expected, actual : float
        Purchases, or money, of all customers.
    bias : float
        expected / actual - 1; NaN where nobody bought.
    mae, rmse : float
        Mean absolute and root of the mean squared error, per customer.
    gini : float
        How well customers are ordered: the concentration of their purchases in the order of the predictions over
        that in the best order. 1 is the best order, 0 none.
    top_20_capture : float
        Of the 20 % of customers who bought (or brought) most, the share among the 20 % with the largest predictions.
        Who bought as much as the last of them is as good; customers with equal predictions share their places.
    """

    expected: float
    actual: float
    bias: float
    mae: float
    rmse: float
    gini: float
    top_20_capture: float


class Judged:
    """What every evaluation has: a model and a naive baseline, judged by the same measures."""

    def __init__(self, name: str, model: Accuracy, naive: Accuracy, about: dict[str, Any]):
        self.model, self.naive, self._name = model, naive, name
        self.retention, self.customers, self.newcomers = about["retention"], about["customers"], about["newcomers"]
        self.t, self.unit, self.value = about["t"], about["unit"], about["value"]
        self._tables, self._back = about["tables"], about["back"]

    @property
    def grade(self) -> str:
        """See `Evaluation`."""
        if math.isnan(self.naive.top_20_capture) or math.isnan(self.model.top_20_capture):
            return ""
        if self.model.top_20_capture < self.naive.top_20_capture or self.model.mae > self.naive.mae:
            return "C"
        return "A" if self.model.top_20_capture >= (1 + BETTER) * self.naive.top_20_capture else "B"

    def __repr__(self) -> str:
        head = ["", "expected", "actual", "bias", "MAE", "RMSE", "Gini", "top 20% found"]
        rows = [[name, number(a.expected, 1), number(a.actual), number(a.bias, 1, percent=True), number(a.mae, 4),
                 number(a.rmse, 4), number(a.gini, 3), number(a.top_20_capture, 1, percent=True)]
                for name, a in ((self._name, self.model), ("naive", self.naive))]
        title = (f"{self.value} of {many(self.customers, 'customer')}, {self.t:g} {self.unit} ahead, grade "
                 f"{self.grade or '-'}; retention {number(self.retention, 1, percent=True)}; "
                 f"{many(self.newcomers, 'newcomer')} apart")
        return "\n".join([title, *table(head, rows, "<" + ">" * 7)])


class Evaluation(Judged):
    """Predictions of one model for one holdout; made by ``evaluate`` of a model.

    Attributes
    ----------
    model, naive : Accuracy
        Of the model, and of the baseline: purchases (or money) per time of the calibration period, times the length
        of the holdout, times the retention rate.
    retention : float
        Share of the customers who bought again in the last part of the calibration period, as long as the holdout
        (half of the period at most), of those known before. NaN where nobody was.
    grade : str
        Of the best 20 % of customers found and of the mean absolute error: ``"A"`` at least 5 % more of them than
        the baseline finds and no larger error, ``"C"`` fewer of them or a larger error, else ``"B"``; ``""`` without a
        baseline.
    customers, newcomers : int
        Customers predicted for, and those who came later: nobody could predict theirs.
    t, unit
        Length of the holdout.
    value : {"purchases", "amount", "margin", "opportunities used"}
        What was predicted.
    """

    def deciles(self) -> Any:
        """Return expected and actual value per customer by tenth, the largest predictions first.

        A frame of the kind of the base: tenth, customers, expected, actual. Customers with equal predictions stand
        in one tenth, so some are larger, and some are not there.
        """
        return self._back.new(self._tables["deciles"])

    def by_x(self) -> Any:
        """Return expected and actual value per customer by repeat purchases (or opportunities used) before.

        A frame of the kind of the base: x, customers, expected, actual. The row of x = 7 stands for 7 and more.
        """
        return self._back.new(self._tables["by_x"])


def accuracy(expected: np.ndarray, actual: np.ndarray) -> tuple[Accuracy, dict[str, np.ndarray]]:
    """Return how close predictions came, and customers, expected and actual each by tenth of the predictions."""
    found, tenths = _core.judge(expected, actual)
    bias = found.predicted / found.actual - 1 if found.actual > 0 else math.nan
    n, *sums = tenths.reshape(-1, 3).T
    kept = n > 0
    by = {"tenth": np.arange(1, 11)[kept], "customers": n[kept].astype(np.int64),
          **{name: column[kept] / n[kept] for name, column in zip(("expected", "actual"), sums, strict=True)}}
    return Accuracy(found.predicted, found.actual, bias, *found[2:]), by


def by_x(x: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> dict[str, np.ndarray]:
    """Return customers, expected and actual per customer by x, `MANY` and more together."""
    group = np.minimum(x, MANY).astype(np.int64)
    rows = []
    for k in np.unique(group):
        found, n = accuracy(expected[group == k], actual[group == k])[0], np.count_nonzero(group == k)
        rows.append((k, n, found.expected / n, found.actual / n))
    return dict(zip(("x", "customers", "expected", "actual"), map(np.array, zip(*rows, strict=True)), strict=True))


class Window(NamedTuple):
    """A holdout opened: the base before it, both views, who was known then, and its length in days and in a unit."""

    past: Any
    before: Any
    view: Any
    known: np.ndarray
    days: int
    t: float
    unit: str
    grain: str
    x: np.ndarray              # of those known: repeat purchases, or opportunities used, before it


def window(holdout: Any, model: Any, *others: Any) -> Window:
    """Return what the model of purchases is measured by; neither it nor the others may have seen the holdout."""
    view = holdout.snapshot if isinstance(holdout, HistorySource) else None
    if view is None or view.start is None:
        raise DataError(f"evaluate takes a holdout, such as base.split(day)[1], not {type(holdout).__name__}")
    for fitted in (model, *others):
        fitted.estimates()
        _unseen(fitted, view.start)
    if model.unit is None:
        raise ConfigError(f"{type(model).__name__} does not know its unit, so it cannot take times from a base: "
                          "pass unit= to it")
    days = int((view.day - view.start).astype(np.int64)) + 1
    if days < 1:
        raise DataError("evaluate: the holdout has no day, split earlier")
    past, (num, den) = holdout.with_snapshot(view.before()), duration(model.unit)
    return Window(past, past.snapshot, view, ~view.new_customers(), days, days * num / den, model.unit,
                  view.ledger.grain, past.snapshot.histories(["x"], model.unit)["x"])


def _unseen(model: Any, start: np.datetime64) -> None:
    """Refuse a model that was fitted to days of the holdout."""
    if model.end_ is not None and model.end_ >= start:
        raise DataError(f"evaluate: {type(model).__name__} was fitted to data up to {model.end_}, so it has seen the "
                        f"holdout, which begins on {start}: call model.fit(calibration), the first of base.split("
                        f"'{start - np.timedelta64(1, 'D')}')")


def evaluate(model: Any, holdout: Any) -> Evaluation:
    """Return how close a model fitted to the time before a holdout comes to it."""
    of = window(holdout, model)
    history = of.before.histories(("x", "t_x", "T"), model.unit).values()
    expected = np.asarray(model.bound_to(of.past).expected_purchases(of.t, *history))
    actual = of.view.window(model.unit)["x"][of.known].astype(float)
    return evaluation(type(model).__name__, of, "purchases", expected, actual, of.before.total("purchases"))


def evaluate_uses(model: Any, holdout: Any) -> Evaluation:
    """Return the same of a model of opportunities: the periods that are over at the end of the holdout, not before."""
    of = window(holdout, model)
    x, t_x, n = of.before.opportunities(model.unit).values()
    then = of.view.whole().opportunities(model.unit)
    ahead = then["n"][of.known] - n
    if not (ahead > 0).any():
        raise DataError(f"evaluate: no period of {model.unit} is over in the holdout that was not over before it")
    expected = np.asarray(model.expected_purchases(ahead, x, t_x, n))
    used, of = then["x"][of.known] - x, of._replace(t=float(np.nanmax(ahead)), x=x)
    return evaluation(type(model).__name__, of, "opportunities used", expected, used, x + 1)


def evaluation(name: str, of: Window, value: str, expected: np.ndarray, actual: np.ndarray,
               before: np.ndarray) -> Evaluation:
    """Return how close expectations of a value came; `before` is that value up to the holdout, for the baseline."""
    there = ~np.isnan(expected)
    if not there.any():
        raise DataError("evaluate: no customer has a purchase before the holdout")
    found, tenths = accuracy(expected[there], actual[there])
    about = {"t": of.t, "unit": of.unit, "customers": int(there.sum()), "value": value,
             "newcomers": int((~of.known).sum()), "back": of.view.ids, "retention": retention(of),
             "tables": {"deciles": tenths, "by_x": by_x(of.x[there], expected[there], actual[there])}}
    naive = before * (about["retention"] * of.days / _days(of.before))
    beside = Accuracy(*[math.nan] * 7) if np.isnan(naive).any() else accuracy(naive[there], actual[there])[0]
    return Evaluation(name, found, beside, about)


def _days(view: Any) -> int:
    """Return how many days a view knows orders of."""
    return int((view.day - view.first().min()).astype(np.int64)) + 1


def retention(of: Window) -> float:
    """Return the share of customers who came back in the last days, as many as the holdout has."""
    day, days = of.before.day, min(of.days, _days(of.before) // 2)
    last = of.before.after(min(grain_ends(day - np.timedelta64(days, "D"), of.grain)[1], day))
    old = ~last.new_customers()
    return float((last.window("D")["x"][old] > 0).mean()) if old.any() else math.nan


class Dependence(NamedTuple):
    """Whether frequency and money go together; see ``GammaGamma.dependence``."""

    rank_correlation: float
    p: float
    explained: float
    customers: int
    words: str

    @property
    def biased(self) -> bool:
        """Whether a model that takes them as independent values them wrongly."""
        return clear(self.rank_correlation, self.p)


def dependence(x: np.ndarray, m_x: np.ndarray) -> Dependence:
    """Return whether customers with more purchases spend more or less on each."""
    there = (x > 0) & (m_x > 0) & np.isfinite(m_x)
    n = int(there.sum())
    if n < 3:
        raise DataError(f"dependence: {many(n, 'customer')} with repeat purchases and positive money; three are needed")
    rho, explained, _ = _core.depends(x[there].astype(float), m_x[there].astype(float))
    p = math.erfc(abs(rho) * math.sqrt((n - 1) / 2)) if rho == rho else math.nan
    return Dependence(rho, p, explained, n, in_words(rho, p))


def in_words(rho: float, p: float) -> str:
    """Return what a rank correlation of frequency and money says."""
    if not p < 0.05:
        return "no sign that frequency and money go together"
    how = "a little " if abs(rho) < 0.1 else "somewhat " if abs(rho) < 0.3 else "much "
    words = f"frequent buyers spend {how}{'more' if rho > 0 else 'less'} a purchase"
    if not clear(rho, p):
        return words
    return f"{words}; a model that takes them as independent values them too {'low' if rho > 0 else 'high'}"


def clear(rho: float, p: float) -> bool:
    """Return whether a rank correlation is one, and large enough to move a total."""
    return p < 0.05 and abs(rho) >= 0.1
