"""`reprise mv`: cassettes follow what was renamed, and nothing is lost or overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.cassette.naming import ambiguous, fixture_cassette
from pytest_reprise.cassette.naming import test_cassette as name_of_test
from pytest_reprise.cassette.renaming import NameLostError, Rename
from pytest_reprise.commands.main import main

from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("faker", "base_url", "timemachine", "xdist")

CONFTEST = """
    import pytest

    @pytest.fixture(scope="session")
    def OLD_login(client):
        return client.post("/login").json()["access_token"]

    @pytest.fixture(scope="module")
    def OLD_count(client):
        return client.get("/count").json()
"""
SOURCE = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def OLD_me(client, OLD_login):
        return client.get("/me", headers={"Authorization": f"Bearer {OLD_login}"}).json()

    def test_first(client):
        client.get("/count")

    @pytest.mark.parametrize("path", ["a/b", "a-b", "a:b", "c"])
    def test_OLD_each(client, path, OLD_count):
        client.get("/count", params={"path": path})

    class TestOLD:
        @pytest.fixture(scope="class", params=["x/y"])
        def OLD_inner(self, request, client):
            return client.get("/count?" + request.param).json()

        def test_me(self, client, OLD_me, OLD_inner):
            assert client.get("/count").json()["n"]

        @pytest.mark.default_cassette("shared")
        def test_OLD_shared(self, client):
            assert client.get("/count?shared=1").json()["n"]

    @pytest.mark.default_cassette("shared")
    def test_shared(client):
        client.get("/count?shared=2")

    def test_OLD_image(client):
        assert len(client.get("/image").content) == 1_500_000
"""
IMAGE = 200, {"Content-Type": "image/png"}, bytes(range(250)) * 6_000


