"""Of how many customers a card knows what."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._arrays import Table
from .._validation import divide
from .columns import column_values
from .compile import columns_of
from .rules import Manual


def coverage(card: Any, table: Table, by_hand: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns of `Scorecard.coverage`; `by_hand`: by measure, -1 in rows without an approved score."""
    rows = []
    for indicator in card.indicators:
        for column, rule in indicator.measures.items():
            read = [] if isinstance(rule, Manual) else columns_of(rule, column)
            holes = np.any([np.isnan(column_values(table, c)) for c in read], axis=0) if read else np.True_
            lost = int((holes & (by_hand.get(column, np.full(table.rows, -1)) < 0)).sum())
            rows.append((indicator.name, rule._reads(column), table.rows - lost, lost, rule.missing or card.missing))
    names, measures, known, missing, said = zip(*rows, strict=True)
    return {"indicator": np.array(names, object), "measure": np.array(measures, object), "known": np.array(known),
            "missing": np.array(missing), "share": divide(known, np.full(len(rows), table.rows)),
            "policy": np.array(said, object)}
