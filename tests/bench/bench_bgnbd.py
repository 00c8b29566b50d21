"""P(alive) and expected purchases of a column of customers."""
import numpy as np
from protocol import Task

PARAMETERS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
WEEKS = 39.0


def histories(n):
    rng = np.random.default_rng(20250801)
    x = rng.negative_binomial(0.3, 0.2, n).astype(float)
    days = rng.integers(189, 274, n)                        # whole days, as orders have them
    return {"x": x, "t_x": np.where(x > 0, np.ceil(days * rng.beta(2, 1, n)), 0.0) / 7, "T": days / 7}


def our_p_alive(data):
    from custval import _core
    return lambda: {"out": _core.bgnbd_p_alive(data["x"], data["t_x"], data["T"], *PARAMETERS.values())}


def our_purchases(data):
    import custval as cv
    model = cv.BGNBD(**PARAMETERS)
    return lambda: {"out": model.expected_purchases(WEEKS, data["x"], data["t_x"], data["T"])}


def fitted():
    from lifetimes import BetaGeoFitter
    model = BetaGeoFitter()
    model.params_ = PARAMETERS
    return model


def lifetimes_p_alive(data):
    model = fitted()
    return lambda: {"out": model.conditional_probability_alive(data["x"], data["t_x"], data["T"])}


def lifetimes_purchases(data):
    model = fitted()
    return lambda: {"out": model.conditional_expected_number_of_purchases_up_to_time(
        WEEKS, data["x"], data["t_x"], data["T"])}


def check(mine, theirs):
    worst = float(np.max(np.abs(mine["out"] / theirs["out"] - 1)))
    assert worst < 1e-9, worst
    return worst


SIZES = {"tiny": 1_000, "small": 100_000, "full": 1_000_000}
TASKS = [
    Task("bgnbd p_alive", SIZES, histories, our_p_alive, {"lifetimes": lifetimes_p_alive}, check),
    Task("bgnbd expected purchases", SIZES, histories, our_purchases, {"lifetimes": lifetimes_purchases}, check,
         {"lifetimes": 20}),
]
