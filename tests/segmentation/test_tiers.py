"""Sub-tiers, ABC classes, the spread within tiers, and actions with a budget."""
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import pyramid_twin as twin

import custval as cv
from custval.segmentation import tiers as _tiers

VALUES = st.lists(st.integers(0, 30).map(float), min_size=1, max_size=60).map(np.array)
TIERS = {"铂金": .1, "gold": .4, "lead": .5}


@settings(max_examples=80, deadline=None)
@given(VALUES, st.sampled_from(["row", "together"]), st.integers(1, 9))
def test_sub_tiers_keep_the_tier_and_add_up_to_it(values, ties, part):
    inner = {"gold": {"gold 1": part / 10, "gold 2": 1 - part / 10}, "lead": {"a": .5, "b": .5}}
    pyr = cv.pyramid(values, tiers=TIERS, within=inner, ties=ties, composition={"v": values})
    whole = cv.pyramid(values, tiers=TIERS, ties=ties)
    assert pyr.names == ("铂金", "gold 1", "gold 2", "a", "b") and pyr.whole.tier.tolist() == whole.tier.tolist()
    assert np.array([0, 1, 1, 2, 2])[pyr.tier].tolist() == whole.tier.tolist()
    for j, name in ((1, "gold"), (2, "lead")):
        mine = values[whole.tier == j]
        sizes = _tiers.sizes(inner[name], "share", len(mine))
        by_hand = twin.tiers_of_sizes(mine, sizes, np.zeros(len(mine)), ties == "together")
        assert pyr.tier[whole.tier == j].tolist() == [t + 2 * j - 1 for t in by_hand]
    table, over = pyr.table(), whole.table()
    assert table["within"].tolist() == ["铂金", "gold", "gold", "lead", "lead"]
    assert np.add.reduceat(table["customers"], [0, 1, 3]).tolist() == over["customers"].tolist()
    assert np.add.reduceat(table["sum"], [0, 1, 3]).tolist() == over["sum"].tolist()
    assert table["sum"].tolist() == pyr.composition()["sum"].tolist()


@pytest.mark.parametrize("by, tiers, inner, tier", [
    ("count", {"a": 3, "b": None}, {"a1": 1, "a2": None}, [0, 1, 1, 2, 2]),
    ("score", {"a": 3, "b": None}, {"a1": 5, "a2": 3}, [0, 1, 1, 2, 2]),
    ("value", {"a": .8, "b": None}, {"a1": .4, "a2": None}, [0, 1, 1, 2, 2])])
def test_sub_tiers_are_cut_as_the_tiers_are(by, tiers, inner, tier):
    pyr = cv.pyramid([5.0, 4, 3, 2, 1], tiers=tiers, by=by, within={"a": inner})
    assert pyr.tier.tolist() == tier and "within" in repr(pyr)


def test_sub_tiers_by_growth_are_shares_and_overlap():
    pyr = cv.pyramid([9.0, 8, 7, 6, 5], tiers={"h": .2, "p": .1, "o": None}, by="growth", growth=[0, .5, 0, 1, 0],
                     within={"p": {"p1": .5, "p2": .5}})
    assert pyr.tier.tolist() == [0, 1, 3, 2, 3] and pyr.table()["max"].tolist() == [9, 8, 6, 7]
    empty = cv.pyramid([1.0], tiers={"a": 1, "b": None}, by="count", within={"b": {"b1": None}})
    assert empty.table()["customers"].tolist() == [1, 0]


@pytest.mark.parametrize("within, text", [
    ({"golt": {"x": 1}}, "within: tier 'golt' is not known\n  did you mean 'gold'"),
    ({"gold": {"lead": 1}}, "tiers with different names, got '铂金', 'lead', 'lead'"),
    ({"gold": {"x": .5}}, "shares sum to 0.5"), ({"gold": {}}, "expected a dict of 1 to 127 names")])
