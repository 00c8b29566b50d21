"""Models whose purchase rate and dropout depend on covariates of each customer."""
from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import is_pandas
from .._formatting import plain
from .._tabular import RowLabels, aligned, demand, labels_of, order_of, table
from .._validation import number_of, numbers
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
    """

    bound_: Bound                         # set by `given`

    def __init__(self, *, rate_covariates: Iterable[str] = (), dropout_covariates: Iterable[str] = (),
                 penalty: float = 0.0, **rest: Any):
        self.rate_covariates = _listed(rate_covariates, "rate_covariates")
        self.dropout_covariates = _listed(dropout_covariates, "dropout_covariates")
        if isinstance(penalty, bool) or not isinstance(penalty, int | float) or not 0 <= penalty < math.inf:
            raise ConfigError(f"penalty={penalty!r}: pass a number of 0 or more")
        if len(self.coefficients()) > MOST:
            raise ConfigError(f"{len(self.coefficients())} covariates: at most {MOST} in all")
        self.penalty = float(penalty)
        self.names = (*type(self).names, *self.coefficients())
        super().__init__(**rest)

    def coefficients(self) -> tuple[str, ...]:
        """Return the names of the coefficients of covariates."""
        return (*(f"rate:{c}" for c in self.rate_covariates), *(f"dropout:{c}" for c in self.dropout_covariates))

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return (*type(self).names, "unit", "rate_covariates", "dropout_covariates", "penalty")

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
        covariates = (*self._split(_read(data, self._wanted())), means)
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
        own, shape = self.parameters(allow), np.broadcast_shapes(*map(np.shape, columns))
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
        return read_histories(data, {"t_x": t_x, "T": T}, weights, self.agreed_unit(data, unit), covariates)

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
        for name, column in zip(self._wanted(), columns, strict=True):
            with np.errstate(over="ignore", invalid="ignore"):
                constant = len(column) and column.std() <= 1e-12 * abs(column.mean())
            if constant:
                raise DataError(f"covariate {name!r} is constant: {column[0]:g} in all {len(column):,} rows. Its "
                                "coefficient cannot be estimated: leave it out")
        return self._split(columns)


def _listed(names: Iterable[str], keyword: str) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{keyword}={names!r}: pass a list of column names")
    listed = tuple(names)
    if len(set(listed)) < len(listed):
        raise ConfigError(f"{keyword}: {next(n for n in listed if listed.count(n) > 1)!r} is listed twice")
    return listed


def _read(data: Data, names: tuple[str, ...]) -> Columns:
    """Return the columns of a base (of its profile) or a frame as doubles, all finite."""
    opened = table(_profile(data) if isinstance(data, HistorySource) else data)
    columns = []
    for name in names:
        demand(opened, name)
        column = opened.array(name)
        if column.dtype.kind == "O" and all(number_of(value) is not None for value in column):
            column = numbers(column, name)
        if column.dtype.kind not in "fiub":
            raise DataError(f"covariate {name!r} holds {column.dtype}, not numbers: make a column of 0 and 1 for each "
                            "of its categories but one")
        values = np.asarray(column, float)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            ids = opened.array("customer") if "customer" in opened.names else None
            rows = ", ".join(f"{row:,}" + ("" if ids is None else f" (customer {plain(ids[row])})")
                             for row in bad[:5].tolist())
            raise DataError(f"covariate {name!r}: {len(bad):,} of {len(values):,} values are missing or infinite, rows "
                            f"{rows}. Fill them in, or remove these customers.")
        columns.append(values)
    return tuple(columns)


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
