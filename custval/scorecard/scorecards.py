"""Sets of cards: another kind of customer, another card."""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self, TypeVar, cast

import numpy as np

from .._arrays import DateLike, FrameLike, Table
from .._core import TIES
from .._files import At, keys
from .._formatting import Printed, look_alike, many
from .._tabular import table as open_table
from .._validation import choice, warned_once
from ..errors import ConfigError, DataError
from . import card_files, scoring
from .columns import Part, Scorable, check_columns, check_free, day_of, demand_learnt, frame_of, row_list
from .compile import Events, Measure
from .conditions import Range, condition, met, plain_condition, words
from .explain import Explanation, row_of
from .review_log import Log
from .review_status import Effective, effective
from .rule import Value, changed, text
from .scorecard import Scorecard

C = TypeVar("C", bound="Scorecards")
SCHEMA = "custval/scorecards-1"
CARD = "card"                                   # the column with the name of the card
LAST = ("score", "rank", "tier")


class Scorecards(Value, Printed):
    """Score each customer with the first of several cards whose condition they meet.

    Parameters
    ----------
    name : str
        In any language.
    cards : sequence of (Scorecard, condition)
        In the order in which they are tried. A condition is a dict of columns, all of which must agree:
        ``{"type": "B2B"}``, one of several levels ``{"type": ["B2B", "channel"]}``, or a range
        ``{"years": {"from": 1, "to": 5}}``, `from` included, `to` excluded. A missing value meets no condition.
    default : Scorecard, optional
        For customers who meet no condition; without it they are an error.

    Raises
    ------
    ConfigError
        Two cards have the same name, a condition cannot be read.

    Notes
    -----
    Scores of several cards are ranked together, as in firms that rank all customers by one number; so let the
    cards have the same range of points, such as 0 to 100.

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

    _derived: ClassVar = ("measures",)

    def __init__(self, name: str, cards: Sequence[tuple[Scorecard, Mapping[str, Any]]], *,
                 default: Scorecard | None = None):
        self.name = text(name, "name")
        if not isinstance(cards, Sequence) or any(not isinstance(c, Sequence) or len(c) != 2 for c in cards):
            raise ConfigError("cards: expected pairs (card, condition)")
        every = [card for card, _ in cards] + ([] if default is None else [default])
        if not every or not all(isinstance(card, Scorecard) for card in every):
            raise ConfigError("cards: expected one or more Scorecard")
        names = [card.name for card in every]
        twin = look_alike(names)
        if twin is not None:
            raise ConfigError(f"two cards are called {twin!r}: the result names the card of each customer")
        self.cards = tuple((card, condition(when, f"card[{k}].when")) for k, (card, when) in enumerate(cards))
        self.default = default
        self.measures: tuple[Measure, ...] = tuple(measure for card in every for measure in card.measures)
        self._made = True

    def __repr__(self) -> str:
        return f"<Scorecards {self.name!r}: {', '.join(repr(card.name) for card in self._every())}>"

    def __str__(self) -> str:
        parts = [f"when {words(when)}:\n{card}" for card, when in self.cards]
        return "\n\n".join([repr(self), *parts, *([] if self.default is None else [f"else:\n{self.default}"])])

    def _rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        cards = [(f"when {words(when)}", card) for card, when in self.cards]
        cards += [] if self.default is None else [("else", self.default)]
        return ("customers", "card", "indicator", "weight", "measure", "rule"), [
            ("" if k else when, "" if k else card.name, *row) for when, card in cards
            for k, row in enumerate(card._rows()[1])]

    def _sides(self, columns: int) -> str:
        return "<<<><<"

    @property
    def columns(self) -> list[str]:
        """The names of the columns that `score` appends."""
        named = [name for card in self._every() for name in card.columns]
        return [CARD, *dict.fromkeys(name for name in named if name not in LAST), *(n for n in LAST if n in named)]

    @property
    def reads(self) -> dict[str, str]:
        """The columns that conditions and cards read, each with "numbers" or "levels"."""
        read = {column: "numbers" if isinstance(wanted, Range) else "levels"
                for _, when in self.cards for column, wanted in when}
        return read | {name: kind for card in self._every() for name, kind in card.reads.items()}

    @property
    def events(self) -> Events:
        """The measures with a window, a half-life or a decay, which `CustomerBase.attributes` computes."""
        return tuple(dict.fromkeys(event for card in self._every() for event in card.events))

    @warned_once()
    def score(self, frame: Scorable, *, ties: str | None = "min", points: bool = True,
              reviews: FrameLike | Log | None = None, as_of: DateLike | None = None, id: str = "customer") -> Any:
        """Return the caller's frame with card, points, score and rank appended.

        Parameters
        ----------
        frame, ties, points, reviews, as_of, id
            As for `Scorecard.score`; every card reads its columns for its own customers only.

        Returns
        -------
        frame of the same kind
            ``card``, the name of the card that scored; the columns of points of all cards, NaN if the customer's card
            has no such column; ``score``, ``rank`` among all, ``tier`` if a card has tiers.

        Raises
        ------
        DataError
            Customers meet no condition and there is no `default`; or `Scorecard.score` raises.
        """
        if ties is not None:
            choice("ties", ties, TIES)
        opened = open_table(frame_of(frame, self.events, as_of))
        check_free(self.columns, opened.names)
        approved = effective(self, opened, reviews, day_of(frame, as_of), id)
        kept = [name for name in self.columns[1:] if (points and name not in LAST) or name == "score"]
        out = {CARD: np.full(opened.rows, "", object)} | {name: np.full(opened.rows, np.nan) for name in kept}
        tier = np.full(opened.rows, "", object)
        for card, part in self._parts_of(opened):
            demand_learnt(card)
            found = scoring.score(card, part, _of(approved, card, part), points=points)
            scoring.report_unscored(card, part, cast(np.ndarray, found[-1]))
            out[CARD][part.places] = card.name
            for name, column in zip(card.columns, found, strict=False):
                if column is not None:
                    out[name][part.places] = column
            tier[part.places] = scoring.tiers_of(card.tiers, out["score"][part.places])
        out[CARD] = out[CARD].astype(str)
        if ties is not None:
            out["rank"] = scoring.ranks_of(out["score"], ties)
        unscored = np.isnan(out["score"]).any()
        out |= {"tier": tier if unscored else tier.astype(str)} if "tier" in self.columns else {}
        return opened.append(out if approved is None else out | approved.appended(self, opened))

    def explain(self, frame: Scorable, *, customer: object, id: str = "customer",
                reviews: FrameLike | Log | None = None, as_of: DateLike | None = None) -> Explanation:
        """Return the card that scored one customer, its condition, and the parts of the score.

        Parameters
        ----------
        frame, customer, id, reviews, as_of
            As for `Scorecard.explain`.
        """
        opened = open_table(frame_of(frame, self.events, as_of))
        row = Part(opened, opened.names, np.array([row_of(opened, id, customer)]))
        card = self._parts_of(row)[0][0]
        explained = card.explain(row.frame, customer=customer, id=id, reviews=reviews, as_of=day_of(frame, as_of))
        explained.card += f" ({next((words(when) for c, when in self.cards if c is card), 'by default')})"
        return explained

    def learn(self, frame: Scorable) -> Self:
        """Return the cards with the cuts that the customers of each card give to its `Steps.quantiles`."""
        parts = self._parts_of(open_table(frame_of(frame, self.events)))
        new = {card.name: card.learn(part.frame) for card, part in parts}
        return type(self)(self.name, [(new.get(c.name, c), plain_condition(when)) for c, when in self.cards],
                          default=self.default and new.get(self.default.name, self.default))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the cards to one ``.toml`` or ``.json`` file; the file is complete or not written at all."""
        card_files.write(path, to_dict(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, normalise: bool = False) -> Self:
        """Read cards from a ``.toml`` or ``.json`` file.

        Raises
        ------
        ConfigError
            The file has no cards of this schema: names the file, the place in it and the nearest known word.

        Notes
        -----
        The content of a TOML file; a card is written as in `Scorecard.load`, below ``card``::

            schema = "custval/scorecards-1"
            name = "value 2026"
            [[card]]
            when = { type = ["B2B", "channel"], years = { from = 1 } }
            name = "firms"
              [[card.indicator]]
              name = "sales"
              weight = 1
                [[card.indicator.measure]]
                column = "amount"
                linear = { per = 100_000 }
            [[card]]                        # without when, the last: the default
            name = "others"
              ...
        """
        return card_files.load(path, partial(from_dict, cls, normalise=normalise))

    # ---- the card of each customer ----

    def _every(self) -> list[Scorecard]:
        return [card for card, _ in self.cards] + ([] if self.default is None else [self.default])

    def _parts_of(self, opened: Table) -> list[tuple[Scorecard, Part]]:
        """Return each card that has customers, and their rows of the table."""
        left, parts = np.ones(opened.rows, bool), []
        for k, card in enumerate(self._every()):
            here = left if k == len(self.cards) else left & met(self.cards[k][1], opened, card.source)
            left = left & ~here
            if here.any():
                check_columns(card, opened, again=True)
                needed = {*card.reads, "customer"}
                parts.append((card, Part(opened, [n for n in opened.names if n in needed], np.flatnonzero(here))))
        if left.any():
            rows = np.flatnonzero(left)
            raise DataError(f"{many(len(rows), 'customer')} of {opened.rows:,} meet no condition of {self.name!r}\n"
                            f"{row_list(opened, rows)}\n  Add a card for them, or pass default=.")
        return parts


def to_dict(cards: Scorecards) -> dict[str, Any]:
    """Return a set of cards as plain data in the order of the file, the default last."""
    entries = [{"when": plain_condition(when), **card_files.body(card)} for card, when in cards.cards]
    if cards.default is not None:
        entries.append(card_files.body(cards.default))
    return card_files.plain_table({"schema": SCHEMA, "name": cards.name, "card": entries})


def from_dict(make: Callable[..., C], table: Mapping[str, Any], source: str, normalise: bool = False) -> C:
    """Return the set of cards that a table describes; errors name the path to the key."""
    card_files.check_schema(table, SCHEMA, source)
    keys(table, ("schema", "name", "card"), ("name", "card"), source)
    given, entries = [], card_files.entries(table, "card", source)
    for k, entry in enumerate(entries):
        if not isinstance(entry, dict) or ("when" not in entry and k < len(entries) - 1):
            raise ConfigError(f"{source}: card[{k}] has no `when`, so no customer gets to those below it: the default "
                              "comes last")
        own = {key: value for key, value in entry.items() if key != "when"}
        card = card_files.card_of(Scorecard, own, source, normalise, f"card[{k}]")
        given.append((changed(card, source=f"{source}: card[{k}]"), entry.get("when")))
    default = given.pop()[0] if given[-1][1] is None else None
    with At(source):
        return make(table["name"], given, default=default)


def _of(approved: Effective | None, card: Scorecard, part: Part) -> Effective | None:
    """Return the approved scores of the measures and customers of a card."""
    if approved is None:
        return None
    own = {measure.column for measure in card.measures}
    return Effective(approved.log, {name: event[part.places] for name, event in approved.event.items() if name in own})
