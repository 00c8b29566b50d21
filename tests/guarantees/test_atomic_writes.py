"""S3: files are old or new, never torn; a store keeps every write that it acknowledged.

A card or model file is replaced in one step. A store survives `kill -9` and several writers at once. CUSTVAL_EXAMPLES
sets how many writers are killed in each test.
"""
import contextlib
import os
import random
import select
import signal
import sqlite3
import tempfile
import time
from collections import Counter

import pytest
from card_cases import ODD, in_code
from processes import fork

from custval import ConfigError, GammaGamma, Scorecard, Store

KILLS = int(os.environ.get("CUSTVAL_EXAMPLES", 24))


@pytest.fixture
def memory():
    """Return a folder in memory where there is one: the writers are killed, the machine is not."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        yield folder


def killed(works, seconds):
    """Run several works at once, kill all of them `seconds` after the first report; return the reports of each."""
    children = [fork(work) for work in works]
    select.select([pipe for _, pipe in children], [], [], 60)
    time.sleep(seconds)
    said = []
    for child, pipe in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with pipe:
            said.append(pipe.read().split())
    return said


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("name, first, second", [("value.toml", in_code().save, ODD.save),
                                                 ("spend.json", GammaGamma().to_json, GammaGamma(p=1).to_json)])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(name, first, second, broken, tmp_path, monkeypatch):
    path = tmp_path / name
    first(path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(OSError, match="No space"):
            second(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_saving_through_a_link_writes_its_target_and_keeps_the_link(tmp_path):
    (tmp_path / "kept").mkdir()
    target, link = tmp_path / "kept" / "card-7.toml", tmp_path / "value.toml"
    link.symlink_to("kept/card-7.toml")
    for card in (in_code(), ODD):                           # at first the target does not exist
        card.save(link)
        assert link.is_symlink() and Scorecard.load(target) == card
    assert list((tmp_path / "kept").iterdir()) == [target]


@pytest.mark.plain
def test_a_card_file_is_old_or_new_whenever_its_writer_is_killed(memory):
    path, rng, cards = f"{memory}/价值.toml", random.Random(3), (in_code(), ODD)
    cards[0].save(path)

    def work(say):
        for k in range(10**6):
            cards[k % 2].save(path)
            say(k)

    done = 0
    for _ in range(KILLS):
        done += len(killed([work], rng.uniform(0, .01))[0])
        assert Scorecard.load(path) in cards
    assert done >= KILLS


# ---- the store ----

def events(name, k):
    """Return a score from its draft to its review."""
    return {"id": [f"{name}-{k}"] * 3, "customer": [name] * 3, "measure": ["信任"] * 3, "author": ["李雷"] * 3,
            "time": ["2025-01-01"] * 3, "value": [k] * 3, "status": ["draft", "submitted", "approved"],
            "reviewer": ["", "", "王芳"], "reason": ["守信 🎈"] * 3}


def writer(store, name):
    """Return a work that appends scores, one after the other, and reports each that was appended."""
    def work(say):
        for k in range(10**6):
            store.append(events(name, k))
            say(f"{name}-{k}")
    return work


@pytest.mark.plain
def test_nothing_acknowledged_is_lost_and_nothing_is_torn_when_writers_are_killed(memory):
    store, rng, acknowledged, rounds = Store(f"{memory}/价值.db"), random.Random(9), [], -(-KILLS // 3)
    for k in range(rounds):
        for said in killed([writer(store, f"{k}.{w}") for w in range(3)], rng.uniform(0, .02)):
            acknowledged += said
    kept = store.reviews()
    count = Counter(kept["id"].tolist())
    assert len(acknowledged) >= rounds and set(acknowledged) <= set(count)
    assert set(count.values()) == {3} and set(kept["reason"]) == {"守信 🎈"}
    assert len(count) <= len(acknowledged) + 3 * rounds      # at most one of each writer was not acknowledged yet
    with contextlib.closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.plain
def test_writers_at_once_wait_for_one_another_and_one_of_them_keeps_a_version(memory):
    store = Store(f"{memory}/价值.db")

    def version(k):
        return Scorecard("value", in_code().indicators, cap=10 + k, version="2026")

    def work(k):
        def rounds(say):
            for n in range(8):
                store.append(events(str(k), n))
            try:
                store.save(version(k))
                say(k)
            except ConfigError as error:
                assert "is kept with other content" in str(error)
        return rounds

    children = [fork(work(k)) for k in range(4)]
    kept = [int(k) for _, pipe in children for k in pipe.read().split()]
    for child, pipe in children:
        pipe.close()
        os.waitpid(child, 0)
    assert len(store.reviews()["id"]) == 4 * 8 * 3
    assert [store.card("value")] == [version(k) for k in kept]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"the folder does not exist: '.*nodir'"):
        GammaGamma(p=6, q=4, gamma=15).to_json(tmp_path / "nodir" / "m.json")
