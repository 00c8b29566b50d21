"""cv.customer_flow: new, kept, lost and returned customers of each period; acquisition against retention cost."""
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custval as cv

MODEL = cv.MBGNBD(r=2, alpha=20, a=.5, b=5, unit="W")


def firm(customers=60, seed=7):
    return cv.datasets.crm(customers=customers, seed=seed).base()


@pytest.mark.parametrize("unit, periods", [("Q", None), ("M", 7)])
def test_every_count_is_that_of_the_base_as_of_each_date(unit, periods):
    base = firm()
    found = pd.DataFrame(cv.customer_flow(base, unit=unit, periods=periods, purchases=MODEL))
    rows = found[found["period"] != "all"]
    history = list(base.history(200, unit, "orders"))
    state, known = set(), set()
    for label in history[1:]:
        last = pd.Period(label, unit).end_time.date()
        if last < base.snapshot.first().min().item() or last > base.end.item():
            continue
        then = base.as_of(last)
        summary = then.summary("W")
        p = MODEL.p_alive(summary["x"], summary["t_x"], summary["T"])
        now = set(then.customers[p >= .5].tolist())
        ever = set(then.customers[~np.isnan(summary["T"])].tolist())
        row = rows[rows["period"] == label]
        if len(row):
            want = {"start": len(state), "new": len(ever - known), "returned": len((now & known) - state),
                    "lost": len((state | (ever - known)) - now), "end": len(now), "kept": len(state & now)}
            assert row[list(want)].to_dict("records") == [want]
        state, known = now, ever
    assert len(rows) == (periods or len(rows)) and rows["lost"].sum() > 0 < rows["returned"].sum()


def test_the_base_adds_up():
    found = pd.DataFrame(cv.customer_flow(firm(), purchases=MODEL))
    assert (found["start"] + found["new"] + found["returned"] - found["lost"] == found["end"]).all()
    assert (found["net"] == found["end"] - found["start"]).all()
    each, whole = found[:-1], found.iloc[-1]
    assert (each["start"].iloc[1:].to_numpy() == each["end"].iloc[:-1].to_numpy()).all()
    assert whole["new"] == each["new"].sum() and whole["end"] == each["end"].iloc[-1]


def test_costs_are_those_of_the_base():
    """Spending up to the first order is acquisition, of order rows and contacts; the rest is retention."""
    days = ["2024-01-10", "2024-01-10", "2024-02-10", "2024-05-05", "2024-05-06"]
    log = {"who": ["a", "a", "a", "b", "b"], "day": days, "spent": [30.0, 5, 2, 50, 1]}
    base = cv.CustomerBase(log, customer="who", time="day", marketing="spent", end="2024-06-30").with_log(
        "contacts", {"customer": ["b", "b", "a"], "time": ["2024-02-01", "2024-05-06", "2024-04-01"],
                     "cost": [100.0, 7, 11]})
    found = cv.customer_flow(base, purchases=MODEL)
    assert found["acquisition_cost"].tolist() == [35, 150, 185] and found["retention_cost"].tolist() == [2, 19, 21]
    assert found["cost_per_new"].tolist() == [35, 150, 92.5] and found["kept"].tolist() == [0, 1, 1]
    assert found["cost_per_kept"][1:].tolist() == [19, 21] and found["ratio"][2] == 92.5 / 21
    crm = firm()
    whole = cv.customer_flow(crm, unit="Y", purchases=MODEL)
    past = crm.as_of(f"{whole['period'][-2]}-12-31")
    assert whole["acquisition_cost"][-1] + whole["retention_cost"][-1] == pytest.approx(
        past.summary()["marketing"].sum(), rel=1e-12)


def test_later_rows_do_not_change_earlier_periods():
    data = cv.datasets.crm(customers=60, seed=2).orders
    past = {name: column[data["time"].astype("M8[D]") <= np.datetime64("2024-12-31")] for name, column in data.items()}
    names = {"customer": "customer", "time": "time", "marketing": "cost"}
    then = cv.customer_flow(cv.CustomerBase(data, **names).as_of("2024-12-31"), purchases=MODEL)
    want = cv.customer_flow(cv.CustomerBase(past, **names, end="2024-12-31"), purchases=MODEL)
    whole = cv.customer_flow(cv.CustomerBase(data, **names), purchases=MODEL)
    for name in want:
        holes = want[name].dtype.kind == "f"
        assert np.array_equal(then[name], want[name], equal_nan=holes)
        assert np.array_equal(whole[name][:len(want[name]) - 1], want[name][:-1], equal_nan=holes)


@pytest.mark.parametrize("kind", [pd, pl])
def test_frames(kind):
    base = cv.CustomerBase(kind.DataFrame({"who": [1, 1, 2], "day": ["2024-01-05", "2024-03-05", "2024-06-30"]}),
                           customer="who", time="day")
    found = cv.customer_flow(base, purchases=MODEL)
    assert isinstance(found, kind.DataFrame) and list(found.columns)[-1] == "kept"


@pytest.mark.parametrize("call, kind, text", [
    (lambda b: cv.customer_flow([1]), cv.ConfigError, "takes a CustomerBase, not list"),
    (lambda b: cv.customer_flow(b, alive=0), cv.ConfigError, "alive=0"),
    (lambda b: cv.customer_flow(b.as_of("2022-01-20"), purchases=MODEL, periods=1), cv.DataError, "no period of Q"),
    (lambda b: cv.customer_flow(b, purchases=cv.GammaGamma()), cv.ConfigError, "purchases"),
    (lambda b: cv.customer_flow(b.split("2024-01-01")[1]), cv.DataError, "a holdout has no customer flow")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call(firm(20))


def one_time(days):
    log = {"who": list(range(len(days))), "day": days, "paid": [5.0] * len(days)}
    return cv.CustomerBase(log, customer="who", time="day", amount="paid", end=max(days))


def test_a_log_of_one_day_has_no_period_and_says_so():
    with pytest.warns(cv.DataWarning, match="customer_flow: no period of Q from 2024-01-01 on is over"):
        found = cv.customer_flow(one_time(["2024-01-01"] * 9))
    assert np.asarray(found["period"]).tolist() == ["all"] and np.asarray(found["new"]).tolist() == [0]
    assert np.isnan(np.asarray(found["lost"], float)).sum() <= 1


@pytest.mark.filterwarnings("ignore::custval.DataWarning")
def test_without_a_repeat_purchase_only_new_customers_are_known():
    base = one_time(["2023-02-01", "2023-05-01", "2023-05-02", "2024-01-31"])
    found = cv.customer_flow(base)
    assert found["new"].tolist() == [1, 2, 0, 0, 3]
    assert all(np.isnan(found[name]).all() for name in ("start", "returned", "lost", "end", "net", "kept"))
    stages = cv.stages(base)
    assert "nothing can be estimated" in stages.reason_["purchases"] and "P(alive): no customer" in str(stages)
    assert "model of purchases" in base.card() and "model of purchases" in base._repr_html_()
