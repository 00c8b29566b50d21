"""Keep a base in a file: a zip archive of NumPy arrays and one JSON table, without pickle, read strictly.

The rows are kept as a log, sorted by customer and time; loading groups them as reading does, so that what is true of
every ledger is true of this one, whoever wrote the file.
"""
from __future__ import annotations

import datetime
import decimal
import io
import json
import os
import re
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .._arrays import Arrays, Table
from .._dates import FIRST_DAY, LAST_DAY, as_day, split_unit
from .._files import keys, known, parse, suffix, write
from .._formatting import plain
from .._ids import codes_of, is_missing
from .._tabular import library_of, restored, table
from ..errors import ConfigError, DataError
from .cost_pools import KIND as POOLS
from .cost_pools import Pools
from .event_logs import KINDS, Log
from .ledger import Ledger, build
from .order_log import NUMBERS, Amounts
from .order_options import Note, Reading
from .snapshot import Provenance, Snapshot

SCHEMA, TABLE = "custval/base/1", "base.json"
KEYS = ("schema", "library", "day", "start", "chosen", "grain", "columns", "codes", "ids", "labels", "logs", "profile",
        "provenance")
PER_DAY = {"h": 24}


# ---- values: JSON with a tag for what JSON has no word for ----

TAGS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "float": (float, float.hex, float.fromhex),
    "time": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "decimal": (decimal.Decimal, str, decimal.Decimal),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "uuid": (uuid.UUID, str, uuid.UUID),
}
SEVERAL: dict[str, type[list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any]]] = {
    "list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def pack(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, np.datetime64):
        return {"datetime64": [int(value.astype(np.int64)), np.datetime_data(value.dtype)[0]]}
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | str):
        return value
    if is_missing(value) and not isinstance(value, float):      # NaT and NA of pandas
        return None
    for tag, (kind, out, _) in TAGS.items():
        if isinstance(value, kind) and not getattr(value, "nanosecond", 0):
            return {tag: out(value)}
    if isinstance(value, Mapping):
        return {"pairs": [[pack(key), pack(item)] for key, item in value.items()]}
    for tag, several in SEVERAL.items():
        if isinstance(value, several):
            return {tag: [pack(item) for item in value]}
    raise ConfigError(f"a value of type {type(value).__name__}, {plain(value)!r}, has no form in a file; convert the "
                      "column to text or numbers first")


def unpack(value: Any) -> Any:
    """Return the value that was packed."""
    if not isinstance(value, dict):
        return value
    (tag, inside), = value.items()
    if tag == "pairs":
        return {unpack(key): unpack(item) for key, item in inside}
    if tag in SEVERAL:
        return SEVERAL[tag](map(unpack, inside))
    if tag == "datetime64":
        return np.array(inside[0], np.int64).astype(f"M8[{inside[1]}]")[()]
    return TAGS[tag][2](inside)


# ---- members of the archive ----

COLUMN = re.compile(rb"\x93NUMPY\x01\x00..\{'descr': '([<|][biufmMUS]\d{1,9}(?:\[\w{1,2}\])?)', "
                    rb"'fortran_order': False, 'shape': \((\d{1,12}),\), \} *\n", re.DOTALL)


