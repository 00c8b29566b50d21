"""The maps of the project: every path that they name exists, and they stay short."""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAPS = {"CONTRIBUTING.md": 200, "src/README.md": 120, "README.md": 250, "SECURITY.md": 60}    # file -> most lines
FOLDERS = ("custval", "src", "tests", "notebooks", ".ci")
PATH = re.compile(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*\w/?")


def paths(text):
    """Return the paths of the project that a text names in backticks or links; `.ci/run test` names a check."""
    spans = re.findall(r"`([^`\n]+)`", text) + re.findall(r"\]\(([^)#]+)\)", text)
    return {match[0] for span in spans if "<" not in span and "*" not in span for match in PATH.finditer(span)}


@pytest.mark.parametrize("name", MAPS)
def test_every_path_exists(name):
    named = paths((ROOT / name).read_text())
    assert named and not {path for path in named if not (ROOT / path).exists()}


@pytest.mark.parametrize("name", MAPS)
def test_a_map_is_short(name):
    assert len((ROOT / name).read_text().splitlines()) <= MAPS[name]


def test_every_check_that_is_named_exists():
    named = set(re.findall(r"`\.ci/run (\w+)`", (ROOT / "CONTRIBUTING.md").read_text()))
    assert {"test", "lint", "core"} <= named and all((ROOT / ".ci" / name).exists() for name in named)


def test_a_missing_path_is_seen():
    assert paths("see `custval/no_such.py` and [this](src/README.md), `custval demo`, `custval/models/<model>.py`") == {
        "custval/no_such.py", "src/README.md"}
