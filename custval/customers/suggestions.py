"""Suggest which column of an order log is which; a suggestion is checked on the data."""
from __future__ import annotations

from .._arrays import Table
from .._formatting import plain

LIKELY = {"customer": ("customer", "client", "cust", "user", "buyer", "account", "member", "客户", "顾客", "id"),
          "time": ("date", "time", "day", "日期", "时间"),
          "amount": ("amount", "sales", "revenue", "paid", "total", "price", "value", "金额")}


def suggestion(opened: Table) -> str:
    """Return the message for a call without column names: a likely call, ready to paste."""
    found: dict[str, str] = {}
    for argument, words in LIKELY.items():
        names = [n for word in words for n in sorted(opened.names, key=lambda n: len(str(n)))
                 if word in str(n).lower() and n not in found.values()]
        found |= {argument: names[0]} if names else {}
    call = ", ".join(f"{argument}={name!r}" for argument, name in found.items())
    return (f"which column is which? columns: {', '.join(map(plain, opened.names))}\n"
            f"  Perhaps: cv.CustomerBase(orders, {call or 'customer=..., time=...'})")
