"""Real cases in which a fit of another package failed, or failed and was reported as a success.

Numbers after a package are issues of CamDavidsonPilon/lifetimes, pymc-labs/pymc-marketing, bachmannpatrick/CLVTools,
mplatzer/BTYDplus and ColtAllen/btyd. Results without an issue number were computed with lifetimes 0.11.3.
"""
import copy
import pickle
import textwrap

import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core


def test_spend_that_is_not_positive_is_left_out_or_refused():
    """lifetimes #211, #172, #77, #378: refunds and margins in a model of spend; the advice was to shift them."""
    frame = {"x": np.array([2, 3, 4, 0, 1, 2]), "m_x": np.array([10.0, -3, 8, np.nan, 0, 30])}
    with pytest.warns(cv.DataWarning, match="2 of 6 customers have a mean spend of zero or less: left out of the fit"):
        model = cv.GammaGamma(p=2.0).fit(frame)
    assert model.n_ == 3
    with pytest.raises(cv.DataError, match="Do not shift the values"):
        cv.GammaGamma().fit(frame["x"], frame["m_x"])


def test_a_base_without_amounts_names_the_argument_that_is_missing():
    """pymc-marketing #2305: an optional argument whose default always crashes."""
    base = cv.CustomerBase({"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-15", "2025-01-08"]}, customer="who",
                           time="day")
    assert "m_x" not in base.summary()
    with pytest.raises(cv.DataError, match="pass amount= to CustomerBase"):
        cv.GammaGamma(p=1, q=2, gamma=3).expected_spend(base)


def test_start_values_are_never_shown_as_a_fit():
    """lifetimes #332: start values (e^0.1 = 1.105) shown as a fit, with standard errors of NaN."""
    model = cv.BGNBD().fit([0.0, 0, 0], [0.0, 0, 0], [3.0, 4, 5])
    assert model.status_ == "no_repeats" and np.isnan(list(model.params_.values())).all()
    with pytest.raises(cv.FitError, match="no_repeats"):
        model.p_alive(0, 0, 3)
    stopped = cv.BGNBD().fit(*histories.cdnow()[:3], max_passes=1)
    assert stopped.status_ != "converged"
    with pytest.raises(cv.FitError, match=stopped.status_):
        stopped.p_alive(0, 0, 3)


def test_a_flat_ridge_is_named_with_advice():
    """lifetimes #258: a ridge, reported as "precision loss" at a = 1355, b = .114, alpha = 8.8e-8."""
    x = np.array([0.0] * 50 + [1.0] * 3)
    model = cv.BGNBD().fit(x, np.where(x > 0, 0.001, 0.0), np.full(53, 100.0))
    assert model.status_ in ("flat", "boundary") and model.null_direction_
    assert "cv.BGNBD(" in model.advice_


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_fit_converges_at_any_scale_of_its_columns(scale):
    """lifetimes #262, #396, #419: large values end in an error whose remedy is a blind tol= or penalizer=."""
    x, t_x, T, m_x = histories.cdnow()
    one, other = cv.BGNBD().fit(x, t_x, T), cv.BGNBD().fit(x, t_x * scale, T * scale)
    assert other.status_ == "converged"
    assert_allclose([other.params_[k] for k in "rab"], [one.params_[k] for k in "rab"], rtol=1e-8)
    money = cv.GammaGamma().fit(x, m_x * scale)
    assert money.status_ == "converged"
    assert_allclose(money.params_["gamma"], scale * cv.GammaGamma().fit(x, m_x).params_["gamma"], rtol=1e-8)


def test_one_nan_is_reported_by_column_and_row():
    """lifetimes 0.11.3: one NaN among 2,357 rows gives an error about penalizers."""
    x, t_x, T, _ = histories.cdnow()
    for name, column in (("x", x), ("t_x", t_x), ("T", T)):
        bad = column.copy()
        bad[4] = np.nan
        columns = {"x": x, "t_x": t_x, "T": T} | {name: bad}
        with pytest.raises(cv.DataError, match=rf"column '{name}': 1 of 2,357 values are missing.*\n  row 4 "):
            cv.BGNBD().fit(columns["x"], columns["t_x"], columns["T"])


