"""Price index: what calendar months do to the money of a purchase, common to all customers, and how it goes on.

log z = m_i + log index(month) + e,  m_i ~ N(mu, tau^2),  e ~ N(0, sigma^2)

Source: Henderson (1975), Best linear unbiased estimation and prediction under a selection model, Biometrics 31; the
structure of log index over months is that of `Clock`.
"""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._arrays import Table
from .._dates import counted
from .._files import keys
from .._formatting import Columns, Printed, many, number
from .._row_report import shorten
from .._validation import share
from ..customers.snapshot import Snapshot
from ..errors import ConfigError
from .diagnostics import NEAR
from .lognormal import LogNormalSpend

PASSES, CLOSE = 12, 1e-3       # of the estimation at most; change of the log index that ends it
AHEAD = 60                     # months of the structure ahead; later ones repeat the last year of them
AR, SLOPE_AR, NOISE = 0.8, 0.9, 0.02                          # of level and slope, from month to month; of a month
LEVELS, SLOPES, SEASONS = (0.03, 0.1, 0.2, 0.3), (0.0, 0.01), (0.0, 0.1, 0.2, 0.4)
SETTINGS = [(AR, level, slope, SLOPE_AR, season, NOISE) for level, slope, season in product(LEVELS, SLOPES, SEASONS)]
FEWEST = 0.3                   # purchases that a month without any counts as, in its variance


class Path(NamedTuple):
    """Log index of consecutive months: mean and covariance."""

    mean: np.ndarray
    covariance: np.ndarray


