"""Simulation: draws have the distributions of the formulas, and a seed fixes every bit."""
import histories
import numpy as np
import pytest
from worlds import HISTORIES, WORLDS, within

import custval as cv
from custval import _core

ONE = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
N = 20_000


def kernel(prefix, quantity):
    return getattr(_core, f"{prefix}_{quantity}")


@pytest.mark.parametrize("prefix", WORLDS)
def test_new_customers_have_the_distribution_of_the_model(prefix):
    at, age, _ = WORLDS[prefix]
    x, t_x, *_ = _core.simulate(prefix, np.array(at, float), np.full(N, float(age)), 11)
    assert within(x, kernel(prefix, "expected_purchases_new")(age, *at))
    for k in (0, 1, 2, 7):
        assert within((x == k).astype(float), kernel(prefix, "purchase_pmf")(k, age, *at)), k
    assert ((t_x > 0) == (x > 0)).all() and (t_x <= age).all()
    # the same world observed to 13 and to `age`: E[x(age)] is x(13) and the purchases expected after it
    x, t_x, *_ = _core.simulate(prefix, np.array(at, float), np.full(N, 13.0), 13)
    both = x + kernel(prefix, "expected_purchases")(float(age - 13), x, t_x, 13.0, *at)
    assert within(both, kernel(prefix, "expected_purchases_new")(age, *at))


@pytest.mark.parametrize("prefix", WORLDS)
def test_times_of_purchases_are_those_of_the_model(prefix):
    """E[score] = 0 at the truth: the likelihood of x, t_x and litt is that of the draws."""
    at, age, _ = WORLDS[prefix]
    x, t_x, *litt = _core.simulate(prefix, np.array(at, float), np.full(N, float(age)), 14)
    for i in range(1 if litt else 0, len(at)):                              # k is an integer and has no slope
        up, down = (np.array(at) * np.exp(sign * 1e-4 * (np.arange(len(at)) == i)) for sign in (1, -1))
        score = kernel(prefix, "loglik")(x, t_x, age, *litt, *up) - kernel(prefix, "loglik")(x, t_x, age, *litt, *down)
        assert within(score / 2e-4, 0), i


@pytest.mark.parametrize("prefix", WORLDS)
def test_futures_have_the_expectation_of_the_model(prefix):
    at, _, cases = WORLDS[prefix]
    columns = (np.array(column, float) for column in zip(*cases, strict=True))
    drawn = _core.simulate_futures(prefix, np.array(at, float), tuple(columns), 26.0, N, 15).reshape(-1, N)
    for row, h in zip(drawn, cases, strict=True):
        assert within(row, kernel(prefix, "expected_purchases")(26, *h, *at)), h
        for k in (0, 1, 4):
            assert within((row == k).astype(float), kernel(prefix, "purchase_pmf_given")(k, 26, *h, *at)), (h, k)


def test_log_gaps_are_those_of_k_stages():
    """Given x and t_x the gaps are t_x times a Dirichlet(k, ..., k): mean log gap digamma(k) - digamma(k x)."""
    x, t_x, litt = _core.simulate("bgcnbd", np.array([3, 0.5, 2, 0.8, 2.5]), np.full(N, 39.0), 16)
    assert (litt[x == 0] == 0).all()
    x, t_x, litt = (column[x > 0] for column in (x, t_x, litt))
    assert within(litt - x * np.log(t_x) - x * (_core.digamma(3.0) - _core.digamma(3 * x)), 0)
    np.testing.assert_allclose(litt[x == 1], np.log(t_x[x == 1]), rtol=1e-12, atol=1e-13)
    assert np.isnan(_core.simulate("bgcnbd", np.array([2.5, 1, 1, 1, 1]), np.ones(3), 1)[0]).all()


@pytest.mark.parametrize("prefix, at", [("sbg", [0.668, 3.806]), ("bdw", [0.214, 1.427, 1.724])])
def test_contracts_end_by_the_survivor_function(prefix, at):
    x, T = _core.simulate(prefix, np.array(at), np.full(N, 12.0), 17)
    assert ((x == 1) | (T == 12)).all() and (T >= 1).all()
    for t in (1, 2, 5, 11):
        assert within((T > t).astype(float), kernel(prefix, "survival")(float(t), 0.0, *at)), t
    with pytest.raises(ValueError, match="contracts have no purchases"):
        _core.simulate_futures(prefix, np.array(at), tuple(np.ones((3, 2))), 1.0, 2, 1)


