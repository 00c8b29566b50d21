"""Scorecards: indicators of weighted measures, each with a rule that gives points."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import _core
from ._columns import table as open_table
from ._errors import ConfigError
from ._review.apply import explained, points_of, read_columns
from ._review.effective import effective
from ._scorecard.cardfile import tiers as tiers_from
from ._scorecard.check import check_columns, check_names, weighed
from ._scorecard.compile import Compiled, tiers_of
from ._scorecard.contribution import contributions
from ._scorecard.exact import exact, shown
from ._scorecard.explain import Explanation, row_of
from ._scorecard.indicator import Indicator
from ._scorecard.rule import POLICIES, choice, text
from ._scorecard.versions import Versioned
from ._text import many, plain
from ._text import table as text_table

TIES = ("min", "dense", "average")


class Scorecard(Versioned):
    """Points, exact to the last bit, from columns. A card does not change once it is made.

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
        Points are rounded to so many decimals from this level on; halves go away from zero. What is rounded is
        the exact sum, so a value counts as the double it is: 1.005 is stored just below 1.005 and gives 1.00.
    cap : number, optional
        At most this score.
    normalise : bool
        Rescale weights that do not sum to 1 instead of refusing them.
    tiers : sequence of (name, from), optional
        Highest first; `score` then adds the column ``tier``. `from` None is open below; else the
        tier of a score below the last one is "".
    version : str, optional
        Such as "2026-03": what tells this card from earlier ones of its name, see `diff` and `Store`.

    Raises
    ------
    ConfigError
        Weights that do not sum to 1, names used twice, a choice that does not exist.

    Notes
    -----
    Points, weights, caps and ``per`` count as the decimals or fractions they are written as (0.4, ``100 / 3``,
    "100/3"); edges, knots and data count as the doubles they are, and
    the slope between two knots as that of their decimals. Sums, products, caps and rounding are exact;
    each result is then the double nearest to the exact one, so equal scores are equal and tie. This holds for
    values of any size from 1e-290 to 1e290; points beyond what a double holds, or beyond 2**53 units of the last
    digit where they are rounded, are an error. For decimals that are meant as decimals, such as prices, let the
    column count the smallest unit, cents with ``Linear(per=100)``: these are exact, and 100.5 cents give 1.01.

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
                 normalise: bool = False, tiers: Sequence[tuple[str, Any]] = (), version: str | None = None):
        self.name = text(name, "name")
        self.version = None if version is None else text(version, "version")
        self.combine = choice(combine, ("weighted", "sum"), "combine")
        self.missing = choice(missing, POLICIES, "missing")
        self.round_at = choice(round_at, ("measure", "indicator", "total"), "round_at")
        if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 9):
            raise ConfigError(f"digits = {digits!r} is not a whole number from 0 to 9")
        self.digits = digits
        self.cap = None if cap is None else exact(cap, "cap")
        self.indicators = tuple(indicators) if isinstance(indicators, Iterable) else ()
        if not self.indicators or not all(isinstance(i, Indicator) for i in self.indicators):
            raise ConfigError(f"card {name!r}: expected a list of Indicator, at least one")
        self.tiers = tiers_from(tiers)
        self.indicators = weighed(self, normalise)
        check_names(self)
        self._compiled = Compiled(self)
        self._compiled.tables()                         # refuses numbers that exact points cannot hold
        self._source = plain(name)
        self._made = True

    def __repr__(self) -> str:
        name = self.name if len(self.name) <= 40 else self.name[:39] + "…"
        measures = sum(len(i.measures) for i in self.indicators)
        return (f"<Scorecard {name!r}: {many(len(self.indicators), 'indicator')}, {many(measures, 'measure')}, "
                f"{self.combine}>")

    def __str__(self) -> str:
        rows = [("" if k else i.name, "" if k else shown(i._share), column, repr(rule))
                for i in self.indicators for k, (column, rule) in enumerate(i.measures.items())]
        return "\n".join([repr(self), *text_table(("indicator", "weight", "measure", "rule"), rows, "<><<")])

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that `score` appends."""
        points = [f"{column}_points" for i in self.indicators for column in i.measures]
        return [*points, *(i.name for i in self.indicators), "score", "rank", *(["tier"] if self.tiers else [])]

    @property
    def reads(self) -> dict[str, str]:
        """Return the columns that the card reads, and whether as "numbers" or "levels".

        Counts of a level, such as ``suggestions_high``, may be absent from the table.

        Examples
        --------
        >>> Scorecard.builtin("consumer").reads
        {'recency': 'numbers', 'purchases': 'numbers', 'amount': 'numbers'}
        """
        return {c.name: "numbers" if c.levels is None else "levels" for c in read_columns(self)}

    def score(self, frame: Any, *, ties: str | None = "min", points: bool = True, reviews: Any = None,
              as_of: Any = None, id: str = "customer") -> Any:
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
        reviews : frame, optional
            A review log, see `review`: where a score is approved it holds instead of the card's own rule.
        as_of : date, with reviews
            The day at whose end they count, such as ``base.end``; nothing after it plays a part.
        id : str
            The column with the customers' ids, for reviews.

        Returns
        -------
        frame of the same kind
            ``<column>_points`` per measure, a column per indicator, ``score``, ``rank`` (1 = highest), and
            ``tier`` if the card has tiers. Every number of points is the double nearest to the exact one.
            A measure that was left out (``missing="renormalise"``) is NaN. With reviews, ``manual`` names the
            measures whose points were given by hand, "" where the card gave all.

        Notes
        -----
        Two cards on one table: ``table["second"] = other.score(table, points=False)["score"]``, before or after
        renaming the first card's ``score``.

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
        check_columns(self, table.names)
        hand = effective(self, table, reviews, as_of, id)
        answers = points_of(self, table, points, hand)
        results: dict[str, Any] = {
            name: a for name, a in zip(self.columns, answers, strict=False) if a is not None}
        if ties is not None:
            rank = _core.rank(results["score"], TIES.index(ties))
            results["rank"] = rank if ties == "average" else rank.astype(np.int64)
        if self.tiers:
            results["tier"] = tiers_of(self.tiers, results["score"])
        return table.append(results if hand is None else results | hand.appended(self, table))

    def contributions(self, scored: Any) -> Any:
        """Return what each indicator adds to the score: its weight times its points.

        Parameters
        ----------
        scored : frame
            As `score` returned it.

        Returns
        -------
        frame of the same kind
            A column per indicator (0 where it was left out, the others then weigh more) and, if the card has a
            cap or digits, ``cap and rounding``: what these change. The columns add up to ``score``.

        Examples
        --------
        What the tiers of a pyramid are made of:

        >>> import custval as cv
        >>> base, card = cv.datasets.crm().base(), Scorecard.builtin("consumer")
        >>> scored = card.score(base.attributes())
        >>> pyr = cv.pyramid(scored["score"], tiers={"gold": .20, "lead": .80}, composition=card.contributions(scored))
        >>> pyr.composition()["sum"].reshape(2, 3).sum(axis=1).round(6) == pyr.table()["sum"].round(6)
        array([ True,  True])
        """
        return contributions(type(self), self, open_table(scored))

    def explain(self, frame: Any, *, customer: Any, id: str = "customer", reviews: Any = None,
                as_of: Any = None) -> Explanation:
        """Return how one customer came to the score: value, interval, points, weight.

        Parameters
        ----------
        frame : as for `score`
        customer : object
            The customer's id as it stands in the column `id`.
        reviews, as_of
            As for `score`; of a score by hand the rows say who gave it, who approved it and why.

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
        row = row_of(table, id, customer)
        check_columns(self, [name for name in table.names if name not in self.columns])
        names = dict.fromkeys(c.name for c in self._compiled.columns)
        one = open_table({name: table.array(name)[[row]] for name in names if name in table.names})
        hand = effective(self, table, reviews, as_of, id)
        return explained(self, one, customer, None if hand is None else hand.only(row))
