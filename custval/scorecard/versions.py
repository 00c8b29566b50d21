"""Cards by content: a fingerprint that equal content shares, and what one card has that another has not."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._formatting import plain, table
from ..errors import ConfigError
from . import cardwrite
from .exact import shown
from .stored import Stored

HEAD = ("indicator", "measure", "part", "before", "after")
NONE = "-"                                      # what is not there
APART = ("schema", "version", "indicator", "measure", "tier")          # compared by name, or not at all


class Change(NamedTuple):
    """A part of a card that differs; `before` or `after` is "-" where it is not there."""

    indicator: str
    measure: str
    part: str
    before: str
    after: str


class Difference:
    """What one card has that another has not; false where they say the same.

    Attributes
    ----------
    rows : list of Change
        (indicator, measure, part, before, after), all text; "" in the first two where it is of the whole card.
    """

    def __init__(self, title: str, rows: list[Change]):
        self.title = title
        self.rows = rows

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __repr__(self) -> str:
        return "\n".join([plain(self.title), *(table(HEAD, self.rows, "<<<>>") if self.rows else ["no difference"])])

    def words(self) -> list[str]:
        """Return the changes as sentences, one each."""
        return [plain(_sentence(row)) for row in self.rows]


class Versioned(Stored):
    """What a `Scorecard` knows of itself among its versions."""

    name: str
    version: str | None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the card says, whatever its version is called."""
        return fingerprint(cardwrite.to_dict(self))

    def diff(self, other: Any) -> Difference:
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
        if not isinstance(other, Versioned):
            raise ConfigError(f"diff compares two cards, not a card and a {type(other).__name__}")
        before, after = cardwrite.to_dict(self), cardwrite.to_dict(other)
        old, new = facts(before) | _order(before, after), facts(after) | _order(after, before)
        places = list(dict.fromkeys([*old, *new]))
        parts = list(dict.fromkeys(place[:2] for place in places))
        rows = [Change(place[0], place[1], " ".join(place[2:]), old.get(place, NONE), new.get(place, NONE))
                for place in sorted(places, key=lambda place: parts.index(place[:2]))
                if old.get(place) != new.get(place)]
        versions = " -> ".join(plain(card.version or "(no version)") for card in (self, other))
        return Difference(f"{plain(other.name)} {versions}", rows)


def fingerprint(card: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a card as JSON without its version, keys in order."""
    content = {key: value for key, value in card.items() if key != "version"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def facts(card: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """Return every number and word of a card by its place: (indicator, measure, part, part of it ...)."""
    found = _flat({key: value for key, value in card.items() if key not in APART}, ("", ""))
    found |= {("", "", "tier", tier["name"]): _text(tier.get("from", "open")) for tier in card.get("tier", ())}
    for indicator in card["indicator"]:
        name = indicator["name"]
        found |= _flat({key: value for key, value in indicator.items() if key not in APART}, (name, ""))
        for measure in indicator["measure"]:
            found |= _flat({key: value for key, value in measure.items() if key != "column"}, (name, measure["column"]))
    return found


def _order(card: Mapping[str, Any], other: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """Return the order of the parts that both cards have."""
    mine, theirs = ({("", ""): [i["name"] for i in c["indicator"]]} | {
        (i["name"], ""): [m["column"] for m in i["measure"]] for i in c["indicator"]} for c in (card, other))
    return {(*place, "order"): ", ".join(name for name in names if name in theirs[place])
            for place, names in mine.items() if place in theirs}


def _flat(value: Any, place: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """Return the parts of a table, and of a list of [from, ..., points] or of tables, each by its place."""
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


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return shown(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _sentence(row: Change) -> str:
    where = ", ".join(f"{what} {name!r}" for what, name in (("indicator", row.indicator), ("measure", row.measure))
                      if name)
    change = (f"{row.after} is new" if row.before == NONE else f"{row.before} is gone" if row.after == NONE else
              f"{row.before} -> {row.after}")
    return f"{where}: {row.part}: {change}" if where else f"{row.part}: {change}"
