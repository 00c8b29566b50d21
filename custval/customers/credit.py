"""What customers owe, by age, and what that costs."""
from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from .. import _core
from ..errors import ConfigError, DataError
from .event_logs import NEVER
from .snapshot import DAYS_OF_YEAR, Snapshot

AGES = {"owed_30": (-NEVER, 30), "owed_60": (30, 60), "owed_90": (60, 90), "owed_over_90": (90, NEVER)}  # days late


def receivables(view: Snapshot) -> dict[str, np.ndarray]:
    log = view.logs["receivables"]
    unpaid, late = _unpaid(view)
    return {"owed": log.sums("amount", view, chosen=unpaid),
            "overdue": log.sums("amount", view, chosen=unpaid & (late > 0))} | {
        name: log.sums("amount", view, chosen=unpaid & (late > low) & (late <= high))
        for name, (low, high) in AGES.items()}


def _unpaid(view: Snapshot) -> tuple[np.ndarray, np.ndarray]:
    """Return which receivables are open at the end of the day, and how many days past due each is."""
    log, today = view.logs["receivables"], view.day.astype(np.int64)
    return log.values.get("paid", np.full(len(log.day), NEVER)) > today, today - log.values["due"].astype(np.int64)


def of_credit(view: Snapshot, carrying: Any, default: Any) -> dict[str, np.ndarray]:
    """What credit costs: interest on what is owed since it was invoiced, and the loss expected by its age."""
    if carrying is None and default is None:
        return {}
    if "receivables" not in view.logs:
        raise DataError("carrying= and default= need the log of receivables: with_log(\"receivables\", ...)")
    log, (unpaid, late) = view.logs["receivables"], _unpaid(view)
    out = {}
    if carrying is not None:
        rate = _rate("carrying", carrying, 10.0)
        years = _core.ratio((view.day.astype(np.int64) - log.day).astype(float), DAYS_OF_YEAR)
        out["owed_carrying"] = log.sums(_core.expected_money(log.values["amount"], years, rate), view, chosen=unpaid)
    if default is not None:
        if len(default) != len(AGES):
            raise ConfigError(f"default= takes {len(AGES)} chances: of what is not due or up to 30 days late, 31 to "
                              f"60, 61 to 90 and over 90 days late; got {len(default)}")
        chance = np.array([_rate("default", p, 1.0) for p in default])
        band = np.searchsorted([high for _, high in AGES.values()][:-1], late)
        out["owed_expected_loss"] = log.sums(_core.expected(log.values["amount"], chance[band]), view, chosen=unpaid)
    return out


def _rate(argument: str, value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) <= most:
        raise ConfigError(f"{argument}= takes numbers from 0 to {most:g}, got {value!r}")
    return float(value)
