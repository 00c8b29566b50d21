"""N3: units, the order of rows, and copies in place of weights do not change fits and predictions."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv

TIMES = {"weeks": 1 / 7, "seconds": 86_400.0, "years": 4 / 1461}


@pytest.mark.parametrize("model", [cv.BGNBD, cv.MBGNBD])
@pytest.mark.parametrize("unit", TIMES)
def test_the_unit_of_time_rescales_a_fit_and_nothing_else(model, unit):
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
def test_the_unit_of_money_rescales_a_fit_and_nothing_else(times):
    x, _, _, m_x = histories.cdnow()
    one, other = cv.GammaGamma().fit(x, m_x), cv.GammaGamma().fit(x, m_x * times)
    assert_allclose([other.params_["p"], other.params_["q"], other.params_["gamma"] / times],
                    list(one.params_.values()), rtol=1e-9)
    assert_allclose(other.expected_spend(x, m_x * times), one.expected_spend(x, m_x) * times, rtol=1e-9)


@pytest.mark.parametrize("n", [2357, 60_000])
def test_the_order_of_rows_does_not_change_a_fit(n):
    columns = histories.cdnow()[:3] if n == 2357 else histories.simulate(n, 0.5, 5.0, 0.8, 2.5, seed=1)
    order = np.random.default_rng(5).permutation(n)
    one, other = cv.BGNBD().fit(*columns), cv.BGNBD().fit(*(c[order] for c in columns))
    assert one.status_ == other.status_ == "converged"
    assert_allclose(list(other.params_.values()), list(one.params_.values()), rtol=1e-8)


def test_predictions_do_not_depend_on_the_unit():
    x, t_x, T = (np.array(v) for v in ([0.0, 2.0, 26.0], [0.0, 30.0, 200.0], [200.0, 273.0, 217.0]))
    days = cv.BGNBD(r=0.243, alpha=30.9, a=0.793, b=2.426, unit="D")
    weeks = cv.BGNBD(r=0.243, alpha=30.9 / 7, a=0.793, b=2.426, unit="W")
    assert_allclose(weeks.p_alive(x, t_x / 7, T / 7), days.p_alive(x, t_x, T), rtol=1e-12)
    assert_allclose(weeks.expected_purchases(52, x, t_x / 7, T / 7), days.expected_purchases(364, x, t_x, T),
                    rtol=1e-12)
    assert_allclose(weeks.dert(x, t_x / 7, T / 7, discount=0.1), days.dert(x, t_x, T, discount=0.1), rtol=1e-12)


MODELS = {                                    # true model, and the power of the unit in each parameter
    "nbd": (cv.NBD(r=0.6, alpha=6), "01"), "mbgnbd": (cv.MBGNBD(r=0.6, alpha=6, a=0.9, b=2.5), "0100"),
    "pnbd": (cv.ParetoNBD(r=0.9, alpha=5, s=0.9, beta=12), "0101"),
    "ggnbd": (cv.GGompertzNBD(r=0.9, alpha=3, b=0.2, s=0.6, beta=20), "01-00"),
    "bgcnbd": (cv.BGCNBD(k=2, r=0.6, alpha=3, a=0.8, b=2.5), "00100"),
    "bgbb": (cv.BGBB(alpha=1.2, beta=0.8, gamma=0.7, delta=2.8), ""),
    "sbg": (cv.ShiftedBetaGeometric(alpha=0.7, beta=3), ""),
    "bdw": (cv.BetaDiscreteWeibull(alpha=0.6, beta=1.8, c=1.4), "")}


@pytest.mark.parametrize("prefix", MODELS)
def test_units_order_and_copies_in_every_model(prefix):
    """Times 7 and 86,400; rows in another order; each customer twice or with weight 2: the same fit to 1e-8."""
    truth, powers = MODELS[prefix]
    n, kind = 500 if prefix == "ggnbd" else 1500, type(truth)          # the slowest model
    ages = 40 if truth.role in ("opportunities", "contracts") else np.linspace(26, 52, n)
    columns = [np.asarray(c, float) for c in truth.simulate(n, ages, seed=8).values()]
    free = kind(**({"k": truth.k} if "k" in truth.names else {}))
    one = kind(**free.get_params()).fit(*columns)
    assert one.status_ == "converged"
    order = np.random.default_rng(5).permutation(n)
    twice = kind(**free.get_params()).fit(*columns, weights=np.full(n, 2.0))
    for other, copies in ((kind(**free.get_params()).fit(*(c[order] for c in columns)), 1), (twice, 2),
                          (kind(**free.get_params()).fit(*(np.tile(c, 2) for c in columns)), 2)):
        assert_allclose(list(other.params_.values()), list(one.params_.values()), rtol=1e-8)
        assert_allclose([other.loglik_, other.n_], [copies * one.loglik_, copies * one.n_], rtol=1e-10)
    power = np.array([{"0": 0, "1": 1, "-": -1}[c] for c in powers])
    for times in (7.0, 86_400.0) if powers else ():
        x, t_x, T, *litt = columns
        litt = [v + x * np.log(times) for v in litt]
        other = kind(**free.get_params()).fit(x, t_x * times, T * times, *litt)
        assert_allclose(list(other.params_.values()), np.array(list(one.params_.values())) * times**power, rtol=1e-8)
        assert_allclose(other.expected_purchases(9 * times, x, t_x * times, T * times),
                        one.expected_purchases(9, x, t_x, T), rtol=1e-7)
