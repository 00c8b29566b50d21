"""Retail calendars: years of 52 or 53 weeks in quarters of 4-4-5, 4-5-4 or 5-4-4 weeks."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custval as cv
from custval import _dates

# First days of the years of the 4-5-4 calendar of the National Retail Federation; 2012, 2017 and 2023 have 53 weeks.
YEARS = {2012: "2012-01-29", 2013: "2013-02-03", 2017: "2017-01-29", 2018: "2018-02-04", 2023: "2023-01-29",
         2024: "2024-02-04", 2025: "2025-02-02", 2026: "2026-02-01"}
UNITS = [f"{weeks}{anchor}" for weeks in ("445", "454", "544") for anchor in ("", "-DEC", "-JUN", "-MAY")]


def starts(unit, year):
    """Return the first days of the periods of a year, and of the year after."""
    return _dates.period_starts(year * 12 + np.arange(13), unit)


@pytest.mark.parametrize("year", YEARS)
def test_years_begin_as_published(year):
    assert str(starts("454", year)[0]) == YEARS[year] == str(starts("454-JAN", year)[0])


@pytest.mark.parametrize("unit, weeks", [("445", [4, 4, 5]), ("454", [4, 5, 4]), ("544", [5, 4, 4])])
def test_periods_have_their_weeks_and_the_53rd_is_in_the_last(unit, weeks):
    for year, more in ((2024, 0), (2023, 1)):
        lengths = np.diff(starts(unit, year)).astype(int) // 7
        assert lengths.tolist() == weeks * 3 + [*weeks[:2], weeks[2] + more]
    assert starts("454", 2025)[2] == np.datetime64("2025-04-06")


@given(st.dates(), st.sampled_from(UNITS))
def test_every_day_lies_in_its_period(day, unit):
    day = np.datetime64(day, "D")
    if not np.datetime64("0003-01-01") < day < np.datetime64("9998-01-01"):
        return
    number = _dates.period_of(day, unit)
    first, after = _dates.period_starts(np.array([number, number + 1]), unit)
    assert first <= day < after and int((after - first).astype(int)) // 7 in (4, 5, 6)
    assert (first.astype(int) + 4) % 7 == 0                                  # a Sunday


@given(st.integers(1990, 2100), st.sampled_from(UNITS))
def test_a_year_ends_on_the_saturday_nearest_to_the_end_of_its_month(year, unit):
    month = _dates.MONTHS.index(unit.partition("-")[2] or "JAN") + 1
    last = starts(unit, year)[12] - 1
    ends = np.datetime64(f"{year + (month < 6)}-01", "M") + month
    assert abs((last - (ends.astype("M8[D]") - 1)).astype(int)) <= 3


LOG = {"who": ["a", "a", "b", "a"], "day": ["2025-02-01", "2025-02-02", "2025-03-01", "2025-04-06"],
       "paid": [1.0, 2.0, 4.0, 8.0]}


def test_tables_are_cut_by_the_calendar_and_named_by_its_year():
    base = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", end="2025-05-03")
    history = base.history(unit="454")
    assert list(history) == ["customer", "FY2024P12", "FY2025P01", "FY2025P02", "FY2025P03"]
    assert [history[name].tolist() for name in list(history)[1:]] == [[1, 0], [2, 4], [0, 0], [8, 0]]
    assert list(base.history(2, unit="445-DEC"))[1:] == ["FY2025P04", "FY2025P05"]
    assert cv.cohorts(base, unit="454").labels == ["FY2024P12", "FY2025P01"]
    model, spend = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=100)
    forecast = cv.forecast(base, purchases=model, spend=spend, periods=2, unit="454")
    assert {"FY2025P03", "FY2025P04", "FY2025P05", "sum_2P"} <= set(forecast)
    weeks = cv.forecast(base, purchases=model, spend=spend, periods=4, unit="W-SUN")
    np.testing.assert_allclose(forecast["FY2025P04"], weeks["sum_4W"], rtol=1e-12)


@pytest.mark.parametrize("unit", ["4-4-5", "445-FOO", "455"])
def test_other_names_are_refused(unit):
    base = cv.CustomerBase(LOG, customer="who", time="day")
    with pytest.raises(cv.ConfigError, match="445 454 544"):
        base.history(unit=unit)


def test_a_calendar_is_no_duration_and_no_grain():
    with pytest.raises(cv.ConfigError, match="'445' is a calendar only"):
        cv.CustomerBase(LOG, customer="who", time="day").summary(unit="445")
    with pytest.raises(cv.ConfigError, match="'454' is a calendar only"):
        cv.CustomerBase(LOG, customer="who", time="day", grain="454")
