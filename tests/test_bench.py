"""The bench still runs and its contenders still agree; no time is judged here."""
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent / "bench"


def test_contenders_agree_on_tiny_data():
    path = os.pathsep.join(entry for entry in sys.path if entry)     # the custval under test
    run = subprocess.run([sys.executable, BENCH, "--size", "tiny", "--rounds", "1"], text=True,
                         capture_output=True, env=os.environ | {"PYTHONPATH": path})
    assert run.returncode == 0, run.stderr
    assert "bgnbd p_alive" in run.stdout and "WRONG" not in run.stdout
