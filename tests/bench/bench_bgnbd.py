"""P(alive) of a column of customers."""
import numpy as np
from protocol import Task

PARAMETERS = (0.243, 4.414, 0.793, 2.426)


def histories(n):
    rng = np.random.default_rng(20250801)
    x = rng.negative_binomial(0.3, 0.2, n).astype(float)
    T = rng.uniform(27, 39, n)
    t_x = np.where(x > 0, T * rng.beta(2, 1, n), 0.0)
    return {"x": x, "t_x": t_x, "T": T}


def ours(data):
    from custval import _core
    return lambda: {"p": _core.bgnbd_p_alive(data["x"], data["t_x"], data["T"], *PARAMETERS)}


def lifetimes(data):
    from lifetimes import BetaGeoFitter
    model = BetaGeoFitter()
    model.params_ = dict(zip(("r", "alpha", "a", "b"), PARAMETERS, strict=True))
    return lambda: {"p": model.conditional_probability_alive(data["x"], data["t_x"], data["T"])}


def check(mine, theirs):
    worst = float(np.max(np.abs(mine["p"] / theirs["p"] - 1)))
    assert worst < 1e-10, worst
    return worst


TASKS = [Task("bgnbd p_alive", {"tiny": 1_000, "small": 100_000, "full": 1_000_000}, histories, ours,
              {"lifetimes": lifetimes}, check)]
