"""The reference names what exists, all of it, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

import pytest_reprise
from pytest_reprise.drift import noise
from pytest_reprise.drift.api_changes import ApiChange
from pytest_reprise.drift.noise_rules import NOISE_RULES
from pytest_reprise.drift.severity import RULES, Rule
from pytest_reprise.exchange import Request
from pytest_reprise.pages.bodies import Body
from pytest_reprise.pages.endpoints import Endpoint
from pytest_reprise.pages.formats import run_to_json
from pytest_reprise.pages.run_report import MissedView, RunReport
from pytest_reprise.report.drift import DriftReport, ReportedChange
from pytest_reprise.report.drift_formats import to_json
from pytest_reprise.report.tally import Tally
from pytest_reprise.tape.miss import Missed
from pytest_reprise.tape.settings import (
    HARMLESS_OPTIONS,
    REFUSED_OPTIONS,
    VCRPY_OPTIONS,
    Settings,
)

from .pages import DOCS
from .plugins import without_plugins
from .schemas import schema

SOURCE = Path(pytest_reprise.__file__).parent
_CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def documented(page: str, heading: str = "") -> set[str]:
    """What the first column of the tables below a heading names; of a whole page without one."""
    text = (DOCS / "reference" / page).read_text(encoding="utf-8")
    if heading:
        _, found, text = text.partition(f"\n{heading}\n")
        assert found, f"{page} has no {heading}"
        level = heading.partition(" ")[0]
        text = re.split(rf"\n#{{1,{len(level)}}} ", text)[0]
    return set(_CELL.findall(text))


Show = Callable[[str], str]


@pytest.fixture
def show(pytester: pytest.Pytester) -> Show:
    """What pytest prints for an option such as --help."""
    options = tuple(without_plugins("Faker"))
    return lambda option: pytester.runpytest_subprocess(*options, option).stdout.str()


def test_options_and_ini_settings(show: Show) -> None:
    text = show("--help")
    group = text.partition("\nrecording:\n")[2].partition("\n\n")[0]
    assert documented("options.md", "## Command-line options") == set(
        re.findall(r"^  (--[\w-]+)", group, re.MULTILINE)
    )
    assert documented("options.md", "## Ini settings") == set(
        re.findall(r"^  (reprise_\w+) \(", text, re.MULTILINE)
    )


def test_marks(show: Show) -> None:
    found = set(re.findall(r"^@pytest\.mark\.(\w+)", show("--markers"), re.MULTILINE))
    ours = {"vcr", "default_cassette", "fault", "block_network", "allowed_hosts"}
    assert found >= ours
    assert documented("marks.md", "## Marks") == ours


def test_fixtures(show: Show) -> None:
    sections = re.split(r"^-+ fixtures defined from (.+?) -+$", show("--fixtures"), flags=re.M)
    ours = [
        names
        for plugin, names in zip(sections[1::2], sections[2::2], strict=True)
        if plugin.startswith(("pytest_reprise.", "pytest_recording."))
    ]
    found = set(re.findall(r"^(\w+)(?: \[.+\])? --", "\n".join(ours), re.MULTILINE))
    assert documented("fixtures.md") == found


def test_settings_of_marks() -> None:
    own = {*Settings._fields} - {"vcrpy"}
    assert documented("marks.md", "### Of Reprise") == own
    assert documented("marks.md", "### Of vcrpy") == VCRPY_OPTIONS
    assert documented("marks.md", "### Of pytest-recording") == HARMLESS_OPTIONS
    assert documented("marks.md", "### Refused") == REFUSED_OPTIONS


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What `reprise … --help` prints."""
    [script] = (one for one in entry_points(group="console_scripts") if one.name == "reprise")
    with pytest.raises(SystemExit):
        script.load()([*command, "--help"])
    return capsys.readouterr().out


def test_commands(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^    (\w+) ", help_of(capsys), re.MULTILINE)
    assert documented("commands.md") >= {f"reprise {name}" for name in commands}
    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    headings = dict(re.findall(r"^(## `reprise (\w+).*)$", text, re.MULTILINE))
    assert sorted(headings.values()) == sorted(commands)
    for heading, name in headings.items():
        options = re.findall(r"^  (?:-\w [A-Z]+, )?(--[\w-]+)", help_of(capsys, name), re.MULTILINE)
        assert documented("commands.md", heading) == set(options), name


def test_rules(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SOURCE)  # a directory without a configuration of its own
    [script] = (one for one in entry_points(group="console_scripts") if one.name == "reprise")
    assert script.load()(["rules", "secrets"]) == 0
    rules = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert documented("scrubbing.md", "## Rules") == rules | {"json-path"}


def test_scrubbing_keys() -> None:
    keys = schema("configuration")["properties"]["scrub"]["properties"]
    assert documented("scrubbing.md", "## Keys") == set(keys)


def test_cassette_keys() -> None:
    parts = schema("cassette")["$defs"]
    assert documented("cassette.md", "## Header") == set(parts["header"]["properties"])
    assert documented("cassette.md", "## Interaction") == set(parts["additions"]["properties"])


def test_report_keys() -> None:
    report = RunReport(datetime.now(), Tally(), None)
    request = Request("GET", "https://x.example/")
    missed = Missed("", request, request, (("method", "GET", "PUT"),))
    report.missed = [MissedView("", "", missed, Body(), Body())]
    report.endpoints = (Endpoint("GET /", 1, (), (), None, None, 0),)
    values = run_to_json(report)
    rows = {name: {*values[name][0]} for name in ("endpoints", "misses")}
    assert documented("report.md", "### Endpoints") == rows["endpoints"]
    assert documented("report.md", "### Misses") == rows["misses"]
    assert documented("report.md", "## The JSON report") == set(values).union(*rows.values())
    change = ReportedChange(ApiChange("text", ("GET /",), "", ""))
    keys: dict[str, Any] = to_json(DriftReport((change,)))
    assert documented("report.md", "## The key `drift`") == {*keys, *keys["changes"][0]}
    assert documented("report.md", "### Changes") == keys["changes"][0].keys()


def test_noise_rules() -> None:
    assert dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", noise.__doc__ or "", re.M)) == NOISE_RULES


def test_severities() -> None:
    text = (DOCS / "how-to" / "api-changes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert {row[0]: Rule(*row[1:]) for row in rows} == RULES


def test_errors() -> None:
    public = set(pytest_reprise.__all__) - {"__version__"}
    api = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"^::: pytest_reprise\.(errors|blocks)\.(?:\w+\.)?(\w+)$", api, re.MULTILINE)
    assert {name for _, name in named} == public
    assert documented("errors.md") == {name for part, name in named if part == "errors"}


def test_environment_variables() -> None:
    read = {name for module in SOURCE.rglob("*.py") for name in _variables(module)}
    assert documented("environment.md") == read


def _variables(module: Path) -> Iterator[str]:
    """The names of environment variables that a module reads."""
    text = module.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "environ" in text else ():
        match node:
            case ast.Call(func=function, args=[ast.Constant(value=name), *_]):
                if ast.unparse(function).endswith(("environ.get", "getenv")):
                    yield str(name)


def test_quoted_messages_exist() -> None:
    page = (DOCS / "how-to" / "failing-replay.md").read_text(encoding="utf-8")
    source = "".join(module.read_text(encoding="utf-8") for module in SOURCE.rglob("*.py"))
    quoted = re.findall(r'^## "(.+)"$', page, re.MULTILINE)
    assert quoted
    assert [text for text in quoted if text not in source] == []
