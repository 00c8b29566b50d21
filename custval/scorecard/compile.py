"""Compile a card into the flat tables of whole numbers that the core scores with."""
from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from .._core import LIMBS, MISSING_APART, MISSING_LEFT_OUT, MISSING_REFUSED, MISSING_VALUE
from ..customers.time_weighting import Age
from ..errors import ConfigError
from .exact import half_up
from .indicator import Indicator, share_of
from .rule import Column, Limited, Rule, Term, within
from .rules import Manual

NONE = Fraction(0)
NO_LIMBS = (0.0,) * LIMBS
MOST_BITS = 200
MOST_SHARES = 2**53                 # of an indicator, which are then exact
ROUGH_SHARES = 10**12
WHOLE_LIMIT = 2**50                 # sums below stay exact doubles, with room for rounding


Events: TypeAlias = tuple[tuple[str, Age], ...]         # measures of events that are weighted by age


class Measure(NamedTuple):
    """A measure of a card: the column that names it, its rule, and the columns of the table that it needs."""

    indicator: str
    column: str
    label: str                     # for people; by default the column that it reads
    rule: Rule
    age: Age                       # the window and the decay of events
    reads: str                     # the column of the table; its name includes them
    terms: tuple[Term, ...]        # before caps and rounding
    needs: tuple[Column, ...]


