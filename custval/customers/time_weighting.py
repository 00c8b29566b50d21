"""Weight events by their age: windows, half-lives and decay rates."""
from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from .. import _core
from .._dates import DURATION, FIRST_DAY, MONTHS_IN, months_before
from ..errors import ConfigError

SPAN = re.compile(r"([1-9][0-9]{0,4})([DWMQY])")
MONTH = 365.25 / 12                             # days


class Age(NamedTuple):
    """A window of events that count, and their decay: a half-life, or a rate of decay a month."""

    window: str | None = None
    half_life: str | None = None
    decay: float | None = None                  # lost in a month of 365.25/12 days

    def __bool__(self) -> bool:
        return any(part is not None for part in self)

    def of(self, event: str) -> str:
        """Return the name of the column of the weighted event: ``last_12M_half_6M_amount``."""
        parts = zip(("last", "half", "decay"), self, strict=True)
        return "".join(f"{word}_{part}_" for word, part in parts if part is not None) + event

    def since(self, end: np.datetime64) -> np.datetime64:
        """Return the first day that counts; windows of months are calendar months, as in ``sales_1y``."""
        if self.window is None:
            return FIRST_DAY
        count, unit = _span(self.window)
        if unit in MONTHS_IN:
            return max(months_before(end, count * MONTHS_IN[unit]), FIRST_DAY)
        return end + np.timedelta64(1 - count * (7 if unit == "W" else 1), "D")

    def decayed(self, values: np.ndarray, day: np.ndarray, end: np.datetime64) -> np.ndarray:
        """Return values decayed by their age at the end of `end`; `day` counts from 1970-01-01, later ones get 0."""
        if self.half_life is None and self.decay is None:
            return values
        span, keep = (MONTH, 1 - self.decay) if self.decay is not None else (_days(self.half_life), 0.5)
        today = float(end.astype("M8[D]").astype(np.int64))
        age = np.maximum(today - day.astype(float), 0.0)
        return np.asarray(_core.decayed(values, age, span, keep))


def age_of(window: str | None = None, half_life: str | None = None, decay: float | None = None) -> Age:
    """Return an age from the settings of a rule, checked."""
    for name, value in (("window", window), ("half_life", half_life)):
        if value is not None and (not isinstance(value, str) or not SPAN.fullmatch(value)):
            raise ConfigError(f"{name} = {value!r}: expected a number and a unit of D W M Q Y, such as '12M' or '90D'")
    if half_life is not None and decay is not None:
        raise ConfigError("half_life and decay say the same thing: give one of them")
    if decay is not None and not (isinstance(decay, float) and 0 < decay < 1):
        raise ConfigError(f"decay = {decay!r}: expected a share between 0 and 1, such as 0.25 for a quarter a month")
    return Age(window, half_life, decay)


def _span(text: str | None) -> tuple[int, str]:
    match = SPAN.fullmatch(text or "")
    assert match is not None
    return int(match[1]), match[2]


def _days(half_life: str | None) -> float:
    count, unit = _span(half_life)
    units, days = DURATION[unit]
    return count * days / units
