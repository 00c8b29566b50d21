"""Price index: months that raise or lower the money of every purchase, found beside what customers spend."""
import json

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core
from custval.models.price_index import NOISE, PriceIndex, price_index, price_index_from

START = np.datetime64("2022-01-01")


def shop(log_index, customers=1500, seed=0, first=START):
    """Return a base of log-normal purchases whose logs gain a number for each month, and the log."""
    g = np.random.default_rng(seed)
    days = int((first.astype("M8[M]") + len(log_index)).astype("M8[D]").astype(int) - first.astype(int))
    count = 1 + g.poisson(4, customers)
    who, when = np.repeat(np.arange(customers), count), first + g.integers(0, days, count.sum())
    month = (when.astype("M8[M]") - first.astype("M8[M]")).astype(int)
    logs = np.repeat(g.normal(3, 0.5, customers), count) + g.normal(0, 0.4, len(who)) + np.asarray(log_index)[month]
    log = {"who": who, "day": when, "paid": np.exp(logs)}
    return cv.CustomerBase(log, customer="who", time="day", amount="paid", end=str(first + days - 1)), log


SEASON = 0.15 * np.sin(2 * np.pi * np.arange(36) / 12)


def test_an_index_is_found_beside_the_customers_and_goes_on():
    """A season and a rise of 1 % a month: months within 4 of their errors, and the season goes on beyond the end."""
    truth = SEASON + 0.01 * np.arange(36)
    base, _ = shop(truth[:30])
    index = price_index(base.snapshot)
    path, n = index.path(6), index.purchases
    gap = path.mean[:30] - truth[:30] + (n @ truth[:30]) / n.sum()
    assert np.abs(gap).max() < 0.1 and np.mean(np.abs(gap) < 2 * np.sqrt(np.diag(path.covariance)[:30])) > 0.85
    ahead = path.mean[30:] - truth[30:] + (n @ truth[:30]) / n.sum()
    assert np.abs(ahead).max() < 3 * np.sqrt(np.diag(path.covariance)[-1])
    assert np.corrcoef(np.diff(path.mean[29:]), np.diff(SEASON[29:]))[0, 1] > 0.9


def test_without_months_that_differ_the_index_is_near_one():
    index = price_index(shop(np.zeros(24))[0].snapshot)
    assert np.abs(index.path(12).mean).max() < 0.05
    low, high = (index.table()[name] for name in ("low", "high"))
    assert np.mean((low < 1) & (high > 1)) > 0.9


def test_deflated_money_has_no_months_left_and_index_puts_them_back():
    base, log = shop(SEASON[:24])
    index = price_index(base.snapshot)
    flat = price_index(index.deflated(base.snapshot))
    assert np.abs(flat.path(0).mean).max() < 0.02 < 0.1 < np.abs(index.path(0).mean).max()
    assert base.snapshot.total("amount").sum() == pytest.approx(log["paid"].sum(), rel=1e-12)      # unchanged
    before = index.deflated(base.snapshot).pieces("amount")
    month = (before[1].astype("M8[D]").astype("M8[M]") - index.first).astype(int)
    _, _, paid = base.snapshot.pieces("amount")
    assert_allclose(before[2] * np.exp(index.path(0).mean[month]), paid, rtol=1e-14)


def test_the_mean_index_of_spans_of_days():
    index = PriceIndex(np.datetime64("2024-01", "M"), [50.0] * 12, SEASON[:12], [0.001] * 12)
    edges = np.array(["2024-11-16", "2025-01-01", "2025-02-11"], "M8[D]")
    m = np.exp(index.path(2).mean)
    want = [(15 * m[10] + 31 * m[11]) / 46, (31 * m[12] + 10 * m[13]) / 41]
    assert_allclose(index.ahead(edges), want, rtol=1e-13)
    C = index.path(2).covariance
    shares = np.zeros((2, 14))
    shares[0, 10:12], shares[1, 12:] = [15 * m[10], 31 * m[11]], [31 * m[12], 10 * m[13]]
    shares /= shares.sum(1)[:, None]
    assert_allclose(index.ahead_covariance(edges), shares @ C @ shares.T, rtol=1e-12)
    far = np.array(["2031-03-01", "2031-04-01", "2032-03-01", "2032-04-01"], "M8[D]")
    assert index.ahead(far)[0] == pytest.approx(index.ahead(far)[2], rel=1e-12)        # the last year again
    early = np.array(["2023-05-01", "2023-06-01"], "M8[D]")
    assert_allclose(index.ahead(early), m[0], rtol=1e-13)


