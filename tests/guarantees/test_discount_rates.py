"""U2: a `discount` is an effective annual rate, converted exactly to a rate of any period."""
import inspect
import math
import warnings

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval._dates import continuous

A_YEAR = {"h": "8766", "D": "365.25", "W": "365.25/7", "M": "12", "Q": "4", "Y": "1"}      # periods, a year 365.25 days
RATES = [1e-12, 0.004, 0.01, 0.05, 0.10, 0.15, 1.01**12 - 1, 1.0, 25.0]


def in_digits(text):
    top, *below = text.split("/")
    return mpmath.mpf(top) / (mpmath.mpf(below[0]) if below else 1)


@pytest.mark.filterwarnings("ignore:discount=:custval.DataWarning")
@pytest.mark.parametrize("unit", A_YEAR)
@pytest.mark.parametrize("kind", ["continuous", "effective"])
def test_conversions_to_a_rate_of_the_period(unit, kind):
    """Expected: ln(1 + d) / n and (1 + d)^(1/n) - 1 for n periods a year, to 1e-15."""
    mpmath.mp.dps = 40
    for d in RATES:
        rate = mpmath.log1p(mpmath.mpf(d)) / in_digits(A_YEAR[unit])
        got = continuous(d, unit, "", True)
        if kind == "effective":                               # as of models that count their periods
            rate, got = mpmath.expm1(rate), math.expm1(got)
        assert abs(got - rate) <= 1e-15 * abs(rate), d
    assert continuous(0.0, unit, "", False) == 0


def test_the_rate_is_annual_in_every_unit():
    """The same customer in hours ... years has the same discounted purchases."""
    days = {unit: float(365.25 / in_digits(n)) for unit, n in A_YEAR.items()}
    for t in (None, 1.0):                                     # infinite horizon, and one year
        values = [cv.BGNBD(r=0.243, alpha=30.9 / d, a=0.793, b=2.426, unit=unit).dert(
            2, 213 / d, 272 / d, discount=0.15, t=None if t is None else t * 365.25 / d) for unit, d in days.items()]
        assert_allclose(values, values[0], rtol=1e-12)


def test_a_renewal_is_discounted_by_the_rate_of_its_period():
    """Two periods with a renewal of probability p are worth 1 + p / (1 + rate of the period)."""
    for unit, n in A_YEAR.items():
        if unit != "h":                                       # contracts are not renewed by the hour
            sure = cv.ShiftedBetaGeometric(alpha=1e-6, beta=1.0, unit=unit)
            want = 1 + 1 / (1 + mpmath.mpf(1e-6)) / (1 + mpmath.mpf("0.1")) ** (1 / in_digits(n))
            assert_allclose(sure.discounted_lifetime(discount=0.1, t=2), float(want), rtol=1e-15)


def test_twelve_months_at_one_percent_equal_one_year():
    clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
                 spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
    one = {"x": [2], "t_x": [30.43], "T": [38.86], "m_x": [22.35]}
    year = [clv.predict(one, periods=n, unit=unit, discount=1.01**12 - 1)["clv"][0]
            for n, unit in ((12, "M"), (4, "Q"), (1, "Y"))]
    assert_allclose(year, 36.311257216982104, rtol=1e-12)


def test_every_rate_is_documented_as_annual():
    """A rate is `discount`, by keyword, "effective annual" in its documentation; it has no other name."""
    checked = 0
    for name in cv.__all__:
        of = getattr(cv, name)
        calls = dict(inspect.getmembers(of, inspect.isfunction)) | ({name: of} if inspect.isfunction(of) else {})
        calls = {place: call for place, call in calls.items() if not place.startswith("_")}
        rated = {place: call for place, call in calls.items() if "discount" in inspect.signature(call).parameters}
        for place, call in calls.items():
            assert not {"rate", "discount_rate", "interest", "wacc"} & set(inspect.signature(call).parameters), place
        for call in rated.values():
            assert inspect.signature(call).parameters["discount"].kind is inspect.Parameter.KEYWORD_ONLY
        assert not rated or any("ffective annual rate" in inspect.getdoc(call) for call in rated.values()), name
        checked += len(rated)
    assert checked > 10


def test_a_rate_in_percent_warns():
    """10 % is 0.10. A rate of 10 is 1,000 %, almost surely a percentage."""
    buys, spends = cv.BGNBD(r=1, alpha=1, a=1, b=1, unit="W"), cv.GammaGamma(p=6, q=4, gamma=15)
    clv, one = cv.CLV(purchases=buys, spend=spends), {"x": [2.0], "t_x": [3.0], "T": [4.0], "m_x": [5.0]}
    for call in (lambda rate: clv.predict(one, discount=rate), lambda rate: clv.equity(one, discount=rate),
                 lambda rate: clv.interval(one, discount=rate, draws=5), lambda rate: buys.dert(2, 3, 4, discount=rate),
                 lambda rate: cv.ShiftedBetaGeometric(alpha=2, beta=2, unit="Y").discounted_lifetime(discount=rate)):
        with pytest.warns(cv.DataWarning, match="discount=10 is 1000% a year: pass an effective annual rate; 10 % is"):
            call(10)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call(1)


@pytest.mark.parametrize("discount", [-0.01, math.nan, math.inf])
def test_invalid_rates_are_refused(discount):
    for model in (cv.BGNBD(r=1, alpha=1, a=1, b=1, unit="W"), cv.BGBB(alpha=1, beta=1, gamma=1, delta=1, unit="Y")):
        with pytest.raises(cv.ConfigError, match="an effective annual rate is 0 or more"):
            model.dert(2, 3, 4, discount=discount)
    with pytest.raises(cv.ConfigError, match="has no unit, so an annual rate cannot be converted"):
        cv.BGNBD(r=1, alpha=1, a=1, b=1).dert(np.array([2.0]), 3, 4, discount=0.1)
