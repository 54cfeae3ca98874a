"""Placeholders of tokens: the length, alphabet, case, prefix and separators of the secret stay.

`tok_a81c…` becomes `tok_RedactedToken1AAAA…`, and a key in upper case `REDACTEDKEY1AAAA…`. The
number follows the word and the kind. Letters of one kind fill the rest, so that no scanner takes it
for random, and base64 of it is valid. The kind is left out where it does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ...patterns import lazy_regex
from ..rules.vendors import PREFIX_PATTERN

WORD = "Redacted"
_MIN_MARKED = len(WORD) + 1
"""Letters and digits that the word needs, with a number."""
_MIN_SHORT = 4
"""Letters and digits of the shortest token whose length stays."""
_MIN_PREFIXED = 16
"""Letters and digits in a row that follow a prefix. Fewer may be words of a passphrase."""
_MIN_PART = 3
"""Letters and digits of the shortest part between separators, if the parts differ in length."""
_EARLY = 20
"""Characters of a part that is long enough for the word, though a longer part may follow."""
_SHARE, _SHARE_BEHIND_PREFIX = 0.8, 0.6
"""Share of a part up to which it is used for word, kind and number. Behind a prefix more is filled:
scanners look there for fewer different characters."""

TOKEN = lazy_regex(r"[!-~]{4,20000}|(?:[A-Za-z0-9]{4} ){3}[A-Za-z0-9]{4}")
"""What has a token's form: no blanks and only ASCII, or four groups as `abcd efgh ijkl mnop`."""


@cache
def _vendor_prefix() -> re.Pattern[str]:
    """Return the pattern, which a replay does not need: to compile it takes 1 ms."""
    return re.compile(rf"(?:{PREFIX_PATTERN})(?=.{{8}})")


