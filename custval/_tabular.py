"""Read columns of any frame, and return results in the kind of frame that the caller uses.

These functions are the gate for columns from outside: they take any object and raise for what is no frame or column.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set, Sized
from typing import Any, NamedTuple, cast

import numpy as np

from ._arrays import Arrays, NativeFrame, Table, index_of, is_pandas, order_in
from ._formatting import many, nearest, plain
from ._ids import ids_of, match, numbered_ids, other_kind
from ._validation import finite, numbers, warn
from .errors import ConfigError, DataError


def table(frame: object, names: Iterable[str] | None = None) -> Table:
    """Open a frame: pandas, polars (also lazy), pyarrow, DuckDB, dict of arrays, structured array.

    With `names` a lazy frame computes those columns only.
    """
    if isinstance(frame, Mapping) or (isinstance(frame, np.ndarray) and frame.dtype.names):
        return Arrays(frame)
    from . import _frames
    return _frames.Frame(cast(NativeFrame, frame), names)


def library_of(opened: Table) -> str:
    """Return the name of the library of a table, by which `restored` makes frames of it: arrays, pandas, polars ..."""
    if isinstance(opened, Arrays):
        return "records" if isinstance(opened.frame, np.ndarray) else "arrays"
    return str(opened.kind.name).lower()


def restored(library: str, columns: Mapping[str, tuple[np.ndarray, np.ndarray | None, str]]) -> Any:
    """Return a frame of a library: of each column the values, a mask of the missing ones or None, and the type.

    Raises TypeError for a type that is not restored, ImportError without the library.
    """
    if library in ("arrays", "records"):
        made = Arrays({name: values if missing is None else np.ma.MaskedArray(values, missing)
                       for name, (values, missing, _) in columns.items()})
        return made.frame if library == "arrays" else _records(made)
    from . import _frames
    return _frames.restored(library, columns)


def _records(made: Arrays) -> np.ndarray:
    kinds = [(name, made.array(name).dtype) for name in made.names]
    return np.array(list(zip(*map(made.array, made.names), strict=True)), kinds)


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
    """Return a column of an open frame with its labels: a Series of pandas or polars, else an array; or the value."""
    native: Any = frame
    if opened.one:
        return opened.array(name)[0]
    return native[name] if is_pandas(native) or hasattr(native, "get_column") else opened.array(name)


def with_customers(frame: object, new: Mapping[str, np.ndarray]) -> Any:
    """Return a frame of the same kind with its column of customers, if there is one, and columns made for it."""
    opened = table(frame)
    return opened.beside({"customer": opened.array("customer")} if "customer" in opened.names else {}, new)


def append(frame: object, new: Mapping[str, Any]) -> Any:
    """Return a frame of the same kind with columns added; the frame given is not changed."""
    return table(frame).append(new)


def series(values: object, name: str = "values") -> tuple[np.ndarray, Table]:
    """Return a single column as an array, and a table that makes results of its kind."""
    if isinstance(values, Set):
        values = list(cast(Iterable[Any], values))
    if isinstance(values, np.ndarray | list | tuple | range) and not getattr(values, "dtype", np.dtype(int)).names:
        column = Arrays({name: values})
        return column.array(name), column
    from . import _frames
    if hasattr(values, "to_series") and hasattr(values, "to_frame"):        # an index of pandas
        return series(np.asarray(values), name)
    frame = _frames.frame_of(values)
    if frame is None and hasattr(values, "__array__") and not is_frame(values):
        return series(np.asarray(values), name)
    if frame is None:
        raise DataError(_no_column(values, name))
    opened = _frames.Frame(frame, None)
    return opened.array(opened.names[0]), opened


def _no_column(values: object, name: str) -> str:
    """Return the message for an argument that is no column, with the column of a frame to pass."""
    kind = type(values).__name__
    try:
        opened = table(values)
        names = [column for column in opened.names if opened.array(column).dtype.kind in "iuf"]
    except (TypeError, ValueError):
        return f"{name}: expected a column, an array or a Series, got {kind}"
    best = "score" if "score" in names else next(iter(names), next(iter(opened.names), "..."))
    return (f"{name}: expected one column, got a frame ({kind})\n  Pass one of its columns, such as "
            f"{name}=frame[{best!r}]; columns: {', '.join(map(plain, opened.names))}")


FILL = "\n  Give them one, such as with .reindex(base.customers, fill_value=...)."

# ---- values for each row of something else ----

class RowLabels(NamedTuple):
    """The rows that other columns have values for: their number, and what they are called."""

    rows: int
    index: Any = None                                       # of pandas; None if the rows have none
    ids: Callable[[], np.ndarray] | None = None             # of their customers; None if they are not known
    names: tuple[str, ...] = ("customer",)                  # of the column of ids

    @property
    def word(self) -> str:
        """Return the word for these rows in a message."""
        return "customers" if self.ids else "values"


def labels_of(thing: object) -> RowLabels:
    """Return the labels of the rows of a column, frame or open table."""
    if isinstance(thing, RowLabels):
        return thing
    if hasattr(thing, "whole_numbers"):
        return _labels_of_table(cast(Table, thing))
    if is_frame(thing):
        return _labels_of_table(table(thing))
    sized = isinstance(thing, Sized) and getattr(thing, "shape", None) != ()
    return RowLabels(len(cast(Sized, thing)) if sized else len(series(thing)[0]), index_of(thing))


def _labels_of_table(opened: Table) -> RowLabels:
    native = opened.frame.to_native() if hasattr(opened.frame, "to_native") else opened.frame
    index = _first_index(native.values() if isinstance(native, Mapping) else [native])
    return RowLabels(opened.rows, index, (lambda: ids_of(opened, "customer")) if "customer" in opened.names else None)


def rows_of(first: object, *others: object) -> RowLabels:
    """Return the labels of the rows of `first`; if it has none, with the index of the first of the others that has."""
    rows = labels_of(first)
    if rows.index is not None or rows.ids is not None:
        return rows
    return rows._replace(index=_first_index(others))


def _first_index(columns: Iterable[object]) -> Any:
    return next((index for index in map(index_of, columns) if index is not None), None)


def aligned(rows: object, given: object, name: str) -> np.ndarray:
    """Return a column as an array with one value for each of the rows, in their order; see `order_of`.

    `rows` are `RowLabels`, or the column, frame or open table whose rows they are.
    """
    column = series(given, name)[0]
    order = order_of(labels_of(rows), RowLabels(len(column), index_of(given)), name)
    return column if order is None else column[order]


def aligned_table(rows: object, frame: object, name: str) -> tuple[Table, np.ndarray | None]:
    """Return an open frame with a row for each of the rows, and the order of its rows, None for their own."""
    opened = table(frame)
    return opened, order_of(labels_of(rows), labels_of(opened), name)


def companion(rows: object, given: object, name: str) -> np.ndarray:
    """Return a column of finite numbers with one value for each of the rows, in their order; see `order_of`."""
    column = numbers(aligned(rows, given, name), name)
    finite(column, name)
    return column


def order_of(rows: RowLabels, theirs: RowLabels, name: str) -> np.ndarray | None:
    """Return the place of the value for each row among others; None if they are in the same order.

    This is the only place that decides how a column from outside meets the rows that it is for:

    * Ids on both sides, as in two frames with the column ``customer``: by customer.
    * An index named as the column of ids (``customer``, or as in the log) holds ids: by customer. Ids that the rows
      do not have are left out with a warning.
    * The same index as the rows, or the row numbers 0, 1, 2 ... of pandas' default where the rows have no index: by
      position.
    * The same labels in another order: by the index. The same ids as the customers: by customer. If both readings are
      possible and differ, as for ids that are whole numbers from 0, the column is refused.
    * Any other index, and labels that are there twice: refused.
    * Arrays, lists and columns of other libraries have no labels, and neither have rows without index and ids: by
      position.

    Raises
    ------
    DataError
        The column has another number of values, lacks a value for a row, or its index does not tell the rows.
    """
    index, length = theirs.index, theirs.rows
    if rows.ids is not None and theirs.ids is not None:
        return _by_customer(rows.ids(), theirs.ids(), name)
    if index is not None and rows.ids is not None and index.name is not None and index.name in rows.names:
        return _by_customer(rows.ids(), index.to_numpy(), name)
    plain_rows = index is None or (rows.index is None and (rows.ids is None or _is_default(index)))
    if plain_rows or (rows.index is not None and rows.index.equals(index)):
        if length != rows.rows:
            raise DataError(f"{name}: {length:,} rows for {rows.rows:,} {rows.word}{_like(rows)}")
        return None
    by_row = order_in(index, np.arange(rows.rows) if rows.index is None else rows.index)
    by_customer = None if rows.ids is None else _same_ids(rows.ids(), index)
    if by_row is not None and by_customer is not None and not np.array_equal(by_row, by_customer):
        raise DataError(f"{name}: its index can be read as row labels and as ids of customers, which differ\n  Name "
                        f'it for ids, .rename_axis("{rows.names[-1]}"); or pass .to_numpy(), in the order of the '
                        f"{rows.word}.")
    order = by_customer if by_row is None else by_row
    if order is None:
        raise DataError(f"{name}: carries another index than the {rows.word}{_why(rows, index, length)}; align them "
                        'first, by customer with frame.set_index("customer")[...], by row with .reindex(...); or pass '
                        ".to_numpy() if both are in the same order")
    return order


def keyed(frame: object, ids: np.ndarray, customer: str) -> Any:
    """Return a frame or Series of pandas whose index holds ids with them as the column `customer`; else as it is.

    An index of text holds ids if one of them is known; numbers, which may be row labels, if the index has a name and
    all ids are there.
    """
    index, native = index_of(frame), cast(Any, frame)
    if index is None or customer in getattr(frame, "columns", ()) or index.nlevels > 1:
        return frame
    if index.name != customer:
        there = match(index.to_numpy(), ids, customer) >= 0
        if not (there.all() if index.name is not None else there.any() and index.dtype.kind not in "iuf"):
            return frame
    native = native if hasattr(native, "columns") else native.to_frame("value" if native.name is None else native.name)
    return native.rename_axis(customer).reset_index()


def _is_default(index: Any) -> bool:
    """Return whether an index of pandas is the numbers of its rows as pandas makes them."""
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1


def _like(rows: RowLabels) -> str:
    return "; pass one for each, in the order of base.attributes()" if rows.ids and rows.index is None else ""


def _why(rows: RowLabels, index: Any, length: int) -> str:
    """Return how an index fails: labels that are there twice, another number, ids of another type."""
    if not index.is_unique:
        return f", where {index[index.duplicated()][0]!r} is there twice"
    if length != rows.rows:
        return f", {length:,} rows for {rows.rows:,}"
    return "" if rows.ids is None else other_kind(rows.ids(), index.to_numpy())


def _same_ids(ids: np.ndarray, index: Any) -> np.ndarray | None:
    """Return the place in an index of each id; None unless it holds the same ids, each once."""
    if len(index) != len(ids) or not index.is_unique:
        return None
    place = match(index.to_numpy(), ids, "index")
    return place if (place >= 0).all() and len(np.unique(place)) == len(ids) else None


def _by_customer(ids: np.ndarray, theirs: np.ndarray, name: str) -> np.ndarray | None:
    """Return the place of each customer among other ids, None if they are the same."""
    if ids.dtype == theirs.dtype and np.array_equal(ids, theirs):
        return None
    codes, first = numbered_ids(theirs, name)
    if len(first) < len(theirs):
        twice = theirs[np.bincount(codes)[codes] > 1][0]
        raise DataError(f"{name}: customer {plain(twice)} is there twice; pass one value for each customer")
    place = match(theirs, ids, name)
    lost = place < 0
    if lost.any():
        raise DataError(f"{name}: {int(lost.sum()):,} of {many(len(ids), 'customer')} have no value, the first is "
                        f"{plain(ids[lost][0])}{other_kind(ids, theirs) or FILL}")
    if len(theirs) > len(ids):
        unknown = np.ones(len(theirs), bool)
        unknown[place] = False
        warn(f"{name}: {int(unknown.sum()):,} of {many(len(theirs), 'value')} are of customers that are not here, such "
             f"as {plain(theirs[unknown][0])}; they are left out")
    return place


def check_names(given: Mapping[str, Any]) -> None:
    """Raise when an argument that takes the name of a column is given the column itself."""
    for argument, value in given.items():
        if not _is_name(value):
            name = getattr(value, "name", None)
            raise ConfigError(f"{argument}= takes the name of a column, not the column (a {type(value).__name__}): "
                              f"pass {argument}={name if isinstance(name, str) else '...'!r}")


def _is_name(value: object) -> bool:
    """Return whether a value can be the name of a column: it has a hash and equals itself."""
    try:
        hash(value)
        return getattr(value, "shape", ()) == () and bool(value == value)
    except (TypeError, ValueError, ArithmeticError):        # a list, pandas' NA, a signaling NaN
        return False


def demand(opened: Table, name: str, argument: str | None = None) -> None:
    """Raise when the table has no such column; suggest a similar name."""
    if not _is_name(name):
        raise DataError(f"{argument or 'column'}: {type(name).__name__} is no name of a column")
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
