"""A server that writes each response to the socket itself, so that it can break any rule of HTTP.

Nothing is added to the bytes of a response, and each connection serves one request.
"""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

BINARY = bytes(range(256))
LONGEST_WAIT = 30.0
"""Seconds that a thread waits for other requests, so that no test hangs."""


class Call:
    """A received request and its connection, with methods to answer it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self.method, self.target, _ = self._line().split(" ", 2)
        self.path = self.target.partition("?")[0]
        lines = iter(self._line, "")
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        self.body = self._read_body()

    def _line(self) -> str:
        return self._reader.readline().decode("latin-1").rstrip("\r\n")

    def _read_body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self._reader.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self._line(), 16):
            body += self._reader.read(size)
            self._line()
        self._line()
        return body

    def send(self, *parts: str | bytes) -> None:
        for part in parts:
            self._connection.sendall(part.encode("latin-1") if isinstance(part, str) else part)

    def answer(self, status: str, *headers: str, body: bytes = b"") -> None:
        """Send status line, headers and body; the headers need not fit the body."""
        lines = (f"HTTP/1.1 {status}", *headers, "Connection: close", "", "")
        self.send("\r\n".join(lines), body)

    def json(self, value: object, status: str = "200 OK", *headers: str) -> None:
        body = json.dumps(value).encode()
        length = f"Content-Length: {len(body)}"
        self.answer(status, "Content-Type: application/json", length, *headers, body=body)

    def wait_until_closed(self) -> None:
        """Wait until the client has closed the connection."""
        with suppress(OSError):
            self._reader.read(1)

    def end(self) -> None:
        """Send no more. The connection stays open until the client closes it."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close the connection with a TCP reset, as when a server crashes."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._reader.close()
        self._connection.close()


Answer: TypeAlias = Callable[[Call], None]


