"""Comparison of models on the same data: fit, likelihood-ratio tests of nested models, backtests."""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from .._arrays import DateLike, Table
from .._formatting import Printed, number
from .._validation import of_role, warn, warned_once
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError, FitError
from .accuracy import NO_ACCURACY, Accuracy, EvaluationBase
from .backtest import Contracts, Orders, contracts
from .survival import Tenures

SLACK = 1e-6                   # of log-likelihood per customer, by which a search may miss its optimum
NEAR = 1.0                     # nats by which a fit that ended at a boundary may miss its limit
WORSE = "the larger fits worse than its special case: its search missed the optimum"
# (smaller, larger) -> whether the likelihood ratio is chi squared: False if the smaller lies on the boundary of the
# larger, None if they differ by a whole number
CASES = {
    ("NBD", "BGNBD"): False, ("NBD", "MBGNBD"): False, ("NBD", "ParetoNBD"): False, ("NBD", "GGompertzNBD"): False,
    ("ParetoNBD", "GGompertzNBD"): False, ("BGNBD", "BGCNBD"): None, ("MBGNBD", "MBGCNBD"): None,
    ("ShiftedBetaGeometric", "BetaDiscreteWeibull"): True,
}


class Candidate(Protocol):
    """A model, as a comparison uses it."""

    role: str
    names: tuple[str, ...]
    status_: str
    loglik_: float
    aic_: float
    bic_: float
    n_: float

    def get_params(self) -> dict[str, Any]:
        """Return the keywords of the constructor."""

    def constraints(self) -> dict[str, float | None]:
        """Return for each parameter the number at which it is held fixed, or None."""


class Comparison(Printed):
    """Comparison of models fitted to the same data; made by `compare`.

    Attributes
    ----------
    models : dict
        The fitted copies by name, the lowest AIC first; fits that did not converge last.
    evaluations : dict
        By (name, origin): the accuracy of a model fitted to the time up to that day (for contracts: to that number of
        renewals of the oldest cohort). Fits that did not converge have none.
    """

    def __init__(self, frames: Table, models: dict[str, Any], evaluations: dict[tuple[str, Any], EvaluationBase]):
        self.models, self.evaluations, self._frames = models, evaluations, frames

    @property
    def best(self) -> str:
        """Return the name of the model with the lowest AIC among the converged fits."""
        name = next(iter(self.models))
        if self.models[name].status_ != "converged":
            raise FitError("no model has a converged fit: " + "; ".join(
                f"{name}: {model.status_}" for name, model in self.models.items()))
        return name

    def table(self) -> Any:
        """Return one row per model: fit, and mean accuracy over the backtests.

        A frame of the kind of the base: model, status, parameters (estimated), loglik, aic, bic, then bias, mae, rmse,
        gini, top_20_capture and deviance as in `Accuracy`, over the origins at which every model with a backtest has
        one; origins is their number. NaN if a model has none: a fit to less data may not converge.
        """
        models = self.models.values()
        means = [self._mean(name) for name in self.models]
        return self._frames.new({
            "model": np.array(list(self.models), object), "status": np.array([m.status_ for m in models], object),
            "parameters": np.array([_free(m) for m in models]),
            **{name: np.array([getattr(m, name + "_") for m in models]) for name in ("loglik", "aic", "bic")},
            **{name: np.array([getattr(mean, name) for mean in means]) for name in
               ("bias", "mae", "rmse", "gini", "top_20_capture", "deviance")},
            "origins": np.array([0 if math.isnan(mean.mae) else len(self._origins()) for mean in means])})

    def tests(self) -> Any:
        """Return likelihood-ratio tests, one row per pair of nested models.

        A frame of the kind of the base: smaller, larger, statistic (twice the gain in log-likelihood), df, p, and
        verdict. If the smaller model lies on the boundary of the larger one (no dropout, no ageing), chi squared gives
        an upper bound of p, so a small p can be trusted. p is NaN if the models differ by a whole number.
        """
        rows = self.pairs()
        kinds = {"smaller": object, "larger": object, "statistic": float, "df": int, "p": float, "verdict": object}
        columns = zip(*rows, strict=True) if rows else ((),) * 6
        return self._frames.new({name: np.array(column, kind)
                               for (name, kind), column in zip(kinds.items(), columns, strict=True)})

    def pairs(self) -> list[tuple[Any, ...]]:
        """Return the rows of `tests`."""
        return [(a, b, *self._test(a, b)) for a in self.models for b in self.models
                if nesting(self.models[a], self.models[b])]

    def _test(self, smaller: str, larger: str) -> tuple[float, int, float, str]:
        a, b = self.models[smaller], self.models[larger]
        statistic, df, chi_squared = 2 * (b.loglik_ - a.loglik_), _free(b) - _free(a), holds_chi_squared(a, b)
        if math.isnan(statistic):
            return statistic, df, math.nan, "no fit"
        if statistic < -2 * (SLACK * a.n_ if b.status_ == "converged" else NEAR):
            return statistic, df, math.nan, WORSE
        if chi_squared is None:
            return statistic, df, math.nan, "judge by AIC"
        p = tail(df, max(statistic, 0.0))
        edge = "" if chi_squared else ", on the boundary: p is an upper bound"
        return statistic, df, p, ("the larger fits better" if p < 0.05 else "no significant gain") + edge

    def backtest(self) -> Any:
        """Return one row per origin and model, the naive baseline among them.

        A frame of the kind of the base: origin (last day of the calibration window; for contracts, renewals of the
        oldest cohort then), model, t (length of the holdout), customers, the measures of `Accuracy`, and grade.
        """
        return self._frames.new(by_origin(self.evaluations))

    def _origins(self) -> set[Any]:
        """Return the origins shared by the backtests of all models."""
        by_model: dict[str, set[Any]] = {}
        for name, day in self.evaluations:
            by_model.setdefault(name, set()).add(day)
        return set.intersection(*by_model.values()) if by_model else set()

    def _mean(self, name: str) -> Accuracy:
        shared = self._origins()
        found = [e.model for (model, day), e in self.evaluations.items() if model == name and day in shared]
        return Accuracy(*np.mean(found, axis=0).tolist()) if found else NO_ACCURACY

    _texts = 2

    def _title(self) -> str:
        return ""

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        head = ["", "status", "loglik", "AIC", "BIC", "bias", "MAE", "RMSE", "Gini", "top 20% found", "deviance"]
        rows = []
        for name, m in self.models.items():
            a = self._mean(name)
            rows.append([name, m.status_, *(number(v, 2) for v in (m.loglik_, m.aic_, m.bic_)),
                         number(a.bias, 1, percent=True), number(a.mae, 4), number(a.rmse, 4), number(a.gini, 3),
                         number(a.top_20_capture, 1, percent=True), number(a.deviance, 3)])
        return head, rows


