"""Versions of a card: a fingerprint of its content, and the differences between two cards."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

from .._formatting import Printed, plain
from .card_files import Data, to_dict
from .compile import Card
from .exact import shown

HEAD = ("indicator", "measure", "part", "before", "after")
NONE = "-"                                      # an absent part
APART = ("schema", "version", "indicator", "measure", "tier")          # compared by name, or ignored


class Change(NamedTuple):
    """A part of a card that differs; `before` or `after` is "-" if the card lacks it."""

    indicator: str
    measure: str
    part: str
    before: str
    after: str


class Difference(Printed):
    """The differences between two cards, from `Scorecard.diff`; prints as a table, and is false if there are none.

    Attributes
    ----------
    title : str
        The name of the card and both versions.
    rows : list of Change
        (indicator, measure, part, before, after), all text; "" in the first two for a part of the whole card.
    """

    def __init__(self, title: str, rows: list[Change]):
        self.title = title
        self.rows = rows

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __repr__(self) -> str:
        return super().__repr__() if self.rows else f"{self._title()}\nno difference"

    def _title(self) -> str:
        return plain(self.title)

    def _rows(self) -> tuple[tuple[str, ...], list[Change]]:
        return HEAD, self.rows

    def _sides(self, columns: int) -> str:
        return "<<<>>"

    def words(self) -> list[str]:
        """Return each change as a sentence."""
        return [plain(_sentence(row)) for row in self.rows]


def difference(card: Card, other: Card) -> Difference:
    """Return what another card, such as the next version, changes in a card."""
    before, after = to_dict(card), to_dict(other)
    old, new = facts(before) | _order(before, after), facts(after) | _order(after, before)
    places = list(dict.fromkeys([*old, *new]))
    parts = list(dict.fromkeys(place[:2] for place in places))
    rows = [Change(place[0], place[1], " ".join(place[2:]), old.get(place, NONE), new.get(place, NONE))
            for place in sorted(places, key=lambda place: parts.index(place[:2]))
            if old.get(place) != new.get(place)]
    versions = " -> ".join(plain(one.version or "(no version)") for one in (card, other))
    return Difference(f"{plain(other.name)} {versions}", rows)


def fingerprint(card: Data) -> str:
    """Return the SHA-256 of a card as JSON without its version, keys in order."""
    content = {key: value for key, value in card.items() if key != "version"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def facts(card: Data) -> dict[tuple[str, ...], str]:
    """Return every number and word of a card by its place: (indicator, measure, part, part of the part ...)."""
    found = _flat({key: value for key, value in card.items() if key not in APART}, ("", ""))
    found |= {("", "", "tier", tier["name"]): _text(tier.get("from", "open")) for tier in card.get("tier", ())}
    for indicator in card["indicator"]:
        name = indicator["name"]
        found |= _flat({key: value for key, value in indicator.items() if key not in APART}, (name, ""))
        for measure in indicator["measure"]:
            found |= _flat({key: value for key, value in measure.items() if key != "column"}, (name, measure["column"]))
    return found


def _order(card: Data, other: Data) -> dict[tuple[str, ...], str]:
    """Return the order of the parts that both cards have."""
    mine, theirs = ({("", ""): [i["name"] for i in c["indicator"]]} | {
        (i["name"], ""): [m["column"] for m in i["measure"]] for i in c["indicator"]} for c in (card, other))
    return {(*place, "order"): ", ".join(name for name in names if name in theirs[place])
            for place, names in mine.items() if place in theirs}


def _flat(value: object, place: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """Return the parts of a table, of a list of [from, ..., points] or of a list of tables, by place."""
    found: dict[tuple[str, ...], str] = {}
    if isinstance(value, Mapping):
        for key, part in value.items():
            found |= _flat(part, (*place, key))
    elif isinstance(value, list) and value and all(isinstance(part, list) for part in value):
        for part in value:
            found |= _flat(part[1] if len(part) == 2 else part[1:], (*place, "from", _text(part[0])))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for k, part in enumerate(value):
            found |= _flat(part, (*place, f"[{k}]"))
    else:
        found[place] = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return shown(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _sentence(row: Change) -> str:
    where = ", ".join(f"{what} {name!r}" for what, name in (("indicator", row.indicator), ("measure", row.measure))
                      if name)
    change = (f"{row.after} is new" if row.before == NONE else f"{row.before} is gone" if row.after == NONE else
              f"{row.before} -> {row.after}")
    return f"{where}: {row.part}: {change}" if where else f"{row.part}: {change}"
