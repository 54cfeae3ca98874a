"""`use_cassette` outside pytest: in a script, without any plugin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import yaml

from ..harness.runs import Server, recorded

SCRIPT = """
    import asyncio
    import sys
    import threading
    import urllib.request

    import httpx

    from pytest_reprise import CallsNotMade, Cassettes, RequestNotRecorded, use_cassette

    URL = sys.argv[1]
    MADE = Cassettes(cassette_library_dir="made", filter_query_parameters=["nonce"])


    @use_cassette("decorated.yaml")
    async def count():
        async with httpx.AsyncClient() as client:
            return (await client.get(URL + "/count")).json()["n"]


    def in_thread(name, answers):
        with MADE.use_cassette(f"{name}.yaml"):
            answers.append(httpx.post(URL + "/echo?nonce=1", json={"name": name}).json())


    def main():
        print(asyncio.run(count()))
        with use_cassette("other-client.yaml") as cassette:
            print(urllib.request.urlopen(URL + "/count").read().decode())
        print("replay" if cassette.is_replay else "recording", cassette.path.name)
        answers = []
        threads = [threading.Thread(target=in_thread, args=(n, answers)) for n in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(len(answers))


    def laws():
        for attempt in (lambda: httpx.get(URL + "/missing"), lambda: None):
            try:
                with use_cassette("decorated.yaml", record_mode="none"):
                    attempt()
            except (RequestNotRecorded, CallsNotMade) as error:
                print(type(error).__name__, error)
        try:
            with use_cassette("failed.yaml"):
                httpx.get(URL + "/count")
                raise KeyError("of the block")
        except KeyError as error:
            print(error)


    globals()[sys.argv[2]]()
    assert "pytest" not in sys.modules
    print("live", httpx.Client(transport=None)._transport.__class__.__module__)
"""


def _run(directory: Path, server: Server, function: str) -> list[str]:
    script = directory / "script.py"
    script.write_text(dedent(SCRIPT), encoding="utf-8")
    command = [sys.executable, str(script), server.url, function]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_script_records_at_the_first_run_and_replays_at_the_next(
    tmp_path: Path, server: Server
) -> None:
    first = _run(tmp_path, server, "main")
    assert first[2] == "recording other-client.yaml"
    sent = len(server.calls)
    assert sent == 4
    server.stop()
    again = _run(tmp_path, server, "main")
    assert again == [*first[:2], "replay other-client.yaml", *first[3:]]
    assert {p.name for p in (tmp_path / "made").iterdir()} == {"a.yaml", "b.yaml"}
    a = yaml.safe_load((tmp_path / "made" / "a.yaml").read_text(encoding="utf-8"))
    assert "nonce" not in a["interactions"][0]["request"]["uri"]
    assert recorded((tmp_path / "decorated.yaml").read_text(encoding="utf-8")) == ["GET /count"]


def test_a_script_has_the_laws_of_a_recorded_test(tmp_path: Path, server: Server) -> None:
    _run(tmp_path, server, "main")
    said = "\n".join(_run(tmp_path, server, "laws"))
    assert "RequestNotRecorded GET /missing is not recorded" in said
    assert 'use_cassette("decorated.yaml", record_mode="rewrite")' in said
    assert "CallsNotMade " in said
    assert "'of the block'" in said
    assert not (tmp_path / "failed.yaml").exists()
