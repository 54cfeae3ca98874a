"""Visit the candidates of XML and HTML.

They are the texts of elements with a secret name, and the values of inputs, metas and other
elements whose attributes give a secret name: `<input name="password" value="…">`.
"""

from __future__ import annotations

import html
import re

from ..rules.names import has_weak_head
from .candidates import Walk

_TAG = re.compile(r"<(?P<element>[A-Za-z_][\w:.-]*)(?P<attributes>\s[^<>]*)?>")
_TEXT = re.compile(r"(?P<open>\s*(?:<!\[CDATA\[)?)(?P<text>[^<>\]]+)")
_ATTRIBUTE = re.compile(r"([\w:.-]+)(\s*=\s*)([\"'])(.*?)\3", re.DOTALL)
_NAME_ATTRIBUTES = frozenset("name id property itemprop key".split())
_GIVES_NAME = re.compile(r"(?i)(?:name|id|property|itemprop|key|type)\s*=")
"""What most tags do not have. To search for it takes a tenth of the time of reading attributes."""
_VALUE_ATTRIBUTES = frozenset("value content".split())


def visit_markup(text: str, walk: Walk) -> str:
    """Return the markup with its candidates replaced.

    Attributes with a secret name, as in `<a token="…">`, are visited as assignments in plain text.
    """
    parts: list[str] = []
    done = 0
    for tag in _TAG.finditer(text):
        if tag.start() < done:
            continue
        secret_name = _secret_name(tag["attributes"] or "", walk)
        parts += text[done : tag.start()], _visit_tag(tag, secret_name, walk)
        done = tag.end()
        # The name of an element without its XML namespace prefix.
        name = secret_name or tag["element"].rpartition(":")[2]
        content = _TEXT.match(text, done)
        if content and content["text"].strip() and walk.rules.field_kind(name):
            parts += content["open"], _visit_content(content["text"], name, walk)
            done = content.end()
    return "".join([*parts, text[done:]])


def _secret_name(attributes: str, walk: Walk) -> str:
    """Return the secret name that an attribute gives to its element, or an empty string."""
    if not _GIVES_NAME.search(attributes):
        return ""
    values = {name.lower(): html.unescape(value) for name, _, _, value in _pairs(attributes)}
    names = (value for name, value in values.items() if name in _NAME_ATTRIBUTES)
    secret_name = next(filter(walk.rules.field_kind, names), "")
    return secret_name or ("password" if values.get("type") == "password" else "")


def _pairs(attributes: str) -> list[tuple[str, str, str, str]]:
    return _ATTRIBUTE.findall(attributes) if "=" in attributes else []


def _visit_tag(tag: re.Match[str], secret_name: str, walk: Walk) -> str:
    if not secret_name:
        return tag[0]

    def visit(attribute: re.Match[str]) -> str:
        name, sign, quote, value = attribute.groups()
        if name.lower() not in _VALUE_ATTRIBUTES or not value:
            return attribute[0]
        return f"{name}{sign}{quote}{_visit_content(value, secret_name, walk)}{quote}"

    return f"<{tag['element']}{_ATTRIBUTE.sub(visit, tag['attributes'])}>"


def _visit_content(text: str, name: str, walk: Walk) -> str:
    stripped = text.strip()
    value = html.unescape(stripped)
    kind = walk.rules.field_kind(name) or "secret"
    replacement = walk.replace_named(name, kind, value, "markup", has_weak_head(name))
    return text if replacement == value else text.replace(stripped, html.escape(replacement), 1)
