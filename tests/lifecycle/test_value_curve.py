"""cv.curve: values at many dates in one pass and their trends, against slow twins."""
import itertools
import math
import statistics
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custval as cv
from custval import _core
from custval.customers import rolling as asof


def log(seed=0, customers=60, n=700, years=3):
    g = np.random.default_rng(seed)
    return {"who": g.integers(0, customers, n), "paid": g.choice([-5.0, 0.1, 0.2, 9.99, 30, 1e6], n),
            "cost": g.choice([0.05, 3.0], n), "ad": g.choice([0.0, 0.5], n), "bill": g.integers(0, n // 2, n),
            "day": np.datetime64("2022-01-15") + g.integers(0, 365 * years, n).astype("m8[D]")}


def made(data, **more):
    return cv.CustomerBase(data, **{"customer": "who", "time": "day", "amount": "paid", "cost": "cost",
                                    "marketing": "ad", "order": "bill"} | more)


def with_contacts(base, data):
    contacts = {"customer": data["who"][::3], "time": data["day"][::3] - 40, "cost": np.arange(len(data["who"][::3]))}
    return base.with_log("contacts", {k: np.asarray(v, float) if k == "cost" else v for k, v in contacts.items()})


# ---- values ----

@pytest.mark.parametrize("value", ["margin", "amount", "orders"])
def test_values_to_date_are_those_of_the_base_as_of_each_date(value):
    data = log()
    base = with_contacts(made(data), data)
    found = cv.curve(base, value=value, window=None, unit="Q")
    labels = [name for name in found if name[:2] == "20"]
    assert len(labels) > 3
    for label in labels:
        year, quarter = int(label[:4]), int(label[-1])
        last = np.datetime64(f"{year + quarter // 4}-{quarter % 4 * 3 + 1:02d}-01") - 1
        then = base.as_of(last)
        known = np.isin(base.customers, then.customers)
        assert np.isnan(found[label][~known]).all()
        want = dict(zip(then.customers, then.summary()[value], strict=True))
        got = dict(zip(base.customers[known], found[label][known], strict=True))
        assert got.keys() == want.keys()
        np.testing.assert_allclose([got[c] for c in got], [want[c] for c in got], rtol=1e-15)


@pytest.mark.parametrize("unit, window", [("M", 1), ("Q", 4), ("W-SUN", 3), ("Y-MAR", 1)])
def test_windows_are_sums_of_periods_of_the_history(unit, window):
    data = log(1)
    base = with_contacts(made(data), data)
    found = cv.curve(base, unit=unit, window=window, value="margin", periods=5)
    labels = [name for name in found if name[:2] == "20"]
    history = base.history(periods=200, unit=unit, value="margin")
    for label in labels:
        at = list(history).index(label)
        want = sum(history[name] for name in list(history)[at - window + 1:at + 1])
        known = ~np.isnan(found[label])
        np.testing.assert_allclose(found[label][known], want[known], atol=1e-9)
    assert len(labels) == 5


def test_histories_at_many_dates_are_those_of_the_base_as_of_each():
    base = made(log(2))
    edges, _, _ = asof.dates(base.snapshot, None, 1, "M")
    for unit in ("D", "W"):
        (_, columns), = asof.histories(base.snapshot, edges, unit)
        for d, last in enumerate(edges[1:].astype("M8[D]") - 1):
            then = base.as_of(last)
            place = np.isin(base.customers, then.customers)
            summary = then.summary(unit)
            for name in ("x", "t_x", "T", "m_x"):
                np.testing.assert_array_equal(columns[name][d, place], summary[name])
            assert np.isnan(columns["T"][d, ~place]).all()


def test_rows_after_a_date_do_not_change_its_value():
    """The future deleted, shuffled among customers, or invented: the same bytes."""
    data, day = log(3), np.datetime64("2024-03-31")
    clv = cv.CLV(purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), spend=cv.GammaGamma(p=6, q=4, gamma=15))
    later, g = data["day"] > day, np.random.default_rng(4)
    gone = {name: column[~later] for name, column in data.items()}
    other = {name: column.copy() for name, column in data.items()}
    other["paid"][later] = g.normal(1e3, 1e4, later.sum())
    other["who"][later] = g.permutation(other["who"][later])
    for settings in ({}, {"window": None}, {"value": "orders", "unit": "M"}, {"value": clv, "window": 1}):
        want = cv.curve(made(gone, end=day), **settings)
        for changed in (data, other):
            known = made(changed).as_of(day)
            got, order = cv.curve(known, **settings), np.argsort(known.customers)
            back = np.argsort(made(gone, end=day).customers)
            assert list(got) == list(want)
            assert all(np.array_equal(got[name][order], want[name][back], equal_nan=name != "direction")
                       for name in want)


