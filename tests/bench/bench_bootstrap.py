"""Bootstrap of BG/NBD: 20 replicates, each with Poisson(1) weights for all customers and a refit.

The peer "refits" is the fit of custval with weights of NumPy. lifetimes makes one replicate only, on equal histories
merged outside the clock: multiply its ratio by 20.
"""
import numpy as np
from bench_fit import NAMES, cohort
from protocol import Task

REPLICATES = 20


def spread(sets):
    sets = np.array(sets)
    return {"mean": sets.mean(axis=0), "se": sets.std(axis=0)}


def ours(data):
    from custval import BGNBD
    model = BGNBD().fit(data["x"], data["t_x"], data["T"])

    def bootstrap():
        found = model.bootstrap(data["x"], data["t_x"], data["T"], replicates=REPLICATES)
        assert found.failed == 0
        return spread(np.array([found.parameters[name] for name in NAMES]).T)
    return bootstrap


def refits(data):
    from custval import BGNBD

    def bootstrap():
        rng, sets = np.random.default_rng(1), []
        for _ in range(REPLICATES):
            weights = rng.poisson(1.0, len(data["x"]))
            sets.append(BGNBD().fit(data["x"], data["t_x"], data["T"], weights=weights).parameters())
        return spread(sets)
    return bootstrap


def lifetimes(data):
    from lifetimes import BetaGeoFitter
    rows, count = np.unique(np.stack([data["x"], data["t_x"], data["T"]]), axis=1, return_counts=True)

    def replicate():
        weights = np.random.default_rng(1).poisson(count)
        some = weights > 0
        model = BetaGeoFitter().fit(*rows[:, some], weights=weights[some])
        return {"mean": model.params_[list(NAMES)].to_numpy(), "se": np.zeros(4)}
    return replicate


def check(mine, theirs):
    """Return the distance of the means in standard errors; 20 replicates give a mean to 0.22 of them."""
    worst = float(np.max(np.abs(mine["mean"] - theirs["mean"]) / mine["se"]))
    assert worst < (1.5 if np.any(theirs["se"]) else 5), worst
    return worst


TASKS = [Task("BG/NBD bootstrap, 20 replicates", {"tiny": 5_000, "small": 100_000, "full": 1_000_000}, cohort, ours,
              {"own refits": refits, "lifetimes, 1 of 20": lifetimes}, check, {"own refits": 3})]