class PriceIndex(Printed):
    """Index of the money of a purchase by calendar month, 1 on average over the purchases it was estimated from.

    Money divided by the index is comparable over time: a spend model is fitted to it, and its expectation times the
    index of a month is money of that month. Attributes and methods are those that forecasts take; `table` is for
    people.

    Parameters
    ----------
    first : numpy.datetime64
        The first month.
    purchases, ratio, variance : array_like, shape (months,)
        Purchases of each month, the mean of their logs less what the customers' own purchases lead to expect, and its
        variance.

    Notes
    -----
    log index = level + season + noise, a Gaussian vector: a level that returns to the mean (0.8 a month) with an
    optional slope, and an effect for each month of the year, weighted over standard deviations of the parts by their
    marginal likelihood. Customers differ in their mean log; index and means are estimated in turn.

    Examples
    --------
    >>> import custval as cv
    >>> from custval.models.price_index import price_index
    >>> index = price_index(cv.datasets.cdnow().snapshot)
    >>> index.ahead(np.array(["1998-07-01", "1998-10-01"], "M8[D]")).round(3)
    array([1.021])
    """

    def __init__(self, first: np.datetime64, purchases: Any, ratio: Any, variance: Any, *, frames: Table | None = None):
        self.first = first.astype("M8[M]")
        self.purchases, self.ratio, self.variance = (np.asarray(column, float) for column in (
            purchases, ratio, variance))
        self._frames = frames
        self._paths: dict[int, Path] = {}

    def path(self, months: int) -> Path:
        """Return the log index of the months observed and of some ahead: a mixture over the structures."""
        if months not in self._paths:
            n = len(self.ratio) + months
            place = (self.first.astype(np.int64) + np.arange(n)) % 12
            data = self.ratio, self.variance, place, 12
            logs = _core.clock_evidence(*data, np.array(SETTINGS).ravel())
            weights = np.exp(logs - logs.max())
            found = [(weight / weights.sum(), _core.clock_structure(*data, np.array(settings)))
                     for weight, settings in zip(weights, SETTINGS, strict=True) if weight > 1e-6 * weights.sum()]
            mean = np.asarray(sum(weight * part.mean for weight, part in found))
            covariance = sum(weight * (part.covariance.reshape(n, n) + np.outer(part.mean - mean, part.mean - mean))
                             for weight, part in found)
            self._paths[months] = Path(mean, np.asarray(covariance) + NOISE ** 2 * np.eye(n))
        return self._paths[months]

    def _logs(self, month: np.ndarray) -> np.ndarray:
        """Return the log index of months, counted from the first; that of the first before it."""
        ahead = int(month.max(initial=0)) + 1 - len(self.ratio)
        found = self.path(min(max(ahead, 0), AHEAD)).mean
        if ahead > AHEAD:
            found = np.append(found, np.resize(found[-12:], ahead - AHEAD))
        return np.asarray(found[np.maximum(month, 0)])

    def _month(self, day: Any) -> np.ndarray:
        return np.asarray((day.astype("M8[M]") - self.first).astype(np.int64))

    def deflated(self, view: Snapshot) -> Snapshot:
        """Return a snapshot whose amounts are divided by the index of their months."""
        ledger = view.ledger
        amount = ledger.columns["amount"] / np.exp(self._logs(self._month(ledger.days(ledger.tick))))
        return replace(view, ledger=replace(ledger, columns={**ledger.columns, "amount": amount}))

    def ahead(self, edges: np.ndarray) -> np.ndarray:
        """Return the mean index over the days of each span between two edges (datetime64[D])."""
        days = np.arange(edges[0], edges[-1])
        index = np.append(0.0, np.cumsum(np.exp(self._logs(self._month(days)))))
        at = (edges - edges[0]).astype(np.int64)
        return np.asarray(np.diff(index[at]) / np.diff(at))

    def ahead_covariance(self, edges: np.ndarray) -> np.ndarray:
        """Return the covariance of the logs of `ahead`, by the shares of the months in each span (delta method)."""
        days = np.arange(edges[0], edges[-1])
        months = np.maximum(self._month(days), 0)
        last = min(max(int(months.max(initial=0)) + 1 - len(self.ratio), 0), AHEAD)
        covariance, index = self.path(last).covariance, np.exp(self._logs(months))
        place = np.minimum(months, len(covariance) - 1)
        span = np.searchsorted(edges, days, "right") - 1
        shares = np.zeros((len(edges) - 1, len(covariance)))
        np.add.at(shares, (span, place), index)
        shares /= shares.sum(1, keepdims=True)
        return np.asarray(shares @ covariance @ shares.T)

    # ---- results and files ----

    def table(self, ahead: int = 12, level: float = 0.9) -> Any:
        """Return a row per month, past and next: purchases, index, and its bounds with probability `level`."""
        ahead = 0 if isinstance(ahead, int) and ahead == 0 else counted(ahead, "ahead")
        share("level", level)
        found, n = self.path(ahead), len(self.ratio)
        half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(np.diag(found.covariance))
        columns = {"period": np.array([str(self.first + k) for k in range(n + ahead)], object),
                   "kind": np.array(["past"] * n + ["next"] * ahead, object),
                   "purchases": np.append(self.purchases, np.full(ahead, np.nan)), "index": np.exp(found.mean),
                   "low": np.exp(found.mean - half), "high": np.exp(found.mean + half)}
        return Columns(columns) if self._frames is None else self._frames.new(columns)

    def _title(self) -> str:
        return f"Price index of {many(len(self.ratio), 'month')} from {self.first}, and of a year ahead"

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        columns = PriceIndex(self.first, self.purchases, self.ratio, self.variance).table()
        head = list(columns)
        return head, [[str(period), kind, "" if math.isnan(n) else number(n), *(number(v, 3) for v in rest)]
                      for period, kind, n, *rest in zip(*columns.values(), strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Return the index as JSON data: all else follows from it."""
        return {"first": str(self.first), "purchases": self.purchases.tolist(), "ratio": self.ratio.tolist(),
                "variance": self.variance.tolist()}


def price_index(view: Snapshot) -> PriceIndex:
    """Return the index of the purchases of a snapshot."""
    ledger = view.ledger
    begins, net = ledger.purchases(view.begin, view.end)
    paid = (begins > 0) & (net > 0)
    day = ledger.days(ledger.tick[paid].min()) if paid.any() else view.day
    first = day.astype("M8[M]")
    months = np.arange(first, view.day.astype("M8[M]") + 2)
    edges, month = ledger.ticks(months.astype("M8[D]").astype(np.int64)), ledger.days(ledger.tick).astype("M8[M]")
    place = np.clip((month - first).astype(np.int64), 0, len(months) - 2)
    none = np.zeros(len(months) - 1)
    index = PriceIndex(first, none, none, none + 1, frames=view.ids)
    for _ in range(PASSES if paid.any() else 0):
        logs = index.path(0).mean
        moments, _ = _core.spend_moments(begins, net / np.exp(logs[place]), view.begin, view.end, False)
        model = _spread(*moments)
        if model is None:
            break
        center = _core.lognormal_expected_log(moments[0], np.nan_to_num(moments[2]), *model)
        count, total = _core.log_residuals(ledger.tick, net, view.begin, view.end, begins, center, edges)
        ratio = np.where(count > 0, total / np.maximum(count, 1), 0)
        ratio = np.where(count > 0, ratio - (count @ ratio) / count.sum(), 0)
        index = PriceIndex(first, count, ratio, model[1] ** 2 / np.maximum(count, FEWEST), frames=view.ids)
        if np.abs(index.path(0).mean - logs).max() < CLOSE:
            break
    return index


def _spread(n: np.ndarray, mean: np.ndarray, log_mean: np.ndarray, log_SS: np.ndarray) -> tuple[float, ...] | None:
    """Return mu, sigma, tau of log-normal spend; customers are alike where they do not differ; None without both."""
    for model in (LogNormalSpend(smearing=False), LogNormalSpend(tau=NEAR, smearing=False)):
        if model.fit(n, log_mean, log_SS).status_ == "converged":
            return model.parameters()
    return None


def price_index_from(table: Mapping[str, Any], where: str) -> PriceIndex:
    """Return the index that `to_dict` describes; raise for numbers that no index can have."""
    names = ("first", "purchases", "ratio", "variance")
    keys(table, names, names, where)
    try:
        first = np.datetime64(table["first"], "M")
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}.first: {shorten(table['first'])} is not a month") from error
    if not all(_are_numbers(table[name]) and len(table[name]) == len(table["purchases"]) for name in names[1:]):
        raise ConfigError(f"{where}: {', '.join(names[1:])} are lists of one length with a number for each month")
    purchases, ratio, variance = np.array([table[name] for name in names[1:]], float)
    if str(first) == "NaT" or (purchases < 0).any() or (variance <= 0).any():
        raise ConfigError(f"{where}: no index has these numbers: purchases are 0 or more, variances above 0")
    return PriceIndex(first, purchases, ratio, variance)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 4000 and all(
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e150 for v in value)
