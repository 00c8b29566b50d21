"""Real cases in which another package gave a wrong value, or none; the right ones have 15 digits and more.

Numbers after a package are issues of CamDavidsonPilon/lifetimes, pymc-labs/pymc-marketing, bachmannpatrick/CLVTools.
"lifetimes" without a number is lifetimes 0.11.3. Every expected value was computed at 50 digits.
"""
import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

BG = (0.243, 4.414, 0.793, 2.426)
MBG = (0.525, 6.183, 0.891, 1.614)
BB = (1.204, 0.75, 0.657, 2.783)
PN = (0.5534, 10.5802, 0.6061, 11.6562)
LT25 = (10.465, 7.98565181e-3, 3.0516, 2.820)


@pytest.fixture(autouse=True)
def no_warning():
    with np.errstate(all="raise"):
        yield


def test_bgbb_with_a_hundred_opportunities():
    """lifetimes #259, #326, #419: a floor of 1e-15 under beta functions; P(alive) 6.6e-18, log-likelihood 40 off."""
    assert_allclose(_core.bgbb_loglik(50, 99, 100, *BB), -73.897964818365210, rtol=1e-14)
    assert_allclose(_core.bgbb_p_alive(50, 99, 100, *BB), 0.98707088170851508, rtol=1e-14)


def test_bgbb_with_a_thousand_opportunities():
    """lifetimes: the same floor; P(alive) 5.6e-290, log-likelihood 666 off."""
    assert_allclose(_core.bgbb_loglik(500, 999, 1000, *BB), -700.38541436544029, rtol=1e-14)
    assert_allclose(_core.bgbb_p_alive(500, 999, 1000, *BB), 0.99868815378358582, rtol=1e-14)


def test_pnbd_where_the_published_term_a0_underflows():
    """lifetimes #25: A0 underflows, then log 0 and Inf times 0."""
    assert_allclose(_core.pnbd_loglik(400, 5, 6, *LT25), 1323.1889309678178407, rtol=1e-13)
    assert_allclose(_core.pnbd_p_alive(400, 5, 6, *LT25), 5.1374581133193754e-31, rtol=1e-13)


def test_pnbd_where_p_alive_underflows():
    """lifetimes #25: NaN where P(alive) is 7.9e-800."""
    assert_allclose(_core.pnbd_loglik(500, [1, 4], 37, *LT25), [2594.4044546227566745, 1888.82124973894073], rtol=1e-13)
    assert (_core.pnbd_p_alive(500, [1, 4], 37, *LT25) == 0).all()
    assert (_core.pnbd_expected_purchases(10, 500, [1, 4], 37, *LT25) == 0).all()


def test_bgnbd_with_a_thousand_purchases_in_ten_days():
    """lifetimes PR #113: overflow warnings where P(alive) is 8.3e-858."""
    assert _core.bgnbd_p_alive(1000, 10, 100, *BG) == 0
    assert_allclose(_core.bgnbd_loglik(1000, 10, 100, *BG), 3225.1429836828236, rtol=1e-13)


def test_bgnbd_p_alive_over_a_matrix_of_long_histories():
    """lifetimes #332: overflow in a matrix of histories up to (1000, ., 800)."""
    x, t_x = np.arange(1, 1001)[:, None], np.linspace(1, 800, 80)
    p = _core.bgnbd_p_alive(x, t_x, 800, 0.10, 50.16, 0.40, 0.81)
    assert ((p >= 0) & (p <= 1)).all()
    assert _core.bgnbd_p_alive(1000, 10, 800, 0.10, 50.16, 0.40, 0.81) == 0


@pytest.mark.parametrize("kernel, parameters, want", [("bgnbd", (0.243, 4.414, 1, 2.426), 0.93287033479084786),
                                                    ("mbgnbd", (0.525, 6.183, 1, 1.614), 0.96605688779849797)])
def test_bg_expected_purchases_with_a_equal_1_are_smooth(kernel, parameters, want):
    """lifetimes: NaN at a = 1, where the published form divides by a - 1."""
    assert_allclose(getattr(_core, f"{kernel}_expected_purchases")(39, 3, 20, 39, *parameters), want, rtol=1e-14)


def test_bgbb_expected_purchases_with_gamma_equal_1_are_smooth():
    """lifetimes: NaN at gamma = 1, where the published form divides by gamma - 1."""
    assert_allclose(_core.bgbb_expected_purchases(5, 4, 5, 6, 1.204, 0.75, 1, 2.783), 1.6380852909506742, rtol=1e-14)


