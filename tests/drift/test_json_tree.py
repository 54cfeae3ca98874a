"""JSON texts as trees: nothing of how they were written is lost."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.json_tree import Node, json_tree

from ..harness.strategies import SOME, Json, json_values


def _value(node: Node) -> Json:
    if node.kind == "scalar":
        return json.loads(node.text)  # type: ignore[no-any-return]
    if node.kind == "list":
        return [_value(child) for child in node.values]
    return {json.loads(key.strip(" \n:")): _value(child) for key, child in node.items}


@SOME
@given(json_values, st.sampled_from(["", " ", "\n\t"]))
def test_a_tree_has_all_values_and_gives_the_same_text(value: Json, blank: str) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=3, ensure_ascii=False)):
        found = json_tree(f"{blank}{text}{blank}")
        assert found is not None
        before, node, after = found
        assert f"{before}{node.written()}{after}" == f"{blank}{text}{blank}"
        assert json.dumps(_value(node)) == json.dumps(value)


@SOME
@given(st.lists(st.integers()), st.lists(st.integers()))
def test_a_list_may_get_other_members(old: list[int], new: list[int]) -> None:
    for indent in (None, 2):
        trees = [json_tree(json.dumps(values, indent=indent)) for values in (old, new)]
        assert trees[0]
        assert trees[1]
        merged = trees[0][1].with_values(trees[1][1].values, trees[1][1])
        assert json.loads(merged.written()) == new
        if len(old) > 1:
            assert merged.written() == json.dumps(new, indent=indent)


def test_what_is_no_tree() -> None:
    assert json_tree("{") is None
    assert json_tree('{"a": 1, "a": 2}') is None
    assert json_tree("[" * 100_000 + "]" * 100_000) is None
