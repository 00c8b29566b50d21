"""Slow twins of BG/CNBD-k and MBG/CNBD-k: the individual-level models, integrated over their heterogeneity.

A customer passes Erlang stages at rate lam ~ Gamma(r, rate alpha) and buys at every k-th of them; after a repeat
purchase (m = 1: also after the first one) they drop out with probability p ~ Beta(a, b). The functions are written for
one lam and one p, then averaged by the trapezoidal rule in log lam and logit p, in 30 digits. No closed form of the
paper or of the core is used. As a program it writes condensed.csv (some minutes; gmpy2 helps).
"""
import csv
import random
import sys
from functools import cache

import mpmath as mp

mp.mp.dps = 30
STEP = mp.mpf("0.06")


@cache
def lam_rule(shape, rate):
    """Return values of lam and their probabilities under Gamma(shape, rate)."""
    top, rule = mp.log(shape / rate), []
    step = STEP / mp.sqrt(1 + shape / 16)
    for i in range(-20000, 20000):
        w = top + i * step
        exponent = shape * w - rate * mp.exp(w) + shape * mp.log(rate) - mp.loggamma(shape)
        if exponent > -75:
            rule.append((mp.exp(w), step * mp.exp(exponent)))
    return rule


@cache
def p_rule(a, b):
    """Return values of p, of 1 - p, and their probabilities under Beta(a, b)."""
    log_b, step, rule = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b), STEP / mp.sqrt(1 + min(a, b) / 8), []
    for i in range(-20000, 20000):
        w = mp.log(a / b) + i * step
        exponent = -a * mp.log1p(mp.exp(-w)) - b * mp.log1p(mp.exp(w)) - log_b
        if exponent > -75:
            rule.append((1 / (1 + mp.exp(-w)), 1 / (1 + mp.exp(w)), step * mp.exp(exponent)))
    return rule


@cache
def mean_p(f, a, b):
    return mp.fsum(chance * f(p, q) for p, q, chance in p_rule(mp.mpf(a), mp.mpf(b)))


@cache
def staying(a, b, n):
    """Return E (1 - p)^i for i = 0..n."""
    sums = [mp.mpf(0)] * (n + 1)
    for _, q, chance in p_rule(mp.mpf(a), mp.mpf(b)):
        for i in range(n + 1):
            sums[i] += chance
            chance *= q
    return sums


def poisson(mean, n):
    """Return P(i) for i = 0..n."""
    chances = [mp.exp(-mean)]
    for i in range(1, n + 1):
        chances.append(chances[-1] * mean / i)
    return chances


