"""U1: a unit of time lives in the model and the summary; mixing raises, and a month is 365.25/12 days everywhere."""
import mpmath
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv

DAYS = {"h": 1 / 24, "D": 1, "W": 7, "M": 365.25 / 12, "Q": 365.25 / 4, "Y": 365.25}
SPEND = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
CUSTOMER = {"x": [2], "t_x": [30.43], "T": [38.86], "m_x": [22.35]}   # the first customer of CDNOW, in weeks
MONTHLY = 1.01**12 - 1          # one percent a month, as an annual rate
WANTED = 36.311257216982104


def model(unit):
    """Return the BG/NBD of CDNOW, whose alpha is 4.414 weeks, in another unit."""
    return cv.BGNBD(r=0.243, alpha=4.414 * 7 / DAYS[unit], a=0.793, b=2.426, unit=unit)


def customer(unit):
    return {name: np.array(v) * (7 / DAYS[unit] if name in ("t_x", "T") else 1) for name, v in CUSTOMER.items()}


def value(unit, periods=12, of="M", **rest):
    clv = cv.CLV(purchases=model(unit), spend=SPEND)
    return clv.predict(customer(unit), periods=periods, unit=of, discount=MONTHLY, **rest)["clv"][0]


def test_value_of_twelve_months_from_a_model_in_weeks():
    """lifetimes #194, #215, #233 ...: months step by 30 weeks; its documentation prints 140.096."""
    assert_allclose(value("W"), WANTED, rtol=1e-12)


def test_value_takes_the_purchases_of_each_month_and_the_customers_own_spend():
    """lifetimes #27, #43: cumulative purchases in each month, and the mean spend of all customers."""
    expected = model("W").expected_purchases(np.arange(13) * 365.25 / 12 / 7, 2, 30.43, 38.86)
    spend = 6.25 * (15.44 + 2 * 22.35) / (6.25 * 2 + 3.74 - 1)
    assert_allclose(value("W"), spend * (np.diff(expected) / 1.01 ** np.arange(1, 13)).sum(), rtol=1e-12)


@pytest.mark.parametrize("unit", DAYS)
def test_the_value_does_not_depend_on_the_unit_of_the_model(unit):
    """lifetimes: a month is 4.345 weeks, 1 month or 30 days, depending on the unit."""
    assert_allclose(value(unit), WANTED, rtol=1e-12)
    for periods, of in ((4, "Q"), (1, "Y")):
        assert_allclose(value(unit, periods, of), WANTED, rtol=1e-12)


def test_durations_of_a_summary_are_days_over_days_of_the_unit():
    base = cv.CustomerBase({"who": ["a", "a"], "day": ["2021-01-01", "2024-12-31"]}, customer="who", time="day",
                           end="2025-06-15")
    for unit, days in DAYS.items():
        s = base.summary(unit)
        assert_allclose([s["t_x"][0], s["T"][0]], [1460 / days, 1626 / days], rtol=1e-15)


def test_predictions_of_a_base_do_not_depend_on_the_unit_of_the_model():
    base = cv.datasets.cdnow()
    one, *others = (model(unit).predict(base, periods=3, unit="M") for unit in DAYS)
    for other in others:
        for name in ("p_alive", "1998-07", "sum_3M", "p_purchase"):
            assert_allclose(other[name], one[name], rtol=1e-11)
        assert_array_equal(other["next_purchase"], one["next_purchase"])


def test_mixing_units_raises():
    base = cv.CustomerBase(cv.datasets.cdnow(as_frame=pd.DataFrame), customer="customer", time="date",
                           amount="amount")
    days = base.summary("D")
    for call in (lambda: model("W").p_alive(days), lambda: cv.BGNBD(unit="W").fit(days),
                 lambda: cv.BGNBD(unit="W").fit(days["x"], days["t_x"], days["T"], unit="D"),
                 lambda: cv.CLV(purchases=model("W"), spend=SPEND).predict(days)):
        with pytest.raises(cv.DataError, match=r"summary is in D, the model is in W. Use base.summary\(unit='W'\)"):
            call()
    with pytest.raises(cv.ConfigError, match="several units do not compare"):
        cv.compare(base, [cv.BGNBD(unit="W"), cv.MBGNBD(unit="D")])
    nameless = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    for call in (lambda: nameless.p_alive(base), lambda: nameless.predict(base), lambda: nameless.dert(
            2, 30, 38, discount=.1), lambda: cv.CLV(purchases=nameless, spend=SPEND).predict(CUSTOMER)):
        with pytest.raises(cv.ConfigError, match=r"(has no|does not know its) unit"):
            call()


def test_the_expected_value_at_fifty_digits():
    """The sum over months of differences of E[X(t)] by the published formula of Fader, Hardie, Lee (2005)."""
    mpmath.mp.dps = 50
    r, alpha, a, b = map(mpmath.mpf, ("0.243", "4.414", "0.793", "2.426"))
    x, t_x, T = 2, mpmath.mpf("30.43"), mpmath.mpf("38.86")

    def expected(t):
        f = mpmath.hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
        top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * f)
        return top / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))

    spend = mpmath.mpf("6.25") * (mpmath.mpf("15.44") + x * mpmath.mpf("22.35")) / (
        mpmath.mpf("6.25") * x + mpmath.mpf("3.74") - 1)
    month = mpmath.mpf("365.25") / 84
    total = sum((expected(k * month) - expected((k - 1) * month)) / mpmath.mpf("1.01") ** k for k in range(1, 13))
    assert abs(float(spend * total) - WANTED) < 1e-13
