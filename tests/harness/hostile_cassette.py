"""A cassette whose texts try to run as script, or to load something, wherever a page shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Failure, Interaction, Request, Response

MARK = "window.planted=1"
"""What each of the texts would run."""
TEXTS = (
    f"</script><script>{MARK}</script>",
    f"</style><script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f"<svg onload={MARK}></svg>",
    f'"\' onfocus={MARK} autofocus x="',
    f"javascript:{MARK}//",
    f"data:text/html,<script>{MARK}</script>",
    "<iframe src=http://127.0.0.1:9/></iframe><link rel=stylesheet href=//127.0.0.1:9/x>",
    f"<meta http-equiv=refresh content='0;url=javascript:{MARK}'>",
    f"-->]]>`${{{MARK}}}`{{{{7*7}}}}\u2028\u202e\x00",
)
_SVG = f"<svg xmlns='http://www.w3.org/2000/svg'><script>{MARK}</script></svg>".encode()
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
_HTML = "".join(TEXTS).encode()
BODIES = {
    "text/html": _HTML,
    "image/svg+xml": _SVG,
    "image/png": _PNG,
    f"image/png;x=\"'><script>{MARK}</script>": b"\x89PNG\r\n\x1a\n" + _HTML,
    "application/json": b'{"a": "</script><script>window.planted=1</script>", "b": [1, {}]}',
    "application/octet-stream": b"\x00\xff" + _HTML,
    "application/pdf": b"%PDF-1.4 " + _HTML,
    "text/plain": _HTML,
}


def write_hostile(path: Path) -> None:
    """Write the cassette: an interaction for each text, with a body of each kind."""
    texts = [text.replace("\0", "") for text in TEXTS]
    found = [
        Interaction(
            Request(
                "POST" if number % 2 else f"G{text[:5]}",
                f"http://api.example/{text}?q={text}#{text}",
                (("X-A", text), ("Content-Type", media)),
                body,
            ),
            Response(200, text, (("Content-Type", media),), body),
            at=number / 10,
        )
        for number, (text, (media, body)) in enumerate(zip(texts, cycle(BODIES.items())))
    ]
    failure = Failure("ReadTimeout", _HTML.decode().replace("\0", ""))
    found.append(Interaction(Request("GET", "http://api.example/slow"), failure))
    save(path, Cassette(tuple(found), Header(datetime(2026, 1, 31, tzinfo=UTC), TEXTS[0])))
