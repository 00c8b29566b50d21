"""Scorecards: worked examples, the slow twin in fractions, missing values, errors, explanations."""
import math
from fractions import Fraction

import numpy as np
import pytest
from reference import scorecard_twin as twin

import custval as cv
from custval import ConfigError, DataError, DataWarning, Indicator, Scorecard
from custval.scorecard.rules import Grades, Linear, Piecewise, Steps, Table


def card_of(rule, column="value", **options):
    return Scorecard("one", [Indicator("all", weight=1, measures={column: rule})], **options)


def points(rule, **columns):
    return card_of(rule, next(iter(columns))).score(columns)["score"].tolist()


# ---- worked examples ----

def test_points_in_proportion():
    """At a point per 100,000: 1,000,000 is 10 points, 500,000 is 5."""
    assert points(Linear(per=100_000), amount=[1_000_000, 500_000, 2_000_000, 750_000, -100_000]) == [
        10, 5, 20, 7.5, -1]


def test_suggestions_by_level():
    """A high suggestion is 10 points, a general one 2: five high ones are 50."""
    graded = Grades({"high": 10, "general": 2, "none": 0}, times="count")
    assert points(graded, level=["high", "general", "none"], count=[5, 1, 3]) == [50, 2, 0]
    card = card_of(Grades({"high": 10, "general": 2}, counts=True), "suggestions")
    assert card.score({"suggestions_high": [5, 0, 0], "suggestions_general": [0, 1, 0]})["score"].tolist() == [50, 2, 0]


def hundred(name, weight):
    return Indicator(name, weight=weight, measures={f"{name}_given": Linear(per=1, cap=100, floor=0)})


def test_direct_scores_of_90_90_and_60_at_40_40_and_20_percent_are_84():
    card = Scorecard("direct", [hundred("A", .4), hundred("B", .4), hundred("C", .2)])
    assert card.score({"A_given": [90], "B_given": [90], "C_given": [60]})["score"][0] == 84.0


def test_the_interval_of_5_to_10_million_gives_30():
    rule = Steps([(0, 0), (1_000_000, 10), (5_000_000, 30), (10_000_000, 100 / 3)])
    below = math.nextafter(10_000_000, 0)
    assert points(rule, sales=[5_000_000, below, math.nextafter(5_000_000, 0), 10_000_000, -1]) == [
        30, 30, 10, 100 / 3, 0]


def worked_example(**options):
    return Scorecard("Example", [
        Indicator("profitability", weight=.4, measures={
            "sales": Steps([(None, 0), (5_000_000, 30), (10_000_000, 100 / 3)]),
            "planned": Piecewise([(0, 0), (8_000_000, 100 / 3)]), "growth": Piecewise([(0, 0), (1, "70/3")])}),
        Indicator("strength", weight=.4, measures={"s": Linear(per=1)}),
        Indicator("cooperation", weight=.2, measures={"c": Linear(per=1)})], **options)


EXAMPLE = {"customer": ["A-017"], "sales": [7e6], "planned": [9e6], "growth": [1.0], "s": [80], "c": [60]}


@pytest.mark.parametrize("round_at, indicator, score", [
    ("measure", 86.66, 78.66), ("indicator", 86.67, 78.67), ("total", 260 / 3, 78.67)])
def test_rounding_at_measures_gives_78_66_and_exact_thirds_78_67(round_at, indicator, score):
    scored = worked_example(digits=2, round_at=round_at).score(EXAMPLE)
    assert scored["profitability"][0] == indicator
    assert scored["score"][0] == score


def test_unrounded_thirds_are_exact():
    assert worked_example().score(EXAMPLE)["score"][0] == float(Fraction(236, 3)) == 78.66666666666667


def test_builtin_b2b_gives_at_most_100_thirds_for_a_measure():
    card = Scorecard.builtin("b2b")
    assert [float(i.weight) for i in card.indicators] == [.4, .4, .2]
    for indicator in card.indicators:
        best = [max(p for _, p in r.steps) if isinstance(r, Steps) else max(r.points.values())
                for r in indicator.measures.values()]
        assert sum(best) == 100
        assert set(best) == {Fraction(100, len(best))}


# ---- steps and ranks ----

