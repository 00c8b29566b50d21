"""Promise D2: a missing or bad value in any column and table is an error by column and row; nothing becomes 0."""
import numpy as np
import pytest

import custval as cv

ORDERS = {"customer": [1, 2, 3], "time": ["2011-01-01", "2011-01-02", "2011-01-03"], "amount": [1.0, 2.0, 3.0],
          "cost": [1.0, 2.0, 3.0], "marketing": [1.0, 2.0, 3.0], "quantity": [1.0, 2.0, 3.0],
          "product": ["p", "q", "r"], "order": ["x", "y", "z"]}
LOGS = {
    "opportunities": {"created": "2011-01-01", "amount": 5.0, "stage": "offer", "probability": 0.5},
    "suggestions": {"time": "2011-01-01", "level": "high"},
    "receivables": {"issued": "2011-01-01", "due": "2011-01-02", "amount": 5.0},
    "contacts": {"time": "2011-01-01", "cost": 5.0, "channel": "visit"},
}
TIMES = {"time", "created", "issued", "due"}
NUMBERS = {"amount", "cost", "marketing", "quantity", "probability"}
MISSING = [None, float("nan"), np.ma.masked]


def bad_values(name):
    """Return values that a column must not hold."""
    missing = MISSING[:1] if name in TIMES else MISSING
    return missing + ([float("inf"), -float("inf")] if name in NUMBERS else []) + (
        ["n/a", "2011-02-31", ""] if name in TIMES else [])


def spoiled(column, row, value):
    if value is np.ma.masked:
        return np.ma.array(column, mask=[k == row for k in range(len(column))])
    out = np.empty(len(column), object)
    out[:] = column
    out[row] = value
    return out


# A product may be missing: the row counts in money, not for its product.
CASES = [(None, name, value) for name in ORDERS if name != "product" for value in bad_values(name)] + [
    (kind, name, value) for kind, log in LOGS.items() for name in ["customer", *log] for value in bad_values(name)]


@pytest.mark.parametrize("kind, name, value", CASES)
def test_a_bad_value_is_an_error_that_names_column_and_row(kind, name, value):
    log = dict(ORDERS) if kind is None else {"customer": [1, 2, 3]} | {n: [v] * 3 for n, v in LOGS[kind].items()}
    log[name] = spoiled(log[name], 1, value)
    with pytest.raises(cv.DataError, match=rf"^column '{name}': 1 of 3 values are [^0]*\n  row 1 "):
        if kind is None:
            cv.CustomerBase(log, **{n: n for n in ORDERS})
        else:
            cv.CustomerBase(ORDERS, customer="customer", time="time").with_log(kind, log)


@pytest.mark.parametrize("kind, name", [("opportunities", "closed"), ("receivables", "paid")])
def test_an_open_end_may_be_missing_but_not_be_text(kind, name):
    base = cv.CustomerBase(ORDERS, customer="customer", time="time")
    log = {"customer": [1, 2, 3]} | {n: [v] * 3 for n, v in LOGS[kind].items()}
    opened = base.with_log(kind, log | {name: [None, "2011-01-02", ""]}).attributes()
    count = opened["opportunities"] if kind == "opportunities" else opened["owed"] / 5
    assert count.tolist() == [1, 0, 1]
    with pytest.raises(cv.DataError, match=f"column '{name}': 1 of 3 values are not dates"):
        base.with_log(kind, log | {name: [None, "soon", None]})


@pytest.mark.parametrize("door", ["profile", "join"])
@pytest.mark.parametrize("value", MISSING)
@pytest.mark.parametrize("ids", [[1, 2, 3], ["1", "2", "3"]])
def test_a_customer_missing_in_a_profile_or_join_is_an_error(door, value, ids):
    base = cv.CustomerBase({**ORDERS, "customer": ids}, customer="customer", time="time")
    profile = {"customer": spoiled(ids, 1, value), "users": [1, 2, 3]}
    with pytest.raises(cv.DataError, match=r"^column 'customer': 1 of 3 values are missing\n  row 1 "):
        base.with_profile(profile) if door == "profile" else base.attributes(join=profile)


@pytest.mark.parametrize("kind, numbers, words", [
    ("contacts", {"cost": {"visit": float("nan")}}, "cost= has nan for 'visit'; it takes a finite number"),
    ("contacts", {"cost": {"visit": 5, "mail": None}}, "cost= has None for 'mail'"),
    ("contacts", {"cost": {"visit": "5"}}, "cost= has '5' for 'visit'"),
    ("opportunities", {"probability": {"offer": 2}}, "probability= has 2 for 'offer'; a probability lies"),
    ("opportunities", {"probability": {"offer": .5, "lost": -1}}, "probability= has -1 for 'lost'")])
def test_an_invalid_number_for_a_label_is_an_error_that_names_the_label(kind, numbers, words):
    base = cv.CustomerBase(ORDERS, customer="customer", time="time")
    log = {"customer": [1]} | {name: [value] for name, value in LOGS[kind].items() if name not in numbers}
    with pytest.raises(cv.ConfigError, match=words):
        base.with_log(kind, log, **numbers)
