"""The structure of a shared clock over periods against its slow twin (reference/clock_twin.py), 50 digits."""
import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import clock_twin as twin

from custval import _core

SETTINGS = [[.85, .1, 0, 0, .25, .04], [.85, .3, .01, .9, 0, .04], [0, .03, .02, .5, .1, 0], [1, .2, 0, .9, 0, .1]]


def observations(k, ahead, cycle=12):
    """Return y, variance and place of k periods and some ahead, the last without a place."""
    g = np.random.default_rng(k)
    place = (3 + np.arange(k + ahead)) % cycle
    place[-1] = -1
    return g.normal(0, .2, k), g.uniform(.001, .05, k), place, cycle


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize(("k", "ahead", "cycle"), [(15, 4, 12), (1, 2, 12), (9, 0, 5)])
def test_the_path_has_13_digits(k, ahead, cycle, settings):
    y, variance, place, cycle = observations(k, ahead, cycle)
    got = _core.clock_structure(y, variance, place, cycle, np.array(settings))
    want = twin.structure(y.tolist(), variance.tolist(), place.tolist(), cycle, settings)
    for name, value, target in zip(got.__match_args__, got, want, strict=True):
        target = target if isinstance(target, list) else [target]
        scale = max([abs(t) for t in target] + [mpmath.mpf("1e-3")])
        assert max(abs(mpmath.mpf(float(g)) - t) for g, t in zip(np.atleast_1d(value), target, strict=True)) \
            <= 1e-13 * scale, name


def test_evidence_is_the_loglik_of_each_row():
    data = observations(40, 0)
    got = _core.clock_evidence(*data, np.array(SETTINGS).ravel())
    want = [_core.clock_structure(*data, np.array(row)).loglik for row in SETTINGS]
    assert_array_equal(got, want)


def test_what_is_ahead_changes_nothing_before():
    y, variance, place, cycle = observations(30, 12)
    far, near = (_core.clock_structure(y, variance, place[:n], cycle, np.array(SETTINGS[0])) for n in (42, 30))
    assert_array_equal(far.mean[:30], near.mean)
    assert_array_equal(far.covariance.reshape(42, 42)[:30, :30].ravel(), near.covariance)
    assert far.loglik == near.loglik


def test_without_observations_it_is_the_prior():
    y, variance, place, cycle = observations(0, 8, 4)
    path = _core.clock_structure(y, variance, place, cycle, np.array(SETTINGS[1]))
    level, season = twin.prior(place.tolist(), cycle, *SETTINGS[1][:5])
    want = [float(level[i, j] + season[i, j]) for i in range(8) for j in range(8)]
    assert_allclose(path.covariance, want, rtol=1e-14)
    assert not path.mean.any() and path.loglik == 0


def test_the_level_returns_and_its_variance_grows_to_the_prior():
    y, variance, place, cycle = observations(24, 200)
    path = _core.clock_structure(y, variance, np.full_like(place, -1), cycle, np.array(SETTINGS[0]))
    assert abs(path.mean[-1]) < 1e-12 and not path.season.any()
    assert np.all(np.diff(np.diag(path.covariance.reshape(224, 224))[24:]) >= 0)
    assert path.covariance[-1] == pytest.approx(.01, rel=1e-12)


@pytest.mark.parametrize(("at", "wrong"), [
    (0, [np.nan, 0]), (0, [np.inf, 0]), (1, [-1e-9, 1]), (1, [np.nan, 1]), (2, [0, 1, 12]), (2, [-2, 1, 1]), (3, 0),
    (4, [1.1, .1, 0, 0, 0, 0]), (4, [.8, -.1, 0, 0, 0, 0]), (4, [.8, .1, .1, 1, 0, 0]), (4, [np.nan] * 6),
    (4, [.8, .1, 0, 0, 0]), (4, [.8, 1e200, 0, 0, 0, 0])])
def test_numbers_outside_the_domain_are_refused(at, wrong):
    good = [np.zeros(2), np.ones(2), np.array([0, 1, 2]), 12, np.array(SETTINGS[0])]
    assert _core.clock_structure(*good).mean.tolist() == [0, 0, 0]
    for function in (_core.clock_structure, _core.clock_evidence):
        with pytest.raises(ValueError, match=r"domain|large|fit|entries"):
            function(*good[:at], np.array(wrong) if at != 3 else wrong, *good[at + 1:])


def test_observations_without_error_are_refused():
    with pytest.raises(ValueError, match="without error"):
        _core.clock_structure(np.zeros(3), np.zeros(3), np.full(3, -1), 12, np.array([1, .1, 0, 0, 0, 0.]))
