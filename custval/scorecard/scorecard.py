"""Scorecards: indicators of weighted measures, each with a rule that gives points."""
from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from importlib import resources
from typing import Any, ClassVar, Self, cast

from .._arrays import DateLike, FrameLike
from .._core import TIES
from .._dates import as_day
from .._files import known
from .._formatting import Printed, many, plain
from .._formatting import table as text_table
from .._tabular import demand
from .._tabular import table as open_table
from .._validation import choice
from ..errors import ConfigError
from . import card_files, rater_agreement, scoring, versions
from .columns import Scorable, check_columns, check_names, day_of, demand_learnt, frame_of, learnt, weighed
from .compile import Compiled, Events, Measure
from .exact import Limit, shown
from .explain import Explanation, explain, row_of
from .indicator import Indicator, share_of
from .review_log import Log, read_log
from .review_status import effective
from .rule import POLICIES, Value, limits, text


class Scorecard(Value, Printed):
    """Give points, exact to the last bit, from columns of a table. A card does not change after it is made.

    Parameters
    ----------
    name : str
        In any language.
    indicators : sequence of Indicator
        Each has points of its own; their weighted sum is the score.
    combine : {"weighted", "sum"}
        "weighted": weights sum to 1. "sum": points are added without weights.
    missing : {"apart", "raise", "zero", "lowest", "renormalise"}
        Treatment of a missing value if its rule has none of its own: no score for this customer, which a warning
        counts; an error; 0 points; the fewest points of the rule; or the other measures of the indicator in its place
        (then the other indicators), in proportion to the most points that each can give. If one of them has no upper
        bound, all count alike: the mean of the others stands for it.
    digits, round_at : int and {"measure", "indicator", "total"}, optional
        Round points to `digits` decimals from this level on; halves go away from zero. The exact sum is rounded,
        and a value counts as the double that it is: 1.005 is stored just below 1.005 and gives 1.00.
    cap, floor : number, optional
        The largest and the smallest score. Limits hold at every level: rule, indicator and card.
    normalise : bool
        Rescale weights that do not sum to 1; by default they are refused.
    tiers : sequence of (name, from), optional
        Highest first; `score` then adds the column ``tier``. `from` None is open below; without an open tier, the
        tier of a score below the last one is "".
    version : str, optional
        Such as "2026-03"; distinguishes cards of the same name, see `diff` and `Store`.

    Raises
    ------
    ConfigError
        Weights do not sum to 1, a name occurs twice, an option does not exist.

    Notes
    -----
    Points, weights, caps and ``per`` count as the decimals or fractions that were written (0.4, ``100 / 3``,
    "100/3"); edges, knots and data count as doubles, the slope between two knots as that of their decimals, and a
    logarithm as the nearest double. Sums, products, limits and rounding are exact; each result is the double nearest
    to the exact one, so equal scores are equal and tie. This holds for values from 1e-290 to 1e290; points beyond
    the doubles, or beyond 2**53 units of the last digit where they are rounded, are an error. If values are meant as
    decimals, such as prices, let the column count the smallest unit, cents with ``Linear(per=100)``: these are exact,
    and 100.5 cents give 1.01.

    Events may be weighted by their age at the end of the base; later events do not count. Every rule takes these
    arguments; without them, the whole history counts in full:

    - ``window="12M"``: only events of the last 12 months; M, Q and Y are months of the calendar, as in the
      attribute ``sales_1y``, D and W days; `end` is the last day of the window.
    - ``half_life="6M"``: half after half a year; here a month is 365.25/12 days, and an event of age a days
      counts ``0.5 ** (a / 182.625)``.
    - ``decay=0.25``: a quarter less each month: ``0.75 ** (a / (365.25 / 12))``. Not with a half-life.

    They apply to amount, cost, marketing, margin, quantity, orders, purchases, suggestions, contacts, opportunities,
    opportunities_gross and opportunities_expected; of opportunities, the open ones count, by their day of creation.

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

    _derived: ClassVar = ("compiled", "measures", "source")

    def __init__(self, name: str, indicators: Sequence[Indicator], *, combine: str = "weighted",
                 missing: str = "apart", digits: int | None = None, round_at: str = "total", cap: Limit = None,
                 floor: Limit = None, normalise: bool = False, tiers: Sequence[tuple[str, Limit]] = (),
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
        self.tiers = card_files.tiers_from(tiers)
        self.source = plain(name)
        self.indicators = weighed(self, normalise)
        self.compiled = Compiled(self)
        self.measures: tuple[Measure, ...] = self.compiled.measures
        check_names(self)
        self.compiled.tables()                          # refuses numbers that exact points cannot hold
        self._made = True

    def __repr__(self) -> str:
        name = self.name if len(self.name) <= 40 else self.name[:39] + "…"
        version = "" if self.version is None else f" {plain(self.version)}"
        return (f"<Scorecard {name!r}{version}: {many(len(self.indicators), 'indicator')}, "
                f"{many(len(self.measures), 'measure')}, {self.combine}>")

    def __str__(self) -> str:
        return "\n".join([repr(self), *text_table(*self._rows(), self._sides(4))])

    def _rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        return ("indicator", "weight", "measure", "rule"), [
            ("" if k else i.name, "" if k else shown(share_of(i)), column, repr(rule))
            for i in self.indicators for k, (column, rule) in enumerate(i.measures.items())]

    def _sides(self, columns: int) -> str:
        return "<><<"

    @property
    def columns(self) -> list[str]:
        """The names of the columns that `score` appends."""
        return [*(f"{measure.reads}_points" for measure in self.measures), *(i.name for i in self.indicators),
                "score", "rank", *(["tier"] if self.tiers else [])]

    @property
    def reads(self) -> dict[str, str]:
        """The columns that the card reads, each with "numbers" or "levels".

        The table may lack counts of a level, such as ``suggestions_high``.

        Examples
        --------
        >>> import custval as cv
        >>> cv.Scorecard.builtin("consumer").reads
        {'recency': 'numbers', 'purchases': 'numbers', 'amount': 'numbers'}
        """
        return {c.name: "numbers" if c.levels is None else "levels" for c in self.compiled.reads}

    @property
    def events(self) -> Events:
        """The measures with a window, a half-life or a decay, which `CustomerBase.attributes` computes."""
        return self.compiled.events

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the content of the card, without its version."""
        return versions.fingerprint(card_files.to_dict(self))

    # ---- scores ----

    def score(self, frame: Scorable, *, ties: str | None = "min", points: bool = True,
              reviews: FrameLike | Log | None = None, as_of: DateLike | None = None, id: str = "customer") -> Any:
        """Return the caller's frame with points, score and rank appended.

        Parameters
        ----------
        frame : pandas, polars, pyarrow frame, dict of arrays, or CustomerBase
            With a row per customer and every column that the card reads. It is not changed. For a base, its
            ``attributes(events=card)``.
        ties : {"min", "dense", "average"} or None
            Equal scores share the smallest rank (1, 2, 2, 4), leave no gap (1, 2, 2, 3), or share the mean
            of their ranks (1, 2.5, 2.5, 4). None: no rank.
        points : bool
            False: only the score, rank and tier, which saves memory and time for millions of customers.
        reviews : frame, optional
            A review log, see `review`: an approved score replaces the points of the card's own rule.
        as_of : date, optional
            For a base, score ``base.as_of(as_of)``, with the reviews of that day; by default its `end`. For any other
            frame, the day at whose end the reviews count. Later events are ignored.
        id : str
            The column with the customers' ids, for reviews.

        Returns
        -------
        frame of the same kind
            ``<column>_points`` per measure, a column per indicator, ``score``, ``rank`` (1 = highest), and
            ``tier`` if the card has tiers. Every number of points is the double nearest to the exact one.
            A measure that was left out (``missing="renormalise"``) is NaN, and so are all points and the rank of a
            customer without a score; then ``tier`` is missing, and ranks are floats. With reviews, ``manual`` names the
            measures with approved points, "" where the card gave all points.

        Notes
        -----
        Two cards on one table: ``table["second"] = other.score(table, points=False)["score"]``, before or after
        renaming the first card's ``score``.

        Raises
        ------
        ConfigError
            The table lacks a column, or has a column that the card writes.
        DataError
            A missing value that the card refuses (``missing="raise"``), an unknown level, text among numbers, an
            infinite value.

        Warns
        -----
        DataWarning
            Customers have no score, such as those with refunds only: how many, and which values they lack.

        Examples
        --------
        >>> import custval as cv
        >>> rule = cv.rules.Linear(per=10)
        >>> card = cv.Scorecard("sales", [cv.Indicator("money", weight=1, measures={"amount": rule})])
        >>> card.score({"amount": [90, 50, 50, 10]})["rank"]
        array([1, 2, 2, 4])
        """
        if ties is not None:
            choice("ties", ties, TIES)
        demand_learnt(self)
        table = open_table(frame_of(frame, self.compiled.events, as_of))
        check_columns(self, table)
        approved = effective(self, table, reviews, day_of(frame, as_of), id)
        results: dict[str, Any] = {
            name: column for name, column in zip(self.columns, scoring.score(self, table, approved, points=points),
                                                 strict=False) if column is not None}
        scoring.report_unscored(self, table, results["score"])
        if ties is not None:
            results["rank"] = scoring.ranks_of(results["score"], ties)
        if self.tiers:
            results["tier"] = scoring.tiers_of(self.tiers, results["score"])
        return table.append(results if approved is None else results | approved.appended(self, table))

    def explain(self, frame: Scorable, *, customer: object, id: str = "customer",
                reviews: FrameLike | Log | None = None, as_of: DateLike | None = None) -> Explanation:
        """Return the parts of the score of one customer: value, interval, points, weight.

        Parameters
        ----------
        frame : as for `score`
        customer : object
            The customer's id in the column `id`.
        reviews, as_of
            As for `score`; the row of an approved score names its author, its reviewer and the reason.

        Returns
        -------
        Explanation
            Its rows add up to the score exactly, in fractions; it prints as a table.

        Raises
        ------
        DataError
            No row or several rows have that id; or `score` raises for that row.
        """
        demand_learnt(self)
        opened = open_table(frame_of(frame, self.events, as_of))
        row = row_of(opened, id, customer)
        check_columns(self, opened, again=True)
        names = dict.fromkeys(c.name for c in self.compiled.columns)
        one = open_table({name: opened.array(name)[[row]] for name in names if name in opened.names})
        approved = effective(self, opened, reviews, day_of(frame, as_of), id)
        return explain(self, one, customer, None if approved is None else approved.only(row))

    def contributions(self, scored: FrameLike) -> Any:
        """Return the contribution of each indicator to the score: its weight times its points.

        Parameters
        ----------
        scored : frame
            The result of `score`.

        Returns
        -------
        frame of the same kind
            A column per indicator (0 where it was left out, the others then weigh more; NaN without a score) and, if
            the card has a cap or digits, ``cap and rounding``, the change by these. The columns add up to ``score``.

        Examples
        --------
        The composition of the tiers of a pyramid:

        >>> import custval as cv
        >>> base, card = cv.datasets.crm().base(), cv.Scorecard.builtin("consumer")
        >>> scored = card.score(base.attributes())
        >>> pyr = cv.pyramid(scored["score"], tiers={"gold": .20, "lead": .80}, composition=card.contributions(scored))
        >>> bool(abs(pyr.composition()["sum"].sum() - pyr.table()["sum"].sum()) < 1e-6)
        True
        """
        return scoring.contributions(self, open_table(scored))

    def coverage(self, frame: Scorable, *, reviews: FrameLike | Log | None = None, as_of: DateLike | None = None,
                 id: str = "customer") -> Any:
        """Return the number of customers for whom each measure is known, and the treatment of missing values.

        Parameters
        ----------
        frame, reviews, as_of, id
            As for `score`: an approved score makes a measure known. Without reviews, manual measures are missing.

        Returns
        -------
        frame of the same kind
            A row per measure: indicator, measure, known, missing (customers), share (of known ones), and policy.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.datasets.crm(customers=50).base()
        >>> coverage = cv.Scorecard.builtin("b2b").coverage(base.attributes())
        >>> coverage["measure"][coverage["missing"] > 0].tolist()
        []
        """
        opened = open_table(frame_of(frame, self.events, as_of))
        check_columns(self, opened, again=True)
        approved = None if reviews is None else effective(self, opened, reviews, day_of(frame, as_of), id)
        return opened.new(scoring.coverage(self, opened, {} if approved is None else approved.event))

    def learn(self, frame: Scorable) -> Self:
        """Return the card with the cuts that a table gives to its `Steps.quantiles`, marked ``auto``.

        Parameters
        ----------
        frame : as for `score`

        Raises
        ------
        DataError
            A column has no known value.
        """
        opened = open_table(frame_of(frame, self.events))
        check_columns(self, opened)
        return type(self)(**{**self._parts(), "indicators": learnt(self, opened)})

    def review(self, frame: Scorable, reviews: FrameLike | Log, *, as_of: DateLike | None = None,
               id: str = "customer") -> rater_agreement.Review:
        """Return the manual scores at the end of a day: their state, the agreement of raters, the gap to the card.

        Parameters
        ----------
        frame : as for `score`
        reviews : frame
            The review log. Its rows are events, appended and never changed; those of one id are one score of one
            customer, measure and author. A missing value in a later row means that nothing has changed.

            ========  ===========================================================================================
            id        of the score: any text or whole number, a new one for each score
            customer  as in `frame`
            measure   the column of the card whose points are given
            author    the person who gives them
            time      time of this event: naive times are local wall time, times with a zone count in that zone
            value     points of the measure; they count as the decimals that were written, within its cap and floor
            reason    the author's words until the submission. The column may be left out
            status    "draft", then "submitted", then "approved" or "rejected". Until the submission drafts may
                      follow drafts and change the value; after the review nothing follows
            reviewer  the person who approves or rejects, on that row only; not the author, by case and width either
            expires   the last day on which an approved score counts; missing: no end. The column may be left out
            ========  ===========================================================================================

        as_of : date
            Events after the end of this day are ignored, of a base too. By default its `end`.
        id : str
            The column of `frame` with the customers' ids.

        Returns
        -------
        Review
            Prints as a table; ``table()`` has a row per measure, ``scores()`` one per manual score.

        Raises
        ------
        DataError
            The log contradicts itself: a step is left out, a review is the author's own, a decided score is decided
            again, a submitted one edited. The text names rows, customers and the remedy.

        Warns
        -----
        DataWarning
            A score that is not rejected belongs to an unknown customer or measure, so that no score uses it, or
            its points are beyond the cap or floor of the measure, which then holds.

        Notes
        -----
        Events count by time, those of one time in the order of their rows. The score that holds is the one approved
        latest among those that have not expired; without one, the card's own rule. To change an approved score,
        score anew under another id.

        Examples
        --------
        Two heads of department score one customer; a reviewer approves one score and rejects the other:

        >>> import custval as cv
        >>> rows = [("s1", "A", "trust", "Sales", "2025-03-01", 9, "pays early", "draft", "", ""),
        ...         ("s1", "A", "trust", "Sales", "2025-03-01", 9, "", "submitted", "", ""),
        ...         ("s2", "A", "trust", "Service", "2025-03-02", 4, "returns a lot", "draft", "", ""),
        ...         ("s2", "A", "trust", "Service", "2025-03-03", 6, "fewer of late", "draft", "", ""),
        ...         ("s2", "A", "trust", "Service", "2025-03-03", 6, "", "submitted", "", "")]
        >>> columns = "id customer measure author time value reason status reviewer expires".split()
        >>> log = {name: list(values) for name, values in zip(columns, zip(*rows))}
        >>> card = cv.Scorecard("value", [cv.Indicator("points", weight=1, measures={
        ...     "amount": cv.rules.Linear(per=1_000), "trust": cv.rules.Manual(cap=10, missing="zero")})])
        >>> customers = {"customer": ["A", "B"], "amount": [20_000.0, 31_000.0]}
        >>> card.review(customers, log, as_of="2025-03-03")
        Manual scores of 'value' as of 2025-03-03
        measure  scores  waiting  customers  authors  shared  range    sd  compared  gap  |gap|
        -------  ------  -------  ---------  -------  ------  -----  ----  --------  ---  -----
        trust         2        2          1        2       1   3.00  2.12         0    -      -
        >>> for id, status in [("s1", "rejected"), ("s2", "approved")]:
        ...     for name, value in zip(columns, (id, "A", "trust", "", "2025-03-10", None, "", status, "Board", "")):
        ...         log[name].append(value)
        >>> card.score(customers, reviews=log, as_of="2025-03-09")["score"]
        array([20., 31.])
        >>> scored = card.score(customers, reviews=log, as_of="2025-03-10")
        >>> scored["score"], scored["manual"]
        (array([26., 31.]), array(['trust', ''], dtype=object))
        >>> card.explain(customers, customer="A", reviews=log, as_of="2025-03-10").rows[1].rule
        'by Service, approved by Board on 2025-03-10: fewer of late'
        """
        if reviews is None:
            raise ConfigError("review takes the review log as its second argument")
        opened = open_table(frame_of(frame, self.events, as_of))
        demand(opened, id, "id")
        day = as_day(cast(DateLike, day_of(frame, as_of)), "as_of")          # refuses None
        log = read_log(reviews)
        return rater_agreement.Review(self, log, rater_agreement.scores_of(self, log, opened, day, id), day)

    def diff(self, other: Scorecard) -> versions.Difference:
        """Return what another card, such as the next version, changes in this one.

        Parameters
        ----------
        other : Scorecard

        Returns
        -------
        Difference
            Prints as a table; ``rows`` and ``words()`` have the changes one by one. Indicators, measures, tiers,
            intervals and levels are compared by name or edge. It is empty if the fingerprints are equal.

        Examples
        --------
        >>> import custval as cv
        >>> def card(version, weight, steps):
        ...     parts = [cv.Indicator("loyalty", weight=weight, measures={"years": cv.rules.Steps(steps)}),
        ...              cv.Indicator("sales", weight=1 - weight, measures={"amount": cv.rules.Linear(per=100)})]
        ...     return cv.Scorecard("value", parts, version=version)
        >>> last, this = card("2025", .25, [(0, 10), (3, 30)]), card("2026", .5, [(0, 10), (4, 30), (8, 50)])
        >>> last.diff(this)
        value 2025 -> 2026
        indicator  measure  part          before  after
        ---------  -------  ------------  ------  -----
        loyalty             weight          0.25    0.5
        loyalty    years    steps from 3      30      -
        loyalty    years    steps from 4       -     30
        loyalty    years    steps from 8       -     50
        sales               weight          0.75    0.5
        >>> last.diff(this).words()[1]
        "indicator 'loyalty', measure 'years': steps from 3: 30 is gone"
        """
        if not isinstance(other, Scorecard):
            raise ConfigError(f"diff compares two cards, not a card and a {type(other).__name__}")
        return versions.difference(self, other)

    # ---- files ----

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the card to a ``.toml`` or ``.json`` file; the file is complete or not written at all."""
        card_files.write(path, card_files.to_dict(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, normalise: bool = False) -> Self:
        """Read a card from a ``.toml`` or ``.json`` file.

        Raises
        ------
        ConfigError
            The file is not a card of this schema: names the file, the place in it and the nearest known word.
        FileNotFoundError
            There is no such file.

        Notes
        -----
        The content of a TOML file; JSON holds the same. A measure has one rule::

            schema = "custval/scorecard-1"
            name = "客户价值 2026"          # in any language
            version = "2026-03"             # optional: distinguishes cards of this name
            combine = "weighted"            # weights sum to 1; or "sum", without weights
            missing = "apart"               # or "raise", "zero", "lowest", "renormalise"; a measure may have its own
            digits = 2                      # optional: decimals, rounded half up ...
            round_at = "total"              # ... at "measure", "indicator" or "total"
            cap = 100                       # optional: largest score
            floor = 0                       # optional: smallest score

            [[indicator]]                   # one or more
            name = "profitability"          # a column of the result
            weight = 0.6                    # or "3/5"
            cap = 100                       # optional: largest number of points
            floor = -20                     # optional: smallest number of points
              [[indicator.measure]]         # one or more
              column = "sales_1y"           # steps: [from, points]; each reaches to the next
              label = "近一年销售额"         # optional: its name in explanations and tables
              steps = [["open", 0], [1_000_000, 10], [5_000_000, 30], [10_000_000, "100/3"]]
              [[indicator.measure]]
              column = "amount"             # linear: a point for each 100,000
              linear = { per = 100_000 }
              cap = 50
              floor = 0
              window = "24M"                # optional: events of the last 24 months only ...
              half_life = "6M"              # ... and half after 6 months; or decay = 0.25: a quarter a month
              [[indicator.measure]]
              column = "planned_2y"         # piecewise: a line through [value, points], constant beyond the ends
              piecewise = [[0, 0], [8_000_000, "100/3"]]
              [[indicator.measure]]
              column = "capital"            # log: 0 points up to 1,000, 5 for each factor of base (10)
              log = { per = 1_000, points = 5 }
              [[indicator.measure]]
              column = "employees"          # steps by quintiles of a table with card.learn(), then auto = true
              steps = { quantiles = [0, 5, 10, 15, 20] }

            [[indicator]]
            name = "cooperation"
            weight = 0.4
              [[indicator.measure]]
              column = "would_refer"        # table: points by category
              table = { true = 10, false = 0 }
              missing = "renormalise"       # the other measures in its place
              [[indicator.measure]]
              column = "suggestions"        # grades: points by level; counts in suggestions_high, suggestions_general
              grades = { high = 10, general = 2 }
              counts = true                 # or times = "a column of counts", and the level in `column`
              [[indicator.measure]]
              column = "drive"              # manual: no column of a table; people score it, see `review`
              manual = true

            [[tier]]                        # optional, highest first: the result has a column "tier"
            name = "gold"
            from = 60
            [[tier]]
            name = "lead"                   # without from: open below
        """
        return card_files.load(path, partial(card_files.from_dict, cls, normalise=normalise))

    @classmethod
    def builtin(cls, name: str) -> Self:
        """Return a card that comes with custval.

        Parameters
        ----------
        name : {"value", "b2b", "consumer", "auto"}
            The columns that a card reads are in ``base.attributes()`` if the base has these data:

            - "consumer": recency, purchases, amount: `amount`.
            - "auto": the same by quintiles of the base's own customers, so that nobody has to set the steps; it
              must `learn` the base first.
            - "b2b": sales_1y, sales_change, years, repeat_rate: `amount`; planned_2y, capital, market_share, employees,
              capacity, users, would_refer: a profile with these columns (`with_profile`).
            - "value", a sum: amount, years; opportunities_expected, suggestions_high, suggestions_general,
              acquisition_cost, owed: the logs (`with_log`) of opportunities, suggestions, contacts, receivables;
              satisfaction: the profile; sum_12M: a forecast, joined.

        Notes
        -----
        If these measures or points do not fit your firm: `save` the card, change the file, `load` it.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.datasets.crm(customers=50).base()
        >>> cv.Scorecard.builtin("b2b").score(base.attributes())["score"].shape
        (50,)
        >>> cv.Scorecard.builtin("auto").learn(base).score(base)["score"].max()
        np.float64(100.0)
        >>> forecast = cv.forecast(base, periods=12, unit="M", value="amount")
        >>> cv.Scorecard.builtin("value").score(base.attributes(join=forecast))["score"].shape
        (50,)
        """
        files = resources.files("custval") / "scorecard" / "cards"
        names = sorted(f.name.removesuffix(".toml") for f in files.iterdir() if f.name.endswith(".toml"))
        known(name, names, "built-in card")
        raw = (files / f"{name}.toml").read_bytes()
        return card_files.built(raw, f"{name}.toml", partial(card_files.from_dict, cls))
