"""`--record-mode=rewrite`: a cassette changes only where the API changed."""

from __future__ import annotations

import difflib
import gzip
import json
import re
import threading
import uuid
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from ..harness.runs import Answer, Cassettes, Received, Run, Server, Suite, json_answer

NOT_NEEDED = ("faker", "timemachine", "base_url", "xdist")
FORKS = True

CONCURRENT = """
    import asyncio
    import json
    import os
    from concurrent.futures import ThreadPoolExecutor

    import pytest

    ORDER = json.loads(os.environ["ORDER"])

    @pytest.mark.vcr
    def test_threads(client):
        with ThreadPoolExecutor(len(ORDER)) as pool:
            list(pool.map(lambda n: client.get(f"/items/{n}"), ORDER))

    @pytest.mark.vcr
    def test_equal_calls(client):
        with ThreadPoolExecutor(len(ORDER)) as pool:
            list(pool.map(lambda n: client.get("/next", headers={"x-n": str(n)}), ORDER))

    @pytest.mark.vcr
    def test_chains(async_client):
        async def chain(n):
            await async_client.get(f"/first/{n}")
            await async_client.get(f"/second/{n}")

        async def main():
            await asyncio.gather(*map(chain, ORDER))

        asyncio.run(main())
"""


def _answer_by_header(server: Server, count: int) -> None:
    """Answer each request with its number, and /next only when `count` of them have arrived."""
    together = threading.Barrier(count)
    own_answer = server.answer

    def answer(received: Received) -> Answer:
        if received.path == "/next":
            together.wait(30)
            return json_answer({"n": received.headers["x-n"]})
        return own_answer(received)

    server.answer = answer  # type: ignore[method-assign]