_PUBLIC = lazy_regex(
    r"v\^1\.1#(?:[A-Za-z]\^\d{1,2}#){1,8}|0x(?=[0-9a-fA-F]{64}\Z)|00D[A-Za-z0-9]{12}!(?=[\w.]{40})"
    r"|[1-9]\d{5,9}\.(?=[\w-]{60})"
    r"|(?:pi|seti|cs_test|cs_live)_[A-Za-z0-9]{6,64}_secret_(?=[A-Za-z0-9]{10})"
    r"|\d{8,10}:AA(?=[\w-]{33})|(?:prod|dev|preview):[a-z0-9-]{3,60}\|eyJ(?=[A-Za-z0-9+/=]{40})"
)
"""Public starts: of eBay, of keys of Ethereum; the organization of Salesforce, the user of Etsy,
the intent of Stripe, the bot of Telegram, and a deployment of Convex."""
_CRYPT = lazy_regex(
    r"\$(?:2[abxy]?\$\d\d\$|[a-z0-9-]{1,12}\$(?:v=\d+\$)?(?:[a-z]{1,8}=\d+(?:,[a-z]=\d+)*\$)?)"
)
"""Algorithm and cost of a password's hash (crypt(5), PHC string format)."""
_WORDS = lazy_regex(
    r"(?:[a-z]{1,8}|[A-Z]{1,8})\d{0,2}(?:[.:]|%3A)"
    r"|(?:(?:[a-z]{1,8}|[A-Z]{1,8})\d{0,2}[-_]){1,3}(?=[A-Za-z0-9]+(?:[.:]|\Z))"
)
"""Prefixes that no vendor documents, as in `acme_live_…`. Base64url may begin so by chance: hence
only letters and digits follow a hyphen."""
_WORD_OF_VENDOR = lazy_regex(r"(?<=[-_])[a-z]{2,9}\d{0,2}[-_]")
"""A word behind a vendor's prefix, as in `tskey-auth-…` and `pylf_v1_us_…`."""
_OPAQUE_RUN = lazy_regex(rf"(?=[A-Za-z]*[0-9]|[A-Z0-9]*[a-z]+[A-Z])[A-Za-z0-9]{{{_MIN_PREFIXED},}}")
_NODE = lazy_regex(r"(?<=[0-9A-F]{32})\.[a-z][\w-]{0,20}$")
_SUFFIX = lazy_regex(
    rf"={{1,2}}$|{_NODE.pattern}|(?<=[0-9a-f]{{16}})-us\d\d?$|(?<=[0-9a-z]{{32}})-X$"
)
"""Padding, the node in a session of Tomcat, a data centre of Mailchimp, the end of keys of
Flutterwave."""
_STRONG = lazy_regex(r"([.:|~]|%[0-9A-F]{2}|_secret_)")
"""What always separates parts. The word is in client secrets of Stripe."""
_WEAK = lazy_regex(r"([-_ ])")
_UUID = lazy_regex(r"(?i)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_SIGN = lazy_regex(r"[!@#$%^&*]")
"""What rules for passwords ask for, beside letters and digits."""
_LAST_FILLED = lazy_regex(r"(?<=[Aa0-9])[Aa]$")
HEX = lazy_regex(r"(?=.*[0-9])(?=.*[A-Fa-f])[0-9A-Fa-f]{16,}")
_BASE32 = lazy_regex(r"[A-Z2-7]+|[a-z2-7]{32,}")
_LETTERS = "bcdefghijklmnopqrstuvwxyz"


class _Part(NamedTuple):
    """A part of a token; a separator is kept."""

    text: str
    is_kept: bool = False


def make_token(kind: str, number: int, value: str) -> str | None:
    """Return a placeholder of a token's form, or None where nothing of a token is in the value."""
    prefix, body, suffix = _split(kind, value)
    is_hash = _CRYPT.fullmatch(prefix) is not None
    # The signature of a JWT is base64url, in which hyphens separate nothing.
    parts = [_Part(body)] if kind == "jwt" else list((_parts_of_hash if is_hash else _parts)(body))
    texts = _marked_texts(parts, kind, number, bool(prefix))
    if not texts:
        return None
    made = prefix + "".join(texts) + suffix
    return _with_sign(made) if kind == "password" and _SIGN.search(body) else made


def _with_sign(placeholder: str) -> str:
    """Put a sign in the place of the last filled letter, since a test may ask for one."""
    return _LAST_FILLED.sub("!", placeholder)


def make_uuid(number: int, value: str) -> str:
    """Keep the version and the variant (RFC 9562), which clients may check."""
    made = f"facade00-0000-{value[14]}000-{value[19]}000-{number:012}"
    return made.upper() if value.upper() == value else made


def make_hex(number: int, value: str) -> str:
    made = f"facade{number:0{len(value) - 6}}"
    return made.upper() if value.isupper() else made


# --- parts ------------------------------------------------------------------------------------


def _split(kind: str, value: str) -> tuple[str, str, str]:
    """Return prefix, body and suffix.

    A password has no prefix: its start is a part of it. Nor has the signature of a JWT, which is
    random. A claim of a JWT is an id, as `user-4711`.
    """
    if kind == "jwt":
        return "", value, ""
    found = _SUFFIX.search(value)
    suffix = found[0] if found else ""
    rest = value.removesuffix(suffix)
    start = 0
    if kind != "password":
        public = _PUBLIC.match(rest) or _CRYPT.match(rest) or _vendor_prefix().match(rest)
        start = public.end() if public else 0
        words = (_WORD_OF_VENDOR if public else _WORDS).match(rest, start)
        if words and (kind == "claim" or _OPAQUE_RUN.search(rest, words.end())):
            start = words.end()
    return rest[:start], rest[start:], suffix


def _parts(body: str) -> Iterator[_Part]:
    for n, text in enumerate(_STRONG.split(body)):
        if n % 2 or not text:
            yield _Part(text, is_kept=True)
        elif _UUID.search(text):
            yield from (_Part(each) for each in _UUID.split(text) if each)
        else:
            yield from _parts_between(text)


def _parts_between(text: str) -> Iterator[_Part]:
    """Yield the parts that a hyphen separates, unless hyphens are a part of the alphabet.

    In base64url they stand anywhere; separators make parts of equal length, or of 3 or more.
    """
    pieces = _WEAK.split(text)
    sizes = {len(piece) for piece in pieces[::2]}
    is_regular = min(sizes) >= _MIN_PART or (len(sizes) == 1 and min(sizes) > 1)
    if len(set(pieces[1::2])) == 1 and is_regular and all(map(str.isalnum, pieces[::2])):
        yield from (_Part(each, n % 2 == 1) for n, each in enumerate(pieces))
    else:
        yield _Part(text)


def _parts_of_hash(body: str) -> Iterator[_Part]:
    for text in filter(None, re.split(r"(\$)", body)):
        yield _Part(text, text == "$")


# --- word, kind and number --------------------------------------------------------------------


def _marked_texts(parts: list[_Part], kind: str, number: int, has_prefix: bool) -> list[str]:
    """Return the texts of the placeholder: the word in one part, or in all of them together."""
    if at := _place_of_word(parts):
        marked = at[0]
        texts = [part.text if part.is_kept else _filled(part.text) for part in parts]
        texts[marked] = _marked(parts[marked].text, kind, number, has_prefix)
        return texts
    if _cuts_word(parts):
        parts = [_Part("".join(part.text for part in parts))]
    together = "".join(part.text for part in parts if not part.is_kept)
    if len(together) < _MIN_SHORT or not re.search("[A-Za-z]", together):
        return []
    letters = iter(_marked(together, "", number, has_prefix))
    return [
        part.text if part.is_kept else "".join(next(letters) for _ in part.text) for part in parts
    ]


def _cuts_word(parts: list[_Part]) -> bool:
    """Whether a weak separator stands in the first letters, by which the word is recognised."""
    is_weak = all(not part.is_kept or _WEAK.fullmatch(part.text) for part in parts)
    return len(parts) > 1 and is_weak and len(parts[0].text) < _MIN_SHORT


def _place_of_word(parts: list[_Part]) -> list[int]:
    """Return the position of the part for the word, or nothing."""
    sizes = {
        n: len(part.text)
        for n, part in enumerate(parts)
        if not part.is_kept and len(part.text) >= _min_marked(part.text) and not part.text.isdigit()
    }
    early = [n for n, size in sizes.items() if size >= _EARLY]
    return early[:1] or sorted(sizes, key=lambda n: -sizes[n])[:1]


def _marked(text: str, kind: str, number: int, has_prefix: bool) -> str:
    """Return word, kind and number in the alphabet of the text, filled to its length."""
    if _UUID.fullmatch(text):
        return make_uuid(number, text)
    if HEX.fullmatch(text):
        return make_hex(number, text)
    size, has_digits = len(text), _has_digits(text)
    if size < _min_marked(text):
        return _short(text, number)
    room = size - len(WORD) - (0 if has_digits else 1)
    number = (number - 1) % _count(room, has_digits) + 1
    ordinal = str(number) if has_digits else f"X{_in_letters(number)}"
    named = WORD + "".join(filter(str.isalpha, kind)).capitalize() + ordinal
    share = _SHARE_BEHIND_PREFIX if has_prefix else _SHARE
    word = named if len(named) <= share * size else WORD + ordinal
    return _in_case(word, text).ljust(size, _filling(text))


def _min_marked(text: str) -> int:
    """Return how many characters the word needs: a number in letters has one more."""
    return _MIN_MARKED + (not _has_digits(text))


def _count(room: int, has_digits: bool) -> int:
    """Return how many numbers there are for so many characters; the next is the first again."""
    digits = min(max(room, 1), 6)
    return int(10**digits - 1) if has_digits else int(25**digits)


def _short(text: str, number: int) -> str:
    """Return `R001`, or `RXAB` in letters: below 6 characters and in letters it is recognised only
    where a secret belongs."""
    size = len(text)
    if _has_digits(text):
        return _in_case(f"R{(number - 1) % 99 + 1:0{size - 1}}", text)
    letters = _in_letters((number - 1) % 25 + 1)
    return _in_case("RX" + letters.rjust(size - 2, "a"), text)


def _has_digits(text: str) -> bool:
    """Whether numbers may be written in digits: base32 (RFC 4648) has not all of them."""
    return any(map(str.isdigit, text)) and not _BASE32.fullmatch(text)


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters


def _in_case(word: str, text: str) -> str:
    if not re.search("[A-Z]", text):
        return word.lower()
    return word if re.search("[a-z]", text) else word.upper()


def _filled(text: str) -> str:
    return _filling(text) * len(text)


def _filling(text: str) -> str:
    if re.search("[A-Z]", text):
        return "A"
    return "a" if re.search("[a-z]", text) else "0"


# --- recognition ------------------------------------------------------------------------------

_SEPARATOR = "[-_.]"
_FILL = "(?:A+|a+|0+)"


def _spread(word: str) -> str:
    """Return a pattern of a word that separators may interrupt behind the fourth letter."""
    return word[:4] + "".join(f"{_SEPARATOR}?{letter}" for letter in word[4:])


def _core(word: str, kind: str, first: str, letters: str, fill: str) -> str:
    rest = (
        rf"(?:{_SEPARATOR}?[0-9])+{fill}*|{_SEPARATOR}?{first}(?:{_SEPARATOR}?[{letters}])+{fill}*"
    )
    return rf"{word}{kind}(?:[0-9]+|{first}[{letters}]+){fill}*|{_spread(word)}(?:{rest})"


CORE_PATTERN = "|".join(
    (
        _core(WORD, "(?:[A-Z][a-z]+?)?", "X", "b-z", "A"),
        _core(WORD.upper(), "[A-Z]*?", "X", "B-Z", "A"),
        _core(WORD.lower(), "[a-z]*?", "x", "b-z", "a"),
    )
)
"""Regular expression of word, kind, number and filling."""
NOT_BEFORE = r"(?:(?<![A-Za-z0-9%])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf]))"
"""Regular expression of the start of a word: an escape of a URL or of JSON ends the word before."""
PREFIX_OF_PLACEHOLDER = (
    rf"(?:{NOT_BEFORE}"
    r"(?:(?:pi|seti|cs_test|cs_live)_[A-Za-z0-9]{6,64}_secret_|access_token\$\w{1,16}\$|1//0|4/0A|eyJ0eXAiOiAiVENWMiJ9\.|\$[\w=,$-]{2,48}\$"
    r"|(?:[A-Za-z]{1,2}|[0-9]{8,10}|A++|a++|0++)(?::|%3A)"
    # The lookahead and the possessive repetition leave one way to match a part, else this would
    # take exponential time.
    r"|(?=[A-Za-z0-9]{0,11}(?:A*+|a*+|0*+)(?:[-_.|~]|%7C))[A-Za-z0-9]++(?:[-_.|~]|%7C)){0,9}[A-Za-z0-9]{0,10}?"
    r"|(?=[Rr][Ee]))"
)
"""What may come before the word: a prefix, and parts that are filled."""
SUFFIX_OF_PLACEHOLDER = (
    rf"(?:(?:(?:[-_.:|~$]{{1,2}}|%(?:7C|3A|2F|2B))(?:secret_)?{_FILL}(?![A-Za-z0-9]))+"
    r"|-us[0-9]{1,2}|-X(?![A-Za-z0-9])|(?<=[Aa])!)?"
    r"(?:={1,2}|(?:%3[Dd]){1,2}|(?:(?:/|%2F)[\w-]+){3}(?:/|%2F)(?:aws4|goog4)_request)?"
)
LITERALS = (WORD[:4], WORD.upper()[:4], WORD.lower()[:4])
SHORT_PATTERN = rf"{NOT_BEFORE}[Rr]0{{3,5}}[0-9]{{2}}(?![0-9A-Za-z])"
"""Regular expression of a token of 6 to 8 characters in any text."""
_SHORT = lazy_regex(r"[Rr]0*[0-9]{1,2}|RXa*[b-z]|RXA*[B-Z]|rxa*[b-z]")
_CORE = lazy_regex(CORE_PATTERN)
_CORE_OF_TOKEN = lazy_regex(
    rf"{CORE_PATTERN}|(?:facade|FACADE)0{{2,}}(?:-[0-9a-fA-F]+){{0,4}}[0-9]+"
)
_BETWEEN = lazy_regex("%[0-9A-Fa-f]{2}|[^A-Za-z0-9]+")
_BEFORE_WORD = lazy_regex(rf"[A-Za-z0-9]{{0,10}}?{_FILL}?")
_AFTER_WORD = lazy_regex(rf"{_FILL}?|secret|us[0-9]{{1,2}}|X")


def is_token_placeholder(value: str) -> bool:
    """Whether a value is a placeholder of a token: the word, and else only a prefix and filling."""
    public, suffix = _PUBLIC.match(value), _NODE.search(value)
    value = value[public.end() if public else 0 : suffix.start() if suffix else None]
    found = _CORE_OF_TOKEN.search(value)
    if found is None or not TOKEN.fullmatch(value):
        return False
    before = _BETWEEN.split(value[: found.start()])
    after = _BETWEEN.split(value[found.end() :])
    return all(map(_BEFORE_WORD.fullmatch, before)) and all(map(_AFTER_WORD.fullmatch, after))


def is_spread_placeholder(value: str) -> bool:
    """Whether a value is a placeholder of few characters, given that a secret belongs there."""
    if len(value) > 40:
        return False
    letters = _BETWEEN.sub("", value)
    if _CORE.fullmatch(letters):
        return True
    return len(letters) >= _MIN_SHORT and _SHORT.fullmatch(letters) is not None
