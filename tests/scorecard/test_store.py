"""cv.Store: cards by version, an append-only log, runs that replay to the same bytes, invalid files.

test_atomic_writes.py kills writers and runs several at once.
"""
import contextlib
import os
import pickle
import random
import resource
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from processes import fork

import custval as cv

DAY = np.datetime64("2025-01-01")
COLUMNS = ["id", "customer", "measure", "author", "time", "value", "reason", "status", "reviewer", "expires"]


def card(version="2025", per=10):
    return cv.Scorecard("客户价值", [cv.Indicator("points", weight=1, measures={
        "amount": cv.rules.Linear(per=per), "信任": cv.rules.Manual(missing="zero")})], version=version,
        tiers=[("高", 100), ("低", None)])


def approved(id, customer, value, day=0):
    return pd.DataFrame([[id, customer, "信任", "李雷", DAY + day, value, "守信 🎈", status, reviewer, None]
                         for status, reviewer in (("draft", None), ("submitted", None), ("approved", "王芳"))],
                        columns=COLUMNS)


def base(seed=0, customers=20, days=200):
    rng = np.random.default_rng(seed)
    n = 400
    orders = pd.DataFrame({"客户": [f"客{k}" for k in rng.integers(customers, size=n)],
                           "time": DAY + rng.integers(days, size=n), "paid": rng.integers(1, 900, n) / 4})
    return orders, lambda rows: cv.CustomerBase(rows, customer="客户", time="time", amount="paid")


