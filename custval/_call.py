"""Arrays to a ufunc, and the labels back."""
from collections.abc import Callable
from typing import Any

import numpy as np

from ._values import same_index

ROWS = 8192                                 # a ufunc sees no Ctrl-C: it works on so many rows at a time


def is_polars(column: Any) -> bool:
    """Return whether it is a Series of polars, which answers a ufunc in its own kind, with its own holes."""
    return hasattr(column, "alias")


def in_blocks(ufunc: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, block by block along long columns, so that Ctrl-C is heard in between."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    if len(shape) != 1 or shape[0] <= ROWS or kwargs:
        return ufunc(*args, **kwargs)
    columns = [np.asarray(a) if np.ndim(a) and not is_polars(a) else a for a in args]

    def block(start: int) -> list[Any]:
        return [c[start:start + ROWS] if np.shape(c) == shape else c for c in columns]

    first = ufunc(*block(0))
    if is_polars(first):
        for start in range(ROWS, shape[0], ROWS):
            first.append(ufunc(*block(start)))
        return first.rechunk()
    out = np.empty(shape, first.dtype)
    out[:ROWS] = first
    for start in range(ROWS, shape[0], ROWS):
        out[start:start + ROWS] = ufunc(*block(start))
    return out


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
