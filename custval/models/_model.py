"""What every model shares: parameters as keywords, the fit and its certificate, prediction only with it."""
from __future__ import annotations

import math
import os
from typing import Any, ClassVar, Self

import numpy as np

from .. import _core
from .._errors import ConfigError, FitError
from ._advice import advice
from ._histories import Histories, refuse


class Model:
    """A model whose parameters are constructor keywords: None means estimate it, a number holds it fixed."""

    word: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
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
    notes_: tuple[str, ...]

    def __init__(self, **given: float | None):
        for name, value in given.items():
            if value is not None and not (_is_number(value) and 0 < value < math.inf):
                raise ConfigError(f"{type(self).__name__}: {name}={value!r} is not possible: a parameter is above 0 "
                                  "and finite, or None to be estimated")
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

    def _keywords(self) -> tuple[str, ...]:
        return self.names

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
        given = tuple(getattr(self, name) for name in self.names)
        if None not in given:
            return given
        if not hasattr(self, "status_"):
            free = ", ".join(name for name, value in zip(self.names, given, strict=True) if value is None)
            raise FitError(f"{type(self).__name__}: not fitted, and {free} not given: call fit first")
        found = tuple(self.params_.values())
        if self.status_ == "converged" or (allow_unconverged and not any(map(math.isnan, found))):
            return found
        raise FitError(f"{type(self).__name__}: status {self.status_!r}: {self.advice_}")

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        given, columns = self._given(), histories.columns
        fixed = np.array([math.nan if v is None else v for v in given.values()])
        avx2 = os.environ.get("CUSTVAL_SIMD", "avx2") != "base"
        status, found, cov, direction, gone, loglik, n, passes, *_ = _core.fit(
            self.word, columns["x"], columns.get("t_x"), columns["T" if "T" in columns else "m_x"],
            histories.weights, fixed, avx2, max_passes)
        if status == "bad_data":
            raise refuse(histories)
        free = [name for name, value in given.items() if value is None]
        searched = status not in {"no_repeats", "no_information", "one_pattern"}
        k = len(found)
        self.status_, self.n_iter_, self.notes_ = status, passes, histories.notes
        self.n_ = (int(n) if n.is_integer() else n) if searched else len(columns["x"])
        self.params_ = dict(zip(self.names, found.tolist() if searched else [math.nan] * k, strict=True))
        self.cov_ = cov.reshape(k, k) if searched else np.full((k, k), math.nan)
        with np.errstate(invalid="ignore"):
            se = np.sqrt(np.diag(self.cov_))
        self.se_ = {name: float(s) if name in free else math.nan for name, s in zip(self.names, se, strict=True)}
        self.loglik_ = loglik if searched else math.nan
        self.aic_ = 2 * len(free) - 2 * self.loglik_
        self.bic_ = len(free) * math.log(self.n_) - 2 * self.loglik_ if searched else math.nan
        where, along = (dict(zip(self.names, v.tolist(), strict=True)) for v in (gone, direction))
        self.advice_ = "" if status == "converged" else advice(status, where, along)
        return self

    def summary(self) -> Coefficients:
        """Return the table of parameters: estimate, standard error and 95 % interval.

        The interval is that of the log-parameter, so it lies above 0; parameters held fixed have none.
        """
        estimates = self.params_ if hasattr(self, "params_") else dict(zip(self.names, self.parameters(), strict=True))
        se = getattr(self, "se_", dict.fromkeys(self.names, math.nan))
        wide = {k: math.exp(min(1.959963984540054 * se[k] / v, 700.0)) for k, v in estimates.items()}
        return Coefficients(repr(self), {
            "parameter": list(self.names), "estimate": list(estimates.values()), "se": [se[k] for k in self.names],
            "low": [v / wide[k] for k, v in estimates.items()], "high": [v * wide[k] for k, v in estimates.items()]})

    def __repr__(self) -> str:
        shown = getattr(self, "params_", self._given())
        words = [type(self).__name__, *(f"{k}={_short(v)}" for k, v in shown.items())]
        if getattr(self, "unit", None):
            words.append(f"unit={self.unit}")                             # type: ignore[attr-defined]
        head = "<" + " ".join(words)
        if not hasattr(self, "status_"):
            return head + (", not fitted>" if None in shown.values() else ">")
        tail = f"{self.status_}, {self.n_iter_} passes>"
        whole = f"{head}, n={self.n_:,.10g}, loglik {self.loglik_:.2f}, {tail}"
        return whole if len(whole) < 100 else f"{head}, {tail}"


class Coefficients(dict[str, list[Any]]):
    """Columns of a coefficient table; prints as text, and any frame library makes a frame of it."""

    def __init__(self, title: str, columns: dict[str, list[Any]]):
        super().__init__(columns)
        self.title = title

    def __repr__(self) -> str:
        cells = [[str(v) if isinstance(v, str) else f"{v:.6g}" if v == v else "-" for v in row]
                 for row in zip(*self.values(), strict=True)]
        lines = [list(self), *cells]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        body = ["  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.title, *body])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _short(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:.3f}" if 0.01 <= value < 10_000 else f"{value:.3g}"
