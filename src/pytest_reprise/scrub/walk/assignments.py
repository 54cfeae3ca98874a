"""Visit the candidates that plain text assigns to a name.

Forms: NAME=VALUE, NAME: VALUE, "name":"value" of any language, "password is X". The rules are
`assignment` and `sentence`. A value that belongs to no secret's name may contain assignments too,
so only the values of secrets are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ...patterns import lazy_regex
from ..rules.names import has_weak_head, min_opaque_length
from ..rules.ruleset import Rules
from ..rules.words import is_made_of_words, is_no_secret
from .anchors import Anchors, lowered, numbers_of_texts_at
from .candidates import Walk, is_opaque_secret
from .codes import visit_codes
from .commands import visit_commands, without_closing_brackets
from .credentials import (
    is_credentials_name,
    is_pair_name,
    is_user_info_name,
    visit_credentials,
    visit_encoded_pair,
    visit_user_info,
)
from .manifests import visit_manifest
from .tables import visit_aligned_tables, visit_inserts

_OTHER_HINTS = (
    *"identified --user sqlplus oracle: mysql redis-cli curl hdbsql :5432: :*:".split(),
    *(" on >", "kty", "grant_type", "sensitive", "masked", "wifi:", " to log", " to sign"),
)
"""What commands without a secret's name contain, and documents whose kind tells a secret."""
_SIGN = lazy_regex(
    r"[=:|]|[\"'`],|%3D|&gt;|\s(?:is|was)\s|[a-zA-Z`*][ \t]{1,8}[\"'`]?\S*\d"
    r"|, [\"']"
)
"""What the patterns below have between name and value. It is searched for before they run."""
_LINE = lazy_regex(
    r"^(?P<before>[ \t>*-]*(?:export |set )?[\"']?)"
    r"(?P<name>[A-Za-z_][\w.-]*(?:\\[:=][\w.-]*)*(?: [\w.-]+){0,3}?)"
    r"(?P<sign>[\"']?[ \t]*(?:=|::?)[ \t]*)"
    r"(?P<value>(?:\{[A-Z0-9]+\}|[^\s{\[|>!&=:])[^\r\n]*)(?=\r?$)",
    re.MULTILINE,
)
"""A line that is one assignment, as in YAML or a .env file."""
_HEAD = lazy_regex(
    r"(?:(?<![\w.\]])|(?<=%[0-9A-Fa-f]{2}))(?P<name>[A-Za-z_][\w.-]{0,60}+(?:\[[\w.-]{0,40}\]){0,4}+)"
    r"(?P<sign>(?P<closing>\]|\\{0,4}[\"'`]\]?+|&quot;|&\#(?:x27|39|34);)?+[ \t]{0,8}+"
    r"(?:=>|:=|\?=|(?:=|%3D)(?!=)|:[ ]?[&*]?[A-Za-z][\w<>\[\].?| ]{0,30}?=(?=[ ]?[\"'])|:|,|&gt;)"
    r"(?:[ \t]|[\r\n](?=[ \t]*[\"']))*+)",
    re.MULTILINE,
)
"""A name and the sign of an assignment, anywhere in a text. A type may stand before the sign, as in
Rust, TypeScript and Swift."""
_ESCAPED_END = lazy_regex(r"%(?:25)?(?:26|23|22|27|3B)")
"""What ends a value in a query that is escaped as a whole."""
_HEAD_REST = lazy_regex(
    r"[\w.-]{0,61}+(?:[\[\]][\w.\[\]-]{0,170}+)?+(?:\\{0,4}[\"'`]\]?+|&quot;|&\#(?:x27|39|34);)?+"
    r"[ \t]{0,8}+(?:[=:,]|\?=|%3D|&gt;)"
)
"""What _HEAD matches from a place in the name on, and more. Most hints in prose fail it."""
_NAME_BEFORE = lazy_regex(r"[\w.\[\]-]*+")
_NAME_START = lazy_regex(r"(?:(?<![\w.\]])|(?<=%[0-9A-Fa-f]{2}))[A-Za-z_]")
_LONGEST_NAME = 230
"""Characters that a name in _HEAD can have, rounded up."""
_ENDS = lazy_regex(r"[&;\r\n]|%26|\Z")
"""What is behind the sign of an assignment without a value, as a suite without secrets sends."""
_QUOTED = lazy_regex(
    r"(?P<prefix>[NbruL]?)(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\r\n])*+)", re.DOTALL
)
_ESCAPED_QUOTE = lazy_regex(
    r"(?P<prefix>)(?P<quote>\\{1,4}[\"'`]|&quot;|&\#(?:x27|39|34);)"
    r"(?P<value>(?:(?!(?P=quote))[^\r\n])*+)"
)
_BARE = lazy_regex(
    r"(?P<prefix>[{]?)"
    r"(?P<value>(?:\$\{[^{}\s]{1,200}\}|\$\([^()\r\n]{1,200}\)|[A-Za-z_][\w.]{0,60}\([^()\r\n]{0,80}\))(?!\S)"
    r"|[^\s\"'`<>&;,|\\(){}\[\]]++)"
)
"""A value without quotes. References to variables and calls are taken whole, since they are no
secrets, while a part of them may look like one."""
_ENVIRONMENT_VARIABLE = lazy_regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_VARIABLE = lazy_regex(r"[a-z_]{1,24}(?:\.[a-z_]{1,24})*")
"""What is a variable of a program where a bracket or comma follows: `login(password=password)`."""
_ENTITY_END = lazy_regex(r"(?P<prefix>)(?P<value>[^&<>]++)(?=&lt;/)")
_PROSE = lazy_regex(r"[A-Za-z]?[a-z]+(?: [a-z]+)+[.!]?")
"""What a sentence has behind a colon: `invalid api key: prefix unknown`."""
_INNER_QUOTES = lazy_regex(r"(\\+[\"'])(?P<value>[^\"'\\]+)\1")
"""A string in a string, as Gradle writes it."""
_SAS_PARAMETER = lazy_regex(r"s[a-z]{1,2}=[\w:.%-]{1,40}")
"""The first parameter of `SharedAccessSignature=sv=…&sp=…&sig=…`, in connections to Azure."""
_URL_PASSWORD = lazy_regex(
    r"(?P<before>[A-Za-z][\w+.-]{0,20}://[^\s/:@]*:)(?P<secret>[^\s@/]+)(?P<after>@[\w\[][^\s]*)"
)
_SCHEME = lazy_regex(r"(?:Bearer|Basic|Token) \S{8,}\Z")
"""Credentials with a scheme, under a name such as `token`."""
_OPENING = ('"""', "'''", "|", ">", "|-", ">-")
"""What begins a value of several lines in TOML and YAML."""
_ORDINAL = lazy_regex(r"\d{1,3}[ ]?(?:;|\[[^\]\r\n]*\];?)?")
"""The number of a field, as in `string password = 1;` of protobuf."""
_MIN_KEY = 24
"""Characters of an opaque value that is a key under the name `key`, as in rclone.conf."""
_SENTENCE = lazy_regex(
    r"\b(?P<name>(?:(?:api|access|secret|private|session|auth|recovery|backup|verification)[ _-]?"
    r"(?:key|token|code|id))|password|passwd|pwd|passcode|passphrase|secret|token|otp|ssn|cvv|pin|pw)"
    r"(?P<sign>\b[\"'`*]{0,3}\s*(?:(?:(?:is|was)(?:\s+now)?\s*:?|:)\s+|=(?:[ \t]*\r?\n)?[ \t]+)"
    r"[\"'`*]{0,3})"
    r"(?P<value>[^\s\"'`<>,;]+)",
    re.IGNORECASE,
)
"""A secret in prose. It may be in the next line; after `=` only if that line is indented."""
_SENTENCE_STARTS = Anchors(
    "pass pwd pw secret token otp ssn cvv pin api access private session auth recovery backup "
    "verification".split()
)
"""Each match of _SENTENCE begins with one of them."""
_END_OF_SENTENCE = ".!?)*:"
_PASSWORD_LIKE = lazy_regex(
    r"(?=.*\d)[^\s]{4,}|(?=.*[a-z])(?=.*[!@#$%^&+=?]).{6,}|[a-z]+[A-Z]\w{4,}"
)
"""A word in a sentence that is more likely a secret than a word of the language."""


