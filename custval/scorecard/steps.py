"""Steps: points by interval, given, learnt from a table, or taken from somebody's bins."""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Self

import numpy as np

from .._formatting import many
from .._validation import warn
from ..errors import ConfigError, DataError
from .exact import exact, real, shown
from .rule import Column, Rule, Term, code


class Steps(Rule):
    """Points by interval: ``[from, next from)``, the first open below, the last open above.

    Parameters
    ----------
    steps : sequence of (from, points) or of (from, to, points)
        Ascending. `from` of the first may be None; values below it count as the first interval. With `to`,
        each interval must begin where the one before ends.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.
    auto : bool
        Marks steps that were learnt from a table, not set by a person.
    **age : window, half_life, decay
        Which events count, and how much: see `Scorecard`.

    Raises
    ------
    ConfigError
        Intervals that overlap, leave a gap or do not ascend.

    Examples
    --------
    >>> Steps([(None, 0), (0.0, 15), (0.10, "100/3")])
    Steps(steps=[[None, 0], [0.0, 15], [0.1, '100/3']])
    """

    def __init__(self, steps: Sequence[Sequence[Any]], *, cap: Any = None, floor: Any = None,
                 missing: str | None = None, auto: bool = False, **age: Any):
        if isinstance(steps, str | Mapping) or not isinstance(steps, Sequence) or not len(steps):
            raise ConfigError("steps: expected pairs [from, points], the lowest first")
        pairs = _joined(steps)
        self.steps = tuple((None if lo is None else real(lo, "from"), exact(p)) for lo, p in pairs)
        edges = [lo for lo, _ in self.steps]
        for i, (lo, hi) in enumerate(pairwise(edges)):
            if hi is None or (lo is not None and hi <= lo):
                raise ConfigError(f"steps[{i + 1}] begins at {edge_text(hi)}, not above steps[{i}] at {edge_text(lo)}: "
                                  "intervals must ascend and may not overlap")
        if not isinstance(auto, bool):
            raise ConfigError(f"auto = {auto!r} is neither true nor false")
        self.auto = auto or None
        self._limits(cap, floor, missing, age)

    @classmethod
    def quantiles(cls, points: Sequence[Any], *, cap: Any = None, floor: Any = None, missing: str | None = None,
                  **age: Any) -> Rule:
        """Return a rule whose cuts `Scorecard.learn` takes from a table: levels of equal shares of its rows.

        Parameters
        ----------
        points : sequence of numbers
            Of each level, that of the lowest values first; fewer and fewer where less is better.
        cap, floor, missing, age
            As of `Steps`.

        Notes
        -----
        Of L levels, level k + 1 begins at the smallest value that at least k / L of the known values lie
        below. So equal values share a level, the lower one; a level that no value reaches is left out, with a
        warning; and where all values are equal, all have the points of the first level.

        Examples
        --------
        >>> import custval as cv
        >>> card = cv.Scorecard("by fifths", [cv.Indicator("money", weight=1, measures={
        ...     "amount": cv.Steps.quantiles([20, 40, 60, 80, 100])})])
        >>> learnt = card.learn({"amount": [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]})
        >>> learnt.indicators[0].measures["amount"]
        Steps(steps=[[None, 20], [30.0, 40], [50.0, 60], [70.0, 80], [90.0, 100]], auto=True)
        >>> learnt.score({"amount": [29, 30, 1000]})["score"]
        array([ 20.,  40., 100.])
        """
        return Quantiles(points, cap=cap, floor=floor, missing=missing, **age)

    @classmethod
    def from_bins(cls, splits: Any, points: Any, *, cap: Any = None, floor: Any = None,
                  missing: str | None = None, **age: Any) -> Self:
        """Return the steps of bins that another program has learnt.

        Parameters
        ----------
        splits : array of k numbers
            Where the bins meet, ascending: the ``splits`` of an ``optbinning.OptimalBinning``, whose bins are
            closed on the left as ours are.
        points : array of k + 1 numbers
            Of each bin, the lowest first, exact as fractions, decimals or the doubles that they are.
        cap, floor, missing, age
            As of `Steps`.

        Examples
        --------
        >>> Steps.from_bins([0.5, 2.5], [-10, 0, 25])
        Steps(steps=[[None, -10], [0.5, 0], [2.5, 25]], auto=True)
        """
        splits, points = np.asarray(splits, float).tolist(), list(points)
        if len(points) != len(splits) + 1:
            raise ConfigError(f"bins: {len(splits)} splits make {len(splits) + 1} bins, found points of {len(points)}")
        pairs = list(zip([None, *splits], points, strict=True))
        return cls(pairs, cap=cap, floor=floor, missing=missing, auto=True, **age)

    def _terms(self, column: str) -> list[Term]:
        edges = tuple(lo for lo, _ in self.steps[1:] if lo is not None)
        none = (Fraction(0),) * len(self.steps)
        return [Term(Column(column), None, edges, (0.0,) * len(self.steps), none, tuple(p for _, p in self.steps))]

    def _lowest(self) -> Fraction:
        return self._limited(min(p for _, p in self.steps))

    def _words(self, values: Sequence[Any]) -> str:
        return interval([lo for lo, _ in self.steps[1:] if lo is not None], values[0])


class Quantiles(Rule):
    """What `Steps.quantiles` returns: a card with it has to learn before it can score."""

    def __init__(self, points: Sequence[Any], *, cap: Any = None, floor: Any = None, missing: str | None = None,
                 **age: Any):
        if isinstance(points, str | Mapping) or not isinstance(points, Sequence) or len(points) < 2:
            raise ConfigError("quantiles: expected the points of two or more levels, that of the lowest values first")
        self.points = tuple(exact(p) for p in points)
        self._limits(cap, floor, missing, age)

    def __repr__(self) -> str:
        return f"Steps.quantiles({', '.join([code(self.points), *self._keywords('points')])})"

    def _terms(self, column: str) -> list[Term]:
        return Steps([(None, p) for p in self.points[:1]])._terms(column)

    def _lowest(self) -> Fraction:
        return self._limited(min(self.points))

    def _learnt(self, column: str, values: np.ndarray) -> Steps:
        """Return the steps that have these values, NaN where missing."""
        known, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        if not len(known):
            raise DataError(f"column {column!r}: nothing to learn quantiles from, every value is missing")
        below, levels = np.cumsum(counts) - counts, len(self.points)
        at = [int(np.searchsorted(below * levels, k * counts.sum())) for k in range(1, levels)]
        cuts = {known[place]: points for place, points in zip(at, self.points[1:], strict=True) if place < len(known)}
        empty = levels - 1 - len(cuts)
        if empty:
            warn(f"column {column!r}: {many(empty, 'level')} of {levels} {'is' if empty == 1 else 'are'} left out, as "
                 "too many values are equal; equal values have equal points")
        return Steps([(None, self.points[0]), *((real(cut, "value"), points) for cut, points in cuts.items())],
                     cap=self.cap, floor=self.floor, missing=self.missing, auto=True, **self._age._asdict())


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
