"""Gamma-Gamma: Fader and Hardie, note 025, and the printed results of BTYD, CLVTools and lifetimes on CDNOW."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

NOTE_025 = (6.25, 3.74, 15.44)
EXACT = (6.2495719234, 3.7442245516, 15.4435215424)                     # to 1e-10, 946 repeat buyers


@pytest.fixture(scope="module")
def buyers():
    x, _, _, m_x = histories.cdnow()
    return x[x > 0], m_x[x > 0]


def test_loglik_of_the_sample(buyers):
    assert len(buyers[0]) == 946
    assert_allclose(np.sum(_core.gg_loglik(*buyers, *EXACT)), -4055.9176948018685, rtol=1e-13)
    assert_allclose(np.sum(_core.gg_loglik(*buyers, *NOTE_025)), -4055.919232049544, rtol=1e-13)


@pytest.mark.parametrize("x, m_x, want", [
    (2, 22.35, 24.6637139107612), (1, 11.77, 18.916852057842), (0, 0, 35.2189781021898), (3, 35, 35.0279199628),
    (2, 40, 39.1404199475),
])
def test_expected_spend_at_note_025(x, m_x, want):
    assert_allclose(_core.gg_expected_spend(x, m_x, *NOTE_025), want, rtol=1e-11)


def test_first_ten_customers_as_printed():
    """24.65 18.91 35.17 35.17 35.17 71.46 18.91 35.17 27.28 35.17, at the packages' own fits."""
    x, _, _, m_x = histories.cdnow()
    first = _core.gg_expected_spend(x[:10], np.where(x[:10] > 0, m_x[:10], 0), *EXACT)
    assert_allclose(first, [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17], atol=0.011)


def test_density_of_the_mean_integrates_to_one():
    """The integral over a fine grid of log m_x; the tails beyond are below 1e-12."""
    m_x = np.exp(np.linspace(-30, 30, 4001))
    for x in (1, 3, 40):
        density = np.exp(_core.gg_loglik(x, m_x, *NOTE_025)) * m_x
        assert_allclose(np.sum(density) * 60 / 4000, 1, rtol=1e-11)


def test_spend_scales_with_the_unit_of_money():
    """In cents, spend is a hundred times as large and the density a hundredth."""
    p, q, gamma = NOTE_025
    assert_allclose(_core.gg_expected_spend(2, 2235, p, q, 100 * gamma), 2466.37139107612, rtol=1e-12)
    assert_allclose(_core.gg_loglik(2, 2235, p, q, 100 * gamma) + np.log(100), _core.gg_loglik(2, 22.35, p, q, gamma),
                    rtol=1e-13)


def test_own_mean_is_ignored_without_repeats():
    assert len({_core.gg_expected_spend(0, m_x, *NOTE_025) for m_x in (-1.0, 0.0, 5.0)}) == 1
    assert np.isnan(_core.gg_expected_spend(0, np.nan, *NOTE_025))      # models pass 0


def test_a_gamma_fixed_far_from_the_spend_moves_the_others():
    """Limits of the CDNOW fit: p and q / gamma settle as gamma rises, p gamma and q as it falls."""
    x, _, _, m_x = histories.cdnow()
    fits = {gamma: cv.GammaGamma(gamma=gamma).fit(x, m_x) for gamma in (1e-6, 1e-5, 1e7, 1e8)}
    assert {fit.status_ for fit in fits.values()} == {"converged"}
    found = {gamma: fit.params_ for gamma, fit in fits.items()}
    assert_allclose(found[1e7]["p"], found[1e8]["p"], rtol=1e-3)
    assert_allclose(found[1e7]["q"] * 10, found[1e8]["q"], rtol=1e-3)
    assert_allclose(found[1e-5]["p"] * 10, found[1e-6]["p"], rtol=1e-3)
    assert_allclose(found[1e-5]["q"], found[1e-6]["q"], rtol=1e-3)
    assert fits[1e8].loglik_ == pytest.approx(-4317.97276641694, rel=1e-8)      # 40 digits at the parameters found


@pytest.mark.parametrize("gamma", [1e-12, 1e-9, 1e11, 1e12])
def test_a_gamma_fixed_beyond_double_precision_is_named_with_advice(gamma):
    x, _, _, m_x = histories.cdnow()
    model = cv.GammaGamma(gamma=gamma).fit(x, m_x)
    assert model.status_ == "flat"
    assert model.advice_.endswith("spend=cv.GammaGamma(q=10_000)" if gamma > 1 else "spend=cv.GammaGamma(p=10_000)")


@pytest.mark.filterwarnings("error")
def test_a_free_repeat_order_tells_nothing_about_spend():
    log = {"id": ["a", "a", "b", "b", "c"], "paid": [10.0, 0.0, 10.0, 30.0, 5.0],
           "day": ["2024-01-01", "2024-02-01", "2024-01-01", "2024-03-01", "2024-01-01"]}
    base = cv.CustomerBase(log, customer="id", time="day", amount="paid", end="2024-12-31")
    model, buys = cv.GammaGamma(p=6, q=4, gamma=15), cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")
    assert base.summary()["m_x"][0] == 0
    want = model.expected_spend([0, 1, 0], [0, 30.0, 0])
    np.testing.assert_array_equal(model.expected_spend(base), want)
    np.testing.assert_array_equal(model.expected_spend(base.summary()), want)
    value = cv.CLV(purchases=buys, spend=model).predict(base)["spend_per_purchase"]
    np.testing.assert_array_equal(value, want)
