"""Cassettes in the very form in which we write them, read by their lines and not by a YAML parser.

It gives what libyaml's parser leads to, in a fifth of the time, or says that it does not know: then
vcrpy wrote the file, or somebody edited it into another form, or it holds what is rare.
"""

from __future__ import annotations

import binascii
import re
from functools import lru_cache

from ...exchange import Headers, Interaction, Request, Response
from .. import json_blocks
from ..body_files import BODY_FILE_TAG, BodyFileError, FetchBody


class NotOurFormatError(Exception):
    """The text is in another form than ours."""


def _body_pattern(key: str, indent: int) -> str:
    """A pattern for a body, with groups for base64, a block's chomping, its lines, one line, or the
    name of a file."""
    line = " " * (indent + 2)
    return (
        rf"{' ' * indent}{key}: (?:"
        rf"!!binary \|\n((?:{line}[A-Za-z0-9+/=]++\n)++)"
        rf"|\|([-+]?)\n({line}[^ \n].*\n(?:{line}.*\n|\n)*+)"
        r"|([^|!].*)\n"
        rf"|{BODY_FILE_TAG} '([^'\n]+)'\n)"
    )


_HEADERS = r"    headers:(?: \{\}\n|\n((?:      .+\n)++))"
_NAME = re.compile(r"[A-Za-z][\w-]*:", re.ASCII)
_URL = r"https?://[A-Za-z0-9.:-]+(?:/[!-Z^-~]*)?"
PLAIN_URL = re.compile(_URL)
"""With no brackets: only these can be wrong."""
_REQUEST = re.compile(
    rf"- request:\n    method: (.+)\n    uri: ({_URL})(?<!:)\n"
    + _body_pattern("body", 4)
    + _HEADERS,
    re.ASCII,
)
_RESPONSE = re.compile(
    r"  response:\n    status:\n      code: ([1-9][0-9]{0,5})\n      message: (.+)\n"
    + _HEADERS
    + r"    body:\n"
    + _body_pattern("string", 6)
    + r"(?:  reprise:\n(?:    at: ([0-9]+\.[0-9]+)\n)?"
    r"(?:    request_json: ([a-z-]+)\n)?(?:    response_json: ([a-z-]+)\n)?(?<!reprise:\n))?",
    re.ASCII,
)
"""Further words under `reprise:` are rare, and left to the parser."""
_HEAD = re.compile(r"version: 1\nreprise:\n((?:  .+\n)+)interactions:\n")
_ASCII = bytes((0x09, 0x0A, *range(0x20, 0x7F)))
_SPECIAL = frozenset("-?:,[]{}#&*!|>%@` ")
"""With which a text without quotes does not begin, or means something else."""
_PUNCTUATION = re.compile(": | #|\t|[ :]$")
"""What ends a text without quotes."""
_KEYWORDS = frozenset(
    form
    for word in ("yes", "no", "true", "false", "on", "off", "null")
    for form in (word, word.title(), word.upper())
)
_INTEGER = re.compile("[1-9][0-9]{0,15}")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_NO_TEXT = frozenset("+.~=<0123456789")
"""With which what is no text begins, but for keywords."""


def load(text: str, fetch: FetchBody) -> tuple[dict[object, object], tuple[Interaction, ...]]:
    """What stands under `reprise:` at the top of a cassette, and its interactions.

    Raises NotOurFormatError; also where a body file is not what it should be.
    """
    head = _HEAD.match(text)
    if head is None or not _is_readable(text):
        raise NotOurFormatError
    interactions = []
    place = head.end()
    while sent := _REQUEST.match(text, place):
        answered = _RESPONSE.match(text, sent.end())
        if answered is None:
            raise NotOurFormatError
        interactions.append(_interaction(sent, answered, fetch))
        place = answered.end()
    if text[place:] != "...\n":
        raise NotOurFormatError
    return _words(head[1], 2), tuple(interactions)


def _is_readable(text: str) -> bool:
    """Whether it holds nothing that YAML does not allow, or takes for the end of a line."""
    beyond = text.encode().translate(None, _ASCII)
    return not beyond or all(map(_is_allowed, set(beyond.decode())))


