"""Scorecards: the numbers of the mission, the slow twin in fractions, errors, files."""
import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import scorecard_twin as twin

import custval as cv
from custval import ConfigError, DataError, Grades, Indicator, Linear, Scorecard, Steps, Table


def card_of(rule, column="value", **options):
    return Scorecard("one", [Indicator("all", weight=1, measures={column: rule})], **options)


def points(rule, **columns):
    return card_of(rule, next(iter(columns))).score(columns)["score"].tolist()


# ---- the numbers of the mission texts: requirements.md, 1J ----

def test_points_in_proportion_p1():
    assert points(Linear(per=100_000), amount=[1_000_000, 500_000, 2_000_000, 750_000, -100_000]) == [
        10, 5, 20, 7.5, -1]


def test_suggestions_by_level_p2():
    graded = Grades({"high": 10, "general": 2, "none": 0}, times="count")
    assert points(graded, level=["high", "general", "none"], count=[5, 1, 3]) == [50, 2, 0]
    card = card_of(Grades({"high": 10, "general": 2}, counts=True), "suggestions")
    assert card.score({"suggestions_high": [5, 0, 0], "suggestions_general": [0, 1, 0]})["score"].tolist() == [50, 2, 0]


def hundred(name, weight):
    return Indicator(name, weight=weight, measures={f"{name}_given": Linear(per=1, cap=100, floor=0)})


def test_direct_scores_84_p4():
    card = Scorecard("direct", [hundred("A", .4), hundred("B", .4), hundred("C", .2)])
    assert card.score({"A_given": [90], "B_given": [90], "C_given": [60]})["score"][0] == 84.0


def test_interval_of_5_to_10_million_gives_30_p5():
    rule = Steps([(0, 0), (1_000_000, 10), (5_000_000, 30), (10_000_000, 100 / 3)])
    below = math.nextafter(10_000_000, 0)
    assert points(rule, sales=[5_000_000, below, math.nextafter(5_000_000, 0), 10_000_000, -1]) == [
        30, 30, 10, 100 / 3, 0]


def p5(**options):
    return Scorecard("P5", [
        Indicator("profitability", weight=.4, measures={
            "sales": Steps([(None, 0), (5_000_000, 30), (10_000_000, 100 / 3)]),
            "planned": Linear((0, 0), (8_000_000, 100 / 3)), "growth": Linear((0, 0), (1, "70/3"))}),
        Indicator("strength", weight=.4, measures={"s": Linear(per=1)}),
        Indicator("cooperation", weight=.2, measures={"c": Linear(per=1)})], **options)


P5 = {"customer": ["A-017"], "sales": [7e6], "planned": [9e6], "growth": [1.0], "s": [80], "c": [60]}


@pytest.mark.parametrize("round_at, indicator, score", [
    ("measure", 86.66, 78.66), ("indicator", 86.67, 78.67), ("total", 260 / 3, 78.67)])
def test_rounding_at_measures_gives_78_66_and_exact_thirds_78_67_p5(round_at, indicator, score):
    scored = p5(digits=2, round_at=round_at).score(P5)
    assert scored["profitability"][0] == indicator
    assert scored["score"][0] == score


def test_unrounded_thirds_are_exact():
    assert p5().score(P5)["score"][0] == float(Fraction(236, 3)) == 78.66666666666667


def test_builtin_b2b_gives_at_most_100_thirds_per_measure_p5_p6():
    card = Scorecard.builtin("b2b")
    assert [float(i.weight) for i in card.indicators] == [.4, .4, .2]
    for indicator in card.indicators:
        best = [max(p for _, p in r.steps) if isinstance(r, Steps) else max(r.points.values())
                for r in indicator.measures.values()]
        assert sum(best) == 100
        assert set(best) == {Fraction(100, len(best))}


# ---- the slow twin ----

