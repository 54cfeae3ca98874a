"""Body files: big binary bodies beside their cassette, their names, and the check of their content.

In YAML a binary body is base64, which takes about ten times as long to read and write as the bytes
themselves. A body of MIN_BODY_FILE_SIZE or more therefore has a file of its own beside the
cassette, and the cassette holds the file's name under the tag BODY_FILE_TAG. The name contains a
checksum of the body. A changed body is a new file, so a cassette can be replaced without
overwriting what the previous version needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias
from zlib import crc32

from .json_blocks import text_of

MIN_BODY_FILE_SIZE = 1_000_000
"""Bytes. A smaller body stays in the cassette, where vcrpy can read it."""
SUFFIX = ".body"
BODY_FILE_TAG = "!in-a-file-that-vcrpy-cannot-read"
"""YAML tag of a body file's name. vcrpy quotes it in its error, which then explains itself."""
PLACES = (("request", "body"), ("response", "body", "string"))
"""Where in an interaction the tag is allowed. Anywhere else it is an unknown tag."""

_MAX_NAME_SIZE = 255
"""Bytes in a file name, the limit of common file systems."""
_END = rf"\.[0-9a-f]{{16}}\{SUFFIX}"
_END_LENGTH = len(".0123456789abcdef" + SUFFIX)
_FORBIDDEN = r"""/\\:*?<>|"'\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\U0010ffff"""
"""Characters that some file systems do not allow in names, or that YAML writes as an escape: an
escaped name could not be found by a search in the cassette's text."""
_NAME = rf"[^{_FORBIDDEN}]+{_END}"
_TAG = BODY_FILE_TAG.encode()
# The length is limited: a search to the end of a long line for each tag would take quadratic time.
_TAGGED_NAME = rf"{BODY_FILE_TAG} [\"']?([^\"'\n]{{1,{_MAX_NAME_SIZE}}}?{_END})".encode()
_BLOCK, _STRIDE = 16_384, 131_072
_LFS_POINTER = b"version https://git-lfs"
_RESTORE = "Restore it from version control, or delete the cassette and record again."


class BodyFileName(str):
    """The name of a body file, as a value in the place of the body."""


class BodyFromFile(bytes):
    """A body that was read from a body file, with the file's name."""

    name: str

    @classmethod
    def of(cls, name: str, body: bytes) -> BodyFromFile:
        """Return `body` as one that was read from the file `name`."""
        made = cls(body)
        made.name = str(name)  # libyaml refuses to write subclasses of str
        return made

    def changed(self, body: bytes) -> bytes:
        """Return the value for another body in this place, which has a new body file.

        A body that is small or text has no file; it is returned as it is.
        """
        return BodyFromFile.of(_name(_stem(self.name), body), body) if _needs_file(body) else body


