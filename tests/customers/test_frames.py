"""Frames of every kind: the same numbers in each, the caller's kind returned, the input unchanged."""
import copy
import datetime
import uuid

import narwhals.stable.v2 as nw
import numpy as np
import pytest

import custval as cv
from custval import _tabular

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pc = pytest.importorskip("pyarrow.compute")

LOG = {"客户": np.array(["b", "ä€", "b", "007", "7", "b"]),
       "time": np.array(["2025-01-31T23:59:59.999999", "2025-01-01", "2025-02-28T10:00", "2024-02-29T12:00",
                         "2025-01-01", "2025-01-31"], "M8[us]"),
       "amount": np.array([10.0, 2.5, -3.0, 7.0, 1.0, 5.0]), "cost": np.array([4, 1, 0, 9, 1, 2])}
NAMES = {"customer": "客户", "time": "time", "amount": "amount", "cost": "cost"}
WANT = cv.CustomerBase(LOG, **NAMES).summary()


def structured(log):
    out = np.empty(6, [(name, column.dtype) for name, column in log.items()])
    for name, column in log.items():
        out[name] = column
    return out


def duck(log):
    duckdb = pytest.importorskip("duckdb")
    return duckdb.from_arrow(pa.table(log))


def sliced(log):
    """Return a table whose columns begin in the middle of their buffers."""
    return pa.concat_tables([pa.table(log), pa.table(log)]).combine_chunks().slice(6)


KINDS = {
    "dict of arrays": dict,
    "dict of lists": lambda log: {name: column.tolist() for name, column in log.items()},
    "structured": structured,
    "pandas": pd.DataFrame,
    "pandas odd index": lambda log: pd.DataFrame(log, index=[3, 3, 1, 0, 9, 9]),
    "pandas object": lambda log: pd.DataFrame({**log, "客户": log["客户"].astype(object)}, dtype=object).assign(
        time=log["time"], amount=log["amount"], cost=log["cost"]),
    "pandas nullable": lambda log: pd.DataFrame(log).convert_dtypes(dtype_backend="numpy_nullable"),
    "pandas arrow": lambda log: pd.DataFrame(log).convert_dtypes(dtype_backend="pyarrow"),
    "pandas category": lambda log: pd.DataFrame(log).astype({"客户": "category"}),
    "pandas ns": lambda log: pd.DataFrame({**log, "time": log["time"].astype("M8[ns]")}),
    "polars": pl.DataFrame,
    "polars lazy": lambda log: pl.DataFrame(log).lazy(),
    "polars categorical": lambda log: pl.DataFrame(log).cast({"客户": pl.Categorical, "time": pl.Datetime("ms")}),
    "polars enum": lambda log: pl.DataFrame(log).cast({"客户": pl.Enum(["7", "b", "unseen", "ä€", "007"])}),
    "pyarrow": pa.table,
    "pyarrow slice": sliced,
    "pyarrow dictionary": lambda log: pa.table({**log, "客户": pa.array(log["客户"]).dictionary_encode()}),
    "duckdb": duck,
}


def plain(frame):
    """Return a frame of any kind as a dict of lists."""
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "to_arrow_table"):
        frame = frame.to_arrow_table()
    names = frame.dtype.names if isinstance(frame, np.ndarray) else getattr(frame, "column_names", None)
    names = list(frame) if names is None and isinstance(frame, dict) else list(
        frame.columns if names is None else names)
    return {name: list(frame[name].tolist() if isinstance(frame[name], np.ndarray) else
                       frame[name].to_pylist() if hasattr(frame[name], "to_pylist") else frame[name])
            for name in names}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_numbers(kind):
    frame = KINDS[kind](LOG)
    got = cv.CustomerBase(frame, **NAMES).summary()
    assert type(got) is (pl.DataFrame if kind == "polars lazy" else type(frame))      # collected: the numbers exist
    got = plain(got)
    assert list(got) == list(WANT)
    assert [str(c) for c in got["customer"]] == ["b", "ä€", "007", "7"]
    for name in ("x", "t_x", "T", "m_x", "orders", "amount", "cost", "margin"):
        numbers = np.array([np.nan if v is None else float(v) for v in got[name]])
        np.testing.assert_array_equal(numbers, WANT[name].astype(float), err_msg=name)
    days = [np.datetime64(v, "D") for v in got["last"]]
    np.testing.assert_array_equal(days, WANT["last"])


