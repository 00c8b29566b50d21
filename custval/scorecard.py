"""Scorecards: indicators of weighted measures, each with a rule that gives points."""
from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from importlib import resources
from typing import Any

import numpy as np

from . import _core
from ._columns import table as open_table
from ._errors import ConfigError, DataError
from ._scorecard import cardfile, cardwrite
from ._scorecard.compile import MISSING_LEFT_OUT, Compiled, columns_of, policy, tiers_of
from ._scorecard.exact import exact, shown
from ._scorecard.explain import Explanation, explain_row
from ._scorecard.indicator import Indicator
from ._scorecard.inputs import column_values, demand_column
from ._scorecard.refusal import refusal
from ._scorecard.rule import POLICIES, Value, choice, text

TIES = ("min", "dense", "average")


class Scorecard(Value):
    """Points, exact to the last bit, from columns.

    Parameters
    ----------
    name : str
        In any language.
    indicators : sequence of Indicator
        Each has points of its own; their weighted sum is the score.
    combine : {"weighted", "sum"}
        "weighted": weights sum to 1. "sum": points are added as they are.
    missing : {"raise", "zero", "lowest", "renormalise"}
        What a missing value means where a rule does not say: an error, 0 points, the fewest points of the
        rule, or that the other measures of the indicator (then the other indicators) stand in for it.
    digits, round_at : int and {"measure", "indicator", "total"}, optional
        Points are rounded to so many decimals from this level on; halves go away from zero.
    cap : number, optional
        At most this score.
    normalise : bool
        Rescale weights that do not sum to 1 instead of refusing them.
    tiers : sequence of (name, from), optional
        Highest first; `score` then adds the column ``tier``. `from` None is open below.

    Raises
    ------
    ConfigError
        Weights that do not sum to 1, names used twice, a choice that does not exist.

    Notes
    -----
    Points, weights, caps and ``per`` count as the decimals or fractions they are written as (0.4, ``100 / 3``,
    "100/3"); edges, knots and data count as the doubles they are. Sums, products, caps and rounding are exact;
    each result is then the double nearest to the exact one, so equal scores are equal and tie. This holds for
    values of any size from 1e-290 to 1e290; points beyond what a double holds, or beyond 2**53 units of the last
    digit where they are rounded, are an error.

    Examples
    --------
    >>> import custval as cv
    >>> points = cv.Indicator("sales", weight=1, measures={"amount": cv.Linear(per=100_000)})
    >>> card = cv.Scorecard("value", [points])
    >>> card.score({"amount": [1_000_000, 500_000]})["score"]
    array([10.,  5.])
    """

    def __init__(self, name: str, indicators: Sequence[Indicator], *, combine: str = "weighted",
                 missing: str = "raise", digits: int | None = None, round_at: str = "total", cap: Any = None,
                 normalise: bool = False, tiers: Sequence[tuple[str, Any]] = ()):
        self.name = text(name, "name")
        self.combine = choice(combine, ("weighted", "sum"), "combine")
        self.missing = choice(missing, POLICIES, "missing")
        self.round_at = choice(round_at, ("measure", "indicator", "total"), "round_at")
        if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 9):
            raise ConfigError(f"digits = {digits!r} is not a whole number from 0 to 9")
        self.digits = digits
        self.cap = None if cap is None else exact(cap, "cap")
        self.indicators = tuple(indicators)
        if not self.indicators or not all(isinstance(i, Indicator) for i in self.indicators):
            raise ConfigError(f"card {name!r}: expected a list of Indicator, at least one")
        self.tiers = cardfile.tiers(tiers)
        self._check_weights(normalise)
        self._check_names()
        self._compiled = Compiled(self)
        self._compiled.tables()                         # refuses numbers that exact points cannot hold
        self._source = name

    def __repr__(self) -> str:
        name = self.name if len(self.name) <= 40 else self.name[:39] + "…"
        measures = sum(len(i.measures) for i in self.indicators)
        return f"<Scorecard {name!r}: {len(self.indicators)} indicators, {measures} measures, {self.combine}>"

    def _check_weights(self, normalise: bool) -> None:
        if self.combine == "sum":
            if any(i.share != 1 for i in self.indicators):
                raise ConfigError("combine = 'sum' adds points as they are: it takes no weights but 1")
            if any(policy(self, c, r)[0] == MISSING_LEFT_OUT for i in self.indicators
                   for c, r in i.measures.items()):
                raise ConfigError("missing = 'renormalise' shares weights, and combine = 'sum' has none")
            return
        for indicator in self.indicators:
            if indicator.weight is None:
                raise ConfigError(f"indicator {indicator.name!r} has no weight; with combine = 'sum' none is needed")
        total = sum((i.share for i in self.indicators), Fraction(0))
        if normalise and total > 0:
            self.indicators = tuple(i.weighted(i.share / total) for i in self.indicators)
        elif abs(total - 1) > Fraction(1, 10**9):
            terms = " + ".join(f"{i.name} {shown(i.share)}" for i in self.indicators)
            raise ConfigError(f"weights sum to {shown(total)}, expected 1\n  {terms}.   "
                              "Pass normalise=True to rescale.")

    def _check_names(self) -> None:
        read = {c.name for i in self.indicators for column, r in i.measures.items() for c in columns_of(r, column)}
        for name, count in Counter(self.columns).items():
            if name in read or count > 1:
                raise ConfigError(f"a result of this card would be called {name!r}, which a column or another result "
                                  "is called already: indicators need names of their own, a column has one measure")

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that `score` appends."""
        points = [f"{column}_points" for i in self.indicators for column in i.measures]
        return [*points, *(i.name for i in self.indicators), "score", "rank", *(["tier"] if self.tiers else [])]

    def score(self, frame: Any, *, ties: str | None = "min", points: bool = True) -> Any:
        """Return the caller's frame with points, score and rank appended.

        Parameters
        ----------
        frame : pandas, polars, pyarrow frame or dict of arrays
            With a row per customer and every column that the card reads. It is not changed.
        ties : {"min", "dense", "average"} or None
            Equal scores share the smallest rank (1, 2, 2, 4), leave no gap (1, 2, 2, 3), or share the mean
            of their places (1, 2.5, 2.5, 4). None: no rank.
        points : bool
            False: only the score, rank and tier, which for millions of customers saves memory and time.

        Returns
        -------
        frame of the same kind
            ``<column>_points`` per measure, a column per indicator, ``score``, ``rank`` (1 = highest), and
            ``tier`` if the card has tiers. Every number of points is the double nearest to the exact one.
            A measure that was left out (``missing="renormalise"``) is NaN.

        Raises
        ------
        ConfigError
            A column is missing from the table or is there already.
        DataError
            A missing value that the card refuses, an unknown level, text among numbers, an infinite value.
        """
        if ties is not None:
            choice(ties, TIES, "ties")
        table = open_table(frame)
        self._check_columns(table.names)
        columns = tuple(column_values(table, column) for column in self._compiled.columns)
        why, row, answers = _core.scorecard(columns, *self._compiled.tables(points))
        if answers is None:
            raise refusal(self._compiled, table, why, row, columns)
        results: dict[str, Any] = {
            name: a for name, a in zip(self.columns, answers, strict=False) if a is not None}
        if ties is not None:
            rank = _core.rank(results["score"], TIES.index(ties))
            results["rank"] = rank if ties == "average" else rank.astype(np.int64)
        if self.tiers:
            results["tier"] = tiers_of(self.tiers, results["score"])
        return table.append(results)

    def explain(self, frame: Any, *, customer: Any, id: str = "customer") -> Explanation:
        """Return how one customer came to the score: value, interval, points, weight.

        Parameters
        ----------
        frame : as for `score`
        customer : object
            The customer's id as it stands in the column `id`.

        Returns
        -------
        Explanation
            Its rows add up to the score exactly, in fractions; it prints as a table.

        Raises
        ------
        DataError
            No row or several rows have that id; or what `score` raises for that row.
        """
        table = open_table(frame)
        demand_column(table.names, id, "id")
        rows = np.flatnonzero(table.array(id) == customer)
        if len(rows) != 1:
            raise DataError(f"column {id!r}: {len(rows):,} rows have the value {customer!r}, expected one")
        self._check_columns([name for name in table.names if name not in self.columns])
        names = dict.fromkeys(c.name for c in self._compiled.columns)
        one = open_table({name: table.array(name)[rows] for name in names})
        score = float(self.score(one.frame)["score"][0])
        return explain_row(self, {c: one.array(c.name)[0] if c.levels else float(column_values(one, c)[0])
                                  for c in self._compiled.columns}, customer, score)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the card to a ``.toml`` or ``.json`` file; the file is whole or not there at all."""
        cardwrite.write(path, cardwrite.to_dict(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, normalise: bool = False) -> Scorecard:
        """Read a card from a ``.toml`` or ``.json`` file.

        Raises
        ------
        ConfigError
            Anything but a card of this schema: names the file, the place in it and the likely meant word.
        """
        return _from_text(cls, cardfile.read(path), os.path.basename(os.fspath(path)), normalise)

    @classmethod
    def builtin(cls, name: str) -> Scorecard:
        """Return a card that comes with custval: "value" (additive), "b2b", "consumer".

        Examples
        --------
        >>> [i.name for i in Scorecard.builtin("b2b").indicators]
        ['profitability', 'strength', 'cooperation']
        """
        files = resources.files("custval") / "cards"
        names = sorted(f.name.removesuffix(".toml") for f in files.iterdir() if f.name.endswith(".toml"))
        cardfile.known(name, names, "built-in card")
        return _from_text(cls, (files / f"{name}.toml").read_bytes(), f"{name}.toml", False)

    def _check_columns(self, names: Sequence[str]) -> None:
        for i, indicator in enumerate(self.indicators):
            for m, (column, rule) in enumerate(indicator.measures.items()):
                where = f"{self._source}: indicator[{i}].measure[{m}]"
                for needed in columns_of(rule, column):
                    demand_column(names, needed.name, f"{where}.{'column' if needed.name == column else 'times'}")
        for name in self.columns:
            if name in names:
                raise ConfigError(f"the table has a column {name!r} already; drop or rename it, scores are not "
                                  "written over it")


def _from_text(cls: type[Scorecard], raw: bytes, source: str, normalise: bool) -> Scorecard:
    card: Scorecard = cardfile.from_dict(cls, Indicator, cardfile.parse(raw, source), source, normalise)
    card._source = source
    return card
