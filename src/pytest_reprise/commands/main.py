"""The command `reprise`: works on cassettes, without pytest and without httpx."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import __version__
from ..cassette.file import load
from ..cassette.model import Cassette
from ..drift.changes import compare
from ..errors import CassetteError, RepriseError
from ..exchange import Failure, Interaction
from ..scrub.config import find_root, make_scrubber
from . import audit
from .migrate import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 all well, 1 findings, 2 it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (RepriseError, OSError) as error:
        print(f"reprise: {error}", file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reprise", description="Look at cassettes.")
    parser.add_argument("--version", action="version", version=f"pytest-reprise {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="say which cassettes cannot be read, and why")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a directory")
    check.set_defaults(run=_check)

    show = commands.add_parser("show", help="list the calls of a cassette, a line each")
    show.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a directory")
    show.set_defaults(run=_show)

    diff = commands.add_parser("diff", help="say what changed from one recording to another")
    diff.add_argument("old", type=Path, metavar="OLD")
    diff.add_argument("new", type=Path, metavar="NEW")
    diff.set_defaults(run=_diff)

    audit.add_to(commands)

    move = commands.add_parser("migrate", help="write legacy cassettes in our form, scrubbed")
    move.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a directory")
    move.add_argument("--check", action="store_true", help="only say what would be migrated")
    move.set_defaults(run=_migrate)
    return parser


def _check(options: argparse.Namespace) -> int:
    files = list(_files(options.paths))
    broken = [problem for file in files if (problem := _problem(file))]
    for problem in broken:
        print(problem)
    print(f"{len(files)} cassettes, {len(broken)} broken")
    return 1 if broken else 0


def _problem(file: Path) -> CassetteError | None:
    try:
        load(file)
    except CassetteError as error:
        return error
    return None


def _show(options: argparse.Namespace) -> int:
    for file in _files(options.paths):
        print(file)
        for interaction in _loaded(file).interactions:
            print(f"  {_line(interaction)}")
    return 0


def _line(interaction: Interaction) -> str:
    request, outcome = interaction.request, interaction.outcome
    if isinstance(outcome, Failure):
        return f"{request.method} {request.url} → {outcome.error}: {outcome.message}"
    ended = f", then {outcome.broken_by.error}" if outcome.broken_by else ""
    return f"{request.method} {request.url} → {outcome.status}, {len(outcome.body)} bytes{ended}"


def _diff(options: argparse.Namespace) -> int:
    changes = compare(_loaded(options.old).interactions, _loaded(options.new).interactions)
    for change in changes:
        print(change)
    return 1 if changes else 0


def _migrate(options: argparse.Namespace) -> int:
    scrubber = make_scrubber(find_root(Path.cwd()), os.environ, from_files=True)
    done = list(migrate(options.paths, scrubber, writes=not options.check))
    for one in done:
        if one.fate == "migrated":
            print(f"{one.path}: {one.calls} call{'s' if one.calls != 1 else ''}")
        elif one.fate == "left":
            print(f"{one.path}: left as it is: {one.problem}")
    counts = Counter(one.fate for one in done)
    would = "would be migrated" if options.check else "migrated"
    print(
        f"{counts['migrated']} {would}, {counts['ours already']} ours already, "
        f"{counts['no cassette']} no cassettes, {counts['left']} left as they are"
    )
    return 1 if counts["left"] or (options.check and counts["migrated"]) else 0


def _loaded(file: Path) -> Cassette:
    cassette = load(file)
    if cassette is None:
        raise FileNotFoundError(f"no such cassette: {file}")
    return cassette


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"no such file or directory: {path}")
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
