"""Values, histories and features at many dates."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .. import _core
from .._dates import Periods, duration, grain_ends, periods_since, periods_to, refuse_more_columns
from ..errors import DataError
from .attributes import WeightedEvents, attributes, weighted
from .ledger import added
from .operational_time import OperationalTime
from .snapshot import Snapshot

BLOCK = 65_536                 # customers whose histories are in memory at once
UNITS = ("Y", "Q", "M", "W", "D")                              # from the longest on


def dates(view: Snapshot, periods: int | None, window: int, unit: str) -> Periods:
    """Return the complete periods that `periods` dates need, by default all since the first row of the snapshot.

    A date's window is `window` periods, 0 for all before it: there are ``window - 1`` periods before the first date's.
    """
    running, first = int(view.day < grain_ends(view.day, unit)[1]), view.first().min()
    count = periods_since(first, view.day, unit) - running if periods is None else periods + max(window, 1) - 1
    refuse_more_columns(count, unit, f"from {first} to {view.day} there are " if periods is None else "")
    if max(count, 1) < window:
        raise DataError(f"window={window}: {max(count, 1):,} whole periods of {unit} are over by {view.day} since the "
                        "first order; pass a shorter window, or periods=")
    edges, labels, _ = periods_to(view.day, max(count, 1) + running, unit)
    if running:
        edges, labels = edges[:-1], labels[:-1]
    return Periods(edges, labels, False)


def longest(most: str, covered: Callable[[str], bool]) -> str:
    """Return the longest unit from `most` on that a log covers, else a day."""
    return next((unit for unit in UNITS[UNITS.index(most):] if covered(unit)), UNITS[-1])


def values(view: Snapshot, name: str, edges: np.ndarray, window: int) -> np.ndarray:
    """Return a value, shape (dates, customers), over windows of periods between `edges`, or with 0 of all so far.

    NaN at dates before a customer's first row.
    """
    view.demand(name)
    ledger = view.ledger
    since = ledger.tick[view.begin]
    if name == "margin":
        marketing = values(view, "marketing", edges, window) if view.knows("marketing") else 0.0
        amount, cost = (values(view, part, edges, window) for part in ("amount", "cost"))
        return np.asarray(_core.margin(amount, cost, marketing))
    if name == "marketing" and "contacts" in view.logs:
        contacts = _contacts(view, np.asarray(ledger.days(since).astype(np.int64), np.int32), edges, window)
        if name not in ledger.columns:
            return contacts
        return added([_own(view, name, since, edges, window), contacts])
    return _own(view, name, since, edges, window)


def _own(view: Snapshot, name: str, since: np.ndarray, edges: np.ndarray, window: int) -> np.ndarray:
    ledger = view.ledger
    column = None if name == "orders" and name not in ledger.marks else ledger.values(name)
    return _core.curve(ledger.tick, column, view.begin, view.end, since, ledger.ticks(edges), window)


def _contacts(view: Snapshot, since: np.ndarray, edges: np.ndarray, window: int) -> np.ndarray:
    log = view.logs["contacts"]
    rows, place = log.rows(view)
    day, (cost,), _, begin, end, first = _core.ledger(place, log.day[rows], (log.values["cost"][rows],), False)
    rows_of = np.zeros((2, len(view.who)), np.int64)               # customers without a contact have no rows
    rows_of[:, place[first]] = begin, end
    return _core.curve(day, cost, rows_of[0], rows_of[1], since, edges, window)


def histories(view: Snapshot, edges: np.ndarray, unit: str,
              times: OperationalTime | None = None) -> Iterator[tuple[slice, dict[str, np.ndarray]]]:
    """Yield x, t_x, T, m_x and n, mean, log_mean of spend, shape (dates, customers), as known at the ends of periods.

    Block by block of customers; T is NaN before the first purchase. With `times`, t_x and T are operational.
    """
    ledger, grain = view.ledger, view.ledger.grain
    for day in (edges[1:].astype("M8[D]") - 1 if grain not in ("h", "D") else ()):
        if day not in grain_ends(day, grain):
            raise DataError(f"{day} lies inside a grain ({grain}), whose orders are one purchase; take a unit whose "
                            "periods end with a grain, or grain='D'")
    begins, net = ledger.purchases(view.begin, view.end)
    num, den = duration(unit if times is None else "D", ledger.per_day)
    first = (ledger.histories(view.begin, view.end, view.day).first + 1.0) / ledger.per_day - 1
    for start in range(0, len(view.who), BLOCK):
        at = slice(start, start + BLOCK)
        columns, spend = _core.curve_histories(ledger.tick, begins, view.begin[at], view.end[at], net,
                                               ledger.ticks(edges), num, den)
        found = dict(zip(("x", "t_x", "T", "m_x", "n", "mean", "log_mean"), (*columns, *spend), strict=True))
        if times is not None:
            found |= {name: times.between(first[at], found[name]) for name in ("t_x", "T")}
        yield at, found


def gap_limits(view: Snapshot, q: float, least: int) -> tuple[np.ndarray, float]:
    """Return the quantile `q` of the days between purchases, by customer, NaN below `least` gaps, and of all."""
    ledger = view.ledger
    num, den = duration("D", ledger.per_day)
    gaps = _core.gaps(ledger.tick, ledger.purchases(view.begin, view.end)[0], view.begin, view.end, num, den)
    every = _core.quantiles(gaps, np.zeros(1, np.int64), np.array([len(gaps)]), q, 1)
    return _core.quantiles(gaps, view.begin, view.end, q, least), float(every[0])


SPANS = {"week": (7, 7), "two weeks": (14, 14), "month": (28, 31), "quarter": (89, 92), "half-year": (181, 184),
         "year": (365, 366)}


def regular_gaps(view: Snapshot) -> tuple[float, str]:
    """Return the largest share of the times between purchases that are one calendar period, and the period in words.

    0 without such a time, or where purchases are counted in weeks or longer grains, which make gaps regular.
    """
    ledger = view.ledger
    if ledger.edges is not None:
        return 0.0, ""
    num, den = duration("D", ledger.per_day)
    gaps = _core.gaps(ledger.tick, ledger.purchases(view.begin, view.end)[0], view.begin, view.end, num, den)
    days = np.round(gaps[~np.isnan(gaps)])
    shares = {word: float(np.mean((days >= low) & (days <= high))) if len(days) else 0.0
              for word, (low, high) in SPANS.items()}
    word = max(shares, key=lambda name: shares[name])
    return shares[word], word


def acquisition(view: Snapshot, edges: np.ndarray) -> np.ndarray:
    """Return the relationship cost up to the day of each customer's first row, shape (customers, periods)."""
    ledger, days = view.ledger, view.first().astype(np.int64)
    spent = np.zeros((len(view.who), len(edges) - 1))
    if "marketing" in ledger.columns:
        cost = np.zeros(len(ledger.tick))
        row, end, last = view.begin, view.end, ledger.ticks(days + 1) - 1
        while row.size:                                            # the rows of the first day, one of each customer
            cost[row] = ledger.columns["marketing"][row]
            row = row + 1
            goes_on = (row < end) & (ledger.tick[np.minimum(row, end - 1)] <= last)
            row, end, last = row[goes_on], end[goes_on], last[goes_on]
        spent = _core.history(ledger.tick, cost, view.begin, view.end, ledger.ticks(edges))
    if "contacts" in view.logs:
        log, first = view.logs["contacts"], np.full(len(ledger.begin), np.iinfo(np.int64).min)
        first[view.who] = days
        spent = added([spent, log.sums("cost", view, edges, chosen=log.day <= first[log.who])])
    return np.asarray(spent)