EDGES = (0, 1, 3, 4, 8, 31, 32, 33, 200)

@pytest.mark.parametrize("edges", EDGES)
def test_steps_of_any_number_on_columns_longer_than_a_tile(edges):
    rng = np.random.default_rng(edges)
    at = np.sort(rng.choice(10_000, edges, replace=False)) / 4
    worth = rng.integers(-500, 500, edges + 1) / 4
    values = rng.integers(-10, 10_100, 2500) / 4
    values[[0, 1024, 2499]] = np.inf, -np.inf, np.nan
    rule = Steps([(None, worth[0]), *zip(at.tolist(), worth[1:].tolist(), strict=True)], missing="zero")
    got = card_of(rule).score({"value": values})
    want = np.where(np.isnan(values), 0, worth[np.searchsorted(at, values, side="right")])
    assert got["value_points"].tolist() == want.tolist()
    assert got["score"].tolist() == want.tolist()


def test_steps_of_any_number_without_wide_instructions(fresh):
    fresh("""
from custval import _core
from test_scorecard import EDGES, test_steps_of_any_number_on_columns_longer_than_a_tile as steps
assert _core.SIMD == "base"
for edges in EDGES:
    steps(edges)
""", CUSTVAL_SIMD="base")


@pytest.mark.parametrize("ties", ["min", "dense", "average"])
@pytest.mark.parametrize("values", [[], [3], [2, 2, 2], [1, -5, 3, 3, 0, -0.0, -5, 1e300, -1e300, 5e-324]])
def test_ranks(values, ties):
    got = cv._core.rank(np.array(values, float), ["min", "dense", "average"].index(ties))
    assert got.tolist() == twin.ranks(values, ties)


def test_ranks_of_many_equal_scores():
    values = np.random.default_rng(7).integers(0, 50, 2000) / 3
    for code, ties in enumerate(["min", "dense", "average"]):
        assert cv._core.rank(values, code).tolist() == twin.ranks(values.tolist(), ties)


def test_ties_min_ranks_1_2_2_4():
    scored = card_of(Linear(per=1)).score({"value": [9, 5, 5, 1]})
    assert scored["rank"].tolist() == [1, 2, 2, 4]
    assert scored["rank"].dtype == np.int64


# ---- missing values ----

def pair(a, b, **options):
    return Scorecard("pair", [Indicator("i", weight=.6, measures={"a": a, "b": b}),
                              Indicator("j", weight=.4, measures={"c": Linear(per=1, floor=-9)})], **options)


@pytest.mark.parametrize("policy, indicator, score", [
    ("zero", 10, .6 * 10 + .4 * 5), ("lowest", 10 - 3, .6 * 7 + .4 * 5), ("renormalise", 14, .6 * 14 + .4 * 5)])
@pytest.mark.parametrize("where", ["rule", "card"])
def test_missing_policies(policy, indicator, score, where):
    rule = Steps([(None, -3), (0, 4)], missing=policy if where == "rule" else None)
    card = pair(rule, Steps([(0, 10)]), missing=policy if where == "card" else "raise")
    scored = card.score({"a": [math.nan], "b": [1], "c": [5]})
    assert scored["i"][0] == indicator
    assert scored["score"][0] == pytest.approx(score, rel=1e-15)
    assert math.isnan(scored["a_points"][0]) == (policy == "renormalise")


def test_an_indicator_without_a_known_measure_leaves_its_weight_to_the_others():
    card = pair(Linear(per=1), Linear(per=1), missing="renormalise")
    scored = card.score({"a": [math.nan], "b": [math.nan], "c": [5]})
    assert math.isnan(scored["i"][0]) and scored["score"][0] == 5
    with pytest.warns(DataWarning, match=r"1 of 2 customers has no score: none of their measures is known\n  row 1"):
        scored = card.score({"customer": [8, 9], "a": [1, math.nan], "b": [1, math.nan], "c": [5, math.nan]})
    assert math.isnan(scored["score"][1]) and math.isnan(scored["rank"][1]) and scored["rank"][0] == 1


