"""Models side by side: how they fit to the same data, which one is a case of which, and how they forecast."""
from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .._formatting import number, table
from .._validation import of_role
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError, DataWarning, FitError
from .accuracy import Accuracy, Judged
from .backtest import Contracts, Orders, contracts

SLACK = 1e-6                   # of log-likelihood a customer, by which a search may miss its optimum
WORSE = "the larger fits worse than its case: its search missed the optimum"
# (smaller, larger) -> whether chi squared holds on the way: False on the edge of the larger, None where they differ by
# a whole number
CASES = {
    ("NBD", "BGNBD"): False, ("NBD", "MBGNBD"): False, ("NBD", "ParetoNBD"): False, ("NBD", "GGompertzNBD"): False,
    ("ParetoNBD", "GGompertzNBD"): False, ("BGNBD", "BGCNBD"): None, ("MBGNBD", "MBGCNBD"): None,
    ("ShiftedBetaGeometric", "BetaDiscreteWeibull"): True,
}


class Comparison:
    """Models fitted to the same data, compared; made by `compare`.

    Attributes
    ----------
    models : dict
        The fitted copies by name, the lowest AIC first; fits without certificate last.
    evaluations : dict
        By (name, origin): what came after a model was fitted to the time before that day (of contracts: when the oldest
        cohort had so many renewals). A fit without certificate has none.
    """

    def __init__(self, back: Any, models: dict[str, Any], evaluations: dict[tuple[str, Any], Judged]):
        self.models, self.evaluations, self._back = models, evaluations, back

    @property
    def best(self) -> str:
        """The name of the model with the lowest AIC among those with the certificate of their fit."""
        name = next(iter(self.models))
        if self.models[name].status_ != "converged":
            raise FitError("no model has a certified fit: " + "; ".join(
                f"{name}: {model.status_}" for name, model in self.models.items()))
        return name

    def table(self) -> Any:
        """Return one row per model: fit, and the means over the backtests.

        A frame of the kind of the base: model, status, parameters (estimated), loglik, aic, bic, then bias, mae, rmse,
        gini, top_20_capture as in `Accuracy`, over the origins at which every model with a backtest has one; origins is
        their number. NaN where a model has none: a fit to less data may have no certificate.
        """
        models = self.models.values()
        means = [self._mean(name) for name in self.models]
        return self._back.new({
            "model": np.array(list(self.models), object), "status": np.array([m.status_ for m in models], object),
            "parameters": np.array([_free(m) for m in models]),
            **{name: np.array([getattr(m, name + "_") for m in models]) for name in ("loglik", "aic", "bic")},
            **{name: np.array([getattr(mean, name) for mean in means]) for name in
               ("bias", "mae", "rmse", "gini", "top_20_capture")},
            "origins": np.array([0 if math.isnan(mean.mae) else len(self._origins()) for mean in means])})

    def tests(self) -> Any:
        """Return one row per pair of which one model is a case of the other: likelihood-ratio tests.

        A frame of the kind of the base: smaller, larger, statistic (twice the gain in log-likelihood), df, p, and
        verdict. Where the smaller model lies on the edge of the larger one (no dropout, no ageing), chi squared gives
        an upper bound of p, so a small p can be trusted. p is NaN where the models differ by a whole number.
        """
        rows = self._pairs()
        kinds = {"smaller": object, "larger": object, "statistic": float, "df": int, "p": float, "verdict": object}
        columns = zip(*rows, strict=True) if rows else ((),) * 6
        return self._back.new({name: np.array(column, kind)
                               for (name, kind), column in zip(kinds.items(), columns, strict=True)})

    def _pairs(self) -> list[tuple[Any, ...]]:
        return [(a, b, *self._test(a, b)) for a in self.models for b in self.models
                if nesting(self.models[a], self.models[b])]

    def _test(self, smaller: str, larger: str) -> tuple[float, int, float, str]:
        a, b = self.models[smaller], self.models[larger]
        statistic, df, chi_squared = 2 * (b.loglik_ - a.loglik_), _free(b) - _free(a), holds_chi_squared(a, b)
        if math.isnan(statistic):
            return statistic, df, math.nan, "no fit"
        if statistic < -2 * SLACK * a.n_:
            return statistic, df, math.nan, WORSE
        if chi_squared is None:
            return statistic, df, math.nan, "judge by AIC"
        p = tail(df, max(statistic, 0.0))
        edge = "" if chi_squared else ", on the edge: p is an upper bound"
        return statistic, df, p, ("the larger fits better" if p < 0.05 else "the larger gains nothing sure") + edge

    def backtest(self) -> Any:
        """Return one row per origin and model, the naive baseline among them.

        A frame of the kind of the base: origin (last day known; of contracts, renewals of the oldest cohort known),
        model, t (length of the holdout), customers, what `Accuracy` has, and grade.
        """
        return self._back.new(by_origin(self.evaluations))

    def _origins(self) -> set[Any]:
        """Return the origins that the backtests of all models share."""
        by_model: dict[str, set[Any]] = {}
        for name, day in self.evaluations:
            by_model.setdefault(name, set()).add(day)
        return set.intersection(*by_model.values()) if by_model else set()

    def _mean(self, name: str) -> Accuracy:
        shared = self._origins()
        found = [e.model for (model, day), e in self.evaluations.items() if model == name and day in shared]
        return Accuracy(*np.mean(found, axis=0).tolist()) if found else Accuracy(*[math.nan] * 7)

    def __repr__(self) -> str:
        head = ["", "status", "loglik", "AIC", "BIC", "bias", "MAE", "RMSE", "Gini", "top 20% found"]
        rows = []
        for name, m in self.models.items():
            a = self._mean(name)
            rows.append([name, m.status_, *(number(v, 2) for v in (m.loglik_, m.aic_, m.bic_)),
                         number(a.bias, 1, percent=True), number(a.mae, 4), number(a.rmse, 4), number(a.gini, 3),
                         number(a.top_20_capture, 1, percent=True)])
        return "\n".join(table(head, rows, "<<" + ">" * 8))


