"""The settings of one test or wider fixture, and the file of its cassette."""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import pytest

from ..cassette import naming
from ..cassette.file import load
from ..cassette.model import CassetteUse
from ..errors import ConfigurationError
from ..tape.overrides import NO_OVERRIDES, Overrides
from ..tape.settings import Options, Settings, resolve
from . import cassette_dirs, fixtures
from .cassette_dirs import absolute
from .options import cli_settings, file_settings, ini_settings, session_mode
from .pytest_internals import definitions, fixture_value, requesting_item
from .selection import is_recorded

Marks: TypeAlias = Mapping[str, Sequence[pytest.Mark]]

_SETTING_FIXTURES: pytest.StashKey[tuple[str, ...]] = pytest.StashKey()
"""The fixtures of `_DEFAULTS` that the suite overrides for a recorded test."""


_NO_OPTIONS: Options = MappingProxyType({})

# --- settings ---------------------------------------------------------------------------------


def order_setting_fixtures(item: pytest.Function) -> None:
    """Let a recorded test set up the fixtures that give its settings before all others.

    Only those that the suite overrides: each set-up costs 10 to 60 µs.
    """
    overridden = tuple(name for name in _DEFAULTS if is_overridden(item, name))
    item.stash[_SETTING_FIXTURES] = overridden
    # Tests of one function that differ only in parameters share the list of names.
    if item.fixturenames[: len(overridden)] != list(overridden):
        item.fixturenames[:0] = overridden
    if "faker" in item.fixturenames and "faker_seed" not in item.fixturenames:
        item.fixturenames.append("faker_seed")  # faker uses a seed only where the test has one


def is_overridden(item: pytest.Function, fixture: str) -> bool:
    """Whether the suite has its own fixture of this name, or parametrizes the test with it."""
    callspec = getattr(item, "callspec", None)
    if callspec and fixture in callspec.params:
        return True
    return _is_overridden_below(item.parent, fixture)


@functools.lru_cache(maxsize=1024)
def _is_overridden_below(parent: pytest.Collector, fixture: str) -> bool:
    """The same for all tests of a class or module. This cache, that of the session's settings and
    that of a module's directory together save 2 % of a replay of 1000 tests."""
    return not fixtures.is_not_overridden(definitions(parent, fixture))


def has_settings(item: pytest.Function) -> bool:
    """Whether the settings of a test can be asked for: its fixtures that give them are set up."""
    return all(name in item.funcargs for name in item.stash[_SETTING_FIXTURES])


def gives_settings(fixture: str) -> bool:
    """Whether a fixture of this name gives settings, so that none are needed for its set-up."""
    return fixture in _DEFAULTS


def setting_value(item: pytest.Function, fixture: str) -> object:
    """The value of a fixture that gives a setting: the suite's, or else our default."""
    return item.funcargs[fixture] if fixture in item.funcargs else _DEFAULTS[fixture](item)


_DEFAULTS: dict[str, Callable[[pytest.Function], object]] = {
    "vcr_config": lambda _: {},
    "record_mode": lambda item: session_mode(item.config),
    "vcr_cassette_dir": lambda item: str(cassette_dirs.of_module(item.config, item.path)),
    "default_cassette_name": fixtures.cassette_name,
}
"""The fixtures that give settings, and their values where the suite does not override them."""


def marks_of(item: pytest.Item) -> Marks:
    """The marks of a test by name, the closest first."""
    found: dict[str, list[pytest.Mark]] = {}
    for mark in item.iter_markers():
        found.setdefault(mark.name, []).append(mark)
    return found


def settings_of(item: pytest.Function, marks: Marks, of_block: Options = _NO_OPTIONS) -> Settings:
    """The settings of a test that `has_settings`, with its marks, or of a block in it. Raises
    ConfigurationError."""
    mark: dict[str, object] = {}
    for found in reversed(marks.get("vcr", ())):
        mark |= found.kwargs
    mark |= of_block
    fixture = setting_value(item, "vcr_config")
    if not isinstance(fixture, Mapping):
        raise ConfigurationError(f"the vcr_config fixture returns {fixture!r}: it must be a dict")
    if not mark and not fixture and "record_mode" not in item.funcargs:
        return settings_of_session(item.config)
    # A `record_mode` fixture of the suite takes the place of the ini setting.
    ini = ini_settings(item.config) | {"record_mode": setting_value(item, "record_mode")}
    return resolve(cli_settings(item.config), mark, fixture, ini, file_settings(item.config))


