"""Extend a base by further orders, to the bits of a base that is read from all rows at once."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .._arrays import Arrays, DateLike, FrameLike, Table
from .._dates import as_day
from .._formatting import many
from .._ids import SHOWN, ids_of, match, numbered, shown_ids
from .._row_report import shorten
from .._tabular import table
from .._validation import sum_of, warn
from ..errors import ConfigError, DataError
from .cost_pools import KIND as POOLS
from .event_logs import UNMATCHED
from .ledger import Ledger, build
from .order_log import ALL_ROWS, Amounts, Orders, read_orders
from .order_options import Note
from .snapshot import Snapshot

ALIKE = 0.5                                # share of rows without order ids that equal earlier ones, not by chance


def appended(view: Snapshot, orders: FrameLike, end: DateLike | None) -> Snapshot:
    """Return the snapshot of the log with further orders, as one that was read from all rows at once."""
    known = view.provenance
    if view.start is not None or view.chosen is not None:
        raise ConfigError("append: a holdout or a part of the customers takes no further orders; append to the whole "
                          "base, then call split or where")
    if POOLS in view.logs:
        raise ConfigError("append: the shares of costs allocated by with_pool depend on all orders; append to the base "
                          "before with_pool")
    _carried(view)
    if known.filled:
        raise ConfigError(f"append: {ALL_ROWS}")
    read = read_orders(orders, known.reading._replace(further=True))
    if read.zone != known.zone and len(read.ledger.tick):
        raise DataError(f"append: column {known.reading.names['time']!r} has the zone {read.zone or 'none'}, the base "
                        f"{known.zone or 'none'}; convert it first, or pass tz= to CustomerBase")
    ledger, ids, fresh = _joined(view, read)
    money = None if known.money is None or read.money is None else Amounts(
        _both(known.money.all, read.money.all), _added(known.money.dropped, read.money.dropped))
    provenance = known._replace(
        read=known.read + read.rows, dropped=_added(known.dropped, read.dropped), money=money,
        examples={reason: tuple(dict.fromkeys(known.examples.get(reason, ()) + read.examples.get(reason, ())))[:SHOWN]
                  for reason in {**known.examples, **read.examples}},
        notes=_noted(known.notes, read.notes, known.reading.names.get("currency")),
        end_given=known.end_given or end is not None)
    whole = Snapshot(ledger, ids, np.arange(ids.rows), ledger.begin, ledger.end,
                     ledger.days(np.int32(ledger.latest)), provenance, logs=view.logs,
                     profile={name: _longer(view.ids, column, fresh) for name, column in view.profile.items()})
    day = as_day(end, "end") if end is not None else view.day if known.end_given else None
    return whole if day is None else whole.until(day)


def _carried(view: Snapshot) -> None:
    """Raise where rows of a log or profile were excluded that could belong to customers of further orders."""
    for kind, log in view.logs.items():
        if log.dropped.get(UNMATCHED):
            raise ConfigError(f"append: {log.dropped[UNMATCHED]:,} rows of {kind} belong to customers without an "
                              "order, who may have one now; append to the base before with_log")
    if view.provenance.unmatched:
        raise ConfigError(f"append: {view.provenance.unmatched:,} rows of the profile belong to customers without an "
                          "order, who may have one now; append to the base before with_profile")


def _joined(view: Snapshot, read: Orders) -> tuple[Ledger, Table, int]:
    """Return the ledger and the ids of both logs, and the number of new customers.

    Rows that are equal to the last bit keep their order, as those of the base stand first.
    """
    old, new = view.ledger, read.ledger
    whole = replace(view, who=np.arange(view.ids.rows), begin=old.begin, end=old.end)
    later = replace(whole, ledger=new, ids=read.ids, who=np.arange(read.ids.rows), begin=new.begin, end=new.end)
    (rows, who), (more, whose) = whole.lines(), later.lines()
    places, ids = _placed(view.ids, read.ids, "customer")
    codes, labels = {}, {}
    for name, first, second in (("orders", old.order, new.order), ("products", old.product, new.product)):
        if first is not None and second is not None:
            goes_to, labels[name] = _placed(old.labels[name], new.labels[name], "value")
            theirs = second[more].astype(np.int64)
            codes[name] = np.concatenate([first[rows].astype(np.int64),
                                          np.where(theirs < 0, -1, goes_to[theirs]) if len(goes_to) else theirs])
    columns = {name: np.concatenate([column[rows], new.columns[name][more]]) for name, column in old.columns.items()}
    customer, tick = np.concatenate([who, places[whose]]), np.concatenate([old.tick[rows], new.tick[more]])
    again = _repeated([customer, tick, *codes.values(), *columns.values()], len(rows))
    if len(again) > (0 if "orders" in codes else ALIKE * len(more)):
        of = f" of {many(len(np.unique(codes['orders'][again])), 'order')}" if "orders" in codes else ""
        shown = ", ".join(shown_ids(ids_of(ids, "customer")[customer[again]].tolist()))
        warn(f"append: {many(len(again), 'row')}{of} equal rows that the base has already, and count twice, such as "
             f"those of customer {shown}\n  Leave out what was read before.")
    ledger, _ = build(customer, tick, columns, codes, old.grain, labels)
    return ledger, ids, ids.rows - view.ids.rows


def _repeated(keys: list[np.ndarray], known: int) -> np.ndarray:
    """Return the places of rows that equal one of the `known` first ones in every key: customer, time and others."""
    tick = keys[1]
    both = (tick >= tick[known:].min(initial=tick[:known].max() + 1)) & (tick <= tick[:known].max())
    some = np.flatnonzero(both)
    row = np.zeros(len(some), np.int64)
    for key in keys:
        code = numbered(key[some].view(np.int64) if key.dtype.kind == "f" else key[some].astype(np.int64))[0]
        row = numbered(row * (int(code.max(initial=0)) + 1) + code)[0]
    return np.asarray(some[(some >= known) & np.isin(row, row[some < known])])


def _placed(old: Table, new: Table, name: str) -> tuple[np.ndarray, Table]:
    """Return the place of each value of a new table in both joined, and the table of both: old ones, then new ones."""
    place = match(ids_of(old, name), ids_of(new, name), name)
    fresh = np.flatnonzero(place < 0)
    place[fresh] = old.rows + np.arange(len(fresh))
    return place, table(old.stack(new, fresh)) if len(fresh) else old


def _both(first: float, more: float) -> float:
    return sum_of(np.array([first, more]))


def _added(first: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return counts or sums of money by reason."""
    zero = 0 if all(isinstance(value, int) for value in (*first.values(), *more.values())) else 0.0
    add = (lambda a, b: a + b) if zero == 0 and isinstance(zero, int) else _both
    return {reason: add(first.get(reason, zero), more.get(reason, zero)) for reason in {**first, **more}}


