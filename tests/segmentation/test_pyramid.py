"""cv.pyramid against its slow twin (reference/pyramid_twin.py): shares, thresholds, ties, growth, composition."""
import decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import pyramid_twin as twin

import custval as cv
from custval import _core
from custval.segmentation import tiers as _tiers

NAMES = {"platinum": .01, "gold": .04, "iron": .15, "lead": .80}


def columns(elements, **size):
    return st.lists(elements, **size).map(lambda v: np.array(v, float))


NUMBERS = st.one_of(st.floats(-1e9, 1e9), st.integers(-3, 3).map(float), st.sampled_from([0.0, -0.0, 5e-324, 1e300]))
SPLITS = st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any)


@settings(max_examples=300, deadline=None)
@given(columns(NUMBERS, max_size=60), SPLITS, st.data())
def test_shares_agree_with_sorting(values, parts, data):
    tie = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values))), float)
    shares = {f"t{j}": part / sum(parts) for j, part in enumerate(parts)}
    sizes = _tiers.largest_remainder([Fraction(part, sum(parts)) for part in parts], len(values))
    assert cv.pyramid(values, tiers=shares, tie_break=tie).tier.tolist() == twin.tiers_of_sizes(values, sizes, tie)
    zero = np.zeros(len(values))
    assert cv.pyramid(values, tiers=shares, ties="row").tier.tolist() == twin.tiers_of_sizes(values, sizes, zero)
    together = cv.pyramid(values, tiers=shares)
    assert together.tier.tolist() == twin.tiers_of_sizes(values, sizes, zero, together=True)
    assert all(len(set(together.tier[values == v])) == 1 for v in values)


@settings(max_examples=200, deadline=None)
@given(columns(st.one_of(NUMBERS, st.just(float("nan"))), max_size=50), st.integers(1, 4),
       st.sampled_from(["row", "together"]))
def test_every_figure_of_a_tier_agrees_with_its_members(values, k, ties):
    pyr = cv.pyramid(values, tiers={f"t{j}": 1 / k for j in range(k)}, missing="apart", ties=ties,
                     composition={"minus": -np.nan_to_num(values)})
    table, parts = pyr.table(), pyr.composition()
    assert pyr.apart == np.isnan(values).sum()
    assert table["customers"].sum() == len(values) - pyr.apart
    for j in range(k):
        mine = values[pyr.tier == j]
        assert table["customers"][j] == len(mine)
        assert_allclose(table["sum"][j], mine.sum(), rtol=1e-12, atol=1e-6 * abs(mine).max(initial=0))
        assert_allclose(parts["sum"][j], -mine.sum(), rtol=1e-12, atol=1e-6 * abs(mine).max(initial=0))
        if len(mine):
            assert [table[f][j] for f in ("min", "max", "cutoff")] == [mine.min(), mine.max(), mine.min()]
            assert_allclose(table["median"][j], np.median(mine), rtol=1e-15)
            assert_allclose(table["mean"][j], table["sum"][j] / len(mine), rtol=1e-15)
        else:
            assert all(np.isnan(table[f][j]) for f in ("mean", "median", "min", "max", "cutoff"))


@settings(max_examples=200, deadline=None)
@given(columns(st.integers(-20, 100).map(float), min_size=1, max_size=60).filter(lambda v: v.sum() > 0),
       st.lists(st.sampled_from([.1, .2, .5, .75, .8, .9, .95]), unique=True, max_size=3).map(sorted))
def test_cumulative_shares_of_value_agree_with_fractions(values, shares):
    tiers = {f"t{share}": share for share in shares} | {"rest": None}
    pyr = cv.pyramid(values, tiers=tiers, by="value", ties="row")
    assert np.cumsum(pyr.table()["customers"])[:-1].tolist() == twin.ranks_of_shares(values, shares)