class RawServer:
    """Serves `ANSWERS` by path. Five paths have state; they are found by their first segment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hits: Counter[str] = Counter()
        self._turns: defaultdict[str, Turns] = defaultdict(Turns)
        self._released: defaultdict[str, threading.Event] = defaultdict(threading.Event)
        self._listener = _Listener(("127.0.0.1", 0), self._answer)
        self._port = self._listener.server_address[1]
        self._reserved: socket.socket | None = None
        threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """Refuse connections from now on. The port stays bound, so no other process can answer."""
        if self._reserved is None:
            self._listener.shutdown()
            self._listener.server_close()
            self._reserved = socket.socket()
            self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._reserved.bind(("127.0.0.1", self._port))

    def close(self) -> None:
        self.stop()
        if self._reserved:
            self._reserved.close()

    def _answer(self, call: Call) -> None:
        with_state: dict[str, Answer] = {
            "flaky": self._flaky,
            "nth": self._nth,
            "turns": self._turn,
            "held": self._held,
            "release": self._release,
        }
        answer = with_state.get(call.path.split("/")[1]) or ANSWERS.get(call.path, _not_found)
        answer(call)

    def _hit(self, call: Call) -> int:
        with self._lock:
            self._hits[call.path] += 1
            return self._hits[call.path]

    def _flaky(self, call: Call) -> None:
        """RecordAndReplay a failure, of another kind each time, and then an answer."""
        nth = self._hit(call)
        if nth == 1:
            call.reset()
        else:
            call.json({"nth": nth}, "503 Busy" if nth == 2 else "200 OK")

    def _nth(self, call: Call) -> None:
        call.json({"nth": self._hit(call), "target": call.target})

    def _turn(self, call: Call) -> None:
        """/turns/<name>/<count>: wait for `count` requests and answer them in reverse order."""
        with self._lock:
            turns = self._turns[call.path]
        turns.answer(call, int(call.path.rpartition("/")[2]))

    def _held(self, call: Call) -> None:
        """/held/<name>: send half a response, then a reset once /release/<name> is requested."""
        call.answer("200 OK", "Content-Length: 10", body=b"half")
        self._event(call).wait(LONGEST_WAIT)
        call.reset()

    def _release(self, call: Call) -> None:
        self._event(call).set()
        call.json({"released": True})

    def _event(self, call: Call) -> threading.Event:
        with self._lock:
            return self._released[call.path.rpartition("/")[2]]


class Turns:
    """Waits for all requests, numbered by their X-Request-Id, and answers them in reverse order.

    Each response has been read to its end before the next one is sent.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._arrived = 0
        self._answered = 0

    def answer(self, call: Call, count: int) -> None:
        number = int(call.headers["x-request-id"])
        with self._changed:
            self._arrived += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_next(number, count), LONGEST_WAIT)
        call.json({"number": number, "target": call.target})
        call.wait_until_closed()
        with self._changed:
            self._answered += 1
            self._changed.notify_all()

    def _is_next(self, number: int, count: int) -> bool:
        return self._arrived == count and self._answered == count - 1 - number


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Answer) -> None:
        super().__init__(address, socketserver.BaseRequestHandler)
        self._answer = answer

    def finish_request(self, request: Any, _client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        call = Call(request)
        try:
            self._answer(call)
        finally:
            call.close()

    def shutdown_request(self, request: Any) -> None:
        """Close the connection, unless the answer has already closed it in its own way."""
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that close their connection early."""


@contextmanager
def refusing() -> Iterator[str]:
    """Yield the URL of a port that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def unreachable() -> Iterator[str]:
    """Yield the URL of a port that accepts no connection, since its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for client in waiting:
            client.close()


# --- responses without state -----------------------------------------------------------------


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _chunks(body: bytes, *sizes: int) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield _chunk(body[start : start + size])
        start += size
    yield _chunk(body[start:]) + b"0\r\n\r\n"


def _chunked(call: Call, body: bytes, *headers: str) -> None:
    call.answer("200 OK", "Transfer-Encoding: chunked", *headers)
    call.send(*_chunks(body, 1, 20, 300))


def _gzipped(call: Call) -> None:
    plain = json.dumps([{"id": n, "name": f"item {n}"} for n in range(300)]).encode()
    body = gzip.compress(plain, mtime=0)
    _chunked(call, body, "Content-Type: application/json", "Content-Encoding: gzip")


def _repeated_headers(call: Call) -> None:
    call.answer(
        "200 OK",
        "X-Second: 1",
        "x-lower-AND-upper: Mixed Case",
        "Set-Cookie: theme=dark; Path=/",
        "Set-Cookie: lang=en; Path=/",
        'Warning: 199 - "yes, quoted: and colons"',
        "x-second: 2",
        "X-Empty:",
        "X-Latin: caf\xe9",
        "Content-Length: 2",
        body=b"ok",
    )


def _separated_headers(call: Call) -> None:
    links = ('Link: </a>; rel="next"', "X-Between: 1", 'Link: </b>; rel="last"', "x-between: 2")
    call.answer("200 OK", *links, "Content-Length: 0")


def _with_body(content_type: str, body: bytes) -> Answer:
    length = f"Content-Length: {len(body)}"

    def answer(call: Call) -> None:
        shown = b"" if call.method == "HEAD" else body
        call.answer("200 OK", f"Content-Type: {content_type}", length, body=shown)

    return answer


def _received(call: Call) -> None:
    """Answer with the received request, without the random multipart boundary."""
    boundary = call.headers.get("content-type", "").partition("boundary=")[2]
    body = call.body.decode("latin-1")
    shown = body.replace(boundary, "BOUNDARY") if boundary else body
    names = ("transfer-encoding", "cookie", "x-hook")
    headers = {name: call.headers[name] for name in names if name in call.headers}
    call.json({"method": call.method, "target": call.target, "body": shown, **headers})


def _challenge(challenge: str) -> Answer:
    def answer(call: Call) -> None:
        credentials = call.headers.get("authorization")
        if credentials:
            call.json({"scheme": credentials.partition(" ")[0]})
        else:
            call.json(
                {"detail": "who are you?"}, "401 Unauthorized", f"WWW-Authenticate: {challenge}"
            )

    return answer


def _redirect(status: str, location: str) -> Answer:
    headers = (f"Location: {location}", "Set-Cookie: hop=1; Path=/", "Content-Length: 0")
    return lambda call: call.answer(status, *headers)


def _endless_events(call: Call) -> None:
    call.answer("200 OK", "Content-Type: text/event-stream")
    number = 0
    while True:  # until the client has closed the connection and sending fails
        call.send(f"event: tick\ndata: {number}\n\n")
        number += 1


def _cut_off(*headers: str, body: bytes, ending: Answer) -> Answer:
    def answer(call: Call) -> None:
        call.answer("200 OK", *headers, body=body)
        ending(call)

    return answer


def _not_found(call: Call) -> None:
    call.json({"detail": "not found"}, "404 Not Found")


ANSWERS: dict[str, Answer] = {
    "/json": lambda call: call.json({"ok": True}),
    "/reason": lambda call: call.answer("299 Fine, By: Me", "Content-Length: 0"),
    "/no-reason": lambda call: call.answer("200 ", "Content-Length: 0"),
    "/http10": lambda call: call.send("HTTP/1.0 200 OK\r\nServer: old\r\n\r\n", "until the end"),
    "/headers": _repeated_headers,
    "/separated-headers": _separated_headers,
    "/gzip": _gzipped,
    "/chunks": lambda call: _chunked(call, b"\0\xff" * 400, "Content-Type: image/png"),
    "/empty": lambda call: call.answer("200 OK", "Content-Length: 0"),
    "/204": lambda call: call.answer("204 No Content"),
    "/304": lambda call: call.answer("304 Not Modified", 'ETag: "a"', "Content-Length: 99"),
    "/binary": _with_body("application/octet-stream", BINARY),
    "/text": _with_body("text/plain; charset=utf-8", "two lines\r\nzażółć  \n".encode()),
    "/latin": _with_body("text/plain; charset=latin-1", "café\n".encode("latin-1")),
    "/received": _received,
    "/auth/basic": _challenge('Basic realm="raw"'),
    "/auth/digest": _challenge('Digest realm="raw", qop="auth", nonce="n1", algorithm=SHA-256'),
    "/auth/bearer": _challenge("Bearer"),
    "/redirect": _redirect("302 Found", "/redirect/again"),
    "/redirect/again": _redirect("307 Temporary Redirect", "/received"),
    "/redirect/round": _redirect("301 Moved", "/redirect/round"),
    "/bad-gzip": lambda call: call.answer("200 OK", "Content-Encoding: gzip", body=b"plain"),
    "/sse": _endless_events,
    "/hangup": lambda call: call.close(),
    "/reset": lambda call: call.reset(),
    "/garbage": lambda call: call.send("HELLO?\r\n\r\n"),
    "/silent": lambda call: call.wait_until_closed(),
    "/broken": _cut_off("Content-Length: 10", body=b"half", ending=Call.close),
    "/broken-chunks": _cut_off(
        "Transfer-Encoding: chunked", body=_chunk(b"half"), ending=Call.close
    ),
    "/stalled": _cut_off("Content-Length: 10", body=b"half", ending=Call.wait_until_closed),
}