def compare(base: Any, models: Iterable[Any], *, origins: int | Sequence[Any] = 3) -> Comparison:
    """Fit models to the same data and to their past, and say how they fit and how they forecast.

    Parameters
    ----------
    base : CustomerBase, or survivors or tenures
        Models of contracts take survivors of cohorts or a frame of tenures, as their `fit` does; tenures do not say
        what was known when, so they have no backtests.
    models : iterable of models
        All of purchases, such as ``[cv.BGNBD(), cv.MBGNBD(a=1)]``, all of opportunities (`BGBB`) or all of contracts:
        likelihoods of other data do not compare. They are not changed: copies are fitted, also of models that have
        been fitted. A model of which all parameters are given is only evaluated, with no fit to rank.
    origins : int or sequence of dates
        Backtests: the last days known (of contracts, how many renewals of the oldest cohort). A number cuts that
        many: holdouts of a quarter of the time of the base, the last one ending with it, each half a holdout later
        than the one before. 0: none.

    Returns
    -------
    Comparison
        ``table()``, ``tests()``, ``backtest()``, ``best``, ``models``, ``evaluations``.

    Raises
    ------
    ConfigError
        Nothing to compare, no base, or models that are none or of several kinds of data.
    DataError
        A date is not possible.

    Warns
    -----
    DataWarning
        A model fits worse than one that is a case of it: its search missed the optimum, so it is not to be believed.

    Notes
    -----
    AIC and BIC compare models of the same data in the same unit: pass a unit to all models or to none. In a backtest
    the customers known at the origin are predicted for; who came later is counted in ``Evaluation.newcomers``.

    Examples
    --------
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
    for origin, past, asked in data.backtests(origins):
        for name, model in given.items():
            trained = past.fitted(model)
            if trained.status_ == "converged":
                evaluations[name, origin] = trained.evaluate(**asked)
    order = sorted(fitted, key=lambda name: (fitted[name].status_ != "converged", np.nan_to_num(fitted[name].aic_)))
    found = Comparison(data.back, {name: fitted[name] for name in order}, evaluations)
    for smaller, larger, *_, verdict in found._pairs():
        if verdict == WORSE:
            warnings.warn(f"{larger} contains {smaller}; {verdict}", DataWarning, stacklevel=2)
    return found


def _data(base: Any, models: dict[str, Any]) -> Orders | Contracts:
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


def _free(model: Any) -> int:
    return len(model.names) - len(held(model))


def _named(models: Iterable[Any]) -> dict[str, Any]:
    """Return models of one role by name, with what they hold fixed where two are of one kind."""
    given = list(models)
    for model in given:
        of_role(model, "models", "purchases", "opportunities", "contracts")
    roles = sorted({model.role for model in given})
    if len(roles) > 1:
        raise ConfigError(f"compare: models of {' and '.join(roles)} are fitted to other data each: compare those of "
                          "one kind")
    units = sorted({str(model.unit) for model in given})
    if len(units) > 1:
        raise ConfigError(f"compare: models in {' and '.join(units)}: likelihoods of several units do not compare; "
                          "pass one unit= to all")
    kinds = [type(model).__name__ for model in given]
    names = [label(model) if kinds.count(kind) > 1 else kind for kind, model in zip(kinds, given, strict=True)]
    if not given or len(set(names)) < len(names):
        raise ConfigError("compare: pass models, each another one" if given else "compare: pass one model or more")
    return dict(zip(names, given, strict=True))


def held(model: Any) -> dict[str, float]:
    """Return the parameters that a model holds fixed."""
    return {name: value for name, value in model.constraints().items() if value is not None}


def label(model: Any) -> str:
    """Return what a model holds fixed and its covariates, to tell it from others of its kind."""
    more = [name for name in model.names if name not in type(model).names]
    said = ", ".join([*(f"{name}={value:g}" for name, value in held(model).items()), *more])
    return f"{type(model).__name__}({said})" if said else type(model).__name__


def nesting(smaller: Any, larger: Any) -> bool:
    """Return whether one fitted model is a case of the other one."""
    few, many = held(smaller), held(larger)
    if type(smaller) is type(larger):
        few |= dict.fromkeys(set(larger.names) - set(smaller.names), 0.0)          # covariates without effect
        return set(smaller.names) <= set(larger.names) and len(few) > len(many) and all(
            few.get(name) == value for name, value in many.items())
    shared = all(few.get(name) == value for name, value in many.items() if name in smaller.names)
    return (type(smaller).__name__, type(larger).__name__) in CASES and shared and not set(many) - set(smaller.names)


def holds_chi_squared(smaller: Any, larger: Any) -> bool | None:
    """Return what `CASES` says of a pair; True of one model with parameters held fixed."""
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


def by_origin(evaluations: Mapping[tuple[str, Any], Judged]) -> dict[str, np.ndarray]:
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
