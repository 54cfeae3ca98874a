"""Apply the changes of version 2 to an answer of version 1.

The functions are pure, so that a test can also apply them to a recorded answer: what comes out is
what a refreshed cassette should hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from .answers import Answer, Asked, Json
from .changes import Change, Kind, operations_of

JsonObject = dict[str, Json]


def refusal(changes: Iterable[Change], asked: Asked) -> Answer | None:
    """Return the answer to a request that version 2 does not serve any more; or None."""
    for change in changes:
        if asked.operation not in operations_of(change):
            continue
        name = change.place.removeprefix("$.")
        if change.kind == "required" and isinstance(asked.value, dict) and name not in asked.value:
            return Answer(422, {"error": "invalid", "message": change.then})
        if change.kind == "endpoint removed":
            return Answer(404, {"error": "not_found", "message": "There is no such endpoint."})
        if change.kind == "endpoint renamed":
            return Answer(308, None, {"Location": change.then})
    return None


def changed(changes: Iterable[Change], operation: str, answer: Answer) -> Answer:
    """Return the answer of version 2 for one of version 1; the same object if nothing changes."""
    found = answer
    for change in changes:
        is_meant = operation in operations_of(change) and (
            answer.status == change.status if change.status else answer.status < 300
        )
        if is_meant and change.kind in _APPLY:
            found = _APPLY[change.kind](change, found)
    return found


def _parents(value: Json, place: str) -> Iterator[tuple[JsonObject, str]]:
    """Yield the objects in which the last name of a place is, with this name."""
    *above, name = place.removeprefix("$.").split(".")
    found: list[Json] = [value]
    for step in above:
        found = [v.get(step.removesuffix("[]")) for v in found if isinstance(v, dict)]
        if step.endswith("[]"):
            found = [one for many in found if isinstance(many, list) for one in many]
    yield from ((one, name) for one in found if isinstance(one, dict))


def _copy(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def _in_fields(edit: Callable[[JsonObject, str, Change], None]) -> Callable[..., Answer]:
    def apply(change: Change, answer: Answer) -> Answer:
        if isinstance(answer.value, bytes):
            return answer
        value = _copy(answer.value)
        for parent, name in _parents(value, change.place):
            edit(parent, name, change)
        return answer if value == answer.value else answer._replace(value=value)

    return apply


def _rename(parent: JsonObject, name: str, change: Change) -> None:
    """Rename a field, which keeps its position."""
    fields = list(parent.items())
    parent.clear()
    parent.update((change.then if key == name else key, value) for key, value in fields)


def _remove(parent: JsonObject, name: str, _: Change) -> None:
    parent.pop(name, None)


def _add(parent: JsonObject, name: str, change: Change) -> None:
    is_generated = change.then == "generated"
    parent[name] = f"trk_{secrets.token_hex(8)}" if is_generated else change.then


def _convert(parent: JsonObject, name: str, change: Change) -> None:
    if name in parent:
        parent[name] = _CONVERSIONS[change.then](parent[name])


def _set(parent: JsonObject, name: str, change: Change) -> None:
    if name in parent:
        parent[name] = change.then


def _set_null(parent: JsonObject, name: str, _: Change) -> None:
    if name in parent:
        parent[name] = None


def _append(parent: JsonObject, name: str, change: Change) -> None:
    if isinstance(values := parent.get(name), list):
        values.append(change.then)


def _move(parent: JsonObject, name: str, change: Change) -> None:
    if name in parent:
        parent[change.then] = {name: parent.pop(name)}


def _sort(parent: JsonObject, name: str, change: Change) -> None:
    if isinstance(values := parent.get(name), list):
        rows = [value for value in values if isinstance(value, dict)]
        parent[name] = [*sorted(rows, key=lambda row: str(row[change.then]))]


_CONVERSIONS: dict[str, Callable[[Json], Json]] = {
    "text": lambda value: str(value).lower(),
    "object": lambda value: {"name": value},
    "hundredth": lambda value: int(str(value)) / 100,
    "day.month.year": lambda value: date.fromisoformat(str(value)).strftime("%d.%m.%Y"),
}


def _status(change: Change, answer: Answer) -> Answer:
    return answer._replace(status=int(change.then))


def _headers(change: Change, answer: Answer) -> Answer:
    """Add, remove, rename or replace a header."""
    name = change.place.removeprefix("header ")
    headers = dict(answer.headers)
    value = headers.pop(name, None)
    if change.kind == "header renamed" and value is not None:
        headers[change.then] = value
    elif change.kind in ("header added", "content type"):
        headers[name] = change.then
    return answer._replace(headers=headers)


def _problem(change: Change, answer: Answer) -> Answer:
    if not isinstance(answer.value, dict):
        return answer
    value: Json = {"title": answer.value.get("error"), "detail": answer.value.get("message")}
    return Answer(answer.status, value, {**answer.headers, "Content-Type": change.then})


def _wrap(change: Change, answer: Answer) -> Answer:
    return (
        answer
        if isinstance(answer.value, bytes)
        else answer._replace(value={change.then: answer.value})
    )


def _reorder(_: Change, answer: Answer) -> Answer:
    return (
        answer
        if isinstance(answer.value, bytes)
        else answer._replace(value=_reversed_keys(answer.value))
    )


def _reversed_keys(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _reversed_keys(one) for name, one in reversed(value.items())}
    return [_reversed_keys(one) for one in value] if isinstance(value, list) else value


_APPLY: dict[Kind, Callable[[Change, Answer], Answer]] = {
    "field renamed": _in_fields(_rename),
    "field removed": _in_fields(_remove),
    "field added": _in_fields(_add),
    "type": _in_fields(_convert),
    "format": _in_fields(_convert),
    "null": _in_fields(_set_null),
    "enum added": _in_fields(_append),
    "enum changed": _in_fields(_set),
    "text": _in_fields(_set),
    "constant": _in_fields(_set),
    "paging": _in_fields(_move),
    "order": _in_fields(_sort),
    "endpoint added": _in_fields(_append),
    "status": _status,
    "header added": _headers,
    "header removed": _headers,
    "header renamed": _headers,
    "content type": _headers,
    "error format": _problem,
    "wrapping": _wrap,
    "key order": _reorder,
}
