"""Units of time as durations and as calendar periods; days as ISO dates. The machine's clock is never read.

A unit is one of ``h D W M Q Y``. As a duration a month is 365.25/12 days, a quarter three of them, a
year 365.25 days. As a period it is a piece of the calendar: ``Q-MAR`` and ``Y-MAR`` name the last month
of the fiscal year, ``W-MON`` the first day of the week (plain ``W`` is ``W-MON``, the ISO week). pandas
names the last day instead: its ``W-SUN`` is our ``W-MON``.

Retail calendars are periods only: ``445``, ``454`` and ``544`` cut each quarter of 13 weeks into periods of 4, 4 and 5
weeks, in the order of the digits. Weeks begin on Sunday, and a year ends on the Saturday nearest to the end of its
anchor month: plain ``454`` is ``454-JAN``, the calendar of the National Retail Federation. In a year of 53 weeks the
last period has one more. A year is named after the calendar year that has most of its days: ``FY2025P03`` of
``454-JAN`` begins on 2025-04-06.
"""
from __future__ import annotations

import datetime
import math
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from . import _core
from ._arrays import DateLike
from ._validation import in_short, setting, warn
from .errors import ConfigError, DataError

UNITS = ("h", "D", "W", "M", "Q", "Y")
PERIODS = UNITS[1:]                            # as calendar periods
RETAIL = {"445": (4, 4, 5), "454": (4, 5, 4), "544": (5, 4, 4)}               # weeks of the periods of a quarter
CALENDARS = (*PERIODS, *RETAIL)
SATURDAY = 2                                   # 1970-01-03, the first Saturday of the count of days
WORDS = dict(zip(UNITS, ("hour", "day", "week", "month", "quarter", "year"), strict=True))
DURATION = {"h": (24, 1), "D": (1, 1), "W": (1, 7), "M": (48, 1461), "Q": (16, 1461), "Y": (4, 1461)}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTHS_IN = {"M": 1, "Q": 3, "Y": 12}
FIRST_DAY = np.datetime64("0001-01-01", "D")
LAST_DAY = np.datetime64("9999-12-31", "D")
MOST_PERIODS = 100_000                         # of a count
MOST_COLUMNS = _core.MOST_DATES                # of a frame with a column or rows per period
MONDAY = 4                                     # 1970-01-05, the first Monday of the count of days


class Periods(NamedTuple):
    """Consecutive calendar periods: period k is the days ``edges[k] <= day < edges[k + 1]``."""

    edges: np.ndarray        # int32 days since 1970-01-01, one more than labels
    labels: list[str]
    stub: bool               # the first one is the rest of the period that contains `end`


def split_unit(unit: str, allowed: tuple[str, ...] = UNITS) -> tuple[str, str | None]:
    """Return the letter of a unit and its anchor: ``"Q-MAR"`` is ``("Q", "MAR")``."""
    letter, _, anchor = str(unit).partition("-")
    anchors = WEEKDAYS if letter == "W" else MONTHS if letter in ("Q", "Y", *RETAIL) else ()
    if not isinstance(unit, str) or letter not in allowed or (anchor and anchor not in anchors):
        what = "a duration only" if letter in UNITS and not anchor else "a calendar only" if letter in RETAIL else \
            "not known"
        near = next((u for u, word in WORDS.items() if str(unit).lower().removesuffix("s") in (word, u.lower())), "")
        meant = f"did you mean {near!r}? One" if near in allowed else "one"
        retail = "; or a retail calendar 445 454 544" if "445" in allowed else ""
        raise ConfigError(f"unit {in_short(unit)} is {what}: {meant} of {' '.join(u for u in allowed if u in UNITS)}, "
                          f"with an anchor such as W-MON, Q-MAR or Y-MAR{retail}")
    return letter, anchor or None


def duration(unit: str, per_day: int = 1) -> tuple[int, int]:
    """Return (num, den): a span of n ticks, `per_day` of them a day, is n * num / den units.

    Examples
    --------
    >>> duration("W"), duration("Y"), duration("D", per_day=24)
    ((1, 7), (4, 1461), (1, 24))
    """
    num, den = DURATION[split_unit(unit)[0]]
    shared = int(np.gcd(num, den * per_day))
    return num // shared, den * per_day // shared


