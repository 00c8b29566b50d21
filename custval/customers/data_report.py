"""The data report of a base: one line, plain text or HTML, the account of its rows, and oddities in the data."""
from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from .. import _core
from .._arrays import Table
from .._dates import WORDS, split_unit
from .._formatting import Printed, many, number, plain, table
from .._ids import SHOWN, shown_ids
from .._row_report import Money, Rows, counted, known_sum
from .._validation import sum_of
from . import checks
from .event_logs import OTHERS
from .snapshot import Snapshot

FOUND: WeakKeyDictionary[Snapshot, dict[str, np.ndarray]] = WeakKeyDictionary()      # a snapshot does not change
NOTED: WeakKeyDictionary[Snapshot, dict[str, str]] = WeakKeyDictionary()             # lines that models add
LEFT_OUT = "these rows count nowhere; correct them and read the log again if they should count"
AS_KEPT = "left out as keep= says"
SAID: WeakKeyDictionary[Snapshot, set[str]] = WeakKeyDictionary()                    # warnings given
MOST_ODD = 3                                    # oddities in the report
RIGHT = "text-align:right;padding:0 1em"        # figures of the report in HTML


def unsaid(view: Snapshot | None, notes: Iterable[str]) -> list[str]:
    """Return the notes that no warning has given yet for a snapshot, and remember that one does."""
    said = set() if view is None else SAID.setdefault(view, set())
    found = [note for note in dict.fromkeys(notes) if note not in said]
    said.update(found)
    return found


# ---- account of the rows ----

def rows_of(view: Snapshot) -> Rows:
    """Return the account of the rows of the order log."""
    inside, before, after, others = view.rows()
    used = view.ledger.grains(view.begin, view.end)
    dropped = {f"before {view.start}": before, f"after {view.day}": after, OTHERS: others}
    return Rows(view.provenance.read, used, inside - used,
                {**view.provenance.dropped, **{reason: n for reason, n in dropped.items() if n}},
                _money_of(view, {reason: k for k, (reason, n) in enumerate(dropped.items()) if n}))


def _money_of(view: Snapshot, reasons: Mapping[str, int]) -> Money | None:
    """Return the account of the rows in money; `reasons` for rows not in the snapshot: 0 before, 1 after, 2 others."""
    read, ledger = view.provenance.money, view.ledger
    if read is None:
        return None
    step, ours = np.zeros(len(ledger.tick) + 1, np.int64), slice(None) if view.chosen is None else view.chosen
    for places, change in ((ledger.begin[ours], -1), (ledger.begin[view.who], -1), (view.begin, 3), (view.end, -2),
                           (ledger.end[ours], 1)):
        np.add.at(step, places, change)
    part, amount = 2 + np.cumsum(step[:-1]), ledger.columns["amount"]            # 3 in the snapshot
    dropped = {reason: known_sum(amount[part == k]) for reason, k in reasons.items()}
    return Money(read.all, known_sum(amount[part == 3]), {
        **dict.fromkeys(view.provenance.dropped, 0.0), **read.dropped, **dropped})


def log_rows_of(view: Snapshot) -> dict[str, Rows]:
    """Return the account of the rows of every other log."""
    return {kind: log.account(view) for kind, log in view.logs.items()}


# ---- the report ----

def line(view: Snapshot) -> str:
    """Return the one-line repr, below 100 characters."""
    first, last = _span(view)
    kind = "CustomerBase" if view.start is None else "CustomerBase holdout"
    money = f", net {_money(_whole(view, 'amount'))}" if view.knows("amount") else ""
    head = (f"<{kind} {many(len(view.who), 'customer')}, {many(int(_whole(view, 'orders')), 'order')}, "
            f"{first}..{last}")
    return head + (money if len(head + money) < 99 else "") + ">"


def text(view: Snapshot) -> str:
    """Return the report as aligned plain text."""
    facts = _facts(view)
    wide = max(map(len, facts))
    return "\n".join([line(view)[1:-1], *(f"  {label:<{wide}}  {value}" for label, value in facts.items())])


def as_html(view: Snapshot) -> str:
    """Return the report as HTML below 4 KB: no script, colours of the page, every value escaped."""
    rows = "".join(f"<tr><th style='text-align:left'>{html.escape(label)}</th>"
                   f"<td style='{RIGHT}'>{html.escape(figure)}</td>"
                   f"<td style='text-align:left'>{html.escape(_short(rest))}</td></tr>"
                   for label, (figure, rest) in ((label, _parts(value)) for label, value in _facts(view).items()))
    return (f"<div style='color:currentColor'><b>{html.escape(line(view)[1:-1])}</b>"
            f"<details open><summary>data report</summary><table>{rows}</table></details></div>")


def _parts(value: str) -> tuple[str, str]:
    """Return the figure at the start of a fact, and the rest of the text."""
    found = re.match(r"-?[\d,]+(\.\d+)?(?= |$)", value)
    return (found[0], value[found.end():].strip()) if found else ("", value)


