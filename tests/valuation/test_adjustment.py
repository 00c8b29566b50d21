"""The adjustment of expected purchases: its columns, its regression, when it is used, and what it leaves alone."""
import json
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import forecast_twin

import custval as cv
from custval import _core
from custval.valuation import adjustment
from custval.valuation.adjustment import Adjustment, learned

pytestmark = pytest.mark.filterwarnings("ignore::custval.DataWarning")
RANDOM = np.random.default_rng(8)
YEAR, END = 730, np.datetime64("2025-12-31")
GIVEN = [.1, -.05, .2, .1, -.1, .02, .1, .05, .2, -.1]


def clumps(customers=400, seed=1):
    """Return the log of customers who buy in bursts: no model of one rate and one leaving knows them."""
    random = np.random.default_rng(seed)
    who, day = [], []
    for customer in range(customers):
        at = random.uniform(0, 300)
        while at < YEAR:
            for _ in range(random.poisson(6) + 1):
                who.append(customer)
                day.append(int(at))
                at += random.exponential(4) + 1
            at += random.exponential(150)
    day = END - (YEAR - 1 - np.minimum(day, YEAR - 1)).astype("m8[D]")
    return {"customer": np.array(who), "time": day, "amount": random.gamma(3, 10, len(who)) + 1}


def base_of(log, **options):
    return cv.CustomerBase(log, customer="customer", time="time", amount="amount", end=END, **options)


@pytest.fixture(scope="module")
def base():
    return base_of(clumps())


@pytest.fixture(scope="module")
def fitted(base):
    with pytest.warns(cv.DataWarning, match="do not differ in dropout probability"):
        return cv.Forecaster().fit(base)


def some_rows(n=80):
    rows = np.round(RANDOM.normal(0, 1, (n, 9)) * [.5, .2, 1, 1, 1, .7, .5, .4, 1] + np.arange(9), 3)
    rows[:, 6] = rows[:, 6] > 6
    expected = RANDOM.gamma(1.5, 1, n)
    return rows, expected, RANDOM.poisson(expected * np.exp(.4 * (rows[:, 2] - 2))).astype(float)


def test_columns_are_those_of_the_slow_twin():
    days = [[0], [0, 1], [0, 30, 61], [5, 6, 7, 9, 200, 210], [380], [100, 399, 400], [401],
            sorted(RANDOM.choice(400, 60, replace=False).tolist())]
    expected = np.array([.5, 1e-4, 2, 3, .1, 7, 1, 20])
    tick = np.array([t for one in days for t in one], np.int32)
    stop = np.cumsum([len(one) for one in days])
    begin = np.r_[0, stop[:-1]]
    for ahead in (91, 10, 5.5):
        found = _core.regressors(tick, np.ones(len(tick)), begin, stop, (400, 1., ahead), expected)
        for row, one, mean in zip(found, days, expected, strict=True):
            if min(one) > 400:
                assert np.isnan(row).all()
            else:
                assert_allclose(row, forecast_twin.regressors(one, 400, ahead, mean), rtol=6e-15, atol=6e-15)
    mark, hour = np.ones(len(tick)), (tick * 24).astype(np.int32)
    days, hours = (_core.regressors(*of, expected) for of in ((tick, mark, begin, stop, (400, 1., 91)),
                                                              (hour, mark, begin, stop, (9600, 24., 91))))
    assert_allclose(hours[:2], days[:2], rtol=1e-15)                     # ticks are hours, times are in days
    none = _core.regressors(tick, np.zeros(len(tick)), begin, stop, (400, 1., 91), expected)
    assert np.isnan(none).all()                                          # rows without a purchase


@pytest.mark.parametrize("ridge", [25.0, 1e-3, 1e4])
def test_coefficients_have_the_digits_of_a_regression_in_50_digits(ridge):
    rows, expected, actual = some_rows()
    wanted = forecast_twin.poisson_regression(rows.tolist(), expected.tolist(), actual.tolist(), ridge)
    found = _core.poisson_regression(rows.ravel(), expected, actual, ridge)
    assert_allclose(found, wanted, rtol=2e-12, atol=2e-12)
    factors = _core.adjustment_factors(rows.ravel(), found)
    assert_allclose(factors, np.exp(np.clip(found[0] + rows @ found[1:], -3, 3)), rtol=5e-15)


