"""The lines of findings in their cassettes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..cassette.yaml.lines import CassetteLines
from ..regular_file import MAX_CASSETTE_SIZE, read_regular_file
from .findings import Conformance, Disagreement, Finding


def with_lines(found: Conformance, base: Path) -> Conformance:
    """Return the same with the lines of all findings. Names of cassettes are relative to `base`."""
    read: dict[str, CassetteLines] = {}
    return replace(
        found,
        disagreements=tuple(_with_lines(one, base, read) for one in found.disagreements),
    )


def _with_lines(one: Disagreement, base: Path, read: dict[str, CassetteLines]) -> Disagreement:
    findings = tuple(finding._replace(line=_line(finding, base, read)) for finding in one.findings)
    return replace(one, findings=findings)


def _line(finding: Finding, base: Path, read: dict[str, CassetteLines]) -> int:
    name, number, _ = finding.recording
    if name not in read:
        read[name] = CassetteLines(_text(base / name))
    return read[name].line(number, finding.side, finding.part == "body", finding.steps)


def _text(path: Path) -> str:
    try:
        return read_regular_file(path, MAX_CASSETTE_SIZE).decode("utf-8", "replace")
    except OSError:  # it was deleted since
        return ""
