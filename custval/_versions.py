"""Report versions for a bug report, and explain a missing compiled core."""
import platform
import sys
from importlib.util import find_spec

LIBRARIES = ("numpy", "narwhals", "pandas", "polars", "pyarrow", "duckdb", "matplotlib", "scikit-learn")


def versions() -> dict[str, str]:
    """Return name and version of custval, Python, the machine, and the libraries that custval works with."""
    from importlib.metadata import PackageNotFoundError, version  # takes 20 ms, so not at import

    from . import __version__
    found = {"custval": __version__, "python": platform.python_version(),
             "machine": f"{platform.system()} {platform.machine()}"}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def show_versions() -> None:
    """Print the versions that belong into a bug report; nothing is imported for it.

    Examples
    --------
    >>> import custval as cv
    >>> cv.show_versions()                                                    # doctest: +ELLIPSIS
    custval    ...
    python     ...
    """
    sys.stdout.writelines(f"{name:<12} {value}\n" for name, value in versions().items())


def explain_missing_core() -> None:
    """Raise an ImportError that names the cause, if it is a source folder that hides the installed package."""
    if find_spec("custval._core") is None:
        folder = __file__.removesuffix("/_versions.py")
        raise ImportError(
            f"custval: the compiled core is not in {folder}, a source folder that hides the installed package. "
            "Run Python from another folder, or build the core here: pip install -e .")
