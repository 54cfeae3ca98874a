"""Sessions with APIs as real ones answer: secrets are replaced, and nothing else changes.

A file of `sessions/` has requests and answers as text. «form» is a secret, as in the case tables,
and ‹pattern› a random value that must stay. So the file is also the list of what is replaced.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pytest_reprise.exchange import Headers, Interaction, Request, Response
from pytest_reprise.scrub.content.texts import texts
from pytest_reprise.scrub.replace.placeholders import PLACEHOLDER
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.cases.forms import CaseMint, canaries, fill, from_pattern

SESSIONS = sorted(Path(__file__).with_name("sessions").glob("*.http"))
_CARD_CODE = re.compile(r"(?<=\[cvc\]=)\d+")
"""Only its place tells that a short number is a placeholder."""
_SCOPE = re.compile(r"(?:/|%2F)\d{8}(?:/|%2F).*")
_PUBLIC = re.compile("‹([^‹›]*)›")


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session(path: Path) -> None:
    mint = CaseMint()
    template = _PUBLIC.sub(lambda mark: from_pattern(mark[1]), path.read_text(encoding="utf-8"))
    recorded = list(_interactions(fill(template, mint)))
    scrubbed = Scrubber(Vault()).scrub(recorded)
    written = "\n".join(text for one in scrubbed for _, text in texts(one))
    for form, value in mint.made:
        if form == "cvv":  # the same digits may be a part of an amount
            continue
        assert not [part for part in canaries(form, value) if part in written], form
    for number, (before, after) in enumerate(zip(recorded, scrubbed, strict=True), 1):
        for (part, old), (_, new) in zip(texts(before), texts(after), strict=True):
            place = f"interaction {number}, {part}"
            assert _without_placeholders(_readable(new)) == _masked(_readable(old), mint), place


def _readable(text: str) -> str:
    return re.sub(r"(?<=Basic )[\w+/=]{24,}", lambda found: b64decode(found[0]).decode(), text)


def _without_placeholders(text: str) -> str:
    """Return the text with marks; the scope of a signature, which is a part of some, stays."""
    marked = PLACEHOLDER.sub(lambda found: f"*{''.join(_SCOPE.findall(found[0]))}", text)
    return _CARD_CODE.sub("*", marked)


def _masked(text: str, mint: CaseMint) -> str:
    """Return the text with a mark in place of each secret, in its encodings here."""
    for _, value in sorted(mint.made, key=lambda made: -len(made[1])):
        for spelling in (value, quote(value, safe="")):
            text = text.replace(spelling, "*")
    return text


def _interactions(session: str) -> Iterator[Interaction]:
    for text in re.split(r"(?m)^> ", session)[1:]:
        sent, _, received = text.partition("\n< ")
        line, headers, body = _message(sent)
        method, _, target = line.partition(" ")
        request = Request(method, f"https://api.shop.example{target}", headers, body)
        line, headers, body = _message(received)
        status, _, reason = line.partition(" ")
        yield Interaction(request, Response(int(status), reason, headers, body))


def _message(text: str) -> tuple[str, Headers, bytes]:
    head, _, body = text.partition("\n\n")
    line, *fields = head.splitlines()
    pairs = (field.partition(":") for field in fields)
    headers = tuple((name, value.strip()) for name, _, value in pairs)
    return line, headers, body.strip("\n").encode()
