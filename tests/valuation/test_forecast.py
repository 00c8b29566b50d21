"""cv.forecast against its slow twin (reference/forecast_twin.py): periods, margins, rates, flags and losses."""
import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose
from reference import forecast_twin as twin

import custval as cv
from custval import _core
from custval.valuation import forecaster as _forecast

PURCHASES = cv.MBGNBD(r=.525, alpha=6.183, a=.891, b=1.614, unit="W")
SPEND = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44, first=False)
SET = {"purchases": PURCHASES, "spend": SPEND}
END = datetime.date(2025, 11, 14)


def order_log(n=60, seed=1):
    """Return rows (customer, day, amount, cost, marketing) with refunds, losses and a customer with refunds only."""
    g = np.random.default_rng(seed)
    rows = [("Z", END, -10.0, 0.0, 1.0)]
    for who in range(n):
        rate = g.normal(.7, .2)
        for _ in range(1 + g.geometric(.15)):
            day = END - datetime.timedelta(days=int(g.integers(0, 900)))
            amount = float(np.round(g.lognormal(4, .8), 2))
            rows.append((f"c{who}", day, amount, float(np.round(amount * (rate + g.normal(0, .1)), 2)),
                         float(g.integers(0, 9))))
            if g.random() < .1:
                rows.append((f"c{who}", min(END, day + datetime.timedelta(days=int(g.integers(0, 99)))), -amount / 2,
                             0.0, 0.0))
    return rows


def base_of(rows, **settings):
    columns = dict(zip(("who", "day", "paid", "cost", "spent"), map(list, zip(*rows, strict=True)), strict=True))
    columns["day"] = np.array(columns["day"], "M8[D]")
    names = {"customer": "who", "time": "day", "amount": "paid", "cost": "cost", "marketing": "spent"}
    return cv.CustomerBase(columns, **{**names, "end": END, "unit": "W", **settings})


@pytest.fixture(scope="module")
def rows():
    return order_log()


@pytest.fixture(scope="module")
def base(rows):
    return base_of(rows)


@pytest.mark.parametrize("unit, months, periods", [("Q", 3, 3), ("M", 1, 5), ("Y", 12, 2)])
def test_every_quantity_agrees_with_the_slow_twin(rows, base, unit, months, periods):
    fc = cv.forecast(base, periods=periods, unit=unit, history=0, layout="long", **SET)
    want = twin.forecast(rows, END, periods, months, PURCHASES, SPEND)
    per_customer = {name: column.reshape(len(want), -1) for name, column in fc.items()}
    assert per_customer["customer"][:, 0].tolist() == list(want)
    for i, spans in enumerate(want.values()):
        if spans is None:
            assert all(np.isnan(per_customer[name][i]).all() for name in _forecast.QUANTITIES)
            continue
        assert per_customer["kind"][i].tolist() == [span["kind"] for span in spans]
        for name in _forecast.QUANTITIES:
            scale = max(abs(span["amount"]) for span in spans) if name == "margin" else 0
            assert_allclose(per_customer[name][i], [span[name] for span in spans], rtol=1e-10, atol=1e-12 * scale)


def test_past_periods_precede_the_next_ones(rows, base):
    fc = cv.forecast(base, periods=2, history=2, unit="Q", **SET)
    assert list(fc) == ["customer", "2025Q3", "2025Q4", "rest of 2025Q4", "2026Q1", "2026Q2", "sum_2Q", "p_alive",
                        "value_if_retained", "expected_loss", "uplift_break_even", "uplift_leave_zone",
                        "growth_break_even", "flag"]
    past = base.history(periods=2, unit="Q", value="margin")
    assert all((fc[label] == past[label]).all() for label in ("2025Q3", "2025Q4"))
    mine = [amount - cost - spent for who, day, amount, cost, spent in rows
            if who == "c1" and twin.quarter(day) == 2025 * 4 + 2]
    assert_allclose(fc["2025Q3"][fc["customer"] == "c1"], sum(mine), atol=1e-9)


