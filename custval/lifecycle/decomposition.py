"""Decomposition of the change in value into volume, price, mix, cost and tenure, customer by customer."""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core, _formatting
from .._validation import choice, divide, sum_of, warn
from ..customers import rolling
from ..customers.customer_base import CustomerBase
from ..customers.ledger import Ledger
from ..customers.snapshot import COMPARABLE, Snapshot
from ..errors import ConfigError, DataError

EFFECTS = ("volume", "price", "mix", "cost", "tenure")


class Decomposition(_formatting.Printed):
    """The change in value between two periods, and its parts; made by `decompose`.

    Attributes
    ----------
    before, after : str
        The periods, named as in `CustomerBase.history`.
    observed : float
        Share of the days of the earlier period since the log began, as ``observed_prev_1y`` of
        `CustomerBase.attributes`. Below .98 there is nothing to compare with: all but the later value is missing.

    Examples
    --------
    >>> import custval as cv
    >>> parts = cv.decompose(cv.datasets.cdnow(), unit="Q")
    >>> parts.before, parts.after, parts.table()["part"].tolist()
    ('1998Q1', '1998Q2', ['volume', 'price', 'tenure', 'change'])
    """

    def __init__(self, base: CustomerBase, value: str, periods: tuple[str, str], columns: dict[str, np.ndarray],
                 observed: float = 1.0):
        (self.before, self.after), self._value, self.observed = periods, value, observed
        self._base, self._columns = base, columns

    def customers(self) -> Any:
        """Return one row per customer: customer, before, after, change, and each part of the change."""
        return self._base.snapshot.frame(self._columns)

    def table(self) -> Any:
        """Return one row per part of the change of all customers: part, sum, share (of the change; NaN if that is 0).

        The last row, ``change``, is their sum.
        """
        names = [name for name in (*EFFECTS, "change") if name in self._columns]
        sums = np.array([sum_of(self._columns[name]) for name in names])
        shares = divide(sums, sums[-1])
        return self._base.snapshot.ids.new({"part": np.array(names, object), "sum": sums, "share": shares})

    def _title(self) -> str:
        many = _formatting.many(len(self._columns["change"]), "customer")
        return f"{self._value.capitalize()} of {many}, {self.after} against {self.before}"

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        names = ["before", *(name for name in EFFECTS if name in self._columns), "after"]
        sums = [sum_of(self._columns[name]) for name in names]
        return ["part", "sum", "of before"], [
            [name, _formatting.number(total, 2), _formatting.number(total / sums[0] if sums[0] else np.nan, 1, True)]
            for name, total in zip(names, sums, strict=True)]


