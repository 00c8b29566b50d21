"""Models of how often customers buy and when they stop: the unit of their times, and the fit."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from .._dates import split_unit
from ..errors import ConfigError, DataError
from .fitted import Fitted
from .histories import Histories, leave_out, read, same_unit, unit_of


class PurchaseModel(Fitted):
    """A model of purchases, fitted to histories (x, t_x, T) by maximum likelihood.

    A subclass says its word, the names of its parameters and how it is made. All its times are in one unit, that
    of the model.
    """

    role = "purchases"

    def __init__(self, *, unit: str | None = None, **given: float | None):
        super().__init__(**given)
        if unit is not None:
            split_unit(unit)
        self.unit = unit

    def _keywords(self) -> tuple[str, ...]:
        return (*self.names, "unit")

    def fit(self, data: Any, t_x: Any = None, T: Any = None, *, weights: Any = None, unit: str | None = None,
            covariates: Any = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        Parameters
        ----------
        data : CustomerBase, summary frame, or array_like of shape (n,)
            A base is summarised in the unit of the model (of the base, where the model has none). A
            frame has columns x, t_x, T, or frequency, recency, T in the sense of lifetimes. An array is x.
        t_x, T : array_like, shape (n,), optional
            With x as an array: age at the last purchase and at the end.
        weights : array_like of shape (n,) or column name, optional
            Number of customers with this history.
        unit : {"h", "D", "W", "M", "Q", "Y"}, optional
            The unit of t_x and T in a frame or in arrays, which do not tell theirs.
        covariates : CustomerBase or frame, optional
            With the columns of the covariates of the model, a row for each history; without it they are taken from
            `data`, from a base by its profile.
        max_passes : int
            Passes over the data that one search may take.

        Returns
        -------
        self
            With ``status_``, ``params_``, ``se_``, ``cov_``, ``loglik_`` (nats, timing form), ``aic_``,
            ``bic_``, ``n_`` (customers), ``n_iter_`` (passes of the search that found the optimum),
            ``notes_`` and, where the status is not "converged", ``advice_``, which ends with the call to make, and
            ``null_direction_``, along which the likelihood is flattest. ``end_`` is the last day of a base, else
            None. A model without unit takes that of the data.

        Raises
        ------
        DataError
            A history that cannot be, or a unit that is not the model's.
        """
        mine = self._agreed_unit(data, unit)
        histories = read_histories(data, {"t_x": t_x, "T": T}, weights, mine, self._read_covariates(data, covariates))
        self._fit(histories, max_passes)
        self.unit = mine
        return self

    def _histories(self, data: Any, t_x: Any, T: Any, weights: Any, unit: str | None) -> Histories:
        return read_histories(data, {"t_x": t_x, "T": T}, weights, self._agreed_unit(data, unit))

    def _read_covariates(self, data: Any, covariates: Any) -> tuple[np.ndarray, ...]:
        if covariates is not None:
            raise ConfigError(f"{type(self).__name__} takes no covariates")
        return ()

    def _agreed_unit(self, data: Any, unit: str | None) -> str | None:
        if unit is not None:
            split_unit(unit)
        unit = unit or unit_of(data)
        same_unit(unit, self.unit)
        return self.unit or unit or (data.unit if hasattr(data, "_summary") else None)


def read_histories(data: Any, rest: Mapping[str, Any], weights: Any, unit: str | None,
                   covariates: tuple[np.ndarray, ...] = ()) -> Histories:
    """Return the columns x and those of `rest`; who has no purchase is left out of a base or a frame."""
    histories = read(data, rest, weights, unit)
    rows = len(histories.columns["x"])
    if covariates and len(covariates[0]) != rows:
        raise DataError(f"covariates have {len(covariates[0]):,} rows, x has {rows:,}")
    histories = histories._replace(covariates=covariates)
    if histories.source == "arrays":
        return histories
    c = histories.columns
    return leave_out(histories, np.isnan(c["T"]) & (c["x"] == 0), "have no purchase")
