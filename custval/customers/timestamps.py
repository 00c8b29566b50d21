"""Read a column of times as integer ticks: days, or hours, since 1970-01-01 by local wall time.

Naive times are wall time. Aware times are converted to `tz`, or stay in their own zone if they share one.
Text is ISO 8601, or as `time_format` says. The result does not depend on the clock, the zone or the language
of the machine, and no format is guessed.
"""
from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from .. import _core
from .._arrays import Table
from .._core import NO_TICK
from .._dates import FIRST_DAY, LAST_DAY, MONTHS
from .._ids import distinct, is_missing
from .._row_report import FIX, Finding, shorten, time_remedy
from ..errors import ConfigError, DataError

PER_DAY = {"D": 1, "h": 24, "m": 1440, "s": 86_400, "ms": 86_400_000, "us": 86_400_000_000,
           "ns": 86_400_000_000_000}
ISO = re.compile(r"(\d{4}-\d\d-\d\d|\d{8})([T ].+)?", re.ASCII)
_NAMES = "|".join(MONTHS)
_LONG = "JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
DIRECTIVES = {"Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d\d)", "m": r"(?P<m>\d\d?)", "b": f"(?P<b>{_NAMES})",
              "B": f"(?P<b>{_LONG})", "d": r"(?P<d>\d\d?)", "H": r"(?P<H>\d\d?)", "I": r"(?P<I>\d\d?)",
              "p": "(?P<p>AM|PM)", "M": r"(?P<M>\d\d?)", "S": r"(?P<S>\d\d?)", "f": r"(?P<f>\d{1,6})",
              "z": r"(?P<z>Z|[+-]\d\d:?\d\d)", "%": "%"}


TimeFormat: TypeAlias = str | Sequence[str]


class Times(NamedTuple):
    """A column of times that was read: int32 ticks, `NO_TICK` where there is none, their zone, and findings."""

    tick: np.ndarray
    zone: str | None                                      # None for naive times
    findings: list[Finding]


def read_times(opened: Table, name: str, argument: str = "time", *, hours: bool = False, tz: str | None = None,
               time_format: TimeFormat | None = None) -> Times:
    """Read a column in which every row has a time."""
    wall, codes, zone = _walls(opened, name, tz, time_format)
    tick = _cut(wall, hours)
    tick = tick if codes is None else tick[codes]
    return Times(tick, zone, bad_times(opened, name, tick, argument))


def read_dates(opened: Table, name: str, argument: str, *, missing: int, tz: str | None = None,
               time_format: TimeFormat | None = None, fix: str = FIX) -> tuple[np.ndarray, np.ndarray, list[Finding]]:
    """Read a column of days with gaps; return int32 days, `missing` in the gaps, a mask of the gaps, and findings."""
    day = read_times(opened, name, tz=tz, time_format=time_format).tick
    gap = np.array([is_missing(v) or v == "" for v in opened.array(name).tolist()], bool)
    known = opened.missing(name)
    gap = gap if known is None else gap | known
    found = bad_times(opened, name, np.where(gap, 0, day), argument, fix)
    return np.where(gap, missing, day).astype(np.int32), gap, found


def read_walls(opened: Table, name: str) -> tuple[np.ndarray, Times]:
    """Read a column of times as datetime64[us] by the wall clock, beside their days."""
    wall, codes, zone = _walls(opened, name, None, None)
    wall = wall if codes is None else wall[codes]
    tick = _cut(wall, False)
    return wall.astype("M8[us]"), Times(tick, zone, bad_times(opened, name, tick))


def bad_times(opened: Table, name: str, tick: np.ndarray, argument: str = "time", fix: str = FIX) -> list[Finding]:
    """Return the finding that values are not dates of the years 1 to 9999, if any are not."""
    if tick.min(initial=0) > NO_TICK:
        return []
    rows = np.flatnonzero(tick == NO_TICK)
    remedy = time_remedy(opened.array(name)[rows[:100]], fix)
    return [Finding(name, f"{argument} not a date", "are not dates", rows, remedy)]


def _walls(opened: Table, name: str, tz: str | None,
           time_format: TimeFormat | None) -> tuple[np.ndarray, np.ndarray | None, str | None]:
    """Return the distinct times, each row's place among them (None if every row has its own), and their zone."""
    zone_of(tz)
    wall = opened.wall_times(name, tz)
    if wall is not None:
        return wall[0], None, wall[1]
    codes, values = distinct(opened, name)
    if not all(isinstance(v, str) or is_missing(v) for v in values):
        values = opened.array(name)                       # equal moments may differ in zone
        codes = np.arange(len(values))
    read = _reader(name, time_format)
    moments = [read(value) for value in values]
    naive, zone = _local(name, moments, tz, lambda k: f"row {int((codes == k).argmax()):,}")
    return np.array(naive, "M8[us]"), codes, zone


