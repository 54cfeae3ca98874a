"""Visit the candidates of JSON. All bytes around a replaced value stay as they are.

The text is read token by token and not loaded, so broken JSON gives the candidates that can still
be recognised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from ...patterns import lazy_regex
from ..replace.forms import from_json_integer, to_json_integer
from ..rules.names import has_weak_head, is_number_of_thing
from ..rules.ruleset import Rules
from .assignments import (
    has_hint,
    has_structure,
    texts_with_assignments,
    visit_named_value,
)
from .candidates import Candidate, VisitNested, Walk, is_opaque_secret
from .cookies import is_cookie_field, visit_cookie_field
from .credentials import visit_signatures
from .detectors import may_hold_numbers
from .encoded import may_be_encoded
from .json_document import (
    JsonDocument,
    Secret,
    documented_keys,
    documented_names,
    has_listed_names,
    has_options,
    has_parents,
    is_kubernetes_secret,
    may_be_relevant,
    relevant_keys,
)
from .json_scalars import (
    STRINGS,
    Relevant,
    Scalar,
    is_json_like,
    replace_scalars,
    replace_strings,
    strings_in,
    unquoted,
)
from .urls import texts_with_candidates

_IN_QUOTES = lazy_regex(r"([\"'])([^\"']+)\1")
"""A value as Python's repr writes it, in reports of errors."""
_MIN_VALUE = 12
"""Characters of a secret in JSON under a secret's name, as AWS Secrets Manager has it."""
_MIN_NESTED = 5
"""Characters of the shortest such string, as `key=a`."""
_MARKS = ("\\", '"{', '"[', '"<', "://", '"-', '"CONCEALED"', '"SecureString"')
"""Escapes, what documents in strings and URLs contain, and the start of an option."""
_LONG_STRING = lazy_regex(r'"[A-Za-z0-9+/_=-]{24}')
"""A string that is long enough for a document in base64 or hex."""
_MAX_DEPTH = 8
"""Documents within documents that are looked at together."""
_NOTHING = Relevant(frozenset(), frozenset())


