"""A store in one SQLite file: cards by version, the review log, and runs that replay to the same bytes.

The file is opened for each call, checked before its content is used, and only appended to. With a rollback journal
and ``synchronous=EXTRA`` a committed transaction is on disk; the next process that opens the file rolls back an
interrupted one, also after a kill. Writers wait for one another.
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._arrays import DateLike, FrameLike
from .._dates import as_day
from .._files import LARGEST, checked, parse
from .._formatting import many, plain
from .._tabular import table
from ..errors import ConfigError, DataError
from .card_files import from_dict, to_dict
from .columns import Scorable, column_values
from .columns import frame_of as attributes_of
from .review_log import read_log
from .review_rows import KEPT, Row, digest, frame_of, order_of, rows_of
from .review_status import SOURCE
from .scorecard import Scorecard
from .versions import fingerprint

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
EVENTS = f"SELECT {', '.join(KEPT)} FROM reviews"


class Store:
    """Keep cards, reviews and runs of one firm in an SQLite file. A log that is kept elsewhere needs no store.

    The file is only appended to. After a call returns, its rows are on disk; a call that fails or is killed leaves
    none. Processes that write at the same time wait for one another. Nothing in a file is ever executed, and a file
    that custval did not make is refused. The object holds only the path: copy it, pickle it, send it to processes.

    Parameters
    ----------
    path : path
        The file; the first call that writes creates it.

    Raises
    ------
    ConfigError
        By any method: the file is damaged, of a newer version, not a store, or not writable. The text names the file.

    Examples
    --------
    >>> import tempfile, custval as cv
    >>> store = cv.Store(tempfile.mkdtemp() + "/value.db")
    >>> orders = {"who": ["a", "b", "a"], "paid": [300.0, 90.0, 80.0],
    ...           "day": ["2025-01-05", "2025-02-01", "2025-03-09"]}
    >>> base = cv.CustomerBase(orders, customer="who", time="day", amount="paid")
    >>> card = cv.Scorecard("value", [cv.Indicator("points", weight=1, measures={
    ...     "amount": cv.rules.Linear(per=10), "trust": cv.rules.Manual(missing="zero")})], version="2025")
    >>> event = {"id": [1], "customer": ["a"], "measure": ["trust"], "author": ["Sales"], "time": ["2025-02-03"],
    ...          "value": [5], "status": ["draft"], "reviewer": [""]}
    >>> store.append(event), store.append(event | {"status": ["submitted"]})
    (1, 1)
    >>> store.append(event | {"status": ["approved"], "reviewer": ["Board"], "time": ["2025-02-04"]})
    1
    >>> run, scored = store.run(card, base, as_of="2025-02-28")
    >>> run, scored["score"]
    (1, array([35.,  9.]))
    >>> store.replay(1, base)["score"]
    array([35.,  9.])
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = os.path.abspath(checked(path))

    def __repr__(self) -> str:
        return f"<Store {plain(os.path.basename(self.path))!r}>"

    def save(self, card: Scorecard) -> None:
        """Keep a card under its name and version. A different card under the same name and version is refused.

        Raises
        ------
        ConfigError
            The card has no version, or a different card is kept under its name and version.
        """
        if not isinstance(card, Scorecard):
            raise ConfigError(f"save takes a Scorecard, not a {type(card).__name__}")
        if card.version is None:
            raise ConfigError('a store keeps cards with a version: Scorecard(..., version="2026-03")')
        with transaction(self.path, write=True) as db:
            keep(db, card)

    def card(self, name: str, version: str | None = None) -> Scorecard:
        """Return a kept card: a version of it, or the one that was kept last."""
        with transaction(self.path, write=False) as db:
            return card_of(db, name, version)

    def cards(self) -> dict[str, np.ndarray]:
        """Return the cards in the order in which they were kept: name, version, fingerprint."""
        return self._table("cards", ("name", "version", "fingerprint"))

    def append(self, reviews: FrameLike, *, card: Scorecard | None = None) -> int:
        """Append events to the review log, all or none, and return their number.

        Parameters
        ----------
        reviews : frame
            As for `Scorecard.review`. Events may continue kept scores, but not be earlier than the kept events of the
            same score. Times are kept as local wall time: all events have the same zone, or none.
        card : Scorecard, optional
            Refuse scores of measures that the card does not have, or beyond their cap or floor, unless they are
            rejected. The card does not know the customers: `Scorecard.review` warns of unknown ones.

        Raises
        ------
        DataError
            The events contradict each other or the kept ones, or the card refuses a score. Rows count in the given
            frame.
        """
        if card is not None and not isinstance(card, Scorecard):
            raise ConfigError(f"append takes a Scorecard as card=, not a {type(card).__name__}")
        new = rows_of(reviews)
        with transaction(self.path, write=True) as db:
            ids = list(dict.fromkeys(row[0] for row in new))
            old = [row for id in ids for row in db.execute(f"{EVENTS} WHERE id = ? ORDER BY event", (id,))]
            read_log(frame_of(old + new), stored=len(old), card=card)
            _same_zone(db, new)
            db.executemany(f"INSERT INTO reviews ({', '.join(KEPT)}) VALUES ({', '.join('?' * len(KEPT))})", new)
        return len(new)

    def reviews(self) -> dict[str, np.ndarray]:
        """Return the review log for `Scorecard.score`; as a pandas frame, ``pd.DataFrame(store.reviews())``."""
        with transaction(self.path, write=False) as db:
            return frame_of(db.execute(f"{EVENTS} ORDER BY event"))

    def run(self, card: Scorecard, data: Scorable, *, as_of: DateLike) -> tuple[int, Any]:
        """Score with a card and the reviews as of a day, and keep the record that `replay` needs.

        Parameters
        ----------
        card : Scorecard
            With a version; the run keeps it, like `save`.
        data : CustomerBase or frame
            A base, scored as known at the end of that day; or a frame with a column ``customer``, with the values at
            the end of that day.
        as_of : date
            The day.

        Returns
        -------
        (int, frame)
            The number of the run, and the result of `Scorecard.score`.
        """
        day = as_day(as_of, "as_of")
        self.save(card)
        with transaction(self.path, write=False) as db:
            last, = db.execute("SELECT coalesce(max(event), 0) FROM reviews").fetchone()
            events = frame_of(db.execute(f"{EVENTS} ORDER BY event"))
        scored, prints = _scored(card, data, events, day)
        with transaction(self.path, write=True) as db:
            run = db.execute("INSERT INTO runs (name, version, as_of, event, data, result) VALUES (?, ?, ?, ?, ?, ?)",
                             (card.name, card.version, str(day), last, *map(json.dumps, prints))).lastrowid
        return int(run or 0), scored

    def replay(self, run: int, data: Scorable) -> Any:
        """Repeat a run with its card and the reviews known then, and return the same result, bit for bit.

        Parameters
        ----------
        run : int
        data : CustomerBase or frame
            As for `run`, rows in any order. A base may have later rows: those after the day are ignored.

        Raises
        ------
        DataError
            The data differ from those of the run; the text names the columns.
        """
        if isinstance(run, bool) or not isinstance(run, int | np.integer) or not 0 < run < 2**63:
            raise ConfigError(f"run={run!r}: pass the number of a run")
        with transaction(self.path, write=False) as db:
            found = db.execute("SELECT name, version, as_of, event, data, result FROM runs WHERE run = ?",
                               (int(run),)).fetchone()
            if found is None:
                kept, = db.execute("SELECT count(*) FROM runs").fetchone()
                raise ConfigError(f"run {run} is not kept; there {'is' if kept == 1 else 'are'} {many(kept, 'run')}")
            card = card_of(db, *found[:2])
            events = frame_of(db.execute(f"{EVENTS} WHERE event <= ? ORDER BY event", (found[3],)))
            kept = [parsed(text, f"run {run}") for text in found[4:]]
        scored, prints = _scored(card, data, events, as_day(found[2], "as_of"))
        for what, now, then in zip(("data", "result"), prints, kept, strict=True):
            differ = [name for name in {**then, **now} if then.get(name) != now.get(name)]
            if differ:
                raise DataError(f"run {run}: the {what} are not those of {found[2]}: {', '.join(map(plain, differ))} "
                                "differ\n  Pass the base with every row that it had up to that day, and no other.")
        return scored

    def runs(self) -> dict[str, np.ndarray]:
        """Return the runs: run, name and version of the card, as_of."""
        return self._table("runs", ("run", "name", "version", "as_of"))

    def _table(self, name: str, columns: tuple[str, ...]) -> dict[str, np.ndarray]:
        with transaction(self.path, write=False) as db:
            rows = db.execute(f"SELECT {', '.join(columns)} FROM {name} ORDER BY rowid").fetchall()
        return {column: np.array([row[k] for row in rows], object) for k, column in enumerate(columns)}


