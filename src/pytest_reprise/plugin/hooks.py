"""The pytest plugin: options, and what is registered when. Only this package imports pytest.

Nothing of Reprise runs in the tests of a session that has no recorded ones: the hooks around
tests and fixtures are registered once collection has found a test to record or to replay.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from . import own_imports

if TYPE_CHECKING:
    from ..report.tally import Tally
    from .scopes import Scopes

RECORDING = pytest.StashKey[bool]()
"""Whether Reprise is at work in this session: it is not with --disable-recording."""
_RECORDED = pytest.StashKey[bool]()
"""Whether a test is recorded."""
TALLY: pytest.StashKey[Tally] = pytest.StashKey()
AMBIGUOUS = pytest.StashKey[set[tuple[str, str]]]()
"""Tests whose cassette needs a name of its own: the id of the collector, and the test's name."""


class RepriseWarning(UserWarning):
    """What a setting says to warn of, and not to fail for."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("recording").addoption(
        "--reprise-report",
        metavar="path",
        help="Write what the run replayed and recorded to this file, as JSON.",
    )
    parser.getgroup("recording").addoption(
        "--reprise-audit",
        action="store_true",
        help="At the end look for secrets in the cassettes beside the tests, and fail on any.",
    )
    parser.addini(
        "reprise_record",
        "which tests are recorded: marked (with the vcr mark), or all",
        default="marked",
    )
    parser.addini("reprise_record_mode", "the record mode, where nothing else says one")
    parser.addini("reprise_missed", "a request without a recording: fail, warn or ignore")
    parser.addini("reprise_unplayed", "recorded calls that were not made: fail, warn or ignore")
    parser.addini("reprise_clock", "the clock of a replay: recorded or real")
    parser.addini(
        "reprise_cassette_dir",
        "one directory for all cassettes, from the root of the project "
        "(default: a `cassettes` directory beside each test module)",
    )
    parser.addini(
        "reprise_health_path",
        "wait before the first recorded request until this path of the base URL answers",
    )
    parser.addini(
        "reprise_health_timeout", "how many seconds to wait for the health path", default="30"
    )
    parser.addini(
        "reprise_hide_base_url",
        "write cassettes under a neutral name instead of the base URL's host",
        type="bool",
        default=False,
    )
    parser.addini(
        "reprise_in_process",
        "serve in-process transports (ASGI, WSGI, mock) too",
        type="bool",
        default=False,
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    has_recording = config.pluginmanager.has_plugin("recording")
    config.stash[RECORDING] = has_recording and not config.getoption("--disable-recording")
    config.stash[AMBIGUOUS] = set()
    if config.getoption("--reprise-audit"):
        from .audit_flag import register

        register(config)
    if not has_recording:
        return
    with own_imports.as_others():
        from . import fixtures

    # Registered last, so that its fixtures win over pytest-recording's of the same name.
    config.pluginmanager.register(fixtures, "reprise-fixtures")
    config.pluginmanager.register(fixtures.View(config), "reprise-view")
    if config.pluginmanager.has_plugin("faker"):
        from .faker_seed import Alone, BesideRandomly

        has_randomly = config.pluginmanager.has_plugin("randomly")
        faker_seed = BesideRandomly() if has_randomly else Alone()
        config.pluginmanager.register(faker_seed, "reprise-faker-seed")
    if config.stash[RECORDING]:
        _check_ini(config)
        _refuse_recording_in_workers(config)
        if _is_distributed(config):
            _check_scrubbing(config)


def _check_ini(config: pytest.Config) -> None:
    if config.getini("reprise_record") not in ("marked", "all"):
        found = config.getini("reprise_record")
        raise pytest.UsageError(f"reprise_record is {found!r}: it is `marked` or `all`")
    for name in ("reprise_health_timeout", "reprise_in_process", "reprise_hide_base_url"):
        try:
            float(config.getini(name))
        except (ValueError, pytest.UsageError) as error:
            raise pytest.UsageError(f"{name} in the ini file: {error}") from None
    cli, ini = cli_words(config), ini_words(config)
    if not any((*cli.values(), *ini.values())):
        return
    from ..errors import ConfigurationError
    from .settings import resolve

    try:
        resolve(cli, {}, {}, ini)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


def cli_words(config: pytest.Config) -> dict[str, object]:
    return {"record_mode": config.getoption("--record-mode")}


def ini_words(config: pytest.Config) -> dict[str, object]:
    names = ("record_mode", "missed", "unplayed", "clock")
    return {name: config.getini(f"reprise_{name}") or None for name in names}


def session_mode(config: pytest.Config) -> str | None:
    """The record mode that the command line or else the ini file says, if either does."""
    mode = cli_words(config)["record_mode"] or ini_words(config)["record_mode"]
    return None if mode is None else str(mode)


def _refuse_recording_in_workers(config: pytest.Config) -> None:
    """`once` may go ahead: where all cassettes exist it only replays; else the worker refuses."""
    mode = session_mode(config)
    if _is_distributed(config) and mode in ("new_episodes", "all", "rewrite"):
        raise pytest.UsageError(_NO_WORKERS.format(mode=mode))


def _is_distributed(config: pytest.Config) -> bool:
    return getattr(config.option, "dist", "no") != "no"


def _check_scrubbing(config: pytest.Config) -> None:
    """Its workers would each fail, and could not say why."""
    from ..errors import ConfigurationError
    from .scrubbing import scrubber_of

    try:
        scrubber_of(config.rootpath)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


_NO_WORKERS = """\
Recording in parallel is refused: each worker of pytest-xdist would log in and make its data anew, \
and the cassettes of fixtures that tests share would overwrite each other.

