"""Oddities in an order log: shares and shapes that a reader should know, each with its money and a remedy."""
from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .. import _core
from .._dates import WORDS, split_unit
from .._formatting import UNSEEN
from .._ids import NO_VALUE, SHOWN, numbered, shown_ids
from .._validation import sum_of
from .profile import FIRST_CONTACT
from .snapshot import Snapshot

LONG_GAP = 366                                  # days without any order that suggest a wrong date
LARGE, ALONE, ENOUGH = 0.1, 3, 20               # share of one customer, times the next one's, among that many customers
ONCE, MONTH = 0.995, 30                         # share of ids with one purchase, in a log of more than a month of days
REGULAR, SPREAD, GAPS = 0.8, 0.15, 3            # share of gaps near the customer's median gap, how near, gaps needed
ALIKE = 0.9                                     # share of orders of several lines whose lines have one amount
CODED = 0.95                                    # share of rows whose product has a digit, so that others stand out
NOBODY = (NO_VALUE - {""}) | {"anonymous", "anonym", "guest", "guests", "walk-in", "walkin", "cash", "test", "dummy",
                              "default", "no customer", "0", "-1", "匿名", "散客", "游客", "测试"}
FEES = re.compile(r"post|carriage|delivery|porto|versand.*|.*(运费|手续费|邮费).*|.*\b(fees?|charges?|postage|shipping|"
                  r"freight|commission|surcharge|deposit|voucher|gift ?card)\b.*", re.IGNORECASE)
NUMBER = re.compile(r"0*(\d+)(\.0*)?", re.ASCII)


class Oddity(NamedTuple):
    """Rows, customers or ids with one oddity; money is NaN where it is not known."""

    finding: str
    number: int
    money: float
    example: str
    advice: str


class Lines:
    """The rows of a snapshot, customer by customer and by time, beside the customers whom they belong to."""

    def __init__(self, view: Snapshot):
        self.view, ledger = view, view.ledger
        self.row, self.who = view.lines()
        self.columns = {name: column[self.row] for name, column in ledger.columns.items()}
        self.tick = ledger.tick[self.row]
        self.amount = self.columns.get("amount")

    @cached_property
    def ids(self) -> np.ndarray:
        """The ids of the customers of the snapshot."""
        return self.view.customers

    def money(self, mask: np.ndarray) -> float:
        """Return the amount of the rows of a mask, NaN where amounts are not known."""
        return sum_of(self.amount[mask]) if self.amount is not None else np.nan

    def rows(self, finding: str, mask: np.ndarray, advice: str, example: str | None = None) -> Iterator[Oddity]:
        """Yield a finding on rows; the examples are their customers."""
        if mask.any():
            shown = self.shown(np.unique(self.who[mask])) if example is None else example
            yield Oddity(finding, int(mask.sum()), self.money(mask), shown, advice)

    def customers(self, finding: str, mask: np.ndarray, advice: str, example: str | None = None) -> Iterator[Oddity]:
        """Yield a finding on customers; the money is that of all their rows."""
        if mask.any():
            shown = self.shown(np.flatnonzero(mask)) if example is None else example
            yield Oddity(finding, int(mask.sum()), self.money(mask[self.who]), shown, advice)

    def shown(self, places: np.ndarray) -> str:
        """Return the first ids of some customers."""
        return ", ".join(shown_ids(self.ids[places[:SHOWN]].tolist()))


def oddities(lines: Lines, merged: int) -> Iterator[Oddity]:
    """Yield what is odd in the rows of a snapshot."""
    for part in (
            _merged(lines, merged), _far_dates(lines), _twice(lines), _order_totals(lines), _nobody(lines),
            _large(lines), _once(lines), _twins(lines), _signs(lines), _grand_total(lines), _free(lines), _fees(lines),
            _contracts(lines), _refunds(lines), _below_zero(lines), _without_purchase(lines), _contacts(lines),
            _currencies(lines.view)):
        yield from part


# ---- rows that count twice ----

def _merged(lines: Lines, merged: int) -> Iterator[Oddity]:
    if merged:
        view = lines.view
        letter, anchor = split_unit(view.ledger.grain)
        word = WORDS[letter] + (f" ({view.ledger.grain})" if anchor else "")
        more = np.flatnonzero(view.total("orders") > view.total("purchases"))
        yield Oddity("rows merged", merged, np.nan, lines.shown(more),
                     f"a customer's rows of one {word} are one purchase, such as the lines of an order; pass another "
                     "grain= if each row is one")


