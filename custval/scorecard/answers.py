"""What a card is asked beside scores: what it reads, what it would learn, and what a score is made of."""
from __future__ import annotations

from typing import Any, Self

from .._tabular import table
from ..customers.time_weighting import Age
from .check import check_columns
from .compile import Compiled
from .contribution import contributions
from .coverage import coverage
from .explain import Explanation, row_of
from .indicator import Indicator
from .learn import demand_learnt, events_of, frame_of, learnt
from .review_status import day_of, effective
from .scoring import explained, read_columns
from .versions import Versioned


class Answers(Versioned):
    """The questions to a `Scorecard` about its parts."""

    indicators: tuple[Indicator, ...]
    tiers: tuple[tuple[str, float | None], ...]
    score: Any
    _compiled: Compiled

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that `score` appends."""
        points = [f"{rule._reads(column)}_points" for i in self.indicators for column, rule in i.measures.items()]
        return [*points, *(i.name for i in self.indicators), "score", "rank", *(["tier"] if self.tiers else [])]

    @property
    def reads(self) -> dict[str, str]:
        """Return the columns that the card reads, and whether as "numbers" or "levels".

        Counts of a level, such as ``suggestions_high``, may be absent from the table.

        Examples
        --------
        >>> import custval as cv
        >>> cv.Scorecard.builtin("consumer").reads
        {'recency': 'numbers', 'purchases': 'numbers', 'amount': 'numbers'}
        """
        return {c.name: "numbers" if c.levels is None else "levels" for c in read_columns(self)}

    @property
    def events(self) -> tuple[tuple[str, Age], ...]:
        """The measures with a window, a half-life or a decay, which `CustomerBase.attributes` works out."""
        return events_of(self)

    def learn(self, frame: Any) -> Self:
        """Return the card with the cuts that a table gives to its `Steps.quantiles`, marked ``auto``.

        Parameters
        ----------
        frame : as for `score`

        Raises
        ------
        DataError
            A column has no known value.
        """
        opened = table(frame_of(self, frame))
        check_columns(self, opened.names)
        learned: Self = learnt(self, opened)
        return learned

    def coverage(self, frame: Any, *, reviews: Any = None, as_of: Any = None, id: str = "customer") -> Any:
        """Return of how many customers each measure is known, and what a missing value will mean.

        Parameters
        ----------
        frame, reviews, as_of, id
            As for `score`: who has an approved score is known. Without reviews, measures scored by hand are missing.

        Returns
        -------
        frame of the same kind
            A row per measure: indicator, measure, known, missing (customers), share (of known ones), and policy.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.datasets.crm(customers=50).base()
        >>> said = cv.Scorecard.builtin("b2b").coverage(base.attributes())
        >>> said["measure"][said["missing"] > 0].tolist()
        []
        """
        opened = table(frame_of(self, frame, as_of))
        check_columns(self, [name for name in opened.names if name not in self.columns])
        hand = None if reviews is None else effective(self, opened, reviews, day_of(frame, as_of), id)
        return opened.new(coverage(self, opened, {} if hand is None else hand.event))

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
        >>> base, card = cv.datasets.crm().base(), cv.Scorecard.builtin("consumer")
        >>> scored = card.score(base.attributes())
        >>> pyr = cv.pyramid(scored["score"], tiers={"gold": .20, "lead": .80}, composition=card.contributions(scored))
        >>> pyr.composition()["sum"].reshape(2, 3).sum(axis=1).round(6) == pyr.table()["sum"].round(6)
        array([ True,  True])
        """
        return contributions(type(self), self, table(scored))

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
        demand_learnt(self)
        opened = table(frame_of(self, frame, as_of))
        row = row_of(opened, id, customer)
        check_columns(self, [name for name in opened.names if name not in self.columns])
        names = dict.fromkeys(c.name for c in self._compiled.columns)
        one = table({name: opened.array(name)[[row]] for name in names if name in opened.names})
        hand = effective(self, opened, reviews, day_of(frame, as_of), id)
        return explained(self, one, customer, None if hand is None else hand.only(row))
