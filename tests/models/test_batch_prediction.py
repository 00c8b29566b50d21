"""Batch prediction by distinct pairs (x, T): the same bits as the kernels row by row."""
import numpy as np
import pandas as pd
import polars as pl
import pytest
from calls import histories
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv
from custval import _core

MODELS = [cv.BGNBD(r=0.243, alpha=30.9, a=0.793, b=2.426, unit="D"),
          cv.MBGNBD(r=0.525, alpha=43.3, a=0.891, b=1.614, unit="D"),
          cv.ParetoNBD(r=0.553, alpha=74.0, s=0.606, beta=81.7, unit="D")]
RATE = np.log1p(0.1) * 4 / 1461
N = 3000


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.prefix)
def test_pairs_have_the_bits_of_the_kernels(model):
    history, own = histories(N), model.parameters()

    def kernel(quantity, *front):
        return getattr(_core, f"{model.prefix}_{quantity}")(*front, *history, *own)

    assert_array_equal(model.p_alive(*history), kernel("p_alive"))
    assert_array_equal(model.expected_purchases(90, *history), kernel("expected_purchases", 90))
    assert_array_equal(model.expected_purchases((30, 90), *history), kernel("expected_purchases_between", 30, 90))
    assert_array_equal(model.dert(*history, discount=.1, t=90), kernel("dert", 90, RATE))
    assert_array_equal(model.dert(*history, discount=.1), kernel("dert", np.inf, RATE))
    assert_array_equal(model.dert(*history, discount=0, t=90), kernel("expected_purchases", 90))


def test_only_distinct_pairs_are_computed():
    """10^6 customers with 120 pairs take no longer than the kernels for some thousands."""
    x, t_x, T = (np.tile(column, 1000) for column in histories(1000))
    got = MODELS[0].dert(x, t_x, T, discount=.1)
    assert_array_equal(got[:1000], MODELS[0].dert(x[:1000], t_x[:1000], T[:1000], discount=.1))


def test_a_full_table_is_emptied_and_reused():
    x, t_x, T = histories(100_000)
    T = T + np.linspace(0, .5, len(x))                       # all different
    got = MODELS[2].expected_purchases(90, x, t_x, T)
    some = slice(None, None, 97)
    assert_array_equal(got[some], _core.pnbd_expected_purchases(90, x[some], t_x[some], T[some],
                                                                *MODELS[2].parameters()))


def test_missing_values_and_invalid_histories_are_as_in_the_kernels():
    x, t_x, T = histories(N)
    for column, row, value in ((x, 3, np.nan), (t_x, 5, np.nan), (T, 7, np.nan), (x, 11, -1), (x, 12, .5),
                               (t_x, 13, 1e9), (T, 17, -1), (T, 18, np.inf), (t_x, 19, -1)):
        column[row] = value
    with pytest.warns(RuntimeWarning, match="invalid value encountered in bgnbd_expected_purchases"):
        got = MODELS[0].expected_purchases(90, x, t_x, T)
    with np.errstate(invalid="ignore"):
        assert_array_equal(got, _core.bgnbd_expected_purchases(90, x, t_x, T, *MODELS[0].parameters()))
    assert np.isnan(got).sum() == 9
    x, t_x, T = histories(N)
    t_x[5] = np.nan
    with np.errstate(all="raise"):
        assert np.isnan(MODELS[0].expected_purchases(90, x, t_x, T)).sum() == 1
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(MODELS[0].expected_purchases(-1, *histories(N))).all()


def test_kinds_of_columns():
    x, t_x, T = histories(N)
    model, want = MODELS[0], MODELS[0].expected_purchases(90, *histories(N))
    frame = {"x": x.astype(np.int64), "t_x": t_x, "T": T}
    assert_array_equal(model.expected_purchases(90, pd.DataFrame(frame, index=np.arange(N)[::-1])), want)
    got = model.expected_purchases(90, pl.DataFrame(frame))
    assert isinstance(got, pl.Series) and got.name == "expected_purchases"
    assert_array_equal(got, want)
    holed = pl.DataFrame(frame).with_columns(pl.when(x <= 100).then(pl.col("t_x")).alias("t_x"))
    assert_array_equal(model.expected_purchases(90, holed).drop_nulls(), want[x <= 100])
    last = model.expected_purchases(90, x, t_x, np.full(N, 300.0))
    assert_array_equal(model.expected_purchases(90, x, t_x, 300.0), last)
    narrow = [column.astype(np.float32) for column in (x, t_x, T)]
    assert model.expected_purchases(90, *narrow).dtype == np.float32
    by_customer = np.linspace(1, 90, N)
    assert_array_equal(model.expected_purchases(by_customer, x, t_x, T)[-1], want[-1])
    assert_array_equal(model.expected_purchases(90, x, t_x, T, out=np.empty(N)), want)


def test_many_sums_at_once():
    """Three periods, their sum, and the sum with the later ones discounted."""
    history, own = histories(N), np.array(MODELS[1].parameters())
    edges, weights = np.array([0.0, 30, 60, 90]), np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [1, .5, .25]])
    got = _core.batch_predict("mbgnbd", *history, own, edges, weights.ravel(), 0.0).reshape(N, 5)
    for k in range(3):
        assert_allclose(got[:, k], MODELS[1].expected_purchases((edges[k], edges[k + 1]), *history), rtol=1e-11)
    assert_allclose(got[:, 3], got[:, :3].sum(1), rtol=1e-12)
    assert_allclose(got[:, 4], got[:, :3] @ weights[4], rtol=1e-12)


def test_invalid_arguments_are_refused():
    history, own, edges = histories(9), np.ones(4), np.arange(3.0)
    for prefix, parameters, periods, weights in (("ggnbd", own, edges, 2), ("bgnbd", own[:3], edges, 2),
                                                 ("bgnbd", own, edges[:0], 1), ("bgnbd", own, edges[:1], 2),
                                                 ("bgnbd", own, edges, 3)):
        with pytest.raises(ValueError, match=r"no model 'ggnbd'|parameters, edges or weights that do not fit"):
            _core.batch_predict(prefix, *history, parameters, periods, np.ones(weights), 0.0)
