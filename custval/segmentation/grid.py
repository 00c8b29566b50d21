"""Grids: customers in the cells of two values, such as the nine-grid and the two-by-two."""
from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .. import _core, _formatting
from .._arrays import FrameLike, Table
from .._core import MAX_TIERS
from .._formatting import look_alike
from .._tabular import aligned, rows_of, series
from .._validation import divide, finite, numbers, real
from ..errors import ConfigError
from .segmentation import Segmentation, parts_of
from .tiers import Ties, cut, ties_of, totals

EQUAL = {"halves": 2, "terciles": 3, "quartiles": 4, "quintiles": 5}
Cuts: TypeAlias = str | float | list[float] | np.ndarray              # the cuts of one value


class Grid(Segmentation):
    """Customers in the cells of a grid; made by `grid`.

    Attributes
    ----------
    names : tuple of str
        The cells row by row, the best one first.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's cell in `names`, -1 for an unassigned customer.
    shape : (int, int)
        Levels of x (rows) and of y (columns).
    apart : int
        Number of customers without one of the values, unassigned.

    Examples
    --------
    >>> import custval as cv
    >>> two = cv.grid([9, 7, 2, 1], [1, 8, 3, 2], cuts="halves")
    >>> two.shape, two.names, two.tier.tolist()
    ((2, 2), ('A1', 'A2', 'B1', 'B2'), [1, 0, 2, 3])
    """

    kind, class_name = "Grid", "cell"

    def __init__(self, names: tuple[str, ...], tier: np.ndarray, stats: dict[str, np.ndarray],
                 parts: dict[str, np.ndarray], shape: tuple[int, int], source: Table):
        how = f"in {shape[0]} x {shape[1]} cells (customers, share of sum)"
        super().__init__(names, tier, stats, parts, how, source)
        self.shape = shape

    def table(self) -> Any:
        """Return one row per cell as a frame of the caller's kind.

        Columns: cell, x and y (levels, 1 the best), x_from and y_from (the lowest value or the threshold of the
        level), x_tied and y_tied (customers with one value on both sides of the cut below the
        level), customers, share (of customers), sum, share_of_sum (of the total; NaN unless it is
        positive) and mean of the summed values.
        """
        return super().table()

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        """Return one row per level of x: each cell with its customers and its share of the sum."""
        rows, columns = self.shape
        numbers = (self.stats[name].tolist() for name in ("customers", "share_of_sum"))
        cells = [f"{name}  {count:,}  {_formatting.number(share, 1, percent=True)}"
                 for name, count, share in zip(self.names, *numbers, strict=True)]
        head = ["x \\ y", *(_edge(low) for low in self.stats["y_from"][:columns])]
        return head, [[_edge(self.stats["x_from"][i * columns]), *cells[i * columns:(i + 1) * columns]]
                      for i in range(rows)]


def _edge(low: float) -> str:
    return ">= " + _formatting.number(low, 2) if np.isfinite(low) else "nobody" if low > 0 else "below"