def a_value(rng):
    return rng.choice([
        lambda: rng.randint(-10**11, 10**11) / 100, lambda: float(rng.randint(-10**9, 10**9)), lambda: 0.0,
        lambda: rng.gauss(0, 1) * 10**rng.randint(-12, 9), lambda: rng.randint(-200, 200) / 2])()


def some_points(rng):
    return rng.choice([
        lambda: rng.randint(-200, 200), lambda: Decimal(rng.randint(-20000, 20000)) / 100,
        lambda: Fraction(rng.randint(-900, 900), rng.randint(1, 12)), lambda: rng.randint(-600, 600) / 3,
        lambda: rng.uniform(-100, 100) if rng.random() < .1 else 7.25])()


def some_limit(rng):
    return rng.choice([None, None, rng.randint(0, 100), "100/3"])


def a_rule(rng, policies, column):
    options = {"missing": rng.choice(policies), "cap": some_limit(rng)}
    lowest = options["missing"] == "lowest"
    kind = rng.choice(["steps", "per", "knots", "grades", "times", "counts", "table"])
    if kind == "steps":
        edges = sorted({a_value(rng) for _ in range(rng.choice([0, 1, 2, 5, 8, 40]))})
        return Steps([(None, some_points(rng)), *((e, some_points(rng)) for e in edges)], **options)
    if kind == "per":
        per = rng.choice([100_000, 7, "1/3", 12.5, 1, 1234.5]) if lowest else rng.choice([-100_000, 3, 1, -0.25])
        return Linear(per=per, floor=rng.randint(-100, 0) if lowest else None, **options)
    if kind == "knots":
        xs = sorted(rng.sample(range(1, 1000), rng.randint(2, 4)))
        return Linear(*((x * 1000 if i else x / 10, some_points(rng)) for i, x in enumerate(xs)), **options)
    levels = {f"l{i}": rng.randint(0, 50) if lowest else some_points(rng) for i in range(rng.randint(1, 4))}
    if kind == "table":
        return Table(levels, **options)
    return Grades(levels, times=f"n{column}" if kind == "times" else None, counts=kind == "counts", **options)


def a_card(rng):
    combine = rng.choice(["weighted", "weighted", "sum"])
    policies = [None, "zero", "lowest", "renormalise"][:4 if combine == "weighted" else 3]
    columns = iter(range(99))
    shares = [rng.randint(1, 9) for _ in range(rng.randint(1, 4))]
    indicators = []
    for i, share in enumerate(shares):
        here = [next(columns) for _ in range(rng.randint(1, 3))]
        indicators.append(Indicator(
            f"i{i}", weight=Fraction(share, sum(shares)) if combine == "weighted" else None, cap=some_limit(rng),
            measures={f"c{c}": a_rule(rng, policies, c) for c in here}))
    return Scorecard("drawn", indicators, combine=combine, missing="zero", digits=rng.choice([None, None, 0, 2]),
                     round_at=rng.choice(["measure", "indicator", "total"]), cap=some_limit(rng))


def a_customer(rng, card):
    def number(v):
        return math.nan if rng.random() < .08 else v

    customer = {}
    for indicator in card.indicators:
        for column, rule in indicator.measures.items():
            if isinstance(rule, Grades) and rule.counts:
                customer |= {f"{column}_{level}": number(rng.randint(0, 50)) for level in rule.points}
            elif isinstance(rule, Grades | Table):
                customer[column] = rng.choice([*rule.points, *rule.points, None])
                if isinstance(rule, Grades) and rule.times:
                    customer[rule.times] = number(rng.choice([rng.randint(0, 50), a_value(rng)]))
            else:
                edges = [s for s, _ in rule.steps if s is not None] if isinstance(rule, Steps) else []
                customer[column] = number(rng.choice([a_value(rng), rng.choice(edges or [0.0])]))
    return customer


