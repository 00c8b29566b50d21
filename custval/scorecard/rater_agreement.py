"""Agreement of raters: manual scores at the end of a day, one by one and by measure, beside the card's own points."""
from __future__ import annotations

import math
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._arrays import Table
from .._formatting import Printed, number
from .._validation import sum_of
from ..customers.event_logs import NEVER
from ..errors import DataError
from .columns import Part, column_values
from .compile import Card, Measure
from .review_log import (
    APPROVED,
    STATUS,
    SUBMITTED,
    Log,
    alike,
    measures_of,
    warn_customers,
    warn_limits,
    warn_measures,
)
from .review_status import customers, holding
from .rule import changed, read_only
from .rules import Manual
from .scoring import recompiled, score

COLUMNS = ("scores", "waiting", "customers", "authors", "shared", "range", "sd", "approved", "compared", "gap",
           "gap_abs")
COUNTS = {*COLUMNS} - {"range", "sd", "gap", "gap_abs"}
HEAD = ("measure", "scores", "waiting", "customers", "authors", "shared", "range", "sd", "compared", "gap", "|gap|")


class Scores(NamedTuple):
    """The last event of every score by the end of a day, whether it holds, and the points of the card's own rule."""

    event: np.ndarray
    holds: np.ndarray
    expired: np.ndarray
    automatic: np.ndarray          # NaN where the card has none


class Review(Printed):
    """The manual scores at the end of a day, from `Scorecard.review`; prints as a table with a row per measure.

    Attributes
    ----------
    as_of : datetime64
        The day.
    """

    def __init__(self, card: Card, log: Log, scores: Scores, as_of: np.datetime64):
        self._card, self._log, self._scores, self.as_of = card, log, scores, as_of

    def scores(self) -> Any:
        """Return a row per manual score, in the order in which the ids first appear in the log.

        Returns
        -------
        frame of the kind of the log
            id, customer, measure, author; time and status of the last event; value and reason of the author;
            reviewer, expires; holds (whether `Scorecard.score` takes these points), automatic (points of the card's
            own rule, NaN if it has none) and gap, value - automatic.
        """
        return self._log.opened.new(by_score(self._log, self._scores))

    def table(self) -> Any:
        """Return a row per measure that has a manual score.

        Returns
        -------
        frame of the kind of the log
            Of the scores that are submitted or approved and have not expired:

            =========  ======================================================================================
            measure    as in the card
            scores     number of scores
            waiting    submitted scores, to be reviewed
            customers  customers with a score
            authors    authors of the scores
            shared     customers scored by two authors or more; for each author the latest score counts
            range      mean over these customers of the largest score less the smallest one
            sd         standard deviation within these customers, pooled: the root of the sum of squared deviations
                       from the customer's mean over the sum of authors less one
            approved   customers for whom an approved score holds
            compared   those of them to whom the card's own rule gives points as well
            gap        mean of the manual points less the automatic points over these
            gap_abs    mean of the absolute differences
            =========  ======================================================================================
        """
        return self._log.opened.new(by_measure(self._card, self._log, self._scores))

    def _title(self) -> str:
        return f"Manual scores of {self._card.name!r} as of {self.as_of}"

    def _rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        found = by_measure(self._card, self._log, self._scores)
        rows = [(str(found["measure"][k]), *(number(found[name][k]) for name in HEAD[1:6]),
                 *(number(found[name][k], 2) for name in ("range", "sd")), number(found["compared"][k]),
                 *(number(found[name][k], 2) for name in ("gap", "gap_abs")))
                for k in range(len(found["measure"]))]
        return HEAD, rows


def scores_of(card: Card, log: Log, opened: Table, as_of: np.datetime64, id: str) -> Scores:
    """Return the scores known by the end of a day; warn of scores, drafts included, that the card cannot take."""
    day = int(as_of.astype(np.int64))
    event = log.last(day)
    latest = {(log.who[e], log.measure[e]): e for e in holding(log, as_of).tolist()}
    who = customers(log, event, opened, id)
    waits = warn_measures(measures_of(card), f"card {card.name!r} does not have", log, log.open(day), "score")
    warn_customers(log, waits, who, (opened, id), "score")
    warn_limits(card, log, waits)
    row = np.full(log.who.max(initial=-1) + 1, -1)
    row[who[who >= 0]] = np.flatnonzero(who >= 0)
    own = np.full(len(event), np.nan)
    for measure in reversed(card.measures):             # of two measures of one column the first counts
        mine = np.flatnonzero((log.measure[event] == measure.column) & (row[log.who[event]] >= 0))
        if len(mine) and not isinstance(measure.rule, Manual):
            own[mine] = automatic(card, opened, measure, row[log.who[event[mine]]])
    return Scores(event, np.isin(event, list(latest.values())), log.expires[event] < day, own)


