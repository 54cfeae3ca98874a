"""What a person does on the pages, and what a hostile cassette cannot do there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pytest_reprise.cassette.file import load
from pytest_reprise.pages import html
from pytest_reprise.pages.viewer import cassette_page

from ..harness.hostile_cassette import write_hostile
from .conftest import Pages, Visit

KINDS = ("server", "files", "run", "diff", "cassette")
LIGHT, DARK, PHONE = ("light", 1280), ("dark", 1280), ("light", 390)


def address(pages: Pages, kind: str) -> str:
    return f"{pages.server}c/{pages.hostile}" if kind == "cassette" else str(getattr(pages, kind))


def serious_findings(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds serious or critical: the rule, and the first element."""
    if page.locator("#query").count():
        page.get_by_label("Status").select_option("409")  # few rows are enough
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        (one["id"], one["nodes"][0]["html"][:200])
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_each_page_is_accessible_fits_and_loads_only_itself(
    browser: Browser, pages: Pages, kind: str
) -> None:
    for scheme, width in (LIGHT, DARK, PHONE):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        visit = Visit(context)
        page = visit.page
        page.goto(address(pages, kind))
        if kind != "run":
            visit.open_all()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (colour == "rgb(255, 255, 255)") == (scheme == "light")
        if width > 1000:  # on a phone the elements and colours are the same
            assert serious_findings(page) == []
        others = [url for url in visit.requests if not url.startswith("data:image/")]
        assert others == [address(pages, kind)]
        assert visit.problems == []
        assert page.evaluate("window.planted") is None
        context.close()


def test_a_hostile_cassette_runs_nothing(pages: Pages, visit: Visit) -> None:
    page = visit.page
    for url in (pages.run, f"{pages.server}c/{pages.hostile}", pages.server):
        page.goto(url)
        visit.open_all()
        page.evaluate("document.querySelectorAll('[tabindex]').forEach((e) => e.focus())")
        scripts = page.evaluate("[...document.scripts].map((s) => s.type)")
        assert scripts in ([""], ["application/json", ""])
        assert page.locator("iframe, object, embed, link, base, form[action]").count() == 0
        for link in page.evaluate("[...document.links].map((a) => a.protocol)"):
            assert link in ("http:", "file:")
        for source in page.evaluate("[...document.images].map((i) => i.src.slice(0, 20))"):
            assert source.startswith("data:image/png;base6")
        assert page.evaluate("window.planted") is None
    # A whole body is text, whatever its Content-Type was.
    page.goto(f"{pages.server}b/{pages.hostile}/0/response")
    assert page.evaluate("document.contentType") == "text/plain"
    assert page.evaluate("window.planted") is None
    assert [text for text in visit.problems if "favicon" not in text] == []


def test_without_escaping_the_policy_still_holds(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escaping keeps texts harmless; the Content-Security-Policy alone would do so, too."""
    environment = html._environment.__wrapped__()
    environment.autoescape = False
    monkeypatch.setattr(html, "_environment", lambda: environment)
    write_hostile(tmp_path / "hostile.yaml")
    cassette = load(tmp_path / "hostile.yaml")
    assert cassette
    text = cassette_page("hostile", cassette, "#", lambda *_: "#")
    assert "<script>window.planted" in text
    page = tmp_path / "page.html"
    page.write_text(text, encoding="utf-8", errors="backslashreplace")
    visit.page.goto(page.as_uri())
    visit.page.wait_for_load_state("networkidle")
    assert any("Content Security Policy" in problem for problem in visit.problems)
    assert visit.page.evaluate("window.planted") is None


def rows(page: Page) -> int:
    count: int = page.locator("#rows tbody tr").count()
    return count


@pytest.mark.parametrize("kind", ["server", "files"])
def test_search_and_filters(pages: Pages, visit: Visit, kind: str) -> None:
    page = visit.page
    page.goto(address(pages, kind))
    total = rows(page)
    assert total == 200  # no more than what is shown
    page.get_by_role("button", name="Show more").click()
    assert rows(page) > 200
    page.get_by_label("Status").select_option("409")
    assert 0 < rows(page) < 20
    page.get_by_label("Test", exact=True).fill("taken_once")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#query output")).to_contain_text(" of ")
    page.get_by_label("Endpoint").select_option(label="PATCH /users/{id}")
    assert 0 < rows(page) < 50
    assert set(page.locator("#rows .method").all_inner_texts()) == {"PATCH"}
    page.get_by_label("Endpoint").select_option("")
    page.get_by_label("Size").select_option("1000000")
    expect(page.locator("#rows tbody tr")).to_have_count(0)
    page.get_by_label("Size").select_option("")
    page.get_by_label("Recorded").select_option("-1")
    assert rows(page) < 200
    page.get_by_label("Recorded").select_option("")
    # A word that only bodies have; the address keeps the search.
    page.get_by_label("Search").fill("lovelace")
    expect(page.locator("#rows tbody tr").first).to_contain_text("/users")
    shown = rows(page)
    assert 0 < shown <= 200
    page.wait_for_url(re.compile("#q=lovelace"))
    page.locator("#rows a").first.click()
    expect(page.locator("h1")).to_contain_text(".yaml")
    page.go_back()
    expect(page.get_by_label("Search")).to_have_value("lovelace")
    expect(page.locator("#rows tbody tr")).to_have_count(shown)
    assert visit.problems == []


def test_all_by_keyboard(pages: Pages, visit: Visit) -> None:
    page = visit.page
    page.goto(pages.server)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("/users/")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search")).to_have_value("")
    page.keyboard.type("DELETE /users/")
    page.get_by_label("Search").press("Tab")
    page.keyboard.press("Shift+Tab")
    page.locator("#more").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#rows a").first).to_be_focused()
    page.keyboard.press("Enter")
    opened = page.locator("details.interaction[open]")
    expect(opened.first).to_contain_text("DELETE")
    opened.first.locator("summary", has_text="As a curl command").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_the_page_of_a_run(pages: Pages, visit: Visit) -> None:
    page = visit.page
    page.goto(pages.run)
    expect(page.locator("#summary")).to_be_visible()
    assert page.locator("details.scope[open]").count() == 1  # the test that failed
    page.get_by_label("Result").select_option("failed")
    assert page.locator("details.scope:visible").count() == 1
    page.get_by_label("Result").select_option("")
    page.get_by_label("Search").fill("taken_once 409")
    assert page.locator("details.scope:visible").count() == 1
    page.get_by_role("link", name="Endpoints").click()
    expect(page.locator("#endpoints")).to_be_in_viewport()
    image = page.locator("img").first
    assert image.evaluate("(i) => i.naturalWidth") == 1
    page.emulate_media(media="print")
    assert page.locator("form.filter:visible").count() == 0
    assert visit.problems == []


def test_two_recordings(pages: Pages, visit: Visit) -> None:
    page = visit.page
    page.goto(pages.diff)
    old, new = page.locator("del").first, page.locator("ins").first
    assert (old.inner_text().strip(), new.inner_text().strip()) == (
        '"role": "admin",',
        '"role": "member",',
    )
    assert page.locator("details.pair:not([open])").first.is_visible()
