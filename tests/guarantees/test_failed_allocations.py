"""C5: every allocation may fail: a MemoryError, never a crash.

Each function is called with 0, 1, 2 ... allocations granted, until it succeeds.
"""
import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from calls import arguments, names

HERE = Path(__file__).resolve().parents[1]
pytest.importorskip("_testcapi", reason="this Python has no module to make allocations fail")


def starve(name):
    """Call a function with its first k allocations granted, k = 0, 1, ...; return the number that it needs."""
    import _testcapi

    from custval import _core
    function, args = getattr(_core, name), arguments(name, 50)
    function(*args)
    for granted in itertools.count():
        _testcapi.set_nomemory(granted, 0)
        try:
            function(*args)
        except MemoryError:
            continue
        finally:
            _testcapi.remove_mem_hooks()
        return granted


def test_every_function_survives_every_failed_allocation():
    run = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(run.stdout.splitlines()) == len(names())


if __name__ == "__main__":
    for word in names():
        print(word, starve(word), flush=True)
