"""Slow twins of the kernels: the individual-level models, integrated over their heterogeneity by quadrature.

A customer buys at rate lam ~ Gamma(r, rate alpha) and after a repeat purchase (m = 1: also after the first one)
drops out with probability p ~ Beta(a, b). The functions are written for one lam and one p, then averaged in 25 digits.
No closed form of the papers and none of the core is used. As a program it writes twin.csv (ten minutes; gmpy2 helps).
"""
import csv
import random
import sys
from functools import cache

import mpmath as mp

mp.mp.dps = 25


@cache
def legendre(n=20):
    """Return nodes and weights of Gauss-Legendre on (-1, 1)."""
    starts = [mp.cos(mp.pi * (i - 0.25) / (n + 0.5)) for i in range(1, n // 2 + 1)]
    nodes = [mp.findroot(lambda v: mp.legendre(n, v), start) for start in starts]
    rule = [(x, 2 / ((1 - x * x) * mp.diff(lambda v: mp.legendre(n, v), x) ** 2)) for x in nodes]
    return rule + [(-x, weight) for x, weight in rule]


def panels(top, width, widest, left, right):
    """Return nodes and weights from top - left to top + right: panels grow from the top to both sides."""
    rule = []
    for sign, reach in ((-1, left), (1, right)):
        start, step = mp.mpf(0), width
        while start < reach:
            half = min(step, reach - start) / 2
            rule += [(top + sign * (start + half + half * x), half * weight) for x, weight in legendre()]
            start, step = start + 2 * half, min(1.5 * step, widest)
    return rule


@cache
def beta_rule(a, b, widest):
    """Return values of p and their probabilities under Beta(a, b), from panels in logit p."""
    log_b = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    rule = panels(mp.log(a / b), min(mp.sqrt((a + b) / (a * b)), widest), widest, 40 / a + 5, 40 / b + 5)
    return [(1 / (1 + mp.exp(-w)), weight * mp.exp(-a * mp.log1p(mp.exp(-w)) - b * mp.log1p(mp.exp(w)) - log_b))
            for w, weight in rule]


@cache
def gamma_rule(shape, rate, widest):
    """Return values of lam and their probabilities under Gamma(shape, rate), from panels in log lam."""
    rule = panels(mp.log(shape / rate), min(1 / mp.sqrt(shape), widest), widest, 40 / shape + 20,
                  mp.log(1 + (800 + 20 * mp.sqrt(shape)) / shape))
    return [(mp.exp(w), weight * mp.exp(shape * (w + mp.log(rate)) - rate * mp.exp(w) - mp.loggamma(shape)))
            for w, weight in rule]


def over_beta(f, a, b, widest=0.25):
    """Return E f(p), p ~ Beta(a, b). f may be narrow, if it is alone; panels inside another mean are wider."""
    return mp.fsum(chance * f(p) for p, chance in beta_rule(mp.mpf(a), mp.mpf(b), widest))


def over_gamma(f, shape, rate, widest=0.25):
    return mp.fsum(chance * f(lam) for lam, chance in gamma_rule(mp.mpf(shape), mp.mpf(rate), widest))


def likelihoods(x, t_x, T, r, alpha, a, b, m):
    """Return the two ways to a history: alive at T, or dead after the last purchase."""
    x, t_x, T = int(x), mp.mpf(t_x), mp.mpf(T)
    stays = over_beta(lambda p: (1 - p) ** (x + m), a, b) * over_gamma(lambda lam: lam**x * mp.exp(-lam * T), r, alpha)
    if x + m == 0:
        return stays, mp.mpf(0)
    return stays, (over_beta(lambda p: p * (1 - p) ** (x + m - 1), a, b)
                   * over_gamma(lambda lam: lam**x * mp.exp(-lam * t_x), r, alpha))


def loglik(x, t_x, T, r, alpha, a, b, m):
    return mp.log(sum(likelihoods(x, t_x, T, r, alpha, a, b, m)))


def p_alive(x, t_x, T, r, alpha, a, b, m):
    stays, gone = likelihoods(x, t_x, T, r, alpha, a, b, m)
    return stays / (stays + gone)


def while_active(future, x, T, r, alpha, a, b, m):
    """Return E future(lam, p) given the history and that the customer is active: lam and p are independent."""
    T = mp.mpf(T)

    def mean_over_p(lam):
        return over_beta(lambda p: future(lam, p), a, mp.mpf(b) + x + m, 2)

    return over_gamma(mean_over_p, mp.mpf(r) + x, mp.mpf(alpha) + T, 2)


def p_alive_at(t, x, t_x, T, r, alpha, a, b, m):
    return p_alive(x, t_x, T, r, alpha, a, b, m) * while_active(
        lambda lam, p: mp.exp(-lam * p * t), x, T, r, alpha, a, b, m)


def p_purchase(t, x, t_x, T, r, alpha, a, b, m):
    """Return P(a purchase): an active customer stays active until the next purchase."""
    buys = over_gamma(lambda lam: -mp.expm1(-lam * mp.mpf(t)), mp.mpf(r) + x, mp.mpf(alpha) + mp.mpf(T))
    return p_alive(x, t_x, T, r, alpha, a, b, m) * buys


def next_purchase(q, *history):
    return mp.exp(mp.findroot(lambda w: p_purchase(mp.exp(w), *history) - mp.mpf(q), (-9, 9), solver="anderson"))


def residual_lifetime(x, t_x, T, r, alpha, a, b, m):
    return p_alive(x, t_x, T, r, alpha, a, b, m) * while_active(
        lambda lam, p: 1 / (lam * p), x, T, r, alpha, a, b, m)


def expected_rate(x, t_x, T, r, alpha, a, b, m):
    """Return the mean of lam over both ways to the history: one more purchase in the likelihood is a factor lam."""
    x, t_x, T = int(x), mp.mpf(t_x), mp.mpf(T)
    stays, gone = likelihoods(x, t_x, T, r, alpha, a, b, m)
    rates = [over_gamma(lambda lam, u=u: lam ** (x + 1) * mp.exp(-lam * u), r, alpha)
             / over_gamma(lambda lam, u=u: lam**x * mp.exp(-lam * u), r, alpha) for u in (T, t_x)]
    return (stays * rates[0] + gone * rates[1]) / (stays + gone)


def expected_dropout(x, t_x, T, r, alpha, a, b, m):
    """Return the mean of p over both ways to the history."""
    n = int(x) + m
    stays, gone = likelihoods(x, t_x, T, r, alpha, a, b, m)
    chances = [over_beta(lambda p: p * (1 - p) ** n, a, b) / over_beta(lambda p: (1 - p) ** n, a, b),
               over_beta(lambda p: p * p * (1 - p) ** (n - 1), a, b) / over_beta(lambda p: p * (1 - p) ** (n - 1), a, b)
               if n else 0]
    return (stays * chances[0] + gone * chances[1]) / (stays + gone)


def expected_purchases(t, x, t_x, T, r, alpha, a, b, m):
    return expected_purchases_between(0, t, x, t_x, T, r, alpha, a, b, m)


def expected_purchases_between(t1, t2, x, t_x, T, r, alpha, a, b, m):
    """Integrate over u: the customer is alive with probability exp(-lam p u), and buys at rate lam."""
    t1, width = mp.mpf(t1), mp.mpf(t2) - mp.mpf(t1)
    mean = while_active(lambda lam, p: mp.exp(-lam * p * t1) * -mp.expm1(-lam * p * width) / p, x, T, r, alpha, a, b, m)
    return p_alive(x, t_x, T, r, alpha, a, b, m) * mean


def expected_purchases_new(t, r, alpha, a, b, m):
    return expected_purchases(t, 0, 0, 0, r, alpha, a, b, m)


def dert(t, rate, x, t_x, T, r, alpha, a, b, m):
    rate = mp.mpf(rate)
    if mp.isinf(t):
        mean = while_active(lambda lam, p: lam / (rate + lam * p), x, T, r, alpha, a, b, m)
    else:
        mean = while_active(lambda lam, p: lam * -mp.expm1(-(rate + lam * p) * t) / (rate + lam * p),
                            x, T, r, alpha, a, b, m)
    return p_alive(x, t_x, T, r, alpha, a, b, m) * mean


def purchase_pmf(k, t, r, alpha, a, b, m):
    """Return P(k purchases and still alive; or dead after the k-th, when k came at all)."""
    k, t = int(k), mp.mpf(t)

    def exactly(lam):
        return mp.exp(-lam * t) * (lam * t) ** k / mp.factorial(k)

    def at_least(lam):
        return mp.gammainc(k, 0, lam * t, regularized=True) if k else mp.mpf(1)

    stays = over_beta(lambda p: (1 - p) ** (k + m), a, b) * over_gamma(exactly, r, alpha)
    if k + m == 0:
        return stays
    return stays + over_beta(lambda p: p * (1 - p) ** (k + m - 1), a, b) * over_gamma(at_least, r, alpha)


def purchase_pmf_given(k, t, x, t_x, T, r, alpha, a, b, m):
    """An active customer continues like a new one of BG/NBD, with lam and p as the history has them."""
    alive = p_alive(x, t_x, T, r, alpha, a, b, m)
    of_active = purchase_pmf(k, t, mp.mpf(r) + x, mp.mpf(alpha) + mp.mpf(T), a, mp.mpf(b) + x + m, 0)
    return alive * of_active + (1 - alive if k == 0 else 0)


def gg_loglik(x, m_x, p, q, gamma):
    """Use that the sum of x purchases is Gamma(p x, rate nu), m_x is that over x, nu ~ Gamma(q, rate gamma)."""
    k, m_x = mp.mpf(p) * x, mp.mpf(m_x)
    return mp.log(over_gamma(
        lambda nu: mp.exp(k * mp.log(nu * x) + (k - 1) * mp.log(m_x) - nu * x * m_x - mp.loggamma(k)), q, gamma))


def gg_expected_spend(x, m_x, p, q, gamma):
    """Use that, given the sum, nu ~ Gamma(q + p x, rate gamma + x m_x); the mean spend is p / nu."""
    return over_gamma(lambda nu: p / nu, mp.mpf(q) + mp.mpf(p) * x, mp.mpf(gamma) + x * mp.mpf(m_x))


def points(seed=2008, repeat=4):
    """Yield (kernel, arguments): ordinary customers and odd ones, all numbers short decimals."""
    g = random.Random(seed)

    def draw(low, high):
        return float(f"{mp.exp(g.uniform(float(mp.log(low)), float(mp.log(high)))):.3g}")

    for _ in range(repeat):
        for prefix in ("bgnbd", "mbgnbd"):
            own = draw(0.3, 20), draw(0.1, 100), draw(0.3, 20), draw(0.3, 20)
            x, T = g.choice([0, 1, 2, 5, 20, 100]), draw(1, 300)
            history = float(x), min(T, draw(T / 10, T)) if x else 0.0, T
            t, rate = draw(0.1, 500), draw(1e-4, 0.1)
            yield f"{prefix}_loglik", (*history, *own)
            yield f"{prefix}_p_alive", (*history, *own)
            yield f"{prefix}_expected_purchases", (t, *history, *own)
            yield f"{prefix}_expected_purchases_between", (t, 2 * t, *history, *own)
            yield f"{prefix}_expected_purchases_new", (t, *own)
            yield f"{prefix}_dert", (float("inf"), rate, *history, *own)
            yield f"{prefix}_dert", (t, rate, *history, *own)
            for k in (0, 1, g.randrange(2, 300)):
                yield f"{prefix}_purchase_pmf", (float(k), t, *own)
            yield f"{prefix}_p_alive_at", (t, *history, *own)
            yield f"{prefix}_p_purchase", (t, *history, *own)
            yield f"{prefix}_expected_rate", (*history, *own)
            yield f"{prefix}_expected_dropout", (*history, *own)
            for k in (0, 3):
                yield f"{prefix}_purchase_pmf_given", (float(k), t, *history, *own)
        own = draw(0.1, 50), draw(0.3, 20), draw(0.1, 100)
        for x in (1.0, float(g.randrange(2, 50))):
            spend = x, draw(1, 100), *own
            yield "gg_loglik", spend
            if own[0] * x + own[1] > 2:                     # else 1 / nu has no variance, and the panels end too early
                yield "gg_expected_spend", spend
    for prefix in ("bgnbd", "mbgnbd"):                        # where means exist and no tail is cut
        for history in ((20.0, 11.5, 13.0), (100.0, 290.0, 300.0)):
            own = 0.243, 4.414, 9.5, 60.0
            yield f"{prefix}_residual_lifetime", (*history, *own)
            yield f"{prefix}_next_purchase", (0.25, *history, *own)


def twin(kernel, arguments):
    """Return the value of a kernel of _core, by this file."""
    prefix, quantity = kernel.split("_", 1)
    if prefix == "gg":
        return globals()[kernel](*arguments)
    return globals()[quantity](*arguments, {"bgnbd": 0, "mbgnbd": 1}[prefix])


if __name__ == "__main__":
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["kernel", "arguments", "value"])
    for kernel, arguments in points():
        rows.writerow([kernel, " ".join(map(str, arguments)), mp.nstr(twin(kernel, arguments), 18)])
        sys.stdout.flush()
