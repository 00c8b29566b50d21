"""Expected losses from churn: requirement F4."""
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


def test_list_is_worst_first_and_ends_at_the_share(base):
    fc = cv.forecast(base, **SET)
    risk = cv.at_risk(fc, share=.5)
    loss = np.sort(fc["expected_loss"])[::-1]
    count = int(np.searchsorted(np.cumsum(loss), .5 * loss.sum()) + 1)
    assert (risk["expected_loss"] == loss[:count]).all()
    assert_allclose(risk["cumulative_share"], np.cumsum(loss)[:count] / loss.sum(), rtol=1e-12)
    assert_allclose(risk["share"].sum(), risk["cumulative_share"][-1], rtol=1e-12)
    place = {who: i for i, who in enumerate(fc["customer"].tolist())}
    rows = [place[who] for who in risk["customer"].tolist()]
    assert (fc["p_alive"][rows] == risk["p_alive"]).all()
    assert_allclose(risk["expected_loss"], (1 - risk["p_alive"]) * risk["loss_if_lost"], rtol=1e-15)
    assert_allclose(fc["sum_3Q"][rows], risk["p_alive"] * risk["loss_if_lost"], rtol=1e-14)


def test_a_base_gives_what_its_forecast_gives(base):
    direct, through = cv.at_risk(base, periods=2, **SET), cv.at_risk(cv.forecast(base, periods=2, **SET))
    assert all((direct[name] == through[name]).all() for name in direct)


def test_tiers_add_up(base):
    fc = cv.forecast(base, **SET)
    pyr = cv.pyramid(fc["sum_3Q"], tiers={"platinum": .01, "gold": .04, "iron": .15, "lead": .80})
    sums = cv.at_risk(fc, tiers=pyr)
    assert sums["tier"].tolist() == list(pyr.names) and sums["customers"].tolist() == [24, 94, 353, 1886]
    for j in range(4):
        assert_allclose(sums["expected_loss"][j], fc["expected_loss"][pyr.tier == j].sum(), rtol=1e-12)
        assert_allclose(sums["loss_if_lost"][j], fc["loss_if_lost"][pyr.tier == j].sum(), rtol=1e-12)
    assert_allclose(sums["share"].sum(), 1, rtol=1e-12)
    by_label = cv.at_risk(fc, tiers=pyr.labels)
    order = [by_label["tier"].tolist().index(name) for name in pyr.names]
    assert all((by_label[name][order] == sums[name]).all() for name in ("customers", "expected_loss"))


def frame(**columns):
    return {"customer": ["a", "b", "c", "d"], "p_alive": [.9, .5, .2, np.nan], "loss_if_lost": [100, 60, -10, np.nan],
            "expected_loss": [10, 30, -8, np.nan], **columns}


def test_gains_and_unknown_customers_are_no_loss():
    risk = cv.at_risk(pd.DataFrame(frame()), share=1)
    assert isinstance(risk, pd.DataFrame) and risk["customer"].tolist() == ["b", "a"]
    assert risk["cumulative_share"].tolist() == [.75, 1]
    sums = cv.at_risk(frame(), tiers=np.array(["x", "x", "y", "y"], object))
    assert sums["customers"].tolist() == [2, 2] and sums["expected_loss"].tolist() == [40, 0]
    assert sums["loss_if_lost"].tolist() == [160, 0] and sums["share"].tolist() == [1, 0]
    nothing = cv.at_risk(frame(expected_loss=[-1.0, 0, 0, np.nan]))
    assert len(nothing["customer"]) == 0


@pytest.mark.parametrize("call, kind, text", [
    (lambda: cv.at_risk(frame(), share=80), cv.ConfigError, "share=80"),
    (lambda: cv.at_risk(frame(), periods=2), cv.ConfigError, "periods: a forecast has been made with its own settings"),
    (lambda: cv.at_risk({"customer": [1]}), cv.DataError, "'p_alive' is not in the frame"),
    (lambda: cv.at_risk(frame(), tiers=["x"]), cv.DataError, "tiers: 1 rows for 4 customers"),
    (lambda: cv.at_risk(pd.DataFrame(frame()), tiers=pd.Series(list("xxyy"), index=[4, 3, 2, 1])), cv.DataError,
     "another index"),
    (lambda: cv.at_risk(pd.DataFrame(frame()), tiers=cv.pyramid(pd.Series([1.0, 2, 3, 4], index=[3, 2, 1, 0]),
                                                                tiers={"all": 1.0})), cv.DataError, "another index")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


# ---- recall: requirement T7 ----

CHANCE = {"VIP": .9, "普通": .2}


def recalled(**settings):
    data = {"customer": ["a", "b", "c", "d", "e", "f"], "loss_if_lost": [900, 100, 60, 50, np.nan, -5.0]}
    tiers = cv.pyramid([9.0, 1, 1, 1, 1, 1], tiers={"VIP": 1, "普通": None}, by="count")
    return cv.recall(data, **{"p_back": CHANCE, "cost": 10, "tiers": tiers} | settings)


def test_ordinary_customers_are_called_where_it_pays():
    # E[V if back] P(back) - cost > 0: 100 * .2 - 10, 60 * .2 - 10; 50 * .2 - 10 is 0 and is not called
    back = recalled()
    assert back["customer"].tolist() == ["b", "c"] and back["tier"].tolist() == ["普通", "普通"]
    assert back["net"].tolist() == [10, 2] and back["cumulative_net"].tolist() == [10, 12]
    everybody = recalled(among=["VIP", "普通"], cost={"VIP": 10, "普通": 1})
    assert everybody["customer"].tolist() == ["a", "b", "c", "d"]
    own = recalled(p_back=[.1, 0, 1, 1, 1, 1], tiers=None, cost=[0, 0, 0, 49.5, 0, 0])
    assert own["customer"].tolist() == ["a", "c", "d"] and "tier" not in own


def test_a_base_is_forecast_before_it_is_recalled(base):
    fc = cv.forecast(base, **SET)
    direct, through = cv.recall(base, p_back=.1, cost=2, **SET), cv.recall(fc, p_back=.1, cost=2)
    assert direct["customer"].tolist() == through["customer"].tolist() and len(direct["customer"]) > 10
    assert_allclose(direct["net"], .1 * direct["value_if_back"] - 2, rtol=1e-12)
    assert (np.diff(direct["net"]) <= 0).all()


@pytest.mark.parametrize("settings, kind, text", [
    ({"p_back": 1.5}, cv.ConfigError, "p_back: 1.5 is no chance"),
    ({"cost": -1}, cv.ConfigError, "cost: -1 is no cost"),
    ({"p_back": {"VIP": .9}}, cv.ConfigError, "p_back: '普通' has none; it is never guessed"),
    ({"p_back": {"VIQ": .9}}, cv.ConfigError, "did you mean 'VIP'"),
    ({"among": ["x"]}, cv.ConfigError, "among: tier 'x'"),
    ({"p_back": [.1, .2]}, cv.DataError, "p_back: 2 rows"), ({"p_back": float("nan")}, cv.DataError, "p_back"),
    ({"tiers": ["a"] * 6}, cv.ConfigError, "labels have no order"),
    ({"tiers": ["a"]}, cv.DataError, "tiers: 1 rows for 6"),
    ({"unit": "M"}, cv.ConfigError, "unit: a forecast has been made")])
def test_errors_of_recall(settings, kind, text):
    with pytest.raises(kind, match=text):
        recalled(**settings)
