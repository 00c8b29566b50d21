"""Whether frequency and money go together, which a model of spend takes them not to."""
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .. import _core
from .._formatting import many
from ..errors import DataError


class Dependence(NamedTuple):
    """Whether frequency and money go together; see ``GammaGamma.dependence``."""

    rank_correlation: float
    p: float
    explained: float
    customers: int
    words: str

    @property
    def biased(self) -> bool:
        """Whether a model that takes them as independent values them wrongly."""
        return clear(self.rank_correlation, self.p)


def dependence(x: np.ndarray, m_x: np.ndarray) -> Dependence:
    """Return whether customers with more purchases spend more or less on each."""
    there = (x > 0) & (m_x > 0) & np.isfinite(m_x)
    n = int(there.sum())
    if n < 3:
        raise DataError(f"dependence: {many(n, 'customer')} with repeat purchases and positive money; three are needed")
    rho, explained, _ = _core.depends(x[there].astype(float), m_x[there].astype(float))
    p = math.erfc(abs(rho) * math.sqrt((n - 1) / 2)) if rho == rho else math.nan
    return Dependence(rho, p, explained, n, in_words(rho, p))


def in_words(rho: float, p: float) -> str:
    """Return what a rank correlation of frequency and money says."""
    if not p < 0.05:
        return "no sign that frequency and money go together"
    how = "a little " if abs(rho) < 0.1 else "somewhat " if abs(rho) < 0.3 else "much "
    words = f"frequent buyers spend {how}{'more' if rho > 0 else 'less'} a purchase"
    if not clear(rho, p):
        return words
    return f"{words}; a model that takes them as independent values them too {'low' if rho > 0 else 'high'}"


def clear(rho: float, p: float) -> bool:
    """Return whether a rank correlation is one, and large enough to move a total."""
    return p < 0.05 and abs(rho) >= 0.1
