"""Adjustment: factors on the expected purchases of customers, learnt from what came after earlier days of the log."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._files import keys
from .._formatting import many
from .._row_report import shorten
from .._validation import sum_of, whole
from ..customers.snapshot import Snapshot
from ..errors import ConfigError
from ..models.histories import mixed
from ..models.purchase import PurchaseModel

DAYS, SHARE, LEAST = 91, 0.4, 14       # ahead of an earlier day: a quarter, at most this share of the log, or at least
ORIGINS, KNOWN = 3, 0.35               # earlier days, at most, and the share of the log that lies before each
FIELDS = ("days", "coefficients", "reason")
RIDGE = 25.0                           # precision of coefficients, in units of the standard deviations of their columns
MOST = 1e6                             # of a coefficient in a file
ROWS = 150_000                         # to learn from; of more a sample of the customers
PASSES, KEPT = 100, 1e-12              # to keep the total, and how closely
FOLDS, SURE = 5, 2.0                   # parts of the customers, and standard errors from which a gain is one


class Adjustment(NamedTuple):
    """What is learnt: with it each customer is adjusted alone.

    Attributes
    ----------
    days : int
        Days ahead that the regression was fitted for.
    coefficients : ndarray
        Of the logarithm of the factor: the constant, and nine columns of the customer's purchases.
    reason : str
        What the regression gains, in words.
    """

    days: int
    coefficients: np.ndarray
    reason: str

    def factors(self, view: Snapshot, model: PurchaseModel) -> np.ndarray:
        """Return the factor of every customer, NaN without a purchase."""
        return np.asarray(_core.adjustment_factors(_known(view, model, self.days)[0].ravel(), self.coefficients))

    def table(self) -> dict[str, Any]:
        """Return the adjustment as a table of a file."""
        return {"days": self.days, "coefficients": self.coefficients.tolist(), "reason": self.reason}


class Rows(NamedTuple):
    """Customers on earlier days, in an order that depends on their values only."""

    columns: np.ndarray                    # of the regression
    expected: np.ndarray
    actual: np.ndarray
    origin: np.ndarray                     # 0 is the newest
    customer: np.ndarray                   # a number that equal histories share

    def where(self, mask: np.ndarray) -> Rows:
        """Return some of the rows."""
        return Rows(*(column[mask] for column in self))

    def fitted(self) -> np.ndarray | None:
        """Return the coefficients of the regression."""
        return _core.poisson_regression(self.columns.ravel(), self.expected, self.actual, RIDGE)

    def gains(self, factor: np.ndarray) -> tuple[np.ndarray, float]:
        """Return by customer how much smaller factors make the deviance, and the deviance without them.

        On each day the totals are those of what came, with factors and without.
        """
        mean = [np.empty(len(factor)), np.empty(len(factor))]
        for day in np.unique(self.origin):
            at = self.origin == day
            for out, given in zip(mean, (np.ones(len(factor)), factor), strict=True):
                product = (self.expected * given)[at]
                out[at] = np.maximum(product * (sum_of(self.actual[at]) / sum_of(product)), 1e-300)
        plain, adjusted = (np.asarray(_core.poisson_deviance(self.actual, out)) for out in mean)
        code = np.unique(self.customer, return_inverse=True)[1]
        return np.bincount(code, plain - adjusted), sum_of(plain)


def adjustment_from(table: Any) -> Adjustment:
    """Return the adjustment of a table of a file; raise ConfigError for another table."""
    keys(table, FIELDS, FIELDS, "adjustment")
    values = table["coefficients"]
    if not isinstance(values, list) or len(values) != 10 or not all(
            isinstance(v, float) and abs(v) < MOST for v in values):
        raise ConfigError(f"adjustment.coefficients: {shorten(values)} are not 10 numbers")
    if not isinstance(table["reason"], str):
        raise ConfigError(f"adjustment.reason: {shorten(table['reason'])} is not a text")
    days = whole("adjustment.days", table["days"], 1, 10**6, "a number of days")
    return Adjustment(days, np.array(values), table["reason"])


def learned(view: Snapshot, model: PurchaseModel) -> Adjustment | None:
    """Return the adjustment that a log supports for the expectations of a model, or None.

    The regression is fitted to up to three earlier days at once, each with what came in the days after it. It is used
    only if it says what customers bought who were left out of its fit better than the model does, by two standard
    errors of the gain in deviance over customers, and what came after the newest of these days, fitted to the others,
    not worse by as much.
    """
    span = int((view.day - view.log_begin()).astype(np.int64))
    ahead = int(min(DAYS, max(LEAST, SHARE * span)))
    back = [ahead + k * max(7, ahead // 2) for k in range(ORIGINS)]
    back = [days for days in back if span - days >= KNOWN * span]
    rows = _rows(view, model, ahead, back) if back else None
    if rows is None:
        return None
    crossed = np.empty(len(rows.actual))
    fold = rows.customer % FOLDS
    for k in range(FOLDS):
        found = rows.where(fold != k).fitted()
        if found is None:
            return None
        crossed[fold == k] = _core.adjustment_factors(rows.columns[fold == k].ravel(), found)
    gained, deviance = rows.gains(crossed)
    sure = _errors(gained)
    newest = rows.origin == 0
    before = None if newest.all() else rows.where(~newest).fitted()
    if before is not None:
        last = rows.where(newest)
        later = last.gains(np.asarray(_core.adjustment_factors(last.columns.ravel(), before)))[0]
        sure = sure if _errors(later) > -SURE else 0.0
    coefficients = rows.fitted()
    if sure < SURE or coefficients is None:
        return None
    reason = (f"customers adjusted by a regression on {many(len(back), 'earlier day')} with the {ahead} days after "
              f"each: deviance of customers left out {-sum_of(gained) / deviance:+.1%}, {sure:.1f} standard errors")
    return _totals_kept(Adjustment(ahead, coefficients, reason), view, model)


def _errors(gained: np.ndarray) -> float:
    """Return a sum over customers in standard errors of it."""
    total = sum_of(gained)
    error = sum_of((gained - total / len(gained)) ** 2) ** 0.5
    return total / error if error > 0 else 0.0


def _totals_kept(found: Adjustment, view: Snapshot, model: PurchaseModel) -> Adjustment:
    """Return the adjustment with the constant at which the total of a snapshot is that of the model."""
    columns, expected = _known(view, model, found.days)
    there = ~np.isnan(columns[:, 0])
    for _ in range(PASSES):                                # more than one where factors are at their limits
        factors = np.asarray(_core.adjustment_factors(columns[there].ravel(), found.coefficients))
        off = np.log(sum_of(expected[there]) / sum_of(expected[there] * factors))
        moved = found.coefficients + np.r_[off, np.zeros(len(found.coefficients) - 1)]
        found = Adjustment(found.days, moved, found.reason)
        if abs(off) < KEPT:
            break
    return found


def _rows(view: Snapshot, model: PurchaseModel, ahead: int, back: Sequence[int]) -> Rows | None:
    """Return the customers on earlier days, with what the model expects of the days after and what came."""
    bought = list(model.histories(view).values()) + ([view.total("amount")] if view.knows("amount") else [])
    customer = mixed([np.asarray(column, float) for column in bought])
    limit = max(1, ROWS // len(back))
    if len(customer) > limit:
        chosen = customer <= np.partition(customer, limit - 1)[limit - 1]
        view, customer = view.where(chosen), customer[chosen]
    parts: list[list[np.ndarray]] = []
    for k, days in enumerate(back):
        day = view.day - np.timedelta64(days, "D")
        known = view.until(day)
        columns, expected = _known(known, model, ahead)
        place = np.flatnonzero(np.isin(view.who, known.who))
        edges = (day.astype(np.int64) + np.array([1, 1 + ahead])).astype(np.int32)
        actual = view.total("purchases", edges)[place, 0]
        there = ~np.isnan(columns[:, 0]) & (expected > 0)
        parts.append([columns[there], expected[there], actual[there], np.full(int(there.sum()), k),
                      customer[place][there]])
    rows = Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    if not len(rows.actual) or not rows.actual.any():
        return None
    return rows.where(np.argsort(mixed([*rows.columns.T.copy(), rows.expected, rows.actual]), kind="stable"))


def _known(view: Snapshot, model: PurchaseModel, ahead: int) -> tuple[Any, np.ndarray]:
    """Return the columns of the regression at the end of a snapshot, and the purchases expected after it."""
    histories = model.histories(view).values()
    expected = np.asarray(model.expected_purchases(model.elapsed(view.day, float(ahead)), *histories))
    ledger = view.ledger
    origin = (ledger.last_tick(view.day), float(ledger.per_day), float(ahead))
    return _core.regressors(ledger.tick, ledger.purchases(view.begin, view.end)[0], view.begin, view.end, origin,
                            expected), expected
