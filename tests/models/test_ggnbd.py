"""GGompertz/NBD: Bemmaor and Glady, Management Science 58(5), 2012; values of the twin are in reference/ggnbd.csv."""
import math

import histories
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Chebyshev
from numpy.polynomial.chebyshev import chebpts1
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

OWN = (0.55, 10.6, 0.02, 0.6, 0.3)                          # r, alpha, b, s, beta; ages in weeks
OLD = (0.9, 12.0, 0.3, 0.6, 900.0)                          # hardly a hazard at first, then a steep one
HISTORIES = [(0, 0, 38.86), (2, 30.43, 38.86), (26, 30.86, 31), (5, 3.0, 39), (300, 39, 39), (10_000, 38, 39)]
PARETO = (0.5534, 10.5802, 0.6061, 11.6562)


def of(quantity, *arguments):
    """Return a quantity of GGompertz/NBD; underflow may raise a flag, nothing else."""
    with np.errstate(all="raise"):
        return getattr(_core, f"ggnbd_{quantity}")(*arguments)


@pytest.mark.parametrize("own", [OWN, OLD])
def test_expectations_given_a_history_are_the_means_of_simulated_customers(own):
    """CLVTools #206, Adler (2022): the published expectation is too high. Of 20,000 simulated customers, each with a
    rate, hazard and death of their own, the mean of the quantities given (x, t_x, T) is what they are and do; 4 s.e.
    """
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


def test_b_to_0_equals_pareto_nbd():
    """With beta = b times that of Pareto/NBD (r, alpha, s, beta), whose kernels share no code with these."""
    r, alpha, s, beta = PARETO
    histories = tuple(np.array(HISTORIES).T)
    for quantity, front in (("p_alive", ()), ("loglik", ()), ("expected_purchases", (39,)), ("p_purchase", (39,)),
                            ("next_purchase", (1e-9,)), ("expected_rate", ()), ("expected_dropout", ()),
                            ("purchase_pmf_given", (3, 39)), ("dert", (np.inf, 0.003)), ("p_alive_at", (39,))):
        want = getattr(_core, f"pnbd_{quantity}")(*front, *histories, *PARETO)
        for b in (1e-9, 1e-14):
            assert_allclose(of(quantity, *front, *histories, r, alpha, b, s, b * beta), want,
                            rtol=1e3 * b + 2e-12, atol=1e-300)
    pareto = 0.29496148643704224
    assert_allclose(of("p_alive", 0, 0, 38.86, r, alpha, 1e-14, s, 1e-14 * beta), pareto, rtol=1e-11)


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
def test_next_purchase_inverts_p_purchase(own):
    for history in HISTORIES:
        ever = of("p_purchase", np.inf, *history, *own)
        for q in (0.001, 0.3, 0.9, 0.999):
            t = of("next_purchase", q, *history, *own)
            assert np.isinf(t) == (ever <= q)
            if ever > q:
                assert_allclose(of("p_purchase", t, *history, *own), q, rtol=1e-12)


def test_quantities_depend_on_the_unit_by_scale_only():
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
    """At the point and 10^-1 ... 10^-15 beside it, the function is a polynomial through values up to a tenth away."""
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


def test_a_horizon_of_0_and_an_age_of_0():
    for quantity, front in (("expected_purchases", (0,)), ("expected_purchases_between", (7, 7)), ("dert", (0, 0.01)),
                            ("p_purchase", (0,))):
        assert of(quantity, *front, 3, 20, 39, *OWN) == 0
    assert of("p_alive", 3, 39, 39, *OWN) == 1 and of("p_alive", 0, 0, 0, *OWN) == 1
    assert of("purchase_pmf", [0, 1, 300], 0, *OWN).tolist() == [1, 0, 0]
    assert_allclose(of("loglik", 0, 0, 0, *OWN), 0, atol=1e-15)


def world(n, r, alpha, b, s, beta, seed):
    """Return x, t_x, T of n customers in whole days, observed for 189 to 273 of them."""
    g = np.random.default_rng(seed)
    T = g.integers(189, 274, n).astype(float)
    death = np.log1p(g.standard_exponential(n) / g.gamma(s, 1 / beta, n)) / b
    alive = np.minimum(death, T)
    x = g.poisson(g.gamma(r, 1 / alpha, n) * alive).astype(float)
    return x, np.where(x > 0, np.minimum(np.ceil(alive * g.random(n) ** (1 / np.maximum(x, 1))), T), 0), T


