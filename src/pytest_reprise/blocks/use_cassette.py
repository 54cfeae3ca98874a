"""`use_cassette` and `Cassettes`: the public way to use a cassette in a block of code."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from ..errors import ConfigurationError
from .cassette_in_use import CassetteInUse
from .host import Block, current_host

P = ParamSpec("P")
T = TypeVar("T")


class use_cassette:  # noqa: N801  # used as a function, as contextlib.suppress is
    """Record the requests of a block of code to the file `path`, or replay them from it.

    A context manager (`with` or `async with`) that gives a CassetteInUse, and a decorator of
    functions, coroutine functions and generator functions. The options are those of the `vcr` mark.
    Of nested blocks the innermost gets the requests. Blocks in several threads or tasks do not mix.

    In a run of pytest, the record mode is that of the run, and a relative path is relative to the
    root directory. Elsewhere they are `once` and the working directory.

    Raises ConfigurationError for wrong options and CassetteError for a broken cassette; at the end
    of the block, RequestNotRecorded or CallsNotMade, as a recorded test fails.
    """

    def __init__(self, path: str | os.PathLike[str], **options: object) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ConfigurationError(
                f"use_cassette takes the path of a cassette, not {type(path).__name__}: "
                f'use_cassette("cassettes/users.yaml")'
            )
        self._path = Path(path)
        self._options = options
        self._blocks: list[Block] = []

    def __enter__(self) -> CassetteInUse:
        block = current_host().begin(self._path, self._options)
        self._blocks.append(block)
        return CassetteInUse(block.tape)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        # Several threads may use this object. The end of a fixture may run in another context.
        current = (block for block in self._blocks if block.is_current())
        block = next(current, self._blocks[-1])
        self._blocks.remove(block)
        block.end(error)

    async def __aenter__(self) -> CassetteInUse:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """Return the function with the cassette in use during each call."""
        made: Any = _wrapper(function, lambda: use_cassette(self._path, **self._options))
        return functools.wraps(function)(made)


def _wrapper(function: Any, make: Callable[[], use_cassette]) -> object:
    """A function of the same kind, whose body runs in a block of its own."""

    async def call_async(*args: Any, **kwargs: Any) -> object:
        __tracebackhide__ = True
        with make():
            return await function(*args, **kwargs)

    async def generate_async(*args: Any, **kwargs: Any) -> Any:
        with make():
            async for value in function(*args, **kwargs):
                yield value

    def generate(*args: Any, **kwargs: Any) -> Any:
        with make():
            return (yield from function(*args, **kwargs))

    def call(*args: Any, **kwargs: Any) -> object:
        __tracebackhide__ = True
        with make():
            return function(*args, **kwargs)

    if inspect.iscoroutinefunction(function):
        return call_async
    if inspect.isasyncgenfunction(function):
        return generate_async
    return generate if inspect.isgeneratorfunction(function) else call


class Cassettes:
    """Options that several blocks share: `Cassettes(record_mode="once").use_cassette("a.yaml")`.

    The options are those of the `vcr` mark. Raises ConfigurationError when a block begins.
    """

    def __init__(self, **options: object) -> None:
        self._options: Mapping[str, object] = options

    def use_cassette(self, path: str | os.PathLike[str], **options: object) -> use_cassette:
        """Return a block with these options, over those of this object."""
        return use_cassette(path, **{**self._options, **options})
