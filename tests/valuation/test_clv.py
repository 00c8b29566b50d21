"""CLV: historical value, discounted future value, their evaluation and their files.

The values of CDNOW customer 1 (2 repeats, 30.43, 38.86 weeks, 22.35 a purchase) were computed at 50 digits.
"""
import copy
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv

pytestmark = pytest.mark.filterwarnings("ignore:frequent buyers:custval.DataWarning")
BUYS = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
SPENDS = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
CLV = cv.CLV(purchases=BUYS, spend=SPENDS)
COLUMNS = ["customer", "p_alive", "expected_purchases", "spend_per_purchase", "clv", "historical_value", "total_value",
           "ratio"]
ONE = {"x": np.array([2.0]), "t_x": np.array([30.43]), "T": np.array([38.86]), "m_x": np.array([22.35])}
MONTHLY = 1.01**12 - 1
LOG = {"who": ["a", "a", "b", "c", "c", "c"], "paid": [90.0, 80.0, 50.0, 70.0, 20.0, 30.0],
       "day": ["2025-01-10", "2025-05-15", "2025-03-20", "2025-02-01", "2025-03-01", "2025-06-15"],
       "cogs": [40.0, 60.0, 20.0, 90.0, 10.0, 10.0], "care": [1.0, 2.0, 0.0, 5.0, 5.0, 5.0]}


@pytest.fixture(scope="module")
def base():
    return cv.datasets.cdnow().as_of("1997-09-30")


def test_twelve_months_of_the_first_cdnow_customer():
    """lifetimes #194 and others: steps of 30 *weeks* give 140.096."""
    got = CLV.predict(ONE, periods=12, unit="M", discount=MONTHLY)
    assert_allclose(got["clv"], 36.311257216982104, rtol=1e-12)
    assert_allclose(got["spend_per_purchase"], SPENDS.expected_spend(2, 22.35), rtol=1e-15)
    month, alone = 365.25 / 12 / 7, [float(ONE[k][0]) for k in ("x", "t_x", "T")]
    by_hand = sum(float(BUYS.expected_purchases((k * month, (k + 1) * month), *alone)) / 1.01 ** (k + 1)
                  for k in range(12))
    assert_allclose(got["expected_purchases"], by_hand, rtol=1e-12)
    assert list(got) == ["p_alive", "expected_purchases", "spend_per_purchase", "clv"]


def test_each_period_counts_its_own_purchases_at_the_customers_own_spend():
    """lifetimes #27, #43: cumulative purchases, and one spend for all customers. Undiscounted, it is E[X(t)] E[M]."""
    got = CLV.predict(ONE, periods=12, unit="M", discount=0.0)["clv"]
    assert_allclose(got, BUYS.expected_purchases(365.25 / 7, 2, 30.43, 38.86) * SPENDS.expected_spend(2, 22.35),
                    rtol=1e-12)


def test_twelve_months_equal_four_quarters_and_a_year(base):
    for data in (ONE, base, base.as_of("1997-08-31"), base.as_of("1997-01-31")):
        months, quarters, years = (np.asarray(CLV.predict(data, periods=n, unit=unit, discount=.15)["clv"])
                                   for n, unit in ((12, "M"), (4, "Q"), (1, "Y")))
        assert_allclose(quarters, months, rtol=1e-12)
        assert_allclose(years, months, rtol=1e-12)


def test_months_of_a_base_are_those_of_the_calendar(base):
    """After 1997-09-30, October has 31 days and the year 365; money is discounted from the ends of months."""
    summary = base.summary(unit="W")
    history = [summary[k] for k in ("x", "t_x", "T")]
    one, rate = CLV.predict(base, periods=1, unit="M", discount=.1), 1.1 ** (-1 / 12)
    assert_allclose(one["expected_purchases"], BUYS.expected_purchases(31 / 7, *history) * rate, rtol=1e-12)
    year = CLV.predict(base, periods=1, unit="Y", discount=0)
    assert_allclose(year["expected_purchases"], BUYS.expected_purchases(365 / 7, *history), rtol=1e-11)
    weeks = CLV.predict(base, periods=2, unit="W", discount=.1)["expected_purchases"]
    first, second = (BUYS.expected_purchases((k, k + 1.0), *history) for k in (0.0, 1.0))
    assert_allclose(weeks, first * 1.1 ** (-7 / 365.25) + second * 1.1 ** (-14 / 365.25), rtol=1e-11)
    short = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", end="2025-12-30", unit="W")
    february = CLV.predict(short, periods=2, unit="M", discount=0)["expected_purchases"]  # 31 December to 1 March
    s = short.summary(unit="W")
    assert_allclose(february, BUYS.expected_purchases(60 / 7, s["x"], s["t_x"], s["T"]), rtol=1e-12)


