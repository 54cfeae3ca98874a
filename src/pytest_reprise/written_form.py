"""Cassettes in the very form in which we write them, read by their lines and not by a YAML parser.

It gives what the safe loader gives, in a seventh of the time, or says that it does not know: then
vcrpy wrote the file, or somebody edited it into another form of YAML, and a parser reads it.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from .yaml_events import NotPlain, load_plain, plain_scalar


def _body(key: str, indent: int) -> str:
    """A pattern for a body, with groups for base64, a block's chomping, its lines, or one line."""
    line = " " * (indent + 2)
    return (
        rf"{' ' * indent}{key}: (?:"
        rf"!!binary \|\n((?:{line}[A-Za-z0-9+/=]+\n)+)"
        rf"|\|([-+]?)\n({line}[^ \n].*\n(?:{line}.*\n|\n)*)"
        r"|([^|!].*)\n)"
    )


_HEADERS = r"    headers:(?: \{\}\n|\n((?:      (?:- .+|[A-Za-z][\w-]*:)\n)+))"
_INTERACTION = re.compile(
    r"- request:\n    method: (.+)\n    uri: (.+)\n"
    + _body("body", 4)
    + _HEADERS
    + r"  response:\n    status:\n      code: ([1-9][0-9]{0,5})\n      message: (.+)\n"
    + _HEADERS
    + r"    body:\n"
    + _body("string", 6)
    + r"(?:  reprise:\n((?:    .+\n)+))?",
    re.ASCII,
)
_HEAD = re.compile(r"version: 1\n(?:reprise:\n((?:  .+\n)+))?interactions:\n")
_ENDS = ("", "...\n")
_ASCII = bytes((0x09, 0x0A, *range(0x20, 0x7F)))
_UNREADABLE = re.compile(
    "[^\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML does not allow beyond ASCII, or takes for the end of a line."""
_SPECIAL = frozenset("-?:,[]{}#&*!|>%@` ")
"""With which a text without quotes does not begin, or means something else."""
_PUNCTUATION = re.compile(": | #|\t|[ :]$")
"""What ends a text without quotes."""


def load(text: str) -> dict[object, object]:
    """The plain values of a cassette, as a YAML loader gives them; equal ones may be one object.

    Raises NotPlain where the text is in any other form.
    """
    head = _HEAD.match(text)
    if head is None or not _is_readable(text):
        raise NotPlain
    document: dict[object, object] = {"version": 1}
    if head[1]:
        document["reprise"] = _words(head[1], 2)
    interactions = document["interactions"] = list[object]()
    place = head.end()
    while found := _INTERACTION.match(text, place):
        interactions.append(_interaction(found))
        place = found.end()
    if not interactions or text[place : place + 5] not in _ENDS:
        raise NotPlain
    return document


def _is_readable(text: str) -> bool:
    beyond = text.encode().translate(None, _ASCII)
    return not beyond or _UNREADABLE.search(beyond.decode()) is None


def _interaction(found: re.Match[str]) -> dict[str, object]:
    method, uri, *sent, sent_headers, code, message, headers = found.groups()[:10]
    made: dict[str, object] = {
        "request": {
            "method": _text(method),
            "uri": _text(uri),
            "body": _value(*sent, indent=6),
            "headers": _headers(sent_headers) if sent_headers else {},
        },
        "response": {
            "status": {"code": int(code), "message": _text(message)},
            "headers": _headers(headers) if headers else {},
            "body": {"string": _value(*found.groups()[10:14], indent=8)},
        },
    }
    if ours := found[15]:
        made["reprise"] = _words(ours, 4)
    return made


def _value(
    binary: str | None, chomping: str | None, block: str | None, line: str | None, indent: int
) -> str | bytes:
    if line is not None:
        return _text(line)
    if block is None:
        return _decoded(binary or "")
    text = block.replace("\n" + " " * indent, "\n")[indent:]
    if chomping == "+":
        return text
    return text.rstrip("\n") + ("" if chomping == "-" else "\n")


def _decoded(binary: str) -> bytes:
    try:
        return base64.decodebytes(binary.encode())
    except binascii.Error as error:
        raise NotPlain from error


@lru_cache(maxsize=1024)
def _headers(block: str) -> dict[str, list[str]]:
    """The headers of one message; those that a client sends come again and again."""
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for line in block.split("\n")[:-1]:
        if line[6] == "-":
            values.append(_text(line[8:]))
        elif (name := _text(line[6:-1])) in found:
            raise NotPlain
        else:
            values = found[name] = []
    if block[6] == "-" or not all(found.values()):
        raise NotPlain  # a name without values has none, which is not the same as []
    return found


def _words(block: str, indent: int) -> dict[object, object]:
    """What stands under `reprise:`, nearly always a line for each word."""
    found: dict[object, object] = {}
    try:
        for line in block.split("\n")[:-1]:
            word, colon, value = line[indent:].partition(": ")
            if not colon or word in found:
                raise NotPlain
            found[_text(word)] = _scalar(value)
    except NotPlain:
        loaded = load_plain(block)
        if not isinstance(loaded, dict):
            raise
        return loaded
    return found


def _text(line: str) -> str:
    value = _scalar(line)
    if not isinstance(value, str):
        raise NotPlain
    return value


@lru_cache(maxsize=4096)
def _scalar(line: str) -> object:
    """The value that stands in one line, in quotes or without."""
    first = line[:1]
    if first == "'":
        inner = line[1:-1].replace("''", "")
        if len(line) == 1 or line[-1] != "'" or "'" in inner:
            raise NotPlain
        return line[1:-1].replace("''", "'")
    if first == '"':
        return load_plain(line)
    if first in _SPECIAL or not first or _PUNCTUATION.search(line):
        raise NotPlain
    return plain_scalar(line)
