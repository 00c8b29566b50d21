"""Two classifications of customers paired: frames by customer, columns as they stand."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._ids import ids_of
from .._row_report import shorten
from .._tabular import demand, series, table
from .._validation import aligned, finite, same_index
from ..customers.profile import matched
from ..errors import ConfigError, DataError
from .segmentation import Classes, carrier, places
from .tiers import MAX_TIERS

LABELS = ("tier", "stage", "segment", "cell", "class")


class Pairs(NamedTuple):
    """Customers of either time: the place of each among the classes of both, -1 where it is not there."""

    names: tuple[list[str], list[str]]
    place: tuple[np.ndarray, np.ndarray]
    money: tuple[np.ndarray, np.ndarray] | None      # 0 where the customer is not there
    who: dict[str, np.ndarray]                       # who they are: "customer", or "row" of columns as they stand
    back: Any


def pairs_of(before: Any, after: Any, by: str | None, values: Any, customer: Any) -> Pairs:
    """Return the customers of two frames joined by customer, or of two columns of classes as they stand.

    A pair of columns as `customer` makes such frames of the columns of classes.
    """
    if isinstance(customer, tuple | list):
        money = (None, None) if values is None else _two(values, "values")
        before, after = map(_named, (before, after), _two(customer, "customer"), money)
        by, values, customer = "class", None if values is None else "value", "customer"
    before, after = (_with_customers(classes) for classes in (before, after))
    columns = [_is_column(classes) for classes in (before, after)]
    if columns[0] != columns[1]:
        raise ConfigError("migration: pass two frames with a column of customers, or two columns of classes")
    return _beside(before, after, values) if columns[0] else _joined((before, after), by, values, customer)


def placed(classes: Any, frame: Any, argument: str) -> tuple[list[str], np.ndarray]:
    """Return the names of classes and the place of each customer of `frame`: by id where the classes have ids."""
    known, asked = _with_customers(classes), table(frame)
    if _is_column(known):
        names, place = places(classes, frame, argument)
        if len(place) != asked.rows:
            raise DataError(f"{argument}: {len(place):,} rows for {asked.rows:,} customers; to join them by customer "
                            "pass a frame with the columns customer and tier")
        return names, place
    ids = ids_of(asked, "customer")
    opened, row, _ = matched(known, ids, "customer")
    if (row < 0).any():
        raise DataError(f"{argument}: {int((row < 0).sum()):,} of {len(ids):,} customers have no row, "
                        f"the first is {shorten(ids[(row < 0).argmax()])}")
    there = [name for name in LABELS if name in opened.names]
    if len(there) != 1:
        raise ConfigError(f"{argument}: beside customer one column of {', '.join(LABELS)} has the class; "
                          f"there is {' and '.join(map(repr, there)) or 'none'}")
    names, place = places(classes if isinstance(classes, Classes) else opened.array(there[0]), None, argument)
    return names, place[row]


def ordered(pairs: Pairs, order: Sequence[str]) -> Pairs:
    """Return the pairs with their classes in an order that has all of them."""
    names, places_ = [], []
    for own, place in zip(pairs.names, pairs.place, strict=True):
        names.append([name for name in order if name in own])
        places_.append(np.array([*map(names[-1].index, own), -1], np.int8)[place])
    return pairs._replace(names=(names[0], names[1]), place=(places_[0], places_[1]))


def _with_customers(classes: Any) -> Any:
    """Return classes that know their customers as a frame."""
    if isinstance(classes, Classes) and "customer" in classes._back.names:
        return classes._back.beside({"customer": classes._back.array("customer"),
                                     classes._of: np.array([*classes.names, None], object)[classes.tier]})
    return classes


def _two(given: Any, argument: str) -> tuple[Any, Any]:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ConfigError(f"{argument}= of two columns of classes is a pair: those before and those after")
    return given[0], given[1]


def _named(classes: Any, ids: Any, money: Any) -> Any:
    """Return a column of classes as a frame with its customers, and what they are worth if that is known."""
    if not _is_column(classes):
        raise ConfigError("customer= of frames is the name of a column of both")
    names, place = places(classes, None, "classes")
    back = classes._back if isinstance(classes, Classes) else series(classes)[1]
    columns = {"customer": aligned(place, ids, "customer"), "class": np.array([*names, None], object)[place]}
    return back.beside(columns | ({} if money is None else {"value": aligned(place, money, "values")}))


def _is_column(classes: Any) -> bool:
    if isinstance(classes, np.ndarray):
        return classes.dtype.names is None
    if isinstance(classes, Classes):
        return True
    kind = type(classes)                        # of a lazy frame the attribute itself would be computed
    return not isinstance(classes, Mapping) and not (hasattr(kind, "columns") or hasattr(kind, "column_names"))


def _joined(frames: tuple[Any, Any], by: str | None, values: Any, customer: str) -> Pairs:
    """Return the customers of either frame, those of the second alone last."""
    if values is not None and not isinstance(values, str):
        raise ConfigError("values= of two frames is the name of a column of both")
    opened = [matched(frame, ids_of(table(frame), customer), customer)[0] for frame in frames]    # nobody twice
    row = matched(frames[1], ids_of(opened[0], customer), customer)[1]
    late = np.setdiff1d(np.arange(opened[1].rows), row)
    rows = (np.r_[np.arange(opened[0].rows), np.full(len(late), -1)], np.r_[row, late])
    label = _label(opened, by)
    found = [places(side.array(label), None, label) for side in opened]
    place = [np.append(own, np.int8(-1))[at] for (_, own), at in zip(found, rows, strict=True)]
    money = None
    if values is not None:
        for side in opened:
            demand(side, values, "values")
        money = [np.append(side.array(values), 0.0)[at] for side, at in zip(opened, rows, strict=True)]
    who = [ids_of(side, customer) for side in opened]
    if len(late):
        kind = None if who[0].dtype.kind == who[1].dtype.kind else object
        who[0] = np.concatenate([who[0], who[1][late]], dtype=kind)
    return _paired([names for names, _ in found], place, money, {"customer": who[0]}, opened[0])


def _label(opened: Sequence[Any], by: str | None) -> str:
    """Return the name of the column with the classes."""
    if by is not None:
        for side in opened:
            demand(side, by, "by")
        return by
    there = [name for name in LABELS if all(name in side.names for side in opened)]
    if len(there) != 1:
        raise ConfigError(f"by=: name the column with the class; {' and '.join(map(repr, there)) or 'none'} of "
                          f"{', '.join(LABELS)} is in both frames")
    return there[0]


def _beside(before: Any, after: Any, values: Any) -> Pairs:
    """Return customers that stand in the same order."""
    first, own = places(before, None, "before")
    second, other = places(after, carrier(before), "after")
    if len(own) != len(other):
        raise DataError(f"after: {len(other):,} customers, before has {len(own):,}; to join them by customer pass "
                        "frames with the columns customer and tier")
    money = None
    if values is not None:
        for column in _two(values, "values"):
            same_index(carrier(before), column, "values")
        money = [aligned(own, column, "values") for column in values]
    back = before._back if isinstance(before, Classes) else series(before)[1]
    return _paired([first, second], [own, other], money, {"row": np.arange(len(own))}, back)


def _paired(names: list[list[str]], place: list[np.ndarray], money: list[np.ndarray] | None,
            who: dict[str, np.ndarray], back: Any) -> Pairs:
    """Leave out who is there at neither time; the money of who is not there is 0."""
    if max(map(len, names)) >= MAX_TIERS:
        raise DataError(f"migration: {max(map(len, names)):,} classes; at most {MAX_TIERS - 1} are told apart")
    there = (place[0] >= 0) | (place[1] >= 0)
    kept = [column[there] for column in place]
    if money is not None:
        money = [np.where(at < 0, 0.0, column[there]) for at, column in zip(kept, money, strict=True)]
        for column in money:
            finite(column, "values")
    return Pairs((names[0], names[1]), (kept[0], kept[1]), None if money is None else (money[0], money[1]),
                 {name: column[there] for name, column in who.items()}, back)
