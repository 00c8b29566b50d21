"""Log-normal spend: log of a purchase ~ N(m_i, sigma^2), m_i ~ N(mu, tau^2) over customers.

E[spend | n, log_mean] = exp(mu + w (log_mean - mu) + (1 - w) tau^2 / 2 + sigma^2 / 2)

with w = n tau^2 / (n tau^2 + sigma^2).

Source: Searle, Casella, McCulloch (1992), Variance Components, 3.6; for the smearing factor Duan (1983), Smearing
estimate: a nonparametric retransformation method, JASA 78.
"""
from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._broadcast import call, values_of
from .._validation import Seed, flag, seeded, sum_of
from ..errors import DataError
from .base import FitInput
from .histories import Data, Histories, columns_of, read, snapshot_of
from .prediction import Bootstrap
from .spend import SpendModel, names_of, with_free

COLUMNS = ("n", "log_mean", "log_SS")
LARGEST = 690.0                # of mu: beyond, money of exp(mu) overflows


class LogNormalSpend(SpendModel):
    """Log of the spend per purchase ~ N(m_i, sigma^2), m_i ~ N(mu, tau^2); predicts mean spend.

    Parameters
    ----------
    mu : float, optional
        Mean of the logs over customers, of any sign; None: estimated by `fit`, a number: held fixed.
    sigma : float, optional
        Standard deviation of the logs of one customer.
    tau : float, optional
        Standard deviation of the customers' means: how much they differ.
    smearing : bool
        Multiply expectations by the factor ``smearing_``, with which those of the purchases of the fit add up to
        their money: logs that are not quite normal bias the mean of money otherwise.

    Attributes
    ----------
    smearing_ : float
        The factor, of the fit; 1 with ``smearing=False``, or where the money of the purchases was not given.

    Notes
    -----
    Purchases of zero, and customers without others, do not enter the fit. The number n of a customer's purchases, the
    mean of their logs and the sum of squares about it are sufficient. Against `GammaGamma`, money of single large
    purchases pulls the expectation less. The log-likelihood is that of the amounts, so that the two can be compared
    where both are fitted to single purchases.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.LogNormalSpend(mu=3.2, sigma=0.5, tau=0.4)
    >>> model.expected_spend([2, 0], [3.1, float("nan")]).round(2)
    array([27.22, 30.11])
    """

    prefix = "lognormal"
    names = ("mu", "sigma", "tau")
    signed = ("mu",)
    smearing_: float

    def __init__(self, *, mu: float | None = None, sigma: float | None = None, tau: float | None = None,
                 smearing: bool = True):
        super().__init__(mu=mu, sigma=sigma, tau=tau)
        self.smearing = flag("smearing", smearing)

    @classmethod
    def range_of(cls, name: str) -> tuple[float, float]:
        """Return the least and the largest number at which a parameter may be held."""
        return (-LARGEST, LARGEST) if name == "mu" else super().range_of(name)

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return (*self.names, "smearing")

    def fit(self, data: Data, log_mean: ArrayLike | None = None, log_SS: ArrayLike | None = None,
            mean: ArrayLike | None = None, *, weights: ArrayLike | str | None = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, frame, or array_like of shape (n,)
            A frame has columns n, log_mean, log_SS, and mean for the smearing factor. An array is n, the number of
            purchases above 0.
        log_mean, log_SS : array_like, optional
            With n as an array: the mean of the logs of these purchases and the sum of squares about it. Not read where
            n = 0.
        mean : array_like, optional
            The mean of the purchases themselves, for the smearing factor.
        weights : array_like or column name, optional
            Number of customers with this history.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`; ``n_`` counts the customers with purchases. Purchases of zero are counted in
            ``notes_``.

        Raises
        ------
        DataError
            An invalid history.
        """
        return self._fit(self._read(data, log_mean, log_SS, mean, weights), max_passes)

    def bootstrap(self, data: Data, log_mean: ArrayLike | None = None, log_SS: ArrayLike | None = None, *,
                  weights: ArrayLike | str | None = None, replicates: int = 200, seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers; see ``BGNBD.bootstrap``."""
        return self._bootstrap(self._read(data, log_mean, log_SS, None, weights), replicates, seed)

    def expected_spend(self, n: Data, log_mean: ArrayLike | None = None, *, allow_unconverged: bool = False) -> Any:
        """Return the expected mean spend of a customer's future purchases.

        Parameters
        ----------
        n : array_like, CustomerBase or frame
            Purchases above 0, or the whole history; for n = 0 the result is the mean of all customers.
        log_mean : array_like
            Mean of the logs of these purchases; not read where n = 0.
        allow_unconverged : bool
            Predict from a fit that did not converge.

        Returns
        -------
        ndarray or Series
            Money per purchase. NaN where a value is NaN, without a warning; NaN with NumPy's "invalid value" warning
            where n is below 0 or not a whole number.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        """
        history = columns_of(COLUMNS[:2], (n, log_mean), None)
        factor = getattr(self, "smearing_", 1.0)

        def kernel(n: Any, log_mean: Any, *parameters: float) -> Any:               # log_mean is not read where n = 0
            logs = np.where(np.equal(np.asarray(n), 0), 0.0, np.asarray(log_mean))
            return _core.lognormal_expected_spend(n, logs, *parameters) * factor
        return call("expected_spend", kernel, *history, *self.parameters(allow_unconverged))

    def simulate(self, n: ArrayLike, *, seed: Seed = 0, allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the logs of purchases of new customers with `n` each, drawn from the model: n, log_mean, log_SS.

        Parameters
        ----------
        n : array_like, shape (customers,)
            Purchases.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances. Customer i of a seed does not depend on their number.
        allow_unconverged : bool
            Draw from a fit that did not converge.

        Returns
        -------
        dict of ndarray
            The columns that `fit` takes; log_mean and log_SS are 0 if n = 0.

        Examples
        --------
        >>> import custval as cv
        >>> cv.LogNormalSpend(mu=3.2, sigma=0.5, tau=0.4).simulate([3, 0], seed=1)["log_mean"].round(2)
        array([2.93, 0.  ])
        """
        counts = np.ascontiguousarray(values_of(n, "n"), float).reshape(-1)
        log_mean, log_SS = _core.simulate_logs(self.estimates(allow_unconverged), counts, seeded(seed))
        return {"n": counts, "log_mean": log_mean, "log_SS": log_SS}

    def loglik(self, n: Data, log_mean: ArrayLike | None = None, log_SS: ArrayLike | None = None, *,
               allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the log density of each customer's amounts, in nats; its sum over the data is ``loglik_``."""
        history = columns_of(COLUMNS, (n, log_mean, log_SS), None)
        return call("loglik", _core.lognormal_loglik, *history, *self.parameters(allow_unconverged), **kwargs)

    # ---- what is read ----

    def columns_in(self, there: Collection[str] | None) -> tuple[str, ...]:
        """Return the columns that an expectation takes."""
        return COLUMNS[:2]

    def _read(self, data: Data, log_mean: ArrayLike | None = None, log_SS: ArrayLike | None = None,
              mean: ArrayLike | None = None, weights: ArrayLike | str | None = None) -> Histories:
        given: dict[str, ArrayLike | None] = {"log_mean": log_mean, "log_SS": log_SS}
        if mean is not None or snapshot_of(data) is not None or "mean" in names_of(data):
            given["mean"] = mean
        return with_free(read(data, given, weights, None, "n"), data)

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        columns = dict(histories.columns)
        mean = columns.pop("mean", None)
        super()._fit(histories._replace(columns=columns), max_passes)
        self.set_fit({"smearing": 1.0})
        if self.smearing and mean is not None and self.status_ == "converged":
            self.set_fit({"smearing": self._factor(columns, mean, histories.weights)})
        return self

    def _factor(self, columns: dict[str, np.ndarray], mean: np.ndarray, weights: np.ndarray | None) -> float:
        """Return the money of all purchases over their expectations; the order of the rows does not matter."""
        known = columns["n"] > 0
        count = columns["n"] * (1.0 if weights is None else weights)
        expected = np.asarray(self.expected_spend(columns["n"], columns["log_mean"]))
        total, fitted = (sum_of(np.sort((count * money)[known])) for money in (mean, expected))
        if not 0 < total < np.inf:
            raise DataError("mean: the money of the purchases is missing, infinite or not above 0")
        return total / fitted

    def _fit_input(self, histories: Histories) -> FitInput:
        columns = {name: column for name, column in histories.columns.items() if name != "mean"}
        return super()._fit_input(histories._replace(columns=columns))
