"""`reprise audit`: find secrets in files, and fix the files."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..audit import baseline
from ..audit.baseline import Baseline
from ..audit.examine import Report, examine
from ..audit.external_scanners import run_scanner
from ..audit.files import find_files
from ..audit.fix import FixResult, fix_files
from ..audit.render import render_json, render_text
from ..audit.review import find_opaque_values
from ..audit.sarif import render_sarif
from ..messages import counted, printable
from ..scrub.config import find_root, make_scrubber
from ..scrub.scrubber import Scrubber
from . import why
from .arguments import FILES, Subparsers, add_command, add_quiet
from .progress import Progress
from .rules import describe_rules, load_rules

_DETAILS = """\
It reads cassettes of Reprise, vcrpy and pytest-recording, and recordings of other tools. Another
YAML or JSON file is left alone, unless it is named itself. The rules are those of the
configuration; `reprise rules` lists them. The values of secrets in the environment and in .env are
searched for too. At most three characters from the start of a value and two from its end are shown.
"""


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "audit",
        run,
        summary="find secrets in cassettes and other files, and fix the files",
        details=_DETAILS,
        example="reprise audit --fix tests/cassettes",
        exit_codes=(
            "0 nothing found; 1 findings; 2 wrong arguments or configuration,\n"
            "or a file or body that could not be examined"
        ),
        reads=FILES,
    )
    _add_output_options(parser)
    _add_baseline_options(parser)
    parser.add_argument(
        "--why",
        metavar="VALUE-OR-PLACE",
        help="only explain which rule replaces or keeps this value, or the values at this place: a "
        "name such as api_key, or a JSON path such as $.user.pin",
    )
    parser.add_argument(
        "--review", action="store_true", help="also list opaque values that no rule recognises"
    )
    parser.add_argument(
        "--external-scanner",
        action="store_true",
        help="also run gitleaks or kingfisher, whichever is installed",
    )
    add_quiet(parser)


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="default: text"
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="replace secrets by placeholders, the same value by the same one in all files",
    )


def _add_baseline_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="do not report the findings that this file accepts; --fix keeps their values",
    )
    parser.add_argument(
        "--write-baseline",
        type=Path,
        metavar="FILE",
        help="write a file that accepts all findings of this run",
    )


def run(options: argparse.Namespace) -> int:
    paths = find_files(options.paths)
    if options.why is not None:
        return why.run(options, paths, _make_scrubber())
    # Not the scrubber of the fix, which learns the secrets of all files.
    scrubber = _make_scrubber()
    accepted = baseline.load(options.baseline) if options.baseline else None
    named = frozenset(path for path in options.paths if not path.is_dir())
    results = _fix(paths, named, accepted) if options.fix else []
    scanner_findings = run_scanner(options.paths) if options.external_scanner else ()
    extra_rule = find_opaque_values if options.review else None
    with Progress("searching", options.quiet) as progress:
        searched = progress.each(paths)
        report = examine(searched, scrubber, extra_rule, scanner_findings, named=named)
    problems = ((result.file, result.problem) for result in results if result.problem)
    report = replace(report, not_examined=(*report.not_examined, *problems))
    # The report is about the files after the fix.
    if accepted:
        report = accepted.apply(report, options.review, options.external_scanner)
    if options.write_baseline:
        baseline.write(options.write_baseline, report.values)
        report = report.without(report.values)
    _print(report, options, {r.file: r.fixed for r in results if not r.problem})
    return report.exit_code


def _make_scrubber(kept: Sequence[str] = ()) -> Scrubber:
    return make_scrubber(find_root(Path.cwd()), os.environ, from_files=True, keep_values=kept)


def _fix(
    paths: Sequence[Path], named: frozenset[Path], accepted: Baseline | None
) -> list[FixResult]:
    """Fix the files, and keep the values of the findings that the baseline accepts."""
    kept: list[str] = []
    if accepted and accepted.entries:
        values = examine(paths, _make_scrubber(), named=named).values
        kept = [value for finding, value in values.items() if accepted.accepts(finding)]
    return list(fix_files(paths, _make_scrubber(kept), named))


def _print(report: Report, options: argparse.Namespace, fixed: dict[str, int]) -> None:
    if options.format == "json":
        print(render_json(report, fixed))
    elif options.format == "sarif":
        print(render_sarif(report, describe_rules(load_rules())))
    else:
        for file, findings in fixed.items():
            print(printable(f"{file}: {counted(findings, 'finding')} fixed"))
        for line in render_text(report, [str(path) for path in options.paths]):
            print(line)
