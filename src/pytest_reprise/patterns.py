"""Regular expressions that are compiled when they are first used.

A recording imports two hundred patterns and uses 25 of them. To compile all takes 8 % of the
instructions of a small recording (10 tests of 10 requests).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import AnyStr, Generic, cast


class _LazyPattern(Generic[AnyStr]):
    """Stands for a pattern. It is compiled when one of its methods is first used."""

    def __init__(self, source: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = source
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[AnyStr]:
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> object:
        """Return an attribute of the compiled pattern, and keep it as one of this object."""
        if name.startswith("__"):  # copy and pickle ask for these
            raise AttributeError(name)
        found: object = getattr(self._compiled, name)
        setattr(self, name, found)
        return found


def lazy_regex(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` returns, compiled when one of its methods is first used.

    It is not an instance of `re.Pattern`, so functions such as `re.sub` do not accept it. An error
    in the source is raised when it is used; `tests/test_patterns.py` compiles all of them.
    """
    return cast("re.Pattern[AnyStr]", _LazyPattern(source, flags))
