"""Text → Cassette: YAML in vcrpy's version 1 form, whoever wrote it, or what a serializer reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from ..errors import CassetteError
from ..exchange import Failure, Headers, Interaction, Outcome, Request, Response
from . import body_files, json_blocks, vcrpy_variants
from .body_files import BodyFileName, FetchBody
from .model import FORMAT, Cassette, Header
from .yaml import fast_load

if TYPE_CHECKING:
    from .yaml.safe import InvalidYamlError

Place: TypeAlias = tuple[str | int, ...]
"""Where in the document: keys and positions from its top."""

RECORD_AGAIN = "Restore the file from version control, or delete it and record again."
_LONGEST_SIZE = 16
"""Digits in a number of bytes."""
Deserialize: TypeAlias = Callable[[str], object]
"""From the text of a file to plain values, as a serializer of vcrpy does."""


def parse(
    text: str,
    path: Path,
    deserialize: Deserialize | None = None,
    fetch: FetchBody = body_files.no_body_files,
) -> Cassette:
    """The cassette that stands in `text`, which is YAML where `deserialize` is not given.

    `path` is for messages; `fetch` gives bodies that have a file. Raises CassetteError with line
    and repair for whatever is no cassette.
    """
    parser = _Parser(text, path, deserialize, fetch)
    if deserialize is None:
        try:
            return parser.as_written()
        except fast_load.NotOurFormatError:
            pass
    return parser.cassette()


class _Parser:
    def __init__(
        self,
        text: str,
        path: Path,
        deserialize: Deserialize | None,
        fetch: FetchBody = body_files.no_body_files,
    ) -> None:
        self.text = text
        self.path = path
        self.deserialize = deserialize
        self.fetch = fetch

    def as_written(self) -> Cassette:
        """What `cassette` gives, where the text is in our own form. Raises NotOurFormatError."""
        words, interactions = fast_load.load(self.text, self.fetch)
        return Cassette(interactions, self._header(words))

    def cassette(self) -> Cassette:
        document = self._document()
        if type(document.get("version")) is not int or document["version"] != 1:
            found = f"`version: {document['version']}`" if "version" in document else "no `version`"
            repair = "Reprise reads vcrpy's cassettes of version 1; check that this is one."
            raise self._error(("version",), f"{found} where `version: 1` is expected", repair)
        ours = document.get("reprise")
        header = None if ours is None else self._header(self._mapping(ours, ("reprise",)))
        if header and not self.deserialize and not self.text.rstrip().endswith("\n..."):
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
        if self.deserialize is None:
            return self._yaml_values()
        try:
            return self.deserialize(self.text)
        except Exception as error:  # whatever a serializer of the suite's own raises
            problem = f"the serializer cannot read it: {type(error).__name__}: {error}"
            raise self._error(1, problem, RECORD_AGAIN) from error

    def _yaml_values(self) -> object:
        # YAML's own parser costs 10 ms to import, which most replays need not pay.
        from .yaml.safe import InvalidYamlError, load

        try:
            return load(self.text)
        except InvalidYamlError as error:
            raise self._yaml_error(error) from error

    def _header(self, ours: Mapping[Any, Any]) -> Header:
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

    def _moment(self, ours: Mapping[Any, Any], place: Place) -> datetime:
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
        found_body = vcrpy_variants.body_of_values(request.get("body"))
        body = self._body(found_body, ours.get("request_json"), (*place, "body"))
        order = ours.get("request_headers")
        headers = self._headers(request.get("headers"), order, (*place, "headers"))
        method, url = self._text(request, "method", place), self._url(request, place)
        return Request(method, url, headers, body)

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
        if isinstance(found, BodyFileName):
            return self._fetched(found, place)
        if found is None:
            return b""
        if not isinstance(found, str):
            problem = f"the body is a {type(found).__name__}, not text or !!binary"
            raise self._error(place, problem, "Put the body in quotes, or record again.")
        if style is None:
            return found.encode()
        try:
            return json_blocks.from_indented(found, str(style))
        except KeyError:
            problem = f"unknown JSON style {style!r}"
            raise self._error(place, problem, "Upgrade pytest-reprise to read it.") from None
        except (ValueError, RecursionError) as error:
            problem = f"the body is no valid JSON: {error}"
            raise self._error(place, problem, "Mend the JSON, or record again.") from error

    def _fetched(self, name: str, place: Place) -> bytes:
        try:
            return self.fetch(name)
        except body_files.BodyFileError as error:
            raise self._error(place, error.problem, error.repair) from None

    def _headers(self, found: object, order: object, place: Place) -> Headers:
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
        if fast_load.PLAIN_URL.fullmatch(url):
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

    def _yaml_error(self, error: InvalidYamlError) -> CassetteError:
        if error.is_tag:
            repair = "Reprise builds no objects from a cassette; delete the file and record again."
            problem = f"a YAML tag that is not safe to load: {error.problem}"
            return self._error(error.line, problem, repair)
        problem = f"not valid YAML, perhaps truncated: {error.problem}"
        return self._error(error.line, problem, RECORD_AGAIN)

    def _error(self, where: Place | int, problem: str, repair: str) -> CassetteError:
        line = where if isinstance(where, int) else self._line_of(where)
        return CassetteError(self.path, line, problem, repair)

    def _line_of(self, place: Place) -> int:
        if self.deserialize is not None:
            return 1
        from .yaml.safe import line_of

        return line_of(self.text, place)

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
