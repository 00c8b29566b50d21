"""Slow twin of the kernels of GGompertz/NBD: single customers, averaged over their heterogeneity by quadrature.

A customer buys at rate lam ~ Gamma(r, rate alpha) and dies at age t with hazard eta b exp(b t), eta ~ Gamma(s, rate
beta). The functions are written for one lam and one eta and averaged over both in long doubles (64 bits of mantissa);
time is integrated outside of the averages. None of the closed mixtures of Bemmaor and Glady (2012) and nothing of the
core is used. As a program it writes ggnbd.csv (two minutes).
"""
import csv
import math
import random
import sys
from functools import cache, cached_property

import mpmath as mp
import numpy as np
from individual_twin import legendre

LONG = np.longdouble
NODES, WEIGHTS = (np.array([LONG(mp.nstr(rule[i], 25)) for rule in legendre()]) for i in (0, 1))


def panels(edges):
    """Return nodes and weights between edges."""
    edges = np.array(edges, LONG)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * NODES).ravel(), (half[:, None] * WEIGHTS).ravel()


@cache
def gamma_rule(shape, rate):
    """Return values under Gamma(shape, rate) and their probabilities, from panels in the log of the value."""
    top = math.log(shape / rate)
    w, weight = panels(np.arange(top - 40 / shape - 5, top + math.log(1 + (800 + 20 * math.sqrt(shape)) / shape), 0.4))
    log_gamma = LONG(mp.nstr(mp.loggamma(shape), 25))
    return np.exp(w), weight * np.exp(shape * (w + np.log(LONG(rate))) - rate * np.exp(w) - log_gamma)


class Twin:
    """One history and one set of parameters, with all quantities of the kernels."""

    def __init__(self, x, t_x, T, r, alpha, b, s, beta):
        self.x, self.t_x, self.T, self.b = (LONG(v) for v in (x, t_x, T, b))
        self.lam, self.lam_chance = gamma_rule(r, alpha)
        self.eta, self.eta_chance = gamma_rule(s, beta)

    def buys(self, y, more=0):
        """Return E lam^(x + more) exp(-lam y): x purchases at their times, and none else until y; y may be an array."""
        log_lam = np.log(self.lam)
        return np.array([np.sum(self.lam_chance * np.exp((self.x + more) * log_lam - self.lam * v))
                         for v in np.atleast_1d(y)])

    def lives(self, y):
        return np.array([np.sum(self.eta_chance * np.exp(-self.eta * np.expm1(self.b * v))) for v in np.atleast_1d(y)])

    def dies(self, y, more=0):
        return np.array([np.sum(self.eta_chance * self.eta ** (1 + more) * self.b
                                * np.exp(self.b * v - self.eta * np.expm1(self.b * v))) for v in np.atleast_1d(y)])

    def span(self, begin, end, narrow=1):
        """Return nodes and weights of ages from `begin` to `end`: panels grow from both sides of the main mass."""
        first = min(1 / self.b, 1.0, end - begin) / 30
        edges = [begin]
        while edges[-1] < end:
            gone = edges[-1] - begin
            edges.append(min(end, edges[-1] + min(first + gone / 2, 1 / self.b, (first + gone) / narrow)))
        return panels(edges)

    @cached_property
    def last(self):
        """Return an age beyond every life."""
        age = self.T + 1
        while self.lives(age)[0] > 1e-24:
            age += (age - self.T) / 4
        return age

    @cached_property
    def ways(self):
        """Return the two ways to a history: alive at T, or dead between t_x and T."""
        y, weight = self.span(self.t_x, self.T)
        return self.buys(self.T)[0] * self.lives(self.T)[0], np.sum(weight * self.buys(y) * self.dies(y))

    def loglik(self):
        return np.log(sum(self.ways))

    def p_alive(self):
        return self.ways[0] / sum(self.ways)

    def p_alive_at(self, t):
        return self.p_alive() * self.lives(self.T + t)[0] / self.lives(self.T)[0]

    def expected_purchases_between(self, t1, t2, rate=0):
        y, weight = self.span(self.T + t1, min(self.T + t2, self.last))
        return self.buys(self.T, 1)[0] * np.sum(weight * np.exp(-rate * (y - self.T)) * self.lives(y)) / sum(self.ways)

    def expected_purchases(self, t):
        return self.expected_purchases_between(0, t)

    def expected_purchases_new(self, t):
        return self.expected_purchases(t)

    def dert(self, t, rate):
        return self.expected_purchases_between(0, t, rate)

    def residual_lifetime(self):
        y, weight = self.span(self.T, self.last)
        return self.buys(self.T)[0] * np.sum(weight * self.lives(y)) / sum(self.ways)

    def p_purchase(self, t):
        y, weight = self.span(self.T, min(self.T + t, self.last))
        return np.sum(weight * self.buys(y, 1) * self.lives(y)) / sum(self.ways)

    def purchase_pmf_given(self, k, t):
        """Return P(k more until T + t, or until death if that comes first; or dead since before T)."""
        def exactly(y):                                         # of k purchases at any times in (T, y]
            log_lam = np.log(self.lam)
            return np.array([np.sum(self.lam_chance * np.exp(
                (self.x + k) * log_lam + k * np.log(v - self.T) - math.lgamma(k + 1) - self.lam * v)) for v in y])
        end = min(self.T + LONG(t), self.last)
        y, weight = self.span(self.T, end, 1 + 2 * math.sqrt(k))
        alive = exactly(np.array([self.T + t]))[0] * self.lives(self.T + t)[0]
        dead = np.sum(weight * exactly(y) * self.dies(y))
        return (alive + dead + (self.ways[1] if k == 0 else 0)) / sum(self.ways)

    def purchase_pmf(self, k, t):
        return self.purchase_pmf_given(k, t)

    def expected_rate(self):
        y, weight = self.span(self.t_x, self.T)
        return (self.buys(self.T, 1)[0] * self.lives(self.T)[0]
                + np.sum(weight * self.buys(y, 1) * self.dies(y))) / sum(self.ways)

    def expected_dropout(self):
        """Return E[eta b]: from lives(T) with one eta more, and the density of death with one more."""
        y, weight = self.span(self.t_x, self.T)
        alive = self.buys(self.T)[0] * self.dies(self.T)[0] / np.exp(self.b * self.T)
        return (alive + self.b * np.sum(weight * self.buys(y) * self.dies(y, 1))) / sum(self.ways)


