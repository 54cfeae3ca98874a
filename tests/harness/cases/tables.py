"""All rows of the three sets."""

from __future__ import annotations

from . import config_files, environment, headers, structured, urls, vendor_tokens
from .checks import Check, check, field
from .kept import Kept
from . import benign_apis, benign_forms
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
CHECKS: tuple[Check, ...] = (check("long", "s", field("access_token"), lambda api: len(api["access_token"]) > 20),)
