"""Mutation test of replay: faults planted in an SDK have to fail, harmless changes have to pass.

The SDK is recorded once. Each variant of it gets a copy of the cassette. One run replays all
variants.
"""

from __future__ import annotations

import json
import shutil
from typing import NamedTuple

import pytest

from ..harness.planted import SDK, VARIANTS
from ..harness.runs import Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")
FORKS = True

SUITE = """
import os

import pytest
from sdk import Shop
from variants import FAULTS, FLOWS, HARMLESS

ORDER = {
    "customer": {"id": 12, "vip": True, "city": "Łódź"},
    "lines": [{"sku": "B-1", "quantity": 2}, {"sku": "C-2", "quantity": 1}],
    "note": None,
    "currency": "EUR",
}
STEPS = ["log_in", "find", "create", "get", "update", "attach", "download", "delete"]
VARIANTS = {"as recorded": ("", None), **FAULTS, **HARMLESS}


def unchanged(name, call):
    return [call]


def run_steps(shop, steps):
    order = {"id": 7}
    for step in steps:
        if step == "find":
            shop.find(status="open", page=2, tag=["new", "paid"])
        elif step == "create":
            order = shop.create(ORDER)
        elif step == "get":
            order = shop.get(order)
        elif step == "update":
            shop.update(order, currency="USD", total=19.9)
        elif step in ("log_in", "download"):
            getattr(shop, step)()
        else:
            getattr(shop, step)(order)


@pytest.mark.vcr
@pytest.mark.parametrize("variant", [*VARIANTS, *FLOWS])
def test_shop(variant):
    changed, change = VARIANTS.get(variant, ("", None))

    def variant_of(name, call):
        return change(call) if name == changed or changed == "*" else [call]

    base = os.environ["API_BASE_URL"] + (":80" if variant == "default port named" else "")
    password = "another-Pass-9" if variant == "other password" else "first-Pass-1"
    run_steps(Shop(base, password, variant_of), FLOWS.get(variant, STEPS))
"""

CONFTEST = """
import json
import pathlib

MESSAGES = ("is not recorded", "sent more often than it was recorded", "recorded call")


def pytest_runtest_logreport(report):
    message = next((line for line in MESSAGES if line in report.longreprtext), "")
    with pathlib.Path("reports.jsonl").open("a") as file:
        file.write(json.dumps([report.nodeid, report.failed, message]) + "\\n")


def pytest_collection_modifyitems(items):
    import variants

    kinds = {"faults": [*variants.FAULTS, *variants.FLOWS], "harmless": [*variants.HARMLESS]}
    pathlib.Path("kinds.json").write_text(json.dumps(kinds))
"""


class Verdicts(NamedTuple):
    """The variants, those whose replay failed, and those that failed without Reprise's message."""

    faults: list[str]
    harmless: list[str]
    failed: set[str]
    without_message: set[str]

    @property
    def uncaught(self) -> list[str]:
        return [name for name in self.faults if name not in self.failed]

    @property
    def share_caught(self) -> float:
        return 1 - len(self.uncaught) / len(self.faults)


class FaultSuite:
    """Records the SDK once and replays all its variants."""

    def __init__(self, suite: Suite, run: Run, pytester: pytest.Pytester, server: Server) -> None:
        self._run = run
        self._path = pytester.path
        self._server = server
        suite(SUITE, conftest=CONFTEST, sdk=SDK, variants=VARIANTS)

    def record(self, *plugin: str) -> None:
        self._server.answers |= {
            "/token": json_answer({"access_token": "live-token-1", "expires": 3600}),
            "/orders": [json_answer([{"id": 6}]), json_answer({"id": 7}, 201)],
            "/orders/7": [json_answer({"id": 7}, ETag='"v1"'), json_answer({"id": 7})],
            "/orders/7/files": json_answer({"id": 3}, 201),
            "/files/3": (206, {"Content-Type": "application/pdf"}, b"%PDF-1.7 paid"),
        }
        self._run(*plugin, "--record-mode=once", "-k", "as and recorded").assert_outcomes(passed=1)
        self._server.stop()
        self._copy_cassette()

    def _copy_cassette(self) -> None:
        """Copy the cassette for each variant.

        The URLs get a host name, since one variant names the default port.
        """
        kinds = json.loads((self._path / "kinds.json").read_text(encoding="utf-8"))
        directory = self._path / "cassettes" / "test_suite"
        [recorded] = directory.iterdir()
        text = recorded.read_text(encoding="utf-8").replace(self._server.url, "http://shop.example")
        recorded.write_text(text, encoding="utf-8")
        for name in [*kinds["faults"], *kinds["harmless"]]:
            shutil.copy(recorded, directory / f"test_shop[{name}].yaml")

    def replay(self, *plugin: str) -> Verdicts:
        reports = self._path / "reports.jsonl"
        reports.unlink()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("API_BASE_URL", "http://shop.example")
            self._run(*plugin, "-q", "--tb=short")
        kinds = json.loads((self._path / "kinds.json").read_text(encoding="utf-8"))
        lines = map(json.loads, reports.read_text(encoding="utf-8").splitlines())
        failed = [(nodeid.partition("[")[2][:-1], text) for nodeid, failed, text in lines if failed]
        without_message = {name for name, text in failed if not text}
        return Verdicts(
            kinds["faults"], kinds["harmless"], {name for name, _ in failed}, without_message
        )


@pytest.fixture
def faults(suite: Suite, run: Run, pytester: pytest.Pytester, server: Server) -> FaultSuite:
    return FaultSuite(suite, run, pytester, server)


def test_faults_fail_the_replay_and_harmless_changes_pass(faults: FaultSuite) -> None:
    faults.record()
    verdicts = faults.replay()
    assert "as recorded" not in verdicts.failed
    assert len(verdicts.faults) >= 54
    assert verdicts.share_caught >= 52 / 54, f"uncaught: {', '.join(verdicts.uncaught)}"
    assert not verdicts.without_message, "these failed with another error than Reprise's"
    assert len(verdicts.harmless) >= 12
    assert not verdicts.failed.intersection(verdicts.harmless), "harmless changes"


def test_plain_pytest_recording_catches_less_than_a_third_of_the_faults(faults: FaultSuite) -> None:
    """For comparison: a cassette of the same SDK, matched as vcrpy matches by default."""
    faults.record("-p", "no:reprise")
    verdicts = faults.replay("-p", "no:reprise")
    assert "as recorded" not in verdicts.failed
    assert verdicts.share_caught < 1 / 3
