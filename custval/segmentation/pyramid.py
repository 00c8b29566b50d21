"""The customer pyramid and ABC analysis: customers in tiers from the top down, and the value of each tier."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import FrameLike
from .._core import MAX_TIERS
from .._files import known
from .._formatting import look_alike
from .._tabular import RowLabels, aligned, companion, rows_of
from .._validation import finite, numbers
from ..errors import ConfigError
from .segmentation import Labels, Rankable, Segmentation, parts_of, places, ranked_by
from .tiers import Ties, abc_tiers, cut, described, keep, lowest_growth, names_of, thresholds, ties_of

TIERS = {"platinum": .01, "gold": .04, "iron": .15, "lead": .80}


class Pyramid(Segmentation):
    """Customers in tiers from the top down; made by `pyramid` and `abc`.

    Attributes
    ----------
    names : tuple of str
        The tiers from the top down; where some are divided, their sub-tiers instead.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's tier in `names`, -1 for an unassigned customer.
    apart : int
        Number of customers without a value, unassigned.
    whole : Pyramid or None
        For sub-tiers, the pyramid that they divide.
    ranked_by : (str, ndarray)
        Name and values of the column that customers are ranked by.

    Examples
    --------
    >>> import custval as cv
    >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"gold": .2, "iron": .4, "lead": .4})
    >>> pyr.names, pyr.tier.tolist(), pyr.apart
    (('gold', 'iron', 'lead'), [0, 2, 1, 1, 2], 0)
    """

    kind, class_name = "Pyramid", "tier"
    whole: Pyramid | None = None
    ranked_by: tuple[str, np.ndarray]

    def table(self) -> Any:
        """Return one row per tier as a frame of the caller's kind (arrays in, dict of arrays out).

        Columns: tier, within (the tier that a sub-tier belongs to, if some are divided), customers, share (of
        customers), sum, share_of_sum and cumulative_share (of the total; NaN unless it is positive), mean,
        median, min, max, cutoff (lowest value in the tier; by score the threshold), tied (customers with one value
        on both sides of the cut below the tier by size, whom `ties` keeps together or divides). Empty tiers have NaN.
        """
        return super().table()

    def customers(self) -> Any:
        """Return one row per customer as a frame of the caller's kind.

        Columns: customer (if the ids are known), the value that customers are ranked by under its name, tier.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.datasets.crm(customers=20, seed=1).base()
        >>> list(cv.pyramid(base).customers())
        ['customer', 'margin', 'tier']
        """
        name, column = self.ranked_by
        return self._of_customers({name: column})


def pyramid(values: Rankable, *, value: str | None = None, tiers: Mapping[str, Any] | None = None, by: str = "share",
            within: Mapping[str, Mapping[str, Any]] | None = None, ties: str | None = None,
            tie_break: ArrayLike | None = None, growth: ArrayLike | None = None, composition: FrameLike | None = None,
            missing: str = "apart", former: Labels | None = None, hysteresis: float = 0.0) -> Pyramid:
    """Assign customers to tiers by value, from the top down.

    Parameters
    ----------
    values : Series or array_like, shape (customers,), CustomerBase or frame
        The values to rank by: points, money, lifetime value. Finite; NaN by `missing`. For a base or a frame with a
        row per customer, such as the result of `Scorecard.score`, its column `value`.
    value : str, optional
        Column of the frame, by default ``score``; or of ``base.attributes()``, by default as in `forecast`: the margin
        if costs are known, else the amount.
    tiers : dict, optional
        Names from the top down, in any language, each with the number that `by` defines. By default, for
        ``by="share"``: ``{"platinum": .01, "gold": .04, "iron": .15, "lead": .80}``.
    by : {"share", "count", "score", "value", "growth"}
        Meaning of the numbers in `tiers`:

        ==========  ====================================================================================
        ``share``   share of the customers; shares sum to 1, sizes by largest remainder sum exactly
        ``count``   number of customers; one tier may be None and takes the rest
        ``score``   lowest value of the tier; the last may be None, open below
        ``value``   cumulative share of the total value down to and with this tier, rising to 1; a
                    customer who crosses a cut belongs above it
        ``growth``  three tiers, ``{"high": .20, "potential": .10, "ordinary": None}``: the share of the
                    customers in the first; of the rest, the lowest growth of the second; None
        ==========  ====================================================================================
    within : dict, optional
        Tiers to divide into sub-tiers, each with a dict like `tiers` that counts only the customers of that tier:
        ``{"gold": {"gold 1": .25, "gold 2": .75}}``. The tier keeps its customers. By growth these are shares.
    ties : {"together", "row"}
        Equal values at a cut: ``"together"`` keeps them in the upper tier, and the column ``tied`` of the table counts
        them; ``"row"``, the default with a `tie_break`, divides them by `tie_break` (largest first), then by order of
        appearance, so sizes are exact.
    tie_break : Series or array_like, shape (customers,), optional
        Usually the amount.
    growth : Series or array_like, shape (customers,), optional
        For ``by="growth"``: such as the next period over the last, less 1. NaN by `missing`.
    composition : frame or dict of arrays, optional
        Columns to add up per tier, such as `Scorecard.contributions`; see `Pyramid.composition`.
    missing : {"apart", "raise"}
        A customer with NaN is unassigned and counted, or refused.
    former : Pyramid, Series or array_like of labels, shape (customers,), optional
        Each customer's previous tier, None for a new customer; not with `within` or by growth.
    hysteresis : float
        Band around each cut, a share of the cut below 1, against flicker: a customer moves up only at or above the
        upper edge of the band, and down only below its lower edge. Tiers by share or count may then differ a little
        from their sizes.

    Returns
    -------
    Pyramid
        ``labels``, ``table()``, ``customers()``, ``composition()``, ``distribution()``, ``histogram()``, ``actions()``,
        ``promote()``.

    Raises
    ------
    ConfigError
        The tiers contradict each other: shares that do not sum to 1, thresholds that do not fall.
    DataError
        Values that are missing, infinite or below the lowest tier, with their rows; or no positive total.

    Notes
    -----
    Customers are selected, not sorted: one pass counts, one gathers the few buckets that hold a cut, one labels.

    Examples
    --------
    >>> import custval as cv
    >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"platinum": .2, "iron": .4, "lead": .4})
    >>> pyr.labels.tolist()
    ['platinum', 'lead', 'iron', 'iron', 'lead']
    >>> pyr.table()["share_of_sum"].round(3).tolist()
    [0.581, 0.323, 0.097]
    >>> cv.pyramid([90, 10, 30, 20, 5], tiers={"high": .2, "potential": .1, "ordinary": None}, by="growth",
    ...         growth=[0, .5, -.1, .1, 0]).labels.tolist()
    ['high', 'potential', 'ordinary', 'potential', 'ordinary']
    >>> cv.pyramid([90, 10, 30, 20, 5], tiers={"top": .2, "rest": .8}, within={"rest": {"a": .5, "b": .5}})
    Pyramid of 5 customers by share
    within  tier  customers  share    sum  share of sum  cumulative   mean  median  cut-off
    ------  ----  ---------  -----  -----  ------------  ----------  -----  ------  -------
    top     top           1  20.0%  90.00         58.1%       58.1%  90.00   90.00    90.00
    rest    a             2  40.0%  50.00         32.3%       90.3%  25.00   25.00    20.00
    rest    b             2  40.0%  15.00          9.7%      100.0%   7.50    7.50     5.00
    """
    tiers = TIERS if tiers is None and by == "share" else tiers
    names = names_of(tiers, by)
    assert tiers is not None
    if (growth is not None) != (by == "growth"):
        raise ConfigError("growth= and by='growth' go together")
    labels, column, source, value = ranked_by(values, value)
    there = rows_of(labels, tie_break, growth, composition, former)
    rule = ties_of(ties, None if tie_break is None else companion(there, tie_break, "tie_break"))
    tier, marks, tied = cut(column, finite(column, "values" if value == "value" else value, missing), tiers, by, rule)
    if growth is not None:
        tier = _split_by_growth(tier, there, growth, lowest_growth(tiers), missing)
    floor = thresholds(tiers) if by == "score" else None
    kept = former is not None or hysteresis != 0
    if kept:
        previous = _former(former, there, names, within is None and by != "growth")
        tier = keep(column, tier, floor, previous, hysteresis)
    stats = described(column, tier, len(names), None if rule.together and tied.any() else marks, floor,
                      overlap=kept or by == "growth") | {"tied": np.resize(tied, len(names))}
    parts = {} if composition is None else parts_of(there, composition, tier, len(names))
    whole = Pyramid(names, tier, stats, parts, f"by {by}", source)
    whole.ranked_by = (value, column)
    if within is None:
        return whole
    names, parents, tier, floor, tied = _divided(whole, column, _sub_tiers(names, within), by, rule)
    stats = described(column, tier, len(names), None, floor if by == "score" else None, overlap=by == "growth")
    stats["tied"] = tied
    parts = {} if composition is None else parts_of(there, composition, tier, len(names))
    pyr = Pyramid(names, tier, {"within": np.array(parents, object)} | stats, parts, whole.how, source)
    pyr.whole, pyr.ranked_by = whole, whole.ranked_by
    return pyr


def _former(former: Labels | None, rows: RowLabels, names: tuple[str, ...], whole: bool) -> np.ndarray:
    """Return the place of each customer's former tier, -1 for a new customer."""
    if former is None or not whole:
        raise ConfigError("hysteresis= needs former=, the previous tiers; not with within= or by growth")
    before, place = places(former, "former", rows)
    for name in before:
        known(name, names, "former: tier")
    return np.asarray(np.array([*map(names.index, before), -1], np.int8)[place])


