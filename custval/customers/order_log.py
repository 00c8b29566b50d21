"""Read an order log; every row is used or accounted for.

`read_ids`, `read_times` and `read_amounts` read a column by its role and return its values and findings: the rows
that are invalid, and why.
"""
from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Self, TypeAlias

import numpy as np

from .. import _core
from .._arrays import FrameLike, Table, as_array
from .._core import NO_TICK
from .._formatting import many
from .._ids import NO_VALUE, codes_of, ids_of, is_missing, keys_of, numbered, shown_ids
from .._row_report import FIX, Finding, counted, known_sum, message, settle, shorten, sizes
from .._tabular import demand, table
from .._validation import number_of
from ..errors import ConfigError, DataError
from .ledger import Ledger, build
from .order_options import Note, Reading, convert, left_out_by_status, line_totals, merge_accounts, warn_of_halves
from .timestamps import Times, read_times

Columns: TypeAlias = Mapping[str, np.ndarray]
NUMBERS = ("amount", "price", "cost", "marketing", "quantity")
CURRENCY = (r"\s*(?:[A-Z]{0,2}[$€£¥￥₹₽₩₺₫₴₱₪₦฿]|(?!MIO|MLN|MRD|TSD|BIO)[A-Z]{3}|元|円|원|kr|zł|Kč|Ft|lei|Rs)?"
            r"\s*")                                        # words of another meaning, such as k, CR or %, are none
MINUS = ("-", "−", "(")                                    # -5.00, 5.00-, (5.00)
MONEY_TEXT = {point: re.compile(rf"{CURRENCY}\(?[-−+]?{CURRENCY}(\d{{1,3}}([{mark}\s'’]\d{{3}})+|\d+)"
                                rf"(\{point}(\d{{1,2}}|\d{{3,8}}(?=\s*[万亿])))?\s*[万亿]?{CURRENCY}[-−]?\)?{CURRENCY}")
              for point, mark in ((".", ","), (",", "."))}
ALL_ROWS = ("missing costs are filled at the rates of the whole log, so all rows are needed: pass them at once to "
            "CustomerBase")
MOST_READ = 1000                                           # rows in which examples are looked for
PLAIN = re.compile(r"\s*[-+]?\d+(\.\d*)?\s*", re.ASCII)
NOT_NUMBERS = {"U": "text", "S": "bytes", "M": "dates", "m": "spans of time", "c": "complex numbers",
               "b": "true and false", "f": "numbers wider than float64"}


class Amounts(NamedTuple):
    """Money in the rows of a log: of all of them, and of those dropped, by reason."""

    all: float
    dropped: Mapping[str, float]               # without the reasons for which no amount is known


class Orders(NamedTuple):
    """A log that was read: its ledger, the customers' ids, and what became of its rows."""

    ledger: Ledger
    ids: Table                                 # the column "customer", one row per customer
    zone: str | None
    rows: int
    dropped: Mapping[str, int]
    filled: int                                # rows whose missing cost was filled
    money: Amounts | None
    notes: Mapping[str, list[Note]]            # lines of the data report
    examples: Mapping[str, tuple[str, ...]]    # ids of the rows dropped, by reason

    def with_rows(self) -> Self:
        """Return the log, checked to have a row."""
        if not len(self.ledger.tick):
            why = f" ({counted(self.dropped)})" if self.dropped else ""
            raise DataError(f"orders: none of {many(self.rows, 'row')} can be used{why}; a base needs an order")
        return self


def read_orders(frame: FrameLike, reading: Reading) -> Orders:
    """Read an order log into a ledger."""
    names = reading.names
    opened = table(frame, dict.fromkeys(names.values()))
    for argument, name in names.items():
        demand(opened, name, argument)
    left, unstated = left_out_by_status(opened, reading) if "status" in names else ({}, [])
    chosen = _without(np.ones(opened.rows, bool), left)
    keys, findings = read_ids(opened, names["customer"], "customer")
    tick, zone, found = _times(opened, reading)
    columns, wrong = _numbers(opened, reading)
    codes, more = _codes(opened, names)
    findings += found + wrong + more + unstated
    if left and "orders" in codes:
        warn_of_halves(opened, reading, codes["orders"], left)
    words, notes = worder(opened, names), dict[str, list[Note]]()
    if "currency" in names:
        notes["currency"] = convert(opened, names["currency"], reading.rates, columns, chosen)
    filled = _fill_costs(columns, opened, reading)
    findings += not_finite(columns["cost"], names["cost"], "cost") if "cost" in names else []
    amount = columns.get("amount")
    keep, dropped = settle(_within(findings, chosen), opened.rows, reading.missing, words, "orders", amount)
    chosen, left = chosen if keep is None else chosen & keep, {**left, **dropped}
    if reading.refunds != "net" and amount is not None:
        refunds = _refunds(amount, names.get("amount", names.get("price", "")), reading.refunds, chosen, words)
        chosen, left = _without(chosen, refunds), {**left, **refunds}
    ledger, ids = _grouped(opened, reading, (keys, tick, columns, codes), chosen, notes)
    money = None if amount is None else Amounts(known_sum(amount), {
        r: known_sum(amount[n]) for r, n in left.items() if np.isfinite(amount[n]).any()})
    return Orders(ledger, ids, zone, opened.rows, sizes(left), filled, money, notes, _examples(opened, names, left))


