"""Clock: the intensity of purchases by calendar period that all customers share, and operational time."""
from __future__ import annotations

import copy
import math
from statistics import NormalDist
from typing import Any, Self

import numpy as np

from .. import _core
from .._arrays import Table
from .._dates import (
    LAST_DAY,
    WORDS,
    counted,
    duration,
    numbered_periods,
    period_of,
    period_starts,
    split_unit,
)
from .._formatting import Columns, Printed, many, number
from .._validation import share
from ..customers.operational_time import Bought, OperationalTime, Posterior, exponentials, log_ratio
from ..customers.snapshot import Snapshot
from ..errors import ConfigError, DataError
from .calendar_factors import Calendar, calendar_of

AHEAD = 60                     # periods of the posterior ahead; later ones repeat the last of them, a year at a time
MONTHS = {"M": 1.0, "W": 7 * 48 / 1461}                       # of a period
AR, SLOPE_AR = 0.8, 0.9        # of level and slope, from month to month
LEVELS, SLOPES, SEASONS, NOISE = (0.03, 0.1, 0.2, 0.3), (0.0, 0.01), (0.1, 0.2, 0.4), 0.04
MOST = 180                     # periods of the estimation, the last ones of a log
NEGLIGIBLE = 1e-6              # weight of a structure
UNLIKE = 0.3                   # standard deviation of the log intensity of half a period, against all of it


