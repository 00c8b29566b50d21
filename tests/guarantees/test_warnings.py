"""Warnings point at the line of the caller, and each kind comes once in a call."""
import re
import warnings

import numpy as np
import pytest

import custval as cv

DAYS = ["2024-01-01", "2024-02-01", "2024-03-05", "2024-09-01", "2024-10-01", "2024-12-30"]
LOG = {"id": list("aababc"), "day": DAYS, "paid": [5.0, 5, -9, 8, 7, -3]}
NAMES = {"customer": "id", "time": "day", "amount": "paid"}
BASE = cv.CustomerBase(LOG, **NAMES)
MODEL, SPEND = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=100)
STRANGER = {"customer": ["a", "b", "c", "z"], "n": [1, 2, 3, 4]}
OPEN = {"customer": ["a"], "created": ["2024-01-01"], "closed": ["2024-12-01"], "amount": [5.0], "stage": ["won"],
        "probability": [1.0]}
WON = BASE.with_log("opportunities", OPEN)
FILLED = cv.CustomerBase(LOG | {"cost": [1.0, None, 1, 1, 1, 1]}, **NAMES, cost="cost", cost_missing="base")


def many_refunds():
    """Return a base in which some customers have refunds only, at every origin."""
    at = np.random.default_rng(1)
    who = at.integers(0, 300, 3000)
    days = np.datetime64("2022-01-01") + at.integers(0, 900, 3000)
    return cv.CustomerBase({"id": who, "day": days, "paid": np.where(who < 20, -1.0, at.gamma(2, 9, 3000))}, **NAMES)


REFUNDS = many_refunds()
CALLS = {
    "left out": lambda: cv.CustomerBase(LOG | {"id": [None, *"ababc"]}, **NAMES, missing="drop"),
    "log of others": lambda: BASE.with_log("contacts", {"customer": ["q"], "time": ["2024-02-01"], "cost": [1.0]}),
    "profile of others": lambda: BASE.with_profile(STRANGER),
    "join of others": lambda: BASE.attributes(join=STRANGER),
    "filled costs": lambda: FILLED.as_of("2024-06-30"),
    "won later": lambda: WON.as_of("2024-06-30").attributes(),
    "fit": lambda: cv.NBD(unit="W").fit(REFUNDS),
    "compare": lambda: cv.compare(REFUNDS, [cv.NBD(unit="W"), cv.MBGNBD(unit="W")], origins=2),
    "backtest": lambda: cv.CLV(purchases=cv.NBD(unit="W"), spend=SPEND).backtest(REFUNDS, origins=2, value="amount"),
    "uplift": lambda: cv.forecast(BASE, purchases=MODEL, spend=SPEND, uplift=3.0),
    "discount": lambda: cv.CLV(purchases=MODEL, spend=SPEND).predict(BASE, value="amount", discount=5.0),
    "judgments": lambda: cv.weights.pairwise({("a", "b"): 9, ("b", "c"): 9, ("a", "c"): 1 / 9}),
    "few": lambda: cv.rfm(BASE),
    "no score": lambda: cv.Scorecard.builtin("consumer").score(BASE),
    "no counts": lambda: cv.Scorecard("s", [cv.Indicator("i", weight=1, measures={
        "ideas": cv.rules.Grades({"high": 1}, counts=True)})]).score(BASE),
    "invalid": lambda: MODEL.p_alive(np.full(50_000, -1.0), 1.0, 2.0),
    "invalid column": lambda: MODEL.expected_purchases(3.0, np.full(50_000, -1.0), np.ones(50_000), np.full(50_000, 2)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_warning_points_here_and_comes_once(name):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        CALLS[name]()
    assert {warning.filename for warning in found} == {__file__}
    kinds = [re.sub(r"\d[\d.,]*", "#", str(warning.message)) for warning in found]
    assert kinds and len(set(kinds)) == len(kinds)


def test_a_warning_in_a_function_of_the_caller_points_there():
    with pytest.warns(cv.DataWarning) as found:
        cv.appraise(BASE, {"m": lambda base: (base.with_profile(STRANGER), base.attributes()["amount"])[1]})
    assert {warning.filename for warning in found} == {__file__}


def test_warnings_as_errors_are_raised_once():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(cv.DataWarning, match="no purchase"):
            CALLS["backtest"]()
