"""One customer's score taken apart, in exact fractions."""
from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from .._ids import is_missing
from .._text import table
from .compile import MISSING_LEFT_OUT, policy, rounded_at
from .exact import shown
from .levels import level_text
from .rule import Column, Rule, Term

HEAD = ("indicator", "measure", "value", "rule", "points", "weight", "weighted")
SIDES = "<<><>>>"
NONE = Fraction(0)
LONGEST_FRACTION = 9


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
        for row in self.rows:
            cells.append((row.indicator if row.indicator != last else "", row.measure, _value(row.value), row.rule,
                          _points(row.points), _points(row.weight), _points(row.weighted)))
            last = row.indicator
        return [*cells, ("score", "", "", "", "", "", _points(sum((r.weighted for r in self.rows), NONE)))]

    def __repr__(self) -> str:
        return "\n".join([f"{self.card}: customer {self.customer}", *table(HEAD, self._cells(), SIDES)])

    def _repr_html_(self) -> str:
        def row(tag: str, cells: tuple[str, ...]) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"
        body = "".join(row("td", cells) for cells in self._cells())
        title = html.escape(f"{self.card}: customer {self.customer}")
        return f"<table><caption>{title}</caption><thead>{row('th', HEAD)}</thead><tbody>{body}</tbody></table>"


def explain_row(card: Any, values: Mapping[Column, Any], customer: Any, score: float) -> Explanation:
    """Return the explanation of one row of values; `score` is what the core made of it."""
    parts = [_indicator(card, indicator, values) for indicator in card.indicators]
    known = [i.share for i, (_, total) in zip(card.indicators, parts, strict=True) if total is not None]
    share = Fraction(1) if card.combine == "sum" else sum(known, NONE)
    rows, exact_total = [], NONE
    for indicator, (lines, total) in zip(card.indicators, parts, strict=True):
        weight = None if total is None else indicator.share / share
        rows += [line._replace(weight=weight, weighted=(line.points or NONE) * (weight or NONE)) for line in lines]
        exact_total += (total or NONE) * (weight or NONE)
    for what, limit in (("cap", card.cap), ("rounded", None)):
        after = min(exact_total, limit) if limit is not None else exact_total
        after = rounded_at(card, "total", after) if what == "rounded" else after
        if after != exact_total:
            rows.append(Line("score", "", None, what, None, None, after - exact_total))
        exact_total = after
    if float(exact_total) != score:
        raise AssertionError(f"the score is {score!r}, its explanation adds up to {float(exact_total)!r}")
    return Explanation(card.name, customer, rows, score)


def _indicator(card: Any, indicator: Any, values: Mapping[Column, Any]) -> tuple[list[Line], Fraction | None]:
    """Return the lines of an indicator and its points, None if all its measures are left out."""
    lines, known = [], []
    for column, rule in indicator.measures.items():
        here = [values[c] for t in rule.terms(column) for c in dict.fromkeys((t.select, t.factor)) if c is not None]
        if any(is_missing(v) for v in here):
            code, points = policy(card, column, rule)
            left_out = code == MISSING_LEFT_OUT
            words = "missing: left out" if left_out else f"missing: {rule.missing or card.missing}"
            lines.append(Line(indicator.name, column, None, words, None if left_out else points, None, NONE))
        else:
            points, left_out = _measure(card, rule, column, values), False
            lines.append(Line(indicator.name, column, here[0], rule.words(here), points, None, NONE))
        known += [] if left_out else [points]
    if not known:
        return lines, None
    total = sum(known, NONE)
    spread = total * len(lines) / len(known)
    capped = spread if indicator.cap is None else min(spread, indicator.cap)
    rounded = rounded_at(card, "indicator", capped)
    for words, change in ((f"{len(known)} of {len(lines)} measures known", spread - total),
                          ("cap", capped - spread), ("rounded", rounded - capped)):
        if change:
            lines.append(Line(indicator.name, "", None, words, change, None, NONE))
    return lines, rounded


def _measure(card: Any, rule: Rule, column: str, values: Mapping[Column, Any]) -> Fraction:
    points = sum((_term(t, values) for t in rule.terms(column)), NONE)
    return rounded_at(card, "measure", rule.limited(points))


def _term(term: Term, values: Mapping[Column, Any]) -> Fraction:
    value = values[term.select]
    k = term.select.levels.index(level_text(value)) if term.select.levels else bisect_right(term.edges, value)
    if term.factor is None or term.slopes[k] == 0:
        return term.points[k]
    return term.points[k] + term.slopes[k] * (Fraction(values[term.factor]) - Fraction(term.origins[k]))


def _value(value: Any) -> str:
    return "" if value is None else _number(value) if isinstance(value, float) else str(value)


def _points(value: Fraction | None) -> str:
    return "" if value is None else _number(value)


def _number(value: Fraction | float) -> str:
    """Return decimals and simple fractions as they are, others to six decimals."""
    text = shown(value)
    if "/" not in text or len(text) <= LONGEST_FRACTION:
        return text
    return f"{float(value):,.6f}".rstrip("0").rstrip(".")
