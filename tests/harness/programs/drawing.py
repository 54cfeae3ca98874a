"""Draws programs, and the servers that they talk to.

Each request has a path of its own, except where equal requests are wanted: one after another, or as
the first requests of tasks, which start in a fixed order. So what a program sees does not depend on
which of its threads is faster.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

import brotli  # type: ignore[import-untyped]
import zstandard

from ..strategies import ODD_BODIES
from .model import Ask, Group, Node, Program, Reading
from .server import Answer, Turn

_METHODS = ("GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_STATUSES = (200, 200, 200, 201, 202, 203, 206, 299, 400, 401, 404, 409, 418, 429, 500, 503)
_READS: tuple[Reading, ...] = ("all", "all", "raw", "bytes", "lines", "some", "head", "text")
_HEADERS = (
    "X-Second: 1",
    "x-second: 2",
    "X-Empty:",
    "X-Latin: caf\xe9",
    'Warning: 199 - "yes, quoted: and colons"',
    "Set-Cookie: theme=dark; Path=/",
    "Set-Cookie: lang=en; Path=/",
    'Link: </a>; rel="next"',
    'ETag: W/"a"',
    "Vary: Accept, Accept-Encoding",
    "X-Yes: null",
)
_WORDS = ("Ada", "Łódź", "two words", "a\nb", "é\u2028", "", "1e5", "null", "- x: y", '"', "{}")
_TYPES = (
    "application/json",
    "text/plain; charset=utf-8",
    "text/plain; charset=latin-1",
    "text/plain; charset=nonsense",
    "application/octet-stream",
    "text/event-stream",
    "application/x-ndjson",
    "image/png",
    "",
)
_FAULTS = ("reset", "hang up", "garbage", "cut", "cut chunk", "bad coding", "silent", "reset later")


@dataclass
class Drawing:
    """Draws from one generator. `answers` has the answers that its programs get, by path."""

    drawn: random.Random
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    _count: int = 0
    _cassettes: int = 0

    def program(self) -> Program:
        is_marked = self._chance(0.6)
        node = self._sequence(depth=3)
        return {"is_marked": is_marked, "node": node if is_marked else self._cassette([node])}

    # --- programs -----------------------------------------------------------------------------

    def _chance(self, part: float) -> bool:
        return self.drawn.random() < part

    def _sequence(self, depth: int) -> Group:
        count = self.drawn.randint(1, 3)
        return {"do": "sequence", "of": [self._node(depth - 1) for _ in range(count)]}

    def _cassette(self, nodes: list[Node]) -> Group:
        self._cassettes += 1
        return {"do": "cassette", "name": f"block{self._cassettes}", "of": nodes}

    def _node(self, depth: int) -> Node:
        if depth <= 0 or self._chance(0.4):
            return self._ask()
        ways = (self._sequence, self._together, self._nested, self._same, self._in_turns)
        return self.drawn.choice((*ways, self._race, self._like))(depth)

    def _nested(self, depth: int) -> Group:
        return self._cassette([self._node(depth - 1) for _ in range(self.drawn.randint(1, 2))])

    def _together(self, depth: int) -> Group:
        count = self.drawn.randint(2, 3)
        return self._at_once([self._node(depth - 1) for _ in range(count)])

    def _at_once(self, nodes: list[Node]) -> Group:
        return {"do": "together", "of": nodes, "how": self.drawn.randrange(4)}

    def _same(self, _depth: int) -> Group:
        """The same request again and again, as a poll does."""
        asked = self._ask()
        self.answers[asked["path"][1:].partition("?")[0]] += [
            self._answer() for _ in range(self.drawn.randint(0, 2))
        ]
        again = range(self.drawn.randint(2, 4))
        return {"do": "sequence", "of": [{**asked, "id": f"{asked['id']}.{n}"} for n in again]}

    def _in_turns(self, _depth: int) -> Group:
        """Requests at the same time, whose answers arrive in another order."""
        count = self.drawn.randint(2, 4)
        asked = [self._ask(answer=self._answer()) for _ in range(count)]
        self._count += 1
        turns = self.drawn.sample(range(count), count)
        for ask, position in zip(asked, turns, strict=True):
            ask["read"], ask["client"] = self.drawn.choice(("all", "raw")), "own"
            ask["base"] = "server"
            turn = Turn(f"turns{self._count}", position, count)
            name = ask["path"][1:].partition("?")[0]
            self.answers[name] = [replace(answer, turn=turn) for answer in self.answers[name]]
        return self._at_once(list(asked))

    def _race(self, _depth: int) -> Group:
        """A request that is cancelled when another one is answered."""
        quick, held = self._ask(answer=self._answer()), self._ask(answer=Answer(ending="hold"))
        held["client"] = quick["client"] = "own"
        held["base"], held["read_timeout"] = "server", 30
        return {"do": "race", "of": [quick, held]}

    def _like(self, _depth: int) -> Group:
        """Equal requests of tasks that start together. Each gets another answer."""
        asked = self._ask(answer=self._answer())
        asked["client"], asked["base"] = "own", "server"
        name = asked["path"][1:].partition("?")[0]
        count = self.drawn.randint(2, 3)
        self.answers[name] = [_simple({"n": n}) for n in range(count)]
        nodes: list[Node] = [{**asked, "id": f"{asked['id']}.{n}"} for n in range(count)]
        return {"do": "gather", "of": nodes}

    def _ask(self, answer: Answer | None = None) -> Ask:
        self._count += 1
        name = f"{self.drawn.choice(('items', 'a', 'a/b', 'Orders'))}/{self._count}"
        answer = answer or (self._fault() if self._chance(0.2) else self._answer())
        self.answers[name] = [answer]
        query = self.drawn.choice(("", "", "?x=1&y=", "?q=a%20b&q=%C3%A9", "?"))
        silent = answer.ending == "hold"
        refused = answer.turn is None and not silent and self._chance(0.03)
        return {
            "do": "ask",
            "id": str(self._count),
            "method": self.drawn.choice(_METHODS),
            "path": f"/{name}{query}",
            "base": "refused" if refused else "server",
            "headers": self._request_headers(),
            "body": self._request_body(),
            "client": self.drawn.choice(("own", "own", "shared", "function")),
            "read": self.drawn.choice(_READS),
            "read_timeout": 0.05 if silent else 30,
        }

    def _request_headers(self) -> list[tuple[str, str]]:
        offered = (("X-Kind", "ß".encode().decode("latin-1")), ("Accept", "text/*"), ("X-A", "1"))
        return [each for each in offered if self._chance(0.2)]

    def _request_body(self) -> tuple[str, Any]:
        drawn = self.drawn
        bodies: dict[str, Any] = {
            "none": None,
            "json": self._json(2),
            "data": {"name": drawn.choice(_WORDS), "n": drawn.randint(0, 99)},
            "files": {"a.txt": drawn.randbytes(drawn.randint(0, 20)).hex()},
            "content": drawn.choice(ODD_BODIES).hex(),
            "pieces": [drawn.randbytes(drawn.randint(1, 9)).hex() for _ in range(3)],
        }
        kind = drawn.choice(("none", "none", *bodies))
        return kind, bodies[kind]

    # --- answers ------------------------------------------------------------------------------

    def _json(self, depth: int) -> Any:
        drawn = self.drawn
        kind = drawn.randrange(7) if depth else drawn.randrange(5)
        if kind == 5:
            return [self._json(depth - 1) for _ in range(drawn.randint(0, 3))]
        if kind == 6:
            keys = drawn.sample(("id", "name", "n", "of", "at", "é", ""), drawn.randint(0, 3))
            return {key: self._json(depth - 1) for key in keys}
        scalars = (None, drawn.choice((True, False)), drawn.randint(-5, 1000), 1.5)
        return drawn.choice(_WORDS) if kind == 4 else scalars[kind]

    def _plain(self) -> bytes:
        drawn = self.drawn
        kind = drawn.randrange(6)
        if kind == 0:
            return drawn.randbytes(drawn.randint(0, 60))
        if kind == 1:
            return drawn.choice(ODD_BODIES)
        if kind == 2:
            return "".join(f"data: {drawn.choice(_WORDS)}\n\n" for _ in range(3)).encode()
        if kind == 3:
            return "".join(json.dumps(self._json(1)) + "\n" for _ in range(3)).encode()
        return json.dumps(self._json(3), indent=drawn.choice((None, 2))).encode()

    def _coded(self, plain: bytes) -> tuple[str, bytes]:
        """A content coding, and the body in it."""
        drawn = self.drawn
        coding = drawn.choice(("", "", "", "gzip", "deflate", "br", "zstd", "identity"))
        if coding == "gzip":
            return coding, gzip.compress(plain, drawn.randint(1, 9), mtime=drawn.randint(0, 9))
        if coding == "deflate":
            return coding, zlib.compress(plain, drawn.randint(0, 9))
        if coding == "br":
            return coding, brotli.compress(plain, quality=drawn.randint(0, 11))
        if coding == "zstd":
            return coding, zstandard.ZstdCompressor(drawn.randint(1, 9)).compress(plain)
        return coding, plain

    def _answer(self) -> Answer:
        drawn = self.drawn
        if self._chance(0.1):
            return self._redirect()
        status = drawn.choice(_STATUSES)
        reason = drawn.choice(("OK", "OK", "", "Fine, By: Me", "N\xf6"))
        coding, body = self._coded(self._plain())
        headers = drawn.sample(_HEADERS, drawn.randint(0, 3))
        if content_type := drawn.choice(_TYPES):
            headers.append(f"Content-Type: {content_type}")
        if coding:
            headers.append(f"Content-Encoding: {coding}")
        version = drawn.choice(("1.1", "1.1", "1.1", "1.0"))
        if self._chance(0.1):
            return Answer(_head("204 No Content", []))
        if version == "1.1" and self._chance(0.4):
            headers.append("Transfer-Encoding: chunked")
            pieces = (*map(_chunk, self._cut(body)), b"0\r\n\r\n")
        else:
            headers += [f"Content-Length: {len(body)}"] if self._chance(0.7) else []
            pieces = (body,)
        return Answer(_head(f"{status} {reason}", headers, version), pieces)

    def _cut(self, body: bytes) -> list[bytes]:
        count = min(2, max(0, len(body) - 1))
        places = sorted(self.drawn.sample(range(1, len(body) or 1), count))
        ends = [*places, len(body)]
        return [body[a:b] for a, b in zip([0, *places], ends, strict=True) if b > a]

    def _redirect(self) -> Answer:
        self._count += 1
        target = f"moved/{self._count}"
        self.answers[target] = [_simple({"moved": self._count})]
        status = self.drawn.choice(("301 Moved", "302 Found", "303 See Other", "307 T", "308 P"))
        return Answer(_head(status, [f"Location: /{target}", "Content-Length: 0"]))

    def _fault(self) -> Answer:
        kind = self.drawn.choice(_FAULTS)
        partial = _head("200 OK", ["Content-Length: 10", "Content-Type: text/plain"])
        chunked = _head("200 OK", ["Transfer-Encoding: chunked"])
        faults = {
            "reset": Answer(ending="reset"),
            "hang up": Answer(),
            "garbage": Answer(b"HELLO?\r\n\r\n"),
            "cut": Answer(partial, (b"half",)),
            "cut chunk": Answer(chunked, (b"9\r\nhalf",)),
            "bad coding": Answer(_head("200 OK", ["Content-Encoding: gzip"]), (b"plain",)),
            "silent": Answer(ending="hold"),
            "reset later": Answer(partial, (b"half",), "hold"),
        }
        return faults[kind]


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _head(status: str, headers: list[str], version: str = "1.1") -> bytes:
    lines = [f"HTTP/{version} {status}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _simple(value: object) -> Answer:
    body = json.dumps(value).encode()
    headers = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return Answer(_head("200 OK", headers), (body,))