@pytest.mark.parametrize("rule", [Steps([(0, 1), (5, 2)]), Linear(per=1)])
def test_a_customer_without_a_value_has_no_score_and_is_counted(rule):
    card = Scorecard("firms", [Indicator("i", weight=.5, measures={"a": rule, "b": Steps([(0, 3)])}),
                               Indicator("j", weight=.5, measures={"c": Steps([(0, 7)])})],
                     tiers=[("top", 3), ("rest", None)])
    table = {"customer": list("xyz"), "a": [1.0, math.nan, 6.0], "b": [0.0, 0, 0], "c": [1.0, 1, 1]}
    with pytest.warns(DataWarning) as found:
        scored = card.score(table)
    assert len(found) == 1 and str(found[0].message).startswith(
        "firms: 1 of 3 customers has no score: 'a' is missing (1)\n  row 1   customer y\n  To score them, correct")
    assert np.isnan(scored["score"]).tolist() == [False, True, False] == np.isnan(scored["i"]).tolist()
    assert scored["b_points"].tolist() == [3, 3, 3] and scored["j"].tolist() == [7, 7, 7]
    assert scored["tier"].tolist() == ["top", None, "top"] and np.isnan(scored["rank"][1])
    assert cv.pyramid(scored, tiers={"up": .5, "down": .5}).apart == 1
    parts = card.contributions(scored)
    assert np.isnan(parts["j"]).tolist() == [False, True, False]
    why = card.explain(table, customer="y")
    assert math.isnan(why.score) and "missing: no score" in repr(why) and repr(why).endswith("missing")
    with pytest.raises(DataError, match="column 'a': 1 of 3 values are missing"):
        Scorecard("firms", list(card.indicators), missing="raise").score(table)


def test_left_out_measures_are_shared_by_what_the_others_can_give():
    # measures of 60 and 40 points: either of them alone stands for 100
    card = Scorecard("c", [Indicator("i", weight=1, measures={
        "a": Steps([(None, 0), (1, 60)]), "b": Linear(per=1, cap=40)})], missing="renormalise")
    table = {"customer": [1, 2, 3, 4], "a": [1, 1, math.nan, 0], "b": [40.0, math.nan, 40, math.nan]}
    assert card.score(table)["score"].tolist() == [100, 100, 100, 0]
    assert sum(row.weighted for row in card.explain(table, customer=3).rows) == 100
    open_above = Scorecard("c", [Indicator("i", weight=1, measures={"a": Steps([(None, 0), (1, 60)]),
                                                                  "b": Linear(per=1)})], missing="renormalise")
    assert open_above.score(table)["score"].tolist() == [100, 120, 80, 0]         # without a bound: by number


def test_a_missing_value_is_an_error_that_names_rows_and_customers():
    card = pair(Linear(per=1), Grades({"high": 2}, times="n"), missing="raise")
    good = {"customer": list("tuvwxyz"), "a": [1.0] * 7, "b": ["high"] * 7, "n": [1.0] * 7, "c": [1.0] * 7}
    with pytest.raises(DataError) as error:
        card.score(good | {"a": [math.nan if k != 3 else 1.0 for k in range(7)]})
    assert str(error.value) == (
        "column 'a': 6 of 7 values are missing\n"
        "  row 0   customer t\n  row 1   customer u\n  row 2   customer v\n  row 4   customer x\n  row 5   customer y\n"
        '  ...\n  Correct these rows, or give the rule or the card missing="zero", "lowest" or "renormalise".')
    with pytest.raises(DataError, match="column 'b' or 'n': 2 of 7 values are missing\n  row 1   customer u\n  row 6"):
        card.score(good | {"b": ["high", None, *["high"] * 5], "n": [1.0] * 6 + [math.nan]})
    assert "Scorecard" in repr(card)
    assert card.score(good)["score"].tolist() == [2.2] * 7               # .6 * 3 + .4 in floats: 2.1999999999999997


def test_bad_values_are_found_anywhere_in_a_long_column():
    for rule in (Steps([(0, 1), (5, 2)]), Linear(per=1)):
        for row in (0, 1023, 1024, 40_000):
            values = np.ones(40_001)
            values[row] = np.nan
            with pytest.raises(DataError, match=f"1 of 40,001 values are missing\n  row {row:,}\n"):
                card_of(rule, missing="raise").score({"value": values})


# ---- invalid values ----

