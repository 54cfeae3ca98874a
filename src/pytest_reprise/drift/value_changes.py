"""Changes of values at a place: type, form, order, pages, members of a set, constants.

A value may differ without any change of the API: a price, a counter, what other users did. It is a
change if it is the same one in several answers, or in what the suite made itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import factorial
from typing import TypeGuard

from .api_changes import shortened
from .body_values import Json, written
from .observed import Bodies, Differing, Order, Place, PlaceFacts
from .operations import link_form
from .place_changes import PAGING_NAMES, UNCERTAIN, Context, PlaceChange, name_text
from .places import Place as AnswerPlace
from .value_forms import Difference, form, is_word, text_difference

_COUNTERS = frozenset(
    "count total size length used remaining uptime elapsed duration took ms seconds hits visits "
    "views version_number revision sequence position rank age attempts retries progress".split()
)
_IMPROBABLE = 500
"""Shuffled lists have the same order in one of so many cases at most."""


def value_changes(
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
                text = f"{name_text(place)} {shown} {verb}"
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
        is_other_id = how in ("enum", "value") and AnswerPlace("response", "leaf", place).is_id
        if how != "noise" and not is_other_id:
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