def test_an_end_that_closes_a_period_leaves_no_rest(rows):
    fc = cv.forecast(base_of(rows, end="2025-12-31"), periods=1, history=1, unit="Q", **SET)
    assert list(fc)[:4] == ["customer", "2025Q4", "2026Q1", "sum_1Q"]


def test_periods_add_up_to_the_whole(base):
    s = base.summary(unit="W")
    days = (datetime.date(2026, 7, 1) - END).days - 1
    whole = PURCHASES.expected_purchases(days / 7, s["x"], s["t_x"], s["T"])
    for unit, periods in (("D", days - 47), ("M", 7), ("Q", 2)):
        fc = cv.forecast(base, periods=periods, unit=unit, history=0, value="purchases", **SET)
        labels = [label for label in fc if label[:4] in ("2025", "2026", "rest")]
        total = sum(fc[label] for label in labels)
        if unit != "D":
            assert_allclose(total, whole, rtol=1e-12)
        ahead = [label for label in labels if not label.startswith("rest")]
        assert_allclose(sum(fc[label] for label in ahead), fc[f"sum_{periods}{unit}"], rtol=1e-12)


@pytest.mark.parametrize("value", ["margin", "amount", "purchases"])
def test_twelve_months_are_four_quarters_are_one_year(rows, value):
    base = base_of(rows, end="2025-12-31")
    spans = ((12, "M"), (4, "Q"), (1, "Y"))
    sums = [cv.forecast(base, periods=p, unit=u, history=0, value=value, **SET) for p, u in spans]
    twelve, four, one = (fc[next(k for k in fc if k.startswith("sum_"))] for fc in sums)
    assert_allclose(twelve, one, rtol=1e-12)
    assert_allclose(four, one, rtol=1e-12)
    margins = cv.forecast(base, periods=12, unit="M", history=0, value=value, **SET)
    added = sum(margins[f"2026-{m:02d}"] for m in range(1, 13))
    scale = cv.forecast(base, periods=1, unit="Y", history=0, value="amount", **SET)["sum_1Y"]
    assert (np.abs(added - one)[1:] <= 1e-12 * (np.abs(scale) + np.abs(one))[1:]).all()


def test_cdnow_holdout_total():
    # BG/NBD at its exact fit to CDNOW: 1653.40873 purchases are expected over the 39 weeks of the holdout
    model = cv.BGNBD(r=.2425945304891, alpha=4.4136023365, a=.7929219519, b=2.4259065867, unit="W")
    base = cv.datasets.cdnow().as_of("1997-09-30")
    for periods, unit in ((39, "W-WED"), (273, "D"), (9, "M"), (3, "Q")):
        fc = cv.forecast(base, periods=periods, unit=unit, history=0, purchases=model, spend=SPEND, value="purchases")
        assert_allclose(fc[f"sum_{periods}{unit[0]}"].sum(), 1653.40873, rtol=1e-8)


def test_models_without_parameters_are_fitted_as_copies():
    base = cv.datasets.cdnow().as_of("1997-09-30")
    free, money = cv.BGNBD(unit="W"), cv.GammaGamma(first=False)
    fc = cv.forecast(base, purchases=free, spend=money)
    assert vars(free) == vars(cv.BGNBD(unit="W")) and vars(money) == vars(cv.GammaGamma(first=False))
    free.fit(base), money.fit(base)
    assert_allclose(free.loglik_, -9582.429206673929, rtol=1e-9)              # as in test_published_fits.py
    assert_allclose(money.loglik_, -4055.9176948018685, rtol=1e-9)
    assert (cv.forecast(base, purchases=free, spend=money)["sum_3Q"] == fc["sum_3Q"]).all()
    by_default = cv.forecast(base, purchases=cv.MBGNBD(clock="M"), spend=cv.LogNormalSpend())
    assert (cv.forecast(base)["sum_3Q"] == by_default["sum_3Q"]).all()


