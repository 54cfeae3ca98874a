"""What holds for one test: its settings, and the file of its cassette."""

from __future__ import annotations

from pathlib import Path

import pytest

from .. import naming
from ..cassette import Label
from ..cassette_file import load
from ..miss import pytest_command
from ..settings import Settings, Words, resolve
from . import cli_words, fixtures, ini_words


def settings_of(item: pytest.Function) -> Settings:
    """The settings of a test that is being set up, run or torn down.

    Raises ConfigurationError.
    """
    mark: dict[str, object] = {}
    for found in reversed(list(item.iter_markers("vcr"))):
        mark |= found.kwargs
    request = item._request
    fixture: Words = dict(request.getfixturevalue("vcr_config"))
    fallback = {"record_mode": request.getfixturevalue("record_mode")}
    # A `record_mode` fixture of the suite's own stands in the place of the ini setting.
    ini = ini_words(item.config) | fallback
    return resolve(cli_words(item.config), mark, fixture, ini)


def label_of(item: pytest.Function, mode: str) -> Label:
    """The label of a test's tape."""
    request = item._request
    name = str(request.getfixturevalue("default_cassette_name"))
    directory = absolute(item.config, str(request.getfixturevalue("vcr_cassette_dir")))
    shares = name != fixtures.name_of(item) or item.get_closest_marker("default_cassette")
    path = naming.cassette_path(directory, name)
    return Label(
        scope=item.nodeid.partition("::")[2] if shares else "",
        path=path if shares else _legacy_path(item, path) or path,
        mode=mode,
        command=pytest_command(item.nodeid),
    )


def _legacy_path(item: pytest.Function, path: Path) -> Path | None:
    """The file under pytest-recording's name, where it lies there and came from there."""
    classes = [item.cls.__name__] if item.cls else []
    theirs = naming.cassette_path(path.parent, naming.test_cassette(classes, item.name, False))
    if theirs == path or path.exists():
        return None
    cassette = load(theirs)
    return theirs if cassette and cassette.is_legacy else None


def fixture_label(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest, mode: str
) -> Label:
    """The label of a wider fixture's tape: one for each place that it is set up for."""
    item: pytest.Item = request._pyfuncitem
    directory, owner = _fixture_place(fixturedef, request)
    name = naming.fixture_cassette(owner, fixturedef.argname, _param_id(fixturedef, request))
    path = naming.cassette_path(directory, name)
    return Label(scope="", path=path, mode=mode, command=pytest_command(item.nodeid))


def _fixture_place(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> tuple[Path, str]:
    """The directory of its cassette, and what its name begins with.

    Of a class or a module: with the cassettes of the module. Of a package or the session: with
    the conftest.py or the module that defines it; at the root, behind its module's name, where a
    plugin does.
    """
    config, node = request.config, request.node
    if isinstance(node, (pytest.Class, pytest.Module)):
        return _module_directory(request), node.name if isinstance(node, pytest.Class) else ""
    base = config.rootpath / fixturedef.baseid.partition("::")[0]
    defined_in = Path(fixturedef.func.__code__.co_filename)
    if base == config.rootpath and defined_in != config.rootpath / "conftest.py":
        return _directory(config, base), fixturedef.func.__module__
    if base.suffix == ".py":
        return _directory(config, base.parent), base.stem
    return _directory(config, node.path if isinstance(node, pytest.Package) else base), ""


def _module_directory(request: pytest.FixtureRequest) -> Path:
    return absolute(request.config, str(request.getfixturevalue("vcr_cassette_dir")))


def _directory(config: pytest.Config, place: Path) -> Path:
    """Where the cassettes of a directory of tests lie."""
    one_place = str(config.getini("reprise_cassette_dir"))
    if not one_place:
        return place / "cassettes"
    root = config.rootpath
    return root / one_place / (place.relative_to(root) if place.is_relative_to(root) else "")


def _param_id(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> str | None:
    """The parameter as pytest writes it in a test's id: itself where it is plain, else counted."""
    if not hasattr(request, "param"):
        return None
    if isinstance(request.param, (str, int, float, bool)) or request.param is None:
        return str(request.param)
    return f"{fixturedef.argname}{getattr(request, 'param_index', 0)}"


def absolute(config: pytest.Config, directory: str) -> Path:
    """A directory from where pytest was called, wherever the test has gone since."""
    return config.invocation_params.dir / directory
