"""The command line: parse the arguments, run one command, and turn errors into messages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from .. import __version__
from ..errors import RepriseError
from ..messages import printable_lines
from . import (
    audit,
    check,
    coverage,
    diff,
    export,
    import_har,
    migrate,
    mv,
    openapi,
    review,
    rules,
    show,
    view,
)

COMMANDS = (
    show,
    view,
    check,
    coverage,
    openapi,
    diff,
    review,
    mv,
    audit,
    rules,
    migrate,
    export,
    import_har,
)
"""The modules of the commands, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 success, 1 something was found, 2 an error.

    Without a command, print the help. Wrong arguments end the process with exit code 2.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # one that cannot write every character, as in cp1252
            stream.reconfigure(errors="backslashreplace")
    parser = _make_parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        code: int = options.run(options)
    except BrokenPipeError:
        # The reader, such as `head`, ended early. Python would print an error when it flushes
        # the standard output at its end, so that now goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (RepriseError, OSError) as error:
        print(f"reprise: {printable_lines(_message(error))}", file=sys.stderr)
        return 2
    return code


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reprise",
        description="Look at cassettes, check and compare them, remove secrets from them.",
        epilog="`reprise COMMAND --help` describes a command and gives an example.",
    )
    parser.add_argument("--version", action="version", version=f"pytest-reprise {__version__}")
    parser.set_defaults(run=None)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


def _message(error: RepriseError | OSError) -> str:
    """Return what is wrong, without Python's error number: "a.yaml: Permission denied"."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)