def test_the_loglikelihood_is_finite_over_the_whole_domain():
    """CLVTools #112, #132, #176: the search stops at a log-likelihood that is not finite."""
    g = np.random.default_rng(112)
    T = g.uniform(0, 1095, 2000)
    t_x = T * g.random(2000)
    x = np.where(t_x > 0, np.floor(10 ** g.uniform(0, 4, 2000)), 0)
    for kernel in ("bgnbd", "mbgnbd", "pnbd"):
        for scale in (1e-6, 1e-3, 1.0, 1e3, 1e6):
            assert np.isfinite(getattr(_core, f"{kernel}_loglik")(x, t_x, T, scale, 1 / scale, scale, 1.0)).all()


def test_a_fit_in_days_with_orders_within_a_day_converges():
    """BTYDplus #51, #78: T in days and orders within a day: "needs finite values of fn"."""
    x, t_x, T = histories.simulate(3000, 0.5, 5.0, 0.8, 2.5, seed=51)
    g = np.random.default_rng(53)
    days = np.where(x > 0, np.maximum(t_x * 7 - g.random(3000), 1e-7), 0)
    assert cv.BGNBD().fit(x, days, T * 7).status_ == "converged"


def test_the_unit_of_time_does_not_change_a_fit():
    """lifetimes 0.11.3 stops early: r of the Pareto/NBD is .553276 in weeks and .553272 in days."""
    x, t_x, T, _ = histories.cdnow()
    for make in (cv.BGNBD, cv.MBGNBD):
        weeks, days, seconds = (make().fit(x, t_x * f, T * f).params_ for f in (1 / 7, 1.0, 86_400.0))
        for other, f in ((days, 7), (seconds, 7 * 86_400)):
            assert_allclose([other[k] for k in "rab"], [weeks[k] for k in "rab"], rtol=1e-8)
            assert_allclose(other["alpha"], f * weeks["alpha"], rtol=1e-8)


LEAK = """
    import resource
    import custval as cv
    data = cv.ParetoNBD(r=.9, alpha=5, s=.9, beta=12).simulate(300, 52.0)
    model = cv.GGompertzNBD(r=.9, alpha=5, b=.08, s=1.5, beta=8)
    def work():
        cv.ParetoNBD().fit(data)
        model.expected_purchases(13.0, data["x"], data["t_x"], data["T"])
    for _ in range(3): work()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(8): work()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_fits_and_integrals_free_their_memory(fresh):
    """CLVTools, NEWS of 0.11: the workspace of an integral was never freed, a leak in every call."""
    grown = fresh(textwrap.dedent(LEAK))
    assert int(grown) < 1024                                                  # KiB; one fit takes 300


def test_equal_histories_are_merged_without_changing_a_fit():
    """lifetimes #132: 50 s for 100,000 customers, because equal histories are not merged. Weights give the same fit."""
    x, t_x, T, _ = histories.cdnow()
    distinct, times = np.unique(np.stack([x, t_x, T]), axis=1, return_counts=True)
    one, other = cv.BGNBD().fit(x, t_x, T), cv.BGNBD().fit(*distinct, weights=times.astype(float))
    assert distinct.shape[1] < len(x) and other.n_ == len(x)
    assert_allclose(list(other.params_.values()), list(one.params_.values()), rtol=1e-8)
    assert_allclose(list(other.se_.values()), list(one.se_.values()), rtol=1e-8)


def test_the_end_of_observation_may_lie_after_the_last_order():
    """CLVTools PR #292: observation ended with the last order of any customer, so every T was too short."""
    log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-15", "2025-01-08"]}
    late = cv.CustomerBase(log, customer="who", time="day", end="2025-06-30").summary(unit="D")
    assert_allclose(np.asarray(late["T"]), [180, 173])


def test_months_are_a_unit_of_a_twelfth_of_a_year():
    """pymc-marketing #987: the unit "M" raised a ValueError of NumPy. A month is 365.25 / 12 days."""
    log = {"who": ["a", "a"], "day": ["2025-01-01", "2025-02-15"]}
    month = cv.CustomerBase(log, customer="who", time="day", end="2025-06-30").summary(unit="M")
    assert_allclose([np.asarray(month[k])[0] for k in ("t_x", "T")], [45 / 30.4375, 180 / 30.4375], rtol=1e-15)


def test_models_survive_pickle_copy_and_json():
    """lifetimes #97, btyd #63: models hold lambdas, so pickle fails and loading needs a package that runs code."""
    for make in (cv.NBD, cv.BGNBD, cv.ParetoNBD):
        model = make(unit="D").fit(*histories.cdnow()[:3])
        for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), cv.load(model.to_json())):
            assert repr(twin) == repr(model) and twin.parameters() == model.parameters()
        assert len(pickle.dumps(model)) < 4096 and len(model.to_json()) < 4096
