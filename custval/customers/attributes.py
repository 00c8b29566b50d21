"""One row per customer with everything that a scorecard can use."""
from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from .. import _core
from .._dates import months_before
from .._formatting import plain
from .._validation import warn
from ..errors import ConfigError, DataError
from .cost_pools import KIND as POOLS
from .credit import of_credit, receivables
from .event_logs import NEVER, ended_later, open_at
from .perceived import perceived
from .profile import FIRST_CONTACT, read_same
from .snapshot import DAYS_OF_YEAR, Snapshot
from .surveys import satisfaction


def attributes(view: Snapshot, *, carrying: Any = None, default: Any = None, scale: Any = None,
               answers: str = "last") -> dict[str, Any]:
    """Return the columns of `CustomerBase.attributes`, without the ids."""
    if view.start is not None:
        raise DataError("a holdout has no attributes of its own; ask the whole base, or base.as_of(date)")
    x, _, T, *_ = view.ledger.histories(view.begin, view.end, view.day, "Y")
    recency = view.ledger.histories(view.begin, view.end, view.day, "D")[4]
    out = {"orders": view.orders(),
           "purchases": view.total("purchases").astype(np.int64), "x": x, "recency": recency}
    out |= _years(view)
    out |= {name: view.total(name) for name in ("amount", "cost", "marketing", "margin", "quantity")
            if view.knows(name)}
    if view.knows("products"):
        out["products"] = view.total("products").astype(np.int64)
    if view.knows("amount"):
        out |= _sales(view, out)
    if view.knows("margin"):
        out["margin_1y"] = view.total("margin", _windows(view, 12))[:, 0]
    out["repeat_rate"] = _core.ratio(x, T)
    for kind, ask in LOGS.items():
        if kind in view.logs:
            out |= ask(view)
    out |= _acquisition(view) | of_credit(view, carrying, default) | satisfaction(view, scale, answers)
    out |= perceived(view, out)
    clash = sorted({"customer", *out} & set(view.profile))
    if clash:
        raise DataError(f"the profile has a column {clash[0]!r}, which is there already; rename it")
    return out | {name: column[view.who] for name, column in view.profile.items()}


def joined(out: dict[str, Any], frame: Any, view: Snapshot) -> dict[str, Any]:
    """Return the columns of a frame with the customers in view, in their order."""
    columns = read_same(frame, view.customers, view.ids, "customer")
    clash = sorted(set(out) & set(columns))
    if clash:
        raise DataError(f"join: the column {clash[0]!r} is there already; rename it")
    return columns


def filled(out: dict[str, Any], fill: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return the columns that others fill where they are empty, and which one each value came from."""
    new: dict[str, np.ndarray] = {}
    for name, other in fill.items():
        for column in (name, other):
            if column not in out:
                raise ConfigError(f"fill: no column {column!r} among {', '.join(map(plain, out))}")
        own, stand_in = (np.asarray(out[column], float) for column in (name, other))
        empty = np.isnan(own)
        new[name] = np.where(empty, stand_in, own)
        new[f"{name}_source"] = np.where(np.isnan(new[name]), "", np.where(empty, other, name)).astype(object)
    return new


def _windows(view: Snapshot, *months: int) -> np.ndarray:
    """Return the edges (days) of the windows of so many months, the longest first, that end with `end`."""
    days = [months_before(view.day, m).astype(np.int64) for m in months]
    return np.array([*days, view.day.astype(np.int64) + 1], np.int32)


def _sales(view: Snapshot, out: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    before, this = view.total("amount", _windows(view, 24, 12)).T
    return {"mean_amount": _core.ratio(out["amount"], out["purchases"].astype(float)),
            "sales_1y": this, "sales_prev_1y": before, "sales_change": _core.change(this, before),
            "growth_1y": _core.growth(this, before),
            "sales_2y": view.total("amount", _windows(view, 24))[:, 0]}


def _years(view: Snapshot) -> dict[str, np.ndarray]:
    """Years since the first contact: the earliest of the profile, the contact log and the orders."""
    since, source = view.first(), np.full(len(view.who), "orders", object)
    for name, known in (("contacts", _first_contact(view)), ("profile", view.profile.get(FIRST_CONTACT))):
        if known is None:
            continue
        known = known if name == "contacts" else known[view.who]
        here = known <= since                             # never of NaT
        since, source = np.where(here, known, since), np.where(here, name, source)
    span = _core.change(view.day.astype(np.int64).astype(float), since.astype(np.int64).astype(float))
    years = {"years": _core.ratio(span, DAYS_OF_YEAR)}
    return years if (source == "orders").all() else years | {"years_source": source}


def _first_contact(view: Snapshot) -> np.ndarray | None:
    if "contacts" not in view.logs:
        return None
    log = view.logs["contacts"]
    rows, place = log.rows(view)
    first = np.full(len(view.who), NEVER, np.int64)
    np.minimum.at(first, place, log.day[rows])
    return np.where(first == NEVER, np.datetime64("NaT", "D"), first.astype("M8[D]"))


def _opportunities(view: Snapshot) -> dict[str, np.ndarray]:
    log = view.logs["opportunities"]
    open_now = open_at(log, view.day)
    count = log.counts(view, open_now)
    out = {"opportunities": count, "opportunities_gross": log.sums("amount", view, chosen=open_now)}
    if "expected" in log.values:
        later = ended_later(log, view.day)
        out["opportunities_expected"] = log.sums("expected", view, chosen=open_now)
        if later:
            warn(f"opportunities: the chances of {later:,} say how they ended after {view.day}, so those of that day "
                 "are not known: opportunities_expected is NaN; give the probability as it stood while open")
            out["opportunities_expected"][count > 0] = np.nan
    return out


def _suggestions(view: Snapshot) -> dict[str, np.ndarray]:
    log = view.logs["suggestions"]
    levels = log.values["level"].astype(str)
    known = np.unique(levels[log.rows(view)[0]]).tolist()                  # in order, and none of a later day
    recent = log.day >= _windows(view, 12)[0]
    return ({"suggestions": log.counts(view)}
            | {f"suggestions_{level}": log.counts(view, levels == level) for level in known}
            | {f"recent_suggestions_{level}": log.counts(view, (levels == level) & recent) for level in known})


def _contacts(view: Snapshot) -> dict[str, np.ndarray]:
    return {"contacts": view.logs["contacts"].counts(view)}


def _acquisition(view: Snapshot) -> dict[str, np.ndarray]:
    """Cost of contacts up to the day of the first order, and of campaigns by which the customer was won."""
    first = np.full(len(view.ledger.begin), NEVER, np.int64)
    first[view.who] = view.first().astype(np.int64)
    parts = [log.sums("cost", view, chosen=log.day <= first[log.who] if kind == "contacts" else log.values["won"] > 0)
             for kind, log in view.logs.items() if kind in ("contacts", POOLS)]
    return {"acquisition_cost": reduce(_core.relationship_cost, parts)} if parts else {}


LOGS: dict[str, Any] = {"opportunities": _opportunities, "suggestions": _suggestions,
                        "receivables": receivables, "contacts": _contacts}
