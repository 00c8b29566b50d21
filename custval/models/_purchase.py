"""Models of how often customers buy and when they stop: the unit of their times, and the fit."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from .._errors import ConfigError, DataError
from .._evaluate import Evaluation, evaluate
from .._time import split_unit
from ._bootstrap import Bootstrap
from ._draws import Draws
from ._histories import Histories, leave_out, read
from ._predict import prediction


class PurchaseModel(Draws):
    """A model of purchases, fitted to histories (x, t_x, T) by maximum likelihood.

    A subclass says its word, the names of its parameters and how it is made. All its times are in one unit, that
    of the model.
    """

    role = "purchases"

    def __init__(self, *, unit: str | None = None, **given: float | None):
        super().__init__(**given)
        if unit is not None:
            split_unit(unit)
        self.unit = unit

    def _keywords(self) -> tuple[str, ...]:
        return (*self.names, "unit")

    def fit(self, data: Any, t_x: Any = None, T: Any = None, *, weights: Any = None, unit: str | None = None,
            covariates: Any = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, summary frame, or array_like of shape (n,)
            A base is summarised in the unit of the model (of the base, where the model has none). A
            frame has columns x, t_x, T, or frequency, recency, T in the sense of lifetimes. An array is x.
        t_x, T : array_like, shape (n,), optional
            With x as an array: age at the last purchase and at the end.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this history.
        unit : {"h", "D", "W", "M", "Q", "Y"}, optional
            The unit of t_x and T in a frame or in arrays, which do not tell theirs.
        covariates : CustomerBase or frame, optional
            With the columns of the covariates of the model, a row for each history; without it they are taken from
            `data`, from a base by its profile.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            With ``status_``, ``params_``, ``se_``, ``cov_``, ``loglik_`` (nats, timing form), ``aic_``,
            ``bic_``, ``n_`` (customers), ``n_iter_`` (passes of the search that found the optimum),
            ``notes_`` and, where the status is not "converged", ``advice_``, which ends with the call to make, and
            ``null_direction_``, along which the likelihood is flattest. A model without unit takes that of the data.

        Raises
        ------
        DataError
            A history that cannot be, or a unit that is not the model's.
        """
        mine = self._agreed_unit(data, unit)
        histories = read_histories(data, {"t_x": t_x, "T": T}, weights, mine, self._read_covariates(data, covariates))
        self._fit(histories, max_passes)
        self.unit = mine
        return self

    def bootstrap(self, data: Any, t_x: Any = None, T: Any = None, *, weights: Any = None, unit: str | None = None,
                  replicates: int = 200, seed: int = 0) -> Bootstrap:
        """Return the parameters of refits to customers drawn anew, which need no normal approximation.

        Each replicate counts every customer Poisson(1) times: once on average, some not at all, some often. Its
        refit starts from the estimate. Equal histories are drawn as one, so a replicate of a million customers
        costs a few milliseconds.

        Parameters
        ----------
        data, t_x, T, weights, unit
            What the model was fitted to, as in `fit`.
        replicates : int
            Number of refits.
        seed : int
            From 0 to 2**64 - 1. Replicate i of a seed is the same whatever their number. The order of the customers
            changes no draw, only the last digits.

        Returns
        -------
        Bootstrap
            ``parameters`` by name, ``summary(level=)``, ``failed``.

        Raises
        ------
        FitError
            The model has no converged fit, or nothing was estimated.
        DataError
            A history that cannot be, or a unit that is not the model's.

        Examples
        --------
        >>> import custval as cv
        >>> truth = cv.BGNBD(r=0.5, alpha=6.0, a=0.8, b=2.5)
        >>> data = truth.simulate(2000, 52.0)
        >>> cv.BGNBD().fit(data).bootstrap(data, replicates=100).failed
        0
        """
        given = {"t_x": t_x, "T": T}
        return self._bootstrap(read_histories(data, given, weights, self._agreed_unit(data, unit)), replicates, seed)

    def predict(self, data: Any, *, periods: int = 3, unit: str = "Q", allow_unconverged: bool = False) -> Any:
        """Return one table of what is to come of every customer.

        Parameters
        ----------
        data : CustomerBase or summary frame
            The customers; a summary in the unit of the model.
        periods : int
            Whole periods ahead.
        unit : str
            D, W, M, Q or Y. Of a base they are the next periods of the calendar, as in `forecast`, with an anchor such
            as Q-MAR; a summary has no calendar, and they are durations from T on (M is 365.25/12 days).
        allow_unconverged : bool
            Predict from a fit without certificate.

        Returns
        -------
        frame of the caller's kind
            Quantities that the model has not are left out.

            =================  ==================================================================================
            customer           the id, where there is one
            p_alive            probability of being active at T
            2026Q1, ...        expected purchases by period, led by ``rest of 2025Q4`` unless `end` closes a
                               period; ``Q+1``, ... of a summary
            sum_3Q             expected purchases in all whole periods
            p_purchase         probability of a purchase up to the end of the last one
            next_purchase      the day by which the next purchase comes with an even chance, NaT where it is likelier
                               that none will come; of a summary the time from T on, infinite there
            residual_lifetime  expected time to stay active, in the unit of the model
            expected_rate      the own purchase rate, per unit of the model
            expected_dropout   the own dropout
            =================  ==================================================================================

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            The base is a holdout, or a column of the history is missing.
        ConfigError
            A setting is not known, or the model does not know its unit.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W")
        >>> list(model.predict({"customer": [7], "x": [2], "t_x": [30.43], "T": [38.86]}, periods=2))[:5]
        ['customer', 'p_alive', 'Q+1', 'Q+2', 'sum_2Q']
        """
        return prediction(self.given(data, allow_unconverged=allow_unconverged), data, periods, unit, allow_unconverged)

    def given(self, data: Any, *, allow_unconverged: bool = False) -> Self:
        """Return the model as it is for these customers: itself, for without covariates they do not differ."""
        return self

    def _read_covariates(self, data: Any, covariates: Any) -> tuple[np.ndarray, ...]:
        if covariates is not None:
            raise ConfigError(f"{type(self).__name__} takes no covariates")
        return ()

    def _agreed_unit(self, data: Any, unit: str | None) -> str | None:
        if unit is not None:
            split_unit(unit)
        if self.unit is not None and unit is not None and split_unit(unit)[0] != split_unit(self.unit)[0]:
            raise DataError(f"this summary is in {unit}, the model is in {self.unit}. "
                            f"Use base.summary(unit={self.unit!r}).")
        return self.unit or unit or (data.unit if hasattr(data, "_summary") else None)

    def evaluate(self, holdout: Any) -> Evaluation:
        """Return how close the model comes to what followed the time that it was fitted to.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the model is one fitted to the first. It predicts for the customers
            known then, from their histories at the end of that day.

        Returns
        -------
        Evaluation
            ``model`` and ``naive``, each with expected, actual, bias, mae, rmse, gini and hits; ``deciles()``;
            ``grade``, against the naive baseline.

        Raises
        ------
        DataError
            No holdout, or nobody has a purchase before it.
        ConfigError
            The model does not know its unit.
        FitError
            The model has free parameters and no converged fit.

        Examples
        --------
        >>> import custval as cv
        >>> calibration, holdout = cv.datasets.cdnow().split("1997-09-30")
        >>> found = cv.BGNBD(unit="W").fit(calibration).evaluate(holdout)
        >>> round(found.model.expected, 2), found.model.actual, found.grade
        (1653.41, 1882.0, 'B')
        """
        return evaluate(self, holdout)


def read_histories(data: Any, rest: Mapping[str, Any], weights: Any, unit: str | None,
                   covariates: tuple[np.ndarray, ...] = ()) -> Histories:
    """Return the columns x and those of `rest`; who has no purchase is left out of a base or a frame."""
    histories = read(data, rest, weights, unit)
    rows = len(histories.columns["x"])
    if covariates and len(covariates[0]) != rows:
        raise DataError(f"covariates have {len(covariates[0]):,} rows, x has {rows:,}")
    histories = histories._replace(covariates=covariates)
    if histories.source == "arrays":
        return histories
    c = histories.columns
    return leave_out(histories, np.isnan(c["T"]) & (c["x"] == 0), "have no purchase")
