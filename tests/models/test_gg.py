"""Gamma-Gamma: Fader and Hardie, note 025, and the printed results of BTYD, CLVTools and lifetimes on CDNOW."""
import histories
import mpmath as mp
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
    model, buys = cv.GammaGamma(p=6, q=4, gamma=15, first=False), cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")
    assert base.summary()["m_x"][0] == 0
    single = cv.GammaGamma(p=6, q=4, gamma=15)
    np.testing.assert_array_equal(single.expected_spend(base), single.expected_spend([1, 2, 1], [10.0, 20.0, 5.0]))
    want = model.expected_spend([0, 1, 0], [0, 30.0, 0])
    np.testing.assert_array_equal(model.expected_spend(base), want)
    np.testing.assert_array_equal(model.expected_spend(base.summary()), want)
    value = cv.CLV(purchases=buys, spend=model).predict(base)["spend_per_purchase"]
    np.testing.assert_array_equal(value, want)


# ---- single purchases ----

def purchases(n, p, q, gamma, seed):
    """Return n, mean and log_mean of customers with 1 to 9 purchases each, drawn from the model."""
    g = np.random.default_rng(seed)
    count = g.integers(1, 10, n)
    each = [g.gamma(p, 1 / rate, k) for rate, k in zip(g.gamma(q, 1 / gamma, n), count, strict=True)]
    return count.astype(float), np.array([z.mean() for z in each]), np.array([np.log(z).mean() for z in each])


def density(z, p, q, gamma):
    """Return the log density of amounts z as the definition of the model gives it, at 50 digits."""
    p, q, gamma, z = mp.mpf(p), mp.mpf(q), mp.mpf(gamma), [mp.mpf(float(v)) for v in z]
    k = p * len(z) + q
    return ((p - 1) * sum(map(mp.log, z)) - len(z) * mp.loggamma(p) + mp.loggamma(k) - mp.loggamma(q)
            + q * mp.log(gamma) - k * mp.log(gamma + sum(z)))


def test_the_density_of_single_purchases_in_50_digits():
    """The closed form cancels p times the sum of the logs against n log gamma(p); errors relative to what remains."""
    g = np.random.default_rng(4)
    with mp.workdps(50):
        for _ in range(300):
            n, p, q, gamma = int(g.integers(1, 40)), *10 ** g.uniform((-2, -2, -2), (5, 3, 3))
            z = g.gamma(3, 10, n) if p < 50 else 20 * np.exp(g.normal(0, p**-.5, n))
            mean, log_mean = (float(sum(f(mp.mpf(float(v))) for v in z) / n) for f in (mp.mpf, mp.log))
            size = abs(p * n * log_mean) + p * n * np.log1p(gamma / (n * mean)) + q * np.log1p(n * mean / gamma) + n
            got = _core.gg_single_loglik(n, mean, log_mean, p, q, gamma)
            assert abs(got - float(density(z, p, q, gamma))) < 1e-14 * size


def test_one_purchase_has_the_density_of_a_mean_of_one():
    z = np.array([0.1, 5, 22.35, 4e3])
    assert_allclose(_core.gg_single_loglik(1, z, np.log(z), *EXACT), _core.gg_loglik(1, z, *EXACT), rtol=1e-14)


def test_derivatives_of_single_purchases_are_those_of_the_likelihood():
    history, own, step = purchases(300, 4, 5, 30, 1), np.array([3.0, 4.0, 30.0]), 1e-5
    value, gradient, hessian = _core.likelihood("gg_single", history, None, own)
    assert_allclose(value, np.sum(_core.gg_single_loglik(*history, *own)), rtol=1e-13)
    for i in range(3):
        up, down = (_core.likelihood("gg_single", history, None, own + s * step * np.eye(3)[i]) for s in (1, -1))
        assert_allclose(gradient[i], (up[0] - down[0]) / (2 * step), rtol=1e-6)
        assert_allclose(hessian.reshape(3, 3)[i], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-6)


