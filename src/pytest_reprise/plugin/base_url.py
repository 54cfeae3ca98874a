"""The base URL of the API under test: from a fixture, an option, or the environment."""

from __future__ import annotations

import os

import pytest

from ..determinism.base_url import NO_BASE_URL
from .pytest_internals import fixture_value


def base_url(item: pytest.Function) -> str | None:
    """The base URL for a test: its `base_url` fixture, `--base-url`, API_BASE_URL, or BASE_URL.

    A fixture that the test does not use is not set up.
    """
    value = fixture_value(item, "base_url") if "base_url" in item.fixturenames else None
    value = value or getattr(item.config.option, "base_url", None)
    return str(value) if value else environment_url()


def environment_url() -> str | None:
    """The base URL from API_BASE_URL or BASE_URL; None where neither is set."""
    return os.environ.get("API_BASE_URL") or os.environ.get("BASE_URL")


def client_url(request: pytest.FixtureRequest) -> str:
    """The base URL for the `client` and `async_client` fixtures."""
    try:
        value = request.getfixturevalue("base_url")
    except pytest.FixtureLookupError:
        value = None
    return str(value or environment_url() or NO_BASE_URL)