def as_day(value: DateLike, name: str, zone: str | None = None) -> np.datetime64:
    """Return a date given as ISO 8601 text, date, datetime or datetime64 as its day.

    A time with a zone is converted to `zone`, that of the base, if it has one; else its own wall clock counts.
    """
    try:
        given = value.as_py() if hasattr(value, "as_py") else value                   # a scalar of pyarrow
        date = datetime.datetime.fromisoformat(given) if isinstance(given, str) else given
        if isinstance(date, datetime.datetime) and date.tzinfo is not None:
            date = date.astimezone(zone_named(zone) or date.tzinfo).replace(tzinfo=None)
        moment = np.datetime64(date, "us") if isinstance(date, datetime.date) else date
        day: np.datetime64 = moment.astype("M8[D]")[()]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError("outside the years 1 to 9999")
    except (ValueError, TypeError, AttributeError, OverflowError, KeyError) as error:
        raise DataError(f"{name}={in_short(value)} is not a day: pass an ISO 8601 date such as '1997-09-30', "
                        "a datetime.date or a numpy.datetime64") from error
    return day


def zone_named(zone: str | None) -> datetime.tzinfo | None:
    """Return the zone of a name or an offset such as ``UTC+01:00``; None for no zone and for names not known here."""
    offset = re.fullmatch(r"(?:UTC)?([+-]\d\d:?\d\d)", zone or "")
    if offset:
        return datetime.datetime.strptime(offset[1], "%z").tzinfo
    try:
        return ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset(letter: str, anchor: str | None) -> int:
    """Return the months from the end of the anchored fiscal year to the end of the calendar year."""
    return 12 - (MONTHS.index(anchor) + 1 if anchor else 12)


