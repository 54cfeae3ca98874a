"""A reader of cassettes exactly as Reprise writes them. It saves 30 % of a replay's instructions.

It returns what `safe.load` and `build` return together, by regular expressions, or raises
NotOurFormatError: vcrpy wrote the file, or it was edited into another form, or it contains
something rare. The patterns accept a subset of YAML in which each text has one meaning.
"""

from __future__ import annotations

import binascii
import re
from datetime import datetime
from functools import lru_cache

from ...exchange import NO_BODY, Headers, Interaction, Latency, Request, Response
from ...patterns import lazy_regex
from .. import json_blocks
from ..body_files import BODY_FILE_TAG, BodyFileError, FetchBody
from ..limits import may_have_too_many_lines
from ..model import SEEDS, Header


class NotOurFormatError(Exception):
    """The text is not exactly what Reprise writes; a YAML parser has to read it."""


# The quantifiers are possessive (`++`, `*+`): a match that fails does not try shorter runs,
# so that the time stays linear in the size of a body.


def _body_pattern(key: str, indent: int) -> str:
    """Return a pattern for a body under `key`.

    Its groups: base64; chomping of a block and its lines; a text in one line; a body file's name.
    """
    line = " " * (indent + 2)
    return (
        rf"{' ' * indent}{key}: (?:"
        rf"!!binary \|\n((?:{line}[A-Za-z0-9+/=]++\n)++)"
        rf"|\|([-+]?)\n({line}[^ \n].*\n(?:{line}.*\n|\n)*+)"
        r"|([^|!].*)\n"
        rf"|{BODY_FILE_TAG} '([^'\n]+)'\n)"
    )


_HEADERS = r"    headers:(?: \{\}\n|\n((?:      .+\n)++))"
_NAME = lazy_regex(r"[A-Za-z][\w-]*:", re.ASCII)
PLAIN_URL = r"https?://[A-Za-z0-9.:-]+(?:/[!-Z^-~]*)?"
"""A URL that is certainly valid: `urlsplit` raises an error only for brackets in the host."""
_REQUEST = lazy_regex(
    rf"- request:\n    method: (.+)\n    uri: ({PLAIN_URL})(?<!:)\n"
    + _body_pattern("body", 4)
    + _HEADERS,
    re.ASCII,
)
_RESPONSE = lazy_regex(
    r"  response:\n    status:\n      code: ([1-9][0-9][0-9])\n      message: (.+)\n"
    + _HEADERS
    + r"    body:\n"
    + _body_pattern("string", 6)
    + r"(?:  reprise:\n(?:    at: ([0-9]{1,10}\.[0-9]+)\n)?"
    r"(?:    latency: ([0-9]{1,10}\.[0-9]+)\n(?:    latency_of_body: ([0-9]{1,10}\.[0-9]+)\n)?)?"
    r"(?:    request_json: ([a-z-]+)\n)?(?:    response_coding: ([a-z][ -~]+)\n)?"
    r"(?:    response_json: ([a-z-]+)\n)?"
    r"(?:    response_text: \|-?\n      [^ \n].*\n(?:      .+\n)*+)?(?<!reprise:\n))?",
    re.ASCII,
)
"""Other keys under `reprise:` are rare, and left to the parser."""
_HEAD = lazy_regex(r"version: 1\nreprise:\n((?:  .+\n)+)interactions:\n")
_HEADER = lazy_regex(
    r"  version: 1\n"
    r"  recorded_at: '(2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:.]+\+00:00)'\n"
    r"  recorded_with: (pytest-reprise [\w.+-]*\w(?:, \w+ [\w.+-]*\w)*)\n"
    r"(?:  base_url: (https?://[\w.:/-]*\w)\n)?"
    r"(?:  seed: (0|[1-9][0-9]{0,9})\n)?",
    re.ASCII,
)
"""A header without rare values, which needs no further check. This saves 1.6 % of a replay."""
_ASCII = bytes((0x09, 0x0A, *range(0x20, 0x7F)))
_SPECIAL = frozenset("-?:,[]{}#&*!|>%@` ")
"""First characters that a text without quotes cannot have, or that would change its meaning."""
_PUNCTUATION = lazy_regex(": | #|\t|[ :]$")
"""What would end a text without quotes before the end of its line."""
_KEYWORDS = frozenset(
    form
    for word in ("yes", "no", "true", "false", "on", "off", "null")
    for form in (word, word.title(), word.upper())
)
_MAX_KEY_LENGTH = 1000
"""Characters of a key. YAML refuses keys of more than 1024 in one line."""
_MAX_CACHED = 4000
"""Characters of a block of headers in the cache, so that the cache stays below 10 MB."""
_INTEGER = "[1-9][0-9]{0,15}"
_DECIMAL = r"[0-9]+\.[0-9]+"
_NUMBER_STARTS = frozenset("+.~=<0123456789")
"""First characters of every value without quotes that is not a text, apart from keywords."""


