"""`--reprise-orphans` and `--reprise-prune`: cassettes that no collected test or fixture uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("faker", "base_url", "timemachine")

CONFTEST = """
    import pytest

    @pytest.fixture(scope="session", params=["a", "b"])
    def old(request, client):
        return client.get(f"/count?of={request.param}").json()

    @pytest.fixture(scope="module")
    def kept(client):
        return client.get("/count").json()
"""
SOURCE = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_first(client):
        client.get("/count")

    def test_old(client, old):
        client.get("/count")

    @pytest.mark.parametrize("n", [1, 2])
    def test_each(client, kept, n):
        client.get(f"/count?n={n}")

    @pytest.mark.default_cassette("named")
    def test_named(client):
        client.get("/count")
"""
SKIPPED = """
    import pytest

    pytest.skip("not here", allow_module_level=True)
"""
LATER = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_first(client):
        client.get("/count")

    @pytest.mark.skip
    @pytest.mark.parametrize("n", [1])
    def test_each(client, kept, n):
        client.get(f"/count?n={n}")

    def test_fails():
        assert not FAILS
"""
OTHER = SOURCE.replace("test_old(client, old)", "test_old(client, kept)")


def test_orphans_are_named_and_pruned_after_a_green_run(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(SOURCE, CONFTEST, test_gone=OTHER, test_skipped=OTHER)
    run("--record-mode=once").assert_outcomes(passed=16)
    before = cassettes()
    result = run("--reprise-orphans")
    result.stdout.fnmatch_lines(["reprise: 0 cassettes without a test or fixture"])
    Path("test_gone.py").unlink()
    Path("cassettes/notes.yaml").write_text("a: 1\n", encoding="utf-8")
    Path("cassettes/plain.yaml").write_text("version: 1\ninteractions: []\n", encoding="utf-8")
    fails = LATER.replace("FAILS", "True")
    suite(fails, CONFTEST, test_skipped=SKIPPED)
    gone = [name for name in before if name.startswith("test_gone/") and "@" not in name]
    gone += [
        f"test_suite/{name}" for name in ("named", "test_each[2]", "test_old[a]", "test_old[b]")
    ]
    result = run("--reprise-prune")
    result.assert_outcomes(passed=1, failed=1, skipped=2)
    for name in gone:
        result.stdout.fnmatch_lines([f"reprise:   cassettes/{name.replace('[', '[[]')}.yaml"])
    result.stdout.fnmatch_lines([f"reprise: {len(gone)} cassettes without a test or fixture"])
    assert {**cassettes(), **before} == cassettes()
    suite(LATER.replace("FAILS", "False"), CONFTEST, test_skipped=SKIPPED)
    run("--reprise-prune").stdout.fnmatch_lines(["reprise: * without a test or fixture, removed"])
    left = {name: text for name, text in before.items() if name not in gone}
    assert {**left, **cassettes()} == cassettes()
    assert not set(gone) & set(cassettes())
    # Without the skipped module, the fixtures that only it could use are known to be unused.
    Path("test_skipped.py").unlink()
    run("--reprise-prune").assert_outcomes(passed=2, skipped=1)
    assert not Path("cassettes/test_gone").exists()
    expected = {"test_suite/test_first", "test_suite/test_each[1]", "test_suite/@kept"}
    assert set(cassettes()) == {*expected, "notes", "plain"}


@pytest.mark.parametrize("options", [["-k", "first"], ["test_suite.py"], ["-n", "2"]])
def test_a_part_of_the_suite_does_not_show_orphans(
    suite: Suite, run: Run, cassettes: Cassettes, options: list[str]
) -> None:
    suite(SOURCE, CONFTEST)
    before = cassettes()
    result = run("--reprise-prune", *options)
    assert result.ret != 0
    assert cassettes() == before
    output = result.stdout.str() + result.stderr.str()
    assert "known only when all tests" in output or "one process" in output


def test_body_files_of_pruned_cassettes_are_removed(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    server.answers["/image"] = 200, {"Content-Type": "image/png"}, bytes(range(250)) * 6_000
    source = "import pytest\n@pytest.mark.vcr\ndef test_NAME(client):\n    client.get('/image')\n"
    suite(source.replace("NAME", "old"), test_other=source.replace("NAME", "stays"))
    run("--record-mode=once").assert_outcomes(passed=2)
    suite("def test_none(): pass")
    run("--reprise-prune").assert_outcomes(passed=2)
    [left] = pytester.path.rglob("*.body")
    assert left.name.startswith("test_stays.")
