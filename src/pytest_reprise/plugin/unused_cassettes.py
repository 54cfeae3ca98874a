"""Cassettes that no test or fixture uses any more, for the message about a renamed one."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..cassette.model import CassetteUse
from ..cassette.naming import SUFFIX, cassette_path, is_pending
from . import cassette_dirs, fixtures
from .pytest_internals import definitions
from .resolution import command_id

_MOST_DIRECTORIES = 200


class UnusedCassettes:
    """Called with the use of a cassette that does not exist.

    A file counts as unused if the function, class or fixture that it is named after does not exist
    any more. So tests that are not selected keep theirs.
    """

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def __call__(self, use: CassetteUse) -> Iterator[Path]:
        item = self._items.get(use.nodeid)
        if item is None:
            return
        directory, is_fixture = use.path.parent, use.shares_values
        for path in directory.glob(f"*{SUFFIX}"):
            of_fixture = "@" in path.name.partition("[")[0]
            if of_fixture != is_fixture or is_pending(path):
                continue
            if not self._is_used(path, item):
                yield path
        if not is_fixture and not directory.exists():
            yield from self._in_renamed_modules(use.path)

    def _in_renamed_modules(self, path: Path) -> Iterator[Path]:
        """The cassette of the same name in directories whose module does not exist any more."""
        beside = sorted(path.parent.parent.glob("*"))[:_MOST_DIRECTORIES]
        for directory in beside:
            found = directory / path.name
            module = cassette_dirs.module_of(self._session.config, directory)
            if found.is_file() and not module.exists():
                yield found

    def _is_used(self, path: Path, item: pytest.Function) -> bool:
        name, _, parameter = path.name.removesuffix(SUFFIX).partition("[")
        _, at, fixture = name.rpartition("@")
        if at:
            return bool(item.parent and definitions(item.parent, fixture))
        exists = _is_defined(item.module, name.partition("~")[0])
        # Other parameters of a function are known only where all of its tests were collected.
        return exists and (not parameter or self._selects_some or path in self._paths)

    @functools.cached_property
    def _items(self) -> dict[str, pytest.Function]:
        items = self._session.items
        return {command_id(item): item for item in items if isinstance(item, pytest.Function)}

    @functools.cached_property
    def _paths(self) -> frozenset[Path]:
        """The usual cassettes of all tests of the run."""
        return frozenset(
            cassette_path(
                cassette_dirs.of_module(item.config, item.path), fixtures.cassette_name(item)
            )
            for item in self._items.values()
        )

    @functools.cached_property
    def _selects_some(self) -> bool:
        """Whether only some tests of a module may have been selected."""
        config = self._session.config
        options = (config.option.keyword, config.option.markexpr, config.getoption("lf", False))
        return any(options) or any("::" in argument for argument in config.args)


def _is_defined(module: object, name: str) -> bool:
    """Whether a module has a function `name`, which may be in classes: `TestUsers.test_create`."""
    found: object = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is not None
