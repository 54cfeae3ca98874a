"""The examples of README.md and of the pages under docs/ do what the pages say."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import sysconfig
from contextlib import ExitStack
from pathlib import Path

import pytest

from .api import Api
from .pages import DOCS, README, Command, File, steps
from .plugins import without_plugins
from .schemas import problems, read_yaml

PAGES = [
    page
    for page in (README, *sorted(DOCS.rglob("*.md")))
    if any(isinstance(step, Command) for step in steps(page))
]
LIVE = "https://staging.example.com"
"""The API of the examples; in its place stands the one on the loopback interface."""
OTHER = "metrics.example.com"
"""A host of the examples that is there whenever its test runs."""
_RECORDS = "(--record-mode|RECORD_MODE)=(?!none).*|--reprise-refresh.*"
"""Options and variables with which the API has to answer."""
_INHERITED = re.compile(r"^PYTEST_|BASE_URL$|PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|JWT")
"""Variables of the outer run that an example must not see: options, and secrets."""


class Reader:
    """Does what a page says, in an empty directory."""

    def __init__(self, page: Path, pytester: pytest.Pytester, patch: pytest.MonkeyPatch) -> None:
        self.page = page
        self.pytester = pytester
        self.patch = patch
        self.api, self.other = Api(), Api()
        self.names = {
            LIVE: f"http://127.0.0.1:{self.api.port}",
            f"https://{OTHER}": f"http://localhost:{self.other.port}",
            OTHER: "localhost",
        }
        self.options = " ".join(without_plugins(page.read_text(encoding="utf-8")))

    def prepare(self) -> None:
        for name in filter(_INHERITED.search, os.environ):
            self.patch.delenv(name)
        self.patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        for name in ("API_BASE_URL", "CI"):  # in CI some options have no effect
            self.patch.delenv(name, raising=False)
        if self.page.is_relative_to(DOCS / "how-to"):
            # Their index says so. The first pages have to work as they are typed.
            self.patch.setenv("API_BASE_URL", self.names[LIVE])
        self.patch.setenv("PYTEST_ADDOPTS", self.options)

    def write(self, file: File) -> None:
        path = self.pytester.path / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.named(file.text), encoding="utf-8")
        # Python would take the old byte code where size and second are the same.
        shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)

    def check_cassettes(self) -> None:
        """What the examples wrote is valid by the JSON Schema."""
        for path in self.pytester.path.rglob("cassettes/**/*.yaml"):
            assert not problems("cassette", read_yaml(path.read_text(encoding="utf-8"))), path

    def named(self, text: str) -> str:
        """With the hosts that are there, in the place of those in the example."""
        for name, real in self.names.items():
            text = text.replace(name, real)
        return text

    def run(self, command: Command) -> None:
        words = shlex.split(self.named(command.line))
        if words[0] == "export":
            self.patch.setenv(*words[1].split("=", 1))
            return
        set_here = list(itertools.takewhile(lambda word: "=" in word, words))
        words = words[len(set_here) :]
        with self.patch.context() as patch, ExitStack() as servers:
            for variable in set_here:
                patch.setenv(*variable.split("=", 1))
            servers.enter_context(self.other.up())
            if any(re.fullmatch(_RECORDS, word) for word in (*set_here, *words)):
                servers.enter_context(self.api.up())
            result = self.pytester.run(_script(words[0]), *words[1:])
        assert (result.ret != 0) == command.fails, f"$ {command.line}: exit code {result.ret}"
        result.stdout.re_match_lines([_pattern(self.named(line)) for line in command.prints])


def _script(name: str) -> str:
    """The command as it is installed beside this Python."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    assert found, f"{name} is not installed"
    return found


def _pattern(line: str) -> str:
    text = re.escape(line.strip()).replace("…", ".*").replace("/", r"[/\\]")
    return f".*{text}.*"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS.parent).as_posix())
def test_example(page: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(page, pytester, monkeypatch)
    reader.prepare()
    for step in steps(page):
        if isinstance(step, File):
            reader.write(step)
        else:
            reader.run(step)
    reader.check_cassettes()
