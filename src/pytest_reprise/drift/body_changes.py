"""From what was observed of bodies (or headers, as an object) to changes.

A field is removed if no new answer has it where its object is. So optional fields, and objects that
other users of the API made, are no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from .observed import ENTRY, ITEM, Bodies, Place
from .place_changes import PAGING_NAMES, Context, PlaceChange, name_text
from .value_changes import value_changes
from .value_forms import is_telling


def body_changes(bodies: Bodies, context: Context) -> Iterator[PlaceChange]:
    """Yield the changes of the bodies of an operation."""
    for (old, new), sources in bodies.wrappings.items():
        text = f"wrapped in {new}" if new else f"no longer wrapped in {old}"
        yield PlaceChange("wrapping", (), text, old, new, frozenset(sources))
    lost, gained = _lost(bodies, 0), _lost(bodies, 1)
    renames = dict(_renames(bodies, lost, gained))
    for before, after in renames.items():
        yield _renamed(bodies, before, after)
    lost = _left(bodies, lost, set(renames))
    paging_lost = list(filter(_is_paging, lost))
    for place in lost:
        if place not in paging_lost:
            yield _removed(bodies, place)
    new_places = _left(bodies, gained, set(renames.values()))
    if paging_lost:
        paging_gained = [p for p in new_places if _is_paging(p)]
        new_places = [p for p in new_places if p not in paging_gained]
        yield _paging(bodies, paging_lost, paging_gained)
    for place in new_places:
        yield _added(bodies, place)
    for place in sorted(bodies.places):
        yield from value_changes(place, bodies.places[place], bodies, context)


# --- names ------------------------------------------------------------------------------------


def _lost(bodies: Bodies, side: int) -> list[Place]:
    """Return the places that only answers of one side have (0: old), while both have the object
    around it. Of nested places only the outermost one."""
    found: list[Place] = []
    for place in sorted(bodies.places, key=len):
        facts = bodies.places[place]
        if not place or place[-1] in (ITEM, ENTRY):
            continue
        other = bodies.places[place[:-1]].types[1 - side]
        if facts.types[side] and not facts.types[1 - side] and other["object"]:
            found.append(place)
    return found


def _renames(
    bodies: Bodies, lost: list[Place], gained: list[Place]
) -> Iterator[tuple[Place, Place]]:
    """Yield the old and the new place of values that only have another name: the likeliest pairs
    first, each place in one pair."""
    pairs = [
        pair
        for pair, found in bodies.renames.items()
        if (found == bodies.chances[pair] or _have_same_name(*pair))
        and _is_in(pair[0], lost)
        and _is_in(pair[1], gained)
    ]
    pairs += [pair for pair in product(lost, gained) if _have_same_values(bodies, *pair)]
    taken: tuple[list[Place], list[Place]] = [], []
    for pair in sorted(pairs, key=lambda pair: _unlikeliness(bodies, *pair)):
        if not any(_is_in(place, done) for place, done in zip(pair, taken, strict=True)):
            for place, done in zip(pair, taken, strict=True):
                done.append(place)
            yield pair


def _is_in(place: Place, others: list[Place]) -> bool:
    """Whether a place is one of the others, or inside of one."""
    return any(place[: len(other)] == other for other in others)


def _left(bodies: Bodies, places: list[Place], renamed: set[Place]) -> list[Place]:
    """Return the places without those that are renamed. Of an object of which a part is renamed,
    the other parts are left."""
    found = []
    for place in places:
        inside = [other for other in renamed if other[: len(place)] == place]
        if not inside:
            found.append(place)
        elif place not in inside:
            children = [p for p in bodies.places if p[:-1] == place]
            found += _left(bodies, children, renamed)
    return found


def _unlikeliness(bodies: Bodies, old: Place, new: Place) -> tuple[object, ...]:
    common = len(set(_letters(old[-1])) & set(_letters(new[-1])))
    return old[:-1] != new[:-1], len(old), -bodies.renames[old, new], -common, old, new


def _have_same_values(bodies: Bodies, old: Place, new: Place) -> bool:
    """Whether objects that cannot be paired have the same values under another name."""
    before, after = bodies.places[old].values[0], bodies.places[new].values[1]
    is_unknown = not bodies.chances[old, new] and old[:-1] == new[:-1]
    return is_unknown and before == after and any(map(is_telling, before))


def _have_same_name(old: Place, new: Place) -> bool:
    """Whether a name is only written in another way: in another case, or without `X-`."""
    names = [_letters(place[-1].lower().removeprefix("x-")) for place in (old, new)]
    return names[0] == names[1] and old[:-1] == new[:-1]


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _is_paging(place: Place) -> bool:
    return place[-1].lower().replace("-", "_") in PAGING_NAMES


def _renamed(bodies: Bodies, old: Place, new: Place) -> PlaceChange:
    after = new[-1] if old[:-1] == new[:-1] else name_text(new)
    text = f"{name_text(old)} → {after}"
    sources = bodies.places[old].sources[0] & bodies.places[new].sources[1]
    kind = "paging" if _is_paging(old) else "field-renamed"
    return PlaceChange(kind, old, text, old[-1], after, frozenset(sources))


def _removed(bodies: Bodies, place: Place) -> PlaceChange:
    parents = bodies.places[place[:-1]].sources[1]
    sources = bodies.places[place].sources[0] & parents
    return PlaceChange(
        "field-removed", place, f"{name_text(place)} removed", place[-1], "", frozenset(sources)
    )


def _added(bodies: Bodies, place: Place) -> PlaceChange:
    parents = bodies.places[place[:-1]].sources[0]
    sources = bodies.places[place].sources[1] & parents
    return PlaceChange(
        "field-added", place, f"{name_text(place)} added", "", place[-1], frozenset(sources)
    )


def _paging(bodies: Bodies, lost: list[Place], gained: list[Place]) -> PlaceChange:
    old, new = (", ".join(map(name_text, places)) for places in (lost, gained))
    text = f"{old} → {new}" if new else f"{old} removed"
    sources = {source for place in lost for source in bodies.places[place].sources[0]}
    return PlaceChange("paging", lost[0], text, old, new, frozenset(sources))
