"""Plain values → Cassette. The values come from a YAML reader or a vcrpy serializer.

Values that vcrpy wrote in another form for some clients are brought into today's form first
(`vcrpy_variants`). Every value of the wrong kind is a CassetteError that names its line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..exchange import Failure, Headers, Interaction, Outcome, Request, Response
from . import json_blocks, vcrpy_variants
from .body_files import BodyFileError, BodyFileName, FetchBody
from .model import FORMAT, Cassette, Header
from .source_text import Place, SourceText, describe, kind_of
from .yaml import fast_load

_MAX_SIZE_DIGITS = 16
"""Digits in a number of bytes. Python refuses to convert numbers of more than 4300 digits."""
_UPGRADE = "Upgrade pytest-reprise to read it."


class CassetteBuilder:
    """Builds the cassette of one source text. All methods raise CassetteError."""

    def __init__(self, source: SourceText, fetch_body: FetchBody) -> None:
        self._source = source
        self._fetch_body = fetch_body

    def cassette(self, document: object) -> Cassette:
        """Return the cassette in a document of plain values."""
        top = self._top(document)
        self._check_version(top)
        ours = top.get("reprise")
        header = None if ours is None else self.header(self._mapping(ours, ("reprise",)))
        if header and self._source.is_cut_off:
            problem = "the cassette is truncated: its last line should be `...`"
            raise self._source.error(self._source.line_count, problem)
        found = top.get("interactions")
        if not isinstance(found, list):
            raise self._source.error(("interactions",), "`interactions` is not a list")
        return Cassette(tuple(self._interaction(i, n) for n, i in enumerate(found)), header)

    def _top(self, document: object) -> dict[str, Any]:
        if document is None:
            raise self._source.error(1, "the cassette is empty")
        if isinstance(document, dict):
            return document
        kind = type(document).__name__
        problem = f"a cassette is a mapping with `interactions`, not a {kind}"
        raise self._source.error(1, problem)

    def _check_version(self, top: dict[str, Any]) -> None:
        if type(top.get("version")) is int and top["version"] == 1:
            return
        found = f"`version: {top['version']}`" if "version" in top else "no `version`"
        repair = "Reprise reads vcrpy's cassettes of version 1; check that this is one."
        problem = f"{found} where `version: 1` is expected"
        raise self._source.error(("version",), problem, repair)

    def header(self, ours: Mapping[Any, Any]) -> Header:
        """Return the header in the values under `reprise:`."""
        if ours.get("version") != FORMAT:
            problem = f"written by a newer Reprise (its format is {ours.get('version')!r})"
            raise self._source.error(("reprise", "version"), problem, _UPGRADE)
        place: Place = ("reprise",)
        seed = ours.get("seed")
        if seed is not None and type(seed) is not int:
            problem = f"the seed {seed!r} is not a whole number"
            raise self._source.error(("reprise", "seed"), problem)
        return Header(
            self._recorded_at(ours, place),
            self._text(ours, "recorded_with", place),
            str(ours.get("scope", "")),
            seed,
            str(ours.get("base_url", "")),
            self._mapping(ours.get("values", {}), (*place, "values")),
        )

    def _recorded_at(self, ours: Mapping[Any, Any], place: Place) -> datetime:
        written = self._text(ours, "recorded_at", place)
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            moment = datetime.min
        if moment.tzinfo is None:
            problem = f"{written!r} is not a time with a time zone"
            raise self._source.error((*place, "recorded_at"), problem)
        return moment

    # --- interactions -------------------------------------------------------------------------

    def _interaction(self, found: object, number: int) -> Interaction:
        place: Place = ("interactions", number)
        interaction = self._mapping(found, place)
        ours = self._mapping(interaction.get("reprise", {}), (*place, "reprise"))
        return Interaction(
            self._request(interaction.get("request"), ours, (*place, "request")),
            self._outcome(interaction.get("response"), ours, (*place, "response")),
            str(ours.get("scope", "")),
            self._at(ours, place),
        )

    def _at(self, ours: dict[str, Any], place: Place) -> float:
        at = ours.get("at", 0.0)
        if type(at) in (int, float) and 0 <= at < math.inf:
            return float(at)
        raise self._source.error((*place, "reprise", "at"), f"{at!r} is not a number of seconds")

    def _request(self, found: object, ours: dict[str, Any], place: Place) -> Request:
        request = self._mapping(found, place)
        found_body = vcrpy_variants.body_of_values(request.get("body"))
        body = self._body(found_body, ours.get("request_json"), (*place, "body"))
        order = ours.get("request_headers")
        headers = self._headers(request.get("headers"), order, (*place, "headers"))
        method, url = self._text(request, "method", place), self._url(request, place)
        return Request(method, url, headers, body)

    def _url(self, request: dict[str, Any], place: Place) -> str:
        url = self._text(request, "uri", place)
        if fast_load.PLAIN_URL.fullmatch(url):
            return url
        try:
            urlsplit(url)
        except ValueError as error:
            problem = f"{url!r} is not a URL: {error}"
            raise self._source.error((*place, "uri"), problem) from error
        return url

    def _outcome(self, found: object, ours: dict[str, Any], place: Place) -> Outcome:
        if "failure" in ours:
            return self._failure(ours["failure"], (*place[:2], "reprise", "failure"))
        response = vcrpy_variants.response(self._mapping(found, place))
        broken_by, order = ours.get("broken_by"), ours.get("response_headers")
        status, reason, body = self._status_and_body(response, ours, place)
        chunks = self._chunks(ours, len(body), (*place[:2], "reprise"))
        return Response(
            status,
            reason,
            self._headers(response.get("headers"), order, (*place, "headers")),
            body,
            str(ours.get("http_version", "HTTP/1.1")),
            chunks,
            self._failure(broken_by, (*place[:2], "reprise", "broken_by")) if broken_by else None,
        )

    def _status_and_body(
        self, response: dict[str, Any], ours: dict[str, Any], place: Place
    ) -> tuple[int, str, bytes]:
        status = self._mapping(response.get("status"), (*place, "status"))
        code, reason = status.get("code"), str(status.get("message") or "")
        found = self._mapping(response.get("body") or {}, (*place, "body"))
        style = ours.get("response_json")
        body = self._body(found.get("string"), style, (*place, "body", "string"))
        if type(code) is not int:
            raise self._source.error((*place, "status"), f"the status code is {code!r}")
        return code, reason, body

    def _failure(self, found: object, place: Place) -> Failure:
        failure = self._mapping(found, place)
        return Failure(self._text(failure, "error", place), str(failure.get("message", "")))

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
            problem = f"unknown JSON style {style!r}"
            raise self._source.error(place, problem, _UPGRADE) from None
        except (ValueError, RecursionError) as error:
            problem = f"the body is not valid JSON: {error}"
            raise self._source.error(place, problem, "Fix the JSON, or record again.") from error

    def _fetched(self, name: str, place: Place) -> bytes:
        try:
            return self._fetch_body(name)
        except BodyFileError as error:
            raise self._source.error(place, error.problem, error.repair) from None

    # --- headers ------------------------------------------------------------------------------

    def _headers(self, found: object, order: object, place: Place) -> Headers:
        """Return the headers; `order` lists names in wire order where `found` does not show it."""
        if order is None and isinstance(found, dict) and (pairs := _pairs(found)) is not None:
            return pairs
        headers = self._mapping(vcrpy_variants.headers_by_name(found) or {}, place)
        grouped = {
            _header_text(name): list(self._header_values(values, (*place, name)))
            for name, values in headers.items()
        }
        names = order if isinstance(order, list) else []
        in_order = [(n, grouped[n].pop(0)) for n in map(str, names) if grouped.get(n)]
        return (*in_order, *((name, value) for name, left in grouped.items() for value in left))

    def _header_values(self, found: object, place: Place) -> Iterator[str]:
        values = found if isinstance(found, (list, tuple)) else [found]
        for number, value in enumerate(values):
            if isinstance(value, (dict, list)):
                problem = f"the header {place[-1]} is {kind_of(value)} where text is expected"
                raise self._source.error((*place, number), problem)
            yield _header_text(value)

    # --- kinds of values ----------------------------------------------------------------------

    def _mapping(self, found: object, place: Place) -> dict[str, Any]:
        if isinstance(found, dict):
            return found
        problem = f"{describe(place)} is {kind_of(found)} where a mapping is expected"
        raise self._source.error(place, problem)

    def _text(self, mapping: Mapping[str, object], key: str, place: Place) -> str:
        found = mapping.get(key)
        if isinstance(found, str):
            return found
        problem = f"{describe((*place, key))} is {kind_of(found)} where text is expected"
        raise self._source.error((*place, key), problem)


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


def _header_text(found: object) -> str:
    """vcrpy writes a header that is not ASCII as bytes. On the wire these are latin-1."""
    return found.decode("latin-1") if isinstance(found, bytes) else str(found)