def test_an_infinite_horizon_is_the_limit_of_long_ones(base):
    ever = np.asarray(CLV.predict(base, periods=None, discount=.15)["expected_purchases"])
    assert_array_equal(ever, BUYS.dert(base, discount=.15))
    ever = CLV.predict(ONE, periods=None, discount=.15)["expected_purchases"]
    far = CLV.predict(ONE, periods=100, unit="Y", discount=.15)["expected_purchases"]
    assert 1.15 ** (-1 / 12) < far / ever < 1                       # the ends of months are later than purchases
    year = 1.15 ** (365.25 / 364) - 1                               # a year of 52 weeks; by quadrature at 50 digits
    assert_allclose(CLV.predict(ONE, periods=None, discount=year)["expected_purchases"], 5.169553928437, rtol=1e-11)


def test_historical_and_future_value_add_up_to_the_total(base):
    got, summary = CLV.predict(base), base.summary()
    assert list(got) == COLUMNS
    assert_array_equal(got["historical_value"], summary["amount"])
    assert_array_equal(got["total_value"], got["historical_value"] + got["clv"])
    assert_array_equal(np.isnan(got["ratio"]), got["historical_value"] <= 0)
    there = got["historical_value"] > 0
    assert_allclose(got["ratio"][there], got["clv"][there] / got["historical_value"][there], rtol=1e-15)
    equity = CLV.equity(base)
    assert_allclose(equity["total_value"], np.sum(got["total_value"]), rtol=1e-12)
    assert equity["customers"] == 2357 and equity["historical_value"] == pytest.approx(np.sum(summary["amount"]))
    tenth = CLV.predict(base, margin_rate=.1)
    assert_allclose(tenth["total_value"], tenth["clv"] + summary["amount"] * .1, rtol=1e-12)
    assert (np.asarray(got["clv"]) >= 0).all()


def test_margins_of_a_base_go_on_at_their_own_rates():
    base = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", cost="cogs", marketing="care", unit="W")
    clv = cv.CLV(purchases=BUYS, spend=SPENDS)
    got, amount = clv.predict(base, periods=3), clv.predict(base, periods=3, value="amount")
    ahead = cv.forecast(base, periods=3, unit="M", purchases=BUYS, spend=SPENDS, layout="long")
    assert_array_equal(got["historical_value"], base.summary()["margin"])
    assert (got["clv"] < amount["clv"]).all() and set(ahead) >= {"margin", "amount"}
    bare = cv.CustomerBase({k: LOG[k] for k in ("who", "day", "paid")}, customer="who", time="day", amount="paid")
    assert_allclose(clv.predict(bare, periods=3)["clv"], amount["clv"], rtol=1e-12)
    signed = cv.CLV(purchases=BUYS, spend=cv.NormalMargin(mu=20., sigma=10., kappa=2., nu=4.))
    found = signed.predict(base, periods=3)
    assert_array_equal(found["spend_per_purchase"], signed.spend.expected_margin(base))
    assert found["spend_per_purchase"][2] < found["spend_per_purchase"][0] and (
        found["clv"] < found["expected_purchases"] * found["spend_per_purchase"]).tolist() == [True, False, True]


def test_models_are_fitted_as_copies(base):
    clv = cv.CLV(purchases=cv.BGNBD(unit="W"), spend=cv.GammaGamma(first=False))
    assert clv.fit(base) is clv and clv.purchases_.status_ == clv.spend_.status_ == "converged"
    assert not hasattr(clv.purchases, "status_") and "converged" in repr(clv)
    assert CLV.fit(base).purchases_ is BUYS
    summary = {k: np.asarray(v) for k, v in base.summary(unit="W").items()}
    by_summary, by_base = (clv.predict(data, periods=12)["total_value"] for data in (summary, base))
    assert_allclose(by_summary, by_base, rtol=.02)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_frames_come_back_in_their_kind(kind):
    frame = kind({"customer": ["ann"], **ONE, "amount": [70.0]})
    got = CLV.predict(frame)
    assert isinstance(got, kind)
    assert list(got.columns) == COLUMNS
    assert float(got["total_value"][0]) == 70 + float(got["clv"][0])
    assert CLV.equity(frame)["total_value"] == float(got["total_value"][0])


