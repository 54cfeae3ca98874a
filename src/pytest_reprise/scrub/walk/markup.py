"""Visit the candidates of XML and HTML.

They are the texts of elements with a secret name, and the values of inputs, metas and other
elements whose attributes give a secret name: `<input name="password" value="…">`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ...patterns import lazy_regex
from ..rules.names import has_weak_head, min_opaque_length
from .anchors import lowered, positions_of
from .candidates import VisitNested, Walk, is_opaque_secret
from .encoded import may_be_encoded

_TAG = lazy_regex(r"<(?P<element>[A-Za-z_][\w:.-]*)(?P<attributes>\s[^<>]*)?>")
_TEXT = lazy_regex(r"\s*+(?:<!\[CDATA\[(?P<data>.*?)(?=\]\]>)|(?P<text>[^<>]++))", re.DOTALL)
_VALUE_TEXT = lazy_regex(r"\s*+<[Vv]alue>\s*+(?P<text>[^<>]++)</[Vv]alue>")
"""The text of an element `Value` directly below a secret's name, as in answer files of Windows."""
_NEXT_TEXT = lazy_regex(r"(?:\s*+</?[A-Za-z][^<>]*+>){1,5}+\s*+(?P<text>[^<>\s][^<>]*+)")
"""The next text behind a text, after the tags between them."""
_ATTRIBUTE = lazy_regex(
    r"(?P<name>[\w:.-]+)(?P<sign>\s*=\s*)(?:(?P<quote>[\"'])(?P<value>.*?)(?P=quote)"
    r"|(?P<bare>[^\s\"'=<>`]+))",
    re.DOTALL,
)
_NAME_ATTRIBUTES = frozenset("name id property itemprop key".split())
_GIVES_NAME = lazy_regex(r"(?i)(?:name|id|property|itemprop|key|type)\s*=")
"""What most tags do not have. To search for it takes a tenth of the time of reading attributes."""
_VALUE_ATTRIBUTES = frozenset("value content".split())
_LABELS = frozenset("key name dt th td label".split())
"""Elements whose text is the name of the next text: of property lists, XML-RPC, and tables."""
_MAX_LABEL = 40
"""Characters of the longest label."""
_GENERATED = lazy_regex(r"(?=\D*\d)\S{8,}")
"""What the text behind a label has to look like: in a table it is mostly a description."""
_DOCUMENTED_ELEMENTS = (
    ("<RSAKeyValue", frozenset("D P Q DP DQ InverseQ".split())),
    ("<UserDelegationKey", frozenset(("Value",))),
)
"""Elements that are a secret's only in a certain document: the private numbers of an RSA key, and a
key of Azure Storage."""
_SIGNATURES = frozenset(("SignatureValue", "CipherValue"))
"""Elements of XML Signature and XML Encryption, without which an answer of SAML is worthless."""
_MIN_OPAQUE = 16
_IN_QUOTES = lazy_regex(
    r"(?P<quote>[\"']|&quot;|&\#(?:x27|39|34);)(?P<content>.+)(?P=quote)", re.DOTALL
)
"""A value as debug pages of Python frameworks show it."""


_CDATA = "<![CDATA["
_LONGEST_TAG = 1000
"""Characters of a tag before CDATA."""


