"""Columns of a table as a card reads them: checked against the card, and errors that name column, row and customer."""
from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from .. import _core
from .._arrays import Arrays, DateLike, FrameLike, Table
from .._broadcast import in_blocks
from .._core import MISSING_LEFT_OUT, MISSING_REFUSED, ROW_MISSING
from .._formatting import look, look_alike, nearest, plain
from .._ids import distinct, is_missing
from .._validation import beside, number_of, warn
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError, DataError
from .compile import Card, Compiled, Events, Measure, policy
from .exact import shown
from .indicator import Indicator, share_of
from .rule import Column, changed, read_only
from .rules import NOTHING, Grades, Manual, Quantiles, level_text

Scorable: TypeAlias = FrameLike | CustomerBase              # what a card scores

SHOWN_ROWS = 5
EXACT_INTEGER = 2**53
FORECAST = re.compile(r"sum_(\d+)([DWMQY])")


# ---- tables ----

class Part(Arrays):
    """Some rows of a table; errors cite their places in the whole table."""

    def __init__(self, table: Table, names: Sequence[str], rows: np.ndarray):
        super().__init__({name: table.array(name)[rows] for name in names})
        self.rows, self.places = len(rows), rows


def frame_of(data: Scorable, events: Events, as_of: DateLike | None = None) -> FrameLike:
    """Return a frame unchanged; for a base its attributes with these events, as known at the end of the day `as_of`."""
    if not isinstance(data, CustomerBase):
        return data
    frame: FrameLike = (data if as_of is None else data.as_of(as_of)).attributes(events=events)
    return frame


def day_of(data: Scorable, as_of: DateLike | None) -> DateLike | None:
    """Return `as_of`, by default the last day of a base."""
    return data.end if as_of is None and isinstance(data, CustomerBase) else as_of


# ---- columns ----

def column_values(table: Table, column: Column) -> np.ndarray:
    """Return a column as doubles, NaN where missing; levels are numbered in the order of the rule.

    A column of counts that the table lacks is 0; `check_columns` refuses any other missing column.
    """
    if column.name not in table.names:
        return np.zeros(table.rows)
    if column.log is not None:
        return np.asarray(in_blocks(_core.log_ratio, numbers_of(table, column.name), *column.log))
    return numbers_of(table, column.name) if column.levels is None else codes_of(table, column)


def numbers_of(table: Table, name: str) -> np.ndarray:
    """Return a column of numbers as doubles; text, dates and integers beyond 2**53 are refused."""
    values = table.array(name)
    if values.dtype == object:
        values = _from_objects(values, name)
    if values.dtype.kind not in "bfiu":
        raise DataError(f"column {name!r} holds {_kind(values)}, its rule takes numbers; for categories use Table "
                        "or Grades")
    if values.dtype.kind in "iu" and values.size and max(-int(values.min()), int(values.max())) > EXACT_INTEGER:
        raise DataError(f"column {name!r} holds integers beyond 2**53, which lose digits as floats")
    return np.ascontiguousarray(values, np.float64)


def codes_of(table: Table, column: Column) -> np.ndarray:
    """Return levels as 0.0, 1.0 ..., NaN where missing; an unknown level is an error."""
    levels = {level: float(k) for k, level in enumerate(column.levels or ())}
    at, present = table.categories(column.name) or distinct(table, column.name)
    absent = [is_missing(level) for level in present]
    texts = [level_text(level) for level in present]
    used = np.zeros(len(texts) + 1, bool)                   # the last place: a missing value, as -1 or the last code
    used[at] = True
    unknown = [k for k, text in enumerate(texts) if used[k] and not absent[k] and text not in levels]
    if unknown:
        rows = np.flatnonzero(np.isin(at, unknown))
        bad = texts[at[rows[0]]]
        near = difflib.get_close_matches(bad, list(levels), n=1, cutoff=0.5)
        raise DataError(
            f"column {column.name!r}: {len(rows):,} of {len(at):,} values are no level of its rule\n"
            + row_list(table, rows, [repr(texts[at[r]]) for r in rows[:SHOWN_ROWS]])
            + (f"\n  did you mean {near[0]!r}?" if near else "") + f"   levels: {', '.join(map(plain, levels))}")
    codes = [np.nan if lost else levels.get(text, np.nan) for text, lost in zip(texts, absent, strict=True)]
    return np.asarray(np.array([*codes, np.nan])[at])


