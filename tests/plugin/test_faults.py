"""What a green replay proves: faults planted in an SDK, which a replay has to catch, and changes
that mean nothing, at which it has to stay green.

The SDK is recorded once. Each variant gets a copy of that cassette, and all are replayed in one
run.
"""

from __future__ import annotations

import json
import shutil
from typing import NamedTuple

import pytest

from ..harness.planted import SDK, VARIANTS
from ..harness.runs import Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")

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


def walk(shop, steps):
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

    def vary(name, call):
        return change(call) if name == changed or changed == "*" else [call]

    base = os.environ["API_BASE_URL"] + (":80" if variant == "default port named" else "")
    password = "another-Pass-9" if variant == "other password" else "first-Pass-1"
    walk(Shop(base, password, vary), FLOWS.get(variant, STEPS))
"""

CONFTEST = """
import json
import pathlib

TOLD = ("is not recorded", "sent more often than it was recorded", "recorded call")


def pytest_runtest_logreport(report):
    told = next((line for line in TOLD if line in report.longreprtext), "")
    with pathlib.Path("reports.jsonl").open("a") as file:
        file.write(json.dumps([report.nodeid, report.failed, told]) + "\\n")


def pytest_collection_modifyitems(items):
    import variants

    kinds = {"faults": [*variants.FAULTS, *variants.FLOWS], "harmless": [*variants.HARMLESS]}
    pathlib.Path("kinds.json").write_text(json.dumps(kinds))
"""


class Verdicts(NamedTuple):
    """The variants, and which of them a replay failed for; `told` is whether it said why."""

    faults: list[str]
    harmless: list[str]
    failed: set[str]
    untold: set[str]

    @property
    def uncaught(self) -> list[str]:
        return [name for name in self.faults if name not in self.failed]

    @property
    def share_caught(self) -> float:
        return 1 - len(self.uncaught) / len(self.faults)


class Bench:
    """Records the SDK once, and replays all its variants."""

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
        """For each variant; under a host name, so that a default port can be named or not."""
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
        failed = [(nodeid.partition("[")[2][:-1], told) for nodeid, failed, told in lines if failed]
        untold = {name for name, told in failed if not told}
        return Verdicts(kinds["faults"], kinds["harmless"], {name for name, _ in failed}, untold)


@pytest.fixture
def bench(suite: Suite, run: Run, pytester: pytest.Pytester, server: Server) -> Bench:
    return Bench(suite, run, pytester, server)


def test_faults_are_caught_and_harmless_changes_are_not(bench: Bench) -> None:
    bench.record()
    verdicts = bench.replay()
    assert "as recorded" not in verdicts.failed
    assert len(verdicts.faults) >= 54
    assert verdicts.share_caught >= 52 / 54, f"uncaught: {', '.join(verdicts.uncaught)}"
    assert not verdicts.untold, "these failed with another error than ours"
    assert len(verdicts.harmless) >= 12
    assert not verdicts.failed.intersection(verdicts.harmless), "these are no faults"


def test_plain_pytest_recording_catches_few(bench: Bench) -> None:
    """What a cassette of the same SDK is worth by vcrpy's own rules."""
    bench.record("-p", "no:reprise")
    verdicts = bench.replay("-p", "no:reprise")
    assert "as recorded" not in verdicts.failed
    assert verdicts.share_caught < 1 / 3
