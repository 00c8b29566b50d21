"""BG/BB: purchases at discrete opportunities, p ~ Beta(alpha, beta); dropout with theta ~ Beta(gamma, delta).

L(x, t_x, n) = B(alpha+x, beta+n-x) / B(alpha, beta) * B(gamma, delta+n) / B(gamma, delta)
               + sum over t = t_x, ..., n-1 of
                 B(alpha+x, beta+t-x) / B(alpha, beta) * B(gamma+1, delta+t) / B(gamma, delta)

Source: Fader, Hardie, Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing Science
29(6).
"""
from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._dates import PERIODS, continuous, counted, next_periods
from .._tabular import with_customers
from .._validation import Seed
from ..customers.snapshot import HistorySource
from ..errors import ConfigError
from ..evaluation.accuracy import Evaluation, evaluate_uses
from .histories import Customers, Data, Histories, columns_of, read_histories
from .prediction import Bootstrap
from .purchase import PurchaseModel


class BGBB(PurchaseModel):
    """Beta-geometric / beta-Bernoulli: at an opportunity customers drop out with theta, else buy with probability p.

    p ~ Beta(alpha, beta) and theta ~ Beta(gamma, delta). Histories are counts: of `n` opportunities `x` were used,
    the last of them was the `t_x`-th. All times of the model are counted in opportunities: `T` is `n`, and a horizon
    `t` is a number of future opportunities.

    Parameters
    ----------
    alpha, beta, gamma, delta : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"D", "W", "M", "Q", "Y"}, optional
        The calendar period that is an opportunity, with an anchor such as ``Y-MAR``; needed for a `CustomerBase` and
        for a discount.

    Notes
    -----
    Fader, Hardie, Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing Science
    29(6). `p_alive` is at the n-th opportunity; the paper's is at the next one, ``p_alive(x, t_x, n, t=1)``. The
    customer's own rate (`expected_rate`) is p, their dropout parameter (`expected_dropout`) is theta. For a base, the
    whole calendar periods after that of the first purchase are the opportunities; one is used if a purchase lies in it.
    Purchases in the running period are not counted: it is the next opportunity.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.BGBB(unit="Y").fit(cv.datasets.donations(), weights="donors")
    >>> model
    <BGBB alpha=1.2 beta=0.7 gamma=0.7 delta=2.8 unit=Y, n=11,104, loglik -33225.58, converged, 6 passes>
    >>> model.p_alive([0, 2, 6], [0, 4, 6], 6, t=1).round(2)
    array([0.11, 0.59, 0.93])
    """

    prefix = "bgbb"
    role = "opportunities"
    names = ("alpha", "beta", "gamma", "delta")
    counts_time = True
    units = PERIODS

    def __init__(self, *, alpha: float | None = None, beta: float | None = None, gamma: float | None = None,
                 delta: float | None = None, unit: str | None = None):
        super().__init__(alpha=alpha, beta=beta, gamma=gamma, delta=delta, unit=unit)

    def fit(self, data: Data, t_x: ArrayLike | None = None, n: ArrayLike | None = None, *,      # type: ignore[override]
            weights: ArrayLike | str | None = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, frame, or array_like of shape (n,)
            For a base, the periods of the model's `unit` are the opportunities. A frame has columns x, t_x, n, or
            frequency, recency, periods as lifetimes defines them. An array is x.
        t_x, n : array_like, shape (n,), optional
            With x as an array: the last opportunity that was used, 0 if none was; and the number of opportunities.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this history.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`.

        Raises
        ------
        DataError
            An invalid history.
        ConfigError
            The data are a base, and the model has no unit.
        """
        return self._fit(self._histories(data, t_x, n, weights, None), max_passes)

    def bootstrap(self, data: Data, t_x: ArrayLike | None = None,                               # type: ignore[override]
                  n: ArrayLike | None = None, *, weights: ArrayLike | str | None = None, replicates: int = 200,
                  seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers, as `BGNBD.bootstrap` does."""
        return self._bootstrap(self._histories(data, t_x, n, weights, None), replicates, seed)

    def simulate(self, n: int, T: ArrayLike, *, seed: Seed = 0,
                 allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the histories x, t_x, n of `n` new customers with `T` opportunities each; see `BGNBD.simulate`."""
        drawn = super().simulate(n, T, seed=seed, allow_unconverged=allow_unconverged)
        return {"x": drawn["x"], "t_x": drawn["t_x"].astype(np.int64), "n": drawn["T"].astype(np.int64)}

    def _histories(self, data: Data, t_x: ArrayLike | None, T: ArrayLike | None, weights: ArrayLike | str | None,
                   unit: str | None) -> Histories:
        self.demand_unit(data)
        return read_histories(data, {"t_x": t_x, "n": T}, weights, self.unit)

    def demand_unit(self, data: Data | None) -> None:
        """Raise if the data are a base and the model has no unit."""
        if self.unit is None and isinstance(data, HistorySource):
            raise ConfigError("BGBB has no unit, the calendar period that is an opportunity: pass unit= to the model, "
                              "such as cv.BGBB(unit=\"Y\")")

    def _history(self, data: Data | None, t_x: ArrayLike | None, T: ArrayLike | None) -> tuple[Any, ...]:
        self.demand_unit(data)
        return columns_of(("x", "t_x", "n"), (data, t_x, T), self.unit)

    def predict(self, data: Customers, *, periods: int = 3,                                     # type: ignore[override]
                allow_unconverged: bool = False) -> Any:
        """Return one table of predictions for every customer.

        Parameters
        ----------
        data : CustomerBase or frame
            The customers; a frame with x, t_x, n.
        periods : int
            Number of future opportunities. For a base they are calendar periods, the running one first.
        allow_unconverged : bool
            Predict from a fit that did not converge.

        Returns
        -------
        frame of the caller's kind
            customer, if there are ids; ``p_alive``; a column for each opportunity with the expected purchases, named
            by the calendar (for a base) or ``+1``, ``+2``; their ``sum``; ``p_purchase``, of at least one;
            ``next_purchase``, the median opportunity of the next purchase; ``residual_lifetime`` in opportunities,
            ``expected_rate``, ``expected_dropout``.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            A column is missing, or the base is a holdout.

        Examples
        --------
        >>> import custval as cv
        >>> model = cv.BGBB(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
        >>> list(model.predict({"customer": [7], "x": [2], "t_x": [4], "n": [6]}, periods=2))[:5]
        ['customer', 'p_alive', '+1', '+2', 'sum']
        """
        history, allow = self._history(data, None, None), {"allow_unconverged": allow_unconverged}
        out = {"p_alive": self.p_alive(*history, **allow)}
        for k, label in enumerate(self._labels(data, counted(periods))):
            out[label] = self.expected_purchases((k, k + 1), *history, **allow)
        out |= {"sum": self.expected_purchases(periods, *history, **allow),
                "p_purchase": self.p_purchase(periods, *history, **allow),
                "next_purchase": self.next_purchase(0.5, *history, **allow)}
        out |= {name: getattr(self, name)(*history, **allow)
                for name in ("residual_lifetime", "expected_rate", "expected_dropout")}
        out = {name: np.asarray(column) for name, column in out.items()}
        if isinstance(data, HistorySource):
            return data.snapshot.frame(out)
        return with_customers(data, out)

    def evaluate(self, holdout: HistorySource) -> Evaluation:
        """Return the accuracy of the model's predictions for a holdout, beside a naive baseline.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the model is fitted to the first.

        Returns
        -------
        Evaluation
            As in `BGNBD.evaluate`, for the opportunities that each customer used: the periods that ended in the
            holdout. Split on the last day of a period: otherwise the purchases of the running period before the split
            count in the holdout.

        Raises
        ------
        DataError
            Not a holdout, no period ends in it, no customer has a purchase before it, or the model was fitted to days
            in it.
        ConfigError
            The model has no unit.
        FitError
            The model has free parameters and no converged fit.

        Examples
        --------
        >>> import custval as cv
        >>> calibration, holdout = cv.datasets.cdnow().split("1997-12-31")
        >>> found = cv.BGBB(unit="M").fit(calibration).evaluate(holdout)
        >>> found.t, found.customers
        (6.0, 2357)
        """
        return evaluate_uses(self, holdout)

    def _labels(self, data: Customers, periods: int) -> list[str]:
        if not isinstance(data, HistorySource):
            return [f"+{k + 1}" for k in range(periods)]
        ahead = next_periods(data.end, periods, self.unit or "")
        return [label.removeprefix("rest of ") for label in ahead.labels[:periods]]

    def dert(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, *, discount: float,
             t: ArrayLike | None = None, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the discounted expected residual transactions: future purchases, each discounted to the present.

        The present is the last of the `T` opportunities; a purchase at the next one has the weight
        ``1 / (1 + discount)`` if opportunities are a year apart.

        Parameters
        ----------
        x, t_x, T : array_like
            As in `p_alive`.
        discount : float
            Effective annual rate, 0 or more; `unit` determines the number of opportunities in a year.
        t : array_like, optional
            The next `t` opportunities; by default all of them (`discount` above 0 then).

        Returns
        -------
        ndarray or Series
            Discounted number of purchases.

        Raises
        ------
        ConfigError
            The model has no unit, or the rate is not possible.
        """
        rate = math.expm1(continuous(discount, self.unit, "BGBB", t is None))
        ahead = math.inf if t is None else t
        return self._call("dert", ahead, rate, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)