def same(got, want):
    return math.isnan(got) if want is None else got == float(want)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_every_number_is_the_double_nearest_to_the_fraction_promise_n6(seed):
    rng = random.Random(seed)
    try:
        card = a_card(rng)
    except ConfigError as error:                            # once in a thousand draws
        assert "no common denominator" in str(error)
        return
    customers, want = [], []
    while len(customers) < 20:
        customer = a_customer(rng, card)
        try:
            want.append(twin.score(card, customer))
            customers.append(customer)
        except twin.MissingError:
            with pytest.raises(DataError, match="no known measure"):
                card.score({name: [value] for name, value in customer.items()})
    columns = {name: [customer[name] for customer in customers] for name in customers[0]}
    scored = card.score(columns)
    for row, exact in enumerate(want):
        for column, p in exact["measure"].items():
            assert same(scored[f"{column}_points"][row], p)
        for name, p in exact["indicator"].items():
            assert same(scored[name][row], p)
        assert scored["score"][row] == float(exact["score"])
    assert scored["rank"].tolist() == twin.ranks(scored["score"].tolist(), "min")
    assert card.score(columns, points=False)["score"].tolist() == scored["score"].tolist()
    for row in range(0, 20, 7):
        explained = card.explain({"customer": list(range(20)), **columns}, customer=row)
        assert sum(line.weighted for line in explained.rows) == want[row]["score"]


@pytest.mark.parametrize("simd", ["base", ""])
@pytest.mark.parametrize("edges", [0, 1, 3, 4, 8, 31, 32, 33, 200])
def test_steps_of_any_number_on_columns_longer_than_a_tile(edges, simd, monkeypatch):
    monkeypatch.setenv("CUSTVAL_SIMD", simd)
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


@pytest.mark.parametrize("ties", ["min", "dense", "average"])
@pytest.mark.parametrize("values", [[], [3], [2, 2, 2], [1, -5, 3, 3, 0, -0.0, -5, 1e300, -1e300, 5e-324]])
def test_ranks(values, ties):
    got = cv._core.rank(np.array(values, float), ["min", "dense", "average"].index(ties))
    assert got.tolist() == twin.ranks(values, ties)


def test_ranks_of_many_equal_scores():
    values = np.random.default_rng(7).integers(0, 50, 2000) / 3
    for code, ties in enumerate(["min", "dense", "average"]):
        assert cv._core.rank(values, code).tolist() == twin.ranks(values.tolist(), ties)


def test_ties_min_is_1_2_2_4_p11():
    scored = card_of(Linear(per=1)).score({"value": [9, 5, 5, 1]})
    assert scored["rank"].tolist() == [1, 2, 2, 4]
    assert scored["rank"].dtype == np.int64


def test_equal_decimals_tie_although_their_floats_would_not():
    """.1 + .2 and .3 differ as doubles; as points they are equal."""
    card = Scorecard("ties", [Indicator("all", weight=1, measures={
        "a": Table({"x": .1, "y": .3}), "b": Table({"x": .2, "y": 0})})])
    assert card.score({"a": ["x", "y"], "b": ["x", "y"]})["rank"].tolist() == [1, 1]


# ---- what a missing value means ----

def pair(a, b, **options):
    return Scorecard("pair", [Indicator("i", weight=.6, measures={"a": a, "b": b}),
                              Indicator("j", weight=.4, measures={"c": Linear(per=1, floor=-9)})], **options)


@pytest.mark.parametrize("policy, indicator, score", [
    ("zero", 10, .6 * 10 + .4 * 5), ("lowest", 10 - 3, .6 * 7 + .4 * 5), ("renormalise", 20, .6 * 20 + .4 * 5)])
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
    with pytest.raises(DataError, match=r"no known measure at all.*\n  row 1   customer 9"):
        card.score({"customer": [8, 9], "a": [1, math.nan], "b": [1, math.nan], "c": [5, math.nan]})


def test_a_missing_value_is_an_error_that_names_rows_and_customers():
    card = pair(Linear(per=1), Grades({"high": 2}, times="n"))
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


