"""Customers and money in the cells of two classifications."""
from __future__ import annotations

import numpy as np

from .. import _core
from .tiers import MAX_TIERS


def cells(money: np.ndarray, first: np.ndarray, second: np.ndarray, rows: int,
          columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and sums of the cells, as many rows of them at a time as have numbers of their own."""
    customers, sums = np.zeros(rows * columns, np.int64), np.zeros(rows * columns)
    step = max(1, MAX_TIERS // max(1, columns))
    for begin in range(0, rows, step):
        end = min(rows, begin + step)
        part = np.where((begin <= first) & (first < end), first - np.int8(begin), np.int8(-1)).astype(np.int8)
        count, total = _core.pyramid_totals(money, _core.grid_cells(part, second, columns), (end - begin) * columns)
        customers[begin * columns:end * columns], sums[begin * columns:end * columns] = count, total
    return customers.reshape(rows, columns), sums.reshape(rows, columns)
