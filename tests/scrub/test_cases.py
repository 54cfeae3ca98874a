"""Record real APIs' places for secrets, benign answers and assertions on secrets, and replay them.

Each set is one inner suite: it is recorded once, and replayed without the secrets. A failure lists
all rows of a set, with what each imitates. A line names the place and never the value of a secret.
CASES_ONLY="file-* json-vault-login" in the environment chooses rows, for a run of a few seconds.
Rows that fail today are listed in tests/harness/cases/open_rows.toml with the reason.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

import pytest

from ..harness.cases.archives import gzipped, unpacked
from ..harness.cases.bench import Runs, Secrets, Table, traces
from ..harness.cases.forms import CaseMint
from ..harness.cases.kept import MarkedMint, marked_values
from ..harness.cases.open_rows import differences, unknown_rows
from ..harness.cases.tables import CASES, CHECKS, KEPT, ONLY
from ..harness.placements import Placement

SOURCES = {
    **{case.id: case.source for case in CASES},
    **{row.id: row.source for row in KEPT},
    **{row.id: row.source for row in CHECKS},
}


def _runs(
    factory: pytest.TempPathFactory, rows: tuple[Placement, ...], test: str, absent: bool = False
) -> Runs:
    return Runs(rows, test, factory.mktemp("inside"), factory.mktemp("outside"), absent)


@pytest.fixture(scope="module", name="cases")
def fixture_cases(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return _runs(tmp_path_factory, CASES, "test_case", absent=True)


@pytest.fixture(scope="module", name="kept")
def fixture_kept(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return _runs(tmp_path_factory, KEPT, "test_kept")


@pytest.fixture(scope="module", name="checks")
def fixture_checks(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return _runs(tmp_path_factory, CHECKS, "test_check")


def _none(title: str, rows: Mapping[str, str]) -> None:
    """Fail with all rows. A traceback would show secrets."""
    if rows:
        pytest.fail(str(Table(title, rows, SOURCES)), pytrace=False)


def _only_open(test: str, failed: Mapping[str, str], rows: Iterable[str]) -> None:
    """Fail unless exactly those rows failed that open_rows.toml lists for the test."""
    _none(f"not as in open_rows.toml, [{test}]", differences(test, failed, rows))


def _is_unique(names: Iterable[str]) -> bool:
    names = list(names)
    return len(set(names)) == len(names)


@pytest.mark.skipif(bool(ONLY), reason="CASES_ONLY chooses rows")
def test_the_sets_are_large() -> None:
    values = sum(len(marked_values(row, MarkedMint())) for row in KEPT)
    assert _is_unique(SOURCES)
    assert len(CASES) + len(KEPT) + len(CHECKS) == len(SOURCES)
    assert (len(CASES) >= 500, values >= 250, len(CHECKS) >= 120) == (True, True, True)


def test_each_row_says_what_it_imitates() -> None:
    assert [name for name, source in SOURCES.items() if len(source) < 2] == []


def test_secrets_differ_between_runs() -> None:
    one, two = (Secrets(CASES, run).made for run in ("record", "replay"))
    assert [name for name in one if not one[name] or one[name] == two[name]] == []


def test_the_search_finds_canaries() -> None:
    """If the search found nothing, no row would leak."""
    secret = CaseMint().new("secret40")
    made = {"row": [("secret40", secret)]}
    blobs = [base64.b64encode(b"x" * n + secret.encode() + b"and more") for n in range(3)]
    texts = [f"a={secret};".encode(), secret[:20].encode(), secret.encode().hex().encode(), *blobs]
    texts += list(unpacked(gzipped(f'{{"note":"{secret}"}}')))[1:]
    assert [traces(made, [("file", text)]) != {} for text in texts] == [True] * len(texts)
    assert traces(made, [("file", secret[:10].encode())]) == {}


@pytest.mark.parametrize("name", ["cases", "kept", "checks"])
def test_every_row_records(name: str, request: pytest.FixtureRequest) -> None:
    runs: Runs = request.getfixturevalue(name)
    _none("not recorded", runs.problems(runs.recorded, runs.ids))


def test_no_secret_is_in_a_file(cases: Runs) -> None:
    _only_open("leaks", cases.leaks(), cases.ids)


def test_every_case_replays_with_other_secrets(cases: Runs) -> None:
    _only_open("other-secrets", cases.problems(cases.replayed, cases.ids), cases.ids)


def test_every_case_replays_without_secrets(cases: Runs) -> None:
    assert cases.absent is not None
    rows = cases.sends_secrets()
    _only_open("no-secrets", cases.problems(cases.absent, rows), rows)


def test_no_benign_value_is_ruined(kept: Runs) -> None:
    _only_open("ruined", kept.ruined(), kept.ids)


def test_every_benign_answer_replays(kept: Runs) -> None:
    _only_open("benign-replay", kept.problems(kept.replayed, kept.ids), kept.ids)


def test_every_assertion_on_a_secret_holds(checks: Runs) -> None:
    _only_open("assertions", checks.broken_checks(), checks.ids)


def test_no_placeholder_passes_for_a_secret(checks: Runs) -> None:
    _none("assertions that only a real secret may pass", dict.fromkeys(checks.surprises(), ""))


@pytest.mark.skipif(bool(ONLY), reason="CASES_ONLY chooses rows")
def test_the_list_of_open_rows_names_rows() -> None:
    assert unknown_rows(SOURCES) == set()
