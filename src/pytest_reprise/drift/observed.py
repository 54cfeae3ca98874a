"""What was observed of one operation: which places its answers have, and which values differ.

The places are those of a schema: all items of a list are `[]`, and the values of an object whose
keys are ids are `{}`. Nothing is decided here; see `api_changes`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from .body_values import Json, json_type
from .tokens import is_generated
from .value_forms import are_alike, is_telling

Place: TypeAlias = tuple[str, ...]
Path: TypeAlias = tuple[str | int, ...]
"""The way to one value: keys, and positions in lists."""
ITEM, ENTRY = "[]", "{}"
"""Steps to an item of a list, and to a value of an object whose keys are ids."""

_MOST_VALUES = 100
"""Different values to remember of a place."""
_MOST_GAPS = 100
"""Values that only one of two answers has, to look for under another name."""
_IDENTITIES = "id uuid key slug code sku name email number href url self".split()


class Answer(NamedTuple):
    """What is known about an answer: the recording it is from, and the time of that.

    It is certain if the scope sent the same requests as before, so that nothing depends on what it
    sent. It is own if it is about objects that the suite made itself. `made` are texts that
    identify such objects, in the old and in the new recordings.
    """

    source: str
    now: float = 0.0
    is_certain: bool = True
    is_own: bool = True
    made: tuple[Set[str], Set[str]] = (frozenset(), frozenset())


@dataclass(slots=True)
class Differing:
    """A pair of values that differ: where it was found, and how often; for the others see
    `Answer`."""

    sources: set[str] = field(default_factory=set)
    count: int = 0
    is_certain: bool = False
    is_own: bool = False


@dataclass(slots=True)
class PlaceFacts:
    """What was seen at a place: in the old answers (position 0) and in the new ones (1)."""

    types: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    sources: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    values: tuple[set[Json], set[Json]] = field(default_factory=lambda: (set(), set()))
    members: dict[tuple[frozenset[Json], frozenset[Json]], set[str]] = field(default_factory=dict)
    """The values of lists of scalars."""
    differing: dict[tuple[Json, Json], Differing] = field(default_factory=dict)
    """Different values of the same object."""
    equal: set[Json] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)
    shortened: dict[tuple[int, int], set[str]] = field(default_factory=dict)
    """Lengths of lists of which one is the start of the other."""
    key_orders: set[str] = field(default_factory=set)
    """Where the keys of the same object were in another order."""


class Order(NamedTuple):
    """The order of the same items in two lists: the names by which each is sorted (`name`, or
    `-name` downwards), and the new position of each old item."""

    old: frozenset[str]
    new: frozenset[str]
    positions: tuple[int, ...]
    source: str

    @property
    def is_same(self) -> bool:
        return self.positions == tuple(sorted(self.positions))


class Gap(NamedTuple):
    """A value that only one of two answers has, with the way to it."""

    path: Path
    place: Place
    value: Json


class Bodies:
    """The facts about the bodies of one operation. `now` is the time of the old recording."""

    def __init__(self) -> None:
        self.places: defaultdict[Place, PlaceFacts] = defaultdict(PlaceFacts)
        self.renames: Counter[tuple[Place, Place]] = Counter()
        """How often a value was found under another name."""
        self.chances: Counter[tuple[Place, Place]] = Counter()
        """How often it could have been found there."""
        self.wrappings: dict[tuple[str, str], set[str]] = {}
        """Names around a whole body, old and new, with where they were found."""

    def add(self, old: Json, new: Json, recorded: Json, answer: Answer) -> None:
        """Compare two answers to the same request: `new` has old values for noise, and `recorded`
        is as it was recorded."""
        wrapped = wrapping(old, new)
        if wrapped:
            self.wrappings.setdefault(wrapped, set()).add(answer.source)
            old, new = _inside(old, wrapped[0]), _inside(new, wrapped[1])
            recorded = _inside(recorded, wrapped[1])
        self._count(0, (), old, answer.source)
        self._count(1, (), new, answer.source)
        comparison = _Comparison(self.places, answer)
        comparison.values((), (), old, new, recorded)
        self._find_renames(comparison, answer.now)

    def _count(self, side: int, place: Place, value: Json, source: str) -> None:
        facts = self.places[place]
        facts.types[side][json_type(value)] += 1
        facts.sources[side].add(source)
        if isinstance(value, dict):
            for name, child in steps(value):
                self._count(side, (*place, name), child, source)
        elif isinstance(value, list):
            for child in value:
                self._count(side, (*place, ITEM), child, source)
        elif len(facts.values[side]) < _MOST_VALUES:
            facts.values[side].add(value)

    def _find_renames(self, comparison: _Comparison, now: float) -> None:
        all_lost, all_gained = (
            [inner for gap in gaps for inner in _with_inner(gap)][:_MOST_GAPS]
            for gaps in (comparison.lost, comparison.gained)
        )
        for lost in all_lost:
            for gained in all_gained:
                if not _may_be_renamed(lost, gained):
                    continue
                pair = lost.place, gained.place
                self.chances[pair] += 1
                self.renames[pair] += are_alike(lost.value, gained.value, now)


def steps(value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the values of an object with their steps: keys that are ids are ENTRY."""
    are_ids = bool(value) and all(map(_is_id, value))
    for key, child in value.items():
        yield ENTRY if are_ids else key, child