def visit_json(text: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Return the JSON with its candidates replaced, also those inside its strings."""
    relevant = _relevant(text, walk)
    if relevant is not None and not (relevant.keys or relevant.strings):
        return text
    if relevant is not None and not relevant.keys and not any(map(_is_number, relevant.strings)):
        # No key matters, so the places of the strings need not be known.
        return replace_strings(text, relevant.strings, lambda w: _nested(w, walk, visit_nested))
    document = JsonDocument(text, walk.rules)

    def visit(scalar: Scalar) -> str | None:
        secret = document.secret_at(scalar)
        if secret is not None:
            return _replace_secret(scalar, secret, walk, visit_nested)
        if not scalar.is_string:
            return None
        before = scalar.text
        if is_cookie_field(scalar.key):
            after = visit_cookie_field(before, walk)
        elif is_number_of_thing(scalar.key) and before.isdecimal():
            return None
        else:
            return _nested(scalar.written, walk, visit_nested)
        return None if after == before else _encoded(scalar.written, after)

    return replace_scalars(text, visit, relevant)


def _nested(written: str, walk: Walk, visit_nested: VisitNested) -> str | None:
    """Return the JSON text of a string after a visit of the text in it, or None if it stays."""
    before = unquoted(written)
    after = visit_nested(before, walk)
    return None if after == before else _encoded(written, after)


def _is_number(written: str) -> bool:
    return written[1:-1].isdecimal()


def _relevant(text: str, walk: Walk) -> Relevant | None:
    """Return which scalars may be candidates, or None if all may be.

    In most documents few are. Each different string is judged once.
    """
    if not _may_hold_candidates(text, walk.rules):
        return _NOTHING
    return _relevant_of(strings_in(text), text, walk)


def _relevant_of(strings: frozenset[str], text: str, walk: Walk) -> Relevant | None:
    """Return the same for a text with these strings."""
    is_listed = has_options(text) or has_listed_names(text, walk.rules)
    if walk.rules.json_paths or is_kubernetes_secret(text) or is_listed or has_parents(text):
        return None
    names = dict(_names_that_may_matter(strings, text, walk.rules))
    relevant = relevant_keys(names.values(), text, walk.rules)
    keys = {w for w, name in names.items() if name in relevant or is_cookie_field(name)}
    return Relevant(frozenset(keys), _nesting((s for s in strings if not _is_key(s)), walk))


def _names_that_may_matter(
    strings: Iterable[str], text: str, rules: Rules
) -> Iterator[tuple[str, str]]:
    """Yield keys as they are written, with their names: only those that may be relevant.

    A document may have a million keys, of which a dict takes thirty times their size.
    """
    documented = frozenset((*documented_keys(text), *documented_names(text)))
    for string in strings:
        if _is_key(string):
            written = _without_colon(string)
            name = unquoted(written)
            if name in documented or may_be_relevant(name, rules) or is_cookie_field(name):
                yield written, name


def _is_key(string: str) -> bool:
    return string[-1] == ":" and _without_colon(string) != string


def documents_with_candidates(documents: Sequence[str], walk: Walk) -> Iterable[int]:
    """Return the numbers of the JSON documents in which `visit_json` may find a candidate.

    They are looked at together, which takes a fifth of the time of one visit for each.
    """
    text = "\n".join(documents)
    if not text or not _may_hold_candidates(text, walk.rules):
        return ()
    if walk.depth > _MAX_DEPTH:
        return range(len(documents))
    strings = strings_in(text)
    relevant = _relevant_of(strings, text, walk)
    if relevant is None or any("\n" in string for string in strings):
        return range(len(documents))
    marks = {s for s in strings if s in relevant.strings or _without_colon(s) in relevant.keys}
    found = enumerate(map(STRINGS.findall, documents))
    return [number for number, own in found if not marks.isdisjoint(own)] if marks else ()


def _may_hold_candidates(text: str, rules: Rules) -> bool:
    """Return whether the strings of a document have to be judged; for most it is not necessary."""
    return (
        any(mark in text for mark in _MARKS)
        or bool(rules.json_paths)
        or has_hint(text, rules)
        or may_hold_numbers(text, rules)
        or _LONG_STRING.search(text) is not None
    )


def _without_colon(written: str) -> str:
    """Return a key without the colon; at the end of cut off JSON a string may end with one."""
    if written[-1] != ":":
        return written
    closed = written[:-1].rstrip()
    return closed if closed[-1:] == '"' else written


def _nesting(strings: Iterable[str], walk: Walk) -> frozenset[str]:
    """Return the strings in which `visit_nested` may find a candidate."""
    written = [string for string in strings if len(string) > _MIN_NESTED]
    texts = [unquoted(string) if "\\" in string else string.strip('"') for string in written]
    found = set(texts_with_assignments(texts, walk.rules))
    if may_hold_numbers("\n".join(texts), walk.rules):
        found.update(n for n, text in enumerate(texts) if may_hold_numbers(text, walk.rules))
    found.update(n for n, text in enumerate(texts) if text and _may_be_document(text))
    urls = [n for n, text in enumerate(texts) if "://" in text and _PARAMETERS.search(text)]
    found.update(urls[n] for n in texts_with_candidates([texts[n] for n in urls], walk))
    documents = [n for n, text in enumerate(texts) if text[:1] in ("{", "[")]
    likely = [n for n in documents if is_json_like(texts[n])]
    inner = [texts[n] for n in likely]
    found.difference_update(likely)
    found.update(likely[n] for n in documents_with_candidates(inner, walk.nested()))
    return frozenset(written[n] for n in found)


def _may_be_document(text: str) -> bool:
    return text[0] in "{[<" or may_be_encoded(text)


_PARAMETERS = lazy_regex("[?;#]")


def _replace_secret(
    scalar: Scalar, secret: Secret, walk: Walk, visit_nested: VisitNested
) -> str | None:
    if scalar.written in ("true", "false"):
        return None
    value = None if scalar.written == "null" else scalar.text
    if scalar.is_string and value and value[0] == "{" and is_json_like(value):
        visited = visit_nested(_without_values(value, secret, walk), walk.nested())
        return None if visited == value else _encoded(scalar.written, visited)
    if value is not None and not scalar.is_string:
        value = from_json_integer(value)
    has_weak_name = secret.rule in ("field", "pair") and has_weak_head(secret.name)
    if scalar.is_string and value and (quoted := _IN_QUOTES.fullmatch(value)):
        inner = visit_named_value(secret.name, secret.kind, quoted[2], secret.rule, walk)
        return (
            None if inner == quoted[2] else _encoded(scalar.written, quoted[1] + inner + quoted[1])
        )
    if scalar.is_string and value and secret.kind == "signature" and secret.is_named:
        visited = visit_signatures(secret.name, value, walk, secret.rule)
        return None if visited == value else _encoded(scalar.written, visited)
    if scalar.is_string and value and has_structure(secret.name, value):
        visited = visit_named_value(secret.name, secret.kind, value, secret.rule, walk)
        return None if visited == value else _encoded(scalar.written, visited)
    candidate = Candidate(
        scalar.name,
        secret.kind,
        value,
        secret.rule,
        walk.part,
        has_weak_name,
        scalar.is_string,
        secret.is_named,
    )
    replacement = walk.replacement(candidate)
    if replacement is None or replacement == value:
        return None
    return _encoded(scalar.written, replacement)


def _without_values(text: str, secret: Secret, walk: Walk) -> str:
    """Return JSON under a secret's name with each value replaced that looks generated.

    The values under names of secrets are left to the walk.
    """

    def visit(scalar: Scalar) -> str | None:
        value = scalar.text
        if not scalar.is_string or walk.rules.field_kind(scalar.key):
            return None
        if not is_opaque_secret(value, _MIN_VALUE):
            return None
        replaced = walk.replace_recognised(secret.kind, value, secret.rule)
        return None if replaced == value else _encoded(scalar.written, replaced)

    return replace_scalars(text, visit)


def _encoded(written: str, text: str) -> str:
    """Return the text as JSON, written as before: escapes, and a missing closing quote."""
    is_string = written[0] == '"'
    if not is_string and text.isdecimal():
        return to_json_integer(text)
    made = json.dumps(text, ensure_ascii=written.isascii())
    is_cut_off = is_string and (len(written) == 1 or written[-1] != '"')
    return made[:-1] if is_cut_off else made
