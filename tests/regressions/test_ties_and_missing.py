"""Ordinary logs and tables on which classes and points stopped, or depended on the order of rows: now in every kind.

Refunds without a purchase, decimals at a threshold, equal scores at a cut, levels that nobody has, measures that are
not known, outputs of one customer.
"""
import decimal
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custval as cv

D = decimal.Decimal
KINDS = {"pandas": lambda frame: frame, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas,
         "duckdb": lambda frame: duckdb.sql("select * from frame"),
         "arrays": lambda frame: {name: frame[name].to_numpy() for name in frame}}
each_kind = pytest.mark.parametrize("kind", KINDS)
REFUNDS = pd.DataFrame({"id": list("aabbcdefr"), "day": pd.date_range("2024-01-01", periods=9),
                        "paid": [100.0, 150, 100, 90, 75, 60, 50, 40, -20]})


def base(kind, frame=REFUNDS):
    return cv.CustomerBase(KINDS[kind](frame), customer="id", time="day", amount="paid")


def of(frame, name):
    """Return a column of a frame of any kind as a list, missing values as None."""
    if isinstance(frame, duckdb.DuckDBPyRelation):
        column = [value for value, in frame.select(name).fetchall()]
    else:
        column = frame[name].to_pylist() if isinstance(frame, pa.Table) else list(frame[name])
    return [None if value is None or value != value else value for value in column]


@each_kind
def test_a_customer_with_refunds_only_stops_nothing(kind):
    log = base(kind)
    found = cv.rfm(log, 3)
    assert found.apart == 1 and of(found.scores(), "cell")[-1] is None and "1 without one of the three" in repr(found)
    with pytest.warns(cv.DataWarning, match="1 of 7 customers has no score: 'recency' is missing"):
        scored = cv.Scorecard.builtin("consumer").score(log)
    score = of(scored, "score")
    assert score[-1] is None and min(score[:-1]) > 0 and of(scored, "rank")[-1] is None
    pyr = cv.pyramid(scored, tiers={"up": 1 / 3, "down": 2 / 3})
    assert pyr.apart == 1 and sum(of(pyr.table(), "customers")) == 6 and of(pyr.customers(), "tier")[-1] is None
    assert sum(of(cv.pyramid(log).table(), "customers")) == 7                  # by money everybody has a place
    assert cv.crosstab(pyr, cv.abc(log)).apart == 1
    with pytest.raises(cv.DataError, match="recency: 1 of 7 values"):
        cv.rfm(log, 3, missing="raise")


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb"])
def test_decimals_that_add_up_to_a_threshold_meet_it(kind):
    paid = [D("297.57"), D("5.45"), D("532.56"), D("114.23"), D("50.19")]
    log = base(kind, pd.DataFrame({"id": 1, "day": pd.date_range("2024-01-01", periods=5), "paid": paid}))
    steps = cv.rules.Steps([(None, 0), (1000, 10)])
    card = cv.Scorecard("v", [cv.Indicator("s", weight=1, measures={"amount": steps})])
    assert of(card.score(log), "score") == [10]
    assert card.explain(log, customer=1).rows[0].rule == ">= 1,000"
    assert of(cv.pyramid(log, tiers={"big": 1000, "small": None}, by="score").customers(), "tier") == ["big"]
    cards = cv.Scorecards("all", [(card, {"amount": {"from": 1000}})])
    assert of(cards.score(log), "score") == [10]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb"])
@pytest.mark.parametrize("rule, want", [
    (cv.rules.Steps([(None, 0), (1000, 10)]), [10, 0, 0]),
    (cv.rules.Piecewise([(0, 0), (1000, 10)]), [10, 9.9999, 9.9995]),
    (cv.rules.Table({1000: 10, "999.99": 3, 999.95: 2}), [10, 3, 2])])
def test_a_column_of_decimals_is_scored_as_it_is_written(kind, rule, want):
    frame = pd.DataFrame({"id": [1, 2, 3], "v": [D("1000.00"), D("999.99"), D("999.95")]})
    card = cv.Scorecard("v", [cv.Indicator("s", weight=1, measures={"v": rule})])
    assert of(card.score(KINDS[kind](frame)), "score") == pytest.approx(want, rel=1e-15)