def test_pnbd_expected_purchases_with_s_equal_1_or_near_it_are_smooth():
    """lifetimes: NaN at s = 1, where the published form divides by s - 1, and lost digits near it."""
    assert_allclose(_core.pnbd_expected_purchases(52, 3, 10, 52, 0.8, 5, 1, 20), 0.052517605775723289, rtol=1e-14)
    assert_allclose(_core.pnbd_expected_purchases(52, 2, 30, 39, 0.55, 10, 1 + np.array([0, 1e-15, -1e-12]), 12),
                    1.4541656000705219, rtol=1e-11)


def test_bgnbd_expected_purchases_with_a_plus_b_equal_1_and_no_repeat():
    """lifetimes: NaN, from a hypergeometric function with c = 0."""
    assert_allclose(_core.bgnbd_expected_purchases(39, 0, 0, 39, 0.243, 4.414, 0.25, 0.75), 0.19624707833268737,
                    rtol=1e-14)


def test_expected_purchases_over_a_tiny_horizon():
    """lifetimes: 1.1e-3 off at a horizon of 1e-10."""
    assert_allclose(_core.bgnbd_expected_purchases(1e-10, 2, 30.43, 38.86, *BG), 3.7660390365809067e-12, rtol=1e-14)
    assert_allclose(_core.mbgnbd_expected_purchases(1e-10, 2, 30.43, 38.86, *MBG), 3.9587965264814759e-12, rtol=1e-14)
    assert_allclose(_core.pnbd_expected_purchases(1e-9, 26, 30.86, 31, *PN), 6.3727710838743311e-10, rtol=1e-14)


def test_purchase_pmf_at_171_purchases_and_more():
    """lifetimes: thirty times too small at 171, NaN at 200: 1 - cdf cancels and the gamma function overflows."""
    assert_allclose(_core.bgnbd_purchase_pmf([171, 200], 30, *BG), [7.1927416582248534e-15, 1.0502225854304022e-16],
                    rtol=1e-13)
    assert_allclose(np.sum(_core.mbgnbd_purchase_pmf(np.arange(10_001), 30, *MBG)), 1, rtol=1e-13)


def test_pnbd_loglik_is_finite_over_the_box_of_parameters():
    """lifetimes #445: the log of a difference of hypergeometric functions that came out negative."""
    g = np.random.default_rng(445)
    parameters = 10 ** g.uniform(-6, 6, (4, 5000))
    x, T = np.floor(10 ** g.uniform(0, 4, 5000)), 10 ** g.uniform(-3, 3, 5000)
    for t_x in (T, T * g.random(5000), T * 1e-9):
        assert np.isfinite(_core.pnbd_loglik(x, t_x, T, *parameters)).all()


def test_pnbd_p_alive_with_alpha_a_billion_times_beta():
    """lifetimes: 1e-8 off, where z = 1 - 1e-9."""
    assert_allclose(_core.pnbd_p_alive(0, 0, 30, 0.5, 1000, 0.5, 1e-6), 1.7989665844115664084e-4, rtol=1e-14)


def test_pnbd_dert_with_large_beta_is_finite_and_falls_with_the_rate():
    """CLVTools #171, #163: NaN where beta is large, and more residual transactions at a higher rate."""
    history = (2, 30.43, 38.86)
    assert_allclose(_core.pnbd_dert(np.inf, 0.1, *history, *PN[:3], [11656.2, 1e6]),
                    [0.51590810182219931, 0.51645582504876351], rtol=1e-14)
    assert_allclose(_core.pnbd_dert(np.inf, [0.1, 1, 10, 100], *history, *PN),
                    [0.40674848996761807, 0.044364034779400172, 0.0044832604450261889, 4.4880905456185441e-4],
                    rtol=1e-14)


def test_pnbd_p_alive_with_200_purchases_and_more():
    """BTYD: (alpha + T)^(r + x) is infinite from about x = 200."""
    x = np.array([150, 200, 400, 1000, 10_000])
    p = _core.pnbd_p_alive(x, 364.9, 365, *PN)
    assert ((p > 0.9) & (p < 1)).all() and (np.diff(p) < 0).all()


def test_loglik_of_ten_thousand_purchases():
    """Hardie's note 027; pymc-marketing #98, #127: NaN or #NUM! from about 170 purchases on."""
    assert_allclose(_core.bgnbd_loglik(10_000, 300, 365, *BG), 24899.646660870426325, rtol=1e-13)
    assert_allclose(_core.mbgnbd_loglik(10_000, 364.99, 365, *MBG), 22927.118716464176495, rtol=1e-13)
    assert_allclose(_core.pnbd_loglik(10_000, [100, 364.99], 365, *PN), [35034.540759191131370, 22815.538197420858486],
                    rtol=1e-13)


