"""Findings that a project has accepted, in a file: by their places, never by their values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ..cassette import document_text
from ..cassette.file import replace_file
from ..errors import ConfigurationError
from .findings import Finding, Identity

_FIELDS = ("file", "call", "slot", "rule", "excerpt")


def identity(finding: Finding, baseline: Path) -> Identity:
    """What tells the finding from others in this baseline: its file counts from there."""
    return (_relative(finding.file, baseline), *finding.identity[1:])


def _relative(file: str, baseline: Path) -> str:
    try:
        return Path(os.path.relpath(file, baseline.parent)).as_posix()
    except ValueError:  # on Windows, on another drive
        return file


def write(baseline: Path, findings: Iterable[Finding]) -> int:
    """Accept these findings; returns how many entries there are. Raises OSError."""
    entries = sorted({identity(finding, baseline) for finding in findings})
    lines = (
        json.dumps(dict(zip(_FIELDS, one, strict=True)), ensure_ascii=False) for one in entries
    )
    body = "".join(f"\n    {line}," for line in lines).rstrip(",")
    text = f'{{\n  "version": 1,\n  "accepted": [{body}{chr(10) + "  " if body else ""}]\n}}\n'
    replace_file(baseline, text.encode(errors="surrogatepass"))
    return len(entries)


def load(baseline: Path) -> frozenset[Identity]:
    """The accepted findings. Raises ConfigurationError with file and line."""
    try:
        text = baseline.read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as error:
        hint = f"write it with --write-baseline {baseline}"
        raise ConfigurationError(f"{baseline}: {error.strerror}; {hint}") from error
    except json.JSONDecodeError as error:
        raise _broken(baseline, error.lineno, error.msg) from error
    except (ValueError, RecursionError) as error:
        raise _broken(baseline, 1, "it is no JSON in UTF-8") from error
    if not isinstance(document, dict) or document.get("version") != 1:
        raise _broken(baseline, 1, 'no `"version": 1` in it')
    accepted = document.get("accepted")
    if not isinstance(accepted, list):
        raise _broken(baseline, 1, "`accepted` is no list")
    for number, entry in enumerate(accepted):
        if not isinstance(entry, dict) or not all(isinstance(entry.get(f), str) for f in _FIELDS):
            line = [*document_text.item_lines(text, "accepted"), *[1] * len(accepted)][number]
            raise _broken(baseline, line, f"an entry has the texts {', '.join(_FIELDS)}")
    return frozenset(_identity(entry) for entry in accepted)


def _identity(entry: dict[str, str]) -> Identity:
    file, call, slot, rule, excerpt = (entry[field] for field in _FIELDS)
    return file, call, slot, rule, excerpt


def _broken(baseline: Path, line: int, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{baseline}:{line}: not a baseline: {problem}")
