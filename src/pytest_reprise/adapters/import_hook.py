"""Notice that a module is imported while a recorded test runs, before it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class ImportHook(MetaPathFinder):
    """Calls `before` and `after` the import of one of the modules, with all that it imports."""

    def __init__(
        self, names: Collection[str], before: Callable[[], None], after: Callable[[], None]
    ) -> None:
        self._names = names
        self._before = before
        self._after = after
        self._is_importing = False

    def enter(self) -> None:
        """Start to watch imports."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def leave(self) -> None:
        """Stop watching imports."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names or self._is_importing:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = _WrappedLoader(spec.loader, self._execute)
        return spec

    def _execute(self, loader: Loader, module: ModuleType) -> None:
        self._is_importing = True
        self._before()
        try:
            loader.exec_module(module)
        finally:
            self._is_importing = False
            self._after()


class _WrappedLoader(Loader):
    """A loader whose module is executed by `execute`. The module does not keep it."""

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
