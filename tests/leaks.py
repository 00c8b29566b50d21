"""Leak test of every function of _core, in a fresh process: python tests/leaks.py ROUNDS [name ...].

Every good and bad call of calls.py is made ROUNDS times (fewer when slow, never below 30); then references to each
argument, blocks of Python's allocator and resident memory have to be where they were. sys.gettotalrefcount does not
help here: a release build of NumPy does not count.
"""
import gc
import sys
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import numpy as np
from calls import arguments, bad_arguments, names

from custval import _core

BLOCKS, BYTES = 20, 1 << 20                 # the interpreter itself may gain these
SECONDS = 0.2                               # per function


def call(function, argument_lists):
    for args in argument_lists:
        with suppress(Exception), np.errstate(all="ignore"):
            function(*args)


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def counts(objects):
    return [sys.getrefcount(o) for o in objects]


def parts(argument):
    """Return an argument, or those in a tuple."""
    return [part for each in argument for part in parts(each)] if isinstance(argument, tuple) else [argument]


def drift(function, argument_lists, rounds):
    """Return the references, blocks and bytes gained in `rounds` rounds of calls."""
    # None and small integers are shared, so their counts mean nothing.
    objects = [o for args in argument_lists for o in parts(args) if isinstance(o, np.ndarray) or type(o) is object]
    start = perf_counter()
    for _ in range(min(rounds, 30)):
        call(function, argument_lists)
    rounds = max(min(rounds, 30), min(rounds, int(30 * SECONDS / (perf_counter() - start))))
    gc.collect()
    before = counts(objects)
    blocks, memory = sys.getallocatedblocks(), resident()
    for _ in range(rounds):
        call(function, argument_lists)
    gc.collect()
    memory, blocks = resident() - memory, sys.getallocatedblocks() - blocks
    gained = [now - was for now, was in zip(counts(objects), before, strict=True)]
    return max(gained, default=0), blocks, memory


def verdict(name, function, argument_lists, rounds):
    """Return what a function gained beyond the limits, as text; empty when nothing."""
    references, blocks, memory = drift(function, argument_lists, rounds)
    wrong = []
    if references:
        wrong.append(f"{references} references")
    if blocks > BLOCKS:
        wrong.append(f"{blocks} blocks")
    if memory > BYTES and "asan" not in Path("/proc/self/maps").read_text():    # whose quarantine grows
        wrong.append(f"{memory} bytes")
    return f"{name} keeps " + ", ".join(wrong) if wrong else ""


def cases(name):
    if name.startswith("selftest_"):
        return [(object(),)] if "reference" in name else [(4096,), (np.zeros(1),)]
    good = arguments(name, 50)
    return [good, *bad_arguments(good)]


def main(rounds, *chosen):
    found = [verdict(name, getattr(_core, name), cases(name), int(rounds)) for name in chosen or names()]
    print("\n".join(filter(None, found)) or f"{len(found)} functions keep nothing")
    return any(found)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
