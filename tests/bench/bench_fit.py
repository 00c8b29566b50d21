"""Fit of BG/NBD with standard errors, daily data.

lifetimes fits from its own start and tolerance, to the same optimum within about 1e-6; its second row gets equal
histories merged outside the clock. NumPy + SciPy is the plain way: analytic gradient of the published likelihood,
L-BFGS-B in log-parameters, standard errors from differences of the gradient.
"""
import numpy as np
from protocol import Task

NAMES = ("r", "alpha", "a", "b")


def cohort(n, r=0.243, alpha=30.9, a=0.793, b=2.426):
    """Return x, t_x, T in days of n customers who came in the first 84 of 273 days."""
    rng = np.random.default_rng(20250801)
    rate, chance, T = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), 273.0 - rng.integers(0, 84, n)
    x, t_x, now, who = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while who.size:
        now[who] += rng.standard_exponential(who.size) / rate[who]
        who = who[now[who] <= T[who]]
        x[who] += 1
        t_x[who] = np.minimum(np.ceil(now[who]), T[who])
        who = who[rng.random(who.size) >= chance[who]]
    return {"x": x, "t_x": t_x, "T": T}


def ours(data):
    from custval import BGNBD

    def fit():
        model = BGNBD().fit(data["x"], data["t_x"], data["T"])
        assert model.status_ == "converged"
        return {"loglik": model.loglik_, "parameters": [*model.params_.values()], "se": [*model.se_.values()]}
    return fit


def lifetimes(data, weights=None):
    from lifetimes import BetaGeoFitter

    def fit():
        model = BetaGeoFitter().fit(data["x"], data["t_x"], data["T"], weights=weights)
        table = model.summary.loc[list(NAMES)]
        return {"parameters": table["coef"].tolist(), "se": table["se(coef)"].tolist()}
    return fit


def lifetimes_compressed(data):
    rows, times = np.unique(np.stack([data["x"], data["t_x"], data["T"]]), axis=1, return_counts=True)
    return lifetimes(dict(zip(("x", "t_x", "T"), rows, strict=True)), times)


def scipy_analytic(data):
    from scipy.optimize import minimize
    from scipy.special import betaln, digamma, gammaln
    x, t_x, T = data["x"], data["t_x"], data["T"]
    repeat = x > 0

    def surprise(theta):
        r, alpha, a, b = np.exp(theta)
        k, rest = r + x, np.where(repeat, b + x - 1, 1.0)
        log_T, log_t = np.log(alpha + T), np.log(alpha + t_x)
        d = np.where(repeat, np.log(a / rest) + k * (log_T - log_t), -np.inf)
        w = 1 / (1 + np.exp(-d))
        value = (gammaln(k) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) - k * log_T
                 + np.logaddexp(0, d)).sum()
        lost = digamma(a + b) - digamma(a + b + x)
        slope = np.array([
            (digamma(k) - digamma(r) + np.log(alpha) - log_T + w * (log_T - log_t)).sum(),
            (r / alpha - k / (alpha + T) + w * k * (1 / (alpha + T) - 1 / (alpha + t_x))).sum(),
            (lost + w / a).sum(), (lost + digamma(b + x) - digamma(b) - np.where(repeat, w / rest, 0)).sum()])
        return -value / len(x), -slope * np.exp(theta) / len(x)

    def fit():
        found = minimize(surprise, np.array([0.0, 3.0, 0.0, 0.0]), jac=True, method="L-BFGS-B",
                         options={"ftol": 1e-14, "gtol": 1e-7})
        steps = 1e-5 * np.eye(4)
        hessian = np.array([(surprise(found.x + s)[1] - surprise(found.x - s)[1]) / 2e-5 for s in steps])
        cov = np.linalg.inv((hessian + hessian.T) / 2 * len(x))
        value = np.exp(found.x)
        se = value * np.sqrt(np.diag(cov))
        return {"loglik": -found.fun * len(x), "parameters": value.tolist(), "se": se.tolist()}
    return fit


def check(mine, theirs):
    """Compare parameters in standard errors, and standard errors relatively."""
    mine, theirs = ({k: np.array(v) for k, v in one.items()} for one in (mine, theirs))
    worst = float(np.max(np.abs(mine["parameters"] - theirs["parameters"]) / mine["se"]))
    assert worst < 0.05, worst
    assert np.max(np.abs(mine["se"] / theirs["se"] - 1)) < 0.02
    return worst


TASKS = [Task("BG/NBD fit + SE, daily", {"tiny": 2_000, "small": 100_000, "full": 1_000_000}, cohort, ours,
              {"lifetimes": lifetimes, "lifetimes, compressed": lifetimes_compressed, "NumPy + SciPy": scipy_analytic},
              check, {"lifetimes": 200, "NumPy + SciPy": 50})]
