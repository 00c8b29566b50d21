"""Read CSV files strictly, with errors by line; write them so that numbers are read back to the last bit."""
from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ._files import write
from ._formatting import many, plain
from .errors import ConfigError, DataError

FORMULA = re.compile(r"'*[=+\-@\t\r]")       # a cell that begins so may be run by a spreadsheet
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
SHOWN = 5
DIGITS = len(str(2**53))
UTF_8 = ("utf-8", "utf8", "utf_8")         # such a file may begin with a byte order mark, also that of UTF-16
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "shift_jis", "euc-kr", "cp1252", "latin-1")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SEP_LINE = re.compile(r'"?sep=([^\r\n"])"?\r?\n', re.IGNORECASE)


class Sheet:
    """The cells of a CSV file as text, by column; `lines` holds the line of the file on which each row begins."""

    def __init__(self, name: str, header: list[str], rows: list[list[str]], lines: list[int]):
        self.name, self.header, self.lines = name, header, lines
        self.cells = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True)) if rows else \
            {column: [] for column in header}

    def text(self, column: str) -> np.ndarray:
        """Return a column as text, None where a cell is empty; True and TRUE become true in a column of booleans."""
        cells = self.cells[column]
        if {cell.lower() for cell in cells} <= {"", "true", "false"}:
            cells = [cell.lower() for cell in cells]
        out = np.empty(len(self.lines), object)
        out[:] = [cell or None for cell in cells]
        return out

    def numbers(self, column: str, customer: str, needed: bool = False) -> np.ndarray:
        """Return a column as numbers, NaN where a cell is empty; raise for text, and for empty cells if `needed`."""
        cells = [cell.strip() for cell in self.cells[column]]
        self._refuse(column, customer, [not (cell == "" or NUMBER.fullmatch(cell)) for cell in cells], "are no numbers",
                     "Write numbers as 1234.5: no thousands, units or currency; leave unknown ones empty.")
        self._refuse(column, customer, [needed and cell == "" for cell in cells], "are empty",
                     "Fill them in, or pass --missing apart.")
        self._refuse(column, customer, [_loses_digits(cell) for cell in cells],
                     "are integers beyond 2**53, which lose digits", "Shorten them; ids are text and keep every digit.")
        return np.array([float(cell) if cell else np.nan for cell in cells], np.float64)

    def _refuse(self, column: str, customer: str, wrong: list[bool], why: str, remedy: str) -> None:
        """Raise for invalid cells, with their lines and customers."""
        rows = [row for row, bad in enumerate(wrong) if bad]
        if rows:
            ids, cells = self.cells[customer], self.cells[column]
            shown = "\n".join(f"  line {self.lines[row]:,}   {plain(repr(cells[row]))}   customer {plain(ids[row])}"
                              for row in rows[:SHOWN])
            of = f"{len(rows):,} of {many(len(wrong), 'cell')}"
            more = "\n  ..." if len(rows) > SHOWN else ""
            raise DataError(f"{self.name}, column {plain(repr(column))}: {of} {why}\n{shown}{more}\n  {remedy}")

    def in_lines(self, message: str) -> str:
        """Return a message with row numbers as one with the lines of the file."""
        return re.sub(r"^  row ([\d,]+)", lambda m: f"  line {self.lines[int(m[1].replace(',', ''))]:,}", message,
                      flags=re.M)


def _loses_digits(cell: str) -> bool:
    """Return whether a number is an integer beyond 2**53, which a double cannot hold exactly."""
    digits = cell.lstrip("+-0")
    return digits.isdigit() and (len(digits) > DIGITS or int(digits) > 2**53)


def read_csv(path: str, sep: str, encoding: str) -> Sheet:
    """Read a file, ``-`` for standard input; its first line names the columns."""
    name = "standard input" if path == "-" else plain(os.path.basename(path))
    with sys.stdin.buffer if path == "-" else open(path, "rb") as file:
        raw = file.read()
    if encoding.lower() in UTF_8:
        encoding = "utf-16" if raw[:2] in UTF_16_MARKS else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(f"{name} line {line:,}: not {encoding.removesuffix('-sig')}; files of Chinese Excel are often "
                        "--encoding gb18030, those of Western ones cp1252") from None
    except (LookupError, ValueError):                        # no codec, or none of text
        raise ConfigError(f"--encoding {plain(encoding)}: there is no such encoding of text; usual ones: "
                          f"{', '.join(ENCODINGS)}") from None
    declared = SEP_LINE.match(text)                          # a line for Excel
    sep = declared[1] if declared else sep
    return _sheet(name, csv.reader(io.StringIO(text, newline=""), delimiter=sep, strict=True), sep, bool(declared))


