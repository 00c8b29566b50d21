"""Purchases, histories, totals, periods and cuts of a ledger, against the slow twin and by hand."""
from math import fsum

import ledger_twin as twin
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from custval import _core

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9), st.sampled_from([-5.0, 0.0, 0.1, 2.5, 5.0])),
                max_size=40)
edges = st.lists(st.integers(-12, 12), min_size=1, max_size=5, unique=True).map(sorted)


def group(log):
    """Return the ledger's columns and the rows of each customer as the twin lists them."""
    keys, tick, amount = (np.array([row[i] for row in log], kind)
                          for i, kind in enumerate((np.int64, np.int32, np.float64)))
    new_tick, (new_amount,), row, begin, end, _ = _core.ledger(keys, tick, (amount,), True)
    lists = [row[b:e].tolist() for b, e in zip(begin, end, strict=True)]
    return (new_tick, new_amount, begin, end), (lists, tick, amount)


@given(rows, edges | st.none(), st.booleans())
def test_summary_agrees_with_the_twin(log, starts, with_amount):
    (new_tick, new_amount, begin, end), (lists, tick, amount) = group(log)
    starts = None if starts is None else np.array(starts, np.int32)
    want = [twin.summary(each, tick, amount if with_amount else np.ones(len(tick)), 10, starts, 2, 7)
            for each in lists]
    got = _core.summary(new_tick, new_amount if with_amount else None, begin, end, 10, starts, 2, 7)
    for name, column, values in zip(("x", "t_x", "T", "m_x", "recency"), got, zip(*want, strict=True), strict=False):
        assert_array_equal(column, np.nan if name == "m_x" and not with_amount else values)
    total, first, last = got[5:]
    assert_array_equal(total, [twin.settled(amount[each]) if with_amount else len(each) for each in lists])
    assert_array_equal(first, [tick[each[0]] for each in lists])
    assert_array_equal(last, [tick[each[-1]] for each in lists])


@given(rows, edges | st.none())
def test_purchases_agree_with_the_twin(log, starts):
    (new_tick, new_amount, begin, end), (lists, tick, amount) = group(log)
    starts = None if starts is None else np.array(starts, np.int32)
    begins, net = _core.purchases(new_tick, new_amount, begin, end, starts)
    for b, e, each in zip(begin.tolist(), end.tolist(), lists, strict=True):
        bought = [g for g in twin.grains(each, tick, amount, starts) if g[1] > 0 or (g[1] == 0 and not g[2])]
        assert_array_equal(net[b:e][begins[b:e] == 1], [g[1] for g in bought])
        assert begins[b:e].sum() == len(bought)
        assert not net[b:e][begins[b:e] == 0].any()


@given(rows, edges)
def test_periods_totals_and_cuts_agree_with_the_twin(log, bounds):
    (new_tick, new_amount, begin, end), (lists, tick, amount) = group(log)
    bounds = np.array(bounds, np.int32)
    for value, column in ((amount, new_amount), (None, None)):
        got = _core.history(new_tick, column, begin, end, bounds)
        assert got.shape == (len(begin), len(bounds) - 1)
        for line, each in zip(got, lists, strict=True):
            assert_array_equal(line, twin.history(each, tick, value, bounds))
    assert_array_equal(_core.totals(new_amount, begin, end), [twin.settled(amount[each]) for each in lists])
    last = int(bounds[0])
    assert_array_equal(_core.cut(new_tick, begin, end, last) - begin,
                       [sum(tick[r] <= last for r in each) for each in lists])


# A customer in each case: rows (tick, amount); x, t_x, T at tick 20, m_x, recency; by hand from the definition.
CASES = {
    "one order": ([(3, 5.0)], (0, 0, 17, np.nan, 17)),
    "same day twice": ([(3, 5.0), (3, 7.0)], (0, 0, 17, np.nan, 17)),
    "free orders count": ([(3, 0.0), (5, 0.0)], (1, 2, 17, 0.0, 15)),
    "refund on another day": ([(3, 5.0), (8, -5.0)], (0, 0, 17, np.nan, 17)),
    "refund to zero on the day": ([(3, 5.0), (8, 4.0), (8, -4.0)], (0, 0, 17, np.nan, 17)),
    "part refund on the day": ([(3, 5.0), (8, 4.0), (8, -1.0)], (1, 5, 17, 3.0, 12)),
    "refund first": ([(1, -2.0), (3, 5.0), (9, 1.0), (11, 2.0)], (2, 8, 17, 1.5, 9)),
    "only refunds": ([(3, -5.0)], (0, 0, np.nan, np.nan, np.nan)),
}


