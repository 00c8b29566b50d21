"""Format text, numbers and tables for a terminal and HTML, wide East Asian characters included."""
import difflib
import html
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

LANGUAGES = ("en", "zh")
LINE = 100                                      # characters that the repr of a model stays below
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}         # control, direction and format characters, surrogates, line ends
JOINERS = "\u200c\u200d"                        # of letters and emoji: part of the spelling


def look(name: object) -> str:
    """Return a name as it looks: composed, without invisible characters and outer blanks; names are compared by it.

    Examples
    --------
    >>> look("gold\\u200b ") == look("gold"), look("gold") == look("Gold")
    (True, False)
    """
    text = unicodedata.normalize("NFC", str(name))
    if not text.isascii() or not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in UNSEEN)
    return " ".join(text.split())


def look_alike(names: Iterable[object], others: Iterable[object] = ()) -> Any:
    """Return the first of the names that looks like one before it or like one of the others, or None."""
    seen = set(map(look, others))
    for name in names:
        if look(name) in seen:
            return name
        seen.add(look(name))
    return None


@cache
def labels(lang: str) -> dict[str, str]:
    """Return the words of a language, by key: ``locale/<lang>.json``."""
    import json
    from importlib.resources import files
    text = files(__package__).joinpath("locale", f"{lang}.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words


def plain(value: Any) -> str:
    """Return an id or name as text, with control and direction characters escaped, so that nothing around it changes.

    Examples
    --------
    >>> print(plain("A-017\\n\\x1b[2J"), plain("钱塘能源"), plain(7))
    A-017\\n\\x1b[2J 钱塘能源 7
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in UNSEEN and c not in JOINERS else c
                   for c in text)


def nearest(given: object, names: Iterable[Any], cutoff: float = 0.7) -> Any:
    """Return the name that was probably meant: the same but for case, blanks and signs, else a similar one, or None."""
    others = [name for name in names if name != given]
    for form in (_letters, str):
        wanted = form(given)
        same = [name for name in others if form(name) == wanted]
        if same and wanted:
            return same[0]
    near = difflib.get_close_matches(str(given).casefold(), [str(name).casefold() for name in others], 1, cutoff)
    return next((name for name in others if near and str(name).casefold() == near[0]), None)


def _letters(name: object) -> str:
    """Return the letters and digits of a name, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", str(name)).casefold() if c.isalnum())


def width(text: str) -> int:
    """Return the number of cells of `text` in a terminal: two for a wide character, none for a mark."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, cells: int, side: str = "<") -> str:
    """Return `text` filled with blanks to `cells`; ``side=">"`` sets it to the right."""
    blanks = " " * (cells - width(text))
    return blanks + text if side == ">" else text + blanks


def number(value: float, digits: int = 0, percent: bool = False) -> str:
    """Return a number for readers: 1,234.5, 12%, and a dash for NaN."""
    if value != value:
        return "-"
    text = f"{value:,.{digits}%}" if percent else f"{value:,.{digits}f}"
    return text[1:] if text.strip("-0.%") == "" and text[0] == "-" else text     # no "-0"


def many(count: int, one: str, several: str = "") -> str:
    """Return ``"1 row"`` or ``"2 rows"``; the plural adds an s unless it is given."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def digits_of(value: float, significant: int) -> int:
    """Return the number of decimals that shows `significant` digits of `value`."""
    return max(0, significant - 1 - math.floor(math.log10(abs(value)))) if value and math.isfinite(value) else 0


def table(head: Sequence[str], rows: Iterable[Sequence[str]], sides: str, gap: str = "  ") -> list[str]:
    """Return lines with the cells below their heads and a rule between.

    `sides` has ``<`` or ``>`` for each column.
    """
    rows = [[plain(cell) for cell in row] for row in (head, *rows)]
    cells = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = [gap.join(map(pad, row, cells, sides)).rstrip() for row in rows]
    return [lines[0], gap.join("-" * n for n in cells), *lines[1:]]


def html_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> str:
    """Return a table as HTML without script, every value escaped; the lines of the title are those of the caption.

    `sides` has ``<`` or ``>`` for each column, in each cell, as notebooks set all cells to the right by default.
    """
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag} style='text-align:{'left' if side == '<' else 'right'}'>"
                                f"{html.escape(plain(cell))}</{tag}>"
                                for cell, side in zip(cells, sides, strict=True)) + "</tr>"
    caption = "<br>".join(html.escape(plain(part)) for part in title.split("\n") if title)
    return ("<table>" + (f"<caption style='text-align:left'>{caption}</caption>" if caption else "")
            + (f"<thead>{line('th', head)}</thead>" if head else "")
            + f"<tbody>{''.join(line('td', row) for row in rows)}</tbody></table>")


def html_facts(result: Any) -> str:
    """Return a named tuple as an HTML table of a row per field."""
    rows = [(name, _number(value)) for name, value in result._asdict().items()]
    return html_table(type(result).__name__, [], rows, "<<" if any(isinstance(v, str) for v in result) else "<>")


