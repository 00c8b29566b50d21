"""The bench runs on tiny data and its contenders agree; time is not tested."""
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"


@pytest.mark.plain
def test_contenders_agree_on_tiny_data():
    run = subprocess.run([sys.executable, BENCH, "--size", "tiny", "--rounds", "1"], text=True,
                         capture_output=True)
    assert run.returncode == 0, run.stderr
    assert "bgnbd p_alive" in run.stdout and "WRONG" not in run.stdout
