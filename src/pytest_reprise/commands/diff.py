"""`reprise diff`: compare two cassettes."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..drift.changes import compare
from ..messages import printable
from .arguments import Subparsers, add_command
from .cassettes import print_error, read_cassette


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "diff",
        run,
        summary="list the changes from one cassette to another",
        details=(
            "Requests are paired by method and path, in their order. The changes are added and\n"
            "removed requests, changed statuses, and added, removed and changed fields of JSON."
        ),
        example="reprise diff old/test_user.yaml tests/cassettes/test_user.yaml",
        exit_codes="0 no change; 1 changes; 2 a cassette cannot be read",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the earlier cassette")
    parser.add_argument("new", type=Path, metavar="NEW", help="the later cassette")


def run(options: argparse.Namespace) -> int:
    (_, old, error), (_, new, other_error) = map(read_cassette, (options.old, options.new))
    if not old or not new:
        for problem in filter(None, (error, other_error)):
            print_error(problem)
        return 2
    changes = compare(old.interactions, new.interactions)
    for change in changes:
        print(printable(str(change)))
    return 1 if changes else 0
