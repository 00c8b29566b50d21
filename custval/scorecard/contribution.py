"""What each indicator adds to the score."""
from __future__ import annotations

from typing import Any

import numpy as np

from .columns import demand_column, numbers_of
from .compile import rounds
from .indicator import Indicator
from .rules import Linear, Steps

REST = "cap and rounding"


def contributions(make: Any, card: Any, table: Any) -> Any:
    """Return the weighted points of each indicator, and what cap and rounding of the total change.

    Each is the score of a card in which the other indicators have no points: exact, as every score.
    """
    names = [i.name for i in card.indicators]
    for name in (*names, "score"):
        demand_column(table.names, name, "contributions: a column of the scored table,")
    points = {f"p{k}": numbers_of(table, name) for k, name in enumerate(names)}
    parts = {name: _score(_alone(make, card, k), points) for k, name in enumerate(names)}
    if card.cap is not None or card.floor is not None or rounds(card, "total"):
        given = {"given": numbers_of(table, "score"), **{f"p{k}": part for k, part in enumerate(parts.values())}}
        measures = {name: Linear(per=1 if name == "given" else -1) for name in given}
        parts[REST] = _score(make(REST, [Indicator("rest", measures=measures)], combine="sum"), given)
    return table.beside(parts)


def _alone(make: Any, card: Any, k: int) -> Any:
    """Return the card of points of indicators that counts the k-th only."""
    nothing = Steps([(None, 0)])
    indicators = [Indicator(f"i{j}", weight=i.weight, measures={f"p{j}": Linear(per=1) if j == k else nothing})
                  for j, i in enumerate(card.indicators)]
    return make("part", indicators, combine=card.combine, missing="raise" if card.combine == "sum" else "renormalise")


def _score(card: Any, table: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(card.score(table, ties=None, points=False)["score"])