def settings_of_block(item: pytest.Function, options: Options, inherits: bool) -> Settings:
    """The settings of a block with these options. In a recorded test it `inherits` those of the
    test. Raises ConfigurationError."""
    if "clock" in options:
        raise ConfigurationError(
            "'clock' in use_cassette has no effect: a block has the clock of its test. Set it in a "
            "vcr mark"
        )
    config = item.config
    cli, ini, file = cli_settings(config), ini_settings(config), file_settings(config)
    alone = resolve(cli, options, {}, ini, file, code_name="use_cassette")
    if not (inherits and is_recorded(item) and has_settings(item)):
        return alone
    return settings_of(item, marks_of(item), options)


@functools.lru_cache(maxsize=1)
def settings_of_session(config: pytest.Config) -> Settings:
    """The settings of a test without settings of its own, and of a wider fixture that is first set
    up for a test which is not recorded."""
    return resolve(cli_settings(config), {}, {}, ini_settings(config), file_settings(config))


def overrides_of(
    item: pytest.Function, settings: Settings, extra: Iterable[Path] = ()
) -> tuple[Overrides, str]:
    """What vcrpy's options of a test change, and the suffix of its cassettes.

    `extra` cassettes are played from and never written. Raises ConfigurationError.
    """
    configure = configuring(item.config)
    if not settings.vcrpy and configure is None:
        further = tuple(extra)
        return Overrides(extra=further) if further else NO_OVERRIDES, naming.SUFFIX
    from ..adapters.vcrpy.options import make_overrides

    directory = _cassette_dir(item, settings)
    return make_overrides(settings.vcrpy, extra, directory, configure)


def configuring(config: pytest.Config) -> Callable[[object], None] | None:
    """Return what lets the suite change vcrpy's object; None if the suite does not do so."""
    hook = config.hook.pytest_recording_configure
    return (lambda vcr: hook(config=config, vcr=vcr)) if hook.get_hookimpls() else None


# --- the cassette of a test -------------------------------------------------------------------


def extra_cassettes(item: pytest.Function, marks: Marks) -> Iterator[Path]:
    """The further cassettes that vcr marks name, relative to the directory of the module."""
    names = [name for mark in marks.get("vcr", ()) for name in mark.args]
    if not names:
        return iter(())
    directory = str(setting_value(item, "vcr_cassette_dir"))
    return (absolute(item.config, directory) / name for name in names)


def _cassette_dir(item: pytest.Function, settings: Settings) -> Path:
    configured = settings.vcrpy.get("cassette_library_dir")
    return absolute(item.config, str(configured or setting_value(item, "vcr_cassette_dir")))


def use_of_test(
    item: pytest.Function, nodeid: str, marks: Marks, settings: Settings, suffix: str
) -> CassetteUse:
    """The use of a test's tape; its cassette has that suffix. `nodeid` is its `command_id`."""
    marked = fixtures.name_in(next(iter(marks.get("default_cassette", ())), None))
    own = fixtures.own_name(item)
    usual = own if marked is None else marked
    name = str(item.funcargs.get("default_cassette_name", usual))
    is_shared = marked is not None or name != own
    path = naming.cassette_path(_cassette_dir(item, settings), name, suffix)
    return CassetteUse(
        scope=scope_in_shared_cassette(item) if is_shared else "",
        path=path if is_shared else _legacy_path(item, path) or path,
        mode=settings.record_mode,
        nodeid=nodeid,
    )


def scope_in_shared_cassette(item: pytest.Item) -> str:
    """The name of a test in a cassette that several tests use."""
    return fixtures.unrepeated(item, item.nodeid).partition("::")[2]


def _legacy_path(item: pytest.Function, path: Path) -> Path | None:
    """The cassette under the name that pytest-recording gives it, if it recorded one there.

    Searched only where the two names may differ: pytest-recording uses the innermost class only,
    does not make names unique that are equal as file names, and has a cassette for each repetition.
    """
    classes, _ = fixtures.classes_around(item.parent)
    is_repetition = fixtures.unrepeated(item, item.name) != item.name
    if not ("~" in path.name or len(classes) > 1 or is_repetition) or path.exists():
        return None
    name = naming.test_cassette(classes[-1:], item.name, False)
    legacy_path = naming.cassette_path(path.parent, name)
    cassette = load(legacy_path)
    return legacy_path if cassette and cassette.is_legacy else None


def command_id(item: pytest.Item) -> str:
    """The id by which a command selects a test where pytest was started.

    pytest's own id is relative to the root directory, or to an argument outside that.
    """
    file, separator, rest = item.nodeid.partition("::")
    start = item.config.invocation_params.dir
    if str(item.path) == f"{start}{os.sep}{file}":
        return item.nodeid
    return Path(os.path.relpath(item.path, start)).as_posix() + separator + rest


# --- the cassette of a wider fixture ----------------------------------------------------------


