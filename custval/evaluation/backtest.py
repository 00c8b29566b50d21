"""Where a past is cut: what models are fitted to, as it was known at several origins, and what they are asked then."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._dates import grain_ends
from .._tabular import table
from ..errors import ConfigError, DataError
from .survival import Cohorts, cohorts


class Orders(NamedTuple):
    """A base, and the periods that its backtests end with."""

    base: Any
    grain: str

    @property
    def back(self) -> Any:
        """What makes frames of the kind of the base."""
        return self.base.snapshot.ids

    def fitted(self, model: Any) -> Any:
        """Return a fitted copy of a model."""
        return type(model)(**model.get_params()).fit(self.base)

    def backtests(self, origins: int | Sequence[Any]) -> Iterator[tuple[Any, Orders, dict[str, Any]]]:
        """Yield the last day known, the base as of it, and the arguments of `evaluate`."""
        for past, holdout in windows(self.base, origins, self.grain):
            yield past.end, self._replace(base=past), {"holdout": holdout}


class Contracts(NamedTuple):
    """Customers under contract: survivors of cohorts, or tenures, which do not say what was known when."""

    cohorts: Cohorts | None
    tenures: Any = None

    @property
    def back(self) -> Any:
        """What makes frames of the kind that they came in."""
        return table(self.tenures) if self.cohorts is None else self.cohorts.back

    def fitted(self, model: Any) -> Any:
        """Return a fitted copy of a model."""
        copy = type(model)(**model.get_params())
        return copy.fit(self.tenures) if self.cohorts is None else copy.fit(survivors=self.cohorts.survivors())

    def backtests(self, origins: int | Sequence[Any]) -> Iterator[tuple[Any, Contracts, dict[str, Any]]]:
        """Yield the renewals that the oldest cohort had, what was known then, and the arguments of `evaluate`."""
        if self.cohorts is None:
            return
        for known, later, periods in _renewals(self.cohorts.oldest(), origins):
            seen = self.cohorts.without(later)
            asked = {"survivors": seen.survivors(), "periods": periods}
            yield known, Contracts(seen.without(periods)), asked


def contracts(data: Any) -> Contracts:
    """Return survivors of cohorts, or tenures of customers."""
    if (isinstance(data, Mapping) or hasattr(data, "columns")) and {"tenure", "churned"} <= set(table(data).names):
        return Contracts(None, data)
    return Contracts(cohorts(data))


def _renewals(oldest: int, origins: int | Sequence[Any]) -> Iterator[tuple[int, int, int]]:
    """Yield how many renewals are known, how many of the last ones are left out, and how many lie between."""
    if not isinstance(origins, int | np.integer):
        for known in origins:
            if not isinstance(known, int | np.integer) or not 1 <= known < oldest:
                raise DataError(f"origins: {known!r} is not possible: pass renewals known, 1 to {oldest - 1:,}")
            yield int(known), 0, oldest - int(known)
        return
    length = max(oldest // 4, 1)
    for later in _later(origins, max(length // 2, 1)):
        if oldest - later - length < 1:
            raise DataError(f"origins={origins}: {oldest:,} renewals have no room for so many backtests; pass fewer")
        yield oldest - later - length, later, length


def windows(base: Any, origins: int | Sequence[Any], grain: str | None = None) -> Iterator[tuple[Any, Any]]:
    """Yield (past, holdout) of `base`, one pair an origin, the last day of a grain (by default that of the base)."""
    if not isinstance(origins, int | np.integer):
        yield from (base.split(day) for day in origins)
        return
    first = base.snapshot.first().min()
    length = int((base.end - first).astype(np.int64) + 1) // 4
    for later in _later(origins, length // 2):
        end = base.end - np.timedelta64(later, "D")
        day = grain_ends(end - np.timedelta64(length, "D"), grain or base.snapshot.ledger.grain)[1]
        if day <= first or day >= end:
            raise DataError(f"origins={origins}: the base has no room for so many backtests; pass fewer, or dates")
        yield base.as_of(end).split(day)


def _later(origins: Any, step: int) -> list[int]:
    """Return how much is left out of each backtest, so that the last one ends with the data."""
    if isinstance(origins, bool) or origins < 0:
        raise ConfigError(f"origins={origins!r}: pass how many backtests to make, or their dates")
    return [(origins - 1 - k) * step for k in range(origins)]
