"""Real cases in which another package lost or misread data on the way from orders to histories.

Cases without a source were found with lifetimes 0.11.3 and pandas.
"""
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


def test_orders_on_one_day_are_one_purchase_and_counted_as_merged():
    """lifetimes #244: two orders on one day are one purchase; the report counts the merged row."""
    base = base_of(["2018-04-24T19:19:25", "2018-04-24T20:13:28", "2018-05-24T04:00:01"], end="2019-01-31")
    one = only(base)
    assert (one["x"], one["t_x"], one["T"]) == (1, 30, 282)
    assert base.rows == (3, 2, 1, {})


def test_eight_rows_on_four_days_are_three_repeats():
    """lifetimes #184: eight rows on four days are three repeats, with four rows merged."""
    base = base_of([f"2017-{day}" for day in ("06-11", "06-24", "07-08", "07-24") for _ in range(2)], end="2017-12-31")
    one = only(base)
    assert (one["x"], one["t_x"], one["T"]) == (3, 43, 203)
    assert base.rows == (8, 4, 4, {})


def test_two_prices_on_one_day_are_one_purchase_of_their_sum():
    """lifetimes #41, #40: rows were grouped by price too, which made extra purchases."""
    one = only(base_of(["2025-01-01", "2025-01-05", "2025-01-05"], [1.0, 3.0, 5.0]))
    assert one["x"] == 1 and one["m_x"] == 8.0


def test_the_holdout_averages_spend_per_purchase_like_the_calibration():
    """lifetimes #431, #322: the holdout averaged per order, 8, and not per purchase, 16."""
    calibration, holdout = base_of(["2025-01-01", "2025-01-02", "2025-02-01", "2025-02-01"],
                                   [1.0, 4.0, 7.0, 9.0]).split("2025-01-31")
    assert only(calibration)["m_x"] == 4.0 and only(holdout)["m_x"] == 16.0


def test_an_order_in_the_evening_of_the_last_day_counts():
    """lifetimes 0.11.3 drops a purchase at 18:30 of the last day."""
    one = only(base_of(["2014-03-01", "2014-05-01T18:30"], end="2014-05-01"))
    assert (one["x"], one["t_x"], one["T"]) == (1, 61, 61)


def test_the_holdout_ends_with_the_observation():
    """lifetimes #26: the end was ignored in the holdout. Later rows are dropped and counted."""
    base = base_of(["2014-01-01", "2014-03-01", "2014-06-01"], end="2014-05-01")
    calibration, holdout = base.split("2014-02-01")
    assert only(holdout)["x"] == 1 and only(holdout)["t"] == 89
    assert calibration.rows.dropped == {"after 2014-02-01": 2}
    assert holdout.rows.dropped == {"before 2014-02-02": 1, "after 2014-05-01": 1}


def test_the_end_is_given_or_the_day_of_the_last_order_and_the_report_says_which():
    """lifetimes #67 took the date of the import; CLVTools PR #292 allowed no end after the last order."""
    late = base_of(["2014-01-01", "2014-03-01"], end="2014-05-01")
    assert only(late)["T"] == 120 and "2014-05-01 (given)" in late.card()
    default = base_of(["2014-01-01", "2014-03-01"])
    assert only(default)["T"] == 59 and "last order; pass end= if the data were drawn later" in default.card()


def test_purchases_and_ages_are_measured_on_one_clock():
    """pymc-marketing #2953, #987: purchases in calendar months, ages in others. A month is 365.25/12 days."""
    one = only(base_of(["2014-01-01", "2014-02-01", "2014-04-01"], end="2014-05-01"), unit="M")
    assert one["x"] == 2
    assert_allclose([one["t_x"], one["T"]], [90 * 12 / 365.25, 120 * 12 / 365.25], rtol=1e-15)
    coarse = only(base_of(["2014-01-01", "2014-02-01", "2014-04-01"], end="2014-05-01", grain="M"), unit="M")
    assert coarse["x"] == 2


def test_several_time_zones_in_one_column_are_refused():
    """pandas only warns. Days are cut in one declared zone (see also test_locale_and_clock.py)."""
    with pytest.raises(cv.DataError, match="mixes zones"):
        base_of(["2024-01-01T12:00+01:00", "2024-02-01T03:30+00:00"])


def test_day_first_and_month_first_are_never_guessed():
    """pandas reads '03/04/2014' month first and '13/04/2014' day first in one column: 40 days instead of 10."""
    with pytest.raises(cv.DataError, match=r'time_format="%d/%m/%Y" if that is meant'):
        base_of(["03/04/2014", "13/04/2014"])
    assert only(base_of(["03/04/2014", "13/04/2014"], time_format="%d/%m/%Y"))["t_x"] == 10


def test_a_missing_amount_is_never_zero():
    """lifetimes 0.11.3 counts NaN as 0 in the mean: 3.5. It is an error, or 7.0 where rows are dropped."""
    times, paid = ["2025-01-01", "2025-01-02", "2025-01-03"], [5.0, math.nan, 7.0]
    with pytest.raises(cv.DataError, match="row 1 "):
        base_of(times, paid)
    with pytest.warns(cv.DataWarning, match="1 amount not finite"):
        assert only(base_of(times, paid, missing="drop"))["m_x"] == 7.0


def test_ids_beyond_2_to_the_53_are_exact_or_refused():
    """As floats, 10**18 + 1 and 10**18 + 2 became one customer with two purchases."""
    ids = np.array([10**18 + 1, 10**18 + 2])
    assert base_of(["2025-01-01"] * 2, ids=ids).summary()["customer"].tolist() == ids.tolist()
    with pytest.raises(cv.DataError, match=r"2\*\*53"):
        base_of(["2025-01-01"] * 2, ids=ids.astype(float))


def test_columns_cannot_be_given_by_position():
    """lifetimes #68: a date format was taken for a column of amounts."""
    with pytest.raises(TypeError):
        cv.CustomerBase({"id": [1], "t": ["2025-01-01"]}, "id", "t")


def test_purchases_by_period_and_by_customer_have_one_sum():
    """lifetimes #152, #280, #224: cumulative counts counted orders of one day twice."""
    base = cv.datasets.cdnow()
    weekly = base.history(value="purchases", unit="W")
    by_customer = base.attributes()["purchases"]
    assert sum(column.sum() for name, column in weekly.items() if name != "customer") == by_customer.sum()


def test_a_log_of_one_day_is_accepted_without_a_split():
    """CLVTools #220, #221, #101: "estimation split is too short" without a split."""
    assert only(base_of(["2025-01-01"]))["T"] == 0


def test_dates_before_1677_are_accepted():
    """pandas: timestamps of nanoseconds begin in 1677, and an earlier date raises OutOfBoundsDatetime."""
    assert only(base_of(["1600-01-01", "1600-03-01"]))["t_x"] == 60
