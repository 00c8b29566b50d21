"""Grids of two values and cross-tables of two classifications, exact against the pyramid's twin."""
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import pyramid_twin as twin

import custval as cv
from custval.segmentation import tiers as _tiers

NUMBERS = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e9, 1e9), st.just(float("nan")))
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=50).map(lambda rows: np.array(rows, float).reshape(-1, 2).T)
CUTS = st.one_of(st.integers(1, 4), st.sampled_from([.2, .5, "terciles", "halves"]),
                 st.lists(st.integers(-2, 2).map(float), unique=True, min_size=1, max_size=3).map(sorted))


def level_by_hand(values, cuts, together):
    """Return the levels by sorting or comparing; NaN has none."""
    if isinstance(cuts, list):
        return twin.tiers_of_thresholds(values, [*reversed(cuts), -np.inf])
    cuts = {"terciles": 3, "halves": 2}.get(cuts, cuts)
    shares = {"top": cuts, "rest": 1 - cuts} if cuts < 1 else {j: 1 / cuts for j in range(cuts)}
    sizes = _tiers.sizes(shares, "share", int((values == values).sum()))
    return twin.tiers_of_sizes(values, sizes, np.zeros(len(values)), together)


@settings(max_examples=100, deadline=None)
@given(PAIRS, CUTS, CUTS, st.sampled_from(["row", "together"]))
def test_cells_agree_with_sorting_and_add_up(columns, x_cuts, y_cuts, ties):
    x, y = columns
    grid = cv.grid(x, y, cuts=(x_cuts, y_cuts), ties=ties, missing="apart",
                   composition={"a": np.ones(len(x)), "b": np.full(len(x), -.25)})
    hole = np.isnan(x) | np.isnan(y)
    rows, columns = (level_by_hand(np.where(hole, np.nan, values), cuts, ties == "together")
                     for values, cuts in ((x, x_cuts), (y, y_cuts)))
    assert grid.tier.tolist() == [-1 if r < 0 else r * grid.shape[1] + c for r, c in zip(rows, columns, strict=True)]
    table, parts = grid.table(), grid.composition()
    assert grid.apart == hole.sum() and table["customers"].sum() == len(x) - grid.apart
    assert_allclose(table["sum"].sum(), x[~hole].sum(), rtol=1e-12, atol=1e-6)
    assert parts["sum"][0::2].tolist() == table["customers"].tolist() and parts["sum"].sum() == .75 * (~hole).sum()
    if len(x) > hole.sum():
        assert_allclose(table["share"].sum(), 1, rtol=1e-12)
    assert all(grid.labels[i] == (None if hole[i] else grid.names[grid.tier[i]]) for i in range(len(x)))


def test_nine_cells_from_a1_to_c3():
    # nine-grid: letter = x, digit = y, A1 is best; cut at terciles
    grid = cv.grid(np.arange(9.0), np.tile([1.0, 2, 3], 3))
    assert grid.names == ("A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3")
    assert grid.labels[8] == "A1" and grid.labels[0] == "C3" and grid.table()["customers"].tolist() == [1] * 9
    assert grid.table()["x_from"].tolist() == [6] * 3 + [3] * 3 + [0] * 3


def test_strategic_profit_potential_ordinary():
    # the top 20 % on each axis: HH, HL, LH, LL
    now, later = np.arange(100.0), np.arange(100.0) * 37 % 100
    names = ["战略客户", "利润客户", "潜力客户", "普通客户"]
    grid = cv.grid(pd.Series(now), pd.Series(later), cuts=.20, names=names)
    high, rising = now >= 80, later >= 80
    by_hand = np.select([high & rising, high, rising], names[:3], names[3])
    assert grid.labels.tolist() == by_hand.tolist() and isinstance(grid.table(), pd.DataFrame)
    assert grid.table()["customers"].sum() == 100


def test_grid_prints_its_cells_and_escapes_html():
    grid = cv.grid([3.0, 2, 1, 5], [1.0, 2, 3, np.nan], cuts=(2, [2]), names=["a", "<b>", "丙", "d"], missing="apart")
    assert repr(grid).splitlines() == [
        "Grid of 3 customers in 2 x 2 cells (customers, share of sum); 1 without a value, unassigned",
        "x \\ y         >= 2.00          below",
        "-------  ------------  -------------",
        ">= 2.00   a  1  33.3%  <b>  1  50.0%",
        ">= 1.00  丙  1  16.7%     d  0  0.0%"]
    assert "&lt;b&gt;" in grid._repr_html_() and "<b>" not in grid._repr_html_()


def test_result_is_of_the_callers_kind_and_other_customers_are_refused():
    x = pd.Series([3.0, 1], index=["p", "q"])
    assert cv.grid(x, x, cuts=2).labels.to_dict() == {"p": "A1", "q": "B2"}
    assert isinstance(cv.grid(pl.Series([1.0]), pl.Series([1.0])).table(), pl.DataFrame)
    assert cv.grid(x, x[::-1], cuts=2, values=x[::-1]).labels.to_dict() == {"p": "A1", "q": "B2"}
    other = pd.Series([3.0, 1])
    for wrong in ({"y": other}, {"y": x, "values": other}, {"y": x, "composition": pd.DataFrame({"a": other})}):
        with pytest.raises(cv.DataError, match="another index"):
            cv.grid(x, **wrong)


