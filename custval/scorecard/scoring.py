"""Points of all rows of a table, approved ones in the place of a card's own.

Rows with the same measures scored by hand are scored together, by the card with these rules replaced: so caps,
weights, rounding and missing values mean what they always mean, and every sum stays exact.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from .. import _core
from .._arrays import Table
from .._core import MISSING_REFUSED
from ..errors import DataError
from .columns import column_values, row_list
from .compile import Compiled, policy
from .explain import Explanation, explain_row
from .refusal import refusal
from .review_status import Effective, by_hand
from .rule import Column, Rule, Value, read_only
from .rules import Approved, Manual, approved_column

T = TypeVar("T", bound=Value)
Answers = list[np.ndarray | None]


def points_of(card: Any, table: Table, points: bool, hand: Effective | None) -> Answers:
    """Return the points of each measure and indicator (None without `points`) and the score."""
    own = {c: column_values(table, c) for c in read_columns(card)}
    if hand is None:
        return _solved(card, table, own, points, None)
    _refuse_unscored(card, table, hand)
    values = {approved_column(measure): hand.values(measure) for measure in hand.event}
    out: Answers = []
    for rows, measures in _patterns(card, hand, table.rows):
        part = {c: column[rows] for c, column in (own | values).items()}
        found = _solved(with_approved(card, part, measures), table, part, points, rows)
        out = out or [None if a is None else np.empty(table.rows) for a in found]
        for whole, answer in zip(out, found, strict=True):
            if whole is not None:
                whole[rows] = answer
    return out


def with_approved(card: Any, values: Mapping[Column, np.ndarray], measures: Mapping[str, str]) -> Any:
    """Return the card with approved points as the rules of some measures, and the words that explain them."""
    rules: dict[str, Rule] = {}
    for column, rule in card._compiled.measures:
        if column in measures:
            given = values[approved_column(column)]
            rules[column] = Approved(given[~np.isnan(given)].tolist(), rule, measures[column])
    indicators = tuple(changed(i, measures=read_only({c: rules.get(c, r) for c, r in i.measures.items()}))
                       for i in card.indicators)
    new = changed(card, indicators=indicators)
    vars(new)["_compiled"] = Compiled(new)
    return new


def explained(card: Any, one: Table, customer: Any, hand: Effective | None) -> Explanation:
    """Return the explanation of a table of one row."""
    score = points_of(card, one, False, hand)[-1]
    assert score is not None
    values: dict[Column, Any] = {c: one.array(c.name)[0] if c.levels else float(column_values(one, c)[0])
                                 for c in read_columns(card)}
    if hand is not None:
        scored = {m: hand.values(m) for m, event in hand.event.items() if m in by_hand(card) or event[0] >= 0}
        given = {approved_column(m): points for m, points in scored.items()}
        card = with_approved(card, given, {m: hand.words(m, 0) for m in scored})
        values |= {c: float(points[0]) for c, points in given.items()}
    return explain_row(card, values, customer, float(score[0]))


def read_columns(card: Any) -> list[Column]:
    """Return the columns of the table that a card reads."""
    given = {approved_column(column) for column in by_hand(card)}
    return [c for c in card._compiled.columns if c not in given]


def _solved(card: Any, table: Table, values: Mapping[Column, np.ndarray], points: bool,
            rows: np.ndarray | None) -> Answers:
    """Score the rows given by their values; `rows` are their places in the table, None for all."""
    columns = tuple(values[c] for c in card._compiled.columns)
    why, row, answers = _core.scorecard(columns, card._compiled.tables(points))
    if answers is None:
        raise refusal(card._compiled, table, why, row, columns, rows)
    return list(answers)


def _patterns(card: Any, hand: Effective, rows: int) -> Iterator[tuple[np.ndarray, dict[str, str]]]:
    """Yield rows with the same measures scored by hand, and these measures."""
    always = dict.fromkeys(by_hand(card), "")
    others = [m for m, event in hand.event.items() if m not in always and (event >= 0).any()]
    if not others or not rows:
        yield np.arange(rows), always
        return
    scored = np.packbits([hand.event[m] >= 0 for m in others], axis=0)
    kinds, kind = np.unique(scored, axis=1, return_inverse=True)
    order = np.argsort(kind.ravel(), kind="stable")
    for mine in np.split(order, np.cumsum(np.bincount(kind.ravel(), minlength=kinds.shape[1]))[:-1]):
        yield mine, always | {m: "" for m in others if hand.event[m][mine[0]] >= 0}


def _refuse_unscored(card: Any, table: Table, hand: Effective) -> None:
    """Raise where a measure without a rule has no approved score and the card does not say what that means."""
    for column, rule in card._compiled.measures:
        if isinstance(rule, Manual) and policy(card, column, rule)[0] == MISSING_REFUSED:
            rows = np.flatnonzero(hand.event[column] < 0)
            if len(rows):
                raise DataError(f"measure {column!r}: {len(rows):,} of {table.rows:,} customers have no approved score"
                                f"\n{row_list(table, rows)}\n  Have them scored, or give the rule or the card "
                                'missing="zero", "lowest" or "renormalise".')


def changed(thing: T, **parts: Any) -> T:
    """Return a copy of a card or a part of one with other parts."""
    new = object.__new__(type(thing))
    vars(new).update(vars(thing), **parts)
    return new
