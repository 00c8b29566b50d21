"""N2: ranges and shapes over the whole box of parameters, 1e-6 to 1e6, and the laws that connect the quantities.

CUSTVAL_EXAMPLES sets how many sets of parameters are drawn (each with 40 histories); 500 make 20,000 customers.
"""
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from custval import _core

PREFIXES = ("bgnbd", "mbgnbd", "pnbd")
BOX = st.floats(-6, 6).map(lambda power: 10.0**power)
PARAMETERS = st.tuples(BOX, BOX, BOX, BOX)
SEED = st.integers(0, 2**32 - 1)
many = settings(max_examples=int(os.environ.get("CUSTVAL_EXAMPLES", 50)), deadline=None)
EPS = 1e-12


def kernel(prefix, quantity):
    return getattr(_core, f"{prefix}_{quantity}")


def histories(seed, n=40):
    """Return x, t_x, T with no, few and very many purchases, at any age."""
    g = np.random.default_rng(seed)
    x = np.where(g.random(n) < 0.3, 0.0, np.floor(10 ** g.uniform(0, 4, n)))
    T = 10 ** g.uniform(-6, 6, n)
    return x, np.where(x > 0, T * (1 - g.random(n) ** 3), 0), T


@pytest.mark.parametrize("prefix", PREFIXES)
@given(parameters=PARAMETERS, seed=SEED)
@many
def test_p_alive_is_a_probability_that_falls_with_recency(prefix, parameters, seed):
    x, t_x, T = histories(seed)
    with np.errstate(all="raise"):
        p = kernel(prefix, "p_alive")(x, t_x, T, *parameters)
        later = kernel(prefix, "p_alive")(x, t_x, 1.5 * T, *parameters)
    assert ((p >= 0) & (p <= 1)).all()
    assert (later <= p * (1 + EPS)).all()
    if prefix == "bgnbd":
        assert (p[x == 0] == 1).all()


@pytest.mark.parametrize("prefix", PREFIXES)
@given(parameters=PARAMETERS, seed=SEED, t=BOX)
@many
def test_expected_purchases_start_at_zero_and_rise(prefix, parameters, seed, t):
    history = histories(seed)
    expected = kernel(prefix, "expected_purchases")
    with np.errstate(all="raise"):
        assert (expected(0, *history, *parameters) == 0).all()
        near, far = expected(t, *history, *parameters), expected(1.5 * t, *history, *parameters)
        between = kernel(prefix, "expected_purchases_between")(t, 1.5 * t, *history, *parameters)
        assert (kernel(prefix, "expected_purchases_between")(t, t, *history, *parameters) == 0).all()
    assert (near >= 0).all() and (far >= near * (1 - EPS)).all() and (between >= 0).all()
    assert_allclose(near + between, far, rtol=2e-12, atol=1e-300)


@pytest.mark.parametrize("prefix", PREFIXES)
@given(parameters=PARAMETERS, t=BOX)
@many
def test_a_new_customer_equals_an_empty_history(prefix, parameters, t):
    assert kernel(prefix, "expected_purchases_new")(t, *parameters) == kernel(prefix, "expected_purchases")(
        t, 0, 0, 0, *parameters)


@pytest.mark.parametrize("prefix", PREFIXES)
@given(parameters=st.tuples(*[st.floats(-3, 3).map(lambda power: 10.0**power)] * 4), seed=SEED,
       rate=st.floats(-4, 1).map(lambda power: 10.0**power))