def _twice(lines: Lines) -> Iterator[Oddity]:
    """Find rows that equal another one in customer, day, order, product and every number.

    Rows of a customer are sorted by time and then by their numbers, so equal ones are neighbours.
    """
    keys = [lines.who, lines.tick, *lines.columns.values()]
    same = np.ones(max(len(lines.row) - 1, 0), bool)
    for key in keys:
        same &= key[1:] == key[:-1]
    run = np.cumsum(np.append(0, ~same))[:len(lines.row)]
    some = np.flatnonzero(np.append(False, same)[:len(run)] | np.append(same, False)[:len(run)])
    key = run[some]
    for codes in (lines.view.ledger.order, lines.view.ledger.product):
        if codes is not None:
            code = codes[lines.row[some]].astype(np.int64)
            key = numbered(key * (int(code.max(initial=0)) + 2) + code + 1)[0]
    first = numbered(key)[1]
    again = np.zeros(len(lines.row), bool)
    again[np.delete(some, first)] = True
    names = lines.view.provenance.reading.names
    columns = list(dict.fromkeys(names.values()))
    apart = " and ".join(f"{name}=" for name in ("order", "product") if name not in names)
    yield from lines.rows("exact duplicate lines", again,
                          "equal to another row in every column given: entered or exported twice, or the total of an "
                          f"order on each of its lines? Then read orders.drop_duplicates({columns})"
                          + (f"; if not, pass {apart} to tell them apart" if apart else ""))


def _order_totals(lines: Lines) -> Iterator[Oddity]:
    """Find orders of different lines that all have one amount, where nearly all orders of several lines are so."""
    ledger = lines.view.ledger
    kinds = [ledger.product[lines.row]] if ledger.product is not None else []
    kinds += [lines.columns["quantity"]] if "quantity" in lines.columns else []
    if lines.amount is None or ledger.order is None or not kinds:
        return
    code, first = numbered(ledger.order[lines.row].astype(np.int64))
    total, size = lines.amount[first], len(first)
    other = np.any([kind != kind[first][code] for kind in kinds], axis=0)
    several = np.bincount(code, other, size) > 0
    alike = several & (np.bincount(code, lines.amount != total[code], size) == 0) & (total != 0)
    if np.count_nonzero(alike) < ALIKE * np.count_nonzero(several) or len(np.unique(total[alike])) < GAPS:
        return
    again = alike[code]
    again[first] = False
    names = lines.view.provenance.reading.names
    amount = f"orders[{names['amount']!r}]" if "amount" in names else ""
    remedy = f": {amount} = {amount}.where(~orders.duplicated({names['order']!r}), 0)" if amount else ""
    yield from lines.rows("lines of an order with one amount", again, "is it the total of the order, on each of its "
                          f"lines? Then it counts once for each line; keep it on the first one{remedy}")


# ---- ids ----

def _nobody(lines: Lines) -> Iterator[Oddity]:
    texts = _texts(lines)
    blank = np.array([text is not None and not text.strip() for text in texts], bool)
    yield from lines.customers("blank ids", blank, "kept as one customer; if they mean that the id is missing, leave "
                               "them out: base.where([not str(i).isspace() and i != '' for i in base.customers])")
    named = np.array([text is not None and text.strip().casefold() in NOBODY for text in texts], bool)
    yield from lines.customers("ids that read as missing or as a guest", named,
                               "kept as customers; if nobody in particular is meant, leave them out: "
                               f"base.where(~np.isin(base.customers, [{lines.shown(np.flatnonzero(named))}]))")


def _texts(lines: Lines) -> list[str | None]:
    """Return the ids that are text, None for others."""
    if lines.ids.dtype.kind not in "OUS":
        return [None] * len(lines.ids)
    return [value if isinstance(value, str) else None for value in lines.ids.tolist()]


def _large(lines: Lines) -> Iterator[Oddity]:
    """Find one customer with a share of the rows or of the money far above that of the next one."""
    n = len(lines.ids)
    if n < ENOUGH:
        return
    spent, total = [], _total_row(lines)
    if lines.amount is not None:
        value = lines.view.total("amount").copy()
        value[lines.who[total]] -= lines.amount[total]              # a finding of its own
        spent = [("money", np.maximum(value, 0))]
    for what, value in [("rows", np.bincount(lines.who, minlength=n).astype(float)), *spent]:
        second, first = np.partition(value, n - 2)[-2:]
        if first > LARGE * sum_of(value) and first > ALONE * second:
            mask = value == first
            share = f"{first / sum_of(value):.0%}"
            yield from lines.customers(
                f"one customer with {share} of the {what}", mask, "a guest account, a reseller, or an id for all "
                f"others? If so, leave it out: base.where(base.customers != {lines.shown(np.flatnonzero(mask))})")
            return


