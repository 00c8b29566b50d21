"""RFM: levels by rank and by thresholds, scores, and segments from files."""
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv
from custval.segmentation import rfm as _rfm

ROWS = st.lists(st.tuples(*[st.integers(0, 8)] * 3), max_size=40)


def frame(rows):
    columns = np.array(rows, float).reshape(-1, 3).T
    return dict(zip(("recency", "purchases", "amount"), columns, strict=True))


def level_by_hand(values, levels, less_is_better):
    """Return the level of the mean rank of equal values, counted from the worst in levels of equal size."""
    worst_first = sorted(values, reverse=less_is_better)
    places = {v: [k for k, other in enumerate(worst_first) if other == v] for v in values}
    middle = {v: Fraction(2 * sum(at) + len(at), 2 * len(at)) for v, at in places.items()}     # of its span of places
    return [1 + int(middle[v] * levels / len(values)) for v in values]


@settings(max_examples=80, deadline=None)
@pytest.mark.filterwarnings("ignore::custval.DataWarning")             # fewer customers than levels
@given(ROWS, st.integers(1, 6))
def test_levels_by_rank_agree_with_sorting(rows, levels):
    data = frame(rows)
    scores = cv.rfm(data, levels, segments=None).scores()
    for letter, (name, column) in zip("RFM", data.items(), strict=True):
        assert scores[letter].tolist() == level_by_hand(column.tolist(), levels, name == "recency")
        assert all(len(set(scores[letter][column == v])) == 1 for v in column)           # equal values, equal levels
    assert scores["score"].tolist() == (scores["R"] + scores["F"] + scores["M"]).tolist()


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_levels_by_thresholds_agree_with_comparison(rows):
    data = frame(rows)
    found = cv.rfm(data, {"recency": [1, 5], "frequency": [2, 4, 6], "money": [3]})
    scores, levels = found.scores(), found.levels()
    assert scores["R"].tolist() == [1 + (r <= 1) + (r <= 5) for r in data["recency"]]
    assert scores["F"].tolist() == [1 + sum(f >= t for t in (2, 4, 6)) for f in data["purchases"]]
    assert scores["M"].tolist() == [1 + (m >= 3) for m in data["amount"]]
    assert levels["level"].tolist() == [1, 2, 3, 1, 2, 3, 4, 1, 2] and levels["customers"].sum() == 3 * len(rows)
    assert found.segments is None


def test_all_requested_levels_exist_and_empty_ones_are_reported():
    # pymc-marketing's rfm_segments: ties leave 3 or 2 of 4 levels, and the names go to the wrong ones
    found = cv.rfm({"recency": np.arange(10.0), "purchases": [1] * 6 + [2, 3, 4, 5], "amount": np.arange(10)})
    assert found.scores()["F"].tolist() == [2] * 6 + [4, 4, 5, 5]
    assert repr(found).startswith("RFM of 10 customers, 5 x 5 x 5 levels; nobody in frequency 1, frequency 3\nSegments")
    empty = found.levels()
    assert empty["customers"][5:10].tolist() == [0, 6, 0, 2, 2] and np.isnan(empty["min"][5])


def test_no_crowd_of_equal_values_lands_at_the_far_end():
    # the mean rank decides: 60 % one-time buyers are not all lost, 60 % with the best recency are not all champions
    crowd = {"recency": [0] * 6 + [10, 20, 30, 40], "purchases": [1] * 6 + [2, 3, 4, 5], "amount": np.arange(10)}
    scores = cv.rfm(crowd, segments=None).scores()
    assert scores["F"].tolist() == [2] * 6 + [4, 4, 5, 5] and scores["R"].tolist() == [4] * 6 + [2, 2, 1, 1]
    same = cv.rfm({"recency": [7.0] * 9, "purchases": [1] * 9, "amount": [5.0] * 9}, segments=None).scores()
    assert set(same["cell"].tolist()) == {"3-3-3"}


def test_fewer_customers_than_levels_warn_and_keep_the_best_on_top():
    with pytest.warns(cv.DataWarning, match="3 customers for 5 levels"):
        found = cv.rfm({"recency": [3, 200, 10], "purchases": [9, 1, 2], "amount": [500.0, 20.0, 90.0]})
    assert found.scores()["cell"].tolist() == ["5-5-5", "1-1-1", "3-3-3"]
    assert found.labels.tolist() == ["Champions", "Lost", "Need attention"]


