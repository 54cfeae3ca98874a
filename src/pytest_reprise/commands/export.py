"""`reprise export --har`: write cassettes in the format that browsers and proxies read."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .. import __version__
from ..cassette.har_writing import Recording, har_document
from ..cassette.migrated import migrated
from ..cassette.model import Cassette
from ..messages import counted, display_path
from .arguments import CASSETTES, Subparsers, add_command
from .cassettes import find_cassettes, others_left_alone, print_error


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "export",
        run,
        summary="write cassettes as a HAR file, for a browser or another tool",
        details="Each cassette is a page of the HAR file. Secrets are placeholders in it, too.",
        example="reprise export --har --out recorded.har tests/cassettes",
        exit_codes="0; 2 if a cassette cannot be read",
        reads=CASSETTES,
    )
    parser.add_argument(
        "--har", action="store_true", help="the format: HAR (HTTP Archive) 1.2; the only one today"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the file; without it, the standard output"
    )


def run(options: argparse.Namespace) -> int:
    errors, others, recordings = 0, list[Path](), list[Recording]()
    for path, cassette, error in find_cassettes(options.paths):
        if error:
            errors += 1
            print_error(error)
        elif cassette is None:
            others.append(path)
        else:
            recordings.append(_recording(path, cassette))
    if others:
        print(others_left_alone(others), file=sys.stderr)
    _write(options.out, recordings)
    return 2 if errors else 0


def _recording(path: Path, cassette: Cassette) -> Recording:
    """Return a cassette as a page; a legacy one gets its times from the answers."""
    if cassette.header is None:
        cassette = migrated(cassette.interactions, "", otherwise=path.stat().st_mtime)
    assert cassette.header
    return Recording(path.as_posix(), cassette.header, cassette.interactions)


def _write(out: Path | None, recordings: list[Recording]) -> None:
    document = har_document(recordings, __version__)
    if out is None:
        # Escapes keep control characters of an answer away from the terminal.
        print(json.dumps(document, indent=2))
        return
    with out.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    count = sum(len(recording.interactions) for recording in recordings)
    done = f"{counted(count, 'interaction')} of {counted(len(recordings), 'cassette')}"
    print(f"{display_path(out)}: {done}")
