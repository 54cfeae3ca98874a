"""Properties of the scrubber for any interaction, any secret, any encoding and any place."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import string
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_reprise.errors import Unscrubbed
from pytest_reprise.exchange import Headers, Interaction, Request, Response
from pytest_reprise.scrub.content.compression import decompress
from pytest_reprise.scrub.replace.vault import Vault, is_searchable, is_spread
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.expected import placeholder
from ..harness.strategies import MANY, SOME, Json, bodies, header_values, json_containers, urls

# --- secrets and their encodings --------------------------------------------------------------

_LETTERS = string.ascii_letters + string.digits
_IN_TOKENS = st.text(_LETTERS + "-_", min_size=8, max_size=24)
_IN_PASSWORDS = st.text(_LETTERS + "!#$%&'()*+,-./:;<=>?@[]^_`{|}~\"\\ ", min_size=8, max_size=16)
_IN_WORDS = st.text("abäößéłñ日本語жπ😀0123", min_size=8, max_size=12)
_SURROUNDINGS = "Redacted-password-1 Redacted-value-1 application/json charset http://api.test"


def _is_secret(value: str) -> bool:
    """Whether it is searched for everywhere, and does not occur in the text around it."""
    return is_searchable(value) and value == value.strip() and value not in _SURROUNDINGS


tokens = _IN_TOKENS.filter(_is_secret)
secrets = (tokens | _IN_PASSWORDS | _IN_WORDS).filter(_is_secret)

Encode: TypeAlias = Callable[[str], str]


def _in_base64(before: int, after: int, is_url_safe: bool, is_padded: bool) -> Encode:
    """Encode it with other bytes around, so that it starts anywhere in a base64 group."""

    def encode(value: str) -> str:
        raw = b"\0" * before + value.encode() + b"~" * after
        text = (base64.urlsafe_b64encode if is_url_safe else base64.b64encode)(raw).decode()
        return text if is_padded else text.rstrip("=")

    return encode


def _in_json(is_ascii: bool, times: int) -> Encode:
    def encode(value: str) -> str:
        for _ in range(times):
            value = json.dumps(value, ensure_ascii=is_ascii)[1:-1]
        return value

    return encode


def _in_percent(is_lower: bool, times: int) -> Encode:
    def encode(value: str) -> str:
        for _ in range(times):
            value = quote(value, safe="")
            if is_lower:
                value = re.sub("%..", lambda found: found[0].lower(), value)
        return value

    return encode


_PLAIN: tuple[Encode, ...] = (
    str,
    html.escape,
    lambda value: value.encode().hex(),
    lambda value: value.encode().hex().upper(),
    *(_in_percent(is_lower, times) for is_lower in (True, False) for times in (1, 2)),
    *(_in_json(is_ascii, times) for is_ascii in (True, False) for times in (1, 2)),
)
encodings: st.SearchStrategy[Encode] = st.sampled_from(_PLAIN) | st.builds(
    _in_base64, st.integers(0, 4), st.integers(0, 4), st.booleans(), st.booleans()
)


def _decoded_variants(text: str) -> Iterator[str]:
    """Yield the text as it reads after each decoder of Python's standard library."""
    for once in (text, unquote(text), html.unescape(text), _unescaped(text)):
        yield from (once, unquote(once), _unescaped(once))
    for blob in re.findall(r"[0-9A-Fa-f]{16,}", text):
        yield bytes.fromhex(blob[: len(blob) // 2 * 2]).decode("utf-8", "replace")
    for blob in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
        standard = blob.replace("-", "+").replace("_", "/")
        for part in (standard[start:] for start in range(4)):
            whole = part[: len(part) - (len(part) % 4 == 1)]
            yield base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace")


def _unescaped(text: str) -> str:
    def meant(found: re.Match[str]) -> str:
        return str(json.loads(f'"{found[0]}"'))

    return re.sub(r'(?:\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]', meant, text)


def _texts(interaction: Interaction, charset: str = "utf-8") -> Iterator[str]:
    """Yield all texts of an interaction."""
    outcome = interaction.outcome
    assert isinstance(outcome, Response)
    yield from (interaction.request.url, outcome.reason)
    for message in (interaction.request, outcome):
        yield from (value for _, value in message.headers)
        body = decompress(message.body, message.headers)
        yield message.body.decode("latin-1")
        yield (body or b"").decode(charset, "replace")


def _assert_absent(secret: str, found: Iterable[Interaction], charset: str = "utf-8") -> None:
    for interaction in found:
        for text in _texts(interaction, charset):
            assert not [view for view in _decoded_variants(text) if secret in view], text


# --- interactions with secrets ----------------------------------------------------------------

JSON = (("Content-Type", "application/json"),)
_MEDIA = (
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-ndjson",
    "multipart/form-data; boundary=b",
    "text/event-stream",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
    "application/octet-stream",
    "nonsense",
    "",
)
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "gzip, deflate": lambda body: zlib.compress(gzip.compress(body, mtime=0)),
}
_CHARSETS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1")

_KNOWN_BY_THEMSELVES = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


@dataclass(frozen=True)
class Planted:
    """An interaction that contains a secret, and the charset of its bodies."""

    secret: str
    interaction: Interaction
    charset: str


@st.composite
def _bodies_with(draw: st.DrawFn, text: str, charset: str) -> tuple[Headers, bytes]:
    media, coding = draw(st.sampled_from(_MEDIA)), draw(st.sampled_from(sorted(_CODINGS)))
    media = media if charset in _KNOWN_BY_THEMSELVES else media or "text/plain"
    headers: Headers = (("Content-Type", f"{media}; charset={charset}" if media else media),)
    if coding:
        headers += (("Content-Encoding", coding),)
    return headers, _CODINGS[coding](text.encode(charset))


@st.composite
def _planted(draw: st.DrawFn, values: st.SearchStrategy[str] = secrets) -> Planted:
    secret, encode = draw(values), draw(encodings)
    shown = encode(secret)
    before, after = (draw(st.sampled_from(("", " ", '"', "/", "=", "&", ": ", "\n"))) for _ in "ba")
    text = f"x{before}{shown}{after}y"
    charset = draw(st.sampled_from(_CHARSETS))
    assume(_can_hold(charset, text))
    sent, answered = (draw(_bodies_with(text, charset)) for _ in "sa")
    in_header = shown if shown.isascii() and shown.isprintable() else "none"
    in_url = quote(shown, safe="%") if draw(st.booleans()) else quote(shown, safe="")
    request = Request("POST", f"http://api.test/a/{in_url}?q={in_url}", *sent)
    headers = (*answered[0], ("X-Said", f"so {in_header}!"))
    response = Response(200, in_header, headers, answered[1])
    return Planted(secret, Interaction(request, response), charset)


def _can_hold(charset: str, text: str) -> bool:
    try:
        return text.encode(charset).decode(charset) == text
    except UnicodeError:
        return False


def _learned_from(secret: str) -> Interaction:
    body = json.dumps({"password": secret}).encode()
    return Interaction(Request("GET", "http://api.test/"), Response(200, "", JSON, body))


@given(_planted())
@MANY
def test_known_value_is_replaced_in_any_encoding(planted: Planted) -> None:
    scrubber = Scrubber(Vault([("value", planted.secret)]))
    _assert_absent(planted.secret, scrubber.scrub([planted.interaction]), planted.charset)


@given(_planted(tokens.filter(partial(is_spread, "password"))), st.booleans())
@MANY
def test_learned_value_is_replaced_in_any_encoding(planted: Planted, comes_first: bool) -> None:
    """In either order of the two interactions. Words are only replaced where a rule finds them."""
    both = [_learned_from(planted.secret), planted.interaction]
    scrubbed = Scrubber(Vault()).scrub(both if comes_first else both[::-1])
    shown = scrubbed[1] if comes_first else scrubbed[0]
    _assert_absent(planted.secret, [shown], planted.charset)


@given(_planted())
@MANY
def test_scrubbing_twice_changes_nothing_more(planted: Planted) -> None:
    """By the same scrubber, and by another one for files, which knows no secrets."""
    scrubber = Scrubber(Vault([("value", planted.secret)]))
    once = scrubber.scrub([planted.interaction])
    assert scrubber.scrub(once) == once
    assert scrubber.scrub_again(once) == once
    assert Scrubber(Vault(), from_files=True).scrub(once) == once


# --- JSON -------------------------------------------------------------------------------------

_NAMES = st.sampled_from(
    "password access_token apiKey otp name token_type cvv users key 日本 a\\b".split()
)


@st.composite
def _documents(draw: st.DrawFn, secret: str) -> Json:
    said = st.just(secret) | encodings.map(lambda encode: f"is {encode(secret)}!")
    leaves = said | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
    leaves |= st.builds(json.dumps, json_containers) | said.map(lambda s: json.dumps({"a": s}))
    found: Json = draw(
        st.recursive(
            leaves,
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(_NAMES | said, inner, max_size=3)
            ),
            max_leaves=8,
        )
    )
    return found


