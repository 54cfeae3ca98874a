"""File names of cassettes: pytest-recording's where they are unique, and unique always."""

from __future__ import annotations

import hashlib
import random
import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_recording.plugin import get_default_cassette_name

from pytest_reprise.plugin.naming import (
    LONGEST,
    ambiguous,
    cassette_path,
    fixture_cassette,
    test_cassette,
)

from ..harness.strategies import MANY, SOME

# pytest would take it for a test.
name_of_test = test_cassette
del test_cassette

FORBIDDEN = frozenset("<>?%*:|\"'/\\")
DIRECTORY = Path("cassettes/test_users")

_params = st.text("aAbBß/\\:?*-.~[]é<'", max_size=4) | st.text(
    string.printable[:95] + "éß€😀", max_size=300
)


def _files(names: list[str]) -> list[str]:
    """The file names of the tests of one function."""
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
def test_distinct_tests_have_distinct_files(params: list[str]) -> None:
    files = _files([f"test_it[{param}]" for param in params])
    # Some file systems do not tell upper and lower case apart.
    assert len({file.casefold() for file in files}) == len(params)
    for file in files:
        assert len(file.encode()) <= LONGEST
        assert not FORBIDDEN & set(file)
        assert file.endswith(".yaml")


@SOME
@given(st.lists(_params, min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_file_does_not_depend_on_the_order_of_tests(
    params: list[str], chance: random.Random
) -> None:
    names = [f"test_it[{param}]" for param in params]
    other = list(names)
    chance.shuffle(other)
    assert dict(zip(names, _files(names), strict=True)) == dict(
        zip(other, _files(other), strict=True)
    )


@SOME
@given(_params)
def test_unique_test_has_the_name_of_pytest_recording(param: str) -> None:
    name = f"test_it[{param}]"
    assert ambiguous([name]) == set()
    assert name_of_test((), name, False) == get_default_cassette_name(None, name)
    theirs = get_default_cassette_name(DIRECTORY.__class__, name)
    assert name_of_test((DIRECTORY.__class__.__name__,), name, False) == theirs


def test_long_name_is_cut_as_pytest_recording_cuts_it() -> None:
    name = "test_it[" + "x" * 300 + "]"
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    assert cassette_path(DIRECTORY, name).name == f"{name[:215]}...{digest}.yaml"
    assert len(cassette_path(DIRECTORY, name).name) == LONGEST


@pytest.mark.parametrize("length", [249, 250, 251, 300])
def test_name_of_any_length_fits(length: int) -> None:
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
def test_who_has_to_be_told_apart(names: list[str], found: set[str]) -> None:
    assert ambiguous(names) == found


def test_ambiguous_test_has_a_digest_of_its_name() -> None:
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
def test_path(name: str, path: str) -> None:
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
def test_fixture(owner: str, fixture: str, param: str | None, name: str) -> None:
    assert fixture_cassette(owner, fixture, param) == name


@MANY
@given(st.lists(st.none() | _params, max_size=8, unique=True))
@example(["a/b", "a-b", "a:b"])
def test_distinct_params_of_a_fixture_have_distinct_files(params: list[str | None]) -> None:
    names = [fixture_cassette("", "token", param) for param in params]
    files = {cassette_path(DIRECTORY, name).name for name in names}
    assert len(files) == len(params)
    assert all(len(file.encode()) <= LONGEST and not FORBIDDEN & set(file) for file in files)
    assert all(name.startswith("@") for name in names)
