"""Rolling-origin backtests: calibration windows at several origins and the holdouts that follow."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._arrays import DateLike, Table
from .._dates import as_day, grain_ends
from .._formatting import many
from .._tabular import is_frame, table
from .._validation import warn, whole
from ..customers.customer_base import CustomerBase
from ..errors import DataError
from .survival import Cohorts, Tenures, cohorts


class Orders(NamedTuple):
    """A base, and the grain at whose ends its backtests are cut."""

    base: CustomerBase
    grain: str

    @property
    def frames(self) -> Table:
        """Return the maker of frames of the kind of the base."""
        return self.base.snapshot.ids

    def fitted(self, model: Any) -> Any:
        """Return a fitted copy of a model."""
        return type(model)(**model.get_params()).fit(self.base)

    def backtests(self, origins: int | Sequence[Any]) -> Iterator[tuple[Any, Orders, dict[str, Any]]]:
        """Yield the origin, the base up to it, and the arguments of `evaluate`; nothing where the log is too short."""
        days = int((self.base.end - self.base.snapshot.first().min()).astype(np.int64)) + 1
        if isinstance(origins, int) and origins and days < SHARE:
            warn(f"compare: no backtests, for which a log of {many(days, 'day')} is too short")
            return
        for calibration, holdout in windows(self.base, origins, self.grain):
            yield calibration.end, Orders(calibration, self.grain), {"holdout": holdout}


class Contracts(NamedTuple):
    """Customers under contract: survivors of cohorts, or tenures, which have no origins to go back to."""

    cohorts: Cohorts | None
    tenures: Tenures | None = None

    @property
    def frames(self) -> Table:
        """Return the maker of frames of the caller's kind."""
        return table(self.tenures) if self.cohorts is None else self.cohorts.frames

    def fitted(self, model: Any) -> Any:
        """Return a fitted copy of a model."""
        copy = type(model)(**model.get_params())
        return copy.fit(self.tenures) if self.cohorts is None else copy.fit(survivors=self.cohorts.survivors())

    def backtests(self, origins: int | Sequence[Any]) -> Iterator[tuple[Any, Contracts, dict[str, Any]]]:
        """Yield the origin (renewals of the oldest cohort), the cohorts then, and the arguments of `evaluate`."""
        if self.cohorts is None:
            return
        for known, later, periods in _renewals(self.cohorts.oldest(), origins):
            seen = self.cohorts.without(later)
            yield known, Contracts(seen.without(periods)), {"survivors": seen.survivors(), "periods": periods}


def contracts(data: Tenures) -> Contracts:
    """Return survivors of cohorts, or tenures of customers."""
    if is_frame(data) and {"tenure", "churned"} <= set(table(data).names):
        return Contracts(None, data)
    return Contracts(cohorts(data))


def _renewals(oldest: int, origins: int | Sequence[Any]) -> Iterator[tuple[int, int, int]]:
    """Yield the numbers of renewals known at the origin, left out at the end, and predicted in between."""
    if not isinstance(origins, int | np.integer):
        for known in origins:
            if not isinstance(known, int | np.integer) or not 1 <= known < oldest:
                raise DataError(f"origins: {known!r} is not possible: pass renewals known, 1 to {oldest - 1:,}")
            yield int(known), 0, oldest - int(known)
        return
    length = max(oldest // 4, 1)
    for later in _later(origins, max(length // 2, 1)):
        if oldest - later - length < 1:
            raise DataError(f"origins={origins}: {oldest:,} renewals are too few for these backtests; pass fewer")
        yield oldest - later - length, later, length


MOST = 10_000                  # backtests
SHARE = 4                      # a holdout is this part of the log


def windows(base: CustomerBase, origins: int | Sequence[DateLike], grain: str | None = None) -> Iterator[
        tuple[CustomerBase, CustomerBase]]:
    """Yield (calibration, holdout) for each origin, the last day of a grain (by default that of the base)."""
    dates = isinstance(origins, Sequence | np.ndarray) and getattr(origins, "shape", None) != ()
    if not isinstance(origins, int | np.integer | str | bytes) and dates:
        yield from (base.split(as_day(day, "origins")) for day in origins)
        return
    origins = whole("origins", origins, 0, MOST, "the number of backtests, or a list of their dates")
    first = base.snapshot.first().min()
    days = int((base.end - first).astype(np.int64)) + 1
    length = days // SHARE
    if origins and not length:
        raise DataError(f"the log of {many(days, 'day')} is too short for a backtest, whose holdout is a quarter of "
                        f"it: {SHARE} days are needed")
    for later in _later(origins, length // 2):
        end = base.end - np.timedelta64(later, "D")
        day = grain_ends(end - np.timedelta64(length, "D"), grain or base.snapshot.ledger.grain)[1]
        if day <= first or day >= end:
            raise DataError(f"origins={origins}: the log of {many(days, 'day')} is too short for these backtests; pass "
                            + ("origins=1" if origins > 1 else "the last day of one calibration window as a date"))
        yield base.as_of(end).split(day)


def _later(origins: int, step: int) -> list[int]:
    """Return the time left out at the end of each backtest; the last one ends with the data."""
    origins = whole("origins", origins, 0, MOST, "the number of backtests, or a list of their dates")
    return [(origins - 1 - k) * step for k in range(origins)]
