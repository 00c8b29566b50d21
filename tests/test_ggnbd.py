"""GGompertz/NBD: Bemmaor and Glady, Management Science 58(5), 2012; twin values are in reference/ggnbd.csv (N1)."""
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Chebyshev
from numpy.testing import assert_allclose

from custval import _core

OWN = (0.55, 10.6, 0.02, 0.6, 0.3)                          # r, alpha, b, s, beta; ages in weeks
OLD = (0.9, 12.0, 0.3, 0.6, 900.0)                          # hardly a hazard at first, then a steep one
HISTORIES = [(0, 0, 38.86), (2, 30.43, 38.86), (26, 30.86, 31), (5, 3.0, 39), (300, 39, 39), (10_000, 38, 39)]
PARETO = (0.5534, 10.5802, 0.6061, 11.6562)


def of(quantity, *arguments):
    """Return a quantity of GGompertz/NBD; no value but underflow may raise a flag."""
    with np.errstate(all="raise"):
        return getattr(_core, f"ggnbd_{quantity}")(*arguments)


@pytest.mark.parametrize("own", [OWN, OLD])
def test_F20(own):
    """clv 206, Adler (2022): the published expectation is too high. Of 20,000 customers, each with a rate, a hazard and
    a death of his own: what is said of them given (x, t_x, T) is in the mean what they are and do. 4 s.e."""
    r, alpha, b, s, beta = own
    g, n, T, t = np.random.default_rng(20), 20_000, 39.0, 6.0
    rate, eta = g.gamma(r, 1 / alpha, n), g.gamma(s, 1 / beta, n)
    death = np.log1p(g.standard_exponential(n) / eta) / b
    x = g.poisson(rate * np.minimum(death, T)).astype(float)
    t_x = np.where(x > 0, np.minimum(death, T) * g.random(n) ** (1 / np.maximum(x, 1)), 0)
    bought = g.poisson(rate * np.clip(death - T, 0, t))
    for expected, happened in (
            (of("expected_purchases", t, x, t_x, T, *own), bought), (of("p_purchase", t, x, t_x, T, *own), bought > 0),
            (of("purchase_pmf_given", 1, t, x, t_x, T, *own), bought == 1),
            (of("p_alive", x, t_x, T, *own), death > T), (of("p_alive_at", 3, x, t_x, T, *own), death > T + 3),
            (of("residual_lifetime", x, t_x, T, *own), np.maximum(death - T, 0)),
            (of("expected_rate", x, t_x, T, *own), rate), (of("expected_dropout", x, t_x, T, *own), b * eta)):
        off = expected - happened
        assert abs(np.mean(off)) <= 4 * np.std(off) / np.sqrt(n)


def test_b_to_zero_is_pareto():
    """With beta = b times that of Pareto/NBD; F28 has its P(alive), Schmittlein et al. (1987) the rest."""
    r, alpha, s, beta = PARETO
    own, t = (r, alpha, 1e-12, s, 1e-12 * beta), 39
    assert_allclose(of("p_alive", 0, 0, 38.86, *own), 0.29496148643704224, rtol=1e-10)
    assert_allclose(of("expected_purchases_new", t, *own),
                    r * beta / (alpha * (s - 1)) * (1 - (beta / (beta + t)) ** (s - 1)), rtol=1e-10)
    ages = of("p_alive_at", [0, 10, 100], 3, 20, 20, *own)
    assert_allclose(ages, ((beta + 20) / (beta + 20 + np.array([0, 10, 100]))) ** s, rtol=1e-10)


