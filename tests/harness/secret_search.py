"""Search of the files that inner runs left for secrets, in every encoding."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, quote_plus

import pytest
import yaml

from .placements import Answer, Made, needles, parts, plain

_LEAST = 8
"""Characters of the shortest secret that is searched for everywhere, and not only in its body."""


def encodings_of(value: str) -> dict[bytes, str]:
    """Return each encoding of a value, with its name."""
    found: dict[bytes, str] = {}
    for name, encoded_value in _encodings_of(value):
        found.setdefault(encoded_value, name)
    return found


def _encodings_of(value: str) -> Iterator[tuple[str, bytes]]:
    percent = quote(value, safe="")
    escapes = "".join(f"\\u{ord(character):04x}" for character in value)
    doubled = json.dumps(json.dumps(value))[3:-3]
    texts = {
        "raw": value,
        "percent": percent,
        "percent but for slashes": quote(value),
        "percent in lower case": re.sub("%..", lambda found: found[0].lower(), percent),
        "percent throughout": "".join(f"%{byte:02X}" for byte in value.encode()),
        "percent throughout in lower case": "".join(f"%{byte:02x}" for byte in value.encode()),
        "form": quote_plus(value),
        "JSON in ASCII": json.dumps(value)[1:-1],
        "JSON": json.dumps(value, ensure_ascii=False)[1:-1],
        "JSON with slashes": json.dumps(value)[1:-1].replace("/", "\\/"),
        "JSON doubled": doubled,
        "JSON twice doubled": json.dumps(json.dumps(json.dumps(value)))[7:-7],
        "JSON escapes": escapes,
        "JSON escapes in upper case": escapes.upper().replace("\\U", "\\u"),
        "HTML": html.escape(value),
        "HTML with bare quotes": html.escape(value, quote=False),
        "HTML numbers": html.escape(value).encode("ascii", "xmlcharrefreplace").decode(),
    }
    for name, text in texts.items():
        yield name, text.encode()
    for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        encoded = value.encode(encoding)
        yield encoding, encoded
        yield f"hex of {encoding}", encoded.hex().encode()
        yield f"upper hex of {encoding}", encoded.hex().upper().encode()
        if encoding in ("utf-8", "latin-1"):
            yield from _base64_encodings(encoded, encoding)


def _base64_encodings(encoded: bytes, encoding: str) -> Iterator[tuple[str, bytes]]:
    """Yield the base64 digits that do not depend on the bytes before and after."""
    for before in range(3):
        written = base64.b64encode(b"\0" * before + encoded)
        certain = written[(0, 2, 3)[before] : (before + len(encoded)) * 8 // 6]
        yield f"base64 of {encoding}, {before} behind", certain
        url_safe = certain.translate(bytes.maketrans(b"+/", b"-_"))
        yield f"base64url of {encoding}, {before} behind", url_safe


def _contains(encoded_value: bytes, text: bytes) -> bool:
    """Whether the text contains it; digits count only as a whole number."""
    if encoded_value not in text:
        return False
    return not encoded_value.isdigit() or bool(re.search(rb"(?<!\d)%b(?!\d)" % encoded_value, text))


Interaction: TypeAlias = dict[str, Any]


def leaves(value: object) -> Iterator[bytes]:
    """Yield texts and bytes of a loaded cassette, also of keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(key)
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value if isinstance(value, bytes) else str(value).encode()


def body_of(message: Interaction) -> bytes:
    """Return the body of a request or response as it is in the cassette."""
    body = message["body"]
    found = body["string"] if isinstance(body, dict) else body
    return found if isinstance(found, bytes) else (found or "").encode()


def headers_of(message: Interaction) -> list[tuple[str, str]]:
    return [(name, value) for name, values in message["headers"].items() for value in values]


def opened(message: Interaction) -> bytes:
    """Return the decompressed body, or the body itself if that fails."""
    body = body_of(message)
    with suppress(Exception):  # a broken body is searched as it is
        names = {"content-encoding": "Content-Encoding"}
        headers = tuple((names.get(name.lower(), name), v) for name, v in headers_of(message))
        return plain(Answer(body, headers))
    return body


_LOADED = ", loaded"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(cassette: Path) -> list[Interaction]:
    found: list[Interaction] = yaml.load(cassette.read_bytes(), _LOADER)["interactions"]
    return found


def fail_if_any(*problems: str) -> None:
    """Fail with one line for each problem. A traceback would show secrets."""
    if output := [problem.partition("\n")[0][:200] for problem in problems if problem]:
        pytest.fail("\n".join(output), pytrace=False)


class Disk:
    """The files that runs left below a directory, and their output."""

    def __init__(self, inside: Path, output: Iterable[str]) -> None:
        self.texts: dict[str, bytes] = {}
        self.cassettes: dict[str, list[Interaction]] = {}
        for path in sorted(inside.rglob("*")):
            if path.is_file():
                self._add(path, str(path.relative_to(inside)))
        self.texts |= {f"output {n}": text.encode() for n, text in enumerate(output, 1)}

    def _add(self, path: Path, name: str) -> None:
        self.texts[name] = path.read_bytes()
        self.texts[f"the name of {name}"] = name.encode()
        if path.suffix == ".yaml":
            interactions = load(path)
            bodies = [opened(i[part]) for i in interactions for part in ("request", "response")]
            self.texts[name + _LOADED] = b"\n".join([*leaves(interactions), *bodies])
            self.cassettes[name] = interactions

    @cached_property
    def _all(self) -> bytes:
        return b"\n".join(self.texts.values())

    def traces(
        self, made: Iterable[Made], own: Iterable[Interaction] = (), only_in: str = ""
    ) -> list[str]:
        """Describe where parts of these secrets are; `only_in` limits the search to a file."""
        bodies = [opened(i[part]) for i in own for part in ("request", "response")]
        return [
            f"secret {n} ({form}): {trace}"
            for n, (form, value) in enumerate(made, 1)
            for trace in self._traces(form, value, bodies, only_in)
        ]

    def _traces(
        self, form: str, value: str, bodies: Iterable[bytes], only_in: str
    ) -> Iterator[str]:
        if len(value) < _LEAST:
            yield from ("its own body" for body in bodies if _contains(value.encode(), body))
            return
        encoded_value: dict[bytes, str] = {}
        for needle in needles(form, value):
            encoded_value |= encodings_of(needle)
        encoded_value |= {part.encode(): "a part" for part in parts(form, value)}
        for written, spelling in encoded_value.items():
            files = [name for name, text in self._files(written) if _contains(written, text)]
            files = [name for name in files if only_in in name]
            if files:
                yield f"{spelling} in {files[0]}, and {len(files) - 1} more"
                return  # other encodings are mostly the same bytes

    def _files(self, written: bytes) -> Iterable[tuple[str, bytes]]:
        return self.texts.items() if written in self._all else ()
