"""Promise D5: calibration and holdout share no row, lose none, and count the same way; new customers are marked."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv
from custval._dates import grain_ends

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(-200, 900)), min_size=1, max_size=60)
GRAINS = ["h", "D", "W", "W-SUN", "M", "Q-JAN", "Y"]
START = np.datetime64("2025-01-01")


def base_of(log, **options):
    columns = {"id": [r[0] for r in log], "t": START + np.array([r[1] for r in log], "m8[D]"),
               "paid": [r[2] / 100 for r in log], "cost": [r[2] / 200 for r in log], "no": [r[1] % 7 for r in log]}
    return cv.CustomerBase(columns, customer="id", time="t", amount="paid", cost="cost", order="no", **options)


@settings(max_examples=400, deadline=None)
@given(rows, st.integers(0, 60), st.sampled_from(GRAINS))
def test_parts_add_up_to_the_whole(log, cut, grain):
    base = base_of(log, grain=grain, end="2025-12-31")
    day = grain_ends(START + np.timedelta64(cut, "D"), grain)[1]
    if day > base.end or day < base.summary()["first"].min():
        return
    calibration, holdout = base.split(day)
    known, after, whole = (b.summary() for b in (calibration, holdout, base))
    assert (known["last"] <= day).all() and (np.isnat(after["first"]) | (after["first"] > day)).all()
    place = {customer: k for k, customer in enumerate(known["customer"].tolist())}
    for k, customer in enumerate(whole["customer"].tolist()):
        old = place.get(customer)
        assert after["newcomer"][k] == (old is None)
        for name in ("x", "orders", "amount", "cost", "margin"):
            part = 0 if old is None else known[name][old]
            assert np.isclose(part + after[name][k], whole[name][k], rtol=0, atol=1e-9), (name, customer)
    assert calibration.rows.used + calibration.rows.merged + holdout.rows.used + holdout.rows.merged == len(log)
    assert after["customer"].tolist() == whole["customer"].tolist()


@settings(max_examples=300, deadline=None)
@given(rows, st.integers(0, 60), st.sampled_from(GRAINS))
def test_as_of_is_the_base_of_the_rows_until_then(log, cut, grain):
    base = base_of(log, grain=grain)
    day = START + np.timedelta64(cut, "D")
    early = [row for row in log if row[1] <= cut]
    if day > base.end or not early:
        return
    then, fresh = base.as_of(day), base_of(early, end=day, grain=grain)
    got, want = then.attributes(), fresh.attributes()
    order, wanted = np.argsort(got["customer"]), np.argsort(want["customer"])
    for name in want:
        np.testing.assert_array_equal(got[name][order], want[name][wanted], err_msg=name)


def test_mean_spend_of_the_holdout_is_per_purchase():
    """As in lifetimes #431: a day with orders of 7 and 9 is one purchase of 16."""
    log = [(1, 0, 500), (1, 20, 700), (1, 20, 900), (2, 20, 300), (2, 30, 500)]
    holdout = base_of(log).split("2025-01-10")[1].summary(unit="D")
    assert holdout["m_x"].tolist() == [16.0, 5.0] and holdout["x"].tolist() == [1, 1]
    assert holdout["newcomer"].tolist() == [False, True] and holdout["t"].tolist() == [21.0, 21.0]


@pytest.mark.parametrize("grain, day, near", [
    ("M", "2025-02-10", "2025-01-31 or 2025-02-28"), ("W", "2025-02-10", "2025-02-09 or 2025-02-16"),
    ("Q", "2025-02-10", "2024-12-31"), ("Y", "2025-02-10", "2024-12-31")])
def test_a_split_inside_a_grain_is_refused(grain, day, near):
    log = [(1, 0, 500), (1, 40, 700), (1, 60, 900)]
    with pytest.raises(cv.DataError) as raised:
        base_of(log, grain=grain).split(day)
    assert str(raised.value) == (f"split: {day} lies inside a grain ({grain}), whose orders are one purchase; "
                                 f"split on the last day of a grain: {near}")


def test_a_holdout_refuses_days_before_it():
    _, holdout = base_of([(1, 0, 500), (1, 40, 700)]).split("2025-01-10")
    assert holdout.as_of("2025-01-11").summary()["t"].tolist() == [1.0]
    for call in (holdout.as_of, holdout.split):
        with pytest.raises(cv.DataError, match="2025-01-10 lies before the holdout, which begins on 2025-01-11"):
            call("2025-01-10")


@pytest.mark.parametrize("grain", GRAINS)
def test_the_grain_does_not_change_recency_and_age(grain):
    """Orders of 2025-01-15 and 2026-03-10, observed to 2026-03-31, are the same history in any grain."""
    base = base_of([(1, 14, 500), (1, 14, 300), (1, 433, 700), (1, 433, 100)], grain=grain, end="2026-03-31")
    one = {name: column[0] for name, column in base.attributes().items()}
    summary = {name: column[0] for name, column in base.summary("D").items()}
    hours = 23 / 24 if grain == "h" else 0                                # to the last hour of the day
    assert summary["x"] == 1 and summary["t_x"] == 419
    assert summary["T"] == 440 + hours and one["recency"] == 21 + hours


def test_a_month_is_dated_by_its_first_order_for_recency_too():
    base = base_of([(1, 14, 500), (1, 19, 300), (1, 433, 700), (1, 448, 100)], grain="M", end="2026-03-31")
    summary = {name: column[0] for name, column in base.summary("D").items()}
    assert (summary["x"], summary["t_x"], summary["T"], base.attributes()["recency"][0]) == (1, 419, 440, 21)
    assert summary["first"] == np.datetime64("2025-01-15") and summary["m_x"] == 8.0
