"""NormalMargin: margins of any sign, with a mean and a variance for every customer."""
import mpmath as mp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

OWN = (-7.0, 20.0, 0.5, 4.0)                                # mu, sigma, kappa, nu


def customers(n=2000, own=OWN, seed=1):
    """Return n, mean, SS of customers drawn from the model."""
    mu, sigma, kappa, nu = own
    g = np.random.default_rng(seed)
    counts, precision = g.integers(1, 12, n), g.gamma(nu / 2, 2 / (nu * sigma**2), n)
    means = g.normal(mu, 1 / np.sqrt(kappa * precision))
    drawn = [g.normal(m, 1 / np.sqrt(w), k) for m, w, k in zip(means, precision, counts, strict=True)]
    return tuple(np.array(column, float) for column in (
        counts, [y.mean() for y in drawn], [((y - y.mean()) ** 2).sum() if len(y) > 1 else 0 for y in drawn]))


def twin(y, mu, sigma, kappa, nu):
    """Return the log density of margins y: normal densities summed over a fine grid of means and log precisions."""
    z = np.linspace(-30, 12, 1200)[:, None] - 2 * np.log(sigma)
    steps = np.linspace(-12, 12, 400)
    w = np.exp(z)
    m = (kappa * mu + sum(y)) / (kappa + len(y)) + steps / np.sqrt(w * (kappa + len(y)))

    def normal(gap, precision):
        return (np.log(precision / (2 * np.pi)) - precision * gap**2) / 2

    logs = sum(normal(v - m, w) for v in y) + normal(m - mu, kappa * w) + (
        nu / 2 * (np.log(nu * sigma**2 / 2) + z) - w * nu * sigma**2 / 2 - float(mp.loggamma(nu / 2)))
    widths = (steps[1] - steps[0]) / np.sqrt(w * (kappa + len(y)))
    return np.log(np.sum(np.exp(logs) * widths) * (z[1, 0] - z[0, 0]))


@pytest.mark.parametrize("y, own", [([3.0, -8.0, 1.5], (2.0, 4.0, 1.5, 3.0)), ([-12.0], (2.0, 4.0, 0.5, 5.0)),
                                    ([4e3, -9e3, 1e3, 5e3], (-100.0, 2e3, 3.0, 2.0))])
def test_density_is_that_of_the_individual_level(y, own):
    history = len(y), np.mean(y), np.var(y) * len(y) if len(y) > 1 else 0.0
    assert_allclose(_core.normal_margin_loglik(*history, *own), twin(y, *own), rtol=1e-12)


def test_one_margin_has_a_t_distribution():
    """t = 2.131846786326649 has 4 degrees of freedom and 5 % above; mean and spread are those of the next margin."""
    assert_allclose(_core.student_quantile(0.95, 4), 2.131846786326649, rtol=1e-14)
    assert_allclose(_core.normal_margin_quantile(0.95, 1, 0, 0, 0, *OWN), -7 + 2.131846786326649 * 20 * 3**.5,
                    rtol=1e-14)
    n, mean, SS = 3, 5.0, 50.0                             # kappa 3.5, nu 7, nu sigma^2 1600 + 50 + 1.5 / 3.5 * 144
    spread = (1600 + 50 + 1.5 / 3.5 * 144) / 7 * (1 / 2 + 1 / 3.5)
    t = 1.894578605090006                                  # 7 degrees of freedom, 5 % above
    assert_allclose(_core.normal_margin_quantile(0.05, 2, n, mean, SS, *OWN), 11.5 / 3.5 - t * spread**.5, rtol=1e-13)
    assert_allclose(_core.normal_margin_expected_margin(n, mean, SS, *OWN), 11.5 / 3.5, rtol=1e-15)
    assert_allclose(_core.normal_margin_variance(n, mean, SS, *OWN), (1650 + 1.5 / 3.5 * 144) / 5, rtol=1e-14)
    assert np.isinf(_core.normal_margin_variance(0, 0, 0, 0, 1, 1, 2))


@pytest.mark.parametrize("nu", [0.3, 1, 2.5, 7, 40, 3000, 9e4, 2e5, 1e8])
def test_quantiles_of_t_in_60_digits(nu):
    """A Newton step at 60 digits by the incomplete beta function moves a quantile by less than 1e-12."""
    for q in (1e-40, 1e-9, 0.02, 0.2, 0.3, 0.4999, 0.5 - 1e-9):
        t = _core.student_quantile(q, nu)
        with mp.workdps(60):
            n, y = mp.mpf(nu), mp.mpf(float(t))
            below = mp.betainc(n / 2, 0.5, 0, n / (n + y * y), regularized=True) / 2
            density = mp.exp(-(n + 1) / 2 * mp.log1p(y * y / n)) / mp.sqrt(n) / mp.beta(n / 2, 0.5)
            assert abs((below - mp.mpf(q)) / density / y) < 1e-12, q
        assert _core.student_quantile(1 - 0.25, nu) == -_core.student_quantile(0.25, nu)
    assert _core.student_quantile(0.5, nu) == 0


