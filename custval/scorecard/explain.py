"""One customer's score taken apart, in exact fractions."""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from .._core import MISSING_LEFT_OUT
from .._formatting import html_table, many, plain, table
from .._ids import is_missing
from ..errors import DataError
from .columns import demand_column
from .compile import policy, rounded_at
from .exact import shown
from .rule import Column, Rule, Term, within
from .rules import level_text

HEAD = ("indicator", "measure", "value", "rule", "points", "weight", "weighted")
SIDES = "<<><>>>"
NONE = Fraction(0)
LARGEST_COUNT = 1e15                 # whole numbers below are shown in full
LARGEST_DENOMINATOR = 99             # of a fraction that is shown as one
NEAR = Fraction(1, 10**6)            # in units of the last digit: what the digits shown do not tell from a half


class Line(NamedTuple):
    """A measure, or what caps, rounding and left-out measures change; `weighted` adds up to the score."""

    indicator: str
    measure: str
    value: Any
    rule: str
    points: Fraction | None
    weight: Fraction | None
    weighted: Fraction


class Explanation:
    """How a score came about.

    Attributes
    ----------
    rows : list of Line
        (indicator, measure, value, rule, points, weight, weighted); points and weights are fractions.
    score : float
        As `Scorecard.score` gives it; the sum of ``weighted`` over the rows is exactly this score.
    """

    def __init__(self, card: str, customer: Any, rows: list[Line], score: float):
        self.card = card
        self.customer = customer
        self.rows = rows
        self.score = score

    def _cells(self) -> list[tuple[str, ...]]:
        cells, last = [], None
        for row in (row for row in self.rows if row.indicator != "score"):
            cells.append((row.indicator if row.indicator != last else "", row.measure, _value(row.value), row.rule,
                          _points(row.points), _points(row.weight), _points(row.weighted)))
            last = row.indicator
        return cells + self._totals()

    def _totals(self) -> list[tuple[str, ...]]:
        """Return the score before, and after, what cap and rounding do to it."""
        changes = [row for row in self.rows if row.indicator == "score"]
        total = sum((row.weighted for row in self.rows if row.indicator != "score"), NONE)
        rows: list[tuple[str, ...]] = [("score", "", "", "sum" if changes else "", "", "", _decimal(total))]
        for row in changes:
            total += row.weighted
            words = {"cap": "capped", "floor": "at the floor"}.get(row.rule, row.rule)
            rows.append(("", "", "", words, "", "", _decimal(total)))
        return rows

    def __repr__(self) -> str:
        return "\n".join([self._title(), *table(HEAD, self._cells(), SIDES)])

    def _title(self) -> str:
        return plain(f"{self.card}: customer {self.customer}")

    def _repr_html_(self) -> str:
        return html_table(self._title(), HEAD, self._cells())


def explain_row(card: Any, values: Mapping[Column, Any], customer: Any, score: float) -> Explanation:
    """Return the explanation of one row of values; `score` is what the core made of it."""
    parts = [_indicator(card, indicator, values) for indicator in card.indicators]
    known = [i._share for i, (_, total) in zip(card.indicators, parts, strict=True) if total is not None]
    share = Fraction(1) if card.combine == "sum" else sum(known, NONE)
    rows, exact_total = [], NONE
    for indicator, (lines, total) in zip(card.indicators, parts, strict=True):
        weight = None if total is None else indicator._share / share
        rows += [line._replace(weight=weight, weighted=(line.points or NONE) * (weight or NONE)) for line in lines]
        exact_total += (total or NONE) * (weight or NONE)
    capped = within(exact_total, card)
    rounded = rounded_at(card, "total", capped)
    rows += [Line("score", "", None, words, None, None, change) for words, change in (
        (_limit(capped - exact_total), capped - exact_total), (_rounded(card, capped), rounded - capped)) if change]
    if float(rounded) != score:
        raise AssertionError(f"the score is {score!r}, its explanation adds up to {float(rounded)!r}")
    return Explanation(card.name, customer, rows, score)