def may_hold_assignments(text: str, rules: Rules) -> bool:
    """Return whether `visit_assignments` can find a candidate; for most texts it cannot."""
    return has_hint(text, rules) and _SIGN.search(text) is not None


def texts_with_assignments(texts: Sequence[str], rules: Rules) -> list[int]:
    """Return the numbers of the texts for which `may_hold_assignments` is true.

    One search over all texts takes a tenth of the time of one in each.
    """
    places = _anchors((*rules.hints, *_OTHER_HINTS)).positions_in(lowered("\n".join(texts)))
    numbers = numbers_of_texts_at(places, texts) if places else ()
    return [number for number in numbers if _SIGN.search(texts[number])]


def has_hint(text: str, rules: Rules) -> bool:
    """Return whether the text contains a part of a secret's name, or of a command with one."""
    return _anchors((*rules.hints, *_OTHER_HINTS)).is_in(lowered(text))


_anchors = lru_cache(maxsize=16)(Anchors)


def _positions_of_hints(text: str, rules: Rules) -> list[int]:
    return _anchors(rules.hints).positions_in(lowered(text))


def visit_assignments(text: str, walk: Walk) -> str:
    """Return the text with its candidates replaced."""
    if not may_hold_assignments(text, walk.rules):
        return text
    text = visit_inserts(visit_aligned_tables(visit_manifest(text, walk), walk), walk)
    hints = _positions_of_hints(text, walk.rules)
    visited = _visit_lines(text, hints, walk)
    if visited is not text:
        hints = _positions_of_hints(visited, walk.rules)
    text = visit_codes(visit_commands(_visit_heads(visited, hints, walk), walk), walk)
    return _visit_sentences(text, walk)