def test_the_customer_who_crosses_a_cut_is_above_it():
    # ten values of 0.1: the sum of the first eight is .8 only within rounding
    tens = cv.pyramid([.1] * 10, tiers={"A": .8, "B": .95, "C": 1}, by="value", ties="row")
    assert tens.table()["customers"].tolist() == [8, 2, 0]
    assert cv.pyramid([5, 4, 1], tiers={"A": .8, "B": None}, by="value").tier.tolist() == [0, 0, 1]


@settings(max_examples=100, deadline=None)
@given(columns(NUMBERS, max_size=50), st.lists(NUMBERS, unique=True, max_size=5))
def test_thresholds_agree_with_comparison(values, lowest):
    lowest = sorted({v + 0.0 for v in lowest}, reverse=True)
    pyr = cv.pyramid(values, tiers={f"t{j}": v for j, v in enumerate(lowest)} | {"rest": None}, by="score")
    assert pyr.tier.tolist() == twin.tiers_of_thresholds(values, [*lowest, -np.inf])
    assert pyr.table()["cutoff"].tolist() == [*lowest, -np.inf]


@pytest.mark.parametrize("make", [
    lambda rng, n: rng.lognormal(5, 1.5, n), lambda rng, n: 1e6 + rng.random(n),              # one bucket only
    lambda rng, n: rng.integers(0, 100, n).astype(float), lambda rng, n: np.full(n, 7.0),
    lambda rng, n: -rng.lognormal(0, 3, n), lambda rng, n: np.repeat(2.0 ** -np.arange(50), n // 50)])
def test_order_statistics_of_many_values(make):
    values = make(np.random.default_rng(3), 20_000)
    ranks = np.unique(np.random.default_rng(4).integers(0, len(values) + 1, 40))
    falling = np.r_[np.inf, np.sort(values)[::-1]]
    cut, quota, equal = _core.pyramid_select(values, ranks)
    assert (cut == falling[ranks]).all()
    above = np.array([(values > c).sum() for c in cut])
    assert (above + quota == ranks).all()
    assert (equal == [(values == c).sum() for c in cut]).all()


def test_sums_do_not_lose_digits_over_many_blocks():
    values = np.random.default_rng(5).lognormal(5, 2, 300_001)
    exact = sum(map(Fraction, values.tolist()))
    assert_allclose(cv.pyramid(values, tiers={"all": 1.0}).table()["sum"][0], float(exact), rtol=1e-14)


def test_sizes_are_exact_by_largest_remainder():
    # 2,357 CDNOW customers in 1/4/15/80 %: 23.57, 94.28, 353.55, 1885.6
    assert _tiers.sizes(NAMES, "share", 2357).tolist() == [24, 94, 353, 1886]
    assert _tiers.sizes({"a": .29, "b": .71}, "share", 100).tolist() == [29, 71]       # .29 * 100 is below 29
    assert cv.pyramid([3.0, 1, 2], tiers=NAMES).table()["customers"].tolist() == [0, 0, 1, 2]
    assert cv.pyramid([3.0], tiers=NAMES).tier.tolist() == [3]


def test_no_customers():
    pyr = cv.pyramid(np.array([]), tiers=NAMES)
    assert pyr.tier.tolist() == [] and pyr.table()["customers"].tolist() == [0, 0, 0, 0]
    assert np.isnan(pyr.table()["share"]).all() and "0 customers" in repr(pyr)


def test_zero_and_minus_zero_are_equal():
    halves = {"up": .5, "down": .5}
    assert cv.pyramid([-0.0, 0.0, -0.0, 0.0], tiers=halves, ties="row").tier.tolist() == [0, 0, 1, 1]
    assert cv.pyramid([-0.0, 0.0, -0.0, 0.0], tiers=halves).tier.tolist() == [0] * 4
    assert cv.pyramid([-0.0, 0.0], tiers={"up": 0.0, "down": None}, by="score").tier.tolist() == [0, 0]


def test_high_value_potential_and_ordinary():
    # high = top share by value; potential = of the rest, growth at least g; else ordinary
    values, growth = [50.0, 9, 8, 7, 6, 5, 4, 3, 2, 1], [-.9, .1, .5, .09, -.2, 2, .1, 0, .0999, np.inf]
    tiers = {"高价值": .20, "潜力": .10, "普通": None}
    with pytest.raises(cv.DataError, match=r"growth: 1 of 10 values \(row 9\) are infinite"):
        cv.pyramid(values, tiers=tiers, by="growth", growth=growth)
    growth[9] = .3
    pyr = cv.pyramid(values, tiers=tiers, by="growth", growth=growth)
    assert pyr.tier.tolist() == [0, 0, 1, 2, 2, 1, 1, 2, 2, 1]
    table = pyr.table()
    assert table["customers"].tolist() == [2, 4, 4] and table["sum"].tolist() == [59, 18, 18]
    assert table["median"].tolist() == [29.5, 4.5, 4.5] and table["max"].tolist() == [50, 8, 7]
    assert table["min"].tolist() == [9, 1, 2]


def test_missing_growth_is_refused_or_unassigned():
    tiers, growth = {"high": .5, "potential": 0.0, "ordinary": None}, [np.nan, np.nan, 1.0, -1.0]
    with pytest.raises(cv.DataError, match=r"growth: 1 of 4 values \(row 1\) are NaN"):
        cv.pyramid([9.0, 1, 8, 2], tiers=tiers, by="growth", growth=growth, missing="raise")
    apart = cv.pyramid([9.0, 1, 8, 2], tiers=tiers, by="growth", growth=growth)
    assert apart.tier.tolist() == [0, -1, 0, 2] and apart.apart == 1
    assert cv.pyramid([9.0, np.nan], tiers=tiers, by="growth", growth=[1, 1], missing="apart").tier.tolist() == [0, -1]


def test_composition_is_signed():
    # contribution, share of the total, share of the sum of absolute contributions
    parts = cv.pyramid([2, 1], tiers={"up": .5, "down": .5},
                       composition={"profit": [3.0, 1.0], "debt": [-1.0, -2.0]}).composition()
    assert parts["sum"].tolist() == [3, -1, 1, -2]
    assert parts["share"].tolist()[:2] == [1.5, -0.5] and np.isnan(parts["share"][2:]).all()
    assert_allclose(parts["share_of_abs"], [.75, -.25, 1 / 3, -2 / 3], rtol=1e-15)


def test_result_is_of_the_callers_kind():
    scores = pd.Series([5.0, 1, 3], index=["x", "y", "z"])
    pyr = cv.pyramid(scores, tiers={"高价值": 1, "普通": None}, by="count")
    assert pyr.labels.to_dict() == {"x": "高价值", "y": "普通", "z": "普通"}
    assert isinstance(pyr.table(), pd.DataFrame)
    assert isinstance(cv.pyramid(pl.Series(scores), tiers=NAMES).table(), pl.DataFrame)
    assert isinstance(cv.pyramid(pl.Series(scores), tiers=NAMES).labels, pl.Series)
    assert isinstance(cv.pyramid(scores.to_numpy(), tiers=NAMES).labels, np.ndarray)


def test_text_stands_in_columns_and_html_is_escaped():
    pyr = cv.pyramid([5.0, 1, np.nan], tiers={"铂金": .5, "<b>": .5}, missing="apart")
    assert repr(pyr).splitlines() == [
        "Pyramid of 2 customers by share; 1 without a value, unassigned",
        "tier  customers  share   sum  share of sum  cumulative  mean  median  cut-off",
        "----  ---------  -----  ----  ------------  ----------  ----  ------  -------",
        "铂金          1  50.0%  5.00         83.3%       83.3%  5.00    5.00     5.00",
        "<b>           1  50.0%  1.00         16.7%      100.0%  1.00    1.00     1.00"]
    assert ">&lt;b&gt;</td>" in pyr._repr_html_() and "<b>" not in pyr._repr_html_()
    assert pyr.labels.tolist() == ["铂金", "<b>", None]


@pytest.mark.parametrize("values, settings, kind, text", [
    ([1.0, 2], {"tiers": {"a": .5, "b": .6}}, cv.ConfigError, "shares sum to 1.1, expected 1\n  a 0.5 \\+ b 0.6"),
    ([1.0, 2], {"tiers": {"a": 20, "b": 80}}, cv.ConfigError, r"expected 1\n.*\n  as shares: \{'a': 0.2, 'b': 0.8\}$"),
    ([1.0, 2], {"tiers": {"a": 80, "b": 100}, "by": "value"}, cv.ConfigError, r"as shares: \{'a': 0.8, 'b': 1.0\}$"),
    ([1.0, 2], {"tiers": {"a": 1.5, "b": -.5}}, cv.ConfigError, "shares sum to 1, expected 1"),
    ([1.0, 2], {"tiers": {"a": "half"}}, cv.ConfigError, "'a' = 'half' is not a share from 0 to 1"),
    ([1.0, 2], {"tiers": {}}, cv.ConfigError, "expected a dict of 1 to 127 names"),
    ([1.0, 2], {"tiers": {"a": 1}, "by": "rank"}, cv.ConfigError, "by='rank' is not known: one of 'share', 'count'"),
    ([1.0, 2], {"tiers": {"a": 1}, "ties": "up"}, cv.ConfigError, "ties='up'"),
    ([1.0, 2], {"tiers": {"a": 1}, "missing": "drop"}, cv.ConfigError, "missing='drop'"),
    ([1.0, 2], {"tiers": {"a": 1, "b": 2}, "by": "count"}, cv.ConfigError, "counts sum to 3 for 2 customers"),
    ([1.0, 2], {"tiers": {"a": .5, "b": None}, "by": "count"}, cv.ConfigError, "whole numbers of customers"),
    ([1.0, 2], {"tiers": {"a": 1, "b": 2}, "by": "score"}, cv.ConfigError, "scores must fall"),
    ([1.0, 2], {"tiers": {"a": 5, "b": 1.5}, "by": "score"}, cv.DataError, r"1 of 2 values \(row 0\) are below the"),
    ([1.0, 2], {"tiers": {"a": .8, "b": .15, "c": .05}, "by": "value"}, cv.ConfigError, "'b': 0.95"),
    ([1.0, 2], {"tiers": {"a": .2, "b": .1}, "by": "growth", "growth": [1, 1]}, cv.ConfigError, "takes three"),
    ([1.0, 2], {"tiers": {"a": .2, "b": .1, "c": None}, "by": "growth"}, cv.ConfigError, "go together"),
    ([1.0, 2], {"tiers": {"a": .2, "b": .8}, "growth": [1, 1]}, cv.ConfigError, "go together"),
    ([1.0, 2], {"tiers": {"a": 2, "b": .1, "c": None}, "by": "growth", "growth": [1, 1]}, cv.ConfigError, "'a' = 2 is"),
    ([1.0, -1], {"tiers": {"a": .8, "b": 1}, "by": "value"}, cv.DataError, "no positive, finite total"),
    ([1.0, np.nan], {"tiers": {"a": 1}, "missing": "raise"}, cv.DataError,
     r"1 of 2 values \(row 1\) are NaN\n.*missing=\"apart\""),
    ([np.inf, -np.inf], {"tiers": {"a": 1}}, cv.DataError, r"2 of 2 values \(rows 0, 1\) are infinite"),
    (["a", "b"], {"tiers": {"a": 1}}, cv.DataError, "expected a column of numbers"),
    ([1.0, 2], {"tiers": {"a": 1}, "tie_break": [1.0]}, cv.DataError, "tie_break: 1 rows for 2 values"),
    ([1.0, 2], {"tiers": {"a": 1}, "tie_break": [1.0, np.nan]}, cv.DataError, "tie_break: 1 of 2"),
    ([1.0, 2], {"tiers": {"a": 1}, "composition": {"x": [1.0]}}, cv.DataError, "composition: 1 rows for 2 values"),
])
def test_errors_say_what_to_do(values, settings, kind, text):
    with pytest.raises(kind, match=text):
        cv.pyramid(values, **settings)


def test_columns_with_another_index_are_refused():
    scores = pd.Series([5.0, 1])
    with pytest.raises(cv.DataError, match="another index"):
        cv.pyramid(scores, tiers={"a": 1}, tie_break=pd.Series([1.0, 2], index=[1, 2]))
    with pytest.raises(cv.DataError, match="another index"):
        cv.pyramid(scores, tiers={"a": 1}, composition=pd.DataFrame({"x": [1.0, 2]}, index=[1, 2]))


@pytest.mark.parametrize("call", [
    lambda: _core.pyramid_select(np.array([1.0, np.nan]), np.array([2])), lambda: _core.pyramid_select([1.0], [1]),
    lambda: _core.pyramid_select(np.ones(3), np.array([2, 1])),
    lambda: _core.pyramid_select(np.ones(3), np.array([-1])),
    lambda: _core.pyramid_reach(np.ones(3), np.array([0.0])),
    lambda: _core.pyramid_reach(np.ones(3), np.array([.8, .5])),
    lambda: _core.pyramid_reach(np.array([np.inf]), np.array([.5])),
    lambda: _core.pyramid_label(np.ones(3), np.ones(1), np.array([2]), np.array([1]), None),
    lambda: _core.pyramid_label(np.ones(3), np.ones(1), np.array([1]), None, None),
    lambda: _core.pyramid_label(np.ones(3), np.ones(127), None, None, None),
    lambda: _core.pyramid_totals(np.ones(3), np.zeros(2, np.int8), 1),
    lambda: _core.pyramid_totals(np.ones(3), np.zeros(3), 1),
    lambda: _core.pyramid_totals(np.ones(3), np.zeros(3, np.int8), 128)])
def test_the_core_refuses_too_many_tiers_and_bad_arrays(call):
    with pytest.raises((ValueError, TypeError)):
        call()


def test_a_quota_above_the_number_of_ties_stays_in_memory():
    tier = _core.pyramid_label(np.ones(3), np.ones(1), np.array([1]), np.array([2]), np.arange(3.0))
    assert tier.dtype == np.int8 and len(tier) == 3


@pytest.mark.parametrize("n", [10_000, 100_000, 1_000_000])
def test_shares_of_many_equal_decimals_are_exact(n):
    pyr = cv.pyramid(np.full(n, .1), tiers={"top": .2, "mid": .8, "rest": 1}, by="value", ties="row").table()
    assert pyr["customers"].tolist() == [n // 5, n * 3 // 5, n // 5]
    assert pyr["sum"].tolist() == [n / 50, n * 3 / 50, n / 50]


def test_equal_values_stay_together_and_the_table_counts_them():
    # 49 customers of score 86 straddle the cut below the top 40
    scores = pd.Series([99.0] * 10 + [86] * 49 + [50] * 41)
    tiers = {"gold": .40, "iron": .30, "lead": .30}
    pyr = cv.pyramid(scores, tiers=tiers)
    assert pyr.labels[scores == 86].eq("gold").all() and pyr.table()["customers"].tolist() == [59, 41, 0]
    assert pyr.table()["tied"].tolist() == [49, 41, 0] and "tied" in repr(pyr)
    row = cv.pyramid(scores, tiers=tiers, ties="row")
    assert row.table()["customers"].tolist() == [40, 30, 30] and row.table()["tied"].tolist() == [49, 41, 0]
    none = cv.pyramid(scores, tiers={"gold": .10, "iron": .49, "lead": .41})
    assert none.table()["tied"].tolist() == [0, 0, 0] and "tied" not in repr(none)
    exact = cv.pyramid([2.0, 1, 1, 0], tiers={"a": .5, "b": .5}, tie_break=[0, 1, 2, 0])     # a tie break divides
    assert exact.tier.tolist() == [0, 1, 0, 1]
    inner = cv.pyramid([9.0, 5, 5, 5, 1, 1], tiers={"a": .5, "b": .5}, within={"a": {"a1": .5, "a2": .5}}).table()
    assert inner["customers"].tolist() == [4, 0, 2] and inner["tied"].tolist() == [3, 3, 0]


def test_a_base_or_a_scored_frame_is_ranked_without_a_column():
    log = pd.DataFrame({"id": list("aabbcr"), "day": pd.date_range("2024-01-01", periods=6),
                        "paid": [100.0, 150, 100, 90, 75, -20], "cost": [90.0, 140, 10, 10, 5, 0]})
    base = cv.CustomerBase(log, customer="id", time="day", amount="paid")
    assert cv.pyramid(base, tiers={"up": .25, "down": .75}).customers().to_dict("list") == {
        "customer": ["a", "b", "c", "r"], "amount": [250.0, 190, 75, -20], "tier": ["up", "down", "down", "down"]}
    with_cost = cv.CustomerBase(log, customer="id", time="day", amount="paid", cost="cost")
    assert cv.pyramid(with_cost).customers().columns[1] == "margin" and cv.pyramid(with_cost).names == (
        "platinum", "gold", "iron", "lead")
    recent = cv.pyramid(base, value="recency", tiers={"up": .5, "down": .5})
    assert recent.apart == 1 and recent.labels.isna().tolist() == [False, False, False, True]     # refunds only
    for frame in (pd.DataFrame({"customer": [7, 8], "score": [1.0, 2]}), pl.DataFrame({"customer": [7, 8],
                                                                                    "score": [1.0, 2]})):
        scored = cv.pyramid(frame, tiers={"up": .5, "down": .5}).customers()
        assert type(scored) is type(frame) and list(scored["tier"]) == ["down", "up"]
    assert cv.abc(base).customers()["tier"].tolist() == ["A", "A", "B", "C"]
    with pytest.raises(cv.ConfigError, match="none is called 'score'; name the column to rank by: value='amount'"):
        cv.pyramid(base.attributes())
    with pytest.raises(cv.DataError, match="did you mean 'amount'"):
        cv.pyramid(base, value="amounts")
    with pytest.raises(cv.ConfigError, match="pass the frame, or no value="):
        cv.pyramid([1.0, 2], value="amount")


def test_decimals_are_ranked_and_cut_as_they_are_written():
    D = decimal.Decimal
    values = pd.Series([D("3.1"), D("2"), None, D("1000"), D("999.99999999999999999999")])
    pyr = cv.pyramid(values, tiers={"big": 1000, "small": None}, by="score")
    assert pyr.tier.tolist() == [1, 1, -1, 0, 1] and pyr.apart == 1


def test_parts_of_unassigned_customers_do_not_count_and_negative_values_are_said():
    pyr = cv.pyramid([3.0, np.nan, 1], tiers={"up": .5, "down": .5}, composition={"a": [3.0, np.nan, 1]})
    assert pyr.composition()["sum"].tolist() == [3, 1]
    with pytest.raises(cv.DataError, match="composition 'a': 1 of 3"):
        cv.pyramid([3.0, np.nan, 1], tiers={"up": .5, "down": .5}, composition={"a": [3.0, 1, np.nan]})
    assert "negative values below make cumulative shares pass 100%" in repr(cv.abc([60.0, 60, -30]))
    assert "negative" not in repr(cv.abc([90.0, 30, 3]))
