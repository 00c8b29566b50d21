"""Histories for tests of fits: the CDNOW sample, and simulated ones."""
from functools import cache

import numpy as np

from custval import datasets


@cache
def cdnow():
    """Return x, t_x, T (days) and m_x of the CDNOW sample to 1997-09-30, by plain loops."""
    orders = datasets.cdnow(as_frame=dict)
    spent = {}
    for customer, day, amount in zip(orders["customer"], orders["date"], orders["amount"], strict=True):
        if day <= np.datetime64("1997-09-30"):
            days = spent.setdefault(int(customer), {})
            days[day] = days.get(day, 0.0) + amount
    rows = []
    for days in spent.values():
        first, *repeats = sorted(days)
        last = repeats[-1] if repeats else first
        rows.append((len(repeats), (last - first).astype(float),
                     (np.datetime64("1997-09-30") - first).astype(float),
                     np.mean([days[day] for day in repeats]) if repeats else np.nan))
    return tuple(np.array(column, float) for column in zip(*rows, strict=True))


def simulate(n, r, alpha, a, b, seed, end=52.0, m=0):
    """Return x, t_x, T of n customers of a BG/NBD (m=0) or MBG/NBD (m=1) world, times rounded up to days of weeks."""
    g = np.random.default_rng(seed)
    rate, chance = g.gamma(r, 1 / alpha, n), g.beta(a, b, n)
    T = g.integers(int(7 * end / 2), int(7 * end) + 1, n) / 7
    x, t_x, now = np.zeros(n), np.zeros(n), np.zeros(n)
    stays = g.random(n) >= m * chance
    while stays.any():
        who = np.flatnonzero(stays)
        now[who] += g.standard_exponential(len(who)) / rate[who]
        buys = who[now[who] <= T[who]]
        stays[who] = False
        x[buys] += 1
        t_x[buys] = now[buys]
        stays[buys] = g.random(len(buys)) >= chance[buys]
    t_x = np.minimum(np.ceil(t_x * 7) / 7, T)
    return x, t_x, T


def spend(n, p, q, gamma, seed):
    """Return x and m_x of n customers of a Gamma-Gamma world, all with repeats."""
    g = np.random.default_rng(seed)
    x = 1 + g.poisson(3, n).astype(float)
    return x, g.gamma(p * x) / g.gamma(q, 1 / gamma, n) / x
