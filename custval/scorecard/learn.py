"""What a card still has to learn, and what it asks of a base."""
from __future__ import annotations

from typing import Any

from ..customers.time_weighting import Age
from ..errors import ConfigError
from .columns import numbers_of
from .rules import Quantiles


def frame_of(card: Any, frame: Any, as_of: Any = None) -> Any:
    """Return a frame as it is, of a base the attributes that the card asks for, known at the end of the day `as_of`."""
    ask = getattr(type(frame), "attributes", None)
    return ask(frame if as_of is None else frame.as_of(as_of), events=card) if callable(ask) else frame


def events_of(card: Any) -> tuple[tuple[str, Age], ...]:
    """Return (measure, age) of the measures that count events by their age."""
    return tuple(dict.fromkeys((column, rule._age) for i in card.indicators for column, rule in i.measures.items()
                               if rule._age))


def demand_learnt(card: Any) -> None:
    """Raise when a card has cuts to learn."""
    for indicator in card.indicators:
        for column, rule in indicator.measures.items():
            if isinstance(rule, Quantiles):
                raise ConfigError(f"{card._source}: indicator {indicator.name!r}, measure {column!r}: its cuts are not "
                                  "learnt yet; card = card.learn(base), then card.score(base)")


def learnt(card: Any, table: Any) -> Any:
    """Return the card with the cuts of the table."""
    indicators = [i._with({column: rule._learnt(rule._reads(column), numbers_of(table, rule._reads(column)))
                           for column, rule in i.measures.items() if isinstance(rule, Quantiles)})
                  for i in card.indicators]
    return type(card)(**{**card._parts(), "indicators": indicators})
