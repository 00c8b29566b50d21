"""Churn risk: expected loss, its sums by tier, and customers worth winning back."""
import functools

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import custval as cv

SET = {"purchases": cv.MBGNBD(r=.525, alpha=6.183, a=.891, b=1.614, unit="W"),
       "spend": cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)}


@pytest.fixture(scope="module")
def base():
    return cv.datasets.cdnow().as_of("1997-09-30")


def test_the_list_starts_with_the_largest_loss_and_ends_at_the_share(base):
    fc = cv.forecast(base, **SET)
    risk = cv.at_risk(fc, share=.5, alive=0)
    loss = np.sort(fc["expected_loss"])[::-1]
    count = int(np.searchsorted(np.cumsum(loss), .5 * loss.sum()) + 1)
    assert (risk["expected_loss"] == loss[:count]).all()
    assert_allclose(risk["cumulative_share"], np.cumsum(loss)[:count] / loss.sum(), rtol=1e-12)
    assert_allclose(risk["share"].sum(), risk["cumulative_share"][-1], rtol=1e-12)
    place = {who: i for i, who in enumerate(fc["customer"].tolist())}
    rows = [place[who] for who in risk["customer"].tolist()]
    assert (fc["p_alive"][rows] == risk["p_alive"]).all()
    assert_allclose(risk["expected_loss"], (1 - risk["p_alive"]) * risk["value_if_retained"], rtol=1e-15)
    assert_allclose(fc["sum_3Q"][rows], risk["p_alive"] * risk["value_if_retained"], rtol=1e-14)


def test_a_base_gives_what_its_forecast_gives(base):
    direct, through = cv.at_risk(base, periods=2, **SET), cv.at_risk(cv.forecast(base, periods=2, **SET))
    assert all((direct[name] == through[name]).all() for name in direct)


def test_tiers_add_up(base):
    fc = cv.forecast(base, **SET)
    pyr = cv.pyramid(fc["sum_3Q"], tiers={"platinum": .01, "gold": .04, "iron": .15, "lead": .80})
    sums = cv.at_risk(fc, tiers=pyr, alive=0)
    assert sums["tier"].tolist() == list(pyr.names) and sums["customers"].tolist() == [24, 94, 353, 1886]
    for j in range(4):
        assert_allclose(sums["expected_loss"][j], fc["expected_loss"][pyr.tier == j].sum(), rtol=1e-12)
        assert_allclose(sums["value_if_retained"][j], fc["value_if_retained"][pyr.tier == j].sum(), rtol=1e-12)
    assert_allclose(sums["share"].sum(), 1, rtol=1e-12)
    by_label = cv.at_risk(fc, tiers=pyr.labels, alive=0)
    order = [by_label["tier"].tolist().index(name) for name in pyr.names]
    assert all((by_label[name][order] == sums[name]).all() for name in ("customers", "expected_loss"))


def test_lost_customers_are_excluded_from_what_can_be_kept(base):
    """The list and the sums by tier hold active customers only."""
    fc = cv.forecast(base, **SET)
    p_alive, loss = fc["p_alive"], fc["expected_loss"]
    listed = cv.at_risk(fc)
    assert (listed["p_alive"] >= .5).all() and 0 < loss[p_alive < .5].sum()
    savable = loss[p_alive >= .5].sum()
    assert_allclose(listed["expected_loss"].sum(), listed["cumulative_share"][-1] * savable, rtol=1e-12)
    pyr = cv.pyramid(fc["sum_3Q"], tiers={"top": .2, "rest": .8})
    sums = cv.at_risk(fc, tiers=pyr, alive=.2)
    for j in (0, 1):
        left, here = (pyr.tier == j) & (p_alive < .2), (pyr.tier == j) & (p_alive >= .2)
        assert (sums["customers"][j], sums["gone"][j]) == (here.sum(), left.sum())
        assert_allclose([sums["expected_loss"][j], sums["lost"][j]], [loss[here].sum(), loss[left].sum()], rtol=1e-12)
    assert sums["gone"].sum() > 0