def test_great_ages_do_not_overflow():
    for b in (0.5, 30.0, 1e6):
        for history in ((0, 0, 1e5), (3, 20, 1e5), (3, 1e5, 1e5), (10_000, 99_999, 1e5)):
            for quantity, front in (("p_alive", ()), ("loglik", ()), ("residual_lifetime", ()), ("expected_rate", ()),
                                    ("expected_dropout", ()), ("expected_purchases", (1e5,)), ("p_purchase", (9,)),
                                    ("dert", (np.inf, 1e-3)), ("purchase_pmf_given", (2, 1e3))):
                assert np.isfinite(of(quantity, *front, *history, 0.5, 10.0, b, 0.6, 0.3)), (b, history, quantity)
    assert of("p_alive", 3, 20, 1e5, 0.5, 10.0, 0.5, 0.6, 0.3) == 0
    assert_allclose(of("residual_lifetime", 3, 1e5, 1e5, 0.5, 10.0, 0.5, 0.6, 0.3), 1 / (0.5 * 0.6), rtol=1e-13)


@pytest.mark.parametrize("own", [OWN, OLD, (3.0, 0.1, 2.0, 5.0, 1e-3), (0.01, 1000.0, 1e-3, 0.01, 1000.0)])
@pytest.mark.parametrize("history", [HISTORIES[k] for k in (0, 1, 3, 4)])
def test_distribution_sums_to_one_and_has_the_mean(history, own):
    k, t = np.arange(2000.0), min(20.0, 60 * own[1])
    given_history = of("purchase_pmf_given", k, t, *history, *own)
    assert_allclose(np.sum(given_history), 1, rtol=1e-12)
    assert_allclose(np.sum(k * given_history), of("expected_purchases", t, *history, *own), rtol=2e-12)
    assert_allclose(of("p_purchase", t, *history, *own), np.sum(given_history[1:]), rtol=2e-12)
    if history == HISTORIES[0]:
        new = of("purchase_pmf", k, t, *own)
        assert_allclose([np.sum(new), np.sum(k * new)], [1, of("expected_purchases_new", t, *own)], rtol=2e-12)


@pytest.mark.parametrize("own", [OWN, OLD])
def test_next_purchase_is_where_its_chance_is(own):
    for history in HISTORIES:
        ever = of("p_purchase", np.inf, *history, *own)
        for q in (0.001, 0.3, 0.9, 0.999):
            t = of("next_purchase", q, *history, *own)
            assert np.isinf(t) == (ever <= q)
            if ever > q:
                assert_allclose(of("p_purchase", t, *history, *own), q, rtol=1e-12)


def test_units_change_nothing_but_the_unit():
    r, alpha, b, s, beta = OWN
    for factor in (7.0, 86_400.0):
        days = 5, 3.0 * factor, 39 * factor, r, alpha * factor, b / factor, s, beta
        weeks = 5, 3.0, 39, *OWN
        for quantity, front, scaled, power in (
                ("p_alive", (), (), 0), ("residual_lifetime", (), (), 1), ("expected_rate", (), (), -1),
                ("expected_dropout", (), (), -1), ("expected_purchases", (39,), (39 * factor,), 0),
                ("next_purchase", (3e-4,), (3e-4,), 1), ("dert", (np.inf, 0.003), (np.inf, 0.003 / factor), 0)):
            assert_allclose(of(quantity, *scaled, *days), of(quantity, *front, *weeks) * factor**power, rtol=1e-12)


POINTS = {
    "beta = 1": (1.0, lambda beta: of("expected_purchases", 39, 3, 20, 39, 0.5, 10, 0.02, 0.6, beta)),
    "beta = 1, likelihood": (1.0, lambda beta: of("loglik", 3, 20, 39, 0.5, 10, 0.02, 0.6, beta)),
    "beta = 2, lifetime": (2.0, lambda beta: of("residual_lifetime", 3, 20, 39, 0.5, 10, 0.02, 0.6, beta)),
    "s = 1": (1.0, lambda s: of("expected_purchases", 39, 3, 20, 39, 0.5, 10, 0.02, s, 0.3)),
    "s = 1, discounted": (1.0, lambda s: of("dert", np.inf, 0.003, 3, 20, 39, 0.5, 10, 0.02, s, 0.3)),
    "r = 1": (1.0, lambda r: of("purchase_pmf", 3, 39, r, 10, 0.02, 0.6, 0.3)),
    "edge of the box": (4 / 19.0, lambda b: of("p_alive", 3, 20, 39, 0.5, 10, b, 0.6, 50.0)),
    "e^bu turns large": (37 / 39.0, lambda b: math.log(of("p_alive_at", 39, 3, 20, 20, 0.5, 10, b, 0.6, 1e9))),
    "peak at the end": (39.0, lambda t: of("purchase_pmf_given", 5, t, 5, 20, 29, 0.5, 10, 0.02, 0.6, 0.3)),
}


