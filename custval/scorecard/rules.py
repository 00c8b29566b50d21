"""Rules that turn a number into points along a line or a curve: Linear, Piecewise and Log."""
from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..errors import ConfigError
from .exact import exact, real, shown
from .rule import Column, Rule, Term
from .steps import interval


class Linear(Rule):
    """Points in proportion to the value.

    Parameters
    ----------
    per : number
        One point for each `per` of the value, without limits unless set; below zero the points are negative,
        and a negative `per` takes points away.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.
    **age : window, half_life, decay
        Which events count, and how much: see `Scorecard`.

    Examples
    --------
    >>> import custval as cv
    >>> card = cv.Scorecard("sales", [cv.Indicator("money", weight=1, measures={"amount": Linear(per=100_000)})])
    >>> card.score({"amount": [1_000_000, 500_000, -100_000]})["score"]
    array([10.,  5., -1.])
    """

    def __init__(self, *, per: Any, cap: Any = None, floor: Any = None, missing: str | None = None, **age: Any):
        self.per = exact(per, "per")
        if self.per == 0:
            raise ConfigError("per = 0: points per nothing")
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        value = Column(column)
        return [Term(value, value, (), (0.0,), (1 / self.per,), (Fraction(0),))]

    def _lowest(self) -> Fraction | None:
        return self.floor

    def _words(self, values: Sequence[Any]) -> str:
        return f"1 per {shown(self.per)}"


class Piecewise(Rule):
    """Points along a line through knots.

    Parameters
    ----------
    knots : sequence of (value, points)
        Two or more, ascending in value; beyond the outer knots the points stay constant.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.
    **age : window, half_life, decay
        Which events count, and how much: see `Scorecard`.

    Examples
    --------
    >>> import custval as cv
    >>> rule = Piecewise([(0, 0), (6_000_000, 30), (10_000_000, "100/3")])
    >>> card = cv.Scorecard("plans", [cv.Indicator("money", weight=1, measures={"planned": rule})])
    >>> card.score({"planned": [-5, 2_000_000, 8_000_000, 1e9]})["score"]
    array([ 0.        , 10.        , 31.66666667, 33.33333333])
    """

    def __init__(self, knots: Sequence[Sequence[Any]], *, cap: Any = None, floor: Any = None,
                 missing: str | None = None, **age: Any):
        if not isinstance(knots, list | tuple) or len(knots) < 2 or any(
                not isinstance(k, list | tuple) or len(k) != 2 for k in knots):
            raise ConfigError("piecewise: expected two or more knots [value, points]")
        self.knots = tuple((real(x, "value of a knot"), exact(p)) for x, p in knots)
        for (x0, _), (x1, _) in pairwise(self.knots):
            if x1 <= x0:
                raise ConfigError(f"piecewise: the knot at {shown(x1)} does not lie above the one at {shown(x0)}")
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        value = Column(column)
        xs, points = zip(*self.knots, strict=True)
        values = [exact(x) for x in xs]
        slopes = [(points[k + 1] - points[k]) / (values[k + 1] - values[k]) for k in range(len(xs) - 1)]
        return [Term(value, value, xs, (0.0, *xs), (Fraction(0), *slopes, Fraction(0)), (points[0], *points))]

    def _lowest(self) -> Fraction:
        return self._limited(min(p for _, p in self.knots))

    def _words(self, values: Sequence[Any]) -> str:
        return interval([x for x, _ in self.knots], values[0])


class Log(Rule):
    """Points by size: as many for each time that the value is `base` times as large.

    ``points * log(value / per) / log(base)``, 0 where the value is `per` or less.

    Parameters
    ----------
    per : number
        The value that has 0 points, and the first with more above it.
    points : number
        For each factor of `base`.
    base : number, default 10
        Above 1.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.
    **age : window, half_life, decay
        Which events count, and how much: see `Scorecard`.

    Notes
    -----
    No logarithm but those of whole powers is a fraction: ``log(value / per) / log(base)`` is worked out to
    about 100 bits and rounded to the nearest double. `per` and `base` count as the doubles they are, and what
    follows, the product with `points` and every sum, is exact.

    Examples
    --------
    >>> import custval as cv
    >>> card = cv.Scorecard("size", [cv.Indicator("money", weight=1, measures={"amount": Log(per=1000, points=10)})])
    >>> card.score({"amount": [-7, 1_000, 10_000, 50_000, 1_000_000]})["score"]
    array([ 0.        ,  0.        , 10.        , 16.98970004, 30.        ])
    """

    def __init__(self, *, per: Any, points: Any, base: Any = 10, cap: Any = None, floor: Any = None,
                 missing: str | None = None, **age: Any):
        self.per, self.points, self.base = real(per, "per"), exact(points), real(base, "base")
        if self.per <= 0 or self.base <= 1:
            raise ConfigError(f"log: per = {shown(self.per)} and base = {shown(self.base)}; per must lie above 0, "
                              "base above 1")
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        log = Column(column, log=(self.per, self.base))
        return [Term(Column(column), log, (), (0.0,), (self.points,), (Fraction(0),))]

    def _lowest(self) -> Fraction | None:
        return self._limited(Fraction(0)) if self.points >= 0 else self.floor

    def _words(self, values: Sequence[Any]) -> str:
        return f"{shown(self.points)} per factor {shown(self.base)} above {shown(self.per)}"