@given(st.data(), secrets, st.booleans(), st.sampled_from((None, 1)))
@MANY
def test_json_keeps_its_shape(
    data: st.DataObject, secret: str, is_ascii: bool, indent: int | None
) -> None:
    value = data.draw(_documents(secret))
    body = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
    found = Interaction(
        Request("POST", "http://api.test/", JSON, body), Response(200, "", JSON, body)
    )
    (scrubbed,) = Scrubber(Vault([("value", secret)])).scrub([found])
    assert isinstance(scrubbed.outcome, Response)
    assert scrubbed.request.body == scrubbed.outcome.body
    assert _shape(scrubbed.outcome.body) == _shape(body)
    assert secret not in _texts_of(json.loads(scrubbed.outcome.body))


def _shape(body: bytes) -> object:
    """Return the structure of a document: types, without keys and values."""

    def shape(value: object) -> object:
        if isinstance(value, tuple | list):
            return [type(value), [shape(item) for item in value]]
        return value if value is None else type(value)

    return shape(json.loads(body, object_pairs_hook=lambda pairs: tuple(map(list, pairs))))


def _texts_of(value: Json) -> str:
    if isinstance(value, dict):
        return "\n".join([*value, *map(_texts_of, value.values())])
    if isinstance(value, list):
        return "\n".join(map(_texts_of, value))
    return value if isinstance(value, str) else ""