def _split_by_growth(tier: np.ndarray, rows: RowLabels, growth: ArrayLike, lowest: float,
                     missing: str) -> np.ndarray:
    """Return tiers with the second one split: growth of at least `lowest` stays in it, the rest is the third."""
    growing = np.where(tier == 1, numbers(aligned(rows, growth, "growth"), "growth"), 0.0)
    finite(growing, "growth", missing)
    slow = _core.pyramid_label(growing, np.array([lowest]), None, None, None)
    return np.where(tier == 1, np.where(slow < 0, -1, slow + 1), tier).astype(np.int8)


def _sub_tiers(names: tuple[str, ...], within: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any] | None]:
    """Return for each tier its sub-tiers or None; raise if two of the resulting tiers share a name."""
    for name in within:
        known(name, names, "within: tier")
    inner = {name: within.get(name) for name in names}
    every = list(chain.from_iterable([name] if sub is None else sub for name, sub in inner.items()))
    if look_alike(every) is not None or len(every) > MAX_TIERS:
        raise ConfigError(f"within: expected at most {MAX_TIERS} tiers with different names, got "
                          f"{', '.join(map(repr, every))}")
    return inner


def _divided(whole: Pyramid, column: np.ndarray, inner: Mapping[str, Mapping[str, Any] | None], by: str,
             rule: Ties) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray, list[float], np.ndarray]:
    """Return names, tiers above, places, thresholds and ties of the sub-tiers; a tier without any stays as it is."""
    names, parents = list[str](), list[str]()
    floor, tier, tied = list[float](), np.full(len(column), -1, np.int8), list[int]()
    for j, (name, tiers) in enumerate(inner.items()):
        inside = whole.tier == j
        if tiers is None:
            tier[inside] = len(names)
            names.append(name)
            floor.append(whole.stats["cutoff"][j])
            tied.append(whole.stats["tied"][j])
        else:
            sub_by = "share" if by == "growth" else by
            subs = names_of(tiers, sub_by)
            inner_ties = np.zeros(len(subs), np.int64)
            if inside.any():
                found = cut(np.where(inside, column, np.nan), int(inside.sum()), tiers, sub_by, rule)
                tier[inside] = len(names) + found.tier[inside]
                inner_ties = found.tied
            names += subs
            tied += [*inner_ties[:-1], whole.stats["tied"][j]]
            floor += thresholds(tiers) if by == "score" else []
        parents += [name] * (len(names) - len(parents))
    return tuple(names), tuple(parents), tier, floor, np.array(tied)


