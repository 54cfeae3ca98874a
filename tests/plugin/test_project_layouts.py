"""Whole runs: a cassette has one place, from wherever and with whichever root directory it runs."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist")

CONFTEST = """
    import pytest

    from helper_{name} import make_fixture

    @pytest.fixture(scope="session")
    def token_{name}(client):
        return client.post("/login").json()["access_token"]

    @pytest.fixture(scope="package")
    def count_{name}(client):
        return client.get("/count").json()["n"]

    made_{name} = make_fixture()
"""
HELPER = """
    import pytest

    def make_fixture():
        @pytest.fixture(scope="session")
        def made(client):
            return client.get("/count").json()["n"]

        return made
"""
TESTS = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_it(client, token_{name}, count_{name}, made_{name}):
        client.get("/me", headers={{"Authorization": f"Bearer {{token_{name}}}"}})
        client.get(f"/count?of={{count_{name}}}&made={{made_{name}}}")
"""
NAMES = ("one", "two")
ALL = [
    "{name}/cassettes/@count_{name}.yaml",
    "{name}/cassettes/@made_{name}.yaml",
    "{name}/cassettes/@token_{name}.yaml",
    "{name}/tests/cassettes/test_users/test_it.yaml",
]


def write_monorepo(top: Path, ini: str = "") -> None:
    """Write two packages with a configuration, a conftest.py and a helper module each."""
    for name in NAMES:
        files = {
            "pyproject.toml": f'[tool.pytest.ini_options]\npythonpath = "."\n{ini}\n',
            "conftest.py": CONFTEST,
            f"helper_{name}.py": HELPER,
            "tests/test_users.py": TESTS,
        }
        for file, text in files.items():
            path = top / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            text = dedent(text)
            path.write_text(text if file.endswith("toml") else text.format(name=name), "utf-8")


def cassettes_below(top: Path) -> list[str]:
    return sorted(path.relative_to(top).as_posix() for path in top.rglob("*.yaml"))


