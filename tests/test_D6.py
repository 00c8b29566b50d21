"""Promise D6: ids survive exactly."""
import numpy as np
import pytest

import custval as cv

LONG = "x" * 1_000_000
IDS = {
    "leading zeros": ["007", "7", "07"],
    "large integers": np.array([2**63 - 1, -2**63, 10**18 + 1, 10**18 + 2]),
    "unsigned": np.array([2**64 - 1, 2**63, 0], np.uint64),
    "small types": np.array([-128, 127, 0], np.int8),
    "empty and blank": ["", " ", "  "],
    "NUL": ["a", "a\0", "a\0b", "\0"],
    "any script": ["客户", "顾客", "🛒", "👩‍👩‍👧", "é", "e\u0301", "ß", "SS"],
    "long": [LONG, LONG + "y", "x"],
    "numpy text": np.array(["a", "ab", "abc", ""]),
    "numpy bytes": np.array([b"a", b"ab", b"abc"]),
    "kinds apart": np.array([1, "1", b"1", (1,)], object),
    "whole floats": np.array([1.0, 2.0**53 - 1, -3.0]),
    "text of numbers": ["1", "1.0", "1e0", "01"],
}


@pytest.mark.parametrize("what", IDS)
def test_ids_stay_as_they_are_apart_and_in_order(what):
    ids = IDS[what]
    twice = [*ids, *list(ids)[::-1]] if isinstance(ids, list) else np.concatenate([ids, ids[::-1]])
    base = cv.CustomerBase({"id": twice, "t": ["2025-01-01"] * len(twice)}, customer="id", time="t")
    assert base.customers.tolist() == list(ids if isinstance(ids, list) else ids.tolist())
    assert [type(i) for i in base.customers.tolist()] == [type(i) for i in (
        ids if isinstance(ids, list) else ids.tolist())]
    assert base.summary()["orders"].tolist() == [2] * len(ids)
    if isinstance(ids, np.ndarray):
        assert base.customers.dtype == ids.dtype


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("what", ["leading zeros", "large integers", "unsigned", "empty and blank", "any script",
                                  "NUL"])
def test_ids_stay_in_frames(what, library):
    frames = pytest.importorskip(library)
    make = {"pandas": "DataFrame", "polars": "DataFrame", "pyarrow": "table"}[library]
    frame = getattr(frames, make)({"id": IDS[what], "t": np.array(["2025-01-01"] * len(IDS[what]), "M8[ns]")})
    base = cv.CustomerBase(frame, customer="id", time="t")
    assert list(base.customers.tolist()) == list(IDS[what])


@pytest.mark.parametrize("ids", [[1e18 + 1, 1e18 + 2], [2.0**53, 2.0], np.array([1e18, "a"], object), [0.5, 1.0]])
def test_floats_that_may_have_lost_digits_are_refused(ids):
    with pytest.raises(cv.DataError, match=r"2\*\*53"):
        cv.CustomerBase({"id": ids, "t": ["2025-01-01"] * 2}, customer="id", time="t")
