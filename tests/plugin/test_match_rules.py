"""`ignore`, `match_headers`, `normalise`, and wildcards of `ignore_hosts`."""

from __future__ import annotations

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite

FORKS = True
SUITE = """
    import os
    import re

    import httpx
    import pytest

    URL = os.environ["API_BASE_URL"]
    WORD = os.environ["WORD"]


    @pytest.mark.vcr
    @pytest.mark.parametrize("order", ["recorded", "other"])
    def test_ini(order):
        def send(n):
            return httpx.post(
                f"{URL}/echo",
                params={"n": n, "cache_bust": WORD},
                headers={"Idempotency-Key": WORD},
                json={"request_id": WORD, "items": [{"id": WORD, "n": n}]},
            )

        numbers = [1, 2] if order == "recorded" or WORD == "recording" else [2, 1]
        for n in numbers:
            assert f"n={n}" in send(n).json()["path"]


    @pytest.mark.vcr(ignore=["form:nonce"])
    @pytest.mark.parametrize("how", [{}, {"files": {"file": b"x"}}])
    def test_forms(how):
        for n in ("1", "2"):
            body = httpx.post(f"{URL}/echo", data={"n": n, "nonce": WORD}, **how).json()["body"]
            assert n in body


    @pytest.mark.vcr
    def test_no_echo():
        for n in range(2):
            headers = {"Idempotency-Key": WORD * n}
            httpx.post(f"{URL}/status/200?cache_a={WORD}", json={"id": WORD}, headers=headers)


    @pytest.mark.vcr(ignore=["POST /other $.id"])
    def test_another_endpoint():
        httpx.post(f"{URL}/echo", json={"id": WORD})


    @pytest.mark.vcr(match_headers=["X-Tenant", "GET /nothing X-Other", "User-Agent"])
    def test_headers():
        for tenant in ("a", "b") if WORD == "recording" else ("b", "a"):
            headers = {"X-Tenant": tenant, "X-Other": WORD, "User-Agent": tenant}
            answer = httpx.post(f"{URL}/echo", headers=headers).json()
            assert answer["headers"]["user-agent"] == tenant


    @pytest.mark.vcr(match_headers="X-Tenant")
    def test_another_header():
        httpx.post(f"{URL}/echo", headers={"X-Tenant": WORD})


    def without_build(request):
        return request._replace(url=re.sub("/builds/[a-z]+", "/builds/0", request.url))


    @pytest.mark.vcr(normalise=without_build)
    def test_function():
        assert httpx.get(f"{URL}/builds/{WORD}/status").status_code == 404


    @pytest.mark.vcr(normalise={"GET /*": without_build, "POST /*": lambda _: None})
    def test_functions():
        httpx.get(f"{URL}/builds/{WORD}/status")
        if WORD != "recording":
            with pytest.raises(Exception, match="normalise: .*<lambda> returned NoneType"):
                httpx.post(f"{URL}/echo")


    @pytest.mark.vcr(ignore_hosts=["local*"])
    def test_hosts():
        assert httpx.get(URL.replace("127.0.0.1", "localhost") + "/health").is_success
"""
INI = """
    reprise_ignore =
        POST /echo $.request_id
        $..id
        query:cache_*
        header:Idempotency-Key
"""


def test_rules(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(SUITE, ini=INI)
    monkeypatch.setenv("WORD", "recording")
    run("--record-mode=once").assert_outcomes(passed=11)
    before = cassettes()
    assert "/health" not in "".join(before.values())
    assert "cache_bust=recording" in before["test_suite/test_ini[other]"]
    monkeypatch.setenv("WORD", "replay")
    result = run("--record-mode=none", "-v")
    result.assert_outcomes(passed=9, failed=2)
    # What differs and is compared; what is ignored is not shown.
    result.stdout.fnmatch_lines(["*body.id: recorded 'recording', sent 'replay'"])
    result.stdout.fnmatch_lines(["*header.x-tenant: recorded 'recording', sent 'replay'"])
    sent = len(server.requests)
    assert run("-k", "test_ini", "-o", "reprise_ignore=").ret == 1
    assert len(server.requests) == sent
    monkeypatch.setenv("WORD", "a1b2c3d4e5f6")
    rewritten = run("--record-mode=rewrite", "-k", "echo")
    rewritten.assert_outcomes(passed=1, deselected=10)
    assert cassettes() == before


def test_wrong_values(suite: Suite, run: Run) -> None:
    suite(
        """
        import pytest

        @pytest.mark.vcr(ignore=["request_id"])
        def test_place(): pass

        @pytest.mark.vcr(ignore=["GET /x $"])
        def test_path(): pass

        @pytest.mark.vcr(match_headers=["X Tenant"])
        def test_header(): pass

        @pytest.mark.vcr(normalise="json:nothing")
        def test_function(): pass

        @pytest.mark.vcr(ignore_hosts="a*")
        def test_hosts(): pass
        """,
        ini="reprise_record_mode = none\nreprise_ignore =\n  $.id",
    )
    result = run()
    result.assert_outcomes(errors=5)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_place*",
            "*invalid value for ignore in the vcr mark: 'request_id' is no place: *",
            "*unsupported path '$'. Supported are *",
            "*invalid value for match_headers in the vcr mark: 'X Tenant' is no header: *",
            "*'json:nothing' cannot be imported: *",
            "*ignore_hosts is 'a[*]': it must be a list of host names",
        ]
    )
    suite(ini="reprise_record_mode = none\nreprise_ignore =\n  id")
    run().stderr.fnmatch_lines(["*:4: invalid value for ignore in ini: 'id' is no place*"])
