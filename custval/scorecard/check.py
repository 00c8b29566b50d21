"""Whether the parts of a card fit together, and a table to the card."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .._core import MISSING_LEFT_OUT
from .._formatting import plain
from ..errors import ConfigError
from .columns import demand_column
from .compile import columns_of, policy
from .exact import shown
from .indicator import Indicator
from .rule import Rule
from .rules import Grades, Manual

FORECAST = re.compile(r"sum_(\d+)([DWMQY])")


def weighed(card: Any, normalise: bool) -> tuple[Indicator, ...]:
    """Return the indicators with weights that sum to 1, or raise; a card that sums takes none."""
    if card.combine == "sum":
        _check_sum(card)
        return tuple(card.indicators)
    for indicator in card.indicators:
        if indicator.weight is None:
            raise ConfigError(f"indicator {indicator.name!r} has no weight; with combine = 'sum' none is needed")
    total = sum((i._share for i in card.indicators), Fraction(0))
    if normalise and total > 0:
        return tuple(i._weighted(i._share / total) for i in card.indicators)
    if abs(total - 1) > Fraction(1, 10**9):
        terms = " + ".join(f"{plain(i.name)} {shown(i._share)}" for i in card.indicators)
        raise ConfigError(f"weights sum to {shown(total)}, expected 1\n  {terms}.   Pass normalise=True to rescale.")
    return tuple(card.indicators)


def _check_sum(card: Any) -> None:
    if any(i._share != 1 for i in card.indicators):
        raise ConfigError("combine = 'sum' adds points as they are: it takes no weights but 1")
    if any(policy(card, c, r)[0] == MISSING_LEFT_OUT for i in card.indicators for c, r in i.measures.items()):
        raise ConfigError("missing = 'renormalise' shares weights, and combine = 'sum' has none")


def check_names(card: Any) -> None:
    """Raise when a result would be called as a column or another result is."""
    read = {c.name for i in card.indicators for column, r in i.measures.items() for c in columns_of(r, column)}
    for name, count in Counter(card.columns).items():
        if name in read or count > 1:
            raise ConfigError(f"a result of this card would be called {name!r}, which a column or another result "
                              "is called already: indicators need names of their own, a column has one measure")


def check_columns(card: Any, names: Sequence[str]) -> None:
    """Raise when a table lacks a column that the card reads, or has one that it writes."""
    for indicator in card.indicators:
        for column, rule in indicator.measures.items():
            if isinstance(rule, Manual):
                continue
            where = f"{card._source}: indicator {indicator.name!r}, measure {column!r}: "
            by_level = isinstance(rule, Grades) and rule.counts
            counts = [name for name in names if by_level and str(name).startswith(f"{rule._reads(column)}_")]
            _check_levels(where, counts, {c.name for c in columns_of(rule, column)} | set(card.columns))
            for needed in columns_of(rule, column):
                if not counts:
                    key = ("column" if needed.name == rule._reads(column) else "times" if rule.times
                           else "column of counts")
                    demand_column(names, needed.name, where + key, _remedy(needed.name, rule))
    for name in card.columns:
        if name in names:
            raise ConfigError(f"the table has a column {name!r} already; drop or rename it, scores are not "
                              "written over it")


def _check_levels(where: str, counts: Sequence[str], known: set[str]) -> None:
    """Raise when there are counts of a level that the rule does not know; one that it knows may be absent: 0."""
    unknown = [name for name in counts if name not in known]
    if unknown:
        raise ConfigError(f"{where}counts of {', '.join(map(repr, unknown))}, and the rule knows no such level; "
                          "give it points (0 is allowed), or rename the column")


def _remedy(column: str, rule: Rule) -> str:
    """Return where a column of faded events or of `forecast` comes from, "" for any other."""
    if rule._age:
        return "\n  it comes with base.attributes(events=card), or score the base itself"
    asked = FORECAST.fullmatch(column)
    return "" if asked is None else ("\n  a forecast comes with base.attributes(join=cv.forecast(base, "
                                     f"periods={asked[1]}, unit={asked[2]!r}))")
