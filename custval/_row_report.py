"""Report invalid rows with column, row, customer and remedy, or drop and count them."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from ._formatting import many
from ._validation import SHOWN, warn
from .errors import DataError

FIX = 'Correct these rows, or pass missing="drop" to leave them out and count them.'
CLOCK = r"(?P<minute> \d\d?:\d\d)?(?P<second>:\d\d)?"


class Rows(NamedTuple):
    """Account of the rows of a log: ``read == used + merged + sum(dropped.values())``.

    The first row of a customer in a grain is used, further ones in the same grain are merged into it.
    """

    read: int
    used: int
    merged: int
    dropped: dict[str, int]


class Finding(NamedTuple):
    """Rows of one column with one defect."""

    column: str
    reason: str                # as counted: "amount not finite"
    words: str                 # as reported: "are not finite numbers"
    rows: np.ndarray           # their numbers, ascending, from 0
    remedy: str


def warn_unmatched(what: str, unknown: list[Any], rows: int, known: object) -> None:
    """Warn that rows belong to customers that the base does not have, with an id of either side."""
    if unknown:
        who, one = many(len(set(unknown)), "customer"), len(unknown) == 1
        warn(f"{what}: {len(unknown):,} of {many(rows, 'row')} {'belongs' if one else 'belong'} to {who} without any "
             f"order and {'is' if one else 'are'} excluded. "
             f"Such an id is {shorten(unknown[0])}, the base has {shorten(known)}")


def message(findings: list[Finding], rows: int, value: Callable[[str, int], Any],
            about: Callable[[int], str]) -> str:
    """Return the text of a DataError: a block per column, with its first rows and a remedy."""
    blocks = []
    for found in findings:
        count = len(found.rows)
        blocks.append(f"column {found.column!r}: {count:,} of {rows:,} values {found.words}")
        shown = [(f"{r:,}", shorten(value(found.column, r)), about(r)) for r in found.rows[:SHOWN].tolist()]
        wide, long = (max(len(line[k]) for line in shown) for k in (0, 1))
        blocks += [f"  row {r:<{wide}}   {v:<{long}}   {who}".rstrip() for r, v, who in shown]
        blocks += [f"  and {count - SHOWN:,} more"] if count > SHOWN else []
        blocks.append(f"  {found.remedy}")
    return "\n".join(blocks)


def shorten(value: object) -> str:
    """Return a value as a message shows it: ``(missing)``, or at most 40 characters."""
    if value is None or value is np.ma.masked or str(value) in ("nan", "NaT", "<NA>"):
        return "(missing)"
    text = repr(value.item() if isinstance(value, np.generic) and value.dtype.kind != "M" else value)
    text = str(value) if isinstance(value, np.datetime64) else text
    return text if len(text) <= 40 else text[:37] + "..."


def drop(findings: list[Finding], rows: int) -> tuple[np.ndarray, dict[str, int]]:
    """Return a mask of the rows to keep, and the number dropped by reason; a row counts for its first one."""
    keep = np.ones(rows, bool)
    dropped: dict[str, int] = {}
    for found in findings:
        fresh = found.rows[keep[found.rows]]
        keep[fresh] = False
        if fresh.size:
            dropped[found.reason] = dropped.get(found.reason, 0) + fresh.size
    return keep, dropped


def settle(findings: list[Finding], rows: int, missing: str, words: Callable[[list[Finding]], str],
           what: str) -> tuple[np.ndarray | None, dict[str, int]]:
    """Raise for invalid rows, or with ``missing="drop"`` warn and return (rows to keep, dropped by reason)."""
    if not findings:
        return None, {}
    if missing == "raise":
        raise DataError(words(findings))
    keep, dropped = drop(findings, rows)
    warn(f"{what}: left out {sum(dropped.values()):,} of {many(rows, 'row')}: {counted(dropped)}")
    return keep, dropped


def counted(dropped: dict[str, int]) -> str:
    """Return ``"3 customer missing, 2 time not a date"``."""
    return ", ".join(f"{n:,} {reason}" for reason, n in dropped.items())


def time_remedy(values: Iterable[Any], fix: str = FIX) -> str:
    """Return the remedy for text that is not an ISO date."""
    texts = [v for v in values if isinstance(v, str)]
    forms = _year_last(texts) or _year_first(texts)
    meant = " or ".join(f'time_format="{form}"' for form in forms)
    return f"{fix[:-1]}, or {'pass ' * (fix != FIX)}{meant} if that is meant." if meant else fix


def _year_last(texts: list[str]) -> list[str]:
    found = [m for v in texts if (m := re.fullmatch(rf"(\d\d?)([/.-])(\d\d?)\2\d{{4}}{CLOCK}", v))]
    return [f"{a}{found[0][2]}{b}{found[0][2]}%Y{_clock(found[0])}" for a, b, day in (("%d", "%m", 1), ("%m", "%d", 3))
            if all(int(m[4 - day]) <= 12 for m in found)] if found else []


def _year_first(texts: list[str]) -> list[str]:
    found = [m for v in texts if (m := re.fullmatch(rf"\d{{4}}([/.])\d\d?\1\d\d?{CLOCK}", v))]
    return [f"%Y{found[0][1]}%m{found[0][1]}%d{_clock(found[0])}"] if found else []


def _clock(match: re.Match[str]) -> str:
    return (" %H:%M" if match["minute"] else "") + (":%S" if match["second"] else "")
