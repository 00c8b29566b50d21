"""The fit in the core: log-likelihood with derivatives, instruction sets, starting points, weights."""
import histories
import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

FREE = {"bgnbd": np.full(4, np.nan), "mbgnbd": np.full(4, np.nan), "gg": np.full(3, np.nan)}
X = np.array([0, 0, 1, 2, 2, 7, 60, 5000], float)
T_X = np.array([0, 0, 3, 30, 30, 11, 200, 250], float)
T = np.array([0, 5, 3, 39, 39, 40, 260, 260], float)
M_X = np.array([np.nan, np.nan, 12, 0.5, 0.5, 300, 22, 40], float)
W = np.array([1, 3, 2, 1, 0, 0.5, 1, 2], float)
POINTS = {"bgnbd": (0.3, 3.7, 0.6, 1.9), "mbgnbd": (0.9, 40.0, 14.0, 0.2), "gg": (6.25, 3.74, 15.44)}


def fit(prefix, x, t_x, T, weights=None, fixed=None, limit=100):
    return _core.fit(prefix, taken(x, t_x, T), weights, FREE[prefix] if fixed is None else fixed, limit)


def taken(*columns):
    return tuple(column for column in columns if column is not None)


def columns(prefix):
    return (X, None, M_X) if prefix == "gg" else (X, T_X, T)


def loglik(prefix, parameters):
    """Return the log-likelihood by the published formulas at 60 digits (note 025; notes 021, 039)."""
    total = mp.mpf(0)
    for x, t_x, T_, m_x, w in zip(X, T_X, T, M_X, W, strict=True):
        x, t_x, T_ = mp.mpf(int(x)), mp.mpf(float(t_x)), mp.mpf(float(T_))
        if prefix == "gg":
            p, q, gamma = parameters
            m_x = mp.mpf(float(m_x)) if x else mp.mpf(1)
            row = mp.log((gamma ** q * m_x ** (p * x - 1) * x ** (p * x))
                         / (mp.beta(p * x, q) * (gamma + x * m_x) ** (p * x + q))) if x else 0
        else:
            r, alpha, a, b = parameters
            m = int(prefix == "mbgnbd")
            left = a / (b + x - 1 + m) / (alpha + t_x) ** (r + x) if x + m else 0
            row = (mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + mp.log(mp.beta(a, b + x + m))
                   - mp.log(mp.beta(a, b)) + mp.log((alpha + T_) ** -(r + x) + left))
        total += mp.mpf(float(w)) * row
    return total


@pytest.mark.parametrize("prefix", POINTS)
def test_likelihood_and_derivatives_against_60_digits(prefix):
    point, n = POINTS[prefix], len(POINTS[prefix])
    value, gradient, hessian = _core.likelihood(prefix, taken(*columns(prefix)), W, np.array(point))
    hessian = hessian.reshape(n, n)
    with mp.workdps(60):
        at, h = [mp.mpf(v) for v in point], mp.mpf("1e-12")

        def shifted(*steps):
            return loglik(prefix, [v + sum(s for k, s in steps if k == i) for i, v in enumerate(at)])

        assert_allclose(value, float(shifted()), rtol=1e-11 if prefix == "gg" else 1e-14)     # p x log(x m_x) cancels
        for i in range(n):
            first = (shifted((i, h)) - shifted((i, -h))) / (2 * h)
            assert_allclose(gradient[i], float(first), rtol=1e-11, err_msg=f"gradient {i}")
            for k in range(n):
                second = sum(u * v * shifted((i, u * h), (k, v * h)) for u in (1, -1) for v in (1, -1)) / (4 * h * h)
                assert_allclose(hessian[i, k], float(second), rtol=1e-11, err_msg=f"Hessian {i} {k}")


@pytest.mark.parametrize("prefix", ["bgnbd", "mbgnbd"])
def test_base_and_avx2_give_the_same_bits(prefix, same_bits):
    same_bits(f"""
import histories
import numpy as np
for n in (1, 7, 8, 9, 300, 70_001):
    columns = histories.simulate(n, 0.5, 5.0, 0.8, 2.5, seed=n)
    for weights in (None, np.random.default_rng(n).random(n)):
        for point in ([0.3, 3.7, 0.6, 1.9], [40, 1e-3, 1e-4, 1e5]):
            print([np.array(part).tolist() for part in _core.likelihood({prefix!r}, columns, weights, np.array(point))])
    print([np.array(part).tolist() for part in _core.fit({prefix!r}, columns, None, np.full(4, np.nan), 100)])
""")


