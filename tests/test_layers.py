"""Who includes and imports whom: an arrow that turns fails here (design.md, the rooms)."""
import ast
import re
import sys
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALLOWED_IN_CORE = {"custval.h", "inline.h", "fenv.h", "float.h", "math.h", "stddef.h", "stdint.h",
                   "stdlib.h", "string.h"}
DOORS = {"__init__.py", "_columns.py"}               # may import interop, inside a function
COMPOSERS = {"clv", "forecast", "needs", "stages", "risk"}      # may import models and base


def includes(path):
    return set(re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)', path.read_text(), re.M))


def imports(path):
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def room_3():
    return [p for p in (ROOT / "custval").rglob("*.py") if "interop" not in p.parts]


def test_core_knows_neither_python_nor_numpy():
    for path in (ROOT / "src/core").iterdir():
        stamped = {i for i in includes(path) if i.endswith(".inc.h")}    # one kernel, several widths
        assert includes(path) - stamped <= ALLOWED_IN_CORE, path.name


def test_binding_enters_the_core_by_its_front_door():
    for path in (ROOT / "src/binding").iterdir():
        assert {i for i in includes(path) if "core/" in i} <= {"../core/custval.h"}, path.name


def test_room_3_imports_numpy_and_the_standard_library_only():
    for path in room_3():
        for name in imports(path):
            assert name.split(".")[0] in sys.stdlib_module_names | {"numpy", "custval"}, (path, name)
            assert path.name in DOORS or not name.startswith("custval.interop"), (path, name)
