"""Models whose purchase rate and dropout depend on covariates of each customer."""
from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import is_pandas
from .._broadcast import broadcast
from .._formatting import Coefficients, plain
from .._tabular import RowLabels, aligned, demand, labels_of, order_of, table
from .._validation import in_short, number_of, numbers, setting
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError
from .histories import Covariates, Customers, Data, Histories, read_histories
from .purchase import PurchaseModel

MOST = 20                      # covariates of one model
Columns = tuple[np.ndarray, ...]


class Bound(NamedTuple):
    """The customers that a model is bound to: their ids (if known), row labels, covariates and parameters."""

    ids: np.ndarray | None
    rows: RowLabels
    covariates: tuple[Columns, Columns, np.ndarray]        # of rates, of dropouts; their means in the fit
    parameters: Columns


class CovariateModel(PurchaseModel):
    """A model of purchases whose customers may differ by covariates, in purchase rate and in dropout.

    With z the standardised covariates of a customer and c their coefficients, the purchase rate is that of an average
    customer times exp(c'z). If dropout has a probability (BG/NBD, MBG/NBD), its mean a / (a + b) moves on the logit by
    c'z while a + b stays. If it has a rate (Pareto/NBD), the rate is multiplied by exp(c'z).

    A covariate in words is a column of 0 and 1 for each of its levels but the most frequent one, the reference: the
    coefficient ``rate:channel=web`` compares web with it. The summary and ``notes_`` name it.
    """

    bound_: Bound                         # set by `given`
    levels_: dict[str, tuple[str, ...]]   # of covariates in words, the reference first; set by `fit`

    def __init__(self, *, rate_covariates: Iterable[str] = (), dropout_covariates: Iterable[str] = (),
                 penalty: float = 0.0, **rest: Any):
        self.rate_covariates = _listed(rate_covariates, "rate_covariates")
        self.dropout_covariates = _listed(dropout_covariates, "dropout_covariates")
        strength = setting(penalty)
        if strength is None or strength < 0:
            raise ConfigError(f"penalty={in_short(penalty)}: pass a number of 0 or more")
        if len(self._wanted()) > MOST:
            raise ConfigError(f"{len(self._wanted())} covariates: at most {MOST} in all")
        self.penalty = strength
        self.names = (*type(self).names, *self.coefficients())
        super().__init__(**rest)

    def coefficients(self) -> tuple[str, ...]:
        """Return the names of the coefficients of covariates."""
        known = getattr(self, "levels_", {})
        return tuple(f"{what}:{name}" if level is None else f"{what}:{name}={level}"
                     for what, names in (("rate", self.rate_covariates), ("dropout", self.dropout_covariates))
                     for name in names for level in known.get(name, (None, None))[1:])

    def summary(self) -> Coefficients:
        """Return the table of parameters, as other models do; its title names the reference of covariates in words."""
        found = super().summary()
        found.title += "".join(f"; {plain(name)} against {plain(levels[0])}"
                               for name, levels in getattr(self, "levels_", {}).items())
        return found

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return (*type(self).names, "unit", *(("clock",) if self.takes_clock else ()), "rate_covariates",
                "dropout_covariates", "penalty")

    def parameters(self, allow_unconverged: bool = False) -> tuple[Any, ...]:
        """Return the parameters in the order of the formulas; with covariates, those of each customer of `given`."""
        if not self.coefficients():
            return super().parameters(allow_unconverged)
        if not hasattr(self, "bound_"):
            raise ConfigError(f"{type(self).__name__} has covariates, so its customers have parameters of their own: "
                              "call model.given(base) or model.given(frame), a row per customer, and use the result")
        return self.bound_.parameters

    def given(self, data: Data, *, allow_unconverged: bool = False) -> Self:
        """Return the model for customers whose covariates are known, a row per customer.

        Parameters
        ----------
        data : CustomerBase or frame
            With the columns of all covariates; those of a base come from its profile.
        allow_unconverged : bool
            Predict from a fit that did not converge.

        Returns
        -------
        model
            All its quantities are for these customers, in this order; columns of histories must have the same order.
            A model without covariates is returned as it is.

        Raises
        ------
        FitError
            There is no converged fit.
        DataError
            A covariate is missing, or not finite.
        """
        if not self.coefficients():
            return self
        found, means = self.estimates(allow_unconverged), np.array(list(self.means_.values()))
        covariates = (*self._coded(self._split(_read(data, self._wanted())), data), means)
        bound = copy.copy(self)
        own = self._own_parameters(found, covariates)
        vars(bound)["bound_"] = Bound(_ids(data), _rows(data), covariates, own)
        return bound

    def bound_to(self, data: Data, allow_unconverged: bool = False) -> Self:
        """Return the model for the customers of `data`: as it was bound to them, or bound now."""
        if not hasattr(self, "bound_"):
            return self.given(data, allow_unconverged=allow_unconverged)
        ids = _ids(data)
        if ids is not None and self.bound_.ids is not None and not np.array_equal(ids, self.bound_.ids):
            raise DataError("the model is bound to other customers, or to these in another order: call "
                            "model.given(...) with a row for each, in this order")
        return self

    def covariate_input(self, n: int) -> tuple[Columns, Columns, np.ndarray] | None:
        """Return the covariates of `n` customers, as draws of the core take them."""
        if not self.coefficients():
            return None
        self._demand_rows(n, (len(self.parameters()[0]),))
        return self.bound_.covariates

    def _own_parameters(self, values: np.ndarray, covariates: tuple[Columns, Columns, np.ndarray]) -> Columns:
        """Return the parameters of each customer at these values of parameters and coefficients."""
        return _core.own_parameters(self.prefix, values, len(sum(covariates[:2], ())[0]), covariates)

    def _moved_to(self, values: np.ndarray) -> Self:
        moved = super()._moved_to(values)
        if self.coefficients():
            own = self._own_parameters(values, self.bound_.covariates)
            vars(moved)["bound_"] = self.bound_._replace(parameters=own)
        return moved

    def _parameters_for(self, columns: tuple[Any, ...], allow: bool) -> tuple[Any, ...]:
        own, shape = self.parameters(allow), broadcast("the history", columns)
        if not self.coefficients() or not shape:
            return own
        self._demand_rows(shape[0], (1, len(own[0])))
        labelled = next(filter(is_pandas, reversed(columns)), None)
        if labelled is not None:                            # the parameters of each customer, in the order of the rows
            order = order_of(self.bound_.rows, labels_of(labelled), "the history")
            own = own if order is None else tuple(column[np.argsort(order)] for column in own)
        return tuple(column.reshape(-1, *[1] * (len(shape) - 1)) for column in own)

    def _ages(self, T: ArrayLike) -> ArrayLike:
        return aligned(self.bound_.rows, T, "T") if hasattr(self, "bound_") and is_pandas(T) else T

    def _history(self, data: Data | None, t_x: ArrayLike | None, T: ArrayLike | None) -> tuple[Any, ...]:
        history = super()._history(data, t_x, T)
        if hasattr(self, "bound_") and t_x is None and data is not None:       # a base or frame, which may have ids
            self.bound_to(data)
        return history

    def _demand_rows(self, rows: int, possible: tuple[int, ...]) -> None:
        if rows not in possible:
            raise DataError(f"the model is bound to {len(self.bound_.parameters[0]):,} customers, these are {rows:,} "
                            "rows")

    def _histories(self, data: Data, t_x: ArrayLike | None, T: ArrayLike | None, weights: ArrayLike | str | None,
                   unit: str | None) -> Histories:
        covariates = self._read_covariates(data, None)
        found = read_histories(data, {"t_x": t_x, "T": T}, weights, self.agreed_unit(data, unit), covariates)
        return found._replace(covariates=self._coded(found.covariates, data))

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        before: dict[str, Any] = {name: vars(self)[name] for name in ("names", "levels_") if name in vars(self)}
        raw = zip(self._wanted(), sum(histories.covariates, ()), strict=True)
        levels = {name: _levels(column) for name, column in raw if column.dtype.kind == "O"}
        try:
            self.take_levels(levels)
            columns = self._coded(histories.covariates, None)
            _demand_variation(self.coefficients(), sum(columns, ()), levels)
            super()._fit(histories._replace(covariates=columns), max_passes)
        except Exception:
            vars(self).pop("levels_", None)
            vars(self).update(before)
            raise
        if levels:
            against = [f"covariate {name!r}: coefficients compare with {found[0]!r}, its most frequent level"
                       for name, found in levels.items()]
            self.set_fit({"levels": levels, "notes": (*self.notes_, *against)})
        return self

    def take_levels(self, levels: Mapping[str, tuple[str, ...]]) -> None:
        """Set the levels of covariates in words, and with them the names of the coefficients."""
        vars(self)["levels_"] = dict(levels)
        vars(self)["names"] = (*type(self).names, *self.coefficients())
        if not levels:
            del vars(self)["levels_"]
        if len(self.coefficients()) > MOST:
            widest = max(levels, key=lambda name: len(levels[name]))
            raise DataError(f"{len(self.coefficients())} coefficients: at most {MOST} in all. Covariate {widest!r} has "
                            f"{len(levels[widest])} levels: join the rare ones into one, such as 'other'")

    def _coded(self, covariates: Covariates, data: Data | None) -> Covariates:
        """Return covariates as numbers: those in words as columns of 0 and 1, by the levels of the fit."""
        rates, dropouts = (tuple(column for name, values in zip(names, part, strict=True)
                                 for column in self._code(name, values, data))
                           for names, part in zip((self.rate_covariates, self.dropout_covariates), covariates,
                                                  strict=True))
        return rates, dropouts

    def _code(self, name: str, values: np.ndarray, data: Data | None) -> Columns:
        levels = getattr(self, "levels_", {}).get(name)
        if (levels is None) != (values.dtype.kind != "O"):
            then, now = ("numbers", "words") if levels is None else ("words", "numbers")
            raise DataError(f"covariate {name!r} holds {now}, but the model was fitted to {then}")
        if levels is None:
            return (values,)
        unknown = np.flatnonzero(~np.isin(values, levels))
        if len(unknown):
            raise DataError(f"covariate {name!r}: {len(unknown):,} of {len(values):,} values are levels that the fit "
                            f"has not seen, rows {_places(unknown, data, values)}. It knows "
                            f"{', '.join(map(plain, levels))}: correct them, join them with one of these, or fit again")
        return tuple((values == level).astype(float) for level in levels[1:])

    def _wanted(self) -> tuple[str, ...]:
        return self.rate_covariates + self.dropout_covariates

    def _split(self, columns: Columns) -> Covariates:
        k = len(self.rate_covariates)
        return columns[:k], columns[k:]

    def _read_covariates(self, data: Data, covariates: Customers | None) -> Covariates:
        if not self._wanted():
            if covariates is not None:
                raise ConfigError("covariates= was passed, but the model has none: name them in rate_covariates= or "
                                  "dropout_covariates=")
            return (), ()
        columns = _read(data if covariates is None else covariates, self._wanted())
        if covariates is not None:
            order = order_of(_rows(data), _rows(covariates), "covariates")
            columns = columns if order is None else tuple(column[order] for column in columns)
        return self._split(columns)


