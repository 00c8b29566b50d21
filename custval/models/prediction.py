"""Tables of predictions, batches, intervals, bootstraps: what models of purchases give back."""
from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._broadcast import in_blocks
from .._dates import LAST_DAY, PERIODS, counted, duration, next_periods, split_unit
from .._formatting import Coefficients, digits_of, many, number
from .._tabular import with_customers
from .._validation import share
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError

ROWS = 256                     # from so many on pairs pay


class Span(NamedTuple):
    """Periods ahead: labels, edges from the end of observation on in the unit of the model, and if led by a rest."""

    labels: list[str]
    edges: list[float]
    stub: bool


def span_of(end: Any, periods: int, unit: str, own: str) -> Span:
    """Return the next calendar periods after `end`; without an end, periods as durations."""
    num, den = duration(own)
    if end is not None:
        ahead = next_periods(end, periods, unit)
        return Span(ahead.labels, ((ahead.edges - ahead.edges[0]) * num / den).tolist(), ahead.stub)
    letter = split_unit(unit, PERIODS)[0]
    per, of = duration(letter)
    steps = range(counted(periods) + 1)
    return Span([f"{letter}+{k}" for k in steps[1:]], [k * of * num / (per * den) for k in steps], False)


def dates(end: Any, wait: np.ndarray, unit: str) -> np.ndarray:
    """Return the day on which a time after the day `end` lies; NaT for infinite ones and after the year 9999."""
    num, den = duration(unit)
    days = np.ceil(wait * den / num)
    reached = days <= (LAST_DAY - end).astype(float)
    return np.where(reached, end + np.where(reached, days, 0).astype("m8[D]"), np.datetime64("NaT", "D"))


def prediction(model: Any, data: Any, periods: int, unit: str, allow: bool) -> Any:
    """Return the table of `PurchaseModel.predict`."""
    base = isinstance(data, HistorySource)
    if base and data.snapshot.start is not None:
        raise DataError("a holdout has no future of its own; predict for the calibration base")
    model._demand_fit(allow)
    if model.unit is None:
        raise ConfigError(f"{type(model).__name__} does not know its unit, so periods say nothing: pass unit= to the "
                          "model or to fit")
    span = span_of(data.end if base else None, periods, unit, model.unit)
    history = tuple(column.to_numpy() if hasattr(column, "iloc") else column
                    for column in model._history(data, None, None))
    out: dict[str, Any] = {}

    def add(name: str, quantity: str, *front: Any) -> None:
        if model._says(quantity):
            out[name] = np.asarray(getattr(model, quantity)(*front, *history, allow_unconverged=allow))

    add("p_alive", "p_alive")
    for k, label in enumerate(span.labels):
        add(label, "expected_purchases", (span.edges[k], span.edges[k + 1]))
    whole = len(span.labels) - span.stub
    add(f"sum_{whole}{split_unit(unit)[0]}", "expected_purchases", (span.edges[span.stub], span.edges[-1]))
    add("p_purchase", "p_purchase", span.edges[-1])
    add("next_purchase", "next_purchase", 0.5)
    if base and "next_purchase" in out:
        out["next_purchase"] = dates(data.end, out["next_purchase"], model.unit)
    for quantity in ("residual_lifetime", "expected_rate", "expected_dropout"):
        add(quantity, quantity)
    if base:
        return data.snapshot.frame(out)
    return with_customers(data, out)