def row_list(table: Table, rows: np.ndarray, values: Sequence[str] = ()) -> str:
    """Return up to five rows as lines: number from 0, value, customer."""
    customers = table.array("customer") if "customer" in table.names else None
    place = table.places if isinstance(table, Part) else np.arange(table.rows)
    lines = []
    for i, row in enumerate(rows[:SHOWN_ROWS]):
        value = f"   {values[i]}" if values else ""
        customer = "" if customers is None else f"   customer {plain(customers[row])}"
        lines.append(f"  row {place[row]:,}{value}{customer}")
    return "\n".join(lines) + ("\n  ..." if len(rows) > SHOWN_ROWS else "")


def demand_column(names: Sequence[str], name: str, where: str, remedy: str = "") -> None:
    """Raise if the table lacks a column that the card reads; suggest the nearest name."""
    if name in names:
        return
    near = nearest(name, names, cutoff=0.6)
    meant = f"did you mean {near!r}?   " if near is not None else ""
    raise ConfigError(f"{where} {name!r} is not in the table{remedy}\n  {meant}"
                      f"columns: {', '.join(map(plain, names))}")


def _from_objects(values: np.ndarray, name: str) -> np.ndarray:
    """Return objects as numbers; raise unless all are numbers or missing."""
    items = values.tolist()
    doubles = [double for v in items if (double := number_of(v)) is not None]
    if len(doubles) < len(items):
        raise DataError(f"column {name!r} holds text or objects, its rule takes numbers; for categories use Table "
                        "or Grades")
    if any(isinstance(v, int) and abs(v) > EXACT_INTEGER for v in items):
        raise DataError(f"column {name!r} holds integers beyond 2**53, which lose digits as floats")
    return np.array([beside(double, v) if isinstance(v, Decimal) and v.is_finite() else double
                     for double, v in zip(doubles, items, strict=True)], np.float64)


def _kind(values: np.ndarray) -> str:
    return {"U": "text", "S": "bytes", "M": "dates", "m": "durations", "c": "complex numbers"}.get(
        values.dtype.kind, str(values.dtype))


# ---- a card against itself ----

def weighed(card: Card, normalise: bool) -> tuple[Indicator, ...]:
    """Return the indicators with weights that sum to 1, or raise; ``combine="sum"`` takes no weights."""
    if card.combine == "sum":
        _check_sum(card)
        return card.indicators
    for indicator in card.indicators:
        if indicator.weight is None:
            raise ConfigError(f"indicator {indicator.name!r} has no weight; with combine = 'sum' none is needed")
    total = sum((share_of(i) for i in card.indicators), Fraction(0))
    if normalise and total > 0:
        return tuple(changed(i, weight=share_of(i) / total) for i in card.indicators)
    if abs(total - 1) > Fraction(1, 10**9):
        terms = " + ".join(f"{plain(i.name)} {shown(share_of(i))}" for i in card.indicators)
        raise ConfigError(f"weights sum to {shown(total)}, expected 1\n  {terms}.   Pass normalise=True to rescale.")
    return card.indicators


def _check_sum(card: Card) -> None:
    if any(share_of(i) != 1 for i in card.indicators):
        raise ConfigError("combine = 'sum' adds points as they are: it takes no weights but 1")
    if any(policy(card, c, r)[0] == MISSING_LEFT_OUT for i in card.indicators for c, r in i.measures.items()):
        raise ConfigError("missing = 'renormalise' shares weights, and combine = 'sum' has none")


def check_names(card: Card) -> None:
    """Raise if a result has the name of a column or of another result."""
    name = look_alike(card.columns, {c.name for m in card.measures for c in m.needs})
    if name is not None:
        raise ConfigError(f"a result of this card would be called {name!r}, which a column or another result "
                          "is called already: indicators need names of their own, a column has one measure")


# ---- a table against a card ----

def check_columns(card: Card, table: Table, again: bool = False) -> None:
    """Raise if a table lacks a column that the card reads, or, unless `again`, has a column that the card writes.

    A level without a column counts 0; without any such column a warning says so.
    """
    results = card.columns
    names = [name for name in table.names if not again or name not in results]
    for measure in card.measures:
        rule, needs = measure.rule, [c.name for c in measure.needs]
        if isinstance(rule, Manual):
            continue
        where = f"{card.source}: indicator {measure.indicator!r}, measure {measure.column!r}: "
        by_level = isinstance(rule, Grades) and rule.counts
        counts = [name for name in names if by_level and str(name).startswith(f"{measure.reads}_")]
        _check_levels(where, [name for name in counts if name not in {*needs, *results}], table)
        if by_level and not counts and measure.reads not in names:
            warn(f"{where}no column of counts, such as {needs[0]!r}, is in the table; every level counts 0")
        for needed in () if by_level else needs:
            key = "column" if needed == measure.reads else "times"
            demand_column(names, needed, where + key, _remedy(needed, measure, names))
    check_free(results, names)


