"""Between which bounds drawn numbers lie: of each customer, and of all together."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from .._formatting import digits_of, many, number


class Total(NamedTuple):
    """Purchases, or value to come, of all customers together."""

    expected: float        # the sum of the expectations
    se: float              # of that sum, from the standard errors of the parameters (delta method)
    low: float
    high: float


class Interval:
    """Between which bounds purchases or values lie with probability `level`: of each customer, and of all together.

    Attributes
    ----------
    low, high : ndarray or Series
        The bounds of each customer.
    total : Total
        Of all together: ``expected, se, low, high``.
    level : float
        Probability that a number lies from `low` to `high`.
    """

    def __init__(self, columns: Mapping[str, np.ndarray], total: Total, level: float, given: Any,
                 frame: Callable[[Mapping[str, np.ndarray]], Any]):
        self.low, self.high = (_like(given, columns[name], name) for name in ("low", "high"))
        self.total, self.level, self._columns, self._frame = total, level, columns, frame

    def table(self) -> Any:
        """Return a frame of the kind of the data: customer, where there is one, what is expected of him, low, high."""
        return self._frame(self._columns)

    def __repr__(self) -> str:
        digits = digits_of(self.total.expected, 4)
        expected, se, low, high = (number(value, digits) for value in self.total)
        name, customers = next(iter(self._columns)), many(len(self._columns["low"]), "customer")
        return f"<Interval {customers}: {name} {expected} in all, se {se}, at {self.level:g} from {low} to {high}>"


def _like(column: Any, values: np.ndarray, name: str) -> Any:
    """Return the values as a Series where the column is one."""
    if hasattr(column, "iloc"):
        return type(column)(values, index=column.index, name=name)
    return type(column)(name, values) if hasattr(column, "alias") else values
