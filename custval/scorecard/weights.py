"""Weights of indicators from the judgments of people.

================  ==================================================================
`pairwise`        weights from comparisons of two names at a time (AHP)
`swing`           weights from the value of raising each from its worst to its best
`Weights`         the result of both: weights by name
================  ==================================================================
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations

import numpy as np

from .._formatting import Printed, many, table
from .._validation import warn
from ..errors import ConfigError
from .exact import Number, exact, shown

__all__ = ["Weights", "pairwise", "swing"]

# Saaty (1990), "How to make a decision: the analytic hierarchy process", European Journal of Operational Research 48:
# the mean index of random comparisons of n things.
RANDOM_INDEX = dict(enumerate((0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49), 1))
MOST_RATIO = 0.10                               # above it judgments should be revised (Saaty)
DIGITS = 6                                      # of a weight; judgments are coarser
ENOUGH, MOST_PASSES = 1e-14, 100_000


def __dir__() -> list[str]:
    return __all__


class Weights(Printed, Mapping[str, float]):
    """Weights by name: a mapping of decimals of six places that sum to 1. Prints as a table.

    Attributes
    ----------
    ratio : float or None
        The consistency ratio of comparisons: 0 if they are consistent, near 1 if they look random.
    eigenvalue : float or None
        The principal eigenvalue of the comparisons; the number of names if they are consistent.
    """

    def __init__(self, shares: Mapping[str, Fraction], ratio: float | None = None, eigenvalue: float | None = None):
        self._weights = _rounded(shares)
        self.ratio = ratio
        self.eigenvalue = eigenvalue

    def __getitem__(self, name: str) -> float:
        return self._weights[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)

    def _title(self) -> str:
        return "" if self.ratio is None else f"consistency ratio {self.ratio:.3f}"

    def _rows(self) -> tuple[tuple[str, str], list[tuple[str, str]]]:
        return ("name", "weight"), [(name, f"{weight:.{DIGITS}f}") for name, weight in self.items()]

    def __repr__(self) -> str:
        return "\n".join([*table(*self._rows(), "<>"), *filter(None, [self._title()])])


def pairwise(comparisons: Mapping[tuple[str, str], Number]) -> Weights:
    """Return weights from comparisons of two names at a time: Saaty's analytic hierarchy process.

    Parameters
    ----------
    comparisons : mapping of (name, other name) to a number above 0
        Importance of the first name relative to the second, usually from 1 (equal) to 9; 1/3 or "1/3" if it is less
        important. Each pair once; a pair given in both orders must agree.

    Returns
    -------
    Weights
        The principal eigenvector of the comparisons, for ``Indicator(weight=...)``, and their consistency ratio
        ``(eigenvalue - n) / (n - 1)`` over the mean of random comparisons. A ratio over 0.10 warns (`DataWarning`)
        and names the comparison that fits the others least.

    Raises
    ------
    ConfigError
        A pair is missing or contradicts itself; there are fewer than 2 names or more than 10.

    Examples
    --------
    >>> import custval as cv
    >>> weights = cv.weights.pairwise({("profitability", "strength"): 2, ("profitability", "cooperation"): 4,
    ...                                ("strength", "cooperation"): 3})
    >>> weights
    name             weight
    -------------  --------
    profitability  0.558425
    strength       0.319618
    cooperation    0.121957
    consistency ratio 0.016
    >>> measures = {"amount": cv.rules.Linear(per=100)}
    >>> cv.Indicator("profitability", weight=weights["profitability"], measures=measures).weight
    Fraction(22337, 40000)
    """
    names, times = _compared(comparisons)
    n = len(names)
    try:
        matrix = np.array([[float(times[a, b]) for b in names] for a in names])
    except OverflowError:                                   # of the inverse of a tiny number
        raise ConfigError("comparisons: a factor is too small or too large for arithmetic") from None
    vector, eigenvalue = _principal(matrix)
    ratio = (eigenvalue - n) / (n - 1) / RANDOM_INDEX[n] if n > 2 else 0.0
    if ratio > MOST_RATIO:
        warn(f"comparisons: consistency ratio {ratio:.2f}, over {MOST_RATIO:.2f}; {_worst(names, matrix, vector)}")
    return Weights({name: Fraction(share) for name, share in zip(names, vector.tolist(), strict=True)},
                   max(float(ratio), 0.0), float(eigenvalue))


def swing(points: Mapping[str, Number]) -> Weights:
    """Return weights from swings (von Winterfeldt and Edwards 1986).

    Parameters
    ----------
    points : mapping of name to a number of 0 or more
        The value of raising each name from its worst to its best: 100 for the most valuable swing, a part of that for
        the others.

    Returns
    -------
    Weights
        Points over the sum of points.

    Examples
    --------
    >>> import custval as cv
    >>> cv.weights.swing({"profitability": 100, "strength": 100, "cooperation": 50})
    name             weight
    -------------  --------
    profitability  0.400000
    strength       0.400000
    cooperation    0.200000
    """
    if not isinstance(points, Mapping) or not points:
        raise ConfigError("swing: expected points by name")
    given = {str(name): exact(p, f"points of {name!r}") for name, p in points.items()}
    if len(given) < len(points):
        raise ConfigError("swing: two names are written alike, such as 1 and '1'")
    low = [name for name, p in given.items() if p < 0]
    if low or not any(given.values()):
        raise ConfigError(f"swing: points of {low[0]!r} lie below 0" if low else "swing: all points are 0")
    total = sum(given.values())
    return Weights({name: p / total for name, p in given.items()})


def _compared(comparisons: object) -> tuple[list[str], dict[tuple[str, str], Fraction]]:
    """Return the names in order, and the relative importance of every pair."""
    if not isinstance(comparisons, Mapping) or any(
            not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(name, str) for name in pair)
            for pair in comparisons):
        raise ConfigError('pairwise: expected comparisons such as {("sales", "loyalty"): 3}')
    names = list(dict.fromkeys(name for pair in comparisons for name in pair))
    if not 2 <= len(names) <= max(RANDOM_INDEX):
        raise ConfigError(f"pairwise: {many(len(names), 'name')}; two to {max(RANDOM_INDEX)} can be compared, more in "
                          "groups and then the groups")
    times = {(name, name): Fraction(1) for name in names}
    for (a, b), given in comparisons.items():
        value = exact(given, f"{a!r} over {b!r}")
        if value <= 0:
            raise ConfigError(f"pairwise: {a!r} over {b!r} is {shown(value)}, expected a number above 0")
        if (a, b) in times and abs(times[a, b] / value - 1) > Fraction(1, 10**9):
            raise ConfigError(f"pairwise: {a!r} over {b!r} is {shown(value)}, but {b!r} over {a!r} makes it "
                              f"{shown(times[a, b])}; give one of them" if a != b else
                              f"pairwise: {a!r} over itself is {shown(value)}, expected 1")
        times[a, b], times[b, a] = value, 1 / value
    for a, b in combinations(names, 2):
        if (a, b) not in times:
            raise ConfigError(f"pairwise: {a!r} and {b!r} are not compared")
    return names, times


def _principal(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the principal eigenvector, with sum 1, and its eigenvalue, by power iteration; all entries are > 0."""
    vector = np.full(len(matrix), 1 / len(matrix))
    for _ in range(MOST_PASSES):
        product = matrix @ vector
        before, vector = vector, product / product.sum()
        if np.abs(vector - before).max() <= ENOUGH:
            return vector, float(product.sum())
    raise ConfigError("pairwise: the comparisons are too far apart to weigh; none should be over 9 or below 1/9")


def _worst(names: list[str], matrix: np.ndarray, vector: np.ndarray) -> str:
    """Return the comparison that is furthest from the ratio of its weights, as text."""
    implied = vector[:, None] / vector
    i, j = np.unravel_index(np.argmax(np.abs(np.log(matrix / implied))), matrix.shape)
    return f"{names[i]!r} over {names[j]!r} is {matrix[i, j]:.3g}, the others make it {implied[i, j]:.3g}"


def _rounded(shares: Mapping[str, Fraction]) -> dict[str, float]:
    """Return shares rounded to the last digit so that they sum to 1; the largest remainders are rounded up."""
    total, units = sum(shares.values()), 10**DIGITS
    exactly = {name: share / total * units for name, share in shares.items()}
    whole = {name: int(share) for name, share in exactly.items()}
    up = sorted(shares, key=lambda name: whole[name] - exactly[name])[:units - sum(whole.values())]
    return {name: (count + (name in up)) / units for name, count in whole.items()}
