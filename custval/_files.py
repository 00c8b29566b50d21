"""Read TOML and JSON files strictly; write files completely or not at all."""
from __future__ import annotations

import difflib
import errno
import json
import os
import stat
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ._formatting import plain
from .errors import ConfigError

LARGEST = 1 << 17                   # bytes of a file
DEEPEST = 16                        # parts of a key
STANDARD = {"stdin": 0, "stdout": 1, "stderr": 2}


class At:
    """Put the place in the file before the message of a ConfigError."""

    def __init__(self, where: str):
        self.where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ConfigError):
            raise ConfigError(f"{self.where}: {error}") from None


def known(word: object, allowed: Iterable[str], what: str) -> None:
    """Raise unless the word is one of those allowed; suggest a similar one."""
    words = list(allowed)
    if isinstance(word, str) and word in words:
        return
    near = difflib.get_close_matches(str(word), words, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}?   " if near else ""
    raise ConfigError(f"{what} {word!r} is not known\n  {meant}known: {', '.join(words)}")


def keys(table: object, allowed: Sequence[str], needed: Sequence[str], where: str) -> None:
    """Raise unless `table` is a table with all keys needed and no key that is not allowed."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a table, found {type(table).__name__}")
    for key in table:
        with At(where):
            known(key, allowed, "key")
    for key in needed:
        if key not in table:
            raise ConfigError(f"{where}: the key {key!r} is missing")


def encodable(value: str, what: str) -> str:
    """Return text, checked to be encodable."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{what} = {value!r} holds half a character") from error
    return value


def suffix(path: str | os.PathLike[str], allowed: Sequence[str], what: str) -> str:
    """Return the suffix of a file, checked to be one of those allowed."""
    found = Path(checked(path)).suffix
    if found not in allowed:
        raise ConfigError(f"{plain(os.path.basename(path))}: {what} is a {' or a '.join(allowed)} file")
    return found


def checked(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """Return a path; raise for one that no system takes."""
    if not isinstance(path, str | os.PathLike):
        raise ConfigError(f"expected the path of a file, got {type(path).__name__}")
    if "\0" in os.fspath(path):
        raise ConfigError(f"{plain(os.fspath(path))}: a path holds no NUL character")
    return path


def read(path: str | os.PathLike[str], what: str) -> bytes:
    """Return the bytes of a file of at most `LARGEST` bytes."""
    with open(checked(path), "rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ConfigError(f"{plain(os.path.basename(path))}: larger than {LARGEST:,} bytes; that is no {what}")
    return raw


def parse(raw: bytes, source: str, toml: bool) -> dict[str, Any]:
    """Return the table in a TOML or JSON text; raise for NaN, infinities and duplicate keys."""
    try:
        content = raw.decode("utf-8-sig")
        if toml:
            _shallow(content)
            table = tomllib.loads(content.replace("\r\n", "\n"), parse_float=_finite)
        else:
            table = json.loads(content, object_pairs_hook=_no_twins, parse_constant=_finite, parse_float=_finite)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from None
    except (ValueError, RecursionError) as error:          # both decoders' errors are ValueErrors
        raise ConfigError(f"{source}: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{source}: expected a table, found {type(table).__name__}")
    return table


def _shallow(toml: str) -> None:
    """Raise for keys of many parts before they are parsed, which takes time and memory quadratic in the parts."""
    for number, line in enumerate(toml.splitlines(), 1):
        if line.partition("=")[0].count(".") >= DEEPEST:
            raise ConfigError(f"line {number}: a key of more than {DEEPEST} parts")


def _finite(number: str) -> float:
    value = float(number)
    if not abs(value) < float("inf"):
        raise ConfigError(f"{number} is not a number that a file can hold")
    return value


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twin = next(k for k in table if sum(1 for key, _ in pairs if key == k) > 1)
        raise ConfigError(f"key {twin!r} is given twice")
    return table


def write(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file atomically: readers see the old or the new one. A link stays, and its target is written.

    What exists and is no regular file, such as a device, a pipe or ``/dev/stdout``, is written into.
    """
    raw = content.encode() if isinstance(content, str) else content
    opened = _descriptor(checked(path))
    if opened is not None or _is_stream(path):
        if opened == 1:
            sys.stdout.flush()
        with open(path if opened is None else os.dup(opened), "wb") as file:
            file.write(raw)
        return
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(target.parent))
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(target.parent)


def _descriptor(path: str | os.PathLike[str]) -> int | None:
    """Return the open file that a path such as ``/dev/stdout`` or ``/dev/fd/3`` stands for, None for other paths."""
    folder, name = os.path.split(os.path.abspath(path))
    if folder == "/dev" and name in STANDARD:
        return STANDARD[name]
    return int(name) if name.isascii() and name.isdigit() and folder in (
        "/dev/fd", "/proc/self/fd", f"/proc/{os.getpid()}/fd") else None


def _is_stream(path: str | os.PathLike[str]) -> bool:
    """Return whether a path exists and is no regular file."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:                                        # opening the file says what is wrong
        return False


def _mode(path: Path) -> int:
    """Return the permissions of the file to replace, or those of a new one."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
