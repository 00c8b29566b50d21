"""cv.decompose against a slow twin: the Shapley value of five factors, over all their orders, in fractions."""
import itertools
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose

import custval as cv

PARTS = ("tenure", "volume", "mix", "price", "cost")
NAMES = {"customer": "who", "time": "day", "amount": "paid", "cost": "cost", "marketing": "ad", "product": "what",
         "quantity": "n"}


def log(seed=0, n=300, customers=25):
    g = np.random.default_rng(seed)
    units = g.integers(0, 6, n).astype(float) * g.choice([1, -1], n, p=[.9, .1])
    return {"who": g.integers(0, customers, n), "what": g.choice(np.array(["x", "y", "z"], object), n), "n": units,
            "paid": (units * g.choice([1.5, 2, 10], n) + g.choice([0, -3.25], n, p=[.9, .1])), "cost": units * .75,
            "ad": g.choice([0.0, .5], n), "day": np.datetime64("2023-01-01") + np.sort(g.integers(0, 3 * 365, n))}


def value(days, rate, share, price, cost):
    return days * rate * sum(share[j] * (price[j] - cost[j]) for j in share)


def twin(rows, edges, first):
    """Return value before and after, and the part of each factor, for rows (day, what, n, paid, cost, ad)."""
    rows = [(d, w, *map(Fraction, rest)) for d, w, *rest in rows]
    period = [[r for r in rows if low <= r[0] < high] for low, high in edges]
    total = [sum(p - c - a for *_, p, c, a in r) for r in period]
    loose = {"price": [Fraction(0)] * 2, "cost": [sum(a for *_, a in r) for r in period]}
    sums = [{}, {}]
    for t, own in enumerate(period):
        for what in {r[1] for r in own}:
            n, paid, cost = (sum(r[k] for r in own if r[1] == what) for k in (2, 3, 4))
            if n > 0:
                sums[t][what] = (n, paid, cost)
            else:
                loose["price"][t] += paid
                loose["cost"][t] += cost
    brought = dict.fromkeys(PARTS, Fraction(0))
    brought["price"] += loose["price"][1] - loose["price"][0]
    brought["cost"] -= loose["cost"][1] - loose["cost"][0]
    days = [Fraction(max(0, int((high - max(low, first)).astype(int)))) for low, high in edges]
    units = [sum(n for n, *_ in s.values()) for s in sums]
    if any(units):
        if all(days) and not all(units):                       # bought in one of the periods only: volume, not tenure
            days = [days[0] if units[0] else days[1]] * 2
        what = sorted({*sums[0], *sums[1]})
        rate = [units[t] / days[t] if days[t] else units[1 - t] / days[1 - t] for t in (0, 1)]
        of = [sums[t] if units[t] else sums[1 - t] for t in (0, 1)]
        share = [{j: of[t].get(j, (0,))[0] / sum(n for n, *_ in of[t].values()) for j in what} for t in (0, 1)]
        price, cost = ([{j: s[j][k] / s[j][0] for j in what for s in (sums[t] if j in sums[t] else sums[1 - t],)}
                        for t in (0, 1)] for k in (1, 2))
        factors = list(zip(days, rate, share, price, cost, strict=True))
        orders = list(itertools.permutations(range(5)))
        for order in orders:
            at = [0] * 5
            for k in order:
                before = value(*(factors[at[i]][i] for i in range(5)))
                at[k] = 1
                brought[PARTS[k]] += (value(*(factors[at[i]][i] for i in range(5))) - before) / len(orders)
    return total, brought


@pytest.mark.parametrize("products, unit, lag", [(True, "Y", 1), (False, "Y", 2), (True, "Q", 4)])
def test_every_part_agrees_with_the_twin_in_fractions(products, unit, lag):
    data = log(lag, 110, 9)
    base = cv.CustomerBase(data, **NAMES | ({} if products else {"product": None}), end="2025-12-31")
    found = cv.decompose(base, unit=unit, lag=lag).customers()
    edges = {("Y", 1): ["2024-01-01", "2025-01-01", "2025-01-01", "2026-01-01"],
             ("Y", 2): ["2023-01-01", "2024-01-01", "2025-01-01", "2026-01-01"],
             ("Q", 4): ["2024-10-01", "2025-01-01", "2025-10-01", "2026-01-01"]}[unit, lag]
    edges = np.array(edges, "M8[D]").reshape(2, 2)
    for i, who in enumerate(base.customers):
        mine = data["who"] == who
        rows = zip(*(data[k][mine] if k != "what" or products else np.zeros(mine.sum())
                     for k in ("day", "what", "n", "paid", "cost", "ad")), strict=True)
        total, brought = twin(list(rows), edges, data["day"][mine].min())
        gross = max(1.0, np.abs(data["paid"][mine]).sum())
        for name, want in zip(("before", "after", *brought), (*total, *brought.values()), strict=True):
            if name in found:
                assert found[name][i] == pytest.approx(float(want), abs=1e-13 * gross), (who, name)
            else:
                assert (name, want) == ("mix", 0)


