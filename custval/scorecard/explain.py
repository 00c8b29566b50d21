"""Explain the score of one customer, in exact fractions."""
from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from .._arrays import Table
from .._core import MISSING_APART, MISSING_LEFT_OUT
from .._formatting import Printed, many, nearest, plain
from .._ids import is_missing
from .._validation import in_short
from ..errors import DataError
from .columns import column_values, demand_column
from .compile import Card, Measure, policy, rounded_at, shares_of
from .exact import shown
from .indicator import share_of
from .review_status import Effective, by_hand
from .rule import Column, Term, within
from .rules import approved_column, level_text
from .scoring import score, with_approved

HEAD = ("indicator", "measure", "value", "rule", "points", "weight", "weighted")
SIDES = "<<><>>>"
NONE = Fraction(0)
LARGEST_COUNT = 1e15                 # whole numbers below are shown in full
LARGEST_DENOMINATOR = 99             # of a fraction that is shown as one
NEAR = Fraction(1, 10**6)            # in units of the last digit: a distance from a half that the digits shown hide


class Line(NamedTuple):
    """A measure, or a change by caps, rounding or left-out measures; `weighted` adds up to the score."""

    indicator: str
    measure: str
    value: Any
    rule: str
    points: Fraction | None
    weight: Fraction | None
    weighted: Fraction


class Explanation(Printed):
    """The parts of the score of one customer, from `Scorecard.explain`; prints as a table.

    Attributes
    ----------
    card : str
        The name of the card.
    customer : object
        The id of the customer.
    rows : list of Line
        (indicator, measure, value, rule, points, weight, weighted); points and weights are fractions.
    score : float
        As `Scorecard.score` returns it; the sum of ``weighted`` over the rows is exactly this score. NaN for a
        customer without a score; the rows then show the points that are known.
    """

    def __init__(self, card: str, customer: object, rows: list[Line], score: float):
        self.card = card
        self.customer = customer
        self.rows = rows
        self.score = score

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, ready for JSON; fractions as floats.

        Examples
        --------
        >>> import custval as cv
        >>> points = cv.Indicator("sales", weight=1, measures={"amount": cv.rules.Linear(per=100)})
        >>> found = cv.Scorecard("value", [points]).explain({"customer": 7, "amount": 250.0}, customer=7)
        >>> found.to_dict()["score"], found.to_dict()["rows"][0]["weighted"]
        (2.5, 2.5)
        """
        return {"card": self.card, "customer": _plain(self.customer), "score": float(self.score),
                "rows": [{name: _plain(value) for name, value in row._asdict().items()} for row in self.rows]}

    def _cells(self) -> list[tuple[str, ...]]:
        cells, last = [], None
        for row in (row for row in self.rows if row.indicator != "score"):
            cells.append((row.indicator if row.indicator != last else "", row.measure, _value(row.value), row.rule,
                          _points(row.points), _points(row.weight), _points(row.weighted)))
            last = row.indicator
        return cells + self._totals()

    def _totals(self) -> list[tuple[str, ...]]:
        """Return the score before and after cap and rounding."""
        changes = [row for row in self.rows if row.indicator == "score"]
        total = sum((row.weighted for row in self.rows if row.indicator != "score"), NONE)
        if math.isnan(self.score):
            return [("score", "", "", "missing", "", "", "")]
        rows: list[tuple[str, ...]] = [("score", "", "", "sum" if changes else "", "", "", _decimal(total))]
        for row in changes:
            total += row.weighted
            words = {"cap": "capped", "floor": "at the floor"}.get(row.rule, row.rule)
            rows.append(("", "", "", words, "", "", _decimal(total)))
        return rows

    def _rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        return HEAD, self._cells()

    def _sides(self, columns: int) -> str:
        return SIDES

    def _title(self) -> str:
        return plain(f"{self.card}: customer {self.customer}")


def _plain(value: Any) -> Any:
    """Return a value that JSON has: missing ones as None, fractions as floats, dates as text."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or value != value:
        return None
    if isinstance(value, Fraction):
        return float(value)
    return value if isinstance(value, int | float | str) else str(value)


