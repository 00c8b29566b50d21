"""A column of values cut into tiers, from the top down: by rank, threshold or share of the total; nothing is sorted."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._validation import divide, named
from ..errors import ConfigError, DataError
from . import tiers as _tiers


class Ties(NamedTuple):
    """What divides equal values at a cut."""

    together: bool                 # nothing: they stay in the upper tier
    by: np.ndarray | None          # the largest of these first; then, or without, who appears first


def ties_of(ties: str, by: np.ndarray | None = None) -> Ties:
    """Return what the caller's words mean."""
    if ties not in ("row", "together") or (ties == "together" and by is not None):
        raise ConfigError(f"ties={ties!r}: pass 'row', with or without tie_break=, or 'together' without")
    return Ties(ties == "together", by)


def cut(column: np.ndarray, present: int, tiers: Mapping[str, Any], by: str,
        ties: Ties) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the tier of every value, -1 for NaN, and of tiers by rank the values at their order marks.

    `present` of the values are numbers.
    """
    marks = None
    if by in ("share", "count", "growth"):
        marks, (at, quota, equal) = _by_rank(column, _tiers.sizes(tiers, by, present))
    else:
        at, quota, equal = _by_amount(column, tiers, by)
    if ties.together:
        quota = equal = None
    return _core.pyramid_label(column, at, quota, equal, ties.by), marks


def keep(column: np.ndarray, tier: np.ndarray, floor: list[float] | None, former: np.ndarray,
         band: float) -> np.ndarray:
    """Return tiers in which who lies within the band of a cut stays where he was; `floor` as for `described`."""
    if isinstance(band, bool) or not isinstance(band, int | float) or not 0 <= band < 1:
        raise ConfigError(f"hysteresis={band!r}: pass a share of the cut, from 0 to below 1")
    if band == 0:
        return tier
    if floor is None:
        lowest = described(column, tier, int(tier.max(initial=0)) + 1)["cutoff"]
        floor = np.fmin.accumulate(np.r_[np.inf, lowest])[1:].tolist()       # an empty tier: nobody comes as far
    return _core.pyramid_keep(column, tier, former, np.array(floor[:-1]), float(band))


def _by_rank(column: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, tuple[Any, Any, Any]]:
    """Return the values at the order marks, and (cut, quota, equal) below each tier but the last."""
    at = _core.pyramid_select(column, order_marks(sizes))
    return at[0], (at[0][3:-1:4], at[1][3:-1:4], at[2][3:-1:4])


def _by_amount(column: np.ndarray, tiers: Mapping[str, Any], by: str) -> tuple[Any, Any, Any]:
    """Return (cut, quota, equal) for thresholds, or for cumulative shares of the total."""
    if by == "score":
        lowest = np.array(_tiers.thresholds(tiers))
        if (below := column < lowest[-1]).any():
            raise DataError(f"values: {named(column, below)} below the lowest tier {list(tiers)[-1]!r}\n"
                            "  Give the last tier None, and it is open below.")
        return lowest[:-1], None, None
    upto = np.array(_tiers.cumulative(tiers)[:-1])
    try:
        return _core.pyramid_reach(column, upto)
    except ValueError as error:
        raise DataError(f"{error}; cut by 'share', 'count' or 'score' instead") from None


def order_marks(sizes: np.ndarray) -> np.ndarray:
    """Return the ranks of each tier's first, two middle and last customers, 1 for the largest value."""
    above = np.cumsum(sizes) - sizes
    some = sizes > 0
    return np.stack([above + some, above + (sizes + 1) // 2, above + sizes // 2 + some, above + sizes], 1).ravel()


def described(column: np.ndarray, tier: np.ndarray, names: int, marks: np.ndarray | None = None,
              floor: list[float] | None = None, overlap: bool = False) -> dict[str, np.ndarray]:
    """Return the figures of each tier; tiers that overlap in value are ranked each alone."""
    customers, sums = _core.pyramid_totals(column, tier, names)
    if overlap:
        marks = np.concatenate([_core.pyramid_select(np.where(tier == j, column, np.nan), order_marks(size))[0]
                                for j, size in enumerate(customers.reshape(-1, 1))])
    elif marks is None:
        marks = _core.pyramid_select(column, order_marks(customers))[0]
    top, high, low, last = np.where(customers == 0, np.nan, marks.reshape(-1, 4).T)
    return totals(customers, sums) | {"mean": divide(sums, customers), "median": (high + low) / 2, "min": last,
                                      "max": top, "cutoff": last if floor is None else np.array(floor)}


def totals(customers: np.ndarray, sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return counts, sums and their shares."""
    total = sums.sum() if sums.sum() > 0 else np.nan
    return {"customers": customers, "share": divide(customers, customers.sum()), "sum": sums,
            "share_of_sum": sums / total, "cumulative_share": np.cumsum(sums) / total}
