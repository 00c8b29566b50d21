"""Covariates: a likelihood of each customer's own parameters, its derivatives, recovery, nesting, predictions."""
import copy

import histories
import numpy as np
import pytest
import recovery
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv
from custval import _core

POINTS = {"bgnbd": (0.3, 3.7, 0.6, 1.9), "mbgnbd": (0.9, 40.0, 14.0, 0.2), "pnbd": (0.6, 9.0, 0.7, 12.0)}


def sigma(v):
    return 1 / (1 + np.exp(-v))


def own(prefix, point, rate, dropout):
    """Return each customer's parameters by the definition."""
    r, alpha, a, b = point
    if prefix == "pnbd":
        return np.full_like(rate, r), alpha * np.exp(-rate), np.full_like(rate, a), b * np.exp(-dropout)
    chance = sigma(np.log(a / b) + dropout)
    return np.full_like(rate, r), alpha * np.exp(-rate), (a + b) * chance, (a + b) * (1 - chance)


def world(n=400, seed=1):
    g = np.random.default_rng(seed)
    x, t_x, T = histories.simulate(n, 0.5, 5.0, 0.8, 2.5, seed=seed)
    return (x, t_x, T), g.normal(1, 2, n), g.integers(0, 2, n).astype(float), g.uniform(0, 3, n)


@pytest.mark.parametrize("prefix", POINTS)
def test_the_likelihood_is_that_of_own_parameters(prefix):
    columns, u, v, weights = world()
    coefficients = np.array([0.3, -0.2, 0.5])
    found, _, _ = _core.likelihood(prefix, columns, weights, np.append(POINTS[prefix], coefficients), ((u, v), (v,)))
    theirs = own(prefix, POINTS[prefix], 0.3 * u - 0.2 * v, 0.5 * v)
    ours = _core.own_parameters(prefix, np.append(POINTS[prefix], coefficients), len(u), ((u, v), (v,), np.zeros(3)))
    assert_allclose(found, (weights * getattr(_core, f"{prefix}_loglik")(*columns, *theirs)).sum(), rtol=1e-13)
    assert_allclose(ours, theirs, rtol=1e-14)


@pytest.mark.parametrize("prefix", POINTS)
def test_derivatives_are_those_of_the_value(prefix):
    columns, u, v, weights = world()
    point = np.append(POINTS[prefix], [0.3, -0.2, 0.5])

    def at(p):
        return _core.likelihood(prefix, columns, weights, p, ((u, v), (v,)))

    _, gradient, hessian = at(point)
    hessian = hessian.reshape(7, 7)
    for i in range(7):
        step = np.zeros(7)
        step[i] = 1e-5 * max(1, abs(point[i]))
        up, down = at(point + step), at(point - step)
        assert_allclose(gradient[i], (up[0] - down[0]) / (2 * step[i]), rtol=1e-6, atol=1e-6 * np.abs(gradient).max())
        assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step[i]), rtol=1e-5, atol=1e-6 * np.abs(hessian).max())


def test_fits_recover_the_truth_and_are_above_the_nested_model():
    g = np.random.default_rng(12)
    n = 20_000
    u, v = g.normal(40, 12, n), g.integers(0, 2, n).astype(float)
    x, t_x, T = histories.simulate(n, *own("bgnbd", (0.8, 10.0, 1.2, 3.0), 0.03 * (u - 40), 0.7 * v), seed=4)
    free = np.full(7, np.nan)
    status, found, cov, _, _, loglik, *_ = _core.fit("bgnbd", (x, t_x, T), None, free, 100, ((u, v), (v,)), 0.0)
    se = np.sqrt(np.diag(cov.reshape(7, 7)))
    assert status == "converged"
    assert (np.abs(found[4:] - [0.03, 0, 0.7]) < 3.5 * se[4:]).all() and (se[4:] < [0.002, 0.05, 0.12]).all()
    assert loglik > _core.fit("bgnbd", (x, t_x, T), None, free[:4], 100)[5] + 100
    held = free.copy()
    held[[4, 5, 6]] = 0
    nested = _core.fit("bgnbd", (x, t_x, T), None, held, 100, ((u, v), (v,)), 0.0)
    assert_allclose(nested[5], _core.fit("bgnbd", (x, t_x, T), None, free[:4], 100)[5], rtol=1e-12)
    shrunk = _core.fit("bgnbd", (x, t_x, T), None, free, 100, ((u, v), (v,)), 500.0)
    assert shrunk[0] == "converged" and shrunk[5] < loglik and 0 < shrunk[1][6] < found[6]
    # units of a covariate change its coefficient only
    scaled = _core.fit("bgnbd", (x, t_x, T), None, free, 100, ((u / 1000 + 5, v), (v,)), 0.0)
    assert_allclose(scaled[1], found * [1, 1, 1, 1, 1000, 1, 1], rtol=1e-7)