@pytest.mark.parametrize("kind", ["pandas", "pandas odd index", "polars", "pyarrow", "dict of arrays"])
def test_the_input_is_not_changed(kind):
    frame = KINDS[kind](LOG)
    before = copy.deepcopy(frame)
    base = cv.CustomerBase(frame, **NAMES)
    base.summary(), base.attributes(), base.history(2), base.check().table()
    if kind.startswith("pandas"):
        pd.testing.assert_frame_equal(frame, before)
    else:
        assert str(plain(frame)) == str(plain(before))


@pytest.mark.parametrize("ids", [
    pd.array([1, 2, 1], dtype="Int64"), pd.Series([2**63 - 1, 5, 2**63 - 1]),
    pd.Series(np.array([2**64 - 1, 5, 2**64 - 1], np.uint64)), pd.Series([1.0, 7.0, 1.0]),
    pd.Series(["x", "", "x"], dtype="string"), pd.Categorical(["x", "y", "x"]),
    pd.Series(pd.Categorical([3, 1, 3])), pd.Series([b"a", b"b", b"a"], dtype=object)],
    ids=lambda ids: str(ids.dtype))
def test_ids_come_back_in_their_own_type(ids):
    frame = pd.DataFrame({"id": ids, "time": pd.to_datetime(["2025-01-01"] * 3)})
    got = cv.CustomerBase(frame, customer="id", time="time").summary()["customer"]
    assert got.dtype == frame["id"].dtype
    assert got.tolist() == frame["id"].tolist()[:2]


def test_uuids_and_mixed_objects_are_ids():
    one = uuid.UUID(int=1)
    ids = np.array([one, 1, "1", uuid.UUID(int=1), 1, "1"], object)
    base = cv.CustomerBase({"id": ids, "time": ["2025-01-01"] * 6}, customer="id", time="time")
    assert base.customers.tolist() == [one, 1, "1"]
    assert base.summary()["orders"].tolist() == [2, 2, 2]


TOKYO = ["2024-12-31T15:30:00", "2025-01-31T15:30:00"]              # half past midnight in Tokyo, next day


