"""Records and replays one set of cases, and tells what leaked, what was ruined and what failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .. import chance
from ..inner_suites import Outcome, run_suite, write_suite
from ..placements import Made, Mint, Placement, PlannedCall
from ..raw_server import Call, RawServer
from ..secret_search import Disk, Interaction, body_of, encodings_of, headers_of, leaves, opened
from .archives import unpacked
from .checks import Check
from .forms import AbsentMint, CaseMint, canaries
from .kept import Kept, MarkedMint, marked_values
from .tables import ONLY

_SUITE = "from tests.harness.cases.inner import fixture_client, {test}\n"
_GRAM = 8
"""Bytes by which the search finds candidates; shorter secrets are searched in their own body."""


class CaseServer(RawServer):
    """Answers with the planned answer that the headers of the request name."""

    def __init__(self, planned_calls: Mapping[str, Sequence[PlannedCall]]) -> None:
        self._planned_calls = planned_calls
        super().__init__()

    def _answer(self, call: Call) -> None:
        calls = self._planned_calls[call.headers["x-placement"]]
        answer = calls[int(call.headers["x-step"])].answer
        call.answer(f"{answer.status} {answer.reason}", *answer.head, body=answer.wire)


class Secrets:
    """The secrets of a set in one run, and the calls that are built from them.

    Those of a row depend on no other row, so that a new row changes no outcome.
    """

    def __init__(self, rows: Iterable[Placement], run: str) -> None:
        self.made: dict[str, list[Made]] = {}
        self.planned_calls: dict[str, list[PlannedCall]] = {}
        for row in rows:
            made: Mint = AbsentMint(row.id) if run == "absent" else CaseMint()
            with chance.stream(f"{run} {row.id}"):
                self.planned_calls[row.id] = list(row.planned_calls(made))
            self.made[row.id] = made.made

    def environment(self) -> dict[str, str]:
        every = [call for calls in self.planned_calls.values() for call in calls]
        return dict(pair for call in every for pair in call.environment)

    def dotenv(self) -> str:
        every = [call for calls in self.planned_calls.values() for call in calls]
        return "".join(f"{name}={value}\n" for call in every for name, value in call.dotenv)


class Runs:
    """A recording of one set and replays of it: with other secrets, and without any."""

    def __init__(
        self,
        rows: Sequence[Placement],
        test: str,
        inside: Path,
        outside: Path,
        absent: bool = False,
    ) -> None:
        """Record and replay. Benign rows get the same values in both runs."""
        write_suite(inside, _SUITE.format(test=test))
        self._inside, self._outside, self._test = inside, outside, test
        self.rows = rows
        self.secrets = Secrets(rows, "record")
        with closing(CaseServer(self.secrets.planned_calls)) as server:
            self.recorded = self._run("record", self.secrets, server.url)
            server.stop()
            self.replayed = self._run("replay", self._others(), server.url)
            self.absent = (
                self._run("absent", Secrets(rows, "absent"), server.url) if absent else None
            )
        outputs = [run.output for run in (self.recorded, self.replayed, self.absent) if run]
        self.disk = Disk(inside, outputs)
        self.interactions: dict[str, list[Interaction]] = {}
        for interactions in self.disk.cassettes.values():
            name = dict(headers_of(interactions[0]["request"]))["X-Placement"]
            self.interactions[name] = interactions

    def _others(self) -> Secrets:
        is_benign = all(isinstance(row, Kept) for row in self.rows)
        return self.secrets if is_benign else Secrets(self.rows, "replay")

    def _run(self, phase: str, known: Secrets, url: str) -> Outcome:
        file = self._outside / f"{phase}.json"
        file.write_text(json.dumps(known.made), encoding="utf-8")
        is_absent = phase == "absent"
        dotenv = "" if is_absent else known.dotenv()
        (self._inside / ".env").write_text(dotenv, encoding="utf-8")
        environment = {} if is_absent else known.environment()
        own = {"API_BASE_URL": url, "CASES_FILE": str(file), "CASES_PHASE": phase}
        own["CASES_ONLY"] = " ".join(ONLY)
        mode = "once" if phase == "record" else "none"
        args = (f"--record-mode={mode}", "--log-file-level=DEBUG")
        return run_suite(self._inside, phase, {**environment, **own}, *args)

    def problems(self, run: Outcome, rows: Iterable[str]) -> dict[str, str]:
        """Return what failed, by row."""
        found = {name: run.problem(f"{self._test}[{name}]") for name in rows}
        return {name: _first_line(problem) for name, problem in found.items() if problem}

    @cached_property
    def ids(self) -> list[str]:
        return [row.id for row in self.rows]

    def sends_secrets(self) -> list[str]:
        """Return the rows whose request depends on a secret."""
        others = self._others().planned_calls
        return [
            name
            for name, calls in self.secrets.planned_calls.items()
            if any(
                (one.target, one.headers, one.body) != (two.target, two.headers, two.body)
                for one, two in zip(calls, others[name], strict=True)
            )
        ]

    # --- leaks ----------------------------------------------------------------------------

    def leaks(self) -> dict[str, str]:
        """Return the rows whose secrets are in a file, with an encoding and the file."""
        found = traces(self.secrets.made, self._texts())
        return {**self._short_leaks(), **found}

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        yield from sorted(self.disk.texts.items(), key=lambda item: "cassette" not in item[0])
        for name, interactions in self.interactions.items():
            for each in interactions:
                for side in ("request", "response"):
                    for inner in list(unpacked(opened(each[side])))[1:]:
                        yield f"the unpacked {side} of {name}", inner

    def _short_leaks(self) -> dict[str, str]:
        """Search short secrets, such as PINs, only in the cassette of their row."""
        found = {}
        for name, made in self.secrets.made.items():
            short = [(form, c) for form, v in made for c in canaries(form, v) if len(c) < _GRAM]
            own = self.interactions.get(name, []) if short else []
            text = b"\n".join(leaf for each in own for leaf in leaves(each))
            for form, canary in short:
                if re.search(rb"(?<![A-Za-z0-9])%b(?![A-Za-z0-9])" % canary.encode(), text):
                    found[name] = f"{form}, in its own cassette"
        return found

    # --- benign values --------------------------------------------------------------------

    def ruined(self) -> dict[str, str]:
        """Return the rows that are not recorded as they were, with the values that are lost."""
        found = {}
        for row in self.rows:
            if isinstance(row, Kept) and (lost := self._lost(row)):
                found[row.id] = lost
        return found

    def _lost(self, row: Kept) -> str:
        interactions = self.interactions.get(row.id)
        if not interactions:
            return "it was not recorded"
        [call] = self.secrets.planned_calls[row.id]
        marked = marked_values(row, MarkedMint(self.secrets.made[row.id]))
        written = _texts_of(interactions[0])
        original = _texts_of(
            {
                "request": {
                    "uri": call.target,
                    "headers": {name: [value] for name, value in call.headers},
                    "body": call.body,
                },
                "response": {
                    "headers": {name: [value] for name, value in call.answer.headers},
                    "body": call.answer.body,
                },
            }
        )
        lost = [value for value in marked if written.count(value) < original.count(value)]
        if lost:
            return f"{len(lost)} of {len(marked)}: " + ", ".join(dict.fromkeys(lost))
        gone = [line for line in original.split("\n") if line not in written]
        return f"beside the marks: {gone[0][:80]}" if gone else ""

    def lost_values(self) -> int:
        """Return the number of marked values that were lost."""
        counts = (text.partition(" ")[0] for text in self.ruined().values())
        return sum(int(count) for count in counts if count.isdigit())

    # --- assertions -----------------------------------------------------------------------

    def broken_checks(self) -> dict[str, str]:
        """Return the assertions that a placeholder could satisfy, and that fail on replay."""
        return self.problems(
            self.replayed, [r.id for r in self.rows if isinstance(r, Check) and r.possible]
        )

    def surprises(self) -> list[str]:
        """Return the assertions that hold on replay although no placeholder should satisfy them."""
        rows = [row.id for row in self.rows if isinstance(row, Check) and row.possible is False]
        failed = self.problems(self.replayed, rows)
        return [name for name in rows if name not in failed]


def _first_line(problem: str) -> str:
    return problem.partition("\n")[0][:160]


def traces(
    made: Mapping[str, Iterable[Made]], texts: Iterable[tuple[str, bytes]]
) -> dict[str, str]:
    """Return where canaries stand in the named texts, by row. Each text is read once."""
    wanted = _wanted(made)
    starts: dict[bytes, list[bytes]] = {}
    for encoded in wanted:
        starts.setdefault(encoded[:_GRAM], []).append(encoded)
    found: dict[str, str] = {}
    for file, text in texts:
        for at in range(len(text) - _GRAM + 1):
            for encoded in starts.get(text[at : at + _GRAM], ()):
                if text.startswith(encoded, at) and _is_whole(text, at, encoded):
                    name, form, spelling = wanted[encoded]
                    found.setdefault(name, f"{form or 'token'}, {spelling}, in {file}")
    return found


def _wanted(made: Mapping[str, Iterable[Made]]) -> dict[bytes, tuple[str, str, str]]:
    """Return each encoding of each canary, with its row, form and spelling."""
    found: dict[bytes, tuple[str, str, str]] = {}
    for name, pairs in made.items():
        for form, value in pairs:
            for canary in canaries(form, value):
                for encoded, spelling in encodings_of(canary).items():
                    if len(canary) >= _GRAM and len(encoded) >= _GRAM:
                        found.setdefault(encoded, (name, form, spelling))
    return found


def _is_whole(text: bytes, at: int, encoded: bytes) -> bool:
    """Whether a number is not a part of a longer one."""
    if not encoded.isdigit():
        return True
    before, after = text[max(at - 1, 0) : at], text[at + len(encoded) : at + len(encoded) + 1]
    return not before.isdigit() and not after.isdigit()


def _texts_of(interaction: Interaction) -> str:
    """Return the texts of an interaction; a JSON body as its texts and keys."""
    found = [str(interaction["request"]["uri"])]
    for side in ("request", "response"):
        message = interaction[side]
        found += [f"{name}: {value}" for name, value in headers_of(message)]
        body = body_of(message)
        try:
            found += [leaf.decode() for leaf in leaves(json.loads(body))]
        except ValueError:
            found.append(body.decode(errors="replace"))
    return "\n".join(found)


@dataclass(frozen=True)
class Table:
    """Rows that failed, for a person."""

    title: str
    rows: Mapping[str, str]
    sources: Mapping[str, str]

    def __str__(self) -> str:
        lines = [
            f"{name:<44} {text}   [{self.sources.get(name, '')}]"
            for name, text in sorted(self.rows.items())
        ]
        return "\n".join([f"{self.title}: {len(self.rows)}", *lines])
