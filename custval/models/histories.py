"""Histories from a base, a frame or arrays as plain columns, and the messages for invalid rows."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import FrameLike, Table, loses_digits
from .._broadcast import in_one_order, number_column
from .._dates import UNITS, split_unit
from .._formatting import plain
from .._tabular import aligned, demand, is_frame, labelled, rows_of, table
from .._validation import numbers, warn
from ..customers.data_report import unsaid
from ..customers.snapshot import HistorySource, Snapshot
from ..errors import ConfigError, DataError
from .clock import Clock

Customers: TypeAlias = HistorySource | FrameLike          # a base, or a frame with a row per customer
Data: TypeAlias = Customers | ArrayLike                   # or the first column of a history

Covariates: TypeAlias = tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]     # of purchase rates, of dropouts

SORTED = 30_000                # histories up to which the order of the rows does not change a bit of a fit
LIFETIMES = {"x": "frequency", "t_x": "recency", "T": "T", "n": "periods", "m_x": "monetary_value"}


class Histories(NamedTuple):
    """Columns of equal length, and where they came from."""

    columns: dict[str, np.ndarray]
    weights: np.ndarray | None
    source: str                               # "base", "frame", "cohorts" or "arrays"
    notes: tuple[str, ...] = ()
    ids: Callable[[], np.ndarray | None] = lambda: None           # read for messages only
    covariates: Covariates = ((), ())
    end: np.datetime64 | None = None          # last day of a base

    @property
    def customers(self) -> np.ndarray | None:
        """Return the ids of the rows, if they have any."""
        return self.ids()


def snapshot_of(data: Data | None) -> Snapshot | None:
    """Return the snapshot of a base, None for other data."""
    snapshot = getattr(data, "snapshot", None)
    return snapshot if isinstance(snapshot, Snapshot) else None


def drawn_at(data: Data) -> tuple[np.ndarray, ...]:
    """Return the rows of a seed at which the customers of a base are drawn, in a part of it as in the whole."""
    view = snapshot_of(data)
    return () if view is None else (view.who,)


def read_histories(data: Data, rest: Mapping[str, ArrayLike | None], weights: ArrayLike | str | None,
                   unit: str | None, covariates: Covariates = ((), ()), clock: Clock | None = None) -> Histories:
    """Return the columns x and those of `rest`; customers of a base or a frame without a purchase are left out."""
    histories = read(data, rest, weights, unit, clock=clock)
    rows = len(histories.columns["x"])
    for column in sum(covariates, ())[:1]:
        if len(column) != rows:
            raise DataError(f"covariates have {len(column):,} rows, x has {rows:,}")
    histories = histories._replace(covariates=covariates)
    if histories.source == "arrays":
        return histories
    c = histories.columns
    return leave_out(histories, np.isnan(c["n" if "n" in c else "T"]) & (c["x"] == 0), "have no purchase", data)


def read(data: Data, rest: Mapping[str, ArrayLike | None], weights: ArrayLike | str | None, unit: str | None,
         first: str = "x", clock: Clock | None = None) -> Histories:
    """Return the columns x (or another `first`) and those of `rest` from a base, a frame or single arrays."""
    names = [first, *rest]
    if any(column is not None for column in rest.values()):
        return _from_arrays(names, (data, *rest.values()), weights)
    view = snapshot_of(data)
    if view is not None:
        columns = _of_base(names, view, unit, clock)
        found = Histories(columns, None, "base", ids=lambda: view.customers, end=view.day)
        return found if weights is None else _checked(found, aligned(view.row_labels(), weights, "weights"))
    if isinstance(data, list | tuple) or (hasattr(data, "dtype") and getattr(data.dtype, "names", None) is None):
        raise DataError(f"{first} came without {' and '.join(rest)}: pass {', '.join(names)}, "
                        "a summary or a CustomerBase")
    demand_calendar(clock, data)
    return _from_frame(names, data, weights)


class Dated(dict[str, np.ndarray]):
    """Histories in the time of a model with a clock, as of a day."""

    day: np.datetime64


def demand_calendar(clock: Clock | None, data: Data) -> None:
    """Raise for a frame of histories with a clock: it has lengths of time, without the days that they span."""
    if clock is not None and not isinstance(data, Dated):
        raise ConfigError("a model with a clock needs the days of the purchases, which a summary does not have: pass "
                          "the CustomerBase")


def columns_of(names: tuple[str, ...], given: tuple[Data | None, ...], unit: str | None,
               clock: Clock | None = None) -> tuple[Any, ...]:
    """Return the columns of the histories of a prediction: as given, or those of a base or summary given alone."""
    data, missing = given[0], [name for name, column in zip(names, given, strict=True) if column is None]
    if not missing:
        return _numbers(names, in_one_order(given, ", ".join(names)))
    view = snapshot_of(data)
    if data is None or len(missing) < len(names) - 1 or not (is_frame(data) or view):
        raise TypeError(f"{' and '.join(missing)} missing: pass {', '.join(names)}, or a CustomerBase or summary alone")
    if view is None:
        demand_calendar(clock, data)
        if unit is not None and "T" in names:
            same_unit(unit_of(data), unit)
        opened = table(data)
        theirs = taken(names, opened.names)
        _demand_all(opened, theirs)
        return _numbers(theirs.values(), tuple(labelled(data, opened, name) for name in theirs.values()))
    if unit is None and "T" in names:
        raise ConfigError("the model has no unit, so it cannot take times from a base: pass unit= to it")
    return tuple(_of_base(names, view, unit, clock).values())


def _numbers(names: Iterable[str], columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the columns if each holds numbers."""
    return tuple(number_column(column, name) for name, column in zip(names, columns, strict=True))


