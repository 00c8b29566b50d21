"""Forms of times: integers, counts of time, lists of formats, zones behind text; days in the zone of a base."""
import datetime
import re

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custval as cv

KINDS = {"arrays": lambda log: log, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table,
         "duckdb": lambda log: duckdb.from_arrow(pa.table(log))}
UTC = datetime.UTC


def read(day, kind="arrays", **options):
    log = {"id": ["a"] * len(day), "day": day}
    return cv.CustomerBase(KINDS[kind](log), customer="id", time="day", **options)


def days(day, *args, **options):
    ledger = read(day, *args, **options).snapshot.ledger
    return [str(d) for d in ledger.days(ledger.tick)]


@pytest.mark.parametrize("kind", KINDS)
def test_integers_are_dates_by_their_format(kind):
    assert days([20150930, 20151001], kind, time_format="%Y%m%d") == ["2015-09-30", "2015-10-01"]
    assert days([150930, 91001], kind, time_format="%y%m%d") == ["2009-10-01", "2015-09-30"]          # 091001
    assert days([1022015, 30092015], kind, time_format="%d%m%Y") == ["2015-02-01", "2015-09-30"]      # 01022015


def test_whole_floats_beside_a_missing_value_are_dates():
    with pytest.warns(cv.DataWarning, match="1 time not a date"):
        assert days([20150930.0, float("nan")], "pandas", time_format="%Y%m%d", missing="drop") == ["2015-09-30"]


@pytest.mark.parametrize("number, form", [
    (20110101, "%Y%m%d"), (45000, "days since 1899-12-30"), (1_700_000_000, "seconds since 1970-01-01 UTC"),
    (1_700_000_000_000, "milliseconds since 1970-01-01 UTC"), (711, "days since 2025-01-01")])
def test_a_number_without_a_format_is_refused_with_the_likely_one_which_reads_it(number, form):
    with pytest.raises(cv.DataError, match=f"such as {number}; a time is .*\n  Pass time_format='{form}' if that is"):
        read([number, number])
    assert read([number, number], time_format=form).end


@pytest.mark.parametrize("kind", KINDS)
def test_counts_of_time_since_a_moment(kind):
    assert days([1, 711], kind, time_format="days since 2024-12-31") == ["2025-01-01", "2026-12-12"]
    assert days([45000.99, 45001], kind, time_format="days since 1899-12-30") == ["2023-03-15", "2023-03-16"]
    assert days([-1, 24], kind, time_format="hours since 2025-01-01") == ["2024-12-31", "2025-01-02"]
    unix = [1_735_689_599, 1_735_689_600]                                              # midnight of 2025-01-01 UTC
    assert days(unix, kind, time_format="seconds since 1970-01-01 UTC") == ["2024-12-31", "2025-01-01"]
    assert days(unix, kind, time_format="seconds since 1970-01-01 UTC", tz="Asia/Shanghai") == ["2025-01-01"] * 2
    assert days(unix, kind, time_format="seconds since 1970-01-01") == ["2024-12-31", "2025-01-01"]
    assert read(unix, kind, time_format="seconds since 1970-01-01T00:00Z").snapshot.provenance.zone == "UTC"


def test_a_count_beyond_the_calendar_is_no_date():
    for count in (1e300, -1e9, 9e18, float("inf")):
        with pytest.raises(cv.DataError, match="1 of 2 values are not dates"):
            read([1.0, count], time_format="days since 2025-01-01")
        with pytest.raises(cv.DataError, match="1 of 2 values are not dates"):
            read([1.0, count], time_format="days since 2025-01-01 UTC")


