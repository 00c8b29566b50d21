"""Expected purchases by day on a shared clock: the score in log m, by differences and a twin of 50 digits."""
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import clock_twin as twin

from custval import _core

PARAMETERS = {"nbd": [.385, 12.1], "bgnbd": [.243, 4.41, .793, 2.43], "mbgnbd": [.525, 6.18, .891, 1.61],
              "bgcnbd": [3, .3, 1.5, .793, 2.43], "mbgcnbd": [2, .525, 3.1, .891, 1.61]}
SCORES = ["nbd", "bgnbd", "mbgnbd"]
END, DAY = 89, 1 / 7


def world(n=40, seed=5):
    """Return x, first, last and weight of n customers, and the length of each day of a clock."""
    g = np.random.default_rng(seed)
    first = g.integers(-1, END, n)
    x = np.where(first < END - 1, np.minimum(g.poisson(2, n), END - first), 0)
    last = np.where(x > 0, first + np.ceil((END - first) * g.random(n)), first).astype(int)
    return (x, first, last, g.uniform(.5, 3, n)), g.lognormal(0, .3, END + 1) * DAY


def columns(model, x, first, last, lengths):
    """Return the columns of a fit on the clock."""
    until = np.concatenate([[0], np.cumsum(lengths)])
    t_x, T = until[last + 1] - until[first + 1], until[END + 1] - until[first + 1]
    return (x.astype(float), np.where(x > 0, t_x, 0), T, *([np.zeros(len(x))] if "c" in model else []))


def expected(model, histories, lengths, function=_core.clock_expected, **other):
    x, first, last, weight = histories
    call = {"columns": columns(model, x, first, last, lengths), "weights": weight, "parameters": PARAMETERS[model],
            "first": first.astype(np.int32), "last": last.astype(np.int32), "end": END, "origin": 0, "days": END + 4,
            "day": DAY} | other
    return function(model, *(np.array(v, float) if k == "parameters" else v for k, v in call.items()))


@pytest.mark.parametrize("model", PARAMETERS)
def test_days_agree_with_the_twin(model):
    histories, lengths = world()
    pair = [expected(model, histories, lengths, function) for function in (_core.clock_expected, _core.clock_hidden)]
    wanted = twin.expected(model, PARAMETERS[model], list(zip(*(h.tolist() for h in histories), strict=True)), END,
                           [mpmath.mpf(v) for v in lengths.tolist()], mpmath.mpf(DAY))
    for got, want in zip(pair, wanted, strict=True):
        assert max(abs(mpmath.mpf(float(g)) - w) / w if w else abs(g)
                   for g, w in zip(got, want, strict=False)) < 1e-13
        assert not got[END + 1:].any()
    assert pair[1].any() == ("c" in model)


@pytest.mark.parametrize("model", PARAMETERS)
def test_it_is_the_derivative_of_the_log_likelihood_by_50_digits(model):
    """d log L / d log m = N + (k - 1) share + k m (hidden - expected); N comes of the logs of m at the purchases."""
    histories, lengths = world(6)
    g, period = np.random.default_rng(3), np.arange(END + 1) // 30
    bought = [sorted([first, last, *(first + 1 + g.permutation(last - first - 1)[:x - 1]).tolist()]) if x else [first]
              for x, first, last, _ in zip(*(h.tolist() for h in histories), strict=True)]
    histories = (np.array([len(days) - 1 for days in bought]), *histories[1:3], np.ones(6))

    def loglik(shift, k):
        own, total = [mpmath.mpf(p) for p in PARAMETERS[model]], 0
        longer = [mpmath.mpf(v) * (mpmath.exp(shift) if p == k else 1)
                  for v, p in zip(lengths.tolist(), period.tolist(), strict=True)]
        for days in bought:
            gaps = [sum(longer[a + 1:b + 1]) for a, b in pairwise(days)]
            total += twin.loglik(model, own, len(gaps), *twin.times(days[0], days[-1], END, longer), gaps)
        return total

    k = PARAMETERS[model][0] if "c" in model else 1
    end = np.cumsum([len(days) for days in bought])
    tick = np.concatenate(bought).astype(np.int32)
    share, _ = _core.gap_shares(tick, np.ones(len(tick)), np.append(0, end[:-1]), end, 0, period, lengths)
    days, hidden = (expected(model, histories, lengths, function)[:END + 1] * (lengths / DAY)
                    for function in (_core.clock_expected, _core.clock_hidden))
    got = (k - 1) * share + k * np.bincount(period, hidden - days)
    for j in range(3):
        assert float(abs(got[j] / mpmath.diff(lambda shift, j=j: loglik(shift, j), 0) - 1)) < 1e-13


