"""Imports of custval point one way: each package imports what stands before it in ORDER, and nothing turns back."""
import ast
import sys
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = ("errors", "_versions", "_formatting", "_arrays", "_validation", "_ids", "_frames", "_tabular",
           "_row_report", "_dates", "_broadcast", "_files", "_csv")
ORDER = (*PRIVATE, "customers", "evaluation", "models", "segmentation", ("scorecard", "valuation", "needs"),
         "lifecycle", "report", "datasets", "io", ("interop", "cli", "demo"), "__main__")
FLOOR = {name: i for i, names in enumerate(ORDER) for name in ((names,) if isinstance(names, str) else names)}
THIRD_PARTY = {"custval/_frames.py": {"narwhals"}}          # beside numpy and the standard library
SURFACES = {"interop", "cli", "demo", "__main__"}           # use public names; of private modules, these:
OF_SURFACES = {"_formatting", "_csv", "errors"}


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


def room_of(place):
    """Return the package, or the module of the top level, of a path or dotted name below custval."""
    return place.removesuffix(".py").replace("/", ".").split(".")[1]


def may_import(place, name, deferred):
    """Return whether the file custval/`place` may import `name`."""
    first, *rest = name.split(".")
    if first != "custval":
        return first in sys.stdlib_module_names | {"numpy"} | THIRD_PARTY.get(place, set())
    room, inner = room_of(place), rest[0] if rest else ""
    if place == "custval/__init__.py":
        return True
    if inner not in FLOOR:                                  # custval itself, or _core
        if inner == "_core":
            return room not in SURFACES
        return inner == "__version__" or (room in SURFACES and not inner.startswith("_"))
    if room in SURFACES and inner != room:
        return inner in OF_SURFACES or not inner.startswith("_")
    return inner == room or FLOOR[inner] < FLOOR[room]


def wrong_imports(root):
    """Yield (file, import) for every arrow that turns back."""
    for path in sorted((root / "custval").rglob("*.py")):
        place = path.relative_to(root).as_posix()
        for name, deferred in imports(path, root):
            if not may_import(place, name, deferred):
                yield place, name


def circles(edges):
    """Return the nodes that stand in a circle."""
    left = dict(edges)
    while free := [v for v, to in left.items() if not to & left.keys()]:
        for v in free:
            del left[v]
    reached = {w for v in left for w in left[v]}
    while free := [v for v in left if v not in reached]:
        for v in free:
            del left[v]
        reached = {w for v in left for w in left[v]}
    return sorted(left)


def module_graph(root):
    """Return module -> modules of custval that it imports, those inside functions included."""
    paths = {".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): p
             for p in (root / "custval").rglob("*.py")}
    edges = {}
    for module, path in paths.items():
        found = set()
        for name, _ in imports(path, root):
            target = name if name in paths else name.rpartition(".")[0]
            if target in paths and target not in {module, "custval"}:
                found.add(target)
        edges[module] = found
    del edges["custval"]
    return edges


def test_imports_point_one_way():
    assert not list(wrong_imports(ROOT))


def test_no_module_stands_in_a_circle():
    assert not circles(module_graph(ROOT))


def test_every_package_states_its_imports():
    packages = [name for name in FLOOR if (ROOT / "custval" / name / "__init__.py").exists()]
    for package in packages:
        found = {room_of(name) for path in (ROOT / "custval" / package).rglob("*.py")
                 for name, _ in imports(path, ROOT) if name.startswith("custval.")}
        known = [name for name in packages if name in found - {package}]
        head = ast.get_docstring(ast.parse((ROOT / "custval" / package / "__init__.py").read_text()))
        assert head.endswith(f"Imports {', '.join(known) or 'private modules only'}."), (package, known)


def test_every_module_of_the_top_level_stands_in_the_order():
    there = {p.stem for p in (ROOT / "custval").iterdir()
             if (p.suffix == ".py" or (p / "__init__.py").exists()) and p.stem != "__init__"}
    assert there <= FLOOR.keys() and {name for name in FLOOR if name.startswith("_")} <= there | {"__main__"}


def test_circles_are_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}, "e": set()}) == ["b", "c"]


@pytest.mark.parametrize("place, line", [
    ("segmentation/pyramid.py", "import pandas"),
    ("segmentation/pyramid.py", "def f():\n    import pandas"),
    ("segmentation/pyramid.py", "from ..scorecard.scorecard import Scorecard"),
    ("customers/ledger.py", "from ..models.bgnbd import BGNBD"),
    ("valuation/forecast.py", "from ..scorecard import rules"),
    ("scorecard/scoring.py", "from ..valuation import clv"),
    ("_dates.py", "from . import _csv"),
    ("_dates.py", "def f():\n    from . import _csv"),
    ("errors.py", "from . import _dates"),
    ("models/bgnbd.py", "from ..segmentation.pyramid import pyramid"),
    ("models/bgnbd.py", "from scipy.special import betaln"),
    ("models/bgnbd.py", "from .. import CLV"),
    ("_frames.py", "import pandas"),
    ("cli.py", "from ._dates import period_edges"),
    ("cli.py", "from . import _core"),
])
def test_a_wrong_import_is_seen(tmp_path, place, line):
    path = tmp_path / "custval" / place
    path.parent.mkdir(parents=True)
    path.write_text(f"import math\n{line}\n")
    wrong = list(wrong_imports(tmp_path))
    assert len(wrong) == 1, wrong


@pytest.mark.parametrize("place, line", [
    ("segmentation/pyramid.py", "from .. import _core\nfrom .._tabular import append"),
    ("valuation/forecast.py", "from ..customers.customer_base import CustomerBase\nfrom ..models import BGNBD"),
    ("models/bgnbd.py", "from .. import _core\nfrom .covariates import CovariateModel"),
    ("_frames.py", "import narwhals\nfrom .errors import DataError"),
    ("cli.py", "import custval\nfrom ._formatting import table"),
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
