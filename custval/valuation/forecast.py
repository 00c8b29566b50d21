"""Forecast by calendar period: expected purchases, money at credible rates, and the value at risk per customer."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._dates import Periods, duration, months_before, next_periods, past_periods, split_unit
from .._tabular import aligned
from .._validation import choice, finite, numbers, of_role, warn
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError, FitError
from ..models import MBGNBD, GammaGamma
from ..models.base import Model
from ..models.purchase import PurchaseModel

VALUES = ("margin", "amount", "purchases")
QUANTITIES = ("purchases", "amount", "cost", "marketing", "margin")
FLAGS = np.array([*_core.LOSS_ZONES, "never purchased"], object)
QUARTERS = 16                  # of history, from which rates are estimated
BLOCK = 65_536                 # customers whose cells are in memory at once
AnyModel = TypeVar("AnyModel", bound=Model)


def forecast(base: CustomerBase, *, periods: int = 3, unit: str = "Q", history: int = 3,
             purchases: PurchaseModel | None = None, spend: GammaGamma | None = None, value: str | None = None,
             near: float = 0.05, uplift: float | ArrayLike | None = None, layout: str = "wide") -> Any:
    """Return the expected value of every customer in the next calendar periods, beside the past ones.

    Parameters
    ----------
    base : CustomerBase
        The customers; the forecast begins on the day after its `end`.
    periods, history : int
        Whole periods ahead, and past ones up to the running one (0: none).
    unit : str
        D, W, M, Q or Y, with an anchor such as W-SUN, Q-MAR or Y-JUN.
    purchases, spend : model, optional
        A purchase and a spend model, by default `MBGNBD()` and `GammaGamma()`. A model without parameters is copied
        and the copy fitted to the base; the model passed in is not changed.
    value : {"margin", "amount", "purchases"}, optional
        The value of a customer. By default the margin if costs are known, else the amount, else purchases.
        With layout wide and purchases no spend model is needed, and no customer is near a loss.
    near : float
        A margin below this share of the expected amount is a near loss.
    uplift : float or array_like, shape (customers,), optional
        Relative increase of purchases by interaction, for all or for each customer: .10 is a tenth more. Adds the
        column ``potential``. It cannot be estimated from the base, so there is no default.
    layout : {"wide", "long"}
        A row per customer with the periods of `value` as columns; or a row per customer and period with
        all known quantities: purchases, amount, cost, marketing, margin.

    Returns
    -------
    frame of the caller's kind
        Wide: customer, past periods (``2025Q4``), ``rest of 2025Q4`` unless `end` closes a period, next
        periods, their sum without that rest (``sum_3Q``), p_alive, value_if_retained, expected_loss,
        uplift_break_even, uplift_leave_zone, by margin growth_break_even, with `uplift` potential, and flag:
        ``"negative"`` (value of the sum at or below 0), ``"near loss"``, ``"never purchased"`` (all expectations
        NaN) or ``""``.
        Long: customer, period, kind (past, rest, next) and the quantities.

    Raises
    ------
    FitError
        A model has no converged fit; the message says why and, for each model, which model to pass instead.
    DataError
        The base lacks the requested money, or is a holdout.
    ConfigError
        A setting is not known, `base` is no CustomerBase, or a model has parameters without a unit.

    Notes
    -----
    Purchases of a period are the difference of the model's expectations up to its last and its first calendar
    day, so they add up to the expectation of the whole span. Money of purchases is that times E[M | x, m_x];
    a customer without a paid repeat purchase has the mean of all.

    Amount (net of refunds) and product cost are that money times the customer's own rate per money of purchases,
    shrunk toward the rate of the whole base by credibility: Bühlmann and Straub (1970), cells being the calendar
    quarters of the four years up to the last purchase, weighted with the money of purchases. Customers with
    similar rates get the rate of all; a customer with much money and steady rates keeps their own, also a negative
    margin.

    Relationship cost continues at the daily mean of the last twelve months (or since the first row of the log, if
    that is later) times P(alive). Margin = amount - cost - relationship cost.

    With V the value of the sum: value_if_retained = V / P(alive), the value if the customer stays; expected_loss =
    (1 - P(alive)) times it; uplift_break_even = max(0, -V), the required increase of margin or cut of costs;
    uplift_leave_zone = max(0, near * amount - V); growth_break_even = max(0, -V) / (amount - cost), the required
    relative growth of purchases, infinite where they cost at least their amount; potential = V + uplift * (amount -
    cost), by amount or purchases V * (1 + uplift): more purchases take no more relationship cost.
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
    choice("layout", layout, ("wide", "long"))
    if not (isinstance(near, int | float) and 0 <= near < 1):
        raise ConfigError(f"near={near!r}: pass a share of the amount, from 0 to below 1")
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"forecast takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    judged_by = valued_by(base, value)
    if uplift is not None and layout == "long":
        raise ConfigError("uplift= is for layout=\"wide\": it adds a column potential, a number per customer")
    money = judged_by != "purchases" or layout == "long"
    look = outlook(base, periods, unit, purchases, spend, money)
    past = past_periods(base.end, history, unit) if history else None
    if layout == "wide":
        columns = _wide(base, look, judged_by, past, unit)
        return base.snapshot.frame(columns | judged(look, judged_by, near, _raised(uplift, base)))
    columns = _long(base, look, past)
    ids = base.snapshot.ids
    rows = np.repeat(base.snapshot.who, len(columns["period"]) // len(base.customers))
    return ids.new({"customer": ids.pick("customer", rows), **columns})


class Outlook(NamedTuple):
    """The expectations for every customer of a base."""

    ahead: Periods                     # the rest of the running period, if any, and the next ones
    expected: dict[str, np.ndarray]    # quantity -> (customers, periods ahead + 1); the last is the sum of the next
    p_alive: np.ndarray

    def total(self, name: str) -> np.ndarray:
        """Return a quantity over the next whole periods, without the rest of the running one."""
        return self.expected[name][:, -1]


def outlook(base: CustomerBase, periods: int, unit: str, purchases: PurchaseModel | None, spend: GammaGamma | None,
            money: bool) -> Outlook:
    """Return the expectations for the customers of `base`; models without parameters are fitted to it.

    Without `money` only purchases are expected, and no spend model is needed.
    """
    if base.snapshot.start is not None:
        raise DataError("a holdout has no forecast of its own; forecast the calibration base")
    ahead = next_periods(base.end, periods, unit)
    paid = money and base.snapshot.knows("amount")
    purchases, own = fitted_purchases(purchases, base)
    spend = _fitted(spend or GammaGamma(), "spend", base) if paid else None
    _demand_fits([purchases] if spend is None else [purchases, spend])
    histories = base.snapshot.histories(("x", "t_x", "T", "m_x") if paid else ("x", "t_x", "T"), own)
    x, t_x, T = (histories[name] for name in ("x", "t_x", "T"))
    num, den = duration(own)
    days = ahead.edges - ahead.edges[0]
    until = purchases.expected_purchases(days * num / den, x[:, None], t_x[:, None], T[:, None])
    begin, end = _spans(len(days), ahead.stub)
    expected = {"purchases": until[:, end] - until[:, begin]}
    p_alive = purchases.p_alive(x, t_x, T)
    if spend is not None:
        expected |= _money(base, histories, spend, expected["purchases"])
    if money and base.snapshot.knows("marketing"):
        a_day = daily_cost(base)
        expected["marketing"] = _core.expected_money(days[end] - days[begin], a_day[:, None], p_alive[:, None])
    if money and base.snapshot.knows("margin"):
        expected["margin"] = _core.margin(expected["amount"], expected["cost"], expected.get("marketing", 0.0))
    return Outlook(ahead, expected, p_alive)


def _spans(edges: int, stub: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges at which each period begins and ends, and as the last one all whole periods together."""
    begins = np.arange(edges - 1)
    return np.r_[begins, int(stub)], np.r_[begins + 1, edges - 1]


def fitted_purchases(model: PurchaseModel | None, base: HistorySource) -> tuple[PurchaseModel, str]:
    """Return a purchase model with parameters, by default `MBGNBD`, bound to the covariates of the base; its unit."""
    found = _fitted(model or MBGNBD(), "purchases", base)
    if found.unit is None:
        name = type(found).__name__
        raise ConfigError(f"purchases={name}: its parameters have no unit, so its times are not those of the base: "
                          f"pass unit= to the model, such as cv.{name}(..., unit=\"W\")")
    return found.bound_to(base), found.unit


def _fitted(model: AnyModel, role: str, base: HistorySource) -> AnyModel:
    """Return the caller's model if it has parameters, else a copy fitted to the base."""
    of_role(model, role, role)
    return model.fitted_to(base)


def _demand_fits(models: Iterable[Model]) -> None:
    """Raise for models without a converged fit, with the remedy of each in one message."""
    remedies = []
    for model in models:
        try:
            model.parameters()
        except FitError as error:
            remedies.append(str(error))
    if remedies:
        raise FitError("\n".join(remedies))


def _money(base: HistorySource, histories: Mapping[str, np.ndarray], spend: GammaGamma,
           count: np.ndarray) -> dict[str, np.ndarray]:
    """Return amount and, where known, product cost of the expected purchases."""
    x, m_x = histories["x"], histories["m_x"]
    paid = (x > 0) & (m_x > 0)
    mean = np.asarray(spend.expected_spend(np.where(paid, x, 0), np.where(paid, m_x, 0.0)))[:, None]
    return {name: _core.expected_money(count, mean, rate[:, None]) for name, rate in rates(base).items()}


def rates(base: HistorySource) -> dict[str, np.ndarray]:
    """Return each customer's net amount and product cost per money of purchases, by credibility."""
    view = base.snapshot
    ledger = view.ledger
    spent = ledger.purchases(view.begin, view.end)[1]
    last = ledger.days(ledger.tick[spent > 0].max(initial=ledger.tick.min()))
    edges = past_periods(last, QUARTERS, "Q").edges
    names = [name for name in ("amount", "cost") if view.knows(name)]
    found: dict[str, list[Any]] = {name: [] for name in names}
    for at in range(0, len(view.begin), BLOCK):
        begin, end = view.begin[at:at + BLOCK], view.end[at:at + BLOCK]
        whole = _core.history(ledger.tick, spent, begin, end, ledger.ticks(edges)).ravel()
        for name in names:
            part = ledger.periods(name, begin, end, edges).ravel()
            found[name].append(_core.rate_cells(part, whole, QUARTERS))
    cells = {name: [np.concatenate(column) for column in zip(*blocks, strict=True)] for name, blocks in found.items()}
    return {name: np.asarray(_core.credible_rate(*of[:2], *_core.credibility(*of))) for name, of in cells.items()}


def daily_cost(base: HistorySource) -> np.ndarray:
    """Return the relationship cost per day over the last twelve months, or since the first row if that is later."""
    since = max(months_before(base.end, 12), base.snapshot.first().min())
    edges = np.array([since.astype(np.int64), base.end.astype(np.int64) + 1], np.int32)
    return np.asarray(_core.ratio(base.snapshot.total("marketing", edges)[:, 0], float(edges[1] - edges[0])))


def valued_by(base: HistorySource, value: str | None) -> str:
    """Return the quantity that is the value of customers: as requested, else margin, amount or purchases as known."""
    if value is None:
        return next(name for name in VALUES if base.snapshot.knows(name))
    base.snapshot.demand(choice("value", value, VALUES))
    return value


def judged(look: Outlook, value: str, near: float, uplift: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Return the value at risk, the distance to break even, a flag, and the potential of more purchases."""
    total, amount = look.total(value), look.total("amount" if "amount" in look.expected else value)
    zone = _core.loss_zone(total, amount, near)
    gross = look.total("amount") - look.total("cost") if value == "margin" else total
    grown = {} if uplift is None else {"potential": total + gross * uplift}
    mended = {"growth_break_even": _core.growth_break_even(total, gross)} if value == "margin" else {}
    return {"p_alive": look.p_alive,
            "value_if_retained": _core.value_if_retained(total, look.p_alive),
            "expected_loss": _core.expected_loss(total, look.p_alive),
            "uplift_break_even": _core.uplift(total, amount, 0.0),
            "uplift_leave_zone": _core.uplift(total, amount, near), **mended, **grown,
            "flag": FLAGS[np.where(np.isnan(zone), 3, zone).astype(np.intp)]}


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
    return before | ahead | {f"sum_{whole}{split_unit(unit)[0]}": look.total(value)}


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
