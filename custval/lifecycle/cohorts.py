"""Cohorts: customers by the period of their first purchase and what they do at each age; tenures of contracts."""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core, _formatting
from .._dates import PERIODS, duration, grain_ends, past_periods, periods_since, split_unit
from .._formatting import many
from .._validation import choice, divide, warn
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import Snapshot
from ..errors import ConfigError, DataError

VALUES = ("customers", "amount", "margin")
MOST_ROWS, MOST_AGES = 24, 13                  # of a printed triangle
SLACK = 0.25                                   # of a period, between the usual gap and the unit


class Cohorts(_formatting.Printed):
    """A triangle of cohorts by age; made by `cohorts`.

    Attributes
    ----------
    labels : list of str
        The period of the first purchase of each cohort, named as in `CustomerBase.history`.
    sizes : ndarray of int, shape (cohorts,)
        Customers of each cohort.
    values : ndarray, shape (cohorts, ages)
        The value of each cohort at each age, in periods; NaN where it is not observed yet.
    running : str or None
        The last period if it is not over at the end of the base: the last value of each cohort counts a part of it.
    unassigned : int
        Customers without a purchase, who are in no cohort.

    Examples
    --------
    >>> import custval as cv
    >>> found = cv.cohorts(cv.datasets.cdnow(), unit="Q")
    >>> found.labels, found.sizes.tolist(), found.values[0].tolist()
    (['1997Q1'], [2357], [2357.0, 524.0, 418.0, 404.0, 384.0, 300.0])
    """

    def __init__(self, snapshot: Snapshot, value: str, unit: str, triangle: dict[str, Any]):
        self._snapshot, self._value, self._unit = snapshot, value, unit
        self.labels: list[str] = triangle["labels"]
        self.sizes: np.ndarray = triangle["sizes"]
        self.values: np.ndarray = triangle["values"]
        self.running: str | None = triangle["running"]
        self.unassigned: int = triangle["unassigned"]
        self._periods: list[str] = triangle["periods"]

    def table(self) -> Any:
        """Return a row per cohort: cohort, customers, and a column for each age: ``"0"``, the first period, and on."""
        return self._frame(self.values)

    def retention(self) -> Any:
        """Return the same table with each value as a share of that of age 0; missing where that is not above 0."""
        return self._frame(self._shares())

    def long(self) -> Any:
        """Return a row per cohort and age that is observed: cohort, age, period, customers, retention, and the value.

        Its column is ``active`` (customers with a purchase), ``amount`` or ``margin``.
        """
        row, age = np.nonzero(~np.isnan(self.values))
        labels = np.array(self.labels, object)
        places = np.array([self._periods.index(label) for label in self.labels], int)[row] + age
        name = "active" if self._value == "customers" else self._value
        return self._snapshot.ids.new({
            "cohort": labels[row], "age": age, "period": np.array(self._periods, object)[places],
            "customers": self.sizes[row], name: self.values[row, age], "retention": self._shares()[row, age]})

    def _shares(self) -> np.ndarray:
        start = self.values[:, :1]
        return divide(self.values, np.where(start > 0, start, np.nan))

    def _frame(self, values: np.ndarray) -> Any:
        columns = {"cohort": np.array(self.labels, object), "customers": self.sizes}
        return self._snapshot.ids.new(columns | {str(age): column for age, column in enumerate(values.T)})

    def _title(self) -> str:
        what = "Active customers" if self._value == "customers" else self._value.capitalize()
        open_end = f"; {self.running} is not over: it runs to {self._snapshot.day}" if self.running else ""
        left = f"; {many(self.unassigned, 'customer')} without a purchase in no cohort" if self.unassigned else ""
        return f"{what} by cohort of the first purchase and age in periods of {self._unit}{open_end}{left}"

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        values = self.values[-MOST_ROWS:, :MOST_AGES]
        body = [[label, f"{size:,}", *("" if np.isnan(value) else f"{value:,.0f}" for value in row)]
                for label, size, row in zip(self.labels[-MOST_ROWS:], self.sizes[-MOST_ROWS:], values, strict=True)]
        return ["cohort", "customers", *map(str, range(values.shape[1]))], body