@pytest.mark.parametrize("name", POINTS)
def test_no_special_points(name):
    """At the point and 10^-1 ... 10^-15 beside it the function is a polynomial through values up to a tenth away."""
    point, function = POINTS[name]
    near = [point * (1 + sign * 10.0**-k) for k in range(1, 16) for sign in (1, -1)] + [point]
    through = Chebyshev.interpolate(np.vectorize(function), 24, domain=(0.9 * point, 1.1 * point))
    assert_allclose([function(v) for v in near], [through(v) for v in near], rtol=1e-11)


BOX = st.floats(-6, 6).map(lambda power: 10.0**power)


@given(own=st.tuples(BOX, BOX, BOX, BOX, BOX), t=BOX, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_ranges_and_shapes_in_the_whole_box(own, t, seed):
    g, eps = np.random.default_rng(seed), 1e-11
    x = np.where(g.random(8) < 0.3, 0.0, np.floor(10 ** g.uniform(0, 4, 8)))
    T = 10 ** g.uniform(-6, 6, 8)
    history = x, np.where(x > 0, T * (1 - g.random(8) ** 3), 0), T, *own
    alive, later = of("p_alive", *history), of("p_alive_at", t, *history)
    buys, ever = of("p_purchase", t, *history), of("p_purchase", np.inf, *history)
    near, far = of("expected_purchases", t, *history), of("expected_purchases", 2 * t, *history)
    between = of("expected_purchases_between", t, 2 * t, *history)
    rate, dropout = of("expected_rate", *history), of("expected_dropout", *history)
    assert ((later >= 0) & (later <= alive) & (alive <= 1)).all()
    assert ((buys >= 0) & (buys <= ever * (1 + eps)) & (ever <= alive * (1 + eps)) & (buys <= near * (1 + eps))).all()
    assert_allclose(near + between, far, rtol=eps, atol=1e-300)
    assert_allclose(of("purchase_pmf_given", 0, t, *history) + buys, 1, rtol=eps)
    assert (of("expected_purchases", 0, *history) == 0).all() and np.isfinite(of("loglik", *history)).all()
    assert (rate > 0).all() and (dropout >= 0).all() and np.isfinite(of("residual_lifetime", *history)).all()
    assert (of("dert", np.inf, 1 / t, *history) <= of("dert", np.inf, 0.5 / t, *history) * (1 + eps)).all()
    assert math.isclose(of("purchase_pmf", 0, t, *own) + of("p_purchase", t, 0, 0, 0, *own), 1, rel_tol=eps)


def test_horizon_nought_and_no_time():
    for quantity, front in (("expected_purchases", (0,)), ("expected_purchases_between", (7, 7)), ("dert", (0, 0.01)),
                            ("p_purchase", (0,))):
        assert of(quantity, *front, 3, 20, 39, *OWN) == 0
    assert of("p_alive", 3, 39, 39, *OWN) == 1 and of("p_alive", 0, 0, 0, *OWN) == 1
    assert of("purchase_pmf", [0, 1, 300], 0, *OWN).tolist() == [1, 0, 0]
    assert_allclose(of("loglik", 0, 0, 0, *OWN), 0, atol=1e-15)
