"""The clock: operational time, its estimation with the model, given calendars, and what it promises."""
import json

import numpy as np
import pandas as pd
import pytest

import custval as cv

DAY = np.timedelta64(1, "D")


def cdnow(**options):
    return cv.datasets.cdnow().split("1997-09-30")[0]


@pytest.fixture(scope="module")
def calibration():
    return cdnow()


@pytest.fixture(scope="module")
def fitted(calibration):
    return cv.MBGNBD(unit="W", clock="M").fit(calibration)


def frame(base):
    """Return the purchases of a base, a row each."""
    rows, who = base.snapshot.lines()
    ledger = base.snapshot.ledger
    return pd.DataFrame({"customer": base.customers[who], "day": ledger.days(ledger.tick[rows]),
                         "amount": ledger.columns["amount"][rows]})


def test_the_total_of_cdnow_is_closer_with_a_clock(fitted):
    # 1,882 purchases in the 39 weeks; without a clock the forecast is 16.2 % too low (Fader, Hardie, Lee 2005)
    calibration, holdout = cv.datasets.cdnow().split("1997-09-30")
    plain = cv.MBGNBD(unit="W").fit(calibration)
    actual = float(np.nansum(holdout.summary("W")["x"]))
    errors = [float(np.nansum(model.expected_purchases(39, calibration))) / actual - 1 for model in (plain, fitted)]
    assert errors[0] == pytest.approx(-0.162, abs=5e-4)
    assert abs(errors[1]) < 0.08
    assert fitted.evaluate(holdout).model.bias == pytest.approx(errors[1], rel=1e-9)


def test_the_log_likelihood_is_that_of_calendar_time(calibration, fitted):
    # a density of purchase days: in operational time, and m at each repeat purchase
    inside = float(np.nansum(fitted.loglik(calibration)))
    counts, m = np.array(fitted.clock_.table(0)["purchases"]), np.array(fitted.clock_.table(0)["intensity"])
    assert fitted.loglik_ == pytest.approx(inside + counts @ np.log(m), rel=1e-12)
    assert fitted.loglik_ > cv.MBGNBD(unit="W").fit(calibration).loglik_ + 20


def test_columns_given_as_arrays_are_in_operational_time(calibration, fitted):
    x, t_x, T = fitted.histories(calibration.snapshot).values()
    ahead = float(fitted.elapsed(calibration.end, 39 * 7))
    assert np.array_equal(fitted.expected_purchases(39, calibration), fitted.expected_purchases(ahead, x, t_x, T))
    assert np.array_equal(fitted.p_alive(calibration), fitted.p_alive(x, t_x, T))
    assert ahead == pytest.approx(39 * np.mean(daily(fitted.clock_, calibration.end, 273)), rel=1e-12)
    assert (t_x[x == 0] == 0).all() and (T >= t_x).all()


def daily(clock, end, days):
    return np.diff(clock.elapsed(end, np.arange(days + 1))) * 7


def test_periods_add_up_to_the_whole(calibration, fitted):
    whole = fitted.expected_purchases(52, calibration)
    parts = [fitted.expected_purchases((a, a + 13), calibration) for a in (0, 13, 26, 39)]
    assert np.allclose(np.sum(parts, axis=0), whole, rtol=1e-12)
    fc = cv.forecast(calibration, periods=4, unit="Q", history=0, value="purchases", purchases=fitted)
    quarters = np.sum([fc["1997Q4"], fc["1998Q1"], fc["1998Q2"], fc["1998Q3"]], axis=0)
    assert np.allclose(quarters, fc["sum_4Q"], rtol=1e-12)


def test_time_and_days_are_inverse(calibration, fitted):
    days = np.array([0.0, 0.5, 1, 30, 273, 4000, np.inf])
    time = fitted.elapsed(calibration.end, days)
    assert np.allclose(fitted.days(calibration.end, time), days, rtol=1e-9)
    assert np.isnan(fitted.days(calibration.end, np.array([np.nan]))).all()
    wait = fitted.next_purchase(0.5, calibration)
    there = np.isfinite(wait)
    assert there.any() and np.allclose(np.asarray(fitted.p_purchase(wait, calibration))[there], 0.5, atol=1e-6)


def test_nothing_after_the_end_has_an_influence(fitted):
    # calibration bases of the whole log, of a log without later rows, and of one with other rows later: the same bits
    whole = cv.datasets.cdnow()
    rows = frame(whole)
    known = rows[rows["day"] <= "1997-09-30"]
    other = rows[rows["day"] > "1997-09-30"].sample(frac=0.5, random_state=1)
    for log in (known, pd.concat([known, other])):
        base = cv.CustomerBase(log, customer="customer", time="day", amount="amount", unit="W",
                               end="1997-09-30" if log is known else None)
        again = cv.MBGNBD(unit="W", clock="M").fit(base if log is known else base.split("1997-09-30")[0])
        assert again.params_ == fitted.params_ and again.loglik_ == fitted.loglik_
        assert again.clock_.to_dict() == fitted.clock_.to_dict()


