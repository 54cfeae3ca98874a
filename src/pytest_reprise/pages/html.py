"""Templates to HTML. A page is one file with its style and its script, and nothing else runs.

The Content-Security-Policy names style and script of the page by their hashes. So no text of
a cassette can run, or load anything, even if it were not escaped; and all of it is escaped.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .units import seconds_text, size_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff]"
)
"""Control characters, and marks that change the direction of text or have no width."""


def render(template: str, values: Mapping[str, object], connects: bool = False) -> str:
    """Return a whole page. `connects` allows its script to ask the server that it comes from."""
    style, script = _asset("style.css"), _asset("script.js")
    policy = [
        "default-src 'none'",
        f"style-src '{_digest(style)}'",
        f"script-src '{_digest(script)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        *(["connect-src 'self'"] if connects else []),
    ]
    page = _environment().get_template(template)
    return page.render(values, style=style, script=script, policy="; ".join(policy))


def markup(text: str) -> Markup:
    """Return text that is HTML already, or is safe in its place."""
    return Markup(text)


def fragment(template: str, values: Mapping[str, object]) -> str:
    """Return a part of a page, for a page that another tool makes."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pytest_reprise.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters |= {"seconds": seconds_text, "size": size_text}
    return environment


def _visible(value: object) -> object:
    """Return what an expression of a template shows: invisible characters as escapes."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)


@cache
def _asset(name: str) -> Markup:
    return Markup(files(__package__).joinpath("assets", name).read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()
