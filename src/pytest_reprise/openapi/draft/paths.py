"""The requests to the API among those to other hosts, and the templates of their paths."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple
from urllib.parse import urlsplit

from ...cassette.model import Cassette
from ...drift.operations import Names
from ...exchange import Interaction, Request, Response
from ..operations import METHODS, REFUSALS

_MASK = "{id}"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SLUG = re.compile(r"(?=.{20})\w+(?:-\w+){3,}")
"""A title in a path: `/posts/how-to-record-a-test`."""


class Recorded(NamedTuple):
    """A cassette with its name."""

    name: str
    cassette: Cassette

    @property
    def base_url(self) -> str:
        header = self.cassette.header
        return header.base_url if header else ""


class Call(NamedTuple):
    """A request to the API with its answer, and the path below the base path."""

    recorded: Recorded
    request: Request
    response: Response
    path: str

    @property
    def is_accepted(self) -> bool:
        return self.response.status < 400


class Api(NamedTuple):
    """The server of the API, and all calls of it that have an answer. `others` is the number of
    requests that are left out: to other hosts, without an answer, or with an unusual method."""

    url: str
    calls: tuple[Call, ...]
    others: int


def api_of(recorded: Sequence[Recorded]) -> Api:
    """Return the API that was recorded: at the base URLs, and at the most common host."""
    urls: Counter[str] = Counter()
    for each in recorded:
        for interaction in each.cassette.interactions:
            parts = urlsplit(interaction.request.url)
            if not each.base_url or parts.netloc == urlsplit(each.base_url).netloc:
                urls[each.base_url or f"{parts.scheme}://{parts.netloc}"] += 1
    url = urls.most_common(1)[0][0] if urls else ""
    found = [call for each in recorded for call in _calls(each, urlsplit(url).netloc)]
    base = _base_path(url, found)
    calls = tuple(call._replace(path=call.path[len(base) :] or "/") for call in found)
    total = sum(len(each.cassette.interactions) for each in recorded)
    parts = urlsplit(url)
    server = f"{parts.scheme}://{parts.netloc}{base}" if url else ""
    return Api(server, calls, total - len(calls))


def _calls(recorded: Recorded, host: str) -> Iterator[Call]:
    own = {host, urlsplit(recorded.base_url).netloc}
    for interaction in recorded.cassette.interactions:
        request, response = interaction.request, interaction.outcome
        parts = urlsplit(request.url)
        is_usual = request.method.lower() in METHODS and request.method.isupper()
        if isinstance(response, Response) and parts.netloc in own and is_usual:
            yield Call(recorded, request, response, parts.path or "/")


def _base_path(url: str, calls: list[Call]) -> str:
    """Return the path of the base URL if all requests begin with it, else ""."""
    path = urlsplit(url).path.rstrip("/")
    bases = {urlsplit(call.recorded.base_url).path.rstrip("/") for call in calls}
    is_common = all(call.path == path or call.path.startswith(f"{path}/") for call in calls)
    return path if is_common and bases <= {path, ""} else ""


# --- templates --------------------------------------------------------------------------------


class Template(NamedTuple):
    """A path with named parameters, and the pattern that finds its paths."""

    path: str
    pattern: re.Pattern[str]

    @property
    def names(self) -> list[str]:
        return re.findall(r"\{([^{}]+)\}", self.path)


class Templates:
    """The path templates of an API. One without a parameter comes before one with it."""

    def __init__(self, calls: Sequence[Call]) -> None:
        names = Names()
        for call in calls:
            names.learn(Interaction(call.request, call.response))
        masked = {_masked(names, call.path): call.path for call in calls}
        # Paths with errors alone are those of other templates, with a wrong value.
        sound = {_masked(names, call.path) for call in calls if call.is_accepted}
        present = {_masked(names, c.path) for c in calls if c.response.status not in REFUSALS}
        found = [self._template(path) for path in sorted(sound, key=_order)]
        for path in sorted(present - sound, key=_order):
            if not any(template.pattern.fullmatch(masked[path]) for template in found):
                found.append(self._template(path))
        self._found = sorted(found, key=lambda template: _order(template.path))

    def find(self, path: str) -> tuple[Template, tuple[str, ...]] | None:
        """Return the template of a path with the values of its parameters; None for a path that
        the API does not have."""
        for template in self._found:
            if match := template.pattern.fullmatch(path):
                return template, match.groups()
        return None

    @staticmethod
    def _template(masked: str) -> Template:
        pieces = masked.split(_MASK)
        pattern = "([^/]+?)".join(map(re.escape, pieces))
        return Template(_with_names(masked), re.compile(pattern))


def _masked(names: Names, path: str) -> str:
    """Return a path with `{id}` in the place of ids and names. Other braces are escaped."""
    escaped = path.replace("{", "%7B").replace("}", "%7D")
    plain = "/".join(_MASK if _SLUG.fullmatch(part) else part for part in escaped.split("/"))
    return names.operation(Request("", f"http://api{plain}")).removeprefix(" ")


def _order(path: str) -> list[bool]:
    return ["{" in part for part in path.split("/")]


def _with_names(masked: str) -> str:
    """Return a template with a name for each parameter: `/users/{user_id}`."""
    taken: set[str] = set()
    before = ""
    parts = []
    for part in masked.split("/"):
        while _MASK in part:
            part = part.replace(_MASK, f"\0{_name(before, taken)}\1", 1)
        parts.append(part.replace("\0", "{").replace("\1", "}"))
        before = part if _WORD.fullmatch(part) else before
    return "/".join(parts)


def _name(before: str, taken: set[str]) -> str:
    """Return a name for a parameter after a part of the path: `user_id` after `users`."""
    word = re.sub(r"\W", "_", before.lower())
    singular = f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
    first = f"{singular}_id" if singular else "id"
    names = (first if number == 1 else f"{first}_{number}" for number in count(1))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name