def _number(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def wrap(text: str, cells: int, indent: str = "") -> list[str]:
    """Return `text` broken at blanks and between wide characters into lines of at most `cells`."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and width(indent + line + piece.rstrip()) > cells:
            lines.append(indent + line.rstrip())
            line = ""
        line += piece
    return [*lines, indent + line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Return `text` cut after blanks and wide characters, never before a stop."""
    pieces = [""]
    for c in text:
        if not pieces[-1] and len(pieces) > 1 and c in "，。、；：？）》":
            pieces.pop()
        pieces[-1] += c
        if c == " " or width(c) == 2:
            pieces.append("")
    return pieces


class Page:
    """Lines of text in one language, in chapters, at most 80 cells wide unless a table is wider."""

    cells, indent = 80, "  "

    def __init__(self, lang: str):
        self.words, self.lines = labels(lang), list[str]()
        self._chapter = 0

    def __call__(self, key: str, **fields: Any) -> str:
        """Return the sentence of a key with its fields filled in."""
        return self.words[key].format(**fields)

    def word(self, name: str) -> str:
        """Return the word for a name, or the name if the language has none."""
        return self.words.get(name, name)

    def title(self, key: str) -> None:
        """Begin a part; chapters count from 1 again."""
        self.lines += ["=" * self.cells, self(key), "=" * self.cells, ""]
        self._chapter = 0

    def chapter(self, key: str, **fields: Any) -> None:
        """Begin a chapter."""
        self._chapter += 1
        self.lines += [f"{self._chapter}  {self(key, **fields)}", ""]

    def say(self, key: str, **fields: Any) -> None:
        """Add a paragraph."""
        self.lines += [*wrap(self(key, **fields), self.cells, self.indent), ""]

    def facts(self, facts: Mapping[str, str]) -> None:
        """Add labels (keys) with their facts."""
        cells = max(width(self(key)) for key in facts) + 2
        hanging = self.indent + " " * cells
        for key, fact in facts.items():
            first, *rest = wrap(fact, self.cells, hanging)
            self.lines += [self.indent + pad(self(key), cells) + first.lstrip(), *rest]
        self.lines += [""]

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> None:
        """Add a table; its heads are keys, or words that stay as they are."""
        self.lines += [*(self.indent + line for line in table([self.word(h) for h in head], rows, sides)), ""]


def listed(self: object) -> list[str]:
    """Return the names that tab completion shows: no private ones, and none that the class has as ``_unlisted``."""
    names, unlisted = object.__dir__(self), getattr(self, "_unlisted", ())
    return [name for name in names if name not in unlisted and (name[0] != "_" or name[:2] == "__")]


class Printed:
    """A result that prints as the table of its `_rows` below its `_title`, in a notebook as HTML."""

    _texts = 1                     # leading columns of text
    __dir__ = listed

    def _title(self) -> str:
        """Return the line above the table; by default the repr of a class that has one of its own."""
        return repr(self)

    def _rows(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        """Return the heads of the columns, and the rows."""
        raise NotImplementedError

    def _sides(self, columns: int) -> str:
        """Return ``<`` or ``>`` for each column."""
        return "<" * self._texts + ">" * (columns - self._texts)

    def __repr__(self) -> str:
        head, rows = self._rows()
        title = self._title()
        return "\n".join([*([title] if title else []), *table(head, rows, self._sides(len(head)))])

    def _repr_html_(self) -> str:
        head, rows = self._rows()
        return html_table(self._title(), head, rows, self._sides(max(map(len, (head, *rows[:1])))))


class Columns(Printed, dict[str, Any]):
    """Dict of columns that prints as a table: the frame of built-in data where no library of frames is installed."""

    shown = 10                     # rows

    def _title(self) -> str:
        return f"{many(len(next(iter(self.values()), ())), 'row')} of {many(len(self), 'column')}"

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        rows = zip(*(column[:self.shown] for column in self.values()), strict=True)
        return list(self), [[number(v, digits_of(v, 6)) if isinstance(v, float) else str(v) for v in row]
                            for row in rows]

    def _sides(self, columns: int) -> str:
        kinds = [getattr(getattr(column, "dtype", None), "kind", "O") for column in self.values()]
        return "".join(">" if kind in "iuf" else "<" for kind in kinds)


class Coefficients(Printed, dict[str, list[Any]]):
    """Table of parameters, as ``summary`` of a model returns it: a dict of columns that prints as text.

    Every frame library makes a frame of it.

    Attributes
    ----------
    title : str
        The line above the table.
    """

    def __init__(self, title: str, columns: dict[str, list[Any]]):
        super().__init__(columns)
        self.title = title

    def _title(self) -> str:
        return self.title

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        return list(self), [[v if isinstance(v, str) else f"{v:.6g}" if v == v else "-" for v in row]
                            for row in zip(*self.values(), strict=True)]

    def _sides(self, columns: int) -> str:
        texts = [all(isinstance(v, str) for v in column) for column in self.values()]
        return "".join("<" if k == 0 or text else ">" for k, text in enumerate(texts))


def model_line(name: str, values: Mapping[str, float | None], unit: str | None, tail: str) -> str:
    """Return the one-line repr of a model, with as many digits as fit."""
    for digits in (3, 2, 1):
        shown = [f"{k}={_short(v, 0 if k == 'k' else digits)}" for k, v in values.items()]       # stages are whole
        words = [name, *shown] + ([f"unit={unit}"] if unit else [])
        whole = plain(f"<{' '.join(words)}{tail}>")
        if len(whole) < LINE:
            break
    return whole


def _short(value: float | None, digits: int) -> str:
    if value is None:
        return "?"
    return f"{value:.{digits}f}" if max(0.01, 10.0**-digits) <= value < 10_000 else f"{value:.{digits}g}"
