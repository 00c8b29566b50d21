"""Base class of the models of purchases: fits to histories, predictions, draws, evaluation."""
from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import like
from .._broadcast import call, in_blocks, values_of
from .._dates import UNITS, continuous, duration, split_unit
from .._formatting import Coefficients
from .._validation import Seed, in_short, ranks, seeded, sum_of
from ..customers.operational_time import OperationalTime
from ..customers.snapshot import HistorySource, Snapshot
from ..errors import ConfigError
from ..evaluation.accuracy import Evaluation, evaluate
from .base import Model
from .clock import Clock
from .clock_fit import fitted_clock, joint_covariance
from .histories import (
    Covariates,
    Customers,
    Data,
    Histories,
    columns_of,
    drawn_at,
    read_histories,
    same_unit,
    snapshot_of,
    unit_of,
)
from .prediction import (
    Bootstrap,
    Interval,
    Total,
    ages_of,
    by_pairs,
    checked_draws,
    flat_columns,
    framing,
    horizon,
    prediction,
)

CLOCK_SEED = 1 << 62           # turns a seed into that of the intensity of the clock


class PurchaseModel(Model):
    """A model of purchases, fitted to histories (x, t_x, T) by maximum likelihood.

    A subclass states its kernel prefix, the names of its parameters and its constructor. All times are in one unit,
    that of the model. Histories are arrays, or pandas or polars columns, which come back as such; columns of other
    libraries come back as arrays. Everything broadcasts. A `CustomerBase`, or a summary in the unit of the model, can
    replace the three columns. A quantity that a model does not have raises ConfigError. Draws with the same seed are
    the same bits on every machine.
    """

    role = "purchases"
    counts_time: ClassVar[bool] = False    # in opportunities, so times are whole numbers
    units: ClassVar[tuple[str, ...]] = UNITS
    history_columns: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")        # of a fit
    takes_clock: ClassVar[bool] = False    # customers drop out at purchases, or never
    clock: Clock | str | None = None
    clock_: Clock | None = None            # as fitted

    def __init__(self, *, unit: str | None = None, clock: Clock | str | None = None, **given: float | None):
        super().__init__(**given)
        if unit is not None:
            split_unit(unit, self.units)
        self.unit = unit
        if clock is not None:
            self.clock = self._clock_of(clock)

    def _clock_of(self, given: Clock | str) -> Clock:
        if not self.takes_clock:
            raise ConfigError(f"{type(self).__name__} takes no clock: its customers drop out between purchases, in "
                              "calendar time; cv.MBGNBD(clock=\"M\") and cv.NBD(clock=\"M\") take one")
        if not isinstance(given, Clock | str):
            raise ConfigError(f"clock={in_short(given)}: pass \"M\", \"W\", a cv.Clock or None")
        return Clock(given) if isinstance(given, str) else given

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return (*self.names, "unit", *(("clock",) if self.takes_clock else ()))

    # ---- fits ----

    def fit(self, data: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
            weights: ArrayLike | str | None = None, unit: str | None = None, covariates: Customers | None = None,
            max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, summary frame, or array_like of shape (n,)
            A base is summarised in the unit of the model (of the base, if the model has none). A frame has columns x,
            t_x, T, or frequency, recency, T as lifetimes defines them. An array is x.
        t_x, T : array_like, shape (n,), optional
            With x as an array: age at the last purchase and at the end.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this history.
        unit : {"h", "D", "W", "M", "Q", "Y"}, optional
            The unit of t_x and T in a frame or in arrays, which do not carry theirs.
        covariates : CustomerBase or frame, optional
            With the columns of the model's covariates, a row per history; by default they are taken from `data` (from
            the profile of a base).
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            With ``status_``, ``params_``, ``se_``, ``cov_``, ``loglik_`` (nats, timing form), ``aic_``,
            ``bic_``, ``n_`` (customers), ``n_iter_`` (passes of the search that found the optimum),
            ``notes_`` and, if the status is not "converged", ``advice_``, which ends with the call to make, and
            ``null_direction_``, along which the likelihood is flattest. ``end_`` is the last day of a base, else
            None. A model without a unit takes that of the data.

        Raises
        ------
        DataError
            An invalid history, or a unit that differs from the model's.
        """
        mine = self.agreed_unit(data, unit)
        known = self._read_covariates(data, covariates)
        clock = fitted_clock(self, data, mine, max_passes)
        histories = read_histories(data, {"t_x": t_x, "T": T}, weights, mine, known, clock)
        self._fit(histories, max_passes)
        vars(self)["unit"] = mine
        view = snapshot_of(data)
        return self if clock is None or view is None else self.run_on(clock, view)

    def run_on(self, clock: Clock, view: Snapshot) -> Self:
        """Keep the clock of a fit, whose log-likelihood gains the sum of log m at the repeat purchases.

        The covariance of the parameters is that of the fit of both, where it is known.
        """
        gain = clock.gain
        self.set_fit({"clock": clock, "loglik": self.loglik_ + gain, "aic": self.aic_ - 2 * gain,
                      "bic": self.bic_ - 2 * gain})
        covariance = joint_covariance(self, view, clock)
        if covariance is not None:
            se = dict(zip(self.names, np.sqrt(np.diag(covariance)).tolist(), strict=True))
            self.set_fit({"cov": covariance, "se": {name: se[name] if self.se_[name] == self.se_[name] else math.nan
                                                    for name in self.names}})
        return self

    def histories(self, view: Snapshot, names: Sequence[str] = ("x", "t_x", "T")) -> dict[str, np.ndarray]:
        """Return columns of the histories of a snapshot in the time of the model."""
        assert self.unit is not None, "callers demand a model with a unit"
        return view.histories(names, self.unit, self.times(view))

    def times(self, view: Snapshot) -> OperationalTime | None:
        """Return operational time by day up to the end of a snapshot, None without a clock."""
        return None if self.clock_ is None else self.clock_.times(view)

    def elapsed(self, end: np.datetime64, days: float | np.ndarray) -> np.ndarray:
        """Return the time of the model that passes in a number of days after the day `end`."""
        assert self.unit is not None, "callers demand a model with a unit"
        if self.clock_ is not None:
            return self.clock_.elapsed(end, days)
        num, den = duration(self.unit)
        return np.asarray(np.asarray(days, float) * num / den)

    def days(self, end: np.datetime64, time: np.ndarray) -> np.ndarray:
        """Return the number of days after the day `end` in which a time of the model passes."""
        assert self.unit is not None, "callers demand a model with a unit"
        if self.clock_ is not None:
            return self.clock_.days_until(end, time)
        num, den = duration(self.unit)
        return np.asarray(np.asarray(time, float) * den / num)

    def _time(self, t: Any, data: Data | None, name: str = "t") -> Any:
        """Return a horizon in the time of the model: on a clock it begins on the day after the end of the base."""
        view = snapshot_of(data)
        if self.clock_ is None or view is None:
            return t
        num, den = duration(self.clock_.unit_)
        wanted = np.asarray(values_of(t, name), float)
        return like(t, self.clock_.elapsed(view.day, wanted * den / num), name)

    def _days(self, time: Any, data: Data | None) -> Any:
        """Return a time of the model in its unit of calendar time, for a base on a clock; else as it is."""
        view = snapshot_of(data)
        if self.clock_ is None or view is None:
            return time
        num, den = duration(self.clock_.unit_)
        return self.days(view.day, time) * num / den

    def _horizons(self, t: float, data: Data, draws: int, seed: int) -> Any:
        """Return the horizon of every draw: one for all, or on a clock as many as its uncertain intensity."""
        ahead = horizon(t, self.counts_time)
        view = snapshot_of(data)
        if self.clock_ is None or view is None:
            return ahead
        num, den = duration(self.clock_.unit_)
        return np.ascontiguousarray(self.drawn_edges(view.day, np.array([ahead * den / num]), draws, seed)[:, 0])

    def drawn_edges(self, end: np.datetime64, days: np.ndarray, draws: int, key: int) -> np.ndarray:
        """Return the time of the model that passes in ascending numbers of days after `end`.

        On a clock a row for each draw of its uncertain intensity, by the `key` that `seeded` returns.
        """
        if self.clock_ is None:
            return self.elapsed(end, days)
        return self.clock_.drawn(end, np.asarray(days, float), draws, key ^ CLOCK_SEED)

    def bootstrap(self, data: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                  weights: ArrayLike | str | None = None, unit: str | None = None, replicates: int = 200,
                  seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers, which need no normal approximation.

        Each replicate counts every customer Poisson(1) times: once on average, some not at all, some often. Its
        refit starts from the estimate. Equal histories are resampled together, so a replicate of a million customers
        costs a few milliseconds.

        Parameters
        ----------
        data, t_x, T, weights, unit
            The data of the fit, as in `fit`.
        replicates : int
            Number of refits.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances. Replicate i of a seed does not depend on the number of
            replicates. Draws belong to places among the sorted histories, so the same customers in another order may
            be resampled differently.

        Returns
        -------
        Bootstrap
            ``parameters`` by name, ``summary(level=)``, ``failed``.

        Raises
        ------
        FitError
            The model has no converged fit, or nothing was estimated.
        DataError
            An invalid history, or a unit that differs from the model's.

        Examples
        --------
        >>> import custval as cv
        >>> truth = cv.BGNBD(r=0.5, alpha=6.0, a=0.8, b=2.5)
        >>> data = truth.simulate(2000, 52.0)
        >>> cv.BGNBD().fit(data).bootstrap(data, replicates=100).failed
        0
        """
        return self._bootstrap(self._histories(data, t_x, T, weights, unit), replicates, seed)

    def influence(self, data: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                  unit: str | None = None, top: int = 5) -> Coefficients:
        """Return the customers with the largest influence on the fit: tests, resellers and bots stand out here.

        Parameters
        ----------
        data, t_x, T, unit
            The data of the fit, as in `fit`.
        top : int
            Number of customers.

        Returns
        -------
        Coefficients
            Columns: the customer (or row) and the history; ``displacement``, the fall of twice the log-likelihood at
            the estimate found without the customer; and the change of each parameter, in standard errors. All to
            first order: for an extreme customer the order is informative, the size is not.

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

    def agreed_unit(self, data: Data, unit: str | None) -> str | None:
        """Return the unit of the times: that of the model, the one stated, or that of the data."""
        if unit is not None:
            split_unit(unit)
        theirs = unit_of(data)
        same_unit(theirs, unit)
        unit = unit or theirs
        same_unit(unit, self.unit)
        if self.unit or unit:
            return self.unit or unit
        view = snapshot_of(data)
        return None if view is None else view.provenance.unit

    def _histories(self, data: Data, t_x: ArrayLike | None, T: ArrayLike | None, weights: ArrayLike | str | None,
                   unit: str | None) -> Histories:
        """Return the histories of a bootstrap or an influence."""
        return read_histories(data, {"t_x": t_x, "T": T}, weights, self.agreed_unit(data, unit), clock=self.clock_)

    def _read_covariates(self, data: Data, covariates: Customers | None) -> Covariates:
        if covariates is not None:
            raise ConfigError(f"{type(self).__name__} takes no covariates")
        return (), ()

    # ---- bound covariates, which only a `CovariateModel` has ----

    def given(self, data: Data, *, allow_unconverged: bool = False) -> Self:
        """Return the model itself: without covariates it is the same for all customers."""
        return self

    def bound_to(self, data: Data, allow_unconverged: bool = False) -> Self:
        """Return the model for the customers of `data`: as it was bound to them, or bound now."""
        return self

    def _ages(self, T: ArrayLike) -> ArrayLike:
        """Return ages at the end of observation in the order of the customers that the model is bound to."""
        return T

    def covariate_input(self, n: int) -> Any:
        """Return the covariates of `n` customers, as draws of the core take them, or None."""
        return None

    def _parameters_for(self, columns: tuple[Any, ...], allow: bool) -> tuple[Any, ...]:
        """Return the parameters for the customers whose histories are these columns."""
        return self.parameters(allow)

    # ---- quantities ----

    def has(self, quantity: str) -> bool:
        """Return whether the model has a quantity."""
        return hasattr(_core, f"{self.prefix}_{quantity}")

    def _history(self, data: Data | None, t_x: ArrayLike | None, T: ArrayLike | None) -> tuple[Any, ...]:
        """Return the columns x, t_x, T: as given, or those of a base or summary given alone."""
        return columns_of(("x", "t_x", "T"), (data, t_x, T), self.unit, self.clock_)

    def _call(self, quantity: str, *columns: Any, allow: bool = False, **kwargs: Any) -> Any:
        """Return the ufunc `quantity` of the model at the columns; ``p_alive_at`` and the like are named p_alive."""
        name = quantity.removesuffix("_between").removesuffix("_at").removesuffix("_given")
        if not self.has(quantity):
            raise ConfigError(f"{type(self).__name__} has no {name}: the model does not define it")
        kernel = getattr(_core, f"{self.prefix}_{quantity}")
        return call(name, kernel, *columns, *self._parameters_for(columns, allow), **kwargs)

    def _ahead(self, quantity: str, front: tuple[Any, ...], history: tuple[Any, ...], edges: tuple[Any, ...],
               rate: float, **kwargs: Any) -> Any:
        """Return a quantity of the time between two edges, or now: by pairs if all customers share the parameters."""
        alike = self.prefix in _core.BATCH_MODELS and self.names == type(self).names
        by = partial(by_pairs, self.prefix, len(self.names), edges, rate) if alike else in_blocks
        return self._call(quantity, *front, *history, by=by, **kwargs)

    def discounted_purchases(self, edges: np.ndarray, factors: np.ndarray, history: tuple[np.ndarray, ...],
                             allow: bool) -> np.ndarray:
        """Return the sum over the periods between edges of expected purchases times a factor each."""
        own = self._parameters_for(history, allow)
        if self.prefix in _core.BATCH_MODELS and all(np.ndim(value) == 0 for value in own):
            x, t_x, T = (np.asarray(column, float) for column in history)
            return _core.batch_predict(self.prefix, x, t_x, T, np.array(own, float), edges, factors, 0.0)
        total, start = np.zeros(len(history[0])), float(edges[0])
        before: Any = 0.0
        for end, factor in zip(edges[1:].tolist(), factors.tolist(), strict=True):   # short windows are slow
            until = np.asarray(self.expected_purchases((start, end), *history, allow_unconverged=allow))
            total, before = total + (until - before) * factor, until
        return total

    def p_alive(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                t: ArrayLike | None = None, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability that a customer is still active at age `T`, or at T + t.

        Parameters
        ----------
        x : array_like, CustomerBase or summary frame
            Repeat purchases, whole numbers, ``x >= 0``; or the whole history.
        t_x, T : array_like
            Age at the last purchase and age at the end, in the unit of the model.
        t : array_like, optional
            Time from T on, ``t >= 0``.
        allow_unconverged : bool
            Predict from a fit that did not converge.
        **kwargs
            ``out=``, ``where=`` and the like, for the ufunc.

        Returns
        -------
        ndarray or Series
            In [0, 1]. BG/NBD: exactly 1 if x = 0, because no customer drops out before a first repeat. NaN where a
            value is NaN, without a warning; NaN with NumPy's "invalid value" warning where a history is invalid
            (``np.errstate(invalid="raise")`` makes it an error): x below 0 or not a whole number, t_x below 0 or above
            T, t_x = 0 with x > 0, or t_x > 0 with x = 0. ``np.flatnonzero(np.isnan(result))`` finds the rows;
            `fit` names them.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        ConfigError
            The model does not have the quantity.
        """
        history = self._history(x, t_x, T)
        if t is None:
            return self._ahead("p_alive", (), history, (0.0,), 0.0, allow=allow_unconverged, **kwargs)
        return self._call("p_alive_at", self._time(t, x), *history, allow=allow_unconverged, **kwargs)

    def p_purchase(self, t: ArrayLike, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                   allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability of at least one purchase in (T, T + t]; `t` may be infinite.

        Other arguments, result and errors are those of `p_alive`.
        """
        return self._call("p_purchase", self._time(t, x), *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def expected_purchases(self, t: ArrayLike | tuple[ArrayLike, ArrayLike], x: Data, t_x: ArrayLike | None = None,
                           T: ArrayLike | None = None, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of purchases in the period (T, T + t].

        `t` is a horizon or column of horizons in the unit of the model, or a tuple (t1, t2): then purchases in
        (T + t1, T + t2] are counted. Other arguments, result and errors are those of `p_alive`.
        """
        history = self._history(x, t_x, T)
        if isinstance(t, tuple):
            if len(t) != 2:
                raise ConfigError(f"t: pass a horizon, a column of them, or a tuple of two, not of {len(t)}")
            t = (self._time(t[0], x), self._time(t[1], x))
            return self._ahead("expected_purchases_between", t, history, t, 0.0, allow=allow_unconverged, **kwargs)
        t = self._time(t, x)
        return self._ahead("expected_purchases", (t,), history, (0.0, t), 0.0, allow=allow_unconverged, **kwargs)

    def expected_purchases_new(self, t: ArrayLike, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of repeat purchases of a new customer in (0, t]."""
        return self._call("expected_purchases_new", t, allow=allow_unconverged, **kwargs)

    def purchase_pmf(self, k: ArrayLike, t: ArrayLike, x: Data | None = None, t_x: ArrayLike | None = None,
                     T: ArrayLike | None = None, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability of exactly `k` purchases in (T, T + t] given a history.

        Without a history: of exactly `k` repeat purchases of a new customer in (0, t]. Over all `k` it sums to 1.
        """
        if x is None and t_x is None and T is None:
            return self._call("purchase_pmf", k, t, allow=allow_unconverged, **kwargs)
        return self._call("purchase_pmf_given", k, self._time(t, x), *self._history(x, t_x, T),
                          allow=allow_unconverged, **kwargs)

    def residual_lifetime(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                          allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected time that a customer stays active after T; churned customers count as 0.

        Infinite if the mean is: some customers stay so long that no mean exists (use a quantity with a horizon then).
        Arguments and errors are those of `p_alive`.
        """
        time = self._call("residual_lifetime", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)
        return self._days(time, x)

    def next_purchase(self, q: ArrayLike, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                      allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the time from T on within which the next purchase comes with probability `q`.

        ``q = 0.5`` is the median. Infinite if that probability is never reached, because the customer may have
        churned. `q` lies between 0 and 1; other arguments and errors are those of `p_alive`.
        """
        time = self._call("next_purchase", q, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)
        return self._days(time, x)

    def expected_rate(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                      allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the posterior mean of the customer's own purchase rate while active, per unit of time of the model.

        Arguments and errors are those of `p_alive`.
        """
        return self._call("expected_rate", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def expected_dropout(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                         allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the posterior mean of the customer's own dropout parameter, named in the Notes of the model.

        Arguments and errors are those of `p_alive`.
        """
        return self._call("expected_dropout", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def loglik(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
               allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the log-likelihood of each history, in nats; its sum over the data is ``loglik_``."""
        return self._call("loglik", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def dert(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *, discount: float,
             t: ArrayLike | None = None, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the discounted expected residual transactions: purchases after T, each discounted to T.

        Parameters
        ----------
        x, t_x, T : array_like
            As in `p_alive`.
        discount : float
            Effective annual rate, 0 or more: 0.15 gives a purchase after one year (365.25 days) the weight 1/1.15.
        t : array_like, optional
            Horizon in the unit of the model; by default the whole future (`discount` above 0 then).

        Returns
        -------
        ndarray or Series
            Discounted number of purchases.

        Raises
        ------
        ConfigError
            The model has no unit, or the rate is not possible.
        """
        rate = continuous(discount, self.unit, type(self).__name__, t is None)
        ahead = math.inf if t is None else self._time(t, x)
        return self._ahead("dert", (ahead, rate), self._history(x, t_x, T), (0.0, ahead), rate,
                           allow=allow_unconverged, **kwargs)

    # ---- draws ----

    def simulate(self, n: int, T: ArrayLike, *, seed: Seed = 0,
                 allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the histories of `n` new customers, drawn from the model.

        Parameters
        ----------
        n : int
            Number of customers; with covariates the number of customers that the model is bound to.
        T : float or array_like, shape (n,)
            Age at the end of observation, in the unit of the model.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances. Customer i of a seed does not depend on `n`.
        allow_unconverged : bool
            Draw from a fit that did not converge.

        Returns
        -------
        dict of ndarray, shape (n,)
            x, t_x, T and, if the model needs it, litt: the columns that `fit` takes. Purchase times are continuous,
            not whole days.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            An age is negative, NaN or infinite, or there are not `n` of them.
        ConfigError
            The seed is not valid, or the model cannot be drawn from.

        Notes
        -----
        Philox4x32-10, a counter-based generator: Salmon, Moraes, Dror, Shaw (2011).

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> model.simulate(5, 39.0, seed=4)["x"]
        array([ 2,  0,  3,  1, 11])
        """
        values, known = self.estimates(allow_unconverged), self.covariate_input(n)
        ages = ages_of(n, self._ages(T), type(self).__name__ if self.counts_time else "")
        x, t_x, *litt = _core.simulate(self.prefix, values, ages, seeded(seed), known)
        return {"x": x.astype(np.int64), "t_x": t_x, "T": ages} | ({"litt": litt[0]} if litt else {})

    def simulate_future(self, t: float, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                        draws: int = 1000, seed: Seed = 0, fixed: bool = False,
                        allow_unconverged: bool = False) -> np.ndarray:
        """Return the purchases of customers in (T, T + t], drawn many times.

        Each draw takes a set of parameters (normal in their logs, with the covariance of the fit; one set per draw for
        all customers), then for each customer, given the history: activity, rate and dropout, and the purchases that
        follow from them.

        Parameters
        ----------
        t : float
            Horizon in the unit of the model.
        x, t_x, T : array_like, or a CustomerBase or summary alone
            The histories.
        draws : int
            Number of draws, the columns of the result. A customer of a base has the same draws in a part of it.
        seed : int or numpy.random.Generator
            As in `simulate`.
        fixed : bool
            Keep the parameters at their estimates, as is always done if all of them were given.
        allow_unconverged : bool
            Draw from a fit that did not converge.

        Returns
        -------
        ndarray, shape (customers, draws)
            Purchases. NaN where a history is invalid.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> model.simulate_future(39.0, [2.0], [30.43], [38.86], draws=8).shape
        (1, 8)
        """
        history, seed = flat_columns(self._history(x, t_x, T)), seeded(seed)
        known = self.covariate_input(len(history[0]))
        sets = self.drawn_parameters(checked_draws(draws), seed, fixed=fixed, allow_unconverged=allow_unconverged)
        horizons = self._horizons(t, x, draws, seed)
        flat = _core.simulate_futures(self.prefix, sets, (*history, *drawn_at(x)), horizons, draws, seed, known)
        return flat.reshape(-1, draws)

    def purchase_interval(self, t: float, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *,
                          level: float = 0.9, draws: int = 1000, seed: Seed = 0, fixed: bool = False,
                          allow_unconverged: bool = False) -> Interval:
        """Return prediction intervals for the purchases in (T, T + t], of each customer and of all together.

        They cover both the uncertainty of the parameters and the randomness of purchases: the draws are those of
        `simulate_future`, summed up in place. Other arguments are those of `simulate_future`.

        Parameters
        ----------
        level : float
            Probability, between 0 and 1, that a number lies from `low` to `high`; half of the rest on each side, or all
            of it above where `low` is the smallest number drawn, such as 0. Purchases are whole numbers, so for one
            customer the probability is often larger.

        Returns
        -------
        Interval
            ``low, high`` (of the kind of `x`), ``total`` with ``expected, se, low, high``, and ``level``;
            ``table()`` is a frame with customer, expected, low, high. The standard error is that of the expected
            total; its interval is wider, because the randomness of purchases is added.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
        >>> found = model.purchase_interval(39.0, [2.0, 0.0], [30.43, 0.0], [38.86, 38.86])
        >>> found.low, found.high, round(found.total.expected, 3)
        (array([0., 0.]), array([3., 1.]), 1.421)
        """
        (low, high), seed = ranks(level, checked_draws(draws)), seeded(seed)
        given = self._history(x, t_x, T)
        history = flat_columns(given)
        known = self.covariate_input(len(history[0]))
        sets = self.drawn_parameters(draws, seed, fixed=fixed, allow_unconverged=allow_unconverged)
        (lows, highs), totals = _core.future_spread(self.prefix, sets, (*history, *drawn_at(x)),
                                                    self._horizons(t, x, draws, seed), draws, seed, (low, high), known)
        t = self._time(t, x)
        totals.sort()
        variance = 0.0 if fixed else self.variance_of(lambda model: model.expected_total(t, history))
        bounds = (math.nan, math.nan) if getattr(self, "missing_", False) else (float(totals[low]), float(totals[high]))
        total = Total(self.expected_total(t, history, allow_unconverged), math.sqrt(max(variance, 0.0)), *bounds)
        expected = np.asarray(self.expected_purchases(t, *history, allow_unconverged=allow_unconverged))
        return Interval({"expected": expected, "low": lows, "high": highs}, total, level, given[0],
                        framing(x, t_x is None))

    def expected_total(self, t: float, history: tuple[np.ndarray, ...], allow_unconverged: bool = True) -> float:
        """Return the sum of the expected purchases in (T, T + t] over the customers with a history."""
        kernel, there = getattr(_core, f"{self.prefix}_expected_purchases"), ~np.isnan(history[2])
        own = [parameter[there] if np.ndim(parameter) else parameter
               for parameter in self.parameters(allow_unconverged)]
        return sum_of(in_blocks(kernel, t, *(column[there] for column in history), *own))

    # ---- tables and evaluation ----

    def predict(self, data: Customers, *, periods: int = 3, unit: str = "Q", allow_unconverged: bool = False) -> Any:
        """Return one table of predictions for every customer.

        Parameters
        ----------
        data : CustomerBase or summary frame
            The customers; a summary in the unit of the model.
        periods : int
            Number of whole periods.
        unit : str
            D, W, M, Q or Y. For a base they are the next periods of the calendar, as in `forecast`, with an anchor such
            as Q-MAR; a summary has no calendar, and they are durations from T on (M is 365.25/12 days).
        allow_unconverged : bool
            Predict from a fit that did not converge.

        Returns
        -------
        frame of the caller's kind
            Quantities that the model does not have are left out.

            =================  ==================================================================================
            customer           the id, if there is one
            p_alive            probability of being active at T
            2026Q1, ...        expected purchases by period, after ``rest of 2025Q4`` unless `end` closes a
                               period; ``Q+1``, ... for a summary
            sum_3Q             expected purchases in all whole periods
            p_purchase         probability of a purchase up to the end of the last one
            next_purchase      median day of the next purchase, NaT if it is likelier that none will come; for a
                               summary the time from T on, infinite then
            residual_lifetime  expected time to stay active, in the unit of the model
            expected_rate      the customer's own purchase rate, per unit of the model
            expected_dropout   the customer's own dropout parameter
            =================  ==================================================================================

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            The base is a holdout, or a column of the history is missing.
        ConfigError
            A setting is not known, or the model has no unit.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W")
        >>> list(model.predict({"customer": [7], "x": [2], "t_x": [30.43], "T": [38.86]}, periods=2))[:5]
        ['customer', 'p_alive', 'Q+1', 'Q+2', 'sum_2Q']
        """
        return prediction(self.bound_to(data, allow_unconverged), data, periods, unit, allow_unconverged)

    def evaluate(self, holdout: HistorySource) -> Evaluation:
        """Return the accuracy of the model's predictions for a holdout, beside a naive baseline.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the model is fitted to the first. It predicts for the customers
            known then, from their histories at the end of that day.

            A model fitted to a base that ends in the holdout or later is refused, also after `custval.load`; for a
            model fitted to a frame, or with all parameters given, this cannot be checked.

        Returns
        -------
        Evaluation
            ``model`` and ``naive``, each with expected, actual, bias, mae, rmse, gini, top_20_capture and deviance;
            ``deciles()`` and ``by_x()``; ``grade``, from the best 20 % of customers found, the mean absolute error and
            the bias: ``"A"`` for at least 5 % more of them than the naive baseline and no larger error, ``"C"`` for
            fewer, a larger error or a bias of 25 % or more, else ``"B"``, also where the bias is above 10 %.

        Raises
        ------
        DataError
            Not a holdout, no customer has a purchase before it, or the model was fitted to days in it.
        ConfigError
            The model has no unit.
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
