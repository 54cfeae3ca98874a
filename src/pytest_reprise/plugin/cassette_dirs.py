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


@functools.lru_cache(maxsize=256)
def of_module(config: pytest.Config, module: Path) -> Path:
    """The directory for the cassettes of a test module."""
    shared = shared_directory(config)
    if shared is None:
        return module.parent / "cassettes" / module.stem
    root = config.rootpath
    below = module.relative_to(root) if module.is_relative_to(root) else Path(module.name)
    return shared / below.with_suffix("")


def module_of(config: pytest.Config, directory: Path) -> Path:
    """The test module whose cassettes are in a directory: the inverse of `of_module`."""
    shared = shared_directory(config)
    if shared is None:
        return directory.parent.parent / f"{directory.name}.py"
    below = directory.relative_to(shared) if directory.is_relative_to(shared) else directory
    return config.rootpath / below.with_name(f"{below.name}.py")


def of_directory(config: pytest.Config, directory: Path) -> Path:
    """The directory for the cassettes of fixtures that belong to a directory of tests."""
    shared = shared_directory(config)
    if shared is None:
        return directory / "cassettes"
    root = config.rootpath
    return shared / (directory.relative_to(root) if directory.is_relative_to(root) else "")


def around(config: pytest.Config, directory: Path) -> Iterator[Path]:
    """All directories that may hold cassettes of the tests in a directory."""
    if shared := shared_directory(config):
        yield shared
        return
    root = config.rootpath
    above = (place for place in directory.parents if place.is_relative_to(root))
    yield from (of_directory(config, place) for place in (directory, *above))


def absolute(config: pytest.Config, directory: str) -> Path:
    """A directory that a suite names, from where pytest was started.

    The working directory does not count: a test may have changed it.
    """
    return config.invocation_params.dir / directory
