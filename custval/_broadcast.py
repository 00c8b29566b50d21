"""Call a ufunc on columns: block by block along long ones, with the labels of a Series kept."""
from collections.abc import Callable, Iterator, Sequence, Sized
from time import perf_counter
from typing import Any

import numpy as np

from ._arrays import as_array, is_pandas, is_polars, like, unlabelled
from ._tabular import labels_of, order_of, series
from ._validation import in_short, number_of, numbers, warn
from .errors import DataError

FEW, MANY = 1, 8192                         # rows of the first and the largest block; Ctrl-C waits for one block
PATIENCE = 0.02                             # seconds that a block may take
PLAIN = {type(np.dtype(kind)) for kind in ("f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")}


def _blocks(rows: int) -> Iterator[slice]:
    """Yield slices that cover the rows, small ones first, then as large as their time allows."""
    start, size = 0, FEW
    while start < rows:
        began = perf_counter()
        yield slice(start, start + size)
        start += size
        took = perf_counter() - began
        size = min(2 * size, MANY) if took < PATIENCE else max(1, int(size * PATIENCE / took))


def in_blocks(ufunc: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, block by block along long columns, so that Ctrl-C works in between."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    if len(shape) != 1 or shape[0] <= FEW or kwargs:
        return ufunc(*args, **kwargs)
    columns = [np.asarray(a) if np.ndim(a) else a for a in args]
    out: Any = None
    for rows in _blocks(shape[0]):
        part = ufunc(*(c[rows] if np.shape(c) == shape else c for c in columns))
        out = np.empty(shape, part.dtype) if out is None else out
        out[rows] = part
    return out


def call(quantity: str, ufunc: Callable[..., Any], *args: Any, by: Callable[..., Any] = in_blocks,
         **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, run along long columns `by` another function; a Series is named by the quantity.

    Columns of pandas are aligned with the last one, a history, and the result has its index. Invalid values are
    reported once, at the caller's line.
    """
    where, *columns = in_one_order((kwargs.get("where", True), *args), quantity, last=True)
    if "where" in kwargs:
        kwargs["where"] = where
    labelled = next((a for a in reversed(columns) if is_pandas(a) or is_polars(a)), None)
    given = [values_of(a, quantity) for a in columns]
    broadcast(quantity, given)
    seen: list[str] = []
    at_once: Any = {"invalid": "call", "call": lambda kind, _: seen.append(kind)}
    with np.errstate(**at_once if np.geterr()["invalid"] == "warn" else {}):
        out = by(ufunc, *given, **{name: unlabelled(value) for name, value in kwargs.items()})
    if seen:
        warn(f"invalid value encountered in {getattr(ufunc, '__name__', ufunc)}", RuntimeWarning)
    return out if labelled is None or np.shape(out) != (len(labelled),) else like(labelled, out, quantity)


def broadcast(name: str, columns: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape that columns have together; raise if they have none."""
    try:
        return np.broadcast_shapes(*map(np.shape, columns))
    except ValueError:
        rows = ", ".join(f"{len(column):,}" for column in columns if isinstance(column, Sized) and len(column))
        raise DataError(f"{name}: columns of {rows} rows do not fit together; pass one value for each customer, or one "
                        "for all") from None


def in_one_order(columns: Sequence[Any], name: str, *, last: bool = False) -> tuple[Any, ...]:
    """Return columns with those of pandas in the order of the first of them, or of the last."""
    first = next(filter(is_pandas, reversed(columns) if last else columns), None)
    if first is None:
        return tuple(columns)
    rows = labels_of(first)
    orders = [order_of(rows, labels_of(c), name) if is_pandas(c) and c.index is not rows.index else None
              for c in columns]
    return tuple(c if order is None else c.iloc[order] for c, order in zip(columns, orders, strict=True))


def values_of(column: Any, name: str) -> Any:
    """Return a number, or a column of numbers of any kind, as NumPy computes with it; missing values as NaN."""
    if isinstance(column, list | tuple):
        try:
            column = np.asarray(column)
        except (ValueError, TypeError, OverflowError):
            column = as_array(column, name)
    elif isinstance(column, str | bytes) or not (hasattr(column, "__len__") or hasattr(column, "dtype")):
        number = number_of(column)
        if number is None or column is None:
            raise DataError(f"{name}: expected numbers, got {in_short(column)}")
        return number
    elif not isinstance(column, np.ndarray | np.generic):
        plain = is_pandas(column) and type(getattr(column, "dtype", None)) in PLAIN
        column = column.to_numpy() if plain else series(column, name)[0]
    if column.dtype.kind == "O":
        column = numbers(column.reshape(-1), name).reshape(column.shape)
    if column.dtype.kind not in "fiub" or column.dtype.itemsize > 8:
        raise DataError(f"{name} is not a column of numbers: it holds {column.dtype}; convert it first")
    return column


def number_column(column: Any, name: str) -> Any:
    """Return a column as numbers, still a Series if it is one."""
    values = values_of(column, name)
    return like(column, values, name) if is_pandas(column) or is_polars(column) else values
