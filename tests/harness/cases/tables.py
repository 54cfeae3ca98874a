"""All rows of the three sets, or those that CASES_ONLY names.

CASES_ONLY="file-* json-vault-login" makes a run of a few seconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TypeVar

from ..placements import Placement
from . import (
    benign_apis,
    benign_forms,
    checks_flows,
    checks_forms,
    config_files,
    environment,
    fourth_benign,
    fourth_checks,
    fourth_look,
    headers,
    second_benign,
    second_look,
    structured,
    third_benign,
    third_checks,
    third_look,
    third_texts,
    urls,
    vendor_tokens,
)
from .checks import Check
from .kept import Kept
from .rows import Case

ONLY = os.environ.get("CASES_ONLY", "").split()
_Row = TypeVar("_Row", bound=Placement)


def _chosen(*tables: Iterable[_Row]) -> tuple[_Row, ...]:
    rows = tuple(row for table in tables for row in table)
    if not ONLY:
        return rows
    return tuple(row for row in rows if any(fnmatchcase(row.id, name) for name in ONLY))


CASES: tuple[Case, ...] = _chosen(
    vendor_tokens.CASES,
    headers.CASES,
    urls.CASES,
    config_files.CASES,
    structured.CASES,
    environment.CASES,
    second_look.CASES,
    third_look.CASES,
    third_texts.CASES,
    fourth_look.CASES,
)
KEPT: tuple[Kept, ...] = _chosen(
    benign_apis.KEPT,
    benign_forms.KEPT,
    second_benign.KEPT,
    third_benign.KEPT,
    fourth_benign.KEPT,
)
CHECKS: tuple[Check, ...] = _chosen(
    checks_forms.CHECKS, checks_flows.CHECKS, third_checks.CHECKS, fourth_checks.CHECKS
)
