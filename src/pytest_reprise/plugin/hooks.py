"""The hooks of the plugin: what is registered, and when.

In a session without recorded tests nothing of Reprise runs in the tests: the hooks around tests and
fixtures are registered once collection has found a recorded test.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .plain_imports import install, plain_imports

with plain_imports():
    from ..blocks.host import hosts
    from ..tape.modes import MODES
    from . import cassette_dirs, fixtures, summary
    from .client_fixtures import client_fixtures
    from .fault_marks import MARK
    from .options import add_options, check_ini, drift_limit, report_files, session_mode
    from .pytest_internals import (
        definitions_by_name,
        is_distributed,
        is_requested_by_name,
        is_worker,
    )
    from .selection import (
        AMBIGUOUS_NAMES,
        IS_ACTIVE,
        PROOF_TASK,
        STAGED,
        is_recorded,
        note_ambiguous_names,
    )

if TYPE_CHECKING:
    from .blocks import BlocksOfSession
    from .network_guard import NetworkGuard
    from .recording_hooks import RecordingHooks


_GUARD: pytest.StashKey[NetworkGuard] = pytest.StashKey()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """With `--record-mode=none`, guard already when conftest.py files and tests are imported."""
    if PROOF_TASK in os.environ:
        from .proof_process import start

        start(early_config)
    options = early_config.known_args_namespace
    if getattr(options, "record_mode", None) == "none" and not options.disable_recording:
        _guard(early_config, is_absolute=True)


def _guard(config: pytest.Config, is_absolute: bool) -> NetworkGuard:
    """The second guard against live requests, which is installed at the first call."""
    if _GUARD not in config.stash:
        from .network_guard import NetworkGuard

        config.stash[_GUARD] = guard = NetworkGuard(is_absolute)
        guard.install()
        config.add_cleanup(guard.uninstall)
    return config.stash[_GUARD]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    add_options(parser, pluginmanager)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    manager = config.pluginmanager
    if not manager.has_plugin("recording"):
        # Without it there is no record mode, and every request would go to the real server.
        raise pytest.UsageError(_WITHOUT_RECORDING)
    config.stash[IS_ACTIVE] = not config.getoption("--disable-recording")
    config.stash[AMBIGUOUS_NAMES] = set()
    config.addinivalue_line("markers", MARK)
    if config.getoption("--reprise-audit"):
        from .audit_flag import register

        register(config)
    if config.getoption("--reprise-orphans") or config.getoption("--reprise-prune"):
        from .orphans import register as register_orphans

        register_orphans(config)
    if STAGED not in config.stash:  # a proof has the same arguments, and only replays
        _register_recording(config)
    # Registered last, so that its fixtures win over pytest-recording's of the same name.
    manager.register(fixtures, "reprise-fixtures")
    manager.register(fixtures.vcr_fixture(config), "reprise-vcr-fixture")
    manager.register(client_fixtures(manager), "reprise-client-fixtures")
    manager.register(summary, "reprise-summary")
    if manager.has_plugin("faker"):
        from .faker_seed import Alone, BesideRandomly

        faker_seed = BesideRandomly() if manager.has_plugin("randomly") else Alone()
        manager.register(faker_seed, "reprise-faker-seed")
    has_report = bool(report_files(config)) and not config.option.collectonly
    if config.getoption("--reprise-drift") or has_report or drift_limit(config):
        from .drift_options import check_drift
        from .drift_report import DriftEnd

        check_drift(config)
        manager.register(DriftEnd(config), "reprise-drift")
    if has_report:
        from .run_report import RunReport

        manager.register(RunReport(config), "reprise-report")
    if getattr(config.option, "htmlpath", None):  # of pytest-html
        from .html_extras import HtmlExtras

        manager.register(HtmlExtras(), "reprise-html-extras")
    if config.getoption("--reprise-openapi"):  # within the report, which shows what it finds
        from .openapi_flag import register as register_openapi

        register_openapi(config)
    _begin_blocks_by(config)
    if config.stash[IS_ACTIVE]:
        check_ini(config)
        if is_distributed(config):
            _check_distributed(config)


def _begin_blocks_by(config: pytest.Config) -> None:
    """Let `use_cassette` use this session. Its module is imported when a block begins."""

    def host() -> BlocksOfSession:
        from .blocks import BlocksOfSession

        return BlocksOfSession(config, _start_recording)

    hosts.append(host)
    config.add_cleanup(lambda: hosts.remove(host))


def _register_recording(config: pytest.Config) -> None:
    """Register the options that decide what is recorded, and where it is put."""
    if config.getoption("--reprise-refresh"):
        from .refresh_selection import register as register_refresh

        register_refresh(config)
    if config.getoption("--reprise-refresh-failed"):
        from .refresh_failed import register as register_refresh_failed

        register_refresh_failed(config)
    if config.getoption("--reprise-pending"):
        from .pending import check_pending

        check_pending(config)


_WITHOUT_RECORDING = """\
pytest-reprise needs the plugin pytest-recording, which `-p no:recording` turns off.

