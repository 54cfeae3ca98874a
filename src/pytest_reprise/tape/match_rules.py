"""What the settings of a suite change in matching: `ignore`, `match_headers` and `normalise`.

A rule is for all calls, or for those of a pattern: `POST /orders/* $.request_id`. The rules apply
to the request that is sent and to the recorded ones, when they are compared. What is recorded does
not change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..errors import ConfigurationError
from ..exchange import FORM, Headers, Request, is_json_body, media_type
from ..matching.key import Key, Pairs, key_headers, multipart_boundary
from ..matching.request_parts import Matching
from ..scrub.content.compression import decompress_or_keep
from ..scrub.rules.json_paths import SUPPORTED, json_path_pattern
from .call_pattern import CallPattern

Normaliser: TypeAlias = Callable[[Request], Request]

PLACES = "$.name, query:name, header:name or form:name, each also after a call: POST /orders/* $.id"
_KINDS = ("query", "header", "form")
_PART_NAME = re.compile(rb'\bname="([^"]*)"', re.IGNORECASE)


class Rule(NamedTuple):
    """What is said of some calls. Without a pattern it is said of all."""

    calls: CallPattern | None
    what: str

    @classmethod
    def parse(cls, entry: str) -> Rule:
        """Return the rule of an entry such as `POST /orders/* $.request_id`."""
        words = entry.split(None, 2)
        calls = CallPattern.parse(" ".join(words[:2])) if len(words) == 3 else None
        return cls(calls, words[2] if calls else entry.strip())

    def holds(self, request: Request) -> bool:
        """Whether it is said of this request."""
        return self.calls is None or self.calls.matches(request)


class Place(NamedTuple):
    """A place of requests: a kind of _KINDS with a name, or "json" with a path."""

    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Place:
        """Return the place. Raises ValueError."""
        if text.startswith("$"):
            if json_path_pattern(text) is None:
                raise ValueError(f"unsupported path {text!r}. {SUPPORTED}")
            return cls("json", text)
        kind, _, name = text.partition(":")
        if kind not in _KINDS or not name:
            raise ValueError(f"{text!r} is no place: expected {PLACES}")
        return cls(kind, name)


class MatchRules:
    """The rules of one scope. Names may hold the wildcard `*`."""

    def __init__(
        self,
        ignore: Iterable[str] = (),
        match_headers: Iterable[str] = (),
        normalise: Iterable[tuple[CallPattern | None, Normaliser]] = (),
    ) -> None:
        found = [Rule.parse(entry) for entry in ignore]
        self._ignored = [(rule, Place.parse(rule.what)) for rule in found]
        named = [Rule.parse(entry) for entry in match_headers]
        self._headers = [Rule(rule.calls, rule.what.lower()) for rule in named]
        self._normalise = [(Rule(calls, ""), change) for calls, change in normalise]

    def prepared(self, request: Request) -> Request:
        """Return the request as it is compared."""
        for rule, change in self._normalise:
            if rule.holds(request):
                request = change(request)
        places = [place for rule, place in self._ignored if rule.holds(request)]
        return _without(request, places) if places else request

    def compares(self, header: str) -> bool:
        """Whether requests of some calls have to match in this header."""
        lowered = header.lower()
        return any(fnmatchcase(lowered, rule.what) for rule in self._headers)

    def extended(self, matching: Matching) -> Matching:
        """Return these rules in addition to those of `matching`."""
        also = matching.also_matches
        compared = matching.compared | ({"header"} if self._headers else set())
        return matching._replace(
            key=self._key_of(matching),
            relevant_part=self._relevant_part_of(matching),
            is_key_header=lambda name: matching.is_key_header(name) or self.compares(name),
            also_matches=also and (lambda a, b: also(self.prepared(a), self.prepared(b))),
            compared=frozenset(compared),
            prepared=self.prepared,
            shown_headers=self._shown_headers_of(matching),
        )

    def _key_of(self, matching: Matching) -> Callable[[Request], Key]:
        def key(request: Request) -> Key:
            if not matching.separates_secrets_and_times:
                request = self.prepared(request)  # else `relevant_part` has done so
            method, url, body, headers = matching.key(request)
            return method, url, body, headers + self._pairs(request)

        return key

    def _relevant_part_of(self, matching: Matching) -> Callable[[Request], Request]:
        def relevant_part(request: Request) -> Request:
            prepared = self.prepared(request)
            relevant = matching.relevant_part(prepared)
            if not self._headers or relevant is prepared:
                return relevant
            left_out = [h for h in prepared.headers if h not in relevant.headers]
            named = tuple(h for h in left_out if self.compares(h[0]))
            return relevant._replace(headers=relevant.headers + named)

        return relevant_part

    def _shown_headers_of(self, matching: Matching) -> Callable[[Request], Pairs]:
        shows_all = "header" in matching.compared

        def shown_headers(request: Request) -> Pairs:
            usual = key_headers(request.headers) if shows_all else ()
            return tuple(dict.fromkeys(usual + self._pairs(request)))

        return shown_headers

    def _pairs(self, request: Request) -> Pairs:
        """The headers that are compared for this request because a rule names them."""
        if not self._headers:
            return ()
        names = [rule.what for rule in self._headers if rule.holds(request)]
        lowered = ((name.lower(), value.strip()) for name, value in request.headers)
        return tuple(sorted(h for h in lowered if any(fnmatchcase(h[0], n) for n in names)))


# --- places that are ignored ------------------------------------------------------------------


def _without(request: Request, places: list[Place]) -> Request:
    """Return a request without what is at the places."""
    names = {kind: [p.name for p in places if p.kind == kind] for kind in (*_KINDS, "json")}
    if names["query"]:
        request = request._replace(url=_without_parameters(request.url, names["query"]))
    if names["header"]:
        ignored = [name.lower() for name in names["header"]]
        headers = tuple(h for h in request.headers if not _is_named(h[0].lower(), ignored))
        request = request._replace(headers=headers)
    if not (names["form"] or names["json"]) or not request.body:
        return request
    body = decompress_or_keep(request.body, request.headers)
    changed = _without_fields(body, request.headers, names["form"], names["json"])
    if changed == body:
        return request
    plain = tuple(h for h in request.headers if h[0].lower() != "content-encoding")
    return request._replace(body=changed, headers=plain)


def _is_named(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _without_parameters(url: str, names: list[str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=_without_pairs(parts.query, names)))


def _without_pairs(text: str, names: list[str]) -> str:
    """Return a query or form without the named pairs, or the same text if it has none of them."""
    pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    kept = [pair for pair in pairs if not _is_named(pair[0], names)]
    return text if len(kept) == len(pairs) else urlencode(kept, errors="surrogateescape")


def _without_fields(body: bytes, headers: Headers, form: list[str], paths: list[str]) -> bytes:
    media = media_type(headers)
    if form and media == FORM:
        return _without_pairs(body.decode("latin-1"), form).encode("latin-1")
    if form and media.startswith("multipart/"):
        return b"".join(_kept_parts(body, headers, form))
    if paths and is_json_body(media, body):
        return _without_paths(body, [p for path in paths if (p := json_path_pattern(path))])
    return body


def _kept_parts(body: bytes, headers: Headers, names: list[str]) -> Iterator[bytes]:
    boundary = multipart_boundary(headers)
    first, *parts = body.split(b"--" + boundary) if boundary else [body]
    yield first
    for part in parts:
        found = _PART_NAME.search(part.partition(b"\r\n\r\n")[0])
        if not (found and _is_named(found[1].decode("latin-1"), names)):
            yield b"--" + (boundary or b"") + part


def _without_paths(body: bytes, patterns: list[re.Pattern[str]]) -> bytes:
    try:
        value = json.loads(body)
        kept = _kept(value, patterns, "")
        return body if kept == value else json.dumps(kept).encode()
    except (ValueError, RecursionError):
        return body


def _kept(value: Any, patterns: list[re.Pattern[str]], place: str) -> Any:
    if isinstance(value, dict):
        below = f"{place}." if place else ""
        return {
            name: _kept(inner, patterns, below + name)
            for name, inner in value.items()
            if not _matches(patterns, below + name)
        }
    if isinstance(value, list):
        at = f"{place}[]"
        return [] if _matches(patterns, at) else [_kept(inner, patterns, at) for inner in value]
    return value


def _matches(patterns: list[re.Pattern[str]], place: str) -> bool:
    return any(pattern.fullmatch(place) for pattern in patterns)


# --- functions --------------------------------------------------------------------------------


def checked_normaliser(function: Any) -> Normaliser:
    """Return the function of a suite, as one whose result is checked."""
    name = getattr(function, "__qualname__", repr(function))

    def normalise(request: Request) -> Request:
        found = function(request)
        if not isinstance(found, Request):
            kind = type(found).__name__
            raise ConfigurationError(
                f"normalise: {name} returned {kind}; it has to return the request, such as "
                "request._replace(url=…)"
            )
        return found

    return normalise
