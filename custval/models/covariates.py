"""Covariates: what is known of a customer moves his purchase rate and his dropout."""
from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from .. import _core
from .._formatting import plain
from .._tabular import demand, table
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError
from .histories import Histories
from .purchase import PurchaseModel, read_histories

MOST = 20                      # covariates of one model
Covariates = tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], np.ndarray]      # of rates, of dropouts, means


class CovariateModel(PurchaseModel):
    """A model of purchases whose customers may differ by covariates, on both processes.

    With z a customer's standardised covariates and c their coefficients, the purchase rate is that of an average
    customer times exp(c'z). Dropout has a chance (BG/NBD, MBG/NBD): its mean a / (a + b) moves on the logit, by
    c'z, while a + b stays. Or it has a rate (Pareto/NBD), which is multiplied by exp(c'z).
    """

    _own: tuple[np.ndarray, ...]          # parameters of the customers that the model is given for
    _theirs: Covariates                   # what is known of them
    _who: np.ndarray | None               # their ids, where they are known

    def __init__(self, *, rate_covariates: Iterable[str] = (), dropout_covariates: Iterable[str] = (),
                 penalty: float = 0.0, **rest: Any):
        super().__init__(**rest)
        self.rate_covariates = _listed(rate_covariates, "rate_covariates")
        self.dropout_covariates = _listed(dropout_covariates, "dropout_covariates")
        if isinstance(penalty, bool) or not isinstance(penalty, int | float) or not 0 <= penalty < math.inf:
            raise ConfigError(f"penalty={penalty!r}: pass a number of 0 or more")
        if len(self._coefficients()) > MOST:
            raise ConfigError(f"{len(self._coefficients())} covariates: at most {MOST} in all")
        self.penalty = float(penalty)
        self.names = (*type(self).names, *self._coefficients())

    def _coefficients(self) -> tuple[str, ...]:
        return (*(f"rate:{c}" for c in self.rate_covariates), *(f"dropout:{c}" for c in self.dropout_covariates))

    def _keywords(self) -> tuple[str, ...]:
        return (*type(self).names, "unit", "rate_covariates", "dropout_covariates", "penalty")

    def _given(self) -> dict[str, float | None]:
        return {name: getattr(self, name, None) for name in self.names}

    def parameters(self, allow_unconverged: bool = False) -> tuple[Any, ...]:
        """Return the parameters in the order of the formulas; with covariates those of each customer of `given`."""
        if not self._coefficients():
            return super().parameters(allow_unconverged)
        if not hasattr(self, "_own"):
            raise ConfigError(f"{type(self).__name__} has covariates, so its customers have parameters of their own: "
                              "take model.given(base) or model.given(frame), with a row per customer, and ask that")
        return self._own

    def _parameters_of(self, columns: tuple[Any, ...], allow: bool) -> tuple[Any, ...]:
        own, shape = self.parameters(allow), np.broadcast_shapes(*map(np.shape, columns))
        if not self._coefficients() or not shape:
            return own
        self._demand(shape[0], (1, len(own[0])))
        return tuple(column.reshape(-1, *[1] * (len(shape) - 1)) for column in own)

    def given(self, data: Any, *, allow_unconverged: bool = False) -> Self:
        """Return the model as it is for customers whose covariates are known: one row, one customer.

        Parameters
        ----------
        data : CustomerBase or frame
            With the columns of all covariates: a base by its profile.
        allow_unconverged : bool
            Predict from a fit without certificate.

        Returns
        -------
        model
            All quantities answer for these customers, in this order; so the columns of histories must have it too.
            A model without covariates is returned as it is.

        Raises
        ------
        FitError
            There is no fit with the certificate of convergence.
        DataError
            A covariate is missing, or not finite.
        """
        if not self._coefficients():
            return self
        found = np.array(super().parameters(allow_unconverged))
        means, facing = np.array(list(self.means_.values())), copy.copy(self)
        facing._who, facing._theirs = _ids(data), (*self._split(_read(data, self._wanted())), means)
        facing._own = facing._at(found)
        return facing

    def _facing(self, data: Any, allow_unconverged: bool = False) -> Self:
        if not hasattr(self, "_own"):
            return self.given(data, allow_unconverged=allow_unconverged)
        who = _ids(data)
        if who is not None and self._who is not None and not np.array_equal(who, self._who):
            raise DataError("the model is given for other customers, or for these in another order: "
                            "model.given(...) with a row for each, as they stand here")
        return self

    def _history(self, *given: Any) -> tuple[Any, ...]:
        history = super()._history(*given)
        if hasattr(self, "_own") and given[1] is None:             # a base or frame, whose customers may be known
            self._facing(given[0])
        return history

    def _at(self, values: np.ndarray) -> tuple[Any, ...]:
        if not self._coefficients():
            return super()._at(values)
        return _core.own_parameters(self.word, values, len(sum(self._theirs[:2], ())[0]), self._theirs)

    def _known(self, n: int) -> Covariates | None:
        if not self._coefficients():
            return None
        self._demand(n, (len(self.parameters()[0]),))
        return self._theirs

    def _demand(self, rows: int, possible: tuple[int, ...]) -> None:
        if rows not in possible:
            raise DataError(f"the model is given for {len(self._own[0]):,} customers, these are {rows:,} rows")

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        for customers in ("_own", "_theirs", "_who"):              # that it was given for before
            vars(self).pop(customers, None)
        return super()._fit(histories, max_passes)

    def _more(self, histories: Histories) -> tuple[Any, ...]:
        return (self._split(histories.covariates), self.penalty) if histories.covariates else ()

    def _histories(self, data: Any, t_x: Any, T: Any, weights: Any, unit: str | None) -> Histories:
        covariates = self._read_covariates(data, None)
        return read_histories(data, {"t_x": t_x, "T": T}, weights, self._agreed_unit(data, unit), covariates)

    def _wanted(self) -> tuple[str, ...]:
        return self.rate_covariates + self.dropout_covariates

    def _split(self, columns: tuple[np.ndarray, ...]) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        k = len(self.rate_covariates)
        return columns[:k], columns[k:]

    def _read_covariates(self, data: Any, covariates: Any) -> tuple[np.ndarray, ...]:
        if not self._wanted():
            if covariates is not None:
                raise ConfigError("covariates= was passed, and the model has none: name them in rate_covariates= or "
                                  "dropout_covariates=")
            return ()
        columns = _read(data if covariates is None else covariates, self._wanted())
        for name, column in zip(self._wanted(), columns, strict=True):
            with np.errstate(over="ignore", invalid="ignore"):
                constant = len(column) and column.std() <= 1e-12 * abs(column.mean())
            if constant:
                raise DataError(f"covariate {name!r} is constant: {column[0]:g} in all {len(column):,} rows. It cannot "
                                "be told from the other parameters: leave it out")
        return columns


