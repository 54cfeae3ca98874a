"""From what was observed of bodies (or headers, as an object) to changes.

A field is removed if no new answer has it where its object is. So optional fields, and objects that
other users of the API made, are no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import factorial
from typing import NamedTuple, TypeGuard

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


UNCERTAIN = "uncertain"
"""The kind of a difference that may be none of the API: a value that may vary anyway."""
_IMPROBABLE = 500
"""Shuffled lists have the same order in one of so many cases at most."""


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

    `is_echo` says whether two texts are what the scope itself sent differently, `is_sent` whether
    it sent a text now that it did not send before. `varying` are
    places whose values differ between answers to equal requests.
    """

    now: float
    is_echo: Callable[[str, str], bool]
    is_sent: Callable[[str], bool]
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
        if (found == bodies.chances[pair] or _have_same_name(*pair))
        and _is_in(pair[0], lost)
        and _is_in(pair[1], gained)
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
    if facts.orders and _is_another_order(facts.orders):
        sources = frozenset(order.source for order in facts.orders)
        yield PlaceChange("order", place, f"{name} in another order", "", "", sources)
    if facts.shortened and (found := _page_size(place, facts, bodies)):
        yield found
    if facts.key_orders:
        text = f"keys of {name} in another order"
        yield PlaceChange("key-order", place, text, "", "", frozenset(facts.key_orders))
    if facts.members:
        yield from _members((*place, ITEM), facts, context)
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


def _is_another_order(orders: list[Order]) -> bool:
    """Whether lists have another order by a rule: they were sorted by one field and are now by
    another one, or they all have the same other order. The order of a set means nothing."""
    if any(order.is_same for order in orders):
        return False
    old = frozenset.intersection(*(order.old for order in orders))
    new = frozenset.intersection(*(order.new for order in orders))
    if old - new and new - old:
        return len(orders) > 1 or len(orders[0].positions) > 3
    chances = factorial(min(20, len(orders[0].positions))) ** (len(orders) - 1)
    return len({order.positions for order in orders}) == 1 and chances > _IMPROBABLE


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
    """Yield what was added to each list of words, or removed from each. Lists in which other values
    changed are sets that vary."""
    pairs = [*facts.members.items()]
    for side, kind, verb in ((1, "enum-added", "added"), (0, "enum-changed", "removed")):
        if all(pair[side] > pair[1 - side] for pair, _ in pairs):
            values = frozenset.intersection(*(p[side] - p[1 - side] for p, _ in pairs))
            sources = frozenset(source for _, found in pairs for source in found)
            for value in sorted(v for v in values if _is_member(v, context)):
                shown = _shown(value)
                texts = ("", shown) if side else (shown, "")
                made = "endpoint-added" if side and value.startswith("/") else kind
                text = f"{name_text(place[:-1])} {shown} {verb}"
                yield PlaceChange(made, place, text, *texts, sources)


def _is_member(value: Json, context: Context) -> TypeGuard[str]:
    """Whether a value may be one of a fixed set: a word or a path that the scope did not send."""
    if not isinstance(value, str) or context.is_sent(value):
        return False
    return is_word(value) or (value.startswith("/") and not any(map(str.isspace, value)))


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
    kind = _value_kind(place, facts, how, pairs, context)
    (old, new), _ = next(iter(pairs.items()))
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


def _value_kind(
    place: Place,
    facts: PlaceFacts,
    how: Difference,
    pairs: dict[tuple[Json, Json], Differing],
    context: Context,
) -> str:
    """Return the kind of a change of values; UNCERTAIN where the values may vary anyway."""
    is_own = all(differing.is_own for differing in pairs.values())
    is_repeated = all(differing.count > 1 for differing in pairs.values())
    is_repeated &= place not in context.varying
    if how == "format":
        return "format"
    if how == "text":
        return "text" if is_repeated or is_own else UNCERTAIN
    if how == "enum" and all(_is_enum(v) for pair in pairs for v in pair):
        return _enum_kind(facts, [*pairs]) if is_repeated or is_own else UNCERTAIN
    is_constant = len(pairs) == 1 and not facts.equal and is_repeated
    varies = place in context.varying or _is_counter(place)
    is_certain = all(differing.is_certain for differing in pairs.values())
    is_number = not all(isinstance(v, str) for pair in pairs for v in pair)
    return "value" if is_constant and not varies and (is_certain or not is_number) else UNCERTAIN


def _enum_kind(facts: PlaceFacts, pairs: list[tuple[Json, Json]]) -> str:
    """Return whether values of a fixed set have changed or were added; UNCERTAIN if an object just
    has another one of the known values."""
    old_values, new_values = facts.values
    news = {new for _, new in pairs}
    if len({old for old, _ in pairs}) < len(pairs) or news & old_values:
        return UNCERTAIN
    return "enum-added" if any(old in new_values for old, _ in pairs) else "enum-changed"


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
        if name and name not in _HOP_BY_HOP:
            for change in _header_change(found, name):
                yield change._replace(place=(_title(name),))


def _header_change(found: PlaceChange, name: str) -> Iterator[PlaceChange]:
    if name == "link":
        yield found._replace(kind="paging", text=f"header Link: {found.text}")
        return
    if found.kind in ("field-removed", "field-added", "field-renamed"):
        kind = found.kind.replace("field", "header")
        title = _title(name)
        if kind == "header-renamed":
            new = _title(found.new)
            yield found._replace(kind=kind, text=f"header {title} → {new}", old=title, new=new)
        else:
            yield found._replace(kind=kind, text=f"header {title} {kind.partition('-')[2]}")
    elif found.kind == UNCERTAIN:
        yield found
    elif name not in _VARYING_HEADERS and not _is_countdown(name) and found.kind != "key-order":
        text = f"header {_title(name)} {found.old} → {found.new}"
        yield found._replace(kind="header-changed", text=text)


def _is_countdown(name: str) -> bool:
    return "ratelimit" in name.replace("-", "") and not name.endswith(("limit", "policy"))


def _title(name: str) -> str:
    cookie, is_cookie, rest = name.partition(": ")
    title = "-".join(part.capitalize() for part in cookie.split("-"))
    return f"{title}: {rest}" if is_cookie else title
