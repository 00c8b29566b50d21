"""Sets of cards as data: what `Scorecards` keeps in a file."""
from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

from .._files import At, keys, parse
from .._formatting import plain
from ..errors import ConfigError
from . import card_files, cardwrite
from .conditions import plain_condition
from .indicator import Indicator
from .lines import told_by_line
from .rule import Value

SCHEMA = "custval/scorecards-1"


def to_dict(cards: Any) -> dict[str, Any]:
    """Return a set of cards as plain data in the order of the file, the default last."""
    entries = [{"when": plain_condition(when), **cardwrite.body(card)} for card, when in cards.cards]
    if cards.default is not None:
        entries.append(cardwrite.body(cards.default))
    table: dict[str, Any] = cardwrite.plain({"schema": SCHEMA, "name": cards.name, "card": entries})
    return table


def from_dict(made: Any, card: Any, table: Mapping[str, Any], source: str, normalise: bool) -> Any:
    """Return the set of cards that a table describes; errors name the path to the key."""
    card_files.check_schema(table, SCHEMA, source)
    keys(table, ("schema", "name", "card"), ("name", "card"), source)
    given, entries = [], card_files.entries(table, "card", source)
    for k, entry in enumerate(entries):
        if not isinstance(entry, dict) or ("when" not in entry and k < len(entries) - 1):
            raise ConfigError(f"{source}: card[{k}] has no `when`, so no customer gets to those below it: the default "
                              "comes last")
        own = {key: value for key, value in entry.items() if key != "when"}
        one = card_files.card_of(card, Indicator, own, source, normalise, f"card[{k}]")
        vars(one)["_source"] = f"{source}: card[{k}]"
        given.append((one, entry.get("when")))
    default = given.pop()[0] if given[-1][1] is None else None
    with At(source):
        return made(table["name"], given, default=default)


class Stored(Value):
    """What `Scorecards` does with files."""

    _card: Any                                  # what makes one of them

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the cards to one ``.toml`` or ``.json`` file; the file is whole or not there at all."""
        cardwrite.write(path, to_dict(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, normalise: bool = False) -> Self:
        """Read cards from a ``.toml`` or ``.json`` file.

        Raises
        ------
        ConfigError
            Anything but cards of this schema: names the file, the place in it and the likely meant word.

        Notes
        -----
        What a TOML file holds; a card is written as in `Scorecard.load`, below ``card``::

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
        raw, source = card_files.read(path), plain(os.path.basename(os.fspath(path)))
        table = parse(raw, source, source.endswith(".toml"))
        with told_by_line(source, raw):
            return cls._from_table(table, source, normalise)

    @classmethod
    def _from_table(cls, table: Mapping[str, Any], source: str, normalise: bool) -> Self:
        cards: Self = from_dict(cls, cls._card, table, source, normalise)
        return cards