def test_the_parts_add_up_whatever_the_numbers():
    """The stated rounding is a few units in the last place of the largest part."""
    for seed in range(20):
        data = log(seed, n=500, customers=90)
        data["paid"] *= np.random.default_rng(seed).lognormal(0, 8, 500)
        decomposed = cv.decompose(cv.CustomerBase(data, **NAMES, end="2025-12-31"))
        found = decomposed.customers()
        parts = np.array([found[name] for name in PARTS])
        largest = np.abs(parts).max(axis=0)
        assert (np.abs(parts.sum(axis=0) - found["change"]) <= 4 * np.spacing(largest)).all()
        np.testing.assert_allclose(found["change"], found["after"] - found["before"], rtol=1e-15)
        table = decomposed.table()
        assert table["sum"][:-1].sum() == pytest.approx(table["sum"][-1], abs=1e-12 * np.abs(parts).sum())


def test_value_is_that_of_the_history():
    data = log(3)
    base = cv.CustomerBase(data, **NAMES, end="2025-12-31").with_log(
        "contacts", {"customer": [1, 2, 1], "time": ["2024-02-01", "2025-02-01", "2022-01-01"], "cost": [7.0, 9, 11]})
    found, history = cv.decompose(base).customers(), base.history(2, "Y", "margin")
    np.testing.assert_allclose(found["before"], history["2024"], atol=1e-11)
    np.testing.assert_allclose(found["after"], history["2025"], atol=1e-11)
    amount = cv.decompose(base, value="amount").customers()
    assert "cost" not in amount
    np.testing.assert_allclose(amount["after"], base.history(1, "Y", "amount")["2025"], atol=1e-11)


def test_a_single_changed_factor_has_the_whole_change():
    def parts(before, after, **more):
        rows = [(f"2024-{m:02d}-01", *r) for m, r in enumerate(before, 1)] + [
            (f"2025-{m:02d}-01", *r) for m, r in enumerate(after, 1)]
        day, what, n, paid = map(list, zip(*rows, strict=True))
        base = cv.CustomerBase({"who": [1] * len(day), "day": day, "what": what, "n": n, "paid": paid}, customer="who",
                               time="day", amount="paid", product="what", quantity="n", end="2025-12-31", **more)
        found = cv.decompose(base.as_of("2025-12-31")).customers()
        return {name: round(float(found[name][0]), 9) for name in ("volume", "price", "mix", "tenure")}

    same = [("x", 10.0, 50.0), ("y", 10.0, 80.0)]
    volume = parts(same, [("x", 20.0, 100.0), ("y", 20.0, 160.0)])
    assert volume["price"] == volume["mix"] == 0 and volume["volume"] + volume["tenure"] == 130    # 2024 has 366 days
    assert abs(volume["tenure"]) < 1
    price = parts(same, [("x", 10.0, 60.0), ("y", 10.0, 90.0)])
    assert price["price"] == pytest.approx(20, abs=.1) and price["mix"] == 0
    mix = parts(same, [("x", 5.0, 25.0), ("y", 15.0, 120.0)])
    assert mix["mix"] == pytest.approx(15, abs=.1) and mix["price"] == 0
    gone = parts(same, [("x", 0.0, -5.0)])
    assert gone["price"] == -5 and gone["volume"] + gone["tenure"] == -130
    new = cv.CustomerBase({"who": [1, 2], "day": ["2024-01-01", "2025-07-01"], "paid": [1.0, 80.0]}, customer="who",
                          time="day", amount="paid", end="2025-12-31")
    assert cv.decompose(new).customers()["tenure"][1] == 80


def test_who_buys_in_one_of_two_periods_changes_in_volume_not_in_tenure():
    one = {"who": ["a"], "day": ["2023-12-30"], "paid": [100.0]}
    found = cv.decompose(cv.CustomerBase(one, customer="who", time="day", amount="paid", end="2024-12-31")).customers()
    assert (found["volume"][0], found["tenure"][0], found["price"][0], found["change"][0]) == (-100, 0, 0, -100)
    quarters = cv.decompose(cv.datasets.cdnow().as_of("1997-06-30"), unit="Q").customers()
    lapsed = (np.asarray(quarters["before"]) != 0) & (np.asarray(quarters["after"]) == 0)
    assert lapsed.sum() > 1000 and not np.asarray(quarters["tenure"])[lapsed].any()
    assert_allclose(np.asarray(quarters["volume"])[lapsed], np.asarray(quarters["change"])[lapsed], rtol=1e-12)
    assert np.asarray(quarters["tenure"])[~lapsed].any()       # bought in both, customers for longer
    back = {"who": ["a", "a"], "day": ["2022-12-30", "2024-05-01"], "paid": [100.0, 60.0]}
    base = cv.CustomerBase(back, customer="who", time="day", amount="paid", end="2024-12-31")
    found = cv.decompose(base).customers()
    assert (found["before"][0], found["volume"][0], found["tenure"][0]) == (0, 60, 0)


