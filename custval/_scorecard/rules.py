"""Rules that turn a number into points: Steps and Linear."""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .._errors import ConfigError
from .exact import exact, real, shown
from .rule import Column, Rule, Term, code


class Steps(Rule):
    """Points by interval: ``[from, next from)``, the first open below, the last open above.

    Parameters
    ----------
    steps : sequence of (from, points) or of (from, to, points)
        Ascending. `from` of the first may be None; values below it count as the first interval. With `to`,
        each interval must begin where the one before ends.
    cap : number, optional
        At most these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.

    Raises
    ------
    ConfigError
        Intervals that overlap, leave a gap or do not ascend.

    Examples
    --------
    >>> Steps([(None, 0), (0.0, 15), (0.10, "100/3")])
    Steps(steps=[[None, 0], [0.0, 15], [0.1, '100/3']])
    """

    def __init__(self, steps: Sequence[Sequence[Any]], *, cap: Any = None, missing: str | None = None):
        if isinstance(steps, str | Mapping) or not isinstance(steps, Sequence) or not len(steps):
            raise ConfigError("steps: expected pairs [from, points], the lowest first")
        pairs = _joined(steps)
        self.steps = tuple((None if lo is None else real(lo, "from"), exact(p)) for lo, p in pairs)
        edges = [lo for lo, _ in self.steps]
        for i, (lo, hi) in enumerate(pairwise(edges)):
            if hi is None or (lo is not None and hi <= lo):
                raise ConfigError(f"steps[{i + 1}] begins at {edge_text(hi)}, not above steps[{i}] at {edge_text(lo)}: "
                                  "intervals must ascend and may not overlap")
        self._limits(cap, None, missing)

    def _terms(self, column: str) -> list[Term]:
        edges = tuple(lo for lo, _ in self.steps[1:] if lo is not None)
        none = (Fraction(0),) * len(self.steps)
        return [Term(Column(column), None, edges, (0.0,) * len(self.steps), none, tuple(p for _, p in self.steps))]

    def _lowest(self) -> Fraction:
        return self._limited(min(p for _, p in self.steps))

    def _words(self, values: Sequence[Any]) -> str:
        return interval([lo for lo, _ in self.steps[1:] if lo is not None], values[0])


class Linear(Rule):
    """Points in proportion to the value, or along a line through knots.

    Parameters
    ----------
    *knots : (value, points)
        Two or more, ascending in value; beyond the outer knots the points stay constant.
    per : number, optional
        Instead of knots: one point for each `per` of the value, without limits unless set; below zero the
        points are negative, and a negative `per` takes points away.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.

    Examples
    --------
    >>> Linear(per=100_000)
    Linear(per=100000)
    >>> Linear((0, 0), (8_000_000, "100/3"))
    Linear([0.0, 0], [8000000.0, '100/3'])
    """

    def __init__(self, *knots: Sequence[Any], per: Any = None, cap: Any = None, floor: Any = None,
                 missing: str | None = None):
        if (per is None) == (not knots) or len(knots) == 1:
            raise ConfigError("linear: expected per, or two or more knots [value, points]")
        if any(isinstance(k, str) or not isinstance(k, Sequence) or len(k) != 2 for k in knots):
            raise ConfigError("linear: a knot is a pair [value, points]")
        self.per = None if per is None else exact(per, "per")
        if self.per == 0:
            raise ConfigError("per = 0: points per nothing")
        self.knots = tuple((real(x, "value of a knot"), exact(p)) for x, p in knots) or None
        for (x0, _), (x1, _) in pairwise(self.knots or ()):
            if x1 <= x0:
                raise ConfigError(f"linear: the knot at {shown(x1)} does not lie above the one at {shown(x0)}")
        self._limits(cap, floor, missing)

    def __repr__(self) -> str:
        knots = [code(list(k)) for k in self.knots or ()]
        return f"Linear({', '.join([*knots, *self._keywords('knots')])})"

    def _terms(self, column: str) -> list[Term]:
        value = Column(column)
        if self.per is not None:
            return [Term(value, value, (), (0.0,), (1 / self.per,), (Fraction(0),))]
        xs, points = zip(*self.knots or (), strict=True)
        values = [exact(x) for x in xs]
        slopes = [(points[k + 1] - points[k]) / (values[k + 1] - values[k]) for k in range(len(xs) - 1)]
        return [Term(value, value, xs, (0.0, *xs), (Fraction(0), *slopes, Fraction(0)), (points[0], *points))]

    def _lowest(self) -> Fraction | None:
        if self.per is not None:
            return self.floor if self.per > 0 else None
        return self._limited(min(p for _, p in self.knots or ()))

    def _words(self, values: Sequence[Any]) -> str:
        if self.per is not None:
            return f"1 per {shown(self.per)}"
        return interval([x for x, _ in self.knots or ()], values[0])


def _joined(steps: Sequence[Sequence[Any]]) -> list[tuple[Any, Any]]:
    """Return (from, points); of (from, to, points) each must begin where the one before ends."""
    if any(isinstance(s, str) or not isinstance(s, Sequence) or len(s) not in (2, 3) for s in steps):
        raise ConfigError("steps: an interval is [from, points] or [from, to, points]")
    for i, (step, after) in enumerate(pairwise(steps)):
        if len(step) == 3 and step[1] != after[0]:
            raise ConfigError(f"steps[{i}] ends at {edge_text(step[1])} but steps[{i + 1}] begins at "
                              f"{edge_text(after[0])}: intervals may neither overlap nor leave a gap")
    if len(steps[-1]) == 3 and steps[-1][1] is not None:
        raise ConfigError(f"steps[{len(steps) - 1}] ends at {edge_text(steps[-1][1])}: the last interval is open above")
    return [(step[0], step[-1]) for step in steps]


def interval(edges: Sequence[float], value: float) -> str:
    """Return the half-open interval between two edges that holds a value, as text."""
    if not edges:
        return "any value"
    k = bisect_right(edges, value)
    if k == 0:
        return f"< {shown(edges[0])}"
    return f">= {shown(edges[-1])}" if k == len(edges) else f"[{shown(edges[k - 1])}, {shown(edges[k])})"


def edge_text(value: Any) -> str:
    """Return an edge as text."""
    return "open" if value is None else shown(value) if isinstance(value, int | float) else repr(value)