def test_concurrent_requests_in_another_order_are_no_change(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer_by_header(server, 8)
    suite(CONCURRENT)
    monkeypatch.setenv("ORDER", "[0, 1, 2, 3, 4, 5, 6, 7]")
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    for order in ("[7, 6, 5, 4, 3, 2, 1, 0]", "[3, 0, 7, 1, 6, 2, 5, 4]"):
        monkeypatch.setenv("ORDER", order)
        result = run("--record-mode=rewrite")
        result.stdout.fnmatch_lines(["reprise: *0 cassettes written, 3 unchanged*"])
        assert cassettes() == before
    server.stop()
    run().assert_outcomes(passed=3)


RACES = """
    import asyncio

    import pytest

    pytestmark = pytest.mark.vcr
    NAMES = ["Ada", "Bob", "Eve"]

    def send(client, path, names):
        async def main():
            await asyncio.gather(*(client.post(path, json={"name": name}) for name in names))

        asyncio.run(main())

    def test_one_seat(async_client):
        send(async_client, "/seats", NAMES)

    def test_ranks(async_client):
        send(async_client, "/ranks", NAMES)
"""


def _let_requests_race(server: Server, order: list[str]) -> None:
    """Answer the requests of a test in the order of these names, when all have arrived."""
    arrived = {path: threading.Barrier(len(order)) for path in ("/seats", "/ranks")}
    answered: dict[str, list[str]] = {path: [] for path in arrived}
    turn = threading.Condition()

    def answer(received: Received) -> Answer:
        path, name = received.path, json.loads(received.body)["name"]
        arrived[path].wait(30)
        rank = order.index(name)
        with turn:
            turn.wait_for(lambda: len(answered[path]) == rank, 30)
            answered[path].append(name)
            turn.notify_all()
        if path == "/seats" and rank:
            return json_answer({"error": "taken", "by": order[0]}, 409)
        made = {"id": str(uuid.uuid4()), "name": name, "rank": ["first", "second", "third"][rank]}
        return json_answer(made | {"is_first": rank == 0}, 201)

    server.answer = answer  # type: ignore[method-assign]


def test_another_winner_of_a_race_is_no_change(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(RACES)
    _let_requests_race(server, ["Ada", "Bob", "Eve"])
    run("--record-mode=once").assert_outcomes(passed=2)
    before = cassettes()
    _let_requests_race(server, ["Eve", "Bob", "Ada"])
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(["reprise: 2 cassettes say the same, 0 written"])
    assert cassettes() == before
    server.stop()
    run().assert_outcomes(passed=2)


PATHS = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_a_name(client):
        assert client.get("/status/200").is_success

    def test_a_query(client):
        assert client.post("/echo?page=1", json={"n": 1}).is_success

    @pytest.mark.parametrize("n", range(2))
    def test_an_id(client, n):
        assert client.get("/users/7").is_success
        assert client.get("/health").is_success

    @pytest.mark.parametrize("n", range(2))
    def test_a_search(client, n):
        assert client.post("/echo?q=ada").json()["path"]

    def test_a_word(client):
        assert client.get("/kinds/pen").is_success

    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("status", [200, 201])
    def test_shared(client, status):
        assert client.get(f"/status/{status}").is_success
"""


def test_edited_paths_are_no_change_of_the_api_and_a_shared_cassette_counts_once(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(PATHS)
    for path, name in {"/users/7": "Ada", "/users/8": "Eve", "/kinds/pen": "Pen"}.items():
        server.answers[path] = json_answer(
            {"name": name, "is_admin": name == "Ada", "n": len(path)}
        )
    server.answers["/kinds/cup"] = json_answer({"name": "Cup", "litres": 0.3}, 203)
    run("--record-mode=once").assert_outcomes(passed=9)
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(
        ["reprise: 8 cassettes say the same, 0 written", "*, 0 cassettes written, 8 unchanged, *"]
    )
    edited = PATHS.replace("/status/200", "/health").replace("/echo?page=1", "/echo?page=2")
    edited = edited.replace("/users/7", "/users/8").replace("/kinds/pen", "/kinds/cup")
    edited = edited.replace("q=ada", "q=eve")
    suite(edited.replace("[200, 201]", "[200, 203]"))
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(
        [
            "reprise: no API change; 8 cassettes rewritten, 0 say the same",
            "*, 8 cassettes written, 0 kept, *",
        ]
    )
    server.stop()
    run().assert_outcomes(passed=9)


ELEVEN = """
    import pytest

    @pytest.mark.vcr
    def test_it(client):
        for n in range(11):
            client.post(f"/items/{n}", json={"n": n})
"""


def _answer_items(server: Server, day: int, **changed: str) -> None:
    for n in range(11):
        value = {"n": n, "name": "Ada", "made": f"2026-01-0{day}T00:00:0{n % 10}Z"}
        value |= changed if n == 6 else {}
        date = f"Thu, 0{day} Jan 2026 00:00:0{n % 10} GMT"
        server.answers[f"/items/{n}"] = json_answer(value, date=date, x_request_id=f"r{day}{n}")


def _changed_lines(before: str, after: str) -> list[str]:
    """Return removed and added lines, without blanks and the length of bodies."""
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    lines = (line.replace(" ", "") for line in diff if line[0] in "+-")
    return [line for line in lines if not re.fullmatch(r".-'\d+'", line)]


def test_a_changed_field_changes_the_lines_of_that_field_only(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(ELEVEN)
    _answer_items(server, 1)
    run("--record-mode=once").assert_outcomes(passed=1)
    [before] = cassettes().values()
    _answer_items(server, 2, name="Eve")
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    [after] = cassettes().values()
    assert _changed_lines(before, after) == ['-"name":"Ada",', '+"name":"Eve",']
    server.stop()
    run().assert_outcomes(passed=1)


def _gzipped(server: Server, path: str, mtime: int, value: object) -> None:
    body = gzip.compress(json.dumps(value).encode(), mtime=mtime)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    server.answers[path] = (200, headers, body)


def test_changes_in_compressed_json_are_seen_and_other_compression_is_not(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(ELEVEN.replace("range(11)", '"ab"').replace("/items/", "/"))
    for path in ("/a", "/b"):
        _gzipped(server, path, 1, {"name": "Ada", "tags": []})
    run("--record-mode=once").assert_outcomes(passed=1)
    [before] = cassettes().values()
    for path in ("/a", "/b"):
        _gzipped(server, path, 2, {"name": "Ada", "tags": []})
    run("--record-mode=rewrite").stdout.fnmatch_lines(["*0 cassettes written, 1 unchanged*"])
    assert list(cassettes().values()) == [before]
    _gzipped(server, "/b", 3, {"full_name": "Ada", "tags": []})
    run("--record-mode=rewrite").stdout.fnmatch_lines(
        ["reprise: 1 API change (1 breaking); 1 cassette rewritten*", "*POST /b  name → full_name*"]
    )
    [after] = cassettes().values()
    assert _changed_lines(before, after) == ['-"name":"Ada",', '+"full_name":"Ada",']
    server.stop()
    run().assert_outcomes(passed=1)


def _flushed(plain: bytes, number: int) -> bytes:
    """Compress as a server that sends the first bytes at once."""
    made = brotli.Compressor()
    parts = (made.process(plain[:number]), made.flush(), made.process(plain[number:]))
    return b"".join((*parts, made.finish()))


COMPRESSORS: dict[str, Callable[[bytes, int], bytes]] = {
    "br": lambda plain, number: bytes(brotli.compress(plain, quality=3 + number)),
    "zstd": lambda plain, number: zstandard.ZstdCompressor(level=number).compress(plain),
    "br, which cannot be restored": _flushed,
}


@pytest.mark.parametrize("how", COMPRESSORS)
def test_bodies_in_any_coding_are_compared_as_text(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, how: str
) -> None:
    suite(
        """
        import gzip
        import itertools
        import time

        import pytest

        @pytest.mark.vcr
        def test_it(client):
            sent = gzip.compress(b'{"sent": "text"}', mtime=time.time_ns() // 1000 % 2**31)
            headers = {"content-encoding": "gzip"}
            answer = client.post("/a", content=sent, headers=headers)
            assert answer.json()["tags"] == ["x"] * 9
            assert answer.headers["content-encoding"] in ("br", "zstd")
        """
    )

    def answer(number: int, **value: object) -> None:
        body = COMPRESSORS[how](json.dumps({**value, "tags": ["x"] * 9}).encode(), number)
        headers = {"Content-Type": "application/json", "Content-Encoding": how.partition(",")[0]}
        server.answers["/a"] = (200, headers, body)

    answer(1, name="Ada")
    run("--record-mode=once").assert_outcomes(passed=1)
    [before] = cassettes().values()
    assert '"name": "Ada"' in before
    assert '"sent": "text"' in before
    assert ("response_text" in before) == (how not in ("br", "zstd"))
    assert "request_coding: gzip level=9" in before
    answer(2, name="Ada")
    for mode in ("rewrite", "all"):
        result = run(f"--record-mode={mode}")
        result.stdout.fnmatch_lines(["*0 cassettes written, 1 unchanged*"])
    assert list(cassettes().values()) == [before]
    answer(3, full_name="Ada")
    run("--record-mode=rewrite").stdout.fnmatch_lines(
        ["  breaking  POST /a  name → full_name  1 test"]
    )
    server.stop()
    run("--record-mode=none").assert_outcomes(passed=1)


# --- a suite whose values travel between cassettes ------------------------------------------------

CONFTEST = """
    import os
    import uuid

    import httpx
    import pytest

    @pytest.fixture(scope="session")
    def session_client():
        with httpx.Client(base_url=os.environ["API_BASE_URL"]) as client:
            yield client

    @pytest.fixture(scope="session")
    def organisation(session_client):
        return session_client.post("/orgs", json={"slug": str(uuid.uuid4())}).json()

    @pytest.fixture(scope="module")
    def team(session_client, organisation):
        return session_client.post(f"/orgs/{organisation['id']}/teams", json={}).json()
"""
TRAVELLING = """
    import uuid

    import pytest

    pytestmark = pytest.mark.vcr

    def test_user(client, organisation):
        sent = {"ref": str(uuid.uuid4()), "name": "Ada"}
        user = client.post(f"/orgs/{organisation['id']}/users", json=sent).json()
        assert user["org_id"] == organisation["id"]
        assert user["ref"] == sent["ref"]
        assert client.get(f"/users/{user['id']}").json()["id"] == user["id"]

    @pytest.mark.parametrize("name", ["a", "b"])
    def test_member(client, team, name):
        answer = client.post(f"/teams/{team['id']}/members", json={"name": name}).json()
        assert answer["team_id"] == team["id"]
        assert client.delete(f"/members/{answer['id']}").is_success

    def test_order(client):
        order = client.post("/orders", json={"n": 1}).json()
        assert client.get(f"/orders/{order['id']}").json()["key"] == order["key"]

    def test_health(client):
        assert client.get("/health").is_success
"""


class MovingApi:
    """Answers with ids, keys and times that differ in each run."""

    def __init__(self, server: Server) -> None:
        self.number = 100
        self.day = 1
        self.made: dict[str, dict[str, object]] = {}
        self.change: Callable[[str, dict[str, object]], dict[str, object]] = lambda _, found: found
        self._own_answer = server.answer
        server.answer = self.answer  # type: ignore[method-assign]

    def answer(self, received: Received) -> Answer:
        if received.path == "/health":
            return self._own_answer(received)
        *above, last = received.path.strip("/").split("/")
        if received.method == "POST":
            self.number += 7
            answer = {"id": self.number, **json.loads(received.body), "key": f"{uuid.uuid4()}"}
            answer["made"] = f"2026-01-0{self.day}T00:00:00Z"
            answer |= {f"{above[0][:-1]}_id": int(above[1])} if above else {}
            self.made[str(self.number)] = answer
            return json_answer(self.change(received.path, answer), 201)
        known = self.made.get(last)
        return json_answer(self.change(received.path, known or {}), 200 if known else 404)


def _clean(paths: dict[str, str], before: dict[str, str]) -> list[str]:
    return [name for name in paths if paths[name] != before.get(name)]


def test_moving_values_change_no_file_and_a_change_changes_its_lines_only(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    api = MovingApi(server)
    suite(TRAVELLING, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=5)
    before = cassettes()
    assert len(before) == 7
    for _ in range(2):
        api.day += 1
        result = run("--record-mode=rewrite")
        result.stdout.fnmatch_lines(["reprise: *, 0 cassettes written, 7 unchanged,*"])
        assert _clean(cassettes(), before) == []
    # One test alone: all others still fit.
    run("--record-mode=rewrite", "-k", "test_user").assert_outcomes(passed=1, deselected=4)
    assert _clean(cassettes(), before) == []

    def renamed(path: str, answer: dict[str, object]) -> dict[str, object]:
        old = {"name": "title"} if "members" in path else {}
        return {old.get(name, name): value for name, value in answer.items()}

    api.change = renamed
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(
        ["  breaking  DELETE /members/{id} + 1 more  name → title  2 tests"]
    )
    result.stdout.fnmatch_lines(["reprise: *, 2 cassettes written, 5 unchanged,*"])
    after = cassettes()
    changed = _clean(after, before)
    assert changed == ["test_suite/test_member[a]", "test_suite/test_member[b]"]
    for name in changed:
        lines = _changed_lines(before[name], after[name])
        assert [line.partition(":")[0] for line in lines] == ['-"name"', '+"title"'] * 2
    server.stop()
    run().assert_outcomes(passed=5)


def test_an_edited_test_takes_its_new_recording_and_all_replay(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    MovingApi(server)
    suite(TRAVELLING, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=5)
    before = cassettes()
    suite(TRAVELLING.replace('"Ada"', '"Eve"'), CONFTEST)
    run("--record-mode=rewrite").assert_outcomes(passed=5)
    changed = _clean(cassettes(), before)
    assert "test_suite/test_user" in changed
    assert "test_suite/test_order" not in changed
    run("--record-mode=none").assert_outcomes(passed=5)
    more = "\n    def test_new(client, team):\n        client.get(f'/teams/{team[\"id\"]}')\n"
    suite(TRAVELLING.replace('"Ada"', '"Eve"') + more, CONFTEST)
    run("--record-mode=rewrite").assert_outcomes(passed=6)
    server.stop()
    run("--record-mode=none").assert_outcomes(passed=6)


MADE_UP = """
    import base64
    import hashlib
    import random
    import uuid

    import pytest

    pytestmark = pytest.mark.vcr

    def made(client, **sent):
        answer = client.post("/things", json=sent).json()
        assert answer.items() >= sent.items()
        return answer

    def test_number(client):
        made(client, percent=random.randint(1, 10**6))

    def test_words_and_a_hash(client):
        name = "".join(random.choices("abc def", k=20)).strip()
        made(client, name=name, digest=hashlib.sha1(name.encode()).hexdigest())

    def test_base64(client):
        made(client, blob=base64.b64encode(random.randbytes(20)).decode())

    def test_other_case(client):
        thing = made(client, n=1)
        assert client.get("/things/" + str(thing["id"]), params={"k": thing["key"].upper()})

    def test_upload(client):
        thing = made(client, n=2)
        content = b"\\x00\\xff" + thing["key"].encode() + b"\\x00" + random.randbytes(20)
        files = {"file": (f"{uuid.uuid4()}.bin", content)}
        assert client.get(f"/things/{thing['id']}").json()["key"] == thing["key"]
        client.put("/health", files=files)
"""


NO_PROCESSES = """
    import subprocess

    def forbidden(*args, **kwargs):
        raise RuntimeError("processes are forbidden")

    def pytest_configure():
        subprocess.Popen = forbidden
"""


def test_what_tests_make_up_changes_no_file_in_any_form(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """Whether a test was edited, or has other random values, is found by a replay."""
    api = MovingApi(server)
    suite(MADE_UP)
    run("--record-mode=once").assert_outcomes(passed=5)
    before = cassettes()
    api.day += 1
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(["reprise: 5 cassettes say the same, 0 written"])
    assert _clean(cassettes(), before) == []
    # A constant that was edited is no random value, although the test has some.
    suite(MADE_UP.replace("n=2", "n=3").replace("10**6", "10**6), size=str(7"))
    run("--record-mode=rewrite").assert_outcomes(passed=5)
    assert _clean(cassettes(), before) == ["test_suite/test_number", "test_suite/test_upload"]
    server.stop()
    run("--record-mode=none").assert_outcomes(passed=5)


def test_the_replay_that_finds_edited_tests_can_be_left_out_and_says_if_it_is_impossible(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    MovingApi(server)
    only = ("-k", "hash")
    suite(MADE_UP)
    run("--record-mode=once", *only)
    before = cassettes()
    suite(MADE_UP, NO_PROCESSES, ini="reprise_replay_doubtful = false")
    result = run("--record-mode=rewrite", *only)
    assert "forbidden" not in result.stdout.str()
    assert _clean(cassettes(), before) == [*before]
    suite(MADE_UP, NO_PROCESSES)
    result = run("--record-mode=rewrite", *only)
    result.stdout.fnmatch_lines(["*whether the tests of 1 cassette *: processes are forbidden*"])
    before = cassettes()
    suite(MADE_UP, NO_PROCESSES.replace("subprocess.Popen = forbidden", "pass"))
    run("--record-mode=rewrite", *only)
    assert _clean(cassettes(), before) == []
