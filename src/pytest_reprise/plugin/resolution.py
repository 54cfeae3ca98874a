"""What holds for one test: its settings, and the file of its cassette."""

from __future__ import annotations

import functools
import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ..cassette.file import load
from ..cassette.model import CassetteUse
from ..errors import ConfigurationError
from ..tape.overrides import Dialect
from . import fixtures, naming
from .hooks import cli_words, ini_words, session_mode
from .settings import Settings, resolve

_ASKED: pytest.StashKey[tuple[str, ...]] = pytest.StashKey()
"""The fixtures of `_DEFAULTS` that a recorded test asks for."""


def ask_first(item: pytest.Function) -> None:
    """Have the fixtures by which the suite says settings set up before all others of the test.

    Those that it leaves as they are need no set-up, which costs 10 to 60 µs each.
    """
    asked = item.stash[_ASKED] = tuple(name for name in _DEFAULTS if is_said(item, name))
    # The list is one for all parameters of a test function.
    if item.fixturenames[: len(asked)] != list(asked):
        item.fixturenames[:0] = asked
    if "faker" in item.fixturenames and "faker_seed" not in item.fixturenames:
        item.fixturenames.append("faker_seed")  # asks for a seed only where a test has one


def is_said(item: pytest.Function, fixture: str) -> bool:
    """Whether the suite has a fixture of this name of its own, where the test sees it."""
    callspec = getattr(item, "callspec", None)
    if callspec and fixture in callspec.params:
        return True
    return _is_overridden(item.parent, fixture)


@functools.lru_cache(maxsize=1024)
def _is_overridden(parent: pytest.Collector, fixture: str) -> bool:
    """The same for all tests of a class or module."""
    manager: Any = parent.session._fixturemanager
    place = parent if pytest.version_tuple >= (8, 1) else parent.nodeid
    return not fixtures.is_ours(manager.getfixturedefs(fixture, place))


def has_settings(item: pytest.Function) -> bool:
    """Whether its settings can be asked for: not while the fixtures that say them are set up."""
    return all(name in item.funcargs for name in item.stash[_ASKED])


@functools.lru_cache(maxsize=256)
def _module_directory(config: pytest.Config, module: Path) -> str:
    return str(fixtures.module_cassette_dir(config, module))


def _said(item: pytest.Function, fixture: str) -> object:
    """What the suite's fixture says, or what ours would."""
    return item.funcargs[fixture] if fixture in item.funcargs else _DEFAULTS[fixture](item)


_DEFAULTS: dict[str, Callable[[pytest.Function], object]] = {
    "vcr_config": lambda _: {},
    "record_mode": lambda item: session_mode(item.config) or "none",
    "vcr_cassette_dir": lambda item: _module_directory(item.config, item.path),
    "default_cassette_name": fixtures.name_of,
}
"""What a suite may say by fixtures, and what holds where it does not."""


def vcr_marks(item: pytest.Item) -> list[pytest.Mark]:
    """The closest one first."""
    return list(item.iter_markers("vcr"))


def settings_of(item: pytest.Function, marks: Sequence[pytest.Mark]) -> Settings:
    """The settings of a test that `has_settings`, with its vcr marks. Raises ConfigurationError."""
    mark: dict[str, object] = {}
    for found in reversed(marks):
        mark |= found.kwargs
    fixture = _said(item, "vcr_config")
    if not isinstance(fixture, Mapping):
        raise ConfigurationError(f"the vcr_config fixture gives {fixture!r}, which is no dict")
    if not mark and not fixture and "record_mode" not in item.funcargs:
        return settings_of_session(item.config)
    # A `record_mode` fixture of the suite's own stands in the place of the ini setting.
    ini = ini_words(item.config) | {"record_mode": _said(item, "record_mode")}
    return resolve(cli_words(item.config), mark, fixture, ini)


@functools.lru_cache(maxsize=1)
def settings_of_session(config: pytest.Config) -> Settings:
    """The settings of a test that says nothing itself, or of a wider fixture that a test which is
    not recorded sets up first."""
    return resolve(cli_words(config), {}, {}, ini_words(config))


def dialect_of(
    item: pytest.Function, settings: Settings, extra: Iterable[Path] = ()
) -> tuple[Dialect, str]:
    """What the suite says in vcrpy's words, and the suffix of its cassettes; `extra` cassettes are
    played from, and not written. Raises ConfigurationError."""
    hook = item.config.hook.pytest_recording_configure
    if not settings.vcrpy and len(hook.get_hookimpls()) == 0:
        return Dialect(extra=tuple(extra)), naming.SUFFIX
    from ..adapters.vcrpy.options import make_dialect

    def configure(vcr: object) -> None:
        hook(config=item.config, vcr=vcr)

    return make_dialect(settings.vcrpy, extra, cassette_dir_of(item, settings), configure)


