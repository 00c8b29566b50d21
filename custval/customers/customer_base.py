"""CustomerBase: an order log read once, with what is known about its customers at the end of a day."""
from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike

from .._arrays import DateLike, FrameLike
from .._dates import PERIODS, ahead, as_day, columns_since, counted, grain_ends, past_periods, split_unit
from .._formatting import listed, many
from .._row_report import Rows
from .._tabular import check_names, table
from .._validation import choice, warn, warned_once
from ..errors import ConfigError, DataError
from . import base_files, data_report, further_orders, rolling
from .attributes import WeightedEvents, attributes, filled, joined, weighted
from .cost_pools import KIND as POOLS
from .cost_pools import read_pools
from .event_logs import read_log
from .order_log import read_orders
from .order_options import Accounts, Reading, accounts
from .profile import read_profile
from .snapshot import Provenance, Snapshot
from .suggestions import suggestion
from .timestamps import TimeFormat

VALUES = ("amount", "cost", "marketing", "margin", "quantity", "purchases", "orders")
COUNTS = ("purchases", "orders")


class CustomerBase:
    """Customers and everything known about them at the end of one day.

    A base does not change: `as_of`, `split`, `where`, `with_log`, `with_profile` and `with_pool` return new ones that
    share its rows. Its tables are frames of the same kind as `orders`.

    Parameters
    ----------
    orders : frame
        One row per order or order line: pandas, polars (also lazy), pyarrow, a DuckDB relation, a dict of
        arrays or a structured array. It is never changed. For a lazy polars frame the tables are eager frames.
    customer, time : str
        Names of the columns with the id (any type, kept as it is) and the time (dates, datetimes or ISO 8601 text).
    amount, cost, marketing : str, optional
        Columns with money: amount paid, product cost, relationship cost. Refunds are negative amounts.
    price : str, optional
        Column with the price of one unit, in place of `amount`, which is then price times `quantity`, in exact cents.
    product, quantity, order : str, optional
        Columns with the product, its quantity, and the id of the order that a line belongs to. A row without a product
        counts in money.
    currency : str, optional
        Column with the currency of a row. A base has one currency: several are an error unless `rates` are given.
    rates : mapping, optional
        Value of one unit of each currency in that of the base, such as ``{"EUR": 1, "USD": .92}``; amount, cost and
        marketing are converted.
    status : str, optional
        Column with the status of an order. Rows whose status is not in `keep` are left out and counted, by status,
        whatever their other columns hold.
    keep : collection, optional
        The statuses that count, such as ``{"paid", "shipped"}``; with None in it rows without a status count, which
        are invalid otherwise, as `missing` says.
    merge : mapping, Series or frame, optional
        Accounts of one customer: ``{old id: new id}``, a Series of new ids with the old ones as index, or a frame with
        two columns, old and new. Chains are followed, cycles refused; logs beside the orders are merged alike.
    unit : str
        Unit of the times of `summary`, as a duration: h, D, W, M, Q or Y.
    grain : str
        A customer's rows in one grain are one purchase, dated by its first order: h, D, or a calendar period
        W, M, Q, Y. An anchor names the first day of a week (``W-SUN``: Sunday to Saturday; W is ``W-MON``; pandas
        names the last day) or the last month of a fiscal year (``Q-MAR``). Hours are those of the wall clock: an hour
        that repeats when clocks go back is one grain, and spans across a clock change are an hour off;
        ``tz="UTC"`` counts true hours, in days of UTC.
    tz : str, optional
        Zone in which days are cut, for times that carry a zone; by default the column's own. Times without
        one are local wall time: with them, `tz` is an error.
    time_format : str or list of str, optional
        How to read text that is not ISO 8601, such as ``"%d/%m/%Y"``; a list has every form that occurs, and
        ``"ISO8601"`` may be one. For numbers ``"%Y%m%d"`` (20250131), or a count of time: ``"days since 2024-12-31"``,
        ``"days since 1899-12-30"`` (Excel), ``"seconds since 1970-01-01 UTC"`` (Unix; also hours, minutes,
        milliseconds, microseconds).
    end : date, optional
        Last day of observation, included. By default the day of the last order; later rows are left out. A time with
        a zone is the day in the zone of the base, here and in every method.
    refunds : {"net", "drop", "raise"}
        Net negative amounts within the grain and then in the customer's total, leave them out, or raise.
    missing : {"raise", "drop"}
        Raise for rows with a missing id, no date or an amount that is not finite; or drop and count them.
    cost_missing : {"raise", "product", "base"}
        How a missing cost is treated: as `missing` says; or filled with the amount times the cost ratio, the cost per
        amount of the rows that have one, of the same product or of all. The ratio is that of the whole log, and `as_of`
        keeps the filled costs. The data report counts the filled rows.
    margin_rate : float, optional
        In place of `cost`: margin per amount before relationship cost, at most 1.

    Raises
    ------
    DataError
        Rows are invalid; the message names column, rows (counted from 0), customers and a remedy.
    ConfigError
        A setting is unknown.

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

    A missing cost is filled at the cost ratio of the other orders:

    >>> log = {"id": [7, 9, 9], "day": ["2025-01-02"] * 3, "paid": [10.0, 10.0, 20.0], "cost": [4.0, float("nan"), 8.0]}
    >>> filled = cv.CustomerBase(log, customer="id", time="day", amount="paid", cost="cost", cost_missing="base")
    >>> filled.summary()["margin"]
    array([ 6., 18.])

    Lines with a unit price in two currencies, a cancelled order, and a guest account:

    >>> log = {"id": ["a", "guest1", "b"], "day": ["2025-01-02"] * 3, "price": [2.55, 10.0, 4.0], "qty": [6, 1, 1],
    ...        "cur": ["EUR", "USD", "EUR"], "state": ["paid", "paid", "cancelled"]}
    >>> base = cv.CustomerBase(log, customer="id", time="day", price="price", quantity="qty", currency="cur",
    ...     rates={"EUR": 1, "USD": .92}, status="state", keep={"paid"}, merge={"guest1": "a"})
    >>> base.summary()["customer"].tolist(), base.summary()["amount"].tolist(), base.rows.dropped
    (['a'], [24.5], {'status cancelled': 1})
    >>> base.rows.money
    Money(read=28.5, used=24.5, dropped={'status cancelled': 4.0})
    """

    __dir__, _unlisted = listed, frozenset({"snapshot"})
    snapshot: Snapshot
    """The customers and their rows, from which other modules compute; an internal object, not for use in notebooks."""

    def __init__(self, orders: FrameLike, *, customer: str | None = None, time: str | None = None,
                 amount: str | None = None, price: str | None = None, cost: str | None = None,
                 marketing: str | None = None, product: str | None = None, quantity: str | None = None,
                 order: str | None = None, currency: str | None = None, rates: Mapping[Any, float] | None = None,
                 status: str | None = None, keep: Collection[Any] | None = None, merge: Accounts | None = None,
                 unit: str = "D", grain: str = "D", tz: str | None = None, time_format: TimeFormat | None = None,
                 end: DateLike | None = None, refunds: str = "net", missing: str = "raise", cost_missing: str = "raise",
                 margin_rate: float | None = None):
        split_unit(unit)
        given = {"customer": customer, "time": time, "amount": amount, "price": price, "cost": cost,
                 "marketing": marketing, "quantity": quantity, "order": order, "product": product,
                 "currency": currency, "status": status}
        check_names(given)
        reading = Reading({argument: name for argument, name in given.items() if name is not None}, grain, tz,
                          time_format, refunds, missing, cost_missing, margin_rate, rates, keep, accounts(merge))
        reading.check()
        if customer is None or time is None:
            raise ConfigError(suggestion(table(orders)))
        read = read_orders(orders, reading).with_rows()
        ledger, ids = read.ledger, read.ids
        provenance = Provenance(unit, read.zone, tz, refunds, end is not None, read.rows, read.dropped, read.filled,
                                read.money, read.notes, reading, read.examples)
        whole = Snapshot(ledger, ids, np.arange(ids.rows), ledger.begin, ledger.end,
                         ledger.days(np.int32(ledger.latest)), provenance)
        self._set(whole if end is None else whole.until(as_day(end, "end", read.zone)))

    def _set(self, snapshot: Snapshot) -> Self:
        if not len(snapshot.who):
            raise DataError(f"no customer has a row by {snapshot.day}; the first row is of "
                            f"{snapshot.ledger.days(snapshot.ledger.tick.min())}")
        self.__dict__.update(snapshot=snapshot)
        return self

    def _with_snapshot(self, snapshot: Snapshot) -> Self:
        """Return the base of another snapshot of the same log."""
        return object.__new__(type(self))._set(snapshot)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("a CustomerBase does not change; as_of, split, with_log and with_profile "
                             "return a new one")

    # ---- properties and the data report ----

    @property
    def customers(self) -> np.ndarray:
        """Ids of the customers, in the order of their first rows in the log."""
        return self.snapshot.customers

    @property
    def unit(self) -> str:
        """Unit of the times of `summary`."""
        return self.snapshot.provenance.unit

    @property
    def end(self) -> np.datetime64:
        """Last day of observation, included."""
        return self.snapshot.day

    @property
    def rows(self) -> Rows:
        """Account of the rows of the log: read = used + merged + dropped by reason, and ``rows.money`` in money."""
        return data_report.rows_of(self.snapshot)

    @property
    def log_rows(self) -> dict[str, Rows]:
        """Account of the rows of each log beside the orders; none is merged."""
        return data_report.log_rows_of(self.snapshot)

    def __repr__(self) -> str:
        return data_report.line(self.snapshot)

    def card(self) -> str:
        """Return the data report as text: customers, dates, zone, account of the rows, totals."""
        return data_report.text(self.snapshot)

    def _repr_html_(self) -> str:
        return data_report.as_html(self.snapshot)

    def check(self) -> data_report.Findings:
        """Return oddities in the data that a reader of the numbers should know, those with most money first.

        Returns
        -------
        Findings
            Printed with whole remedies; its table has
            finding; count, of rows, customers or ids; money, the amount of these rows, missing where it is not known;
            share of the money of the whole log; example, up to three ids; advice, with the call to make.

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "A"], "day": ["2025-01-01", "2025-02-15"]}
        >>> cv.CustomerBase(log, customer="who", time="day").check()["finding"].tolist()
        ['ids that differ only in type, case, unseen characters or leading zeros']
        """
        return data_report.Findings(data_report.findings(self.snapshot), self.snapshot.ids)

    # ---- new bases ----

    def as_of(self, date: DateLike) -> Self:
        """Return the base as it was known at the end of the day `date`, which is not after `end`.

        Customers without a row by then are not in it; opportunities, payments and costs after it are unknown. A
        profile has no dates and stays as it is. So do stage and probability of an opportunity: give them as they
        stood while it was open. Where they record how one ended after `date` (closed, probability 0 or 1), the
        probability on that day is unknown and ``opportunities_expected`` is NaN, with a warning.
        """
        day = self._within(date, "as_of")
        self._warn_filled("as_of", day)
        return self._until(day)

    def split(self, date: DateLike) -> tuple[Self, Self]:
        """Return (calibration, holdout): the base as of the day `date`, and the rows after it.

        Every row is in one of the two; the day is the last one of a grain. The holdout keeps every customer and marks
        new ones in the column ``newcomer``. Its `summary` has ``t``, the length of its window, ``x``, the repeat
        purchases in it, and ``m_x``, their mean amount: for a customer known before, every purchase is a repeat. So
        x of both add up to x of the whole.

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-01-15", "2025-01-20"]}
        >>> calibration, holdout = cv.CustomerBase(log, customer="who", time="day").split("2025-01-10")
        >>> holdout.summary()["x"], holdout.summary()["newcomer"]
        (array([1, 0]), array([False,  True]))
        """
        day = self._grain_end(date, "split")
        return self._until(day), self._with_snapshot(self.snapshot.after(day))

    def where(self, customers: ArrayLike) -> Self:
        """Return the base of some of the customers; rows of the others are counted as dropped.

        Parameters
        ----------
        customers : array_like
            The ids of the customers chosen, or a boolean mask, one value per customer. A mask that is a Series of
            pandas is aligned: by customer if its index holds their ids, as after a groupby; by the index if it has the
            row labels of `attributes` in another order. A mask with any other index, or one that can be read in both
            ways, is refused. Arrays, and Series of other libraries, are in the order of `attributes`.

        Raises
        ------
        DataError
            An unknown id, a mask of another length or index, or no customer chosen.

        Examples
        --------
        Customers who spent more than 250, by a mask with their ids as its index:

        >>> import custval as cv
        >>> import pandas as pd
        >>> orders = pd.DataFrame({"id": ["zoe", "adam", "zoe"], "day": ["2024-01-01", "2024-02-01", "2024-03-01"],
        ...                        "paid": [100.0, 20.0, 200.0]})
        >>> base = cv.CustomerBase(orders, customer="id", time="day", amount="paid")
        >>> base.where(orders.groupby("id")["paid"].sum() > 250).customers.tolist()
        ['zoe']

        Without internal customers, such as divisions of the firm itself:

        >>> log = {"who": ["a", "b", "b"], "day": ["2025-01-01", "2025-01-15", "2025-01-20"]}
        >>> kinds = {"customer": ["a", "b"], "type": ["firm", "internal"]}
        >>> base = cv.CustomerBase(log, customer="who", time="day").with_profile(kinds)
        >>> base.where(base.attributes()["type"] != "internal").rows
        Rows(read=3, used=1, merged=0, dropped={'of customers not chosen': 2})
        """
        mask = self.snapshot.chosen_by(customers, "where")
        if not mask.any():
            raise DataError("where: no customer is chosen")
        return self._with_snapshot(self.snapshot.where(mask))

    def append(self, orders: FrameLike, *, end: DateLike | None = None) -> Self:
        """Return the base with further orders, the same to the last bit as one that was read from all rows at once.

        Parameters
        ----------
        orders : frame
            With the columns of the orders of the base; they are read in the same way. Rows that the base has already
            count twice, with a warning; `check` finds exact duplicates.
        end : date, optional
            The new last day of observation, included. By default that of the base if it was given, else the day of
            the last order.

        Raises
        ------
        ConfigError
            The base is a holdout or a part of the customers, has pools, filled costs, or rows of a log or profile that
            were excluded for lack of an order; the message says what to do instead.
        DataError
            Rows are invalid, or of another zone, type or currency.

        Examples
        --------
        >>> import custval as cv
        >>> names = {"customer": "who", "time": "day", "amount": "paid"}
        >>> may = {"who": ["a", "b"], "day": ["2025-05-02", "2025-05-09"], "paid": [10.0, 20.0]}
        >>> june = {"who": ["c", "a"], "day": ["2025-06-01", "2025-06-03"], "paid": [5.0, 7.0]}
        >>> cv.CustomerBase(may, **names).append(june)
        <CustomerBase 3 customers, 4 orders, 2025-05-02..2025-06-03, net 42.00>
        """
        return self._with_snapshot(further_orders.appended(self.snapshot, orders, end))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the base to a ``.npz`` file: rows, logs, profile and account, every number to its last bit.

        `CustomerBase.load` and `cv.load` read it. It holds arrays and JSON, no pickle, and replaces a file that exists
        whole or not at all.

        Examples
        --------
        >>> import custval as cv, os, tempfile
        >>> base = cv.CustomerBase({"who": ["a", "b"], "day": ["2025-01-01", "2025-01-15"]}, customer="who", time="day")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     base.save(os.path.join(folder, "shop.npz"))
        ...     again = cv.CustomerBase.load(os.path.join(folder, "shop.npz"))
        >>> again
        <CustomerBase 2 customers, 2 orders, 2025-01-01..2025-01-15>
        """
        base_files.save(self.snapshot, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the base that `save` wrote: same bits, types of ids, kind of frames.

        A base of a lazy frame or a DuckDB relation comes back with frames in memory, of polars or pyarrow.

        Raises
        ------
        ConfigError
            The file holds no base of a schema that this version reads, or is damaged; or the library of its frames is
            not installed.
        FileNotFoundError
            No such file.
        """
        return object.__new__(cls)._set(base_files.load(path))

    def with_log(self, kind: str, frame: FrameLike, *, customer: str = "customer", time: str | None = None,
                 time_format: TimeFormat | None = None, missing: str = "raise",
                 **columns: str | Mapping[Any, float] | None) -> Self:
        """Return a base with a log of that kind, one of each.

        Rows of customers without an order and rows after `end` are excluded; `log_rows`, the data report and `check`
        count them.

        Parameters
        ----------
        kind : {"opportunities", "suggestions", "receivables", "contacts", "surveys"}
            The kind of event, and its columns, which keywords may rename:
            opportunities (created, amount; stage, probability, closed: the day, missing while open),
            suggestions (time, level), receivables (issued, due, amount; paid: the day), contacts (time, cost;
            channel), surveys (time, answer). Columns after the semicolon are optional. ``probability={"offer": .5,
            ...}`` gives the probability by stage, ``cost={"visit": 120, ...}`` the cost by channel. A row is taken as
            it was known on its day: give stage and probability as they stood while it was open, not how it ended (see
            `as_of`). A row may not be closed before it was created, nor due or paid before it was issued.
        frame : frame
            Of any kind that `orders` may have.
        customer, time : str
            Columns with the id and the day on which the row became known.
        time_format : str or list of str, optional
            How to read text that is not ISO 8601, or numbers, as in `CustomerBase`.
        missing : {"raise", "drop"}
            Raise for invalid rows, or drop and count them.

        Raises
        ------
        DataError
            Rows are invalid; the message names column, rows, customers and a remedy.
        ConfigError
            A setting is unknown, or the base has a log of this kind: join the tables and pass them at once.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.CustomerBase({"who": ["a", "b"], "day": ["2025-01-01", "2025-01-15"]}, customer="who", time="day")
        >>> visits = {"customer": ["b", "b"], "time": ["2025-01-02", "2025-01-03"], "cost": [80.0, 40.0]}
        >>> base.with_log("contacts", visits).summary()["marketing"]
        array([  0., 120.])

        An opportunity of 1,000 with a probability of 40 % counts 400 in ``opportunities_expected``:

        >>> offers = {"customer": ["a"], "created": ["2025-01-03"], "amount": [1000.0], "stage": ["offer"]}
        >>> knows = base.with_log("opportunities", offers, probability={"offer": .4}).attributes()
        >>> knows["opportunities_gross"], knows["opportunities_expected"]
        (array([1000.,    0.]), array([400.,   0.]))
        """
        choice("missing", missing, ("raise", "drop"))
        if isinstance(kind, str) and kind in self.snapshot.logs:
            raise ConfigError(f"the base has a log of {kind} already; join the tables and pass them at once, so that "
                              "no row counts twice")
        log = read_log(
            kind, frame, self.snapshot.ids.array("customer"), customer=customer, time=time, missing=missing,
            tz=self.snapshot.provenance.tz, time_format=time_format, columns=columns,
            merge=self.snapshot.provenance.reading.merge)
        return self._with_snapshot(replace(self.snapshot, logs={**self.snapshot.logs, kind: log}))

    def with_profile(self, frame: FrameLike, *, customer: str = "customer",
                     time_format: TimeFormat | None = None) -> Self:
        """Return a base whose `attributes` include the columns of `frame`, one row per customer.

        Parameters
        ----------
        frame : frame
            Of any kind that `orders` may have. Customers without a row get missing values. A column
            ``first_contact`` is read as days, missing where unknown; `years` counts from it.
        customer : str
            Column with the id.
        time_format : str, optional
            How to read a first contact in text that is not ISO 8601.

        Raises
        ------
        DataError
            A customer has two rows, or a first contact is not a date.
        ConfigError
            The base has a profile already.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.CustomerBase({"who": ["a", "b"], "day": ["2025-01-01", "2025-01-15"]}, customer="who", time="day")
        >>> base.with_profile({"customer": ["b", "a"], "region": ["north", "south"]}).attributes()["region"]
        array(['south', 'north'], dtype=object)
        """
        if self.snapshot.profile:
            raise ConfigError("the base has a profile already; join the tables and pass them at once")
        known = self.snapshot.provenance
        profile, unmatched = read_profile(frame, self.snapshot.ids, customer, known.tz, time_format)
        return self._with_snapshot(replace(self.snapshot, profile=profile,
                                          provenance=known._replace(unmatched=unmatched)))

    def with_pool(self, frame: FrameLike, *, allocate: str, time: str = "time", since: str | None = None,
                  cost: str = "cost", time_format: TimeFormat | None = None) -> Self:
        """Return a base with shared costs, such as campaigns, allocated to customers as relationship cost.

        Each cost is booked on its day, in the columns `marketing` and `margin`; its allocation uses what was known by
        that day, so a later order changes nothing. A campaign to win customers (``allocate="won"``) also counts as
        `acquisition_cost`. More pools can be added, each with its own allocation.

        Parameters
        ----------
        frame : frame
            A row per cost, of any kind that `orders` may have.
        allocate : {"equal", "contacts", "amount", "won"}
            Equal shares for all customers with an order by that day; in proportion to contacts (the log is needed) or
            to the net amount bought; or equal shares for the customers won, those with their first order in the time.
        time, cost : str
            Columns with the day on which a cost is booked and its amount.
        since : str, optional
            Column with the first day of the time that counts, which ends on the day booked; by default the first day
            of the log.
        time_format : str or list of str, optional
            How to read text that is not ISO 8601, or numbers, as in `CustomerBase`.

        Raises
        ------
        DataError
            Rows are invalid, or no customer takes a cost; the message names column, rows and a remedy.

        Examples
        --------
        A trade fair in January cost 300, shared by the customers that it won:

        >>> import custval as cv
        >>> log = {"who": ["a", "b", "c"], "day": ["2024-11-01", "2025-01-15", "2025-01-20"]}
        >>> fair = {"time": ["2025-01-31"], "since": ["2025-01-01"], "cost": [300.0]}
        >>> base = cv.CustomerBase(log, customer="who", time="day", end="2025-02-28")
        >>> base.with_pool(fair, since="since", allocate="won").attributes()["acquisition_cost"]
        array([  0., 150., 150.])
        """
        pools = read_pools(self.snapshot, frame, time=time, since=since, cost=cost, allocate=allocate,
                           tz=self.snapshot.provenance.tz, time_format=time_format)
        return self._with_snapshot(replace(self.snapshot, logs={**self.snapshot.logs, POOLS: pools}))

    # ---- tables ----

    def summary(self, unit: str | None = None, *, spend: bool = False) -> Any:
        """Return one row per customer: history x, t_x, T, m_x, and sums of everything known to `end`.

        Parameters
        ----------
        unit : str, optional
            Unit of t_x, T and t: h, D, W, M, Q or Y, as a duration (M is 365.25/12 days); by default the base's.
        spend : bool
            Add n, mean, log_mean and log_SS of single purchases, the first one included, which models of spend take.

        Returns
        -------
        frame of the caller's kind
            Columns of values that were not given are absent.

            =========  ==========================================================================================
            customer   the id, as given
            x          repeat purchases: purchases after the first one; a purchase is a grain with orders
                       whose net amount is above 0, or is 0 without a refund
            t_x        age at the last purchase: from the first purchase to the last one; 0 where x = 0.
                       lifetimes and pymc-marketing call this recency
            T          age at `end`: from the first purchase to `end`; NaN without a purchase
            m_x        mean net amount of the x repeat purchases, without the first one; NaN where x = 0
            orders     distinct order ids where `order` is given, else rows; refunds have ids and rows too
            amount     sum of the money paid, net of refunds
            cost       sum of the product cost
            marketing  sum of the relationship cost, contacts included
            margin     amount - cost - marketing; may be negative
            n          with `spend`: purchases whose net amount is above 0
            mean       with `spend`: the mean of these amounts, and
            log_mean   that of their natural logs; NaN where n = 0
            log_SS     with `spend`: the sum of squares of the logs about log_mean
            first      day of the first row, refunds included
            last       day of the last row, refunds included
            unit       the unit of t_x, T and t: a model in another unit refuses the summary
            =========  ==========================================================================================

            A holdout has ``newcomer`` (no row before it) and ``t``, the length of its window, instead of t_x
            and T; there x counts every purchase of a customer known before, and m_x is their mean.

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-01-15", "2025-01-08"]}
        >>> cv.CustomerBase(log, customer="who", time="day").summary(unit="W")["T"]
        array([2., 1.])
        """
        unit = self.unit if unit is None else unit
        columns = self.snapshot.summary(unit) | ({} if not spend else self.snapshot.spend_history(
            ("n", "mean", "log_mean", "log_SS")))
        frame = self.snapshot.frame(columns | {"unit": np.full(len(self.snapshot.who), unit)})
        if hasattr(frame, "attrs"):                      # of pandas, which a join drops
            frame.attrs["unit"] = unit
        return frame

    def history(self, periods: int | None = None, unit: str = "M", value: str | None = None) -> Any:
        """Return a value by customer and calendar period, for the last `periods` up to that of `end`.

        Parameters
        ----------
        periods : int, optional
            By default all since the first order or contact. The last one stops at `end`.
        unit : str
            D, W, M, Q or Y. An anchor names the first day of a week (``W-SUN``: Sunday to Saturday; plain W
            is ``W-MON``; pandas names the last day) or the last month of a fiscal year (``Q-MAR``, ``Y-JUN``).
            445, 454 or 544 are retail calendars of 52 or 53 weeks from Sunday on, in quarters of 4, 4 and 5 weeks
            (4, 5, 4; 5, 4, 4); a year ends on the Saturday nearest to the end of January, or of the month of an
            anchor (``"445-DEC"``).
        value : {"amount", "cost", "marketing", "margin", "quantity", "purchases", "orders"}
            By default the margin if costs are known, else the amount, else purchases. Purchases and orders are
            whole numbers.

        Returns
        -------
        frame of the caller's kind
            customer, then a column per period: ``2025-11-14`` (D), ``2025-W46`` (W, the ISO week), ``2025-11-09``
            (its first day: other weeks), ``2025-11`` (M), ``2025Q4`` and ``2025`` (Q, Y: of the year in which the
            fiscal year ends), ``FY2025P03`` (retail: of the calendar year that has most of its days).

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-15", "2025-01-08"]}
        >>> cv.CustomerBase(log, customer="who", time="day").history(2, "M", "orders")["2025-01"]
        array([1, 1])
        """
        if periods is None:
            periods = columns_since(self.snapshot.since(), self.end, unit)
        usual = next(name for name in ("margin", "amount", "purchases") if self.snapshot.knows(name))
        value = choice("value", usual if value is None else value, VALUES)
        edges, labels, _ = past_periods(self.end, periods, unit)
        table = self.snapshot.total(value, edges).T
        return self.snapshot.frame(dict(zip(labels, table.astype(np.int64) if value in COUNTS else table, strict=True)))

    def attributes(self, join: FrameLike | None = None, *, events: WeightedEvents = (), carrying: float | None = None,
                   default: Sequence[float] | None = None, scale: tuple[float, float] | str | None = None,
                   answers: str = "last", fill: Mapping[str, str] | None = None) -> Any:
        """Return one row per customer with every column that a scorecard can use.

        Parameters
        ----------
        events : Scorecard, optional
            A scorecard: adds the columns of its measures with a window, a half-life or a decay, such as
            ``last_12M_amount``, ``half_6M_suggestions_high``.
        join : frame, optional
            A frame with a column ``customer`` and the same customers, whose other columns are added.
        carrying : float, optional
            Annual interest rate of capital, such as .06: adds ``owed_carrying``.
        default : sequence of 4 floats, optional
            Probability of default of a receivable, for each of the four ages from ``owed_30`` on: adds
            ``owed_expected_loss``.
        scale : (float, float) or "nps", optional
            The lowest and the highest answer of the log of surveys: ``satisfaction`` is rescaled to 0 to 100. With
            "nps", answers of 9 and 10 (of 0 to 10) are 100, 7 and 8 are 0, others -100, so that the mean over
            customers is the net promoter score.
        answers : {"last", "ewma"}
            ``satisfaction`` is the last answer, or a mean in which an answer has half the weight of the next one.
        fill : dict, optional
            Maps a column to the column that fills its missing values, such as ``{"planned_2y": "sum_24M"}`` with a
            forecast joined; ``planned_2y_source`` then names the column of each value, "" where both are missing.

        Returns
        -------
        frame of the caller's kind
            With ``end="2025-11-14"``, *1y* is the twelve months that end with `end`, 2024-11-15..2025-11-14; *prev_1y*
            the twelve before, 2023-11-15..2024-11-14; *2y* both. Columns of values that were not given are absent.

            ======================  =============================================================================
            customer                the id, as given
            orders                  distinct order ids where `order` is given, else rows; refunds included
            purchases               grains with orders whose net amount is above 0, or is 0 without a refund
            x                       repeat purchases: purchases after the first one
            recency                 days from the last purchase to `end`, T - t_x; the recency of lifetimes is t_x here
            years                   years (of 365.25 days) from the first contact to `end`: the earliest of the
                                    ``first_contact`` of the profile, the contact log and the orders
            years_source            which of them: profile, contacts, orders; absent without the other two
            amount                  sum of the money paid, net of refunds
            cost                    sum of the product cost
            marketing               sum of the relationship cost, contacts included
            margin                  amount - cost - marketing
            quantity                sum of the quantity
            products                number of distinct products
            mean_amount             amount / purchases
            sales_1y                amount of the 1y
            sales_prev_1y           amount of the prev_1y; missing where less than 98 % of it is observed
            sales_change            sales_1y - sales_prev_1y; missing likewise
            growth_1y               sales_1y / sales_prev_1y - 1; NaN where sales_prev_1y is not above 0
            observed_prev_1y        share of the days of the prev_1y since the log began: by its first row, or earlier
                                    by as many days as ever passed in it without a row
            sales_2y                amount of the 2y
            margin_1y               margin of the 1y
            repeat_rate             x / T, T in years from the first purchase to `end`; NaN where T = 0
            opportunities           number of opportunities open at `end`: created and not closed by then
            opportunities_gross     sum of their amounts
            opportunities_expected  sum of amount * probability
            suggestions             number of suggestions to `end`
            suggestions_<level>     number of one level, a column for each level of the log
            recent_suggestions_...  number of one level within the 1y
            owed                    sum of the receivables issued and not paid by `end`
            overdue                 the part of it that was due before `end`
            owed_30                 the part not due yet, or due up to 30 days ago; with ``owed_60`` (31 to 60 days),
                                    ``owed_90`` and ``owed_over_90`` the parts add up to owed
            owed_carrying           sum of owed amount * `carrying` * years since it was issued
            owed_expected_loss      sum of owed amount * probability in `default`
            surveys, satisfaction   number of answers to `end`, and the last one (`scale`, `answers`)
            contacts                number of contacts to `end`
            acquisition_cost        cost of the contacts up to the day of the first order, that day included, and of
                                    the campaigns that won the customer (`with_pool`)
            delivered_value         benefits - price - after_cost of the profile: value of a purchase to the customer
                                    (Kotler's delivered value)
            perceived_value         reservation_price - price
            delivery_gap            delivered_value - perceived_value: value received less value expected
            realised_value          margin, without costs the amount; with share_of_wallet in the profile
            potential_value         realised_value / share_of_wallet; potential_gap is the difference, not won yet
            ...                     the columns of the profile, of `events`, and of `join`
            ======================  =============================================================================

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-15", "2025-01-08"]}
        >>> cv.CustomerBase(log, customer="who", time="day").attributes()["recency"]
        array([ 0., 38.])

        A product with a reservation price of 500 that is sold for 350 has a perceived value of 150:

        >>> base = cv.CustomerBase(log, customer="who", time="day").with_profile(
        ...     {"customer": ["a", "b"], "reservation_price": [500, 300], "price": [350, 350]})
        >>> base.attributes()["perceived_value"]
        array([150., -50.])

        Two bills of 100, one of them 45 days late, an age at which half are never paid:

        >>> bills = {"customer": ["a", "b"], "issued": ["2024-12-01", "2025-02-10"],
        ...          "due": ["2025-01-01", "2025-03-10"], "amount": [100, 100]}
        >>> base.with_log("receivables", bills).attributes(default=(0, .5, .8, 1))["owed_expected_loss"]
        array([50.,  0.])

        The last answer on a scale of 1 to 5, and a forecast where a plan is missing:

        >>> survey = {"customer": ["a", "a"], "time": ["2025-01-03", "2025-02-01"], "answer": [2, 4]}
        >>> base.with_log("surveys", survey).attributes(scale=(1, 5))["satisfaction"]
        array([75., nan])
        >>> plans, sums = {"customer": ["a"], "planned_2y": [500.0]}, {"customer": ["a", "b"], "sum_24M": [90.0, 30.0]}
        >>> base = cv.CustomerBase(log, customer="who", time="day").with_profile(plans)
        >>> table = base.attributes(join=sums, fill={"planned_2y": "sum_24M"})
        >>> table["planned_2y"], table["planned_2y_source"].tolist()
        (array([500.,  30.]), ['planned_2y', 'sum_24M'])

        A customer with a share of wallet of one half has twice the value as potential:

        >>> paid = cv.CustomerBase(log | {"paid": [60.0, 40.0, 30.0]}, customer="who", time="day", amount="paid")
        >>> shares = {"customer": ["a"], "share_of_wallet": [.5]}
        >>> paid.with_profile(shares).attributes()["potential_value"]
        array([200.,  nan])
        """
        out = attributes(self.snapshot, carrying=carrying, default=default, scale=scale, answers=answers)
        out |= weighted(self.snapshot, events)
        out |= {} if join is None else joined(out, join, self.snapshot)
        return self.snapshot.frame(out | filled(out, {} if fill is None else fill))

    @warned_once()
    def features(self, origins: DateLike | Sequence[DateLike], *, horizon: int, unit: str = "M",
                 events: WeightedEvents = ()) -> Any:
        """Return features as of each origin, and labels from the time after it, to train a model of your own.

        Parameters
        ----------
        origins : date or sequence of dates
            Days as in `as_of`. A feature uses rows up to its origin, that day included; labels those after it.
        horizon : int
            Length of the time after an origin that the labels count, in `unit`.
        unit : {"D", "W", "M", "Q", "Y"}
            Days, weeks or calendar months, quarters and years from the origin on.
        events : Scorecard, optional
            Adds the weighted columns of its measures, as in `attributes`.

        Returns
        -------
        frame of the caller's kind
            A row per origin and customer known by then: customer, ``origin``, the columns of `attributes` as of the
            origin, and ``label_purchases``, ``label_amount`` and ``label_margin`` as far as they are known: what the
            customer bought in the horizon. Labels are missing where it is not over at `end`, as for predictions.
            A profile has no dates: its columns are the same at every origin.

        Raises
        ------
        DataError
            An origin lies after `end`, before the first order, or inside a grain.

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b", "a"], "day": ["2024-01-05", "2024-02-15", "2024-03-08", "2024-04-02"]}
        >>> base = cv.CustomerBase(log, customer="who", time="day", end="2024-04-30")
        >>> table = base.features(["2024-02-29", "2024-03-31"], horizon=1, unit="M")
        >>> table["customer"].tolist(), table["purchases"], table["label_purchases"]
        (['a', 'a', 'b'], array([2, 2, 1]), array([0, 1, 0]))
        """
        self.snapshot.refuse_holdout("features")
        letter, anchor = split_unit(unit, PERIODS)
        if anchor:
            raise ConfigError(f"unit={unit!r}: a horizon begins at its origin, so the unit has no anchor")
        given = [origins] if isinstance(origins, str) or not isinstance(origins, Iterable) else list(origins)
        if not given:
            raise ConfigError("origins: pass at least one date")
        days = [self._grain_end(day, "features") for day in given]
        self._warn_filled("features", min(days))
        first = self.snapshot.first().min()
        if min(days) < first:
            raise DataError(f"features: no customer has a row by {min(days)}; the first row is of {first}")
        return rolling.features(self.snapshot, days, [ahead(day, counted(horizon), letter) for day in days], events)

    def _grain_end(self, date: DateLike, what: str) -> np.datetime64:
        """Return a date as a day of the base, checked to be the last one of a grain."""
        day, grain = self._within(date, what), self.snapshot.ledger.grain
        ends = grain_ends(day, grain)
        if day not in ends:
            near = " or ".join(str(end) for end in ends if end <= self.end)
            raise DataError(f"{what}: {day} lies inside a grain ({grain}), whose orders are one "
                            f"purchase; {what} on the last day of a grain: {near}")
        return day

    def _warn_filled(self, what: str, day: np.datetime64) -> None:
        costs = self.snapshot.provenance.filled
        if costs and day < self.end:
            warn(f"{what}: {many(costs, 'cost')} were filled at the rates of the whole log, orders after {day} among "
                 "them; for what was known then make the base of the orders up to that day")

    def _until(self, day: np.datetime64) -> Self:
        """Return the base as of a day that the caller gave."""
        then = self.snapshot.until(day)
        return self._with_snapshot(replace(then, provenance=then.provenance._replace(end_given=True)))

    def _within(self, date: DateLike, what: str) -> np.datetime64:
        """Return a date as a day between the first and the last of the base."""
        day = as_day(date, what, self.snapshot.provenance.zone)
        if day > self.end:
            raise DataError(f"{what}: {day} lies after the end of observation, {self.end}; "
                            "pass end= to CustomerBase if nothing was ordered since")
        start = self.snapshot.start
        if start is not None and day < start:
            raise DataError(f"{what}: {day} lies before the holdout, which begins on {start}; use the whole base")
        return day
