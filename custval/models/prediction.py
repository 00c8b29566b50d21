"""Prediction tables, batch prediction, prediction intervals and bootstraps of the models."""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import like
from .._broadcast import broadcast, in_blocks, values_of
from .._dates import LAST_DAY, PERIODS, counted, duration, next_periods, short, split_unit
from .._formatting import Coefficients, Printed, digits_of, html_facts, many, number
from .._tabular import with_customers
from .._validation import in_short, setting, share, whole
from ..customers.snapshot import HistorySource
from ..errors import ConfigError, DataError
from .histories import Customers, Data, columns_of

MOST = 2**40                   # customers to draw; no machine holds them
ROWS = 256                     # rows from which batch prediction pays


class Span(NamedTuple):
    """Next periods: labels, edges in the unit of the model from the end of observation, and if a rest comes first."""

    labels: list[str]
    edges: list[float]
    stub: bool


def span_of(end: np.datetime64 | None, periods: int, unit: str, model: Any) -> Span:
    """Return the next calendar periods after `end`; without an end, durations."""
    num, den = duration(model.unit)
    if end is not None:
        ahead = next_periods(end, periods, unit)
        return Span(ahead.labels, model.elapsed(end, ahead.edges - ahead.edges[0]).tolist(), ahead.stub)
    letter = split_unit(unit, PERIODS)[0]
    per, of = duration(letter)
    steps = range(counted(periods) + 1)
    return Span([f"{letter}+{k}" for k in steps[1:]], [k * of * num / (per * den) for k in steps], False)


def dates(end: np.datetime64, wait: np.ndarray) -> np.ndarray:
    """Return the day that lies some days after the day `end`; NaT if it is infinite or after the year 9999."""
    days = np.ceil(wait)
    reached = days <= (LAST_DAY - end).astype(float)
    return np.where(reached, end + np.where(reached, days, 0).astype("m8[D]"), np.datetime64("NaT", "D"))


def prediction(model: Any, data: Customers, periods: int, unit: str, allow: bool) -> Any:
    """Return the table of `PurchaseModel.predict`."""
    base = data if isinstance(data, HistorySource) else None
    if base is not None and base.snapshot.start is not None:
        raise DataError("a holdout has no future of its own; predict for the calibration base")
    model.estimates(allow)
    if model.unit is None:
        raise ConfigError(f"{type(model).__name__} has no unit, so periods cannot be converted to its times: pass "
                          "unit= to the model or to fit")
    span = span_of(None if base is None else base.end, periods, unit, model)
    names = ("x", "t_x", "T")
    columns = columns_of(names, (data, None, None), model.unit, model.clock_)
    history = tuple(values_of(column, name) for name, column in zip(names, columns, strict=True))
    out: dict[str, Any] = {}

    def add(name: str, quantity: str, *front: Any) -> None:
        if model.has(quantity):
            out[name] = np.asarray(getattr(model, quantity)(*front, *history, allow_unconverged=allow))

    add("p_alive", "p_alive")
    for k, label in enumerate(span.labels):
        add(label, "expected_purchases", (span.edges[k], span.edges[k + 1]))
    whole = len(span.labels) - span.stub
    add(f"sum_{whole}{short(unit)}", "expected_purchases", (span.edges[span.stub], span.edges[-1]))
    add("p_purchase", "p_purchase", span.edges[-1])
    add("next_purchase", "next_purchase", 0.5)
    if base is not None and "next_purchase" in out:
        out["next_purchase"] = dates(base.end, model.days(base.end, out["next_purchase"]))
    for quantity in ("residual_lifetime", "expected_rate", "expected_dropout"):
        add(quantity, quantity)
    if base is not None and model.clock_ is not None and "residual_lifetime" in out:
        num, den = duration(model.unit)
        out["residual_lifetime"] = model.days(base.end, out["residual_lifetime"]) * num / den
    return with_customers(data, out) if base is None else base.snapshot.frame(out)


def by_pairs(prefix: str, parameters: int, edges: tuple[Any, ...], rate: float, ufunc: Callable[..., Any], *args: Any,
             **kwargs: Any) -> Any:
    """Return ``ufunc(*args)``, the same bits; its last arguments are x, t_x, T and the parameters.

    Terms that depend on x and T only are computed once for each pair of them.
    """
    history = [np.asarray(a) for a in args[-parameters - 3:-parameters]]
    rows = max(column.size for column in history)
    plain = all(type(column) is np.ndarray and column.shape in ((), (rows,)) for column in history)
    one = all(isinstance(edge, int | float | np.number) and edge >= 0 for edge in edges)
    if kwargs or rows < ROWS or not (plain and one) or np.result_type(*history, np.float32) != np.float64:
        return in_blocks(ufunc, *args, **kwargs)
    x, t_x, T = (np.broadcast_to(column, rows) for column in history)
    out = _core.batch_predict(prefix, x, t_x, T, np.array(args[-parameters:]), np.array(edges, float), np.ones(1), rate)
    missing = np.isnan(out)
    if missing.any():                                      # the ufunc raises the warnings
        front = args[:-parameters - 3]
        out[missing] = ufunc(*front, x[missing], t_x[missing], T[missing], *args[-parameters:])
    return out