@pytest.fixture
def store():
    """Return a store, in memory where there is such a folder: processes are killed, the machine is not."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        yield cv.Store(f"{folder}/价值.db")


# ---- all or nothing ----

def test_a_failure_in_the_middle_leaves_nothing(store):
    store.append(approved("1", "a", 1))
    before = Path(store.path).read_bytes()
    for broken in (approved("2", "a", 1)[1:], approved("1", "a", 1)):
        with pytest.raises(cv.DataError):
            store.append(pd.concat([approved("3", "b", 2), broken]))
    assert Path(store.path).read_bytes() == before and os.listdir(os.path.dirname(store.path)) == ["价值.db"]


def test_a_full_disk_leaves_what_was_there(store):
    store.append(approved("1", "a", 1))

    def work(say):
        resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(store.path) + 4096,) * 2)
        try:
            store.append(pd.concat([approved(str(k), "a", k) for k in range(2, 400)]))
        except cv.ConfigError as error:
            say(error)

    child, said = fork(work)
    assert said.read().startswith("价值.db: ")
    os.waitpid(child, 0)
    assert store.reviews()["id"].tolist() == ["1"] * 3


# ---- runs ----

@pytest.mark.parametrize("seed", range(3))
def test_a_run_replays_to_the_same_bytes_whatever_came_after_its_day(store, seed):
    orders, made = base(seed)
    day = DAY + 90
    past = orders[orders["time"] <= day]
    ids = sorted(set(past["客户"]))
    store.append(pd.concat([approved(f"r{k}", ids[k], k + .1, 10 * k) for k in range(5)]))
    run, scored = store.run(card(), made(past), as_of=day)
    assert (scored["manual"] == "信任").sum() == 5 and set(scored["tier"]) == {"高", "低"}
    store.append(pd.concat([approved(f"late{k}", ids[k], 50, 91 + k) for k in range(5)]))
    store.append(approved("back-dated", ids[7], 77, 3))                # entered later, dated before
    store.save(card("2026", per=3))
    want = scored.sort_values("customer")
    for rows in (orders, pd.concat([past, orders[orders["time"] > day].sample(frac=.5, random_state=seed)])):
        again = store.replay(run, made(rows)).sort_values("customer")
        pd.testing.assert_frame_equal(again.reset_index(drop=True), want.reset_index(drop=True), check_exact=True)
        assert again["score"].to_numpy().tobytes() == want["score"].to_numpy().tobytes()
    polars = store.replay(run, made(pl.from_pandas(past)))
    assert polars["score"].to_numpy().tobytes() == scored["score"].to_numpy().tobytes()
    assert store.runs()["as_of"].tolist() == [str(day)]


def test_a_replay_of_other_data_names_what_differs(store):
    frame = {"customer": ["a", "b"], "amount": [10.0, 20.0]}
    run, _ = store.run(card(), frame, as_of=DAY)
    with pytest.raises(cv.DataError, match=f"run {run}: the data are not those of 2025-01-01: amount differ"):
        store.replay(run, frame | {"amount": [10.0, 20.5]})
    with pytest.raises(cv.DataError, match="the data are not those of 2025-01-01: customer differ"):
        store.replay(run, frame | {"customer": ["a", "c"]})
    with pytest.raises(cv.ConfigError, match=r"价值\.db: run 7 is not kept; there is 1 run"):
        store.replay(7, frame)
    for odd in (run + .9, str(run), True, 2**63):
        with pytest.raises(cv.ConfigError, match="pass the number of a run"):
            store.replay(odd, frame)


# ---- cards and reviews ----

def test_cards_are_kept_by_version(store):
    first, second = card("2025"), card("2026", per=4)
    for kept in (first, second, first):
        store.save(kept)
    assert store.cards()["version"].tolist() == ["2025", "2026"]
    assert store.card("客户价值", "2025") == first and store.card("客户价值") == second
    with pytest.raises(cv.ConfigError, match="version '2025' of card '客户价值' is kept with other content"):
        store.save(card("2025", per=7))
    with pytest.raises(cv.ConfigError, match=r"价值\.db: card 'x' is not kept; there are: 客户价值 2025, 客"):
        store.card("x")
    with pytest.raises(cv.ConfigError, match="a store keeps cards with a version"):
        store.save(card(None))


@pytest.mark.parametrize("ids", [[2**63 - 1, -2**63], ["007", "7"], ["a\x00b", "a"], ["客户 é 🎈", "x" * 10**5],
                                 [1, "1"]])
def test_ids_survive_and_appended_events_continue(store, ids):
    events = pd.concat([approved(id, id, 1 / 3) for id in ids]).astype({"id": object, "customer": object})
    for k in range(3):
        assert store.append(events.iloc[k::3]) == 2
    log = store.reviews()
    assert [*map(type, log["id"].tolist())] == [type(id) for id in ids] * 3
    assert log["id"].tolist() == log["customer"].tolist() == ids * 3
    assert log["value"].tolist() == [1 / 3] * 6 and log["time"].tolist() == pd.to_datetime([DAY] * 6).tolist()
    scored = card().score({"customer": np.array(ids, object), "amount": [0, 0]}, reviews=log, as_of=DAY)
    assert scored["score"].tolist() == [1 / 3, 1 / 3]


@pytest.mark.parametrize("change, words", [
    ({"status": "draft"}, r"edit a score after its submission\n  row 0   'draft'   customer a   id 1"),
    ({"status": "rejected", "reviewer": "Wang"}, "reject a score that is approved"),
    ({"time": DAY - 1, "status": "draft"}, "are earlier than the stored rows of their id"),
    ({"id": 1.5}, "float ids must be whole numbers"),
    ({"id": 2**63}, "a store keeps text and whole numbers of 64 bits"),
    ({"time": pd.Timestamp("2026-01-01", tz="UTC"), "id": "2", "status": "draft", "reviewer": None},
     "the log is kept in times without a zone, these are of UTC"),
])
def test_invalid_events_are_refused_by_their_row(store, change, words):
    store.append(approved("1", "a", 1))
    event = approved("1", "a", 1).iloc[[2]].assign(**change)
    with pytest.raises(cv.DataError, match=words):
        store.append(event)


def test_a_card_refuses_invalid_scores_that_are_not_rejected(store):
    capped = cv.Scorecard("c", [cv.Indicator("a", weight=1, measures={"信任": cv.rules.Manual(cap=40, floor=0)})])
    for change, words in (
            ({"measure": "信用"}, r"are no measure of card 'c'\n  row 2   '信用'   customer a   id 1\n  .*mean '信任'"),
            ({"value": 3000.0}, r"column 'value': 1 of 3 values are above 40, the cap of '信任'\n  row 2   3000"),
            ({"value": -1.0}, r"column 'value': 1 of 3 values are below 0, the floor of '信任'\n  row 2   -1")):
        with pytest.raises(cv.DataError, match=words):
            store.append(approved("1", "a", 40).assign(**change), card=capped)
    assert store.append(approved("1", "a", 40), card=capped) == 3
    wrong = approved("2", "a", 3000.0)
    store.append(wrong[:2])
    with pytest.raises(cv.DataError, match="the cap of"):
        store.append(wrong[2:], card=capped)
    assert store.append(wrong[2:].assign(status="rejected"), card=capped) == 1
    with pytest.raises(cv.ConfigError, match="append takes a Scorecard as card=, not a str"):
        store.append(approved("3", "a", 1), card="c")


# ---- the file ----

def test_a_store_makes_no_file_until_the_first_write(store, tmp_path, monkeypatch):
    assert pickle.loads(pickle.dumps(store)).path == store.path and repr(store) == "<Store '价值.db'>"
    with pytest.raises(cv.ConfigError, match=r"价值\.db: there is no such file"):
        store.reviews()
    assert not os.listdir(os.path.dirname(store.path))
    monkeypatch.chdir(tmp_path)
    relative = cv.Store(":memory:")
    monkeypatch.chdir("/")
    relative.save(card())
    assert relative.card("客户价值") == card() and (tmp_path / ":memory:").exists()


def sql(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize("statements, words", [
    (["CREATE TABLE t (a)"], "not a store of custval"),
    (["CREATE VIEW v AS SELECT load_extension('x')"], "not a store of custval as custval makes it"),
    (["CREATE TRIGGER t AFTER INSERT ON reviews BEGIN DELETE FROM cards; END"], "not a store of custval as"),
    (["DROP TRIGGER reviews_no_update"], "not a store of custval as"),
    (["PRAGMA user_version = 2"], "a store of schema 2, this version reads 1; a newer custval made it"),
    (["PRAGMA application_id = 7"], "not a store of custval"),
])
def test_a_file_that_custval_did_not_make_is_refused_by_name(store, statements, words):
    store.save(card())
    sql(store.path, *statements)
    before = Path(store.path).read_bytes()
    for call in (store.reviews, store.cards, lambda: store.save(card("3"))):
        with pytest.raises(cv.ConfigError, match=rf"^价值\.db: .*{words}"):
            call()
    assert Path(store.path).read_bytes() == before


@pytest.mark.parametrize("content", [b"PK\x03\x04" * 300, b"SQLite format 3\x00" + b"\xff" * 5000, b"x"])
def test_a_file_that_is_no_database_is_refused_and_stays(store, content):
    Path(store.path).write_bytes(content)
    with pytest.raises(cv.ConfigError, match=r"价值\.db: "):
        store.save(card())
    assert Path(store.path).read_bytes() == content


def test_other_tools_cannot_update_or_delete_rows(store):
    store.run(card(), {"customer": ["a"], "amount": [1.0]}, as_of=DAY)
    store.append(approved("1", "a", 1))
    for table in ("cards", "reviews", "runs"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = 9"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                sql(store.path, statement)


def test_damaged_bytes_give_an_error_that_names_the_file(store):
    rng = random.Random(5)
    store.run(card(), {"customer": ["a"], "amount": [1.0]}, as_of=DAY)
    store.append(pd.concat([approved(str(k), "a", k) for k in range(30)]))
    whole = Path(store.path).read_bytes()
    reported = 0
    for _ in range(30):
        bad = bytearray(whole)
        for _ in range(rng.choice((1, 4, 40))):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        Path(store.path).write_bytes(bad[:rng.choice((len(bad), rng.randrange(len(bad))))])
        for call in (store.reviews, store.cards, lambda: store.card("客户价值"),
                     lambda: store.append(approved("n", "a", 1)),
                     lambda: store.replay(1, {"customer": ["a"], "amount": [1.0]})):
            try:
                call()
            except (cv.ConfigError, cv.DataError) as error:
                reported += str(error).startswith(("价值.db", "reviews", "run 1"))
    assert reported > 30


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
def test_a_read_only_file_is_read(store):
    store.append(approved("1", "a", 1))
    os.chmod(os.path.dirname(store.path), 0o755)
    os.chmod(store.path, 0o444)

    def work(say):
        os.setuid(65534)
        say(len(store.reviews()["id"]))
        try:
            store.save(card())
        except cv.ConfigError as error:
            say(error)

    child, said = fork(work)
    assert said.read().splitlines() == [
        "3", "价值.db: attempt to write a readonly database; its permissions or those of its folder allow no writing"]
    os.waitpid(child, 0)
