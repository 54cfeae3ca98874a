"""The keys of each part of a cassette, and which other keys are errors.

In a cassette of ours every unknown key is an error: a misspelt key would otherwise mean a missing
value, such as an empty body. The keys at the top are an exception: all of them are required, so
that a misspelt one is missed. There a project's own serializer may add, say, the time of the
recording. In a legacy cassette vcrpy decides. It refuses unknown keys of a
request, and ignores those of all other parts; projects store their own data there. They are ignored
here too, unless a key that vcrpy reads is missing: then the unknown key may stand for it.
"""

from __future__ import annotations

from collections.abc import Mapping

KNOWN_KEYS: dict[str, frozenset[str]] = {
    part: frozenset(keys.split())
    for part, keys in {
        "cassette": "version reprise metadata interactions",
        "header": "version recorded_at confirmed_at recorded_with base_url seed scope values",
        "interaction": "request response reprise",
        "request": "method uri body headers",
        "response": "status headers body status_code content http_version protocol url",
        "status": "code message",
        "body": "string",
        "additions": (
            "at latency latency_of_body scope request_json response_json request_headers "
            "response_headers http_version request_coding request_text response_coding "
            "response_text chunks failure broken_by"
        ),
        "failure": "error message",
    }.items()
}
"""By the names that the parts have in schemas/cassette.json."""
_READ_BY_VCRPY = {
    "cassette": {"interactions"},
    "interaction": {"request", "response"},
    "response": {"status", "headers", "body"},
    "status": {"code", "message"},
    "body": {"string"},
}
"""Parts of which vcrpy ignores unknown keys, with the keys that it reads."""
_READ_BY_VCRPY_FIRST_HTTPX = {"status_code", "headers", "content"}
_OURS = "reprise"


def unknown_key(part: str, found: Mapping[object, object], is_ours: bool) -> object | None:
    """Return a key that is an error in this part of a cassette, or None."""
    if found.keys() <= KNOWN_KEYS[part]:
        return None
    unknown = [key for key in found if key not in KNOWN_KEYS[part]]
    is_strict = is_ours and part != "cassette"
    is_strict = is_strict or part not in _READ_BY_VCRPY or _misses_a_key(part, found)
    return next((key for key in unknown if is_strict or _resembles_ours(key, found)), None)


def ignored_keys(part: str, found: Mapping[object, object]) -> frozenset[str]:
    """Return the keys in this part of a legacy cassette that mean nothing to vcrpy or Reprise."""
    ignored = {str(key) for key in found.keys() - KNOWN_KEYS[part]}
    return frozenset(ignored | ({"metadata"} & found.keys()))


def _misses_a_key(part: str, found: Mapping[object, object]) -> bool:
    is_first_httpx = part == "response" and "status_code" in found
    read = _READ_BY_VCRPY_FIRST_HTTPX if is_first_httpx else _READ_BY_VCRPY[part]
    return not found.keys() >= read


def _resembles_ours(key: object, found: Mapping[object, object]) -> bool:
    """Whether the key may be a misspelt `reprise`; without that key a cassette counts as legacy."""
    import difflib  # needed for unusual files only

    return _OURS not in found and bool(difflib.get_close_matches(str(key), [_OURS], cutoff=0.8))
