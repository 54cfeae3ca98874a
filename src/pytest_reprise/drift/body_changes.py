"""From what was observed of bodies (or headers, as an object) to changes.

A field is removed if no new answer has it where its object is. So optional fields, and objects that
other users of the API made, are no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .api_changes import shortened
from .body_values import Json, written
from .observed import ENTRY, ITEM, Bodies, Differing, Order, Place, PlaceFacts
from .operations import link_form
from .places import VOLATILE_HEADERS
from .value_forms import Difference, form, is_word, text_difference

PAGING_NAMES = frozenset(
    "page pages page_size pagesize per_page perpage page_count total_pages totalpages next "
    "next_page nextpage next_cursor nextcursor next_url previous prev prev_page cursor cursors "
    "has_more hasmore has_next hasnext offset limit next_token nexttoken page_token "
    "nextpagetoken next_page_token starting_after continuation paging pagination".split()
)
_COUNTERS = frozenset(
    "count total size length used remaining uptime elapsed duration took ms seconds hits visits "
    "views version_number revision sequence position rank age attempts retries progress".split()
)
_VARYING_HEADERS = VOLATILE_HEADERS | frozenset(
    "content-length etag last-modified retry-after content-md5 digest content-digest repr-digest "
    "x-request-time x-served-by x-timer x-cache x-cache-hits".split()
)
_HOP_BY_HOP = frozenset(
    "connection keep-alive transfer-encoding te trailer upgrade content-encoding content-length "
    "date server via content-type alt-svc accept-ranges proxy-connection".split()
)
"""Headers of the connection and of servers in between, which say nothing about the API."""


class PlaceChange(NamedTuple):
    """A change at a place, before its operation is known."""

    kind: str
    place: Place
    text: str
    old: str
    new: str
    sources: frozenset[str]


class Context(NamedTuple):
    """What else is needed to decide about a difference of values.

    `is_echo` says whether two texts are what the scope itself sent differently. `varying` are
    places whose values differ between answers to equal requests.
    """

    now: float
    is_echo: Callable[[str, str], bool]
    varying: frozenset[Place] = frozenset()


def place_text(place: Place) -> str:
    """Return a place as a JSON path, such as `$.items[].price`."""
    return f"$.{name_text(place)}".replace("$.[]", "$[]") if place else "$"


def name_text(place: Place) -> str:
    """Return a place without the sign for the whole body: `items[].price`."""
    parts = []
    for step in place:
        if step == ITEM:
            parts.append(step)
        else:
            parts.append(f".{'*' if step == ENTRY else step}")
    return "".join(parts).removeprefix(".") or "the body"


def body_changes(bodies: Bodies, context: Context) -> Iterator[PlaceChange]:
    """Yield the changes of the bodies of an operation."""
    for (old, new), sources in bodies.wrappings.items():
        text = f"wrapped in {new}" if new else f"no longer wrapped in {old}"
        yield PlaceChange("wrapping", (), text, old, new, frozenset(sources))
    lost, gained = _lost(bodies, 0), _lost(bodies, 1)
    renames = dict(_renames(bodies, lost, gained))
    for old, new in renames.items():
        yield _renamed(bodies, old, new)
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
        yield from _value_changes(place, bodies.places[place], bodies, context)


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
        if found == bodies.chances[pair] and _is_in(pair[0], lost) and _is_in(pair[1], gained)
    ]
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


# --- values -----------------------------------------------------------------------------------


def _value_changes(
    place: Place, facts: PlaceFacts, bodies: Bodies, context: Context
) -> Iterator[PlaceChange]:
    name = name_text(place)
    if found := _type_change(place, facts):
        yield found
        return
    if found := _null_change(place, facts):
        yield found
    if facts.orders and (by := _order_change(facts.orders)):
        sources = frozenset(order.source for order in facts.orders)
        old, new = by
        yield PlaceChange("order", place, f"{name} sorted in another order", old, new, sources)
    if facts.shortened and (found := _page_size(place, facts, bodies)):
        yield found
    if facts.key_orders:
        text = f"keys of {name} in another order"
        yield PlaceChange("key-order", place, text, "", "", frozenset(facts.key_orders))
    if place and place[-1] == ITEM:
        yield from _members(place, facts, context)
    yield from _other_values(place, facts, context)


def _type_change(place: Place, facts: PlaceFacts) -> PlaceChange | None:
    old, new = ({name for name in types if name != "null"} for types in facts.types)
    old |= {"integer"} if "number" in old else set()
    if not (old and new) or old & new:
        return None
    texts = " or ".join(sorted(old)), " or ".join(sorted(new))
    text = f"{name_text(place)} {texts[0]} → {texts[1]}{_example(facts)}"
    sources = frozenset(facts.sources[0] & facts.sources[1])
    return PlaceChange("type", place, text, *texts, sources)


def _example(facts: PlaceFacts) -> str:
    for old, new in facts.differing:
        if not (_is_container(old) or _is_container(new)) and None not in (old, new):
            return f" ({_shown(old)} → {_shown(new)})"
    return ""


def _is_container(value: Json) -> bool:
    return value in ("(object)", "(array)")


def _null_change(place: Place, facts: PlaceFacts) -> PlaceChange | None:
    if facts.types[0]["null"] or not facts.types[1]["null"]:
        return None
    found = {s for (_, new), d in facts.differing.items() if new is None for s in d.sources}
    if not found:
        return None
    old = next(_shown(old) for old, new in facts.differing if new is None)
    text = f"{name_text(place)} null, was {old}"
    return PlaceChange("null", place, text, old, "null", frozenset(found))


def _order_change(orders: list[Order]) -> tuple[str, str] | None:
    """Return by which fields lists were sorted before and are now; None if that is no rule."""
    old = frozenset.intersection(*(order.old for order in orders))
    new = frozenset.intersection(*(order.new for order in orders))
    is_proven = max(order.length for order in orders) > 3 or len(orders) > 1
    before, after = old - new, new - old
    return (min(before), min(after)) if is_proven and before and after else None


def _page_size(place: Place, facts: PlaceFacts, bodies: Bodies) -> PlaceChange | None:
    """Return the change of the number of items on a page, if the answers tell about pages."""
    names = {step.lower() for other in bodies.places for step in other}
    lengths = max(facts.shortened, key=sum)
    if not names & (PAGING_NAMES | {"total", "count"}) or min(lengths) == 0:
        return None
    if any((old < new) != (lengths[0] < lengths[1]) for old, new in facts.shortened):
        return None
    sources = frozenset(s for found in facts.shortened.values() for s in found)
    text = f"{name_text(place)}: {lengths[0]} → {lengths[1]} on a page"
    return PlaceChange("paging", place, text, str(lengths[0]), str(lengths[1]), sources)


def _members(place: Place, facts: PlaceFacts, context: Context) -> Iterator[PlaceChange]:
    """Yield words that were added to a list of words, or are gone from it."""
    old, new = ({v for v in values if isinstance(v, str)} for values in facts.values)
    differing = {value for pair in facts.differing for value in pair}
    for side, values, others in ((0, old - new, new), (1, new - old, old)):
        for value in sorted(values - differing):
            if not others or not _is_member(value, others, context):
                continue
            kind, verb = ("enum-added", "added") if side else ("enum-changed", "removed")
            shown = _shown(value)
            texts = ("", shown) if side else (shown, "")
            text = f"{name_text(place)} {shown} {verb}"
            yield PlaceChange(kind, place, text, *texts, frozenset(facts.sources[side]))


def _is_member(value: str, others: set[str], context: Context) -> bool:
    pairs = (pair for other in others for pair in ((other, value), (value, other)))
    is_echo = any(context.is_echo(*pair) for pair in pairs)
    return not is_echo and is_word(value) and all(map(is_word, others))


def _other_values(place: Place, facts: PlaceFacts, context: Context) -> Iterator[PlaceChange]:
    """Yield changed values, if the old one has become the new one wherever it was."""
    found: dict[Difference, dict[tuple[Json, Json], Differing]] = {}
    for (old, new), differing in facts.differing.items():
        if None in (old, new) or _is_container(old) or _is_container(new):
            continue
        how = _difference(old, new, context)
        if how != "noise":
            found.setdefault(how, {})[old, new] = differing
    for how, pairs in found.items():
        if change := _value_change(place, facts, how, pairs, context):
            yield change


def _difference(old: Json, new: Json, context: Context) -> Difference:
    if context.is_echo(str(old), str(new)):
        return "noise"
    if isinstance(old, str) and isinstance(new, str):
        links = link_form(old), link_form(new)
        if all(links):
            return "noise" if links[0] == links[1] else "value"
        return text_difference(old, new, context.now)
    return "value"


def _value_change(
    place: Place,
    facts: PlaceFacts,
    how: Difference,
    pairs: dict[tuple[Json, Json], Differing],
    context: Context,
) -> PlaceChange | None:
    if how in ("enum", "value"):
        pairs = _constant(place, facts, pairs, context)
    if not pairs:
        return None
    (old, new), _ = next(iter(pairs.items()))
    kind = {"enum": "enum-changed", "noise": "value"}.get(how, how)
    if how == "enum" and old in facts.values[1]:
        kind = "enum-added"
    if how == "enum" and not (_is_enum(old) and _is_enum(new)):
        kind = "value"
    more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    text = f"{name_text(place)} {_form_text(how, old, new)}{_shown(old)} → {_shown(new)}{more}"
    sources = frozenset(s for differing in pairs.values() for s in differing.sources)
    return PlaceChange(kind, place, text, _shown(old), _shown(new), sources)


def _form_text(how: Difference, old: Json, new: Json) -> str:
    if how != "format":
        return ""
    forms = form(str(old)), form(str(new))
    return f"{forms[0]} → {forms[1]}: " if all(forms) and forms[0] != forms[1] else ""


def _is_enum(value: Json) -> bool:
    """Whether a word is written as constants are: all letters in one case."""
    text = str(value)
    return text in (text.lower(), text.upper())


def _constant(
    place: Place,
    facts: PlaceFacts,
    pairs: dict[tuple[Json, Json], Differing],
    context: Context,
) -> dict[tuple[Json, Json], Differing]:
    """Return the pairs whose old value became the new one everywhere; {} where values vary."""
    new_of: dict[Json, set[Json]] = {}
    for old, new in pairs:
        new_of.setdefault(old, set()).add(new)
    if any(len(news) > 1 for news in new_of.values()):
        return {}
    known_before = facts.values[0] | facts.equal
    found = {
        pair: differing
        for pair, differing in pairs.items()
        if pair[0] not in facts.equal and pair[1] not in known_before
    }
    is_number = any(isinstance(v, (int, float)) for pair in found for v in pair)
    if is_number and (place in context.varying or _is_counter(place)):
        return {}
    if is_number:
        return {pair: d for pair, d in found.items() if d.is_certain}
    return {} if place in context.varying and not _are_words(found) else found


def _are_words(pairs: dict[tuple[Json, Json], Differing]) -> bool:
    return all(isinstance(v, str) and _is_enum(v) for pair in pairs for v in pair)


def _is_counter(place: Place) -> bool:
    words = name_text(place[-1:]).lower().replace("-", "_").split("_")
    return not _COUNTERS.isdisjoint(words)


def _shown(value: Json) -> str:
    return shortened(written(value))


# --- headers ----------------------------------------------------------------------------------


def header_changes(headers: Bodies, context: Context) -> Iterator[PlaceChange]:
    """Yield the changes of the headers of an operation, which were observed as an object."""
    for found in body_changes(headers, context):
        name = found.place[-1] if found.place else ""
        if name in _HOP_BY_HOP or not name:
            continue
        yield from _header_change(found, name)


def _header_change(found: PlaceChange, name: str) -> Iterator[PlaceChange]:
    if name == "link":
        yield found._replace(kind="paging", text=f"header Link: {found.text}")
        return
    if found.kind in ("field-removed", "field-added", "field-renamed"):
        kind = found.kind.replace("field", "header")
        title = _title(name)
        if kind == "header-renamed":
            new = _title(found.new)
            yield found._replace(kind=kind, text=f"header {title} → {new}", new=new)
        else:
            yield found._replace(kind=kind, text=f"header {title} {kind.partition('-')[2]}")
    elif name not in _VARYING_HEADERS and not _is_countdown(name) and found.kind != "key-order":
        text = f"header {_title(name)} {found.old} → {found.new}"
        yield found._replace(kind="header-changed", text=text)


def _is_countdown(name: str) -> bool:
    return "ratelimit" in name.replace("-", "") and not name.endswith(("limit", "policy"))


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