# --- bodies without secrets -------------------------------------------------------------------

_BENIGN = st.lists(
    st.sampled_from(
        "the order of Ada is open at 10:00 and total 12.50 EUR for 3 items; see /orders?page=2 "
        "<b>bold</b> a,b,c x=1&y=2 name: value token_type: basic {} [] \\n %20 &amp; café 日本 😀 "
        "SGVsbG8gd29ybGQgYWdhaW4= 68656c6c6f20776f726c6421 data: - # \t \r\n \n\n".split(" ")
    ),
    max_size=12,
).map(" ".join)


@given(_BENIGN, st.sampled_from(_MEDIA), st.sampled_from(_CHARSETS), st.sampled_from([*_CODINGS]))
@MANY
def test_body_without_a_secret_keeps_its_bytes(
    text: str, media: str, charset: str, coding: str
) -> None:
    assume(_can_hold(charset, text))
    body = _CODINGS[coding](text.encode(charset))
    headers = (("Content-Type", f"{media}; charset={charset}"), ("Content-Encoding", coding))
    found = Interaction(Request("PUT", "http://api.test/", headers, body), Response(200))
    learned = _learned_from("hunter2-hunter2")
    assert Scrubber(Vault()).scrub([learned, found])[1] == found


# --- broken bodies ----------------------------------------------------------------------------

SECRET = "hunter2-hunter2"
_WITH_SECRET = {
    "json": f'{{"a": [1, {{"password": "{SECRET}", "b": "',
    "form": f"a=b&password={SECRET}&c=",
    "lines": f'{{"a": 1}}\n{{"password": "{SECRET}"}}\n{{"c": ',
    "text": f"a\nPASSWORD={SECRET}\nthe rest ",
    "xml": f"<a><password>{SECRET}</password><b>",
    "event": f'data: {{"password": "{SECRET}"}}\n\ndata: ',
    "csv": f"name,password\r\nada,{SECRET}\r\n",
    "known": f"it is {SECRET}, which ",
}


def _sent(body: bytes, *headers: tuple[str, str]) -> Interaction:
    return Interaction(Request("POST", "http://api.test/", headers, body), Response(200))


