"""Pareto/NBD: the numbers of the papers and packages, and laws that connect its quantities.

Values with many digits were computed at 40 digits; BTYD is the walkthrough of cran/BTYD, at its own fit.
"""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

CDNOW = (0.553, 10.578, 0.606, 11.669)                      # Fader, Hardie and Lee (2005), table 1
EXACT = (0.5532770537, 10.5776838029, 0.6062401421, 11.6687399176)      # to 1e-10, whole days
CASES = (0.5534, 10.5802, 0.6061, 11.6562)
BTYD = (0.553, 10.580, 0.606, 11.656)
RATE = np.log(1.15) / 52


@pytest.fixture(scope="module")
def cdnow():
    """Return x, t_x, T of 2,357 customers in weeks of whole days."""
    x, t_x, T, _ = histories.cdnow()
    return x, t_x / 7, T / 7


def test_one_customer_in_40_digits():
    history = (2, 30.43, 38.86)
    assert_allclose(_core.pnbd_loglik(4, 30.7, 38.9, *CDNOW), -15.1320054782753503, rtol=1e-14)
    assert_allclose(_core.pnbd_loglik(*history, *CDNOW), -9.55428324515040583, rtol=1e-14)
    assert_allclose(_core.pnbd_p_alive(*history, *CDNOW), 0.869167559153011192, rtol=1e-14)
    assert_allclose(_core.pnbd_expected_purchases(39, *history, *CDNOW), 1.45512319325760242, rtol=1e-14)
    assert_allclose(_core.pnbd_dert(np.inf, RATE, *history, *CDNOW), 6.50173053756422932, rtol=1e-14)
    assert_allclose(_core.pnbd_loglik(0, 0, 38.86, *CDNOW), -0.521046294080890308, rtol=1e-14)


def test_a_customer_of_many_purchases():
    history = (26, 30.86, 31)
    assert_allclose(_core.pnbd_p_alive(*history, *CASES), 0.997917766551906672, rtol=1e-14)
    assert_allclose(_core.pnbd_expected_purchases(52, *history, *CASES), 25.4549135114997242, rtol=1e-14)
    assert_allclose(_core.pnbd_dert(np.inf, 0.0027, *history, *CASES), 86.0303756153635, rtol=1e-13)
    assert_allclose(_core.pnbd_p_alive([50, 300, 1000], 38, 39, 0.55, 10.58, 0.61, 11.67),
                    [0.97903667683655433, 0.52251737679368068, 2.3207825582373605e-6], rtol=1e-14)
    assert_allclose(_core.pnbd_expected_purchases(39, [50, 300, 1000], 38, 39, 0.55, 10.58, 0.61, 11.67),
                    [32.336002725699603, 102.6085809141191, 0.0015171882105364804], rtol=1e-14)


def test_the_sample(cdnow):
    """39 weeks at the exact parameters, each customer at 40 digits, summed; 1,882 purchases followed."""
    assert_allclose(np.sum(_core.pnbd_loglik(*cdnow, *EXACT)), -9594.976178939542, rtol=1e-13)
    assert_allclose(np.sum(_core.pnbd_expected_purchases(39, *cdnow, *EXACT)), 1665.513009, rtol=1e-9)
    assert_allclose(np.sum(_core.pnbd_p_alive(*cdnow, *EXACT)), 1051.875223, rtol=1e-9)
    assert_allclose(np.sum(_core.pnbd_dert(np.inf, RATE, *cdnow, *EXACT)), 7205.546652, rtol=1e-9)


def test_the_btyd_walkthrough():
    assert_allclose(_core.pnbd_expected_purchases_new(52, *BTYD), 1.473434, rtol=1e-3)
    assert_allclose(_core.pnbd_expected_purchases(52, 26, 30.857142857, 31, *BTYD), 25.45647, rtol=1e-3)
    assert_allclose(_core.pnbd_p_alive(26, 30.857142857, 31, *BTYD), 0.997874, rtol=1e-4)
    assert_allclose(_core.pnbd_expected_purchases(52, [10, 15, 20, 25], 20, 39, *BTYD),
                    [0.7062289, 0.1442396, 0.02250658, 0.00309267], rtol=1e-3)


