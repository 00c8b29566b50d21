"""What a model of purchases says of one customer, now, in a horizon and for ever."""
from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from .. import _core
from .._broadcast import call, in_blocks
from .._dates import continuous
from ..errors import ConfigError
from .ahead import WORDS, by_pairs
from .base import Model
from .histories import columns_of


class Quantities(Model):
    """The quantities of every model of purchases; one that a model has not is a ConfigError.

    Times are in the unit of the model. Histories (x, t_x, T) are arrays, or pandas or polars columns, which come
    back as such; of other libraries' columns come arrays. Everything broadcasts. In place of the three a
    `CustomerBase` or a summary in the unit of the model can stand alone.
    """

    unit: str | None

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
        alike = self.word in WORDS and self.names == type(self).names
        by = partial(by_pairs, self.word, len(self.names), edges, rate) if alike else in_blocks
        return self._call(quantity, *front, *history, by=by, **kwargs)

    def _discounted(self, edges: np.ndarray, factors: np.ndarray, history: tuple[Any, ...], allow: bool) -> np.ndarray:
        """Return the sum over the periods between edges of expected purchases times a factor each."""
        own = self._parameters_of(history, allow)
        if self.word in WORDS and all(np.ndim(value) == 0 for value in own):
            x, t_x, T = (np.asarray(column, float) for column in history)
            return _core.ahead(self.word, x, t_x, T, np.array(own, float), edges, factors, 0.0)
        total = np.zeros(len(history[0]))
        for low, high, factor in zip(edges[:-1].tolist(), edges[1:].tolist(), factors.tolist(), strict=True):
            part = self.expected_purchases((low, high), *history, allow_unconverged=allow)
            total = np.asarray(_core.discounted(total, np.asarray(part), factor))
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