@pytest.mark.parametrize("spend", [cv.GammaGamma(p=6, q=4, gamma=15), cv.GammaGamma(p=6, q=4, gamma=15, first=False),
                                   cv.LogNormalSpend(mu=5, sigma=.5, tau=.4)])
def test_a_clv_values_each_customer_as_of_each_date(spend):
    base = made(log(5), cost=None, marketing=None)
    clv = cv.CLV(purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), spend=spend)
    found = cv.curve(base, value=clv, unit="Y", ahead={"periods": 6, "discount": .1})
    then = base.as_of("2023-12-31")
    known = {k: v for k, v in then.summary("W").items() if k != "customer"} | then.snapshot.spend_moments()
    want = clv.predict(known, periods=6, discount=.1)
    np.testing.assert_array_equal(found["2023"][np.isin(base.customers, then.customers)], want["clv"])


# ---- trends ----

def twin(values):
    """Return slope, S and p of one curve, from the definitions."""
    points = [(i, v) for i, v in enumerate(values) if not math.isnan(v)]
    pairs = list(itertools.combinations(points, 2))
    n, S = len(points), sum((b > a) - (b < a) for (_, a), (_, b) in pairs)
    if n < 2:
        return math.nan, S, math.nan
    slope = statistics.median((b - a) / (j - i) for (i, a), (j, b) in pairs)
    ties = [sum(v == w for _, w in points) for v in {v for _, v in points}]
    if n <= 10 and len(ties) == n:
        count = {0: 1}                                                 # S of every order, value by value
        for k in range(1, n):
            count = {s: sum(count.get(s - k + 2 * m, 0) for m in range(k + 1)) for s in range(-k * (k + 1) // 2,
                                                                                            k * (k + 1) // 2 + 1)}
        return slope, S, min(1.0, float(Fraction(sum(c for s, c in count.items() if abs(s) >= abs(S)),
                                                 math.factorial(n))))
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    return slope, S, 1.0 if S == 0 else math.erfc((abs(S) - 1) / math.sqrt(2 * variance))


@pytest.mark.parametrize("dates", [1, 2, 3, 4, 7, 10, 11, 24])
def test_trends_agree_with_the_twin(dates):
    g = np.random.default_rng(dates)
    kinds = [g.integers(-2, 3, (dates, 100)).astype(float), g.normal(size=(dates, 100)),
             np.cumsum(g.integers(0, 3, (dates, 100)), axis=0).astype(float),
             -np.cumsum(g.lognormal(size=(dates, 100)), axis=0)]
    curves = np.concatenate(kinds, axis=1)
    curves[g.random(curves.shape) < 0.1] = np.nan
    points, slope, S, p, _, variation = _core.trend(curves.ravel(), dates)
    for c in range(curves.shape[1]):
        want = twin(curves[:, c].tolist())
        assert np.array_equal([slope[c], S[c]], want[:2], equal_nan=True), curves[:, c]
        assert p[c] == pytest.approx(want[2], rel=1e-13, nan_ok=True), curves[:, c]
        there = curves[~np.isnan(curves[:, c]), c]
        assert points[c] == len(there)
        if len(there) > 1 and there.mean() != 0:
            assert variation[c] == pytest.approx(there.std(ddof=1) / abs(there.mean()), rel=1e-9)


def test_slopes_that_underflow_are_0():
    tiny = 5e-324
    points, slope, S, *_ = _core.trend(np.array([0, 1, 1, 2]) * tiny, 4)
    assert (points[0], slope[0], S[0]) == (4, 0, 5)


@pytest.mark.parametrize("n, S, chance", [(4, 4, .167), (4, 6, .042), (5, 6, .117), (5, 8, .042), (8, 16, .031),
                                          (9, 20, .022), (10, 21, .036)])
def test_p_is_that_of_the_published_table(n, S, chance):
    """Gilbert (1987), Statistical Methods for Environmental Pollution Monitoring, table A18: P of S or more."""
    order = list(range(n))
    for _ in range((n * (n - 1) // 2 - S) // 2):                       # neighbours exchanged, one pair after the other
        i = next(i for i in range(n - 1) if order[i] < order[i + 1])
        order[i], order[i + 1] = order[i + 1], order[i]
    found = _core.trend(np.array(order, float), n)
    assert found[2][0] == S
    assert found[3][0] == pytest.approx(2 * chance, abs=1e-3)


@pytest.mark.parametrize("values, direction", [
    ([1, 2, 3], "short"), ([1, 2, 3, 4], "rising"), ([4, 3, 2, 1], "falling"), ([5, 4, 6, 5], "flat"),
    ([0, 90, 0, 0], "volatile"), ([7, 7, 7, 7], "flat"), ([0, 0, 0, 0], "flat")])
def test_directions_by_p_points_and_variation(values, direction):
    """A trend needs p < .10 and at least 4 points; without one, a variation above 1 is volatile."""
    points, _, S, p, _, variation = _core.trend(np.array(values, float), len(values))
    word = ["short", "flat", "rising", "falling", "volatile"]
    assert word[int(_core.direction(points, S, p, variation, 4.0, .10)[0])] == direction


# ---- tables ----

def test_layouts_and_frames():
    data = log(6, n=200)
    wide = cv.curve(made(pd.DataFrame(data)), unit="Y")
    long = cv.curve(made(pl.DataFrame(data)), unit="Y", layout="long")
    assert isinstance(wide, pd.DataFrame) and isinstance(long, pl.DataFrame)
    assert list(wide) == ["customer", "2022", "2023", "2024", "points", "slope", "S", "p", "direction"]
    assert list(long.columns) == ["customer", "period", "margin", "points", "slope", "S", "p", "direction"]
    assert np.array_equal(long["margin"].to_numpy(), wide[["2022", "2023", "2024"]].to_numpy().ravel(), equal_nan=True)
    assert np.array_equal(long["slope"].to_numpy()[::3], wide["slope"], equal_nan=True)


def test_ranks_against_current_sales():
    """A customer may rank above their rank by the sales of the last period."""
    data = {"who": ["a", "a", "b"], "day": ["2024-01-05", "2024-05-05", "2024-05-06"], "paid": [100.0, 1.0, 50.0]}
    base = cv.CustomerBase(data, customer="who", time="day", amount="paid", end="2024-06-30")
    found = cv.curve(base, window=None, ranks=True)
    assert found["rank"].tolist() == [1, 2] and found["rank_by_sales"].tolist() == [2, 1]
    assert found["rank_change"].tolist() == [1, -1]


@pytest.mark.parametrize("call, kind, text", [
    (lambda b: cv.curve({"who": [1]}), cv.ConfigError, "takes a CustomerBase, not dict"),
    (lambda b: cv.curve(b, value="cost"), cv.ConfigError, "value='cost'"),
    (lambda b: cv.curve(b, value="sales"), cv.ConfigError, "value='sales'.*\n  did you mean 'amount'"),
    (lambda b: cv.curve(b, unit="h"), cv.ConfigError, "unit 'h'"),
    (lambda b: cv.curve(b, window=0), cv.ConfigError, "window=0: pass a number of periods"),
    (lambda b: cv.curve(b, window=99), cv.DataError, "window=99: .* whole periods of Q are over by .*shorter window"),
    (lambda b: cv.curve(b, periods=2001), cv.ConfigError, "2,001 periods of Q: at most 2,000"),
    (lambda b: cv.curve(b, least=1), cv.ConfigError, "least=1: pass a number of points"),
    (lambda b: cv.curve(b, level=1.5), cv.ConfigError, "level=1.5"),
    (lambda b: cv.curve(b, ahead={}), cv.ConfigError, "ahead= goes with a CLV"),
    (lambda b: cv.curve(made(log()).as_of("2022-02-01"), unit="Y"), cv.DataError, "no period of Y from 2022-01"),
    (lambda b: cv.curve(b.split("2023-01-01")[1]), cv.DataError, "a holdout has no curve"),
    (lambda b: cv.curve(made(log(), cost=None), value="margin"), cv.DataError, "pass cost= to CustomerBase"),
    (lambda b: cv.curve(made(log(), grain="W"), value=cv.CLV(purchases=cv.NBD(r=1, alpha=1, unit="W"),
                                                            spend=cv.GammaGamma(p=6, q=4, gamma=15))), cv.DataError,
     "lies inside a grain"),
    (lambda b: cv.curve(b, value=cv.CLV(purchases=cv.NBD(), spend=cv.NormalMargin())), cv.ConfigError,
     "spend is a model of amounts")])
def test_errors(call, kind, text):
    data = log()
    with pytest.raises(kind, match=text):
        call(with_contacts(made(data), data))