TRUE = (0.9, 84.0, 0.03, 0.6, 90.0)
FREE = np.full(5, np.nan)


def slope(function, own, i):
    """Return the derivative of `function` by the log of parameter i, from a polynomial through a factor of e^0.2."""
    def along(step):
        return function(*(v * np.exp(step * (k == i)) for k, v in enumerate(own)))
    steps = 0.2 * chebpts1(16)
    values = np.array([np.atleast_1d(along(step)) for step in steps])
    return np.array([Chebyshev.fit(steps, column, 15).deriv()(0) for column in values.T])


@pytest.mark.parametrize("own", [OWN, OLD, (0.3, 5.0, 1e-6, 2.0, 3e-5), (2.0, 3.0, 3.0, 0.1, 1e4)])
def test_likelihood_is_the_sum_of_its_customers_and_its_derivatives_are_exact(own):
    x, t_x, T, w = np.array([(0, 0, 0, 1), (0, 0, 5, 3), (1, 3, 3, 2), (2, 30, 39, 1), (7, 11, 40, 0.5),
                             (60, 200, 260, 2), (5000, 250, 260, 1), (1, 1, 300, 1)], float).T

    def logged(*at):
        value, gradient, hessian = _core.likelihood("ggnbd", (x, t_x, T), w, np.array(at))
        return value, gradient * at, hessian.reshape(5, 5) * np.outer(at, at) + np.diag(gradient * at)

    value, gradient, hessian = logged(*own)
    assert_allclose(value, np.sum(w * of("loglik", x, t_x, T, *own)), rtol=1e-13)
    for i in range(5):
        assert_allclose(gradient[i], slope(lambda *at: np.sum(w * of("loglik", x, t_x, T, *at)), own, i),
                        atol=1e-10 * np.abs(gradient).max())
        assert_allclose(hessian[i], slope(lambda *at: logged(*at)[1], own, i), atol=1e-10 * np.abs(hessian).max())


def test_base_and_avx2_give_the_same_bits(same_bits):
    same_bits("""
import numpy as np
from test_ggnbd import TRUE, world
for n in (1, 7, 300):
    columns = world(n, *TRUE, seed=n)
    for own in (TRUE, (40.0, 1e-3, 5.0, 1e-4, 1e5), (0.5, 70.0, 1e-7, 0.6, 8e-6)):
        print([np.array(part).tolist() for part in _core.likelihood("ggnbd", columns, None, np.array(own))])
""")


@pytest.mark.parametrize("n", [1500, 12_000])
def test_the_fit_recovers_the_truth(n):
    columns = world(n, *TRUE, seed=n)
    status, found, covariance, _, _, loglik, *_ = _core.fit("ggnbd", columns, None, FREE, 100)[:6]
    assert status == "converged" and loglik >= np.sum(of("loglik", *columns, *TRUE))
    log_se = np.sqrt(np.diag(covariance.reshape(5, 5))) / found
    assert (np.abs(np.log(found / TRUE)) < 4 * log_se).all()
    value, gradient, hessian = _core.likelihood("ggnbd", columns, None, found)
    assert_allclose(value, loglik, rtol=1e-13)
    assert np.abs(gradient * found).max() < 1e-6 * n
    assert_allclose(covariance.reshape(5, 5), np.linalg.inv(-hessian.reshape(5, 5)), rtol=1e-5)


def test_the_unit_of_time_and_copies_for_weights():
    columns = world(1500, *TRUE, seed=1)
    days = cv.GGompertzNBD().fit(*columns)
    weeks = cv.GGompertzNBD().fit(columns[0], columns[1] / 7, columns[2] / 7)
    r, alpha, b, s, beta = weeks.params_.values()
    assert_allclose([r, alpha * 7, b / 7, s, beta], list(days.params_.values()), rtol=1e-7)
    assert_allclose(weeks.loglik_, days.loglik_ + columns[0].sum() * np.log(7), rtol=1e-12)
    distinct, times = np.unique(np.stack(columns), axis=1, return_counts=True)
    weighted = cv.GGompertzNBD().fit(*distinct, weights=times)
    assert_allclose(list(weighted.params_.values()), list(days.params_.values()), rtol=1e-7)
    assert weighted.n_ == days.n_ == 1500


