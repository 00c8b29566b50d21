"""Promise D5: calibration and holdout share no row, lose none, and count the same way; newcomers are told."""
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(-200, 900)), min_size=1, max_size=60)
START = np.datetime64("2025-01-01")


def base_of(log, **options):
    columns = {"id": [r[0] for r in log], "t": START + np.array([r[1] for r in log], "m8[D]"),
               "paid": [r[2] / 100 for r in log], "cost": [r[2] / 200 for r in log], "no": [r[1] % 7 for r in log]}
    return cv.CustomerBase(columns, customer="id", time="t", amount="paid", cost="cost", order="no", **options)


@settings(max_examples=300, deadline=None)
@given(rows, st.integers(0, 60))
def test_parts_add_up_to_the_whole(log, cut):
    base = base_of(log)
    day = START + np.timedelta64(cut, "D")
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


@settings(max_examples=200, deadline=None)
@given(rows, st.integers(0, 60))
def test_as_of_is_the_base_of_the_rows_until_then(log, cut):
    base = base_of(log)
    day = START + np.timedelta64(cut, "D")
    early = [row for row in log if row[1] <= cut]
    if day > base.end or not early:
        return
    then, fresh = base.as_of(day), base_of(early, end=day)
    got, want = then.attributes(), fresh.attributes()
    order, wanted = np.argsort(got["customer"]), np.argsort(want["customer"])
    for name in want:
        np.testing.assert_array_equal(got[name][order], want[name][wanted], err_msg=name)


def test_the_mean_of_the_holdout_is_per_purchase():
    """lifetimes#431: a day with 7 and 9 is one purchase of 16."""
    log = [(1, 0, 500), (1, 20, 700), (1, 20, 900), (2, 20, 300), (2, 30, 500)]
    holdout = base_of(log).split("2025-01-10")[1].summary(unit="D")
    assert holdout["m_x"].tolist() == [16.0, 5.0] and holdout["x"].tolist() == [1, 1]
    assert holdout["newcomer"].tolist() == [False, True] and holdout["t"].tolist() == [21.0, 21.0]
