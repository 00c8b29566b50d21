"""Cards kept in files, and those that come with custval."""
from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import resources
from typing import Any, Self

from .._files import known, parse
from .._formatting import plain
from . import card_files, cardwrite
from .indicator import Indicator
from .lines import told_by_line
from .rule import Value


class Stored(Value):
    """What a `Scorecard` does with files."""

    _source: str

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the card to a ``.toml`` or ``.json`` file; the file is whole or not there at all."""
        cardwrite.write(path, cardwrite.to_dict(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, normalise: bool = False) -> Self:
        """Read a card from a ``.toml`` or ``.json`` file.

        Raises
        ------
        ConfigError
            Anything but a card of this schema: names the file, the place in it and the likely meant word.
        FileNotFoundError
            No such file.

        Notes
        -----
        What a TOML file may hold; JSON holds the same. Of the rules a measure has one::

            schema = "custval/scorecard-1"
            name = "客户价值 2026"          # in any language
            version = "2026-03"             # optional: which of the cards of this name
            combine = "weighted"            # weights sum to 1; or "sum", without weights
            missing = "raise"               # or "zero", "lowest", "renormalise"; each measure may say its own
            digits = 2                      # optional: decimals, rounded half up ...
            round_at = "total"              # ... at "measure", "indicator" or "total"
            cap = 100                       # optional: at most this score
            floor = 0                       # optional: at least

            [[indicator]]                   # one or more
            name = "profitability"          # a column of the result
            weight = 0.6                    # or "3/5"
            cap = 100                       # optional: at most these points
            floor = -20                     # optional: at least
              [[indicator.measure]]         # one or more
              column = "sales_1y"           # steps: [from, points]; each reaches to the next
              steps = [["open", 0], [1_000_000, 10], [5_000_000, 30], [10_000_000, "100/3"]]
              [[indicator.measure]]
              column = "amount"             # linear: a point for each 100,000
              linear = { per = 100_000 }
              cap = 50
              floor = 0
              window = "24M"                # optional: what happened in the last 24 months only ...
              half_life = "6M"              # ... and half of it after 6 months; or decay = 0.25: a quarter a month
              [[indicator.measure]]
              column = "planned_2y"         # piecewise: a line through [value, points], level beyond the ends
              piecewise = [[0, 0], [8_000_000, "100/3"]]
              [[indicator.measure]]
              column = "capital"            # log: 0 points up to 1,000, 5 for each factor of base (10)
              log = { per = 1_000, points = 5 }
              [[indicator.measure]]
              column = "employees"          # steps learnt from a table of fifths by card.learn(), then auto = true
              steps = { quantiles = [0, 5, 10, 15, 20] }

            [[indicator]]
            name = "cooperation"
            weight = 0.4
              [[indicator.measure]]
              column = "would_refer"        # table: points by category
              table = { true = 10, false = 0 }
              missing = "renormalise"       # the other measures stand in
              [[indicator.measure]]
              column = "suggestions"        # grades: points by level; counts in suggestions_high, suggestions_general
              grades = { high = 10, general = 2 }
              counts = true                 # or times = "a column that counts", and the level in `column`
              [[indicator.measure]]
              column = "drive"              # manual: no column of a table; people score it, see `review`
              manual = true

            [[tier]]                        # optional, highest first: the result has a column "tier"
            name = "gold"
            from = 60
            [[tier]]
            name = "lead"                   # without from: open below
        """
        return cls._from_text(card_files.read(path), plain(os.path.basename(os.fspath(path))), normalise)

    @classmethod
    def builtin(cls, name: str) -> Self:
        """Return a card that comes with custval.

        Parameters
        ----------
        name : {"value", "b2b", "consumer", "auto"}
            What each reads is in ``base.attributes()`` if the base was given:

            - "consumer": recency, purchases, amount: `amount`.
            - "auto": the same by fifths of the base's own customers, for a firm that has nobody to set the steps; it
              has to `learn` the base first.
            - "b2b": sales_1y, sales_change, years, repeat_rate: `amount`; planned_2y, capital, market_share, employees,
              capacity, users, would_refer: a profile with these columns (`with_profile`).
            - "value", a sum: amount, years; opportunities_expected, suggestions_high, suggestions_general,
              acquisition_cost, owed: the logs (`with_log`) of opportunities, suggestions, contacts, receivables;
              satisfaction: the profile; sum_12M: a forecast, joined.

        Notes
        -----
        Where these measures or points do not fit your firm: `save` the card, change the file, `load` it.

        Examples
        --------
        >>> import custval as cv
        >>> base = cv.datasets.crm(customers=50).base()
        >>> cv.Scorecard.builtin("b2b").score(base.attributes())["score"].shape
        (50,)
        >>> cv.Scorecard.builtin("auto").learn(base).score(base)["score"].max()
        np.float64(100.0)
        >>> ahead = cv.forecast(base, periods=12, unit="M", value="amount")
        >>> cv.Scorecard.builtin("value").score(base.attributes(join=ahead))["score"].shape
        (50,)
        """
        files = resources.files("custval") / "scorecard" / "cards"
        names = sorted(f.name.removesuffix(".toml") for f in files.iterdir() if f.name.endswith(".toml"))
        known(name, names, "built-in card")
        return cls._from_text((files / f"{name}.toml").read_bytes(), f"{name}.toml", False)

    @classmethod
    def _from_text(cls, raw: bytes, source: str, normalise: bool) -> Self:
        table = parse(raw, source, source.endswith(".toml"))
        with told_by_line(source, raw):
            return cls._from_table(table, source, normalise)

    @classmethod
    def _from_table(cls, table: Mapping[str, Any], source: str, normalise: bool) -> Self:
        card: Self = card_files.from_dict(cls, Indicator, table, source, normalise)
        vars(card)["_source"] = source             # which errors about its tables name
        return card
