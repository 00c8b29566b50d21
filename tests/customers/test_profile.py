"""Profiles and joins: columns keep the type of their frame, and a customer without a row has a missing value."""
import numpy as np
import pytest

import custval as cv

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

IDS = ["a", "b", "c"]
PROFILE = {"customer": ["c", "a"], "users": [5, 7], "name": ["x", "y"], "vip": [True, False],
           "since": np.array(["2020-01-01", "2021-01-01"], "M8[us]"), "tax": [10**18 + 1, 10**18 + 2],
           "first_contact": np.array(["2020-01-01", "2021-01-01"], "M8[us]")}
KINDS = {"polars": pl.DataFrame, "pyarrow": pa.table,
         "pandas nullable": lambda d: pd.DataFrame(d).convert_dtypes(dtype_backend="numpy_nullable"),
         "pandas arrow": lambda d: pd.DataFrame(d).convert_dtypes(dtype_backend="pyarrow")}


def base(make=dict, ids=IDS):
    return cv.CustomerBase(make({"id": ids, "t": ["2025-01-01"] * len(ids)}), customer="id", time="t")


def types(frame):
    return dict(zip(frame.schema.names, frame.schema.types, strict=True)) if isinstance(frame, pa.Table) else dict(
        frame.schema if isinstance(frame, pl.DataFrame) else frame.dtypes)


def plain(column):
    """Return a column as a list with None for a missing value."""
    return [None if v is pd.NA or v is pd.NaT else v for v in getattr(column, "to_pylist", column.__iter__)()]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_with_a_missing_value_keep_type_and_digits(kind):
    frame = KINDS[kind](PROFILE)
    got = base(KINDS[kind]).with_profile(frame).attributes()
    assert {n: types(got)[n] for n in PROFILE if n not in ("customer", "first_contact")} == {
        n: t for n, t in types(frame).items() if n not in ("customer", "first_contact")}
    assert plain(got["users"]) == [7, None, 5] and plain(got["tax"]) == [10**18 + 2, None, 10**18 + 1]
    assert plain(got["vip"]) == [False, None, True] and plain(got["name"]) == ["y", None, "x"]
    assert [str(v)[:10] for v in plain(got["since"])] == ["2021-01-01", "None", "2020-01-01"]
    assert [v is None or float(v) for v in plain(got["years"])] == pytest.approx([4.0, 0.0, 5.0], abs=.01)


@pytest.mark.parametrize("of_profile", [dict, pd.DataFrame, *KINDS.values()])
@pytest.mark.parametrize("of_base", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_a_profile_may_be_of_another_kind(of_base, of_profile):
    profile = of_profile({name: PROFILE[name] for name in ("customer", "users", "name", "vip")})
    got = base(of_base).with_profile(profile).attributes()
    assert [v for v in plain(got["users"]) if v == v and v is not None] == [7, 5]
    assert plain(got["name"])[::2] == ["y", "x"] and plain(got["vip"])[::2] == [False, True]
    if of_base is pl.DataFrame:
        assert pl.Object not in types(got).values()


@pytest.mark.parametrize("make", [dict, pd.DataFrame])
def test_integers_that_would_lose_digits_beside_a_missing_value_are_refused(make):
    profile = make({name: PROFILE[name] for name in ("customer", "tax")})
    with pytest.raises(cv.DataError, match=r"'tax': integers beyond 2\*\*53 lose digits"):
        base(make).with_profile(profile).attributes()
    whole = base(make, ["a", "c"]).with_profile(profile).attributes()["tax"]
    assert list(whole) == [10**18 + 2, 10**18 + 1]


@pytest.mark.parametrize("make", [dict, pd.DataFrame, *KINDS.values()])
def test_a_profile_without_rows_is_all_missing(make):
    profile = make({"customer": np.array([], "U1"), "users": np.array([], float)})
    got = base(make).with_profile(profile).attributes()["users"]
    assert all(v is None or v != v for v in plain(got)) and len(got) == 3


def test_ids_are_never_overwritten():
    with pytest.raises(cv.DataError, match="the profile has a column 'customer', which is there already"):
        base().with_profile({"who": IDS, "customer": ["x", "y", "z"]}, customer="who").attributes()


@pytest.mark.parametrize("make", [dict, pl.DataFrame])
def test_join_rows_of_unknown_customers_are_reported(make):
    with pytest.warns(cv.DataWarning, match="join: 1 of 4 rows are of customers that the base does not have now, such"):
        got = base(make).attributes(join=make({"customer": ["z", "c", "b", "a"], "users": [0, 3, 2, 1]}))
    assert list(got["users"]) == [1, 2, 3]


def test_a_profile_survives_as_of():
    log = pl.DataFrame({"id": IDS, "t": ["2025-01-01", "2025-03-01", "2025-02-01"]})
    known = cv.CustomerBase(log, customer="id", time="t").with_profile(pl.DataFrame(PROFILE)).as_of("2025-02-01")
    assert known.attributes()["users"].to_list() == [7, 5]
