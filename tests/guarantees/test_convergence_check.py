"""M1: `converged` means gradient, curvature, interior, improvement over the start and a second start are checked.

On 200 simulated bases, 50 interrupted fits and the known cases of failure, every `converged` is checked independently.
"""
import chaos
import histories
import numpy as np
import pytest

import custval as cv
from custval import _core

NAMES = {"bgnbd": 4, "mbgnbd": 4, "gg": 3}


def fit(prefix, x, t_x, T, limit=100):
    columns = tuple(c for c in (x, t_x, T) if c is not None)
    return _core.fit(prefix, columns, None, np.full(NAMES[prefix], np.nan), limit)


def scaled_derivatives(prefix, columns, parameters):
    """Return gradient and Hessian of the mean log-likelihood in log-parameters."""
    k, n = NAMES[prefix], np.count_nonzero(columns[0] >= (prefix == "gg"))
    _, gradient, hessian = _core.likelihood(prefix, columns, None, parameters)
    slope = parameters * gradient / n
    return slope, np.outer(parameters, parameters) * hessian.reshape(k, k) / n + np.diag(slope)


def check(prefix, columns, got):
    """Return whether a fit converged; a `converged` has to pass every independent check."""
    if got[0] != "converged":
        return False
    columns = tuple(c for c in columns if c is not None)
    slope, curve = scaled_derivatives(prefix, columns, got[1])
    values = np.linalg.eigvalsh(-curve)
    assert np.abs(slope).max() <= 1e-6 and values[0] > 0 and values[-1] < 1e10 * values[0]
    g = np.random.default_rng(7)
    for size in (1e-4, 1e-2, 0.3, 2.0):
        near = got[1] * np.exp(g.normal(0, size, len(got[1])))
        assert _core.likelihood(prefix, columns, None, near)[0] <= got[5] + 1e-7
    if prefix != "gg":                                          # nested models are no better, even far away
        for times in (0.1, 0.4, 2.5, 10):
            held = _core.fit(prefix, columns, None, np.array([times * got[1][0], *[np.nan] * 3]), 100)
            assert held[5] <= got[5] + 1e-7, times
    return True


def world(seed, n=1500):
    g = np.random.default_rng(seed)
    r, a, b = np.exp(g.uniform(np.log([0.1, 0.2, 0.2]), np.log([3, 3, 8])))
    return r, r * np.exp(g.uniform(np.log(2), np.log(60))), a, b, n


@pytest.mark.parametrize("prefix, m", [("bgnbd", 0), ("mbgnbd", 1)])
def test_simulated_bases(prefix, m):
    converged = 0
    for seed in range(75):
        r, alpha, a, b, n = world(seed)
        columns = histories.simulate(n, r, alpha, a, b, seed, m=m)
        converged += check(prefix, columns, fit(prefix, *columns))
    assert converged >= 45


@pytest.mark.parametrize("seed, tops", [(0, (-1533.5993, -1534.0208)), (6, (-1573.8614, -1573.5225)),
                                        (20, (-1653.1281, -1652.4033)), (45, (-1440.9432, -1440.8343))])
def test_the_higher_of_two_modes_is_found(seed, tops):
    """A likelihood of MBG/NBD can have two modes: here by L-BFGS-B, from (.15, 6, 2, 3) and (.8, 13, .7, .25)."""
    columns = histories.simulate(800, 0.2, 5.5, 1.7, 1.9, seed, m=1)
    got = fit("mbgnbd", *columns)
    assert check("mbgnbd", columns, got)
    assert abs(got[5] - max(tops)) < 1e-4
    tiled = fit("mbgnbd", *(np.tile(column, 70) for column in columns))              # through a fit of a sample
    assert tiled[0] == "converged" and abs(tiled[5] / 70 - max(tops)) < 1e-4


def test_a_ridge_above_a_mode_is_no_optimum():
    """An interior mode at -1422.6194 lies below a ridge a, b -> infinity at -1420.5672."""
    got = fit("mbgnbd", *histories.simulate(800, 0.2, 5.5, 1.7, 1.9, 32, m=1))
    assert got[0] == "flat" and got[5] > -1420.57


def test_simulated_spend():
    converged = 0
    for seed in range(100):
        p, q, gamma = np.exp(np.random.default_rng(seed).uniform(np.log([0.5, 1.5, 1]), np.log([20, 10, 1000])))
        x, m_x = histories.spend(1500, p, q, gamma, seed)
        converged += check("gg", (x, None, m_x), fit("gg", x, None, m_x))
    assert converged >= 90


