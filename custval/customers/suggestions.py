"""Suggest which column of an order log is which, for a call without names.

Names give candidates only. A column is suggested if the data agree: the customer has several orders, the time is a date
and not a later one than that of the order, the amount is the total of a line. What is not certain is listed with the
reason.
"""
from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .._arrays import Table
from .._core import NO_TICK
from .._formatting import many, plain
from .._ids import codes_of, distinct, is_missing, numbered
from .._row_report import shorten
from .._tabular import index_levels
from ..errors import ConfigError, DataError
from .column_names import amount_rank, customer_rank, has, is_money, is_price, is_quantity, meanings, only, time_rank
from .order_log import read_amounts
from .order_options import line_totals, listed
from .timestamps import ISO8601, formats_of, read_times

ENOUGH = 0.99                                  # share of rows that must agree
MOST_MISSING = 0.05                            # share of rows without a value, unless its order has one in another row
GUEST = 0.5                                    # share of rows of one id that is probably no customer


class Days(NamedTuple):
    """A column of dates: its ticks, the formats that read it if it is not ISO 8601, and a zone if it needs one."""

    tick: np.ndarray
    forms: list[str]
    tz: str | None


class Found(NamedTuple):
    """The column suggested for an argument, or None, and others with the reason why not."""

    name: str | None
    others: list[str]


def suggestion(opened: Table) -> str:
    """Return the message for a call without column names: a likely call, ready to paste, or the candidates."""
    log = _Log(opened)
    head = f"which column is which? columns: {', '.join(map(plain, opened.names))}"
    levels = "".join(f"\n  {level!r} is the index; pass frame.reset_index() to use it"
                     for level in index_levels(opened))
    customer, order = log.customer()
    time = log.time(order)
    money, others = log.money(order)
    if customer.name is None or time.name is None or (not money and others):
        lines = [_line("customer", customer), _line("time", time), _money_line(money, others)]
        return head + levels + "\n  Not certain by names and data:" + "".join(f"\n    {line}" for line in lines)
    call = {"customer": customer.name, "time": time.name, **money} | ({"order": order} if order else {})
    days = log.days(time.name)
    call |= {"time_format": days.forms[0]} if days and days.forms else {}
    call |= {"tz": days.tz} if days and days.tz else {}
    missing, note = log.missing(list({customer.name, time.name, *money.values(), *([order] if order else [])}))
    call |= {"missing": "drop"} if missing else {}
    words = ", ".join(f"{argument}={value!r}" for argument, value in call.items())
    return "\n  ".join([head + levels, f"Perhaps: cv.CustomerBase(orders, {words})", *note, *log.notes(time.name)])


def _line(argument: str, found: Found) -> str:
    shown = f"{argument}={found.name!r}" if found.name is not None else f"{argument}: "
    others = "; ".join(found.others) if found.name is None else ""
    return shown + (others or ("" if found.name is not None else "no column looks like it"))


def _money_line(money: dict[str, str], others: list[str]) -> str:
    return ", ".join(f"{argument}={name!r}" for argument, name in money.items()) or \
        "amount: " + ("; ".join(others) or "no column looks like it")


# ---- data ----

