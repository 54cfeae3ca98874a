"""A report in SARIF 2.1.0, as services for code review take it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from .. import __version__
from .examine import Report
from .findings import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report, descriptions: Mapping[str, str]) -> str:
    """The report; `descriptions` tell the rules by id."""
    rules = sorted({finding.rule for finding in report.values})
    driver = {
        "name": "reprise audit",
        "version": __version__,
        "rules": [
            {"id": rule, "shortDescription": {"text": descriptions.get(rule, rule)}}
            for rule in rules
        ],
    }
    run = {"tool": {"driver": driver}, "results": [_result(one) for one in report.values]}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _result(finding: Finding) -> dict[str, object]:
    place = {
        "artifactLocation": {"uri": _uri(finding.file)},
        "region": {"startLine": finding.line},
    }
    call = f"{finding.call}, " if finding.call else ""
    text = f"{call}{finding.slot}: {finding.excerpt}" if finding.excerpt else call + finding.slot
    return {
        "ruleId": finding.rule,
        "level": "note" if finding.is_note else "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"place/v1": _fingerprint(finding)},
    }


def _uri(file: str) -> str:
    """The file from where the command runs, where that can be told."""
    try:
        file = Path(os.path.relpath(file)).as_posix()
    except ValueError:  # on Windows, on another drive
        return Path(file).as_uri()
    return quote(file)


def _fingerprint(finding: Finding) -> str:
    """Of what is told anyway, and not of the value."""
    told = json.dumps(finding.identity).encode(errors="surrogatepass")
    return hashlib.sha256(told).hexdigest()
