"""Which model is a case of which, what a likelihood ratio says, and backtests as rows."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .accuracy import Accuracy, Judged

# (smaller, larger) -> whether chi squared holds on the way: False on the edge of the larger, None where they differ by
# a whole number
CASES = {
    ("NBD", "BGNBD"): False, ("NBD", "MBGNBD"): False, ("NBD", "ParetoNBD"): False, ("NBD", "GGompertzNBD"): False,
    ("ParetoNBD", "GGompertzNBD"): False, ("BGNBD", "BGCNBD"): None, ("MBGNBD", "MBGCNBD"): None,
    ("ShiftedBetaGeometric", "BetaDiscreteWeibull"): True,
}


def held(model: Any) -> dict[str, float]:
    """Return the parameters that a model holds fixed."""
    return {name: value for name, value in model._given().items() if value is not None}


def label(model: Any) -> str:
    """Return what a model holds fixed and its covariates, to tell it from others of its kind."""
    more = [name for name in model.names if name not in type(model).names]
    said = ", ".join([*(f"{name}={value:g}" for name, value in held(model).items()), *more])
    return f"{type(model).__name__}({said})" if said else type(model).__name__


def nesting(smaller: Any, larger: Any) -> bool:
    """Return whether one fitted model is a case of the other one."""
    few, many = held(smaller), held(larger)
    if type(smaller) is type(larger):
        few |= dict.fromkeys(set(larger.names) - set(smaller.names), 0.0)          # covariates without effect
        return set(smaller.names) <= set(larger.names) and len(few) > len(many) and all(
            few.get(name) == value for name, value in many.items())
    shared = all(few.get(name) == value for name, value in many.items() if name in smaller.names)
    return (type(smaller).__name__, type(larger).__name__) in CASES and shared and not set(many) - set(smaller.names)


def holds_chi_squared(smaller: Any, larger: Any) -> bool | None:
    """Return what `CASES` says of a pair; True of one model with parameters held fixed."""
    return type(smaller) is type(larger) or CASES[type(smaller).__name__, type(larger).__name__]


def tail(df: int, value: float) -> float:
    """Return P(chi squared with `df` degrees of freedom > value).

    Examples
    --------
    >>> round(tail(1, 3.841458820694124), 12), round(tail(2, 5.991464547107979), 12), round(tail(3, 7.814727903), 9)
    (0.05, 0.05, 0.05)
    """
    half = value / 2
    rest, shape = (math.erfc(math.sqrt(half)), 0.5) if df % 2 else (math.exp(-half), 1.0)
    while 2 * shape < df:
        rest += math.exp(shape * math.log(half) - half - math.lgamma(shape + 1)) if half > 0 else 0.0
        shape += 1
    return min(rest, 1.0)


def by_origin(evaluations: Mapping[tuple[str, Any], Judged]) -> dict[str, np.ndarray]:
    """Return a row per origin and model, the naive baseline among them, as columns; keys are (model, origin)."""
    rows: list[tuple[Any, ...]] = []
    for day in dict.fromkeys(day for _, day in evaluations):
        found = {name: e for (name, at), e in evaluations.items() if at == day}
        one = next(iter(found.values()))
        rows += [(day, name, e.t, e.customers, *e.model, e.grade) for name, e in found.items()]
        rows.append((day, "naive", one.t, one.customers, *one.naive, ""))
    names = ("origin", "model", "t", "customers", *Accuracy._fields, "grade")
    renewals = any(isinstance(origin, int) for _, origin in evaluations)
    kinds: dict[str, Any] = {"origin": int if renewals else "M8[D]", "model": object, "customers": int, "grade": object}
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: np.array(column, kinds.get(name, float)) for name, column in zip(names, columns, strict=True)}
