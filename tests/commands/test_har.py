"""`reprise export --har` and `reprise import`: other tools' captures become cassettes, scrubbed."""

from __future__ import annotations

import contextlib
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.har_reading import HarError, read_har
from pytest_reprise.cassette.har_writing import Recording, har_document
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.commands.main import main
from pytest_reprise.exchange import Failure, Interaction, Latency, Request, Response, header

from ..harness import strategies

PASSWORD = "correct-horse-battery-9"
START = "2026-03-04T05:06:07.250Z"


def entry(url: str, **more: Any) -> dict[str, Any]:
    """Return an entry as Chromium writes it; `more` are other values for its parts."""
    found: dict[str, Any] = {
        "startedDateTime": START,
        "time": 120.5,
        "request": {
            "method": "POST",
            "url": url,
            "httpVersion": "http/2.0",
            "headers": [
                {"name": ":authority", "value": "api.shop.test"},
                {"name": "content-type", "value": "application/json"},
            ],
            "queryString": [],
            "cookies": [],
            "postData": {
                "mimeType": "application/json",
                "text": json.dumps({"user": "ada", "password": PASSWORD}),
            },
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "http/2.0",
            "headers": [
                {"name": "content-type", "value": "application/json; charset=utf-8"},
                {"name": "content-encoding", "value": "br"},
                {"name": "content-length", "value": "17"},
                {"name": "set-cookie", "value": "theme=dark\nlang=en"},
            ],
            "content": {"size": 14, "mimeType": "application/json", "text": '{"name":"Ada"}'},
        },
        "timings": {"send": 0.5, "wait": 100, "receive": 20},
    }
    for name, value in more.items():
        part, _, key = name.partition("_")
        if part and key:
            found[part] = {**found[part], key: value}
        else:
            found[name] = value
    return found


def har(*entries: dict[str, Any]) -> str:
    creator = {"name": "WebInspector", "version": "537.36"}
    return json.dumps({"log": {"version": "1.2", "creator": creator, "entries": entries}})


@pytest.fixture(autouse=True)
def in_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").touch()


