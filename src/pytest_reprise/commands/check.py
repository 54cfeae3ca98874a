"""`reprise check`: name the cassettes that cannot be read."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..cassette.file import load
from ..errors import CassetteError
from ..messages import printable_lines
from .arguments import Subparsers, add_command, add_paths
from .cassettes import find_cassettes


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "check",
        run,
        summary="name the cassettes that cannot be read, with the reason",
        details="A reason has the file, the line, and what to do.",
        example="reprise check tests/cassettes",
        exit_codes="0 all can be read; 1 some cannot; 2 no such path",
    )
    add_paths(parser, "*.yaml")


def run(options: argparse.Namespace) -> int:
    paths = list(find_cassettes(options.paths))
    problems = [problem for path in paths if (problem := _problem(path))]
    for problem in problems:
        print(printable_lines(str(problem)))
    print(f"{len(paths)} cassettes, {len(problems)} broken")
    return 1 if problems else 0


def _problem(path: Path) -> CassetteError | None:
    try:
        load(path)
    except CassetteError as error:
        return error
    return None