def visit_named_value(
    name: str, kind: str, value: str, rule: str, walk: Walk, depends_on_value: bool = False
) -> str:
    """Visit the value of a secret's name, and keep the structure that the value may have.

    Credentials keep their scheme, and of a connection string only the secret parts are replaced.
    """
    if is_credentials_name(name):
        return visit_credentials(name.lower(), value, walk)
    if kind == "signature" and _SAS_PARAMETER.fullmatch(value):
        return value
    if url := _URL_PASSWORD.fullmatch(value):
        password = walk.replace_recognised("password", url["secret"], "url-password")
        return f"{url['before']}{password}{url['after']}"
    if is_user_info_name(name) and ":" in value:
        return visit_user_info(name, value, walk)
    if is_pair_name(name) and (visited := visit_encoded_pair(name, value, walk)) is not None:
        return visited
    if _has_pairs(value):
        visited = _visit_heads(value, _positions_of_hints(value, walk.rules), walk)
        if visited != value:
            return visited
    if _SCHEME.match(value):
        return visit_credentials(name, value, walk)
    return walk.replace_named(name, kind, value, rule, has_weak_head(name), depends_on_value)


def has_structure(name: str, value: str) -> bool:
    """Whether a value may consist of parts, of which `visit_named_value` replaces some only."""
    has_parts = _has_pairs(value) or _SCHEME.match(value) is not None
    has_parts = has_parts or _URL_PASSWORD.fullmatch(value) is not None
    is_named = is_credentials_name(name) or is_pair_name(name) or is_user_info_name(name)
    return has_parts or is_named


def _has_pairs(value: str) -> bool:
    return "=" in value and (";" in value or "&" in value)


