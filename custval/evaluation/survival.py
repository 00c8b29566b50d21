"""Cohorts of customers under contract: how many are left, what was known earlier, and expectations beside it."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._dates import counted
from .._tabular import table
from .._validation import finite, named
from ..errors import DataError
from .accuracy import Accuracy, Judged, accuracy


class Cohorts(NamedTuple):
    """Of each cohort its size, and who was left after each renewal; `back` makes frames of the kind they came in."""

    there: dict[str, np.ndarray]
    back: Any

    def without(self, periods: int) -> Cohorts:
        """Return what was known so many periods ago: cohorts that had one renewal due by then at least."""
        kept = {name: there[:len(there) - periods] for name, there in self.there.items()}
        return self._replace(there={name: there for name, there in kept.items() if len(there) > 1})

    def oldest(self) -> int:
        """Return the renewals of the oldest cohort."""
        return max((len(there) - 1 for there in self.there.values()), default=0)

    def survivors(self) -> dict[str, np.ndarray]:
        """Return columns of one length, as a fit takes them."""
        rows = self.oldest() + 1
        return {name: np.append(there, np.full(rows - len(there), np.nan)) for name, there in self.there.items()}


class Survival(Judged):
    """Expected against actual survivors of one model; made by ``evaluate`` of a model of contracts.

    Attributes
    ----------
    model, naive : Accuracy
        Over all cohorts and later periods, in customers: `expected` and `actual` are sums of survivors, that is of
        renewals; gini and top_20_capture are NaN. The baseline renews at the rate of the last renewal known, for ever.
    retention : float
        That rate. NaN where no renewal is known.
    customers, newcomers : int
        Customers there when the last periods began, and those of cohorts that began later.
    t, unit
        How many periods were to come.
    """

    def periods(self) -> Any:
        """Return a frame of the caller's kind: cohort, period (1 for the first), expected, naive, actual survivors."""
        return self._back.new(self._tables["periods"])


def cohorts(survivors: Any) -> Cohorts:
    """Return cohorts of an array or frame, without the NaN that younger ones end with."""
    if isinstance(survivors, Mapping) or hasattr(survivors, "columns"):
        opened = table(survivors)
        columns = {str(name): np.asarray(opened.array(name), float) for name in opened.names}
    else:
        array = np.asarray(survivors, float)
        columns = {"survivors": array} if array.ndim == 1 else {f"cohort {k}": c for k, c in enumerate(array.T)}
        opened = table(columns)
    return Cohorts({name: _there(name, column) for name, column in columns.items()}, opened)


def _there(name: str, cohort: np.ndarray) -> np.ndarray:
    there = cohort[:np.flatnonzero(~np.isnan(cohort))[-1] + 1] if not np.isnan(cohort).all() else cohort[:0]
    finite(there, name)
    if len(there) < 2:
        raise DataError(f"{name}: {len(there):,} numbers; a cohort has its size, then who is left after each renewal")
    refuse(name, there, there < 0, "negative")
    refuse(name, there, np.diff(there, prepend=there[0]) > 0, "above the one before; nobody comes back")
    return there


def refuse(name: str, column: np.ndarray, bad: np.ndarray, what: str) -> None:
    """Raise where a value is bad, with its rows."""
    if bad.any():
        raise DataError(f"{name}: {named(column, bad)} {what}")


def evaluate(model: Any, survivors: Any, periods: int) -> Survival:
    """Return how close a model fitted before the last periods of the cohorts comes to them."""
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
    newcomers = sum(there[0] for name, there in of.there.items() if name not in began)
    about = {"retention": kept, "customers": int(size.sum()), "newcomers": int(newcomers), "t": float(len(t)),
             "unit": model.unit or "periods", "value": "renewals", "back": of.back, "tables": {"periods": columns}}
    return Survival(type(model).__name__, _close(columns, "expected"), _close(columns, "naive"), about)


def _retention(began: Mapping[str, np.ndarray]) -> float:
    """Return the share of customers who renewed when they last could."""
    due = [there[-2:] for there in began.values() if len(there) > 1]
    before, after = (float(sum(there[k] for there in due)) for k in (0, 1))
    return after / before if before > 0 else math.nan


def _close(columns: Mapping[str, np.ndarray], name: str) -> Accuracy:
    if np.isnan(columns[name]).any():
        return Accuracy(*[math.nan] * 7)
    return accuracy(columns[name], columns["actual"])[0]._replace(gini=math.nan, top_20_capture=math.nan)
