"""Forecasts of all customers together: sums, intervals, new customers, last year, words."""
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval.valuation import forecast_totals

START = np.datetime64("2021-01-01")


def world(seed, customers=400, days=730, arrivals=600, factor=None):
    """Return a log of customers who buy by MBG/NBD on a clock: 20 days between purchases, dropout 0.1, spend 30."""
    g = np.random.default_rng(seed)
    m = np.ones(days) if factor is None else factor(np.arange(days))
    time = np.cumsum(m)
    rows = []
    for who in range(customers):
        day = int(g.integers(0, arrivals))
        rate, drop = g.gamma(2.0, 1 / 40), g.beta(1.0, 9.0)
        at = time[day]
        rows.append((who, day))
        while g.random() > drop:
            at += g.exponential(1 / rate)
            day = int(np.searchsorted(time, at))
            if day >= days:
                break
            rows.append((who, day))
    log = pd.DataFrame(rows, columns=["who", "day"]).drop_duplicates()
    log["paid"] = (g.gamma(4.0, 30 / 4, len(log)) * g.lognormal(0, 0.4, customers)[log["who"]]).round(2)
    return log.assign(day=START + log["day"].to_numpy().astype("m8[D]"))


def base_of(log, end=None):
    return cv.CustomerBase(log, customer="who", time="day", amount="paid", end=end)


@pytest.fixture(scope="module")
def split():
    return base_of(world(1)).split("2022-06-30")


@pytest.fixture(scope="module")
def found(split):
    return cv.Forecaster().fit(split[0]).total(split[0], periods=2, unit="Q", history=2)


def column(found, group, name):
    table = found.table()
    return np.asarray(table[name])[np.asarray(table["customers"]) == group]


def test_the_total_is_the_sum_over_customers(split, found):
    wide = cv.Forecaster().fit(split[0]).predict(split[0], periods=2, unit="Q", history=2)
    labels = [*column(found, "known", "period")[2:4], "sum_2Q"]
    assert_allclose(column(found, "known", "value")[2:], [np.nansum(wide[label]) for label in labels], rtol=1e-12)
    for name in ("value", "low_80", "high_90"):
        whole = column(found, "known", name) + column(found, "new", name)
        assert name != "value" or np.allclose(whole[2:], column(found, "all", name)[2:], rtol=1e-12)
    value = column(found, "all", "value")
    assert value[-1] == pytest.approx(value[2:4].sum(), rel=1e-12)


@pytest.mark.parametrize("group", ["known", "new", "all"])
def test_bounds_are_nested_and_hold_the_expectation(found, group):
    low90, low80, value, high80, high90 = (column(found, group, name)[2:] for name in (
        "low_90", "low_80", "value", "high_80", "high_90"))
    assert (low90 < low80).all() and (low80 < value).all() and (value < high80).all() and (high80 < high90).all()
    assert np.isnan(column(found, group, "low_80")[:2]).all()


def test_past_and_last_year_are_those_of_the_log(split, found):
    log = world(1)
    log = log[log["day"] <= "2022-06-30"]
    first = log.groupby("who")["day"].transform("min")
    cut = pd.Timestamp("2021-07-01")

    def paid(start, end, rows):
        return log.loc[(log["day"] >= start) & (log["day"] < end) & rows, "paid"].sum()

    assert_allclose(column(found, "all", "value")[:2],
                    [paid("2022-01-01", "2022-04-01", True), paid("2022-04-01", "2022-07-01", True)])
    assert_allclose(column(found, "new", "value")[:2], [paid("2022-01-01", "2022-04-01", first >= "2022-01-01"),
                                                         paid("2022-04-01", "2022-07-01", first >= "2022-04-01")])
    quarters = [("2021-07-01", "2021-10-01"), ("2021-10-01", "2022-01-01")]
    for group, rows in (("all", True), ("known", first < cut), ("new", first >= cut)):
        want = [paid(*quarter, rows) for quarter in quarters]
        assert_allclose(column(found, group, "last_year")[2:], [*want, sum(want)])


def test_before_the_log_nothing_is_known():
    base = base_of(world(2, days=300, arrivals=200))
    found = cv.Forecaster().fit(base).total(base, periods=2, history=3, draws=20)
    assert np.isnan(column(found, "all", "last_year")[:2]).all()
    assert np.isnan(column(found, "all", "value")[:-4] if len(column(found, "all", "value")) > 8 else np.nan)


def season(day):
    return np.exp(0.35 * np.cos(2 * np.pi * day / 365.25)) * np.exp(0.1 * np.sin(day / 61.0))