def load(
    text: str, fetch: FetchBody
) -> tuple[Header | dict[object, object], tuple[Interaction, ...]]:
    """Return the header of a cassette and its interactions.

    The header is the values under `reprise:`, not checked yet, where it has rare ones. Raises
    NotOurFormatError, also for a wrong body file: the general reader then names its line.
    """
    head = _HEAD.match(text)
    if head is None or not _is_readable(text):
        raise NotOurFormatError
    if may_have_too_many_lines(text):
        _check_limits(text)
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
    return _header(head[1]) or _header_values(head[1], 2), tuple(interactions)


def _header(block: str) -> Header | None:
    """Return the header, or None for one with rare or wrong values."""
    found = _HEADER.fullmatch(block)
    if found is None:
        return None
    recorded_at, recorded_with, base_url, written_seed = found.groups()
    seed = None if written_seed is None else int(written_seed)
    try:
        moment = datetime.fromisoformat(recorded_at)
    except ValueError:
        return None
    is_valid = seed is None or seed in SEEDS
    return Header(moment, recorded_with, "", seed, base_url or "") if is_valid else None


def _is_readable(text: str) -> bool:
    """Whether all characters are allowed in YAML, and none but the newline ends a line."""
    beyond = text.encode().translate(None, _ASCII)
    return not beyond or all(map(_is_allowed, set(beyond.decode())))


def _is_allowed(character: str) -> bool:
    is_break = character in "\u2028\u2029\ufeff"
    return not is_break and ("\xa0" <= character <= "\ufffd" or character > "\uffff")


def _interaction(sent: re.Match[str], answered: re.Match[str], fetch: FetchBody) -> Interaction:
    method, url, *body, sent_headers = sent.groups()
    code, reason, headers, *answer, at, latency, of_body, request_style, coding, response_style = (
        answered.groups()
    )
    request = Request(
        _word(method),
        url,
        _headers(sent_headers) if sent_headers else (),
        _body(fetch, request_style, 6, *body),
    )
    received = _headers(headers) if headers else ()
    content = _body(fetch, response_style, 8, *answer)
    if coding is not None:
        content, received = _compressed(content, received, coding)
    response = Response(int(code), _word(reason), received, content)
    took = Latency(float(latency), float(of_body) if of_body else None) if latency else None
    return Interaction(request, response, "", float(at) if at else 0.0, took)


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
        return NO_BODY if line == "null" else _text(line).encode()
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


def _compressed(plain: bytes, headers: Headers, coding: str) -> tuple[bytes, Headers]:
    from .. import compressed_bodies  # most cassettes do not need it

    try:
        return compressed_bodies.restored(plain, headers, _text(coding))
    except ValueError as error:
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


def _headers(block: str) -> Headers:
    """Return the headers of one message."""
    return _cached_headers(block) if len(block) <= _MAX_CACHED else _read_headers(block)


# The cache saves 4.6 % of a replay: most requests of a suite have the same headers.
@lru_cache(maxsize=1024)
def _cached_headers(block: str) -> Headers:
    return _read_headers(block)


def _read_headers(block: str) -> Headers:
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for line in block.split("\n")[:-1]:
        if line.startswith("- ", 6):
            values.append(_text(line[8:]))
        elif (
            not _NAME.fullmatch(line, 6)
            or len(line) > _MAX_KEY_LENGTH
            or (name := _text(line[6:-1])) in found
        ):
            raise NotOurFormatError
        else:
            values = found[name] = []
    if block[6] == "-" or not all(found.values()):
        raise NotOurFormatError  # a value without a name, or a name without values
    return tuple((name, value) for name, values in found.items() for value in values)


def _header_values(block: str, indent: int) -> dict[object, object]:
    """Return the values under `reprise:`, nearly always one in each line."""
    found: dict[object, object] = {}
    try:
        for line in block.split("\n")[:-1]:
            word, colon, value = line[indent:].partition(": ")
            if not colon or (name := _text(word)) in found or len(word) > _MAX_KEY_LENGTH:
                raise NotOurFormatError
            found[name] = _read_scalar(value)
    except NotOurFormatError:
        # With its key, so that the parser refuses repeated keys.
        loaded = _by_parser(f"reprise:\n{block}")
        if not isinstance(loaded, dict) or not isinstance(loaded["reprise"], dict):
            raise
        return loaded["reprise"]
    return found


def _text(line: str) -> str:
    value = _read_scalar(line)
    if not isinstance(value, str):
        raise NotOurFormatError
    return value


# Methods and reasons: there are few, and to read each again takes 3 % of the time of loading.
_word = lru_cache(maxsize=64)(_text)


def _read_scalar(line: str) -> object:
    """Return the value in one line, with or without quotes."""
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
    return _number(line) if first in _NUMBER_STARTS or line in _KEYWORDS else line


def _number(line: str) -> object:
    if re.fullmatch(_INTEGER, line):
        return int(line)
    if re.fullmatch(_DECIMAL, line):
        return float(line)
    return line if line.count(".") > 1 else _by_parser(line)


def _check_limits(text: str) -> None:
    from .safe import InvalidYamlError, check

    try:
        check(text)
    except InvalidYamlError as error:
        raise NotOurFormatError from error


def _by_parser(text: str) -> object:
    # Most cassettes do not need PyYAML. Its import only here saves 1.5 % of a replay.
    from .safe import InvalidYamlError, load

    try:
        return load(text)
    except InvalidYamlError as error:
        raise NotOurFormatError from error
