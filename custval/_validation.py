"""Check arguments and columns of numbers; name what is wrong, where, and what to do."""
from __future__ import annotations

import math
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from numbers import Real
from types import FrameType
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from . import _core
from ._arrays import loses_digits
from ._formatting import nearest
from .errors import ConfigError, DataError, DataWarning

Seed: TypeAlias = int | np.random.Generator
SHOWN = 5                                    # rows that a message lists
MEANT = {"sales": "amount", "revenue": "amount", "profit": "margin"}         # the words of other packages


def choice(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the allowed words."""
    words = list(allowed)
    if not isinstance(value, str) or value not in words:
        near = (MEANT.get(value) or nearest(value, words, cutoff=0.6)) if isinstance(value, str) else None
        meant = f"\n  did you mean {near!r}?" if near in words else ""
        raise ConfigError(f"{name}={in_short(value)}: expected one of {', '.join(map(repr, words))}{meant}")
    return str(value)


def flag(name: str, value: object) -> bool:
    """Return a setting that is on or off."""
    if not isinstance(value, bool | np.bool_):
        raise ConfigError(f"{name}={in_short(value)}: pass True or False")
    return bool(value)


def of_role(model: object, argument: str, *roles: str) -> None:
    """Raise unless `model` is a model, not a class, of one of the roles."""
    if isinstance(model, type):
        raise ConfigError(f"{argument}={model.__name__} is a class: pass cv.{model.__name__}()")
    role = getattr(model, "role", None)
    if role not in roles:
        place = {"purchases": "purchases", "spend": "spend", "margin": "spend"}.get(role or "")
        raise ConfigError(f"{argument}={type(model).__name__}: no model of {' or '.join(roles)}"
                          + (f"; pass it as {place}=" if place and place != argument else ""))


def setting(value: object) -> float | None:
    """Return a setting as a double if it is a finite number of any type, such as a decimal; else None."""
    number = None if value is None else number_of(value)
    return number if number is not None and math.isfinite(number) else None


def whole(name: str, value: object, least: int, most: int, what: str) -> int:
    """Return a whole number, or raise."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or not least <= value <= most:
        raise ConfigError(f"{name}={in_short(value)}: pass {what}")
    return int(value)


def real(name: str, value: object) -> float:
    """Return a setting as a double; raise unless it is a finite number of any type."""
    number = setting(value)
    if number is None:
        raise ConfigError(f"{name}={in_short(value)}: expected a finite number")
    return number


def in_short(value: object) -> str:
    """Return a setting as a message shows it, in at most 60 characters."""
    try:
        text = repr(value)
    except ValueError:                                      # an integer beyond the digits that Python converts
        text = f"an integer of {abs(value).bit_length():,} bits" if isinstance(value, int) else type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def share(name: str, value: float) -> None:
    """Raise unless `value` lies between 0 and 1."""
    if not 0 < (setting(value) or 0) < 1:
        raise ConfigError(f"{name}={in_short(value)}: pass a probability between 0 and 1, both excluded")


def ranks(level: float, draws: int) -> tuple[int, int]:
    """Return the ranks, from 0, of the two among `draws` sorted values that hold probability `level` between them."""
    share("level", level)
    tail = (1 - float(level)) / 2
    return math.floor(tail * draws + 1e-9), math.ceil((1 - tail) * draws - 1e-9) - 1


def seeded(seed: Seed) -> int:
    """Return a seed as a number, or raise; a Generator of NumPy gives its next one, so it advances."""
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**64, dtype=np.uint64))
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed={seed!r}: pass a whole number from 0 to 2**64 - 1, or a numpy.random.Generator")
    return int(seed)


_collected: ContextVar[dict[str, list[str]] | None] = ContextVar("collected", default=None)


def warn(message: str, category: type[Warning] = DataWarning) -> None:
    """Issue a warning that points at the caller's own line, the first one outside of custval."""
    found = _collected.get()
    if found is not None and category is DataWarning:
        found.setdefault(re.sub(r"\d[\d.,]*", "#", message), []).append(message)
        return
    level, frame = 1, cast("FrameType | None", sys._getframe())
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in ("custval", "contextlib"):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def warned_once() -> Iterator[None]:
    """Issue one warning of each kind when the block ends: messages that differ in their numbers are one kind."""
    outer = _collected.get()
    found = {} if outer is None else outer
    token = _collected.set(found)
    try:
        yield
    finally:
        _collected.reset(token)
        for first, *more in found.values() if outer is None else ():
            warn(first + (f" (the first of {len(more) + 1} such cases in this call)" if more else ""))


