"""`reprise check`: name the cassettes that cannot be read, or do not fit an OpenAPI document."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from ..cassette.model import Cassette
from ..cassette.naming import is_pending
from ..errors import ConfigurationError
from ..messages import counted, printable, printable_lines
from ..report.conformance import FORMATS
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, others_left_alone

_DETAILS = """\
A reason has the file, the line, and what to do. With --openapi each recorded request and answer is
compared with an OpenAPI document (3.0 or 3.1), and each disagreement says which side is likely
wrong: the recordings or the document. It needs pytest-reprise[openapi].
"""
SPECIFICATION = "a file, a URL, or an application as module:app"


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "check",
        run,
        summary="name the cassettes that cannot be read, or do not fit an OpenAPI document",
        details=_DETAILS,
        example="reprise check --openapi openapi.yaml tests/cassettes",
        exit_codes=(
            "0 all can be read, and fit; 1 some cannot, or do not;\n"
            "2 no such path, or an OpenAPI document that cannot be used"
        ),
        reads=CASSETTES,
        is_path_optional=True,
    )
    parser.add_argument(
        "--openapi", metavar="SPEC", help=f"compare with this document: {SPECIFICATION}"
    )
    parser.add_argument("--format", choices=tuple(FORMATS), help="with --openapi (default: text)")


def run(options: argparse.Namespace) -> int:
    if options.openapi:
        return _run_with_openapi(options)
    if options.format:
        raise ConfigurationError("--format belongs to --openapi")
    return 1 if check_files(options.paths, lambda _path, _cassette: None, sys.stdout) else 0


def check_files(
    paths: list[Path], use: Callable[[Path, Cassette], None], output: TextIO, numbers: bool = True
) -> int:
    """Load all cassettes and hand each to `use`; print what cannot be read, and return how many.

    With `numbers` the last line is the result.
    """
    broken, sound, others = 0, 0, []
    pending: list[Path] = []
    for path, cassette, error in find_cassettes(paths):
        if error:
            broken += 1
            print(printable_lines(str(error)), file=output)
        elif cassette:
            sound += 1
            pending += [path] if is_pending(path) else []
            use(path, cassette)
        else:
            others.append(path)
    if others:
        print(others_left_alone(others), file=output)
    for path in pending:
        print(printable(f"{path}: pending. Accept or reject: reprise review"), file=output)
    if numbers:
        print(f"{counted(sound + broken, 'cassette')}, {broken} broken", file=output)
    return broken


def _run_with_openapi(options: argparse.Namespace) -> int:
    # jsonschema takes 60 ms to import, and is no dependency of the other commands.
    from ..openapi.check import Checker, Specification
    from ..openapi.lines import with_lines

    checker = Checker(Specification(options.openapi, Path.cwd()))
    form = options.format or "text"
    output = sys.stdout if form == "text" else sys.stderr
    broken = check_files(
        options.paths,
        lambda path, cassette: checker.add(str(path), cassette),
        output,
        numbers=False,
    )
    found = with_lines(checker.result(), Path())
    print(FORMATS[form](found), end="")
    return 1 if broken or found.disagreements else 0
