"""Scores that a card cannot take as they stand: of a measure or customer that is not there, or beyond a limit."""
from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .._arrays import Table
from .._formatting import many, plain
from .._ids import ids_of
from .._row_report import Finding, shorten
from .._validation import warn
from .exact import shown

if TYPE_CHECKING:
    from .review_log import Log

LIMITS = (("cap", "above", np.greater), ("floor", "below", np.less))


def measures_of(card: Any) -> list[str]:
    """Return the measures that a log may score."""
    return [column for column, _ in card._compiled.measures]


def warn_measures(names: Iterable[str], lack: str, log: Log, event: np.ndarray, what: str) -> np.ndarray:
    """Return the events of measures with one of these names; warn of the others, which are of one that they `lack`."""
    names = list(names)
    known = np.isin(log.measure[event], names)
    others = sorted(set(log.measure[event][~known].tolist()))
    if others:
        one, meant = _example(others, names)
        warn(f"reviews: {many(int((~known).sum()), what)} of {many(len(others), 'measure')} that {lack} "
             f"{'stands' if sum(~known) == 1 else 'stand'} apart, such as {one!r}{meant}")
    return np.asarray(event[known])


def warn_customers(log: Log, event: np.ndarray, who: np.ndarray, ids: tuple[Table, str], what: str) -> None:
    """Warn of events whose customer is not among `who`, those of the rows of a table."""
    absent = event[~np.isin(log.who[event], who)]
    if len(absent):
        someone = ids_of(log.opened, "customer")[log.customer[absent[0]]]
        known = shorten(ids_of(*ids)[0]) if ids[0].rows else "none"
        of = many(len(set(log.who[absent].tolist())), "customer")
        warn(f"reviews: {many(len(absent), what)} of {of} without a row in the table "
             f"{'stands' if len(absent) == 1 else 'stand'} apart. Such an id is {shorten(someone)}, the table has "
             f"{known}")


def warn_limits(card: Any, log: Log, event: np.ndarray) -> None:
    """Warn of values for which the cap or floor of their measure will count."""
    for measure, limit, side, points, far in _beyond(card, log, event):
        warn(f"reviews: {many(len(far), 'score')} of {measure!r} {'lies' if len(far) == 1 else 'lie'} {side} its "
             f"{limit}, such as {log.value[far[0]]:g} by {plain(log.author[far[0]])}: the {limit} {points} holds")


def refused(card: Any, log: Log, event: np.ndarray) -> list[Finding]:
    """Return what a card refuses: measures that it does not have, values beyond a limit."""
    names = measures_of(card)
    strange = event[~np.isin(log.measure[event], names)]
    found = []
    if len(strange):
        meant = _example(log.measure[strange].tolist(), names)[1]
        found.append(Finding("measure", "", f"are no measure of card {card.name!r}", np.sort(log.row[strange]),
                             f"Its measures are {', '.join(map(plain, names))}{meant}"))
    return found + [Finding("value", "", f"are {side} {points}, the {limit} of {measure!r}", np.sort(log.row[far]),
                            f"Give points within the {limit}, or give the card another one.")
                    for measure, limit, side, points, far in _beyond(card, log, event)]


def _beyond(card: Any, log: Log, event: np.ndarray) -> Iterator[tuple[str, str, str, str, np.ndarray]]:
    """Yield (measure, limit, side, points of the limit, events on that side of it)."""
    for measure, rule in card._compiled.measures:
        mine = event[log.measure[event] == measure]
        for limit, side, passes in LIMITS:
            points = getattr(rule, limit)
            far = mine[:0] if points is None else mine[passes(log.value[mine], float(points))]
            if len(far):
                yield measure, limit, side, shown(points), far


def _example(others: list[str], names: list[str]) -> tuple[str, str]:
    """Return one of some unknown names, the first that is near a known one if any is, and words that ask for that."""
    near = ((name, difflib.get_close_matches(name, names, n=1, cutoff=0.5)) for name in others)
    return next(((name, f"; did you mean {found[0]!r}?") for name, found in near if found), (others[0], ""))
