"""Gamma-Gamma: spend per purchase ~ Gamma(p, rate nu), nu ~ Gamma(q, rate gamma).

f(z_1, ..., z_n) = G(p n + q) / (G(p)^n G(q)) * gamma^q (z_1 ... z_n)^(p - 1) / (gamma + z_1 + ... + z_n)^(p n + q)

f(m_x | x) = G(p x + q) / (G(p x) G(q)) * gamma^q m_x^(p x - 1) x^(p x) / (gamma + m_x x)^(p x + q)

Source: Fader, Hardie (2013), The Gamma-Gamma model of monetary value, note 025 on brucehardie.com. G is the gamma
function.
"""
from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._broadcast import call, values_of
from .._formatting import many
from .._validation import Seed, flag, seeded
from ..errors import ConfigError, FitError
from .base import FitInput
from .histories import Data, Histories, columns_of, leave_out, read, snapshot_of
from .prediction import Bootstrap
from .spend import SpendModel, names_of, with_free

MEANS, SINGLE = ("x", "m_x"), ("n", "mean", "log_mean")


class GammaGamma(SpendModel):
    """Spend per purchase ~ Gamma(p, rate nu), nu ~ Gamma(q, rate gamma); predicts mean spend.

    Parameters
    ----------
    p, q, gamma : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit. gamma is money.
    first : bool
        What is read of a base, and of a frame that has both: every single purchase, the first one included (True), or
        the mean m_x of the x repeat purchases (False), as in the paper.

    Attributes
    ----------
    columns_ : tuple of str
        The columns of the fit: n, mean, log_mean or x, m_x. Expectations for a base take the same purchases.

    Notes
    -----
    Fader, Hardie (2013), The Gamma-Gamma model of monetary value, note 025 on brucehardie.com. Spend is positive and
    independent of the purchase rate; purchases of zero, and customers without others, do not enter the fit.

    The paper's likelihood is that of the means m_x: p follows from how their variance falls with x. That of single
    purchases, for which their number, mean and mean log are sufficient, takes p from the purchases of each customer,
    and the first purchase informs about customers who have no other. On the CDNOW sample p is 3.7 instead of 6.2.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> model.expected_spend([2, 0], [22.35, float("nan")]).round(2)
    array([24.66, 35.22])
    """

    prefix = "gg"
    names = ("p", "q", "gamma")
    scales = ("gamma",)
    columns_: tuple[str, ...]

    def __init__(self, *, p: float | None = None, q: float | None = None, gamma: float | None = None,
                 first: bool = True):
        super().__init__(p=p, q=q, gamma=gamma)
        self.first = flag("first", first)

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return (*self.names, "first")

    def fit(self, data: Data, m_x: ArrayLike | None = None, log_mean: ArrayLike | None = None, *,
            weights: ArrayLike | str | None = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, frame, or array_like of shape (n,)
            A base is read as `first` says. A frame has columns n, mean, log_mean, or x, m_x, or frequency,
            monetary_value as lifetimes defines them. An array is n, or x.
        m_x : array_like, shape (n,), optional
            With an array: mean spend of these purchases, above 0. Not read where there are none.
        log_mean : array_like, shape (n,), optional
            The mean of the logs of these purchases, for the likelihood of single purchases; without it that of means.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this history.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`; ``n_`` counts the customers with purchases that are used.

        Raises
        ------
        DataError
            An invalid history. In a base or frame, customers whose mean is zero or negative are left out of the fit and
            counted in a DataWarning instead: for them use a margin rate. Single purchases of zero are counted in
            ``notes_``.
        """
        return self._fit(self._read(data, m_x, log_mean, weights), max_passes)

    def bootstrap(self, data: Data, m_x: ArrayLike | None = None, log_mean: ArrayLike | None = None, *,
                  weights: ArrayLike | str | None = None, replicates: int = 200, seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers; see ``BGNBD.bootstrap``."""
        return self._bootstrap(self._read(data, m_x, log_mean, weights), replicates, seed)

    def expected_spend(self, x: Data, m_x: ArrayLike | None = None, *, infinite: str = "raise",
                       allow_unconverged: bool = False) -> Any:
        """Return the expected mean spend of a customer's future purchases.

        Parameters
        ----------
        x : array_like, CustomerBase or frame
            Purchases that are known, or the whole history: of a base those that the fit takes (without a fit as `first`
            says), of a frame n, mean or x, m_x. For x = 0 the result is the mean of all customers, and in a base or
            frame also where the mean is not above 0: free orders tell nothing about spend.
        m_x : array_like
            Mean spend of these purchases; not read where x = 0.
        infinite : {"raise", "inf"}
            Raise, or return infinity, if a mean is infinite (p x + q <= 1).
        allow_unconverged : bool
            Predict from a fit that did not converge.

        Returns
        -------
        ndarray or Series
            Money per purchase. NaN where x or, with x > 0, m_x is NaN, without a warning; NaN with NumPy's "invalid
            value" warning where x is below 0 or not a whole number, or m_x is not above 0 although x > 0.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit, or a mean is infinite.
        """
        if infinite not in ("raise", "inf"):
            raise ConfigError(f"infinite={infinite!r}: pass 'raise' or 'inf'")
        history: tuple[Any, ...]
        if m_x is not None:
            history = columns_of(MEANS, (x, m_x), None)
        else:
            history = self.paid(*columns_of(self._columns_of(x), (x, None), None))
        out = call("expected_spend", _spend, *history, *self.parameters(allow_unconverged))
        rows = np.flatnonzero(np.isinf(np.asarray(out)))
        if infinite == "raise" and len(rows):
            raise FitError(f"GammaGamma: the mean spend of {many(len(rows), 'customer')} is infinite (p x + q <= 1), "
                           f"rows {', '.join(map(str, rows[:5]))}. Spend this uneven has no mean: rank by m_x, fix q "
                           "above 1, or pass infinite='inf'.")
        return out

    def simulate(self, x: ArrayLike, *, seed: Seed = 0, allow_unconverged: bool = False) -> np.ndarray:
        """Return the mean spend m_x of new customers with `x` repeat purchases, drawn from the model.

        Parameters
        ----------
        x : array_like, shape (n,)
            Repeat purchases, such as those of ``BGNBD.simulate``.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances. Customer i of a seed does not depend on n.
        allow_unconverged : bool
            Draw from a fit that did not converge.

        Returns
        -------
        ndarray, shape (n,)
            Money per purchase; NaN where x = 0.

        Examples
        --------
        >>> import custval as cv
        >>> cv.GammaGamma(p=6.25, q=3.74, gamma=15.44).simulate([3, 0], seed=1).round(2)
        array([37.36,   nan])
        """
        counts = np.ascontiguousarray(values_of(x, "x"), float)
        return _core.simulate_spend(self.estimates(allow_unconverged), counts.reshape(-1), seeded(seed))

    def loglik(self, x: Data, m_x: ArrayLike | None = None, log_mean: ArrayLike | None = None, *,
               allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the log-likelihood of each customer's purchases, or of their mean without `log_mean`, in nats.

        Its sum over the customers of a fit is ``loglik_``.
        """
        names: tuple[str, ...] = MEANS if log_mean is None else SINGLE
        given: tuple[Data | None, ...] = (x, m_x, log_mean)[:len(names)]
        if m_x is None and log_mean is None:
            names = self._history_of(x)
            given = (x, *(None for _ in names[1:]))
        kernel = _core.gg_single_loglik if len(names) == 3 else _core.gg_loglik
        return call("loglik", kernel, *columns_of(names, given, None), *self.parameters(allow_unconverged), **kwargs)

    # ---- what is read ----

    def columns_in(self, there: Collection[str] | None) -> tuple[str, ...]:
        """Return the columns that an expectation takes of those `there`, or of a base (None): n, mean or x, m_x."""
        single = len(self.columns_) == len(SINGLE) if hasattr(self, "columns_") else self.first
        if there is None:
            return SINGLE[:2] if single else MEANS
        means, known = not {"x", "frequency"}.isdisjoint(there), set(SINGLE[:2]) <= set(there)
        return SINGLE[:2] if known and (not means or (single and "log_mean" in there)) else MEANS

    def paid(self, *columns: Any) -> tuple[Any, ...]:
        """Return number and mean without purchases that were free, which tell nothing about spend."""
        x, mean = columns
        free = np.greater(np.asarray(x), 0) & np.less_equal(np.asarray(mean), 0)
        return (x * ~free if free.any() else x), mean

    def _columns_of(self, data: Data) -> tuple[str, ...]:
        return self.columns_in(None if snapshot_of(data) is not None else names_of(data))

    def _history_of(self, data: Data) -> tuple[str, ...]:
        """Return the columns that a fit takes of a base or a frame."""
        if snapshot_of(data) is not None:
            return SINGLE if self.first else MEANS
        there = names_of(data)
        means = not {"x", "frequency"}.isdisjoint(there)
        return SINGLE if "log_mean" in there and (self.first or not means) else MEANS

    def _read(self, data: Data, m_x: ArrayLike | None = None, log_mean: ArrayLike | None = None,
              weights: ArrayLike | str | None = None) -> Histories:
        if log_mean is not None:
            return read(data, {"mean": m_x, "log_mean": log_mean}, weights, None, "n")
        if m_x is not None:
            return read(data, {"m_x": m_x}, weights, None)
        first, *rest = self._history_of(data)
        histories = read(data, dict.fromkeys(rest), weights, None, first)
        count, mean = (histories.columns[name] for name in (first, rest[0]))
        histories = leave_out(histories, (count > 0) & (mean <= 0), "have a mean spend of zero or less", data)
        return with_free(histories, data) if first == "n" else histories

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        super()._fit(histories, max_passes)
        self.set_fit({"columns": tuple(histories.columns)})
        return self

    def _fit_input(self, histories: Histories) -> FitInput:
        prefix, arrays, weights, fixed = super()._fit_input(histories)
        return prefix if len(histories.columns) == len(MEANS) else "gg_single", arrays, weights, fixed


def _spend(x: ArrayLike, m_x: ArrayLike, p: float, q: float, gamma: float) -> Any:
    read = np.where(np.equal(np.asarray(x), 0), 0.0, np.asarray(m_x))
    return _core.gg_expected_spend(x, read, p, q, gamma)
