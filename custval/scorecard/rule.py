"""What all rules of a scorecard share, and the terms that the core understands."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn, Self

from .._files import encodable
from .._validation import choice
from ..customers.time_weighting import Age, age_of
from ..errors import ConfigError
from .exact import exact, shown

POLICIES = ("raise", "zero", "lowest", "renormalise")


class Column(NamedTuple):
    """A column of the table: numbers, levels that count 0, 1, 2 ... in the order given, or logarithms."""

    name: str
    levels: tuple[str, ...] | None = None
    log: tuple[float, float] | None = None              # (per, base)


class Term(NamedTuple):
    """Points ``points[k] + slope[k] (factor - origin[k])`` where k edges are at or below `select`."""

    select: Column
    factor: Column | None
    edges: tuple[float, ...]
    origins: tuple[float, ...]
    slopes: tuple[Fraction, ...]
    points: tuple[Fraction, ...]


class Value:
    """Equal when made from equal parts, which stay as they were made; the repr is the call that makes it."""

    _made = False                   # the last thing that a constructor sets

    def __setattr__(self, name: str, value: Any) -> None:
        if self._made:
            raise self._unchanging(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> NoReturn:
        raise self._unchanging(name)

    def _unchanging(self, name: str) -> AttributeError:
        return AttributeError(f"{type(self).__name__}.{name}: what a card is made of does not change; make a new one")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: dict(part) if isinstance(part, Mapping) else part for name, part in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update((name, read_only(part)) for name, part in state.items())

    def _parts(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Value) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self), len(repr(self))))          # equal levels may stand in another order

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._keywords())})"

    def _keywords(self, *but: str) -> list[str]:
        return [f"{name}={code(value)}" for name, value in self._parts().items()
                if value is not None and name not in but]


class Rule(Value):
    """What every rule has: a cap, a floor, what a missing value means, how old events may be, and its terms.

    A constructor ends with `_limits`; then the rule is made.
    """

    cap: Fraction | None = None
    floor: Fraction | None = None
    missing: str | None = None
    window: str | None = None
    half_life: str | None = None
    decay: float | None = None

    def _limits(self, cap: Any, floor: Any, missing: str | None, age: Mapping[str, Any]) -> None:
        self.cap, self.floor = limits(cap, floor)
        self.missing = None if missing is None else choice("missing", missing, POLICIES)
        self.window, self.half_life, self.decay = age_of(**age)
        self._made = True

    @property
    def _age(self) -> Age:
        return Age(self.window, self.half_life, self.decay)

    def _reads(self, measure: str) -> str:
        """Return the column of the table, whose name says which of the events count."""
        return self._age.of(measure)

    def _summed(self, measure: str) -> list[Term]:
        """Return what the core sums for a measure."""
        return self._terms(self._reads(measure))

    def _terms(self, column: str) -> list[Term]:
        """Return what the core sums, out of a column of the table."""
        raise NotImplementedError

    def _limited(self, points: Fraction) -> Fraction:
        """Return points within floor and cap."""
        return within(points, self)

    def _lowest(self) -> Fraction | None:
        """Return the fewest points that the rule can give, or None if there is no such number."""
        raise NotImplementedError

    def _words(self, values: Sequence[Any]) -> str:
        """Return the interval or level that decides, for explain."""
        raise NotImplementedError


def limits(cap: Any, floor: Any) -> tuple[Fraction | None, Fraction | None]:
    """Return cap and floor as fractions, in order."""
    most, least = None if cap is None else exact(cap, "cap"), None if floor is None else exact(floor, "floor")
    if most is not None and least is not None and least > most:
        raise ConfigError(f"floor = {shown(least)} lies above cap = {shown(most)}")
    return most, least


def within(points: Fraction, part: Any) -> Fraction:
    """Return points within the cap and floor of a rule, an indicator or a card."""
    points = points if part.cap is None else min(points, part.cap)
    return points if part.floor is None else max(points, part.floor)


def text(value: Any, what: str) -> str:
    """Return a name if it is text that a file can hold."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{what} = {value!r} is not a name")
    return encodable(value, what)


def code(value: Any) -> str:
    """Return a part of a rule as the source text that makes it."""
    if isinstance(value, Fraction):
        return shown(value, comma=False) if "/" not in shown(value) else f"'{shown(value)}'"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(code, value))}]"
    return "{" + ", ".join(f"{k!r}: {code(v)}" for k, v in value.items()) + "}" if isinstance(value, Mapping) \
        else repr(value)


def read_only(part: Any) -> Any:
    """Return a part as it is, a dict as one that cannot be written to."""
    return MappingProxyType(part) if isinstance(part, dict) else part