@pytest.fixture
def top(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = pytester.path / "repo"
    top.mkdir()
    for name in NAMES:
        monkeypatch.setenv("PYTHONPATH", str(top / name), prepend=os.pathsep)
    return top


def test_the_packages_of_a_monorepo_replay_together_and_alone(
    run: Run, server: Server, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_monorepo(top)
    monkeypatch.chdir(top)
    run("--import-mode=importlib", "--record-mode=once", *NAMES).assert_outcomes(passed=2)
    assert cassettes_below(top) == sorted(path.format(name=n) for n in NAMES for path in ALL)
    server.stop()
    for directory, options, passed in (
        (".", ["two", "one"], 2),
        (".", ["two"], 1),
        (".", [f"--rootdir={top}", *NAMES], 2),
        (".", ["-c", "two/pyproject.toml", *NAMES], 2),
        ("two", [], 1),
        ("two/tests", ["--confcutdir=.."], 1),
    ):
        monkeypatch.chdir(top / directory)
        result = run("--import-mode=importlib", *options)
        assert result.parseoutcomes()["passed"] == passed, (directory, options)
    assert cassettes_below(top) == sorted(path.format(name=n) for n in NAMES for path in ALL)


def test_a_checkout_replays_through_a_link_and_after_it_was_moved(
    run: Run, server: Server, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_monorepo(top)
    monkeypatch.chdir(top / "one")
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes_below(top)
    assert before == [path.format(name="one") for path in ALL]
    server.stop()
    link = top.with_name("link")
    link.symlink_to(top)
    monkeypatch.chdir(link / "one")
    run().assert_outcomes(passed=1)
    monkeypatch.chdir(top.parent)
    run("link/one", "--rootdir=repo").assert_outcomes(passed=1)
    # Byte code that was compiled before the move names the old place.
    moved = top.rename(top.with_name("moved"))
    monkeypatch.chdir(moved / "one")
    monkeypatch.setenv("PYTHONPATH", str(moved / "one"), prepend=os.pathsep)
    run().assert_outcomes(passed=1)
    assert cassettes_below(moved) == before


def test_one_directory_for_all_cassettes_of_each_package(
    run: Run, server: Server, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_monorepo(top, ini='reprise_cassette_dir = "tapes"')
    monkeypatch.chdir(top)
    run("--import-mode=importlib", "--record-mode=once", *NAMES).assert_outcomes(passed=2)
    server.stop()
    for name in NAMES:
        monkeypatch.chdir(top / name)
        run().assert_outcomes(passed=1)
    assert cassettes_below(top) == sorted(
        f"{name}/tapes/{file}"
        for name in NAMES
        for file in (
            f"@made_{name}.yaml",
            f"@token_{name}.yaml",
            f"@count_{name}.yaml",
            "tests/test_users/test_it.yaml",
        )
    )


def test_a_command_in_a_message_works_where_pytest_was_started(
    run: Run, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_monorepo(top)
    monkeypatch.chdir(top)
    text = run("--import-mode=importlib", *NAMES).stdout.str()
    for name in NAMES:
        assert f"pytest {name}/tests/test_users.py::test_it --record-mode=once" in text
    monkeypatch.chdir(top / "one/tests")
    text = run().stdout.str()
    assert "pytest test_users.py::test_it --record-mode=once" in text


COUNTS = """
    import pytest

    @pytest.fixture(scope="session")
    def number(client):
        return client.get("/count").json()["n"]
"""


def test_fixtures_of_the_same_name_go_live_for_their_own_new_tests_only(
    suite: Suite, run: Run, server: Server
) -> None:
    test = """
        import pytest

        @pytest.mark.vcr
        def test_{name}(client, number):
            client.get(f"/status/200?n={{number}}")
    """
    files = {f"{name}__conftest": COUNTS for name in NAMES}
    suite(**files, one__test_one=test.format(name="one"), two__test_two=test.format(name="two"))
    run("--record-mode=once").assert_outcomes(passed=2)
    server.requests.clear()
    suite(two__test_new=test.format(name="new"))
    run("--record-mode=once", "one", "two/test_new.py").assert_outcomes(passed=2)
    assert len(server.requests) == 2  # the fixture of the new test, and the test itself


STOPPING = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def number(client):
        return client.get("/count").json()["n"]

    def test_passes(client, number):
        client.get(f"/status/200?n={number}")

    def test_fails(client):
        assert client.get("/status/200").status_code == EXPECTED

    def test_does_not_run(client, number):
        client.get(f"/status/201?n={number}")
"""


def test_a_recording_that_stops_early_ends_the_same_way_in_each_directory(
    suite: Suite, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = {}
    for name in NAMES:
        suite(**{f"{name}__test_it": STOPPING.replace("EXPECTED", "200")})
        run("--record-mode=once", name).assert_outcomes(passed=3)
        suite(**{f"{name}__test_it": STOPPING.replace("EXPECTED", "500")})
        directory, options = (".", ["one"]) if name == "one" else ("two", [])
        monkeypatch.chdir(pytester.path / directory)
        result = run("--record-mode=rewrite", "-x", *options)
        monkeypatch.chdir(pytester.path)
        ends[name] = [
            line.replace("one/", "").replace(" one", "")
            for line in result.outlines
            if line.startswith("reprise: ") and "record mode" not in line
        ]
    assert ends["one"] == ends["two"]
    assert "reprise:   test_it.py::test_fails" in ends["two"]


def test_a_failure_beside_a_fixture_of_the_same_name_drops_nothing_else(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    test = """
        import pytest

        @pytest.mark.vcr
        def test_it(client, number):
            assert client.get(f"/status/200?n={number}").status_code == EXPECTED
    """
    ini = "reprise_cassette_dir = cassettes"
    files = {f"{name}__conftest": COUNTS for name in NAMES}
    files |= {f"{name}__test_{name}": test.replace("EXPECTED", "200") for name in NAMES}
    suite(ini=ini, **files)
    run("--record-mode=once").assert_outcomes(passed=2)
    before = cassettes()
    files = {name: text.replace("?n=", "?m=") for name, text in files.items()}
    files |= {f"{name}__conftest": COUNTS.replace("/count", "/count?of=7") for name in NAMES}
    suite(ini=ini, **files | {"two__test_two": test.replace("EXPECTED", "500")})
    run("--record-mode=rewrite", "-x").assert_outcomes(passed=1, failed=1)
    changed = [name for name, text in cassettes().items() if before[name] != text]
    assert changed == ["one/@number", "one/test_one/test_it"]
