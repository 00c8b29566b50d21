"""The bootstrap: Poisson weights, refits that equal weighted fits, bits fixed by the seed."""
import histories
import numpy as np
import pytest

import custval as cv
from custval import _core

FREE = np.full(4, np.nan)


def cdnow():
    x, t_x, T, _ = histories.cdnow()
    return x, t_x, T


def sets(columns, replicates, seed=1, weights=None, estimate=(0.2426, 30.9, 0.793, 2.426)):
    return _core.bootstrap("bgnbd", columns, weights, FREE, 100, ((), ()), 0.0, np.array(estimate),
                           replicates, seed).reshape(replicates, 4)


@pytest.mark.parametrize("kind", [cv.NBD, cv.BGNBD, cv.ParetoNBD])
def test_a_replicate_is_the_fit_of_weighted_histories(kind):
    rows, count = np.unique(np.stack(cdnow()), axis=1, return_counts=True)        # sorted by x, t_x, T, as in the core
    model = kind().fit(*cdnow())
    found = np.stack(list(model.bootstrap(*cdnow(), replicates=2, seed=5).parameters.values()), axis=1)
    for b in range(2):
        again = kind().fit(*rows, weights=drawn(5, b, count))
        np.testing.assert_allclose(found[b], again.parameters(), rtol=1e-6)
        assert np.abs(found[b] / np.array(model.parameters()) - 1).max() > 1e-3


