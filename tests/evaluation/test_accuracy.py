"""Accuracy of predictions: measures against plain Python, published holdouts, no information from the future."""
import math
import pickle

import numpy as np
import pandas as pd
import pytest

import custval as cv
from custval import _core
from custval.evaluation.accuracy import accuracy, evaluation, window


def places(values):
    """Return mean ranks, 1 for the smallest."""
    return np.array([(values < v).sum() + ((values == v).sum() + 1) / 2 for v in values])


def plain(predicted, actual):
    """Return Gini and top-20 capture by their definitions; tied customers count by their exact share."""
    n = len(actual)
    place = places(-predicted)
    own = places(-actual)
    gini = sum((n + 1 - 2 * r) * a for r, a in zip(place, actual, strict=True)) / sum(
        (n + 1 - 2 * r) * a for r, a in zip(own, actual, strict=True))
    k = math.ceil(0.2 * n)
    cut, last = np.sort(predicted)[n - k], np.sort(actual)[n - k]
    share = np.where(predicted > cut, 1.0, np.where(
        predicted == cut, (k - (predicted > cut).sum()) / (predicted == cut).sum(), 0.0))
    tied = min(share[actual == last].sum(), k - (actual > last).sum())
    return gini, (share[actual > last].sum() + tied) / k


@pytest.mark.parametrize("seed", range(20))
def test_measures_agree_with_their_definitions(seed):
    g = np.random.default_rng(seed)
    n = int(g.integers(2, 60))
    actual = g.poisson(1.2, n).astype(float)
    actual[0] += 1
    predicted = np.round(actual * 0.5 + g.gamma(1, 1, n), int(g.integers(0, 3)))
    (total, came, mae, rmse, gini, hits), tenths = _core.accuracy(predicted, actual)
    np.testing.assert_allclose((total, came), (predicted.sum(), actual.sum()), rtol=1e-14)
    np.testing.assert_allclose(mae, np.abs(predicted - actual).mean(), rtol=1e-14)
    np.testing.assert_allclose(rmse, np.sqrt(np.square(predicted - actual).mean()), rtol=1e-14)
    if actual.min() < actual.max():
        np.testing.assert_allclose((gini, hits), plain(predicted, actual), rtol=1e-12, atol=1e-14)
    order = g.permutation(n)
    np.testing.assert_allclose(_core.accuracy(predicted[order], actual[order])[0][4:], (gini, hits), rtol=1e-12)
    tenth = np.floor((places(-predicted) - 0.5) * 10 / n).astype(int)
    want = [[(tenth == k).sum(), predicted[tenth == k].sum(), actual[tenth == k].sum()] for k in range(10)]
    np.testing.assert_allclose(tenths.reshape(10, 3), want, rtol=1e-14)


def test_perfect_and_constant_predictions():
    actual = np.array([0.0] * 6 + [1, 2, 3, 9])
    *_, gini, hits = _core.accuracy(actual * 7, actual)[0]
    assert (gini, hits) == (1, 1)
    *_, gini, hits = _core.accuracy(np.ones(10), actual)[0]
    assert gini == 0 and hits == pytest.approx(0.2)
    assert math.isnan(_core.accuracy(np.ones(3), np.zeros(3))[0][4])                   # no purchases


@pytest.fixture(scope="module")
def cdnow():
    return cv.datasets.cdnow()


def test_the_holdout_of_cdnow(cdnow):
    """1,882 purchases followed; the exact fit of BG/NBD expects 1653.40873."""
    calibration, holdout = cdnow.split("1997-09-30")
    model = cv.BGNBD(unit="W").fit(calibration)
    found = model.evaluate(holdout)
    assert found.model.actual == 1882 and abs(found.model.expected - 1653.40873) < 1e-4
    assert abs(found.model.bias - (1653.40873 / 1882 - 1)) < 1e-7
    assert found.customers == 2357 and found.newcomers == 0 and found.t == 39 and found.unit == "W"
    x, actual = calibration.summary()["x"], holdout.summary()["x"]
    published = [.2367116, .6970387, 1.392523, 1.56, 2.532258, 2.947368, 3.862069]
    np.testing.assert_allclose([actual[x == k].mean() for k in range(7)], published, rtol=1e-6)
    deciles = found.deciles()
    assert deciles["customers"].sum() == 2357
    assert abs((deciles["customers"] * deciles["expected"]).sum() - 1653.40873) < 1e-4
    assert (np.diff(deciles["expected"]) < 0).all()
    # naive: 24.5 % of the customers of the first 137 of 273 days came back in the last 136
    assert abs(found.naive.expected - found.retention * (x + 1).sum() * 39 / (273 / 7)) < 1e-9
    assert found.grade == "B" and "grade B" in repr(found)