def number_of(value: object) -> float | None:
    """Return a number of any type as a double, NaN if it is missing, infinite beyond a double; None for no number."""
    if value is None or (isinstance(value, Decimal) and value.is_nan()):
        return math.nan
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal):
        return math.nan if str(value) in ("<NA>", "NaT") else None
    try:
        return float(value)
    except OverflowError:                                   # whole numbers and fractions
        return math.inf if cast("Decimal", value) > 0 else -math.inf


def numbers(column: np.ndarray, name: str) -> np.ndarray:
    """Return a column of objects as doubles if all are numbers, such as decimals, or missing; others as they are."""
    if column.dtype.kind != "O":
        return column
    out = np.full(len(column), np.nan)
    for row, value in enumerate(column.tolist()):
        number = number_of(value)
        if number is None:
            raise DataError(f"{name}: expected a column of numbers, got {type(value).__name__} values such as "
                            f"{value!r} in row {row:,}")
        if isinstance(value, int) and abs(value) > 2**53:
            raise DataError(f"{name}: integers beyond 2**53 lose digits in sums; pass floats if that is meant")
        out[row] = beside(number, value) if isinstance(value, Decimal) and math.isfinite(number) else number
    return out


def beside(double: float, value: Decimal) -> float:
    """Return the double for a decimal; one of more digits goes to its own side of the shortest decimal near it.

    So it compares with thresholds as it was written: 999.99999999999999999 lies below 1000.
    """
    near = Decimal(repr(double)) if math.isfinite(double) else value
    return double if near == value else math.nextafter(double, math.inf if value > near else -math.inf)


def finite(column: np.ndarray, name: str, missing: str | None = None) -> int:
    """Return the number of finite values; raise for infinity, and for NaN unless ``missing="apart"``.

    With None the caller has no such option, and the message offers none.
    """
    if missing not in (None, "raise", "apart"):
        raise ConfigError(f"missing={missing!r}: pass 'raise' or 'apart'")
    if column.dtype.kind not in "iuf" or column.dtype.itemsize > 8:
        raise DataError(f"{name}: expected a column of numbers, got {column.dtype}")
    if loses_digits(column):
        raise DataError(f"{name}: integers beyond 2**53 lose digits in sums; pass floats if that is meant")
    if column.dtype.kind != "f" or np.isfinite(column).all():
        return len(column)
    nan = np.isnan(column)
    if missing != "apart" and nan.any():
        apart = 'pass missing="apart" to exclude and count these customers'
        raise DataError(f"{name}: {named(column, nan)} NaN\n"
                        f"  Fill them in, or {'leave these rows out' if missing is None else apart}.")
    endless = np.isinf(column)
    if endless.any():
        raise DataError(f"{name}: {named(column, endless)} infinite\n  Correct these rows.")
    if nan.all():
        warn(f"{name}: none of {len(column):,} customers has a value, so all are unassigned; if it was reindexed, it "
             "carried other labels than the index that it was given")
    return int(len(column) - nan.sum())


def named(column: np.ndarray, bad: np.ndarray) -> str:
    """Return ``"2 of 7 values (rows 3, 5) are"``."""
    rows = np.flatnonzero(bad)
    shown = ", ".join(f"{row:,}" for row in rows[:SHOWN]) + (", ..." if len(rows) > SHOWN else "")
    return f"{len(rows):,} of {len(column):,} values (row{'s' * (len(rows) > 1)} {shown}) are"


def ranked(values: np.ndarray, ties: str = "min") -> np.ndarray:
    """Return ranks, 1 for the largest; ties get the smallest rank, a dense rank, or their mean rank; NaN has none."""
    known = ~np.isnan(values)
    if known.all():
        return np.asarray(_core.rank(values, _core.TIES.index(ties)))
    out = np.full(len(values), np.nan)
    out[known] = _core.rank(values[known], _core.TIES.index(ties))
    return out


def whole_ranks(rank: np.ndarray) -> np.ndarray:
    """Return ranks as whole numbers; as they are if somebody has none."""
    return rank if np.isnan(rank).any() else rank.astype(np.int64)


def sum_of(values: np.ndarray) -> float:
    """Return the sum of a column; of decimals, the double nearest to their exact total."""
    return float(_core.totals(values, np.zeros(1, np.int64), np.array([len(values)]))[0])


def divide(part: ArrayLike, whole: ArrayLike) -> np.ndarray:
    """Return ``part / whole``, NaN where the whole is 0."""
    whole = np.asarray(whole, float)
    return np.asarray(np.asarray(part) / np.where(whole == 0, np.nan, whole))