@pytest.mark.parametrize("kind", [dict, pd.DataFrame])
def test_tiers_with_ids_are_joined_by_customer(kind):
    fc = pd.DataFrame({"customer": ["a", "b", "c"], "p_alive": [.9, .8, .1], "value_if_retained": [50.0, 40, 900],
                       "expected_loss": [5.0, 8, 810]})
    turned = {"customer": ["c", "x", "b", "a"], "segment": ["lapsed", "none", "good", "best"]}
    sums = cv.at_risk(fc, tiers=kind(turned))
    assert dict(zip(sums["tier"], sums["expected_loss"], strict=True)) == {"lapsed": 0, "none": 0, "good": 8, "best": 5}
    back = cv.win_back(fc, p_back=.1, cost={"lapsed": 1}, tiers=kind(turned), among=["lapsed"])
    assert back["customer"].tolist() == ["c"] and back["tier"].tolist() == ["lapsed"] and back["net"].tolist() == [89]
    with pytest.raises(cv.DataError, match="tiers: 1 of 3 customers have no row, the first is 'b'"):
        cv.at_risk(fc, tiers=kind({"customer": ["c", "a"], "tier": ["x", "y"]}))
    with pytest.raises(cv.ConfigError, match=r"beside customer one column of tier, .* there is none"):
        cv.at_risk(fc, tiers=kind({"customer": ["c", "b", "a"], "rank": ["x", "y", "z"]}))


def test_stages_of_a_base_are_joined_to_a_forecast_in_another_order(base):
    stages = cv.stages(base, purchases=SET["purchases"])
    fc = pd.DataFrame(cv.forecast(base, **SET))
    sums, turned = (cv.at_risk(frame, tiers=stages) for frame in (fc, fc[::-1].reset_index(drop=True)))
    assert sums["tier"].tolist() == list(stages.names) and sums["gone"].tolist()[:3] == [0, 0, 0]
    pd.testing.assert_frame_equal(sums, turned)


def frame(**columns):
    return {"customer": ["a", "b", "c", "d"], "p_alive": [.9, .5, .2, np.nan],
            "value_if_retained": [100, 60, -10, np.nan],
            "expected_loss": [10, 30, -8, np.nan], **columns}


def test_gains_and_missing_values_are_no_loss():
    risk = cv.at_risk(pd.DataFrame(frame()), share=1)
    assert isinstance(risk, pd.DataFrame) and risk["customer"].tolist() == ["b", "a"]
    assert risk["cumulative_share"].tolist() == [.75, 1]
    sums = cv.at_risk(frame(), tiers=np.array(["x", "x", "y", "y"], object))
    assert sums["customers"].tolist() == [2, 1] and sums["expected_loss"].tolist() == [40, 0]
    assert sums["gone"].tolist() == [0, 1] and sums["lost"].tolist() == [0, 0]
    assert sums["value_if_retained"].tolist() == [160, 0] and sums["share"].tolist() == [1, 0]
    nothing = cv.at_risk(frame(expected_loss=[-1.0, 0, 0, np.nan]))
    assert len(nothing["customer"]) == 0