def period_of(day: np.datetime64, unit: str) -> int:
    """Return the running number of the period that contains `day`."""
    letter, anchor = split_unit(unit, CALENDARS)
    days = int(day.astype("M8[D]").astype(np.int64))
    if letter in RETAIL:
        year = int(day.astype("M8[Y]").astype(np.int64)) + 1971
        while (start := int(_retail_years(np.array(year), anchor))) > days:
            year -= 1
        return year * 12 + int(np.searchsorted(_weeks_before(letter), (days - start) // 7, "right")) - 1
    if letter in MONTHS_IN:
        months = int(day.astype("M8[M]").astype(np.int64)) + 1970 * 12
        return (months + _offset(letter, anchor)) // MONTHS_IN[letter]
    if letter == "W":
        return (days - MONDAY - WEEKDAYS.index(anchor or "MON")) // 7
    return days


def period_starts(numbers: np.ndarray, unit: str) -> np.ndarray:
    """Return the first day of each numbered period as datetime64[D]."""
    letter, anchor = split_unit(unit, CALENDARS)
    if letter in RETAIL:
        days = _retail_years(numbers // 12, anchor) + 7 * _weeks_before(letter)[numbers % 12]
        return np.asarray(days.astype("M8[D]"))
    if letter in MONTHS_IN:
        months = numbers * MONTHS_IN[letter] - _offset(letter, anchor) - 1970 * 12
        return months.astype("M8[M]").astype("M8[D]")
    if letter == "W":
        numbers = numbers * 7 + MONDAY + WEEKDAYS.index(anchor or "MON")
    return numbers.astype("M8[D]")


def _retail_years(years: np.ndarray, anchor: str | None) -> np.ndarray:
    """Return the first day of retail years, a Sunday, since 1970-01-01."""
    month = MONTHS.index(anchor or "JAN") + 1
    ends = years - 1 + (month < 6)                        # the calendar year in which the year before ends
    last = ((ends - 1970) * 12 + month).astype("M8[M]").astype("M8[D]").astype(np.int64) - 1
    return np.asarray(last + (SATURDAY - last + 3) % 7 - 3 + 1)


def _weeks_before(letter: str) -> np.ndarray:
    """Return the weeks of a retail year before each of its periods."""
    return np.cumsum((0, *RETAIL[letter] * 4))[:12]


def short(unit: str) -> str:
    """Return the letter of a calendar period, as it stands after a number of them; P for one of a retail calendar."""
    letter = split_unit(unit, CALENDARS)[0]
    return "P" if letter in RETAIL else letter


def _label(number: int, start: np.datetime64, unit: str) -> str:
    letter, anchor = split_unit(unit, CALENDARS)
    if letter in RETAIL:
        return f"FY{number // 12:04d}P{number % 12 + 1:02d}"
    if letter == "Q":
        return f"{number // 4:04d}Q{number % 4 + 1}"
    if letter == "Y":
        return f"{number:04d}"
    if letter == "M":
        return str(start.astype("M8[M]"))
    if letter == "W" and anchor in (None, "MON"):
        year, week, _ = start.astype(datetime.date).isocalendar()
        return f"{year}-W{week:02d}"
    return str(start)


def _edges(first: int, last: int, unit: str) -> np.ndarray:
    """Return the edges (int32 days) of numbered periods."""
    if first < period_of(FIRST_DAY, unit) or last > period_of(LAST_DAY, unit):
        raise ConfigError(f"{last - first + 1:,} periods of {unit} reach out of the years 1 to 9999; pass fewer, or "
                          "end= to CustomerBase if its last day is wrong")
    return period_starts(np.arange(first, last + 2), unit).astype(np.int64).astype(np.int32)


def numbered_periods(first: int, last: int, unit: str) -> tuple[np.ndarray, list[str]]:
    """Return the edges and the labels of numbered periods."""
    edges = _edges(first, last, unit)
    starts = edges[:-1].astype(np.int64).astype("M8[D]")
    return edges, [_label(first + k, start, unit) for k, start in enumerate(starts)]


def past_periods(end: np.datetime64, periods: int, unit: str) -> Periods:
    """Return the last `periods` periods up to the one that contains `end`, cut after `end`.

    Examples
    --------
    >>> past_periods(np.datetime64("2025-11-15"), 3, "Q").labels
    ['2025Q2', '2025Q3', '2025Q4']
    """
    refuse_more_columns(counted(periods), unit)
    return periods_to(end, periods, unit)


def periods_to(end: np.datetime64, periods: int, unit: str) -> Periods:
    """Return the periods of `past_periods`, of which a frame need not have a column each."""
    running = period_of(end, unit)
    edges, labels = numbered_periods(running - periods + 1, running, unit)
    edges[-1] = end.astype(np.int64) + 1
    return Periods(edges, labels, False)


def refuse_more_columns(periods: int, unit: str, span: str = "") -> None:
    """Raise for more periods than a frame has columns."""
    if periods > MOST_COLUMNS:
        remedy = "periods=, a longer unit, or end= to CustomerBase if the last days are wrong" if span else \
            "fewer, or a longer unit"
        raise ConfigError(f"{span}{periods:,} periods of {unit}: at most {MOST_COLUMNS:,}; pass {remedy}")


def whole_periods(first: np.datetime64, end: np.datetime64, unit: str) -> np.ndarray:
    """Return the edges (int32 days) of the complete periods from that of `first` up to the day `end`.

    Examples
    --------
    >>> whole_periods(np.datetime64("2023-05-05"), np.datetime64("2025-12-30"), "Y").astype("M8[D]").tolist()
    [datetime.date(2023, 1, 1), datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)]
    """
    last = period_of(end, unit)
    edges = _edges(last - periods_since(first, end, unit) + 1, last, unit)
    edges[-1] = end.astype(np.int64) + 1
    running = grain_ends(end, unit)[1] > end
    return edges[:-1] if running else edges


def next_periods(end: np.datetime64, periods: int, unit: str) -> Periods:
    """Return the next `periods` whole periods after `end`, preceded by the rest of the running one, if any.

    Examples
    --------
    >>> next_periods(np.datetime64("2025-11-15"), 2, "Q").labels
    ['rest of 2025Q4', '2026Q1', '2026Q2']
    >>> next_periods(np.datetime64("2025-12-31"), 2, "Q").labels
    ['2026Q1', '2026Q2']
    """
    refuse_more_columns(counted(periods), unit)
    running = period_of(end, unit)
    edges, labels = numbered_periods(running, running + periods, unit)
    tomorrow = end.astype(np.int64) + 1
    if edges[1] == tomorrow:
        return Periods(edges[1:], labels[1:], False)
    edges[0] = tomorrow
    return Periods(edges, ["rest of " + labels[0], *labels[1:]], True)


def periods_since(first: np.datetime64, end: np.datetime64, unit: str) -> int:
    """Return the number of periods from the one of `first` to the one of `end`."""
    periods = period_of(end, unit) - period_of(first, unit) + 1
    if periods > MOST_PERIODS:
        raise ConfigError(f"from {first} to {end} there are {periods:,} periods of {unit}, more than {MOST_PERIODS:,}; "
                          "pass periods=, a longer unit, or end= to CustomerBase if the last days are wrong")
    return periods


def columns_since(first: np.datetime64, end: np.datetime64, unit: str) -> int:
    """Return the number of periods from the one of `first` to the one of `end`, as columns of a frame."""
    periods = period_of(end, unit) - period_of(first, unit) + 1
    refuse_more_columns(periods, unit, f"from {first} to {end} there are ")
    return periods


def grain_ends(day: np.datetime64, grain: str) -> tuple[np.datetime64, np.datetime64]:
    """Return the last day of the grain before the one that contains `day`, and of that one."""
    grain = "D" if split_unit(grain, (*UNITS, *RETAIL))[0] == "h" else grain               # days never split an hour
    number = period_of(day, grain)
    before, at = period_starts(np.array([number, number + 1]), grain) - np.timedelta64(1, "D")
    return before, at


def grain_edges(first: np.datetime64, last: np.datetime64, grain: str) -> np.ndarray:
    """Return the edges (int32 days) of every period of `grain` from `first` to `last`, both included."""
    return _edges(period_of(first, grain), period_of(last, grain), grain)


def months_before(end: np.datetime64, months: int) -> np.datetime64:
    """Return the first day of the `months` calendar months that end with the day `end`, included."""
    after = end + np.timedelta64(1, "D")
    month = after.astype("M8[M]") - np.timedelta64(months, "M")
    day = after - after.astype("M8[M]").astype("M8[D]")
    return min(month.astype("M8[D]") + day, (month + 1).astype("M8[D]"))      # no 29th there: the 1st that follows


def ahead(day: np.datetime64, count: int, unit: str) -> np.datetime64:
    """Return the last day of the `count` days, weeks, months, quarters or years that follow `day`.

    Examples
    --------
    >>> ahead(np.datetime64("2024-01-31"), 1, "M"), ahead(np.datetime64("2024-01-31"), 2, "W")
    (np.datetime64('2024-02-29'), np.datetime64('2024-02-14'))
    """
    if unit not in MONTHS_IN:
        return day + np.timedelta64(count * (7 if unit == "W" else 1), "D")
    return months_before(day, -count * MONTHS_IN[unit]) - np.timedelta64(1, "D")


def annual(discount: float, endless: bool, horizon: str) -> float:
    """Return an effective annual rate; raise if a discount can be none, and warn where it looks like percent."""
    rate = setting(discount)
    if rate is None or rate < 0 or (rate == 0 and endless):
        raise ConfigError(f"discount={in_short(discount)}: an effective annual rate is 0 or more, and above 0 without "
                          f"{horizon}")
    if rate > 1:
        warn(f"discount={rate:g} is {rate:.0%} a year: pass an effective annual rate; 10 % is 0.10")
    return rate


def continuous(discount: float, unit: str | None, model: str, endless: bool) -> float:
    """Return the continuous rate per `unit` of an effective annual one; a year is 365.25 days."""
    if unit is None:
        raise ConfigError(f"{model} has no unit, so an annual rate cannot be converted: pass unit= to the model")
    rate = annual(discount, endless, "t")
    in_years, one = duration("Y"), duration(unit)
    return float(math.log1p(rate) * in_years[0] * one[1] / (in_years[1] * one[0]))


def counted(periods: int, name: str = "periods") -> int:
    """Return a number of periods, checked."""
    if isinstance(periods, bool) or not isinstance(periods, int | np.integer) or not 1 <= periods <= MOST_PERIODS:
        raise ConfigError(f"{name}={periods!r}: pass a whole number from 1 to {MOST_PERIODS:,}")
    return int(periods)
