"""Shifted beta-geometric: the numbers of Fader and Hardie (2007), FH, on the cohorts of Berry and Linoff."""
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

COHORTS = cv.datasets.contracts()
# alpha, beta, LL, by Newton at 10 digits; FH: .668 3.806 -1611.2, .704 1.182 -1680.3
FITS = {"high_end": (0.6680882983, 3.8060945212, -1611.158147391),
        "regular": (0.7040773229, 1.1820430430, -1680.265188463)}
#             DEL and DERL(1..5) at 10 %, rounded parameters, the 2F1 of Fader and Hardie (2010) at 12 digits
DISCOUNTED = {
    (0.668, 3.806): (5.92259640761276, [5.41485604837, 5.90175316775, 6.29426061679, 6.62028032319, 6.89705739775]),
    (0.704, 1.182): (3.69514740557457, [2.96466214613, 4.1034586196, 4.87013736653, 5.44239132212, 5.89442285984])}


@pytest.mark.parametrize("name", FITS)
def test_fits_of_fader_and_hardie(name):
    model = cv.ShiftedBetaGeometric().fit(survivors=COHORTS[name])
    assert model.status_ == "converged" and model.n_ == 1000
    assert_allclose([*model.params_.values(), model.loglik_], FITS[name], rtol=1e-6)
    assert_allclose(model.loglik_, FITS[name][2], rtol=1e-12)


@pytest.mark.parametrize("parameters", DISCOUNTED)
def test_discounted_lifetimes_of_fader_and_hardie(parameters):
    model = cv.ShiftedBetaGeometric(alpha=parameters[0], beta=parameters[1], unit="Y")
    whole, residual = DISCOUNTED[parameters]
    assert_allclose(model.discounted_lifetime(discount=0.1), whole, rtol=1e-14)
    assert_allclose(model.discounted_residual_lifetime(np.arange(5), discount=0.1), residual, rtol=2e-12)
    assert_allclose(model.discounted_lifetime(discount=0.1, t=[1, 2, 10_000]),
                    [1, 1 + model.retention(1) / 1.1, whole], rtol=1e-14)


def test_quantities_follow_from_the_survivor_function():
    model, t = cv.ShiftedBetaGeometric(alpha=0.668, beta=3.806), np.arange(1, 400)
    assert_allclose(model.survival(t), np.cumprod(model.retention(t)), rtol=1e-13)
    assert_allclose(model.churn_pmf(t, 3), model.survival(t - 1, 3) - model.survival(t, 3), rtol=1e-10)
    assert_allclose(model.survival(t, 3), model.survival(t + 3) / model.survival(3), rtol=1e-13)
    assert (model.survival(0, [0, 9]) == 1).all() and model.churn_pmf(0) == 0
    assert model.residual_lifetime() == np.inf              # alpha <= 1
    finite = cv.ShiftedBetaGeometric(alpha=2.5, beta=3.0)
    assert finite.residual_lifetime([0, 4]).tolist() == [2, 14 / 3]
    assert finite.tenure([0, 4]).tolist() == [3, 4 + 1 + 14 / 3]


def test_cohorts_customers_and_weights_are_the_same_data():
    pandas = pytest.importorskip("pandas")
    there = COHORTS["high_end"]
    tenure = np.r_[np.repeat(np.arange(1, 8), -np.diff(there)), np.full(there[-1], 7)]
    churned = np.r_[np.ones(1000 - there[-1], bool), np.zeros(there[-1], bool)]
    want = cv.ShiftedBetaGeometric().fit(survivors=there)
    frame = pandas.DataFrame({"tenure": tenure, "churned": churned}).value_counts().reset_index(name="customers")
    for model in (cv.ShiftedBetaGeometric().fit(tenure, churned),
                  cv.ShiftedBetaGeometric().fit(frame, weights="customers"),
                  cv.ShiftedBetaGeometric().fit(frame["tenure"], frame["churned"], weights=frame["customers"]),
                  cv.ShiftedBetaGeometric().fit(survivors={"a": there}),
                  cv.ShiftedBetaGeometric().fit(survivors=there.tolist())):
        assert_allclose([*model.params_.values(), model.loglik_], [*want.params_.values(), want.loglik_], rtol=1e-9)
    assert model.n_ == 1000


def test_cohorts_of_several_ages_are_pooled():
    """The younger cohort ends in NaN; together they are the sum of their rows."""
    young = np.r_[COHORTS["regular"][:5].astype(float), [np.nan] * 3]
    both = cv.ShiftedBetaGeometric().fit(survivors={"old": COHORTS["regular"], "young": young})
    table = cv.ShiftedBetaGeometric().fit(survivors=np.column_stack([COHORTS["regular"], young]))
    assert both.n_ == 2000 and both.status_ == "converged" and table.params_ == both.params_
    t, left = np.arange(1, 8), -np.diff(COHORTS["regular"])
    want = left @ np.log(both.churn_pmf(t)) + 241 * np.log(both.survival(7))
    want += left[:4] @ np.log(both.churn_pmf(t[:4])) + 326 * np.log(both.survival(4))
    assert_allclose(both.loglik_, want, rtol=1e-13)


