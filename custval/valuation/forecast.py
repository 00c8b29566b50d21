"""The last periods of every customer beside the next ones: purchases, money, margin, what can be lost."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._dates import past_periods
from .._validation import choice
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError
from ..models import MBGNBD, GammaGamma
from . import outlook


def forecast(base: CustomerBase, *, periods: int = 3, unit: str = "Q", history: int = 3, purchases: Any = None,
             spend: Any = None, value: str | None = None, near: float = 0.05, uplift: Any = None,
             layout: str = "wide") -> Any:
    """Return what is expected of every customer in the next calendar periods, beside the last ones.

    Parameters
    ----------
    base : CustomerBase
        What is known; time goes on the day after its `end`.
    periods, history : int
        Whole periods ahead, and past ones up to the running one (0: none).
    unit : str
        D, W, M, Q or Y, with an anchor such as W-SUN, Q-MAR or Y-JUN.
    purchases, spend : model, optional
        A purchase and a spend model, by default `MBGNBD()` and `GammaGamma()`. Of one without parameters a
        copy is fitted to the base; the model passed in is not changed.
    value : {"margin", "amount", "purchases"}, optional
        What customers are judged by. By default the margin if costs are known, else the amount, else purchases.
        Wide and by purchases no spend model is needed, and nobody is near a loss.
    near : float
        A margin below this share of the expected amount is a near loss.
    uplift : float or array_like, shape (customers,), optional
        By how much interaction raises the purchases of all, or of each customer: .10 is a tenth more. Adds the column
        ``potential``; nobody knows it unless you do, so there is no default.
    layout : {"wide", "long"}
        A row per customer with the periods of `value` as columns; or a row per customer and period with
        all quantities: purchases, amount, cost, marketing, margin, as far as they are known.

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
        A model has no certified fit; the text says why and ends with the model to pass instead, a line for each.
    DataError
        The base lacks the money asked for, or is a holdout.
    ConfigError
        A setting is not known, `base` is no CustomerBase, or a model has parameters without a unit.

    Notes
    -----
    Purchases of a period are the difference of the model's expectations up to its last and its first calendar
    day, so they add up to the expectation of the whole span. Money of purchases is that times E[M | x, m_x];
    a customer without a paid repeat purchase has the mean of all.

    Amount (net of refunds) and product cost are that money times the customer's own rate per money of purchases,
    drawn toward the rate of the whole base by credibility: Bühlmann and Straub (1970), cells being the calendar
    quarters of the four years up to the last purchase, weighted with the money of purchases. Customers alike
    in their rates get the rate of all; one with much money and steady rates keeps his own, also a negative margin.

    Relationship cost goes on at the daily mean of the last twelve months (or since the first row of the log, if
    that is later) times P(alive). Margin = amount - cost - relationship cost.

    With V the value of the sum: value_if_retained = V / P(alive), the value if the customer stays; expected_loss =
    (1 - P(alive)) times it; uplift_break_even = max(0, -V), the money that more margin or a cut of costs has to bring;
    uplift_leave_zone = max(0, near * amount - V); growth_break_even = max(0, -V) / (amount - cost), the growth of
    purchases that would bring it, infinite where they cost what they bring or more; potential = V + uplift * (amount -
    cost), of amount or purchases V * (1 + uplift): more purchases take no more relationship cost.
    Both losses are below zero where V is: such a customer costs money, and who leaves saves it. `at_risk` sums
    the positive losses only.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-10", "2025-05-15", "2025-03-20"], "paid": [90.0, 80.0, 50.0]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", amount="paid", unit="W")
    >>> model, money = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=15)
    >>> fc = cv.forecast(base, periods=2, history=1, purchases=model, spend=money)
    >>> list(fc)[:6]
    ['customer', '2025Q2', 'rest of 2025Q2', '2025Q3', '2025Q4', 'sum_2Q']

    Customers that cost money (of a pandas frame: ``fc[fc["flag"] == "negative"]``):

    >>> fc["customer"][fc["flag"] == "negative"].tolist()
    []

    What a tenth more purchases of a and none of b would make of it:

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
    judged_by = outlook.valued(base, value)
    if uplift is not None and layout == "long":
        raise ConfigError("uplift= is for layout=\"wide\": it adds a column potential, a figure per customer")
    money = judged_by != "purchases" or layout == "long"
    look = outlook.outlook(base, periods, unit, purchases or MBGNBD(), spend or GammaGamma(), money)
    past = past_periods(base.end, history, unit) if history else None
    if layout == "wide":
        return base.snapshot.frame(outlook.wide(base, look, judged_by, past, unit) | outlook.judged(
            look, judged_by, near, outlook.raised(uplift, base)))
    columns = outlook.long(base, look, past)
    ids = base.snapshot.ids
    each = np.repeat(base.snapshot.who, len(columns["period"]) // len(base.customers))
    return ids.new({"customer": ids.pick("customer", each), **columns})