def test_bad_values_in_long_columns_are_found_wherever_they_are():
    for rule in (Steps([(0, 1), (5, 2)]), Linear(per=1)):
        for row in (0, 1023, 1024, 40_000):
            values = np.ones(40_001)
            values[row] = np.nan
            with pytest.raises(DataError, match=f"1 of 40,001 values are missing\n  row {row:,}\n"):
                card_of(rule).score({"value": values})


# ---- what cannot be scored ----

@pytest.mark.parametrize("values, message", [
    (["a", "b"], "column 'value' holds text or objects, its rule takes numbers; for categories use Table or Grades"),
    (np.array(["2020-01-01", "2021-01-01"], "M8[D]"), "holds dates"), ([1j, 2], "holds complex numbers"),
    ([2**53 + 1, 1], "integers beyond 2\\*\\*53"), (np.array([1, "x"], object), "holds text or objects"),
    ([1.0, math.inf],
     "points pass what can be held\n  row 1\n  value inf\n  Correct the value, or set cap= and floor="),
    ([1.0, -math.inf], "points pass what can be held"), ([1e308, 1.0], "points pass what can be held"),
])
def test_values_that_have_no_points(values, message):
    with pytest.raises(DataError, match=message):
        card_of(Linear(per="1/1000")).score({"value": values})


def test_a_rounded_score_beyond_2_53_raises_instead_of_losing_digits():
    card = card_of(Linear(per=1), digits=2)
    assert card.score({"value": [1e13 + .25]})["score"][0] == 1e13 + .25
    with pytest.raises(DataError, match="points pass what can be held"):
        card.score({"value": [1e14]})


def test_an_infinite_value_has_points_where_they_are_limited():
    assert points(Steps([(0, 1), (5, 2)]), value=[math.inf, -math.inf]) == [2, 1]
    assert points(Linear((0, 0), (1, 7)), value=[math.inf, -math.inf]) == [7, 0]


def test_an_unknown_level_is_an_error_with_the_likely_one():
    with pytest.raises(DataError) as error:
        points(Table({"high": 2, "general": 1}), level=["high", "hihg", "general", "hihg"])
    assert str(error.value) == ("column 'level': 2 of 4 values are no level of its rule\n  row 1   'hihg'\n"
                                "  row 3   'hihg'\n  did you mean 'high'?   levels: high, general")


def test_a_missing_column_is_an_error_with_the_likely_one(tmp_path):
    card = pair(Linear(per=1), Grades({"high": 2}, times="count"))
    with pytest.raises(ConfigError) as error:
        card.score({"a": [1], "b": ["high"], "counts": [1], "c": [2]})
    assert str(error.value) == ("pair: indicator[0].measure[1].times = 'count' is not a column of the table\n"
                                "  did you mean 'counts'?   columns: a, b, counts, c")
    card.save(tmp_path / "value.toml")
    with pytest.raises(ConfigError, match=r"^value.toml: indicator\[1\].measure\[0\].column = 'c' is not"):
        Scorecard.load(tmp_path / "value.toml").score({"a": [1], "b": ["high"], "count": [1]})


def test_scores_are_not_written_over_a_column():
    with pytest.raises(ConfigError, match="has a column 'score' already; drop or rename it"):
        card_of(Linear(per=1)).score({"value": [1], "score": [2]})


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
    with pytest.raises(ConfigError, match="ties = 'max' is none of"):
        card_of(Linear(per=1)).score({"value": [1]}, ties="max")


def test_no_rows_and_one_row():
    card = Scorecard.builtin("consumer")
    names = ["recency", "purchases", "amount"]
    assert all(len(column) == 0 for column in card.score({name: [] for name in names}).values())
    assert card.score({name: [1] for name in names})["rank"].tolist() == [1]


# ---- explain ----