def test_a_capture_of_a_browser_becomes_a_cassette(capsys: pytest.CaptureFixture[str]) -> None:
    later = entry("https://api.shop.test/orders#top", startedDateTime="2026-03-04T05:06:09.250Z")
    socket = entry("wss://api.shop.test/live")
    cached = entry("https://api.shop.test/logo", _fromCache="disk")
    without_body = entry("https://api.shop.test/big", response_content={"size": 10})
    blocked = entry("https://api.shop.test/ads", response_status=0)
    failed = entry(
        "https://ada:a-secret@api.shop.test/cut?key=a-secret", response_status=-1
    )  # as Playwright writes it
    other = entry("https://metrics.test/beacon")
    parts = (
        later,
        entry("https://api.shop.test/login"),
        socket,
        cached,
        without_body,
        blocked,
        failed,
    )
    Path("shop.har").write_text(har(*parts, other), encoding="utf-8-sig")
    assert main(["import", "--host", "API.*", "shop.har", "tests/cassettes/shop.yaml"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "tests/cassettes/shop.yaml: 2 interactions\n"
    assert printed.err == (
        "entry 3 is left out, wss://api.shop.test/live: a WebSocket\n"
        "entry 4 is left out, https://api.shop.test/logo: the browser took it from its cache, so "
        "there is no answer\n"
        "entry 5 is left out, https://api.shop.test/big: the body of the answer is not in the "
        "file; save it with contents\n"
        "entry 6 is left out, https://api.shop.test/ads: it has no answer\n"
        "entry 7 is left out, https://api.shop.test/cut: it has no answer\n"
    )
    cassette = load(Path("tests/cassettes/shop.yaml"))
    assert cassette
    assert cassette.header
    assert cassette.header.recorded_at == datetime(2026, 3, 4, 5, 6, 7, 250_000, tzinfo=UTC)
    assert cassette.header.base_url == "https://api.shop.test"
    assert cassette.header.recorded_with.endswith("HAR of WebInspector 537.36")
    first, second = cassette.interactions
    assert (first.request.url, second.request.url) == (
        "https://api.shop.test/login",
        "https://api.shop.test/orders",
    )
    assert first.latency == pytest.approx((0.1005, 0.1205))
    assert first.at == pytest.approx(0.1005)
    assert second.at == pytest.approx(2.1005)
    assert PASSWORD not in Path("tests/cassettes/shop.yaml").read_text()
    answer = first.outcome
    assert isinstance(answer, Response)
    assert (answer.body, answer.http_version) == (b'{"name":"Ada"}', "HTTP/2")
    assert header(answer.headers, "content-encoding") is None
    assert header(answer.headers, "content-length") == "14"
    assert [value for name, value in answer.headers if name == "set-cookie"] == [
        "theme=dark",
        "lang=en",
    ]


def test_a_url_that_is_none_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    Path("shop.har").write_text(har(entry("https://[a.test/"), entry("https://b.test/")))
    assert main(["import", "shop.har", "shop.yaml"]) == 0
    assert capsys.readouterr().err == "entry 1 is left out, https://[a.test/: not a URL\n"


def test_nothing_is_overwritten_and_every_mistake_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.har").write_text(har(entry("https://api.shop.test/login")))
    Path("mine.yaml").write_text("mine")
    broken = {
        "cut.har": ('{"log": {', "line 1: not JSON: "),
        "list.har": ("[]", "not an object of JSON"),
        "no-log.har": ("{}", "`log` is not an object"),
        "no-entries.har": ('{"log": {"entries": 1}}', "`log.entries` is not a list"),
        "null.har": (har(*[None]), "`log.entries[0]` is not an object"),  # type: ignore[arg-type]
        "time.har": (
            har(entry("https://a.test/", startedDateTime="now")),
            "`log.entries[0].startedDateTime` is not a time",
        ),
        "status.har": (
            har(entry("https://a.test/", response_status=10**30)),
            "`log.entries[0].response.status` is not a status of HTTP",
        ),
        "base64.har": (
            har(entry("https://a.test/", response_content={"text": "é", "encoding": "base64"})),
            "`log.entries[0]` has a body that is not base64",
        ),
        "headers.har": (
            har(entry("https://a.test/", response_headers=[{"name": 1}])),
            "`log.entries[0].response.headers[0]` has no `name` and `value` that are texts",
        ),
        "deep.har": ("[" * 100_000, "not JSON that can be read: it has too many levels or digits"),
        "none.har": (har(), "it has no request that can be replayed"),
    }
    for name, (text, problem) in broken.items():
        Path(name).write_text(text)
        assert main(["import", name, "new.yaml"]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"reprise: {name}: {problem}"), error
        assert error.count("\n") == 1
    for arguments, problem in {
        ("a.har", "mine.yaml"): "mine.yaml exists; --force replaces it",
        ("a.har", "new.json"): "the name of a cassette ends in .yaml or .yml: new.json",
        ("nowhere.har", "new.yaml"): "nowhere.har: No such file or directory",
        ("--host=b.test", "a.har", "new.yaml"): "a.har: it has no request to b.test that can be",
    }.items():
        assert main(["import", *arguments]) == 2
        assert capsys.readouterr().err.startswith(f"reprise: {problem}")
    assert Path("mine.yaml").read_text() == "mine"
    assert not Path("new.yaml").exists()
    assert main(["import", "--force", "a.har", "mine.yaml"]) == 0
    assert len(load(Path("mine.yaml")).interactions) == 1  # type: ignore[union-attr]


def test_an_export_is_read_by_other_tools(capsys: pytest.CaptureFixture[str]) -> None:
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    interactions = (
        Interaction(
            Request("GET", "https://api.test/a?b=1&c=", (("Cookie", "d=1; e=2"),)),
            Response(200, "OK", headers, gzip.compress(b"{}", mtime=0)),
            at=1.5,
            latency=Latency(0.5, 0.75),
        ),
        Interaction(Request("GET", "https://api.test/b"), Failure("ReadTimeout", "timed out")),
    )
    save(Path("a.yaml"), Cassette(interactions, Header(datetime(2026, 1, 2, tzinfo=UTC), "me")))
    assert main(["export", "--har", "a.yaml"]) == 0
    log = json.loads(capsys.readouterr().out)["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "pytest-reprise")
    assert [page["title"] for page in log["pages"]] == ["a.yaml"]
    failed, answered = log["entries"]
    assert answered["startedDateTime"] == "2026-01-02T00:00:01+00:00"
    assert (answered["time"], answered["timings"]) == (
        750,
        {"send": 0, "wait": 500, "receive": 250},
    )
    assert answered["request"]["queryString"] == [
        {"name": "b", "value": "1"},
        {"name": "c", "value": ""},
    ]
    assert answered["request"]["cookies"] == [
        {"name": "d", "value": "1"},
        {"name": "e", "value": "2"},
    ]
    assert answered["response"]["content"]["text"] == "{}"
    assert failed["_error"] == "ReadTimeout: timed out"
    assert main(["export", "--har", "a.yaml", "--out", "a.har"]) == 0
    assert capsys.readouterr().out == "a.har: 2 interactions of 1 cassette\n"
    assert json.loads(Path("a.har").read_text())["log"] == log


def sent_at(interaction: Interaction) -> float:
    return interaction.at - (interaction.latency.headers if interaction.latency else 0.0)


@strategies.FEW
@given(st.lists(strategies.interactions, max_size=4))
def test_an_export_reads_back(interactions: list[Interaction]) -> None:
    """But for what HAR cannot hold: how a body was compressed and cut into chunks."""
    at = datetime(2026, 1, 2, tzinfo=UTC)
    document = har_document([Recording("a", Header(at, "me"), tuple(interactions))], "1")
    capture = read_har(json.dumps(document), lambda _host: True)
    expected = sorted(interactions, key=sent_at)
    assert not capture.skipped
    for read, written in zip(capture.interactions, expected, strict=True):
        url = written.request.url.partition("#")[0]
        assert read.request == written.request._replace(url=url)
        assert type(read.outcome) is type(written.outcome)
        if isinstance(written.outcome, Failure):
            assert read.outcome == written.outcome
        elif isinstance(read.outcome, Response):
            assert read.outcome.status == written.outcome.status


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("log entries request response headers url status name value".split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@strategies.FEW
@given(_JSON | st.builds(lambda value: {"log": {"entries": [value]}}, _JSON))
def test_any_document_is_read_or_refused(document: object) -> None:
    with contextlib.suppress(HarError):
        read_har(json.dumps(document), lambda _host: True)