def test_rates_without_dropout_are_negative_binomial():
    """NBD: mean r t / alpha and (r + x) t / (alpha + T); P(0) = (alpha / (alpha + t))^r."""
    x, _ = _core.simulate("nbd", np.array([0.5, 6.0]), np.full(N, 39.0), 18)
    assert within(x, 0.5 * 39 / 6) and within((x == 0).astype(float), (6 / 45) ** 0.5)
    drawn = _core.simulate_futures("nbd", np.array([0.5, 6.0]), tuple(np.array([[2.0], [30.0], [39.0]])), 13.0, N, 19)
    assert within(drawn, 2.5 * 13 / 45) and within((drawn == 0).astype(float), (45 / 58) ** 2.5)


def test_a_seed_fixes_the_bits_beside_other_draws():
    x, t_x, T = (np.array(column, float) for column in zip(*HISTORIES, strict=True))
    drawn = ONE.simulate_future(39.0, x, t_x, T, draws=50, seed=3)
    np.testing.assert_array_equal(ONE.simulate_future(39.0, x[:2], t_x[:2], T[:2], draws=20, seed=3), drawn[:2, :20])
    assert (ONE.simulate_future(39.0, x, t_x, T, draws=50, seed=4) != drawn).any()
    some, more = ONE.simulate(10, 39.0, seed=5), ONE.simulate(1000, 39.0, seed=5)
    for name in some:
        np.testing.assert_array_equal(some[name], more[name][:10])
    assert (ONE.simulate(1000, 39.0, seed=2**64 - 1)["x"] != more["x"]).any()


def test_known_bits():
    """Expected bits: they detect a change of the generator or of the order of draws."""
    assert ONE.simulate(5, 39.0, seed=4)["x"].tolist() == [2, 0, 3, 1, 11]


def test_spend_has_the_moments_of_gamma_gamma():
    p, q, gamma, x = 6.0, 12.0, 60.0, np.full(100_000, 3)
    m_x = cv.GammaGamma(p=p, q=q, gamma=gamma).simulate(x, seed=1)
    mean = p * gamma / (q - 1)
    second = p * (p + 1 / 3) * gamma**2 / ((q - 1) * (q - 2))           # E[m^2] = (p^2 + p/x) E[1/nu^2]
    assert within(m_x, mean) and within(m_x**2, second)
    assert np.isnan(cv.GammaGamma(p=p, q=q, gamma=gamma).simulate([0, 1], seed=1)).tolist() == [True, False]


def test_margins_have_the_moments_of_the_model():
    """mean: mu and sigma^2 nu / (nu - 2) (1 / kappa + 1 / n); SS: sigma^2 nu / (nu - 2) (n - 1)."""
    model = cv.NormalMargin(mu=-3, sigma=10, kappa=2, nu=12)
    drawn = model.simulate(np.full(N, 5), seed=1)
    variance = 100 * 12 / 10
    assert within(drawn["mean"], -3) and within((drawn["mean"] + 3) ** 2, variance * (1 / 2 + 1 / 5))
    assert within(drawn["SS"], variance * 4)
    few = model.simulate([0, 1, 2], seed=1)
    assert few["mean"][0] == 0 and few["SS"].tolist()[:2] == [0, 0] and few["SS"][2] > 0
    assert np.isnan(_core.simulate_margins(np.array([1.0, 0, 1, 1]), np.ones(1), 1)[0]).all()


def test_invalid_rows_are_nan_and_draws_end():
    x, t_x, T = [1.0, 0.5, np.nan, 2.0, 0.0], [2.0, 1.0, 0.0, 9.0, 1.0], [3.0] * 5
    drawn = ONE.simulate_future(5.0, x, t_x, T, draws=3)
    assert np.isnan(drawn).any(axis=1).tolist() == [False, True, True, True, True]
    for bad in (np.nan, -1.0, np.inf, 0.0):
        parameters = np.array([0.2, 4, 0.8, bad])
        assert np.isnan(_core.simulate("bgnbd", parameters, np.ones(2), 1)[0]).all()
        assert np.isnan(_core.simulate_futures("bgnbd", parameters, tuple(np.ones((3, 2))), 1.0, 2, 1)).all()
        assert np.isnan(_core.simulate_spend(parameters[1:], np.ones(2), 1)).all()


