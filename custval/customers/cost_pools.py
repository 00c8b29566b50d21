"""Shared costs, such as a trade fair or a campaign, allocated to the customers that they were spent on."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .._arrays import FrameLike
from .._row_report import Finding, Rows, settle
from .._tabular import check_names, demand, table
from .._validation import choice
from ..errors import ConfigError, DataError
from .event_logs import Log, Population, Source
from .order_log import worder
from .snapshot import Snapshot
from .timestamps import TimeFormat

KIND = "pools"
Weigh = Callable[[Snapshot, np.ndarray], np.ndarray]          # weights of the customers between two days


@dataclass(frozen=True, eq=False)
class Pools(Log):
    """Shares of costs, on the day on which each was booked; `booked` holds the days of the costs themselves."""

    booked: np.ndarray

    def account(self, view: Population) -> Rows:
        """Return the account of the rows; a pool is used if it was booked by the day of the snapshot."""
        day = view.day.astype(np.int64)
        after = int((self.booked > day).sum())
        before = 0 if view.start is None else int((self.booked < view.start.astype(np.int64)).sum())
        dropped = {f"before {view.start}": before, f"after {view.day}": after}
        return Rows(self.read, self.read - after - before, 0, {reason: n for reason, n in dropped.items() if n})


def _equal(view: Snapshot, edges: np.ndarray) -> np.ndarray:
    return np.ones(len(view.who))


def _contacts(view: Snapshot, edges: np.ndarray) -> np.ndarray:
    log = view.logs["contacts"]
    return np.asarray(log.counts(view, (log.day >= edges[0]) & (log.day < edges[1])), float)


def _amount(view: Snapshot, edges: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(view.total("amount", edges)[:, 0], 0))                # a net refund takes no share


def _won(view: Snapshot, edges: np.ndarray) -> np.ndarray:
    first = view.first().astype(np.int64)
    return np.asarray((first >= edges[0]) & (first < edges[1]), float)


WEIGHTS: dict[str, tuple[Weigh, str]] = {
    "equal": (_equal, "has an order by then"), "contacts": (_contacts, "was contacted in that time"),
    "amount": (_amount, "bought for a net amount above 0 in that time"),
    "won": (_won, "ordered for the first time in that time")}


def read_pools(view: Snapshot, frame: FrameLike, *, time: str, since: str | None, cost: str, allocate: str,
               tz: str | None, time_format: TimeFormat | None) -> Pools:
    """Return the shares of every cost, after those of the pools that the snapshot has already."""
    weigh, who = WEIGHTS[choice("allocate", allocate, WEIGHTS)]
    if allocate == "contacts" and "contacts" not in view.logs:
        raise ConfigError('allocate="contacts" needs the log of contacts: with_log("contacts", ...) first')
    if allocate == "amount":
        view.demand("amount")
    names = {"cost": cost, "time": time} | ({} if since is None else {"since": since})
    check_names(names)
    opened = table(frame)
    for argument, name in names.items():
        demand(opened, name, argument)
    begun, booked, money = _read(Source(opened, tz, time_format), names)
    shares = [_shares(view, row, (begun[row], booked[row] + 1), money[row], weigh, who)
              for row in np.flatnonzero(booked <= view.day.astype(np.int64)).tolist()]
    return _joined(view.logs.get(KIND), shares, booked, allocate == "won")


def _read(source: Source, names: dict[str, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first day, the day booked and the cost of each pool."""
    booked, findings = source.day(names["time"], "time")
    money, found = source.number(names["cost"], "cost")
    findings += found
    begun = np.full(len(booked), np.iinfo(np.int32).min, np.int64)
    if "since" in names:
        begun, found = source.day(names["since"], "since")
        late = np.flatnonzero(begun > booked)
        findings += found + ([Finding(names["since"], "since after time", f"are later than {names['time']!r}", late,
                                      "Correct these rows.")] if late.size else [])
    settle(findings, source.opened.rows, "raise", worder(source.opened, names), KIND)
    return begun.astype(np.int64), booked, money


def _shares(view: Snapshot, row: int, edges: tuple[int, int], cost: float, weigh: Weigh,
            who: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (customer, day, share) of one cost."""
    then = view.until(np.int64(edges[1] - 1).astype("M8[D]"))
    weight = weigh(then, np.array(edges)) if len(then.who) else np.zeros(0)
    if not weight.any():
        raise DataError(f"pools, row {row:,}: no customer {who}, so no one takes the cost of "
                        f"{np.int64(edges[1] - 1).astype('M8[D]')}\n  Correct its dates, or pass another allocate=.")
    some = np.flatnonzero(weight)
    share = weight[some] * (cost / weight.sum())
    return then.who[some], np.full(len(some), edges[1] - 1, np.int32), np.asarray(share)


def _joined(known: Log | None, shares: Sequence[tuple[np.ndarray, ...]], booked: np.ndarray, won: bool) -> Pools:
    """Return the shares as one log, after those known."""
    who, day, cost = (np.concatenate(parts) for parts in zip(*shares, strict=True)) if shares else (
        np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0))
    values = {"cost": cost, "won": np.full(len(who), float(won))}
    if isinstance(known, Pools):
        who, day, booked = np.append(known.who, who), np.append(known.day, day), np.append(known.booked, booked)
        values = {name: np.append(known.values[name], column) for name, column in values.items()}
    return Pools(who, day, values, len(booked), {}, booked)
