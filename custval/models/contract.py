"""Base class of the contract models: fits to cohorts or tenures, retention, survival and lifetimes."""
from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._broadcast import call
from .._dates import PERIODS, continuous, split_unit
from .._tabular import RowLabels, aligned, demand, labels_of, rows_of, table
from .._validation import Seed, finite, numbers, seeded
from ..errors import DataError
from ..evaluation.survival import Survival, Tenures, cohorts, evaluate, refuse
from .base import Model
from .histories import Histories
from .prediction import Bootstrap, ages_of


class ContractModel(Model):
    """A model of the number of periods for which customers renew a contract; T = 1, 2, ... is the period of churn.

    `n` is the number of renewals so far, 0 for a new customer; `t` counts periods from then on. Both broadcast, and are
    arrays, or pandas or polars columns, which come back as such.
    """

    role = "contracts"

    def __init__(self, *, unit: str | None = None, **given: float | None):
        super().__init__(**given)
        if unit is not None:
            split_unit(unit, PERIODS)
        self.unit = unit

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return (*self.names, "unit")

    def fit(self, tenure: Tenures | None = None, churned: ArrayLike | None = None, *,
            survivors: Tenures | None = None, weights: ArrayLike | str | None = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood, from cohorts or from customers.

        Parameters
        ----------
        tenure : array_like of shape (n,), or frame
            For churned customers the period of churn (1 for the first); for the others the number of renewals. A frame
            has columns tenure and churned.
        churned : array_like of shape (n,), optional
            True or 1 for churned customers.
        survivors : array_like of shape (periods + 1,) or (periods + 1, cohorts), or frame, optional
            In place of both: the customers of a cohort at the start, after the first renewal, and so on. A frame has a
            column for each cohort; younger cohorts end with NaN. All cohorts belong to one population.
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
            Invalid tenures or cohorts, or both or neither of them.
        """
        return self._fit(read_tenures(tenure, churned, survivors, weights), max_passes)

    def bootstrap(self, tenure: Tenures | None = None, churned: ArrayLike | None = None, *,
                  survivors: Tenures | None = None, weights: ArrayLike | str | None = None, replicates: int = 200,
                  seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers.

        The data are those of `fit`; ``replicates``, ``seed``, the result and errors are as in `BGNBD.bootstrap`.

        Examples
        --------
        >>> import custval as cv
        >>> high_end = cv.datasets.contracts()["high_end"]
        >>> model = cv.ShiftedBetaGeometric().fit(survivors=high_end)
        >>> model.bootstrap(survivors=high_end, replicates=100).failed
        0
        """
        return self._bootstrap(read_tenures(tenure, churned, survivors, weights), replicates, seed)

    def simulate(self, n: int, T: ArrayLike, *, seed: Seed = 0,
                 allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the tenures of `n` new customers, drawn from the model and observed for `T` periods.

        Parameters
        ----------
        n : int
            Number of customers.
        T : int or array_like, shape (n,)
            Periods of observation.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances. Customer i of a seed does not depend on `n`.
        allow_unconverged : bool
            Draw from a fit that did not converge.

        Returns
        -------
        dict of ndarray, shape (n,)
            The columns that `fit` takes: tenure, and churned (True if the customer churned by then).

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            An invalid number of periods, or not `n` of them.
        """
        values = self.estimates(allow_unconverged)
        left, tenure = _core.simulate(self.prefix, values, ages_of(n, T, type(self).__name__), seeded(seed))
        return {"tenure": tenure.astype(np.int64), "churned": left == 1}

    def evaluate(self, survivors: Tenures, *, periods: int) -> Survival:
        """Return the accuracy of a model, fitted to the time before, in the last periods of cohorts.

        Parameters
        ----------
        survivors : array_like or frame
            As in `fit`, the last periods included. Each cohort is predicted from its customers at the start of these.
        periods : int
            Number of last periods.

        Returns
        -------
        Survival
            ``model`` and ``naive`` with expected, actual, bias, mae and rmse; ``periods()``, the survivors by period.

        Raises
        ------
        DataError
            Invalid cohorts, or none that old.
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
        return call(quantity, getattr(_core, f"{self.prefix}_{quantity}"), *columns, *self.parameters(allow), **kwargs)

    def retention(self, t: ArrayLike, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the share of the customers in period `t` (1 for the first) who renew at its end, S(t) / S(t - 1)."""
        return self._call("retention", t, allow=allow_unconverged, **kwargs)

    def survival(self, t: ArrayLike, n: ArrayLike = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability of at least `t` further renewals, P(T > n + t | T > n)."""
        return self._call("survival", t, n, allow=allow_unconverged, **kwargs)

    def churn_pmf(self, t: ArrayLike, n: ArrayLike = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability of churn at the end of the `t`-th period from now, P(T = n + t | T > n)."""
        return self._call("churn_pmf", t, n, allow=allow_unconverged, **kwargs)

    def residual_lifetime(self, n: ArrayLike = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of further renewals; infinite if the mean is."""
        return self._call("residual_lifetime", n, allow=allow_unconverged, **kwargs)

    def tenure(self, n: ArrayLike = 0, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected total number of periods under contract, E[T | T > n]; infinite if the mean is."""
        return self._call("tenure", n, allow=allow_unconverged, **kwargs)

    def discounted_lifetime(self, *, discount: float, t: ArrayLike | None = None, allow_unconverged: bool = False,
                            **kwargs: Any) -> Any:
        """Return the discounted expected lifetime (DEL) of a new customer in periods; the first is not discounted.

        Parameters
        ----------
        discount : float
            Effective annual rate, 0 or more.
        t : array_like, optional
            The first `t` periods; by default all of them (`discount` above 0 then).

        Raises
        ------
        ConfigError
            The model has no unit, or the rate is not possible.
        """
        rate = math.expm1(continuous(discount, self.unit, type(self).__name__, t is None))
        return self._call("del", math.inf if t is None else t, rate, allow=allow_unconverged, **kwargs)

    def discounted_residual_lifetime(self, n: ArrayLike = 0, *, discount: float, t: ArrayLike | None = None,
                                     allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the discounted expected residual lifetime (DERL): future renewals; the one due now is not discounted.

        The customer has renewed `n` times and the next renewal is due (the n + 1 of the paper). Times the margin per
        period it is the value of the customer before the decision. Other arguments and errors are those of
        `discounted_lifetime`.
        """
        rate = math.expm1(continuous(discount, self.unit, type(self).__name__, t is None))
        return self._call("derl", math.inf if t is None else t, rate, n, allow=allow_unconverged, **kwargs)


FAULTS = {                                  # of _core, in words
    "negative": "negative", "fraction": "not whole numbers of periods",
    "uncountable": "more periods than can be counted",
    "no_flag": "neither 0 (active) nor 1 (churned)",
    "zero": "0 for churned customers: churn at the end of the first period is 1",
}


def read_tenures(tenure: Tenures | None, churned: ArrayLike | None, survivors: Tenures | None,
                 weights: ArrayLike | str | None) -> Histories:
    """Return the columns of tenures or of survivors, whichever are given."""
    if tenure is not None and survivors is None:
        return of_customers(tenure, churned, weights)
    if survivors is None or tenure is not None:
        raise DataError("pass either tenure and churned, a row per customer, or survivors=, a row per period")
    return of_cohorts(survivors, weights)


def of_customers(tenure: Tenures, churned: ArrayLike | None, weights: ArrayLike | str | None) -> Histories:
    """Return churned (x) and tenure (T), a row for each customer."""
    there: RowLabels | None = None
    if churned is None:
        try:
            opened = table(tenure)
        except DataError:
            raise DataError(f"{type(tenure).__name__}: pass tenure and churned, a frame with both, or survivors=; "
                            "orders do not contain the end of a contract: of payments pass cv.tenures(base)") from None
        for name in ("tenure", "churned"):
            demand(opened, name)
        if isinstance(weights, str):
            demand(opened, weights, "weights")
            weights = opened.array(weights)
        tenure, churned, there = opened.array("tenure"), opened.array("churned"), labels_of(opened)
    there = there or rows_of(tenure, churned, weights)
    time = numbers(aligned(there, tenure, "tenure"), "tenure")
    left = aligned(there, churned, "churned")
    left = left.astype(float) if left.dtype.kind == "b" else numbers(left, "churned")
    count = None if weights is None else numbers(aligned(there, weights, "weights"), "weights")
    for name, column in (("tenure", time), ("churned", left), *([] if count is None else [("weights", count)])):
        finite(column, name)
    histories = Histories({"x": left.astype(float), "T": time.astype(float)}, count, "arrays")
    if fault := _core.invalid_histories("sbg", tuple(histories.columns.values()), count):
        reason, place, rows = fault
        refuse(("churned", "tenure", "weights")[place], time, np.isin(np.arange(len(time)), rows), FAULTS[reason])
    return histories


def of_cohorts(survivors: Tenures, weights: ArrayLike | str | None) -> Histories:
    """Return the same for cohorts, a row for each period of each, with the number of customers as weights."""
    if weights is not None:
        raise DataError("weights= goes with tenures; survivors are numbers of customers already")
    parts = [_tenures(there) for there in cohorts(survivors).there.values()]
    left, time, count = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Histories({"x": left, "T": time}, count, "cohorts")


def _tenures(there: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return churned, tenure and number of customers: those churned at each renewal, and those still active."""
    periods = np.arange(1.0, len(there))
    left = np.append(np.ones(len(periods)), 0.0)
    return left, np.append(periods, periods[-1]), np.append(-np.diff(there), there[-1])