def test_expectations_by_frequency_are_the_published_ones(cdnow):
    """BTYD's walkthrough of CDNOW: x = 0..6 and 7 or more; its last digits are those of its looser fit."""
    calibration, holdout = cdnow.split("1997-09-30")
    table = cv.BGNBD(unit="W").fit(calibration).evaluate(holdout).by_x()
    assert table["customers"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    actual = [.2367116, .6970387, 1.392523, 1.56, 2.532258, 2.947368, 3.862069, 6.359375]
    expected = [.2250893, .5231364, 1.044126, 1.520256, 2.163824, 2.653789, 3.503957, 6.157036]
    np.testing.assert_allclose(table["actual"], actual, rtol=1e-6)
    np.testing.assert_allclose(table["expected"], expected, rtol=4e-5)


def test_opportunities_of_a_holdout_are_the_periods_that_end_in_it(cdnow):
    """By hand: January to June 1998 follow 1997; the first month of a customer is no opportunity."""
    calibration, holdout = cdnow.split("1997-12-31")
    model = cv.BGBB(unit="M").fit(calibration)
    found, months = model.evaluate(holdout), cdnow.history(periods=18, unit="M", value="purchases")
    used = np.stack([np.asarray(months[name]) > 0 for name in months if name != "customer"], axis=1)
    assert used.shape == (2357, 18) and found.value == "opportunities used" and (found.t, found.unit) == (6, "M")
    x, t_x, n = (calibration.snapshot.opportunities("M")[name] for name in ("x", "t_x", "n"))
    assert found.model.actual == used[:, 12:].sum()
    np.testing.assert_allclose(found.model.expected, model.expected_purchases(6, x, t_x, n).sum(), rtol=1e-12)
    table = found.by_x()
    np.testing.assert_allclose(table["actual"][:7], [used[x == k, 12:].sum(axis=1).mean() for k in range(7)])
    assert found.deciles()["customers"].sum() == table["customers"].sum() == 2357
    later = model.evaluate(cdnow.split("1998-04-15")[1])          # April is running: April, May and June follow
    assert later.t == 3 and later.model.actual == used[:, 15:].sum()
    with pytest.raises(cv.DataError, match="no period of Y ends in the holdout"):
        cv.BGBB(unit="Y", alpha=1, beta=1, gamma=1, delta=1).evaluate(holdout)


def test_retention_and_new_customers_by_hand():
    """Calibration days 1..40, holdout 41..60. By day 20 a, b, c ordered, and a again by 40; d is new, e comes later."""
    log = pd.DataFrame({"who": list("abcadaceb"), "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(
        [0, 3, 5, 30, 35, 44, 45, 50, 59], "D")})
    base = cv.CustomerBase(log, customer="who", time="day")
    _, holdout = base.split(pd.Timestamp("2025-01-01") + pd.Timedelta(39, "D"))
    found = cv.BGNBD(r=0.5, alpha=20, a=0.8, b=2.5, unit="D").evaluate(holdout)
    assert found.retention == pytest.approx(1 / 3) and found.t == 20
    assert (found.customers, found.newcomers) == (4, 1) and found.model.actual == 3
    assert found.naive.expected == pytest.approx((2 + 1 + 1 + 1) / 40 * 20 / 3)
    assert isinstance(found.deciles(), pd.DataFrame)


def test_the_calibration_window_of_a_holdout_is_its_base(cdnow):
    calibration, holdout = cdnow.split("1997-02-10")                                # new customers come later
    before = holdout.snapshot.before()
    for name, column in before.histories(("x", "t_x", "T", "m_x"), "W").items():
        np.testing.assert_array_equal(column, calibration.snapshot.histories([name], "W")[name])
    assert (before.customers == holdout.customers[~holdout.snapshot.new_customers()]).all()


@pytest.mark.parametrize("call, error, words", [
    (lambda base: cv.BGNBD(r=1, alpha=1, a=1, b=1, unit="D").evaluate(base), cv.DataError, "takes a holdout"),
    (lambda base: cv.BGNBD(r=1, alpha=1, a=1, b=1, unit="D").evaluate([1, 2]), cv.DataError, "not list"),
    (lambda base: cv.BGNBD(r=1, alpha=1, a=1, b=1).evaluate(base.split("1997-09-30")[1]), cv.ConfigError, "unit"),
    (lambda base: cv.BGNBD(unit="W").evaluate(base.split("1997-09-30")[1]), cv.FitError, "not fitted"),
    (lambda base: cv.GammaGamma().dependence([1, 1], [3, 4]), cv.DataError, "three are needed"),
])
def test_invalid_evaluations_are_refused(call, error, words, cdnow):
    with pytest.raises(error, match=words):
        call(cdnow)


