"""Archives and binary formats that hold a text: what packs them, and what gives the text back."""

from __future__ import annotations

import base64
import gzip
import io
import json
import quopri
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any


def gzipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def zlibbed(text: str) -> bytes:
    return zlib.compress(text.encode())


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("report/readme.txt"), "The nightly export.\n")
        entry = zipfile.ZipInfo("report/settings.txt")
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, text)
    return file.getvalue()


def tar_gzipped(text: str) -> bytes:
    return gzip.compress(tarred(text), mtime=0)


def tarred(text: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("app/config.txt")
        entry.size = len(text.encode())
        archive.addfile(entry, io.BytesIO(text.encode()))
    return file.getvalue()


def based64(text: str) -> bytes:
    return base64.b64encode(text.encode())


def mime64(text: str) -> bytes:
    """Return base64 in lines of 76 characters, as mail has it."""
    return base64.encodebytes(text.encode())


def quoted_printable(text: str) -> bytes:
    return quopri.encodestring(text.encode())


def unquoted(body: bytes) -> bytes:
    """Return the text of a quoted-printable body."""
    return quopri.decodestring(body)


def utf16(text: str) -> bytes:
    return text.encode("utf-16")


def with_bom(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def crlf(text: str) -> bytes:
    """Return text with the line ends of HTTP and MIME."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


# --- CBOR, MessagePack, BSON: texts, integers, lists and maps ---------------------------------


def cbor(text: str) -> bytes:
    """Return a JSON text as CBOR (RFC 8949)."""
    return _cbor(json.loads(text))


def _cbor_head(kind: int, count: int) -> bytes:
    if count < 24:
        return bytes([kind << 5 | count])
    if count < 256:
        return bytes([kind << 5 | 24, count])
    return bytes([kind << 5 | 25]) + count.to_bytes(2, "big")


def _cbor(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _cbor_head(0, value)
    if isinstance(value, str):
        return _cbor_head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _cbor_head(4, len(value)) + b"".join(map(_cbor, value))
    pairs = (_cbor(name) + _cbor(inner) for name, inner in value.items())
    return _cbor_head(5, len(value)) + b"".join(pairs)


def msgpack(text: str) -> bytes:
    """Return a JSON text as MessagePack."""
    return _msgpack(json.loads(text))


def _msgpack(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xcd" + value.to_bytes(2, "big")
    if isinstance(value, str):
        return b"\xd9" + bytes([len(value.encode())]) + value.encode()
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(_msgpack, value))
    pairs = (_msgpack(name) + _msgpack(inner) for name, inner in value.items())
    return bytes([0x80 | len(value)]) + b"".join(pairs)


def bson(text: str) -> bytes:
    """Return a JSON object as BSON."""
    return _bson(json.loads(text))


def _bson(document: dict[str, Any]) -> bytes:
    body = b"".join(_bson_element(name, value) for name, value in document.items()) + b"\0"
    return (len(body) + 4).to_bytes(4, "little") + body


def _bson_element(name: str, value: Any) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes([value])
    if isinstance(value, int):
        return b"\x10" + key + value.to_bytes(4, "little")
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02" + key + len(text).to_bytes(4, "little") + text
    return b"\x03" + key + _bson(value)


def grpc_web_text(text: str) -> bytes:
    """Return a gRPC-web text body: base64 of a frame with one field, and of the trailers."""
    field = b"\x0a" + bytes([len(text.encode())]) + text.encode()
    frame = b"\0" + len(field).to_bytes(4, "big") + field
    trailers = b"grpc-status:0\r\n"
    return base64.b64encode(frame) + base64.b64encode(
        b"\x80" + len(trailers).to_bytes(4, "big") + trailers
    )


# --- and back ---------------------------------------------------------------------------------


def unpacked(body: bytes, depth: int = 3) -> Iterator[bytes]:
    """Yield the body, and what it holds as an archive or in an encoding."""
    yield body
    if depth:
        for inner in _insides(body):
            yield from unpacked(inner, depth - 1)


def _insides(body: bytes) -> Iterator[bytes]:
    if body.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(body)
    elif body.startswith(b"PK\x03\x04"):
        with suppress(Exception), zipfile.ZipFile(io.BytesIO(body)) as archive:
            yield from [archive.read(name) for name in archive.namelist()]
    elif body[:1] == b"\x78":
        with suppress(zlib.error):
            yield zlib.decompress(body)
    elif b"=\n" in body or b"=\r\n" in body:
        yield quopri.decodestring(body)
    if 16 < len(body) < 100_000:
        with suppress(ValueError):
            yield base64.b64decode(b"".join(body.split()), validate=True)


def text_inside(body: bytes) -> bytes:
    """Return the innermost texts of a body; raise ValueError if it holds nothing."""
    found = list(unpacked(body))[1:]
    if not found:
        raise ValueError("nothing can be unpacked")
    return b"\n".join(each for each in found if not each.startswith((b"\x1f\x8b", b"PK\x03\x04")))
