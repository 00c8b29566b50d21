"""The base class of all rules, the base class of the parts of a card, and the terms that the core sums."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, NoReturn, Protocol, Self, TypeVar

from .._files import encodable
from .._formatting import listed
from .._validation import choice
from ..customers.time_weighting import age_of
from ..errors import ConfigError
from .exact import Limit, exact, shown

POLICIES = ("apart", "raise", "zero", "lowest", "renormalise")
T = TypeVar("T")


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
    """An immutable object: equal if made from equal parts; its repr is the call that makes it."""

    _derived: ClassVar[tuple[str, ...]] = ()            # attributes that follow from the others
    _made = False                                       # set last by a constructor
    __dir__, _unlisted = listed, frozenset({"compiled", "source"})

    def __setattr__(self, name: str, value: object) -> None:
        if self._made:
            raise self._unchanging(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> NoReturn:
        raise self._unchanging(name)

    def _unchanging(self, name: str) -> AttributeError:
        return AttributeError(f"{type(self).__name__}.{name}: what a card is made of does not change; make a new one")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: dict(part) if isinstance(part, Mapping) else part for name, part in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update((name, read_only(part)) for name, part in state.items())

    def _parts(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items()
                if not name.startswith("_") and name not in self._derived}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Value) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self), len(repr(self))))          # equal levels may be in another order

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._keywords())})"

    def _keywords(self, *but: str) -> list[str]:
        return [f"{name}={code(value)}" for name, value in self._parts().items()
                if value is not None and name not in but]


class Limited(Protocol):
    """A rule, an indicator or a card: points with a cap and a floor."""

    cap: Fraction | None
    floor: Fraction | None


class Rule(Value):
    """A rule: terms that give points, a cap, a floor, a policy for missing values and a weight of events by age.

    A subclass implements `_terms`, `_lowest`, `_highest` and `_words`; its constructor ends with `_limits`. The
    public names of a rule are the arguments of its constructor.
    """

    cap: Fraction | None = None
    floor: Fraction | None = None
    missing: str | None = None
    window: str | None = None
    half_life: str | None = None
    decay: float | None = None

    def _limits(self, cap: Limit, floor: Limit, missing: str | None, age: Mapping[str, Any]) -> None:
        self.cap, self.floor = limits(cap, floor)
        self.missing = None if missing is None else choice("missing", missing, POLICIES)
        self.window, self.half_life, self.decay = age_of(**age)
        self._made = True

    def _terms(self, column: str) -> list[Term]:
        """Return the terms that the core sums, for a column of the table."""
        raise NotImplementedError

    def _lowest(self) -> Fraction | None:
        """Return the fewest points that the rule can give, or None if they have no lower bound."""
        raise NotImplementedError

    def _highest(self) -> Fraction | None:
        """Return the most points that the rule can give, or None if they have no upper bound."""
        raise NotImplementedError

    def _words(self, values: Sequence[Any]) -> str:
        """Return the interval or level that decides the points of a row, for `Explanation`."""
        raise NotImplementedError


def limits(cap: Limit, floor: Limit) -> tuple[Fraction | None, Fraction | None]:
    """Return cap and floor as fractions; raise unless floor <= cap."""
    most, least = None if cap is None else exact(cap, "cap"), None if floor is None else exact(floor, "floor")
    if most is not None and least is not None and least > most:
        raise ConfigError(f"floor = {shown(least)} lies above cap = {shown(most)}")
    return most, least


def within(points: Fraction, part: Limited) -> Fraction:
    """Return points limited to the cap and floor of a rule, an indicator or a card."""
    points = points if part.cap is None else min(points, part.cap)
    return points if part.floor is None else max(points, part.floor)


def text(value: object, what: str) -> str:
    """Return a name; raise unless it is text that a file can hold."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{what} = {value!r} is not a name")
    return encodable(value, what)


def code(value: object) -> str:
    """Return a part of a rule as the source text that makes it."""
    if isinstance(value, Fraction):
        return shown(value, comma=False) if "/" not in shown(value) else f"'{shown(value)}'"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(code, value))}]"
    return "{" + ", ".join(f"{k!r}: {code(v)}" for k, v in value.items()) + "}" if isinstance(value, Mapping) \
        else repr(value)


def read_only(part: Any) -> Any:
    """Return a dict as a read-only mapping, anything else unchanged."""
    return MappingProxyType(part) if isinstance(part, dict) else part


def changed(thing: T, **parts: object) -> T:
    """Return a copy of a card or of a part of one, with other parts."""
    new = object.__new__(type(thing))
    vars(new).update(vars(thing), **parts)
    return new