class Members(dict[str, np.ndarray]):
    """Arrays by the name of their member; each is to be taken once."""

    def put(self, name: str, column: np.ndarray) -> bool:
        """Add a column; return whether it holds objects, which become text of JSON."""
        objects = column.dtype.kind == "O"
        text = json.dumps([pack(value) for value in column.tolist()]).encode() if objects else b""
        self[name] = np.frombuffer(text, np.uint8) if objects else column
        return objects

    def take(self, name: str, length: int | None, kinds: str, objects: bool = False) -> np.ndarray:
        """Return a column of a length and of one of the kinds of NumPy."""
        if name not in self:
            raise ConfigError(f"the array {name!r} is missing")
        column = self.pop(name)
        if objects:
            values = parse(b'{"values": ' + column.tobytes() + b"}", name, False)["values"]
            column = np.fromiter(map(unpack, values), object, len(values))
        elif column.dtype.kind not in kinds:
            raise ConfigError(f"the array {name!r} holds {column.dtype}")
        day = column.astype("M8[D]") if column.dtype.kind == "M" else np.zeros(0, "M8[D]")
        if ((day < FIRST_DAY) | (day > LAST_DAY)).any():
            raise ConfigError(f"the array {name!r} has a time outside the years 1 to 9999")
        if length is not None and len(column) != length:
            raise ConfigError(f"the array {name!r} has {len(column):,} values, not {length:,}")
        return column

    def put_column(self, name: str, opened: Table, column: str, called: object) -> dict[str, Any]:
        """Add a column of a frame that is made again as it was; return how. The user calls it `called`."""
        library, kind = library_of(opened), opened.type_of(column)
        try:
            whole, missing = opened.whole_numbers(column), opened.missing(column)
            about = {"type": kind, "missing": missing is not None,
                     "objects": self.put(name, opened.array(column) if whole is None else whole)}
            if missing is not None:
                self[f"{name}.missing"] = missing
            again = _frame(library, column, Members(self).take_column(name, opened.rows, about))
            same = not about["objects"] or all(map(_same, opened.array(column).tolist(), again.array(column).tolist()))
        except Exception as error:                          # each library has errors of its own
            raise ConfigError(f"save: column {called!r} is of the type {kind}, which has no form in a file; convert it "
                              f"to text, numbers or dates first: {error}") from error
        if not same:
            raise ConfigError(f"save: column {called!r} has values that no file gives back in their type; convert it "
                              "to text, numbers or dates first")
        return about

    def take_column(self, name: str, length: int | None, about: Any) -> tuple[np.ndarray, np.ndarray | None, str]:
        """Return values, missing values and type of a column of a frame."""
        keys(about, ("type", "objects", "missing"), ("type", "objects", "missing"), name)
        values = self.take(name, length, "biufmMUS", about["objects"] is True)
        missing = self.take(f"{name}.missing", len(values), "b") if about["missing"] is True else None
        return values, missing, str(about["type"])


def _same(value: Any, again: Any) -> bool:
    """Return whether a value came back: equal, of its type or a type derived from it, or missing."""
    value = value.item() if isinstance(value, np.generic) and value.dtype.kind not in "mM" else value
    alike = isinstance(value, type(again)) or isinstance(again, type(value))
    return (alike and bool(value == again)) or (is_missing(value) and is_missing(again))


def save(view: Snapshot, path: str | os.PathLike[str]) -> None:
    """Write a base to a file."""
    suffix(path, (".npz",), "a base")
    members, about = Members(), _table(view)
    whole = replace(view, who=np.arange(view.ids.rows), begin=view.ledger.begin, end=view.ledger.end)
    ledger, (rows, who) = view.ledger, whole.lines()
    members |= {"who": who, "tick": ledger.tick[rows]}
    members |= {f"columns/{name}": column[rows] for name, column in ledger.columns.items()}
    members |= {f"codes/{name}": codes[rows] for name, codes in _codes(ledger).items()}
    names = view.provenance.reading.names
    about["ids"] = members.put_column("ids", view.ids, "customer", names["customer"])
    about["labels"] = {name: members.put_column(f"labels/{name}", labels, "value", names[name[:-1]])
                       for name, labels in ledger.labels.items()}
    if view.chosen is not None:
        members["chosen"] = view.chosen
    about["logs"] = {kind: _log_out(f"logs/{kind}", log, members) for kind, log in view.logs.items()}
    about["profile"] = [[name, isinstance(column, np.ndarray), members.put_column(
        f"profile/{place}", _opened(view.ids, column), "column", name)] for place, (name, column) in
        enumerate(view.profile.items())]
    write(path, _archive(about, members))


def _archive(about: dict[str, Any], members: Members) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(TABLE), json.dumps(about))
        for name, column in members.items():
            data = io.BytesIO()
            np.lib.format.write_array(data, np.ascontiguousarray(column), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), data.getvalue())
    return out.getvalue()


