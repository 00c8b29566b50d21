"""What a report of a fault should begin with."""
import platform
import sys

FRIENDS = ("numpy", "narwhals", "pandas", "polars", "pyarrow", "duckdb", "matplotlib", "scikit-learn")


def versions() -> dict[str, str]:
    """Return name and version of custval, Python, the machine, and the libraries custval works with."""
    from importlib.metadata import PackageNotFoundError, version  # takes 20 ms, so not at import

    from . import __version__
    found = {"custval": __version__, "python": platform.python_version(),
             "machine": f"{platform.system()} {platform.machine()}"}
    for name in FRIENDS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def show_versions() -> None:
    """Print the versions that a report of a fault should begin with; nothing is imported for it.

    Examples
    --------
    >>> import custval as cv
    >>> cv.show_versions()                                                    # doctest: +ELLIPSIS
    custval    ...
    python     ...
    """
    sys.stdout.writelines(f"{name:<12} {value}\n" for name, value in versions().items())
