"""What is asked of a fitted model of purchases: refits, the weight of single customers, tables, how well it does."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from .._formatting import Coefficients
from ..evaluation.accuracy import Evaluation, evaluate
from .bootstrap import Bootstrap
from .draws import Draws
from .histories import Histories
from .prediction import prediction


class Fitted(Draws):
    """What follows a fit; how data become histories is said by the model."""

    _histories: Callable[[Any, Any, Any, Any, str | None], Histories]

    def _facing(self, data: Any, allow_unconverged: bool = False) -> Self:
        """Return the model for the customers of `data`: as it was given for them, or given now."""
        return self

    def given(self, data: Any, *, allow_unconverged: bool = False) -> Self:
        """Return the model as it is for these customers: itself, for without covariates they do not differ."""
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
            From 0 to 2**64 - 1. Replicate i of a seed is the same whatever their number. Draws belong to
            places among the sorted histories, so customers in another order may be drawn otherwise.

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
        return self._bootstrap(self._histories(data, t_x, T, weights, unit), replicates, seed)

    def influence(self, data: Any, t_x: Any = None, T: Any = None, *, unit: str | None = None,
                  top: int = 5) -> Coefficients:
        """Return the customers who move the fit most: tests, resellers and bots stand out here.

        Parameters
        ----------
        data, t_x, T, unit
            What the model was fitted to, as in `fit`.
        top : int
            How many customers.

        Returns
        -------
        table, a dict of lists
            The customer (or row) and the history; ``displacement``, by how much twice the log-likelihood of the
            estimate would fall if it were found without the customer; and the change of each parameter, in standard
            errors. All to first order, so of an extreme customer the order counts, not the size.

        Raises
        ------
        FitError
            The model has no converged fit, or it has covariates.

        Notes
        -----
        Cook (1986), Assessment of local influence, Journal of the Royal Statistical Society B 48: likelihood
        displacement with the gradient of one customer and the covariance of the fit.

        Examples
        --------
        >>> import custval as cv
        >>> data = cv.BGNBD(r=0.5, alpha=6.0, a=0.8, b=2.5).simulate(2000, 52.0)
        >>> data["x"][7], data["t_x"][7] = 500, 51.9
        >>> cv.BGNBD().fit(data).influence(data)["row"][0]
        '7'
        """
        return self._influence(self._histories(data, t_x, T, None, unit), top)

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
        return prediction(self._facing(data, allow_unconverged), data, periods, unit, allow_unconverged)

    def evaluate(self, holdout: Any) -> Evaluation:
        """Return how close the model comes to what followed the time that it was fitted to.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the model is one fitted to the first. It predicts for the customers
            known then, from their histories at the end of that day.

            A model fitted to a base that ends in the holdout or later is refused, also if it comes out of a file; of
            one fitted to a frame or with all parameters given nobody knows what it has seen.

        Returns
        -------
        Evaluation
            ``model`` and ``naive``, each with expected, actual, bias, mae, rmse, gini and hits; ``deciles()`` and
            ``by_x()``; ``grade``, of the best 20 % of customers found and of the mean absolute error: ``"A"`` at least
            5 % more of them than the naive baseline and no larger error, ``"C"`` fewer or a larger error, else ``"B"``.

        Raises
        ------
        DataError
            No holdout, nobody has a purchase before it, or the model was fitted to days in it.
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