@pytest.mark.parametrize("settings, kind, text", [
    ({"cuts": "thirds"}, cv.ConfigError, "cuts='thirds': expected one of 'halves'"),
    ({"cuts": 2.5}, cv.ConfigError, "cuts=2.5"), ({"cuts": 0}, cv.ConfigError, "cuts=0"),
    ({"cuts": True}, cv.ConfigError, "cuts=True"), ({"cuts": (2, 2, 2)}, cv.ConfigError, "a tuple has two"),
    ({"cuts": [1.0, 1.0]}, cv.ConfigError, "must fall"),
    ({"cuts": [2.0, 1.0]}, cv.ConfigError, "must fall"), ({"cuts": 12}, cv.ConfigError, "12 x 12 cells: at most 127"),
    ({"cuts": (30, 2)}, cv.ConfigError, "26 rows without names"),
    ({"cuts": 2, "names": ["a", "b"]}, cv.ConfigError, "expected 4 different ones"),
    ({"cuts": 2, "names": "abcd"}, cv.ConfigError, "expected 4 different ones"),
    ({"ties": "up"}, cv.ConfigError, "ties='up'"),
    ({"y": [1.0, np.nan], "missing": "raise"}, cv.DataError, r"y: 1 of 2 values \(row 1\)"),
    ({"y": [1.0]}, cv.DataError, "y: 1 rows for 2 values"), ({"values": [1.0, np.inf]}, cv.DataError, "infinite")])
def test_errors_of_grids(settings, kind, text):
    with pytest.raises(kind, match=text):
        cv.grid([1.0, 2], **{"y": [1.0, 2]} | settings)


LABELS = st.one_of(st.sampled_from("甲乙abc"), st.none())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS, st.integers(-9999, 9999)), max_size=60))
def test_cross_tables_add_up_to_the_cent(rows):
    a, b, cents = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    money = np.array(cents, float) / 100
    table = cv.crosstab(np.array(a, object), np.array(b, object), values=money, missing="apart")
    for i, row in enumerate(table.rows):
        for j, column in enumerate(table.columns):
            mine = [k for k in range(len(a)) if a[k] == row and b[k] == column]
            assert table.customers[i, j] == len(mine)
            assert round(100 * table.sums[i, j]) == sum(cents[k] for k in mine)
    both = [k for k in range(len(a)) if None not in (a[k], b[k])]
    assert table.customers.sum() == len(both) == len(a) - table.apart
    assert round(100 * table.sums.sum()) == sum(cents[k] for k in both)
    if set(table.rows) == set(table.columns):
        assert np.flatnonzero(table.deviates).tolist() == [k for k in both if a[k] != b[k]]


def test_more_pairs_than_a_tier_has_numbers():
    a, b = np.divmod(np.random.default_rng(2).integers(0, 120 * 40, 20_000), 40)
    table = cv.crosstab(a, b, values=np.ones(len(a)))
    assert table.customers.shape == (120, 40) and (table.customers == table.sums).all()
    order = [int(name) for name in table.rows], [int(name) for name in table.columns]
    assert (table.customers == np.histogram2d(a, b, (120, 40))[0][np.ix_(*order)]).all()


def test_two_classifications_of_one_base_are_joined():
    value = np.random.default_rng(1).lognormal(0, 1, 500)
    pyr = cv.pyramid(pd.Series(value), tiers={"up": .2, "down": .8})
    grid = cv.grid(pd.Series(value), pd.Series(value[::-1].copy()))
    table = cv.crosstab(pyr, grid, values=pd.Series(value))
    assert isinstance(table.table(), pd.DataFrame) and table.customers.sum(axis=1).tolist() == [100, 400]
    assert_allclose(table.sums.sum(axis=1), pyr.table()["sum"], rtol=1e-12)
    assert_allclose(table.sums.sum(axis=0), grid.table()["sum"], rtol=1e-12)
    with pytest.raises(cv.ConfigError, match="the classes have different names: 'up', 'down'"):
        _ = table.deviates
    with pytest.raises(cv.DataError, match="another index"):
        cv.crosstab(pyr, pd.Series(["a"] * 500, index=range(1, 501)))
    with pytest.raises(cv.DataError, match="b: 3 rows for 500 values"):
        cv.crosstab(pyr, ["x", "y", "z"])
    table = cv.crosstab(["x", "x", "y"], ["x", "x", "y"], values=[1.0, np.nan, 2], missing="apart")
    assert table.customers.tolist() == [[1, 0], [0, 1]] and table.sums.tolist() == [[1, 0], [0, 2]] and table.apart == 1
    with pytest.raises(cv.DataError, match="values: 1 of 3"):
        cv.crosstab(["x", "x", "y"], ["x", "x", "y"], values=[1.0, np.nan, 2], missing="raise")
    with pytest.raises(cv.DataError, match="b: two labels have the same text"):
        cv.crosstab([1, 2], np.array([1, "1"], object))
    with pytest.raises(cv.DataError, match=r'1 of 2 customers .* \(row 1 first\)\n.*missing="apart"'):
        cv.crosstab(["x", None], ["x", "x"], missing="raise")


def test_values_without_any_customer_warn():
    with pytest.warns(cv.DataWarning, match="y: none of 3 customers has a value, so all are unassigned"):
        found = cv.grid([1.0, 2.0, 3.0], [np.nan] * 3)
    assert found.apart == 3
