"""Two classifications of the same customers, class by class: customers, money, and where they deviate."""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import _formatting
from .._tabular import series
from .._validation import aligned, divide, finite, same_index
from ..errors import ConfigError, DataError
from .cells import cells
from .segmentation import Classes, carrier, places


class Crosstab(_formatting.Printed):
    """Customers by two classifications; made by `crosstab`.

    Attributes
    ----------
    rows, columns : tuple of str
        The classes of the first and of the second classification.
    customers : ndarray of int64, shape (rows, columns)
    sums : ndarray of float64, shape (rows, columns), or None
        Sums of `values`, if they were given.
    apart : int
        Customers who are in no class of the one or of the other.
    """

    def __init__(self, rows: tuple[str, ...], columns: tuple[str, ...], customers: np.ndarray,
                 sums: np.ndarray | None, places: tuple[np.ndarray, np.ndarray], back: Any):
        self.rows, self.columns, self.customers, self.sums = rows, columns, customers, sums
        self.apart = len(places[0]) - int(customers.sum())
        self._places, self._back = places, back

    @property
    def deviates(self) -> Any:
        """Whether the two put a customer into classes of different names: the caller's kind, index and order.

        False for a customer set apart. Both need the same names, such as ABC by amount and ABC by margin.
        """
        if set(self.rows) != set(self.columns):
            raise ConfigError(f"no class is the same in both: {', '.join(map(repr, self.rows))} are not "
                              f"{', '.join(map(repr, self.columns))}")
        same = np.array([*(self.columns.index(name) for name in self.rows), -1])
        first, second = self._places
        return self._back.beside({"deviates": (first >= 0) & (second >= 0) & (same[first] != second)})["deviates"]

    def table(self) -> Any:
        """Return one row per pair of classes as a frame of the caller's kind.

        Columns: a, b (the classes), customers, share (of the customers), and with values sum and share_of_sum
        (of the total; NaN unless it is positive).
        """
        out = {"a": np.repeat(np.array(self.rows, object), len(self.columns)),
               "b": np.tile(np.array(self.columns, object), len(self.rows)),
               "customers": self.customers.ravel(), "share": divide(self.customers, self.customers.sum()).ravel()}
        if self.sums is not None:
            total = self.sums.sum()
            out |= {"sum": self.sums.ravel(), "share_of_sum": (self.sums / (total if total > 0 else np.nan)).ravel()}
        return self._back.new(out)

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        """Counts with their sums at the margins, each beside its money."""
        counts = _margined(self.customers)
        money = None if self.sums is None else _margined(self.sums)
        digits = 0 if money is not None and np.abs(money).max(initial=0) >= 1000 else 2
        cells = [[f"{count:,}" + ("" if money is None else f"  {_formatting.number(money[i, j], digits)}")
                  for j, count in enumerate(row)] for i, row in enumerate(counts.tolist())]
        return ["a \\ b", *self.columns, "all"], [[name, *row] for name, row in zip([*self.rows, "all"], cells,
                                                                                  strict=True)]

    def _title(self) -> str:
        money = "" if self.sums is None else " and their sums"
        apart = f"; {self.apart:,} in no class of both" if self.apart else ""
        return f"{_formatting.many(int(self.customers.sum()), 'customer')}{money} by two classifications{apart}"


def crosstab(a: Any, b: Any, *, values: Any = None, missing: str = "raise") -> Crosstab:
    """Compare two classifications of the same customers.

    Parameters
    ----------
    a, b : Pyramid, Grid, segments, or Series or array_like of labels, shape (customers,)
        Of the same customers in the same order. Labels stand as they appear first; None is no class.
    values : Series or array_like, shape (customers,), optional
        Money to add up for every pair of classes.
    missing : {"raise", "apart"}
        A customer who is in no class of the one or of the other, or whose value is NaN, is refused, or left
        out and counted.

    Returns
    -------
    Crosstab
        ``table()``, a row per pair of classes, ``deviates`` for each customer, and the matrices as arrays.

    Raises
    ------
    DataError
        The two are of other customers, or `missing`.

    Examples
    --------
    >>> import custval as cv
    >>> amount, margin = [50, 30, 10, 5, 3, 2], [1, 8, 1, 6, 0, 0]
    >>> both = crosstab(cv.abc(amount), cv.abc(margin), values=margin)
    >>> both
    6 customers and their sums by two classifications
    a \\ b         A        B        C       all
    -----  --------  -------  -------  --------
    A       1  8.00  1  1.00  0  0.00   2  9.00
    B       1  6.00  1  1.00  0  0.00   2  7.00
    C       0  0.00  0  0.00  2  0.00   2  0.00
    all    2  14.00  2  2.00  2  0.00  6  16.00
    >>> both.deviates.tolist()
    [True, False, False, True, False, False]
    """
    frame, back = carrier(a), a._back if isinstance(a, Classes) else series(a)[1]
    rows, first = places(a, None, "a")
    columns, second = places(b, frame, "b")
    if len(second) != len(first):
        raise DataError(f"b: {len(second):,} customers, a has {len(first):,}")
    hole = (first < 0) | (second < 0)
    same_index(frame, values, "values")
    money = np.zeros(len(first)) if values is None else aligned(first, values, "values")
    finite(money, "values", missing)
    hole |= np.isnan(money)
    if missing == "raise" and hole.any():
        raise DataError(f"{hole.sum():,} of {len(hole):,} customers are in no class of the one or of the other "
                        f"(row {np.flatnonzero(hole)[0]:,} first)\n  "
                        'Pass missing="apart" to leave them out and count them.')
    first = np.where(hole, -1, first).astype(np.int8)
    customers, sums = cells(money, first, second, len(rows), len(columns))
    return Crosstab(tuple(rows), tuple(columns), customers, None if values is None else sums, (first, second), back)


def _margined(cells: np.ndarray) -> np.ndarray:
    """Return the cells with the sums of rows and columns."""
    with_rows = np.concatenate([cells, cells.sum(axis=0, keepdims=True)])
    return np.concatenate([with_rows, with_rows.sum(axis=1, keepdims=True)], axis=1)
