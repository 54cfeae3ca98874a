"""File names of cassettes: always unique, and those of pytest-recording where these are unique."""

from __future__ import annotations

import hashlib
import random
import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_recording.plugin import get_default_cassette_name

from pytest_reprise.cassette.naming import (
    LONGEST,
    ambiguous,
    cassette_path,
    fixture_cassette,
    test_cassette,
)

from ..harness.runs import Cassettes, Run, Server, Suite
from ..harness.strategies import MANY, SOME

# pytest would collect it as a test.
name_of_test = test_cassette
del test_cassette

FORBIDDEN = frozenset("<>?%*:|\"'/\\")
DIRECTORY = Path("cassettes/test_users")

_params = st.text("aAbBß/\\:?*-.~[]é<'", max_size=4) | st.text(
    string.printable[:95] + "éß€😀", max_size=300
)


def _files(names: list[str]) -> list[str]:
    """Return the file names for the tests of one function."""
    shared = ambiguous(names)
    return [cassette_path(DIRECTORY, name_of_test((), n, n in shared)).name for n in names]


@MANY
@given(st.lists(_params, min_size=1, max_size=8, unique=True))
@example(["a/b", "a-b", "a:b", "a\\b"])
@example(["a", "A"])
@example(["ß", "ss", "SS", "ẞ"])
@example(["a/b" * 100, "a-b" * 100, "a:b" * 100])
@example(["x" * 300 + "a", "x" * 300 + "b", "X" * 300 + "a"])
@example(["a/b", "a-b~" + hashlib.sha256(b"test_it[a/b]").hexdigest()[:8]])
def test_distinct_tests_have_distinct_file_names(params: list[str]) -> None:
    files = _files([f"test_it[{param}]" for param in params])
    # Some file systems ignore case.
    assert len({file.casefold() for file in files}) == len(params)
    for file in files:
        assert len(file.encode()) <= LONGEST
        assert not FORBIDDEN & set(file)
        assert file.endswith(".yaml")


@SOME
@given(st.lists(_params, min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_file_names_do_not_depend_on_the_order_of_tests(
    params: list[str], rng: random.Random
) -> None:
    names = [f"test_it[{param}]" for param in params]
    other = list(names)
    rng.shuffle(other)
    assert dict(zip(names, _files(names), strict=True)) == dict(
        zip(other, _files(other), strict=True)
    )


@SOME
@given(_params)
def test_an_unambiguous_test_has_the_file_name_of_pytest_recording(param: str) -> None:
    name = f"test_it[{param}]"
    assert ambiguous([name]) == set()
    assert name_of_test((), name, False) == get_default_cassette_name(None, name)
    expected = get_default_cassette_name(DIRECTORY.__class__, name)
    assert name_of_test((DIRECTORY.__class__.__name__,), name, False) == expected


def test_a_long_name_is_shortened_as_in_pytest_recording() -> None:
    name = "test_it[" + "x" * 300 + "]"
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    assert cassette_path(DIRECTORY, name).name == f"{name[:215]}...{digest}.yaml"
    assert len(cassette_path(DIRECTORY, name).name) == LONGEST


@pytest.mark.parametrize("length", [249, 250, 251, 300])
def test_file_names_have_at_most_255_bytes(length: int) -> None:
    for name in ("x" * length, "é" * (length // 2), "😀" * length):
        file = cassette_path(DIRECTORY, name).name
        assert len(file.encode()) <= LONGEST
        assert (file == f"{name}.yaml") == (len(name.encode()) <= 250)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], set()),
        (["test_a[1]", "test_a[2]"], set()),
        (["test_a[a/b]"], set()),
        (["test_a[a/b]", "test_a[a-b]"], {"test_a[a/b]"}),
        (["test_a[a/b]", "test_a[a:b]"], {"test_a[a/b]", "test_a[a:b]"}),
        (["test_a[A]", "test_a[a]"], {"test_a[A]"}),
        (["test_a[GET]", "test_a[PUT]"], set()),
    ],
)
def test_ambiguous_names_are_found(names: list[str], found: set[str]) -> None:
    assert ambiguous(names) == found


