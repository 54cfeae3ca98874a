"""The base URL of the API under test, from wherever a suite says it."""

from __future__ import annotations

import os

import pytest


def base_url(request: pytest.FixtureRequest) -> str | None:
    """What a `base_url` fixture says (pytest-base-url brings one), API_BASE_URL, or BASE_URL."""
    try:
        said = request.getfixturevalue("base_url")
    except pytest.FixtureLookupError:
        said = None
    return str(said) if said else os.environ.get("API_BASE_URL") or os.environ.get("BASE_URL")
