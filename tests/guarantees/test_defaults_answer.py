"""M8: every default call answers on any log of orders: with numbers, or missing values and a warning that says why."""
import lzma
import warnings
from pathlib import Path

import numpy as np
import pytest

import custval as cv

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"           # beside the checkout, where there is one


def made(days, who, paid, **more):
    return cv.CustomerBase({"who": who, "day": days, "paid": paid}, customer="who", time="day", amount="paid", **more)


def subscriptions():
    """200 customers pay 9.99 every month from the month in which they begin; a tenth of them leaves each month."""
    g = np.random.default_rng(1)
    begin, months = g.integers(0, 24, 200), g.geometric(.1, 200)
    who = np.repeat(np.arange(200), np.minimum(months, 24 - begin))
    month = np.concatenate([np.arange(b, min(b + m, 24)) for b, m in zip(begin, months, strict=True)])
    days = (np.datetime64("2023-01") + month).astype("M8[D]") + (begin[who] % 28)
    return made(days, who, np.full(len(who), 9.99), end="2024-12-31")


def one_time_buyers():
    """97 % of 2,000 customers bought once."""
    g = np.random.default_rng(2)
    who = np.append(np.arange(2000), g.integers(0, 60, 90))
    days = np.datetime64("2024-01-01") + g.integers(0, 366, len(who))
    return made(days, who, g.lognormal(3, 1, len(who)).round(2), end="2024-12-31")


def ten_customers():
    g = np.random.default_rng(3)
    who = np.append(np.arange(10), g.integers(0, 10, 25))
    return made(np.datetime64("2024-01-01") + g.integers(0, 300, 35), who, g.lognormal(3, 1, 35).round(2))


def one_day():
    return made(np.full(12, "2024-05-05", "M8[D]"), np.arange(12), 5.0 + np.arange(12))


def one_order():
    return made(np.array(["2024-05-05"], "M8[D]"), [1], [5.0])


def nobody_leaves():
    """Sixty customers buy at their own rates, every 3 to 62 days, up to the last day."""
    g = np.random.default_rng(4)
    mean = 3 + np.arange(60)
    days = np.cumsum(g.geometric(1 / mean[:, None], (60, 300)), axis=1)
    who, keep = np.repeat(np.arange(60), 300), days.ravel() < 366
    paid = (g.gamma(4, 5, len(who)) * (1 + who)).round(2)
    return made(np.datetime64("2024-01-01") + days.ravel()[keep], who[keep], paid[keep], end="2024-12-31")


def refunds_only_beside():
    """A few customers have refunds only."""
    g = np.random.default_rng(5)
    who = np.append(g.integers(0, 80, 400), [101, 102])
    return made(np.datetime64("2024-01-01") + g.integers(0, 366, 402), who,
                np.append(g.lognormal(3, 1, 400).round(2), [-5.0, -7.0]), end="2024-12-31")


def without_amounts():
    g = np.random.default_rng(6)
    days = np.datetime64("2024-01-01") + g.integers(0, 366, 300)
    return cv.CustomerBase({"who": g.integers(0, 60, 300), "day": days}, customer="who", time="day", end="2024-12-31")


def donations():
    """A tenth of the donors of the data set, a gift a year in which they gave; the years between are not recorded."""
    table = cv.datasets.donations()
    rows = np.repeat(np.arange(len(table["x"])), np.ceil(np.asarray(table["donors"]) / 10).astype(int))
    who, year = [0] * 0, [0] * 0
    for i, row in enumerate(rows.tolist()):
        x, last = int(table["x"][row]), int(table["t_x"][row])
        years = [0, *range(1, x), last] if x else [0]
        who += [i] * len(years)
        year += years
    return made((np.datetime64("1995") + np.array(year)).astype("M8[D]") + 120, who, np.full(len(who), 25.0),
                end="2001-12-31")


