"""Cards as the text that a store keeps, and back."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._files import LARGEST, parse
from .._formatting import plain
from ..errors import ConfigError
from . import cardwrite
from .versions import fingerprint

if TYPE_CHECKING:
    import sqlite3


def keep(db: sqlite3.Connection, card: Any) -> None:
    """Keep a card under its name and version, or raise if another one is kept there."""
    known = db.execute("SELECT fingerprint FROM cards WHERE name = ? AND version = ?",
                       (card.name, card.version)).fetchone()
    if known not in (None, (card.fingerprint,)):
        raise ConfigError(f"version {card.version!r} of card {card.name!r} is kept with other content; give this one a "
                          "version of its own (diff tells what differs)")
    text = json.dumps(cardwrite.to_dict(card), ensure_ascii=False)
    if len(text) > LARGEST:
        raise ConfigError(f"card {card.name!r} is larger than {LARGEST:,} characters")
    if known is None:
        db.execute("INSERT INTO cards (name, version, fingerprint, card) VALUES (?, ?, ?, ?)",
                   (card.name, card.version, card.fingerprint, text))


def card_of(db: sqlite3.Connection, kind: Any, name: str, version: str | None) -> Any:
    """Return a card of class `kind`: that of a version, or the one kept last."""
    found = db.execute("SELECT version, fingerprint, card FROM cards WHERE name = ? AND ifnull(version = ?, 1) "
                       "ORDER BY rowid DESC LIMIT 1", (name, version)).fetchone()
    if found is None:
        kept = ", ".join(f"{plain(card)} {plain(its)}" for card, its in
                         db.execute("SELECT name, version FROM cards ORDER BY rowid"))
        raise ConfigError(f"card {name!r}{'' if version is None else f' version {version!r}'} is not kept; "
                          f"there are: {kept or 'none'}")
    table = parsed(found[2], f"card {name!r}")
    if (table.get("name"), table.get("version"), fingerprint(table)) != (name, *found[:2]):
        raise ConfigError(f"card {name!r} version {found[0]!r} is not what was kept: its fingerprint differs")
    return kind._from_table(table, f"card {name!r}", False)


def parsed(text: Any, what: str) -> dict[str, Any]:
    """Return JSON that is kept, read as strictly as a file."""
    if not isinstance(text, str) or len(text) > LARGEST:
        raise ConfigError(f"{what} is not what was kept: the file is damaged")
    return parse(text.encode(), what, toml=False)
