"""`reprise import`: make a cassette of a HAR file, which a browser or a proxy saved."""

from __future__ import annotations

import argparse
import os
import sys
from fnmatch import fnmatch
from pathlib import Path

from .. import __version__
from ..cassette.file import save
from ..cassette.har_reading import Capture, HarError, common_origin, read_har
from ..cassette.model import Cassette, Header
from ..errors import ConfigurationError
from ..messages import counted, display_path, printable, url_without_secrets
from ..regular_file import MAX_CASSETTE_SIZE, read_regular_file
from ..scrub.config import find_root, make_scrubber
from .arguments import Subparsers, add_command

_SUFFIXES = (".yaml", ".yml")


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "import",
        run,
        summary="make a cassette of a HAR file, scrubbed",
        details=(
            "A browser saves such a file in its developer tools, under Network; proxies do, too.\n"
            "Delete it afterwards: it holds secrets, and the cassette does not."
        ),
        example="reprise import --host 'api.*' shop.har tests/cassettes/test_shop/test_order.yaml",
        exit_codes="0; 2 if the file cannot be read, or nothing in it can be replayed",
    )
    parser.add_argument("har", type=Path, metavar="FILE.har", help="the file to read")
    parser.add_argument(
        "cassette", type=Path, metavar="CASSETTE.yaml", help="the cassette to write"
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only requests to this host, such as 'api.*'; may be repeated",
    )
    parser.add_argument("--force", action="store_true", help="replace a cassette that exists")


def run(options: argparse.Namespace) -> int:
    path: Path = options.cassette
    if path.suffix not in _SUFFIXES:
        raise ConfigurationError(f"the name of a cassette ends in .yaml or .yml: {path}")
    if os.path.lexists(path) and not options.force:
        raise ConfigurationError(f"{path} exists; --force replaces it")
    patterns = [pattern.lower() for pattern in options.host]
    try:
        text = read_regular_file(options.har, MAX_CASSETTE_SIZE).decode()
        capture = read_har(text, lambda host: not patterns or _matches(host, patterns))
    except UnicodeDecodeError:
        raise ConfigurationError(f"{options.har}: not UTF-8, and so no HAR file") from None
    except HarError as error:
        raise ConfigurationError(f"{options.har}: {error}") from None
    for number, url, reason in capture.skipped:
        shown = url_without_secrets(url)[:100]
        print(printable(f"entry {number} is left out, {shown}: {reason}"), file=sys.stderr)
    if not capture.interactions:
        of = f" to {' or '.join(options.host)}" if options.host else ""
        raise ConfigurationError(f"{options.har}: it has no request{of} that can be replayed")
    save(path, _cassette(capture))
    print(f"{display_path(path)}: {counted(len(capture.interactions), 'interaction')}")
    return 0


def _matches(host: str, patterns: list[str]) -> bool:
    return any(fnmatch(host.lower(), pattern) for pattern in patterns)


def _cassette(capture: Capture) -> Cassette:
    """Return the scrubbed cassette. Raises Unscrubbed or ConfigurationError."""
    scrubber = make_scrubber(find_root(Path.cwd()), os.environ)
    creator = printable(capture.creator or "another tool")
    header = Header(
        capture.started,
        f"pytest-reprise {__version__}, HAR of {creator}",
        base_url=scrubber.scrub_text(common_origin(capture.interactions)),
    )
    return Cassette(scrubber.scrub(capture.interactions), header)