def test_a_constant_or_bad_covariate_is_refused():
    columns, u, *_ = world()
    for bad in (np.ones_like(u), np.where(u > 3, np.nan, u), np.where(u > 3, np.inf, u)):
        assert _core.fit("bgnbd", columns, None, np.full(5, np.nan), 100, ((bad,), ()), 0.0)[0] == "bad_data"
    with pytest.raises(ValueError, match="takes no covariates"):
        _core.fit("gg", (columns[0], u), None, np.full(4, np.nan), 100, ((u,), ()), 0.0)


@pytest.fixture(scope="module")
def base():
    return cv.datasets.crm().base()


@pytest.fixture(scope="module")
def model(base):
    return cv.MBGNBD(unit="W", rate_covariates=["employees", "market_share"], dropout_covariates=["capacity"]).fit(base)


def test_a_model_takes_covariates_from_the_profile(base, model):
    assert model.status_ == "converged"
    assert list(model.params_) == ["r", "alpha", "a", "b", "rate:employees", "rate:market_share", "dropout:capacity"]
    assert model.loglik_ >= cv.MBGNBD(unit="W").fit(base).loglik_
    table = model.summary()
    i = table["parameter"].index("rate:market_share")
    assert_allclose(table["high"][i] - table["estimate"][i], 1.959963984540054 * table["se"][i])
    frame = base.attributes()
    again = cv.MBGNBD(unit="W", rate_covariates=["employees", "market_share"], dropout_covariates=["capacity"])
    summary = base.summary("W")
    again.fit(summary["x"], summary["t_x"], summary["T"], covariates=frame)
    assert again.params_ == model.params_


def test_given_customers_have_parameters_of_their_own(base, model):
    facing, s = model.given(base), base.summary("W")
    profile = base.attributes()
    moves = {name: value * (np.asarray(profile[name.split(":")[1]], float) - model.means_[name])
             for name, value in model.params_.items() if ":" in name}
    theirs = own("mbgnbd", list(model.params_.values())[:4], moves["rate:employees"] + moves["rate:market_share"],
                 moves["dropout:capacity"])
    alive = _core.mbgnbd_p_alive(*(np.asarray(s[name], float) for name in ("x", "t_x", "T")), *theirs)
    assert_allclose(np.asarray(facing.p_alive(base)), alive, rtol=1e-12)
    quarters = cv.forecast(base, purchases=model, periods=2, unit="Q")
    assert_allclose(np.asarray(quarters["p_alive"]), alive, rtol=1e-12)
    assert_allclose(np.asarray(model.predict(base)["p_alive"]), alive, rtol=1e-12)
    with pytest.raises(cv.DataError, match="bound to 300 customers, these are 2 rows"):
        facing.p_alive([1, 2], [3, 4], [5, 6])
    with pytest.raises(cv.ConfigError, match=r"model\.given"):
        model.p_alive(base)
    loaded = cv.load(model.to_json())
    assert_array_equal(loaded.given(base).p_alive(base), facing.p_alive(base))


@pytest.mark.parametrize("keywords, error, words", [
    ({"rate_covariates": ["first_contact"]}, cv.DataError, "neither numbers nor words"),
    ({"rate_covariates": ["emplyees"]}, cv.DataError, "did you mean 'employees'"),
    ({"dropout_covariates": ["satisfaction"]}, cv.DataError,
     r"16 of 300 values are missing or infinite, rows 3 \(customer A-027\)"),
    ({"rate_covariates": ["a", "b", "a"]}, cv.ConfigError, "'a' is listed twice"),
    ({"rate_covariates": "employees"}, cv.ConfigError, "pass a list of column names"),
    ({"rate_covariates": [f"c{i}" for i in range(21)]}, cv.ConfigError, "21 covariates: at most 20"),
    ({"rate_covariates": ["employees"], "penalty": -1.0}, cv.ConfigError, "penalty=-1.0"),
])
def test_invalid_covariates_are_refused(base, keywords, error, words):
    with pytest.raises(error, match=words):
        cv.BGNBD(unit="W", **keywords).fit(base)


