"""The customer base: an order log read once, with what is known about its customers at the end of a day."""
from __future__ import annotations

from typing import Any

import numpy as np

from .._dates import as_day, grain_ends, split_unit
from .._formatting import many
from .._ids import match
from .._row_report import counted, shorten
from .._tabular import check_names, series, table
from .._validation import choice, warn
from ..errors import ConfigError, DataError
from .costs import FILLS, Fill, check_rate
from .known import Known
from .order_log import read_orders, suggestion
from .snapshot import Snapshot


class CustomerBase(Known):
    """Customers and everything known about them at the end of one day.

    Bases do not change: `as_of`, `split`, `where`, `with_log`, `with_profile` and `with_pool` return new ones that
    share the rows.

    Parameters
    ----------
    orders : frame
        One row per order or order line: pandas, polars (also lazy), pyarrow, a DuckDB relation, a dict of
        arrays or a structured array. It is never changed. Answers are frames of the same kind; of a lazy polars
        frame, eager ones, as their numbers are there.
    customer, time : str
        Names of the columns with the id (any type, kept as it is) and the time (dates, datetimes or ISO 8601 text).
    amount, cost, marketing : str, optional
        Columns with money: paid, product cost, relationship cost; refunds are negative amounts.
    product, quantity, order : str, optional
        Columns with what was bought, how much of it, and the id of the order that a line belongs to.
    unit : str
        Unit of the times of `summary`, as a duration: h, D, W, M, Q or Y.
    grain : str
        A customer's rows in one grain are one purchase, dated by its first order: h, D, or a calendar period
        W, M, Q, Y. An anchor names the first day of a week (``W-SUN``: Sunday to Saturday; W is ``W-MON``; pandas
        names the last day) or the last month of a fiscal year (``Q-MAR``). An hour is one of the wall clock: one
        that comes twice as clocks go back is one grain, and spans across a change of the clock are an hour off;
        ``tz="UTC"`` counts true hours, in days of UTC.
    tz : str, optional
        Zone in which days are cut, for times that carry a zone; by default the column's own. Times without
        one are local wall time: with them, `tz` is an error.
    time_format : str, optional
        How to read text that is not ISO 8601, such as ``"%d/%m/%Y"``.
    end : date, optional
        Last day of observation, included. By default the day of the last order; later rows are left out.
    refunds : {"net", "drop", "raise"}
        Net negative amounts inside the grain and then in the customer's total, leave them out, or refuse.
    missing : {"raise", "drop"}
        Refuse rows with a missing id, no date or an amount that is not finite; or leave out and count them.
    cost_missing : {"raise", "product", "base"}
        What an empty cost is: by `missing`; or the amount times the product cost per money of the rows of its product,
        or of all rows, that have one, later ones too: `as_of` keeps what was filled. The card counts the rows filled.
    margin_rate : float, optional
        In place of `cost`: the share of the amount that product cost leaves, at most 1.

    Raises
    ------
    DataError
        The rows cannot be used; the text names column, rows (counted from 0), customers and a remedy.
    ConfigError
        A setting is not known.

    Examples
    --------
    >>> import custval as cv
    >>> base = cv.CustomerBase({"id": [7, 7, 7, 9], "day": ["2025-01-02", "2025-01-02", "2025-03-01",
    ...     "2025-02-11"], "paid": [10.0, 5.0, 8.0, 12.0]}, customer="id", time="day", amount="paid")
    >>> base
    <CustomerBase 2 customers, 4 orders, 2025-01-02..2025-03-01, net 35.00>
    >>> base.rows
    Rows(read=4, used=3, merged=1, dropped={})
    >>> base.summary()["x"]
    array([1, 0])

    Of the order without a cost, what the others cost for each unit of money:

    >>> log = {"id": [7, 9, 9], "day": ["2025-01-02"] * 3, "paid": [10.0, 10.0, 20.0], "cost": [4.0, float("nan"), 8.0]}
    >>> filled = cv.CustomerBase(log, customer="id", time="day", amount="paid", cost="cost", cost_missing="base")
    >>> filled.summary()["margin"]
    array([ 6., 18.])
    """

    def __init__(self, orders: Any, *, customer: str | None = None, time: str | None = None,
                 amount: str | None = None, cost: str | None = None, marketing: str | None = None,
                 product: str | None = None, quantity: str | None = None, order: str | None = None,
                 unit: str = "D", grain: str = "D", tz: str | None = None, time_format: str | None = None,
                 end: Any = None, refunds: str = "net", missing: str = "raise", cost_missing: str = "raise",
                 margin_rate: float | None = None):
        split_unit(unit)
        split_unit(grain)
        choice("refunds", refunds, ("net", "drop", "raise"))
        choice("missing", missing, ("raise", "drop"))
        choice("cost_missing", cost_missing, FILLS)
        check_rate(margin_rate, cost, amount)
        if customer is None or time is None:
            raise ConfigError(suggestion(table(orders)))
        given = {"customer": customer, "time": time, "amount": amount, "cost": cost, "marketing": marketing,
                 "quantity": quantity, "order": order, "product": product}
        check_names(given)
        names = {argument: name for argument, name in given.items() if name is not None}
        opened = table(orders, dict.fromkeys(names.values()))
        read = read_orders(opened, names, grain=grain, tz=tz, time_format=time_format, refunds=refunds,
                           missing=missing, fill=Fill(cost_missing, margin_rate))
        if not len(read.ledger.tick):
            why = f" ({counted(read.dropped)})" if read.dropped else ""
            raise DataError(f"orders: none of {many(opened.rows, 'row')} can be used{why}; a base needs an order")
        ids = table(opened.new({"customer": opened.pick(names["customer"], read.first_row)}))
        view = Snapshot(read.ledger, ids, np.arange(ids.rows), read.ledger.begin, read.ledger.end,
                    read.ledger.days(np.int32(read.ledger.latest)))
        about = {"unit": unit, "grain": grain, "zone": read.zone, "tz": tz,
                 "refunds": refunds, "missing": missing, "end_given": end is not None, "read": opened.rows,
                 "filled": read.filled, "dropped": read.dropped, "apart": 0}
        self._set(view if end is None else view.until(as_day(end, "end")), about)

    # ---- new bases ----

    def as_of(self, date: Any) -> CustomerBase:
        """Return the base as it was known at the end of the day `date`, which may not lie after `end`.

        Customers without a row by then are not in it; opportunities, payments and costs after it are not
        known. A profile has no dates: it stays as it is. So do stage and probability of an opportunity: give
        them as they stood while it was open. Where they say how one ended after `date` (closed, probability 0
        or 1), the chances of that day are not known and ``opportunities_expected`` is NaN, with a warning.
        """
        day = self._within(date, "as_of")
        if self._about["filled"] and day < self.end:
            warn(f"as_of: {many(self._about['filled'], 'cost')} were filled at the rates of the whole log, orders "
                 f"after {day} among them; for what was known then make the base of the orders up to that day")
        return self._with(self.snapshot.until(day), end_given=True)

    def split(self, date: Any) -> tuple[CustomerBase, CustomerBase]:
        """Return (calibration, holdout): the base as of the day `date`, and what came after it.

        No row is in both and none is lost; the day is the last one of a grain. The holdout keeps every customer,
        newcomers marked. Its `summary` has ``t``, the length of its window, ``x``, the repeat purchases in it,
        and ``m_x``, their mean amount: for a customer known before, every purchase is a repeat. So x of both
        add up to x of the whole.

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-01-15", "2025-01-20"]}
        >>> calibration, holdout = cv.CustomerBase(log, customer="who", time="day").split("2025-01-10")
        >>> holdout.summary()["x"], holdout.summary()["newcomer"]
        (array([1, 0]), array([False,  True]))
        """
        day = self._within(date, "split")
        ends = grain_ends(day, self._about["grain"])
        if day not in ends:
            near = " or ".join(str(end) for end in ends if end <= self.end)
            raise DataError(f"split: {day} lies inside a grain ({self._about['grain']}), whose orders are one "
                            f"purchase; split on the last day of a grain: {near}")
        return self._with(self.snapshot.until(day), end_given=True), self._with(self.snapshot.after(day))

    def where(self, customers: Any) -> CustomerBase:
        """Return the base of some of the customers; rows of the others are counted as left out.

        Parameters
        ----------
        customers : array_like
            True or False for each customer, in the order of `attributes`; or the ids of those chosen.

        Raises
        ------
        DataError
            An id that the base does not have, a mask of another length, or nobody chosen.

        Examples
        --------
        Internal customers apart, such as the divisions of the own firm:

        >>> import custval as cv
        >>> log = {"who": ["a", "b", "b"], "day": ["2025-01-01", "2025-01-15", "2025-01-20"]}
        >>> kinds = {"customer": ["a", "b"], "type": ["firm", "internal"]}
        >>> base = cv.CustomerBase(log, customer="who", time="day").with_profile(kinds)
        >>> base.where(base.attributes()["type"] != "internal").rows
        Rows(read=3, used=1, merged=0, dropped={'of customers not chosen': 2})
        """
        column = series(customers)[0]
        known = self.customers
        if column.dtype == bool:
            if len(column) != len(known):
                raise DataError(f"where: {len(column):,} values for {len(known):,} customers; pass one for each, in "
                                "the order of base.attributes()")
            mask = column
        else:
            place = match(known, column, "customers")
            if (place < 0).any():
                raise DataError(f"where: the base has no customer {shorten(column[place < 0][0])}")
            mask = np.zeros(len(known), bool)
            mask[place] = True
        if not mask.any():
            raise DataError("where: no customer is chosen")
        return self._with(self.snapshot.where(mask))
