"""`reprise audit` and `reprise rules`: their options, and what they do."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..audit import baseline
from ..audit.examine import Report, examine, without
from ..audit.external_scanners import said
from ..audit.files import files
from ..audit.findings import Identity
from ..audit.fix import mend
from ..audit.render import as_json, as_text, counted
from ..audit.review import opaque
from ..audit.sarif import as_sarif
from ..scrub.config import find_root, make_scrubber
from ..scrub.rules.ruleset import DEFAULT_RULES, PERSONAL_RULES, Rules

_DESCRIPTION = """\
Look for secrets in cassettes, in vcrpy's and Reprise's format, and in other YAML and JSON files.
By the rules of the configuration of this directory; `reprise rules` lists them. Secrets of the
environment and of .env are looked for by their values. No value is shown: three characters from
its start and two from its end at most.
"""
_EPILOG = """\
exit code: 0 nothing found; 1 findings; 2 bad usage or configuration, or a file or body that could
not be looked at
"""


def add_to(commands: Any) -> None:
    """Add both commands to the subcommands of a parser."""
    audit = commands.add_parser(
        "audit",
        help="look for secrets in cassettes, and repair them",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = audit.add_argument
    add(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a file, or a directory with *.yaml, *.yml and *.json at any depth",
    )
    add("--format", choices=("text", "json", "sarif"), default="text", help="text is the default")
    add(
        "--fix",
        action="store_true",
        help="put placeholders in the place of secrets, the same in all files",
    )
    add(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="leave out the findings that this file accepts; --fix leaves their values as they are",
    )
    add(
        "--write-baseline",
        type=Path,
        metavar="FILE",
        help="accept all findings of this run, in this file",
    )
    add("--review", action="store_true", help="list opaque values too that no rule knows")
    add(
        "--second-opinion",
        action="store_true",
        help="ask gitleaks or kingfisher too, where one is installed",
    )
    audit.set_defaults(run=run)

    rules = commands.add_parser("rules", help="list the rules by which secrets are found")
    rules.set_defaults(run=_rules)


def run(options: argparse.Namespace) -> int:
    """`reprise audit`; returns its exit code. Raises RepriseError and OSError."""
    paths = files(options.paths)
    scrubber = make_scrubber(find_root(Path.cwd()), os.environ, from_files=True)
    accepted = baseline.load(options.baseline) if options.baseline else frozenset[Identity]()
    mended = _mended(options, paths, accepted) if options.fix else []
    opinions = said(options.paths) if options.second_opinion else ()
    report = examine(paths, scrubber, opaque if options.review else None, opinions)
    problems = [(file, problem) for file, _, problem in mended if problem]
    report = replace(report, unseen=(*report.unseen, *problems))
    if options.baseline:
        report = _judged(report, options, accepted)
    if options.write_baseline:
        baseline.write(options.write_baseline, report.values)
        report = without(report, report.values)
    _print(report, options, {file: places for file, places, problem in mended if not problem})
    return report.exit_code


def _mended(
    options: argparse.Namespace, paths: list[Path], accepted: frozenset[Identity]
) -> list[tuple[str, int, str]]:
    """Mend the files; values of findings that are accepted stay."""
    root = find_root(Path.cwd())
    kept: list[str] = []
    if accepted:
        values = examine(paths, make_scrubber(root, os.environ, from_files=True)).values
        kept = [v for f, v in values.items() if baseline.identity(f, options.baseline) in accepted]
    return list(mend(paths, make_scrubber(root, os.environ, from_files=True, keep_values=kept)))


def _judged(report: Report, options: argparse.Namespace, accepted: frozenset[Identity]) -> Report:
    """The report without what is accepted, and with what is accepted in vain."""
    there = {finding: baseline.identity(finding, options.baseline) for finding in report.values}
    gone = [finding for finding, identity in there.items() if identity in accepted]
    stale = accepted.difference(there.values())
    looked_at = report.cassettes | report.others
    return replace(
        without(report, gone),
        stale=tuple(sorted(entry for entry in stale if _is_stale(entry, options, looked_at))),
    )


def _is_stale(entry: Identity, options: argparse.Namespace, looked_at: Iterable[str]) -> bool:
    """Whether this run would have found it, were it there."""
    file, _, _, rule, _ = entry
    if (rule == "review" and not options.review) or (":" in rule and not options.second_opinion):
        return False
    path = options.baseline.parent / file
    return not path.exists() or path.resolve() in {Path(name).resolve() for name in looked_at}


def _print(report: Report, options: argparse.Namespace, mended: Mapping[str, int]) -> None:
    if options.format == "json":
        print(as_json(report, mended))
    elif options.format == "sarif":
        print(as_sarif(report, _descriptions(make_rules())))
    else:
        for file, places in mended.items():
            print(f"{file}: {counted(places, 'place')} mended")
        for line in as_text(report, [str(path) for path in options.paths]):
            print(line)


def make_rules() -> Rules:
    """The rules of the directory in which the command runs. Raises ConfigurationError."""
    return make_scrubber(find_root(Path.cwd()), {}).rules


def _rules(_options: argparse.Namespace) -> int:
    rules = make_rules()
    described = _descriptions(rules)
    width = max(map(len, described))
    for rule, description in described.items():
        print(f"{rule:{width}}  {description}{_state(rule, rules)}")
    return 0


def _descriptions(rules: Rules) -> dict[str, str]:
    own = {rule: "a pattern of this project" for rule, _, _ in rules.patterns}
    places = {"json-path": "a place in JSON that this project names"} if rules.json_paths else {}
    return {**DEFAULT_RULES, **PERSONAL_RULES, **own, **places}


def _state(rule: str, rules: Rules) -> str:
    if rule in PERSONAL_RULES:
        return " (personal)" if rules.is_enabled(rule) else " (personal, off)"
    return "" if rules.is_enabled(rule) else " (off)"
