"""Recency, frequency, money: levels by rank or by thresholds, their sum, and named segments."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from .. import _formatting
from .._files import keys
from .._tabular import columns
from .._validation import finite
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError
from . import segments as _segments
from .cut import cut, described, ties_of
from .segmentation import Classes
from .segments import DIMENSIONS
from .tiers import MAX_TIERS

LETTERS = ("R", "F", "M")


class Segments(Classes):
    """Customers in named segments, with the figures of their money; see `RFM.segments`."""

    _kind, _of = "Segments", "segment"


class RFM:
    """Scores and segments of customers; made by `rfm`.

    Attributes
    ----------
    segments : Segments or None
        Names and figures of the segments, with ``segments.table()`` a row for each; `crosstab`, `at_risk` and
        `win_back` take them like a pyramid.
    apart : int
        Customers without one of the three values, set apart.
    """

    def __init__(self, given: dict[str, np.ndarray], level: np.ndarray, levels: tuple[int, ...],
                 weights: Sequence[Any], segments: Segments | None, back: Any):
        self.segments, self.apart = segments, int((level[0] < 0).sum())
        self._given, self._level, self._levels, self._weights, self._back = given, level, levels, weights, back

    def scores(self) -> Any:
        """Return one row per customer as a frame of the caller's kind.

        Columns: customer (if the frame has it), recency, frequency, money, R, F, M (levels, 1 the lowest), cell
        (``"5-4-4"``: never the same for two triples), score (the weighted sum) and segment. Customers set apart
        have NaN and None.
        """
        cells = _segments.cells(self._levels)
        score = [float(sum(w * n for w, n in zip(self._weights, cell, strict=True))) for cell in cells]
        place = np.where(self._level[0] < 0, len(cells),
                         np.ravel_multi_index(tuple(np.maximum(self._level, 0)), self._levels))
        levels = np.array([*cells, (np.nan,) * 3])[place].T if self.apart else np.array(cells)[place].T
        text = np.array([*("-".join(map(str, cell)) for cell in cells), None], object)[place]
        out = self._given | dict(zip(LETTERS, levels, strict=True))
        out |= {"cell": text, "score": np.array([*score, np.nan])[place]}
        if self.segments is not None:
            out["segment"] = np.array([*self.segments.names, None], object)[self.segments.tier]
        who = {"customer": self._back.array("customer")} if "customer" in self._back.names else {}
        return self._back.beside(who | out)

    def levels(self) -> Any:
        """Return one row per dimension and level: dimension, level, customers, min and max; empty ones too."""
        rows = [self._of_level(name, level, j) for name, level, n in
                zip(DIMENSIONS, self._level, self._levels, strict=True) for j in range(n)]
        names = ("dimension", "level", "customers", "min", "max")
        return self._back.new({name: np.array(column, object if name == "dimension" else None)
                               for name, column in zip(names, zip(*rows, strict=True), strict=True)})

    def _of_level(self, name: str, level: np.ndarray, j: int) -> tuple[str, int, int, float, float]:
        mine = self._given[name][level == j]
        ends = (float(mine.min()), float(mine.max())) if len(mine) else (np.nan, np.nan)
        return name, j + 1, len(mine), *ends

    def _title(self) -> str:
        apart = f"; {self.apart:,} without one of the three set apart" if self.apart else ""
        empty = [f"{name} {j + 1}" for name, level, n in zip(DIMENSIONS, self._level, self._levels, strict=True)
                 for j in range(n) if not (level == j).any()]
        nobody = f"; nobody in {', '.join(empty)}" if empty else ""
        return (f"RFM of {_formatting.many(self._level.shape[1] - self.apart, 'customer')}, "
                f"{' x '.join(map(str, self._levels))} levels{nobody}{apart}")

    def __repr__(self) -> str:
        return self._title() + ("" if self.segments is None else f"\n{self.segments!r}")

    def _repr_html_(self) -> str:
        return (_formatting.html_table(self._title(), [], []) if self.segments is None else
                _formatting.html_table(self._title(), *self.segments._rows()))


def rfm(data: Any, levels: Any = 5, *, segments: str | os.PathLike[str] | None = "auto",
        weights: Sequence[Any] = (1, 1, 1), frequency: str = "purchases", money: str = "amount",
        missing: str = "raise") -> RFM:
    """Score recency, frequency and money, and name the segments of customers.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, or a frame with a row per customer and the column recency (days since the last purchase)
        beside the two below.
    levels : int or dict
        Levels of each dimension, by rank, 1 the lowest; or for each dimension, ``{"recency": [30, 90, 365],
        "frequency": [2, 5], "money": 5}``, a number of levels or thresholds: the days up to which a recency, the
        counts or money from which a customer is a level better.
    segments : path, optional
        A TOML file of segments, ``"rfm"`` for the built-in one, or None. By default the built-in one if all
        dimensions have its 5 levels.
    weights : three numbers
        Of R, F and M in the score.
    frequency, money : str
        Columns with the number of purchases and with what they brought: ``amount``, ``margin``.
    missing : {"raise", "apart"}
        A customer without one of the three is refused, or set apart and counted.

    Returns
    -------
    RFM
        ``scores()``, a row per customer, ``levels()``, a row per level, and ``segments``, with ``labels``, ``table()``,
        ``distribution()``, ``histogram()``, ``actions()``, ``promote()``.

    Raises
    ------
    ConfigError
        Levels, weights or a file that cannot be; a segment that overlaps another or that nobody can reach:
        file and key are named.
    FileNotFoundError
        No such file of segments.
    DataError
        A column is not there, or `missing`.

    Notes
    -----
    A level of k holds a k-th of the customers, counted from the worst. Equal values have equal levels, the lowest
    that one of them would have: of customers of whom 60 % bought once, all of these have F 1, and levels of which
    nobody is left are empty; `levels` and the printed title say so.

    A file of segments, bounds included; what is not given is any level::

        schema = "custval/segments-1"
        levels = 5
        others = "其他客户"                # who is in no box
        first_match = false               # true: boxes may overlap, the first one has the customer
        [[segment]]
        name = "重要价值客户"
        recency = [4, 5]
        frequency = [4, 5]
        money = [4, 5]

    Examples
    --------
    >>> found = rfm({"recency": [3, 200, 10, 90, 400], "purchases": [9, 1, 2, 1, 1],
    ...              "amount": [500.0, 20.0, 70.0, 90.0, 10.0]})
    >>> table = found.scores()
    >>> table["cell"].tolist(), table["score"].tolist()
    (['5-5-5', '2-1-2', '4-4-3', '3-1-4', '1-1-1'], [15.0, 5.0, 11.0, 8.0, 3.0])
    >>> table["segment"].tolist()
    ['champions', 'once and gone', 'frequent small', 'undecided', 'once and gone']
    >>> rfm({"recency": [3, 200], "purchases": [9, 1], "amount": [500.0, 20.0]},
    ...     {"recency": [30, 365], "frequency": [2, 5], "money": [100]}).scores()["cell"].tolist()
    ['3-3-2', '2-1-1']
    """
    frame = data.attributes() if isinstance(data, CustomerBase) else data
    found, back = columns(frame, dict.fromkeys(("recency", frequency, money)))
    given = dict(zip(DIMENSIONS, (found[name] for name in ("recency", frequency, money)), strict=True))
    for name, column in given.items():
        finite(column, name, missing)
    hole = np.logical_or.reduce([np.isnan(column) for column in given.values()])
    wanted = _wanted(levels)
    present = len(hole) - int(hole.sum())
    level = np.array([_level(np.where(hole, np.nan, column), present, wanted[name], name == "recency")
                      for name, column in given.items()])
    counts = tuple(n if isinstance(n, int) else len(n) + 1 for n in wanted.values())
    if segments == "auto":
        segments = _segments.BUILTIN if set(counts) == {5} else None
    named = None if segments is None else _segments.read(segments, counts)
    made = None if named is None else _in_segments(level, named, given["money"], back)
    return RFM(given, level, counts, _exact(weights), made, back)


def _wanted(levels: Any) -> dict[str, Any]:
    """Return a number of levels, or rising thresholds, for each dimension."""
    if isinstance(levels, Mapping):
        keys(dict(levels), DIMENSIONS, DIMENSIONS, "levels")
    elif type(levels) is not int:
        raise ConfigError(f"levels={levels!r}: expected a number, or a dict of {', '.join(DIMENSIONS)}")
    wanted = {name: levels[name] if isinstance(levels, Mapping) else levels for name in DIMENSIONS}
    for name, given in wanted.items():
        if type(given) is int and 1 <= given <= MAX_TIERS:
            continue
        rising = isinstance(given, list | tuple) and all(low < high for low, high in pairwise(given))
        if not rising or not 0 < len(given) < MAX_TIERS:
            raise ConfigError(f"levels: {name} = {given!r}: expected a number of levels or a list of rising thresholds")
    return wanted


def _level(column: np.ndarray, present: int, wanted: Any, less_is_better: bool) -> np.ndarray:
    """Return the level of each value, 0 the lowest, -1 for NaN."""
    worst_first = column if less_is_better else np.negative(column)
    if isinstance(wanted, int):                    # the pyramid's rule from below: who is equal at a cut stands lower
        equal = {str(j): 1 / wanted for j in range(wanted)}
        return cut(worst_first, present, equal, "share", ties_of("together"))[0]
    lowest = [-limit for limit in wanted] if less_is_better else list(reversed(wanted))
    tiers = {f"{low!r}": low for low in lowest} | {"below": None}
    better_first = np.negative(column) if less_is_better else column
    tier = cut(better_first, present, tiers, "score", ties_of("together"))[0]
    return np.where(tier < 0, -1, len(wanted) - tier).astype(np.int8)


def _in_segments(level: np.ndarray, named: _segments.Segments, money: np.ndarray, back: Any) -> Segments:
    tier = np.where(level[0] < 0, -1, named.cell[tuple(np.maximum(level, 0))]).astype(np.int8)
    stats = described(money, tier, len(named.names), overlap=True)
    del stats["cutoff"]
    return Segments(named.names, tier, stats, {}, "by RFM", back)


def _exact(weights: Any) -> list[Fraction]:
    try:
        exact = [Fraction(str(w)) for w in weights]
    except (TypeError, ValueError) as error:
        raise ConfigError(f"weights={weights!r}: expected three numbers") from error
    if len(exact) != 3:
        raise ConfigError(f"weights={weights!r}: expected three numbers")
    return exact
