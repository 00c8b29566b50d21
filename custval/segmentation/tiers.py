"""Tiers from the top down: names with shares, counts, thresholds or shares of the value, and the cuts they make.

Nothing is sorted: the core selects the values at the cuts, then labels each customer.
"""
from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._core import MAX_TIERS
from .._formatting import look_alike, plain
from .._validation import divide, in_short, named, ranked, setting
from ..errors import ConfigError, DataError

MEANINGS = {"share": "a share of the customers", "count": "a number of customers",
            "score": "the lowest score of the tier", "value": "a cumulative share of the value",
            "growth": "a share of the customers, a lowest growth, and None"}
CUTS = {"value": "cumulative shares of the value that rise between 0 and 1",
        "share": "cumulative shares of the customers that rise from 0 to 1",
        "count": "cumulative numbers of customers that rise from 0", "score": "lowest scores that fall"}


def names_of(tiers: object, by: str) -> tuple[str, ...]:
    """Return the names of the tiers from the top down."""
    if not isinstance(by, str) or by not in MEANINGS:
        raise ConfigError(f"by={in_short(by)} is not known: one of {', '.join(map(repr, MEANINGS))}")
    if not isinstance(tiers, Mapping) or not 1 <= len(tiers) <= MAX_TIERS:
        raise ConfigError(f"tiers: expected a dict of 1 to {MAX_TIERS} names from the top down, each with "
                          f"{MEANINGS[by]}, got {tiers!r}")
    twin = look_alike(tiers)
    if twin is not None:
        raise ConfigError(f"tiers: two are called {twin!r}, but for characters that do not show; give them different "
                          "names")
    return tuple(str(name) for name in tiers)


def sizes(tiers: Mapping[str, Any], by: str, customers: int) -> np.ndarray:
    """Return the size of each tier, shares by largest remainder; by growth the top tier and the rest."""
    if by in ("share", "growth"):
        given = shares(tiers if by == "share" else _top(tiers))
        return np.array(largest_remainder(given, customers), np.int64)
    return np.array(counts(tiers, customers), np.int64)


def shares(tiers: Mapping[str, Any]) -> list[Fraction]:
    """Return each tier's share as an exact fraction; raise unless they sum to 1 within 1e-9."""
    exact = [Fraction(share).limit_denominator(10**9) for share in _numbers(tiers, "a share from 0 to 1")]
    if any(not 0 <= share <= 1 for share in exact) or abs(float(sum(exact)) - 1) > 1e-9:
        listed = " + ".join(f"{plain(name)} {float(value):g}" for name, value in tiers.items())
        hint = _of_percent(dict(tiers)) if abs(float(sum(exact)) - 100) < 1e-7 else ""
        raise ConfigError(f"tiers: shares sum to {float(sum(exact)):.10g}, expected 1\n  {listed}{hint}")
    return [share / sum(exact) for share in exact]


def largest_remainder(exact: Sequence[Fraction], customers: int) -> list[int]:
    """Return `customers` split in whole parts that sum exactly; of equal remainders the higher tiers come first.

    Examples
    --------
    >>> largest_remainder([Fraction(1, 3)] * 3, 100)
    [34, 33, 33]
    """
    wanted = [share * customers for share in exact]
    whole = [math.floor(size) for size in wanted]
    by_remainder = sorted(range(len(wanted)), key=lambda j: whole[j] - wanted[j])
    for j in by_remainder[:customers - sum(whole)]:
        whole[j] += 1
    return whole


def counts(tiers: Mapping[str, Any], customers: int) -> list[int]:
    """Return the size of each tier; one tier may be None and takes the rest."""
    given = list(tiers.values())
    if any(isinstance(c, bool) or not (c is None or (isinstance(c, int | np.integer) and c >= 0))
           for c in given) or given.count(None) > 1:
        raise ConfigError(f"tiers: expected whole numbers of customers, at most one of them None (the rest), "
                          f"got {dict(tiers)!r}")
    rest = customers - sum(int(c) for c in given if c is not None)
    if rest < 0 or (rest > 0 and None not in given):
        raise ConfigError(f"tiers: counts sum to {customers - rest:,} for {customers:,} customers; "
                          "pass None for one tier, and it takes the rest")
    return [rest if c is None else int(c) for c in given]


