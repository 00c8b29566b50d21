"""Customers in named classes, such as tiers, cells, segments or stages, and the tables of such a classification."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .. import _core, _formatting
from .._arrays import FrameLike, Table
from .._core import MAX_TIERS
from .._files import At, keys, known
from .._formatting import look_alike
from .._ids import is_missing
from .._tabular import (
    RowLabels,
    aligned,
    aligned_table,
    companion,
    demand,
    is_frame,
    labels_of,
    order_of,
    series,
    table,
)
from .._validation import choice, divide, finite, in_short, numbers, real, setting
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import valued_by
from ..errors import ConfigError, DataError
from .tiers import largest_remainder, shares

QUANTILES = (.1, .25, .5, .75, .9)
CENTS = 100
SHOWN = {"customers": "customers", "share": "share", "sum": "sum", "share_of_sum": "share of sum",
         "cumulative_share": "cumulative", "mean": "mean", "median": "median", "cutoff": "cut-off", "tied": "tied"}


class Segmentation(_formatting.Printed):
    """Customers in named classes: the base of `Pyramid`, `Grid`, `Segments` and `Stages`.

    Attributes
    ----------
    names : tuple of str
        The classes, the best first where they have an order.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's class in `names`, -1 for an unassigned customer.
    apart : int
        Number of unassigned customers.
    how : str
        The rule that made the classes, such as ``"by share"``.
    class_name : str
        The word for one class: tier, cell, segment or stage; the column with the class is named so.
    source : Table
        The caller's frame or column; results are made in its kind.
    stats : dict of ndarray
        The columns of `table`, without the names of the classes.
    """

    kind, class_name = "Classes", "class"
    _unlisted = frozenset({"kind", "ranked_by", "source", "stats", "whole"})

    def __init__(self, names: tuple[str, ...], tier: np.ndarray, stats: dict[str, np.ndarray],
                 parts: dict[str, np.ndarray], how: str, source: Table):
        self.names, self.tier, self.how, self.source = names, tier, how, source
        self.apart = len(tier) - int(stats["customers"].sum())
        self.stats, self._parts, self._texts = stats, parts, 2 if "within" in stats else 1

    @property
    def labels(self) -> Any:
        """The class of each customer by name, None if unassigned: the caller's kind, index and order."""
        names = np.array([*self.names, None], object)[self.tier]
        return self.source.beside({self.class_name: names})[self.class_name]

    def table(self) -> Any:
        """Return one row per class as a frame of the caller's kind."""
        return self.source.new({self.class_name: np.array(self.names, object), **self.stats})

    def customers(self) -> Any:
        """Return one row per customer as a frame of the caller's kind: the id, if it is known, and the class."""
        return self._of_customers({})

    def _of_customers(self, columns: Mapping[str, np.ndarray]) -> Any:
        ids = {"customer": self.source.array("customer")} if "customer" in self.source.names else {}
        return self.source.beside({**ids, **columns, self.class_name: np.array([*self.names, None], object)[self.tier]})

    def composition(self) -> Any:
        """Return the parts of each class's value: one row per class and column of ``composition=``.

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
            raise ConfigError(f"this {self.kind.lower()} was made without composition=; pass it the columns to add up")
        sums = np.array(list(self._parts.values())).T
        total = sums.sum(axis=1, keepdims=True)
        size = np.abs(sums).sum(axis=1, keepdims=True)
        return self.source.new({
            self.class_name: np.repeat(np.array(self.names, object), sums.shape[1]),
            "column": np.tile(np.array(list(self._parts), object), len(self.names)),
            "sum": sums.ravel(),
            "share": divide(sums, np.where(total > 0, total, np.nan)).ravel(),
            "share_of_abs": divide(sums, size).ravel()})

    def distribution(self, values: ArrayLike, *, quantiles: Sequence[float] = QUANTILES, missing: str = "apart") -> Any:
        """Return the distribution of values over the customers of each class.

        Parameters
        ----------
        values : Series or array_like, shape (customers,)
            The values ranked by or any others, of the same customers in the same order; values of unassigned
            customers do not count.
        quantiles : sequence of float
            From 0 to 1, linear between customers.
        missing : {"apart", "raise"}
            NaN is excluded, or refused.

        Returns
        -------
        frame of the caller's kind
            A row per class: its name, customers, share, sum, share_of_sum, mean, min, a column per quantile
            (``q10``), max, top_20 (share of the class's sum held by its best 20 %) and gini. Empty classes
            have NaN, and so have shares of a sum that is not positive.

        Examples
        --------
        >>> import custval as cv
        >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"up": .4, "down": .6})
        >>> spread = pyr.distribution([90, 10, 30, 20, 5], quantiles=[.5])
        >>> spread["q50"].tolist(), spread["gini"].round(3).tolist()
        ([60.0, 10.0], [0.25, 0.286])
        """
        quantiles = [_quantile(q) for q in quantiles]
        column = self._assigned(values, missing)
        groups = [np.sort(column[(self.tier == j) & ~np.isnan(column)]) for j in range(len(self.names))]
        customers, sums = _core.pyramid_totals(
            column, np.where(np.isnan(column), -1, self.tier).astype(np.int8), len(groups))
        total = sums.sum() if sums.sum() > 0 else np.nan
        ranks = np.array([np.quantile(g, [0, *quantiles, 1]) if len(g) else np.full(len(quantiles) + 2, np.nan)
                          for g in groups]).T
        between = {f"q{100 * q:g}": row for q, row in zip(quantiles, ranks[1:-1], strict=True)}
        return self.source.new({
            self.class_name: np.array(self.names, object), "customers": customers,
            "share": divide(customers, customers.sum()), "sum": sums, "share_of_sum": sums / total,
            "mean": divide(sums, customers), "min": ranks[0], **between, "max": ranks[-1],
            "top_20": np.array([_core.share_of_top(_core.lorenz(g), .2) for g in groups]),
            "gini": np.array([_core.gini(g) for g in groups])})

    def histogram(self, values: ArrayLike, edges: Sequence[float], *, missing: str = "apart") -> Any:
        """Return the number of customers of each class with values in each interval.

        Parameters
        ----------
        values, missing
            As in `distribution`.
        edges : sequence of float
            Rising; intervals are ``[edge, next edge)``, the first open below, the last open above.

        Returns
        -------
        frame of the caller's kind
            A row per class and interval: the class's name, from, to, customers and share (of the class).

        Examples
        --------
        >>> import custval as cv
        >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"up": .4, "down": .6})
        >>> pyr.histogram([90, 10, 30, 20, 5], [10, 50])["customers"].tolist()
        [0, 1, 1, 1, 2, 0]
        """
        column = self._assigned(values, missing)
        names, ends = len(self.names), np.array([-np.inf, *(real("edges", edge) for edge in edges), np.inf])
        if not (np.diff(ends) > 0).all() or len(ends) > MAX_TIERS:
            raise ConfigError(f"edges={list(edges)!r}: expected at most {MAX_TIERS - 2} rising numbers")
        above = _core.pyramid_label(column, np.ascontiguousarray(ends[-2:0:-1]), None, None, None)
        place = np.where(above < 0, -1, len(ends) - 2 - above).astype(np.int8)
        customers = cell_totals(column, self.tier, place, names, len(ends) - 1)[0]
        return self.source.new({
            self.class_name: np.repeat(np.array(self.names, object), len(ends) - 1),
            "from": np.tile(ends[:-1], names), "to": np.tile(ends[1:], names), "customers": customers.ravel(),
            "share": divide(customers, customers.sum(axis=1, keepdims=True)).ravel()})

    def actions(self, plan: Mapping[str, Mapping[str, Any]], *, budget: float) -> Any:
        """Return the action and the budget of each class; no customer is removed.

        Parameters
        ----------
        plan : dict
            For every class by name: ``"action"``, as text; ``"share"`` of the budget, summing to 1 over the
            classes; optionally ``"limit"``, the highest cost per customer.
        budget : float
            Money to spend, at least 0, divided to the cent so that the parts sum exactly.

        Returns
        -------
        frame of the caller's kind
            A row per class: its name, action, customers, budget_share, budget, limit (NaN: none),
            per_customer (budget over customers, at most the limit) and left (the unspent part of the budget).

        Raises
        ------
        ConfigError
            A class has no plan or a plan no class; the shares do not sum to 1.

        Examples
        --------
        >>> import custval as cv
        >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"VIP": .2, "rest": .8})
        >>> do = pyr.actions({"VIP": {"action": "visit", "share": .7, "limit": 500},
        ...                   "rest": {"action": "mail", "share": .3}}, budget=1000)
        >>> do["budget"].tolist(), do["per_customer"].tolist(), do["left"].tolist()
        ([700.0, 300.0], [500.0, 75.0], [200.0, 0.0])
        """
        return self.source.new({self.class_name: np.array(self.names, object),
                                **_budgeted(plan, budget, self.names, self.stats["customers"])})

    def promote(self, who: ArrayLike, *, to: str, reason: str) -> Any:
        """Return each customer's class, with the selected customers in the better of their own and `to`.

        Parameters
        ----------
        who : array_like of bool, shape (customers,)
            The customers to promote whatever their value, such as those with high-value suggestions.
        to : str
            One of `names`, which are ordered from the best down.
        reason : str
            Reason for the promotion, as text.

        Returns
        -------
        frame of the caller's kind
            The class (named tier, cell or segment), ``lifted_from``, the class by value of promoted customers, else
            "", and ``reason``. Unassigned customers keep None.

        Examples
        --------
        Two high-value suggestions in the last year make an A-class customer:

        >>> import numpy as np
        >>> import custval as cv
        >>> by_amount = cv.abc([900, 60, 30, 10], rule="value", cuts=[.80, .95])
        >>> high = np.array([0, 0, 2, 0])
        >>> by_amount.promote(high >= 1, to="A", reason="suggestions")["tier"].tolist()
        ['A', 'B', 'A', 'C']
        """
        chosen = aligned(self.source, who, "who")
        if chosen.dtype != bool:
            raise DataError(f"who: expected True or False for each customer, got {chosen.dtype}")
        choice("to", to, self.names)
        up = chosen & (self.tier > self.names.index(to))
        names = np.array([*self.names, None], object)
        return self.source.beside({self.class_name: names[np.where(up, self.names.index(to), self.tier)],
                                   "lifted_from": np.where(up, names[self.tier], ""),
                                   "reason": np.where(up, reason, "").astype(object)})

    def _assigned(self, values: ArrayLike, missing: str) -> np.ndarray:
        """Return a column of the same customers, NaN for the unassigned."""
        column = numbers(aligned(self.source, values, "values"), "values")
        finite(column[:0], "values")                # the type; the numbers are checked below, where they count
        column = np.where(self.tier < 0, np.nan, column)
        finite(column[self.tier >= 0], "values", missing)
        return column

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        digits = 0 if np.nanmax(np.abs(self.stats["mean"]), initial=0) >= 1000 else 2
        shown = [name for name in SHOWN if name in self.stats and (name != "tied" or self.stats[name].any())]
        columns = [list(self.names)]
        for name in shown:
            numbers, percent = self.stats[name].tolist(), "share" in name
            columns.append([f"{v:,}" if name in ("customers", "tied") else
                            _formatting.number(v, 1 if percent else digits, percent) for v in numbers])
        head = [self.class_name, *(SHOWN[name] for name in shown)]
        if "within" in self.stats:
            head, columns = ["within", *head], [list(self.stats["within"]), *columns]
        return head, [list(row) for row in zip(*columns, strict=True)]

    def _title(self) -> str:
        apart = f"; {self.apart:,} without a value, unassigned" if self.apart else ""
        above = np.nanmax(self.stats.get("cumulative_share", 0), initial=0) > 1 + 1e-9
        negative = "; negative values below make cumulative shares pass 100%" if above else ""
        return f"{self.kind} of {_formatting.many(len(self.tier) - self.apart, 'customer')} {self.how}{apart}{negative}"


Labels: TypeAlias = Segmentation | ArrayLike          # a classification of ours, or a label per customer
Rankable: TypeAlias = ArrayLike | FrameLike | CustomerBase                    # what customers are ranked by


def ranked_by(given: Rankable, value: str | None) -> tuple[RowLabels, np.ndarray, Table, str]:
    """Return what customers are ranked by: the labels of the rows, the values, their table and their name.

    For a base a column of its attributes, by default its value as in `forecast`; for a frame with a row per customer
    the column `value`, by default its only one, or the score.
    """
    if isinstance(given, CustomerBase):
        value, labels = value or valued_by(given, None), given.snapshot.row_labels()
        opened = table(given.attributes())
    elif is_frame(given):
        opened = table(given)
        labels = labels_of(opened)
        if value is None and len(opened.names) > 1 and "score" not in opened.names:
            best = next((name for name in ("amount", "margin") if name in opened.names), opened.names[-1])
            raise ConfigError("values: a frame of several columns and none is called 'score'; name the column to rank "
                              f"by: value={best!r}")
        value = value or ("score" if "score" in opened.names else opened.names[0])
    else:
        if value is not None:
            raise ConfigError(f"value={value!r} names a column, and the values are one: pass the frame, or no value=")
        column, opened = series(given)
        return labels_of(given), numbers(column, "values"), opened, "value"
    demand(opened, value, "value")
    return labels, numbers(opened.array(value), value), opened, value


def parts_of(rows: object, composition: FrameLike, tier: np.ndarray, names: int) -> dict[str, np.ndarray]:
    """Return the sum of each column of `composition` in each class."""
    opened, order = aligned_table(rows, composition, "composition")
    columns = {name: opened.array(name) if order is None else opened.array(name)[order] for name in opened.names}
    sums = {}
    for name, column in columns.items():
        column = numbers(column, f"composition {name!r}")
        if column.dtype.kind == "f" and len(column) == len(tier):
            column = np.where(tier < 0, 0.0, column)                    # those of the unassigned do not count
        sums[name] = _core.pyramid_totals(companion(tier, column, f"composition {name!r}"), tier, names)[1]
    return sums


def rows_of_classes(classes: Labels) -> RowLabels:
    """Return the labels of the rows of classes or of a column of labels."""
    return labels_of(classes.source if isinstance(classes, Segmentation) else classes)


def source_of(classes: Labels) -> Table:
    """Return the table in whose kind results for classes or labels are made."""
    return classes.source if isinstance(classes, Segmentation) else series(classes)[1]


def places(classes: Labels, argument: str, rows: RowLabels | None = None) -> tuple[list[str], np.ndarray]:
    """Return class names and each customer's place among them, -1 for none; names of labels in order of appearance.

    With `rows` the places are those of these rows, in their order.
    """
    order = None if rows is None else order_of(rows, rows_of_classes(classes), argument)
    if isinstance(classes, Segmentation):
        return list(classes.names), classes.tier if order is None else classes.tier[order]
    column = series(classes, argument)[0]
    labels = [None if is_missing(label) else label for label in (column if order is None else column[order]).tolist()]
    try:
        names = [name for name in dict.fromkeys(labels) if name is not None]
    except TypeError as error:
        raise DataError(f"{argument}: the labels are no names: {error}") from error
    if len(names) > MAX_TIERS:
        raise DataError(f"{argument}: {len(names):,} different labels; at most {MAX_TIERS} are possible")
    twin = look_alike(names)
    if twin is not None:
        raise DataError(f"{argument}: two labels have the same text, such as 1 and '1', or differ only in what does "
                        f"not show: {twin!r}; give them different names")
    number = {name: k for k, name in enumerate(names)}
    return [str(name) for name in names], np.array([number.get(label, -1) for label in labels], np.int8)


def cell_totals(money: np.ndarray, first: np.ndarray, second: np.ndarray, rows: int,
                columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return customers and sums in the cells of two classifications; the core takes `MAX_TIERS` cells at a time."""
    customers, sums = np.zeros(rows * columns, np.int64), np.zeros(rows * columns)
    step = max(1, MAX_TIERS // max(1, columns))
    for begin in range(0, rows, step):
        end = min(rows, begin + step)
        part = np.where((begin <= first) & (first < end), first - np.int8(begin), np.int8(-1)).astype(np.int8)
        count, total = _core.pyramid_totals(money, _core.grid_cells(part, second, columns), (end - begin) * columns)
        customers[begin * columns:end * columns], sums[begin * columns:end * columns] = count, total
    return customers.reshape(rows, columns), sums.reshape(rows, columns)


def _budgeted(plan: Mapping[str, Mapping[str, Any]], budget: float, names: tuple[str, ...],
              customers: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of `Segmentation.actions`."""
    for name in plan:
        known(name, names, "plan:")
    for name in names:
        if name not in plan:
            raise ConfigError(f'plan: {name!r} has none; for no action pass {{"action": "none", "share": 0}}')
        keys(plan[name], ("action", "share", "limit"), ("action", "share"), f"plan of {name!r}")
    budget = _money(budget, f"budget={in_short(budget)}: expected money, at least 0")
    limit = np.array([_limit(name, plan[name].get("limit")) for name in names])
    with At("plan"):
        parts = shares({name: plan[name]["share"] for name in names})
    money = np.array(largest_remainder(parts, round(budget * CENTS))) / CENTS
    cost = divide(money, customers)
    capped = np.fmin(cost, limit)
    return {"action": np.array([plan[name]["action"] for name in names], object), "customers": customers,
            "budget_share": np.array([float(part) for part in parts]), "budget": money, "limit": limit,
            "per_customer": np.where(customers > 0, capped, np.nan),
            "left": np.where(customers == 0, money, np.where(capped < cost, money - capped * customers, 0.0))}


def _limit(name: str, limit: object) -> float:
    if limit is None:
        return math.nan
    return _money(limit, f"plan of {name!r}: limit = {in_short(limit)} is no cost per customer, at least 0")


def _quantile(q: object) -> float:
    """Return a share of the customers of a class below a value."""
    number = setting(q)
    if number is None or not 0 <= number <= 1:
        raise ConfigError(f"quantiles: {in_short(q)} does not lie between 0 and 1")
    return number


def _money(value: object, what: str) -> float:
    """Return an amount of at least 0."""
    number = setting(value)
    if number is None or number < 0:
        raise ConfigError(what)
    return number
