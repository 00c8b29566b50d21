"""Logs beside the orders: opportunities, suggestions, receivables, contacts, surveys.

Rows refer to customers by their place in the order log. Every row is used, or excluded and counted: its customer
has no order, it lies after the day of the snapshot, or it was dropped. What is open, owed or spent is computed
for one day, so nothing after that day can leak into it.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from .. import _core
from .._arrays import FrameLike, Table
from .._core import NO_TICK
from .._ids import distinct, ids_of, is_missing, match
from .._row_report import FIX, Finding, Rows, settle, sizes, warn_unmatched
from .._tabular import check_names, demand, table
from .._validation import in_short, setting
from ..errors import ConfigError
from .ledger import Ledger
from .order_log import missing_ids, read_amounts, read_ids, worder
from .order_options import renamed
from .time_weighting import Age
from .timestamps import TimeFormat, read_dates, read_times

NEVER = np.iinfo(np.int32).max                   # the day of an event that has not happened
Column = tuple[np.ndarray, list[Finding]]


class Kind(NamedTuple):
    """Columns of a log, by their default names; optional ones may be absent."""

    time: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


KINDS = {
    "opportunities": Kind("created", ("amount",), ("stage", "probability", "closed")),
    "suggestions": Kind("time", ("level",), ()),
    "receivables": Kind("issued", ("due", "amount"), ("paid",)),
    "contacts": Kind("time", ("cost",), ("channel",)),
    "surveys": Kind("time", ("answer",), ()),
}
UNMATCHED = "of customers without an order"
OTHERS = "of customers not chosen"
BEFORE = {"closed": "created", "due": "issued", "paid": "issued"}        # days that may not precede another one
BY = {"probability": "stage", "cost": "channel"}          # may be given as a number for each label


class Population(Protocol):
    """The part of a snapshot that a log reads: customers, and the days known."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def who(self) -> np.ndarray: ...
    @property
    def day(self) -> np.datetime64: ...
    @property
    def start(self) -> np.datetime64 | None: ...
    @property
    def chosen(self) -> np.ndarray | None: ...


class Source(NamedTuple):
    """An open table and how its times are read."""

    opened: Table
    tz: str | None
    time_format: TimeFormat | None

    def number(self, name: str, argument: str) -> Column:
        """Return a column of finite numbers."""
        return read_amounts(self.opened, name, argument)

    def probability(self, name: str, argument: str) -> Column:
        """Return a column of probabilities."""
        values, found = self.number(name, argument)
        return values, found + _outside(values, name)

    def label(self, name: str, argument: str) -> Column:
        """Return a column of labels as objects."""
        codes, values = distinct(self.opened, name)
        missing = np.array([is_missing(value) for value in values.tolist()], bool)[codes]
        return values[codes], missing_ids(name, argument, missing if missing.any() else None)

    def day(self, name: str, argument: str) -> Column:
        """Return a column of days since 1970-01-01."""
        day, _, found = read_times(self.opened, name, tz=self.tz, time_format=self.time_format)
        return day, found

    def open_day(self, name: str, argument: str) -> Column:
        """Return a column of days, `NEVER` where missing."""
        day, _, found = read_dates(self.opened, name, argument, missing=NEVER, tz=self.tz,
                                   time_format=self.time_format)
        return day, found


READ: dict[str, Callable[[Source, str, str], Column]] = {
    "amount": Source.number, "cost": Source.number, "probability": Source.probability, "stage": Source.label,
    "level": Source.label, "channel": Source.label, "answer": Source.number, "due": Source.day,
    "closed": Source.open_day, "paid": Source.open_day,
}


