"""The fixtures `client` and `async_client`, where no other plugin has a fixture of that name."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from .base_url import client_url
from .pytest_internals import has_fixture

if TYPE_CHECKING:
    import httpx


def client_fixtures(manager: pytest.PytestPluginManager) -> ModuleType:
    """Return a plugin with those of the fixtures that no other plugin has.

    The fixture of the plugin that is registered last would win, and suites of pytest-django and
    others need theirs. A conftest.py may override ours, and use it for that.
    """
    others = [plugin for _, plugin in manager.list_name_plugin() if not _is_conftest(plugin)]
    made = ModuleType("reprise_client_fixtures")
    for name, fixture in (("client", client), ("async_client", async_client)):
        if not any(has_fixture(plugin, name) for plugin in others):
            vars(made)[name] = fixture
    return made


def _is_conftest(plugin: object) -> bool:
    return str(getattr(plugin, "__file__", "")).endswith("conftest.py")


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """One `httpx.Client` for the session, with the base URL. Override it to configure it."""
    import httpx

    with httpx.Client(base_url=client_url(request)) as shared:
        yield shared


@pytest.fixture
def async_client(request: pytest.FixtureRequest) -> httpx.AsyncClient:
    """An `httpx.AsyncClient` with the base URL, for any event loop.

    It keeps no connection alive, so there is nothing to close.
    """
    import httpx

    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=client_url(request), limits=limits)
