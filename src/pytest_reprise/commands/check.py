"""`reprise check`: name the cassettes that cannot be read."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..cassette.naming import is_pending
from ..messages import counted, printable, printable_lines
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, others_left_alone


def add_parser(subparsers: Subparsers) -> None:
    add_command(
        subparsers,
        "check",
        run,
        summary="name the cassettes that cannot be read, with the reason",
        details="A reason has the file, the line, and what to do.",
        example="reprise check tests/cassettes",
        exit_codes="0 all can be read; 1 some cannot; 2 no such path",
        reads=CASSETTES,
    )


def run(options: argparse.Namespace) -> int:
    broken, sound, others = 0, 0, []
    pending: list[Path] = []
    for path, cassette, error in find_cassettes(options.paths):
        if error:
            broken += 1
            print(printable_lines(str(error)))
        elif cassette:
            sound += 1
            pending += [path] if is_pending(path) else []
        else:
            others.append(path)
    if others:
        print(others_left_alone(others))
    for path in pending:
        print(printable(f"{path}: pending. Accept or reject: reprise review"))
    print(f"{counted(sound + broken, 'cassette')}, {broken} broken")
    return 1 if broken else 0
