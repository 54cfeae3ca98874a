"""In which directories cassettes are. Only this module reads `reprise_cassette_dir`."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest


def shared_directory(config: pytest.Config) -> Path | None:
    """The one directory for all cassettes, or None where each directory of tests has its own."""
    setting = str(config.getini("reprise_cassette_dir"))
    return config.rootpath / setting if setting else None


def description(config: pytest.Config) -> str:
    """Where cassettes are, for the header of the run."""
    setting = str(config.getini("reprise_cassette_dir"))
    return f"cassettes in {setting}" if setting else "cassettes beside the tests"


_CONFIGURATIONS = (
    "pyproject.toml",
    "pytest.ini",
    ".pytest.ini",
    "tox.ini",
    "setup.cfg",
    "setup.py",
)


@functools.lru_cache(maxsize=256)
def _root_of(config: pytest.Config, directory: Path) -> Path:
    """The root directory; for a directory outside that, the root of its own package.

    pytest finds that by the same files if it runs the package alone.
    """
    if directory.is_relative_to(config.rootpath):
        return config.rootpath
    above = (directory, *directory.parents)
    found = (place for place in above if any((place / name).is_file() for name in _CONFIGURATIONS))
    return next(found, directory)


def _below_shared(config: pytest.Config, directory: Path) -> Path:
    """The place of a directory of tests in the one directory for all cassettes of its package."""
    root = _root_of(config, directory)
    return root / str(config.getini("reprise_cassette_dir")) / directory.relative_to(root)


@functools.lru_cache(maxsize=256)
def of_module(config: pytest.Config, module: Path) -> Path:
    """The directory for the cassettes of a test module."""
    if shared_directory(config) is None:
        return module.parent / "cassettes" / module.stem
    return _below_shared(config, module.parent) / module.stem


def module_of(config: pytest.Config, directory: Path) -> Path:
    """The test module whose cassettes are in a directory: the inverse of `of_module`."""
    shared = shared_directory(config)
    if shared is None:
        return directory.parent.parent / f"{directory.name}.py"
    below = directory.relative_to(shared) if directory.is_relative_to(shared) else directory
    return config.rootpath / below.with_name(f"{below.name}.py")


def of_directory(config: pytest.Config, directory: Path) -> Path:
    """The directory for the cassettes of fixtures that belong to a directory of tests."""
    if shared_directory(config) is None:
        return directory / "cassettes"
    return _below_shared(config, directory)


def around(config: pytest.Config, directory: Path) -> Iterator[Path]:
    """All directories that may hold cassettes of the tests in a directory."""
    root = _root_of(config, directory)
    if shared_directory(config):
        yield _below_shared(config, root)
        return
    above = (place for place in directory.parents if place.is_relative_to(root))
    yield from (of_directory(config, place) for place in (directory, *above))


def absolute(config: pytest.Config, directory: str) -> Path:
    """A directory that a suite names, from where pytest was started.

    The working directory does not count: a test may have changed it.
    """
    return _joined(config.invocation_params.dir, directory)


@functools.lru_cache(maxsize=256)
def _joined(directory: Path, name: str) -> Path:
    """The same for all tests of a module: to join them takes 29 000 instructions, 0.4 % of one."""
    return directory / name