def test_explain_shows_value_rule_points_weight_and_adds_up():
    explained = p5(digits=2).explain(P5, customer="A-017")
    assert repr(explained) == """\
P5: customer A-017
indicator      measure      value  rule                     points  weight  weighted
-------------  -------  ---------  -----------------------  ------  ------  --------
profitability  sales    7,000,000  [5,000,000, 10,000,000)      30     0.4        12
               planned  9,000,000  >= 8,000,000              100/3     0.4      40/3
               growth           1  >= 1                       70/3     0.4      28/3
strength       s               80  1 per 1                      80     0.4        32
cooperation    c               60  1 per 1                      60     0.2        12
score                              rounded                                     1/300
score                                                                          78.67"""
    assert sum(line.weighted for line in explained.rows) == Fraction(7867, 100)
    assert explained.score == 78.67


def test_explain_says_what_caps_rounding_and_missing_values_change():
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


def test_explain_finds_one_customer_and_escapes_what_it_shows():
    table = {"id": ["<b>", "b", "b"], "value": [1, 2, 3]}
    page = card_of(Linear(per=1)).explain(table, customer="<b>", id="id")._repr_html_()
    assert "&lt;b&gt;" in page and "<b>" not in page and len(page) < 4096
    with pytest.raises(DataError, match="column 'id': 2 rows have the value 'b', expected one"):
        card_of(Linear(per=1)).explain(table, customer="b", id="id")
    with pytest.raises(ConfigError, match="id = 'customer' is not a column of the table"):
        card_of(Linear(per=1)).explain(table, customer="b")


def test_grades_by_counts_are_explained():
    card = card_of(Grades({"high": 10, "general": 2}, counts=True), "suggestions")
    table = {"customer": ["a"], "suggestions_high": [5], "suggestions_general": [1]}
    assert card.explain(table, customer="a").rows[0].rule == "high x 5 + general x 1"


# ---- ties of the last bit ----

@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("values, want", [
    ((2**53, 1, 2**-60), 2**53 + 2), ((2**53, 1, -2**-60), 2**53), ((2**53, 1, 0), 2**53),
    ((2**53 + 2, 1, 0), 2**53 + 4), ((2**53, -.5, 2**-70), 2**53), ((2**53, -.5, -2**-70), 2**53 - 1),
    ((2**53, -.5, 0), 2**53), ((1, 2**-53, 2**-150), 1 + 2**-52), ((-1, -2**-53, -2**-150), -1 - 2**-52),
    ((1e200, 1, -1e200), 1), ((1e200, 1e-80, -1e200), 1e-80)])
def test_sums_between_two_doubles_go_to_the_nearer_one_and_halves_to_the_even_one(values, want, parts):
    card = Scorecard("thirds", [Indicator(f"i{k}", weight=Fraction(1, 3) if parts == 3 else None,
                                          measures={f"x{k}": Linear(per=Fraction(1, parts))}) for k in range(3)],
                     combine="weighted" if parts == 3 else "sum")
    columns = {f"x{k}": [float(v)] for k, v in enumerate(values)}
    assert float(sum(map(Fraction, values))) == want
    assert card.score(columns)["score"].tolist() == [want]


@pytest.mark.parametrize("x, want", [
    (0.125, .13), (-0.125, -.13), (0.375, .38), (2.675, 2.67), (0.00499999, 0), (-0.00499999, 0), (0.005, .01),
    (1.0049999999999999, 1)])
def test_halves_go_away_from_zero_on_the_value_that_the_double_has(x, want):
    """2.675 is 2.67499999999999982236431605997495353221893310546875 as a double; 0.005 lies above its decimal."""
    for at in ("measure", "indicator", "total"):
        got = card_of(Linear(per=1), digits=2, round_at=at).score({"value": [x]})["score"][0]
        assert got == want and math.copysign(1, got) == math.copysign(1, want)


@pytest.mark.parametrize("sign", [1, -1])
def test_halves_go_away_from_zero_where_doubles_have_no_halves(sign):
    card = Scorecard("large", [Indicator("i", weight=1, measures={"a": Linear(per=1), "b": Linear(per=1)})], digits=0)
    scored = card.score({"a": [sign * 2.0**52] * 2, "b": [sign * .5, sign * .25]})
    assert scored["score"].tolist() == [sign * (2**52 + 1), sign * 2**52]
