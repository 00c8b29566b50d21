"""What a bootstrap found: the parameters of every replicate, and how far they spread."""
from __future__ import annotations

import html

import numpy as np

from .._formatting import Coefficients, many
from .._validation import share


class Bootstrap:
    """The parameters of refits to customers drawn anew; made by ``bootstrap`` of a model.

    Attributes
    ----------
    parameters : dict of ndarray
        By name, one number per replicate that has an optimum.
    replicates : int
        How many were asked for.
    failed : int
        How many of them have no optimum that holds; nothing of these is in `parameters`. Many of them say that the
        data hardly fix the parameters.
    """

    def __init__(self, name: str, estimates: dict[str, float], sets: np.ndarray):
        sound = sets[~np.isnan(sets).any(axis=1)]
        self.parameters = {k: column.copy() for k, column in zip(estimates, sound.T, strict=True)}
        self.replicates, self.failed = len(sets), len(sets) - len(sound)
        self._name, self._estimates = name, estimates

    def summary(self, level: float = 0.95) -> Coefficients:
        """Return a table: estimate, standard deviation over the replicates, and their quantiles.

        Parameters
        ----------
        level : float
            Share of the replicates from `low` to `high`; half of the rest lies on each side.
        """
        share("level", level)
        spread = {k: column if len(column) > 1 else np.full(2, np.nan) for k, column in self.parameters.items()}
        ends = (1 - level) / 2, (1 + level) / 2
        low, high = ([float(np.quantile(column, q)) for column in spread.values()] for q in ends)
        return Coefficients(f"{self._name}, {many(self.replicates, 'replicate')}, {self.failed:,} without optimum", {
            "parameter": list(self._estimates), "estimate": list(self._estimates.values()),
            "se": [float(column.std(ddof=1)) for column in spread.values()], "low": low, "high": high})

    def __repr__(self) -> str:
        return repr(self.summary())

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