def lowest_growth(tiers: Mapping[str, Any]) -> float:
    """Return the lowest growth of the second of three tiers."""
    return _numbers(dict(list(tiers.items())[1:2]), "a growth such as 0.10")[0]


def _top(tiers: Mapping[str, Any]) -> dict[str, float]:
    """Return the shares of the top tier and of the rest, for three tiers of which the last is None."""
    values = list(tiers.values())
    if len(values) != 3 or values[2] is not None:
        raise ConfigError("tiers: by='growth' takes three, such as {'high': .20, 'potential': .10, 'ordinary': None}, "
                          f"got {dict(tiers)!r}")
    share = _numbers(dict(list(tiers.items())[:1]), "a share from 0 to 1")[0]
    if not 0 <= share <= 1:
        raise ConfigError(f"tiers: {next(iter(tiers))!r} = {values[0]!r} is not a share from 0 to 1")
    return {"top": share, "below": 1 - share}


def thresholds(tiers: Mapping[str, Any]) -> list[float]:
    """Return the lowest score of each tier, falling; the last may be None and is then open below."""
    lowest = _numbers(tiers, "a score", last=-math.inf)
    if any(not low < high for high, low in pairwise(lowest)):
        raise ConfigError(f"tiers: scores must fall from tier to tier, got {dict(tiers)!r}")
    return lowest


def cumulative(tiers: Mapping[str, Any]) -> list[float]:
    """Return the cumulative share of the value down to each tier; the last is 1 or None."""
    upto = _numbers(tiers, "a cumulative share", last=1.0)
    rising = all(low < high for low, high in zip([0.0, *upto[:-1]], upto, strict=True))
    if not rising or abs(upto[-1] - 1) > 1e-9:
        meant = np.cumsum(upto)
        hint = (f"\n  if these are the tiers' own shares, pass {dict(zip(tiers, meant.round(9).tolist(), strict=True))}"
                if abs(meant[-1] - 1) < 1e-9 else _of_percent(dict(tiers)) if upto[-1] == 100 else "")
        raise ConfigError(f"tiers: cumulative shares of the value must rise to 1, got {dict(tiers)!r}{hint}")
    return upto


def abc_tiers(rule: str, cuts: Sequence[float], names: Sequence[str] | None, customers: int) -> dict[str, Any]:
    """Return the tiers of an ABC as `pyramid` takes them: by value, by score, or by count for cumulative customers."""
    if not isinstance(rule, str) or rule not in CUTS:
        raise ConfigError(f"rule={in_short(rule)} is not known: one of {', '.join(map(repr, CUTS))}")
    if isinstance(cuts, str | bytes) or not isinstance(cuts, Sequence | np.ndarray) or np.ndim(cuts) == 0:
        raise ConfigError(f"cuts={in_short(cuts)}: expected {CUTS[rule]}")
    names = string.ascii_uppercase[:len(cuts) + 1] if names is None else names
    if not isinstance(names, Sequence) or look_alike(names) is not None or len(names) != len(cuts) + 1:
        raise ConfigError(f"names={names!r}: expected {len(cuts) + 1} different ones for {len(cuts)} cuts")
    given = [_number(name, cut, "a cut", "cuts") for name, cut in zip(names, cuts, strict=False)]
    if not _are_cuts(given, rule):
        percent = rule in ("value", "share") and min(given) > 1 and _are_cuts([cut / 100 for cut in given], rule)
        raise ConfigError(f"cuts={list(cuts)!r}: expected {CUTS[rule]}{_of_percent(list(cuts)) if percent else ''}")
    if rule in ("value", "score"):
        return dict(zip(names, [*given, None], strict=True))
    scale = customers if rule == "share" else 1
    upto = [min(math.ceil(Fraction(cut).limit_denominator(10**9) * scale), customers) for cut in given]
    return dict(zip(names, [*(b - a for a, b in pairwise([0, *upto])), None], strict=True))