def test_cdnow_does_not_age():
    """A ridge ends in Pareto/NBD: the fit reports it, and is no worse than the published -9594.976178939542."""
    x, t_x, T, _ = histories.cdnow()
    model, smaller = (model.fit(x, t_x / 7, T / 7) for model in (cv.GGompertzNBD(), cv.ParetoNBD()))
    assert model.status_ == "boundary" and smaller.status_ == "converged"
    assert model.loglik_ >= max(smaller.loglik_, -9594.976178939542) - 1e-6
    assert_allclose([model.params_["r"], model.params_["alpha"], model.params_["s"],
                     model.params_["beta"] / model.params_["b"]],
                    [0.5532770537, 10.5776838029, 0.6062401421, 11.6687399176], rtol=1e-4)
    assert model.advice_.startswith("b -> 0: the dropout hazard does not change with age; Pareto/NBD fits")
    assert "cv.ParetoNBD()" in model.advice_
    with pytest.raises(cv.FitError, match="boundary"):
        model.p_alive(1, 2, 3)


def test_a_fixed_parameter_stays():
    columns = world(1500, *TRUE, seed=2)
    free = cv.GGompertzNBD().fit(*columns)
    for name, value in (("b", 0.05), ("s", 2.0), ("beta", 20.0), ("alpha", 50.0)):
        held = cv.GGompertzNBD(**{name: value}).fit(*columns)
        assert held.status_ == "converged" and held.params_[name] == value and held.loglik_ < free.loglik_


def degenerate(seed):
    """Return the histories of an arbitrary world: tiny, huge, without ageing, death or variation, with ties."""
    g = np.random.default_rng(seed)
    n = int(np.exp(g.uniform(0, np.log(600))))
    r, s, b = np.exp(g.uniform(np.log([0.05, 0.05, 1e-3]), np.log([10, 10, 0.3])))
    alpha, beta = r * np.exp(g.uniform(0, 6)), np.expm1(b * np.exp(g.uniform(2, 7))) / np.expm1(1 / s)
    x, t_x, T = world(n, r, alpha, b, s, beta, seed)
    scale = 10.0 ** g.integers(-6, 7)
    kind = seed % 6
    if kind == 1:
        x, t_x = np.minimum(x, 1), np.where(x > 0, t_x, 0)
    elif kind == 2:
        T = np.maximum(t_x, T[0] * (g.random(n) < 0.9))
    elif kind == 3:
        t_x = np.where(x > 0, T, 0)
    elif kind == 4:
        x = x * (1 + 1000 * (g.random(n) < 0.1))
    return x, t_x * scale, T * scale


def check_degenerate(seed):
    columns = degenerate(seed)
    got = _core.fit("ggnbd", columns, None, FREE, 100)
    if got[0] in ("no_repeats", "no_information", "one_pattern"):
        return got[0]
    assert np.isfinite(got[1]).all() and (got[1] > 0).all() and np.isfinite(got[5]), seed
    if got[0] == "converged":
        _, gradient, hessian = _core.likelihood("ggnbd", columns, None, got[1])
        slopes = gradient * got[1] / len(columns[0])
        bends = np.outer(got[1], got[1]) * hessian.reshape(5, 5) / len(columns[0]) + np.diag(slopes)
        values = np.linalg.eigvalsh(-bends)
        assert np.abs(slopes).max() <= 1e-6 and values[0] > 0 and values[-1] < 1e10 * values[0], seed
        g = np.random.default_rng(seed)
        for size in (1e-3, 0.1, 1.0):
            near = got[1] * np.exp(g.normal(0, size, 5))
            assert _core.likelihood("ggnbd", columns, None, near)[0] <= got[5] + 1e-7, (seed, size)
    return got[0]


def test_degenerate_data_have_a_status_and_never_converge_falsely():
    seen = {check_degenerate(seed) for seed in range(60)}
    assert seen == {"converged", "boundary", "flat", "no_repeats", "one_pattern"}


def test_thousands_of_customers_are_searched_on_a_sample_first():
    """The mode is that from all starts on the whole data, which takes some 25 passes."""
    model = cv.GGompertzNBD(r=0.9, alpha=84.0, b=0.03, s=0.6, beta=90.0)
    sample = model.simulate(4500, T=250.0, seed=3)
    found = cv.GGompertzNBD().fit(sample)
    assert found.status_ == "converged" and found.n_iter_ < 15