def test_intervals_hold_in_the_assumed_world():
    # 30 worlds with a season and level: the 80 % interval of known customers holds 81 % of 106 totals of real data
    inside = []
    for seed in range(30):
        calibration, holdout = base_of(world(seed, customers=250, factor=season)).split("2022-06-30")
        model = cv.Forecaster(value="purchases").fit(calibration)
        found = model.total(calibration, periods=2, history=0, newcomers=False, levels=(0.8,), draws=200)
        low, high = (column(found, "known", name)[-1] for name in ("low_80", "high_80"))
        window = holdout.summary("D")
        inside.append(low <= window.loc[~window["newcomer"], "x"].sum() <= high)
    assert 0.6 <= np.mean(inside) <= 0.97


def test_a_sample_of_many_customers_gives_the_same_width(split, monkeypatch):
    model = cv.Forecaster().fit(split[0])
    widths = []
    for drawn in (4000, 100):
        monkeypatch.setattr(forecast_totals, "DRAWN", drawn)
        found = model.total(split[0], periods=2, history=0, draws=1000, newcomers=False)
        widths.append(column(found, "known", "high_80") - column(found, "known", "low_80"))
    assert_allclose(widths[1], widths[0], rtol=0.2)


def test_new_customers_come_as_they_came():
    # 0.55 new customers a day (400 in 730 days), whose purchases in 184 days are known by simulation
    base, later = base_of(world(5, arrivals=730)).split("2022-06-30")
    found = cv.Forecaster(value="purchases").fit(base).total(base, periods=2, history=0)
    window = later.summary("D")
    actual = window.loc[window["newcomer"], "x"].sum() + window["newcomer"].sum()
    low, high = column(found, "new", "low_90")[-1], column(found, "new", "high_90")[-1]
    assert low < actual < high and 0.5 * actual < column(found, "new", "value")[-1] < 2 * actual
    none = cv.datasets.cdnow().as_of("1998-01-31")                    # its customers all came by March 1997
    found = cv.Forecaster(value="purchases").fit(none).total(none, history=0, draws=20)
    assert (column(found, "new", "value") == 0).all() and (column(found, "new", "high_90") == 0).all()


def test_margin_less_relationship_cost_has_bounds():
    base = cv.datasets.crm().base()
    found = cv.Forecaster().fit(base).total(base, periods=3, unit="M", history=1, draws=100)
    assert found.value == "margin" and "margin of 300 customers and of new ones" in repr(found)
    assert (column(found, "known", "low_80")[2:] < column(found, "known", "value")[2:]).all()


def test_the_words_multiply_to_the_whole(split):
    words = cv.Forecaster().fit(split[0]).total(split[0], draws=10).explanation
    numbers = [int(word.rstrip("%,:")) / 100 + 1 for word in words.split() if word[0] in "+-"]
    assert words.startswith(f"{numbers[0] - 1:+.0%} against the last") and len(numbers) == 4
    assert numbers[0] == pytest.approx(np.prod(numbers[1:]), abs=0.03)
    plain = cv.Forecaster(purchases=cv.MBGNBD(unit="W")).fit(split[0]).total(split[0], draws=10)
    assert plain.explanation == "" and "Purchases a day" not in repr(plain)


def test_nothing_estimated_is_missing():
    base = base_of(pd.DataFrame({"who": range(9), "day": "2024-03-01", "paid": 5.0}))
    with pytest.warns(cv.DataWarning):
        found = cv.Forecaster().fit(base).total(base, history=0, draws=10)
    assert np.isnan(column(found, "known", "value")).all() and np.isnan(column(found, "known", "low_80")).all()


def test_bounds_of_each_customer(split):
    wide = cv.forecast(split[0], periods=2, level=0.8, value="purchases", draws=200)
    low, high = wide["sum_2Q_low"], wide["sum_2Q_high"]
    assert (low <= high).all() and (np.floor(low) == low).all()
    later = split[1].summary("D")
    actual = later.loc[~later["newcomer"]].set_index("customer")["x"].reindex(wide["customer"]).to_numpy()
    assert 0.78 <= np.mean((low <= actual) & (actual <= high)) <= 0.97
    one = cv.forecast(split[0].where(split[0].customers[:1]), periods=2, level=0.8, draws=50,
                      purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), value="purchases")
    assert len(one) == 1


@pytest.mark.parametrize("wrong", [{"levels": (1.2,)}, {"draws": 0}, {"seed": -1}, {"unit": "X"}, {"history": -1}])
def test_wrong_settings_are_named(split, wrong):
    with pytest.raises(cv.ConfigError):
        cv.Forecaster(value="purchases").fit(split[0]).total(split[0], **wrong)
