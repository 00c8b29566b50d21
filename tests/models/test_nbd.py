"""NBD: a gamma mixture of Poisson processes, against the negative binomial in NumPy and at 40 digits."""
import histories
import mpmath as mp
import numpy as np
from numpy.testing import assert_allclose

from custval import _core

EXACT = (0.3847661592, 12.0720232635)                       # CDNOW, whole days, to 1e-10
HISTORY = (3, 20, 30)


def test_the_sample():
    """39 weeks at the exact parameters: 2929.82 expected against 1,882, because this model has no dropout."""
    x, t_x, T, _ = histories.cdnow()
    assert_allclose(np.sum(_core.nbd_loglik(x, t_x / 7, T / 7, *EXACT)), -9763.657614672615, rtol=1e-13)
    assert_allclose(np.sum(_core.nbd_expected_purchases(39, x, t_x / 7, T / 7, *EXACT)), 2929.82031, rtol=1e-8)


def test_loglik_against_60_digits():
    with mp.workdps(60):
        for x, T, r, alpha in ((0, 30, 0.38, 12), (3, 30, 0.38, 12), (10_000, 365, 2.5, 1e-3), (7, 1e-3, 1e6, 1e6)):
            r_, a, T_ = mp.mpf(r), mp.mpf(alpha), mp.mpf(T)
            want = mp.loggamma(r_ + x) - mp.loggamma(r_) + r_ * mp.log(a) - (r_ + x) * mp.log(a + T_)
            assert_allclose(_core.nbd_loglik(x, T * (x > 0), T, r, alpha), float(want), rtol=1e-13, atol=1e-14)


def test_there_is_no_dropout():
    assert _core.nbd_p_alive(*HISTORY, *EXACT) == 1
    assert _core.nbd_p_alive_at(1e6, *HISTORY, *EXACT) == 1
    assert _core.nbd_p_purchase(np.inf, *HISTORY, *EXACT) == 1
    assert not hasattr(_core, "nbd_expected_dropout") and not hasattr(_core, "nbd_residual_lifetime")


def test_quantities_of_a_gamma_posterior():
    k, c = EXACT[0] + 3, EXACT[1] + 30
    assert _core.nbd_expected_rate(*HISTORY, *EXACT) == k / c
    assert_allclose(_core.nbd_expected_purchases_between(10, 49, *HISTORY, *EXACT), 39 * k / c, rtol=1e-15)
    assert_allclose(_core.nbd_dert(np.inf, 0.0027, *HISTORY, *EXACT), k / c / 0.0027, rtol=1e-15)
    assert_allclose(_core.nbd_dert(39, 1e-12, *HISTORY, *EXACT), 39 * k / c, rtol=1e-10)
    assert_allclose(_core.nbd_dert(39, 0, *HISTORY, *EXACT), 39 * k / c, rtol=1e-15)
    assert_allclose(_core.nbd_p_purchase(39, *HISTORY, *EXACT), 1 - (c / (c + 39)) ** k, rtol=1e-14)


def test_distribution():
    n = np.arange(2000.0)
    for given in ((), HISTORY):
        kernel = _core.nbd_purchase_pmf_given if given else _core.nbd_purchase_pmf
        mean = _core.nbd_expected_purchases(52, *(given or (0, 0, 0)), *EXACT)
        pmf = kernel(n, 52, *given, *EXACT)
        assert_allclose(np.sum(pmf), 1, rtol=1e-13)
        assert_allclose(np.sum(n * pmf), mean, rtol=1e-12)
    assert_allclose(_core.nbd_purchase_pmf_given(0, 52, *HISTORY, *EXACT),
                    1 - _core.nbd_p_purchase(52, *HISTORY, *EXACT), rtol=1e-14)


def test_next_purchase_inverts_p_purchase():
    q = np.array([1e-12, 0.1, 0.5, 0.999999])
    t = _core.nbd_next_purchase(q, *HISTORY, *EXACT)
    assert_allclose(_core.nbd_p_purchase(t, *HISTORY, *EXACT), q, rtol=1e-14)
    assert _core.nbd_next_purchase(0.9, 0, 0, 0, 1e-6, 1) == np.inf           # e^2e6 units of time


def test_pareto_nbd_without_deaths():
    """Expected: the Pareto/NBD with vanishing death rates."""
    never = (1e-9, 1e9)
    for quantity, first in (("loglik", ()), ("p_purchase", (39,)), ("expected_purchases", (39,)), ("expected_rate", ()),
                            ("next_purchase", (0.5,)), ("purchase_pmf_given", (2, 39)), ("dert", (52, 0.01))):
        assert_allclose(getattr(_core, f"nbd_{quantity}")(*first, *HISTORY, *EXACT),
                        getattr(_core, f"pnbd_{quantity}")(*first, *HISTORY, *EXACT, *never), rtol=1e-13)
