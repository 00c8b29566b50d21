"""The state of a base: a view of the ledger and what was said when it was made; neither changes."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, Self

import numpy as np

from .._dates import as_day
from .._row_report import Rows
from ..errors import DataError
from . import data_report as pages
from .event_logs import OTHERS
from .snapshot import Snapshot

VALUES = ("amount", "cost", "marketing", "margin", "quantity", "purchases", "orders")


class State:
    """What every base has; `CustomerBase` adds how it is made and asked."""

    snapshot: Snapshot
    _about: Mapping[str, Any]

    def _set(self, view: Snapshot, about: Mapping[str, Any]) -> Self:
        if not len(view.who):
            raise DataError(f"no customer has a row by {view.day}; the first row is of "
                            f"{view.ledger.days(view.ledger.tick.min())}")
        self.__dict__.update(snapshot=view, _about=about)
        return self

    def _with(self, view: Snapshot, **about: Any) -> Self:
        return object.__new__(type(self))._set(view, {**self._about, **about})

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("a CustomerBase does not change; as_of, split, with_log and with_profile "
                             "return a new one")

    # ---- what it is ----

    @property
    def customers(self) -> np.ndarray:
        """The ids, in the order of their first rows in the log."""
        return self.snapshot.customers

    @property
    def unit(self) -> str:
        """Unit of the times of `summary`."""
        return str(self._about["unit"])

    @property
    def end(self) -> Any:
        """Last day of observation, included."""
        return self.snapshot.day

    @property
    def rows(self) -> Rows:
        """Where the rows of the log went: read = used + merged + dropped by reason."""
        view = self.snapshot
        inside, before, after, others = view.rows()
        used = view.ledger.grains(view.begin, view.end)
        dropped = dict(self._about["dropped"])
        if before:
            dropped[f"before {view.start}"] = before
        if after:
            dropped[f"after {view.day}"] = after
        if others:
            dropped[OTHERS] = others
        return Rows(self._about["read"], used, inside - used, dropped)

    @property
    def log_rows(self) -> dict[str, Rows]:
        """Where the rows of each log beside the orders went; none is merged."""
        return {kind: log.account(self.snapshot) for kind, log in self.snapshot.logs.items()}

    def __repr__(self) -> str:
        return pages.line(self.snapshot)

    def card(self) -> str:
        """Return the card as text: customers, dates, zone, what became of the rows, totals."""
        return pages.text(repr(self)[1:-1], self._facts())

    def _repr_html_(self) -> str:
        return pages.as_html(repr(self)[1:-1], self._facts())

    def _facts(self) -> dict[str, str]:
        return pages.facts(self.snapshot, self._about, self.rows, self.log_rows)

    def _within(self, date: Any, what: str) -> Any:
        day = as_day(date, what)
        if day > self.end:
            raise DataError(f"{what}: {day} lies after the end of observation, {self.end}; "
                            "pass end= to CustomerBase if nothing was ordered since")
        start = self.snapshot.start
        if start is not None and day < start:
            raise DataError(f"{what}: {day} lies before the holdout, which begins on {start}; ask the whole base")
        return day
