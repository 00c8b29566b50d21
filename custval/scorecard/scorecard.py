"""Scorecards: indicators of weighted measures, each with a rule that gives points."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .._core import TIES
from .._formatting import many, plain
from .._formatting import table as text_table
from .._tabular import table as open_table
from .._validation import choice, ranked
from ..errors import ConfigError
from .card_files import tiers as tiers_from
from .check import check_columns, check_names, weighed
from .compile import Compiled, tiers_of
from .exact import shown
from .indicator import Indicator
from .learn import demand_learnt, frame_of
from .report import Reviewed
from .review_status import day_of, effective
from .rule import POLICIES, limits, text
from .scoring import points_of


class Scorecard(Reviewed):
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
    cap, floor : number, optional
        At most, at least this score. So limits hold at every level: of a rule, an indicator and the card.
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
    "100/3"); edges, knots and data count as the doubles they are, the slope between two knots as that of their
    decimals, and a logarithm as the double nearest to it. Sums, products, limits and rounding are exact;
    each result is then the double nearest to the exact one, so equal scores are equal and tie. This holds for
    values of any size from 1e-290 to 1e290; points beyond what a double holds, or beyond 2**53 units of the last
    digit where they are rounded, are an error. For decimals that are meant as decimals, such as prices, let the
    column count the smallest unit, cents with ``Linear(per=100)``: these are exact, and 100.5 cents give 1.01.

    What happens on days may count by its age at the end of the base, of which nothing later is known; every rule
    takes these words, and unless one is given, all of history counts in full:

    - ``window="12M"``: only what happened in the last 12 months; M, Q and Y are months of the calendar, as in the
      attribute ``sales_1y``, D and W days; `end` is the last day of the window.
    - ``half_life="6M"``: half of it after half a year; here a month is 365.25/12 days, and an event of age a days
      counts ``0.5 ** (a / 182.625)``.
    - ``decay=0.25``: a quarter less each month: ``0.75 ** (a / (365.25 / 12))``. Not with a half-life.

    They go with amount, cost, marketing, margin, quantity, orders, purchases, suggestions, contacts, opportunities,
    opportunities_gross and opportunities_expected, of which the open ones count, by the day they were created.

    Examples
    --------
    >>> import custval as cv
    >>> points = cv.Indicator("sales", weight=1, measures={"amount": cv.rules.Linear(per=100_000)})
    >>> card = cv.Scorecard("value", [points])
    >>> card.score({"amount": [1_000_000, 500_000]})["score"]
    array([10.,  5.])

    Five suggestions of high value are 50 points, and 25 after half a year:

    >>> base = cv.CustomerBase({"who": [7], "day": ["2025-01-01"]}, customer="who", time="day", end="2025-07-02")
    >>> base = base.with_log("suggestions", {"customer": [7] * 5, "time": ["2025-01-01"] * 5, "level": ["high"] * 5})
    >>> rule = cv.rules.Grades({"high": 10, "general": 2, "none": 0}, counts=True, half_life="182D")
    >>> cv.Scorecard("wishes", [cv.Indicator("wishes", weight=1, measures={"suggestions": rule})]).score(base)["score"]
    array([25.])
    """

    def __init__(self, name: str, indicators: Sequence[Indicator], *, combine: str = "weighted",
                 missing: str = "raise", digits: int | None = None, round_at: str = "total", cap: Any = None,
                 floor: Any = None, normalise: bool = False, tiers: Sequence[tuple[str, Any]] = (),
                 version: str | None = None):
        self.name = text(name, "name")
        self.version = None if version is None else text(version, "version")
        self.combine = choice("combine", combine, ("weighted", "sum"))
        self.missing = choice("missing", missing, POLICIES)
        self.round_at = choice("round_at", round_at, ("measure", "indicator", "total"))
        if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 9):
            raise ConfigError(f"digits = {digits!r} is not a whole number from 0 to 9")
        self.digits = digits
        self.cap, self.floor = limits(cap, floor)
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
        version = "" if self.version is None else f" {plain(self.version)}"
        return (f"<Scorecard {name!r}{version}: {many(len(self.indicators), 'indicator')}, "
                f"{many(measures, 'measure')}, {self.combine}>")

    def __str__(self) -> str:
        rows = [("" if k else i.name, "" if k else shown(i._share), column, repr(rule))
                for i in self.indicators for k, (column, rule) in enumerate(i.measures.items())]
        return "\n".join([repr(self), *text_table(("indicator", "weight", "measure", "rule"), rows, "<><<")])

    def score(self, frame: Any, *, ties: str | None = "min", points: bool = True, reviews: Any = None,
              as_of: Any = None, id: str = "customer") -> Any:
        """Return the caller's frame with points, score and rank appended.

        Parameters
        ----------
        frame : pandas, polars, pyarrow frame, dict of arrays, or CustomerBase
            With a row per customer and every column that the card reads. It is not changed. Of a base, its
            ``attributes(events=card)``.
        ties : {"min", "dense", "average"} or None
            Equal scores share the smallest rank (1, 2, 2, 4), leave no gap (1, 2, 2, 3), or share the mean
            of their places (1, 2.5, 2.5, 4). None: no rank.
        points : bool
            False: only the score, rank and tier, which for millions of customers saves memory and time.
        reviews : frame, optional
            A review log, see `review`: where a score is approved it holds instead of the card's own rule.
        as_of : date, optional
            Of a base, score ``base.as_of(as_of)``, with the reviews of that day; by default its `end`. Of any other
            frame, the day at whose end the reviews count. Nothing after it plays a part.
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

        Examples
        --------
        >>> import custval as cv
        >>> card = Scorecard("sales", [cv.Indicator("money", weight=1, measures={"amount": cv.rules.Linear(per=10)})])
        >>> card.score({"amount": [90, 50, 50, 10]})["rank"]
        array([1, 2, 2, 4])
        """
        if ties is not None:
            choice("ties", ties, TIES)
        demand_learnt(self)
        table = open_table(frame_of(self, frame, as_of))
        check_columns(self, table.names)
        hand = effective(self, table, reviews, day_of(frame, as_of), id)
        answers = points_of(self, table, points, hand)
        results: dict[str, Any] = {
            name: a for name, a in zip(self.columns, answers, strict=False) if a is not None}
        if ties is not None:
            rank = ranked(results["score"], ties)
            results["rank"] = rank if ties == "average" else rank.astype(np.int64)
        if self.tiers:
            results["tier"] = tiers_of(self.tiers, results["score"])
        return table.append(results if hand is None else results | hand.appended(self, table))
