"""Edit the interactions of a cassette of any tool, and keep all else in the file.

A document is plain values from YAML or JSON: dicts, lists, scalars. `interactions` returns what a
document contains in our form. `with_interactions` puts changed ones back in the form that the
document had: a body as text, as bytes or as parsed JSON, a header's values as a list or a single
text. The values that an Interaction does not hold are the remainder, and stay.

`build` is the strict counterpart for replay; this module accepts more, since the audit must look
into every file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, TypeAlias

from ..exchange import Failure, Headers, Interaction, Outcome, Request, Response, group_by_name
from . import json_blocks
from .body_files import PLACES, BodyFileError, BodyFileName, BodyFromFile, FetchBody

Tree: TypeAlias = Any
"""Plain values, as a safe YAML loader returns them."""
Place: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, from the top down."""

_BODIES: tuple[Place, ...] = (("body", "string"), ("body",), ("content",), ("parsed_body",))
"""Where a message may hold its body: as vcrpy writes it, as its first support for httpx did, and as
some projects' own serializers do. The first place that holds one counts."""
_STYLES = {"request": "request_json", "response": "response_json"}
_HELD_BY_INTERACTIONS: tuple[Place, ...] = (
    ("request", "method"),
    ("request", "uri"),
    ("request", "headers"),
    ("response", "headers"),
    ("response", "status", "message"),
    ("reprise", "failure", "message"),
    ("reprise", "broken_by", "message"),
    *(("reprise", style) for style in _STYLES.values()),
)
_MISSING = object()


class NotACassetteError(Exception):
    """A document with `interactions` that cannot be read as one; the text says which and why."""


def is_cassette(document: Tree) -> bool:
    """Whether the document has a list of interactions, which makes it a cassette."""
    return isinstance(document, dict) and isinstance(document.get("interactions"), list)


def interactions(document: Tree) -> tuple[Interaction, ...]:
    """Return the interactions of a cassette, in order. Raises NotACassetteError."""
    return tuple(_interaction(found, n) for n, found in enumerate(document["interactions"], 1))


def remainder(document: Tree) -> dict[str, Tree]:
    """Return the document with None in the place of each value that an Interaction holds."""
    return {**document, "interactions": [_hollow(found) for found in document["interactions"]]}


def with_interactions(
    document: Tree, remaining: Tree, changed: tuple[Interaction, ...]
) -> dict[str, Tree]:
    """Return the document with `changed` in the place of its interactions.

    `remaining` is its `remainder`, which may have been changed too. There must be as many
    interactions as before. Raises NotACassetteError.
    """
    together = zip(
        document["interactions"],
        remaining["interactions"],
        interactions(document),
        changed,
        strict=True,
    )
    return {**remaining, "interactions": [_joined(*four) for four in together]}


# --- body files -------------------------------------------------------------------------------


def with_bodies(document: Tree, fetch: FetchBody) -> tuple[Tree, tuple[str, ...]]:
    """Return the document with the bodies in the place of the names of their body files.

    Also returns the problems, one line for each body file that cannot be used.
    """
    made, problems = list(document["interactions"]), []
    for number, place in product(range(len(made)), PLACES):
        name = _at(made[number], place)
        if isinstance(name, BodyFileName):
            try:
                made[number] = _with(made[number], place, BodyFromFile.of(name, fetch(name)))
            except BodyFileError as error:
                problems.append(f"interaction {number + 1}: {error.problem}")
    return {**document, "interactions": made}, tuple(problems)


def body_files(document: Tree) -> dict[str, bytes]:
    """Return the bodies of a document that come from body files, by the file's name."""
    values = (_at(found, place) for found in document["interactions"] for place in PLACES)
    return {value.name: value for value in values if isinstance(value, BodyFromFile)}


# --- any values as JSON -----------------------------------------------------------------------


