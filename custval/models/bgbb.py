"""BG/BB: customers with opportunities to buy, such as yearly appeals for donations, that they use or not."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from .._dates import PERIODS, continuous, counted, next_periods
from .._tabular import with_customers
from ..customers.snapshot import HistorySource
from ..errors import ConfigError
from ..evaluation.accuracy import Evaluation, evaluate_uses
from .diagnostics import counted_advice
from .histories import Histories, columns_of, leave_out, read
from .prediction import Bootstrap
from .purchase import PurchaseModel


class BGBB(PurchaseModel):
    """Beta-geometric / beta-Bernoulli: at an opportunity a customer leaves with chance theta, else buys with p.

    p ~ Beta(alpha, beta) and theta ~ Beta(gamma, delta). Histories are counts: of `n` opportunities `x` were used,
    the last of them was the `t_x`-th. Everywhere in the model time is counted in opportunities, so `T` is `n`, and a
    horizon `t` is the next so many.

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
    29(6). `p_alive` is at the n-th opportunity; the paper's is at the next one, ``p_alive(x, t_x, n, t=1)``. The own
    rate (`expected_rate`) is p, the own dropout (`expected_dropout`) is theta. Of a base, the whole calendar periods
    after that of the first purchase are the opportunities; one is used if a purchase lies in it. What was bought in
    the running period, which is not over, is not counted: it is the next opportunity.

    Examples
    --------
    >>> import custval as cv
    >>> model = BGBB(unit="Y").fit(cv.datasets.donations(), weights="donors")
    >>> model
    <BGBB alpha=1.2 beta=0.7 gamma=0.7 delta=2.8 unit=Y, n=11,104, loglik -33225.58, converged, 6 passes>
    >>> model.p_alive([0, 2, 6], [0, 4, 6], 6, t=1).round(2)
    array([0.11, 0.59, 0.93])
    """

    word = "bgbb"
    role = "opportunities"
    names = ("alpha", "beta", "gamma", "delta")
    whole = True
    units = PERIODS

    def __init__(self, *, alpha: float | None = None, beta: float | None = None, gamma: float | None = None,
                 delta: float | None = None, unit: str | None = None):
        super().__init__(alpha=alpha, beta=beta, gamma=gamma, delta=delta, unit=unit)

    def fit(self, data: Any, t_x: Any = None, n: Any = None, *, weights: Any = None,            # type: ignore[override]
            max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, frame, or array_like of shape (n,)
            Of a base, the periods of the model's `unit` are the opportunities. A frame has columns x, t_x, n, or
            frequency, recency, periods in the sense of lifetimes. An array is x.
        t_x, n : array_like, shape (n,), optional
            With x as an array: the last opportunity that was used, 0 if none was; and how many there were.
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
            A history that cannot be.
        ConfigError
            A base, and the model has no unit.
        """
        return self._fit(self._histories(data, t_x, n, weights, None), max_passes)

    def bootstrap(self, data: Any, t_x: Any = None, n: Any = None, *, weights: Any = None,      # type: ignore[override]
                  replicates: int = 200, seed: int = 0) -> Bootstrap:
        """Return the parameters of refits to customers drawn anew, as `BGNBD.bootstrap` does."""
        return self._bootstrap(self._histories(data, t_x, n, weights, None), replicates, seed)

    def simulate(self, n: int, T: Any, *, seed: int = 0, allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the histories x, t_x, n of `n` new customers with `T` opportunities each; see `BGNBD.simulate`."""
        drawn = super().simulate(n, T, seed=seed, allow_unconverged=allow_unconverged)
        return {"x": drawn["x"], "t_x": drawn["t_x"].astype(np.int64), "n": drawn["T"].astype(np.int64)}

    def _histories(self, data: Any, t_x: Any, T: Any, weights: Any, unit: str | None) -> Histories:
        self._demand_unit(data)
        histories = read(data, {"t_x": t_x, "n": T}, weights, self.unit)
        if histories.source == "arrays":
            return histories
        c = histories.columns
        return leave_out(histories, np.isnan(c["n"]) & (c["x"] == 0), "have no purchase")

    def _demand_unit(self, data: Any) -> None:
        if self.unit is None and isinstance(data, HistorySource):
            raise ConfigError("BGBB does not know which period of the calendar is an opportunity: pass unit= to the "
                              "model, such as cv.BGBB(unit=\"Y\")")

    def _history(self, *given: Any) -> tuple[Any, ...]:
        self._demand_unit(given[0])
        return columns_of(("x", "t_x", "n"), given, self.unit)

    def _advise(self, status: str, running: Mapping[str, float]) -> str:
        return counted_advice(status, "BGBB", self.role, self.get_params(), running)

    def predict(self, data: Any, *, periods: int = 3,                                           # type: ignore[override]
                allow_unconverged: bool = False) -> Any:
        """Return one table of what is to come of every customer.

        Parameters
        ----------
        data : CustomerBase or frame
            The customers; a frame with x, t_x, n.
        periods : int
            Opportunities ahead. Of a base they are the periods of the calendar from the one that is not over on.
        allow_unconverged : bool
            Predict from a fit without certificate.

        Returns
        -------
        frame of the caller's kind
            customer, where there are ids; ``p_alive``; a column for each opportunity with the expected purchases, named
            by the calendar (of a base) or ``+1``, ``+2``; ``sum`` of them; ``p_purchase``, of at least one;
            ``next_purchase``, the opportunity by which a purchase is as likely as not; ``residual_lifetime`` in
            opportunities, ``expected_rate``, ``expected_dropout``.

        Raises
        ------
        FitError
            The model has free parameters and no converged fit.
        DataError
            A column is missing, or the base is a holdout.

        Examples
        --------
        >>> model = BGBB(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
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

    def evaluate(self, holdout: Any) -> Evaluation:
        """Return how close the model comes to what followed the time that it was fitted to.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the model is one fitted to the first.

        Returns
        -------
        Evaluation
            As of `BGNBD.evaluate`, of the opportunities that each customer used: the periods that were over at the end
            of the holdout and not before it. Split on the last day of a period: of one that runs on that day what was
            bought by then counts in the holdout.

        Raises
        ------
        DataError
            No holdout, no period in it, nobody has a purchase before it, or the model was fitted to days in it.
        ConfigError
            The model does not know its unit.
        FitError
            The model has free parameters and no converged fit.

        Examples
        --------
        >>> import custval as cv
        >>> calibration, holdout = cv.datasets.cdnow().split("1997-12-31")
        >>> found = BGBB(unit="M").fit(calibration).evaluate(holdout)
        >>> found.t, found.customers
        (6.0, 2357)
        """
        return evaluate_uses(self, holdout)

    def _labels(self, data: Any, periods: int) -> list[str]:
        if not isinstance(data, HistorySource):
            return [f"+{k + 1}" for k in range(periods)]
        ahead = next_periods(data.end, periods, self.unit or "")
        return [label.removeprefix("rest of ") for label in ahead.labels[:periods]]

    def dert(self, x: Any, t_x: Any = None, T: Any = None, *, discount: float, t: Any = None,
             allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the expected residual purchases, each discounted to now.

        Now is the last of the `T` opportunities; the next one is worth ``1 / (1 + discount)`` if a year lies between
        two opportunities.

        Parameters
        ----------
        x, t_x, T : array_like
            As in `p_alive`.
        discount : float
            Effective annual rate, 0 or more; `unit` says how many opportunities there are in a year.
        t : array_like, optional
            The next so many opportunities; without it, all of them (`discount` above 0 then).

        Returns
        -------
        ndarray or Series
            Discounted number of purchases.

        Raises
        ------
        ConfigError
            The model does not know its unit, or the rate is not possible.
        """
        rate = math.expm1(continuous(discount, self.unit, "BGBB", t is None))
        ahead = math.inf if t is None else t
        return self._call("dert", ahead, rate, *self._history(x, t_x, T), allow=allow_unconverged, **kwargs)