def _demand_all(opened: Table, taken: Mapping[str, str]) -> None:
    for name in taken.values():
        if name not in opened.names:
            raise DataError(f"column {name!r} is not in the frame: a history is {', '.join(taken.values())}\n"
                            f"  columns: {', '.join(map(plain, opened.names))}")


def unit_of(data: Data) -> str | None:
    """Return the unit of a summary if it carries one: in its column unit, or in the ``attrs`` of pandas."""
    attrs = getattr(data, "attrs", None)
    found = {attrs["unit"]} if isinstance(attrs, Mapping) and attrs.get("unit") is not None else set()
    read_once = hasattr(data, "__arrow_c_stream__") and not isinstance(data, Sized)
    if is_frame(data) and not read_once and "unit" in (opened := table(data)).names:
        found |= set(opened.array("unit").tolist())
    if len(found) > 1:
        raise DataError(f"the summary has several units, {', '.join(sorted(map(plain, found)))}: one frame has times "
                        "in one unit; base.summary(unit=)")
    unit = next(iter(found), None)
    if unit is None or (isinstance(unit, str) and unit[:1] in UNITS and unit[1:2] in ("", "-")):
        return unit
    raise DataError(f"column 'unit' holds {plain(unit)}, which is no unit of time ({', '.join(UNITS)}): rename the "
                    "column if it is not the unit of t_x and T")


def same_unit(theirs: str | None, mine: str | None) -> None:
    """Raise if a summary is known to be in another unit than the model."""
    if theirs is not None and mine is not None and split_unit(theirs)[0] != split_unit(mine)[0]:
        raise DataError(f"this summary is in {theirs}, the model is in {mine}. Use base.summary(unit={mine!r}).")


def _of_base(names: Sequence[str], view: Snapshot, unit: str | None, clock: Clock | None) -> dict[str, np.ndarray]:
    unit = unit or view.provenance.unit
    view.refuse_holdout("histories")
    if {"SS", "m_x", "mean", "log_mean"} & set(names):
        return view.spend_history(names)
    if "n" in names:
        return view.opportunities(unit)
    return view.histories(names, unit, None if clock is None else clock.times(view))


def column_of(frame: Any, name: str) -> Any:
    """Return a column of a history in a frame, with its labels; also by the name that lifetimes gives it."""
    opened = table(frame)
    return labelled(frame, opened, taken((name,), opened.names)[name])