class Customer:
    """A history: the distribution of lam, p, and the stages since the last purchase."""

    def __init__(self, x, t_x, T, k, r, alpha, a, b, m):
        self.x, self.t_x, self.T, self.k, self.m = int(x), mp.mpf(t_x), mp.mpf(T), int(k), m
        self.r, self.alpha, self.a, self.b = mp.mpf(r), mp.mpf(alpha), mp.mpf(a), mp.mpf(b)
        tosses = self.x + m
        stays = mean_p(lambda p, q: q**tosses, self.a, self.b)
        leaves = mean_p(lambda p, q: p * q ** (tosses - 1), self.a, self.b) if tosses else mp.mpf(0)
        self.lams = lam_rule(self.r, self.alpha)
        here, gone = [], []                   # density of the gaps, to be times exp((k - 1) litt) / Gamma(k)^x
        for lam, chance in self.lams:
            density = chance * lam ** (self.k * self.x) * mp.exp(-lam * self.t_x)
            here.append(density * stays * mp.fsum(poisson(lam * (self.T - self.t_x), self.k - 1)))
            gone.append(density * leaves)
        self.likelihood = mp.fsum(here) + mp.fsum(gone)
        self.here, self.gone = ([v / self.likelihood for v in side] for side in (here, gone))
        self.p_alive = mp.fsum(self.here)
        self.active = (self.a, self.b + tosses)

    def over_lam(self, f):
        """Return E f(lam, probabilities of 0..k-1 stages since t_x); active."""
        total = []
        for (lam, _), chance in zip(self.lams, self.here, strict=True):
            if chance > mp.mpf(10) ** -28 * self.p_alive:
                stages = poisson(lam * (self.T - self.t_x), self.k - 1)
                total.append(chance * f(lam, [v / mp.fsum(stages) for v in stages]))
        return mp.fsum(total)

    def counts(self, t):
        """Return P(n purchases fit in the time t), n = 0, 1, ...; active."""
        most = int(max(lam for (lam, _), c in zip(self.lams, self.here, strict=True) if c > mp.mpf(10) ** -26) * t)
        most = most + 40 + int(12 * mp.sqrt(most))
        table = [mp.mpf(0)] * (most // self.k + 2)

        def add(lam, stages):
            passed, out = poisson(lam * t, most), [mp.mpf(0)] * len(table)
            for j, chance in enumerate(stages):
                for i, v in enumerate(passed):
                    out[(i + j) // self.k] += chance * v
            return out

        for (lam, _), chance in zip(self.lams, self.here, strict=True):
            if chance > mp.mpf(10) ** -28 * self.p_alive:
                stages = poisson(lam * (self.T - self.t_x), self.k - 1)
                for n, v in enumerate(add(lam, [s / mp.fsum(stages) for s in stages])):
                    table[n] += chance * v
        return table


def loglik(x, t_x, T, litt, *parameters):
    c = Customer(x, t_x, T, *parameters)
    return mp.log(c.likelihood) + (c.k - 1) * mp.mpf(litt) - c.x * mp.loggamma(c.k)


def p_alive(*history):
    return Customer(*history).p_alive


def p_alive_at(t, *history):
    c = Customer(*history)
    counts = c.counts(mp.mpf(t))
    stays = staying(*c.active, len(counts))
    return mp.fsum(v * stays[n] for n, v in enumerate(counts))


def p_purchase(t, *history):
    c = Customer(*history)
    return c.p_alive if mp.isinf(t) else mp.fsum(c.counts(mp.mpf(t))[1:])


def expected_purchases(t, *history):
    c = Customer(*history)
    counts = c.counts(mp.mpf(t))
    stays = staying(*c.active, len(counts))
    return mp.fsum(v * mp.fsum(stays[:n]) for n, v in enumerate(counts))


def expected_purchases_between(t1, t2, *history):
    return expected_purchases(t2, *history) - expected_purchases(t1, *history)


def expected_purchases_new(t, *parameters):
    return expected_purchases(t, 0, 0, 0, *parameters)


def purchase_pmf_given(n, t, *history):
    c, n = Customer(*history), int(n)
    counts = c.counts(mp.mpf(t))
    stays = staying(*c.active, n)
    if n >= len(counts):
        return mp.mpf(0)
    left = (stays[n - 1] - stays[n]) * mp.fsum(counts[n:]) if n else mp.fsum(c.gone)
    return counts[n] * stays[n] + left


def purchase_pmf(n, t, *parameters):
    return purchase_pmf_given(n, t, 0, 0, 0, *parameters)


def dert(t, rate, *history):
    c, rate = Customer(*history), mp.mpf(rate)
    if not mp.isinf(t):
        return to_horizon(mp.mpf(t), rate, c)
    rule = p_rule(*c.active)

    def given(lam, stages):
        g = lam / (lam + rate)
        whole = g**c.k
        return (mp.fsum(v * g ** (c.k - j) for j, v in enumerate(stages))
                * mp.fsum(chance / (1 - q * whole) for p, q, chance in rule))

    return c.over_lam(given)


def to_horizon(t, rate, c):
    most = len(c.counts(t))
    stays = staying(*c.active, most)

    def given(lam, stages):
        g, passed = lam / (lam + rate), poisson((lam + rate) * t, (most + 3) * c.k + 40)
        tail = [mp.mpf(0)]
        for v in reversed(passed):
            tail.append(tail[-1] + v)
        tail.reverse()
        return mp.fsum(stays[n - 1] * v * g ** (n * c.k - j) * tail[n * c.k - j]
                       for n in range(1, most + 1) for j, v in enumerate(stages))

    return c.over_lam(given)


def residual_lifetime(*history):
    c = Customer(*history)
    purchases = mean_p(lambda p, q: 1 / p, *c.active)
    return c.over_lam(lambda lam, stages: mp.fsum(v * (c.k * purchases - j) for j, v in enumerate(stages)) / lam)


def next_purchase(q, *history):
    c, q = Customer(*history), mp.mpf(q)
    if q >= c.p_alive:
        return mp.inf

    def missing(w):
        t = mp.exp(w)
        return c.over_lam(lambda lam, stages: mp.fsum(
            v * mp.gammainc(c.k - j, 0, lam * t, regularized=True) for j, v in enumerate(stages))) - q

    return mp.exp(mp.findroot(missing, (mp.log(c.T + 1) - 8, mp.log(c.T + 1) + 8), solver="anderson", tol=1e-36))


def expected_rate(*history):
    c = Customer(*history)
    return mp.fsum((h + g) * lam for (lam, _), h, g in zip(c.lams, c.here, c.gone, strict=True)) / c.k


def expected_dropout(*history):
    c = Customer(*history)
    mean = mean_p(lambda p, q: p, *c.active)
    tosses = c.x + c.m
    if tosses == 0:
        return mean
    gone = (mean_p(lambda p, q: p * p * q ** (tosses - 1), c.a, c.b)
            / mean_p(lambda p, q: p * q ** (tosses - 1), c.a, c.b))
    return c.p_alive * mean + mp.fsum(c.gone) * gone


def quantities(prefix, history, litt, own, t, rate, n):
    """Yield (kernel, arguments) of one customer."""
    yield f"{prefix}_loglik", (*history, litt, *own)
    for quantity in ("p_alive", "expected_rate", "expected_dropout"):
        yield f"{prefix}_{quantity}", (*history, *own)
    yield f"{prefix}_residual_lifetime", (*history, own[0], own[1] + 2, own[2], own[3] + 2, own[4])
    for quantity in ("p_alive_at", "p_purchase", "expected_purchases"):
        yield f"{prefix}_{quantity}", (t, *history, *own)
    yield f"{prefix}_p_purchase", (float("inf"), *history, *own)
    for share in (1.01, 2):
        yield f"{prefix}_expected_purchases_between", (t, round(share * t, 6), *history, *own)
    yield f"{prefix}_expected_purchases_new", (t, *own)
    for count in (0.0, n):
        yield f"{prefix}_purchase_pmf", (count, t, *own)
        yield f"{prefix}_purchase_pmf_given", (count, t, *history, *own)
    yield f"{prefix}_dert", (float("inf"), rate, *history, *own)
    yield f"{prefix}_dert", (t, rate, *history, *own)
    for q in (0.01, 0.5):
        yield f"{prefix}_next_purchase", (q, *history, *own)


def points(seed=2016):
    """Yield (kernel, arguments): odd customers, then ordinary ones, all numbers short decimals."""
    g = random.Random(seed)

    def draw(low, high):
        return float(f"{mp.exp(g.uniform(float(mp.log(low)), float(mp.log(high)))):.3g}")

    for k in (1, 2, 3, 5, 12):
        for prefix in ("bgcnbd", "mbgcnbd"):
            own = float(k), draw(0.4, 10), draw(0.1, 30), draw(0.4, 5), draw(0.4, 5)
            x, T = g.choice([0, 1, 3, 8]), draw(5, 100)
            history = float(x), min(T, draw(T / 4, T)) if x else 0.0, T
            t, rate, n = draw(0.3, 40), draw(1e-3, 0.1), float(g.randrange(1, 4))
            litt = round(x * float(mp.log(history[1] / x)) - 0.3, 3) if x else 0.0
            yield from quantities(prefix, history, litt, own, t, rate, n)
    for prefix, k, history, litt in (("bgcnbd", 2.0, (2.0, 30.43, 38.86), 5.0),
                                     ("mbgcnbd", 3.0, (7.0, 35.0, 38.86), 10.0),
                                     ("bgcnbd", 4.0, (26.0, 37.5, 38.86), 8.0)):
        yield from quantities(prefix, history, litt, (k, 0.9, 3.1 / k, 0.8, 2.4), 13.0, 0.002688, 2.0)
    yield "bgcnbd_dert", (205.0, 0.2466, 2.0, 7.2, 74.1, 3.0, 0.0113, 0.44, 0.63, 21.4)     # e^-50 at the horizon
    yield "mbgcnbd_dert", (36.0, 0.9, 12.0, 8.3, 9.1, 5.0, 2.1, 0.8, 1.3, 4.4)
    yield "mbgcnbd_dert", (158.0, 0.0004, 0.0, 0.0, 10.1, 1.0, 0.25, 28.6, 39.7, 1.2)       # dead before the horizon


def twin(kernel, arguments):
    """Return the value of a kernel of _core, by this file."""
    prefix, quantity = kernel.split("_", 1)
    return globals()[quantity](*arguments, {"bgcnbd": 0, "mbgcnbd": 1}[prefix])


if __name__ == "__main__":
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["kernel", "arguments", "value"])
    for kernel, arguments in points():
        rows.writerow([kernel, " ".join(map(str, arguments)), mp.nstr(twin(kernel, arguments), 18)])
        sys.stdout.flush()
