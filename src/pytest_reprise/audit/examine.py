"""One look at many files: what was found, and what could not be looked at."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..cassette import document_edit, document_text
from ..scrub.scrubber import FoundSecret, Scrubber
from .external_scanners import Said
from .files import Source, read
from .findings import Finding, Identity, Marked, findings
from .scan import Extra, Spot, look


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in files, told without a value.

    `values` has each finding and its value, for those who mend. Of `problems`, a file and a line
    of text each, `unseen` say what could not be looked at, `unread` what is no cassette though it
    might be one, and was read as text.
    """

    values: dict[Finding, str] = field(default_factory=dict)
    cassettes: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    unread: tuple[tuple[str, str], ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()
    accepted: int = 0
    stale: tuple[Identity, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """Those that count."""
        return [finding for finding in self.values if not finding.is_note]

    @property
    def notes(self) -> list[Finding]:
        """Those for a person to judge."""
        return [finding for finding in self.values if finding.is_note]

    @property
    def exit_code(self) -> int:
        """1 on findings, 2 where something could not be looked at, else 0."""
        return 1 if self.findings else 2 if self.unseen else 0


def examine(
    files: Iterable[Path],
    scrubber: Scrubber,
    extra: Extra | None = None,
    opinions: Iterable[Said] = (),
    base: Path = Path(),
) -> Report:
    """Look at each file; whatever is wrong with one, the others are looked at too.

    `base` is where relative paths count from.
    """
    marked: list[Marked] = []
    cassettes, others = set[str](), set[str]()
    unread: list[tuple[str, str]] = []
    unseen: list[tuple[str, str]] = []
    said = _by_file(opinions)
    for path in files:
        try:
            source = read(path, base)
        except OSError as error:
            unseen.append((path.as_posix(), f"cannot be read: {error.strerror}"))
            continue
        name = source.name
        (others if source.interactions is None else cassettes).add(name)
        unread += [(name, source.problem)] if source.problem else []
        looked = look(source, scrubber, extra)
        unseen += [(name, problem) for problem in (*source.unseen, *looked.unseen)]
        marked += _marked(source, looked.spots, _said_of(source, path, said) if said else ())
    return Report(
        findings(marked), frozenset(cassettes), frozenset(others), tuple(unread), tuple(unseen)
    )


def without(report: Report, accepted: Iterable[Finding]) -> Report:
    """The report without findings that a project has accepted."""
    gone = frozenset(accepted)
    left = {finding: value for finding, value in report.values.items() if finding not in gone}
    return replace(report, values=left, accepted=len(gone))


def _by_file(opinions: Iterable[Said]) -> dict[Path, list[Said]]:
    by_file: dict[Path, list[Said]] = {}
    for one in opinions:
        by_file.setdefault(one.file.resolve(), []).append(one)
    return by_file


def _said_of(source: Source, path: Path, said: dict[Path, list[Said]]) -> Iterator[Said]:
    """What is said of a file, and of each of its bodies in files: at the line that names it."""
    file = path.resolve()
    yield from said.get(file, ())
    for name in document_edit.body_files(source.document) if source.interactions else ():
        line = _line(source.text, name)
        yield from (one._replace(line=line) for one in said.get(file.with_name(name), ()))


def _marked(source: Source, spots: list[Spot], opinions: Iterable[Said]) -> Iterator[Marked]:
    """The spots of one file with their lines, which are told only where there are any."""
    opinions = list(opinions)
    if not spots and not opinions:
        return
    lines = document_text.item_lines(source.text) if source.interactions else []
    for spot in spots:
        is_told = 0 < spot.number <= len(lines)
        line = lines[spot.number - 1] if is_told else _line(source.text, spot.seen.value)
        yield Marked(source.name, line, spot)
    for one in opinions:
        yield Marked(source.name, one.line, _spot(source, lines, one))


def _line(text: str, value: str) -> int:
    return text.count("\n", 0, max(text.find(value), 0)) + 1


def _spot(source: Source, lines: list[int], one: Said) -> Spot:
    """What another scanner said, in the interaction in whose lines it stands."""
    seen = FoundSecret("file", "", one.rule, "", "")
    number = bisect.bisect_right(lines, one.line)
    if not number or not source.interactions:
        return Spot(0, "", "", seen)
    request = source.interactions[number - 1].request
    return Spot(number, request.method, request.url, seen)
