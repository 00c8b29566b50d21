"""Joint information of parameters and clock: second derivatives by differences of 50 digits and of the core."""
import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import clock_twin as twin

from custval import _core

PARAMETERS = {"nbd": [.385, 12.1], "bgnbd": [.243, 4.41, .793, 2.43], "mbgnbd": [.525, 6.18, .891, 1.61]}
END, K = 89, 3
PERIOD = np.minimum(np.arange(END + 4) // 30, K - 1)


def world(n, seed=5):
    """Return x, first, last, weight of n customers, and the length of each day."""
    g = np.random.default_rng(seed)
    first = g.integers(-1, END, n)
    x = np.where(first < END - 1, np.minimum(g.poisson(2, n), END - first), 0)
    last = np.where(x > 0, first + np.ceil((END - first) * g.random(n)), first).astype(int)
    return (x, first, last, g.uniform(.5, 3, n)), g.lognormal(0, .3, END + 4) / 7


def columns(x, first, last, lengths):
    until = np.concatenate([[0], np.cumsum(lengths)])
    return x.astype(float), until[last + 1] - until[first + 1], until[END + 1] - until[first + 1]


def information(model, histories, lengths, parameters=None, **other):
    """Return expected (K), mixed (P, K) and second (K, K)."""
    x, first, last, weight = histories
    parameters = np.array(PARAMETERS[model] if parameters is None else parameters)
    call = {"columns": columns(x, first, last, lengths), "weights": weight, "parameters": parameters,
            "first": first.astype(np.int32), "last": last.astype(np.int32), "end": END, "origin": 0,
            "period": PERIOD, "length": lengths} | other
    expected, mixed, second = _core.clock_information(model, *call.values())
    return expected, mixed.reshape(len(parameters), -1), second.reshape(len(expected), -1)


@pytest.mark.parametrize("model", PARAMETERS)
@pytest.mark.parametrize("scale", [1, 100])
def test_second_derivatives_have_12_digits(model, scale):
    """Against differences of the twin's log-likelihood at 50 digits; alpha far below and near the times."""
    histories, lengths = world(5, scale)
    rows = list(zip(*(h.tolist() for h in histories), strict=True))
    parameters = [mpmath.mpf(p) for p in PARAMETERS[model]]
    parameters[1] /= scale
    P = len(parameters)

    def loglik(*point):
        own, days = [p * (1 + e) for p, e in zip(parameters, point[:P], strict=True)], [
            mpmath.mpf(v) * mpmath.exp(point[P + k]) for v, k in zip(lengths.tolist(), PERIOD.tolist(), strict=True)]
        return sum(weight * twin.loglik(model, own, x, *twin.times(first, last, END, days))
                   for x, first, last, weight in rows)

    def derivative(*orders):
        at = {i: orders.count(i) for i in orders}
        return mpmath.diff(lambda *p: loglik(*[p[list(at).index(i)] if i in at else 0 for i in range(P + K)]),
                           (0,) * len(at), tuple(at.values()))

    expected, mixed, second = information(model, histories, lengths, [float(p) for p in parameters])
    for got, want in (
        (expected, [-derivative(P + k) for k in range(K)]),
        (mixed, [[derivative(i, P + k) / parameters[i] for k in range(K)] for i in range(P)]),
        (second, [[derivative(P + k, P + i) for k in range(K)] for i in range(K)]),
    ):
        want = np.array(want, dtype=object)
        assert max(abs(got - want).ravel()) <= 1e-12 * max(abs(want).ravel())
    assert_array_equal(second, second.T)


@pytest.mark.parametrize("model", PARAMETERS)
def test_they_are_differences_of_the_core(model):
    (x, first, last, weight), lengths = world(300)
    step, parameters = 1e-4, np.array(PARAMETERS[model])

    def gradients(k, shift):
        """Return the gradient in u, and in the parameters, with u_k moved."""
        days = lengths * np.exp(np.where(k == PERIOD, shift, 0))
        return (-information(model, (x, first, last, weight), days)[0],
                _core.likelihood(model, columns(x, first, last, days), weight, parameters)[1])

    _, mixed, second = information(model, (x, first, last, weight), lengths)
    for k in range(K):
        near, far = ([a - b for a, b in zip(gradients(k, h), gradients(k, -h), strict=True)] for h in (step, 2 * step))
        slope = [(8 * a - b) / (12 * step) for a, b in zip(near, far, strict=True)]
        assert_allclose(second[:, k], slope[0], atol=1e-9 * abs(second).max(), rtol=0)
        assert_allclose(mixed[:, k], slope[1], atol=1e-9 * abs(mixed).max(), rtol=0)


@pytest.mark.parametrize("model", PARAMETERS)
def test_periods_of_a_day_add_up_to_longer_ones_and_to_the_expected_purchases(model):
    histories, lengths = world(200)
    x, first, last, weight = histories
    fine = information(model, histories, lengths, period=np.arange(END + 4))
    coarse = information(model, histories, lengths)
    join = (PERIOD[:, None] == np.arange(K)).astype(float)
    assert_allclose(fine[0] @ join, coarse[0], rtol=1e-13)
    assert_allclose(fine[1] @ join, coarse[1], rtol=1e-12, atol=1e-13 * abs(coarse[1]).max())
    assert_allclose(join.T @ fine[2] @ join, coarse[2], rtol=1e-12, atol=1e-13 * abs(coarse[2]).max())
    days = _core.clock_expected(model, columns(x, first, last, lengths), weight, np.array(PARAMETERS[model]),
                                first.astype(np.int32), last.astype(np.int32), END, 0, END + 4, 1.0)
    assert_allclose(fine[0], days * lengths, rtol=1e-13, atol=1e-13)


def test_a_clock_that_runs_faster_is_a_smaller_alpha():
    """The scale of all times: with u shifted by 1 and log alpha too, the likelihood gains the purchases, no more."""
    histories, lengths = world(300)
    x, first, last, weight = histories
    for model, parameters in PARAMETERS.items():
        expected, mixed, second = information(model, histories, lengths)
        _, gradient, hessian = _core.likelihood(
            model, columns(x, first, last, lengths), weight, np.array(parameters))
        alpha, size = parameters[1], len(parameters)
        assert alpha * gradient[1] - expected.sum() == pytest.approx(-(weight * x).sum(), rel=1e-12)
        both = alpha * hessian.reshape(size, size)[:, 1] + mixed.sum(1)         # d/dp of the line above
        assert_allclose(both, -np.eye(size)[1] * gradient[1], atol=1e-11 * abs(hessian).max())
        assert_allclose(alpha * mixed[1] + second.sum(1), 0, atol=1e-11 * abs(second).max())


def test_rows_may_be_in_any_order_missing_or_merged():
    histories, lengths = world(400)
    want = information("bgnbd", histories, lengths)
    order = np.random.default_rng(1).permutation(400)
    missing = columns(*(np.repeat(h, 2) for h in histories[:3]), lengths)
    missing[2][1::2] = np.nan
    for got in (information("bgnbd", tuple(h[order] for h in histories), lengths),
                information("bgnbd", tuple(np.repeat(h, 2) for h in histories), lengths, columns=missing)):
        for a, b in zip(got, want, strict=True):
            assert_allclose(a, b, rtol=1e-13, atol=1e-14 * abs(b).max())


@pytest.mark.parametrize("change", [
    {"first": np.array([-2], np.int32)}, {"last": np.array([90], np.int32)}, {"last": np.array([3], np.int32)},
    {"end": 93}, {"end": 7}, {"origin": 5}, {"period": PERIOD[::-1].copy()}, {"period": PERIOD - 1},
    {"period": PERIOD + 4096}, {"length": np.full(END + 4, -1.0)}, {"length": np.full(END + 4, np.nan)},
    {"weights": np.array([np.inf])}, {"period": PERIOD[:0], "length": np.zeros(0)},
    {"columns": (np.array([1.5]), np.ones(1), np.ones(1))}])
def test_numbers_outside_the_domain_are_refused(change):
    one, lengths = tuple(np.array([v]) for v in (2, 3, 20, 1.0)), np.full(END + 4, 1.0)
    assert information("bgnbd", one, lengths)[0][0] > 0
    with pytest.raises(ValueError, match="domain"):
        information("bgnbd", one, lengths, **change)


def test_condensed_models_have_none():
    history, day = (np.ones(3),) * 4, np.zeros(3, np.int32)
    with pytest.raises(ValueError, match="no information"):
        _core.clock_information("bgcnbd", history, None, np.ones(5), day, day, 1, 0, np.zeros(2, int), np.ones(2))
