"""Customer lifetime value: historical value, discounted future value, and their total per customer."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import DateLike
from .._dates import as_day, duration
from .._files import At, keys
from .._row_report import shorten
from .._tabular import table, with_customers
from .._validation import Seed, ranks, real, seeded, share, sum_of, warn, warned_once
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError, FitError
from ..evaluation.accuracy import Dependence, Evaluation, evaluation, in_words, window
from ..evaluation.backtest import windows
from ..evaluation.comparison import by_origin
from ..models.histories import column_of
from ..models.prediction import Interval, Total, checked_draws
from ..models.purchase import PurchaseModel
from ..models.spend import SpendModel
from .residual_value import Customers, Horizon, Valuation, horizon, spread, standard_error
from .value_model import AUTO, PARTS, ModelOf, MoneyModel, ValueModel, announced, read_parts

MEASURES = ("rank_correlation", "p", "explained", "customers")


class CLV(ValueModel):
    """Customer lifetime value: discounted expected purchases times the expected money of one purchase.

    Parameters
    ----------
    purchases : model or "auto"
        The model of purchases and dropout, by default the one that the data choose, as of `Forecaster`.
    spend : model or "auto"
        The model of the money of a purchase: likewise, of amounts; or `NormalMargin()` for margins of any sign.

    Notes
    -----
    Value is one of three. *Amount*: expected spend, net of refunds. *Margin*: that times a margin rate, or less the
    customer's own rate of product cost, shrunk toward the rate of all (see `forecast`); `NormalMargin` models it
    directly. Where a base knows relationship cost (marketing, contacts), it is subtracted from a margin: the daily
    mean of the last twelve months, as long as the customer is active.

    Periods begin on the day after the last one known: 12 months after 2025-09-30 are October to September. A
    summary has no calendar, and a month is 365.25/12 days. Money of a purchase is discounted from the end of the
    month in which it comes, also in quarters and years, so that 12 months are 4 quarters are 1 year; in weeks and
    days from the end of these. Without an end (``periods=None``) each purchase is discounted from its own time.

    Examples
    --------
    CDNOW customer 1 (Fader, Hardie, Lee 2005), twelve months at 1 % a month; and the number of months for which they
    are probably active:

    >>> import custval as cv
    >>> clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
    ...              spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
    >>> one = {"x": [2], "t_x": [30.43], "T": [38.86], "m_x": [22.35]}
    >>> clv.predict(one, periods=12, unit="M", discount=1.01**12 - 1)["clv"].round(6)
    array([36.311257])
    >>> clv.predict(one, periods=120, unit="M", alive=.5)["periods"]
    array([16.])
    """

    schema, a_file, roles = "custval/clv-1", "a CLV", ("spend", "margin")
    dependence_: Dependence

    def __init__(self, *, purchases: PurchaseModel | str | None = AUTO, spend: MoneyModel | str | None = AUTO):
        super().__init__(purchases, spend)

    def fit(self, data: Customers) -> Self:
        """Fit copies of the models that have free parameters, and estimate the rates that all customers share.

        The models passed in are not changed.

        Parameters
        ----------
        data : CustomerBase or frame
            A frame has the columns that both models are fitted to, in the unit of the purchase model.

        Returns
        -------
        self
            With ``purchases_`` and ``spend_``, ``choice_`` and ``reason_`` where the data chose them, and ``rates_``,
            all as of `Forecaster`, so that the value of a customer does not depend on who else is valued; and where
            the spend model assumes that money is independent of frequency, ``dependence_``, the check of it (see
            `GammaGamma.dependence`). A DataWarning reports dependence, which biases totals.
        """
        announced(self._fitted_to(data), data)
        if hasattr(self, "dependence_") and self.dependence_.biased:
            warn(f"{self.dependence_.words}: before you trust a total, see its bias in backtest(base)")
        return self

    def _fitted_to(self, data: Customers) -> Self:
        self._estimate(data, True)
        if isinstance(self.spend_, SpendModel):
            with suppress(DataError):                          # too few customers, or no money in the data
                self.dependence_ = self.spend_.dependence(data)
        return self

    def predict(self, data: Customers, *, periods: int | None = 12, unit: str = "M", discount: float = 0.10,
                value: str | None = None, margin_rate: float | None = None, alive: float | None = None,
                allow_unconverged: bool = False) -> Any:
        """Return the lifetime value of every customer beside the historical and the total value.

        Parameters
        ----------
        data : CustomerBase or summary frame
            The customers. A summary in the unit of the purchase model has the columns that the spend model takes,
            such as m_x, n and mean, n and log_mean, or n, mean, SS, and amount or margin
            for the historical value.
        periods : int, optional
            Number of periods; None: without end (requires `discount` above 0).
        unit : str
            D, W, M, Q or Y, without an anchor.
        discount : float
            Effective annual rate, 0 or more: at 0.10 money one year ahead counts 1/1.10; above 1 a warning.
        value : {"margin", "amount"}, optional
            By default the margin where a base knows its costs, or a margin model or rate is given, else the amount.
        margin_rate : float, optional
            Margin per amount, the same for all customers, past and future.
        alive : float, optional
            Full-life analysis, such as 0.5: only periods count that begin while P(alive) is at least this.
            `periods` is then the largest number of periods.
        allow_unconverged : bool
            Predict from fits that have not converged.

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
            A setting is not known, or the purchase model has no unit.
        """
        of, ahead = self._valuation(data, (periods, unit, discount), value, margin_rate, allow_unconverged)
        out = {"p_alive": of.p_alive}
        days: float | np.ndarray
        if alive is None:
            out["expected_purchases"], days = of.purchases(ahead), of.days(ahead)
        else:
            share("alive", real("alive", alive))
            if periods is None:
                raise ConfigError("alive= ends the future of a customer after some of the periods: pass periods=, the "
                                  "largest number of periods")
            out["expected_purchases"], days, counted = of.while_alive(ahead, alive)
        out["spend_per_purchase"] = of.spend_per_purchase()
        out["clv"] = of.residual(out["expected_purchases"], out["spend_per_purchase"], days)
        out |= of.with_history(out["clv"])
        if alive is not None:
            out["periods"] = counted
        return with_customers(data, out) if of.base is None else of.base.snapshot.frame(out)

    def _valuation(self, data: Customers, span: tuple[int | None, str, float], value: str | None,
                   margin_rate: float | None, allow: bool) -> tuple[Valuation, Horizon]:
        """Return the customers to value and the time ahead."""
        purchases, spend = self.models
        purchases.estimates(allow)
        spend.estimates(allow)
        if purchases.unit is None:
            raise ConfigError(f"purchases={type(purchases).__name__}: it does not know its unit, so periods have no "
                              "length: pass unit= to it")
        of = Valuation(purchases, spend, data, value, margin_rate, allow, shared=self._shared)
        return of, horizon(of.end, *span, purchases)

    def interval(self, data: Customers, *, periods: int | None = 12, unit: str = "M", discount: float = 0.10,
                 value: str | None = None, margin_rate: float | None = None, level: float = 0.9, draws: int = 1000,
                 seed: Seed = 0, fixed: bool = False, allow_unconverged: bool = False) -> Interval:
        """Return an interval of the lifetime value of each customer and of their total.

        The interval includes the uncertainty of the parameters of both models and chance: the time of dropout, the
        number of purchases until then, and the money of each. Each draw takes its own parameters, as in
        `BGNBD.simulate_future`. Refunds, costs and relationship cost continue at the rates of `predict` without chance.

        Parameters
        ----------
        data, periods, unit, discount, value, margin_rate
            As in `predict`.
        level : float
            Probability, between 0 and 1, that a value lies from `low` to `high`; half of the rest on each side, or all
            of it above where `low` is the smallest value drawn, such as 0.
        draws : int
            Number of draws; a million draws take half a second, without end some four.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances: the same seed gives the same bits.
        fixed : bool
            Take the parameters as estimated, without uncertainty; always so where all of them were given.
        allow_unconverged : bool
            Draw from fits that have not converged.

        Returns
        -------
        Interval
            ``low, high`` of each CLV; ``total`` with ``expected, se, low, high``, where se is the standard error of
            the expected total; ``level``; ``table()``, a frame of customer, clv (expected), low, high.

        Raises
        ------
        FitError, DataError, ConfigError
            As in `predict`; or an invalid level, seed or number of draws.

        Examples
        --------
        >>> import custval as cv
        >>> clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
        ...              spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
        >>> one = {"x": [2], "t_x": [30.43], "T": [38.86], "m_x": [22.35]}
        >>> found = clv.interval(one, level=0.8)
        >>> found.low.round(), found.high.round(), round(found.total.expected, 2)
        (array([0.]), array([66.]), 36.75)
        >>> list(found.table())
        ['clv', 'low', 'high']
        """
        of, ahead = self._valuation(data, (periods, unit, discount), value, margin_rate, allow_unconverged)
        at = ranks(level, checked_draws(draws))
        lows, highs, totals = spread(of, ahead, at, draws, seeded(seed), fixed)
        low, high = (float(totals[place]) for place in at)
        clv = of.expected(ahead)
        whole = Total(sum_of(clv[~np.isnan(clv)]), standard_error(of, ahead, fixed), low, high)
        given, frame = (column_of(data, "x"), partial(with_customers, data)) if of.base is None else (
            None, of.base.snapshot.frame)
        return Interval({"clv": clv, "low": lows, "high": highs}, whole, level, given, frame)

    def equity(self, data: Customers, *, level: float | None = None, draws: int = 1000, seed: Seed = 0,
               **settings: Any) -> dict[str, float]:
        """Return the customer equity: clv, historical_value and total_value summed over all customers.

        Parameters
        ----------
        data, **settings
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
        columns = self.predict(data, **settings)
        clv = np.asarray(columns["clv"], float)
        known = ~np.isnan(clv)
        found = {"customers": float(np.count_nonzero(known)), "clv": sum_of(clv[known])}
        if "historical_value" in table(columns).names:
            found["historical_value"] = sum_of(np.asarray(columns["historical_value"], float))
            found["total_value"] = found["historical_value"] + found["clv"]
        if level is not None:
            if "alive" in settings:
                raise ConfigError("level= and alive= do not go together: the interval is that of all periods")
            whole = self.interval(data, level=level, draws=draws, seed=seed, **settings).total
            found |= {"se": whole.se, "clv_low": whole.low, "clv_high": whole.high}
            for end in ("low", "high") if "historical_value" in found else ():
                found[f"total_value_{end}"] = found["historical_value"] + found[f"clv_{end}"]
        return found

    def evaluate(self, holdout: HistorySource, *, value: str | None = None,
                 margin_rate: float | None = None) -> Evaluation:
        """Return the accuracy of the expected money of each customer against the actual money of a holdout.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the models are fitted to the first. They value the customers known
            then over the length of the holdout, without discount.
        value, margin_rate
            As in `predict`.

        Returns
        -------
        Evaluation
            As for a purchase model: ``model`` and ``naive``, each with expected, actual, bias, mae, rmse, gini,
            top_20_capture and deviance; ``deciles()``; ``grade`` "A", "B" or "C": see ``evaluate`` there. In the naive
            baseline each customer keeps contributing at the rate per day so far, times the retention rate. ``value``
            says whether amounts or margins are compared.

        Raises
        ------
        DataError
            No holdout, no purchase before it, unknown money, or a model that was fitted to days in it.
        ConfigError
            A setting is not known, or the purchase model has no unit.
        FitError
            A model has free parameters and no converged fit.

        Examples
        --------
        >>> import custval as cv
        >>> calibration, holdout = cv.datasets.cdnow().split("1997-09-30")
        >>> found = cv.CLV(purchases=cv.MBGNBD(unit="W")).fit(calibration).evaluate(holdout)
        >>> round(found.model.actual, 2), found.model.top_20_capture > found.naive.top_20_capture
        (70976.39, True)
        """
        purchases, spend = self.models
        known = window(holdout, purchases, spend)
        of = Valuation(purchases, spend, known.base, value, margin_rate, False, shared=self._shared)
        ahead = Horizon(np.array([0.0, known.t]), np.array([float(known.days)]), np.ones(1))
        actual, before = (of.historical(view.total(of.counts)) for view in (known.holdout, known.calibration))
        return evaluation("CLV", known, of.kind, of.expected(ahead), actual[known.known], before)

    @warned_once()
    def backtest(self, base: CustomerBase, *, origins: int | Sequence[DateLike] = 3, value: str | None = None,
                 margin_rate: float | None = None) -> Any:
        """Return the accuracy of refits at several origins against the money that followed.

        Parameters
        ----------
        base : CustomerBase
        origins : int or sequence of dates
            As in `compare`: the last days of the calibration windows, or their number.
        value, margin_rate
            As in `predict`.

        Returns
        -------
        frame of the kind of the base
            A row per origin for the models (``CLV``), refitted to the time before it, and one for the naive
            baseline: origin, model, t (length of the holdout), customers, the measures of `Accuracy`, and grade.
            An origin at which a fit does not converge is left out, with a DataWarning that says why.

        Raises
        ------
        DataError
            An invalid date, unknown money, or a base that is too short.
        FitError
            No origin has converged fits; the message says why.
        """
        if not isinstance(base, CustomerBase):
            raise ConfigError(f"backtest takes a CustomerBase, not {type(base).__name__}: "
                              "cv.CustomerBase(orders, customer=, time=, amount=)")
        found, failed = {}, []
        for past, holdout in windows(base, origins):
            trained = self._copy()._fitted_to(past)
            try:
                found["CLV", past.end] = trained.evaluate(holdout, value=value, margin_rate=margin_rate)
            except FitError as error:
                failed.append(f"{past.end}: {error}")
        if failed and not found:
            raise FitError("backtest: no origin has converged fits\n  " + "\n  ".join(failed))
        if failed:
            warn("backtest: origins without converged fits are left out\n  " + "\n  ".join(failed))
        return base.snapshot.ids.new(by_origin(found))

    def simulate(self, n: int, T: ArrayLike, *, end: str = "2025-12-31", seed: Seed = 0,
                 allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return simulated orders of `n` new customers, drawn from both models.

        Parameters
        ----------
        n : int
            Number of customers.
        T : float or array_like, shape (n,)
            Time from the first purchase to the end of observation, in the unit of the purchase model.
        end : str
            The last day.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances. Customer i of a seed is the same whatever `n` is.
        allow_unconverged : bool
            Draw from fits that have not converged.

        Returns
        -------
        dict of ndarray
            An order log: customer (0 to n - 1), time (datetime64[us], whole seconds) and amount, or margin for a margin
            model; the orders of a customer by time. A frame library or `CustomerBase` takes it.

        Raises
        ------
        FitError, DataError, ConfigError
            As ``simulate`` of the purchase model; or it has no unit, or `end` is no day.

        Examples
        --------
        >>> import custval as cv
        >>> clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
        ...              spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
        >>> orders = clv.simulate(1000, 52, seed=4)
        >>> cv.CustomerBase(orders, customer="customer", time="time", amount="amount", end="2025-12-31")
        <CustomerBase 1,000 customers, 2,404 orders, 2025-01-01..2025-12-31, net 81,643.80>
        """
        purchases = self._model("purchases")
        purchases.estimates(allow_unconverged)
        if purchases.unit is None:
            raise ConfigError(f"{type(purchases).__name__} does not know its unit, so its times are no dates: pass "
                              "unit= to it")
        spend, seed = self._model("spend"), seeded(seed)
        drawn = purchases.simulate(n, T, seed=seed, allow_unconverged=allow_unconverged)
        stages = dict(zip(purchases.names, purchases.estimates(allow_unconverged).tolist(), strict=True)).get("k", 1.0)
        ages, money = _core.simulate_orders(drawn["x"].astype(float), drawn["t_x"], stages, spend.prefix,
                                            np.array(spend.parameters(allow_unconverged)), seed)
        customer = np.repeat(np.arange(n), drawn["x"] + 1)
        (num, den), last = duration(purchases.unit), as_day(end, "end") + np.timedelta64(86_399, "s")
        before = np.round((drawn["T"][customer] - ages) * (86_400 * den / num)).astype("m8[s]")
        return {"customer": customer, "time": (last - before).astype("M8[us]"),
                "margin" if spend.role == "margin" else "amount": money * getattr(spend, "smearing_", 1.0)}

    def _table(self) -> dict[str, Any]:
        out = super()._table()
        if hasattr(self, "dependence_"):
            out["dependence"] = {name: None if (value := getattr(self.dependence_, name)) != value else value
                                 for name in MEASURES}
        return out

    def _words(self) -> list[str]:
        check = [f"dependence: {self.dependence_.words}"] if hasattr(self, "dependence_") else []
        return super()._words() + check


def clv_from(file: Mapping[str, Any], source: str, model_of: ModelOf) -> CLV:
    """Return the CLV that a parsed file describes; `model_of` reads one of its models."""
    keys(file, ("schema", *PARTS, "auto", "rates", "dependence"), ("schema", *PARTS), source)
    keywords, fitted = read_parts(CLV, file, source, model_of)
    with At(source):
        clv = CLV(**keywords)
    vars(clv).update(fitted)
    if "dependence" in file:
        clv.dependence_ = _dependence(file["dependence"], f"{source}: dependence")
    return clv


def _dependence(file: Mapping[str, Any], where: str) -> Dependence:
    keys(file, MEASURES, MEASURES, where)
    for name in MEASURES:
        if isinstance(file[name], bool) or not isinstance(file[name], int | float | None):
            raise ConfigError(f"{where}.{name}: {shorten(file[name])} is not a number")
    rho, p, explained = (math.nan if file[name] is None else float(file[name]) for name in MEASURES[:3])
    return Dependence(rho, p, explained, file["customers"], in_words(rho, p))