def test_a_month_ahead_has_the_noise_of_a_month_and_the_uncertainty_of_the_level():
    index = PriceIndex(np.datetime64("2024-01", "M"), [500.0] * 24, SEASON[:24], [1e-4] * 24)
    spread = np.sqrt(np.diag(index.path(24).covariance))
    assert (spread > NOISE).all() and spread[25] < spread[30] <= spread[47] * 1.05


def test_residuals_by_month_are_sums_of_logs():
    base, _ = shop(SEASON[:6], 40)
    view = base.snapshot
    begins, net = view.ledger.purchases(view.begin, view.end)
    center = np.random.default_rng(1).normal(3, 1, len(view.who))
    edges = view.ledger.ticks(np.array(["2022-02-01", "2022-03-01", "2022-05-01"], "M8[D]").astype(int))
    n, total = _core.log_residuals(view.ledger.tick, net, view.begin, view.end, begins, center, edges)
    rows, who = view.lines()
    for p in range(2):
        inside = (view.ledger.tick[rows] >= edges[p]) & (view.ledger.tick[rows] < edges[p + 1]) & (begins[rows] > 0)
        want = sum(mp.log(mp.mpf(float(net[row]))) - mp.mpf(float(center[c])) for row, c in zip(
            rows[inside], who[inside], strict=True))
        assert n[p] == inside.sum() and abs(total[p] - float(want)) < 1e-13 * n[p]


@pytest.mark.parametrize("rows", [[("a", "2024-01-05", 7.0)], [("a", "2024-01-05", 0.0), ("b", "2024-03-01", -2.0)],
                                  [("a", "2024-01-05", 9.99), ("a", "2024-02-05", 9.99), ("b", "2024-02-07", 9.99)]])
def test_logs_without_information_have_an_index_of_one(rows):
    who, day, paid = zip(*rows, strict=True)
    base = cv.CustomerBase({"who": list(who), "day": list(day), "paid": list(paid)}, customer="who", time="day",
                           amount="paid", end="2024-06-30")
    index = price_index(base.snapshot)
    assert_allclose(index.path(12).mean, 0, atol=1e-6)


def test_the_order_of_the_rows_does_not_matter():
    base, log = shop(SEASON[:14], 300)
    order = np.random.default_rng(5).permutation(len(log["who"]))
    other = cv.CustomerBase({name: np.asarray(column)[order] for name, column in log.items()}, customer="who",
                            time="day", amount="paid", end=str(base.end))
    assert price_index(other.snapshot).to_dict() == price_index(base.snapshot).to_dict()


def test_an_index_prints_and_comes_back_from_its_data():
    index = price_index(shop(SEASON[:14], 300)[0].snapshot)
    again = price_index_from(json.loads(json.dumps(index.to_dict())), "here")
    assert again.to_dict() == index.to_dict() and (again.path(3).mean == index.path(3).mean).all()
    assert "Price index of 14 months from 2022-01" in repr(index) and "2023-03  next" in repr(index)
    assert len(index.table(ahead=0)["period"]) == 14


@pytest.mark.parametrize("change, words", [
    ({"first": "soon"}, "here.first: 'soon' is not a month"), ({"first": None}, "here"), ({"first": "NaT"}, "no index"),
    ({"ratio": [1.0]}, "lists of one length"), ({"ratio": [0.1, "x"]}, "lists of one length"),
    ({"purchases": [-1, 2]}, "no index has these"), ({"variance": [0.0, 1.0]}, "no index has these"),
    ({"more": 1}, "more")])
def test_data_of_no_index_are_refused(change, words):
    good = {"first": "2024-01", "purchases": [3, 4], "ratio": [0.1, -0.1], "variance": [0.1, 0.1]}
    assert price_index_from(good, "here").first == np.datetime64("2024-01")
    with pytest.raises(cv.ConfigError, match=words):
        price_index_from(good | change, "here")