def file(name, **columns):
    """Return a base of a file beside the checkout, read as text and numbers; skip where it is not there."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {name}")
    pandas = pytest.importorskip("pandas")
    with (lzma.open(path) if path.suffix == ".xz" else path.open("rb")) as stream:
        return cv.CustomerBase(pandas.read_csv(stream, low_memory=False), **columns)


def online_retail():
    if not (DATA / "online_retail.csv.xz").exists():
        pytest.skip("no online_retail.csv.xz")
    pandas = pytest.importorskip("pandas")
    with lzma.open(DATA / "online_retail.csv.xz") as stream:
        lines = pandas.read_csv(stream, usecols=["invoice", "quantity", "time", "price", "customer"],
                                dtype={"invoice": str}).dropna(subset="customer")
    lines["paid"] = (lines.quantity * lines.price).round(2)
    return cv.CustomerBase(lines, customer="customer", time="time", amount="paid", order="invoice")


SHIPPED = {"cdnow": cv.datasets.cdnow, "crm": lambda: cv.datasets.crm(120).base(), "donations": donations,
           "subscriptions": subscriptions, "one-time buyers": one_time_buyers, "ten customers": ten_customers,
           "one day": one_day, "one order": one_order, "nobody leaves": nobody_leaves,
           "refunds only": refunds_only_beside, "no amounts": without_amounts}
FILES = {"online retail": online_retail,
         "superstore": lambda: file("superstore.csv.xz", customer="customer", time="date", amount="sales",
                                    order="order"),
         "retailtx": lambda: file("retailtx.csv.xz", customer="customer_id", time="trans_date", amount="tran_amount",
                                  time_format="%m/%d/%Y")}


def ahead_of(frame):
    return np.asarray(frame["purchases"], float)[np.asarray(frame["kind"]) == "next"]


MONEY = {"CLV", "CLV for ever", "rfm", "card"}                          # need an amount
CALLS = {
    "forecast": lambda b: cv.forecast(b)["p_alive"],
    "Forecaster long": lambda b: ahead_of(cv.Forecaster().fit(b).predict(b, layout="long", periods=1)),
    "CLV": lambda b: cv.CLV().fit(b).predict(b)["clv"],
    "CLV for ever": lambda b: cv.CLV().fit(b).predict(b, periods=None, value="amount")["clv"],
    "at_risk": lambda b: cv.at_risk(b)["expected_loss"],
    "win_back": lambda b: cv.win_back(b, p_back=.2, cost=.5)["net"],
    "stages": lambda b: cv.stages(b).customers()["p_alive"],
    "customer_flow": lambda b: cv.customer_flow(b)["end"], "pyramid": lambda b: cv.pyramid(b).table()["customers"],
    "rfm": lambda b: cv.rfm(b).scores()["R"], "card": lambda b: cv.Scorecard.builtin("consumer").score(b)["score"],
}
RANKED = {"pyramid", "rfm", "card"}                                     # by what is known
MISSING = {"one day", "one order"}                                      # nothing is known about repeat purchases


def answered(base, name, log):
    """Call and return the numbers, and the warnings."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = np.asarray(CALLS[name](base), float)
    assert all(issubclass(each.category, cv.DataWarning) for each in said), [str(each.message) for each in said]
    assert not np.isinf(found).any(), (log, name)
    words = [str(each.message) for each in said]
    assert len(words) == len(set(words)), words
    return found, words


@pytest.mark.parametrize("log", [*SHIPPED, *FILES])
def test_every_default_call_answers(log):
    base = (SHIPPED | FILES)[log]()
    for name in CALLS:
        if name in MONEY and not base.snapshot.knows("amount"):
            with pytest.raises((cv.DataError, cv.ConfigError), match="amount"):
                CALLS[name](base)
            continue
        found, words = answered(base.as_of(base.end), name, log)        # a base hears each reason once
        if name == "customer_flow" and log in MISSING:                  # no quarter is over
            assert len(found) == 1 and any("no period of Q" in text for text in words), (log, words)
        elif log in MISSING and name not in RANKED:
            assert np.isnan(found).all() and any("no customer" in text for text in words), (log, name, words)
        elif not len(found):
            assert any(text.startswith(name) for text in words), (log, name)
        else:
            assert np.isfinite(found).any(), (log, name)


@pytest.mark.parametrize("log, words", [("subscriptions", "looks like contracts"), ("nobody leaves", "dropout cannot")])
def test_the_choice_and_its_reason_stand_in_the_result(log, words):
    base = SHIPPED[log]()
    with pytest.warns(cv.DataWarning, match=words):
        found = cv.Forecaster().fit(base)
    assert words in found.reason_["purchases"] and words in repr(found) and words in repr(found.summary())
    again = cv.load(found.to_json())
    assert (again.choice_, again.reason_) == (found.choice_, found.reason_) and words in repr(again)
    with pytest.warns(cv.DataWarning, match=words):
        clv = cv.CLV().fit(base.as_of(base.end))
    assert clv.choice_ == found.choice_ and words in repr(clv)


def test_a_backtest_answers_or_says_why():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cv.CLV().backtest(nobody_leaves(), origins=2)
    assert found["model"].tolist().count("CLV") == 2
    with pytest.raises(cv.DataError, match="too short"):
        cv.CLV().backtest(one_day())
    with pytest.raises(cv.FitError, match="no origin has converged fits"):
        cv.CLV(purchases=cv.MBGNBD()).backtest(nobody_leaves(), origins=2)
