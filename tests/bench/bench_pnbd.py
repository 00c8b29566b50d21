"""Pareto/NBD: fit with standard errors on daily data, and expected purchases of a column of customers.

lifetimes fits from its own start to its own tolerance, by Nelder and Mead and without standard errors; its second row
gets equal histories merged outside the clock. Fits are compared by the log-likelihood per customer. At full size
lifetimes takes minutes a round: its time grows with the rows, that of custval hardly.
"""
import numpy as np
from protocol import Task

PARAMETERS = {"r": 0.5534, "alpha": 10.5802, "s": 0.6061, "beta": 11.6562}
WEEKS = 39.0


def cohort(n, r=0.553, alpha=74.0, s=0.606, beta=81.7):
    """Return x, t_x, T in days of n customers who came in the first 84 of 273 days."""
    g = np.random.default_rng(20250801)
    rate, death = g.gamma(r, 1 / alpha, n), g.standard_exponential(n) / g.gamma(s, 1 / beta, n)
    T = 273.0 - g.integers(0, 84, n)
    alive = np.minimum(death, T)
    x = g.poisson(rate * alive).astype(float)
    t_x = np.where(x > 0, np.minimum(np.ceil(alive * g.random(n) ** (1 / np.maximum(x, 1))), T), 0)
    return {"x": x, "t_x": t_x, "T": T}


def weeks(n):
    days = cohort(n)
    return {"x": days["x"], "t_x": days["t_x"] / 7, "T": days["T"] / 7}


def loglik(data, parameters):
    from custval import _core
    return float(np.mean(_core.pnbd_loglik(data["x"], data["t_x"], data["T"], *parameters)))


def ours(data):
    from custval import ParetoNBD

    def fit():
        model = ParetoNBD().fit(data["x"], data["t_x"], data["T"])
        assert model.status_ == "converged" and min(model.se_.values()) > 0
        return {"loglik": model.loglik_ / model.n_, "parameters": [*model.params_.values()]}
    return fit


def lifetimes(data, rows=None, weights=None):
    from lifetimes import ParetoNBDFitter
    x, t_x, T = rows if rows is not None else (data["x"], data["t_x"], data["T"])

    def fit():
        model = ParetoNBDFitter().fit(x, t_x, T, weights=weights)
        return {"parameters": [model.params_[name] for name in ("r", "alpha", "s", "beta")], "data": dict(data)}
    return fit


def lifetimes_compressed(data):
    rows, times = np.unique(np.stack([data["x"], data["t_x"], data["T"]]), axis=1, return_counts=True)
    return lifetimes(data, rows, times)


def same_likelihood(mine, theirs):
    """Return how far the log-likelihood per customer of the peer lies below ours, both by our kernel."""
    gap = mine["loglik"] - loglik(theirs["data"], theirs["parameters"])
    assert -1e-12 < gap < 1e-6, gap
    return gap


def our_purchases(data):
    from custval import ParetoNBD
    model = ParetoNBD(**PARAMETERS)
    return lambda: {"out": model.expected_purchases(WEEKS, data["x"], data["t_x"], data["T"])}


def lifetimes_purchases(data):
    from lifetimes import ParetoNBDFitter
    model = ParetoNBDFitter()
    model.params_ = PARAMETERS
    return lambda: {"out": model.conditional_expected_number_of_purchases_up_to_time(
        WEEKS, data["x"], data["t_x"], data["T"])}


def same_purchases(mine, theirs):
    worst = float(np.max(np.abs(mine["out"] / np.asarray(theirs["out"]) - 1)))
    assert worst < 1e-9, worst
    return worst


TASKS = [
    Task("Pareto/NBD fit + SE, daily", {"tiny": 1_000, "small": 10_000, "full": 1_000_000}, cohort, ours,
         {"lifetimes": lifetimes, "lifetimes, compressed": lifetimes_compressed}, same_likelihood, {"lifetimes": 1000}),
    Task("pnbd expected purchases", {"tiny": 1_000, "small": 100_000, "full": 1_000_000}, weeks, our_purchases,
         {"lifetimes": lifetimes_purchases}, same_purchases, {"lifetimes": 20}),
]
