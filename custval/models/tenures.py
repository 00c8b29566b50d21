"""What a model of contracts is fed with: tenures of customers, or survivors of cohorts, as plain columns."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._tabular import demand, table
from .._validation import aligned, finite
from ..errors import DataError
from ..evaluation.survival import cohorts, refuse
from .histories import Histories


def read_tenures(tenure: Any, churned: Any, survivors: Any, weights: Any) -> Histories:
    """Return the columns of tenures or of survivors, whichever are given."""
    if (survivors is None) == (tenure is None):
        raise DataError("pass either tenure and churned, a row for each customer, or survivors=, one for a period")
    return of_customers(tenure, churned, weights) if survivors is None else of_cohorts(survivors, weights)


def of_customers(tenure: Any, churned: Any, weights: Any) -> Histories:
    """Return who left (x) and tenures (T), a row for each customer."""
    if churned is None:
        try:
            opened = table(tenure)
        except TypeError:
            raise DataError(f"{type(tenure).__name__}: pass tenure and churned, a frame with both, or survivors=; "
                            "orders do not say when a contract ended") from None
        for name in ("tenure", "churned"):
            demand(opened, name)
        if isinstance(weights, str):
            demand(opened, weights, "weights")
            weights = opened.array(weights)
        tenure, churned = opened.array("tenure"), opened.array("churned")
    time = aligned(tenure, tenure, "tenure")
    left = aligned(tenure, churned, "churned")
    left = left.astype(float) if left.dtype.kind == "b" else left
    count = None if weights is None else aligned(tenure, weights, "weights")
    for name, column in (("tenure", time), ("churned", left), *([] if count is None else [("weights", count)])):
        finite(column, name)
    refuse("tenure", time, (time < 0) | (time != np.floor(time)), "no whole number of periods")
    refuse("churned", left, (left != 0) & (left != 1), "neither 0 (still there) nor 1 (left)")
    refuse("tenure", time, (left == 1) & (time == 0), "0 of a customer who left: one who leaves at the end of the "
                                                     "first period has 1")
    if count is not None:
        refuse("weights", count, count < 0, "negative")
    return Histories({"x": left.astype(float), "T": time.astype(float)}, count, None, "arrays", ())


def of_cohorts(survivors: Any, weights: Any) -> Histories:
    """Return the same of cohorts, a row for each period of each, with the number of customers as weights."""
    if weights is not None:
        raise DataError("weights= goes with tenures; survivors are numbers of customers already")
    parts = [_tenures(there) for there in cohorts(survivors).there.values()]
    left, time, count = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Histories({"x": left, "T": time}, count, None, "cohorts", ())


def _tenures(there: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return churned, tenure and number of customers: those who left at each renewal, and those still there."""
    periods = np.arange(1.0, len(there))
    left = np.append(np.ones(len(periods)), 0.0)
    return left, np.append(periods, periods[-1]), np.append(-np.diff(there), there[-1])
