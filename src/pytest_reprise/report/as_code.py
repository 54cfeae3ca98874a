"""A recorded request as code that sends it again: a curl command, or Python with httpx.

Placeholders of secrets stay as they are. The text is data to its reader: what the request contains
is quoted, and cannot become a part of the command or of the program.
"""

from __future__ import annotations

import json
import pprint
import re
import shlex
from urllib.parse import urlsplit

from ..exchange import Headers, Request, header, is_json, media_type
from ..messages import printable_lines

_COMPUTED = frozenset(
    ("accept-encoding", "connection", "content-length", "host", "transfer-encoding")
)
"""Headers that a client sets itself, for this request."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A name of a header (RFC 9110, section 5.1). Others cannot be sent, and may mislead curl."""
_MAX_LITERAL = 4096
"""Bytes of a binary body that are written into Python code."""
_MAX_TEXT = 100_000
"""Bytes of a body that are written down, where the caller sets no other limit."""
BODY_FILE = "body.bin"
"""The file from which the code takes a body that it does not contain."""
_FROM_FILE = f'content=open("{BODY_FILE}", "rb").read()'


def as_curl(request: Request, longest: int = _MAX_TEXT) -> str:
    """Return a command for a POSIX shell. A body that is binary, or has more than `longest` bytes,
    is taken from the file `body.bin`."""
    body = _text(request.body) if len(request.body) <= longest else None
    parts = [["curl", "--globoff"]]
    if header(request.headers, "accept-encoding"):
        parts[0].append("--compressed")
    if request.method == "HEAD" and not request.body:
        parts[0].append("--head")
    elif request.method != ("POST" if request.body else "GET"):
        parts[0] += ["--request", request.method]
    parts.append(["--url", request.url])
    for name, value in _sent(request):
        parts.append(["--header", f"{name}: {value}" if value else f"{name};"])
    if request.body:
        if header(request.headers, "content-type") is None:
            parts.append(["--header", "Content-Type:"])  # or curl sends that of a form
        binary = ["--data-binary", f"@{BODY_FILE}"]
        parts.append(binary if body is None else ["--data-raw", body])
    return " \\\n  ".join(" ".join(map(_quoted, part)) for part in parts)


def as_httpx(request: Request, longest: int = _MAX_TEXT) -> str:
    """Return a Python program. A body that has more than `longest` bytes is taken from the file
    `body.bin`, and so is a binary one of more than 4 kB."""
    arguments = [repr(request.method), repr(request.url)]
    if headers := _sent(request):
        arguments.append(f"headers={_headers_literal(headers)}")
    if request.body:
        arguments.append(_body_argument(request, longest))
    lines = ["import httpx", "", "response = httpx.request("]
    lines += [f"    {argument},".replace("\n", "\n    ") for argument in arguments]
    program = "\n".join([*lines, ")", "print(response.status_code, response.text)"])
    # What is not safe to print is in literals only, where its escapes mean the same.
    return printable_lines(program)


def _quoted(argument: str) -> str:
    """Quote an argument for a shell, in a form that is safe to print.

    What is not safe is written in the form $'…', which bash, zsh and POSIX.1-2024 know.
    """
    if printable_lines(argument) == argument:
        return shlex.quote(argument)
    return "$'" + "".join(_escaped(character) for character in argument) + "'"


def _escaped(character: str) -> str:
    if character in "'\\#" or not character.isprintable():
        # `#` may begin a command of a CI system; three digits end an escape, and hex ones do not.
        return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogatepass"))
    return character


def _sent(request: Request) -> Headers:
    """Return the headers to write down: those that a client does not set itself."""
    host = urlsplit(request.url).netloc.rpartition("@")[2].lower()
    return tuple(
        (name, value)
        for name, value in request.headers
        if _NAME.fullmatch(name)
        and (name.lower() not in _COMPUTED or (name.lower() == "host" and value.lower() != host))
    )


def _text(body: bytes) -> str | None:
    """Return a body that can be an argument of a command; None for another one."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _headers_literal(headers: Headers) -> str:
    pairs = [f"({name!r}, {_value_literal(value)})" for name, value in headers]
    if len({name.lower() for name, _ in headers}) < len(headers):
        return "[\n" + "".join(f"    {pair},\n" for pair in pairs) + "]"
    fields = (f"    {name!r}: {_value_literal(value)},\n" for name, value in headers)
    return "{\n" + "".join(fields) + "}"


def _value_literal(value: str) -> str:
    """Return a value of a header; httpx takes text in ASCII, and other bytes."""
    return repr(value) if value.isascii() else repr(value.encode("latin-1", "replace"))


def _body_argument(request: Request, longest: int) -> str:
    body = request.body
    if len(body) > longest:
        return _FROM_FILE
    if is_json(media_type(request.headers)):
        try:
            value = json.loads(body)
            same = json.dumps(
                value, ensure_ascii=False, separators=(",", ":"), allow_nan=False
            ).encode()
        except (ValueError, RecursionError):
            same = b""
        if same == body:  # as httpx itself writes it
            return f"json={pprint.pformat(value, width=88, sort_dicts=False)}"
    text = _text(body)
    if text is not None:
        return f"content={text!r}"
    if len(body) <= _MAX_LITERAL:
        return f"content={body!r}"
    return _FROM_FILE
