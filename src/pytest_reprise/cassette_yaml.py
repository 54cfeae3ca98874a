"""YAML text ↔ Cassette, in vcrpy's version 1 form; what we add stands under `reprise:`.

The text of a cassette that we wrote ends with YAML's end-of-document marker `...`, so that a
truncated copy is known as one even where it was cut between two interactions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from . import bodies
from .cassette import FORMAT, Cassette, Header
from .errors import CassetteError
from .exchange import Failure, Headers, Interaction, Outcome, Request, Response

try:
    from yaml import CSafeDumper as _Dumper
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeDumper as _Dumper  # type: ignore[assignment]
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Place: TypeAlias = tuple[str | int, ...]
"""Where in the document: keys and positions from its top."""

RECORD_AGAIN = "Restore the file from version control, or delete it and record again."
NO_RESPONSE = 599
"""The status that stands in for a failure where a reader wants a response (vcrpy does)."""


class _Block(str):
    """Text that is written as a literal block."""


class _CassetteDumper(_Dumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True


class _CassetteLoader(_Loader):
    """The safe loader, and the few harmless tags that vcrpy has written over the years."""


def _construct_bytesio(loader: yaml.SafeLoader, node: yaml.MappingNode) -> bytes:
    state: Any = loader.construct_mapping(node, deep=True).get("state") or [b""]
    return BytesIO(state[0].encode() if isinstance(state[0], str) else state[0]).getvalue()


def _construct_iterator(loader: yaml.SafeLoader, node: yaml.MappingNode) -> bytes:
    args: Any = loader.construct_mapping(node, deep=True).get("args") or [[]]
    return b"".join(part.encode() if isinstance(part, str) else part for part in args[0])


_HARMLESS_TAGS: dict[str, Callable[[Any, Any], object]] = {
    "str": _Loader.construct_scalar,
    "unicode": _Loader.construct_scalar,
    "tuple": _Loader.construct_sequence,
    "object/new:_io.BytesIO": _construct_bytesio,
    "object/apply:builtins.iter": _construct_iterator,
}
for _tag, _construct in _HARMLESS_TAGS.items():
    _CassetteLoader.add_constructor(f"tag:yaml.org,2002:python/{_tag}", _construct)
_CassetteDumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), "|")
)


# --- Cassette → text --------------------------------------------------------------------------


def dump(cassette: Cassette) -> str:
    """The text of a cassette; the same cassette always gives the same text."""
    document: dict[str, object] = {"version": 1}
    if cassette.header:
        document["reprise"] = _dump_header(cassette.header)
    document["interactions"] = [_dump_interaction(i) for i in cassette.interactions]
    return yaml.dump(
        document,
        Dumper=_CassetteDumper,
        allow_unicode=True,
        sort_keys=False,
        width=2**31 - 1,
        explicit_end=cassette.header is not None,
    )


def _dump_header(header: Header) -> dict[str, object]:
    seed = {} if header.seed is None else {"seed": header.seed}
    return {
        "version": FORMAT,
        **({"scope": header.scope} if header.scope else {}),
        "recorded_at": header.recorded_at,
        "recorded_with": header.recorded_with,
        **seed,
    }


def _dump_interaction(interaction: Interaction) -> dict[str, object]:
    request, outcome = interaction.request, interaction.outcome
    ours: dict[str, object] = {"scope": interaction.scope} if interaction.scope else {}
    written: dict[str, object] = {
        "request": {
            "method": request.method,
            "uri": request.url,
            "body": _dump_body(request.body, ours, "request_json"),
            "headers": _dump_headers(request.headers),
        },
        "response": _dump_outcome(outcome, ours),
    }
    return {**written, "reprise": ours} if ours else written


def _dump_outcome(outcome: Outcome, ours: dict[str, object]) -> dict[str, object]:
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
        "headers": _dump_headers(outcome.headers),
        "body": {"string": _dump_body(outcome.body, ours, "response_json")},
    }


def _dump_failure(failure: Failure) -> dict[str, str]:
    return {"error": failure.error, "message": failure.message}


def _dump_headers(headers: Headers) -> dict[str, list[str]]:
    written: dict[str, list[str]] = {}
    for name, value in headers:
        written.setdefault(name, []).append(value)
    return written


def _dump_body(body: bytes, ours: dict[str, object], style_key: str) -> str | bytes:
    if readable := bodies.indented(body):
        block, ours[style_key] = readable
        return _Block(block)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    return _Block(text) if "\n" in text else text


# --- text → Cassette --------------------------------------------------------------------------


def parse(text: str, path: Path) -> Cassette:
    """The cassette that stands in `text`; `path` is for messages.

    Raises CassetteError with line and repair for whatever is no cassette.
    """
    return _Parser(text, path).cassette()


class _Parser:
    def __init__(self, text: str, path: Path) -> None:
        self.text = text
        self.path = path

    def cassette(self) -> Cassette:
        document = self._document()
        if document.get("version") != 1:
            found = f"`version: {document['version']}`" if "version" in document else "no `version`"
            repair = "Reprise reads vcrpy's cassettes of version 1; check that this is one."
            raise self._error(("version",), f"{found} where `version: 1` is expected", repair)
        ours = document.get("reprise")
        header = None if ours is None else self._header(self._mapping(ours, ("reprise",)))
        if header and not re.search(r"^\.\.\.\s*\Z", self.text, re.MULTILINE):
            problem = "the cassette is truncated: its last line should be `...`"
            raise self._error(self._line_count(), problem, RECORD_AGAIN)
        found_list = document.get("interactions")
        if not isinstance(found_list, list):
            raise self._error(("interactions",), "`interactions` is no list", RECORD_AGAIN)
        return Cassette(tuple(self._interaction(i, n) for n, i in enumerate(found_list)), header)

    def _document(self) -> dict[str, Any]:
        try:
            document = yaml.load(self.text, Loader=_CassetteLoader)
        except yaml.YAMLError as error:
            raise self._yaml_error(error) from error
        if document is None:
            raise self._error(1, "the cassette is empty", RECORD_AGAIN)
        if not isinstance(document, dict):
            kind = type(document).__name__
            raise self._error(
                1, f"a cassette is a mapping with `interactions`, not a {kind}", RECORD_AGAIN
            )
        return document

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
            self._text(ours, "recorded_at", place),
            self._text(ours, "recorded_with", place),
            str(ours.get("scope", "")),
            seed,
        )

    def _interaction(self, found: object, number: int) -> Interaction:
        place: Place = ("interactions", number)
        interaction = self._mapping(found, place)
        ours = self._mapping(interaction.get("reprise", {}), (*place, "reprise"))
        return Interaction(
            self._request(interaction.get("request"), ours, (*place, "request")),
            self._outcome(interaction.get("response"), ours, (*place, "response")),
            str(ours.get("scope", "")),
        )

    def _request(self, found: object, ours: dict[str, Any], place: Place) -> Request:
        request = self._mapping(found, place)
        body = self._body(request.get("body"), ours.get("request_json"), (*place, "body"))
        headers = self._headers(request.get("headers"), (*place, "headers"))
        method, url = self._text(request, "method", place), self._text(request, "uri", place)
        return Request(method, url, headers, body)

    def _outcome(self, found: object, ours: dict[str, Any], place: Place) -> Outcome:
        if "failure" in ours:
            return self._failure(ours["failure"], (*place[:2], "reprise", "failure"))
        response = self._mapping(found, place)
        broken_by = ours.get("broken_by")
        status, reason, body = self._status_and_body(response, ours, place)
        chunks = self._chunks(ours, len(body), (*place[:2], "reprise"))
        return Response(
            status,
            reason,
            self._headers(response.get("headers"), (*place, "headers")),
            body,
            str(ours.get("http_version", "HTTP/1.1")),
            chunks,
            self._failure(broken_by, (*place[:2], "reprise", "broken_by")) if broken_by else None,
        )

    def _status_and_body(
        self, response: dict[str, Any], ours: dict[str, Any], place: Place
    ) -> tuple[int, str, bytes]:
        if "status_code" in response:  # the form of vcrpy's first httpx stubs
            code, reason = response["status_code"], ""
            body = self._body(response.get("content"), None, (*place, "content"))
        else:
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
        if not all(word.isdecimal() for word in words):
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
        except ValueError as error:
            problem = f"the body is no valid JSON: {error}"
            raise self._error(place, problem, "Mend the JSON, or record again.") from error

    def _headers(self, found: object, place: Place) -> Headers:
        headers = self._mapping(found or {}, place)
        return tuple(
            (str(name), str(value))
            for name, values in headers.items()
            for value in (values if isinstance(values, (list, tuple)) else [values])
        )

    def _mapping(self, found: object, place: Place) -> dict[str, Any]:
        if isinstance(found, dict):
            return found
        name = _spoken(place)
        raise self._error(
            place, f"{name} is {_kind(found)} where a mapping is expected", RECORD_AGAIN
        )

    def _text(self, mapping: Mapping[str, object], key: str, place: Place) -> str:
        found = mapping.get(key)
        if isinstance(found, str):
            return found
        problem = f"{_spoken((*place, key))} is {_kind(found)} where text is expected"
        raise self._error((*place, key), problem, RECORD_AGAIN)

    def _yaml_error(self, error: yaml.YAMLError) -> CassetteError:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if isinstance(error, yaml.constructor.ConstructorError):
            repair = "Reprise builds no objects from a cassette; delete the file and record again."
            return self._error(line, f"a YAML tag that is not safe to load: {problem}", repair)
        return self._error(line, f"not valid YAML, perhaps truncated: {problem}", RECORD_AGAIN)

    def _error(self, where: Place | int, problem: str, repair: str) -> CassetteError:
        line = where if isinstance(where, int) else self._line(where)
        return CassetteError(self.path, line, problem, repair)

    def _line_count(self) -> int:
        return self.text.count("\n") + 1

    def _line(self, place: Place) -> int:
        """The line of the deepest node of `place` that is there; only for messages."""
        node: yaml.Node | None = yaml.compose(self.text, Loader=_CassetteLoader)
        line = 1
        for step in (None, *place):
            node = node if step is None else _child(node, step)
            if node is None:
                break
            line = node.start_mark.line + 1
        return line


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        child: yaml.Node = node.value[step]
        return child
    pairs: Iterable[tuple[yaml.Node, yaml.Node]] = (
        node.value if isinstance(node, yaml.MappingNode) else ()
    )
    return next((value for key, value in pairs if key.value == step), None)


def _spoken(place: Place) -> str:
    """The place in words: the 3rd interaction is "interaction 3"."""
    if place[:1] == ("interactions",) and len(place) > 1:
        rest = "".join(f", {step}" for step in place[2:])
        return f"interaction {int(place[1]) + 1}{rest}"
    return ".".join(map(str, place))


def _kind(found: object) -> str:
    return "missing" if found is None else f"a {type(found).__name__}"
