"""The frame that the built-in data come in: of the first library that is installed."""
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeAlias

from .._formatting import Columns

AsFrame: TypeAlias = Callable[[dict[str, Any]], Any]

MAKERS = (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "table"))


def framed(columns: dict[str, Any]) -> Any:
    """Return a pandas frame of the columns; without pandas one of polars, then of pyarrow, else a dict that prints."""
    for library, maker in MAKERS:
        with suppress(ImportError):
            return getattr(import_module(library), maker)(columns)
    return Columns(columns)
