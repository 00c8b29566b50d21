"""The card of a base: one line, plain text, or HTML without script."""
from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _core
from .._dates import WORDS, split_unit
from .._formatting import many, plain
from .._row_report import Rows, counted
from .snapshot import Snapshot

RIGHT = "text-align:right;padding:0 1em"        # figures of the card in HTML


def number(value: float) -> str:
    """Return money as a card shows it."""
    return f"{value:,.2f}"


def whole(view: Snapshot, name: str) -> float:
    """Return a value summed over all customers, rounded once."""
    return math.fsum(view.total(name))


def line(view: Snapshot) -> str:
    """Return the one line of repr, below 100 characters."""
    first, last = span(view)
    kind = "CustomerBase" if view.start is None else "CustomerBase holdout"
    money = f", net {number(whole(view, 'amount'))}" if view.knows("amount") else ""
    said = (f"<{kind} {many(len(view.who), 'customer')}, {many(int(whole(view, 'orders')), 'order')}, "
            f"{first}..{last}")
    return said + (money if len(said + money) < 99 else "") + ">"


def span(view: Snapshot) -> tuple[np.datetime64, np.datetime64]:
    """Return the first and the last day with an order."""
    has = view.end > view.begin
    if not has.any():
        return view.day, view.day
    return view.first()[has].min(), view.last()[has].max()


def period_word(grain: str) -> str:
    """Return a grain in words: ``"day"``, ``"week (W-SUN)"``."""
    letter, anchor = split_unit(grain)
    return WORDS[letter] + (f" ({grain})" if anchor else "")


def facts(view: Snapshot, about: Mapping[str, Any], rows: Rows, log_rows: Mapping[str, Rows]) -> dict[str, str]:
    """Return what the card says, by label."""
    first, last = span(view)
    end = " (given)" if about["end_given"] else " (last order; pass end= if the data were drawn later)"
    out = {"customers": f"{len(view.who):,}", "orders": f"{int(whole(view, 'orders')):,}{_counted_by(view)}",
           "purchases": f"{int(whole(view, 'purchases')):,} (a customer's orders of one {period_word(about['grain'])})",
           "dates": f"{first} to {last}", "observed to": f"{view.day}{'' if view.start is not None else end}",
           "zone": about["zone"] or "none: local wall time", "unit, grain": f"{about['unit']}, {about['grain']}",
           "rows": f"{rows.read:,} = {rows.used:,} used + {rows.merged:,} merged + "
                   f"{sum(rows.dropped.values()):,} dropped"}
    if view.start is not None:
        out["holdout"] = f"from {view.start}; {many(int(view.newcomers().sum()), 'newcomer')}"
    if rows.dropped:
        out["dropped"] = counted(rows.dropped)
    if view.knows("amount"):
        out["refunds"] = _refunds(view, about["refunds"])
    for name in ("amount", "cost", "marketing", "margin"):
        if view.knows(name):
            out[name] = number(whole(view, name))
    if about.get("filled"):
        out["cost"] += f" ({many(about['filled'], 'row')} without a cost filled)"
    if view.knows("margin") and not view.knows("marketing"):
        out["margin"] += " (no relationship cost given)"
    out |= {kind: _log(rows) for kind, rows in log_rows.items()}
    if view.profile:
        out["profile"] = ", ".join(map(plain, view.profile))
        if about["apart"]:
            out["profile"] += f" ({many(about['apart'], 'row')} of customers without an order)"
    return out


def _log(rows: Rows) -> str:
    """Return where the rows of a log went: read = used + dropped by reason."""
    return " + ".join([f"{rows.read:,} = {rows.used:,} used", *(f"{n:,} {why}" for why, n in rows.dropped.items())])


def _counted_by(view: Snapshot) -> str:
    """Return what one order is: an order id, or a row; refunds have rows and ids too."""
    refunds = view.knows("amount") and (view.ledger.columns["amount"] < 0).any()
    return f" ({'order ids' if 'orders' in view.ledger.marks else 'rows'}{', refunds included' if refunds else ''})"


def _refunds(view: Snapshot, policy: str) -> str:
    amount = view.ledger.columns["amount"]
    back = amount < 0
    count = _core.totals(back.astype(float), view.begin, view.end)
    money = _core.totals(np.where(back, amount, 0.0), view.begin, view.end)
    below = int(np.count_nonzero(view.total("amount") < 0))
    return (f"{policy}; {many(int(count.sum()), 'row')}, {number(math.fsum(money))}; "
            f"{many(below, 'customer')} below zero")


def text(title: str, said: Mapping[str, str]) -> str:
    """Return the card as aligned plain text."""
    wide = max(map(len, said))
    return "\n".join([title, *(f"  {label:<{wide}}  {value}" for label, value in said.items())])


def as_html(title: str, said: Mapping[str, str]) -> str:
    """Return the card as HTML below 4 KB: no script, colours of the page, every value escaped."""
    rows = "".join(f"<tr><th style='text-align:left'>{html.escape(label)}</th>"
                   f"<td style='{RIGHT}'>{html.escape(figure)}</td>"
                   f"<td style='text-align:left'>{html.escape(_short(rest))}</td></tr>"
                   for label, (figure, rest) in ((label, _parts(value)) for label, value in said.items()))
    return (f"<div style='color:currentColor'><b>{html.escape(title)}</b>"
            f"<details open><summary>card</summary><table>{rows}</table></details></div>")


def _parts(value: str) -> tuple[str, str]:
    """Return the figure that a fact begins with and the rest of it."""
    found = re.match(r"-?[\d,]+(\.\d+)?(?= |$)", value)
    return (found[0], value[found.end():].strip()) if found else ("", value)


def _short(value: str) -> str:
    return value if len(value) <= 100 else value[:97] + "..."
