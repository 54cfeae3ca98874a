"""The settings of a scope, and the only rule of precedence: CLI, mark, fixture, ini, default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

from ..errors import ConfigurationError
from ..messages import did_you_mean
from .modes import DEFAULT_MODE, MODES

if TYPE_CHECKING:
    from .match_settings import Normalisers

Severity: TypeAlias = Literal["fail", "warn", "ignore"]
ClockChoice: TypeAlias = Literal["recorded", "real"]
Expiry: TypeAlias = Literal["warn", "fail", "rerecord"]
Options: TypeAlias = Mapping[str, object]
"""Settings by name from one source. None: the source does not set it."""

VCRPY_OPTIONS = frozenset(
    "additional_matchers after_load_interaction allow_playback_repeats before_record "
    "before_record_request before_record_response before_save_interaction cassette_library_dir "
    "decode_compressed_response drop_unused_requests filter_headers "
    "filter_nested_post_data_parameters filter_post_data_parameters filter_query_parameters "
    "filter_sensitive_data ignore_hosts ignore_localhost match_on record_on_exception serializer "
    "skip_patchers".split()
)
"""Options of vcrpy, which vcrpy itself reads."""

REFUSED_OPTIONS = frozenset(
    "custom_patches func_path_generator inject inject_cassette path_transformer persister".split()
)
"""Options of vcrpy that make no sense here: for decorated functions, or for its own patches."""

_NOTHING: Options = MappingProxyType({})
HARMLESS_OPTIONS = frozenset(("allowed_hosts",))
"""Options that are read elsewhere: this one by pytest-recording's blocking of the network."""


class Settings(NamedTuple):
    """The settings of one scope."""

    record_mode: str = DEFAULT_MODE
    missed: Severity | None = None
    """What happens to a test with a miss, even where its code caught the error. None: the test
    fails, but for a legacy cassette it is a warning, since vcrpy does not notice such a miss."""
    unplayed: Severity = "fail"
    """What happens to a test that passed and did not make all recorded calls."""
    max_age: timedelta | None = None
    """How old the oldest interaction may be that a replay plays. None: as old as it is."""
    on_expiry: Expiry = "warn"
    """What happens where it is older."""
    clock: ClockChoice = "recorded"
    """Whether a replay runs at the time of its recording, or on the real clock."""
    skip_sleep: bool = False
    """Whether sleep passes at once in a replay, while the clock goes on."""
    pace: float = 0.0
    """The share of the recorded latency that a replay waits."""
    repeat_last: bool = False
    """Whether the last answer to a call is given again, once all recorded ones were given."""
    ignore: tuple[str, ...] = ()
    """Places of requests that are not compared."""
    match_headers: tuple[str, ...] = ()
    """Headers that are compared by their values, in addition to those that always are."""
    normalise: Normalisers = ()
    """Functions that change requests before they are compared."""
    vcrpy: Options = MappingProxyType({})
    """vcrpy's options. Those of a mark win over those of the `vcr_config` fixture."""


def resolve(
    cli: Options,
    code: Options,
    fixture: Options,
    ini: Options,
    file: Options = _NOTHING,
    *,
    code_name: str = "the vcr mark",
) -> Settings:
    """Return the settings of one scope, each from the first source that sets it.

    `file` is the configuration in reprise.toml; `code_name` is how messages name `code`. Raises
    ConfigurationError for an unknown name or an invalid value in any source.
    """
    sources = {
        "--": cli,
        code_name: code,
        "vcr_config": fixture,
        "ini": ini,
        "the configuration": file,
    }
    for source in (code_name, "vcr_config"):
        _check_names(source, sources[source])
    found: dict[str, object] = {}
    for name in _OURS:
        # All sources are checked: a mistake is an error even if a stronger source sets the value.
        values = [
            _checked(name, options[name], source)
            for source, options in sources.items()
            if options.get(name) is not None
        ]
        found |= {name: values[0]} if values else {}
    vcrpy = {name: value for name, value in {**fixture, **code}.items() if name in VCRPY_OPTIONS}
    return Settings(**found, vcrpy=vcrpy)  # type: ignore[arg-type]  # _checked has checked the types


_OF_MATCHING = frozenset(("ignore", "match_headers", "normalise"))
_OURS = tuple(name for name in Settings._fields if name != "vcrpy")


def _choices(name: str) -> tuple[object, ...]:
    if name == "record_mode":
        return tuple(MODES)
    if name in ("skip_sleep", "repeat_last"):
        return True, False
    return get_args({"clock": ClockChoice, "on_expiry": Expiry}.get(name, Severity))


def _checked(name: str, value: object, source: str) -> object:
    if name == "max_age":
        return _checked_age(value, source)
    if name in _OF_MATCHING:
        return _checked_rules(name, value, source)
    if name == "pace":
        return _checked_pace(value, source)
    choices = _choices(name)
    if any(type(value) is type(choice) and value == choice for choice in choices):
        return value
    names = [*map(str, choices)]
    raise ConfigurationError(
        f"invalid value {name}={value!r} in {source}: choose from {', '.join(names)}"
        + did_you_mean(str(value), names)
    )


def _checked_age(value: object, source: str) -> timedelta | None:
    from .ages import AGES, parse_age  # most suites set none

    try:
        return parse_age(str(value))
    except ValueError:
        problem = f"invalid value max_age={value!r} in {source}: expected {AGES}"
        raise ConfigurationError(problem) from None


def _checked_pace(value: object, source: str) -> float:
    from .pace import PACES, parse_pace  # most suites set none

    try:
        return parse_pace(value)
    except ValueError:
        problem = f"invalid value pace={value!r} in {source}: expected {PACES}"
        raise ConfigurationError(problem) from None


def _checked_rules(name: str, value: object, source: str) -> object:
    from .match_settings import parse  # most suites set none

    try:
        return parse(name, value)
    except ValueError as error:
        raise ConfigurationError(f"invalid value for {name} in {source}: {error}") from None


def _check_names(source: str, options: Options) -> None:
    for name in options:
        if name in REFUSED_OPTIONS:
            raise ConfigurationError(
                f"{name!r} in {source}: Reprise does not support this option of vcrpy. Remove it, "
                f"or run with plain pytest-recording: -p no:reprise"
            )
        if name not in _KNOWN:
            raise ConfigurationError(
                f"unknown option {name!r} in {source}" + did_you_mean(name, _KNOWN)
            )


_KNOWN = frozenset(_OURS) | HARMLESS_OPTIONS | VCRPY_OPTIONS
