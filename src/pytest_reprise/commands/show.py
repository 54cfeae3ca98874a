"""`reprise show`: list the interactions of cassettes."""

from __future__ import annotations

import argparse

from ..exchange import Failure, Interaction
from ..messages import printable
from .arguments import Subparsers, add_command, add_paths
from .cassettes import find_cassettes, load_cassette


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "show",
        run,
        summary="list the interactions of cassettes, one line each",
        details="A line has the method, the URL, the status and the size of the body in bytes.",
        example="reprise show tests/cassettes",
        exit_codes="0; 2 for a cassette that cannot be read",
    )
    add_paths(parser, "*.yaml")


def run(options: argparse.Namespace) -> int:
    for path in find_cassettes(options.paths):
        print(printable(str(path)))
        for interaction in load_cassette(path).interactions:
            print(f"  {printable(_line(interaction))}")
    return 0


def _line(interaction: Interaction) -> str:
    request, outcome = interaction.request, interaction.outcome
    if isinstance(outcome, Failure):
        return f"{request.method} {request.url} → {outcome.error}: {outcome.message}"
    ending = f", then {outcome.broken_by.error}" if outcome.broken_by else ""
    return f"{request.method} {request.url} → {outcome.status}, {len(outcome.body)} bytes{ending}"
