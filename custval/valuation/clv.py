"""Lifetime value: what customers have brought, what they will bring, discounted, and both together."""
from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any, Self

import numpy as np

from .._tabular import table, with_customers
from .._validation import of_role, ranks, share, sum_of, warn
from ..errors import ConfigError, DataError
from ..models import MBGNBD, GammaGamma
from ..models.prediction import Interval, Total, counted_draws, seeded
from .asked import Asked
from .spread import expected, spread, standard_error


class CLV(Asked):
    """Customer lifetime value: expected purchases times the money of one, discounted, beside the history.

    Parameters
    ----------
    purchases : model, optional
        How often and how long customers buy: by default `MBGNBD()`.
    spend : model, optional
        What a purchase brings: `GammaGamma()` by default, or `NormalMargin()` for margins of any sign.

    Notes
    -----
    Value is one of three. *Amount*: expected spend, net of refunds. *Margin*: that at a margin rate, or less the
    customer's own rate of product cost, drawn toward that of all (see `forecast`); `NormalMargin` says it without
    rates. Where a base knows relationship cost (marketing, contacts), a margin is less that too: the daily mean of
    the last twelve months, as long as the customer is active.

    Periods begin on the day after the last one known: 12 months after 2025-09-30 are October to September. A
    summary has no calendar, and a month is 365.25/12 days. Money of a purchase is discounted from the end of the
    month in which it comes, also in quarters and years, so that 12 months are 4 quarters are 1 year; in weeks and
    days from the end of these. Without an end (``periods=None``) each purchase is discounted from its own time.

    Examples
    --------
    CDNOW customer 1 (Fader, Hardie, Lee 2005), twelve months at 1 % a month; and for how long he has probably not left:

    >>> import custval as cv
    >>> clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
    ...              spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
    >>> one = {"x": [2], "t_x": [30.43], "T": [38.86], "m_x": [22.35]}
    >>> clv.predict(one, periods=12, unit="M", discount=1.01**12 - 1)["clv"].round(6)
    array([36.311257])
    >>> clv.predict(one, periods=120, unit="M", alive=.5)["periods"]
    array([16.])
    """

    def __init__(self, *, purchases: Any = None, spend: Any = None):
        self.purchases, self.spend = purchases or MBGNBD(), spend or GammaGamma()
        of_role(self.purchases, "purchases", "purchases")
        of_role(self.spend, "spend", "spend", "margin")

    def fit(self, data: Any) -> Self:
        """Fit copies of the models that have free parameters; the models passed in are not changed.

        Parameters
        ----------
        data : CustomerBase or frame
            A frame has the columns that both models are fitted to, in the unit of the purchase model.

        Returns
        -------
        self
            With ``purchases_`` and ``spend_``, and ``dependence_`` where the spend model takes money as independent of
            frequency: whether it is (see `GammaGamma.dependence`). Where it is not, so that totals are too low or too
            high, a DataWarning says so.
        """
        self._estimated(data)
        if hasattr(self, "dependence_") and self.dependence_.biased:
            warn(f"{self.dependence_.words}: before you trust a total, see its bias in backtest(base)")
        return self

    def _estimated(self, data: Any) -> Self:
        self.purchases_, self.spend_ = (model._ready(data) for model in (self.purchases, self.spend))
        vars(self).pop("dependence_", None)
        if self.spend_.role == "spend":
            with suppress(DataError):                          # too few to say, or no money in the data
                self.dependence_ = self.spend_.dependence(data)
        return self

    def predict(self, data: Any, *, periods: int | None = 12, unit: str = "M", discount: float = 0.10,
                value: str | None = None, margin_rate: float | None = None, alive: float | None = None,
                allow_unconverged: bool = False) -> Any:
        """Return the value of every customer: so far, to come, and in all.

        Parameters
        ----------
        data : CustomerBase or summary frame
            The customers. A summary in the unit of the purchase model has m_x (or n, mean, SS), and amount or margin
            if their history is to count.
        periods : int, optional
            How many periods ahead; None: for ever (`discount` above 0 then).
        unit : str
            D, W, M, Q or Y, without an anchor.
        discount : float
            Effective annual rate, 0 or more: 0.10 makes money of one year ahead worth 1/1.10; above 1 a warning.
        value : {"margin", "amount"}, optional
            By default the margin where a base knows its costs, or a margin model or rate is given, else the amount.
        margin_rate : float, optional
            Margin per amount, for all customers alike; history and future are then amount times this rate.
        alive : float, optional
            Full-life analysis, such as 0.5: of the periods only those count that begin while P(alive) is at least so
            much. `periods` is the most that may count.
        allow_unconverged : bool
            Predict from fits without certificate.

        Returns
        -------
        frame of the caller's kind
            ==================  =================================================================================
            customer            the id, where there is one
            p_alive             probability of being active now
            expected_purchases  expected number of purchases, discounted
            spend_per_purchase  expected money of one of them: spend, or margin of a margin model
            clv                 discounted future value; negative where a customer costs more than they bring
            historical_value    value earned so far, not compounded
            total_value         historical_value + clv
            ratio               clv / historical_value; NaN where historical_value is not positive
            periods             with `alive`: the number of periods that count
            ==================  =================================================================================

            Without past money there are no historical_value, total_value and ratio.

        Raises
        ------
        FitError
            A model has free parameters and no converged fit, or its mean spend is infinite.
        DataError
            The base is a holdout, or a column is missing.
        ConfigError
            A setting is not known, or the purchase model does not know its unit.
        """
        case, ahead = self._opened(data, (periods, unit, discount), value, margin_rate, allow_unconverged)
        out = {"p_alive": case.p_alive}
        if alive is None:
            out["expected_purchases"], days = case.purchases(ahead), case.days(ahead)
        else:
            share("alive", alive)
            if periods is None:
                raise ConfigError("alive= ends the future of a customer after some of the periods: pass periods=, the "
                                  "most that may count")
            out["expected_purchases"], days, counted = case.while_alive(ahead, alive)
        out["spend_per_purchase"] = case.each()
        out["clv"] = case.residual(out["expected_purchases"], out["spend_per_purchase"], days)
        out |= case.in_all(out["clv"])
        if alive is not None:
            out["periods"] = counted
        return with_customers(data, out) if case.base is None else case.base.snapshot.frame(out)

    def interval(self, data: Any, *, periods: int | None = 12, unit: str = "M", discount: float = 0.10,
                 value: str | None = None, margin_rate: float | None = None, level: float = 0.9, draws: int = 1000,
                 seed: int = 0, fixed: bool = False, allow_unconverged: bool = False) -> Interval:
        """Return between which bounds the value to come lies, of each customer and of all together.

        What the data leave open of the parameters of both models and chance itself are in it: when a customer leaves,
        how often he buys until then, and what he pays each time. Each draw takes parameters of its own, as in
        `BGNBD.simulate_future`. Refunds, costs and relationship cost go on at the rates of `predict` without chance.

        Parameters
        ----------
        data, periods, unit, discount, value, margin_rate
            As in `predict`.
        level : float
            Probability, between 0 and 1, that a value lies from `low` to `high`; half of the rest on each side.
        draws : int
            How often to draw; a million draws take half a second, for ever some four.
        seed : int
            From 0 to 2**64 - 1: the same seed gives the same bits.
        fixed : bool
            Take the parameters as they are estimated. So it is where all of them were given.
        allow_unconverged : bool
            Draw from fits without certificate.

        Returns
        -------
        Interval
            ``low, high`` of each CLV; ``total`` with ``expected, se, low, high``, the standard error being
            that of the expected total; ``level``; ``table()``, a frame of customer, clv (expected), low, high.

        Raises
        ------
        FitError, DataError, ConfigError
            As in `predict`; or a level, a seed or a number of draws is none.

        Examples
        --------
        >>> import custval as cv
        >>> clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
        ...              spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
        >>> one = {"x": [2], "t_x": [30.43], "T": [38.86], "m_x": [22.35]}
        >>> found = clv.interval(one, level=0.8)
        >>> found.low.round(), found.high.round(), round(found.total.expected, 2)
        (array([0.]), array([98.]), 36.75)
        >>> list(found.table())
        ['clv', 'low', 'high']
        """
        case, ahead = self._opened(data, (periods, unit, discount), value, margin_rate, allow_unconverged)
        at = ranks(level, counted_draws(draws))
        lows, highs, totals = spread(case, ahead, at, draws, seeded(seed), fixed)
        low, high = (float(totals[place]) for place in at)
        residual = expected(case, ahead)
        whole = Total(sum_of(residual[~np.isnan(residual)]), standard_error(case, ahead, fixed), low, high)
        given, frame = ((data["x"], partial(with_customers, data)) if case.base is None
                        else (None, case.base.snapshot.frame))
        return Interval({"clv": residual, "low": lows, "high": highs}, whole, level, given, frame)

    def equity(self, data: Any, *, level: float | None = None, draws: int = 1000, seed: int = 0,
               **asked: Any) -> dict[str, float]:
        """Return the customer equity: clv, historical_value and total_value summed over all customers.

        Parameters
        ----------
        data, **asked
            As in `predict`.
        level, draws, seed : optional
            With a level, such as 0.9, the bounds of the sums are added, as in `interval`.

        Returns
        -------
        dict of float
            ``customers`` (those with a clv: a customer who never purchased has none), ``clv`` and, where the past is
            known, ``historical_value`` and ``total_value``, their sum. With a level also ``clv_low, clv_high,
            total_value_low, total_value_high`` and ``se``, the standard error of both expected sums that comes from
            the estimated parameters; the bounds include chance as well, so they are wider.
        """
        columns = self.predict(data, **asked)
        clv = np.asarray(columns["clv"], float)
        known = ~np.isnan(clv)
        found = {"customers": float(np.count_nonzero(known)), "clv": sum_of(clv[known])}
        if "historical_value" in table(columns).names:
            found["historical_value"] = sum_of(np.asarray(columns["historical_value"], float))
            found["total_value"] = found["historical_value"] + found["clv"]
        if level is not None:
            if "alive" in asked:
                raise ConfigError("level= and alive= do not go together: the interval is that of all periods")
            whole = self.interval(data, level=level, draws=draws, seed=seed, **asked).total
            found |= {"se": whole.se, "clv_low": whole.low, "clv_high": whole.high}
            for end in ("low", "high") if "historical_value" in found else ():
                found[f"total_value_{end}"] = found["historical_value"] + found[f"clv_{end}"]
        return found
