"""Stages of the customer relation: exploration, formation, stable or decline, with a reason, and the value of each."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import _core, _formatting
from .._dates import WORDS, counted, months_before, split_unit
from .._formatting import many
from .._tabular import table
from .._validation import choice, divide, share
from ..customers import rolling
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import Snapshot
from ..errors import ConfigError, DataError
from ..models.purchase import PurchaseModel
from ..segmentation.segmentation import Segmentation
from ..valuation.value_model import fitted_purchases, has_parameters, is_auto

NAMES = ("exploration", "formation", "stable", "decline")
VALUES = ("margin", "amount", "orders")
ALIVE, GAP, FALL, ENDED, FEW, GROWTH, STEADY = range(7)         # reasons, in the order of the tests
DECLINE = ("P(alive)", "gap", "trend", "contract")
STAGE = np.array([3, 3, 3, 3, 0, 1, 2], np.int8)                # of each reason


class Facts(NamedTuple):
    """The measures that decide the stage of each customer, and the thresholds."""

    purchases: np.ndarray
    p_alive: np.ndarray
    gap: np.ndarray                # days since the last purchase
    limit: np.ndarray              # longest gap in days that is not decline
    own: np.ndarray                # True where the limit is a quantile of their own gaps
    trend: np.ndarray              # slope over mean, a period; NaN if not known
    ended: np.ndarray              # day on which the contract ended, NaT if none has
    alive: float
    q: float
    period: str


class Stages(Segmentation):
    """Customers in the four stages of the relation; made by `stages`.

    Attributes
    ----------
    names : tuple of str
        ``("exploration", "formation", "stable", "decline")``.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's stage in `names`.
    order_holds : bool or None
        True if the mean value rises from exploration over formation to stable and falls in decline, the order of the
        textbook life cycle; None where a stage is empty.
    reason_ : dict of str
        With ``purchases="auto"``: which purchase model the data chose, and why.

    Examples
    --------
    >>> import custval as cv
    >>> found = cv.stages(cv.datasets.cdnow(), purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"))
    >>> found.names[found.tier[0]], found.customers()["reason"][0]
    ('decline', 'no purchase for 200 days, longer than 90% of all gaps (196 days)')
    """

    kind, class_name = "Stages", "stage"

    def __init__(self, why: np.ndarray, facts: Facts, stats: dict[str, np.ndarray], base: CustomerBase,
                 value: str, chosen: str = ""):
        self.reason_ = {"purchases": chosen} if chosen else {}
        super().__init__(NAMES, STAGE[why], stats, {}, f"by the {value} of twelve months",
                         table(base.snapshot.frame({})))
        self._why, self._facts, self._value = why, facts, value

    @property
    def order_holds(self) -> bool | None:
        """True if the mean value rises up to the stable stage and falls in decline; None where a stage is empty."""
        first, second, third, last = self.stats["mean"]
        return None if np.isnan(self.stats["mean"]).any() else bool(first < second < third > last)

    def customers(self) -> Any:
        """Return one row per customer: the stage, the reason as text, and the measures behind it.

        Columns: customer, stage, reason, purchases, p_alive, gap (days since the last purchase), gap_limit (longest gap
        in days that is not decline), trend (change per period over the mean; NaN where not known).
        """
        f = self._facts
        return self.source.beside({
            "customer": self.source.pick("customer", np.arange(len(self.tier))),
            "stage": np.array(self.names, object)[self.tier],
            "reason": np.array([self._reason(i) for i in range(len(self.tier))], object),
            "purchases": f.purchases, "p_alive": f.p_alive, "gap": f.gap, "gap_limit": f.limit, "trend": f.trend})

    def _reason(self, i: int) -> str:
        f, why = self._facts, self._why[i]
        trend = "" if np.isnan(f.trend[i]) else f"{self._value} {f.trend[i]:+.1%} a {f.period}"
        alive = "P(alive) not known" if np.isnan(f.p_alive[i]) else f"active: P(alive) {f.p_alive[i]:.2f}"
        if why == ALIVE:
            return f"P(alive) {f.p_alive[i]:.2f} below {f.alive:g}"
        if why == GAP:
            whose = "of their gaps" if f.own[i] else "of all gaps"
            return f"no purchase for {f.gap[i]:.0f} days, longer than {f.q:.0%} {whose} ({f.limit[i]:.0f} days)"
        if why == ENDED:
            return f"contract ended on {f.ended[i]}"
        if why in (FALL, GROWTH):
            return trend
        bought = many(int(f.purchases[i]), "purchase") if f.purchases[i] else "no purchase yet"
        return bought if why == FEW else f"{alive}, {bought}" + (trend and f", {trend}")

    def table(self) -> Any:
        """Return one row per stage: its value in the twelve months that end with the base.

        Columns: stage, customers, share, sum (of the value), share_of_sum, mean; where margins are known also cost
        (mean, product and relationship cost) and rate (margin over amount of the whole stage). Empty stages have NaN.
        """
        return super().table()

    def _title(self) -> str:
        said = {True: "holds", False: "does not hold", None: "cannot be checked: a stage is empty"}[self.order_holds]
        counts = np.bincount(self._why, minlength=FEW)[:FEW].tolist()
        by = [f"{n:,} by {name}" for name, n in zip(DECLINE, counts, strict=True) if n]
        return (super()._title() + f"\nThe order of means, rising to stable and falling in decline, {said}"
                + (f"\nIn decline: {', '.join(by)}, each by the first test that holds" if by else "")
                + "".join(f"\nP(alive): {reason}" for reason in self.reason_.values()))


def stages(base: CustomerBase, *, unit: str = "Q", periods: int = 8, alive: float = 0.5, gap: float = 0.9,
           decline: float = -0.10, growth: float = 0.10, orders: int = 1,
           purchases: PurchaseModel | str | None = "auto", value: str | None = None,
           contract_end: str | None = None) -> Stages:
    """Assign customers to the stages of the relation: exploration, formation, stable, decline.

    Parameters
    ----------
    base : CustomerBase
        The customers, as known at its `end`.
    unit : str
        Period of the trend: W, M, Q or Y.
    periods : int
        Number of the last whole periods from which the trend is computed.
    alive : float
        P(alive) below which a customer declines.
    gap : float
        Quantile of the days between purchases; a longer time since the last one is decline. Of the customer's own
        gaps if there are at least four, else of all gaps: of the base, or, with a model that has its parameters, of all
        customers of its log, so that a part of the base is judged as the whole.
    decline, growth : float
        Change per period, as a share of the mean, below which a customer declines and above which they are in
        formation.
    orders : int
        Purchases up to which a customer explores.
    purchases : model or "auto"
        A purchase model, by default the one that the data choose, as of `Forecaster`. A model without parameters is
        copied and the copy fitted to the base.
    value : {"margin", "amount", "orders"}, optional
        The value of the trend and the table. By default the margin if costs are known, else the amount, else orders.
    contract_end : str, optional
        Column of the profile with the day on which a contract ends; an end up to the base's `end` is decline.

    Returns
    -------
    Stages
        ``labels``, ``customers()`` with a reason for each, ``table()``, ``order_holds``, ``distribution()``,
        ``histogram()``, ``actions()``; `crosstab`, `at_risk` and `migration` take it.

    Raises
    ------
    FitError
        The model has no converged fit.
    DataError
        The base is a holdout, or lacks the value or the column.
    ConfigError
        A setting is not known.

    Notes
    -----
    Tested in this order; the first test that holds gives stage and reason: decline (P(alive), gap, trend, contract),
    exploration, formation; all other customers are stable. The trend is the median slope of `curve` with ``window=1``
    over the mean; it is not known below two purchases, below four periods or where the mean is not positive. A fall
    alone, by a customer who is active and purchased recently, is therefore decline; the printed table counts these
    customers.
    ``decline=-float("inf")`` turns the test off.

    Examples
    --------
    >>> import custval as cv
    >>> days = ["2024-01-05", "2024-04-05", "2024-07-05", "2024-10-05", "2024-12-20"]
    >>> log = {"who": list("aaaaabbbbbcdd"), "day": days + days + ["2024-12-01", "2024-01-10", "2024-01-20"],
    ...        "paid": [10.0, 20, 30, 40, 50, 20, 20, 20, 20, 0, 5, 9, 9]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", amount="paid", end="2024-12-31")
    >>> found = cv.stages(base, purchases=cv.MBGNBD(r=2, alpha=20, a=.5, b=5, unit="W"))
    >>> for reason in found.customers()["reason"]: print(reason)
    amount +48.9% a quarter
    active: P(alive) 0.94, 5 purchases, amount +0.0% a quarter
    1 purchase
    P(alive) 0.25 below 0.5
    >>> found.labels.tolist(), found.order_holds
    (['formation', 'stable', 'exploration', 'decline'], False)
    """
    share("alive", alive)
    share("gap", gap)
    split_unit(unit, ("W", "M", "Q", "Y"))
    if not decline < growth:
        raise ConfigError(f"decline={decline!r}, growth={growth!r}: the first lies below the second")
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"stages takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    view = base.snapshot
    if view.start is not None:
        raise DataError("a holdout has no stages of its own; pass the whole base")
    value = choice("value", value or next(v for v in VALUES if view.knows(v)), VALUES)
    model, _ = fitted_purchases(purchases, base)
    limit = rolling.gap_limits(view, gap, 4)[0]
    of_all = rolling.gap_limits(view.population() if has_parameters(purchases) else view, gap, 4)[1]
    bought = view.total("purchases").astype(np.int64)
    trend = np.where(bought > 1, _trend(view, value, counted(periods), unit), np.nan)
    facts = Facts(
        bought, np.asarray(model.p_alive(*model.histories(view).values())),
        view.ledger.histories(view.begin, view.end, view.day, "D")[4], np.where(np.isnan(limit), of_all, limit),
        ~np.isnan(limit), trend, _ended(view, contract_end), alive, gap, WORDS[split_unit(unit)[0]])
    tests = [facts.p_alive < alive, facts.gap > facts.limit, facts.trend < decline, ~np.isnat(facts.ended),
             facts.purchases <= orders, facts.trend > growth]
    why = np.select(tests, list(range(STEADY)), STEADY)
    chosen = model.notes_[-1] if is_auto(purchases, "purchases") else ""
    return Stages(why, facts, _economics(view, value, STAGE[why]), base, value, chosen)


def _trend(view: Snapshot, value: str, periods: int, unit: str) -> np.ndarray:
    """Return the median slope over the mean; NaN below four periods or where the mean is not positive."""
    edges = rolling.dates(view, periods, 1, unit)[0]
    values = rolling.values(view, value, edges, 1)
    trend = _core.trend(values.ravel(), len(values))
    return np.asarray(_core.ratio(trend.slope, np.where((trend.points >= 4) & (trend.mean > 0), trend.mean, 0.0)))


def _ended(view: Snapshot, column: str | None) -> np.ndarray:
    """Return the day on which the contract of each customer ended, NaT if it has none or it goes on."""
    if column is None:
        return np.full(len(view.who), np.datetime64("NaT", "D"))
    if column not in view.profile:
        raise DataError(f"contract_end={column!r}: the profile has no such column; "
                        f"it has {', '.join(map(_formatting.plain, view.profile)) or 'none'}")
    try:
        days = np.asarray(view.profile[column])[view.who].astype("M8[D]")
    except (TypeError, ValueError) as error:
        raise DataError(f"contract_end={column!r}: expected days, such as datetime64 or ISO 8601 text") from error
    return np.where(days <= view.day, days, np.datetime64("NaT", "D"))


def _economics(view: Snapshot, value: str, stage: np.ndarray) -> dict[str, np.ndarray]:
    """Return value and cost of the customers of each stage in the last twelve months."""
    edges = np.array([months_before(view.day, 12).astype(np.int64), view.day.astype(np.int64) + 1], np.int32)

    def sums(name: str) -> tuple[np.ndarray, np.ndarray]:
        return _core.pyramid_totals(view.total(name, edges)[:, 0], stage, len(NAMES))

    customers, total = sums(value)
    whole = total.sum() if total.sum() > 0 else np.nan
    stats = {"customers": customers, "share": divide(customers, customers.sum()), "sum": total,
             "share_of_sum": total / whole, "mean": divide(total, customers)}
    if view.knows("margin"):
        margin, amount = sums("margin")[1], sums("amount")[1]
        stats |= {"cost": divide(amount - margin, customers), "rate": divide(margin, amount)}
    return stats