def explain(card: Card, one: Table, customer: object, reviews: Effective | None) -> Explanation:
    """Return the explanation of a table of one row."""
    total = score(card, one, reviews, points=False)[-1]
    assert total is not None
    values: dict[Column, Any] = {c: one.array(c.name)[0] if c.levels else float(column_values(one, c)[0])
                                 for c in card.compiled.reads}
    if reviews is not None:
        given = {m: reviews.values(m) for m, event in reviews.event.items() if m in by_hand(card) or event[0] >= 0}
        card = with_approved(card, given, {m: reviews.words(m, 0) for m in given})
        values |= {approved_column(m): float(points[0]) for m, points in given.items()}
    return explain_row(card, values, customer, float(total[0]))


def explain_row(card: Card, values: Mapping[Column, Any], customer: object, result: float) -> Explanation:
    """Return the explanation of one row of values; `result` is the score of the core."""
    parts = [_indicator(card, indicator.name, values) for indicator in card.indicators]
    if math.isnan(result):
        return Explanation(card.name, customer, [line._replace(weight=share_of(i)) for i, (lines, _) in
                                                 zip(card.indicators, parts, strict=True) for line in lines], result)
    known = [share_of(i) for i, (_, total) in zip(card.indicators, parts, strict=True) if total is not None]
    share = Fraction(1) if card.combine == "sum" else sum(known, NONE)
    rows, exact_total = [], NONE
    for indicator, (lines, total) in zip(card.indicators, parts, strict=True):
        weight = None if total is None else share_of(indicator) / share
        rows += [line._replace(weight=weight, weighted=(line.points or NONE) * (weight or NONE)) for line in lines]
        exact_total += (total or NONE) * (weight or NONE)
    capped = within(exact_total, card)
    rounded = rounded_at(card, "total", capped)
    rows += [Line("score", "", None, words, None, None, change) for words, change in (
        (_limit(capped - exact_total), capped - exact_total), (_rounded(card, capped), rounded - capped)) if change]
    if float(rounded) != result:
        raise AssertionError(f"the score is {result!r}, its explanation adds up to {float(rounded)!r}")
    return Explanation(card.name, customer, rows, result)


def _is_id(value: object) -> bool:
    """Return whether a value equals itself, as an id does; no column, no missing value."""
    return np.ndim(value) == 0 and not is_missing(value)                    # type: ignore[arg-type]


def row_of(table: Table, id: str, customer: object) -> int:
    """Return the row of a customer; raise unless there is exactly one."""
    demand_column(table.names, id, "the column of ids")
    ids = table.array(id)
    rows = np.flatnonzero(ids == customer) if _is_id(customer) else np.zeros(0, int)
    if len(rows) == 1:
        return int(rows[0])
    if len(rows):
        raise DataError(f"customer={customer!r}: {many(len(rows), 'row')} of column {id!r} have this id, the first are "
                        f"{rows[0]:,} and {rows[1]:,}\n  Keep one row per customer.")
    alike = [i for i in dict.fromkeys(ids.tolist()) if str(i) == str(customer)]
    near = nearest(customer, ids.tolist()) if isinstance(customer, str) else None
    hint = f"ids are {type(alike[0]).__name__} here: pass customer={alike[0]!r}" if alike else \
        f"did you mean {near!r}?" if near is not None else \
        f"pass one of the ids of column {id!r}, such as {ids[0]!r}; or name another column: id=" if len(ids) else \
        "the table has no row"
    raise DataError(f"customer={in_short(customer)}: no row of column {id!r} has this id\n  {hint}")


