"""Events of the last months only, or faded by their age: what measures with a window or a half-life read."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ConfigError, DataError
from .event_logs import Log, ended_later, open_at
from .snapshot import Snapshot
from .time_weighting import Age

ORDERS = ("amount", "cost", "marketing", "margin", "quantity", "orders", "purchases")
LOGS = {"suggestions": ("suggestions", ""), "contacts": ("contacts", ""), "opportunities": ("opportunities", ""),
        "opportunities_gross": ("opportunities", "amount"), "opportunities_expected": ("opportunities", "expected")}


def aged(view: Snapshot, events: Any) -> dict[str, np.ndarray]:
    """Return the columns of measures of events, by name; `events` is a card, or pairs (event, age)."""
    out: dict[str, np.ndarray] = {}
    for event, age in getattr(events, "events", events):
        if event in ORDERS:
            out[age.of(event)] = view.total(event, age=age)
        elif event in LOGS:
            out |= _of_log(view, event, age)
        else:
            raise ConfigError(f"{event!r} has no window, half-life or decay, as it is not a sum over days; "
                              f"these are: {', '.join((*ORDERS, *LOGS))}")
    return out


def _of_log(view: Snapshot, event: str, age: Age) -> dict[str, np.ndarray]:
    kind, column = LOGS[event]
    if kind not in view.logs:
        raise DataError(f"{event!r} is not known: the base has no log of {kind}; add it with "
                        f"base.with_log({kind!r}, ...)")
    log, name = view.logs[kind], age.of(event)
    if column and column not in log.values:
        raise DataError(f"{event!r} is not known: the log of {kind} has no probability")
    values = log.values[column] if column else np.ones(len(log.day))
    if kind == "opportunities":
        return {name: _open(log, view, values, age)}
    total = {name: log.sums(values, view, age=age)}
    if kind == "contacts":
        return total
    levels = log.values["level"].astype(str)
    known = np.unique(levels[log.rows(view)[0]]).tolist()
    return total | {f"{name}_{level}": log.sums(values, view, chosen=levels == level, age=age) for level in known}


def _open(log: Log, view: Snapshot, values: np.ndarray, age: Age) -> np.ndarray:
    """Return those open at the end of the day; NaN where a chance says how one ended later, as in `attributes`."""
    open_now = open_at(log, view.day)
    sums = log.sums(values, view, chosen=open_now, age=age)
    if values is log.values.get("expected") and ended_later(log, view.day):
        sums[log.counts(view, open_now) > 0] = np.nan
    return sums