def cohorts(base: CustomerBase, *, unit: str = "M", value: str = "customers", whole: bool = False) -> Cohorts:
    """Return what the customers won in each period do at each age: the cohort triangle.

    Parameters
    ----------
    base : CustomerBase
        Its customers; those without a purchase are in no cohort.
    unit : str
        Calendar period of cohorts and ages: D, W, M, Q or Y, with an anchor such as Q-MAR.
    value : {"customers", "amount", "margin"}
        Customers with a purchase in the period; or their money, refunds included. Money before a customer's first
        purchase, such as a refund of an older order, counts at age 0, so that all cells add up to the money of the
        customers.
    whole : bool
        Leave out the running period if it is not over at the end of the base. By default it is in the triangle, and
        the title and `Cohorts.running` say so.

    Returns
    -------
    Cohorts
        ``table()``, ``retention()`` and ``long()`` are frames of the caller's kind. Cells that are not observed yet
        are missing, never 0.

    Raises
    ------
    DataError
        The base lacks the value, is a holdout, or has no whole period.
    ConfigError
        A setting is not known.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a", "a", "b", "c", "b"], "paid": [10.0, 5.0, 20.0, 30.0, 1.0],
    ...     "day": ["2024-01-10", "2024-03-10", "2024-01-20", "2024-02-05", "2024-02-20"]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", amount="paid", end="2024-03-31")
    >>> cv.cohorts(base)
    Active customers by cohort of the first purchase and age in periods of M
    cohort   customers  0  1  2
    -------  ---------  -  -  -
    2024-01          2  2  1  1
    2024-02          1  1  0
    >>> cv.cohorts(base, value="amount").retention()["1"].round(3)
    array([0.033, 0.   ])
    """
    choice("value", value, VALUES)
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"cohorts takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    view = base.snapshot
    view.refuse_holdout("cohorts")
    place, day, _ = view.pieces("purchases")
    bought, first = np.unique(place, return_index=True)
    if not len(first):
        raise DataError("no customer has a purchase, so there is no cohort")
    edges, labels, running = _periods(view, day[first].min(), unit, whole)
    cohort = np.full(len(view.who), -1)
    cohort[bought] = np.searchsorted(edges, day[first], "right") - 1
    cohort[cohort >= len(labels)] = -1
    if value == "customers":
        cells = _active(place, day, cohort, edges)
    elif value == "amount":
        cells = _money(view, "amount", cohort, edges)
    else:
        view.demand("margin")
        cells = _core.margin(*(_money(view, name, cohort, edges) if view.knows(name) else 0.0
                               for name in ("amount", "cost", "marketing")))
    sizes = np.bincount(cohort[cohort >= 0], minlength=len(labels))
    known = np.add.outer(np.arange(len(labels)), np.arange(len(labels))) < len(labels)
    some = np.flatnonzero(sizes)
    cells = np.where(known, cells, np.nan)[some][:, :len(labels) - int(some.min(initial=0))]
    return Cohorts(view, value, unit, {
        "labels": [labels[k] for k in some], "sizes": sizes[some], "values": cells, "running": running,
        "unassigned": len(view.who) - len(bought), "periods": labels})


def _periods(view: Snapshot, first: np.int64, unit: str, whole: bool) -> tuple[np.ndarray, list[str], str | None]:
    """Return edges and labels of the periods since the first purchase, and the label of the last if it is not over."""
    since = first.astype("M8[D]")
    count = periods_since(since, view.day, unit)
    if count > _core.MOST_DATES:
        raise ConfigError(f"from {since} to {view.day} there are {count:,} periods of {unit}: at most "
                          f"{_core.MOST_DATES:,}; pass a longer unit, or leave out days far from the others")
    edges, labels, _ = past_periods(view.day, count, unit)
    if view.day == grain_ends(view.day, unit)[1]:
        return edges, labels, None
    if not whole:
        return edges, labels, labels[-1]
    if count == 1:
        raise DataError(f"no period of {unit} from {since} on is over by {view.day}; pass a shorter unit")
    return edges[:-1], labels[:-1], None


