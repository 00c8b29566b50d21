"""Concentration of value: the share held by the best customers (80/20), Lorenz curve and Gini coefficient."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import Table
from .._formatting import Printed, many, number
from .._tabular import series
from .._validation import choice, finite, in_short, numbers, setting, whole
from ..errors import ConfigError

TOPS = (.01, .05, .1, .2, .5)


class Lorenz(Printed):
    """The concentration curve of a column of values, best customers first; made by `lorenz`.

    Examples
    --------
    >>> import custval as cv
    >>> curve = cv.lorenz([80, 5, 5, 5, 5])
    >>> curve.share_of_top(.20), curve.count_reaching(.85), round(curve.gini, 3)
    (0.8, 2, 0.6)
    """

    def __init__(self, top: np.ndarray, gini: float, source: Table):
        self._top, self._gini, self._source = top, gini, source

    @property
    def gini(self) -> float:
        """The Gini coefficient of all values, negatives included: 0 if all are equal, near 1 if one holds all."""
        return self._gini

    def share_of_top(self, p: float) -> float:
        """Return the share of the total that the best share `p` of customers holds; NaN unless it is positive."""
        return _core.share_of_top(self._top, _share(p))

    def count_reaching(self, share: float) -> int:
        """Return the smallest number of customers that together hold `share` of a positive total."""
        return _core.count_reaching(self._top, _share(share))

    def table(self, points: int = 101) -> Any:
        """Return the curve at equal steps as a frame of the caller's kind: columns customers, value (shares)."""
        steps = np.linspace(0, 1, whole("points", points, 1, 10**7, "a number of points, 1 or more"))
        return self._source.new({"customers": steps, "value": np.array([self.share_of_top(p) for p in steps])})

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        return ["best customers", "share of the total"], [
            [f"{p:.0%}", number(self.share_of_top(p), 1, percent=True)] for p in TOPS]

    def __repr__(self) -> str:
        n = len(self._top) - 1
        if not self._top[-1] > 0:
            return f"<Lorenz {many(n, 'customer')}, no positive total to share>"
        count = self.count_reaching(0.8)
        return (f"<Lorenz {many(n, 'customer')}: the top 20% hold {self.share_of_top(.2):.1%}; "
                f"{count:,} ({count / n:.1%}) hold 80%; Gini {self.gini:.3f}>")


def lorenz(values: ArrayLike) -> Lorenz:
    """Return the concentration curve of values.

    Parameters
    ----------
    values : Series or array_like, shape (customers,)
        Money or points, finite; negative values are kept.

    Returns
    -------
    Lorenz

    Raises
    ------
    DataError
        A value is NaN or infinite.

    Examples
    --------
    >>> import custval as cv
    >>> cv.lorenz([80, 5, 5, 5, 5])
    <Lorenz 5 customers: the top 20% hold 80.0%; 1 (20.0%) hold 80%; Gini 0.600>
    """
    found, source = series(values)
    column = numbers(found, "values")
    finite(column, "values")
    ascending = np.sort(column)
    top = _core.lorenz(ascending)
    finite(top[-1:], "the sum of values")
    return Lorenz(top, _core.gini(ascending), source)


def share_of_top(values: ArrayLike, p: float = 0.2) -> float:
    """Return the share of the total that the best share `p` of customers holds, linear between customers.

    Parameters
    ----------
    values : Series or array_like, shape (customers,)
        Money or points, finite; negative values are kept.
    p : float
        Share of the customers, from 0 to 1; the best ones come first.

    Returns
    -------
    float
        NaN unless the total is positive.

    Raises
    ------
    DataError
        A value is NaN or infinite.
    ConfigError
        `p` lies outside 0 to 1.

    Examples
    --------
    >>> import custval as cv
    >>> cv.share_of_top([80, 5, 5, 5, 5], .20)
    0.8
    """
    return lorenz(values).share_of_top(p)


def gini(values: ArrayLike, *, negatives: str = "keep") -> float:
    """Return the Gini coefficient: sum of (2 i - n - 1) x_i / (n sum of x_i), x ascending.

    Parameters
    ----------
    values : Series or array_like, shape (customers,)
    negatives : {"keep", "apart"}
        Keep negative values, so that the coefficient can exceed 1; or exclude them.

    Returns
    -------
    float
        NaN unless the total is positive and no sum overflows.

    Examples
    --------
    >>> import custval as cv
    >>> cv.gini([1, 1, 1, 1]), cv.gini([0, 0, 0, 1])
    (0.0, 0.75)
    """
    choice("negatives", negatives, ("keep", "apart"))
    column = numbers(series(values)[0], "values")
    finite(column, "values")
    ascending = np.sort(column)
    return _core.gini(ascending if negatives == "keep" else ascending[ascending >= 0])


def _share(share: float) -> float:
    number = setting(share)
    if number is None or not 0 <= number <= 1:
        raise ConfigError(f"a share lies between 0 and 1, got {in_short(share)}")
    return number
