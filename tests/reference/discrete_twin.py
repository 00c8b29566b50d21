"""Slow twins of the discrete models: sums over all possible events, at 40 digits and more.

BG/BB: a customer dies before opportunity j + 1, or is alive at the last one; a contract is renewed k times. Only
infinite sums use a summation formula. As a program it writes discrete.csv: kernel, arguments, value at random points
of a seed.
"""
import csv
import random
from pathlib import Path

from mpmath import beta, binomial, diff, exp, hyp2f1, inf, log, mp, mpf, quad, rf

mp.dps = 90


def infinite_sum(f, first):
    """Return f(first) + f(first + 1) + ..., with f falling at least like k^-1.5: Euler and Maclaurin, far out."""
    far = first + 300
    rest = quad(lambda u: f(far * exp(u)) * far * exp(u), [0, 1, 4, 16, 50, 110])
    ends = f(far) / 2 - diff(f, far) / 12 + diff(f, far, 3) / 720 - diff(f, far, 5) / 30240
    return sum(f(mpf(k)) for k in range(first, far)) + rest + ends


def ratio(p, a, k):
    """Return (p)_k / (p + a)_k, k real."""
    return beta(p + k, a) / beta(p, a)


class Donor:
    """A BG/BB history and what follows from it."""

    def __init__(self, x, t_x, n, a, b, g, d):
        self.x, self.t_x, self.n, self.a, self.b, self.g, self.d = x, t_x, n, a, b, g, d
        use = [beta(a + x, b + j - x) / beta(a, b) for j in range(t_x, n + 1)]
        stay = [beta(g, d + j) / beta(g, d) for j in range(t_x, n + 1)]
        leave = [beta(g + 1, d + j) / beta(g, d) for j in range(t_x, n)]
        self.gone = [u * w for u, w in zip(use, leave, strict=False)]         # last alive at t_x, t_x + 1, ...
        self.alive = use[-1] * stay[-1]
        self.likelihood = self.alive + sum(self.gone)

    def loglik(self):
        return log(self.likelihood)

    def p_alive(self):
        return self.alive / self.likelihood

    def stays(self, j):
        """Return P(alive at n + j | alive at n)."""
        return rf(self.d + self.n, j) / rf(self.g + self.d + self.n, j)

    def p_alive_at(self, t):
        return self.p_alive() * self.stays(t)

    def buys(self, k, j):
        """Return P(k purchases in j opportunities | alive at all of them)."""
        a, b = self.a + self.x, self.b + self.n - self.x
        return binomial(j, k) * rf(a, k) * rf(b, j - k) / rf(a + b, j)

    def purchase_pmf_given(self, k, t):
        leaves = [self.stays(j) * self.g / (self.g + self.d + self.n + j) for j in range(t)]
        if_alive = sum(p * self.buys(k, j) for j, p in enumerate([*leaves, self.stays(t)]) if j >= k)
        return (k == 0) * (1 - self.p_alive()) + self.p_alive() * if_alive

    def p_purchase(self, t):
        """Return the probability of a purchase: the first one comes at opportunity k + 1, after k without."""
        a, b, d = self.a + self.x, self.b + self.n - self.x, self.d + self.n

        def at(k):
            return ratio(d, self.g, k + 1) * ratio(b, a, k) * a / (a + b + k)
        return self.p_alive() * (infinite_sum(at, 0) if t == inf else sum(map(at, range(t))))

    def expected_purchases_between(self, t1, t2):
        mean = (self.a + self.x) / (self.a + self.b + self.n)
        return self.p_alive() * mean * sum(self.stays(j) for j in range(t1 + 1, t2 + 1))

    def expected_purchases(self, t):
        return self.expected_purchases_between(0, t)

    def dert(self, t, rate):
        mean, d = (self.a + self.x) / (self.a + self.b + self.n), self.d + self.n
        if t == inf:
            ratio = hyp2f1(d + 1, 1, self.g + d + 1, 1 / (1 + rate)) * d / (self.g + d) / (1 + rate)
            return self.p_alive() * mean * ratio
        return self.p_alive() * mean * sum(self.stays(j) / (1 + rate)**j for j in range(1, t + 1))

    def residual_lifetime(self):
        return self.p_alive() * (self.d + self.n) / (self.g - 1) if self.g > 1 else inf

    def next_purchase(self, q):
        t = 1
        while self.p_purchase(t) < q:
            t += 1
        return t

    def _mean(self, if_alive, if_gone):
        gone = sum(p * if_gone(j) for j, p in enumerate(self.gone, self.t_x))
        return (self.alive * if_alive + gone) / self.likelihood

    def expected_rate(self):
        a, both = self.a + self.x, self.a + self.b
        return self._mean(a / (both + self.n), lambda j: a / (both + j))

    def expected_dropout(self):
        g, both = self.g, self.g + self.d
        return self._mean(g / (both + self.n), lambda j: (g + 1) / (both + 1 + j))