def taken(names: Sequence[str], there: Iterable[str]) -> dict[str, str]:
    """Return the columns to read, those of lifetimes if there is no x."""
    theirs = "x" in names and "x" not in there and "frequency" in there
    return {name: LIFETIMES.get(name, name) if theirs else name for name in names}


def _from_arrays(names: list[str], columns: tuple[Data | None, ...],
                 weights: ArrayLike | str | None) -> Histories:
    missing = [name for name, column in zip(names, columns, strict=True) if column is None]
    if missing:
        raise DataError(f"{' and '.join(missing)} missing: a history is {', '.join(names)}")
    rows = rows_of(*columns, weights)
    arrays = {name: numbers(aligned(rows, column, name), name) for name, column in zip(names, columns, strict=True)}
    given = None if weights is None else numbers(aligned(rows, weights, "weights"), "weights")
    return _checked(Histories(arrays, None, "arrays"), given)


def _from_frame(names: list[str], frame: Data, weights: ArrayLike | str | None) -> Histories:
    opened = table(frame)
    own, notes = taken(names, opened.names), tuple[str, ...]()
    if "x" in own and own["x"] not in opened.names:
        raise DataError(f"column 'x' is not in the frame: a model takes histories, {', '.join(names)}; make "
                        "a base of an order log first, cv.CustomerBase(orders, customer=, time=)")
    if own.get("x", "x") != "x":
        notes = (f"columns {', '.join(own.values())} were read as {', '.join(names)}, as lifetimes defines them",)
    if "litt" in names and "litt" not in opened.names:
        raise DataError(f"the frame has no column 'litt'\n  {REMEDY['litt']}")
    _demand_all(opened, own)
    if isinstance(weights, str):
        demand(opened, weights, "weights")
        weights = opened.array(weights)
    elif weights is not None:
        weights = aligned(opened, weights, "weights")
    columns = {name: numbers(opened.array(theirs), name) for name, theirs in own.items()}
    known = "customer" in opened.names
    return _checked(Histories(columns, None, "frame", notes, lambda: opened.array("customer") if known else None),
                    weights)


def _checked(histories: Histories, weights: ArrayLike | None) -> Histories:
    """Return the histories with weights; raise for columns that are not numbers, or of different lengths."""
    columns = histories.columns | ({} if weights is None else {"weights": numbers(np.asarray(weights), "weights")})
    first, column = next(iter(columns.items()))
    n = len(column) if column.ndim else 0
    for name, column in columns.items():
        if column.dtype.kind not in "fiu" or column.ndim != 1 or column.dtype.itemsize > 8:
            raise DataError(f"{name} is not a column of numbers: it has {column.ndim} dimensions and holds "
                            f"{column.dtype}")
        if len(column) != n:
            raise DataError(f"{name} has {len(column):,} rows, {first} has {n:,}")
        if loses_digits(column):
            raise DataError(f"{name} holds integers beyond 2**53, which lose digits; no count or time is this large")
    given = columns.pop("weights", None)
    return histories._replace(columns=columns, weights=given)


def sorted_rows(columns: tuple[np.ndarray, ...], weights: np.ndarray | None, covariates: Covariates,
                ) -> tuple[tuple[np.ndarray, ...], np.ndarray | None, Covariates]:
    """Return the rows of a fit in an order that depends on their values only, if there are few.

    Sums of doubles depend on the order of their terms, so the same rows in another order would change the last bits.
    """
    if not 1 < len(columns[0]) <= SORTED:
        return columns, weights, covariates
    order = np.lexsort((*columns, *sum(covariates, ()), *(() if weights is None else (weights,))))
    rates, dropouts = (tuple(column[order] for column in part) for part in covariates)
    return (tuple(column[order] for column in columns), None if weights is None else weights[order],
            (rates, dropouts))


