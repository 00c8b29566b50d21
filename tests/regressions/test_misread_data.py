"""Real cases in which other packages lost or misread data (failures.md 2.4), by their number."""
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv


def base_of(times, amounts=None, ids=None, **options):
    log = {"id": [1] * len(times) if ids is None else ids, "t": times}
    if amounts is not None:
        log["paid"] = amounts
        options["amount"] = "paid"
    return cv.CustomerBase(log, customer="id", time="t", **options)


def only(base, unit="D"):
    return {name: column[0] for name, column in base.summary(unit).items()}


def test_F61():
    """lifetimes#244: two orders on one day are one purchase, and it is said."""
    base = base_of(["2018-04-24T19:19:25", "2018-04-24T20:13:28", "2018-05-24T04:00:01"], end="2019-01-31")
    one = only(base)
    assert (one["x"], one["t_x"], one["T"]) == (1, 30, 282)
    assert base.rows == (3, 2, 1, {})


def test_F62():
    """lifetimes#184: eight rows on four days are three repeats; four rows merged."""
    base = base_of([f"2017-{day}" for day in ("06-11", "06-24", "07-08", "07-24") for _ in range(2)], end="2017-12-31")
    one = only(base)
    assert (one["x"], one["t_x"], one["T"]) == (3, 43, 203)
    assert base.rows == (8, 4, 4, {})


def test_F64():
    """lifetimes#41: two prices on one day are one purchase with their sum."""
    one = only(base_of(["2025-01-01", "2025-01-05", "2025-01-05"], [1.0, 3.0, 5.0]))
    assert one["x"] == 1 and one["m_x"] == 8.0


def test_F65():
    """lifetimes#431: the holdout averages per purchase as the calibration does: 16, not 8."""
    calibration, holdout = base_of(["2025-01-01", "2025-01-02", "2025-02-01", "2025-02-01"],
                                   [1.0, 4.0, 7.0, 9.0]).split("2025-01-31")
    assert only(calibration)["m_x"] == 4.0 and only(holdout)["m_x"] == 16.0


def test_F67():
    """A purchase at 18:30 of the last day counts."""
    one = only(base_of(["2014-03-01", "2014-05-01T18:30"], end="2014-05-01"))
    assert (one["x"], one["t_x"], one["T"]) == (1, 61, 61)


def test_F68():
    """lifetimes#26: the holdout ends with the observation; later rows are dropped and counted."""
    base = base_of(["2014-01-01", "2014-03-01", "2014-06-01"], end="2014-05-01")
    calibration, holdout = base.split("2014-02-01")
    assert only(holdout)["x"] == 1 and only(holdout)["t"] == 89
    assert calibration.rows.dropped == {"after 2014-02-01": 2}
    assert holdout.rows.dropped == {"before 2014-02-02": 1, "after 2014-05-01": 1}


def test_F70_F71():
    """lifetimes#67, CLVTools#292: without end= the last order's day, and said so; end= may lie after the last order."""
    late = base_of(["2014-01-01", "2014-03-01"], end="2014-05-01")
    assert only(late)["T"] == 120 and "2014-05-01 (given)" in late.card()
    default = base_of(["2014-01-01", "2014-03-01"])
    assert only(default)["T"] == 59 and "last order; pass end= if the data were drawn later" in default.card()


def test_F73_F74():
    """pymc-marketing#2953, #987: months are of 365.25/12 days, for every time alike."""
    one = only(base_of(["2014-01-01", "2014-02-01", "2014-04-01"], end="2014-05-01"), unit="M")
    assert one["x"] == 2
    assert_allclose([one["t_x"], one["T"]], [90 * 12 / 365.25, 120 * 12 / 365.25], rtol=1e-15)
    coarse = only(base_of(["2014-01-01", "2014-02-01", "2014-04-01"], end="2014-05-01", grain="M"), unit="M")
    assert coarse["x"] == 2


def test_F76():
    """Days are cut in one declared zone; several zones are an error (more in test_locale_and_clock.py)."""
    with pytest.raises(cv.DataError, match="mixes zones"):
        base_of(["2024-01-01T12:00+01:00", "2024-02-01T03:30+00:00"])


def test_F77():
    """Day first and month first are never guessed within one column."""
    with pytest.raises(cv.DataError, match=r'time_format="%d/%m/%Y" if that is meant'):
        base_of(["03/04/2014", "13/04/2014"])
    assert only(base_of(["03/04/2014", "13/04/2014"], time_format="%d/%m/%Y"))["t_x"] == 10


def test_F79():
    """A missing amount is an error, or with "drop" 7.0: never a 0 in the mean."""
    times, paid = ["2025-01-01", "2025-01-02", "2025-01-03"], [5.0, math.nan, 7.0]
    with pytest.raises(cv.DataError, match="row 1 "):
        base_of(times, paid)
    with pytest.warns(cv.DataWarning, match="1 amount not finite"):
        assert only(base_of(times, paid, missing="drop"))["m_x"] == 7.0


def test_F80():
    """Ids beyond 2**53 stay apart as integers and are refused as floats."""
    ids = np.array([10**18 + 1, 10**18 + 2])
    assert base_of(["2025-01-01"] * 2, ids=ids).summary()["customer"].tolist() == ids.tolist()
    with pytest.raises(cv.DataError, match=r"2\*\*53"):
        base_of(["2025-01-01"] * 2, ids=ids.astype(float))


def test_F82():
    """lifetimes#68: nothing but the log can be given by position."""
    with pytest.raises(TypeError):
        cv.CustomerBase({"id": [1], "t": ["2025-01-01"]}, "id", "t")


def test_F83():
    """lifetimes#152: purchases per period and purchases per customer are the same count."""
    base = cv.datasets.cdnow()
    weekly = base.history(value="purchases", unit="W")
    by_customer = base.attributes()["purchases"]
    assert sum(column.sum() for name, column in weekly.items() if name != "customer") == by_customer.sum()


def test_F86():
    """CLVTools#220: a short log is asked nothing about a split that nobody wanted."""
    assert only(base_of(["2025-01-01"]))["T"] == 0


def test_F88():
    """The year 1600 is a year."""
    assert only(base_of(["1600-01-01", "1600-03-01"]))["t_x"] == 60
