"""Attributes: one row per customer with every column that a scorecard can use."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .. import _core
from .._arrays import FrameLike
from .._dates import months_before
from .._formatting import look_alike, many, plain
from .._validation import choice, in_short, number_of, setting, warn
from ..errors import ConfigError, DataError
from .cost_pools import KIND as POOLS
from .event_logs import NEVER, Log, ended_later, open_at
from .ledger import added
from .profile import FIRST_CONTACT, read_same
from .snapshot import COMPARABLE, DAYS_OF_YEAR, Snapshot
from .time_weighting import Age

AGES = {"owed_30": (-NEVER, 30), "owed_60": (30, 60), "owed_90": (60, 90), "owed_over_90": (90, NEVER)}  # days late
PROMOTER, PASSIVE, MOST = 9, 7, 10               # of answers from 0 to 10: Reichheld, Harvard Business Review, 2003
OF_ORDERS = ("amount", "cost", "marketing", "margin", "quantity", "orders", "purchases")
OF_LOGS = {"suggestions": ("suggestions", ""), "contacts": ("contacts", ""), "opportunities": ("opportunities", ""),
           "opportunities_gross": ("opportunities", "amount"), "opportunities_expected": ("opportunities", "expected")}
REALISED = "realised_value"

Columns = dict[str, Any]


@runtime_checkable
class Card(Protocol):
    """A scorecard, as far as attributes read it."""

    @property
    def events(self) -> Sequence[tuple[str, Age]]:
        """The events of its measures, and their weights."""


WeightedEvents = Card | Iterable[tuple[str, Age]]


def attributes(view: Snapshot, *, carrying: float | None = None, default: Sequence[float] | None = None,
               scale: tuple[float, float] | str | None = None, answers: str = "last") -> Columns:
    """Return the columns of `CustomerBase.attributes`, without the ids."""
    if view.start is not None:
        raise DataError("a holdout has no attributes of its own; use the whole base, or base.as_of(date)")
    found = view.ledger.histories(view.begin, view.end, view.day)
    recency, age = view.ledger.in_units((found.recency, "D"), (found.T, "Y"))
    purchases = np.where(np.isnan(found.T), 0, found.x + 1)
    years = _years(view, view.ledger.days(found.first))
    sales = _sales(view, found.total, purchases) if "amount" in view.ledger.columns else {}
    out: Columns = {"orders": view.orders(), "purchases": purchases, "x": found.x, "recency": recency}
    out |= years | {name: found.total if name == "amount" else view.total(name)
                    for name in ("amount", "cost", "marketing", "margin", "quantity") if view.knows(name)}
    if view.knows("products"):
        out["products"] = view.total("products").astype(np.int64)
    out |= sales
    if view.knows("margin"):
        out["margin_1y"] = view.total("margin", _windows(view, 12))[:, 0]
    out["repeat_rate"] = _core.ratio(found.x, age)
    for kind, columns_of in LOGS.items():
        if kind in view.logs:
            out |= columns_of(view)
    out |= _acquisition(view) | _credit(view, carrying, default) | _satisfaction(view, scale, answers)
    out |= _perceived(view, out)
    clash = look_alike(view.profile, ("customer", *out))
    if clash is not None:
        raise DataError(f"the profile has a column {clash!r}, which is there already; rename it")
    return out | {name: column[view.who] for name, column in view.profile.items()}


def joined(out: Columns, frame: FrameLike, view: Snapshot) -> Columns:
    """Return the columns of a frame with the customers of the snapshot, in their order."""
    columns = read_same(frame, view.customers, view.ids, "customer")
    clash = look_alike(columns, out)
    if clash is not None:
        raise DataError(f"join: the column {clash!r} is there already; rename it")
    return columns


def filled(out: Columns, fill: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return columns with their missing values filled from others, and the source of each value."""
    new: dict[str, np.ndarray] = {}
    if not isinstance(fill, Mapping):
        raise ConfigError(f"fill={in_short(fill)}: pass a dict of columns to fill, each with the one to fill it from")
    for name, other in fill.items():
        for column in (name, other):
            if column not in out:
                raise ConfigError(f"fill: no column {column!r} among {', '.join(map(plain, out))}")
        own, stand_in = (np.asarray(out[column], float) for column in (name, other))
        missing = np.isnan(own)
        new[name] = np.where(missing, stand_in, own)
        new[f"{name}_source"] = np.where(np.isnan(new[name]), "", np.where(missing, other, name)).astype(object)
    return new


# ---- orders ----

def _windows(view: Snapshot, *months: int) -> np.ndarray:
    """Return the edges (days) of windows of `months`, the longest first, that end with the snapshot."""
    days = [months_before(view.day, m).astype(np.int64) for m in months]
    return np.array([*days, view.day.astype(np.int64) + 1], np.int32)


