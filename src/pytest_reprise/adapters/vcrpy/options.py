"""Turn vcrpy's options into overrides for our tape.

vcrpy itself merges and checks its options. What it makes of them is called here, with requests and
responses in vcrpy's form.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import vcr
from vcr import matchers
from vcr.cassette import Cassette as VcrCassette
from vcr.persisters.filesystem import FilesystemPersister
from vcr.request import Request as VcrRequest
from vcr.serializers import yamlserializer

from ...cassette import file
from ...cassette.model import Cassette
from ...errors import CassetteError, ConfigurationError
from ...exchange import Failure, Interaction, Outcome, Request, Response
from ...matching.key import Key, canonical_body
from ...matching.request_parts import ALL_PARTS, Matching
from ...tape.overrides import FILE_STORAGE, Overrides, Storage
from .values import (
    VcrResponse,
    from_vcr_request,
    from_vcr_response,
    to_vcr_request,
    to_vcr_response,
)

Words: TypeAlias = Mapping[str, object]
Configure: TypeAlias = Callable[[vcr.VCR], None]
"""Calls the hook `pytest_recording_configure`."""


def make_overrides(
    words: Words, extra: Iterable[Path], directory: Path, configure: Configure | None
) -> tuple[Overrides, str]:
    """Return the overrides for vcrpy's options, and the suffix of the cassettes.

    `extra` are further cassettes, which marks name; `directory` is where cassettes are. Raises
    ConfigurationError.
    """
    theirs = vcr.VCR(cassette_library_dir=str(directory))
    default_matchers = theirs.match_on
    if configure:
        configure(theirs)
    plain = vcr.VCR(cassette_library_dir=str(directory))
    _refuse_options_without_effect(theirs, plain)
    _refuse_options_of_newer_vcrpy(theirs, plain, words)
    words, ignored = _without_wildcards(words)
    try:
        merged = theirs.get_merged_config(**words)
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(f"vcrpy refuses its configuration: {error}") from error
    has_own_matching = bool({"match_on", "additional_matchers"} & words.keys())
    has_matchers = has_own_matching or theirs.match_on != default_matchers
    filter_request = partial(_filtered_request, merged["before_record_request"], ignored)
    overrides = Overrides(
        matching=_matching(merged["match_on"]) if has_matchers else None,
        repeats=bool(merged["allow_playback_repeats"]),
        drops_unplayed=bool(merged.get("drop_unused_requests")),
        storage=_storage(merged),
        extra=tuple(extra),
        filter_request=filter_request,
        filter_interaction=partial(_filtered, filter_request, merged["before_record_response"]),
    )
    # A serializer that the hook sets on vcrpy's object changes the content, and not the file name.
    return overrides, f".{words.get('serializer', 'yaml')}"


_WITHOUT_EFFECT = (
    "record_mode cassette_library_dir path_transformer func_path_generator inject_cassette "
    "_custom_patches"
).split()
"""Attributes that the hook cannot set: the record mode and the path of the cassette are known
before it is called."""


def _refuse_options_without_effect(configured: vcr.VCR, plain: vcr.VCR) -> None:
    for name in _WITHOUT_EFFECT:
        value = getattr(configured, name, None)
        if value != getattr(plain, name, None):
            raise ConfigurationError(
                f"pytest_recording_configure sets {name.strip('_')} to {value!r}, which has no "
                f"effect: set it in vcr_config or a vcr mark"
            )


_NOT_IN_ALL_RELEASES = (
    "after_load_interaction before_save_interaction drop_unused_requests "
    "filter_nested_post_data_parameters filter_sensitive_data"
).split()
"""Options that an older vcrpy ignores silently, which could leave a secret in the cassette."""


def _refuse_options_of_newer_vcrpy(configured: vcr.VCR, plain: vcr.VCR, words: Words) -> None:
    for name in _NOT_IN_ALL_RELEASES:
        is_used = name in words or hasattr(configured, name)
        if is_used and not hasattr(plain, name):
            raise ConfigurationError(
                f"{name!r} has no effect: vcrpy {vcr.__version__} does not know this option. Leave "
                f"it out, or upgrade: pip install --upgrade vcrpy"
            )


# --- filters ----------------------------------------------------------------------------------


def _without_wildcards(words: Words) -> tuple[Words, tuple[str, ...]]:
    """Return the options without hosts that hold a wildcard, which vcrpy does not know, and these.

    Raises ConfigurationError.
    """
    hosts = words.get("ignore_hosts") or ()
    if isinstance(hosts, str) or not isinstance(hosts, Iterable):
        raise ConfigurationError(f"ignore_hosts is {hosts!r}: it must be a list of host names")
    hosts = [*hosts]  # also patterns, with vcrpy 9.4 or newer
    ignored = [host for host in hosts if isinstance(host, str) and "*" in host]
    if not ignored:
        return words, ()
    named = {**words, "ignore_hosts": [host for host in hosts if host not in ignored]}
    return named, tuple(host.lower() for host in ignored)


def _filtered_request(
    before_record: Callable[[VcrRequest], VcrRequest | None],
    ignored_hosts: tuple[str, ...],
    request: Request,
) -> Request | None:
    host = urlsplit(request.url).hostname or "" if ignored_hosts else ""
    if any(fnmatchcase(host, pattern) for pattern in ignored_hosts):
        return None
    theirs = before_record(to_vcr_request(request))
    return from_vcr_request(theirs, request.headers) if theirs else None


def _filtered(
    filter_request: Callable[[Request], Request | None],
    before_record_response: Callable[[VcrResponse], VcrResponse | None],
    interaction: Interaction,
) -> Interaction | None:
    request = filter_request(interaction.request)
    if request is None:
        return None
    outcome: Outcome = interaction.outcome
    if isinstance(outcome, Response):
        theirs = before_record_response(to_vcr_response(outcome))
        if theirs is None:
            return None
        outcome = from_vcr_response(theirs, outcome)
    return interaction.with_request_and_outcome(request, outcome)


# --- matching ---------------------------------------------------------------------------------

_NAMED = {
    getattr(matchers, name): name
    for name in "method uri scheme host port path query headers raw_body body".split()
}
_PORTS = {"http": 80, "https": 443}


def _matching(chosen: Iterable[Callable[..., object]]) -> Matching:
    """vcrpy's matchers become a key; those of the suite compare requests that have equal keys."""
    named = frozenset(_NAMED[matcher] for matcher in chosen if matcher in _NAMED)
    own = [matcher for matcher in chosen if matcher not in _NAMED]
    return Matching(
        partial(_key, named),
        partial(_relevant_part, named),
        is_key_header=lambda _name: True,  # the other headers are removed before
        also_matches=partial(_fits, own) if own else None,
        compared=_compared_parts(named) if not own else ALL_PARTS | {"headers"},
    )