def _visit_lines(text: str, hints: list[int], walk: Walk) -> str:
    """Visit the lines that are one assignment as a whole; `hints` are positions in the text."""
    parts: list[str] = []
    done = start = before = 0
    searched = -1
    for at in hints:
        start = max(start, text.rfind("\n", before, at) + 1)
        before = at
        if start == searched:
            continue
        searched = start
        line = _LINE.match(text, start)
        if line and (visited := _visit_line(line, walk)) != line[0]:
            parts += text[done:start], visited
            done = line.end()
    return "".join([*parts, text[done:]]) if parts else text


def _visit_line(line: re.Match[str], walk: Walk) -> str:
    name, written = line["name"], line["value"]
    value = written.rstrip(" \t")
    rest = written[len(value) :]
    is_equation = "=" in line["sign"]
    if is_equation and name.lower() == "key" and is_opaque_secret(value, _MIN_KEY):
        replaced = walk.replace_recognised("key", value, "opaque-parameter")
        return line[0][: line.start("value") - line.start()] + replaced + rest
    kind = walk.rules.field_kind(name)
    # A value with & or ; is a query or a connection string, whose pairs _HEAD finds. So it does
    # with a command and its options, which look like a name with blanks.
    if kind is None or (is_equation and (" " in name or re.search("[&;]", value))):
        return line[0]
    if is_credentials_name(name) or value[:1] == "#" or value in _OPENING:
        return line[0]
    if _ORDINAL.fullmatch(value) and kind != "code":
        return line[0]
    quote = value[0] if value[0] in "\"'" and value.endswith(value[0]) and len(value) > 1 else ""
    if not quote and value[0] in "\"'":
        return line[0]
    unquoted = value[len(quote) : len(value) - len(quote)]
    if " " in name and not is_equation and kind != "password" and _PROSE.fullmatch(unquoted):
        return line[0]
    replacement = visit_named_value(name, kind, unquoted, "assignment", walk)
    return f"{line['before']}{name}{line['sign']}{quote}{replacement}{quote}{rest}"


def _visit_heads(text: str, hints: list[int], walk: Walk) -> str:
    parts: list[str] = []
    done = 0
    for head in _heads(text, hints):
        if head.start("name") < done:
            continue
        visited = _visit_head(head, text, walk)
        if visited is not None:
            replaced, start, end = visited
            parts += text[done:start], replaced
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def _heads(text: str, hints: list[int]) -> Iterator[re.Match[str]]:
    """Yield the matches of _HEAD whose name contains a hint; `hints` are their positions."""
    done = 0
    for at in hints:
        if at >= done and _HEAD_REST.match(text, at) and (head := _head_around(text, at)):
            yield head
            done = head.end("name")


def _head_around(text: str, at: int) -> re.Match[str] | None:
    """Return the match of _HEAD whose name contains the position."""
    backwards = text[max(0, at - _LONGEST_NAME) : at][::-1]
    before = _NAME_BEFORE.match(backwards)
    first = at - (before.end() if before else 0)
    for start in _NAME_START.finditer(text, first, at + 1):
        head = _HEAD.match(text, start.start())
        if head and head.end("name") > at:
            return head
    return None


