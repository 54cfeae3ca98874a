"""Everything of pytest that is not public, one function for each.

Tested with pytest 8.0 to 9.2. Where a release of pytest changes one of these, only this module has
to change.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import pytest


def redefine_option(
    parser: pytest.Parser, option: str, text: str, choices: Sequence[str] = ()
) -> None:
    """Replace the help and the choices of an option that another plugin has added."""
    for group in parser._groups:
        for argument in group.options:
            if option in argument.names():
                argument.attrs()["help"] = text
                if choices:
                    argument.attrs()["choices"] = tuple(choices)


def definitions(parent: pytest.Collector, fixture: str) -> Sequence[pytest.FixtureDef[Any]]:
    """The definitions of a fixture that a collector's tests see; the last one is used."""
    manager: Any = parent.session._fixturemanager
    place = parent if pytest.version_tuple >= (8, 1) else parent.nodeid
    return manager.getfixturedefs(fixture, place) or ()


def definitions_by_name(item: pytest.Function) -> Mapping[str, Sequence[pytest.FixtureDef[Any]]]:
    """All definitions of the fixtures that a test sees, those that are overridden too."""
    found: Mapping[str, Sequence[pytest.FixtureDef[Any]]] = item._fixtureinfo.name2fixturedefs
    return found


def is_requested_by_name(item: pytest.Function, fixture: str) -> bool:
    """Whether the test function itself has the fixture among its arguments."""
    return fixture in item._fixtureinfo.argnames


def fixture_value(item: pytest.Function, fixture: str) -> Any:
    """The value of a fixture for a test, set up now if necessary. Raises what the set-up raises."""
    return item._request.getfixturevalue(fixture)


def requesting_item(request: pytest.FixtureRequest) -> pytest.Function:
    """The test for which a fixture is set up."""
    item: pytest.Function = request._pyfuncitem
    return item


def exceptions_of(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> list[pytest.ExceptionInfo[BaseException]]:
    """The exceptions that the report of a phase will show; unittest keeps them in its item."""
    kept: list[pytest.ExceptionInfo[BaseException]] = getattr(item, "_excinfo", None) or []
    return [*kept, *([call.excinfo] if call.excinfo else [])]


def crash_message(report: pytest.TestReport) -> str:
    """The error of a report that failed, without its traceback."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(getattr(crash, "message", None) or report.longrepr)


@contextmanager
def not_set_up_on_error(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Where the block raises, leave the fixture as if its set-up had never begun.

    A finalizer that stays behind would make pytest fail every later test that uses the fixture.
    """
    try:
        yield
    except BaseException:
        fixturedef._finalizers.clear()
        raise


@contextmanager
def fails_for_all_tests(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Where the block raises, after a set-up that passed: fail it for the other tests that use the
    fixture, too. They would get the value without a set-up."""
    try:
        yield
    except BaseException as error:
        assert fixturedef.cached_result
        kept: Any = (error, error.__traceback__) if pytest.version_tuple >= (8, 3) else error
        fixturedef.cached_result = (None, fixturedef.cached_result[1], kept)
        raise


def log_handlers(config: pytest.Config) -> Generator[logging.Handler, None, None]:
    """The handlers of `--log-file` and of `--log-cli-level` that are in use."""
    plugin = config.pluginmanager.get_plugin("logging-plugin")
    for name in ("log_file_handler", "log_cli_handler"):
        handler = getattr(plugin, name, None)
        if isinstance(handler, logging.Handler) and handler.formatter:
            yield handler


def has_fixture(plugin: object, name: str) -> bool:
    """Whether a plugin has a fixture of this name."""
    found = getattr(plugin, name, None)
    return hasattr(found, "_fixture_function_marker") or hasattr(found, "_pytestfixturefunction")


def is_distributed(config: pytest.Config) -> bool:
    """Whether pytest-xdist runs the tests in several processes (its option `dist`)."""
    return getattr(config.option, "dist", "no") != "no"


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def worker_input(config: pytest.Config) -> dict[str, Any]:
    """What a worker of pytest-xdist got from the controller at its start; empty elsewhere."""
    found: dict[str, Any] = getattr(config, "workerinput", {})
    return found


def worker_output(config: pytest.Config) -> dict[str, Any] | None:
    """What a worker of pytest-xdist sends to the controller at its end; None elsewhere."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    return output


def report_late(item: pytest.Item, text: str) -> None:
    """Report an error of a test that has ended, as one of its teardown."""
    report_teardown(item.ihook, item.nodeid, item.location, item.keywords, text)


def report_teardown(
    hook: Any,
    nodeid: str,
    location: tuple[str, int | None, str],
    keywords: Iterable[str],
    text: str,
) -> None:
    """Report an error of a test that has ended, which this process may not have collected."""
    marks: dict[str, Literal[1]] = dict.fromkeys(keywords, 1)
    report = pytest.TestReport(nodeid, location, marks, "failed", text, "teardown")
    hook.pytest_runtest_logreport(report=report)
