"""The fixtures of the plugin: those of pytest-recording, and some of its own.

Some of pytest-recording's fixtures do work in every test, recorded or not. Here they do nothing:
hooks do that work where it is needed.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from ..cassette.naming import test_cassette
from . import cassette_dirs
from .fault_marks import AddFault, adding_to
from .options import session_mode
from .selection import AMBIGUOUS_NAMES

if TYPE_CHECKING:
    from ..blocks.cassette_in_use import CassetteInUse


class Recorded(Protocol):
    """The type of the `recorded` fixture."""

    def __call__(self, name: str, make: Callable[[], Any]) -> Any: ...


def vcr_fixture(config: pytest.Config) -> ModuleType:
    """Return a plugin with the `vcr` fixture, which knows the configuration.

    With `pytestconfig` as its argument the fixture would set up that fixture, too, for every test:
    3 % of a replay of 1000 tests.
    """

    @pytest.fixture(scope="session")
    def vcr() -> object:
        """The cassette in use, as vcrpy shows it; None in a test that is not recorded."""
        hooks = config.pluginmanager.get_plugin("reprise-recording")
        if hooks is None:
            return None
        from ..adapters.cassette_view import CassetteView

        return CassetteView(hooks.current_tape)

    plugin = ModuleType("reprise_vcr_fixture")
    vars(plugin)["vcr"] = vcr
    return plugin


@pytest.fixture(scope="session")
def block_network() -> None:
    """Does nothing: a hook blocks the network where an option or a mark asks for it."""


@pytest.fixture(scope="session")
def record_mode(pytestconfig: pytest.Config) -> str:
    """The record mode of the run. A mark or `vcr_config` may set another one for some tests."""
    return session_mode(pytestconfig)


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, object]:
    """Settings for the tests that see this fixture. Override it in a conftest.py or a module."""
    return {}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """The directory for the cassettes of this module."""
    return str(cassette_dirs.of_module(request.config, request.path))


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """The name of this test's cassette, without its suffix."""
    return cassette_name(request.node)


def cassette_name(item: pytest.Item) -> str:
    """The name in the `default_cassette` mark, else a name that no other test of the module has."""
    marked = name_in(item.get_closest_marker("default_cassette"))
    return own_name(item) if marked is None else marked


def name_in(mark: pytest.Mark | None) -> str | None:
    """The name in a `default_cassette` mark. Raises UsageError for an empty mark."""
    if mark is None:
        return None
    if not mark.args:
        raise pytest.UsageError("@pytest.mark.default_cassette takes the name of a cassette")
    return str(mark.args[0])


def own_name(item: pytest.Item) -> str:
    """The name of a test's own cassette: `Class.test[param]`, made unique."""
    ambiguous = item.config.stash[AMBIGUOUS_NAMES]
    is_ambiguous = bool(ambiguous) and (item.parent, item.name) in ambiguous
    classes, differ_in_case = classes_around(item.parent)
    is_ambiguous = is_ambiguous or differ_in_case or _differs_in_case(item)
    return test_cassette(classes, unrepeated(item, item.name), is_ambiguous)


def unrepeated(item: pytest.Item, name: str) -> str:
    """A name or id of a test without the number that pytest-repeat adds. Repetitions of a test
    replay the same cassette, each from its start."""
    callspec = getattr(item, "callspec", None)
    step = callspec.params.get("__pytest_repeat_step_number") if callspec else None
    if step is None:
        return name
    return re.sub(rf"(-|(?<=\[)){step + 1}-\d+(?=\]$)", "", name).removesuffix("[]")


@functools.lru_cache(maxsize=256)
def classes_around(parent: pytest.Collector | None) -> tuple[tuple[str, ...], bool]:
    """The classes around a test, and whether the name of one of them differs only in case from
    that of another class or function. Cached, since all tests of a module or class have the same:
    with `_names_differing_in_case`, this saves 2 % of a replay of 1000 tests.
    """
    chain = parent.listchain() if parent else []
    classes = [node for node in chain if isinstance(node, pytest.Class)]
    return tuple(node.name for node in classes), any(map(_differs_in_case, classes))


def _differs_in_case(node: pytest.Item | pytest.Class) -> bool:
    """Whether its name differs only in case from another one in the same class or module.

    For some file systems such names are equal. The one in lower case keeps its name.
    """
    name = getattr(node, "originalname", None) or node.name
    return name in _names_differing_in_case(node.parent) and name != name.casefold()


@functools.lru_cache(maxsize=256)
def _names_differing_in_case(parent: Hashable) -> frozenset[str]:
    names = list(vars(getattr(parent, "obj", None) or object))
    counts = Counter(name.casefold() for name in names)
    return frozenset(name for name in names if counts[name.casefold()] > 1)


def is_not_overridden(definitions: Sequence[pytest.FixtureDef[Any]]) -> bool:
    """Whether the fixture that is used is ours or pytest-recording's, and not the suite's."""
    return definitions[-1].func.__module__ in (__name__, "pytest_recording.plugin")


@pytest.fixture(scope="session")
def recorded(pytestconfig: pytest.Config) -> Recorded:
    """A value that neither the seed nor the clock can repeat.

    `recorded("order-ref", make_ref)` returns `make_ref()` while recording, and the recorded value
    on replay. It is any JSON value. In a test that is not recorded, `make_ref()` is called.
    """

    def value(name: str, make: Callable[[], object]) -> object:
        hooks = pytestconfig.pluginmanager.get_plugin("reprise-recording")
        tape = hooks.current_tape() if hooks else None
        return tape.value(name, make) if tape else make()

    return value


@pytest.fixture
def cassette(request: pytest.FixtureRequest) -> CassetteInUse:
    """The cassette of the test: whether this is a replay, what was played and sent so far."""
    from ..blocks.cassette_in_use import CassetteInUse

    hooks = request.config.pluginmanager.get_plugin("reprise-recording")
    return CassetteInUse(hooks.current_tape() if hooks else None)


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> AddFault:
    """Add a fault, as the mark `fault` does: `fault("GET /orders/*", 503, nth=2)`.

    It holds for the calls of the test that follow.
    """
    hooks = request.config.pluginmanager.get_plugin("reprise-recording")
    return adding_to(hooks.current_tape() if hooks else None)