def _once(lines: Lines) -> Iterator[Oddity]:
    view, purchases = lines.view, lines.view.total("purchases")
    days = int((view.day - view.first().min()).astype(np.int64)) if len(lines.row) else 0
    if len(purchases) >= ENOUGH and days > MONTH and view.start is None and np.mean(purchases <= 1) >= ONCE:
        yield from lines.customers("ids that each order once", purchases <= 1,
                                   "is this the id of the order rather than of the customer? Pass the column that "
                                   "stays the same when a customer returns: CustomerBase(orders, customer=...)")


def _twins(lines: Lines) -> Iterator[Oddity]:
    """Find ids that are equal as numbers, or but for case, blanks, unseen characters or leading zeros."""
    if lines.ids.dtype.kind not in "OUS":
        return
    forms = [_form(value) for value in lines.ids.tolist()]
    often = Counter(forms)
    twin = np.array([bool(form) and often[form] > 1 for form in forms], bool)
    if twin.any():
        first = forms[twin.argmax()]
        pair = np.flatnonzero([form == first for form in forms])[:2]
        old, new = (lines.shown(pair[k:k + 1]) for k in (1, 0))
        plain = {(form, str(value).strip().lower()) for value, form in zip(lines.ids.tolist(), forms, strict=True)
                 if isinstance(value, str) and often[form] > 1}
        column = lines.view.provenance.reading.names["customer"]
        clean = f"; or clean the column first: orders[{column!r}].str.strip().str.lower()" if (
            len(plain) == len({form for form, _ in plain})) else ""
        yield from lines.customers("ids that differ only in type, case, unseen characters or leading zeros", twin,
                                   f"kept as different customers; if each is one customer, pass merge={{{old}: {new}, "
                                   f"...}} to CustomerBase{clean}", lines.shown(pair))


def _form(value: object) -> str:
    """Return an id as it is compared with others: 7, "7", "7.0" and "007" are "7"."""
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in UNSEEN)
    text = "".join(text.split()).casefold()
    number = NUMBER.fullmatch(text)
    return number[1] if number else text.lstrip("0")


# ---- numbers ----

def _signs(lines: Lines) -> Iterator[Oddity]:
    if lines.amount is not None and "quantity" in lines.columns:
        yield from lines.rows("signs of quantity and amount that differ", lines.amount * lines.columns["quantity"] < 0,
                              "a return has both below zero; is amount= the price of one unit? Then pass price= "
                              "in place of amount=; else correct the sign")


def _total_row(lines: Lines) -> np.ndarray:
    """Return the place of a row that is the sum of all others, if there is one."""
    if lines.amount is None or len(lines.row) < ALONE + 1:
        return np.zeros(0, int)
    most = int(np.abs(lines.amount).argmax())
    rest = sum_of(np.delete(lines.amount, most))
    same = lines.amount[most] != 0 and abs(lines.amount[most] - rest) <= 1e-9 * abs(rest)
    return np.array([most] if same else [], int)


def _grand_total(lines: Lines) -> Iterator[Oddity]:
    for most in _total_row(lines).tolist():
        mask = np.arange(len(lines.row)) == most
        name = lines.view.provenance.reading.names.get("amount")
        found = "" if name is None else f": orders[orders[{name!r}] != {float(lines.columns['amount'][most])!r}]"
        yield from lines.rows("a row that is the sum of all others", mask,
                              f"a line of totals below the table? Leave it out{found}")


def _free(lines: Lines) -> Iterator[Oddity]:
    if lines.amount is not None:
        yield from lines.rows("free orders", lines.amount == 0, "an amount of 0; alone in their "
                              f"{WORDS[split_unit(lines.view.ledger.grain)[0]]} these rows count as a purchase: if "
                              "they should not, read orders[orders[amount] != 0]")


def _fees(lines: Lines) -> Iterator[Oddity]:
    """Find products that are no goods: by their name, or without quantity, or without a digit where others have one."""
    ledger = lines.view.ledger
    if ledger.product is None:
        return
    code = ledger.product[lines.row].astype(np.int64)
    known = code >= 0
    names = [str(name) for name in ledger.labels["products"].array("value")] if "products" in ledger.labels else []
    size = max(len(names), int(code.max(initial=-1)) + 1)
    fee = np.array([bool(FEES.fullmatch(name.strip())) for name in names] + [False] * (size - len(names)), bool)
    coded = np.array([any(map(str.isdigit, name)) for name in names] + [True] * (size - len(names)), bool)
    if known.any() and np.mean(coded[code[known]]) >= CODED:
        fee |= ~coded
    if "quantity" in lines.columns:
        some = np.bincount(code[known & (lines.columns["quantity"] != 0)], minlength=size) > 0
        if np.mean(some[code[known]]) >= CODED:
            fee |= ~some
    mask = known & fee[np.where(known, code, 0)] if size else known
    shown = np.unique(code[mask])
    which = ", ".join(repr(names[k]) for k in shown[:SHOWN]) if names else lines.shown(np.unique(lines.who[mask]))
    yield from lines.rows("rows that are fees, postage or corrections", mask, "products that are no goods count as "
                          f"purchases; if they should not, read orders[~orders[product].isin([{which}, ...])]", which)