def extra_cassettes(item: pytest.Function, marks: Sequence[pytest.Mark]) -> Iterator[Path]:
    """The further cassettes that vcr marks name, from the module's own directory on."""
    names = [name for mark in marks for name in mark.args]
    return (absolute(item.config, str(_said(item, "vcr_cassette_dir"))) / name for name in names)


def cassette_dir_of(item: pytest.Function, settings: Settings) -> Path:
    """The directory of a test's cassette."""
    said = settings.vcrpy.get("cassette_library_dir") or _said(item, "vcr_cassette_dir")
    return absolute(item.config, str(said))


def label_of(item: pytest.Function, settings: Settings, suffix: str) -> CassetteUse:
    """The label of a test's tape; its cassette has that suffix."""
    marked, own = fixtures.marked_name(item), fixtures.own_name(item)
    usual = own if marked is None else marked
    name = str(item.funcargs.get("default_cassette_name", usual))
    shares = marked is not None or name != own
    path = naming.cassette_path(cassette_dir_of(item, settings), name, suffix)
    return CassetteUse(
        scope=item.nodeid.partition("::")[2] if shares else "",
        path=path if shares else _legacy_path(item, path) or path,
        mode=settings.record_mode,
        nodeid=item.nodeid,
    )


def _legacy_path(item: pytest.Function, path: Path) -> Path | None:
    """The file under pytest-recording's name, where it lies there and came from there."""
    classes, _ = fixtures.classes_around(item.parent)
    if ("~" not in path.name and len(classes) < 2) or path.exists():
        return None
    name = naming.test_cassette(classes[-1:], item.name, False)
    theirs = naming.cassette_path(path.parent, name)
    cassette = load(theirs)
    return theirs if cassette and cassette.is_legacy else None


def fixture_label(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest, mode: str, suffix: str
) -> CassetteUse:
    """The label of a wider fixture's tape: one for each place and parameter it is set up for."""
    item: pytest.Function = request._pyfuncitem
    directory, owner = _fixture_place(fixturedef, request)
    name = naming.fixture_cassette(owner, fixturedef.argname, _param_id(fixturedef, item))
    path = naming.cassette_path(directory, name, suffix)
    return CassetteUse("", path, mode, item.nodeid, shares_values=True)


def _fixture_place(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> tuple[Path, str]:
    """The directory of its cassette, and what its name begins with.

    Of a class or a module: with the cassettes of the module; of class scope outside of a class,
    behind the test's name. Of a package or the session: with the conftest.py or the module that
    defines it; at the root, behind its module's name, where a plugin does.
    """
    config, node = request.config, request.node
    if isinstance(node, (pytest.Class, pytest.Module, pytest.Function)):
        directory = absolute(config, str(request.getfixturevalue("vcr_cassette_dir")))
        owner = fixtures.name_of(node) if isinstance(node, pytest.Function) else node.name
        return directory, "" if isinstance(node, pytest.Module) else owner
    base = config.rootpath / fixturedef.baseid.partition("::")[0]
    func = inspect.unwrap(fixturedef.func)  # pytest-asyncio wraps those that are async
    if base == config.rootpath and Path(func.__code__.co_filename) != base / "conftest.py":
        return _directory(config, base), func.__module__
    if base.suffix == ".py":
        return _directory(config, base.parent), base.stem
    return _directory(config, node.path if isinstance(node, pytest.Package) else base), ""


def _directory(config: pytest.Config, place: Path) -> Path:
    """Where the cassettes of a directory of tests lie."""
    one_place = str(config.getini("reprise_cassette_dir"))
    if not one_place:
        return place / "cassettes"
    root = config.rootpath
    return root / one_place / (place.relative_to(root) if place.is_relative_to(root) else "")


def _param_id(fixturedef: pytest.FixtureDef[object], item: pytest.Function) -> str | None:
    """The parameters that it is set up for: its own, and those of the fixtures that it asks for."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return None
    names = sorted(_asked_for(fixturedef.argname, item) & callspec.params.keys())
    return "-".join(_spoken(callspec.params[name]) for name in names) if names else None


def _asked_for(fixture: str, item: pytest.Function) -> set[str]:
    """The fixture, and all that it asks for by name, directly or not."""
    definitions = item._fixtureinfo.name2fixturedefs
    found: set[str] = set()
    left = [fixture]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += (arg for d in definitions.get(name, ()) for arg in d.argnames)
    return found


def _spoken(param: object) -> str:
    """A parameter as itself where it is plain, else by a digest of what it says of itself."""
    if isinstance(param, (str, int, float, bool)) or param is None:
        return str(param)
    said = re.sub(_ADDRESS, "", repr(param))
    return f"{type(param).__name__}~{hashlib.sha256(said.encode()).hexdigest()[:8]}"


_ADDRESS = " at 0x[0-9a-fA-F]+"


def absolute(config: pytest.Config, directory: str) -> Path:
    """A directory from where pytest was called, wherever the test has gone since."""
    return _below(config.invocation_params.dir, directory)


@functools.lru_cache(maxsize=256)
def _below(base: Path, directory: str) -> Path:
    return base / directory
