"""Run another secret scanner on the same files, and read its report without the values."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ConfigurationError


class ScannerFinding(NamedTuple):
    """A finding of an external scanner. `rule` is its rule after the name of the scanner."""

    file: Path
    line: int
    rule: str


class _Scanner(NamedTuple):
    """How to run a scanner and to read its report.

    `arguments` are followed by the file for the report and by the path to scan. `read` reads one
    record of the report.
    """

    arguments: str
    read: Callable[[Any], ScannerFinding]


def run_scanner(paths: Iterable[Path]) -> list[ScannerFinding]:
    """Run the first scanner that is installed on each path, and return all its findings.

    Raises ConfigurationError if none is installed, or if its report cannot be read.
    """
    name = next((name for name in _SCANNERS if shutil.which(name)), None)
    if name is None:
        raise ConfigurationError(f"--external-scanner needs {' or '.join(_SCANNERS)} on the PATH")
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        return [found for path in paths for found in _run(name, path.resolve(), report)]


def _run(name: str, path: Path, report: Path) -> list[ScannerFinding]:
    scanner = _SCANNERS[name]
    program = shutil.which(name) or name
    report.unlink(missing_ok=True)
    arguments = [program, *scanner.arguments.split(), str(report), str(path)]
    ran = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    try:
        records = list(_records(report.read_text(encoding="utf-8")))
        found = [scanner.read(record) for record in records]
    except (OSError, ValueError, LookupError, TypeError) as error:
        # The exit code alone is not enough: scanners also use it for findings.
        problem = f"exit code {ran.returncode} without a readable report"
        raise ConfigurationError(f"{name} on {path}: {problem} ({type(error).__name__})") from None
    return [one._replace(file=path / one.file, rule=f"{name}:{one.rule}") for one in found]


def _records(text: str) -> Iterator[Any]:
    """Yield the findings in a report.

    It is a list, or several documents one after another that each have a list `findings`.
    """
    decoder = json.JSONDecoder()
    start = len(text) - len(text.lstrip())
    while start < len(text):
        document, end = decoder.raw_decode(text, start)
        yield from document if isinstance(document, list) else document["findings"]
        start = len(text) - len(text[end:].lstrip())


# With these options a scanner shows no value, and sends none to a server to test it.
_GITLEAKS = "dir --no-banner --redact --exit-code 0 --report-format json --report-path"
_KINGFISHER = (
    "scan --no-validate --redact --git-history none --no-dedup --quiet --no-update-check "
    "--format json --output"
)


def _read_gitleaks(record: Any) -> ScannerFinding:
    return ScannerFinding(Path(record["File"]), int(record["StartLine"]), str(record["RuleID"]))


def _read_kingfisher(record: Any) -> ScannerFinding:
    finding = record["finding"]
    return ScannerFinding(Path(finding["path"]), int(finding["line"]), str(record["rule"]["id"]))


_SCANNERS = {
    "gitleaks": _Scanner(_GITLEAKS, _read_gitleaks),
    "kingfisher": _Scanner(_KINGFISHER, _read_kingfisher),
}
