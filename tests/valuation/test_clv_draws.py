"""Draws of future value: their distribution against the formulas, intervals, and orders of new customers."""
import threading

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from worlds import WORLDS, within

import custval as cv
from custval import _core
from custval.valuation.residual_value import spread

pytestmark = pytest.mark.filterwarnings("ignore:(discount=3|frequent buyers):custval.DataWarning")
SPENDS = cv.GammaGamma(p=6, q=9, gamma=60)
MARGINS = cv.NormalMargin(mu=-3, sigma=10, kappa=2, nu=12)
LOGS = cv.LogNormalSpend(mu=3.2, sigma=0.5, tau=0.4)
BUYS = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
PURCHASES = {prefix: at for prefix, (at, _, cases) in WORLDS.items() if prefix != "bgbb"} | {"nbd": [0.6, 6.0]}
CLASSES = {model.prefix: model for model in (
    cv.NBD, cv.BGNBD, cv.MBGNBD, cv.BGCNBD, cv.MBGCNBD, cv.ParetoNBD, cv.GGompertzNBD)}
HISTORY = {"x": np.array([2.0]), "t_x": np.array([30.43]), "T": np.array([38.86]), "m_x": np.array([22.35]),
           "n": np.array([3.0]), "mean": np.array([25.0]), "SS": np.array([50.0]), "log_mean": np.array([3.0])}
N = 20_000


def draws_of(clv, data, draws=N, seed=7, fixed=True, **asked):
    """Return the totals of the draws, ascending, and the expected total."""
    asked = {"periods": 4, "unit": "Q", "discount": 3.0, "value": None, "margin_rate": None} | asked
    span = tuple(asked.pop(name) for name in ("periods", "unit", "discount"))
    of, ahead = clv._valuation(data, span, *asked.values(), False)
    return spread(of, ahead, (0, draws - 1), draws, seed, fixed)[2], of.total(ahead)


@pytest.mark.parametrize("spend", [SPENDS, MARGINS, LOGS], ids=["spend", "margin", "logs"])
@pytest.mark.parametrize("prefix", PURCHASES)
def test_the_mean_of_the_draws_is_the_prediction(prefix, spend):
    """At a discount of 300 % the month of a purchase matters; with Erlang stages, dropout and ageing."""
    model = CLASSES[prefix](**dict(zip(CLASSES[prefix].names, PURCHASES[prefix], strict=True)), unit="W")
    drawn, expected = draws_of(cv.CLV(purchases=model, spend=spend), HISTORY)
    assert within(drawn, expected)


@pytest.mark.parametrize("prefix", ["bgnbd", "pnbd", "nbd"])
def test_an_infinite_horizon_discounts_each_purchase_by_its_time(prefix):
    model = CLASSES[prefix](**dict(zip(CLASSES[prefix].names, PURCHASES[prefix], strict=True)), unit="W")
    drawn, expected = draws_of(cv.CLV(purchases=model, spend=SPENDS), HISTORY, 4000, periods=None, discount=.5)
    assert abs(drawn.mean() / expected - 1) < 4.5 * drawn.std() / drawn.mean() / 4000**.5 + .003    # steps of 3 %


def test_the_spread_of_the_draws_is_that_of_the_models():
    """NBD without discount: E[S^2] = (p E[N] + p^2 E[N^2]) E[1/nu^2], and E[N^2] E[mu^2] + E[N] E[1/w]; note 025 and
    DeGroot 9.6. Log-normal: E[N] E[z^2] + E[N^2 - N] E[z z'], the moments of exp of normals."""
    buys, t = cv.NBD(r=0.6, alpha=6.0, unit="W"), 365.25 / 7
    mean = 2.6 * t / (6 + 38.86)
    square = mean + mean**2 * (1 + 1 / 2.6)
    drawn, _ = draws_of(cv.CLV(purchases=buys, spend=SPENDS), HISTORY, 4 * N, discount=0)
    shape, rate = 9 + 6 * 2, 60 + 2 * 22.35
    assert within(drawn**2, (6 * mean + 36 * square) * rate**2 / ((shape - 1) * (shape - 2)))
    drawn, _ = draws_of(cv.CLV(purchases=buys, spend=MARGINS), HISTORY, 4 * N, discount=0)
    center, variance = (2 * -3 + 3 * 25) / 5, (12 * 100 + 50 + 3 / 5 * 2 * 28**2) / 13
    assert within(drawn**2, square * (center**2 + variance / 5) + mean * variance)
    own = 3 * 0.16 / (3 * 0.16 + 0.25)
    center, variance = 3.2 + own * (3.0 - 3.2), (1 - own) * 0.16
    drawn, _ = draws_of(cv.CLV(purchases=buys, spend=LOGS), HISTORY, 4 * N, discount=0)
    both = np.exp(2 * center + 2 * variance + 0.25)
    assert within(drawn**2, mean * both * np.exp(0.25) + (square - mean) * both)