def _are_cuts(cuts: Sequence[float], rule: str) -> bool:
    if rule == "score":
        return all(high > low for high, low in pairwise(cuts))
    if rule == "value":
        return all(low < high for low, high in pairwise([0.0, *cuts, 1.0]))
    rising = all(low <= high for low, high in pairwise([0.0, *cuts, 1.0 if rule == "share" else math.inf]))
    return rising and (rule == "share" or all(cut == int(cut) for cut in cuts))


def _of_percent(given: Mapping[str, float] | Sequence[float]) -> str:
    """Return a hint that shows percentages, in a dict or a list, as shares."""
    values = [float(value) / 100 for value in (given.values() if isinstance(given, Mapping) else given)]
    return f"\n  as shares: {dict(zip(given, values, strict=True)) if isinstance(given, Mapping) else values}"


def _numbers(tiers: Mapping[str, Any], meaning: str, last: float | None = None) -> list[float]:
    """Return the values as numbers; None in the last tier stands for `last`."""
    bottom = list(tiers)[-1]
    return [last if value is None and name == bottom and last is not None else _number(name, value, meaning)
            for name, value in tiers.items()]


def _number(name: str, value: object, meaning: str, argument: str = "tiers") -> float:
    number = setting(value)
    if number is None:
        raise ConfigError(f"{argument}: {name!r} = {in_short(value)} is not {meaning}")
    return number


class Ties(NamedTuple):
    """The treatment of equal values at a cut."""

    together: bool                 # they stay together in the upper tier
    by: np.ndarray | None          # else the largest of these come first; equal or without, the order of appearance


class Cut(NamedTuple):
    """The tier of every value, and what is known about the cuts."""

    tier: np.ndarray               # -1 for NaN
    marks: np.ndarray | None       # tiers by rank: the values at their order marks
    tied: np.ndarray               # per tier the customers with one value on both sides of the cut below it, else 0


def ties_of(ties: str | None, by: np.ndarray | None = None) -> Ties:
    """Return the treatment that `ties=` and `tie_break=` name: together, or by row with a tie break."""
    if ties is None:
        ties = "together" if by is None else "row"
    if not isinstance(ties, str) or ties not in ("row", "together") or (ties == "together" and by is not None):
        raise ConfigError(f"ties={in_short(ties)}: pass 'row', with or without tie_break=, or 'together' without")
    return Ties(ties == "together", by)


def cut(column: np.ndarray, present: int, tiers: Mapping[str, Any], by: str, ties: Ties) -> Cut:
    """Cut a column into tiers; `present` is the number of values that are not NaN."""
    marks = None
    if by in ("share", "count", "growth"):
        marks, (at, quota, equal) = _by_rank(column, sizes(tiers, by, present))
    else:
        at, quota, equal = _by_amount(column, tiers, by)
    tied = np.zeros(len(at) + 1, np.int64)
    if quota is not None:
        again = np.r_[False, (at[1:] == at[:-1]) & (quota[1:] == quota[:-1])]     # a tier without customers
        tied[:-1] = np.where((0 < quota) & (quota < equal) & ~again, equal, 0)
    if ties.together:
        quota = equal = None
    return Cut(_core.pyramid_label(column, at, quota, equal, ties.by), marks, tied)


def levels_by_rank(column: np.ndarray, levels: int) -> np.ndarray:
    """Return the level of each value, 0 the lowest, -1 for NaN: `levels` equal parts by rank.

    Equal values have the level of their mean rank m, 1 for the smallest of n values: ``floor(levels (2 m - 1) / 2 n)``.
    So a crowd of equal values is near the middle of the places that it takes, not at their end.

    Examples
    --------
    >>> levels_by_rank(np.array([1, 1, 1, 1, 1, 1, 2, 3, 9, 9]), 5).tolist()
    [1, 1, 1, 1, 1, 1, 3, 3, 4, 4]
    >>> levels_by_rank(np.array([7, np.nan, 1, 5]), 5).tolist()
    [4, -1, 0, 2]
    """
    out = np.full(len(column), -1, np.int8)
    known = ~np.isnan(column)
    twice = (2 * ranked(np.negative(column[known], dtype=float), "average")).astype(np.int64)
    out[known] = levels * (twice - 1) // (2 * max(1, int(known.sum())))
    return out