@pytest.mark.parametrize("values, message", [
    (["a", "b"], "column 'value' holds text or objects, its rule takes numbers; for categories use Table or Grades"),
    (np.array(["2020-01-01", "2021-01-01"], "M8[D]"), "holds dates"), ([1j, 2], "holds complex numbers"),
    ([2**53 + 1, 1], "integers beyond 2\\*\\*53"), (np.array([1, "x"], object), "holds text or objects"),
    ([1.0, math.inf],
     "points pass what can be held\n  row 1\n  value inf\n  Correct the value, or set cap= and floor="),
    ([1.0, -math.inf], "points pass what can be held"), ([1e308, 1.0], "points pass what can be held"),
])
def test_values_without_points_are_refused(values, message):
    with pytest.raises(DataError, match=message):
        card_of(Linear(per="1/1000")).score({"value": values})


def test_an_infinite_value_has_points_where_these_are_limited():
    assert points(Steps([(0, 1), (5, 2)]), value=[math.inf, -math.inf]) == [2, 1]
    assert points(Piecewise([(0, 0), (1, 7)]), value=[math.inf, -math.inf]) == [7, 0]


def test_an_unknown_level_is_an_error_with_the_likely_one():
    with pytest.raises(DataError) as error:
        points(Table({"high": 2, "general": 1}), level=["high", "hihg", "general", "hihg"])
    assert str(error.value) == ("column 'level': 2 of 4 values are no level of its rule\n  row 1   'hihg'\n"
                                "  row 3   'hihg'\n  did you mean 'high'?   levels: high, general")


def test_a_missing_column_is_an_error_with_the_likely_one(tmp_path):
    card = pair(Linear(per=1), Grades({"high": 2}, times="count"))
    with pytest.raises(ConfigError) as error:
        card.score({"a": [1], "b": ["high"], "counts": [1], "c": [2]})
    assert str(error.value) == ("pair: indicator 'i', measure 'b': times 'count' is not in the table\n"
                                "  did you mean 'counts'?   columns: a, b, counts, c")
    card.save(tmp_path / "value.toml")
    with pytest.raises(ConfigError, match=r"^value.toml: indicator 'j', measure 'c': column 'c' is not in"):
        Scorecard.load(tmp_path / "value.toml").score({"a": [1], "b": ["high"], "count": [1]})


def test_scores_are_not_written_over_a_column():
    with pytest.raises(ConfigError, match="has a column 'score' already; drop or rename it"):
        card_of(Linear(per=1)).score({"value": [1], "score": [2]})


def test_a_base_is_scored_and_explained_by_its_attributes():
    base, card = cv.datasets.crm(customers=60).base(), Scorecard.builtin("consumer")
    want = card.score(base.attributes())
    assert card.score(base)["score"].tolist() == want["score"].tolist()
    who = want["customer"][3]
    assert repr(card.explain(base, customer=who)) == repr(card.explain(base.attributes(), customer=who))


def test_a_forecast_that_is_not_joined_is_named_with_the_remedy():
    with pytest.raises(ConfigError, match=r"'sum_12M' is not in the table\n  a forecast comes with "
                       r"base.attributes\(join=cv.forecast\(base, periods=12, unit='M'\)\)"):
        card_of(Linear(per=1), "sum_12M").score({"amount": [1]})


@pytest.mark.parametrize("name", ["value", "b2b", "consumer"])
def test_builtin_cards_score_by_the_documented_lines(name):
    base = cv.datasets.crm().base()
    ahead = cv.forecast(base, periods=12, unit="M", value="amount")
    table = base.attributes(join=ahead) if name == "value" else base.attributes()
    card = Scorecard.builtin(name)
    scored = card.score(table)
    assert np.isfinite(scored["score"]).all() and len(set(scored["score"].tolist())) > 10
    read = {c.name for i in card.indicators for column, rule in i.measures.items() for t in rule._terms(column)
            for c in (t.select,)}
    assert all(column in Scorecard.builtin.__doc__ for column in read)


# ---- contributions ----

def feet(card, table):
    """Return the contributions, checked to add up to the scores."""
    scored = card.score(table)
    parts = card.contributions(scored)
    np.testing.assert_allclose(sum(parts.values()), scored["score"], rtol=1e-14, atol=1e-13)
    return parts


