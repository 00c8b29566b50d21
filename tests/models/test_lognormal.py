"""LogNormalSpend: log-normal purchases with a normal mean over customers."""
import mpmath as mp
import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

OWN = (3.2, 0.5, 0.4)                                       # mu, sigma, tau


def customers(n=3000, seed=1, own=OWN):
    """Return n, log_mean, log_SS, mean of customers drawn from the model, purchase by purchase."""
    mu, sigma, tau = own
    g = np.random.default_rng(seed)
    count = g.integers(1, 8, n)
    logs = [g.normal(m, sigma, k) for m, k in zip(g.normal(mu, tau, n), count, strict=True)]
    squares = [((y - y.mean()) ** 2).sum() if len(y) > 1 else 0 for y in logs]
    return (count.astype(float), np.array([y.mean() for y in logs]), np.array(squares),
            np.array([np.exp(y).mean() for y in logs]))


def covariance(n, sigma, tau):
    return mp.eye(n) * mp.mpf(sigma) ** 2 + mp.ones(n) * mp.mpf(tau) ** 2


def test_the_density_is_that_of_a_normal_vector_of_logs_in_50_digits():
    g = np.random.default_rng(2)
    with mp.workdps(50):
        for _ in range(60):
            n, mu, sigma, tau = int(g.integers(1, 9)), g.normal(0, 3), *10 ** g.uniform(-2, 2, 2)
            y = [mp.mpf(float(v)) for v in g.normal(mu, sigma + tau, n)]
            mean, C = sum(y) / n, covariance(n, sigma, tau)
            SS, gaps = sum((v - mean) ** 2 for v in y), mp.matrix([v - mp.mpf(mu) for v in y])
            want = -(n * mp.log(2 * mp.pi) + mp.log(mp.det(C)) + (gaps.T * mp.lu_solve(C, gaps))[0]) / 2 - sum(y)
            got = _core.lognormal_loglik(n, float(mean), float(SS) if n > 1 else 0, mu, sigma, tau)
            assert abs(got - float(want)) < 1e-14 * (1 + abs(float(want)) + float(SS) / sigma**2 + n * abs(mu))


def test_the_expectation_is_that_of_the_next_of_jointly_normal_logs_in_50_digits():
    """The conditional mean and variance of log n + 1 given the first n, by the covariance of all."""
    g = np.random.default_rng(3)
    with mp.workdps(50):
        for n in range(8):
            mu, sigma, tau = g.normal(0, 2), *10 ** g.uniform(-1, 0.5, 2)
            y = mp.matrix([mp.mpf(float(v)) for v in g.normal(mu, sigma + tau, n)])
            center, spread = mp.mpf(mu), mp.mpf(sigma) ** 2 + mp.mpf(tau) ** 2
            if n:
                cross = mp.ones(n, 1) * mp.mpf(tau) ** 2
                weight = mp.lu_solve(covariance(n, sigma, tau), cross)
                center += (weight.T * (y - mp.ones(n, 1) * mp.mpf(mu)))[0]
                spread -= (weight.T * cross)[0]
            want = mp.exp(center + spread / 2)
            got = _core.lognormal_expected_spend(n, float(sum(y) / n) if n else 0.0, mu, sigma, tau)
            assert abs(got / float(want) - 1) < 2e-14


def test_derivatives_are_those_of_the_likelihood():
    history, own, step = customers(300)[:3], np.array([3.1, 0.6, 0.3]), 1e-5
    value, gradient, hessian = _core.likelihood("lognormal", history, None, own)
    assert_allclose(value, np.sum(_core.lognormal_loglik(*history, *own)), rtol=1e-13)
    for i in range(3):
        up, down = (_core.likelihood("lognormal", history, None, own + s * step * np.eye(3)[i]) for s in (1, -1))
        assert_allclose(gradient[i], (up[0] - down[0]) / (2 * step), rtol=1e-6)
        assert_allclose(hessian.reshape(3, 3)[i], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-5)


def test_a_fit_recovers_the_truth_in_any_unit():
    n, log_mean, log_SS, mean = customers()
    model = cv.LogNormalSpend().fit(n, log_mean, log_SS, mean)
    assert model.status_ == "converged" and model.n_ == 3000
    assert all(abs(model.params_[name] - truth) < 4 * model.se_[name]
               for name, truth in zip(model.names, OWN, strict=True))
    assert_allclose(model.loglik(n, log_mean, log_SS).sum(), model.loglik_, rtol=1e-13)
    cents = cv.LogNormalSpend().fit(n, log_mean + np.log(100), log_SS, 100 * mean)
    assert_allclose(list(cents.params_.values()), np.add(list(model.params_.values()), [np.log(100), 0, 0]),
                    rtol=1e-8)
    assert_allclose(cents.loglik_, model.loglik_ - n.sum() * np.log(100), rtol=1e-12)
    assert_allclose(cents.expected_spend(n, log_mean + np.log(100)), 100 * model.expected_spend(n, log_mean), rtol=1e-7)
    twice = cv.LogNormalSpend().fit(n, log_mean, log_SS, mean, weights=np.full(len(n), 2.0))
    assert_allclose([twice.loglik_, twice.smearing_], [2 * model.loglik_, model.smearing_], rtol=1e-12)
    refits = model.bootstrap(n, log_mean, log_SS, replicates=30)
    assert refits.failed == 0 and abs(np.std(refits.parameters["tau"]) / model.se_["tau"] - 1) < 0.5


