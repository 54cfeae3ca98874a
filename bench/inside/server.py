"""Serve the API on this machine and print the port."""

from __future__ import annotations

from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .data import HEADERS, answer

_answer = cache(answer)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = _answer(int(self.path.rpartition("/")[2]))
        lines = [f"{name}: {value}" for name, value in HEADERS]
        head = "\r\n".join(["HTTP/1.1 200 OK", *lines, f"Content-Length: {len(body)}", "", ""])
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing, since that would be measured too."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
