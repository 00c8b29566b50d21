"""Read a column of times as integer ticks: days, or hours, since 1970-01-01 by local wall time.

Naive times are wall time. Aware times are converted to `tz`, or stay in their own zone if they share one.
Text is ISO 8601, or as `time_format` says; numbers are dates such as 20250131 or counts of time, and need one. The
result does not depend on the clock, the zone or the language of the machine, and no format is guessed.
"""
from __future__ import annotations

import datetime
import functools
import math
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
from .._row_report import FIX, Finding, shorten, time_formats, time_remedy
from .._validation import in_short
from ..errors import ConfigError, DataError

PER_DAY = {"D": 1, "h": 24, "m": 1440, "s": 86_400, "ms": 86_400_000, "us": 86_400_000_000,
           "ns": 86_400_000_000_000}
MOST_FORMATS = 4                                          # that are advised together
ISO8601 = "ISO8601"                                       # as an entry of a list of formats
LOCAL = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+)?", re.ASCII)
ISO = re.compile(r"(\d{4}-\d\d-\d\d|\d{8})([T ].+?)?( ?(?:UTC|GMT|Z)| (?=[+-]\d\d:?\d\d$)[+-].*)?", re.ASCII)
SINCE = re.compile("(day|hour|minute|second|millisecond|microsecond)s since (.+)")       # as in the CF conventions
MICROSECONDS = {"day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000,
                "millisecond": 1_000, "microsecond": 1}
MOST_MICROSECONDS = 4e17                                  # beyond the years 1 to 9999 from any day in them
_NAMES = "|".join(MONTHS)
_LONG = "JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
DIRECTIVES = {"Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d\d)", "m": r"(?P<m>\d\d?)", "b": f"(?P<b>{_NAMES})",
              "B": f"(?P<b>{_LONG})", "d": r"(?P<d>\d\d?)", "H": r"(?P<H>\d\d?)", "I": r"(?P<I>\d\d?)",
              "p": "(?P<p>AM|PM)", "M": r"(?P<M>\d\d?)", "S": r"(?P<S>\d\d?)", "f": r"(?P<f>\d{1,9})",
              "z": r"(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d)", "%": "%"}
NUMBERS = (int, float, np.integer, np.floating)
LENGTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2}


TimeFormat: TypeAlias = str | Sequence[str]


_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y",
          "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%Y年%m月%d日", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y",
          "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d")
_MONTHS = ("%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y", "%Y年%m月", "%b %Y", "%b-%Y", "%b-%y", "%B %Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S %z", " %H:%M %z", "T%H:%M:%S", ", %H:%M",
           " %H:%M:%S.%f")


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
    return Times(tick, zone, bad_times(opened, name, tick, argument, time_format=time_format))


def read_dates(opened: Table, name: str, argument: str, *, missing: int, tz: str | None = None,
               time_format: TimeFormat | None = None,
               fix: str = FIX) -> tuple[np.ndarray, np.ndarray, list[Finding]]:
    """Read a column of days with gaps; return int32 days, `missing` in the gaps, a mask of the gaps, and findings."""
    day = read_times(opened, name, tz=tz, time_format=time_format).tick
    gap = np.array([is_missing(v) or v == "" for v in opened.array(name).tolist()], bool)
    known = opened.missing(name)
    gap = gap if known is None else gap | known
    found = bad_times(opened, name, np.where(gap, 0, day), argument, fix, time_format)
    return np.where(gap, missing, day).astype(np.int32), gap, found


def read_walls(opened: Table, name: str) -> tuple[np.ndarray, Times]:
    """Read a column of times as datetime64[us] by the wall clock, beside their days."""
    wall, codes, zone = _walls(opened, name, None, None)
    wall = wall if codes is None else wall[codes]
    tick = _cut(wall, False)
    return wall.astype("M8[us]"), Times(tick, zone, bad_times(opened, name, tick))


