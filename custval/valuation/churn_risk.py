"""Churn risk: expected loss of the customers who can be kept, and lost customers worth winning back."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import FrameLike, Table
from .._files import known
from .._tabular import aligned, columns, is_frame
from .._validation import divide, finite, in_short, number_of, numbers, real, warn
from ..customers.customer_base import CustomerBase
from ..customers.data_report import unsaid
from ..errors import ConfigError
from ..models.purchase import PurchaseModel
from ..models.spend import SpendModel
from ..segmentation.migration import Classified, placed
from ..segmentation.segmentation import Segmentation
from .forecast import judged
from .forecaster import Forecaster

NEEDED = ("customer", "p_alive", "value_if_retained", "expected_loss")
Numbers: TypeAlias = float | Mapping[str, float] | ArrayLike          # one for all, one per tier, or one per customer


def at_risk(data: CustomerBase | FrameLike, *, share: float = 0.8, alive: float = 0.5,
            tiers: Classified | None = None, periods: int | None = None, unit: str | None = None,
            purchases: PurchaseModel | str | None = None, spend: SpendModel | str | None = None,
            value: str | None = None) -> Any:
    """Return the customers who can still be kept with the largest expected loss from churn, or the sums per tier.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, forecast with the settings below; or a wide frame of `forecast`.
    share : float
        The list ends where it holds this share of the positive expected losses.
    alive : float
        P(alive) from which a customer can be kept; below it they have probably churned, and their value is lost, or
        for `win_back` to win back. 0: all customers.
    tiers : Pyramid, Grid, Segments, Stages, frame or Series, optional
        Sums per tier are returned instead of the list. A frame with the columns customer and tier (or stage, segment,
        cell, class) is joined by customer, as are stages and segments of a base; a pyramid of a column, or a label per
        customer, has to be in the same order.
    periods, unit, purchases, spend, value
        As in `forecast`, with its defaults; for a base only.

    Returns
    -------
    frame of the caller's kind
        The list, largest loss first: customer, p_alive, value_if_retained (value if the customer stays), expected_loss
        ((1 - P(alive)) times it), share and cumulative_share of all their positive expected losses.
        A DataWarning says why nobody is listed.
        Per tier: tier, customers, value_if_retained, expected_loss, share: sums of positive losses; and for customers
        below `alive`, gone (their number) and lost (their expected loss). Customers who cost money have negative
        losses, customers who never purchased have none and no P(alive); both are counted in their tier.

    Raises
    ------
    DataError
        The frame is no wide forecast, or the tiers are of other customers.
    ConfigError
        A setting of the forecast was passed with a frame, which has its own; no column of the tiers has the class.

    Examples
    --------
    >>> import custval as cv
    >>> fc = {"customer": ["a", "b", "c"], "p_alive": [.9, .5, .2], "value_if_retained": [100.0, 60.0, 50.0],
    ...       "expected_loss": [10.0, 30.0, 40.0]}
    >>> cv.at_risk(fc, share=.8)["customer"].tolist()
    ['b', 'a']

    The largest loss is that of c, who has probably churned: 40 are lost, 40 can still be kept.

    >>> sums = cv.at_risk(fc, tiers={"customer": ["c", "b", "a"], "tier": ["x", "x", "x"]})
    >>> sums["expected_loss"].tolist(), sums["lost"].tolist()
    ([40.0], [40.0])
    """
    if not 0 < real("share", share) <= 1:
        raise ConfigError(f"share={share!r}: pass a share of the expected losses, above 0 to 1")
    _check(alive)
    frame, notes = _forecast_of("at_risk", data, {"periods": periods, "unit": unit, "purchases": purchases,
                                                  "spend": spend, "value": value})
    found, source = columns(frame, NEEDED)
    gone = found["p_alive"] < alive
    if not (~gone & (found["expected_loss"] > 0)).any():
        notes.append(f"no customer who can be kept has an expected loss{_why(found['p_alive'], alive, gone)}")
    _report("at_risk", notes)
    return source.new(_listed(found, gone, source, share) if tiers is None else _per_tier(found, gone, frame, tiers))


def win_back(data: CustomerBase | FrameLike, *, p_back: Numbers, cost: Numbers, alive: float = 0.5,
             tiers: Classified | None = None, among: Sequence[str] | None = None, periods: int | None = None,
             unit: str | None = None, purchases: PurchaseModel | str | None = None,
             spend: SpendModel | str | None = None, value: str | None = None) -> Any:
    """Return the lost customers worth winning back, E[value if back] P(back) - cost > 0, the largest net first.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, forecast with the settings below; a wide frame of `forecast`; or any frame with the columns
        customer, p_alive and value_if_retained, the value of the customer if they return.
    p_back : float, dict or array_like, shape (customers,)
        Probability that a contacted customer returns: one for all, one for each tier by name, or one for each
        customer. It has no default: estimate it from a trial with some of the customers.
    cost : float, dict or array_like, shape (customers,)
        Cost of contacting a customer, in the same three forms.
    alive : float
        P(alive) below which a customer has probably churned; `at_risk` lists the others. 1: all customers of `among`.
    tiers : Pyramid, Grid, Segments, Stages, frame or Series, optional
        A classification of the same customers, joined or in the same order as in `at_risk`.
    among : sequence of str, optional
        The tiers to contact; by default the last one of a classification; for labels it is required.
        Without `tiers` all customers.
    periods, unit, purchases, spend, value
        As in `forecast`, with its defaults; for a base only.

    Returns
    -------
    frame of the caller's kind
        customer, tier (if tiers are given), p_alive, value_if_back, p_back, cost, net and cumulative_net, the
        largest net first. Customers without a known value (never purchased) are not included. A DataWarning says why
        nobody is listed.

    Raises
    ------
    ConfigError
        A probability outside [0, 1], a negative cost, a tier that does not exist or has no number.
    DataError
        The frame lacks a column, or the tiers are of other customers.

    Examples
    --------
    >>> import custval as cv
    >>> fc = {"customer": ["a", "b", "c", "d"], "p_alive": [.1, .2, .3, .9],
    ...       "value_if_retained": [900.0, 100.0, 60.0, 800.0]}
    >>> tiers = {"customer": ["d", "c", "b", "a"], "tier": ["ordinary", "ordinary", "ordinary", "VIP"]}
    >>> back = cv.win_back(fc, p_back=.2, cost=10, tiers=tiers, among=["ordinary"])
    >>> back["customer"].tolist(), back["net"].tolist()
    (['b', 'c'], [10.0, 2.0])
    """
    _check(alive)
    if among is not None:
        if tiers is None:
            raise ConfigError(f"among={in_short(among)}: it names tiers; pass the classification as tiers=")
        if isinstance(among, str):
            raise ConfigError(f"among={among!r}: pass a list of tiers, such as [{among!r}]")
    frame, notes = _forecast_of("win_back", data, {"periods": periods, "unit": unit, "purchases": purchases,
                                                   "spend": spend, "value": value})
    found, source = columns(frame, ("customer", "p_alive", "value_if_retained"))
    p_alive, retained = found["p_alive"], found["value_if_retained"]
    names, place = (["all"], np.zeros(len(retained), np.int8)) if tiers is None else placed(tiers, frame, "tiers")
    if among is None and tiers is not None and not isinstance(tiers, Segmentation):
        raise ConfigError("among=: labels have no order, so no tier is the last; pass the tiers to contact")
    for name in among or ():
        known(name, names, "among: tier")
    wanted = names[-1:] if among is None else list(among)
    chosen = np.isin(place, [names.index(name) for name in wanted])
    probability = _per_customer("p_back", p_back, frame, names, np.where(chosen, place, -1))
    price = _per_customer("cost", cost, frame, names, np.where(chosen, place, -1))
    net = retained * probability - price
    gone = p_alive <= alive if alive == 1 else p_alive < alive
    rows = np.flatnonzero(chosen & gone & (net > 0))
    rows = rows[np.argsort(-net[rows], kind="stable")]
    if not chosen.any():
        with_some = ", ".join(repr(name) for k, name in enumerate(names) if (place == k).any())
        notes.append(f"no customer is in {' or '.join(map(repr, wanted)) or 'no tier'}: pass among=, of {with_some}")
    elif not (chosen & gone).any():
        more = ": pass it as tiers= with among= and alive=1" if np.nanmin(p_alive, initial=1) == 1 else ""
        notes.append(f"no customer has probably churned{_why(p_alive, alive, chosen)}{more}")
    elif not rows.size:
        notes.append("winning back costs more than it brings for every lost customer, at these p_back and cost")
    _report("win_back", notes)
    tier = {} if tiers is None else {"tier": np.array(names, object)[place[rows]]}
    return source.new({"customer": source.pick("customer", rows), **tier, "p_alive": p_alive[rows],
                       "value_if_back": retained[rows], "p_back": probability[rows], "cost": price[rows],
                       "net": net[rows], "cumulative_net": _core.lorenz(net[rows][::-1])[1:]})


def _check(alive: float) -> None:
    if not 0 <= real("alive", alive) <= 1:
        raise ConfigError(f"alive={alive!r}: pass a probability from 0 to 1")


def _number(argument: str, given: object) -> float:
    number = number_of(given)
    if number is None:
        raise ConfigError(f"{argument}={in_short(given)}: expected a number, a dict by tier or a column")
    return number


def _per_customer(argument: str, given: Numbers, frame: FrameLike, names: list[str], place: np.ndarray) -> np.ndarray:
    """Return a number for each customer: one for all, one per tier, or their own; NaN where `place` is negative."""
    if isinstance(given, Mapping):
        for name in given:
            known(name, names, f"{argument}: tier")
        lacking = [names[j] for j in np.unique(place[place >= 0]) if names[j] not in given]
        if lacking:
            raise ConfigError(f"{argument}: {lacking[0]!r} has none, and there is no default")
        given = np.array([*(_number(argument, given.get(name, np.nan)) for name in names), np.nan])[place]
    elif not hasattr(given, "__len__") or getattr(given, "shape", None) == ():
        given = np.full(len(place), _number(argument, given))
    own = numbers(aligned(frame, given, argument), argument)
    finite(own[:0], argument)                              # the type; the numbers are checked where they count
    column = np.where(place < 0, np.nan, own)
    finite(column[place >= 0], argument)
    wrong = (column < 0) | ((column > 1) & (argument == "p_back"))
    if wrong.any():
        raise ConfigError(f"{argument}: {column[wrong][0]:g} is no "
                          + ("probability, from 0 to 1" if argument == "p_back" else "cost, at least 0"))
    return column


def _why(p_alive: np.ndarray, alive: float, some: np.ndarray) -> str:
    """Return why no customer is at risk or lost."""
    known = p_alive[~np.isnan(p_alive)]
    if not known.size:
        return ": no P(alive) is known"
    if known.min() == 1:
        return (": P(alive) is 1 for all of them, so the model cannot tell who leaves; cv.stages(base) names those who "
                "have not purchased for longer than usual")
    return f": P(alive) is {np.nanmin(p_alive):.2f} or more" if some.all() or known.min() >= alive else ""


def _report(call: str, notes: list[str]) -> None:
    if notes:
        warn(f"{call}: {'; '.join(notes)}")


def _forecast_of(call: str, data: CustomerBase | FrameLike, settings: Mapping[str, Any]) -> tuple[
        FrameLike, list[str]]:
    """Return the wide forecast of a base with what is unusual in its models, or the frame itself."""
    if isinstance(data, CustomerBase):
        return _forecast(data, **settings)
    if not is_frame(data):
        raise ConfigError(f"{call} takes a CustomerBase, or a wide frame of forecast, not {type(data).__name__}")
    given = [name for name, setting in settings.items() if setting is not None]
    if given:
        raise ConfigError(f"{', '.join(given)}: a forecast has its own settings; pass these to forecast, or a "
                          "CustomerBase here")
    return data, []


def _forecast(base: CustomerBase, *, periods: int | None, unit: str | None, purchases: PurchaseModel | str | None,
              spend: SpendModel | str | None, value: str | None) -> tuple[FrameLike, list[str]]:
    model = Forecaster(purchases=purchases, spend=spend, value=value)
    money = model._valued(base) != "purchases"
    look = model._fitted_to(base, money)._outlook(base, 3 if periods is None else periods, unit or "Q", money)
    made: FrameLike = base.snapshot.frame(judged(look, model.value_, 0.0))
    return made, unsaid(base.snapshot, model.unusual())


def _listed(found: dict[str, np.ndarray], gone: np.ndarray, source: Table, share: float) -> dict[str, Any]:
    loss = np.where(~gone & (found["expected_loss"] > 0), found["expected_loss"], 0.0)
    order = np.argsort(-loss, kind="stable")
    top = _core.lorenz(loss[order][::-1])
    rows = order[:_core.count_reaching(top, share)]
    return {"customer": source.pick("customer", rows), **{name: found[name][rows] for name in NEEDED[1:]},
            "share": _core.ratio(loss[rows], top[-1]), "cumulative_share": _core.ratio(top[1:len(rows) + 1], top[-1])}


def _per_tier(found: dict[str, np.ndarray], gone: np.ndarray, frame: FrameLike, tiers: Classified) -> dict[str, Any]:
    names, place = placed(tiers, frame, "tiers")
    here, lapsed = np.where(gone, np.int8(-1), place), np.where(gone, place, np.int8(-1))
    known = {name: np.where(found[name] > 0, found[name], 0.0) for name in NEEDED[2:]}
    customers, value_if_retained = _core.pyramid_totals(known["value_if_retained"], here, len(names))
    expected_loss = _core.pyramid_totals(known["expected_loss"], here, len(names))[1]
    number, lost = _core.pyramid_totals(known["expected_loss"], lapsed, len(names))
    total = expected_loss.sum()
    return {"tier": np.array(names, object), "customers": customers, "value_if_retained": value_if_retained,
            "expected_loss": expected_loss, "share": divide(expected_loss, total if total > 0 else np.nan),
            "gone": number, "lost": lost}
