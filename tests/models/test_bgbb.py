"""BG/BB: the numbers of Fader, Hardie and Shang (2010), FHS, on their donations, and the opportunities of a base."""
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

ROUNDED = (1.204, 0.750, 0.657, 2.783)                      # FHS (2010), table 2
EXACT = (1.20352235, 0.749716358, 0.656718208, 2.78344223)   # multi-start Newton at 9 digits
BTYD = (1.203528, 0.7497260, 0.6567808, 2.783796)           # the fit of the BTYD package
DONATIONS = cv.datasets.donations()


@pytest.fixture(scope="module")
def fitted():
    return cv.BGBB(unit="Y").fit(DONATIONS, weights="donors")


def test_fit_of_the_donations(fitted):
    """FHS: LL -33225.6; standard errors by the inverse Hessian at 50 digits."""
    assert fitted.status_ == "converged" and fitted.n_ == 11_104
    assert_allclose(fitted.loglik_, -33225.58127434699, rtol=1e-13)
    assert_allclose(list(fitted.params_.values()), EXACT, rtol=1e-8)
    assert_allclose(list(fitted.se_.values()), [0.069391, 0.029448, 0.05101, 0.32082], rtol=1e-4)


def test_likelihood_at_the_rounded_parameters():
    ll = _core.bgbb_loglik(DONATIONS["x"], DONATIONS["t_x"], 6, *ROUNDED)
    assert_allclose(np.sum(ll * DONATIONS["donors"]), -33225.581754518586, rtol=1e-14)


def test_alive_at_the_next_opportunity_in_fhs(fitted):
    """FHS, table 5: .11, .59, .93 at n + 1."""
    assert_allclose(fitted.p_alive([0, 2, 6], [0, 4, 6], 6, t=1), [0.1081333, 0.5896572, 0.9304336], rtol=3e-7)
    assert_allclose(_core.bgbb_p_alive_at(1, [0, 2, 6], [0, 4, 6], 6, *ROUNDED),
                    [0.1080165842, 0.5895141164, 0.9304025424], rtol=1e-9)


def test_expected_donations_of_the_btyd_walkthrough():
    """Five more years: 12884.2 in all; a donor of (0,0) .1302169, of (4,5) 3.627858, a new one 3.179805 in ten."""
    five = _core.bgbb_expected_purchases(5, DONATIONS["x"], DONATIONS["t_x"], 6, *BTYD)
    assert_allclose(np.sum(five * DONATIONS["donors"]), 12884.2, rtol=3e-5)
    assert_allclose(_core.bgbb_expected_purchases(10, [0, 4], [0, 5], 6, *BTYD), [0.1302169, 3.627858], rtol=1e-6)
    assert_allclose(_core.bgbb_expected_purchases_new(10, *BTYD), 3.179805, rtol=1e-6)


def test_histogram_and_years_of_the_btyd_walkthrough():
    """Donors with 0 and 6 gifts in six years: 3454.9, 1253.1; gifts in years 1 and 11: 5535.833, 2318.727."""
    assert_allclose(11_104 * _core.bgbb_purchase_pmf([0, 6], 6, *BTYD), [3454.9, 1253.1], rtol=3e-5)
    years = np.diff(_core.bgbb_expected_purchases_new(np.arange(12), *BTYD))
    assert_allclose(11_104 * years[[0, 10]], [5535.833, 2318.727], rtol=1e-6)


def test_dert_of_the_donations():
    """Discount .1 a year, at 20 digits: (3,4), then x = 1 to 6 with t_x = 6."""
    model = cv.BGBB(alpha=1.20, beta=0.75, gamma=0.66, delta=2.78, unit="Y")
    assert_allclose(model.dert(3, 4, 6, discount=0.1), 1.62137918584262, rtol=1e-13)
    assert_allclose(model.dert(np.arange(1, 7), 6, 6, discount=0.1), [
        1.80204479861, 2.62115607071, 3.44026734281, 4.25937861491, 5.078489887, 5.8976011591], rtol=1e-11)


