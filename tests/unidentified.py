"""Data that do not identify every parameter: (status, columns of the fit, words of the advice)."""
import histories
import numpy as np

NO, ONE = np.zeros(40), np.ones(40)
G = np.random.default_rng(11)
AGE = 20 + G.integers(0, 300, 40).astype(float)


def poisson(n, rate, end=52.0, seed=0):
    """Return x, t_x, T of customers with purchase rate `rate` (a number, or one each) and no dropout."""
    g = np.random.default_rng(seed)
    x = g.poisson(np.broadcast_to(rate, n) * end).astype(float)
    return x, np.where(x > 0, end * g.random(n) ** (1 / np.maximum(x, 1)), 0), np.full(n, end)


def one_and_gone(n):
    x = np.repeat([0.0, 1.0], n // 2)
    return x, np.where(x > 0, np.random.default_rng(1).uniform(1, 20, n), 0), np.full(n, 52.0)


def spend(mean, seed):
    g = np.random.default_rng(seed)
    x = 1 + g.poisson(3, 1000).astype(float)
    return x, mean(g, x)


RATES = np.random.default_rng(3).gamma(0.5, 0.2, 2000)
PURCHASE = [
    ("no_repeats", (NO, NO, AGE), "no customer bought twice"),
    ("no_repeats", (NO[:1], NO[:1], AGE[:1]), "no customer bought twice"),
    ("no_information", (NO, NO, NO), "T = 0 for all"),
    ("no_information", (NO[:0], NO[:0], NO[:0]), "no rows"),
    ("one_pattern", (ONE, 5 * ONE, 9 * ONE), "the same history"),
    ("one_pattern", (ONE[:1], ONE[:1], ONE[:1]), "the same history"),
    ("boundary", poisson(2000, RATES), "drop out"),
    ("flat", histories.simulate(2000, 1.0, 3.0, 1e6, 3e6, 0), "do not differ in dropout probability"),
    ("flat", histories.simulate(2000, 1e6, 3e6, 1.0, 9.0, 1), "do not differ in purchase rate"),
    ("boundary", one_and_gone(1000), "drop out at the first opportunity"),
]
SPEND = [
    ("no_repeats", (NO, np.full(40, np.nan)), "no customer bought twice"),
    ("no_repeats", (NO[:0], NO[:0]), "no customer bought twice"),
    ("one_pattern", (np.arange(1.0, 41.0), 20 * ONE), "the same history"),
    ("one_pattern", (ONE[:1], ONE[:1]), "the same history"),
    ("flat", spend(lambda g, x: 10 * g.gamma(6 * x) / x, 0), "do not differ in mean spend"),
    ("boundary", spend(lambda g, x: 1 / g.gamma(4, 1, len(x)), 1), "spends the same amount at every purchase"),
]
