"""The scores that hold: for each row of a table and each measure, the latest approved one that has not expired."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .._arrays import DateLike, FrameLike, Table
from .._dates import as_day
from .._formatting import plain
from .._ids import ids_of, keys_of, match
from .._tabular import demand
from ..errors import ConfigError
from .review_log import APPROVED, Log, Measured, measures_of, read_log, warn_customers, warn_measures
from .rules import Manual

SOURCE = "manual"                      # the column that `score` appends


@dataclass(frozen=True, eq=False)
class Effective:
    """The events of a log that hold for the rows of a table: by measure, -1 where there is none."""

    log: Log
    event: Mapping[str, np.ndarray]

    def values(self, measure: str) -> np.ndarray:
        """Return the approved points of each row, NaN where there are none."""
        return np.asarray(np.append(self.log.value, np.nan)[self.event[measure]])

    def words(self, measure: str, row: int) -> str:
        """Return the author, the reviewer, the day and the reason of the score of a row, as text."""
        event, log = self.event[measure][row], self.log
        because = "" if log.reason[event] is None else f": {plain(log.reason[event])}"
        return (f"by {plain(log.author[event])}, approved by {plain(log.reviewer[event])} on "
                f"{log.time[event].astype('M8[D]')}{because}")

    def only(self, row: int) -> Effective:
        """Return the events that hold for one row."""
        return Effective(self.log, {measure: event[[row]] for measure, event in self.event.items()})

    def appended(self, card: Measured, opened: Table) -> dict[str, np.ndarray]:
        """Return the column with the names of the measures that have approved points, "" where none has."""
        if SOURCE in (*opened.names, *card.columns):
            raise ConfigError(f"the table or the card has a column {SOURCE!r} already; rename it, the names of "
                              "approved measures are not written over it")
        names = np.full(opened.rows, "", object)
        for measure, event in self.event.items():
            here = event >= 0
            names[here] = [f"{before}, {measure}" if before else measure for before in names[here].tolist()]
        return {SOURCE: names}


def effective(card: Measured, opened: Table, reviews: FrameLike | Log | None, as_of: DateLike | None,
              id: str) -> Effective | None:
    """Return the events that hold at the end of the day `as_of`; None without a log."""
    alone = by_hand(card)
    if reviews is None:
        if alone:
            raise ConfigError(f"measure {alone[0]!r} is scored by hand: pass reviews= (the review log) and as_of=")
        return None
    if as_of is None:
        raise ConfigError("reviews= needs as_of=: the day at whose end they count, such as as_of=base.end")
    demand(opened, id, "id")
    log = read_log(reviews)
    event = holding(log, as_of)
    event = warn_measures(measures_of(card), f"card {card.name!r} does not have", log, event, "approved score")
    who = customers(log, event, opened, id)
    warn_customers(log, event, who, (opened, id), "approved score")
    by_row = {}
    for measure in measures_of(card):
        mine = event[log.measure[event] == measure]
        if len(mine) or measure in alone:
            latest = np.full(log.who.max(initial=-1) + 2, -1)       # the last place: customers without an event
            latest[log.who[mine]] = mine
            by_row[measure] = latest[who]
    return Effective(log, by_row)


def by_hand(card: Measured) -> list[str]:
    """Return the measures that only people score."""
    return [measure.column for measure in card.measures if isinstance(measure.rule, Manual)]


def holding(log: Log, as_of: DateLike) -> np.ndarray:
    """Return the events that approved a score that has not expired by the day `as_of`, in order of time."""
    day = int(as_day(as_of, "as_of").astype(np.int64))
    event = log.last(day)
    event = event[(log.status[event] == APPROVED) & (log.expires[event] >= day)]
    return np.asarray(event[np.lexsort((log.row[event], log.time[event]))])


def customers(log: Log, event: np.ndarray, opened: Table, id: str) -> np.ndarray:
    """Return the number of the customer of each row of the table, -1 for a customer without one of these events."""
    who, first = np.unique(log.who[event], return_index=True)
    ids = ids_of(log.opened, "customer")[log.customer[event[first]]]
    place, missing = match(ids, ids_of(opened, id), id), keys_of(opened, id)[1]
    place = place if missing is None else np.where(missing, -1, place)
    return np.asarray(np.append(who, -1)[place])
