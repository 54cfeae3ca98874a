"""Draft an OpenAPI 3.1 document that accepts all recordings it was made from.

Requests count only if the API accepted them: others may be wrong on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus, urlsplit

from ...drift.body_values import Json
from ...exchange import Request, Response, header, media_type
from ..bodies import NoJsonError, UncheckedBodyError, has_whole_body, value_of
from ..operations import METHODS, REFUSALS
from ..parameters import given
from .paths import Api, Call, Recorded, Templates, api_of
from .values import TextValues, Values, schema_of

_OF_CLIENTS = frozenset(
    "host connection user-agent accept accept-encoding accept-language accept-charset te trailer "
    "content-type content-length content-encoding transfer-encoding authorization cookie origin "
    "referer cache-control pragma upgrade-insecure-requests traceparent tracestate dnt "
    "proxy-authorization keep-alive upgrade expect".split()
)
"""Headers that clients send on their own, and those that OpenAPI names elsewhere."""
_SCHEMES: dict[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
}


class Draft(NamedTuple):
    """A document, and how much of the recordings is in it."""

    document: dict[str, Json]
    calls: int
    others: int
    """Interactions that are left out: other hosts, no answer, unusual methods."""


@dataclass(slots=True)
class _Body:
    """The bodies of one media type. Without a schema if one of them has no value, or is empty."""

    values: Values = field(default_factory=Values)
    has_schema: bool = True

    def add(self, message: Request | Response, call: Call) -> None:
        try:
            value = value_of(None, None, message)
        except (NoJsonError, UncheckedBodyError):
            self.has_schema = False
            return
        self.values.add(value, call.recorded.name, call.recorded.cassette.is_legacy)

    def to_json(self, media: str) -> Json:
        if not self.has_schema or not self.values.types:
            return {}
        is_text = not media.endswith(("json", "x-www-form-urlencoded", "form-data"))
        return {"schema": {"type": "string"} if is_text else schema_of(self.values)}


@dataclass(slots=True)
class _Parameter:
    """The values of one parameter, and how many requests have it."""

    texts: TextValues = field(default_factory=TextValues)
    requests: int = 0
    is_list: bool = False

    def add(self, texts: Sequence[str], call: Call) -> None:
        self.requests += 1
        self.is_list |= len(texts) > 1
        for text in texts:
            self.texts.add(text, call.recorded.name, call.recorded.cassette.is_legacy)

    def to_json(self, name: str, place: str, requests: int) -> Json:
        schema: Json = self.texts.schema()
        if self.is_list:
            schema = {"type": "array", "items": schema}
        found: dict[str, Json] = {"name": name, "in": place, "schema": schema}
        is_always = place == "query" and self.requests == requests > 1
        return {**found, "required": True} if place == "path" or is_always else found


@dataclass(slots=True)
class _Operation:
    """What was recorded of one operation."""

    parameters: dict[tuple[str, str], _Parameter] = field(default_factory=dict)
    """By place and name."""
    accepted: int = 0
    bodies: dict[str, _Body] = field(default_factory=dict)
    with_body: int = 0
    answers: dict[int, dict[str, _Body]] = field(default_factory=dict)
    schemes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, call: Call, path: dict[str, str]) -> None:
        if call.is_accepted:
            self._add_request(call, path)
        answers = self.answers.setdefault(call.response.status, {})
        if not has_whole_body(call.request, call.response):
            return
        if call.response.body:
            media = media_type(call.response.headers) or "*/*"
            answers.setdefault(media, _Body()).add(call.response, call)
        else:
            answers.setdefault("", _Body())

    def _add_request(self, call: Call, path: dict[str, str]) -> None:
        self.accepted += 1
        for (place, name), texts in _sent(call.request, path).items():
            self.parameters.setdefault((place, name), _Parameter()).add(texts, call)
        scheme = (header(call.request.headers, "authorization") or "").partition(" ")[0].lower()
        if scheme in _SCHEMES:
            self.schemes[scheme] += 1
        if call.request.body:
            self.with_body += 1
            media = media_type(call.request.headers) or "*/*"
            self.bodies.setdefault(media, _Body()).add(call.request, call)

    def to_json(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        order = ("path", "query", "header", "cookie")
        parameters: list[Json] = [
            self.parameters[key].to_json(key[1], key[0], self.accepted)
            for key in sorted(self.parameters, key=lambda key: (order.index(key[0]), key[1]))
        ]
        if parameters:
            found["parameters"] = parameters
        if self.bodies:
            is_required = self.with_body == self.accepted > 1
            content: Json = {media: body.to_json(media) for media, body in self.bodies.items()}
            body: dict[str, Json] = {"content": content}
            found["requestBody"] = {**body, "required": True} if is_required else body
        security: list[Json] = [
            {name: []} for name, n in sorted(self.schemes.items()) if n == self.accepted
        ]
        if security:
            found["security"] = security
        found["responses"] = {
            str(status): _answer(status, bodies) for status, bodies in sorted(self.answers.items())
        }
        return found


def _sent(request: Request, path: dict[str, str]) -> dict[tuple[str, str], list[str]]:
    """Return the parameters of a request by place and name, decoded."""
    sent = given(request, path)
    found: dict[tuple[str, str], list[str]] = {}
    for name, text in path.items():
        found["path", name] = [unquote(text)]
    for name, text in sent.query:
        found.setdefault(("query", name), []).append(unquote_plus(text))
    for name, text in sent.headers:
        if name.lower() not in _OF_CLIENTS and not name.lower().startswith("x-forwarded"):
            found["header", name.lower()] = [text]
    for name, text in sent.cookies:
        found["cookie", name] = [unquote(text)]
    return found


def _answer(status: int, bodies: dict[str, _Body]) -> Json:
    try:
        description = HTTPStatus(status).phrase
    except ValueError:
        description = f"Status {status}"
    found: dict[str, Json] = {"description": description}
    if any(bodies):
        # Answers with and without a body: only a media type without a schema allows both.
        found["content"] = {
            media: {} if "" in bodies else body.to_json(media)
            for media, body in bodies.items()
            if media
        }
    return found


def draft(recorded: Sequence[Recorded]) -> Draft:
    """Return a document for what was recorded."""
    api = api_of(recorded)
    templates = Templates(api.calls)
    operations: defaultdict[str, defaultdict[str, _Operation]] = defaultdict(
        lambda: defaultdict(_Operation)
    )
    for call in api.calls:
        if found := templates.find(call.path):
            template, values = found
            names = template.names
            operation = operations[template.path][call.request.method.lower()]
            operation.add(call, dict(zip(names, values, strict=True)))
    return Draft(_document(api, operations), len(api.calls), api.others)


def _document(api: Api, operations: dict[str, defaultdict[str, _Operation]]) -> dict[str, Json]:
    host = urlsplit(api.url).netloc
    paths: dict[str, Json] = {}
    schemes: set[str] = set()
    for path in sorted(operations):
        item: dict[str, Json] = {
            method: operations[path][method].to_json()
            for method in METHODS
            if _exists(operations[path], method)
        }
        if item:
            paths[path] = item
            schemes |= {name for each in operations[path].values() for name in each.schemes}
    title = f"Drafted from recordings of {host}" if host else "Drafted from recordings"
    found: dict[str, Json] = {"openapi": "3.1.0", "info": {"title": title, "version": "0"}}
    if api.url:
        found["servers"] = [{"url": api.url}]
    found["paths"] = paths
    if schemes:
        found["components"] = {
            "securitySchemes": {name: _SCHEMES[name] for name in sorted(schemes)}
        }
    return found


def _exists(operations: dict[str, _Operation], method: str) -> bool:
    """Whether the API has a method of a path: not if it only ever says that it has not.

    HEAD exists where GET does, whatever it answers.
    """
    if method not in operations:
        return False
    is_refused = REFUSALS.issuperset(operations[method].answers)
    return not is_refused or (method == "head" and _exists(operations, "get"))
