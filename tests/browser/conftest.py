"""A browser, and what it looks at: the viewer on a server and as files, and the page of a run."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from pytest_reprise.cassette.file import load, save
from pytest_reprise.commands.main import main
from pytest_reprise.commands.view import Viewer
from pytest_reprise.commands.view_server import ViewServer
from pytest_reprise.exchange import Request
from pytest_reprise.pages.formats import REPORTS
from pytest_reprise.pages.run_report import run_report
from pytest_reprise.pages.side_by_side import side_by_side
from pytest_reprise.pages.viewer import cassette_page
from pytest_reprise.report.run_log import EndedScope, Result, RunLog
from pytest_reprise.report.tally import Tally
from pytest_reprise.tape.miss import Missed

from ..harness.hostile_cassette import TEXTS, write_hostile

CASSETTES = Path(__file__).parents[2] / "cassettes" / "examples" / "staging_api" / "tests"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = """\
Chromium is not installed, or not on PATH. Install it by your system (apt install chromium), or by
Playwright (playwright install chromium), or set CHROMIUM to its path."""


class Pages(NamedTuple):
    """Addresses of pages."""

    server: str
    """The list of the viewer."""
    files: str
    """The same as a file."""
    run: str
    """The page of a run, with misses."""
    diff: str
    """A cassette with its earlier recording."""
    hostile: int
    """The number of the hostile cassette in the list."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


def chromium(playwright: Playwright) -> Browser:
    """Start the system's browser, or that of Playwright."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and not Path(playwright.chromium.executable_path).exists():
        pytest.fail(_MISSING, pytrace=False)
    # Chromium refuses its sandbox to root, as which containers of CI run.
    is_root = hasattr(os, "getuid") and os.getuid() == 0
    arguments = ["--no-sandbox"] if is_root else []
    return playwright.chromium.launch(executable_path=found, args=arguments)


class Visit:
    """A page, and what happened on it that must not."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda m: self.problems.append(m.text) if m.type != "log" else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(dialog.message))

    def open_all(self) -> None:
        """Open everything that can be opened."""
        self.page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A page of common size, in light colours."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context)
    context.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    top = tmp_path_factory.mktemp("pages")
    cassettes = top / "cassettes"
    for name in ("content", "errors", "pagination", "protected", "users"):
        shutil.copytree(CASSETTES / f"test_{name}", cassettes / f"test_{name}")
    write_hostile(cassettes / "hostile.yaml")
    files = sorted(cassettes.rglob("*.yaml"))
    assert main(["view", str(cassettes), "--out", str(top / "site"), "--quiet"]) == 0
    of_run = [file for file in files if "TestAddresses" in file.name or file.stem == "hostile"]
    (top / "run.html").write_text(_run_page(of_run), encoding="utf-8")
    (top / "diff.html").write_text(diff_page(files), encoding="utf-8")
    viewer = Viewer(files, None, "")
    viewer.read(quiet=True, keeps_text=False)
    with ViewServer(viewer.site()) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Pages(
            server.url,
            (top / "site" / "index.html").as_uri(),
            (top / "run.html").as_uri(),
            (top / "diff.html").as_uri(),
            files.index(cassettes / "hostile.yaml"),
        )
        server.shutdown()


def _run_page(files: list[Path]) -> str:
    """The page of a run with a failed test that missed hostile requests."""
    log = RunLog()
    for file in files:
        name = f"tests/test_it.py::{file.stem}"
        is_hostile = file.stem == "hostile"
        name += TEXTS[0] if is_hostile else ""
        missed = tuple(map(_missed, TEXTS)) if is_hostile else ()
        log.add(EndedScope(name, name, "test", file, "", "replayed", "none", (0, 1), 0, "", missed))
        result: Result = "failed" if is_hostile else "passed"
        log.add_phase(name, result, 0.1, "".join(TEXTS) if is_hostile else "")
    made_at = datetime(2026, 2, 1, tzinfo=UTC)
    report = run_report(log, Tally(), None, load, made_at, with_bodies=True)
    return REPORTS[".html"](report, "breaking")


def _missed(text: str) -> Missed:
    request = Request("POST", f"http://api.example/{text}", (("X-A", text),), text.encode())
    differences = ((f"body.{text}", text, f"other {text}"),)
    return Missed(f"{text} is not recorded", request, request, differences)


def diff_page(files: list[Path]) -> str:
    """A cassette beside an earlier recording of it."""
    new = load(next(file for file in files if "TestAddresses" in file.name))
    assert new
    older = files[0].parents[1] / "older.yaml"
    save(older, new)
    text = older.read_text(encoding="utf-8").replace('"role": "member"', '"role": "admin"')
    older.write_text(text, encoding="utf-8")
    old = load(older)
    older.unlink()
    assert old
    pairs = side_by_side("a.yaml", old, new)
    return cassette_page("a.yaml", new, "#", lambda *_: "#", pairs, "HEAD~1")
