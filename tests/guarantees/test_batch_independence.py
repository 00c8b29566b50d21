"""M7: a customer gets the same bits alone, in half of the base, in the whole, and from a base built of their rows only.

Every public call that returns a number for each customer is walked, once with models that are given, once with one fit
to the whole. What compares customers with each other (ranks, tiers, shares of a list) is not a score of one.
"""
import warnings

import numpy as np
import pytest

import custval as cv
from custval import rules
from custval.valuation.adjustment import Adjustment

FIRM = cv.datasets.crm(60, seed=4, as_frame=dict)
NAMES = {"customer": "customer", "time": "time", "amount": "amount", "cost": "cost", "product": "product",
         "quantity": "quantity", "order": "order"}
BASE = FIRM.base()
SEASONS = cv.CustomerBase(FIRM.orders, **NAMES, end="2025-09-30")
SPEND = cv.GammaGamma(p=3, q=4, gamma=5000)
GIVEN = {
    "NBD": cv.NBD(r=.8, alpha=12, unit="W"), "BGNBD": cv.BGNBD(r=.8, alpha=12, a=.8, b=3, unit="W"),
    "MBGNBD": cv.MBGNBD(r=.8, alpha=12, a=.8, b=3, unit="W"), "ParetoNBD": cv.ParetoNBD(
        r=.8, alpha=12, s=.6, beta=40, unit="W"),
    "BGCNBD": cv.BGCNBD(k=2, r=.8, alpha=6, a=.8, b=3, unit="W"),
    "MBGCNBD": cv.MBGCNBD(k=2, r=.8, alpha=6, a=.8, b=3, unit="W"),
    "GGompertzNBD": cv.GGompertzNBD(r=.8, alpha=12, b=.01, s=.6, beta=.4, unit="W"),
}
PURCHASES = GIVEN["MBGNBD"]
CARD = cv.Scorecard("card", [
    cv.Indicator("money", weight=.6, measures={"sales_1y": rules.Steps.quantiles([0, 5, 10, 15, 20]),
                                               "repeat_rate": rules.Linear(per=1, missing="zero")}),
    cv.Indicator("help", weight=.4, measures={"suggestions": rules.Linear(per=1, cap=10),
                                              "amount": rules.Piecewise([(0, 0), (100_000, 10)], window="12M")})
]).learn(BASE)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    FORECASTER, CLV = cv.Forecaster().fit(BASE), cv.CLV().fit(BASE)
    MARGINS = cv.CLV(purchases=PURCHASES, spend=cv.NormalMargin(mu=300, sigma=900, kappa=1, nu=5)).fit(BASE)
    LOGS = cv.LogNormalSpend().fit(BASE)
    OF_LOGS = cv.CLV(purchases=PURCHASES, spend=LOGS).fit(BASE)
    KNOWN = cv.MBGNBD(rate_covariates=("employees",), unit="W", penalty=1.0).fit(BASE)
    OF_KNOWN = cv.Forecaster(purchases=KNOWN).fit(BASE)
    ADJUSTED = cv.Forecaster().fit(BASE)
    ADJUSTED.adjustment_ = Adjustment(91, np.array([.1, -.05, .2, .1, -.1, .02, .1, .05, .2, -.1]), "given")
GIFTS, MARGIN = cv.BGBB(alpha=1.2, beta=.75, gamma=.66, delta=2.8, unit="Q"), cv.NormalMargin(
    mu=300, sigma=900, kappa=1, nu=5)