def test_extreme_parameters_give_valid_histories():
    for r, alpha, a, b in [(1e-3, 1e-6, 1e-3, 1e3), (1e3, 1e-3, 1e-3, 1e3), (1e5, 1e5, 1e5, 1e-5), (1e-6, 1, 1e-6, 1)]:
        model = cv.MBGNBD(r=r, alpha=alpha, a=a, b=b)
        drawn = model.simulate(2000, np.r_[np.zeros(500), np.full(1500, 30.0)], seed=1)
        x, t_x, T = (np.asarray(v, float) for v in drawn.values())
        assert (x[T == 0] == 0).all() and np.isfinite(model.loglik(x, t_x, T)).all(), (r, alpha, a, b)


@pytest.mark.parametrize("call, words", [
    (lambda: ONE.simulate(-1, 3), "n=-1"), (lambda: ONE.simulate(3, [1, 2]), "2 ages for 3 customers"),
    (lambda: ONE.simulate(2, [1, np.nan]), "an age is a finite number"),
    (lambda: ONE.simulate(2, 3, seed=-1), "seed=-1"),
    (lambda: ONE.simulate(2, 3, seed=True), "seed=True"), (lambda: ONE.simulate(2, 3, seed=2**64), "2\\*\\*64 - 1"),
    (lambda: ONE.simulate_future(3, [0], [0], [1], draws=0), "draws=0"),
    (lambda: ONE.simulate_future([3], [0], [0], [1]), "one finite horizon"),
    (lambda: ONE.purchase_interval(np.inf, [0], [0], [1]), "one finite horizon"),
    (lambda: ONE.purchase_interval(1, [0], [0], [1], level=1), "level=1"),
])
def test_invalid_arguments_are_refused(call, words):
    with pytest.raises((cv.ConfigError, cv.DataError), match=words):
        call()


def test_discrete_models_need_whole_times():
    donors, contract = cv.BGBB(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78), cv.ShiftedBetaGeometric(alpha=1, beta=3)
    drawn = donors.simulate(50, 6, seed=1)
    assert list(drawn) == ["x", "t_x", "n"] and (drawn["x"] <= drawn["t_x"]).all() and (drawn["n"] == 6).all()
    found = donors.purchase_interval(5, drawn["x"], drawn["t_x"], drawn["n"], draws=40)
    assert (found.high <= 5).all() and found.total.low < found.total.expected < found.total.high
    tenures = contract.simulate(50, [3] * 25 + [9] * 25, seed=1)
    assert (tenures["tenure"][:25] <= 3).all() and tenures["churned"].dtype == bool
    for call in (lambda: donors.simulate(3, 6.5), lambda: contract.simulate(3, 6.5),
                 lambda: donors.simulate_future(1.5, [0], [0], [6])):
        with pytest.raises((cv.DataError, cv.ConfigError), match="counts its periods"):
            call()


def test_a_model_without_a_fit_is_refused():
    with pytest.raises(cv.FitError, match="not fitted"):
        cv.BGNBD().simulate(3, 3.0)


# ---- intervals ----

def cdnow():
    x, t_x, T, _ = histories.cdnow()
    return x, t_x, T


def test_intervals_are_quantiles_of_the_draws():
    x, t_x, T = (column[:40] for column in cdnow())
    model = cv.BGNBD(unit="D").fit(*cdnow())
    drawn = np.sort(model.simulate_future(273.0, x, t_x, T, draws=200, seed=2), axis=1)
    found = model.purchase_interval(273.0, x, t_x, T, draws=200, seed=2, level=0.9)
    np.testing.assert_array_equal(found.low, drawn[:, 10])
    bare = drawn[:, 10] == drawn[:, 0]                              # nothing lies below: the whole rest lies above
    np.testing.assert_array_equal(found.high, np.where(bare, drawn[:, 179], drawn[:, 189]))
    total = np.sort(model.simulate_future(273.0, x, t_x, T, draws=200, seed=2).sum(axis=0))
    assert found.total[2:] == (total[10], total[189])
    np.testing.assert_allclose(found.total.expected, model.expected_purchases(273.0, x, t_x, T).sum(), rtol=1e-13)


