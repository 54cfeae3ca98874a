"""What another scanner says of the same files. Its report is read, and no value in it is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ConfigurationError


class Said(NamedTuple):
    """What a scanner says of a line in a file; `rule` begins with the scanner's name."""

    file: Path
    line: int
    rule: str


class _Scanner(NamedTuple):
    """Arguments that end before the file for the report and the path; `read` takes one record."""

    arguments: str
    read: Callable[[Any], Said]


def said(paths: Iterable[Path]) -> list[Said]:
    """What the scanner that is installed says of all below the paths.

    Raises ConfigurationError where none is, and where it fails.
    """
    name = next((name for name in _SCANNERS if shutil.which(name)), None)
    if name is None:
        names = " or ".join(_SCANNERS)
        raise ConfigurationError(f"--second-opinion needs {names} on the PATH, and none is there")
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        return [one for path in paths for one in _ask(name, path.resolve(), report)]


def _ask(name: str, path: Path, report: Path) -> list[Said]:
    scanner = _SCANNERS[name]
    program = shutil.which(name) or name
    report.unlink(missing_ok=True)
    arguments = [program, *scanner.arguments.split(), str(report), str(path)]
    ran = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    try:
        records = list(_records(report.read_text(encoding="utf-8")))
        found = [scanner.read(record) for record in records]
    except (OSError, ValueError, LookupError, TypeError) as error:
        problem = f"it ended with {ran.returncode}, and its report is none"
        raise ConfigurationError(f"{name} on {path}: {problem} ({type(error).__name__})") from None
    return [one._replace(file=path / one.file, rule=f"{name}:{one.rule}") for one in found]


def _records(text: str) -> Iterator[Any]:
    """The findings in a report: a list of them, or documents with `findings`, one after another."""
    decoder = json.JSONDecoder()
    start = len(text) - len(text.lstrip())
    while start < len(text):
        document, end = decoder.raw_decode(text, start)
        yield from document if isinstance(document, list) else document["findings"]
        start = len(text) - len(text[end:].lstrip())


# Neither of them may show a value, nor send one anywhere to see whether it still works.
_GITLEAKS = "dir --no-banner --redact --exit-code 0 --report-format json --report-path"
_KINGFISHER = (
    "scan --no-validate --redact --git-history none --no-dedup --quiet --no-update-check "
    "--format json --output"
)


def _of_gitleaks(record: Any) -> Said:
    return Said(Path(record["File"]), int(record["StartLine"]), str(record["RuleID"]))


def _of_kingfisher(record: Any) -> Said:
    finding = record["finding"]
    return Said(Path(finding["path"]), int(finding["line"]), str(record["rule"]["id"]))


_SCANNERS = {
    "gitleaks": _Scanner(_GITLEAKS, _of_gitleaks),
    "kingfisher": _Scanner(_KINGFISHER, _of_kingfisher),
}