def to_json_values(tree: Tree) -> Tree:
    """Return the values with all that JSON cannot hold as text: bytes, dates, keys."""
    if isinstance(tree, dict):
        return {_text(key): to_json_values(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [to_json_values(value) for value in tree]
    return tree if tree is None or isinstance(tree, (bool, int, float, str)) else _text(tree)


def merge_json_values(tree: Tree, changed: Tree) -> Tree:
    """Return `tree` with the values that differ in `changed`, a changed `to_json_values(tree)`.

    What did not change keeps its type, even if JSON cannot hold it.
    """
    if isinstance(tree, dict) and isinstance(changed, dict) and len(tree) == len(changed):
        pairs = zip(tree.items(), changed.items(), strict=True)
        return {_in_type_of(key, k): merge_json_values(value, v) for (key, value), (k, v) in pairs}
    if isinstance(tree, (list, tuple)) and isinstance(changed, list) and len(tree) == len(changed):
        return [merge_json_values(*two) for two in zip(tree, changed, strict=True)]
    if to_json_values(tree) == changed:
        return tree
    return _in_type_of(tree, changed) if isinstance(changed, str) else changed


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# --- document → interaction -------------------------------------------------------------------


def _interaction(found: Tree, number: int) -> Interaction:
    try:
        request, response = found["request"], found["response"]
        ours = found.get("reprise") or {}
        return Interaction(_request(request, ours), _outcome(response, ours))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"interaction {number} cannot be read ({type(error).__name__})"
        raise NotACassetteError(problem) from None


def _request(request: Tree, ours: Tree) -> Request:
    method, url = request["method"], request["uri"]
    if not isinstance(url, str):
        raise TypeError
    body = _body(request, ours.get("request_json"))
    return Request(_text(method), url, _headers(request.get("headers")), body)


def _outcome(response: Tree, ours: Tree) -> Outcome:
    if failure := ours.get("failure"):
        return _failure(failure)
    body = _body(response, ours.get("response_json"))
    status = response.get("status")
    is_first_form = not isinstance(status, dict)
    code = response.get("status_code") if is_first_form else status.get("code")
    reason = "" if is_first_form else _text(status.get("message") or "")
    broken_by = ours.get("broken_by")
    return Response(
        code if isinstance(code, int) else 0,
        reason,
        _headers(response.get("headers")),
        body,
        broken_by=_failure(broken_by) if broken_by else None,
    )


def _failure(failure: Tree) -> Failure:
    return Failure(_text(failure["error"]), _text(failure.get("message", "")))


def _body_place(message: Tree) -> Place | None:
    """Return the place of the body in a request or response, or None if it has no body."""
    return next((place for place in _BODIES if _holds_body(_at(message, place))), None)


def _holds_body(value: Tree) -> bool:
    is_envelope = isinstance(value, dict) and value.keys() <= {"string"}
    return value is not None and value is not _MISSING and not is_envelope


def _body(message: Tree, style: object) -> bytes:
    place = _body_place(message)
    value = b"" if place is None else _at(message, place)
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        return json.dumps(to_json_values(value)).encode()
    if style is not None:
        return json_blocks.from_indented(value, str(style))
    return value.encode(errors="surrogatepass")


def _headers(found: Tree) -> Headers:
    if found is not None and not isinstance(found, Mapping):
        raise TypeError
    pairs = (found or {}).items()
    return tuple((_text(name), _text(value)) for name, held in pairs for value in _held(held))


def _held(values: Tree) -> list[Tree]:
    """Return the values of one header as a list."""
    return list(values) if isinstance(values, (list, tuple)) else [values]


# --- interaction → document -------------------------------------------------------------------


def _places(found: Tree) -> Iterator[Place]:
    """Yield the places in an interaction of the document whose values the Interaction holds."""
    bodies_of = ((side, _body_place(found[side])) for side in _STYLES)
    yield from ((side, *place) for side, place in bodies_of if place)
    yield from (place for place in _HELD_BY_INTERACTIONS if _at(found, place) is not _MISSING)


def _hollow(found: Tree) -> Tree:
    """Return an interaction with None for each value that the Interaction holds."""
    for place in _places(found):
        found = _with(found, place, None)
    return found


def _joined(found: Tree, remaining: Tree, old: Interaction, new: Interaction) -> Tree:
    values = dict(_changed(found, old, new))
    for place in _places(found):
        remaining = _with(remaining, place, values.get(place, _at(found, place)))
    return remaining


def _changed(found: Tree, old: Interaction, new: Interaction) -> Iterator[tuple[Place, Tree]]:
    """Yield each place whose value differs in the new interaction, and the new value."""
    yield ("request", "uri"), new.request.url
    yield from _changed_message(found, "request", old.request, new.request)
    was, now = old.outcome, new.outcome
    if isinstance(was, Response) and isinstance(now, Response):
        yield from _changed_message(found, "response", was, now)
        if now.reason != was.reason:
            yield ("response", "status", "message"), now.reason
        if now.broken_by:
            yield ("reprise", "broken_by", "message"), now.broken_by.message
    elif isinstance(now, Failure):
        yield ("reprise", "failure", "message"), now.message


def _changed_message(
    found: Tree, side: str, old: Request | Response, new: Request | Response
) -> Iterator[tuple[Place, Tree]]:
    if new.headers != old.headers:
        yield (
            (side, "headers"),
            _headers_in_form_of(found[side]["headers"], old.headers, new.headers),
        )
    if new.body == old.body:
        return
    place = (side, *(_body_place(found[side]) or ("body",)))
    style_place = ("reprise", _STYLES[side])
    if _at(found, style_place) in (None, _MISSING):
        yield place, _body_in_form_of(_at(found, place), new.body)
    else:
        block, style = json_blocks.indented(new.body) or (_body_in_form_of("", new.body), None)
        yield from ((place, block), (style_place, style))


def _headers_in_form_of(found: Tree, old: Headers, new: Headers) -> Tree:
    """Return the new headers in the form of those found; by name if other names are among them."""
    if [name for name, _ in old] != [name for name, _ in new]:
        return group_by_name(new)
    left = iter(value for _, value in new)
    return {name: _held_in_form_of(held, left) for name, held in found.items()}


def _held_in_form_of(values: Tree, left: Iterator[str]) -> Tree:
    """Return the next values of `left`, as many as the header has, in the form of `values`."""
    made = [_in_type_of(value, next(left)) for value in _held(values)]
    return made if isinstance(values, (list, tuple)) else made[0]


def _in_type_of(value: Tree, text: str) -> Tree:
    """Return a new text in the type of the old value: bytes or str."""
    if _text(value) == text:
        return value
    return text.encode("latin-1", "replace") if isinstance(value, bytes) else text


def _body_in_form_of(value: Tree, body: bytes) -> Tree:
    """Return a new body in the form of the one found: a body file, bytes, text or parsed JSON."""
    if isinstance(value, BodyFromFile):
        return value.changed(body)
    if isinstance(value, bytes):
        return body
    try:
        text = body.decode(errors="surrogatepass")
        return text if isinstance(value, str) else merge_json_values(value, json.loads(text))
    except UnicodeDecodeError:
        return body
    except ValueError:
        return text


# --- places -----------------------------------------------------------------------------------


def _at(tree: Tree, place: Place) -> Tree:
    """Return the value at a place, or _MISSING."""
    for key in place:
        if not isinstance(tree, dict) or key not in tree:
            return _MISSING
        tree = tree[key]
    return tree


def _with(tree: Tree, place: Place, value: Tree) -> Tree:
    """Return a copy of the tree with another value at an existing place."""
    if not place:
        return value
    return {**tree, place[0]: _with(tree[place[0]], place[1:], value)}
