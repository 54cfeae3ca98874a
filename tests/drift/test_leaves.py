"""The leaves of JSON texts: their places, and texts in which some are replaced."""

from __future__ import annotations

import json

from hypothesis import given

from pytest_reprise.drift.leaves import Place, json_leaves, replace_leaves

from ..harness.strategies import SOME, Json, json_containers, json_values, replaced


def _expected(value: Json, here: Place = ()) -> list[tuple[Place, Json]]:
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in _expected(item, (*here, name))]
    if isinstance(value, list):
        return [leaf for n, item in enumerate(value) for leaf in _expected(item, (*here, n))]
    return [(here, value)]


@SOME
@given(json_values)
def test_leaves_are_all_scalars_with_their_places(value: Json) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=3, ensure_ascii=False)):
        leaves = json_leaves(text)
        assert leaves is not None
        found = [(leaf.place, json.loads(text[leaf.start : leaf.end])) for leaf in leaves]
        assert found == _expected(value)


@SOME
@given(json_containers, json_values)
def test_a_replaced_leaf_changes_its_text_only(value: Json, new: Json) -> None:
    text = json.dumps(value)
    leaves = json_leaves(text)
    assert leaves is not None
    for leaf in leaves:
        changed = replace_leaves(text, leaves, {leaf.place: json.dumps(new)})
        assert changed == text[: leaf.start] + json.dumps(new) + text[leaf.end :]
        assert json.loads(changed) == replaced(value, leaf.place, new)


def test_what_has_no_places() -> None:
    assert json_leaves("{") is None
    assert json_leaves('{"a": 1, "a": 2}') is None
    assert json_leaves("[" * 100_000 + "]" * 100_000) is None
    assert json_leaves("{}") == ()
