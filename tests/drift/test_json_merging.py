"""Merged JSON: what is the same stays as it was written, and only a change is taken."""

from __future__ import annotations

import json

import pytest

from pytest_reprise.drift.correlation import Correlation
from pytest_reprise.drift.json_merging import merge_json
from pytest_reprise.drift.json_tree import json_tree
from pytest_reprise.drift.noise import Clocks, Noise
from pytest_reprise.drift.places import Place


def _merged(old: object, new: object) -> object:
    """Return the merged value, if the run made the object 7, which is 8 in the new recording."""
    known = Correlation()
    known.ids_of("user").add(("7", "8"))
    known.see(("7", "8"), "POST users", "user", is_sent=False)
    known.see(("7", "8"), "GET users", "user", is_sent=False)
    noise = Noise(Clocks(0.0, 0.0), known=known)
    noise.begin("GET", "users", "200")
    was, now = json_tree(json.dumps(old)), json_tree(json.dumps(new))
    assert was
    assert now
    return json.loads(merge_json(Place("response", "leaf"), was[1], now[1], noise).written())


A, B, C = ({"id": n, "name": name} for n, name in ((11, "Olga"), (12, "Pia"), (13, "Ugo")))
OWN, OWN_NOW = {"id": 7, "name": "Ada"}, {"id": 8, "name": "Ada"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([A, B], [C]),
        ([OWN, A], [B, OWN_NOW, C]),
        ([A], [OWN_NOW, B]),
        ([], [A]),
        ([A], []),
    ],
)
def test_objects_of_others_are_no_change(old: object, new: object) -> None:
    assert _merged(old, new) == old
    assert _merged({"items": old, "n": 1}, {"items": new, "n": 1}) == {"items": old, "n": 1}


def test_the_schema_of_objects_of_others_is_compared() -> None:
    def renamed(row: dict[str, object]) -> dict[str, object]:
        return {{"name": "title"}.get(key, key): value for key, value in row.items()}

    assert _merged([A, B], [renamed(C)]) == [renamed(A), renamed(B)]
    assert _merged([OWN, A], [renamed(B), renamed(OWN_NOW)]) == [renamed(OWN), renamed(A)]
    assert _merged([A], [{**B, "name": None}]) == [A]
    assert _merged([A], [{**B, "name": 5}]) == [{**A, "name": 5}]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([{"sku": "pen"}, {"sku": "cup"}], [{"sku": "cup"}, {"sku": "pen"}]),
        ([{"sku": "pen"}], [{"sku": "pen"}, {"sku": "cup"}]),
        ([{"sku": "pen"}, {"sku": "cup"}], [{"sku": "cup"}]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"name": "Ada"}, {"full_name": "Ada"}),
        ({"next": "abc"}, {"paging": {"next": "abc"}}),
        ({"a": 1, "b": "x"}, {"data": {"a": 1, "b": "x"}}),
        ([1, 2], {"items": [1, 2]}),
        ("Ada", {"name": "Ada"}),
        ([{"id": 1}, {"id": 1}], [{"id": 1}]),
    ],
)
def test_a_change_is_taken(old: object, new: object) -> None:
    assert json.dumps(_merged(old, new)) == json.dumps(new)
