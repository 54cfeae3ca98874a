"""Write the screenshots of the documentation: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pytest_reprise.cassette.file import load
from pytest_reprise.commands.main import main as reprise
from pytest_reprise.pages.formats import REPORTS
from pytest_reprise.pages.run_report import run_report
from pytest_reprise.report.run_log import EndedScope, RunLog
from pytest_reprise.report.tally import Tally
from pytest_reprise.tape.miss import Missed

from .conftest import CASSETTES, chromium, diff_page

ASSETS = Path(__file__).parents[2] / "docs" / "assets"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        top = Path(folder)
        shutil.copytree(CASSETTES / "test_users", top / "cassettes" / "test_users")
        shutil.copytree(CASSETTES / "test_errors", top / "cassettes" / "test_errors")
        files = sorted((top / "cassettes").rglob("*.yaml"))
        (top / "run.html").write_text(_run(files), encoding="utf-8")
        (top / "diff.html").write_text(diff_page(files), encoding="utf-8")
        reprise(["view", str(top / "cassettes"), "--out", str(top / "site"), "--quiet"])
        browser = chromium(playwright)
        for name, address, action in (
            ("report", "run.html", _open_miss),
            ("view", "site/index.html#q=address", _nothing),
            ("side-by-side", "diff.html", _nothing),
        ):
            page = browser.new_page(viewport={"width": 1100, "height": 720})
            page.goto(f"{top.as_uri()}/{address}")
            action(page)
            page.screenshot(path=ASSETS / f"{name}.png")
        browser.close()


def _nothing(_page: Page) -> None:
    """Show the page as it opens."""


def _open_miss(page: Page) -> None:
    page.locator("#missed").scroll_into_view_if_needed()


def _run(files: list[Path]) -> str:
    log, tally = RunLog(), Tally()
    for number, file in enumerate(file for file in files if file.parent.name == "test_users"):
        cassette = load(file)
        assert cassette
        positions = tuple(range(len(cassette.interactions)))
        name = f"tests/test_users.py::{file.stem.replace('.', '::')}"
        missed: tuple[Missed, ...] = ()
        if number == 0:
            closest = cassette.interactions[0].request
            body = closest.body.replace(b"Ada Lovelace", b"Ada King")
            difference = ("body.name", "'Ada Lovelace'", "'Ada King'")
            headline = "POST /users is not recorded: no interaction in the cassette matches it."
            missed = (Missed(headline, closest._replace(body=body), closest, (difference,)),)
        shown = Path("cassettes", file.parent.name, file.name)
        played = () if missed else positions
        log.add(
            EndedScope(name, name, "test", shown, "", "replayed", "none", played, 0, "", missed)
        )
        log.add_phase(name, "failed" if missed else "passed", 0.012, "")
        tally.interactions += len(played)
        tally.replayed += not missed
    top = files[0].parents[2]
    report = run_report(log, tally, None, lambda path: load(top / path), NOW, with_bodies=True)
    return REPORTS[".html"](report, "breaking")


if __name__ == "__main__":
    main()