def test_a_forecast_of_purchases_needs_no_money(base):
    fc = cv.forecast(base, value="purchases", purchases=PURCHASES)
    known = fc["flag"] != "never purchased"
    assert set(fc["flag"][known]) == {""} and (fc["uplift_leave_zone"][known] == 0).all()
    one_price = {"who": ["a", "a", "b", "b", "b"], "paid": np.full(5, 9.99),
                 "day": np.array(["2025-01-01", "2025-02-01", "2025-01-01", "2025-02-01", "2025-03-01"], "M8[D]")}
    flat = cv.CustomerBase(one_price, customer="who", time="day", amount="paid")
    with pytest.raises(cv.FitError, match="GammaGamma: status 'one_pattern'"):
        cv.forecast(flat, purchases=PURCHASES, spend=cv.GammaGamma())
    with pytest.warns(cv.DataWarning, match="all customers spend the same on average: one mean for all"):
        assert_allclose(cv.forecast(flat, value="amount", purchases=PURCHASES)["sum_3Q"],
                        9.99 * cv.forecast(flat, value="purchases", purchases=PURCHASES)["sum_3Q"], rtol=1e-5)
    assert (cv.forecast(flat, value="purchases", purchases=PURCHASES)["sum_3Q"] > 0).all()
    assert len(cv.at_risk(flat, value="purchases", purchases=PURCHASES)["customer"]) == 2


def test_a_given_model_that_does_not_converge_raises_with_advice_and_the_default_says_what_is_not_known():
    once = {"who": np.arange(20), "day": np.array(["2025-01-01"] * 10 + ["2025-02-01"] * 10, "M8[D]"),
            "paid": np.ones(20)}
    base = cv.CustomerBase(once, customer="who", time="day", amount="paid", end="2025-06-30")
    with pytest.raises(cv.FitError, match="no_repeats"):
        cv.forecast(base, purchases=cv.MBGNBD())
    with pytest.warns(cv.DataWarning, match="no customer bought twice"):
        found = cv.forecast(base)
    assert np.isnan(found["sum_3Q"]).all() and set(found["flag"]) == {"not known"} and found["2025Q1"].sum() == 20


# ---- rates: Bühlmann-Straub ----

def credible(part, whole):
    """Return the rate of each customer, a row of cells, and (mean, within, between) of all."""
    found = _core.rate_cells(np.ravel(part), np.ravel(whole), part.shape[1])
    common = _core.credibility(*found)
    return _core.credible_rate(*found[:2], *common), common


def test_rates_are_those_of_buehlmann_and_straub():
    g = np.random.default_rng(2)
    whole = np.where(g.random((40, 6)) < .3, 0.0, g.lognormal(3, 1, (40, 6)))
    whole[5] = 0
    part = whole * (g.normal(.4, .2, (40, 1)) + g.normal(0, .1, (40, 6)))
    part[:5] += np.where(whole[:5] == 0, 7, 0)          # costs of quarters without a sale
    rate, common = credible(part, whole)
    want = twin.credible_rates([list(zip(ps, ws, strict=True))
                                for ps, ws in zip(part.tolist(), whole.tolist(), strict=True)])
    assert_allclose(rate, want, rtol=1e-12)
    assert rate[5] == common[0] and common[1] > 0 and common[2] > 0


def test_much_money_keeps_its_own_rate_and_little_is_drawn_to_the_mean():
    whole = np.array([[1e6, 1e6], [10.0, 10], [1e4, 1e4], [1e4, 1e4]])
    part = whole * np.array([[.11, .09], [.9, .7], [.31, .29], [.52, .48]])
    rate, (mean, _, _) = credible(part, whole)
    assert abs(rate[0] - .1) < 1e-3 and abs(rate[1] - mean) < .1 * abs(.8 - mean)


