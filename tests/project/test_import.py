"""What an import says when it cannot be, and what a traceback calls the errors."""
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import custval as cv


def test_a_source_folder_without_the_core_says_what_to_do(tmp_path):
    """In a checkout, the folder custval/ stands before the installed package, and it has no core unless built."""
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