def drawn(seed, replicate, count):
    """Draw the weights as bootstrap.c does: one word for a row with count 1, else a Poisson draw of its own."""
    import math
    tail = [int(2**32 * math.fsum(math.exp(-1) / math.factorial(j) for j in range(k + 1))) for k in range(12)]
    out = np.empty(len(count))
    for i, c in enumerate(count):
        if c == 1:
            word = philox([0, replicate, i // 4, 4], seed)[i % 4]
            out[i] = sum(word >= t for t in tail)
        else:
            out[i] = poisson(Words(seed, [0, replicate, i, 5]), float(c))
    return out


class Words:
    """The uniform numbers of one address of the generator."""

    def __init__(self, seed, counter):
        self.seed, self.counter, self.rest = seed, counter, []

    def uniform(self):
        if not self.rest:
            self.rest = philox(self.counter, self.seed)
            self.counter = [self.counter[0] + 1, *self.counter[1:]]
        high, low, *self.rest = self.rest
        return ((high << 20 | low >> 12) + 0.5) / 2**52


def philox(counter, seed):
    a, b, c, d = counter
    k, l = seed % 2**32, seed >> 32                                              # noqa: E741
    for _ in range(10):
        left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = right >> 32 ^ b ^ k, right % 2**32, left >> 32 ^ d ^ l, left % 2**32
        k, l = (k + 0x9E3779B9) % 2**32, (l + 0xBB67AE85) % 2**32                # noqa: E741
    return [a, b, c, d]


def poisson(words, mean):
    """Inversion below 10, Hoermann's PTRS above."""
    from math import exp, floor, lgamma, log, sqrt
    if mean < 10:
        rest, chance, k = words.uniform(), exp(-mean), 0
        while rest > chance:
            rest, k = rest - chance, k + 1
            chance *= mean / k
        return k
    b = 0.931 + 2.53 * sqrt(mean)
    a, area, inner = -0.059 + 0.02483 * b, log(1.1239 + 1.1328 / (b - 3.4)), 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = words.uniform() - 0.5, words.uniform()
        s = 0.5 - abs(u)
        k = floor((2 * a / s + b) * u + mean + 0.43)
        if s >= 0.07 and v <= inner:
            return k
        if k >= 0 and (s >= 0.013 or v <= s) and \
                log(v) + area - log(a / (s * s) + b) <= k * log(mean) - mean - lgamma(k + 1):
            return k


def test_draws_do_not_depend_on_order_compression_or_number():
    x, t_x, T = cdnow()
    found = sets((x, t_x, T), 6)
    order = np.random.default_rng(1).permutation(len(x))
    np.testing.assert_allclose(sets((x[order], t_x[order], T[order]), 3), found[:3], rtol=1e-9)
    rows, count = np.unique(np.stack((x, t_x, T)), axis=1, return_counts=True)
    np.testing.assert_allclose(sets(tuple(rows), 6, weights=count.astype(float)), found, rtol=1e-9)
    np.testing.assert_array_equal(sets((x, t_x, T), 2), found[:2])
    assert (sets((x, t_x, T), 6, seed=2) != found).all()


def test_standard_errors_approach_those_of_the_hessian():
    truth = cv.MBGNBD(r=0.6, alpha=6, a=0.9, b=2.5)
    data = truth.simulate(20_000, 52.0, seed=1)
    model = cv.MBGNBD().fit(data)
    table = model.bootstrap(data, replicates=400).summary()
    np.testing.assert_allclose(table["se"], list(model.se_.values()), rtol=0.15)     # 400 replicates give it to 4 %
    spend = cv.GammaGamma(p=6, q=4, gamma=15)
    m_x = spend.simulate(data["x"], seed=1)
    money = cv.GammaGamma().fit(data["x"], m_x)
    table = money.bootstrap(data["x"], m_x, replicates=400).summary()
    np.testing.assert_allclose(table["se"], list(money.se_.values()), rtol=0.15)


def test_fixed_parameters_stay_fixed():
    model = cv.BGNBD(b=2.5).fit(*cdnow())
    found = model.bootstrap(*cdnow(), replicates=10)
    assert (found.parameters["b"] == 2.5).all() and found.parameters["a"].std() > 0


def test_replicates_without_optimum_are_counted():
    x, t_x, T = (column[:60] for column in cdnow())
    model = cv.BGNBD(b=2.4).fit(x, t_x, T)
    found = model.bootstrap(x, t_x, T, replicates=100, seed=3)
    assert 0 < found.failed < 100 and len(found.parameters["r"]) == 100 - found.failed
    assert f"{found.failed} without optimum" in repr(found)


@pytest.mark.parametrize("call, error, words", [
    (lambda m: m.bootstrap(*cdnow(), replicates=0), cv.ConfigError, "replicates=0"),
    (lambda m: m.bootstrap(*cdnow(), seed=-1), cv.ConfigError, "seed=-1"),
    (lambda m: m.bootstrap([1.0], [3.0], [2.0]), cv.DataError, "after the end of observation"),
    (lambda m: m.bootstrap(*cdnow()).summary(level=95), cv.ConfigError, "level=95"),
    (lambda m: cv.BGNBD(r=1, alpha=1, a=1, b=1).bootstrap(*cdnow()), cv.FitError, "all parameters were given"),
    (lambda m: cv.BGNBD().bootstrap(*cdnow()), cv.FitError, "not fitted"),
])
def test_invalid_arguments_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(cv.BGNBD().fit(*cdnow()))


def test_coefficients_of_covariates_are_resampled():
    """A replicate is the weighted fit; its rows are sorted by x, each a customer of its own."""
    g = np.random.default_rng(2)
    slow, fast = (cv.BGNBD(r=0.6, alpha=alpha, a=0.8, b=2.5).simulate(1500, 52.0, seed=alpha) for alpha in (6, 4))
    frame = {name: np.concatenate([slow[name], fast[name]]) for name in slow}
    x = frame["x"]
    frame |= {"z": np.repeat([1.0, 3.0], 1500), "w": g.integers(0, 2, 3000)}
    model = cv.BGNBD(b=2.5, rate_covariates=["z"], dropout_covariates=["w"]).fit(frame)
    found = model.bootstrap(frame, replicates=30, seed=4)
    assert found.failed == 0 and set(found.parameters) == set(model.names)
    weights = np.empty(3000)
    weights[np.argsort(x, kind="stable")] = drawn(4, 0, np.ones(3000))
    again = type(model)(**model.get_params()).fit(frame, weights=weights)
    np.testing.assert_allclose(found.parameters["rate:z"][0], again.params_["rate:z"], rtol=1e-6)
    assert 0.6 < found.parameters["rate:z"].std() / model.se_["rate:z"] < 1.5