class Contract:
    """A customer with n renewals; c = 1 is the shifted beta-geometric."""

    def __init__(self, n, a, b, c=1):
        self.n, self.a, self.b, self.c = n, a, b, c

    def S(self, t):
        """Return P(T > t) of a new customer."""
        return beta(self.a, self.b + mpf(t)**self.c) / beta(self.a, self.b)

    def survival(self, t):
        return self.S(self.n + t) / self.S(self.n)

    def churn_pmf(self, t):
        return self.survival(t - 1) - self.survival(t)

    def retention(self, t):
        return self.S(t) / self.S(t - 1)

    def series(self, rate, first, last):
        """Return the sum over k of P(T > n + k | T > n) / (1 + rate)^k."""
        if self.c == 1 and last == inf:
            a, b = self.a, self.b + self.n + first
            return self.survival(first) / (1 + rate)**first * hyp2f1(1, b, a + b, 1 / (1 + rate))
        def term(k):
            return self.survival(k) / (1 + rate)**k
        return infinite_sum(term, first) if last == inf else sum(map(term, range(first, last + 1)))

    def derl(self, t, rate):
        return (1 + rate) * self.series(rate, 1, t)

    def residual_lifetime(self):
        return self.series(mpf(0), 1, inf)


def points(g):
    """Yield (kernel, arguments, value)."""
    def size(low, high):
        return float(f"{10 ** g.uniform(low, high):.3g}")
    for i in range(16):
        n = [6, 40, 200, 3000][i % 4]
        t_x = 0 if i % 5 == 0 else g.randint(1, n)
        x = g.randint(1, t_x) if t_x else 0
        spread = 1 if i < 8 else 2.5
        history, given = (x, t_x, n), tuple(size(-spread, spread) for _ in range(4))
        t1, t, k, rate = g.randint(0, 10), g.choice([11, 60, 300]), g.randint(0, 11), size(-3, 0)
        asked = {"loglik": (), "p_alive": (), "p_alive_at": (t,), "p_purchase": (t,), "expected_purchases": (t,),
                 "expected_purchases_between": (t1, t), "purchase_pmf_given": (k, t), "dert": (t, rate),
                 "residual_lifetime": (), "expected_rate": (), "expected_dropout": ()}
        donor = Donor(*history, *map(mpf, given))
        for quantity, arguments in asked.items():
            yield f"bgbb_{quantity}", (*arguments, *history, *given), getattr(donor, quantity)(*map(exact, arguments))
        yield "bgbb_dert", (inf, rate, *history, *given), donor.dert(inf, mpf(rate))
    for given in ((1.204, 0.75, 0.657, 2.783), (0.7, 12.0, 0.9, 30.0), (60.0, 0.5, 2.0, 0.8)):
        for history in ((0, 0, 0), (2, 4, 6), (5, 40, 45)):
            donor = Donor(*history, *map(mpf, given))
            yield "bgbb_p_purchase", (inf, *history, *given), donor.p_purchase(inf)
            for q in (0.01, 0.1, 0.3):
                if donor.p_purchase(200) > q:
                    yield "bgbb_next_purchase", (q, *history, *given), donor.next_purchase(q)
    for _ in range(12):
        n, t, rate = g.choice([0, 3, 40, 2000]), g.choice([1, 7, 400]), size(-2, 0)
        a, b, c = size(-1.5, 1.5), size(-1.5, 1.5), size(-1, 0.7)
        for prefix, given in (("sbg", (a, b)), ("bdw", (a, b, c))):
            contract = Contract(n, *map(mpf, given))
            yield f"{prefix}_survival", (t, n, *given), contract.survival(t)
            yield f"{prefix}_churn_pmf", (t, n, *given), contract.churn_pmf(t)
            yield f"{prefix}_retention", (t, *given), contract.retention(t)
            yield f"{prefix}_derl", (t, rate, n, *given), contract.derl(t, mpf(rate))
            if prefix == "sbg":
                yield "sbg_derl", (inf, rate, n, *given), contract.derl(inf, mpf(rate))
                heavy = Contract(n, mpf(a + 1.0625), mpf(b))
                yield "sbg_residual_lifetime", (n, a + 1.0625, b), heavy.residual_lifetime()
    for a, b, c in ((2.5, 3.0, 1.7), (4.0, 0.3, 0.6), (2.5, 20.0, 0.8)):
        contract = Contract(3, *map(mpf, (a, b, c)))
        yield "bdw_residual_lifetime", (3, a, b, c), contract.residual_lifetime()
        yield "bdw_derl", (inf, 0.05, 3, a, b, c), contract.derl(inf, mpf(0.05))


def exact(value):
    return value if isinstance(value, int) else mpf(value)


def main():
    rows = [(kernel, " ".join(map(str, arguments)), mp.nstr(value, 18)) for kernel, arguments, value in
            points(random.Random(1))]
    with open(Path(__file__).with_name("discrete.csv"), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("kernel", "arguments", "value"), *rows])


if __name__ == "__main__":
    main()
