"""What a careful reader of the data should know, as a table."""
from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from .. import _core
from .view import View


def findings(view: View, rows: Any, about: Any) -> dict[str, np.ndarray]:
    """Return the columns finding, count, example, advice."""
    found: list[tuple[str, int, str, str]] = []

    def add(what: str, count: int, example: Any, advice: str) -> None:
        if count:
            found.append((what, int(count), str(example), advice))

    for reason, count in rows.dropped.items():
        add(f"rows left out: {reason}", count, "", "known to be out; correct them where they should count")
    add("rows merged", rows.merged, "", f"a customer's rows of one {about['grain']} are one purchase; see grain=")
    ids = view.customers
    if view.knows("amount"):
        _money(view, ids, add)
    add("customers without a purchase", *_some(ids, view.total("purchases") == 0),
        "only refunds, or refunds as large as the orders; models leave them out")
    for kind, count in about["apart"].items():
        add(f"rows of {kind} apart", count, "", "their customers have no order; check the ids")
    count, example = _twins(ids)
    add("ids that differ only by case, blanks or leading zeros", count, example,
        "kept apart; make them equal first if they are one customer")
    columns = zip(*found, strict=True) if found else ((), (), (), ())
    return {name: np.array(column, int if name == "count" else object)
            for name, column in zip(("finding", "count", "example", "advice"), columns, strict=True)}


def _some(ids: np.ndarray, which: np.ndarray) -> tuple[int, Any]:
    return int(which.sum()), ids[which.argmax()] if which.any() else ""


def _money(view: View, ids: np.ndarray, add: Any) -> None:
    back = (view.ledger.columns["amount"] < 0).astype(float)
    refunds = _core.totals(back, view.begin, view.end)
    add("refund rows", refunds.sum(), _some(ids, refunds > 0)[1], "see refunds=")
    add("customers with a negative amount", *_some(ids, view.total("amount") < 0),
        "refunds of orders before the log begins? they cost money as they stand")
    if view.knows("margin"):
        add("customers with a negative margin", *_some(ids, view.total("margin") < 0),
            "they cost more than they bring")


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