def bad_times(opened: Table, name: str, tick: np.ndarray, argument: str = "time", fix: str = FIX,
              time_format: TimeFormat | None = None) -> list[Finding]:
    """Return the finding that values are not dates of the years 1 to 9999, if any are not."""
    if tick.min(initial=0) > NO_TICK:
        return []
    rows = np.flatnonzero(tick == NO_TICK)
    return [Finding(name, f"{argument} not a date", "are not dates", rows,
                    _remedy(opened.array(name)[rows[:100]].tolist(), fix, _formats(time_format)))]


def _remedy(values: list[Any], fix: str, formats: tuple[str, ...]) -> str:
    """Return what to do about values that are not dates: never to pass what was passed already."""
    texts = [value for value in values if isinstance(value, str)]
    fitting = [text for text in texts for form in formats or (ISO8601,) if _fits(text, form)]
    if fitting:
        return f"There is no such day as {shorten(fitting[0])}. {fix}"
    if formats and texts and all(_iso(text) for text in texts):
        return f"{fix[:-1]}, or time_format={[*formats, ISO8601]!r} if both occur."
    filled = [text for text in texts if text.strip()]
    several = _cover(filled, formats)
    if len(several) > 1:
        return f"{fix[:-1]}, or time_format={several!r} if these occur."
    likely = time_formats(texts) or formats_of(filled)
    return time_remedy([form for form in likely if form not in formats and form != ISO8601], fix)


def _cover(texts: list[str], formats: tuple[str, ...]) -> list[str]:
    """Return the formats given with those that read the other texts; [] where one of them has no format, or several."""
    found, rest = list(formats) if texts else [], texts
    while rest:
        more = [form for form in formats_of(rest) or formats_of(rest[:1]) if form not in found]
        if len(more) != 1 or len(found) == MOST_FORMATS:
            return []
        found.append(more[0])
        rest = [text for text in rest if not (_iso(text) if more[0] == ISO8601 else _by_pattern(more[0])(text))]
    return found


