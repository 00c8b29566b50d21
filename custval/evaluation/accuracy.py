"""Accuracy of predictions for a holdout, beside a naive baseline; dependence between frequency and spend."""
from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

import numpy as np

from .. import _core
from .._arrays import Table
from .._dates import duration, grain_ends
from .._formatting import Printed, html_facts, many, number
from .._validation import sum_of
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import HistorySource, Snapshot
from ..errors import ConfigError, DataError, FitError

BETTER = 0.05                  # gain in top_20_capture over the baseline that gives grade A
OFF, FAR_OFF = 0.10, 0.25      # bias from which the grade is at most B, and C
LEAST = 1e-3                   # expectation in the deviance, at least, in mean actual values
MANY = 7                       # repeat purchases from which customers form one group


class FittedModel(Protocol):
    """A model of purchases or of spend, as evaluations use it."""

    end_: np.datetime64 | None
    notes_: tuple[str, ...]

    def estimates(self, allow_unconverged: bool = False) -> np.ndarray:
        """Return the parameters, or raise."""


class PurchaseForecaster(FittedModel, Protocol):
    """A model of purchases, as evaluations use it."""

    unit: str | None

    def bound_to(self, data: HistorySource) -> PurchaseForecaster:
        """Return the model for the customers of a base."""

    def expected_purchases(self, t: float | np.ndarray, x: Any, t_x: np.ndarray | None = None,
                           T: np.ndarray | None = None) -> Any:
        """Return the expected purchases in (T, T + t] of the customers of a base, or of histories."""


class Accuracy(NamedTuple):
    """Accuracy of the predictions of one model.

    Attributes
    ----------
    expected, actual : float
        Purchases, or money, of all customers.
    bias : float
        expected / actual - 1; NaN if there were no purchases.
    mae, rmse : float
        Mean absolute and root mean squared error, per customer.
    gini : float
        Ranking of the customers: the concentration of their purchases in the order of the predictions over that in the
        best order. 1 is the best order, 0 a random one.
    top_20_capture : float
        The share of the 20 % of customers with the largest actual values who are among the 20 % with the largest
        predictions. Customers who tie with the last of the first group count as its members; customers with equal
        predictions share their places.
    deviance : float
        Poisson deviance per purchase, or per mean amount of money: twice the log-likelihood that the predictions lose
        to perfect ones. Predictions count as at least a thousandth of the mean actual value, actual values below 0 as
        0. NaN if there were no purchases.
    """

    expected: float
    actual: float
    bias: float
    mae: float
    rmse: float
    gini: float
    top_20_capture: float
    deviance: float

    def _repr_html_(self) -> str:
        return html_facts(self)


NO_ACCURACY = Accuracy(*[math.nan] * 8)


class Setting(NamedTuple):
    """The setting of an evaluation, beside the accuracy of model and baseline."""

    t: float
    unit: str
    value: str
    customers: int
    newcomers: int
    retention: float
    frames: Table                          # makes frames of the caller's kind
    tables: dict[str, dict[str, np.ndarray]]