def _sheet(name: str, reader: Any, sep: str, declared: bool) -> Sheet:
    rows: list[list[str]] = []
    lines: list[int] = []
    begun = 1
    try:
        if declared:
            next(reader)
        header = [unguarded(column.strip()) for column in next(reader, [])]
        _check_header(name, header, sep)
        begun = reader.line_num + 1
        for row in reader:
            if row:
                if len(row) != len(header):
                    raise DataError(f"{name} line {begun:,}: {many(len(row), 'field')}, and the header has "
                                    f"{len(header)}; a field with a separator in it takes quotes")
                rows.append(list(map(unguarded, row)))
                lines.append(begun)
            begun = reader.line_num + 1
    except csv.Error as error:
        why = "a quote is opened and never closed" if "end of data" in str(error) else str(error)
        raise DataError(f"{name} line {begun:,}: {why}") from None
    if not rows:
        raise DataError(f"{name}: no row below the header")
    return Sheet(name, header, rows, lines)


def _check_header(name: str, header: Sequence[str], sep: str) -> None:
    twice = [column for column in header if header.count(column) > 1]
    if not header or "" in header or twice:
        why = f"two columns are called {twice[0]!r}" if twice and twice[0] else "a column has no name"
        raise DataError(f"{name} line 1: {why if header else 'the file is empty'}; the first line names the columns")
    if len(header) == 1 and re.search(r"[,;\t]", header[0]):
        raise DataError(f"{name} line 1: one column, {plain(header[0])!r}; fields are parted by {sep!r} "
                        "here: pass --sep")


def write_csv(path: str, header: Sequence[str], columns: Iterable[Sequence[Any]], sep: str, encoding: str) -> None:
    """Write columns to a file, completely or not at all, or to standard output for ``-``.

    Cells that a spreadsheet may take for a formula are `guarded`; `read_csv` takes the mark away again.
    """
    out = io.StringIO(newline="")
    least, most = (csv.writer(out, delimiter=sep, lineterminator="\n", quoting=quoting)
                   for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    for row in (header, *zip(*[list(map(cell, column)) for column in columns], strict=True)):
        bare = any("\r" in text for text in row)             # ends a line; Python before 3.13 does not quote it
        (most if bare else least).writerow(list(map(guarded, row)))
    try:
        raw = out.getvalue().encode(encoding)
    except UnicodeEncodeError as error:
        raise ConfigError(f"{error.object[error.start]!r} cannot be written as {encoding}; "
                          "pass --encoding utf-8") from None
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
    else:
        write(path, raw)


def is_stdout(path: str) -> bool:
    """Return whether a path is what standard output is written to, by any name."""
    try:
        return path == "-" or os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):                          # no such file; standard output without a descriptor
        return False


def guarded(text: str) -> str:
    """Return a cell with an apostrophe before =, +, -, @, tab and return, unless it is a number.

    Examples
    --------
    >>> [guarded(text) for text in ("=1+1", "-5", "+49 170", "a=b", "'=x")]
    ["'=1+1", '-5', "'+49 170", 'a=b', "''=x"]
    >>> [unguarded(guarded(text)) for text in ("=1+1", "'=x", "'quoted'")]
    ['=1+1', "'=x", "'quoted'"]
    """
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return a cell without the apostrophe that `guarded` puts before a formula."""
    return text[1:] if text[:1] == "'" and FORMULA.match(text) else text


def cell(value: object) -> str:
    """Return a value as a cell: empty for a missing value, whole numbers without a point.

    Examples
    --------
    >>> [cell(v) for v in (84.0, 78.67, float("nan"), None, "钱塘")]
    ['84', '78.67', '', '', '钱塘']
    """
    if value is None or value != value:
        return ""
    if isinstance(value, float | np.floating):
        return repr(float(value)).removesuffix(".0")
    return str(value)
