"""Arrays to a ufunc, and the labels back."""
from collections.abc import Callable
from typing import Any


def call(quantity: str, ufunc: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``; a Series is named by the quantity.

    pandas columns must share one index and get it back.
    """
    columns = [a for a in args if hasattr(a, "iloc")]
    if not columns:
        out = ufunc(*args, **kwargs)
        return out.alias(quantity) if hasattr(out, "alias") else out
    index = columns[0].index
    if not all(c.index.equals(index) for c in columns):
        raise ValueError("columns carry different indexes; align them first")
    values = [a.to_numpy() if hasattr(a, "iloc") else a for a in args]
    return type(columns[0])(ufunc(*values, **kwargs), index=index, name=quantity)
