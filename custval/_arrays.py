"""Columns as NumPy arrays, and the interface that every kind of frame implements; no frame library is needed here."""
from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from ._formatting import Columns
from .errors import DataError

DateLike: TypeAlias = str | datetime.date | np.datetime64       # ISO 8601 text, a date or datetime, a NumPy date


class NativeFrame(Protocol):
    """A frame of pandas, polars, pyarrow or DuckDB."""

    @property
    def columns(self) -> Any:
        """Return the columns or their names."""


FrameLike: TypeAlias = Mapping[str, ArrayLike] | np.ndarray | NativeFrame      # a frame that `_tabular.table` opens


class Table(Protocol):
    """An open frame of any kind: columns in, and results out in the kind of the frame.

    Missing values come in as NaN, NaT or None. How they go out is decided in one place for each kind of frame:
    `Arrays` and `Frame._outgoing`.
    """

    frame: Any
    names: list[str]
    rows: int
    one: bool                      # one row of plain values, as a dict
    kind: Any                      # equal for tables whose picked columns fit into one frame

    def array(self, name: str) -> np.ndarray:
        """Return a plain column; numbers with missing values as float64 and NaN, other missing values as None."""

    def missing(self, name: str) -> np.ndarray | None:
        """Return a mask of the missing values that the frame itself marks, or None."""

    def whole_numbers(self, name: str) -> np.ndarray | None:
        """Return an integer column exactly, with any number where a value is missing; None for other columns."""

    def utf8(self, name: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return (offsets int64, bytes uint8) of a text column, without an object per row, or None."""

    def categories(self, name: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return (codes int64, -1 where missing, and the categories) of a column of text categories, or None."""

    def wall_times(self, name: str, tz: str | None) -> tuple[np.ndarray, str | None] | None:
        """Return (datetime64 by the wall clock, the zone or None) of a column of times, or None."""

    def pick(self, name: str, rows: np.ndarray) -> Any:
        """Return those rows of a column in its own type, missing where a row is -1."""

    def labels(self, names: Sequence[str], codes: np.ndarray) -> Any:
        """Return a column of names by their codes, as categories where the library has them."""

    def new(self, columns: Mapping[str, Any]) -> Any:
        """Return a frame of the caller's kind; for a lazy polars frame an eager one, as its values are computed."""

    def type_of(self, name: str) -> str:
        """Return the name of the type of a column, by which `restored` makes it again."""

    def stack(self, other: Table, rows: np.ndarray) -> Any:
        """Return a frame of these columns with those rows of another table below."""

    def append(self, columns: Mapping[str, Any]) -> Any:
        """Return the caller's frame with columns added."""

    def beside(self, columns: Mapping[str, Any], made: Mapping[str, np.ndarray] | None = None) -> Any:
        """Return a frame of these columns for the same rows: like `new`, with the index of pandas kept.

        Arrays that were `made` for the frame are its last columns and may be used without a copy.
        """


def as_array(values: ArrayLike, name: str = "values") -> np.ndarray:
    """Return a column as an array; text in a list stays objects, so that 1 is not "1" and NULs stay."""
    try:
        array: np.ndarray = values if isinstance(values, np.ndarray) else np.asarray(values)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        if not isinstance(values, list | tuple):
            raise DataError(f"column {name!r} cannot be read as an array: {error}") from error
        array = np.empty(len(values), object)              # integers beyond a double, or lists of several lengths
        for place, value in enumerate(values):
            array[place] = value
    if isinstance(values, list | tuple):
        widened = array.dtype.kind == "f" and any(isinstance(v, int) and abs(v) > 2**53 for v in values)
        if array.dtype.kind in "US" or widened:
            array = np.empty(len(values), object)
            array[:] = values
    if array.ndim != 1:
        raise DataError(f"column {name!r} has {array.ndim} dimensions; a column has one")
    return array


def is_pandas(column: object) -> bool:
    """Return whether a column is a Series of pandas, with an index."""
    return hasattr(column, "iloc")


def is_polars(column: object) -> bool:
    """Return whether a column is a Series of polars."""
    return hasattr(column, "alias")


def index_of(values: object) -> Any:
    """Return the index of a Series or frame of pandas, None for columns and frames without labels."""
    return getattr(values, "index", None) if is_pandas(values) else None


def order_in(theirs: Any, labels: Any) -> np.ndarray | None:
    """Return the place in the index `theirs` of each label; None unless both have the same labels, each once."""
    if len(theirs) != len(labels) or not theirs.is_unique:
        return None
    place: np.ndarray = theirs.get_indexer(labels)
    seen = np.zeros(len(theirs), bool)
    seen[place] = True
    return place if (place >= 0).all() and seen.all() else None


def unlabelled(column: Any) -> Any:
    """Return the values of a Series; other columns as they are."""
    return column.to_numpy() if is_pandas(column) or is_polars(column) else column


def like(column: Any, values: np.ndarray, name: str) -> Any:
    """Return values as a Series with the index of `column` if that is one, else as they are.

    Missing values are NaN, and null in polars.
    """
    if is_pandas(column):
        return type(column)(values, index=column.index, name=name)
    return type(column)(name, values, nan_to_null=True) if is_polars(column) else values


def picked(opened: Table, name: str, rows: np.ndarray) -> np.ndarray:
    """Return those rows of a column as an array, with NaN, NaT or None where a row is -1 or its value missing."""
    whole, missing = opened.whole_numbers(name), opened.missing(name)
    column = opened.array(name) if whole is None else whole
    rows = rows if missing is None else np.where(missing[rows], -1, rows)
    lost = rows < 0
    if not lost.any():
        return np.asarray(column[rows])
    refuse_wide(column, name)
    kind = column.dtype.kind
    wide = column.astype(float) if kind in "iu" else column if kind in "fmM" else column.astype(object)
    out = wide[rows] if len(wide) else np.empty(len(rows), wide.dtype)
    out[lost] = np.nan if wide.dtype.kind == "f" else "NaT" if kind in "mM" else None
    return np.asarray(out)


def refuse_wide(column: np.ndarray, name: str) -> None:
    """Raise for integers that would lose digits as floats, which they become beside a missing value."""
    if loses_digits(column):
        raise DataError(f"column {name!r}: integers beyond 2**53 lose digits where a row is missing; give every "
                        f"customer a row, or make the column text or of a nullable type, such as Int64")


def loses_digits(column: np.ndarray) -> bool:
    """Return whether a column has integers beyond 2**53, which float64 cannot hold exactly."""
    wide = column.dtype.kind in "iu" and column.dtype.itemsize == 8 and column.size > 0
    return wide and max(-int(column.min()), int(column.max())) > 2**53


def _with_one_index(frame: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a dict whose Series of pandas have the index of the first of them, reordered where theirs differs."""
    labelled = {name: column for name, column in frame.items() if index_of(column) is not None}
    if not labelled:
        return frame
    first, index = next((name, column.index) for name, column in labelled.items())
    out = dict(frame)
    for name, column in labelled.items():
        if len(column) == len(index) and not column.index.equals(index):
            order = order_in(column.index, index)
            if order is None:
                raise DataError(f"column {name!r} carries another index than column {first!r}: its labels differ, or "
                                "one is there twice\n  Make a frame of them first, such as pandas.DataFrame(...), or "
                                "pass .to_numpy() if both are in the same order.")
            out[name] = column.iloc[order]
    return out


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | bytes) or getattr(value, "shape", None) == () or not hasattr(value, "__len__")


class Arrays:
    """A dict of arrays, lists or Series, or a NumPy structured array; Series of pandas are aligned by their index.

    A dict of plain values is one row, and its results are dicts of plain values, ready for JSON.
    """

    kind = "arrays"

    def __init__(self, frame: Mapping[str, ArrayLike] | np.ndarray):
        self.one = isinstance(frame, Mapping) and len(frame) > 0 and all(map(_is_scalar, frame.values()))
        if self.one:
            frame = cast(Mapping[str, ArrayLike], {name: [frame[name]] for name in frame})
        self.frame: Any = _with_one_index(frame) if isinstance(frame, Mapping) else frame
        self._dict = Columns if isinstance(frame, Columns) else dict
        self.names: list[str] = list(frame) if isinstance(frame, Mapping) else list(frame.dtype.names or ())
        self._arrays = {name: as_array(self.frame[name], name) for name in self.names}
        lengths = {name: len(column) for name, column in self._arrays.items()}
        if len(set(lengths.values())) > 1:
            raise DataError("the columns differ in length: "
                            + ", ".join(f"{name!r} {n:,}" for name, n in lengths.items()))
        self.rows = next(iter(lengths.values()), 0)

    def array(self, name: str) -> np.ndarray:
        column = np.ma.getdata(self._arrays[name])
        mask = self.missing(name)
        if mask is None:
            return column
        kind = column.dtype.kind
        column = column.astype(float if kind in "fiu" else column.dtype if kind in "mM" else object)
        column[mask] = np.nan if column.dtype.kind == "f" else "NaT" if kind in "mM" else None
        return column

    def missing(self, name: str) -> np.ndarray | None:
        column = self._arrays[name]
        mask = np.ma.getmaskarray(column) if isinstance(column, np.ma.MaskedArray) else None
        return mask if mask is not None and mask.any() else None

    def whole_numbers(self, name: str) -> np.ndarray | None:
        column = np.ma.getdata(self._arrays[name])
        return column if column.dtype.kind in "iu" else None

    def utf8(self, name: str) -> None:
        return None

    def categories(self, name: str) -> None:
        return None

    def wall_times(self, name: str, tz: str | None) -> tuple[np.ndarray, str | None] | None:
        column = self._arrays[name]
        return (np.ma.filled(column, np.datetime64("NaT")), None) if column.dtype.kind == "M" else None

    def pick(self, name: str, rows: np.ndarray) -> np.ndarray:
        return picked(self, name, rows)

    def labels(self, names: Sequence[str], codes: np.ndarray) -> np.ndarray:
        return np.asarray(np.array([*names, None], object)[codes])

    def new(self, columns: Mapping[str, Any]) -> Any:
        columns = {name: np.asarray(column) for name, column in columns.items()}
        if self.one and all(column.size == 1 for column in columns.values()):
            return {name: column.ravel().tolist()[0] for name, column in columns.items()}
        if not isinstance(self.frame, np.ndarray):
            return self._dict(columns)
        out = np.empty(len(next(iter(columns.values()), ())), [(k, v.dtype) for k, v in columns.items()])
        for name, column in columns.items():
            out[name] = column
        return out

    def type_of(self, name: str) -> str:
        return str(self._arrays[name].dtype.str)

    def stack(self, other: Table, rows: np.ndarray) -> Any:
        return self.new({name: _joined(self.array(name), other.array(name)[rows]) for name in self.names})

    def append(self, columns: Mapping[str, Any]) -> Any:
        if isinstance(self.frame, np.ndarray):
            return self.new({name: self.frame[name] for name in self.names} | dict(columns))
        return self.new({**self.frame, **columns}) if self.one else self._dict({**self.frame, **columns})

    def beside(self, columns: Mapping[str, Any], made: Mapping[str, np.ndarray] | None = None) -> Any:
        return self.new({**columns, **(made or {})})


def _joined(first: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return two columns as one; of different types, numbers or texts alike, as objects of their own type."""
    if first.dtype.kind == more.dtype.kind and first.dtype.kind != "O":
        return np.concatenate([first, more])
    out = np.empty(len(first) + len(more), object)
    out[:] = [*first.tolist(), *more.tolist()]
    return out
