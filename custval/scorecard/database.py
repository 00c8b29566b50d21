"""The SQLite file of a store: opened for each call, checked before anything in it is used, appended to only.

A rollback journal and ``synchronous=EXTRA``: what `transaction` has committed is on disk, what it has not is rolled
back by whoever opens the file next, also after the process was killed. Writers wait for one another.
"""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._formatting import plain
from ..errors import ConfigError

if TYPE_CHECKING:
    import sqlite3

APPLICATION = 0x63767374              # "cvst" in the header of the file
SCHEMA = 1                            # user_version; a change of TABLES is a new number
PATIENCE = 60                         # seconds that a writer waits for others
SMALLEST = 512                        # bytes of an SQLite file that has anything in it
TABLES = {
    "cards": "name TEXT NOT NULL, version TEXT NOT NULL, fingerprint TEXT NOT NULL, card TEXT NOT NULL, "
             "UNIQUE (name, version)",
    "reviews": "event INTEGER PRIMARY KEY, id NOT NULL, customer, measure TEXT, author, time INTEGER NOT NULL, "
               "zone TEXT, value REAL, reason TEXT, status TEXT NOT NULL, reviewer, expires INTEGER",
    "runs": "run INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, as_of TEXT NOT NULL, "
            "event INTEGER NOT NULL, data TEXT NOT NULL, result TEXT NOT NULL",
}
STATEMENTS = [f"CREATE TABLE {name} ({columns})" for name, columns in TABLES.items()] + [
    "CREATE INDEX reviews_by_id ON reviews (id)"] + [
    f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} BEGIN SELECT RAISE(ABORT, 'append only'); END"
    for name in TABLES for verb in ("UPDATE", "DELETE")]


@contextmanager
def transaction(path: str | os.PathLike[str], write: bool) -> Iterator[sqlite3.Connection]:
    """Open the file of a store for one transaction: all of it is committed at the end, or nothing."""
    import sqlite3  # a Python may come without it

    name = plain(os.path.basename(os.fspath(path)))
    try:
        _demand(Path(path), write)
        with closing(sqlite3.connect(os.fspath(path), timeout=PATIENCE, isolation_level=None)) as db:
            for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = EXTRA"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                _check(db, write)
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: {error}{_remedy(error)}") from error


def _demand(path: Path, write: bool) -> None:
    """Raise where SQLite would take a file for a new one."""
    size = path.stat().st_size if path.exists() else None
    if size is None and not write:
        raise ConfigError("there is no such file; a store is made by what is first put into it")
    if size and size < SMALLEST:
        raise ConfigError("it is damaged or no store of custval")


def _check(db: sqlite3.Connection, write: bool) -> None:
    """Raise unless the file is a store of this schema, word for word; a new file becomes one."""
    (application,), (schema,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version"))
    found = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    if not found and not application and write:
        for statement in [*STATEMENTS, f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {SCHEMA}"]:
            db.execute(statement)
    elif application == APPLICATION and schema > SCHEMA:
        raise ConfigError(f"a store of schema {schema}, this version reads {SCHEMA}; a newer custval made it")
    elif application != APPLICATION or schema != SCHEMA or found != STATEMENTS:
        raise ConfigError("an SQLite file, but not a store of custval as custval makes it")


def _remedy(error: Any) -> str:
    text = str(error)
    if any(word in text for word in ("not a database", "malformed", "decode")):
        return "; it is damaged or no store of custval"
    if "locked" in text:
        return f"; another process has held it for {PATIENCE} seconds"
    return "; its permissions or those of its folder allow no writing" if "readonly" in text else ""
