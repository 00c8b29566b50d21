"""What a base is asked: tables with a row per customer, in the caller's kind of frame."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._dates import past_periods, periods_since
from .._validation import choice
from .attributes import attributes, filled, joined
from .check import findings
from .events import aged
from .state import VALUES, State

COUNTS = ("purchases", "orders")


class Answers(State):
    """The questions of a `CustomerBase`."""

    def summary(self, unit: str | None = None) -> Any:
        """Return one row per customer: history x, t_x, T, m_x, and sums of everything known to `end`.

        Parameters
        ----------
        unit : str, optional
            Unit of t_x, T and t: h, D, W, M, Q or Y, as a duration (M is 365.25/12 days); by default the base's.

        Returns
        -------
        frame of the caller's kind
            Of a lazy polars frame, an eager one. Columns of values that were not given are not there.

            =========  ==========================================================================================
            customer   the id, as it was given
            x          repeat purchases: purchases after the first one; a purchase is a grain with orders
                       whose net amount is above 0, or is 0 without a refund
            t_x        age at the last purchase: from the first purchase to the last one; 0 where x = 0.
                       lifetimes and pymc-marketing call this recency
            T          age at `end`: from the first purchase to `end`; NaN without a purchase
            m_x        mean net amount of the x repeat purchases, the first one left out; NaN where x = 0
            orders     distinct order ids where `order` is given, else rows; refunds have ids and rows too
            amount     sum of the money paid, refunds taken off
            cost       sum of the product cost
            marketing  sum of the relationship cost, that of contacts included
            margin     amount - cost - marketing; may be negative
            first      day of the first row, refunds included
            last       day of the last row, refunds included
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
        frame = self.snapshot.frame(self.snapshot.summary(unit or self.unit))
        if hasattr(frame, "attrs"):                      # pandas: a model in another unit can refuse it
            frame.attrs["unit"] = unit or self.unit
        return frame

    def history(self, periods: int | None = None, unit: str = "M", value: str | None = None) -> Any:
        """Return customers by calendar period: the last `periods` up to the one that `end` lies in.

        Parameters
        ----------
        periods : int, optional
            By default all since the first order or contact. The last one is cut after `end`.
        unit : str
            D, W, M, Q or Y. An anchor names the first day of a week (``W-SUN``: Sunday to Saturday; plain W
            is ``W-MON``; pandas names the last day) or the last month of a fiscal year (``Q-MAR``, ``Y-JUN``).
        value : {"amount", "cost", "marketing", "margin", "quantity", "purchases", "orders"}
            By default the margin if costs are known, else the amount, else purchases. Purchases and orders are
            whole numbers.

        Returns
        -------
        frame of the caller's kind
            customer, then a column per period: ``2025-11-14`` (D), ``2025-W46`` (W, the ISO week), ``2025-11-09``
            (its first day: other weeks), ``2025-11`` (M), ``2025Q4`` and ``2025`` (Q, Y: of the year in which the
            fiscal year ends).

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-15", "2025-01-08"]}
        >>> cv.CustomerBase(log, customer="who", time="day").history(2, "M", "orders")["2025-01"]
        array([1, 1])
        """
        if periods is None:
            periods = periods_since(self.snapshot.since(), self.end, unit)
        value = choice("value", value or next(v for v in ("margin", "amount", "purchases") if self.snapshot.knows(v)),
                       VALUES)
        edges, labels, _ = past_periods(self.end, periods, unit)
        table = self.snapshot.total(value, edges).T
        return self.snapshot.frame(dict(zip(labels, table.astype(np.int64) if value in COUNTS else table, strict=True)))

    def attributes(self, join: Any = None, *, events: Any = (), carrying: float | None = None,
                   default: Sequence[float] | None = None, scale: tuple[float, float] | str | None = None,
                   answers: str = "last", fill: Mapping[str, str] | None = None) -> Any:
        """Return one row per customer with everything that a scorecard can use.

        Parameters
        ----------
        events : Scorecard, optional
            A card whose measures with a window, a half-life or a decay have their columns added, such as
            ``last_12M_amount``, ``half_6M_suggestions_high``.
        join : frame, optional
            A frame with a column ``customer`` and the same customers, whose other columns are added.
        carrying : float, optional
            What money costs a year, such as .06: adds ``owed_carrying``.
        default : sequence of 4 floats, optional
            The chance that a receivable is lost, by the ages of ``owed_30`` and those below it: adds
            ``owed_expected_loss``.
        scale : (float, float) or "nps", optional
            The lowest and the highest answer of the log of surveys, which ``satisfaction`` then puts on 0 to 100;
            "nps": of answers from 0 to 10, 9 and 10 are 100, 7 and 8 are 0, others -100, so that the mean of the
            customers is the net promoter score.
        answers : {"last", "ewma"}
            ``satisfaction`` is the last answer, or the mean in which an answer counts half of the one after it.
        fill : dict, optional
            Column to the column that stands in where it is empty, such as ``{"planned_2y": "sum_24M"}`` with a forecast
            joined; ``planned_2y_source`` then says which one it was, "" where both are empty.

        Returns
        -------
        frame of the caller's kind
            With ``end="2025-11-14"``, *1y* is the twelve months that end with `end`, 2024-11-15..2025-11-14; *prev_1y*
            the twelve before, 2023-11-15..2024-11-14; *2y* both. Columns of what was not given are not there.

            ======================  =============================================================================
            customer                the id, as it was given
            orders                  distinct order ids where `order` is given, else rows; refunds included
            purchases               grains with orders whose net amount is above 0, or is 0 without a refund
            x                       repeat purchases: purchases after the first one
            recency                 days from the last purchase to `end`. The recency of lifetimes is our t_x
            years                   years (of 365.25 days) from the first contact to `end`: the earliest of the
                                    ``first_contact`` of the profile, the contact log and the orders
            years_source            which of them: profile, contacts, orders; there if not all are of the orders
            amount                  sum of the money paid, refunds taken off
            cost                    sum of the product cost
            marketing               sum of the relationship cost, that of contacts included
            margin                  amount - cost - marketing
            quantity                sum of the quantity
            products                number of distinct products
            mean_amount             amount / purchases
            sales_1y                amount of the 1y
            sales_prev_1y           amount of the prev_1y
            sales_change            sales_1y - sales_prev_1y
            growth_1y               sales_1y / sales_prev_1y - 1; NaN where sales_prev_1y is not above 0
            sales_2y                amount of the 2y
            margin_1y               margin of the 1y
            repeat_rate             x / T, T in years from the first purchase to `end`; NaN where T = 0
            opportunities           number of those open at `end`: created by then, not closed by then
            opportunities_gross     sum of their amounts
            opportunities_expected  sum of amount times probability
            suggestions             number of suggestions to `end`
            suggestions_<level>     those of one level, a column for each level of the log
            recent_suggestions_...  those of one level and the 1y
            owed                    sum of the receivables issued and not paid by `end`
            overdue                 those of them that were due before `end`
            owed_30                 those not due yet, or up to 30 days ago; with ``owed_60`` (31 to 60 days),
                                    ``owed_90`` and ``owed_over_90`` they add up to owed
            owed_carrying           sum of owed amount * `carrying` * years since it was issued
            owed_expected_loss      sum of owed amount * its chance in `default`
            surveys, satisfaction   number of answers to `end`, and the last one (`scale`, `answers`)
            contacts                number of contacts to `end`
            acquisition_cost        cost of the contacts up to the day of the first order, that day included, and of
                                    campaigns by which the customer was won (`with_pool`)
            delivered_value         benefits - price - after_cost of the profile: what a purchase is worth to the
                                    customer (Kotler's delivered value)
            perceived_value         reservation_price - price: worth 500 to him and sold for 350, it is 150
            delivery_gap            delivered_value - perceived_value: what he got against what he expected
            realised_value          margin, without costs the amount; with share_of_wallet in the profile
            potential_value         realised_value / share_of_wallet; potential_gap is the rest, not won yet
            ...                     the columns of the profile, those of `events`, then those of `join`
            ======================  =============================================================================

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "a", "b"], "day": ["2025-01-01", "2025-02-15", "2025-01-08"]}
        >>> cv.CustomerBase(log, customer="who", time="day").attributes()["recency"]
        array([ 0., 38.])

        What is worth 500 to the customer and sold for 350 has a perceived value of 150:

        >>> base = cv.CustomerBase(log, customer="who", time="day").with_profile(
        ...     {"customer": ["a", "b"], "reservation_price": [500, 300], "price": [350, 350]})
        >>> base.attributes()["perceived_value"]
        array([150., -50.])

        Of two bills of 100, one is 45 days late and half of those of that age are never paid:

        >>> bills = {"customer": ["a", "b"], "issued": ["2024-12-01", "2025-02-10"],
        ...          "due": ["2025-01-01", "2025-03-10"], "amount": [100, 100]}
        >>> base.with_log("receivables", bills).attributes(default=(0, .5, .8, 1))["owed_expected_loss"]
        array([50.,  0.])

        The last answer on a scale of 1 to 5, and a forecast where no plan is given:

        >>> asked = {"customer": ["a", "a"], "time": ["2025-01-03", "2025-02-01"], "answer": [2, 4]}
        >>> base.with_log("surveys", asked).attributes(scale=(1, 5))["satisfaction"]
        array([75., nan])
        >>> plans, ahead = {"customer": ["a"], "planned_2y": [500.0]}, {"customer": ["a", "b"], "sum_24M": [90.0, 30.0]}
        >>> base = cv.CustomerBase(log, customer="who", time="day").with_profile(plans)
        >>> table = base.attributes(join=ahead, fill={"planned_2y": "sum_24M"})
        >>> table["planned_2y"], table["planned_2y_source"].tolist()
        (array([500.,  30.]), ['planned_2y', 'sum_24M'])

        Who buys half of what he needs here could bring twice as much:

        >>> paid = cv.CustomerBase(log | {"paid": [60.0, 40.0, 30.0]}, customer="who", time="day", amount="paid")
        >>> shares = {"customer": ["a"], "share_of_wallet": [.5]}
        >>> paid.with_profile(shares).attributes()["potential_value"]
        array([200.,  nan])
        """
        out = attributes(self.snapshot, carrying=carrying, default=default, scale=scale, answers=answers)
        out |= aged(self.snapshot, events)
        out |= {} if join is None else joined(out, join, self.snapshot)
        return self.snapshot.frame(out | filled(out, fill or {}))

    def check(self) -> Any:
        """Return what a reader of the numbers should know: finding, count, example, advice.

        Examples
        --------
        >>> import custval as cv
        >>> log = {"who": ["a", "A"], "day": ["2025-01-01", "2025-02-15"]}
        >>> cv.CustomerBase(log, customer="who", time="day").check()["finding"].tolist()
        ['ids that differ only by case, blanks or leading zeros']
        """
        return self.snapshot.ids.new(findings(self.snapshot, self.rows, self.log_rows, self._about))