@dataclass(frozen=True, eq=False)
class Log:
    """Rows of one log: `who` (place among the customers of the order log), `day` (int32) and columns of values."""

    who: np.ndarray
    day: np.ndarray
    values: Mapping[str, np.ndarray]
    read: int                                  # rows of the frame
    dropped: Mapping[str, int]                 # by reason, customers without an order included

    def account(self, view: Population) -> Rows:
        """Return the account of the rows for a snapshot."""
        day, dropped = view.day.astype(np.int64), dict(self.dropped)
        ours = np.ones(len(self.who), bool) if view.chosen is None else view.chosen[self.who]
        used = len(self.rows(view)[0])
        after = int((self.day[ours] > day).sum())
        before = 0 if view.start is None else int((self.day[ours] < view.start.astype(np.int64)).sum())
        yet_to_come = int(ours.sum()) - used - after - before
        dropped[UNMATCHED] = dropped.get(UNMATCHED, 0) + yet_to_come
        dropped |= {OTHERS: int((~ours).sum()), f"before {view.start}": before, f"after {view.day}": after}
        return Rows(self.read, used, 0, {reason: n for reason, n in dropped.items() if n})

    def rows(self, view: Population, chosen: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return (row, place of its customer in the snapshot) of the chosen rows that the snapshot knows."""
        place = np.full(len(view.ledger.begin), -1, np.int64)
        place[view.who] = np.arange(len(view.who))
        known = (self.day <= view.day.astype(np.int64)) & (place[self.who] >= 0)
        if view.start is not None:
            known &= self.day >= view.start.astype(np.int64)
        rows = np.flatnonzero(known if chosen is None else known & chosen)
        return rows, place[self.who[rows]]

    def sums(self, name: str | np.ndarray, view: Population, edges: np.ndarray | None = None,
             chosen: np.ndarray | None = None, age: Age | None = None) -> np.ndarray:
        """Return the total of a column, or of a value per row, by customer of the snapshot, or customer and period.

        With an `age`, rows outside its window are left out and others are weighted by their age.
        """
        values = self.values[name] if isinstance(name, str) else name
        if age is not None:
            recent = self.day >= age.since(view.day).astype(np.int64)
            chosen = recent if chosen is None else recent & chosen
            values = age.decayed(values, self.day, view.day)
        rows, place = self.rows(view, chosen)
        tick, (value,), _, begin, end, first = _core.ledger(place, self.day[rows], (values[rows],), False)
        out = np.zeros((len(view.who),) if edges is None else (len(view.who), len(edges) - 1))
        out[place[first]] = (_core.totals(value, begin, end) if edges is None else
                             _core.history(tick, value, begin, end, np.asarray(edges, np.int32)))
        return out

    def counts(self, view: Population, chosen: np.ndarray | None = None) -> np.ndarray:
        """Return the number of rows by customer of the snapshot."""
        return np.bincount(self.rows(view, chosen)[1], minlength=len(view.who))


def open_at(log: Log, day: np.datetime64) -> np.ndarray:
    """Return a mask of the opportunities that are not closed by the end of `day`."""
    return np.asarray(log.values.get("closed", np.full(len(log.day), NEVER)) > day.astype(np.int64))


def ended_later(log: Log, day: np.datetime64) -> int:
    """Return the number of probabilities that record the outcome of an opportunity after `day`."""
    closed = log.values.get("closed", np.full(len(log.day), NEVER))
    ends = np.isin(log.values["probability"], (0, 1)) & (closed != NEVER)
    return int((closed[ends] > day.astype(np.int64)).sum())


def read_log(kind: str, frame: FrameLike, ids: np.ndarray, *, customer: str, time: str | None, tz: str | None,
             time_format: TimeFormat | None, missing: str, columns: Mapping[str, str | Mapping[Any, float] | None],
             merge: Mapping[Any, Any] | None = None) -> Log:
    """Read a log; rows of customers without an order are excluded and counted."""
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(f"log {in_short(kind)} is not known: one of {', '.join(KINDS)}")
    opened = table(frame)
    given = {argument: value for argument, value in columns.items() if isinstance(value, Mapping)}
    for argument, numbers in given.items():
        _check_numbers(argument, numbers)
    check_names({"customer": customer, "time": time} | {a: name for a, name in columns.items() if a not in given})
    names = {"customer": customer, "time": time or KINDS[kind].time} | _names(kind, opened.names, columns, given)
    for argument, name in names.items():
        demand(opened, name, argument)
    day, values, findings = _values(Source(opened, tz, time_format), names, given)
    keep, dropped = settle(findings, opened.rows, missing, worder(opened, names), kind)
    rows = np.arange(opened.rows) if keep is None else np.flatnonzero(keep)
    theirs = renamed(ids_of(opened, customer)[rows], merge)
    place = match(ids, theirs, customer)
    ours = place >= 0
    warn_unmatched(kind, theirs[~ours].tolist(), opened.rows, ids[0])
    rows = rows[ours]
    return Log(place[ours], day[rows], {n: v[rows] for n, v in values.items()}, opened.rows,
               {**sizes(dropped), UNMATCHED: int((~ours).sum())})


def _names(kind: str, there: list[str], columns: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str]:
    """Return the column of each argument: the one given, else the one of the same name if needed or present."""
    _, required, optional = KINDS[kind]
    wrong = sorted(set(columns) - set(required) - set(optional)) + sorted(set(given) - set(BY))
    if wrong:
        raise ConfigError(f"with_log({kind!r}) has no argument {wrong[0]!r} of that kind: "
                          f"customer, time, {', '.join(required + optional)}")
    needed = {*required, *(BY[argument] for argument in given)}
    names = {argument: columns.get(argument, argument if argument in needed or argument in there else None)
             for argument in required + optional if argument not in given}
    return {argument: name for argument, name in names.items() if name is not None}


def _values(source: Source, names: Mapping[str, str],
            given: Mapping[str, Mapping[Any, float]]) -> tuple[np.ndarray, dict[str, np.ndarray], list[Finding]]:
    findings = read_ids(source.opened, names["customer"], "customer")[1]
    day, found = source.day(names["time"], "time")
    values: dict[str, np.ndarray] = {}
    findings += found
    for argument in (a for a in names if a in READ):
        values[argument], found = READ[argument](source, names[argument], argument)
        findings += found
    findings += _too_early(day, values, names)
    for argument, numbers in given.items():
        values[argument] = _mapped(numbers, values[BY[argument]], argument)
    if "probability" in values:
        values["expected"] = values["amount"] * values["probability"]
    return day, values, findings


def _too_early(day: np.ndarray, values: Mapping[str, np.ndarray], names: Mapping[str, str]) -> list[Finding]:
    """Return impossible orders of days: closed before created, due or paid before issued."""
    found = []
    for later in (argument for argument in BEFORE if argument in values):
        rows = np.flatnonzero((values[later] < day) & (values[later] != NO_TICK))
        if rows.size:
            found.append(Finding(names[later], f"{later} before {BEFORE[later]}",
                                 f"are earlier than {names['time']!r}", rows, FIX))
    return found


def _outside(values: np.ndarray, name: str) -> list[Finding]:
    wrong = np.flatnonzero((values < 0) | (values > 1))
    return [Finding(name, "probability outside 0..1", "are no probabilities", wrong, FIX)] if wrong.size else []


def _check_numbers(argument: str, numbers: Mapping[Any, Any]) -> None:
    """Raise for a number of a label that is not finite, or a probability outside 0 to 1."""
    for label, number in numbers.items():
        real = setting(number)
        if real is None or (argument == "probability" and not 0 <= real <= 1):
            rule = "a probability lies between 0 and 1" if argument == "probability" else "it takes a finite number"
            raise ConfigError(f"{argument}= has {in_short(number)} for {label!r}; {rule}")


def _mapped(numbers: Mapping[Any, float], labels: np.ndarray, argument: str) -> np.ndarray:
    lacking = sorted({str(label) for label in labels.tolist() if not is_missing(label) and label not in numbers})
    if lacking:
        raise ConfigError(f"{argument}= has no entry for {', '.join(map(repr, lacking))}")
    return np.array([float(numbers.get(label, np.nan)) for label in labels.tolist()])
