"""Placeholders of tokens: what a client checks on the secret holds for the placeholder too."""

from __future__ import annotations

import math
import re
import string
import timeit
from collections import Counter
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_reprise.scrub.replace.placeholders import (
    PLACEHOLDER,
    align_placeholders,
    form_of,
    is_placeholder,
    is_whole_placeholder,
    placeholders_in,
)
from pytest_reprise.scrub.replace.structures import structure_of
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.rules.vendors import VENDORS, Vendor

from ..harness import chance
from ..harness.chance import TIMES
from ..harness.samples import sample
from ..harness.strategies import FEW, MANY, SOME

_ALPHABETS = {
    "letters and digits": "[A-Za-z0-9]",
    "small letters and digits": "[a-z0-9]",
    "capitals and digits": "[A-Z0-9]",
    "small letters": "[a-z]",
    "capitals": "[A-Z]",
    "letters": "[A-Za-z]",
    "hexadecimal": "[0-9a-f]",
    "HEXADECIMAL": "[0-9A-F]",
    "base32": "[A-Z2-7]",
    "base64": "[A-Za-z0-9+/]",
    "base64url": "[A-Za-z0-9_-]",
}
_SHAPES = (
    "«20»",
    "«43»",
    "«5»-«5»",
    "«4»-«4»-«4»-«4»",
    "«8»:«32»",
    "k1.«10».«32»",
    "tok_«24»",
    "acme_live_«24»",
    "s:«32».«43»",
)
"""Forms of tokens; a number is a count of random characters."""
_PREFIXES = tuple(prefix for vendor in VENDORS for prefix in vendor.prefixes)
_RANDOM = re.compile("«([0-9]+)»")


def _made(secret: str, number: int = 7) -> str:
    return form_of(secret).make("token", number, secret)