def test_cells_of_many_levels_never_collide():
    # the R package rfm: 100 r + 10 f + m is the same for the levels 1, 1, 11 and 1, 2, 1
    rng = np.random.default_rng(3)
    scores = cv.rfm({name: rng.random(5_000) for name in ("recency", "purchases", "amount")}, 12).scores()
    triples = set(zip(scores["R"].tolist(), scores["F"].tolist(), scores["M"].tolist(), strict=True))
    assert len(set(scores["cell"].tolist())) == len(triples) > 1500 and scores["R"].max() == 12


def test_score_is_weighted_exactly():
    scores = cv.rfm(frame([(1, 2, 3), (2, 1, 1), (3, 3, 2)]), 3, weights=(.1, .2, .7)).scores()
    assert scores["score"].tolist() == [2.8, 1.1, 2.1]


@pytest.mark.parametrize("name, levels, segments", [("rfm", 5, 11), ("rfm_zh", 5, 11), ("rfm_mean", 2, 8)])
def test_built_in_segments_cover_every_cell_once(name, levels, segments):
    found = _rfm._read(name, (levels,) * 3)               # raises where two segments meet in a cell
    assert sorted(set(found.cell.ravel().tolist())) == list(range(segments)) and len(found.names) == segments + 1


def test_built_in_segments_have_the_names_of_the_field():
    english, chinese = (_rfm._read(name, (5, 5, 5)) for name in ("rfm", "rfm_zh"))
    assert english.names[:-1] == ("Champions", "Loyal", "Potential loyalists", "New", "Promising", "Need attention",
                                  "About to sleep", "At risk", "Can't lose", "Hibernating", "Lost")
    assert chinese.names[0] == "冠军客户" and chinese.names[-2:] == ("已流失客户", "其他客户")
    np.testing.assert_array_equal(english.cell, chinese.cell)
    at = {(r, f): english.names[english.cell[r - 1, f - 1, 0]] for r, f in product(range(1, 6), repeat=2)}
    assert (at[5, 5], at[3, 4], at[5, 1], at[3, 3], at[1, 5], at[1, 1]) == (
        "Champions", "Loyal", "New", "Need attention", "Can't lose", "Lost")


def test_eight_classes_cut_at_the_mean():
    rng = np.random.default_rng(8)
    data = {"recency": rng.integers(1, 400, 200), "purchases": rng.integers(1, 9, 200), "amount": rng.random(200)}
    found = cv.rfm(data, segments="rfm_mean")
    high = [data["recency"] <= data["recency"].mean(), data["purchases"] >= data["purchases"].mean(),
            data["amount"] >= data["amount"].mean()]
    kind = {(1, 1): "价值", (1, 0): "发展", (0, 1): "保持", (0, 0): "挽留"}              # by recency and frequency
    want = [f"{'重要' if m else '一般'}{kind[r, f]}客户" for r, f, m in zip(*np.array(high, int).tolist(), strict=True)]
    assert found.segments.labels.tolist() == want and len(set(want)) == 8
    assert cv.rfm(data, "mean").segments.labels.tolist() == want
    means = {"recency": [data["recency"].mean()], "frequency": "mean", "money": [data["amount"].mean()]}
    assert cv.rfm(data, means, segments="rfm_mean").segments.labels.tolist() == want


def test_a_base_in_segments():
    base = cv.datasets.cdnow().as_of("1997-09-30")
    found = cv.rfm(base)
    scores, table = found.scores(), found.segments.table()
    assert scores["customer"].tolist() == base.summary()["customer"].tolist()
    assert (scores["F"] == 2).sum() == 1411                     # customers of CDNOW without a repeat
    assert table["customers"].sum() == 2357 and abs(table["sum"].sum() - base.summary()["amount"].sum()) < 1e-6
    assert [scores["segment"].tolist().count(name) for name in table["segment"]] == table["customers"].tolist()
    cross = cv.crosstab(found.segments, cv.abc(scores["money"]), values=scores["money"])
    assert cross.customers.sum(axis=1).tolist() == table["customers"].tolist()


def test_missing_values_are_refused_or_unassigned_in_any_frame():
    data = pd.DataFrame({"customer": ["a", "b", "c"], "recency": [1, np.nan, 3], "purchases": [2, 0, 1],
                         "amount": [5.0, 0, 1]}, index=[7, 8, 9])
    with pytest.raises(cv.DataError, match=r"recency: 1 of 3 values \(row 1\) are NaN"):
        cv.rfm(data, missing="raise")
    with pytest.warns(cv.DataWarning, match="2 customers for 5 levels"):
        found = cv.rfm(data)
    scores = found.scores()
    assert found.apart == 1 and scores.index.tolist() == [7, 8, 9] and scores["customer"].tolist() == ["a", "b", "c"]
    assert scores["cell"].dropna().tolist() == ["4-4-4", "2-2-2"] and scores["R"].isna().sum() == 1
    assert found.segments.labels.isna().tolist() == [False, True, False]
    assert "1 without one of the three, unassigned" in repr(found)
    assert isinstance(cv.rfm(pl.from_pandas(data).drop_nulls(), 2, segments=None).scores(), pl.DataFrame)