SET = {"purchases": PURCHASES, "spend": SPEND}
OF_MODEL = {
    "p_alive": lambda m, b: m.p_alive(b), "expected_purchases": lambda m, b: m.expected_purchases(26, b),
    "span": lambda m, b: m.expected_purchases((4, 30), b), "dert": lambda m, b: m.dert(b, discount=.1),
    "p_purchase": lambda m, b: m.p_purchase(13, b), "purchase_pmf": lambda m, b: m.purchase_pmf(2, 13, b),
    "next_purchase": lambda m, b: m.next_purchase(.5, b), "residual_lifetime": lambda m, b: m.residual_lifetime(b),
    "p_alive later": lambda m, b: m.p_alive(b, t=20), "expected_rate": lambda m, b: m.expected_rate(b),
    "expected_dropout": lambda m, b: m.expected_dropout(b), "loglik": lambda m, b: m.loglik(b),
    "predict": lambda m, b: m.predict(b, periods=3, unit="M"),
}
DRAWS = {                                   # intervals are drawn: of a base built of one customer they are others
    "CLV.interval": lambda b: CLV.interval(b, draws=40).table(),
    "CLV.interval of logs": lambda b: OF_LOGS.interval(b, draws=40).table(),
    "CLV.interval of margins": lambda b: MARGINS.interval(b, draws=40).table(),
    **{f"{name}.purchase_interval": lambda b, m=model: m.purchase_interval(26, b, draws=40).table()
       for name, model in GIVEN.items()},
    "simulate_future": lambda b: PURCHASES.simulate_future(26, b, draws=7),
}
CALLS = {                                   # name -> function of a base: a frame or an array, a row per customer
    "summary": lambda b: b.summary("W"), "history": lambda b: b.history(8, "Q"), "attributes": lambda b: b.attributes(),
    "Forecaster.predict": lambda b: FORECASTER.predict(b),
    "Forecaster.predict months": lambda b: FORECASTER.predict(b, unit="M", periods=7, uplift=.1),
    "Forecaster.predict long": lambda b: FORECASTER.predict(b, layout="long", periods=2),
    "Forecaster with factors": lambda b: cv.load(ADJUSTED.to_json()).predict(b),
    "Forecaster of a file": lambda b: cv.load(FORECASTER.to_json()).predict(b),
    "CLV.predict": lambda b: CLV.predict(b), "CLV.predict alive": lambda b: CLV.predict(b, alive=.5),
    "CLV.predict for ever": lambda b: CLV.predict(b, periods=None, value="amount"),
    "CLV of margins": lambda b: MARGINS.predict(b), "CLV of a file": lambda b: cv.load(CLV.to_json()).predict(b),
    "BGBB": lambda b: GIFTS.expected_purchases(4, b), "BGBB alive": lambda b: GIFTS.p_alive(b),
    "BGBB.predict": lambda b: GIFTS.predict(b, periods=2), "covariates": lambda b: KNOWN.given(b).p_alive(b),
    "covariates, predict": lambda b: KNOWN.predict(b, periods=2), "NormalMargin": lambda b: MARGIN.expected_margin(b),
    "covariates, forecast": lambda b: OF_KNOWN.predict(b),
    "Scorecard.score": lambda b: without_rank(CARD.score(b)), "GammaGamma": lambda b: SPEND.expected_spend(b),
    "GammaGamma of means": lambda b: cv.GammaGamma(p=3, q=4, gamma=5000, first=False).expected_spend(b),
    "LogNormalSpend": lambda b: LOGS.expected_spend(b),
}
OF_LOG = {                                  # what takes the rest from the log that a part was cut from
    "forecast": lambda b: cv.forecast(b, **SET), "forecast long": lambda b: cv.forecast(b, layout="long", **SET),
    "CLV without a fit": lambda b: cv.CLV(**SET).predict(b),
    "stages": lambda b: cv.stages(b, purchases=PURCHASES).customers(),
    "decompose": lambda b: cv.decompose(b, unit="Q", lag=4).customers(),
    "curve": lambda b: cv.curve(b, periods=6), "curve of CLV": lambda b: cv.curve(b, periods=4, value=cv.CLV(**SET)),
    "at_risk": lambda b: by_customer(b, cv.at_risk(b, share=1, alive=0, **SET),
                                     ("p_alive", "value_if_retained", "expected_loss")),
    "win_back": lambda b: by_customer(b, cv.win_back(b, p_back=.9, cost=0, alive=1, **SET),
                                      ("p_alive", "value_if_back", "net")),
}


