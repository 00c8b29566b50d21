"""BG/NBD: the numbers of the papers and notes. FHL (2005) is Fader, Hardie and Lee, Marketing Science 24(2)."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

CDNOW = (0.243, 4.414, 0.793, 2.426)                        # FHL (2005), table 2
EXACT = (0.2425945304891, 4.4136023365, 0.7929219519, 2.4259065867)     # to 1e-10, whole days
BTYD = (0.2425982, 4.4136842, 0.7929899, 2.4261667)           # the fit of the BTYD walkthrough
RATE = np.log(1.15) / 52


@pytest.fixture(scope="module")
def cdnow():
    """Return x, t_x, T of 2,357 customers in weeks of whole days."""
    x, t_x, T, _ = histories.cdnow()
    return x, t_x / 7, T / 7


@pytest.mark.parametrize("x, t_x, want", [(0, 0, -0.59947382), (200, 38, 100.7957)])
def test_loglik_of_hardie_note_027(x, t_x, want):
    assert_allclose(_core.bgnbd_loglik(x, t_x, 40, 0.25, 4.0, 0.8, 2.5), want, rtol=1e-6)


def test_loglik_in_40_digits():
    assert_allclose(_core.bgnbd_loglik(4, 30.7, 38.9, *CDNOW), -15.3293523557070883, rtol=1e-14)


def test_loglik_of_the_sample(cdnow):
    assert_allclose(np.sum(_core.bgnbd_loglik(*cdnow, *EXACT)), -9582.429206673929, rtol=1e-13)
    assert round(np.sum(_core.bgnbd_loglik(*cdnow, *CDNOW)), 1) == -9582.4      # FHL (2005), table 2


def test_forecast_of_the_sample(cdnow):
    """39 weeks at the exact parameters; 1,882 purchases followed."""
    assert_allclose(np.sum(_core.bgnbd_expected_purchases(39, *cdnow, *EXACT)), 1653.40873, rtol=1e-8)
    assert_allclose(np.sum(_core.bgnbd_p_alive(*cdnow, *EXACT)), 1917.27768, rtol=1e-8)


@pytest.mark.parametrize("x, want", [(10, 0.3474606), (15, 0.04283391), (20, 0.004158973), (25, 0.0003583685)])
def test_more_purchases_then_silence_of_the_btyd_walkthrough(x, want):
    assert_allclose(_core.bgnbd_expected_purchases(52, x, 20, 39, *BTYD), want, rtol=1e-5)


def test_customer_1516_of_the_btyd_walkthrough():
    history = (26, 30.857142857, 31)
    assert_allclose(_core.bgnbd_expected_purchases(52, *history, *BTYD), 25.75659, rtol=1e-5)
    assert_allclose(_core.bgnbd_p_alive(*history, *BTYD), 0.9688523, rtol=1e-5)
    assert_allclose(_core.bgnbd_expected_purchases_new(52, *BTYD), 1.444004, rtol=1e-5)


@pytest.mark.parametrize("t, want, printed", [
    (0.1429, 0.00782834751607, 0.0078), (1, 0.0532678911717, 0.0532), (3, 0.150865230893, 0.1506),
    (31.8571, 1.04199606085, 1.0405), (32, 1.04524332837, 1.0437), (78, 1.86051905794, 1.8576),
])
def test_expected_purchases_new_of_hardie_note_004(t, want, printed):
    """Numbers of the spreadsheet, printed at its own fit, and computed at the rounded parameters."""
    got = _core.bgnbd_expected_purchases_new(t, *CDNOW)
    assert_allclose(got, want, rtol=1e-11)
    assert_allclose(got, printed, rtol=6e-3)


@pytest.mark.parametrize("k, t, want, rtol", [
    (10, 2, 1.07868964037e-7, 1e-11), (0, 39, 0.573786352096, 1e-11), (11, 30, 0.001999521447, 1e-9),
    (12, 30, 0.00151702363, 1e-8), (13, 30, 0.001163315007, 1e-9), (300, 30, 6.084072804e-23, 1e-9),
])
def test_purchase_pmf(k, t, want, rtol):
    """Computed at 40 digits from FHL (2005), equation 8."""
    assert_allclose(_core.bgnbd_purchase_pmf(k, t, *CDNOW), want, rtol=rtol)


def test_dert_by_quadrature():
    """Expected at 50 digits by the integral over p, without a closed form."""
    assert_allclose(_core.bgnbd_dert(np.inf, RATE, 2, 30.43, 38.86, *CDNOW), 5.169553928437, rtol=1e-12)


def test_quantities_depend_on_the_unit_by_scale_only():
    r, alpha, a, b = CDNOW
    for factor in (7.0, 86400.0):
        days = (2, 30.43 * factor, 38.86 * factor)
        other = (r, alpha * factor, a, b)
        for quantity, weeks_first, days_first in (
                ("p_alive", (), ()), ("expected_purchases", (39,), (39 * factor,)),
                ("dert", (np.inf, RATE), (np.inf, RATE / factor))):
            kernel = getattr(_core, f"bgnbd_{quantity}")
            assert_allclose(kernel(*days_first, *days, *other), kernel(*weeks_first, 2, 30.43, 38.86, *CDNOW),
                            rtol=1e-12)
        assert_allclose(_core.bgnbd_loglik(*days, *other) + 2 * np.log(factor),
                        _core.bgnbd_loglik(2, 30.43, 38.86, *CDNOW), rtol=1e-12)


def test_many_draws_of_parameters_at_once():
    """Parameters of shape (50, 1) against customers of shape (n,) give (50, n)."""
    r = np.linspace(0.2, 0.3, 50)[:, None]
    assert _core.bgnbd_p_alive([0, 2, 26], [0, 30.43, 30.86], [38.86, 38.86, 31], r, *CDNOW[1:]).shape == (50, 3)


def test_the_future_of_customer_1():
    """CDNOW (2, 30.43, 38.86). P(alive) after another year: 40 digits of 2F1(k, a; a + b + 2; -52 / 43.274); the rest
    by hand from P(alive) = .7265785700806729 (case 196 of reference/cases.csv).
    """
    alive, one = 0.72657857008067291, (2, 30.43, 38.86, *CDNOW)
    assert_allclose(_core.bgnbd_p_alive_at(52, *one), 0.53164618941630067, rtol=1e-13)
    assert_allclose(_core.bgnbd_p_purchase(52, *one), alive * (1 - (43.274 / 95.274) ** 2.243), rtol=1e-13)
    assert_allclose(_core.bgnbd_next_purchase(0.5, *one), 43.274 * ((1 - 0.5 / alive) ** (-1 / 2.243) - 1), rtol=1e-12)
    assert_allclose(_core.bgnbd_expected_dropout(*one), (0.793 + 1 - alive) / (0.793 + 4.426), rtol=1e-14)
    assert_allclose(_core.bgnbd_expected_rate(*one), 2.243 * (alive / 43.274 + (1 - alive) / 34.844), rtol=1e-14)
    assert np.isinf(_core.bgnbd_next_purchase(0.73, *one)) and np.isinf(_core.bgnbd_residual_lifetime(*one))
    with np.errstate(invalid="ignore"):
        assert np.isnan(_core.bgnbd_next_purchase([0, 1], *one)).all()