def test_dependence_is_spearman_and_eta_squared():
    g = np.random.default_rng(3)
    for slope in (-0.3, 0.0, 0.3):
        x = 1 + g.poisson(2, 800)
        m_x = np.exp(slope * x + g.normal(0, 1, 800))
        found = cv.GammaGamma().dependence(x, m_x)
        np.testing.assert_allclose(found.rank_correlation, np.corrcoef(places(x), places(m_x))[0, 1], rtol=1e-12)
        y = np.log(m_x)
        between = sum((x == k).sum() * (y[x == k].mean() - y.mean())**2 for k in np.unique(x))
        eta, groups = between / ((y - y.mean())**2).sum(), len(np.unique(x))
        np.testing.assert_allclose(found.explained, 1 - (1 - eta) * 799 / (800 - groups), rtol=1e-10)
        assert ("more" in found.words, "less" in found.words) == (slope > 0, slope < 0)


def test_a_model_with_covariates_predicts_by_each_customers_own(cdnow):
    g = np.random.default_rng(5)
    profile = {"customer": cdnow.customers, "z": g.normal(size=len(cdnow.customers))}
    calibration, holdout = cdnow.with_profile(profile).split("1997-09-30")
    model = cv.BGNBD(unit="W", rate_covariates=["z"]).fit(calibration)
    found = model.evaluate(holdout)
    want = model.given(calibration).expected_purchases(39.0, calibration).sum()
    assert found.model.expected == pytest.approx(want, rel=1e-12)
    both = cv.compare(cdnow.with_profile(profile), [model, cv.BGNBD(unit="W")], origins=["1997-09-30"])
    assert sorted(both.models) == ["BGNBD", "BGNBD(rate:z)"]
    assert (both.tests()["larger"] == ["BGNBD(rate:z)"]).all() and both.tests()["df"].tolist() == [1]


def test_a_model_fitted_to_the_holdout_is_refused(cdnow):
    calibration, holdout = cdnow.split("1997-09-30")
    model = cv.MBGNBD(unit="W").fit(calibration)
    assert model.end_ == calibration.end and cv.load(model.to_json()).end_ == calibration.end
    found = model.evaluate(holdout)
    for base in (cdnow, cdnow.as_of("1997-10-01")):
        seen = cv.MBGNBD(unit="W").fit(base)
        for again in (seen, cv.load(seen.to_json()), pickle.loads(pickle.dumps(seen))):
            with pytest.raises(cv.DataError, match=r"MBGNBD was fitted to data up to .* begins on 1997-10-01: call "
                                                   r"model.fit.calibration., the first of base.split.'1997-09-30'"):
                again.evaluate(holdout)
    with pytest.raises(cv.DataError, match="BGBB was fitted to data up to 1998-06-30"):
        cv.BGBB(unit="M").fit(cdnow).evaluate(holdout)
    assert seen.fit(calibration).evaluate(holdout).model == found.model
    assert seen.fit(calibration.summary(unit="W")).end_ is None               # a frame has no end
    given = cv.MBGNBD(**model.params_, unit="W")
    assert given.end_ is None and given.evaluate(holdout).model.expected == pytest.approx(found.model.expected)


def test_a_holdout_without_a_day_is_refused():
    base = cv.datasets.cdnow()
    past, none = base.split(base.end)
    with pytest.raises(cv.DataError, match="the holdout has no day"):
        cv.BGNBD(unit="W").fit(past).evaluate(none)


def biased(factor):
    """Return the evaluation of a model whose total is off by a factor and whose order is perfect."""
    base = cv.datasets.cdnow()
    calibration, holdout = base.split("1997-09-30")
    of = window(holdout, cv.BGNBD(unit="W").fit(calibration))
    actual = of.holdout.window("W")["x"][of.known].astype(float)
    return evaluation("x", of, "purchases", actual * factor, actual, of.calibration.total("purchases"))


def test_a_biased_run_is_not_graded_high():
    """A run that is 25 % off is a C, above 10 % at most a B, whatever customers it finds."""
    grades = {factor: biased(factor).grade for factor in (.74, .751, .89, .95, 1.0, 1.09, 1.11, 1.26)}
    assert grades == {.74: "C", .751: "B", .89: "B", .95: "A", 1.0: "A", 1.09: "A", 1.11: "B", 1.26: "C"}
    assert "grade C (bias -26%)" in repr(biased(.74)) and "grade A;" in repr(biased(1.0))


def test_deviance_is_the_loss_of_log_likelihood():
    """By hand: 2 sum (y log(y / e) - y + e) / sum y; a prediction of 0 counts as a thousandth of the mean."""
    found = accuracy(np.array([1.0, 2.0, 0.0]), np.array([2.0, 2.0, 0.0]))[0]
    assert found.deviance == pytest.approx(2 * (2 * np.log(2) - 1 + 4 / 3 * 1e-3) / 4, rel=1e-14)
    assert np.isnan(accuracy(np.ones(2), np.zeros(2))[0].deviance)
    refunded = accuracy(np.array([1.0, 1.0]), np.array([3.0, -1.0]))[0]
    assert refunded.deviance == pytest.approx(2 * (3 * np.log(3) - 2 + 1) / 2, rel=1e-14)
