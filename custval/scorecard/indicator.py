"""Indicators: measures whose points are added, with a weight in the card."""
from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .._files import known
from ..errors import ConfigError
from .exact import Limit, Number, exact, half_up, shown
from .rule import Rule, Value, limits, read_only, text
from .rules import Steps, Table


class Indicator(Value):
    """Add the points of some measures, with a weight in the card.

    Parameters
    ----------
    name : str
        In any language; the name of the indicator's column of points.
    weight : number, optional
        Share in a weighted card: 0.4, "2/5". Not used with ``combine="sum"``.
    measures : mapping of column to rule
        The measures that are added: ``{"sales_1y": cv.rules.Steps([...]), "years": cv.rules.Linear(per=1)}``.
    cap, floor : number, optional
        The largest and the smallest number of points.
    labels : mapping of column to text, optional
        Names of measures for people, in any language, such as ``{"sales_1y": "近一年销售额"}``: explanations and tables
        show them. Scoring reads the column, and the columns of points are named after it.

    Raises
    ------
    ConfigError
        No measure, a measure without a rule, a weight below zero, a label of no measure.

    Examples
    --------
    Points out of 100 that people gave, weighted: 90 * 40% + 90 * 40% + 60 * 20% = 84:

    >>> import custval as cv
    >>> given = {"profitability": .4, "strength": .4, "cooperation": .2}
    >>> one = cv.rules.Linear(per=1)
    >>> card = cv.Scorecard("manual", [cv.Indicator(f"{name}, points", weight=weight, measures={name: one})
    ...                                for name, weight in given.items()])
    >>> card.score({"profitability": [90], "strength": [90], "cooperation": [60]})["score"]
    array([84.])

    An indicator of 100 points that its three measures share equally; sales of two years from 5 to 10 million give 30
    of at most 100/3. The total, with 80 and 60 points for the others, is 78.67, or 78.66 if measures are rounded:

    >>> def b2b(**rounding):
    ...     steps = cv.rules.Steps([(None, 0), (1e6, 20), (5e6, 30), (10e6, "100/3")])
    ...     third, one = cv.rules.Linear(per=3), cv.rules.Linear(per=1)
    ...     return cv.Scorecard("b2b", [
    ...         cv.Indicator("profit", weight=.4, measures={"sales_2y": steps, "plan": third, "change": third}),
    ...         cv.Indicator("firm", weight=.4, measures={"strength": one}),
    ...         cv.Indicator("bond", weight=.2, measures={"cooperation": one})], digits=2, **rounding)
    >>> firm = {"sales_2y": [7_000_000], "plan": [100], "change": [70], "strength": [80], "cooperation": [60]}
    >>> b2b().score(firm)["score"], b2b(round_at="measure").score(firm)["score"]
    (array([78.67]), array([78.66]))
    """

    def __init__(self, name: str, *, weight: Limit = None, measures: Mapping[str, Rule], cap: Limit = None,
                 floor: Limit = None, labels: Mapping[str, str] | None = None):
        self.name = text(name, "name of an indicator")
        self.weight = None if weight is None else exact(weight, "weight")
        if self.weight is not None and self.weight < 0:
            raise ConfigError(f"indicator {name!r}: weight = {shown(self.weight)} lies below 0")
        self.cap, self.floor = limits(cap, floor)
        if not isinstance(measures, Mapping) or not measures:
            raise ConfigError(f"indicator {name!r} has no measures")
        for column, rule in measures.items():
            text(column, "column")
            if not isinstance(rule, Rule):
                raise ConfigError(f"indicator {name!r}: measure {column!r} has no rule but {rule!r}; "
                                  "rules are Steps, Linear, Piecewise, Log, Grades, Table, Manual")
        self.measures: Mapping[str, Rule] = read_only(dict(measures))
        for column, label in (labels or {}).items():
            known(column, measures, f"indicator {name!r}: labels: measure")
            text(label, f"label of {column!r}")
        self.labels: Mapping[str, str] | None = read_only(dict(labels)) if labels else None
        self._made = True

    @classmethod
    def from_bins(cls, name: str, bins: Any, *, points: Number, digits: int = 2, weight: Limit = None,
                  cap: Limit = None, floor: Limit = None, missing: str | None = None) -> Indicator:
        """Return an indicator whose points were learnt from an outcome, with `optbinning`.

        Parameters
        ----------
        name : str
        bins : BinningProcess, OptimalBinning, or dict of column to OptimalBinning
            Fitted. Each variable becomes a measure: numbers become `Steps`, categories `Table`.
        points : number
            Points for each unit of weight of evidence, log(share of non-events / share of events): below zero if the
            event, such as an order within a year, is desired. For a continuous outcome the weight is the mean of the
            bin less the overall mean.
        digits : int
            Decimals of the points of a bin.
        weight, cap, floor
            As for `Indicator`.
        missing : optional
            As for `Steps`; "zero" agrees with the default of ``transform`` in optbinning.

        Examples
        --------
        ``process = optbinning.BinningProcess(columns).fit(frame[columns], bought)``, then
        ``cv.Indicator.from_bins("learnt", process, points=-20, weight=0.5)``. With bins that were set by hand:

        >>> import custval as cv
        >>> class Fitted:
        ...     name, dtype, splits = "recency", "numerical", [30.0, 365.0]
        ...     class binning_table:
        ...         build = staticmethod(lambda: {"WoE": [-1.204, 0.05, 2.1, 0, 0, ""]})
        >>> cv.Indicator.from_bins("learnt", Fitted, points=-20, weight=1).measures["recency"]
        Steps(steps=[[None, 24.08], [30.0, -1], [365.0, -42]], auto=True)
        """
        rules = rules_of_bins(bins, exact(points), digits, missing)
        return cls(name, weight=weight, measures=rules, cap=cap, floor=floor)


def share_of(indicator: Indicator) -> Fraction:
    """Return the weight of an indicator in its card, 1 if none is given."""
    return Fraction(1) if indicator.weight is None else indicator.weight


def rules_of_bins(bins: Any, points: Fraction, digits: int, missing: str | None) -> dict[str, Rule]:
    """Return the rule of each variable that `optbinning` has binned; optbinning is not imported.

    `bins` is a `BinningProcess`, a dict of fitted binnings by column, or one binning.
    """
    if hasattr(bins, "get_binned_variable"):
        bins = {str(name): bins.get_binned_variable(name) for name in bins.get_support(names=True)}
    elif hasattr(bins, "binning_table"):
        bins = {bins.name: bins}
    if not isinstance(bins, Mapping) or not all(hasattr(b, "binning_table") for b in bins.values()):
        raise ConfigError("bins: expected a fitted BinningProcess or OptimalBinning, or a dict of these by column; "
                          "for cuts of your own, Steps.from_bins(splits, points)")
    return {column: _rule_of_bins(binning, points, digits, missing) for column, binning in bins.items()}


def _rule_of_bins(binning: Any, points: Fraction, digits: int, missing: str | None) -> Rule:
    """Return the rule that gives each bin `points` times its weight of evidence; bins of missing values are ignored."""
    splits, woe = list(binning.splits), list(binning.binning_table.build()["WoE"])
    given = [half_up(points * exact(float(w)), digits) for w in woe[:len(splits) + 1]]
    if binning.dtype == "categorical":
        return Table({level: p for levels, p in zip(splits, given, strict=False) for level in levels}, missing=missing)
    return Steps.from_bins(splits, given, missing=missing)