def test_a_column_without_variance_has_no_coefficient_and_nothing_that_came_no_regression():
    rows, expected, actual = some_rows()
    rows[:, 3] = .1
    found = _core.poisson_regression(rows.ravel(), expected, actual, 25.0)
    assert found[4] == 0 and np.isfinite(found).all()
    assert_allclose(found, forecast_twin.poisson_regression(rows.tolist(), expected.tolist(), actual.tolist(), 25.0),
                    rtol=2e-12, atol=2e-12)
    assert _core.poisson_regression(rows.ravel(), expected, np.zeros(len(actual)), 25.0) is None
    assert _core.poisson_regression(np.zeros(0), np.zeros(0), np.zeros(0), 25.0) is None
    with pytest.raises(ValueError, match="whole rows of 9"):
        _core.poisson_regression(np.zeros(10), np.zeros(1), np.zeros(1), 25.0)
    with pytest.raises(ValueError, match="ridge: expected a finite number, 0 or more"):
        _core.poisson_regression(rows.ravel(), expected, actual, np.nan)
    with pytest.raises(ValueError, match="origin: expected a last tick of 32 bits"):
        _core.regressors(np.zeros(1, np.int32), np.ones(1), [0], [1], (2**40, 1., 91.), np.ones(1))


def test_bursts_are_adjusted_and_the_holdout_is_better_for_it():
    """Bursts are the world that one rate for each customer does not describe."""
    base, holdout = base_of(clumps(seed=3)).split(END - np.timedelta64(60, "D"))
    actual = np.asarray(holdout.summary("D")["x"], float)[:len(base.customers)]
    deviance = {}
    for adjust in (True, False):
        model = cv.Forecaster(value="purchases", adjust=adjust).fit(base)
        found = model.predict(base, periods=60, unit="D", history=0)
        assert ("adjusted" in list(found)) == adjust == (model.adjustment_ is not None)
        deviance[adjust] = _core.poisson_deviance(actual, np.maximum(found["sum_60D"], 1e-3)).sum()
    assert deviance[True] < .9 * deviance[False]


def test_a_world_as_the_model_assumes_is_left_alone():
    """Of 6 seeds none is adjusted: the threshold is two standard errors."""
    adjusted = 0
    for seed in range(6):
        world = cv.MBGNBD(r=.8, alpha=8, a=.9, b=4, unit="W").simulate(600, T=100, seed=seed)
        random = np.random.default_rng(seed)
        who, day = [], []
        for customer, (x, t_x) in enumerate(zip(world["x"], world["t_x"], strict=True)):
            gone = np.r_[0, np.sort(random.uniform(0, t_x, max(int(x) - 1, 0))), [t_x] * int(x > 0)]
            who += len(gone) * [customer]
            day += (7 * gone).astype(int).tolist()
        log = {"customer": who, "time": END - (700 - np.array(day)).astype("m8[D]"), "amount": np.ones(len(who))}
        base = base_of(log)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            adjusted += learned(base.snapshot, cv.MBGNBD(unit="W").fit(base)) is not None
    assert adjusted == 0


def test_the_total_stays_that_of_the_model(base, fitted):
    plain = cv.Forecaster(adjust=False).fit(base)
    for periods, unit in ((1, "M"), (3, "Q")):
        totals = [np.nansum(model.predict(base, periods=periods, unit=unit, history=0, layout="long")["purchases"])
                  for model in (fitted, plain)]
        assert_allclose(*totals, rtol=2e-2)
    days = fitted.adjustment_.days
    totals = [np.nansum(model.predict(base, periods=days, unit="D", history=0, layout="long")["purchases"])
              for model in (fitted, plain)]
    assert_allclose(*totals, rtol=1e-9)
    assert fitted.adjustment_.reason in repr(fitted)


def test_a_file_keeps_it_and_a_customer_alone_gets_the_same_bits(base, fitted):
    again = cv.load(fitted.to_json())
    assert again.to_json() == fitted.to_json()
    whole = fitted.predict(base, level=.8, draws=50)
    some = again.predict(base.where(base.customers[10:13]), level=.8, draws=50)
    for name in some:
        assert_array_equal(some[name], whole[name][10:13], err_msg=name)
    for damage, text in (({"days": 0}, "adjustment.days=0"), ({"coefficients": [1]}, "are not 10 numbers"),
                         ({"reason": 3}, "is not a text"), ({"coefficients": ["x"] * 10}, "are not 10 numbers")):
        table = json.loads(fitted.to_json())
        table["adjustment"] |= damage
        with pytest.raises(cv.ConfigError, match=text):
            cv.load(json.dumps(table))


