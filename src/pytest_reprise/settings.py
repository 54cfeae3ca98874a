"""One frozen Settings, and the only rule of precedence: CLI, mark, fixture, ini, default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

from .errors import ConfigurationError
from .modes import DEFAULT_MODE, RULES
from .spelling import did_you_mean

Severity: TypeAlias = Literal["fail", "warn", "ignore"]
ClockChoice: TypeAlias = Literal["recorded", "real"]
Words: TypeAlias = Mapping[str, object]
"""Settings by name, as one source gives them; None means that the source says nothing."""

VCRPY_WORDS = frozenset(
    "additional_matchers after_load_interaction allow_playback_repeats before_record "
    "before_record_request before_record_response before_save_interaction cassette_library_dir "
    "custom_patches decode_compressed_response drop_unused_requests filter_headers "
    "filter_post_data_parameters filter_query_parameters filter_sensitive_data "
    "filter_nested_post_data_parameters func_path_generator ignore_hosts ignore_localhost inject "
    "inject_cassette match_on path_transformer persister "
    "record_on_exception serializer skip_patchers".split()
)
"""Words that vcrpy knows and this version does not serve."""

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


def resolve(cli: Words, mark: Words, fixture: Words, ini: Words) -> Settings:
    """The settings of one scope; each from the first source that says anything.

    Raises ConfigurationError for an unknown name or value.
    """
    sources = {"--": cli, "the vcr mark": mark, "vcr_config": fixture, "ini": ini}
    for source in ("the vcr mark", "vcr_config"):
        _check_names(source, sources[source])
    found: dict[str, str] = {}
    for field in fields(Settings):
        # All are checked, so that a typing error does not wait for the day when it counts.
        said = [
            _checked(field.name, words[field.name], source)
            for source, words in sources.items()
            if words.get(field.name) is not None
        ]
        found |= {field.name: said[0]} if said else {}
    return Settings(**found)  # type: ignore[arg-type]  # _checked has seen to the values


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
    ours = {field.name for field in fields(Settings)}
    for name in words:
        if name in VCRPY_WORDS:
            raise ConfigurationError(
                f"{name!r} in {source}: this version of Reprise does not serve this option of "
                f"vcrpy. Leave it out, or run with plain pytest-recording: -p no:reprise"
            )
        if name not in ours | HARMLESS_WORDS:
            raise ConfigurationError(f"unknown option {name!r} in {source}" + _meant(name))


def _meant(name: str) -> str:
    ours = {field.name for field in fields(Settings)} | HARMLESS_WORDS
    meant = did_you_mean(name, ours | VCRPY_WORDS)
    served = any(repr(word) in meant for word in ours)
    return meant if served or not meant else f"{meant} It is vcrpy's, and not served yet."
