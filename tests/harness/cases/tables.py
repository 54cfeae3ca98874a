"""All rows of the three sets."""

from __future__ import annotations

from . import (
    benign_apis,
    benign_forms,
    checks_flows,
    checks_forms,
    config_files,
    environment,
    headers,
    structured,
    urls,
    vendor_tokens,
)
from .checks import Check
from .kept import Kept
from .rows import Case

CASES: tuple[Case, ...] = (
    *vendor_tokens.CASES,
    *headers.CASES,
    *urls.CASES,
    *config_files.CASES,
    *structured.CASES,
    *environment.CASES,
)
KEPT: tuple[Kept, ...] = (*benign_apis.KEPT, *benign_forms.KEPT)
CHECKS: tuple[Check, ...] = (*checks_forms.CHECKS, *checks_flows.CHECKS)
