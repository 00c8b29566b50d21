"""Further inputs of a base: subsets of customers, cost pools, receivables, perceived value, margin rates, surveys."""
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv

LOG = {"who": ["a", "b", "b", "c", "c"], "day": ["2024-11-01", "2025-01-10", "2025-02-10", "2025-01-20", "2025-03-01"],
       "paid": [100.0, 50.0, -80.0, 30.0, 20.0], "cost": [40.0, 20.0, -30.0, 10.0, 5.0]}
VISITS = {"customer": ["a", "b", "b"], "time": ["2025-01-05", "2025-01-06", "2025-02-01"], "cost": [8.0, 4.0, 2.0]}


@pytest.fixture
def base():
    return cv.CustomerBase(LOG, customer="who", time="day", amount="paid", cost="cost", end="2025-03-31")


# ---- subsets of customers ----

def test_where_is_the_base_of_the_chosen_customers(base):
    kinds = {"customer": ["a", "b", "c"], "type": ["x", "internal", "y"]}
    known = base.with_log("contacts", VISITS).with_profile(kinds)
    some = known.where(known.attributes()["type"] != "internal")
    whole = known.attributes()
    for name, column in some.attributes().items():
        assert_array_equal(column, whole[name][[0, 2]], name)
    assert some.rows == (5, 3, 0, {"of customers not chosen": 2})
    assert some.log_rows["contacts"] == (3, 1, 0, {"of customers not chosen": 2})
    earlier = some.as_of("2025-01-15")
    assert earlier.customers.tolist() == ["a"]
    assert earlier.rows == (5, 1, 0, {"after 2025-01-15": 2, "of customers not chosen": 2})
    calibration, holdout = some.split("2025-01-31")
    assert calibration.rows.used + holdout.rows.used == 3
    assert "not chosen" in some.card() and "not chosen" in str(some.check()["finding"])


def test_where_takes_ids_of_any_kind_and_masks(base):
    for chosen in (["c", "a"], np.array(["a", "c"], object), pd.Series(["a", "c"]), [True, False, True],
                   pd.Series([True, False, True]), pd.Series([True, True, False], index=["a", "c", "b"])):
        assert base.where(chosen).customers.tolist() == ["a", "c"]
    assert base.where(["a", "c"]).where(["c"]).customers.tolist() == ["c"]


@pytest.mark.parametrize("chosen, words", [
    (["a", "z"], "has no customer 'z'"), ([True, False], "2 rows for 3 customers"), ([], "no customer"),
    ([False] * 3, "no customer is chosen"), (pd.Series([True] * 3, index=[7, 8, 9]), "another index")])
def test_where_refuses_unknown_customers_and_bad_masks(base, chosen, words):
    with pytest.raises(cv.DataError, match=words):
        base.where(chosen)


# ---- cost pools ----

@pytest.mark.parametrize("allocate, shares", [
    ("equal", [20.0, 20.0, 20.0]),
    ("contacts", [20.0, 40.0, 0.0]),                         # one and two visits
    ("amount", [60 * 100 / 150, 0.0, 60 * 50 / 150]),        # b returned more than they bought: no share
    ("won", [0.0, 30.0, 30.0])])                             # a was won the year before
def test_a_pool_is_spread(base, allocate, shares):
    pool = {"time": ["2025-03-31"], "since": ["2025-01-01"], "cost": [60.0]}
    known = base.with_log("contacts", VISITS)
    spread = known.with_pool(pool, allocate=allocate, since="since" if allocate == "won" else None)
    before, after = known.attributes(), spread.attributes()
    assert_allclose(after["marketing"] - before["marketing"], shares, rtol=1e-15)
    assert_allclose(after["margin"] - before["margin"], -np.array(shares), rtol=1e-14)
    won = np.array(shares) if allocate == "won" else 0
    assert_allclose(after["acquisition_cost"] - before["acquisition_cost"], won, rtol=1e-15)
    assert spread.history(1, "M", "marketing")["2025-03"].sum() == pytest.approx(60)


def test_a_pool_is_booked_and_allocated_on_its_day(base):
    pools = {"time": ["2024-12-31", "2025-02-28", "2025-04-30"], "cost": [90.0, 60.0, 7.0]}
    known = base.with_pool(pools, allocate="equal")
    assert known.log_rows["pools"] == (3, 2, 0, {"after 2025-03-31": 1})
    assert_allclose(known.summary()["marketing"], [90 + 20, 20, 20])
    then = known.as_of("2025-01-31")
    assert_array_equal(then.summary()["marketing"], [90, 0, 0])
    assert then.log_rows["pools"] == (3, 1, 0, {"after 2025-01-31": 2})
    assert_allclose(known.split("2025-01-31")[1].summary()["marketing"], [20, 20, 20])
    later = {name: [*column, *new] for (name, column), new in
             zip(LOG.items(), (["a", "d"], ["2025-03-02", "2025-03-05"], [900.0, 5.0], [1.0, 1.0]), strict=True)}
    again = cv.CustomerBase(later, customer="who", time="day", amount="paid", cost="cost", end="2025-03-31")
    assert_array_equal(again.with_pool(pools, allocate="equal").as_of("2025-02-28").summary()["marketing"],
                       known.as_of("2025-02-28").summary()["marketing"])


