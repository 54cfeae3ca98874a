"""Merge two JSON values: the old one, with what is a change in the new one.

Members of objects are paired by their keys; one that was renamed keeps its value. Members of lists
are paired by their ids, or else by their positions. Of objects that the run did not make, only the
schema is compared: which ones are there, and what they hold, depends on other users of the API.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .json_tree import Node
from .places import Place

_ID_KEYS = ("id", "uuid", "_id", "pk", "key", "code", "sku", "slug", "number", "name")
"""Keys of what identifies an object in a list; the first one that all have counts."""
_MOST_RENAMED = 20
"""Members without a partner among which an old name is searched, so that the work is linear."""
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


class Values(Protocol):
    """Decides about scalars and lists; this module only finds them."""

    def merge(self, place: Place, old: str, new: str, /) -> str:
        """Return the text to write where both recordings have one."""

    def equal(self, place: Place, text: str, /) -> None:
        """Note that both recordings have the same text."""

    def added(self, place: Place, new: str, /) -> str:
        """Return the text to write where only the new recording has one."""

    def corresponds(self, place: Place, old: str, new: str, /) -> bool:
        """Whether two texts mean the same; nothing is noted."""

    def varies(self, place: Place, old: str, new: str, /) -> bool:
        """Whether a list of scalars has other members, or another order, in each recording."""

    def own_id(self, place: Place, new: str, /) -> str | None:
        """Return the old id of an object that the run made in both recordings; None for others."""

    def is_foreign(self, place: Place, identity: str, /) -> bool:
        """Whether an id, old or new, is that of an object that the run did not make."""

    def of_others(self) -> Values:
        """Return the decisions for objects that the run did not make."""


def merge_json(place: Place, old: Node, new: Node, values: Values) -> Node:
    """Return the value to write."""
    if old.kind != new.kind:
        if old.kind == "list" and [node.kind for _, node in new.items] == ["list"]:
            return _in_object(place, old, new, values)
        return added_json(place, new, values)
    if old.kind == "scalar":
        if old.text == new.text:
            values.equal(place, old.text)
            return old
        text = values.merge(place, old.text, new.text)
        return old if text == old.text else Node("scalar", text)
    return (_merge_object if old.kind == "object" else _merge_list)(place, old, new, values)


def _in_object(place: Place, old: Node, new: Node, values: Values) -> Node:
    """Return a list that is now the only member of an object."""
    [(key, node)] = new.items
    merged = merge_json(_below(place, key, 0), old, node, values)
    return Node("object", "", ((key, merged),), new.gaps)


def added_json(place: Place, new: Node, values: Values) -> Node:
    """Return a value without an old one, as the old recording would have it."""
    if new.kind == "scalar":
        return Node("scalar", values.added(place, new.text))
    items = (
        (key, added_json(_below(place, key, n), node, values))
        for n, (key, node) in enumerate(new.items)
    )
    return Node(new.kind, "", tuple(items), new.gaps)


def _below(place: Place, key: str, position: int) -> Place:
    return place._replace(path=(*place.path, _name(key) if key else position))


def _name(key: str) -> str:
    """Return a key without its quotes and the colon."""
    found = _KEY.match(key)
    return found[0][1:-1] if found else key


# --- objects ------------------------------------------------------------------------------------


def _merge_object(place: Place, old: Node, new: Node, values: Values) -> Node:
    was = {_name(key): node for key, node in old.items}
    now = {_name(key): node for key, node in new.items}
    left = {name: node for name, node in was.items() if name not in now}
    items = []
    for key, node in new.items:
        name = _name(key)
        here = _below(place, key, 0)
        before = was.get(name)
        if before is None and len(left) <= _MOST_RENAMED:
            before = _moved(node, left) or _renamed(here, node, left, values)
        merged = (
            added_json(here, node, values)
            if before is None
            else merge_json(here, before, node, values)
        )
        items.append((key, merged))
    return Node("object", "", tuple(items), new.gaps)


def _moved(new: Node, left: dict[str, Node]) -> Node | None:
    """Return the old members that are now in an object of their own, taken from those `left`."""
    names = [name for key, _ in new.items if (name := _name(key)) in left]
    if not names or new.kind != "object":
        return None
    items = tuple((key, left.pop(name)) for key, _ in new.items if (name := _name(key)) in names)
    return Node("object", "", items, ("", *[""] * len(items)))


def _renamed(place: Place, new: Node, left: dict[str, Node], values: Values) -> Node | None:
    """Return the old value of a member that has a new name, and take it from those `left`."""
    for name, node in left.items():
        if _means_the_same(place, node, new, values):
            return left.pop(name)
    return None


def _means_the_same(place: Place, old: Node, new: Node, values: Values) -> bool:
    if old.kind != new.kind or len(old.items) != len(new.items):
        return False
    if old.kind == "scalar":
        is_telling = len(old.text) > 1 and old.text not in ("true", "false", "null", '""')
        return is_telling and values.corresponds(place, old.text, new.text)
    return bool(old.items) and all(
        _name(was) == _name(now) and _means_the_same(_below(place, now, n), one, other, values)
        for n, ((was, one), (now, other)) in enumerate(zip(old.items, new.items, strict=True))
    )


# --- lists --------------------------------------------------------------------------------------


def _merge_list(place: Place, old: Node, new: Node, values: Values) -> Node:
    nodes = [*old.values, *new.values]
    if all(node.kind == "scalar" for node in nodes):
        if values.varies(place, old.written(), new.written()):
            return old
    # A request has what its test put there, in the order of the test.
    elif place.side == "response" and (key := _id_key(old.values, new.values)):
        return _merge_by_id(place, old, new, key, values)
    return new.with_values(_by_position(place, old.values, new.values, values))


def _by_position(
    place: Place, old: Sequence[Node], new: Sequence[Node], values: Values
) -> list[Node]:
    return [
        merge_json(_below(place, "", n), old[n], node, values)
        if n < len(old)
        else added_json(_below(place, "", n), node, values)
        for n, node in enumerate(new)
    ]


def _id_key(*lists: Sequence[Node]) -> str | None:
    """Return the key that identifies each object of these lists; None if there is none."""
    names = [
        {_name(key) for key, member in node.items if member.kind == "scalar"}
        for nodes in lists
        for node in nodes
    ]
    common = set.intersection(*names)
    found = next((key for key in _ID_KEYS if key in common), None)
    are_unique = found and all(len({*_ids(nodes, found)}) == len(nodes) for nodes in lists)
    return found if are_unique else None


class _Members(NamedTuple):
    """The objects of two lists by their ids."""

    partners: dict[int, int]
    """Positions in the old list of objects that the new one has, too, by positions in that."""
    foreign_old: list[int]
    foreign_new: list[int]


def _merge_by_id(place: Place, old: Node, new: Node, key: str, values: Values) -> Node:
    before, now = old.values, new.values
    ids = place._replace(path=(*place.path, 0, key))
    found = _paired(ids, _ids(before, key), _ids(now, key), values)
    if not (found.foreign_old or found.foreign_new):
        return new.with_values(_in_new_order(place, before, now, found, values), old)
    merged: list[Node] = []
    of_others = values.of_others()
    new_of = {was: at for at, was in found.partners.items()}
    for n, node in enumerate(before):
        here = _below(place, "", n)
        if n in new_of:
            merged.append(merge_json(here, node, now[new_of[n]], values))
        elif n in found.foreign_old:
            # Any object of the new list shows the schema.
            rank = found.foreign_old.index(n)
            other = found.foreign_new[rank : rank + 1] or found.foreign_new[-1:] or [-1]
            merged.append(merge_json(here, node, now[other[0]], of_others) if now else node)
        else:
            # Which of its own objects the run sees depends on how many others there are.
            merged.append(node)
    return old.with_values(merged, new)


def _in_new_order(
    place: Place, old: Sequence[Node], new: Sequence[Node], found: _Members, values: Values
) -> list[Node]:
    return [
        merge_json(_below(place, "", n), old[found.partners[n]], node, values)
        if n in found.partners
        else added_json(_below(place, "", n), node, values)
        for n, node in enumerate(new)
    ]


def _ids(nodes: Sequence[Node], key: str) -> list[str]:
    return [next(v.text for k, v in node.items if _name(k) == key) for node in nodes]


def _paired(place: Place, old: Sequence[str], new: Sequence[str], values: Values) -> _Members:
    """Return which objects are the same: those with the same id, or with ids that correspond."""
    positions = {identity: n for n, identity in enumerate(old)}
    partners: dict[int, int] = {}
    for n, identity in enumerate(new):
        own = identity if identity in positions else values.own_id(place, identity)
        if own in positions:
            partners[n] = positions.pop(own)
    foreign_old = [n for identity, n in positions.items() if values.is_foreign(place, identity)]
    left = (n for n in range(len(new)) if n not in partners)
    return _Members(partners, foreign_old, [n for n in left if values.is_foreign(place, new[n])])
