"""What a cassette should hold after a refresh: the old recording, with the API's changes in it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.load import parse
from pytest_reprise.exchange import Interaction, Response, is_json, media_type
from pytest_reprise.scrub.content.compression import compress_body, decompress_or_keep

from .moving_api.answers import Answer, operation_of
from .moving_api.applying import changed
from .moving_api.changes import Change
from .moving_api.server import encoded

_GENERATED = re.compile(r"trk_[0-9a-f]{16}|response_coding: .*")
"""Values that the changed API makes, and the recipes of compressed bodies."""


Changes: TypeAlias = tuple[Change, ...]


class Lines(NamedTuple):
    """How the lines of a file compare with those that it should have."""

    wanted: int
    """Lines that the changes of the API add or remove."""
    wrong: list[str]
    """Lines that are there and should not be (`+`), or should be and are not (`-`)."""


def ideal(text: str, changes: Changes) -> str:
    """Return the text of a cassette in which each answer is that of the changed API."""
    cassette = parse(text, Path("a.yaml"), None, lambda _: b"")
    found = tuple(_ideal_interaction(i, changes) for i in cassette.interactions)
    return dump(cassette._replace(interactions=found))


def _ideal_interaction(recorded: Interaction, changes: Changes) -> Interaction:
    before = recorded.outcome
    operation, _ = operation_of(recorded.request.method, urlsplit(recorded.request.url).path)
    if not isinstance(before, Response):
        return recorded
    plain = decompress_or_keep(before.body, before.headers)
    is_value = is_json(media_type(before.headers)) and plain
    value = json.loads(plain) if is_value else plain or None
    answer = Answer(before.status, value, dict(before.headers))
    after = changed(changes, operation, answer)
    if after is answer:
        return recorded
    headers = dict(after.headers)
    body = before.body
    if after.value != answer.value or repr(after.value) != repr(answer.value):
        body = compress_body(body, plain, encoded(after, headers), before.headers)
    if "Content-Length" in headers or before.status == 204:
        headers["Content-Length"] = str(len(body))
    reason = before.reason if after.status == before.status else _REASONS[after.status]
    response = before._replace(
        status=after.status, reason=reason, headers=(*headers.items(),), body=body
    )
    return recorded._replace(outcome=response._replace(chunks=()))


_REASONS = {200: "OK"}


def sends_other_requests(text: str, changes: Changes) -> bool:
    """Whether the changes let a test send other requests, so that no ideal is known."""
    cassette = parse(text, Path("a.yaml"), None, lambda _: b"")
    for recorded in cassette.interactions:
        path = urlsplit(recorded.request.url).path
        operation, _ = operation_of(recorded.request.method, path)
        kinds = {c.kind for c in changes if operation in c.operations.split(", ")}
        if kinds & {"endpoint added", "endpoint renamed", "endpoint removed", "required"}:
            return True
    return False


def compared(before: str, after: str, wanted: str) -> Lines:
    """Return how a refreshed file differs from the ideal one.

    Headers may have any order, so lines are counted, and not compared in order.
    """
    return Lines(len(_diff(before, wanted)), _diff(wanted, after))


def _diff(one: str, other: str) -> list[str]:
    one, other = (_GENERATED.sub("*", text) for text in (one, other))
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm="")
    found = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    # A line that only moved is not counted.
    left = list(found)
    for line in found:
        sign = "-" if line[0] == "+" else "+"
        if line in left and sign + line[1:] in left:
            left.remove(line)
            left.remove(sign + line[1:])
    return left


class Ideal(NamedTuple):
    """How all files compare with those that a refresh should write."""

    have_to_change: set[str]
    may_change: set[str]
    """Files of tests that send other requests, whose ideal is not known."""
    wanted: int
    wrong: int


def ideal_files(old: Mapping[str, bytes], new: Mapping[str, bytes], changes: Changes) -> Ideal:
    """Return which of the old files a refresh has to change, and how many lines are wrong."""
    have_to_change: set[str] = set()
    may_change: set[str] = set()
    wanted = wrong = 0
    for name, content in old.items():
        text = content.decode()
        if sends_other_requests(text, changes):
            may_change.add(name)
            continue
        best = ideal(text, changes)
        have_to_change |= {name} if best != text else set()
        lines = compared(text, new.get(name, b"").decode(), best)
        wanted, wrong = wanted + lines.wanted, wrong + len(lines.wrong)
    return Ideal(have_to_change, may_change, wanted, wrong)