Record in one process, replay in many:
  pytest -n 0 --record-mode={mode}
  pytest -n auto"""


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """In a directory of nothing but cassettes pytest would ask of each whether it holds tests:
    40 µs for every recorded test."""
    if collection_path.name == "cassettes" and _holds_only_cassettes(collection_path):
        return True
    return None


def _holds_only_cassettes(directory: Path) -> bool:
    found = (name for _, _, names in os.walk(directory) for name in names)
    return all(name.endswith((".yaml", ".json", ".body")) for name in found)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: pytest.Collector) -> Generator[None, Any, Any]:
    made = yield
    if isinstance(made, list) and len(made) > 1:
        _note_ambiguous(collector, made)
    return made


def _note_ambiguous(collector: pytest.Collector, made: Iterable[object]) -> None:
    """All tests of a function are made at once, whichever of them are selected later."""
    from .naming import ambiguous

    names = [item.name for item in made if isinstance(item, pytest.Item)]
    found = ((collector.nodeid, name) for name in ambiguous(names))
    collector.config.stash[AMBIGUOUS].update(found)


def is_recorded(item: pytest.Item) -> bool:
    """Whether a test is recorded and replayed: by its mark, or by the ini setting.

    First asked when all tests are collected, and then held.
    """
    if _RECORDED not in item.stash:
        is_marked = item.get_closest_marker("vcr") is not None
        item.stash[_RECORDED] = is_marked or _records_all(item)
    return item.stash[_RECORDED]


def _records_all(item: pytest.Item) -> bool:
    return item.config.getini("reprise_record") == "all" and isinstance(item, pytest.Function)


def pytest_collection_finish(session: pytest.Session) -> None:
    config = session.config
    if not config.pluginmanager.has_plugin("recording") or config.option.collectonly:
        return
    _spare_setups(session.items)
    _register_blocking(session)
    if config.stash[RECORDING] and any(map(is_recorded, session.items)):
        scopes = _scopes(session)
        config.stash[TALLY] = scopes.tally
        config.pluginmanager.register(scopes, "reprise-scopes")


def _spare_setups(items: Iterable[pytest.Item]) -> None:
    """Nothing is to set up for fixtures of pytest-recording that every test has: 10 µs each."""
    from . import fixtures

    functions = (item for item in items if isinstance(item, pytest.Function))
    # The list is one for all parameters of a test function.
    for item in {id(item.fixturenames): item for item in functions}.values():
        for name in ("vcr", "block_network"):
            is_asked = name in item._fixtureinfo.argnames or name not in item.fixturenames
            if not is_asked and fixtures.is_ours(item._fixtureinfo.name2fixturedefs[name]):
                item.fixturenames.remove(name)


def _scopes(session: pytest.Session) -> Scopes:
    from ..errors import ConfigurationError

    session.config.add_cleanup(own_imports.install())
    from .scopes import Scopes

    try:
        return Scopes(session)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


def _register_blocking(session: pytest.Session) -> None:
    blocks = session.config.getoption("--block-network")
    if blocks or any(item.get_closest_marker("block_network") for item in session.items):
        from .blocking import Blocking

        session.config.pluginmanager.register(Blocking(session.config), "reprise-blocking")


def pytest_report_header(config: pytest.Config) -> str | None:
    if not config.stash.get(RECORDING, False):
        return None
    mode = session_mode(config) or "none"
    directory = config.getini("reprise_cassette_dir") or "cassettes beside each module"
    return f"reprise: record mode {mode}, cassettes in {directory}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None and TALLY in session.config.stash:
        output["reprise"] = session.config.stash[TALLY].plain()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist ended: add what it counted."""
    sent = getattr(node, "workeroutput", {}).get("reprise")
    if sent:
        from ..report.tally import Tally

        node.config.stash.setdefault(TALLY, Tally()).merge(sent)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tally = config.stash.get(TALLY, None)
    if tally is None:
        return
    from ..report.tally import changed, details, summary

    if path := config.getoption("--reprise-report"):
        Path(path).write_text(json.dumps(tally.plain(), indent=2) + "\n", encoding="utf-8")
    terminalreporter.ensure_newline()
    for line in changed(tally):
        terminalreporter.write_line(f"reprise: {line}", yellow=True)
    if config.get_verbosity() > 0:
        for line in details(tally):
            terminalreporter.write_line(f"reprise: {line}")
    terminalreporter.write_line(f"reprise: {summary(tally)}", yellow=bool(tally.kept))
