"""The customer pyramid, and ABC: who stands in which tier, and what each tier holds."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from .. import _core
from .._files import known
from .._tabular import series
from .._validation import aligned, companion, finite
from ..errors import ConfigError
from . import tiers as _tiers
from .cut import Ties, cut, described, keep, ties_of
from .segmentation import Classes, parts_of, places


class Pyramid(Classes):
    """Customers in tiers; made by `pyramid` and `abc`.

    Attributes
    ----------
    names : tuple of str
        The tiers from the top down; where some are divided, their sub-tiers instead.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's tier in `names`, -1 for a customer set apart.
    apart : int
        Customers without a value, set apart.
    whole : Pyramid or None
        Of sub-tiers, the pyramid that they divide.
    """

    _kind, _of = "Pyramid", "tier"
    whole: Pyramid | None = None
    _within: tuple[str, ...] = ()

    def table(self) -> Any:
        """Return one row per tier as a frame of the caller's kind (arrays in, dict of arrays out).

        Columns: tier, within (the tier that a sub-tier is of, if some are divided), customers, share (of
        customers), sum, share_of_sum and cumulative_share (of the total; NaN unless it is positive), mean,
        median, min, max, cutoff (lowest value that is in the tier; by score the threshold). Empty tiers have NaN.
        """
        within = {"within": np.array(self._within, object)} if self.whole else {}
        return self._back.new({"tier": np.array(self.names, object), **within, **self._stats})

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        head, rows = super()._rows()
        if self.whole:
            head, rows = ["within", *head], [[name, *row] for name, row in zip(self._within, rows, strict=True)]
        return head, rows


def pyramid(values: Any, *, tiers: Mapping[str, Any], by: str = "share", within: Mapping[str, Any] | None = None,
            ties: str = "row", tie_break: Any = None, growth: Any = None, composition: Any = None,
            missing: str = "raise", former: Any = None, hysteresis: float = 0.0) -> Pyramid:
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
    within : dict, optional
        Tiers to divide into sub-tiers, each with a dict like `tiers` that counts its own customers only:
        ``{"gold": {"gold 1": .25, "gold 2": .75}}``. The tier keeps its customers. By growth these are shares.
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
    former : Pyramid, Series or array_like of labels, shape (customers,), optional
        Each customer's tier of the last time, None for a new one; without `within` and not by growth.
    hysteresis : float
        Band against flicker, a share of each cut below 1: up goes who stands so far above it or farther, down who
        stands farther below. Tiers by share or count then differ a little from their sizes.

    Returns
    -------
    Pyramid
        ``labels``, ``table()``, ``composition()``, ``distribution()``, ``histogram()``, ``actions()``, ``promote()``.

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
    >>> pyramid([90, 10, 30, 20, 5], tiers={"high": .2, "potential": .1, "ordinary": None}, by="growth",
    ...         growth=[0, .5, -.1, .1, 0]).labels.tolist()
    ['high', 'potential', 'ordinary', 'potential', 'ordinary']
    >>> pyramid([90, 10, 30, 20, 5], tiers={"top": .2, "rest": .8}, within={"rest": {"a": .5, "b": .5}})
    Pyramid of 5 customers by share
    within  tier  customers  share    sum  share of sum  cumulative   mean  median  cut-off
    ------  ----  ---------  -----  -----  ------------  ----------  -----  ------  -------
    top     top           1  20.0%  90.00         58.1%       58.1%  90.00   90.00    90.00
    rest    a             2  40.0%  50.00         32.3%       90.3%  25.00   25.00    20.00
    rest    b             2  40.0%  15.00          9.7%      100.0%   7.50    7.50     5.00
    """
    names = _tiers.names_of(tiers, by)
    if (growth is not None) != (by == "growth"):
        raise ConfigError("growth= and by='growth' go together")
    column, back = series(values)
    rule = ties_of(ties, None if tie_break is None else companion(values, tie_break, "tie_break"))
    tier, marks = cut(column, finite(column, "values", missing), tiers, by, rule)
    if by == "growth":
        tier = _parted(tier, values, growth, _tiers.lowest_growth(tiers), missing)
    floor = _tiers.thresholds(tiers) if by == "score" else None
    kept = former is not None or hysteresis != 0
    if kept:
        tier = keep(column, tier, floor, _former(former, values, names, within is None and by != "growth"), hysteresis)
    stats = described(column, tier, len(names), None if rule.together else marks, floor,
                      overlap=kept or by == "growth")
    whole = Pyramid(names, tier, stats, parts_of(values, composition, tier, len(names)), f"by {by}", back)
    if within is None:
        return whole
    pyr = _divided(whole, column, _sub_tiers(names, within), by, rule)
    pyr._parts = parts_of(values, composition, pyr.tier, len(pyr.names))
    return pyr


def _former(former: Any, values: Any, names: tuple[str, ...], whole: bool) -> np.ndarray:
    """Return the place of each customer's former tier, -1 for a new one."""
    if former is None or not whole:
        raise ConfigError("hysteresis= needs former=, the tiers of the last time; without within=, not by growth")
    before, place = places(former, values, "former")
    for name in before:
        known(name, names, "former: tier")
    return aligned(values, np.array([*map(names.index, before), -1], np.int8)[place], "former")


