"""`reprise show`: list the interactions of cassettes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from ..exchange import Failure, Headers, Interaction
from ..messages import printable, printable_json, printable_lines
from ..scrub.content.compression import decompress_or_keep
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, others_left_alone, print_error


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "show",
        run,
        summary="list the interactions of cassettes, one line each",
        details="A line has the method, the URL, the status and the size of the body in bytes.",
        example="reprise show tests/cassettes",
        exit_codes="0; 2 if a cassette cannot be read",
        reads=CASSETTES,
    )
    parser.add_argument(
        "--bodies",
        action="store_true",
        help="show the bodies, too, decompressed; of a binary body only its size",
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
                for line in _bodies(interaction) if options.bodies else ():
                    print(f"    {line}")
    if others:
        print(others_left_alone(others), file=sys.stderr)
    return 2 if has_errors else 0


def _line(interaction: Interaction) -> str:
    request, outcome = interaction.request, interaction.outcome
    if isinstance(outcome, Failure):
        return f"{request.method} {request.url} → {outcome.error}: {outcome.message}"
    ending = f", then {outcome.broken_by.error}" if outcome.broken_by else ""
    return f"{request.method} {request.url} → {outcome.status}, {len(outcome.body)} bytes{ending}"


def _bodies(interaction: Interaction) -> Iterator[str]:
    request, outcome = interaction.request, interaction.outcome
    messages = [("request", request.body, request.headers)]
    if not isinstance(outcome, Failure):
        messages.append(("response", outcome.body, outcome.headers))
    for name, body, headers in messages:
        if body:
            yield f"{name}:"
            yield from (f"  {line}" for line in _readable(body, headers).split("\n"))


def _readable(body: bytes, headers: Headers) -> str:
    """Return a body as JSON or text that is safe to print, or the size of a binary body."""
    plain = decompress_or_keep(body, headers)
    try:
        return printable_json(json.loads(plain))
    except (ValueError, RecursionError):
        pass
    try:
        return printable_lines(plain.decode().rstrip("\n"))
    except UnicodeDecodeError:
        return f"{len(body)} bytes that are not text"