@warned_once()
def compare(base: CustomerBase | Tenures, models: Iterable[Any], *,
            origins: int | Sequence[DateLike | int] = 3) -> Comparison:
    """Compare models on the same data: fit, likelihood-ratio tests and rolling-origin backtests.

    Parameters
    ----------
    base : CustomerBase, or survivors or tenures
        Contract models take survivors of cohorts or a frame of tenures, as their `fit` does; tenures have no origins
        to go back to, so they have no backtests.
    models : iterable of models
        All of purchases, such as ``[cv.BGNBD(), cv.MBGNBD(a=1)]``, all of opportunities (`BGBB`) or all of contracts:
        likelihoods of different data are not comparable. Copies are fitted, also of fitted models; the models are not
        changed. A model with all parameters given is only evaluated; it has no fit to rank.
    origins : int or sequence of dates
        Backtests: the last days of the calibration windows (for contracts, numbers of renewals of the oldest cohort),
        or the number of backtests, with holdouts of a quarter of the time of the base, the last one ending with it,
        each half a holdout later than the one before. 0: none.

    Returns
    -------
    Comparison
        ``table()``, ``tests()``, ``backtest()``, ``best``, ``models``, ``evaluations``.

    Raises
    ------
    ConfigError
        Nothing to compare, no base, or not models of one kind of data.
    DataError
        An invalid date.

    Warns
    -----
    DataWarning
        A model fits worse than a special case of it: its search missed the optimum; do not use it.

    Notes
    -----
    AIC and BIC compare models of the same data in the same unit: pass a unit to all models or to none. A backtest
    predicts for the customers known at the origin; later ones are counted in ``Evaluation.newcomers``.

    Examples
    --------
    >>> import numpy as np
    >>> import custval as cv
    >>> found = cv.compare(cv.datasets.cdnow(), [cv.BGNBD(unit="W"), cv.MBGNBD(unit="W")], origins=["1997-09-30"])
    >>> found.best
    'MBGNBD'
    >>> round(found.evaluations["BGNBD", np.datetime64("1997-09-30")].model.expected, 2)
    1653.41
    >>> cohort = cv.datasets.contracts()["high_end"]
    >>> found = cv.compare(cohort, [cv.ShiftedBetaGeometric(), cv.BetaDiscreteWeibull()])
    >>> found.best, found.tests()["statistic"].round(2), found.tests()["p"].round(4)
    ('BetaDiscreteWeibull', array([11.69]), array([0.0006]))
    """
    given = _named(models)
    data = _data(base, given)
    fitted = {name: data.fitted(model) for name, model in given.items()}
    evaluations = {}
    for origin, calibration, arguments in data.backtests(origins):
        for name, model in given.items():
            trained = calibration.fitted(model)
            if trained.status_ == "converged":
                evaluations[name, origin] = trained.evaluate(**arguments)
    order = sorted(fitted, key=lambda name: (fitted[name].status_ != "converged", np.nan_to_num(fitted[name].aic_)))
    found = Comparison(data.frames, {name: fitted[name] for name in order}, evaluations)
    for smaller, larger, *_, verdict in found.pairs():
        if verdict == WORSE:
            warn(f"{larger} contains {smaller}; {verdict}")
    return found