_PARTS = {
    "uri": ("host", "path", "query"),
    **dict.fromkeys(("scheme", "host", "port"), ("host",)),
    **{name: (name,) for name in ("method", "path", "query", "headers", "body")},
    "raw_body": ("body",),
}
"""What each of vcrpy's matchers compares, by the names in messages."""


def _compared_parts(named: frozenset[str]) -> frozenset[str]:
    return frozenset(part for name in named for part in _PARTS[name])


def _relevant_part(named: frozenset[str], request: Request) -> Request:
    """The request with only the parts that the matchers compare."""
    headers = tuple(
        (name, value)
        for name, value in request.headers
        if "headers" in named or ("body" in named and name.lower() == "content-type")
    )
    has_body = not named.isdisjoint(("body", "raw_body"))
    return Request(request.method, request.url, headers, request.body if has_body else b"")


def _key(named: frozenset[str], request: Request) -> Key:
    parts = urlsplit(request.url)
    port = parts.port or _PORTS.get(parts.scheme)
    values = {
        "uri": request.url if parts.path else _with_path(request.url, parts.netloc),
        "scheme": parts.scheme,
        "host": parts.hostname or "",
        "port": str(port),
        "path": parts.path or "/",
        "query": repr(sorted(parse_qsl(parts.query))),
    }
    url = " ".join(values[name] for name in values if name in named)
    method = request.method if "method" in named else ""
    headers = {n.lower(): v for n, v in request.headers} if "headers" in named else {}
    body = request.body if "raw_body" in named else b""
    body += canonical_body(request) if "body" in named else b""
    return method, url, body, tuple(sorted(headers.items()))