def _scrubbed_body(*found: Interaction) -> bytes:
    """Return the scrubbed body of the last one; another interaction teaches the secret."""
    scrubbed = Scrubber(Vault()).scrub([*found, _learned_from(SECRET)])
    return scrubbed[-2].request.body


_ENDS = ("", '"', '"}]}', "\\", "\\u00", "\\ud800", "\x00", "\x7f", "é", "}", "<", "&", "\u2028")


@given(st.sampled_from(sorted(_WITH_SECRET)), st.sampled_from(_MEDIA), st.sampled_from(_ENDS))
@SOME
def test_truncated_text_and_wrong_media_type(kind: str, media: str, end: str) -> None:
    body = (_WITH_SECRET[kind] + end).encode("utf-8", "surrogatepass")
    assert SECRET.encode() not in _scrubbed_body(_sent(body, ("Content-Type", media)))
    for cut in range(3):
        left = _scrubbed_body(_sent(body[: len(body) - cut], ("Content-Type", media)))
        assert SECRET.encode() not in left


@given(
    st.sampled_from(sorted(_WITH_SECRET)),
    st.sampled_from(("utf-16", "utf-32-be", "utf-7", "ascii", "cp1252", "shift_jis", "x", "", "'")),
    st.sampled_from(("é", "\udcff", "日本", "")),
)
@SOME
def test_wrong_charset_in_content_type(kind: str, charset: str, more: str) -> None:
    body = (_WITH_SECRET[kind] + more).encode("utf-8", "surrogateescape")
    media = ("Content-Type", f"application/json; charset={charset}")
    assert SECRET.encode() not in _scrubbed_body(_sent(body, media))


@given(st.sampled_from(sorted(_WITH_SECRET)), st.binary(min_size=1, max_size=8), st.booleans())
@SOME
def test_text_between_binary_data(kind: str, other: bytes, comes_first: bool) -> None:
    """A binary body keeps its length."""
    text = _WITH_SECRET[kind].encode()
    body = b"\0" + other + text if comes_first else text + other + b"\xff\0"
    left = _scrubbed_body(_sent(body, ("Content-Type", "application/octet-stream")))
    assert SECRET.encode() not in left


@given(
    st.sampled_from(sorted(_WITH_SECRET)), st.sampled_from(("gzip", "deflate")), st.integers(1, 20)
)
@SOME
def test_truncated_compressed_body(kind: str, coding: str, cut: int) -> None:
    text = (_WITH_SECRET[kind] + "0123456789" * 9).encode()
    body = _CODINGS[coding](text)[:-cut]
    headers = (("Content-Type", "text/plain"), ("Content-Encoding", coding))
    left = _scrubbed_body(_sent(body, *headers))
    assert SECRET.encode() not in left + (decompress(left, headers) or b"")


@pytest.mark.parametrize("depth", [1, 10, 100, 3000])
@pytest.mark.parametrize("way", ["lists", "objects", "open", "strings"])
def test_deep_document(depth: int, way: str) -> None:
    inner = json.dumps({"password": SECRET})
    if way == "strings":
        for _ in range(min(depth, 10)):
            inner = json.dumps({"a": inner})
    opened, closed = ("[", "]") if way != "objects" else ('{"a":', "}")
    body = opened * depth + inner + closed * (0 if way == "open" else depth)
    assert SECRET.encode() not in _scrubbed_body(_sent(body.encode(), *JSON))


# --- random interactions ----------------------------------------------------------------------

_ANY_CODING = st.sampled_from((*_CODINGS, "br", "zstd", "gzip, br", "identity", "nonsense", ","))
_ANY_MEDIA = st.sampled_from(_MEDIA) | header_values
_ANY_NAME = st.sampled_from(
    "Authorization Cookie Set-Cookie X-Api-Key Location Stripe-Signature Link ETag X-Y".split()
)
_ANY_TEXT = st.text(max_size=40) | _BENIGN | st.sampled_from(sorted(_WITH_SECRET.values()))