def _short(value: str) -> str:
    return value if len(value) <= 100 else value[:97] + "..."


def _money(value: float) -> str:
    return f"{value:,.2f}"


def _whole(view: Snapshot, name: str) -> float:
    """Return a value summed over all customers, rounded once."""
    return sum_of(view.total(name))


def _span(view: Snapshot) -> tuple[np.datetime64, np.datetime64]:
    """Return the first and the last day with an order."""
    ordered = view.end > view.begin
    if not ordered.any():
        return view.day, view.day
    return view.first()[ordered].min(), view.last()[ordered].max()


def _period_word(grain: str) -> str:
    """Return a grain in words: ``"day"``, ``"week (W-SUN)"``."""
    letter, anchor = split_unit(grain)
    return WORDS[letter] + (f" ({grain})" if anchor else "")


def _facts(view: Snapshot) -> dict[str, str]:
    """Return the lines of the report, by label."""
    first, last = _span(view)
    read, rows, grain = view.provenance, rows_of(view), view.ledger.grain
    end = " (given)" if read.end_given else " (last order; pass end= if the data were drawn later)"
    out = {"customers": f"{len(view.who):,}", "orders": f"{int(_whole(view, 'orders')):,}{_counted_by(view)}",
           "purchases": f"{int(_whole(view, 'purchases')):,} (a customer's orders of one {_period_word(grain)})",
           "dates": f"{first} to {last}", "observed to": f"{view.day}{'' if view.start is not None else end}",
           "zone": read.zone or "none: local wall time", "unit, grain": f"{read.unit}, {grain}",
           "rows": f"{rows.read:,} = {rows.used:,} used + {rows.merged:,} merged + "
                   f"{sum(rows.dropped.values()):,} dropped"}
    if view.start is not None:
        out["holdout"] = f"from {view.start}; {many(int(view.new_customers().sum()), 'new customer')}"
    if rows.dropped:
        out["dropped"] = counted(rows.dropped, rows.money)
    out |= {label: "; ".join(map(str, notes)) for label, notes in read.notes.items()}
    if view.knows("amount"):
        out["refunds"] = _refunds(view)
    for name in ("amount", "cost", "marketing", "margin"):
        if view.knows(name):
            out[name] = _money(_whole(view, name))
    if read.filled:
        out["cost"] += f" ({many(read.filled, 'row')} without a cost filled)"
    if view.knows("margin") and not view.knows("marketing"):
        out["margin"] += " (no relationship cost given)"
    out |= {kind: _log(log) for kind, log in log_rows_of(view).items()}
    if view.profile:
        out["profile"] = ", ".join(map(plain, view.profile))
        if read.unmatched:
            out["profile"] += f" ({many(read.unmatched, 'row')} of customers without an order)"
    odd = _oddities(view)
    return out | NOTED.get(view, {}) | ({"check()": odd} if odd else {})


def _log(rows: Rows) -> str:
    """Return the account of a log: read = used + dropped by reason."""
    return " + ".join([f"{rows.read:,} = {rows.used:,} used", *(f"{n:,} {why}" for why, n in rows.dropped.items())])


def _counted_by(view: Snapshot) -> str:
    """Return what counts as one order: an order id, or a row; refunds have rows and ids too."""
    refunds = view.knows("amount") and (view.ledger.columns["amount"] < 0).any()
    return f" ({'order ids' if 'orders' in view.ledger.marks else 'rows'}{', refunds included' if refunds else ''})"


def _refunds(view: Snapshot) -> str:
    amount = view.ledger.columns["amount"]
    refund = amount < 0
    count = _core.totals(refund.astype(float), view.begin, view.end)
    money = _core.totals(np.where(refund, amount, 0.0), view.begin, view.end)
    below = int(np.count_nonzero(view.total("amount") < 0))
    return (f"{view.provenance.refunds}; {many(int(count.sum()), 'row')}, {_money(sum_of(money))}; "
            f"{many(below, 'customer')} below zero")


