"""N3: units, the order of rows and copies for weights change nothing."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv

TIMES = {"weeks": 1 / 7, "seconds": 86_400.0, "years": 4 / 1461}


@pytest.mark.parametrize("model", [cv.BGNBD, cv.MBGNBD])
@pytest.mark.parametrize("unit", TIMES)
def test_the_unit_of_time(model, unit):
    x, t_x, T, _ = histories.cdnow()
    times = TIMES[unit]
    days, other = model().fit(x, t_x, T), model().fit(x, t_x * times, T * times)
    for name in ("r", "a", "b"):
        assert_allclose(other.params_[name], days.params_[name], rtol=1e-9)
        assert_allclose(other.se_[name], days.se_[name], rtol=1e-8)
    assert_allclose(other.params_["alpha"], days.params_["alpha"] * times, rtol=1e-9)
    assert_allclose(other.loglik_, days.loglik_ - x.sum() * np.log(times), rtol=1e-12)
    horizon = np.array([1.0, 30.0, 365.0])[:, None]
    assert_allclose(other.expected_purchases(horizon * times, x, t_x * times, T * times),
                    days.expected_purchases(horizon, x, t_x, T), rtol=1e-9)


@pytest.mark.parametrize("times", [0.01, 100.0, 7.3])
def test_the_unit_of_money(times):
    x, _, _, m_x = histories.cdnow()
    one, other = cv.GammaGamma().fit(x, m_x), cv.GammaGamma().fit(x, m_x * times)
    assert_allclose([other.params_["p"], other.params_["q"], other.params_["gamma"] / times],
                    list(one.params_.values()), rtol=1e-9)
    assert_allclose(other.expected_spend(x, m_x * times), one.expected_spend(x, m_x) * times, rtol=1e-9)


@pytest.mark.parametrize("n", [2357, 60_000])
def test_the_order_of_rows(n):
    columns = histories.cdnow()[:3] if n == 2357 else histories.simulate(n, 0.5, 5.0, 0.8, 2.5, seed=1)
    order = np.random.default_rng(5).permutation(n)
    one, other = cv.BGNBD().fit(*columns), cv.BGNBD().fit(*(c[order] for c in columns))
    assert one.status_ == other.status_ == "converged"
    assert_allclose(list(other.params_.values()), list(one.params_.values()), rtol=1e-8)


def test_predictions_do_not_see_the_unit_of_a_given_model():
    x, t_x, T = (np.array(v) for v in ([0.0, 2.0, 26.0], [0.0, 30.0, 200.0], [200.0, 273.0, 217.0]))
    days = cv.BGNBD(r=0.243, alpha=30.9, a=0.793, b=2.426, unit="D")
    weeks = cv.BGNBD(r=0.243, alpha=30.9 / 7, a=0.793, b=2.426, unit="W")
    assert_allclose(weeks.p_alive(x, t_x / 7, T / 7), days.p_alive(x, t_x, T), rtol=1e-12)
    assert_allclose(weeks.expected_purchases(52, x, t_x / 7, T / 7), days.expected_purchases(364, x, t_x, T),
                    rtol=1e-12)
    assert_allclose(weeks.dert(x, t_x / 7, T / 7, discount=0.1), days.dert(x, t_x, T, discount=0.1), rtol=1e-12)
