"""How far raters are apart, and from the card: manual scores at the end of a day, one by one and by measure."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._arrays import Table
from .._validation import sum_of
from ..customers.event_logs import NEVER
from .apart import measures_of, warn_customers, warn_limits, warn_measures
from .columns import column_values
from .compile import Compiled, columns_of
from .review_log import Log, alike
from .review_status import customers, holding
from .rule import read_only
from .rules import Manual
from .scoring import changed
from .transitions import APPROVED, STATUS, SUBMITTED

COLUMNS = ("scores", "waiting", "customers", "authors", "shared", "range", "sd", "approved", "compared", "gap",
           "gap_abs")
COUNTS = {*COLUMNS} - {"range", "sd", "gap", "gap_abs"}


class Scores(NamedTuple):
    """The last event of every score by the end of a day, whether it holds, and the points of the card's own rule."""

    event: np.ndarray
    holds: np.ndarray
    expired: np.ndarray
    automatic: np.ndarray          # NaN where the card has none


def scores_of(card: Any, log: Log, table: Table, as_of: Any, id: str) -> Scores:
    """Return the scores known by the end of a day; warn of those, from the draft on, that the card cannot take."""
    day = int(as_of.astype(np.int64))
    event = log.last(day)
    latest = {(log.who[e], log.measure[e]): e for e in holding(log, as_of).tolist()}
    who = customers(log, event, table, id)
    waits = warn_measures(measures_of(card), f"card {card.name!r} does not have", log, log.open(day), "score")
    warn_customers(log, waits, who, (table, id), "score")
    warn_limits(card, log, waits)
    row = np.full(log.who.max(initial=-1) + 1, -1)
    row[who[who >= 0]] = np.flatnonzero(who >= 0)
    own = np.full(len(event), np.nan)
    for column, rule in card._compiled.measures:
        mine = np.flatnonzero((log.measure[event] == column) & (row[log.who[event]] >= 0))
        if len(mine) and not isinstance(rule, Manual):
            own[mine] = automatic(card, table, column, row[log.who[event[mine]]])
    return Scores(event, np.isin(event, list(latest.values())), log.expires[event] < day, own)


def automatic(card: Any, table: Table, column: str, rows: np.ndarray) -> np.ndarray:
    """Return the points of a measure's own rule in some rows, NaN where a value is missing."""
    indicator = next(i for i in card.indicators if column in i.measures)
    alone = changed(indicator, measures=read_only({column: indicator.measures[column]}))
    compiled = Compiled(changed(card, indicators=(alone,)))
    columns = [column_values(table, c)[rows] for c in columns_of(indicator.measures[column], column)]
    known = ~np.isnan(columns).any(axis=0)
    points = np.full(len(rows), np.nan)
    answers = _core.scorecard(tuple(c[known] for c in columns), compiled.tables())[2]
    points[known] = np.nan if answers is None else answers[0]
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


def by_measure(card: Any, log: Log, scores: Scores) -> dict[str, Any]:
    """Return a table with a row per measure of the card that somebody has scored."""
    measures = [column for column, _ in card._compiled.measures if (log.measure[scores.event] == column).any()]
    rows = [_measure(log, Scores(*(part[log.measure[scores.event] == column] for part in scores)))
            for column in measures]
    table = np.array(rows, float).reshape(len(rows), len(COLUMNS)).T
    return {"measure": np.array(measures, object), **{
        name: values.astype(np.int64) if name in COUNTS else values
        for name, values in zip(COLUMNS, table, strict=True)}}


def _measure(log: Log, scores: Scores) -> tuple[float, ...]:
    status = log.status[scores.event]
    stand = scores.event[(status == SUBMITTED) | ((status == APPROVED) & ~scores.expired)]
    raters = {}
    for e in stand[np.lexsort((log.row[stand], log.time[stand]))].tolist():
        raters[log.who[e], alike(log.author[e])] = e                # the latest of each author
    events = np.array(sorted(raters.values(), key=lambda e: log.who[e]), np.int64)
    gap = (log.value[scores.event] - scores.automatic)[scores.holds & ~np.isnan(scores.automatic)]
    return (len(stand), int((status == SUBMITTED).sum()), len(set(log.who[events].tolist())),
            len({author for _, author in raters}), *_apart(log.value[events], log.who[events]),
            int(scores.holds.sum()), len(gap), _mean(gap), _mean(np.abs(gap)))


def _apart(value: np.ndarray, who: np.ndarray) -> tuple[float, float, float]:
    """Return the customers with several raters, the mean range of these, the standard deviation within them."""
    begin = np.flatnonzero(np.append(True, who[1:] != who[:-1])[:len(who)])
    n, _, SS = _core.purchase_moments(np.ones(len(value)), value, begin, np.append(begin, len(who))[1:])
    shared = n > 1
    if not shared.any():
        return 0, math.nan, math.nan
    ranges = np.maximum.reduceat(value, begin) - np.minimum.reduceat(value, begin)
    return int(shared.sum()), _mean(ranges[shared]), math.sqrt(_core.ratio(sum_of(SS[shared]), sum_of(n[shared] - 1)))


def _mean(values: np.ndarray) -> float:
    return float(_core.ratio(sum_of(values), float(len(values))))
