"""Covariates: the likelihood is that of each customer's own parameters; derivatives, recovery, nesting."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

POINTS = {"bgnbd": (0.3, 3.7, 0.6, 1.9), "mbgnbd": (0.9, 40.0, 14.0, 0.2)}


def sigma(v):
    return 1 / (1 + np.exp(-v))


def own(word, point, rate, dropout):
    """Return each customer's parameters, written as the definition says."""
    r, alpha, a, b = point
    chance = sigma(np.log(a / b) + dropout)
    return np.full_like(rate, r), alpha * np.exp(-rate), (a + b) * chance, (a + b) * (1 - chance)


def world(n=400, seed=1):
    g = np.random.default_rng(seed)
    x, t_x, T = histories.simulate(n, 0.5, 5.0, 0.8, 2.5, seed=seed)
    return (x, t_x, T), g.normal(1, 2, n), g.integers(0, 2, n).astype(float), g.uniform(0, 3, n)


@pytest.mark.parametrize("word", POINTS)
def test_the_likelihood_is_that_of_own_parameters(word):
    columns, u, v, weights = world()
    coefficients = np.array([0.3, -0.2, 0.5])
    found, _, _ = _core.likelihood(word, columns, weights, np.append(POINTS[word], coefficients), True, (u, v), (v,))
    theirs = own(word, POINTS[word], 0.3 * u - 0.2 * v, 0.5 * v)
    ours = _core.own_parameters(word, np.append(POINTS[word], coefficients), len(u), (u, v), (v,))
    assert_allclose(found, (weights * getattr(_core, f"{word}_loglik")(*columns, *theirs)).sum(), rtol=1e-13)
    assert_allclose(ours, theirs, rtol=1e-14)


@pytest.mark.parametrize("word", POINTS)
def test_derivatives_are_those_of_the_value(word):
    columns, u, v, weights = world()
    point = np.append(POINTS[word], [0.3, -0.2, 0.5])

    def at(p):
        return _core.likelihood(word, columns, weights, p, True, (u, v), (v,))

    _, gradient, hessian = at(point)
    hessian = hessian.reshape(7, 7)
    for i in range(7):
        step = np.zeros(7)
        step[i] = 1e-5 * max(1, abs(point[i]))
        up, down = at(point + step), at(point - step)
        assert_allclose(gradient[i], (up[0] - down[0]) / (2 * step[i]), rtol=1e-6, atol=1e-6 * np.abs(gradient).max())
        assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step[i]), rtol=1e-5, atol=1e-6 * np.abs(hessian).max())


def test_fits_find_the_truth_and_are_above_the_nested_model():
    g = np.random.default_rng(12)
    n = 20_000
    u, v = g.normal(40, 12, n), g.integers(0, 2, n).astype(float)
    x, t_x, T = histories.simulate(n, *own("bgnbd", (0.8, 10.0, 1.2, 3.0), 0.03 * (u - 40), 0.7 * v), seed=4)
    free = np.full(7, np.nan)
    status, found, cov, _, _, loglik, *_ = _core.fit("bgnbd", (x, t_x, T), None, free, True, 100, (u, v), (v,), 0.0)
    se = np.sqrt(np.diag(cov.reshape(7, 7)))
    assert status == "converged"
    assert (np.abs(found[4:] - [0.03, 0, 0.7]) < 3.5 * se[4:]).all() and (se[4:] < [0.002, 0.05, 0.12]).all()
    assert loglik > _core.fit("bgnbd", (x, t_x, T), None, free[:4], True, 100)[5] + 100
    held = free.copy()
    held[[4, 5, 6]] = 0
    nested = _core.fit("bgnbd", (x, t_x, T), None, held, True, 100, (u, v), (v,), 0.0)
    assert_allclose(nested[5], _core.fit("bgnbd", (x, t_x, T), None, free[:4], True, 100)[5], rtol=1e-12)
    shrunk = _core.fit("bgnbd", (x, t_x, T), None, free, True, 100, (u, v), (v,), 500.0)
    assert shrunk[0] == "converged" and shrunk[5] < loglik and 0 < shrunk[1][6] < found[6]
    # units of a covariate change its coefficient only
    scaled = _core.fit("bgnbd", (x, t_x, T), None, free, True, 100, (u / 1000 + 5, v), (v,), 0.0)
    assert_allclose(scaled[1], found * [1, 1, 1, 1, 1000, 1, 1], rtol=1e-7)


def test_a_constant_or_bad_covariate_is_refused():
    columns, u, *_ = world()
    for bad in (np.ones_like(u), np.where(u > 3, np.nan, u), np.where(u > 3, np.inf, u)):
        assert _core.fit("bgnbd", columns, None, np.full(5, np.nan), True, 100, (bad,), (), 0.0)[0] == "bad_data"
    with pytest.raises(ValueError, match="takes no covariates"):
        _core.fit("gg", (columns[0], u), None, np.full(4, np.nan), True, 100, (u,), (), 0.0)