def _sales(view: Snapshot, amount: np.ndarray, purchases: np.ndarray) -> Columns:
    edges = _windows(view, 24, 12)
    before, this = view.ledger.periods("amount", view.begin, view.end, edges).T
    both = view.ledger.periods("amount", view.begin, view.end, edges[[0, 2]])[:, 0]
    observed = view.observed(int(edges[0]), int(edges[1]))
    if observed < COMPARABLE:                                 # the log begins later: nothing to compare with
        before = np.full(len(this), np.nan)
    return {"mean_amount": _core.ratio(amount, purchases.astype(float)),
            "sales_1y": this, "sales_prev_1y": before, "sales_change": _core.margin(this, before, 0.0),
            "growth_1y": _core.growth(this, before), "observed_prev_1y": np.full(len(this), observed),
            "sales_2y": both}


def _years(view: Snapshot, since: np.ndarray) -> Columns:
    """Return years since the first contact: the earliest of the profile, the contact log and the first order."""
    source = np.full(len(view.who), "orders", object)
    for name, known in (("contacts", _first_contact(view)), ("profile", view.profile.get(FIRST_CONTACT))):
        if known is None:
            continue
        known = known if name == "contacts" else known[view.who]
        earlier = known <= since                          # False for NaT
        since, source = np.where(earlier, known, since), np.where(earlier, name, source)
    span = view.day.astype(np.int64).astype(float) - since.astype(np.int64).astype(float)
    years = {"years": _core.ratio(span, DAYS_OF_YEAR)}
    other = "contacts" in view.logs or FIRST_CONTACT in view.profile
    return years | {"years_source": source} if other else years


def _first_contact(view: Snapshot) -> np.ndarray | None:
    if "contacts" not in view.logs:
        return None
    log = view.logs["contacts"]
    rows, place = log.rows(view)
    first = np.full(len(view.who), NEVER, np.int64)
    np.minimum.at(first, place, log.day[rows])
    return np.where(first == NEVER, np.datetime64("NaT", "D"), first.astype("M8[D]"))


def _acquisition(view: Snapshot) -> Columns:
    """Return the cost of contacts up to the day of the first order, and of campaigns that won the customer."""
    if not {"contacts", POOLS} & view.logs.keys():
        return {}
    first = np.full(len(view.ledger.begin), NEVER, np.int64)
    first[view.who] = view.first().astype(np.int64)
    parts = [log.sums("cost", view, chosen=log.day <= first[log.who] if kind == "contacts" else log.values["won"] > 0)
             for kind, log in view.logs.items() if kind in ("contacts", POOLS)]
    return {"acquisition_cost": added(parts)}


# ---- logs ----

def _opportunities(view: Snapshot) -> Columns:
    log = view.logs["opportunities"]
    open_now = open_at(log, view.day)
    count = log.counts(view, open_now)
    out = {"opportunities": count, "opportunities_gross": log.sums("amount", view, chosen=open_now)}
    if "expected" in log.values:
        later = ended_later(log, view.day)
        out["opportunities_expected"] = log.sums("expected", view, chosen=open_now)
        if later:
            warn(f"opportunities: {many(later, 'probability', 'probabilities')} "
                 f"{'records' if later == 1 else 'record'} an outcome after {view.day}, so those of that day are not "
                 "known: opportunities_expected is NaN; give the probability as it stood while open")
            out["opportunities_expected"][count > 0] = np.nan
    return out


def _suggestions(view: Snapshot) -> Columns:
    log = view.logs["suggestions"]
    levels = log.values["level"].astype(str)
    known = _levels(view, log)
    recent = log.day >= _windows(view, 12)[0]
    return ({"suggestions": log.counts(view)}
            | {f"suggestions_{level}": log.counts(view, levels == level) for level in known}
            | {f"recent_suggestions_{level}": log.counts(view, (levels == level) & recent) for level in known})


def _levels(view: Snapshot, log: Log) -> list[str]:
    """Return the levels of all customers by the day, sorted: a part of the customers has the columns of the whole."""
    every: list[str] = np.unique(log.values["level"].astype(str)[log.day <= view.day.astype(np.int64)]).tolist()
    return every


def _contacts(view: Snapshot) -> Columns:
    return {"contacts": view.logs["contacts"].counts(view)}


def _receivables(view: Snapshot) -> Columns:
    log = view.logs["receivables"]
    unpaid, late = _unpaid(view)
    return {"owed": log.sums("amount", view, chosen=unpaid),
            "overdue": log.sums("amount", view, chosen=unpaid & (late > 0))} | {
        name: log.sums("amount", view, chosen=unpaid & (late > low) & (late <= high))
        for name, (low, high) in AGES.items()}


