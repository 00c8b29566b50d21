"""Customers in named classes, such as tiers, cells or segments: who is where, and what each class holds."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _core, _formatting
from .._tabular import series, table
from .._validation import aligned, companion, divide, same_index
from ..errors import ConfigError, DataError
from . import actions as _actions
from .spread import Spread
from .tiers import MAX_TIERS


class Classes(_formatting.Printed, Spread):
    """What pyramids, grids and segments share; `_kind` and `_of` are what they and a class are called."""

    _kind, _of = "Classes", "class"

    def __init__(self, names: tuple[str, ...], tier: np.ndarray, stats: dict[str, np.ndarray],
                 parts: dict[str, np.ndarray], how: str, back: Any):
        self.names, self.tier, self.how = names, tier, how
        self.apart = len(tier) - int(stats["customers"].sum())
        self._stats, self._parts, self._back = stats, parts, back

    @property
    def labels(self) -> Any:
        """The name of each customer's class, None if set apart: the caller's kind, index and order."""
        names = np.array([*self.names, None], object)[self.tier]
        return self._back.beside({self._of: names})[self._of]

    def table(self) -> Any:
        """Return one row per class as a frame of the caller's kind."""
        return self._back.new({self._of: np.array(self.names, object), **self._stats})

    def composition(self) -> Any:
        """Return what each class's value is made of: one row per class and column.

        The first column has the class (tier, cell or segment), then: column, sum (signed contribution), share
        (of the class's total over the columns; NaN unless it is positive) and share_of_abs (of the sum of
        absolute contributions).

        Examples
        --------
        >>> import custval as cv
        >>> parts = cv.pyramid([2, 1], tiers={"up": .5, "down": .5},
        ...                    composition={"profit": [3.0, 1.0], "debt": [-1.0, -0.5]}).composition()
        >>> parts["tier"].tolist(), parts["share_of_abs"].round(3).tolist()
        (['up', 'up', 'down', 'down'], [0.75, -0.25, 0.667, -0.333])
        """
        if not self._parts:
            raise ConfigError(f"this {self._kind.lower()} was made without composition=; pass it the columns to add up")
        sums = np.array(list(self._parts.values())).T
        total = sums.sum(axis=1, keepdims=True)
        size = np.abs(sums).sum(axis=1, keepdims=True)
        return self._back.new({
            self._of: np.repeat(np.array(self.names, object), sums.shape[1]),
            "column": np.tile(np.array(list(self._parts), object), len(self.names)),
            "sum": sums.ravel(),
            "share": divide(sums, np.where(total > 0, total, np.nan)).ravel(),
            "share_of_abs": divide(sums, size).ravel()})

    def actions(self, plan: Mapping[str, Mapping[str, Any]], *, budget: float) -> Any:
        """Return what to do for each class and with how much money: advice; no customer is removed.

        Parameters
        ----------
        plan : dict
            For each class, and for every one: ``"action"``, what to do, in any words; ``"share"`` of the budget,
            summing to 1 over the classes; if wanted ``"limit"``, the highest cost per customer.
        budget : float
            Money to spend, at least 0, divided to the cent so that the parts sum exactly.

        Returns
        -------
        frame of the caller's kind
            A row per class: its name, action, customers, budget_share, budget, limit (NaN: none),
            per_customer (budget over customers, at most the limit) and left (what that leaves of the budget).

        Raises
        ------
        ConfigError
            A class has no plan or a plan no class; shares that do not sum to 1.

        Examples
        --------
        >>> import custval as cv
        >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"VIP": .2, "rest": .8})
        >>> do = pyr.actions({"VIP": {"action": "visit", "share": .7, "limit": 500},
        ...                   "rest": {"action": "mail", "share": .3}}, budget=1000)
        >>> do["budget"].tolist(), do["per_customer"].tolist(), do["left"].tolist()
        ([700.0, 300.0], [500.0, 75.0], [200.0, 0.0])
        """
        return self._back.new({self._of: np.array(self.names, object),
                               **_actions.plan_of(plan, budget, self.names, self._stats["customers"])})

    def promote(self, who: Any, *, to: str, reason: str) -> Any:
        """Return each customer's class, those chosen in the better of their own and `to`.

        Parameters
        ----------
        who : array_like of bool, shape (customers,)
            Who deserves it whatever the value, such as customers whose suggestions weigh as much as purchases.
        to : str
            One of `names`, which stand from the best down.
        reason : str
            Reason for the promotion, as text.

        Returns
        -------
        frame of the caller's kind
            The class (named tier, cell or segment), ``lifted_from``, the class by value of those promoted, else "", and
            ``reason``. Customers set apart stay so: None.

        Examples
        --------
        Two high-value suggestions in the last year make an A-class customer:

        >>> import custval as cv
        >>> by_amount = cv.abc([900, 60, 30, 10], rule="value", cuts=[.80, .95])
        >>> high = np.array([0, 0, 2, 0])
        >>> by_amount.promote(high >= 1, to="A", reason="suggestions")["tier"].tolist()
        ['A', 'B', 'A', 'C']
        """
        chosen = aligned(self.tier, who, "who")
        if chosen.dtype != bool:
            raise DataError(f"who: expected True or False for each customer, got {chosen.dtype}")
        if to not in self.names:
            raise ConfigError(f"to={to!r}: expected one of {', '.join(map(repr, self.names))}")
        up = chosen & (self.tier > self.names.index(to))
        names = np.array([*self.names, None], object)
        return self._back.beside({self._of: names[np.where(up, self.names.index(to), self.tier)],
                                  "lifted_from": np.where(up, names[self.tier], ""),
                                  "reason": np.where(up, reason, "").astype(object)})

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        digits = 0 if np.nanmax(np.abs(self._stats["mean"]), initial=0) >= 1000 else 2
        shown = [name for name in SHOWN if name in self._stats]
        columns = [list(self.names)]
        for name in shown:
            numbers, percent = self._stats[name].tolist(), "share" in name
            columns.append([f"{v:,}" if name == "customers" else
                            _formatting.number(v, 1 if percent else digits, percent) for v in numbers])
        head = [self._of, *(SHOWN[name] for name in shown)]
        return head, [list(row) for row in zip(*columns, strict=True)]

    def _title(self) -> str:
        apart = f"; {self.apart:,} without a value set apart" if self.apart else ""
        return f"{self._kind} of {_formatting.many(len(self.tier) - self.apart, 'customer')} {self.how}{apart}"