def test_single_purchases_recover_the_truth_in_any_unit():
    history, truth = purchases(3000, 4, 5, 30, 7), {"p": 4, "q": 5, "gamma": 30}
    model = cv.GammaGamma().fit(*history)
    assert model.status_ == "converged" and model.columns_ == ("n", "mean", "log_mean")
    assert all(abs(model.params_[name] - value) < 4 * model.se_[name] for name, value in truth.items())
    assert_allclose(model.loglik(*history).sum(), model.loglik_, rtol=1e-12)
    n, mean, log_mean = history
    cents = cv.GammaGamma().fit(n, 100 * mean, log_mean + np.log(100))
    assert_allclose(list(cents.params_.values()), np.array(list(model.params_.values())) * [1, 1, 100], rtol=1e-7)
    assert_allclose(cents.loglik_, model.loglik_ - n.sum() * np.log(100), rtol=1e-12)
    twice = cv.GammaGamma().fit(*history, weights=np.full(len(n), 2.0))
    assert_allclose(twice.loglik_, 2 * model.loglik_, rtol=1e-12)
    refits = model.bootstrap(*history, replicates=30)
    assert refits.failed == 0 and abs(np.std(refits.parameters["p"]) / model.se_["p"] - 1) < 0.5


def test_the_forms_of_a_base_and_a_frame():
    """p of CDNOW by single purchases as measured for the specification: 3.7 beside 6.2 of the means."""
    base = cv.CustomerBase(cv.datasets.cdnow(as_frame=dict), customer="customer", time="date", amount="amount",
                           end="1997-12-31").as_of("1997-09-30")
    single, means = cv.GammaGamma().fit(base), cv.GammaGamma(first=False).fit(base)
    assert (single.n_, means.n_) == (2349, 946) and means.columns_ == ("x", "m_x")
    assert round(single.params_["p"], 1) == 3.7 and round(means.params_["p"], 1) == 6.2
    columns = base.snapshot.spend_moments()
    assert cv.GammaGamma().fit(columns).params_ == single.params_
    assert cv.GammaGamma().fit(base.summary()).params_ == means.params_
    both = columns | {name: np.asarray(base.summary()[name], float) for name in ("x", "m_x")}
    assert cv.GammaGamma().fit(both).params_ == single.params_
    assert cv.GammaGamma(first=False).fit(both).params_ == means.params_
    assert_allclose(single.expected_spend(base), single.expected_spend(columns["n"], columns["mean"]), rtol=0)
    assert_allclose(single.expected_spend(columns), single.expected_spend(base), rtol=0)
    assert_allclose(means.expected_spend(base), means.expected_spend(base.summary()), rtol=0)
    by_means = cv.GammaGamma().fit(base.summary())
    assert (np.asarray(by_means.expected_spend(base)) == means.expected_spend(base)).all()     # as its fit
    again = cv.load(single.to_json())
    assert again.first and again.columns_ == single.columns_ and not cv.load(means.to_json()).first
    assert "purchases were free: left out of the fit" in single.notes_[-1]


@pytest.mark.parametrize("columns, word", [
    (([2.0, 1, 3], [5.0, 7, 9], [1.7, 1.9, 2.1]), "'log_mean': 1 of 3 values are more than the log of the mean"),
    (([2.0, 1, 3], [5.0, 7, 9], [1.5, 1.5, 2.1]), "'log_mean': 1 of 3 values are not the log of the mean although"),
    (([2.0, 1, 3], [5.0, 7, 9], [1.5, np.nan, 2.1]), "'log_mean': 1 of 3 values are missing or infinite"),
    (([2.0, 1.5, 3], [5.0, 7, 9], [1.5, 1.5, 2.1]), "'n': 1 of 3 values are no whole number of purchases"),
    (([2.0, 2, 3], [5.0, 0, 9], [1.5, 1.5, 2.1]), "'mean': 1 of 3 values are zero or negative although"),
])
def test_impossible_single_purchases_are_refused(columns, word):
    with pytest.raises(cv.DataError, match=word):
        cv.GammaGamma().fit(*columns)


def test_a_wrong_flag_is_refused():
    with pytest.raises(cv.ConfigError, match="first=1: pass True or False"):
        cv.GammaGamma(first=1)
