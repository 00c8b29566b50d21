"""Named boxes of levels of recency, frequency and money: read from TOML, strictly."""
from __future__ import annotations

import os
from importlib import resources
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from .. import _files
from .._files import keys
from .._formatting import plain
from ..errors import ConfigError
from .tiers import MAX_TIERS

SCHEMA = "custval/segments-1"
BUILTIN = "rfm"
DIMENSIONS = ("recency", "frequency", "money")
FILE = ("schema", "levels", "others", "first_match", "segment")


class Segments(NamedTuple):
    """Names, and the place among them of every cell (recency, frequency, money), levels counted from 0."""

    names: tuple[str, ...]
    cell: np.ndarray


def read(path: str | os.PathLike[str], levels: tuple[int, ...]) -> Segments:
    """Return the segments of a file, or the built-in ones, for so many levels of each dimension."""
    if path == BUILTIN:
        raw, source = (resources.files("custval") / "segmentation" / f"{BUILTIN}.toml").read_bytes(), f"{BUILTIN}.toml"
    else:
        _files.suffix(path, (".toml",), f"the built-in list of segments is {BUILTIN!r}, one of your own")
        raw, source = _files.read(path, "list of segments"), plain(os.path.basename(path))
    table = _files.parse(raw, source, toml=True)
    if table.get("schema") != SCHEMA:
        raise ConfigError(f"{source}: schema = {table.get('schema')!r}, this version reads {SCHEMA!r}")
    keys(table, FILE, ("levels", "others", "segment"), source)
    made_for = table["levels"]
    if isinstance(made_for, bool) or not isinstance(made_for, int) or set(levels) != {made_for}:
        asked = " x ".join(map(str, levels))
        raise ConfigError(f"{source}: levels = {made_for!r}, the scores have {asked}; segments=None gives scores alone")
    if not isinstance(table["segment"], list) or not 1 <= len(table["segment"]) < MAX_TIERS:
        raise ConfigError(f"{source}: segment: expected 1 to {MAX_TIERS - 1} tables")
    if not isinstance(table.get("first_match", False), bool):
        raise ConfigError(f"{source}: first_match = {table['first_match']!r} is not true or false")
    return _filled(table, source, levels)


def _filled(table: dict[str, Any], source: str, levels: tuple[int, ...]) -> Segments:
    """Return the cells filled box by box; a box that meets an earlier one, or finds no cell free, is refused."""
    names: list[str] = []
    cell = np.full(levels, -1, np.int8)
    for place, entry in enumerate(table["segment"]):
        where = f"{source}: segment[{place}]"
        keys(entry, ("name", *DIMENSIONS), ("name",), where)
        names.append(_name(entry["name"], names, f"{where}.name"))
        box = np.ix_(*(_bounds(entry.get(key, [1, n]), n, f"{where}.{key}")
                       for key, n in zip(DIMENSIONS, levels, strict=True)))
        taken = cell[box] >= 0
        if taken.any() and not (table.get("first_match", False) and not taken.all()):
            _refuse(names, cell[box], taken, where, table.get("first_match", False))
        cell[box] = np.where(taken, cell[box], place)
    others = _name(table["others"], names, f"{source}: others")
    return Segments((*names, others), np.where(cell < 0, len(names), cell).astype(np.int8))


def _refuse(names: list[str], cells: np.ndarray, taken: np.ndarray, where: str, first_match: bool) -> None:
    before = ", ".join(repr(names[j]) for j in np.unique(cells[taken]))
    if taken.all():
        raise ConfigError(f"{where}: {names[-1]!r} is never reached: {before} before it has all its cells")
    raise ConfigError(f"{where}: {names[-1]!r} overlaps {before} in {taken.sum()} of its {taken.size} cells\n"
                      "  Part the bounds, or set first_match = true, and the first one has them.")


def _bounds(pair: Any, levels: int, where: str) -> list[int]:
    """Return the levels, from 0, between two bounds, both included."""
    whole = isinstance(pair, list) and len(pair) == 2 and all(type(bound) is int for bound in pair)
    if not whole or not 1 <= pair[0] <= pair[1] <= levels:
        raise ConfigError(f"{where} = {pair!r}: expected [lowest, highest] level, from 1 to {levels}")
    return list(range(pair[0] - 1, pair[1]))


def _name(name: Any, before: list[str], where: str) -> str:
    if not isinstance(name, str) or not name.strip() or name in before:
        raise ConfigError(f"{where} = {name!r}: expected a name that no other segment has")
    return name


def cells(levels: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the levels, from 1, of every cell, the last dimension running fastest."""
    return list(product(*(range(1, n + 1) for n in levels)))
