"""Customers drawn from a model of purchases: new ones, what follows a history, and intervals of it."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from .. import _core
from .._broadcast import in_blocks
from .._tabular import with_customers
from .._validation import ranks, sum_of
from ..errors import ConfigError, DataError
from .base import Model, seeded
from .interval import Interval, Total
from .quantities import Quantities


class Draws(Quantities):
    """What is drawn at random, from a seed: the same seed gives the same bits, wherever it runs."""

    whole: ClassVar[bool] = False          # time is counted, in opportunities

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
        history = _flat(self._history(x, t_x, T))
        known, sets = self._known(len(history[0])), self._sets(counted_draws(draws), seed, fixed, allow_unconverged)
        flat = _core.simulate_futures(self.word, sets, *history, _horizon(t, self.whole), draws, seeded(seed), *known)
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
        history = _flat(given)
        known, sets = self._known(len(history[0])), self._sets(draws, seed, fixed, allow_unconverged)
        (lows, highs), totals = _core.future_spread(self.word, sets, *history, _horizon(t, self.whole), draws,
                                                    seeded(seed), low, high, *known)
        totals.sort()
        total = Total(*self._expected_total(t, history, fixed, allow_unconverged), float(totals[low]),
                      float(totals[high]))
        expected = np.asarray(self.expected_purchases(t, *history, allow_unconverged=allow_unconverged))
        return Interval({"expected": expected, "low": lows, "high": highs}, total, level, given[0],
                        _framing(x, t_x is None))

    def _values(self, allow: bool) -> np.ndarray:
        return np.array(Model.parameters(self, allow))

    def _at(self, values: np.ndarray) -> tuple[Any, ...]:
        """Return the parameters of the formulas where those of the fit are `values`."""
        return tuple(values)

    def _known(self, n: int) -> tuple[Any, ...]:
        """Return the covariates of `n` customers, as the core takes them."""
        return ()

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


def _flat(columns: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x, T as doubles of one length."""
    x, t_x, T = (np.ascontiguousarray(column.reshape(-1))
                 for column in np.broadcast_arrays(*(np.asarray(column, float) for column in columns)))
    return x, t_x, T


def _framing(x: Any, alone: bool) -> Callable[[Any], Any]:
    """Return what makes a frame of the kind of a base, of a frame or of the column x."""
    if hasattr(x, "_summary"):
        framing: Callable[[Any], Any] = x._frame
        return framing
    return partial(with_customers, x if alone else x.to_frame() if hasattr(x, "to_frame") else {})


def new_customers(model: Any, values: np.ndarray, n: int, T: Any, seed: int,
                  known: tuple[Any, ...] = ()) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """Return the ages of `n` new customers and the columns that the core draws for them."""
    ages = np.asarray(T, float)
    if not isinstance(n, int | np.integer) or n < 0:
        raise ConfigError(f"n={n!r}: pass a number of customers")
    if ages.shape not in ((), (n,)):
        raise DataError(f"T: {ages.size:,} ages for {n:,} customers; pass one, or one for each")
    if not (np.isfinite(ages) & (ages >= 0)).all():
        raise DataError("T: an age is a finite number, 0 or more")
    if model.whole and (ages != np.floor(ages)).any():
        raise DataError(f"T: {type(model).__name__} counts its time, so an age is a whole number")
    ages = np.broadcast_to(ages, (n,)).copy()
    return ages, _core.simulate(model.word, values, ages, seeded(seed), *known)


def counted_draws(draws: int) -> int:
    """Return a number of draws, or raise."""
    if not isinstance(draws, int | np.integer) or not 1 <= draws < 2**32:
        raise ConfigError(f"draws={draws!r}: pass how often to draw, 1 or more")
    return int(draws)


def _horizon(t: Any, whole: bool) -> float:
    if np.ndim(t) or not 0 <= float(t) < math.inf:
        raise ConfigError(f"t={t!r}: pass one finite horizon, 0 or more, in the unit of the model")
    if whole and float(t) != math.floor(t):
        raise ConfigError(f"t={t!r}: the model counts its time, so a horizon is a whole number")
    return float(t)