def test_the_order_of_the_rows_has_no_influence(fitted):
    rows = frame(cdnow()).sample(frac=1, random_state=3)
    base = cv.CustomerBase(rows, customer="customer", time="day", amount="amount", unit="W", end="1997-09-30")
    again = cv.MBGNBD(unit="W", clock="M").fit(base)
    assert again.clock_.structures_ == pytest.approx(fitted.clock_.structures_, rel=1e-6)
    assert list(again.params_.values()) == pytest.approx(list(fitted.params_.values()), rel=1e-9)


def test_a_customer_alone_has_the_same_bits(calibration, fitted):
    one = calibration.where(calibration.customers[5:6])
    for quantity in (fitted.p_alive, lambda base: fitted.expected_purchases(39, base),
                     lambda base: fitted.next_purchase(0.3, base)):
        assert np.asarray(quantity(one))[0] == np.asarray(quantity(calibration))[5]


def test_a_file_gives_the_same_bits(calibration, fitted):
    again = cv.load(fitted.to_json())
    assert np.array_equal(again.expected_purchases(39, calibration), fitted.expected_purchases(39, calibration))
    assert again.clock_.structures_ == fitted.clock_.structures_ and again.to_json() == fitted.to_json()
    interval = again.purchase_interval(39, calibration, draws=50).total
    assert interval == fitted.purchase_interval(39, calibration, draws=50).total


@pytest.mark.parametrize("damage", [{"purchases": [1.0]}, {"purchases": "x"}, {"unit": "Z"}, {"first": "1997-13-01"},
                                    {"clock": None}, {"clock": "Q"}, {"expected": [-1.0] * 9}, {"extra": 1}])
def test_a_damaged_file_is_refused(fitted, damage):
    table = json.loads(fitted.to_json())
    table["fit"]["clock"] |= damage
    with pytest.raises(cv.ConfigError):
        cv.load(json.dumps(table))


@pytest.mark.parametrize("unit", ["D", "M"])
def test_the_unit_of_the_model_changes_nothing(calibration, fitted, unit):
    other = cv.MBGNBD(unit=unit, clock="M").fit(calibration)
    weeks = {"D": 273, "M": 273 * 48 / 1461}[unit]
    mine, theirs = fitted.expected_purchases(39, calibration), other.expected_purchases(weeks, calibration)
    assert np.allclose(mine, theirs, rtol=1e-6)


@pytest.mark.parametrize("model", [cv.BGNBD, cv.NBD, lambda **k: cv.MBGCNBD(k=2, **k), lambda **k: cv.BGCNBD(k=2, **k)])
def test_every_model_whose_customers_drop_out_at_purchases_takes_a_clock(calibration, model):
    found = model(unit="W", clock="M").fit(calibration)
    assert found.status_ == "converged" and found.loglik_ > model(unit="W").fit(calibration).loglik_
    assert np.isfinite(found.expected_purchases(39, calibration)).all()


def test_one_stage_is_no_stage(calibration, fitted):
    found = cv.MBGCNBD(k=1, unit="W", clock="M").fit(calibration)
    assert found.loglik_ == pytest.approx(fitted.loglik_, rel=1e-9)
    assert np.allclose(found.clock_.log_intensity, fitted.clock_.log_intensity, atol=1e-3)
    again = cv.load(cv.MBGCNBD(k=3, unit="W", clock="M").fit(calibration).to_json())
    assert again.clock_.to_dict() == json.loads(again.to_json())["fit"]["clock"]


def test_errors_of_the_parameters_include_the_clock(calibration, fitted):
    # covers 94 % in simulated worlds: test_clock_recovery.py; here they differ from those at a known clock
    x, t_x, T = (np.asarray(column) for column in fitted.histories(calibration.snapshot).values())
    there = ~np.isnan(T)
    known = cv.MBGNBD(unit="W").fit(x[there], t_x[there], T[there])
    assert list(known.params_.values()) == pytest.approx(list(fitted.params_.values()), rel=1e-5)
    ratio = np.array(list(fitted.se_.values())) / np.array(list(known.se_.values()))
    assert ((ratio > 0.999) & (ratio < 1.5)).all()
    fixed = cv.MBGNBD(unit="W", clock="M", a=0.8).fit(calibration)
    assert np.isnan(fixed.se_["a"]) and fixed.se_["r"] > 0 and fixed.cov_[2].tolist() == [0] * 4