def _indicator(card: Card, name: str, values: Mapping[Column, Any]) -> tuple[list[Line], Fraction | None]:
    """Return the lines of an indicator and its points, None if all its measures are left out."""
    lines = [_measure(card, measure, values) for measure in card.measures if measure.indicator == name]
    known = [line.points for line in lines if line.points is not None]
    if not known:
        return lines, None
    indicator = next(i for i in card.indicators if i.name == name)
    total = sum(known, NONE)
    shares = shares_of(card, indicator)
    here = sum(share for share, line in zip(shares, lines, strict=True) if line.points is not None)
    spread = total * sum(shares) / here
    capped = within(spread, indicator)
    rounded = rounded_at(card, "indicator", capped)
    changes = ((f"{len(known)} of {len(lines)} measures known", spread - total),
               (_limit(capped - spread), capped - spread), (_rounded(card, capped), rounded - capped))
    return lines + [Line(name, "", None, words, change, None, NONE) for words, change in changes if change], rounded


def _measure(card: Card, measure: Measure, values: Mapping[Column, Any]) -> Line:
    """Return the line of a measure; its points are None if it is left out."""
    rule = measure.rule
    here = [values[c] for t in measure.terms for c in dict.fromkeys((t.select, t.factor)) if c is not None]
    if any(is_missing(v) for v in here):
        code, points = policy(card, measure.column, rule)
        if code in (MISSING_LEFT_OUT, MISSING_APART):
            words = "missing: left out" if code == MISSING_LEFT_OUT else "missing: no score"
            return Line(measure.indicator, measure.label, None, words, None, None, NONE)
        words = f"missing: {rule.missing or card.missing}"
        return Line(measure.indicator, measure.label, None, words, points, None, NONE)
    before = within(sum((_term(t, values) for t in measure.terms), NONE), rule)
    points = rounded_at(card, "measure", before)
    words = rule._words(here) + _near_edge(measure, values)
    words += f", {_rounded(card, before)}" if points != before else ""
    return Line(measure.indicator, measure.label, here[0], words, points, None, NONE)


def _term(term: Term, values: Mapping[Column, Any]) -> Fraction:
    value = values[term.select]
    k = term.select.levels.index(level_text(value)) if term.select.levels else bisect_right(term.edges, value)
    if term.factor is None or term.slopes[k] == 0:
        return term.points[k]
    return term.points[k] + term.slopes[k] * (Fraction(values[term.factor]) - Fraction(term.origins[k]))


def _near_edge(measure: Measure, values: Mapping[Column, Any]) -> str:
    """Return the distance to an edge below which a value lies that is shown as the edge, "" for others."""
    for term in measure.terms:
        value = values[term.select]
        for edge in term.edges if term.select.levels is None else ():
            if value < edge and _decimal(value) == _decimal(edge):
                return f", {float(Fraction(edge) - Fraction(value)):.1e} below {_decimal(edge)}"
    return ""


def _rounded(card: Card, points: Fraction) -> str:
    """Return "rounded", with the distance to a half that the decimals shown hide."""
    unit = Fraction(1, 10 ** (card.digits or 0))
    below = (unit / 2 - abs(points)) % unit
    return f"rounded: {float(below):.1e} below the half" if 0 < below < NEAR * unit else "rounded"


def _limit(change: Fraction) -> str:
    return "cap" if change < 0 else "floor"


def _value(value: object) -> str:
    return "" if value is None else _decimal(value) if isinstance(value, float) else str(value)


def _points(value: Fraction | None) -> str:
    """Return points or a weight as text: decimals and simple fractions such as 100/3 exactly."""
    if value is None:
        return ""
    text = shown(value)
    return text if "/" in text and value.denominator <= LARGEST_DENOMINATOR else _decimal(value)


def _decimal(value: Fraction | float) -> str:
    """Return a decimal of at most six places, or of six digits below 1 and beyond the whole numbers of doubles."""
    number = float(value)
    if 1 <= abs(number) < LARGEST_COUNT:
        return f"{number:,.6f}".rstrip("0").rstrip(".")
    return f"{number:.6g}"