@pytest.mark.parametrize("history", [(0, 0, 0), (2, 4, 6), (50, 99, 100), (10, 12, 1000), (3, 10_000, 10_000)])
def test_distribution_sums_to_1_and_has_the_mean(history):
    k = np.arange(301)
    p = _core.bgbb_purchase_pmf_given(k, 300, *history, *ROUNDED)
    assert_allclose(p.sum(), 1, rtol=1e-12)
    assert_allclose(k @ p, _core.bgbb_expected_purchases(300, *history, *ROUNDED), rtol=1e-12)
    assert_allclose(1 - p[0], _core.bgbb_p_purchase(300, *history, *ROUNDED), rtol=1e-9, atol=1e-15)


def test_ten_thousand_opportunities():
    """Expected: the sums over 10,000 deaths at 60 digits; the floors of lifetimes matter from about 90 on."""
    assert_allclose(_core.bgbb_loglik([5000, 2], [9900, 30], 10_000, *ROUNDED),
                    [-6880.47512024918906, -13.5711628979965575], rtol=1e-14)
    assert_allclose(_core.bgbb_p_alive([5000, 2, 0], [9900, 30, 0], 10_000, *ROUNDED),
                    [3.56647552519026516e-27, 1.1274640195828396e-9, 1.88807392334853198e-7], rtol=2e-13)


def test_no_time_and_no_opportunity():
    assert _core.bgbb_p_alive(0, 0, 0, *ROUNDED) == 1 and _core.bgbb_p_alive_at(0, 2, 6, 6, *ROUNDED) == 1
    assert _core.bgbb_loglik(0, 0, 0, *ROUNDED) == 0
    assert _core.bgbb_expected_purchases(0, 2, 4, 6, *ROUNDED) == 0 and _core.bgbb_p_purchase(0, 2, 4, 6, *ROUNDED) == 0
    assert _core.bgbb_purchase_pmf([0, 1, 7], 0, *ROUNDED).tolist() == [1, 0, 0]
    assert _core.bgbb_residual_lifetime(2, 4, 6, *ROUNDED) == np.inf


def test_no_special_point_at_gamma_1():
    gamma = 1 + np.array([-1e-3, -1e-9, -2e-16, 0, 2e-16, 1e-9, 1e-3])
    got = _core.bgbb_expected_purchases(500, 4, 5, 6, 1.204, 0.75, gamma, 2.783)
    assert_allclose(got[1:-1], got[3], rtol=3e-9)
    assert_allclose(np.diff(got[[0, 3, 6]]), [(got[6] - got[0]) / 2] * 2, rtol=3e-3)


def test_long_sums_agree_by_terms_and_by_integral():
    """Sums go by terms to 1,024 and by an integral from there on: the same with 40 more terms, and without end."""
    for history in ((0, 0, 40), (20, 39, 40)):
        between = _core.bgbb_expected_purchases_between(1000, 1040, *history, *ROUNDED)
        whole = _core.bgbb_expected_purchases([1000, 1040], *history, *ROUNDED)
        assert_allclose(whole[0] + between, whole[1], rtol=1e-13)
        assert_allclose(_core.bgbb_p_purchase(1e15, *history, *ROUNDED),
                        _core.bgbb_p_purchase(np.inf, *history, *ROUNDED), rtol=1e-9)


def test_next_purchase_is_the_first_opportunity_that_suffices():
    for q in (0.05, 0.3, 0.5):
        t = _core.bgbb_next_purchase(q, 1, 5, 30, *ROUNDED)
        if np.isfinite(t):
            assert _core.bgbb_p_purchase(t, 1, 5, 30, *ROUNDED) >= q > _core.bgbb_p_purchase(t - 1, 1, 5, 30, *ROUNDED)
    assert _core.bgbb_next_purchase(0.9, 1, 5, 30, *ROUNDED) == np.inf
    rare = _core.bgbb_next_purchase(0.8, 0, 0, 0, 0.1, 1, 1e-3, 1)          # they come, after very long
    assert 1e6 < rare < 2**53
    assert_allclose(_core.bgbb_p_purchase(rare, 0, 0, 0, 0.1, 1, 1e-3, 1), 0.8, rtol=1e-9)


def test_derivatives_of_the_likelihood(fitted):
    columns = tuple(np.asarray(DONATIONS[name], float) for name in ("x", "t_x", "n"))
    weights = np.asarray(DONATIONS["donors"], float)
    at = np.array([0.4, 3.0, 1.7, 0.9])
    _, slope, bend = _core.likelihood("bgbb", columns, weights, at)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5 * at[i]
        high, low = (_core.likelihood("bgbb", columns, weights, at + s) for s in (step, -step))
        assert_allclose((high[0] - low[0]) / (2 * step[i]), slope[i], rtol=1e-7)
        assert_allclose((high[1] - low[1]) / (2 * step[i]), bend.reshape(4, 4)[i], rtol=1e-6)