def test_all_kinds_of_renamed_things_replay_after_the_commands(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    suite(SOURCE, CONFTEST)
    server.answers["/image"] = IMAGE
    run("--record-mode=once").assert_outcomes(passed=9)
    server.stop()
    before = len(cassettes())
    texts = list(cassettes().values())
    (pytester.path / "test_suite.py").unlink()
    new = {"test_people": SOURCE.replace("OLD", "new")}
    suite("", CONFTEST.replace("OLD", "new"), **new)
    module = "test_people.py"
    for old, name in [
        ("test_suite.py", module),
        ("conftest.py::OLD_login", "conftest.py::new_login"),
        ("conftest.py::OLD_count", "conftest.py::new_count"),
        (f"{module}::OLD_me", f"{module}::new_me"),
        (f"{module}::test_OLD_each", f"{module}::test_new_each"),
        (f"{module}::TestOLD", f"{module}::Testnew"),
        (f"{module}::Testnew::OLD_inner", f"{module}::Testnew::new_inner"),
        (f"{module}::Testnew::test_OLD_shared", f"{module}::Testnew::test_new_shared"),
        (f"{module}::test_OLD_image", f"{module}::test_new_image"),
    ]:
        assert main(["mv", old, name]) == 0, old
    assert len(cassettes()) == before
    unchanged = [text for text in cassettes().values() if text in texts]
    assert len(unchanged) == before - 2  # all but the names of a body file and of a shared test
    [body] = pytester.path.rglob("*.body")
    assert body.name.startswith("test_new_image.")
    assert "OLD" not in "".join(str(p) for p in pytester.path.rglob("cassettes/**/*"))
    run().assert_outcomes(passed=9)
    assert run("--reprise-orphans").ret == 0


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    directory = Path("cassettes/test_users")
    for name in (
        "test_old",
        "test_old[1]",
        "test_old[1].pending",
        "test_older",
        "TestA.test_old",
        "deep/test_old",
    ):
        _save(directory / f"{name}.yaml")
    return directory


def _save(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("version: 1\ninteractions: []\n", encoding="utf-8")


def _names(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix()[:-5] for path in directory.rglob("*.yaml")}


def test_only_the_renamed_test_moves_and_nothing_is_overwritten(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = _names(directory)
    _save(directory / "test_new[1].yaml")
    ids = ["mv", "test_users.py::test_old", "test_users.py::test_new"]
    assert main(ids) == 2
    assert "test_new[1].yaml exists already" in capsys.readouterr().err
    assert _names(directory) == everything | {"test_new[1]"}
    (directory / "test_new[1].yaml").unlink()
    assert main(ids) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        f"{directory}/test_old.yaml → {directory}/test_new.yaml",
        f"{directory}/test_old[1].pending.yaml → {directory}/test_new[1].pending.yaml",
        f"{directory}/test_old[1].yaml → {directory}/test_new[1].yaml",
        "3 cassettes moved",
    ]
    others = {"test_older", "TestA.test_old", "deep/test_old"}
    assert _names(directory) == others | {"test_new", "test_new[1]", "test_new[1].pending"}
    assert main(ids) == 2  # a second time
    assert "no cassette of test_users.py::test_old" in capsys.readouterr().err
    assert main(["mv", str(directory), "cassettes/test_people"]) == 0
    assert not directory.exists()
    assert len(_names(Path("cassettes/test_people"))) == 6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("test_users.py::test_old", "test_users.py"),
        ("test_users.py", "cassettes/test_users"),
        ("a/conftest.py::login", "b/conftest.py::login"),
        ("cassettes/test_users/test_old.yaml", "cassettes/test_users/test_new"),
        ("", "test_new"),
        ("test_users.py::", "test_users.py::test_new"),
        ("test_none.py::test_old", "test_none.py::test_new"),
        ("cassettes/none.yaml", "cassettes/other.yaml"),
    ],
)
def test_nonsense_moves_nothing(
    directory: Path, capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    before = _names(directory)
    assert main(["mv", old, new]) == 2
    assert capsys.readouterr().err.startswith("reprise: ")
    assert _names(directory) == before


def test_one_cassette_one_parameter_and_the_directory_of_the_configuration(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = "cassettes/test_users/deep/test_old.yaml", "cassettes/test_users/deep/test_new.yaml"
    assert main(["mv", *one]) == 0
    ids = ["test_users.py::test_old[1]", "test_users.py::test_old[a/b]"]
    assert main(["mv", *ids]) == 0
    assert {"deep/test_new", "test_old[a-b]", "test_old"} <= _names(directory)
    (tmp_path / "tests/a").mkdir(parents=True)
    config = '[tool.pytest.ini_options]\nreprise_cassette_dir = "tapes"\n'
    (tmp_path / "pyproject.toml").write_text(config, encoding="utf-8")
    _save(Path("tapes/tests/a/test_users/test_old.yaml").absolute())
    monkeypatch.chdir(tmp_path / "tests")
    assert main(["mv", "a/test_users.py::test_old", "a/test_users.py::test_new"]) == 0
    assert _names(tmp_path / "tapes") == {"tests/a/test_users/test_new"}


def test_a_cassette_that_was_edited_by_hand_keeps_its_text_or_stays(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = directory / "shared.yaml"
    save(
        shared, Cassette((), Header(datetime(2026, 1, 1, tzinfo=UTC), "tests", scope="test_old[1]"))
    )
    edited = shared.read_text(encoding="utf-8").replace("version: 1\n", "version: 1  # mine\n", 1)
    shared.write_text(edited, encoding="utf-8")
    assert main(["mv", "test_users.py::test_old", "test_users.py::test_new"]) == 1
    assert f"{shared}: left as it is: it was edited by hand" in capsys.readouterr().out
    assert shared.read_text(encoding="utf-8") == edited
    shared.write_text(edited.replace("  # mine", ""), encoding="utf-8")
    assert main(["mv", "test_users.py::test_old", "test_users.py::test_new"]) == 0
    found = load(shared)
    assert found
    assert found.header
    assert found.header.scope == "test_new[1]"
    assert yaml.safe_load(shared.read_text(encoding="utf-8"))["version"] == 1


PARAMETERS = st.text(st.sampled_from("ab-/:*é~[]."), min_size=1, max_size=3)


@settings(deadline=None, max_examples=50)
@given(
    classes=st.lists(st.sampled_from(["TestA", "TestB"]), max_size=2),
    parameters=st.sets(PARAMETERS),
)
def test_the_new_name_is_that_which_a_run_gives_the_renamed_test(
    classes: list[str], parameters: set[str]
) -> None:
    old, new = (".".join((*classes, name)) for name in ("test_old", "test_new_name"))
    for before, after in ((old, new), (old.replace("TestA", "TestC"), old)):
        rename = Rename(before, after)
        *old_classes, old_test = before.split(".")
        *new_classes, new_test = after.split(".")
        names = {f"{old_test}[{p}]" for p in parameters}
        shared = ambiguous(names)
        for parameter in parameters:
            is_shared = f"{old_test}[{parameter}]" in shared
            stem = name_of_test(old_classes, f"{old_test}[{parameter}]", is_shared)
            expected = name_of_test(new_classes, f"{new_test}[{parameter}]", is_shared)
            assert rename.of(stem) == expected
            fixture = fixture_cassette(".".join(old_classes), "old", parameter)
            owner = ".".join((*old_classes, "old"))
            made = Rename(owner, owner.replace("old", "new")).of(fixture)
            assert made == fixture_cassette(".".join(old_classes), "new", parameter)
    assert Rename("test_ol", "x").of("test_old") is None


def test_a_shortened_name_is_not_guessed() -> None:
    with pytest.raises(NameLostError, match="too long"):
        Rename("test_old", "test_new").of(f"test_old[{'a' * 100}...{'0' * 32}")
    with pytest.raises(NameLostError, match="too long"):
        Rename("test_old", "t" * 300).of("test_old")
