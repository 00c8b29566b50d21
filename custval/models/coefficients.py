"""How models and their coefficients are shown: one line, a table, HTML without script."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._formatting import html_table, plain, table

LINE = 100                     # characters that a repr stays below


class Coefficients(dict[str, list[Any]]):
    """Columns of a coefficient table; prints as text, and any frame library makes a frame of it."""

    def __init__(self, title: str, columns: dict[str, list[Any]]):
        super().__init__(columns)
        self.title = title

    def _cells(self) -> list[list[str]]:
        return [[v if isinstance(v, str) else f"{v:.6g}" if v == v else "-" for v in row]
                for row in zip(*self.values(), strict=True)]

    def __repr__(self) -> str:
        return "\n".join([self.title, *table(list(self), self._cells(), "<" + ">" * (len(self) - 1))])

    def _repr_html_(self) -> str:
        return html_table(self.title, list(self), self._cells())


def line(name: str, values: Mapping[str, float | None], unit: str | None, tail: str) -> str:
    """Return the one line of a model, with as many digits as fit."""
    for digits in (3, 2, 1):
        shown = [f"{k}={_short(v, 0 if k == 'k' else digits)}" for k, v in values.items()]       # stages are whole
        words = [name, *shown] + ([f"unit={unit}"] if unit else [])
        whole = plain(f"<{' '.join(words)}{tail}>")
        if len(whole) < LINE:
            break
    return whole


def _short(value: float | None, digits: int) -> str:
    if value is None:
        return "?"
    return f"{value:.{digits}f}" if max(0.01, 10.0**-digits) <= value < 10_000 else f"{value:.{digits}g}"
