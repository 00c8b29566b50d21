"""N4: no special points: where the published forms divide by zero, the functions are as smooth as elsewhere.

At the point, one bit beside it and 10^-1 ... 10^-15 beside it, a function equals the polynomial of degree 11
through its values at Chebyshev points up to a tenth away, to 1e-11.
"""
import math

import numpy as np
import pytest
from numpy.polynomial import Chebyshev
from numpy.testing import assert_allclose

from custval import _core

R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426
POINTS = {
    "a = 1": (1.0, lambda w, a: w("expected_purchases")(39, 3, 20, 39, R, ALPHA, a, B)),
    "a = 1, new customer": (1.0, lambda w, a: w("expected_purchases_new")(78, R, ALPHA, a, B)),
    "a = 1, between": (1.0, lambda w, a: w("expected_purchases_between")(13, 26, 3, 20, 39, R, ALPHA, a, B)),
    "a = 1, discounted": (1.0, lambda w, a: w("dert")(np.inf, 0.0027, 3, 20, 39, R, ALPHA, a, B)),
    "a = 1, discounted to a horizon": (1.0, lambda w, a: w("dert")(52, 0.0027, 3, 20, 39, R, ALPHA, a, B)),
    "a = 2": (2.0, lambda w, a: w("expected_purchases")(39, 3, 20, 39, R, ALPHA, a, B)),
    "a + b = 1": (0.25, lambda w, a: w("expected_purchases")(39, 0, 0, 39, R, ALPHA, a, 0.75)),
    "a + b = 1, discounted": (0.25, lambda w, a: w("dert")(np.inf, 0.01, 0, 0, 39, R, ALPHA, a, 0.75)),
    "a + b = 2": (1.25, lambda w, a: w("expected_purchases")(39, 0, 0, 39, R, ALPHA, a, 0.75)),
    "a + b - 1 = r": (0.6, lambda w, a: w("expected_purchases_new")(78, 0.5, ALPHA, a, 0.9)),
    "b = 1": (1.0, lambda w, b: w("loglik")(3, 20, 39, R, ALPHA, A, b)),
    "r = 1, distribution": (1.0, lambda w, r: w("purchase_pmf")(3, 39, r, ALPHA, A, B)),
    "alpha = 1": (1.0, lambda w, alpha: w("loglik")(3, 20, 39, R, alpha, A, B)),
    "a = 1, distribution": (1.0, lambda w, a: w("purchase_pmf")(3, 39, R, ALPHA, a, B)),
    "a = 1, alive later": (1.0, lambda w, a: w("p_alive_at")(39, 3, 20, 39, R, ALPHA, a, B)),
    "a + b = r, alive later": (1.0, lambda w, r: w("p_alive_at")(39, 3, 20, 39, r, ALPHA, 0.25, 0.75)),
    "a + b = r - 1, alive later": (2.0, lambda w, r: w("p_alive_at")(39, 3, 20, 39, r, ALPHA, 0.25, 0.75)),
    "r = 1, distribution given a history": (1.0, lambda w, r: w("purchase_pmf_given")(3, 39, 0, 0, 9, r, ALPHA, A, B)),
    "alpha = b, alive": (ALPHA, lambda w, b: w("p_alive")(3, 20, 39, R, ALPHA, A, b)),
    "alpha = b, likelihood": (ALPHA, lambda w, b: w("loglik")(3, 20, 39, R, ALPHA, A, b)),
    "alpha = b, distribution": (ALPHA, lambda w, b: w("purchase_pmf")(3, 39, R, ALPHA, A, b)),
    "alpha = b, own rate": (ALPHA, lambda w, b: w("expected_rate")(3, 20, 39, R, ALPHA, A, b)),
    "alpha = b, next purchase": (ALPHA, lambda w, b: w("next_purchase")(0.4, 5, 37, 38, R, ALPHA, A, b)),
    "q = 1, spend": (1.0, lambda w, q: _core.gg_expected_spend(2, 22.35, 6.25, q, 15.44)),
    "q = 1, density": (1.0, lambda w, q: _core.gg_loglik(2, 22.35, 6.25, q, 15.44)),
    "p = 1, density": (1.0, lambda w, p: _core.gg_loglik(2, 22.35, p, 3.74, 15.44)),
}
ENDS = {
    "t_x = T, alive": (38.0, -1, lambda w, t_x: w("p_alive")(5, t_x, 38, R, ALPHA, A, B)),
    "t_x = T, likelihood": (38.0, -1, lambda w, t_x: w("loglik")(5, t_x, 38, R, ALPHA, A, B)),
    "t_x = T, future": (38.0, -1, lambda w, t_x: w("expected_purchases")(39, 5, t_x, 38, R, ALPHA, A, B)),
    "T = 0, alive": (0.0, 1, lambda w, T: w("p_alive")(0, 0, T, R, ALPHA, A, B)),
    "T = 0, likelihood": (0.0, 1, lambda w, T: 1 + w("loglik")(0, 0, T, R, ALPHA, A, B)),
    "T = 0, future": (0.0, 1, lambda w, T: w("expected_purchases")(39, 0, 0, T, R, ALPHA, A, B)),
    "t = 0, nobody bought": (0.0, 1, lambda w, t: w("purchase_pmf")(0, t, R, ALPHA, A, B)),
    "t = 0, alive later": (0.0, 1, lambda w, t: w("p_alive_at")(t, 3, 20, 39, R, ALPHA, A, B)),
    "t = 0, a purchase": (0.0, 1, lambda w, t: 1 + w("p_purchase")(t, 3, 20, 39, R, ALPHA, A, B)),
    "T = 0, own rate": (0.0, 1, lambda w, T: w("expected_rate")(0, 0, T, R, ALPHA, A, B)),
    "t_x = T, own dropout": (38.0, -1, lambda w, t_x: w("expected_dropout")(5, t_x, 38, R, ALPHA, A, B)),
    "t1 = 0": (0.0, 1, lambda w, t: w("expected_purchases_between")(t, 39, 3, 20, 39, R, ALPHA, A, B)),
    "rate = 0": (0.0, 1, lambda w, rate: w("dert")(52, rate / 100, 3, 20, 39, R, ALPHA, A, B)),
}


