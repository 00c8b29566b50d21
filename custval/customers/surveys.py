"""What customers answered when asked: satisfaction on one scale, or by whom the firm would be recommended."""
from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from .. import _core
from .._validation import choice
from ..errors import ConfigError, DataError
from .snapshot import Snapshot

PROMOTER, PASSIVE, MOST = 9, 7, 10               # of answers from 0 to 10: Reichheld, Harvard Business Review, 2003


def satisfaction(view: Snapshot, scale: Any, answers: str) -> dict[str, np.ndarray]:
    """Return the number of answers, and the last one or their mean, later ones weighing more."""
    choice("answers", answers, ("last", "ewma"))
    if "surveys" not in view.logs:
        if scale is not None:
            raise DataError('scale= needs the log of surveys: with_log("surveys", ...)')
        return {}
    log = view.logs["surveys"]
    rows, place = log.rows(view)
    _, (value,), row, begin, end, first = _core.ledger(place, log.day[rows], (log.values["answer"][rows],), True)
    value = _scaled(value, scale, rows[row])
    out = np.full(len(view.who), np.nan)
    out[place[first]] = value[end - 1] if answers == "last" else _faded(value, begin, end)
    return {"surveys": log.counts(view), "satisfaction": out}


def _faded(value: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the mean of each run in which an answer counts half of the next one."""
    by_place = np.argsort(begin)                     # each run stands in one piece
    weight = np.exp2(np.arange(len(value)) + 1.0 - np.repeat(end[by_place], (end - begin)[by_place]))
    weighed = _core.totals(_core.expected(value, weight), begin, end)
    return np.asarray(_core.ratio(weighed, _core.totals(weight, begin, end)))


def _scaled(value: np.ndarray, scale: Any, rows: np.ndarray) -> np.ndarray:
    """Return answers from 0 to 100, or for "nps" 100, 0, -100; those off the scale are refused."""
    low, high = (0.0, float(MOST)) if scale == "nps" else (-np.inf, np.inf) if scale is None else _ends(scale)
    off = np.flatnonzero((value < low) | (value > high))
    if off.size:
        raise DataError(f"surveys: {off.size:,} of {len(value):,} answers lie outside {low:g} to {high:g}, the "
                        f"first in row {rows[off[0]]:,}: {value[off[0]]:g}\n"
                        "  Correct them, or pass the scale that was asked on.")
    if scale == "nps":
        return np.where(value >= PROMOTER, 100.0, np.where(value >= PASSIVE, 0.0, -100.0))
    return value if scale is None else _core.expected(_core.ratio(_core.change(value, low), high - low), 100.0)


def _ends(scale: Any) -> tuple[float, float]:
    pair = tuple(scale) if isinstance(scale, tuple | list) else ()
    if len(pair) != 2 or not all(isinstance(end, Real) for end in pair) or not pair[0] < pair[1]:
        raise ConfigError(f'scale={scale!r}: expected (lowest, highest), such as (1, 5), or "nps"')
    return float(pair[0]), float(pair[1])