def test_weights_are_copies():
    x, t_x, T, m_x = histories.cdnow()
    times = 1 + (np.arange(len(x)) % 3)
    for prefix, first in (("bgnbd", t_x), ("gg", None)):
        last = m_x if prefix == "gg" else T
        weighted = fit(prefix, x, first, last, times.astype(float))
        copied = fit(prefix, *(None if c is None else np.repeat(c, times) for c in (x, first, last)))
        assert weighted[0] == copied[0] == "converged"
        assert_allclose(weighted[1], copied[1], rtol=1e-9)
        assert_allclose(weighted[2], copied[2], rtol=1e-7)
        assert_allclose(weighted[5:7], copied[5:7], rtol=1e-12)


def test_a_weight_of_0_is_absence():
    x, t_x, T, _ = histories.cdnow()
    weights = (np.arange(len(x)) % 2).astype(float)
    some = weights > 0
    assert repr(fit("bgnbd", x, t_x, T, weights)[1]) == repr(fit("bgnbd", x[some], t_x[some], T[some])[1])


def test_the_sample_start_leads_to_the_same_optimum():
    x, t_x, T = histories.simulate(60_000, 0.5, 5.0, 0.8, 2.5, seed=5)
    compressed, times = np.unique(np.stack([x, t_x, T]), axis=1, return_counts=True)
    whole, small = fit("bgnbd", x, t_x, T), fit("bgnbd", *compressed, times.astype(float))
    assert compressed.shape[1] < 50_000 < len(x)
    assert whole[0] == small[0] == "converged" and whole[7] < small[7]
    assert_allclose(whole[1], small[1], rtol=1e-8)


def test_a_fixed_parameter_stays_and_the_others_are_optimal_beside_it():
    x, t_x, T, _ = histories.cdnow()
    free = fit("bgnbd", x, t_x, T)
    held = fit("bgnbd", x, t_x, T, fixed=np.array([np.nan, 30.0, np.nan, 2.0]))
    assert held[0] == "converged" and held[1][1] == 30.0 and held[1][3] == 2.0 and held[5] < free[5]
    _, gradient, _ = _core.likelihood("bgnbd", (x, t_x, T), None, held[1])
    assert_allclose(gradient[[0, 2]], 0, atol=1e-6)
    assert (held[2].reshape(4, 4)[[1, 3]] == 0).all()


def test_a_customer_with_very_many_purchases_is_a_group_of_its_own():
    x, t_x, T, _ = histories.cdnow()
    x, t_x, T = (np.append(c, v) for c, v in ((x, [5000, 90_000]), (t_x, [270, 271]), (T, [272, 272])))
    got = fit("bgnbd", x, t_x, T)
    assert got[0] == "converged"
    assert got[6] == len(x)


def test_rows_outside_the_domain_are_bad_data():
    for x, t_x, T in ((-1, 0, 5), (1.5, 1, 5), (1, 6, 5), (0, 1, 5), (1, 0, 5), (1, 1, np.inf), (np.nan, 1, 5),
                      (1, 1, np.nan)):
        arrays = [np.array([v, w]) for v, w in zip((x, t_x, T), (2.0, 3.0, 4.0), strict=True)]
        assert fit("bgnbd", *arrays)[0] == "bad_data"
        with pytest.raises(ValueError, match="outside the domain"):
            _core.likelihood("bgnbd", tuple(arrays), None, np.ones(4))


def test_a_start_at_the_optimum_converges():
    """Every 11th row of 22 copies of the base makes two copies of it, with the optimum of the whole."""
    x, t_x, T, _ = histories.cdnow()
    got = fit("bgnbd", *(np.tile(column, 22) for column in (x, t_x, T)))
    assert got[0] == "converged" and got[7] <= 2
    assert_allclose(got[1], fit("bgnbd", x, t_x, T)[1], rtol=1e-9)


@pytest.mark.parametrize("prefix", POINTS)
def test_the_covariance_is_the_inverse_hessian(prefix):
    x, t_x, T, m_x = histories.cdnow()
    columns = (x, None, m_x) if prefix == "gg" else (x, t_x, T)
    got, k = fit(prefix, *columns), len(POINTS[prefix])
    _, _, hessian = _core.likelihood(prefix, taken(*columns), None, got[1])
    assert_allclose(got[2].reshape(k, k), np.linalg.inv(-hessian.reshape(k, k)), rtol=1e-6)
