"""Advice of failed fits: made as it stands, the advised call leads to a model that predicts."""
import re

import histories
import numpy as np
import pytest
from unidentified import PURCHASE, SPEND

import custval as cv

CALL = re.compile(r"cv\.\w+\([^()]*\)(?:\.fit\(base, max_passes=\d+\))?$")


def follow(model, base, steps):
    """Fit, and make the advised call until it converges; return the model and the number of steps."""
    for taken in range(steps + 1):
        if not hasattr(model, "status_"):
            model.fit(base)
        if model.status_ == "converged":
            return model, taken
        call = CALL.search(model.advice_)[0]
        assert f"{model.role}={call}" in model.advice_
        model = eval(call, {"cv": cv, "base": base})
    raise AssertionError(f"no end after {steps} calls: {model!r}")


def summary(x, t_x, T):
    return {"x": x, "t_x": t_x, "T": T}


def spent(x, m_x):
    return {"x": x, "m_x": m_x}


LEARNABLE = [case[1] for case in PURCHASE if case[0] in ("one_pattern", "boundary", "flat")]
SPENT = [case[1] for case in SPEND if case[0] in ("one_pattern", "boundary", "flat")]


@pytest.mark.parametrize("columns", LEARNABLE)
@pytest.mark.parametrize("model", [cv.BGNBD, cv.MBGNBD])
def test_advice_for_purchases_leads_to_a_fit(model, columns):
    found, _ = follow(model(), summary(*columns), 2)
    assert 0 <= found.p_alive(1, 2.0, 3.0) <= 1


@pytest.mark.parametrize("columns", SPENT)
def test_advice_for_spend_leads_to_a_fit(columns):
    found, steps = follow(cv.GammaGamma(), spent(*columns), 1)
    assert steps == 1 and np.isfinite(found.expected_spend(1, 2.0))


def test_advice_on_small_and_odd_data():
    g, steps = np.random.default_rng(5), []
    for k in range(120):
        n, m = int(g.integers(2, 80)), k % 2
        r, alpha, a, b = np.exp(g.uniform(-3, 4, 4))
        columns = histories.simulate(n, r, alpha, a, b, k, m=m)
        if columns[0].any():
            steps.append(follow((cv.BGNBD, cv.MBGNBD)[m](), summary(*columns), 3)[1])
        p, q, gamma = np.exp(g.uniform(-2, 4, 3))
        steps.append(follow(cv.GammaGamma(), spent(*histories.spend(n, p, q, gamma, k)), 3)[1])
    assert 50 < steps.count(1) and sum(n > 1 for n in steps) <= 2


def test_the_advised_call_keeps_fixed_parameters_and_the_unit():
    columns = histories.simulate(2000, 1.0, 3.0, 1e6, 3e6, 0)
    model = cv.BGNBD(alpha=3.25, unit="W").fit(*columns)
    assert model.advice_.endswith("in a forecast purchases=cv.BGNBD(alpha=3.25, b=10_000, unit='W')")


def test_more_passes_are_advised_as_a_call():
    columns = histories.cdnow()[:3]
    base = summary(*columns)
    for limit, status in ((1, "not_moved"), (4, "iteration_limit")):
        model = cv.BGNBD().fit(*columns, max_passes=limit)
        assert model.status_ == status and model.advice_.endswith("purchases=cv.BGNBD().fit(base, max_passes=1000)")
        assert follow(model, base, 1)[0].status_ == "converged"


def test_data_without_information_get_other_advice():
    nobody = np.zeros(9)
    assert "cv.Scorecard.builtin('consumer').score(base.attributes())" in cv.MBGNBD().fit(nobody, nobody, nobody + 9
                                                                                           ).advice_
    assert "cv.CustomerBase(orders, ..., end=)" in cv.MBGNBD().fit(nobody, nobody, nobody).advice_
    assert "cv.forecast(base, value='purchases')" in cv.GammaGamma().fit(nobody, nobody).advice_


def orders(seed=0, price=9.99, n=300):
    """Return a subscription: customers renew monthly at one price, and churn with one probability for all."""
    g = np.random.default_rng(seed)
    log = {"who": [], "day": [], "paid": []}
    for who in range(n):
        start = np.datetime64("2024-01-01") + int(g.integers(0, 200))
        for month in range(g.geometric(.08)):
            day = start + 30 * month + int(g.integers(-3, 4))
            if day <= np.datetime64("2025-06-30"):
                log["who"].append(who), log["day"].append(day), log["paid"].append(price)
    return log


def test_one_error_names_both_models_to_pass():
    few = {"who": ["a", "a", "b", "c", "c"], "paid": [9.0, 20, 30, 5, 9],
           "day": ["2024-01-01", "2024-03-01", "2024-02-01", "2024-01-05", "2024-04-01"]}
    base = cv.CustomerBase(few, customer="who", time="day", amount="paid")
    with pytest.raises(cv.FitError) as raised:
        cv.forecast(base, purchases=cv.MBGNBD(), spend=cv.GammaGamma(first=False))
    models = {role: eval(call, {"cv": cv})
              for role, call in re.findall(r"in a forecast (\w+)=(cv\..*)$", str(raised.value), re.M)}
    assert set(models) == {"purchases", "spend"}
    assert (cv.forecast(base, **models)["sum_3Q"] > 0).all()


def test_a_subscription_is_forecast_by_following_the_errors():
    base = cv.CustomerBase(orders(), customer="who", time="day", amount="paid", end="2025-06-30")
    models = {"purchases": cv.MBGNBD(), "spend": cv.GammaGamma()}
    for _ in range(4):
        try:
            fc = cv.forecast(base, **models)
            break
        except cv.FitError as error:
            role, call = re.search(r"in a forecast (\w+)=(cv\..*)$", str(error)).groups()
            models[role] = eval(call, {"cv": cv})
    assert models["purchases"].r == 10_000 and models["spend"].p == models["spend"].q == 10_000
    count = cv.forecast(base, **models, value="purchases")
    np.testing.assert_allclose(fc["sum_3Q"], 9.99 * count["sum_3Q"], rtol=1e-3)
    assert len(cv.at_risk(base, **models)["customer"]) > 0


def test_a_parameter_fixed_far_out_does_not_make_the_rest_flat():
    x, m_x = SPEND[4][1]                         # all customers alike: q and gamma diverge together
    ten = [cv.GammaGamma(q=q).fit(x, m_x) for q in (1e3, 1e4, 1e6, 1e8)]
    assert [m.status_ for m in ten] == ["converged"] * 4
    np.testing.assert_allclose([m.params_["p"] for m in ten[1:]], ten[2].params_["p"], rtol=1e-2)
    np.testing.assert_allclose(ten[2].params_["gamma"] / 1e6 * ten[2].params_["p"], 60, rtol=.05)
    assert cv.GammaGamma(p=1e7).fit(*SPEND[5][1]).status_ == "converged"
    columns = histories.simulate(2000, 1e6, 3e6, 1.0, 9.0, 1)
    assert cv.BGNBD(r=1e6).fit(*columns).status_ == "converged"
