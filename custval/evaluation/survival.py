"""Cohorts of customers under contract, and the accuracy of expected survivors."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .._arrays import FrameLike, Table
from .._broadcast import values_of
from .._dates import counted
from .._tabular import is_frame, table
from .._validation import finite, named
from ..errors import DataError
from .accuracy import NO_ACCURACY, Accuracy, EvaluationBase, Setting, accuracy

Tenures: TypeAlias = FrameLike | ArrayLike               # of customers, or survivors of cohorts


class RenewalForecaster(Protocol):
    """A model of contracts, as evaluations use it."""

    unit: str | None

    def survival(self, t: np.ndarray, n: np.ndarray) -> Any:
        """Return P(T > n + t | T > n)."""


class Cohorts(NamedTuple):
    """The survivors of each cohort: its size, then the customers after each renewal."""

    there: dict[str, np.ndarray]
    frames: Table                          # makes frames of the caller's kind

    def without(self, periods: int) -> Cohorts:
        """Return the cohorts as they were `periods` ago, those with at least one renewal due by then."""
        kept = {name: there[:len(there) - periods] for name, there in self.there.items()}
        return self._replace(there={name: there for name, there in kept.items() if len(there) > 1})

    def oldest(self) -> int:
        """Return the number of renewals of the oldest cohort."""
        return max((len(there) - 1 for there in self.there.values()), default=0)

    def survivors(self) -> dict[str, np.ndarray]:
        """Return columns of equal length, as a fit takes them."""
        rows = self.oldest() + 1
        return {name: np.append(there, np.full(rows - len(there), np.nan)) for name, there in self.there.items()}


class Survival(EvaluationBase):
    """Accuracy of the expected survivors of cohorts; made by ``evaluate`` of a contract model.

    Attributes
    ----------
    model, naive : Accuracy
        Over all cohorts and predicted periods, in customers: `expected` and `actual` are sums of survivors, that is of
        renewals; gini and top_20_capture are NaN. The baseline continues the rate of the last known renewal.
    retention : float
        That rate. NaN if no renewal is known.
    customers, newcomers : int
        Active customers at the start of the predicted periods, and those of cohorts that began later.
    t, unit
        Number of predicted periods.
    """

    def periods(self) -> Any:
        """Return a frame of the caller's kind: cohort, period (1 for the first), expected, naive, actual survivors."""
        return self._frame("periods")


def cohorts(survivors: Tenures) -> Cohorts:
    """Return the cohorts of an array or frame, without the trailing NaN of younger ones."""
    if is_frame(survivors):
        opened = table(survivors)
        columns = {str(name): np.asarray(values_of(opened.array(name), str(name)), float) for name in opened.names}
    else:
        array = np.atleast_1d(np.asarray(values_of(survivors, "survivors"), float))
        columns = {"survivors": array} if array.ndim == 1 else {f"cohort {k}": c for k, c in enumerate(array.T)}
        opened = table(columns)
    return Cohorts({name: _there(name, column) for name, column in columns.items()}, opened)


def _there(name: str, cohort: np.ndarray) -> np.ndarray:
    there = cohort[:np.flatnonzero(~np.isnan(cohort))[-1] + 1] if not np.isnan(cohort).all() else cohort[:0]
    finite(there, name)
    if len(there) < 2:
        raise DataError(f"{name}: {len(there):,} numbers; a cohort has its size, then the survivors of each renewal")
    refuse(name, there, there < 0, "negative")
    refuse(name, there, np.diff(there, prepend=there[0]) > 0, "above the one before; survivors cannot increase")
    return there


def refuse(name: str, column: np.ndarray, bad: np.ndarray, what: str) -> None:
    """Raise if there are bad values, with their rows."""
    if bad.any():
        raise DataError(f"{name}: {named(column, bad)} {what}")


def evaluate(model: RenewalForecaster, survivors: Tenures, periods: int) -> Survival:
    """Return the accuracy of a model, fitted to the time before, in the last periods of cohorts."""
    of, t = cohorts(survivors), np.arange(1.0, counted(periods) + 1)
    began = {name: there[:-len(t)] for name, there in of.there.items() if len(there) > len(t)}
    if not began:
        raise DataError(f"periods={periods}: no cohort is that old; the oldest has {of.oldest():,} renewals")
    size, n = (np.array(column) for column in zip(*((there[-1], len(there) - 1.0) for there in began.values()),
                                                  strict=True))
    ahead, start, kept = np.tile(t, len(began)), np.repeat(size, len(t)), _retention(began)
    columns = {"cohort": np.repeat(np.array(list(began), object), len(t)),
               "period": (np.repeat(n, len(t)) + ahead).astype(np.int64),
               "expected": start * np.asarray(model.survival(ahead, np.repeat(n, len(t)))),
               "naive": start * kept**ahead,
               "actual": np.concatenate([of.there[name][-len(t):] for name in began])}
    later = sum(there[0] for name, there in of.there.items() if name not in began)
    setting = Setting(float(len(t)), model.unit or "periods", "renewals", int(size.sum()), int(later), kept, of.frames,
                      {"periods": columns})
    return Survival(type(model).__name__, _accuracy(columns, "expected"), _accuracy(columns, "naive"), setting)


def _retention(began: Mapping[str, np.ndarray]) -> float:
    """Return the share of customers who renewed at the last renewal."""
    due = [there[-2:] for there in began.values() if len(there) > 1]
    before, after = (float(sum(there[k] for there in due)) for k in (0, 1))
    return after / before if before > 0 else math.nan


def _accuracy(columns: Mapping[str, np.ndarray], name: str) -> Accuracy:
    if np.isnan(columns[name]).any():
        return NO_ACCURACY
    found = accuracy(columns[name], columns["actual"])[0]
    return found._replace(gini=math.nan, top_20_capture=math.nan, deviance=math.nan)
