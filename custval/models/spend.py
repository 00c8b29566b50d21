"""Base class of the models of spend: what they read from a base or a frame, and the check of independence."""
from __future__ import annotations

from collections.abc import Collection, Sized
from typing import Any

import numpy as np

from .._tabular import is_frame, table
from ..evaluation.accuracy import Dependence, dependence
from .base import Model
from .histories import Data, Histories, read, snapshot_of


class SpendModel(Model):
    """A model of the money of a purchase, of amounts above 0."""

    role = "spend"
    expected_spend: Any               # of a base, a frame, or the columns of columns_in: money of the next purchase

    def columns_in(self, there: Collection[str] | None) -> tuple[str, ...]:
        """Return the columns that an expectation takes of those `there`, or of a base (None)."""
        raise NotImplementedError

    def paid(self, *columns: Any) -> tuple[Any, ...]:
        """Return these columns without purchases that were free, which tell nothing about spend."""
        return columns

    def dependence(self, data: Data, m_x: Any = None) -> Dependence:
        """Return the dependence between frequency and spend, which this model assumes to be none.

        Nothing is fitted; customers without a repeat purchase, or without positive spend, are not used.

        Parameters
        ----------
        data : CustomerBase, frame, or array_like of shape (n,)
            A frame has columns x, m_x, or n, mean of all purchases. An array is x, the number of repeat purchases.
        m_x : array_like, shape (n,), optional
            With x as an array: mean spend of these purchases.

        Returns
        -------
        Dependence
            ``rank_correlation`` of x and m_x (Spearman) with the ``p`` of no correlation, ``explained`` (eta squared:
            the share of the variance of log m_x between customers of different x, less that of random groups),
            ``customers``, and ``words``.

        Raises
        ------
        DataError
            Fewer than three customers have repeat purchases with positive spend.

        Examples
        --------
        >>> import custval as cv
        >>> cv.GammaGamma().dependence(cv.datasets.cdnow()).words
        'frequent buyers spend somewhat more per purchase; a model that assumes independence undervalues them'
        """
        there = names_of(data)
        names = ("n", "mean") if {"n", "mean"} <= there and not {"x", "frequency"} & there else ("x", "m_x")
        histories = read(data, {names[1]: m_x}, None, None, names[0])
        x, mean = (histories.columns[name] for name in names)
        return dependence(np.asarray(x), np.asarray(mean))


def names_of(data: Data) -> frozenset[str]:
    """Return the names of the columns of a frame; none of a base, an array, or a stream that is read only once."""
    once = hasattr(data, "__arrow_c_stream__") and not isinstance(data, Sized)
    return frozenset() if snapshot_of(data) is not None or once or not is_frame(data) else frozenset(table(data).names)


def with_free(histories: Histories, data: Data) -> Histories:
    """Return the single purchases of a base with a note that counts those of zero, which are left out."""
    view = snapshot_of(data)
    if view is None:
        return histories
    every = int(view.total("purchases").sum())
    free = every - int(histories.columns["n"].sum())
    note = f"{free:,} of {every:,} purchases were free: left out of the fit"
    return histories._replace(notes=(*histories.notes, note)) if free else histories