def _listed(names: Iterable[str], keyword: str) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{keyword}={names!r}: pass a list of column names")
    listed = tuple(names)
    if len(set(listed)) < len(listed):
        raise ConfigError(f"{keyword}: {next(n for n in listed if listed.count(n) > 1)!r} is listed twice")
    return listed


def _read(data: Data, names: tuple[str, ...]) -> Columns:
    """Return the columns of a base (of its profile) or a frame: doubles, all finite, or words as objects."""
    opened = table(_profile(data) if isinstance(data, HistorySource) else data)
    columns = []
    for name in names:
        demand(opened, name)
        column = opened.array(name)
        if column.dtype.kind == "O" and all(number_of(value) is not None for value in column):
            column = numbers(column, name)
        values = np.asarray(column, float if column.dtype.kind in "fiub" else object)
        if values.dtype.kind == "O":
            missing = np.array([value is None or value != value or str(value) == "<NA>" for value in values], bool)
            if not all(isinstance(value, str) for value in values[~missing].tolist()):
                raise DataError(f"covariate {name!r} holds {column.dtype}, neither numbers nor words: convert it first")
        else:
            missing = ~np.isfinite(values)
        if missing.any():
            rows = _places(np.flatnonzero(missing), data)
            raise DataError(f"covariate {name!r}: {int(missing.sum()):,} of {len(values):,} values are missing or "
                            f"infinite, rows {rows}. Fill them in, or remove these customers.")
        columns.append(values)
    return tuple(columns)


