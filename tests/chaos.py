"""Random data sets of every kind for every model: no crash, no NaN, no false `converged`, advice with every status.

python tests/chaos.py [sets of each model]; 84 make 1,008.
"""
import sys
import warnings
from collections import Counter

import numpy as np

import custval as cv

MODELS = [cv.NBD(), cv.BGNBD(), cv.MBGNBD(), cv.BGCNBD(k=2), cv.MBGCNBD(k=3), cv.ParetoNBD(), cv.GGompertzNBD(),
          cv.BGBB(), cv.ShiftedBetaGeometric(), cv.BetaDiscreteWeibull(), cv.GammaGamma(), cv.LogNormalSpend(),
          cv.NormalMargin()]
SIZES = {"tiny": (1, 8), "huge": (20, 300), "degenerate": (2, 80), "own": (30, 1500)}       # from, to customers
STEPS = (1e-3, 0.03, 0.3, 1.5)           # in logs: distances from an optimum at which nothing may be better


def power(g, low, high, size=None):
    return 10.0 ** g.uniform(low, high, size)


def timed(g, n, kind):
    """Return x, t_x, T that do not follow a model."""
    scale = power(g, -8, 8) if kind == "huge" else 1.0
    T = np.ceil(g.uniform(1, 400, n)) * scale
    x = g.poisson(g.gamma(power(g, -1.5, 1.5), 1, n) * power(g, -3, 4 if kind == "huge" else 1.5)).astype(float)
    if kind == "degenerate":
        T[:] = T[0]
        x[:] = g.integers(0, 5) if g.random() < 0.5 else g.integers(0, 2, n)
    last = T * g.random(n) ** (power(g, -1, 1) / np.maximum(x, 1))
    return x, np.where(x > 0, np.clip(last, 1e-9 * scale, T), 0), T


def with_gaps(g, x, t_x, T):
    """Return x, t_x, T and the sum of the logs of the gaps."""
    x = np.minimum(x, 3000)
    parts = [g.gamma(power(g, -0.5, 1.5), 1, int(k)) + 1e-300 for k in x]
    litt = [np.log(part / part.sum() * end).sum() for part, end in zip(parts, t_x, strict=True)]
    return x, t_x, T, np.where(x > 0, litt, 0.0)


def counted(g, n, kind):
    most = np.full(n, float(g.integers(1, 2000 if kind == "huge" else 20)))
    t_x = np.floor(g.random(n) * (most + 1)) if kind != "degenerate" else np.where(g.random(n) < 0.5, 0, most)
    return np.where(t_x > 0, 1.0 + g.binomial(np.maximum(t_x - 1, 0).astype(int), g.random(n)), 0), t_x, most


def tenures(g, n, kind):
    T = 1 + np.floor(g.weibull(power(g, -0.7, 0.5), n) * power(g, 0, 4 if kind == "huge" else 1))
    end = float(g.integers(1, 2000 if kind == "huge" else 12))
    T = np.full(n, T[0]) if kind == "degenerate" else T
    return np.minimum(T, end), T <= end


def money(g, n, kind):
    m = g.gamma(power(g, -1, 2), 1, n) * (power(g, -6, 8) if kind == "huge" else 10) + 1e-9
    return g.poisson(power(g, -1, 1), n).astype(float), np.full(n, m[0]) if kind == "degenerate" else m


def logs(g, n, kind):
    count, mean, SS = margins(g, n, "own")
    return count, 3 + mean / 10 if kind != "degenerate" else np.full(n, mean[0]), SS / (g.integers(1, 1000))


def margins(g, n, kind):
    count, s = g.poisson(3, n).astype(float), power(g, -6, 8) if kind == "huge" else 10
    mean, SS = g.normal(g.normal(0, s), s, n), s * s * g.chisquare(np.maximum(count - 1, 1)) * g.gamma(1, 1, n)
    return count, np.full(n, mean[0]) if kind == "degenerate" else mean, np.where(count > 1, SS, 0)


def of_the_model(g, n, model):
    """Return customers drawn from the model at random parameters."""
    free = [name for name in model.names if name != "k"]
    usual = dict(zip(free, power(g, -1, 1, len(free)), strict=True))
    truth = type(model)(**model.get_params() | usual)
    if model.role in ("spend", "margin"):
        x = g.poisson(3, n)
        if model.prefix == "lognormal":
            return tuple(truth.simulate(x, seed=int(g.integers(2**60))).values())
        drawn = truth.simulate(x, seed=int(g.integers(2**60)))
        return (x.astype(float), drawn) if model.role == "spend" else tuple(drawn.values())
    ages = int(g.integers(3, 30)) if truth.role in ("opportunities", "contracts") else g.uniform(5, 80, n)
    return tuple(column if column.dtype == bool else column.astype(float)
                 for column in truth.simulate(n, ages, seed=int(g.integers(2**60))).values())


def data(g, model, kind):
    n = int(g.integers(*SIZES[kind]))
    if kind == "own":
        return of_the_model(g, n, model)
    if model.prefix == "lognormal":
        return logs(g, n, kind)
    made = {"opportunities": counted, "contracts": tenures, "spend": money, "margin": margins}.get(model.role, timed)
    columns = made(g, n, kind)
    return with_gaps(g, *columns) if "k" in model.names else columns


def loglik(model, columns):
    if model.role == "contracts":
        t, left = columns
        with np.errstate(divide="ignore"):
            return np.where(left, np.log(model.churn_pmf(t)), np.log(model.survival(t))).sum()
    some = columns[0] > 0 if model.role in ("spend", "margin") else slice(None)
    return np.sum(model.loglik(*(column[some] for column in columns)))


def fault(g, model, columns):
    """Return the fault of a fitted model, or ""."""
    if model.status_ != "converged":
        return "" if model.advice_ else "no advice"
    names, values = list(model.params_), np.array(list(model.params_.values()))
    se = np.array([0.0 if name == "k" else model.se_[name] for name in names])
    if not np.isfinite([*values, *se, model.loglik_]).all():
        return "NaN"
    top, scale = loglik(model, columns), np.where(np.isin(names, model.signed), se, 0)
    if abs(top - model.loglik_) > 1e-7 * (1 + abs(top)):
        return f"log-likelihood {model.loglik_}, of the customers {top}"
    for size in np.repeat(STEPS, 3):
        step = size * g.normal(size=len(names)) * (np.array(names) != "k")
        near = np.where(scale > 0, values + step * scale, values * np.exp(step))
        better = loglik(model._moved_to(near), columns) - top                 # also beyond the range of keywords
        if better > 1e-6 + 1e-9 * abs(top):
            return f"better by {better} at {near}"
    return ""


def faults(sets, seed=0):
    """Return the faults of fits to `sets` data sets for each model, and the count of each status."""
    wrong, statuses = [], Counter()
    for i in range(sets):
        kind = list(SIZES)[i % len(SIZES)]
        for k, given in enumerate(MODELS):
            g = np.random.default_rng([seed, i, k])
            columns, model = data(g, given, kind), type(given)(**given.get_params())
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                said = fault(g, model.fit(*columns), columns)
            statuses[type(model).__name__, model.status_] += 1
            if said:
                wrong.append((type(model).__name__, kind, i, said))
    return wrong, statuses


if __name__ == "__main__":
    wrong, statuses = faults(int(sys.argv[1]) if len(sys.argv) > 1 else 84)
    print(*(f"{name} {status}: {count}" for (name, status), count in sorted(statuses.items())), sep="\n")
    print(f"{sum(statuses.values()):,} data sets, {len(wrong)} faults", *wrong, sep="\n")
    sys.exit(bool(wrong))