@pytest.mark.parametrize("cells, want", [
    ([[(3.0, 10.0)], [(5.0, 10.0)]], [.4, .4]),                      # one cell each: spread within is unknown
    ([[(3.0, 10.0), (3.0, 10.0)], [(3.0, 10.0), (3.0, 10.0)]], [.3, .3]),       # all alike
    ([[(3.0, 10.0), (3.0, 10.0)], [(5.0, 10.0), (5.0, 10.0)]], [.3, .5]),       # no variation within
    ([[(3.0, 10.0), (1.0, 10.0)]], [.2]),                            # one customer
    ([[(-8.0, 10.0), (-8.0, 10.0)], [(4.0, 0.0), (0.0, 0.0)]], [-.8, -.8])])    # a loss; nothing bought
def test_rates_at_the_edges(cells, want):
    flat = np.array(cells)
    rate, _ = credible(flat[..., 0], flat[..., 1])
    assert_allclose(rate, want, rtol=1e-14)
    assert np.isnan(credible(np.zeros((2, 1)), np.zeros((2, 1)))[0]).all()


def test_core_refuses_rows_that_do_not_fit():
    for call in (lambda: _core.rate_cells(np.ones(5), np.ones(5), 2),
                 lambda: _core.rate_cells(np.ones(4), np.ones(5), 1),
                 lambda: _core.rate_cells(np.ones(4), np.ones(4), 0),
                 lambda: _core.credibility(np.ones(2), np.ones(2), np.ones(2), np.ones(3, int))):
        with pytest.raises(ValueError, match="expected"):
            call()


# ---- flags and losses ----

@pytest.mark.parametrize("value, amount, near, zone, up, out", [
    (-5.0, 100.0, .05, 2, 5.0, 10.0), (0.0, 100.0, .05, 2, 0.0, 5.0), (4.0, 100.0, .05, 1, 0.0, 1.0),
    (5.0, 100.0, .05, 0, 0.0, 0.0), (5.0, 100.0, 0.0, 0, 0.0, 0.0)])
def test_zones_and_uplifts(value, amount, near, zone, up, out):
    assert _core.loss_zone(value, amount, near) == zone
    assert _core.uplift(value, amount, 0.0) == up and _core.uplift(value, amount, near) == out


def test_losses_split_the_value_if_the_customer_stays():
    assert (_core.value_if_retained(30.0, .75), _core.expected_loss(30.0, .75)) == (40.0, 10.0)
    assert (_core.value_if_retained(0.0, 0.0), _core.expected_loss(0.0, 0.0)) == (0.0, 0.0)
    assert _core.expected_loss(-30.0, .75) == -10                   # a loss that ends


def test_customers_who_cost_money_are_forecast_like_others(base):
    fc = cv.forecast(base, **SET)
    negative, near, nobody = (fc["flag"] == flag for flag in ("negative", "near loss", "never purchased"))
    assert negative.sum() > 3 and (fc["sum_3Q"][negative] <= 0).all()
    assert_allclose(fc["uplift_break_even"][negative], -fc["sum_3Q"][negative], rtol=1e-15)
    assert (fc["sum_3Q"][~negative & ~nobody] > 0).all() and (fc["uplift_break_even"][~negative & ~nobody] == 0).all()
    amount = cv.forecast(base, value="amount", **SET)["sum_3Q"]
    assert (near == ((fc["sum_3Q"] > 0) & (fc["sum_3Q"] < .05 * amount))).all()
    assert fc["customer"][nobody].tolist() == ["Z"] and np.isnan(fc["sum_3Q"][nobody]).all()
    own = base.summary()["margin"]
    assert np.corrcoef(own[~nobody], fc["sum_3Q"][~nobody])[0, 1] > .5


# ---- columns exist where their data do ----

