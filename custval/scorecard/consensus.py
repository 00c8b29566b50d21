"""What departments that value customers differently agree on."""
from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from .. import _core
from .._ids import codes_of, distinct, numbered
from .._row_report import shorten
from .._tabular import demand, table
from .._validation import choice, ranked
from ..errors import ConfigError, DataError


def consensus(runs: Any, *, how: str = "mean", weights: Mapping[str, float] | None = None) -> Any:
    """Return what the models of `appraise` agree on, customer by customer, and how far they are apart.

    Parameters
    ----------
    runs : frame
        As `appraise` returned it: in each scope and condition every customer has a row for every model.
    how : {"mean", "borda", "min"}
        The weighted mean of the percentiles; the weighted share of the other customers who stand behind, those level
        with him by half (the count of Borda 1781, on a scale from 0 to 1); or the lowest percentile.
    weights : dict, optional
        Weight of every model, by default equal; not for "min".

    Returns
    -------
    frame of the same kind
        A row per scope, condition and customer: scope, condition, customer, consensus, rank (1 = highest, equal ones
        share the smallest), disagreement (highest percentile - lowest), and lowest and highest, the models that put
        the customer there.

    Raises
    ------
    DataError
        A customer has no row, or two, for a model.
    ConfigError
        Weights of models that are not there, or not of all, negative or all 0.

    Examples
    --------
    >>> import custval as cv
    >>> base = cv.datasets.crm(customers=40).base()
    >>> runs = cv.appraise(base, {"sales": "sales_1y", "service": "recency"})
    >>> agreed = cv.consensus(runs, weights={"sales": 2, "service": 1})
    >>> bool(agreed["disagreement"].max() < 1)
    True
    """
    choice("how", how, ("mean", "borda", "min"))
    opened = table(runs)
    for name in ("model", "scope", "condition", "customer", "score", "percentile"):
        demand(opened, name)
    model, names = distinct(opened, "model")
    place, first, groups = _cells(opened, model, len(names) - 1)
    percentile = np.asarray(opened.array("percentile"), float)[place]
    columns = _behind(np.asarray(opened.array("score"), float)[place], groups) if how == "borda" else percentile
    low, high = percentile.argmin(axis=0), percentile.argmax(axis=0)
    value = percentile.min(axis=0) if how == "min" else _weighted(columns, _weights(names[:-1].tolist(), weights))
    rank = np.empty(len(value), np.int64)
    for group in groups:
        rank[group] = ranked(value[group])
    models = names[:-1].tolist()
    return opened.new({
        **{name: opened.pick(name, first) for name in ("scope", "condition", "customer")},
        "consensus": value, "rank": rank,
        "disagreement": percentile.max(axis=0) - percentile.min(axis=0),
        "lowest": opened.labels(models, low), "highest": opened.labels(models, high)})


def _cells(opened: Any, model: np.ndarray, models: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return the row of each (model, cell), the first row of each cell, and the cells of each scope and condition."""
    scope, condition, customer = (codes_of(opened, name)[0] for name in ("scope", "condition", "customer"))
    group = scope * (int(condition.max()) + 1) + condition
    cell, first = numbered(group * (int(customer.max()) + 1) + customer)
    place = np.full((models, len(first)), -1, np.int64)
    place[model, cell] = np.arange(len(cell))
    if len(cell) != place.size or (place < 0).any():
        c = int((place < 0).any(axis=0).argmax())                    # 0 where it is a row too many
        raise DataError(f"runs: customer {shorten(opened.array('customer')[first[c]])} has not exactly one row for "
                        f"each of {models:,} models in a scope; pass the table as appraise returned it")
    return place, first, [np.flatnonzero(group[first] == g) for g in dict.fromkeys(group[first].tolist())]


def _behind(score: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """Return for each model and cell the share of the others of its group who stand behind, half of those level."""
    out = np.empty_like(score)
    for group in groups:
        for k in range(len(score)):
            behind = float(len(group)) - ranked(score[k, group], "average")
            out[k, group] = _core.ratio(behind, float(len(group) - 1))
    return out


def _weights(names: list[str], weights: Mapping[str, float] | None) -> list[float]:
    given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    models = f"the models are {', '.join(map(repr, names))}"
    for wrong, said in (([name for name in given if name not in names], "no model"),
                        ([name for name in names if name not in given], "without a weight")):
        if wrong:
            raise ConfigError(f"weights: {', '.join(map(repr, wrong))} {said}; {models}")
    if not all(0 <= weight < np.inf for weight in given.values()) or sum(given.values()) <= 0:
        raise ConfigError(f"weights: expected numbers from 0 on, not all 0, got {given!r}; {models}")
    return [given[name] for name in names]


def _weighted(columns: np.ndarray, weights: list[float]) -> np.ndarray:
    """Return the weighted mean over the models."""
    terms = [column * weight for column, weight in zip(columns, weights, strict=True)]
    return np.asarray(_core.ratio(reduce(add, terms), sum(weights)))
