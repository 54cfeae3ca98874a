"""All that is random in these tests: the same in each run, unless TESTS_SEED is set.

Each test, and each fixture that several tests share, draws from its own stream of random numbers.
So it gets the same secrets whichever tests run, in whatever order, and on whichever worker.
Hypothesis derives its examples from the source of each test (strategies.py). With TESTS_SEED in the
environment all of them are others, and TESTS_TIMES multiplies their number; `make cases` and
`make fuzz` set both.
"""

from __future__ import annotations

import base64
import os
import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

SEED = int(os.environ.get("TESTS_SEED", "0"))
"""0 in usual runs. Any other number changes all that is drawn."""
TIMES = int(os.environ.get("TESTS_TIMES", "1"))
"""How many times as many examples to try."""

_drawn = random.Random(f"{SEED}")


@contextmanager
def stream(name: str) -> Iterator[None]:
    """Let everything within be drawn from the stream of this name."""
    before = _drawn.getstate()
    _drawn.seed(f"{SEED} {name}")
    try:
        yield
    finally:
        _drawn.setstate(before)


def choice(found: Sequence[str]) -> str:
    """Return one of these; of a string, a character."""
    return _drawn.choice(found)


def number(least: int, most: int) -> int:
    """Return a number from `least` to `most`."""
    return _drawn.randint(least, most)


def token_bytes(size: int) -> bytes:
    """Return random bytes."""
    return _drawn.randbytes(size)


def token_hex(size: int) -> str:
    """Return so many random bytes in hexadecimal."""
    return token_bytes(size).hex()


def token_urlsafe(size: int) -> str:
    """Return so many random bytes in base64url without padding."""
    return base64.urlsafe_b64encode(token_bytes(size)).decode().rstrip("=")


def uuid4() -> uuid.UUID:
    """Return a random UUID."""
    return uuid.UUID(bytes=token_bytes(16), version=4)


def generator() -> random.Random:
    """Return a generator of random numbers for code that expects one."""
    return random.Random(_drawn.getrandbits(64))