def keep(column: np.ndarray, tier: np.ndarray, floor: list[float] | None, former: np.ndarray,
         band: float) -> np.ndarray:
    """Return tiers in which customers within the band of a cut keep their former tier; `floor` as in `described`."""
    if isinstance(band, bool) or not isinstance(band, int | float) or not 0 <= band < 1:
        raise ConfigError(f"hysteresis={band!r}: pass a share of the cut, from 0 to below 1")
    if band == 0:
        return tier
    if floor is None:
        lowest = described(column, tier, int(tier.max(initial=0)) + 1)["cutoff"]
        floor = np.fmin.accumulate(np.r_[np.inf, lowest])[1:].tolist()      # an empty tier has the cut above it
    return _core.pyramid_keep(column, tier, former, np.array(floor[:-1]), float(band))


def _by_rank(column: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, tuple[Any, Any, Any]]:
    """Return the values at the order marks, and (cut, quota, equal) below each tier but the last."""
    at = _core.pyramid_select(column, order_marks(sizes))
    return at[0], (at[0][3:-1:4], at[1][3:-1:4], at[2][3:-1:4])


def _by_amount(column: np.ndarray, tiers: Mapping[str, Any], by: str) -> tuple[Any, Any, Any]:
    """Return (cut, quota, equal) for thresholds or for cumulative shares of the total."""
    if by == "score":
        lowest = np.array(thresholds(tiers))
        if (below := column < lowest[-1]).any():
            raise DataError(f"values: {named(column, below)} below the lowest tier {list(tiers)[-1]!r}\n"
                            "  Pass None for the last tier to leave it open below.")
        return lowest[:-1], None, None
    upto = np.array(cumulative(tiers)[:-1])
    try:
        return _core.pyramid_reach(column, upto)
    except ValueError as error:
        raise DataError(f"{error}; cut by 'share', 'count' or 'score' instead") from None


def order_marks(sizes: np.ndarray) -> np.ndarray:
    """Return the ranks of the first, the two middle and the last customer of each tier, 1 for the largest value."""
    above = np.cumsum(sizes) - sizes
    some = sizes > 0
    return np.stack([above + some, above + (sizes + 1) // 2, above + sizes // 2 + some, above + sizes], 1).ravel()


def described(column: np.ndarray, tier: np.ndarray, names: int, marks: np.ndarray | None = None,
              floor: list[float] | None = None, overlap: bool = False) -> dict[str, np.ndarray]:
    """Return the statistics of each tier; tiers that overlap in value are ranked separately."""
    customers, sums = _core.pyramid_totals(column, tier, names)
    if overlap:
        marks = np.concatenate([_core.pyramid_select(np.where(tier == j, column, np.nan), order_marks(size))[0]
                                for j, size in enumerate(customers.reshape(-1, 1))])
    elif marks is None:
        marks = _core.pyramid_select(column, order_marks(customers))[0]
    top, high, low, last = np.where(customers == 0, np.nan, marks.reshape(-1, 4).T)
    return totals(customers, sums) | {"mean": divide(sums, customers), "median": (high + low) / 2, "min": last,
                                      "max": top, "cutoff": last if floor is None else np.array(floor)}


def totals(customers: np.ndarray, sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return counts, sums and their shares."""
    total = sums.sum() if sums.sum() > 0 else np.nan
    return {"customers": customers, "share": divide(customers, customers.sum()), "sum": sums,
            "share_of_sum": sums / total, "cumulative_share": np.cumsum(sums) / total}
