"""Unpack gzip, zlib, zip and tar that no Content-Encoding names, and pack them again.

The members of an archive become one text, so that they are searched like any other body. What does
not unpack completely, is encrypted, or would be too large stays as it is.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tarfile

_MAX_LAYERS = 3
"""Archives in each other that are unpacked, such as a tar in gzip."""
_BETWEEN = b"\n-- next member of the archive --\n"
_TAR_MARK = slice(257, 262)


class _Format(NamedTuple):
    """`unpack` takes a bound in bytes, and returns None for what it cannot unpack.

    `pack` takes the changed content, and the original archive for everything else.
    """

    is_like: Callable[[bytes], bool]
    unpack: Callable[[bytes, int], bytes | None]
    pack: Callable[[bytes, bytes], bytes]


def is_packed(body: bytes) -> bool:
    """Whether a body begins like one of the formats."""
    return _format_of(body) is not None


def unpack(body: bytes, limit: int) -> bytes | None:
    """Return the content of an archive, or None if the body is none or cannot be unpacked.

    `limit` is the largest number of bytes that the content may have.
    """
    content: bytes | None = None
    for _ in range(_MAX_LAYERS):
        layer = body if content is None else content
        packed = _format_of(layer)
        inner = packed.unpack(layer, limit) if packed else None
        if inner is None:
            break
        content = inner
    return content


def pack(changed: bytes, original: bytes, limit: int, layers: int = _MAX_LAYERS) -> bytes:
    """Return an archive like the original one with the changed content."""
    packed = _format_of(original)
    inner = packed.unpack(original, limit) if packed and layers else None
    if packed is None or inner is None:
        return changed
    return packed.pack(pack(changed, inner, limit, layers - 1), original)


def _format_of(body: bytes) -> _Format | None:
    if body[:1] not in (b"\x1f", b"x", b"P") and body[_TAR_MARK] != b"ustar":
        return None
    return next((packed for packed in _FORMATS if packed.is_like(body)), None)


# --- one stream -------------------------------------------------------------------------------


def _inflate(body: bytes, limit: int, bits: int) -> bytes | None:
    reader = zlib.decompressobj(bits)
    try:
        content = reader.decompress(body, limit)
    except zlib.error:
        return None
    return content if reader.eof and not reader.unused_data.strip(b"\0") else None


def _is_zlib(body: bytes) -> bool:
    """Whether the body has a header of zlib (RFC 1950, section 2.2)."""
    return body[:1] == b"x" and len(body) > 2 and (body[0] << 8 | body[1]) % 31 == 0


# --- members ----------------------------------------------------------------------------------


def _joined(members: Iterable[tuple[str, bytes]]) -> bytes | None:
    """Return names and contents as one text, or None if it could not be split again."""
    parts = [
        part
        for name, content in members
        for part in (name.encode(errors="surrogateescape"), content)
    ]
    joined = _BETWEEN.join(parts)
    return joined if joined.count(_BETWEEN) == len(parts) - 1 else None


def _members(joined: bytes, count: int) -> list[tuple[str, bytes]]:
    """Return names and contents of the members; raise ValueError if one is missing."""
    parts = joined.split(_BETWEEN)
    if len(parts) != 2 * count:
        raise ValueError("the members of an archive cannot be told apart")
    names = (name.decode(errors="surrogateescape") for name in parts[::2])
    return list(zip(names, parts[1::2], strict=True))


def _unzip(body: bytes, limit: int) -> bytes | None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if not members or sum(one.file_size for one in members) > limit:
                return None
            return _joined((one.filename, archive.read(one)) for one in members)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError):
        return None  # broken, encrypted, or compressed in a way that zipfile does not know


def _zip(joined: bytes, original: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as old, zipfile.ZipFile(file, "w") as new:
        members = old.infolist()
        for member, (name, content) in zip(members, _members(joined, len(members)), strict=True):
            member.filename = name
            new.writestr(member, content, member.compress_type)
        new.comment = old.comment
    return file.getvalue()


def _untar(body: bytes, limit: int) -> bytes | None:
    import tarfile  # with this import, a replay that needs the scrubber is 0.2 % slower

    try:
        with tarfile.TarFile(fileobj=io.BytesIO(body)) as archive:
            members = [one for one in archive.getmembers() if one.isfile()]
            if not members or sum(one.size for one in members) > limit:
                return None
            return _joined((one.name, _read(archive, one)) for one in members)
    except (tarfile.TarError, OSError):
        return None


def _tar(joined: bytes, original: bytes) -> bytes:
    import tarfile

    file = io.BytesIO()
    with (
        tarfile.TarFile(fileobj=io.BytesIO(original)) as old,
        tarfile.TarFile(fileobj=file, mode="w", format=old.format) as new,
    ):
        members = old.getmembers()
        changed = iter(_members(joined, sum(one.isfile() for one in members)))
        for member in members:
            member.name, content = next(changed) if member.isfile() else (member.name, b"")
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


_FORMATS = (
    _Format(
        lambda body: body.startswith(b"\x1f\x8b\x08"),
        lambda body, limit: _inflate(body, limit, zlib.MAX_WBITS | 16),
        lambda content, _: gzip.compress(content, mtime=0),
    ),
    _Format(
        _is_zlib,
        lambda body, limit: _inflate(body, limit, zlib.MAX_WBITS),
        lambda content, _: zlib.compress(content),
    ),
    _Format(lambda body: body.startswith(b"PK\3\4"), _unzip, _zip),
    _Format(lambda body: body[_TAR_MARK] == b"ustar", _untar, _tar),
)