def by_pairs(word: str, parameters: int, edges: tuple[Any, ...], rate: float, ufunc: Callable[..., Any], *args: Any,
             **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, bit by bit; its last arguments are x, t_x, T and the parameters."""
    history = [np.asarray(a) for a in args[-parameters - 3:-parameters]]
    rows = max(column.size for column in history)
    plain = all(type(column) is np.ndarray and column.shape in ((), (rows,)) for column in history)
    one = all(np.ndim(edge) == 0 and edge >= 0 for edge in edges)
    if kwargs or rows < ROWS or not (plain and one) or np.result_type(*history, np.float32) != np.float64:
        return in_blocks(ufunc, *args, **kwargs)
    x, t_x, T = (np.broadcast_to(column, rows) for column in history)
    out = _core.ahead(word, x, t_x, T, np.array(args[-parameters:]), np.array(edges, float), np.ones(1), rate)
    holes = np.isnan(out)
    if holes.any():                                        # the ufunc says what is to be said of them
        front = args[:-parameters - 3]
        out[holes] = ufunc(*front, x[holes], t_x[holes], T[holes], *args[-parameters:])
    return out


class Total(NamedTuple):
    """Purchases, or value to come, of all customers together."""

    expected: float        # the sum of the expectations
    se: float              # of that sum, from the standard errors of the parameters (delta method)
    low: float
    high: float


class Interval:
    """Between which bounds purchases or values lie with probability `level`: of each customer, and of all together.

    Attributes
    ----------
    low, high : ndarray or Series
        The bounds of each customer.
    total : Total
        Of all together: ``expected, se, low, high``.
    level : float
        Probability that a number lies from `low` to `high`.
    """

    def __init__(self, columns: Mapping[str, np.ndarray], total: Total, level: float, given: Any,
                 frame: Callable[[Mapping[str, np.ndarray]], Any]):
        self.low, self.high = (_like(given, columns[name], name) for name in ("low", "high"))
        self.total, self.level, self._columns, self._frame = total, level, columns, frame

    def table(self) -> Any:
        """Return a frame of the kind of the data: customer, where there is one, what is expected of him, low, high."""
        return self._frame(self._columns)

    def __repr__(self) -> str:
        digits = digits_of(self.total.expected, 4)
        expected, se, low, high = (number(value, digits) for value in self.total)
        name, customers = next(iter(self._columns)), many(len(self._columns["low"]), "customer")
        return f"<Interval {customers}: {name} {expected} in all, se {se}, at {self.level:g} from {low} to {high}>"


def _like(column: Any, values: np.ndarray, name: str) -> Any:
    """Return the values as a Series where the column is one."""
    if hasattr(column, "iloc"):
        return type(column)(values, index=column.index, name=name)
    return type(column)(name, values) if hasattr(column, "alias") else values


class Bootstrap:
    """The parameters of refits to customers drawn anew; made by ``bootstrap`` of a model.

    Attributes
    ----------
    parameters : dict of ndarray
        By name, one number per replicate that has an optimum.
    replicates : int
        How many were asked for.
    failed : int
        How many of them have no optimum that holds; nothing of these is in `parameters`. Many of them say that the
        data hardly fix the parameters.
    """

    def __init__(self, name: str, estimates: dict[str, float], sets: np.ndarray):
        sound = sets[~np.isnan(sets).any(axis=1)]
        self.parameters = {k: column.copy() for k, column in zip(estimates, sound.T, strict=True)}
        self.replicates, self.failed = len(sets), len(sets) - len(sound)
        self._name, self._estimates = name, estimates

    def summary(self, level: float = 0.95) -> Coefficients:
        """Return a table: estimate, standard deviation over the replicates, and their quantiles.

        Parameters
        ----------
        level : float
            Share of the replicates from `low` to `high`; half of the rest lies on each side.
        """
        share("level", level)
        spread = {k: column if len(column) > 1 else np.full(2, np.nan) for k, column in self.parameters.items()}
        ends = (1 - level) / 2, (1 + level) / 2
        low, high = ([float(np.quantile(column, q)) for column in spread.values()] for q in ends)
        return Coefficients(f"{self._name}, {many(self.replicates, 'replicate')}, {self.failed:,} without optimum", {
            "parameter": list(self._estimates), "estimate": list(self._estimates.values()),
            "se": [float(column.std(ddof=1)) for column in spread.values()], "low": low, "high": high})

    def __repr__(self) -> str:
        return repr(self.summary())

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def flat_columns(columns: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x, T as doubles of one length."""
    x, t_x, T = (np.ascontiguousarray(column.reshape(-1))
                 for column in np.broadcast_arrays(*(np.asarray(column, float) for column in columns)))
    return x, t_x, T


def framing(x: Any, alone: bool) -> Callable[[Any], Any]:
    """Return what makes a frame of the kind of a base, of a frame or of the column x."""
    if isinstance(x, HistorySource):
        frame: Callable[[Any], Any] = x.snapshot.frame
        return frame
    return partial(with_customers, x if alone else x.to_frame() if hasattr(x, "to_frame") else {})


def new_customers(model: Any, values: np.ndarray, n: int, T: Any, seed: int,
                  known: Any = None) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """Return the ages of `n` new customers and the columns that the core draws for them."""
    ages = np.asarray(T, float)
    if not isinstance(n, int | np.integer) or n < 0:
        raise ConfigError(f"n={n!r}: pass a number of customers")
    if ages.shape not in ((), (n,)):
        raise DataError(f"T: {ages.size:,} ages for {n:,} customers; pass one, or one for each")
    if not (np.isfinite(ages) & (ages >= 0)).all():
        raise DataError("T: an age is a finite number, 0 or more")
    if model.whole and (ages != np.floor(ages)).any():
        raise DataError(f"T: {type(model).__name__} counts its time, so an age is a whole number")
    ages = np.broadcast_to(ages, (n,)).copy()
    return ages, _core.simulate(model.word, values, ages, seeded(seed), known)


def counted_draws(draws: int) -> int:
    """Return a number of draws, or raise."""
    if not isinstance(draws, int | np.integer) or not 1 <= draws < 2**32:
        raise ConfigError(f"draws={draws!r}: pass how often to draw, 1 or more")
    return int(draws)


def horizon(t: Any, whole: bool) -> float:
    if np.ndim(t) or not 0 <= float(t) < math.inf:
        raise ConfigError(f"t={t!r}: pass one finite horizon, 0 or more, in the unit of the model")
    if whole and float(t) != math.floor(t):
        raise ConfigError(f"t={t!r}: the model counts its time, so a horizon is a whole number")
    return float(t)


def seeded(seed: Any) -> int:
    """Return a seed, or raise."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed={seed!r}: pass a whole number from 0 to 2**64 - 1")
    return int(seed)
