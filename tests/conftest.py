"""What several tests need."""
import os
import subprocess
import sys

import pytest


@pytest.fixture
def environment():
    """The environment of a fresh Python process that finds the same custval and the tests' helpers."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


@pytest.fixture
def fresh(environment):
    """Return a function that runs code in a fresh Python process, from no folder in particular (-P)."""
    def run(code):
        done = subprocess.run([sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run
