"""The page of pytest-html: the section of a failed test has its interactions."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from ..harness.runs import Run, Server, Suite, json_answer
from .conftest import Visit

SUITE = """
    import pytest

    PASSWORD = "correct-horse-Vq7Lm2Zt9"

    @pytest.mark.vcr
    def test_it(client):
        client.post("/login", json={"password": PASSWORD})
        assert client.get("/page").status_code == 500

    def test_plain():
        assert False
"""
BODY = "<script>window.planted=1</script><img src=x onerror=window.planted=1>"


def test_a_failed_test_shows_its_interactions(
    suite: Suite, run: Run, server: Server, visit: Visit
) -> None:
    suite(SUITE.replace("500", "200"))
    server.answers["/page"] = json_answer({"text": BODY})
    run("--record-mode=once", "-k", "test_it").assert_outcomes(passed=1)
    suite(SUITE)
    page = visit.page
    for name, option in (("replay", "none"), ("live", "rewrite")):
        file = Path(f"{name}.html")
        run(f"--html={file}", "--self-contained-html", f"--record-mode={option}")
        text = file.read_text(encoding="utf-8")
        assert "correct-horse" not in text
        for token in server.tokens:
            assert token not in text
        page.goto(file.absolute().as_uri())
        section = page.locator("tbody.results-table-row", has_text="::test_it")
        expect(section.get_by_text("Recorded requests")).to_be_visible()
        state = "played" if name == "replay" else "live"
        expect(section.locator("summary", has_text=f", {state}")).to_have_count(2)
        section.locator("summary", has_text="/page").click()
        expect(section.get_by_text("window.planted").first).to_be_visible()
        other = page.locator("tbody.results-table-row", has_text="::test_plain")
        expect(other.get_by_text("Recorded requests")).to_have_count(0)
        assert page.evaluate("window.planted") is None
