"""Values that stand for a secret already: masks, templates, and placeholders that people write.

`REDACTED`, `ntn_...`, `AUTHORIZATION-XXX`, `<token>`, `***` and `DUMMY_TOKEN` are not secrets. The
project that wrote them compares them, so they stay.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ...patterns import lazy_regex
from .names import secret_kind, split_name
from .vendors import VENDORS

_MAX_LENGTH = 200
"""Characters. A longer value is no placeholder that a person wrote."""
_MASKED = lazy_regex(
    r"(?i)[*x•.#-]+|[\[<({]*(?:redacted|filtered|masked|hidden|removed|scrubbed|omitted)[\]>)}]*"
    r"|\$\{?\w+\}?|\{\{.*\}\}|\$\(.*\)|<[\w -]+>|%\(\w+\)s"
    r"|<\|[\w -]+\|>|</[\w -]+>|\[[A-Z]{3,5}\]"
    r"|(?:[a-z]{1,12}[-_ ])*(?:\.{3,}|…|\*{3,}|•{3,})\w{0,4}"
)
"""Masks; templates such as ${TOKEN}; tokens of language models such as <|end|>; and ntn_... ,
also with the last characters, as dashboards show a key."""
_VERSION = lazy_regex(r"v?\d{1,4}(?:\.\d{1,4}){2,3}")
_CAPITALS = lazy_regex(r"[A-Z]{1,24}(?:[-_][A-Z]{1,24})*[-_]X{3,}")
"""As X-GOOG-API-KEY-XXX."""
_REFERENCE = lazy_regex(
    r"(?:os\.(?:environ|getenv)|process\.env|System\.getenv|getenv|ENV)\b[^;]*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
)
"""Code that reads a variable, and the name of one."""
_MASKING_RUN = lazy_regex(r"\*{3,}|•{3,}|\.{3,}|[xX]{4,}")
_PLAIN = lazy_regex(r"[\w \t.:<>\[\](){}*-]+", re.ASCII)
_OWN_START = "Redacted-"
"""The start of most placeholders of Reprise, which their form identifies exactly."""
_STAND_IN = lazy_regex(
    "redacted|filtered|masked|scrubbed|sanitized|sanitised|censored|anonymi[sz]ed|placeholder"
    "|dummy|fake|mock|mocked|xxx+|your"
)
_DESCRIBING = frozenset(
    "x a an the my your some for here goes own api access refresh auth authorization bearer "
    "basic client user account admin session service secret key token password credential "
    "credentials id jwt cookie header value string test bot app".split()
)


@cache
def _vendor_words() -> frozenset[str]:
    """Return the words in names and prefixes of vendors; most runs do not need them."""
    names = (name for vendor in VENDORS for name in (vendor.rule, *vendor.prefixes))
    return frozenset(word for name in names for word in split_name(name))


@lru_cache(maxsize=4096)
def is_stand_in(value: str) -> bool:
    """Whether a value under a secret's name stands for a secret, and is none itself."""
    if len(value) > _MAX_LENGTH:
        return False
    if _MASKED.fullmatch(value) or _CAPITALS.fullmatch(value) or _is_mostly_masked(value):
        return True
    return _is_reference(value) or _is_described(value)


def _is_reference(value: str) -> bool:
    """Whether a value is code that reads a secret: `os.environ["TOKEN"]`, or `OPENAI_API_KEY`."""
    if not _REFERENCE.fullmatch(value):
        return False
    return not value.isupper() or secret_kind(value) is not None


def is_version(value: str) -> bool:
    """Whether a value is a version, as that of the package PyJWT."""
    return _VERSION.fullmatch(value) is not None


def _is_mostly_masked(value: str) -> bool:
    """Whether at least half of the characters are masked, as in `sk-xxxxxxxx`."""
    masked = sum(map(len, _MASKING_RUN.findall(value)))
    return masked >= 3 and 2 * masked >= len(value)


def _is_described(value: str) -> bool:
    """Whether a value says in words that it is none: `DUMMY`, `fake-api-key`, `OPENAI-KEY-XXX`.

    All other words have to be names of vendors or of kinds of secrets, since a passphrase may
    contain any word.
    """
    if not _PLAIN.fullmatch(value) or _OWN_START in value:
        return False
    words = split_name(value)
    others = [word for word in words if not _STAND_IN.fullmatch(word)]
    return len(others) < len(words) and all(map(_says_nothing, others))


def _says_nothing(word: str) -> bool:
    return word in _DESCRIBING or (word.isdigit() and len(word) <= 3) or word in _vendor_words()
