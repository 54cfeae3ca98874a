"""How much a change of an API matters to its clients: one table, from kind to severity."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["breaking", "compatible", "cosmetic"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "compatible", "cosmetic")
"""From the gravest to the mildest."""


class Rule(NamedTuple):
    """What a kind of change is, how grave it is, and why."""

    severity: Severity
    meaning: str
    reason: str


RULES: dict[str, Rule] = {
    "field-removed": Rule("breaking", "a field is missing", "clients read it"),
    "field-renamed": Rule(
        "breaking", "a field has another name, and the same values", "clients read the old name"
    ),
    "field-required": Rule(
        "breaking", "a request is refused that lacks a new field", "clients do not send it"
    ),
    "type": Rule("breaking", "a value has another JSON type", "typed clients cannot parse it"),
    "format": Rule(
        "breaking", "a text has another form, such as another form of time", "clients parse it"
    ),
    "null": Rule("breaking", "null in a place that never had it", "clients expect a value"),
    "enum-changed": Rule(
        "breaking", "a value of a fixed set has changed or is gone", "clients compare it"
    ),
    "status": Rule("breaking", "an operation answers with another status", "clients branch on it"),
    "endpoint-removed": Rule("breaking", "an operation is gone", "clients call it"),
    "endpoint-renamed": Rule(
        "breaking", "an operation has another path, and equal answers", "clients call the old one"
    ),
    "header-removed": Rule("breaking", "a header of the response is missing", "clients read it"),
    "header-renamed": Rule(
        "breaking", "a header has another name, and the same values", "clients read the old name"
    ),
    "header-changed": Rule("breaking", "a header has another value", "clients act on it"),
    "paging": Rule("breaking", "a list is divided into pages in another way", "clients miss items"),
    "order": Rule("breaking", "a list is sorted in another way", "clients rely on the order"),
    "error-format": Rule("breaking", "errors have another form", "clients show or parse them"),
    "content-type": Rule("breaking", "a body has another media type", "clients choose a parser"),
    "wrapping": Rule(
        "breaking", "a body is wrapped in an object, or no longer", "clients read the old places"
    ),
    "field-added": Rule("compatible", "a field is new", "clients ignore unknown fields"),
    "header-added": Rule("compatible", "a header is new", "clients ignore unknown headers"),
    "endpoint-added": Rule("compatible", "an operation is new", "no client calls it yet"),
    "enum-added": Rule("compatible", "a fixed set has one more value", "the known values stay"),
    "value": Rule("cosmetic", "a constant has another value", "its type and form are the same"),
    "text": Rule("cosmetic", "a text for people has other words", "programs do not read it"),
    "key-order": Rule(
        "cosmetic", "the keys of an object are in another order", "JSON gives it no meaning"
    ),
}
"""The kinds of changes by id. `reprise rules` lists them."""


def severity(kind: str) -> Severity:
    """Return how grave a change of this kind is."""
    return RULES[kind].severity


def is_at_least(found: Severity, limit: Severity) -> bool:
    """Whether a severity is as grave as the limit, or graver."""
    return SEVERITIES.index(found) <= SEVERITIES.index(limit)
