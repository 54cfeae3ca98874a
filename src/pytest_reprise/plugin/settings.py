"""One frozen Settings, and the only rule of precedence: CLI, mark, fixture, ini, default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias, get_args

from ..errors import ConfigurationError
from ..messages import did_you_mean
from ..tape.modes import DEFAULT_MODE, RULES

Severity: TypeAlias = Literal["fail", "warn", "ignore"]
ClockChoice: TypeAlias = Literal["recorded", "real"]
Words: TypeAlias = Mapping[str, object]
"""Settings by name, as one source gives them; None means that the source says nothing."""

VCRPY_WORDS = frozenset(
    "additional_matchers after_load_interaction allow_playback_repeats before_record "
    "before_record_request before_record_response before_save_interaction cassette_library_dir "
    "decode_compressed_response drop_unused_requests filter_headers "
    "filter_nested_post_data_parameters filter_post_data_parameters filter_query_parameters "
    "filter_sensitive_data ignore_hosts ignore_localhost match_on record_on_exception serializer "
    "skip_patchers".split()
)
"""Words that vcrpy knows, and that are handed to it."""

REFUSED_WORDS = frozenset(
    "custom_patches func_path_generator inject inject_cassette path_transformer persister".split()
)
"""Words of vcrpy that make no sense here: for decorated functions, or patches of its own."""

HARMLESS_WORDS = frozenset(("allowed_hosts",))
"""Words that are read elsewhere: pytest-recording's blocking of the network takes this one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one scope."""

    record_mode: str = DEFAULT_MODE
    missed: Severity = "fail"
    """What becomes of a test whose request had no recording, even where its code swallowed it."""
    unplayed: Severity = "fail"
    """What becomes of a test that otherwise passed, and did not make all recorded calls."""
    clock: ClockChoice = "recorded"
    """Whether a replay runs on the time of its recording, or on the real clock."""
    vcrpy: Words = field(default_factory=dict)
    """What is said in vcrpy's words; those of a mark go before those of a fixture."""


def resolve(cli: Words, mark: Words, fixture: Words, ini: Words) -> Settings:
    """The settings of one scope; each from the first source that says anything.

    Raises ConfigurationError for an unknown name or value.
    """
    sources = {"--": cli, "the vcr mark": mark, "vcr_config": fixture, "ini": ini}
    for source in ("the vcr mark", "vcr_config"):
        _check_names(source, sources[source])
    found: dict[str, str] = {}
    for name in _OURS:
        # All are checked, so that a typing error does not wait for the day when it counts.
        said = [
            _checked(name, words[name], source)
            for source, words in sources.items()
            if words.get(name) is not None
        ]
        found |= {name: said[0]} if said else {}
    theirs = {name: value for name, value in {**fixture, **mark}.items() if name in VCRPY_WORDS}
    return Settings(**found, vcrpy=theirs)  # type: ignore[arg-type]  # _checked saw to the values


_OURS = tuple(field.name for field in fields(Settings) if field.name != "vcrpy")


def _choices(name: str) -> tuple[str, ...]:
    if name == "record_mode":
        return tuple(RULES)
    return get_args(ClockChoice if name == "clock" else Severity)


def _checked(name: str, value: object, source: str) -> str:
    choices = _choices(name)
    if isinstance(value, str) and value in choices:
        return value
    raise ConfigurationError(
        f"{name}={value!r} in {source}: it is one of {', '.join(choices)}"
        + did_you_mean(str(value), choices)
    )


def _check_names(source: str, words: Words) -> None:
    for name in words:
        if name in REFUSED_WORDS:
            raise ConfigurationError(
                f"{name!r} in {source}: Reprise does not serve this option of vcrpy. Leave it out, "
                f"or run with plain pytest-recording: -p no:reprise"
            )
        if name not in _KNOWN:
            raise ConfigurationError(
                f"unknown option {name!r} in {source}" + did_you_mean(name, _KNOWN)
            )


_KNOWN = frozenset(_OURS) | HARMLESS_WORDS | VCRPY_WORDS