@settings(many, max_examples=many.max_examples // 5)
def test_discounted_purchases_fall_with_the_rate_and_rise_with_the_horizon(prefix, parameters, seed, rate):
    history = histories(seed, 5)
    dert = kernel(prefix, "dert")
    with np.errstate(all="raise"):
        for_ever = dert(np.inf, rate, *history, *parameters)
        dearer = dert(np.inf, 1.5 * rate, *history, *parameters)
        near, far = (dert(t / rate, rate, *history, *parameters) for t in (1, 2))
        plain = kernel(prefix, "expected_purchases")(1 / rate, *history, *parameters)
        last = dert(39.9 / rate, rate, *history, *parameters)       # computed by another method
    assert (dearer <= for_ever * (1 + EPS)).all()
    assert ((near >= 0) & (near <= far * (1 + EPS)) & (far <= for_ever * (1 + EPS))).all()
    assert (near <= plain * (1 + EPS)).all() and (near >= plain * np.exp(-1) * (1 - EPS)).all()
    assert_allclose(last, for_ever, rtol=EPS, atol=1e-300)


@pytest.mark.parametrize("prefix", PREFIXES)
@given(parameters=PARAMETERS, seed=SEED)
@many
def test_a_rate_of_0_does_not_discount(prefix, parameters, seed):
    history = histories(seed)
    assert_allclose(kernel(prefix, "dert")(10, 0, *history, *parameters),
                    kernel(prefix, "expected_purchases")(10, *history, *parameters), rtol=0)


@pytest.mark.parametrize("prefix", PREFIXES)
@given(powers=st.tuples(st.floats(-6, 2), st.floats(-6, 6), st.floats(-6, 6), st.floats(-6, 6)), ratio=st.floats(-6, 1))
@many
def test_distribution_sums_to_one_and_has_the_mean(prefix, powers, ratio):
    parameters = [10.0**power for power in powers]
    k, t = np.arange(4000.0), parameters[1] * 10.0**ratio           # the tail beyond 4000 is below 1e-30
    with np.errstate(all="raise"):
        pmf = kernel(prefix, "purchase_pmf")(k, t, *parameters)
        mean = kernel(prefix, "expected_purchases_new")(t, *parameters)
    assert ((pmf >= 0) & (pmf <= 1 + EPS)).all()
    assert_allclose(np.sum(pmf), 1, rtol=EPS)
    assert_allclose(np.sum(k * pmf), mean, rtol=2e-12)


@pytest.mark.parametrize("prefix", PREFIXES)
@given(parameters=PARAMETERS, seed=SEED, t=BOX)
@many
def test_predictions_agree_with_one_another(prefix, parameters, seed, t):
    history = histories(seed)

    def of(quantity, *front):
        return kernel(prefix, quantity)(*front, *history, *parameters)

    with np.errstate(all="raise"):
        alive, later, buys, wait = of("p_alive"), of("p_alive_at", t), of("p_purchase", t), of("next_purchase", 0.3)
        nobody, still = of("purchase_pmf_given", 0, t), of("p_alive_at", 1.5 * t)
        rate, chance, time = of("expected_rate"), of("expected_dropout"), of("residual_lifetime")
    assert (of("p_alive_at", 0) == alive).all() and (of("p_purchase", 0) == 0).all()
    assert (of("p_purchase", np.inf) <= alive * (1 + EPS)).all()
    assert ((later >= 0) & (later <= alive * (1 + EPS)) & (still <= later * (1 + EPS))).all()
    assert_allclose(nobody + buys, 1, rtol=EPS)
    assert (rate > 0).all() and (chance > 0).all()
    if prefix == "pnbd":
        assert (np.isinf(time) == (parameters[2] <= 1)).all()
    else:                                                           # dropout only after a purchase
        assert_allclose(of("p_purchase", np.inf), alive, rtol=EPS, atol=1e-300)
        assert (alive - later <= buys * (1 + EPS) + EPS).all() and (chance <= 1).all()
        assert (np.isinf(time) == ((parameters[2] <= 1) | (parameters[0] + history[0] <= 1))).all()
    assert (np.isinf(wait) >= (alive <= 0.3)).all() and (wait > 0).all()
    there = np.isfinite(wait)
    got = kernel(prefix, "p_purchase")(wait[there], *(column[there] for column in history), *parameters)
    assert_allclose(got, 0.3, rtol=1e-11)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("history", [(0, 0, 40), (3, 20, 40), (300, 39.9, 40), (10_000, 40, 40)])
def test_distribution_given_a_history_sums_to_one_and_has_the_mean(prefix, history):
    k, own = np.arange(30_000.0), (0.243, 4.414, 0.793, 2.426)
    with np.errstate(all="raise"):
        pmf = kernel(prefix, "purchase_pmf_given")(k, 40, *history, *own)
    assert_allclose(np.sum(pmf), 1, rtol=EPS)
    assert_allclose(np.sum(k * pmf), kernel(prefix, "expected_purchases")(40, *history, *own), rtol=2e-12)


WORLDS = {                                    # prefix: parameters
    "nbd": (0.385, 12.07), "bgnbd": (0.243, 4.414, 0.793, 2.426), "mbgnbd": (0.525, 6.183, 0.891, 1.614),
    "pnbd": (0.553, 10.58, 0.606, 11.67), "ggnbd": (0.553, 10.58, 0.02, 0.603, 0.26),
    "bgcnbd": (3, 0.5, 2, 0.8, 2.5), "mbgcnbd": (2, 0.5, 2, 0.8, 2.5), "bgbb": (1.2, 0.75, 0.66, 2.78)}


@pytest.mark.parametrize("prefix", WORLDS)
def test_every_distribution_sums_to_one(prefix):
    """For new customers and given a history, up to ten thousand purchases."""
    own, k = WORLDS[prefix], np.arange(2000.0)
    histories = [(0, 0, 40), (3, 20, 40), (39, 40, 40), *([] if prefix == "bgbb" else [(300, 39, 40)])]
    with np.errstate(all="raise"):
        new = kernel(prefix, "purchase_pmf")(k, 30, *own)
        assert_allclose([np.sum(new), k @ new], [1, kernel(prefix, "expected_purchases_new")(30, *own)], rtol=2e-12)
        for history in histories:
            pmf = kernel(prefix, "purchase_pmf_given")(k, 30, *history, *own)
            mean = kernel(prefix, "expected_purchases")(30, *history, *own)
            assert (pmf >= 0).all()
            assert_allclose([np.sum(pmf), k @ pmf], [1, mean], rtol=2e-12)
        often = (10_000, 10_040, 10_040) if prefix == "bgbb" else (10_000, 40, 40)
        near = np.arange(20_000.0)[::1 if prefix in ("nbd", "bgbb") else 20]      # up to 20,000 more, every 20th
        pmf = kernel(prefix, "purchase_pmf_given")(near, 30, *often, *own)
        assert ((pmf >= 0) & (pmf < 1)).all() and 0.5 < np.sum(pmf) * (near[1] - near[0]) < 1.3


@given(parameters=st.tuples(BOX, BOX, BOX), seed=SEED)
@many
def test_spend_is_never_negative(parameters, seed):
    x, _, m_x = histories(seed)
    with np.errstate(all="raise"):
        spend = _core.gg_expected_spend(x, m_x, *parameters)
    assert (spend >= 0).all()
    p, q, _ = parameters
    assert (np.isinf(spend) == (p * x + (q - 1) <= 0)).all()


@pytest.mark.parametrize("prefix, m", [("bgnbd", 0), ("mbgnbd", 1)])
def test_tower_rule(prefix, m):
    """E over histories at T of the expected purchases in (T, T + t] is E[X(T + t)] - E[X(T)]; 10^6 customers, 4 s.e."""
    r, alpha, a, b = parameters = (0.243, 4.414, 0.793, 2.426)
    n, T, t = 1_000_000, 39.0, 52.0
    g = np.random.default_rng(39)
    rate, chance = g.gamma(r, 1 / alpha, n), g.beta(a, b, n)
    x, t_x = np.zeros(n), np.zeros(n)
    active = np.flatnonzero(g.random(n) >= m * chance)
    while len(active):
        gap = g.standard_exponential(len(active)) / rate[active]
        buys = t_x[active] + gap <= T
        active, gap = active[buys], gap[buys]
        t_x[active] += gap
        x[active] += 1
        active = active[g.random(len(active)) >= chance[active]]
    expected = kernel(prefix, "expected_purchases")(t, x, t_x, T, *parameters)
    new = kernel(prefix, "expected_purchases_new")
    want = new(T + t, *parameters) - new(T, *parameters)
    assert abs(np.mean(expected) - want) <= 4 * np.std(expected) / np.sqrt(n)
    assert abs(np.mean(x) - new(T, *parameters)) <= 4 * np.std(x) / np.sqrt(n)
