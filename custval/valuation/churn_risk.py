"""Whose leaving would cost most, how much of it is to be expected, and whom it pays to win back."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import _core
from .._files import known
from .._tabular import columns
from .._validation import aligned, divide, finite, same_index
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError
from ..models import MBGNBD, GammaGamma
from ..segmentation.migration import placed
from ..segmentation.segmentation import Segmentation
from . import outlook

NEEDED = ("customer", "p_alive", "value_if_retained", "expected_loss")


def at_risk(data: Any, *, share: float = 0.8, alive: float = 0.5, tiers: Any = None, periods: int | None = None,
            unit: str | None = None, purchases: Any = None, spend: Any = None, value: str | None = None) -> Any:
    """Return the customers who can still be kept with the largest expected loss from churn, or its sums per tier.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, forecast with the settings below; or a wide frame of `forecast`.
    share : float
        The list ends where it holds this share of their expected losses above zero.
    alive : float
        P(alive) from which a customer counts as one who can be kept; below it he has probably left, and the money is
        lost, or for `win_back` to win back. 0: all count.
    tiers : Pyramid, Grid, segments, frame or Series, optional
        Sums per tier are returned instead of the list. A frame with the columns customer and tier (or stage, segment,
        cell, class) is joined by customer, as are stages and segments of a base; a pyramid of a column, or a label per
        customer, has to be in the same order.
    periods, unit, purchases, spend, value
        As in `forecast`, with its defaults; for a base only.

    Returns
    -------
    frame of the caller's kind
        The list, worst first: customer, p_alive, value_if_retained (value if the customer stays), expected_loss
        ((1 - P(alive)) times it), share and cumulative_share of all their positive expected losses.
        Per tier: tier, customers, value_if_retained, expected_loss, share: sums of positive losses; apart, of customers
        below `alive`, gone (how many) and lost (their expected loss). Customers who cost money have negative losses,
        those who never purchased none and no P(alive); both are counted in their tier.

    Raises
    ------
    DataError
        The frame is no wide forecast, or the tiers are of other customers.
    ConfigError
        A setting of the forecast came with a frame, which has its own; no column of the tiers has the class.

    Examples
    --------
    >>> fc = {"customer": ["a", "b", "c"], "p_alive": [.9, .5, .2], "value_if_retained": [100.0, 60.0, 50.0],
    ...       "expected_loss": [10.0, 30.0, 40.0]}
    >>> at_risk(fc, share=.8)["customer"].tolist()
    ['b', 'a']

    The most is expected of c, who has probably left: 40 are lost, 40 can still be kept.

    >>> sums = at_risk(fc, tiers={"customer": ["c", "b", "a"], "tier": ["x", "x", "x"]})
    >>> sums["expected_loss"].tolist(), sums["lost"].tolist()
    ([40.0], [40.0])
    """
    if not 0 < share <= 1:
        raise ConfigError(f"share={share!r}: pass a share of the expected losses, above 0 to 1")
    _check(alive)
    frame = _forecast_of(data, {"periods": periods, "unit": unit, "purchases": purchases, "spend": spend,
                                "value": value})
    found, back = columns(frame, NEEDED)
    gone = found["p_alive"] < alive
    return back.new(_listed(found, gone, back, share) if tiers is None else _per_tier(found, gone, frame, tiers))


def win_back(data: Any, *, p_back: Any, cost: Any, alive: float = 0.5, tiers: Any = None,
             among: Sequence[str] | None = None, periods: int | None = None, unit: str | None = None,
             purchases: Any = None, spend: Any = None, value: str | None = None) -> Any:
    """Return the lost customers whom it pays to win back: E[value if back] P(back) - cost > 0, the best first.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, forecast with the settings below; a wide frame of `forecast`; or any frame with the columns
        customer, p_alive and value_if_retained, the value that the customer brings if he is back.
    p_back : float, dict or array_like, shape (customers,)
        The chance that a customer comes back when called: one for all, one for each tier by name, or each
        customer's own. It is never guessed: a trial with a part of the customers tells it.
    cost : float, dict or array_like, shape (customers,)
        What to call a customer costs, in the same three ways.
    alive : float
        P(alive) below which a customer has probably left; the others are still there, and `at_risk` lists them.
    tiers : Pyramid, Grid, segments, frame or Series, optional
        A classification of the same customers, joined or in the same order as in `at_risk`.
    among : sequence of str, optional
        The tiers that are called; by default the last one of a pyramid; of labels they must be named.
        Without `tiers` all customers are.
    periods, unit, purchases, spend, value
        As in `forecast`, with its defaults; for a base only.

    Returns
    -------
    frame of the caller's kind
        customer, tier (if tiers are given), p_alive, value_if_back, p_back, cost, net and cumulative_net, the
        largest net first. Customers whose value is not known (never purchased) are not in it.

    Raises
    ------
    ConfigError
        A chance outside [0, 1], a negative cost, a tier that is not there or has no number.
    DataError
        The frame lacks a column, or the tiers are of other customers.

    Examples
    --------
    >>> fc = {"customer": ["a", "b", "c", "d"], "p_alive": [.1, .2, .3, .9],
    ...       "value_if_retained": [900.0, 100.0, 60.0, 800.0]}
    >>> tiers = {"customer": ["d", "c", "b", "a"], "tier": ["ordinary", "ordinary", "ordinary", "VIP"]}
    >>> back = win_back(fc, p_back=.2, cost=10, tiers=tiers, among=["ordinary"])
    >>> back["customer"].tolist(), back["net"].tolist()
    (['b', 'c'], [10.0, 2.0])
    """
    _check(alive)
    frame = _forecast_of(data, {"periods": periods, "unit": unit, "purchases": purchases, "spend": spend,
                                "value": value})
    found, back = columns(frame, ("customer", "p_alive", "value_if_retained"))
    p_alive, worth = found["p_alive"], found["value_if_retained"]
    names, place = (["all"], np.zeros(len(worth), np.int8)) if tiers is None else placed(tiers, frame, "tiers")
    if among is None and tiers is not None and not isinstance(tiers, Segmentation):
        raise ConfigError("among=: labels have no order that tells who is ordinary; name those to be called")
    for name in among or ():
        known(name, names, "among: tier")
    called = np.isin(place, [names.index(name) for name in among or names[-1:]])
    chance = _each("p_back", p_back, frame, names, np.where(called, place, -1))
    price = _each("cost", cost, frame, names, np.where(called, place, -1))
    net = _core.change(_core.expected(worth, chance), price)
    rows = np.flatnonzero(called & (p_alive < alive) & (net > 0))
    rows = rows[np.argsort(-net[rows], kind="stable")]
    tier = {} if tiers is None else {"tier": np.array(names, object)[place[rows]]}
    return back.new({"customer": back.pick("customer", rows), **tier, "p_alive": p_alive[rows],
                     "value_if_back": worth[rows], "p_back": chance[rows], "cost": price[rows], "net": net[rows],
                     "cumulative_net": _core.lorenz(net[rows][::-1])[1:]})


def _check(alive: float) -> None:
    if not 0 <= alive <= 1:
        raise ConfigError(f"alive={alive!r}: pass a probability from 0 to 1")


def _each(argument: str, given: Any, frame: Any, names: list[str], place: np.ndarray) -> np.ndarray:
    """Return a number for each customer: one for all, one by tier, or his own; NaN for those who are not called."""
    if isinstance(given, Mapping):
        for name in given:
            known(name, names, f"{argument}: tier")
        lacking = [names[j] for j in np.unique(place[place >= 0]) if names[j] not in given]
        if lacking:
            raise ConfigError(f"{argument}: {lacking[0]!r} has none; it is never guessed")
        given = np.array([*(given.get(name, np.nan) for name in names), np.nan], float)[place]
    elif np.ndim(given) == 0 and not hasattr(given, "__len__"):
        given = np.full(len(place), given)
    same_index(frame, given, argument)
    column = np.where(place < 0, np.nan, aligned(place, given, argument).astype(float))
    finite(column[place >= 0], argument)
    wrong = (column < 0) | ((column > 1) & (argument == "p_back"))
    if wrong.any():
        raise ConfigError(f"{argument}: {column[wrong][0]:g} is no "
                          + ("chance, from 0 to 1" if argument == "p_back" else "cost, at least 0"))
    return column


def _forecast_of(data: Any, settings: Mapping[str, Any]) -> Any:
    """Return the wide forecast of a base, or one that was made before."""
    if isinstance(data, CustomerBase):
        return _judged(data, **settings)
    given = [name for name, setting in settings.items() if setting is not None]
    if given:
        raise ConfigError(f"{', '.join(given)}: a forecast has been made with its own settings; "
                          "pass these to forecast, or a CustomerBase here")
    return data


def _judged(base: CustomerBase, periods: Any, unit: Any, purchases: Any, spend: Any, value: Any) -> Any:
    judged_by = outlook.valued(base, value)
    look = outlook.outlook(base, 3 if periods is None else periods, unit or "Q", purchases or MBGNBD(),
                             spend or GammaGamma(), judged_by != "purchases")
    return base.snapshot.frame(outlook.judged(look, judged_by, 0.0))


def _listed(found: dict[str, np.ndarray], gone: np.ndarray, back: Any, share: float) -> dict[str, Any]:
    loss = np.where(~gone & (found["expected_loss"] > 0), found["expected_loss"], 0.0)
    order = np.argsort(-loss, kind="stable")
    top = _core.lorenz(loss[order][::-1])
    rows = order[:_core.count_reaching(top, share)]
    return {"customer": back.pick("customer", rows), **{name: found[name][rows] for name in NEEDED[1:]},
            "share": _core.ratio(loss[rows], top[-1]), "cumulative_share": _core.ratio(top[1:len(rows) + 1], top[-1])}


def _per_tier(found: dict[str, np.ndarray], gone: np.ndarray, frame: Any, tiers: Any) -> dict[str, Any]:
    names, place = placed(tiers, frame, "tiers")
    here, left = np.where(gone, np.int8(-1), place), np.where(gone, place, np.int8(-1))
    known = {name: np.where(found[name] > 0, found[name], 0.0) for name in NEEDED[2:]}
    customers, value_if_retained = _core.pyramid_totals(known["value_if_retained"], here, len(names))
    expected_loss = _core.pyramid_totals(known["expected_loss"], here, len(names))[1]
    number, lost = _core.pyramid_totals(known["expected_loss"], left, len(names))
    total = expected_loss.sum()
    return {"tier": np.array(names, object), "customers": customers, "value_if_retained": value_if_retained,
            "expected_loss": expected_loss, "share": divide(expected_loss, total if total > 0 else np.nan),
            "gone": number, "lost": lost}