def _examples(opened: Table, names: Mapping[str, str], left: Mapping[str, np.ndarray]) -> dict[str, tuple[str, ...]]:
    """Return the first ids of the rows dropped, by reason."""
    ids = ids_of(opened, names["customer"]) if left else np.zeros(0)
    lost = opened.missing(names["customer"]) if left else None
    known = {reason: rows if lost is None else rows[~lost[rows]] for reason, rows in left.items()}
    return {reason: shown_ids(ids[rows[:MOST_READ]].tolist()) for reason, rows in known.items()}


def _without(chosen: np.ndarray, left: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a mask without the rows left out."""
    chosen = chosen.copy()
    for rows in left.values():
        chosen[rows] = False
    return chosen


def _within(findings: list[Finding], chosen: np.ndarray) -> list[Finding]:
    """Return the findings in the rows chosen."""
    inside = [found._replace(rows=found.rows[chosen[found.rows]]) for found in findings]
    return [found for found in inside if found.rows.size]


def _times(opened: Table, reading: Reading) -> Times:
    name, tz = reading.names["time"], reading.tz
    read = read_times(opened, name, hours=reading.grain == "h", tz=tz, time_format=reading.time_format)
    if tz is not None and read.zone is None and (read.tick != NO_TICK).any():
        text = opened.array(name).dtype.kind in "OUST"
        column = f"pandas.to_datetime(frame[{name!r}])" if text else f"frame[{name!r}]"
        raise DataError(f"column {name!r}: its times carry no zone, so tz={tz!r} has nothing to convert; they "
                        "are local wall time\n  Leave tz= away if they are by the clock of the place; if they are of "
                        f"another zone, give them that first, in pandas: {column}.dt.tz_localize(\"UTC\").")
    return read


def _numbers(opened: Table, reading: Reading) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """Return the columns of numbers; a price times its quantity is the amount."""
    columns: dict[str, np.ndarray] = {}
    findings: list[Finding] = []
    for argument in (n for n in NUMBERS if n in reading.names):
        columns[argument], found = read_amounts(opened, reading.names[argument], argument)
        findings += found if argument != "cost" else []
    if "price" in columns:
        columns = {"amount": line_totals(columns.pop("price"), columns["quantity"]), **columns}
        findings += [] if findings else not_finite(columns["amount"], reading.names["price"], "amount")
    return columns, findings


def _codes(opened: Table, names: Mapping[str, str]) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """Return the codes of orders and products; an unknown product is -1."""
    codes: dict[str, np.ndarray] = {}
    findings: list[Finding] = []
    if "order" in names:
        codes["orders"], findings = read_ids(opened, names["order"], "order", codes_of)
    if "product" in names:
        code, missing = codes_of(opened, names["product"])
        codes["products"] = code
        if missing is not None:                               # which has a code among the others
            codes["products"] = np.full(len(code), -1)
            codes["products"][~missing] = numbered(code[~missing])[0]
    if "currency" in names:
        findings += missing_ids(names["currency"], "currency", keys_of(opened, names["currency"])[1])
    return codes, findings


def _grouped(opened: Table, reading: Reading, rows: tuple[np.ndarray, np.ndarray, Columns, Columns],
             chosen: np.ndarray, notes: dict[str, list[Note]]) -> tuple[Ledger, Table]:
    """Return the ledger of the rows chosen and the ids of its customers, with merged accounts as one customer."""
    keys, tick, columns, codes = rows
    name, who = reading.names["customer"], None
    if reading.merge:
        who = merge_accounts(opened, name, keys, reading.merge, reading.further)
        keys, moved = who.codes, who.moved & chosen
        amount = known_sum(columns["amount"][moved]) if "amount" in columns else None
        notes["merged accounts"] = [Note("", int(moved.sum()), amount)]
    if "products" in codes and (unknown := int((codes["products"][chosen] < 0).sum())):
        notes["product"] = [Note("", unknown, None, " without one, which count in money")]
    labels = {mark: _labels(opened, reading.names[mark[:-1]], code) for mark, code in codes.items()}
    everyone = bool(chosen.all())
    if not everyone:
        keys, tick = keys[chosen], tick[chosen]
        columns, codes = ({n: column[chosen] for n, column in group.items()} for group in (columns, codes))
    ledger, first = build(keys, tick, columns, codes, reading.grain, labels)
    if who is None:
        picked = opened.pick(name, first if everyone else np.flatnonzero(chosen)[first])
        return ledger, table(opened.new({"customer": picked}))
    theirs = keys[first]
    picked = opened.pick(name, who.first[theirs]) if who.ids is None else as_array(who.ids[theirs].tolist())
    return ledger, table(opened.new({"customer": picked}))


def _refunds(amount: np.ndarray, name: str, refunds: str, chosen: np.ndarray,
             words: Callable[[list[Finding]], str]) -> dict[str, np.ndarray]:
    """Return the rows of refunds to leave out, or raise."""
    rows = np.flatnonzero((amount < 0) & chosen)
    if rows.size and refunds == "raise":
        raise DataError(words([Finding(name, "refund", "are below zero", rows, 'Pass refunds="net" to set refunds '
                                      'against purchases, or refunds="drop" to leave them out and count them.')]))
    return {"refund": rows} if rows.size else {}


# ---- one reader for each role of a column ----

def read_ids(opened: Table, name: str, argument: str,
             read: Callable[[Table, str], tuple[np.ndarray, np.ndarray | None]] = keys_of,
             ) -> tuple[np.ndarray, list[Finding]]:
    """Read a column of ids as int64 keys, or as codes 0 .. k - 1 with ``read=codes_of``."""
    keys, missing = read(opened, name)
    return keys, missing_ids(name, argument, missing)


def _labels(opened: Table, name: str, codes: np.ndarray) -> Table:
    """Return the distinct values of a column by their codes, which count from 0 by first appearance; -1 has none."""
    first = numbered(codes)[1]
    return table(opened.new({"value": opened.pick(name, first[codes[first] >= 0])}))


def missing_ids(name: str, argument: str, missing: np.ndarray | None) -> list[Finding]:
    """Return the finding that ids are missing, if any are."""
    return [] if missing is None else [
        Finding(name, f"{argument} missing", "are missing", np.flatnonzero(missing), FIX)]


def read_amounts(opened: Table, name: str, argument: str) -> tuple[np.ndarray, list[Finding]]:
    """Read a column of numbers as float64."""
    column = opened.array(name)
    kind = column.dtype.kind
    if kind == "O":
        column, kind = _from_objects(column, name, argument), "f"
    if kind not in "fiu" or column.dtype.itemsize > 8:
        raise DataError(f"column {name!r} ({argument}=) holds {NOT_NUMBERS.get(kind, column.dtype)}, not "
                        f"numbers; convert it first, so that nothing is guessed{_conversion(column, name)}")
    values = np.ascontiguousarray(column, np.float64)
    if kind in "iu" and column.dtype.itemsize == 8 and column.size and np.abs(values).max() >= 2.0**53:
        raise DataError(f"column {name!r} ({argument}=) holds integers beyond 2**53, which lose digits")
    return values, not_finite(values, name, argument)


def not_finite(values: np.ndarray, name: str, argument: str) -> list[Finding]:
    """Return the findings that values are not finite, or so large that their sum might not be, if there are any."""
    count, rows = _core.bad_values(values, 1)
    if not count:
        return []
    rows = _core.bad_values(values, count)[1]
    large = np.isfinite(values[rows])
    found = [Finding(name, f"{argument} not finite", "are not finite numbers", rows[~large], FIX),
             Finding(name, f"{argument} too large", "are beyond 1e298, so that sums would overflow", rows[large], FIX)]
    return [finding for finding in found if len(finding.rows)]


def _from_objects(column: np.ndarray, name: str, argument: str) -> np.ndarray:
    out = np.full(len(column), np.nan)
    for row, value in enumerate(column.tolist()):
        number = number_of(value)
        if number is None:
            raise DataError(f"column {name!r} ({argument}=) holds {type(value).__name__} values such as "
                            f"{shorten(value)} in row {row:,}; convert it to numbers first{_conversion(column, name)}")
        out[row] = number
    return out


def _conversion(column: np.ndarray, name: str) -> str:
    """Return how pandas makes numbers of text: plain ones, those of one form with thousands, a currency or signs.

    Text that reads as missing becomes so. The form is checked on every value; "" if there is none that fits all.
    """
    values = [value for value in column.tolist() if not is_missing(value)]
    lost = [value for value in values if isinstance(value, str) and value.strip().casefold() in NO_VALUE]
    texts = [value for value in values if isinstance(value, str) and value not in lost]
    others = [value for value in values if not isinstance(value, str)]
    if not texts + lost or not texts + others or any(number_of(value) is None for value in others) or any(
            sum(map(text.count, MINUS)) > 1 or text.count("(") != text.count(")") for text in texts):
        return ""
    rest = (f"\n  That leaves {many(len(lost), 'value')} such as {shorten(lost[0])} missing; missing=\"drop\" leaves "
            "such rows out and counts them.") if lost else ""
    if (lost or others) and all(PLAIN.fullmatch(text) and MONEY_TEXT["."].fullmatch(text) for text in texts):
        coerce = ', errors="coerce"' if lost else ""
        return f", in pandas:\n  pandas.to_numeric(frame[{name!r}]{coerce}){rest}"
    for point, form in MONEY_TEXT.items():
        if not others and all(form.fullmatch(text) for text in texts):
            known = f".mask(frame[{name!r}].isin({sorted(set(lost))}))" if lost else ""
            return f", in pandas:\n  frame[{name!r}]{known}{_steps(chr(10).join(texts), point)}.astype(float){rest}"
    return ""


def _steps(text: str, point: str) -> str:
    """Return the replacements that make numbers of all lines of a text."""
    def put(old: str, new: str) -> str:
        return f'.str.replace("{old}", "{new}", regex=False)' if old in text else ""

    scales = "".join(scale for scale in "万亿" if scale in text)
    last = r'.str.replace(r"^(.*\d.*)[-−]", r"-\1", regex=True)' if re.search(r"\d.*[-−]", text) else ""
    return (last + put("−", "-") + put("(", "-") + f'.str.replace(r"[^0-9{point}{scales}-]", "", regex=True)'
            + (put(",", ".") if point == "," else "") + put("万", "e4") + put("亿", "e8"))


def worder(opened: Table, names: Mapping[str, str]) -> Callable[[list[Finding]], str]:
    """Return a function that words findings as the message of a DataError."""
    column = functools.cache(opened.array)

    def about(row: int) -> str:
        roles = [role for role in ("customer", "order") if role in names]
        return ", ".join(f"{role} {_plain(column(names[role])[row])}" for role in roles)

    return lambda findings: message(findings, opened.rows, lambda name, row: column(name)[row], about)


def _plain(value: object) -> str:
    text = shorten(value)
    return text if text == "(missing)" else shorten(str(value))[1:-1]


# ---- product costs ----

def _fill_costs(columns: dict[str, np.ndarray], opened: Table, reading: Reading) -> int:
    """Fill missing product costs; return the number of rows of a cost column that were filled."""
    names, by = reading.names, reading.cost_missing
    if reading.margin_rate is not None:
        columns["cost"] = columns["amount"] * (1.0 - float(reading.margin_rate))
    if by == "raise" or "cost" not in names:
        return 0
    missing = np.isnan(columns["cost"])
    if not missing.any():
        return 0
    if reading.further:
        raise ConfigError(f"append: column {names['cost']!r}: {ALL_ROWS}")
    if "amount" not in columns or (by == "product" and "product" not in names):
        lacking = "amount" if "amount" not in columns else "product"
        raise ConfigError(f"cost_missing={by!r} needs {lacking}=, the column by which costs are filled")
    group = codes_of(opened, names["product"])[0] if by == "product" else np.zeros(len(missing), np.int64)
    rate = _rates(columns["amount"], columns["cost"], missing, group)
    lost = np.flatnonzero(missing & np.isnan(rate[group]) & np.isfinite(columns["amount"]))
    if lost.size:
        of = f"of product {opened.array(names['product'])[lost[0]]!r} " if by == "product" else ""
        raise DataError(f"column {names['cost']!r}: row {lost[0]:,} has no cost, and no row {of}has one, or those "
                        'that have sum to no amount above 0\n  Give them a cost, or pass cost_missing="base".')
    columns["cost"] = np.where(missing, columns["amount"] * rate[group], columns["cost"])
    return int(missing.sum())


def _rates(amount: np.ndarray, cost: np.ndarray, missing: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the cost ratio of each group, product cost per amount, NaN where unknown."""
    known = ~missing & np.isfinite(amount) & np.isfinite(cost)
    (money, spent), begin, end, first = _core.group_by(group[known], (amount[known], cost[known]))
    whole = _core.totals(money, begin, end)
    rate = np.full(int(group.max(initial=0)) + 1, np.nan)
    rate[group[known][first]] = np.where(whole > 0, _core.ratio(_core.totals(spent, begin, end), whole), np.nan)
    return rate