customer = cache(Twin)


def points(seed=2012, repeat=4):
    """Yield (kernel, arguments): ordinary customers and odd ones, all numbers short decimals."""
    g = random.Random(seed)

    def draw(low, high):
        return float(f"{math.exp(g.uniform(math.log(low), math.log(high))):.3g}")

    for _ in range(repeat):
        own = draw(0.3, 10), draw(1, 50), draw(0.003, 0.5), draw(0.3, 10), draw(0.03, 300)
        x, T = float(g.choice([0, 1, 2, 5, 20, 100])), draw(2, 100)
        history = x, min(T, draw(T / 10, T)) if x else 0.0, T
        t, rate = draw(0.5, 300), draw(1e-3, 0.1)
        for quantity in ("loglik", "p_alive", "residual_lifetime", "expected_rate", "expected_dropout"):
            yield quantity, (*history, *own)
        for quantity in ("p_alive_at", "expected_purchases", "p_purchase"):
            yield quantity, (t, *history, *own)
        yield "expected_purchases_between", (t, 2 * t, *history, *own)
        yield "p_purchase", (math.inf, *history, *own)
        for horizon in (t, math.inf):
            yield "dert", (horizon, rate, *history, *own)
        yield "expected_purchases_new", (t, *own)
        for k in (0, 1, g.randrange(2, 60)):
            yield "purchase_pmf", (float(k), t, *own)
            yield "purchase_pmf_given", (float(k), t, *history, *own)


def twin(quantity, arguments):
    """Return the value of the kernel ggnbd_<quantity>, by this file."""
    front, own = arguments[:-5], arguments[-5:]
    if quantity in ("expected_purchases_new", "purchase_pmf"):
        return getattr(customer(0, 0, 0, *own), quantity)(*front)
    return getattr(customer(*front[-3:], *own), quantity)(*front[:-3])


if __name__ == "__main__":
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["kernel", "arguments", "value"])
    for quantity, arguments in points():
        value = twin(quantity, arguments)
        rows.writerow([f"ggnbd_{quantity}", " ".join(map(str, arguments)), np.format_float_scientific(value, 17)])
        sys.stdout.flush()