def test_p_alive_without_repeats_is_that_of_the_model():
    """lifetimes #239 and six more: BG/NBD has no dropout before the first repeat; MBG/NBD and Pareto/NBD have."""
    assert (_core.bgnbd_p_alive(0, 0, [0, 38.86, 730, 1e9], *BG) == 1).all()
    assert_allclose(_core.mbgnbd_p_alive(0, 0, [38.86, 730], *MBG), [0.3897350809187629, 0.12839744676514891],
                    rtol=1e-14)
    assert_allclose(_core.pnbd_p_alive(0, 0, 38.86, *PN), 0.29496148643704224, rtol=1e-14)


def test_expected_purchases_over_no_time_are_exactly_0():
    """pymc-marketing #467: noise of 1e-17 at t = 0."""
    assert _core.bgnbd_expected_purchases(0, 2, 30.43, 38.86, *BG) == 0
    assert _core.mbgnbd_expected_purchases_new(0, *MBG) == 0


def test_expected_spend_with_q_below_1_is_finite_after_three_purchases():
    """lifetimes #370: users take q < 1 for a broken model; the mean is infinite only while p x + q <= 1."""
    assert_allclose(_core.gg_expected_spend(3, 22.35, 6.25, 0.79, 15.44), 27.808117583603022, rtol=1e-14)


def test_expected_spend_is_infinite_where_the_mean_is():
    """lifetimes: -68.74 expected per purchase, where p x + q < 1."""
    assert _core.gg_expected_spend(3, 22.35, 0.05, 0.79, 15.44) == np.inf
    assert _core.gg_expected_spend(0, 0, 6.25, 0.79, 15.44) == np.inf


def test_expected_spend_with_q_just_above_1():
    """lifetimes: 1.4e-6 off at q = 1 + 1e-10, where the weighted average subtracts two infinities."""
    assert_allclose(_core.gg_expected_spend(2, 22.35, 6.25, 1 + 1e-10, 15.44), 30.069999999759441, rtol=1e-14)


def test_expected_spend_without_repeats_is_the_population_mean():
    """lifetimes #406, #32, #315, #81: reported as a bug; it is the model."""
    assert_allclose(_core.gg_expected_spend(0, 0, 6.25, 3.74, 15.44), 35.218978102189777, rtol=1e-14)
    assert_allclose(_core.gg_expected_spend(0, 0, 3.01, 8.14, 4032.24), 1699.8658823529408, rtol=1e-14)


@pytest.mark.parametrize("x, t_x, T", [(-3, 1, 2), (3, 0, 2), (0, 1, 2), (3, 3, 2), (3, 1, np.inf), (2.5, 1, 2)])
def test_invalid_histories_raise_the_invalid_flag(x, t_x, T):
    """lifetimes: such histories pass its check of the input."""
    for kernel, parameters in (("bgnbd", BG), ("mbgnbd", MBG), ("pnbd", PN), ("nbd", PN[:2])):
        with pytest.raises(FloatingPointError, match="invalid"):
            getattr(_core, f"{kernel}_p_alive")(x, t_x, T, *parameters)


@pytest.mark.parametrize("a, b, r, x", [(201, 10, 10, 90), (1 + 1e-9, 2, 100, 0), (0.5, 0.5 + 1e-9, 0.3, 0),
                                        (0.5, 0.25, 1000, 1000), (1e-3, 1e3, 0.1, 2000)])
def test_bgnbd_expected_purchases_where_2f1_fails(a, b, r, x):
    """scipy #26089, #20988, #6491; mpmath #205, #222: 2F1 of large parameters or near its poles, wrong and silent.

    Expected: the published formula at such parameters, its digits doubled until two agree. The core takes no 2F1.
    """
    alpha, t_x, T, t = 30, 39 if x else 0, 40, 50
    alive = _core.bgnbd_p_alive(x, t_x, T, r, alpha, a, b)
    before, dps = mpmath.mpf(0), 50
    while True:
        with mpmath.workdps(dps):
            A, B, k, z = mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(r) + x, mpmath.mpf(t) / (alpha + T + t)
            value = (A + B + x - 1) / (A - 1) * (1 - (1 - z) ** k * mpmath.hyp2f1(k, B + x, A + B + x - 1, z))
        if abs(value - before) <= abs(value) * 1e-20:
            break
        before, dps = value, 2 * dps
    got = _core.bgnbd_expected_purchases(t, x, t_x, T, r, alpha, a, b)
    assert_allclose(got, float(value * alive), rtol=1e-12)
