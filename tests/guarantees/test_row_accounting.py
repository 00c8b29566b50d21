"""Promise D1: rows in = used + merged + dropped by reason, for any log; bad rows are an error by default."""
import datetime
import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv

ids = st.one_of(st.none(), st.integers(0, 4), st.sampled_from(["", "a", "7", "007"]))
days = st.one_of(st.none(), st.just("31/02/2011"), st.just("0000-01-01"),
                 st.dates(datetime.date(2011, 1, 1), datetime.date(2011, 3, 1)).map(str))
money = st.one_of(st.sampled_from([float("nan"), float("inf"), -float("inf"), None]),
                  st.integers(-300, 900).map(lambda cents: cents / 100))
logs = st.lists(st.tuples(ids, days, money, st.one_of(st.none(), st.integers(0, 3))), max_size=30)
REASONS = {"customer missing", "time not a date", "amount not finite", "order missing", "refund"}


def column(values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


def is_number(value):
    return value is not None and np.isfinite(value)


@settings(max_examples=400, deadline=None)
@given(logs, st.sampled_from(["net", "drop"]), st.sampled_from("hDWM"))
def test_every_row_is_accounted_for(rows, refunds, grain):
    log = {name: column([row[k] for row in rows]) for k, name in enumerate(["id", "day", "paid", "no"])}
    names = {"customer": "id", "time": "day", "amount": "paid", "order": "no"}
    good = [row for row in rows if row[0] is not None and row[1] is not None and row[1].startswith("2011")
            and is_number(row[2]) and row[3] is not None]
    kept = [row for row in good if refunds == "net" or row[2] >= 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cv.DataWarning)
        try:
            base = cv.CustomerBase(log, **names, refunds=refunds, grain=grain, missing="drop")
        except cv.DataError as error:
            assert not kept and "none of" in str(error)
            return
    rows_in, used, merged, dropped = base.rows
    assert rows_in == len(rows) == used + merged + sum(dropped.values())
    assert set(dropped) <= REASONS and used + merged == len(kept)
    period = {"h": str, "D": str, "M": lambda day: day[:7],
              "W": lambda day: datetime.date.fromisoformat(day).isocalendar()[:2]}[grain]
    assert used == len({(type(row[0]), row[0], period(row[1])) for row in kept})
    assert abs(base.summary()["amount"].sum() - sum(row[2] for row in kept)) < 1e-9

    day = base.end - np.timedelta64(10, "D")
    try:
        calibration, holdout = base.split(day)
    except cv.DataError:
        return
    for part in (calibration, holdout):
        assert part.rows.read == len(rows) == part.rows.used + part.rows.merged + sum(part.rows.dropped.values())

    if len(good) < len(rows):
        try:
            cv.CustomerBase(log, **names, refunds=refunds, grain=grain)
        except cv.DataError as error:
            assert "values are" in str(error)
        else:
            raise AssertionError("bad rows passed without an error")
