"""Model.predict: one table of quantities, by calendar periods for a base and by durations for a summary."""
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv

MODEL = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
COLUMNS = ["p_purchase", "next_purchase", "residual_lifetime", "expected_rate", "expected_dropout"]


@pytest.fixture(scope="module")
def base():
    return cv.datasets.cdnow().as_of("1997-09-30")


def test_a_base_is_predicted_by_the_calendar(base):
    table = MODEL.predict(base)
    assert list(table) == ["customer", "p_alive", "1997Q4", "1998Q1", "1998Q2", "sum_3Q", *COLUMNS]
    x, t_x, T = (base.summary(unit="W")[name] for name in ("x", "t_x", "T"))
    assert_array_equal(table["p_alive"], MODEL.p_alive(x, t_x, T))
    assert_array_equal(table["1998Q1"], MODEL.expected_purchases((92 / 7, 182 / 7), x, t_x, T))
    assert_allclose(table["1997Q4"] + table["1998Q1"] + table["1998Q2"], table["sum_3Q"], rtol=1e-12)
    assert_array_equal(table["p_purchase"], MODEL.p_purchase(273 / 7, x, t_x, T))
    assert_array_equal(table["expected_rate"], MODEL.expected_rate(x, t_x, T))
    day = table["next_purchase"]
    wait = MODEL.next_purchase(.5, x, t_x, T) * 7
    assert day.dtype == "M8[D]" and (np.isnat(day) == (table["p_alive"] <= .5)).all()
    there = ~np.isnat(day)
    days = (day[there] - np.datetime64("1997-09-30")).astype(float)
    assert ((days >= wait[there] - 1e-9) & (days < wait[there] + 1)).all() and days.min() >= 1


def test_the_rest_of_the_running_period_comes_first(base):
    early = MODEL.predict(base.as_of("1997-09-14"), periods=1, unit="M")
    assert list(early)[1:5] == ["p_alive", "rest of 1997-09", "1997-10", "sum_1M"]
    assert_allclose(early["sum_1M"], early["1997-10"], rtol=1e-13)


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame])
def test_a_summary_is_predicted_by_durations(base, kind):
    summary = {name: np.asarray(base.summary(unit="W")[name]) for name in ("customer", "x", "t_x", "T")}
    table = MODEL.predict(kind(summary), periods=12, unit="M")
    names = list(table if kind is dict else table.columns)
    assert isinstance(table, kind) and names[:3] == ["customer", "p_alive", "M+1"]
    table = {name: np.asarray(table[name]) for name in names}
    month = 365.25 / 12 / 7
    history = (summary["x"], summary["t_x"], summary["T"])
    assert_allclose(table["M+12"], MODEL.expected_purchases((11 * month, 12 * month), *history), rtol=1e-9)
    year = MODEL.predict(kind(summary), periods=1, unit="Y")
    assert_allclose(table["sum_12M"], np.asarray(year["sum_1Y"]), rtol=1e-12)
    assert_array_equal(table["next_purchase"], MODEL.next_purchase(.5, *history))
    assert (np.isinf(table["next_purchase"]) == (table["p_alive"] <= .5)).all()


def test_a_pandas_index_stays(base):
    frame = pd.DataFrame({"x": [2.0], "t_x": [30.43], "T": [38.86]}, index=["ann"])
    assert list(MODEL.predict(frame).index) == ["ann"] and "customer" not in MODEL.predict(frame)


def test_a_quantity_that_the_model_lacks_is_left_out(base):
    never_leaves = cv.NBD(r=.243, alpha=4.414, unit="W").predict(base)
    assert list(never_leaves) == [n for n in MODEL.predict(base) if n not in ("residual_lifetime", "expected_dropout")]


def test_customers_without_a_purchase_have_missing_values():
    log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-01", "2025-02-01"], "paid": [5.0, 5.0, -3.0]}
    base = cv.CustomerBase(log, customer="who", time="day", amount="paid")
    with np.errstate(all="raise"):
        table = MODEL.predict(base)
    assert np.isnan(table["sum_3Q"]).tolist() == np.isnat(table["next_purchase"]).tolist() == [False, True]


def test_invalid_predictions_are_refused(base):
    for call, error, words in (
            (lambda: cv.BGNBD(r=1, alpha=1, a=1, b=1).predict(base), cv.ConfigError, "has no unit"),
            (lambda: cv.BGNBD(unit="W").predict(base), cv.FitError, "not fitted"),
            (lambda: MODEL.predict(base.split("1997-06-30")[1]), cv.DataError, "a holdout has no future"),
            (lambda: MODEL.predict(base, periods=0), cv.ConfigError, "periods=0"),
            (lambda: MODEL.predict(base, unit="h"), cv.ConfigError, "unit 'h'"),
            (lambda: MODEL.predict({"x": [1.0], "t_x": [1.0], "T": [2.0]}, periods=1.5), cv.ConfigError, "periods=1.5"),
            (lambda: MODEL.predict({"x": [1.0]}), cv.DataError, "'t_x' is not in the frame")):
        with pytest.raises(error, match=words):
            call()


MEMORY = """
import sys, numpy as np, pandas as pd, custval as cv
from pathlib import Path
def memory(field):
    return next(int(line.split()[1]) * 1024 for line in Path("/proc/self/status").open() if line.startswith(field))
n, g = 200_000, np.random.default_rng(1)
T, x = g.integers(189, 274, n) / 7, np.floor(g.gamma(.3, 8, n))
data = pd.DataFrame({"x": x, "t_x": np.where(x > 0, T * g.random(n), 0), "T": T, "m_x": np.where(x > 0, 30.0, 0)})
buys = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
worth = cv.CLV(purchases=buys, spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
for predict in (buys.predict, worth.predict):
    predict(data[:1000], periods=6, unit="M")
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    table = predict(data, periods=6, unit="M")
    print((memory("VmHWM") - before - table.memory_usage(index=False).sum()) / n)
    del table
"""


@pytest.mark.plain
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="no peak of memory to read")
def test_memory_above_the_table_is_some_bytes_a_customer():
    run = subprocess.run([sys.executable, "-c", MEMORY], text=True, capture_output=True, check=True)
    assert max(map(float, run.stdout.split())) <= 64, run.stdout


def test_a_table_shares_no_memory_with_its_source():
    data = pd.DataFrame({"customer": [7, 8], "x": [2.0, 0.0], "t_x": [30.43, 0.0], "T": [38.86, 38.86]}, index=[5, 5])
    for frame in (data, pl.from_pandas(data)):
        table = MODEL.predict(frame, periods=2, unit="M")
        assert list(table["customer"]) == [7, 8]
        if frame is data:
            assert list(table.index) == [5, 5]
            table["customer"] = table["x"] = 0
            table.loc[:, "p_alive"] = 0.0
    assert list(data["customer"]) == [7, 8] and list(data) == ["customer", "x", "t_x", "T"]