class EvaluationBase(Printed):
    """Base of all evaluations: a model and a naive baseline, compared by the same measures."""

    def __init__(self, name: str, model: Accuracy, naive: Accuracy, setting: Setting):
        self.model, self.naive, self._name = model, naive, name
        self.retention, self.customers, self.newcomers = setting.retention, setting.customers, setting.newcomers
        self.t, self.unit, self.value = setting.t, setting.unit, setting.value
        self._setting = setting

    @property
    def grade(self) -> str:
        """Return the grade; see `Evaluation`."""
        return self._graded()[0]

    def _graded(self) -> tuple[str, str]:
        """Return the grade, and what keeps it from being better."""
        if math.isnan(self.naive.top_20_capture) or math.isnan(self.model.top_20_capture):
            return "", ""
        off = f"bias {self.model.bias:+.0%}"
        if abs(self.model.bias) >= FAR_OFF:
            return "C", off
        if self.model.top_20_capture < self.naive.top_20_capture or self.model.mae > self.naive.mae:
            return "C", "no better than the naive baseline"
        if abs(self.model.bias) > OFF:
            return "B", off
        better = self.model.top_20_capture >= (1 + BETTER) * self.naive.top_20_capture
        return ("A", "") if better else ("B", f"less than {BETTER:.0%} more of the best found than by the baseline")

    def _frame(self, name: str) -> Any:
        return self._setting.frames.new(self._setting.tables[name])

    def _title(self) -> str:
        grade, why = self._graded()
        return (f"{self.value} of {many(self.customers, 'customer')}, {self.t:g} {self.unit} ahead, grade "
                f"{grade or '-'}{f' ({why})' if why else ''}; retention {number(self.retention, 1, percent=True)}; "
                f"{many(self.newcomers, 'new customer')} excluded")

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        head = ["", "expected", "actual", "bias", "MAE", "RMSE", "Gini", "top 20% found", "deviance"]
        rows = [[name, number(a.expected, 1), number(a.actual), number(a.bias, 1, percent=True), number(a.mae, 4),
                 number(a.rmse, 4), number(a.gini, 3), number(a.top_20_capture, 1, percent=True), number(a.deviance, 3)]
                for name, a in ((self._name, self.model), ("naive", self.naive))]
        return head, rows


class Evaluation(EvaluationBase):
    """Accuracy of one model for one holdout; made by ``evaluate`` of a model.

    Attributes
    ----------
    model, naive : Accuracy
        Of the model, and of the baseline: purchases (or money) per time in the calibration window, times the length
        of the holdout, times the retention rate.
    retention : float
        Share of the customers known before who bought again in the last part of the calibration window, as long as the
        holdout (at most half of the window). NaN if there were none.
    grade : str
        From the best 20 % of customers found and the mean absolute error: ``"A"`` for at least 5 % more of them than
        the baseline finds and no larger error, ``"C"`` for fewer of them or a larger error, else ``"B"``; a total that
        is off by more than 10 % is at most ``"B"``, by 25 % or more ``"C"``. Without a baseline ``""``.
    customers, newcomers : int
        Customers predicted for, and customers with a first purchase in the holdout, who are excluded.
    t, unit
        Length of the holdout.
    value : {"purchases", "amount", "margin", "opportunities used"}
        The predicted quantity.
    """

    def deciles(self) -> Any:
        """Return expected and actual value per customer by tenth, the largest predictions first.

        A frame of the kind of the base: tenth, customers, expected, actual. Customers with equal predictions are in
        the same tenth, so some tenths are larger and some are missing.
        """
        return self._frame("deciles")

    def by_x(self) -> Any:
        """Return expected and actual value per customer by repeat purchases (or opportunities used) before the holdout.

        A frame of the kind of the base: x, customers, expected, actual. The row x = 7 contains 7 and more.
        """
        return self._frame("by_x")


def accuracy(expected: np.ndarray, actual: np.ndarray) -> tuple[Accuracy, dict[str, np.ndarray]]:
    """Return the accuracy, and customers, expected and actual value per customer by tenth of the predictions."""
    found, tenths = _core.accuracy(expected, actual)
    bias = found.predicted / found.actual - 1 if found.actual > 0 else math.nan
    n, *sums = tenths.reshape(-1, 3).T
    kept = n > 0
    by = {"tenth": np.arange(1, 11)[kept], "customers": n[kept].astype(np.int64),
          **{name: column[kept] / n[kept] for name, column in zip(("expected", "actual"), sums, strict=True)}}
    return Accuracy(found.predicted, found.actual, bias, *found[2:], deviance(expected, actual)), by


