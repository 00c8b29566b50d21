"""From expected purchases to money by calendar period, at rates of the whole base, and the value at risk."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._dates import Periods, months_before, past_periods
from ..customers.snapshot import Snapshot
from ..models.histories import mixed
from ..models.purchase import PurchaseModel
from ..models.spend import SpendModel

FLAGS = np.array([*_core.LOSS_ZONES, "never purchased", "not known"], object)
QUARTERS = 16                  # of history, from which rates are estimated
BLOCK = 65_536                 # customers whose cells are in memory at once


class Rates(NamedTuple):
    """What all customers of a base have in common, beside the models: with it each of them is valued alone."""

    first: np.datetime64                                  # day of the first row
    quiet: int                                            # days from the last purchase to the end
    money: Mapping[str, tuple[float, float, float]]       # amount, cost: mean rate, variance within and between


def rates_of(view: Snapshot) -> Rates:
    """Return the rates of the customers of a snapshot."""
    ledger = view.ledger
    spent = ledger.purchases(view.begin, view.end)[1]
    last = ledger.days(ledger.tick[spent > 0].max(initial=ledger.tick.min()))
    edges = past_periods(last, QUARTERS, "Q").edges
    cells: dict[str, list[Any]] = {name: [] for name in _money_of(view)}
    for at in range(0, len(view.begin), BLOCK) if cells else ():
        begin, end = view.begin[at:at + BLOCK], view.end[at:at + BLOCK]
        whole = _core.history(ledger.tick, spent, begin, end, ledger.ticks(edges)).ravel()
        for name, blocks in cells.items():
            blocks.append(_core.rate_cells(ledger.periods(name, begin, end, edges).ravel(), whole, QUARTERS))
    return Rates(view.first().min(), int((view.day - last).astype(np.int64)), {
        name: _core.credibility(*_ordered([np.concatenate(column) for column in zip(*blocks, strict=True)]))
        for name, blocks in cells.items()})


def _ordered(columns: list[np.ndarray]) -> list[np.ndarray]:
    """Return columns with their rows in an order of their own: sums over customers get the same bits for any log."""
    order = np.argsort(mixed(columns))
    return [column[order] for column in columns]


def _money_of(view: Snapshot) -> list[str]:
    """Return the quantities that have a rate per money of purchases, as far as they are known."""
    return [name for name in ("amount", "cost") if view.knows("amount") and view.knows(name)]


def own_rates(view: Snapshot, rates: Rates) -> dict[str, np.ndarray]:
    """Return each customer's net amount and product cost per money of purchases, by credibility."""
    ledger = view.ledger
    span = past_periods(view.day - np.timedelta64(rates.quiet, "D"), QUARTERS, "Q").edges[[0, -1]]
    spent = ledger.purchases(view.begin, view.end)[1]
    whole = _core.history(ledger.tick, spent, view.begin, view.end, ledger.ticks(span))[:, 0]
    return {name: np.asarray(_core.credible_rate(ledger.periods(name, view.begin, view.end, span)[:, 0], whole,
                                                 *rates.money[name]))
            for name in _money_of(view) if name in rates.money}


def daily_cost(view: Snapshot, rates: Rates) -> np.ndarray:
    """Return the relationship cost per day over the last twelve months, or since the first row if that is later."""
    since = max(months_before(view.day, 12), min(rates.first, view.day))
    edges = np.array([since.astype(np.int64), view.day.astype(np.int64) + 1], np.int32)
    return np.asarray(_core.ratio(view.total("marketing", edges)[:, 0], float(edges[1] - edges[0])))


class Outlook(NamedTuple):
    """The expectations for every customer of a base."""

    ahead: Periods                     # the rest of the running period, if any, and the next ones
    expected: dict[str, np.ndarray]    # quantity -> (customers, periods ahead + 1); the last is the sum of the next
    p_alive: np.ndarray
    bought: np.ndarray                 # whether a customer has a purchase
    adjusted: np.ndarray | None        # the factors in expected purchases, None without an adjustment

    def total(self, name: str) -> np.ndarray:
        """Return a quantity over the next whole periods, without the rest of the running one."""
        return self.expected[name][:, -1]


def outlook(view: Snapshot, ahead: Periods, models: tuple[PurchaseModel, SpendModel | None], rates: Rates,
            money: bool, adjusted: np.ndarray | None = None) -> Outlook:
    """Return the expectations for the customers of a snapshot: purchases, and with `money` what else is known.

    Expected purchases are those of the model times the factors `adjusted`.
    """
    purchases, spend = models
    assert purchases.unit is not None, "callers demand a model with a unit"
    x, t_x, T = purchases.histories(view).values()
    days = ahead.edges - ahead.edges[0]
    until = purchases.expected_purchases(purchases.elapsed(view.day, days), x[:, None], t_x[:, None], T[:, None])
    begin, end = _spans(len(days), ahead.stub)
    expected = {"purchases": until[:, end] - until[:, begin]}
    if adjusted is not None:
        expected["purchases"] *= adjusted[:, None]
    p_alive = purchases.p_alive(x, t_x, T)
    if spend is not None:
        expected |= _money(own_rates(view, rates), view, spend, expected["purchases"])
    if money and view.knows("marketing"):
        a_day = daily_cost(view, rates)
        expected["marketing"] = _core.expected_money(days[end] - days[begin], a_day[:, None], p_alive[:, None])
    if "cost" in expected:
        expected["margin"] = _core.margin(expected["amount"], expected["cost"], expected.get("marketing", 0.0))
    return Outlook(ahead, expected, p_alive, ~np.isnan(T), adjusted)


def _spans(edges: int, stub: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges at which each period begins and ends, and as the last one all whole periods together."""
    begins = np.arange(edges - 1)
    return np.r_[begins, int(stub)], np.r_[begins + 1, edges - 1]


def _money(own: Mapping[str, np.ndarray], view: Snapshot, spend: SpendModel,
           count: np.ndarray) -> dict[str, np.ndarray]:
    """Return amount and, where known, product cost of the expected purchases."""
    paid = spend.paid(*view.spend_history(spend.columns_in(None)).values())
    mean = np.asarray(spend.expected_spend(*paid))[:, None]
    return {name: _core.expected_money(count, mean, rate[:, None]) for name, rate in own.items()}


def judged(look: Outlook, value: str, near: float, uplift: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Return the value at risk, the distance to break even, a flag, and the potential of more purchases."""
    total, amount = look.total(value), look.total("amount" if "amount" in look.expected else value)
    near = float(near)
    zone = _core.loss_zone(total, amount, near)
    gross = look.total("amount") - look.total("cost") if value == "margin" else total
    grown = {} if uplift is None else {"potential": total + gross * uplift}
    mended = {"growth_break_even": _core.growth_break_even(total, gross)} if value == "margin" else {}
    adjusted, kept = {}, total
    if look.adjusted is not None:
        adjusted, kept = {"adjusted": look.adjusted}, total * look.adjusted ** (look.p_alive - 1)
    return {"p_alive": look.p_alive, **adjusted,
            "value_if_retained": _core.value_if_retained(kept, look.p_alive),
            "expected_loss": _core.expected_loss(kept, look.p_alive),
            "uplift_break_even": _core.uplift(total, amount, 0.0),
            "uplift_leave_zone": _core.uplift(total, amount, near), **mended, **grown,
            "flag": FLAGS[np.where(np.isnan(zone), 3 + look.bought, zone).astype(np.intp)]}
