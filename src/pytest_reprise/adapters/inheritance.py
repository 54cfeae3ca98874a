"""Threads, jobs and tasks inherit a context variable from the code that starts them.

asyncio, trio and anyio hand the whole context to their tasks, and to the threads in which they run
functions. Python hands over nothing to a `threading.Thread` or to a job of a thread pool, and some
runners keep the context of an earlier caller. This module does what is missing:

- a thread has the value of the code that called `start`
- a job of a thread pool has the value of the code that submitted it, whichever code made the pool
- a coroutine that `asyncio.Runner` or anyio's pytest plugin runs has the value of the caller
- so has the `setUp` of an `IsolatedAsyncioTestCase`, whose context is as old as the object
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
_Function: TypeAlias = Callable[..., Any]

_STARTED_WITH = "_reprise_started_with"
"""The attribute of a thread that holds the value of the code that started it, for code that runs in
a context of its own."""
_WITH_A_FUNCTION = "apply_async map map_async starmap starmap_async imap imap_unordered".split()
"""The methods of `multiprocessing.pool.ThreadPool` that take a function first."""


class Inheritance(Generic[T]):
    """Hands a context variable over, from `install` to `uninstall`.

    `outside` is the value of threads that were started before.
    """

    def __init__(self, variable: ContextVar[T], outside: T) -> None:
        self._variable = variable
        self._outside = outside
        self._older_threads: set[int | None] = set()
        self._patched: set[str] = set()
        self._undo = ExitStack()

    def install(self) -> None:
        """Patch the start of threads and jobs."""
        self._older_threads = {thread.ident for thread in threading.enumerate()}
        self._replace(threading.Thread, "start", self._start)
        self._replace(ThreadPoolExecutor, "submit", self._with_value_for_job)
        if plugin := sys.modules.get("anyio.pytest_plugin"):
            self._replace(plugin, "get_runner", self._get_runner)

    def patch_imported(self) -> None:
        """Patch modules that were imported since the last call."""
        if runners := self._newly_imported("asyncio.runners"):
            self._replace(runners.Runner, "run", self._run)
        if unit := self._newly_imported("unittest.async_case"):
            self._replace(unit.IsolatedAsyncioTestCase, "_callSetUp", self._call_set_up)
        if pool := self._newly_imported("multiprocessing.pool"):
            for name in _WITH_A_FUNCTION:
                self._replace(pool.ThreadPool, name, self._with_value_for_job)

    def uninstall(self) -> None:
        """Put everything back."""
        self._undo.close()

    def of_thread(self, unknown: T) -> T:
        """The value of a thread whose own code has not set the variable.

        `unknown` for a thread that `threading.Thread` did not start, as those of C libraries.
        """
        thread = threading.current_thread()
        if thread.ident in self._older_threads:
            return self._outside
        value: T = getattr(thread, _STARTED_WITH, unknown)
        return value

    def running_threads(self) -> Iterator[T]:
        """The values of the threads that were started since `install` and still run."""
        for thread in threading.enumerate():
            if thread.ident not in self._older_threads and hasattr(thread, _STARTED_WITH):
                yield getattr(thread, _STARTED_WITH)

    @contextmanager
    def having(self, value: T) -> Iterator[None]:
        """Run the block with this value."""
        token = self._variable.set(value)
        try:
            yield
        finally:
            self._variable.reset(token)

    def _value(self) -> T:
        try:
            return self._variable.get()
        except LookupError:
            return self.of_thread(self._outside)

    def _newly_imported(self, name: str) -> Any:
        if name in self._patched or name not in sys.modules:
            return None
        self._patched.add(name)
        return sys.modules[name]

    def _replace(self, place: Any, name: str, patched: Callable[[Any], _Function]) -> None:
        original = getattr(place, name, None)
        if original is None:  # another release of the library
            return
        is_inherited = name not in vars(place)
        setattr(place, name, functools.wraps(original)(patched(original)))
        if is_inherited:
            self._undo.callback(delattr, place, name)
        else:
            self._undo.callback(setattr, place, name, original)

    # --- threads and jobs ---------------------------------------------------------------------

    def _start(self, original: Callable[[threading.Thread], None]) -> _Function:
        def start(thread: threading.Thread) -> None:
            value, run = self._value(), thread.run

            def run_with_value() -> None:
                self._variable.set(value)  # in the context of this thread
                run()

            setattr(thread, _STARTED_WITH, value)
            thread.run = run_with_value  # type: ignore[method-assign]
            original(thread)

        return start

    def _with_value_for_job(self, original: _Function) -> _Function:
        def submit(pool: object, function: _Function, /, *args: Any, **kwargs: Any) -> object:
            job = functools.partial(self._call, self._value(), function)
            return original(pool, job, *args, **kwargs)

        return submit

    def _call(self, value: T, function: _Function, /, *args: Any, **kwargs: Any) -> object:
        __tracebackhide__ = True
        with self.having(value):
            return function(*args, **kwargs)

    # --- runners of event loops ---------------------------------------------------------------

    def _run(self, original: _Function) -> _Function:
        def run(runner: Any, coro: object, *, context: Any = None) -> object:
            __tracebackhide__ = True
            with suppress(RuntimeError):  # closed already, or the context is in use: as it is
                runner.get_loop()  # which makes the runner's own context
                used = context or getattr(runner, "_context", None)
                if used is not None:
                    used.run(self._variable.set, self._value())
            return original(runner, coro, context=context)

        return run

    def _call_set_up(self, original: _Function) -> _Function:
        def call_set_up(case: Any) -> object:
            __tracebackhide__ = True
            if used := getattr(case, "_asyncioTestContext", None):
                used.run(self._variable.set, self._value())
            return original(case)

        return call_set_up

    def _get_runner(self, original: _Function) -> _Function:
        @contextmanager
        def get_runner(*args: Any, **kwargs: Any) -> Iterator[_AnyioRunner]:
            with original(*args, **kwargs) as runner:
                yield _AnyioRunner(runner, self.with_value)

        return get_runner

    def with_value(self, function: Callable[..., Awaitable[object]]) -> _Function:
        """The function as one whose coroutines have the value of the code that calls this."""
        value = self._value()

        async def call(*args: Any, **kwargs: Any) -> object:
            __tracebackhide__ = True
            with self.having(value):
                return await function(*args, **kwargs)

        return call


class _AnyioRunner:
    """A test runner of anyio.

    It runs all tests and fixtures in one task, with the context of whatever came first.
    """

    def __init__(self, runner: Any, with_value: Callable[[_Function], _Function]) -> None:
        self._runner = runner
        self._with_value = with_value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)

    def run_test(self, test_func: _Function, kwargs: dict[str, Any]) -> None:
        __tracebackhide__ = True
        self._runner.run_test(self._with_value(test_func), kwargs)

    def run_fixture(self, fixture_func: _Function, kwargs: dict[str, Any]) -> object:
        return self._runner.run_fixture(self._with_value(fixture_func), kwargs)

    def run_asyncgen_fixture(
        self, fixture_func: Callable[..., AsyncGenerator[Any, Any]], kwargs: dict[str, Any]
    ) -> Any:
        def generate(**named: Any) -> _Generator:
            return _Generator(fixture_func(**named), self._with_value)

        return self._runner.run_asyncgen_fixture(generate, kwargs)


class _Generator:
    """An async generator whose steps have the values of the code that asks for them."""

    def __init__(
        self, generator: AsyncGenerator[Any, Any], with_value: Callable[[_Function], _Function]
    ) -> None:
        self._generator = generator
        self._with_value = with_value

    def asend(self, value: object) -> Any:
        return self._with_value(self._generator.asend)(value)

    def aclose(self) -> Any:
        return self._with_value(self._generator.aclose)()
