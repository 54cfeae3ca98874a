"""`reprise coverage`: how much of an OpenAPI document the recordings cover."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..report.coverage import FORMATS
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, print_error
from .check import SPECIFICATION

_DETAILS = """\
The percentage counts documented answers: each status of each operation, where a range as 4XX and
`default` are one each. An answer is covered if a recording has it. Parameters, enum values and
fields of answers that no recording has are listed, too. It needs pytest-reprise[openapi].
"""


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "coverage",
        run,
        summary="tell how much of an OpenAPI document the recordings cover",
        details=_DETAILS,
        example="reprise coverage --openapi openapi.yaml tests/cassettes",
        exit_codes=(
            "0 done; 1 less is covered than --fail-under asks for;\n"
            "2 a cassette or an OpenAPI document that cannot be used"
        ),
        reads=CASSETTES,
        is_path_optional=True,
    )
    parser.add_argument("--openapi", metavar="SPEC", required=True, help=SPECIFICATION)
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="default: text")
    parser.add_argument(
        "--fail-under",
        type=_percent,
        metavar="N",
        help="exit with 1 if fewer percent of the documented answers are recorded",
    )


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:  # also not for nan, below which nothing is
        raise argparse.ArgumentTypeError(f"{text} is no percentage")
    return number


def run(options: argparse.Namespace) -> int:
    # jsonschema takes 60 ms to import, and is no dependency of the other commands.
    from ..openapi.check import Specification
    from ..openapi.coverage import CoverageMeter

    meter = CoverageMeter(Specification(options.openapi, Path.cwd()))
    has_broken = False
    for path, cassette, error in find_cassettes(options.paths):
        if error:
            has_broken = True
            print_error(error)
        elif cassette:
            meter.add(str(path), cassette)
    found = meter.result()
    print(FORMATS[options.format](found), end="")
    is_below = options.fail_under is not None and found.percent < options.fail_under
    return 2 if has_broken else 1 if is_below else 0