def visit_markup(text: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Return the markup with its candidates replaced.

    Attributes with a secret name, as in `<a token="…">`, are visited as assignments in plain text.
    """
    parts: list[str] = []
    done = 0
    documented = {name for mark, names in _DOCUMENTED_ELEMENTS if mark in text for name in names}
    for tag in _TAG.finditer(text) if documented else _tags_with_hints(text, walk):
        if tag.start() < done:
            continue
        secret_name = _secret_name(tag["attributes"] or "", walk)
        parts += text[done : tag.start()], _visit_tag(tag, secret_name, walk, visit_nested)
        done = tag.end()
        # The name of an element without its XML namespace prefix.
        element = tag["element"].rpartition(":")[2]
        content = _VALUE_TEXT.match(text, done) or _TEXT.match(text, done)
        if content is None:
            continue
        group = content.lastgroup or "text"
        written = content[group]
        if not written.strip():
            continue
        start, end = content.span(group)
        name, is_documented = secret_name or element, element in documented
        if visited := _visit_text(written, name, is_documented, walk, visit_nested):
            parts += text[done:start], visited
            done = end
        elif element.lower() in _LABELS and (found := _behind_label(content, text, walk)):
            visited = _visit_content(found["text"], written.strip(), walk, behind_label=True)
            parts += text[done : found.start("text")], visited
            done = found.end("text")
    return "".join([*parts, text[done:]])


def _tags_with_hints(text: str, walk: Walk) -> Iterator[re.Match[str]]:
    """Yield the tags that contain a part of a secret's name, or have one in the text behind them.

    Most of the markup has none, and to look at each tag takes 0.1 s for each MB.
    """
    before, tried = 0, -1
    for at in positions_of(walk.rules.hints, lowered(text)):
        start = text.rfind("<", before, at)
        if start >= 0 and text.startswith(_CDATA, start):
            start = text.rfind("<", max(0, start - _LONGEST_TAG), start)
        before = at
        if start > tried and (tag := _TAG.match(text, start)):
            yield tag
        tried = max(start, tried)


def _visit_text(
    written: str, name: str, is_documented: bool, walk: Walk, visit_nested: VisitNested
) -> str | None:
    """Return the text of an element of this name with its secret replaced, or None."""
    if walk.rules.field_kind(name) or name in _SIGNATURES:
        return _visit_content(written, name, walk)
    length = _MIN_OPAQUE if is_documented else walk.rules.opaque_length(name)
    value = written.strip()
    if length is None or not is_opaque_secret(value, length):
        return None
    # An answer of SAML is XML in base64, of which only the signatures are secrets.
    visited = visit_nested(value, walk.nested()) if may_be_encoded(value) else value
    if visited != value:
        return written.replace(value, visited, 1)
    return written.replace(value, walk.replace_recognised("secret", value, "markup"), 1)


def _behind_label(label: re.Match[str], text: str, walk: Walk) -> re.Match[str] | None:
    """Return the next text behind a label, if that is a secret's name and the text looks like one.

    The label is `<key>Password</key>`, or a cell of a table.
    """
    name = html.unescape(label["text"] or "").strip().rstrip(":")
    if len(name) > _MAX_LABEL or not walk.rules.field_kind(name):
        return None
    found = _NEXT_TEXT.match(text, label.end())
    return found if found and _GENERATED.fullmatch(found["text"].strip()) else None


def _secret_name(attributes: str, walk: Walk) -> str:
    """Return the secret name that an attribute gives to its element, or an empty string."""
    if not _GIVES_NAME.search(attributes):
        return ""
    values = {
        found["name"].lower(): html.unescape(found["value"] or found["bare"] or "")
        for found in _ATTRIBUTE.finditer(attributes)
    }
    names = (value for name, value in values.items() if name in _NAME_ATTRIBUTES)
    secret_name = next((n for n in names if _is_secret_name(n, walk)), "")
    return secret_name or ("password" if values.get("type") == "password" else "")


def _is_secret_name(name: str, walk: Walk) -> bool:
    """Whether an attribute's value names a secret, also `code` of a form (OpenID, form post)."""
    return bool(
        walk.rules.field_kind(name) or walk.rules.opaque_length(name) or min_opaque_length(name)
    )


def _visit_tag(tag: re.Match[str], secret_name: str, walk: Walk, visit_nested: VisitNested) -> str:
    if not secret_name:
        return tag[0]

    def visit(attribute: re.Match[str]) -> str:
        group = "bare" if attribute["quote"] is None else "value"
        value = attribute[group]
        if attribute["name"].lower() not in _VALUE_ATTRIBUTES or not value:
            return attribute[0]
        start = attribute.start(group) - attribute.start()
        visited = _visit_text(value, secret_name, False, walk, visit_nested)
        if visited is None:
            visited = _visit_parameter(value, secret_name, walk)
        return attribute[0][:start] + visited + attribute[0][start + len(value) :]

    return f"<{tag['element']}{_ATTRIBUTE.sub(visit, tag['attributes'])}>"


def _visit_parameter(value: str, name: str, walk: Walk) -> str:
    """Visit the value of an input that is a parameter of a URL or form, such as `code`."""
    length = min_opaque_length(name)
    if length is None or not is_opaque_secret(value, length):
        return value
    return walk.replace_recognised("token", value, "opaque-parameter")


def _visit_content(text: str, name: str, walk: Walk, behind_label: bool = False) -> str:
    quoted = _IN_QUOTES.fullmatch(text.strip())
    written = quoted["content"] if quoted else text.strip()
    value = html.unescape(written)
    kind = walk.rules.field_kind(name) or "secret"
    is_weak = has_weak_head(name)
    replacement = walk.replace_named(name, kind, value, "markup", is_weak, behind_label)
    return text if replacement == value else text.replace(written, html.escape(replacement), 1)
