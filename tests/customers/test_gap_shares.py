"""Shares of calendar periods in the time of the gaps between purchases, on a clock: _core.gap_shares by hand."""
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from custval import _core

PERIOD = np.array([0, 0, 0, 1, 1, 3, 3, 3])                 # period 2 has no day
LENGTH = np.array([1, 2, 1, .5, 0, 2, 1, 4.])
TICK = np.array([9, 12, 12, 15, 17, 10, 17], np.int32)      # two customers; the third row begins no purchase
BEGINS = np.array([1, 1, 0, 1, 1, 1, 1.])
BEGIN, END = np.array([0, 5]), np.array([5, 7])


def shares(tick=TICK, begins=BEGINS, begin=BEGIN, end=END, origin=10, period=PERIOD, length=LENGTH):
    return _core.gap_shares(tick, begins, begin, end, origin, period, length)


def test_each_gap_has_one_share_in_every_period_that_it_runs_through():
    """Days 10 to 17; gaps (9, 12], (12, 15], (15, 17] and (10, 17]."""
    gaps = np.array([[4, 0, 0, 0], [0, .5, 0, 2], [0, 0, 0, 5], [3, .5, 0, 7]])
    parts = gaps / gaps.sum(1, keepdims=True)
    share, square = shares()
    assert_allclose(share, parts.sum(0), rtol=1e-15)
    assert_allclose(square, (parts**2).sum(0), rtol=1e-15)


def test_random_gaps_agree_with_sums_by_day():
    g = np.random.default_rng(8)
    length, period = g.exponential(1, 200), np.arange(200) // 9
    bought = [np.sort(g.choice(np.arange(-1, 200), n, replace=False)) for n in g.integers(0, 12, 50)]
    end = np.cumsum([len(days) for days in bought])
    got = _core.gap_shares(np.concatenate(bought).astype(np.int32), np.ones(end[-1]), np.append(0, end[:-1]), end, 0,
                           period, length)
    parts = np.array([np.bincount(period[a + 1:b + 1], length[a + 1:b + 1] / length[a + 1:b + 1].sum(), 23)
                      for days in bought for a, b in pairwise(days)])
    assert_allclose(got, [parts.sum(0), (parts**2).sum(0)], atol=1e-13, rtol=1e-13)     # differences of cumulated times


@pytest.mark.parametrize("change", [
    {"origin": 11}, {"tick": TICK + 1}, {"tick": np.array([9, 12, 12, 11, 17, 10, 17], np.int32)},
    {"begins": np.ones(7)}, {"length": np.where(PERIOD == 0, 0, LENGTH)}, {"length": -LENGTH},
    {"length": LENGTH * np.nan}, {"period": PERIOD[::-1].copy()}, {"period": PERIOD - 1},
    {"period": PERIOD + 4096}, {"begins": None}])
def test_numbers_outside_the_domain_are_refused(change):
    with pytest.raises(ValueError, match=r"domain|marks"):
        shares(**change)
