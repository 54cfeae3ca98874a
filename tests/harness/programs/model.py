"""A program as plain values: the outer run draws it, the inner run reads it as JSON."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Reading: TypeAlias = Literal["all", "raw", "bytes", "lines", "some", "head", "text"]


class Ask(TypedDict):
    """One request, and how its answer is read."""

    do: Literal["ask"]
    id: str
    """Names the request in the result of its program."""
    method: str
    path: str
    base: Literal["server", "refused"]
    headers: list[tuple[str, str]]
    body: tuple[str, Any]
    """The argument of httpx (`json`, `data`, `files`, `content`, `pieces` or `none`) and its
    value; bytes are in hexadecimal."""
    client: Literal["own", "shared", "function"]
    read: Reading
    read_timeout: float
    """Seconds to wait for the next piece of an answer."""


class Group(TypedDict):
    """Several steps: one after another, or at the same time; or inside a cassette of their own."""

    do: Literal["sequence", "together", "gather", "cassette", "race"]
    of: list[Node]
    how: NotRequired[int]
    """Which of the ways of doing several things together."""
    name: NotRequired[str]
    """The name of the cassette."""


Node: TypeAlias = "Ask | Group"


class Program(TypedDict):
    """What one test does."""

    is_marked: bool
    """Whether the test is recorded. If not, all its steps are in cassettes of their own."""
    node: Node
