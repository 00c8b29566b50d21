"""Measures that people score by hand, and scores that a superior approved."""
from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .exact import exact
from .rule import Column, Rule, Term


class Manual(Rule):
    """Points that people give and a superior approves, for what no order shows: drive, prestige, information.

    No column of the table is read: the points are those of the review log that `Scorecard.score` is given. A
    customer without an approved score has a missing value.

    Parameters
    ----------
    cap, floor : number, optional
        At most, at least these points.
    missing : {"raise", "zero", "lowest", "renormalise"}, optional
        What no approved score means; default: the choice of the card. "lowest" is `floor`.

    Examples
    --------
    >>> Manual(cap=10, missing="zero")
    Manual(cap=10, missing='zero')
    """

    def __init__(self, *, cap: Any = None, floor: Any = None, missing: str | None = None):
        self._limits(cap, floor, missing, {})

    def _terms(self, column: str) -> list[Term]:
        return [approved_term(column, ())]

    def _lowest(self) -> Fraction | None:
        return self.floor


class Approved(Rule):
    """What takes the place of a measure's rule where scores are approved: their points, within its cap and floor."""

    def __init__(self, values: Sequence[float], rule: Rule, words: str = ""):
        self.values = tuple(sorted(set(values)))
        self.words = words
        self._rule = rule
        self._limits(rule.cap, rule.floor, rule.missing, {})

    def _terms(self, column: str) -> list[Term]:
        return [approved_term(column, self.values)]

    def _lowest(self) -> Fraction | None:
        return self._rule._lowest()

    def _words(self, values: Sequence[Any]) -> str:
        return self.words


def approved_column(column: str) -> Column:
    """Return the column of the points given by hand; no table has it."""
    return Column(f"{column} (manual)")


def approved_term(column: str, values: Sequence[float]) -> Term:
    """Return the term that looks each value up, to count as the decimal or fraction that it is written as."""
    values = values or (0.0,)
    none = (0.0,) * len(values)
    return Term(approved_column(column), None, tuple(values[1:]), none, (Fraction(0),) * len(values),
                tuple(exact(v) for v in values))
