"""Features as of each origin and labels after it: nothing of the future in a feature, nothing unobserved as 0."""
import numpy as np
import pytest

import custval as cv

ORIGINS = ["2024-03-31", "2024-06-30", "2024-09-30"]


@pytest.fixture(scope="module")
def firm():
    return cv.datasets.crm(customers=60, seed=5)


def rows_of(table, origin):
    mask = np.asarray(table["origin"]) == np.datetime64(origin)
    return {name: np.asarray(column)[mask] for name, column in table.items()}


def before(table, day, column):
    """Return the rows of a table up to a day."""
    keep = np.array([str(value)[:10] <= day for value in table[column]])
    return {name: np.asarray(values)[keep] for name, values in table.items()}


def base_of(firm, day=None):
    """Return the base of a firm without any row after the day."""
    cut = (lambda table, column: table) if day is None else (lambda table, column: before(table, day, column))
    base = cv.CustomerBase(cut(firm.orders, "time"), customer="customer", time="time", amount="amount", cost="cost",
                           product="product", quantity="quantity", order="order", end=day or firm.end)
    for kind, column in (("suggestions", "time"), ("contacts", "time")):
        base = base.with_log(kind, cut(getattr(firm, kind), column))
    return base


@pytest.mark.filterwarnings("ignore::custval.DataWarning")
def test_features_are_the_same_bits_when_the_future_is_deleted(firm):
    table = base_of(firm).features(ORIGINS, horizon=3)
    for origin in ORIGINS:
        mine, alone = rows_of(table, origin), base_of(firm, origin).features(origin, horizon=3)
        known = [name for name in alone if not name.startswith("label_")]
        assert len(known) > 15 and len(alone["customer"]) == len(mine["customer"]) > 20
        for name in known:
            assert alone[name].tolist() == mine[name].tolist() or np.array_equal(alone[name], mine[name], True), name
        assert np.isnan(np.asarray(alone["label_purchases"], float)).all()


def test_features_are_the_attributes_as_of_the_origin(firm):
    base = base_of(firm)
    table, want = rows_of(base.features(ORIGINS, horizon=3), ORIGINS[1]), base.as_of(ORIGINS[1]).attributes()
    for name, column in want.items():
        np.testing.assert_array_equal(column, table[name], name)


def test_labels_count_the_rows_of_the_horizon_only(firm):
    base = base_of(firm)
    table = rows_of(base.features(ORIGINS, horizon=3), ORIGINS[0])
    day = np.asarray(firm.orders["time"]).astype("M8[D]")
    inside = (day > np.datetime64("2024-03-31")) & (day <= np.datetime64("2024-06-30"))
    for customer, amount in zip(table["customer"], table["label_amount"], strict=True):
        mine = inside & (np.asarray(firm.orders["customer"]) == customer)
        assert amount == pytest.approx(np.asarray(firm.orders["amount"])[mine].sum(), abs=1e-9)
    holdout = base.as_of("2024-06-30").split("2024-03-31")[1].summary()
    there = np.isin(holdout["customer"], table["customer"])
    np.testing.assert_array_equal(holdout["amount"][there], table["label_amount"])
    np.testing.assert_array_equal(holdout["margin"][there], table["label_margin"])
    assert (table["label_purchases"] >= 0).all() and table["label_purchases"].sum() > 0


LOG = {"who": ["a", "a", "b", "a", "b"], "day": ["2024-01-05", "2024-02-15", "2024-03-08", "2024-04-02", "2024-04-30"],
       "paid": [1.1, 2.2, 5.0, 3.3, -1.0]}


def test_labels_by_hand_and_missing_where_the_horizon_is_not_over():
    base = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", end="2024-04-30")
    table = base.features(["2024-02-29", "2024-03-31", "2024-04-30"], horizon=1)
    assert table["customer"].tolist() == ["a", "a", "b", "a", "b"]
    assert table["amount"].tolist() == [3.3, 3.3, 5.0, 6.6, 4.0]
    np.testing.assert_array_equal(table["label_purchases"], [0, 1, 0, np.nan, np.nan])
    np.testing.assert_array_equal(table["label_amount"], [0, 3.3, -1.0, np.nan, np.nan])
    weeks = base.features("2024-03-31", horizon=1, unit="W")
    assert weeks["label_purchases"].tolist() == [1, 0] and weeks["label_purchases"].dtype == np.int64


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_the_frame_is_of_the_callers_kind_with_the_profile(library):
    module = pytest.importorskip(library)
    frame = (module.table if library == "pyarrow" else module.DataFrame)(LOG)
    region = (module.table if library == "pyarrow" else module.DataFrame)({"customer": ["b"], "region": ["north"]})
    base = cv.CustomerBase(frame, customer="who", time="day", amount="paid").with_profile(region)
    table = base.features(["2024-02-29", "2024-03-31"], horizon=1)
    assert type(table) is type(frame)
    assert [value if isinstance(value, str) else None for value in table["region"].to_numpy().tolist()] == [
        None, None, "north"]


def test_origins_are_checked():
    base = cv.CustomerBase(LOG, customer="who", time="day", grain="M", end="2024-04-30")
    with pytest.raises(cv.DataError, match="features: 2024-02-15 lies inside a grain"):
        base.features("2024-02-15", horizon=1)
    with pytest.raises(cv.DataError, match="no customer has a row by 2023-12-31"):
        base.features("2023-12-31", horizon=1)
    for wrong in ({"origins": [], "horizon": 1}, {"origins": "2024-01-31", "horizon": 0},
                  {"origins": "2024-01-31", "horizon": 1, "unit": "Q-MAR"}):
        with pytest.raises(cv.ConfigError):
            base.features(**wrong)
