"""Promise D6: ids survive exactly: every digit, byte and type."""
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
def test_ids_keep_value_type_and_order_of_appearance(what):
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
def test_ids_of_frames_keep_their_value(what, library):
    frames = pytest.importorskip(library)
    make = {"pandas": "DataFrame", "polars": "DataFrame", "pyarrow": "table"}[library]
    frame = getattr(frames, make)({"id": IDS[what], "t": np.array(["2025-01-01"] * len(IDS[what]), "M8[ns]")})
    base = cv.CustomerBase(frame, customer="id", time="t")
    assert list(base.customers.tolist()) == list(IDS[what])


@pytest.mark.parametrize("ids", [[1e18 + 1, 1e18 + 2], [2.0**53, 2.0], np.array([1e18, "a"], object), [0.5, 1.0]])
def test_floats_that_may_have_lost_digits_are_refused(ids):
    with pytest.raises(cv.DataError, match=r"2\*\*53"):
        cv.CustomerBase({"id": ids, "t": ["2025-01-01"] * 2}, customer="id", time="t")


def objects(*values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


@pytest.mark.parametrize("ids, apart", [
    (objects(1, np.int64(1), 1.0, np.uint8(1), np.float32(1)), 1),
    (objects("a", np.str_("a"), b"a", np.bytes_(b"a")), 2),
    (objects(1, True, "1", np.True_), 3),
    (objects(2**53 - 1, np.float64(2**53 - 1)), 1)], ids=str)
def test_one_id_in_several_types_is_one_customer(ids, apart):
    base = cv.CustomerBase({"id": ids, "t": ["2025-01-01"] * len(ids)}, customer="id", time="t")
    assert len(base.customers) == apart and base.customers[0] is ids[0]


@pytest.mark.parametrize("make", ["pandas", "pandas ordered", "pyarrow"])
@pytest.mark.parametrize("ids", [[2, 1, 2], [10**18 + 1, 10**18 + 2, 10**18 + 1], ["2", "1", "2"],
                                 np.array(["2025-01-02", "2025-01-01", "2025-01-02"], "M8[us]")])
def test_ids_in_categories_have_the_type_of_the_categories(ids, make):
    library = pytest.importorskip(make.split()[0])
    if make == "pyarrow":
        column = library.array(ids).dictionary_encode()
        frame = library.table({"id": column, "t": ["2025-01-01"] * 3})
    else:
        column = library.Categorical(ids, ordered="ordered" in make)
        frame = library.DataFrame({"id": column, "t": ["2025-01-01"] * 3})
    base = cv.CustomerBase(frame, customer="id", time="t")
    assert base.customers.tolist() == [ids[0], ids[1]]
    plain = cv.CustomerBase({"id": ids, "t": ["2025-01-01"] * 3}, customer="id", time="t")
    visits = {"time": ["2025-01-01"] * 2, "cost": [5.0, 7.0]}
    got = base.with_log("contacts", {"customer": ids[:2], **visits}).summary()["marketing"]
    assert np.asarray(got).tolist() == [5, 7]
    kind = library.table if make == "pyarrow" else library.DataFrame
    log = kind({"customer": column[:2], **visits})
    assert plain.with_log("contacts", log).summary()["marketing"].tolist() == [5, 7]


@pytest.mark.parametrize("ids", [[1.5, 2.0], [2.0**53, 1.0]])
def test_float_categories_are_refused_like_floats(ids):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"id": pd.Categorical(ids), "t": ["2025-01-01"] * 2})
    with pytest.raises(cv.DataError, match=r"2\*\*53"):
        cv.CustomerBase(frame, customer="id", time="t")


DAY = np.array(["2025-01-01", "2025-01-02"], "M8[D]")
EQUAL = {
    "float": (np.array([1, 2]), np.array([1.0, 2.0])),
    "unsigned": (np.array([1, 2]), np.array([1, 2], np.uint8)),
    "large and unsigned": (np.array([1, 2**63 - 1]), np.array([1, 2**63 - 1], np.uint64)),
    "NumPy scalars": (np.array([1, 2]), objects(np.int64(1), np.int64(2))),
    "floats among objects": (np.array([1, 2]), objects(1.0, 2)),
    "NumPy texts": (np.array(["a", "b"]), objects(np.str_("a"), np.str_("b"))),
    "texts": (["a", "b"], np.array(["a", "b"], "U9")),
    "days and microseconds": (DAY.astype("M8[us]"), DAY),
    "seconds and nanoseconds": (DAY.astype("M8[s]"), DAY.astype("M8[ns]")),
}


@pytest.mark.parametrize("door", ["log", "profile", "join"])
@pytest.mark.parametrize("what", EQUAL)
@pytest.mark.parametrize("turned", [False, True])
def test_equal_ids_match_across_types(what, door, turned):
    known, other = EQUAL[what][::-1] if turned else EQUAL[what]
    base = cv.CustomerBase({"id": known, "t": ["2025-01-01"] * 2}, customer="id", time="t")
    if door == "log":
        got = base.with_log("contacts", {"customer": other, "time": ["2025-01-01"] * 2, "cost": [5.0, 7.0]})
        assert got.summary()["marketing"].tolist() == [5, 7]
        return
    profile = {"customer": other, "users": [5, 7]}
    got = base.with_profile(profile).attributes() if door == "profile" else base.attributes(join=profile)
    assert got["users"].tolist() == [5, 7]


def test_a_log_with_a_missing_id_keeps_the_digits_of_the_others():
    pl = pytest.importorskip("polars")
    base = cv.CustomerBase({"id": [10**18 + 1, 10**18 + 2], "t": ["2025-01-01"] * 2}, customer="id", time="t")
    log = pl.DataFrame({"customer": [10**18 + 2, None], "time": ["2025-01-01"] * 2, "cost": [5.0, 7.0]})
    with pytest.warns(cv.DataWarning, match="left out 1 of 2 rows"):
        got = base.with_log("contacts", log, missing="drop")
    assert got.summary()["marketing"].tolist() == [0, 5]