def _currencies(view: Snapshot) -> Iterator[Oddity]:
    for note in view.provenance.notes.get("currency", ()):
        if note.rows:
            yield Oddity("rows in another currency", note.rows, np.nan, note.before, "converted at the one rate given; "
                         "for rates that change, convert the amounts before: orders[amount] * orders[rate]")


# ---- dates ----

def _far_dates(lines: Lines) -> Iterator[Oddity]:
    """Find rows that a gap of more than a year separates from the longest stretch of rows."""
    order = np.argsort(lines.tick, kind="stable")
    tick, per_day = lines.tick[order], lines.view.ledger.per_day
    cuts = np.flatnonzero(np.diff(tick) > LONG_GAP * per_day) + 1
    if not cuts.size:
        return
    edges = np.concatenate([[0], cuts, [len(tick)]])
    sizes = np.diff(edges)
    main = int(len(sizes) - 1 - sizes[::-1].argmax()) if sizes[0] < sizes.max() else 0
    far = np.ones(len(tick), bool)
    far[order[edges[main]:edges[main + 1]]] = False
    days = lines.view.ledger.days(tick)
    late = edges[main + 1] < len(tick)
    example, last = days[-1] if late else days[0], days[edges[main + 1] - 1]
    remedy = f': pass end="{last}"' if late else ""
    yield from lines.rows("rows beyond a gap of more than a year", far, "no order for a year between these days and "
                          f"the others: a wrong date? All times run to the last day{remedy}", str(example))


def _contracts(lines: Lines) -> Iterator[Oddity]:
    """Find customers who buy at regular intervals, as under a contract."""
    view, ledger = lines.view, lines.view.ledger
    if view.start is not None or ledger.edges is not None:          # coarse grains make gaps regular
        return
    gaps = _core.gaps(ledger.tick, ledger.purchases(view.begin, view.end)[0], view.begin, view.end, 1, ledger.per_day)
    median = _core.quantiles(gaps, view.begin, view.end, 0.5, GAPS)
    gap, usual = gaps[lines.row], median[lines.who]
    counted = ~np.isnan(gap) & ~np.isnan(usual)
    near = counted & (np.abs(gap - usual) <= SPREAD * usual)
    regular = np.bincount(lines.who[near], minlength=len(view.who)) >= REGULAR * np.maximum(
        np.bincount(lines.who[counted], minlength=len(view.who)), 1)
    enough = ~np.isnan(median)
    if np.count_nonzero(enough) >= GAPS and np.mean(regular[enough]) >= REGULAR and np.median(median[enough]) > SHOWN:
        days = float(np.median(median[enough]))
        yield from lines.customers(f"purchases at regular intervals, of {days:.0f} days", regular & enough,
                                   "these look like subscriptions or contracts, which models of free purchases "
                                   "overestimate: cv.ShiftedBetaGeometric().fit(cv.tenures(base))")


# ---- customers ----

def _refunds(lines: Lines) -> Iterator[Oddity]:
    if lines.amount is not None:
        yield from lines.rows("refund rows", lines.amount < 0, 'taken off the amount; pass refunds="drop" to leave '
                              'them out, refunds="raise" to refuse them')


def _below_zero(lines: Lines) -> Iterator[Oddity]:
    view = lines.view
    for name, what, advice in (
            ("amount", "a negative amount", "they got back more than they paid; were their orders before the log "
                                            "begins?"),
            ("margin", "a negative margin", "they cost more than they contribute; base.summary() shows amount, cost "
                                            "and marketing")):
        if view.knows(name):
            total = view.total(name)
            for found in lines.customers(f"customers with {what}", total < 0, advice):
                yield found._replace(money=sum_of(total[total < 0]))


def _without_purchase(lines: Lines) -> Iterator[Oddity]:
    yield from lines.customers("customers without a purchase", lines.view.total("purchases") == 0,
                               "all their orders were returned, or the order is older than the log; models leave them "
                               "out")


def _contacts(lines: Lines) -> Iterator[Oddity]:
    view = lines.view
    if FIRST_CONTACT in view.profile:
        known = view.profile[FIRST_CONTACT][view.who]
        yield from lines.customers("first contact after the first order", known > view.first(), "the customer ordered "
                                   "before being met; years counts from the first order, the earlier one")
        yield from lines.customers("first contact after the end", known > view.day, "not known yet; years counts from "
                                   "the contact log or the first order")
