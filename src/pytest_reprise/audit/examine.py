"""Examine many files, and report what was found and what could not be examined."""

from __future__ import annotations

import bisect
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..cassette import document_edit, document_text
from ..scrub.scrubber import FoundSecret, Scrubber
from .external_scanners import ScannerFinding
from .files import Source, read_source
from .findings import Finding, Identity, LocatedDetection, make_findings
from .scan import Detection, ExtraRule, scan


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in files.

    `values` maps each finding to its value, which must not be shown. `cassettes` and `other_files`
    are the names of the files. `unparsable` and `not_examined` are pairs of a file and a problem:
    files that cannot be read as cassettes and were read as text, and files or bodies that could not
    be examined. `left_alone` are the files that are no recordings, and were not searched.
    `accepted` counts the findings that a baseline accepts, and `stale` has its entries without a
    finding.
    """

    values: dict[Finding, str] = field(default_factory=dict)
    cassettes: frozenset[str] = frozenset()
    other_files: frozenset[str] = frozenset()
    unparsable: tuple[tuple[str, str], ...] = ()
    not_examined: tuple[tuple[str, str], ...] = ()
    left_alone: frozenset[str] = frozenset()
    accepted: int = 0
    stale: tuple[Identity, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """The findings that change the exit code."""
        return [finding for finding in self.values if not finding.is_note]

    @property
    def notes(self) -> list[Finding]:
        """The findings to be reviewed by a person."""
        return [finding for finding in self.values if finding.is_note]

    @property
    def exit_code(self) -> int:
        """1 for findings, 2 if something could not be examined, else 0."""
        return 1 if self.findings else 2 if self.not_examined else 0

    def without(self, accepted: Iterable[Finding]) -> Report:
        """Return the report without these findings, which a baseline accepts."""
        removed = frozenset(accepted)
        left = {finding: value for finding, value in self.values.items() if finding not in removed}
        return replace(self, values=left, accepted=len(removed))


def examine(
    paths: Iterable[Path],
    scrubber: Scrubber,
    extra_rule: ExtraRule | None = None,
    scanner_findings: Iterable[ScannerFinding] = (),
    base: Path = Path(),
    named: Container[Path] = (),
) -> Report:
    """Scan each file and report all findings. A problem with one file does not stop the others.

    Relative paths count from `base`. `scanner_findings` are added to those of our rules. A file
    that is no recording is left alone, unless it is one of `named`.
    """
    located: list[LocatedDetection] = []
    cassettes, other_files, left_alone = set[str](), set[str](), set[str]()
    unparsable: list[tuple[str, str]] = []
    not_examined: list[tuple[str, str]] = []
    by_file = _by_file(scanner_findings)
    for path in paths:
        try:
            source = read_source(path, base)
        except OSError as error:
            not_examined.append((path.as_posix(), f"cannot be read: {error.strerror}"))
            continue
        name = source.name
        if not (source.is_recording or path in named):
            left_alone.add(name)
            continue
        (other_files if source.interactions is None else cassettes).add(name)
        unparsable += [(name, source.problem)] if source.problem else []
        result = scan(source, scrubber, extra_rule)
        not_examined += [(name, line) for line in (*source.body_problems, *result.problems)]
        external = list(_findings_in(source, path, by_file)) if by_file else []
        located += _locate(source, result.detections, external)
    return Report(
        make_findings(located),
        frozenset(cassettes),
        frozenset(other_files),
        tuple(unparsable),
        tuple(not_examined),
        frozenset(left_alone),
    )


def _by_file(findings: Iterable[ScannerFinding]) -> dict[Path, list[ScannerFinding]]:
    by_file: dict[Path, list[ScannerFinding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file.resolve(), []).append(finding)
    return by_file


def _findings_in(
    source: Source, path: Path, by_file: dict[Path, list[ScannerFinding]]
) -> Iterator[ScannerFinding]:
    """Yield the findings of an external scanner in a file and in its body files.

    A finding in a body file gets the line of the cassette that names the body file.
    """
    file = path.resolve()
    yield from by_file.get(file, ())
    for name in document_edit.body_files(source.document) if source.interactions else ():
        line = _line_of(source.text, name)
        for finding in by_file.get(file.with_name(name), ()):
            yield finding._replace(line=line)


def _locate(
    source: Source, detections: list[Detection], external: list[ScannerFinding]
) -> Iterator[LocatedDetection]:
    """Yield all detections of one file with their lines."""
    if not detections and not external:  # finding lines is slow, and most files have no detection
        return
    lines = document_text.item_lines(source.text) if source.interactions else []
    for detection in detections:
        is_known = 0 < detection.number <= len(lines)
        value = detection.secret.value
        line = lines[detection.number - 1] if is_known else _line_of(source.text, value)
        yield LocatedDetection(source.name, line, detection)
    for finding in external:
        yield LocatedDetection(source.name, finding.line, _as_detection(source, lines, finding))


def _line_of(text: str, value: str) -> int:
    """Return the line of the first occurrence, or 1 if there is none."""
    return text.count("\n", 0, max(text.find(value), 0)) + 1


def _as_detection(source: Source, lines: list[int], finding: ScannerFinding) -> Detection:
    """Return a finding of an external scanner, in the interaction whose lines include its line."""
    secret = FoundSecret("file", "", finding.rule, "", "")
    number = bisect.bisect_right(lines, finding.line)
    if not number or not source.interactions:
        return Detection(secret)
    request = source.interactions[number - 1].request
    return Detection(secret, number, request.method, request.url)