def _parted(tier: np.ndarray, values: Any, growth: Any, lowest: float, missing: str) -> np.ndarray:
    """Return tiers with the second parted: who grows at least by `lowest` stays in it, the rest is the third."""
    growing = np.where(tier == 1, aligned(values, growth, "growth"), 0.0)
    finite(growing, "growth", missing)
    slow = _core.pyramid_label(growing, np.array([lowest]), None, None, None)
    return np.where(tier == 1, np.where(slow < 0, -1, slow + 1), tier).astype(np.int8)


def _sub_tiers(names: tuple[str, ...], within: Mapping[str, Any]) -> dict[str, Mapping[str, Any] | None]:
    """Return for each tier its sub-tiers or None; no two of all that remain share a name."""
    for name in within:
        known(name, names, "within: tier")
    inner = {name: within.get(name) for name in names}
    every = list(chain.from_iterable([name] if sub is None else sub for name, sub in inner.items()))
    if len(set(every)) < len(every) or len(every) > _tiers.MAX_TIERS:
        raise ConfigError(f"within: expected at most {_tiers.MAX_TIERS} tiers with names of their own, got "
                          f"{', '.join(map(repr, every))}")
    return inner


def _divided(whole: Pyramid, column: np.ndarray, inner: Mapping[str, Mapping[str, Any] | None], by: str,
             rule: Ties) -> Pyramid:
    """Return the pyramid of sub-tiers."""
    names, within = list[str](), list[str]()
    floor, tier = list[float](), np.full(len(column), -1, np.int8)
    for j, (name, tiers) in enumerate(inner.items()):
        mine = whole.tier == j
        if tiers is None:
            tier[mine] = len(names)
            names.append(name)
            floor.append(whole._stats["cutoff"][j])
        else:
            sub_by = "share" if by == "growth" else by
            subs = _tiers.names_of(tiers, sub_by)
            if mine.any():
                alone = np.where(mine, column, np.nan)
                tier[mine] = len(names) + cut(alone, int(mine.sum()), tiers, sub_by, rule)[0][mine]
            names += subs
            floor += _tiers.thresholds(tiers) if by == "score" else []
        within += [name] * (len(names) - len(within))
    stats = described(column, tier, len(names), None, floor if by == "score" else None, overlap=by == "growth")
    pyr = Pyramid(tuple(names), tier, stats, {}, whole.how, whole._back)
    pyr.whole, pyr._within, pyr._texts = whole, tuple(within), 2
    return pyr


def abc(values: Any, *, rule: str = "value", cuts: Sequence[float] = (.80, .95), names: Sequence[str] | None = None,
        ties: str = "row", composition: Any = None, missing: str = "raise") -> Pyramid:
    """Class customers A, B, C by one of the four classical rules; who crosses a cut belongs above it.

    Parameters
    ----------
    values : Series or array_like, shape (customers,)
        Usually the amount. Finite; NaN by `missing`.
    rule : {"value", "share", "count", "score"}
        What the cuts are: ``"value"`` cumulative shares of the total value, ``"share"`` cumulative shares of the
        customers, ``"count"`` cumulative numbers of customers, ``"score"`` lowest values, falling.
    cuts : sequence of float
        The cut below A, below B and so on; what is below the last is one class more.
    names : sequence of str, optional
        One for each class, in any language; by default A, B, C and so on.
    ties, composition, missing
        As in `pyramid`.

    Returns
    -------
    Pyramid
        ``labels``, ``table()``, ``composition()``, ``distribution()``, ``histogram()``, ``actions()``, ``promote()``.

    Raises
    ------
    ConfigError
        Cuts that do not rise (or by score fall), or names that do not fit them.
    DataError
        As `pyramid`.

    Examples
    --------
    >>> abc([50, 30, 10, 5, 3, 2]).labels.tolist()
    ['A', 'A', 'B', 'B', 'C', 'C']
    >>> abc([90_000, 20_000, 79_999, 500], rule="score", cuts=[80_000, 20_000]).labels.tolist()
    ['A', 'B', 'B', 'C']
    >>> abc([50, 30, 10, 5, 3, 2], rule="share", cuts=[.2, .5]).labels.tolist()
    ['A', 'A', 'B', 'C', 'C', 'C']
    >>> abc([50, 30, 10, 5, 3, 2], rule="count", cuts=[1, 3]).labels.tolist()
    ['A', 'B', 'B', 'C', 'C', 'C']
    """
    tiers = _tiers.classes(rule, cuts, names, finite(series(values)[0], "values", missing))
    by = rule if rule in ("value", "score") else "count"
    pyr = pyramid(values, tiers=tiers, by=by, ties=ties, composition=composition, missing=missing)
    pyr._kind, pyr.how = "ABC", f"by {rule}, cut at {', '.join(f'{c:,g}' for c in cuts)}"
    return pyr
