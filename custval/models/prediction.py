"""One table of what a model of purchases says of every customer."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .._dates import LAST_DAY, PERIODS, counted, duration, next_periods, split_unit
from .._tabular import with_customers
from ..errors import ConfigError, DataError


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
    base = hasattr(data, "_summary")
    if base and data._view.start is not None:
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
        return data._frame(out)
    return with_customers(data, out)
