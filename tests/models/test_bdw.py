"""Beta-discrete-Weibull: fits of the cohorts of Berry and Linoff, and the shifted beta-geometric as c = 1."""
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

COHORTS = cv.datasets.contracts()
#               alpha         beta          c             LL            S(8..12) in %, by Newton at 10 digits
FITS = {
    "high_end": ((0.2142533411, 1.4265748442, 1.7235648417), -1605.314213, [46.775, 44.834, 43.158, 41.692, 40.393]),
    "regular": ((0.4556139735, 0.7793254887, 1.2834513140), -1679.602833, [22.335, 20.895, 19.680, 18.638, 17.733])}


@pytest.mark.parametrize("name", FITS)
def test_fits(name):
    model = cv.BetaDiscreteWeibull().fit(survivors=COHORTS[name])
    parameters, loglik, ahead = FITS[name]
    assert model.status_ == "converged"
    assert_allclose(list(model.params_.values()), parameters, rtol=1e-7)
    assert_allclose(model.loglik_, loglik, rtol=1e-9)
    assert_allclose(100 * model.survival(np.arange(8, 13)), ahead, rtol=3e-5)
    nested = cv.ShiftedBetaGeometric().fit(survivors=COHORTS[name])
    held = cv.BetaDiscreteWeibull(c=1).fit(survivors=COHORTS[name])
    assert model.loglik_ >= nested.loglik_
    assert_allclose([*held.params_.values()][:2], [*nested.params_.values()], rtol=1e-9)


@pytest.mark.parametrize("parameters", [(0.668, 3.806), (2.5, 0.01), (1e-3, 40.0), (300.0, 1e5)])
def test_c_1_is_the_shifted_beta_geometric(parameters):
    t, n = np.array([1, 5, 40, 3000]), np.array([0, 3, 50, 1000])[:, None]
    for quantity, front in (("survival", (t, n)), ("churn_pmf", (t, n)), ("retention", (t,)),
                            ("residual_lifetime", (n,)), ("derl", (t, 0.07, n)), ("derl", (np.inf, 0.07, n)),
                            ("del", (np.inf, 0.01))):
        assert_allclose(getattr(_core, f"bdw_{quantity}")(*front, *parameters, 1),
                        getattr(_core, f"sbg_{quantity}")(*front, *parameters), rtol=1e-12, atol=1e-300)


def test_retention_may_fall_and_rise():
    r = cv.BetaDiscreteWeibull(alpha=0.5, beta=1.5, c=2).retention(np.arange(1, 30))
    assert r[1] < r[0] and r[-1] > r[1]


def test_derivatives_of_the_likelihood():
    columns = np.array([1, 1, 1, 0, 0.0]), np.array([1, 4, 9, 9, 0.0])
    weights = np.array([300, 41, 7, 512, 3.0])
    for at in ((0.4, 3.0, 1.7), (5.0, 0.2, 0.3)):
        at = np.array(at)
        _, slope, bend = _core.likelihood("bdw", columns, weights, at)
        for i in range(3):
            step = np.zeros(3)
            step[i] = 1e-5 * at[i]
            high, low = (_core.likelihood("bdw", columns, weights, at + s) for s in (step, -step))
            assert_allclose((high[0] - low[0]) / (2 * step[i]), slope[i], rtol=1e-7)
            assert_allclose((high[1] - low[1]) / (2 * step[i]), bend.reshape(3, 3)[i], rtol=1e-6)
        two = _core.likelihood("sbg", columns, weights, at[:2])
        three = _core.likelihood("bdw", columns, weights, np.r_[at[:2], 1.0])
        assert two[0] == three[0] and (two[1] == three[1][:2]).all()
        assert (two[2].reshape(2, 2) == three[2].reshape(3, 3)[:2, :2]).all()


@pytest.mark.parametrize("survivors, status", [([1000, 1000], "no_repeats"), ([10, 0], "one_pattern")])
def test_unidentified_parameters_are_named(survivors, status):
    model = cv.BetaDiscreteWeibull().fit(survivors=survivors)
    assert model.status_ == status and "cv.BetaDiscreteWeibull(" in model.advice_


def test_two_periods_do_not_fix_three_parameters():
    model = cv.BetaDiscreteWeibull().fit(survivors=[1000, 700, 600])
    assert model.status_ != "converged" and "cv.BetaDiscreteWeibull(" in model.advice_
    assert cv.BetaDiscreteWeibull(c=1).fit(survivors=[1000, 700, 600]).status_ == "converged"


def test_random_cohorts_never_converge_falsely():
    """Small, large and degenerate cohorts: a converged fit has no better neighbour, nor is c fixed at 1 better."""
    g, statuses = np.random.default_rng(11), set()
    for _ in range(25):
        alpha, beta, c = 10 ** (g.uniform(-1.5, 1.5, 3) * [1, 1, 0.4])
        size, periods = int(10 ** g.uniform(0.3, 6)), int(g.integers(2, 15))
        share = _core.bdw_survival(np.arange(periods), 0, alpha, beta, c)
        there = [size]
        for k in range(1, periods):
            there.append(g.binomial(there[-1], min(1, share[k] / share[k - 1])))
        model = cv.BetaDiscreteWeibull().fit(survivors=there)
        nested = cv.ShiftedBetaGeometric().fit(survivors=there)
        statuses |= {model.status_}
        if model.status_ == "converged":
            columns = np.r_[np.ones(periods - 1), 0.0], np.r_[np.arange(1.0, periods), periods - 1.0]
            weights = np.r_[-np.diff(there), there[-1]].astype(float)
            best = np.array(list(model.params_.values()))
            for size in (1e-4, 1e-2, 0.3):
                near = best * np.exp(g.normal(0, size, 3))
                assert _core.likelihood("bdw", columns, weights, near)[0] <= model.loglik_ + 1e-7
            if nested.status_ == "converged":
                assert model.loglik_ >= nested.loglik_ - 1e-9 * abs(nested.loglik_)
        else:
            assert np.isnan(model.loglik_) or model.advice_
    assert "converged" in statuses and len(statuses) > 1