def test_a_clock_and_covariates_do_not_go_together(calibration):
    profile = {"customer": calibration.customers, "z": np.arange(len(calibration.customers)) % 3}
    base = calibration.with_profile(profile, customer="customer")
    with pytest.raises(cv.ConfigError, match="do not go together"):
        cv.MBGNBD(unit="W", clock="M", rate_covariates=["z"]).fit(base)


@pytest.mark.parametrize("model", [cv.ParetoNBD, cv.GGompertzNBD])
def test_models_with_dropout_in_calendar_time_refuse_a_clock(model):
    with pytest.raises(cv.ConfigError, match=r"takes no clock.*calendar time"):
        model(clock="M")


def test_a_summary_is_refused_where_days_are_needed(calibration, fitted):
    with pytest.raises(cv.ConfigError, match="pass the CustomerBase"):
        fitted.p_alive(calibration.summary("W"))
    with pytest.raises(cv.ConfigError, match="pass a CustomerBase"):
        cv.MBGNBD(unit="W", clock="M").fit(calibration.summary("W"))


@pytest.mark.parametrize("given", ["Q", "D", 3, ["M"]])
def test_other_periods_are_refused(given):
    with pytest.raises(cv.ConfigError):
        cv.MBGNBD(clock=given)


# ---- given calendars ----

def ordinary(first, last, **other):
    days = np.arange(np.datetime64(first), np.datetime64(last) + DAY)
    factors = np.ones(len(days))
    for day, factor in other.items():
        factors[int((np.datetime64(day.replace("_", "-").strip("d")) - days[0]).astype(int))] = factor
    return {"day": days, "factor": factors}


def test_factors_of_one_are_no_calendar(calibration, fitted):
    clock = cv.Clock("M", calendar=ordinary("1997-01-01", "1999-12-31"))
    other = cv.MBGNBD(unit="W", clock=clock).fit(calibration)
    assert np.array_equal(other.expected_purchases(39, calibration), fitted.expected_purchases(39, calibration))


def test_given_factors_alone_are_the_whole_clock(calibration):
    calendar = ordinary("1997-01-01", "1999-12-31")
    calendar["factor"] = np.where(calendar["day"] > np.datetime64("1997-09-30"), 0.5, 1.0)
    model = cv.MBGNBD(unit="W", clock=cv.Clock(None, calendar=calendar)).fit(calibration)
    plain = cv.MBGNBD(unit="W").fit(calibration)
    assert list(model.params_.values()) == pytest.approx(list(plain.params_.values()), rel=1e-9)
    assert np.allclose(model.expected_purchases(20, calibration), plain.expected_purchases(10, calibration), rtol=1e-9)
    assert np.allclose(cv.load(model.to_json()).p_purchase(20, calibration), plain.p_purchase(10, calibration))


def test_a_promotion_ahead_moves_its_month_only(calibration, fitted):
    calendar = ordinary("1997-01-01", "1999-12-31")
    november = (calendar["day"] >= np.datetime64("1997-11-01")) & (calendar["day"] <= np.datetime64("1997-11-30"))
    calendar["factor"][november] = 2.0
    model = cv.MBGNBD(unit="W", clock=cv.Clock("M", calendar=calendar)).fit(calibration)
    share = daily(model.clock_, calibration.end, 92) / daily(fitted.clock_, calibration.end, 92)
    assert np.allclose(share[31:61], 2, rtol=1e-9) and np.allclose(share[[0, 30, 61, 91]], 1, rtol=1e-9)


@pytest.mark.parametrize("change, message", [
    (lambda day, f: (np.delete(day, 40), np.delete(f, 40)), "no factor on 1997-02-10"),
    (lambda day, f: (np.append(day, day[3]), np.append(f, 1.0)), "1997-01-04 twice"),
    (lambda day, f: (day, np.where(np.arange(len(f)) == 5, -1, f)), "factor of 1997-01-06 is -1"),
    (lambda day, f: (day, np.where(np.arange(len(f)) == 5, np.nan, f)), "factor of 1997-01-06 is nan"),
    (lambda day, f: (day[:0], f[:0]), "no day")])
def test_a_calendar_with_a_fault_is_refused(change, message):
    day, factor = change(*ordinary("1997-01-01", "1998-12-31").values())
    with pytest.raises(cv.DataError, match=message):
        cv.Clock("M", calendar={"day": day, "factor": factor})


def test_purchases_on_a_closed_day_are_named(calibration):
    clock = cv.Clock("M", calendar=ordinary("1997-01-01", "1998-12-31", d1997_03_03=0))
    with pytest.raises(cv.DataError, match="factor 0 on 1 day with purchases, such as 1997-03-03"):
        cv.MBGNBD(clock=clock).fit(calibration)


