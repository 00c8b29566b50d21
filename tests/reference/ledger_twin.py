"""Slow twin of the ledger and its queries: dicts, sorted() and loops over rows."""
import math
from decimal import Decimal
from itertools import pairwise

NO_TICK = -2**31


def ledger(keys, tick, columns):
    """Return {key: rows in order}; customers by first appearance, rows by tick, columns, place."""
    customers = {}
    for row, key in enumerate(keys.tolist()):
        customers.setdefault(key, []).append(row)
    for rows in customers.values():
        rows.sort(key=lambda row: (tick[row], *(column[row] + 0.0 for column in columns), row))
    return customers


def ticks(time, per_tick, first, last):
    tick = [t // per_tick for t in time.tolist()]                    # Python's // is floor
    keep = [t != -2**63 and first <= k <= last for t, k in zip(time.tolist(), tick, strict=True)]
    return [k if good else NO_TICK for k, good in zip(tick, keep, strict=True)]


def codes(ids):
    """Number ids by first appearance; return (code of each row, first row of each id)."""
    number = {}
    code = [number.setdefault(each, len(number)) for each in ids]
    return code, [code.index(k) for k in range(len(number))]


def settled(amounts):
    """Return the double nearest to the exact sum: of decimals of at most 4 places as written, else of doubles.

    0 where no more than 2^-52 of the amounts is left of them.
    """
    written = [Decimal(repr(float(amount))) for amount in amounts]
    short = all(amount == round(amount, 4) for amount in written)
    total = float(sum(written)) if short else math.fsum(amounts)
    return 0.0 if abs(total) <= 2.0**-52 * math.fsum(map(abs, amounts)) else total


def grains(rows, tick, amount, edges):
    """Return [(ticks of its orders, which are no refunds; net amount; has a refund)] of one customer, in time order."""
    found = {}
    for row in rows:
        grain = int(tick[row])
        if edges is not None:
            grain = max((edge for edge in edges.tolist() if edge <= grain), default=edges[0])
        found.setdefault(int(grain), []).append(row)
    return [([int(tick[row]) for row in rows if not amount[row] < 0],
             settled([amount[row] for row in rows]), any(amount[row] < 0 for row in rows))
            for _, rows in sorted(found.items())]


def summary(rows, tick, amount, end_tick, edges, num, den):
    """Return (x, t_x, T, m_x, recency) of the customer whose sorted rows are given."""
    bought = [(days, net) for days, net, refund in grains(rows, tick, amount, edges)
              if net > 0 or (net == 0 and not refund)]
    if not bought:
        return 0, 0.0, math.nan, math.nan, math.nan
    first, last = bought[0][0][0], bought[-1][0][0]
    repeat = [net for _, net in bought[1:]]
    mean = settled(repeat) / len(repeat) if repeat else math.nan
    t_x, T, recency = ((to - since) * num / den for to, since in ((last, first), (end_tick, first), (end_tick, last)))
    return len(repeat), t_x, T, mean, recency


def history(rows, tick, values, edges):
    """Return the sum (or without values the number) of the rows in each [edges[p], edges[p+1])."""
    return [settled([1.0 if values is None else values[row] for row in rows if start <= tick[row] < stop])
            for start, stop in pairwise(edges)]
