"""Value as the customer sees it, and what the firm could have of it, from columns of the profile.

benefits, price, after_cost: what a purchase gives, takes and costs afterwards; reservation_price: the most the
customer would pay; share_of_wallet: the share of what he buys of this kind that he buys here.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._formatting import plain
from .._ids import is_missing
from ..errors import DataError
from .snapshot import Snapshot

REALISED = "realised_value"


def perceived(view: Snapshot, out: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return the columns that the profile allows."""
    known = {name: _numbers(view, name) for name in
             ("benefits", "price", "after_cost", "reservation_price", "share_of_wallet") if name in view.profile}
    found: dict[str, np.ndarray] = {}
    if {"benefits", "price", "after_cost"} <= known.keys():
        found["delivered_value"] = _core.margin(known["benefits"], known["price"], known["after_cost"])
    if {"reservation_price", "price"} <= known.keys():
        found["perceived_value"] = _core.change(known["reservation_price"], known["price"])
    if {"delivered_value", "perceived_value"} <= found.keys():
        found["delivery_gap"] = _core.change(found["delivered_value"], found["perceived_value"])
    realised = out.get("margin", out.get("amount"))
    if "share_of_wallet" in known and realised is not None:
        found[REALISED] = realised
        found["potential_value"] = _core.ratio(realised, _shares(view, known["share_of_wallet"]))
        found["potential_gap"] = _core.change(found["potential_value"], realised)
    return found


def _numbers(view: Snapshot, name: str) -> np.ndarray:
    """Return a column of the profile as numbers, NaN where there is none."""
    column = np.asarray(view.profile[name])[view.who]
    if column.dtype.kind in "fiu":
        return np.asarray(column, float)
    for row, value in enumerate(column.tolist()):
        if not is_missing(value) and (isinstance(value, str | bytes | bool) or not hasattr(value, "__float__")):
            raise DataError(f"profile, column {name!r}: customer {plain(view.customers[row])} has {value!r}, no number"
                            "\n  Make it one, or leave it empty where it is not known.")
    return np.array([np.nan if is_missing(value) else float(value) for value in column.tolist()])


def _shares(view: Snapshot, share: np.ndarray) -> np.ndarray:
    wrong = np.flatnonzero((share <= 0) | (share > 1))
    if wrong.size:
        raise DataError(f"profile, column 'share_of_wallet': {wrong.size:,} of {len(share):,} values are no shares "
                        f"above 0 and up to 1, the first of customer {plain(view.customers[wrong[0]])}: "
                        f"{share[wrong[0]]:g}\n"
                        "  Correct them, or leave them empty where they are not known.")
    return share