def test_models_without_pairs_have_the_same_value():
    """Pareto/NBD with hardly any death equals NBD."""
    own = {"r": 0.243, "alpha": 4.414, "unit": "W"}
    nbd = cv.CLV(purchases=cv.NBD(**own), spend=SPENDS).predict(ONE, discount=MONTHLY)
    month = 365.25 / 12 / 7
    want = sum(2.243 / 43.274 * month / 1.01 ** (k + 1) for k in range(12))
    assert_allclose(nbd["expected_purchases"], want, rtol=1e-12)


def test_data_that_cannot_be_valued_are_refused(base):
    care = cv.CustomerBase(LOG, customer="who", time="day", amount="paid", cost="cogs", marketing="care", unit="W")
    for call, error, words in (
            (lambda: cv.CLV(purchases=SPENDS), cv.ConfigError, "purchases=GammaGamma: no model of purchases"),
            (lambda: cv.CLV(spend=BUYS), cv.ConfigError, "no model of spend or margin; pass it as purchases="),
            (lambda: CLV.predict(ONE, discount=-.1), cv.ConfigError, "discount=-0.1"),
            (lambda: CLV.predict(ONE, discount=0, periods=None), cv.ConfigError, "above 0 without periods"),
            (lambda: CLV.predict(ONE, periods=0), cv.ConfigError, "periods=0"),
            (lambda: CLV.predict(ONE, unit="Q-MAR"), cv.ConfigError, "no anchor"),
            (lambda: CLV.predict(ONE, unit="h"), cv.ConfigError, "unit 'h'"),
            (lambda: CLV.predict(ONE, margin_rate="x"), cv.ConfigError, "margin_rate='x'"),
            (lambda: CLV.predict(ONE, value="margin"), cv.ConfigError, "a summary has no future costs"),
            (lambda: CLV.predict(base, value="margin"), cv.DataError, "the base has no cost"),
            (lambda: CLV.predict(care, periods=None), cv.ConfigError, "relationship cost"),
            (lambda: CLV.predict({k: ONE[k] for k in ("x", "t_x", "T")}), cv.DataError, "no m_x to value purchases"),
            (lambda: CLV.predict({"x": [1.0]}), cv.DataError, "'t_x' is not in the frame"),
            (lambda: CLV.predict(base.split("1997-06-30")[1]), cv.DataError, "a holdout has no future"),
            (lambda: cv.CLV().predict(base), cv.FitError, "CLV: not fitted, .*: call fit first"),
            (lambda: cv.CLV(purchases=cv.MBGNBD(unit="W")).predict(base), cv.FitError, "not fitted")):
        with pytest.raises(error, match=words):
            call()


# ---- the whole life ----

def test_the_future_ends_with_the_last_period_that_begins_alive(base):
    """Periods count while P(alive) >= 0.5; by hand, period by period."""
    summary = base.summary(unit="W")
    history = [np.asarray(summary[k], float) for k in ("x", "t_x", "T")]
    got, plain = CLV.predict(base, periods=3, unit="Q", alive=.5, discount=.1), CLV.predict(base, periods=3, unit="Q")
    days, want, counted = np.array([0, 92, 182, 273]), np.zeros(len(history[0])), np.zeros(len(history[0]))
    months = np.array([0, 31, 61, 92, 123, 151, 182, 212, 243, 273]) / 7             # October 1997 to June 1998
    for k in range(3):
        there = np.asarray(BUYS.p_alive(*history, t=days[k] / 7)) >= .5
        parts = (BUYS.expected_purchases((months[m], months[m + 1]), *history) / 1.1 ** ((m + 1) / 12)
                 for m in range(3 * k, 3 * k + 3))
        want, counted = want + there * sum(parts), counted + there
    assert_allclose(got["expected_purchases"], want, rtol=1e-11)
    assert_array_equal(got["periods"], counted)
    assert {0, 1, 3} <= set(counted) and list(got) == [*plain, "periods"]
    whole = counted == 3
    assert_allclose(got["clv"][whole], plain["clv"][whole], rtol=1e-12)
    assert (got["ratio"][counted == 0] == 0).all()
    for wrong, words in (({"alive": 0}, "alive=0"), ({"alive": .5, "periods": None}, "largest number of periods")):
        with pytest.raises(cv.ConfigError, match=words):
            CLV.predict(base, **wrong)


# ---- against what came ----

VALUES = [({}, SPENDS), ({"value": "amount"}, SPENDS), ({"margin_rate": .35}, SPENDS),
          ({}, cv.NormalMargin(mu=20., sigma=10., kappa=2., nu=4.))]


