"""How far values to come may lie from what is expected: drawn in C; and the standard error of their total."""
from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from .. import _core
from .._validation import sum_of
from .residual_value import Case
from .steps import Steps

APART = 1 << 63                      # turns a seed into that of the parameters of money


def spread(case: Case, ahead: Steps, ranks: tuple[int, int], draws: int, seed: int,
           fixed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values of these ranks among the draws of each customer, and the totals of the draws, ascending."""
    x, t_x, T = (np.ascontiguousarray(column, float) for column in case.history)
    purchases, spend = case.model, case.spend
    money = tuple(np.ascontiguousarray(column, float) for column in case.money())
    per_money = np.broadcast_to(np.asarray(case.per_money, float), x.shape)
    a_day = np.zeros(1) if case.cost_a_day is None else case.cost_a_day
    cost = np.broadcast_to(_core.expected_money(a_day, case.days(ahead), 1.0), x.shape)
    (low, high), totals = _core.value_spread(
        purchases.word, purchases._sets(draws, seed, fixed, case.allow), (x, t_x, T), float(ahead.edges[-1]), draws,
        seed, ranks, (spend.word, _sets(spend, draws, seed ^ APART, fixed, case.allow), money),
        (ahead.edges, ahead.factors, np.ascontiguousarray(per_money), np.ascontiguousarray(cost)),
        purchases._known(len(x)))
    totals.sort()
    return low, high, totals


def _sets(model: Any, draws: int, seed: int, fixed: bool, allow: bool) -> np.ndarray:
    """Return sets of parameters of a model of money; drawn with those of any sign last, as the core wants them."""
    values = np.array(model.parameters(allow))
    if fixed or not hasattr(model, "cov_"):
        return values
    order = np.argsort([name in model.signed for name in model.names], kind="stable")
    drawn = _core.draw_parameters(values[order], model.cov_[np.ix_(order, order)].ravel(), draws, seed,
                                  len(model.signed)).reshape(draws, -1)
    return np.ascontiguousarray(drawn[:, np.argsort(order)]).ravel()


def expected(case: Case, ahead: Steps) -> np.ndarray:
    """Return the value expected of each customer."""
    return case.residual(case.purchases(ahead), case.each(), case.days(ahead))


def total(case: Case, ahead: Steps) -> float:
    """Return the sum of the values expected."""
    residual = expected(case, ahead)
    return sum_of(residual[~np.isnan(residual)])


def standard_error(case: Case, ahead: Steps, fixed: bool) -> float:
    """Return that of the total, from those of the parameters of both models: slopes by central differences."""
    variance = 0.0
    for place, model in (("model", case.model), ("spend", case.spend)):
        if fixed or not hasattr(model, "cov_"):
            continue
        values = np.array(list(model.params_.values()))
        free = [name in (*model.signed, *model._coefficients()) for name in model.names]
        steps = 1e-3 * np.minimum(np.sqrt(np.diag(model.cov_)), np.where(free, math.inf, values))
        slope = np.array([
            (total(case.seen_by(**{place: _moved(model, values + step)}), ahead)
             - total(case.seen_by(**{place: _moved(model, values - step)}), ahead)) / (2 * step.sum())
            if step.any() else 0.0 for step in np.diag(steps)])
        variance += slope @ model.cov_ @ slope
    return math.sqrt(max(variance, 0.0))


def _moved(model: Any, values: np.ndarray) -> Any:
    """Return a fitted model as it would be with other parameters."""
    moved = copy.copy(model)
    moved.params_ = dict(zip(model.names, values.tolist(), strict=True))
    if hasattr(model, "_own"):
        moved._own = model._at(values)
    return moved
