"""A forecast put together: expected purchases by period, money by credible rates, what can be lost."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._dates import Periods, duration, months_before, next_periods, past_periods, split_unit
from .._tabular import series
from .._validation import choice, finite, of_role, warn
from ..errors import ConfigError, DataError, FitError

VALUES = ("margin", "amount", "purchases")
QUANTITIES = ("purchases", "amount", "cost", "marketing", "margin")
FLAGS = np.array(["", "near loss", "negative", "never purchased"], object)
QUARTERS = 16                  # of history, from which rates are learnt
BLOCK = 65_536                 # customers whose cells stand in memory at once


class Outlook(NamedTuple):
    """What is expected of every customer of a base."""

    ahead: Periods                     # the rest of the running period, if any, and the next ones
    expected: dict[str, np.ndarray]    # quantity -> (customers, periods ahead + 1); the last is the sum of the next
    p_alive: np.ndarray

    def total(self, name: str) -> np.ndarray:
        """Return a quantity over the next whole periods, the rest of the running one apart."""
        return self.expected[name][:, -1]


def outlook(base: Any, periods: int, unit: str, purchases: Any, spend: Any, money: bool = True) -> Outlook:
    """Return what is expected of the customers of `base`; models without parameters are fitted to it.

    Without `money` purchases are all that is expected, and no spend model is needed.
    """
    if base.snapshot.start is not None:
        raise DataError("a holdout has no forecast of its own; forecast the calibration base")
    ahead = next_periods(base.end, periods, unit)
    paid = money and base.snapshot.knows("amount")
    purchases = _ready(purchases, "purchases", base)
    spend = _ready(spend, "spend", base) if paid else None
    _certified([purchases, spend] if paid else [purchases])
    histories = base.snapshot.histories(("x", "t_x", "T", "m_x") if paid else ("x", "t_x", "T"), purchases.unit)
    x, t_x, T = (histories[name] for name in ("x", "t_x", "T"))
    num, den = duration(purchases.unit)
    days = ahead.edges - ahead.edges[0]
    until = purchases.expected_purchases(days * num / den, x[:, None], t_x[:, None], T[:, None])
    begin, end = _spans(len(days), ahead.stub)
    expected = {"purchases": _core.change(until[:, end], until[:, begin])}
    p_alive = purchases.p_alive(x, t_x, T)
    if paid:
        expected |= _money(base, histories, spend, expected["purchases"])
    if money and base.snapshot.knows("marketing"):
        a_day = _cost_a_day(base)
        expected["marketing"] = _core.expected_money(days[end] - days[begin], a_day[:, None], p_alive[:, None])
    if money and base.snapshot.knows("margin"):
        expected["margin"] = _core.margin(expected["amount"], expected["cost"], expected.get("marketing", 0.0))
    return Outlook(ahead, expected, p_alive)


def _spans(edges: int, stub: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges between which the periods lie, and as the last one all whole periods together."""
    each = np.arange(edges - 1)
    return np.r_[each, int(stub)], np.r_[each + 1, edges - 1]


def _ready(model: Any, role: str, base: Any) -> Any:
    """Return a model with parameters: the caller's own, or a copy fitted to the base."""
    of_role(model, role, role)
    name, model = type(model).__name__, model._ready(base)
    if role == "purchases" and model.unit is None:
        raise ConfigError(f"purchases={name}: its parameters have no unit, so its times are not those of the base: "
                          f"pass unit= to the model, such as cv.{name}(..., unit=\"W\")")
    return model._facing(base) if role == "purchases" else model


def _certified(models: Iterable[Any]) -> None:
    """Raise for models without a certified fit, in one text with what to pass for each."""
    told = []
    for model in models:
        try:
            model.parameters()
        except FitError as error:
            told.append(str(error))
    if told:
        raise FitError("\n".join(told))


def _money(base: Any, histories: Mapping[str, np.ndarray], spend: Any, count: np.ndarray) -> dict[str, np.ndarray]:
    """Return amount and, where known, product cost of the expected purchases."""
    x, m_x = histories["x"], histories["m_x"]
    paid = (x > 0) & (m_x > 0)
    each = np.asarray(spend.expected_spend(np.where(paid, x, 0), np.where(paid, m_x, 0.0)))[:, None]
    return {name: _core.expected_money(count, each, rate[:, None]) for name, rate in rates(base).items()}


