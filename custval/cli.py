"""The command line: ``custval score``, ``pyramid``, ``demo``. Exit codes: 0 success, 1 bad data, 2 bad usage."""
import argparse
import io
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

import custval as cv

from ._csv import Sheet, cell, is_stdout, read_csv, write_csv
from ._formatting import LANGUAGES, nearest, plain
from .demo import demo

Options = argparse.Namespace
BY = {"count": "gold=50,lead=", "score": "gold=80,lead=", "value": "gold=80%,lead=100%"}
PERCENT = 'such as "platinum=1%%, gold=4%%, iron=15%%, lead=80%%"'


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="custval", description="What every customer is worth, why, and what to do about it.")
    top.add_argument("--version", action="version", version=f"custval {cv.__version__}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="command")
    show = verbs.add_parser("demo", help="Analyse the two built-in data sets.")
    show.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the text (default: en)")
    show.add_argument("--data", choices=("cdnow", "crm", "both"), default="both",
                      help="the CDNOW sample, the simulated firm, or both (default)")
    show.set_defaults(run=lambda options: print(demo(options.lang, options.data)))
    score = _table_verb(verbs, "score", "Score the customers in a CSV file with a scorecard.", _score)
    score.add_argument("--card", required=True, help="the scorecard: a TOML or JSON file, or b2b, consumer, value")
    score.add_argument("--reviews", metavar="FILE", help="review log of manual scores: a CSV file")
    score.add_argument("--as-of", metavar="DAY", help="day at whose end the reviews are evaluated, such as 2025-12-31")
    score.add_argument("--explain", metavar="ID", help="print how the score of this customer is computed")
    tiers = _table_verb(verbs, "pyramid", "Assign the customers in a CSV file to tiers.", _pyramid)
    what = tiers.add_mutually_exclusive_group(required=True)
    what.add_argument("--value", metavar="COLUMN", help="the column to rank by")
    what.add_argument("--card", help="rank by the score of this scorecard; without --tiers, by its tiers if any")
    tiers.add_argument("--tiers", help=f"from the top down, {PERCENT}, which is the default by share")
    tiers.add_argument("--by", choices=("share", "count", "score", "value"), default="share",
                       help="meaning of the numbers in --tiers: share of the customers (default), count, lowest score, "
                            "or cumulative share of the value")
    tiers.add_argument("--missing", choices=("apart", "raise"), default="apart",
                       help="customers without a value: unassigned and counted (default), or an error")
    tiers.add_argument("--ties", choices=("together", "row"), default="together",
                       help="equal values at a cut: together in the upper tier (default), or divided by row")
    tiers.add_argument("--as", dest="named", metavar="NAME", default="tier",
                       help="name of the new column (default: tier)")
    verbs.add_parser("version", help="Print the versions of custval and its dependencies.").set_defaults(
        run=lambda options: cv.show_versions())
    return top


def _table_verb(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str,
                run: object) -> argparse.ArgumentParser:
    """Return the parser of a command that reads a CSV file and may write one."""
    verb = verbs.add_parser(name, help=about, description=about)
    say = verb.add_argument
    say("table", metavar="customers.csv",
        help="a row per customer under a line with the column names; - is standard input")
    say("--id", default="customer", help="column with the customer id (default: customer)")
    say("-o", "--output", metavar="FILE",
        help="file for the table with its new columns; - is standard output. Cells that begin with = + - @ and are no "
             "numbers get an apostrophe against formulas, which custval takes away when it reads them")
    say("--sep", default=",", help="field separator (default: a comma); tab for a tab")
    say("--encoding", default="utf-8", help="encoding of the files (default: utf-8; utf-8-sig adds the mark for Excel)")
    verb.set_defaults(run=run)
    return verb


def _score(options: Options) -> None:
    sheet, card = _opened(options), _card(options.card)
    table = _columns(sheet, card.reads, options.id)
    if options.explain is not None and options.explain not in sheet.cells[options.id]:
        near = nearest(options.explain, sheet.cells[options.id])
        raise cv.ConfigError(f"--explain {plain(options.explain)}: no customer of column {options.id!r} has this id\n  "
                             + (f"did you mean {near!r}?" if near else f"such as {sheet.cells[options.id][0]!r}"))
    with _by_line(sheet):
        by_hand = _reviews(options)
        scored = card.score(table, **by_hand)
        if options.explain is not None:
            print(card.explain(table, customer=options.explain, **by_hand))
    if options.output or options.explain is None:
        hand = [name for name in ("manual",) if name in scored]
        _write(options, sheet, {name: scored[name] for name in [*card.columns, *hand]})
    if options.output is not None and not is_stdout(options.output):
        rows, score = len(scored["score"]), scored["score"][~np.isnan(scored["score"])]
        span = f"scores {score.min():,.6g} to {score.max():,.6g}" if len(score) else "no score"
        without = f", {rows - len(score):,} without a score" if len(score) < rows else ""
        print(f"{rows:,} customers, {span}{without}: {options.output}")


def _reviews(options: Options) -> dict[str, Any]:
    """Return the review log and its day as arguments of `score`."""
    if options.reviews is None:
        return {}
    if options.as_of is None:
        raise cv.ConfigError("--reviews needs --as-of, the day at whose end they are evaluated, such as 2025-12-31")
    log = read_csv(options.reviews, _sep(options), options.encoding)
    _demand(log, "customer", "of the reviews")
    return {"as_of": options.as_of, "reviews": {
        name: log.numbers(name, "customer") if name == "value" else log.text(name) for name in log.header}}


def _pyramid(options: Options) -> None:
    sheet = _opened(options)
    card = _card(options.card) if options.card else None
    tiers = _tiers(options.tiers) if options.tiers else dict(getattr(card, "tiers", ())) if card else {}
    by = "score" if tiers and not options.tiers else options.by
    if not tiers and by != "share":
        raise cv.ConfigError(f"--tiers is missing: --by {by} has no default; pass names from the top down, each with "
                             f"its number, such as {BY[by]!r}")
    if card:
        with _by_line(sheet):
            values = card.score(_columns(sheet, card.reads, options.id))["score"]
    else:
        _demand(sheet, options.value, "--value")
        values = sheet.numbers(options.value, options.id, needed=options.missing == "raise")
    _hint(tiers, options.by)
    made = cv.pyramid(values, tiers=tiers or None, by=by, missing=options.missing, ties=options.ties)
    if options.output is None or not is_stdout(options.output):
        print(made)
    if options.card and options.named == "score":
        raise cv.ConfigError("--as score: the output has a column 'score' already, that of the card")
    if options.output:
        _write(options, sheet, ({"score": values} if options.card else {}) | {options.named: made.labels})


def _hint(tiers: Mapping[str, float | int | None], by: str) -> None:
    """Raise for percentages that are passed as shares."""
    known = [number for number in tiers.values() if number is not None]
    if by == "share" and abs(sum(known) - 100) < 1e-6:
        percents = ", ".join(f"{name}={number:g}%" for name, number in tiers.items())
        raise cv.ConfigError(f'--tiers: shares sum to 100, expected 1; as percentages: "{percents}"')


@contextmanager
def _by_line(sheet: Sheet) -> Iterator[None]:
    """Turn the rows of error messages into lines of the file."""
    try:
        yield
    except cv.DataError as error:
        raise cv.DataError(f"{sheet.name}: {sheet.in_lines(str(error))}") from None


def _opened(options: Options) -> Sheet:
    """Return the sheet; raise for missing or repeated customer ids."""
    sheet = read_csv(options.table, _sep(options), options.encoding)
    _demand(sheet, options.id, "--id")
    empty = [sheet.lines[row] for row, customer in enumerate(sheet.cells[options.id]) if not customer.strip()]
    if empty:
        raise cv.DataError(f"{sheet.name}, column {options.id!r}: no customer in line {empty[0]:,}"
                           + (f" and {len(empty) - 1:,} more" if len(empty) > 1 else "")
                           + "\n  Delete lines without a customer, such as a line of totals at the end.")
    first: dict[str, int] = {}
    for row, customer in enumerate(sheet.cells[options.id]):
        if first.setdefault(customer, row) != row:
            raise cv.DataError(f"{sheet.name}, column {options.id!r}: customer {plain(customer)} is in lines "
                               f"{sheet.lines[first[customer]]:,} and {sheet.lines[row]:,}; keep one row per customer")
    return sheet


def _sep(options: Options) -> str:
    sep = str({"\\t": "\t", "tab": "\t"}.get(options.sep, options.sep))
    if len(sep) != 1 or sep in '"\r\n':
        raise cv.ConfigError(f"--sep {sep!r}: expected one character, no quote and no line break")
    return sep


def _demand(sheet: Sheet, column: str, option: str) -> None:
    if column not in sheet.header:
        raise cv.DataError(f"{sheet.name} line 1: no column {column!r} ({option})\n"
                           f"  columns: {', '.join(map(plain, sheet.header))}")


def _card(name: str) -> cv.Scorecard | cv.Scorecards:
    if not os.path.splitext(name)[1]:
        return cv.Scorecard.builtin(name)
    if not os.path.exists(name):
        raise cv.ConfigError(f"--card {name}: there is no such file; pass a TOML or JSON file, or one of the built-in "
                             "cards: b2b, consumer, value")
    card = cv.load(name)
    if not isinstance(card, cv.Scorecard | cv.Scorecards):
        raise cv.ConfigError(f"{os.path.basename(name)}: expected a scorecard, found {type(card).__name__}")
    return card


def _columns(sheet: Sheet, reads: dict[str, str], customer: str) -> dict[str, Any]:
    """Return the columns, as numbers where the card reads numbers, and the ids as "customer"."""
    columns = {column: sheet.numbers(column, customer) if reads.get(column) == "numbers" else sheet.text(column)
               for column in sheet.header}
    return columns | {"customer": sheet.text(customer)}


def _tiers(text: str) -> dict[str, float | int | None]:
    """Return ``gold=4%, lead=`` as a dict; a missing number is None."""
    tiers: dict[str, float | int | None] = {}
    for part in text.translate({ord("，"): ",", ord("＝"): "=", ord("％"): "%"}).split(","):
        name, sign, number = (word.strip() for word in part.rpartition("="))
        try:
            tiers[name] = None if not number else float(number[:-1]) / 100 if number.endswith("%") else \
                int(number) if number.isdigit() else float(number)
        except ValueError:
            sign = ""
        if not sign or not name:
            raise cv.ConfigError(f"--tiers: {part.strip()!r} is not NAME=NUMBER, {PERCENT.replace('%%', '%')}")
    return tiers


def _write(options: Options, sheet: Sheet, new: Mapping[str, Iterable[object]]) -> None:
    columns = [sheet.cells[name] for name in sheet.header] + [list(map(cell, column)) for column in new.values()]
    there = [name for name in new if name in sheet.header]
    if there:
        remedy = "pass --as NAME for another name" if there[0] == getattr(options, "named", None) else "rename it"
        raise cv.DataError(f"{sheet.name} line 1: there is a column {there[0]!r} already, and the output has one; "
                           f"{remedy}")
    if options.output and not is_stdout(options.output) and \
            os.path.realpath(options.output) == os.path.realpath(options.table):
        raise cv.ConfigError(f"{options.output} is the input file; write to another one")
    write_csv(options.output or "-", [*sheet.header, *new], columns, _sep(options), options.encoding)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; text is UTF-8 in every locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    options = parser().parse_args(argv)
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: print(f"warning: {message}", file=sys.stderr)
        try:
            options.run(options)
            sys.stdout.flush()
        except (cv.DataError, cv.ConfigError, cv.FitError) as error:
            print(f"custval.{type(error).__name__}: {error}", file=sys.stderr)
            return 1
        except BrokenPipeError:                                                # the reader has closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            print(f"custval: {error.filename}: {error.strerror}", file=sys.stderr)
            return 1
    return 0