def test_extreme_quantiles_are_infinite():
    with np.errstate(all="raise"):
        assert _core.student_quantile([1e-300, 0.001, 0.999], 0.004).tolist() == [-np.inf, -np.inf, np.inf]


def test_derivatives_are_those_of_the_likelihood():
    history, own, step = customers(300), np.array(OWN), 1e-5
    value, gradient, hessian = _core.likelihood("normal_margin", history, None, own)
    assert_allclose(value, np.sum(_core.normal_margin_loglik(*history, *own)), rtol=1e-13)
    for i in range(4):
        up, down = (_core.likelihood("normal_margin", history, None, own + s * step * np.eye(4)[i])
                    for s in (1, -1))
        assert_allclose(gradient[i], (up[0] - down[0]) / (2 * step), rtol=1e-5, atol=1e-5)
        assert_allclose(hessian.reshape(4, 4)[i], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-6)


def test_a_fit_recovers_the_truth_and_scales_with_money():
    n, mean, SS = customers()
    model = cv.NormalMargin().fit(n, mean, SS)
    assert model.status_ == "converged" and model.n_ == 2000
    for name, truth in zip(model.names, OWN, strict=True):
        assert abs(model.params_[name] - truth) < 4 * model.se_[name]
    assert_allclose(model.loglik(n, mean, SS).sum(), model.loglik_, rtol=1e-13)
    moved = cv.NormalMargin().fit(n, 1e3 - 100 * mean, 1e4 * SS)         # another unit, place and direction
    assert_allclose(moved.params_["mu"], 1e3 - 100 * model.params_["mu"], rtol=1e-7)
    assert_allclose(moved.params_["sigma"], 100 * model.params_["sigma"], rtol=1e-7)
    assert_allclose([moved.params_[k] for k in ("kappa", "nu")], [model.params_[k] for k in ("kappa", "nu")], rtol=1e-6)
    assert_allclose(moved.se_["mu"], 100 * model.se_["mu"], rtol=1e-6)
    low, high = (model.summary()[k][0] for k in ("low", "high"))
    assert_allclose([high - model.params_["mu"]], [model.params_["mu"] - low], rtol=1e-9)
    twice = cv.NormalMargin().fit(n, mean, SS, weights=np.full(len(n), 2.0))
    assert_allclose(twice.loglik_, 2 * model.loglik_, rtol=1e-12)
    held = cv.NormalMargin(mu=0.0, nu=4.0).fit(n, mean, SS)
    assert held.status_ == "converged" and held.params_["mu"] == 0 and np.isnan(held.se_["mu"])
    assert held.loglik_ < model.loglik_


def test_the_built_in_firm():
    """One row in eleven is a loss. The Notes of the class state the log-likelihood and the gain by own variances."""
    base = cv.datasets.crm().base()
    model, alike = cv.NormalMargin().fit(base), cv.NormalMargin(nu=10_000).fit(base)
    assert model.status_ == alike.status_ == "converged"
    assert_allclose(model.loglik_, -42762.919056921, rtol=1e-10)
    assert alike.loglik_ < model.loglik_ - 4000
    data = base.snapshot.margins()
    shrunk, own = np.asarray(model.expected_margin(base)), data["mean"]
    mu = model.params_["mu"]
    assert (np.abs(shrunk - mu) <= np.abs(own - mu)).all() and (shrunk < 0).any()
    assert (np.asarray(model.margin_variance(base)) > 0).all()


def test_nine_of_ten_intervals_cover_the_next_margin():
    """The built-in firm: mean margins after June 2025 from those before, of 158 customers; within 3.5 s.e."""
    base = cv.datasets.crm().base()
    before, after = (base.as_of(day).snapshot.margins() for day in ("2025-06-30", "2025-11-14"))
    known = {customer: row for row, customer in enumerate(base.as_of("2025-06-30").customers)}
    rows = np.array([known.get(customer, -1) for customer in base.customers])
    old = {name: np.where(rows < 0, 0, column[rows]) for name, column in before.items()}
    next_n = after["n"] - old["n"]
    here = (rows >= 0) & (next_n > 0)
    came = (after["n"] * after["mean"] - old["n"] * old["mean"])[here] / next_n[here]
    model = cv.NormalMargin().fit(base.as_of("2025-06-30"))
    inside = []
    for k, count in zip(np.flatnonzero(here), next_n[here], strict=True):
        low, high = model.margin_interval(*(old[name][k] for name in ("n", "mean", "SS")), level=.9, of=int(count))
        inside.append(low <= came[len(inside)] <= high)
    assert abs(np.mean(inside) - .9) < 3.5 * np.sqrt(.09 / len(inside)) and len(inside) > 150


