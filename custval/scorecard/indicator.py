"""Indicators: measures that are added, with a weight in the card."""
from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..errors import ConfigError
from .bins import rules_of
from .exact import exact, shown
from .rule import Rule, Value, limits, read_only, text


class Indicator(Value):
    """Measures that are added, with a weight in the card.

    Parameters
    ----------
    name : str
        In any language; the name of its column of points.
    weight : number, optional
        Share in a weighted card: 0.4, "2/5". Not used with ``combine="sum"``.
    measures : mapping of column to rule
        What is added: ``{"sales_1y": cv.rules.Steps([...]), "years": cv.rules.Linear(per=1)}``.
    cap, floor : number, optional
        At most, at least these points.

    Raises
    ------
    ConfigError
        No measure, a measure without a rule, a weight below zero.

    Examples
    --------
    Points out of 100 given by hand, weighted: 90 * 40% + 90 * 40% + 60 * 20% = 84:

    >>> import custval as cv
    >>> given = {"profitability": .4, "strength": .4, "cooperation": .2}
    >>> one = cv.rules.Linear(per=1)
    >>> card = cv.Scorecard("by hand", [cv.Indicator(f"{name}, points", weight=weight, measures={name: one})
    ...                                 for name, weight in given.items()])
    >>> card.score({"profitability": [90], "strength": [90], "cooperation": [60]})["score"]
    array([84.])

    An indicator of 100 points that its three measures share equally; sales of two years from 5 to 10 million are 30
    of at most 100/3. The whole, with 80 and 60 points for the others, is 78.67, or 78.66 if measures are rounded:

    >>> def b2b(**rounding):
    ...     steps = cv.rules.Steps([(None, 0), (1e6, 20), (5e6, 30), (10e6, "100/3")])
    ...     return cv.Scorecard("b2b", [
    ...         Indicator("profit", weight=.4, measures={"sales_2y": steps, "plan": cv.rules.Linear(per=3), "change":
    ...                                                  cv.rules.Linear(per=3)}),
    ...         Indicator("firm", weight=.4, measures={"strength": cv.rules.Linear(per=1)}),
    ...         Indicator("bond", weight=.2, measures={"cooperation": cv.rules.Linear(per=1)})], digits=2, **rounding)
    >>> firm = {"sales_2y": [7_000_000], "plan": [100], "change": [70], "strength": [80], "cooperation": [60]}
    >>> b2b().score(firm)["score"], b2b(round_at="measure").score(firm)["score"]
    (array([78.67]), array([78.66]))
    """

    def __init__(self, name: str, *, weight: Any = None, measures: Mapping[str, Rule], cap: Any = None,
                 floor: Any = None):
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
                                  "rules are Steps, Linear, Piecewise, Log, Grades, Table")
        self.measures: Mapping[str, Rule] = read_only(dict(measures))
        self._made = True

    @classmethod
    def from_bins(cls, name: str, bins: Any, *, points: Any, digits: int = 2, weight: Any = None, cap: Any = None,
                  floor: Any = None, missing: str | None = None) -> Indicator:
        """Return an indicator whose points were learnt from an outcome, with `optbinning`.

        Parameters
        ----------
        name : str
        bins : BinningProcess, OptimalBinning, or dict of column to OptimalBinning
            Fitted. Each variable becomes a measure: of numbers `Steps`, of categories `Table`.
        points : number
            For each unit of weight of evidence, log(share of non-events / share of events): so below zero where
            an event, such as an order within a year, is what is wanted. Of a continuous outcome the weight is
            the mean of the bin less that of all.
        digits : int
            Decimals of the points of a bin.
        weight, cap, floor
            As of `Indicator`.
        missing : optional
            As of `Steps`; "zero" is what ``transform`` of optbinning makes of a missing value unless told otherwise.

        Examples
        --------
        ``process = optbinning.BinningProcess(columns).fit(frame[columns], bought)``, then
        ``cv.Indicator.from_bins("learnt", process, points=-20, weight=0.5)``. Of bins that were made by hand:

        >>> import custval as cv
        >>> class Fitted:
        ...     name, dtype, splits = "recency", "numerical", [30.0, 365.0]
        ...     class binning_table:
        ...         build = staticmethod(lambda: {"WoE": [-1.204, 0.05, 2.1, 0, 0, ""]})
        >>> Indicator.from_bins("learnt", Fitted, points=-20, weight=1).measures["recency"]
        Steps(steps=[[None, 24.08], [30.0, -1], [365.0, -42]], auto=True)
        """
        rules = rules_of(bins, points, digits, {"missing": missing})
        return cls(name, weight=weight, measures=rules, cap=cap, floor=floor)

    @property
    def _share(self) -> Fraction:
        """Return the weight, 1 where none is given."""
        return Fraction(1) if self.weight is None else self.weight

    def _weighted(self, weight: Fraction) -> Indicator:
        """Return the same indicator with another weight."""
        return Indicator(self.name, weight=weight, measures=self.measures, cap=self.cap, floor=self.floor)

    def _with(self, rules: Mapping[str, Rule]) -> Indicator:
        """Return the same indicator with other rules for some measures."""
        return Indicator(self.name, weight=self.weight, measures={**self.measures, **rules}, cap=self.cap,
                         floor=self.floor)
