"""Slow twin of the Pareto/NBD kernels: the model integrated over the time of death by quadrature, in 30 digits.

Given that a customer dies at age y, or later than T, their purchases are a Poisson process at a gamma distributed
rate, so every quantity is one integral over y with plain factors. No hypergeometric function, no fraction and no
closed form of the papers is used. As a program it writes pnbd.csv (a minute).
"""
import csv
import random
import sys
from functools import cache

import mpmath as mp

mp.mp.dps = 30


@cache
def legendre(n=24):
    """Return nodes and weights of Gauss-Legendre on (-1, 1)."""
    starts = [mp.cos(mp.pi * (i - 0.25) / (n + 0.5)) for i in range(1, n // 2 + 1)]
    nodes = [mp.findroot(lambda v: mp.legendre(n, v), start) for start in starts]
    rule = [(x, 2 / ((1 - x * x) * mp.diff(lambda v: mp.legendre(n, v), x) ** 2)) for x in nodes]
    return rule + [(-x, weight) for x, weight in rule]


def panel(f, a, b):
    return (b - a) / 2 * mp.fsum(weight * f((a + b) / 2 + (b - a) / 2 * x) for x, weight in legendre())


def integral(f, end, first):
    """Return the integral of f over (0, end), positive and falling in the end: panels grow from `first` to 1."""
    total, at, step = mp.mpf(0), mp.mpf(0), first / 2
    while at < end:
        step = min(step, end - at, 1)
        part = panel(f, at, at + step)
        total, at, step = total + part, at + step, 1.5 * step
        if part < total * mp.mpf("1e-32"):
            break
    return total


def over_deaths(f, end, k, c, s, g):
    """Integrate s / (g + v) (1 + v/g)^-s (1 + v/c)^-k f(v) over v in (0, end), v = g (e^w - 1)."""
    def integrand(w):
        v = g * mp.expm1(w)
        return s * mp.exp(-s * w - k * mp.log1p(v / c)) * f(v)
    return integral(integrand, mp.log1p(end / g), 1 / (s + (k + 1) * g / c))


class Customer:
    """A history (x, t_x, T) and the parameters."""

    def __init__(self, *numbers):
        self.x, self.t_x, self.T, self.r, self.alpha, self.s, self.beta = map(mp.mpf, numbers)
        self.k, self.D = self.r + self.x, self.T - self.t_x
        self.start = self.k, self.alpha + self.t_x, self.s, self.beta + self.t_x        # at t_x
        self.now = self.k, self.alpha + self.T, self.s, self.beta + self.T              # at T, if alive
        self.lives = self.nothing_until(self.D, *self.start)
        self.died = over_deaths(lambda v: 1, self.D, *self.start)

    @staticmethod
    def nothing_until(t, k, c, s, g):
        return mp.exp(-k * mp.log1p(t / c) - s * mp.log1p(t / g))

    def p_alive(self):
        return self.lives / (self.lives + self.died)

    def p_alive_at(self, t):
        return self.p_alive() * mp.exp(-self.s * mp.log1p(t / (self.beta + self.T)))

    def loglik(self):
        return (mp.loggamma(self.k) - mp.loggamma(self.r) + self.r * mp.log(self.alpha) + self.s * mp.log(self.beta)
                - self.k * mp.log(self.alpha + self.t_x) - self.s * mp.log(self.beta + self.t_x)
                + mp.log(self.lives + self.died))

    def p_purchase(self, t):
        """Return P(a purchase before death): that of death before a purchase, with the parameters exchanged."""
        k, c, s, g = self.now
        return self.p_alive() * over_deaths(lambda v: 1, t, s, g, k, c)

    def expected_purchases_between(self, t1, t2):
        k, c, s, g = self.now
        end = mp.log1p((t2 - t1) / (g + t1))
        alive = integral(lambda w: (g + t1) * mp.exp(w - s * w), end, 1 / (1 + s))
        return self.p_alive_at(t1) * k / c * alive

    def expected_purchases(self, t):
        return self.expected_purchases_between(mp.mpf(0), t)

    def dert(self, t, rate):
        k, c, s, g = self.now
        end = min(mp.log1p(t / g), mp.log1p(90 / (rate * g)))
        alive = integral(lambda w: g * mp.exp(w - s * w - rate * g * mp.expm1(w)), end, 1 / (1 + s + rate * g))
        return self.p_alive() * k / c * alive

    def residual_lifetime(self):
        return self.p_alive() * self.now[3] / (self.s - 1)

    def expected_rate(self):
        _, c, _, _ = self.start
        died = over_deaths(lambda v: self.k / (c + v), self.D, *self.start)
        return (self.lives * self.k / (self.alpha + self.T) + died) / (self.lives + self.died)

    def expected_dropout(self):
        _, _, s, g = self.start
        died = over_deaths(lambda v: (s + 1) / (g + v), self.D, *self.start)
        return (self.lives * s / (self.beta + self.T) + died) / (self.lives + self.died)

    def purchase_pmf_given(self, n, t):
        """Sum negative binomials until t or the death before it, whose density is taken from the right end."""
        k, c, s, g = self.now

        def count(u):
            log_ways = mp.loggamma(k + n) - mp.loggamma(k) - mp.loggamma(n + 1)
            return mp.exp(log_ways + k * mp.log(c / (c + u)) + (n * mp.log(u / (c + u)) if n else 0))

        def dying(v):
            u = t * mp.exp(-v)
            return count(u) * s / (g + u) * mp.exp(-s * mp.log1p(u / g)) * u
        width = 1 / (2 + n + k + s)
        density = sum(panel(dying, a, b) for a, b in edges(width, 70))
        gone = 1 - self.p_alive() if n == 0 else 0
        return gone + self.p_alive() * (count(t) * mp.exp(-s * mp.log1p(t / g)) + density)


def edges(width, end):
    at, step = mp.mpf(0), mp.mpf(width)
    while at < end:
        yield at, at + step
        at, step = at + step, min(1.3 * step, 0.3)


QUANTITIES = {"p_alive": "", "p_alive_at": "t", "loglik": "", "p_purchase": "t", "expected_purchases": "t",
              "expected_purchases_between": "t t2", "dert": "t rate", "expected_rate": "", "expected_dropout": "",
              "purchase_pmf_given": "n t"}


def rows():
    """Yield kernel, arguments and value at points of the box that are drawn once."""
    g = random.Random(1987)

    def rounded(low, high):
        return float(f"{10 ** g.uniform(low, high):.3g}")
    for i in range(24):
        size = 1.0 if i < 12 else 3.0
        parameters = [rounded(-size, size) for _ in range(4)]
        x = float(f"{g.choice([0, 10 ** g.uniform(0, 4)]):.2g}") // 1
        T = rounded(-1, 3)
        t_x = 0.0 if x == 0 else float(f"{T * (1 - g.random() ** 3):.3g}")
        ahead = {"t": rounded(-3, 3), "rate": rounded(-4, 0), "n": float(g.randrange(0, 12))}
        ahead["t2"] = 2 * ahead["t"]
        customer = Customer(x, t_x, T, *parameters)
        for name, needs in QUANTITIES.items():
            given = [ahead[need] for need in needs.split()]
            value = getattr(customer, name)(*map(mp.mpf, given))
            if name == "loglik" or value > 1e-290:
                numbers = (*given, x, t_x, T, *parameters)
                yield f"pnbd_{name}", " ".join(map(repr, numbers)), mp.nstr(value, 18)


if __name__ == "__main__":
    with open(sys.argv[1] if len(sys.argv) > 1 else "pnbd.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("kernel", "arguments", "value"))
        out.writerows(rows())
