"""The refresh campaign: `python -m tests.refresh`. It prints what is reached, and what is wanted.

A suite is recorded from the moving API, and then recorded again under all conditions that a team
meets. It takes some minutes, and ends with an error if a line is worse than its limit.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from .ideal import ideal_files
from .moving_api.changes import CHANGES
from .moving_api.server import Options
from .trial import Files, Ran, Trial, cassette_of, changed_files, serving

REWRITE = "--record-mode=rewrite"
Reached: TypeAlias = Iterator[tuple[str, float]]
"""The name of a line, and the number that was reached."""


class Line(NamedTuple):
    """A line of the table. It is an error if more than `limit` is reached."""

    wanted: float
    limit: float


LINES = {
    "unchanged API: files changed": Line(0, 2),
    "unchanged API: lines of news": Line(0, 0),
    "unchanged API: tests red": Line(0, 0),
    "three rewrites: files changed": Line(0, 3),
    "rewrite with -n 2: files changed": Line(0, 3),
    "rewrite with -n 2: lines of news": Line(0, 0),
    "compressed: files changed": Line(0, 2),
    "compressed: tests red": Line(0, 0),
    "replay with -n 2: tests red": Line(0, 0),
    "one test: other tests red": Line(0, 0),
    "new test with once: tests red": Line(0, 0),
    "edited test: tests red": Line(0, 0),
    "deleted call: tests red": Line(0, 0),
    "renamed fixture: tests red": Line(0, 0),
    "version 2: files missing": Line(0, 0),
    "version 2: files too many": Line(0, 2),
    "version 2: % of lines wrong": Line(1, 6),
    "version 2: cassettes of failing tests changed": Line(0, 0),
    "version 2: tests red": Line(0, 0),
    "compressed version 2: % of lines wrong": Line(1, 6),
    "server dies: tests red": Line(0, 0),
    "SIGINT: tests red": Line(0, 0),
    "SIGKILL: tests red": Line(0, 0),
    "failing fixture: tests red": Line(0, 0),
}
ONE = (
    "test_me_counts_requests",
    "test_the_organisation_can_be_read",
    "test_a_customer_can_be_read",
    "test_two_customers_have_two_ids",
    "test_it_is_shipped",
    "test_an_order_of_any_size",
    "test_orders_of_a_customer",
    "test_two_exports_are_polled",
    "test_orders_at_the_same_time",
    "test_a_basket_in_the_shop",
)
"""Tests that are refreshed alone: with fixtures of each scope, and without."""


class Campaign:
    """`times` is how often what happens at random moments is tried."""

    def __init__(self, base: Path, times: int) -> None:
        self._trial = Trial(base / "suite")
        self._times = times
        began = time.monotonic()
        self._must_pass(self._trial.record("--record-mode=once"))
        self._seconds = time.monotonic() - began
        self._old = self._trial.files

    def parts(self) -> list[Callable[[], Reached]]:
        return [
            self._unchanged,
            self._compressed,
            self._one_test,
            self._other_tests,
            self._version_2,
            self._interrupted,
            self._failing_fixture,
        ]

    @staticmethod
    def _must_pass(ran: Ran) -> None:
        assert ran.code == 0, ran.output

    def _unchanged(self) -> Reached:
        trial, old = self._fresh()
        ran = trial.record(REWRITE)
        self._must_pass(ran)
        yield "unchanged API: files changed", len(changed_files(old, trial.files))
        yield "unchanged API: lines of news", len(ran.news)
        yield "unchanged API: tests red", trial.replay().red
        for first_id in (9, 90_000):  # numbers with more and with fewer digits
            self._must_pass(trial.record(REWRITE, api=Options(first_id=first_id)))
        yield "three rewrites: files changed", len(changed_files(old, trial.files))
        yield "replay with -n 2: tests red", trial.replay("-n", "2").red
        trial.restore(old)
        ran = trial.record(REWRITE, "-n", "2")
        self._must_pass(ran)
        yield "rewrite with -n 2: files changed", len(changed_files(old, trial.files))
        yield "rewrite with -n 2: lines of news", len(ran.news)

    def _compressed(self) -> Reached:
        trial, _ = self._fresh()
        trial.restore({})
        self._must_pass(trial.record("--record-mode=once", api=Options(compresses=True)))
        old = trial.files
        self._must_pass(trial.record(REWRITE, api=Options(compresses=True)))
        yield "compressed: files changed", len(changed_files(old, trial.files))
        yield "compressed: tests red", trial.replay().red
        trial.restore(old)
        ran = trial.record(REWRITE, api=Options(CHANGES, compresses=True))
        found = compared(old, trial.files, ran)
        yield "compressed version 2: % of lines wrong", found.percent_wrong

    def _one_test(self) -> Reached:
        red = 0
        for name in ONE[: 2 * self._times]:
            trial, _ = self._fresh()
            self._must_pass(trial.record(REWRITE, "-k", name))
            red += trial.replay().red
        yield "one test: other tests red", red

    def _other_tests(self) -> Reached:
        """Change the suite, and record what is new with `once`, and what was edited again."""
        trial, _ = self._fresh()
        name = "test_accounts.py"
        new = '\n\ndef test_new(client, organisation):\n    path = "/organisations/"\n'
        new += '    assert client.get(path + organisation["id"]).is_success\n'
        trial.edit(name, "def test_me(client)", f"{new.strip()}\n\n\ndef test_me(client)")
        self._must_pass(trial.record("--record-mode=once"))
        yield "new test with once: tests red", trial.replay().red
        edits = {
            "edited test": ("test_customers.py", '"Ada King"', '"Eve King"'),
            "deleted call": ("test_orders.py", "for _ in range(2)", "for _ in range(1)"),
            "renamed fixture": ("**/*.py", "basket", "cart"),
        }
        for what, (files, old, text) in edits.items():
            trial, _ = self._fresh()
            for path in trial.root.glob(files):
                path.write_text(path.read_text().replace(old, text))
            self._must_pass(trial.record(REWRITE))
            yield f"{what}: tests red", trial.replay().red

    def _version_2(self) -> Reached:
        trial, old = self._fresh()
        ran = trial.record(REWRITE, api=Options(CHANGES))
        found = compared(old, trial.files, ran)
        yield "version 2: files missing", found.missing
        yield "version 2: files too many", found.too_many
        yield "version 2: % of lines wrong", found.percent_wrong
        yield "version 2: cassettes of failing tests changed", found.failing_changed
        yield "version 2: tests red", trial.replay().red

    def _interrupted(self) -> Reached:
        red = {"server dies": 0, "SIGINT": 0, "SIGKILL": 0}
        for _ in range(self._times):
            trial, _ = self._fresh()
            trial.record(REWRITE, api=Options(dies_after=random.randrange(180)))
            red["server dies"] += trial.replay().red
            for name in ("SIGINT", "SIGKILL"):
                trial, _ = self._fresh()
                self._interrupt(trial, signal.Signals[name])
                red[name] += trial.replay().red
        yield from ((f"{name}: tests red", count) for name, count in red.items())

    def _interrupt(self, trial: Trial, which: signal.Signals) -> None:
        with serving() as url:
            process = trial.start(REWRITE, url=url)
            try:
                process.communicate(timeout=random.uniform(0.1, self._seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(which)
            process.communicate()

    def _failing_fixture(self) -> Reached:
        trial, _ = self._fresh()
        text = 'lines = [{"sku": "pen", "qty": 3}, {"sku": "cup", "qty": 1}]'
        trial.edit("conftest.py", text, f"{text}\n    assert not os.environ.get('API_FAILS')")
        trial.edit("conftest.py", "NAMES = ", "os.environ['API_FAILS'] = '1'\nNAMES = ")
        trial.record(REWRITE)
        trial.edit("conftest.py", "os.environ['API_FAILS'] = '1'\n", "")
        yield "failing fixture: tests red", trial.replay().red

    def _fresh(self) -> tuple[Trial, Files]:
        """Return the suite with its first recording."""
        self._trial.restore_suite()
        self._trial.restore(self._old)
        return self._trial, self._old


class _Compared(NamedTuple):
    missing: int
    too_many: int
    percent_wrong: float
    failing_changed: int


def compared(old: Files, new: Files, ran: Ran) -> _Compared:
    """Return how the files compare with those that a refresh from version 2 should write."""
    failing = {cassette_of(test) for test in ran.failed}
    changed = {*changed_files(old, new)}
    found = ideal_files({n: text for n, text in old.items() if n not in failing}, new, CHANGES)
    return _Compared(
        len(found.have_to_change - changed),
        len(changed - found.have_to_change - found.may_change - failing),
        round(100 * found.wrong / max(1, found.wanted), 1),
        len(changed & failing),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.refresh", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="trials at random moments")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    random.seed(given.seed)
    print(f"seed {given.seed}\n{'':50}{'reached':>10}{'wanted':>10}{'limit':>10}")
    worse = 0
    with tempfile.TemporaryDirectory() as base:
        for part in Campaign(Path(base), given.times).parts():
            for name, reached in part():
                line = LINES[name]
                mark = "WORSE" if reached > line.limit else "open" if reached > line.wanted else ""
                worse += reached > line.limit
                print(
                    f"{name:50}{reached:10g}{line.wanted:10g}{line.limit:10g}  {mark}", flush=True
                )
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
