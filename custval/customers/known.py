"""What a base is told beside its orders: logs, costs of many customers, a profile."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from .._validation import choice
from ..errors import ConfigError
from .answers import Answers
from .cost_pools import KIND as POOLS
from .cost_pools import read_pools
from .event_logs import read_log
from .profile import read_profile


class Known(Answers):
    """New bases that know more."""

    def with_log(self, kind: str, frame: Any, *, customer: str = "customer", time: str | None = None,
                 time_format: str | None = None, missing: str = "raise", **columns: Any) -> Self:
        """Return a base that also knows a log of that kind, one of each.

        Rows of customers without an order stand apart, rows after `end` are not known yet; `log_rows`, the card
        and `check` count them.

        Parameters
        ----------
        kind : {"opportunities", "suggestions", "receivables", "contacts", "surveys"}
            What the rows are, and the columns looked for unless named by keyword:
            opportunities (created, amount; stage, probability, closed: open until that day, or for ever),
            suggestions (time, level), receivables (issued, due, amount; paid: the day), contacts (time, cost;
            channel), surveys (time, answer). Columns after the semicolon may be absent. ``probability={"offer": .5,
            ...}`` gives the chance by stage, ``cost={"visit": 120, ...}`` the cost by channel. A row is taken as it
            was known on its day: give stage and probability as they stood while it was open, not how it ended (see
            `as_of`). Nothing may be closed before it was created, nor due or paid before it was issued.
        frame : frame
            Of any kind that `orders` may have.
        customer, time : str
            Columns with the id and the day on which the row became known.
        time_format : str, optional
            How to read text that is not ISO 8601.
        missing : {"raise", "drop"}
            Refuse rows that cannot be used, or leave them out and count them.

        Raises
        ------
        DataError
            Rows cannot be used; the text names column, rows, customers and a remedy.
        ConfigError
            A setting is not known, or the base has a log of this kind: join the tables and pass them at once.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.CustomerBase({"who": ["a", "b"], "day": ["2025-01-01", "2025-01-15"]}, customer="who", time="day")
        >>> visits = {"customer": ["b", "b"], "time": ["2025-01-02", "2025-01-03"], "cost": [80.0, 40.0]}
        >>> base.with_log("contacts", visits).summary()["marketing"]
        array([  0., 120.])

        Of an order of 1,000 that comes with a chance of 40 %, 400 are expected:

        >>> offers = {"customer": ["a"], "created": ["2025-01-03"], "amount": [1000.0], "stage": ["offer"]}
        >>> knows = base.with_log("opportunities", offers, probability={"offer": .4}).attributes()
        >>> knows["opportunities_gross"], knows["opportunities_expected"]
        (array([1000.,    0.]), array([400.,   0.]))
        """
        choice("missing", missing, ("raise", "drop"))
        if kind in self.snapshot.logs:
            raise ConfigError(f"the base has a log of {kind} already; join the tables and pass them at once, so that "
                              "no row counts twice")
        log = read_log(
            kind, frame, self.snapshot.ids.array("customer"), customer=customer, time=time, missing=missing,
            tz=self._about["tz"], time_format=time_format, columns=columns)
        return self._with(replace(self.snapshot, logs={**self.snapshot.logs, kind: log}))

    def with_profile(self, frame: Any, *, customer: str = "customer", time_format: str | None = None) -> Self:
        """Return a base whose `attributes` have the columns of `frame`, one row a customer.

        Parameters
        ----------
        frame : frame
            Of any kind that `orders` may have. Customers without a row get NaN, NaT or None. A column
            ``first_contact`` is read as days, empty where not known; `years` counts from it.
        customer : str
            Column with the id.
        time_format : str, optional
            How to read a first contact that is text and not ISO 8601.

        Raises
        ------
        DataError
            A customer has two rows, or a first contact is no date.
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
        profile, apart = read_profile(frame, self.snapshot.ids, customer, self._about["tz"], time_format)
        return self._with(replace(self.snapshot, profile=profile), apart=apart)

    def with_pool(self, frame: Any, *, allocate: str, time: str = "time", since: str | None = None, cost: str = "cost",
                  time_format: str | None = None) -> Self:
        """Return a base that also knows costs of many customers at once, spread over them as relationship cost.

        Each is booked on its day, in the columns `marketing` and `margin`; who takes how much of it was settled by
        then, so a later order changes nothing. A campaign to win customers (``allocate="won"``) also counts as
        `acquisition_cost`. More pools can be added, each spread in its own way.

        Parameters
        ----------
        frame : frame
            A row per cost, of any kind that `orders` may have.
        allocate : {"equal", "contacts", "amount", "won"}
            Equal shares of all customers who have an order by then; by the number of contacts (the log is needed), by
            the net amount bought, or equal shares of the customers won, those with their first order in that time.
        time, cost : str
            Columns with the day on which a cost is booked and its amount.
        since : str, optional
            Column with the first day of the time that counts, which ends on the day booked; without it the time
            begins with the log.
        time_format : str, optional
            How to read text that is not ISO 8601.

        Raises
        ------
        DataError
            Rows cannot be used, or nobody is there to take a cost; the text names column, rows and a remedy.

        Examples
        --------
        A fair in January that cost 300, for the customers won by it:

        >>> import custval as cv
        >>> log = {"who": ["a", "b", "c"], "day": ["2024-11-01", "2025-01-15", "2025-01-20"]}
        >>> fair = {"time": ["2025-01-31"], "since": ["2025-01-01"], "cost": [300.0]}
        >>> base = cv.CustomerBase(log, customer="who", time="day", end="2025-02-28")
        >>> base.with_pool(fair, since="since", allocate="won").attributes()["acquisition_cost"]
        array([  0., 150., 150.])
        """
        pools = read_pools(self.snapshot, frame, time=time, since=since, cost=cost, allocate=allocate,
                           tz=self._about["tz"], time_format=time_format)
        return self._with(replace(self.snapshot, logs={**self.snapshot.logs, POOLS: pools}))
