"""Read columns of any frame, and return results in the kind of frame that the caller uses.

These functions are the gate for columns from outside: they take any object and raise for what is no frame or column.
"""
from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from ._arrays import NativeFrame, Table, as_array, is_pandas, picked
from ._formatting import plain
from .errors import ConfigError, DataError


class Arrays:
    """A dict of arrays or lists, or a NumPy structured array."""

    kind = "arrays"

    def __init__(self, frame: Mapping[str, ArrayLike] | np.ndarray):
        self.frame: Any = frame
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
        if not isinstance(self.frame, np.ndarray):
            return columns
        out = np.empty(len(next(iter(columns.values()), ())), [(k, v.dtype) for k, v in columns.items()])
        for name, column in columns.items():
            out[name] = column
        return out

    def append(self, columns: Mapping[str, Any]) -> Any:
        if isinstance(self.frame, np.ndarray):
            return self.new({name: self.frame[name] for name in self.names} | dict(columns))
        return {**self.frame, **columns}

    def beside(self, columns: Mapping[str, Any], made: Mapping[str, np.ndarray] | None = None) -> Any:
        return self.new({**columns, **(made or {})})


def table(frame: object, names: Iterable[str] | None = None) -> Table:
    """Open a frame: pandas, polars (also lazy), pyarrow, DuckDB, dict of arrays, structured array.

    With `names` a lazy frame computes those columns only.
    """
    if isinstance(frame, Mapping) or (isinstance(frame, np.ndarray) and frame.dtype.names):
        return Arrays(frame)
    from . import _frames
    return _frames.Frame(cast(NativeFrame, frame), names)


def columns(frame: object, names: Iterable[str]) -> tuple[dict[str, np.ndarray], Table]:
    """Return the named columns as arrays, and the table that makes results of the frame's kind."""
    names = list(names)
    opened = table(frame)
    for name in names:
        demand(opened, name)
    return {name: opened.array(name) for name in names}, opened


def labelled(frame: object, opened: Table, name: str) -> Any:
    """Return a column of an open frame with its labels: a Series of pandas or polars, else an array."""
    native: Any = frame
    return native[name] if is_pandas(native) or hasattr(native, "get_column") else opened.array(name)


def with_customers(frame: object, new: Mapping[str, np.ndarray]) -> Any:
    """Return a frame of the same kind with its column of customers, if there is one, and columns made for it."""
    opened = table(frame)
    return opened.beside({"customer": opened.array("customer")} if "customer" in opened.names else {}, new)


def append(frame: object, new: Mapping[str, Any]) -> Any:
    """Return a frame of the same kind with columns added; the frame given is not changed."""
    return table(frame).append(new)


def series(values: object) -> tuple[np.ndarray, Table]:
    """Return a single column as an array, and a table that makes results of its kind."""
    if isinstance(values, np.ndarray | list | tuple | range):
        column = Arrays({"values": values})
        return column.array("values"), column
    from . import _frames
    opened = _frames.Frame(_frames.frame_of(values), None)
    return opened.array(opened.names[0]), opened


def check_names(given: Mapping[str, Any]) -> None:
    """Raise when an argument that takes the name of a column is given the column itself."""
    for argument, value in given.items():
        if not isinstance(value, Hashable) or getattr(value, "shape", ()) != ():
            name = getattr(value, "name", None)
            raise ConfigError(f"{argument}= takes the name of a column, not the column (a {type(value).__name__}): "
                              f"pass {argument}={name if isinstance(name, str) else '...'!r}")


def demand(opened: Table, name: str, argument: str | None = None) -> None:
    """Raise when the table has no such column; suggest a similar name."""
    if name in opened.names:
        return
    near = difflib.get_close_matches(str(name), [str(n) for n in opened.names], n=1)
    given = f" ({argument}={name!r})" if argument else ""
    meant = f"  did you mean {near[0]!r}?   " if near else "  "
    raise DataError(f"column {name!r} is not in the frame{given}\n{meant}"
                    f"columns: {', '.join(map(plain, opened.names))}")
