"""Rules out of bins that `optbinning` has learnt from an outcome; it is not imported, only its objects are read."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ConfigError
from .exact import exact, half_up
from .rule import Rule
from .rules import Steps, Table


def rules_of(bins: Any, points: Any, digits: int, options: Mapping[str, Any]) -> dict[str, Rule]:
    """Return the rule of each variable: a `BinningProcess`, a dict of fitted binnings by column, or one of them."""
    if hasattr(bins, "get_binned_variable"):
        bins = {str(name): bins.get_binned_variable(name) for name in bins.get_support(names=True)}
    elif hasattr(bins, "binning_table"):
        bins = {bins.name: bins}
    if not isinstance(bins, Mapping) or not all(hasattr(b, "binning_table") for b in bins.values()):
        raise ConfigError("bins: expected a fitted BinningProcess or OptimalBinning, or a dict of these by column; "
                          "for cuts of your own, Steps.from_bins(splits, points)")
    return {column: _rule(binning, exact(points), digits, options) for column, binning in bins.items()}


def _rule(binning: Any, points: Any, digits: int, options: Mapping[str, Any]) -> Rule:
    """Return points of each bin: `points` times its weight of evidence; those of missing values are not taken."""
    splits, woe = list(binning.splits), list(binning.binning_table.build()["WoE"])
    worth = [half_up(points * exact(float(w)), digits) for w in woe[:len(splits) + 1]]
    if binning.dtype == "categorical":
        return Table({level: p for levels, p in zip(splits, worth, strict=False) for level in levels}, **options)
    return Steps.from_bins(splits, worth, **options)
