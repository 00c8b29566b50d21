"""Frames of other libraries, through narwhals: read their columns, and return results in their own kind.

narwhals is imported only here, and this module only when a frame is given. pandas, polars, pyarrow and DuckDB
are never imported.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from contextlib import suppress
from typing import Any, Literal
from weakref import WeakKeyDictionary

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import ArrayLike

from ._arrays import NativeFrame, Table, is_pandas, picked, refuse_wide
from .errors import DataError

UNREADABLE = {"Int128": "64 bits or text", "UInt128": "64 bits or text"}
VIEWS = {"string_view": "large_string", "binary_view": "large_binary"}
BACKENDS: tuple[Literal["pyarrow", "polars", "pandas"], ...] = ("pyarrow", "polars", "pandas")
EPOCH = np.datetime64(0, "D")
_streams: WeakKeyDictionary[object, Any] = WeakKeyDictionary()      # a reader of Arrow data can be read only once


def frame_of(values: object) -> Any:
    """Return a Series of another library as a frame of one column, None if it is no Series."""
    try:
        series: Any = nw.from_native(values, series_only=True)
    except TypeError:
        return None
    return series.alias(str(series.name or "values")).to_frame().to_native()


class Frame:
    """An open frame of another library; a ``custval._arrays.Table``."""

    one = False

    def __init__(self, native: NativeFrame, names: Iterable[str] | None):
        frame = _opened(native)
        self.lazy: Any = None                   # the caller's lazy frame
        if isinstance(frame, nw.LazyFrame):
            if not (frame.implementation.is_polars() or frame.implementation.is_duckdb()):
                engine = type(native).__module__.split(".")[0]
                raise DataError(f"a lazy frame of {engine} is computed by its own engine: pass its rows in memory, "
                                f"{_collected(native)}")
            self.lazy = frame
            self.names = frame.collect_schema().names()
            wanted = None if names is None else [n for n in names if n in self.names]
            frame = (frame if wanted is None else frame.select(wanted)).collect()
        else:
            self.names = frame.columns
        self.frame = _decoded(frame)
        self.rows = len(frame)
        self.kind = frame.implementation

    def _from_duckdb(self) -> bool:
        return self.lazy is not None and bool(self.lazy.implementation.is_duckdb())

    def _column(self, name: str) -> Any:
        """Return a column; categories other than text as their values."""
        if not isinstance(name, str):
            raise DataError(f"column {name!r}: a frame's column names must be text; rename them first, in pandas "
                            "frame.columns = [str(name) for name in frame.columns]")
        series = self.frame[name]
        kind = str(getattr(series.to_native(), "type", series.dtype))
        if kind in UNREADABLE:
            raise DataError(f"column {name!r} holds {kind}, which NumPy cannot hold; cast it to {UNREADABLE[kind]}")
        if series.dtype in (nw.Categorical, nw.Enum) and series.cat.get_categories().dtype != nw.String:
            arrow = _arrow(series)
            if arrow is None:
                return nw.new_series(name, series.to_numpy(), backend=self.kind)
            return nw.new_series(name, arrow.dictionary_decode(), backend="pyarrow")
        return series

    @staticmethod
    def _nulls(series: Any, name: str) -> Any:
        try:
            return series.is_null()
        except ArithmeticError as error:                    # of pandas
            raise DataError(f"column {name!r} holds a signaling NaN, which compares with nothing; make it a missing "
                            "value") from error

    def array(self, name: str) -> np.ndarray:
        series = self._column(name)
        missing = self._nulls(series, name).any()
        if isinstance(series.dtype, nw.Decimal) or (missing and series.dtype.is_numeric()):
            series = series.cast(nw.Float64)
        elif series.dtype in (nw.Categorical, nw.Enum):
            series = series.cast(nw.String)
        if series.dtype == nw.String or series.dtype.is_nested():
            values = np.fromiter(series.to_list(), object, len(series))     # polars' arrays of text lose a last NUL
        else:
            values = np.asarray(series.to_numpy())
        if missing and values.dtype == object:
            values = values.copy()
            values[series.is_null().to_numpy()] = None
        return values

    def missing(self, name: str) -> np.ndarray | None:
        missing = self._nulls(self._column(name), name)
        return missing.to_numpy() if missing.any() else None

    def whole_numbers(self, name: str) -> np.ndarray | None:
        """Return an integer column exactly, missing values as 0; None for other columns."""
        series = self._column(name)
        if not series.dtype.is_integer():
            return None
        return np.asarray((series.fill_null(0) if series.is_null().any() else series).to_numpy())

    def utf8(self, name: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return (offsets int64, bytes uint8) of a text column, without an object per row."""
        series = self._column(name)
        arrow = _arrow(series) if series.dtype == nw.String else None
        return None if arrow is None else _buffers(arrow)

    def categories(self, name: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return (codes int64, -1 where missing, and the categories) of a column of text categories."""
        series = self._column(name)
        arrow = _arrow(series) if series.dtype in (nw.Categorical, nw.Enum) else None
        if arrow is None:
            return None
        codes = arrow.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        codes[series.is_null().to_numpy()] = -1
        return codes, arrow.dictionary.to_numpy(zero_copy_only=False)

    def wall_times(self, name: str, tz: str | None) -> tuple[np.ndarray, str | None] | None:
        """Return local wall times and their zone, None for naive ones."""
        series = self.frame[name]
        if series.dtype == nw.Date:                         # as whole days: "infinity" fits into no other unit
            days = np.full(len(series), np.datetime64("NaT"), "M8[D]")
            known = ~series.is_null().to_numpy()
            days[known] = EPOCH + series.drop_nulls().cast(nw.Int32).to_numpy().astype(np.int64)
            return days, None
        if not isinstance(series.dtype, nw.Datetime):
            return None
        zone = series.dtype.time_zone
        if zone is not None:
            if tz is None and self._from_duckdb():
                raise DataError(f"column {name!r}: DuckDB converts times with a zone to that of the session, which "
                                "is the machine's; pass tz= to say in which zone days are cut")
            zone = tz or zone
            if "pyarrow" in str(getattr(series.to_native(), "dtype", "")):      # pandas 2 would give UTC
                series = nw.from_native(series.to_frame().to_arrow())[name]
            series = series.dt.convert_time_zone(zone).dt.replace_time_zone(None)
        times = np.asarray(series.to_numpy())
        if self._from_duckdb() and times.dtype == "M8[ns]":         # its infinity looks like a day in 2262
            endless = np.abs(times.astype(np.int64)) == 2**63 - 1
            if endless.any():
                times = np.where(endless, np.datetime64(2**63 - 1, "us"), times.astype("M8[us]"))
        return times, zone

    def pick(self, name: str, rows: np.ndarray) -> Any:
        series, lost = self.frame[name], rows < 0
        if not lost.any():
            return nw.maybe_reset_index(series[rows])
        if not len(series):
            return picked(self, name, rows)
        column = nw.maybe_reset_index(series[np.where(lost, 0, rows)]).alias("column")
        there = nw.new_series("there", ~lost, backend=self.kind)
        out = column.to_frame().with_columns(there).select(nw.when(nw.col("there")).then(nw.col("column")))["column"]
        if series.dtype.is_integer() and out.dtype.is_float():
            refuse_wide(series.to_numpy(), name)
        return out.alias(name)

    def labels(self, names: Sequence[str], codes: np.ndarray) -> Any:
        categories = nw.new_series("labels", list(names), nw.String, backend=self.kind).cast(nw.Categorical)
        return categories[codes]

    def new(self, columns: Mapping[str, Any]) -> Any:
        made = {name: self._outgoing(column) for name, column in columns.items() if not isinstance(column, nw.Series)}
        own = [column.alias(name) for name, column in columns.items() if isinstance(column, nw.Series)]
        frame = nw.from_dict(made, backend=self.kind) if made else own.pop().to_frame()
        return self._back(frame.with_columns(*own).select(*columns), eager=True)

    def _outgoing(self, column: ArrayLike) -> Any:
        """Return a computed column in the form in which it goes out: the only place that decides on missing values.

        NaN, NaT and None are null in polars, pyarrow and DuckDB; pandas keeps them. Infinity is a value. Objects
        become a column of their type; of several types they are text in pyarrow, which has no column of objects.
        """
        values = np.asarray(column)
        if self.kind.is_pandas_like():
            return column
        if values.dtype.kind == "O":
            return self._objects([None if value != value else value for value in values.tolist()])
        series = nw.new_series("", values, backend=self.kind)
        missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(0, bool)
        if missing.any():                                   # NaT is null already
            known = nw.new_series("known", ~missing, backend=self.kind)
            series = series.to_frame().with_columns(known).select(nw.when(nw.col("known")).then(nw.col("")))[""]
        return series.to_native()

    def _objects(self, values: list[Any]) -> Any:
        """Return a column of Python objects, None where missing."""
        try:
            return nw.new_series("", values, backend=self.kind).to_native()
        except (TypeError, ValueError, OverflowError):      # of several types
            if self.kind.is_polars():
                return np.array([*values, None], object)[:-1]
            return self._objects([None if value is None else str(value) for value in values])

    def type_of(self, name: str) -> str:
        return _type_of(self.frame[name])

    def stack(self, other: Table, rows: np.ndarray) -> Any:
        try:
            below = other.frame.select(self.names)[rows] if other.kind == self.kind else nw.from_dict(
                {name: other.array(name)[rows].tolist() for name in self.names}, self.frame.schema, backend=self.kind)
            frame = nw.concat([self.frame, below], how="vertical")
        except Exception as error:                          # each library has errors of its own
            raise DataError(f"further values of the column {', '.join(self.names)} are not of its type, "
                            f"{', '.join(map(str, self.frame.schema.values()))}; convert them first") from error
        return self._back(nw.maybe_reset_index(frame), eager=True)

    def append(self, columns: Mapping[str, Any]) -> Any:
        out = {name: self._outgoing(values) for name, values in columns.items()}
        if nw.maybe_get_index(self.frame) is not None:      # pandas: arrays go beside the rows, whatever the index
            return self._back(nw.from_native(self.frame.to_native().assign(**out)))
        new = [nw.new_series(name, values, backend=self.kind) for name, values in out.items()]
        return self._back(self.frame.with_columns(*new))

    def beside(self, columns: Mapping[str, Any], made: Mapping[str, np.ndarray] | None = None) -> Any:
        made = made or {}
        if self.lazy is not None:
            return nw.from_native(self.append({**columns, **made})).select(*columns, *made).to_native()
        frame = nw.from_native(self.append(columns)) if columns else self.frame
        own = {name: values if values.flags.owndata else values.copy() for name, values in made.items()}
        series = [nw.new_series(name, self._outgoing(values), backend=self.kind) for name, values in own.items()]
        return frame.with_columns(*series).select(*columns, *made).to_native()

    def _back(self, frame: Any, eager: bool = False) -> Any:
        """Return a frame in the caller's kind: lazy again, or a relation on the DuckDB connection of the caller.

        A connection that may not read variables of Python (``python_enable_replacements``) gets a pyarrow table.
        """
        if not self._from_duckdb():
            return (frame if self.lazy is None or eager else frame.lazy()).to_native()
        custval_result = frame.to_native()                  # read by its name in the query
        try:
            return self.lazy.to_native().query("custval_input", "select * from custval_result")
        except Exception as error:
            if type(error).__module__.split(".")[0] not in ("duckdb", "_duckdb"):
                raise
            return custval_result                           # a connection that may not read Python's variables


def _opened(native: NativeFrame) -> Any:
    """Return a frame, or data that any library offers as an Arrow stream, as a frame of narwhals; or raise."""
    try:
        return nw.from_native(native)
    except nw.exceptions.DuplicateError as error:
        raise DataError(_twice(native)) from error
    except TypeError as error:
        frame, read = hasattr(type(native), "columns") or not isinstance(native, Sized), None    # no Series, with rows
        with suppress(ValueError):                          # of pyarrow: a stream of one column
            read = _stream(native) if frame and hasattr(native, "__arrow_c_stream__") else None
        if read is not None:
            return read
        path = "; read the file first, such as pandas.read_csv(...)" if isinstance(native, str) else ""
        raise DataError("expected a pandas, polars or pyarrow frame, a DuckDB relation, a dict of arrays "
                        f"or a structured array, got {type(native).__name__}{path}{_remedy(native)}") from error


def _stream(native: Any) -> Any:
    """Return an Arrow stream as a frame, read once however often it is opened; None without a library for it."""
    with suppress(KeyError, TypeError):                     # not read yet; not hashable
        return _streams[native]
    for backend in BACKENDS:
        try:
            frame = nw.from_arrow(native, backend=backend)
        except ImportError:
            continue
        with suppress(TypeError):                           # takes no weak reference: it can be read again
            _streams[native] = frame
        return frame
    return None


def _collected(native: Any) -> str:
    """Return the call that brings the rows of a lazy frame into memory."""
    calls = ("toPandas", "toArrow", "to_pandas", "to_pyarrow", "compute", "df", "collect")
    return next((f"frame.{name}()" for name in calls if callable(getattr(native, name, None))), "as a pandas frame")


def _decoded(frame: Any) -> Any:
    """Return a frame with the run-end encoded columns and the views of pyarrow as plain columns."""
    if not frame.implementation.is_pyarrow():
        return frame
    native, chunked = frame.to_native(), frame.implementation.to_native_namespace().chunked_array
    for place, name in enumerate(native.column_names):
        column = native.column(place)
        kind = getattr(column.type, "value_type", column.type)
        if str(column.type).startswith("run_end_encoded"):
            column = chunked([_run_end_decoded(chunk) for chunk in column.chunks], kind)
        elif str(column.type).startswith("dictionary") and str(kind) in VIEWS:
            text = VIEWS[str(kind)]
            column = chunked([chunk.dictionary.cast(text).take(chunk.indices) for chunk in column.chunks], text)
        if str(column.type) in VIEWS:
            column = column.cast(VIEWS[str(column.type)])
        if column is not native.column(place):
            native = native.set_column(place, name, column)
    return nw.from_native(native)


def _run_end_decoded(chunk: Any) -> Any:
    rows = chunk.offset + np.arange(len(chunk))
    return chunk.values.take(np.searchsorted(chunk.run_ends.to_numpy(), rows, side="right"))


def restored(library: str, columns: Mapping[str, tuple[np.ndarray, np.ndarray | None, str]]) -> Any:
    """Return a frame of a library of columns: values, a mask of the missing ones or None, and the type by name."""
    series = [_series(name, *column, library) for name, column in columns.items()]
    return series[0].to_frame().with_columns(*series[1:]).to_native()


def _series(name: str, values: np.ndarray, missing: np.ndarray | None, kind: str, library: Any) -> Any:
    pandas = library not in ("polars", "pyarrow")
    listed = values.tolist() if values.dtype.kind in "OUS" or not (missing is None or pandas) else values
    if missing is not None and not pandas:
        listed = [None if lost else value for value, lost in zip(listed, missing.tolist(), strict=True)]
    series = nw.new_series(name, listed, nw.String if len(listed) == 0 and kind in TEXTS else None, backend=library)
    if _type_of(series) != kind:
        native = series.to_native()
        native = (native.astype(kind) if pandas else series.cast(_polars_type(kind)).to_native()
                  if library == "polars" else
                  _dictionary(native, kind, series.implementation.to_native_namespace())
                  if kind.startswith("dictionary") else native.cast(kind))
        series = nw.from_native(native, series_only=True).alias(name)
    if missing is not None and pandas:
        series = nw.from_native(series.to_native().mask(missing), series_only=True)
    if _type_of(series) != kind:
        raise TypeError(f"column {name!r} is of the type {kind} of {library}, which is not restored")
    return series


def _dictionary(native: Any, kind: str, arrow: Any) -> Any:
    """Return a column of pyarrow as one of a dictionary type, by its name."""
    values, places = map(arrow.type_for_alias, re.findall(r"=([\w\[\]]+)", kind)[:2])
    return native.cast(values).dictionary_encode().cast(arrow.dictionary(places, values))


TEXTS = ("String", "string", "large_string", "str", "object")


def _type_of(series: Any) -> str:
    native = series.to_native()
    return str(native.type if hasattr(native, "type") else native.dtype)


def _polars_type(kind: str) -> Any:
    return nw.Categorical if kind.startswith("Categorical") else getattr(nw, kind, nw.String)


def _twice(native: NativeFrame) -> str:
    names = list(getattr(native, "column_names", native.columns))
    again = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return (f"more than one column is called {', '.join(map(repr, again))}; rename or drop them first, so that each "
            "name means one column")


def _remedy(given: object) -> str:
    """Return the advice for an object that makes frames itself, as a base does."""
    names = ("to_dict",) if is_pandas(given) else ("attributes", "summary")
    makes = [f".{name}()" for name in names if callable(getattr(given, name, None))]
    return f"; pass {' or '.join(makes)} of it" if makes else ""


def _arrow(series: Any) -> Any:
    """Return a column as one Arrow array, or None where pyarrow is not installed or rejects it."""
    try:
        arrow = series.to_arrow()
    except (ImportError, ValueError, TypeError):        # pyarrow's own errors are ValueErrors and TypeErrors
        return None
    return arrow.combine_chunks() if hasattr(arrow, "combine_chunks") else arrow


def _buffers(arrow: Any) -> tuple[np.ndarray, np.ndarray] | None:
    kind = {"string": np.int32, "large_string": np.int64}.get(str(arrow.type))
    if kind is None:                                    # a column without any value has no type
        return None
    _, offsets, data = arrow.buffers()
    ends = np.frombuffer(offsets, kind)[arrow.offset:arrow.offset + len(arrow) + 1] if len(arrow) else [0]
    return np.asarray(ends, np.int64), np.frombuffer(data if data is not None else b"", np.uint8)