def _same_zone(db: sqlite3.Connection, new: list[Row]) -> None:
    known = db.execute("SELECT zone FROM reviews LIMIT 1").fetchone()
    zone = new[0][-1] if new else None
    if new and known not in (None, (zone,)):
        raise DataError(f"the log is kept in times {f'of {known[0]}' if known[0] else 'without a zone'}, these are "
                        f"{f'of {zone}' if zone else 'without one'}: convert them first")


def _scored(card: Scorecard, data: Scorable, events: FrameLike,
            day: np.datetime64) -> tuple[Any, tuple[dict[str, str], dict[str, str]]]:
    """Return scores, and the fingerprints of the columns that the card reads and writes."""
    frame = attributes_of(data, card.events, day)
    opened = table(frame)
    scored = card.score(frame, reviews=events, as_of=day)
    out, ids = table(scored), opened.array("customer")
    order = order_of(ids)
    read = {c.name: column_values(opened, c) for c in card.compiled.reads}
    return scored, ({name: digest(column[order]) for name, column in {"customer": ids, **read}.items()},
                    {name: digest(out.array(name)[order]) for name in (*card.columns, SOURCE)})


# ---- cards ----

def keep(db: sqlite3.Connection, card: Scorecard) -> None:
    """Keep a card under its name and version; raise if a different card is kept there."""
    known = db.execute("SELECT fingerprint FROM cards WHERE name = ? AND version = ?",
                       (card.name, card.version)).fetchone()
    if known not in (None, (card.fingerprint,)):
        raise ConfigError(f"version {card.version!r} of card {card.name!r} is kept with other content; give this one a "
                          "version of its own (see diff)")
    text = json.dumps(to_dict(card), ensure_ascii=False)
    if len(text) > LARGEST:
        raise ConfigError(f"card {card.name!r} is larger than {LARGEST:,} characters")
    if known is None:
        db.execute("INSERT INTO cards (name, version, fingerprint, card) VALUES (?, ?, ?, ?)",
                   (card.name, card.version, card.fingerprint, text))


