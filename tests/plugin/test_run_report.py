"""The report of a run in each format: what it shows of replays, recordings, misses and failures."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ..harness.runs import Run, Server, Suite, json_answer

FORKS = True
TOKEN = "sk_live_9aF0bX21kZq7Lm2Zt9RkX4Vw"

RECORDED = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="module")
    def token(client):
        return client.post("/token", json={"password": "correct-horse-Vq7Lm2Zt9"}).json()["token"]

    def test_users(client, token):
        client.get("/users/1", headers={"Authorization": f"Bearer {token}"})
        client.get("/users/2", headers={"Authorization": f"Bearer {token}"})

    def test_order(client):
        client.post("/orders", json={"name": "pen", "amount": 1})
        client.get("/page")

    def test_failing(client):
        assert client.get("/status/404").status_code == 404

    def test_plain():
        pass
"""
EDITED = (
    RECORDED.replace('"amount": 1', '"amount": 2')
    .replace('        client.get("/users/2", headers={"Authorization": f"Bearer {token}"})\n', "")
    .replace("== 404", "== 200, 'the status was another'")
)
HOSTILE = "</script><script>document.title = 'ran'</script><img src=x onerror=\"ran()\"> {{ 7*7 }}"


@pytest.fixture
def recorded(suite: Suite, run: Run, server: Server) -> None:
    """A recording of RECORDED, whose tests are EDITED since then."""
    suite(RECORDED)
    server.answers["/token"] = json_answer({"token": TOKEN})
    for number in (1, 2):
        server.answers[f"/users/{number}"] = json_answer({"id": number, "name": "Ada"})
    server.answers["/orders"] = json_answer({"id": 7}, 201)
    server.answers["/page"] = 200, {"Content-Type": "text/html"}, HOSTILE.encode()
    run("--record-mode=once").assert_outcomes(passed=4)
    server.stop()
    suite(EDITED)


class _Page(HTMLParser):
    """The elements of a page, and the texts in each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.text += data


def _reports(run: Run, *options: str) -> dict[str, str]:
    files = [f"--reprise-report=report.{suffix}" for suffix in ("html", "md", "xml", "json")]
    run(*options, *files).assert_outcomes(passed=2, failed=2, errors=1)
    return {p.suffix[1:]: p.read_text(encoding="utf-8") for p in Path().glob("report.*")}


@pytest.mark.usefixtures("recorded")
def test_the_report_of_a_replay(run: Run) -> None:
    found = _reports(run)
    page = _Page(found["html"])
    shown = re.sub(r"\s+", " ", page.text)
    for text in (
        "1 passed, 3 failed",
        "Missed requests 1",
        "POST /orders is not recorded",
        "body.amount12",  # both sides of the field
        "Calls that were not made 3",
        "/users/{id}",
        "the status was another",
        "Redacted-password-1",
        HOSTILE,
        "curl --globoff",
        "httpx.request(",
    ):
        assert text in shown, text
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [tag for tag, attrs in page.tags for name in attrs if name.startswith("on")]
    assert not [attrs for tag, attrs in page.tags if tag in ("img", "iframe", "link", "object")]
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    assert policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy

    assert "| Tests | 1 passed, 3 failed |" in found["md"]
    assert "- `body.amount`: recorded `1`, sent `2`" in found["md"]
    assert "## 3 recorded calls not made" in found["md"]
    assert re.search(r"\| `GET /users/\{id\}` \| 2 \| 200 \| \d+ ms \| \d+ B \| 1 \|", found["md"])

    [junit] = ElementTree.fromstring(found["xml"])
    assert junit.attrib["failures"] == "1"
    assert {case.get("name") for case in junit} >= {"test_suite.py::test_users", "fixture token"}

    values = json.loads(found["json"])
    assert values["misses"][0]["differences"] == [
        {"field": "body.amount", "recorded": "1", "sent": "2"}
    ]
    endpoint = next(one for one in values["endpoints"] if one["name"] == "GET /users/{id}")
    assert endpoint["statuses"] == {"200": 2}
    for text in found.values():
        assert TOKEN not in text
        assert "correct-horse" not in text


@pytest.mark.usefixtures("recorded")
def test_workers_give_the_same_report(run: Run) -> None:
    alone = _reports(run)
    together = _reports(run, "-p", "xdist", "-n", "2")
    for suffix in ("md", "json"):
        for text in (alone, together):
            lines = [line for line in text[suffix].splitlines() if "| Time |" not in line]
            text[suffix] = "\n".join(sorted(line.rstrip(",") for line in lines))
        assert together[suffix] == alone[suffix]
    assert sorted(_Page(together["html"]).text.split()) != []
    assert together["html"].count('class="scope"') == alone["html"].count('class="scope"')


def test_the_summary_of_a_github_job_is_added_to_what_is_there(
    suite: Suite, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(RECORDED.replace("test_plain", "test_other"))
    summary = Path("step_summary_1").absolute()
    summary.write_text("Earlier\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run(f"--reprise-report={summary}", "-k", "other")
    run(f"--reprise-report={summary}", "-k", "other")
    text = summary.read_text()
    assert text.startswith("Earlier\n")
    assert text.count("# Recorded requests") == 2


def test_a_report_of_a_recording_and_one_of_nothing(suite: Suite, run: Run, server: Server) -> None:
    suite(RECORDED)
    server.answers["/token"] = json_answer({"token": TOKEN})
    run("--record-mode=once", "--reprise-report=report.html")
    page = _Page(Path("report.html").read_text(encoding="utf-8"))
    assert "The cassette was written in this run." in page.text
    assert "live" in page.text
    assert TOKEN not in page.text
    suite("def test_plain(): pass", ini="reprise_report = other.html")
    run("--collect-only")
    run("--reprise-report=").assert_outcomes(passed=1)
    assert not Path("other.html").exists()
    run("--reprise-report=report.html").assert_outcomes(passed=1)
    text = Path("report.html").read_text(encoding="utf-8")
    assert "No test of this run is recorded." in text
