"""Automatic choice of the purchase and the spend model: the usual one, or the nested one that the data identify."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .._formatting import many
from ..customers.data_report import NOTED
from ..customers.rolling import regular_gaps
from .base import Model
from .diagnostics import SEEN, held, limits, meaning, written
from .gg import GammaGamma
from .histories import Customers, Histories, leave_out, read, read_histories, snapshot_of
from .mbgnbd import MBGNBD
from .nbd import NBD

PASSES = 100
FAR = 1e6                      # a parameter held here is as good as infinite: the fit misses its limit by 0.01 nats
ALIKE = ("r,alpha->inf", "a,b->inf", "r,alpha,a,b->inf")      # customers do not differ: dropout is identified
REGULAR = 0.6                  # share of gaps in one period from which a log looks like contracts


class Choice(NamedTuple):
    """The model that answers for ``"auto"``, and why.

    Attributes
    ----------
    model : MBGNBD, NBD or GammaGamma
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
    histories = read_histories(data, {"t_x": None, "T": None}, None, unit)
    usual = _fitted(MBGNBD(unit=unit), histories)
    found = _chosen(usual, _nested_purchases(usual, unit, histories), histories)
    if found.status == "missing":
        reason = f"{SEEN[found.model.status_]}: expected purchases are missing for all customers"
    else:
        reason = _purchases_in_words(found, usual, _span(data, histories)) + _contracts(data)
    return _reported(found, "purchases", reason, data)


def fit_auto_spend(data: Customers) -> Choice:
    """Return the spend model of ``spend="auto"``, fitted to the data; it always answers.

    Gamma-Gamma; where customers do not differ in mean spend, or where its mean for a new customer is infinite, one mean
    for all; where each customer always spends the same, the own mean m_x. Without a repeat purchase with positive
    spend nothing can be estimated, and every quantity of the model is missing.

    Parameters
    ----------
    data : CustomerBase or summary frame

    Raises
    ------
    DataError
        An invalid history, or no amounts.

    Examples
    --------
    >>> from custval.models.automatic import fit_auto_spend
    >>> fit_auto_spend({"x": [2, 1, 3], "m_x": [9.99, 9.99, 9.99]}).reason
    'all customers spend the same on average: one mean for all, Gamma-Gamma with p = q = 1_000_000'
    """
    histories = read(data, {"m_x": None}, None, None)
    c = histories.columns
    histories = leave_out(histories, (c["x"] > 0) & ~(c["m_x"] > 0), "have a mean spend of zero or less")
    usual = _fitted(GammaGamma(), histories)
    found = _chosen(usual, _nested_spend(usual, histories), histories)
    if found.status == "missing":
        reason = f"{SEEN[found.model.status_]}: expected spend is missing for all customers"
    else:
        reason = _spend_in_words(found.model, usual)
    return _reported(found, "spend", reason, data)


def _reported(found: Choice, role: str, reason: str, data: Customers) -> Choice:
    """Return the choice with its reason, which stands in the notes of the model and in the data report of the base."""
    found.model.set_fit({"notes": (*found.model.notes_, reason)})
    view = snapshot_of(data)
    if view is not None:
        NOTED.setdefault(view, {})[f"model of {role}"] = reason
    return found._replace(reason=reason)


def _fitted(model: Any, histories: Histories) -> Any:
    """Return the model, fitted."""
    return model._fit(histories, PASSES)


def _chosen(usual: Model, nested: Iterator[Model], histories: Histories) -> Choice:
    """Return the first model whose fit passes the check; without one, the last with missing quantities."""
    if _answers(usual):
        return Choice(usual, "", "default")
    last = usual
    for last in nested:
        if _answers(last):
            return Choice(last, "", "nested")
    last.set_fit({"missing": True})
    return Choice(last, "", "missing")


def _answers(model: Model) -> bool:
    """Return whether a fit passes the convergence check and has a mean for every customer."""
    return model.status_ == "converged" and not (model.prefix == "gg" and model.params_["q"] <= 1)


def _nested_purchases(usual: Model, unit: str | None, histories: Histories) -> Iterator[Model]:
    """Yield the fits that may answer instead of MBG/NBD, the largest first."""
    running = getattr(usual, "boundary_", {})
    if limits(running) in ALIKE:
        yield _fitted(usual.with_fixed(dict.fromkeys(held(running, "purchases"), FAR)), histories)
    yield _fitted(NBD(unit=unit), histories)
    yield _fitted(NBD(r=FAR, unit=unit), histories)


def _nested_spend(usual: Model, histories: Histories) -> Iterator[Model]:
    """Yield the fits that may answer instead of Gamma-Gamma."""
    running = getattr(usual, "boundary_", {})
    if running.get("p", 0.0) > 0 and running.get("q", 0.0) <= 0:
        yield _fitted(GammaGamma(p=FAR), histories)
    yield _fitted(GammaGamma(q=FAR), histories)
    yield _fitted(GammaGamma(p=FAR, q=FAR), histories)


def _purchases_in_words(found: Choice, usual: Model, span: str) -> str:
    model = found.model
    if found.status == "default":
        return "MBG/NBD: its fit passes the convergence check"
    if model.prefix == "mbgnbd":
        return f"{meaning('purchases', usual.boundary_)}: {written('MBGNBD', model.constraints())}"
    alike = "" if model.r is None else ", one purchase rate for all"
    return f"dropout cannot be told from {span}: NBD{alike}, every customer stays active"


def _spend_in_words(model: Model, usual: Model) -> str:
    held_fixed = [name for name, value in model.constraints().items() if value is not None]
    if not held_fixed:
        return "Gamma-Gamma: its fit passes the convergence check"
    fixed = f"Gamma-Gamma with {' = '.join(held_fixed)} = {FAR:_.0f}"
    if held_fixed == ["p"]:
        return f"each customer spends the same amount at every purchase: their own mean, {fixed}"
    if held_fixed == ["q"]:
        alike = getattr(usual, "boundary_", {}).get("q", 0.0) > 0
        why = "customers do not differ in mean spend" if alike else "the mean spend of a new customer would be infinite"
        return f"{why}: one mean for all, {fixed}"
    return f"all customers spend the same on average: one mean for all, {fixed}"


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
