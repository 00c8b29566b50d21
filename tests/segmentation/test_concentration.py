"""Lorenz curve, Gini coefficient and the share of the top, against exact fractions (reference/pyramid_twin.py)."""
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import pyramid_twin as twin

import custval as cv

POSITIVE = st.lists(st.integers(-5, 50).map(float), min_size=1, max_size=40).filter(lambda v: sum(v) > 0)


@settings(max_examples=200, deadline=None)
@given(POSITIVE, st.sampled_from([0.0, .125, .2, .25, .5, .8, 1.0]))
def test_curve_agrees_with_fractions(values, p):
    assert_allclose(cv.share_of_top(values, p), float(twin.share_of_top(values, p)), rtol=1e-13, atol=1e-15)
    assert_allclose(cv.gini(values), float(twin.gini(values)), rtol=1e-13, atol=1e-15)
    if p > 0:
        assert cv.lorenz(values).count_reaching(p) == twin.ranks_of_shares(values, [p])[0]


def test_eighty_twenty():
    curve = cv.lorenz([80.0, 5, 5, 5, 5])
    assert (curve.share_of_top(.2), curve.share_of_top(.3), curve.count_reaching(.8)) == (.8, .825, 1)
    assert repr(curve) == "<Lorenz 5 customers: the top 20% hold 80.0%; 1 (20.0%) hold 80%; Gini 0.600>"


def test_gini_with_and_without_negatives():
    assert cv.gini([3.0, -1, 0, 2]) == 0.875                # (-3*-1 + -1*0 + 1*2 + 3*3) / (4 * 4) = 14/16
    assert_allclose(cv.gini([3.0, -1, 0, 2], negatives="apart"), 0.4)     # 0 2 3: (-2*0 + 0*2 + 2*3) / (3 * 5)
    assert cv.gini([1.0, -0.9, 0]) > 1                      # above 1 is possible with negative values
    assert np.isnan(cv.gini([-1.0, 1])) and np.isnan(cv.gini([])) and np.isnan(cv.share_of_top([-1.0], .2))


def test_no_customers_and_no_total():
    assert repr(cv.lorenz([])) == "<Lorenz 0 customers, no positive total to share>"
    assert cv.lorenz([]).count_reaching(.8) == 0


def test_table_is_of_the_callers_kind():
    table = cv.lorenz(pd.Series([3.0, 1])).table(points=5)
    assert isinstance(table, pd.DataFrame)
    assert table["customers"].tolist() == [0, .25, .5, .75, 1] and table["value"].tolist() == [0, .375, .75, .875, 1]


@pytest.mark.parametrize("call, kind, text", [
    (lambda: cv.lorenz([1.0, np.nan]), cv.DataError, "row 1"), (lambda: cv.gini([1.0, np.inf]), cv.DataError, "row 1"),
    (lambda: cv.share_of_top([1.0], 20), cv.ConfigError, "between 0 and 1, got 20"),
    (lambda: cv.gini([1.0], negatives="drop"), cv.ConfigError, "negatives='drop'")])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_a_total_beyond_all_doubles_is_refused():
    huge = np.array([1e308, 1.2e308])
    with pytest.raises(cv.DataError):
        cv.lorenz(huge)
    assert np.isnan(cv.gini(huge)) and abs(cv.gini(huge / 1e8) - 1 / 22) < 1e-15


def test_a_missing_value_is_refused_with_a_remedy_that_exists():
    with pytest.raises(cv.DataError, match=r"\(row 1\) are NaN\n  Fill them in, or leave these rows out\."):
        cv.gini([1, np.nan])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=12).filter(lambda v: sum(v) > 0),
       st.lists(st.sampled_from([.1, .25, .3, .5, .8]), min_size=1, max_size=3, unique=True).map(sorted))
def test_totals_near_the_end_of_the_doubles_are_shared_like_others(values, cuts):
    tiny = [5e-324 * value for value in values]             # exact: the least double, counted
    assert cv.abc(tiny, cuts=cuts).labels.tolist() == cv.abc(values, cuts=cuts).labels.tolist()
    assert cv.gini(tiny) == cv.gini(values)
    assert_allclose([cv.share_of_top(tiny, p) for p in cuts], [cv.share_of_top(values, p) for p in cuts], rtol=1e-15)
    assert [cv.lorenz(tiny).count_reaching(p) for p in cuts] == [cv.lorenz(values).count_reaching(p) for p in cuts]


def test_one_customer_with_next_to_nothing_is_the_best():
    assert cv.abc([5e-324], cuts=[.1]).labels.tolist() == ["A"]
    assert cv.abc([0.1, 0.0], cuts=[5e-324]).labels.tolist() == ["A", "B"]