def _listed(names: Any, keyword: str) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{keyword}={names!r}: pass a list of column names")
    listed = tuple(names)
    if len(set(listed)) < len(listed):
        raise ConfigError(f"{keyword}: {next(n for n in listed if listed.count(n) > 1)!r} stands there twice")
    return listed


def _read(data: Any, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """Return the columns of a base (of its profile) or a frame as doubles, all finite."""
    opened = table(_profile(data) if isinstance(data, HistorySource) else data)
    columns = []
    for name in names:
        demand(opened, name)
        column = opened.array(name)
        if column.dtype.kind not in "fiub":
            raise DataError(f"covariate {name!r} holds {column.dtype}, no numbers: make a column of 0 and 1 for each "
                            "of its words but one")
        values = column.astype(float)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            who = opened.array("customer") if "customer" in opened.names else None
            rows = ", ".join(f"{row:,}" + ("" if who is None else f" (customer {plain(who[row])})")
                             for row in bad[:5].tolist())
            raise DataError(f"covariate {name!r}: {len(bad):,} of {len(values):,} values are missing or infinite, rows "
                            f"{rows}. Fill them in, or leave these customers out.")
        columns.append(values)
    return tuple(columns)


def _ids(data: Any) -> np.ndarray | None:
    if isinstance(data, HistorySource):
        return np.asarray(data.snapshot.customers)
    opened = table(data)
    return opened.array("customer") if "customer" in opened.names else None


def _profile(base: HistorySource) -> dict[str, np.ndarray]:
    view = base.snapshot
    if not view.profile:
        raise DataError("the base has no profile to take covariates from: base.with_profile(frame)")
    return {"customer": view.customers, **{name: column[view.who] for name, column in view.profile.items()}}