MORE = {                                      # the other models, by kernel prefix: point, function
    "ggnbd": {
        "s = 1": (1.0, lambda w, s: w("expected_purchases")(39, 3, 20, 39, R, ALPHA, 0.02, s, 2.6)),
        "s = 1, alive": (1.0, lambda w, s: w("p_alive")(3, 20, 39, R, ALPHA, 0.02, s, 2.6)),
        "beta = 1": (1.0, lambda w, beta: w("expected_purchases")(39, 3, 20, 39, R, ALPHA, 0.02, A, beta)),
        "beta = 1, likelihood": (1.0, lambda w, beta: w("loglik")(3, 20, 39, R, ALPHA, 0.02, A, beta)),
        "r + x = 1": (1.0, lambda w, r: w("expected_dropout")(0, 0, 39, r, ALPHA, 0.02, A, B)),
    },
    "bgcnbd": {
        "a = 1": (1.0, lambda w, a: w("expected_purchases")(39, 3, 20, 39, 2, R, ALPHA, a, B)),
        "a + b = 1": (0.25, lambda w, a: w("expected_purchases")(39, 0, 0, 39, 2, R, ALPHA, a, 0.75)),
        "r = 1": (1.0, lambda w, r: w("p_alive")(3, 20, 39, 3, r, ALPHA, A, B)),
        "alpha = b, likelihood": (ALPHA, lambda w, b: w("loglik")(3, 20, 39, 4.5, 2, R, ALPHA, A, b)),
    },
    "bgbb": {
        "gamma = 1": (1.0, lambda w, gamma: w("expected_purchases")(5, 4, 5, 6, 1.2, 0.75, gamma, 2.78)),
        "gamma = 1, for ever": (1.0, lambda w, gamma: w("dert")(np.inf, 0.1, 4, 5, 6, 1.2, 0.75, gamma, 2.78)),
        "gamma + delta = 1": (0.7, lambda w, gamma: w("p_alive")(0, 0, 6, 1.2, 0.75, gamma, 0.3)),
        "alpha + beta = 1": (0.75, lambda w, alpha: w("loglik")(4, 5, 6, alpha, 0.25, 0.66, 2.78)),
        "beta = 1": (1.0, lambda w, beta: w("loglik")(6, 6, 6, 1.2, beta, 0.66, 2.78)),
    },
    "nbd": {
        "r = 1": (1.0, lambda w, r: w("purchase_pmf")(3, 39, r, ALPHA)),
        "alpha = T": (39.0, lambda w, alpha: w("loglik")(3, 20, 39, R, alpha)),
    },
    "sbg": {
        "alpha = 1": (1.0, lambda w, alpha: w("derl")(np.inf, 0.1, 3, alpha, 3.8)),
        "alpha + beta = 1": (0.25, lambda w, alpha: w("survival")(7, 0, alpha, 0.75)),
    },
    "bdw": {
        "c = 1": (1.0, lambda w, c: w("survival")(7, 2, 0.67, 3.8, c)),
        "c = 1, discounted": (1.0, lambda w, c: w("del")(np.inf, 0.1, 0.67, 3.8, c)),
    },
    "gg_single": {
        "p = 1": (1.0, lambda w, p: w("loglik")(3, 5, 1.5, p, 2, 4)),
        "q = 1": (1.0, lambda w, q: w("loglik")(3, 5, 1.5, 2, q, 4)),
        "p n + q = 12": (3.0, lambda w, p: w("loglik")(3, 5, 1.5, p, 3, 4)),
    },
    "lognormal": {
        "sigma = tau": (1.0, lambda w, sigma: w("loglik")(3, 1.5, 2, 1, sigma, 1)),
        "mu = log_mean": (1.5, lambda w, mu: w("expected_spend")(3, 1.5, mu, .5, .4)),
    },
    "normal_margin": {
        "nu = 2": (2.0, lambda w, nu: w("loglik")(3, 5, 9, 4, 2, 1, nu)),
        "kappa = 1": (1.0, lambda w, kappa: w("quantile")(0.9, 1, 3, 5, 9, 4, 2, kappa, 3)),
    },
}