def test_first_purchases_on_a_closed_day_are_named(calibration):
    first = str(min(np.asarray(calibration.summary("D")["first"])))[:10]
    clock = cv.Clock(None, calendar=ordinary("1997-01-01", "1998-12-31", **{"d" + first.replace("-", "_"): 0}))
    with pytest.raises(cv.DataError, match=f"factor 0 on 1 day with purchases, such as {first}"):
        cv.MBGNBD(clock=clock).fit(calibration)


def test_missing_future_factors_are_named(calibration):
    clock = cv.Clock("M", calendar=ordinary("1997-01-01", "1997-12-31"))
    model = cv.MBGNBD(unit="W", clock=clock).fit(calibration)
    assert np.isfinite(model.expected_purchases(13, calibration)).all()
    with pytest.raises(cv.DataError, match=r"from 1997-01-01 to 1997-12-31; those of .* are needed"):
        model.expected_purchases(39, calibration)
    with pytest.raises(cv.DataError, match="are needed"):
        cv.MBGNBD(clock=cv.Clock("M", calendar=ordinary("1997-02-01", "1998-12-31"))).fit(calibration)


# ---- tables ----

def test_the_table_has_past_and_next_periods(fitted):
    table = fitted.clock_.table(3)
    assert list(table) == ["period", "kind", "purchases", "expected", "level", "season", "intensity", "low", "high"]
    assert list(table["period"])[-4:] == ["1997-09", "1997-10", "1997-11", "1997-12"]
    assert list(table["kind"])[-4:] == ["past", "next", "next", "next"]
    level, season, m = (np.array(table[name], float) for name in ("level", "season", "intensity"))
    assert np.allclose(level * season, m) and (np.array(table["low"]) < m).all() and (m < np.array(table["high"])).all()
    assert np.isnan(np.array(table["purchases"], float)[-3:]).all()
    assert "not fitted" in repr(cv.Clock("W")) and "by month" in repr(fitted.clock_)
    assert "<table>" in fitted.clock_._repr_html_()
    with pytest.raises(cv.ConfigError, match="not fitted"):
        cv.Clock().table()


def test_the_average_intensity_is_one(fitted):
    table = fitted.clock_.table(0)
    expected, m = np.array(table["expected"]), np.array(table["intensity"])
    assert expected @ m == pytest.approx(expected.sum(), rel=1e-12)


@pytest.mark.parametrize("last", ["2024-12-05", "2024-12-31", "2024-12-20"])
def test_a_month_that_is_not_over_is_compared_with_the_same_days_of_others(last):
    # monthly orders on the 5th, whatever day the log ends: 4.2 times the usual purchases a day on December 5th
    g = np.random.default_rng(0)
    rows = [(who, pd.Timestamp("2023-01-05") + pd.DateOffset(months=int(start + k))) for who in range(300)
            for start in [g.integers(0, 18)] for k in range(g.geometric(0.08))]
    log = pd.DataFrame(rows, columns=["who", "day"])
    base = cv.CustomerBase(log[log["day"] <= "2024-12-05"], customer="who", time="day", end=last)
    clock = cv.MBGNBD(unit="D", clock="M").fit(base).clock_
    intensity = np.array(clock.table(3)["intensity"])[-4:]
    assert (np.abs(intensity - 1) < 0.12).all()


def test_the_days_of_a_short_log_are_worth_little():
    days = np.repeat(np.arange(np.datetime64("2024-03-01"), np.datetime64("2024-04-04")), 5)
    clock = cv.Clock.of_counts(days.astype(np.int64), int(days[0].astype(np.int64)), int(days[-1].astype(np.int64)))
    assert clock.running_shift(np.full(34, 5.0), np.full(34, 5.0)) == (0.0, 0.3 ** 2 * 27 / 3)
    assert np.allclose(np.array(clock.table(0)["intensity"]), 1, atol=0.02)


def test_an_order_of_long_ago_costs_no_time_and_changes_little(calibration, fitted):
    rows = frame(calibration)
    old = pd.DataFrame({"customer": [rows["customer"].iloc[0]], "day": [np.datetime64("1900-01-01")], "amount": [1.0]})
    base = cv.CustomerBase(pd.concat([rows, old.astype(rows.dtypes)]), customer="customer", time="day",
                           amount="amount", unit="W", end="1997-09-30")
    for model in (cv.MBGNBD, lambda **k: cv.MBGCNBD(k=2, **k)):
        clock = model(unit="W", clock="M").fit(base).clock_
        assert len(clock.purchases_) == 180 and clock.first_ == np.datetime64("1982-10-01")
        alone = model(unit="W", clock="M").fit(calibration).clock_.table(0)["intensity"]
        now = np.array(clock.table(0)["intensity"])[-9:]
        assert np.corrcoef(np.log(now), np.log(np.array(alone)))[0, 1] > 0.9
