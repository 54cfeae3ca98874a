"""Plain values → Cassette. The values come from a YAML reader or a vcrpy serializer.

Values that vcrpy wrote in another form for some clients are brought into today's form first
(`vcrpy_variants`). Every value of the wrong kind is a CassetteError that names its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..exchange import NO_BODY, Failure, Headers, Interaction, Latency, Outcome, Request, Response
from ..patterns import lazy_regex
from . import json_blocks, vcrpy_variants
from .body_files import BodyFileError, BodyFileName, FetchBody
from .limits import LimitError, check_values
from .model import FORMAT, SEEDS, Cassette, Header
from .source_text import Place, SourceText, kind_of, shown
from .typed_values import TypedValues, as_text
from .yaml import fast_load

_PLAIN_URL = lazy_regex(fast_load.PLAIN_URL)
_MAX_SIZE_DIGITS = 16
"""Digits in a number of bytes. Python refuses to convert numbers of more than 4300 digits."""
_MAX_SECONDS = 10**10
"""Limit of times, some 300 years: the clock of a replay has to be able to show the time."""
_YEARS = range(1970, 3000)
"""Years of a recording. The clocks of some systems show no others."""
_LATENCY = {"latency", "latency_of_body"}
_STATUS_CODES = range(100, 1000)
"""A status code has three digits (RFC 9112, section 4); no client accepts one below 100."""
_UPGRADE = "Upgrade pytest-reprise to read it."


class CassetteBuilder:
    """Builds the cassette of one source text. All methods raise CassetteError."""

    def __init__(self, source: SourceText, fetch_body: FetchBody) -> None:
        self._source = source
        self._fetch_body = fetch_body
        self._values = TypedValues(source)

    def cassette(self, document: object) -> Cassette:
        """Return the cassette in a document of plain values."""
        self._check_texts(document)
        top = self._top(document)
        ours = top.get("reprise")
        self._values.is_ours = ours is not None
        self._check_version(top)
        header = None if ours is None else self.header(self._values.mapping(ours, ("reprise",)))
        if header and self._source.is_cut_off:
            problem = "the cassette is truncated: its last line should be `...`"
            raise self._source.error(self._source.line_count, problem)
        found = top.get("interactions")
        if not isinstance(found, list):
            raise self._source.error(("interactions",), "`interactions` is not a list")
        self._values.check_keys("cassette", top, ())
        return Cassette(tuple(self._interaction(i, n) for n, i in enumerate(found)), header)

    def _check_texts(self, document: object) -> None:
        """Refuse texts that UTF-8 cannot hold. Only escapes such as `\\ud800` make them."""
        if "\\u" not in self._source.text and "\\U" not in self._source.text:
            return
        try:
            check_values(document, len(self._source.text))
        except UnicodeEncodeError as error:
            problem = f"the text {shown(error.object)} cannot be written in UTF-8"
            raise self._source.error(1, problem) from None
        except LimitError as error:
            raise self._source.error(error.line, error.problem) from None

    def _top(self, document: object) -> dict[str, Any]:
        if document is None:
            raise self._source.error(1, "the cassette is empty")
        if isinstance(document, dict):
            return document
        kind = type(document).__name__
        problem = f"a cassette is a mapping with `interactions`, not a {kind}"
        raise self._source.error(1, problem)

    def _check_version(self, top: dict[str, Any]) -> None:
        """Refuse other versions than 1. vcrpy never reads the field, so it may be missing."""
        if type(top.get("version")) is int and top["version"] == 1:
            return
        if not self._values.is_ours and top.get("version") in (None, "1"):
            return
        found = f"`version: {shown(top['version'])}`" if "version" in top else "no `version`"
        repair = "Reprise reads vcrpy's cassettes of version 1; check that this is one."
        problem = f"{found} where `version: 1` is expected"
        raise self._source.error(("version",), problem, repair)

    def header(self, ours: Mapping[Any, Any]) -> Header:
        """Return the header in the values under `reprise:`."""
        if type(ours.get("version")) is not int or ours["version"] != FORMAT:
            problem = f"written by a newer Reprise (its format is {shown(ours.get('version'))})"
            raise self._source.error(("reprise", "version"), problem, _UPGRADE)
        place: Place = ("reprise",)
        self._values.is_ours = True
        self._values.check_keys("header", ours, place)
        seed = ours.get("seed")
        if seed is not None and (type(seed) is not int or seed not in SEEDS):
            problem = f"the seed {shown(seed)} is not a whole number from 0 to {SEEDS[-1]}"
            raise self._source.error(("reprise", "seed"), problem)
        return Header(
            self._moment(ours, "recorded_at"),
            self._values.text(ours, "recorded_with", place),
            self._values.text(ours, "scope", place, ""),
            seed,
            self._values.text(ours, "base_url", place, ""),
            self._values.mapping(ours.get("values", {}), (*place, "values")),
            self._moment(ours, "confirmed_at") if "confirmed_at" in ours else None,
        )

    def _moment(self, ours: Mapping[Any, Any], key: str) -> datetime:
        place: Place = ("reprise",)
        written = self._values.text(ours, key, place)
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            moment = datetime.min
        if moment.tzinfo is None:
            problem = f"{shown(written)} is not a time with a time zone"
            raise self._source.error((*place, key), problem)
        if moment.year not in _YEARS:
            problem = f"{shown(written)} is not between the years {_YEARS[0]} and {_YEARS[-1]}"
            raise self._source.error((*place, key), problem)
        return moment

    # --- interactions -------------------------------------------------------------------------

    def _interaction(self, found: object, number: int) -> Interaction:
        place: Place = ("interactions", number)
        interaction = self._values.mapping(found, place)
        ours = self._values.mapping(interaction.get("reprise", {}), (*place, "reprise"))
        self._values.check_keys("interaction", interaction, place)
        self._values.check_keys("additions", ours, (*place, "reprise"))
        return Interaction(
            self._request(interaction.get("request"), ours, (*place, "request")),
            self._outcome(interaction.get("response"), ours, (*place, "response")),
            self._values.text(ours, "scope", (*place, "reprise"), ""),
            self._seconds(ours, "at", place) if "at" in ours else 0.0,
            self._latency(ours, place) if _LATENCY & ours.keys() else None,
        )

    def _latency(self, ours: dict[str, Any], place: Place) -> Latency:
        body = self._seconds(ours, "latency_of_body", place) if "latency_of_body" in ours else None
        return Latency(self._seconds(ours, "latency", place), body)

    def _seconds(self, ours: dict[str, Any], key: str, place: Place) -> float:
        seconds: Any = ours.get(key)
        if type(seconds) in (int, float) and 0 <= seconds < _MAX_SECONDS:
            return float(seconds)
        problem = f"{shown(seconds)} is not a number of seconds"
        raise self._source.error((*place, "reprise", key), problem)

    def _request(self, found: object, ours: dict[str, Any], place: Place) -> Request:
        request = self._values.mapping(found, place)
        self._values.check_keys("request", request, place)
        try:
            found_body = vcrpy_variants.body_of_values(request.get("body"))
        except (TypeError, ValueError) as error:
            problem = f"the body cannot be written as JSON: {error}"
            raise self._source.error((*place, "body"), problem) from error
        style = ours.get("request_json")
        body = (
            self._body(found_body, style, (*place, "body")) if found_body is not None else NO_BODY
        )
        order = self._names(ours, "request_headers", place)
        headers = self._headers(request.get("headers"), order, (*place, "headers"))
        if (recipe := ours.get("request_coding")) is not None:
            body, headers = self._compressed(body, headers, recipe, place, "request_coding")
        method, url = self._values.text(request, "method", place), self._url(request, place)
        return Request(method, url, headers, body)

    def _url(self, request: dict[str, Any], place: Place) -> str:
        url = self._values.text(request, "uri", place)
        if _PLAIN_URL.fullmatch(url):
            return url
        try:
            urlsplit(url)
        except ValueError as error:
            problem = f"{shown(url)} is not a URL: {error}"
            raise self._source.error((*place, "uri"), problem) from error
        return url

    def _outcome(self, found: object, ours: dict[str, Any], place: Place) -> Outcome:
        written = self._values.mapping(found, place)
        self._values.check_keys("response", written, place)
        if "failure" in ours:
            self._check_substitute(written, place)
            return self._failure(ours["failure"], (*place[:2], "reprise", "failure"))
        response = vcrpy_variants.response(written)
        broken_by, order = ours.get("broken_by"), self._names(ours, "response_headers", place)
        status, reason, body = self._status_and_body(response, ours, place)
        headers = self._headers(response.get("headers"), order, (*place, "headers"))
        if (recipe := ours.get("response_coding")) is not None:
            body, headers = self._compressed(body, headers, recipe, place, "response_coding")
        chunks = self._chunks(ours, len(body), (*place[:2], "reprise"))
        return Response(
            status,
            reason,
            headers,
            body,
            self._http_version(ours, (*place[:2], "reprise")),
            chunks,
            None
            if broken_by is None
            else self._failure(broken_by, (*place[:2], "reprise", "broken_by")),
        )

    def _http_version(self, ours: dict[str, Any], place: Place) -> str:
        version = self._values.text(ours, "http_version", place, "HTTP/1.1")
        if version.isascii() and version.isprintable():
            return version
        problem = f"{shown(version)} is not a version of HTTP"
        raise self._source.error((*place, "http_version"), problem)

    def _check_substitute(self, response: dict[str, Any], place: Place) -> None:
        """Check the keys of the response that stands for a failure; its values are not read."""
        for part in ("status", "body"):
            if isinstance(found := response.get(part), dict):
                self._values.check_keys(part, found, (*place, part))

    def _status_and_body(
        self, response: dict[str, Any], ours: dict[str, Any], place: Place
    ) -> tuple[int, str, bytes]:
        status = self._values.mapping(response.get("status"), (*place, "status"))
        self._values.check_keys("status", status, (*place, "status"))
        code = status.get("code")
        if type(code) is not int:
            raise self._source.error((*place, "status"), f"the status code is {shown(code)}")
        if code not in _STATUS_CODES:
            problem = f"the status code {shown(code)} is not between 100 and 999"
            raise self._source.error((*place, "status", "code"), problem)
        reason = self._values.scalar_text(status.get("message"), (*place, "status", "message"))
        found = self._values.mapping(response.get("body") or {}, (*place, "body"))
        self._values.check_keys("body", found, (*place, "body"))
        style = ours.get("response_json")
        body = self._body(found.get("string"), style, (*place, "body", "string"))
        return code, reason, body

    def _failure(self, found: object, place: Place) -> Failure:
        failure = self._values.mapping(found, place)
        self._values.check_keys("failure", failure, place)
        return Failure(
            self._values.text(failure, "error", place),
            self._values.text(failure, "message", place, ""),
        )

    def _chunks(self, ours: dict[str, Any], size: int, place: Place) -> tuple[int, ...]:
        words = str(ours.get("chunks", "")).split()
        if not all(word.isdecimal() and len(word) < _MAX_SIZE_DIGITS for word in words):
            problem = "`chunks` are sizes in bytes"
            raise self._source.error((*place, "chunks"), problem, "Delete the line.")
        chunks = tuple(map(int, words))
        # A body that was edited by hand may have another size. It comes in one chunk then.
        return chunks if sum(chunks) == size else ()

    # --- bodies -------------------------------------------------------------------------------

    def _body(self, found: object, style: object, place: Place) -> bytes:
        if isinstance(found, bytes):
            return found
        if isinstance(found, BodyFileName):
            return self._fetched(found, place)
        if found is None:
            return b""
        if not isinstance(found, str):
            problem = f"the body is a {type(found).__name__}, not text or !!binary"
            repair = "Put the body in quotes, or record again."
            raise self._source.error(place, problem, repair)
        return found.encode() if style is None else self._json(found, str(style), place)

    def _json(self, block: str, style: str, place: Place) -> bytes:
        try:
            return json_blocks.from_indented(block, style)
        except KeyError:
            problem = f"unknown JSON style {shown(style)}"
            raise self._source.error(place, problem, _UPGRADE) from None
        except (ValueError, RecursionError) as error:
            problem = f"the body is not valid JSON: {error}"
            raise self._source.error(place, problem, "Fix the JSON, or record again.") from error

    def _compressed(
        self, body: bytes, headers: Headers, recipe: object, place: Place, key: str
    ) -> tuple[bytes, Headers]:
        from . import compressed_bodies  # most cassettes do not need it

        try:
            return compressed_bodies.restored(body, headers, str(recipe))
        except ValueError:
            problem = f"unknown compression {shown(recipe)}"
            raise self._source.error((*place[:2], "reprise", key), problem, _UPGRADE) from None

    def _fetched(self, name: str, place: Place) -> bytes:
        try:
            return self._fetch_body(name)
        except BodyFileError as error:
            raise self._source.error(place, error.problem, error.repair) from None

    # --- headers ------------------------------------------------------------------------------

    def _headers(self, found: object, order: list[str] | None, place: Place) -> Headers:
        """Return the headers; `order` lists names in wire order where `found` does not show it."""
        if order is None and isinstance(found, dict) and (pairs := _pairs(found)) is not None:
            return pairs
        headers = self._values.mapping(vcrpy_variants.headers_by_name(found) or {}, place)
        grouped = {
            as_text(name): list(self._header_values(values, (*place, name)))
            for name, values in headers.items()
        }
        in_order = [(n, grouped[n].pop(0)) for n in order or () if grouped.get(n)]
        return (*in_order, *((name, value) for name, left in grouped.items() for value in left))

    def _names(self, ours: dict[str, Any], key: str, place: Place) -> list[str] | None:
        """Return the names of headers in wire order, or None if they are not noted."""
        names = ours.get(key)
        if names is None or (isinstance(names, list) and all(isinstance(n, str) for n in names)):
            return names
        problem = f"`{key}` is not a list of names"
        raise self._source.error((*place[:2], "reprise", key), problem)

    def _header_values(self, found: object, place: Place) -> Iterator[str]:
        values = found if isinstance(found, (list, tuple)) else [found]
        for number, value in enumerate(values):
            if isinstance(value, (dict, list)):
                problem = f"the header {place[-1]} is {kind_of(value)} where text is expected"
                raise self._source.error((*place, number), problem)
            yield as_text(value)


def _pairs(headers: dict[object, object]) -> Headers | None:
    """Return names and values if all are lists of texts, which is nearly always; else None."""
    pairs = []
    for name, values in headers.items():
        if type(name) is not str or type(values) is not list:
            return None
        for value in values:
            if type(value) is not str:
                return None
            pairs.append((name, value))
    return tuple(pairs)