def _table(view: Snapshot) -> dict[str, Any]:
    """Return what is no array."""
    how, money = view.provenance, view.provenance.money
    return {
        "schema": SCHEMA, "library": library_of(view.ids), "day": str(view.day),
        "start": None if view.start is None else str(view.start), "chosen": view.chosen is not None,
        "grain": view.ledger.grain, "columns": list(view.ledger.columns), "codes": list(_codes(view.ledger)),
        "provenance": {
            **{name: pack(getattr(how, name)) for name in PLAIN},
            "money": None if money is None else pack(tuple(money)),
            "notes": {label: [pack(tuple(note)) for note in notes] for label, notes in how.notes.items()},
            "reading": {name: pack(value) for name, value in how.reading._asdict().items()}}}


PLAIN = ("unit", "zone", "tz", "refunds", "end_given", "read", "dropped", "filled", "examples", "unmatched")


def _codes(ledger: Ledger) -> dict[str, np.ndarray]:
    found = {"orders": ledger.order, "products": ledger.product}
    return {name: codes for name, codes in found.items() if codes is not None}


def _log_out(name: str, log: Log, members: Members) -> dict[str, Any]:
    members |= {f"{name}/who": log.who, f"{name}/day": log.day}
    if isinstance(log, Pools):
        members[f"{name}/booked"] = log.booked
    return {"read": log.read, "dropped": dict(log.dropped),
            "values": {value: members.put(f"{name}/values/{value}", column) for value, column in log.values.items()}}


def _opened(ids: Table, column: Any) -> Table:
    """Return a column of the profile as a table."""
    return Arrays({"column": column}) if isinstance(column, np.ndarray) else table(ids.new({"column": column}))


# ---- reading ----

DAMAGED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, EOFError, RuntimeError,
           zipfile.BadZipFile)                  # of NumPy, zipfile and conversions, for a file that save did not write


def load(path: str | os.PathLike[str]) -> Snapshot:
    """Return the base in a file."""
    suffix(path, (".npz",), "a base")
    name = plain(os.path.basename(path))
    with open(path, "rb") as file:
        raw = file.read()
    try:
        about, members = _members(raw)
        found = _snapshot(about, members)
        if members:
            raise ConfigError(f"the array {next(iter(members))!r} has no place in it")
    except ImportError as error:
        raise ConfigError(f"{name}: its frames are of a library that is not installed: {error}") from error
    except (ConfigError, DataError, *DAMAGED) as error:
        raise ConfigError(f"{name}: no base that this version reads: {error}") from error
    return found


def _members(raw: bytes) -> tuple[dict[str, Any], Members]:
    """Return the table and the arrays of an archive; nothing in it is larger than the file."""
    members = Members()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [entry.filename for entry in archive.infolist()]
        if any(e.compress_type != zipfile.ZIP_STORED or e.file_size > len(raw) for e in archive.infolist()):
            raise ConfigError("it is compressed")
        if len(set(names)) < len(names) or TABLE not in names:
            raise ConfigError("it has no table, or a name twice")
        about = parse(archive.read(TABLE), TABLE, False)
        keys(about, KEYS, KEYS, TABLE)
        known(about["schema"], (SCHEMA,), "schema")
        for entry in names:
            if entry != TABLE:
                members[entry.removesuffix(".npy")] = _array(archive.read(entry))
    return about, members


def _array(data: bytes) -> np.ndarray:
    """Return a column in the format of NumPy, without objects, exactly as long as its header says."""
    header = COLUMN.match(data)
    if not header:
        raise ConfigError("an array of another format")
    kind, length, rest = np.dtype(header[1].decode()), int(header[2]), data[header.end():]
    if length * kind.itemsize != len(rest):
        raise ConfigError(f"an array of {length:,} {kind} in {len(rest):,} bytes")
    return np.frombuffer(rest, kind, length).copy() if len(rest) else np.zeros(length, kind)