def deviance(expected: np.ndarray, actual: np.ndarray) -> float:
    """Return the Poisson deviance per actual event, or per mean amount of money; NaN without any."""
    total = sum_of(actual)
    if not total > 0:
        return math.nan
    unit = total / len(actual)
    return sum_of(_core.poisson_deviance(np.maximum(actual, 0.0), np.maximum(expected, LEAST * unit))) / total


def by_x(x: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> dict[str, np.ndarray]:
    """Return customers, expected and actual per customer by x, `MANY` and more together."""
    group = np.minimum(x, MANY).astype(np.int64)
    rows = []
    for k in np.unique(group):
        found, n = accuracy(expected[group == k], actual[group == k])[0], np.count_nonzero(group == k)
        rows.append((k, n, found.expected / n, found.actual / n))
    return dict(zip(("x", "customers", "expected", "actual"), map(np.array, zip(*rows, strict=True)), strict=True))


class Window(NamedTuple):
    """A calibration window and its holdout."""

    base: CustomerBase         # up to the holdout
    calibration: Snapshot
    holdout: Snapshot
    known: np.ndarray          # mask of the customers of the holdout with a purchase before it
    days: int
    t: float                   # length of the holdout, in `unit`
    unit: str
    x: np.ndarray              # repeat purchases, or opportunities used, of known customers before the holdout


def window(holdout: HistorySource, model: PurchaseForecaster, *others: FittedModel) -> Window:
    """Return the windows of a holdout, or raise; the models must not be fitted to days of it."""
    if not isinstance(holdout, CustomerBase) or holdout.snapshot.start is None:
        raise DataError(f"evaluate takes a holdout, such as base.split(day)[1], not {type(holdout).__name__}")
    view, start = holdout.snapshot, holdout.snapshot.start
    for fitted in (model, *others):
        fitted.estimates()
        if getattr(fitted, "missing_", False):
            raise FitError(f"{type(fitted).__name__} has no estimate: {fitted.notes_[-1]}")
        _demand_unseen(fitted, start)
    if model.unit is None:
        raise ConfigError(f"{type(model).__name__} has no unit, so it cannot take times from a base: pass unit= to it")
    days = int((view.day - start).astype(np.int64)) + 1
    if days < 1:
        raise DataError("evaluate: the holdout has no day, split earlier")
    base, (num, den) = holdout._with_snapshot(view.before()), duration(model.unit)
    return Window(base, base.snapshot, view, ~view.new_customers(), days, days * num / den, model.unit,
                  base.snapshot.histories(["x"], model.unit)["x"])


def _demand_unseen(model: FittedModel, start: np.datetime64) -> None:
    """Refuse a model that was fitted to days of the holdout."""
    if model.end_ is not None and model.end_ >= start:
        raise DataError(f"evaluate: {type(model).__name__} was fitted to data up to {model.end_}, so it has seen the "
                        f"holdout, which begins on {start}: call model.fit(calibration), the first of base.split("
                        f"'{start - np.timedelta64(1, 'D')}')")


def evaluate(model: PurchaseForecaster, holdout: HistorySource) -> Evaluation:
    """Return the accuracy of a model, fitted to the time before a holdout, for purchases in it."""
    of = window(holdout, model)
    expected = np.asarray(model.bound_to(of.base).expected_purchases(of.t, of.base))
    actual = of.holdout.window(of.unit)["x"][of.known].astype(float)
    return evaluation(type(model).__name__, of, "purchases", expected, actual, of.calibration.total("purchases"))


def evaluate_uses(model: PurchaseForecaster, holdout: HistorySource) -> Evaluation:
    """Return the same for a model of opportunities, which are the periods that end in the holdout."""
    of = window(holdout, model)
    x, t_x, n = of.calibration.opportunities(of.unit).values()
    then = of.holdout.whole().opportunities(of.unit)
    ahead = then["n"][of.known] - n
    if not (ahead > 0).any():
        raise DataError(f"evaluate: no period of {of.unit} ends in the holdout")
    expected = np.asarray(model.expected_purchases(ahead, x, t_x, n))
    used, of = then["x"][of.known] - x, of._replace(t=float(np.nanmax(ahead)), x=x)
    return evaluation(type(model).__name__, of, "opportunities used", expected, used, x + 1)


def evaluation(name: str, of: Window, value: str, expected: np.ndarray, actual: np.ndarray,
               before: np.ndarray) -> Evaluation:
    """Return the accuracy of expected values; `before` is the value up to the holdout, for the baseline."""
    there = ~np.isnan(expected)
    if not there.any():
        raise DataError("evaluate: no customer has a purchase before the holdout")
    found, tenths = accuracy(expected[there], actual[there])
    setting = Setting(of.t, of.unit, value, int(there.sum()), int((~of.known).sum()), retention(of), of.holdout.ids,
                      {"deciles": tenths, "by_x": by_x(of.x[there], expected[there], actual[there])})
    naive = before * (setting.retention * of.days / _days(of.calibration))
    baseline = NO_ACCURACY if np.isnan(naive).any() else accuracy(naive[there], actual[there])[0]
    return Evaluation(name, found, baseline, setting)


def _days(view: Snapshot) -> int:
    """Return the number of days from the first order of a snapshot to its end."""
    return int((view.day - view.first().min()).astype(np.int64)) + 1


def retention(of: Window) -> float:
    """Return the share of customers who bought again in the last days, as many as the holdout has."""
    day, days = of.calibration.day, min(of.days, _days(of.calibration) // 2)
    last = of.calibration.after(min(grain_ends(day - np.timedelta64(days, "D"), of.holdout.ledger.grain)[1], day))
    old = ~last.new_customers()
    return float((last.window("D")["x"][old] > 0).mean()) if old.any() else math.nan


class Dependence(NamedTuple):
    """Dependence between purchase frequency and spend per purchase; made by ``GammaGamma.dependence``.

    Attributes
    ----------
    rank_correlation : float
        Spearman's rank correlation of x and m_x.
    p : float
        Probability of one this far from 0 if there is no dependence.
    explained : float
        Eta squared: the share of the variance of log m_x between customers of different x, less that of random groups.
    customers : int
        Customers with repeat purchases and positive spend.
    words : str
        The finding in words.
    """

    rank_correlation: float
    p: float
    explained: float
    customers: int
    words: str

    def _repr_html_(self) -> str:
        return html_facts(self)

    @property
    def biased(self) -> bool:
        """Return True if a model that assumes independence is biased."""
        return relevant(self.rank_correlation, self.p)


def dependence(x: np.ndarray, m_x: np.ndarray) -> Dependence:
    """Return the dependence between repeat purchases and mean spend."""
    there = (x > 0) & (m_x > 0) & np.isfinite(m_x)
    n = int(there.sum())
    if n < 3:
        raise DataError(f"dependence: {many(n, 'customer')} with repeat purchases and positive spend; three are needed")
    rho, explained, _ = _core.dependence(x[there].astype(float), m_x[there].astype(float))
    p = math.erfc(abs(rho) * math.sqrt((n - 1) / 2)) if rho == rho else math.nan
    return Dependence(rho, p, explained, n, in_words(rho, p))


def in_words(rho: float, p: float) -> str:
    """Return the meaning of a rank correlation of frequency and spend."""
    if not p < 0.05:
        return "no sign of dependence between frequency and spend"
    size = "a little " if abs(rho) < 0.1 else "somewhat " if abs(rho) < 0.3 else "much "
    words = f"frequent buyers spend {size}{'more' if rho > 0 else 'less'} per purchase"
    if not relevant(rho, p):
        return words
    return f"{words}; a model that assumes independence {'under' if rho > 0 else 'over'}values them"


def relevant(rho: float, p: float) -> bool:
    """Return whether a rank correlation is significant, and large enough to change a total."""
    return p < 0.05 and abs(rho) >= 0.1