def test_an_explanation_shows_what_lies_below_an_edge_by_less_than_it_prints():
    steps = cv.rules.Steps([(None, 0), (1000, 10)])
    card = cv.Scorecard("v", [cv.Indicator("s", weight=1, measures={"amount": steps})])
    line = card.explain({"customer": [1], "amount": [np.nextafter(1000, 0)]}, customer=1).rows[0]
    assert line.points == 0 and line.rule == "< 1,000, 1.1e-13 below 1,000"


@each_kind
def test_equal_points_are_of_one_tier_one_cell_and_one_level(kind):
    points = [99.0] * 10 + [86] * 49 + [50] * 41
    frame = KINDS[kind](pd.DataFrame({"customer": np.arange(100), "score": points, "other": points[::-1]}))
    pyr = cv.pyramid(frame, tiers={"gold": .40, "iron": .30, "lead": .30})
    tiers = of(pyr.customers(), "tier")
    assert {tiers[k] for k in range(100) if points[k] == 86} == {"gold"} and of(pyr.table(), "tied") == [49, 41, 0]
    grid = cv.grid(np.array(points), np.array(points[::-1]))
    cells = grid.labels.tolist()
    assert len({(points[k], points[99 - k], cells[k]) for k in range(100)}) == len(
        {(points[k], points[99 - k]) for k in range(100)})
    assert grid.table()["x_tied"].tolist()[::3] == [49, 41, 0]
    assert set(cv.abc(np.array(points), rule="count", cuts=[20]).tier[10:59]) == {0}
    assert cv.pyramid(np.array(points), tiers={"gold": .4, "lead": .6}, ties="row").table()["customers"][0] == 40


def test_no_suggestion_yet_and_levels_without_points():
    card = cv.Scorecard.builtin("value")
    table = dict.fromkeys(name for name in card.reads if not name.startswith("suggestions")) | {"customer": [1]}
    table = {name: [1.0] if column is None else column for name, column in table.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert card.score(table | {"suggestions": [0]})["suggestion_value"].tolist() == [0]
        assert card.score(table | {"suggestions_none": [4]})["suggestion_value"].tolist() == [0]
        unused = card.score(table | {"suggestions_low": [0], "suggestions_high": [1]})
        assert unused["suggestion_value"].tolist() == [10]
    with pytest.raises(cv.ConfigError, match="counts of 'suggestions_low'"):
        card.score(table | {"suggestions_low": [1]})


@each_kind
def test_labels_name_measures_for_people_and_leave_data_and_runs_alone(kind, tmp_path):
    label = "累计消费金额"
    sales = cv.Indicator("价值", weight=1, measures={"amount": cv.rules.Linear(per=10)}, labels={"amount": label})
    card, log = cv.Scorecard("客户价值", [sales], version="1"), base(kind)
    assert card.explain(log, customer="a").rows[0].measure == label
    assert of(card.coverage(log), "measure") == [label] and of(card.score(log), "amount_points")[0] == 25
    card.save(tmp_path / "card.toml")
    kept = cv.Scorecard.load(tmp_path / "card.toml")
    assert kept == card and f'label = "{label}"' in (tmp_path / "card.toml").read_text(encoding="utf-8")
    store = cv.Store(tmp_path / "value.db")
    run, scored = store.run(kept, log, as_of="2024-01-09")
    assert of(store.replay(run, log), "score") == of(scored, "score")
    plain = cv.Scorecard("客户价值", [cv.Indicator("价值", weight=1, measures={"amount": cv.rules.Linear(per=10)})])
    assert "label" in repr(plain.diff(card)) and plain.score({"amount": [5]}) == card.score({"amount": [5]})
    with pytest.raises(cv.ConfigError, match="labels: measure 'amonut' is not known"):
        cv.Indicator("a", measures={"amount": cv.rules.Linear(per=1)}, labels={"amonut": "x"})
