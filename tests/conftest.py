"""What several tests need."""
import os
import subprocess
import sys

import pytest

# Every Python that a test starts finds the same custval and the tests' helpers, and never the checkout's own
# folder, where custval has no _core unless it was built in place.
os.environ["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
os.environ["PYTHONSAFEPATH"] = "1"


@pytest.fixture
def fresh():
    """Return a function that runs code in a fresh Python process and returns what it printed."""
    def run(code):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run
