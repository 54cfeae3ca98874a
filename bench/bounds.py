"""The bounds of recording one body, as ratios: 1.0 is what is allowed.

Scrubbing may take 0.1 s for each MB, and recording a body 4 times its size and 50 MB of memory.
"""

from __future__ import annotations

import base64
import json
import random
import string
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from .processes import ROOT, run

SECONDS_PER_MB = 0.1
MB = 1_000_000
SIZES = (1, 4)
"""Sizes of the bodies in MB."""


def _text(piece: Callable[[random.Random], str]) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        generator, parts, length = random.Random(7), list[str](), 0
        while length < size:
            parts.append(piece(generator))
            length += len(parts[-1])
        return "".join(parts).encode()

    return make


def _word(generator: random.Random) -> str:
    return "".join(generator.choices(string.ascii_lowercase, k=generator.randint(2, 10)))


def _record(generator: random.Random) -> str:
    name = f"{_word(generator)} {_word(generator)}"
    number = generator.randrange(10**6)
    url = f"https://api.test/items/{number}"
    return json.dumps({"id": number, "name": name, "price": generator.random(), "url": url}) + ","


def _log(generator: random.Random) -> str:
    names = [_word(generator) for _ in range(3)]
    return "2026-11-21 10:00:00 INFO [{}] user={} session: {} key\n".format(*names)


def _script(generator: random.Random) -> str:
    names = [_word(generator) for _ in range(5)]
    return 'function {}({},key){{var {}={{{}:"{}"}}}};'.format(*names)


def _with_image(generator: random.Random) -> str:
    image = base64.b64encode(generator.randbytes(3000)).decode()
    return json.dumps({"name": _word(generator), "data": image}) + ","


def _random_bytes(size: int) -> bytes:
    return random.Random(3).randbytes(size)


BODIES: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "JSON": ("application/json", lambda size: b"[" + _text(_record)(size)[:-1] + b"]"),
    "different keys": (
        "application/json",
        lambda size: b"{%b}" % b",".join(b'"key%d":%d' % (n, n) for n in range(size // 18)),
    ),
    "JSON in a string": (
        "application/json",
        lambda size: json.dumps({"payload": _text(_record)(size).decode()}).encode(),
    ),
    "one line of words": ("text/plain", _text(lambda one: _word(one) + " ")),
    "prose": ("text/plain", _text(lambda one: _word(one) + one.choice((" ", " ", ". ", "\n")))),
    "HTML": (
        "text/html",
        _text(lambda one: f'<p class="{_word(one)}">{_word(one)} &amp; {_word(one)}</p>\n'),
    ),
    "CSV": ("text/csv", _text(lambda one: f"{one.randrange(10**6)},{_word(one)},{_word(one)}\n")),
    "form": (
        "application/x-www-form-urlencoded",
        _text(lambda one: f"{_word(one)}={_word(one)}%20{_word(one)}&"),
    ),
    "links": ("text/plain", _text(lambda one: f"https://x.test/{_word(one)}?a={_word(one)} ")),
    "binary": ("application/octet-stream", _random_bytes),
    "base64": ("text/plain", lambda size: base64.b64encode(_random_bytes(size * 3 // 4))),
    "base64 in JSON": (
        "application/json",
        lambda size: b"[" + _text(_with_image)(size)[:-1] + b"]",
    ),
    "lines of JSON": (
        "application/x-ndjson",
        _text(lambda one: _record(one)[:-1] + "\n"),
    ),
    "logs": ("text/plain", _text(_log)),
    "scripts": ("application/javascript", _text(_script)),
    "names and values": ("text/plain", _text(lambda one: f"{_word(one)}={_word(one)} key ")),
    "many secrets": (
        "application/json",
        _text(lambda one: json.dumps({"password": f"hunter{one.randrange(10**9)}Xy!"}) + "\n"),
    ),
}


def measure() -> dict[str, object]:
    """Print and return time and memory for each kind of body, as shares of what is allowed."""
    print("\nrecording one body, as a share of what is allowed: 0.1 s for each MB to scrub it,")
    print("and 4 times its size and 50 MB of memory\n")
    found = {}
    for name, (media, make) in BODIES.items():
        shares = [_shares(media, make(size * MB)) for size in SIZES]
        found[name] = {"time": [time for time, _ in shares], "memory": [mem for _, mem in shares]}
        times, memory = (" ".join(f"{one:6.2f}" for one in row) for row in found[name].values())
        print(f"  {name:20} time {times}   memory {memory}")
    return {"bounds": found}


def _shares(media: str, body: bytes) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file, target = Path(folder, "body"), Path(folder, "cassette.yaml")
        file.write_bytes(body)
        module = [sys.executable, "-m", "bench.inside.scrub_body"]
        output = run([*module, str(file), media, str(target)], ROOT).output
    seconds, peak = map(float, output.split())
    allowed = SECONDS_PER_MB * len(body) / MB, 4 * len(body) + 50 * MB
    return round(seconds / allowed[0], 3), round(peak / allowed[1], 3)
