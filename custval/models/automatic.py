"""Automatic choice of the purchase model: the usual one, or the nested one that the data identify."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .._formatting import many
from ..customers.data_report import NOTED
from ..customers.rolling import regular_gaps
from .base import Model
from .clock_fit import fitted_clock
from .diagnostics import SEEN, held, limits, meaning, written
from .histories import Customers, Histories, read_histories, snapshot_of
from .mbgnbd import MBGNBD
from .nbd import NBD

PASSES = 100
FAR = 1e6                      # a parameter held here is as good as infinite: the fit misses its limit by 0.01 nats
ALIKE = ("r,alpha->inf", "a,b->inf", "r,alpha,a,b->inf")      # customers do not differ: dropout is identified
USUAL = "its fit passes the convergence check"
REGULAR = 0.6                  # share of gaps in one period from which a log looks like contracts


class Choice(NamedTuple):
    """The model that answers for ``"auto"``, and why.

    Attributes
    ----------
    model : MBGNBD, NBD, GammaGamma or LogNormalSpend
        Fitted. All its quantities are missing (NaN) if ``status`` is "missing".
    reason : str
        The choice in words, and what it means.
    status : str
        ``"default"``: the usual model, its fit passes the convergence check. ``"nested"``: a special case of it
        answers, whose fit passes the check, because the data do not identify the usual one. ``"missing"``: nothing can
        be estimated, and every expectation is missing.
    """

    model: Any
    reason: str
    status: str


def fit_auto(data: Customers, unit: str | None = None) -> Choice:
    """Return the purchase model of ``purchases="auto"``, fitted to the data; it always answers.

    MBG/NBD; where customers do not differ in rate or in dropout probability, MBG/NBD with one rate or one probability;
    where dropout is not identified, NBD, without dropout, or with one rate for all. Each answers only if its fit passes
    the convergence check. Where no customer bought twice, or nobody was observed for any time, no model can be
    estimated: then every quantity of the model is missing.

    Parameters
    ----------
    data : CustomerBase or summary frame
    unit : str, optional
        Unit of the model; by default that of the data.

    Raises
    ------
    DataError
        An invalid history, or a unit that differs from that of the data.

    Examples
    --------
    >>> import custval as cv
    >>> from custval.models.automatic import fit_auto
    >>> fit_auto(cv.datasets.cdnow()).reason
    'MBG/NBD: its fit passes the convergence check'
    >>> fit_auto({"x": [0, 0], "t_x": [0, 0], "T": [30.0, 40.0]}).status
    'missing'
    """
    unit = MBGNBD(unit=unit).agreed_unit(data, unit)
    model = MBGNBD(unit=unit, clock=None if snapshot_of(data) is None else "M")
    clock = fitted_clock(model, data, unit, PASSES)
    histories = read_histories(data, {"t_x": None, "T": None}, None, unit, clock=clock)
    usual = fitted(model, histories)
    found = chosen(usual, _nested_purchases(usual, unit, histories))
    if found.status == "missing":
        reason = f"{SEEN[found.model.status_]}: expected purchases are missing for all customers"
    else:
        reason = _purchases_in_words(found, usual, _span(data, histories)) + _contracts(data)
    view = snapshot_of(data)
    if clock is not None and view is not None:
        found.model.run_on(clock, view)
    return reported(found, "purchases", reason, data)


def reported(found: Choice, role: str, reason: str, data: Customers) -> Choice:
    """Return the choice with its reason, which stands in the notes of the model and in the data report of the base."""
    found.model.set_fit({"notes": (*found.model.notes_, reason)})
    view = snapshot_of(data)
    if view is not None:
        NOTED.setdefault(view, {})[f"model of {role}"] = reason
    return found._replace(reason=reason)


def fitted(model: Any, histories: Histories) -> Any:
    """Return the model, fitted."""
    return model._fit(histories, PASSES)


def chosen(usual: Model, nested: Iterator[Model]) -> Choice:
    """Return the first model whose fit passes the check; without one, the last with missing quantities."""
    if answers(usual):
        return Choice(usual, "", "default")
    last = usual
    for last in nested:
        if answers(last):
            return Choice(last, "", "nested")
    last.set_fit({"missing": True})
    return Choice(last, "", "missing")


def answers(model: Model) -> bool:
    """Return whether a fit passes the convergence check and has a mean for every customer."""
    return model.status_ == "converged" and not (model.prefix == "gg" and model.params_["q"] <= 1)


def _nested_purchases(usual: MBGNBD, unit: str | None, histories: Histories) -> Iterator[Model]:
    """Yield the fits that may answer instead of MBG/NBD, the largest first."""
    running = getattr(usual, "boundary_", {})
    if limits(running) in ALIKE:
        yield fitted(usual.with_fixed(dict.fromkeys(held(running, "purchases"), FAR)), histories)
    yield fitted(NBD(unit=unit, clock=usual.clock), histories)
    yield fitted(NBD(r=FAR, unit=unit, clock=usual.clock), histories)


def _purchases_in_words(found: Choice, usual: Model, span: str) -> str:
    model = found.model
    if found.status == "default":
        return f"MBG/NBD: {USUAL}"
    if model.prefix == "mbgnbd":
        clock = {} if model.clock is None else {"clock": model.clock.period}
        return f"{meaning('purchases', usual.boundary_)}: {written('MBGNBD', {**model.constraints(), **clock})}"
    alike = "" if model.r is None else ", one purchase rate for all"
    return f"dropout cannot be told from {span}: NBD{alike}, every customer stays active"


def _span(data: Customers, histories: Histories) -> str:
    """Return the time that was observed in words, such as "these 53 weeks"."""
    view = snapshot_of(data)
    if view is None:
        return f"these {many(len(histories.columns['x']), 'history', 'histories')}"
    days = int((view.day - view.since()).astype("m8[D]").astype(np.int64)) + 1
    return f"these {many(days // 7, 'week')}" if days >= 14 else f"these {many(days, 'day')}"


def _contracts(data: Customers) -> str:
    """Return the note that a log looks like contracts, "" if it does not."""
    view = snapshot_of(data)
    if view is None:
        return ""
    share, word = regular_gaps(view)
    if share < REGULAR:
        return ""
    return (f". {share:.0%} of the times between purchases are one {word}: the log looks like contracts; compare "
            "cv.tenures(base) and cv.MBGCNBD")
