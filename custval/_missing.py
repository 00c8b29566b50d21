"""Why the compiled core is not there, in words."""
from importlib.util import find_spec


def explain() -> None:
    """Raise an ImportError that names the cause, if it is a source folder that hides the installed package."""
    if find_spec("custval._core") is None:
        raise ImportError(
            f"custval: the compiled core is not in {__file__.removesuffix('/_missing.py')}, a source folder that hides "
            "the installed package. Run Python from another folder, or build the core here: pip install -e .")