@st.composite
def _anything(draw: st.DrawFn) -> Interaction:
    def headers() -> Headers:
        named = draw(st.lists(st.tuples(_ANY_NAME, header_values | _ANY_TEXT), max_size=3))
        coding, media = ("Content-Encoding", draw(_ANY_CODING)), ("Content-Type", draw(_ANY_MEDIA))
        return (*named, coding, media)

    body = st.binary(max_size=60) | bodies | _ANY_TEXT.map(lambda t: t.encode("utf-8", "replace"))
    url = draw(urls | _ANY_TEXT | header_values)
    request = Request(draw(_ANY_TEXT), url, headers(), draw(body))
    return Interaction(request, Response(200, draw(_ANY_TEXT), headers(), draw(body)))


@given(st.lists(_anything(), min_size=1, max_size=2), st.lists(secrets, max_size=2))
@MANY
def test_only_unscrubbed_is_raised(found: list[Interaction], known: list[str]) -> None:
    """The result stays the same if it is scrubbed again."""
    scrubber = Scrubber(Vault(("value", value) for value in known))
    for interaction in found:
        scrubber.learn(interaction)
        scrubber.scrub_request(interaction.request)
    try:
        once = scrubber.scrub(found)
    except Unscrubbed:
        return
    assert scrubber.scrub(once) == once
    assert scrubber.scrub_again(once) == once
    for interaction in once:
        scrubber.find_secrets(interaction)


@given(_ANY_TEXT | header_values, st.lists(secrets, max_size=3))
@MANY
def test_any_text_can_be_shown(text: str, known: list[str]) -> None:
    scrubber = Scrubber(Vault(("value", value) for value in known))
    for show in (scrubber.scrub_text, scrubber.scrub_log, scrubber.scrub_report_text):
        once = show(text)
        assert show(once) == once
        assert not [value for value in known if value in once]


# --- regressions ------------------------------------------------------------------------------

_WORD = "ключ-от-дома"


@pytest.mark.parametrize(
    ("secret", "body", "media"),
    [
        pytest.param(_WORD, quote(json.dumps(_WORD)).encode(), "text/plain", id="JSON in a URL"),
        pytest.param('"q-secret', b'"\\"q-secret"', "text/plain", id="quote at the start"),
        pytest.param("q-secret\\", b'"q-secret\\\\"', "text/plain", id="backslash at the end"),
        pytest.param(
            _WORD, base64.b64encode(b"\xff" + _WORD.encode()), "text/plain", id="UTF-8 amid bytes"
        ),
        pytest.param(_WORD, _WORD.encode() + b"\xd0", "text/plain", id="cut amid a character"),
        pytest.param(_WORD, b"\xff\0" + _WORD.encode(), "image/png", id="UTF-8 in a binary body"),
        pytest.param(SECRET, SECRET.encode("utf-16-le"), "text/plain", id="UTF-16 unnamed"),
        pytest.param(SECRET, f"{SECRET}!".encode(), "a/b; charset=utf-16", id="UTF-16 misnamed"),
        pytest.param(SECRET, SECRET.encode() + b"\xff", "a/b; charset=utf-16", id="in no charset"),
    ],
)
def test_encodings_that_were_once_missed(secret: str, body: bytes, media: str) -> None:
    found = _sent(body, ("Content-Type", media))
    (scrubbed,) = Scrubber(Vault([("value", secret)])).scrub([found])
    _assert_absent(secret, [scrubbed])
    assert secret.encode("utf-16-le") not in scrubbed.request.body
    if body.startswith(b'"'):
        assert json.loads(scrubbed.request.body) == placeholder("value", 1, secret)
    if media == "image/png":
        assert len(scrubbed.request.body) == len(body)


@given(
    value=st.text(string.digits, min_size=9, max_size=15).filter(_is_secret),
    before=st.text(string.digits, max_size=4),
    after=st.text(string.digits, max_size=4),
)
def test_digits_within_a_longer_number_stay(value: str, before: str, after: str) -> None:
    """They are equal to a key of digits by chance: it is replaced only where it stands alone."""
    assume(before or after)
    vault = Vault([("key", value)])
    number = f"{before}{value}{after}"
    for text in (f"id {number}.", f'{{"id":"{number}"}}', f"/items/{number}/x"):
        assert value not in vault.redact_text(text.replace(number, value))
        assert vault.redact_text(text) == text