Run the tests against the real server:  pytest --disable-recording
Run them without pytest-reprise:        pytest -p no:reprise"""


def _check_distributed(config: pytest.Config) -> None:
    """Raise UsageError for what each worker of pytest-xdist would fail with, and prepare to put
    together what they record."""
    from ..errors import ConfigurationError
    from ..tape.project_scrubber import scrubber_of

    try:
        scrubber_of(config.rootpath)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    if MODES[session_mode(config)].may_record and not config.option.collectonly:
        from .parallel import ParallelRecording

        config.pluginmanager.register(ParallelRecording(config), "reprise-parallel")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Complete or delete what a recording has left that was killed."""
    config = session.config
    if not config.stash[IS_ACTIVE] or is_worker(config):
        return
    with os.scandir(config.rootpath) as entries:  # 20 µs, where the import would take 2 ms
        has_journal = any(entry.name.startswith(".reprise-") for entry in entries)
    if has_journal:
        from .interrupted import recover

        recover(config)


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out directories of cassettes: pytest would ask for each file whether it holds tests,
    which takes 4 % of a replay of 1000 tests."""
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
        note_ambiguous_names(collector, made)
    return made


def pytest_collection_finish(session: pytest.Session) -> None:
    config = session.config
    if config.option.collectonly:
        return
    _leave_out_unused_fixtures(session.items)
    _register_blocking(session)
    has_blocks = "pytest_reprise.blocks.use_cassette" in sys.modules
    if config.stash[IS_ACTIVE] and (has_blocks or any(map(is_recorded, session.items))):
        _start_recording(session)
    elif _GUARD in config.stash:
        config.stash[_GUARD].uninstall()


def _start_recording(session: pytest.Session) -> RecordingHooks:
    """Register what records, at the first call."""
    config = session.config
    found: RecordingHooks | None = config.pluginmanager.get_plugin("reprise-recording")
    if found:
        return found
    hooks = _recording_hooks(session)
    _guard(config, is_absolute=False).watch(hooks.scopes)
    config.stash[summary.TALLY] = hooks.tally
    config.pluginmanager.register(hooks, "reprise-recording")
    return hooks


def _leave_out_unused_fixtures(items: Iterable[pytest.Item]) -> None:
    """Leave out two autouse fixtures of pytest-recording where the suite does not use them: here
    they do nothing, and their set-up takes 1 % of a replay of 1000 tests."""
    functions = (item for item in items if isinstance(item, pytest.Function))
    # Tests of one function that differ only in parameters share this list.
    for item in {id(item.fixturenames): item for item in functions}.values():
        for name in ("vcr", "block_network"):
            if name not in item.fixturenames or is_requested_by_name(item, name):
                continue
            if fixtures.is_not_overridden(definitions_by_name(item).get(name, ())):
                item.fixturenames.remove(name)


def _recording_hooks(session: pytest.Session) -> RecordingHooks:
    from ..errors import ConfigurationError

    session.config.add_cleanup(install())
    from .recording_hooks import RecordingHooks

    try:
        return RecordingHooks(session)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


def _register_blocking(session: pytest.Session) -> None:
    blocks = session.config.getoption("--block-network")
    if blocks or any(item.get_closest_marker("block_network") for item in session.items):
        from .blocking import Blocking

        session.config.pluginmanager.register(Blocking(session.config), "reprise-blocking")


def pytest_report_header(config: pytest.Config) -> str | None:
    if not config.stash.get(IS_ACTIVE, False):
        return None
    mode = session_mode(config)
    if config.getoption("--reprise-drift"):
        mode += " without writing"
    return f"reprise: record mode {mode}, {cassette_dirs.description(config)}"