def test_the_smearing_factor_keeps_the_money_of_all_purchases():
    n, log_mean, log_SS, mean = customers()
    model = cv.LogNormalSpend().fit(n, log_mean, log_SS, mean)
    assert_allclose((n * model.expected_spend(n, log_mean)).sum(), (n * mean).sum(), rtol=1e-12)
    assert abs(model.smearing_ - 1) < 0.02                          # the logs are normal here
    plain = cv.LogNormalSpend(smearing=False).fit(n, log_mean, log_SS, mean)
    assert plain.smearing_ == 1 and cv.LogNormalSpend().fit(n, log_mean, log_SS).smearing_ == 1
    assert_allclose(model.expected_spend(n, log_mean), plain.expected_spend(n, log_mean) * model.smearing_, rtol=1e-15)
    heavy = cv.LogNormalSpend().fit(n, log_mean, log_SS, np.where(n == 3, 2 * mean, mean))
    assert heavy.smearing_ > 1.1
    again = cv.load(heavy.to_json())
    assert again.smearing_ == heavy.smearing_ and again.params_ == heavy.params_
    order = np.random.default_rng(0).permutation(len(n))
    shuffled = cv.LogNormalSpend().fit(n[order], log_mean[order], log_SS[order], mean[order])
    assert shuffled.smearing_ == model.smearing_
    with pytest.raises(cv.DataError, match="mean: "):
        cv.LogNormalSpend().fit(n, log_mean, log_SS, np.where(n == 3, np.nan, mean))
    with pytest.raises(cv.ConfigError, match="smearing='no': pass True or False"):
        cv.LogNormalSpend(smearing="no")


def test_draws_and_simulated_histories_have_the_distribution_of_the_model():
    model = cv.LogNormalSpend(mu=3.2, sigma=0.5, tau=0.4)
    n = np.full(20_000, 3.0)
    drawn = model.simulate(n, seed=5)
    assert abs(drawn["log_mean"].mean() - 3.2) < 4.5 * np.sqrt((0.16 + 0.25 / 3) / len(n))
    assert_allclose(np.var(drawn["log_mean"]), 0.16 + 0.25 / 3, rtol=4.5 * np.sqrt(2 / len(n)))
    assert_allclose(drawn["log_SS"].mean(), 2 * 0.25, rtol=4.5 / np.sqrt(len(n)))
    assert model.simulate([0, 1], seed=5)["log_SS"].tolist() == [0, 0]
    fit = cv.LogNormalSpend().fit(drawn)
    assert all(abs(fit.params_[k] - v) < 4 * fit.se_[k] for k, v in zip(fit.names, OWN, strict=True))


@pytest.mark.parametrize("columns, status, words", [
    ((np.zeros(5), np.zeros(5), np.zeros(5)), "no_repeats", "Give all parameters"),
    ((np.full(5, 3.0), np.full(5, 2.0), np.full(5, 1.0)), "one_pattern", r"LogNormalSpend\(tau=0.0001\)"),
    ((np.ones(50), np.linspace(2, 5, 50), np.zeros(50)), None, "cv.LogNormalSpend"),
    ((np.full(60, 3.0), np.repeat([5.0, 7.0], 30), np.zeros(60)), None, r"LogNormalSpend\(sigma=0.0001\)"),
    ((np.full(60, 3.0), np.repeat([5.0, 5.1], 30), np.full(60, 9.0)), None, r"tau -> 0: customers do not differ.*"
                                                                            r"LogNormalSpend\(tau=0.0001\)"),
])
def test_unidentified_parameters_are_named(columns, status, words):
    model = cv.LogNormalSpend().fit(*columns)
    assert model.status_ == status or (status is None and model.status_ in ("flat", "boundary", "iteration_limit"))
    with pytest.raises(cv.FitError, match=words):
        model.expected_spend(3, 1.0)


@pytest.mark.parametrize("column, value, words", [
    ("n", -1.0, "negative"), ("n", 1.5, "no whole number"), ("log_mean", np.nan, "missing or infinite"),
    ("log_SS", -1.0, "negative"), ("log_SS", np.inf, "missing or infinite")])
def test_invalid_histories_are_refused(column, value, words):
    data = {"customer": ["a", "b", "c"], "n": [2.0, 3.0, 4.0], "log_mean": [1.0, -2.0, 3.0], "log_SS": [1.0, 2.0, 3.0]}
    data[column] = [data[column][0], value, data[column][2]]
    with pytest.raises(cv.DataError, match=words) as raised:
        cv.LogNormalSpend().fit(data)
    assert "row 1" in str(raised.value) and "n counts purchases above 0" in str(raised.value)


def test_a_base_and_frames():
    base = cv.datasets.cdnow()
    model = cv.LogNormalSpend().fit(base)
    columns = base.snapshot.spend_moments()
    assert cv.LogNormalSpend().fit(columns).params_ == model.params_
    want = model.expected_spend(columns["n"], columns["log_mean"])
    assert_allclose(model.expected_spend(base), want, rtol=0)
    found = model.expected_spend(pl.DataFrame(columns))
    assert found.name == "expected_spend" and (found.to_numpy() == want).all()
    assert model.notes_ == ("8 of 6,696 purchases were free: left out of the fit",)