class BodyFileError(Exception):
    """A body file that cannot be used: `problem` says why, `repair` what to do."""

    def __init__(self, problem: str, repair: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.repair = repair


FetchBody: TypeAlias = Callable[[str], bytes]
"""Returns the body in the file of this name. Raises BodyFileError."""
StoreBody: TypeAlias = Callable[[bytes], bytes | BodyFileName]
"""Returns the value that the YAML document holds for a binary body."""


def keep_inline(body: bytes) -> bytes:
    """Return the body itself: the StoreBody of cassettes without body files."""
    return body


def no_body_files(name: str) -> bytes:
    """Raise BodyFileError: the FetchBody of cassettes without body files."""
    raise missing(name)


def from_memory(bodies: Mapping[str, bytes]) -> FetchBody:
    """Return the FetchBody of bodies that are not written to their files yet."""

    def fetch(name: str) -> bytes:
        if name not in bodies:
            raise missing(name)
        return bodies[name]

    return fetch


class BodyFiles:
    """Collects the body files of one cassette, whose file name without suffix is `stem`."""

    def __init__(self, stem: str) -> None:
        self._stem = stem
        self.contents: dict[str, bytes] = {}
        """The bodies, by the name of their file."""

    def put(self, body: bytes) -> bytes | BodyFileName:
        """Return the name of a file for this body, or the body itself where it has no file.

        A small body has none. If the name of the cassette contains a character that is forbidden in
        names of body files, none of its bodies has one.
        """
        if len(body) < MIN_BODY_FILE_SIZE:
            return body
        name = _name(self._stem, body)
        if not _is_name(name):
            return body
        self.contents[name] = body
        return BodyFileName(name)


def _is_name(name: str) -> bool:
    # Compiled only here: few cassettes have body files, and it takes 0.5 % of a run of one test.
    return re.fullmatch(_NAME, name) is not None


def check_name(name: str) -> None:
    """Raise BodyFileError unless `name` is a body file's name.

    A path is not: a cassette cannot make Reprise read a file in another directory.
    """
    if not _is_name(name):
        problem = f"{name!r} is not the name of a body file beside the cassette"
        raise BodyFileError(problem, "Take the name from version control, or record again.")


def check(name: str, body: bytes) -> None:
    """Raise BodyFileError unless `body` is, to the last byte, what was recorded under `name`."""
    if name[-_END_LENGTH:] == _end_of(body):
        return
    if body.startswith(_LFS_POINTER):
        problem = f"the body file {name} is a pointer of Git LFS, and not the body itself"
        raise BodyFileError(problem, "Fetch the body: git lfs pull")
    problem = f"the body file {name} holds {len(body)} bytes that are not the recorded ones"
    raise BodyFileError(problem, _RESTORE)


def missing(name: str) -> BodyFileError:
    """Return the error for a body file that does not exist."""
    return BodyFileError(f"the body file {name} is missing", _RESTORE)


def unreadable(name: str, reason: str | None) -> BodyFileError:
    """Return the error for a body file that the system does not let us read."""
    return BodyFileError(f"the body file {name} cannot be read: {reason}", _RESTORE)


def names_in(text: bytes) -> set[str]:
    """Return the names of the body files that the text of a cassette refers to."""
    if _TAG not in text:  # a tenth of the time, and few cassettes have one
        return set()
    return {found.decode(errors="replace") for found in re.findall(_TAGGED_NAME, text)}


def belongs_to(stem: str, file: str) -> bool:
    """Whether `file` is the name of a body file of the cassette with this stem."""
    return _is_name(file) and _stem(file) == _shortened(stem)


def _needs_file(body: bytes) -> bool:
    return len(body) >= MIN_BODY_FILE_SIZE and text_of(body) is None


def _name(stem: str, body: bytes) -> str:
    return _shortened(stem) + _end_of(body)


def _stem(name: str) -> str:
    return name[:-_END_LENGTH]


def _shortened(stem: str) -> str:
    """The stem of a body file's name: the cassette's, cut where the name would be too long."""
    limit = _MAX_NAME_SIZE - _END_LENGTH
    return stem.encode(errors="replace")[:limit].decode(errors="ignore")


def _end_of(body: bytes) -> str:
    """The end of a body file's name: two checksums in hexadecimal, and the suffix.

    The second one, over the whole body, decides. For 50 MB it takes 12 ms of CPU time, beside 43 ms
    for writing and reading the file; SHA-256 would take 28 ms.
    """
    return f".{_sample_crc(body):08x}{crc32(body):08x}{SUFFIX}"


def _sample_crc(body: bytes) -> int:
    """The CRC of the size, of every eighth block, and of the last block.

    It adds 32 bits to the name for a seventh of the CPU time of the whole CRC.
    """
    view, checksum = memoryview(body), crc32(str(len(body)).encode())
    for start in range(0, len(body), _STRIDE):
        checksum = crc32(view[start : start + _BLOCK], checksum)
    return crc32(view[-_BLOCK:], checksum)
