"""A budget divided among classes of customers, to the cent."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._files import At, keys, known
from .._validation import divide
from ..errors import ConfigError
from . import tiers

CENTS = 100


def plan_of(plan: Mapping[str, Mapping[str, Any]], budget: float, names: tuple[str, ...],
            customers: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of `Classes.actions`."""
    for name in plan:
        known(name, names, "plan:")
    for name in names:
        if name not in plan:
            raise ConfigError(f'plan: {name!r} has none; if nothing is to be done, say so: '
                              '{"action": "none", "share": 0}')
        keys(plan[name], ("action", "share", "limit"), ("action", "share"), f"plan of {name!r}")
    if not _is_money(budget):
        raise ConfigError(f"budget={budget!r}: expected money, at least 0")
    limit = np.array([_limit(name, plan[name].get("limit")) for name in names])
    with At("plan"):
        shares = tiers.shares({name: plan[name]["share"] for name in names})
    money = np.array(tiers.largest_remainder(shares, round(budget * CENTS))) / CENTS
    each = divide(money, customers)
    capped = np.fmin(each, limit)
    return {"action": np.array([plan[name]["action"] for name in names], object), "customers": customers,
            "budget_share": np.array([float(share) for share in shares]), "budget": money, "limit": limit,
            "per_customer": np.where(customers > 0, capped, np.nan),
            "left": np.where(customers == 0, money, np.where(capped < each, money - capped * customers, 0.0))}


def _limit(name: str, limit: Any) -> float:
    if limit is None:
        return math.nan
    if not _is_money(limit):
        raise ConfigError(f"plan of {name!r}: limit = {limit!r} is no cost per customer, at least 0")
    return float(limit)


def _is_money(number: Any) -> bool:
    real = isinstance(number, int | float | np.integer | np.floating) and not isinstance(number, bool)
    return real and 0 <= float(number) < math.inf
