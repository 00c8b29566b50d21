"""The review log: rows are events of manual scores, and each score goes from draft to submitted to decided.

A log is a table that its owner only appends to. The rows of one id are one score; they are ordered by time, rows of
the same time by their place. A missing value in a later row means that nothing has changed.
"""
from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Protocol

import numpy as np

from .._arrays import FrameLike, Table
from .._core import NO_TICK
from .._formatting import look, many, plain
from .._ids import codes_of, distinct, ids_of, is_missing
from .._row_report import Finding, message, shorten
from .._tabular import demand, table
from .._validation import warn
from ..customers.event_logs import NEVER
from ..customers.order_log import read_amounts
from ..customers.timestamps import read_dates, read_walls
from ..errors import DataError
from .compile import Measure
from .exact import shown

COLUMNS = ("id", "customer", "measure", "author", "time", "value", "reason", "status", "reviewer", "expires")
NEEDED = ("id", "customer", "measure", "author", "time", "value", "status", "reviewer")
FIX = "Correct these rows."
ISO = "Write them as ISO 8601, such as 2025-10-31 or 2025-10-31T17:30."
LIMITS = (("cap", "above", np.greater), ("floor", "below", np.less))

STATUS = ("draft", "submitted", "approved", "rejected")
DRAFT, SUBMITTED, APPROVED, REJECTED = range(4)
NOTHING = -1                           # before the first event
AGAIN = "score anew under another id."
WRONG = (                              # (statuses before an event, its statuses, the defect, the remedy)
    ((NOTHING,), (SUBMITTED, APPROVED, REJECTED), "come before a draft", "Put a row of status draft before them."),
    ((SUBMITTED, APPROVED, REJECTED), (DRAFT,), "edit a score after its submission",
     f"Leave the score as it was submitted and {AGAIN}"),
    ((SUBMITTED, APPROVED, REJECTED), (SUBMITTED,), "submit a score again",
     f"Take them out; if the score was meant to change, {AGAIN}"),
    ((DRAFT,), (APPROVED, REJECTED), "review a score that was not submitted",
     "Put a row of status submitted before them."),
    ((APPROVED,), (REJECTED,), "reject a score that is approved", f"One review decides: keep one row, or {AGAIN}"),
    ((REJECTED,), (APPROVED,), "approve a score that is rejected", f"One review decides: keep one row, or {AGAIN}"),
    ((APPROVED,), (APPROVED,), "approve a score again", "One review decides: keep one row."),
    ((REJECTED,), (REJECTED,), "reject a score again", "One review decides: keep one row."),
)