def test_columns_follow_what_is_known(rows):
    plain = base_of(rows, cost=None, marketing=None)
    assert list(cv.forecast(plain, layout="long", **SET)) == ["customer", "period", "kind", "purchases", "amount"]
    only = base_of(rows, amount=None, cost=None, marketing=None)
    assert list(cv.forecast(only, layout="long", **SET)) == ["customer", "period", "kind", "purchases"]
    with pytest.raises(cv.DataError, match="value 'margin' is not known: the base has no cost"):
        cv.forecast(plain, value="margin", **SET)


def test_free_repeat_purchases_say_nothing_about_money():
    log = {"who": ["a", "a", "b"], "day": ["2025-10-01", "2025-10-11", "2025-10-05"], "paid": [50.0, 0.0, 70.0]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid", unit="W")
    assert base.summary()["x"].tolist() == [1, 0] and base.summary()["m_x"][0] == 0
    fc = cv.forecast(base, periods=1, layout="long", history=0, **SET)
    assert_allclose(fc["amount"] / fc["purchases"], SPEND.expected_spend(0, 1.0), rtol=1e-14)


def test_a_first_purchase_says_what_a_customer_without_others_spends():
    """By the model: p (gamma + 50) / (p + q - 1) and the same of 70; the paper's form has the mean of all for both."""
    log = {"who": ["a", "a", "b"], "day": ["2025-10-01", "2025-10-11", "2025-10-05"], "paid": [50.0, 0.0, 70.0]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid", unit="W")
    single = SET | {"spend": cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)}
    fc = cv.forecast(base, periods=1, layout="long", history=0, **single)
    each = np.repeat([6.25 * (15.44 + paid) / (6.25 + 2.74) for paid in (50, 70)], 2)
    assert_allclose(fc["amount"] / fc["purchases"], each, rtol=1e-14)
    value = cv.CLV(**single).predict(base)["spend_per_purchase"]
    assert_allclose(value, each[::2], rtol=1e-14)
    logs = SET | {"spend": cv.LogNormalSpend(mu=3.2, sigma=0.5, tau=0.4)}
    want = logs["spend"].expected_spend([1, 1], np.log([50, 70]))
    fc = cv.forecast(base, periods=1, layout="long", history=0, **logs)
    assert_allclose((fc["amount"] / fc["purchases"])[::2], want, rtol=1e-14)
    assert_allclose(cv.CLV(**logs).predict(base)["spend_per_purchase"], want, rtol=1e-14)


def test_rates_are_learnt_up_to_the_last_purchase_however_long_ago(rows):
    late = cv.forecast(base_of(rows, end="2035-06-30"), **SET)
    assert set(late["flag"]) <= {"", "near loss", "negative", "never purchased"}
    assert (np.isnan(late["sum_3Q"]) == (late["flag"] == "never purchased")).all()
    assert (late["flag"] == "never purchased").sum() == 1


def test_relationship_cost_of_a_short_log_is_spread_over_its_days():
    log = {"who": ["a", "a", "b"], "day": np.array(["2025-10-01", "2025-10-11", "2025-10-05"], "M8[D]"),
           "paid": [50.0, 60.0, 70.0], "spent": [4.0, 6.0, 0.0]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid", marketing="spent", unit="W",
                           end="2025-10-20")
    fc = cv.forecast(base, periods=1, unit="M", layout="long", **SET)
    november = (fc["period"] == "2025-11") & (fc["customer"] == "a")
    assert_allclose(fc["marketing"][november], 10 / 20 * 30 * PURCHASES.p_alive(1, 10 / 7, 19 / 7), rtol=1e-14)


@pytest.mark.parametrize("make, kind", [(pd.DataFrame, pd.DataFrame), (pl.DataFrame, pl.DataFrame)])
def test_result_is_of_the_callers_kind(make, kind):
    frame = make({"who": ["b", "a", "b"], "day": ["2025-01-01", "2025-02-01", "2025-03-05"], "paid": [5.0, 6.0, 7.0]})
    base = cv.CustomerBase(frame, customer="who", time="day", amount="paid", unit="W")
    for layout in ("wide", "long"):
        fc = cv.forecast(base, layout=layout, **SET)
        assert isinstance(fc, kind) and fc["customer"].to_list()[0] == "b"
    assert len(fc) == 2 * 7


@pytest.mark.parametrize("settings, kind, text", [
    ({"layout": "tall"}, cv.ConfigError, "layout='tall': expected one of 'wide', 'long'"),
    ({"value": "cost"}, cv.ConfigError, "value='cost'"), ({"near": 1.5}, cv.ConfigError, "near=1.5"),
    ({"unit": "h"}, cv.ConfigError, "'h' is a duration only: one of D W M Q Y"),
    ({"unit": "X"}, cv.ConfigError, "unit 'X'"),
    ({"periods": 0}, cv.ConfigError, "periods=0"), ({"history": -1}, cv.ConfigError, "history=-1")])
def test_unknown_settings_are_refused(base, settings, kind, text):
    with pytest.raises(kind, match=text):
        cv.forecast(base, **{**SET, **settings})


@pytest.mark.parametrize("settings, text", [
    ({"purchases": cv.GammaGamma()}, "purchases=GammaGamma: no model of purchases; pass it as spend="),
    ({"spend": cv.MBGNBD()}, "spend=MBGNBD: no model of spend; pass it as purchases="),
    ({"purchases": "MBGNBD"}, "purchases='MBGNBD': pass a model, or 'auto'"),
    ({"purchases": cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6)}, r"no unit(.|\n)*cv\.MBGNBD\(\.\.\., unit=\"W\"\)")])