FILE = '''schema = "custval/segments-1"
levels = 3
others = "其他"
{extra}
[[segment]]
name = "重要"
recency = [2, 3]
money = [3, 3]
[[segment]]
name = "b"
{second}
'''


def write(tmp_path, second, extra=""):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.format(second=second, extra=extra), encoding="utf-8")
    return path


def test_own_segments_in_any_script(tmp_path):
    rows = [(j, k, m) for j, k, m in product(range(3), repeat=3)]
    named = cv.rfm(frame(rows), 3, segments=write(tmp_path, "recency = [1, 1]")).segments
    by_hand = ["重要" if r < 2 and m == 2 else "b" if r == 2 else "其他" for r, _, m in rows]
    assert named.labels.tolist() == by_hand and named.names == ("重要", "b", "其他")
    first = write(tmp_path, "money = [2, 3]", "first_match = true")
    named = cv.rfm(frame(rows), 3, segments=first).segments
    assert named.labels.tolist() == ["重要" if r < 2 and m == 2 else "b" if m > 0 else "其他" for r, _, m in rows]


@pytest.mark.parametrize("second, extra, text", [
    ("money = [2, 3]", "", r"mine.toml: segment\[1\]: 'b' overlaps '重要' in 6 of its 18 cells\n.*first_match = true"),
    ("recency = [3, 3]\nmoney = [3, 3]", "first_match = true", r"segment\[1\]: 'b' is never reached: '重要' before"),
    ("recency = [0, 2]", "", r"segment\[1\].recency = \[0, 2\]: expected \[lowest, highest\] level, from 1 to 3"),
    ("recency = [3, 2]", "", r"segment\[1\].recency"), ("money = 3", "", r"segment\[1\].money = 3"),
    ("money = [true, 3]", "", r"segment\[1\].money"),
    ("frequncy = [1, 2]", "", r"segment\[1\]: key 'frequncy' is not known\n  did you mean 'frequency'"),
    ("recency = [1, 1]", "first_match = 1", "first_match = 1 is not true or false"),
    ("recency = [1, 1]\n[[segment]]\nname = 'b'", "", r"segment\[2\].name = 'b': expected a name that no other"),
    ("recency = [1", "", "mine.toml: ")])
def test_errors_name_file_and_key(tmp_path, second, extra, text):
    with pytest.raises(cv.ConfigError, match=text):
        cv.rfm(frame([(1, 2, 3)]), 3, segments=write(tmp_path, second, extra))


@pytest.mark.parametrize("settings, kind, text", [
    ({"levels": 3, "segments": "rfm"}, cv.ConfigError, "rfm.toml: levels = 5, the scores have 3 x 3 x 3"),
    ({"levels": 0}, cv.ConfigError, "recency = 0"), ({"levels": [1, 2]}, cv.ConfigError, "a dict of"),
    ({"levels": {"recency": 5, "frequency": 5}}, cv.ConfigError, "'money' is missing"),
    ({"levels": {"recency": [9, 1], "frequency": 5, "money": 5}}, cv.ConfigError, r"recency = \[9, 1\]"),
    ({"weights": (1, 2)}, cv.ConfigError, "expected three numbers"), ({"weights": "abc"}, cv.ConfigError, "three"),
    ({"money": "profit"}, cv.DataError, "'profit' is not in the frame"),
    ({"segments": Path("x.json")}, cv.ConfigError, "x.json: built-in lists .* a list of your own is a .toml file"),
    ({"segments": "kotler"}, cv.ConfigError, "kotler: built-in lists of segments are 'rfm', 'rfm_zh', 'rfm_mean'"),
    ({"segments": "gone.toml"}, FileNotFoundError, "gone.toml")])
def test_errors_of_settings(settings, kind, text):
    with pytest.raises(kind, match=text):
        cv.rfm(frame([(1, 2, 3)]), **settings)


def test_a_base_without_amounts_names_the_argument():
    base = cv.CustomerBase({"who": ["a", "b"], "day": ["2025-01-01", "2025-02-01"]}, customer="who", time="day")
    with pytest.raises(cv.DataError, match="the base has no amount; pass amount= to CustomerBase"):
        cv.rfm(base)
