"""The directory of a module's cassettes: one for each module, under every root directory."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.plugin import cassette_dirs

from ..harness.strategies import SOME

PACKAGES = ("one", "two", "libs/three")
_parts = st.sampled_from(["tests", "unit", "cassettes", "one", "two"])
_modules = st.builds(
    lambda package, parts, name: "/".join((package, *parts, f"test_{name}.py")),
    st.sampled_from(PACKAGES),
    st.lists(_parts, max_size=3),
    st.sampled_from("ab"),
)


class _Config:
    """As much of a pytest.Config as the module reads."""

    def __init__(self, root: Path, setting: str = "") -> None:
        self.rootpath = root
        self._setting = setting

    def getini(self, name: str) -> str:
        assert name == "reprise_cassette_dir"
        return self._setting


def config(root: Path, setting: str = "") -> pytest.Config:
    return cast(pytest.Config, _Config(root, setting))


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monorepo: each package has a configuration of its own."""
    top = tmp_path_factory.mktemp("repo")
    for package in PACKAGES:
        (top / package).mkdir(parents=True)
        (top / package / "pyproject.toml").touch()
    return top


@SOME
@given(module=_modules)
def test_a_module_has_one_directory_under_every_root(repo: Path, module: str) -> None:
    roots = (repo, repo.parent, *(repo / package for package in PACKAGES), repo / module)
    found = {cassette_dirs.of_module(config(root), repo / module) for root in roots}
    assert found == {(repo / module).parent / "cassettes" / (repo / module).stem}


@SOME
@given(modules=st.lists(_modules, min_size=2, max_size=2, unique=True))
@pytest.mark.parametrize("setting", ["", "tapes"])
def test_two_modules_never_share_a_directory(repo: Path, modules: list[str], setting: str) -> None:
    for root in (repo, *(repo / package for package in PACKAGES)):
        settings = config(root, setting)
        one, other = (cassette_dirs.of_module(settings, repo / module) for module in modules)
        assert one != other


@SOME
@given(module=_modules)
def test_one_directory_for_all_cassettes_lies_in_the_package(repo: Path, module: str) -> None:
    own = next(repo / package for package in PACKAGES if module.startswith(f"{package}/"))
    for root in (repo / package for package in PACKAGES):
        directory = cassette_dirs.of_module(config(root, "tapes"), repo / module)
        assert directory == own / "tapes" / (repo / module).relative_to(own).with_suffix("")


@SOME
@given(module=_modules)
@pytest.mark.parametrize("setting", ["", "tapes"])
def test_the_module_of_a_directory_is_found_again(repo: Path, module: str, setting: str) -> None:
    settings = config(repo, setting)
    directory = cassette_dirs.of_module(settings, repo / module)
    assert cassette_dirs.module_of(settings, directory) == repo / module
