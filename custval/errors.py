"""What custval raises and warns with; tracebacks show the public names."""


class DataError(ValueError):
    """The data cannot be used as they are: names column, rows, customers and a remedy."""

    __module__ = "custval"


class ConfigError(ValueError):
    """A card, a setting or a file cannot be used: names the place and the likely meant word."""

    __module__ = "custval"


class FitError(RuntimeError):
    """A model has no certified fit: names the status and what to use instead."""

    __module__ = "custval"


class DataWarning(UserWarning):
    """Rows were left out or set apart, and counted; one warning per kind and call."""

    __module__ = "custval"
