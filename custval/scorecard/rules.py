"""Rules that turn the value of a measure into points.

======================  ==============================================================================
`Steps`                 points by interval, also by quantiles or by learnt bins
`Linear`                points in proportion to the value
`Piecewise`             points along a line through knots
`Log`                   points in proportion to the logarithm of the value
`Grades`                points by level, times a count
`Table`                 points by category
`Manual`                points that people give and a reviewer approves
======================  ==============================================================================

Every rule takes `cap` and `floor` (limits of its points) and `missing` (the treatment of a missing value); all but
`Manual` take `window`, `half_life` and `decay` (the weight of an event by its age), see `Scorecard`.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._files import encodable
from .._formatting import look_alike, many
from .._tabular import series
from .._validation import numbers, warn
from ..errors import ConfigError, DataError
from ..segmentation.tiers import levels_by_rank
from .exact import Limit, Number, exact, real, shown
from .rule import Column, Rule, Term, code, read_only, text, within

NOTHING = "none"                   # the level of no suggestion: 0 points

__all__ = ["Grades", "Linear", "Log", "Manual", "Piecewise", "Steps", "Table"]


def __dir__() -> list[str]:
    return __all__


class Steps(Rule):
    """Give points by interval: ``[from, next from)``, the first open below, the last open above.

    Parameters
    ----------
    steps : sequence of (from, points) or of (from, to, points)
        Ascending. `from` of the first may be None; values below it count as the first interval. With `to`,
        each interval must begin where the previous one ends.
    cap, floor : number, optional
        The largest and the smallest number of points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a missing value; default: `missing` of the card.
    auto : bool
        Mark steps that were learnt from a table, not set by a person.
    **age : window, half_life, decay
        Weight of events by their age: see `Scorecard`.

    Raises
    ------
    ConfigError
        Intervals overlap, leave a gap or do not ascend.

    Examples
    --------
    >>> import custval as cv
    >>> cv.rules.Steps([(None, 0), (0.0, 15), (0.10, "100/3")])
    Steps(steps=[[None, 0], [0.0, 15], [0.1, '100/3']])
    """

    def __init__(self, steps: Sequence[Sequence[Number | None]], *, cap: Limit = None, floor: Limit = None,
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
    def quantiles(cls, points: Sequence[Number], *, cap: Limit = None, floor: Limit = None, missing: str | None = None,
                  **age: Any) -> Rule:
        """Return a rule whose cuts `Scorecard.learn` takes from a table: each level has an equal share of the rows.

        Parameters
        ----------
        points : sequence of numbers
            Points of each level, the level of the lowest values first; descending where less is better.
        cap, floor, missing, age
            As for `Steps`.

        Notes
        -----
        Each level has an equal share of the known values by rank. Equal values share the level of their mean rank, as
        in `rfm`; a level that no value reaches is left out, with a warning; if all values are equal, all have the
        points of the middle level.

        Examples
        --------
        >>> import custval as cv
        >>> card = cv.Scorecard("by quintiles", [cv.Indicator("money", weight=1, measures={
        ...     "amount": cv.rules.Steps.quantiles([20, 40, 60, 80, 100])})])
        >>> learnt = card.learn({"amount": [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]})
        >>> learnt.indicators[0].measures["amount"]
        Steps(steps=[[None, 20], [30.0, 40], [50.0, 60], [70.0, 80], [90.0, 100]], auto=True)
        >>> learnt.score({"amount": [29, 30, 1000]})["score"]
        array([ 20.,  40., 100.])
        """
        return Quantiles(points, cap=cap, floor=floor, missing=missing, **age)

    @classmethod
    def from_bins(cls, splits: ArrayLike, points: Iterable[Number], *, cap: Limit = None, floor: Limit = None,
                  missing: str | None = None, **age: Any) -> Self:
        """Return the steps of bins that another program has learnt.

        Parameters
        ----------
        splits : array of k numbers
            Edges between bins, ascending: the ``splits`` of an ``optbinning.OptimalBinning``, whose bins are
            closed on the left like these.
        points : array of k + 1 numbers
            Points of each bin, the lowest bin first; fractions, decimals and doubles are taken exactly.
        cap, floor, missing, age
            As for `Steps`.

        Examples
        --------
        >>> import custval as cv
        >>> cv.rules.Steps.from_bins([0.5, 2.5], [-10, 0, 25])
        Steps(steps=[[None, -10], [0.5, 0], [2.5, 25]], auto=True)
        """
        edges, given = numbers(series(splits, "splits")[0], "splits").tolist(), list(points)
        if len(given) != len(edges) + 1:
            raise ConfigError(f"bins: {len(edges)} splits make {len(edges) + 1} bins, found points of {len(given)}")
        pairs = list(zip([None, *edges], given, strict=True))
        return cls(pairs, cap=cap, floor=floor, missing=missing, auto=True, **age)

    def _terms(self, column: str) -> list[Term]:
        edges = tuple(lo for lo, _ in self.steps[1:] if lo is not None)
        none = (Fraction(0),) * len(self.steps)
        return [Term(Column(column), None, edges, (0.0,) * len(self.steps), none, tuple(p for _, p in self.steps))]

    def _lowest(self) -> Fraction:
        return within(min(p for _, p in self.steps), self)

    def _highest(self) -> Fraction:
        return within(max(p for _, p in self.steps), self)

    def _words(self, values: Sequence[Any]) -> str:
        return interval([lo for lo, _ in self.steps[1:] if lo is not None], values[0])


class Quantiles(Rule):
    """The result of `Steps.quantiles`: a card with it must `learn` before it can `score`."""

    def __init__(self, points: Sequence[Number], *, cap: Limit = None, floor: Limit = None, missing: str | None = None,
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
        return within(min(self.points), self)

    def _highest(self) -> Fraction:
        return within(max(self.points), self)

    def learnt(self, column: str, values: np.ndarray) -> Steps:
        """Return the steps that the quantiles of a column define; NaN is a missing value."""
        known, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        if not len(known):
            raise DataError(f"column {column!r}: nothing to learn quantiles from, every value is missing")
        levels = len(self.points)
        level = levels_by_rank(np.repeat(known, counts), levels)[np.cumsum(counts) - counts]
        cuts = {known[int(np.searchsorted(level, k))]: self.points[k] for k in np.unique(level).tolist()}
        unused = levels - len(cuts)
        if unused:
            are = "is" if unused == 1 else "are"
            warn(f"column {column!r}: {many(unused, 'level')} of {levels} {are} left out, as too many values are "
                 "equal; equal values have equal points")
        (_, lowest), *others = cuts.items()                                # the first also holds for smaller values
        return Steps([(None, lowest), *((real(cut, "value"), points) for cut, points in others)],
                     cap=self.cap, floor=self.floor, missing=self.missing, auto=True, window=self.window,
                     half_life=self.half_life, decay=self.decay)


def _joined(steps: Sequence[Sequence[Any]]) -> list[tuple[Any, Any]]:
    """Return pairs (from, points); an interval (from, to, points) must end where the next one begins."""
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


def edge_text(value: object) -> str:
    """Return an edge as text."""
    return "open" if value is None else shown(value) if isinstance(value, int | float) else repr(value)


class Linear(Rule):
    """Give points in proportion to the value.

    Parameters
    ----------
    per : number
        Value that gives one point. Points have no limits unless set: a negative value gives negative points, and a
        negative `per` subtracts points.
    cap, floor : number, optional
        The largest and the smallest number of points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a missing value; default: `missing` of the card.
    **age : window, half_life, decay
        Weight of events by their age: see `Scorecard`.

    Examples
    --------
    >>> import custval as cv
    >>> rule = cv.rules.Linear(per=100_000)
    >>> card = cv.Scorecard("sales", [cv.Indicator("money", weight=1, measures={"amount": rule})])
    >>> card.score({"amount": [1_000_000, 500_000, -100_000]})["score"]
    array([10.,  5., -1.])
    """

    def __init__(self, *, per: Number, cap: Limit = None, floor: Limit = None, missing: str | None = None, **age: Any):
        self.per = exact(per, "per")
        if self.per == 0:
            raise ConfigError("per = 0: one point needs a value other than 0")
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        value = Column(column)
        return [Term(value, value, (), (0.0,), (1 / self.per,), (Fraction(0),))]

    def _lowest(self) -> Fraction | None:
        return self.floor

    def _highest(self) -> Fraction | None:
        return self.cap

    def _words(self, values: Sequence[Any]) -> str:
        return f"1 per {shown(self.per)}"


class Piecewise(Rule):
    """Give points along a line through knots.

    Parameters
    ----------
    knots : sequence of (value, points)
        Two or more, ascending in value; beyond the outer knots the points are constant.
    cap, floor : number, optional
        The largest and the smallest number of points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a missing value; default: `missing` of the card.
    **age : window, half_life, decay
        Weight of events by their age: see `Scorecard`.

    Examples
    --------
    >>> import custval as cv
    >>> rule = cv.rules.Piecewise([(0, 0), (6_000_000, 30), (10_000_000, "100/3")])
    >>> card = cv.Scorecard("plans", [cv.Indicator("money", weight=1, measures={"planned": rule})])
    >>> card.score({"planned": [-5, 2_000_000, 8_000_000, 1e9]})["score"]
    array([ 0.        , 10.        , 31.66666667, 33.33333333])
    """

    def __init__(self, knots: Sequence[Sequence[Number]], *, cap: Limit = None, floor: Limit = None,
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
        return within(min(p for _, p in self.knots), self)

    def _highest(self) -> Fraction:
        return within(max(p for _, p in self.knots), self)

    def _words(self, values: Sequence[Any]) -> str:
        return interval([x for x, _ in self.knots], values[0])


class Log(Rule):
    """Give points in proportion to the logarithm of the value.

    ``points * log(value / per) / log(base)``, 0 where the value is `per` or less.

    Parameters
    ----------
    per : number
        Value that gives 0 points; larger values give more.
    points : number
        Points for each factor of `base`.
    base : number, default 10
        Base of the logarithm, above 1.
    cap, floor : number, optional
        The largest and the smallest number of points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a missing value; default: `missing` of the card.
    **age : window, half_life, decay
        Weight of events by their age: see `Scorecard`.

    Notes
    -----
    Only logarithms of whole powers are fractions: ``log(value / per) / log(base)`` is computed to about 100 bits
    and rounded to the nearest double. `per` and `base` are taken as doubles; the product with `points` and every
    sum are exact.

    Examples
    --------
    >>> import custval as cv
    >>> rule = cv.rules.Log(per=1000, points=10)
    >>> card = cv.Scorecard("size", [cv.Indicator("money", weight=1, measures={"amount": rule})])
    >>> card.score({"amount": [-7, 1_000, 10_000, 50_000, 1_000_000]})["score"]
    array([ 0.        ,  0.        , 10.        , 16.98970004, 30.        ])
    """

    def __init__(self, *, per: Number, points: Number, base: Number = 10, cap: Limit = None, floor: Limit = None,
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
        return within(Fraction(0), self) if self.points >= 0 else self.floor

    def _highest(self) -> Fraction | None:
        return self.cap if self.points >= 0 else within(Fraction(0), self)

    def _words(self, values: Sequence[Any]) -> str:
        return f"{shown(self.points)} per factor {shown(self.base)} above {shown(self.per)}"


class Table(Rule):
    """Give points by category.

    Parameters
    ----------
    points : mapping of category to points
        Categories are compared as text; True is "true". A category of the data that is not in `points` is an error.
    cap, floor : number, optional
        The largest and the smallest number of points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a missing value; default: `missing` of the card.
    **age : window, half_life, decay
        Weight of events by their age: see `Scorecard`.

    Examples
    --------
    >>> import custval as cv
    >>> rule = cv.rules.Table({True: 10, False: 0}, missing="zero")
    >>> card = cv.Scorecard("loyal", [cv.Indicator("loyalty", weight=1, measures={"would_refer": rule})])
    >>> card.score({"would_refer": [True, False, None]})["score"]
    array([10.,  0.,  0.])
    """

    def __init__(self, points: Mapping[Any, Number], *, cap: Limit = None, floor: Limit = None,
                 missing: str | None = None, **age: Any):
        self.points = level_points(points)
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        return [level_term(self.points, Column(column, tuple(self.points)), None)]

    def _lowest(self) -> Fraction:
        return within(min(self.points.values()), self)

    def _highest(self) -> Fraction:
        return within(max(self.points.values()), self)

    def _words(self, values: Sequence[Any]) -> str:
        return str(values[0])


class Grades(Rule):
    """Give points by level, multiplied by a count.

    Parameters
    ----------
    points : mapping of level to points
        Points for one item of a level: ``{"high": 10, "general": 2}``. The level ``"none"`` has 0 points unless it is
        given; another level is an error.
    times : str, optional
        Column of counts; points are multiplied by it.
    counts : bool, default False
        The measure names the first part of several columns: ``<column>_<level>`` is the count of each level.
        A level without a column counts 0; counts above 0 of a level that is not in `points` are an error.
    cap, floor : number, optional
        The largest and the smallest number of points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a missing value; default: `missing` of the card.
    **age : window, half_life, decay
        Weight of events by their age: see `Scorecard`.

    Examples
    --------
    Suggestions: a high-value one is 10 points, five are 50; a general one 2:

    >>> import custval as cv
    >>> rule = cv.rules.Grades({"high": 10, "general": 2, "none": 0}, times="how_many")
    >>> card = cv.Scorecard("needs", [cv.Indicator("suggestions", weight=1, measures={"level": rule})])
    >>> card.score({"level": ["high", "general", "none"], "how_many": [5, 1, 3]})["score"]
    array([50.,  2.,  0.])
    """

    def __init__(self, points: Mapping[Any, Number], *, times: str | None = None, counts: bool = False,
                 cap: Limit = None, floor: Limit = None, missing: str | None = None, **age: Any):
        self.points = level_points(points)
        if times is not None and (counts or not isinstance(times, str)):
            raise ConfigError("grades: give the name of one column as times, or counts=True, not both")
        if not isinstance(counts, bool):
            raise ConfigError(f"counts = {counts!r} is neither true nor false")
        self.times = None if times is None else text(times, "times")
        self.counts = counts or None
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        if not self.counts:
            points = {NOTHING: Fraction(0), **self.points} if NOTHING not in self.points else self.points
            return [level_term(points, Column(column, tuple(points)), self.times)]
        zero = (Fraction(0),)
        names = [Column(f"{column}_{level}") for level in self.points]
        return [Term(name, name, (), (0.0,), (points,), zero)
                for name, points in zip(names, self.points.values(), strict=True)]

    def _lowest(self) -> Fraction | None:
        if not (self.times or self.counts):
            return within(min(self.points.values()), self)
        return within(Fraction(0), self) if min(self.points.values()) >= 0 else self.floor

    def _highest(self) -> Fraction | None:
        if not (self.times or self.counts):
            return within(max(self.points.values()), self)
        return self.cap if max(self.points.values()) > 0 else within(Fraction(0), self)

    def _words(self, values: Sequence[Any]) -> str:
        if self.counts:
            return " + ".join(f"{level} x {shown(float(n))}" for level, n in zip(self.points, values, strict=True))
        return str(values[0]) if self.times is None else f"{values[0]} x {shown(float(values[1]))}"


def level_points(points: Mapping[Any, Number]) -> Mapping[str, Fraction]:
    """Return points by level; levels are text, in the order given."""
    if not isinstance(points, Mapping) or not points:
        raise ConfigError("expected a table of levels and their points")
    out = {encodable(level_text(level), "level"): exact(p, f"points of {level!r}") for level, p in points.items()}
    if len(out) < len(points) or look_alike(out) is not None:
        raise ConfigError(f"two levels have the same text: {', '.join(map(repr, points))}")
    frozen: Mapping[str, Fraction] = read_only(out)
    return frozen


def level_text(level: object) -> str:
    """Return a level as text, by which levels are compared: "true", "3", "high"."""
    if isinstance(level, bool | np.bool_):
        return str(bool(level)).lower()
    if isinstance(level, float | np.floating | Decimal) and level == level // 1:
        return str(int(level))
    if isinstance(level, Decimal) and Decimal(repr(float(level))) == level:
        return str(float(level))
    return str(level)


def level_term(points: Mapping[str, Fraction], column: Column, times: str | None) -> Term:
    """Return a term that looks points up by level, or multiplies them by a column."""
    given, none = tuple(points.values()), (Fraction(0),) * len(points)
    edges, origins = tuple(float(k) for k in range(1, len(points))), (0.0,) * len(points)
    if times is None:
        return Term(column, None, edges, origins, none, given)
    return Term(column, Column(times), edges, origins, given, none)


class Manual(Rule):
    """Take points that people give and a reviewer approves, for what no order shows: drive, prestige, information.

    The rule reads no column of the table: the points come from the review log, an argument of `Scorecard.score`. A
    customer without an approved score has a missing value.

    Parameters
    ----------
    cap, floor : number, optional
        At most, at least these points.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}, optional
        Treatment of a customer without an approved score; default: `missing` of the card. "lowest" is `floor`.

    Examples
    --------
    >>> import custval as cv
    >>> cv.rules.Manual(cap=10, missing="zero")
    Manual(cap=10, missing='zero')
    """

    def __init__(self, *, cap: Limit = None, floor: Limit = None, missing: str | None = None):
        self._limits(cap, floor, missing, {})

    def _terms(self, column: str) -> list[Term]:
        return [approved_term(column, ())]

    def _lowest(self) -> Fraction | None:
        return self.floor

    def _highest(self) -> Fraction | None:
        return self.cap


class Approved(Rule):
    """The rule of a measure in rows with an approved score: its points, within the cap and floor of the rule."""

    def __init__(self, values: Sequence[float], rule: Rule, explanation: str = ""):
        self.values = tuple(sorted(set(values)))
        self.explanation, self.rule = explanation, rule
        self._limits(rule.cap, rule.floor, rule.missing, {})

    def _terms(self, column: str) -> list[Term]:
        return [approved_term(column, self.values)]

    def _lowest(self) -> Fraction | None:
        return self.rule._lowest()

    def _highest(self) -> Fraction | None:
        return self.rule._highest()

    def _words(self, values: Sequence[Any]) -> str:
        return self.explanation


def approved_column(column: str) -> Column:
    """Return the column of approved points; no table has it."""
    return Column(f"{column} (manual)")


def approved_term(column: str, values: Sequence[float]) -> Term:
    """Return the term that looks each value up, so that it counts as the decimal or fraction that was written."""
    values = values or (0.0,)
    none = (0.0,) * len(values)
    return Term(approved_column(column), None, tuple(values[1:]), none, (Fraction(0),) * len(values),
                tuple(exact(v) for v in values))
