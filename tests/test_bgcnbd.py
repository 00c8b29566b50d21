"""BG/CNBD-k: Platzer and Reutterer (2016), Marketing Science 35(5). Values by reference/condensed_twin.py: test_N1."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from custval import _core

WORDS = ("bgcnbd", "mbgcnbd")
OWN = (0.9, 3.1, 0.8, 2.4)
HISTORIES = np.array([(0, 0, 39), (1, 5, 39), (4, 30.5, 39), (26, 38, 39), (26, 9, 39), (300, 35, 39)]).T
FRONT = {
    "p_alive": (), "p_alive_at": (12,), "p_purchase": (12,), "expected_purchases": (52,),
    "expected_purchases_between": (40, 41), "dert": (52, 0.003), "residual_lifetime": (), "next_purchase": (0.2,),
    "purchase_pmf_given": (2, 12), "expected_rate": (), "expected_dropout": (), "loglik": (),
}


def kernel(word, quantity):
    return getattr(_core, f"{word}_{quantity}")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("quantity", FRONT)
def test_one_stage_is_the_model_without_stages(word, quantity):
    """The recurrences of stages.c against the series of beta_geometric.c, which share no line."""
    plain = kernel(word.replace("c", ""), quantity)
    for own in (OWN, (0.243, 4.414, 0.793, 2.426), (3, 40, 1.7, 0.2)):
        extra = (0.0,) if quantity == "loglik" else ()
        got = kernel(word, quantity)(*FRONT[quantity], *HISTORIES, *extra, 1, *own)
        assert_allclose(got, plain(*FRONT[quantity], *HISTORIES, *own), rtol=2e-13)


@pytest.mark.parametrize("word", WORDS)
def test_one_stage_of_a_new_customer_and_for_ever(word):
    plain = word.replace("c", "")
    t, n = np.array([0, 1e-9, 0.3, 39, 2000]), np.array([0, 1, 7, 60, 300])
    for own in (OWN, (0.243, 4.414, 0.793, 2.426), (3, 40, 1.7, 0.2)):
        assert_allclose(kernel(word, "expected_purchases_new")(t, 1, *own),
                        kernel(plain, "expected_purchases_new")(t, *own), rtol=1e-13)
        assert_allclose(kernel(word, "purchase_pmf")(n, 39, 1, *own), kernel(plain, "purchase_pmf")(n, 39, *own),
                        rtol=1e-13)
        assert_allclose(kernel(word, "dert")(np.inf, 0.003, *HISTORIES, 1, *own),
                        kernel(plain, "dert")(np.inf, 0.003, *HISTORIES, *own), rtol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 12, 30])
@pytest.mark.parametrize("word", WORDS)
def test_distributions_sum_to_one_and_have_the_mean(word, k):
    n = np.arange(1500.0)
    with np.errstate(all="raise"):
        for history in ((), *HISTORIES.T):
            pmf = kernel(word, "purchase_pmf_given" if len(history) else "purchase_pmf")(n, 30, *history, k, *OWN)
            mean = kernel(word, "expected_purchases" if len(history) else "expected_purchases_new")(
                30, *history, k, *OWN)
            assert ((pmf >= 0) & (pmf <= 1)).all()
            assert_allclose(np.sum(pmf), 1, rtol=1e-12)
            assert_allclose(np.sum(n * pmf), mean, rtol=1e-12)


@pytest.mark.parametrize("k", [2, 12])
def test_the_walk_and_the_roots_of_unity_agree(k):
    """Two ways to one number: horizons just below and just above what the recurrences are used for."""
    t = 100 * 1.4 ** np.arange(20)
    history = (8, 31, 39, k, *OWN)
    mean = _core.bgcnbd_expected_purchases(t, *history)
    between = _core.bgcnbd_expected_purchases_between(t[:-1], t[1:], *history)
    assert_allclose(mean[:-1] + between, mean[1:], rtol=1e-12)
    slope = _core.bgcnbd_expected_purchases_between(t, t * 1.01, *history) / np.log(1.01)
    assert (np.diff(np.log(slope), 2) < 1e-3).all()                 # a step between the ways would show here


def test_ten_thousand_purchases():
    with np.errstate(all="raise"):
        for t_x in (1.0, 99.0, 100.0):
            history = (10_000, t_x, 100, 3, *OWN)
            alive = _core.bgcnbd_p_alive(*history)
            assert 0 <= alive < 1
            assert_allclose(_core.bgcnbd_expected_purchases([0, 1e-4], *history)[0], 0, atol=0)
            assert _core.bgcnbd_expected_purchases(100, *history) <= alive * 100 * 101
    assert_allclose(_core.bgcnbd_p_alive(10_000, 100, 100, 3, *OWN), 1 - 0.8 / (0.8 + 2.4 + 9999), rtol=1e-12)


def test_a_regular_customer_is_missed_sooner():
    """Four purchases ten weeks apart, twenty weeks of silence: the more regular, the surer he is gone."""
    alive = _core.bgcnbd_p_alive(4, 40, 60, np.arange(1, 13), *OWN)
    assert (np.diff(alive) < 0).all()


def test_regular_gaps_make_the_likelihood_of_many_stages():
    even, uneven = 4 * np.log(10.0), np.log([1.0, 2.0, 3.0, 34.0]).sum()
    ll = {litt: _core.bgcnbd_loglik(4, 40, 40, litt, np.array([1, 6]), 6 * OWN[0], 3 * OWN[1], *OWN[2:])
          for litt in (even, uneven)}
    assert ll[even][1] > ll[even][0] and ll[uneven][1] < ll[uneven][0]


BOX = st.floats(-2, 2).map(lambda power: 10.0**power)


@pytest.mark.parametrize("word", WORDS)
@given(own=st.tuples(BOX, BOX, BOX, BOX), k=st.integers(1, 12), seed=st.integers(0, 2**32 - 1), t=BOX)
@settings(max_examples=15, deadline=None)
def test_quantities_agree_with_each_other(word, own, k, seed, t):
    g = np.random.default_rng(seed)
    x, T = np.where(g.random(5) < 0.3, 0, np.floor(10 ** g.uniform(0, 2, 5))), 10 ** g.uniform(-2, 2, 5)
    history = (x, np.where(x > 0, T * (1 - g.random(5) ** 3), 0), T)

    def of(quantity, *front):
        return kernel(word, quantity)(*front, *history, k, *own)

    with np.errstate(all="raise"):
        alive, later, still = of("p_alive"), of("p_alive_at", t), of("p_alive_at", 1.5 * t)
        near, far, between = (of("expected_purchases", t), of("expected_purchases", 1.5 * t),
                              of("expected_purchases_between", t, 1.5 * t))
        buys, nobody, wait = of("p_purchase", t), of("purchase_pmf_given", 0, t), of("next_purchase", 0.3)
        for_ever, plain = of("dert", np.inf, 1 / t), of("dert", t, 0)
        rate, chance, life = of("expected_rate"), of("expected_dropout"), of("residual_lifetime")
    assert ((alive >= 0) & (alive <= 1) & (later <= alive * (1 + 1e-12)) & (still <= later * (1 + 1e-12))).all()
    assert (buys <= alive).all() and (buys <= near * (1 + 1e-12)).all()
    assert (alive - later <= buys * (1 + 1e-12) + 1e-12).all()      # nobody leaves but after a purchase
    assert_allclose(nobody + buys, 1, rtol=1e-12)
    assert_allclose(near + between, far, rtol=2e-12, atol=1e-300)
    assert_allclose(plain, near, rtol=0)
    assert (for_ever >= np.exp(-1) * near * (1 - 1e-12)).all()
    assert (rate > 0).all() and ((chance > 0) & (chance < 1)).all()
    assert (np.isinf(life) == ((own[2] <= 1) | (own[0] + k * x <= 1))).all()
    there = np.isfinite(wait)
    assert (there <= (alive > 0.3)).all()
    got = kernel(word, "p_purchase")(wait[there], *(column[there] for column in history), k, *own)
    assert_allclose(got, 0.3, rtol=1e-12)