def test_an_ambiguous_test_has_a_digest_in_its_file_name() -> None:
    digest = hashlib.sha256(b"TestUsers.test_a[a/b]").hexdigest()[:8]
    assert name_of_test(["TestUsers"], "test_a[a/b]", True) == f"TestUsers.test_a[a-b]~{digest}"
    assert name_of_test(["TestUsers", "TestInner"], "test_a", False) == "TestUsers.TestInner.test_a"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("test_it", "cassettes/test_users/test_it.yaml"),
        ("test_it.yaml", "cassettes/test_users/test_it.yaml"),
        ("test_it.json", "cassettes/test_users/test_it.json.yaml"),
        ("shared/users", "cassettes/test_users/shared/users.yaml"),
        ("test_it[1.5]", "cassettes/test_users/test_it[1.5].yaml"),
    ],
)
def test_the_path_of_a_cassette(name: str, path: str) -> None:
    assert cassette_path(DIRECTORY, name) == Path(path)


@pytest.mark.parametrize(
    ("owner", "fixture", "param", "name"),
    [
        ("", "token", None, "@token"),
        ("", "token", "admin", "@token[admin]"),
        ("TestUsers", "token", None, "TestUsers.@token"),
        ("some.plugin", "token", None, "some.plugin.@token"),
        ("", "_xunit_setup_class_fixture_TestUsers", None, "@setup_class"),
        ("TestUsers", "_unittest_setUpClass_fixture_TestUsers", None, "TestUsers.@setUpClass"),
        ("", "token", "", "@token[]"),
    ],
)
def test_the_file_name_for_a_fixture(
    owner: str, fixture: str, param: str | None, name: str
) -> None:
    assert fixture_cassette(owner, fixture, param) == name


@MANY
@given(st.lists(st.none() | _params, max_size=8, unique=True))
@example(["a/b", "a-b", "a:b"])
def test_distinct_params_of_a_fixture_have_distinct_file_names(params: list[str | None]) -> None:
    names = [fixture_cassette("", "token", param) for param in params]
    files = {cassette_path(DIRECTORY, name).name for name in names}
    assert len(files) == len(params)
    assert all(len(file.encode()) <= LONGEST and not FORBIDDEN & set(file) for file in files)
    assert all(name.startswith("@") for name in names)


REPEATED = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_plain(client):
        client.get("/plain/1")
        client.get("/plain/2")

    @pytest.mark.parametrize("n", [1, "1-3", "a-"])
    def test_parametrized(client, n):
        client.get(f"/{n}")

    @pytest.mark.default_cassette("shared")
    def test_shared(client):
        client.get("/shared")
"""


REPEATING = """
    import pytest

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(metafunc):
        metafunc.fixturenames.append("__pytest_repeat_step_number")
        metafunc.parametrize(
            "__pytest_repeat_step_number", range(3), indirect=True, ids=["1-3", "2-3", "3-3"]
        )

    @pytest.fixture
    def __pytest_repeat_step_number(request):
        return request.param
"""


def test_repetitions_of_a_test_replay_one_cassette(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """pytest-repeat adds a number to the name of each repetition."""
    once = REPEATING.replace("range(3)", "range(1)").replace('["1-3", "2-3", "3-3"]', '["1-1"]')
    for recording in (once, REPEATING):
        suite(REPEATED, conftest=recording)
        run("--record-mode=rewrite").assert_outcomes(passed=5 if recording is once else 15)
        assert sorted(name.partition("/")[2] for name in cassettes()) == [
            "shared",
            "test_parametrized[1-3]",
            "test_parametrized[1]",
            "test_parametrized[a-]",
            "test_plain",
        ]
        suite(REPEATED, conftest=REPEATING)
        sent = len(server.requests)
        run("--record-mode=none").assert_outcomes(passed=15)
        run("--record-mode=none", "-k", "3-3").assert_outcomes(passed=5)
        assert len(server.requests) == sent


LEGACY = """
interactions:
- request: {body: null, headers: {}, method: GET, uri: "URL/STEP"}
  response: {body: {string: ""}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


def test_repetitions_that_pytest_recording_recorded_keep_their_cassettes(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    source = """
        import pytest

        @pytest.mark.vcr
        def test_it(client, request):
            client.get("/" + request.node.name[8])
    """
    suite(source, conftest=REPEATING)
    directory = pytester.mkdir("cassettes") / "test_suite"
    directory.mkdir()
    for step in "123":
        text = LEGACY.replace("URL", server.url).replace("STEP", step)
        (directory / f"test_it[{step}-3].yaml").write_text(text, encoding="utf-8")
    run().assert_outcomes(passed=3)
