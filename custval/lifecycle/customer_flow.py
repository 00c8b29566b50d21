"""Customer flow: customers won, lost and won back by period, and the costs of acquisition and retention."""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._dates import counted
from .._validation import share, sum_of, warn, warned_once
from ..customers import rolling
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import Snapshot
from ..errors import ConfigError, DataError
from ..models.purchase import PurchaseModel
from ..valuation.value_model import fitted_purchases, is_auto


@warned_once()
def customer_flow(base: CustomerBase, *, unit: str = "Q", periods: int | None = None, alive: float = 0.5,
                  purchases: PurchaseModel | str | None = "auto") -> Any:
    """Return the customers won, lost and won back in each period, and the costs of acquisition and retention.

    Parameters
    ----------
    base : CustomerBase
        The costs need relationship cost (`marketing`, or a log of contacts).
    unit : str
        D, W, M, Q or Y, with an anchor such as Q-MAR.
    periods : int, optional
        Number of the last whole periods up to `end`; by default all since the first order.
    alive : float
        P(alive) from which a customer counts.
    purchases : model or "auto"
        A purchase model, by default the one that the data choose, as of `Forecaster`. A model without parameters is
        copied and the copy fitted to the base,
        so that its parameters depend on later data; a model fitted to ``base.as_of`` of an earlier day does not.

    Returns
    -------
    frame of the caller's kind
        A row per period and a last one, ``"all"``, for all of them:

        ================  =======================================================================================
        period            as in `CustomerBase.history`
        start             customers with P(alive) of `alive` or more when it began
        new               first purchases in it
        returned          earlier customers, below `alive` when it began and not when it ended
        lost              customers at its start or new, below `alive` when it ended
        end               start + new + returned - lost
        net               end - start
        kept              customers both when it began and when it ended
        acquisition_cost  relationship cost of new customers, up to the day of their first order
        retention_cost    relationship cost in it, after the day of each customer's first order
        cost_per_new      acquisition cost over new
        cost_per_kept     retention cost over kept
        ratio             cost_per_new / cost_per_kept: NaN without customers or costs
        ================  =======================================================================================

    Raises
    ------
    FitError
        The model has no converged fit.
    DataError
        The base is a holdout, none of the requested `periods` is over, or a period ends inside a grain.
    ConfigError
        A setting is not known.

    Notes
    -----
    Where no customer bought twice P(alive) is not known, and only new customers are counted; the rest is missing. Where
    no period is over yet, the only row is ``"all"``, with a DataWarning.

    P(alive) at the end of a period is computed from the history known then, in one pass over the ledger. Money spent
    on prospects who never ordered is not in the base, so the true acquisition cost is higher.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a", "a", "a", "b", "c"], "day": ["2024-01-10", "2024-02-10", "2024-12-20", "2024-05-05",
    ...     "2024-12-30"], "spent": [30.0, 2.0, 2.0, 50.0, 40.0]}
    >>> base = cv.CustomerBase(log, customer="who", time="day", marketing="spent", end="2024-12-31")
    >>> found = cv.customer_flow(base, purchases=cv.MBGNBD(r=2, alpha=20, a=.5, b=5, unit="W"))
    >>> for name in ("period", "new", "lost", "returned", "end", "ratio"): print(name, found[name].tolist())
    period ['2024Q1', '2024Q2', '2024Q3', '2024Q4', 'all']
    new [1, 1, 0, 1, 3]
    lost [0, 0, 1, 0, 1]
    returned [0, 0, 0, 1, 1]
    end [1, 2, 1, 3, 3]
    ratio [nan, nan, nan, 20.0, 30.0]
    """
    share("alive", alive)
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"customer_flow takes a CustomerBase, not {type(base).__name__}: "
                          "cv.CustomerBase(orders, customer=, time=, amount=)")
    view = base.snapshot
    if view.start is not None:
        raise DataError("a holdout has no customer flow of its own; pass the whole base")
    model, model_unit = fitted_purchases(purchases, base)
    edges, labels, _ = rolling.dates(view, None if periods is None else counted(periods) + 1, 1, unit)
    if edges[-1] <= (first := view.log_begin()).astype(np.int64):
        none = f"no period of {unit} from {first} on is over by {view.day}; pass a shorter unit"
        if periods is not None:
            raise DataError(none)
        warn(f"customer_flow: {none}")
        edges, labels = edges[:1], labels[:0]
    counts, after = _counts(view, model, model_unit, edges, alive), int(periods is not None)
    flows = {name: column[after:] for name, column in counts.items()}
    out = {"period": np.array([*labels[after:], "all"], object)}
    out |= {"start": np.append(flows["start"], flows["start"][:1].sum())}
    out |= {name: np.append(flows[name], flows[name].sum()) for name in ("new", "returned", "lost")}
    out["end"] = np.append(flows["end"], flows["end"][-1:].sum())
    out["net"] = out["end"] - out["start"]
    out["kept"] = np.append(flows["kept"], flows["kept"].sum())
    if view.knows("marketing"):
        out |= _costs(view, edges[after:], out["new"], out["kept"])
    frame = view.ids.new(out)
    if hasattr(frame, "attrs"):
        frame.attrs["reason"] = {"purchases": model.notes_[-1]} if is_auto(purchases, "purchases") else {}
    return frame


def _counts(view: Snapshot, model: PurchaseModel, unit: str, edges: np.ndarray, alive: float) -> dict[str, np.ndarray]:
    """Return the customers who are there, come and go in each period; none is there before the first one."""
    names = ("start", "new", "returned", "lost", "end", "kept")
    found = {name: np.zeros(len(edges) - 1, np.int64) for name in names}
    for _, columns in rolling.histories(view, edges, unit, model.times(view)) if len(edges) > 1 else ():
        known = ~np.isnan(columns["T"])
        there = known & (np.asarray(model.p_alive(*(columns[name] for name in ("x", "t_x", "T")))) >= alive)
        before, knew = (np.concatenate([np.zeros_like(rows[:1]), rows[:-1]]) for rows in (there, known))
        new = known & ~knew
        for name, who in zip(names, (before, new, there & knew & ~before, (before | new) & ~there, there,
                                     before & there), strict=True):
            found[name] += who.sum(axis=1)
    if getattr(model, "missing_", False):                      # P(alive) is not known: only who is new is
        found |= {name: np.full(len(edges) - 1, np.nan) for name in names if name != "new"}
    return found


def _costs(view: Snapshot, edges: np.ndarray, new: np.ndarray, kept: np.ndarray) -> dict[str, np.ndarray]:
    """Return the cost of acquisition, in the period of the first order, and of retention, in that of the cost."""
    retention = view.total("marketing", edges) - rolling.acquisition(view, edges)
    ever = np.array([np.iinfo(np.int32).min // 24, view.day.astype(np.int64) + 1], np.int32)
    period = np.searchsorted(edges, view.first().astype(np.int64), "right") - 1
    won = np.flatnonzero((period >= 0) & (period < len(edges) - 1))
    acquisition = np.zeros((len(edges) - 1, len(view.who)))
    acquisition[period[won], won] = rolling.acquisition(view, ever)[won, 0]
    spent = [np.array([*map(sum_of, cost), sum_of(cost.ravel())])
             for cost in (acquisition, np.ascontiguousarray(retention.T))]
    per_new, per_kept = (_core.ratio(cost, customers.astype(float))
                         for cost, customers in zip(spent, (new, kept), strict=True))
    return {"acquisition_cost": spent[0], "retention_cost": spent[1], "cost_per_new": per_new,
            "cost_per_kept": per_kept, "ratio": _core.ratio(per_new, per_kept)}
