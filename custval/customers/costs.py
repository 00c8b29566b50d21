"""Product cost where the log has none: of some rows, or of all."""
from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._arrays import Table
from .._ids import codes_of
from ..errors import ConfigError, DataError

FILLS = ("raise", "product", "base")


class Fill(NamedTuple):
    """What an empty product cost is, and the margin rate that stands for all of them."""

    empty: str
    margin_rate: float | None


def check_rate(rate: Any, cost: Any, amount: Any) -> None:
    """Raise unless a margin rate is one, and stands for a cost that is not given."""
    if rate is None:
        return
    if isinstance(rate, bool) or not isinstance(rate, Real) or not -np.inf < float(rate) <= 1:
        raise ConfigError(f"margin_rate={rate!r}: expected a share of the amount, at most 1")
    if cost is not None or amount is None:
        raise ConfigError("margin_rate= stands for cost= and is a share of amount=: pass amount=, and one of the two")


def filled(columns: dict[str, np.ndarray], opened: Table, names: Mapping[str, str], fill: Fill) -> int:
    """Put a product cost where there is none; return the number of rows of a cost column that were filled."""
    if fill.margin_rate is not None:
        columns["cost"] = _core.expected(columns["amount"], 1.0 - fill.margin_rate)
    if fill.empty == "raise" or "cost" not in names:
        return 0
    empty = np.isnan(columns["cost"])
    if not empty.any():
        return 0
    if "amount" not in names or (fill.empty == "product" and "product" not in names):
        lacking = "amount" if "amount" not in names else "product"
        raise ConfigError(f"cost_missing={fill.empty!r} needs {lacking}=, the column by which costs are filled")
    group = codes_of(opened, names["product"])[0] if fill.empty == "product" else np.zeros(len(empty), np.int64)
    rate = _rates(columns["amount"], columns["cost"], empty, group)
    lost = np.flatnonzero(empty & np.isnan(rate[group]) & np.isfinite(columns["amount"]))
    if lost.size:
        whose = f"of product {opened.array(names['product'])[lost[0]]!r} " if fill.empty == "product" else ""
        raise DataError(f"column {names['cost']!r}: row {lost[0]:,} has no cost, and no row {whose}has one, or those "
                        'that have sum to no amount above 0\n  Give them a cost, or pass cost_missing="base".')
    columns["cost"] = np.where(empty, _core.expected(columns["amount"], rate[group]), columns["cost"])
    return int(empty.sum())


def _rates(amount: np.ndarray, cost: np.ndarray, empty: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return product cost per money of each group, NaN where none is known."""
    known = ~empty & np.isfinite(amount) & np.isfinite(cost)
    _, (money, spent), _, begin, end, first = _core.ledger(
        group[known], np.zeros(int(known.sum()), np.int32), (amount[known], cost[known]), False)
    whole = _core.totals(money, begin, end)
    rate = np.full(int(group.max(initial=0)) + 1, np.nan)
    rate[group[known][first]] = np.where(whole > 0, _core.ratio(_core.totals(spent, begin, end), whole), np.nan)
    return rate
