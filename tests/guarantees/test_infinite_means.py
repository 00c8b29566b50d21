"""N5: an infinite mean is never shown as a number, and a lifetime value of spend is never negative.

CUSTVAL_EXAMPLES sets how many worlds of 400 customers are drawn; 2,500 make 10^6.
"""
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv

MANY = int(os.environ.get("CUSTVAL_EXAMPLES", 12))
PURCHASES = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
ONES = {"x": [0, 3], "t_x": [0, 20], "T": [39, 39], "m_x": [np.nan, 22.35]}


@given(p=st.floats(1e-3, 50), q=st.floats(1e-3, 3), x=st.integers(0, 60))
@settings(max_examples=4 * MANY, deadline=None)
def test_expected_spend_is_infinite_where_the_mean_is(p, q, x):
    """E[spend] = p (gamma + x m_x) / (p x + q - 1), infinite where p x + q <= 1."""
    model = cv.GammaGamma(p=p, q=q, gamma=15.44)
    found = model.expected_spend([x, 1000], [22.35, 22.35], infinite="inf")
    assert (found > 0).all() and (np.isposinf(found[0]) == (p * x + (q - 1) <= 0))
    if np.isinf(found).any():
        with pytest.raises(cv.FitError, match="is infinite"):
            model.expected_spend([x, 1000], [22.35, 22.35])


@pytest.mark.parametrize("p, q, rows", [(6.25, 0.79, "0"), (6.25, 1.0, "0"), (0.05, 0.79, "0, 1")])
def test_values_and_forecasts_of_infinite_spend_are_refused(p, q, rows):
    """Cases q <= 1 without repeats and p x + q <= 1 with three, where lifetimes 0.11.3 prints -74 and -68.74."""
    spend = cv.GammaGamma(p=p, q=q, gamma=15.44)
    said = pytest.raises(cv.FitError, match=rf"is infinite \(p x \+ q <= 1\), rows {rows}\.")
    for periods in (12, None):
        with said:
            cv.CLV(purchases=PURCHASES, spend=spend).predict(ONES, periods=periods, discount=0.1)
    base = cv.datasets.cdnow()
    for call in (lambda: cv.CLV(purchases=PURCHASES, spend=spend).equity(base, discount=0.1),
                 lambda: cv.forecast(base, purchases=PURCHASES, spend=spend, value="amount"),
                 lambda: spend.expected_spend(base)):
        with pytest.raises(cv.FitError, match="is infinite"):
            call()


def test_expected_margins_without_a_mean_are_refused():
    """A customer's margin is a t with nu + n degrees of freedom; it has no mean where nu + n <= 1."""
    model = cv.NormalMargin(mu=20, sigma=10, kappa=2, nu=0.8)
    assert np.isfinite(model.expected_margin([1, 4], [3, 5], [0, 9])).all()
    with pytest.raises(cv.FitError, match=r"margins of 1 customer have no mean \(nu \+ n <= 1\), rows 1\."):
        model.expected_margin([1, 0], [3, 0], [0, 0])
    assert np.isposinf(model.margin_variance([0, 1], 0, 0)).all()


def test_lifetimes_without_a_mean_are_infinite():
    """Lifetimes have no mean with alpha <= 1, s <= 1, a <= 1; an infinite sum without a discount is refused."""
    assert cv.ShiftedBetaGeometric(alpha=1, beta=3).tenure() == np.inf
    assert cv.BetaDiscreteWeibull(alpha=0.5, beta=3, c=1).residual_lifetime(2) == np.inf
    for model in (PURCHASES, cv.ParetoNBD(r=0.5, alpha=9, s=1, beta=9, unit="W")):
        assert model.residual_lifetime(2, 20, 39) == np.inf
        with pytest.raises(cv.ConfigError, match="above 0 without t"):
            model.dert(2, 20, 39, discount=0)
        with np.errstate(invalid="ignore"):
            assert np.isnan(model.expected_purchases(np.inf, 2, 20, 39))


def test_value_is_never_negative():
    g, power = np.random.default_rng(5), 10.0
    for _ in range(MANY):
        r, alpha, a, b = power ** g.uniform(-3, 3, 4)
        kind = g.choice([cv.BGNBD, cv.MBGNBD])
        clv = cv.CLV(purchases=kind(r=r, alpha=alpha, a=a, b=b, unit="W"),
                     spend=cv.GammaGamma(p=power ** g.uniform(-2, 2), q=1 + power ** g.uniform(-6, 2),
                                         gamma=power ** g.uniform(-3, 4)))
        x, T = np.floor(power ** g.uniform(-1, 3, 400)), power ** g.uniform(-2, 3, 400)
        data = {"x": x, "t_x": np.where(x > 0, T * g.random(400), 0), "T": T, "m_x": power ** g.uniform(-2, 4, 400)}
        found = clv.predict(data, periods=4, unit="Q", discount=g.uniform(0, 1))
        assert all((found[name] >= 0).all() for name in ("p_alive", "expected_purchases", "spend_per_purchase", "clv"))