def test_pools_of_several_kinds_add_up(base):
    both = base.with_pool({"time": ["2025-03-31"], "cost": [60.0]}, allocate="equal").with_pool(
        {"time": ["2025-03-30"], "cost": [100.0]}, allocate="won")
    assert_allclose(both.summary()["marketing"], [20 + 100 / 3] * 3)
    assert_allclose(both.attributes()["acquisition_cost"], [100 / 3] * 3)


@pytest.mark.parametrize("pool, options, words", [
    ({"time": ["2024-01-01"], "cost": [5.0]}, {"allocate": "equal"}, "row 0: no customer has an order by then"),
    ({"time": ["2025-03-31"], "cost": [5.0]}, {"allocate": "contacts"}, "needs the log of contacts"),
    ({"time": ["2025-03-31"], "cost": [5.0]}, {"allocate": "fair"}, "'equal', 'contacts', 'amount', 'won'"),
    ({"time": ["2025-03-31"], "cost": [np.nan]}, {"allocate": "equal"}, "cost"),
    ({"time": ["2025-03-31"], "begun": ["2025-04-01"], "cost": [5.0]}, {"allocate": "won", "since": "begun"},
     "are later than 'time'"),
    ({"time": ["2025-03-31"], "begun": ["2025-03-25"], "cost": [5.0]}, {"allocate": "won", "since": "begun"},
     "ordered for the first time in that time"),
    ({"day": ["2025-03-31"], "cost": [5.0]}, {"allocate": "equal"}, "'time' is not in the frame")])
def test_invalid_pools_are_refused(base, pool, options, words):
    with pytest.raises((cv.DataError, cv.ConfigError), match=words):
        base.with_pool(pool, **options)


# ---- receivables ----

def test_receivables_by_age_with_their_cost(base):
    bills = {"customer": ["a", "a", "a", "b", "b"], "amount": [1.0, 10.0, 100.0, 1000.0, 7.0],
             "issued": ["2024-12-01", "2024-11-01", "2024-10-01", "2024-08-01", "2025-01-01"],
             "due": ["2025-04-30", "2025-02-28", "2025-01-30", "2024-12-30", "2025-02-01"],
             "paid": [None, None, None, None, "2025-03-31"]}      # 0, 31, 60 and 91 days late; the last is paid
    table = base.with_log("receivables", bills).attributes(carrying=.1, default=(.01, .05, .2, .5))
    assert_array_equal([table[f"owed_{age}"] for age in ("30", "60", "90", "over_90")],
                       [[1, 0, 0], [110, 0, 0], [0, 0, 0], [0, 1000, 0]])
    assert_array_equal(table["owed"], [111, 1000, 0])
    assert_allclose(table["owed_expected_loss"], [.01 + 110 * .05, 500, 0])
    assert_allclose(table["owed_carrying"], [.1 * (120 + 10 * 150 + 100 * 181) / 365.25, .1 * 1000 * 242 / 365.25, 0])
    for wrong in ({"default": (.1, .2)}, {"default": (0, 0, 0, 2)}, {"carrying": -1}, {"carrying": "6%"}):
        with pytest.raises(cv.ConfigError, match=next(iter(wrong))):
            base.with_log("receivables", bills).attributes(**wrong)
    with pytest.raises(cv.DataError, match="need the log of receivables"):
        base.attributes(carrying=.06)


# ---- perceived value ----

def test_delivered_perceived_and_potential_value(base):
    """A thing worth 500 to a customer and priced at 350 has a perceived value of 150."""
    table = base.with_profile(pd.DataFrame({
        "customer": ["a", "b", "c"], "price": [350, 350, 10], "reservation_price": [500, 300, np.nan],
        "benefits": [600.0, 400, 30], "after_cost": [50.0, 60, 5], "share_of_wallet": [.5, 1, np.nan]})).attributes()
    assert_array_equal(table["perceived_value"], [150, -50, np.nan])
    assert_array_equal(table["delivered_value"], [200, -10, 15])
    assert_array_equal(table["delivery_gap"], [50, 40, np.nan])
    assert_array_equal(table["realised_value"], table["margin"])
    assert_array_equal(table["potential_value"], [120, -20, np.nan])
    assert_array_equal(table["potential_gap"], [60, 0, np.nan])
    assert "perceived_value" not in base.with_profile({"customer": ["a"], "price": [3.0]}).attributes()


@pytest.mark.parametrize("column, value, words", [
    ("share_of_wallet", 1.5, "customer b: 1.5"), ("share_of_wallet", 0.0, "above 0"),
    ("price", "10 EUR", "has '10 EUR'")])
