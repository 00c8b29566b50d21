"""Estimation of a clock in turn with its purchase model."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core
from .._dates import duration
from ..customers.operational_time import exponentials, log_ratio
from ..customers.snapshot import Snapshot
from ..errors import ConfigError
from .clock import Clock
from .histories import Data, Histories, mixed, snapshot_of

PASSES = 12                    # of the estimation at most
MANY, SAMPLE = 100_000, 20_000 # customers from which the first parameters are those of a sample, and its size
WITH_INFORMATION = ("nbd", "bgnbd", "mbgnbd")
CLOSE = 1e-3                   # change of log m in a pass that ends it
UPHILL, SMALL = 0.5, 0.001     # of the log of a parameter, the largest step without a fit, and one that ends them


def fitted_clock(model: Any, data: Data, unit: str | None, max_passes: int) -> Clock | None:
    """Return the clock of a base for a model that is to be fitted, None for a model without a clock."""
    if model.clock is None:
        return None
    view = snapshot_of(data)
    if view is None:
        raise ConfigError(f"{type(model).__name__}: the clock needs the days of the purchases: pass a CustomerBase")
    assert unit is not None, "a base has a unit"
    view.refuse_holdout("histories")
    if "litt" in model.history_columns and view.ledger.per_day > 1:
        raise ConfigError(f"{type(model).__name__}: a clock of regular purchases needs purchases by day or longer: "
                          "CustomerBase(grain='D')")
    if model.coefficients():
        raise ConfigError(f"{type(model).__name__}: a clock and covariates do not go together: leave one of them out")
    trial, bought = type(model)(**model.get_params() | {"clock": None}), view.bought()
    clock: Clock = model.clock.started(view, bought, unit)
    days = np.arange(int(clock.first_.astype(np.int64)), int(view.day.astype(np.int64)) + 2)
    by_day = view.repeat_counts(days).astype(float)
    there, (first, last), known = ~np.isnan(bought.first), bought.days(), bought
    if not there.all():
        known, first, last = bought.where(there), first[there], last[there]
    fit = trial._fit
    values, step, chosen = None, UPHILL, getattr(trial, "k", 1) is None         # k is chosen anew in each pass
    for _ in range(PASSES if clock.period is not None else 0):
        before, time = clock, clock.times(view)
        columns = dict(zip(("x", "t_x", "T"), known.on(time), strict=True))
        if "litt" in trial.history_columns:
            columns["litt"] = view.histories(("litt",), unit, time)["litt"][there]
        if values is None and len(first) > MANY and not chosen:
            words = mixed([known.x.astype(float), known.first, known.last])
            some = words <= np.partition(words, SAMPLE)[SAMPLE]
            fit(Histories({name: column[some] for name, column in columns.items()}, None, "base"), max_passes)
            values = np.array(list(trial.params_.values())) if trial.status_ == "converged" else None
        values = None if chosen else values
        if values is not None and step > SMALL:
            values, step = _climbed(trial, values, tuple(columns.values()))
        if values is None:
            fit(Histories(columns, None, "base"), max_passes)
            values = np.array(list(trial.params_.values()))
        if np.isnan(values).any():
            return clock
        clock = _passed(trial, values, (tuple(columns.values()), first, last, by_day), view, clock)
        if clock.distance(before) < CLOSE:
            break
    return clock


def _climbed(model: Any, values: np.ndarray, columns: tuple[np.ndarray, ...]) -> tuple[np.ndarray | None, float]:
    """Return the parameters a Newton step further in their logs, and its size; None where that is no step uphill.

    A pass needs no optimum, but a higher likelihood (generalized EM). After a small step, whose square is the distance
    from the optimum, the next passes keep the parameters.
    """
    free = np.array([value is None for value in model.constraints().values()])
    _, gradient, hessian = _core.likelihood(model.prefix, columns, None, values)
    slope = (gradient * values)[free]
    curve = (hessian.reshape(len(values), -1) * np.outer(values, values))[np.ix_(free, free)] + np.diag(slope)
    step = _product(inverse(-curve), slope[:, None])[:, 0]
    size = float(np.abs(step).max(initial=0.0))
    if not size < UPHILL or sum(step * slope) < 0:
        return None, UPHILL
    found = values.copy()
    found[free] *= exponentials(step)
    return found, size


def joint_covariance(model: Any, view: Snapshot, clock: Clock) -> np.ndarray | None:
    """Return the covariance of the parameters when the clock is estimated as well; None where it is not known.

    The inverse of the second derivatives in the logs of free parameters and of the intensities, with the precision of
    the clock's structure; alpha is measured at the mean intensity, which is 1.
    """
    if model.prefix not in WITH_INFORMATION or clock.period is None or model.status_ != "converged":
        return None
    values = np.array(list(model.params_.values()))
    free = np.array([value is None for value in model.constraints().values()])
    bought = view.bought()
    columns = tuple(column.astype(float) for column in bought.on(clock.times(view)))
    first, last = bought.days()
    start, end = _first_day(first, last, clock), int(view.day.astype(np.int64))
    period, length = clock.days_from(start)
    _, mixed, second = _core.clock_information(model.prefix, columns, None, values, first, last, end, start, period,
                                               length)
    p, k, given = len(values), len(clock.purchases_), np.ix_(free, free)
    information = np.zeros((p + k, p + k))
    information[:p, :p][given] = inverse((model.cov_ / np.outer(values, values))[given])
    mixed, second = mixed.reshape(p, k + 1)[:, 1:], second.reshape(k + 1, k + 1)[1:, 1:]     # without days before
    information[:p, p:] = -mixed * values[:, None]
    information[p:, :p] = information[:p, p:].T
    information[p:, p:] = inverse(clock.prior()) - second
    kept = np.append(np.flatnonzero(free), np.arange(p, p + k))
    logs = inverse(information[np.ix_(kept, kept)])
    share, n = clock.expected_ / clock.expected_.sum(), int(free.sum())
    contrast = np.eye(n, n + k)
    if free[1]:                                                    # alpha, the second of every such model
        contrast[int(free[:1].sum()), n:] = -share
    found = np.zeros((p, p))
    found[np.ix_(free, free)] = _product(_product(contrast, logs), contrast.T) * np.outer(values[free], values[free])
    return found if np.isfinite(found).all() and (np.diag(found)[free] > 0).all() else None


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse of a positive definite matrix by elimination, the same bits on every machine."""
    n = len(matrix)
    both = np.concatenate([matrix, np.eye(n)], axis=1)
    for i in range(n):
        both[i] = both[i] / both[i, i]
        others = np.arange(n) != i
        both[others] -= both[others, i, None] * both[i]
    return both[:, n:]


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a matrix product, the same bits on every machine."""
    return np.asarray((a[:, :, None] * b[None]).sum(axis=1))


def _passed(model: Any, values: np.ndarray, of: tuple[Any, np.ndarray, np.ndarray, np.ndarray], view: Snapshot,
            clock: Clock) -> Clock:
    """Return the clock after a pass of the EM algorithm, from what the model expects at its parameters.

    `of`: columns of the histories, days of the first and the last purchase, repeat purchases by day.
    """
    columns, first, last, by_day = of
    start, end = _first_day(first, last, clock), int(view.day.astype(np.int64))
    before = int(clock.first_.astype(np.int64)) - start
    num, den = duration(clock.unit_)
    question = (model.prefix, columns, None, values, first, last, end, start, end - start + 1, num / den)
    per_day = _core.clock_expected(*question)[before:]
    expected, ratio = clock.by_period(per_day), None
    if "litt" in model.history_columns:
        hidden = clock.by_period(_core.clock_hidden(*question)[before:])
        ratio = _condensed_ratio(values[0], expected, hidden, view, clock, start)
    ratio = log_ratio(clock.purchases_, expected) if ratio is None else ratio
    variance = 1 / (clock.purchases_ + 1)
    shift, more = clock.running_shift(by_day, per_day)
    ratio[-1], variance[-1] = ratio[-1] - shift, variance[-1] + more
    return clock.passed(expected, ratio, variance)


def _first_day(first: np.ndarray, last: np.ndarray, clock: Clock) -> int:
    """Return the day of the first purchase, or the first day of the clock."""
    return int(first[first <= last].min(initial=int(clock.first_.astype(np.int64))))


def _condensed_ratio(k: float, expected: np.ndarray, hidden: np.ndarray, view: Snapshot, clock: Clock,
                     start: int) -> np.ndarray:
    """Return the log intensity that purchases with Erlang-k gaps show.

    The stages of the time since the last purchase are not seen, and those of a gap lie within it as its share of the
    clock: a pass divides its step by the share of the stages that does not move with the clock.
    """
    ledger, now = view.ledger, clock.log_intensity
    period, length = clock.days_from(start)
    begins = ledger.purchases(view.begin, view.end)[0]
    share, square = (column[1:] for column in _core.gap_shares(
        ledger.tick, begins, view.begin, view.end, start, period, length))
    passed = (clock.purchases_ + (k - 1) * share) / k + exponentials(now) * hidden
    fixed = (clock.purchases_ + (k - 1) * square) / k
    step = np.array([math.log((p + 0.5) / (e + 0.5)) for p, e in zip(passed, expected, strict=True)]) - now
    return np.asarray(now + step * (passed + 0.5) / (fixed + 0.5))
