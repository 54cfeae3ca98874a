"""The slots of XML and HTML: elements and attributes by name, inputs, metas, named parameters."""

from __future__ import annotations

import html
import re

from ..rules.names import has_weak_head
from .slots import Look

_TAG = re.compile(r"<(?P<element>[A-Za-z_][\w:.-]*)(?P<attributes>\s[^<>]*)?>")
_TEXT = re.compile(r"(?P<open>\s*(?:<!\[CDATA\[)?)(?P<text>[^<>\]]+)")
_ATTRIBUTE = re.compile(r"([\w:.-]+)(\s*=\s*)([\"'])(.*?)\3", re.DOTALL)
_NAMING = frozenset("name id property itemprop key".split())
_HOLDING = frozenset("value content".split())


def rewrite(text: str, look: Look) -> str:
    """Markup with its slots visited; attributes of secret names are left to the rules of text."""
    parts: list[str] = []
    done = 0
    for tag in _TAG.finditer(text):
        if tag.start() < done:
            continue
        named = _named(tag["attributes"] or "", look)
        parts += text[done : tag.start()], _tag(tag, named, look)
        done = tag.end()
        name = named or tag["element"].rpartition(":")[2]
        inside = _TEXT.match(text, done)
        if inside and inside["text"].strip() and look.rules.field_kind(name):
            parts += inside["open"], _text(inside["text"], name, look)
            done = inside.end()
    return "".join([*parts, text[done:]])


def _named(attributes: str, look: Look) -> str:
    """The secret name that an attribute tells, or ""."""
    found = {name.lower(): html.unescape(value) for name, _, _, value in _pairs(attributes)}
    names = (value for name, value in found.items() if name in _NAMING)
    named = next(filter(look.rules.field_kind, names), "")
    return named or ("password" if found.get("type") == "password" else "")


def _pairs(attributes: str) -> list[tuple[str, str, str, str]]:
    return _ATTRIBUTE.findall(attributes) if "=" in attributes else []


def _tag(tag: re.Match[str], named: str, look: Look) -> str:
    if not named:
        return tag[0]

    def visit(found: re.Match[str]) -> str:
        name, sign, quote, value = found.groups()
        if name.lower() not in _HOLDING or not value:
            return found[0]
        return f"{name}{sign}{quote}{_text(value, named, look)}{quote}"

    return f"<{tag['element']}{_ATTRIBUTE.sub(visit, tag['attributes'])}>"


def _text(text: str, name: str, look: Look) -> str:
    stripped = text.strip()
    plain = html.unescape(stripped)
    kind = look.rules.field_kind(name) or "secret"
    held = look.named(name, kind, plain, "markup", has_weak_head(name))
    return text if held == plain else text.replace(stripped, html.escape(held), 1)
