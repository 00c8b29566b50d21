"""C9: build hygiene: one exported symbol, IEEE floating point, no mutable state in the core."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from custval import _core

ROOT = Path(__file__).resolve().parents[2]
CC = os.environ.get("CC", "cc").split()
needs_tools = pytest.mark.skipif(not (shutil.which("nm") and shutil.which(CC[0])), reason="no C compiler or no nm here")


def symbols(path, *options):
    """Return (kind, name) of each symbol that the file defines."""
    lines = subprocess.run(["nm", "--defined-only", *options, path], capture_output=True, text=True, check=True)
    return [tuple(line.split()[-2:]) for line in lines.stdout.splitlines()]


@needs_tools
@pytest.mark.plain
def test_only_the_module_is_exported():
    code = [name for kind, name in symbols(_core.__file__, "-D") if kind in "TDBRVW"]
    assert code == ["PyInit__core"]


def mutable(source, folder):
    """Return the variables of a C file that its code may write.

    .data.rel.ro holds constant pointers: written by the loader once, then read-only.
    """
    subprocess.run([*CC, "-std=c11", "-fPIC", f"-I{ROOT}/src/core", "-c", source, "-o", folder / "object.o"],
                   check=True)
    lines = subprocess.run(["nm", "--defined-only", "--format=sysv", folder / "object.o"], capture_output=True,
                           text=True, check=True).stdout.splitlines()
    fields = [[field.strip() for field in line.split("|")] for line in lines if line.count("|") == 6]
    return [name for name, _, kind, *_, section in fields
            if kind in "bBdDC" and not section.startswith(".data.rel.ro")]


@needs_tools
@pytest.mark.plain
def test_the_core_has_no_mutable_state(tmp_path):
    files = sorted((ROOT / "src/core").rglob("*.c"))
    assert len(files) > 20
    assert {path.name: found for path in files if (found := mutable(path, tmp_path))} == {}


@needs_tools
@pytest.mark.plain
def test_mutable_state_would_be_seen(tmp_path):
    (tmp_path / "state.c").write_text("static int zero, one = 1;\nint both;\nstatic const int none = 1;\n"
                                      "static const int *const fixed = &none;\n"
                                      "int f(void) { return ++zero + ++one + *fixed; }\n")
    assert sorted(mutable(tmp_path / "state.c", tmp_path)) == ["both", "one", "zero"]


def test_no_flag_changes_the_arithmetic():
    assert not re.search(r"fast-math|-Ofast|march=|mtune=|-ffp-contract=fast", (ROOT / "setup.py").read_text())


def test_subnormal_numbers_survive_the_import(fresh):
    fresh("import custval._core, math; assert 5e-324 * 1.0 != 0 and math.ulp(0.0) / 1 > 0")
