"""Units of time, calendar periods with their labels, and windows of months."""
import numpy as np
import pytest

import custval as cv
from custval import _dates as _time


def day(text):
    return np.datetime64(text, "D")


@pytest.mark.parametrize("unit, days", [("D", 1), ("W", 7), ("M", 365.25 / 12), ("Q", 365.25 / 4), ("Y", 365.25),
                                        ("h", 1 / 24)])
def test_days_of_a_unit(unit, days):
    num, den = _time.duration(unit)
    assert den / num == days
    assert _time.duration(unit, per_day=24) == (lambda g: (num // g, den * 24 // g))(np.gcd(num, den * 24))


def test_twelve_months_are_four_quarters_are_a_year():
    ratio = [_time.duration(u)[0] / _time.duration(u)[1] for u in "MQY"]
    assert ratio[0] == pytest.approx(3 * ratio[1], rel=1e-15) == pytest.approx(12 * ratio[2], rel=1e-15)


PAST = {
    ("Q", "2025-11-15"): ["2025Q2", "2025Q3", "2025Q4"], ("Q-MAR", "2026-05-01"): ["2026Q3", "2026Q4", "2027Q1"],
    ("Y", "2025-11-15"): ["2023", "2024", "2025"], ("Y-MAR", "2026-03-31"): ["2024", "2025", "2026"],
    ("M", "2026-01-31"): ["2025-11", "2025-12", "2026-01"],
    ("D", "2024-03-01"): ["2024-02-28", "2024-02-29", "2024-03-01"],
    ("W", "2027-01-03"): ["2026-W51", "2026-W52", "2026-W53"],
    ("W-MON", "2027-01-04"): ["2026-W52", "2026-W53", "2027-W01"],
    ("W-SUN", "2027-01-03"): ["2026-12-20", "2026-12-27", "2027-01-03"],
}


@pytest.mark.parametrize("unit, end", PAST)
def test_labels_and_edges_of_past_periods(unit, end):
    edges, labels, stub = _time.past_periods(day(end), 3, unit)
    assert labels == PAST[unit, end] and not stub
    assert edges[-1] == day(end).astype(int) + 1 and (np.diff(edges) > 0).all()


@pytest.mark.parametrize("unit", ["D", "W", "W-THU", "M", "Q", "Q-FEB", "Y", "Y-NOV"])
def test_periods_follow_each_other_without_a_gap_on_any_day(unit):
    for end in np.arange(day("2023-12-25"), day("2025-03-05")):
        past, future = _time.past_periods(end, 2, unit), _time.next_periods(end, 2, unit)
        assert past.edges[-1] == future.edges[0] == end.astype(int) + 1
        whole = future.edges[1:] if future.stub else future.edges
        assert len(whole) == 3 and len(future.labels) == 2 + future.stub
        if future.stub:
            assert future.labels[0] == "rest of " + past.labels[-1]
        starts = [_time.period_of(np.datetime64(int(e), "D"), unit) for e in whole]
        before = [_time.period_of(np.datetime64(int(e) - 1, "D"), unit) for e in whole]
        assert np.diff(starts).tolist() == [1, 1] and [s - b for s, b in zip(starts, before, strict=True)] == [1, 1, 1]


@pytest.mark.parametrize("end, months, first", [
    ("2024-02-29", 12, "2023-03-01"), ("2023-02-28", 12, "2022-03-01"), ("2025-11-14", 12, "2024-11-15"),
    ("2025-12-31", 24, "2024-01-01"), ("2025-03-30", 1, "2025-03-01"), ("2024-02-28", 12, "2023-03-01"),
    ("2025-02-28", 12, "2024-03-01"), ("2025-02-27", 12, "2024-02-28"), ("2024-02-28", 24, "2022-03-01"),
    ("2025-04-30", 1, "2025-04-01"), ("2026-02-28", 24, "2024-03-01")])
def test_windows_of_months_end_with_the_day(end, months, first):
    assert str(_time.months_before(day(end), months)) == first


@pytest.mark.parametrize("periods", [0, -1, 1.5, True, "3", 100_001])
def test_periods_that_are_not_a_positive_integer_are_refused(periods):
    with pytest.raises(cv.ConfigError, match="periods="):
        _time.past_periods(day("2025-01-01"), periods, "M")


def test_a_year_holds_each_date_once_and_a_month_end_whole_months():
    for end in np.arange(day("2023-01-01"), day("2029-01-01")):
        first = _time.months_before(end, 12)
        dates = [str(d)[5:] for d in np.arange(first, end + 1)]
        assert len(dates) == len(set(dates)) >= 365
        if str(end + 1).endswith("-01"):
            assert first == (end.astype("M8[M]") - 11).astype("M8[D]")


@pytest.mark.parametrize("unit", ["D", "W", "W-SUN", "M", "Q", "Y", "Y-MAR"])
def test_periods_stay_within_the_years_1_to_9999(unit):
    for end, ask in (("0001-01-20", _time.past_periods), ("9998-12-20", _time.next_periods)):
        assert ask(day(end), 1, unit).labels
        with pytest.raises(cv.ConfigError, match=r"periods of .* reach out of the years 1 to 9999; pass fewer"):
            ask(day(end), 400, unit)


def test_a_history_of_too_many_periods_is_refused():
    base = cv.CustomerBase({"id": [1, 1], "t": ["0001-01-01", "9999-12-31"]}, customer="id", time="t")
    with pytest.raises(cv.ConfigError) as seen:
        base.history(unit="M")
    assert str(seen.value) == ("from 0001-01-01 to 9999-12-31 there are 119,988 periods of M: at most 2,000; pass "
                               "periods=, a longer unit, or end= to CustomerBase if the last days are wrong")
    assert len(base.history(2000, unit="Y")) == 1 + 2000


def test_hours_are_refused_as_periods():
    with pytest.raises(cv.ConfigError, match="unit 'h' is a duration only: one of D W M Q Y, "):
        _time.next_periods(day("2025-01-01"), 3, "h")


@pytest.mark.parametrize("said, meant", [("week", "W"), ("Months", "M"), ("quarter", "Q"), ("y", "Y"), ("d", "D")])
def test_a_misspelt_unit_gets_a_suggestion(said, meant):
    with pytest.raises(cv.ConfigError, match=f"unit '{said}' is not known: did you mean '{meant}'. One of D W M Q Y, "):
        _time.past_periods(day("2025-11-15"), 1, said)
    with pytest.raises(cv.ConfigError, match=f"did you mean '{meant}'. One of h D W M Q Y, "):
        _time.duration(said)
