"""Import without the core, and the public names: their list, their modules, their help."""
import ast
import builtins
import doctest
import inspect
import pickle
import pydoc
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import custval as cv


def test_a_source_folder_without_the_core_raises_with_a_remedy(tmp_path):
    """In a checkout, the folder custval/ hides the installed package, and has no core unless built."""
    shutil.copytree(Path(cv.__file__).parent, tmp_path / "custval", ignore=shutil.ignore_patterns("_core*.so"))
    done = subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import custval"],
                          capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1 and last.startswith("ImportError: custval: the compiled core is not in ")
    assert "Run Python from another folder" in last and last.endswith("pip install -e .")


@pytest.mark.parametrize("name", ["ConfigError", "DataError", "DataWarning", "FitError"])
def test_errors_carry_their_public_name(name):
    error = getattr(cv, name)("why")
    assert f"{type(error).__module__}.{type(error).__qualname__}" == f"custval.{name}"
    assert pickle.loads(pickle.dumps(error)).args == ("why",)


def test_dir_lists_public_names_only():
    assert dir(cv) == sorted(cv.__all__) and not [name for name in dir(cv) if name[0] == "_" and name != "__version__"]
    assert all(hasattr(cv, name) for name in dir(cv))


@pytest.mark.parametrize("home", [cv, cv.datasets, cv.rules])
def test_public_objects_show_no_private_module(home):
    found = {name: getattr(getattr(home, name), "__module__", "custval") for name in home.__all__}
    assert not {name: module for name, module in found.items() if "._" in module}
    functions = [getattr(home, name) for name in home.__all__ if inspect.isfunction(getattr(home, name))]
    assert all(pickle.loads(pickle.dumps(function)) is function for function in functions)


def test_public_objects_are_documented():
    classes_and_functions = [getattr(cv, name) for name in cv.__all__ if callable(getattr(cv, name))]
    assert not [found.__name__ for found in classes_and_functions if not (found.__doc__ or "").strip()]


def test_help_is_a_map_of_all_public_names():
    page = pydoc.plain(pydoc.render_doc(cv))
    assert len(page.splitlines()) < 200
    assert not [name for name in cv.__all__ if f"`{name}`" not in page and name != "__version__"]
    assert "attributes(self" in pydoc.plain(pydoc.render_doc(cv.CustomerBase))


def test_rules_and_weights_can_be_imported_from():
    from custval.rules import Steps
    from custval.weights import pairwise
    assert Steps is cv.rules.Steps and pairwise is cv.weights.pairwise


def test_tab_completion_shows_what_is_documented():
    base = cv.CustomerBase({"id": [1, 2], "t": ["2025-01-01"] * 2}, customer="id", time="t")
    for thing in (base, cv.MBGNBD(), cv.CLV(), cv.Scorecard.builtin("consumer"), cv.pyramid([1, 2], tiers={"a": 1.0}),
                  cv.datasets, cv.rules, cv.weights, cv):
        shown = [name for name in dir(thing) if not name.startswith("__")]
        assert not [name for name in shown if name[0] == "_"]
        assert not {"snapshot", "compiled", "source", "estimates", "schema"} & set(shown)
        assert all(hasattr(thing, name) for name in shown if name not in ("models", "best", "purchases", "spend"))
    assert {"fit", "predict", "get_params", "alpha"} <= set(dir(cv.MBGNBD()))


def documented():
    """Yield (name, docstring) of every public object, class and method."""
    for home in (cv, cv.rules, cv.weights, cv.datasets):
        for name in home.__all__:
            thing = getattr(home, name)
            yield name, inspect.getdoc(thing) or ""
            for method, function in vars(thing).items() if inspect.isclass(thing) else ():
                if not method.startswith("_"):
                    yield f"{name}.{method}", inspect.getdoc(function) or ""


def test_examples_import_what_they_use():
    unknown = {}
    for name, doc in documented():
        known = set(dir(builtins))
        for example in doctest.DocTestParser().get_examples(doc):
            tree = ast.parse(example.source)
            names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
            known |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
            known |= {alias.asname or alias.name.split(".")[0] for node in ast.walk(tree)
                      if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
            known |= {node.arg if isinstance(node, ast.arg) else node.name for node in ast.walk(tree)
                      if isinstance(node, ast.arg | ast.FunctionDef | ast.ClassDef)}
            unknown[name] = unknown.get(name, set()) | {node.id for node in names if node.id not in known}
    assert len(unknown) > 60 and not {name: names for name, names in unknown.items() if names}


def test_public_functions_describe_arguments_and_results():
    lacking = {name for name in cv.__all__ if inspect.isfunction(getattr(cv, name))
               and inspect.signature(getattr(cv, name)).parameters
               and not all(head in getattr(cv, name).__doc__ for head in ("Parameters\n", "Returns\n", "Examples\n"))}
    assert not lacking
