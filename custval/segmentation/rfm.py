"""RFM: levels of recency, frequency and money by rank or by thresholds, their weighted sum, and named segments."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib import resources
from itertools import pairwise, product
from typing import Any, NamedTuple, TypeAlias, TypeGuard

import numpy as np

from .. import _files, _formatting
from .._arrays import FrameLike, Table
from .._core import MAX_TIERS
from .._files import keys
from .._formatting import many, plain
from .._tabular import columns
from .._validation import finite, in_short, numbers, sum_of, warn
from ..customers.customer_base import CustomerBase
from ..customers.snapshot import VALUES
from ..errors import ConfigError
from .segmentation import Segmentation
from .tiers import cut, described, levels_by_rank, ties_of

SCHEMA = "custval/segments-1"
BUILTIN = ("rfm", "rfm_zh", "rfm_mean")
DIMENSIONS = ("recency", "frequency", "money")
FILE = ("schema", "levels", "others", "first_match", "segment")
LETTERS = ("R", "F", "M")
Levels: TypeAlias = int | str | Sequence[float]                      # of one dimension: a number, "mean", thresholds


class Segments(Segmentation):
    """Customers in named segments, with statistics of their money; see `RFM.segments`.

    Attributes
    ----------
    names : tuple of str
        The segments in the order of their file, then the name for all other customers.
    tier : ndarray of int8, shape (customers,)
        Place of each customer's segment in `names`, -1 for an unassigned customer.
    apart : int
        Number of customers without one of the three values, unassigned.
    """

    kind, class_name = "Segments", "segment"


class RFM(_formatting.Printed):
    """Scores and segments of customers; made by `rfm`.

    Attributes
    ----------
    segments : Segments or None
        The segment of each customer, and ``segments.table()`` with a row per segment; `crosstab`, `at_risk` and
        `win_back` take them like a pyramid.
    apart : int
        Number of customers without one of the three values, unassigned.
    """

    def __init__(self, given: dict[str, np.ndarray], level: np.ndarray, levels: tuple[int, ...],
                 weights: Sequence[Fraction], segments: Segments | None, source: Table):
        self.segments, self.apart = segments, int((level[0] < 0).sum())
        self._given, self._level, self._levels, self._weights = given, level, levels, weights
        self._source = source

    def scores(self) -> Any:
        """Return one row per customer as a frame of the caller's kind.

        Columns: customer (if the frame has it), recency, frequency, money, R, F, M (levels, 1 the lowest), cell
        (``"5-4-4"``: never the same for two triples), score (the weighted sum) and segment. Unassigned customers
        have NaN and None.
        """
        text, place, cells = self._cells()
        score = [float(sum(w * n for w, n in zip(self._weights, cell, strict=True))) for cell in cells]
        levels = np.array([*cells, (np.nan,) * 3])[place].T if self.apart else np.array(cells)[place].T
        out = self._given | dict(zip(LETTERS, levels, strict=True))
        out |= {"cell": text, "score": np.array([*score, np.nan])[place]}
        if self.segments is not None:
            out["segment"] = np.array([*self.segments.names, None], object)[self.segments.tier]
        ids = {"customer": self._source.array("customer")} if "customer" in self._source.names else {}
        return self._source.beside(ids | out)

    def _cells(self) -> tuple[np.ndarray, np.ndarray, list[tuple[int, ...]]]:
        """Return the cell of each customer as text, its place among the cells, and the levels of each cell."""
        cells = list(product(*(range(1, n + 1) for n in self._levels)))
        place = np.where(self._level[0] < 0, len(cells),
                         np.ravel_multi_index(tuple(np.maximum(self._level, 0)), self._levels))
        return np.array([*("-".join(map(str, cell)) for cell in cells), None], object)[place], place, cells

    @property
    def labels(self) -> Any:
        """The segment of each customer, without segments the cell; as `Pyramid.labels`."""
        if self.segments is not None:
            return self.segments.labels
        return self._source.beside({"cell": self._cells()[0]})["cell"]

    def table(self) -> Any:
        """Return one row per segment with the statistics of its money; without segments, as `levels`."""
        return self.levels() if self.segments is None else self.segments.table()

    def levels(self) -> Any:
        """Return one row per dimension and level, empty ones too: dimension, level, customers, min and max."""
        rows = [self._of_level(name, level, j) for name, level, n in
                zip(DIMENSIONS, self._level, self._levels, strict=True) for j in range(n)]
        names = ("dimension", "level", "customers", "min", "max")
        return self._source.new({name: np.array(column, object if name == "dimension" else None)
                               for name, column in zip(names, zip(*rows, strict=True), strict=True)})

    def _of_level(self, name: str, level: np.ndarray, j: int) -> tuple[str, int, int, float, float]:
        inside = self._given[name][level == j]
        ends = (float(inside.min()), float(inside.max())) if len(inside) else (np.nan, np.nan)
        return name, j + 1, len(inside), *ends

    def _title(self) -> str:
        apart = f"; {self.apart:,} without one of the three, unassigned" if self.apart else ""
        empty = [f"{name} {j + 1}" for name, level, n in zip(DIMENSIONS, self._level, self._levels, strict=True)
                 for j in range(n) if not (level == j).any()]
        nobody = f"; nobody in {', '.join(empty)}" if empty else ""
        return (f"RFM of {_formatting.many(self._level.shape[1] - self.apart, 'customer')}, "
                f"{' x '.join(map(str, self._levels))} levels{nobody}{apart}")

    def __repr__(self) -> str:
        return self._title() + ("" if self.segments is None else f"\n{self.segments!r}")

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        return ([], []) if self.segments is None else self.segments._rows()


def rfm(data: CustomerBase | FrameLike, levels: Levels | Mapping[str, Levels] | None = None, *,
        segments: str | os.PathLike[str] | None = "auto", weights: Sequence[float | str] = (1, 1, 1),
        frequency: str = "purchases", money: str = "amount", missing: str = "apart") -> RFM:
    """Score recency, frequency and money, and assign customers to named segments.

    Parameters
    ----------
    data : CustomerBase or frame
        A base, or a frame with a row per customer and the column recency (days since the last purchase)
        beside the two below.
    levels : int, "mean" or dict, optional
        Levels of each dimension, 1 the lowest: a number of levels by rank, by default 5; or ``"mean"``, two levels
        cut at the mean, the default of ``segments="rfm_mean"``; or for each dimension one of these or a list of
        thresholds, ``{"recency": [30, 90, 365], "frequency": [2, 5], "money": 5}``: the days up to which a recency,
        the counts or money from which a customer is a level better.
    segments : str or path, optional
        A TOML file of segments; None; or the name of a built-in file: ``"rfm"``, eleven segments of five levels in
        English (Champions to Lost); ``"rfm_zh"``, the same in Chinese; ``"rfm_mean"``, the eight Chinese classes cut
        at the mean. By default ``"rfm"`` if all dimensions have 5 levels, ``"rfm_mean"`` if `levels` is ``"mean"``.
    weights : three numbers
        Of R, F and M in the score.
    frequency, money : str
        Columns with the number of purchases and their money: ``amount``, ``margin``.
    missing : {"apart", "raise"}
        A customer without one of the three, such as one with refunds only, is unassigned and counted, or refused.

    Returns
    -------
    RFM
        ``scores()``, a row per customer, ``levels()``, a row per level, and ``segments``, with ``labels``, ``table()``,
        ``distribution()``, ``histogram()``, ``actions()``, ``promote()``.

    Raises
    ------
    ConfigError
        Invalid levels, weights or file; a segment that overlaps another or is never reached, with file and key.
    FileNotFoundError
        No such file of segments.
    DataError
        A column is not there, or `missing`.

    Notes
    -----
    A level of k holds a k-th of the customers. Equal values have the level of their mean rank: where 60 % of the
    customers purchased once, all of these have F 2 of 5, and F 1 and F 3 are empty; `levels` and the printed title
    show it. In a segment by ranks, whoever purchased once has F 1 whatever the share of such customers: nobody is loyal
    after one purchase. For fewer customers than levels a warning names both.

    A file of segments, bounds included; a dimension without bounds takes any level::

        schema = "custval/segments-1"
        levels = 5
        others = "其他客户"                # customers in no segment
        first_match = false               # true: segments may overlap, the first one has the customer
        [[segment]]
        name = "重要价值客户"
        recency = [4, 5]
        frequency = [4, 5]
        money = [4, 5]

    Examples
    --------
    >>> import custval as cv
    >>> found = cv.rfm({"recency": [3, 200, 10, 90, 400], "purchases": [9, 1, 2, 1, 1],
    ...              "amount": [500.0, 20.0, 70.0, 90.0, 10.0]})
    >>> table = found.scores()
    >>> table["cell"].tolist(), table["score"].tolist()
    (['5-5-5', '2-2-2', '4-4-3', '3-2-4', '1-2-1'], [15.0, 6.0, 11.0, 9.0, 4.0])
    >>> table["segment"].tolist()
    ['Champions', 'Hibernating', 'Loyal', 'About to sleep', 'Lost']
    >>> cv.rfm({"recency": [3, 200, 10], "purchases": [9, 1, 2], "amount": [500.0, 20.0, 90.0]},
    ...     segments="rfm_mean").segments.labels.tolist()
    ['重要价值客户', '一般挽留客户', '一般发展客户']
    >>> cv.rfm({"recency": [3, 200], "purchases": [9, 1], "amount": [500.0, 20.0]},
    ...     {"recency": [30, 365], "frequency": [2, 5], "money": [100]}).scores()["cell"].tolist()
    ['3-3-2', '2-1-1']
    """
    if isinstance(data, CustomerBase) and money in VALUES:
        data.snapshot.demand(money)
    frame = data.attributes() if isinstance(data, CustomerBase) else data
    found, source = columns(frame, dict.fromkeys(("recency", frequency, money)))
    given = dict(zip(DIMENSIONS, (found[name] for name in ("recency", frequency, money)), strict=True))
    given = {name: numbers(column, name) for name, column in given.items()}
    for name, column in given.items():
        finite(column, name, missing)
    unknown = np.logical_or.reduce([np.isnan(column) for column in given.values()])
    given_levels = ("mean" if segments == "rfm_mean" else 5) if levels is None else levels
    wanted = _wanted(given_levels, {name: column[~unknown] for name, column in given.items()})
    present = len(unknown) - int(unknown.sum())
    level = np.array([_level(np.where(unknown, np.nan, column), present, wanted[name], name == "recency")
                      for name, column in given.items()])
    counts = tuple(n if isinstance(n, int) else len(n) + 1 for n in wanted.values())
    by_rank = max((n for n in wanted.values() if isinstance(n, int)), default=0)
    if 0 < present < by_rank:
        warn(f"{many(present, 'customer')} for {by_rank} levels: most levels are empty, and ranks of so few say "
             f"little; pass fewer levels, such as levels={min(present, 2)}, or thresholds of your own")
    if segments == "auto":
        segments = "rfm_mean" if given_levels == "mean" else "rfm" if set(counts) == {5} else None
    cells = None if segments is None else _read(segments, counts)
    shown = level.copy()
    if isinstance(wanted["frequency"], int):
        shown[1, ~unknown & (given["frequency"] <= 1)] = 0                # nobody is loyal after one purchase
    made = None if cells is None else _in_segments(shown, cells, given["money"], source)
    return RFM(given, level, counts, _exact(weights), made, source)


def _wanted(levels: Levels | Mapping[str, Levels], known: Mapping[str, np.ndarray]) -> dict[str, int | Sequence[float]]:
    """Return a number of levels, or rising thresholds, for each dimension."""
    if isinstance(levels, Mapping):
        keys(dict(levels), DIMENSIONS, DIMENSIONS, "levels")
    elif type(levels) is not int and not (isinstance(levels, str) and levels == "mean"):
        raise ConfigError(f"levels={in_short(levels)}: expected a number, 'mean', or a dict of {', '.join(DIMENSIONS)}")
    wanted: dict[str, int | Sequence[float]] = {}
    for name in DIMENSIONS:
        given = levels[name] if isinstance(levels, Mapping) else levels
        if isinstance(given, str) and given == "mean":
            wanted[name] = [sum_of(known[name].astype(float)) / max(1, len(known[name]))]
        elif _is_number(given) or _are_thresholds(given):
            wanted[name] = given
        else:
            raise ConfigError(f"levels: {name} = {given!r}: expected a number of levels, 'mean', or a list of rising "
                              "thresholds")
    return wanted


def _is_number(given: object) -> TypeGuard[int]:
    return type(given) is int and 1 <= given <= MAX_TIERS


def _are_thresholds(given: object) -> TypeGuard[Sequence[float]]:
    return isinstance(given, list | tuple) and 0 < len(given) < MAX_TIERS and all(
        low < high for low, high in pairwise(given))


def _level(column: np.ndarray, present: int, wanted: int | Sequence[float], less_is_better: bool) -> np.ndarray:
    """Return the level of each value, 0 the lowest, -1 for NaN."""
    better = np.negative(column) if less_is_better else column
    if isinstance(wanted, int):
        return levels_by_rank(better, wanted)
    lowest = [-limit for limit in wanted] if less_is_better else list(reversed(wanted))
    tiers = {f"{low!r}": low for low in lowest} | {"below": None}
    tier = cut(better, present, tiers, "score", ties_of("together")).tier
    return np.where(tier < 0, -1, len(wanted) - tier).astype(np.int8)


def _in_segments(level: np.ndarray, cells: CellNames, money: np.ndarray, source: Table) -> Segments:
    tier = np.where(level[0] < 0, -1, cells.cell[tuple(np.maximum(level, 0))]).astype(np.int8)
    stats = described(money, tier, len(cells.names), overlap=True)
    del stats["cutoff"]
    return Segments(cells.names, tier, stats, {}, "by RFM", source)


def _exact(weights: Sequence[float | str]) -> list[Fraction]:
    try:
        exact = [Fraction(str(w)) for w in weights]
    except (TypeError, ValueError) as error:
        raise ConfigError(f"weights={weights!r}: expected three numbers") from error
    if len(exact) != 3:
        raise ConfigError(f"weights={weights!r}: expected three numbers")
    return exact


class CellNames(NamedTuple):
    """Names, and the place among them of every cell (recency, frequency, money), levels counted from 0."""

    names: tuple[str, ...]
    cell: np.ndarray


def _read(path: str | os.PathLike[str], levels: tuple[int, ...]) -> CellNames:
    """Return the segments of a file, or built-in ones, for the number of levels of each dimension."""
    if path in BUILTIN:
        raw, source = (resources.files("custval") / "segmentation" / f"{path}.toml").read_bytes(), f"{path}.toml"
    else:
        built_in = ", ".join(map(repr, BUILTIN))
        _files.suffix(path, (".toml",), f"built-in lists of segments are {built_in}; a list of your own")
        raw, source = _files.read(path, "list of segments"), plain(os.path.basename(path))
    table = _files.parse(raw, source, toml=True)
    if table.get("schema") != SCHEMA:
        raise ConfigError(f"{source}: schema = {table.get('schema')!r}, this version reads {SCHEMA!r}")
    keys(table, FILE, ("levels", "others", "segment"), source)
    made_for = table["levels"]
    if isinstance(made_for, bool) or not isinstance(made_for, int) or set(levels) != {made_for}:
        scored = " x ".join(map(str, levels))
        raise ConfigError(f"{source}: levels = {made_for!r}, the scores have {scored}; segments=None gives scores only")
    if not isinstance(table["segment"], list) or not 1 <= len(table["segment"]) < MAX_TIERS:
        raise ConfigError(f"{source}: segment: expected 1 to {MAX_TIERS - 1} tables")
    if not isinstance(table.get("first_match", False), bool):
        raise ConfigError(f"{source}: first_match = {table['first_match']!r} is not true or false")
    return _filled(table, source, levels)


def _filled(table: dict[str, Any], source: str, levels: tuple[int, ...]) -> CellNames:
    """Return the cells filled segment by segment; raise for one that overlaps an earlier one or gets no cell."""
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
    return CellNames((*names, others), np.where(cell < 0, len(names), cell).astype(np.int8))


def _refuse(names: list[str], cells: np.ndarray, taken: np.ndarray, where: str, first_match: bool) -> None:
    before = ", ".join(repr(names[j]) for j in np.unique(cells[taken]))
    if taken.all():
        raise ConfigError(f"{where}: {names[-1]!r} is never reached: {before} before it has all its cells")
    raise ConfigError(f"{where}: {names[-1]!r} overlaps {before} in {taken.sum()} of its {taken.size} cells\n"
                      "  Separate the bounds, or set first_match = true, and the first one has them.")


def _bounds(pair: object, levels: int, where: str) -> list[int]:
    """Return the levels, from 0, between two bounds, both included."""
    if isinstance(pair, list) and len(pair) == 2 and all(type(bound) is int for bound in pair):
        lowest, highest = pair
        if 1 <= lowest <= highest <= levels:
            return list(range(lowest - 1, highest))
    raise ConfigError(f"{where} = {pair!r}: expected [lowest, highest] level, from 1 to {levels}")


def _name(name: object, before: list[str], where: str) -> str:
    if not isinstance(name, str) or not name.strip() or name in before:
        raise ConfigError(f"{where} = {name!r}: expected a name that no other segment has")
    return name