def _with_path(url: str, netloc: str) -> str:
    scheme, _, rest = url.partition(netloc)
    return f"{scheme}{netloc}/{rest}"


def _fits(own: list[Callable[..., object]], sent: Request, recorded: Request) -> bool:
    pair = to_vcr_request(sent), to_vcr_request(recorded)
    _, failures = matchers.get_matchers_results(*pair, own)
    return not failures


# --- storage ----------------------------------------------------------------------------------


def _storage(merged: Words) -> Storage:
    persister: Any = merged["persister"]
    serializer: Any = merged["serializer"]
    hooks = _InteractionHooks(merged)
    if persister is not FilesystemPersister:
        storage = Storage(
            partial(_load_by_persister, persister, serializer),
            partial(_save_by_persister, persister, serializer),
            is_staged=False,
        )
    elif serializer is not yamlserializer:
        storage = Storage(
            partial(file.load, deserialize=serializer.deserialize),
            partial(_save_by_serializer, serializer),
            is_staged=True,
        )
    else:
        storage = FILE_STORAGE
    return hooks.around(storage) if hooks.exist else storage


def _load_by_persister(persister: Any, serializer: Any, path: Path) -> Cassette | None:
    try:
        requests, responses, *_ = persister.load_cassette(str(path), serializer)
        pairs = zip(requests, responses, strict=False)
        found = (Interaction(from_vcr_request(q), from_vcr_response(r)) for q, r in pairs)
        return Cassette(tuple(found))
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever the code of the suite raises, or values of another kind
        problem = f"the persister cannot load it: {type(error).__name__}: {error}"
        raise CassetteError(path, 1, problem, _REMEDY) from error


def _save_by_serializer(serializer: Any, path: Path, cassette: Cassette, durable: bool) -> None:
    file.save(path, cassette, lambda document: serializer.serialize(document), durable)


def _save_by_persister(
    persister: Any, serializer: Any, path: Path, cassette: Cassette, _durable: bool
) -> None:
    kept = [i for i in cassette.interactions if isinstance(i.outcome, Response)]
    pairs: dict[str, list[object]] = {
        "requests": [to_vcr_request(i.request) for i in kept],
        "responses": [
            to_vcr_response(i.outcome) for i in kept if not isinstance(i.outcome, Failure)
        ],
    }
    persister.save_cassette(str(path), pairs, serializer)


_REMEDY = "Fix the persister or its data, or delete the cassette and record again."


class _InteractionHooks:
    """`before_save_interaction`, `after_load_interaction` and `filter_sensitive_data`."""

    def __init__(self, merged: Words) -> None:
        named = ("before_save_interaction", "after_load_interaction", "filter_sensitive_data")
        configured = {name: merged[name] for name in named if merged.get(name)}
        made = VcrCassette("", **configured) if configured else None
        self._before_save: list[Any] = getattr(made, "_before_save_interaction", [])
        self._after_load: list[Any] = getattr(made, "_after_load_interaction", [])
        self._theirs = made
        self.exist = bool(self._before_save or self._after_load)

    def around(self, storage: Storage) -> Storage:
        def load(path: Path) -> Cassette | None:
            cassette = storage.load(path)
            return cassette and self._run(self._after_load, cassette)

        def save(path: Path, cassette: Cassette, durable: bool) -> None:
            storage.save(path, self._run(self._before_save, cassette), durable)

        return Storage(load, save, storage.is_staged)

    def _run(self, hooks: list[Any], cassette: Cassette) -> Cassette:
        kept = (self._changed(hooks, interaction) for interaction in cassette.interactions)
        return Cassette(tuple(interaction for interaction in kept if interaction), cassette.header)

    def _changed(self, hooks: list[Any], interaction: Interaction) -> Interaction | None:
        if not isinstance(interaction.outcome, Response):
            return interaction
        pair: Any = to_vcr_request(interaction.request), to_vcr_response(interaction.outcome)
        for hook in hooks:
            takes_cassette = len(inspect.signature(hook).parameters) > 2
            pair = hook(*pair, self._theirs) if takes_cassette else hook(*pair)
            if pair is None:
                return None
        request = from_vcr_request(pair[0], interaction.request.headers)
        outcome = from_vcr_response(pair[1], interaction.outcome)
        return interaction.with_request_and_outcome(request, outcome)
