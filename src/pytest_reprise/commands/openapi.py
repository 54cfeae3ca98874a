"""`reprise openapi`: draft an OpenAPI document from recordings."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..cassette.yaml.safe import WIDTH, dump
from ..drift.body_values import Json
from ..messages import counted
from ..openapi.draft.document import draft
from ..openapi.draft.paths import Recorded
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, print_error

_DETAILS = """\
It is OpenAPI 3.1: paths, parameters, and schemas with required fields, formats and enums where the
recordings show enough. `reprise check --openapi` accepts all recordings that it was made from.
"""


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "openapi",
        run,
        summary="draft an OpenAPI document from recordings",
        details=_DETAILS,
        example="reprise openapi tests/cassettes --out openapi.yaml",
        exit_codes="0 done; 2 a cassette that cannot be read",
        reads=CASSETTES,
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write to this file; as JSON if it ends in .json"
    )


def run(options: argparse.Namespace) -> int:
    has_broken = False
    recorded = []
    for path, cassette, error in find_cassettes(options.paths):
        if error:
            has_broken = True
            print_error(error)
        elif cassette:
            recorded.append(Recorded(str(path), cassette))
    found = draft(recorded)
    if options.out and options.out.suffix.lower() == ".json":
        text = json.dumps(found.document, indent=2, ensure_ascii=False) + "\n"
    else:
        text = as_yaml(found.document)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    left_out = f", {found.others} left out" if found.others else ""
    print(f"reprise: drafted from {counted(found.calls, 'call')}{left_out}", file=sys.stderr)
    return 2 if has_broken else 0


def as_yaml(document: dict[str, Json]) -> str:
    """Return the text of a document. Texts that YAML 1.1 or 1.2 could misread are quoted."""
    return dump(document, ascii_only=False, width=WIDTH, start=False, end=False)