def _check_levels(where: str, unknown: Sequence[str], table: Table) -> None:
    """Raise for counts above 0 of levels that the rule does not know; the level "none" has no points to lose."""
    lost = [name for name in unknown if not name.endswith(f"_{NOTHING}") and (numbers_of(table, name) > 0).any()]
    if lost:
        raise ConfigError(f"{where}counts of {', '.join(map(repr, lost))}, and the rule knows no such level; "
                          "give it points (0 is allowed), or rename the column")


def check_free(results: Sequence[str], names: Sequence[str]) -> None:
    """Raise if the table has a column that a card writes."""
    written = set(map(look, results))
    for name in names:
        if look(name) in written:
            raise ConfigError(f"the table has a column {name!r} already; drop or rename it, scores are not "
                              "written over it")


def _remedy(column: str, measure: Measure, names: Sequence[str]) -> str:
    """Return the source of a column of time-weighted events, of `forecast` or beside the orders, "" for others."""
    if measure.age:
        return "\n  it comes with base.attributes(events=card), or score the base itself"
    forecast = FORECAST.fullmatch(column)
    if forecast is not None:
        return ("\n  a forecast comes with base.attributes(join=cv.forecast(base, "
                f"periods={forecast[1]}, unit={forecast[2]!r}))")
    if not {"recency", "purchases", "orders"} <= set(names):                # no table of attributes
        return ""
    return ("\n  what orders do not tell comes with base.with_profile(frame) or base.with_log(kind, frame); orders "
            'alone suffice for cv.Scorecard.builtin("consumer")')


# ---- quantiles that a card learns ----

def demand_learnt(card: Card) -> None:
    """Raise if a card has cuts to learn."""
    for measure in card.measures:
        if isinstance(measure.rule, Quantiles):
            raise ConfigError(f"{card.source}: indicator {measure.indicator!r}, measure {measure.column!r}: its cuts "
                              "are not learnt yet; card = card.learn(base), then card.score(base)")


def learnt(card: Card, table: Table) -> list[Indicator]:
    """Return the indicators of a card with the cuts that the table defines."""
    steps = {(m.indicator, m.column): m.rule.learnt(m.reads, numbers_of(table, m.reads)) for m in card.measures
             if isinstance(m.rule, Quantiles)}
    return [changed(i, measures=read_only({c: steps.get((i.name, c), rule) for c, rule in i.measures.items()}))
            for i in card.indicators]


# ---- rows that a card refuses ----

def refusal(card: Compiled, table: Table, why: int, row: int, columns: Sequence[np.ndarray],
            rows: np.ndarray | None = None) -> DataError:
    """Return the error for the first row that the core could not score; `rows` are the places of the rows it took."""
    rows = np.arange(table.rows) if rows is None else rows
    values = dict(zip(card.columns, columns, strict=True))
    if why == ROW_MISSING:
        for measure, (code, _) in zip(card.measures, card.policies, strict=True):
            absent = np.any([np.isnan(values[c]) for c in measure.needs], axis=0)
            if code == MISSING_REFUSED and absent.any():
                return missing_error(table, [c.name for c in measure.needs], rows[absent])
    at = row_list(table, rows[[row]])
    here = ", ".join(f"{plain(c.name)} {float(values[c][row])!r}" for c in values if c.levels is None and c.log is None)
    return DataError(f"points pass what can be held\n{at}\n  {here}\n  Correct the value, or set cap= and floor=.")


def missing_error(table: Table, names: Sequence[str], rows: np.ndarray) -> DataError:
    """Return the error for rows in which a measure has no value."""
    named = " or ".join(map(repr, names))
    return DataError(
        f"column {named}: {len(rows):,} of {table.rows:,} values are missing\n" + row_list(table, rows)
        + '\n  Correct these rows, or give the rule or the card missing="zero", "lowest" or "renormalise".')
