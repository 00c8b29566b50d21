"""Base class of all models: parameters as keywords, the fit with its convergence check, tables."""
from __future__ import annotations

import copy
import html
import math
import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from .. import _core
from .._files import suffix, write
from .._formatting import Coefficients, listed, model_line, plain
from .._validation import Seed, in_short, seeded, setting
from ..errors import ConfigError, FitError
from .diagnostics import FAR, advice, held, runners, written
from .histories import Histories, refuse, sorted_rows
from .prediction import Bootstrap
from .serialization import text_of

INFINITE = 1e6                 # a parameter held here is as good as infinite
SLACK = 0.01                   # nats that a fit with a parameter held there may lie below its limit
LONGEST = 1000                 # passes that a search may take at most
SHAPE, SCALE, LARGEST = (1e-6, 1e6), (1e-12, 1e12), 1e150          # ranges of parameters that are held fixed
RANGES = {"bdw c": (1e-6, 100.0), "ggnbd beta": (1e-12, 1e16),     # of some that differ
          **dict.fromkeys(("gg p", "gg q", "normal_margin kappa", "normal_margin nu"), (1e-9, 1e9))}
FitInput = tuple[str, tuple[np.ndarray, ...], np.ndarray | None, np.ndarray]

INTERNAL = frozenset({                    # for other modules, not for notebooks
    "agreed_unit", "bound_to", "coefficients", "columns_in", "constraints", "counts_time", "covariate_input", "days",
    "demand_unit", "discounted_purchases", "drawn_edges", "drawn_parameters", "elapsed", "end_", "estimates",
    "expected_total", "fitted_to", "has", "histories", "history_columns", "keywords", "names", "paid", "parameters",
    "prefix", "role", "run_on", "set_fit", "signed", "take_levels", "takes_clock", "times", "units", "variance_of",
    "with_fixed"})