def _unpaid(view: Snapshot) -> tuple[np.ndarray, np.ndarray]:
    """Return a mask of the receivables open at the end of the day, and the days that each is past due."""
    log, today = view.logs["receivables"], view.day.astype(np.int64)
    return log.values.get("paid", np.full(len(log.day), NEVER)) > today, today - log.values["due"].astype(np.int64)


LOGS: dict[str, Callable[[Snapshot], Columns]] = {
    "opportunities": _opportunities, "suggestions": _suggestions, "receivables": _receivables, "contacts": _contacts}


def _credit(view: Snapshot, carrying: float | None, default: Sequence[float] | None) -> Columns:
    """Return the cost of credit: interest since the invoice on what is owed, and the loss expected by its age."""
    if carrying is None and default is None:
        return {}
    if "receivables" not in view.logs:
        raise DataError("carrying= and default= need the log of receivables: with_log(\"receivables\", ...)")
    log, (unpaid, late) = view.logs["receivables"], _unpaid(view)
    out = {}
    if carrying is not None:
        rate = _rate("carrying", carrying, 10.0)
        years = (view.day.astype(np.int64) - log.day).astype(float) / DAYS_OF_YEAR
        out["owed_carrying"] = log.sums(_core.expected_money(log.values["amount"], years, rate), view, chosen=unpaid)
    if default is not None:
        if len(default) != len(AGES):
            raise ConfigError(f"default= takes {len(AGES)} probabilities: of what is not due or up to 30 days late, 31 "
                              f"to 60, 61 to 90 and over 90 days late; got {len(default)}")
        probability = np.array([_rate("default", p, 1.0) for p in default])
        band = np.searchsorted([high for _, high in AGES.values()][:-1], late)
        out["owed_expected_loss"] = log.sums(log.values["amount"] * probability[band], view, chosen=unpaid)
    return out


def _rate(argument: str, value: float, most: float) -> float:
    number = setting(value)
    if number is None or not 0 <= number <= most:
        raise ConfigError(f"{argument}= takes numbers from 0 to {most:g}, got {in_short(value)}")
    return number


# ---- surveys ----

def _satisfaction(view: Snapshot, scale: tuple[float, float] | str | None, answers: str) -> Columns:
    """Return the number of answers, and the last one or their weighted mean."""
    choice("answers", answers, ("last", "ewma"))
    if "surveys" not in view.logs:
        if scale is not None:
            raise DataError('scale= needs the log of surveys: with_log("surveys", ...)')
        return {}
    log = view.logs["surveys"]
    rows, place = log.rows(view)
    _, (value,), row, begin, end, first = _core.ledger(place, log.day[rows], (log.values["answer"][rows],), True)
    value = _scaled(value, scale, rows[row])
    out = np.full(len(view.who), np.nan)
    out[place[first]] = value[end - 1] if answers == "last" else _decayed_mean(value, begin, end)
    return {"surveys": log.counts(view), "satisfaction": out}


