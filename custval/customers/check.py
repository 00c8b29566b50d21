"""What a careful reader of the data should know, as a table."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _core
from .._row_report import Rows
from .data_report import period_word
from .profile import FIRST_CONTACT
from .snapshot import Snapshot

LONG_GAP = 366                 # days without any order that look like a wrong date
LEFT_OUT = "these rows count nowhere; correct them and read the log again if they should count"


def findings(view: Snapshot, rows: Rows, log_rows: Mapping[str, Rows],
             about: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the columns finding, count, example, advice."""
    found: list[tuple[str, int, str, str]] = []

    def add(what: str, count: int, example: Any, advice: str) -> None:
        if count:
            found.append((what, int(count), str(example), advice))

    ids = view.customers
    for reason, count in rows.dropped.items():
        add(f"rows left out: {reason}", count, "", _why(reason))
    add("rows merged", rows.merged, _example(ids, view.total("orders") > view.total("purchases")),
        f"a customer's rows of one {period_word(about['grain'])} are one purchase, such as the lines of an order; "
        "pass another grain= if each row is one")
    add("rows beyond a gap of more than a year", *_beyond_a_gap(view),
        "nobody ordered for a year between these days and the others: a wrong date? All times run to the last day")
    if view.knows("amount"):
        _money(view, ids, add)
    add("customers without a purchase", *_some(ids, view.total("purchases") == 0),
        "all they ordered came back, or the order is older than the log; models leave them out")
    for kind, log in log_rows.items():
        for reason, count in log.dropped.items():
            add(f"rows of {kind} left out: {reason}", count, "", _why(reason))
    add("rows of the profile left out: of customers without an order", about["apart"], "", _why("customers"))
    if FIRST_CONTACT in view.profile:
        known = view.profile[FIRST_CONTACT][view.who]
        add("first contact after the first order", *_some(ids, known > view.first()),
            "the customer ordered before being met; years counts from the first order, the earlier one")
        add("first contact after the end", *_some(ids, known > view.day),
            "not known yet; years counts from the contact log or the first order")
    add("blank ids", *_some(ids, np.array([isinstance(i, str) and not i.strip() for i in ids.tolist()])),
        "kept as one customer; if they mean that the id is missing, leave these rows out")
    count, example = _twins(ids)
    add("ids that differ only by case, blanks or leading zeros", count, example,
        "kept apart; make them equal first if they are one customer")
    columns = zip(*found, strict=True) if found else ((), (), (), ())
    return {name: np.array(column, int if name == "count" else object)
            for name, column in zip(("finding", "count", "example", "advice"), columns, strict=True)}


def _some(ids: np.ndarray, which: np.ndarray) -> tuple[int, Any]:
    return int(which.sum()), _example(ids, which)


def _example(ids: np.ndarray, which: np.ndarray) -> Any:
    return repr(ids[which.argmax()].item() if isinstance(ids[0], np.generic) else ids[which.argmax()]) if (
        which.any()) else ""


def _why(reason: str) -> str:
    """Return the advice for rows that do not count."""
    if "customers" in reason:
        return "these ids are not among those of the orders; are both written alike, such as 7 and '007'?"
    return "not known yet at that day; pass a later end= if they should count" if reason.startswith("after ") else (
        "known before the holdout begins" if reason.startswith("before ") else LEFT_OUT)


def _beyond_a_gap(view: Snapshot) -> tuple[int, str]:
    """Return how many rows lie beyond the last gap of more than a year, on its smaller side, and one of their days."""
    inside = np.zeros(len(view.ledger.tick) + 1, np.int64)
    np.add.at(inside, view.begin, 1)
    np.add.at(inside, view.end, -1)
    tick = np.sort(view.ledger.tick[np.cumsum(inside[:-1]) > 0])
    gaps = np.flatnonzero(np.diff(tick) > LONG_GAP * view.ledger.per_day)
    if not gaps.size:
        return 0, ""
    first, last = view.ledger.days(tick[[0, -1]])
    before = int(gaps[-1]) + 1
    after = len(tick) - before
    return (after, str(last)) if after <= before else (before, str(first))


def _money(view: Snapshot, ids: np.ndarray, add: Any) -> None:
    back = (view.ledger.columns["amount"] < 0).astype(float)
    refunds = _core.totals(back, view.begin, view.end)
    add("refund rows", refunds.sum(), _example(ids, refunds > 0),
        'taken off the amount; pass refunds="drop" to leave them out, refunds="raise" to refuse them')
    add("customers with a negative amount", *_some(ids, view.total("amount") < 0),
        "they got back more than they paid; were their orders before the log begins?")
    if view.knows("margin"):
        add("customers with a negative margin", *_some(ids, view.total("margin") < 0),
            "they cost more than they bring; base.summary() shows amount, cost and marketing")


def _twins(ids: np.ndarray) -> tuple[int, str]:
    """Return how many text ids have a near twin, and one such pair."""
    texts = [value for value in ids.tolist() if isinstance(value, str)]
    plain = [text.strip().lstrip("0").casefold() for text in texts]
    often = Counter(plain)
    twins = [text for text, form in zip(texts, plain, strict=True) if often[form] > 1]
    if not twins:
        return 0, ""
    form = twins[0].strip().lstrip("0").casefold()
    pair = [text for text in twins if text.strip().lstrip("0").casefold() == form]
    return len(twins), ", ".join(map(repr, pair[:2]))