def grid(x: ArrayLike, y: ArrayLike, *, cuts: Cuts | tuple[Cuts, Cuts] = "terciles",
         names: Sequence[str] | None = None, values: ArrayLike | None = None, ties: str = "together",
         composition: FrameLike | None = None, missing: str = "apart") -> Grid:
    """Assign customers to the cells of a grid of two values, such as value and loyalty, or present and future value.

    Parameters
    ----------
    x, y : Series or array_like, shape (customers,)
        The values to rank by; x makes the rows (letters), y the columns (digits). Finite; NaN by `missing`.
    cuts : word, int, float, list, or tuple of two of these
        The cuts of both values, or of x and of y: ``"terciles"`` (also halves, quartiles, quintiles) or a
        number of levels with equally many customers; a share between 0 and 1 of the customers on top; or a list
        of rising thresholds, ``[0, 10_000]``: below 0, from 0, from 10,000.
    names : sequence of str, optional
        The cells row by row, the best first, in any language; by default A1, A2 ... B1 ..., A1 the best.
    values : Series or array_like, shape (customers,), optional
        The values to sum in the cells; by default x.
    ties : {"together", "row"}
        Equal values at a cut: ``"together"`` keeps them in the upper level, and the columns ``x_tied`` and ``y_tied``
        of the table count them; ``"row"`` divides them by order of appearance, so that sizes are exact.
    composition : frame or dict of arrays, optional
        Columns to add up per cell; see `Grid.composition`.
    missing : {"apart", "raise"}
        A customer without x or y is unassigned and counted, or refused; an unassigned customer moves no cut.

    Returns
    -------
    Grid
        ``labels``, ``table()``, ``composition()``, ``distribution()``, ``histogram()``, ``actions()``, ``promote()``.

    Raises
    ------
    ConfigError
        Invalid cuts, names that do not fit them, more than 127 cells or 26 levels of x without names.
    DataError
        Values that are missing or infinite, or of other customers, with their rows.

    Examples
    --------
    >>> import custval as cv
    >>> nine = cv.grid([9, 8, 7, 6, 5, 4, 3, 2, 1], [1, 9, 5, 2, 8, 4, 3, 7, 6])
    >>> nine.labels.tolist()
    ['A3', 'A1', 'A2', 'B3', 'B1', 'B2', 'C3', 'C1', 'C2']

    Strategic customers bring much now and later, profit customers now, potential customers later:

    >>> now, later = [50, 40, 3, 2, 1, 1, 1, 1, 1, 1], [9, 2, 8, 1, 1, 1, 1, 1, 1, 1]
    >>> cv.grid(now, later, cuts=.20, names=["strategic", "profit", "potential", "ordinary"])
    Grid of 10 customers in 2 x 2 cells (customers, share of sum)
    x \\ y                 >= 8.00            >= 1.00
    --------  -------------------  -----------------
    >= 40.00  strategic  1  49.5%   profit  1  39.6%
    >= 1.00    potential  1  3.0%  ordinary  7  7.9%
    """
    found, source = series(x, "x")
    there = rows_of(x, y, values, composition)
    first, second = numbers(found, "x"), numbers(aligned(there, y, "y"), "y")
    present = min(finite(first, "x", missing), finite(second, "y", missing))
    unknown = None
    if present < len(first):
        unknown = np.isnan(first) | np.isnan(second)
        present = len(first) - int(unknown.sum())
        first, second = (np.where(unknown, np.nan, column) for column in (first, second))
    summed = first
    if values is not None:
        own = numbers(aligned(there, values, "values"), "values")
        summed = np.where(False if unknown is None else unknown, 0.0, own)
        finite(summed, "values")
    both = cuts if isinstance(cuts, tuple) else (cuts, cuts)
    if len(both) != 2:
        raise ConfigError(f"cuts={cuts!r}: a tuple has two items, for x and for y; thresholds of both are a list")
    rule = ties_of(ties)
    rows, x_from, x_tied = _levels(first, present, both[0], rule)
    columns, y_from, y_tied = _levels(second, present, both[1], rule)
    cells = _names(names, len(x_from), len(y_from))
    cell = _core.grid_cells(rows, columns, len(y_from))
    customers, sums = _core.pyramid_totals(summed, cell, len(cells))
    stats = totals(customers, sums) | {"mean": divide(sums, customers)}
    del stats["cumulative_share"]
    axes = {"x": np.repeat(np.arange(1, len(x_from) + 1), len(y_from)),
            "y": np.tile(np.arange(1, len(y_from) + 1), len(x_from)),
            "x_from": np.repeat(x_from, len(y_from)), "y_from": np.tile(y_from, len(x_from)),
            "x_tied": np.repeat(x_tied, len(y_from)), "y_tied": np.tile(y_tied, len(x_from))}
    parts = {} if composition is None else parts_of(there, composition, cell, len(cells))
    return Grid(cells, cell, axes | stats, parts, (len(x_from), len(y_from)), source)


def _levels(column: np.ndarray, present: int, cuts: Cuts, rule: Ties) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the level of each value, 0 on top, and of each level the lowest value and the ties at the cut below."""
    number: float | None = None
    if isinstance(cuts, int | float | np.integer | np.floating) and not isinstance(cuts, bool):
        number = cuts
    levels = EQUAL.get(cuts) if isinstance(cuts, str) else int(number) if number and number == number // 1 else None
    if levels is not None and 1 <= levels <= MAX_TIERS:
        tiers: dict[str, Any] = {str(j): 1 / levels for j in range(levels)}
    elif number is not None and 0 < number < 1:
        tiers = {"top": number, "rest": 1 - number}
    elif isinstance(cuts, list | np.ndarray) and len(cuts) < MAX_TIERS:
        cuts = [real("cuts", low) for low in cuts]
        tiers = {f"level {j}": low for j, low in enumerate(reversed(cuts), 1)} | {"below": None}
        found = cut(column, present, tiers, "score", rule)
        return found.tier, np.array([*reversed(cuts), -np.inf]), found.tied
    else:
        raise ConfigError(f"cuts={cuts!r}: expected one of {', '.join(map(repr, EQUAL))}, a number of levels, a share "
                          "of the customers on top, or a list of rising thresholds")
    tier, marks, tied = cut(column, present, tiers, "share", rule)
    assert marks is not None
    return tier, marks[3::4], tied


def _names(names: Sequence[str] | None, rows: int, columns: int) -> tuple[str, ...]:
    if rows * columns > MAX_TIERS or (names is None and rows > 26):
        raise ConfigError(f"{rows} x {columns} cells: at most {MAX_TIERS}, and 26 rows without names")
    if names is None:
        return tuple(f"{letter}{j + 1}" for letter in string.ascii_uppercase[:rows] for j in range(columns))
    listed = isinstance(names, Sequence) and not isinstance(names, str)
    if not listed or len(names) != rows * columns or look_alike(names) is not None:
        raise ConfigError(f"names={names!r}: expected {rows * columns} different ones, row by row, the best first")
    return tuple(map(str, names))
