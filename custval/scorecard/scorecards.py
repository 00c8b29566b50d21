"""Cards for kinds of customers: another kind of company, another card."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from .._core import TIES
from .._formatting import many
from .._tabular import table as open_table
from .._validation import choice, ranked
from ..customers.time_weighting import Age
from ..errors import ConfigError, DataError
from . import cardset
from .check import check_columns
from .columns import row_list
from .compile import tiers_of
from .conditions import Part, Range, condition, met, plain_condition, words
from .explain import Explanation, row_of
from .learn import demand_learnt, events_of, frame_of, learnt
from .review_status import Effective, day_of, effective
from .rule import Rule, text
from .scorecard import Scorecard
from .scoring import points_of

CARD = "card"                                   # the column that says which one scored
LAST = ("score", "rank", "tier")


class Measures(NamedTuple):
    """What a review log may score: (measure, rule) of all cards."""

    measures: tuple[tuple[str, Rule], ...]


class Scorecards(cardset.Stored):
    """Cards for kinds of customers: each customer is scored by the first card whose condition is met.

    Parameters
    ----------
    name : str
        In any language.
    cards : sequence of (Scorecard, condition)
        In the order in which they are tried. A condition is a dict of columns, all of which must be as said:
        ``{"type": "B2B"}``, one of several ``{"type": ["B2B", "channel"]}``, or a range
        ``{"years": {"from": 1, "to": 5}}``, `from` included, `to` not. A missing value meets none.
    default : Scorecard, optional
        For customers who meet none; without it they are an error.

    Raises
    ------
    ConfigError
        Two cards of one name, a condition that cannot be read.

    Notes
    -----
    Scores of several cards are ranked together, as firms do who rank all customers by one number; so let the
    cards have one range of points, such as 0 to 100.

    Examples
    --------
    >>> import custval as cv
    >>> def card(name, per):
    ...     sales = cv.Indicator("sales", weight=1, measures={"amount": cv.rules.Linear(per=per, cap=100)})
    ...     return cv.Scorecard(name, [sales])
    >>> cards = cv.Scorecards("value", [(card("consumers", 50), {"type": "consumer"}),
    ...                                 (card("firms", 100_000), {"type": ["B2B", "channel"]})])
    >>> customers = {"type": ["B2B", "consumer", "channel"], "amount": [1_000_000, 750, 500_000]}
    >>> scored = cards.score(customers)
    >>> scored["card"].tolist(), scored["score"].tolist(), scored["rank"].tolist()
    (['firms', 'consumers', 'firms'], [10.0, 15.0, 5.0], [2, 1, 3])
    """

    _card = Scorecard

    def __init__(self, name: str, cards: Sequence[tuple[Scorecard, Mapping[str, Any]]], *,
                 default: Scorecard | None = None):
        self.name = text(name, "name")
        if not isinstance(cards, Sequence) or any(not isinstance(c, Sequence) or len(c) != 2 for c in cards):
            raise ConfigError("cards: expected pairs (card, condition)")
        every = [card for card, _ in cards] + ([] if default is None else [default])
        if not every or not all(isinstance(card, Scorecard) for card in every):
            raise ConfigError("cards: expected one or more Scorecard")
        names = [card.name for card in every]
        twins = sorted({name for name in names if names.count(name) > 1})
        if twins:
            raise ConfigError(f"two cards are called {twins[0]!r}: the result says by name which one scored")
        self.cards = tuple((card, condition(when, f"card[{k}].when")) for k, (card, when) in enumerate(cards))
        self.default = default
        self._compiled = Measures(tuple(m for card in every for m in card._compiled.measures))
        self._made = True

    def __repr__(self) -> str:
        return f"<Scorecards {self.name!r}: {', '.join(repr(card.name) for card in self._every())}>"

    def __str__(self) -> str:
        parts = [f"when {words(when)}:\n{card}" for card, when in self.cards]
        return "\n\n".join([repr(self), *parts, *([] if self.default is None else [f"else:\n{self.default}"])])

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns that `score` appends."""
        named = [name for card in self._every() for name in card.columns]
        return [CARD, *dict.fromkeys(name for name in named if name not in LAST), *(n for n in LAST if n in named)]

    @property
    def reads(self) -> dict[str, str]:
        """Return the columns that conditions and cards read, and whether as "numbers" or "levels"."""
        read = {column: "numbers" if isinstance(wanted, Range) else "levels"
                for _, when in self.cards for column, wanted in when}
        return read | {name: kind for card in self._every() for name, kind in card.reads.items()}

    @property
    def events(self) -> tuple[tuple[str, Age], ...]:
        """The measures with a window, a half-life or a decay, which `CustomerBase.attributes` works out."""
        return tuple(dict.fromkeys(event for card in self._every() for event in events_of(card)))

    def score(self, frame: Any, *, ties: str | None = "min", points: bool = True, reviews: Any = None,
              as_of: Any = None, id: str = "customer") -> Any:
        """Return the caller's frame with card, points, score and rank appended.

        Parameters
        ----------
        frame, ties, points, reviews, as_of, id
            As for `Scorecard.score`; every card reads its columns for its own customers only.

        Returns
        -------
        frame of the same kind
            ``card``, the name of the card that scored; the columns of points of all cards, NaN where the
            customer's card has none of that name; ``score``, ``rank`` among all, ``tier`` if a card has tiers.

        Raises
        ------
        DataError
            Customers who meet no condition, where there is no `default`; or what `Scorecard.score` raises.
        """
        if ties is not None:
            choice("ties", ties, TIES)
        opened = open_table(frame_of(self, frame, as_of))
        check_free(self.columns, opened.names)
        hand = effective(self, opened, reviews, day_of(frame, as_of), id)
        kept = [name for name in self.columns[1:] if (points and name not in LAST) or name == "score"]
        out = {CARD: np.full(opened.rows, "", object)} | {name: np.full(opened.rows, np.nan) for name in kept}
        tier = np.full(opened.rows, "", object)
        for card, part in self._parts_of(opened):
            demand_learnt(card)
            found = dict(zip(card.columns, points_of(card, part, points, _of(hand, card, part)), strict=False))
            out[CARD][part.places] = card.name
            for name in (name for name, column in found.items() if column is not None):
                out[name][part.places] = found[name]
            tier[part.places] = tiers_of(card.tiers, out["score"][part.places])
        out[CARD] = out[CARD].astype(str)
        if ties is not None:
            rank = ranked(out["score"], ties)
            out["rank"] = rank if ties == "average" else rank.astype(np.int64)
        out |= {"tier": tier.astype(str)} if "tier" in self.columns else {}
        return opened.append(out if hand is None else out | hand.appended(self, opened))

    def explain(self, frame: Any, *, customer: Any, id: str = "customer", reviews: Any = None,
                as_of: Any = None) -> Explanation:
        """Return which card scored one customer, why that one, and how it came to the score.

        Parameters
        ----------
        frame, customer, id, reviews, as_of
            As for `Scorecard.explain`.
        """
        opened = open_table(frame_of(self, frame, as_of))
        row = Part(opened, opened.names, np.array([row_of(opened, id, customer)]))
        card = self._parts_of(row)[0][0]
        explained = card.explain(row.frame, customer=customer, id=id, reviews=reviews, as_of=day_of(frame, as_of))
        explained.card += f" ({next((words(when) for c, when in self.cards if c is card), 'by default')})"
        return explained

    def learn(self, frame: Any) -> Self:
        """Return the cards with the cuts that each one's own customers give to its `Steps.quantiles`."""
        parts = self._parts_of(open_table(frame_of(self, frame)))
        new = {card.name: learnt(card, part) for card, part in parts}
        return type(self)(self.name, [(new.get(c.name, c), plain_condition(when)) for c, when in self.cards],
                          default=self.default and new.get(self.default.name, self.default))

    # ---- whose card ----

    def _every(self) -> list[Scorecard]:
        return [card for card, _ in self.cards] + ([] if self.default is None else [self.default])

    def _parts_of(self, opened: Any) -> list[tuple[Scorecard, Part]]:
        """Return each card that has customers, and their rows of the table."""
        left, parts = np.ones(opened.rows, bool), []
        for k, card in enumerate(self._every()):
            here = left if k == len(self.cards) else left & met(self.cards[k][1], opened, card._source)
            left = left & ~here
            if here.any():
                check_columns(card, [name for name in opened.names if name not in card.columns])
                needed = {*card.reads, "customer"}
                parts.append((card, Part(opened, [n for n in opened.names if n in needed], np.flatnonzero(here))))
        if left.any():
            rows = np.flatnonzero(left)
            raise DataError(f"{many(len(rows), 'customer')} of {opened.rows:,} meet no condition of {self.name!r}\n"
                            f"{row_list(opened, rows)}\n  Add a card for them, or pass default=.")
        return parts


def _of(hand: Effective | None, card: Scorecard, part: Part) -> Effective | None:
    """Return the scores by hand of a card's measures and customers."""
    if hand is None:
        return None
    own = {column for column, _ in card._compiled.measures}
    return Effective(hand.log, {name: event[part.places] for name, event in hand.event.items() if name in own})


def check_free(new: Sequence[str], names: Sequence[str]) -> None:
    """Raise when the table has a column that the cards write."""
    for name in new:
        if name in names:
            raise ConfigError(f"the table has a column {name!r} already; drop or rename it, scores are not written "
                              "over it")