def _cells(place: np.ndarray, day: np.ndarray, cohort: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a mask of the rows in the triangle, and the cell of each: cohort * periods + age."""
    period = np.searchsorted(edges, day, "right") - 1
    mine = cohort[place]
    inside = (mine >= 0) & (period < len(edges) - 1)
    return inside, (mine * (len(edges) - 1) + np.maximum(period - mine, 0))[inside]


def _active(place: np.ndarray, day: np.ndarray, cohort: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the customers with a purchase by cohort and age."""
    inside, cell = _cells(place, day, cohort, edges)
    n = len(edges) - 1
    once = np.unique(place[inside] * n * n + cell)
    return np.bincount(once % (n * n), minlength=n * n).reshape(n, n).astype(float)


def _money(view: Snapshot, name: str, cohort: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return a sum of money by cohort and age."""
    place, day, value = view.pieces(name)
    inside, cell = _cells(place, day, cohort, edges)
    n = len(edges) - 1
    (money,), begin, end, first = _core.group_by(cell, (value[inside],))
    out = np.zeros(n * n)
    out[cell[first]] = _core.totals(money, begin, end)
    return out.reshape(n, n)


# ---- contracts ----

def tenures(base: CustomerBase, *, unit: str | None = None, gap: float = 0.5) -> Any:
    """Return how long each customer's contract lasted, from a log of its payments, as the contract models take it.

    Parameters
    ----------
    base : CustomerBase
        A purchase is a payment for one period.
    unit : str, optional
        The period that a payment is for: D, W, M, Q or Y, as a duration. By default the one nearest to the usual gap
        between a customer's payments.
    gap : float
        Number of periods that a payment may be late. A contract ends with a gap of more than 1 + `gap` periods, or
        when that time has passed at the end of the base.

    Returns
    -------
    frame of the caller's kind
        A row per customer with a purchase:

        ========  ===============================================================================================
        customer  the id, as given
        tenure    of an ended contract the period of churn, 1 for the first; of others the number of renewals
        churned   True where the contract has ended
        start     day of the first payment
        last      day of its last payment
        returned  True where the customer paid again after it ended; that is a new contract, which is left out
        ========  ===============================================================================================

    Raises
    ------
    DataError
        The base is a holdout or has no purchase, or the gaps suggest no unit.

    Warns
    -----
    DataWarning
        Most gaps are far from one period: these purchases are no contracts.

    Notes
    -----
    A contract that is older than the log begins with its first payment in the log.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a"] * 4 + ["b"] * 2 + ["c"], "day": ["2024-01-05", "2024-02-05", "2024-03-05", "2024-04-06",
    ...     "2024-01-20", "2024-02-20", "2024-04-10"]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", end="2024-04-30")
    >>> found = cv.tenures(base)
    >>> found["tenure"], found["churned"]
    (array([3, 2, 0]), array([False,  True, False]))
    >>> cv.ShiftedBetaGeometric(alpha=1, beta=None).fit(found).n_
    3
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"tenures takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    if isinstance(gap, bool) or not isinstance(gap, int | float) or not 0 <= gap < np.inf:
        raise ConfigError(f"gap={gap!r}: pass a number of periods, 0 or more")
    view = base.snapshot
    view.refuse_holdout("tenures")
    place, day, _ = view.pieces("purchases")
    bought, begin = np.unique(place, return_index=True)
    if not len(bought):
        raise DataError("no customer has a purchase, so there is no contract")
    since = np.diff(day)[np.diff(place) == 0]
    unit = _usual(since) if unit is None else unit
    num, den = duration(split_unit(unit, PERIODS)[0])
    if since.size and np.mean(np.abs(since * num / den - 1) <= max(gap, SLACK)) < 0.5:
        warn(f"tenures: most gaps between purchases are not of one period of {unit} (their median is "
             f"{np.median(since):,.0f} days); these are no payments under contract, or of another unit")
    longest = (1 + gap) * den / num                                                    # days
    fresh = np.append(True, (np.diff(place) > 0) | (np.diff(day) > longest))
    contract = np.cumsum(fresh) - 1
    own = contract == contract[begin][np.searchsorted(bought, place)]                  # of the first contract
    last = np.zeros(len(bought), np.int64)
    np.maximum.at(last, np.searchsorted(bought, place[own]), day[own])
    returned = np.bincount(np.searchsorted(bought, place[~own]), minlength=len(bought)) > 0
    churned = returned | (view.day.astype(np.int64) - last > longest)
    renewals = np.rint((last - day[begin]) * num / den).astype(np.int64)
    mask = np.zeros(len(view.who), bool)
    mask[bought] = True
    return view.where(mask).frame({
        "tenure": renewals + churned, "churned": churned, "start": day[begin].astype("M8[D]"),
        "last": last.astype("M8[D]"), "returned": returned})


def _usual(since: np.ndarray) -> str:
    """Return the unit nearest to the median of gaps in days."""
    usual = float(np.median(since)) if since.size else np.nan
    spans = {unit: duration(unit)[1] / duration(unit)[0] for unit in PERIODS}
    near = min(spans, key=lambda unit: abs(np.log(spans[unit] / max(usual, 0.5))))
    if not abs(usual / spans[near] - 1) <= SLACK:
        found = f"the usual gap is {usual:,.0f} days" if since.size else "no customer has two purchases"
        raise DataError(f"tenures: {found}, which suggests no period; pass unit=, such as unit='M'")
    return near
