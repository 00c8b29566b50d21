"""Exact arithmetic for the numbers of a scorecard: 0.4 means two fifths, 100/3 a hundred thirds."""
from __future__ import annotations

import math
import numbers
import re
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from ..errors import ConfigError

Number: TypeAlias = numbers.Real | Decimal | float | str      # a number of a card; text is "0.4" or "100/3"
Limit: TypeAlias = Number | None                              # a cap or a floor

NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?(/\d{1,30})?", re.ASCII)
SHORT = 15                          # significant digits that every decimal keeps in a double
SIMPLE = 1000                       # largest denominator that a longer float is read as


def exact(value: object, what: str = "points") -> Fraction:
    """Return a number of a card as a fraction.

    Integers, fractions and decimals are exact already; text is ``"100/3"`` or ``"33.33"``. A float of at most
    15 significant digits is that decimal. A longer one is the fraction with a denominator up to 1000 that
    rounds to it (``100/3``), else its binary value.

    Raises
    ------
    ConfigError
        The value is not a finite number.
    """
    if isinstance(value, str) and NUMBER.fullmatch(value) and not re.search(r"/0+$", value):
        return Fraction(value) if "." not in value or "/" not in value else _ratio(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal) or not _finite(value):
        raise ConfigError(f"{what} = {value!r} is not a number")
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal):
        return Fraction(value)
    return _of_float(float(value))


def real(value: object, what: str) -> float:
    """Return an edge or knot, which is compared with data, as a double."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal) or not _finite(value):
        raise ConfigError(f"{what} = {value!r} is not a number")
    return float(value) + 0.0


def shown(value: Fraction | float, comma: bool = True) -> str:
    """Return a number as text: an integer or short decimal where that is exact, else the fraction."""
    sign = "," if comma else ""
    if isinstance(value, Fraction) and value.denominator == 1:
        return f"{value.numerator:{sign}}"
    text = repr(float(value)).removesuffix(".0")
    if isinstance(value, float) or Fraction(text) == value:
        return f"{Decimal(text):{sign}}"
    return f"{value.numerator}/{value.denominator}"


def half_up(value: Fraction, digits: int) -> Fraction:
    """Round to `digits` decimals; halves go away from zero."""
    scaled = abs(value) * 10**digits
    whole = math.floor(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**digits)


def _finite(value: numbers.Real | Decimal) -> bool:
    try:
        return math.isfinite(value)
    except (OverflowError, ValueError):         # an integer beyond the doubles, a signaling NaN
        return False


def _ratio(text: str) -> Fraction:
    top, bottom = text.split("/")
    return Fraction(top) / Fraction(bottom)


def _of_float(value: float) -> Fraction:
    text = repr(value)
    if len(text.split("e")[0].replace(".", "").strip("-0")) <= SHORT:
        return Fraction(text)
    simple = Fraction(value).limit_denominator(SIMPLE)
    return simple if float(simple) == value else Fraction(value)