def test_invalid_profile_values_are_refused(base, column, value, words):
    known = base.with_profile({"customer": ["a", "b"], column: [None, value]})
    with pytest.raises(cv.DataError, match=words):
        known.attributes()


# ---- missing costs and margin rates ----

def test_missing_costs_are_filled_by_product_or_base():
    log = {"who": ["a", "a", "b", "b", "b"], "day": ["2025-01-01"] * 5, "paid": [100.0, 50.0, 10.0, 30.0, 20.0],
           "cost": [40.0, np.nan, 9.0, np.nan, 8.0], "what": ["p", "p", "q", "q", "q"]}

    def costs(**options):
        return cv.CustomerBase(log, customer="who", time="day", amount="paid", cost="cost", product="what", **options)

    assert_allclose(costs(cost_missing="product").summary()["cost"], [40 + 50 * .4, 17 + 30 * 17 / 30], rtol=1e-15)
    assert_allclose(costs(cost_missing="base").summary()["cost"], [40 + 50 * 57 / 130, 17 + 30 * 57 / 130], rtol=1e-15)
    assert "2 rows without a cost filled" in costs(cost_missing="base").card()
    with pytest.warns(cv.DataWarning, match="2 costs were filled at the rates of the whole log"):
        costs(cost_missing="base", end="2025-02-01").as_of("2025-01-15")
    with pytest.raises(cv.DataError, match="cost"):
        costs()
    log["cost"] = [40.0, 5.0, np.nan, np.nan, np.nan]
    with pytest.raises(cv.DataError, match="row 2 has no cost, and no row of product 'q'"):
        costs(cost_missing="product")
    log["cost"][0] = np.inf
    with pytest.raises(cv.DataError, match="not finite"):
        costs(cost_missing="base")
    with pytest.raises(cv.ConfigError, match="needs product="):
        cv.CustomerBase(log, customer="who", time="day", amount="paid", cost="cost", cost_missing="product")


def test_a_margin_rate_stands_for_costs():
    base = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", margin_rate=.25)
    assert_allclose(base.summary()["margin"], [25, -7.5, 12.5])
    for wrong in ({"margin_rate": 1.5}, {"margin_rate": .2, "cost": "cost"}, {"margin_rate": "20%"}):
        with pytest.raises(cv.ConfigError, match="margin_rate"):
            cv.CustomerBase(LOG, customer="who", time="day", amount="paid", **wrong)


# ---- surveys, and plans before forecasts ----

def test_satisfaction_by_the_last_answer_or_the_decayed_mean(base):
    surveys = {"customer": ["c", "a", "a", "a", "c"], "time": ["2025-01-02", "2025-03-01", "2025-01-05", "2025-02-01",
               "2025-04-01"], "answer": [4, 5, 1, 3, 1]}
    known = base.with_log("surveys", surveys)
    assert_array_equal(known.attributes()["satisfaction"], [5, np.nan, 4])
    assert_array_equal(known.attributes(scale=(1, 5))["satisfaction"], [100, np.nan, 75])
    faded = known.attributes(scale=(1, 5), answers="ewma")["satisfaction"]       # weights 4, 2, 1 of 100, 50, 0
    assert_allclose(faded, [(4 * 100 + 2 * 50) / 7, np.nan, 75])
    assert_array_equal(known.attributes()["surveys"], [3, 0, 1])
    with pytest.raises(cv.DataError, match="1 of 4 answers lie outside 1 to 4, the first in row 1: 5"):
        known.attributes(scale=(1, 4))
    for wrong in ((5, 1), "csat", 5):
        with pytest.raises(cv.ConfigError, match="scale="):
            known.attributes(scale=wrong)
    with pytest.raises(cv.DataError, match="needs the log of surveys"):
        base.attributes(scale=(1, 5))


def test_the_net_promoter_score_is_the_mean(base):
    """Reichheld (2003): promoters answer 9 or 10, detractors 0 to 6."""
    surveys = {"customer": ["a", "b", "c"], "time": ["2025-03-01"] * 3, "answer": [9, 7, 6]}
    assert base.with_log("surveys", surveys).attributes(scale="nps")["satisfaction"].tolist() == [100, 0, -100]


def test_a_plan_takes_precedence_over_the_forecast(base):
    known = base.with_profile({"customer": ["a", "b"], "planned_2y": [500.0, np.nan]})
    ahead = {"customer": ["a", "b", "c"], "sum_24M": [10.0, 20.0, np.nan]}
    table = known.attributes(join=ahead, fill={"planned_2y": "sum_24M"})
    assert_array_equal(table["planned_2y"], [500, 20, np.nan])
    assert table["planned_2y_source"].tolist() == ["planned_2y", "sum_24M", ""]
    with pytest.raises(cv.ConfigError, match="no column 'sum_12M'"):
        known.attributes(join=ahead, fill={"planned_2y": "sum_12M"})
