"""The command line: ``custval demo``, ``custval version``. Exit 0: done, 1: the data do not do, 2: usage."""
import argparse
import io
import os
import sys
from collections.abc import Sequence

import custval as cv

from ._text import LANGUAGES
from .demo import demo


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    top = argparse.ArgumentParser(
        prog="custval", description="What every customer is worth, why, and what to do about it.")
    top.add_argument("--version", action="version", version=f"custval {cv.__version__}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="verb")
    show = verbs.add_parser("demo", help="show what custval says about its two built-in data sets")
    show.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the text (default: en)")
    show.add_argument("--data", choices=("cdnow", "crm", "both"), default="both",
                      help="the CDNOW sample, the simulated firm, or both (default)")
    verbs.add_parser("version", help="print the versions of custval and of what it works with")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; text is UTF-8 whatever the locale says."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    arguments = parser().parse_args(argv)
    try:
        if arguments.verb == "demo":
            print(demo(arguments.lang, arguments.data))
        else:
            cv.show_versions()
        sys.stdout.flush()
    except (cv.DataError, cv.ConfigError, cv.FitError) as error:
        print(f"custval.{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:                                                    # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