class Measured(Protocol):
    """A `Scorecard` or `Scorecards`: a name, columns, and measures that a log may score."""

    name: str
    measures: tuple[Measure, ...]

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that `score` appends."""


@dataclass(frozen=True, eq=False)
class Log:
    """Events by score and time; each holds the state of its score after the event."""

    opened: Table
    row: np.ndarray                # row of the table
    score: np.ndarray              # 0, 1, 2 ...: the events of one score are adjacent
    customer: np.ndarray           # row of the table with the id of the customer
    who: np.ndarray                # number of the customer
    measure: np.ndarray            # text
    author: np.ndarray             # objects, like reason and reviewer
    reason: np.ndarray
    reviewer: np.ndarray
    value: np.ndarray              # float64
    status: np.ndarray             # place in STATUS
    time: np.ndarray               # datetime64[us], local wall time
    day: np.ndarray                # int32
    expires: np.ndarray            # int32, the last day on which the score counts

    def last(self, day: int) -> np.ndarray:
        """Return the last event of each score by the end of a day, in the order of the scores."""
        known = np.flatnonzero(self.day <= day)
        return known[np.append(self.score[known[1:]] != self.score[known[:-1]], True)] if len(known) else known

    def open(self, day: int) -> np.ndarray:
        """Return the last event by the end of a day of each score that is not rejected."""
        event = self.last(day)
        return np.asarray(event[self.status[event] != REJECTED])

    def of(self, measures: Iterable[str]) -> Log:
        """Return the events of some measures."""
        mine = np.isin(self.measure, list(measures))
        return replace(self, **{f.name: getattr(self, f.name)[mine] for f in fields(self) if f.name != "opened"})


class Reader:
    """The columns of a log in the order of its events, and their defects.

    The first `stored` rows have been checked before; later rows may not be dated before them.
    """

    def __init__(self, frame: FrameLike, stored: int = 0):
        self.opened, self.stored = table(frame), stored
        for name in NEEDED:
            demand(self.opened, name)
        self.findings: list[Finding] = []
        score = self._codes("id")
        self.time, (self.day, self.zone, found) = read_walls(self.opened, "time")
        self.note(iso(found))
        self.stop()
        self.row = np.lexsort((self.time, score))               # stable: rows of the same time keep their order
        self.score, self.time, self.day = score[self.row], self.time[self.row], self.day[self.row]
        self.first = np.append(True, self.score[1:] != self.score[:-1])[:len(self.score)]
        late = ~self.first[1:] & (self.row[1:] < stored) & (self.row[:-1] >= stored)
        self.find("time", "are earlier than the stored rows of their id", self.row[:-1][late],
                  "A log is only appended to.")
        self.stop()

    def _codes(self, name: str) -> np.ndarray:
        codes, missing = codes_of(self.opened, name)
        self.find(name, "are missing", np.zeros(0) if missing is None else np.flatnonzero(missing), FIX)
        return codes

    def find(self, name: str, words: str, rows: np.ndarray, remedy: str) -> None:
        """Add a finding if there are rows with a defect."""
        if len(rows):
            self.note([Finding(name, "", words, np.sort(rows), remedy)])

    def note(self, findings: list[Finding]) -> None:
        """Add findings; their rows are counted in the caller's frame, after the stored rows."""
        self.findings += [found._replace(rows=found.rows - self.stored) for found in findings]

    def stop(self) -> None:
        """Raise if there are findings."""
        if self.findings:
            rows = self.opened.rows - self.stored
            raise DataError("reviews: " + message(self.findings, rows, self._value, self._about))

    def _value(self, name: str, row: int) -> object:
        return self.opened.array(name)[row + self.stored]

    def _about(self, row: int) -> str:
        return "   ".join(f"{name} {_id_text(self._value(name, row))}" for name in ("customer", "id"))

    def objects(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a column as objects, None where missing, and a mask of its values; an absent column is all missing."""
        if name not in self.opened.names:
            return np.full(len(self.row), None), np.zeros(len(self.row), bool)
        codes, values = distinct(self.opened, name)
        for k, value in enumerate(values.tolist()):
            values[k] = None if is_missing(value) or value == "" else value
        column = values[codes[self.row]]
        return column, column != np.array(None)

    def from_first(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the value in the first row of each score for all its rows, and that row; later rows may repeat it."""
        column, given = self.objects(name)
        start = np.maximum.accumulate(np.where(self.first, np.arange(len(self.row)), 0))
        self.find(name, "are missing", self.row[self.first & ~given], f"Give the first row of each id its {name}.")
        self.find(name, "differ from the first row of their id", self.row[given & (column != column[start])],
                  "A score is of one customer, measure and author: give another one another id.")
        return column[start], start

    def as_before(self, given: np.ndarray) -> np.ndarray:
        """Return for each event the last event of its score with a value, or the first if there is none."""
        return np.maximum.accumulate(np.where(given | self.first, np.arange(len(self.row)), 0))


def read_log(frame: FrameLike | Log, stored: int = 0, card: Measured | None = None) -> Log:
    """Read and check a log, unless that is done; raise if it contradicts itself or if a card refuses it."""
    if isinstance(frame, Log):
        return frame
    read = Reader(frame, stored)
    start = read.from_first("customer")[1]
    measure, _ = read.from_first("measure")
    author, _ = read.from_first("author")
    status = _status(read)
    reviewer, reviewed = read.objects("reviewer")
    read.stop()
    same = np.array([a is not None and b is not None and alike(a) == alike(b)
                     for a, b in zip(author.tolist(), reviewer.tolist(), strict=True)], bool)
    check_transitions(read, status, reviewed, same)
    value, valued = _values(read, status)
    reason, _ = read.objects("reason")
    reasoned = read.as_before((reason != np.array(None)) & (status < APPROVED))
    expires = _expires(read)
    read.stop()
    who = codes_of(read.opened, "customer")[0][read.row[start]]
    log = Log(read.opened, read.row, read.score, read.row[start], who, _texts(measure), author, reason[reasoned],
              reviewer, value[valued], status, read.time, read.day, expires)
    if card is not None:
        read.note(refused(card, log, log.open(NEVER)))
        read.stop()
    return log


def iso(found: list[Finding]) -> list[Finding]:
    """Return findings about times with the remedy for a log."""
    return [one._replace(remedy=ISO) for one in found]


def _texts(values: np.ndarray) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = [str(value) for value in values.tolist()]
    return out


def _id_text(value: object) -> str:
    return "(missing)" if is_missing(value) else shorten(str(value))[1:-1]


@lru_cache(4096)
def alike(name: object) -> str:
    """Return a name without case, width and what does not show, by which people are compared."""
    return look(unicodedata.normalize("NFKC", look(name))).casefold()


def _status(read: Reader) -> np.ndarray:
    column, _ = read.objects("status")
    place = {name: k for k, name in enumerate(STATUS)}
    status = np.array([place.get(s, -1) if isinstance(s, str) else -1 for s in column.tolist()], np.int8)
    read.find("status", "are no status", read.row[status < 0], f"A status is one of {', '.join(STATUS)}.")
    return status


def _values(read: Reader, status: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values, and the place of the value of each event; a value may not change after its last draft."""
    values, given = read_amounts(read.opened, "value", "value")[0][read.row], read.objects("value")[1]
    wrong = given & ~np.isfinite(values)
    drafted = values[read.as_before(given & (status == DRAFT))]
    read.find("value", "are not finite numbers", read.row[wrong], FIX)
    read.find("value", "are missing", read.row[read.first & ~given], "Give the first row of each id its value.")
    read.find("value", "change a score that is no draft any more",
              read.row[given & ~wrong & (status > DRAFT) & (values != drafted)],
              "Leave it as it was submitted; a new value is a new score with an id of its own.")
    return values, read.as_before(given)


def _expires(read: Reader) -> np.ndarray:
    """Return the last day on which each score counts, by its latest row with a day; `NEVER` if it does not expire."""
    day, empty = last_days(read)
    day, empty = day[read.row], empty[read.row]
    read.find("expires", "are earlier than 'time'", read.row[(day < read.day) & (day != NO_TICK)],
              "A score counts to the end of its last day: give that day, or none.")
    return np.asarray(day[read.as_before(~empty)])


def last_days(read: Reader) -> tuple[np.ndarray, np.ndarray]:
    """Return the column `expires` as days, `NEVER` where missing, and a mask of its missing values."""
    rows = read.opened.rows
    if "expires" not in read.opened.names:
        return np.full(rows, NEVER, np.int32), np.ones(rows, bool)
    day, empty, found = read_dates(read.opened, "expires", "expires", missing=NEVER)
    read.note(iso(found))
    return np.where(empty, NEVER, day).astype(np.int32), empty


# ---- transitions ----

def check_transitions(read: Reader, status: np.ndarray, reviewed: np.ndarray, same: np.ndarray) -> None:
    """Add findings of events out of order, and of reviews without a reviewer other than the author."""
    before = np.where(read.first, NOTHING, np.roll(status, 1))
    for earlier, later, words, remedy in WRONG:
        read.find("status", words, read.row[np.isin(before, earlier) & np.isin(status, later)], remedy)
    decided = status >= APPROVED
    read.find("reviewer", "are missing where a score is decided", read.row[decided & ~reviewed],
              "Name the reviewer who approved or rejected it.")
    read.find("reviewer", "are given where nothing is reviewed", read.row[reviewed & ~decided],
              "Leave the reviewer of drafts and submissions empty.")
    read.find("reviewer", "are the author", read.row[decided & reviewed & same],
              "Another person must review a score.")


# ---- scores that a card cannot take ----

def measures_of(card: Measured) -> list[str]:
    """Return the measures that a log may score."""
    return [measure.column for measure in card.measures]


def warn_measures(names: Iterable[str], lack: str, log: Log, event: np.ndarray, what: str) -> np.ndarray:
    """Return the events of measures with one of these names; warn of the others, that `lack` says something about."""
    names = list(names)
    known = np.isin(log.measure[event], names)
    others = sorted(set(log.measure[event][~known].tolist()))
    if others:
        one, meant = _example(others, names)
        warn(f"reviews: {many(int((~known).sum()), what)} of {many(len(others), 'measure')} that {lack} "
             f"{'is' if sum(~known) == 1 else 'are'} excluded, such as {one!r}{meant}")
    return np.asarray(event[known])


def warn_customers(log: Log, event: np.ndarray, who: np.ndarray, ids: tuple[Table, str], what: str) -> None:
    """Warn of events of customers who have no row in the table; `who` are the customers of its rows."""
    absent = event[~np.isin(log.who[event], who)]
    if len(absent):
        someone = ids_of(log.opened, "customer")[log.customer[absent[0]]]
        known = shorten(ids_of(*ids)[0]) if ids[0].rows else "none"
        of = many(len(set(log.who[absent].tolist())), "customer")
        warn(f"reviews: {many(len(absent), what)} of {of} without a row in the table "
             f"{'is' if len(absent) == 1 else 'are'} excluded. Such an id is {shorten(someone)}, the table has "
             f"{known}")


def warn_limits(card: Measured, log: Log, event: np.ndarray) -> None:
    """Warn of values beyond the cap or floor of their measure, which then holds."""
    for measure, limit, side, points, far in _beyond(card, log, event):
        warn(f"reviews: {many(len(far), 'score')} of {measure!r} {'lies' if len(far) == 1 else 'lie'} {side} its "
             f"{limit}, such as {log.value[far[0]]:g} by {plain(log.author[far[0]])}: the {limit} {points} holds")


def refused(card: Measured, log: Log, event: np.ndarray) -> list[Finding]:
    """Return the events that a card refuses: unknown measures, values beyond a limit."""
    names = measures_of(card)
    unknown = event[~np.isin(log.measure[event], names)]
    found = []
    if len(unknown):
        meant = _example(log.measure[unknown].tolist(), names)[1]
        found.append(Finding("measure", "", f"are no measure of card {card.name!r}", np.sort(log.row[unknown]),
                             f"Its measures are {', '.join(map(plain, names))}{meant}"))
    return found + [Finding("value", "", f"are {side} {points}, the {limit} of {measure!r}", np.sort(log.row[far]),
                            f"Give points within the {limit}, or give the card another one.")
                    for measure, limit, side, points, far in _beyond(card, log, event)]


def _beyond(card: Measured, log: Log, event: np.ndarray) -> Iterator[tuple[str, str, str, str, np.ndarray]]:
    """Yield (measure, limit, side, points of the limit, events on that side of it)."""
    for measure in card.measures:
        mine = event[log.measure[event] == measure.column]
        for limit, side, passes in LIMITS:
            points = getattr(measure.rule, limit)
            far = mine[:0] if points is None else mine[passes(log.value[mine], float(points))]
            if len(far):
                yield measure.column, limit, side, shown(points), far


def _example(others: list[str], names: list[str]) -> tuple[str, str]:
    """Return one of the unknown names, one near a known name if there is any, and a suggestion of that name."""
    near = ((name, difflib.get_close_matches(name, names, n=1, cutoff=0.5)) for name in others)
    return next(((name, f"; did you mean {found[0]!r}?") for name, found in near if found), (others[0], ""))