# ---- features and labels ----

LABELS = ("purchases", "amount", "margin")


def features(view: Snapshot, origins: Sequence[np.datetime64], stops: Sequence[np.datetime64],
             events: WeightedEvents) -> Any:
    """Return the attributes of each customer as of each origin, and what they did from then to the day of `stops`."""
    thens = [view.until(origin) for origin in origins]
    parts = [{name: column for name, column in (attributes(then) | weighted(then, events)).items()
              if name not in view.profile} for then in thens]
    names = dict.fromkeys(name for part in parts for name in part)
    sizes = [len(then.who) for then in thens]
    out = {"origin": np.repeat(np.array(origins, "M8[D]"), sizes)}
    for name in names:                                    # a level or source that is not known yet has no column
        rest: Any = "orders" if name == "years_source" else 0
        out[name] = np.concatenate([part[name] if name in part else np.full(size, rest)
                                    for part, size in zip(parts, sizes, strict=True)])
    ahead = [_labels(view, then, stop) for then, stop in zip(thens, stops, strict=True)]
    for name in ahead[0]:
        column = np.concatenate([part[name] for part in ahead])
        whole = name == "label_purchases" and not np.isnan(column).any()
        out[name] = column.astype(np.int64) if whole else column
    who = np.concatenate([then.who for then in thens])
    out |= {name: column[who] for name, column in view.profile.items()}
    return view.ids.new({"customer": view.ids.pick("customer", who), **out})


def _labels(view: Snapshot, then: Snapshot, stop: np.datetime64) -> dict[str, np.ndarray]:
    """Return what the customers of `then` did after its day up to `stop`, NaN if that is not observed."""
    known = [name for name in LABELS if view.knows(name)]
    if stop > view.day:
        return {f"label_{name}": np.full(len(then.who), np.nan) for name in known}
    whole = view.until(stop)
    there = np.isin(whole.who, then.who)
    later = replace(whole, who=then.who, begin=then.end, end=whole.end[there], start=then.day + np.timedelta64(1, "D"))
    return {f"label_{name}": later.total(name) for name in known}
