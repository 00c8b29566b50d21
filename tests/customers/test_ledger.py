"""The ledger against its slow twin (reference/ledger_twin.py), for any keys, times and order of rows."""
import time

import ledger_twin as twin
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from custval import _core

EXTREME = [-2**63, -2**63 + 1, -1, 0, 1, 2**63 - 1, 10**18 + 1, 10**18 + 2]
MULTIPLIERS = [0x9E3779B97F4A7C15, 0xD1342543DE82EF95]        # ledger.c and cluster.c

keys = st.one_of(st.sampled_from(EXTREME), st.integers(-3, 3), st.integers(-2**63, 2**63 - 1))
values = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([-0.0, 1e-300, -1e300, 0.1]))
logs = st.lists(st.tuples(keys, st.integers(-3, 3), values, values), max_size=60)


def arrays(log):
    key, tick, amount, cost = zip(*log, strict=True) if log else ([], [], [], [])
    return (np.array(key, np.int64), np.array(tick, np.int32),
            (np.array(amount, np.float64), np.array(cost, np.float64)))


def check(keys, tick, columns):
    """Compare the ledger with the twin and return it."""
    new_tick, new_columns, row, begin, end, first_row = _core.ledger(keys, tick, columns, True)
    assert_array_equal(new_tick, tick[row])
    for new, column in zip(new_columns, columns, strict=True):
        assert new.tobytes() == column[row].tobytes()
    want = twin.ledger(keys, tick, columns)
    assert_array_equal(keys[first_row], np.array(list(want), np.int64))
    assert_array_equal(first_row, [min(rows) for rows in want.values()])
    for b, e, rows in zip(begin.tolist(), end.tolist(), want.values(), strict=True):
        assert_array_equal(row[b:e], rows)
    assert (end - begin).sum() == len(keys)
    return new_tick, new_columns, begin, end, keys[first_row]


def per_customer(keys, tick, columns):
    new_tick, new_columns, row, begin, end, first_row = _core.ledger(keys, tick, columns, False)
    assert row is None
    return {key: b"".join((new_tick[b:e].tobytes(), *((c[b:e] + 0.0).tobytes() for c in new_columns)))
            for key, b, e in zip(keys[first_row].tolist(), begin, end, strict=True)}


@given(logs)
def test_any_log_is_grouped_as_the_twin_does(log):
    check(*arrays(log))


@given(logs, st.randoms())
def test_shuffled_rows_give_identical_bytes(log, random):
    before = per_customer(*arrays(log))
    random.shuffle(log)
    assert per_customer(*arrays(log)) == before


def random_log(n, customers, seed, spread=2**63 - 1, days=700):
    g = np.random.default_rng(seed)
    ids = g.integers(-spread - 1, spread, customers)
    return (ids[g.integers(0, customers, n)], g.integers(-days, days, n).astype(np.int32),
            (g.normal(20, 30, n).round(0),))


SHAPES = {"sparse": (2**63 - 1, 9_000), "dense": (5_000, 9_000), "few": (2**63 - 1, 3),
          "all different": (2**63 - 1, 10**6), "dense with gaps": (60_000, 900)}