def use_of_fixture(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest, mode: str, suffix: str
) -> CassetteUse:
    """The use of a wider fixture's tape. Each place and parameter has a cassette of its own."""
    item = requesting_item(request)

    def module_directory() -> Path:
        # Asked for by the test: the suite's may have the scope of a function.
        return absolute(request.config, str(fixture_value(item, "vcr_cassette_dir")))

    path = _fixture_path(fixturedef, item, request.node, module_directory, suffix)
    return CassetteUse("", path, mode, command_id(item), shares_values=True)


def usual_fixture_cassette(fixturedef: pytest.FixtureDef[object], item: pytest.Function) -> Path:
    """The cassette of a wider fixture of a test that has not run, unless the suite has a
    `vcr_cassette_dir` of its own."""
    node: pytest.Collector | pytest.Item | None = item.session
    if fixturedef.scope == "class":
        node = item.getparent(pytest.Class) or item
    elif fixturedef.scope == "module":
        node = item.getparent(pytest.Module)
    directory = cassette_dirs.of_module(item.config, item.path)
    return _fixture_path(fixturedef, item, node, lambda: directory, naming.SUFFIX)


def _fixture_path(
    fixturedef: pytest.FixtureDef[object],
    item: pytest.Function,
    node: object,
    module_directory: Callable[[], Path],
    suffix: str,
) -> Path:
    directory, owner = _fixture_place(fixturedef, item.config, node, module_directory)
    name = naming.fixture_cassette(owner, fixturedef.argname, param_id(fixturedef, item))
    return naming.cassette_path(directory, name, suffix)


def _fixture_place(
    fixturedef: pytest.FixtureDef[object],
    config: pytest.Config,
    node: object,
    module_directory: Callable[[], Path],
) -> tuple[Path, str]:
    """The directory of a fixture's cassette, and the prefix of its name. `node` has its scope.

    Class and module scope: with the cassettes of the module, the class as prefix. (A class-scoped
    fixture of a test outside a class has the name of the test as prefix.) Package and session
    scope: beside the conftest.py or module that defines the fixture, also where that is outside the
    root directory. If a plugin defines it: in the root directory, with the name of its module as
    prefix.
    """
    if isinstance(node, (pytest.Class, pytest.Module, pytest.Function)):
        directory = module_directory()
        owner = fixtures.cassette_name(node) if isinstance(node, pytest.Function) else node.name
        return directory, "" if isinstance(node, pytest.Module) else owner
    base = config.rootpath / fixturedef.baseid.partition("::")[0]
    if base == config.rootpath:
        # Of the root's conftest.py, of one outside the root directory, or of a plugin.
        func = inspect.unwrap(fixturedef.func)  # pytest-asyncio wraps async fixtures
        conftest = _conftest_with(config, fixturedef.argname, func)
        if conftest is None:
            return cassette_dirs.of_directory(config, base), func.__module__
        base = conftest.parent
    if base.suffix == ".py":
        return cassette_dirs.of_directory(config, base.parent), base.stem
    place = node.path if isinstance(node, pytest.Package) else base
    return cassette_dirs.of_directory(config, place), ""


def _conftest_with(config: pytest.Config, name: str, func: Callable[..., object]) -> Path | None:
    """The conftest.py that defines a fixture, or gets it from a module or factory of the suite.

    The file of the function's code does not tell: byte code keeps the place where it was compiled.
    """
    for file, module in config.pluginmanager.list_name_plugin():
        if file.endswith("conftest.py") and Path(file).name == "conftest.py":
            defined = (vars(module).get(n) for n in (name, getattr(func, "__name__", name)))
            if any(value is not None and inspect.unwrap(value) is func for value in defined):
                return Path(file)
    return None


def param_id(fixturedef: pytest.FixtureDef[object], item: pytest.Function) -> str | None:
    """The parameters of a fixture and of the fixtures that it uses, as part of a file name."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return None
    names = sorted(with_dependencies([fixturedef.argname], item) & callspec.params.keys())
    return "-".join(_param_text(callspec.params[name]) for name in names) if names else None


def with_dependencies(names: Iterable[str], item: pytest.Function) -> set[str]:
    """The named fixtures, and all fixtures that they use, directly or not."""
    assert item.parent
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += (arg for d in definitions(item.parent, name) for arg in d.argnames)
    return found


def _param_text(param: object) -> str:
    """A plain parameter as text; any other by its type and a digest of its `repr`."""
    if isinstance(param, (str, int, float, bool)) or param is None:
        return str(param)
    described = re.sub(_MEMORY_ADDRESS, "", repr(param))
    return f"{type(param).__name__}~{hashlib.sha256(described.encode()).hexdigest()[:8]}"


_MEMORY_ADDRESS = " at 0x[0-9a-fA-F]+"
