"""cv.stages: the four stages by the first test that holds, the reason for each, and the economics of each stage."""
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custval as cv
from custval import _core

MODEL = cv.MBGNBD(r=2, alpha=20, a=.5, b=5, unit="W")


def firm(customers=120, seed=5):
    return cv.datasets.crm(customers=customers, seed=seed).base()


def twin(row, alive=.5, decline=-.10, growth=.10, orders=1):
    """Return the stage by the documented tests in their order, a line for each."""
    if row["p_alive"] < alive or row["gap"] > row["gap_limit"] or row["trend"] < decline:
        return "decline"
    if row["purchases"] <= orders:
        return "exploration"
    return "formation" if row["trend"] > growth else "stable"


def test_every_customer_has_the_first_stage_whose_test_holds():
    found = cv.stages(firm(), purchases=MODEL)
    rows = pd.DataFrame(found.customers())
    assert rows["stage"].tolist() == [twin(row) for _, row in rows.iterrows()]
    assert set(rows["stage"]) == {"formation", "stable", "decline"}
    other = pd.DataFrame(cv.stages(firm(), purchases=MODEL, alive=.2, gap=.99, decline=-.5, growth=.01,
                                   orders=30).customers())
    assert other["stage"].tolist() == [twin(row, .2, -.5, .01, 30) for _, row in other.iterrows()]
    assert "exploration" in set(other["stage"])


def test_trend_and_gap_are_those_of_the_curve_and_the_orders():
    base = firm()
    found = pd.DataFrame(cv.stages(base, purchases=MODEL, value="amount").customers())
    curves = pd.DataFrame(cv.curve(base, periods=8, value="amount"))
    values = curves[[name for name in curves if name[:2] == "20"]]
    known = (curves["points"] >= 4) & (values.mean(axis=1) > 0) & (found["purchases"] > 1)
    want = (curves["slope"] / values.mean(axis=1)).where(known)
    np.testing.assert_allclose(found["trend"], want, rtol=1e-12)
    view = base.snapshot
    begins = view.ledger.purchases(view.begin, view.end)[0]
    days = [view.ledger.tick[b:e][begins[b:e] > 0] for b, e in zip(view.begin, view.end, strict=True)]
    every = np.quantile(np.concatenate([np.diff(d) for d in days]), .9)
    limits = [np.quantile(np.diff(d), .9) if len(d) > 4 else every for d in days]
    np.testing.assert_allclose(found["gap_limit"], limits, rtol=1e-13)
    np.testing.assert_array_equal(found["gap"], base.attributes()["recency"])


def test_quantiles_beside_numpy():
    g = np.random.default_rng(1)
    values = np.where(g.random(2000) < .3, np.nan, g.integers(0, 9, 2000))
    end = np.sort(g.integers(0, 2000, 150))
    begin = np.r_[0, end[:-1]]
    for q in (0, .1, .5, .9, 1):
        got = _core.quantiles(values, begin, end, q, 2)
        for b, e, mine in zip(begin, end, got, strict=True):
            there = values[b:e][~np.isnan(values[b:e])]
            assert mine == pytest.approx(np.quantile(there, q) if len(there) > 1 else np.nan, rel=1e-14, nan_ok=True)