def test_nothing_depends_on_the_order_of_the_log_or_on_what_comes_later(base, fitted):
    log = clumps()
    order = RANDOM.permutation(len(log["customer"]))
    other = cv.Forecaster().fit(base_of({name: column[order] for name, column in log.items()}))
    assert_array_equal(other.adjustment_.coefficients, fitted.adjustment_.coefficients)
    day = END - np.timedelta64(100, "D")
    early = {name: column[log["time"] <= day] for name, column in log.items()}
    known = cv.Forecaster().fit(base_of(log).split(day)[0])
    alone = cv.Forecaster().fit(cv.CustomerBase(early, customer="customer", time="time", amount="amount", end=day))
    assert_array_equal(known.adjustment_.coefficients, alone.adjustment_.coefficients)


def test_of_many_customers_a_sample_is_learnt_from_that_no_order_of_the_log_changes(base, monkeypatch):
    monkeypatch.setattr(adjustment, "ROWS", 600)
    whole = learned(base.snapshot, cv.NBD(unit="W").fit(base))
    log = clumps()
    order = RANDOM.permutation(len(log["customer"]))
    other = base_of({name: column[order] for name, column in log.items()})
    again = learned(other.snapshot, cv.NBD(unit="W").fit(other))
    assert whole is not None
    assert_array_equal(whole.coefficients, again.coefficients)
    monkeypatch.setattr(adjustment, "ROWS", 10**6)
    assert (learned(base.snapshot, cv.NBD(unit="W").fit(base)).coefficients != whole.coefficients).all()


def test_draws_are_around_the_adjusted_expectation(base):
    """Also of the active customers with the smallest and the largest factors: nearer to it than to that without."""
    fitted = cv.Forecaster(value="purchases").fit(base)
    wide = fitted.predict(base, periods=1, history=0)
    order = np.argsort(np.where(wide["p_alive"] > .5, wide["adjusted"], np.nan))
    active = order[:np.count_nonzero(wide["p_alive"] > .5)]
    for picked in (active[:60], active[-60:], order):
        some = base.where(base.customers[picked])
        found = fitted.total(some, periods=1, history=0, newcomers=False, levels=(.5,)).table()
        value, low, high = (found[name][-1] for name in ("value", "low_50", "high_50"))
        assert low < value < high
        if len(picked) == 60:
            plain = np.nansum(wide["sum_1Q"][picked] / wide["adjusted"][picked])
            assert abs((low + high) / 2 - value) < abs((low + high) / 2 - plain) / 2


def test_who_is_probably_gone_is_not_worth_more_for_a_factor(base, fitted):
    """Silent buyers with P(alive) of 1e-6 and a factor of 20 headed the list of win_back at 20 times their value."""
    plain = cv.Forecaster(adjust=False, value="amount").fit(base).predict(base, history=0)
    found = fitted.predict(base, history=0)
    factor, p = found["adjusted"], found["p_alive"]
    assert_allclose(found["value_if_retained"], plain["value_if_retained"] * factor ** p, rtol=1e-9)
    assert_allclose(found["expected_loss"], (1 - p) * found["value_if_retained"], rtol=1e-9)
    gone = p < .01
    assert gone.any() and factor[gone].max() > 10
    assert_allclose(found["value_if_retained"][gone], plain["value_if_retained"][gone], rtol=.04)


def test_models_that_are_given_and_short_logs_are_not_adjusted(base):
    given = cv.Forecaster(purchases=cv.NBD(unit="W")).fit(base)
    assert given.adjustment_ is None and "adjusted" not in list(given.predict(base))
    short = base_of({"customer": [1, 1, 2], "time": [END - 9, END - 2, END], "amount": [1., 2, 3]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert cv.Forecaster().fit(short).adjustment_ is None
    with pytest.raises(cv.ConfigError, match="adjust"):
        cv.Forecaster(adjust="yes")


def test_factors_have_limits():
    rows = np.zeros((2, 9))
    rows[1, 0] = np.nan
    found = _core.adjustment_factors(rows.ravel(), np.array([10.0, *GIVEN[1:]]))
    assert_array_equal(found, [np.exp(3.0), np.nan])
    assert Adjustment(91, np.array(GIVEN), "given").table()["days"] == 91
