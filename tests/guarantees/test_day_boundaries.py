"""Promise D4: days are integers, the end day is inclusive, boundaries are exact to the nanosecond."""
import datetime
import random

import numpy as np
import pytest

import custval as cv

EDGES = ["0001-01-02", "0004-02-29", "1582-10-15", "1600-02-29", "1677-09-22", "1900-03-01", "1969-12-31", "1970-01-01",
         "1999-12-31", "2000-02-29", "2000-03-01", "2024-02-29", "2025-03-30", "2025-10-26", "2038-01-19", "2100-03-01",
         "2261-12-31", "9999-12-31"]
UNITS = ["s", "ms", "us", "ns"]


def first_day(time):
    base = cv.CustomerBase({"id": [1], "t": time}, customer="id", time="t")
    return base.summary()["first"][0]


@pytest.mark.parametrize("day, unit", [(day, unit) for day in EDGES for unit in UNITS
                                       if unit != "ns" or "1678" < day < "2262"])      # the range of nanoseconds
def test_one_tick_before_at_and_after_midnight(day, unit):
    midnight = np.array([day], f"M8[{unit}]")
    one = np.timedelta64(1, unit)
    before = datetime.date.fromisoformat(day) - datetime.timedelta(1)
    assert first_day(midnight - one) == np.datetime64(before)
    assert first_day(midnight) == first_day(midnight + one) == np.datetime64(day)


def test_random_timestamps_have_the_day_of_datetime():
    rng = random.Random(4)
    moments = [datetime.datetime.fromordinal(rng.randint(1, 3_652_059)) + datetime.timedelta(
        microseconds=rng.choice([0, 1, 86_399_999_999, rng.randrange(86_400_000_000)])) for _ in range(400)]
    text = [m.isoformat(rng.choice("T ")) for m in moments]
    for column in (np.array(moments, "M8[us]"), moments, text):
        base = cv.CustomerBase({"id": np.arange(400), "t": column}, customer="id", time="t")
        assert base.summary()["first"].tolist() == [m.date() for m in moments]


@pytest.mark.parametrize("unit", UNITS)
def test_the_whole_end_day_is_included(unit):
    last = np.datetime64("1997-09-30", unit) + np.timedelta64(1, "D") - np.timedelta64(1, unit)
    times = np.array(["1997-09-01", last, last + np.timedelta64(1, unit)], f"M8[{unit}]")
    log = {"id": [1, 1, 1], "t": times}
    base = cv.CustomerBase(log, customer="id", time="t", end="1997-09-30")
    assert base.rows == (3, 2, 0, {"after 1997-09-30": 1})
    assert base.summary()["x"].tolist() == [1] and base.summary()["T"].tolist() == [29.0]
    calibration, holdout = cv.CustomerBase(log, customer="id", time="t").split("1997-09-30")
    assert calibration.summary()["x"].tolist() == [1] and holdout.summary()["x"].tolist() == [1]


@pytest.mark.parametrize("end", ["1997-09-30", datetime.date(1997, 9, 30), datetime.datetime(1997, 9, 30, 12),
                                 np.datetime64("1997-09-30T23:59:59")])
def test_the_end_may_be_text_a_date_or_a_datetime(end):
    log = {"id": [1, 1], "t": ["1997-09-30T23:59:59.999999", "1997-10-01"]}
    assert cv.CustomerBase(log, customer="id", time="t", end=end).rows.used == 1


@pytest.mark.parametrize("zone, day, hours", [("Europe/London", "2025-10-26", 25), ("Europe/London", "2025-03-30", 23),
                                              ("America/Sao_Paulo", "2018-11-04", 23),
                                              ("Asia/Shanghai", "2026-01-01", 24)])
def test_a_day_of_daylight_saving_is_one_day(zone, day, hours):
    """In Sao Paulo, 2018-11-04 begins at 01:00: there is no midnight."""
    from zoneinfo import ZoneInfo
    start = datetime.datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(datetime.UTC)
    inside = [start + datetime.timedelta(hours=h, minutes=30) for h in range(hours)]
    around = [start - datetime.timedelta(seconds=1), start + datetime.timedelta(hours=hours)]
    log = {"id": [1] * (hours + 2), "t": [m.isoformat() for m in inside + around]}
    base = cv.CustomerBase(log, customer="id", time="t", tz=zone)
    assert base.rows == (hours + 2, 3, hours - 1, {})
    assert base.summary()["t_x"].tolist() == [2.0]


def test_hours_are_a_grain_too():
    log = {"id": [1, 1, 1], "t": ["2025-01-01T10:00", "2025-01-01T10:59:59", "2025-01-01T11:00"]}
    base = cv.CustomerBase(log, customer="id", time="t", grain="h", unit="h")
    assert base.rows == (3, 2, 1, {})
    summary = base.summary()
    assert summary["x"].tolist() == [1] and summary["t_x"].tolist() == [1.0]
    assert summary["T"].tolist() == [13.0]                                        # to the last hour of the day


def test_hours_are_local_wall_time_unless_the_zone_is_utc():
    """In London, 01:30 of 2025-10-26 comes twice, an hour apart."""
    log = {"id": [1] * 3, "t": ["2025-10-26T00:30+01:00", "2025-10-26T01:30+01:00", "2025-10-26T01:30+00:00"]}
    names = {"customer": "id", "time": "t", "grain": "h", "unit": "h"}
    wall, true = (cv.CustomerBase(log, **names, tz=tz) for tz in ("Europe/London", "UTC"))
    assert wall.rows.used == 2 and wall.summary()["t_x"].tolist() == [1.0]
    assert true.rows.used == 3 and true.summary()["t_x"].tolist() == [2.0]


@pytest.mark.parametrize("grain, used", [("W", 4), ("W-SUN", 3), ("M", 3), ("Q", 2), ("Q-JAN", 2),
                                         ("Y", 2), ("Y-JAN", 2)])
def test_calendar_grains(grain, used):
    """Orders on Sunday and Monday around new year, at the end of January and the start of February."""
    log = {"id": [1] * 5, "t": ["2024-12-29", "2024-12-30", "2025-01-01", "2025-01-31", "2025-02-03"]}
    assert cv.CustomerBase(log, customer="id", time="t", grain=grain).rows.used == used