def test_contributions_are_weight_times_points():
    card = Scorecard("direct", [hundred("A", .4), hundred("B", .4), hundred("C", .2)])
    parts = feet(card, {"A_given": [90, 1], "B_given": [90, 2], "C_given": [60, 3]})
    assert {name: part.tolist() for name, part in parts.items()} == {"A": [36, .4], "B": [36, .8], "C": [12, .6]}
    parts = feet(worked_example(digits=2), EXAMPLE)
    assert list(parts) == ["profitability", "strength", "cooperation", "cap and rounding"]
    assert parts["cap and rounding"][0] == pytest.approx(1 / 300)
    parts = feet(Scorecard("sum", [Indicator("a", measures={"x": Linear(per=1)}), Indicator(
        "b", measures={"y": Linear(per=-1)})], combine="sum", cap=4), {"x": [9, 2], "y": [1, 5]})
    assert [part.tolist() for part in parts.values()] == [[9, 2], [-1, -5], [-4, 0]]


def test_contributions_of_left_out_indicators_go_to_the_others():
    card = pair(Linear(per=1), Linear(per=1), missing="renormalise")
    parts = feet(card, {"a": [math.nan, 1], "b": [math.nan, 2], "c": [5, 5]})
    assert [part.tolist() for part in parts.values()] == [[0, 1.8], [5, 2]]


def test_compositions_add_up_to_the_scores_of_the_tiers():
    pd = pytest.importorskip("pandas")
    base = cv.datasets.crm(as_frame=pd.DataFrame).base()
    for name in ("b2b", "consumer"):
        card = Scorecard.builtin(name)
        scored = card.score(base.attributes()).set_index("customer")
        parts = card.contributions(scored)
        assert isinstance(parts, pd.DataFrame) and parts.index.equals(scored.index)
        pyr = cv.pyramid(scored["score"], tiers={"top": .2, "rest": .8}, composition=parts)
        sums = pyr.composition().groupby("tier", sort=False)["sum"].sum()
        np.testing.assert_allclose(sums, pyr.table()["sum"], rtol=1e-12)
    with pytest.raises(ConfigError, match="contributions: a column of the scored table, 'recency_value' is not in"):
        card.contributions(base.attributes())


# ---- frames ----

LEVELS = {"customer": ["a", "b", "c"], "level": ["high", None, "general"], "n": [3, 1, None], "ok": [True, False, True]}
LEVELS_CARD = Scorecard("frames", [Indicator("i", weight=1, measures={
    "level": Table({"high": 10, "general": 2}, missing="zero"), "n": Linear(per=2, missing="zero"),
    "ok": Table({True: 1, False: 0})})], tiers=[("top", 5), ("rest", None)])


def frames():
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    yield LEVELS
    yield pd.DataFrame(LEVELS, index=[7, 5, 3])
    yield pd.DataFrame(LEVELS, index=[7, 5, 3]).astype({"level": "category"})
    yield pd.DataFrame(LEVELS).convert_dtypes()
    yield pl.DataFrame(LEVELS)
    yield pl.DataFrame(LEVELS).with_columns(pl.col("level").cast(pl.Categorical))
    yield pl.DataFrame(LEVELS).lazy()
    yield pa.table(LEVELS)
    yield pa.table(LEVELS | {"level": pa.array(LEVELS["level"]).dictionary_encode()})


def test_the_same_kind_of_frame_comes_back():
    for frame in frames():
        before = repr(frame)
        scored = LEVELS_CARD.score(frame)
        assert type(scored) is type(frame)
        assert repr(frame) == before
        if type(frame).__module__.startswith("pandas"):
            assert scored.index.equals(frame.index)
        if hasattr(scored, "collect"):
            scored = scored.collect()
        names = scored.column_names if hasattr(scored, "column_names") else getattr(scored, "columns", scored)
        assert list(names) == [*LEVELS, *LEVELS_CARD.columns]
        assert np.asarray(scored["score"]).tolist() == [12.5, .5, 3]
        assert np.asarray(scored["rank"]).tolist() == [1, 3, 2]
        assert list(np.asarray(scored["tier"])) == ["top", "rest", "rest"]
        assert LEVELS_CARD.explain(frame, customer="b").score == .5


