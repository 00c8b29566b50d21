"""Logs beside the orders: opportunities, suggestions, receivables, contacts; and the profile.

A log is kept by place among the base's customers. Rows of customers without any order stand apart and
are counted; what is open, owed or spent is asked for a day, so nothing after it can leak.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from . import _core
from ._columns import demand, table
from ._errors import ConfigError, DataError
from ._ids import distinct, is_missing, keys_of, match
from ._moments import NO_TICK, ticks
from ._read import FIX, bad_times, holes, numbers_of, teller
from ._rows import Finding, settle, shorten, warn


class Kind(NamedTuple):
    """Columns of a log, by the name they have unless told otherwise; optional ones may be absent."""

    time: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


KINDS = {
    "opportunities": Kind("created", ("amount",), ("stage", "probability", "closed")),
    "suggestions": Kind("time", ("level",), ()),
    "receivables": Kind("issued", ("due", "amount"), ("paid",)),
    "contacts": Kind("time", ("cost",), ("channel",)),
}
DAYS = ("closed", "due", "paid")
NUMBERS = ("amount", "probability", "cost")
NEVER = np.iinfo(np.int32).max                   # the day of what has not happened


@dataclass(frozen=True, eq=False)
class Log:
    """Rows of one log: `who` (place among the root customers), `day` (int32) and columns of values."""

    who: np.ndarray
    day: np.ndarray
    values: Mapping[str, np.ndarray]

    def rows(self, view: Any, chosen: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return (row, place in the view) of the rows known in the view, of the chosen ones."""
        place = np.full(len(view.ledger.begin), -1, np.int64)
        place[view.who] = np.arange(len(view.who))
        known = (self.day <= view.day.astype(np.int64)) & (place[self.who] >= 0)
        if view.start is not None:
            known &= self.day >= view.start.astype(np.int64)
        rows = np.flatnonzero(known if chosen is None else known & chosen)
        return rows, place[self.who[rows]]

    def sums(self, name: str, view: Any, edges: np.ndarray | None = None,
             chosen: np.ndarray | None = None) -> np.ndarray:
        """Return the total of a column per customer of the view, or per customer and period."""
        rows, place = self.rows(view, chosen)
        tick, (value,), _, begin, end, first = _core.ledger(
            place, self.day[rows], (self.values[name][rows],))
        out = np.zeros((len(view.who),) if edges is None else (len(view.who), len(edges) - 1))
        out[place[first]] = (_core.totals(value, begin, end) if edges is None else
                             _core.history(tick, value, begin, end, np.asarray(edges, np.int32)))
        return out

    def counts(self, view: Any, chosen: np.ndarray | None = None) -> np.ndarray:
        """Return the number of rows per customer of the view."""
        return np.bincount(self.rows(view, chosen)[1], minlength=len(view.who))


def read_log(kind: str, frame: Any, ids: np.ndarray, *, customer: str, time: str | None, tz: str | None,
             time_format: str | None, missing: str, columns: Mapping[str, Any]) -> tuple[Log, int, int]:
    """Read a log; return it with the number of rows and of customers that stand apart."""
    if kind not in KINDS:
        raise ConfigError(f"log {kind!r} is not known: one of {', '.join(KINDS)}")
    rule = KINDS[kind]
    unknown = sorted(set(columns) - set(rule.required) - set(rule.optional))
    if unknown:
        raise ConfigError(f"with_log({kind!r}) has no argument {unknown[0]!r}: "
                          f"customer, time, {', '.join(rule.required + rule.optional)}")
    opened = table(frame)
    names = {"customer": customer, "time": time or rule.time}
    maps = {n: v for n, v in columns.items() if isinstance(v, Mapping)}
    names |= {n: columns.get(n) or n for n in rule.required if n not in maps}
    names |= {n: columns[n] if columns.get(n) else n for n in rule.optional if n not in maps
              and (columns.get(n) or (n in opened.names and n not in columns))}
    names |= {by: columns.get(by) or by for n in maps for by in ("stage", "channel") if by in rule.optional}
    for argument, name in names.items():
        demand(opened, name, argument)
    day, values, findings = _values(opened, names, maps, tz, time_format)
    keep, _ = settle(findings, opened.rows, missing, teller(opened, names), kind)
    rows = np.arange(opened.rows) if keep is None else np.flatnonzero(keep)
    asked = opened.array(customer)[rows]
    place = match(ids, asked, customer)
    ours = place >= 0
    apart = len(set(asked[~ours].tolist()))
    if apart:
        stranger, known = asked[(~ours).argmax()], ids[:1].tolist()[0]
        warn(f"{kind}: {int((~ours).sum()):,} of {opened.rows:,} rows belong to {apart:,} customers without any "
             f"order; they stand apart. Such an id is {shorten(stranger)}, the base has {shorten(known)}")
    rows = rows[ours]
    return Log(place[ours], day[rows], {n: v[rows] for n, v in values.items()}), int((~ours).sum()), apart