def test_models_of_the_wrong_kind_are_refused(base, settings, text):
    with pytest.raises(cv.ConfigError, match=text):
        cv.forecast(base, **{**SET, **settings})


def test_an_order_log_is_refused(rows):
    with pytest.raises(cv.ConfigError, match="takes a CustomerBase, not DataFrame"):
        cv.forecast(pd.DataFrame(rows))


def test_a_holdout_is_refused(base):
    with pytest.raises(cv.DataError, match="a holdout has no forecast of its own"):
        cv.forecast(base.split("2025-01-31")[1], **SET)


def test_break_even_and_potential_are_by_the_formula():
    """To break even: growth * (amount - cost) = -V. Potential: V + uplift * (amount - cost)."""
    base = cv.datasets.crm().base()
    fc, grown = cv.forecast(base), cv.forecast(base, uplift=.1)
    long = cv.forecast(base, layout="long")
    ahead = long["kind"] == "next"
    gross = np.add.reduceat((long["amount"] - long["cost"])[ahead], np.arange(0, ahead.sum(), 3))
    loses = (fc["flag"] == "negative") & (gross > 0)
    assert loses.sum() > 3
    assert_allclose((fc["growth_break_even"] * gross)[loses], fc["uplift_break_even"][loses], rtol=1e-9)
    assert np.isinf(fc["growth_break_even"][(fc["sum_3Q"] < 0) & (gross <= 0)]).all()
    assert_allclose(grown["potential"], fc["sum_3Q"] + .1 * gross, rtol=1e-9, atol=1e-6)
    assert "potential" not in fc
    each = cv.forecast(base, uplift=np.linspace(-1, 1, 300), value="amount")
    assert_allclose(each["potential"], each["sum_3Q"] * (1 + np.linspace(-1, 1, 300)), rtol=1e-12)
    for wrong, error in (([.1], cv.DataError), (-2, cv.ConfigError), (np.nan, cv.DataError)):
        with pytest.raises(error, match="uplift"):
            cv.forecast(base, uplift=wrong)
    with pytest.warns(cv.DataWarning, match="uplift: 10 more than doubles the purchases; a tenth more is 0.10"):
        cv.forecast(base, uplift=10)
    with pytest.raises(cv.ConfigError, match="layout"):
        cv.forecast(base, uplift=.1, layout="long")
