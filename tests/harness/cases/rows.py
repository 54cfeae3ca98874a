"""Rows of the case tables: from templates to requests and answers.

The functions are short, since the tables consist of them: `header` and `url` put a secret in a
request, `sent` in its body; `got`, `answer_header` and `link` in an answer; `variable` in the
environment, from where the answer repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ..placements import Answer, Mint, Pairs, Placement, PlannedCall
from .forms import fill

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
XML = "application/xml"
YAML = "application/yaml"
SSE = "text/event-stream"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
TOML = "application/toml"
BINARY = "application/octet-stream"

Pack: TypeAlias = Callable[[str], bytes]
Unpack: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Case(Placement):
    """A placement with the product or document that it imitates.

    `unpack` gives the text of an answer whose bytes cannot be compared, such as an archive.
    """

    source: str = ""
    unpack: Unpack | None = None


DONE = Answer(b'{"done":true,"by":"the bench"}', (("Content-Type", JSON),))
_BODILESS = ("GET", "HEAD", "DELETE")


def _filled(pairs: Iterable[tuple[str, str]], mint: Mint) -> Pairs:
    return tuple((name, fill(template, mint)) for name, template in pairs)


def answer_of(
    template: str,
    media: str,
    mint: Mint,
    headers: Pairs = (),
    pack: Pack = str.encode,
    status: int = 200,
    piece: int = 0,
) -> Answer:
    """Return an answer whose body and headers are filled from templates."""
    named = (("Content-Type", media), *_filled(headers, mint))
    return Answer(pack(fill(template, mint)), named, status, piece=piece)


def header(name: str, source: str, field: str, template: str = "«»") -> Case:
    """Return a case with a header in its request."""
    return Case(
        name, lambda mint: PlannedCall(headers=((field, fill(template, mint)),)), source=source
    )


def headers(name: str, source: str, *fields: tuple[str, str]) -> Case:
    """Return a case with headers in its request."""
    return Case(name, lambda mint: PlannedCall(headers=_filled(fields, mint)), source=source)


def answer_header(name: str, source: str, field: str, template: str = "«»") -> Case:
    """Return a case with a header in its answer."""

    def build(mint: Mint) -> PlannedCall:
        return PlannedCall(answer=answer_of('{"ok":true}', JSON, mint, ((field, template),)))

    return Case(name, build, source=source)


def url(name: str, source: str, template: str, method: str = "GET") -> Case:
    """Return a case with a secret in the target of its request."""
    return Case(
        name,
        lambda mint: PlannedCall(method, target=fill(template, mint), answer=DONE),
        source=source,
    )


def link(name: str, source: str, template: str) -> Case:
    """Return a case with a URL in its answer, under a name that is not a secret's."""
    return got(name, source, JSON, f'{{"id":7,"title":"July","href":"{template}","n":3}}')


def sent(
    name: str,
    source: str,
    media: str,
    template: str,
    pack: Pack = str.encode,
    target: str = "/things",
    extra: Pairs = (),
) -> Case:
    """Return a case with a secret in the body of its request."""

    def build(mint: Mint) -> PlannedCall:
        named = (("Content-Type", media), *_filled(extra, mint))
        body = pack(fill(template, mint))
        return PlannedCall("POST", target, headers=named, body=body, answer=DONE)

    return Case(name, build, source=source)


def got(
    name: str,
    source: str,
    media: str,
    template: str,
    pack: Pack = str.encode,
    unpack: Unpack | None = None,
    status: int = 200,
    piece: int = 0,
    extra: Pairs = (),
) -> Case:
    """Return a case with a secret in the body of its answer."""

    def build(mint: Mint) -> PlannedCall:
        return PlannedCall(
            answer=answer_of(template, media, mint, extra, pack, status=status, piece=piece)
        )

    return Case(name, build, source=source, unpack=unpack)


def note(name: str, source: str, template: str) -> Case:
    """Return a case with a text under a neutral name of a JSON answer."""
    return got(name, source, JSON, f'{{"id":7,"note":"«json:{template}»","n":3}}')


def variable(
    name: str, source: str, field: str, template: str = "«»", dotenv: bool = False
) -> Case:
    """Return a case with an environment variable whose last secret an answer repeats."""

    def build(mint: Mint) -> PlannedCall:
        pair = ((field, fill(template, mint)),)
        echo = f'{{"detail":"the server got {mint.made[-1][1]} here"}}'.encode()
        answer = Answer(echo, (("Content-Type", JSON),))
        if dotenv:
            return PlannedCall(answer=answer, dotenv=pair)
        return PlannedCall(answer=answer, environment=pair)

    return Case(name, build, source=source)


def steps(name: str, source: str, *builds: Callable[[str], PlannedCall], form: str = "") -> Case:
    """Return a case of calls that share one secret. The first answer gives it as `password`."""

    def build(mint: Mint) -> list[PlannedCall]:
        secret = mint(form)
        return [each(secret) for each in builds]

    return Case(name, build, source=source)
