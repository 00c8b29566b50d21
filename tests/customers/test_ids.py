"""Codes of ids: every byte, every type and the order of first appearance survive (promise D6)."""
import os
import subprocess
import sys
from pathlib import Path

import ledger_twin as twin
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from custval import _core

TRAPS = ["007", "7", " 7", "7 ", "", "\0", "\0\0", "A", "a", "Ä", "Ä", "甲", "🙂", "x" * 7, "x" * 8, "x" * 9,
         "x" * 1_000_000, "x" * 999_999 + "y", str(10**18 + 1), str(10**18 + 2)]


def buffers(texts):
    """Return offsets and data of texts, as Arrow keeps them."""
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *(len(each) for each in encoded)])
    return offsets, np.frombuffer(b"".join(encoded), np.uint8)


def check(codes, ids):
    want, first = twin.codes(ids)
    assert_array_equal(codes[0], want)
    assert_array_equal(codes[1], first)


@given(st.lists(st.one_of(st.text(max_size=20), st.sampled_from(["a", "b", "\0", "007"]))))
def test_texts_are_numbered_as_the_twin_does(texts):
    check(_core.codes_of_bytes(*buffers(texts)), texts)
    check(_core.codes_of_objects(np.array([*texts, None], object)[:-1]), texts)


def test_similar_texts_get_different_codes():
    texts = TRAPS + TRAPS[::-1]
    check(_core.codes_of_bytes(*buffers(texts)), texts)
    check(_core.codes_of_objects(np.array(texts, object)), texts)


@pytest.mark.parametrize("distinct", [3, 5_000, 100_000])
def test_many_texts(distinct):
    number = np.random.default_rng(1).integers(0, distinct, 100_000)
    texts = [f"customer-{n}" for n in number]
    codes, first = _core.codes_of_bytes(*buffers(texts))
    unique, where, inverse = np.unique(number, return_index=True, return_inverse=True)
    assert_array_equal(first, np.sort(where))
    assert_array_equal(codes, np.argsort(np.argsort(where))[inverse])
    fixed = np.array(texts, "U16").view(np.uint8).reshape(len(texts), 64)
    for got, want in zip(_core.codes_of_fixed(fixed), (codes, first), strict=True):
        assert_array_equal(got, want)
    assert len(unique) == len(first)


def test_equal_hashes_are_settled_by_the_bytes():
    numbers = np.arange(400_000, dtype=np.uint32)               # about 18 pairs agree in 32 bits of hash
    for column in _core.codes_of_fixed(numbers.view(np.uint8).reshape(-1, 4)):
        assert_array_equal(column, numbers)


def test_empty_columns_and_texts_of_width_0():
    for codes, first in (_core.codes_of_bytes(np.zeros(1, np.int64), np.zeros(0, np.uint8)),
                         _core.codes_of_fixed(np.zeros((0, 4), np.uint8)),
                         _core.codes_of_objects(np.zeros(0, object))):
        assert len(codes) == len(first) == 0
    check(_core.codes_of_fixed(np.zeros((3, 0), np.uint8)), ["", "", ""])


def test_equal_looking_ids_of_different_types_get_different_codes():
    class Label(str):
        pass

    ids = [1, "1", 1.0, True, np.int64(1), b"1", (int, 1), None, Label("1"), "1", 1, True, None, (int, 1)]
    codes, first = _core.codes_of_objects(np.array([*ids, 0], object)[:-1])
    assert_array_equal(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 3, 7, 6])
    assert_array_equal(first, np.arange(9))


def test_an_unhashable_id_is_refused():
    with pytest.raises(TypeError, match="unhashable"):
        _core.codes_of_objects(np.array([1, [2], 3], object))


def test_codes_do_not_depend_on_the_hash_seed():
    program = ("import numpy as np; from custval import _core; "
               "print([c.tolist() for c in _core.codes_of_fixed(np.arange(9000, dtype=np.uint8).reshape(-1, 3))])")
    outputs = {subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed},
                              capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout
               for seed in ("0", "1")}
    assert len(outputs) == 1


def test_invalid_offsets_and_buffers_are_refused():
    data = np.zeros(4, np.uint8)
    for offsets in ([], [-1, 2], [0, 5], [0, 3, 2, 4], [0, 9, 2]):
        with pytest.raises(ValueError, match="offsets"):
            _core.codes_of_bytes(np.array(offsets, np.int64), data)
    for wrong in (data, data.astype(np.int8).reshape(2, 2), [[1, 2]]):
        with pytest.raises(TypeError, match="uint8"):
            _core.codes_of_fixed(wrong)
    with pytest.raises(TypeError, match="objects"):
        _core.codes_of_objects(np.array(["a"]))


def test_the_memory_layout_does_not_matter():
    matrix = np.random.default_rng(5).integers(0, 2, (50, 3), dtype=np.uint8)
    want = _core.codes_of_fixed(matrix)
    for layout in (np.asfortranarray(matrix), np.repeat(matrix, 2, axis=0)[::2], matrix[::-1][::-1]):
        for got, expected in zip(_core.codes_of_fixed(layout), want, strict=True):
            assert_array_equal(got, expected)