@pytest.mark.parametrize("call, kind, text", [
    (lambda: cv.at_risk(frame(), share=80), cv.ConfigError, "share=80"),
    (lambda: cv.at_risk(frame(), alive=50), cv.ConfigError, "alive=50: pass a probability"),
    (lambda: cv.at_risk(frame(), periods=2), cv.ConfigError, "periods: a forecast has its own settings"),
    (lambda: cv.at_risk({"customer": [1]}), cv.DataError, "'p_alive' is not in the frame"),
    (lambda: cv.at_risk(frame(), tiers=["x"]), cv.DataError, "tiers: 1 rows for 4 customers"),
    (lambda: cv.at_risk(pd.DataFrame(frame()), tiers=pd.Series(list("xxyy"), index=[4, 3, 2, 1])), cv.DataError,
     "another index"),
    (lambda: cv.at_risk(pd.DataFrame(frame()), tiers=cv.pyramid(pd.Series([1.0, 2, 3, 4], index=[3, 2, 1, 4]),
                                                                tiers={"all": 1.0})), cv.DataError, "another index")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


# ---- win_back ----

CHANCE = {"VIP": .9, "普通": .2}


def won_back(**settings):
    data = {"customer": ["a", "b", "c", "d", "e", "f"], "p_alive": [.1, .2, .3, .4, np.nan, .1],
            "value_if_retained": [900, 100, 60, 50, np.nan, -5.0]}
    tiers = cv.pyramid([9.0, 1, 1, 1, 1, 1], tiers={"VIP": 1, "普通": None}, by="count")
    return cv.win_back(data, **{"p_back": CHANCE, "cost": 10, "tiers": tiers} | settings)


def test_customers_are_won_back_where_it_pays():
    # E[V if back] P(back) - cost > 0: 100 * .2 - 10, 60 * .2 - 10; 50 * .2 - 10 is 0 and is not called
    back = won_back()
    assert back["customer"].tolist() == ["b", "c"] and back["tier"].tolist() == ["普通", "普通"]
    assert back["net"].tolist() == [10, 2] and back["cumulative_net"].tolist() == [10, 12]
    everybody = won_back(among=["VIP", "普通"], cost={"VIP": 10, "普通": 1})
    assert everybody["customer"].tolist() == ["a", "b", "c", "d"]
    own = won_back(p_back=[.1, 0, 1, 1, 1, 1], tiers=None, cost=[0, 0, 0, 49.5, 0, 0])
    assert own["customer"].tolist() == ["a", "c", "d"] and "tier" not in own


def test_win_back_of_a_base_forecasts_it(base):
    fc = cv.forecast(base, **SET)
    direct, through = cv.win_back(base, p_back=.1, cost=2, **SET), cv.win_back(fc, p_back=.1, cost=2)
    assert direct["customer"].tolist() == through["customer"].tolist() and len(direct["customer"]) > 10
    assert_allclose(direct["net"], .1 * direct["value_if_back"] - 2, rtol=1e-12)
    assert (np.diff(direct["net"]) <= 0).all()


def test_only_customers_who_probably_churned_are_won_back(base):
    fc = cv.forecast(base, **SET)
    back = cv.win_back(fc, p_back=.5, cost=1)
    pays = .5 * fc["value_if_retained"] > 1
    assert len(back["customer"]) == (pays & (fc["p_alive"] < .5)).sum() < pays.sum()
    place = {who: i for i, who in enumerate(fc["customer"].tolist())}
    assert (back["p_alive"] == fc["p_alive"][[place[who] for who in back["customer"].tolist()]]).all()
    assert won_back(alive=.25)["customer"].tolist() == ["b"]
    assert len(cv.win_back(fc, p_back=.5, cost=1, alive=1)["customer"]) == (pays & (fc["p_alive"] < 1)).sum()
    with pytest.raises(cv.DataError, match="column 'p_alive' is not in the frame"):
        cv.win_back({"customer": ["a"], "value_if_retained": [900.0]}, p_back=.1, cost=5)


@pytest.mark.parametrize("settings, kind, text", [
    ({"p_back": 1.5}, cv.ConfigError, "p_back: 1.5 is no probability"),
    ({"cost": -1}, cv.ConfigError, "cost: -1 is no cost"), ({"alive": 2}, cv.ConfigError, "alive=2: pass"),
    ({"p_back": {"VIP": .9}}, cv.ConfigError, "p_back: '普通' has none, and there is no default"),
    ({"p_back": {"VIQ": .9}}, cv.ConfigError, "did you mean 'VIP'"),
    ({"among": ["x"]}, cv.ConfigError, "among: tier 'x'"),
    ({"p_back": [.1, .2]}, cv.DataError, "p_back: 2 rows"), ({"p_back": float("nan")}, cv.DataError, "p_back"),
    ({"tiers": ["a"] * 6}, cv.ConfigError, "labels have no order"),
    ({"tiers": ["a"]}, cv.DataError, "tiers: 1 rows for 6"),
    ({"unit": "M"}, cv.ConfigError, "unit: a forecast has its own settings")])
def test_errors_of_win_back(settings, kind, text):
    with pytest.raises(kind, match=text):
        won_back(**settings)


# ---- an empty list says why ----

LOST = {"customer": ["a", "b", "c"], "p_alive": [.1, .2, .9], "value_if_retained": [90.0, 5.0, 70.0],
        "expected_loss": [81.0, 4.0, 7.0]}
STEADY = {"customer": ["a", "b"], "p_alive": [1.0, 1.0], "value_if_retained": [90.0, 5.0], "expected_loss": [0.0, 0.0]}


@pytest.mark.parametrize("call, words", [
    (lambda: cv.at_risk(STEADY), "at_risk: .*P.alive. is 1 for all of them, so the model cannot tell who leaves"),
    (lambda: cv.win_back(STEADY, p_back=.5, cost=1), "win_back: no customer has probably churned: P.alive. is 1 for"),
    (lambda: cv.win_back(LOST, p_back=.5, cost=1, alive=.05), r"no customer has probably churned: .* is 0.10 or more"),
    (lambda: cv.win_back(LOST, p_back=.01, cost=5), "costs more than it brings for every lost customer"),
    (lambda: cv.win_back(LOST, p_back=.5, cost=1, tiers=cv.pyramid(LOST, value="value_if_retained", tiers={
        "top": .5, "rest": .5}), among=[]), "no customer is in no tier: pass among=, of 'top', 'rest'"),
    (lambda: cv.at_risk({**STEADY, "p_alive": [np.nan] * 2, "expected_loss": [np.nan] * 2}), "no P.alive. is known")])
def test_an_empty_list_says_why(call, words):
    with pytest.warns(cv.DataWarning, match=words):
        assert len(call()["customer"]) == 0


def test_an_empty_last_segment_is_named_with_those_that_have_customers():
    base = cv.datasets.cdnow()
    segments = cv.rfm(base).segments
    fc = cv.forecast(base, purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"),
                     spend=cv.GammaGamma(p=6, q=4, gamma=15))
    with pytest.warns(cv.DataWarning, match="no customer is in 'Others': pass among=, of 'Champions'"):
        assert len(cv.win_back(fc, p_back=.5, cost=1, tiers=segments)["customer"]) == 0
    assert len(cv.win_back(fc, p_back=.5, cost=1, tiers=segments, among=["Lost"])["customer"])


def test_a_model_without_dropout_is_named_by_the_lists():
    day = np.datetime64("2024-01-01") + 7 * np.arange(60)
    log = {"who": np.tile(np.arange(40), 60), "day": np.repeat(day, 40) + np.tile(np.arange(40) % 5, 60),
           "paid": np.tile(10.0 + np.arange(40), 60)}
    for call in (cv.at_risk, functools.partial(cv.win_back, p_back=.5, cost=1)):
        base = cv.CustomerBase(log, customer="who", time="day", amount="paid")
        with pytest.warns(cv.DataWarning) as said:
            assert len(call(base)["customer"]) == 0
        assert len(said) == 1 and "dropout cannot be told from these 59 weeks" in str(said[0].message)


@pytest.mark.parametrize("settings, words", [
    ({"tiers": 5}, "^tiers: expected a column"), ({"among": "top", "tiers": ["x", "y", "z"]}, r"pass a list of tiers"),
    ({"among": ["top"]}, "pass the classification as tiers="), ({"alive": "x"}, "alive='x'"),
    ({"tiers": cv.rfm({"recency": [1, 2, 3], "purchases": [1, 2, 3], "amount": [1.0, 2, 3]}, 3)},
     "tiers=RFM: pass its classes, the attribute segments")])
def test_errors_name_the_argument(settings, words):
    with pytest.raises((cv.ConfigError, cv.DataError), match=words):
        cv.win_back(LOST, p_back=.5, cost=1, **settings)