def rates(base: Any) -> dict[str, np.ndarray]:
    """Return each customer's net amount and product cost per money of purchases, by credibility."""
    view = base.snapshot
    ledger = view.ledger
    spent = ledger.purchases(view.begin, view.end)[1]
    last = ledger.days(ledger.tick[spent > 0].max(initial=ledger.tick.min()))
    edges = past_periods(last, QUARTERS, "Q").edges
    names = [name for name in ("amount", "cost") if view.knows(name)]
    found: dict[str, list[Any]] = {name: [] for name in names}
    for at in range(0, len(view.begin), BLOCK):
        begin, end = view.begin[at:at + BLOCK], view.end[at:at + BLOCK]
        whole = _core.history(ledger.tick, spent, begin, end, ledger.ticks(edges)).ravel()
        for name in names:
            part = ledger.periods(name, begin, end, edges).ravel()
            found[name].append(_core.rate_cells(part, whole, QUARTERS))
    return {name: _core.credibility(*(np.concatenate(column) for column in zip(*blocks, strict=True)))[0]
            for name, blocks in found.items()}


def _cost_a_day(base: Any) -> np.ndarray:
    """Return the relationship cost a day over the last twelve months, or since the first row if that is later."""
    since = max(months_before(base.end, 12), base.snapshot.first().min())
    edges = np.array([since.astype(np.int64), base.end.astype(np.int64) + 1], np.int32)
    return np.asarray(_core.ratio(base.snapshot.total("marketing", edges)[:, 0], float(edges[1] - edges[0])))


def valued(base: Any, value: str | None) -> str:
    """Return the quantity that customers are judged by: as asked, else margin, amount or purchases as known."""
    if value is None:
        return next(name for name in VALUES if base.snapshot.knows(name))
    base.snapshot.demand(choice("value", value, VALUES))
    return value


def judged(look: Outlook, value: str, near: float, uplift: Any = None) -> dict[str, np.ndarray]:
    """Return what can be lost, what is missing to break even, a flag, and what more purchases would make of it."""
    worth, amount = look.total(value), look.total("amount" if "amount" in look.expected else value)
    zone = _core.loss_zone(worth, amount, near)
    gross = _core.change(look.total("amount"), look.total("cost")) if value == "margin" else worth
    grown = {} if uplift is None else {"potential": _core.discounted(worth, gross, uplift)}
    mended = {"growth_break_even": _core.mending(worth, gross)} if value == "margin" else {}
    return {"p_alive": look.p_alive,
            "value_if_retained": _core.value_if_retained(worth, look.p_alive),
            "expected_loss": _core.expected_loss(worth, look.p_alive),
            "uplift_break_even": _core.uplift(worth, amount, 0.0),
            "uplift_leave_zone": _core.uplift(worth, amount, near), **mended, **grown,
            "flag": FLAGS[np.where(np.isnan(zone), 3, zone).astype(np.intp)]}


def raised(uplift: Any, base: Any) -> Any:
    """Return by how much purchases rise, a number or one for each customer."""
    if uplift is None or (isinstance(uplift, Real) and not isinstance(uplift, bool)):
        given = np.full(1, 0.0 if uplift is None else uplift)
    else:
        given = series(uplift)[0]
        if len(given) != len(base.customers):
            raise DataError(f"uplift: {len(given):,} values for {len(base.customers):,} customers")
    finite(given, "uplift")
    if (given < -1).any():
        raise ConfigError("uplift: purchases cannot fall by more than all, -1")
    if (given > 1).any():
        warn(f"uplift: {given.max():g} is more than twice the purchases; a tenth more is 0.10")
    return uplift if uplift is None else given.astype(float)


def wide(base: Any, look: Outlook, value: str, past: Periods | None, unit: str) -> dict[str, np.ndarray]:
    """Return one quantity with a column per period, past and next, and the sum of the next whole periods."""
    before = {} if past is None else dict(zip(past.labels, base.snapshot.total(value, past.edges).T, strict=True))
    ahead = dict(zip(look.ahead.labels, look.expected[value].T, strict=False))
    whole = len(look.ahead.labels) - look.ahead.stub
    return before | ahead | {f"sum_{whole}{split_unit(unit)[0]}": look.total(value)}


def long(base: Any, look: Outlook, past: Periods | None) -> dict[str, np.ndarray]:
    """Return all quantities with a row per customer and period; the ids are to be repeated as often."""
    labels, n = look.ahead.labels, len(look.p_alive)
    kinds = ["rest"] * look.ahead.stub + ["next"] * (len(labels) - look.ahead.stub)
    before = [] if past is None else past.labels
    out = {"period": np.tile(np.array([*before, *labels], object), n),
           "kind": np.tile(np.array(["past"] * len(before) + kinds, object), n)}
    for name in QUANTITIES:
        if name in look.expected:
            parts = [look.expected[name][:, :-1]] if past is None else [
                base.snapshot.total(name, past.edges), look.expected[name][:, :-1]]
            out[name] = np.concatenate(parts, axis=1).ravel()
    return out