def _with_inner(gap: Gap) -> Iterator[Gap]:
    """Yield a gap, and those of the values inside of it."""
    yield gap
    if isinstance(gap.value, dict):
        for (name, value), key in zip(steps(gap.value), gap.value, strict=True):
            yield from _with_inner(Gap((*gap.path, key), (*gap.place, name), value))


def _is_id(key: str) -> bool:
    return key.isdecimal() or (any(map(str.isdecimal, key)) and is_generated(key))


def _may_be_renamed(lost: Gap, gained: Gap) -> bool:
    if lost.path[:-1] == gained.path[:-1]:
        return True
    indexes = [[step for step in gap.path if isinstance(step, int)] for gap in (lost, gained)]
    return indexes[0] == indexes[1] and is_telling(lost.value)


class _Comparison:
    """Walks two answers at once, matching what is the same object."""

    def __init__(self, places: defaultdict[Place, PlaceFacts], answer: Answer) -> None:
        self._places = places
        self._answer = answer
        self._source = answer.source
        self.lost: list[Gap] = []
        self.gained: list[Gap] = []

    def values(self, path: Path, place: Place, old: Json, new: Json, recorded: Json) -> None:
        """Compare two values at the same place; `recorded` is the new one as it was recorded."""
        if isinstance(old, dict) and isinstance(new, dict):
            self._objects(path, place, old, new, recorded)
        elif isinstance(old, list) and isinstance(new, list):
            self._lists(path, place, old, new, recorded)
        elif old == new and type(old) is type(new):
            if not isinstance(old, (dict, list)):
                self._places[place].equal.add(old)
        else:
            self._differ(place, _scalar(old), _scalar(new))

    def _differ(self, place: Place, old: Json, new: Json) -> None:
        known = self._places[place].differing
        if (old, new) in known or len(known) < _MOST_VALUES:
            found = known.setdefault((old, new), Differing())
            found.sources.add(self._source)
            found.count += 1
            found.is_certain |= self._answer.is_certain
            found.is_own |= self._answer.is_own

    def _objects(
        self,
        path: Path,
        place: Place,
        old: dict[str, Json],
        new: dict[str, Json],
        recorded: Json,
    ) -> None:
        inside = recorded if isinstance(recorded, dict) else {}
        for (name, value), key in zip(steps(old), old, strict=True):
            here = (*path, key), (*place, name)
            if key in new:
                self.values(*here, value, new[key], inside.get(key))
            elif name != ENTRY:
                self.lost.append(Gap(*here, value))
        for (name, value), key in zip(steps(new), new, strict=True):
            if key not in old and name != ENTRY:
                self.gained.append(Gap((*path, key), (*place, name), value))
        if [key for key in old if key in new] != [key for key in new if key in old]:
            self._places[place].key_orders.add(self._source)

    def _lists(
        self, path: Path, place: Place, old: list[Json], new: list[Json], recorded: Json
    ) -> None:
        # A merged list has as many objects of other users as the old one.
        is_parallel = isinstance(recorded, list) and len(recorded) == len(new)
        inside = recorded if isinstance(recorded, list) and is_parallel else new
        if _are_scalars(old) and _are_scalars(new):
            members = frozenset(old), frozenset(new)
            self._places[place].members.setdefault(members, set()).add(self._source)
        pairs = matched(old, new, inside, self._answer)
        for one, other in pairs:
            self.values((*path, one), (*place, ITEM), old[one], new[other], inside[other])
        others = [other for _, other in pairs]
        if len(old) != len(new) and pairs == [(n, n) for n in range(min(len(old), len(new)))]:
            lengths = len(old), len(new)
            self._places[place].shortened.setdefault(lengths, set()).add(self._source)
        if len(pairs) > 2 and len(self._places[place].orders) < _MOST_VALUES:
            before, after = [old[one] for one, _ in pairs], [new[n] for n in sorted(others)]
            order = Order(sorted_by(before), sorted_by(after), tuple(others), self._source)
            self._places[place].orders.append(order)


def _scalar(value: Json) -> Json:
    """Return a value that can be a key: a container is told by its type."""
    return f"({json_type(value)})" if isinstance(value, (dict, list)) else value


