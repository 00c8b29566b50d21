"""A review log: rows are events of manual scores, and every score goes from draft to submitted to decided.

A log is a table that its owner only appends to. The rows of one id are one score; they count by time, those of
one time in the order in which they stand. What is not in a later row is as before.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from .._arrays import Table
from .._core import NO_TICK
from .._ids import codes_of, distinct, is_missing
from .._row_report import Finding, message, shorten
from .._tabular import demand, table
from ..customers.event_logs import NEVER
from ..customers.order_log import read_amounts
from ..customers.timestamps import read_dates, read_walls
from ..errors import DataError
from .apart import refused
from .transitions import APPROVED, DRAFT, REJECTED, STATUS, transitions

COLUMNS = ("id", "customer", "measure", "author", "time", "value", "reason", "status", "reviewer", "expires")
NEEDED = ("id", "customer", "measure", "author", "time", "value", "status", "reviewer")
FIX = "Correct these rows."
ISO = "Write them as ISO 8601, such as 2025-10-31 or 2025-10-31T17:30."


@dataclass(frozen=True, eq=False)
class Log:
    """Events by score and time, each with all that is known of its score by then."""

    opened: Table
    row: np.ndarray                # in the table
    score: np.ndarray              # 0, 1, 2 ...: the events of one score stand together
    customer: np.ndarray           # row of the table with the id of the customer
    who: np.ndarray                # a number for each customer
    measure: np.ndarray            # text
    author: np.ndarray             # objects, as are those below
    reason: np.ndarray
    reviewer: np.ndarray
    value: np.ndarray              # float64
    status: np.ndarray             # place in STATUS
    time: np.ndarray               # datetime64[us] by the clock on the wall
    day: np.ndarray                # int32
    expires: np.ndarray            # int32, the last day on which the score counts

    def last(self, day: int) -> np.ndarray:
        """Return the last event by the end of a day of each score, in the order of the scores."""
        known = np.flatnonzero(self.day <= day)
        return known[np.append(self.score[known[1:]] != self.score[known[:-1]], True)] if len(known) else known

    def open(self, day: int) -> np.ndarray:
        """Return the last event by the end of a day of each score that nobody has rejected."""
        event = self.last(day)
        return np.asarray(event[self.status[event] != REJECTED])

    def of(self, measures: Iterable[str]) -> Log:
        """Return the events of some measures."""
        mine = np.isin(self.measure, list(measures))
        return replace(self, **{f.name: getattr(self, f.name)[mine] for f in fields(self) if f.name != "opened"})


class Reader:
    """The columns of a log in the order of its events, and what is wrong with them.

    Its first `stored` rows are known to be right, and what comes after them may not be dated before them.
    """

    def __init__(self, frame: Any, stored: int = 0):
        self.opened, self.stored = table(frame), stored
        for name in NEEDED:
            demand(self.opened, name)
        self.findings: list[Finding] = []
        score = self._codes("id")
        self.time, (self.day, self.zone, found) = read_walls(self.opened, "time")
        self.note(iso(found))
        self.stop()
        self.row = np.lexsort((self.time, score))               # stable: rows of one time stay in their order
        self.score, self.time, self.day = score[self.row], self.time[self.row], self.day[self.row]
        self.first = np.append(True, self.score[1:] != self.score[:-1])[:len(self.score)]
        late = ~self.first[1:] & (self.row[1:] < stored) & (self.row[:-1] >= stored)
        self.find("time", "are earlier than what is stored of their id", self.row[:-1][late],
                  "A log is only appended to.")
        self.stop()

    def _codes(self, name: str) -> np.ndarray:
        codes, missing = codes_of(self.opened, name)
        self.find(name, "are missing", np.zeros(0) if missing is None else np.flatnonzero(missing), FIX)
        return codes

    def find(self, name: str, words: str, rows: np.ndarray, remedy: str) -> None:
        """Note rows of the table with a defect, if there are any."""
        if len(rows):
            self.note([Finding(name, "", words, np.sort(rows), remedy)])

    def note(self, findings: list[Finding]) -> None:
        """Note findings by the rows that the caller gave: those after the stored ones."""
        self.findings += [found._replace(rows=found.rows - self.stored) for found in findings]

    def stop(self) -> None:
        """Raise if anything is wrong so far."""
        if self.findings:
            rows = self.opened.rows - self.stored
            raise DataError("reviews: " + message(self.findings, rows, self._value, self._about))

    def _value(self, name: str, row: int) -> Any:
        return self.opened.array(name)[row + self.stored]

    def _about(self, row: int) -> str:
        return "   ".join(f"{name} {_told(self._value(name, row))}" for name in ("customer", "id"))

    def objects(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a column as objects, None where empty, and where it is not; all None where there is no column."""
        if name not in self.opened.names:
            return np.full(len(self.row), None), np.zeros(len(self.row), bool)
        codes, values = distinct(self.opened, name)
        for k, value in enumerate(values.tolist()):
            values[k] = None if is_missing(value) or value == "" else value
        column = values[codes[self.row]]
        return column, column != np.array(None)

    def from_first(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return what the first row of a score says to all its rows, and where; others may say it again."""
        column, said = self.objects(name)
        start = np.maximum.accumulate(np.where(self.first, np.arange(len(self.row)), 0))
        self.find(name, "are missing", self.row[self.first & ~said], f"Give the first row of each id its {name}.")
        self.find(name, "differ from the first row of their id", self.row[said & (column != column[start])],
                  "A score is of one customer, measure and author: give another one another id.")
        return column[start], start

    def as_before(self, said: np.ndarray) -> np.ndarray:
        """Return for each event the last one of its score that said something, the first one if none did."""
        return np.maximum.accumulate(np.where(said | self.first, np.arange(len(self.row)), 0))


def read_log(frame: Any, stored: int = 0, card: Any = None) -> Log:
    """Read and check a log, unless it is read; one that contradicts itself or that a card refuses is an error."""
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
    transitions(read, status, reviewed, same)
    value, said = _values(read, status)
    reason, _ = read.objects("reason")
    spoken = read.as_before((reason != np.array(None)) & (status < APPROVED))
    expires = _expires(read)
    read.stop()
    who = codes_of(read.opened, "customer")[0][read.row[start]]
    log = Log(read.opened, read.row, read.score, read.row[start], who, _texts(measure), author, reason[spoken],
              reviewer, value[said], status, read.time, read.day, expires)
    if card is not None:
        read.note(refused(card, log, log.open(NEVER)))
        read.stop()
    return log


def iso(found: list[Finding]) -> list[Finding]:
    """Return what is found about times with what a log takes."""
    return [one._replace(remedy=ISO) for one in found]


def _texts(values: np.ndarray) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = [str(value) for value in values.tolist()]
    return out


def _told(value: Any) -> str:
    return "(missing)" if is_missing(value) else shorten(str(value))[1:-1]


@lru_cache(4096)
def alike(name: Any) -> str:
    """Return a name as it is compared: not by case, width or blanks at its ends."""
    return unicodedata.normalize("NFKC", str(name)).strip().casefold()


def _status(read: Reader) -> np.ndarray:
    column, _ = read.objects("status")
    place = {name: k for k, name in enumerate(STATUS)}
    status = np.array([place.get(s, -1) if isinstance(s, str) else -1 for s in column.tolist()], np.int8)
    read.find("status", "are no status", read.row[status < 0], f"A status is one of {', '.join(STATUS)}.")
    return status


def _values(read: Reader, status: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values, and which of them each event counts with; none changes after its last draft."""
    values, said = read_amounts(read.opened, "value", "value")[0][read.row], read.objects("value")[1]
    wrong = said & ~np.isfinite(values)
    drafted = values[read.as_before(said & (status == DRAFT))]
    read.find("value", "are not finite numbers", read.row[wrong], FIX)
    read.find("value", "are missing", read.row[read.first & ~said], "Give the first row of each id its value.")
    read.find("value", "change a score that is no draft any more",
              read.row[said & ~wrong & (status > DRAFT) & (values != drafted)],
              "Leave it as it was submitted; a new value is a new score with an id of its own.")
    return values, read.as_before(said)


def _expires(read: Reader) -> np.ndarray:
    """Return the last day on which each score counts, by what its latest row says; `NEVER` without an end."""
    day, empty = last_days(read)
    day, empty = day[read.row], empty[read.row]
    read.find("expires", "are earlier than 'time'", read.row[(day < read.day) & (day != NO_TICK)],
              "A score counts to the end of its last day: give that, or none.")
    return np.asarray(day[read.as_before(~empty)])


def last_days(read: Reader) -> tuple[np.ndarray, np.ndarray]:
    """Return the column `expires` as days, `NEVER` where it is empty, and where that is."""
    rows = read.opened.rows
    if "expires" not in read.opened.names:
        return np.full(rows, NEVER, np.int32), np.ones(rows, bool)
    day, empty, found = read_dates(read.opened, "expires", "expires", missing=NEVER)
    read.note(iso(found))
    return np.where(empty, NEVER, day).astype(np.int32), empty
