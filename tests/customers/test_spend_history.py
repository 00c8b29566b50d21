"""Statistics of single purchases: number, mean, mean log and its sum of squares of the amounts above 0."""
import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core


def test_moments_of_many_purchases_in_50_digits():
    """Means to 1e-14; log_SS times its condition, sqrt(1 + n log_mean^2 / log_SS)."""
    g = np.random.default_rng(1)
    for _ in range(100):
        n = int(10 ** g.uniform(0, 3))
        z = np.exp(g.normal(g.normal(0, 4), 10 ** g.uniform(-4, 0), n))
        columns, _ = _core.spend_moments(np.ones(n), z, np.zeros(1, np.int64), np.array([n]), False)
        got = [float(column[0]) for column in columns]
        with mp.workdps(50):
            exact = [mp.mpf(float(v)) for v in z]
            logs = [mp.log(v) for v in exact]
            mean, log_mean = sum(exact) / n, sum(logs) / n
            SS = sum((v - log_mean) ** 2 for v in logs)
            condition = float(mp.sqrt(1 + n * log_mean**2 / SS)) if n > 1 else 1.0
        assert got[0] == n and abs(got[1] / float(mean) - 1) < 5e-15
        assert abs(got[2] - float(log_mean)) < 5e-15 * max(1, abs(float(log_mean)))
        assert abs(got[3] - float(SS)) <= 2e-14 * condition * float(SS)


LOG = {"who": ["a", "a", "a", "a", "b", "b", "c", "d", "e"],
       "paid": [8.0, 2.0, 20.0, -3.0, 0.0, 5.0, -9.0, 0.0, 4.0],
       "day": ["2025-01-01", "2025-01-01", "2025-01-20", "2025-02-01", "2025-01-01", "2025-01-03", "2025-01-05",
               "2025-01-06", "2025-01-07"]}


def base():
    return cv.CustomerBase(LOG, customer="who", time="day", amount="paid")


def test_purchases_of_a_base_are_grains_with_money():
    """a: 10 and 20, the refund is no purchase; b: 5, a free one does not count; c: a refund; d: free; e: 4."""
    found = base().snapshot.spend_moments()
    assert found["n"].tolist() == [2, 1, 0, 0, 1]
    assert_allclose(found["mean"], [15, 5, np.nan, np.nan, 4], rtol=1e-15)
    assert_allclose(found["log_mean"], [np.log(200) / 2, np.log(5), np.nan, np.nan, np.log(4)], rtol=1e-15)
    assert_allclose(found["log_SS"], [np.log(2) ** 2 / 2, 0, 0, 0, 0], rtol=1e-14)


def test_the_last_of_several_purchases_is_held_back():
    found = base().snapshot.spend_moments(without_last=True)
    assert found["n"].tolist() == [1, 1, 0, 0, 1] and found["mean"].tolist()[:2] == [10, 5]
    assert_allclose(found["last"], [20, np.nan, np.nan, np.nan, np.nan], rtol=0)


def test_money_has_one_method_for_every_model_of_it():
    view = base().snapshot
    assert view.spend_history(("x", "m_x"))["x"].tolist() == [1, 1, 0, 0, 0]
    assert list(view.spend_history(("n", "mean", "SS"))) == ["n", "mean", "SS"]
    assert list(view.spend_history(("n", "log_mean"))) == ["n", "log_mean"]
    bare = cv.CustomerBase({k: v for k, v in LOG.items() if k != "paid"}, customer="who", time="day")
    for model in (cv.GammaGamma(), cv.GammaGamma(first=False), cv.LogNormalSpend()):
        with pytest.raises(cv.DataError, match="the base has no amount"):
            model.fit(bare)
        with pytest.raises(cv.DataError, match="a holdout has no histories"):
            model.fit(base().split("2025-01-10")[1])


def test_a_summary_has_them_on_request():
    shop = base()
    columns = shop.summary(spend=True)
    assert list(columns)[list(columns).index("n"):][:4] == ["n", "mean", "log_mean", "log_SS"]
    assert "log_mean" not in list(shop.summary())
    for name, column in shop.snapshot.spend_moments().items():
        assert_allclose(columns[name], column, rtol=0)
    clv = cv.CLV(purchases=cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), spend=cv.LogNormalSpend(
        mu=2, sigma=.5, tau=.4))
    want = clv.predict(shop)["spend_per_purchase"]
    assert_allclose(clv.predict(shop.summary("W", spend=True))["spend_per_purchase"], want, rtol=0)
    with pytest.raises(cv.DataError, match="no n and log_mean to value purchases with, as LogNormalSpend does"):
        clv.predict(shop.summary("W"))


def test_a_curve_has_the_moments_of_each_date():
    shop = cv.datasets.crm(customers=40).base()
    from custval.customers import rolling
    edges = (np.datetime64("2024-01-01") + 91 * np.arange(8)).astype(np.int64)
    (_, columns), = rolling.histories(shop.snapshot, edges, "W")
    for k, edge in enumerate(edges[1:]):
        then = shop.as_of(str(np.datetime64(int(edge) - 1, "D")))
        rows = [list(shop.customers).index(c) for c in then.customers]
        for name in ("n", "mean", "log_mean"):
            assert_allclose(columns[name][k][rows], then.snapshot.spend_moments()[name], rtol=1e-15)
