"""Appraisals: many models over many groups of customers at one date, and the consensus of the models."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from .._arrays import DateLike, FrameLike, Table
from .._ids import codes_of, distinct, numbered
from .._row_report import shorten
from .._tabular import aligned, demand, table
from .._validation import choice, finite, numbers, ranked, warned_once, whole_ranks
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError, DataError
from .review_log import Log, measures_of, read_log, warn_measures
from .review_status import holding
from .scorecard import Scorecard
from .scorecards import Scorecards

Model: TypeAlias = Scorecard | Scorecards | str | Callable[[CustomerBase], ArrayLike]
Scope: TypeAlias = ArrayLike | Callable[[Any], ArrayLike] | None
INTERNAL = "internal"


@warned_once()
def appraise(base: CustomerBase | Mapping[str, CustomerBase], models: Mapping[str, Model], *,
             scopes: Mapping[str, Scope] | None = None, as_of: DateLike | None = None, join: FrameLike | None = None,
             internal: str = "apart", reviews: FrameLike | None = None) -> Any:
    """Return the scores of many models for many groups of customers at one date, as one long table.

    Parameters
    ----------
    base : CustomerBase or dict of CustomerBase
        Several bases if models see different data, such as the orders of each channel: the name of a base is the
        condition of a run. They end on the same day, or `as_of` sets one.
    models : dict
        Name to a `Scorecard` or `Scorecards`, the name of a column of ``base.attributes()``, or a function that takes
        a base and returns a value per customer.
    scopes : dict, optional
        Name to the customers of a group: their ids, or a function that takes ``base.attributes()`` and returns True or
        False for each; None means all customers, the default. Groups may overlap.
    as_of : date, optional
        The day at whose end customers are valued; by default the end of the base.
    join : frame, optional
        Columns added to the attributes, as in `CustomerBase.attributes`.
    internal : {"apart", "among"}
        Customers whose ``type`` in the profile is "internal": a scope of that name and in no other scope, or among
        the others.
    reviews : frame, optional
        A review log: points approved at the end of the base replace those of the cards, as in `Scorecard.score`.

    Returns
    -------
    frame of the kind of the base
        A row per run and customer, runs in the order given: model, version (of a card that has one), scope, condition,
        as_of, current (the first model, scope and condition), customer, score, rank in the run (1 = highest, equal
        scores share the smallest), percentile: the share of the run's customers with a score not above this one.
        A customer without a score has neither rank nor percentile.

    Raises
    ------
    DataError
        A model gives no number for a customer, a scope is empty or names unknown customers, bases end on different
        days.
    ConfigError
        There is no model, or a model is neither card, column nor function.

    Notes
    -----
    Every model values each base once; scopes only rank the values.

    Examples
    --------
    >>> import custval as cv
    >>> base = cv.datasets.crm(customers=40).base()
    >>> runs = cv.appraise(base, {"sales": "sales_1y", "card": cv.Scorecard.builtin("b2b")},
    ...                    scopes={"all": None, "abroad": lambda known: known["region"] == "Europe"})
    >>> first = runs["rank"][runs["current"]].argmin()
    >>> str(runs["customer"][first]), float(runs["percentile"][first])
    ('E-006', 1.0)
    """
    choice("internal", internal, ("apart", "among"))
    if not isinstance(models, Mapping) or not models:
        raise ConfigError("models: expected a dict of names, each with a card, a column or a function")
    bases = _bases(base, as_of)
    first = next(iter(bases.values()))
    log = None if reviews is None else _log(reviews, models, first.end)
    runs = [run for condition, one in bases.items()
            for run in _runs(condition, one, models, scopes or {"all": None}, join, internal, log=log)]
    sizes = [len(run.rows) for run in runs]
    labels, current = {}, np.ones(sum(sizes), bool)
    for name, column in zip(("model", "version", "scope", "condition"), zip(*(run.key for run in runs), strict=True),
                            strict=True):
        words = list(dict.fromkeys(column))
        codes = np.repeat([words.index(word) for word in column], sizes)
        labels[name] = first.snapshot.ids.labels(words, codes)
        current &= (codes == 0) | (name == "version")
    figures = {name: np.concatenate([getattr(run, name) for run in runs]) for name in ("score", "rank", "percentile")}
    return first.snapshot.ids.new({**labels, "as_of": np.full(sum(sizes), first.end), "current": current,
                                "customer": _customers(list(bases.values()), runs), **figures})


class Run(NamedTuple):
    """One model over one scope of one base: places of the customers in the base, and their figures."""

    key: tuple[str, str, str, str]
    base: CustomerBase
    rows: np.ndarray
    score: np.ndarray
    rank: np.ndarray
    percentile: np.ndarray


def _bases(base: CustomerBase | Mapping[str, CustomerBase], as_of: DateLike | None) -> dict[str, CustomerBase]:
    bases = dict(base) if isinstance(base, Mapping) else {"all": base}
    for name, one in bases.items():
        if not isinstance(one, CustomerBase):
            raise ConfigError(f"base: expected a CustomerBase or a dict of them, got {type(one).__name__} for {name!r}")
        bases[name] = one if as_of is None else one.as_of(as_of)
    if not bases:
        raise ConfigError("base: expected a CustomerBase or a dict of them, got an empty dict")
    ends = {name: str(one.end) for name, one in bases.items()}
    if len(set(ends.values())) > 1:
        raise DataError(f"the bases end on different days, {', '.join(f'{n!r} on {day}' for n, day in ends.items())}\n"
                        "  Pass as_of=, the day as of which everything is valued.")
    return bases


def _log(reviews: FrameLike, models: Mapping[str, Model], end: DateLike) -> Log:
    """Return the review log, read once for all cards; warn of scores of unknown measures."""
    log = read_log(reviews)
    names = {name for model in models.values() if isinstance(model, Scorecard | Scorecards)
             for name in measures_of(model)}
    warn_measures(names, "no card has", log, holding(log, end), "approved score")
    return log


def _runs(condition: str, base: CustomerBase, models: Mapping[str, Model], scopes: Mapping[str, Scope],
          join: FrameLike | None, internal: str, *, log: Log | None) -> Iterator[Run]:
    known = base.attributes(join, events=[event for model in models.values() for event in getattr(model, "events", ())])
    groups = {name: _members(name, chosen, base, known) for name, chosen in scopes.items()}
    if internal == "apart" and "type" in base.snapshot.profile:
        own = np.asarray(table(known).array("type") == INTERNAL)
        groups = {name: rows[~own[rows]] for name, rows in groups.items()}
        groups |= {INTERNAL: np.flatnonzero(own)} if own.any() else {}
    empty = [name for name, rows in groups.items() if not len(rows)]
    if empty:
        raise DataError(f"scope {empty[0]!r}: no customer of the base is in it")
    for name, model in models.items():
        value = _values(name, model, base, known, log)
        for scope, rows in groups.items():
            score = value[rows]
            rank, present = ranked(score), max(1, int((~np.isnan(score)).sum()))
            behind = present + 1 - rank
            yield Run((str(name), str(getattr(model, "version", "") or ""), str(scope), str(condition)), base, rows,
                      score, whole_ranks(rank), behind / present)


def _values(name: str, model: Model, base: CustomerBase, known: FrameLike,
            log: Log | None) -> np.ndarray:
    """Return the value of every customer by a model."""
    if isinstance(model, Scorecard | Scorecards):
        own = None if log is None else log.of(measures_of(model))
        scored = model.score(known, ties=None, points=False, reviews=own, as_of=base.end)
        return np.asarray(table(scored).array("score"))
    if isinstance(model, str):
        opened = table(known)
        demand(opened, model, f"models[{name!r}]")
        column = opened.array(model)
    elif callable(model):
        column = aligned(base.snapshot.row_labels(), model(base), f"model {name!r}")
    else:
        raise ConfigError(f"models: {name!r} is a {type(model).__name__}: expected a card, the name of a column "
                          "or a function")
    column = numbers(column, f"model {name!r}")
    if not finite(column, f"model {name!r}", "apart"):
        finite(column, f"model {name!r}")                               # not a single customer is known
    return np.ascontiguousarray(column, float)


def _members(name: str, chosen: Scope, base: CustomerBase, known: FrameLike) -> np.ndarray:
    """Return the places of a scope's customers in the base."""
    if chosen is None:
        return np.arange(len(base.customers))
    if callable(chosen):
        return np.flatnonzero(base.snapshot.chosen_by(chosen(known), f"scope {name!r}", ids=False))
    return np.flatnonzero(base.snapshot.chosen_by(chosen, f"scope {name!r}"))


