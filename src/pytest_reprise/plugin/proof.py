"""`--reprise-prove`: what was recorded has to replay, before it takes the place of old cassettes.

The tests run once more in a new process: offline, without the secrets of the environment and
without base URL, and with the clock two years ahead. Tests that fail run again with one of these
conditions taken back, which shows what they depend on.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import pytest

from ..messages import counted
from ..scrub.environment import secret_variables
from ..scrub.scrubber import Scrubber
from .proof_process import Result
from .replay_process import World, replay

_BASE_URLS = ("API_BASE_URL", "BASE_URL", "PYTEST_BASE_URL")
_TWO_YEARS = 730 * 86400.0
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+|\b\d+\.\d+s\b|:\d+: ")
_WORD = re.compile(r"[\w.:+-]+")


class Conditions(NamedTuple):
    """What a process of the proof gets of the world in which the tests were recorded."""

    has_secrets: bool = False
    has_base_url: bool = False
    has_clock: bool = False


class Unproven(NamedTuple):
    """A test that does not replay."""

    nodeid: str
    reason: str
    error: str
    """The first line of its failure."""


class Proof:
    """Runs tests from the cassettes that are staged in directories of the name `staged`."""

    def __init__(
        self, config: pytest.Config, scrubber: Scrubber, staged: str, live_host: str
    ) -> None:
        self._config = config
        self._scrubber = scrubber
        self._staged = staged
        environment = os.environ
        known = (n for n, value in environment.items() if scrubber.vault.secrets_in(value))
        self._secrets = {*secret_variables(environment), *known} - {"PATH", "HOME"}
        hosts = {n for n, value in environment.items() if live_host and live_host in value}
        self._base_urls = {*_BASE_URLS, *hosts} & set(environment)
        self.seconds = 0.0

    def unproven(self, nodeids: Collection[str]) -> list[Unproven]:
        """Return the tests that fail offline, each with the likely reason."""
        began = time.perf_counter()
        found = self._run(nodeids, Conditions())
        failed = {nodeid: result for nodeid, result in found.items() if result.failed}
        reasons = self._reasons(failed) if failed else {}
        self.seconds = time.perf_counter() - began
        scrub = self._scrubber.scrub_report_text
        return [
            Unproven(nodeid, scrub(reasons[nodeid]), scrub(result.error))
            for nodeid, result in failed.items()
        ]

    def _reasons(self, failed: Mapping[str, Result]) -> dict[str, str]:
        """Try each condition in turn, and then the same ones again."""
        reasons: dict[str, str] = {}
        trials = [
            (Conditions(has_secrets=True), bool(self._secrets), self._needs_secret),
            (Conditions(has_base_url=True), bool(self._base_urls), self._needs_base_url),
            (Conditions(has_clock=True), True, _needs_clock),
        ]
        for conditions, is_other, reason in trials:
            left = failed.keys() - reasons.keys()
            if left and is_other:
                for nodeid, result in self._run(left, conditions).items():
                    if not result.failed:
                        reasons[nodeid] = reason(failed[nodeid])
        if left := failed.keys() - reasons.keys():
            for nodeid, result in self._run(left, Conditions()).items():
                reasons[nodeid] = _of_repetition(failed[nodeid], result)
        return reasons

    def _needs_secret(self, result: Result) -> str:
        return f"it depends on the value of a secret: {_names(result.read, self._secrets)}"

    def _needs_base_url(self, result: Result) -> str:
        return f"it depends on the base URL: {_names(result.read, self._base_urls)}"

    # --- the process ------------------------------------------------------------------------

    def _run(self, nodeids: Collection[str], conditions: Conditions) -> dict[str, Result]:
        removed = set() if conditions.has_secrets else set(self._secrets)
        removed |= set() if conditions.has_base_url else self._base_urls
        ahead = 0.0 if conditions.has_clock else _TWO_YEARS
        return replay(self._config, nodeids, World(removed, self._staged, ahead)).results


def _needs_clock(_: Result) -> str:
    return "it depends on the real clock: two years later it fails"


def _of_repetition(first: Result, again: Result) -> str:
    """The reason that a second run under the same conditions shows."""
    if not again.failed:
        return "it does not replay each time: the next run passed"
    one, other = (_WORD.findall(_ADDRESS.sub("", result.text)) for result in (first, again))
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if differing and len(one) == len(other):
        was, then = differing[0]
        return f"it depends on a random value that no seed reaches: {was}, and then {then}"
    if first.processes:
        return f"it starts another process ({first.processes[0]}), which is not recorded"
    return "it fails in the same way each time"


def _names(read: Iterable[str], candidates: Collection[str]) -> str:
    """The variables that a test has read, or else all that it may depend on."""
    return ", ".join(sorted(set(read) & set(candidates)) or sorted(candidates))


def text_of(unproven: Unproven) -> str:
    """Return the error of a test that does not replay."""
    return _TEXT.format(unproven.reason, unproven.error)


def summary(proven: int, unproven: int, seconds: float) -> str:
    """Return the line about the proof."""
    tests = counted(proven + unproven, "test")
    if not unproven:
        return f"proof: {tests} replayed offline in {seconds:.1f} s"
    return f"proof: {unproven} of {tests} did not replay offline, in {seconds:.1f} s"


_TEXT = """\
The recording of this test does not replay. It was not saved, and an older cassette stays.

  reason    {}
  error     {}

The proof ran the test offline, without the secrets of the environment and without base URL, and \
with the clock two years ahead."""
