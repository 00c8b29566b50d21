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
