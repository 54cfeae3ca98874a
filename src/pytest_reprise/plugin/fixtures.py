"""Fixtures: pytest-recording's own, answered by Reprise, and clients that a suite may use.

Those of pytest-recording that were set up for every test, recorded or not, are asked for by
nobody here; hooks do their work.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from .base_url import url_for_client
from .hooks import AMBIGUOUS, session_mode
from .naming import test_cassette

if TYPE_CHECKING:
    import httpx


class Recorded(Protocol):
    """What the `recorded` fixture gives."""

    def __call__(self, name: str, make: Callable[[], Any]) -> Any: ...


class View:
    """pytest-recording has its `vcr` in every test. As a method ours asks for no other fixture,
    each of which would be set up for every test too."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.fixture(scope="session")
    def vcr(self) -> object:
        """The cassette in use, as vcrpy shows it; None in a test that is not recorded."""
        scopes = self._config.pluginmanager.get_plugin("reprise-scopes")
        if scopes is None:
            return None
        from ..adapters.vcrpy.view import CassetteView

        return CassetteView(scopes.current_tape)


@pytest.fixture(scope="session")
def block_network() -> None:
    """Nothing to set up: a hook blocks the network where an option or a mark asks for it."""


@pytest.fixture(scope="session")
def record_mode(pytestconfig: pytest.Config) -> str:
    """The record mode of the run; a mark or `vcr_config` may say another one for some tests."""
    return session_mode(pytestconfig) or "none"


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, object]:
    """Settings for the tests that see this fixture; override it in a conftest.py or a module."""
    return {}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """The directory for the cassettes of this module."""
    return str(module_cassette_dir(request.config, request.path))


def module_cassette_dir(config: pytest.Config, module: Path) -> Path:
    """`cassettes/<module>` beside the module, or below the one place that the ini file names."""
    one_place = str(config.getini("reprise_cassette_dir"))
    if not one_place:
        return module.parent / "cassettes" / module.stem
    root = config.rootpath
    below = module.relative_to(root) if module.is_relative_to(root) else Path(module.name)
    return root / one_place / below.with_suffix("")


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """The name of this test's cassette, without its suffix."""
    return name_of(request.node)


def name_of(item: pytest.Item) -> str:
    """The name in the `default_cassette` mark, or one that no other test of the module has."""
    marked = marked_name(item)
    return own_name(item) if marked is None else marked


def marked_name(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("default_cassette")
    if mark is None:
        return None
    if not mark.args:
        raise pytest.UsageError("@pytest.mark.default_cassette takes the name of a cassette")
    return str(mark.args[0])


def own_name(item: pytest.Item) -> str:
    ambiguous = item.config.stash[AMBIGUOUS]
    parent = item.parent.nodeid if ambiguous and item.parent else ""
    is_ambiguous = (parent, item.name) in ambiguous
    classes, have_twin = classes_around(item.parent)
    return test_cassette(classes, item.name, is_ambiguous or have_twin or _has_twin(item))


@functools.lru_cache(maxsize=256)
def classes_around(node: pytest.Collector | None) -> tuple[tuple[str, ...], bool]:
    """The classes around a test, and whether one of them has a twin."""
    chain = node.listchain() if node else []
    classes = [node for node in chain if isinstance(node, pytest.Class)]
    return tuple(node.name for node in classes), any(map(_has_twin, classes))


def _has_twin(node: pytest.Item | pytest.Class) -> bool:
    """Whether another function or class beside it differs from its name in case only."""
    name = getattr(node, "originalname", None) or node.name
    return name in _twins(node.parent) and name != name.casefold()


@functools.lru_cache(maxsize=256)
def _twins(parent: Hashable) -> frozenset[str]:
    names = list(vars(getattr(parent, "obj", None) or object))
    counts = Counter(name.casefold() for name in names)
    return frozenset(name for name in names if counts[name.casefold()] > 1)


def is_ours(definitions: Sequence[pytest.FixtureDef[Any]]) -> bool:
    """Whether no suite has put another fixture in the place of ours, or of pytest-recording's."""
    return definitions[-1].func.__module__ in (__name__, "pytest_recording.plugin")


@pytest.fixture(scope="session")
def recorded(pytestconfig: pytest.Config) -> Recorded:
    """A value that neither seed nor clock can repeat: made while recording, the same on replay.

    `recorded("order-ref", make_ref)` calls `make_ref()` while recording and gives the recorded
    value on replay; it is any JSON value. In a test that is not recorded it is simply made.
    """

    def value(name: str, make: Callable[[], object]) -> object:
        scopes = pytestconfig.pluginmanager.get_plugin("reprise-scopes")
        tape = scopes.current_tape() if scopes else None
        return tape.value(name, make) if tape else make()

    return value


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """One `httpx.Client` for the session, on the base URL; override it to set it up your way."""
    import httpx

    with httpx.Client(base_url=url_for_client(request)) as shared:
        yield shared


@pytest.fixture
def async_client(request: pytest.FixtureRequest) -> httpx.AsyncClient:
    """An `httpx.AsyncClient` on the base URL, for any event loop.

    It keeps no connection alive, and so has nothing to close.
    """
    import httpx

    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=url_for_client(request), limits=limits)
