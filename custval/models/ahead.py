"""What is to come of long columns: what depends on x and T only is computed once for each pair of them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _core
from .._broadcast import in_blocks

WORDS = ("bgnbd", "mbgnbd", "pnbd")    # the models whose future, while a customer is active, does not depend on t_x
ROWS = 256                     # from so many on pairs pay


def by_pairs(word: str, parameters: int, edges: tuple[Any, ...], rate: float, ufunc: Callable[..., Any], *args: Any,
             **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, bit by bit; its last arguments are x, t_x, T and the parameters."""
    history = [np.asarray(a) for a in args[-parameters - 3:-parameters]]
    rows = max(column.size for column in history)
    plain = all(type(column) is np.ndarray and column.shape in ((), (rows,)) for column in history)
    one = all(np.ndim(edge) == 0 and edge >= 0 for edge in edges)
    if kwargs or rows < ROWS or not (plain and one) or np.result_type(*history, np.float32) != np.float64:
        return in_blocks(ufunc, *args, **kwargs)
    x, t_x, T = (np.broadcast_to(column, rows) for column in history)
    out = _core.ahead(word, x, t_x, T, np.array(args[-parameters:]), np.array(edges, float), np.ones(1), rate)
    holes = np.isnan(out)
    if holes.any():                                        # the ufunc says what is to be said of them
        front = args[:-parameters - 3]
        out[holes] = ufunc(*front, x[holes], t_x[holes], T[holes], *args[-parameters:])
    return out