@pytest.fixture(scope="module")
def firm():
    return cv.datasets.crm().base()


@pytest.mark.parametrize("asked, spend", VALUES)
def test_evaluation_compares_with_the_money_of_the_holdout(firm, asked, spend):
    """Expected: predict over the span without a discount. Actual and naive: from the rows of the ledger."""
    past, holdout = firm.split(firm.end - np.timedelta64(365, "D"))
    clv = cv.CLV(purchases=cv.MBGNBD(r=1.2, alpha=9, a=.5, b=4, unit="W"), spend=spend)
    found = clv.evaluate(holdout, **asked)
    days = int((holdout.end - past.end).astype(int))
    want = clv.predict(past, periods=days, unit="D", discount=0, **asked)
    known = ~np.isnan(np.asarray(want["clv"]))
    assert_allclose(found.model.expected, np.sum(np.asarray(want["clv"])[known]), rtol=1e-9)
    rate, column = asked.get("margin_rate", 1.0), "amount" if asked else "margin"
    assert found.value == ("amount" if asked.get("value") else "margin")
    came = holdout.summary()
    actual = np.asarray(came[column])[~np.asarray(came["newcomer"])][known] * rate
    assert_allclose(found.model.actual, actual.sum(), rtol=1e-12)
    assert_allclose(found.model.mae, np.abs(np.asarray(want["clv"])[known] - actual).mean(), rtol=1e-9)
    so_far = np.asarray(past.summary()[column])[known] * rate
    span = int((past.end - np.min(np.asarray(past.summary()["first"], "M8[D]"))).astype(int)) + 1
    assert_allclose(found.naive.expected, so_far.sum() * found.retention * days / span, rtol=1e-12)
    assert found.t == days / 7 and found.value in repr(found) and sum(found.deciles()["customers"]) == known.sum()


def test_backtests_are_evaluations_of_refits(base):
    whole = cv.datasets.cdnow()
    clv = cv.CLV(purchases=cv.MBGNBD(unit="W"))
    got = clv.backtest(whole, origins=["1997-09-30", "1998-02-28"])
    assert not hasattr(clv, "purchases_") and list(got["model"]) == ["CLV", "naive"] * 2
    past, holdout = whole.split("1998-02-28")
    alone = clv.fit(past).evaluate(holdout)
    assert tuple(got[name][2] for name in alone.model._fields) == alone.model and got["grade"][2] == alone.grade
    assert got["top_20_capture"][0] > got["top_20_capture"][1]
    assert got["mae"][0] < got["mae"][1]               # 1997-09-30 is a difficult origin
    tenth = clv.backtest(whole, origins=["1998-02-28"], margin_rate=.1)
    assert_allclose(tenth["mae"] * 10, got["mae"][2:], rtol=1e-12)
    poor = whole.as_of("1997-01-03")                               # no repeats by 1997-01-02: no fit converges
    with pytest.raises(cv.FitError, match=r"no origin has .*\n  1997-01-01: MBGNBD: status 'no_info"):
        clv.backtest(poor, origins=["1997-01-01"])


@pytest.mark.parametrize("call, words", [
    (lambda base: CLV.evaluate(base), "evaluate takes a holdout"),
    (lambda base: cv.CLV().evaluate(base.split("1997-06-30")[1]), "CLV: not fitted"),
    (lambda base: cv.CLV(purchases=BUYS).evaluate(base.split("1997-06-30")[1]), "CLV: not fitted, and spend="),
    (lambda base: cv.CLV(purchases=BUYS).fit(base).evaluate(base.split("1997-06-30")[1]), "LogNormalSpend was fitted"),
    (lambda base: cv.CLV(spend=SPENDS).fit(base).evaluate(base.split("1997-06-30")[1]), "MBGNBD was fitted to data up "
     "to 1997-09-30, so it has seen the holdout, which begins on 1997-07-01: call model.fit.calibration"),
    (lambda base: CLV.evaluate(base.split("1997-06-30")[1], value="margin"), "no cost"),
    (lambda base: CLV.evaluate(base.split("1997-06-30")[1], margin_rate="x"), "margin_rate='x'"),
    (lambda base: CLV.backtest(base, origins=-1), "origins=-1"),
])
def test_data_that_cannot_be_evaluated_are_refused(base, call, words):
    with pytest.raises((cv.DataError, cv.ConfigError, cv.FitError), match=words):
        call(base)


