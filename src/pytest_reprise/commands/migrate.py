"""`reprise migrate`: write legacy cassettes in the format of Reprise.

They get a header and readable bodies, and are scrubbed.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

from ..audit.files import find_files
from ..messages import counted, printable
from ..scrub.config import find_root, make_scrubber
from .arguments import FILES, Subparsers, add_command, add_quiet
from .migration import migrate_files
from .progress import Progress


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "migrate",
        run,
        summary="write cassettes of vcrpy in the format of Reprise, scrubbed",
        details=(
            "They get a header with the time of the recording, and readable bodies. A secret gets\n"
            "the same placeholder in all files. Each file is replaced by its new version."
        ),
        example="reprise migrate --check tests/cassettes",
        exit_codes=(
            "0; 1 a file could not be migrated, or --check found one to migrate;\n"
            "2 no such path, or an invalid configuration"
        ),
        reads=FILES,
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, and say what would be migrated"
    )
    parser.add_argument(
        "--strict-report",
        action="store_true",
        help="write nothing; replay the suite by the stricter rules, and say what will fail",
    )
    add_quiet(parser)


def _report_strictly(options: argparse.Namespace) -> int:
    from .strict_report import described, strict_report

    find_files(options.paths)  # a path that does not exist is an error here, too
    report = strict_report(options.quiet)
    for line in described(report):
        print(printable(line))
    return 1 if report.will_fail else 0


_REPEATED = """\
A test that compares such a value, or computes with it, gets a placeholder now. If it fails, restore
the cassette, list the value under keep_values in [tool.reprise.scrub], and migrate again."""


def run(options: argparse.Namespace) -> int:
    if options.strict_report:
        return _report_strictly(options)
    scrubber = make_scrubber(find_root(Path.cwd()), os.environ, from_files=True)
    files = find_files(options.paths)
    doing = "reading" if options.check else "migrating"
    with Progress(doing, options.quiet) as progress:
        results = list(migrate_files(files, scrubber, not options.check, progress))
    for result in results:
        if result.status == "migrated":
            print(printable(f"{result.path}: {counted(result.interactions, 'interaction')}"))
        elif result.status == "not migrated":
            print(printable(f"{result.path}: not migrated: {result.problem}"))
        for warning in result.warnings:
            print(printable(f"  {warning}"))
    if any(result.warnings for result in results):
        print(_REPEATED)
    if dropped := Counter(key for result in results for key in result.dropped):
        verb = "would be dropped" if options.check else "were dropped"
        found = (f"{key} ({counted(count, 'file')})" for key, count in sorted(dropped.items()))
        print(printable(f"keys that vcrpy does not read {verb}: {', '.join(found)}"))
    counts = Counter(result.status for result in results)
    migrated = "would be migrated" if options.check else "migrated"
    print(
        f"{counts['migrated']} {migrated}, {counts['current']} in the current format, "
        f"{counts['not a cassette']} not cassettes, {counts['not migrated']} not migrated"
    )
    return 1 if counts["not migrated"] or (options.check and counts["migrated"]) else 0