def automatic(card: Card, opened: Table, measure: Measure, rows: np.ndarray) -> np.ndarray:
    """Return the points of a measure's own rule in some rows, NaN where a value is missing or beyond what counts."""
    indicator = next(i for i in card.indicators if i.name == measure.indicator)
    alone = recompiled(card, changed(indicator, measures=read_only({measure.column: measure.rule})))
    absent = np.any([np.isnan(column_values(opened, c)[rows]) for c in measure.needs], axis=0)
    names = [c.name for c in measure.needs if c.name in opened.names]
    points = np.full(len(rows), np.nan)
    with suppress(DataError):                       # points beyond a double: `score` of the whole card reports them
        points[~absent] = score(alone, Part(opened, names, rows[~absent]))[0]
    return points


def by_score(log: Log, scores: Scores) -> dict[str, Any]:
    """Return a table with a row per manual score."""
    event, opened = scores.event, log.opened
    expires = log.expires[event].astype(np.int64)
    days = np.where(expires == NEVER, np.iinfo(np.int64).min, expires).view("M8[D]")
    return {"id": opened.pick("id", log.row[event]), "customer": opened.pick("customer", log.customer[event]),
            "measure": log.measure[event], "author": log.author[event], "time": log.time[event],
            "value": log.value[event], "reason": log.reason[event],
            "status": np.array(STATUS, object)[log.status[event]], "reviewer": log.reviewer[event],
            "expires": days.astype("M8[us]"), "holds": scores.holds, "automatic": scores.automatic,
            "gap": log.value[event] - scores.automatic}


def by_measure(card: Card, log: Log, scores: Scores) -> dict[str, Any]:
    """Return a table with a row per measure of the card that has a manual score."""
    measures = [name for name in measures_of(card) if (log.measure[scores.event] == name).any()]
    rows = [_agreement(log, Scores(*(part[log.measure[scores.event] == name] for part in scores)))
            for name in measures]
    columns = np.array(rows, float).reshape(len(rows), len(COLUMNS)).T
    return {"measure": np.array(measures, object), **{
        name: values.astype(np.int64) if name in COUNTS else values
        for name, values in zip(COLUMNS, columns, strict=True)}}


def _agreement(log: Log, scores: Scores) -> tuple[float, ...]:
    status = log.status[scores.event]
    current = scores.event[(status == SUBMITTED) | ((status == APPROVED) & ~scores.expired)]
    raters = {}
    for e in current[np.lexsort((log.row[current], log.time[current]))].tolist():
        raters[log.who[e], alike(log.author[e])] = e                # the latest of each author
    events = np.array(sorted(raters.values(), key=lambda e: log.who[e]), np.int64)
    gap = (log.value[scores.event] - scores.automatic)[scores.holds & ~np.isnan(scores.automatic)]
    return (len(current), int((status == SUBMITTED).sum()), len(set(log.who[events].tolist())),
            len({author for _, author in raters}), *_spread(log.value[events], log.who[events]),
            int(scores.holds.sum()), len(gap), _mean(gap), _mean(np.abs(gap)))


def _spread(value: np.ndarray, who: np.ndarray) -> tuple[float, float, float]:
    """Return the customers with several raters, their mean range, and the standard deviation within them."""
    begin = np.flatnonzero(np.append(True, who[1:] != who[:-1])[:len(who)])
    n, _, SS = _core.purchase_moments(np.ones(len(value)), value, begin, np.append(begin, len(who))[1:])
    shared = n > 1
    if not shared.any():
        return 0, math.nan, math.nan
    ranges = np.maximum.reduceat(value, begin) - np.minimum.reduceat(value, begin)
    return int(shared.sum()), _mean(ranges[shared]), math.sqrt(_core.ratio(sum_of(SS[shared]), sum_of(n[shared] - 1)))


def _mean(values: np.ndarray) -> float:
    return float(_core.ratio(sum_of(values), float(len(values))))
