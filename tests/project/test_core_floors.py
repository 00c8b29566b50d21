"""C files include only their own floor and the floors below it, and includes form no circle."""
import os
import re
import shutil
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE, BINDING = ROOT / "src/core", ROOT / "src/binding"
CC = os.environ.get("CC", "cc").split()
FLOORS = {                                  # folder of the core -> the folders that it may include
    "math": (),
    "likelihood": ("math",),
    "models": ("math", "likelihood"),
    "fit": ("math", "likelihood", "models"),
    "clock": ("math", "likelihood", "models", "fit"),
    "ledger": ("math",),
    "segments": ("math",),
    "value": ("math", "likelihood", "models", "fit"),
}
LIBRARY = {"fenv.h", "float.h", "math.h", "stddef.h", "stdint.h", "string.h"}
INCLUDE = re.compile(r'^\s*#\s*(?:include|define\s+KERNELS)\s*[<"]([^>"]+)', re.M)


def includes(path):
    return set(INCLUDE.findall(path.read_text()))


def core_files(core):
    return {path.relative_to(core).as_posix(): path for path in sorted(core.rglob("*.[ch]"))}


def wrong_includes(core):
    """Yield (file, include) of the core for each include that its floor does not allow."""
    for place, path in core_files(core).items():
        folder, _, name = place.rpartition("/")
        allowed = (*FLOORS, "") if name == "custval.h" else (folder, *FLOORS[folder]) if folder else ()
        for target in includes(path) - LIBRARY:
            above = target.rpartition("/")[0]
            if target == "custval.h" or not (target == "types.h" or (above in allowed and "/" in target)):
                yield place, target


def circle(core):
    """Return the files of a circle of includes, or None."""
    try:
        TopologicalSorter({place: includes(path) for place, path in core_files(core).items()}).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def wrong_binding_includes(binding, core):
    """Yield (file, include) of the binding: of the core only the front door, loops.h only in ufuncs.c."""
    public = includes(core / "custval.h") | {"custval.h"}
    for path in sorted(binding.glob("*.[ch]")):
        for target in includes(path):
            inside = (core / target).exists() or "core/" in target or target.endswith(".inc.h")
            if (inside and target not in public) or (target == "loops.h" and path.name != "ufuncs.c"):
                yield path.name, target


def test_every_folder_of_the_core_is_a_floor():
    assert {path.name for path in CORE.iterdir() if path.is_dir()} == set(FLOORS)
    assert {path.name for path in CORE.iterdir() if path.is_file()} == {"custval.h", "types.h"}


def test_no_folder_of_the_core_is_crowded():
    assert all(len(list((CORE / floor).iterdir())) <= 50 for floor in FLOORS)


def test_floors_rise_in_one_order():
    order = list(FLOORS)
    assert all(order.index(below) < order.index(floor) for floor, allowed in FLOORS.items() for below in allowed)


def test_core_files_include_what_their_floor_allows():
    assert not list(wrong_includes(CORE))


def test_includes_form_no_circle():
    assert circle(CORE) is None


def test_the_binding_includes_the_front_door():
    assert not list(wrong_binding_includes(BINDING, CORE))


@pytest.mark.parametrize("place, line", [
    ("models/gg.c", "#include <Python.h>"),
    ("models/gg.c", "# include <stdio.h>"),
    ("models/gg.c", '#include "custval.h"'),
    ("models/gg.c", '#include "fit/fit.h"'),
    ("models/gg.c", '#include "gg.h"'),
    ("models/gg.h", '#include "value/clv.h"'),
    ("models/gg.c", '#define KERNELS "segments/pyramid_tile.inc.h"'),
    ("math/rank.c", '#include "models/gg.h"'),
    ("likelihood/rows.h", '#include "fit/fit.h"'),
    ("ledger/ids.c", '#include "segments/pyramid.h"'),
    ("segments/pyramid.c", '#include "ledger/ledger.h"'),
    ("value/clv.c", '#include "ledger/ledger.h"'),
    ("types.h", '#include "math/guards.h"'),
    ("custval.h", "#include <stdio.h>"),
])
def test_a_wrong_include_is_seen(tmp_path, place, line):
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#include <math.h>\n#include "types.h"\n{line}\n')
    assert [found for found, _ in wrong_includes(tmp_path)] == [place]


def test_a_circle_is_seen(tmp_path):
    (tmp_path / "math").mkdir()
    for name, other in (("beta", "rank"), ("rank", "select"), ("select", "beta")):
        (tmp_path / f"math/{name}.h").write_text(f'#include "math/{other}.h"\n')
    assert set(circle(tmp_path)) == {"math/beta.h", "math/rank.h", "math/select.h"}


@pytest.mark.parametrize("line", ['#include "likelihood/rows.h"', '#include "../core/math/guards.h"',
                                  '#include "loops.h"'])
def test_a_wrong_include_of_the_binding_is_seen(tmp_path, line):
    (tmp_path / "fit.c").write_text(f'#include "custval.h"\n#include "models/gg.h"\n{line}\n')
    assert len(list(wrong_binding_includes(tmp_path, CORE))) == 1


@pytest.mark.plain
@pytest.mark.skipif(not shutil.which(CC[0]), reason="no C compiler")
@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_compiles_beside_the_floors_below_it_alone(tmp_path, floor):
    shutil.copy(CORE / "types.h", tmp_path)
    for folder in (floor, *FLOORS[floor]):
        (tmp_path / folder).symlink_to(CORE / folder)
    for header in sorted((CORE / floor).glob("*.h")):
        if not header.name.endswith(".inc.h"):
            (tmp_path / f"alone_{header.stem}.c").write_text(f'#include "{floor}/{header.name}"\n')
    files = sorted(map(str, [*tmp_path.glob("alone_*.c"), *(tmp_path / floor).glob("*.c")]))
    run = subprocess.run([*CC, "-std=c11", "-fsyntax-only", f"-I{tmp_path}", *files], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
