"""Why a row has no score, as an error that names column, rows, customer and remedy."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._core import MISSING_REFUSED, ROW_MISSING, ROW_UNKNOWN
from .._formatting import plain
from ..errors import DataError
from .columns import row_list
from .compile import Compiled, columns_of


def refusal(card: Compiled, table: Any, why: int, row: int, columns: Sequence[np.ndarray],
            rows: np.ndarray | None = None) -> DataError:
    """Return the error for the first row that the core could not score; `rows`: which it was given, None for all."""
    rows = np.arange(table.rows) if rows is None else rows
    values = dict(zip(card.columns, columns, strict=True))
    if why == ROW_MISSING:
        for (column, rule), (code, _) in zip(card.measures, card.policies, strict=True):
            needed = columns_of(rule, column)
            holes = np.any([np.isnan(values[c]) for c in needed], axis=0)
            if code == MISSING_REFUSED and holes.any():
                return missing_error(table, [c.name for c in needed], rows[holes])
    at = row_list(table, rows[[row]])
    if why == ROW_UNKNOWN:
        return DataError(f"a customer has no known measure at all, so nothing can stand in for it\n{at}")
    here = ", ".join(f"{plain(c.name)} {float(values[c][row])!r}" for c in values if c.levels is None and c.log is None)
    return DataError(f"points pass what can be held\n{at}\n  {here}\n  Correct the value, or set cap= and floor=.")


def missing_error(table: Any, names: Sequence[str], rows: np.ndarray) -> DataError:
    """Return the error for rows in which a measure has no value."""
    named = " or ".join(map(repr, names))
    return DataError(
        f"column {named}: {len(rows):,} of {table.rows:,} values are missing\n" + row_list(table, rows)
        + '\n  Correct these rows, or give the rule or the card missing="zero", "lowest" or "renormalise".')
