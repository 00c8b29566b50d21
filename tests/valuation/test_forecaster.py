"""Forecaster and CLV as objects: parameters of the constructor, clones, and the files that hold what was fitted."""
import copy
import json
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import custval as cv

PURCHASES, SPEND = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=15)
BASE = cv.datasets.crm(40, seed=2, as_frame=dict).base()


def clone(estimator):
    """Copy the way scikit-learn's `clone` does, with its check that the constructor keeps what it is given."""
    if not hasattr(estimator, "get_params"):
        return copy.deepcopy(estimator)
    given = {name: clone(value) for name, value in estimator.get_params(deep=False).items()}
    made = type(estimator)(**given)
    assert all(made.get_params(deep=False)[name] is value for name, value in given.items())
    return made


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cv.Forecaster().fit(BASE)


@pytest.mark.parametrize("kind", [cv.Forecaster, cv.CLV])
def test_parameters_are_read_set_and_cloned(kind):
    one = kind(purchases=cv.MBGNBD(unit="W"), spend=SPEND)
    params = one.get_params()
    assert params["purchases"] is one.purchases and params["purchases__unit"] == "W" and params["spend__p"] == 6
    assert "purchases__unit" not in one.get_params(deep=False)
    assert kind().get_params(deep=False).items() >= {"purchases": "auto", "spend": "auto"}.items()
    twin = clone(one)
    assert twin.purchases is not one.purchases and repr(twin) == repr(one)
    before = one.purchases
    assert one.set_params(purchases__r=.7, spend="auto") is one
    assert one.purchases.r == .7 and before.r is None and one.spend == "auto"
    with pytest.raises(cv.ConfigError, match="has no depth: it has purchases, spend"):
        one.set_params(depth=3)
    with pytest.raises(cv.ConfigError, match="has no purchases__depth"):
        one.set_params(purchases__depth=3)
    with pytest.raises(cv.ConfigError, match="purchases='best': pass a model, or 'auto'"):
        kind(purchases="best")
    with pytest.raises(cv.FitError, match="not fitted, and purchases='auto' has no parameters: call fit first"):
        kind().predict(BASE)


def test_setting_a_parameter_and_cloning_discard_the_fit(fitted):
    assert not [name for name in vars(clone(fitted)) if name.endswith("_")]
    other = cv.load(fitted.to_json()).set_params(value="amount")
    assert not hasattr(other, "rates_") and other.value == "amount"


@pytest.mark.parametrize("make", [
    lambda: cv.Forecaster(), lambda: cv.Forecaster(purchases=PURCHASES, spend=SPEND, value="amount"),
    lambda: cv.Forecaster(purchases=cv.MBGNBD(unit="W")), lambda: cv.CLV(), lambda: cv.CLV(spend=SPEND)])
@pytest.mark.parametrize("fit", [False, True])
def test_a_file_gives_the_same_object_and_the_same_bits(make, fit, tmp_path):
    one = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if fit:
            one.fit(BASE)
        one.to_json(tmp_path / "one.json")
        again = cv.load(tmp_path / "one.json")
        assert (repr(again), again.to_json()) == (repr(one), one.to_json()) and len(one.to_json()) < 9000
        assert {name for name in vars(again) if name.endswith("_")} >= ({"rates_", "reason_"} if fit else set())
        if fit:
            assert again.rates_ == one.rates_
            for name, column in one.predict(BASE).items():
                assert_array_equal(again.predict(BASE)[name], column)
            assert repr(again.fit(BASE)) == repr(one)                       # it is refitted as it was made


def test_a_base_without_amounts_has_no_spend_model_and_its_file_says_so():
    g = np.random.default_rng(1)
    days = np.datetime64("2024-01-01") + np.cumsum(g.geometric(1 / (4.0 + np.arange(40)[:, None]), (40, 12)), axis=1)
    base = cv.CustomerBase({"who": np.repeat(np.arange(40), 12), "day": days.ravel()}, customer="who", time="day")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = cv.Forecaster().fit(base)
    assert not hasattr(one, "spend_") and one.value_ == "purchases" and one.rates_.money == {}
    again = cv.load(one.to_json())
    assert_array_equal(again.predict(base)["sum_3Q"], one.predict(base)["sum_3Q"])
    with pytest.raises(cv.DataError, match="value 'margin' is not known"):
        cv.Forecaster(purchases=PURCHASES, value="margin").fit(base)


@pytest.mark.parametrize("change, words", [
    (lambda t: t.pop("value"), "value"), (lambda t: t.update(extra=1), "extra"),
    (lambda t: t.update(value="sales"), "value='sales'"), (lambda t: t.update(valued_by="x"), "valued_by='x'"),
    (lambda t: t["rates"].pop("first"), "rates: .*first"), (lambda t: t["rates"].update(quiet=-1), "rates.quiet: -1"),
    (lambda t: t["rates"].update(quiet=True), "rates.quiet: True"),
    (lambda t: t["rates"].update(first="soon"), "rates.first: first='soon' is not a day"),
    (lambda t: t["rates"].update(amount=[1, 2]), "rates.amount: expected mean, variance within and variance between"),
    (lambda t: t["rates"].update(amount=[1, -2.0, 0]), "rates.amount: .* two variances of 0 or more"),
    (lambda t: t["rates"].update(cost=["inf", 1, 1]), "rates.cost: .* is no finite mean"),
    (lambda t: t["rates"].update(cost=[1, 1, 10**400]), "rates.cost: expected mean"),
    (lambda t: t["auto"].update(purchases=3), "auto.purchases: 3 is not a text"),
    (lambda t: t["auto"].update(both="x"), "auto: .*both"), (lambda t: t.update(purchases="MBGNBD"), "purchases"),
    (lambda t: t.update(purchases="auto"), "auto: .*purchases has a reason, but no model"),
    (lambda t: t.update(purchases=t["spend"]), "purchases=GammaGamma"),
    (lambda t: t.update(schema="custval/forecaster-9"), "this version reads .*'custval/forecaster-1'")])
def test_an_invalid_file_is_refused_with_its_place(fitted, change, words):
    table = json.loads(fitted.to_json())
    change(table)
    with pytest.raises(cv.ConfigError, match=words):
        cv.load(json.dumps(table))


def test_a_later_base_is_scored_by_the_same_fit(fitted):
    """A fit to the past values what came since: the windows of rates and costs end with the base that is scored."""
    early = BASE.as_of("2025-06-30")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = cv.Forecaster().fit(early)
    whole, half = one.predict(BASE), one.predict(BASE.where(BASE.customers[::2]))
    assert list(whole["customer"]) == list(BASE.customers)
    assert_array_equal(np.asarray(whole["sum_3Q"])[::2], half["sum_3Q"])


def test_money_that_the_fit_has_no_rate_of_is_named():
    log = {"who": [1, 1, 2, 2], "day": ["2024-01-01", "2024-03-01", "2024-01-05", "2024-04-01"],
           "paid": [10.0, 20, 30, 40], "cogs": [4.0, 9, 8, 7]}
    without, known = (cv.CustomerBase(log, customer="who", time="day", amount="paid", cost=cost)
                      for cost in (None, "cogs"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clv = cv.CLV(purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")).fit(without)
        assert "sum_3Q" in cv.Forecaster(purchases=PURCHASES).fit(without).predict(known)
    assert np.isfinite(clv.predict(known, value="amount")["clv"]).all()
    with pytest.raises(cv.DataError, match="the fit knows no cost, as its base had none: fit the CLV to this base"):
        clv.predict(known)
