"""Memory: an array that another thread writes to during a call leads to any result or an error, never outside a buffer.

Every function of _core is called with arrays that change all the time: between the content of a good call and hostile
ones, in random order. A build with sanitizers names every read and write outside a buffer; CUSTVAL_CHANGES is the
time for each function, in seconds.
"""
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import numpy as np
from calls import CALLS, arguments, names

from custval import _core

HERE = Path(__file__).resolve().parents[1]
ROWS = 30_000
FEWER = {"bootstrap": 300, "influence": 300, "value_spread": 300, "trend": 3000, "curve": 3000}


def arrays_in(argument):
    """Yield the arrays of an argument, those inside tuples too."""
    if isinstance(argument, tuple):
        for part in argument:
            yield from arrays_in(part)
    elif isinstance(argument, np.ndarray):
        yield argument


def owned(argument):
    """Return the argument with copies of its arrays, which may be written to."""
    if isinstance(argument, tuple):
        return tuple(map(owned, argument))
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def contents(array, hostile):
    """Return what the array holds in turn: its values, in reverse order too, and hostile ones."""
    own = [array.copy(), array[::-1].copy()]
    if array.dtype == object:
        return [*own, np.full_like(array, "x")]
    if array.dtype.kind == "f":
        wrong = [0, -1, np.nan, .99, 700, 1e300] if hostile else [.99]
    else:
        limits = np.iinfo(array.dtype)
        wrong = [limits.min, limits.max, 0, 1, len(array)] if hostile else [1]
        wrong = [min(value, limits.max) for value in wrong]
    return own + [np.full_like(array, value) for value in wrong]


class Changes(threading.Thread):
    """Write to one array after the other until told to stop, and back what a good call has."""

    def __init__(self, arrays, hostile, pause):
        super().__init__(daemon=True)
        self.contents = [(array, contents(array, hostile)) for array in arrays]
        self.random, self.stopping, self.pause = np.random.default_rng(len(self.contents)), False, pause

    def run(self):
        while not self.stopping:
            array, kinds = self.contents[self.random.integers(len(self.contents))]
            some = slice(self.random.integers(len(array)) if self.random.random() < .5 else None, None)
            array[some] = kinds[self.random.integers(len(kinds))][some]
            sleep(self.random.random() * self.pause)
            np.copyto(array, kinds[0])
            sleep(self.random.random() * self.pause)


def call_while_changing(name, seconds):
    """Call a function for some time; return the number of calls."""
    plain = name in CALLS
    args = owned(tuple(arguments(name, FEWER.get(name, ROWS) if plain else 300)))
    began = monotonic()
    with np.errstate(all="ignore"):
        getattr(_core, name)(*args)
    pause = min(monotonic() - began, .02)
    changes = Changes([array for array in arrays_in(args) if array.size], plain, pause)
    until, calls = monotonic() + seconds, 0
    changes.start()
    with np.errstate(all="ignore"):
        while calls < 3 or monotonic() < until:
            calls += 1
            with suppress(ValueError, TypeError, IndexError):
                getattr(_core, name)(*args)
    changes.stopping = True
    changes.join()
    return calls


def test_no_function_leaves_its_buffers():
    run = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(run.stdout.splitlines()) == len(names())


if __name__ == "__main__":
    spare = float(os.environ.get("CUSTVAL_CHANGES", "0.03"))
    for word in names():
        print(word, end=" ", flush=True)
        print(call_while_changing(word, spare if word in CALLS else spare / 10))
