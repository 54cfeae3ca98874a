"""A property: what a program saw while it was recorded is what it sees in a replay.

Programs and servers are random. Each program runs with httpx and httpx2, with sync clients and
threads, and with async clients and tasks. To repeat a failure: `TESTS_SEED`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ..harness import chance
from ..harness.programs.drawing import Drawing
from ..harness.programs.model import Program
from ..harness.programs.server import ProgramServer
from ..harness.raw_server import refusing
from ..harness.record_and_replay import Shown
from ..harness.runs import Cassettes, Run, Suite

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist", "Faker")
FORKS = True

PROGRAMS = 16
SUITE = Path(__file__).parents[1] / "harness/programs/suite.py"
NONE = ("--record-mode=none", "--block-network")


@pytest.fixture(autouse=True)
def _refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with refusing() as url:
        monkeypatch.setenv("REFUSED", url)
        yield


def describe(differing: list[str], programs: list[Program]) -> str:
    numbers = sorted({int(run.partition("-")[0]) for run in differing})
    return "\n".join(f"program {n}: {json.dumps(programs[n])}" for n in numbers[:3])


@pytest.mark.parametrize("batch", range(chance.TIMES))
def test_a_program_sees_in_a_replay_what_it_saw(
    batch: int,
    suite: Suite,
    run: Run,
    pytester: pytest.Pytester,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing = Drawing(chance.generator())
    programs = [drawing.program() for _ in range(PROGRAMS)]
    suite(SUITE.read_text(encoding="utf-8"))
    (pytester.path / "programs.json").write_text(json.dumps(programs), encoding="utf-8")

    def shown_by(phase: str, server: ProgramServer, *args: str) -> Shown:
        file = pytester.path / f"{phase}.jsonl"
        monkeypatch.setenv("SHOWN_FILE", str(file))
        monkeypatch.setenv("API_BASE_URL", server.url)
        result = run("-q", *args)
        assert result.ret == 0, f"{phase} of batch {batch}"
        return dict(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())

    def assert_same(phase: str, before: Shown, after: Shown) -> None:
        assert before.keys() == after.keys()
        differing = [name for name in before if before[name] != after[name]]
        for name in differing:
            print(name, "saw", before[name], "and then", after[name], sep="\n")
        assert not differing, f"{phase}:\n{describe(differing, programs)}"

    with closing(ProgramServer(drawing.answers)) as server:
        recorded = shown_by("recording", server, "--record-mode=once")
        assert server.seen
        server.stop()
        assert_same("replay", recorded, shown_by("replay", server, *NONE))
        assert_same("reverse", recorded, shown_by("reverse", server, *NONE, "--reverse"))
    before = cassettes()
    with closing(ProgramServer(drawing.answers)) as server:
        shown_by("rewriting", server, "--record-mode=rewrite")
    after = cassettes()
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in changed:
        print(f"{name} was\n{before.get(name)}\nand is now\n{after.get(name)}")
    assert not changed, "the second recording changed files"
