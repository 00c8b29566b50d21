"""Gamma-Gamma: spend per purchase ~ Gamma(p, rate nu), nu ~ Gamma(q, rate gamma).

f(m_x | x) = G(p x + q) / (G(p x) G(q)) * gamma^q m_x^(p x - 1) x^(p x) / (gamma + m_x x)^(p x + q)

Source: Fader, Hardie (2013), The Gamma-Gamma model of monetary value, note 025 on brucehardie.com. G is the gamma
function.
"""
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._broadcast import call, values_of
from .._formatting import many
from .._validation import Seed, seeded
from ..errors import ConfigError, FitError
from ..evaluation.accuracy import Dependence, dependence
from .base import Model
from .histories import Data, Histories, columns_of, leave_out, read
from .prediction import Bootstrap


class GammaGamma(Model):
    """Spend per purchase ~ Gamma(p, rate nu), nu ~ Gamma(q, rate gamma); predicts mean spend.

    Parameters
    ----------
    p, q, gamma : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit. gamma is money.

    Notes
    -----
    Fader, Hardie (2013), The Gamma-Gamma model of monetary value, note 025 on brucehardie.com. Spend is
    positive and independent of the purchase rate; customers without a repeat purchase do not enter the fit.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> model.expected_spend([2, 0], [22.35, float("nan")]).round(2)
    array([24.66, 35.22])
    """

    prefix = "gg"
    role = "spend"
    names = ("p", "q", "gamma")
    scales = ("gamma",)

    def __init__(self, *, p: float | None = None, q: float | None = None, gamma: float | None = None):
        super().__init__(p=p, q=q, gamma=gamma)

    def fit(self, data: Data, m_x: ArrayLike | None = None, *, weights: ArrayLike | str | None = None,
            max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, summary frame, or array_like of shape (n,)
            A frame has columns x, m_x, or frequency, monetary_value as lifetimes defines them. An array is x.
        m_x : array_like, shape (n,), optional
            With x as an array: mean spend of the x repeat purchases, above 0. Not read where x = 0.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this history.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`; ``n_`` counts the customers with repeats.

        Raises
        ------
        DataError
            An invalid history. In a base or frame, customers whose mean is zero or negative are left out of the fit and
            counted in a DataWarning instead: for them use a margin rate.
        """
        return self._fit(_read(data, m_x, weights), max_passes)

    def bootstrap(self, data: Data, m_x: ArrayLike | None = None, *, weights: ArrayLike | str | None = None,
                  replicates: int = 200, seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers; see ``BGNBD.bootstrap``."""
        return self._bootstrap(_read(data, m_x, weights), replicates, seed)

    def dependence(self, data: Data, m_x: ArrayLike | None = None) -> Dependence:
        """Return the dependence between frequency and spend, which this model assumes to be none.

        Nothing is fitted; customers without a repeat purchase, or without positive spend, are not used.

        Parameters
        ----------
        data, m_x
            As in `fit`.

        Returns
        -------
        Dependence
            ``rank_correlation`` of x and m_x (Spearman) with the ``p`` of no correlation, ``explained`` (eta squared:
            the share of the variance of log m_x between customers of different x, less that of random groups),
            ``customers``, and ``words``.

        Raises
        ------
        DataError
            Fewer than three customers have repeat purchases with positive spend.

        Examples
        --------
        >>> import custval as cv
        >>> cv.GammaGamma().dependence(cv.datasets.cdnow()).words
        'frequent buyers spend somewhat more per purchase; a model that assumes independence undervalues them'
        """
        histories = read(data, {"m_x": m_x}, None, None)
        return dependence(histories.columns["x"], histories.columns["m_x"])

    def expected_spend(self, x: Data, m_x: ArrayLike | None = None, *, infinite: str = "raise",
                       allow_unconverged: bool = False) -> Any:
        """Return the expected mean spend of a customer's future purchases.

        Parameters
        ----------
        x : array_like, CustomerBase or summary frame
            Repeat purchases, or the whole history; for x = 0 the result is the mean of all customers, and in a base
            or summary also where m_x is not above 0: free orders tell nothing about spend.
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
        history = columns_of(("x", "m_x"), (x, m_x), None)
        formula = _spend if m_x is not None else _spend_of_paid
        out = call("expected_spend", formula, *history, *self.parameters(allow_unconverged))
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

    def loglik(self, x: Data, m_x: ArrayLike | None = None, *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the log-likelihood of each mean, in nats; its sum over customers with repeats is ``loglik_``."""
        history = columns_of(("x", "m_x"), (x, m_x), None)
        return call("loglik", _core.gg_loglik, *history, *self.parameters(allow_unconverged), **kwargs)


def _read(data: Data, m_x: ArrayLike | None, weights: ArrayLike | str | None) -> Histories:
    histories = read(data, {"m_x": m_x}, weights, None)
    if histories.source == "arrays":
        return histories
    c = histories.columns
    return leave_out(histories, (c["x"] > 0) & (c["m_x"] <= 0), "have a mean spend of zero or less")


def _spend_of_paid(x: ArrayLike, m_x: ArrayLike, p: float, q: float, gamma: float) -> Any:
    """Return the same; repeat purchases that were free tell nothing about spend."""
    free = np.greater(np.asarray(x), 0) & np.less_equal(np.asarray(m_x), 0)
    return _spend(np.where(free, 0, np.asarray(x)), m_x, p, q, gamma)


def _spend(x: ArrayLike, m_x: ArrayLike, p: float, q: float, gamma: float) -> Any:
    read = np.where(np.equal(np.asarray(x), 0), 0.0, np.asarray(m_x))
    return _core.gg_expected_spend(x, read, p, q, gamma)
