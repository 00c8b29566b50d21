"""A small store in one file: cards by version, the review log, runs that can be replayed to the same bytes."""
from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from .._dates import as_day
from .._formatting import many, plain
from .._tabular import table
from ..errors import ConfigError, DataError
from .columns import column_values
from .database import transaction
from .kept import card_of, keep, parsed
from .learn import frame_of as frame_for
from .review_log import read_log
from .review_rows import KEPT, digest, frame_of, order_of, rows_of
from .review_status import SOURCE
from .scorecard import Scorecard
from .scoring import read_columns

if TYPE_CHECKING:
    import sqlite3

EVENTS = f"SELECT {', '.join(KEPT)} FROM reviews"


class Store:
    """Cards, reviews and runs of one firm in an SQLite file; for a log kept elsewhere none is needed.

    The file is only appended to. A call that returns has its rows on disk, one that fails or is killed leaves none;
    processes that write at once wait for one another. Nothing in a file is ever executed, and one that custval did
    not make is refused. The object holds the path alone: it may be copied, sent to other processes and kept.

    Parameters
    ----------
    path : path
        Of the file; it is made by what is first put into it.

    Raises
    ------
    ConfigError
        By any method: the file is damaged, of a newer version or no store, or may not be written. It names the file.

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
        self.path = os.path.abspath(path)

    def __repr__(self) -> str:
        return f"<Store {plain(os.path.basename(self.path))!r}>"

    def save(self, card: Scorecard) -> None:
        """Keep a card under its name and version. What is kept there already may not say anything else.

        Raises
        ------
        ConfigError
            The card has no version, or another one is kept under its name and version.
        """
        if not isinstance(card, Scorecard):
            raise ConfigError(f"save takes a Scorecard, not a {type(card).__name__}")
        if card.version is None:
            raise ConfigError('a store keeps cards with a version: Scorecard(..., version="2026-03")')
        with transaction(self.path, write=True) as db:
            keep(db, card)

    def card(self, name: str, version: str | None = None) -> Scorecard:
        """Return a card that is kept: the one of a version, or the one kept last."""
        with transaction(self.path, write=False) as db:
            card: Scorecard = card_of(db, Scorecard, name, version)
        return card

    def cards(self) -> dict[str, np.ndarray]:
        """Return the cards in the order in which they came: name, version, fingerprint."""
        return self._table("cards", ("name", "version", "fingerprint"))

    def append(self, reviews: Any, *, card: Scorecard | None = None) -> int:
        """Append events to the review log, all or none, and return how many.

        Parameters
        ----------
        reviews : frame
            As `Scorecard.review` says. They may go on with scores that are kept, of which no event may be earlier.
            Times are kept by the clock on the wall: all events have a zone, the same one, or none.
        card : Scorecard, optional
            Refuse scores of measures that it does not have, or beyond their cap or floor, unless they are rejected.
            Customers it does not know: `Scorecard.review` warns of strangers.

        Raises
        ------
        DataError
            The events contradict each other or those that are kept, or the card refuses a score. Rows count in the
            frame given.
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
        """Return the review log as `Scorecard.score` takes it; a pandas frame is ``pd.DataFrame(store.reviews())``."""
        with transaction(self.path, write=False) as db:
            return frame_of(db.execute(f"{EVENTS} ORDER BY event"))

    def run(self, card: Scorecard, data: Any, *, as_of: Any) -> tuple[int, Any]:
        """Score with a card and the reviews as of a day, and keep what is needed to do it again.

        Parameters
        ----------
        card : Scorecard
            With a version; it is kept, as by `save`.
        data : CustomerBase or frame
            A base, scored as it was known at the end of that day; or a frame with a column ``customer``, as it was
            at the end of that day.
        as_of : date
            The day.

        Returns
        -------
        (int, frame)
            The number of the run, and what `Scorecard.score` returns.
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

    def replay(self, run: int, data: Any) -> Any:
        """Return what a run returned, every number to its last bit: by its card, with the reviews known then.

        Parameters
        ----------
        run : int
        data : CustomerBase or frame
            As for `run`, rows in any order. A base may know more by now: what came after the day plays no part.

        Raises
        ------
        DataError
            The data are not those of the run; the text names the columns that differ.
        """
        if isinstance(run, bool) or not isinstance(run, int | np.integer) or not 0 < run < 2**63:
            raise ConfigError(f"run={run!r}: pass the number of a run")
        with transaction(self.path, write=False) as db:
            found = db.execute("SELECT name, version, as_of, event, data, result FROM runs WHERE run = ?",
                               (int(run),)).fetchone()
            if found is None:
                kept, = db.execute("SELECT count(*) FROM runs").fetchone()
                raise ConfigError(f"run {run} is not kept; there {'is' if kept == 1 else 'are'} {many(kept, 'run')}")
            card: Scorecard = card_of(db, Scorecard, *found[:2])
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


def _same_zone(db: sqlite3.Connection, new: list[Any]) -> None:
    known = db.execute("SELECT zone FROM reviews LIMIT 1").fetchone()
    zone = new[0][-1] if new else None
    if new and known not in (None, (zone,)):
        raise DataError(f"the log is kept in times {f'of {known[0]}' if known[0] else 'without a zone'}, these are "
                        f"{f'of {zone}' if zone else 'without one'}: convert them first")


def _scored(card: Scorecard, data: Any, events: Any, day: Any) -> tuple[Any, tuple[dict[str, str], dict[str, str]]]:
    """Return scores, and the fingerprints of the columns that go in and come out."""
    frame = frame_for(card, data, day)
    opened = table(frame)
    scored = card.score(frame, reviews=events, as_of=day)
    out, ids = table(scored), opened.array("customer")
    order = order_of(ids)
    read = {c.name: column_values(opened, c) for c in read_columns(card)}
    return scored, ({name: digest(column[order]) for name, column in {"customer": ids, **read}.items()},
                    {name: digest(out.array(name)[order]) for name in (*card.columns, SOURCE)})
