"""Report invalid rows with column, row, customer and remedy, or drop and count them."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from ._formatting import html_facts, many
from ._validation import SHOWN, sum_of, warn
from .errors import DataError

FIX = 'Correct these rows, or pass missing="drop" to leave them out and count them.'
CLOCK = r"(?P<minute> \d\d?:\d\d)?(?P<second>:\d\d)?"


class Money(NamedTuple):
    """Amounts of the rows of a log: ``read == used + sum(dropped.values())``, of the amounts known.

    The money of a merged row is part of the purchase that it is merged into, so it is used.
    """

    read: float
    used: float
    dropped: dict[str, float]


class _Counts(NamedTuple):
    read: int
    used: int
    merged: int
    dropped: dict[str, int]


class Rows(_Counts):
    """Account of the rows of a log: ``read == used + merged + sum(dropped.values())``.

    The first row of a customer in a grain is used, further ones in the same grain are merged into it.

    Attributes
    ----------
    money : Money or None
        The same account in money, where amounts are known.
    """

    money: Money | None = None

    def __new__(cls, read: int, used: int, merged: int, dropped: dict[str, int], money: Money | None = None) -> Self:
        self = super().__new__(cls, read, used, merged, dropped)
        self.money = money
        return self

    def _repr_html_(self) -> str:
        return html_facts(self)


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


def drop(findings: list[Finding], rows: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return a mask of the rows to keep, and the rows dropped by reason; a row counts for its first one."""
    keep = np.ones(rows, bool)
    dropped: dict[str, np.ndarray] = {}
    for found in findings:
        fresh = found.rows[keep[found.rows]]
        keep[fresh] = False
        if fresh.size:
            dropped[found.reason] = np.append(dropped.get(found.reason, fresh[:0]), fresh)
    return keep, dropped


def settle(findings: list[Finding], rows: int, missing: str, words: Callable[[list[Finding]], str],
           what: str, amount: np.ndarray | None = None) -> tuple[np.ndarray | None, dict[str, np.ndarray]]:
    """Raise for invalid rows, or with ``missing="drop"`` warn and return (rows to keep, rows dropped by reason)."""
    if not findings:
        return None, {}
    if missing == "raise":
        raise DataError(words(findings))
    keep, dropped = drop(findings, rows)
    money = "" if amount is None else _lost(amount[~keep], known_sum(amount))
    warn(f"{what}: left out {int((~keep).sum()):,} of {many(rows, 'row')}: {counted(sizes(dropped))}{money}")
    return keep, dropped


def sizes(dropped: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Return the number of rows by reason."""
    return {reason: len(rows) for reason, rows in dropped.items()}


def known_sum(values: np.ndarray) -> float:
    """Return the sum of the finite values."""
    known = np.isfinite(values)
    return sum_of(values if known.all() else values[known])


def _lost(left_out: np.ndarray, whole: float) -> str:
    """Return ``"; in money 5.00 of 6.00 (83.3 %)"``, and the number of rows whose money is not known."""
    part, unknown = known_sum(left_out), int((~np.isfinite(left_out)).sum())
    if unknown == len(left_out):
        return f"; their money is not known, that of the others is {whole:,.2f}"
    of = f" ({100 * part / whole:.1f} %)" if 0 <= part <= whole and whole else ""
    return (f"; in money {part:,.2f} of {whole:,.2f}{of}"
            + (f", without {many(unknown, 'row')} whose money is not known" if unknown else ""))


def counted(dropped: Mapping[str, int], money: Money | None = None) -> str:
    """Return ``"3 customer missing, 2 time not a date"``, and in money ``"(120.00, 4.5 % of all)"`` after each."""
    if money is None:
        return ", ".join(f"{n:,} {reason}" for reason, n in dropped.items())
    return ", ".join(f"{n:,} {reason} ({_part(money.dropped.get(reason, 0.0), money.read)})"
                     for reason, n in dropped.items())


def _part(part: float, whole: float) -> str:
    if part == 0:
        return "no money known"
    return f"{part:,.2f}" + (f", {100 * part / whole:.1f} % of all" if 0 < part <= whole else "")


def time_remedy(forms: list[str], fix: str = FIX) -> str:
    """Return the remedy for text that may be dates in one of the formats."""
    meant = " or ".join(f'time_format="{form}"' for form in forms)
    return f"{fix[:-1]}, or {'pass ' * (fix != FIX)}{meant} if that is meant." if meant else fix


def time_formats(texts: list[str]) -> list[str]:
    """Return the formats that text with numbers may have."""
    return _year_last(texts) or _year_first(texts)


def _year_last(texts: list[str]) -> list[str]:
    found = [m for v in texts if (m := re.fullmatch(rf"(\d\d?)([/.-])(\d\d?)\2\d{{4}}{CLOCK}", v))]
    return [f"{a}{found[0][2]}{b}{found[0][2]}%Y{_clock(found[0])}" for a, b, day in (("%d", "%m", 1), ("%m", "%d", 3))
            if all(int(m[4 - day]) <= 12 for m in found)] if found else []


def _year_first(texts: list[str]) -> list[str]:
    found = [m for v in texts if (m := re.fullmatch(rf"\d{{4}}([/.])\d\d?\1\d\d?{CLOCK}", v))]
    return [f"%Y{found[0][1]}%m{found[0][1]}%d{_clock(found[0])}"] if found else []


def _clock(match: re.Match[str]) -> str:
    return (" %H:%M" if match["minute"] else "") + (":%S" if match["second"] else "")
