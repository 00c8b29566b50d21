"""Value curves: the value of every customer at the end of many calendar periods, and its trend."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _core
from .._dates import counted
from .._validation import choice, ranked, share, warned_once
from ..customers import rolling
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import Snapshot
from ..errors import ConfigError, DataError
from ..models.histories import Dated
from ..valuation.clv import CLV

VALUES = ("margin", "amount", "orders")
DIRECTIONS = np.array(_core.DIRECTIONS, object)


@warned_once()
def curve(base: CustomerBase, *, periods: int | None = None, unit: str | None = None, value: str | CLV | None = None,
          window: int | None = 1, ahead: Mapping[str, Any] | None = None, level: float = 0.10, least: int = 4,
          ranks: bool = False, layout: str = "wide") -> Any:
    """Return the value of every customer at the end of each calendar period, and its trend.

    Parameters
    ----------
    base : CustomerBase
        The dates of the curve are the ends of whole periods up to its `end`.
    periods : int, optional
        Number of dates, the last ones; by default all since the first order.
    unit : str, optional
        D, W, M, Q or Y, with an anchor such as W-SUN, Q-MAR or Y-JUN; by default the longest of Q, M, W and D of which
        a period is over.
    value : {"margin", "amount", "orders"} or CLV, optional
        The value of a customer. By default the margin if costs are known, else the amount, else orders. A fitted
        `CLV` values each customer as of each date: the discounted future value, gross of refunds and costs. Its
        parameters are those given; for a curve that uses no later data, fit it to ``base.as_of`` of the first date.
    window : int, optional
        Number of periods, up to the date, whose value counts: 1, the period itself, smooths nothing. Longer windows
        overlap, so that neighbours are alike and p is too small. None: all up to the date. Not for a CLV.
    ahead : dict, optional
        Arguments of `CLV.predict` for a CLV, such as ``{"periods": 24, "discount": .1}``.
    level : float
        p below which a curve rises or falls.
    least : int
        Number of points, 2 or more, below which a curve is short.
    ranks : bool
        Add rank (by the value at the last date), rank_by_sales (by the amount of the last period alone) and
        rank_change = rank_by_sales - rank: positive where a ranking by current sales undervalues the customer.
    layout : {"wide", "long"}
        A row per customer, or per customer and date.

    Returns
    -------
    frame of the caller's kind
        Wide: customer, a column per period, named as in `CustomerBase.history`, and the columns below. Long: customer,
        period, the value under its name (``clv`` of a CLV), and the columns below, repeated.

        =========  ==============================================================================================
        points     dates with a value: those from the first row of the customer on, NaN before
        slope      change per period: the median slope of all pairs of points
        S          pairs of points that rise less pairs that fall
        p          probability of an S at least as far from 0 if the points are in random order
        direction  ``"short"``, ``"rising"`` or ``"falling"`` (p below `level`, by the sign of S), ``"volatile"``
                   (else, and the coefficient of variation is above 1), or ``"flat"``
        =========  ==============================================================================================

    Raises
    ------
    DataError
        The base lacks the value, no period is over, or a date lies inside a grain (of a CLV).
    ConfigError
        A setting is not known, or `base` is no CustomerBase.

    Notes
    -----
    The first period of a customer begins with their first order, so it is shorter than the others. A slope of 0 with
    a small p is possible: most pairs are equal, and the others agree.

    References
    ----------
    Slope: Theil (1950), A rank-invariant method of linear and polynomial regression analysis; Sen (1968), Estimates
    of the regression coefficient based on Kendall's tau. S and p: Mann (1945), Nonparametric tests against trend;
    Kendall (1975), Rank Correlation Methods: the normal approximation with correction for ties and continuity, or,
    up to 10 points without ties, the exact probability.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": list("aaaaabb"), "paid": [10.0, 20, 30, 40, 50, 70, 70], "day": ["2024-01-10", "2024-04-10",
    ...     "2024-07-10", "2024-10-10", "2025-01-10", "2024-05-01", "2025-02-01"]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", amount="paid", end="2025-03-31")
    >>> curves = cv.curve(base)
    >>> list(curves)[1:6]
    ['2024Q1', '2024Q2', '2024Q3', '2024Q4', '2025Q1']
    >>> curves["2024Q1"], curves["slope"], curves["S"], curves["direction"].tolist()
    (array([10., nan]), array([10.,  0.]), array([10.,  0.]), ['rising', 'volatile'])

    By the whole history the first customer is worth more; current sales alone would rank them second:

    >>> cv.curve(base, window=None, ranks=True)["rank_change"]
    array([ 1., -1.])
    """
    choice("layout", layout, ("wide", "long"))
    share("level", level)
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"curve takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    if isinstance(least, bool) or not isinstance(least, int) or least < 2:
        raise ConfigError(f"least={least!r}: pass a number of points, 2 or more")
    if window is not None and (isinstance(window, bool) or not isinstance(window, int) or window < 1):
        raise ConfigError(f"window={window!r}: pass a number of periods, or None for all up to each date")
    view = base.snapshot
    if view.start is not None:
        raise DataError("a holdout has no curve of its own; pass the whole base")
    clv = value if isinstance(value, CLV) else None
    if ahead is not None and clv is None:
        raise ConfigError("ahead= goes with a CLV as value")
    name = "clv" if isinstance(value, CLV) else _valued(view, value)
    width = 1 if clv is not None else window or 0
    first = view.log_begin()
    unit = unit or rolling.longest("Q", lambda unit: bool(
        rolling.dates(view, None, 1, unit)[0][-1] > first.astype(np.int64)))
    edges, labels, _ = rolling.dates(view, None if periods is None else counted(periods), width, unit)
    if edges[-1] <= first.astype(np.int64):
        raise DataError(f"no period of {unit} from {first} on is over by {view.day}; pass a shorter unit")
    values = rolling.values(view, name, edges, width) if clv is None else _lifetime(view, clv, edges, ahead or {})
    labels = labels[len(labels) - len(values):]
    found = _trends(values, least, level)
    if ranks:
        found |= _ranks(values[-1], rolling.values(view, "amount", edges[-2:], 1)[0])
    if layout == "wide":
        return base.snapshot.frame(dict(zip(labels, values, strict=True)) | found)
    long = {"period": np.tile(np.array(labels, object), len(view.who)), name: values.T.ravel()}
    repeated = {column: np.repeat(numbers, len(labels)) for column, numbers in found.items()}
    return view.ids.new({"customer": view.ids.pick("customer", np.repeat(view.who, len(labels))), **long, **repeated})


def _valued(view: Snapshot, value: str | None) -> str:
    name = choice("value", value or next(v for v in VALUES if view.knows(v)), VALUES)
    view.demand(name)
    return name


def _trends(values: np.ndarray, least: int, level: float) -> dict[str, np.ndarray]:
    trend = _core.trend(values.ravel(), len(values))
    code = _core.direction(trend.points, trend.S, trend.p, trend.variation, float(least), level)
    direction = DIRECTIONS[np.where(np.isnan(code), 0, code).astype(np.intp)]
    return {"points": trend.points.astype(np.int64), "slope": trend.slope, "S": trend.S, "p": trend.p,
            "direction": direction}


def _lifetime(view: Snapshot, clv: CLV, edges: np.ndarray, ahead: Mapping[str, Any]) -> np.ndarray:
    """Return the lifetime value of every customer as of each date, shape (dates, customers); NaN before the first."""
    purchases, spend = clv.models
    if purchases.unit is None or spend.role == "margin" or purchases.coefficients():
        raise ConfigError("value=CLV: for a curve the purchase model needs a unit and no covariates, and spend is a "
                          "model of amounts; margins by margin_rate= in ahead=")
    out = np.full((len(edges) - 1, len(view.who)), np.nan)
    for at, columns in rolling.histories(view, edges, purchases.unit, purchases.times(view)):
        there = ~np.isnan(columns["T"])
        if purchases.clock_ is None:
            out[:, at][there] = clv.predict({name: column[there] for name, column in columns.items()}, **ahead)["clv"]
            continue
        for k, (row, mask, day) in enumerate(zip(out[:, at], there, edges[1:].astype("M8[D]") - 1, strict=True)):
            known = Dated({name: column[k][mask] for name, column in columns.items()})
            known.day = day
            row[mask] = clv.predict(known, **ahead)["clv"]
    return out


def _ranks(value: np.ndarray, sales: np.ndarray) -> dict[str, np.ndarray]:
    known = ~np.isnan(value)
    rank, by_sales = (np.full(len(value), np.nan) for _ in range(2))
    rank[known], by_sales[known] = ranked(value[known]), ranked(sales[known])
    return {"rank": rank, "rank_by_sales": by_sales, "rank_change": by_sales - rank}