class Total(NamedTuple):
    """Expected purchases, or future value, of all customers together, with a prediction interval.

    Attributes
    ----------
    expected : float
        Sum of the expectations.
    se : float
        Standard error of that sum, from those of the parameters (delta method).
    low, high : float
        Prediction interval of the total.
    """

    expected: float
    se: float
    low: float
    high: float

    def _repr_html_(self) -> str:
        return html_facts(self)


class Interval(Printed):
    """Prediction intervals of each customer and of the total; made by ``purchase_interval`` and ``CLV.interval``.

    Attributes
    ----------
    low, high : ndarray or Series
        Bounds for each customer; numbers for one customer given as numbers.
    total : Total
        The total over all customers: ``expected, se, low, high``.
    level : float
        Probability that a number lies from `low` to `high`.
    """

    def __init__(self, columns: Mapping[str, np.ndarray], total: Total, level: float,
                 given: Any, frame: Callable[[Mapping[str, np.ndarray]], Any]):
        self.low, self.high = (float(columns[name][0]) if np.ndim(given) == 0 and given is not None else
                               like(given, columns[name], name) for name in ("low", "high"))
        self.total, self.level, self._columns, self._frame = total, level, columns, frame

    def table(self) -> Any:
        """Return a frame of the kind of the data: customer (if there is one), the expected number, low, high."""
        return self._frame(self._columns)

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        digits = digits_of(self.total.expected, 4)
        return list(self.total._fields), [[number(value, digits) for value in self.total]]

    def _sides(self, columns: int) -> str:
        return ">" * columns

    def __repr__(self) -> str:
        digits = digits_of(self.total.expected, 4)
        expected, se, low, high = (number(value, digits) for value in self.total)
        name, customers = next(iter(self._columns)), many(len(self._columns["low"]), "customer")
        return f"<Interval {customers}: {name} {expected} in all, se {se}, at {self.level:g} from {low} to {high}>"


class Bootstrap(Printed):
    """Parameters of refits to resampled customers; made by ``bootstrap`` of a model.

    Attributes
    ----------
    parameters : dict of ndarray
        By name, one number per replicate whose fit converged.
    replicates : int
        Number of refits.
    failed : int
        Number of refits that did not converge; `parameters` does not contain them. If there are many, the data hardly
        identify the parameters.
    """

    def __init__(self, name: str, estimates: dict[str, float], sets: np.ndarray):
        sound = sets[~np.isnan(sets).any(axis=1)]
        self.parameters = {k: column.copy() for k, column in zip(estimates, sound.T, strict=True)}
        self.replicates, self.failed = len(sets), len(sets) - len(sound)
        self._name, self._estimates = name, estimates

    def summary(self, level: float = 0.95) -> Coefficients:
        """Return a table: estimate, standard deviation and quantiles over the replicates.

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

    def _title(self) -> str:
        return self.summary().title

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        return self.summary()._rows()


def flat_columns(columns: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x, T as doubles of one length."""
    given = [np.asarray(values_of(column, name), float)
             for name, column in zip(("x", "t_x", "T"), columns, strict=True)]
    broadcast("the history", given)
    x, t_x, T = (np.ascontiguousarray(column.reshape(-1)) for column in np.broadcast_arrays(*given))
    return x, t_x, T


def framing(x: Data, alone: bool) -> Callable[[Any], Any]:
    """Return the function that makes a frame of the kind of a base, of a frame or of the column x."""
    if isinstance(x, HistorySource):
        frame: Callable[[Any], Any] = x.snapshot.frame
        return frame
    return partial(with_customers, x if alone else x.to_frame() if hasattr(x, "to_frame") else
                   {"x": x} if isinstance(x, int | float | np.number) else {})


def ages_of(n: int, T: ArrayLike, counting: str = "") -> np.ndarray:
    """Return the ages of `n` new customers, whole numbers for the model `counting` its periods; or raise."""
    ages = np.asarray(values_of(T, "T"), float)
    n = whole("n", n, 0, MOST, "the number of customers, 0 or more")
    if ages.shape not in ((), (n,)):
        raise DataError(f"T: {ages.size:,} ages for {n:,} customers; pass one, or one for each")
    if not (np.isfinite(ages) & (ages >= 0)).all():
        raise DataError("T: an age is a finite number, 0 or more")
    if counting and (ages != np.floor(ages)).any():
        raise DataError(f"T: {counting} counts its periods, so an age is a whole number")
    return np.broadcast_to(ages, (n,)).copy()


def checked_draws(draws: int) -> int:
    """Return a number of draws, or raise."""
    return whole("draws", draws, 1, 2**32 - 1, "the number of draws, 1 or more")


def horizon(t: float, counting: bool) -> float:
    """Return a horizon, or raise."""
    ahead = setting(t)
    if ahead is None or ahead < 0:
        raise ConfigError(f"t={in_short(t)}: pass one finite horizon, 0 or more, in the unit of the model")
    if counting and ahead != math.floor(ahead):
        raise ConfigError(f"t={t!r}: the model counts its periods, so a horizon is a whole number")
    return ahead