@pytest.mark.parametrize("kind", [cv.ShiftedBetaGeometric, cv.BetaDiscreteWeibull])
def test_refits_to_redrawn_customers_spread_as_the_standard_errors(kind):
    drawn = cv.BetaDiscreteWeibull(alpha=0.6, beta=1.8, c=1.2).simulate(4000, 10, seed=3)
    model = kind().fit(drawn)
    found = model.bootstrap(drawn, replicates=100, seed=1)
    spread = np.array([column.std(ddof=1) for column in found.parameters.values()])
    assert found.failed == 0 and (np.abs(spread / np.array(list(model.se_.values())) - 1) < 0.25).all()
    again = model.bootstrap(drawn, replicates=3, seed=1)
    assert all((again.parameters[k] == found.parameters[k][:3]).all() for k in model.names)
    there = COHORTS["high_end"]
    assert kind().fit(survivors=there).bootstrap(survivors=there, replicates=9).failed == 0


@pytest.mark.parametrize("survivors, said", [
    ([1000], "a cohort has its size"), ([1000, 900, 950], "row 2.*survivors cannot increase"), ([1000, -1], "negative"),
    ([1000, np.nan, 900], "NaN"), ([1000, np.inf], "infinite")])
def test_invalid_cohorts_are_refused(survivors, said):
    with pytest.raises(cv.DataError, match=said):
        cv.ShiftedBetaGeometric().fit(survivors=survivors)


@pytest.mark.parametrize("tenure, churned, said", [
    ([1, 0], [1, 1], "row 1.*for churned"), ([1.5], [1], "whole numbers of periods"), ([-1], [0], "whole numbers"),
    ([1], [2], "neither 0"), ([np.nan], [0], "NaN"), ([1, 2], [1], "1 rows for 2"), (["a"], [1], "column of numbers")])
def test_invalid_tenures_are_refused(tenure, churned, said):
    with pytest.raises(cv.DataError, match=said):
        cv.ShiftedBetaGeometric().fit(tenure, churned)


def test_cohorts_and_tenures_together_or_neither_are_refused():
    for given in ({}, {"tenure": [1, 2], "churned": [1, 0], "survivors": [2, 1, 1]}):
        with pytest.raises(cv.DataError, match="pass either"):
            cv.ShiftedBetaGeometric().fit(**given)
    with pytest.raises(cv.DataError, match="weights= goes with tenures"):
        cv.ShiftedBetaGeometric().fit(survivors=[2, 1, 1], weights=[1])
    with pytest.raises(cv.DataError, match="churned"):
        cv.ShiftedBetaGeometric().fit({"tenure": [1, 2]})
    with pytest.raises(cv.DataError, match="negative"):
        cv.ShiftedBetaGeometric().fit([1, 2], [1, 0], weights=[1, -1])


def geometric(retained, periods=9, customers=1e6):
    return customers * retained ** np.arange(periods)


@pytest.mark.parametrize("survivors, status, said", [
    ([1000, 1000, 1000], "no_repeats", "no customer churned"), ([1000, 0], "one_pattern", "at the same time"),
    (geometric(0.8), "flat", "alpha,beta -> inf: customers do not differ"),
    ([1000, 500, 500, 500, 500], "boundary", "alpha,beta -> 0"),
])
def test_unidentified_parameters_are_named(survivors, status, said):
    model = cv.ShiftedBetaGeometric().fit(survivors=survivors)
    assert (model.status_, said in model.advice_) == (status, True), model.advice_
    assert "cv.ShiftedBetaGeometric(" in model.advice_
    with pytest.raises(cv.FitError, match=said):
        model.survival(3)


def test_a_ridge_with_a_fixed_parameter_converges_to_one_rate():
    model = cv.ShiftedBetaGeometric(alpha=10_000).fit(survivors=geometric(0.8))
    assert model.status_ == "converged"
    assert_allclose(model.retention([1, 9]), 0.8, rtol=1e-3)


def test_a_discount_needs_a_unit():
    model = cv.ShiftedBetaGeometric(alpha=0.668, beta=3.806)
    with pytest.raises(cv.ConfigError, match="unit="):
        model.discounted_lifetime(discount=0.1)
    monthly = cv.ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="M")
    assert_allclose(monthly.discounted_lifetime(discount=0.1), _core.sbg_del(np.inf, 1.1 ** (1 / 12) - 1, 0.668, 3.806),
                    rtol=1e-12)
    with pytest.raises(cv.ConfigError, match="above 0 without t"):
        monthly.discounted_lifetime(discount=0)
    with pytest.raises(cv.ConfigError, match="a duration only"):
        cv.ShiftedBetaGeometric(unit="h")


def test_columns_are_returned_in_their_kind():
    pandas = pytest.importorskip("pandas")
    n = pandas.Series([0, 4], ["a", "b"])
    got = cv.ShiftedBetaGeometric(alpha=0.668, beta=3.806).survival(2, n)
    assert got.name == "survival" and got.index.tolist() == ["a", "b"]


def test_files(tmp_path):
    model = cv.ShiftedBetaGeometric(unit="Y").fit(survivors=COHORTS["regular"])
    again = cv.load(model.to_json())
    assert again.params_ == model.params_ and again.unit == "Y" and again.survival(5) == model.survival(5)
