"""Special functions against mpmath at 40 digits; the limits are the errors that special.c states."""
import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

mpmath.mp.dps = 40

ONE = {
    "lgamma": (mpmath.loggamma, 1e-14),
    "digamma": (mpmath.digamma, 2e-15),
    "trigamma": (lambda z: mpmath.psi(1, z), 1e-15),
}
TWO = {
    "lpoch": (lambda b, x: mpmath.loggamma(b + x) - mpmath.loggamma(b), 8e-15),
    "dpoch": (lambda b, x: mpmath.digamma(b + x) - mpmath.digamma(b), 1e-15),
    "tpoch": (lambda b, x: mpmath.psi(1, b + x) - mpmath.psi(1, b), 1e-15),
}


def worst(got, want):
    """Return the largest error over max(1, abs value), subtracted at 40 digits."""
    return max(float(abs(mpmath.mpf(float(g)) - w) / max(1, abs(w))) for g, w in zip(got, want, strict=True))


@pytest.fixture
def points():
    random = np.random.default_rng(2005)
    b, x = 10 ** random.uniform(-8, 8, 1000), 10 ** random.uniform(-3, 4, 1000)
    x[::2] = np.ceil(x[::2])
    return b, x


@pytest.mark.parametrize("name", ONE)
def test_one_argument_meets_its_stated_error(name, points):
    reference, error = ONE[name]
    z = points[0]
    assert worst(getattr(_core, name)(z), [reference(mpmath.mpf(v)) for v in z]) <= error


@pytest.mark.parametrize("name", TWO)
def test_two_arguments_meet_their_stated_error(name, points):
    reference, error = TWO[name]
    want = [reference(mpmath.mpf(b), mpmath.mpf(x)) for b, x in zip(*points, strict=True)]
    assert worst(getattr(_core, name)(*points), want) <= error


@pytest.mark.parametrize("name", TWO)
def test_a_shift_of_0_gives_exactly_0(name):
    assert getattr(_core, name)([1e-6, 0.243, 11.99, 12, 1e6], 0).tolist() == [0] * 5


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("b", [0.243, 11.5, 12.5, 1e6])
def test_product_and_series_agree_at_40(name, b):
    function = getattr(_core, name)
    assert_allclose(function(b, 40), function(b, math.nextafter(40, 41)), rtol=1e-14)


@pytest.mark.parametrize("name", [*ONE, *TWO])
@pytest.mark.parametrize("z", [0.0, -1.0, -0.5])
def test_outside_the_domain_is_invalid(name, z):
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match=name):
        getattr(_core, name)(*[z, 1.0][: 2 if name in TWO else 1])


@pytest.mark.parametrize("name", ["dpoch", "tpoch"])
@pytest.mark.parametrize("least, error", [(1e-2, 1e-15), (1e-4, 3e-14), (1e-8, 2e-10)])
def test_small_shifts_meet_their_relative_error(name, least, error):
    b, x = (10 ** np.random.default_rng(5).uniform(low, high, 200) for low, high in ((-8, 8), (np.log10(least), 0)))
    want = [TWO[name][0](mpmath.mpf(u), mpmath.mpf(v)) for u, v in zip(b, x, strict=True)]
    got = getattr(_core, name)(b, x)
    assert max(float(abs(mpmath.mpf(float(g)) / w - 1)) for g, w in zip(got, want, strict=True)) <= error


def test_a_shift_far_above_the_argument_keeps_its_digits():
    for b, x in ((.5, 1e30), (1e-6, 1e18), (1e-50, 1e150), (11.9, 1.1e17)):
        want = mpmath.loggamma(mpmath.mpf(b) + mpmath.mpf(x)) - mpmath.loggamma(b)
        assert abs(_core.lpoch(b, x) / float(want) - 1) < 1e-15


def test_a_horizon_that_overflows_is_outside_the_domain():
    with np.errstate(over="ignore", invalid="raise"), pytest.raises(FloatingPointError, match="invalid"):
        _core.bgnbd_purchase_pmf(2, 1e300, .2, 1e-10, 1, 1)