def formats_of(values: list[Any]) -> list[str]:
    """Return ISO8601 alone, or the usual formats that read each of the values, text or whole numbers."""
    texts = [str(int(value)) if isinstance(value, NUMBERS) and value == value // 1 else value for value in values]
    if not texts or not all(isinstance(text, str) for text in texts):
        return []
    numbers = not isinstance(values[0], str)
    if not numbers and all(_iso(text) for text in texts):
        return [ISO8601]
    forms = ["%Y%m%d"] if numbers else [*_MONTHS, *(date + clock for date in _DATES for clock in _CLOCKS)]
    for text in texts:
        forms = [form for form in forms if _formatted(_pattern(form).fullmatch(text))]
        if not forms:
            break
    return forms


def _fits(text: str, form: str) -> bool:
    """Return whether a text that is no time has the form of one, with a day that does not exist."""
    if form == ISO8601:
        match = ISO.fullmatch(text)
        return match is not None and _iso(match[1]) is None
    return SINCE.fullmatch(form) is None and _pattern(form).fullmatch(text) is not None


def _formats(time_format: TimeFormat | None) -> tuple[str, ...]:
    if time_format is None or isinstance(time_format, str):
        return () if time_format is None else (time_format,)
    if not isinstance(time_format, list | tuple) or not all(isinstance(form, str) for form in time_format):
        raise ConfigError(f"time_format={in_short(time_format)}: pass a format such as '%d/%m/%Y', or a list of them")
    return tuple(time_format)


def _walls(opened: Table, name: str, tz: str | None,
           time_format: TimeFormat | None) -> tuple[np.ndarray, np.ndarray | None, str | None]:
    """Return wall times, the one of each row (None: a time per row), and their zone."""
    zone_of(tz)
    wall = opened.wall_times(name, tz)
    if wall is not None:
        return wall[0], None, wall[1]
    formats = _formats(time_format)
    since = [match for form in formats if (match := SINCE.fullmatch(form))]
    if since:
        if len(formats) > 1:
            raise ConfigError(f"time_format={time_format!r}: a count of time such as {since[0][0]!r} stands alone")
        return _counted(opened, name, since[0], tz)
    codes, values = distinct(opened, name)
    if not all(isinstance(v, (str, *NUMBERS)) or is_missing(v) for v in values):
        values = opened.array(name)                       # equal moments may differ in zone
        codes = np.arange(len(values))
    read = _reader(name, formats)
    moments = [read(value) for value in values]
    naive, zone = _local(name, moments, tz, lambda k: f"row {int((codes == k).argmax()):,}")
    return np.array(naive, "M8[us]"), codes, zone


def _counted(opened: Table, name: str, since: re.Match[str], tz: str | None) -> tuple[np.ndarray, None, str | None]:
    """Return the wall times of a column of numbers that count time since a moment."""
    origin = _iso(since[2]) or _iso(since[2].replace(" ", "T00:00 ", 1))          # a day with a zone
    if origin is None:
        raise ConfigError(f"time_format={since[0]!r}: {since[2]!r} is no date or time (ISO 8601)")
    whole, count = opened.whole_numbers(name), opened.array(name)
    if count.dtype.kind not in "fiu":
        raise DataError(f"column {name!r} holds {count.dtype} values, and time_format={since[0]!r} counts with numbers")
    unit, missing = MICROSECONDS[since[1]], opened.missing(name)
    with np.errstate(all="ignore"):
        known = np.abs(count.astype(np.float64) * unit) < MOST_MICROSECONDS          # NaN is not
    known = known if missing is None else known & ~missing
    exact = whole if whole is not None else np.rint(np.where(known, count, 0) * unit)
    steps = np.where(known, exact, 0).astype(np.int64) * (unit if whole is not None else 1)
    start = np.datetime64(origin.replace(tzinfo=None), "us")
    wall = np.where(known, start + steps.astype("m8[us]"), np.datetime64("NaT", "us"))
    if origin.tzinfo is None:
        return wall, None, None
    inside = (wall >= FIRST_DAY) & (wall < LAST_DAY)
    moments = [None if value is None else value.replace(tzinfo=origin.tzinfo)
               for value in np.where(inside, wall, np.datetime64("NaT", "us")).tolist()]
    naive, zone = _local(name, moments, tz, lambda k: f"row {k:,}")
    return np.array(naive, "M8[us]"), None, zone


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


def _reader(name: str, formats: tuple[str, ...]) -> Callable[[Any], datetime.datetime | None]:
    readers = [_iso if form == ISO8601 else _by_pattern(form) for form in formats or (ISO8601,)]
    lengths = [sum(LENGTHS[d] for d in form[1::2]) if re.fullmatch("(%[YymdHIMS])+", form) else 0 for form in formats]

    def text(value: str) -> datetime.datetime | None:
        found = [moment for read in readers if (moment := read(value)) is not None]
        if any(moment != found[0] for moment in found):
            raise DataError(f"column {name!r}: {shorten(value)} is {' or '.join(sorted({str(m) for m in found}))}, by "
                            f"the formats {', '.join(map(repr, formats))}\n  Pass formats of which one fits a value.")
        return found[0] if found else None

    read_text = readers[0] if len(readers) == 1 else text

    def read(value: Any) -> datetime.datetime | None:
        if isinstance(value, str):
            return read_text(value)
        if is_missing(value):
            return None
        if isinstance(value, np.datetime64):
            value = value.astype("M8[us]").item()
        if isinstance(value, datetime.datetime):
            return value
        if isinstance(value, datetime.date):
            return datetime.datetime(value.year, value.month, value.day)
        if formats and _is_number(value) and value == value // 1:
            return next((moment for size in lengths if (moment := read_text(str(int(value)).zfill(size)))), None)
        raise DataError(f"column {name!r} holds {type(value).__name__} values such as {shorten(value)}; a time "
                        "is a date, a datetime, datetime64 or text (ISO 8601, or any that time_format= describes). "
                        "Convert the column first, so that nothing is guessed" + _number_remedy(value))

    return read


def _is_number(value: Any) -> bool:
    """Return whether a value is a number; a span of NumPy derives from its integers."""
    return isinstance(value, NUMBERS) and not isinstance(value, bool | np.timedelta64)


def _number_remedy(value: Any) -> str:
    """Return the format that a number may mean."""
    if hasattr(value, "to_timestamp"):
        return "\n  A Period of pandas is its first day with .dt.to_timestamp()."
    if not _is_number(value) or not 0 <= value < math.inf:
        return ""
    size = len(str(int(value)))
    likely = ("%Y%m%d" if size == 8 and _iso(str(int(value))) else "days since 1899-12-30" if 30_000 < value < 60_000
              else "seconds since 1970-01-01 UTC" if size in (9, 10) else
              "milliseconds since 1970-01-01 UTC" if size in (12, 13) else
              "microseconds since 1970-01-01 UTC" if size in (15, 16) else
              "%Y%m" if size == 6 and 1 <= int(value) % 100 <= 12 and int(value) < 210_000 else
              "days since 2025-01-01" if size < 7 else "")
    if size in (18, 19):
        return "\n  If these are nanoseconds since 1970, pandas.to_datetime(column, utc=True) converts them."
    return f"\n  Pass time_format={likely!r} if that is meant." if likely else ""


def _iso(text: str) -> datetime.datetime | None:
    try:
        if LOCAL.fullmatch(text):
            return datetime.datetime.fromisoformat(text)
        match = ISO.fullmatch(text)
        if match is None or (match[3] and not match[2]):
            return None
        zone = (match[3] or "").strip()
        return datetime.datetime.fromisoformat(
            match[1] + (match[2] or "") + ("+00:00" if zone in ("UTC", "GMT", "Z") else zone))
    except ValueError:
        return None


def _by_pattern(form: str) -> Callable[[str], datetime.datetime | None]:
    pattern = _pattern(form)
    return lambda text: _formatted(pattern.fullmatch(text))


@functools.cache
def _pattern(time_format: str) -> re.Pattern[str]:
    parts = re.split("%(.?)", time_format, flags=re.DOTALL)
    try:
        found = "".join(_directive(parts, k) if k % 2 else re.escape(part) for k, part in enumerate(parts))
        pattern = re.compile(found, re.ASCII | re.IGNORECASE)
    except (KeyError, re.error) as error:
        raise ConfigError(f"time_format={time_format!r}: use each of %{' %'.join(DIRECTIVES)} at most once; "
                          "directives that depend on the language of the machine are not read") from error
    if not {"Y", "y"} & set(pattern.groupindex) or not {"m", "b"} & set(pattern.groupindex):
        raise ConfigError(f"time_format={time_format!r} has no year or no month")
    return pattern


def _directive(parts: list[str], k: int) -> str:
    """Return the pattern of a directive; numbers without a sign between them have two digits."""
    beside = (parts[k - 1] == "" and k > 1) or (parts[k + 1] == "" and k + 2 < len(parts))
    return DIRECTIVES[parts[k]].replace(r"\d\d?", r"\d\d") if beside else DIRECTIVES[parts[k]]


def _formatted(match: re.Match[str] | None) -> datetime.datetime | None:
    if match is None:
        return None
    found = match.groupdict()
    year = int(found.get("Y") or found["y"]) + (0 if found.get("Y") else 1900 if int(found["y"]) > 68 else 2000)
    month = int(found["m"]) if found.get("m") else MONTHS.index(found["b"][:3].upper()) + 1
    hour = int(found.get("H") or found.get("I") or 0)
    if found.get("p"):
        hour = hour % 12 + (12 if found["p"].upper() == "PM" else 0)
    zone = found.get("z")
    try:
        wall = datetime.datetime(year, month, int(found.get("d") or 1), hour, int(found.get("M") or 0),
                                 int(found.get("S") or 0), int((found.get("f") or "0").ljust(6, "0")[:6]))
        zone = "+00:00" if (zone or "").upper() in ("Z", "UTC", "GMT") else zone
        return wall if not zone else datetime.datetime.fromisoformat(wall.isoformat() + zone)
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