def _decayed_mean(value: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the mean of each run, in which an answer has half the weight of the next one."""
    by_place = np.argsort(begin)                     # runs are contiguous
    weight = np.exp2(np.arange(len(value)) + 1.0 - np.repeat(end[by_place], (end - begin)[by_place]))
    weighed = _core.totals(value * weight, begin, end)
    return np.asarray(_core.ratio(weighed, _core.totals(weight, begin, end)))


def _scaled(value: np.ndarray, scale: tuple[float, float] | str | None, rows: np.ndarray) -> np.ndarray:
    """Return answers on 0 to 100, or for "nps" 100, 0, -100; raise for those off the scale."""
    low, high = (0.0, float(MOST)) if scale == "nps" else (-np.inf, np.inf) if scale is None else _ends(scale)
    off = np.flatnonzero((value < low) | (value > high))
    if off.size:
        raise DataError(f"surveys: {off.size:,} of {len(value):,} answers lie outside {low:g} to {high:g}, the "
                        f"first in row {rows[off[0]]:,}: {value[off[0]]:g}\n"
                        "  Correct them, or pass the scale of the survey.")
    if scale == "nps":
        return np.where(value >= PROMOTER, 100.0, np.where(value >= PASSIVE, 0.0, -100.0))
    return value if scale is None else np.asarray((value - low) / (high - low) * 100.0)


def _ends(scale: tuple[float, float] | str) -> tuple[float, float]:
    ends = [end for value in scale if (end := setting(value)) is not None] if isinstance(scale, tuple | list) else []
    if len(ends) != 2 or len(scale) != 2 or not ends[0] < ends[1]:
        raise ConfigError(f'scale={in_short(scale)}: expected (lowest, highest), such as (1, 5), or "nps"')
    return ends[0], ends[1]


# ---- value to the customer, from columns of the profile ----

def _perceived(view: Snapshot, out: Columns) -> Columns:
    """Return delivered, perceived and potential value, as far as the profile has their columns."""
    known = {name: _numbers(view, name) for name in
             ("benefits", "price", "after_cost", "reservation_price", "share_of_wallet") if name in view.profile}
    found: Columns = {}
    if {"benefits", "price", "after_cost"} <= known.keys():
        found["delivered_value"] = _core.margin(known["benefits"], known["price"], known["after_cost"])
    if {"reservation_price", "price"} <= known.keys():
        found["perceived_value"] = _core.margin(known["reservation_price"], known["price"], 0.0)
    if {"delivered_value", "perceived_value"} <= found.keys():
        found["delivery_gap"] = _core.margin(found["delivered_value"], found["perceived_value"], 0.0)
    realised = out.get("margin", out.get("amount"))
    if "share_of_wallet" in known and realised is not None:
        found[REALISED] = realised
        found["potential_value"] = _core.ratio(realised, _shares(view, known["share_of_wallet"]))
        found["potential_gap"] = _core.margin(found["potential_value"], realised, 0.0)
    return found


def _numbers(view: Snapshot, name: str) -> np.ndarray:
    """Return a column of the profile as numbers, NaN where missing."""
    column = np.asarray(view.profile[name])[view.who]
    if column.dtype.kind in "fiu":
        return np.asarray(column, float)
    out = [number_of(value) for value in column.tolist()]
    for row, value in enumerate(out):
        if value is None:
            raise DataError(f"profile, column {name!r}: customer {plain(view.customers[row])} has "
                            f"{in_short(column[row])}, no number\n  Make it one, or leave it empty where it is not "
                            "known.")
    return np.array(out, float)


def _shares(view: Snapshot, share: np.ndarray) -> np.ndarray:
    wrong = np.flatnonzero((share <= 0) | (share > 1))
    if wrong.size:
        raise DataError(f"profile, column 'share_of_wallet': {wrong.size:,} of {len(share):,} values are no shares "
                        f"above 0 and up to 1, the first of customer {plain(view.customers[wrong[0]])}: "
                        f"{share[wrong[0]]:g}\n"
                        "  Correct them, or leave them empty where they are not known.")
    return share


# ---- events weighted by age ----

def weighted(view: Snapshot, events: WeightedEvents) -> Columns:
    """Return the columns of events weighted by age, of a card or of pairs (event, age)."""
    out: Columns = {}
    pairs = events.events if isinstance(events, Card) else events
    if not isinstance(pairs, Sequence) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise ConfigError(f"events={in_short(events)}: pass a card, whose measures weight events by age")
    for event, age in pairs:
        if event in OF_ORDERS:
            out[age.of(event)] = view.total(event, age=age)
        elif event in OF_LOGS:
            out |= _weighted_log(view, event, age)
        else:
            raise ConfigError(f"{event!r} has no window, half-life or decay, as it is not a sum over days; "
                              f"these are: {', '.join((*OF_ORDERS, *OF_LOGS))}")
    return out


def _weighted_log(view: Snapshot, event: str, age: Age) -> Columns:
    kind, column = OF_LOGS[event]
    if kind not in view.logs:
        raise DataError(f"{event!r} is not known: the base has no log of {kind}; add it with "
                        f"base.with_log({kind!r}, ...)")
    log, name = view.logs[kind], age.of(event)
    if column and column not in log.values:
        raise DataError(f"{event!r} is not known: the log of {kind} has no probability")
    values = log.values[column] if column else np.ones(len(log.day))
    if kind == "opportunities":
        return {name: _weighted_open(log, view, values, age)}
    total = {name: log.sums(values, view, age=age)}
    if kind == "contacts":
        return total
    levels = log.values["level"].astype(str)
    known = _levels(view, log)
    return total | {f"{name}_{level}": log.sums(values, view, chosen=levels == level, age=age) for level in known}


def _weighted_open(log: Log, view: Snapshot, values: np.ndarray, age: Age) -> np.ndarray:
    """Return open opportunities; NaN where a probability records a later outcome, as in `attributes`."""
    open_now = open_at(log, view.day)
    sums = log.sums(values, view, chosen=open_now, age=age)
    if values is log.values.get("expected") and ended_later(log, view.day):
        sums[log.counts(view, open_now) > 0] = np.nan
    return sums
