"""Tracebacks of our errors, in every combination of causes, contexts and groups."""

from __future__ import annotations

import traceback
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.errors import RequestNotRecorded
from pytest_reprise.plugin.scope_end import problem_of
from pytest_reprise.plugin.tracebacks import end_at_suite, with_causes

from ..harness.strategies import SOME

SOURCE = """
def call(error, depth):
    if depth:
        call(error, depth - 1)
    raise error
"""
PACKAGE: dict[str, Any] = {}
exec(compile(SOURCE, "/lib/site-packages/client.py", "exec"), PACKAGE)


_kinds = st.sampled_from([RequestNotRecorded, ValueError])


@SOME
@given(st.lists(_kinds, min_size=1, max_size=6), st.data())
def test_errors_in_a_circle_of_causes_are_each_found_once(
    kinds: list[type[Exception]], data: st.DataObject
) -> None:
    errors = [kind("text") for kind in kinds]
    any_error = st.sampled_from([None, *errors])
    for error in errors:
        error.__cause__, error.__context__ = data.draw(any_error), data.draw(any_error)
    group = ExceptionGroup("group", errors)
    found = with_causes(group)
    assert {id(one) for one in found} == {id(group), *map(id, errors)}
    assert len(found) == len(errors) + 1


@SOME
@given(_kinds, st.integers(0, 4), st.booleans())
def test_only_our_errors_lose_frames_and_only_below_the_suite(
    kind: type[Exception], depth: int, is_cause: bool
) -> None:
    def fail() -> None:
        try:
            PACKAGE["call"](kind("text"), depth)
        except Exception as error:
            if is_cause:
                raise LookupError("outer") from error
            raise

    with pytest.raises(Exception, match=r"text|outer") as caught:
        fail()
    end_at_suite(caught)
    for error in with_causes(caught.value):
        files = [entry.filename for entry in traceback.extract_tb(error.__traceback__)]
        assert files.count("/lib/site-packages/client.py") == (
            depth + 1 if type(error) is ValueError else 0
        )
        assert __file__ in files


def test_the_reason_for_a_dropped_recording_names_an_error_as_pytest_does() -> None:
    """So that the failures of tests and of their fixtures are listed under one reason."""
    errors = (httpx.ConnectError("refused"), AssertionError("assert 1 == 2"), ValueError("a\nb"))
    for error in errors:
        shown = f"{type(error).__module__}.{type(error).__name__}: {error}"
        expected = shown.removeprefix("builtins.").removeprefix("AssertionError: ")
        assert problem_of(error) == expected.partition("\n")[0]