class Card(Protocol):
    """Attributes of a `Scorecard` that scoring reads."""

    name: str
    version: str | None
    indicators: tuple[Indicator, ...]
    combine: str
    missing: str
    digits: int | None
    round_at: str
    cap: Fraction | None
    floor: Fraction | None
    tiers: tuple[tuple[str, float | None], ...]
    compiled: Compiled
    measures: tuple[Measure, ...]
    source: str                    # the file or the name that errors cite

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that `score` appends."""


class Tables(NamedTuple):
    """A card as the core reads it: counts and places as integers, numbers of points in limbs of 1/scale."""

    terms: np.ndarray               # per term: column, factor or -1, number of edges
    measures: np.ndarray            # per measure: number of terms, what a missing value means
    indicators: np.ndarray          # per indicator: number of measures
    flags: np.ndarray               # rounded: measure, indicator, total; whole points; points wanted
    edges: np.ndarray
    origins: np.ndarray
    slopes: np.ndarray
    points: np.ndarray
    measure_limits: np.ndarray      # per measure: cap, floor, points of a missing value; share of its indicator
    indicator_limits: np.ndarray    # per indicator: weight, cap, floor
    total: np.ndarray               # scale, cap, floor, unit of rounding; 10**digits, weighted


class Compiled:
    """The tables of a card; the core takes `columns` in order, of which the table has those in `reads`."""

    def __init__(self, card: Card):
        self.card = card
        self.measures = tuple(measure_of(i, column, rule) for i in card.indicators
                              for column, rule in i.measures.items())
        self.events: Events = tuple(dict.fromkeys((m.column, m.age) for m in self.measures if m.age))
        self.policies = [policy(card, m.column, m.rule) for m in self.measures]
        self.terms = [[self._term(m.rule, t) for t in m.terms] for m in self.measures]
        self.columns = list(dict.fromkeys(c for m in self.measures for c in m.needs))
        self.reads = list(dict.fromkeys(c for m in self.measures if not isinstance(m.rule, Manual) for c in m.needs))
        flat = [t for terms in self.terms for t in terms]
        self.scale = self._scale(flat)
        self.weights = whole_weights(card)
        self.whole = self._is_whole(flat)

    def _term(self, rule: Rule, term: Term) -> Term:
        """Fold cap and rounding into the points of a term that is the only one of its measure."""
        if term.factor is not None:
            return term
        return term._replace(points=tuple(rounded_at(self.card, "measure", within(p, rule)) for p in term.points))

    def _scale(self, terms: list[Term]) -> int:
        """Return a common denominator of every number of points in the card."""
        numbers = [p for t in terms for p in (*t.points, *t.slopes)]
        numbers += [lowest for _, lowest in self.policies]
        parts: list[Limited] = [self.card, *self.card.indicators, *(m.rule for m in self.measures)]
        numbers += [n for part in parts for n in (part.cap, part.floor) if n is not None]
        decimals = 10 ** (self.card.digits or 0)
        return math.lcm(decimals, *(n.denominator for n in numbers))

    def _is_whole(self, terms: list[Term]) -> bool:
        most = [max(abs(n) for n in (*ts[0].points, lowest)) * self.scale
                for ts, (_, lowest) in zip(self.terms, self.policies, strict=True)]
        parts: list[Limited] = [self.card, *self.card.indicators]
        most += [max(-(part.cap or NONE), part.floor or NONE, NONE) * self.scale for part in parts]
        return (all(t.factor is None for t in terms) and all(code != MISSING_LEFT_OUT for code, _ in self.policies)
                and (sum(most) + self.scale) * sum(self.weights) < WHOLE_LIMIT)

    def tables(self, points: bool = True) -> Tables:
        """Return the tables for ``_core.scorecard``; without `points`, for the score alone."""
        card, place = self.card, {c: i for i, c in enumerate(self.columns)}
        flat = [t for terms in self.terms for t in terms]
        limits: list[float] = []
        shares = [share for indicator in card.indicators for share in shares_of(card, indicator)]
        for m, (_, missing), share in zip(self.measures, self.policies, shares, strict=True):
            limits += [*self._limits(m.rule), *self._limbs(missing), float(share)]
        indicator_limits = [n for i, w in zip(card.indicators, self.weights, strict=True)
                            for n in (*limbs(w), *self._limits(i))]
        unit = Fraction(1, 10 ** (card.digits or 0))
        total = [*self._limbs(Fraction(1)), *self._limits(card), *self._limbs(unit),
                 10.0 ** (card.digits or 0), float(card.combine != "sum")]
        flags = [*(rounds(card, level) for level in ("measure", "indicator", "total")), self.whole, points]
        return Tables(
            _integers(n for t in flat for n in (place[t.select], -1 if t.factor is None else place[t.factor],
                                                len(t.edges))),
            _integers(n for ts, (code, _) in zip(self.terms, self.policies, strict=True) for n in (len(ts), code)),
            _integers(len(i.measures) for i in card.indicators), _integers(flags),
            _doubles(e for t in flat for e in t.edges), _doubles(o for t in flat for o in t.origins),
            _doubles(n for t in flat for s in t.slopes for n in self._limbs(s)),
            _doubles(n for t in flat for p in t.points for n in self._limbs(p)),
            _doubles(limits), _doubles(indicator_limits), _doubles(total))

    def _limits(self, part: Limited) -> list[float]:
        """Return the cap and the floor of a rule, an indicator or a card."""
        return [*self._limit(part.cap, math.inf), *self._limit(part.floor, -math.inf)]

    def _limit(self, value: Fraction | None, none: float) -> list[float]:
        """Return a limit in units of 1/scale; a limit out of reach of a whole card is dropped."""
        if value is None or (self.whole and abs(value) * self.scale * sum(self.weights) >= 2**53):
            return [none, *NO_LIMBS[1:]]
        return self._limbs(value)

    def _limbs(self, value: Fraction) -> list[float]:
        """Return a number in units of 1/scale as doubles that add up to it, the highest first."""
        return limbs(int(value * self.scale))


def limbs(rest: int) -> list[float]:
    """Return a whole number as doubles that add up to it, the highest first."""
    if abs(rest) >= 2**MOST_BITS:
        raise ConfigError("the numbers of this card have no common denominator of less than 60 digits; give "
                          "points, weights, caps and knots fewer digits")
    out = list(NO_LIMBS)
    for i in range(len(out)):
        out[i] = float(rest)
        rest -= int(out[i])
    return out


def policy(card: Card, column: str, rule: Rule) -> tuple[int, Fraction]:
    """Return the treatment of a missing value, as the core numbers it, and its points."""
    missing = rule.missing or card.missing
    if missing != "lowest":
        return {"apart": MISSING_APART, "raise": MISSING_REFUSED, "zero": MISSING_VALUE,
                "renormalise": MISSING_LEFT_OUT}[missing], Fraction(0)
    lowest = rule._lowest()
    if lowest is None:
        raise ConfigError(f"measure {column!r}: missing = 'lowest', but its points have no lowest; set floor=")
    return MISSING_VALUE, rounded_at(card, "measure", lowest)


def shares_of(card: Card, indicator: Indicator) -> list[int]:
    """Return the share of each measure in the points of its indicator, as whole numbers.

    By the most points that each can give, to about 12 digits if these have more than doubles hold; where one has no
    upper bound, or none above 0, all have the same share.
    """
    most = [rule._highest() for rule in indicator.measures.values()]
    given = [Fraction(0) if points is None else rounded_at(card, "measure", points) for points in most]
    if min(given) <= 0:
        return [1] * len(given)
    common = math.lcm(*(points.denominator for points in given))
    whole = [int(points * common) for points in given]
    divisor = math.gcd(*whole)
    if sum(whole) // divisor < MOST_SHARES:
        return [share // divisor for share in whole]
    return [max(1, round(points / sum(given) * ROUGH_SHARES)) for points in given]


def rounds(card: Card, level: str) -> bool:
    """Return whether the card rounds the points of a level."""
    levels = ("measure", "indicator", "total")
    return card.digits is not None and levels.index(level) >= levels.index(card.round_at)


def rounded_at(card: Card, level: str, points: Fraction) -> Fraction:
    """Round points if the card rounds the level."""
    return half_up(points, card.digits or 0) if rounds(card, level) else points


def whole_weights(card: Card) -> list[int]:
    """Return the weights as whole numbers in the same proportion."""
    weights = [share_of(i) for i in card.indicators]
    common = math.lcm(*(w.denominator for w in weights))
    return [int(w * common) for w in weights]


def measure_of(indicator: Indicator, column: str, rule: Rule) -> Measure:
    """Return a measure with the terms of its rule and the columns that they need, in order."""
    age = Age(rule.window, rule.half_life, rule.decay)
    reads = age.of(column)
    terms = tuple(rule._terms(reads))
    needs = tuple(dict.fromkeys(c for t in terms for c in (t.select, t.factor) if c is not None))
    return Measure(indicator.name, column, (indicator.labels or {}).get(column, reads), rule, age, reads, terms, needs)


def _integers(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int64)


def _doubles(values: Iterable[float]) -> np.ndarray:
    return np.fromiter(values, np.float64)
