"""Rows of a review log as a store keeps them, and fingerprints of columns."""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from types import NoneType
from typing import Any

import numpy as np

from .._arrays import FrameLike
from .._files import encodable
from .._ids import is_missing, plain_id
from .._row_report import shorten
from ..customers.order_log import read_amounts
from ..errors import ConfigError, DataError
from .review_log import COLUMNS, Reader, last_days

KEPT = (*COLUMNS, "zone")
NAT = np.iinfo(np.int64).min
ANY = (int, str, NoneType)
KINDS = {"id": (int, str), "customer": ANY, "measure": ANY, "author": ANY, "time": (int,), "value": (float, NoneType),
         "reason": ANY, "status": (str,), "reviewer": ANY, "expires": (int, NoneType), "zone": (str, NoneType)}
Row = tuple[Any, ...]


def rows_of(frame: FrameLike) -> list[Row]:
    """Return the events of a frame in its order: ids unchanged, times as microseconds of local wall time."""
    read = Reader(frame)
    back = np.argsort(read.row)
    texts = {name: [_kept(value, name) for value in read.objects(name)[0][back].tolist()]
             for name in ("id", "customer", "measure", "author", "reason", "status", "reviewer")}
    values = read_amounts(read.opened, "value", "value")[0]
    expires, endless = last_days(read)
    read.stop()
    columns = texts | {
        "time": read.time[back].astype(np.int64).tolist(), "zone": [read.zone] * len(back),
        "value": [None if value != value else value for value in values.tolist()],
        "expires": [None if none else day for day, none in zip(expires.tolist(), endless.tolist(), strict=True)]}
    return list(zip(*(columns[name] for name in KEPT), strict=True))


def frame_of(rows: Iterable[Row]) -> dict[str, np.ndarray]:
    """Return stored events as a table; raise if the file holds values of other types than were stored."""
    columns = dict(zip(KEPT, zip(*rows, strict=True), strict=False)) or dict.fromkeys(KEPT, ())
    for name, kinds in KINDS.items():
        if not all(isinstance(value, kinds) for value in columns[name]):
            raise ConfigError(f"the file is damaged: a {name} of the review log is not what is kept there")
    return {"id": _ids(columns["id"]), "customer": _ids(columns["customer"]), "measure": _objects(columns["measure"]),
            "author": _objects(columns["author"]), "time": np.array(columns["time"], np.int64).view("M8[us]"),
            "value": np.array(columns["value"], float), "reason": _objects(columns["reason"]),
            "status": _objects(columns["status"]), "reviewer": _objects(columns["reviewer"]),
            "expires": np.array([NAT if day is None else day for day in columns["expires"]], np.int64).view("M8[D]")}


def _objects(values: Sequence[object]) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = values
    return out


def _ids(values: Sequence[object]) -> np.ndarray:
    """Return whole numbers as int64, anything else as objects."""
    return np.array(values, np.int64) if values and set(map(type, values)) == {int} else _objects(values)


def _kept(value: object, name: str) -> Any:
    """Return an id or text in a type that SQLite keeps exactly."""
    if is_missing(value):
        return None
    value = plain_id(value)
    if isinstance(value, str):
        return encodable(value, f"column {name!r}: text")
    if type(value) is int and -2**63 <= value < 2**63:
        return value
    raise DataError(f"column {name!r} holds {type(value).__name__} values such as {shorten(value)}; a store keeps text "
                    "and whole numbers of 64 bits")


def order_of(ids: np.ndarray) -> np.ndarray:
    """Return the rows sorted by id, so that a fingerprint does not depend on their order."""
    keys = [(type(value).__name__, value) for value in map(plain_id, ids.tolist())]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)


def digest(values: np.ndarray) -> str:
    """Return the SHA-256 of a column: numbers as doubles, anything else as text."""
    if values.dtype.kind in "biuf":
        doubles = values.astype("<f8") + 0.0                        # no -0.0
        doubles[np.isnan(doubles)] = np.nan                         # one NaN
        return sha256(doubles.tobytes()).hexdigest()
    plain = [value if isinstance(value, int | str) else repr(value) for value in map(plain_id, values.tolist())]
    return sha256(json.dumps(plain).encode()).hexdigest()
