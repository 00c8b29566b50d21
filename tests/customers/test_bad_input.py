"""Bad input data: each case has a documented result or an error that names the remedy."""
import datetime
import warnings

import numpy as np
import pytest

import custval as cv

GOOD = {"id": [17850, 13047, 3], "day": ["2011-01-01", "2011-01-02", "2011-01-03"], "paid": [1.0, 2.0, 3.0],
        "no": ["536412", "538001", "7"]}


def base(frame=None, **options):
    names = {"customer": "id", "time": "day", "amount": "paid", "order": "no"}
    return cv.CustomerBase(GOOD | (frame or {}), **(names | options))


FIX = '\n  Correct these rows, or pass missing="drop" to leave them out and count them.'
NAN, INF, NAT = float("nan"), float("inf"), np.datetime64("NaT")

IN_PANDAS = """, in pandas:
  frame['paid'].str.replace(r"[^0-9.-]", "", regex=True).astype(float)"""
REFUSED = {                                    # what: (columns, options, the whole text)
    "dates that are none": ({"day": ["31/02/2011", "", "2011-01-03"]}, {},
        "column 'day': 2 of 3 values are not dates\n"
        "  row 0   '31/02/2011'   customer 17850, order 536412\n"
        "  row 1   ''             customer 13047, order 538001" + FIX[:-1] +
        ', or time_format="%d/%m/%Y" if that is meant.'),
    "month first": ({"day": ["04/13/2011 10:30", "04/01/2011 10:30", "2011-01-03"]}, {},
        "column 'day': 2 of 3 values are not dates\n"
        "  row 0   '04/13/2011 10:30'   customer 17850, order 536412\n"
        "  row 1   '04/01/2011 10:30'   customer 13047, order 538001" + FIX[:-1] +
        ', or time_format="%m/%d/%Y %H:%M" if that is meant.'),
    "day or month first": ({"day": ["03.04.2011", "05.06.2011", "2011-01-03"]}, {},
        "column 'day': 2 of 3 values are not dates\n"
        "  row 0   '03.04.2011'   customer 17850, order 536412\n"
        "  row 1   '05.06.2011'   customer 13047, order 538001" + FIX[:-1] +
        ', or time_format="%d.%m.%Y" or time_format="%m.%d.%Y" if that is meant.'),
    "no date": ({"day": np.array(["2011-01-01", "NaT", "2011-01-02"], "M8[D]")}, {},
        "column 'day': 1 of 3 values are not dates\n  row 1   (missing)   customer 13047, order 538001" + FIX),
    "the year 0": ({"day": np.array(["0000-12-31", "0001-01-01", "9999-12-31"], "M8[D]")}, {},
        "column 'day': 1 of 3 values are not dates\n  row 0   0000-12-31   customer 17850, order 536412" + FIX),
    "the year 10000": ({"day": np.array(["2011-01-01", "9999-12-31", "10000-01-01"], "M8[s]")}, {},
        "column 'day': 1 of 3 values are not dates\n  row 2   10000-01-01T00:00:00   customer 3, order 7" + FIX),
    "numbers as dates": ({"day": [20110101, 20110102, 20110103]}, {},
        "column 'day' holds int values such as 20110101; a time is a date, a datetime, datetime64 or text (ISO 8601, "
        "or any that time_format= describes). Convert the column first, so that nothing is guessed\n"
        "  Pass time_format='%Y%m%d' if that is meant."),
    "zones": ({"day": ["2011-01-01T00:00+01:00", "2011-01-01T00:00+02:00", "2011-01-01T00:00+01:00"]}, {},
        "column 'day' mixes zones: UTC+01:00 in row 0, UTC+02:00 in row 1\n"
        "  Pass tz= to say in which zone days are cut, such as tz='Europe/London'."),
    "some with a zone": ({"day": ["2011-01-01T00:00", "2011-01-01T00:00Z", None]}, {},
        "column 'day' mixes times with and without a zone: none in row 0, UTC in row 1\n"
        "  Give all of them a zone, or none."),
    "one moment in two zones": ({"day": np.array([datetime.datetime(2011, 1, 1, tzinfo=datetime.UTC).astimezone(
        datetime.timezone(datetime.timedelta(hours=h))) for h in (0, 1, 2)], object)}, {},
        "column 'day' mixes zones: UTC in row 0, UTC+01:00 in row 1, UTC+02:00 in row 2\n"
        "  Pass tz= to say in which zone days are cut, such as tz='Europe/London'."),
    "no id": ({"id": np.array([17850, None, 3], object)}, {},
        "column 'id': 1 of 3 values are missing\n  row 1   (missing)   customer (missing), order 538001" + FIX),
    "NaN as id": ({"id": [17850.0, 13047.0, NAN]}, {},
        "column 'id': 1 of 3 values are missing\n  row 2   (missing)   customer (missing), order 7" + FIX),
    "a masked id": ({"id": np.ma.array([1, 2, 3], mask=[0, 1, 0])}, {},
        "column 'id': 1 of 3 values are missing\n  row 1   (missing)   customer (missing), order 538001" + FIX),
    "no order": ({"no": ["a", None, "b"]}, {},
        "column 'no': 1 of 3 values are missing\n  row 1   (missing)   customer 13047, order (missing)" + FIX),
    "amounts": ({"paid": [NAN, -INF, 3.0]}, {},
        "column 'paid': 2 of 3 values are not finite numbers\n"
        "  row 0   (missing)   customer 17850, order 536412\n"
        "  row 1   -inf        customer 13047, order 538001" + FIX),
    "None as amount": ({"paid": [1, None, 3]}, {},
        "column 'paid': 1 of 3 values are not finite numbers\n"
        "  row 1   (missing)   customer 13047, order 538001" + FIX),
    "a masked amount": ({"paid": np.ma.array([1, 2, 3], mask=[0, 0, 1])}, {},
        "column 'paid': 1 of 3 values are not finite numbers\n  row 2   (missing)   customer 3, order 7" + FIX),
    "text as amount": ({"paid": np.array(["1", "2", "3"])}, {},
        "column 'paid' (amount=) holds text, not numbers; convert it first, so that nothing is guessed" + IN_PANDAS),
    "text among amounts": ({"paid": np.array([1.0, "2", 3.0], object)}, {},
        "column 'paid' (amount=) holds str values such as '2' in row 1; convert it to numbers first, in pandas:\n"
        "  pandas.to_numeric(frame['paid'])"),
    "complex amounts": ({"paid": np.array([1, 2, 3j])}, {},
        "column 'paid' (amount=) holds complex numbers, not numbers; convert it first, so that nothing is guessed"),
    "truth as amount": ({"paid": [True, False, True]}, {},
        "column 'paid' (amount=) holds true and false, not numbers; convert it first, so that nothing is guessed"),
    "amounts beyond 2**53": ({"paid": np.array([2**53 + 1, 1, 2])}, {},
        "column 'paid' (amount=) holds integers beyond 2**53, which lose digits"),
    "refunds refused": ({"paid": [1.0, -2.0, 3.0]}, {"refunds": "raise"},
        "column 'paid': 1 of 3 values are below zero\n  row 1   -2.0   customer 13047, order 538001\n"
        '  Pass refunds="net" to set refunds against purchases, or refunds="drop" to leave them out and count them.'),
    "float ids beyond 2**53": ({"id": [1e18, 1e18 + 200, 3.0]}, {},
        "column 'id': float ids must be whole numbers below 2**53, beyond it different ids become one; "
        "row 0 is 1e+18. Read the column as integers or text."),
    "broken ids": ({"id": [1.0, 2.5, 3.0]}, {},
        "column 'id': float ids must be whole numbers below 2**53, beyond it different ids become one; "
        "row 1 is 2.5. Read the column as integers or text."),
    "an end before it begins": ({}, {"end": "2010-12-31"},
        "no customer has a row by 2010-12-31; the first row is of 2011-01-01"),
    "an end that is no day": ({}, {"end": "2011-02-29"},
        "end='2011-02-29' is not a day: pass an ISO 8601 date such as '1997-09-30', a datetime.date or a "
        "numpy.datetime64"),
    "empty": ({name: [] for name in GOOD}, {},
        "orders: none of 0 rows can be used; a base needs an order"),
    "a wide column": ({"paid": np.ones((3, 2))}, {}, "column 'paid' has 2 dimensions; a column has one"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_columns_are_refused_with_the_whole_text(what):
    frame, options, text = REFUSED[what]
    with pytest.raises(cv.DataError) as error:
        base(frame, **options)
    assert str(error.value) == text


SETTINGS = {
    "unit": "unit 'weeks' is not known: did you mean 'W'? One of h D W M Q Y, with an anchor such as W-MON, Q-MAR or "
            "Y-MAR",
    "grain": "unit 'Q-MAI' is not known: one of h D W M Q Y, with an anchor such as W-MON, Q-MAR or Y-MAR",
    "tz": "tz='Mars/Olympus' is not a time zone; pass a name such as 'Europe/London'",
    "refunds": "refunds='shift': expected one of 'net', 'drop', 'raise'",
    "missing": "missing='ignore': expected one of 'raise', 'drop'",
    "time_format": "time_format='%x': use each of %Y %y %m %b %B %d %H %I %p %M %S %f %z %% at most once; "
                   "directives that depend on the language of the machine are not read",
    "customer": "which column is which? columns: id, day, paid, no\n"
                "  Not certain by names and data:\n"
                "    customer: 'id' (a new one in each of 3 rows)\n    time='day'\n    amount='paid'",
}
WRONG = {"unit": "weeks", "grain": "Q-MAI", "tz": "Mars/Olympus", "refunds": "shift", "missing": "ignore",
         "time_format": "%x", "customer": None}


@pytest.mark.parametrize("name", SETTINGS)
def test_unknown_settings_are_refused(name):
    with pytest.raises(cv.ConfigError) as error:
        base(**{name: WRONG[name]})
    assert str(error.value) == SETTINGS[name]


def test_dropped_rows_are_counted_by_their_first_reason_in_one_warning():
    frame = {"id": np.array([1, None, None], object), "day": ["2011-01-01", "x", "2011-01-02"]}
    with pytest.warns(cv.DataWarning) as seen:
        some = base(frame, missing="drop")
    assert [str(w.message) for w in seen] == [
        "orders: left out 2 of 3 rows: 2 customer missing; in money 5.00 of 6.00 (83.3 %)"]
    assert seen[0].filename == __file__
    assert some.rows == (3, 1, 0, {"customer missing": 2})
    with pytest.warns(cv.DataWarning), pytest.raises(
            cv.DataError, match=r"none of 3 rows can be used \(3 amount not finite\)"):
        base({"paid": [NAN] * 3}, missing="drop")


def test_at_most_five_rows_are_shown():
    log = {"id": [1] * 9, "day": ["2011-01-01"] * 9, "paid": [NAN] * 9}
    with pytest.raises(cv.DataError) as error:
        cv.CustomerBase(log, customer="id", time="day", amount="paid")
    assert str(error.value).count("\n  row ") == 5 and "\n  and 4 more\n" in str(error.value)


@pytest.mark.parametrize("log", [
    {"id": ["a"], "day": ["2011-01-01"], "paid": [5.0]},                                   # one row
    {"id": ["a"] * 3, "day": ["2011-01-01"] * 3, "paid": [5.0, 2.0, 1.0]},                 # one customer, one day
    {"id": ["a", "b", "c"], "day": ["2011-01-01", "2011-01-05", "2011-02-01"], "paid": [5.0] * 3},  # bought once
    {"id": ["a", "a"], "day": ["2011-01-01", "2011-01-02"], "paid": [0.0, 0.0]},           # free orders
    {"id": ["a", "a"], "day": ["2011-01-01", "2011-01-02"], "paid": [-5.0, 2.0]},          # negative total
    {"id": ["a"], "day": ["2011-01-01"], "paid": [-5.0]}],                                 # only a refund
    ids=["row", "day", "once", "free", "negative", "refund"])
def test_small_logs_have_every_result(log):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        some = cv.CustomerBase(log, customer="id", time="day", amount="paid")
        summary, attributes = some.summary(), some.attributes()
        some.history(3, "Q"), some.check(), some.card(), some._repr_html_(), some.split(some.end)
    assert summary["amount"].sum() == sum(log["paid"])
    assert np.isnan(summary["m_x"][summary["x"] == 0]).all()
    bought = attributes["purchases"] > 0
    assert np.isnan(summary["T"][~bought]).all() and not np.isnan(summary["T"][bought]).any()


def test_ids_that_differ_by_case_blanks_or_zeros_are_kept_and_reported():
    log = {"id": ["007", "7", "Ab", "aB ", "z"], "day": ["2011-01-01"] * 5}
    some = cv.CustomerBase(log, customer="id", time="day")
    assert some.customers.tolist() == log["id"]
    seen = some.check()
    assert seen["finding"].tolist() == ["ids that differ only in type, case, unseen characters or leading zeros"]
    assert seen["count"].tolist() == [4] and seen["example"].tolist() == ["'007', '7'"]


def test_blank_ids_and_days_beyond_a_gap_are_reported():
    log = {"id": ["a", "b", "", "c"], "day": ["2024-01-01", "2024-06-01", "2024-07-01", "2042-07-01"]}
    seen = cv.CustomerBase(log, customer="id", time="day").check()
    assert seen["finding"].tolist() == ["rows beyond a gap of more than a year", "blank ids"]
    assert seen["count"].tolist() == [1, 1] and seen["example"].tolist() == ["2042-07-01", "''"]
    early = cv.CustomerBase(log | {"day": ["1900-01-01", *log["day"][:3]]}, customer="id", time="day").check()
    assert (early["count"][0], early["example"][0]) == (1, "1900-01-01")


QUESTIONS = {
    "value 'margin' is not known: the base has no cost; pass cost= to CustomerBase":
        lambda b: b.history(1, value="margin"),
    "as_of: 2012-01-01 lies after the end of observation, 2011-01-03; pass end= to CustomerBase if nothing was "
    "ordered since": lambda b: b.as_of("2012-01-01"),
    "a holdout has no attributes of its own; use the whole base, or base.as_of(date)":
        lambda b: b.split("2011-01-01")[1].attributes(),
    "column 'customer': 2 of 3 customers have no row, the first is 17850":
        lambda b: b.attributes(join={"customer": [3], "extra": [1]}),
    "join: the column 'amount' is there already; rename it":
        lambda b: b.attributes(join={"customer": [3, 17850, 13047], "amount": [1, 2, 3]}),
    "column 'customer': customer 3 has more than one row":
        lambda b: b.with_profile({"customer": [3, 3], "extra": [1, 2]}),
    "the profile has a column 'amount', which is there already; rename it":
        lambda b: b.with_profile({"customer": [3], "amount": [1]}).attributes(),
}


@pytest.mark.parametrize("text", QUESTIONS)
def test_impossible_requests_are_refused(text):
    with pytest.raises(cv.DataError) as error:
        QUESTIONS[text](base())
    assert str(error.value) == text
