"""A base comes back from its file with the same bits, ids, logs, profile and account; damaged files are refused."""
import datetime
import io
import json
import zipfile
from decimal import Decimal

import numpy as np
import pytest

import custval as cv

pd = pytest.importorskip("pandas")
FULL = {"customer": "who", "time": "day", "amount": "paid", "cost": "cost", "product": "item", "order": "no"}


def log_of(ids, n=60):
    g = np.random.default_rng(8)
    return {"who": [ids[k] for k in g.integers(0, len(ids), n)], "no": [f"o{k // 2}" for k in range(n)],
            "day": (np.datetime64("2024-01-01") + g.integers(0, 300, n)).astype(str).tolist(),
            "paid": (g.integers(-99, 999, n) / 100).tolist(), "cost": (g.integers(0, 99, n) / 100).tolist(),
            "item": [f"p{k}" for k in g.integers(0, 5, n)]}


def answers(base):
    tables = [base.summary(), base.history(unit="Q"), base.check().table()]
    tables += [base.attributes()] if base.snapshot.start is None else []
    found = [table if isinstance(table, dict) else table.to_pydict() if hasattr(table, "to_pydict") else
             table.to_dict(as_series=False) if hasattr(table, "lazy") else table.to_dict("list") for table in tables]
    found = [(name, repr(np.asarray(column).tolist())) for table in found for name, column in table.items()]
    return found, base.rows, base.rows.money, base.log_rows, base.card(), base.customers.dtype


def kept(base, tmp_path, name="base.npz"):
    base.save(tmp_path / name)
    return cv.load(tmp_path / name)


IDS = {"integers": np.arange(9), "wide": np.array([2**63 - 1, -2**63]), "text": ["a", "b\0", "钱塘", "\u200bx"],
       "dates": [datetime.date(2020, 1, k) for k in (1, 2)], "mixed": [7, "7", True, b"7", Decimal("7.5")],
       "floats": [1.0, 7.0]}


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_every_type_stay(kind, tmp_path):
    ids = list(IDS[kind])
    log = log_of(ids)
    who = np.empty(60, object)
    who[:] = log["who"]
    log["who"] = who if kind in ("mixed", "dates", "text") else np.array(log["who"])
    base = cv.CustomerBase(log, **FULL)
    again = kept(base, tmp_path)
    assert answers(again) == answers(base)
    assert [(type(value), value) for value in again.customers.tolist()] == [
        (type(value), value) for value in base.customers.tolist()]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "Int32", "object", "category", "string", "int64[pyarrow]",
                                   "string[pyarrow]", "datetime64[ns]"])
def test_types_of_pandas_stay(dtype, tmp_path):
    ids = list(range(9)) if "nt" in dtype else list("abc")
    ids = list(pd.date_range("2020-01-01", periods=5)) if "time" in dtype else ids
    frame = pd.DataFrame(log_of(ids)).astype({"who": dtype})
    base = cv.CustomerBase(frame, **FULL)
    base = base.with_profile(pd.DataFrame({"customer": frame["who"].unique()[:2], "size": pd.array([1, None], "Int64"),
                                           "first_contact": ["2020-01-01", None]}))
    again = kept(base, tmp_path)
    pd.testing.assert_frame_equal(again.attributes(), base.attributes(), check_categorical=False)
    assert again.card() == base.card()


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_of_other_libraries_stay(library, tmp_path):
    module = pytest.importorskip(library)
    make = module.table if library == "pyarrow" else module.DataFrame
    for ids in (list(range(9)), list("abc"), [datetime.date(2020, 1, k) for k in (1, 2)]):
        base = cv.CustomerBase(make(log_of(ids)), **FULL)
        again = kept(base, tmp_path)
        assert again.attributes().equals(base.attributes()) and answers(again) == answers(base)
    coded = cv.CustomerBase(make(log_of(list("abc"))), **FULL)
    if library == "polars":
        text = make(log_of(list("abc"))).with_columns(module.col("who").cast(module.Categorical))
        coded = cv.CustomerBase(text, **FULL)
    assert kept(coded, tmp_path).summary().equals(coded.summary())


TUPLES = {"pairs": [(1, 2), (1, 3), (2, 2)], "of several lengths": [(1,), ("a", None), (1, 2)],
          "nested": [((1, 2), 3), ((1, 3), 3), (2,)], "sets": [frozenset({1, 2}), frozenset({1}), frozenset()]}


