"""Our own modules are imported as any others are.

pytest reads those of plugins in a way of its own, for the sake of their assertions. It takes twice
as long: 8 ms of the first recorded test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_PACKAGE = __name__.partition(".")[0] + "."


class _OwnModules(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(_PACKAGE) else None


def install() -> Callable[[], None]:
    """Returns the undo."""
    finder = _OwnModules()
    sys.meta_path.insert(0, finder)

    def uninstall() -> None:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return uninstall


@contextmanager
def as_others() -> Iterator[None]:
    """For the imports in a `with` block."""
    undo = install()
    try:
        yield
    finally:
        undo()
