"""The test program of the core, built from the C files alone, passes."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CC = os.environ.get("CC", "cc").split()


def build(folder, *flags):
    sources = sorted(map(str, [*ROOT.glob("src/core/*/*.c"), *ROOT.glob("tests/core/*.c")]))
    program = folder / "check"
    subprocess.run([*CC, "-std=c11", "-O1", f"-I{ROOT}/src/core", *flags, *sources, "-o", str(program), "-lm"],
                   check=True)
    return program


@pytest.mark.plain
@pytest.mark.skipif(not shutil.which(CC[0]), reason="no C compiler")
def test_core_program_passes(tmp_path):
    run = subprocess.run([build(tmp_path)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert re.search(r"^[1-9]\d* passed, 0 failed$", run.stdout, re.M), run.stdout


def test_every_topic_file_is_called():
    listed = re.findall(r"^TOPIC\((\w+)\)", (ROOT / "tests/core/topics.h").read_text(), re.M)
    files = (ROOT / "tests/core").glob("check_*.c")
    assert sorted(listed) == sorted(path.stem.removeprefix("check_") for path in files)
