"""Rows of assertions that tests make on secrets, and whether a placeholder can satisfy them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

from ..placements import Mint, Pairs, Placement, PlannedCall
from .rows import JSON, answer_of


class Api:
    """Calls a server that gives the answers of one row; a call names the answer by its number."""

    def __init__(self, base: str, name: str, client: httpx.Client) -> None:
        self._base, self._name, self._client = base, name, client

    def call(
        self,
        step: int = 0,
        method: str = "GET",
        target: str = "/things",
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> httpx.Response:
        named = {**(headers or {}), "X-Placement": self._name, "X-Step": str(step)}
        return self._client.request(method, self._base + target, headers=named, json=body)

    def json(self, step: int = 0, **how: Any) -> Any:
        return self.call(step, **how).json()

    def text(self, step: int = 0) -> str:
        return self.call(step).text

    def __getitem__(self, name: str) -> Any:
        """Return a field of the first answer."""
        return self.json()[name]


Test: TypeAlias = Callable[[Api], object]


@dataclass(frozen=True, slots=True)
class Check(Placement):
    """An assertion on answers.

    `possible` is True if a placeholder of the same form can satisfy it, False if only a real secret
    may, and None if both are right.
    """

    source: str = ""
    test: Test = bool
    possible: bool | None = True


Reply: TypeAlias = str | tuple[str, str] | tuple[str, str, Pairs]
"""A template; with its media type; and with headers."""


def check(name: str, source: str, replies: Reply | list[Reply], test: Test) -> Check:
    """Return an assertion that a placeholder can satisfy."""
    return _check(name, source, replies, test, True)


def hopeless(name: str, source: str, replies: Reply | list[Reply], test: Test) -> Check:
    """Return an assertion that only the real secret satisfies."""
    return _check(name, source, replies, test, False)


def undecided(name: str, source: str, replies: Reply | list[Reply], test: Test) -> Check:
    """Return an assertion that a placeholder may satisfy or not."""
    return _check(name, source, replies, test, None)


def _check(
    name: str, source: str, replies: Reply | list[Reply], test: Test, possible: bool | None
) -> Check:
    each = replies if isinstance(replies, list) else [replies]
    return Check(name, lambda mint: _calls(each, mint), "", source, test, possible)


def _calls(replies: list[Reply], mint: Mint) -> list[PlannedCall]:
    found = []
    for reply in replies:
        template, media, headers = (
            (reply, JSON, ())
            if isinstance(reply, str)
            else (*reply, ())
            if len(reply) == 2
            else reply
        )
        found.append(PlannedCall(answer=answer_of(template, media, mint, headers)))
    return found


def field(name: str, form: str = "") -> str:
    """Return the template of an answer with a secret under a name."""
    return f'{{"id":7,"{name}":"«{form}»","kind":"demo"}}'


def unpadded(text: str) -> bytes:
    """Decode base64url without padding, and refuse characters outside of it."""
    if not text.replace("-", "").replace("_", "").isalnum():
        raise ValueError("not base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT as `jwt.decode` without verification does."""
    header, payload, signature = token.split(".")
    assert isinstance(json.loads(unpadded(header)), dict)
    assert isinstance(unpadded(signature), bytes)
    found = json.loads(unpadded(payload))
    assert isinstance(found, dict)
    return found


def jose_header(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unpadded(token.split(".")[0]))
    return found
