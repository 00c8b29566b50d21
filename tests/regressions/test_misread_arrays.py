"""Real cases in which a C extension of NumPy misread an array, through ufuncs and through a fit."""
import decimal
import gc
import resource

import histories
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import custval as cv
from custval import _core

OWN = (0.243, 4.414, 0.793, 2.426)


def test_axes_of_length_one_after_a_transpose_are_read_right():
    """bottleneck #381, xarray #5424: axes of length 1 after a transpose carry strides without a meaning."""
    x, t_x, T = (np.tile(c[:1000], 1).reshape(1, 500, 2).transpose(1, 2, 0) for c in histories.cdnow()[:3])
    want = _core.bgnbd_p_alive(*(np.ascontiguousarray(c) for c in (x, t_x, T)), *OWN)
    assert_array_equal(_core.bgnbd_p_alive(x, t_x, T, *OWN), want)


def test_big_endian_input_is_read_right_and_leaks_nothing():
    """bottleneck #351: big-endian input leaked a copy, 60 MB in every call."""
    x, t_x, T = (np.tile(c, 40) for c in histories.cdnow()[:3])
    other = [c.astype(">f8") for c in (x, t_x, T)]
    want = _core.bgnbd_p_alive(x, t_x, T, *OWN)
    assert_array_equal(_core.bgnbd_p_alive(*other, *OWN), want)
    assert cv.BGNBD().fit(*other).loglik_ == cv.BGNBD().fit(x, t_x, T).loglik_
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        _core.bgnbd_p_alive(*other, *OWN)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4096        # KiB; a copy is 737


def test_sliced_float32_is_not_read_beyond_its_end():
    """numpy #25231: a loop over a slice of float32 read beyond its end."""
    for n in (1, 3, 7, 8, 9, 33):
        x, t_x, T = (c[:n + 1].astype(np.float32) for c in histories.cdnow()[:3])
        assert_array_equal(_core.bgnbd_p_alive(x[1:], t_x[1:], T[1:], *OWN),
                           _core.bgnbd_p_alive(x[1:].copy(), t_x[1:].copy(), T[1:].copy(), *OWN))
        assert_array_equal(_core.bgnbd_p_alive(x[::-2], t_x[::-2], T[::-2], *OWN),
                           _core.bgnbd_p_alive(x[::-2].copy(), t_x[::-2].copy(), T[::-2].copy(), *OWN))


@pytest.mark.parametrize("bad", [
    np.array([1, None], object), np.array(["1.5", "2"]), np.array([decimal.Decimal("1.5"), 2], object),
    np.array([b"1", b"2"]), np.array([1, 2j]), np.array(["2025-01-01", "NaT"], "M8[D]"), np.array([1, 2], "m8[s]"),
    np.ones(2, np.longdouble)], ids=lambda bad: str(bad.dtype))
def test_arrays_that_are_not_numbers_are_refused(bad):
    """An extension that converts with NPY_DOUBLE reads None as NaN, and '1.5' and Decimal as numbers."""
    for call in (lambda: _core.bgnbd_p_alive(bad, 1.0, 3.0, *OWN),
                 lambda: cv.BGNBD().fit(bad, np.ones(2), np.full(2, 3.0)),
                 lambda: _core.fit("bgnbd", (bad, np.ones(2), np.ones(2)), None, np.full(4, np.nan), 100)):
        with pytest.raises((TypeError, cv.DataError)):
            call()


def test_masks_are_kept_and_large_integers_refused():
    """An extension that converts with NPY_DOUBLE ignores the mask and rounds integers beyond 2**53."""
    masked = np.ma.array([2.0, 3.0], mask=[False, True])
    assert _core.bgnbd_p_alive(masked, 30.0, 39.0, *OWN).mask.tolist() == [False, True]
    with pytest.raises(cv.DataError, match="column 'x': 1 of 2 values are missing or infinite"):
        cv.BGNBD().fit(masked, np.ones(2), np.full(2, 3.0))
    with pytest.raises(TypeError, match="without a mask"):
        _core.rank(masked, 0)
    with pytest.raises(TypeError, match="without a mask"):
        _core.fit("bgnbd", (np.ones(2), np.ones(2), np.ones(2)), None, np.full(5, np.nan), 9, ((masked,), ()), 0.0)
    with pytest.raises(cv.DataError, match=r"x holds integers beyond 2\*\*53"):
        cv.BGNBD().fit(np.array([1, 2**53 + 2]), np.ones(2), np.full(2, 3.0))
