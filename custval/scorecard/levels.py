"""Rules that turn a level or category into points: Table and Grades."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from .._files import encodable
from ..errors import ConfigError
from .exact import exact, shown
from .rule import Column, Rule, Term, read_only, text


class Table(Rule):
    """Points by category.

    Parameters
    ----------
    points : mapping of category to points
        Categories are compared as text; True is "true". Any other category in the data is an error.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.
    **age : window, half_life, decay
        Which events count, and how much: see `Scorecard`.

    Examples
    --------
    >>> import custval as cv
    >>> rule = Table({True: 10, False: 0}, missing="zero")
    >>> card = cv.Scorecard("loyal", [cv.Indicator("loyalty", weight=1, measures={"would_refer": rule})])
    >>> card.score({"would_refer": [True, False, None]})["score"]
    array([10.,  0.,  0.])
    """

    def __init__(self, points: Mapping[Any, Any], *, cap: Any = None, floor: Any = None, missing: str | None = None,
                 **age: Any):
        self.points = level_points(points)
        self._limits(cap, floor, missing, age)

    def _terms(self, column: str) -> list[Term]:
        return [level_term(self.points, Column(column, tuple(self.points)), None)]

    def _lowest(self) -> Fraction:
        return self._limited(min(self.points.values()))

    def _words(self, values: Sequence[Any]) -> str:
        return str(values[0])


class Grades(Rule):
    """Points by level, times how often.

    Parameters
    ----------
    points : mapping of level to points
        Points of one of that level: ``{"high": 10, "general": 2, "none": 0}``. Another level is an error.
    times : str, optional
        A column that counts; points are multiplied by it.
    counts : bool, default False
        The measure's column is the first part of a name: ``<column>_<level>`` hold the counts of each level.
        A level without a column counts 0; a column of a level that is not in `points` is an error.
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What a missing value means; default: the choice of the card.
    **age : window, half_life, decay
        Which events count, and how much: see `Scorecard`.

    Examples
    --------
    Suggestions: a high-value one is 10 points, five are 50; a general one 2:

    >>> import custval as cv
    >>> rule = Grades({"high": 10, "general": 2, "none": 0}, times="how_many")
    >>> card = cv.Scorecard("needs", [cv.Indicator("suggestions", weight=1, measures={"level": rule})])
    >>> card.score({"level": ["high", "general", "none"], "how_many": [5, 1, 3]})["score"]
    array([50.,  2.,  0.])
    """

    def __init__(self, points: Mapping[Any, Any], *, times: str | None = None, counts: bool = False,
                 cap: Any = None, floor: Any = None, missing: str | None = None, **age: Any):
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
            return [level_term(self.points, Column(column, tuple(self.points)), self.times)]
        zero = (Fraction(0),)
        names = [Column(f"{column}_{level}") for level in self.points]
        return [Term(name, name, (), (0.0,), (points,), zero)
                for name, points in zip(names, self.points.values(), strict=True)]

    def _lowest(self) -> Fraction | None:
        if not (self.times or self.counts):
            return self._limited(min(self.points.values()))
        return self._limited(Fraction(0)) if min(self.points.values()) >= 0 else self.floor

    def _words(self, values: Sequence[Any]) -> str:
        if self.counts:
            return " + ".join(f"{level} x {shown(float(n))}" for level, n in zip(self.points, values, strict=True))
        return str(values[0]) if self.times is None else f"{values[0]} x {shown(float(values[1]))}"


def level_points(points: Mapping[Any, Any]) -> Mapping[str, Fraction]:
    """Return points by level, levels as text in the order given."""
    if not isinstance(points, Mapping) or not points:
        raise ConfigError("expected a table of levels and their points")
    out = {encodable(level_text(level), "level"): exact(p, f"points of {level!r}") for level, p in points.items()}
    if len(out) < len(points):
        raise ConfigError(f"two levels have the same text: {', '.join(map(repr, points))}")
    frozen: Mapping[str, Fraction] = read_only(out)
    return frozen


def level_text(level: Any) -> str:
    """Return a level as the text that it is compared by: "true", "3", "high"."""
    if isinstance(level, bool | np.bool_):
        return str(bool(level)).lower()
    if isinstance(level, float | np.floating) and float(level).is_integer():
        return str(int(level))
    return str(level)


def level_term(points: Mapping[str, Fraction], column: Column, times: str | None) -> Term:
    """Return a term that looks points up by level, or multiplies them by a column."""
    given, none = tuple(points.values()), (Fraction(0),) * len(points)
    edges, origins = tuple(float(k) for k in range(1, len(points))), (0.0,) * len(points)
    if times is None:
        return Term(column, None, edges, origins, none, given)
    return Term(column, Column(times), edges, origins, given, none)