def row_of(table: Any, id: str, customer: Any) -> int:
    """Return the one row of a customer."""
    demand_column(table.names, id, "the column of ids")
    ids = table.array(id)
    rows = np.flatnonzero(ids == customer)
    if len(rows) == 1:
        return int(rows[0])
    alike = [] if len(rows) else [i for i in dict.fromkeys(ids.tolist()) if str(i) == str(customer)]
    hint = f"\n  ids are {type(alike[0]).__name__} here: pass customer={alike[0]!r}" if alike else ""
    raise DataError(f"column {id!r}: {many(len(rows), 'row')} with the value {customer!r}, expected one{hint}")


def _indicator(card: Any, indicator: Any, values: Mapping[Column, Any]) -> tuple[list[Line], Fraction | None]:
    """Return the lines of an indicator and its points, None if all its measures are left out."""
    lines, known = [], []
    for column, rule in indicator.measures.items():
        name = rule._reads(column)
        here = [values[c] for t in rule._summed(column) for c in dict.fromkeys((t.select, t.factor)) if c is not None]
        if any(is_missing(v) for v in here):
            code, points = policy(card, column, rule)
            left_out = code == MISSING_LEFT_OUT
            words = "missing: left out" if left_out else f"missing: {rule.missing or card.missing}"
            lines.append(Line(indicator.name, name, None, words, None if left_out else points, None, NONE))
        else:
            before, left_out = _measure(rule, column, values), False
            points = rounded_at(card, "measure", before)
            words = rule._words(here) + (f", {_rounded(card, before)}" if points != before else "")
            lines.append(Line(indicator.name, name, here[0], words, points, None, NONE))
        known += [] if left_out else [points]
    if not known:
        return lines, None
    total = sum(known, NONE)
    spread = total * len(lines) / len(known)
    capped = within(spread, indicator)
    rounded = rounded_at(card, "indicator", capped)
    for words, change in ((f"{len(known)} of {len(lines)} measures known", spread - total),
                          (_limit(capped - spread), capped - spread), (_rounded(card, capped), rounded - capped)):
        if change:
            lines.append(Line(indicator.name, "", None, words, change, None, NONE))
    return lines, rounded


def _measure(rule: Rule, column: str, values: Mapping[Column, Any]) -> Fraction:
    return rule._limited(sum((_term(t, values) for t in rule._summed(column)), NONE))


def _term(term: Term, values: Mapping[Column, Any]) -> Fraction:
    value = values[term.select]
    k = term.select.levels.index(level_text(value)) if term.select.levels else bisect_right(term.edges, value)
    if term.factor is None or term.slopes[k] == 0:
        return term.points[k]
    return term.points[k] + term.slopes[k] * (Fraction(values[term.factor]) - Fraction(term.origins[k]))


def _rounded(card: Any, points: Fraction) -> str:
    """Return that points are rounded, and by how little they miss a half that their decimals seem to show."""
    unit = Fraction(1, 10 ** (card.digits or 0))
    below = (unit / 2 - abs(points)) % unit
    return f"rounded: {float(below):.1e} below the half" if 0 < below < NEAR * unit else "rounded"


def _limit(change: Fraction) -> str:
    return "cap" if change < 0 else "floor"


def _value(value: Any) -> str:
    return "" if value is None else _decimal(value) if isinstance(value, float) else str(value)


def _points(value: Fraction | None) -> str:
    """Return points and weights: decimals and simple fractions such as 100/3 as they are."""
    if value is None:
        return ""
    text = shown(value)
    return text if "/" in text and value.denominator <= LARGEST_DENOMINATOR else _decimal(value)


def _decimal(value: Fraction | float) -> str:
    """Return a decimal of at most six places, of six digits if it is below 1 or beyond what doubles count."""
    number = float(value)
    if 1 <= abs(number) < LARGEST_COUNT:
        return f"{number:,.6f}".rstrip("0").rstrip(".")
    return f"{number:.6g}"
