"""Render a report as SARIF 2.1.0, the OASIS format that code review services read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from .. import __version__
from ..messages import printable_json
from .examine import Report
from .findings import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(report: Report, descriptions: Mapping[str, str]) -> str:
    """Return the report as SARIF. `descriptions` has a text for each rule, by its id."""
    rules = sorted({finding.rule for finding in report.values})
    driver = {
        "name": "reprise audit",
        "version": __version__,
        "rules": [
            {"id": rule, "shortDescription": {"text": descriptions.get(rule, rule)}}
            for rule in rules
        ],
    }
    run = {"tool": {"driver": driver}, "results": [_result(finding) for finding in report.values]}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return printable_json(document)


def _result(finding: Finding) -> dict[str, object]:
    """Return a `result` object (SARIF 2.1.0, section 3.27)."""
    physical_location = {
        "artifactLocation": {"uri": _uri(finding.file)},
        "region": {"startLine": finding.line},
    }
    call = f"{finding.call}, " if finding.call else ""
    excerpt = f": {finding.excerpt}" if finding.excerpt else ""
    return {
        "ruleId": finding.rule,
        "level": "note" if finding.is_note else "error",
        "message": {"text": f"{call}{finding.location}{excerpt}"},
        "locations": [{"physicalLocation": physical_location}],
        "partialFingerprints": {"place/v1": _fingerprint(finding)},
    }


def _uri(file: str) -> str:
    """Return the path relative to the working directory, as a URI reference."""
    try:
        file = Path(os.path.relpath(file)).as_posix()
    except ValueError:  # on Windows, if the file is on another drive
        return Path(file).as_uri()
    return quote(file, errors="surrogateescape")  # a name that is not UTF-8, by its bytes


def _fingerprint(finding: Finding) -> str:
    """Return a hash by which a service recognises the finding in the next run (section 3.27.17).

    It is made of what the report shows, and not of the value.
    """
    shown = json.dumps(finding.identity).encode(errors="surrogatepass")
    return hashlib.sha256(shown).hexdigest()