@pytest.mark.parametrize("model", SCORES)
def test_it_is_the_derivative_of_the_likelihood_of_the_core(model):
    histories, lengths = world(200)
    x, first, last, weight = histories
    month, step = np.arange(END + 1) // 30 == 1, 1e-4

    def loglik(shift):
        history = columns(model, x, first, last, np.where(month, np.exp(shift), 1) * lengths)
        return _core.likelihood(model, history, weight, np.array(PARAMETERS[model]))[0]

    slope = (8 * (loglik(step) - loglik(-step)) - (loglik(2 * step) - loglik(-2 * step))) / (12 * step)
    got = (expected(model, histories, lengths)[:END + 1] * lengths / DAY)[month].sum()
    assert got == pytest.approx(-slope, rel=1e-9)


def test_a_customer_without_a_repeat_purchase_is_active_in_bgnbd_and_perhaps_not_in_mbgnbd():
    one, lengths = tuple(np.array([v]) for v in (0, 9, 9, 1.0)), np.full(END + 1, DAY)
    r, alpha, *_ = PARAMETERS["bgnbd"]
    T = (END - 9) * DAY
    got = expected("bgnbd", one, lengths)
    assert not got[:10].any()
    assert_allclose(got[10:END + 1], r / (alpha + T) * DAY, rtol=1e-14)
    own = PARAMETERS["mbgnbd"]
    assert_allclose(expected("mbgnbd", one, lengths)[10:END + 1],
                    own[0] / (own[1] + T) * DAY * _core.mbgnbd_p_alive(0, 0, T, *own), rtol=1e-14)


@pytest.mark.parametrize("model", PARAMETERS)
def test_rows_may_be_in_any_order_missing_or_merged(model):
    histories, lengths = world(500)
    want = expected(model, histories, lengths)
    order = np.random.default_rng(1).permutation(500)
    assert_allclose(expected(model, tuple(h[order] for h in histories), lengths), want, rtol=2e-16)
    x, first, last, weight = (np.repeat(h, 2) for h in histories)
    assert_allclose(expected(model, (x, first, last, weight / 2), lengths), want, rtol=2e-16)
    shares = np.repeat(histories[3], 2)
    history = columns(model, x, first, last, lengths)
    history[2][1::2] = np.nan
    assert_array_equal(expected(model, (x, first, last, shares), lengths, columns=history), want)


def test_customers_who_have_nearly_surely_left_cancel_without_a_trace():
    few, lengths = world(3)[0], np.full(END + 1, DAY)
    left = (100, 10, 11, 1e9)
    both, alone, apart = (expected("bgnbd", histories, lengths) for histories in (
        tuple(map(np.append, few, left)), few, tuple(np.array([v]) for v in left)))
    assert apart[11] > 1e8 > 1e-15 > apart[12]
    assert_array_equal(both[:11], alone[:11])
    assert_allclose(both[12:], alone[12:], rtol=1e-14)


@pytest.mark.parametrize("change", [
    {"first": np.array([-2], np.int32)}, {"last": np.array([90], np.int32)}, {"last": np.array([2], np.int32)},
    {"days": 89}, {"days": -1}, {"end": 7}, {"day": 0.0}, {"day": np.nan}, {"weights": np.array([-1.0])},
    {"weights": np.array([np.nan])}, {"parameters": [.2, 4, 0, 2]}, {"parameters": [.2, 4, np.nan, 2]},
    {"columns": (np.array([1.5]), np.ones(1), np.ones(1))}, {"columns": (np.ones(1), np.ones(1), np.zeros(1))},
    {"columns": (np.array([np.nan]), np.ones(1), np.ones(1))}])
def test_numbers_outside_the_domain_are_refused(change):
    one, lengths = tuple(np.array([v]) for v in (2, 3, 20, 1.0)), np.full(END + 1, DAY)
    assert expected("bgnbd", one, lengths)[4] > 0
    with pytest.raises(ValueError, match="domain"):
        expected("bgnbd", one, lengths, **change)


@pytest.mark.parametrize("model", ["pnbd", "ggnbd", "bgbb", "gg"])
def test_models_whose_customers_leave_at_any_time_have_no_clock(model):
    history, day = (np.ones(3),) * (2 if model == "gg" else 3), np.zeros(3, np.int32)
    parameters = np.ones({"gg": 3, "ggnbd": 5}.get(model, 4))
    with pytest.raises(ValueError, match="calendar time"):
        _core.clock_expected(model, history, None, parameters, day, day, 1, 0, 2, 1.0)
