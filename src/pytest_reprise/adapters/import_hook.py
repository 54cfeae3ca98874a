"""Modules that are imported while a recorded test runs, noticed before anybody uses them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class LateImports(MetaPathFinder):
    """Calls `before` and `after` the import of one of the modules, with all that it imports."""

    def __init__(
        self, names: Collection[str], before: Callable[[], None], after: Callable[[], None]
    ) -> None:
        self._names = names
        self._before = before
        self._after = after
        self._is_within = False

    def enter(self) -> None:
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def leave(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names or self._is_within:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = _Told(spec.loader, self._execute)
        return spec

    def _execute(self, loader: Loader, module: ModuleType) -> None:
        self._is_within = True
        self._before()
        try:
            loader.exec_module(module)
        finally:
            self._is_within = False
            self._after()


class _Told(Loader):
    """A loader that has its module executed by another hand, and is then forgotten."""

    def __init__(self, loader: Loader, execute: Callable[[Loader, ModuleType], None]) -> None:
        self._loader = loader
        self._execute = execute

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._execute(self._loader, module)
