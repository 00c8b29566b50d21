"""Models of how often customers buy and when they stop: the unit of their times, and the fit."""
from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from .. import _core
from .._broadcast import call, in_blocks
from .._dates import UNITS, continuous, split_unit
from .._formatting import Coefficients
from .._validation import ranks, sum_of
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError
from ..evaluation.accuracy import Evaluation, evaluate
from .base import Model
from .histories import Histories, columns_of, leave_out, read, same_unit, unit_of
from .prediction import (
    Bootstrap,
    Interval,
    Total,
    by_pairs,
    counted_draws,
    flat_columns,
    framing,
    horizon,
    new_customers,
    prediction,
    seeded,
)


class PurchaseModel(Model):
    """A model of purchases, fitted to histories (x, t_x, T) by maximum likelihood.

    A subclass says its word, the names of its parameters and how it is made. All its times are in one unit, that
    of the model. Histories (x, t_x, T) are arrays, or pandas or polars columns, which come back as such; of other
    libraries' columns come arrays. Everything broadcasts. In place of the three a `CustomerBase` or a summary in the
    unit of the model can stand alone. A quantity that a model has not is a ConfigError. The same seed draws the same
    bits, wherever it runs.
    """

    role = "purchases"
    whole: ClassVar[bool] = False          # time is counted, in opportunities
    units: ClassVar[tuple[str, ...]] = UNITS

    def __init__(self, *, unit: str | None = None, **given: float | None):
        super().__init__(**given)
        if unit is not None:
            split_unit(unit, self.units)
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
            ``null_direction_``, along which the likelihood is flattest. ``end_`` is the last day of a base, else
            None. A model without unit takes that of the data.

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

    def _histories(self, data: Any, t_x: Any, T: Any, weights: Any, unit: str | None) -> Histories:
        return read_histories(data, {"t_x": t_x, "T": T}, weights, self._agreed_unit(data, unit))

    def _read_covariates(self, data: Any, covariates: Any) -> tuple[np.ndarray, ...]:
        if covariates is not None:
            raise ConfigError(f"{type(self).__name__} takes no covariates")
        return ()

    def _agreed_unit(self, data: Any, unit: str | None) -> str | None:
        if unit is not None:
            split_unit(unit)
        unit = unit or unit_of(data)
        same_unit(unit, self.unit)
        return self.unit or unit or (data.unit if isinstance(data, HistorySource) else None)

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
            ``model`` and ``naive``, each with expected, actual, bias, mae, rmse, gini and top_20_capture;
            ``deciles()`` and ``by_x()``; ``grade``, from the best 20 % of customers found and the mean absolute error:
            ``"A"`` for at least 5 % more of them than the naive baseline and no larger error, ``"C"`` for fewer or a
            larger error, else ``"B"``.

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

    def _says(self, quantity: str) -> bool:
        return hasattr(_core, f"{self.word}_{quantity}")

    def _call(self, quantity: str, *columns: Any, allow: bool = False, **kwargs: Any) -> Any:
        """Return the ufunc `quantity` of the model at the columns; ``p_alive_at`` and the like are named p_alive."""
        name = quantity.removesuffix("_between").removesuffix("_at").removesuffix("_given")
        if not self._says(quantity):
            raise ConfigError(f"{type(self).__name__} has no {name}: the model says nothing of it")
        kernel = getattr(_core, f"{self.word}_{quantity}")
        return call(name, kernel, *columns, *self._parameters_of(columns, allow), **kwargs)

    def _parameters_of(self, columns: tuple[Any, ...], allow: bool) -> tuple[Any, ...]:
        """Return the parameters for customers whose histories are these columns."""
        return self.parameters(allow)

    def _ahead(self, quantity: str, front: tuple[Any, ...], history: tuple[Any, ...], edges: tuple[Any, ...],
               rate: float, **kwargs: Any) -> Any:
        """Return a quantity of the time between two edges, or now: by pairs where all customers are of one kind."""
        alike = self.word in _core.BATCH_MODELS and self.names == type(self).names
        by = partial(by_pairs, self.word, len(self.names), edges, rate) if alike else in_blocks
        return self._call(quantity, *front, *history, by=by, **kwargs)

    def _discounted(self, edges: np.ndarray, factors: np.ndarray, history: tuple[Any, ...], allow: bool) -> np.ndarray:
        """Return the sum over the periods between edges of expected purchases times a factor each."""
        own = self._parameters_of(history, allow)
        if self.word in _core.BATCH_MODELS and all(np.ndim(value) == 0 for value in own):
            x, t_x, T = (np.asarray(column, float) for column in history)
            return _core.ahead(self.word, x, t_x, T, np.array(own, float), edges, factors, 0.0)
        total = np.zeros(len(history[0]))
        for low, high, factor in zip(edges[:-1].tolist(), edges[1:].tolist(), factors.tolist(), strict=True):
            part = self.expected_purchases((low, high), *history, allow_unconverged=allow)
            total = total + np.asarray(part) * factor
        return total

    def _history(self, *given: Any) -> tuple[Any, ...]:
        return columns_of(("x", "t_x", "T"), given, self.unit)

    def p_alive(self, x: Any, t_x: Any = None, T: Any = None, *, t: Any = None, allow_unconverged: bool = False,
                **kwargs: Any) -> Any:
        """Return the probability that a customer is still active at age `T`, or at T + t.

        Parameters
        ----------
        x : array_like, CustomerBase or summary frame
            Repeat purchases, whole numbers, ``x >= 0``; or all of the history.
        t_x, T : array_like
            Age at the last purchase and age at the end, in the unit of the model.
        t : array_like, optional
            Time from T on, ``t >= 0``.
        allow_unconverged : bool
            Predict from a fit without certificate.
        **kwargs
            ``out=``, ``where=`` and the like, for the ufunc.

        Returns
        -------
        ndarray or Series
            In [0, 1]. BG/NBD: exactly 1 where x = 0, because nobody leaves before a first repeat. NaN where a
            value is NaN, quietly, and where a history cannot be, with NumPy's "invalid value" warning
            (``np.errstate(invalid="raise")`` makes it an error): x below 0 or no whole number, t_x below 0 or above
            T, t_x = 0 with x > 0, or t_x > 0 with x = 0. ``np.flatnonzero(np.isnan(result))`` finds the rows;
            `fit` names them.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        ConfigError
            The model has no such quantity.
        """
        history = self._history(x, t_x, T)
        if t is None:
            return self._ahead("p_alive", (), history, (0.0,), 0.0, allow=allow_unconverged, **kwargs)
        return self._call("p_alive_at", t, *history, allow=allow_unconverged, **kwargs)

    def p_purchase(self, t: Any, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                   **kwargs: Any) -> Any:
        """Return the probability of at least one purchase in (T, T + t]; `t` may be infinite.

        Other arguments, result and errors are those of `p_alive`.
        """
        return self._call("p_purchase", t, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def expected_purchases(self, t: Any, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                           **kwargs: Any) -> Any:
        """Return the expected number of purchases in the period (T, T + t].

        `t` is a horizon or column of horizons in the unit of the model, or a tuple (t1, t2): then purchases in
        (T + t1, T + t2] are counted. Other arguments, result and errors are those of `p_alive`.
        """
        history = self._history(x, t_x, T)
        if isinstance(t, tuple):
            return self._ahead("expected_purchases_between", t, history, t, 0.0, allow=allow_unconverged, **kwargs)
        return self._ahead("expected_purchases", (t,), history, (0.0, t), 0.0, allow=allow_unconverged, **kwargs)

    def expected_purchases_new(self, t: Any, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of repeat purchases of a new customer in (0, t]."""
        return self._call("expected_purchases_new", t, allow=allow_unconverged, **kwargs)

    def purchase_pmf(self, k: Any, t: Any, x: Any = None, t_x: Any = None, T: Any = None, *,
                     allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability of exactly `k` purchases in (T, T + t] given a history.

        Without one, of a new customer: repeat purchases in (0, t]. Over all `k` it sums to 1.
        """
        if x is None and t_x is None and T is None:
            return self._call("purchase_pmf", k, t, allow=allow_unconverged, **kwargs)
        return self._call("purchase_pmf_given", k, t, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def residual_lifetime(self, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                          **kwargs: Any) -> Any:
        """Return the expected time that a customer stays active after T; who is gone counts as 0.

        Infinite where the mean is: some customers stay so long that no mean exists (take a quantity of a horizon
        then). Arguments and errors are those of `p_alive`.
        """
        return self._call("residual_lifetime", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def next_purchase(self, q: Any, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                      **kwargs: Any) -> Any:
        """Return the time from T on by which the next purchase has come with probability `q`.

        ``q = 0.5`` is the median. Infinite where that probability is never reached, because the customer may be
        gone. `q` lies between 0 and 1; other arguments and errors are those of `p_alive`.
        """
        return self._call("next_purchase", q, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def expected_rate(self, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                      **kwargs: Any) -> Any:
        """Return the posterior mean of the customer's own purchase rate: that while he is, or was, active.

        Per unit of time of the model. Arguments and errors are those of `p_alive`.
        """
        return self._call("expected_rate", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def expected_dropout(self, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                         **kwargs: Any) -> Any:
        """Return the posterior mean of the customer's own dropout parameter, named in the Notes of the model.

        Arguments and errors are those of `p_alive`.
        """
        return self._call("expected_dropout", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def loglik(self, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the log-likelihood of each history, in nats; its sum over the data is ``loglik_``."""
        return self._call("loglik", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def dert(self, x: Any, t_x: Any = None, T: Any = None, *, discount: float, t: Any = None,
             allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected residual purchases after T, each discounted to T.

        Parameters
        ----------
        x, t_x, T : array_like
            As in `p_alive`.
        discount : float
            Effective annual rate, 0 or more: 0.15 makes a purchase after one year (365.25 days) worth 1/1.15.
        t : array_like, optional
            Horizon in the unit of the model; without it, all the future (`discount` above 0 then).

        Returns
        -------
        ndarray or Series
            Discounted number of purchases.

        Raises
        ------
        ConfigError
            The model does not know its unit, or the rate is not possible.
        """
        rate = continuous(discount, self.unit, type(self).__name__, t is None)
        ahead = math.inf if t is None else t
        return self._ahead("dert", (ahead, rate), self._history(x, t_x, T), (0.0, ahead), rate,
                           allow=allow_unconverged, **kwargs)

    def simulate(self, n: int, T: Any, *, seed: int = 0, allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the histories of `n` new customers, drawn from the model.

        Parameters
        ----------
        n : int
            Number of customers; with covariates that of the customers whom the model is given for.
        T : float or array_like, shape (n,)
            Age at the end of observation, in the unit of the model.
        seed : int
            From 0 to 2**64 - 1. Customer i of a seed is the same whatever `n` is.
        allow_unconverged : bool
            Draw from a fit without certificate.

        Returns
        -------
        dict of ndarray, shape (n,)
            x, t_x, T and, where the model needs it, litt: what `fit` takes. Purchases have times of their own, not
            days.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            An age is negative, NaN or infinite, or there are not `n` of them.
        ConfigError
            The seed is none, or the model cannot be drawn from.

        Notes
        -----
        Philox4x32-10, a generator without state: Salmon, Moraes, Dror, Shaw (2011).

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> model.simulate(5, 39.0, seed=4)["x"]
        array([ 2,  0,  3,  1, 11])
        """
        ages, (x, t_x, *litt) = new_customers(self, self._values(allow_unconverged), n, T, seed, self._known(n))
        return {"x": x.astype(np.int64), "t_x": t_x, "T": ages} | ({"litt": litt[0]} if litt else {})

    def simulate_future(self, t: float, x: Any, t_x: Any = None, T: Any = None, *, draws: int = 1000, seed: int = 0,
                        fixed: bool = False, allow_unconverged: bool = False) -> np.ndarray:
        """Return what customers may buy in (T, T + t], drawn many times.

        Each draw takes parameters of its own (normal in their logs, with the covariance of the fit; one draw, one
        set for all customers), then for each customer, given the history: whether he is active, his rate and his
        dropout, and what they lead to.

        Parameters
        ----------
        t : float
            Horizon in the unit of the model.
        x, t_x, T : array_like, or a CustomerBase or summary alone
            The histories.
        draws : int
            How often; the result has as many columns.
        seed : int
            As in `simulate`.
        fixed : bool
            Take the parameters as they are estimated. So it is where all of them were given.
        allow_unconverged : bool
            Draw from a fit without certificate.

        Returns
        -------
        ndarray, shape (customers, draws)
            Purchases. NaN where a history cannot be.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> model.simulate_future(39.0, [2.0], [30.43], [38.86], draws=8).shape
        (1, 8)
        """
        history = flat_columns(self._history(x, t_x, T))
        known, sets = self._known(len(history[0])), self._sets(counted_draws(draws), seed, fixed, allow_unconverged)
        flat = _core.simulate_futures(self.word, sets, history, horizon(t, self.whole), draws, seeded(seed), known)
        return flat.reshape(-1, draws)

    def purchase_interval(self, t: float, x: Any, t_x: Any = None, T: Any = None, *, level: float = 0.9,
                          draws: int = 1000, seed: int = 0, fixed: bool = False,
                          allow_unconverged: bool = False) -> Interval:
        """Return between which numbers the purchases in (T, T + t] lie, of each customer and of all together.

        Both what the data leave open of the parameters and chance itself are in it: the draws are those of
        `simulate_future`, summed up in place. Other arguments are those of `simulate_future`.

        Parameters
        ----------
        level : float
            Probability, between 0 and 1, that a number lies from `low` to `high`; half of the rest on each side.
            Purchases are whole numbers, so that of one customer is often larger.

        Returns
        -------
        Interval
            ``low, high`` (of the kind of `x`), ``total`` with ``expected, se, low, high``, and ``level``;
            ``table()`` is a frame with customer, expected, low, high. The standard error is that of the expected
            total; its interval is wider, as chance comes on top.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> found = model.purchase_interval(39.0, [2.0, 0.0], [30.43, 0.0], [38.86, 38.86])
        >>> found.low, found.high, round(found.total.expected, 3)
        (array([0., 0.]), array([5., 1.]), 1.421)
        """
        low, high = ranks(level, counted_draws(draws))
        given = self._history(x, t_x, T)
        history = flat_columns(given)
        known, sets = self._known(len(history[0])), self._sets(draws, seed, fixed, allow_unconverged)
        (lows, highs), totals = _core.future_spread(self.word, sets, history, horizon(t, self.whole), draws,
                                                    seeded(seed), (low, high), known)
        totals.sort()
        total = Total(*self._expected_total(t, history, fixed, allow_unconverged), float(totals[low]),
                      float(totals[high]))
        expected = np.asarray(self.expected_purchases(t, *history, allow_unconverged=allow_unconverged))
        return Interval({"expected": expected, "low": lows, "high": highs}, total, level, given[0],
                        framing(x, t_x is None))

    def _values(self, allow: bool) -> np.ndarray:
        return np.array(Model.parameters(self, allow))

    def _at(self, values: np.ndarray) -> tuple[Any, ...]:
        """Return the parameters of the formulas where those of the fit are `values`."""
        return tuple(values)

    def _known(self, n: int) -> Any:
        """Return the covariates of `n` customers and their means, as the core takes them; None without."""
        return None

    def _sets(self, draws: int, seed: int, fixed: bool, allow: bool) -> np.ndarray:
        values = self._values(allow)
        if fixed or not hasattr(self, "cov_"):
            return values
        return _core.draw_parameters(values, np.ascontiguousarray(self.cov_).ravel(), draws, seeded(seed),
                                     len(self._coefficients()))

    def _expected_total(self, t: float, history: tuple[np.ndarray, ...], fixed: bool,
                        allow: bool) -> tuple[float, float]:
        """Return the sum of the expected purchases and its standard error: slopes by central differences."""
        kernel, values = getattr(_core, f"{self.word}_expected_purchases"), self._values(allow)
        there = ~np.isnan(history[2])

        def total(at: np.ndarray) -> float:
            own = [parameter[there] if np.ndim(parameter) else parameter for parameter in self._at(at)]
            return sum_of(in_blocks(kernel, t, *(column[there] for column in history), *own))

        if fixed or not hasattr(self, "cov_"):
            return total(values), 0.0
        positive = np.arange(len(values)) < len(values) - len(self._coefficients())
        steps = 1e-3 * np.minimum(np.sqrt(np.diag(self.cov_)), np.where(positive, values, math.inf))
        slope = np.array([(total(values + step) - total(values - step)) / (2 * step.sum()) if step.any() else 0.0
                          for step in np.diag(steps)])
        return total(values), math.sqrt(max(slope @ self.cov_ @ slope, 0.0))


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