class Clock(Printed):
    """Operational time: a calendar of purchase intensity that all customers share.

    A purchase model with a clock runs on the time L(t), the integral of the intensity m(t) > 0: seasons, growth and
    decline common to all customers are in m, and what is left is each customer's own. The intensity of a period is
    estimated together with the model; that of later periods is extrapolated, with its uncertainty.

    Parameters
    ----------
    period : {"M", "W"} or None
        Calendar months, or weeks (with an anchor such as W-SUN). None: nothing is estimated, and the factors of
        `calendar` are all there is.
    calendar : frame or mapping, optional
        Known factors of the intensity of every day, such as promotions and closing days: a frame with the columns day
        and factor, or a mapping of days to factors. The days are consecutive, from the first order to the end of the
        forecast; a factor is 0 or more, 0 on a day without purchases, 1 on an ordinary one.

    Attributes
    ----------
    unit_ : str
        Unit of operational time.
    end_ : numpy.datetime64
        Last day observed.
    structures_ : dict
        Weight of each structure, by the standard deviations (level, slope, season) of its parts.

    Notes
    -----
    log m = level + season + noise, a Gaussian vector. The level is an autoregression (0.8 a month) with an optional
    slope; the season has an effect for each month of the year, also where the history is shorter than a year: a month
    that was not seen has the effect 0 and its uncertainty. The structures are weighted by their marginal
    likelihood. A last period that is not over is compared with the same days of whole ones. At most the last 180
    periods are estimated; days before them have intensity 1. Estimation alternates between the model, given the clock,
    and the clock, given the purchases that the model expects in each period at m = 1 (an EM algorithm).

    In BG/NBD, MBG/NBD and their CNBD-k forms customers drop out at purchases, so x, L(t_x) and L(T) are sufficient and
    every formula stays; the log-likelihood gains the sum of log m at the repeat purchases. In NBD nobody drops out.
    Pareto/NBD and GGompertz/NBD let customers drop out between purchases, in calendar time, and take no clock.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.MBGNBD(unit="W", clock="M").fit(cv.datasets.cdnow())
    >>> model.clock_.period
    'M'
    """

    _unlisted = frozenset({
        "by_period", "days_from", "days_until", "distance", "drawn", "edges", "elapsed", "frames",
        "gain", "keyword", "log_intensity", "of_counts", "parts", "passed", "posterior", "prior",
        "running_shift", "set_counts", "started", "times", "to_dict"})
    unit_: str
    first_: np.datetime64
    end_: np.datetime64
    frames: Table | None = None

    def __init__(self, period: str | None = "M", *, calendar: Any = None):
        if period is not None:
            split_unit(period, ("W", "M"))
        self.period = period
        self.calendar = calendar if calendar is None or isinstance(calendar, Calendar) else calendar_of(calendar)
        if period is None and calendar is None:
            raise ConfigError("Clock(period=None) has nothing to go by: pass calendar=, or period='M'")

    # ---- estimation ----

    def started(self, view: Snapshot, bought: Bought, unit: str) -> Self:
        """Return a clock of a snapshot at which every period has the same intensity."""
        other = copy.copy(self)
        first, last = bought.days()
        first = first[first <= last]
        day = np.datetime64(int(first.min(initial=int(view.day.astype(np.int64)))), "D")
        if self.period is not None:                              # earlier periods are as the average
            day = max(day, period_starts(np.array([period_of(view.day, self.period) - MOST + 1]), self.period)[0])
        other.frames = view.ids
        other.unit_, other.first_, other.end_ = unit, day, view.day
        if self.calendar is not None:
            other._demand_open(view, first)
        counts = view.repeat_counts(other.edges(0))
        other.set_counts(counts.astype(float), counts.astype(float))
        return other

    def passed(self, expected: np.ndarray, ratio: np.ndarray, variance: np.ndarray) -> Self:
        """Return the clock that follows from expected purchases by period at m = 1.

        `ratio` is the log of the intensity that they show, with its variance.
        """
        other = copy.copy(self)
        other.set_counts(self.purchases_, expected, ratio, variance)
        return other

    def by_period(self, per_day: np.ndarray) -> np.ndarray:
        """Return sums by period of expectations by day at m = 1, times given factors."""
        edges = self.edges(0) - self._origin
        return np.asarray(np.add.reduceat(per_day * self._given(self._origin, len(per_day)), edges[:-1]))

    def running_shift(self, purchases: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
        """Return what the days observed of the last period show beyond the whole of it, and the variance of that.

        From purchases and expectations by day. A period has days with many purchases, such as those of monthly orders,
        and the last one may not be over: its days are compared with the first ones of whole periods. Without two of
        these a part is worth little.
        """
        whole, edges = self._whole_edges(0), self.edges(0)
        days, length = int(edges[-1] - edges[-2]), int(whole[-1] - whole[-2])
        if self.period is None or days >= length:
            return 0.0, 0.0
        same = (edges[:-1] == whole[:-1]) & (edges[1:] == whole[1:]) & (np.diff(edges) > days)
        begins, ends = edges[:-1][same] - self._origin, edges[1:][same] - self._origin
        if len(begins) < 2:
            return 0.0, UNLIKE ** 2 * (length - days) / days
        first, every = ([np.add.reduceat(np.append(column, 0.0), np.ravel([begins, until], "F"))[::2]
                         for column in (purchases, expected)] for until in (begins + days, ends))
        beyond = log_ratio(*first) - log_ratio(*every)
        return float(beyond.mean()), float(beyond.var(ddof=1) * (1 + 1 / len(beyond)))

    @property
    def log_intensity(self) -> np.ndarray:
        """Return log m of the periods observed."""
        return np.asarray(self.posterior(0).mean - self._scale)

    def set_counts(self, purchases: np.ndarray, expected: np.ndarray, ratio: np.ndarray | None = None,
                   variance: np.ndarray | None = None) -> None:
        """Set purchases and expectations of the periods, and the structures that follow from them."""
        self.purchases_, self.expected_ = purchases, expected
        share = expected / expected.sum() if expected.sum() > 0 else np.full(len(expected), 1 / len(expected))
        self._ratio = log_ratio(purchases, expected) if ratio is None else ratio
        self._variance = 1 / (purchases + 1) if variance is None else variance
        self._y = self._ratio - (share * self._ratio).sum()
        self._posteriors: dict[int, Posterior] = {}
        self._times: OperationalTime | None = None
        settings = np.array([self._settings(s) for s in self._structures()])
        evidence = _core.clock_evidence(self._y, self._variance, self._season_index(0), 12, settings.ravel())
        weight = np.exp(evidence - evidence.max(initial=-np.inf))
        self.structures_ = dict(zip(self._structures(), (weight / weight.sum()).tolist(), strict=True))
        mean = self.posterior(0).mean
        self._scale = math.log((share * exponentials(mean)).sum())

    @property
    def _origin(self) -> int:
        return int(self.first_.astype(np.int64))

    @property
    def _last(self) -> int:
        return int(self.end_.astype(np.int64))

    def _structures(self) -> list[tuple[float, float, float]]:
        """Return the structures that are weighted: standard deviations of level, slope and season."""
        if self.period is None:
            return [(0.0, 0.0, 0.0)]
        return [(level, slope, season) for level in LEVELS for slope in SLOPES for season in SEASONS]

    @property
    def _months(self) -> float:
        return MONTHS[split_unit(self.period or "M")[0]]

    def _settings(self, structure: tuple[float, float, float]) -> tuple[float, ...]:
        """Return the settings of the core for a structure, by period."""
        level, slope, season = structure
        months = self._months
        noise = 0.0 if self.period is None else NOISE
        return AR ** months, level, slope * months, SLOPE_AR ** months, season, noise

    def _season_index(self, ahead: int) -> np.ndarray:
        """Return the month of the year, from 0, of the middle of each period."""
        edges = self._whole_edges(ahead)
        middle = ((edges[:-1] + edges[1:]) // 2).astype("M8[D]").astype("M8[M]").astype(np.int64)
        return np.asarray(middle % 12)

    def posterior(self, ahead: int) -> Posterior:
        """Return the log intensity of the periods observed and of `ahead` more: a mixture over the structures."""
        if ahead not in self._posteriors:
            place = self._season_index(ahead)
            found = [(weight, _core.clock_structure(self._y, self._variance, place, 12,
                                                    np.array(self._settings(structure))))
                     for structure, weight in self.structures_.items() if weight > NEGLIGIBLE]
            n, every = len(self._y) + ahead, sum(weight for weight, _ in found)
            mean, level, season = (np.asarray(sum(w / every * getattr(part, name) for w, part in found))
                                   for name in ("mean", "level", "season"))
            covariance = sum(w / every * (part.covariance.reshape(n, n) + np.outer(part.mean - mean, part.mean - mean))
                             for w, part in found)
            self._posteriors[ahead] = Posterior(mean, np.asarray(covariance), level, season)
        return self._posteriors[ahead]

    # ---- the calendar ----

    def _number(self, day: int) -> int:
        """Return the place of the period of a day; the first one observed is 0."""
        if self.period is None:
            return 0
        return period_of(np.datetime64(day, "D"), self.period) - period_of(self.first_, self.period)

    def _whole_edges(self, ahead: int) -> np.ndarray:
        """Return the first days of whole periods, from the first one observed to the one after the last ahead."""
        if self.period is None:
            return np.array([self._origin, self._last + 1])
        first = period_of(self.first_, self.period)
        last = first + self._number(self._last) + ahead
        return period_starts(np.arange(first, last + 2), self.period).astype(np.int64)

    def edges(self, ahead: int) -> np.ndarray:
        """Return the edges of the periods as observed: cut at the first day, and without periods ahead at the end."""
        edges = self._whole_edges(ahead)
        edges[0] = self._origin
        if ahead == 0:
            edges[-1] = self._last + 1
        return edges

    def _given(self, first: int, days: int) -> np.ndarray:
        """Return the given factors of days from `first` on, 1 without a calendar."""
        return np.ones(days) if self.calendar is None else self.calendar.of(first, days)

    def _demand_open(self, view: Snapshot, first: np.ndarray) -> None:
        """Raise for purchases on days with factor 0."""
        days = np.arange(self._origin, self._last + 1)
        counts = view.repeat_counts(np.append(days, days[-1] + 1))
        counts = counts + np.bincount(first[first >= days[0]] - days[0], minlength=len(days))
        bad = np.flatnonzero((self._given(self._origin, len(days)) == 0) & (counts > 0))
        if len(bad):
            raise DataError(f"calendar=: factor 0 on {many(len(bad), 'day')} with purchases, such as "
                            f"{days[bad[0]].astype('M8[D]')} ({many(int(counts[bad[0]]), 'purchase')}): a day with "
                            "purchases has a factor above 0")

    def _path(self, first: int, last: int) -> OperationalTime:
        """Return operational time from before day `first` to the end of day `last`; 0 at the end of the first day."""
        first, last = min(first, self._origin), max(last, self._last)
        if self._times is None or self._times.origin > first or self._times.origin + len(self._times.table) <= last:
            last += 400                                      # room for the next questions
            if self.calendar is not None:
                last = max(min(last, self.calendar.first + len(self.calendar.factor) - 1), last - 400)
            num, den = duration(self.unit_)
            rate = self._intensity(first, last) * self._given(first, last - first + 1)
            table = np.cumsum(rate) * num / den
            self._times = OperationalTime(first, table - table[self._origin - first])
        return self._times

    def _intensity(self, first: int, last: int) -> np.ndarray:
        """Return the intensity of each day, without given factors; before the first day observed it is 1."""
        ahead = max(0, self._number(last) - self._number(self._last))
        found = self.posterior(min(ahead, AHEAD)).mean
        if ahead > AHEAD:
            year = round(12 / self._months)
            found = np.append(found, np.resize(found[-year:], ahead - AHEAD))
        edges = self._whole_edges(ahead)
        edges[0] = self._origin
        days = np.arange(first, last + 1)
        rate = exponentials(found - self._scale)[np.clip(np.searchsorted(edges, days, "right") - 1, 0, len(found) - 1)]
        return np.where(days < self._origin, 1.0, rate)

    def times(self, view: Snapshot) -> OperationalTime:
        """Return operational time by day from the first row of a snapshot's ledger to its end."""
        return self._path(int(view.log_begin().astype(np.int64)), int(view.day.astype(np.int64)))

    def elapsed(self, day: np.datetime64, days: Any) -> np.ndarray:
        """Return the operational time that passes in a number of days after `day`."""
        at, days = int(day.astype(np.int64)), np.asarray(days, float)
        finite = np.where(np.isfinite(days), days, 0.0)
        path = self._path(at, at + int(np.ceil(finite.max(initial=0.0))))
        found = path.at(at + finite) - path.table[at - path.origin]
        return np.asarray(np.where(np.isfinite(days), found, days))

    def days_until(self, day: np.datetime64, time: Any) -> np.ndarray:
        """Return the days after `day` in which an operational time passes; infinite beyond the year 9999."""
        at, time = int(day.astype(np.int64)), np.asarray(time, float)
        wanted = float(np.where(np.isfinite(time), time, 0.0).max(initial=0.0))
        last, end = at + 366, int(LAST_DAY.astype(np.int64))
        while last < end and self.elapsed(day, last - at) < wanted:
            last = min(at + 2 * (last - at), end)
        path = self._path(at, last)
        table = path.table[at - path.origin:] - path.table[at - path.origin]
        found = np.interp(time, table, np.arange(len(table), dtype=float), right=np.inf)
        return np.asarray(np.where(np.isnan(time), np.nan, found))

    def drawn(self, day: np.datetime64, days: np.ndarray, draws: int, key: int) -> np.ndarray:
        """Return the operational time that passes in ascending numbers of days after `day`, drawn, a row per draw."""
        expected = self.elapsed(day, days)
        if self.period is None:
            return np.tile(expected, (draws, 1))
        at = int(day.astype(np.int64))
        last = at + max(1, int(np.ceil(days[-1])))
        ahead = min(max(0, self._number(last) - self._number(self._last)), AHEAD)
        covariance = self.posterior(ahead).covariance + NOISE ** 2 * np.eye(len(self._y) + ahead)
        ends = self._whole_edges(ahead)[1:] - 1 - at                      # days to the end of each period
        k = int(np.count_nonzero(ends <= 0))
        until = np.minimum(np.append(ends[k:-1], np.inf)[:, None], days)
        inside = np.diff(self.elapsed(day, until), axis=0, prepend=np.zeros((1, len(days))))       # of each period
        factor = _core.draw_lognormals(np.ascontiguousarray(covariance[k:, k:]).ravel(), draws, key).reshape(draws, -1)
        return np.asarray(sum(factor[:, j, None] * inside[j] for j in range(len(inside))))

    def days_from(self, start: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of the period of every day from `start` to the end, and its length in operational time.

        The days before the first one observed are one period, the first.
        """
        edges = np.append(min(start, self._origin), self.edges(0))
        period = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
        num, den = duration(self.unit_)
        rate = self._intensity(int(edges[0]), self._last) * self._given(int(edges[0]), len(period))
        return period, rate * num / den

    def prior(self) -> np.ndarray:
        """Return the covariance of log m of the periods observed before any purchase: over the structures' weights."""
        none, place, k = np.zeros(0), self._season_index(0), len(self._y)
        found = sum(w * _core.clock_structure(none, none, place, 12, np.array(self._settings(structure))).covariance
                    for structure, w in self.structures_.items())
        return np.asarray(found).reshape(k, k) + NOISE ** 2 * np.eye(k)

    def parts(self, first: int, last: int) -> tuple[float, float]:
        """Return the mean season and the mean level of the days from `first` to `last`, as factors."""
        ahead = min(max(0, self._number(last) - self._number(self._last)), AHEAD)
        found, edges = self.posterior(ahead), self._whole_edges(ahead)
        place = np.clip(np.searchsorted(edges, np.arange(first, last + 1), "right") - 1, 0, len(found.mean) - 1)
        season, level = exponentials(found.season), exponentials(found.level)
        return float(season[place].mean()), float((season * level)[place].mean() / season[place].mean())

    @classmethod
    def of_counts(cls, days: np.ndarray, first: int, last: int) -> Self:
        """Return a clock by month of events on days from `first` to `last`, against their mean."""
        clock = cls()
        clock.unit_ = "D"
        clock.first_, clock.end_ = np.datetime64(first, "D"), np.datetime64(last, "D")
        by_day = np.bincount(days - first, minlength=last - first + 1).astype(float)
        even = np.full(len(by_day), by_day.mean())
        counts, expected = clock.by_period(by_day), clock.by_period(even)
        shift, more = clock.running_shift(by_day, even)
        ratio, variance = log_ratio(counts, expected), 1 / (counts + 1)
        ratio[-1], variance[-1] = ratio[-1] - shift, variance[-1] + more
        clock.set_counts(counts, expected, ratio, variance)
        return clock

    @property
    def gain(self) -> float:
        """Return what the clock adds to the log-likelihood: the sum of log m at the repeat purchases."""
        return float((self.purchases_ * self.log_intensity).sum())

    def distance(self, other: Self) -> float:
        """Return the largest difference of log m from another estimate of the same periods."""
        return float(np.abs(self.log_intensity - other.log_intensity).max(initial=0.0))

    # ---- results ----

    def table(self, ahead: int = 12, level: float = 0.9) -> Any:
        """Return a row per period: purchases, expectation at m = 1, level, season, intensity with its bounds."""
        self._demand_fit()
        ahead = 0 if self.period is None or (isinstance(ahead, int) and ahead == 0) else counted(ahead, "ahead")
        found, n = self.posterior(ahead), len(self.purchases_)
        share("level", level)
        half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(np.diag(found.covariance))
        log_m, none = found.mean - self._scale, np.full(ahead, np.nan)
        columns = {"period": np.array(self._labels(ahead), object),
                   "kind": np.array(["past"] * n + ["next"] * ahead, object),
                   "purchases": np.append(self.purchases_, none), "expected": np.append(self.expected_, none),
                   "level": np.exp(found.level - self._scale), "season": np.exp(found.season),
                   "intensity": np.exp(log_m), "low": np.exp(log_m - half), "high": np.exp(log_m + half)}
        return Columns(columns) if self.frames is None else self.frames.new(columns)

    def _labels(self, ahead: int) -> list[str]:
        if self.period is None:
            return ["all"]
        first = period_of(self.first_, self.period)
        return numbered_periods(first, first + len(self.purchases_) + ahead - 1, self.period)[1]

    def _demand_fit(self) -> None:
        if not hasattr(self, "unit_"):
            raise ConfigError("the clock is not fitted: take clock_ of a model that was fitted to a CustomerBase")

    def _what(self) -> str:
        by = "of given factors" if self.period is None else f"by {WORDS[self.period[0]]}"
        return by + (" and given factors" if self.period is not None and self.calendar is not None else "")

    def _title(self) -> str:
        return f"Clock {self._what()}, {self.first_} to {self.end_}: purchases of all customers against their average"

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        if not hasattr(self, "unit_"):
            return ["Clock"], [[f"{self._what()}, not fitted"]]
        plain = copy.copy(self)
        plain.frames = None
        columns = dict(plain.table())
        head = ["period", "kind", "purchases", "level", "season", "intensity", "low", "high"]
        rows = zip(*(columns[name] for name in head), strict=True)
        return head, [[str(period), kind, "" if math.isnan(n) else number(n), *(number(v, 3) for v in rest)]
                      for period, kind, n, *rest in rows]

    def __repr__(self) -> str:
        if not hasattr(self, "unit_"):
            return f"<Clock {self._what()}, not fitted>"
        return f"<Clock {self._what()}: {many(len(self.purchases_), 'period')} from {self.first_} to {self.end_}>"

    # ---- files ----

    def keyword(self) -> Any:
        """Return the settings as JSON data."""
        if self.calendar is None:
            return self.period
        first = str(np.datetime64(self.calendar.first, "D"))
        return {"period": self.period, "calendar": {"first": first, "factors": self.calendar.factor.tolist()}}

    def to_dict(self) -> dict[str, Any]:
        """Return the clock as JSON data: all else follows from it."""
        return {"clock": self.keyword(), "unit": self.unit_, "first": str(self.first_), "end": str(self.end_),
                "purchases": self.purchases_.tolist(), "expected": self.expected_.tolist(),
                "ratio": self._ratio.tolist(), "variance": self._variance.tolist()}
