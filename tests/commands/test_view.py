"""`reprise view`: the list, the pages, and the server that answers one machine only."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette
from pytest_reprise.commands.main import main
from pytest_reprise.commands.view import Viewer, _files
from pytest_reprise.commands.view_server import ViewServer
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.hostile_cassette import write_hostile

CASSETTES = Path(__file__).parents[2] / "cassettes" / "examples" / "staging_api" / "tests"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with cassettes, a broken one, and other files."""
    shutil.copytree(CASSETTES / "test_users", tmp_path / "tests" / "test_users")
    write_hostile(tmp_path / "tests" / "hostile.yaml")
    (tmp_path / "tests" / "broken.yaml").write_text("interactions: [\n- request: <script>\n")
    (tmp_path / "tests" / "other.yaml").write_text("key: value\n")
    (tmp_path / "outside.yaml").write_text("interactions: []\n")
    (tmp_path / "tests" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def index_of(page: str) -> dict[str, Any]:
    """The data in the page with the list."""
    found = re.search(r'<script type="application/json" id="index">(.*?)</script>', page)
    assert found
    index: dict[str, Any] = json.loads(found[1])
    return index


@contextmanager
def serving(viewer: Viewer) -> Iterator[http.client.HTTPConnection]:
    """A connection to a server with the pages of a viewer."""
    with ViewServer(viewer.site()) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        try:
            yield connection
        finally:
            connection.close()
            server.shutdown()
            thread.join()


def get(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", host: str = ""
) -> tuple[int, dict[str, str], str]:
    connection.close()
    connection.putrequest(method, path, skip_host=bool(host))
    if host:
        connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, dict(answer.headers), answer.read().decode()


@pytest.mark.usefixtures("top")
def test_the_server_shows_what_is_below_the_path_and_nothing_else() -> None:
    viewer = Viewer(_files([Path("tests")]), None, "")
    viewer.read(quiet=True, keeps_text=False)
    with serving(viewer) as connection:
        status, _, page = get(connection, "/")
        assert status == 200
        index = index_of(page)
        names = [str(cassette[0]) for cassette in index["cassettes"]]
        assert "tests/other.yaml" not in names
        assert "tests/link.yaml" not in names
        assert "<code>tests/broken.yaml:" in page.replace("\n", "")
        assert "GET /users/{id}" in index["endpoints"]
        status, headers, page = get(connection, "/c/3")
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert "Content-Security-Policy" in page
        hostile = names.index("tests/hostile.yaml")
        for side in ("request", "response"):
            status, headers, body = get(connection, f"/b/{hostile}/0/{side}")
            assert headers["Content-Type"] == "text/plain; charset=utf-8"
            assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert "<script>" in body
        assert get(connection, f"/c/{names.index('tests/broken.yaml')}")[0] == 200

        found = json.loads(get(connection, "/search?q=LOVELACE+admin")[2])
        assert {names[cassette].split("/")[1] for cassette, _ in found} == {"test_users"}
        assert json.loads(get(connection, "/search?q=")[2]) == []

        for path in (
            "/c/9999", "/c/-1", "/c/../../outside.yaml", "/b/0/9999/response", "/b/0/0/x",
            "/outside.yaml", "/c/%2e%2e", "/b/0/0/../../outside.yaml",
        ):  # fmt: skip
            assert get(connection, path)[0] == 404, path
        for host in ("evil.example", f"evil.example:{connection.port}", "127.0.0.1"):
            assert get(connection, "/", host=host)[0] == 421
        assert get(connection, "/", host=f"localhost:{connection.port}")[0] == 200
        for method in ("POST", "PUT", "DELETE"):
            assert get(connection, "/", method)[0] == 501


def test_files(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", "tests", "--out", "site", "--quiet"]) == 0
    assert "25 cassettes in site/index.html" in capsys.readouterr().out
    index = index_of((top / "site" / "index.html").read_text(encoding="utf-8"))
    assert len(index["rows"]) == len(index["texts"])
    for link in index["links"]:
        assert (top / "site" / str(link)).is_file()
    pages = [*(top / "site").rglob("*.html")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script>window.planted" not in text
        markup = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        assert not re.search(r"<\w[^<>]*\son\w+=", markup)
        assert 'src="data:image/png' in text or "<img" not in text


def test_two_recordings_side_by_side(top: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "commit.gpgsign=no"]
    for command in (["init", "-q"], ["add", "tests"], ["commit", "-q", "-m", "before"]):
        subprocess.run([*git, *command], check=True)
    path = next((top / "tests" / "test_users").glob("TestAddresses*once.yaml"))
    path.write_text(path.read_text().replace('"role": "member"', '"role": "admin"'))
    assert main(["view", "tests/test_users", "--against", "HEAD", "--out", "site"]) == 0
    page = (top / "site" / "index.html").read_text(encoding="utf-8")
    assert "What the API changed" in page
    names = [str(cassette[0]) for cassette in index_of(page)["cassettes"]]
    number = names.index(f"tests/test_users/{path.name}")
    text = (top / "site" / "c" / f"{number}.html").read_text(encoding="utf-8")
    assert "<del>  &#34;role&#34;: &#34;member&#34;,</del>" in text
    assert "<ins>  &#34;role&#34;: &#34;admin&#34;,</ins>" in text


def test_bodies_are_not_kept_for_the_list(tmp_path: Path) -> None:
    body = "word " * 200_000
    answer = Response(200, "OK", (("Content-Type", "text/plain"),), body.encode())
    cassette = Cassette((Interaction(Request("GET", "http://a.example/x"), answer),))
    for number in range(30):
        save(tmp_path / f"test_{number}.yaml", cassette)
    viewer = Viewer(_files([tmp_path]), None, "")
    tracemalloc.start()
    viewer.read(quiet=True, keeps_text=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(viewer.library.rows) == 30
    assert peak < 15_000_000  # all bodies together have twice as much
    page = viewer.cassette(0, "/", lambda *_: "/whole")
    assert len(page) < 200_000
    assert 'href="/whole"' in page


def test_a_pattern_names_files(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", "tests/*/TestAddresses*", "--out", str(top / "site")]) == 0
    assert "2 cassettes in" in capsys.readouterr().out


def test_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(tmp_path)]) == 2
    assert main(["view", str(tmp_path / "none")]) == 2
    assert "no cassette was found" in capsys.readouterr().err
    for port in ("99999", "-1", "x"):
        with pytest.raises(SystemExit, match="2"):
            main(["view", str(tmp_path), "--port", port])
        assert f"argument --port: not a port (0 to 65535): {port}" in capsys.readouterr().err