def card_of(db: sqlite3.Connection, name: str, version: str | None) -> Scorecard:
    """Return a kept card: a version of it, or the one that was kept last."""
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
    return from_dict(Scorecard, table, f"card {name!r}")


def parsed(text: object, what: str) -> dict[str, Any]:
    """Return kept JSON as data, read as strictly as a file."""
    if not isinstance(text, str) or len(text) > LARGEST:
        raise ConfigError(f"{what} is not what was kept: the file is damaged")
    return parse(text.encode(), what, toml=False)


# ---- the file ----

@contextmanager
def transaction(path: str | os.PathLike[str], write: bool) -> Iterator[sqlite3.Connection]:
    """Open the file of a store for one transaction, which is committed as a whole or not at all."""
    import sqlite3  # a Python may come without it

    name = plain(os.path.basename(os.fspath(path)))
    try:
        _demand(Path(checked(path)), write)
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
    """Raise if SQLite would treat the file as a new one."""
    if path.exists() and not path.is_file():
        raise ConfigError("it is no regular file, and a store is one")
    size = path.stat().st_size if path.exists() else None
    if size is None and not write:
        raise ConfigError("there is no such file; a store is made by what is first put into it")
    if size and size < SMALLEST:
        raise ConfigError("it is damaged or no store of custval")


def _check(db: sqlite3.Connection, write: bool) -> None:
    """Raise unless the file is a store of exactly this schema; make a new file one."""
    (application,), (schema,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version"))
    found = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    if not found and not application and write:
        for statement in [*STATEMENTS, f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {SCHEMA}"]:
            db.execute(statement)
    elif application == APPLICATION and schema > SCHEMA:
        raise ConfigError(f"a store of schema {schema}, this version reads {SCHEMA}; a newer custval made it")
    elif application != APPLICATION or schema != SCHEMA or found != STATEMENTS:
        raise ConfigError("an SQLite file, but not a store of custval as custval makes it")


def _remedy(error: Exception) -> str:
    text = str(error)
    if any(word in text for word in ("not a database", "malformed", "decode")):
        return "; it is damaged or no store of custval"
    if "locked" in text:
        return f"; another process has held it for {PATIENCE} seconds"
    return "; its permissions or those of its folder allow no writing" if "readonly" in text else ""