def test_draws_have_the_smearing_factor_of_the_expectation():
    base = cv.datasets.cdnow()
    clv = cv.CLV(purchases=BUYS, spend=cv.LogNormalSpend()).fit(base)
    drawn, expected = draws_of(clv, base, 400)
    assert abs(clv.spend_.smearing_ - 1) > 0.02 and abs(drawn.mean() / expected - 1) < 0.01
    orders, free = (of.simulate(500, 52, seed=1)["amount"] for of in (
        clv, cv.CLV(purchases=BUYS, spend=cv.LogNormalSpend(**clv.spend_.params_))))
    assert_allclose(orders, free * clv.spend_.smearing_, rtol=1e-14)


def test_all_kinds_of_value_are_drawn_as_they_are_predicted():
    """Margins at own rates less the contact cost of active customers; a margin rate; amounts; signed margins."""
    log = {"who": ["a", "a", "b", "c", "c", "c"], "paid": [90.0, 80.0, 50.0, 70.0, 20.0, 30.0],
           "day": ["2025-01-10", "2025-05-15", "2025-03-20", "2025-02-01", "2025-03-01", "2025-06-15"],
           "cogs": [40.0, 60.0, 20.0, 90.0, 10.0, 10.0], "care": [1.0, 2.0, 0.0, 5.0, 5.0, 5.0]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid", cost="cogs", marketing="care", unit="W")
    lows = []
    for spend, asked in ((SPENDS, {}), (SPENDS, {"margin_rate": -.1}), (SPENDS, {"value": "amount"}), (MARGINS, {})):
        drawn, expected = draws_of(cv.CLV(purchases=BUYS, spend=spend), base, **asked)
        assert within(drawn, expected), asked
        lows.append(drawn[0])
    assert lows[0] < 0 and lows[1] < 0 and lows[2] == 0 and lows[3] < 0


@pytest.fixture(scope="module")
def fitted():
    base = cv.datasets.cdnow().as_of("1997-09-30")
    return cv.CLV(purchases=cv.BGNBD(unit="W"), spend=cv.GammaGamma(first=False)).fit(base), base


def test_intervals_are_quantiles_of_the_draws(fitted):
    clv, base = fitted
    summary = {k: np.asarray(v) for k, v in base.summary(unit="W").items() if k in ("x", "t_x", "T", "m_x")}
    few = {k: v[:40] for k, v in summary.items()}
    found = clv.interval(few, draws=200, seed=2, level=.9, periods=2, unit="Y", discount=.2)
    alone = [draws_of(clv, {k: v[i:i + 1] for k, v in few.items()}, 200, 2, False, periods=2, unit="Y", discount=.2)[0]
             for i in (0, 3)]
    high = [own[179 if own[10] == own[0] else 189] for own in alone]                # nothing below: the rest above
    assert (found.low[0], found.high[0]) == (alone[0][10], high[0])                 # row 0: the same alone
    assert found.high[3] != high[1]                                                 # row 3: other draws than alone
    whole = draws_of(clv, few, 200, 2, False, periods=2, unit="Y", discount=.2)[0]
    assert (found.total.low, found.total.high) == (whole[10], whole[189])
    residual = clv.predict(few, periods=2, unit="Y", discount=.2)["clv"]
    assert_allclose(found.total.expected, np.sum(residual), rtol=1e-13)
    assert ((found.low <= residual) | (residual < 1)).all() and (found.high >= found.low).all()
    surer = clv.interval(few, draws=200, seed=2, fixed=True).total
    assert surer.se == 0 and surer.expected < found.total.expected


def test_a_seed_fixes_the_bits_in_any_thread(fitted):
    clv, base = fitted
    want, got = clv.interval(base, draws=20, seed=5), [None] * 4

    def work(i):
        got[i] = clv.interval(base, draws=20, seed=5)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for found in got:
        assert_array_equal(found.low, want.low)
        assert_array_equal(found.high, want.high)
        assert found.total == want.total
    assert clv.interval(base, draws=20, seed=6).total != want.total


def test_the_error_of_a_total_is_that_of_the_delta_method(fitted):
    """Against the spread of the total over parameters drawn from both fits: 1,000 draws know it to 7 %."""
    clv, base = fitted
    few = {k: np.asarray(v)[:100] for k, v in base.summary(unit="W").items() if k in ("x", "t_x", "T", "m_x")}
    clv = cv.CLV(purchases=clv.purchases_, spend=clv.spend_)
    of, ahead = clv._valuation(few, (12, "M", .1), None, None, False)
    (b, g), totals = (_core.draw_parameters(np.array(m.parameters()), m.cov_.ravel(), 1000, s).reshape(1000, -1)
                      for m, s in ((clv.purchases, 1), (clv.spend, 2))), []
    for own, money in zip(b, g, strict=True):
        counts = of.with_model(model=cv.BGNBD(**dict(zip(clv.purchases.names, own, strict=True)), unit="W"))
        each = cv.GammaGamma(p=money[0], q=money[1], gamma=money[2]).expected_spend(few["x"], few["m_x"])
        totals.append(float(counts.purchases(ahead) @ each))
    assert abs(clv.interval(few, draws=2).total.se / np.std(totals) - 1) < .1


def test_the_parameters_of_money_are_drawn_around_the_fit():
    """mu of margins may be negative and is drawn itself; the others are drawn in their logs."""
    from custval.valuation.residual_value import OTHER_SEED
    model = cv.NormalMargin().fit(*MARGINS.simulate(np.full(400, 5), seed=3).values())
    sets = model.drawn_parameters(40_000, 1 ^ OTHER_SEED, fixed=False, allow_unconverged=False).reshape(-1, 4)
    at = np.array(model.parameters())
    steps = np.column_stack([sets[:, :1] - at[0], np.log(sets[:, 1:] / at[1:])])
    scale = np.array([1.0, *at[1:]])
    want = model.cov_ / np.outer(scale, scale)
    assert_allclose(np.var(steps, axis=0), np.diag(want), rtol=4.5 * (2 / 40_000)**.5)
    assert_allclose(np.corrcoef(steps.T), want / np.sqrt(np.outer(np.diag(want), np.diag(want))), atol=4.5 / 200)
    apart = _core.draw_parameters(at[1:], np.ascontiguousarray(model.cov_[1:, 1:]).ravel(), 40_000, 1).reshape(-1, 3)
    assert abs(np.corrcoef(np.log(apart[:, 0]), steps[:, 1])[0, 1]) < 4.5 / 200


def test_uncertain_parameters_of_money_widen_the_total():
    """Purchases fixed and frequent, spend fitted to 200 customers: variance of chance plus squared error."""
    x, none = np.arange(200) % 8 + 1, np.zeros(1000)
    clv = cv.CLV(purchases=cv.NBD(r=500, alpha=500, unit="W"), spend=cv.GammaGamma().fit(x, SPENDS.simulate(x, seed=1)))
    data = {"x": none, "t_x": none, "T": none + 38, "m_x": none}
    chance, both = (np.var(draws_of(clv, data, 600, 1, fixed, periods=1, unit="M")[0]) for fixed in (True, False))
    se = clv.interval(data, draws=1, periods=1, unit="M", discount=3.0).total.se
    assert both > 2 * chance and abs((both - chance) / se**2 - 1) < .25


@pytest.mark.plain
def test_intervals_cover_the_future():
    """50 cohorts of 150, observed for 26 weeks, fitted, then simulated for a year: 90 % intervals of the money."""
    truth = cv.CLV(purchases=cv.BGNBD(r=.6, alpha=5, a=.8, b=2.5, unit="W"), spend=cv.GammaGamma(p=6, q=4, gamma=15))
    held, inside = [], []
    for seed in range(50):
        seen = truth.purchases.simulate(150, 26.0, seed=seed)
        seen["m_x"] = truth.spend.simulate(seen["x"], seed=seed)
        came = truth.interval(seen, draws=1, seed=seed + 1000)
        clv = cv.CLV(purchases=cv.BGNBD(unit="W")).fit(seen)
        if any(getattr(model, "status_", "") not in ("", "converged") for model in clv.models):
            continue
        found = clv.interval(seen, draws=100, seed=seed)
        held.append(found.total.low <= came.total.low <= found.total.high)
        inside.append(((found.low <= came.low) & (came.low <= found.high)).mean())
    assert len(held) >= 30 and .78 <= np.mean(held) <= .98
    assert .87 <= np.mean(inside) <= .94                                 # 90 of 100 draws lie inside: 90 / 101


def test_equity_has_the_interval(fitted):
    clv, base = fitted
    got, alone = clv.equity(base, level=.8, draws=50, seed=3), clv.interval(base, level=.8, draws=50, seed=3).total
    assert (got["se"], got["clv_low"], got["clv_high"]) == (alone.se, alone.low, alone.high)
    assert_allclose(got["total_value_high"] - got["total_value_low"], alone.high - alone.low)
    assert got["clv_low"] < got["clv"] < got["clv_high"] and got["clv"] == pytest.approx(
        alone.expected)
    with pytest.raises(cv.ConfigError, match="level= and alive="):
        clv.equity(base, level=.8, alive=.5)


def test_frames_come_back_as_they_are():
    import pandas as pd
    import polars as pl
    frame = pd.DataFrame({k: np.repeat(v, 3) for k, v in HISTORY.items()}, index=list("abc"))
    clv = cv.CLV(purchases=BUYS, spend=SPENDS)
    found = clv.interval(frame, draws=20)
    assert found.low.index.tolist() == list("abc") and found.high.name == "high"
    alone = clv.interval(pl.from_pandas(frame), draws=20)
    assert isinstance(alone.low, pl.Series) and alone.low.to_list() == found.low.tolist()
    holes = frame.assign(T=[38.86, np.nan, 38.86])
    found = clv.interval(holes, draws=20)
    assert np.isnan(found.low).tolist() == [False, True, False] and np.isfinite(found.total).all()


def test_an_interval_prints_its_total_and_has_a_table(fitted):
    import pandas as pd
    clv, base = fitted
    found, residual = clv.interval(base, draws=20), clv.predict(base)["clv"]
    whole = found.total
    assert repr(found) == (f"<Interval {len(base.customers):,} customers: clv {whole.expected:,.0f} in all, se "
                           f"{whole.se:,.0f}, at 0.9 from {whole.low:,.0f} to {whole.high:,.0f}>")
    table = found.table()
    assert list(table) == ["customer", "clv", "low", "high"]
    for column, want in zip(table.values(), (base.customers, residual, found.low, found.high), strict=True):
        assert_array_equal(column, want)
    frame = pd.DataFrame({"customer": ["ann"], **HISTORY}, index=[7])
    table = cv.CLV(purchases=BUYS, spend=SPENDS).interval(frame, draws=20).table()
    assert list(table) == ["customer", "clv", "low", "high"] and table.index.tolist() == [7]


@pytest.mark.parametrize("asked, words", [
    ({"level": 1}, "level=1"), ({"draws": 0}, "draws=0"), ({"seed": -1}, "seed=-1"), ({"discount": -1}, "discount=-1"),
    ({"periods": 0}, "periods=0"), ({"margin_rate": "x"}, "margin_rate='x'"),
])
def test_invalid_intervals_are_refused(asked, words):
    with pytest.raises(cv.ConfigError, match=words):
        cv.CLV(purchases=BUYS, spend=SPENDS).interval(HISTORY, **asked)


# ---- orders of new customers ----

@pytest.mark.parametrize("prefix", ["mbgnbd", "bgcnbd"])
def test_orders_are_the_histories_and_their_money(prefix):
    model = CLASSES[prefix](**dict(zip(CLASSES[prefix].names, PURCHASES[prefix], strict=True)), unit="D")
    clv, n, T = cv.CLV(purchases=model, spend=SPENDS), 20_000, np.r_[np.full(10_000, 39), np.full(10_000, 26)]
    log, drawn = clv.simulate(n, T, seed=3, end="2024-02-29"), model.simulate(n, T, seed=3)
    assert_array_equal(np.bincount(log["customer"]), drawn["x"] + 1)
    first = np.r_[0, np.cumsum(drawn["x"] + 1)[:-1]]
    age = (log["time"] - log["time"][first][log["customer"]]) / np.timedelta64(1, "D")
    assert_allclose(age[first + drawn["x"]], drawn["t_x"], atol=2e-5)            # the last one, to the second
    assert log["time"].max() <= np.datetime64("2024-02-29T23:59:59")
    assert_array_equal(log["time"][first] + T * np.timedelta64(86_400, "s"), np.datetime64("2024-02-29T23:59:59"))
    gaps = np.delete(np.diff(log["time"]) / np.timedelta64(1, "D"), first[1:] - 1)
    assert (gaps >= 0).all()
    two = drawn["x"] == 2                    # the first of two gaps, over both: Beta(k, k), variance 1 / (4 (2k + 1))
    part, k = age[first[two] + 1] / age[first[two] + 2], getattr(model, "k", 1)
    assert within(part, .5) and within((part - .5) ** 2, 1 / (4 * (2 * k + 1)))
    paid = log["amount"]
    assert within(paid[first], 6 * 60 / 8) and within(paid[first] ** 2, 6 * 7 * 60**2 / (8 * 7))
    twice = drawn["x"] > 0                                                  # two orders of one customer share their nu
    assert within(paid[first[twice]] * paid[first[twice] + 1], 36 * 60**2 / (8 * 7))
    few = clv.simulate(10, T[:10], seed=3, end="2024-02-29")
    assert pl.DataFrame(few)["time"].to_list() == few["time"].tolist()
    for name, column in few.items():
        assert_array_equal(column, log[name][:len(column)])


def test_orders_of_margins_have_their_moments():
    """mu, and sigma^2 nu / (nu - 2) (1 / kappa + 1) about it; two orders of a customer share the first part."""
    log = cv.CLV(purchases=cv.NBD(r=2, alpha=9, unit="W"), spend=MARGINS).simulate(N, 39, seed=1)
    off = log["margin"] + 3
    first = np.flatnonzero(np.diff(log["customer"], prepend=-1))
    again = first[np.diff(np.r_[first, len(off)]) > 1]
    assert list(log) == ["customer", "time", "margin"]
    assert within(off[first], 0) and within(off[first] ** 2, 120 * 1.5) and within(off[again] * off[again + 1], 60)


def test_a_base_of_drawn_orders_gives_the_models_back():
    clv = cv.CLV(purchases=cv.MBGNBD(r=.9, alpha=60, a=.9, b=2.5, unit="D"), spend=cv.GammaGamma(p=6, q=4, gamma=15))
    log = clv.simulate(4000, 400, seed=2, end="2025-06-30")
    base = cv.CustomerBase(log, customer="customer", time="time", amount="amount", end="2025-06-30")
    assert len(base.customers) == 4000 and (base.summary()["T"] == 400).all()
    table = cv.CLV(purchases=cv.MBGNBD(unit="D"), spend=cv.GammaGamma()).fit(base).summary()
    for name, value, se in zip(*(table[column] for column in ("parameter", "estimate", "se")), strict=True):
        assert abs(value - getattr(clv.purchases, name, getattr(clv.spend, name, None))) < 4.5 * se, name


def test_data_that_cannot_be_drawn_are_refused():
    clv = cv.CLV(purchases=BUYS, spend=SPENDS)
    for call, words in ((lambda: clv.simulate(-1, 3), "n=-1"), (lambda: clv.simulate(3, 3, end="soon"), "end"),
                        (lambda: clv.simulate(3, 3, seed=-1), "seed=-1"),
                        (lambda: cv.CLV(purchases=cv.NBD(r=1, alpha=1)).simulate(3, 3), "does not know its unit")):
        with pytest.raises((cv.ConfigError, cv.DataError), match=words):
            call()
    impossible = np.array([1.0, np.nan, 1.0])
    assert np.isnan(_core.simulate_orders(np.ones(2), np.ones(2), 1.0, "gg", impossible, 1)[1]).all()
    for x, k in ((.5, 1.0), (-1.0, 1.0), (2.0**60, 1.0), (1.0, 0.0), (np.nan, 1.0)):
        with pytest.raises(ValueError, match="no histories"):
            _core.simulate_orders(np.array([x]), np.ones(1), k, "gg", np.ones(3), 1)
