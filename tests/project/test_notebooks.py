"""Notebooks run from top to bottom without output on stderr, and use public names only."""
import ast
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(notebook, tmp_path):
    run = subprocess.run([sys.executable, notebook], cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_to_public_names(notebook):
    tree = ast.parse(notebook.read_text())
    assert not [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr.startswith("_")]
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {name.split(".")[0] for name in imported} <= {"custval", "pandas", "matplotlib"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_there_are_notebooks():
    assert NOTEBOOKS
