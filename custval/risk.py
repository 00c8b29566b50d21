"""Whose leaving would cost most, and how much of it is to be expected."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import _core, _forecast
from ._classes import places
from ._columns import columns
from ._errors import ConfigError, DataError
from ._values import divide
from .base import CustomerBase
from .models import MBGNBD, GammaGamma

NEEDED = ("customer", "p_alive", "loss_if_lost", "expected_loss")


def at_risk(data: Any, *, share: float = 0.8, tiers: Any = None, periods: int | None = None,
            unit: str | None = None, purchases: Any = None, spend: Any = None, value: str | None = None) -> Any:
    """Return the customers with the largest expected loss from churn, or its sums per tier.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, forecast with the settings below; or a wide frame of `forecast`.
    share : float
        The list ends where it holds this share of all expected losses above zero.
    tiers : Pyramid or Series, optional
        A pyramid of the same customers in the same order, or a label per customer: sums per tier are
        returned instead of the list.
    periods, unit, purchases, spend, value
        As in `forecast`, with its defaults; for a base only.

    Returns
    -------
    frame of the caller's kind
        The list, worst first: customer, p_alive, loss_if_lost (value if the customer stays), expected_loss
        ((1 - P(alive)) times it), share and cumulative_share of all positive expected losses.
        Per tier: tier, customers, loss_if_lost, expected_loss, share: sums of positive losses. Customers who cost
        money have negative losses, those who never purchased none; both are counted in their tier.

    Raises
    ------
    DataError
        The frame is no wide forecast, or the tiers are of other customers.
    ConfigError
        A setting of the forecast came with a frame, which has its own.

    Examples
    --------
    >>> fc = {"customer": ["a", "b", "c"], "p_alive": [.9, .5, .2], "loss_if_lost": [100.0, 60.0, 10.0],
    ...       "expected_loss": [10.0, 30.0, 8.0]}
    >>> at_risk(fc, share=.75)["customer"].tolist()
    ['b', 'a']
    """
    if not 0 < share <= 1:
        raise ConfigError(f"share={share!r}: pass a share of the expected losses, above 0 to 1")
    settings = {"periods": periods, "unit": unit, "purchases": purchases, "spend": spend, "value": value}
    given = [name for name, setting in settings.items() if setting is not None]
    if isinstance(data, CustomerBase):
        frame = _judged(data, **settings)
    elif given:
        raise ConfigError(f"{', '.join(given)}: a forecast has been made with its own settings; "
                          "pass these to forecast, or a CustomerBase to at_risk")
    else:
        frame = data
    found, back = columns(frame, NEEDED)
    return back.new(_listed(found, back, share) if tiers is None else _per_tier(found, frame, tiers))


def _judged(base: CustomerBase, periods: Any, unit: Any, purchases: Any, spend: Any, value: Any) -> Any:
    judged_by = _forecast.valued(base, value)
    look = _forecast.outlook(base, 3 if periods is None else periods, unit or "Q", purchases or MBGNBD(),
                             spend or GammaGamma(), judged_by != "purchases")
    return base._frame(_forecast.judged(look, judged_by, 0.0))


def _listed(found: dict[str, np.ndarray], back: Any, share: float) -> dict[str, Any]:
    loss = np.where(found["expected_loss"] > 0, found["expected_loss"], 0.0)
    order = np.argsort(-loss, kind="stable")
    top = _core.lorenz(loss[order][::-1])
    rows = order[:_core.count_reaching(top, share)]
    return {"customer": back.pick("customer", rows), **{name: found[name][rows] for name in NEEDED[1:]},
            "share": _core.ratio(loss[rows], top[-1]), "cumulative_share": _core.ratio(top[1:len(rows) + 1], top[-1])}


def _per_tier(found: dict[str, np.ndarray], frame: Any, tiers: Any) -> dict[str, Any]:
    names, place = places(tiers, frame, "tiers")
    if len(place) != len(found["expected_loss"]):
        raise DataError(f"tiers: {len(place):,} rows for {len(found['expected_loss']):,} customers")
    known = {name: np.where(found[name] > 0, found[name], 0.0) for name in NEEDED[2:]}
    customers, loss_if_lost = _core.pyramid_totals(known["loss_if_lost"], place, len(names))
    expected_loss = _core.pyramid_totals(known["expected_loss"], place, len(names))[1]
    total = expected_loss.sum()
    return {"tier": np.array(names, object), "customers": customers, "loss_if_lost": loss_if_lost,
            "expected_loss": expected_loss, "share": divide(expected_loss, total if total > 0 else np.nan)}
