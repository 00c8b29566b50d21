"""What the models of contracts share: cohorts or tenures in, what is to be expected of a customer out."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from .. import _core
from .._broadcast import call
from .._dates import PERIODS, continuous, split_unit
from .._tabular import demand, table
from .._validation import aligned, finite
from ..errors import DataError
from ..evaluation.survival import Survival, cohorts, evaluate, refuse
from .base import Model
from .diagnostics import counted_advice
from .histories import Histories
from .prediction import Bootstrap, new_customers


class ContractModel(Model):
    """A model of how long customers renew a contract. T = 1, 2, ... is the period at whose end a customer leaves.

    `n` is how often a customer has renewed so far, 0 for a new one; `t` counts periods from then on. Both broadcast,
    and are arrays or pandas or polars columns, which come back as such.
    """

    role = "contracts"
    whole: ClassVar[bool] = True           # time is counted, in periods

    def __init__(self, *, unit: str | None = None, **given: float | None):
        super().__init__(**given)
        if unit is not None:
            split_unit(unit, PERIODS)
        self.unit = unit

    def _keywords(self) -> tuple[str, ...]:
        return (*self.names, "unit")

    def _advise(self, status: str, running: Mapping[str, float]) -> str:
        return counted_advice(status, type(self).__name__, self.role, self.get_params(), running)

    def fit(self, tenure: Any = None, churned: Any = None, *, survivors: Any = None, weights: Any = None,
            max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood, from cohorts or from customers.

        Parameters
        ----------
        tenure : array_like of shape (n,), or frame
            Of a customer who left, the period in which (1 for the first); of one still there, the number of renewals.
            A frame has columns tenure and churned.
        churned : array_like of shape (n,), optional
            True or 1 for those who left.
        survivors : array_like of shape (periods + 1,) or (periods + 1, cohorts), or frame, optional
            In place of both: how many customers of a cohort there were at first, after the first renewal, and so on.
            A frame has a column for each cohort; younger cohorts end with NaN. All are of one population.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this tenure.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`.

        Raises
        ------
        DataError
            Tenures or cohorts that cannot be, or both or neither of them.
        """
        return self._fit(read_tenures(tenure, churned, survivors, weights), max_passes)

    def bootstrap(self, tenure: Any = None, churned: Any = None, *, survivors: Any = None, weights: Any = None,
                  replicates: int = 200, seed: int = 0) -> Bootstrap:
        """Return the parameters of refits to customers drawn anew, as `BGNBD.bootstrap` does.

        The data are those of `fit`; ``replicates`` and ``seed``, the result and errors as there.

        Examples
        --------
        >>> import custval as cv
        >>> high_end = cv.datasets.contracts()["high_end"]
        >>> model = cv.ShiftedBetaGeometric().fit(survivors=high_end)
        >>> model.bootstrap(survivors=high_end, replicates=100).failed
        0
        """
        return self._bootstrap(read_tenures(tenure, churned, survivors, weights), replicates, seed)

    def simulate(self, n: int, T: Any, *, seed: int = 0, allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the tenures of `n` new customers, drawn from the model and seen for `T` periods: what `fit` takes.

        Parameters
        ----------
        n : int
            Number of customers.
        T : int or array_like, shape (n,)
            Periods of observation.
        seed : int
            From 0 to 2**64 - 1. Customer i of a seed is the same whatever `n` is.
        allow_unconverged : bool
            Draw from a fit without certificate.

        Returns
        -------
        dict of ndarray, shape (n,)
            tenure, and churned: who left by then.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            A number of periods that cannot be, or not `n` of them.
        """
        _, (left, tenure) = new_customers(self, np.array(self.parameters(allow_unconverged)), n, T, seed)
        return {"tenure": tenure.astype(np.int64), "churned": left == 1}

    def evaluate(self, survivors: Any, *, periods: int) -> Survival:
        """Return how close the model comes to the last periods of cohorts; it is one fitted to what was before.

        Parameters
        ----------
        survivors : array_like or frame
            As of `fit`, the last periods with it. Each cohort is predicted for from those who were there when they
            began.
        periods : int
            How many.

        Returns
        -------
        Survival
            ``model`` and ``naive`` with expected, actual, bias, mae and rmse; ``periods()``, the survivors one by one.

        Raises
        ------
        DataError
            Cohorts that cannot be, or none that old.
        FitError
            The model has free parameters and no converged fit.

        Examples
        --------
        >>> import custval as cv
        >>> high_end = cv.datasets.contracts()["high_end"]
        >>> found = cv.BetaDiscreteWeibull().fit(survivors=high_end[:-2]).evaluate(high_end, periods=2)
        >>> found.periods()["expected"].round(1), found.periods()["actual"]
        (array([516.2, 488.1]), array([517., 491.]))
        """
        return evaluate(self, survivors, periods)

    def _call(self, quantity: str, *columns: Any, allow: bool, **kwargs: Any) -> Any:
        return call(quantity, getattr(_core, f"{self.word}_{quantity}"), *columns, *self.parameters(allow), **kwargs)

    def retention(self, t: Any, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the share of those there in period `t` (1 for the first) who renew at its end, S(t) / S(t - 1)."""
        return self._call("retention", t, allow=allow_unconverged, **kwargs)

    def survival(self, t: Any, n: Any = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability of at least `t` further renewals, P(T > n + t | T > n)."""
        return self._call("survival", t, n, allow=allow_unconverged, **kwargs)

    def churn_pmf(self, t: Any, n: Any = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability to leave at the end of the `t`-th period from now, P(T = n + t | T > n)."""
        return self._call("churn_pmf", t, n, allow=allow_unconverged, **kwargs)

    def residual_lifetime(self, n: Any = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of further renewals; infinite where the mean is."""
        return self._call("residual_lifetime", n, allow=allow_unconverged, **kwargs)

    def tenure(self, n: Any = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of periods under contract in all, E[T | T > n]; infinite where the mean is."""
        return self._call("tenure", n, allow=allow_unconverged, **kwargs)

    def discounted_lifetime(self, *, discount: float, t: Any = None, allow_unconverged: bool = False,
                            **kwargs: Any) -> Any:
        """Return the expected periods of a new customer, the first at full value, later ones discounted: DEL.

        Parameters
        ----------
        discount : float
            Effective annual rate, 0 or more.
        t : array_like, optional
            The first so many periods; without it, all of them (`discount` above 0 then).

        Raises
        ------
        ConfigError
            The model does not know its unit, or the rate is not possible.
        """
        rate = math.expm1(continuous(discount, self.unit, type(self).__name__, t is None))
        return self._call("del", math.inf if t is None else t, rate, allow=allow_unconverged, **kwargs)

    def discounted_residual_lifetime(self, n: Any = 0, *, discount: float, t: Any = None,
                                     allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected renewals to come, the one due now at full value, later ones discounted: DERL.

        `n` renewals lie behind the customer and the next one is due; it is the n + 1 of the paper. Times its margin
        it is what the customer is worth before he decides. Other arguments and errors are those of
        `discounted_lifetime`.
        """
        rate = math.expm1(continuous(discount, self.unit, type(self).__name__, t is None))
        return self._call("derl", math.inf if t is None else t, rate, n, allow=allow_unconverged, **kwargs)


def read_tenures(tenure: Any, churned: Any, survivors: Any, weights: Any) -> Histories:
    """Return the columns of tenures or of survivors, whichever are given."""
    if (survivors is None) == (tenure is None):
        raise DataError("pass either tenure and churned, a row for each customer, or survivors=, one for a period")
    return of_customers(tenure, churned, weights) if survivors is None else of_cohorts(survivors, weights)


def of_customers(tenure: Any, churned: Any, weights: Any) -> Histories:
    """Return who left (x) and tenures (T), a row for each customer."""
    if churned is None:
        try:
            opened = table(tenure)
        except TypeError:
            raise DataError(f"{type(tenure).__name__}: pass tenure and churned, a frame with both, or survivors=; "
                            "orders do not say when a contract ended") from None
        for name in ("tenure", "churned"):
            demand(opened, name)
        if isinstance(weights, str):
            demand(opened, weights, "weights")
            weights = opened.array(weights)
        tenure, churned = opened.array("tenure"), opened.array("churned")
    time = aligned(tenure, tenure, "tenure")
    left = aligned(tenure, churned, "churned")
    left = left.astype(float) if left.dtype.kind == "b" else left
    count = None if weights is None else aligned(tenure, weights, "weights")
    for name, column in (("tenure", time), ("churned", left), *([] if count is None else [("weights", count)])):
        finite(column, name)
    refuse("tenure", time, (time < 0) | (time != np.floor(time)), "no whole number of periods")
    refuse("churned", left, (left != 0) & (left != 1), "neither 0 (still there) nor 1 (left)")
    refuse("tenure", time, (left == 1) & (time == 0), "0 of a customer who left: one who leaves at the end of the "
                                                     "first period has 1")
    if count is not None:
        refuse("weights", count, count < 0, "negative")
    return Histories({"x": left.astype(float), "T": time.astype(float)}, count, None, "arrays", ())


def of_cohorts(survivors: Any, weights: Any) -> Histories:
    """Return the same of cohorts, a row for each period of each, with the number of customers as weights."""
    if weights is not None:
        raise DataError("weights= goes with tenures; survivors are numbers of customers already")
    parts = [_tenures(there) for there in cohorts(survivors).there.values()]
    left, time, count = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Histories({"x": left, "T": time}, count, None, "cohorts", ())


def _tenures(there: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return churned, tenure and number of customers: those who left at each renewal, and those still there."""
    periods = np.arange(1.0, len(there))
    left = np.append(np.ones(len(periods)), 0.0)
    return left, np.append(periods, periods[-1]), np.append(-np.diff(there), there[-1])