def kernel(prefix):
    return lambda quantity: getattr(_core, f"{prefix}_{quantity}")


def beside(point, side):
    steps = [0, abs(math.nextafter(point, math.inf) - point), *(10.0**-k for k in range(1, 16))]
    return [point + side * step for step in steps]


def check_smooth(function, low, high, values):
    through = Chebyshev.interpolate(np.vectorize(function), 11, domain=(low, high))
    assert_allclose([function(v) for v in values], [through(v) for v in values], rtol=1e-11)


@pytest.mark.parametrize("prefix", ["bgnbd", "mbgnbd", "pnbd"])
@pytest.mark.parametrize("name", POINTS)
def test_smooth_around_a_point(name, prefix):
    point, function = POINTS[name]
    check_smooth(lambda v: function(kernel(prefix), v), point - 0.1, point + 0.1,
                 beside(point, 1) + beside(point, -1))


@pytest.mark.parametrize("prefix, name", [(prefix, name) for prefix, points in MORE.items() for name in points])
def test_smooth_around_a_point_of_the_other_models(prefix, name):
    point, function = MORE[prefix][name]
    check_smooth(lambda v: function(kernel(prefix), v), point - 0.1, point + 0.1, beside(point, 1) + beside(point, -1))


@pytest.mark.parametrize("prefix", ["bgnbd", "mbgnbd", "pnbd"])
@pytest.mark.parametrize("name", ENDS)
def test_smooth_at_the_end_of_a_range(name, prefix):
    point, side, function = ENDS[name]
    check_smooth(lambda v: function(kernel(prefix), v), *sorted((point, point + 0.1 * side)), beside(point, side))


@pytest.mark.parametrize("prefix", ["bgnbd", "mbgnbd", "pnbd"])
def test_a_horizon_of_0_gives_exactly_0(prefix):
    for quantity, t in (("expected_purchases", (0.0,)), ("expected_purchases_between", (7.0, 7.0)),
                        ("dert", (0.0, 0.01)), ("dert", (0.0, 0.0))):
        assert kernel(prefix)(quantity)(*t, 3, 20, 39, R, ALPHA, A, B) == 0
    assert kernel(prefix)("expected_purchases_new")(0.0, R, ALPHA, A, B) == 0
    assert kernel(prefix)("purchase_pmf")([1, 2, 300], 0.0, R, ALPHA, A, B).tolist() == [0, 0, 0]


@pytest.mark.parametrize("prefix, alive", [("bgnbd", 1.0), ("mbgnbd", B / (A + B)), ("pnbd", 1.0)])
def test_a_history_without_purchase_and_time_is_certain(prefix, alive):
    assert_allclose(kernel(prefix)("p_alive")(0, 0, 0, R, ALPHA, A, B), alive, rtol=1e-15)
    assert_allclose(kernel(prefix)("loglik")(0, 0, 0, R, ALPHA, A, B), 0, atol=1e-15)
    assert_allclose(kernel(prefix)("purchase_pmf")(0, 0, R, ALPHA, A, B), 1, rtol=1e-15)
