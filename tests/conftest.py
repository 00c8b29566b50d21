"""Fixtures of several tests."""
import os
import subprocess
import sys

import pytest

from custval.datasets import _framed

# Every Python that a test starts finds the same custval and the tests' helpers, and never the checkout's own
# folder, where custval has no _core unless it was built in place.
os.environ["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
os.environ["PYTHONSAFEPATH"] = "1"

# Tests of numbers take the built-in data as arrays; the fixture `framed_data` gives what a user gets.
MAKERS, _framed.MAKERS = _framed.MAKERS, ()


@pytest.fixture
def framed_data(monkeypatch):
    """Give the built-in data as frames of the first library that is installed."""
    monkeypatch.setattr(_framed, "MAKERS", MAKERS)


@pytest.fixture
def fresh():
    """Return a function that runs code in a fresh Python process and returns what it printed."""
    def run(code, **environment):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | environment)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run


@pytest.fixture
def same_bits(fresh):
    """Return a function that runs code on each instruction set, in fresh processes, and compares what it prints."""
    def run(code):
        base, best = (fresh(f"from custval import _core\nassert _core.SIMD in {ok}\n{code}", CUSTVAL_SIMD=simd)
                      for simd, ok in (("base", ["base"]), ("", ["base", "avx2"])))
        assert base == best and base
    return run
