"""`reprise diff`: what the API changed between two recordings."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ..audit.files import find_files
from ..cassette.naming import is_pending
from ..drift.severity import SEVERITIES
from ..drift.versions import Versions, compare_files
from ..drift.volatile import Volatile
from ..errors import ConfigurationError
from ..report.drift import DriftReport, reported
from ..report.drift_formats import FORMATS
from ..scrub.config import find_root, read_volatile
from .arguments import Subparsers, add_command
from .cassettes import Found, is_another_file, print_error, read_cassette
from .git_revision import write_files_of

_DETAILS = """\
Two cassettes, two directories, or the cassettes of a git revision and those in the working tree.
Requests are paired by what they ask for. Values that differ in each recording are no change: ids,
tokens, times. `reprise rules` lists the kinds of changes, and how grave they are.
"""


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "diff",
        run,
        summary="tell what the API changed between two recordings",
        details=_DETAILS,
        example="reprise diff --against HEAD~1 tests/cassettes",
        exit_codes=(
            "0 no change, or none that --fail-on names; 1 changes;\n"
            "2 wrong arguments, or a cassette that cannot be read"
        ),
    )
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="the earlier and the later cassette or directory; with --against only the later ones",
    )
    parser.add_argument(
        "--against", metavar="REVISION", help="compare with the files of this git revision"
    )
    parser.add_argument(
        "--format", choices=tuple(FORMATS), help="default: by the name of --out, else text"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to this file")
    parser.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        help="exit with 1 only for changes that are as grave, or graver",
    )


class Pairs(NamedTuple):
    """Cassettes to compare, as old and new files by the name to show, and those without a
    counterpart."""

    both: dict[str, tuple[Path, Path]]
    only_old: list[str]
    only_new: list[str]
    are_named: bool
    """Whether the files themselves were named, and so have to be cassettes."""


def run(options: argparse.Namespace) -> int:
    format_name = _format_of(options)
    with ExitStack() as stack:
        if options.against is not None:
            directory = stack.enter_context(TemporaryDirectory(prefix="reprise-"))
            pairs = pairs_with_revision(options.against, options.paths, Path(directory))
        else:
            pairs = _pairs_of(options.paths)
        versions, broken = load_pairs(pairs)
    report = compare(versions, pairs)
    text = FORMATS[format_name](report, options.fail_on or "breaking")
    if format_name == "text" and not report.has_news and len(versions) < 2:
        text = ""
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    limit = options.fail_on or SEVERITIES[-1]
    return 2 if broken else 1 if report.at_least(limit) else 0


def _format_of(options: argparse.Namespace) -> str:
    """Return the name of the format. Raises ConfigurationError for an unknown suffix."""
    given: str | None = options.format
    if given or not options.out:
        return given or "text"
    suffix = options.out.suffix.removeprefix(".")
    if suffix == "txt":
        return "text"
    if suffix not in FORMATS:
        raise ConfigurationError(
            f"unknown format of {options.out}: add --format, or end its name in .json, .md or .xml"
        )
    return str(suffix)


# --- files ------------------------------------------------------------------------------------


def _pairs_of(paths: list[Path]) -> Pairs:
    if len(paths) != 2:
        raise ConfigurationError("two paths are compared: OLD and NEW; or use --against REVISION")
    old, new = paths
    if old.is_dir() != new.is_dir():
        raise ConfigurationError("two files or two directories are compared, not one of each")
    if not old.is_dir():
        return Pairs({str(new): (old, new)}, [], [], are_named=True)
    before, after = ({p.relative_to(top): p for p in _below(top)} for top in paths)
    both = {str(after[name]): (before[name], after[name]) for name in before if name in after}
    only_old = [str(path) for name, path in before.items() if name not in after]
    only_new = [str(path) for name, path in after.items() if name not in before]
    return Pairs(both, only_old, only_new, are_named=False)


def _below(directory: Path) -> list[Path]:
    """Return the files of a directory, without pending recordings."""
    return [path for path in find_files([directory]) if not is_pending(path)]


def pairs_with_revision(revision: str, paths: list[Path], directory: Path) -> Pairs:
    """Return the cassettes with those of a git revision, which are written to `directory`."""
    before = write_files_of(revision, paths, directory)
    found = find_files([path for path in paths if path.exists()])
    after = [path for path in found if path in paths or not is_pending(path)]
    both = {str(path): (before[path], path) for path in after if path in before}
    named = {path for path in paths if not path.is_dir()}
    tops = [path for path in paths if path.is_dir()]
    gone = [
        str(path)
        for path in before
        if not path.exists() and (path in named or any(path.is_relative_to(top) for top in tops))
    ]
    for path in named - before.keys() - set(after):
        raise FileNotFoundError(f"no such cassette: {path}, neither now nor in {revision}")
    only_new = [str(path) for path in after if path not in before]
    return Pairs(both, gone, only_new, are_named=not tops)


def load_pairs(pairs: Pairs) -> tuple[list[Versions], bool]:
    """Return the cassettes, and whether any could not be read. Other files are left out."""
    versions, has_broken = [], False
    for name, files in pairs.both.items():
        found = [*map(read_cassette, files)]
        errors = [f.error for f in found if f.error and _is_meant(f, pairs)]
        for error in errors:
            print_error(error)
        has_broken |= bool(errors)
        old, new = (one.cassette for one in found)
        if old and new:
            versions.append(Versions(name, old, new))
    return versions, has_broken


def _is_meant(found: Found, pairs: Pairs) -> bool:
    """Whether a file that cannot be read is to be a cassette: others may be in a directory."""
    return pairs.are_named or not is_another_file(found.path)


def compare(versions: list[Versions], pairs: Pairs) -> DriftReport:
    """Return what the API changed between the two versions of all cassettes."""
    # A cassette that is the same may not have been recorded again, and so proves nothing.
    different = [found for found in versions if found.old.interactions != found.new.interactions]
    comparison = compare_files(different, Volatile(read_volatile(find_root(Path.cwd()))))
    changes = reported(comparison.changes)
    differing = {source for change in comparison.changes for source in change.sources}
    names = [found.name for found in versions]
    return DriftReport(
        changes,
        comparison.operations,
        rewritten=tuple(name for name in names if name in differing),
        same=tuple(name for name in names if name not in differing),
        missing=tuple(pairs.only_new),
        gone=tuple(pairs.only_old),
        uncertain=comparison.uncertain,
        is_of_files=True,
    )
