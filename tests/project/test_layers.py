"""Who includes and imports whom: an arrow that turns fails here (design.md, the rooms)."""
import ast
import sys
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSERS = {"appraise", "clv", "compare", "curve", "datasets", "decompose", "forecast", "load", "needs",
             "rfm", "risk", "stages", "store", "turnover"}   # may import models, base
DOORS = {"custval/__init__.py", "custval/_columns.py"}      # may import interop, inside a function
INTEROP = {"frames": "narwhals", "sklearn": "sklearn", "spark": "pyspark", "plots": "matplotlib", "report": None}


def imports(path, root):
    """Yield (dotted name, whether inside a function) for every import of a file."""
    package = ".".join(path.relative_to(root).parent.parts)
    tree = ast.parse(path.read_text())
    deferred = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from ((f"{source}.{alias.name}", id(node) in deferred) for alias in node.names)


def may_import(place, name, deferred):
    """Is custval/`place` allowed to import `name`? Every rule of style.md's table is a line here."""
    first, *rest = name.split(".")
    inner = rest[0] if rest else ""
    file = place.split("/")
    room = file[1].removesuffix(".py")                      # models, interop, cli, base, _columns ...
    if room == "interop":
        return first in sys.stdlib_module_names | {"numpy", "custval", INTEROP.get(file[-1].removesuffix(".py"))} \
            and inner not in {"_core", "interop"}
    if first != "custval":
        return first in sys.stdlib_module_names | {"numpy"}
    if place == "custval/__init__.py":
        return inner != "interop" or deferred
    if inner == "interop":
        return place in DOORS and deferred
    if room in {"cli", "demo", "__main__"}:
        return not inner.startswith("_") or inner in {"_text", "_csv"}
    if inner == room and len(file) > 2:                     # inside a package: models share private files only
        return room != "models" or rest[1].startswith("_") or place == "custval/models/__init__.py"
    return inner.startswith("_") or (room in COMPOSERS and inner in {"models", "base"}) or (
        room in {"load", "store"} and inner == "clv") or (
        room in {"load", "store", "appraise", "scorecards"} and inner in {"scorecard", "scorecards"})


def wrong_imports(root):
    """Yield (file, import) for every arrow that turns."""
    for path in sorted((root / "custval").rglob("*.py")):
        place = path.relative_to(root).as_posix()
        for name, deferred in imports(path, root):
            if not may_import(place, name, deferred):
                yield place, name


def test_python_files_import_what_their_room_allows():
    assert not list(wrong_imports(ROOT))


@pytest.mark.parametrize("place, line", [
    ("pyramid.py", "import pandas"),
    ("pyramid.py", "def f():\n    import pandas"),
    ("pyramid.py", "from .scorecard import Scorecard"),
    ("pyramid.py", "from .base import CustomerBase"),
    ("forecast.py", "from .pyramid import pyramid"),
    ("_columns.py", "from .interop import frames"),
    ("_time.py", "def f():\n    from .interop import frames"),
    ("_time.py", "from .base import CustomerBase"),
    ("models/bgnbd.py", "from .gg import GammaGamma"),
    ("models/bgnbd.py", "from ..base import CustomerBase"),
    ("models/bgnbd.py", "from scipy.special import betaln"),
    ("interop/frames.py", "import pandas"),
    ("interop/plots.py", "from .. import _core"),
    ("interop/report.py", "from .plots import plot"),
    ("cli.py", "from ._time import period_edges"),
    ("__init__.py", "from .interop import plots"),
])
def test_a_wrong_import_is_seen(tmp_path, place, line):
    path = tmp_path / "custval" / place
    path.parent.mkdir(parents=True)
    path.write_text(f"import math\n{line}\n")
    wrong = list(wrong_imports(tmp_path))
    assert len(wrong) == 1, wrong


@pytest.mark.parametrize("place, line", [
    ("pyramid.py", "from . import _core\nfrom ._columns import append"),
    ("forecast.py", "from .base import CustomerBase\nfrom .models import BGNBD"),
    ("_columns.py", "def f():\n    from .interop import frames"),
    ("models/bgnbd.py", "from .. import _core\nfrom .._call import call\nfrom ._model import PurchaseModel"),
    ("interop/frames.py", "import narwhals\nfrom .._errors import DataError"),
])
def test_a_right_import_passes(tmp_path, place, line):
    path = tmp_path / "custval" / place
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert not list(wrong_imports(tmp_path))


def test_import_loads_numpy_and_nothing_else(fresh):
    third = {"narwhals", "pandas", "polars", "pyarrow", "scipy", "matplotlib", "duckdb", "sklearn", "tkinter"}
    loaded = fresh("import sys, custval; print(*{name.split('.')[0] for name in sys.modules})").split()
    assert "custval" in loaded and not third & set(loaded)