def _values(opened: Any, names: Mapping[str, str], maps: Mapping[str, Mapping[Any, float]], tz: str | None,
            time_format: str | None) -> tuple[np.ndarray, dict[str, np.ndarray], list[Finding]]:
    findings = holes(names["customer"], "customer", keys_of(opened, names["customer"])[1])
    day, _ = ticks(opened, names["time"], hours=False, tz=tz, time_format=time_format)
    findings += bad_times(opened, names["time"], day)
    values: dict[str, np.ndarray] = {}
    for argument, name in names.items():
        if argument in NUMBERS:
            values[argument], found = numbers_of(opened, name, argument)
        elif argument in DAYS:
            values[argument], found = _day(opened, name, argument, tz, time_format)
        elif argument in ("stage", "level", "channel"):
            values[argument], found = _labels(opened, name, argument)
        else:
            continue
        findings += found
    for argument, given in maps.items():
        values[argument] = _mapped(given, values["stage" if argument == "probability" else "channel"], argument)
    if "probability" in values:
        wrong = np.flatnonzero((values["probability"] < 0) | (values["probability"] > 1))
        findings += [Finding(names.get("probability", "stage"), "probability outside 0..1",
                             "are no probabilities", wrong, FIX)] if wrong.size else []
        if "amount" in values:
            values["expected"] = _core.expected(values["amount"], values["probability"])
    return day, values, findings


def _day(opened: Any, name: str, argument: str, tz: str | None,
         time_format: str | None) -> tuple[np.ndarray, list[Finding]]:
    day, _ = ticks(opened, name, hours=False, tz=tz, time_format=time_format)
    missing = opened.missing(name)
    empty = np.array([is_missing(v) or v == "" for v in opened.array(name).tolist()], bool)
    empty = empty if missing is None else empty | missing
    if argument == "due":
        return day, bad_times(opened, name, day)
    wrong = np.flatnonzero((day == NO_TICK) & ~empty)
    found = [Finding(name, f"{argument} not a date", "are not dates", wrong, FIX)] if wrong.size else []
    return np.where(empty, NEVER, day).astype(np.int32), found


def _labels(opened: Any, name: str, argument: str) -> tuple[np.ndarray, list[Finding]]:
    codes, values = distinct(opened, name)
    labels = np.array([None if is_missing(v) else v for v in values.tolist()], object)[codes]
    return labels, holes(name, argument, mask if (mask := labels == None).any() else None)  # noqa: E711


def _mapped(given: Mapping[Any, float], labels: np.ndarray, argument: str) -> np.ndarray:
    lacking = sorted({str(label) for label in labels.tolist() if label is not None and label not in given})
    if lacking:
        raise ConfigError(f"{argument}= has no entry for {', '.join(map(repr, lacking))}")
    return np.array([float(given.get(label, np.nan)) for label in labels.tolist()])


def read_profile(frame: Any, ids: np.ndarray, customer: str,
                 complete: bool = False) -> tuple[dict[str, np.ndarray], int]:
    """Return the columns of a table with one row per customer, in the order of `ids`; how many are apart."""
    opened = table(frame)
    demand(opened, customer, "customer")
    asked = opened.array(customer)
    place = match(ids, asked, customer)
    row = np.full(len(ids), -1)
    row[place[place >= 0]] = np.flatnonzero(place >= 0)
    if complete and (row < 0).any():
        raise DataError(f"column {customer!r}: {int((row < 0).sum()):,} of {len(ids):,} customers have no row, "
                        f"the first is {shorten(ids[(row < 0).argmax()])}")
    if len(np.unique(place[place >= 0])) < int((place >= 0).sum()):
        twice = np.flatnonzero(np.bincount(place[place >= 0], minlength=len(ids)) > 1)[0]
        raise DataError(f"column {customer!r}: customer {shorten(ids[twice])} has more than one row")
    return ({name: _aligned(opened.array(name), row) for name in opened.names if name != customer},
            int((place < 0).sum()))


def _aligned(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return ``column[row]`` with a hole where `row` is -1."""
    lost = row < 0
    if not lost.any():
        return np.asarray(column[row])
    kind = column.dtype.kind
    wide = column.astype(float) if kind in "iu" else column if kind in "fmM" else column.astype(object)
    out = wide[row] if len(wide) else np.full(len(row), None, object)
    out[lost] = np.nan if out.dtype.kind == "f" else np.timedelta64("NaT") if kind == "m" else (
        np.datetime64("NaT") if kind == "M" else None)
    return out
