"""Size limits of every file and function."""
import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = [path for folder in ("core", "binding") for path in sorted((ROOT / "src" / folder).rglob("*.[ch]"))]
PY = sorted((ROOT / "custval").rglob("*.py"))

C_FILE, C_FUNCTION, BINDING_FUNCTION, HEADER, MODULE, ARGUMENTS = 400, 25, 40, 15, 300, 6
EXCEPTIONS = {"src/core/models/pnbd_series.inc.h:STAMP": (28, "fifteen derivatives of a pair, a line each")}
# "file" or "file:function" -> (its own budget, why)


def budget(place, usual):
    return EXCEPTIONS.get(place, (usual, ""))[0]


def functions(text):
    """Yield (name, lines of the body) of the functions of a C file laid out as .clang-format does."""
    for match in re.finditer(r"^(\w+)\([^;{}]*\)\n\{\n(.*?)^\}", text, re.M | re.S):
        yield match[1], match[2].count("\n")


def opening_comment(text):
    match = re.match(r"/\*.*?\*/", text, re.S)
    return match[0].count("\n") + 1 if match else 0


def named(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SRC, ids=named)
def test_c_file(path):
    place, text = named(path), path.read_text()
    assert len(text.splitlines()) - opening_comment(text) <= budget(place, C_FILE)
    assert 1 <= opening_comment(text) <= HEADER
    most = C_FUNCTION if "core" in path.parts else BINDING_FUNCTION
    long = {name: n for name, n in functions(text) if n > budget(f"{place}:{name}", most)}
    assert not long


def lines_of_code(text):
    """Return the number of lines that are no docstring, comment or blank."""
    documented = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            documented.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return sum(i not in documented and bool(line.strip()) and not line.lstrip().startswith("#")
               for i, line in enumerate(text.splitlines(), 1))


@pytest.mark.parametrize("path", PY, ids=named)
def test_python_module(path):
    text = path.read_text()
    assert lines_of_code(text) <= budget(named(path), MODULE)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            given = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in {"self", "cls"}]
            assert len(given) <= budget(f"{named(path)}:{node.name}", ARGUMENTS), node.name


def test_exceptions_are_needed():
    for place, (most, why) in EXCEPTIONS.items():
        file, _, name = place.partition(":")
        text = (ROOT / file).read_text()
        usual = C_FUNCTION if name and "core" in file else BINDING_FUNCTION if name else C_FILE
        size = dict(functions(text))[name] if name else len(text.splitlines())
        assert usual < size <= most and why, place


def test_lines_of_code_leave_out_words():
    assert lines_of_code('"""Words\n\nand more."""\n# a comment\n\nx = 1\n') == 1


def test_a_long_function_is_seen():
    assert dict(functions("static int\nf(int a,\n  int b)\n{\n" + "    a++;\n" * 30 + "}\n")) == {"f": 30}