def abc(values: Rankable, *, value: str | None = None, rule: str = "value", cuts: Sequence[float] = (.80, .95),
        names: Sequence[str] | None = None, ties: str = "together", composition: FrameLike | None = None,
        missing: str = "apart") -> Pyramid:
    """Assign customers to classes A, B, C by a classical rule; a customer who crosses a cut belongs above it.

    Parameters
    ----------
    values : Series or array_like, shape (customers,), CustomerBase or frame
        Usually the amount. Finite; NaN by `missing`.
    value : str, optional
        Column of a base or frame, as in `pyramid`.
    rule : {"value", "share", "count", "score"}
        Meaning of the cuts: ``"value"`` cumulative shares of the total value, ``"share"`` cumulative shares of the
        customers, ``"count"`` cumulative numbers of customers, ``"score"`` lowest values, falling.
    cuts : sequence of float
        The cut below A, below B and so on; customers below the last cut make one more class.
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
    >>> import custval as cv
    >>> cv.abc([50, 30, 10, 5, 3, 2]).labels.tolist()
    ['A', 'A', 'B', 'B', 'C', 'C']
    >>> cv.abc([90_000, 20_000, 79_999, 500], rule="score", cuts=[80_000, 20_000]).labels.tolist()
    ['A', 'B', 'B', 'C']
    >>> cv.abc([50, 30, 10, 5, 3, 2], rule="share", cuts=[.2, .5]).labels.tolist()
    ['A', 'A', 'B', 'C', 'C', 'C']
    >>> cv.abc([50, 30, 10, 5, 3, 2], rule="count", cuts=[1, 3]).labels.tolist()
    ['A', 'B', 'B', 'C', 'C', 'C']
    """
    tiers = abc_tiers(rule, cuts, names, finite(ranked_by(values, value)[1], "values", missing))
    by = rule if rule in ("value", "score") else "count"
    pyr = pyramid(values, value=value, tiers=tiers, by=by, ties=ties, composition=composition, missing=missing)
    pyr.kind, pyr.how = "ABC", f"by {rule}, cut at {', '.join(f'{float(c):,g}' for c in cuts)}"
    return pyr