def test_errors_of_sub_tiers(within, text):
    with pytest.raises(cv.ConfigError, match=text):
        cv.pyramid(np.arange(10.0), tiers=TIERS, within=within)


@settings(max_examples=80, deadline=None)
@given(VALUES.filter(lambda v: v.sum() > 0), st.lists(st.integers(1, 20), min_size=1, max_size=4, unique=True))
def test_the_customer_who_crosses_a_cut_is_in_the_better_class(values, twentieths):
    cuts = [k / 20 for k in sorted(twentieths)]
    falling = sorted(map(Fraction, values), reverse=True)
    below = np.array([sum(falling[:k]) for k in range(len(falling))]) / sum(falling)    # share before each customer
    by_value = cv.abc(values, cuts=cuts, ties="row").tier[np.argsort(-values, kind="stable")] if cuts[-1] < 1 else None
    if by_value is not None:
        assert by_value.tolist() == [sum(b >= Fraction(c).limit_denominator(100) for c in cuts) for b in below]
    customers = cv.abc(values, rule="share", cuts=cuts, ties="row").table()["customers"]
    upto = [ceil(Fraction(c).limit_denominator(100) * len(values)) for c in cuts]
    assert np.cumsum(customers).tolist() == [*upto, len(values)]


def test_classical_numbers_of_abc():
    # SAP's rule by value: from 80,000 A, from 20,000 B, else C; the usual rule: .80 and .95 of the value
    amount = pd.Series([80_000.0, 79_999, 20_000, 19_999])
    assert cv.abc(amount, rule="score", cuts=[80_000, 20_000]).labels.tolist() == ["A", "B", "B", "C"]
    assert cv.abc([80, 15, 5], names=["甲", "乙", "丙"]).labels.tolist() == ["甲", "乙", "丙"]
    assert cv.abc([4.0, 3, 2, 1], rule="count", cuts=[1, 9]).table()["customers"].tolist() == [1, 3, 0]
    assert repr(cv.abc([3, 1])).startswith("ABC of 2 customers by value, cut at 0.8, 0.95\n")
    assert cv.abc([3, np.nan], missing="apart").apart == 1


@pytest.mark.parametrize("settings, text", [
    ({"rule": "size"}, "rule='size' is not known"),
    ({"cuts": [.95, .8]}, r"^cuts=\[0.95, 0.8\]: expected cumulative shares of the value that rise between 0 and 1$"),
    ({"cuts": (80, 95)}, r"^cuts=\[80, 95\].*\n  as shares: \[0.8, 0.95\]$"), ({"cuts": (True, 1)}, "^cuts: 'A' = "),
    ({"rule": "share", "cuts": [20, 100]}, r"\n  as shares: \[0.2, 1.0\]$"), ({"cuts": [.8, 1]}, "between 0 and 1$"),
    ({"rule": "share", "cuts": [.5, .2]}, "of the customers that rise"), ({"rule": "share", "cuts": [-1]}, "^cuts="),
    ({"rule": "count", "cuts": [1.5]}, "numbers of customers"), ({"rule": "count", "cuts": ["a"]}, "is not a cut"),
    ({"names": ["A", "B"]}, "expected 3 different"), ({"names": ["A", "A", "B"]}, "expected 3 different"),
    ({"rule": "score", "cuts": [1, 2]}, "^cuts.*that fall$"), ({"cuts": range(27)}, "expected 28 different")])
