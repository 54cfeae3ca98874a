"""Any interaction with a planted secret: the secret does not survive, whatever is around it."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import json
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.errors import Unscrubbed
from pytest_reprise.exchange import Failure, Headers, Interaction, Response
from pytest_reprise.scrub.codings import decompressed
from pytest_reprise.scrub.content.texts import texts
from pytest_reprise.scrub.replace.vault import Vault, is_spread
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.strategies import FUZZ, bodies, interactions

secrets = st.text(
    string.ascii_letters + string.digits + "+/=_-.!%&\"'\\ é\n", min_size=8, max_size=40
)
searchable = secrets.filter(lambda value: value.strip() == value and is_spread("token", value))

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda value: quote(value, safe=""),
    "plus": quote_plus,
    "JSON": lambda value: json.dumps(value)[1:-1],
    "JSON, not ASCII": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "JSON twice": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1],
    "HTML": html.escape,
    "hex": lambda value: value.encode().hex(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
}
FRAMES = ("{}", " {} ", '"{}"', "x={}&y=1", '{{"note": "{}"}}', "<p>{}</p>", "\n{}\n", "a\\{}")

SEPARATORS = (
    " ",
    '","',
    "\n",
    "&x=",
    " " + "0" * 70 + " ",
    " " + "x" * 90 + " ",
    " Redacted ",
    " 198.1 ",
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, Interaction]:
    """Return a secret, and an interaction whose response holds it somewhere in its body."""
    secret, made = draw(searchable), draw(interactions)
    written = ENCODINGS[draw(st.sampled_from(sorted(ENCODINGS)))](secret)
    written = draw(st.sampled_from(FRAMES)).format(written)
    before, after = draw(bodies), draw(bodies)
    body = before + b" " + written.encode() + b" " + after
    headers: Headers = (("Content-Type", draw(st.sampled_from(MEDIA))),)
    if draw(st.booleans()):
        body, headers = gzip.compress(body, mtime=0), (*headers, ("Content-Encoding", "gzip"))
    return secret, made._replace(outcome=Response(200, "OK", headers, body))


MEDIA = (
    "text/plain",
    "application/json",
    "text/html",
    "text/csv",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/event-stream",
)


@FUZZ
@given(planted())
def test_planted_secret_does_not_survive(drawn: tuple[str, Interaction]) -> None:
    secret, interaction = drawn
    scrubber = Scrubber(Vault([("token", secret)]))
    with contextlib.suppress(Unscrubbed):  # nothing is written then
        (scrubbed,) = scrubber.scrub([interaction])
        checking = Vault([("token", secret)])
        for place, text in texts(decompressed(scrubbed)):
            assert secret not in text, place
            assert not checking.secrets_in(text), place


@FUZZ
@given(planted())
def test_scrubbing_twice_is_scrubbing_once(drawn: tuple[str, Interaction]) -> None:
    secret, interaction = drawn
    scrubber = Scrubber(Vault([("token", secret)]))
    with contextlib.suppress(Unscrubbed):
        once = scrubber.scrub([interaction])
        assert scrubber.scrub(once) == once


@FUZZ
@given(interactions)
def test_interaction_without_secrets_keeps_its_object_or_its_form(interaction: Interaction) -> None:
    scrubber = Scrubber(Vault())
    with contextlib.suppress(Unscrubbed):
        (scrubbed,) = scrubber.scrub([interaction])
        if not scrubber.vault.known_count:
            assert scrubbed == interaction
        if isinstance(scrubbed.outcome, Failure):
            assert isinstance(interaction.outcome, Failure)


@FUZZ
@given(st.lists(searchable, max_size=5), st.lists(st.sampled_from(SEPARATORS), max_size=12))
def test_placeholders_of_an_earlier_recording_are_not_used_again(
    values: list[str], between: list[str]
) -> None:
    earlier = Vault()
    placeholders = [earlier.placeholder_for("token", value) for value in values]
    text = "".join(p + gap for p, gap in zip(placeholders, [*between, *" " * 5], strict=False))
    vault = Vault()
    vault.reserve_placeholders(text)
    new = {vault.placeholder_for("token", f"another-{value}") for value in values}
    assert new.isdisjoint(placeholders)
