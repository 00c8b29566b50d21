"""Of how many customers a card knows what."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._columns import Table
from .._values import divide
from .compile import columns_of
from .inputs import column_values


def coverage(card: Any, table: Table) -> dict[str, np.ndarray]:
    """Return the columns of `Scorecard.coverage`."""
    rows = []
    for indicator in card.indicators:
        for column, rule in indicator.measures.items():
            holes = [np.isnan(column_values(table, c)) for c in columns_of(rule, column)]
            lost = int(np.any(holes, axis=0).sum()) if holes else table.rows
            rows.append((indicator.name, rule._reads(column), table.rows - lost, lost, rule.missing or card.missing))
    names, measures, known, missing, said = zip(*rows, strict=True)
    return {"indicator": np.array(names, object), "measure": np.array(measures, object), "known": np.array(known),
            "missing": np.array(missing), "share": divide(known, np.full(len(rows), table.rows)),
            "policy": np.array(said, object)}