def purchases(g, n=600):
    """Return n, mean, log_mean and log_SS of customers of a random world of purchases: gamma or log-normal."""
    count = 1 + g.poisson(g.uniform(0.2, 6), n)
    if g.random() < 0.5:
        p, q, gamma = np.exp(g.uniform(np.log([0.5, 1.5, 1]), np.log([20, 10, 1000])))
        each = [g.gamma(p, 1 / rate, k) for rate, k in zip(g.gamma(q, 1 / gamma, n), count, strict=True)]
    else:
        mu, sigma, tau = g.normal(0, 4), *np.exp(g.uniform(np.log(0.05), np.log(2), 2))
        each = [np.exp(g.normal(m, sigma, k)) for m, k in zip(g.normal(mu, tau, n), count, strict=True)]
    logs = [np.log(z) for z in each]
    SS = [0.0 if len(y) == 1 else ((y - y.mean()) ** 2).sum() for y in logs]
    return (count.astype(float), np.array([z.mean() for z in each]), np.array([y.mean() for y in logs]), np.array(SS))


@pytest.mark.parametrize("prefix", ["gg_single", "lognormal"])
def test_simulated_single_purchases(prefix):
    """The gradient in logs (of mu: itself) is 0, the curvature positive, and no point near or far is better."""
    converged, steps = 0, np.random.default_rng(3)
    for seed in range(60):
        n, mean, log_mean, log_SS = purchases(np.random.default_rng(seed))
        columns = (n, mean, log_mean) if prefix == "gg_single" else (n, log_mean, log_SS)
        got = _core.fit(prefix, columns, None, np.full(3, np.nan), 100)
        if got.status != "converged":
            continue
        converged += 1
        unit = np.where([prefix == "lognormal", False, False], 1.0, got.parameters)
        _, gradient, hessian = _core.likelihood(prefix, columns, None, got.parameters)
        slope = unit * gradient / len(n)
        curve = np.linalg.eigvalsh(-np.outer(unit, unit) * hessian.reshape(3, 3) / len(n) - np.diag(slope))
        assert np.abs(slope).max() <= 1e-6 and curve[0] > 0 and curve[-1] < 1e10 * curve[0]
        for size in (1e-4, 1e-2, 0.3, 2.0):
            step = steps.normal(0, size, 3)
            near = np.where(unit == 1, got.parameters + step, got.parameters * np.exp(step))
            assert _core.likelihood(prefix, columns, None, near)[0] <= got.loglik + 1e-7
        for times in (0.1, 0.4, 2.5, 10):
            held = _core.fit(prefix, columns, None, np.array([np.nan, times * got.parameters[1], np.nan]), 100)
            assert held.loglik <= got.loglik + 1e-7
    assert converged >= 54


@pytest.mark.parametrize("prefix", ["bgnbd", "mbgnbd"])
def test_interrupted_fits_are_not_converged(prefix):
    columns = histories.simulate(1500, 0.5, 5, 0.8, 2.5, seed=1)
    passes = fit(prefix, *columns)[7]
    assert passes > 3
    for limit in range(1, passes):
        got = fit(prefix, *columns, limit=limit)
        assert check(prefix, columns, got) == (got[0] == "converged") and (limit > 4 or got[0] != "converged"), limit
        model = getattr(cv, prefix.upper())().fit(*columns, max_passes=limit)
        assert model.status_ == got[0]
        if got[0] != "converged":
            with pytest.raises(cv.FitError, match=got[0]):
                model.p_alive(1, 2, 3)


def test_an_optimum_without_a_second_start_is_not_converged():
    x, t_x, T, _ = histories.cdnow()
    for limit in range(20, 0, -1):
        got = fit("mbgnbd", x, t_x, T, limit=limit)
        if got[0] != "converged":
            break
    np.testing.assert_allclose(got[1], fit("mbgnbd", x, t_x, T)[1], rtol=1e-9)
    assert got[0] == "iteration_limit" and got[8] < 1e-6


def test_flat_data_never_converge_falsely():
    g = np.random.default_rng(3)
    for k in range(20):
        n = int(g.integers(2, 60))
        T = np.full(n, 10.0)
        x = g.poisson(3, n).astype(float)                            # one rate for all, no dropout
        t_x = np.where(x > 0, T * g.random(n) ** (1 / np.maximum(x, 1)), 0)
        for prefix in ("bgnbd", "mbgnbd"):
            check(prefix, (x, t_x, T), fit(prefix, x, t_x, T))
            check(prefix, (x[:2], t_x[:2], T[:2]), fit(prefix, x[:2], t_x[:2], T[:2]))
        spend = np.full(n, 20.0) * np.exp(1e-9 * g.normal(size=n))   # all spend the same
        assert fit("gg", x + 1, None, spend)[0] != "converged", k