def test_errors_of_abc(settings, text):
    with pytest.raises(cv.ConfigError, match=text):
        cv.abc([3.0, 2, 1], **settings)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_spread_of_each_tier_agrees_with_its_members(values):
    pyr = cv.pyramid(values, tiers=TIERS)
    spread, table = pyr.distribution(values, quantiles=[.25, .5]), pyr.table()
    for name in ("customers", "share", "sum", "share_of_sum", "mean", "min", "max"):
        assert spread[name].tolist() == table[name].tolist() or np.allclose(spread[name], table[name], equal_nan=True)
    assert_allclose(spread["q50"], table["median"], rtol=1e-15)
    for j in range(3):
        mine = values[pyr.tier == j]
        if mine.sum() > 0:
            assert_allclose(spread["gini"][j], float(twin.gini(mine)), rtol=1e-12, atol=1e-15)
            assert_allclose(spread["top_20"][j], float(twin.share_of_top(mine, Fraction(.2))), rtol=1e-12)
            assert_allclose(spread["q25"][j], np.quantile(mine, .25), rtol=1e-15)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.lists(st.integers(0, 30).map(float), min_size=1, max_size=5, unique=True).map(sorted))
def test_histogram_counts_each_customer_once(values, edges):
    pyr = cv.pyramid(values, tiers=TIERS)
    table = pyr.histogram(values, edges)
    ends = [-np.inf, *edges, np.inf]
    by_hand = np.concatenate([np.histogram(values[pyr.tier == j], ends)[0] for j in range(3)])
    assert table["customers"].tolist() == by_hand.tolist() and table["to"][:len(edges)].tolist() == edges
    with pytest.raises(cv.ConfigError, match="rising"):
        pyr.histogram(values, [2, 2])


def test_spread_of_other_values():
    pyr = cv.pyramid(pd.Series([3.0, 2, np.nan, 1]), tiers={"up": .5, "down": .5}, missing="apart")
    spread = pyr.distribution(pd.Series([5, 7, 1000, 1]))
    assert isinstance(spread, pd.DataFrame) and spread["sum"].tolist() == [12, 1] and np.isfinite(spread["q90"]).all()
    assert pyr.distribution([5.0, np.nan, np.nan, 1], missing="apart")["customers"].tolist() == [1, 1]
    with pytest.raises(cv.DataError, match="1 of 3 values"):
        pyr.distribution([5.0, np.nan, np.nan, 1], missing="raise")
    with pytest.raises(cv.DataError, match="another index"):
        pyr.distribution(pd.Series([5.0, 7, 8, 1], index=list("abcd")))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=3, max_size=3).filter(any), st.integers(0, 10**9), st.integers(0, 500))
def test_a_budget_is_divided_to_the_cent_within_the_limits(parts, cents, limit):
    plan = {name: {"action": name, "share": part / sum(parts), "limit": limit}
            for name, part in zip(TIERS, parts, strict=True)}
    pyr = cv.pyramid(np.arange(11.0), tiers=TIERS)
    do = pyr.actions(plan, budget=cents / 100)
    assert sum(round(100 * money) for money in do["budget"]) == cents
    assert_allclose(do["budget_share"].sum(), 1, rtol=1e-12)
    assert (do["per_customer"] <= limit).all() and (do["left"] >= 0).all()
    assert_allclose(do["per_customer"] * do["customers"] + do["left"], do["budget"], rtol=1e-12)


@pytest.mark.parametrize("plan, budget, text", [
    ({"up": .5}, 1, "expected a table"), ({"up": {"action": "x", "share": 1}}, 1, "'down' has none"),
    ({"upp": {}}, 1, "did you mean 'up'"), ({"up": {"action": "x"}, "down": {}}, 1, "'share' is missing"),
    ({n: {"action": "x", "share": .6} for n in ("up", "down")}, 1, "shares sum to 1.2"),
    ({n: {"action": "x", "share": .5, "limit": -1} for n in ("up", "down")}, 1, "limit = -1 is no cost"),
    ({n: {"action": "x", "share": .5} for n in ("up", "down")}, -1, "budget=-1"),
    ({n: {"action": "x", "share": .5} for n in ("up", "down")}, float("nan"), "budget=nan")])
def test_errors_of_actions(plan, budget, text):
    with pytest.raises(cv.ConfigError, match=text):
        cv.pyramid([2.0, 1], tiers={"up": .5, "down": .5}).actions(plan, budget=budget)