def _snapshot(about: dict[str, Any], members: Members) -> Snapshot:
    library, day = str(about["library"]), as_day(about["day"], "day")
    ids = _frame(library, "customer", members.take_column("ids", None, about["ids"]))
    if int(codes_of(ids, "customer")[0].max(initial=-1)) + 1 != ids.rows:
        raise ConfigError("an id occurs twice")
    labels = {name: _frame(library, "value", members.take_column(f"labels/{name}", None, each))
              for name, each in about["labels"].items()}
    ledger = _ledger(about, members, ids.rows, labels)
    for kind in about["logs"]:
        known(kind, (*KINDS, POOLS), "log")
    logs = {kind: _log(f"logs/{kind}", each, members, ids.rows) for kind, each in about["logs"].items()}
    profile: dict[str, Any] = {}
    for place, (name, own, each) in enumerate(about["profile"]):
        column = members.take_column(f"profile/{place}", ids.rows, each)
        profile[name] = column[0] if own else _frame(library, "column", column).pick("column", np.arange(ids.rows))
    whole = Snapshot(ledger, ids, np.arange(ids.rows), ledger.begin, ledger.end, day, _provenance(about["provenance"]),
                     logs=logs, profile=profile)
    if about["chosen"] is True:
        whole = whole.where(members.take("chosen", ids.rows, "b"))
    then = whole.until(day)
    return then if about["start"] is None else then.after(as_day(about["start"], "start") - np.timedelta64(1, "D"))


def _frame(library: str, name: str, column: tuple[np.ndarray, np.ndarray | None, str]) -> Table:
    return table(restored(library, {name: column}))


def _ledger(about: dict[str, Any], members: Members, customers: int, labels: Mapping[str, Table]) -> Ledger:
    split_unit(about["grain"])
    who = members.take("who", None, "i")
    steps = np.diff(who.astype(np.int64), prepend=-1, append=customers)
    if not len(who) or ((steps < 0) | (steps > 1)).any() or steps[-1] != 1 or steps[0] != 1:
        raise ConfigError("its rows are not those of its customers, one after the other")
    tick = members.take("tick", len(who), "i").astype(np.int32)
    per_day = PER_DAY.get(about["grain"], 1)
    first, last = (int(day.astype(np.int64)) * per_day for day in (FIRST_DAY, LAST_DAY))
    if tick.min() < first or tick.max() >= last + per_day:
        raise ConfigError("a time outside the years 1 to 9999")
    columns, codes = {}, {}
    for name in about["columns"]:
        known(name, NUMBERS, "column")
        columns[name] = members.take(f"columns/{name}", len(who), "f").astype(np.float64)
        if not np.isfinite(columns[name]).all():
            raise ConfigError(f"column {name!r} has numbers that are not finite")
    for name in about["codes"]:
        codes[name] = members.take(f"codes/{name}", len(who), "i").astype(np.int64)
        if codes[name].min() < -(name == "products") or codes[name].max() >= labels[name].rows:
            raise ConfigError(f"rows of {name} that have no name")
    return build(who.astype(np.int64), tick, columns, codes, about["grain"], labels)[0]


def _log(name: str, about: Any, members: Members, customers: int) -> Log:
    keys(about, ("read", "dropped", "values"), ("read", "dropped", "values"), name)
    who = members.take(f"{name}/who", None, "i").astype(np.int64)
    day = members.take(f"{name}/day", len(who), "i").astype(np.int32)
    if len(who) and (who.min() < 0 or who.max() >= customers):
        raise ConfigError(f"{name}: rows of no customer")
    values = {str(value): members.take(f"{name}/values/{value}", len(who), "fiU", objects is True)
              for value, objects in about["values"].items()}
    read, dropped = int(about["read"]), {str(reason): int(rows) for reason, rows in about["dropped"].items()}
    if name == f"logs/{POOLS}":
        return Pools(who, day, values, read, dropped, members.take(f"{name}/booked", None, "i"))
    return Log(who, day, values, read, dropped)


def _provenance(about: Any) -> Provenance:
    names = (*PLAIN, "money", "notes", "reading")
    keys(about, names, names, "provenance")
    plain_ones = {name: unpack(about[name]) for name in PLAIN}
    keys(about["reading"], Reading._fields, Reading._fields, "reading")
    reading = Reading(**{name: unpack(value) for name, value in about["reading"].items()})
    reading.check()
    split_unit(plain_ones["unit"])
    money = None if about["money"] is None else Amounts(*unpack(about["money"]))
    notes = {label: [Note(*unpack(note)) for note in each] for label, each in about["notes"].items()}
    return Provenance(**plain_ones, money=money, notes=notes, reading=reading)
