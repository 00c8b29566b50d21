"""Plain text that stands in columns, wide characters of East Asia included."""
import json
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


@cache
def labels(lang: str) -> dict[str, str]:
    """Return the words of a language, by key: ``locale/<lang>.json``."""
    text = files(__package__).joinpath("locale", f"{lang}.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words


def width(text: str) -> int:
    """Return how many cells a terminal gives to `text`: two for a wide character, none for a mark."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, cells: int, side: str = "<") -> str:
    """Return `text` filled with blanks to `cells`; ``side=">"`` sets it to the right."""
    blanks = " " * (cells - width(text))
    return blanks + text if side == ">" else text + blanks


def number(value: float, digits: int = 0, percent: bool = False) -> str:
    """Return a number as people read it: 1,234.5, 12%, and a dash for NaN."""
    if value != value:
        return "-"
    text = f"{value:,.{digits}%}" if percent else f"{value:,.{digits}f}"
    return text[1:] if text.strip("-0.%") == "" and text[0] == "-" else text     # no "-0"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], sides: str, gap: str = "  ") -> list[str]:
    """Return lines with the cells under their heads, a rule below the heads.

    `sides` has ``<`` or ``>`` for each column.
    """
    rows = [head, *rows]
    cells = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = [gap.join(map(pad, row, cells, sides)).rstrip() for row in rows]
    return [lines[0], gap.join("-" * n for n in cells), *lines[1:]]


def wrap(text: str, cells: int, indent: str = "") -> list[str]:
    """Return `text` broken at blanks, and between wide characters, into lines of at most `cells`."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and width(indent + line + piece.rstrip()) > cells:
            lines.append(indent + line.rstrip())
            line = ""
        line += piece
    return [*lines, indent + line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Cut after blanks and wide characters, never before a stop."""
    pieces = [""]
    for c in text:
        if not pieces[-1] and len(pieces) > 1 and c in "，。、；：？）》":
            pieces.pop()
        pieces[-1] += c
        if c == " " or width(c) == 2:
            pieces.append("")
    return pieces
