"""A baseline: a file with the findings that a project accepts, without their values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..cassette import document_text
from ..cassette.replace import replace_file
from ..errors import ConfigurationError
from ..regular_file import MAX_SETTINGS_SIZE, read_regular_file
from .examine import Report
from .findings import Finding, Identity


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accepted findings in a file. Their paths are relative to its directory."""

    path: Path
    entries: frozenset[Identity]

    def accepts(self, finding: Finding) -> bool:
        """Return whether the finding is in the baseline."""
        return _entry(finding, self.path) in self.entries

    def apply(self, report: Report, has_review: bool, has_scanner: bool) -> Report:
        """Return the report without accepted findings, and with the stale entries.

        `has_review` and `has_scanner` say whether the audit ran with --review and
        --external-scanner. If it ran without one, no entry of that option is stale.
        """
        accepted = [finding for finding in report.values if self.accepts(finding)]
        found = {_entry(finding, self.path) for finding in report.values}
        examined = {Path(name).resolve() for name in report.cassettes | report.other_files}

        def is_stale(entry: Identity) -> bool:
            if entry.rule == "review" and not has_review:
                return False
            if ":" in entry.rule and not has_scanner:
                return False
            path = self.path.parent / entry.file
            return not path.exists() or path.resolve() in examined

        stale = sorted(entry for entry in self.entries - found if is_stale(entry))
        return replace(report.without(accepted), stale=tuple(stale))


def load(path: Path) -> Baseline:
    """Read a baseline. Raises ConfigurationError with file and line."""
    try:
        text = read_regular_file(path, MAX_SETTINGS_SIZE).decode()
        document = json.loads(text)
    except OSError as error:
        hint = f"write it with --write-baseline {path}"
        raise ConfigurationError(f"{path}: {error.strerror}; {hint}") from error
    except json.JSONDecodeError as error:
        raise _invalid(path, error.lineno, error.msg) from error
    except (ValueError, RecursionError) as error:
        raise _invalid(path, 1, "it is not JSON in UTF-8") from error
    if not isinstance(document, dict) or document.get("version") != 1:
        raise _invalid(path, 1, '`"version": 1` is missing')
    accepted = document.get("accepted")
    if not isinstance(accepted, list):
        raise _invalid(path, 1, "`accepted` is not a list")
    for number, entry in enumerate(accepted):
        if not _is_entry(entry):
            lines = [*document_text.item_lines(text, "accepted"), *[1] * len(accepted)]
            fields = ", ".join(Identity._fields)
            raise _invalid(path, lines[number], f"an entry needs the texts {fields}")
    entries = (Identity(*(entry[name] for name in Identity._fields)) for entry in accepted)
    return Baseline(path, frozenset(entries))


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    return all(isinstance(entry.get(name), str) for name in Identity._fields)


def _invalid(path: Path, line: int, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{path}:{line}: not a baseline: {problem}")


def write(path: Path, findings: Iterable[Finding]) -> None:
    """Write a baseline that accepts these findings, one entry per line. Raises OSError."""
    entries = sorted({_entry(finding, path) for finding in findings})
    lines = (json.dumps(entry._asdict(), ensure_ascii=False) for entry in entries)
    body = "".join(f"\n    {line}," for line in lines).rstrip(",")
    text = f'{{\n  "version": 1,\n  "accepted": [{body}{chr(10) + "  " if body else ""}]\n}}\n'
    replace_file(path, text.encode(errors="surrogatepass"))


def _entry(finding: Finding, baseline: Path) -> Identity:
    """Return the entry of a finding, with its file relative to the baseline's directory."""
    return finding.identity._replace(file=_relative(finding.file, baseline))


def _relative(file: str, baseline: Path) -> str:
    try:
        return Path(os.path.relpath(file, baseline.parent)).as_posix()
    except ValueError:  # on Windows, if the file is on another drive
        return file