def without_rank(frame):
    return {name: column for name, column in frame.items() if name != "rank"}


def by_customer(base, frame, names):
    """Return columns of a list in the order of the base, NaN for customers who are not in it."""
    place = {who: i for i, who in enumerate(np.asarray(frame["customer"]).tolist())}
    rows = [place.get(who, -1) for who in base.customers.tolist()]
    return {name: np.append(np.asarray(frame[name], float), np.nan)[rows] for name in names}


def columns(found, n):
    """Return {name: array of n rows} of a frame or an array; a long frame has several rows for each customer."""
    if not isinstance(found, dict):
        found = {"": np.asarray(found)}
    return {name: np.asarray(column).reshape(n, -1) for name, column in found.items()}


def same(whole, part, rows, name):
    assert whole.keys() == part.keys(), name
    for column, values in whole.items():
        want, got = values[rows], part[column]
        if want.dtype.kind == "f":
            want, got = (np.where(np.isnan(v.astype(float)), np.nan, v.astype(float)) for v in (want, got))
            assert want.tobytes() == got.tobytes(), (name, column)
        else:
            assert np.array_equal(want.astype(str), got.astype(str)), (name, column)


def walked(call, name, bases):
    """Compare a call for parts of a base, (base, rows in the whole), with that for the whole, the first one."""
    (whole, _), *parts = bases
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        all_of_them = columns(call(whole), len(whole.customers))
        for part, rows in parts:
            same(all_of_them, columns(call(part), len(part.customers)), rows, name)


def parts_of(base):
    n = len(base.customers)
    half = np.arange(0, n, 2)
    yield base, np.arange(n)
    yield base.where(base.customers[half]), half
    for one in (0, 7, n - 1):
        yield base.where(base.customers[[one]]), np.array([one])


def built_alone():
    """Yield the whole and bases of the rows of one customer each, with the same end."""
    yield SEASONS, None
    for who in SEASONS.customers[[3, 20, 41]]:
        rows = np.asarray(FIRM.orders["customer"]) == who
        log = {name: np.asarray(column)[rows] for name, column in FIRM.orders.items()}
        yield cv.CustomerBase(log, **NAMES, end="2025-09-30"), np.flatnonzero(SEASONS.customers == who)


@pytest.mark.parametrize("name", [*CALLS, *OF_LOG, *DRAWS])
def test_every_score_is_the_same_alone_in_a_half_and_in_the_whole(name):
    walked((CALLS | OF_LOG | DRAWS)[name], name, parts_of(BASE))


@pytest.mark.parametrize("quantity", OF_MODEL)
@pytest.mark.parametrize("model", GIVEN)
def test_every_quantity_of_every_model_is_the_same_alone_in_a_half_and_in_the_whole(model, quantity):
    if (model, quantity) not in {("NBD", "residual_lifetime"), ("NBD", "expected_dropout")}:       # nobody leaves
        walked(lambda b: OF_MODEL[quantity](GIVEN[model], b), (model, quantity), parts_of(BASE))


@pytest.mark.parametrize("name", ["summary", "Forecaster.predict", "Forecaster.predict long", "CLV.predict",
                                  "CLV.predict alive", "CLV of margins"])
def test_a_fitted_object_scores_a_base_built_of_one_customer(name):
    walked(CALLS[name], name, built_alone())


def test_rates_are_those_of_the_fit_not_of_the_batch():
    """Without them a forecast of half the customers would differ, so the walk above can fail."""
    half = BASE.where(BASE.customers[::2])
    own, whole = (cv.Forecaster(**SET).fit(base.where(base.customers)) for base in (half, BASE))
    assert own.rates_ == whole.rates_                        # given models: those of all customers of the log
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refitted = cv.Forecaster(spend=SPEND).fit(half)
    assert refitted.rates_ != FORECASTER.rates_
    assert (np.asarray(refitted.predict(half)["sum_3Q"]) != np.asarray(FORECASTER.predict(half)["sum_3Q"])).any()