@pytest.mark.parametrize("log, want", CASES.values(), ids=CASES)
def test_refunds_and_free_orders_decide_what_a_purchase_is(log, want):
    tick, amount = (np.array(column) for column in zip(*log, strict=True))
    got = _core.summary(tick.astype(np.int32), amount, np.array([0]), np.array([len(log)]), 20, None, 1, 1)
    assert_array_equal(np.ravel(got[:5]), want)


def test_a_coarse_grain_is_dated_by_its_first_order_for_recency_too():
    """In weeks from 0: a refund on day 1 starts no purchase, and the last purchase begins on day 22."""
    tick = np.array([1, 2, 6, 8, 20, 22, 23, 24], np.int32)
    amount = np.array([-0.5, 1.0, 2.0, -3.0, 4.0, 5.0, 6.0, -1.0])
    weeks, held = np.array([0, 7, 14, 21], np.int32), (np.array([0]), np.array([8]))
    got = _core.summary(tick, amount, *held, 27, weeks, 1, 7)
    assert [column[0] for column in got] == [2, 20 / 7, 25 / 7, 14 / 2, 5 / 7, 13.5, 1, 24]
    begins, net = _core.purchases(tick, amount, *held, weeks)
    assert tick[begins == 1].tolist() == [2, 20, 22] and net[begins == 1].tolist() == [2.5, 4, 10]


def test_shuffled_rows_give_identical_bytes():
    g = np.random.default_rng(3)
    key, tick = g.integers(0, 40, 3_000), g.integers(0, 30, 3_000).astype(np.int32)
    amount = g.normal(10, 20, 3_000)

    def answers(order):
        new_tick, (new_amount,), _, begin, end, first = _core.ledger(key[order], tick[order], (amount[order],), False)
        by_key = np.argsort(key[order][first])
        held = new_tick, new_amount, begin[by_key], end[by_key]
        weeks = np.arange(0, 31, 7, dtype=np.int32)
        return b"".join(a.tobytes() for a in (*_core.summary(*held, 40, weeks, 1, 7), _core.totals(*held[1:]),
                                              _core.history(*held, weeks)))

    want = answers(np.arange(3_000))
    assert all(answers(g.permutation(3_000)) == want for _ in range(20))


def test_ranges_and_edges_are_checked():
    tick, amount = np.zeros(3, np.int32), np.zeros(3)
    for begin, end in [(-1, 2), (2, 1), (0, 4), (4, 4)]:
        with pytest.raises(ValueError, match="customer 0: rows"):
            _core.totals(amount, np.array([begin]), np.array([end]))
    for wrong in ([], [1, 1], [2, 1]):
        with pytest.raises(ValueError, match="ascending"):
            _core.history(tick, None, np.array([0]), np.array([3]), np.array(wrong, np.int32))
    for last, num, den in [(2**31, 1, 1), (2**70, 1, 1), (0, 0, 1), (0, 1, np.nan)]:
        with pytest.raises(ValueError, match="summary"):
            _core.summary(tick, amount, np.array([0]), np.array([3]), last, None, num, den)
    with pytest.raises(ValueError, match="values: 2 entries, expected 3"):
        _core.summary(tick, amount[:2], np.array([0]), np.array([3]), 1, None, 1, 1)


def test_a_refund_in_full_leaves_no_cent():
    """0.1 + 0.2 - 0.3 is 2.8e-17 in binary: by rounding only, so neither a purchase nor money."""
    key, tick = np.zeros(3, np.int64), np.zeros(3, np.int32)
    tick, (amount,), _, begin, end, _ = _core.ledger(key, tick, (np.array([0.1, 0.2, -0.3]),), False)
    assert amount.sum() != 0
    assert _core.totals(amount, begin, end) == 0
    assert _core.history(tick, amount, begin, end, np.array([0, 1], np.int32)) == 0
    assert np.isnan(_core.summary(tick, amount, begin, end, 9, None, 1, 1)[2])


def test_sums_of_a_long_history_are_exact():
    """A hundred thousand cents beside a large order and its refund are 1,000.00, to the last bit."""
    amount = np.concatenate([[1e9], np.full(100_000, 0.01), [-1e9]])
    _tick, (amount,), _, begin, end, _ = _core.ledger(
        np.zeros(len(amount), np.int64), np.arange(len(amount), dtype=np.int32), (amount,), False)
    assert _core.totals(amount, begin, end) == fsum(amount)


def test_a_sum_beyond_all_doubles_is_infinite():
    tick, (amount,), _, begin, end, _ = _core.ledger(
        np.zeros(2, np.int64), np.zeros(2, np.int32), (np.array([1e308, 1e308]),), False)
    assert np.isinf(_core.totals(amount, begin, end))
    assert np.isinf(_core.history(tick, amount, begin, end, np.array([0, 1], np.int32)))
