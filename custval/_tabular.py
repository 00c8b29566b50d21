"""Read columns of any frame, and return results in the kind of frame that the caller uses.

These functions are the gate for columns from outside: they take any object and raise for what is no frame or column.
"""
from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sized
from typing import Any, cast

import numpy as np

from ._arrays import Arrays, NativeFrame, Table, is_pandas
from ._formatting import plain
from .errors import ConfigError, DataError


def table(frame: object, names: Iterable[str] | None = None) -> Table:
    """Open a frame: pandas, polars (also lazy), pyarrow, DuckDB, dict of arrays, structured array.

    With `names` a lazy frame computes those columns only.
    """
    if isinstance(frame, Mapping) or (isinstance(frame, np.ndarray) and frame.dtype.names):
        return Arrays(frame)
    from . import _frames
    return _frames.Frame(cast(NativeFrame, frame), names)


def is_frame(data: object) -> bool:
    """Return whether `table` would open the data: a frame, a dict of arrays, a structured array or an Arrow stream."""
    structured = getattr(getattr(data, "dtype", None), "names", None) is not None
    stream = hasattr(data, "__arrow_c_stream__") and not isinstance(data, Sized)
    return isinstance(data, Mapping) or structured or hasattr(type(data), "columns") or stream


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
    given = f" ({argument}={name!r})" if argument else ""
    if name in index_levels(opened):
        raise DataError(f"column {name!r} is not in the frame{given}: it is the index\n  Pass frame.reset_index().   "
                        f"columns: {', '.join(map(plain, opened.names))}")
    near = nearest(name, opened.names)
    meant = f"  did you mean {near!r}?   " if near is not None else "  "
    raise DataError(f"column {name!r} is not in the frame{given}\n{meant}"
                    f"columns: {', '.join(map(plain, opened.names))}")


def index_levels(opened: Table) -> list[Any]:
    """Return the names of the index of a pandas frame."""
    native = opened.frame.to_native() if hasattr(opened.frame, "to_native") else None
    return [name for name in getattr(getattr(native, "index", None), "names", ()) if name is not None]


def nearest(given: object, names: Iterable[Any], cutoff: float = 0.7) -> Any:
    """Return the name that was probably meant: the same but for case, blanks and signs, else a similar one, or None."""
    others = [name for name in names if name != given]
    for form in (_letters, str):
        wanted = form(given)
        same = [name for name in others if form(name) == wanted]
        if same and wanted:
            return same[0]
    near = difflib.get_close_matches(str(given).casefold(), [str(name).casefold() for name in others], 1, cutoff)
    return next((name for name in others if near and str(name).casefold() == near[0]), None)


def _letters(name: object) -> str:
    """Return the letters and digits of a name, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", str(name)).casefold() if c.isalnum())