def test_a_count_needs_an_origin_numbers_and_stands_alone():
    with pytest.raises(cv.ConfigError, match="'the flood' is no date or time"):
        read([1], time_format="days since the flood")
    with pytest.raises(cv.DataError, match="holds object values, and time_format='days since 2025-01-01' counts"):
        read(["1"], time_format="days since 2025-01-01")
    with pytest.raises(cv.ConfigError, match="a count of time such as 'days since 2025-01-01' stands alone"):
        read([1], time_format=["%Y", "days since 2025-01-01"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_formats_reads_each_value_by_the_one_that_fits(kind):
    texts = ["01.02.2025", "01.02.2025 10:30", "2025-03-01", "2025-03-01T10:00:00.5"]
    got = days(texts, kind, time_format=["%d.%m.%Y", "%d.%m.%Y %H:%M", "ISO8601"])
    assert got == ["2025-02-01", "2025-02-01", "2025-03-01", "2025-03-01"]


def test_a_value_that_two_formats_read_differently_is_refused():
    assert days(["02/02/2025"], time_format=["%d/%m/%Y", "%m/%d/%Y"]) == ["2025-02-02"]
    with pytest.raises(cv.DataError, match="column 'day': '01/02/2025' is 2025-01-02 00:00:00 or 2025-02-01 00:00:00"):
        read(["01/02/2025"], time_format=["%d/%m/%Y", "%m/%d/%Y"])


@pytest.mark.parametrize("zone", ["Z", " UTC", " GMT", "+00:00", " +0000", " +00:00"])
def test_zones_behind_text_with_and_without_fractions(zone):
    base = read([f"2015-05-20 23:34:02{zone}", f"2015-05-21 21:34:02.1{zone}", f"2015-05-21T21:34{zone}"])
    assert base.snapshot.provenance.zone == "UTC" and base.rows.used == 2
    formatted = read([f"20.05.2015 21:34:02.123456789{zone}"], time_format=["%d.%m.%Y %H:%M:%S.%f%z",
                                                                           "%d.%m.%Y %H:%M:%S.%f %z"])
    assert formatted.snapshot.provenance.zone == "UTC"


@pytest.mark.parametrize("text", ["2015-05-20Z", "2015-05-20 UTC", "2015-05-20 21:34 CET", "2015-05-20 21:34 +1",
                                  "20150520123", "2015-05-20T", "2015-5-2", "UTC"])
def test_other_text_is_no_iso_time(text):
    with pytest.raises(cv.DataError, match="1 of 1 values are not dates"):
        read([text])


# ---- advice ----

def test_a_day_that_does_not_exist_is_named_and_no_format_is_advised_twice():
    for text, form in (("31/02/2025", "%d/%m/%Y"), ("2025-02-30", None), ("2025-02-30 10:00", None),
                       ("20250230", "%Y%m%d"), ("00/00/0000", "%d/%m/%Y"), ("0000-00-00", None)):
        with pytest.raises(cv.DataError, match=f"There is no such day as '{text}'. Correct these rows, or") as error:
            read([text, text], time_format=form)
        assert "time_format" not in str(error.value)


@pytest.mark.parametrize("text, form", [
    ("2024年1月15日", "%Y年%m月%d日"), ("15-Jan-2024", "%d-%b-%Y"), ("Jan 15, 2024", "%b %d, %Y"),
    ("15.01.24", "%d.%m.%y"),
    ("1/15/24 9:05", "%m/%d/%y %H:%M"), ("01/15/2024 09:05 PM", "%m/%d/%Y %I:%M %p"), ("2024-1-5", "%Y-%m-%d"),
    ("15 January 2024", "%d %B %Y")])
def test_the_format_advised_reads_the_value(text, form):
    with pytest.raises(cv.DataError) as error:
        read([text, text, "2024-01-20"])
    assert f'time_format="{form}" if that is meant' in str(error.value)
    assert str(read([text, text], time_format=form).end).startswith("2024-01-")


@pytest.mark.parametrize("texts, form", [
    (["2024-01", "2024-12"], "%Y-%m"), (["2024/01", "2024/12"], "%Y/%m"), (["01.2024", "12.2024"], "%m.%Y"),
    (["1/2024", "12/2024"], "%m/%Y"), (["2024年1月", "2024年12月"], "%Y年%m月"), (["Jan 2024", "Dec 2024"], "%b %Y"),
    (["Jan-24", "Dec-24"], "%b-%y"), (["January 2024", "December 2024"], "%B %Y")])
def test_months_in_text_have_their_format_advised(texts, form):
    """2024-01 was no date, without any advice; a month is read as its first day."""
    log = {"id": ["a", "a", "b"], "order_date": [*texts, texts[0]], "amount": [1.0, 2.0, 4.0]}
    names = {"customer": "id", "time": "order_date", "amount": "amount"}
    with pytest.raises(cv.DataError, match=re.escape(f'time_format="{form}" if that is meant')):
        cv.CustomerBase(log, **names)
    with pytest.raises(cv.ConfigError, match=re.escape(f"time='order_date', amount='amount', time_format={form!r})")):
        cv.CustomerBase(log)
    summary = cv.CustomerBase(log, **names, time_format=form).summary()
    assert [str(day)[:10] for day in summary["last"]] == ["2024-12-01", "2024-01-01"]


def test_advice_for_a_column_in_two_forms_ends():
    log = ["01/13/2025", "2025-02-01"]
    with pytest.raises(cv.DataError, match='time_format="%m/%d/%Y" if that is meant'):
        read(log)
    with pytest.raises(cv.DataError, match=r"or time_format=\['%m/%d/%Y', 'ISO8601'\] if both occur"):
        read(log, time_format="%m/%d/%Y")
    assert days(log, time_format=["%m/%d/%Y", "ISO8601"]) == ["2025-01-13", "2025-02-01"]


# ---- days ----

AWARE = pd.Timestamp("2024-10-05 00:30", tz="Europe/Berlin")
BERLIN = pd.Series(pd.to_datetime(["2023-05-01", "2024-10-05"])).dt.tz_localize("Europe/Berlin")


@pytest.mark.parametrize("end", [AWARE, AWARE.tz_convert("UTC"), AWARE.to_pydatetime(), "2024-10-05",
                                 "2024-10-04T22:30Z", "2024-10-04 22:30:00+00:00",
                                 datetime.datetime(2024, 10, 4, 22, 30, tzinfo=UTC),
                                 datetime.date(2024, 10, 5), np.datetime64("2024-10-05T00:30"), pa.scalar(AWARE),
                                 pa.scalar(datetime.date(2024, 10, 5)), np.array("2024-10-05", "M8[D]")], ids=repr)
def test_a_time_is_its_day_in_the_zone_of_the_base(end):
    log = pd.DataFrame({"id": ["a", "b"], "day": BERLIN})
    base = cv.CustomerBase(log, customer="id", time="day", end=end)
    assert str(base.end) == "2024-10-05" and len(base.customers) == 2
    whole = cv.CustomerBase(log, customer="id", time="day", end="2024-12-31")
    assert str(whole.as_of(end).end) == "2024-10-05"
    assert str(whole.split(end)[0].end) == "2024-10-05"


def test_days_in_zones_by_offset_and_without_zone():
    offset = read(["2024-10-01T00:00+08:00", "2024-10-09T00:00+08:00"])
    assert str(offset.as_of(datetime.datetime(2024, 10, 4, 17, tzinfo=UTC)).end) == "2024-10-05"
    naive = read(["2024-10-01", "2024-10-09"])
    assert str(naive.as_of(AWARE).end) == "2024-10-05"                             # the wall clock of the time itself


@pytest.mark.parametrize("end", [pd.NaT, "tomorrow", 20240101, None, float("nan"), "2024-02-30", np.datetime64("NaT")])
def test_what_is_no_day_is_refused(end):
    with pytest.raises(cv.DataError, match="is not a day: pass an ISO 8601 date"):
        read(["2024-10-01", "2024-10-09"]).as_of(end)


# ---- too many periods ----

def test_frames_by_period_have_at_most_2000_of_them():
    base = read(["2024-01-01", "9999-12-31"])
    text = ("from 2024-01-01 to 9999-12-31 there are 95,712 periods of M: at most 2,000; pass periods=, a longer unit, "
            "or end= to CustomerBase if the last days are wrong")
    for frame in (lambda: base.history(unit="M"), lambda: base.history(2001, unit="M")):
        with pytest.raises(cv.ConfigError, match="at most 2,000"):
            frame()
    with pytest.raises(cv.ConfigError) as error:
        base.history(unit="M")
    assert str(error.value) == text
    assert len(base.history(3, unit="M")) == 4
    assert len(read(["2024-01-01", "9999-12-31"], end="2024-12-31").history(unit="M")) == 13
    with pytest.raises(cv.ConfigError, match="95,712 periods of M: at most 2,000; pass periods=, a longer unit, or"):
        cv.curve(base, unit="M")
