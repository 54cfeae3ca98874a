"""A writer of YAML. With PyYAML's, a recording takes 26 % more instructions.

It writes plain values exactly as `safe.dump` writes them, or raises UnsupportedValueError.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from functools import lru_cache

from ...patterns import lazy_regex
from ..body_files import BodyFileName
from ..json_blocks import Block

_PLAIN = lazy_regex(
    r"[A-Za-z/_(;$][!-9;-~]*+(?:(?::(?=[!-~])| (?=[!\"$-~]))[!-9;-~]*+)*+"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]{1,5})?"
)
"""Text that YAML writes without quotes, unless it is a keyword; also an IP address with port.

The quantifiers are possessive: with backtracking, a text of 10 MB takes 1.1 GB."""
_QUOTED = lazy_regex(
    r"[1-9][0-9]*|0|"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?[+-][0-9]{2}:[0-9]{2}"
    r"|[#,\[\]{}&*!|>\"%@`](?:[ -&(-~]*[!-&(-~])?"
)
"""Text that YAML writes in single quotes, since it would mean something else without: the empty
text, numbers, times, and text without an apostrophe that begins with one of YAML's signs."""
_DECIMAL = lazy_regex(r"-?[0-9]+\.[0-9]+")
_KEYWORDS = frozenset("yes no true false on off null".split())
_LINE_START = lazy_regex(r"\n(?=[^\n])")
_NOT_IN_BLOCKS = lazy_regex(" \n|[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_WIDTH = 76
"""Characters in a line of base64 (RFC 2045, section 6.8)."""
_MAX_CACHED_LENGTH = 200
"""Characters of a text to remember. A body in one line must not stay in memory."""
_MAX_KEY_LENGTH = 100
"""Characters in a key. PyYAML writes keys of 128 characters or more in another way."""


class UnsupportedValueError(Exception):
    """A value that this writer does not know how to write; few cassettes contain one."""


def dump(values: Mapping[str, object]) -> str:
    """Return the YAML text of `values`. Raises UnsupportedValueError."""
    lines: list[str] = []
    _mapping(values, "", lines)
    lines.append("")
    return "\n".join(lines)


# In all functions below, `pad` is the indentation: the spaces at the start of a line.


def _mapping(values: Mapping[str, object], pad: str, lines: list[str]) -> None:
    for key, value in values.items():
        if type(value) is str:
            lines.append(f"{pad}{_key(key)}: {_line(value)}")
        elif type(value) is list and len(value) == 1 and type(value[0]) is str:
            lines.append(f"{pad}{_key(key)}:\n{pad}- {_line(value[0])}")  # most headers
        elif isinstance(value, list) and value:
            lines.append(f"{pad}{_key(key)}:")
            _items(value, pad, lines)
        elif isinstance(value, dict) and value:
            lines.append(f"{pad}{_key(key)}:")
            _mapping(value, pad + "  ", lines)
        else:
            lines.append(f"{pad}{_key(key)}: {_scalar(value, pad + '  ')}")


# This cache and that of `_line` together save 5 % of a recording: most names and values of headers
# occur in most interactions.
@lru_cache(maxsize=1024)
def _key(key: str) -> str:
    if len(key) > _MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise UnsupportedValueError
    return _line(key)


def _items(values: list[object], pad: str, lines: list[str]) -> None:
    for value in values:
        if type(value) is str:
            lines.append(f"{pad}- {_line(value)}")
        elif isinstance(value, dict) and value:
            first = len(lines)
            _mapping(value, pad + "  ", lines)
            lines[first] = f"{pad}- {lines[first][len(pad) + 2 :]}"
        elif isinstance(value, list):
            raise UnsupportedValueError
        else:
            lines.append(f"{pad}- {_scalar(value, pad + '  ')}")


def _scalar(value: object, pad: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, Block):
        return _block(value, pad)
    if isinstance(value, BodyFileName):
        return _by_pyyaml(value)
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, bytes) and value:
        encoded = binascii.b2a_base64(value, newline=False).decode()
        lines = [encoded[n : n + _WIDTH] for n in range(0, len(encoded), _WIDTH)]
        return f"!!binary |\n{pad}" + f"\n{pad}".join(lines)
    if type(value) is int or value == {} or value == []:
        return repr(value)
    if type(value) is float and _DECIMAL.fullmatch(repr(value)):
        return repr(value)
    return _by_pyyaml(value)


def _line(text: str) -> str:
    return _short_line(text) if len(text) <= _MAX_CACHED_LENGTH else _written(text)


def _written(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS:
        return text
    return f"'{text}'" if _QUOTED.fullmatch(text) else _by_pyyaml(text)


_short_line = lru_cache(maxsize=4096)(_written)


def _by_pyyaml(value: object) -> str:
    """Return the text of a value that needs one line. Raises UnsupportedValueError for more."""
    from .safe import dump_scalar  # the import takes 15 ms, and each call 100 µs

    written = dump_scalar(value)
    if len(written.splitlines()) > 1:
        raise UnsupportedValueError
    return written


def _block(text: str, pad: str) -> str:
    if text[:1] in " \n" or text[-1:] == " " or not _fits_block(text):
        return _by_pyyaml(Block(text))
    chomping = "-" if text[-1] != "\n" else "+" if text.endswith("\n\n") else ""
    inside = text.removesuffix("\n")
    if "\n\n" not in text:
        return f"|{chomping}\n{pad}" + inside.replace("\n", f"\n{pad}")
    return f"|{chomping}\n{pad}" + _LINE_START.sub(f"\n{pad}", inside)


def _fits_block(text: str) -> bool:
    """Whether a text can be a literal block: printable, without blanks at line ends."""
    if text.isascii():  # a tenth of the time, and most texts are
        return " \n" not in text and text.replace("\n", "").isprintable()
    return _NOT_IN_BLOCKS.search(text) is None