def _customers(bases: list[CustomerBase], runs: list[Run]) -> Any:
    """Return the ids of all runs: for one base in their own type, for several as arrays."""
    if len(bases) == 1:
        view, first = bases[0].snapshot, runs[0].key[:2]
        # The rows of every model are the same.
        one = view.who[np.concatenate([run.rows for run in runs if run.key[:2] == first])]
        return view.ids.pick("customer", np.tile(one, sum(len(run.rows) for run in runs) // len(one)))
    return np.concatenate([run.base.customers[run.rows] for run in runs])


# ---- consensus ----

def consensus(runs: FrameLike, *, how: str = "mean", weights: Mapping[str, float] | None = None) -> Any:
    """Return the consensus of the models of `appraise` for each customer, and their disagreement.

    Parameters
    ----------
    runs : frame
        The result of `appraise`: in each scope and condition every customer has a row for every model.
    how : {"mean", "borda", "min"}
        The weighted mean of the percentiles; the weighted share of the other customers with a lower score, equal
        scores counted half (the count of Borda 1781, on a scale from 0 to 1); or the lowest percentile.
    weights : dict, optional
        Weight of each model, by default equal; not for "min".

    Returns
    -------
    frame of the same kind
        A row per scope, condition and customer: scope, condition, customer, consensus, rank (1 = highest, equal ones
        share the smallest), disagreement (highest percentile - lowest), and lowest and highest, the models with these
        percentiles.

    Raises
    ------
    DataError
        A customer has no row or several rows for a model.
    ConfigError
        Weights of unknown models, of some models only, negative or all 0.

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
    unknown = np.isnan(percentile).any(axis=0)
    low, high = (np.where(unknown, -1, at) for at in (percentile.argmin(axis=0), percentile.argmax(axis=0)))
    value = percentile.min(axis=0) if how == "min" else _weighted(columns, _weights(names[:-1].tolist(), weights))
    rank = np.empty(len(value))
    for group in groups:
        rank[group] = ranked(value[group])
    models = names[:-1].tolist()

    def of_model(place: np.ndarray) -> Any:
        return np.array([*models, None], object)[place] if unknown.any() else opened.labels(models, place)

    return opened.new({
        **{name: opened.pick(name, first) for name in ("scope", "condition", "customer")},
        "consensus": value, "rank": whole_ranks(rank),
        "disagreement": percentile.max(axis=0) - percentile.min(axis=0),
        "lowest": of_model(low), "highest": of_model(high)})


def _cells(opened: Table, model: np.ndarray, models: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return the row of each (model, cell), the first row of each cell, and the cells of each scope and condition."""
    scope, condition, customer = (codes_of(opened, name)[0] for name in ("scope", "condition", "customer"))
    group = scope * (int(condition.max()) + 1) + condition
    cell, first = numbered(group * (int(customer.max()) + 1) + customer)
    place = np.full((models, len(first)), -1, np.int64)
    place[model, cell] = np.arange(len(cell))
    if len(cell) != place.size or (place < 0).any():
        c = int((place < 0).any(axis=0).argmax())                    # 0 if there is a row too many
        raise DataError(f"runs: customer {shorten(opened.array('customer')[first[c]])} has not exactly one row for "
                        f"each of {models:,} models in a scope; pass the table as appraise returned it")
    return place, first, [np.flatnonzero(group[first] == g) for g in dict.fromkeys(group[first].tolist())]


def _behind(score: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """Return for each model and cell the share of the others of its group with a lower score, equal ones half."""
    out = np.empty_like(score)
    for group in groups:
        for k in range(len(score)):
            present = int((~np.isnan(score[k, group])).sum())
            behind = present - ranked(score[k, group], "average")
            out[k, group] = _core.ratio(behind, float(present - 1))
    return out


def _weights(names: list[str], weights: Mapping[str, float] | None) -> list[float]:
    given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    models = f"the models are {', '.join(map(repr, names))}"
    for wrong, problem in (([name for name in given if name not in names], "no model"),
                        ([name for name in names if name not in given], "without a weight")):
        if wrong:
            raise ConfigError(f"weights: {', '.join(map(repr, wrong))} {problem}; {models}")
    if not all(0 <= weight < np.inf for weight in given.values()) or sum(given.values()) <= 0:
        raise ConfigError(f"weights: expected numbers from 0 on, not all 0, got {given!r}; {models}")
    return [given[name] for name in names]


def _weighted(columns: np.ndarray, weights: list[float]) -> np.ndarray:
    """Return the weighted mean over the models."""
    total = np.zeros(columns.shape[1])
    for column, weight in zip(columns, weights, strict=True):
        total = total + column * weight
    return np.asarray(total / sum(weights))