@pytest.mark.parametrize("ties, want", [("min", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3]), ("average", [1, 2.5, 2.5, 4])])
def test_ties_are_a_choice(ties, want):
    assert card_of(Linear(per=1)).score({"value": [9, 5, 5, 1]}, ties=ties)["rank"].tolist() == want
    with pytest.raises(ConfigError, match="ties='max': expected one of"):
        card_of(Linear(per=1)).score({"value": [1]}, ties="max")


def test_no_rows_and_one_row():
    card = Scorecard.builtin("consumer")
    names = ["recency", "purchases", "amount"]
    assert all(len(column) == 0 for column in card.score({name: [] for name in names}).values())
    assert card.score({name: [1] for name in names})["rank"].tolist() == [1]


# ---- explain ----

def test_explain_shows_value_rule_points_weight_and_adds_up():
    explained = worked_example(digits=2).explain(EXAMPLE, customer="A-017")
    assert repr(explained) == """\
Example: customer A-017
indicator      measure      value  rule                     points  weight   weighted
-------------  -------  ---------  -----------------------  ------  ------  ---------
profitability  sales    7,000,000  [5,000,000, 10,000,000)      30     0.4         12
               planned  9,000,000  >= 8,000,000              100/3     0.4       40/3
               growth           1  >= 1                       70/3     0.4       28/3
strength       s               80  1 per 1                      80     0.4         32
cooperation    c               60  1 per 1                      60     0.2         12
score                              sum                                      78.666667
                                   rounded                                      78.67"""
    assert sum(line.weighted for line in explained.rows) == Fraction(7867, 100)
    assert explained.score == 78.67


def test_explain_shows_the_effect_of_caps_rounding_and_missing_values():
    card = Scorecard("all", [
        Indicator("i", weight=.5, cap=20, measures={
            "a": Linear(per=1, missing="renormalise"), "b": Linear(per=1), "c": Steps([(0, 0)], missing="zero")}),
        Indicator("j", weight=.5, measures={"d": Linear(per=3)})], digits=1, round_at="indicator", cap=9)
    rows = card.explain({"customer": [1], "a": [math.nan], "b": [15], "c": [math.nan], "d": [1]}, customer=1).rows
    assert [(r.indicator, r.measure, r.rule, r.weighted) for r in rows] == [
        ("i", "a", "missing: left out", 0), ("i", "b", "1 per 1", Fraction(15, 2)), ("i", "c", "missing: zero", 0),
        ("i", "", "2 of 3 measures known", Fraction(15, 4)), ("i", "", "cap", Fraction(-5, 4)),
        ("j", "d", "1 per 3", Fraction(1, 6)), ("j", "", "rounded", Fraction(-1, 60)),
        ("score", "", "cap", Fraction(-23, 20))]
    assert sum(r.weighted for r in rows) == 9


@pytest.mark.parametrize("value, shown", [
    (1992 / 487, "4.090349"), (1e-7, "1e-07"), (-1e-7, "-1e-07"), (0.0, "0"), (2224214.84, "2,224,214.84"),
    (1 / 3, "0.333333"), (1e300, "1e+300"), (12.0, "12")])
def test_data_are_shown_as_decimals_and_nothing_small_as_0(value, shown):
    explained = card_of(Linear(per=1)).explain({"customer": [7], "value": [value]}, customer=7)
    assert repr(explained).splitlines()[3].split()[2] == shown
    assert repr(explained).splitlines()[4].split() == ["score", shown]


def test_edges_are_shown_as_decimals_and_points_as_simple_fractions():
    rows = [repr(card_of(Steps([(0, "100/3"), (1e-7, "1992/487")])).explain(
        {"customer": [7], "value": [value]}, customer=7)).splitlines()[3].split()[2:] for value in (0, 1)]
    assert rows == [["0", "<", "1E-7", "100/3", "1", "100/3"], ["1", ">=", "1E-7", "4.090349", "1", "4.090349"]]


def test_an_id_of_another_type_is_named():
    with pytest.raises(DataError) as error:
        card_of(Linear(per=1)).explain({"customer": [1342, 7], "value": [1, 2]}, customer="1342")
    assert str(error.value) == ("customer='1342': no row of column 'customer' has this id\n"
                                "  ids are int here: pass customer=1342")


