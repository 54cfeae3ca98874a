"""The table of placeholder forms: what holds for every row."""

from __future__ import annotations

import base64
import json
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.replace.forms import FORMS, Form
from pytest_reprise.scrub.replace.placeholders import (
    PLACEHOLDER,
    fit_to_size,
    form_of,
    identity_of,
    is_placeholder,
    is_whole_placeholder,
    may_be_cut_placeholder,
    replace_placeholders,
)
from pytest_reprise.scrub.replace.structures import structure_of
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.rules.checks import make_iban, with_luhn_digit
from pytest_reprise.scrub.rules.vendors import VENDORS
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.strategies import SOME

_ALPHANUMERIC = string.ascii_letters + string.digits


def _digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=least, max_size=most)


def _grouped(number: str, separator: str) -> str:
    return separator.join(number[n : n + 4] for n in range(0, len(number), 4))


def _hexadecimal(least: int, most: int) -> st.SearchStrategy[str]:
    return st.sampled_from(("0123456789abcdef", "0123456789ABCDEF")).flatmap(
        lambda alphabet: st.text(alphabet, min_size=least, max_size=most)
    )


_SEPARATORS = st.sampled_from(("", " ", "-"))
_VALUES: dict[str, st.SearchStrategy[str]] = {
    "iban": st.builds(make_iban, st.just("DE"), _digits(18, 18))
    | st.builds(lambda n: make_iban("GB", _grouped(f"NWBK{n}", " ")), _digits(14, 14)),
    "uuid": st.uuids().map(str) | st.uuids().map(lambda value: str(value).upper()),
    "hex": _hexadecimal(16, 64),
    "card": st.builds(
        lambda start, rest, separator: _grouped(with_luhn_digit(start + rest), separator),
        st.sampled_from(("4", "51")).map(lambda start: start.ljust(2, "0")),
        _digits(13, 13),
        _SEPARATORS,
    ),
    "digits": _digits(3, 12) | st.from_regex(r"[1-6]\d\d-\d\d-\d{4}", fullmatch=True),
    "email": st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.[a-z]{2,3}", fullmatch=True),
    "phone": st.from_regex(r"\+[1-9][0-9] [0-9]{2,3} [0-9]{6,7}", fullmatch=True),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "ulid": st.from_regex(r"01[0-9A-HJKMNP-TV-Z]{24}", fullmatch=True),
    "token": st.builds(
        str.__add__,
        st.sampled_from([prefix for vendor in VENDORS for prefix in vendor.prefixes]),
        st.text(_ALPHANUMERIC, min_size=12, max_size=40),
    )
    | st.binary(min_size=25, max_size=60).map(lambda b: base64.b64encode(b).decode())
    | st.binary(min_size=16, max_size=64).map(lambda b: base64.urlsafe_b64encode(b).decode()),
    "text": st.text(min_size=1, max_size=30),
}
_KINDS = st.sampled_from(("token", "password", "key", "code", "session"))
_MADE = [form for form in FORMS if form.name in _VALUES]
_BY_FORM = pytest.mark.parametrize("form", _MADE, ids=lambda form: form.name)
_ONLY_RECOGNISED = {
    "jwt": (
        "IHsiYWxnIjoiSFMyNTYifQ.IHsic3ViIjoiUmVkYWN0ZWQtand0LTEifQ.Redacted-jwt-1",
        "IHsiYWxnIjoiSFMyNTYifQ.IHsic3ViIjoiYSJ9.RedactedJwt12AAAAAAAA",
    ),
    "short token": ("R00001", "r0000012"),
    "vendor token of earlier versions": ("ghp_Redacted_token_1", "AKIARedacted_key_12"),
    "base64 of a placeholder": ("UmVkYWN0ZWRUb2tlbjFBQUE=", "cmVkYWN0ZWQx"),
}
_EARLIER = (
    "Redacted-token-1",
    "Redacted-password-123",
    "RedactedKey1AAAAAAAAAAAAAAAAAAAAAAAA=",
    "facade0000000001",
    "FACADE0000000012",
    "facade00-0000-4000-8000-000000000001",
    "redacted-1@example.com",
    "000-00-0001",
    *(each for samples in _ONLY_RECOGNISED.values() for each in samples),
)
"""Placeholders of cassettes that earlier versions wrote, which no version writes again."""


