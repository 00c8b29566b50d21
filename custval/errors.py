"""Exceptions and the warning of custval; tracebacks show their public names.

* ValueError

  * DataError: invalid data
  * ConfigError: an invalid setting or file

* RuntimeError

  * FitError: a model without a converged fit

* UserWarning

  * DataWarning: rows excluded, or data that look wrong
"""


class DataError(ValueError):
    """Raise for invalid data: names column, rows, customers and a remedy."""

    __module__ = "custval"


class ConfigError(ValueError):
    """Raise for an invalid card, setting or file: names the place, and a similar known word."""

    __module__ = "custval"


class FitError(RuntimeError):
    """Raise for a model without a converged fit: names the status and an alternative."""

    __module__ = "custval"


class DataWarning(UserWarning):
    """Warn of rows that were excluded and counted, or of data that look wrong; once per kind and call."""

    __module__ = "custval"