# --- lists ------------------------------------------------------------------------------------


def matched(
    old: list[Json], new: list[Json], recorded: list[Json], answer: Answer
) -> list[tuple[int, int]]:
    """Return the positions of items that are the same object, in the order of the old list.

    Objects are the same if they have the same id, or another value that identifies. An object with
    another id than before is the same only if the suite made it: of those that others made, just
    the form can be compared. Objects without an id are paired in their order, if all is own.
    """
    if not (old and new):
        return []
    if all(isinstance(item, dict) for item in (*old, *new)):
        for name in _identities(old[0]):
            before, after = _positions(old, name), _positions(new, name)
            if before and after:
                pairs = [(n, after[value]) for value, n in before.items() if value in after]
                ids = [*_positions(recorded, name)]
                return [
                    pair for pair in pairs if _is_known(old[pair[0]], name, ids[pair[1]], answer)
                ]
    elif _are_scalars(old) and _are_scalars(new):
        before, after = _first_positions(old), _first_positions(new)
        if len(before) == len(old) == len(new) == len(after) and before.keys() == after.keys():
            return [(n, after[value]) for value, n in before.items()]
        return []
    return [(n, n) for n in range(len(old))] if len(old) == len(new) and answer.is_own else []


def _is_known(item: Json, name: str, recorded_id: Json, answer: Answer) -> bool:
    """Whether an object has the same id in both recordings, or was made by the suite in both."""
    identity = item.get(name) if isinstance(item, dict) else None
    pair = str(identity), str(recorded_id)
    return pair[0] == pair[1] or all(i in made for i, made in zip(pair, answer.made, strict=True))


def _are_scalars(items: list[Json]) -> bool:
    return bool(items) and not any(isinstance(item, (dict, list)) for item in items)


def _identities(first: Json) -> Iterator[str]:
    names = list(first) if isinstance(first, dict) else []
    yield from (name for name in _IDENTITIES if name in names)
    yield from (name for name in names if name.endswith(("_id", "Id")))


def _positions(items: list[Json], name: str) -> dict[Json, int]:
    """Return the position of each value of a field; empty unless all items have different ones."""
    values = [item.get(name) if isinstance(item, dict) else None for item in items]
    if any(value is None or isinstance(value, (dict, list)) for value in values):
        return {}
    found = _first_positions(values)
    return found if len(found) == len(items) else {}


def _first_positions(values: list[Json]) -> dict[Json, int]:
    found: dict[Json, int] = {}
    for position, value in enumerate(values):
        found.setdefault(value, position)
    return found


def sorted_by(items: list[Json]) -> frozenset[str]:
    """Return the names of the fields by which a list is sorted; "" for the items themselves."""
    columns: dict[str, list[Json]] = {}
    if all(isinstance(item, dict) for item in items):
        for name in items[0] if isinstance(items[0], dict) else ():
            columns[name] = [item.get(name) if isinstance(item, dict) else None for item in items]
    else:
        columns[""] = items
    found = set()
    for name, values in columns.items():
        found |= {f"{sign}{name}" for sign in ("", "-") if _is_sorted(values, sign == "-")}
    return frozenset(found)


def _is_sorted(values: list[Json], is_downwards: bool) -> bool:
    are_texts = all(isinstance(value, str) for value in values)
    are_numbers = all(isinstance(value, (int, float)) for value in values)
    if not (are_texts or are_numbers) or len(set(map(str, values))) < 2:
        return False
    ordered = values[::-1] if is_downwards else values
    return all(one <= other for one, other in pairwise(ordered))  # type: ignore[operator]


# --- wrapping ---------------------------------------------------------------------------------


def wrapping(old: Json, new: Json) -> tuple[str, str] | None:
    """Return the names around both bodies ("" for none) if one is wrapped in another way."""
    for outer, inner, is_new in ((new, old, True), (old, new, False)):
        name = _wrapper(outer, inner)
        if name:
            return ("", name) if is_new else (name, "")
    return None


def _wrapper(outer: Json, inner: Json) -> str:
    """Return the name under which an object has what the other one is, or ""."""
    if not isinstance(outer, dict) or (isinstance(inner, dict) and outer.keys() & inner.keys()):
        return ""
    return next((name for name, value in outer.items() if _have_same_form(value, inner)), "")


def _have_same_form(one: Json, other: Json) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return not (one and other) or _have_same_form(one[0], other[0])
    if isinstance(one, dict) and isinstance(other, dict):
        common = len(one.keys() & other.keys())
        return common > 0 and common * 2 >= max(len(one), len(other))
    return False


def _inside(value: Json, name: str) -> Json:
    return value[name] if name and isinstance(value, dict) else value
