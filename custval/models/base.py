"""What every model shares: parameters as keywords, the fit and its certificate, prediction only with it."""
from __future__ import annotations

import html
import math
import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from .. import _core
from .._files import suffix, write
from .._formatting import Coefficients, model_line, plain
from ..errors import ConfigError, FitError
from .diagnostics import advice, runners
from .histories import Histories, refuse
from .prediction import Bootstrap, seeded
from .serialization import text_of

Asked = tuple[str, tuple[np.ndarray, ...], np.ndarray | None, np.ndarray]


class Model:
    """A model whose parameters are constructor keywords: None means estimate it, a number holds it fixed."""

    word: ClassVar[str]
    role: ClassVar[str]                   # the argument of `forecast` that takes it
    names: tuple[str, ...]
    signed: ClassVar[tuple[str, ...]] = ()            # those of them that may have any sign
    status_: str
    params_: dict[str, float]
    se_: dict[str, float]
    cov_: np.ndarray
    loglik_: float
    aic_: float
    bic_: float
    n_: float
    n_iter_: int
    advice_: str
    null_direction_: dict[str, float]     # of least curvature, in log-parameters
    notes_: tuple[str, ...]
    end_: Any = None                      # the last day of the base fitted to
    means_: dict[str, float]              # of covariates, by their coefficients; not there without

    def __init__(self, **given: float | None):
        for name, value in given.items():
            least, says = (-math.inf, "") if name in self.signed else (0, "above 0 and ")
            if value is not None and not (_is_number(value) and least < value < math.inf):
                raise ConfigError(f"{type(self).__name__}: {name}={value!r} is not possible: it is {says}finite, or "
                                  "None to be estimated")
            setattr(self, name, None if value is None else float(value))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the keywords of the constructor."""
        return {name: getattr(self, name) for name in self._keywords()}

    def set_params(self, **given: Any) -> Self:
        """Set keywords of the constructor; what was fitted is forgotten."""
        unknown = set(given) - set(self._keywords())
        if unknown:
            raise ConfigError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}: it has "
                              f"{', '.join(self._keywords())}")
        keywords = self.get_params() | given
        self.__dict__.clear()
        self.__init__(**keywords)                                         # type: ignore[misc]
        return self

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the model as JSON text, and write it to `path` if one is given; `custval.load` reads both.

        The text is data: keywords (null is a parameter to be estimated) and what a fit found, every number to its
        last bit, without the data of the fit: below 4 kB, with 20 covariates about 20. A file is whole or not there.

        Raises
        ------
        ConfigError
            The path does not end in .json.
        """
        text = text_of(self)
        if path is not None:
            suffix(path, (".json",), "a model")
            write(path, text)
        return text

    def _keywords(self) -> tuple[str, ...]:
        return self.names

    def _coefficients(self) -> tuple[str, ...]:
        """Return the names of the coefficients of covariates."""
        return ()

    def _more(self, histories: Histories) -> tuple[Any, ...]:
        """Return the arguments of a fit with covariates."""
        return ()

    def _given(self) -> dict[str, float | None]:
        return {name: getattr(self, name) for name in self.names}

    def parameters(self, allow_unconverged: bool = False) -> tuple[float, ...]:
        """Return the parameters in the order of the formulas.

        Raises
        ------
        FitError
            Parameters are free and there is no fit with the certificate of convergence;
            ``allow_unconverged=True`` gives them out all the same where there are any.
        """
        given = tuple(v for v in self._given().values() if v is not None)
        if len(given) == len(self.names):
            return given
        if not hasattr(self, "status_"):
            free = ", ".join(name for name, value in self._given().items() if value is None)
            raise FitError(f"{type(self).__name__}: not fitted, and {free} not given: call fit first")
        found = tuple(self.params_.values())
        if self.status_ == "converged" or (allow_unconverged and not any(map(math.isnan, found))):
            return found
        raise FitError(f"{type(self).__name__}: status {self.status_!r}: {self.advice_}")

    def _demand_fit(self, allow_unconverged: bool = False) -> None:
        """Raise unless there are parameters to predict with."""
        Model.parameters(self, allow_unconverged)

    def _ready(self, data: Any) -> Self:
        """Return the model if it has parameters or a fit, else a copy fitted to the data."""
        if hasattr(self, "status_") or None not in self._given().values():
            return self
        copy: Any = type(self)(**self.get_params())
        fitted: Self = copy.fit(data)
        return fitted

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        given, columns = self._given(), histories.columns
        found = _core.fit(*self._asked(histories), max_passes, *self._more(histories))
        status, n, k = found.status, found.customers, len(found.parameters)
        if status == "bad_data":
            raise refuse(histories)
        free = [name for name, value in given.items() if value is None]
        searched = status not in {"no_repeats", "no_information", "one_pattern"}
        self.status_, self.n_iter_, self.notes_, self.end_ = status, found.passes, histories.notes, histories.end
        self.n_ = (int(n) if n.is_integer() else n) if searched else len(next(iter(columns.values())))
        self.params_ = dict(zip(self.names, found.parameters.tolist() if searched else [math.nan] * k, strict=True))
        self.cov_ = found.covariance.reshape(k, k) if searched else np.full((k, k), math.nan)
        with np.errstate(invalid="ignore"):
            se = np.sqrt(np.diag(self.cov_))
        self.se_ = {name: float(s) if name in free else math.nan for name, s in zip(self.names, se, strict=True)}
        self.loglik_ = found.loglik if searched else math.nan
        if len(found.means):
            self.means_ = dict(zip(self._coefficients(), found.means.tolist(), strict=True))
        self.aic_ = 2 * len(free) - 2 * self.loglik_
        self.bic_ = len(free) * math.log(self.n_) - 2 * self.loglik_ if searched else math.nan
        boundary, self.null_direction_ = (dict(zip(self.names, v.tolist(), strict=True))
                                          for v in (found.boundary, found.direction))
        said = "unsettled" if status == "iteration_limit" and found.passes < max_passes else status
        self.advice_ = "" if status == "converged" else self._advise(said, runners(boundary, self.null_direction_))
        return self

    def _advise(self, status: str, running: Mapping[str, float]) -> str:
        return advice(status, type(self).__name__, self.role, self.get_params(), running)

    def _asked(self, histories: Histories) -> Asked:
        """Return what the core is asked to fit: model, columns, weights, parameters held fixed."""
        fixed = np.array([math.nan if v is None else v for v in self._given().values()])
        return self.word, tuple(histories.columns.values()), histories.weights, fixed

    def _bootstrap(self, histories: Histories, replicates: int, seed: int) -> Bootstrap:
        if not isinstance(replicates, int | np.integer) or not 1 <= replicates < 2**31:
            raise ConfigError(f"replicates={replicates!r}: pass how many refits to make, 1 or more")
        estimates = dict(zip(self.names, Model.parameters(self), strict=True))
        if not hasattr(self, "status_"):
            raise FitError(f"{type(self).__name__}: nothing to refit: all parameters were given")
        start, number = np.array(list(estimates.values())), seeded(seed)
        covariates, penalty = self._more(histories) or (((), ()), 0.0)
        try:
            sets = _core.bootstrap(*self._asked(histories), 100, covariates, penalty, start, replicates, number)
        except ValueError:
            raise refuse(histories) from None
        return Bootstrap(type(self).__name__, estimates, sets.reshape(replicates, -1))

    def _influence(self, histories: Histories, top: int) -> Coefficients:
        """Return the `top` customers whose leaving out would change the fit most."""
        if isinstance(top, bool) or not isinstance(top, int) or top < 1:
            raise ConfigError(f"top={top!r}: pass how many customers to list, 1 or more")
        if histories.covariates:
            raise FitError(f"{type(self).__name__}: influence on a fit with covariates is not known")
        if not hasattr(self, "status_"):
            raise FitError(f"{type(self).__name__}: influence is that on a fit: call fit first")
        self.parameters()
        word, columns, *_ = self._asked(histories)
        try:
            moved, shift = _core.influence(word, columns, None, np.array(list(self.params_.values())),
                                           np.ascontiguousarray(self.cov_).ravel())
        except ValueError:
            raise refuse(histories) from None
        first = np.argsort(-moved, kind="stable")[:top].tolist()
        shifts = dict(zip(self.names, shift.reshape(len(self.names), -1), strict=True))
        names = range(len(moved)) if histories.customers is None else histories.customers
        return Coefficients("influence on " + repr(self)[1:-1], {
            "row" if histories.customers is None else "customer": [plain(names[i]) for i in first],
            **{name: [float(column[i]) for i in first] for name, column in histories.columns.items()},
            "displacement": [float(moved[i]) for i in first],
            **{f"{name} in se": [float(column[i] / self.se_[name]) for i in first] for name, column in shifts.items()}})

    def summary(self) -> Coefficients:
        """Return the table of parameters: estimate, standard error and 95 % interval.

        The interval is that of the log-parameter, so it lies above 0; of a coefficient it is that of itself.
        Parameters held fixed have none, and none has one before a fit has converged.
        """
        estimates = self.params_ if hasattr(self, "params_") else dict(zip(self.names, self.parameters(), strict=True))
        sure = getattr(self, "status_", "") == "converged"
        se = self.se_ if sure else dict.fromkeys(self.names, math.nan)
        ends = {k: self._interval(k, v, 1.959963984540054 * se[k]) for k, v in estimates.items()}
        return Coefficients(repr(self)[1:-1], {
            "parameter": list(self.names), "estimate": list(estimates.values()), "se": [se[k] for k in self.names],
            "low": [low for low, _ in ends.values()], "high": [high for _, high in ends.values()]})

    def _interval(self, name: str, value: float, reach: float) -> tuple[float, float]:
        if name in (*self._coefficients(), *self.signed):
            return value - reach, value + reach
        wide = math.exp(min(reach / value, 700.0))
        return value / wide, value * wide

    def __repr__(self) -> str:
        shown, tail = getattr(self, "params_", self._given()), ""
        if hasattr(self, "status_"):
            tail = f", n={self.n_:,.10g}, loglik {self.loglik_:.2f}, {self.status_}, {self.n_iter_} passes"
        elif None in shown.values():
            tail = ", not fitted"
        return model_line(type(self).__name__, shown, getattr(self, "unit", None), tail)

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)

