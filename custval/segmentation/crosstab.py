"""Cross-tables: customers and money by two classifications of the same customers, and their deviations."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _formatting
from .._arrays import Table
from .._tabular import aligned, rows_of
from .._validation import divide, finite, numbers
from ..errors import ConfigError, DataError
from .segmentation import Labels, cell_totals, places, rows_of_classes, source_of


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
        Customers without a class in at least one of the two.

    Examples
    --------
    >>> import custval as cv
    >>> both = cv.crosstab(["A", "A", "B"], ["low", "high", "high"])
    >>> both.rows, both.columns, both.customers.tolist()
    (('A', 'B'), ('low', 'high'), [[1, 1], [0, 1]])
    """

    def __init__(self, rows: tuple[str, ...], columns: tuple[str, ...], customers: np.ndarray,
                 sums: np.ndarray | None, places: tuple[np.ndarray, np.ndarray], source: Table):
        self.rows, self.columns, self.customers, self.sums = rows, columns, customers, sums
        self.apart = len(places[0]) - int(customers.sum())
        self._places, self._source = places, source

    @property
    def deviates(self) -> Any:
        """True for a customer in classes of different names: the caller's kind, index and order.

        False for a customer without one of the classes. Both need the same names, such as ABC by amount and ABC by
        margin.
        """
        if set(self.rows) != set(self.columns):
            raise ConfigError(f"the classes have different names: {', '.join(map(repr, self.rows))} are not "
                              f"{', '.join(map(repr, self.columns))}")
        same = np.array([*(self.columns.index(name) for name in self.rows), -1])
        first, second = self._places
        return self._source.beside({"deviates": (first >= 0) & (second >= 0) & (same[first] != second)})["deviates"]

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
        return self._source.new(out)

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        """Return counts with their sums at the margins, each beside its money."""
        counts = _margined(self.customers)
        money = None if self.sums is None else _margined(self.sums)
        digits = 0 if money is not None and np.abs(money).max(initial=0) >= 1000 else 2
        cells = [[f"{count:,}" + ("" if money is None else f"  {_formatting.number(money[i, j], digits)}")
                  for j, count in enumerate(row)] for i, row in enumerate(counts.tolist())]
        return ["a \\ b", *self.columns, "all"], [[name, *row] for name, row in zip([*self.rows, "all"], cells,
                                                                                  strict=True)]

    def _title(self) -> str:
        money = "" if self.sums is None else " and their sums"
        apart = f"; {self.apart:,} without a class in both" if self.apart else ""
        return f"{_formatting.many(int(self.customers.sum()), 'customer')}{money} by two classifications{apart}"


def crosstab(a: Labels, b: Labels, *, values: ArrayLike | None = None, missing: str = "apart") -> Crosstab:
    """Compare two classifications of the same customers.

    Parameters
    ----------
    a, b : Pyramid, Grid, Segments, Stages, or Series or array_like of labels, shape (customers,)
        Of the same customers in the same order. Labels are in order of appearance; None is no class.
    values : Series or array_like, shape (customers,), optional
        Money to add up for every pair of classes.
    missing : {"apart", "raise"}
        A customer without one of the classes, or with NaN as value, is excluded and counted, or refused.

    Returns
    -------
    Crosstab
        ``table()``, a row per pair of classes; ``deviates`` for each customer; and the matrices as arrays.

    Raises
    ------
    DataError
        The two are of different customers, or `missing`.

    Examples
    --------
    >>> import custval as cv
    >>> amount, margin = [50, 30, 10, 5, 3, 2], [1, 8, 1, 6, 0, 0]
    >>> both = cv.crosstab(cv.abc(amount), cv.abc(margin), values=margin)
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
    there = rows_of(rows_of_classes(a), b, values)
    rows, first = places(a, "a")
    columns, second = places(b, "b", there)
    unassigned = (first < 0) | (second < 0)
    money = np.zeros(len(first)) if values is None else numbers(aligned(there, values, "values"), "values")
    finite(money, "values", missing)
    unassigned |= np.isnan(money)
    if missing == "raise" and unassigned.any():
        raise DataError(f"{unassigned.sum():,} of {len(unassigned):,} customers are in no class of the one or of the "
                        f"other (row {np.flatnonzero(unassigned)[0]:,} first)\n  "
                        'Pass missing="apart" to exclude and count them.')
    first = np.where(unassigned, -1, first).astype(np.int8)
    customers, sums = cell_totals(money, first, second, len(rows), len(columns))
    return Crosstab(tuple(rows), tuple(columns), customers, None if values is None else sums, (first, second),
                    source_of(a))


def _margined(cells: np.ndarray) -> np.ndarray:
    """Return the cells with the sums of the rows and columns."""
    with_rows = np.concatenate([cells, cells.sum(axis=0, keepdims=True)])
    return np.concatenate([with_rows, with_rows.sum(axis=1, keepdims=True)], axis=1)