class Model:
    """Base of all models; parameters are constructor keywords: None is estimated, a number is held fixed.

    Invariants: estimates are used only after the convergence check of a fit, or with ``allow_unconverged=True``; what a
    fit has set is read-only until the next fit or `set_params`, so that its status always belongs to its numbers.
    """

    __dir__, _unlisted = listed, INTERNAL
    prefix: ClassVar[str]                 # of the kernels in `_core`
    role: ClassVar[str]                   # argument of `forecast` that takes the model
    names: tuple[str, ...]                # parameters, in the order of the formulas, then coefficients
    signed: ClassVar[tuple[str, ...]] = ()            # parameters of any sign
    scales: ClassVar[tuple[str, ...]] = ()            # parameters in the unit of the data, or of one over it
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
    boundary_: dict[str, float]           # parameters that run off, above 0 to infinity; if not converged
    missing_: bool                        # nothing can be estimated, so every quantity is missing
    notes_: tuple[str, ...]
    penalty: float = 0.0                  # on the coefficients of covariates
    end_: np.datetime64 | None = None     # last day of the base fitted to
    means_: dict[str, float]              # of covariates, by coefficient; absent without covariates

    def __init__(self, **given: float | None):
        for name, value in given.items():
            least, most = self.range_of(name)
            number = setting(value)
            if value is not None and (number is None or not least <= number <= most):
                raise ConfigError(f"{type(self).__name__}: {name}={in_short(value)} is not possible: pass a number "
                                  f"from {least:g} to {most:g}, or None to estimate it")
            setattr(self, name, number)

    def __setattr__(self, name: str, value: Any) -> None:
        own = vars(self)
        if "status_" in own and name in own and (name.endswith("_") or name in self.keywords()):
            raise AttributeError(f"{type(self).__name__}.{name} belongs to the fit and is read-only: call set_params, "
                                 "which discards the fit, or make another model with the parameters as keywords")
        super().__setattr__(name, value)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({name: read_only(value) for name, value in state.items()})

    @classmethod
    def range_of(cls, name: str) -> tuple[float, float]:
        """Return the least and the largest number at which a parameter may be held: there the results are certified."""
        if name in cls.signed:
            return -LARGEST, LARGEST
        return RANGES.get(f"{cls.prefix} {name}", SCALE if name in cls.scales else SHAPE)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the keywords of the constructor."""
        return {name: getattr(self, name) for name in self.keywords()}

    def set_params(self, **given: Any) -> Self:
        """Set keywords of the constructor and discard the fit."""
        unknown = set(given) - set(self.keywords())
        if unknown:
            raise ConfigError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}: it has "
                              f"{', '.join(self.keywords())}")
        keywords = self.get_params() | given
        self.__dict__.clear()
        self.__init__(**keywords)                                         # type: ignore[misc]
        return self

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the model as JSON text, and write it to `path` if one is given; `custval.load` reads both.

        The text holds the keywords (null is a parameter to estimate) and the results of a fit, every number to its
        last bit, without the data of the fit: below 4 kB, about 20 kB with 20 covariates, 130 bytes more for each
        period of a clock. The file is written atomically.

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

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return self.names

    def coefficients(self) -> tuple[str, ...]:
        """Return the names of the coefficients of covariates."""
        return ()

    def constraints(self) -> dict[str, float | None]:
        """Return for each parameter the number at which it is held fixed, or None."""
        return {name: getattr(self, name, None) for name in self.names}

    def parameters(self, allow_unconverged: bool = False) -> tuple[Any, ...]:
        """Return the parameters in the order of the formulas.

        Raises
        ------
        FitError
            Parameters are free and there is no converged fit; ``allow_unconverged=True`` returns them all the same if
            there are any.
        """
        return tuple(self.estimates(allow_unconverged).tolist())

    def estimates(self, allow_unconverged: bool = False) -> np.ndarray:
        """Return the parameters, and the coefficients of covariates, as given or fitted; errors as of `parameters`."""
        given = [value for value in self.constraints().values() if value is not None]
        if len(given) == len(self.names):
            return np.array(given)
        if not hasattr(self, "status_"):
            free = ", ".join(name for name, value in self.constraints().items() if value is None)
            raise FitError(f"{type(self).__name__}: not fitted, and {free} not given: call fit first")
        found = np.array(list(self.params_.values()))
        if self.status_ == "converged" or getattr(self, "missing_", False):
            return found
        if allow_unconverged and not np.isnan(found).any():
            return found
        raise FitError(f"{type(self).__name__}: status {self.status_!r}: {self.advice_}")

    def fitted_to(self, data: Any) -> Self:
        """Return the model if it has parameters or a fit, else a copy fitted to the data."""
        if hasattr(self, "status_") or None not in self.constraints().values():
            return self
        copied: Any = type(self)(**self.get_params())
        fitted: Self = copied.fit(data)
        return fitted

    def with_fixed(self, values: Mapping[str, float]) -> Self:
        """Return a copy without a fit whose parameters in `values` are held fixed."""
        fixed: Any = type(self)
        copied: Self = fixed(**self.get_params() | dict(values))
        return copied

    def _moved_to(self, values: np.ndarray) -> Self:
        """Return a copy of a fitted model with other parameters."""
        moved = copy.copy(self)
        vars(moved)["params_"] = dict(zip(self.names, values.tolist(), strict=True))
        return moved

    def drawn_parameters(self, draws: int, seed: Seed, *, fixed: bool, allow_unconverged: bool) -> np.ndarray:
        """Return sets of parameters drawn from the normal approximation of the fit, one after the other.

        Draws are normal in the logs of positive parameters. ``fixed=True``, or a model without a fit: one set, the
        estimates.
        """
        values = self.estimates(allow_unconverged)
        if fixed or not hasattr(self, "cov_") or np.isnan(values).any():
            return values
        real = [name in (*self.signed, *self.coefficients()) for name in self.names]
        order = np.argsort(real, kind="stable")                # the core wants those of any sign last
        drawn = _core.draw_parameters(values[order], self.cov_[np.ix_(order, order)].ravel(), draws, seeded(seed),
                                      sum(real)).reshape(draws, -1)
        return np.ascontiguousarray(drawn[:, np.argsort(order)]).ravel()

    def variance_of(self, total: Callable[[Self], float]) -> float:
        """Return the variance of a number computed from the model: delta method by central differences, 0 unfitted."""
        if not hasattr(self, "cov_"):
            return 0.0
        if np.isnan(self.cov_).any():
            return math.nan
        values = np.array(list(self.params_.values()))
        real = [name in (*self.signed, *self.coefficients()) for name in self.names]
        steps = 1e-3 * np.minimum(np.sqrt(np.diag(self.cov_)), np.where(real, math.inf, values))
        slope = np.array([
            (total(self._moved_to(values + step)) - total(self._moved_to(values - step))) / (2 * step.sum())
            if step.any() else 0.0 for step in np.diag(steps)])
        return float(slope @ self.cov_ @ slope)

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        given, columns, coefficients = self.constraints(), histories.columns, self.coefficients()
        prefix, arrays, weights, fixed = self._fit_input(histories)
        arrays, weights, covariates = sorted_rows(arrays, weights, histories.covariates)
        found = _core.fit(prefix, arrays, weights, fixed, max_passes, covariates, self.penalty)
        status, n, k = found.status, found.customers, len(found.parameters)
        if status == "bad_data":
            raise refuse(prefix, histories)
        for name in [name for name in vars(self) if name.endswith("_")]:           # of the last fit
            delattr(self, name)
        free = [name for name, value in given.items() if value is None]
        searched = status not in {"no_repeats", "no_information", "one_pattern"}
        fit: dict[str, Any] = {"status": status, "n_iter": found.passes, "notes": histories.notes, "end": histories.end}
        fit["n"] = (int(n) if n.is_integer() else n) if searched else len(next(iter(columns.values())))
        fit["params"] = dict(zip(self.names, found.parameters.tolist() if searched else [math.nan] * k, strict=True))
        fit["cov"] = found.covariance.reshape(k, k) if searched else np.full((k, k), math.nan)
        with np.errstate(invalid="ignore"):
            se = np.sqrt(np.diag(fit["cov"]))
        fit["se"] = {name: float(s) if name in free else math.nan for name, s in zip(self.names, se, strict=True)}
        fit["loglik"] = found.loglik if searched else math.nan
        if len(found.means):
            fit["means"] = dict(zip(coefficients, found.means.tolist(), strict=True))
        fit["aic"] = 2 * len(free) - 2 * fit["loglik"]
        fit["bic"] = len(free) * math.log(fit["n"]) - 2 * fit["loglik"] if searched else math.nan
        boundary, fit["null_direction"] = (dict(zip(self.names, v.tolist(), strict=True))
                                           for v in (found.boundary, found.direction))
        fit["advice"] = ""
        if status != "converged":
            fit["boundary"] = runners(boundary, fit["null_direction"])
            limited = status in ("iteration_limit", "not_moved")
            seen = "unsettled" if limited and (found.passes < max_passes or max_passes >= LONGEST) else status
            fit["advice"] = advice(seen, type(self).__name__, self.role, self.get_params(), fit["boundary"])
        self.set_fit(fit)
        if status in ("boundary", "flat"):
            self._certify(histories, max_passes)
        return self

    def _certify(self, histories: Histories, max_passes: int) -> None:
        """Take the optimum within the face of the boundary where that is certified; the notes say if it is."""
        fixed = {name: INFINITE if value == FAR else value for name, value in held(self.boundary_, self.role).items()
                 if name in type(self).names and getattr(self, name) is None}
        note = "the log-likelihood at the boundary is not certified: it may lie below the optimum"
        if fixed and not self.coefficients():
            face = self.with_fixed(fixed)._fit(histories, max_passes)
            if face.status_ == "converged" and face.loglik_ >= self.loglik_ - SLACK:
                shown = written(type(self).__name__, fixed)
                note = f"the log-likelihood is certified within the face of the boundary, {shown}"
                gain = max(face.loglik_ - self.loglik_, 0.0)
                if gain:
                    self.set_fit({"params": face.params_, "loglik": face.loglik_, "aic": self.aic_ - 2 * gain,
                                  "bic": self.bic_ - 2 * gain})
        self.set_fit({"notes": (*self.notes_, note)})

    def set_fit(self, fit: Mapping[str, Any]) -> None:
        """Set the results of a fit by name, without their underscores; they are read-only from then on."""
        vars(self).update({f"{name}_": read_only(value) for name, value in fit.items()})

    def _fit_input(self, histories: Histories) -> FitInput:
        """Return the arguments of a fit: kernel prefix, columns, weights, parameters held fixed (NaN: estimate)."""
        fixed = np.array([math.nan if v is None else v for v in self.constraints().values()])
        return self.prefix, tuple(histories.columns.values()), histories.weights, fixed

    def _bootstrap(self, histories: Histories, replicates: int, seed: Seed) -> Bootstrap:
        if not isinstance(replicates, int | np.integer) or not 1 <= replicates < 2**31:
            raise ConfigError(f"replicates={replicates!r}: pass the number of refits, 1 or more")
        estimates = dict(zip(self.names, self.estimates().tolist(), strict=True))
        if not hasattr(self, "status_"):
            raise FitError(f"{type(self).__name__}: nothing to refit: all parameters were given")
        start, number = self.estimates(), seeded(seed)
        given = self._fit_input(histories)
        try:
            sets = _core.bootstrap(*given, 100, histories.covariates, self.penalty, start,
                                   replicates, number)
        except ValueError:
            raise refuse(given[0], histories) from None
        return Bootstrap(type(self).__name__, estimates, sets.reshape(replicates, -1))

    def _influence(self, histories: Histories, top: int) -> Coefficients:
        """Return the `top` customers whose removal would change the fit most."""
        if isinstance(top, bool) or not isinstance(top, int) or top < 1:
            raise ConfigError(f"top={top!r}: pass the number of customers to list, 1 or more")
        if any(histories.covariates):
            raise FitError(f"{type(self).__name__}: influence is not available for a fit with covariates")
        if not hasattr(self, "status_"):
            raise FitError(f"{type(self).__name__}: influence needs a fit: call fit first")
        self.parameters()
        prefix, columns, *_ = self._fit_input(histories)
        try:
            moved, shift = _core.influence(prefix, columns, None, np.array(list(self.params_.values())),
                                           np.ascontiguousarray(self.cov_).ravel())
        except ValueError:
            raise refuse(prefix, histories) from None
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

        The interval is normal in the log-parameter, so it lies above 0; for a coefficient it is normal. Parameters held
        fixed have none, nor has any parameter of a fit that did not converge.
        """
        estimates = self.params_ if hasattr(self, "params_") else dict(zip(self.names, self.parameters(), strict=True))
        converged = getattr(self, "status_", "") == "converged"
        se = self.se_ if converged else dict.fromkeys(self.names, math.nan)
        ends = {k: self._interval(k, v, 1.959963984540054 * se[k]) for k, v in estimates.items()}
        return Coefficients(repr(self)[1:-1], {
            "parameter": list(self.names), "estimate": list(estimates.values()), "se": [se[k] for k in self.names],
            "low": [low for low, _ in ends.values()], "high": [high for _, high in ends.values()]})

    def _interval(self, name: str, value: float, reach: float) -> tuple[float, float]:
        if name in (*self.coefficients(), *self.signed):
            return value - reach, value + reach
        wide = math.exp(min(reach / value, 700.0))
        return value / wide, value * wide

    def __repr__(self) -> str:
        shown, tail = getattr(self, "params_", self.constraints()), ""
        if hasattr(self, "status_"):
            tail = f", n={self.n_:,.10g}, loglik {self.loglik_:.2f}, {self.status_}, {self.n_iter_} passes"
        elif None in shown.values():
            tail = ", not fitted"
        return model_line(type(self).__name__, shown, getattr(self, "unit", None), tail)

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"


class ReadOnly(dict[Any, Any]):
    """A table that a fit has set: it cannot be changed, a copy of it can."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("what a fit has set is read-only; change a copy, dict(...), or make another model")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[ReadOnly], tuple[dict[Any, Any]]]:
        return type(self), (dict(self),)


def read_only(value: Any) -> Any:
    """Return a table or an array that cannot be changed; other values as they are."""
    if type(value) is dict:
        return ReadOnly(value)
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    return value
