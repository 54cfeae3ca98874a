"""`resolve`: the precedence of settings, and errors for unknown names and invalid values."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcr.config import VCR

from pytest_reprise.errors import ConfigurationError
from pytest_reprise.tape.modes import MODES
from pytest_reprise.tape.settings import (
    HARMLESS_OPTIONS,
    REFUSED_OPTIONS,
    VCRPY_OPTIONS,
    Options,
    Settings,
    resolve,
)

from ..harness.strategies import SOME

SEVERITIES = ("fail", "warn", "ignore")
_options = st.fixed_dictionaries(
    {},
    optional={
        "record_mode": st.none() | st.sampled_from(sorted(MODES)),
        "missed": st.none() | st.sampled_from(SEVERITIES),
        "unplayed": st.none() | st.sampled_from(SEVERITIES),
    },
)


@SOME
@given(_options, _options, _options, _options)
def test_the_first_source_with_a_value_wins(
    cli: Options, mark: Options, fixture: Options, ini: Options
) -> None:
    settings = resolve(cli, mark, fixture, ini)
    for name, default in (("record_mode", "none"), ("missed", None), ("unplayed", "fail")):
        values = [v for source in (cli, mark, fixture, ini) if (v := source.get(name)) is not None]
        assert getattr(settings, name) == (values[0] if values else default)


def test_the_defaults_are_the_strictest_settings() -> None:
    """A miss fails, too: None says so, except where it was caught under a legacy cassette."""
    assert resolve({}, {}, {}, {}) == Settings("none", None, "fail")


@pytest.mark.parametrize("source", range(4))
@pytest.mark.parametrize(
    ("name", "value", "choices", "hint"),
    [
        ("record_mode", "onse", "none, once, new_episodes, all, rewrite", "Did you mean 'once'?"),
        ("record_mode", "ONCE", "none, once, new_episodes, all, rewrite", ""),
        ("record_mode", 5, "none, once, new_episodes, all, rewrite", ""),
        ("missed", "warning", "fail, warn, ignore", "Did you mean 'warn'?"),
        ("unplayed", True, "fail, warn, ignore", ""),
    ],
)
def test_an_invalid_value_is_refused(
    source: int, name: str, value: object, choices: str, hint: str
) -> None:
    sources: list[Options] = [{}, {}, {}, {}]
    sources[source] = {name: value}
    with pytest.raises(ConfigurationError) as caught:
        resolve(*sources)
    message = str(caught.value)
    assert message.startswith(f"invalid value {name}={value!r} in ")
    assert choices in message
    assert hint in message


@pytest.mark.parametrize(("source", "source_name"), [(1, "the vcr mark"), (2, "vcr_config")])
def test_an_unknown_name_is_refused(source: int, source_name: str) -> None:
    sources: list[Options] = [{}, {}, {}, {}]
    sources[source] = {"recordmode": "once"}
    with pytest.raises(
        ConfigurationError, match=f"'recordmode' in {source_name}. Did you mean"
    ) as caught:
        resolve(*sources)
    assert "'record_mode'?" in str(caught.value)


def test_an_unknown_name_without_a_similar_option_gets_no_hint() -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve({}, {"zzz": 1}, {}, {})
    assert str(caught.value) == "unknown option 'zzz' in the vcr mark"


@pytest.mark.parametrize("name", sorted(REFUSED_OPTIONS))
def test_the_error_for_an_unsupported_option_of_vcrpy_names_the_alternative(name: str) -> None:
    with pytest.raises(ConfigurationError, match="-p no:reprise"):
        resolve({}, {}, {name: None}, {})


def test_every_option_of_vcrpy_is_known() -> None:
    options_of_vcrpy = set(inspect.signature(VCR).parameters)
    assert options_of_vcrpy <= VCRPY_OPTIONS | REFUSED_OPTIONS | {"record_mode"}


def test_options_of_vcrpy_in_a_mark_override_those_of_a_fixture() -> None:
    fixture: Options = {"match_on": ["method"], "filter_headers": ["a"], "allowed_hosts": ["b"]}
    settings = resolve({}, {"match_on": ["uri"]}, fixture, {})
    assert settings.vcrpy == {"match_on": ["uri"], "filter_headers": ["a"]}


@pytest.mark.parametrize("name", sorted(HARMLESS_OPTIONS))
def test_options_of_pytest_recording_are_ignored(name: str) -> None:
    assert resolve({}, {name: ["a"]}, {name: ["b"]}, {}) == Settings()


def test_the_command_line_overrides_the_mark() -> None:
    assert resolve({"record_mode": "all"}, {"record_mode": "once"}, {}, {}).record_mode == "all"
