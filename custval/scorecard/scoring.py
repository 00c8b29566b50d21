"""Points of all rows of a table, and what a card knows and adds up.

`score` holds the only call of the core. Rows with the same approved measures are scored together, by the card with
these rules replaced: caps, weights, rounding and missing values keep their meaning, and every sum stays exact.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from .. import _core
from .._arrays import Arrays, Table
from .._core import MISSING_APART, MISSING_REFUSED
from .._formatting import many, plain
from .._validation import divide, ranked, warn, whole_ranks
from ..errors import DataError
from .columns import column_values, demand_column, numbers_of, refusal, row_list
from .compile import Card, Compiled, policy, rounds
from .indicator import Indicator
from .review_status import Effective, by_hand
from .rule import Column, Rule, changed, read_only
from .rules import Approved, Linear, Manual, Steps, approved_column

C = TypeVar("C", bound=Card)
Points = list[np.ndarray | None]
REST = "cap and rounding"


def score(card: Card, table: Table, reviews: Effective | None = None, *, points: bool = True) -> Points:
    """Return the points of each measure and of each indicator (None without `points`), and the score last."""
    columns = {c: column_values(table, c) for c in card.compiled.reads}
    out: Points = []
    for compiled, rows in [(card.compiled, None)] if reviews is None else _groups(card, table, columns, reviews):
        given = tuple(columns[c] if rows is None else columns[c][rows] for c in compiled.columns)
        why, row, found = _core.scorecard(given, compiled.tables(points))
        if found is None:
            raise refusal(compiled, table, why, row, given, rows)
        out = out or [None if a is None else a if rows is None else np.empty(table.rows) for a in found]
        for whole, part in zip(out, found, strict=True):
            if whole is not None and rows is not None:
                whole[rows] = part
    return out


def ranks_of(scores: np.ndarray, ties: str) -> np.ndarray:
    """Return ranks as whole numbers, or as floats with NaN for customers without a score."""
    rank = ranked(scores, ties)
    return rank if ties == "average" else whole_ranks(rank)


def report_unscored(card: Card, table: Table, scores: np.ndarray) -> None:
    """Warn of customers without a score: how many, which values they lack, and what to do."""
    unscored = np.isnan(scores)
    if not unscored.any():
        return
    lacking = []
    for measure, (code, _) in zip(card.measures, card.compiled.policies, strict=True):
        if code == MISSING_APART and measure.needs and not isinstance(measure.rule, Manual):
            absent = np.any([np.isnan(column_values(table, column)) for column in measure.needs], axis=0)
            if count := int((absent & unscored).sum()):
                lacking.append(f"{plain(repr(measure.label))} is missing ({count:,})")
    warn(f"{plain(card.name)}: {int(unscored.sum()):,} of {many(table.rows, 'customer')} "
         f"{'has' if unscored.sum() == 1 else 'have'} no score: "
         f"{', '.join(lacking) or 'none of their measures is known'}"
         f"\n{row_list(table, np.flatnonzero(unscored))}\n  To score them, correct these rows or give the rule or the "
         'card missing="zero", "lowest" or "renormalise"; to refuse them, missing="raise".')


# ---- approved points in place of a rule ----

def _groups(card: Card, table: Table, columns: dict[Column, np.ndarray],
            reviews: Effective) -> Iterator[tuple[Compiled, np.ndarray]]:
    """Yield a compiled card and the rows that it scores; add the approved points to the columns."""
    _refuse_unscored(card, table, reviews)
    columns |= {approved_column(measure): reviews.values(measure) for measure in reviews.event}
    for rows, measures in _patterns(card, reviews, table.rows):
        given = {m: columns[approved_column(m)][rows] for m in measures}
        yield with_approved(card, given, dict.fromkeys(measures, "")).compiled, rows


def with_approved(card: C, values: Mapping[str, np.ndarray], explanations: Mapping[str, str]) -> C:
    """Return the card with approved points as the rules of some measures; NaN is a row without approved points."""
    def of(column: str, rule: Rule) -> Rule:
        if column not in values:
            return rule
        return Approved(values[column][~np.isnan(values[column])].tolist(), rule, explanations[column])
    return recompiled(card, *(changed(i, measures=read_only({c: of(c, r) for c, r in i.measures.items()}))
                              for i in card.indicators))


def recompiled(card: C, *indicators: Indicator, **parts: object) -> C:
    """Return a copy of a card with these indicators and other parts, compiled anew."""
    new = changed(card, indicators=indicators, **parts)
    compiled = Compiled(new)
    return changed(new, compiled=compiled, measures=compiled.measures)


def _patterns(card: Card, reviews: Effective, rows: int) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Yield rows with the same approved measures, and these measures."""
    always = by_hand(card)
    others = [m for m, event in reviews.event.items() if m not in always and (event >= 0).any()]
    if not others or not rows:
        yield np.arange(rows), always
        return
    approved = np.packbits([reviews.event[m] >= 0 for m in others], axis=0)
    kinds, kind = np.unique(approved, axis=1, return_inverse=True)
    order = np.argsort(kind.ravel(), kind="stable")
    for mine in np.split(order, np.cumsum(np.bincount(kind.ravel(), minlength=kinds.shape[1]))[:-1]):
        yield mine, [*always, *(m for m in others if reviews.event[m][mine[0]] >= 0)]