@pytest.mark.parametrize("kind", TUPLES)
@pytest.mark.parametrize("frame", ["pandas", "arrays"])
def test_ids_of_several_parts_stay(kind, frame, tmp_path):
    """They were written as lists, which are no ids when the file is read."""
    who = np.fromiter(TUPLES[kind], object, 3)
    log = {"who": who, "day": ["2025-01-01", "2025-01-02", "2025-02-01"], "item": who[::-1]}
    base = cv.CustomerBase(pd.DataFrame(log) if frame == "pandas" else log, customer="who", time="day", product="item")
    again = kept(base, tmp_path)
    assert again.customers.tolist() == TUPLES[kind] and repr(again.summary()) == repr(base.summary())
    more = again.append({"who": who[:1], "day": ["2025-03-01"], "item": who[:1]})
    assert more.customers.tolist() == TUPLES[kind] and more.where(who[:2]).customers.tolist() == TUPLES[kind][:2]


@pytest.mark.parametrize("places", ["int8", "int16", "int32", "int64", "uint32"])
@pytest.mark.parametrize("values", ["string", "large_string", "int64", "date32"])
def test_dictionary_types_of_pyarrow_stay(places, values, tmp_path):
    """Ids from pandas' categories have int8 places, those from polars' large strings; only int32 was made again."""
    pa = pytest.importorskip("pyarrow")
    plain = pa.array([3, 1, 2, 3]).cast(pa.string() if "string" in values else values if values == "int64" else "int32")
    coded = plain.cast(values).dictionary_encode()
    coded = pa.DictionaryArray.from_arrays(coded.indices.cast(places), coded.dictionary)
    frame = pa.table({"who": coded, "day": ["2025-01-01"] * 3 + ["2025-02-01"], "item": coded})
    base = cv.CustomerBase(frame, customer="who", time="day", product="item").with_profile(
        frame.select(["who", "item"]).slice(0, 3), customer="who")
    again = kept(base, tmp_path)
    assert again.summary() == base.summary() and again.attributes() == base.attributes()
    assert again.summary()["customer"].type == coded.type and answers(again) == answers(base)


@pytest.mark.parametrize("name", ["who", "item", "note"])
def test_a_column_without_a_form_is_named_before_anything_is_written(name, tmp_path):
    """What `save` accepts, `load` gives back; the first value alone does not show it."""
    log = {"who": [1, 2], "day": ["2025-01-01"] * 2, "item": [3, 4], "note": [5, 6]}
    log[name] = np.array(["a", pd.Period("2025-01")], object)
    base = cv.CustomerBase(log, customer="who", time="day", product="item").with_profile(
        {"who": log["who"], "note": log["note"]}, customer="who")
    with pytest.raises(cv.ConfigError, match=f"save: column '{name}' .*convert it to text, numbers or dates"):
        base.save(tmp_path / "base.npz")
    assert not list(tmp_path.iterdir())


def test_types_that_a_library_does_not_cast_are_refused_when_saved(tmp_path):
    """polars raises errors of its own, while the file was read."""
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"who": pl.Series([pd.Timestamp(k, unit="D", tz="UTC") for k in (1, 2)], dtype=pl.Object),
                          "day": ["2025-01-01"] * 2})
    with pytest.raises(cv.ConfigError, match=r"save: column 'who' .*convert it to text"):
        cv.CustomerBase(frame, customer="who", time="day").save(tmp_path / "base.npz")


def test_missing_values_of_pandas_stay_missing(tmp_path):
    """NaT was written as a time that nothing reads."""
    note = np.array(["a", pd.NaT, pd.NA, None], object)
    base = cv.CustomerBase({"who": [1, 2, 3, 4], "day": ["2025-01-01"] * 4}, customer="who", time="day").with_profile(
        {"who": [1, 2, 3, 4], "note": note}, customer="who")
    assert kept(base, tmp_path).attributes()["note"].tolist() == ["a", None, None, None]


@pytest.mark.filterwarnings("ignore::custval.DataWarning")
def test_every_log_profile_and_pool_and_every_derived_base_stays(tmp_path):
    firm = cv.datasets.crm(customers=40, seed=3)
    base = firm.base().with_pool({"time": ["2024-03-01"], "cost": [10.0]}, allocate="equal")
    some = base.where(base.customers[:9])
    for each in (base, base.as_of("2024-06-30"), some, some.as_of("2024-06-30").where(some.customers[2:5]),
                 base.split("2024-06-30")[1], base.split("2024-06-30")[0]):
        assert answers(kept(each, tmp_path)) == answers(each)
    more = kept(cv.CustomerBase(log_of(list("abc")), **FULL), tmp_path).append(log_of(list("cde")))
    both = {name: column + log_of(list("cde"))[name] for name, column in log_of(list("abc")).items()}
    assert answers(more) == answers(cv.CustomerBase(both, **FULL))


@pytest.mark.parametrize("options", [
    {"grain": "h"}, {"grain": "W-SUN", "unit": "W"}, {"end": "2024-06-30"}, {"refunds": "drop"}, {"margin_rate": .3},
    {"merge": {"a": "b"}}, {"status": "item", "keep": ("p1", "p2", "p3")}], ids=str)