def test_money_that_depends_on_frequency_warns_at_the_fit():
    g = np.random.default_rng(1)
    x = 1 + g.poisson(2, 400)
    data = {"x": x, "t_x": np.full(400, 20.0), "T": np.full(400, 39.0)}
    for slope, words in ((.5, "spend much more .* undervalues them: .* see its bias in backtest.base"),
                         (-.5, "spend much less .* overvalues them: before"), (0, None)):
        m_x = np.exp(slope * x + g.normal(0, 1, 400))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            given().fit({**data, "m_x": m_x})
        if words is None:
            assert not said
        else:
            assert re.search(words, str(said[0].message)) and said[0].filename == __file__ and len(said) == 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            given()._fitted_to({**data, "m_x": m_x})                       # a backtest warns by itself


# ---- what was found, in tables and files ----

def given():
    return cv.CLV(purchases=BUYS, spend=SPENDS)


@pytest.fixture(scope="module", params=["spend", "margin", "given", "unfitted"])
def some(request, base):
    if request.param == "given":
        return given()
    if request.param == "unfitted":
        return cv.CLV(purchases=cv.BGNBD(r=.5, unit="W"))
    spend = cv.GammaGamma() if request.param == "spend" else cv.NormalMargin()
    return cv.CLV(purchases=cv.MBGNBD(unit="W"), spend=spend).fit(base)


def test_a_file_gives_the_same_bits(some, base, tmp_path):
    text = some.to_json(tmp_path / "clv.json")
    assert len(text.encode()) < 4096 and (tmp_path / "clv.json").read_text() == text
    for back in (cv.load(text), cv.load(tmp_path / "clv.json"), pickle.loads(pickle.dumps(some)), copy.deepcopy(some)):
        assert back.to_json() == text and repr(back) == repr(some)
        if "not fitted" in repr(some):
            for ask in (back.predict, lambda _, back=back: back.summary()):
                with pytest.raises(cv.FitError, match="not fitted"):
                    ask(base)
            continue
        assert repr(back.summary()) == repr(some.summary())
        for ours, theirs in zip(some.predict(base).values(), back.predict(base).values(), strict=True):
            assert_array_equal(ours, theirs)
    assert len(pickle.dumps(some)) < 4096
    if hasattr(some, "purchases_"):
        assert not hasattr(cv.load(text).purchases, "status_")       # fit fits anew


@pytest.mark.parametrize("change, words", [
    (lambda t: t.replace("clv-1", "clv-2"), "schema = 'custval/clv-2'"),
    (lambda t: t.replace('"spend"', '"spent"'), "key 'spent' is not known\n  did you mean 'spend'"),
    (lambda t: t.replace('"model": "gg"', '"model": "bgnbd"'), "spend"),
    (lambda t: t.replace('"model": "gg"', '"model": "ggg"'), "spend: model 'ggg' is not known"),
    (lambda t: t.replace("model-1", "model-9"), "purchases: schema 'custval/model-9' is not known"),
    (lambda t: t.replace('"spend": {', '"spend": [], "x": {'), "key 'x' is not known"),
    (lambda t: t.replace('"spend": {', '"dependence": {'), "the key 'spend' is missing"),
    (lambda t: t.replace('"q": 3.74', '"q": -1'), "spend: keywords: GammaGamma: q=-1"),
    (lambda t: t[:-3] + ', "dependence": {"rank_correlation": "a", "p": 0, "explained": 0, "customers": 3}}',
     "dependence.rank_correlation: 'a' is not a number"),
])
def test_an_invalid_file_is_refused_with_its_place(change, words):
    with pytest.raises(cv.ConfigError, match=words) as refused:
        cv.load(change(given().to_json()))
    assert str(refused.value).startswith("text: ")


def test_the_summary_has_both_models_and_the_check(base):
    clv = cv.CLV(purchases=cv.BGNBD(unit="W", a=.8)).fit(base)
    table = clv.summary()
    assert table["model"] == ["BGNBD"] * 4 + ["LogNormalSpend"] * 3
    assert table["parameter"] == ["r", "alpha", "a", "b", "mu", "sigma", "tau"]
    assert table["se"][:4] == clv.purchases_.summary()["se"] and table["low"][4:] == clv.spend_.summary()["low"]
    assert clv.dependence_ == cv.GammaGamma().dependence(base) and clv.dependence_.words in repr(table)
    few = {k: np.array(v) for k, v in {"x": [1, 0], "t_x": [3., 0.], "T": [9., 9.], "m_x": [5., 0.]}.items()}
    clv = given().fit(few)
    assert not hasattr(clv, "dependence_") and "dependence" not in repr(clv.summary())