def _refuse_unscored(card: Card, table: Table, reviews: Effective) -> None:
    """Raise if a measure without a rule has no approved score and the card does not say how to treat that."""
    for m in card.measures:
        if isinstance(m.rule, Manual) and policy(card, m.column, m.rule)[0] == MISSING_REFUSED:
            rows = np.flatnonzero(reviews.event[m.column] < 0)
            if len(rows):
                raise DataError(f"measure {m.column!r}: {len(rows):,} of {table.rows:,} customers have no approved "
                                f"score\n{row_list(table, rows)}\n  Have them scored, or give the rule or the card "
                                'missing="zero", "lowest" or "renormalise".')


# ---- contributions and coverage ----

def contributions(card: Card, table: Table) -> Any:
    """Return the weighted points of each indicator, and the change that cap and rounding of the total make.

    Each is the score of a card in which the other indicators have no points, and exact like every score.
    """
    names = [i.name for i in card.indicators]
    for name in (*names, "score"):
        demand_column(table.names, name, "contributions: a column of the scored table,")
    points = {f"p{k}": numbers_of(table, name) for k, name in enumerate(names)}
    missing, nothing = "apart" if card.combine == "sum" else "renormalise", Steps([(None, 0)])
    parts = {name: _sum_of(card, points, *(
        Indicator(f"i{j}", weight=i.weight, measures={f"p{j}": Linear(per=1) if j == k else nothing})
        for j, i in enumerate(card.indicators)), combine=card.combine, missing=missing) for k, name in enumerate(names)}
    if card.cap is not None or card.floor is not None or rounds(card, "total"):
        given = {"given": numbers_of(table, "score"), **{f"p{k}": part for k, part in enumerate(parts.values())}}
        measures = {name: Linear(per=1 if name == "given" else -1) for name in given}
        parts[REST] = _sum_of(card, given, Indicator("rest", measures=measures), combine="sum", missing="apart")
    unscored = np.isnan(numbers_of(table, "score"))
    return table.beside({name: np.where(unscored, np.nan, part) for name, part in parts.items()})


def _sum_of(card: Card, points: dict[str, np.ndarray], *indicators: Indicator, **parts: str) -> np.ndarray:
    """Return the score of a card with these indicators, without limits and rounding."""
    plain = recompiled(card, *indicators, cap=None, floor=None, digits=None, **parts)
    total = score(plain, Arrays(points), points=False)[-1]
    assert total is not None
    return total


def coverage(card: Card, table: Table, approved: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns of `Scorecard.coverage`; `approved`: by measure, -1 in rows without an approved score."""
    rows = []
    for m in card.measures:
        absent = np.any([np.isnan(column_values(table, c)) for c in m.needs], axis=0) \
            if m.needs and not isinstance(m.rule, Manual) else np.True_
        lost = int((absent & (approved.get(m.column, np.full(table.rows, -1)) < 0)).sum())
        rows.append((m.indicator, m.label, table.rows - lost, lost, m.rule.missing or card.missing))
    names, measures, known, missing, policies = zip(*rows, strict=True)
    return {"indicator": np.array(names, object), "measure": np.array(measures, object), "known": np.array(known),
            "missing": np.array(missing), "share": divide(known, np.full(len(rows), table.rows)),
            "policy": np.array(policies, object)}


def tiers_of(tiers: tuple[tuple[str, float | None], ...], scores: np.ndarray) -> np.ndarray:
    """Return the name of the tier of each score, "" below the last, None without a score."""
    unscored = np.isnan(scores)
    names = np.array([*(name for name, _ in tiers), "", *([None] if unscored.any() else [])])
    place = np.full(len(scores), len(tiers))
    for i, (_, lowest) in reversed(list(enumerate(tiers))):
        place[scores >= (-np.inf if lowest is None else lowest)] = i
    place[unscored] = -1
    return np.asarray(names[place])
