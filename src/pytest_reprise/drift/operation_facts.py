"""What was observed of one operation: statuses, media types, bodies, headers."""

from __future__ import annotations

from collections import defaultdict

from ..exchange import Response, group_by_name, media_type
from .body_values import Json, NoValue, body_text, body_value
from .observed import Answer, Bodies, Place
from .value_forms import text_difference

_TEXT_MEDIA = ("text/", "application/xml", "application/javascript")


class Operation:
    """What was observed of one operation."""

    def __init__(self) -> None:
        self.bodies = Bodies()
        self.errors = Bodies()
        self.headers = Bodies()
        self.varying: set[Place] = set()
        self.succeeded = [False, False]
        """Whether any answer was a success: of the old ones, and of the new ones."""
        self.statuses: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.media: dict[tuple[str, str, bool], set[str]] = defaultdict(set)
        self.texts: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.only: tuple[set[str], set[str]] = set(), set()
        """The sources in which it was called only before, and only now."""
        self.seen = [False, False]


def outcome_class(response: Response) -> int:
    """Return a number that is equal for answers with comparable bodies and headers."""
    return 2 if response.status < 300 else response.status // 100


def header_values(response: Response) -> dict[str, Json]:
    """Return the headers as an object; each cookie that is set has a name of its own."""
    found: dict[str, Json] = {}
    for name, values in group_by_name(tuple((n.lower(), v) for n, v in response.headers)).items():
        if name == "set-cookie":
            found |= {f"set-cookie: {value.partition('=')[0]}": "" for value in values}
        else:
            found[name] = ", ".join(values)
    return found


def compare_bodies(
    found: Operation, old: Response, new: Response, recorded: Response, answer: Answer
) -> None:
    media = media_type(old.headers), media_type(new.headers)
    are_errors = old.status >= 400
    if media[0] != media[1]:
        found.media[(*media, are_errors)].add(answer.source)
    before, after = body_value(old), body_value(new)
    if isinstance(before, NoValue) or isinstance(after, NoValue):
        if media[0] == media[1] and type(before) is type(after):
            _compare_texts(found, old, new, answer)
        return
    bodies = found.errors if are_errors else found.bodies
    recorded_value = body_value(recorded)
    bodies.add(
        before,
        after,
        after if isinstance(recorded_value, NoValue) else recorded_value,
        answer,
    )


def _compare_texts(found: Operation, old: Response, new: Response, answer: Answer) -> None:
    before, after = body_text(old), body_text(new)
    is_text = media_type(old.headers).startswith(_TEXT_MEDIA)
    if before is None or after is None or before == after or not is_text:
        return
    if text_difference(before, after, answer.now) != "noise":
        found.texts[_first_difference(before, after)].add(answer.source)


def _first_difference(old: str, new: str) -> tuple[str, str]:
    """Return the first lines that differ."""
    lines = zip([*old.splitlines(), ""], [*new.splitlines(), ""], strict=False)
    return next(((a.strip(), b.strip()) for a, b in lines if a != b), ("", ""))


def varying_places(one: Response, other: Response) -> set[Place]:
    values = body_value(one), body_value(other)
    if any(isinstance(value, NoValue) for value in values):
        return set()
    bodies = Bodies()
    bodies.add(values[0], values[1], values[1], Answer(""))  # type: ignore[arg-type]
    return {place for place, facts in bodies.places.items() if facts.differing}
