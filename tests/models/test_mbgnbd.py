"""MBG/NBD: Batislam, Denizel and Filiztekin (2007); customers may drop out right after the first purchase."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

CDNOW = (0.525, 6.183, 0.891, 1.614)
EXACT = (0.5248431754, 6.1830852610, 0.8913594158, 1.6140022588)        # to 1e-10, whole days


def test_loglik_in_40_digits():
    """At the parameters of FHL (2005)."""
    assert_allclose(_core.mbgnbd_loglik(4, 30.7, 38.9, 0.243, 4.414, 0.793, 2.426), -15.4874360778924646, rtol=1e-14)


def test_loglik_of_the_sample():
    x, t_x, T, _ = histories.cdnow()
    assert_allclose(np.sum(_core.mbgnbd_loglik(x, t_x / 7, T / 7, *EXACT)), -9582.135715553748, rtol=1e-13)


@pytest.mark.parametrize("T, want", [(0, 1.614 / (0.891 + 1.614)), (38.86, 0.3897350809187629),
                                     (730, 0.12839744676514891)])
def test_p_alive_falls_without_repeats(T, want):
    """lifetimes #239 and six more issues: with BG/NBD this is exactly 1 for every T."""
    assert_allclose(_core.mbgnbd_p_alive(0, 0, T, *CDNOW), want, rtol=1e-14)


def test_it_equals_bgnbd_with_one_more_dropout_trial():
    """At every x it is BG/NBD with b + 1 for b, times the probability of being alive at all, b / (a + b)."""
    r, alpha, a, b = CDNOW
    for x, t_x in ((1, 1.71), (5, 30.0), (26, 30.86)):
        assert_allclose(_core.mbgnbd_p_alive(x, t_x, 38, *CDNOW), _core.bgnbd_p_alive(x, t_x, 38, r, alpha, a, b + 1),
                        rtol=1e-14)
        assert_allclose(_core.mbgnbd_loglik(x, t_x, 38, *CDNOW) - np.log(b / (a + b)),
                        _core.bgnbd_loglik(x, t_x, 38, r, alpha, a, b + 1), rtol=1e-13)
    assert_allclose(_core.mbgnbd_expected_purchases_new(39, *CDNOW),
                    b / (a + b) * _core.bgnbd_expected_purchases_new(39, r, alpha, a, b + 1), rtol=1e-13)
    assert_allclose(_core.mbgnbd_purchase_pmf([1, 2, 300], 39, *CDNOW),
                    b / (a + b) * _core.bgnbd_purchase_pmf([1, 2, 300], 39, r, alpha, a, b + 1), rtol=1e-13)