def _visit_head(head: re.Match[str], text: str, walk: Walk) -> tuple[str, int, int] | None:
    """Return what replaces the value behind a name, with the value's start and end, or None."""
    name = head["name"]
    before = text[head.start() - 1 : head.start()]
    is_in_url = before in ("?", "&", "#", ";") and before != ""
    is_in_url = is_in_url or text[head.start() - 3 : head.start()] in ("%3F", "%26", "%23")
    if before == "/" and text[head.start() - 3 : head.start()] == "://":
        return None  # a user name, which url-password judges
    kind = walk.rules.parameter_kind(name) if is_in_url else walk.rules.field_kind(name)
    size = None if kind else _opaque_size(name, is_in_url, walk.rules)
    if kind is None and size is None:
        return None
    found = _value_at(head, text)
    if (
        found is None
        and kind
        and head["sign"].strip() in ("=", "%3D")
        and _ENDS.match(text, head.end())
    ):
        replaced = visit_named_value(name, kind, "", "assignment", walk)
        return (replaced, head.end(), head.end()) if replaced else None
    if found is None or (not found["value"] and not found.re.groupindex.get("quote")):
        return None
    value, end = found["value"], found.end("value")
    if inner := _INNER_QUOTES.fullmatch(value):
        value, end = inner["value"], found.start("value") + inner.end("value")
    start = end - len(value)
    if head["sign"].startswith("%") and (escaped := _ESCAPED_END.search(value)):
        value, end = value[: escaped.start()], start + escaped.start()
    if kind:
        is_bare = "quote" not in found.re.groupindex
        if is_bare and kind != "code" and _ORDINAL.fullmatch(value):
            return None
        is_weak_evidence = (is_bare and ":" in head["sign"]) or head["sign"].strip().endswith(",")
        replaced = visit_named_value(name, kind, value, "assignment", walk, is_weak_evidence)
    elif size and is_opaque_secret(value, size):
        replaced = walk.replace_recognised("token", value, "opaque-parameter")
    else:
        return None
    if replaced == value:
        return None
    return replaced, start, end


def _opaque_size(name: str, is_in_url: bool, rules: Rules) -> int | None:
    return (min_opaque_length(name) if is_in_url else None) or rules.opaque_length(name)


def _value_at(head: re.Match[str], text: str) -> re.Match[str] | None:
    """Return the match of the value behind a name, or None if it is no assignment."""
    sign, at = head["sign"].strip(), head.end()
    before = text[head.start() - 1 : head.start()] if head.start() else ""
    if sign.endswith("&gt;"):
        return _ENTITY_END.match(text, at) if before == ";" else None
    quoted = _QUOTED.match(text, at) or _ESCAPED_QUOTE.match(text, at)
    if sign.endswith(","):
        is_item = head["closing"] or before in ("{", "[", "(")
        is_like = quoted is not None and _PASSWORD_LIKE.fullmatch(quoted["value"]) is not None
        return quoted if is_item and is_like else None
    if quoted:
        return quoted
    bare = _BARE.match(text, at)
    if (
        bare
        and _VARIABLE.fullmatch(bare["value"])
        and text[bare.end() : bare.end() + 1] in (")", ",")
    ):
        return None
    if bare is None or not sign.endswith(":"):
        return bare
    if before == ":":
        return None  # a part of an ARN or of another name with colons
    # A colon before a word is common in prose and in types, but not behind a variable's name.
    is_tight = head["sign"].endswith(":") or before in ("{", ",", "[") or head["closing"]
    is_tight = is_tight or _ENVIRONMENT_VARIABLE.fullmatch(head["name"]) is not None
    is_in_braces = text[max(0, head.start() - 2) : head.start()].strip() in ("{", ",")
    is_value = (is_tight or is_in_braces) and not text.startswith("//", at)
    is_secret = _PASSWORD_LIKE.fullmatch(bare["value"]) and not is_made_of_words(bare["value"])
    return bare if is_value and is_secret else None


def _visit_sentences(text: str, walk: Walk) -> str:
    parts: list[str] = []
    done = 0
    for at in _SENTENCE_STARTS.positions_in(lowered(text)):
        found = _SENTENCE.match(text, at) if at >= done else None
        if found:
            parts += text[done:at], _visit_sentence(found, walk)
            done = found.end()
    return "".join([*parts, text[done:]]) if parts else text


def _visit_sentence(found: re.Match[str], walk: Walk) -> str:
    value = without_closing_brackets(found["value"].rstrip(_END_OF_SENTENCE))
    if not _PASSWORD_LIKE.fullmatch(value) or is_no_secret(found["value"]):
        return found[0]
    kind = walk.rules.field_kind(found["name"]) or "secret"
    replacement = walk.replace_named(found["name"], kind, value, "sentence", depends_on_value=True)
    return f"{found['name']}{found['sign']}{replacement}{found['value'][len(value) :]}"
