"""How values are spread over the customers of each class: quantiles, concentration, histogram."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _core
from .._validation import aligned, divide, finite, same_index
from ..errors import ConfigError
from .cells import cells
from .tiers import MAX_TIERS

QUANTILES = (.1, .25, .5, .75, .9)


class Spread:
    """What classes tell of any values of their customers."""

    names: tuple[str, ...]
    tier: np.ndarray
    _of: str
    _back: Any

    @property
    def _carrier(self) -> Any:
        """The frame or Series whose index the customers have, or an array."""
        frame = self._back.frame
        return frame.to_native() if hasattr(frame, "to_native") else frame

    def distribution(self, values: Any, *, quantiles: Sequence[float] = QUANTILES, missing: str = "raise") -> Any:
        """Return how values are spread over the customers of each class.

        Parameters
        ----------
        values : Series or array_like, shape (customers,)
            The values ranked by or any others, of the same customers in the same order; those of customers
            set apart do not count.
        quantiles : sequence of float
            From 0 to 1, linear between customers.
        missing : {"raise", "apart"}
            NaN is refused, or left out.

        Returns
        -------
        frame of the caller's kind
            A row per class: its name, customers, share, sum, share_of_sum, mean, min, a column per quantile
            (``q10``), max, top_20 (share of the class's sum held by its best 20 %) and gini. Empty classes
            have NaN; so have shares of a sum that is not positive.

        Examples
        --------
        >>> import custval as cv
        >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"up": .4, "down": .6})
        >>> spread = pyr.distribution([90, 10, 30, 20, 5], quantiles=[.5])
        >>> spread["q50"].tolist(), spread["gini"].round(3).tolist()
        ([60.0, 10.0], [0.25, 0.286])
        """
        column = np.where(self.tier < 0, np.nan, self._aligned(values, "values"))
        finite(column[self.tier >= 0], "values", missing)
        groups = [np.sort(column[(self.tier == j) & ~np.isnan(column)]) for j in range(len(self.names))]
        customers, sums = _core.pyramid_totals(
            column, np.where(np.isnan(column), -1, self.tier).astype(np.int8), len(groups))
        total = sums.sum() if sums.sum() > 0 else np.nan
        spread = np.array([np.quantile(g, [0, *quantiles, 1]) if len(g) else np.full(len(quantiles) + 2, np.nan)
                           for g in groups]).T
        between = {f"q{100 * q:g}": row for q, row in zip(quantiles, spread[1:-1], strict=True)}
        return self._back.new({
            self._of: np.array(self.names, object), "customers": customers,
            "share": divide(customers, customers.sum()), "sum": sums, "share_of_sum": sums / total,
            "mean": divide(sums, customers), "min": spread[0], **between, "max": spread[-1],
            "top_20": np.array([_core.share_of_top(_core.lorenz(g), .2) for g in groups]),
            "gini": np.array([_core.gini(g) for g in groups])})

    def histogram(self, values: Any, edges: Sequence[float], *, missing: str = "raise") -> Any:
        """Return how many customers of each class have values in each interval.

        Parameters
        ----------
        values, missing
            As in `distribution`.
        edges : sequence of float
            Rising; intervals are ``[edge, next edge)``, the first open below, the last open above.

        Returns
        -------
        frame of the caller's kind
            A row per class and interval: the class's name, from, to, customers and share (of the class).

        Examples
        --------
        >>> import custval as cv
        >>> pyr = cv.pyramid([90, 10, 30, 20, 5], tiers={"up": .4, "down": .6})
        >>> pyr.histogram([90, 10, 30, 20, 5], [10, 50])["customers"].tolist()
        [0, 1, 1, 1, 2, 0]
        """
        column = np.where(self.tier < 0, np.nan, self._aligned(values, "values"))
        finite(column[self.tier >= 0], "values", missing)
        names, ends = len(self.names), np.array([-np.inf, *edges, np.inf])
        if not (np.diff(ends) > 0).all() or len(ends) > MAX_TIERS:
            raise ConfigError(f"edges={list(edges)!r}: expected at most {MAX_TIERS - 2} rising numbers")
        above = _core.pyramid_label(column, np.ascontiguousarray(ends[-2:0:-1]), None, None, None)
        place = np.where(above < 0, -1, len(ends) - 2 - above).astype(np.int8)
        customers = cells(column, self.tier, place, names, len(ends) - 1)[0]
        return self._back.new({
            self._of: np.repeat(np.array(self.names, object), len(ends) - 1), "from": np.tile(ends[:-1], names),
            "to": np.tile(ends[1:], names), "customers": customers.ravel(),
            "share": divide(customers, customers.sum(axis=1, keepdims=True)).ravel()})

    def _aligned(self, values: Any, name: str) -> np.ndarray:
        """Return a column of the same customers."""
        same_index(self._carrier, values, name)
        column = aligned(self.tier, values, name)
        finite(column[:0], name)                    # its type; the numbers are looked at where they count
        return column