class _Log:
    """An order log whose columns are looked at."""

    def __init__(self, opened: Table):
        self.opened, self.names = opened, [name for name in opened.names if isinstance(name, str)]

    @functools.cache                                             # noqa: B019  an object for one message
    def codes(self, name: str) -> np.ndarray:
        """Return codes of a column, -1 where missing or blank; none for values that are no ids."""
        try:
            code, missing = codes_of(self.opened, name)
            values = self.opened.array(name)
        except DataError:
            return np.full(self.opened.rows, -1)
        code = code if missing is None else np.where(missing, -1, code)
        return np.where(values == "", -1, code) if values.dtype.kind == "O" else code

    @functools.cache                                             # noqa: B019
    def numbers(self, name: str) -> np.ndarray | None:
        """Return a column of numbers, None for other columns."""
        try:
            return read_amounts(self.opened, name, "amount")[0]
        except DataError:
            return None

    @functools.cache                                             # noqa: B019
    def days(self, name: str) -> Days | None:
        """Return the days of a column of dates, None for other columns."""
        for tz in (None, "UTC"):                                 # the second for text with several offsets
            try:
                return self._days(name, tz)
            except (DataError, ConfigError):
                continue
        return None

    def _days(self, name: str, tz: str | None) -> Days | None:
        forms: list[str] = []
        if self.opened.wall_times(name, tz) is None:
            values = distinct(self.opened, name)[1].tolist()
            forms = formats_of([value for value in values if not is_missing(value) and value != ""])
            if not forms:
                return None
        forms = [form for form in forms if form != ISO8601]
        tick = read_times(self.opened, name, tz=tz, time_format=forms[0] if forms else None).tick
        return Days(tick, forms, tz)

    def known(self, name: str) -> np.ndarray:
        """Return a mask of the rows that have a value."""
        values = self.numbers(name)
        return self.codes(name) >= 0 if values is None else np.isfinite(values)

    def filled(self, name: str, order: str | None) -> bool:
        """Return whether few rows lack a value, or each order has one."""
        known = self.known(name)
        if np.count_nonzero(~known) <= MOST_MISSING * len(known):
            return True
        return order is not None and bool(np.isin(self.codes(order), self.codes(order)[known]).all())

    def ranked(self, rank: dict[str, int | None]) -> list[str]:
        """Return the names with a rank, the best first."""
        return sorted((name for name, r in rank.items() if r is not None), key=lambda name: rank[name] or 0)

    def customer(self) -> tuple[Found, str | None]:
        """Return the column of customers, and that of orders."""
        rank = {name: customer_rank(name) for name in self.names}
        others, best = [], None
        for name in self.ranked(rank):
            order = self.order(name)
            why = self._no_customer(name, order)
            if why:
                others.append(f"{name!r} ({why})")
            elif best is None:
                best = name, order
            elif rank[name] == rank[best[0]] and _differ(self.codes(name), self.codes(best[0])):
                return Found(None, [repr(best[0]), f"{name!r}, which divides the rows in another way", *others]), None
        return (Found(best[0], others), best[1]) if best else (Found(None, others), None)

    def _no_customer(self, name: str, order: str | None) -> str:
        """Return why a column is none of customers, "" if it may be."""
        code = self.codes(name)
        known = code[code >= 0]
        count = _count(known)
        if count < 2:
            return "one value only" if count else "without values"
        if count == len(known):
            return f"a new one in each of {many(len(known), 'row')}"
        if order is not None and count >= _count(self.codes(order)[code >= 0]):
            return f"a new one for each {plain(order)}"
        most = np.bincount(known).max() / len(known)
        if most > GUEST and count > 10:
            return f"one value has {100 * most:.0f} % of the rows; are these guests?"
        return ""

    def order(self, customer: str) -> str | None:
        """Return the column of order ids: each belongs to one customer."""
        for name in self.names:
            words = meanings(name)
            numbers = name.strip().casefold() == "name" and all(
                is_missing(v) or str(v).startswith("#") for v in self.opened.array(name).tolist())
            named = only(words, "order", "id", "unique") and has(words, "order") and not has(words, "money")
            code = self.codes(name) if (named or numbers) and name != customer else np.zeros(0)
            both = (code >= 0) & (self.codes(customer) >= 0) if len(code) else code
            if both.any() and _count(code[both]) > 1 and \
                    _pairs(code[both], self.codes(customer)[both]) <= _count(code[both]) / ENOUGH:
                return name
        return None

    def time(self, order: str | None) -> Found:
        """Return the column of the day of the order."""
        rank = {name: time_rank(name) for name in self.names}
        dated = [name for name in self.ranked(rank) if self.days(name) and (
            (rank[name] or 0) < 3 or self.opened.array(name).dtype.kind in "OM")]
        good = [name for name in dated if self.filled(name, order)]
        others = [f"{name!r} ({'not the day of the order' if (rank[name] or 0) > 3 else 'a date'})" for name in dated]
        best = [name for name in good if rank[name] == rank[good[0]]]
        if not best or rank[best[0]] == 5 or (rank[best[0]] == 4 and len(dated) > 1):
            named = [f"{name!r} (not a date, such as {self.example(name)})" for name in self.names
                     if name not in dated and rank[name] in (0, 1)]
            return Found(None, others + named)
        first = [name for name in best if all(self._not_after(name, other) for other in best)]
        if not first:
            return Found(None, [f"{name!r} (not always the earliest)" for name in best])
        days = self.days(first[0])
        if days and len(days.forms) > 1:
            return Found(None, [f"{first[0]!r} with time_format={' or '.join(map(repr, days.forms))}"])
        return Found(first[0], others)

    def _not_after(self, name: str, other: str) -> bool:
        """Return whether the days of a column are those of another one or earlier, where both are known."""
        one, two = self.days(name), self.days(other)
        assert one and two
        both = (one.tick != NO_TICK) & (two.tick != NO_TICK)
        return bool((one.tick[both] <= two.tick[both]).mean() >= ENOUGH) if both.any() else name == other

    def example(self, name: str) -> str:
        """Return a value of a column."""
        values = self.opened.array(name).tolist()
        return next((shorten(value) for value in values if not is_missing(value)), "(missing)")

    def money(self, order: str | None) -> tuple[dict[str, str], list[str]]:
        """Return the arguments for money, and the columns that are not certain."""
        rank = {name: amount_rank(name) for name in self.names}
        price = next((n for n in self.names if rank[n] is None and is_price(n)), None)
        quantity = next((n for n in self.names if is_quantity(n) and self.numbers(n) is not None), None)
        others, good = [], []
        for name in self.ranked(rank):
            why = self._no_total(name, order, price, quantity)
            others += [f"{name!r} ({why})"] if why else []
            good += [] if why else [name]
        best = [name for name in good if rank[name] == rank[good[0]]]
        columns = [np.asarray(self.numbers(name)) for name in best]
        if best and all(np.array_equal(columns[0], column, equal_nan=True) for column in columns):
            return {"amount": best[0]}, []
        if best:
            return {}, [f"{name!r}" for name in best] + others
        return self._by_price(price, quantity, others)

    def _by_price(self, price: str | None, quantity: str | None, others: list[str]) -> tuple[dict[str, str], list[str]]:
        if price is None or self.numbers(price) is None or others:
            others += [repr(name) for name in self.names if amount_rank(name) is None and is_money(name)]
            why = [] if price is None else [f"{price!r} ({self._text(price) or 'a price'})"]
            return {}, others + why
        unit = has(meanings(price), "unit")
        if quantity is None:
            return ({}, [f"{price!r} (a unit price without a quantity)"]) if unit else ({"amount": price}, [])
        grows = self.grows(price, quantity)
        if grows is None and not unit:
            return {}, [f"{price!r} (of a unit or of the {plain(quantity)}?)"]
        return ({"amount": price}, []) if grows and not unit else ({"quantity": quantity, "price": price}, [])

    def _text(self, name: str) -> str:
        return f"text, such as {self.example(name)}; convert it to numbers" if self.numbers(name) is None else ""

    def _no_total(self, name: str, order: str | None, price: str | None, quantity: str | None) -> str:
        """Return why a column is not the total of a line, "" if it may be."""
        values = self.numbers(name)
        if values is None:
            return self._text(name)
        if not self.filled(name, order):
            return "missing in many rows"
        if order is not None and self._repeats(values, self.codes(order)):
            return f"repeats on every line of an {plain(order)}"
        if price is not None and quantity is None and (values == np.floor(values)).all():
            return f"whole numbers beside {plain(price)!r}: a quantity?"
        per_unit, pieces = (self.numbers(n) if n else None for n in (price, quantity))
        if pieces is not None and (pieces != 1).any():
            if per_unit is not None and np.isclose(values, line_totals(per_unit, pieces), atol=.01).mean() > .9:
                return ""
            if self.grows(name, quantity or "") is False:
                return f"does not grow with {plain(quantity)!r}: of a unit?"
        return ""

    def _repeats(self, values: np.ndarray, code: np.ndarray) -> bool:
        """Return whether the rows of an order have one value, which differs between orders."""
        known = np.isfinite(values) & (code >= 0)
        group, first = numbered(code[known])
        lines = np.bincount(group)
        several = lines[group] > 1
        same = values[known] == values[known][first][group]
        if np.count_nonzero(lines > 1) < 2 or not same[several].mean() >= ENOUGH:
            return False
        return len(np.unique(values[known][several])) > 1

    def grows(self, money: str, quantity: str) -> bool | None:
        """Return whether money grows with the quantity of the same product; None if the data do not tell."""
        product = next((n for n in self.names if only(meanings(n), "product", "id", "name")
                        and has(meanings(n), "product") and n != quantity), None)
        value, pieces = self.numbers(money), self.numbers(quantity)
        if product is None or value is None or pieces is None:
            return None
        code = self.codes(product)
        known = (code >= 0) & (value > 0) & (pieces > 0)
        group = numbered(code[known])[0]
        x, y = (_centred(np.log(column[known]), group) for column in (pieces, value))
        if np.count_nonzero(np.abs(x) > 1e-9) < 10:
            return None
        return bool((x * y).sum() > .5 * (x * x).sum())

    def missing(self, names: Iterable[str]) -> tuple[int, list[str]]:
        """Return the number of rows that lack a value, and a note on them."""
        lacking = {name: int((~self.known(name)).sum()) for name in self.names if name in names}
        lost = np.zeros(self.opened.rows, bool)
        for name in lacking:
            lost |= ~self.known(name)
        shown = ", ".join(f"{many(n, 'row')} without {plain(name)!r}" for name, n in lacking.items() if n)
        note = [f'missing="drop" leaves out {int(lost.sum()):,} of {many(len(lost), "row")}, and counts them: {shown}']
        return int(lost.sum()), note if shown else []

    def notes(self, time: str) -> list[str]:
        """Return notes on times with several offsets, and on columns of status and currency with several values."""
        days = self.days(time)
        out = [f"{time!r} has several offsets from UTC: tz= is the zone in which days are cut, such as "
               "tz='Europe/London'"] if days and days.tz else []
        for meaning, options in (("status", "keep={...} to say which count"), ("currency", "rates={...}")):
            kinds = [n for n in self.names if has(meanings(n), meaning) or (
                meaning == "status" and only(meanings(n), "order", "kind") and has(meanings(n), "kind"))]
            for name in kinds:
                codes, values = distinct(self.opened, name)
                rows = np.bincount(codes, minlength=len(values))
                if 1 < np.count_nonzero(rows[[not is_missing(value) for value in values.tolist()]]) <= 20:
                    out.append(f"{name!r} has {listed(values, rows)}: pass {meaning}={name!r}, {options}")
        return out


def _count(code: np.ndarray) -> int:
    """Return the number of different codes, without the missing one."""
    return len(np.unique(code[code >= 0]))


def _pairs(one: np.ndarray, two: np.ndarray) -> int:
    """Return the number of different pairs of codes, where both are known."""
    both = (one >= 0) & (two >= 0)
    return len(np.unique(one[both] * (int(two.max(initial=0)) + 1) + two[both]))


def _differ(one: np.ndarray, two: np.ndarray) -> bool:
    """Return whether two columns divide the rows in different ways."""
    return _pairs(one, two) > max(_count(one), _count(two))


def _centred(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return values less the mean of their group."""
    return np.asarray(values - (np.bincount(group, values) / np.maximum(np.bincount(group), 1))[group])