class Findings(Printed):
    """Oddities in the data of a base, printed with whole remedies; made by `CustomerBase.check`.

    It passes on the columns and methods of its table, such as ``["finding"]``.

    Examples
    --------
    >>> import custval as cv
    >>> log = {"who": ["a", "b", "c"], "day": ["2025-01-01", "2025-01-05", "2025-02-15"], "paid": [5.0, 0.0, 7.0]}
    >>> found = cv.CustomerBase(log, customer="who", time="day", amount="paid").check()
    >>> found["finding"].tolist(), found["count"].tolist()
    (['free orders'], [1])
    """

    def __init__(self, columns: Mapping[str, np.ndarray], frames: Table):
        self._columns, self._frames = columns, frames

    def table(self) -> Any:
        """Return one row per finding, as a frame of the kind of the orders: the columns that `check` describes.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.CustomerBase({"who": ["a"], "day": ["2025-01-01"]}, customer="who", time="day")
        >>> list(base.check().table())
        ['finding', 'count', 'money', 'share', 'example', 'advice']
        """
        return self._frames.new(self._columns)

    def __getitem__(self, name: Any) -> Any:
        return self.table()[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.table(), name)

    def __len__(self) -> int:
        return len(self._columns["finding"])

    def __iter__(self) -> Iterator[Any]:
        return iter(self.table())

    def _title(self) -> str:
        return "no finding in the data" if not len(self) else (
            f"{many(len(self), 'finding')} in the data" + ", those with most money first" * (len(self) > 1))

    def _rows(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        columns = [column.tolist() for column in self._columns.values()]
        return list(self._columns), [
            (finding, f"{count:,}", number(money, 2), number(share, 1, percent=True), example, advice)
            for finding, count, money, share, example, advice in zip(*columns, strict=True)]

    def _sides(self, columns: int) -> str:
        return "<>>><<"[:columns]

    def __repr__(self) -> str:
        head, rows = self._rows()
        lines = table(head[:-1], [row[:-1] for row in rows], self._sides(5)) if rows else []
        advice = ["", "", *(f"\n    {plain(row[-1])}" for row in rows)]
        return "\n".join([self._title(), *map(str.__add__, lines, advice)])


def findings(view: Snapshot) -> dict[str, np.ndarray]:
    """Return the columns of `CustomerBase.check`; the findings with most money come first."""
    if view not in FOUND:
        rows, lines = rows_of(view), checks.Lines(view)
        found = [*_left_out(lines, rows), *checks.oddities(lines, rows.merged), *_logs_left_out(view)]
        worth = [-1.0 if oddity.advice == AS_KEPT else np.nan_to_num(abs(oddity.money)) for oddity in found]
        found = [found[k] for k in sorted(range(len(found)), key=lambda k: -worth[k])]
        money = np.array([oddity.money for oddity in found], float)
        read = rows.money.read if rows.money is not None else 0.0 if lines.amount is None else sum_of(lines.amount)
        FOUND[view] = {
            "finding": np.array([oddity.finding for oddity in found], object),
            "count": np.array([oddity.number for oddity in found], int),
            "money": money, "share": np.abs(money) / abs(read) if read else np.full(len(money), np.nan),
            "example": np.array([oddity.example for oddity in found], object),
            "advice": np.array([oddity.advice for oddity in found], object)}
    return dict(FOUND[view])


def _left_out(lines: checks.Lines, rows: Rows) -> Iterator[checks.Oddity]:
    view, known = lines.view, lines.view.provenance.money
    shown = {reason: ", ".join(ids) for reason, ids in view.provenance.examples.items()} | {
        reason: ", ".join(shown_ids(view.ids.array("customer")[np.flatnonzero(mask)[:SHOWN]].tolist()))
        for reason, mask in _beyond(view).items()}
    for reason, count in rows.dropped.items():
        unknown = known is None or (reason in view.provenance.dropped and reason not in known.dropped)
        money = np.nan if unknown or rows.money is None else rows.money.dropped[reason]
        yield checks.Oddity(f"rows left out: {reason}", count, money, shown.get(reason, ""), _why(reason))


def _beyond(view: Snapshot) -> dict[str, np.ndarray]:
    """Return masks of the customers with rows that are not in the snapshot, by reason."""
    begin, end = view.ledger.begin.copy(), view.ledger.begin.copy()
    begin[view.who], end[view.who] = view.begin, view.end
    ours = np.ones(len(begin), bool) if view.chosen is None else view.chosen
    return {f"before {view.start}": ours & (view.ledger.begin < begin), f"after {view.day}": ours & (
        view.ledger.end > end), OTHERS: ~ours}


def _why(reason: str) -> str:
    """Return the advice for rows that do not count."""
    if "customers" in reason:
        return "these ids are not among those of the orders; are both written alike, such as 7 and '007'?"
    if reason.startswith("status ") and reason != "status missing":
        return AS_KEPT
    if reason.startswith("after "):
        return "not known yet at that day; pass a later end= if they should count"
    return "known before the holdout begins" if reason.startswith("before ") else LEFT_OUT


def _logs_left_out(view: Snapshot) -> Iterator[checks.Oddity]:
    for kind, account in log_rows_of(view).items():
        for reason, count in account.dropped.items():
            yield checks.Oddity(f"rows of {kind} left out: {reason}", count, np.nan, "", _why(reason))
    unmatched = view.provenance.unmatched
    if unmatched:
        yield checks.Oddity("rows of the profile left out: of customers without an order", unmatched, np.nan, "",
                            _why("customers"))


def _oddities(view: Snapshot) -> str:
    """Return the findings with most money that the report does not list otherwise."""
    found = findings(view)
    shown = [f"{finding} ({count:,})" for finding, count in zip(found["finding"], found["count"], strict=True)
             if not finding.startswith(("rows ", "refund ")) or finding.startswith(("rows that", "rows beyond"))]
    return "; ".join(shown[:MOST_ODD]) + (f"; and {len(shown) - MOST_ODD} more" if len(shown) > MOST_ODD else "")