def test_covariates_that_do_not_match_the_histories_are_refused(base, model):
    frame = {"x": np.array([1, 2]), "t_x": np.array([1.0, 2]), "T": np.array([3.0, 4]), "z": np.ones(2)}
    with pytest.raises(cv.DataError, match="covariate 'z' is constant"):
        cv.BGNBD(unit="W", rate_covariates=["z"]).fit(frame)
    with pytest.raises(cv.DataError, match="covariates: 3 rows for 2 values"):
        cv.BGNBD(unit="W", rate_covariates=["z"]).fit(frame, covariates={"z": [1.0, 2.0, 3.0]})
    with pytest.raises(cv.ConfigError, match="the model has none"):
        cv.BGNBD(unit="W").fit(frame, covariates={"z": [1.0, 2.0]})
    with pytest.raises(cv.DataError, match="no profile"):
        cv.BGNBD(unit="W", rate_covariates=["z"]).fit(cv.datasets.cdnow())


def test_pareto_nbd_recovers_the_truth():
    """Exponential gaps and lifetimes, mixed by gammas; purchase and death rates depend on covariates."""
    g = np.random.default_rng(6)
    n, T = 4000, 80.0
    u, v = g.normal(5, 2, n), g.integers(0, 2, n).astype(float)
    rate = g.gamma(0.9, 1 / 9.0, n) * np.exp(0.25 * (u - 5))
    life = g.exponential(1 / (g.gamma(1.2, 1 / 20.0, n) * np.exp(0.8 * v)))
    x = g.poisson(rate * np.minimum(life, T)).astype(float)
    t_x = np.where(x > 0, np.minimum(life, T) * g.random(n) ** (1 / np.maximum(x, 1)), 0)     # the last of x uniforms
    model = cv.ParetoNBD(rate_covariates=["u", "v"], dropout_covariates=["v"])
    model.fit({"x": x, "t_x": t_x, "T": np.full(n, T), "u": u, "v": v})
    assert model.status_ == "converged"
    for name, truth in (("rate:u", 0.25), ("rate:v", 0.0), ("dropout:v", 0.8)):
        assert abs(model.params_[name] - truth) < 3 * model.se_[name] and model.se_[name] < 0.15
    assert model.loglik_ > cv.ParetoNBD().fit(x, t_x, np.full(n, T)).loglik_ + 50


def test_a_model_given_customers_refuses_others(base, model):
    frame, other = base.attributes(), cv.datasets.crm(seed=5).base()
    first = {name: np.asarray(column)[:100] for name, column in frame.items()}
    second = {name: np.asarray(column)[100:200] for name, column in frame.items()}
    facing = model.given(first)
    assert_array_equal(facing.given(second).parameters()[1], model.given(second).parameters()[1])
    with pytest.raises(cv.DataError, match="bound to other customers"):
        cv.forecast(other, purchases=model.given(base), periods=1)
    for call in (model.given(base).p_alive, lambda data: model.given(base).purchase_interval(9.0, data)):
        with pytest.raises(cv.DataError, match="bound to other customers"):
            call(other)
    refitted = model.given(base).fit(base)
    with pytest.raises(cv.ConfigError, match=r"model\.given"):
        refitted.p_alive(base)


def within(sample, mean):
    """Return whether the mean of a sample is at most 4.5 standard errors from `mean`."""
    return abs(sample.mean() - mean) <= 4.5 * sample.std() / len(sample) ** 0.5


