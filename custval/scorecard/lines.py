"""The line of a TOML card that an error is about."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ConfigError

TABLES = re.compile(r"\s*\[\[\s*([\w.]+)\s*\]\]")          # [[indicator.measure]]
STEP = re.compile(r"(\w+)\[(\d+)\]")                       # indicator[0] of indicator[0].measure[2].steps
PLACE = r": ((?:\w+\[\d+\]\.?)*\w*)(?:: key '([^']+)' is not known)?(?=:| =|\n|$)"
KEY = re.compile(r'\s*(?:"([^"]+)"|([\w-]+))\s*=')


@contextmanager
def told_by_line(source: str, raw: bytes) -> Iterator[None]:
    """Add the line to errors about a TOML card."""
    try:
        yield
    except ConfigError as error:
        if not source.endswith(".toml"):
            raise
        raise ConfigError(with_line(str(error), source, raw.decode("utf-8-sig"))) from None


def with_line(message: str, source: str, toml: str) -> str:
    """Return a message that begins with a place in the card, with the line of that place below it."""
    found = re.match(re.escape(source) + PLACE, message)
    if found is None:
        return message
    path, unknown = found[1], found[2]
    line = line_of(toml, path if unknown is None else f"{path}.{unknown}".lstrip("."))
    return f"{message}\n  line {line}: {toml.splitlines()[line - 1].strip()}" if line else message


def line_of(toml: str, path: str) -> int:
    """Return the line (from 1) of the place ``indicator[0].measure[2].steps``, 0 where there is none.

    Examples
    --------
    >>> line_of("name = 'x'\\n[[indicator]]\\nweight = 1\\n", "indicator[0].weight")
    3
    """
    steps = STEP.findall(path)
    wanted = [(".".join(name for name, _ in steps[:k + 1]), int(place)) for k, (name, place) in enumerate(steps)]
    key = path.rpartition("]")[2].lstrip(".") or None
    seen: dict[str, int] = {}
    at: list[tuple[str, int]] = []
    header = 0
    for number, line in enumerate(toml.splitlines(), 1):
        if table := TABLES.match(line):
            name = table[1]
            seen = {k: n for k, n in seen.items() if not k.startswith(name + ".")}
            seen[name] = seen.get(name, -1) + 1
            at = [pair for pair in at if name.startswith(pair[0] + ".")] + [(name, seen[name])]
            header = number if at == wanted else header
        elif at == wanted and key is not None and (found := KEY.match(line)) and key in (found[1], found[2]):
            return number
    return header