def mixed(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return a number for each row of columns of doubles, equal for equal rows and else as good as random."""
    words = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        words = (words ^ column.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        words ^= words >> np.uint64(29)
    return words


def leave_out(histories: Histories, out: np.ndarray, why: str, data: Data) -> Histories:
    """Return the histories without the rows `out`, and warn with their number, once for a base."""
    count = int(np.count_nonzero(out))
    if count == 0:
        return histories
    note = f"{count:,} of {len(out):,} customers {why}: left out of the fit"
    for new in unsaid(snapshot_of(data), [note]):
        warn(new)
    keep = ~out
    columns = {name: column[keep] for name, column in histories.columns.items()}
    weights = None if histories.weights is None else histories.weights[keep]
    rates, dropouts = (tuple(column[keep] for column in part) for part in histories.covariates)
    return histories._replace(columns=columns, weights=weights, ids=lambda: _kept(histories, keep),
                              covariates=(rates, dropouts), notes=(*histories.notes, note))


def _kept(histories: Histories, keep: np.ndarray) -> np.ndarray | None:
    ids = histories.customers
    return None if ids is None else ids[keep]


FAULTS = {                                  # of _core, in words; some differ by column
    "missing": "missing or infinite", "negative": "negative", "fraction": "no whole number of {what}",
    "uncountable": "more {what} than can be counted", "not_positive": "zero or negative although x > 0",
    "spread_of_one": "above zero although n = 1", "logs_of_nothing": "not zero although x = 0",
    "logs_too_large": "more than the logs of x gaps that add up to t_x",
    "log_too_large": "more than the log of the mean", "log_of_one": "not the log of the mean although n = 1",
    "more_than_offered": "more opportunities than n",
    "more_than_used": "more purchases than opportunities up to the last one used",
    "after_end": "after the end of observation T", "zero": "zero although x > 0",
    "above_zero": "above zero although x = 0",
}
REMEDY = {
    **dict.fromkeys(("log_mean", "log_SS"), "n counts purchases above 0, mean and log_mean are the means of their "
                                            "amounts and of the natural logs of these, log_SS the sum of squares "
                                            "about log_mean, 0 when n = 1. Correct these rows or leave them out."),
    **dict.fromkeys(("n", "mean", "SS"), "n counts purchases, mean is that of their margins, SS the sum of squares "
                                         "about it, 0 when n = 1. Correct these rows or leave them out."),
    "litt": "litt is the sum of the natural logs of the x gaps between purchases, in the unit of t_x; 0 when x = 0. "
            "A CustomerBase computes it: fit(base).",
    "m_x": "Leave such customers out, or take money net of refunds; a margin that can be negative is not spend. "
           "Do not shift the values.",
    "weights": "Weights count customers with one history: zero or more, whole or not.",
}
ORDER = ("x counts repeat purchases, t_x and T are ages at the last one and at the end, all from the first purchase "
         "and in one unit; t_x = 0 when x = 0. Correct these rows or leave them out.")
SPENT = ("x counts repeat purchases, m_x is their mean amount; not read where x = 0. Correct these rows or leave them "
         "out.")
USES = ("n counts opportunities, x those that were used, t_x is the number of the last one used, 0 if none was. "
        "Correct these rows or leave them out.")


def refuse(model: str, histories: Histories) -> DataError:
    """Return the error for histories that the core refused: the first fault's column, five rows, customers, remedy."""
    columns, weights = dict(histories.columns), histories.weights
    fault = _core.invalid_histories(model, tuple(columns.values()), weights)
    if fault is None or fault[0] == "too_large":
        return DataError("a value is too large for arithmetic: no amount, time or count is this large")
    if weights is not None:
        columns["weights"] = weights
    reason, place, rows = fault
    name, counted = list(columns)[place], {"t_x", "n"} <= set(columns)
    what = FAULTS[reason].format(what="opportunities" if counted and name != "x" else "purchases")
    lines = [f"column {name!r}: {len(rows):,} of {len(columns[name]):,} values are {what}"]
    for row in rows[:5].tolist():
        values = ", ".join(f"{k}={column[row]:g}" for k, column in columns.items())
        owner = "" if histories.customers is None else f"   customer {plain(histories.customers[row])}"
        lines.append(f"  row {row:,}   {values}{owner}")
    named = "log_mean" if "log_mean" in columns and name != "weights" else name
    usual = SPENT if "m_x" in columns else ORDER
    return DataError("\n".join([*lines, f"  {USES if counted and name != 'weights' else REMEDY.get(named, usual)}"]))
