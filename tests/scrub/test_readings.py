"""The quick searches around escapes find what a search of every unescaped variant finds."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import example, given
from hypothesis import strategies as st

from pytest_reprise.scrub.replace.encodings import variants_by_chain
from pytest_reprise.scrub.replace.finder import Finder
from pytest_reprise.scrub.walk.token_search import detectors_for
from pytest_reprise.scrub.walk.tokens import TOKENS

VALUE = 'Se&cret/"42" x'
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
DETECTORS = [detector for detector in TOKENS if detector.after is None]
"""Those whose pattern contains one of their literals."""
ESCAPES = (
    *('\\"', "\\\\", "\\n", "\\/", "\\u0022", "\\u002f", "\\u005c", "\\u0025", "\\ud83d\\ude00"),
    *("%22", "%2F", "%5C", "%25", "%C3%A9", "%", "+", "&quot;", "&#47;", "&amp;", "&#1;", "&", " "),
)


def _forms(value: str) -> list[str]:
    escaped, in_url = json.dumps(value)[1:-1], quote(value, safe="")
    in_html = value.replace("&", "&amp;").replace('"', "&quot;")
    nested = [json.dumps(escaped)[1:-1], quote(in_url), quote(escaped), json.dumps(in_html)[1:-1]]
    return [value, escaped, in_url, in_html, *nested, value.replace("t", "&#1;t", 1)]


def _texts(value: str) -> st.SearchStrategy[str]:
    """Return texts with escapes and the value or a part of it, of which some are long."""
    wholes = st.sampled_from(_forms(value))
    parts = wholes.flatmap(lambda form: st.integers(0, len(form)).map(lambda n: form[:n]))
    fillers = st.sampled_from(("a b ", "x" * 30, "words and more words " * 30, "z" * 700))
    pieces = st.one_of(wholes, parts, st.sampled_from(ESCAPES), fillers)
    return st.lists(pieces, max_size=12).map("".join)


@given(_texts(VALUE))
@example(VALUE.replace("t", "&#1;t"))  # an entity that stands for nothing
@example("words " * 500 + VALUE.replace('"', "\\u0022") + " words" * 500)
def test_known_value_is_found_as_in_every_variant(text: str) -> None:
    found = any(VALUE in variant for _, variant in variants_by_chain(text))

    assert Finder([VALUE]).is_any_in(text) == found


@given(_texts(TOKEN))
def test_token_is_found_as_in_every_variant(text: str) -> None:
    variants = [variant for _, variant in variants_by_chain(text)]
    found = {d for d in DETECTORS if any(d.pattern.search(variant) for variant in variants)}

    assert found <= set(detectors_for(text))
