"""Cohort triangles against a pivot of pandas and by hand; what is not observed is missing."""
import numpy as np
import pytest

import custval as cv

pd = pytest.importorskip("pandas")


def log_of(n=3_000, seed=4):
    g = np.random.default_rng(seed)
    day = np.datetime64("2022-01-03") + np.sort(g.integers(0, 900, n))
    return pd.DataFrame({"id": g.integers(0, 400, n), "day": pd.to_datetime(day), "paid": g.integers(1, 9_999, n) / 100,
                         "cost": g.integers(1, 5_000, n) / 100})


def base_of(log, **options):
    return cv.CustomerBase(log, customer="id", time="day", amount="paid", cost="cost", **options)


def pivot(log, unit, values, how):
    """Return the triangle that analysts write in pandas."""
    period = log["day"].dt.to_period(unit)
    first = period.groupby(log["id"]).transform("min")
    age = period.map(lambda p: p.ordinal) - first.map(lambda p: p.ordinal)
    return log.assign(cohort=first.astype(str), age=age).pivot_table(
        index="cohort", columns="age", values=values, aggfunc=how)


@pytest.mark.parametrize("unit", ["M", "Q", "Y"])
@pytest.mark.parametrize("value", ["customers", "amount", "margin"])
def test_cells_equal_those_of_pandas(unit, value):
    log = log_of()
    values, how = {"customers": ("id", "nunique"), "amount": ("paid", "sum"), "margin": ("margin", "sum")}[value]
    want = pivot(log.assign(margin=log.paid - log.cost), unit, values, how)
    found = cv.cohorts(base_of(log), unit=unit, value=value)
    assert found.labels == want.index.tolist() and found.sizes.sum() == log["id"].nunique()
    observed = ~np.isnan(found.values)
    np.testing.assert_allclose(found.values[observed], want.fillna(0).to_numpy()[observed], rtol=1e-12)
    ages = np.arange(found.values.shape[1])
    lived = pd.PeriodIndex(found.labels, freq=unit).map(lambda p: (log["day"].max().to_period(unit) - p).n)
    assert (observed == (ages <= np.array(lived)[:, None])).all()


def test_cells_of_cents_add_up_to_the_base_exactly():
    base = base_of(log_of())
    found = cv.cohorts(base, value="amount")
    assert round(np.nansum(found.values), 2) == round(base.summary()["amount"].sum(), 2)
    assert all(float(f"{cell:.2f}") == cell for cell in found.values[~np.isnan(found.values)])


def test_the_running_period_is_stated_or_left_out():
    log = pd.DataFrame({"id": list("aabc"), "day": pd.to_datetime(["2024-01-05", "2024-03-02", "2024-02-01",
                                                                   "2024-03-01"]), "paid": 1.0, "cost": 0.0})
    base = base_of(log)                                                    # to 2024-03-02
    found = cv.cohorts(base)
    assert found.running == "2024-03" and "2024-03 is not over: it runs to 2024-03-02" in repr(found)
    np.testing.assert_array_equal(found.values, [[1, 0, 1], [1, 0, np.nan], [1, np.nan, np.nan]])
    whole = cv.cohorts(base, whole=True)
    assert whole.running is None and whole.labels == ["2024-01", "2024-02"]
    np.testing.assert_array_equal(whole.values, [[1, 0], [1, np.nan]])
    assert cv.cohorts(base_of(log, end="2024-03-31")).running is None
    with pytest.raises(cv.DataError, match="no period of Y from 2024-01-05 on is over by 2024-03-02"):
        cv.cohorts(base, unit="Y", whole=True)


def test_refunds_before_the_first_purchase_and_customers_without_one():
    log = pd.DataFrame({"id": list("aaab"), "day": pd.to_datetime(["2024-01-05", "2024-02-02", "2024-03-01",
                                                                   "2024-03-01"]),
                        "paid": [-5.0, 20.0, 7.0, -1.0], "cost": 0.0})
    found = cv.cohorts(base_of(log, end="2024-03-31"), value="amount")
    assert found.labels == ["2024-02"] and found.values.tolist() == [[15.0, 7.0]] and found.unassigned == 1
    assert "1 customer without a purchase in no cohort" in repr(found)


def test_relationship_cost_of_a_log_is_part_of_the_margin():
    log = pd.DataFrame({"id": list("ab"), "day": pd.to_datetime(["2024-01-05", "2024-01-06"]), "paid": 10.0,
                        "cost": 4.0})
    visits = {"customer": ["a", "a"], "time": ["2023-12-01", "2024-02-01"], "cost": [1.0, 2.0]}
    found = cv.cohorts(base_of(log, end="2024-02-29").with_log("contacts", visits), value="margin")
    assert found.values.tolist() == [[11.0, -2.0]]


@pytest.mark.parametrize("kind", ["dict", "pandas", "polars", "pyarrow"])
def test_tables_are_frames_of_the_callers_kind(kind):
    log = log_of(200)
    if kind != "pandas":
        make = {"dict": dict, "polars": lambda c: pytest.importorskip("polars").DataFrame(c),
                "pyarrow": lambda c: pytest.importorskip("pyarrow").table(c)}[kind]
        log = make({name: log[name].to_numpy() for name in log if name != "day"} | {
                    "day": log["day"].dt.strftime("%Y-%m-%d").tolist()})
    found = cv.cohorts(base_of(log), unit="Q")
    for frame in (found.table(), found.retention(), found.long()):
        assert type(frame).__module__.split(".")[0] in (kind, "builtins")
    assert np.asarray(found.retention()["0"]).tolist() == [1.0] * len(found.labels)
    assert "<table>" in found._repr_html_()


def test_a_customer_of_an_as_of_base_has_the_same_cells():
    """What comes later changes no cell that is observed already."""
    log = log_of()
    early, late = cv.cohorts(base_of(log).as_of("2023-06-30")), cv.cohorts(base_of(log))
    n = len(early.labels)
    seen = ~np.isnan(early.values)
    np.testing.assert_array_equal(early.values[seen], late.values[:n, :early.values.shape[1]][seen])
