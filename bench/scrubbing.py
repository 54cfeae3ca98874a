"""The cost of scrubbing: the audit of the committed cassettes, and bodies built to be slow."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from pytest_reprise.cassette.file import load
from pytest_reprise.cassette.model import Cassette
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.matching.request_parts import split_request
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

CASSETTES = Path(__file__).parents[1] / "cassettes"
ROUNDS = 5
SIZES = (20_000, 80_000, 320_000)
LINEAR = 4.0
"""Each size is four times the previous one, so linear time grows by this factor."""


def measure() -> dict[str, object]:
    ratio = _audit_over_load()
    print("audit of the committed cassettes, as a multiple of loading them (at most 3.0)")
    print(f"  {ratio:.2f}\n")
    table = _table()
    print(
        f"hostile bodies: seconds at {', '.join(f'{size:,}' for size in SIZES)} bytes, and growth"
    )
    print(f"from one size to the next (linear is {LINEAR:g})\n")
    for row in table:
        seconds = "  ".join(f"{second:8.3f}" for second in row.seconds)
        print(f"  {row.name:24} {seconds}   x{row.growth:.1f}")
    return {
        "audit_over_load": round(ratio, 3),
        "hostile": {row.name: [round(second, 4) for second in row.seconds] for row in table},
    }


# --- the audit of cassettes without secrets ---------------------------------------------------


def _audit_over_load() -> float:
    files = sorted(CASSETTES.rglob("*.yaml"))
    return median(_one_round(files) for _ in range(ROUNDS))


def _one_round(files: list[Path]) -> float:
    start = time.process_time()
    cassettes = [cassette for file in files if (cassette := load(file))]
    loaded = time.process_time()
    _audit(cassettes)
    return (time.process_time() - start) / (loaded - start)


def _audit(cassettes: list[Cassette]) -> None:
    scrubber = Scrubber(Vault(), from_files=True)
    for cassette in cassettes:
        for interaction in cassette.interactions:
            if scrubber.find_secrets(interaction):
                raise SystemExit(
                    "the committed cassettes hold secrets: run reprise audit cassettes"
                )


# --- hostile bodies ---------------------------------------------------------------------------


class Row:
    def __init__(self, name: str, seconds: list[float]) -> None:
        self.name = name
        self.seconds = seconds

    @property
    def growth(self) -> float:
        """The largest growth between two sizes. The clock is coarse: 1 ms is the least time."""
        pairs = zip(self.seconds, self.seconds[1:], strict=False)
        return max(later / max(earlier, 0.001) for earlier, later in pairs)


def _repeated(text: str) -> Callable[[int], bytes]:
    return lambda size: (text * (size // len(text) + 1))[:size].encode()


def _json(make: Callable[[int], object], each: int) -> Callable[[int], bytes]:
    return lambda size: json.dumps([make(n) for n in range(size // each)]).encode()


_HOSTILE: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "one letter": ("text/plain", _repeated("a")),
    "digits": ("text/plain", _repeated("4")),
    "password is": ("text/plain", _repeated("password is ")),
    "password=": ("text/plain", _repeated("password=")),
    "token:": ("text/plain", _repeated("token:\n")),
    "URLs without an end": ("text/plain", _repeated("https://a:b")),
    "user info": ("text/plain", _repeated("http://a:b@c ")),
    "reset paths": ("text/plain", _repeated("/reset/a/b")),
    "JWT beginnings": ("text/plain", _repeated("eyJhbGciOiJI.eyJ.")),
    "PEM beginnings": ("text/plain", _repeated("-----BEGIN PRIVATE KEY-----")),
    "vendor prefixes": ("text/plain", _repeated("ghp_sk-AKIAxoxb-")),
    "cards": ("text/plain", _repeated("4111 1111 1111 1112 ")),
    "IBANs": ("text/plain", _repeated("DE89 3704 0044 0532 0130 00 ")),
    "percent escapes": ("text/plain", _repeated("%2541")),
    "backslashes": ("text/plain", _repeated("\\")),
    "quotes": ("text/csv", lambda size: b"password,a\n" + b'"' * size),
    "placeholders": ("text/plain", _repeated("Redacted-")),
    "open brackets": ("application/json", _repeated("[")),
    "nested secrets": ("application/json", _repeated('[{"password":')),
    "JSON in JSON": ("application/json", _repeated('{"a":"{\\"a\\":')),
    "many secrets": ("application/json", _json(lambda n: {"password": f"hunter{n}xyz"}, 32)),
    "many keys": ("application/json", _json(lambda n: {f"k{n}": n}, 16)),
    "tags": ("text/html", _repeated("<password>")),
    "attributes": ("text/html", _repeated('<input type="password" ')),
    "form": ("application/x-www-form-urlencoded", _repeated("password=a&")),
    "base64": ("text/plain", lambda size: base64.b64encode(random.randbytes(size * 3 // 4))),
    "binary": ("image/png", lambda size: random.randbytes(size)),
}


def _table() -> list[Row]:
    rows = [
        Row(name, [_seconds(media, make(size)) for size in SIZES])
        for name, (media, make) in _HOSTILE.items()
    ]
    return sorted(rows, key=lambda row: -row.seconds[-1])


def _seconds(media: str, body: bytes) -> float:
    """Return the CPU seconds to scrub the body in a request and a response, and to split it."""
    headers = (("Content-Type", media),)
    interaction = Interaction(
        Request("POST", "http://api.test/", headers, body), Response(200, "OK", headers, body)
    )
    scrubber = Scrubber(Vault([("token", "S3cr3t-known-value")]))
    start = time.process_time()
    scrubber.scrub([interaction])
    split_request(interaction.request, scrubber, 0.0)
    return time.process_time() - start