@pytest.mark.parametrize("spread, customers", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("order", ["as it comes", "by id", "by id downwards", "by time"])
def test_many_rows(spread, customers, order):
    keys, tick, columns = random_log(40_000, customers, 5, spread)
    if order != "as it comes":
        place = np.argsort(tick if order == "by time" else keys, kind="stable")
        if order == "by id downwards":
            place = place[::-1]
        keys, tick, columns = keys[place], tick[place], tuple(c[place] for c in columns)
    check(keys, tick, columns)


def test_no_columns_no_rows_one_row():
    for n in (0, 1, 2):
        check(np.zeros(n, np.int64), np.zeros(n, np.int32), ())
    check(np.array([2**63 - 1]), np.array([5], np.int32), (np.array([-0.0]),))


def test_unsigned_keys_are_distinct():
    keys = np.array([2**64 - 1, 0, 2**63, 2**64 - 1], np.uint64)
    assert_array_equal(_core.ledger(keys, np.zeros(4, np.int32), (), False)[5], [0, 1, 2])


@pytest.mark.parametrize("days", [1, 2, 10**6], ids=["ties", "two days", "days"])
@pytest.mark.parametrize("whale", [0.5, 1.0])
def test_one_customer_with_200000_shuffled_rows_is_quick(days, whale):
    keys, tick, columns = random_log(200_000, 20_000, 3, days=days)
    keys[np.random.default_rng(4).random(len(keys)) < whale] = 7
    start = time.perf_counter()
    ledger = _core.ledger(keys, tick, columns, True)
    assert time.perf_counter() - start < 1.0                  # 0.03 s; insertion sort alone needs 10 s
    again = np.lexsort((columns[0], tick, keys))[np.searchsorted(np.sort(keys), 7):][:1000]
    b, e = next((b, e) for b, e, f in zip(*ledger[3:], strict=True) if keys[f] == 7)
    assert_array_equal(ledger[2][b:e][:1000], again)


@pytest.mark.parametrize("odd", MULTIPLIERS)
def test_keys_made_against_a_multiplier_are_quick(odd):
    inverse = pow(odd, -1, 2**64)
    keys = np.arange(100_000, dtype=np.uint64) * np.uint64(inverse)      # all hash to one slot
    g = np.random.default_rng(1)
    keys = g.permutation(np.concatenate([keys, keys]))
    start = time.perf_counter()
    begin = _core.ledger(keys, np.zeros(len(keys), np.int32), (), False)[3]
    assert time.perf_counter() - start < 1.0                  # 0.02 s; quadratic probing needs 10 s
    assert len(begin) == 100_000


def test_nan_amounts_are_kept():
    g = np.random.default_rng(2)
    amount = np.where(g.random(5_000) < 0.3, np.nan, 1.0)
    keys = g.integers(0, 3, 5_000)
    new = _core.ledger(keys, np.zeros(5_000, np.int32), (amount,), False)
    assert np.isnan(new[1][0]).sum() == np.isnan(amount).sum()


def test_columns_are_refused_by_name():
    keys, tick = np.zeros(3, np.int64), np.zeros(3, np.int32)
    for args, error, text in [
        ((keys, tick), TypeError, "takes 4 arguments, got 3"),
        ((keys.astype(float), tick, ()), TypeError, "keys"),
        ((keys, tick.astype(np.int64), ()), TypeError, "tick"),
        ((keys, tick[:2], ()), ValueError, "tick: 2 entries, expected 3"),
        ((keys, tick, [np.zeros(3)]), TypeError, "tuple"),
        ((keys, tick, (np.zeros(3), np.zeros(4))), ValueError, "columns: 4 entries"),
        ((keys, tick, (np.zeros(3, object),)), TypeError, "columns"),
    ]:
        with pytest.raises(error, match=text):
            _core.ledger(*args, False)


def test_layout_does_not_matter():
    keys, tick, (amount,) = random_log(1_000, 50, 6)
    want = check(keys, tick, (amount,))
    wide = np.repeat(amount, 3)[::3]
    got = check(np.asfortranarray(keys).byteswap().view(keys.dtype.newbyteorder()), tick[::-1][::-1], (wide,))
    for a, b in zip(want, got, strict=True):
        assert_array_equal(a, b)


@given(st.lists(st.integers(-2**63, 2**63 - 1)), st.integers(1, 10**15))
def test_ticks_are_floors(time, per_tick):
    time = np.array([*time, -2**63, -1, 0, 86_399, 86_400], np.int64)
    assert_array_equal(_core.ticks(time, per_tick, -700_000, 3_000_000),
                       twin.ticks(time, per_tick, -700_000, 3_000_000))


def test_ticks_refuse_invalid_ranges():
    time = np.zeros(1, np.int64)
    for per_tick, first, last in [(0, 0, 1), (-1, 0, 1), (1, 2, 1), (1, -2**31, 0), (1, 0, 2**31)]:
        with pytest.raises(ValueError, match="per_tick"):
            _core.ticks(time, per_tick, first, last)


def test_bad_values_are_counted_and_the_first_named():
    values = np.array([1.0, np.nan, -np.inf, 2.0, np.inf])
    count, rows = _core.bad_values(values, 2)
    assert count == 3
    assert_array_equal(rows, [1, 2])
    assert _core.bad_values(values[::3], 5)[0] == 0


@given(logs)
def test_values_are_grouped_as_a_ledger_without_times(log):
    keys, _, columns = arrays(log)
    want = _core.ledger(keys, np.zeros(len(keys), np.int32), columns, False)
    grouped, begin, end, first = _core.group_by(keys, columns)
    assert [c.tobytes() for c in grouped] == [c.tobytes() for c in want.columns]
    for got, named in ((begin, want.begin), (end, want.end), (first, want.first_row)):
        assert_array_equal(got, named)
    assert keys[first].tolist() == list(dict.fromkeys(keys.tolist()))
