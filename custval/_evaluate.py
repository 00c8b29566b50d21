"""Predictions of purchases against what came after them, beside a naive baseline."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from . import _core
from ._errors import ConfigError, DataError
from ._text import many, number, table
from ._time import duration, grain_ends

BETTER = 0.05                  # more of the best customers found than by the baseline: grade A


class Accuracy(NamedTuple):
    """How close predictions of purchases came.

    Attributes
    ----------
    expected, actual : float
        Purchases of all customers.
    bias : float
        expected / actual - 1; NaN where nobody bought.
    mae, rmse : float
        Mean absolute and root of the mean squared error, per customer.
    gini : float
        How well customers are ordered: the concentration of their purchases in the order of the predictions over
        that in the best order. 1 is the best order, 0 none.
    hits : float
        Of the 20 % of customers who bought most, the share among the 20 % with the largest predictions. Who bought
        as much as the last of them is as good; customers with equal predictions share their places.
    """

    expected: float
    actual: float
    bias: float
    mae: float
    rmse: float
    gini: float
    hits: float


class Evaluation:
    """Predictions of one model for one holdout; made by ``evaluate`` of a model.

    Attributes
    ----------
    model, naive : Accuracy
        Of the model, and of the baseline: purchases per time of the calibration period, times the length of the
        holdout, times the retention rate.
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
    """

    def __init__(self, name: str, of: tuple[Accuracy, dict[str, np.ndarray]], naive: Accuracy, about: dict[str, Any]):
        self.model, self._tenths = of
        self.naive, self._name = naive, name
        self.retention, self.customers, self.newcomers = about["retention"], about["customers"], about["newcomers"]
        self.t, self.unit, self._back = about["t"], about["unit"], about["back"]

    @property
    def grade(self) -> str:
        """See `Evaluation`."""
        if math.isnan(self.naive.hits) or math.isnan(self.model.hits):
            return ""
        if self.model.hits < self.naive.hits or self.model.mae > self.naive.mae:
            return "C"
        return "A" if self.model.hits >= (1 + BETTER) * self.naive.hits else "B"

    def deciles(self) -> Any:
        """Return expected and actual purchases per customer by tenth, the largest predictions first.

        A frame of the kind of the base: tenth, customers, expected, actual. Customers with equal predictions stand
        in one tenth, so some are larger, and some are not there.
        """
        kept = self._tenths["customers"] > 0
        return self._back.new({
            "tenth": np.arange(1, 11)[kept], "customers": self._tenths["customers"][kept].astype(np.int64),
            **{name: self._tenths[name][kept] / self._tenths["customers"][kept] for name in ("expected", "actual")}})

    def __repr__(self) -> str:
        head = ["", "expected", "actual", "bias", "MAE", "RMSE", "Gini", "top 20% found"]
        rows = [[name, number(a.expected, 1), number(a.actual), number(a.bias, 1, percent=True), number(a.mae, 4),
                 number(a.rmse, 4), number(a.gini, 3), number(a.hits, 1, percent=True)]
                for name, a in ((self._name, self.model), ("naive", self.naive))]
        title = (f"{many(self.customers, 'customer')}, {self.t:g} {self.unit} ahead, grade {self.grade or '-'}; "
                 f"retention {number(self.retention, 1, percent=True)}; {many(self.newcomers, 'newcomer')} apart")
        return "\n".join([title, *table(head, rows, "<" + ">" * 7)])


def accuracy(expected: np.ndarray, actual: np.ndarray) -> tuple[Accuracy, dict[str, np.ndarray]]:
    """Return how close predictions came, and customers, expected and actual by tenth of the predictions."""
    (total, came, mae, rmse, gini, hits), tenths = _core.judge(expected, actual)
    bias = total / came - 1 if came > 0 else math.nan
    by = dict(zip(("customers", "expected", "actual"), tenths.reshape(-1, 3).T, strict=True))
    return Accuracy(total, came, bias, mae, rmse, gini, hits), by


def evaluate(model: Any, holdout: Any) -> Evaluation:
    """Return how close a model fitted to the time before a holdout comes to it."""
    view = getattr(holdout, "_view", None)
    if view is None or view.start is None:
        raise DataError(f"evaluate takes a holdout, such as base.split(day)[1], not {type(holdout).__name__}")
    if model.unit is None:
        raise ConfigError(f"{type(model).__name__} does not know its unit, so it cannot take times from a base: "
                          "pass unit= to it")
    past, known = holdout._with(view.before()), ~view.newcomers()
    before = past._view
    histories = before.histories(model.unit)
    window = view.histories(model.unit)
    if not (window["t"] > 0).any():
        raise DataError("evaluate: the holdout has no day, split earlier")
    t, actual = float(window["t"][0]), window["x"][known].astype(float)
    expected = np.asarray(model._facing(past).expected_purchases(t, histories["x"], histories["t_x"], histories["T"]))
    there = ~np.isnan(expected)
    if not there.any():
        raise DataError("evaluate: no customer has a purchase before the holdout")
    about = {"t": t, "unit": model.unit, "customers": int(there.sum()), "newcomers": int((~known).sum()),
             "back": view.ids, "retention": retention(before, view, holdout._about["grain"])}
    naive = baseline(before, t, model.unit, about["retention"])
    of = accuracy(expected[there], actual[there])
    beside = Accuracy(*[math.nan] * 7) if np.isnan(naive).any() else accuracy(naive[there], actual[there])[0]
    return Evaluation(type(model).__name__, of, beside, about)


def _days(view: Any) -> int:
    """Return how many days a view knows orders of."""
    return int((view.day - view.first().min()).astype(np.int64)) + 1


def retention(before: Any, view: Any, grain: str) -> float:
    """Return the share of customers who came back in the last days, as many as the holdout has."""
    days = min(int((view.day - view.start).astype(np.int64)) + 1, _days(before) // 2)
    last = before.after(min(grain_ends(before.day - np.timedelta64(days, "D"), grain)[1], before.day))
    old = ~last.newcomers()
    return float((last.histories("D")["x"][old] > 0).mean()) if old.any() else math.nan


def baseline(before: Any, t: float, unit: str, kept: float) -> np.ndarray:
    """Return purchases per time of each customer, times t, times the retention rate."""
    num, den = duration(unit)
    return np.asarray(_core.expected(before.total("purchases"), kept * t / (_days(before) * num / den)))


class Dependence(NamedTuple):
    """Whether frequency and money go together; see ``GammaGamma.dependence``."""

    rank_correlation: float
    p: float
    explained: float
    customers: int
    words: str


def dependence(x: np.ndarray, m_x: np.ndarray) -> Dependence:
    """Return whether customers with more purchases spend more or less on each."""
    there = (x > 0) & (m_x > 0) & np.isfinite(m_x)
    n = int(there.sum())
    if n < 3:
        raise DataError(f"dependence: {many(n, 'customer')} with repeat purchases and positive money; three are needed")
    rho, explained, _ = _core.depends(x[there].astype(float), m_x[there].astype(float))
    p = math.erfc(abs(rho) * math.sqrt((n - 1) / 2)) if rho == rho else math.nan
    sure = p < 0.05
    how = "a little " if abs(rho) < 0.1 else "somewhat " if abs(rho) < 0.3 else "much "
    words = f"frequent buyers spend {how}{'more' if rho > 0 else 'less'} a purchase" if sure else \
        "no sign that frequency and money go together"
    if sure and abs(rho) >= 0.1:
        words += "; a model that takes them as independent values them too " + ("low" if rho > 0 else "high")
    return Dependence(rho, p, explained, n, words)