def test_discounted_purchases_of_hardie_note_009():
    """At its parameters; the second line is x = 1 ... 5 with t_x = 30, where more purchases then silence mean less."""
    parameters = (0.5629966, 12.5590370, 0.4081095, 10.5148048)
    assert_allclose(_core.pnbd_dert(np.inf, 0.0027, 7, 35, 77.86, *parameters), 1.86418332807133, rtol=1e-13)
    assert_allclose(_core.pnbd_dert(np.inf, 0.0027, [1, 2, 3, 4, 5], 30, 77.86, *parameters),
                    [2.19915545, 2.843534406, 2.867128391, 2.445410079, 1.840501924], rtol=1e-9)


@pytest.mark.parametrize("parameters", [EXACT, (0.3, 0.002, 4.0, 90.0), (5.0, 40.0, 0.2, 1e-3), (1.0, 1.0, 1.0, 1.0)])
def test_no_purchase_and_a_purchase_sum_to_1(parameters):
    """No purchase comes from fractions; a purchase from panels, for short horizons, or fractions."""
    t = 10.0 ** np.arange(-6, 6)
    none = _core.pnbd_purchase_pmf_given(0, t, 3, 20, 30, *parameters)
    some = _core.pnbd_p_purchase(t, 3, 20, 30, *parameters)
    assert_allclose(none + some, 1, rtol=3e-15)
    new = _core.pnbd_purchase_pmf(0, t, *parameters)
    assert_allclose(_core.pnbd_loglik(0, 0, t, *parameters), np.log(new), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("parameters", [EXACT, (0.3, 0.002, 4.0, 90.0), (5.0, 40.0, 0.2, 1e-3)])
def test_distributions_sum_to_one_and_have_the_mean(parameters):
    k, t = np.arange(1500.0), 52
    new, given = _core.pnbd_purchase_pmf(k, t, *parameters), _core.pnbd_purchase_pmf_given(k, t, 3, 2, 3, *parameters)
    few = parameters[1] > 1                                 # else a heavy tail continues beyond
    for pmf, mean in ((new, _core.pnbd_expected_purchases_new(t, *parameters)),
                      (given, _core.pnbd_expected_purchases(t, 3, 2, 3, *parameters))):
        assert (pmf >= 0).all()
        if few:
            assert_allclose(np.sum(pmf), 1, rtol=1e-13)
            assert_allclose(np.sum(k * pmf), mean, rtol=1e-12)
    assert_allclose(_core.pnbd_purchase_pmf_given(k[:20], t, 0, 0, 0, *parameters), new[:20], rtol=0)


def test_many_purchases_at_once():
    """300 in the tail and 10,000 in the middle of a distribution; BTYD up to 2.4.2 had a wrong argument here."""
    many = np.arange(9_000.0, 11_000)
    busy = _core.pnbd_purchase_pmf_given(many, 365, 10_000, 364.99, 365, 0.55, 10.58, 0.61, 11.67)
    assert 0.6 < np.sum(busy) < 0.75
    assert_allclose(_core.pnbd_purchase_pmf_given(9_500, 365, 10_000, 364.99, 365, 0.55, 10.58, 0.61, 11.67),
                    0.000567566494322035699, rtol=1e-13)
    assert_allclose(_core.pnbd_purchase_pmf([300, 12, 0], [30, 30, 39], *CASES),
                    [4.71863119631941205e-42, 0.0013445736749551846, 0.593575937028229064], rtol=1e-13)


@pytest.mark.parametrize("parameters", [EXACT, (0.3, 0.002, 4.0, 90.0), (5.0, 40.0, 0.2, 1e-3), (2.0, 1.0, 1e3, 1e-3)])
def test_next_purchase_inverts_p_purchase(parameters):
    most = _core.pnbd_p_purchase(np.inf, 3, 20, 30, *parameters)
    q = most * np.array([1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999])
    t = _core.pnbd_next_purchase(q, 3, 20, 30, *parameters)
    assert_allclose(_core.pnbd_p_purchase(t, 3, 20, 30, *parameters), q, rtol=1e-13)
    assert (np.diff(t) > 0).all()
    above = np.array([most * (1 + 1e-12), (1 + most) / 2])
    assert (_core.pnbd_next_purchase(above[above < 1], 3, 20, 30, *parameters) == np.inf).all()


def test_expected_rates_are_a_mean_over_alive_and_dead():
    """With t_x = T all are alive: the gamma means. After a silence the death rate of dead customers counts too."""
    r, alpha, s, beta = EXACT
    assert_allclose(_core.pnbd_expected_rate(3, 30, 30, *EXACT), (r + 3) / (alpha + 30), rtol=1e-14)
    assert_allclose(_core.pnbd_expected_dropout(3, 30, 30, *EXACT), s / (beta + 30), rtol=1e-14)
    rate, dropout = (kernel(3, 10, 60, *EXACT) for kernel in (_core.pnbd_expected_rate, _core.pnbd_expected_dropout))
    assert (r + 3) / (alpha + 60) < rate < (r + 3) / (alpha + 10)
    assert s / (beta + 60) < dropout < (s + 1) / (beta + 10)


def test_residual_lifetime_is_finite_where_s_is_above_1():
    history = (3, 20, 30)
    assert _core.pnbd_residual_lifetime(*history, *EXACT) == np.inf
    assert_allclose(_core.pnbd_residual_lifetime(*history, 0.5, 10, 2.5, 12),
                    _core.pnbd_p_alive(*history, 0.5, 10, 2.5, 12) * 42 / 1.5, rtol=1e-15)
    w = np.linspace(0, 40, 40_001)                          # E[residual life] = integral of P(alive at T + t)
    later = _core.pnbd_p_alive_at(42 * np.expm1(w), *history, 0.5, 10, 2.5, 12) * 42 * np.exp(w)
    total = np.sum((later[1:] + later[:-1]) / 2) * w[1]
    assert_allclose(total, _core.pnbd_residual_lifetime(*history, 0.5, 10, 2.5, 12), rtol=1e-6)


def test_quantities_depend_on_the_unit_by_scale_only():
    r, alpha, s, beta = CDNOW
    for factor in (7.0, 86400.0):
        days = (2, 30.43 * factor, 38.86 * factor)
        other = (r, alpha * factor, s, beta * factor)
        for quantity, weeks_first, days_first, power in (
                ("p_alive", (), (), 0), ("p_purchase", (13,), (13 * factor,), 0), ("next_purchase", (0.5,), (0.5,), 1),
                ("expected_purchases", (39,), (39 * factor,), 0), ("expected_rate", (), (), -1),
                ("expected_dropout", (), (), -1), ("purchase_pmf_given", (2, 39), (2, 39 * factor), 0),
                ("dert", (np.inf, RATE), (np.inf, RATE / factor), 0)):
            kernel = getattr(_core, f"pnbd_{quantity}")
            assert_allclose(kernel(*days_first, *days, *other),
                            kernel(*weeks_first, 2, 30.43, 38.86, *CDNOW) * factor**power, rtol=1e-13)


def test_tower_rule():
    """E over histories at T of the expected purchases in (T, T + t] is E[X(T + t)] - E[X(T)]; 4 s.e."""
    r, alpha, s, beta = EXACT
    n, T, t = 200_000, 39.0, 52.0
    g = np.random.default_rng(87)
    rate, death = g.gamma(r, 1 / alpha, n), g.standard_exponential(n) / g.gamma(s, 1 / beta, n)
    x = g.poisson(rate * np.minimum(death, T)).astype(float)
    t_x = np.where(x > 0, np.minimum(death, T) * g.random(n) ** (1 / np.maximum(x, 1)), 0)      # the last of x
    expected = _core.pnbd_expected_purchases(t, x, t_x, T, *EXACT)
    want = np.diff(_core.pnbd_expected_purchases_new([T, T + t], *EXACT))[0]
    assert abs(np.mean(expected) - want) <= 4 * np.std(expected) / np.sqrt(n)
    alive = _core.pnbd_p_alive(x, t_x, T, *EXACT)
    assert abs(np.mean(alive) - np.mean(death > T)) <= 4 * np.sqrt(np.var(alive - (death > T)) / n)
    for quantity, truth in (("expected_rate", rate), ("p_purchase", None)):
        if truth is None:
            truth, got = g.poisson(rate * np.clip(death - T, 0, t)) > 0, _core.pnbd_p_purchase(t, x, t_x, T, *EXACT)
        else:
            got = getattr(_core, f"pnbd_{quantity}")(x, t_x, T, *EXACT)
        some = x > 0
        gap = (got - truth)[some]
        assert abs(np.mean(gap)) <= 4 * np.std(gap) / np.sqrt(some.sum()), quantity
