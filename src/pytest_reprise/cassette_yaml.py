"""YAML text ↔ Cassette, in vcrpy's version 1 form; what we add stands under `reprise:`.

The text of a cassette that we wrote ends with YAML's end-of-document marker `...`, so that a
truncated copy is known as one even where it was cut between two interactions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import yaml

from . import bodies, legacy_forms, written_form
from .cassette import FORMAT, Cassette, Header
from .errors import CassetteError
from .exchange import Failure, Headers, Interaction, Outcome, Request, Response, by_name
from .safe_yaml import Block, CassetteDumper, NotYaml, line_of, load
from .yaml_events import NotPlain

Place: TypeAlias = tuple[str | int, ...]
"""Where in the document: keys and positions from its top."""

RECORD_AGAIN = "Restore the file from version control, or delete it and record again."
_LONGEST_SIZE = 16
"""Digits in a number of bytes."""
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[!-Z^-~]*)?")
"""With no brackets: only these can be wrong."""
NO_RESPONSE = 599
"""The status that stands in for a failure where a reader wants a response (vcrpy does)."""


# --- Cassette → text --------------------------------------------------------------------------


def document_of(cassette: Cassette, readable: bool = False) -> dict[str, object]:
    """A cassette as plain values: dicts, lists, texts, numbers, and bytes that are no text.

    `readable` is for YAML, which has blocks for texts of many lines.
    """
    document: dict[str, object] = {"version": 1}
    if cassette.header:
        document["reprise"] = _dump_header(cassette.header)
    document["interactions"] = [_dump_interaction(i, readable) for i in cassette.interactions]
    return document


def dump(cassette: Cassette) -> str:
    """The text of a cassette; the same cassette always gives the same text."""
    return yaml.dump(
        document_of(cassette, readable=True),
        Dumper=CassetteDumper,
        allow_unicode=True,
        sort_keys=False,
        width=2**31 - 1,
        explicit_end=cassette.header is not None,
    )


def _dump_header(header: Header) -> dict[str, object]:
    optional: dict[str, object] = {
        "base_url": header.base_url,
        "seed": header.seed,
        "scope": header.scope,
        "values": dict(header.values),
    }
    return {
        "version": FORMAT,
        "recorded_at": header.recorded_at.isoformat(),
        "recorded_with": header.recorded_with,
        **{name: value for name, value in optional.items() if value not in (None, "", {})},
    }


def _dump_interaction(interaction: Interaction, readable: bool) -> dict[str, object]:
    request, outcome = interaction.request, interaction.outcome
    ours: dict[str, object] = {"scope": interaction.scope} if interaction.scope else {}
    if interaction.at:
        ours["at"] = interaction.at
    written: dict[str, object] = {
        "request": {
            "method": request.method,
            "uri": request.url,
            "body": _dump_body(request.body, ours, readable, "request_json"),
            "headers": _dump_headers(request.headers, ours, "request_headers"),
        },
        "response": _dump_outcome(outcome, ours, readable),
    }
    return {**written, "reprise": ours} if ours else written


def _dump_outcome(outcome: Outcome, ours: dict[str, object], readable: bool) -> dict[str, object]:
    if isinstance(outcome, Failure):
        ours["failure"] = _dump_failure(outcome)
        status: dict[str, object] = {"code": NO_RESPONSE, "message": outcome.error}
        return {"status": status, "headers": {}, "body": {"string": ""}}
    if outcome.http_version != "HTTP/1.1":
        ours["http_version"] = outcome.http_version
    if outcome.chunks:
        ours["chunks"] = " ".join(map(str, outcome.chunks))
    if outcome.broken_by:
        ours["broken_by"] = _dump_failure(outcome.broken_by)
    return {
        "status": {"code": outcome.status, "message": outcome.reason},
        "headers": _dump_headers(outcome.headers, ours, "response_headers"),
        "body": {"string": _dump_body(outcome.body, ours, readable, "response_json")},
    }


def _dump_failure(failure: Failure) -> dict[str, str]:
    return {"error": failure.error, "message": failure.message}


def _dump_headers(
    headers: Headers, ours: dict[str, object], order_key: str
) -> dict[str, list[str]]:
    """By name, as vcrpy has them; where others stood between repeats, the order is noted too."""
    written = by_name(headers)
    names = [name for name, _ in headers]
    if names != [name for name, values in written.items() for _ in values]:
        ours[order_key] = names
    return written


def _dump_body(body: bytes, ours: dict[str, object], readable: bool, style_key: str) -> str | bytes:
    if readable and (indented := bodies.indented(body)):
        block, ours[style_key] = indented
        return Block(block)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    return Block(text) if readable and "\n" in text else text


# --- text → Cassette --------------------------------------------------------------------------


Read: TypeAlias = Callable[[str], object]
"""From the text of a file to plain values, as a serializer of vcrpy does."""


def parse(text: str, path: Path, read: Read | None = None) -> Cassette:
    """The cassette that stands in `text`, which is YAML where `read` is not given.

    `path` is for messages. Raises CassetteError with line and repair for whatever is no cassette.
    """
    return _Parser(text, path, read).cassette()


class _Parser:
    def __init__(self, text: str, path: Path, read: Read | None) -> None:
        self.text = text
        self.path = path
        self.read = read

    def cassette(self) -> Cassette:
        document = self._document()
        if type(document.get("version")) is not int or document["version"] != 1:
            found = f"`version: {document['version']}`" if "version" in document else "no `version`"
            repair = "Reprise reads vcrpy's cassettes of version 1; check that this is one."
            raise self._error(("version",), f"{found} where `version: 1` is expected", repair)
        ours = document.get("reprise")
        header = None if ours is None else self._header(self._mapping(ours, ("reprise",)))
        if header and not self.read and not self.text.rstrip().endswith("\n..."):
            problem = "the cassette is truncated: its last line should be `...`"
            raise self._error(self._line_count(), problem, RECORD_AGAIN)
        found_list = document.get("interactions")
        if not isinstance(found_list, list):
            raise self._error(("interactions",), "`interactions` is no list", RECORD_AGAIN)
        return Cassette(tuple(self._interaction(i, n) for n, i in enumerate(found_list)), header)

    def _document(self) -> dict[str, Any]:
        document = self._values()
        if document is None:
            raise self._error(1, "the cassette is empty", RECORD_AGAIN)
        if not isinstance(document, dict):
            kind = type(document).__name__
            problem = f"a cassette is a mapping with `interactions`, not a {kind}"
            raise self._error(1, problem, RECORD_AGAIN)
        return document

    def _values(self) -> object:
        try:
            return self.read(self.text) if self.read else _values_of(self.text)
        except NotYaml as error:
            raise self._yaml_error(error) from error
        except Exception as error:  # whatever a serializer of the suite's own raises
            if self.read is None:
                raise
            problem = f"the serializer cannot read it: {type(error).__name__}: {error}"
            raise self._error(1, problem, RECORD_AGAIN) from error

    def _header(self, ours: dict[str, Any]) -> Header:
        if ours.get("version") != FORMAT:
            problem = f"written by a newer Reprise (its format is {ours.get('version')!r})"
            raise self._error(("reprise", "version"), problem, "Upgrade pytest-reprise to read it.")
        place: Place = ("reprise",)
        seed = ours.get("seed")
        if seed is not None and type(seed) is not int:
            raise self._error(
                ("reprise", "seed"), f"the seed is {seed!r}, no whole number", RECORD_AGAIN
            )
        return Header(
            self._moment(ours, place),
            self._text(ours, "recorded_with", place),
            str(ours.get("scope", "")),
            seed,
            str(ours.get("base_url", "")),
            self._mapping(ours.get("values", {}), (*place, "values")),
        )

    def _moment(self, ours: dict[str, Any], place: Place) -> datetime:
        written = self._text(ours, "recorded_at", place)
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            moment = datetime.min
        if moment.tzinfo is None:
            problem = f"{written!r} is no time with a time zone"
            raise self._error((*place, "recorded_at"), problem, RECORD_AGAIN)
        return moment

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
        raise self._error(
            (*place, "reprise", "at"), f"{at!r} is no number of seconds", RECORD_AGAIN
        )

    def _request(self, found: object, ours: dict[str, Any], place: Place) -> Request:
        request = self._mapping(found, place)
        found_body = legacy_forms.body_of_values(request.get("body"))
        body = self._body(found_body, ours.get("request_json"), (*place, "body"))
        order = ours.get("request_headers")
        headers = self._headers(request.get("headers"), order, (*place, "headers"))
        method, url = self._text(request, "method", place), self._url(request, place)
        return Request(method, url, headers, body)

    def _outcome(self, found: object, ours: dict[str, Any], place: Place) -> Outcome:
        if "failure" in ours:
            return self._failure(ours["failure"], (*place[:2], "reprise", "failure"))
        response = legacy_forms.response(self._mapping(found, place))
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
            raise self._error((*place, "status"), f"the status code is {code!r}", RECORD_AGAIN)
        return code, reason, body

    def _failure(self, found: object, place: Place) -> Failure:
        failure = self._mapping(found, place)
        return Failure(self._text(failure, "error", place), str(failure.get("message", "")))

    def _chunks(self, ours: dict[str, Any], size: int, place: Place) -> tuple[int, ...]:
        words = str(ours.get("chunks", "")).split()
        if not all(word.isdecimal() and len(word) < _LONGEST_SIZE for word in words):
            raise self._error((*place, "chunks"), "`chunks` are sizes in bytes", "Delete the line.")
        chunks = tuple(map(int, words))
        # A body that was edited by hand comes in one piece.
        return chunks if sum(chunks) == size else ()

    def _body(self, found: object, style: object, place: Place) -> bytes:
        if isinstance(found, bytes):
            return found
        if found is None:
            return b""
        if not isinstance(found, str):
            problem = f"the body is a {type(found).__name__}, not text or !!binary"
            raise self._error(place, problem, "Put the body in quotes, or record again.")
        if style is None:
            return found.encode()
        try:
            return bodies.from_indented(found, str(style))
        except KeyError:
            problem = f"unknown JSON style {style!r}"
            raise self._error(place, problem, "Upgrade pytest-reprise to read it.") from None
        except (ValueError, RecursionError) as error:
            problem = f"the body is no valid JSON: {error}"
            raise self._error(place, problem, "Mend the JSON, or record again.") from error

    def _headers(self, found: object, order: object, place: Place) -> Headers:
        if order is None and isinstance(found, dict) and (pairs := _pairs(found)) is not None:
            return pairs
        headers = self._mapping(legacy_forms.headers_by_name(found) or {}, place)
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
                problem = f"the header {place[-1]} is {_kind(value)} where text is expected"
                raise self._error((*place, number), problem, RECORD_AGAIN)
            yield _header_text(value)

    def _mapping(self, found: object, place: Place) -> dict[str, Any]:
        if isinstance(found, dict):
            return found
        name = _spoken(place)
        raise self._error(
            place, f"{name} is {_kind(found)} where a mapping is expected", RECORD_AGAIN
        )

    def _url(self, request: dict[str, Any], place: Place) -> str:
        url = self._text(request, "uri", place)
        if _PLAIN_URL.fullmatch(url):
            return url
        try:
            urlsplit(url)
        except ValueError as error:
            problem = f"{url!r} is no URL: {error}"
            raise self._error((*place, "uri"), problem, RECORD_AGAIN) from error
        return url

    def _text(self, mapping: Mapping[str, object], key: str, place: Place) -> str:
        found = mapping.get(key)
        if isinstance(found, str):
            return found
        problem = f"{_spoken((*place, key))} is {_kind(found)} where text is expected"
        raise self._error((*place, key), problem, RECORD_AGAIN)

    def _yaml_error(self, error: NotYaml) -> CassetteError:
        if error.is_tag:
            repair = "Reprise builds no objects from a cassette; delete the file and record again."
            problem = f"a YAML tag that is not safe to load: {error.problem}"
            return self._error(error.line, problem, repair)
        problem = f"not valid YAML, perhaps truncated: {error.problem}"
        return self._error(error.line, problem, RECORD_AGAIN)

    def _error(self, where: Place | int, problem: str, repair: str) -> CassetteError:
        is_yaml = self.read is None
        line = where if isinstance(where, int) else line_of(self.text, where) if is_yaml else 1
        return CassetteError(self.path, line, problem, repair)

    def _line_count(self) -> int:
        return self.text.count("\n") + 1


def _pairs(headers: dict[object, object]) -> Headers | None:
    """Names and values, where all are texts, as nearly always."""
    pairs = []
    for name, values in headers.items():
        if type(name) is not str or type(values) is not list:
            return None
        for value in values:
            if type(value) is not str:
                return None
            pairs.append((name, value))
    return tuple(pairs)


def _values_of(text: str) -> object:
    try:
        return written_form.load(text)
    except NotPlain:
        return load(text)


def _header_text(found: object) -> str:
    return found.decode("latin-1") if isinstance(found, bytes) else str(found)


def _spoken(place: Place) -> str:
    """The place in words: the 3rd interaction is "interaction 3"."""
    if place[:1] == ("interactions",) and len(place) > 1:
        rest = "".join(f", {step}" for step in place[2:])
        return f"interaction {int(place[1]) + 1}{rest}"
    return ".".join(map(str, place))


def _kind(found: object) -> str:
    return "missing" if found is None else f"a {type(found).__name__}"