def _data(base: CustomerBase | Tenures, models: dict[str, Any]) -> Orders | Contracts:
    one = next(iter(models.values()))
    if one.role == "contracts" and not isinstance(base, CustomerBase):
        return contracts(base)
    if one.role == "contracts" or not isinstance(base, CustomerBase):
        raise ConfigError(f"compare: {type(one).__name__} is fitted to "
                          f"{'survivors or tenures' if one.role == 'contracts' else 'a CustomerBase'}, not "
                          f"{type(base).__name__}")
    if one.role == "opportunities":
        one.demand_unit(base)
        return Orders(base, one.unit)
    return Orders(base, base.snapshot.ledger.grain)


def _free(model: Candidate) -> int:
    return len(model.names) - len(held(model))


def _named(models: Iterable[Any]) -> dict[str, Any]:
    """Return models of one role by name, with their fixed parameters if two are of one kind."""
    given = list(models)
    for model in given:
        of_role(model, "models", "purchases", "opportunities", "contracts")
    roles = sorted({model.role for model in given})
    if len(roles) > 1:
        raise ConfigError(f"compare: models of {' and '.join(roles)} are fitted to different data: compare those of "
                          "one kind")
    units = sorted({str(model.unit) for model in given})
    if len(units) > 1:
        raise ConfigError(f"compare: models in {' and '.join(units)}: likelihoods of several units do not compare; "
                          "pass one unit= to all")
    kinds = [type(model).__name__ for model in given]
    names = [label(model) if kinds.count(kind) > 1 else kind for kind, model in zip(kinds, given, strict=True)]
    if not given or len(set(names)) < len(names):
        raise ConfigError("compare: pass models that differ" if given else "compare: pass one model or more")
    return dict(zip(names, given, strict=True))


def held(model: Candidate) -> dict[str, float]:
    """Return the parameters that a model holds fixed."""
    return {name: value for name, value in model.constraints().items() if value is not None}


def label(model: Candidate) -> str:
    """Return the name of a model with its fixed parameters and covariates."""
    more = [name for name in model.names if name not in type(model).names]
    fixed = ", ".join([*(f"{name}={value:g}" for name, value in held(model).items()), *more])
    return f"{type(model).__name__}({fixed})" if fixed else type(model).__name__


def nesting(smaller: Candidate, larger: Candidate) -> bool:
    """Return whether one fitted model is a special case of the other."""
    few, many = held(smaller), held(larger)
    if type(smaller) is type(larger):
        few |= dict.fromkeys(set(larger.names) - set(smaller.names), 0.0)          # covariates without effect
        return set(smaller.names) <= set(larger.names) and len(few) > len(many) and all(
            few.get(name) == value for name, value in many.items())
    shared = all(few.get(name) == value for name, value in many.items() if name in smaller.names)
    return (type(smaller).__name__, type(larger).__name__) in CASES and shared and not set(many) - set(smaller.names)


def holds_chi_squared(smaller: Candidate, larger: Candidate) -> bool | None:
    """Return the entry of `CASES` for a pair; True for one model with parameters held fixed."""
    return type(smaller) is type(larger) or CASES[type(smaller).__name__, type(larger).__name__]


def tail(df: int, value: float) -> float:
    """Return P(chi squared with `df` degrees of freedom > value).

    Examples
    --------
    >>> round(tail(1, 3.841458820694124), 12), round(tail(2, 5.991464547107979), 12), round(tail(3, 7.814727903), 9)
    (0.05, 0.05, 0.05)
    """
    half = value / 2
    rest, shape = (math.erfc(math.sqrt(half)), 0.5) if df % 2 else (math.exp(-half), 1.0)
    while 2 * shape < df:
        rest += math.exp(shape * math.log(half) - half - math.lgamma(shape + 1)) if half > 0 else 0.0
        shape += 1
    return min(rest, 1.0)


def by_origin(evaluations: Mapping[tuple[str, Any], EvaluationBase]) -> dict[str, np.ndarray]:
    """Return a row per origin and model, the naive baseline among them, as columns; keys are (model, origin)."""
    rows: list[tuple[Any, ...]] = []
    for day in dict.fromkeys(day for _, day in evaluations):
        found = {name: e for (name, at), e in evaluations.items() if at == day}
        one = next(iter(found.values()))
        rows += [(day, name, e.t, e.customers, *e.model, e.grade) for name, e in found.items()]
        rows.append((day, "naive", one.t, one.customers, *one.naive, ""))
    names = ("origin", "model", "t", "customers", *Accuracy._fields, "grade")
    renewals = any(isinstance(origin, int) for _, origin in evaluations)
    kinds: dict[str, Any] = {"origin": int if renewals else "M8[D]", "model": object, "customers": int, "grade": object}
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: np.array(column, kinds.get(name, float)) for name, column in zip(names, columns, strict=True)}
