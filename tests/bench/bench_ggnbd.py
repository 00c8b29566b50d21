"""Fit of GGompertz/NBD with standard errors, daily data of customers who age.

No Python package fits it. NumPy + SciPy is the plain way: the likelihood of Bemmaor and Glady (2012) by a 64-point
rule for all customers at once, its analytic gradient, L-BFGS-B in log-parameters, standard errors from differences of
the gradient.
"""
import numpy as np
from protocol import Task

NAMES = ("r", "alpha", "b", "s", "beta")


def cohort(n, r=0.9, alpha=84.0, b=0.03, s=0.6, beta=90.0):
    """Return x, t_x, T in days of n customers who came in the first 84 of 273 days."""
    g = np.random.default_rng(20120501)
    T = 273.0 - g.integers(0, 84, n)
    death = np.log1p(g.standard_exponential(n) / g.gamma(s, 1 / beta, n)) / b
    alive = np.minimum(death, T)
    x = g.poisson(g.gamma(r, 1 / alpha, n) * alive).astype(float)
    t_x = np.where(x > 0, np.minimum(np.ceil(alive * g.random(n) ** (1 / np.maximum(x, 1))), T), 0)
    return {"x": x, "t_x": t_x, "T": T}


def ours(data):
    from custval import GGompertzNBD

    def fit():
        model = GGompertzNBD().fit(data["x"], data["t_x"], data["T"])
        assert model.status_ == "converged"
        return {"loglik": model.loglik_, "parameters": [*model.params_.values()], "se": [*model.se_.values()]}
    return fit


def scipy_analytic(data):
    from scipy.optimize import minimize
    from scipy.special import digamma, gammaln
    x, t_x, T = data["x"][:, None], data["t_x"][:, None], data["T"][:, None]
    node, chance = np.polynomial.legendre.leggauss(64)
    median = np.median(T)

    def surprise(theta):
        r, alpha, b, s, beta = np.exp(theta)
        k = r + x
        first = np.minimum((alpha + t_x) / np.maximum(1, k),
                           (beta + np.expm1(b * t_x)) / (b * np.exp(b * t_x) * (s + 1)))
        w = np.log1p((T - t_x) / first) * (1 + node) / 2
        y = np.hstack([T, t_x + first * np.expm1(w)])           # the first column: alive at T
        e = np.exp(b * y)
        log_c, log_q, q = np.log(alpha + y), np.log(beta + np.expm1(b * y)), 1 / (beta + np.expm1(b * y))
        power = np.r_[0.0, np.ones(64)]
        level = -k * log_c - (s + power) * log_q + power * b * y
        with np.errstate(divide="ignore"):
            level[:, 1:] += np.log(b * s * chance / 2 * np.log1p((T - t_x) / first) * first) + w
        top = level.max(axis=1, keepdims=True)
        share = np.exp(level - top)
        total = share.sum(axis=1, keepdims=True)
        share /= total
        value = (gammaln(k) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + top + np.log(total)).sum()
        slope = np.array([
            (digamma(k) - digamma(r) + np.log(alpha)).sum() - (share * log_c).sum(),
            len(x) * r / alpha - (share * k / (alpha + y)).sum(),
            (share * (power * (1 / b + y) - (s + power) * y * e * q)).sum(),
            len(x) * np.log(beta) + (share * (power / s - log_q)).sum(),
            len(x) * s / beta - (share * (s + power) * q).sum()])
        return -value / len(x), -slope * np.exp(theta) / len(x)

    def fit():
        found = minimize(surprise, np.log([0.5, median / 4, 2 / median, 0.5, 1]), jac=True, method="L-BFGS-B",
                         options={"ftol": 1e-15, "gtol": 1e-8, "maxiter": 1000, "maxfun": 3000})
        steps = 1e-5 * np.eye(5)
        hessian = np.array([(surprise(found.x + h)[1] - surprise(found.x - h)[1]) / 2e-5 for h in steps])
        value = np.exp(found.x)
        se = value * np.sqrt(np.diag(np.linalg.inv((hessian + hessian.T) / 2 * len(x))))
        return {"loglik": -found.fun * len(x), "parameters": value.tolist(), "se": se.tolist()}
    return fit


def check(mine, theirs):
    """Compare log-likelihoods, parameters in standard errors, and standard errors relatively."""
    mine, theirs = ({k: np.array(v) for k, v in one.items()} for one in (mine, theirs))
    assert abs(mine["loglik"] - theirs["loglik"]) < 1e-3, (mine["loglik"], theirs["loglik"])
    worst = float(np.max(np.abs(mine["parameters"] - theirs["parameters"]) / mine["se"]))
    assert worst < 0.05, worst
    assert np.max(np.abs(mine["se"] / theirs["se"] - 1)) < 0.02
    return worst


TASKS = [Task("GGompertz/NBD fit + SE, daily", {"tiny": 1_000, "small": 5_000, "full": 20_000}, cohort, ours,
              {"NumPy + SciPy": scipy_analytic}, check, {})]