def test_one_value_that_is_not_finite_is_bad_data():
    for k in range(20):
        columns = [c.copy() for c in histories.simulate(200, 0.5, 5, 0.8, 2.5, seed=k)]
        columns[k % 3][7 * k % 200] = [np.nan, np.inf, -np.inf][k // 3 % 3]
        assert fit("bgnbd", *columns)[0] == "bad_data"


def test_fits_of_extreme_sizes_converge_or_are_named():
    g = np.random.default_rng(4)
    for scale in (1e-300, 1e-30, 1e30, 1e150, 1e300):
        x, t_x, T = histories.simulate(300, 0.5, 5, 0.8, 2.5, seed=9)
        got = fit("bgnbd", x, t_x * scale, T * scale)
        assert got[0] == "converged"
        np.testing.assert_allclose(got[1][[0, 2, 3]], fit("bgnbd", x, t_x, T)[1][[0, 2, 3]], rtol=1e-6)
        mixed = np.where(g.random(300) < 0.5, scale, 1.0)
        assert fit("bgnbd", x, t_x * mixed, T * mixed)[0] != "bad_data"


def test_published_failures_of_other_packages():
    """A fit stopped at its start, an invalid history, a bot with 5,000 purchases, 9,999 customers over 1,095 days."""
    x, t_x, T, _ = histories.cdnow()
    assert cv.BGNBD().fit(x, t_x, T, max_passes=1).status_ == "not_moved"
    with pytest.raises(cv.DataError):
        cv.BGNBD().fit(np.append(x, 3), np.append(t_x, 0), np.append(T, 9))
    bot = cv.BGNBD().fit(np.append(x, 5000), np.append(t_x, 270), np.append(T, 272))
    assert bot.status_ == "converged" and bot.params_["r"] < 0.2
    large = histories.simulate(9_999, 0.4, 60, 0.6, 2.0, seed=52, end=1095)
    assert check("bgnbd", large, fit("bgnbd", *large))


def test_data_of_every_kind_for_every_model():
    """Tiny, huge, degenerate, and the model's own: 48 data sets here, 1,008 by `python tests/chaos.py`."""
    wrong, statuses = chaos.faults(4, seed=1)
    assert not wrong
    assert sum(count for (_, status), count in statuses.items() if status == "converged") > 8


def test_a_false_convergence_is_detected():
    columns = histories.cdnow()[:3]
    g, model = np.random.default_rng(1), cv.BGNBD().fit(*columns)
    assert not chaos.fault(g, model, columns)
    model.set_fit({"params": model.params_ | {"a": model.params_["a"] * 1.01}})
    model.set_fit({"loglik": chaos.loglik(model, columns)})
    assert "better by" in chaos.fault(g, model, columns)
    model.set_fit({"se": model.se_ | {"r": np.nan}})
    assert chaos.fault(g, model, columns) == "NaN"


# Two modes: found by fits with one parameter fixed, which must never be better than the free fit.
SPEND = [27.9, 2093.83, 2.67, 19.22, .79, 1.51, 2.79, 14.67, 256.59, 23.82, 215.92, 23.69, 164.19, 1631.7, 580.26,
         463.18, 9.16, 9.82, 719.76, 230.16]
X = [100, 0, 1200, 0, 500, 1300, 200, 100, 100, 0, 200, 200, 300, 1300, 300, 1100, 200, 2000, 100, 1400]
T_X = [.7, 0, 53.7, 0, 31.9, 35.8, 12.7, 19.9, 24.3, 0, 14, 17.3, 10.4, 47.2, 23.7, 38.2, 13, 55.1, 5.5, 28]
T = [25.6, 16.9, 53.8, 45, 48.4, 37.1, 39, 34.2, 41.3, 12.3, 21.1, 34.5, 14.1, 51.8, 24.3, 38.2, 18.5, 55.4, 19, 28.1]


@pytest.mark.parametrize("free, held, data", [
    (cv.GammaGamma(), [cv.GammaGamma(gamma=10.0**k) for k in range(-1, 6)], (np.ones(20), SPEND)),
    (cv.MBGNBD(), [cv.MBGNBD(a=a) for a in (0.1, 1, 3, 10)], (X, T_X, T)),
])
def test_no_fit_converges_below_a_second_mode(free, held, data):
    free.fit(*map(np.asarray, data))
    best = max(model.fit(*map(np.asarray, data)).loglik_ for model in held)
    assert free.status_ != "converged" or free.loglik_ >= best - 1e-9