def test_frames_arrays_and_single_donors_give_the_same_fit(fitted):
    pandas = pytest.importorskip("pandas")
    frame = cv.datasets.donations(as_frame=pandas.DataFrame)
    theirs = frame.rename(columns={"x": "frequency", "t_x": "recency", "n": "periods"})
    each = {name: np.repeat(DONATIONS[name], DONATIONS["donors"]) for name in ("x", "t_x", "n")}
    for model in (cv.BGBB().fit(frame, weights="donors"), cv.BGBB().fit(theirs, weights="donors"), cv.BGBB().fit(each),
                  cv.BGBB().fit(DONATIONS["x"], DONATIONS["t_x"], DONATIONS["n"], weights=DONATIONS["donors"])):
        assert_allclose(list(model.params_.values()), list(fitted.params_.values()), rtol=1e-9)
    assert_allclose(fitted.p_alive(frame), fitted.p_alive(DONATIONS["x"], DONATIONS["t_x"], 6))


LOG = {"who": ["a", "a", "a", "a", "b", "c", "c", "d"],
       "day": ["2020-03-01", "2022-05-01", "2022-07-01", "2024-01-01", "2024-02-02", "2020-01-01", "2023-12-31",
               "2021-06-01"],
       "paid": [5.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, -7.0]}


def test_periods_of_a_base_are_opportunities():
    """Two orders of 2022 are one use; 2024 is not complete, so it does not count; d has no purchase at all."""
    base = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", end="2024-06-30")
    got = base.snapshot.opportunities("Y")
    assert got["x"].tolist() == [1, 0, 1, 0] and got["t_x"].tolist() == [2, 0, 3, 0]
    assert got["n"][:3].tolist() == [3, 0, 3] and np.isnan(got["n"][3])
    whole = base.as_of("2023-12-31").snapshot.opportunities("Y")
    assert whole["n"][:2].tolist() == [3, 3] and whole["x"].tolist() == [1, 1, 0]
    fiscal = base.snapshot.opportunities("Y-JUN")                     # July to June: the last one is complete
    assert fiscal["x"].tolist() == [3, 0, 1, 0] and fiscal["n"][:3].tolist() == [4, 0, 4]
    model = cv.BGBB(alpha=1, beta=1, gamma=1, delta=9, unit="Y")
    assert_allclose(model.p_alive(base)[:3], model.p_alive([1, 0, 1], [2, 0, 3], [3, 0, 3]))


def test_a_base_is_fitted():
    base = cv.datasets.cdnow().as_of("1998-03-31")
    model = cv.BGBB(unit="M").fit(base)
    assert model.status_ == "converged" and model.n_ == 2357
    h = base.snapshot.opportunities("M")
    assert_allclose(np.sum(_core.bgbb_loglik(h["x"], h["t_x"], h["n"], *model.parameters())), model.loglik_, rtol=1e-12)
    with pytest.raises(cv.ConfigError, match=r'cv\.BGBB\(unit="Y"\)'):
        cv.BGBB().fit(base)


@pytest.mark.parametrize("x, t_x, n, said", [
    (3, 2, 6, "more purchases than opportunities"), (1, 7, 6, "more opportunities than n"),
    (1, 1.5, 6, "no whole number"), (1, 0, 6, "zero although x > 0"), (0, 1, 6, "above zero although x = 0"),
    (-1, 0, 6, "negative"), (1, 1, np.nan, "missing or infinite")])
def test_invalid_histories_are_refused(x, t_x, n, said):
    with pytest.raises(cv.DataError, match=said):
        cv.BGBB().fit([2, x], [3, t_x], [6, n])
    with np.errstate(invalid="ignore"):
        assert np.isnan(_core.bgbb_p_alive(x, t_x, n, *ROUNDED))


