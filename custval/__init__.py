"""custval: what every customer is worth, why, and what to do about it."""

from . import datasets
from ._errors import ConfigError, DataError, DataWarning, FitError
from ._versions import show_versions
from .base import CustomerBase

__version__ = "0.1.0"

__all__ = [
    "ConfigError", "CustomerBase", "DataError", "DataWarning", "FitError", "__version__", "datasets", "show_versions",
]