def test_reasons_name_the_number_and_the_threshold():
    days = ["2024-01-05", "2024-01-20", "2024-02-04", "2024-02-19", "2024-03-05", "2024-06-30"]
    log = {"who": ["gap"] * 5 + ["new"] + ["fall"] * 4 + ["refund"], "day": [
        *days, "2024-01-02", "2024-02-10", "2024-04-20", "2024-06-29", "2024-06-01"],
        "paid": [9.0] * 5 + [9] + [80, 9, 9, 1, -5]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid", end="2024-06-30")
    rows = cv.stages(base, purchases=cv.NBD(r=1, alpha=1, unit="W"), unit="M").customers()
    assert dict(zip(rows["customer"].tolist(), rows["reason"].tolist(), strict=True)) == {
        "gap": "no purchase for 117 days, longer than 90% of their gaps (15 days)", "new": "1 purchase",
        "fall": "amount -24.2% a month", "refund": "no purchase yet"}
    assert rows["stage"].tolist() == ["decline", "exploration", "decline", "exploration"]


def test_a_contract_that_has_ended_is_decline():
    log = {"who": ["a", "b", "c"], "day": ["2024-01-05"] * 3}
    base = cv.CustomerBase(log, customer="who", time="day", end="2024-01-31").with_profile(
        {"customer": ["a", "b"], "until": np.array(["2024-01-31", "2024-02-01"], "M8[D]")})
    found = cv.stages(base, purchases=MODEL, contract_end="until").customers()
    assert found["stage"].tolist() == ["decline", "exploration", "exploration"]
    assert found["reason"][0] == "contract ended on 2024-01-31"
    assert cv.stages(base.as_of("2024-01-30"), purchases=MODEL, contract_end="until").tier.tolist() == [0, 0, 0]


def test_economics_add_up_and_the_order_of_stages_is_reported():
    """The sums of the stages add up to the margin of the base over its last twelve months."""
    base = firm()
    found, a = cv.stages(base, purchases=MODEL), base.attributes()
    table = found.table()
    assert table["stage"].tolist() == ["exploration", "formation", "stable", "decline"]
    assert table["customers"].sum() == len(base.customers)
    assert table["sum"].sum() == pytest.approx(a["margin_1y"].sum(), rel=1e-12)
    for j in range(4):
        mine = found.tier == j
        if mine.any():
            margin, amount = a["margin_1y"][mine], a["sales_1y"][mine]
            assert table["mean"][j] == pytest.approx(margin.mean(), rel=1e-12)
            assert table["cost"][j] == pytest.approx((amount - margin).mean(), rel=1e-12)
            assert table["rate"][j] == pytest.approx(margin.sum() / amount.sum(), rel=1e-12)
    assert found.order_holds is None and "cannot be checked: a stage is empty" in repr(found)
    more = cv.stages(base, purchases=MODEL, orders=15)
    means = more.table()["mean"]
    assert more.order_holds == (means[0] < means[1] < means[2] > means[3])
    assert ("does not hold" in repr(more)) != more.order_holds


def test_the_printed_table_counts_decline_by_reason():
    found = cv.stages(firm(), purchases=MODEL)
    reasons = [reason for stage, reason in zip(found.labels, found.customers()["reason"], strict=True)
               if stage == "decline"]
    counts = [sum(word in reason for reason in reasons) for word in ("P(alive)", "no purchase for", "% a quarter")]
    assert sum(counts) == len(reasons) and min(counts) > 0
    assert "In decline: {} by P(alive), {} by gap, {} by trend, each by the".format(*counts) in repr(found)


def test_later_rows_do_not_change_a_stage():
    data = cv.datasets.crm(customers=60, seed=2).orders
    later = data["time"].astype("M8[D]") > np.datetime64("2024-12-31")
    gone = {name: column[~later] for name, column in data.items()}
    names = {"customer": "customer", "time": "time", "amount": "amount", "cost": "cost"}
    then = cv.stages(cv.CustomerBase(data, **names).as_of("2024-12-31"), purchases=MODEL).customers()
    want = cv.stages(cv.CustomerBase(gone, **names, end="2024-12-31"), purchases=MODEL).customers()
    assert all(np.array_equal(then[name], want[name], equal_nan=then[name].dtype.kind == "f") for name in want)


@pytest.mark.parametrize("kind", [pd, pl])
def test_frames_come_back_in_their_kind(kind):
    base = cv.CustomerBase(kind.DataFrame({"who": ["b", "a", "b"], "day": ["2024-01-05", "2024-03-05", "2024-03-06"]}),
                           customer="who", time="day").as_of("2024-03-05")
    found = cv.stages(base, purchases=MODEL)
    assert isinstance(found.table(), kind.DataFrame) and isinstance(found.labels, kind.Series)
    assert found.customers()["customer"].to_list() == ["b", "a"]
    assert cv.crosstab(found, found).customers.sum() == 2


@pytest.mark.parametrize("call, kind, text", [
    (lambda b: cv.stages([1]), cv.ConfigError, "takes a CustomerBase, not list"),
    (lambda b: cv.stages(b, alive=2), cv.ConfigError, "alive=2"),
    (lambda b: cv.stages(b, decline=.2), cv.ConfigError, "decline=0.2, growth=0.1: the first lies below"),
    (lambda b: cv.stages(b, unit="D"), cv.ConfigError, "unit 'D'"),
    (lambda b: cv.stages(b, value="cost"), cv.ConfigError, "value='cost'"),
    (lambda b: cv.stages(b, purchases=cv.GammaGamma()), cv.ConfigError, "purchases"),
    (lambda b: cv.stages(b, purchases=MODEL, contract_end="x"), cv.DataError, "contract_end='x': the profile has no"),
    (lambda b: cv.stages(b.split("2024-01-01")[1]), cv.DataError, "a holdout has no stages")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call(firm(20))


@pytest.mark.parametrize("age", range(2, 9))
def test_one_purchase_has_no_trend(age):
    """Its curve of four quarters, (100, 0, 0, 0), has a median slope of -2/3 of the mean."""
    day = str(np.datetime64("2018-07", "M") - 3 * age) + "-01"
    base = cv.CustomerBase({"who": ["a", "b", "b"], "day": [day, "2016-01-01", "2018-06-30"], "paid": [100.0] * 3},
                           customer="who", time="day", amount="paid", end="2018-06-30")
    found = cv.stages(base, purchases=cv.NBD(r=1, alpha=10, unit="W")).customers()
    assert found["reason"][0] == "1 purchase" and np.isnan(found["trend"][0])