def test_margins_of_a_base_are_those_of_its_purchases():
    log = {"who": ["a", "a", "a", "a", "b", "b", "c"], "paid": [100.0, 50.0, -20.0, 80.0, -5.0, 30.0, -9.0],
           "day": ["2025-01-01", "2025-01-01", "2025-01-20", "2025-02-01", "2025-01-01", "2025-01-03", "2025-01-05"],
           "cogs": [40.0, 60.0, -5.0, 90.0, 0.0, 10.0, 0.0]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid", cost="cogs")
    found = base.snapshot.margins()                       # a: 50 - 15 = 35, and -10; b: 15 with the rows before
    assert found["n"].tolist() == [2, 1, 0] and found["SS"].tolist() == [(35 - 12.5)**2 * 2, 0, 0]
    assert found["mean"][:2].tolist() == [12.5, 15] and np.isnan(found["mean"][2])
    bare = cv.CustomerBase(log, customer="who", time="day", amount="paid")
    assert bare.snapshot.margins()["mean"][:2].tolist() == [105.0, 25.0]
    model = cv.NormalMargin(mu=20.0, sigma=10.0, kappa=2.0, nu=4.0)
    assert model.expected_margin(base).tolist() == [(40 + 25) / 4, (40 + 15) / 3, 20]
    with pytest.raises(cv.DataError, match="the base has no amount"):
        cv.NormalMargin().fit(cv.CustomerBase(log, customer="who", time="day"))
    with pytest.raises(cv.DataError, match="a holdout has no histories"):
        cv.NormalMargin().fit(base.split("2025-01-10")[1])


@pytest.mark.parametrize("columns, status, words", [
    ((np.zeros(5), np.zeros(5), np.zeros(5)), "no_repeats", "Give all parameters"),
    ((np.full(5, 3.0), np.full(5, 2.0), np.full(5, 1.0)), "one_pattern", r"NormalMargin\(sigma=1, kappa="),
    ((np.ones(50), np.arange(50.0), np.zeros(50)), None, "Fix the parameter"),
    ((np.full(60, 3.0), np.repeat([5.0, 7.0], 30), np.zeros(60)), None, "Fix the parameter"),
])
def test_unidentified_parameters_are_named(columns, status, words):
    model = cv.NormalMargin().fit(*columns)
    assert model.status_ == status or (status is None and model.status_ in ("flat", "boundary", "iteration_limit"))
    with pytest.raises(cv.FitError, match=words):
        model.expected_margin(3, 1.0, 1.0)


BAD = {"n": [(-1.0, "negative"), (1.5, "no whole number"), (np.nan, "missing or infinite")],
       "mean": [(np.nan, "missing or infinite"), (np.inf, "missing or infinite"), (1e200, "too large")],
       "SS": [(-1.0, "negative"), (np.nan, "missing or infinite")]}


@pytest.mark.parametrize("column, value, words", [(k, *bad) for k, bads in BAD.items() for bad in bads])
def test_invalid_histories_are_refused(column, value, words):
    data = {"customer": ["a", "b", "c"], "n": [2.0, 3.0, 4.0], "mean": [1.0, -2.0, 3.0], "SS": [1.0, 2.0, 3.0]}
    data[column] = [data[column][0], value, data[column][2]]
    with pytest.raises(cv.DataError, match=words):
        cv.NormalMargin().fit(data)


def test_other_invalid_calls_are_refused():
    model = cv.NormalMargin(mu=-5, sigma=1, kappa=1, nu=3)
    for call, error, words in (
            (lambda: cv.NormalMargin(sigma=-1), cv.ConfigError, "sigma=-1 is not possible: pass a number from 1e-12"),
            (lambda: cv.NormalMargin(mu=np.inf), cv.ConfigError, "mu=inf is not possible: pass a number from"),
            (lambda: cv.NormalMargin().fit([1.0], [2.0]), cv.DataError, "SS missing: a history is n, mean, SS"),
            (lambda: cv.NormalMargin().fit([1.0, 2.0]), cv.DataError, "n came without mean and SS"),
            (lambda: cv.NormalMargin().fit([1.0], [2.0], [3.0]), cv.DataError, "above zero although n = 1"),
            (lambda: cv.NormalMargin().expected_margin(1, 1.0, 0.0), cv.FitError, "not fitted"),
            (lambda: model.margin_interval(1, 1.0, 0.0, level=1), cv.ConfigError, "level=1"),
            (lambda: model.margin_quantile(.5, 1, 1.0, 0.0, of=0), cv.ConfigError, "of=0"),
            (lambda: model.expected_margin({"n": [1.0]}), cv.DataError, "'mean' is not in the frame")):
        with pytest.raises(error, match=words):
            call()


def test_kinds_of_columns_and_files(tmp_path):
    n, mean, SS = customers(50)
    model = cv.NormalMargin().fit(*customers())
    want = model.expected_margin(n, mean, SS)
    for kind in (pd.DataFrame, pl.DataFrame):
        frame = kind({"n": n, "mean": mean, "SS": SS})
        got = model.expected_margin(frame)
        assert (got == want).all() and got.name == "expected_margin"
        assert model.margin_interval(frame)[0].name == "margin_quantile"
    model.to_json(tmp_path / "margin.json")
    again = cv.load(tmp_path / "margin.json")
    assert again.params_ == model.params_ and (again.expected_margin(n, mean, SS) == want).all()
    found = model.bootstrap(*customers(), replicates=5)
    assert found.failed == 0 and abs(np.std(found.parameters["mu"]) / model.se_["mu"] - 1) < 1
