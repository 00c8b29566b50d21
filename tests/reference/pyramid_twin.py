"""Slow twin of the pyramid: sort, count, fractions; NaN is unassigned."""
from fractions import Fraction

import numpy as np


def order(values, tie):
    """Return rows from the top down: value, then tie, both falling, then first appearance; NaN left out."""
    rows = [i for i, v in enumerate(values) if v == v]
    return sorted(rows, key=lambda i: (-values[i], -tie[i], i))


def tiers_of_sizes(values, sizes, tie, together=False):
    tier = [-1] * len(values)
    ranked, begin = order(values, tie), 0
    for name, end in enumerate(np.cumsum(sizes)):
        while together and 0 < end < len(ranked) and values[ranked[end]] == values[ranked[end - 1]]:
            end += 1
        for i in ranked[begin:end]:
            tier[i] = name
        begin = max(begin, end)
    return tier


def tiers_of_thresholds(values, lowest):
    return [-1 if v != v else next(j for j, low in enumerate(lowest) if v >= low) for v in values]


def ranks_of_shares(values, shares):
    """Return the customers down to the one at whom the running sum reaches each share, within 1e-12."""
    falling = sorted((Fraction(v) for v in values if v == v), reverse=True)
    total = sum(falling)
    ranks = []
    for share in shares:
        wanted, running, rank = Fraction(share) * total * (1 - Fraction(1, 10**12)), Fraction(0), 0
        while running < wanted:
            running += falling[rank]
            rank += 1
        ranks.append(rank)
    return ranks


def gini(values):
    """Return the mean absolute difference over twice the mean: the definition."""
    exact = [Fraction(v) for v in values]
    spread = sum(abs(a - b) for a in exact for b in exact)
    return spread / (2 * len(exact) * sum(exact))


def share_of_top(values, p):
    falling = sorted((Fraction(v) for v in values), reverse=True)
    place = Fraction(p) * len(falling)
    whole = int(place)
    part = sum(falling[:whole]) + (falling[whole] * (place - whole) if whole < len(falling) else 0)
    return part / sum(falling)
