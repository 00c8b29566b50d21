"""Automatic choice of the spend model: Gamma-Gamma or log-normal, whichever predicts last purchases better."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from .. import _core
from .._validation import sum_of
from .automatic import FAR, USUAL, Choice, answers, chosen, fitted, reported
from .base import Model
from .diagnostics import SEEN
from .gg import GammaGamma
from .histories import Customers, Histories, snapshot_of
from .lognormal import LogNormalSpend
from .spend import SpendModel, names_of

FEWEST = 30                    # customers whose last purchases are predicted, for a comparison
WORDS = {"gg": "Gamma-Gamma", "lognormal": "log-normal spend"}


def fit_auto_spend(data: Customers) -> Choice:
    """Return the spend model of ``spend="auto"``, fitted to the data; it always answers.

    Gamma-Gamma or log-normal spend, of all purchases above 0: both are fitted without the last purchase of each
    customer with two or more, and the one that predicts these better answers, by Poisson deviance at equal totals.
    In a frame the likelihood of the purchases decides. Gamma-Gamma where there are fewer than 30 such customers, or
    where single purchases are not known. Where only one of the two passes the convergence check it answers. Where
    neither does, Gamma-Gamma with fewer parameters: where
    customers do not differ in mean spend, or where its mean for a new customer is infinite, one mean for all; where
    each customer always spends the same, their own mean. Without a purchase with positive spend nothing can be
    estimated, and every quantity of the model is missing.

    Parameters
    ----------
    data : CustomerBase or frame

    Raises
    ------
    DataError
        An invalid history, or no amounts.

    Examples
    --------
    >>> from custval.models.automatic_spend import fit_auto_spend
    >>> fit_auto_spend({"x": [2, 1, 3], "m_x": [9.99, 9.99, 9.99]}).reason
    'all customers spend the same on average: one mean for all, Gamma-Gamma with p = q = 1_000_000'
    """
    histories = GammaGamma()._read(data)
    usual = fitted(GammaGamma(), histories)
    by, scores = "", dict[str, float]()
    if snapshot_of(data) is not None or {"n", "mean", "log_mean", "log_SS"} <= names_of(data):
        other = fitted(LogNormalSpend(), LogNormalSpend()._read(data))
        if answers(other):
            by, scores = _scores(data, usual, other)
            if min(scores, key=lambda name: scores[name], default="gg") == "lognormal":
                return reported(Choice(other, "", "default"), "spend", _compared("lognormal", by, scores), data)
    found = chosen(usual, _nested(usual, histories))
    if found.status == "missing":
        reason = f"{SEEN[found.model.status_]}: expected spend is missing for all customers"
    else:
        reason = _compared("gg", by, scores) if found.status == "default" else _in_words(found.model, usual)
    return reported(found, "spend", reason, data)


def _scores(data: Customers, usual: Model, other: Model) -> tuple[str, dict[str, float]]:
    """Return how the models are compared, and the score of each, the smaller the better."""
    if not answers(usual):
        return "", {"lognormal": 0.0}
    if snapshot_of(data) is None:
        return "has a larger likelihood than", {model.prefix: -model.loglik_ for model in (usual, other)}
    return "predicts last purchases better than", _deviances(data)


def _deviances(data: Customers) -> dict[str, float]:
    """Return how far each model is from the last purchases when fitted to those before them; none if they are few."""
    view = snapshot_of(data)
    assert view is not None
    columns = view.spend_moments(without_last=True)
    last = columns.pop("last")
    known = np.isfinite(last)
    if np.count_nonzero(known) < FEWEST:
        return {}
    out = {}
    for model in (GammaGamma(), LogNormalSpend()):
        trained: SpendModel = model.fit(columns)
        if answers(trained):
            read = (columns[name][known] for name in trained.columns_in(None))
            out[trained.prefix] = _deviance(last[known], np.asarray(trained.expected_spend(*read)))
    return out


def _deviance(actual: np.ndarray, expected: np.ndarray) -> float:
    """Return the Poisson deviance per money, at equal totals; the order of the customers does not matter."""
    total = sum_of(np.sort(actual))
    scaled = expected * (total / sum_of(np.sort(expected)))
    return sum_of(np.sort(_core.poisson_deviance(actual, scaled))) / total


def _compared(name: str, by: str, scores: Mapping[str, float]) -> str:
    """Return why a model was chosen whose fit passes the check."""
    other = next((key for key in WORDS if key != name and key in scores), None)
    if other is None or name not in scores:
        return f"{WORDS[name]}: {USUAL}"
    numbers = (f" (deviance {scores[name]:.4g}, {scores[other]:.4g})" if "predicts" in by else
               f" (by {scores[other] - scores[name]:.4g} nats)")
    return f"{WORDS[name]}, which {by} {WORDS[other]}{numbers}: {USUAL}"


def _nested(usual: Model, histories: Histories) -> Iterator[Model]:
    """Yield the fits that may answer instead of Gamma-Gamma."""
    running = getattr(usual, "boundary_", {})
    if running.get("p", 0.0) > 0 and running.get("q", 0.0) <= 0:
        yield fitted(GammaGamma(p=FAR), histories)
    yield fitted(GammaGamma(q=FAR), histories)
    yield fitted(GammaGamma(p=FAR, q=FAR), histories)


def _in_words(model: Model, usual: Model) -> str:
    held_fixed = [name for name, value in model.constraints().items() if value is not None]
    fixed = f"Gamma-Gamma with {' = '.join(held_fixed)} = {FAR:_.0f}"
    if held_fixed == ["p"]:
        return f"each customer spends the same amount at every purchase: their own mean, {fixed}"
    if held_fixed == ["q"]:
        alike = getattr(usual, "boundary_", {}).get("q", 0.0) > 0
        why = "customers do not differ in mean spend" if alike else "the mean spend of a new customer would be infinite"
        return f"{why}: one mean for all, {fixed}"
    return f"all customers spend the same on average: one mean for all, {fixed}"