@pytest.mark.parametrize("make", [
    lambda t: pd.DataFrame({"id": [1, 1], "t": pd.to_datetime(t).tz_localize("UTC").tz_convert("Asia/Tokyo")}),
    lambda t: pd.DataFrame({"id": [1, 1], "t": pd.Series(pd.to_datetime(t).tz_localize("UTC")).astype(
        pd.ArrowDtype(pa.timestamp("ns", "Asia/Tokyo")))}),
    lambda t: pl.DataFrame({"id": [1, 1], "t": t}).with_columns(
        pl.col("t").str.to_datetime().dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")),
    lambda t: pa.table({"id": [1, 1], "t": pa.array(np.array(t, "M8[s]")).cast(pa.timestamp("s", "Asia/Tokyo"))}),
    lambda t: {"id": [1, 1], "t": [datetime.datetime.fromisoformat(s + "+00:00").astimezone(
        datetime.timezone(datetime.timedelta(hours=9), "Asia/Tokyo")) for s in t]}],
    ids=["pandas", "pandas arrow", "polars", "pyarrow", "datetimes"])
def test_aware_times_are_cut_in_their_own_zone_or_tz(make):
    frame = make(TOKYO)
    own = cv.CustomerBase(frame, customer="id", time="t")
    assert plain(own.summary())["first"][0] in (datetime.date(2025, 1, 1), datetime.datetime(2025, 1, 1))
    assert str(own.end) == "2025-02-01" and "Asia/Tokyo" in own.card()
    asked = cv.CustomerBase(frame, customer="id", time="t", tz="America/New_York")
    assert str(asked.end) == "2025-01-31"


def test_zoned_times_of_a_duckdb_relation_need_tz():
    """DuckDB shows instants in the zone of the session, which is the machine's."""
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select 1 as id, timestamptz '2025-01-01 00:30:00+00' as t")
    with pytest.raises(cv.DataError, match="tz="):
        cv.CustomerBase(relation, customer="id", time="t")
    assert str(cv.CustomerBase(relation, customer="id", time="t", tz="UTC").end) == "2025-01-01"


@pytest.mark.parametrize("unit", ["D", "h", "s", "ms", "us", "ns", "M"])
def test_datetime64_of_any_unit(unit):
    times = np.array(["1970-01-01", "1969-12-01"], f"M8[{unit}]")
    base = cv.CustomerBase({"id": [1, 1], "t": times}, customer="id", time="t")
    assert str(base.summary()["first"][0]) == "1969-12-01" and str(base.end) == "1970-01-01"


@pytest.mark.parametrize("kind", KINDS)
def test_append_adds_columns_to_the_callers_frame(kind):
    frame = KINDS[kind](LOG)
    got = _tabular.append(frame, {"points": np.arange(6.0)})
    assert type(got) is type(frame)
    assert plain(got)["points"] == list(range(6)) and len(plain(got)) == len(LOG) + 1
    if kind.startswith("pandas"):
        pd.testing.assert_index_equal(got.index, frame.index)


def test_a_series_alone_is_a_column():
    values, table = _tabular.series(pd.Series([3.0, None], index=[7, 9], name="v"))
    np.testing.assert_array_equal(values, [3.0, np.nan])
    assert isinstance(table.new({"a": values}), pd.DataFrame)
    assert _tabular.series([1, 2])[0].tolist() == [1, 2]
    with pytest.raises(cv.DataError, match="values: expected a column, an array or a Series, got int"):
        _tabular.series(5)


def test_a_missing_column_is_reported_with_the_likely_one():
    with pytest.raises(cv.DataError) as error:
        cv.CustomerBase(pd.DataFrame(LOG), **{**NAMES, "amount": "amont"})
    assert str(error.value) == ("column 'amont' is not in the frame (amount='amont')\n"
                                "  did you mean 'amount'?   columns: 客户, time, amount, cost")


@pytest.mark.parametrize("frame", [
    pd.DataFrame([["a", 1, 2, "2025-01-01"]], columns=["id", "v", "v", "t"]),
    pa.table([["a"], [1], [2], ["2025-01-01"]], names=["id", "v", "v", "t"])], ids=["pandas", "pyarrow"])
def test_two_columns_of_one_name_are_refused(frame):
    with pytest.raises(cv.DataError, match="more than one column is called 'v'; rename or drop them first"):
        cv.CustomerBase(frame, customer="id", time="t")


@pytest.mark.parametrize("times", [
    pd.Series(pd.to_datetime(["2025-01-01"])), pd.Series(["2025-01-01T10:00"]),
    pd.Series([datetime.datetime(2025, 1, 1)], dtype=object), pl.Series([datetime.date(2025, 1, 1)])],
    ids=["datetime64", "text", "objects", "dates"])
def test_a_zone_for_times_without_one_is_refused(times):
    frame = (pl if isinstance(times, pl.Series) else pd).DataFrame({"id": [1], "t": times})
    with pytest.raises(cv.DataError, match="column 't': its times carry no zone, so tz='Asia/Tokyo' has nothing to "):
        cv.CustomerBase(frame, customer="id", time="t", tz="Asia/Tokyo")


def test_objects_that_are_not_frames_are_refused():
    with pytest.raises(cv.DataError, match="got str; read the file first"):
        cv.CustomerBase("orders.csv", customer="id", time="t")
    with pytest.raises(cv.DataError, match="expected a pandas, polars or pyarrow frame"):
        cv.CustomerBase(42, customer="id", time="t")
    with pytest.raises(cv.DataError, match="differ in length: 'id' 2, 't' 1"):
        cv.CustomerBase({"id": [1, 2], "t": ["2025-01-01"]}, customer="id", time="t")


@pytest.mark.parametrize("make", [lambda v: pd.DataFrame({"c": pd.Categorical(v)}),
                                  lambda v: pl.DataFrame({"c": pl.Series(v, dtype=pl.Categorical)}),
                                  lambda v: pa.table({"c": pa.array(v).dictionary_encode()})])
def test_categories_are_codes_with_missing_values_below_0(make):
    codes, values = _tabular.table(make(["b", None, "a", "b"])).categories("c")
    assert [None if c < 0 else values[c] for c in codes.tolist()] == ["b", None, "a", "b"]
    assert codes[1] == -1


@pytest.mark.parametrize("names", [[0, 1], pd.MultiIndex.from_tuples([("a", "id"), ("a", "t")])])
def test_column_names_that_are_not_text_are_refused(names):
    frame = pd.DataFrame([[1, "2025-01-01"]], columns=names)
    with pytest.raises(cv.DataError, match="column names must be text; rename them first"):
        cv.CustomerBase(frame, customer=names[0], time=names[1])


@pytest.mark.parametrize("frame, words", [
    (pl.DataFrame({"id": pl.Series([1], dtype=pl.Int128), "t": ["2025-01-01"]}), "'id' holds Int128.*64 bits or text")])
def test_unsupported_types_are_refused(frame, words):
    with pytest.raises(cv.DataError, match=words):
        cv.CustomerBase(frame, customer="id", time="t")


DAYS = pa.array([datetime.date(2024, 1, 1), datetime.date(2024, 1, 1), datetime.date(2024, 3, 1)])


@pytest.mark.parametrize("ids", [
    pc.run_end_encode(pa.array(["a", "a", "b"])), pc.run_end_encode(pa.array(["z", "a", "a", "b"])).slice(1),
    pa.array(["a", "a", "b"], pa.string_view()), pa.array(["a", "a", "b"], pa.large_string()),
    pa.array(["a", "a", "b"]).dictionary_encode(), pa.array(["a", "a", "b"], pa.large_string()).dictionary_encode(),
    pa.DictionaryArray.from_arrays(pa.array([0, 0, 1]), pa.array(["a", "b"], pa.string_view())),
    pa.array([b"a", b"a", b"b"], pa.binary_view()), pc.run_end_encode(pa.array([1, 1, 2]))],
    ids=lambda ids: str(ids.type))
@pytest.mark.parametrize("encode", [lambda days: days, pc.run_end_encode, pa.Array.dictionary_encode],
                         ids=["plain", "run-end", "dictionary"])
def test_every_encoding_of_arrow_is_read(ids, encode):
    frame = pa.table({"id": ids, "t": encode(DAYS), "paid": pc.run_end_encode(pa.array([2.0, 2.0, None]).fill_null(7))})
    got = cv.CustomerBase(frame, customer="id", time="t", amount="paid").attributes()
    assert got["customer"].to_pylist() in (["a", "b"], [b"a", b"b"], [1, 2])
    assert got["amount"].to_pylist() == [4, 7] and got["recency"].to_pylist() == [60, 0]


@pytest.mark.parametrize("stream", [
    pa.Table.to_reader, lambda table: table.to_batches()[0],
    lambda table: pytest.importorskip("duckdb").from_arrow(table).to_arrow_reader(),
    lambda table: type("Stream", (), {"__arrow_c_stream__": lambda self, schema=None: table.__arrow_c_stream__()})()],
    ids=["reader", "batch", "duckdb", "capsule"])
def test_a_stream_of_arrow_data_is_read_once_and_may_be_opened_again(stream):
    scores = {"id": ["a", "a", "b"], "x": [1.0, 2.0, 4.0]}
    given = stream(pa.table(scores))
    for _ in range(2):
        got = _tabular.append(given, {"new": np.arange(3)})
        assert isinstance(got, pa.Table) and got["x"].to_pylist() == scores["x"]


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_infinite_days_of_duckdb_are_no_dates(kind, sign):
    duckdb = pytest.importorskip("duckdb")
    orders = duckdb.sql(f"select 1 as id, unnest([{kind} '2024-01-01', '{sign}infinity'::{kind}]) as t")
    given = {"customer": "id", "time": "t"} | ({"tz": "UTC"} if kind == "timestamptz" else {})
    with pytest.raises(cv.DataError, match="column 't': 1 of 2 values are not dates\n  row 1 "):
        cv.CustomerBase(orders, **given)
    with pytest.warns(cv.DataWarning, match="left out 1 of 2 rows"):
        assert cv.CustomerBase(orders, **given, missing="drop").rows.dropped == {"time not a date": 1}


def test_answers_to_duckdb_live_on_the_callers_connection():
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect()
    con.execute("create table orders as select 1 as id, date '2024-01-01' as day, 5.0 as paid, 'x' as region")
    base = cv.CustomerBase(con.table("orders"), customer="id", time="day", amount="paid")
    values, scored = base.attributes(), _tabular.append(con.table("orders"), {"points": np.array([3.0])})
    assert values.query("v", "select region, amount from orders join v on id = customer").fetchall() == [("x", 5.0)]
    assert scored.query("v", "select points, region from v").fetchall() == [(3.0, "x")]
    assert con.sql("select view_name from duckdb_views() where not internal").fetchall() == []
    con.execute("set python_enable_replacements = false")
    assert base.attributes()["amount"].to_pylist() == [5.0]                    # a pyarrow table, which any engine reads


def test_a_lazy_frame_of_another_engine_gets_one_line_of_advice(monkeypatch):
    """Such as Spark's, whose rows come with toPandas(); here a lazy polars frame plays its part."""
    frame = pl.DataFrame({"id": [1], "t": ["2025-01-01"], "x": 0, "t_x": 0.0, "T": 1.0}).lazy()
    monkeypatch.setattr(nw.Implementation, "is_polars", lambda self: False)
    for call in (lambda: cv.CustomerBase(frame, customer="id", time="t"),
                 lambda: cv.BGNBD(r=1, alpha=1, a=1, b=1, unit="W").predict(frame)):
        with pytest.raises(cv.DataError, match=r"^a lazy frame of polars is .*: pass its rows in mem.*frame.collect\("):
            call()


@pytest.mark.parametrize("quantity", ["pyramid", "gini"])
@pytest.mark.parametrize("values, words", [
    (np.array([2**53 + 1, 1]), r"beyond 2\*\*53"), (np.array([2**64 - 1], np.uint64), r"beyond 2\*\*53"),
    (np.ma.array([1, 2, 3], mask=[0, 1, 0]), r"1 of 3 values \(row 1\) are NaN"),
    (np.array([1.0], np.longdouble), "expected a column of numbers"),
    (pl.Series([1], dtype=pl.Int128), "Int128")])
def test_invalid_values_are_refused(quantity, values, words):
    with pytest.raises(cv.DataError, match=words):
        cv.pyramid(values, tiers={"all": 1.0}, missing="raise") if quantity == "pyramid" else cv.gini(values)


def test_a_series_may_have_a_number_for_a_name():
    assert cv.pyramid(pd.Series([1.0], name=5), tiers={"all": 1.0}).labels.tolist() == ["all"]


@pytest.mark.parametrize("make, kind", [(pd.Series, pd.Series), (pl.Series, pl.Series), (pa.array, np.ndarray),
                                        (list, np.ndarray)])
def test_predictions_have_the_kind_of_the_columns(make, kind):
    model = cv.BGNBD(r=1, alpha=1, a=1, b=1)
    assert isinstance(model.p_alive(make([1.0, 2.0]), make([1.0, 2.0]), make([3.0, 4.0])), kind)
