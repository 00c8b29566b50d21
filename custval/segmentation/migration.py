"""Who moved between two classifications of customers: in number and in money, entries and exits apart."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import _core, _formatting
from .._files import known
from .._validation import divide
from .cells import cells
from .pairs import Pairs, ordered, pairs_of
from .segmentation import Classes

ENTER, LEAVE = "(new)", "(gone)"
MOVES = ("stays", "up", "down", "moves", "enters", "leaves")


class Migration(_formatting.Printed):
    """Customers by class before and after; made by `migration`.

    Attributes
    ----------
    before, after : tuple of str
        The classes; in the matrices a last row is of customers who are new, a last column of those who are gone.
    customers : ndarray of int64, shape (classes before + 1, classes after + 1)
    value_before, value_after : ndarray of float64 of the same shape, or None
        What the customers of each cell were worth before and after; 0 where they were not there.
    """

    def __init__(self, pairs: Pairs, order: Sequence[str] | None):
        self.before, self.after = (tuple(names) for names in pairs.names)
        rows, columns = len(self.before) + 1, len(self.after) + 1
        first, second = (np.where(place < 0, len(names), place).astype(np.int8)
                         for place, names in zip(pairs.place, pairs.names, strict=True))
        nothing = np.zeros(len(first))
        self.customers = cells(nothing, first, second, rows, columns)[0]
        money = [] if pairs.money is None else [cells(m, first, second, rows, columns)[1] for m in pairs.money]
        self.value_before: np.ndarray | None = money[0] if money else None
        self.value_after: np.ndarray | None = money[1] if money else None
        self._order, self._back = None if order is None else list(order), pairs.back
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
        keep = np.arange(rows * columns - 1)                     # nobody is new and gone
        return self._back.new({name: column[keep] for name, column in (out | self._money(np.ravel)).items()})

    def moves(self) -> Any:
        """Return one row per move: move, customers, share, and with values value_before, value_after and change."""
        moved = self._moved().ravel()
        shown = [k for k, move in enumerate(MOVES) if move not in (("moves",) if self._order else ("up", "down"))]

        def sums(cell: np.ndarray) -> np.ndarray:
            return _core.pyramid_totals(cell.astype(float).ravel(), moved.astype(np.int8), len(MOVES))[1][shown]

        customers = sums(self.customers)
        return self._back.new({"move": np.array(MOVES, object)[shown], "customers": customers.astype(np.int64),
                               "share": divide(customers, self.customers.sum()), **self._money(sums)})

    def who(self, move: str | None = None, *, before: str | None = None, after: str | None = None) -> Any:
        """Return one row per customer who made a move, or was in one class before, or is in one after.

        Parameters
        ----------
        move : str, optional
            One of those of `moves`, such as ``"down"``.
        before, after : str, optional
            A class, or ``"(new)"`` before and ``"(gone)"`` after.

        Returns
        -------
        frame of the caller's kind
            customer (of columns of classes row, the place in them, 0 the first), before, after, move, and with values
            value_before, value_after and change.

        Raises
        ------
        ConfigError
            No such move or class.
        """
        first, second = self._cell
        out, kept = dict(self._pairs.who), np.ones(len(first), bool)
        for name, asked, words, place in (("before", before, (*self.before, ENTER), first),
                                          ("after", after, (*self.after, LEAVE), second),
                                          ("move", move, MOVES, self._moved()[first, second])):
            if asked is not None:
                known(asked, words, f"{name}:")
                kept &= place == words.index(asked)
            out[name] = np.array(words, object)[place]
        if self._pairs.money is not None:
            worth, now = self._pairs.money
            out |= {"value_before": worth, "value_after": now, "change": _core.change(now, worth)}
        return self._back.new({name: column[kept] for name, column in out.items()})

    def _money(self, of: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
        if self.value_before is None or self.value_after is None:
            return {}
        before, after = of(self.value_before), of(self.value_after)
        return {"value_before": before, "value_after": after, "change": _core.change(after, before)}

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
        return f"Migration of {_formatting.many(total, 'customer')}: {', '.join(said)}"


def migration(before: Any, after: Any, *, values: Any = None, by: str | None = None,
              order: Sequence[str] | None = None, customer: Any = "customer") -> Migration:
    """Compare the classes of customers at two times: who stayed, moved, came and went, in number and in money.

    Parameters
    ----------
    before, after : frames, or Pyramid, Stages, Segments, Series or array_like of labels
        Two frames with a row per customer are joined by customer, and so are classes that know their customers:
        those of a base, or with `customer`. Anything else is of the same customers in the same order, None for one
        who was not there.
    values : str, or pair of Series or array_like, optional
        Money: a column of both frames, or the values before and after.
    by : str, optional
        Column of the frames with the class; by default tier, stage, segment, cell or class, whichever both have.
    order : sequence of str, optional
        Classes from the top down, to tell up from down. By default that of pyramids; other classes have none.
    customer : str, or pair of Series or array_like
        Column of the frames with the id; or of columns of classes the ids before and after.

    Returns
    -------
    Migration
        ``table()``, a row per pair of classes, ``moves()``, ``who()``, a row per customer, such as ``who("down")``,
        and the matrices as arrays.

    Raises
    ------
    DataError
        A customer stands twice, a label or a value is missing, or the columns differ in length.
    ConfigError
        A class is not in the order, or no column of classes is found.

    Notes
    -----
    Each row of `customers` sums to the customers who were in the class before, each column to those who are in it
    after. Against flicker at the cuts see ``hysteresis=`` of `pyramid`.

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

    Of two pyramids the order is that of their tiers:

    >>> tiers = {"top": .5, "rest": .5}
    >>> early, late = cv.pyramid(last["margin"], tiers=tiers), cv.pyramid(this["margin"], tiers=tiers)
    >>> cv.migration(early, late, customer=(last["customer"], this["customer"])).who("up")["customer"].tolist()
    ['d']

    The second customer is just below the cut of 100, the first just above: with a band of 5 % both stay.

    >>> tiers = {"top": 1 / 3, "rest": 2 / 3}
    >>> cv.pyramid([100.0, 99, 50], tiers=tiers, former=["rest", "top", "rest"], hysteresis=.05).labels.tolist()
    ['rest', 'top', 'rest']
    """
    pairs = pairs_of(before, after, by, values, customer)
    pyramids = all(isinstance(classes, Classes) and classes._of == "tier" for classes in (before, after))
    if order is None and pyramids and before.names == after.names:
        order = before.names
    if order is None:
        return Migration(pairs, None)
    for name in (*pairs.names[0], *pairs.names[1]):
        known(name, tuple(map(str, order)), "order: class")
    return Migration(ordered(pairs, list(map(str, order))), list(map(str, order)))
