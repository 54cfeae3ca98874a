"""Big binary bodies in files of their own: which ones, their names, and whether one is right.

As base64 in the cassette a body costs ten times as much as its bytes in a file, so a big one lies
beside the cassette, which names it. The name says what is in it: a body that changed is another
file, and a cassette is replaced without touching what the one before it needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias
from zlib import crc32

from .json_blocks import text_of

MIN_BODY_FILE_SIZE = 1_000_000
"""Bytes of a body that gets a file. A smaller one stands in the cassette, for vcrpy to read."""
SUFFIX = ".body"
BODY_FILE_TAG = "!in-a-file-that-vcrpy-cannot-read"
"""Before the file's name in YAML; who loads the cassette by vcrpy alone reads it in the error."""
PLACES = (("request", "body"), ("response", "body", "string"))
"""Where in an interaction the tag may stand; anywhere else it is as unknown as any other."""

_LONGEST = 255
"""Bytes in a file name."""
_END = rf"\.[0-9a-f]{{16}}\{SUFFIX}"
_END_LENGTH = len(".0123456789abcdef" + SUFFIX)
_FORBIDDEN = r"""/\\:*?<>|"'\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\U0010ffff"""
"""In names: what not all file systems allow, and what YAML escapes, so that it stands otherwise in
the text of a cassette."""
# Not compiled before a body is that big: it takes 1 ms.
_NAME = rf"[^{_FORBIDDEN}]+{_END}"
_NAMED = re.escape(BODY_FILE_TAG) + rf" [\"']?([^\"'\n]+?{_END})"
_BLOCK, _STRIDE = 16_384, 131_072
_LFS = b"version https://git-lfs"
_RESTORE = "Restore it from version control, or delete the cassette and record again."


class BodyFileName(str):
    """The name of a body file, which stands where the body would."""


class BodyFromFile(bytes):
    """A body that stands in a file, and the name of that."""

    name: str

    @classmethod
    def of(cls, name: str, body: bytes) -> BodyFromFile:
        made = cls(body)
        made.name = str(name)  # libyaml writes no other kind of text
        return made

    def changed(self, body: bytes) -> bytes:
        """Another body in the place of this one; in a file too, unless it is small or text."""
        return BodyFromFile.of(_name(_stem(self.name), body), body) if _belongs(body) else body


class BodyFileError(Exception):
    """What is wrong with a body file, and what to do."""

    def __init__(self, problem: str, repair: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.repair = repair


FetchBody: TypeAlias = Callable[[str], bytes]
"""The body in the file of that name. Raises BodyFileError."""
Put: TypeAlias = Callable[[bytes], bytes | BodyFileName]
"""What stands in YAML for a body that is no text."""


def keep_inline(body: bytes) -> bytes:
    """For a cassette that has no files beside it."""
    return body


def no_body_files(name: str) -> bytes:
    """The same, when it is read. Raises BodyFileError."""
    raise missing(name)


class BodyFiles:
    """The bodies of one cassette that get files, by the names of these."""

    def __init__(self, stem: str) -> None:
        self._stem = stem
        self.contents: dict[str, bytes] = {}

    def put(self, body: bytes) -> bytes | BodyFileName:
        """The name of the body's file; the body itself where it gets none.

        It gets none too where the cassette's own name holds what must not stand in that of a file.
        """
        if len(body) < MIN_BODY_FILE_SIZE or not re.fullmatch(
            _NAME, name := _name(self._stem, body)
        ):
            return body
        self.contents[name] = body
        return BodyFileName(name)


def check_name(name: str) -> None:
    """Raise BodyFileError unless this is a body file's name; a path to another directory is not."""
    if not re.fullmatch(_NAME, name):
        problem = f"{name!r} is no name of a body file, which lies beside its cassette"
        raise BodyFileError(problem, "Take the name from version control, or record again.")


def check(name: str, body: bytes) -> None:
    """Raises BodyFileError where this is not the body that was written under the name."""
    if name[-_END_LENGTH + 1 :].startswith(_of_sample(body)):
        return
    if body.startswith(_LFS):
        problem = f"the body file {name} is a pointer of Git LFS, and not the body itself"
        raise BodyFileError(problem, "FetchBody the body: git lfs pull")
    problem = f"the body file {name} holds {len(body)} bytes that are not the recorded ones"
    raise BodyFileError(problem, _RESTORE)


def missing(name: str) -> BodyFileError:
    return BodyFileError(f"the body file {name} is missing", _RESTORE)


def unreadable(name: str, reason: str | None) -> BodyFileError:
    return BodyFileError(f"the body file {name} cannot be read: {reason}", _RESTORE)


def named_in(text: bytes) -> set[str]:
    """The body files that the text of a cassette names."""
    return {found.decode(errors="replace") for found in re.findall(_NAMED.encode(), text)}


def is_of(stem: str, file: str) -> bool:
    """Whether a file bears the name of a body of this cassette."""
    return re.fullmatch(_NAME, file) is not None and _stem(file) == _cut(stem)


def _belongs(body: bytes) -> bool:
    return len(body) >= MIN_BODY_FILE_SIZE and text_of(body) is None


def _name(stem: str, body: bytes) -> str:
    return f"{_cut(stem)}.{_of_sample(body)}{crc32(body):08x}{SUFFIX}"


def _stem(name: str) -> str:
    return name[:-_END_LENGTH]


def _cut(stem: str) -> str:
    return stem.encode(errors="replace")[: _LONGEST - _END_LENGTH].decode(errors="ignore")


def _of_sample(body: bytes) -> str:
    """The check when a body is read: of its size, of an eighth of it all along, of its end.

    For 50 MB, writing and reading take 34 ms of CPU time. With this check, and the whole body's at
    its writing, it is 1.8 times that; with the whole body's at its reading, 2.3; with SHA-256, 3.6.
    """
    view, said = memoryview(body), crc32(str(len(body)).encode())
    for start in range(0, len(body), _STRIDE):
        said = crc32(view[start : start + _BLOCK], said)
    return f"{crc32(view[-_BLOCK:], said):08x}"
