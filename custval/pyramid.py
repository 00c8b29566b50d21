"""The customer pyramid: who stands in which tier, and what each tier holds."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _core, _text, _tiers
from ._columns import series, table
from ._errors import ConfigError, DataError
from ._values import aligned, companion, divide, finite, named, same_index


class Pyramid:
    """Customers in tiers; made by `pyramid`.

    Attributes
    ----------
    names : tuple of str
        The tiers from the top down.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's tier in `names`, -1 for a customer set apart.
    apart : int
        Customers without a value, set apart.
    """

    def __init__(self, names: tuple[str, ...], tier: np.ndarray, stats: dict[str, np.ndarray],
                 parts: dict[str, np.ndarray], how: str, back: Any):
        self.names, self.tier, self.how = names, tier, how
        self.apart = len(tier) - int(stats["customers"].sum())
        self._stats, self._parts, self._back = stats, parts, back

    @property
    def labels(self) -> Any:
        """The tier's name for each customer, None if set apart: the caller's kind, index and order."""
        names = np.array([*self.names, None], object)[self.tier]
        return self._back.append({"tier": names})["tier"]

    def table(self) -> Any:
        """Return one row per tier as a frame of the caller's kind (arrays in, dict of arrays out).

        Columns: tier, customers, share (of customers), sum, share_of_sum and cumulative_share (of the
        total; NaN unless it is positive), mean, median, min, max, cutoff (lowest value that is in the
        tier; by score the threshold). Empty tiers have NaN.
        """
        return self._back.new({"tier": np.array(self.names, object), **self._stats})

    def composition(self) -> Any:
        """Return what each tier's value is made of: one row per tier and column.

        Columns: tier, column, sum (signed contribution), share (of the tier's total over the columns;
        NaN unless it is positive) and share_of_abs (of the sum of absolute contributions).
        """
        if not self._parts:
            raise ConfigError("this pyramid was made without composition=; pass it the columns to add up")
        sums = np.array(list(self._parts.values())).T
        total = sums.sum(axis=1, keepdims=True)
        size = np.abs(sums).sum(axis=1, keepdims=True)
        return self._back.new({
            "tier": np.repeat(np.array(self.names, object), sums.shape[1]),
            "column": np.tile(np.array(list(self._parts), object), len(self.names)),
            "sum": sums.ravel(),
            "share": divide(sums, np.where(total > 0, total, np.nan)).ravel(),
            "share_of_abs": divide(sums, size).ravel()})

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        digits = 0 if np.nanmax(np.abs(self._stats["mean"]), initial=0) >= 1000 else 2
        head = ["tier", "customers", "share", "sum", "share of sum", "cumulative", "mean", "median", "cut-off"]
        columns = [list(self.names), [f"{c:,}" for c in self._stats["customers"]]]
        for name in ("share", "sum", "share_of_sum", "cumulative_share", "mean", "median", "cutoff"):
            percent = "share" in name
            columns.append([_text.number(v, 1 if percent else digits, percent) for v in self._stats[name].tolist()])
        return head, [list(row) for row in zip(*columns, strict=True)]

    def _title(self) -> str:
        apart = f"; {self.apart:,} without a value set apart" if self.apart else ""
        return f"Pyramid of {_text.many(len(self.tier) - self.apart, 'customer')} {self.how}{apart}"

    def __repr__(self) -> str:
        head, rows = self._rows()
        return "\n".join([self._title(), *_text.table(head, rows, "<" + ">" * (len(head) - 1))])

    def _repr_html_(self) -> str:
        head, rows = self._rows()
        return _text.html_table(self._title(), head, rows)


def pyramid(values: Any, *, tiers: Mapping[str, Any], by: str = "share", ties: str = "row", tie_break: Any = None,
            growth: Any = None, composition: Any = None, missing: str = "raise") -> Pyramid:
    """Put customers into tiers by value, from the top down.

    Parameters
    ----------
    values : Series or array_like, shape (customers,)
        What customers are ranked by: points, money, lifetime value. Finite; NaN by `missing`.
    tiers : dict
        Names from the top down, in any language, each with what `by` says:
        ``"share"`` its share of the customers (they sum to 1; sizes by largest remainder, so they sum
        exactly), ``"count"`` its number of customers (one may be None: the rest), ``"score"`` its lowest
        value (the last may be None: open below), ``"value"`` the cumulative share of the total value
        down to and with this tier (rising to 1; who crosses a cut belongs above it);
        ``"growth"`` three tiers: the share of the customers on top, of the rest the lowest growth of the
        second, None: ``{"high": .20, "potential": .10, "ordinary": None}``.
    by : {"share", "count", "score", "value", "growth"}
    ties : {"row", "together"}
        Equal values at a cut: ``"row"`` divides them by `tie_break` (largest first), then by first
        appearance, so sizes are exact; ``"together"`` keeps them in the upper tier.
    tie_break : Series or array_like, shape (customers,), optional
        Usually the amount.
    growth : Series or array_like, shape (customers,), optional
        For ``by="growth"``: such as the next period over the last, less 1. NaN by `missing`.
    composition : frame or dict of arrays, optional
        Columns to add up per tier, such as `Scorecard.contributions`; see `Pyramid.composition`.
    missing : {"raise", "apart"}
        NaN is refused, or set apart in no tier and counted.

    Returns
    -------
    Pyramid

    Raises
    ------
    ConfigError
        The tiers contradict themselves: shares that do not sum to 1, thresholds that do not fall.
    DataError
        Values that are missing, infinite or below the lowest tier, named by row; no positive total.

    Notes
    -----
    Customers are selected, not sorted: one pass counts, one gathers the few buckets that hold a cut, one labels.

    Examples
    --------
    >>> pyr = pyramid([90, 10, 30, 20, 5], tiers={"platinum": .2, "iron": .4, "lead": .4})
    >>> pyr.labels.tolist()
    ['platinum', 'lead', 'iron', 'iron', 'lead']
    >>> pyr.table()["share_of_sum"].round(3).tolist()
    [0.581, 0.323, 0.097]
    """
    names = _tiers.names_of(tiers, by)
    if ties not in ("row", "together") or (ties == "together" and tie_break is not None):
        raise ConfigError(f"ties={ties!r}: pass 'row', with or without tie_break=, or 'together' without")
    if (growth is not None) != (by == "growth"):
        raise ConfigError("growth= and by='growth' go together")
    column, back = series(values)
    present = finite(column, "values", missing)
    tie = None if tie_break is None else companion(values, tie_break, "tie_break")
    marks = None
    if by in ("share", "count", "growth"):
        marks, (cut, quota, equal) = cuts_by_rank(column, _tiers.sizes(tiers, by, present))
    else:
        cut, quota, equal = cuts_by_amount(column, tiers, by)
    if ties == "together":
        quota = equal = None
    tier = _core.pyramid_label(column, cut, quota, equal, tie)
    if by == "growth":
        tier = parted(tier, values, growth, _tiers.lowest_growth(tiers), missing)
    customers, sums = _core.pyramid_totals(column, tier, len(names))
    if by == "growth":                             # the lower two overlap in value: each is ranked alone
        marks = np.concatenate([_core.pyramid_select(np.where(tier == j, column, np.nan), order_marks(size))[0]
                                for j, size in enumerate(customers.reshape(-1, 1))])
    elif marks is None or quota is None:
        marks = _core.pyramid_select(column, order_marks(customers))[0]
    stats = describe(customers, sums, marks, _tiers.thresholds(tiers) if by == "score" else None)
    return Pyramid(names, tier, stats, parts_of(values, composition, tier, len(names)), f"by {by}", back)


def cuts_by_rank(column: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, tuple[Any, Any, Any]]:
    """Return the values at the order marks, and (cut, quota, equal) below each tier but the last."""
    at = _core.pyramid_select(column, order_marks(sizes))
    return at[0], (at[0][3:-1:4], at[1][3:-1:4], at[2][3:-1:4])


def parted(tier: np.ndarray, values: Any, growth: Any, lowest: float, missing: str) -> np.ndarray:
    """Return tiers with the second parted: who grows at least by `lowest` stays in it, the rest is the third."""
    growing = np.where(tier == 1, aligned(values, growth, "growth"), 0.0)
    finite(growing, "growth", missing)
    slow = _core.pyramid_label(growing, np.array([lowest]), None, None, None)
    return np.where(tier == 1, np.where(slow < 0, -1, slow + 1), tier).astype(np.int8)


def order_marks(sizes: np.ndarray) -> np.ndarray:
    """Return the ranks of each tier's first, two middle and last customers, 1 for the largest value."""
    above = np.cumsum(sizes) - sizes
    some = sizes > 0
    return np.stack([above + some, above + (sizes + 1) // 2, above + sizes // 2 + some, above + sizes], 1).ravel()


def cuts_by_amount(column: np.ndarray, tiers: Mapping[str, Any], by: str) -> tuple[Any, Any, Any]:
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


def describe(customers: np.ndarray, sums: np.ndarray, marks: np.ndarray,
             floor: list[float] | None) -> dict[str, np.ndarray]:
    """Return the figures of each tier, from its count, its sum and its order statistics."""
    empty = customers == 0
    top, high, low, last = np.where(empty, np.nan, marks.reshape(-1, 4).T)
    total = sums.sum() if sums.sum() > 0 else np.nan
    return {"customers": customers, "share": divide(customers, customers.sum()), "sum": sums,
            "share_of_sum": sums / total, "cumulative_share": np.cumsum(sums) / total,
            "mean": divide(sums, customers), "median": (high + low) / 2, "min": last, "max": top,
            "cutoff": last if floor is None else np.array(floor)}


def parts_of(values: Any, composition: Any, tier: np.ndarray, tiers: int) -> dict[str, np.ndarray]:
    """Return the sum of each column of `composition` in each tier."""
    if composition is None:
        return {}
    same_index(values, composition, "composition")
    opened = table(composition)
    return {name: _core.pyramid_totals(companion(values, opened.array(name), f"composition {name!r}"), tier, tiers)[1]
            for name in opened.names}
