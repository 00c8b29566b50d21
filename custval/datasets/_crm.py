"""A simulated maker of pumps: every table that a scorecard reads, and the truth behind them."""
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._formatting import many
from .._validation import Seed, seeded, whole
from ..errors import ConfigError
from . import _simulate as draw
from ._framed import AsFrame, framed

MOST = 10_000_000                                            # customers


@dataclass(frozen=True, eq=False, repr=False)
class Firm:
    """Tables of one firm, as its systems would export them up to the day `end`, included."""

    orders: Any
    opportunities: Any
    suggestions: Any
    receivables: Any
    contacts: Any
    profile: Any
    truth: Any
    end: str

    def __repr__(self) -> str:
        customers, lines = len(self.profile["customer"]), len(self.orders["order"])
        return f"<Firm {many(customers, 'customer')}, {many(lines, 'order line')}, to {self.end}>"

    def base(self) -> Any:
        """Return the `CustomerBase` of the orders, with every log and the profile attached."""
        from ..customers.customer_base import CustomerBase
        base = CustomerBase(self.orders, customer="customer", time="time", amount="amount", cost="cost",
                            product="product", quantity="quantity", order="order", end=self.end)
        for kind in ("opportunities", "suggestions", "receivables", "contacts"):
            base = base.with_log(kind, getattr(self, kind))
        return base.with_profile(self.profile)


def crm(customers: int = 300, seed: Seed = 1, *, as_frame: AsFrame = framed) -> Firm:
    """Return a simulated firm that sells pumps and their parts to other firms, 2022-01-03 to 2025-11-14.

    A fifth of the customers contributes about four fifths of the money; customers grow, decline and churn,
    order by season, return goods, and some cost more than they contribute.

    Parameters
    ----------
    customers : int
        Number of customers, each with at least one order.
    seed : int or numpy.random.Generator
        Not negative, or a generator, which advances. The same seed gives the same firm with any version of NumPy.
    as_frame : callable
        Makes a table of a dict of columns: ``dict``, ``pandas.DataFrame``, ``polars.DataFrame``,
        ``pyarrow.table``. By default that of the first of pandas, polars and pyarrow that is installed, else ``dict``.

    Returns
    -------
    Firm
        ``orders`` (order, customer, time, product, quantity, amount, cost; returned goods have
        negative numbers), ``opportunities`` (customer, created, closed, stage, probability,
        amount, won; stage and probability are those at creation, so that no day reveals the outcome;
        closed is NaT and won NaN while open), ``suggestions`` (customer, time, level),
        ``receivables`` (customer, issued, due, amount, paid; NaT while open), ``contacts``
        (customer, time, channel, cost), ``profile`` (a row per customer) and ``truth``, which no firm
        knows: orders a year, growth of sales a year, discount, the day of churn, and whether the
        customer is alive at the end. ``base()`` makes a `CustomerBase` of all of it.

    Raises
    ------
    ConfigError
        `customers` or `seed` is not such a number.

    Examples
    --------
    >>> import custval as cv
    >>> firm = cv.datasets.crm(customers=50, seed=7)
    >>> len(firm.profile["customer"]), sorted(set(firm.suggestions["level"].tolist()))
    (50, ['general', 'high'])
    """
    customers = whole("customers", customers, 1, MOST, "a whole number from 1 up")
    if isinstance(seed, np.random.Generator):
        seed = seeded(seed)
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ConfigError(f"seed={seed!r}: expected a whole number, not negative")
    who = draw.customers(int(seed), int(customers))
    orders = draw.orders(seed, who)
    truth = {name: who[name] for name in ("customer", "rate", "growth", "discount")}
    truth |= {"left": draw.known(who["left"]), "alive": who["left"] >= draw.DAYS}
    return Firm(orders=as_frame(orders), opportunities=as_frame(draw.opportunities(seed, who)),
                suggestions=as_frame(draw.suggestions(seed, who)),
                receivables=as_frame(draw.receivables(seed, who, orders)),
                contacts=as_frame(draw.contacts(seed, who)), profile=as_frame(draw.profile(seed, who)),
                truth=as_frame(truth), end=str(draw.END))
