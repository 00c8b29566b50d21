"""Normal margins: margins per purchase of any sign ~ N(mu_i, 1 / w_i), Student's t after integrating mu_i and w_i.

L(n, mean, SS) = G((nu+n)/2) / G(nu/2) * pi^(-n/2) * (nu sigma^2)^(nu/2) * (kappa / (kappa + n))^(1/2)
                 * (nu sigma^2 + SS + kappa n / (kappa + n) * (mean - mu)^2)^(-(nu+n)/2)

Source: DeGroot (1970), Optimal Statistical Decisions, 9.6. G is the gamma function.
"""
from collections.abc import Collection
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._broadcast import call, values_of
from .._formatting import many
from .._validation import Seed, seeded, share, whole
from ..errors import FitError
from .base import Model
from .histories import Data, Histories, columns_of, read
from .prediction import Bootstrap

COLUMNS = ("n", "mean", "SS")


class NormalMargin(Model):
    """Margins per purchase ~ N(mu_i, 1 / w_i), w_i ~ Gamma(nu/2, rate nu sigma^2 / 2), mu_i ~ N(mu, 1 / (kappa w_i)).

    Parameters
    ----------
    mu : float, optional
        Mean margin of all customers, of any sign; None: estimated by `fit`, a number: held fixed.
    sigma : float, optional
        Typical standard deviation of the margins of one customer, money.
    kappa : float, optional
        Weight of the overall mean, in purchases: after n purchases a customer's own mean has weight n / (kappa + n).
    nu : float, optional
        Degrees of freedom: similarity of the customers' variances. Large: one variance for all.

    Notes
    -----
    DeGroot (1970), Optimal Statistical Decisions, 9.6. A customer's history is the number n of their purchases, the
    mean margin and the sum of squares about it; for a base, amount less product cost of all their purchases, with
    refunds subtracted from the purchase before them, or the net amount if no cost is known. Everything is in closed
    form: future margins are Student's t.

    Each customer has a variance of their own: in the built-in firm (`cv.datasets.crm`, 300 customers, 4,185 purchases,
    one in eleven at a loss) variances differ by a factor of 46 between the first and the last decile and rise with the
    mean (correlation of the logs 0.86). One variance for all, unrelated to the mean, is 4,277 nats worse, and its 90 %
    interval contains 98.6 % of the customers' last margins, this one 90.3 %. On the Online Retail data (4,372
    customers, 19,296 days of orders, 14 % of them net refunds) it is 24,863 nats worse.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.NormalMargin(mu=20.0, sigma=10.0, kappa=2.0, nu=4.0)
    >>> model.expected_margin([3, 0], [-5.0, 0.0], [50.0, 0.0])
    array([ 5., 20.])
    >>> low, high = model.margin_interval([3, 0], [-5.0, 0.0], [50.0, 0.0], level=0.9)
    >>> low.round(2), high.round(2)
    (array([-22.17,  -6.11]), array([32.17, 46.11]))
    """

    prefix = "normal_margin"
    role = "margin"
    names = ("mu", "sigma", "kappa", "nu")
    scales = ("sigma",)
    signed = ("mu",)

    def __init__(self, *, mu: float | None = None, sigma: float | None = None, kappa: float | None = None,
                 nu: float | None = None):
        super().__init__(mu=mu, sigma=sigma, kappa=kappa, nu=nu)

    def fit(self, data: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
            weights: ArrayLike | str | None = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, frame, or array_like of shape (n,)
            A frame has columns n, mean, SS. An array is n, the number of purchases.
        mean, SS : array_like, optional
            With n as an array: the mean of their margins and the sum of squares about it. Not read where n = 0.
        weights : array_like or column name, optional
            Number of customers with this history.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`; ``n_`` counts the customers with purchases.

        Raises
        ------
        DataError
            An invalid history.
        """
        return self._fit(_read(data, mean, SS, weights), max_passes)

    def bootstrap(self, data: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
                  weights: ArrayLike | str | None = None, replicates: int = 200, seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers; see ``BGNBD.bootstrap``."""
        return self._bootstrap(_read(data, mean, SS, weights), replicates, seed)

    def expected_margin(self, n: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
                        allow_unconverged: bool = False) -> Any:
        """Return the expected margin of a customer's next purchase, shrunk toward the overall mean.

        Parameters
        ----------
        n : array_like, CustomerBase or frame
            Number of purchases, or the whole history; for n = 0 the result is the overall mean.
        mean, SS : array_like
            Mean of their margins and sum of squares about it; not read where n = 0.
        allow_unconverged : bool
            Predict from a fit that did not converge.

        Returns
        -------
        ndarray or Series
            Money. NaN where a value is NaN, without a warning; NaN with NumPy's "invalid value" warning where a history
            is invalid.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit, or a customer's margin has no mean (nu + n <= 1).
        """
        out = self._of("expected_margin", (), (n, mean, SS), allow_unconverged)
        count, nu = columns_of(COLUMNS, (n, mean, SS), None)[0], self.parameters(allow_unconverged)[3]
        rows = np.flatnonzero(np.asarray(count) <= 1 - nu)
        if len(rows):
            raise FitError(f"NormalMargin: the margins of {many(len(rows), 'customer')} have no mean (nu + n <= 1), "
                           f"rows {', '.join(map(str, rows[:5]))}. Take margin_quantile(0.5, ...), or fix nu above 1.")
        return out

    def margin_variance(self, n: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
                        allow_unconverged: bool = False) -> Any:
        """Return the expected variance of a customer's margins, infinite if nu + n <= 2.

        Arguments and errors are those of `expected_margin`.
        """
        return self._of("variance", (), (n, mean, SS), allow_unconverged, name="margin_variance")

    def margin_quantile(self, q: ArrayLike, n: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
                        of: int = 1, allow_unconverged: bool = False) -> Any:
        """Return the `q` quantile of the mean margin of the next `of` purchases.

        Other arguments and errors are those of `expected_margin`.
        """
        future = float(whole("of", of, 1, 2**53, "the number of future purchases, 1 or more"))
        return self._of("quantile", (q, future), (n, mean, SS), allow_unconverged, name="margin_quantile")

    def margin_interval(self, n: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
                        level: float = 0.9, of: int = 1, allow_unconverged: bool = False) -> tuple[Any, Any]:
        """Return the bounds between which the mean margin of the next `of` purchases lies with probability `level`.

        Half of the rest is below, half above. Other arguments and errors are those of `expected_margin`.
        """
        share("level", level)
        low, high = (self.margin_quantile(q, n, mean, SS, of=of, allow_unconverged=allow_unconverged)
                     for q in ((1 - level) / 2, (1 + level) / 2))
        return low, high

    def simulate(self, n: ArrayLike, *, seed: Seed = 0, allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the margins of new customers with `n` purchases each, drawn from the model: n, mean, SS.

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
            The columns that `fit` takes; mean and SS are 0 if n = 0.

        Examples
        --------
        >>> import custval as cv
        >>> cv.NormalMargin(mu=20.0, sigma=10.0, kappa=2.0, nu=4.0).simulate([3, 0], seed=1)["mean"].round(2)
        array([24.42,  0.  ])
        """
        counts = np.ascontiguousarray(values_of(n, "n"), float).reshape(-1)
        mean, SS = _core.simulate_margins(self.estimates(allow_unconverged), counts, seeded(seed))
        return {"n": counts, "mean": mean, "SS": SS}

    def loglik(self, n: Data, mean: ArrayLike | None = None, SS: ArrayLike | None = None, *,
               allow_unconverged: bool = False) -> Any:
        """Return the log density of each customer's margins, in nats; its sum over the data is ``loglik_``."""
        return self._of("loglik", (), (n, mean, SS), allow_unconverged)

    def columns_in(self, there: Collection[str] | None) -> tuple[str, ...]:
        """Return the columns that an expectation takes."""
        return COLUMNS

    def paid(self, *columns: Any) -> tuple[Any, ...]:
        """Return these columns: a margin of zero is a margin."""
        return columns

    def _of(self, quantity: str, front: tuple[Any, ...], given: tuple[Any, ...], allow: bool,
            name: str | None = None) -> Any:
        history = columns_of(COLUMNS, given, None)
        ufunc = getattr(_core, f"normal_margin_{quantity}")

        def kernel(*args: Any) -> Any:                         # mean and SS are not read where n = 0
            k = len(front)
            n, mean, SS, *parameters = args[k:]
            none = np.equal(np.asarray(n), 0)
            return ufunc(*args[:k], n, np.where(none, 0.0, np.asarray(mean)), np.where(none, 0.0, np.asarray(SS)),
                         *parameters)
        return call(name or quantity, kernel, *front, *history, *self.parameters(allow))


def _read(data: Data, mean: ArrayLike | None, SS: ArrayLike | None, weights: ArrayLike | str | None) -> Histories:
    return read(data, {"mean": mean, "SS": SS}, weights, None, "n")
