"""MBG/CNBD-k: Platzer and Reutterer (2016). What it shares with BG/CNBD-k is tested in test_bgcnbd.py."""
import numpy as np
from numpy.testing import assert_allclose

from custval import _core

OWN = (0.9, 3.1, 0.8, 2.4)


def test_p_alive_falls_without_repeats():
    """The first purchase is no repeat: at T = 0 a customer is alive with probability b / (a + b), later with less."""
    alive = _core.mbgcnbd_p_alive(0, 0, [0.0, 5.0, 39.0], 3, *OWN)
    assert_allclose(alive[0], 2.4 / 3.2, rtol=1e-15)
    assert (np.diff(alive) < 0).all()
    assert (_core.bgcnbd_p_alive(0, 0, [0.0, 5.0, 39.0], 3, *OWN) == 1).all()


def test_it_equals_bgcnbd_with_one_more_dropout_trial():
    r, alpha, a, b = OWN
    for history in ((1, 1.71, 38), (5, 30.0, 38), (26, 37.5, 38)):
        for k in (1, 3, 12):
            assert_allclose(_core.mbgcnbd_p_alive(*history, k, *OWN),
                            _core.bgcnbd_p_alive(*history, k, r, alpha, a, b + 1), rtol=1e-14)
            assert_allclose(_core.mbgcnbd_loglik(*history, 2.5, k, *OWN) - np.log(b / (a + b)),
                            _core.bgcnbd_loglik(*history, 2.5, k, r, alpha, a, b + 1), rtol=1e-13)
    for k in (3, 12):
        assert_allclose(_core.mbgcnbd_expected_purchases_new(39, k, *OWN),
                        b / (a + b) * _core.bgcnbd_expected_purchases_new(39, k, r, alpha, a, b + 1), rtol=1e-13)
        assert_allclose(_core.mbgcnbd_purchase_pmf([1, 2, 300], 39, k, *OWN),
                        b / (a + b) * _core.bgcnbd_purchase_pmf([1, 2, 300], 39, k, r, alpha, a, b + 1), rtol=1e-13)