def decompose(base: CustomerBase, *, unit: str | None = None, lag: int = 1, value: str | None = None) -> Decomposition:
    """Split the change in every customer's value between two periods into volume, price, mix, cost and tenure.

    Parameters
    ----------
    base : CustomerBase
        With amounts; `product` and `quantity` separate price from mix and volume.
    unit : str, optional
        D, W, M, Q or Y, with an anchor such as Q-MAR; by default the longest of them of which the log covers both
        periods. The later period is the last complete one at `end`: for a base
        that ends in November, ``unit="Y-OCT"`` takes the last twelve whole months, and the twelve before them.
    lag : int
        Periods between the two: 1 the one before, 4 of Q the quarter of the year before.
    value : {"margin", "amount"}, optional
        By default the margin if costs are known, else the amount.

    Returns
    -------
    Decomposition
        ``table()``, a row per part, and ``customers()``, a row per customer. The parts:

        ======  =================================================================================================
        volume  units per day; the whole change of an earlier customer without purchases in one of the periods
        price   money per unit of each product; also money of products without units, such as later refunds
        mix     shares of the products in the units; only for a base with products
        cost    product cost per unit, and relationship cost; only for margins
        tenure  days of the period since the first order: the whole value of a new customer
        ======  =================================================================================================

        Without quantities each order is one unit, or for a base with products each row; refunds are no units.

    Raises
    ------
    DataError
        The base lacks the value or is a holdout, or has fewer than two complete periods.
    ConfigError
        A setting is not known.

    Notes
    -----
    With D days, v units a day, s, p and u share, price and cost of each product, the value is D v sum s (p - u), less
    relationship cost. Each part is the mean contribution of its factor over all orders in which the factors may
    change: Shapley (1953), A value for n-person games. So no factor comes first, and the parts add up to the change;
    the rounding error, at most some units in the last place of the largest part, is added to that part. A factor that
    is unknown in one period, such as the price of a product not bought, is taken from the other.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a", "a", "b"], "day": ["2023-01-01", "2025-03-01", "2025-07-02"], "paid": [100.0, 240.0, 50.0],
    ...        "n": [10.0, 20.0, 5.0]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", amount="paid", quantity="n", end="2025-12-31")
    >>> cv.decompose(base, lag=2)
    Amount of 2 customers, 2025 against 2023
    part       sum  of before
    ------  ------  ---------
    before  100.00     100.0%
    volume  110.00     110.0%
    price    30.00      30.0%
    tenure   50.00      50.0%
    after   290.00     290.0%
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"decompose takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    if isinstance(lag, bool) or not isinstance(lag, int) or lag < 1:
        raise ConfigError(f"lag={lag!r}: pass a number of periods, 1 or more")
    view = base.snapshot
    if view.start is not None:
        raise DataError("a holdout has no change of its own; pass the whole base")
    value = choice("value", value or ("margin" if view.knows("margin") else "amount"), ("margin", "amount"))
    view.demand(value)
    unit = unit or rolling.longest("Y", lambda unit: _covered(view, lag, unit))
    edges, labels, _ = rolling.dates(view, lag + 1, 1, unit)
    if edges[-2] <= view.log_begin().astype(np.int64):
        advice = "there is no shorter unit" if unit == rolling.UNITS[-1] else "use a shorter unit"
        raise DataError(f"only one complete period of {unit} at {view.day}, {labels[-1]}; two are needed, and {advice}")
    costs = value == "margin"
    relationship = view.total("marketing", edges)[:, [0, -1]].ravel() if costs and view.knows("marketing") else None
    found = _core.decompose(
        view.ledger.tick, view.ledger.columns["amount"], view.begin, view.end, _units(view.ledger),
        view.ledger.columns["cost"] if costs else None, view.ledger.product, view.ledger.tick[view.begin], relationship,
        view.ledger.ticks(edges[[0, 1, -2, -1]]))
    shown = [name for name in EFFECTS if (name != "mix" or view.ledger.product is not None) and
             (name != "cost" or costs)]
    out = {"before": found.before, "after": found.after,
           "change": found.after - found.before} | {name: getattr(found, name) for name in shown}
    observed = view.observed(int(edges[0]), int(edges[1]))
    if observed < COMPARABLE:
        warn(f"decompose: the log begins after {labels[0]} does: {observed:.0%} of that period is observed, so there "
             f"is nothing to compare {labels[-1]} with. Use a shorter unit or lag.")
        out |= {name: np.full(len(found.after), np.nan) for name in out if name != "after"}
    return Decomposition(base, value, (labels[0], labels[-1]), out, observed)


def _covered(view: Snapshot, lag: int, unit: str) -> bool:
    """Return whether the log covers both periods that are compared."""
    edges = rolling.dates(view, lag + 1, 1, unit)[0]
    return bool(edges[-2] > view.log_begin().astype(np.int64)) and view.observed(
        int(edges[0]), int(edges[1])) >= COMPARABLE


def _units(ledger: Ledger) -> np.ndarray:
    """Return the units of each row: as given, else one per order or row of a product; a refund has none."""
    if "quantity" in ledger.columns:
        return np.asarray(ledger.columns["quantity"])
    units = ledger.marks["orders"] if "orders" in ledger.marks and ledger.product is None else 1.0
    return np.where(ledger.columns["amount"] < 0, 0.0, units)
