"""Values that are made of words, and values that cannot be secrets even under a secret's name.

A word of an API, such as `required` or `client_secret_post`, is no secret, and a wrong lesson from
it would ruin every text that contains it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...patterns import lazy_regex

_LETTERS = r"[^\W\d_]"
_LOWER = r"(?:(?![A-Z])[^\W\d_])"
_PART = rf"(?:[A-Z]?{_LOWER}{{1,24}}+|[A-Z]{{1,24}}+|v?\d{{1,4}}+)"
_WORDS = lazy_regex(rf"{_PART}(?:[-_./:|]{_PART})*+[.!?:…]?")
_SLUG = lazy_regex(r"[A-Z]?[a-z]{1,16}(?:[-_.](?:[A-Z]?[a-z]{1,16}|\d{1,4})){2,}(?:\.[a-z]{2,5})?")
_SINGLE_WORD = lazy_regex(rf"{_LETTERS}{{20,}}")
"""Letters that are too many for one word."""
_MAX_IDENTIFIER = 40
"""Characters. A longer value of words may be a passphrase: it is too special for an identifier."""

_STATES = frozenset(
    "read write admin none null nil undefined true false yes no on off set unset configured "
    "rotated "
    "enabled disabled active inactive required optional missing invalid expired revoked unique "
    "present absent pending approved rejected denied granted allowed forbidden unchanged changed "
    "unknown empty blank hidden visible default automatic manual strict relaxed public private "
    "internal string str text number integer int bool boolean object array list any bytes uuid "
    "date datetime float opaque input output low medium high "
    "strong weak confidence applicable not inherit full maintain triage".split()
)
"""Words for permissions, states, types and errors. A value of only such words is no secret."""
_LABELS = frozenset(
    "passwort kennwort geheimnis schlüssel zugangsschlüssel zugangscode einmalcode sitzung "
    "anmelden eingeben vergessen bestätigen contraseña clave secreto ficha mot passe clé secret "
    "jeton senha segredo chave parola segreto chiave wachtwoord geheim sleutel lösenord hasło "
    "password token key api code secret passcode passphrase pin enter confirm forgot your new old "
    "current repeat change reset show hide otp access de la le el il das der die "
    "パスワード シークレット トークン 密码 秘密 令牌 密钥 "
    "пароль секрет токен ключ 비밀번호 비밀 토큰".split()
)
"""Words of labels in user interfaces. A value of only such words is a translation."""
_REFERENCE = lazy_regex(
    r"\$\{\{?[^{}\r\n]*\}\}?|\$\([^()\r\n]*\)|@Microsoft\.KeyVault\(.*\)"
    r"|(?:env|vault|secret|file|ref|op|aws-sm|gcp-sm|ssm):(?:/{0,2})[A-Za-z_][\w./-]*"
    r"|(?:[A-Za-z_]\w{0,40}\.)*os\.environ(?:\[[^\]]*\]|\.get\([^()]*\))?"
    r"|!(?:secret|env_var|env|ENV|Ref|Sub|GetAtt|ImportValue)(?:[ ]+[\w./:${}-]{1,120})?"
)
"""References to a secret elsewhere: of GitHub Actions, shells, Docker Compose, Azure, Python, and
of tags in YAML."""
_NAME = r"[A-Za-z]+(?:_[A-Za-z0-9]+)*+"
_CODE = lazy_regex(
    rf"(?:(?:await|new|not|const)\s)?{_NAME}(?:\.{_NAME}|\[\s*[\"']?[\w-]+[\"']?\s*\]|\(\s*[^()]{{0,80}}\))++[!;,?]?"
    r"|\(\)\s*=>.*|[A-Z][A-Za-z]{1,30}[!?]|\[?[A-Z][A-Za-z]{1,30}!\]?!?|=\s*\d{1,5};?"
)
"""Expressions of programs, such as `settings.PASSWORD` and `getpass()`, and types of GraphQL."""
_PUBLIC_ID = lazy_regex(r"0x[0-9a-fA-F]{40}|(?!SK)[A-Z]{2}[0-9a-f]{32}|S-1-\d{1,2}(?:-\d{1,10})+")
"""An address of Ethereum; a SID of Twilio, apart from those of API keys; and a SID of Windows."""
_CAMEL_CASE = lazy_regex(r"[A-Z]?[a-z]{2,24}(?:[A-Z][a-z]{1,24}){1,7}(?:\d{1,4}(?:[a-z]{1,2})?)?")
_HUMP = lazy_regex(r"[A-Z]?[a-z]+")
_VOWEL = lazy_regex(r"[aeiouyAEIOUY]")


def is_made_of_words(value: str) -> bool:
    """Whether the value is an identifier made of words, such as `season-pass-gold-2`.

    The words are of letters in one case, apart from a first capital. Numbers of up to four digits
    count as words.
    """
    if len(value) > _MAX_IDENTIFIER or _SINGLE_WORD.fullmatch(value):
        return False
    return _WORDS.fullmatch(value) is not None or _is_camel_case(value)


def is_slug(value: str) -> bool:
    """Whether the value is a title in a URL, of any length: `how-to-verify-an-address-in-2026`."""
    return _SLUG.fullmatch(value) is not None


def _is_camel_case(value: str) -> bool:
    """Whether the value is an identifier such as `statusCodeIsOk`: each of its words has a vowel.

    Random letters rarely have one in each run, and their capitals stand closer together.
    """
    if not _CAMEL_CASE.fullmatch(value):
        return False
    letters = re.split(r"\d", value, maxsplit=1)[0]
    words = _HUMP.findall(letters)
    return len(letters) >= 3 * len(words) and all(map(_VOWEL.search, words))


@lru_cache(maxsize=4096)
def is_no_secret(value: str) -> bool:
    """Whether the value cannot be a secret, whatever its name is: a state, a label, a reference."""
    value = value.strip().rstrip(";")
    if len(value) > 200:
        return False
    if _REFERENCE.fullmatch(value) or _PUBLIC_ID.fullmatch(value):
        return True
    if _CODE.fullmatch(value):
        return not any(len(word) > 24 for word in re.findall(r"\w+", value))
    words = [word.casefold() for word in re.findall(rf"{_LETTERS}+", value)]
    if not words or re.search(r"[^\w\s.!?:;,'’|=-]", value) or re.search(r"\d{2}", value):
        return False
    is_label = not value.isupper() and not value.islower()
    return all(w in _STATES for w in words) or (is_label and all(w in _LABELS for w in words))