def _is_allowed(character: str) -> bool:
    is_break = character in "\u2028\u2029\ufeff"
    return not is_break and ("\xa0" <= character <= "\ufffd" or character > "\uffff")


def _interaction(sent: re.Match[str], answered: re.Match[str], fetch: FetchBody) -> Interaction:
    method, url, *body, sent_headers = sent.groups()
    code, reason, headers, *answer, at, request_style, response_style = answered.groups()
    request = Request(
        _text(method),
        url,
        _headers(sent_headers) if sent_headers else (),
        _body(fetch, request_style, 6, *body),
    )
    response = Response(
        int(code),
        _text(reason),
        _headers(headers) if headers else (),
        _body(fetch, response_style, 8, *answer),
    )
    return Interaction(request, response, "", float(at) if at else 0.0)


def _body(
    fetch: FetchBody,
    style: str | None,
    indent: int,
    binary: str | None,
    chomping: str | None,
    block: str | None,
    line: str | None,
    file: str | None,
) -> bytes:
    if style is not None:
        return _json(block or "", style)
    if line is not None:
        return _text(line).encode()
    if file is not None:
        return _fetched(fetch, file)
    if block is None:
        return _decoded(binary or "")
    text = block.replace("\n" + " " * indent, "\n")[indent:]
    if chomping != "+":
        text = text.rstrip("\n") + ("" if chomping == "-" else "\n")
    return text.encode()


def _json(block: str, style: str) -> bytes:
    try:
        return json_blocks.from_indented(block, style)
    except (KeyError, ValueError, RecursionError) as error:
        raise NotOurFormatError from error


def _fetched(fetch: FetchBody, file: str) -> bytes:
    try:
        return fetch(file)
    except BodyFileError as error:
        raise NotOurFormatError from error


def _decoded(binary: str) -> bytes:
    try:
        return binascii.a2b_base64(binary)
    except binascii.Error as error:
        raise NotOurFormatError from error


@lru_cache(maxsize=1024)
def _headers(block: str) -> Headers:
    """The headers of one message; those that a client sends come again and again."""
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for line in block.split("\n")[:-1]:
        if line.startswith("- ", 6):
            values.append(_text(line[8:]))
        elif not _NAME.fullmatch(line, 6) or (name := _text(line[6:-1])) in found:
            raise NotOurFormatError
        else:
            values = found[name] = []
    if block[6] == "-" or not all(found.values()):
        raise NotOurFormatError  # a name without values
    return tuple((name, value) for name, values in found.items() for value in values)


def _words(block: str, indent: int) -> dict[object, object]:
    """What stands under `reprise:`, nearly always a line for each word."""
    found: dict[object, object] = {}
    try:
        for line in block.split("\n")[:-1]:
            word, colon, value = line[indent:].partition(": ")
            if not colon or word in found:
                raise NotOurFormatError
            found[_text(word)] = _read_scalar(value)
    except NotOurFormatError:
        loaded = _by_parser(block)
        if not isinstance(loaded, dict):
            raise
        return loaded
    return found


@lru_cache(maxsize=4096)
def _scalar(line: str) -> object:
    """What is nearly always the same in all cassettes, as names are."""
    return _read_scalar(line)


def _text(line: str) -> str:
    value = _scalar(line)
    if not isinstance(value, str):
        raise NotOurFormatError
    return value


def _read_scalar(line: str) -> object:
    """The value that stands in one line, in quotes or without."""
    first = line[:1]
    if first == "'":
        inner = line[1:-1].replace("''", "")
        if len(line) == 1 or line[-1] != "'" or "'" in inner:
            raise NotOurFormatError
        return line[1:-1].replace("''", "'")
    if first == '"':
        return _by_parser(line)
    if first in _SPECIAL or not first or _PUNCTUATION.search(line):
        raise NotOurFormatError
    return _number(line) if first in _NO_TEXT or line in _KEYWORDS else line


def _number(line: str) -> object:
    if _INTEGER.fullmatch(line):
        return int(line)
    if _DECIMAL.fullmatch(line):
        return float(line)
    return line if line.count(".") > 1 else _by_parser(line)


def _by_parser(text: str) -> object:
    from .events import UnsupportedYamlError, load_plain

    try:
        return load_plain(text)
    except UnsupportedYamlError as error:
        raise NotOurFormatError from error
