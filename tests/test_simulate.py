"""What is drawn is what the formulas say, and a seed fixes every bit of it."""
import histories
import numpy as np
import pytest

import custval as cv
from custval import _core

MODELS = [
    cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
    cv.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W"),
]
HISTORIES = [(2, 30.43, 38.86), (0, 0, 38.86), (26, 30.86, 31), (5, 8, 39)]
ONE = MODELS[0]


def within(sample, mean, errors=4.5):
    """Is the mean of a sample so many standard errors from `mean` at most?"""
    return abs(sample.mean() - mean) <= errors * sample.std() / len(sample) ** 0.5


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.word)
def test_new_customers_have_the_distribution_of_the_model(model):
    n = 100_000
    drawn = model.simulate(n, 39.0, seed=11)
    x, t_x = drawn["x"], drawn["t_x"]
    assert within(x, model.expected_purchases_new(39.0))
    for k in (0, 1, 2, 7):
        assert within((x == k).astype(float), model.purchase_pmf(k, 39.0)), k
    assert ((t_x > 0) == (x > 0)).all() and (t_x <= 39).all()
    early = model.simulate(n, 13.0, seed=12)["x"]
    assert within(early, model.expected_purchases_new(13.0))
    # the same world seen to 13 and to 39: E[x(39)] is x(13) and what is expected to follow it
    first = model.simulate(n, 13.0, seed=13)
    both = first["x"] + model.expected_purchases(26.0, *(np.asarray(v, float) for v in first.values()))
    assert within(both, model.expected_purchases_new(39.0))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.word)
def test_times_of_purchases_are_those_of_the_model(model):
    """E[score] = 0 at the truth: the likelihood of x and t_x fits the way they are drawn."""
    n = 100_000
    columns = [np.asarray(v, float) for v in model.simulate(n, 39.0, seed=14).values()]
    at = np.array(model.parameters())
    for i in range(len(at)):
        up, down = (at * np.exp(sign * 1e-4 * (np.arange(len(at)) == i)) for sign in (1, -1))
        kernel = getattr(_core, f"{model.word}_loglik")
        assert within((kernel(*columns, *up) - kernel(*columns, *down)) / 2e-4, 0), model.names[i]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.word)
def test_futures_have_the_expectation_of_the_model(model):
    n = 40_000
    drawn = model.simulate_future(39.0, *np.array(HISTORIES, float).T, draws=n, seed=15)
    assert drawn.shape == (4, n)
    for row, h in zip(drawn, HISTORIES, strict=True):
        assert within(row, model.expected_purchases(39.0, *h)), h
    (row,) = model.simulate_future(1e9, [2.0], [30.43], [38.86], draws=n, seed=16)
    assert within((row > 0).astype(float), model.p_alive(2, 30.43, 38.86))       # who is active buys again one day


def test_a_seed_fixes_the_bits_whatever_else_is_drawn():
    x, t_x, T = (np.array(column, float) for column in zip(*HISTORIES, strict=True))
    drawn = ONE.simulate_future(39.0, x, t_x, T, draws=50, seed=3)
    np.testing.assert_array_equal(ONE.simulate_future(39.0, x[:2], t_x[:2], T[:2], draws=20, seed=3), drawn[:2, :20])
    assert (ONE.simulate_future(39.0, x, t_x, T, draws=50, seed=4) != drawn).any()
    some, more = ONE.simulate(10, 39.0, seed=5), ONE.simulate(1000, 39.0, seed=5)
    for name in some:
        np.testing.assert_array_equal(some[name], more[name][:10])
    assert (ONE.simulate(1000, 39.0, seed=2**64 - 1)["x"] != more["x"]).any()


def test_known_bits():
    """A change of the generator or of the order of draws must be seen."""
    assert ONE.simulate(5, 39.0, seed=4)["x"].tolist() == [2, 0, 3, 1, 11]


def test_spend_has_the_moments_of_gamma_gamma():
    p, q, gamma, x = 6.0, 12.0, 60.0, np.full(100_000, 3)
    m_x = cv.GammaGamma(p=p, q=q, gamma=gamma).simulate(x, seed=1)
    mean = p * gamma / (q - 1)
    second = p * (p + 1 / 3) * gamma**2 / ((q - 1) * (q - 2))           # E[m^2] = (p^2 + p/x) E[1/nu^2]
    assert within(m_x, mean) and within(m_x**2, second)
    assert np.isnan(cv.GammaGamma(p=p, q=q, gamma=gamma).simulate([0, 1], seed=1)).tolist() == [True, False]


def test_impossible_rows_are_nan_and_end():
    x, t_x, T = [1.0, 0.5, np.nan, 2.0, 0.0], [2.0, 1.0, 0.0, 9.0, 1.0], [3.0] * 5
    drawn = ONE.simulate_future(5.0, x, t_x, T, draws=3)
    assert np.isnan(drawn).any(axis=1).tolist() == [False, True, True, True, True]
    for bad in (np.nan, -1.0, np.inf, 0.0):
        parameters = np.array([0.2, 4, 0.8, bad])
        assert np.isnan(_core.simulate("bgnbd", parameters, np.ones(2), 1)[0]).all()
        assert np.isnan(_core.simulate_futures("bgnbd", parameters, *np.ones((3, 2)), 1.0, 2, 1)).all()
        assert np.isnan(_core.simulate_spend(parameters[1:], np.ones(2), 1)).all()


def test_extreme_parameters_end_in_possible_histories():
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
def test_what_cannot_be_is_told(call, words):
    with pytest.raises((cv.ConfigError, cv.DataError), match=words):
        call()


def test_a_model_without_fit_draws_nothing():
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
    np.testing.assert_array_equal(found.high, drawn[:, 189])
    total = np.sort(model.simulate_future(273.0, x, t_x, T, draws=200, seed=2).sum(axis=0))
    assert found.total[2:] == (total[10], total[189])
    np.testing.assert_allclose(found.total.expected, model.expected_purchases(273.0, x, t_x, T).sum(), rtol=1e-13)


def test_the_error_of_a_total_is_that_of_the_delta_method():
    """Against the spread of the total over parameters drawn from the fit: 2,000 draws know it to 5 %."""
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
def test_intervals_hold_what_comes():
    """100 cohorts of 200, seen to 26, fitted, then lived to 52: 90 % intervals of the total hold 84 to 96 %."""
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


def test_frames_come_back_as_they_are():
    import pandas as pd
    import polars as pl
    model, (x, t_x, T) = ONE, (column[:5] for column in cdnow())
    frame = pd.DataFrame({"x": x, "t_x": t_x, "T": T}, index=list("abcde"))
    found = model.purchase_interval(9.0, frame["x"], frame["t_x"], frame["T"], draws=20)
    assert found.low.index.tolist() == list("abcde") and found.high.name == "high"
    alone = model.purchase_interval(9.0, pl.DataFrame({"x": x, "t_x": t_x, "T": T}), draws=20)
    assert isinstance(alone.low, pl.Series) and alone.low.to_list() == found.low.tolist()