@pytest.mark.parametrize("kind", [cv.BGNBD, cv.MBGNBD, cv.ParetoNBD])
def test_draws_are_those_of_own_parameters(kind):
    """New customers and futures have the expectations of the formulas at each customer's own parameters."""
    truth = recovery.known(kind, p=0.8, q=6.0, r=1.2, s=2.5)
    n, g = 4000, np.random.default_rng(3)
    given = truth.given({"u": g.normal(size=n), "v": np.arange(n) % 2.0})
    drawn = given.simulate(n, 30.0, seed=1)
    for of in (0, 1):                                                     # with a dropout twice as likely, and not
        rows = slice(of, None, 2)
        expected = np.asarray(given.expected_purchases_new(30.0))[rows]
        assert within(drawn["x"][rows] - expected, 0)
    columns = drawn["x"], drawn["t_x"], drawn["T"]
    expected = np.asarray(given.expected_purchases(20.0, *columns))
    futures = given.simulate_future(20.0, *columns, draws=40, seed=2)
    assert within((futures - expected[:, None]).mean(axis=1), 0)
    assert within((futures - expected[:, None])[1::2].mean(axis=1), 0)
    found = given.purchase_interval(20.0, *columns, draws=40, seed=2)     # parameters given: no error
    assert found.total.se == 0 and found.total.low < expected.sum() < found.total.high
    assert_array_equal(found.low, np.sort(futures, axis=1)[:, 2])
    assert_allclose(found.total.expected, expected.sum(), rtol=1e-13)


def test_intervals_include_the_uncertainty_of_coefficients(base, model):
    """Parameters drawn around the fit have its covariance, and the total spreads as the delta method says."""
    given, values = model.given(base), np.array(list(model.params_.values()))
    sets = _core.draw_parameters(values, model.cov_.ravel(), 4000, 1, 3).reshape(4000, 7)
    unit = np.sqrt(np.outer(*2 * [np.diag(model.cov_)[4:]]))
    assert_allclose(np.cov(sets[:, 4:].T) / unit, model.cov_[4:, 4:] / unit, atol=0.07)
    s, profile = base.summary("W"), base.attributes()
    names = "employees", "market_share", "capacity"
    known = tuple(np.asarray(profile[name], float) for name in names)
    means = np.array(list(model.means_.values()))
    columns = [np.asarray(s[name], float) for name in ("x", "t_x", "T")]
    totals = [_core.mbgnbd_expected_purchases(13.0, *columns, *_core.own_parameters(
        "mbgnbd", each, 300, (known[:2], known[2:], means))).sum() for each in sets[:600]]
    total = given.purchase_interval(13.0, base, draws=200).total
    assert abs(total.se / np.std(totals) - 1) < 0.1
    assert total.low < total.expected - 1.5 * total.se and total.high > total.expected + 1.5 * total.se
    loaded = cv.load(model.to_json()).given(base)
    assert_array_equal(loaded.simulate_future(13.0, base, draws=3), given.simulate_future(13.0, base, draws=3))


def test_draws_are_for_the_customers_that_the_model_is_given(base, model):
    given = model.given(base)
    for call in (lambda: given.simulate(5, 3.0), lambda: given.simulate_future(3.0, [1], [2], [3])):
        with pytest.raises(cv.DataError, match=r"bound to 300 customers, these are [15] rows"):
            call()
    with pytest.raises(cv.ConfigError, match=r"model\.given"):
        model.simulate(300, 3.0)
    extreme = copy.copy(given)
    huge = (tuple(np.full(300, 1e9) for _ in range(2)), *given.bound_.covariates[1:])
    vars(extreme)["bound_"] = given.bound_._replace(covariates=huge)
    assert np.isnan(extreme.simulate_future(3.0, base, draws=2)).all()
    with pytest.raises(ValueError, match="takes no covariates"):
        _core.simulate("nbd", np.ones(3), np.ones(2), 1, ((np.ones(2),), (), np.ones(1)))


def test_collinear_covariates_are_named_with_a_call_that_works():
    columns, u, *_ = world(800)
    frame = dict(zip(("x", "t_x", "T"), columns, strict=True)) | {"u": u, "twice": 2 * u + 1}
    found = cv.BGNBD(rate_covariates=["u", "twice"]).fit(frame)
    assert found.status_ in ("flat", "boundary") and "collinear" in found.advice_
    assert "penalty=1" in found.advice_
    assert cv.BGNBD(rate_covariates=["u", "twice"], penalty=1).fit(frame).status_ == "converged"
