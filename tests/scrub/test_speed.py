"""The time that scrubbing takes, relative to a simple search over the same text in this process.

Both are measured on the same machine in turn, so the ratio does not depend on its speed or load.
Each bound is about twice the ratio of the code for which it was set.
"""

from __future__ import annotations

import random
import re
import string
import time
import tracemalloc
from collections.abc import Callable

import pytest

from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

SIZE = 200_000
ROUNDS = 4
_PIECES = re.compile(r"\w+|\W")


def _word(some: random.Random) -> str:
    return "".join(some.choices(string.ascii_lowercase, k=some.randint(2, 10)))


def _script(some: random.Random) -> str:
    names = [_word(some) for _ in range(6)]
    return 'function {}({},key){{var {}={{{}:"{}"}};return {}}};'.format(*names)


KINDS: dict[str, tuple[str, Callable[[random.Random], str], float]] = {
    "words": ("text/plain", lambda some: _word(some) + " ", 6.0),
    "names and values": ("text/plain", lambda some: f"{_word(some)}={_word(some)} key ", 14.0),
    "names with colons": ("text/plain", lambda some: f"{_word(some)}: {_word(some)} key ", 10.0),
    "quotes": ("text/plain", lambda some: f"\"{_word(some)}\" '{_word(some)}', key ", 8.0),
    "scripts": ("application/javascript", _script, 10.0),
    "HTML": ("text/html", lambda some: f'<p class="{_word(some)}">{_word(some)}</p>\n', 6.5),
    "links": ("text/plain", lambda some: f"https://x.test/{_word(some)}?a={_word(some)} ", 11.5),
    "form": (
        "application/x-www-form-urlencoded",
        lambda some: f"{_word(some)}={_word(some)}%20{_word(some)}&",
        25.0,
    ),
    "INI": ("text/plain", lambda some: f"{_word(some)}_{_word(some)} = {_word(some)}\n", 14.0),
    "logs": (
        "text/plain",
        lambda some: f"10:00:00 INFO [{_word(some)}] user={_word(some)} session: {_word(some)}\n",
        12.0,
    ),
    # Each of these 1,000 secrets is another one, and gets its own placeholder.
    "secrets": (
        "text/plain",
        lambda some: f"{_word(some)} " * 25 + f"password=Hu{some.randrange(10**9)}Xy!\n",
        80.0,
    ),
}


def _text(piece: Callable[[random.Random], str], size: int) -> str:
    some, parts, length = random.Random(7), list[str](), 0
    while length < size:
        parts.append(piece(some))
        length += len(parts[-1])
    return "".join(parts)


def _seconds(step: Callable[[], object]) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


def _scrub(media: str, body: bytes) -> None:
    answer = Response(200, "OK", (("Content-Type", media),), body)
    scrubber = Scrubber(Vault([("token", "S3cr3t-known-value")]))
    scrubber.scrub([Interaction(Request("GET", "http://api.test/"), answer)])


@pytest.mark.parametrize("kind", KINDS)
def test_scrubbing_costs_a_few_searches(kind: str) -> None:
    media, piece, bound = KINDS[kind]
    text = _text(piece, SIZE)
    body = text.encode()
    _scrub(media, body)  # compiles the patterns

    ratios = [
        _seconds(lambda: _scrub(media, body)) / _seconds(lambda: _PIECES.findall(text))
        for _ in range(ROUNDS)
    ]

    assert min(ratios) < bound


@pytest.mark.parametrize("kind", KINDS)
def test_time_of_scrubbing_is_linear(kind: str) -> None:
    media, piece, _ = KINDS[kind]
    body = _text(piece, SIZE).encode()
    _scrub(media, body)

    growth = [
        _seconds(lambda: _scrub(media, body)) / _seconds(lambda: _scrub(media, body[: SIZE // 4]))
        for _ in range(ROUNDS)
    ]

    assert min(growth) < 8  # linear time grows by 4


def test_memory_for_different_keys_is_bounded() -> None:
    """Each key contains a part of a secret's name, and none is one."""
    body = b"{%b}" % b",".join(b'"key%d":%d' % (n, n) for n in range(50_000))
    _scrub("application/json", body[:5000])  # compiles the patterns
    tracemalloc.start()
    try:
        _scrub("application/json", body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 14 * len(body)  # 22 times with a dict of all names
