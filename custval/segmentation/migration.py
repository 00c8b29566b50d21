"""Migration of customers between two classifications: moves in number and in money, entries and exits included."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from .. import _core, _formatting
from .._arrays import FrameLike, Table
from .._core import MAX_TIERS
from .._files import known
from .._ids import ids_of, other_kind
from .._row_report import shorten
from .._tabular import aligned, demand, is_frame, labelled, labels_of, rows_of, series, table
from .._validation import divide, finite, in_short, numbers
from ..customers.profile import matched
from ..errors import ConfigError, DataError
from .segmentation import Labels, Segmentation, cell_totals, places, rows_of_classes, source_of

ENTER, LEAVE = "(new)", "(gone)"
MOVES = ("stays", "up", "down", "moves", "enters", "leaves")
LABELS = ("tier", "stage", "segment", "cell", "class")
Classified: TypeAlias = Labels | FrameLike                  # classes, labels, or a frame of customers and classes
Pair: TypeAlias = tuple[ArrayLike, ArrayLike]               # a column before and one after


class Pairs(NamedTuple):
    """Customers of either time: the place of each among the classes of both, -1 where they are not there."""

    names: tuple[list[str], list[str]]
    place: tuple[np.ndarray, np.ndarray]
    money: tuple[np.ndarray, np.ndarray] | None      # 0 where the customer is not there
    who: dict[str, np.ndarray]                       # their ids as "customer"; or their rows as "row"
    source: Table


class Migration(_formatting.Printed):
    """Customers by class before and after; made by `migration`.

    Attributes
    ----------
    before, after : tuple of str
        The classes; in the matrices a last row has the new customers, a last column those who left.
    customers : ndarray of int64, shape (classes before + 1, classes after + 1)
    value_before, value_after : ndarray of float64 of the same shape, or None
        Value of the customers of each cell before and after; 0 where they were not there.

    Examples
    --------
    >>> import custval as cv
    >>> moved = cv.migration(["A", "B", None], ["A", "A", "B"], order=["A", "B"])
    >>> moved.before, moved.after, moved.customers.tolist()
    (('A', 'B'), ('A', 'B'), [[1, 0, 0], [1, 0, 0], [0, 1, 0]])
    """

    def __init__(self, pairs: Pairs, order: Sequence[str] | None):
        self.before, self.after = (tuple(names) for names in pairs.names)
        rows, columns = len(self.before) + 1, len(self.after) + 1
        first, second = (np.where(place < 0, len(names), place).astype(np.int8)
                         for place, names in zip(pairs.place, pairs.names, strict=True))
        nothing = np.zeros(len(first))
        self.customers = cell_totals(nothing, first, second, rows, columns)[0]
        money = [] if pairs.money is None else [
            cell_totals(m, first, second, rows, columns)[1] for m in pairs.money]
        self.value_before: np.ndarray | None = money[0] if money else None
        self.value_after: np.ndarray | None = money[1] if money else None
        self._order, self._source = None if order is None else list(order), pairs.source
        self._cell, self._pairs = (first, second), pairs

    def _move(self, i: int, j: int) -> str:
        if i == len(self.before):
            return "enters"
        if j == len(self.after):
            return "leaves"
        first, second = self.before[i], self.after[j]
        if first == second:
            return "stays"
        if self._order is None:
            return "moves"
        return "up" if self._order.index(second) < self._order.index(first) else "down"

    def _moved(self) -> np.ndarray:
        """Return the place in MOVES of each cell."""
        return np.array([[MOVES.index(self._move(i, j)) for j in range(len(self.after) + 1)]
                         for i in range(len(self.before) + 1)])

    def table(self) -> Any:
        """Return one row per class before and class after as a frame of the caller's kind.

        Columns: before (``"(new)"`` for entries), after (``"(gone)"`` for exits), move (stays, up, down, enters,
        leaves; without an order moves), customers, share (of the customers of the row), and with values value_before,
        value_after and change.
        """
        rows, columns = self.customers.shape
        out = {"before": np.repeat(np.array([*self.before, ENTER], object), columns),
               "after": np.tile(np.array([*self.after, LEAVE], object), rows),
               "move": np.array(MOVES, object)[self._moved()].ravel(), "customers": self.customers.ravel(),
               "share": divide(self.customers, self.customers.sum(axis=1, keepdims=True)).ravel()}
        keep = np.arange(rows * columns - 1)                     # no customer is both new and gone
        return self._source.new({name: column[keep] for name, column in (out | self._money(np.ravel)).items()})

    def moves(self) -> Any:
        """Return one row per move: move, customers, share, and with values value_before, value_after and change."""
        moved = self._moved().ravel()
        shown = [k for k, move in enumerate(MOVES) if move not in (("moves",) if self._order else ("up", "down"))]

        def sums(cell: np.ndarray) -> np.ndarray:
            return _core.pyramid_totals(cell.astype(float).ravel(), moved.astype(np.int8), len(MOVES))[1][shown]

        customers = sums(self.customers)
        return self._source.new({"move": np.array(MOVES, object)[shown], "customers": customers.astype(np.int64),
                               "share": divide(customers, self.customers.sum()), **self._money(sums)})

    def who(self, move: str | None = None, *, before: str | None = None, after: str | None = None) -> Any:
        """Return one row per customer, selected by move, by class before or by class after.

        Parameters
        ----------
        move : str, optional
            One of the moves in `moves`, such as ``"down"``.
        before, after : str, optional
            A class, or ``"(new)"`` before and ``"(gone)"`` after.

        Returns
        -------
        frame of the caller's kind
            customer (for columns of classes instead row, from 0), before, after, move, and with values value_before,
            value_after and change.

        Raises
        ------
        ConfigError
            No such move or class.
        """
        first, second = self._cell
        out, kept = dict(self._pairs.who), np.ones(len(first), bool)
        for name, wanted, words, place in (("before", before, (*self.before, ENTER), first),
                                          ("after", after, (*self.after, LEAVE), second),
                                          ("move", move, MOVES, self._moved()[first, second])):
            if wanted is not None:
                known(wanted, words, f"{name}:")
                kept &= place == words.index(wanted)
            out[name] = np.array(words, object)[place]
        if self._pairs.money is not None:
            earlier, later = self._pairs.money
            out |= {"value_before": earlier, "value_after": later, "change": later - earlier}
        return self._source.new({name: column[kept] for name, column in out.items()})

    def _money(self, of: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
        if self.value_before is None or self.value_after is None:
            return {}
        before, after = of(self.value_before), of(self.value_after)
        return {"value_before": before, "value_after": after, "change": after - before}

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        shares = divide(self.customers, self.customers.sum(axis=1, keepdims=True))
        rows = [[name, *(f"{n:,}  {_formatting.number(s, 0, True)}" for n, s in zip(counts, parts, strict=True)),
                 f"{sum(counts):,}"] for name, counts, parts in
                zip([*self.before, ENTER], self.customers.tolist(), shares.tolist(), strict=True)]
        rows[-1][-2] = ""
        return ["before \\ after", *self.after, LEAVE, "all"], rows

    def _title(self) -> str:
        total = int(self.customers.sum())
        kinds = np.bincount(self._moved().ravel(), self.customers.ravel(), len(MOVES)).astype(int)
        said = [f"{kinds[k]:,} {MOVES[k]}" for k in range(len(MOVES)) if kinds[k]]
        hint = "; for up and down pass order=" if kinds[MOVES.index("moves")] else ""
        return f"Migration of {_formatting.many(total, 'customer')}: {', '.join(said)}{hint}"


def migration(before: Classified, after: Classified, *, values: str | Pair | None = None, by: str | None = None,
              order: Sequence[str] | None = None, customer: str | Pair = "customer") -> Migration:
    """Compare the classes of customers at two times: who stayed, moved, came and went, in number and in money.

    Parameters
    ----------
    before, after : frames, or Pyramid, Stages, Segments, Series or array_like of labels
        Two frames with a row per customer are joined by customer, and so are classes with customer ids: those of a
        base, or with `customer`. Anything else is of the same customers in the same order, None for a customer
        who was not there.
    values : str, or pair of Series or array_like, optional
        Money: a column of both frames, or the values before and after.
    by : str, optional
        Column of the frames with the class; by default tier, stage, segment, cell or class, whichever both have.
    order : sequence of str, optional
        Classes from the top down, to distinguish up from down. By default that of the tiers of a pyramid, or of an
        ordered categorical (its lowest class comes first, as in ``pandas.cut``); other classes have no order.
    customer : str, or pair of Series or array_like
        Column of the frames with the id; or for columns of classes the ids before and after.

    Returns
    -------
    Migration
        ``table()``, a row per pair of classes, ``moves()``, ``who()``, a row per customer, such as ``who("down")``,
        and the matrices as arrays.

    Raises
    ------
    DataError
        A customer has two rows, a label or a value is missing, or the columns differ in length.
    ConfigError
        A class is not in the order, or no column of classes is found.

    Notes
    -----
    Each row of `customers` sums to the customers in the class before, each column to those in the class after.
    Against flicker at the cuts see ``hysteresis=`` of `pyramid`.

    Examples
    --------
    >>> import custval as cv
    >>> last = {"customer": ["a", "b", "c", "d"], "tier": ["A", "A", "B", "B"], "margin": [90.0, 70.0, 20.0, 10.0]}
    >>> this = {"customer": ["b", "a", "d", "e"], "tier": ["B", "A", "A", "B"], "margin": [30.0, 95.0, 80.0, 5.0]}
    >>> moved = cv.migration(last, this, values="margin", order=["A", "B"])
    >>> moved
    Migration of 5 customers: 1 stays, 1 up, 1 down, 1 enters, 1 leaves
    before \\ after       A        B  (gone)  all
    --------------  ------  -------  ------  ---
    A               1  50%   1  50%   0  0%    2
    B               1  50%    0  0%  1  50%    2
    (new)            0  0%  1  100%            1
    >>> moved.moves()["change"].tolist()
    [5.0, 70.0, -40.0, 5.0, -20.0]
    >>> fell = moved.who("down")
    >>> fell["customer"].tolist(), fell["change"].tolist()
    (['b'], [-40.0])

    For two pyramids the order is that of their tiers:

    >>> tiers = {"top": .5, "rest": .5}
    >>> early, late = cv.pyramid(last["margin"], tiers=tiers), cv.pyramid(this["margin"], tiers=tiers)
    >>> cv.migration(early, late, customer=(last["customer"], this["customer"])).who("up")["customer"].tolist()
    ['d']

    The second customer is just below the cut of 100, the first just above: with a band of 5 % both stay.

    >>> tiers = {"top": 1 / 3, "rest": 2 / 3}
    >>> cv.pyramid([100.0, 99, 50], tiers=tiers, former=["rest", "top", "rest"], hysteresis=.05).labels.tolist()
    ['rest', 'top', 'rest']
    """
    pairs = _pairs_of(before, after, by, values, customer)
    if order is None:
        order = _one_order(_order_of(before, by), _order_of(after, by), {*pairs.names[0], *pairs.names[1]})
    if order is None:
        return Migration(pairs, None)
    if isinstance(order, str | bytes) or not isinstance(order, Sequence):
        raise ConfigError(f"order={in_short(order)}: pass the classes in a list, the best first")
    for name in (*pairs.names[0], *pairs.names[1]):
        known(name, tuple(map(str, order)), "order: class")
    return Migration(_ordered(pairs, list(map(str, order))), list(map(str, order)))


def _order_of(classes: Classified, by: str | None) -> list[str] | None:
    """Return the classes from the top down, of tiers or of an ordered categorical, whose lowest comes first."""
    if isinstance(classes, Segmentation):
        return list(classes.names) if classes.class_name == "tier" else None
    if not _is_column(classes):
        opened = table(classes)
        classes = labelled(classes, opened, _label([opened], by))
    kind: Any = getattr(classes, "dtype", None)                      # of pandas, or an Enum of polars
    if not (getattr(kind, "ordered", False) or type(kind).__name__ == "Enum"):
        return None
    return [str(name) for name in reversed(list(kind.categories))]


def _one_order(first: list[str] | None, second: list[str] | None, names: set[str]) -> list[str] | None:
    """Return the order of two times that has all the names and contradicts neither; None if there is none."""
    orders = sorted(filter(None, (first, second)), key=len)
    if not orders or not names <= set(orders[-1]):
        return None
    shared = [name for name in orders[-1] if name in orders[0]]
    return orders[-1] if shared == orders[0] else None


def _pairs_of(before: Classified, after: Classified, by: str | None, values: str | Pair | None,
              customer: str | Pair) -> Pairs:
    """Return the customers of two frames joined by customer, or of two columns of classes as they stand.

    A pair of columns as `customer` makes such frames of the columns of classes.
    """
    if not isinstance(customer, str):
        money = (None, None) if values is None else _pair(values, "values")
        before, after = map(_named, (before, after), _pair(customer, "customer"), money)
        by, values, customer = "class", None if values is None else "value", "customer"
    before, after = _with_customers(before), _with_customers(after)
    if _is_column(before) and _is_column(after):
        return _side_by_side(before, after, values)
    if _is_column(before) or _is_column(after):
        raise ConfigError("migration: pass two frames with a column of customers, or two columns of classes")
    return _joined((before, after), by, values, customer)


def placed(classes: Classified, frame: FrameLike, argument: str) -> tuple[list[str], np.ndarray]:
    """Return class names and the place of each customer of `frame`: by id where the classes have ids."""
    if hasattr(classes, "segments"):
        raise ConfigError(f"{argument}={type(classes).__name__}: pass its classes, the attribute segments")
    if not isinstance(classes, Segmentation) and not is_frame(classes):
        series(classes, argument)                                         # names the argument
    opened, wanted = _with_customers(classes), table(frame)
    if _is_column(opened):
        return places(opened, argument, labels_of(wanted))
    ids = ids_of(wanted, "customer")
    found, row, unknown = matched(opened, ids, "customer")
    if (row < 0).any():
        raise DataError(f"{argument}: {int((row < 0).sum()):,} of {len(ids):,} customers have no row, "
                        f"the first is {shorten(ids[(row < 0).argmax()])}"
                        f"{other_kind(ids, np.array(unknown, object))}")
    there = [name for name in LABELS if name in found.names]
    if len(there) != 1:
        raise ConfigError(f"{argument}: beside customer one column of {', '.join(LABELS)} has the class; "
                          f"there is {' and '.join(map(repr, there)) or 'none'}")
    names, place = places(classes if isinstance(classes, Segmentation) else found.array(there[0]), argument)
    return names, place[row]


def _ordered(pairs: Pairs, order: Sequence[str]) -> Pairs:
    """Return the pairs with their classes in an order that has all of them."""
    names, places_ = [], []
    for own, place in zip(pairs.names, pairs.place, strict=True):
        names.append([name for name in order if name in own])
        places_.append(np.array([*map(names[-1].index, own), -1], np.int8)[place])
    return pairs._replace(names=(names[0], names[1]), place=(places_[0], places_[1]))


def _with_customers(classes: Classified) -> Classified:
    """Return classes with customer ids as a frame."""
    if isinstance(classes, Segmentation) and "customer" in classes.source.names:
        framed: FrameLike = classes.source.beside({
            "customer": classes.source.array("customer"),
            classes.class_name: np.array([*classes.names, None], object)[classes.tier]})
        return framed
    return classes


def _pair(given: str | Pair, argument: str) -> Pair:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ConfigError(f"{argument}= for two columns of classes is a pair: before and after")
    return given[0], given[1]


def _named(classes: Classified, ids: ArrayLike, money: ArrayLike | None) -> FrameLike:
    """Return a column of classes as a frame with its customers, and their value if it is given."""
    if not _is_column(classes):
        raise ConfigError("customer= for frames is the name of a column of both")
    rows, (names, place) = rows_of_classes(classes), places(classes, "classes")
    columns = {"customer": aligned(rows, ids, "customer"), "class": np.array([*names, None], object)[place]}
    framed: FrameLike = source_of(classes).beside(
        columns | ({} if money is None else {"value": aligned(rows, money, "values")}))
    return framed


def _is_column(classes: Classified) -> TypeGuard[Labels]:
    return isinstance(classes, Segmentation) or not is_frame(classes)


def _joined(frames: tuple[Any, Any], by: str | None, values: str | Pair | None, customer: str) -> Pairs:
    """Return the customers of either frame, those of the second frame only last."""
    if values is not None and not isinstance(values, str):
        raise ConfigError("values= for two frames is the name of a column of both")
    opened = [matched(frame, ids_of(table(frame), customer), customer)[0] for frame in frames]   # refuses repeated ids
    row = matched(frames[1], ids_of(opened[0], customer), customer)[1]
    late = np.setdiff1d(np.arange(opened[1].rows), row)
    rows = (np.r_[np.arange(opened[0].rows), np.full(len(late), -1)], np.r_[row, late])
    label = _label(opened, by)
    found = [places(side.array(label), label) for side in opened]
    place = [np.append(own, np.int8(-1))[at] for (_, own), at in zip(found, rows, strict=True)]
    money = None
    if values is not None:
        for side in opened:
            demand(side, values, "values")
        money = [np.append(side.array(values), 0.0)[at] for side, at in zip(opened, rows, strict=True)]
    ids = [ids_of(side, customer) for side in opened]
    if len(late):
        kind = None if ids[0].dtype.kind == ids[1].dtype.kind else object
        ids[0] = np.concatenate([ids[0], ids[1][late]], dtype=kind)
    return _paired([names for names, _ in found], place, money, {"customer": ids[0]}, opened[0])


def _label(opened: Sequence[Table], by: str | None) -> str:
    """Return the name of the column with the classes."""
    if by is not None:
        for side in opened:
            demand(side, by, "by")
        return by
    there = [name for name in LABELS if all(name in side.names for side in opened)]
    if len(there) != 1:
        raise ConfigError(f"by=: name the column with the class; {' and '.join(map(repr, there)) or 'none'}"
                          f" of {', '.join(LABELS)} is in both frames")
    return there[0]


def _side_by_side(before: Labels, after: Labels, values: str | Pair | None) -> Pairs:
    """Return customers that are in the same order in both columns."""
    pair = None if values is None else _pair(values, "values")
    rows = rows_of(rows_of_classes(before), after, *(pair or ()))
    first, own = places(before, "before")
    second, other = places(after, "after", rows)
    money = None if pair is None else [numbers(aligned(rows, column, "values"), "values") for column in pair]
    return _paired([first, second], [own, other], money, {"row": np.arange(len(own))}, source_of(before))


def _paired(names: list[list[str]], place: list[np.ndarray], money: list[np.ndarray] | None,
            who: dict[str, np.ndarray], source: Table) -> Pairs:
    """Return the pairs without customers who are there at neither time; money is 0 where a customer is not there."""
    if max(map(len, names)) >= MAX_TIERS:
        raise DataError(f"migration: {max(map(len, names)):,} classes; at most {MAX_TIERS - 1} are possible")
    there = (place[0] >= 0) | (place[1] >= 0)
    kept = [column[there] for column in place]
    if money is not None:
        money = [np.where(at < 0, 0.0, column[there]) for at, column in zip(kept, money, strict=True)]
        for column in money:
            finite(column, "values")
    return Pairs((names[0], names[1]), (kept[0], kept[1]), None if money is None else (money[0], money[1]),
                 {name: column[there] for name, column in who.items()}, source)
