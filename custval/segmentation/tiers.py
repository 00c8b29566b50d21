"""What a caller means by tiers: names with shares, counts, thresholds or shares of the value."""
from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from .._formatting import plain
from ..errors import ConfigError

MEANINGS = {"share": "a share of the customers", "count": "a number of customers",
            "score": "the lowest score of the tier", "value": "a cumulative share of the value",
            "growth": "a share of the customers, a lowest growth, and None"}
CUTS = {"value": "cumulative shares of the value that rise between 0 and 1",
        "share": "cumulative shares of the customers that rise from 0 to 1",
        "count": "cumulative numbers of customers that rise from 0", "score": "lowest scores that fall"}
MAX_TIERS = 127


def names_of(tiers: Any, by: str) -> tuple[str, ...]:
    """Return the names of the tiers from the top down."""
    if by not in MEANINGS:
        raise ConfigError(f"by={by!r} is not known: one of {', '.join(map(repr, MEANINGS))}")
    if not isinstance(tiers, Mapping) or not 1 <= len(tiers) <= MAX_TIERS:
        raise ConfigError(f"tiers: expected a dict of 1 to {MAX_TIERS} names from the top down, each with "
                          f"{MEANINGS[by]}, got {tiers!r}")
    return tuple(str(name) for name in tiers)


def sizes(tiers: Mapping[str, Any], by: str, customers: int) -> np.ndarray:
    """Return how many customers each tier takes, shares by largest remainder; by growth those on top and the rest."""
    if by in ("share", "growth"):
        given = shares(tiers if by == "share" else _top(tiers))
        return np.array(largest_remainder(given, customers), np.int64)
    return np.array(counts(tiers, customers), np.int64)


def shares(tiers: Mapping[str, Any]) -> list[Fraction]:
    """Return each tier's share as the decimal or fraction that was meant; they must sum to 1 within 1e-9."""
    exact = [Fraction(share).limit_denominator(10**9) for share in _numbers(tiers, "a share from 0 to 1")]
    if any(not 0 <= share <= 1 for share in exact) or abs(float(sum(exact)) - 1) > 1e-9:
        listed = " + ".join(f"{plain(name)} {value:g}" for name, value in tiers.items())
        hint = _of_percent(dict(tiers)) if abs(float(sum(exact)) - 100) < 1e-7 else ""
        raise ConfigError(f"tiers: shares sum to {float(sum(exact)):.10g}, expected 1\n  {listed}{hint}")
    return [share / sum(exact) for share in exact]


def largest_remainder(exact: Sequence[Fraction], customers: int) -> list[int]:
    """Split `customers` so that the parts are whole and sum exactly; equal remainders go to the higher tier.

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
    """Return each tier's count; one tier may be None and takes the rest."""
    given = list(tiers.values())
    if any(isinstance(c, bool) or not (c is None or (isinstance(c, int | np.integer) and c >= 0))
           for c in given) or given.count(None) > 1:
        raise ConfigError(f"tiers: expected whole numbers of customers, at most one of them None (the rest), "
                          f"got {dict(tiers)!r}")
    rest = customers - sum(int(c) for c in given if c is not None)
    if rest < 0 or (rest > 0 and None not in given):
        raise ConfigError(f"tiers: counts sum to {customers - rest:,} for {customers:,} customers; "
                          "give one tier None, and it takes the rest")
    return [rest if c is None else int(c) for c in given]


def lowest_growth(tiers: Mapping[str, Any]) -> float:
    """Return the lowest growth of the second of three tiers."""
    return _numbers(dict(list(tiers.items())[1:2]), "a growth such as 0.10")[0]


def _top(tiers: Mapping[str, Any]) -> dict[str, float]:
    """Return the share of the top tier and of those below it, for three tiers of which the last is None."""
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


def classes(rule: str, cuts: Sequence[float], names: Sequence[str] | None, customers: int) -> dict[str, Any]:
    """Return the tiers of an ABC, as `pyramid` takes them by value, by score or, of cumulative customers, by count."""
    if rule not in CUTS:
        raise ConfigError(f"rule={rule!r} is not known: one of {', '.join(map(repr, CUTS))}")
    names = string.ascii_uppercase[:len(cuts) + 1] if names is None else names
    if not len(set(names)) == len(names) == len(cuts) + 1:
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


def _of_percent(given: Any) -> str:
    """Return the hint that percent, in a dict or a list, are meant as shares."""
    values = [float(value) / 100 for value in (given.values() if isinstance(given, dict) else given)]
    return f"\n  as shares: {dict(zip(given, values, strict=True)) if isinstance(given, dict) else values}"


def _numbers(tiers: Mapping[str, Any], meaning: str, last: float | None = None) -> list[float]:
    """Return the values as numbers; None in the last tier stands for `last`."""
    bottom = list(tiers)[-1]
    return [last if value is None and name == bottom and last is not None else _number(name, value, meaning)
            for name, value in tiers.items()]


def _number(name: str, value: Any, meaning: str, argument: str = "tiers") -> float:
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ConfigError(f"{argument}: {name!r} = {value!r} is not {meaning}")
    return float(value)