def zone_of(tz: str | None) -> ZoneInfo | None:
    """Return the zone named `tz`."""
    try:
        return None if tz is None else ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise ConfigError(f"tz={tz!r} is not a time zone; pass a name such as 'Europe/London'") from error


def _cut(wall: np.ndarray, hours: bool) -> np.ndarray:
    unit, step = np.datetime_data(wall.dtype)
    if step != 1 or unit not in PER_DAY or (hours and unit == "D"):
        unit = "h" if hours else "D"
        wall = wall.astype(f"M8[{unit}]")
    per_day = PER_DAY["h"] if hours else 1
    first, last = (int(day.astype(np.int64)) * per_day for day in (FIRST_DAY, LAST_DAY))
    whole = np.ascontiguousarray(wall.astype(wall.dtype.newbyteorder("="), copy=False)).view(np.int64)
    return _core.ticks(whole, PER_DAY[unit] // per_day, first, last + per_day - 1)


def _reader(name: str, time_format: TimeFormat | None) -> Callable[[Any], datetime.datetime | None]:
    pattern = None if time_format is None else _pattern(str(time_format))

    def read(value: Any) -> datetime.datetime | None:
        if is_missing(value):
            return None
        if isinstance(value, str):
            return _iso(value) if pattern is None else _formatted(pattern.fullmatch(value))
        if isinstance(value, np.datetime64):
            value = value.astype("M8[us]").item()
        if isinstance(value, datetime.datetime):
            return value
        if isinstance(value, datetime.date):
            return datetime.datetime(value.year, value.month, value.day)
        raise DataError(f"column {name!r} holds {type(value).__name__} values such as {shorten(value)}; a time "
                        "is a date, a datetime, datetime64 or text (ISO 8601, or any that time_format= describes). "
                        "Convert the column first, so that nothing is guessed")

    return read


def _iso(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text) if ISO.fullmatch(text) else None
    except ValueError:
        return None


def _pattern(time_format: str) -> re.Pattern[str]:
    parts = re.split("%(.?)", time_format, flags=re.DOTALL)
    try:
        found = "".join(DIRECTIVES[p] if k % 2 else re.escape(p) for k, p in enumerate(parts))
        pattern = re.compile(found, re.ASCII | re.IGNORECASE)
    except (KeyError, re.error) as error:
        raise ConfigError(f"time_format={time_format!r}: use each of %{' %'.join(DIRECTIVES)} at most once; "
                          "directives that depend on the language of the machine are not read") from error
    if not {"Y", "y"} & set(pattern.groupindex) or not {"m", "b"} & set(pattern.groupindex):
        raise ConfigError(f"time_format={time_format!r} has no year or no month")
    return pattern


def _formatted(match: re.Match[str] | None) -> datetime.datetime | None:
    if match is None:
        return None
    found = match.groupdict()
    year = int(found.get("Y") or 0) or int(found["y"]) + (1900 if int(found["y"]) > 68 else 2000)
    month = int(found.get("m") or 0) or MONTHS.index(found["b"][:3].upper()) + 1
    hour = int(found.get("H") or found.get("I") or 0)
    if found.get("p"):
        hour = hour % 12 + (12 if found["p"].upper() == "PM" else 0)
    zone = found.get("z")
    try:
        wall = datetime.datetime(year, month, int(found.get("d") or 1), hour, int(found.get("M") or 0),
                                 int(found.get("S") or 0), int((found.get("f") or "0").ljust(6, "0")))
        return wall if not zone else datetime.datetime.fromisoformat(wall.isoformat() + zone.upper())
    except ValueError:
        return None


def _local(name: str, moments: list[datetime.datetime | None], tz: str | None,
           place: Callable[[int], str]) -> tuple[list[datetime.datetime | None], str | None]:
    """Return wall times without zone, and the name of their one zone."""
    first: dict[str, int] = {}                          # each zone and the first moment in it; "" is none
    for k, moment in enumerate(moments):
        if moment is not None:
            first.setdefault(str(moment.tzinfo or ""), k)
    if set(first) <= {""}:
        return moments, None
    shown = ", ".join(f"{zone or 'none'} in {place(k)}" for zone, k in list(first.items())[:4])
    if "" in first:
        raise DataError(f"column {name!r} mixes times with and without a zone: {shown}\n"
                        "  Give all of them a zone, or none.")
    if tz is None and len(first) > 1:
        raise DataError(f"column {name!r} mixes zones: {shown}\n"
                        "  Pass tz= to say in which zone days are cut, such as tz='Europe/London'.")
    zone = zone_of(tz)
    walls = [m if m is None else (m.astimezone(zone) if zone else m).replace(tzinfo=None) for m in moments]
    return walls, tz or next(iter(first))
