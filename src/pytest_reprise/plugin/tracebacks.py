"""Tracebacks of our errors. They end at the line of the suite that led to the request.

Below that line are some ten frames of the HTTP client, which are the same for every miss.
"""

from __future__ import annotations

import functools
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest

from ..errors import RepriseError

_INSTALLED = ("stdlib", "platstdlib", "purelib", "platlib")
_OWN = str(Path(__file__).parents[1])


def end_at_suite(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Cut the tracebacks of our errors in an exception, its causes and its group.

    The frames are removed from the errors themselves, since pytest reads those of a cause there.
    """
    ours = [error for error in with_causes(excinfo.value) if isinstance(error, RepriseError)]
    for error in ours:
        _cut(error, is_shown_first=error is excinfo.value)
    if ours and excinfo.tb:
        # An exception in unittest's code has its traceback computed by now.
        excinfo.traceback = type(excinfo.traceback)(excinfo.tb)


def _cut(error: BaseException, is_shown_first: bool) -> None:
    frames = list(_frames(error.__traceback__))
    of_suite = [frame for frame in frames if _is_of_suite(frame.tb_frame.f_code.co_filename)]
    if of_suite:
        of_suite[-1].tb_next = None
    elif frames and not is_shown_first:
        # An SDK caught the error in its own code. The traceback of what it raised has more.
        frames[0].tb_next = None


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def with_causes(error: BaseException) -> list[BaseException]:
    """The error, all errors that led to it, and those of its group."""
    found: dict[int, BaseException] = {}
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None and id(one) not in found:
            found[id(one)] = one
            left += (one.__cause__, one.__context__)
            left += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
    return list(found.values())


@functools.lru_cache(maxsize=1024)
def _is_of_suite(file: str) -> bool:
    """Whether a file of code belongs to the suite: not to Python, a package, or to us."""
    if file.startswith(("<frozen ", _OWN)) or {"site-packages", "dist-packages"} & set(
        Path(file).parts
    ):
        return False
    return not any(Path(file).is_relative_to(place) for place in _places())


@functools.lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    return tuple(sysconfig.get_path(name) for name in _INSTALLED)