def test_explain_finds_one_customer_and_escapes_what_it_shows():
    table = {"id": ["<b>", "b", "b"], "value": [1, 2, 3]}
    page = card_of(Linear(per=1)).explain(table, customer="<b>", id="id")._repr_html_()
    assert "&lt;b&gt;" in page and "<b>" not in page and len(page) < 4096
    with pytest.raises(DataError, match="customer='b': 2 rows of column 'id' have this id, the first are 1 and 2"):
        card_of(Linear(per=1)).explain(table, customer="b", id="id")
    with pytest.raises(ConfigError, match="the column of ids 'customer' is not in the table"):
        card_of(Linear(per=1)).explain(table, customer="b")


def test_grades_by_counts_are_explained():
    card = card_of(Grades({"high": 10, "general": 2}, counts=True), "suggestions")
    table = {"customer": ["a"], "suggestions_high": [5], "suggestions_general": [1]}
    assert card.explain(table, customer="a").rows[0].rule == "high x 5 + general x 1"


def test_counts_refuse_an_unknown_level():
    """An unknown level is an error; a level without suggestions is 0."""
    card = cv.Scorecard("s", [cv.Indicator("i", weight=1, measures={
        "ideas": cv.rules.Grades({"high": 10, "general": 2}, counts=True)})])
    assert card.score({"ideas_high": [5, 0]})["score"].tolist() == [50, 0]
    assert "high x 5 + general x 0" in repr(card.explain({"customer": [1], "ideas_high": [5]}, customer=1))
    with pytest.raises(cv.ConfigError, match="counts of 'ideas_urgent', and the rule knows no such level"):
        card.score({"ideas_high": [5], "ideas_urgent": [1]})
    assert card.score({"ideas_high": [5], "ideas_urgent": [0], "ideas_none": [3]})["score"].tolist() == [50]
    assert card.score({"ideas": [0]})["score"].tolist() == [0]             # nobody has had an idea yet
    with pytest.warns(DataWarning, match="no column of counts, such as 'ideas_high', is in the table"):
        assert card.score({"id": [5]})["score"].tolist() == [0]
    by_level = cv.Scorecard("s", [cv.Indicator("i", weight=1, measures={"level": cv.rules.Grades({"high": 10})})])
    assert by_level.score({"level": ["high", "none"]})["score"].tolist() == [10, 0]


# ---- halves of the exact doubles ----

@pytest.mark.parametrize("round_at, words", [
    ("measure", "1 per 1, rounded: 1.1e-16 below the half"), ("indicator", "rounded: 1.1e-16 below the half"),
    ("total", "rounded: 1.1e-16 below the half")])
def test_explain_shows_why_a_double_just_below_a_half_rounds_down(round_at, words):
    """The double nearest to 1.005 is 1.00499999999999989...: Python's decimal.Decimal(1.005)."""
    card = card_of(Linear(per=1), "paid", digits=2, round_at=round_at)
    explained = card.explain({"customer": ["a"], "paid": [1.005]}, customer="a")
    assert explained.score == 1.0 and words in [line.rule for line in explained.rows]
    assert words in repr(explained)


def test_an_exact_half_is_rounded_without_a_note():
    card = card_of(Linear(per=100), "cents", digits=2)
    explained = card.explain({"customer": ["a"], "cents": [100.5]}, customer="a")
    assert explained.score == 1.01 and [line.rule for line in explained.rows] == ["1 per 100", "rounded"]


def test_a_column_that_orders_do_not_tell_names_its_source():
    base = cv.CustomerBase({"who": ["a", "b"], "day": ["2025-01-01", "2025-02-01"], "paid": [1.0, 2.0]}, customer="who",
                           time="day", amount="paid")
    with pytest.raises(cv.ConfigError, match=r"base\.with_profile\(frame\) or base\.with_log"):
        cv.Scorecard.builtin("b2b").score(base)
    with pytest.raises(cv.ConfigError, match="is not in the table\n  columns: a"):
        cv.Scorecard.builtin("b2b").score({"a": [1.0]})