def test_the_error_of_a_total_is_that_of_the_delta_method():
    """Expected: the spread of the total over parameters drawn from the fit; 2,000 draws give it to 5 %."""
    x, t_x, T = cdnow()
    model = cv.BGNBD(unit="D").fit(x, t_x, T)
    sets = _core.draw_parameters(np.array(model.parameters()), model.cov_.ravel(), 2000, 1).reshape(2000, 4)
    few = slice(None, 300)
    totals = [_core.bgnbd_expected_purchases(273.0, x[few], t_x[few], T[few], *each).sum() for each in sets]
    se = model.purchase_interval(273.0, x[few], t_x[few], T[few], draws=2).total.se
    assert abs(se / np.std(totals) - 1) < 0.08
    assert model.purchase_interval(273.0, x[few], t_x[few], T[few], draws=2, fixed=True).total.se == 0


def test_drawn_parameters_have_the_covariance_of_the_fit():
    model = cv.BGNBD(b=2.426).fit(*cdnow())                         # b has no variance and stays
    at, n = np.array(model.parameters()), 40_000
    sets = _core.draw_parameters(at, model.cov_.ravel(), n, 1).reshape(n, 4)
    logs = np.log(sets / at)
    assert (sets[:, 3] == 2.426).all()
    want = model.cov_ / np.outer(at, at)
    np.testing.assert_allclose(np.cov(logs.T)[:3, :3], want[:3, :3], rtol=0.05)
    assert (np.abs(logs.mean(axis=0)) <= 4.5 * np.sqrt(np.diag(want) / n)).all()


@pytest.mark.plain
def test_intervals_cover_the_future():
    """100 cohorts of 200, observed to 26, fitted, simulated to 52: 90 % intervals of the total cover 84 to 96 %."""
    truth, held, inside = cv.BGNBD(r=0.6, alpha=5, a=0.8, b=2.5), 0, []
    for seed in range(100):
        x, t_x, T = (np.asarray(v, float) for v in truth.simulate(200, 26.0, seed=seed).values())
        actual = truth.simulate_future(26.0, x, t_x, T, draws=1, seed=seed + 1000)[:, 0]
        fitted = cv.BGNBD().fit(x, t_x, T)
        if fitted.status_ != "converged":
            continue
        found = fitted.purchase_interval(26.0, x, t_x, T, draws=100, seed=seed)
        held += found.total.low <= actual.sum() <= found.total.high
        inside.append(((found.low <= actual) & (actual <= found.high)).mean())
    assert 0.84 <= held / len(inside) <= 0.96
    assert len(inside) >= 75 and 0.9 <= np.mean(inside) <= 0.99                 # whole numbers: often more


def test_frames_are_returned_in_their_kind():
    import pandas as pd
    import polars as pl
    model, (x, t_x, T) = ONE, (column[:5] for column in cdnow())
    frame = pd.DataFrame({"x": x, "t_x": t_x, "T": T}, index=list("abcde"))
    found = model.purchase_interval(9.0, frame["x"], frame["t_x"], frame["T"], draws=20)
    assert found.low.index.tolist() == list("abcde") and found.high.name == "high"
    alone = model.purchase_interval(9.0, pl.DataFrame({"x": x, "t_x": t_x, "T": T}), draws=20)
    assert isinstance(alone.low, pl.Series) and alone.low.to_list() == found.low.tolist()
    table, other = found.table(), alone.table()
    assert list(table) == other.columns == ["expected", "low", "high"] and isinstance(other, pl.DataFrame)
    assert table.index.tolist() == list("abcde") and other["expected"].to_list() == table["expected"].tolist()
    np.testing.assert_array_equal(table["expected"], model.expected_purchases(9.0, x, t_x, T))
    plain = model.purchase_interval(9.0, x, t_x, T, draws=20)
    assert plain.table()["high"].tolist() == table["high"].tolist()
    assert repr(plain) == "<Interval 5 customers: expected 0.07887 in all, se 0.00000, at 0.9 from 0.00000 to 1.00000>"
