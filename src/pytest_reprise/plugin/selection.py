"""Which tests are recorded, and whose cassettes need a file name of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from ..cassette.naming import ambiguous

if TYPE_CHECKING:
    from .second_pass import SecondPass

IS_ACTIVE = pytest.StashKey[bool]()
"""Whether Reprise records and replays in this session: not with --disable-recording."""
PROOF_TASK = "REPRISE_PROOF"
"""The environment variable of the process of a proof: the file with its task."""
STAGED: pytest.StashKey[str] = pytest.StashKey()
"""In the process of a proof, the name of the directories with the staged cassettes."""
SECOND_PASS: pytest.StashKey[SecondPass] = pytest.StashKey()
"""The tests that are recorded again at the end of the run; missing where no option asks for it."""
AMBIGUOUS_NAMES = pytest.StashKey[set[tuple[pytest.Collector, str]]]()
"""Tests whose names give one file name with another test: collector, and the test's name. Two
packages of a monorepo may have modules with the same node id."""
_IS_RECORDED = pytest.StashKey[bool]()


def is_recorded(item: pytest.Item) -> bool:
    """Whether a test is recorded and replayed: by its mark, or by the ini setting.

    The first answer is kept, so that marks which are added while the test runs change nothing.
    """
    answer = item.stash.get(_IS_RECORDED, None)
    if answer is None:
        is_marked = item.get_closest_marker("vcr") is not None
        answer = item.stash[_IS_RECORDED] = is_marked or _records_all(item)
    return answer


def _records_all(item: pytest.Item) -> bool:
    return item.config.getini("reprise_record") == "all" and isinstance(item, pytest.Function)


def note_ambiguous_names(collector: pytest.Collector, items: Iterable[object]) -> None:
    """Note which of the tests made from one function need a file name of their own.

    pytest makes all of them at once, also those that are deselected later. So the name of a
    cassette does not depend on which tests are selected.
    """
    names = [item.name for item in items if isinstance(item, pytest.Item)]
    found = ((collector, name) for name in ambiguous(names))
    collector.config.stash[AMBIGUOUS_NAMES].update(found)


def selects_all(config: pytest.Config) -> bool:
    """Whether the run was asked for all tests: the whole root directory, or all `testpaths`."""
    option = config.option
    names = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "reprise_refresh")
    if any(getattr(option, name, None) for name in names):
        return False
    start = config.invocation_params.dir
    asked = {(start / argument).resolve() for argument in config.args}
    whole = {(config.rootpath / path).resolve() for path in config.getini("testpaths")}
    return config.rootpath.resolve() in asked or (bool(whole) and whole <= asked)