SHOWN = {"customers": "customers", "share": "share", "sum": "sum", "share_of_sum": "share of sum",
         "cumulative_share": "cumulative", "mean": "mean", "median": "median", "cutoff": "cut-off"}


def parts_of(values: Any, composition: Any, tier: np.ndarray, names: int) -> dict[str, np.ndarray]:
    """Return the sum of each column of `composition` in each class."""
    if composition is None:
        return {}
    same_index(values, composition, "composition")
    opened = table(composition)
    return {name: _core.pyramid_totals(companion(values, opened.array(name), f"composition {name!r}"), tier, names)[1]
            for name in opened.names}


def carrier(classes: Any) -> Any:
    """Return the frame or Series whose index classes or labels have."""
    return classes._carrier if isinstance(classes, Classes) else classes


def places(classes: Any, frame: Any, argument: str) -> tuple[list[str], np.ndarray]:
    """Return the names of classes and each customer's place among them, -1 for none; of labels as they appear."""
    same_index(frame, carrier(classes), argument)
    if isinstance(classes, Classes):
        return list(classes.names), classes.tier
    labels = series(classes)[0].tolist()
    names = [name for name in dict.fromkeys(labels) if name is not None and name == name]
    if len(names) > MAX_TIERS:
        raise DataError(f"{argument}: {len(names):,} different labels; at most {MAX_TIERS} are told apart")
    if len(set(map(str, names))) < len(names):
        raise DataError(f"{argument}: two labels are written alike, such as 1 and '1'; give them names of their own")
    number = {name: k for k, name in enumerate(names)}
    return [str(name) for name in names], np.array([number.get(label, -1) for label in labels], np.int8)