def test_settings_stay_and_further_orders_are_read_alike(options, tmp_path):
    names = {k: v for k, v in FULL.items() if k != "cost" or "margin_rate" not in options}
    base = cv.CustomerBase(log_of(list("abc")), **names, **options)
    again = kept(base, tmp_path)
    assert answers(again) == answers(base)
    assert answers(again.append(log_of(list("bcd"), 30))) == answers(base.append(log_of(list("bcd"), 30)))


def test_dropped_rows_and_their_money_stay(tmp_path):
    log = log_of(list("abc")) | {"who": np.array([None, *log_of(list("abc"))["who"][1:]], object)}
    with pytest.warns(cv.DataWarning):
        base = cv.CustomerBase(log, **FULL, missing="drop")
    assert kept(base, tmp_path).rows == base.rows and kept(base, tmp_path).rows.money == base.rows.money
    records = np.array([("a", "2024-01-01"), ("b", "2024-02-01")], [("who", "U5"), ("day", "U10")])
    again = kept(cv.CustomerBase(records, customer="who", time="day"), tmp_path)
    assert again.summary().dtype == cv.CustomerBase(records, customer="who", time="day").summary().dtype


# ---- damaged and hostile files ----

def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def array(values):
    data = io.BytesIO()
    np.save(data, values)
    return data.getvalue()


def changed(members, **parts):
    table = json.loads(members["base.json"])
    return members | {"base.json": json.dumps(table | parts).encode()}


def huge():
    data = io.BytesIO()
    np.lib.format.write_array_header_1_0(data, {"descr": "<f8", "fortran_order": False, "shape": (10**13,)})
    return data.getvalue()


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was run')",))


WRONG = {
    "no table": lambda m: {k: v for k, v in m.items() if k != "base.json"},
    "another schema": lambda m: changed(m, schema="custval/base/999"),
    "an unknown key": lambda m: changed(m, extra=1),
    "no array of times": lambda m: {k: v for k, v in m.items() if k != "tick.npy"},
    "an array too many": lambda m: m | {"more.npy": array(np.zeros(3))},
    "a pickle": lambda m: m | {"who.npy": array(np.array([Bomb()], object))},
    "a huge header": lambda m: m | {"tick.npy": huge()},
    "rows of nobody": lambda m: m | {"who.npy": array(np.full(60, 10**9))},
    "rows out of order": lambda m: m | {"who.npy": array(np.arange(60)[::-1])},
    "a short column": lambda m: m | {"columns/amount.npy": array(np.zeros(3))},
    "amounts that are not finite": lambda m: m | {"columns/amount.npy": array(np.full(60, np.nan))},
    "times of the year 20,000": lambda m: m | {"tick.npy": array(np.full(60, 2**30, np.int32))},
    "codes without a name": lambda m: m | {"codes/orders.npy": array(np.full(60, 99))},
    "a word as a number": lambda m: changed(m, library=5),
    "a day that is none": lambda m: changed(m, day="2024-02-31"),
    "a grain that is none": lambda m: changed(m, grain="fortnight"),
    "nothing": lambda m: {},
}


@pytest.mark.parametrize("what", WRONG)
def test_damaged_files_are_refused(what, tmp_path):
    path = tmp_path / "base.npz"
    cv.CustomerBase(log_of(list("abc")), **FULL).save(path)
    wrong = WRONG[what](members_of(path))
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in wrong.items():
            archive.writestr(name, data)
    with pytest.raises(cv.ConfigError, match=r"base\.npz"):
        cv.load(path)


def test_cut_compressed_and_foreign_files_are_refused(tmp_path):
    path = tmp_path / "base.npz"
    cv.CustomerBase(log_of(list("abc")), **FULL).save(path)
    whole, members = path.read_bytes(), members_of(path)
    for part in (b"", whole[:40], whole[:-9], b"{}", whole[:900] + b"\xff" * 40 + whole[940:]):
        path.write_bytes(part)
        with pytest.raises(cv.ConfigError):
            cv.load(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(cv.ConfigError, match="compressed"):
        cv.load(path)
    with pytest.raises(FileNotFoundError):
        cv.load(tmp_path / "none.npz")
    with pytest.raises(cv.ConfigError, match=r"a base is a \.npz file"):
        cv.CustomerBase(log_of(list("abc")), **FULL).save(tmp_path / "base.json")
    strange = log_of([(1, 2), "b"])
    who = np.empty(60, object)
    who[:] = [frozenset(value) for value in strange["who"]]
    with pytest.raises(cv.ConfigError, match="has no form in a file"):
        cv.CustomerBase(strange | {"who": who}, **FULL).with_profile(
            {"customer": [who[0]], "x": np.array([1j])}).save(path)
