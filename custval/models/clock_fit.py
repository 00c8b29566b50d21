"""Estimation of a clock in turn with its purchase model."""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._dates import duration
from ..customers.snapshot import Snapshot
from ..errors import ConfigError
from .clock import Clock
from .histories import Data, Histories, snapshot_of

PASSES = 12                    # of the estimation at most
CLOSE = 1e-3                   # change of log m in a pass that ends it


def fitted_clock(model: Any, data: Data, unit: str | None, max_passes: int) -> Clock | None:
    """Return the clock of a base for a model that is to be fitted, None for a model without a clock."""
    if model.clock is None:
        return None
    view = snapshot_of(data)
    if view is None:
        raise ConfigError(f"{type(model).__name__}: the clock needs the days of the purchases: pass a CustomerBase")
    assert unit is not None, "a base has a unit"
    view.refuse_holdout("histories")
    clock: Clock = model.clock.started(view, unit)
    trial = type(model)(**model.get_params() | {"clock": None})
    for _ in range(PASSES if clock.period is not None else 0):
        before = clock
        columns = view.histories(trial.history_columns, unit, clock.times(view))
        there = ~np.isnan(columns["T"])
        trial._fit(Histories({name: column[there] for name, column in columns.items()}, None, "base"), max_passes)
        values = np.array(list(trial.params_.values()))
        if np.isnan(values).any():
            return clock
        clock = clock.passed(expected_by_day(trial.prefix, trial.history_columns, values, view, clock))
        if clock.distance(before) < CLOSE:
            break
    return clock


def expected_by_day(prefix: str, names: tuple[str, ...], values: np.ndarray, view: Snapshot,
                    clock: Clock) -> np.ndarray:
    """Return the purchases expected of all customers on each day from the first to the end, at m = 1."""
    columns = view.histories(names, clock.unit_, clock.times(view))
    first, last = view.purchase_days()
    origin, end = int(clock.first_.astype(np.int64)), int(view.day.astype(np.int64))
    num, den = duration(clock.unit_)
    return _core.clock_expected(prefix, tuple(column.astype(float) for column in columns.values()), None, values, first,
                                last, end, origin, end - origin + 1, num / den)
