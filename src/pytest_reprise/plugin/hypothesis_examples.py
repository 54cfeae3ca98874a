"""The examples of Hypothesis in recorded tests: the same in each run, so that they replay.

Usually Hypothesis draws them from a random generator that all tests share, tries earlier failures
from its database, and mixes in constants of all imported modules. So they depend on which tests ran
before. In a recorded test they depend on its strategies alone. A failing example is not made
smaller: that would send hundreds of other requests.

Everything here that is not public is Hypothesis's own, as of its releases 6.60 to 6.170.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from random import Random
from typing import Any

from ..determinism.random_functions import call_anew
from ..tape.tape import Tape

_SEED = 0
"""For all tests: one that is renamed, edited or recorded again keeps its examples."""
_NOT_A_FAILURE = "UnsatisfiedAssumption"
_PHASES_LEFT_OUT = ("reuse", "shrink", "explain")


def fix_examples(tape_of_code: Callable[[], Tape | None]) -> ExitStack:
    """Fix the examples of tests for which `tape_of_code` returns a tape. Close the result to undo
    it. Hypothesis has to be imported."""
    undo = ExitStack()

    def recorded() -> Tape | None:
        tape = tape_of_code()
        return None if tape is None or tape.is_legacy else tape  # vcrpy leaves them as they are

    core = sys.modules["hypothesis.core"]
    replace = _Replacing(undo, recorded)
    replace(core, "get_random_for_wrapped_test", _fixed_random)
    replace(core, "StateForActualGivenExecution", _execution)
    if providers := sys.modules.get("hypothesis.internal.conjecture.providers"):
        replace(providers, "_get_local_constants", _no_constants)
    return undo


class _Replacing:
    """Replaces names of a module. `recorded` returns the tape of the running test, if it has one
    that decides its examples."""

    def __init__(self, undo: ExitStack, recorded: Callable[[], Tape | None]) -> None:
        self._undo = undo
        self._recorded = recorded

    def __call__(
        self, module: Any, name: str, make: Callable[[Any, Callable[[], Tape | None]], Any]
    ) -> None:
        if original := getattr(module, name, None):  # another release may not have it
            setattr(module, name, make(original, self._recorded))
            self._undo.callback(setattr, module, name, original)


def _fixed_random(original: Any, recorded: Callable[[], Tape | None]) -> Any:
    """The generator of a test, which has the fixed seed unless the suite gives one."""

    def get_random(test: Any, wrapped_test: Any) -> Random | None:
        core: Any = sys.modules["hypothesis.core"]
        has_seed = wrapped_test._hypothesis_internal_use_seed is not None
        is_given = has_seed or core.global_force_seed is not None
        if recorded() is None or is_given:
            found: Random | None = original(test, wrapped_test)
            return found
        wrapped_test._hypothesis_internal_use_generated_seed = None
        return Random(_SEED)

    return get_random


def _execution(original: Any, recorded: Callable[[], Tape | None]) -> Any:
    """The class that executes examples, with other settings in a recorded test."""

    class Execution(original):  # type: ignore[misc]
        def __init__(self, stuff: Any, test: Any, settings: Any, *args: Any, **named: Any) -> None:
            self._reprise_tape = tape = recorded()
            used = _without_other_examples(settings) if tape else settings
            self._reprise_number = 0
            super().__init__(stuff, test, used, *args, **named)

        def execute_once(self, *args: Any, **named: Any) -> object:
            __tracebackhide__ = True
            tape = self._reprise_tape
            if tape is None:
                return super().execute_once(*args, **named)
            before = tape.player.play_counts
            name = f"example{self._reprise_number}"
            try:
                result = call_anew(name, super().execute_once, *args, **named)
            except Exception as error:
                if type(error).__name__ == _NOT_A_FAILURE:
                    self._reprise_number += 1
                else:  # the example is repeated, to show it: with the same answers and values
                    tape.rewind(before)
                raise
            self._reprise_number += 1
            return result

    return Execution


def _without_other_examples(settings: Any) -> Any:
    """The settings of a test without what depends on other runs, or sends other requests."""
    phases = [phase for phase in settings.phases if phase.name not in _PHASES_LEFT_OUT]
    return type(settings)(settings, database=None, phases=phases)


def _no_constants(original: Any, recorded: Callable[[], Tape | None]) -> Any:
    """The constants of the suite's modules: none in a recorded test."""
    providers: Any = sys.modules["hypothesis.internal.conjecture.providers"]
    none = type(providers.GLOBAL_CONSTANTS)()
    was_recorded = False

    def get_local_constants() -> object:
        nonlocal was_recorded
        is_recorded = recorded() is not None
        if is_recorded is not was_recorded:  # what is permitted was cached with the others
            providers.CONSTANTS_CACHE.cache.clear()
            was_recorded = is_recorded
        return none if is_recorded else original()

    return get_local_constants
