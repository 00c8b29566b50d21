"""Models of how often customers buy and when they stop, on histories (x, t_x, T)."""
from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

from .. import _core
from .._call import call
from .._errors import ConfigError, DataError
from .._time import duration, split_unit
from ._histories import columns_of, leave_out, read
from ._model import Model


class PurchaseModel(Model):
    """What BG/NBD and MBG/NBD share: the fit, and the quantities of one customer.

    Times are in the unit of the model; alpha is a rate of a rate, so its unit is time as well.
    Histories (x, t_x, T) are arrays, or pandas or polars columns, which come back as such; of other libraries'
    columns come arrays. Everything broadcasts. In place of the three a `CustomerBase` or a summary in the unit of
    the model can stand alone.
    """

    role = "purchases"
    names = ("r", "alpha", "a", "b")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, a: float | None = None,
                 b: float | None = None, unit: str | None = None):
        super().__init__(r=r, alpha=alpha, a=a, b=b)
        if unit is not None:
            split_unit(unit)
        self.unit = unit

    def _keywords(self) -> tuple[str, ...]:
        return (*self.names, "unit")

    def fit(self, data: Any, t_x: Any = None, T: Any = None, *, weights: Any = None, unit: str | None = None,
            max_passes: int = 100) -> Self:
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
        histories = read(data, {"t_x": t_x, "T": T}, weights, mine)
        if histories.source != "arrays":
            c = histories.columns
            histories = leave_out(histories, np.isnan(c["T"]) & (c["x"] == 0), "have no purchase")
        self._fit(histories, max_passes)
        self.unit = mine
        return self

    def _agreed_unit(self, data: Any, unit: str | None) -> str | None:
        if unit is not None:
            split_unit(unit)
        if self.unit is not None and unit is not None and split_unit(unit)[0] != split_unit(self.unit)[0]:
            raise DataError(f"this summary is in {unit}, the model is in {self.unit}. "
                            f"Use base.summary(unit={self.unit!r}).")
        return self.unit or unit or (data.unit if hasattr(data, "_summary") else None)

    def _call(self, quantity: str, *columns: Any, allow: bool = False, **kwargs: Any) -> Any:
        name = quantity.removesuffix("_between")
        return call(name, getattr(_core, f"{self.word}_{quantity}"), *columns, *self.parameters(allow), **kwargs)

    def _history(self, *given: Any) -> tuple[Any, ...]:
        return columns_of(("x", "t_x", "T"), given, self.unit)

    def p_alive(self, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                **kwargs: Any) -> Any:
        """Return the probability that a customer is still active at age `T`.

        Parameters
        ----------
        x : array_like, CustomerBase or summary frame
            Repeat purchases, whole numbers, ``x >= 0``; or all of the history.
        t_x, T : array_like
            Age at the last purchase and age at the end, in the unit of the model.
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
        """
        return self._call("p_alive", *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)

    def expected_purchases(self, t: Any, x: Any, t_x: Any = None, T: Any = None, *, allow_unconverged: bool = False,
                           **kwargs: Any) -> Any:
        """Return the expected number of purchases in the period (T, T + t].

        `t` is a horizon or column of horizons in the unit of the model, or a tuple (t1, t2): then purchases in
        (T + t1, T + t2] are counted. Other arguments, result and errors are those of `p_alive`.
        """
        history = self._history(x, t_x, T)
        if isinstance(t, tuple):
            return self._call("expected_purchases_between", *t, *history, allow=allow_unconverged, **kwargs)
        return self._call("expected_purchases", t, *history, allow=allow_unconverged, **kwargs)

    def expected_purchases_new(self, t: Any, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected number of repeat purchases of a new customer in (0, t]."""
        return self._call("expected_purchases_new", t, allow=allow_unconverged, **kwargs)

    def purchase_pmf(self, k: Any, t: Any, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the probability that a new customer makes exactly `k` repeat purchases in (0, t]."""
        return self._call("purchase_pmf", k, t, allow=allow_unconverged, **kwargs)

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
        if self.unit is None:
            raise ConfigError(f"{type(self).__name__} does not know its unit, so an annual rate says nothing: "
                              "pass unit= to the model or to fit")
        if not 0 <= discount < math.inf or (discount == 0 and t is None):
            raise ConfigError(f"discount={discount!r}: an effective annual rate is 0 or more, and above 0 without t")
        in_years, one = duration("Y"), duration(self.unit)
        rate = math.log1p(discount) * in_years[0] * one[1] / (in_years[1] * one[0])
        ahead = math.inf if t is None else t
        return self._call("dert", ahead, rate, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)