def _noted(first: Mapping[str, list[Note]], more: Mapping[str, list[Note]],
           currency: str | None) -> dict[str, list[Note]]:
    """Return the lines of the data report of both logs."""
    out: dict[str, list[Note]] = {}
    for label in {**first, **more}:
        found: dict[tuple[str, str], Note] = {}
        for note in (*first.get(label, ()), *more.get(label, ())):
            same = found.get((note.before, note.after))
            rows = note.rows if same is None or note.rows is None or same.rows is None else same.rows + note.rows
            money = note.money if same is None or note.money is None or same.money is None else _both(
                same.money, note.money)
            found[note.before, note.after] = note._replace(rows=rows, money=money)
        out[label] = list(found.values())
        own = [note.before for note in out[label] if note.rows is None]
        if label == "currency" and len(own) > 1:
            raise DataError(f"append: column {currency!r} has {shorten(own[1])}, the base is in {shorten(own[0])}; "
                            "pass rates= to CustomerBase")
    return out


def _longer(ids: Table, column: Any, fresh: int) -> Any:
    """Return a column of the profile with missing values for new customers."""
    rows = np.append(np.arange(ids.rows), np.full(fresh, -1))
    opened = Arrays({"column": column}) if isinstance(column, np.ndarray) else table(ids.new({"column": column}))
    return opened.pick("column", rows)