@pytest.mark.parametrize("x, t_x, n, status, said", [
    ([0, 0], [0, 0], [4, 6], "no_repeats", "no customer used an opportunity"),
    ([0, 0], [0, 0], [0, 0], "no_information", "no customer had an opportunity"),
    ([2, 2], [4, 4], [6, 6], "one_pattern", "the same history"),
    ([6, 6, 5], [6, 6, 5], [6, 6, 5], "boundary",
     "active customers buy at every opportunity; the dropout estimate lies on its boundary"),
])
def test_unidentified_parameters_are_named(x, t_x, n, status, said):
    model = cv.BGBB().fit(x, t_x, n)
    assert model.status_ == status and said in model.advice_ and "cv.BGBB(" in model.advice_
    with pytest.raises(cv.FitError):
        model.p_alive(1, 2, 6)


def test_a_ridge_is_named_with_the_nested_model():
    """All customers alike: alpha, beta and gamma, delta go to infinity together; with these fixed it converges."""
    g = np.random.default_rng(5)
    n, stays = 12, g.geometric(0.08, 4000) - 1
    used = (g.random((4000, n)) < 0.4) & (np.arange(n) < stays[:, None])
    x, t_x = used.sum(1), np.where(used.any(1), n - used[:, ::-1].argmax(1), 0)
    model = cv.BGBB().fit(x, t_x, np.full(4000, n))
    assert model.status_ in ("flat", "converged", "boundary")
    held = cv.BGBB(alpha=10_000, gamma=10_000).fit(x, t_x, np.full(4000, n))
    assert held.status_ == "converged" and held.loglik_ <= model.loglik_ + 1e-6
    if model.status_ == "flat":
        assert "inf" in model.advice_ and "10_000" in model.advice_


def test_random_donors_never_converge_falsely():
    """Few and many, alike and very different, with and without dropout: a converged fit has no better neighbour."""
    g, statuses = np.random.default_rng(3), set()
    for i in range(15):
        m, n = int(10 ** g.uniform(0.3, 3)), int(g.integers(1, 30))
        a, b, c, d = 10 ** g.uniform(-1.5, 1.5, 4)
        p, theta = (np.full(m, a / (a + b)), np.zeros(m)) if i % 3 == 0 else (g.beta(a, b, m), g.beta(c, d, m))
        alive = np.cumprod(g.random((m, n)) >= theta[:, None], 1) > 0
        used = (g.random((m, n)) < p[:, None]) & alive
        x, t_x = used.sum(1).astype(float), np.where(used.any(1), n - used[:, ::-1].argmax(1), 0).astype(float)
        model = cv.BGBB().fit(x, t_x, np.full(m, n))
        assert model.status_ == "converged" or "cv.BGBB(" in model.advice_
        statuses |= {model.status_}
        for size in (1e-4, 1e-2, 0.3, 2.0) if model.status_ == "converged" else ():
            near = list(model.params_.values()) * np.exp(g.normal(0, size, 4))
            assert _core.likelihood("bgbb", (x, t_x, np.full(m, n)), None, near)[0] <= model.loglik_ + 1e-7
    assert "converged" in statuses and len(statuses) > 1


def test_the_influence_is_that_of_a_refit_without_the_customer():
    drawn = cv.BGBB(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8).simulate(3000, 8, seed=1)
    model = cv.BGBB().fit(drawn)
    found = model.influence(drawn, top=1)
    keep = np.arange(3000) != int(found["row"][0])
    without = cv.BGBB(**cv.BGBB().fit({name: column[keep] for name, column in drawn.items()}).params_)
    assert_allclose(found["displacement"][0], 2 * (model.loglik_ - without.loglik(drawn).sum()), rtol=0.05)


def test_predict_labels_the_next_periods():
    base = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", end="2024-06-30")
    model = cv.BGBB(alpha=1, beta=1, gamma=1, delta=9, unit="Y")
    got = model.predict(base, periods=2)
    assert list(got)[:5] == ["customer", "p_alive", "2024", "2025", "sum"]      # 2024 is not complete
    assert list(model.predict(base.as_of("2023-12-31"), periods=2))[2:4] == ["2024", "2025"]
    assert_allclose(got["2024"] + got["2025"], got["sum"], rtol=1e-14)
    assert_allclose(got["sum"][:3], model.expected_purchases(2, [1, 0, 1], [2, 0, 3], [3, 0, 3]))
    assert np.isnan(got["sum"][3])                                          # no purchase, no history
    with pytest.raises(cv.DataError, match="holdout"):
        model.predict(base.split("2022-12-31")[1])
