"""Call a ufunc on columns: block by block along long ones, with the labels of a Series kept."""
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from ._arrays import is_pandas, is_polars, like, unlabelled
from ._validation import same_index, warn

FEW, MANY = 8, 8192                         # rows of the first and the largest block; Ctrl-C waits for one block
PATIENCE = 0.02                             # seconds that a block may take


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

    pandas columns must share one index and get it back. Invalid values are reported once, at the caller's line.
    """
    columns = [a for a in args if is_pandas(a) or is_polars(a)]
    for column in columns[1:]:
        same_index(columns[0], column, quantity)
    seen: list[str] = []
    at_once: Any = {"invalid": "call", "call": lambda kind, _: seen.append(kind)}
    with np.errstate(**at_once if np.geterr()["invalid"] == "warn" else {}):
        out = by(ufunc, *map(unlabelled, args), **kwargs)
    if seen:
        warn(f"invalid value encountered in {getattr(ufunc, '__name__', ufunc)}", RuntimeWarning)
    return like(columns[0], out, quantity) if columns else out
