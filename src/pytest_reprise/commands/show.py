"""`reprise show`: list the interactions of cassettes, or show one of them whole."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..audit.files import find_files
from ..cassette.model import Cassette
from ..errors import ConfigurationError
from ..exchange import Failure, Headers, Interaction, Outcome, Request
from ..messages import counted, printable, printable_json
from ..report.as_code import BODY_FILE, as_curl, as_httpx
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, others_left_alone, print_error, read_cassette
from .readable import as_values, readable_body
from .terminal import Colour, Paint, pager


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "show",
        run,
        summary="list the interactions of cassettes, one line each",
        details=(
            "A line has the number, the method, the URL, the status and the size of the body in\n"
            "bytes. With --interaction one of them is shown whole."
        ),
        example="reprise show tests/cassettes/test_users/test_create.yaml --interaction 2",
        exit_codes="0; 2 if a cassette cannot be read",
        reads=CASSETTES,
    )
    parser.add_argument(
        "-i",
        "--interaction",
        type=int,
        metavar="NUMBER",
        help="only this interaction of each cassette, with its headers and bodies",
    )
    parser.add_argument(
        "--bodies",
        action="store_true",
        help="show the bodies, too, decompressed; of a binary body only its size",
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--curl", action="store_true", help="the requests as curl commands")
    forms.add_argument("--python", action="store_true", help="the requests as code with httpx")
    for side in ("request", "response"):
        forms.add_argument(
            f"--{side}-body",
            action="store_true",
            help=f"only the body of the {side}, as it was sent; for one interaction",
        )
    forms.add_argument("--json", action="store_true", help="cassettes and interactions as JSON")
    parser.add_argument(
        "--color",
        choices=("yes", "no", "auto"),
        default="auto",
        help="colours; auto (default) means on a terminal",
    )
    parser.add_argument("--no-pager", action="store_true", help="print without a pager")


class _Shown(NamedTuple):
    """A cassette, and the interactions to show, each with its number from 1."""

    path: Path
    cassette: Cassette
    interactions: tuple[tuple[int, Interaction], ...]


def run(options: argparse.Namespace) -> int:
    if options.request_body or options.response_body:
        return _write_body(options)
    shown, others, has_errors = list[_Shown](), list[Path](), False
    with pager(not options.no_pager):
        for path, cassette, error in find_cassettes(options.paths):
            if error:
                has_errors = True
                print_error(error)
            elif cassette is None:
                others.append(path)
            elif options.json:
                shown.append(_chosen(path, cassette, options.interaction))
            else:
                _print(_chosen(path, cassette, options.interaction), options)
        if options.json:
            print(printable_json([as_values(*one) for one in shown]))
    if others:
        print(others_left_alone(others), file=sys.stderr)
    return 2 if has_errors else 0


def _chosen(path: Path, cassette: Cassette, number: int | None) -> _Shown:
    """Return what to show of a cassette. Raises ConfigurationError for a number too high or low."""
    numbered = tuple(enumerate(cassette.interactions, 1))
    if number is None:
        return _Shown(path, cassette, numbered)
    if not 1 <= number <= len(numbered):
        has = counted(len(numbered), "interaction")
        raise ConfigurationError(f"there is no interaction {number}: {path} has {has}")
    return _Shown(path, cassette, (numbered[number - 1],))


def _write_body(options: argparse.Namespace) -> int:
    """Write the bytes of one body to the standard output. Raises ConfigurationError."""
    [path, *more] = find_files(options.paths)
    if more or options.interaction is None:
        raise ConfigurationError("a body is shown of one interaction: name a file and a number")
    found = read_cassette(path)
    if found.cassette is None:
        raise found.error or ConfigurationError(f"{path} is no cassette")
    [(_, interaction)] = _chosen(path, found.cassette, options.interaction).interactions
    message = interaction.request if options.request_body else interaction.outcome
    body = b"" if isinstance(message, Failure) else message.body
    if sys.stdout.isatty() and not _is_plain(body):
        raise ConfigurationError(
            "the body has control characters or is no text, and is not written to a terminal: "
            "send it to a file or a program"
        )
    sys.stdout.buffer.write(body)
    return 0


def _is_plain(body: bytes) -> bool:
    """Whether a terminal only shows the bytes, and obeys none of them."""
    text = body.decode(errors="replace")
    return all(x.isprintable() or x in "\t\n" for x in text.replace("\r\n", "\n")) and (
        "\ufffd" not in text
    )


def _print(shown: _Shown, options: argparse.Namespace) -> None:
    if options.curl or options.python:
        _print_code(shown, as_curl if options.curl else as_httpx)
        return
    paint = Paint(options.color)
    print(paint(printable(str(shown.path)), "bold"))
    width = len(str(len(shown.cassette.interactions)))
    is_whole = options.interaction is not None
    for number, interaction in shown.interactions:
        print(f"  {paint(f'{number:>{width}}', 'dim')} {_line(interaction, paint)}")
        for line in _details(interaction, paint, is_whole, is_whole or options.bodies):
            print(f"    {line}" if line else "")


def _print_code(shown: _Shown, as_code: Callable[[Request], str]) -> None:
    """Print requests as code, each after a comment that names it."""
    for number, interaction in shown.interactions:
        print(printable(f"# {shown.path}, interaction {number}"))
        code = as_code(interaction.request)
        if BODY_FILE in code:
            command = f"reprise show {shown.path} -i {number} --request-body > {BODY_FILE}"
            print(printable(f"# The body is not in this code: {command}"))
        print(code, end="\n\n")


def _line(interaction: Interaction, paint: Paint) -> str:
    request, outcome = interaction.request, interaction.outcome
    call = f"{paint(printable(request.method), 'cyan')} {printable(request.url)}"
    return f"{call} → {_outcome(outcome, paint)}"


def _outcome(outcome: Outcome, paint: Paint) -> str:
    if isinstance(outcome, Failure):
        return paint(printable(f"{outcome.error}: {outcome.message}"), "red")
    size = f", {counted(len(outcome.body), 'byte')}"
    ending = f", then {outcome.broken_by.error}" if outcome.broken_by else ""
    return paint(str(outcome.status), _colour_of(outcome.status)) + size + printable(ending)


def _colour_of(status: int) -> Colour:
    return "green" if status < 300 else "yellow" if status < 500 else "red"


def _details(
    interaction: Interaction, paint: Paint, has_headers: bool, has_bodies: bool
) -> Iterator[str]:
    """Yield the lines with headers and bodies of both messages."""
    request, outcome = interaction.request, interaction.outcome
    messages = [("request", request.headers, request.body)]
    if not isinstance(outcome, Failure):
        messages.append(("response", outcome.headers, outcome.body))
    for name, headers, body in messages:
        if (has_headers and headers) or (has_bodies and body):
            yield f"{name}:"
        if has_headers:
            yield from _headers(headers, paint)
            yield from [""] if headers and body else []
        if has_bodies and body:
            yield from (f"  {line}" for line in readable_body(body, headers).split("\n"))


def _headers(headers: Headers, paint: Paint) -> Iterator[str]:
    for name, value in headers:
        yield f"  {paint(printable(f'{name}:'), 'dim')} {printable(value)}"
