"""Settings: one rule of precedence, and an error for what cannot be meant."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcr.config import VCR

from pytest_reprise.errors import ConfigurationError
from pytest_reprise.plugin.settings import (
    HARMLESS_OPTIONS,
    REFUSED_OPTIONS,
    VCRPY_OPTIONS,
    Options,
    Settings,
    resolve,
)
from pytest_reprise.tape.modes import MODES

from ..harness.strategies import SOME

SEVERITIES = ("fail", "warn", "ignore")
_words = st.fixed_dictionaries(
    {},
    optional={
        "record_mode": st.none() | st.sampled_from(sorted(MODES)),
        "missed": st.none() | st.sampled_from(SEVERITIES),
        "unplayed": st.none() | st.sampled_from(SEVERITIES),
    },
)


@SOME
@given(_words, _words, _words, _words)
def test_first_source_that_says_anything_wins(
    cli: Options, mark: Options, fixture: Options, ini: Options
) -> None:
    settings = resolve(cli, mark, fixture, ini)
    for name, default in (("record_mode", "none"), ("missed", "fail"), ("unplayed", "fail")):
        said = [v for source in (cli, mark, fixture, ini) if (v := source.get(name)) is not None]
        assert getattr(settings, name) == (said[0] if said else default)


def test_nothing_said_is_the_strictest() -> None:
    assert resolve({}, {}, {}, {}) == Settings("none", "fail", "fail")


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
def test_unknown_value_is_refused(
    source: int, name: str, value: object, choices: str, hint: str
) -> None:
    sources: list[Options] = [{}, {}, {}, {}]
    sources[source] = {name: value}
    with pytest.raises(ConfigurationError) as caught:
        resolve(*sources)
    told = str(caught.value)
    assert told.startswith(f"invalid value {name}={value!r} in ")
    assert choices in told
    assert hint in told


@pytest.mark.parametrize(("source", "told"), [(1, "the vcr mark"), (2, "vcr_config")])
def test_unknown_name_is_refused(source: int, told: str) -> None:
    sources: list[Options] = [{}, {}, {}, {}]
    sources[source] = {"recordmode": "once"}
    with pytest.raises(ConfigurationError, match=f"'recordmode' in {told}. Did you mean") as caught:
        resolve(*sources)
    assert "'record_mode'?" in str(caught.value)


def test_unknown_name_without_a_neighbour_gets_no_hint() -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve({}, {"zzz": 1}, {}, {})
    assert str(caught.value) == "unknown option 'zzz' in the vcr mark"


@pytest.mark.parametrize("name", sorted(REFUSED_OPTIONS))
def test_word_of_vcrpy_that_is_not_served_says_how_to_go_on(name: str) -> None:
    with pytest.raises(ConfigurationError, match="-p no:reprise"):
        resolve({}, {}, {name: None}, {})


def test_every_word_of_vcrpy_is_known() -> None:
    theirs = set(inspect.signature(VCR).parameters)
    assert theirs <= VCRPY_OPTIONS | REFUSED_OPTIONS | {"record_mode"}


def test_words_of_vcrpy_of_a_mark_go_before_those_of_a_fixture() -> None:
    fixture: Options = {"match_on": ["method"], "filter_headers": ["a"], "allowed_hosts": ["b"]}
    settings = resolve({}, {"match_on": ["uri"]}, fixture, {})
    assert settings.vcrpy == {"match_on": ["uri"], "filter_headers": ["a"]}


@pytest.mark.parametrize("name", sorted(HARMLESS_OPTIONS))
def test_words_of_others_are_left_to_them(name: str) -> None:
    assert resolve({}, {name: ["a"]}, {name: ["b"]}, {}) == Settings()


def test_value_that_is_overruled_is_not_looked_at() -> None:
    assert resolve({"record_mode": "all"}, {"record_mode": "once"}, {}, {}).record_mode == "all"