def test_a_period_before_the_log_begins_is_missing_and_said():
    day = [str(np.datetime64("2023-07-01") + 5 * i) for i in range(110)]                     # to 2024-12-27
    base = cv.CustomerBase({"who": list("ab") * 55, "day": day, "paid": np.full(110, 10.0)}, customer="who", time="day",
                           amount="paid", end="2024-12-31")
    with pytest.warns(cv.DataWarning, match="the log begins after 2023 does: 50% of that period is observed"):
        year = cv.decompose(base, unit="Y")
    assert year.observed == 184 / 365 and "nan" not in repr(year)
    for name, column in year.customers().items():
        assert name == "customer" or np.isnan(column).all() == (name != "after")
    assert np.isnan(year.table()["sum"]).all()
    with pytest.warns(cv.DataWarning, match="begins after 2022Q3 does: 0% of that period"):
        assert np.isnan(cv.decompose(base, unit="Q", lag=9).customers()["change"]).all()
    opened = np.datetime64("2022-01-04") + np.arange(1090)                                   # after the holidays
    shop = cv.CustomerBase({"who": np.arange(1090) % 9, "day": opened, "paid": np.full(1090, 5.0)}, customer="who",
                           time="day", amount="paid")
    year = cv.decompose(shop, lag=1)
    assert year.before == "2022" and year.observed == 362 / 365
    assert np.asarray(year.customers()["change"]).sum() == 3 * 5
    quarter = cv.decompose(base, unit="Q", lag=5)                                             # from the day it begins
    assert quarter.observed == 1 and not np.isnan(quarter.customers()["change"]).any()
    alone = cv.decompose(base.where(["a"]), unit="Q", lag=5).customers()
    assert all(alone[name][0] == column[0] for name, column in quarter.customers().items())


def test_without_quantities_orders_are_the_units():
    data = {"who": [1] * 5, "day": ["2024-05-01", "2024-05-01", "2025-05-01", "2025-06-01", "2025-06-02"],
            "bill": [1, 1, 2, 3, 3], "paid": [30.0, 10.0, 40.0, 50.0, -10.0]}
    base = cv.CustomerBase(data, customer="who", time="day", amount="paid", order="bill", end="2025-12-31")
    found = cv.decompose(base).customers()
    assert found["volume"][0] + found["tenure"][0] == pytest.approx(40) and found["price"][0] == pytest.approx(0)
    assert list(found) == ["customer", "before", "after", "change", "volume", "price", "tenure"]


def test_later_rows_and_the_order_of_rows_do_not_change_the_parts():
    data, g = log(5), np.random.default_rng(6)
    want = cv.decompose(cv.CustomerBase(data, **NAMES).as_of("2024-12-31")).customers()
    past = {name: column[data["day"] <= np.datetime64("2024-12-31")] for name, column in data.items()}
    order = g.permutation(len(past["who"]))
    found = cv.decompose(cv.CustomerBase({k: v[order] for k, v in past.items()}, **NAMES, end="2024-12-31")).customers()
    place = [np.argsort(f["customer"]) for f in (want, found)]
    for name in want:
        np.testing.assert_allclose(want[name][place[0]], found[name][place[1]], rtol=1e-13, atol=1e-11)


@pytest.mark.parametrize("kind", [pd, pl])
def test_frames(kind):
    decomposed = cv.decompose(cv.CustomerBase(kind.DataFrame(log()), **NAMES, end="2025-12-31"))
    assert isinstance(decomposed.customers(), kind.DataFrame) and isinstance(decomposed.table(), kind.DataFrame)
    assert repr(decomposed).startswith("Margin of 25 customers, 2025 against 2024\npart")


@pytest.mark.parametrize("call, kind, text", [
    (lambda b: cv.decompose([1]), cv.ConfigError, "takes a CustomerBase, not list"),
    (lambda b: cv.decompose(b, value="orders"), cv.ConfigError, "value='orders'"),
    (lambda b: cv.decompose(b, lag=0), cv.ConfigError, "lag=0: pass a number of periods"),
    (lambda b: cv.decompose(b.as_of("2023-12-31"), unit="Y"), cv.DataError, "only one complete period of Y at .*"),
    (lambda b: cv.decompose(b.split("2024-01-01")[1]), cv.DataError, "a holdout has no change"),
    (lambda b: cv.decompose(cv.CustomerBase(log(), customer="who", time="day")), cv.DataError, "has no amount")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call(cv.CustomerBase(log(), **NAMES, end="2025-12-31"))


@pytest.mark.parametrize("days, want", [(2, "D"), (9, "D"), (20, "W"), (120, "M"), (250, "Q"), (800, "Y")])
def test_by_default_the_longest_unit_that_the_log_covers(days, want):
    # a log from Monday 2024-01-01 on, with an order every day
    day = np.datetime64("2024-01-01") + np.arange(days)
    base = cv.CustomerBase({"who": np.arange(days) % 3, "day": day, "paid": np.full(days, 10.0)}, customer="who",
                           time="day", amount="paid")
    found = cv.decompose(base)
    assert (found.before, found.after) == tuple(getattr(cv.decompose(base, unit=want), name) for name in (
        "before", "after"))
    assert found.observed > 0.97 and not np.isnan(found.customers()["change"]).any()
