"""Convert customer ids of any type to integer keys, exactly: 1 is not "1", "007" is not "7".

Integers are their own keys. Text is passed to the core as bytes, without a Python object per row if the column
offers buffers; categories of text as their codes. Whole floats below 2**53 equal the integers of their value,
other floats are an error; a NumPy scalar among objects equals the Python value that it holds.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._arrays import Table
from .errors import DataError

EXACT = 2.0**53
SHOWN = 3                                               # ids as examples
NO_VALUE = {"", "nan", "none", "null", "na", "n/a", "nat", "<na>", "#n/a", "-", "--", "?", ".", "missing", "unknown",
            "undefined", "not set", "(not set)", "未知", "无"}                  # text that reads as a missing value


def is_missing(value: object) -> bool:
    """Return whether a value is missing: None, NaN, NaT or pandas' NA."""
    try:
        return value is None or bool(value != value)
    except (TypeError, ArithmeticError):                    # the truth of NA != NA is NA; a signaling NaN compares not
        return True


def keys_of(opened: Table, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return an int64 key for each row of an id column, and a mask of the missing ids or None."""
    missing = opened.missing(name)
    coded = opened.categories(name)
    if coded is not None and len(set(coded[1].tolist())) == len(coded[1]):
        return coded[0], missing
    buffers = opened.utf8(name)
    if buffers is not None:
        return _core.codes_of_bytes(*buffers)[0], missing
    column = ids_of(opened, name)
    if column.dtype.kind in "iub":
        return _as_int64(column), missing
    if column.dtype.kind == "f":
        return _floats(column, name, missing)
    return _texts(column, name, missing)


def codes_of(opened: Table, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return codes 0 .. k - 1 of a column, and a mask of the missing values or None."""
    keys, missing = keys_of(opened, name)
    return _codes(keys, name)[0], missing


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return codes 0 .. k - 1 of whole numbers, and the first place of each."""
    return _codes(keys, "keys")


def distinct(opened: Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a code per row and the distinct values as objects, None for missing ones among them."""
    buffers, missing = opened.utf8(name), opened.missing(name)
    if buffers is not None:
        codes, first = _core.codes_of_bytes(*buffers)
        offsets, data = buffers
        texts = [bytes(data[offsets[r]:offsets[r + 1]]).decode() for r in first.tolist()]
    else:
        column = opened.array(name)
        codes, first = _codes(column, name)
        texts = column[first].tolist()
    values = np.empty(len(texts) + 1, object)               # the last one is the missing value
    values[:-1] = texts
    return (codes if missing is None else np.where(missing, len(texts), codes)), values


def ids_of(opened: Table, name: str) -> np.ndarray:
    """Return an id column with every digit, with any value where an id is missing."""
    whole = opened.whole_numbers(name)
    return opened.array(name) if whole is None else whole


def match(known: np.ndarray, ids: np.ndarray, name: str) -> np.ndarray:
    """Return the place of each id among the known ones, which are distinct; -1 if it is none of them."""
    known, ids = (_whole(column) for column in (known, ids))
    if known.dtype.kind != ids.dtype.kind or known.dtype.kind not in "iUSM":
        known, ids = (_objects(column) for column in (known, ids))
    codes, _ = numbered_ids(np.concatenate([known, ids]), name)
    places = codes[len(known):]
    return np.where(places < len(known), places, -1)


def other_kind(known: np.ndarray, ids: np.ndarray) -> str:
    """Return the remedy where ids match as text only, such as numbers here and text there; else ""."""
    if not len(known) or not len(ids):
        return ""
    here, there = ({str(plain_id(value)).strip() for value in column.tolist()} for column in (known, ids))
    if here.isdisjoint(there):
        return ""
    kinds = [type(plain_id(column.tolist()[0])).__name__.replace("str", "text") for column in (known, ids)]
    return (f"\n  Ids are {kinds[0]} here, {kinds[1]} there: convert one of them, such as to text in both."
            if kinds[0] != kinds[1] else "")


def _whole(ids: np.ndarray) -> np.ndarray:
    """Return whole floats as integers: 7.0 in one table is 7 in another."""
    exact = ids.dtype.kind == "f" and bool((np.abs(ids) < EXACT).all()) and bool((ids == np.floor(ids)).all())
    small = ids.dtype.kind in "iu" and np.can_cast(ids.dtype, np.int64)
    return ids.astype(np.int64) if exact or small else ids


def _objects(ids: np.ndarray) -> np.ndarray:
    out = np.empty(len(ids), object)
    out[:] = ids.tolist()
    return out


def plain_id(value: object) -> Any:
    """Return an id in its simplest type: np.int64(7) and 7.0 are 7, np.str_("a") is "a"."""
    if isinstance(value, np.generic) and value.dtype.kind not in "mM":
        value = value.item()
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < EXACT else value


def shown_ids(ids: list[Any]) -> tuple[str, ...]:
    """Return the first different ids as text, missing ones left out."""
    return tuple(dict.fromkeys(repr(plain_id(value)) for value in ids if not is_missing(value)))[:SHOWN]


def numbered_ids(column: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a code per row and the first row of each code, with equal ids of several types as one."""
    codes, first = _codes(column, name)
    if column.dtype.kind != "O" or not any(isinstance(v, np.generic | float) for v in column[first].tolist()):
        return codes, first
    values = np.empty(len(first), object)
    values[:] = [plain_id(value) for value in column[first].tolist()]
    merged, where = _core.codes_of_objects(values)
    return merged[codes], first[where]


def _as_int64(column: np.ndarray) -> np.ndarray:
    column = np.ascontiguousarray(column.astype(column.dtype.newbyteorder("="), copy=False))
    return column.view(np.int64) if column.dtype == np.uint64 else column.astype(np.int64, copy=False)


def _codes(column: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    if column.dtype.kind in "USiufM" and column.dtype.itemsize:
        column = np.ascontiguousarray(column.astype(column.dtype.newbyteorder("="), copy=False))
        return _core.codes_of_fixed(column.view(np.uint8).reshape(len(column), column.dtype.itemsize))
    try:
        return _core.codes_of_objects(np.ascontiguousarray(column.astype(object, copy=False)))
    except TypeError as error:
        raise DataError(f"column {name!r} holds values that are no ids: {error}") from error


def _floats(column: np.ndarray, name: str, missing: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    nan = np.isnan(column)
    whole = column if not nan.any() else np.where(nan, 0, column)
    wrong = np.flatnonzero((np.abs(whole) >= EXACT) | (whole != np.floor(whole)))
    if wrong.size:
        raise DataError(f"column {name!r}: float ids must be whole numbers below 2**53, beyond it different "
                        f"ids become one; row {wrong[0]:,} is {float(column[wrong[0]])}. Read the column as "
                        f"integers or text.")
    if missing is not None:
        nan |= missing
    return whole.astype(np.int64), nan if nan.any() else None


def _texts(column: np.ndarray, name: str, missing: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    codes, first = numbered_ids(column, name)
    values = column[first].tolist()
    large = [v for v in values if isinstance(v, float) and abs(v) >= EXACT]
    if large:
        raise DataError(f"column {name!r}: the float id {large[0]!r} is beyond 2**53, where different ids "
                        "become one. Read the column as integers or text.")
    none = np.array([is_missing(v) for v in values], bool)
    if none.any():
        missing = none[codes] if missing is None else missing | none[codes]
    return codes, missing
