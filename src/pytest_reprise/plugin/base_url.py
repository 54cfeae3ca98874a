"""The base URL of the API under test, from wherever a suite says it."""

from __future__ import annotations

import os

import pytest


def base_url(item: pytest.Function) -> str | None:
    """What the test's `base_url` fixture says, `--base-url`, API_BASE_URL, or BASE_URL.

    A fixture that the test does not use is not set up for the question.
    """
    said = None
    if "base_url" in item.fixturenames:
        said = item._request.getfixturevalue("base_url")
    said = said or getattr(item.config.option, "base_url", None)
    return str(said) if said else url_of_environment()


def url_of_environment() -> str | None:
    return os.environ.get("API_BASE_URL") or os.environ.get("BASE_URL")


def url_for_client(request: pytest.FixtureRequest) -> str:
    """The base URL for the clients that Reprise offers; "" where nobody says one."""
    try:
        said = request.getfixturevalue("base_url")
    except pytest.FixtureLookupError:
        said = None
    return str(said or url_of_environment() or "")