def _values(form: Form) -> st.SearchStrategy[str]:
    """Values of this form that no earlier row of the table takes, and that have no structure."""

    def has_form(value: str) -> bool:
        return form_of(value) is form and structure_of(value) is None and not is_placeholder(value)

    return _VALUES[form.name].filter(has_form)


def _ordinals(form: Form) -> st.SearchStrategy[int]:
    """Three digits have room for nine placeholders, and four letters for 25."""
    return st.integers(1, 9 if form.is_counted_by_length or form.name == "token" else 999)


def test_every_form_is_tested() -> None:
    others = [form.name for form in FORMS if form not in _MADE]
    assert ([form.name for form in _MADE], others) == (list(_VALUES), list(_ONLY_RECOGNISED))


@pytest.mark.parametrize("placeholder", _EARLIER)
def test_placeholder_of_an_earlier_version(placeholder: str) -> None:
    assert is_whole_placeholder(placeholder)
    for before, after in (
        ("", ""),
        ('{"a": "', '"}'),
        ("a ", " b"),
        ("x=", "&y=1"),
        ("%2F", "%20"),
    ):
        text = f"{before}{placeholder}{after}"
        assert replace_placeholders(text, lambda found: f"<{found}>") == (
            f"{before}<{placeholder}>{after}"
        )
        long = text.center(2000)
        assert replace_placeholders(long, lambda _: "") == f"{before}{after}".join(long.split(text))
    assert Vault().placeholder_for("token", placeholder) == placeholder


@pytest.mark.parametrize("short", ["000001", "007", "0012", "900001", "R001", "reda-ct-ed1a"])
def test_short_placeholder_is_recognised_where_a_secret_belongs(short: str) -> None:
    assert is_placeholder(short)


@_BY_FORM
@given(data=st.data())
@SOME
def test_placeholder_is_recognised_again(form: Form, data: st.DataObject) -> None:
    made = form.make(data.draw(_KINDS), data.draw(_ordinals(form)), data.draw(_values(form)))
    assert is_placeholder(made)
    if not PLACEHOLDER.fullmatch(made):
        assert form.matches_candidate
        assert form.matches_candidate(made)
        return
    for before, after in (("", ""), ('"', '"'), ("a ", " b"), ("x=", "&y=1"), ("/", "/")):
        text = f"{before}{made}{after}"
        assert replace_placeholders(text, lambda found: f"<{found}>") == f"{before}<{made}>{after}"


@_BY_FORM
@given(data=st.data())
@SOME
def test_other_ordinals_make_other_placeholders(form: Form, data: st.DataObject) -> None:
    kind, value = data.draw(_KINDS), data.draw(_values(form))
    ordinals = data.draw(st.lists(_ordinals(form), unique=True, max_size=9))
    made = [form.make(kind, ordinal, value) for ordinal in ordinals]
    assert len(set(made)) == len({identity_of(one) for one in made}) == len(ordinals)


@_BY_FORM
@given(data=st.data())
@SOME
def test_scrubbed_placeholder_stays(form: Form, data: st.DataObject) -> None:
    """Under a secret's name, by a scrubber of files, which knows nothing of the first run."""
    made = form.make(data.draw(_KINDS), data.draw(_ordinals(form)), data.draw(_values(form)))
    body = json.dumps({"password": made}).encode()
    headers = (("Content-Type", "application/json"), ("X-Api-Key", made))
    found = Interaction(Request("POST", "http://api.test/", headers, body), Response(200))
    assert Scrubber(Vault(), from_files=True).scrub([found]) == (found,)
    if is_whole_placeholder(made):
        assert Vault().placeholder_for("password", made) == made
        assert Scrubber(Vault()).scrub([found]) == (found,)


@pytest.mark.parametrize(
    "form", [form for form in _MADE if form.starts_if_cut], ids=lambda form: form.name
)
@given(data=st.data())
@SOME
def test_cut_placeholder_is_recognised_by_its_start(form: Form, data: st.DataObject) -> None:
    made = form.make("token", 1, data.draw(_values(form)))
    assume(made.startswith(form.starts_if_cut))
    cut = fit_to_size(made, data.draw(st.integers(8, 40))).decode()
    assert may_be_cut_placeholder(cut)
