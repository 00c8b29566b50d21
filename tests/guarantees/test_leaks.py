"""C4: no leak, on the good path and on every error path of every function, in a fresh process."""
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from calls import CALLS, plain_functions
from leaks import verdict

HERE = Path(__file__).resolve().parents[1]


def test_every_plain_function_has_a_call():
    assert sorted(CALLS) == plain_functions()           # a new function needs a line in calls.py


def test_no_function_leaks():
    run = subprocess.run([sys.executable, HERE / "leaks.py", "1000"], capture_output=True, text=True)
    assert run.returncode == 0 and "keep nothing" in run.stdout, run.stdout + run.stderr


KEPT = []


@pytest.mark.plain
@pytest.mark.parametrize("leak, what", [
    (lambda column: KEPT.append(column), "references"),
    (lambda column: KEPT.append([str(i) for i in range(3)]), "blocks"),
    (lambda column: KEPT.append(np.ones(100_000)), "bytes"),
])
def test_a_planted_leak_is_detected(leak, what):
    assert what in verdict("leak", leak, [(np.ones(5),)], 200)
    KEPT.clear()
