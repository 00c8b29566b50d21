"""Manual scores of a card seen together: what each is and waits for, how far raters are apart and from the card."""
from __future__ import annotations

from typing import Any

from .._dates import as_day
from .._formatting import number, table
from .._tabular import demand
from .._tabular import table as open_table
from ..errors import ConfigError
from . import rater_agreement
from .answers import Answers
from .learn import frame_of
from .review_log import Log, read_log
from .review_status import day_of

HEAD = ("measure", "scores", "waiting", "customers", "authors", "shared", "range", "sd", "compared", "gap", "|gap|")


class Review:
    """The manual scores that are known at the end of a day; prints as a table with a line per measure."""

    def __init__(self, card: Any, log: Log, scores: rater_agreement.Scores, as_of: Any):
        self._card, self._log, self._scores, self.as_of = card, log, scores, as_of

    def scores(self) -> Any:
        """Return a row per manual score, in the order in which the ids first stand in the log.

        A frame of the kind of the log: id, customer, measure, author; of its last event, time and status; value and
        reason of the author; reviewer, expires; holds (whether its points are those that `score` takes), automatic
        (points of the card's own rule, NaN where it has none) and gap, value - automatic.
        """
        return self._log.opened.new(rater_agreement.by_score(self._log, self._scores))

    def table(self) -> Any:
        """Return a row per measure that has a manual score.

        A frame of the kind of the log, of the scores that are submitted or approved and have not expired:

        =========  ==========================================================================================
        measure    as in the card
        scores     how many there are
        waiting    submitted ones, to be reviewed
        customers  with a score
        authors    who gave them
        shared     customers scored by two authors or more; of each author the latest score counts
        range      mean over these customers of the largest score less the smallest one
        sd         standard deviation within these customers, pooled: the root of the sum of squared deviations
                   from the customer's mean over the sum of authors less one
        approved   customers of which an approved score holds
        compared   those of them that the card's own rule gives points as well
        gap        mean of the manual points less the automatic ones over these
        gap_abs    mean of its size
        =========  ==========================================================================================
        """
        return self._log.opened.new(rater_agreement.by_measure(self._card, self._log, self._scores))

    def __repr__(self) -> str:
        found = rater_agreement.by_measure(self._card, self._log, self._scores)
        rows = [(str(found["measure"][k]), *(number(found[name][k]) for name in HEAD[1:6]),
                 *(number(found[name][k], 2) for name in ("range", "sd")), number(found["compared"][k]),
                 *(number(found[name][k], 2) for name in ("gap", "gap_abs")))
                for k in range(len(found["measure"]))]
        return "\n".join([f"Manual scores of {self._card.name!r} as of {self.as_of}",
                          *table(HEAD, rows, "<" + ">" * 10)])


class Reviewed(Answers):
    """What a `Scorecard` does with manual scores."""

    def review(self, frame: Any, reviews: Any, *, as_of: Any = None, id: str = "customer") -> Review:
        """Return the manual scores at the end of a day: what waits, how far raters are apart and from the card.

        Parameters
        ----------
        frame : as for `score`
        reviews : frame
            The review log. Its rows are events, appended and never changed; those of one id are one score of one
            customer, measure and author. What a later row leaves empty is as before.

            ========  ===========================================================================================
            id        of the score: any text or whole number, a new one for each score
            customer  as in `frame`
            measure   the column of the card whose points are given
            author    who gives them
            time      when this event came: naive times are local wall time, times with a zone count by its clock
            value     points of the measure; they count as the decimals they are written as, within its cap and floor
            reason    why; the author's words until the submission. May be left out
            status    "draft", then "submitted", then "approved" or "rejected". Until the submission drafts may
                      follow drafts and change the value; after the review nothing follows
            reviewer  who approves or rejects, on that row only; not the author, by case and width either
            expires   the last day on which an approved score counts; empty: without end. May be left out
            ========  ===========================================================================================

        as_of : date
            What came after the end of this day plays no part, of a base either. By default its `end`.
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
            again, a submitted one edited. The text names rows, customers and what to do.

        Warns
        -----
        DataWarning
            A score that is not rejected is of a customer or measure that is not there, which no score will take, or
            its points are beyond the cap or floor of the measure, which then holds.

        Notes
        -----
        Events count by time, those of one time in the order of their rows. The score that holds is the one approved
        latest among those that have not expired; without one, the card's own rule. To change an approved score,
        score anew under another id.

        Examples
        --------
        Two heads of department score one customer; their superior approves one and rejects the other:

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
        opened = open_table(frame_of(self, frame, as_of))
        demand(opened, id, "id")
        day, log = as_day(day_of(frame, as_of), "as_of"), read_log(reviews)
        return Review(self, log, rater_agreement.scores_of(self, log, opened, day, id), day)
