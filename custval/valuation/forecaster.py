"""Forecaster: the expected value of every customer in the next calendar periods, from one fit to the whole base."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._dates import Periods, counted, next_periods, past_periods, short
from .._files import At, keys
from .._tabular import aligned
from .._validation import Seed, choice, finite, flag, numbers, ranks, real, seeded, warn
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import VALUES, valued_by
from ..errors import ConfigError, DataError, FitError
from ..models.base import Model
from ..models.prediction import checked_draws
from ..models.purchase import PurchaseModel
from ..models.spend import SpendModel
from .adjustment import Adjustment, adjustment_from, learned
from .forecast import Outlook, judged, outlook
from .forecast_totals import Fitted, Forecast, Task, bounds, total
from .value_model import AUTO, PARTS, ModelOf, ValueModel, announced, is_auto, read_parts, unit_of

QUANTITIES = ("purchases", "amount", "cost", "marketing", "margin")


class Forecaster(ValueModel):
    """Forecast by calendar period, fitted to a base as a whole: models, and the rates that its customers share.

    A customer gets the same forecast, to the last bit, alone, in a part of the base and in the whole of it, also after
    `to_json` and `custval.load`. `forecast` fits and predicts at once.

    Parameters
    ----------
    purchases, spend : model or "auto"
        A purchase and a spend model. A model without parameters is copied and the copy fitted; the model passed in is
        not changed. By default the data choose: MBG/NBD; Gamma-Gamma or log-normal spend of all purchases, whichever
        predicts the last purchase of each customer better from those before it; or, where the data cannot tell their
        parameters, a special case of them whose fit passes the convergence check. A DataWarning says so.
    value : {"margin", "amount", "purchases"}, optional
        The value of a customer. By default the margin if costs are known, else the amount, else purchases.
    adjust : bool
        Where the data choose the purchase model: multiply expected purchases by a factor of each customer, from a
        Poisson regression on up to three earlier days of the log, if it says what customers bought who were left out
        of its fit better than the model does, by two standard errors. The total of a quarter stays that of the model,
        others nearly so. Frames then have a column ``adjusted``. Draws run each customer's time at such a pace that
        their mean is the adjusted expectation.

    Attributes
    ----------
    purchases_, spend_ : model
        As fitted; no spend model if the base has no amount.
    value_ : str
        The value.
    rates_ : Rates
        What the customers share: mean rates of net amount and product cost, with their variances within and between
        customers; the day of the first row; the days from the last purchase to the end.
    adjustment_ : Adjustment or None
        The regression: days ahead, coefficients, and the reason in words; None where it is not used.
    choice_, reason_ : dict
        By "purchases" and "spend", where the data chose: the name of the model, and why.

    Notes
    -----
    Models with free parameters, and the shared rates, are fitted to the base given to `fit`. If both models have their
    parameters, nothing of the base is estimated for them, and the rates are those of all customers of its log, also of
    those that `where` left out.

    Examples
    --------
    >>> import custval as cv
    >>> base = cv.datasets.cdnow()
    >>> forecaster = cv.Forecaster().fit(base)
    >>> forecaster.choice_
    {'purchases': 'MBGNBD', 'spend': 'LogNormalSpend'}
    >>> whole = forecaster.predict(base, periods=1)
    >>> alone = forecaster.predict(base.where(base.customers[:1]), periods=1)
    >>> float(alone["sum_1Q"][0]) == float(whole["sum_1Q"][0])
    True
    """

    schema, a_file = "custval/forecaster-1", "a Forecaster"
    value_: str
    adjustment_: Adjustment | None

    def __init__(self, *, purchases: PurchaseModel | str | None = AUTO, spend: SpendModel | str | None = AUTO,
                 value: str | None = None, adjust: bool = True):
        super().__init__(purchases, spend)
        if value is not None:
            choice("value", value, VALUES)
        self.value, self.adjust = value, flag("adjust", adjust)

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return *PARTS, "value", "adjust"

    def fit(self, base: CustomerBase) -> Self:
        """Fit what has no parameters yet, and estimate the rates that all customers share.

        Raises
        ------
        DataError
            The base lacks the requested money, or is a holdout.
        ConfigError
            `base` is no CustomerBase.
        """
        return announced(self._fitted_to(base, True), base)

    def _fitted_to(self, base: CustomerBase, money: bool) -> Self:
        """Fit without a warning; without `money` no spend model."""
        _demand_base(base)
        value = valued_by(base, self.value)
        self._estimate(base, money and base.snapshot.knows("amount"))
        self.value_ = value
        auto = is_auto(self.purchases, "purchases")
        self.adjustment_ = learned(base.snapshot, self.purchases_) if self.adjust and auto else None
        return self

    def predict(self, base: CustomerBase, *, periods: int = 3, unit: str = "Q", history: int = 3, near: float = 0.05,
                uplift: float | ArrayLike | None = None, level: float | None = None, draws: int = 400,
                seed: Seed = 0, layout: str = "wide") -> Any:
        """Return the expected value of every customer of a base, or of a part of it, beside the past.

        Parameters
        ----------
        base : CustomerBase
            The customers; the forecast begins on the day after its `end`.
        periods, unit, history, near, uplift, level, draws, seed, layout
            As in `forecast`.

        Returns
        -------
        frame of the caller's kind
            As of `forecast`.

        Raises
        ------
        FitError
            A model has no converged fit; the message says why and, for each model, which model to pass instead.
        DataError
            The base lacks the money that the fit values, or is a holdout.
        ConfigError
            A setting is not known, `base` is no CustomerBase, or a model has parameters without a unit.
        """
        _check(base, near, uplift, layout)
        value = self._valued(base)
        none = isinstance(history, int) and history == 0
        past = None if none else past_periods(base.end, counted(history, "history"), unit)
        if layout == "long":
            look = self._outlook(base, periods, unit, True)
            columns = _long(base, look, past)
            ids = base.snapshot.ids
            rows = np.repeat(base.snapshot.who, len(columns["period"]) // len(base.customers))
            return self._signed(ids.new({"customer": ids.pick("customer", rows), **columns}))
        look = self._outlook(base, periods, unit, value != "purchases")
        columns = _wide(base, look, value, past, unit)
        if level is not None:
            whole = list(columns)[-1]
            columns[f"{whole}_low"], columns[f"{whole}_high"] = bounds(
                Task(self._whole(base, value), base, look, value, checked_draws(draws), seeded(seed)), level)
        return self._signed(base.snapshot.frame(columns | judged(look, value, near, _raised(uplift, base))))

    def total(self, base: CustomerBase, *, periods: int = 3, unit: str = "Q", history: int = 3,
              levels: Sequence[float] = (0.8, 0.9), newcomers: bool = True, draws: int = 400,
              seed: Seed = 0) -> Forecast:
        """Return the expected value of all customers together by period, with intervals, and of new customers.

        Parameters
        ----------
        base : CustomerBase
            The customers; the forecast begins on the day after its `end`.
        periods, unit, history
            As in `forecast`.
        levels : sequence of float
            Probabilities that the value lies between the bounds, half of the rest on each side.
        newcomers : bool
            Add customers whose first purchase is still to come: their number by month has the structure of a `Clock`,
            estimated from the first purchases in the later two thirds of the log, in which old customers no longer look
            new. Each is followed by the repeat purchases that the model expects of a new customer, at the mean spend
            and the rates of all, without relationship cost.
        draws : int
            Number of draws.
        seed : int or numpy.random.Generator
            From 0 to 2**64 - 1, or a generator, which advances.

        Returns
        -------
        Forecast
            ``table()`` has a row per group of customers and period; ``explanation`` says what season, level and
            customers change.

        Raises
        ------
        FitError
            A model has no converged fit.
        DataError
            The base lacks the money that the fit values, or is a holdout.
        ConfigError
            A setting is not known.

        Notes
        -----
        The intervals hold the randomness of purchases and of their money, the uncertainty of the parameters, and that
        of the calendar ahead, which is common to all customers. Up to 4,000 customers are drawn; of more a sample gives
        their own randomness, which is independent, and parameters and calendar are factors of the expectation.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.datasets.cdnow().split("1997-09-30")[0]
        >>> found = cv.Forecaster(value="purchases").fit(base).total(base, periods=1, history=0, newcomers=False)
        >>> list(found.table())
        ['customers', 'period', 'kind', 'value', 'low_80', 'high_80', 'low_90', 'high_90', 'last_year']
        """
        _check(base, 0.0, None, "wide")
        value = self._valued(base)
        for level in levels:
            ranks(level, checked_draws(draws))
        look = self._outlook(base, periods, unit, value != "purchases")
        past = 0 if isinstance(history, int) and history == 0 else counted(history, "history")
        task = Task(self._whole(base, value), base, look, value, draws, seeded(seed))
        return total(task, unit, past, levels, newcomers)

    def _whole(self, base: CustomerBase, value: str) -> Fitted:
        """Return the models and the rates, for a value of the customers of a base."""
        spend = None if value == "purchases" else self._model("spend")
        return Fitted(self._model("purchases").bound_to(base), spend, self._shared(base.snapshot))

    def _valued(self, base: CustomerBase) -> str:
        """Return the quantity that is the value of the customers of a base; raise if it is not known."""
        return valued_by(base, getattr(self, "value_", self.value))

    def _outlook(self, base: CustomerBase, periods: int, unit: str, money: bool) -> Outlook:
        """Return the expectations for the customers of a base; without `money` only those of purchases."""
        ahead = next_periods(base.end, periods, unit)
        paid = money and base.snapshot.knows("amount")
        purchases, spend = self._model("purchases"), self._model("spend") if paid else None
        unit_of(purchases)
        _demand_fits([purchases] if spend is None else [purchases, spend])
        adjustment = getattr(self, "adjustment_", None)
        adjusted = None if adjustment is None else adjustment.factors(base.snapshot, purchases)
        return outlook(base.snapshot, ahead, (purchases.bound_to(base), spend), self._shared(base.snapshot), money,
                       adjusted)

    def _signed(self, frame: Any) -> Any:
        """Return a frame; of pandas with the models chosen by the data, and why, in its ``attrs``."""
        if hasattr(frame, "attrs") and getattr(self, "choice_", None):
            frame.attrs |= {"choice": dict(self.choice_), "reason": dict(self.reason_)}
        return frame

    def _table(self) -> dict[str, Any]:
        out = super()._table() | {"value": self.value, "adjust": self.adjust}
        adjustment = getattr(self, "adjustment_", None)
        out |= {} if adjustment is None else {"adjustment": adjustment.table()}
        return out | ({"valued_by": self.value_} if hasattr(self, "value_") else {})

    def _words(self) -> list[str]:
        found = getattr(self, "adjustment_", None)
        return super()._words() + ([] if found is None else [f"adjusted: {found.reason}"])


def forecaster_from(file: Mapping[str, Any], source: str, model_of: ModelOf) -> Forecaster:
    """Return the Forecaster that a parsed file describes; `model_of` reads one of its models."""
    keys(file, ("schema", *PARTS, "auto", "rates", "value", "valued_by", "adjust", "adjustment"),
         ("schema", *PARTS, "value"), source)
    keywords, fitted = read_parts(Forecaster, file, source, model_of)
    with At(source):
        found = Forecaster(**keywords, value=file["value"], adjust=file.get("adjust", True))
        fitted["adjustment_"] = adjustment_from(file["adjustment"]) if "adjustment" in file else None
        if "valued_by" in file:
            fitted["value_"] = choice("valued_by", file["valued_by"], VALUES)
    vars(found).update(fitted)
    return found


def forecast(base: CustomerBase, *, periods: int = 3, unit: str = "Q", history: int = 3,
             purchases: PurchaseModel | str | None = AUTO, spend: SpendModel | str | None = AUTO,
             value: str | None = None, adjust: bool = True,
             near: float = 0.05, uplift: float | ArrayLike | None = None, level: float | None = None,
             draws: int = 400, seed: Seed = 0, layout: str = "wide") -> Any:
    """Return the expected value of every customer in the next calendar periods, beside the past ones.

    Parameters
    ----------
    base : CustomerBase
        The customers; the forecast begins on the day after its `end`.
    periods, history : int
        Whole periods ahead, and past ones up to the running one (0: none).
    unit : str
        D, W, M, Q or Y, with an anchor such as W-SUN, Q-MAR or Y-JUN.
    purchases, spend, value, adjust
        As of `Forecaster`: by default the data choose the models, and the value is the margin if costs are known, else
        the amount, else purchases; a regression may adjust the expected purchases of customers. With layout wide and
        purchases no spend model is needed, and no customer is near a loss.
    near : float
        A margin below this share of the expected amount is a near loss.
    uplift : float or array_like, shape (customers,), optional
        Relative increase of purchases by interaction, for all or for each customer: .10 is a tenth more. Adds the
        column ``potential``. It cannot be estimated from the base, so there is no default.
    level : float, optional
        Adds the bounds between which the value of a customer in all whole periods lies with this probability (as of
        `CLV.interval`): ``sum_3Q_low`` and ``sum_3Q_high``, from draws. For all customers together see
        `Forecaster.total`.
    draws, seed : int
        Number of draws, and their seed (or a numpy.random.Generator).
    layout : {"wide", "long"}
        A row per customer with the periods of `value` as columns; or a row per customer and period with
        all known quantities: purchases, amount, cost, marketing, margin.

    Returns
    -------
    frame of the caller's kind
        Wide: customer, past periods (``2025Q4``), ``rest of 2025Q4`` unless `end` closes a period, next
        periods, their sum without that rest (``sum_3Q``), p_alive, where it is adjusted the factor ``adjusted`` in
        expected purchases, value_if_retained, expected_loss,
        uplift_break_even, uplift_leave_zone, by margin growth_break_even, with `uplift` potential, and flag:
        ``"negative"`` (value of the sum at or below 0), ``"near loss"``, ``"never purchased"`` or ``"not known"``
        (expectations are NaN), or ``""``.
        Long: customer, period, kind (past, rest, next) and the quantities.

    Raises
    ------
    FitError
        A model that was passed has no converged fit; the message says why and, for each, which to pass instead.
    DataError
        The base lacks the requested money, or is a holdout.
    ConfigError
        A setting is not known, `base` is no CustomerBase, or a model has parameters without a unit.

    Notes
    -----
    Purchases of a period are the difference of the model's expectations up to its last and its first calendar
    day, so they add up to the expectation of the whole span. Money of purchases is that times the expected spend
    of the customer, given all their purchases above 0; a customer without one has the mean of all.

    Amount (net of refunds) and product cost are that money times the customer's own rate per money of purchases,
    shrunk toward the rate of the whole base (see `Forecaster`) by credibility: Bühlmann and Straub (1970), cells being
    the calendar quarters of the four years up to the last purchase, weighted with the money of purchases. Customers
    with similar rates get the rate of all; a customer with much money and steady rates keeps their own, also a
    negative margin.

    Relationship cost continues at the daily mean of the last twelve months (or since the first row of the log, if
    that is later) times P(alive). Margin = amount - cost - relationship cost.

    With V the value of the sum: value_if_retained = V / P(alive), the value if the customer stays (where V is adjusted
    by a factor, V / factor**(1 - P(alive)) counts: of customers who are active it says that they buy more, of the
    others that they are not gone); expected_loss = (1 - P(alive)) times it; uplift_break_even = max(0, -V), the
    required increase of margin or cut of costs; uplift_leave_zone = max(0, near * amount - V); growth_break_even =
    max(0, -V) / (amount - cost), the required relative growth of purchases, infinite where they cost at least their
    amount; potential = V + uplift * (amount - cost), by amount or purchases V * (1 + uplift): more purchases take no
    more relationship cost.
    value_if_retained and expected_loss are negative where V is: such a customer costs money, and their churn saves
    it. `at_risk` sums the positive losses only.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-10", "2025-05-15", "2025-03-20"], "paid": [90.0, 80.0, 50.0]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", amount="paid", unit="W")
    >>> model, money = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=15)
    >>> fc = cv.forecast(base, periods=2, history=1, purchases=model, spend=money)
    >>> list(fc)[:6]
    ['customer', '2025Q2', 'rest of 2025Q2', '2025Q3', '2025Q4', 'sum_2Q']

    Customers who cost money (for a pandas frame: ``fc[fc["flag"] == "negative"]``):

    >>> fc["customer"][fc["flag"] == "negative"].tolist()
    []

    The effect of a tenth more purchases of a and none of b:

    >>> grown = cv.forecast(base, periods=2, history=0, purchases=model, spend=money, uplift=[.10, 0])
    >>> (grown["potential"] / grown["sum_2Q"]).round(6).tolist()
    [1.1, 1.0]
    """
    _check(base, near, uplift, layout)
    next_periods(base.end, periods, unit)                                 # a wrong setting is named before the fit
    counted(1 if isinstance(history, int) and history == 0 else history, "history")
    model = Forecaster(purchases=purchases, spend=spend, value=value, adjust=adjust)
    announced(model._fitted_to(base, model._valued(base) != "purchases" or layout == "long"), base)
    return model.predict(base, periods=periods, unit=unit, history=history, near=near, uplift=uplift, level=level,
                         draws=draws, seed=seed, layout=layout)


def _check(base: CustomerBase, near: float, uplift: float | ArrayLike | None, layout: str) -> None:
    choice("layout", layout, ("wide", "long"))
    if not 0 <= real("near", near) < 1:
        raise ConfigError(f"near={near!r}: pass a share of the amount, from 0 to below 1")
    _demand_base(base)
    if uplift is not None and layout == "long":
        raise ConfigError("uplift= is for layout=\"wide\": it adds a column potential, a number per customer")


def _demand_base(base: CustomerBase) -> None:
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"forecast takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    if base.snapshot.start is not None:
        raise DataError("a holdout has no forecast of its own; forecast the calibration base")


def _demand_fits(models: list[Model]) -> None:
    """Raise for models without a converged fit, with the remedy of each in one message."""
    remedies = []
    for model in models:
        try:
            model.estimates()
        except FitError as error:
            remedies.append(str(error))
    if remedies:
        raise FitError("\n".join(remedies))


def _raised(uplift: float | ArrayLike | None, base: CustomerBase) -> np.ndarray | None:
    """Return the relative increase of purchases, one number or one for each customer."""
    if uplift is None:
        return None
    if isinstance(uplift, Real) and not isinstance(uplift, bool):
        given = np.full(1, uplift)
    else:
        given = numbers(aligned(base.snapshot.row_labels(), uplift, "uplift"), "uplift")
    finite(given, "uplift")
    if (given < -1).any():
        raise ConfigError("uplift: purchases cannot fall by more than all, -1")
    if (given > 1).any():
        warn(f"uplift: {given.max():g} more than doubles the purchases; a tenth more is 0.10")
    return given.astype(float)


def _wide(base: CustomerBase, look: Outlook, value: str, past: Periods | None, unit: str) -> dict[str, np.ndarray]:
    """Return one quantity with a column per period, past and next, and the sum of the next whole periods."""
    before = {} if past is None else dict(zip(past.labels, base.snapshot.total(value, past.edges).T, strict=True))
    ahead = dict(zip(look.ahead.labels, look.expected[value].T, strict=False))
    whole = len(look.ahead.labels) - look.ahead.stub
    return before | ahead | {f"sum_{whole}{short(unit)}": look.total(value)}


def _long(base: CustomerBase, look: Outlook, past: Periods | None) -> dict[str, np.ndarray]:
    """Return all quantities with a row per customer and period, the periods of one customer together."""
    labels, n = look.ahead.labels, len(look.p_alive)
    kinds = ["rest"] * look.ahead.stub + ["next"] * (len(labels) - look.ahead.stub)
    before = [] if past is None else past.labels
    out = {"period": np.tile(np.array([*before, *labels], object), n),
           "kind": np.tile(np.array(["past"] * len(before) + kinds, object), n)}
    for name in QUANTITIES:
        if name in look.expected:
            parts = [look.expected[name][:, :-1]] if past is None else [
                base.snapshot.total(name, past.edges), look.expected[name][:, :-1]]
            out[name] = np.concatenate(parts, axis=1).ravel()
    return out