def _entropy(text: str) -> float:
    """Bits for each character, as secret scanners count them."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


def _is_new(secret: str) -> bool:
    """Whether no part is a number or so uniform that no generator makes it."""
    parts = re.findall("[A-Za-z0-9]+", secret)
    is_random = all(re.search("[A-Za-z]", part) for part in parts) and len(set(secret)) > 5
    return is_random and not is_placeholder(secret) and structure_of(secret) is None


@pytest.mark.parametrize("shape", _SHAPES)
@given(st.sampled_from(list(_ALPHABETS)), st.randoms(use_true_random=False))
@SOME
def test_form_stays(shape: str, name: str, random: Random) -> None:
    # Groups of few hexadecimal digits have no room for a word in their alphabet.
    assume(shape[0] != "«" or "-" not in shape or not re.search("(?i)hex|base64", name))
    # A prefix before letters only, or before hyphens, may be a part of a passphrase.
    assume(shape[0] == "«" or "digits" in name or "hex" in name.lower())
    alphabet = _ALPHABETS[name]
    letters = [c for c in map(chr, range(128)) if re.fullmatch(alphabet, c)]
    secret = _RANDOM.sub(lambda n: "".join(random.choices(letters, k=int(n[1]))), shape)
    assume(_is_new(secret) and not secret.startswith(_PREFIXES))
    pattern = _RANDOM.sub(lambda n: f"{alphabet}{{{n[1]}}}", re.escape(shape).replace("\\«", "«"))
    made = _made(secret)
    assert re.fullmatch(pattern, made), made
    assert len(made) == len(secret)
    assert is_placeholder(made)
    assert re.search("(?i)red|facade", re.sub("[^A-Za-z]", "", made)), "no person recognises it"
    assert Vault().placeholder_for("token", made) == made or not is_whole_placeholder(made)
    assert made.islower() >= secret.islower()
    assert made.isupper() >= secret.isupper()


_OTHER_PARTS = {"braintree", "adyen", "matrix", "nostr"}
"""Vendors whose format a placeholder does not keep: a dollar sign, any character or a part of one
character is in it, or the alphabet has no room for the word and the number."""
_LEAST = 12
"""Characters behind the prefix of the shortest token that a vendor makes."""


def _problem(vendor: Vendor, prefix: str, token: str) -> str:
    """What a client, or the detector of the vendor, would not accept in the placeholder."""
    made = _made(token)
    checks = {
        "prefix": made.startswith(prefix),
        "length": len(made) == len(token),
        "format": re.fullmatch(re.escape(prefix) + vendor.rest_pattern, made),
        "recognised": is_whole_placeholder(made),
        "stays": Vault().placeholder_for("token", made) == made,
    }
    return ", ".join(name for name, holds in checks.items() if not holds) and f"{token} → {made}"


def test_token_of_a_vendor() -> None:
    """The detector of the vendor finds it too, so it is matched as the secret is."""
    problems, count = [], 0
    for vendor in VENDORS:
        random = chance.generator()
        for _ in range(10 * TIMES if vendor.rule not in _OTHER_PARTS else 0):
            prefix = random.choice(vendor.prefixes)
            rest = sample(vendor.rest_pattern, random)
            if len(rest) >= _LEAST and _is_new(rest):
                count += 1
                if problem := _problem(vendor, prefix, prefix + rest):
                    problems.append(f"{vendor.rule}: {problem}")
    assert problems == []
    assert count > 8 * TIMES * len(VENDORS)


@given(st.text(string.ascii_letters + string.digits, min_size=20, max_size=80))
@SOME
def test_no_scanner_takes_it_for_random(secret: str) -> None:
    """3.5 bits is the limit of most scanners; a token of 40 characters has more than 4.2."""
    assert _entropy(_made(secret)) < 3.5


@given(st.text(string.ascii_letters + string.digits + "_-", min_size=24, max_size=64))
@SOME
def test_nothing_of_the_secret_is_in_it(secret: str) -> None:
    assume(len(set(secret)) > 8)
    made = _made(secret)
    assert not [n for n in range(len(secret) - 8) if secret[n : n + 8] in made]


@given(
    st.lists(
        st.text(string.ascii_letters + string.digits, min_size=12, max_size=12),
        min_size=2,
        max_size=40,
        unique=True,
    )
)
@SOME
def test_each_secret_has_its_own(secrets: list[str]) -> None:
    vault = Vault()
    made = [vault.placeholder_for("key", secret) for secret in secrets]
    assert len(set(made)) == len(secrets)
    assert [vault.placeholder_for("key", secret) for secret in secrets] == made


def test_after_the_last_the_first_is_used_again() -> None:
    vault = Vault()
    codes = [f"{n:04}" for n in range(1000, 1120)]
    made = [vault.placeholder_for("code", code) for code in codes]
    assert set(made) == {f"90{n:02}" for n in range(1, 100)}


@pytest.mark.parametrize("around", ['{"id": 7, "t": "%s"}', "/reset/%s/x", "a=1&t=%s", "Bearer %s"])
@given(data=st.data())
@FEW
def test_it_is_aligned_with_the_secret(around: str, data: st.DataObject) -> None:
    letters = string.ascii_letters + string.digits
    secret = "tok_" + data.draw(st.text(letters, min_size=20, max_size=40))
    other = data.draw(st.text(letters, max_size=40))
    made = _made(secret)
    assert list(align_placeholders(around % made, around % other)) == [(made, other)]
    assert [found[0] for found in placeholders_in((around % made).center(3000))] == [made]


_MADE = tuple(map(_made, ("tok_" + "a1B2c3D4" * 2, "tok_" + "a1B2c3D4" * 4, "0f" * 16)))
_WORDS = "Redacted- Redacted redacted_ Reda facade 0000 AAAA- / : = .".split()
_PIECES = st.sampled_from((*_MADE, *_WORDS, " ", "x" * 30))


@MANY
@given(st.lists(_PIECES, min_size=20, max_size=60))
def test_search_around_literals_finds_what_a_whole_search_finds(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = [one.span() for one in placeholders_in(text)]
    assert found == [one.span() for one in PLACEHOLDER.finditer(text)]


@pytest.mark.parametrize("part", ["AAAAA-", "aaaa.", "00000~", "A-", "a:a:", "Redacted-", "%7CA"])
def test_search_for_placeholders_is_not_exponential(part: str) -> None:
    def search(size: int) -> float:
        return min(timeit.repeat(lambda: list(placeholders_in(part * size)), number=1, repeat=5))

    # An exponential search took 22 s for 60 parts; a quadratic one takes nine times as long.
    assert search(60) < 90 * search(20) + 0.01


def test_password_of_the_client_keeps_no_length() -> None:
    vault = Vault()
    assert vault.placeholder_for("password", "Zorb7quibFlaz9mirk") == "Redacted-password-1"
    answered = vault.placeholder_for("password", "Tund7vloxPraw9gnet", is_answer=True)
    assert len(answered) == 18
