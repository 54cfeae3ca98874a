"""Requests with the same meaning get their answers in recorded order, however they are written."""

from __future__ import annotations

from ..harness.runs import Run, Server, Suite, json_answer

NOT_NEEDED = ("asyncio", "anyio", "base_url", "xdist", "Faker")

SOURCE = """
    import os
    import httpx
    import pytest

    HEADERS = {"Content-Type": "application/json"}


    @pytest.mark.vcr
    def test_steps():
        url = os.environ["API_BASE_URL"] + "/steps"
        answers = [httpx.post(url, content=body, headers=HEADERS).json() for body in BODIES]
        assert answers == [{"step": 1}, {"step": 2}, {"step": 3}]
"""


def test_the_same_json_in_another_spelling_gets_the_recorded_order(
    suite: Suite, run: Run, server: Server
) -> None:
    """A client that now writes JSON without blanks sends the bytes of the second request first."""
    server.answers["/steps"] = [json_answer({"step": n}) for n in (1, 2, 3)]
    suite(SOURCE.replace("BODIES", """[b'{"a": 1}', b'{"a":1}', b'{"a": 1}']"""))
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    for body in (b'{"a":1}', b'{"a": 1}', b'{ "a":1}'):
        suite(SOURCE.replace("BODIES", repr([body] * 3)))
        run("--record-mode=none").assert_outcomes(passed=1)
