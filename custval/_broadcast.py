"""Arrays to a ufunc, and the labels back."""
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from ._validation import same_index

FEW, MANY = 8, 8192                         # a ufunc sees no Ctrl-C: it works on so many rows at a time
PATIENCE = 0.02                             # and on fewer where that takes longer, in seconds


def is_polars(column: Any) -> bool:
    """Return whether it is a Series of polars, which answers a ufunc in its own kind, with its own holes."""
    return hasattr(column, "alias")


def _blocks(rows: int) -> Iterator[slice]:
    """Yield slices of so many rows, small ones first, then as large as their time allows."""
    start, size = 0, FEW
    while start < rows:
        began = perf_counter()
        yield slice(start, start + size)
        start += size
        took = perf_counter() - began
        size = min(2 * size, MANY) if took < PATIENCE else max(1, int(size * PATIENCE / took))


def in_blocks(ufunc: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, block by block along long columns, so that Ctrl-C is heard in between."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    if len(shape) != 1 or shape[0] <= FEW or kwargs:
        return ufunc(*args, **kwargs)
    columns = [np.asarray(a) if np.ndim(a) and not is_polars(a) else a for a in args]
    out: Any = None
    for rows in _blocks(shape[0]):
        part = ufunc(*(c[rows] if np.shape(c) == shape else c for c in columns))
        if is_polars(part):
            out = part if out is None else out.append(part)
        else:
            out = np.empty(shape, part.dtype) if out is None else out
            out[rows] = part
    return out.rechunk() if is_polars(out) else out


def call(quantity: str, ufunc: Callable[..., Any], *args: Any, by: Callable[..., Any] = in_blocks,
         **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, run along long columns `by` a function of the same; a Series is named by the quantity.

    pandas columns must share one index and get it back.
    """
    polars = list(filter(is_polars, args))
    if polars and (kwargs or any(a.null_count() for a in polars)):
        return in_blocks(ufunc, *args, **kwargs).alias(quantity)
    columns = [a for a in args if hasattr(a, "iloc")]
    if not columns and not polars:
        return by(ufunc, *args, **kwargs)
    for column in columns:
        same_index(columns[0], column, quantity)
    out = by(ufunc, *(a.to_numpy() if hasattr(a, "to_numpy") else a for a in args), **kwargs)
    return type(polars[0])(quantity, out) if polars else type(columns[0])(out, index=columns[0].index, name=quantity)
