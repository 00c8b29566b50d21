"""Many models over many groups of customers, at one date."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._ids import match
from .._row_report import shorten
from .._tabular import demand, series, table
from .._validation import choice, finite, ranked
from ..customers.customer_base import CustomerBase
from ..errors import ConfigError, DataError
from .apart import measures_of, warn_measures
from .review_log import Log, read_log
from .review_status import holding
from .scorecard import Scorecard
from .scorecards import Scorecards

INTERNAL = "internal"


def appraise(base: CustomerBase | Mapping[str, CustomerBase], models: Mapping[str, Any], *,
             scopes: Mapping[str, Any] | None = None, as_of: Any = None, join: Any = None,
             internal: str = "apart", reviews: Any = None) -> Any:
    """Value customers by many models, in many groups of them, at one date: one long table.

    Parameters
    ----------
    base : CustomerBase or dict of CustomerBase
        More than one where models see different data, such as the orders of each channel: the name of a base is the
        condition of a run. They end on the same day, or `as_of` says one.
    models : dict
        Name to a `Scorecard` or `Scorecards`, the name of a column of ``base.attributes()``, or a function that takes
        a base and returns a value per customer.
    scopes : dict, optional
        Name to the customers of a group: their ids, or a function that takes ``base.attributes()`` and returns True or
        False for each; None for all. By default all. Groups may overlap.
    as_of : date, optional
        The day as of which everything is valued; by default the end of the base.
    join : frame, optional
        Columns added to the attributes, as in `CustomerBase.attributes`.
    internal : {"apart", "among"}
        Customers whose ``type`` in the profile is "internal" are a scope of that name and in no other one, or are
        among the others.
    reviews : frame, optional
        A review log: in the score of each card, the points approved at the end of the base hold, as in
        `Scorecard.score`.

    Returns
    -------
    frame of the kind of the base
        A row per run and customer, runs in the order given: model, version (of a card that has one), scope, condition,
        as_of, current (the first model, scope and condition), customer, score, rank in the run (1 = highest, equal
        scores share the smallest), percentile: the share of the run's customers with a score not above this one.

    Raises
    ------
    DataError
        A model gives no number for a customer, a scope is empty or names strangers, bases end on different days.
    ConfigError
        No model, or one that is neither card, column nor function.

    Notes
    -----
    Every model values each base once, whatever the number of scopes; scopes only rank.

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


def _bases(base: Any, as_of: Any) -> dict[str, CustomerBase]:
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


def _log(reviews: Any, models: Mapping[str, Any], end: Any) -> Log:
    """Return the review log, read once for all cards; warn of scores of measures that none of them has."""
    log = read_log(reviews)
    names = {name for model in models.values() if isinstance(model, Scorecard | Scorecards)
             for name in measures_of(model)}
    warn_measures(names, "no card has", log, holding(log, end), "approved score")
    return log


def _runs(condition: str, base: CustomerBase, models: Mapping[str, Any], scopes: Mapping[str, Any], join: Any,
          internal: str, *, log: Log | None) -> Iterator[Run]:
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
            rank = ranked(score)
            behind = float(len(rows) + 1) - rank
            yield Run((str(name), str(getattr(model, "version", "") or ""), str(scope), str(condition)), base, rows,
                      score, rank.astype(np.int64), _core.ratio(behind, float(len(rows))))


def _values(name: str, model: Any, base: CustomerBase, known: Any, log: Log | None) -> np.ndarray:
    """Return what a model gives every customer."""
    if isinstance(model, Scorecard | Scorecards):
        own = None if log is None else log.of(measures_of(model))
        scored = model.score(known, ties=None, points=False, reviews=own, as_of=base.end)
        return np.asarray(table(scored).array("score"))
    if isinstance(model, str):
        opened = table(known)
        demand(opened, model, f"models[{name!r}]")
        column = opened.array(model)
    elif callable(model):
        column = series(model(base))[0]
    else:
        raise ConfigError(f"models: {name!r} is a {type(model).__name__}: expected a card, the name of a column "
                          "or a function")
    if len(column) != len(base.customers):
        raise DataError(f"models: {name!r} gave {len(column):,} values for {len(base.customers):,} customers")
    finite(column, f"model {name!r}")
    return np.ascontiguousarray(column, float)


def _members(name: str, chosen: Any, base: CustomerBase, known: Any) -> np.ndarray:
    """Return the places of a scope's customers in the base."""
    if chosen is None:
        return np.arange(len(base.customers))
    column = series(chosen(known) if callable(chosen) else chosen)[0]
    if callable(chosen):
        if column.dtype != bool or len(column) != len(base.customers):
            raise DataError(f"scope {name!r}: the function returned {len(column):,} values of type {column.dtype}; it "
                            f"takes True or False for each of {len(base.customers):,} customers")
        return np.flatnonzero(column)
    place = match(base.customers, column, "customers")
    if (place < 0).any():
        raise DataError(f"scope {name!r}: the base has no customer {shorten(column[place < 0][0])}")
    return np.unique(place)


def _customers(bases: list[CustomerBase], runs: list[Run]) -> Any:
    """Return the ids of all runs: of one base in their own type, of several as arrays."""
    if len(bases) == 1:
        view, first = bases[0].snapshot, runs[0].key[:2]
        one = view.who[np.concatenate([run.rows for run in runs if run.key[:2] == first])]       # alike for every model
        return view.ids.pick("customer", np.tile(one, sum(len(run.rows) for run in runs) // len(one)))
    return np.concatenate([run.base.customers[run.rows] for run in runs])