def _places(rows: np.ndarray, data: Data | None, values: np.ndarray | None = None) -> str:
    """Return the first five of some rows with the customer and the value of each, where known."""
    ids = None if data is None else _ids(data)
    shown = []
    for row in rows[:5].tolist():
        value = "" if values is None else f" {values[row]!r}"
        shown.append(f"{row:,}{value}" + ("" if ids is None else f" (customer {plain(ids[row])})"))
    return ", ".join(shown)


def _levels(column: np.ndarray) -> tuple[str, ...]:
    """Return the levels of a covariate in words: the most frequent one, then the others in order."""
    count = Counter(column.tolist())
    first = min(count, key=lambda level: (-count[level], level)) if count else ""
    return (first, *sorted(set(count) - {first}))


def _demand_variation(names: Iterable[str], columns: Columns, levels: Mapping[str, tuple[str, ...]]) -> None:
    """Raise for a covariate that is the same for all customers of the fit."""
    for name, known in levels.items():
        if len(known) == 1:
            raise DataError(f"covariate {name!r} is constant: {known[0]!r} in all rows. Its coefficient cannot be "
                            "estimated: leave it out")
    for name, column in zip(names, columns, strict=True):
        with np.errstate(over="ignore", invalid="ignore"):
            constant = len(column) and column.std() <= 1e-12 * abs(column.mean())
        if constant:
            raise DataError(f"covariate {name.partition(':')[2]!r} is constant: {column[0]:g} in all {len(column):,} "
                            "rows. Its coefficient cannot be estimated: leave it out")


def _rows(data: Data) -> RowLabels:
    """Return the labels of the rows of a base, a frame or a column."""
    return data.snapshot.row_labels() if isinstance(data, HistorySource) else labels_of(data)


def _ids(data: Data) -> np.ndarray | None:
    if isinstance(data, HistorySource):
        return np.asarray(data.snapshot.customers)
    opened = table(data)
    return opened.array("customer") if "customer" in opened.names else None


def _profile(base: HistorySource) -> dict[str, np.ndarray]:
    view = base.snapshot
    if not view.profile:
        raise DataError("the base has no profile to take covariates from: base.with_profile(frame)")
    return {"customer": view.customers, **{name: column[view.who] for name, column in view.profile.items()}}
