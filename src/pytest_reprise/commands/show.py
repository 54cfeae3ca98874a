"""`reprise show`: list the interactions of cassettes."""

from __future__ import annotations

import argparse
import sys

from ..exchange import Failure, Interaction
from ..messages import printable
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, others_left_alone, print_error


def add_parser(subparsers: Subparsers) -> None:
    add_command(
        subparsers,
        "show",
        run,
        summary="list the interactions of cassettes, one line each",
        details="A line has the method, the URL, the status and the size of the body in bytes.",
        example="reprise show tests/cassettes",
        exit_codes="0; 2 if a cassette cannot be read",
        reads=CASSETTES,
    )


def run(options: argparse.Namespace) -> int:
    has_errors, others = False, []
    for path, cassette, error in find_cassettes(options.paths):
        if error:
            has_errors = True
            print_error(error)
        elif cassette is None:
            others.append(path)
        else:
            print(printable(str(path)))
            for interaction in cassette.interactions:
                print(f"  {printable(_line(interaction))}")
    if others:
        print(others_left_alone(others), file=sys.stderr)
    return 2 if has_errors else 0


def _line(interaction: Interaction) -> str:
    request, outcome = interaction.request, interaction.outcome
    if isinstance(outcome, Failure):
        return f"{request.method} {request.url} → {outcome.error}: {outcome.message}"
    ending = f", then {outcome.broken_by.error}" if outcome.broken_by else ""
    return f"{request.method} {request.url} → {outcome.status}, {len(outcome.body)} bytes{ending}"
