"""The drift report in all formats: valid, whatever the API answers, and cut in the terminal."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.api_changes import ApiChange
from pytest_reprise.drift.severity import RULES, SEVERITIES, Severity, is_at_least
from pytest_reprise.report.drift import (
    DriftReport,
    ReportedChange,
    change_lines,
    failure_line,
    headline,
)
from pytest_reprise.report.drift_formats import FORMATS

from ..harness.strategies import MANY, texts

changes = st.builds(
    ReportedChange,
    st.builds(
        ApiChange,
        st.sampled_from([*RULES]),
        st.lists(texts, min_size=1, max_size=2).map(tuple),
        texts,
        texts,
    ),
    st.lists(texts, max_size=2).map(tuple),
    st.just(()),
    st.lists(texts, max_size=2).map(tuple),
)
names = st.lists(texts, max_size=3).map(tuple)
reports = st.builds(DriftReport, st.lists(changes, max_size=3).map(tuple), names, names, names)


@MANY
@given(reports, st.sampled_from(SEVERITIES))
def test_each_format_is_valid_and_says_the_same(report: DriftReport, limit: Severity) -> None:
    made = {name: render(report, limit) for name, render in FORMATS.items()}
    found = json.loads(made["json"])
    assert [c["severity"] for c in found["changes"]] == [c.change.severity for c in report.changes]
    [suite] = ElementTree.fromstring(made["xml"])
    assert len(suite.findall("testcase")) == int(str(suite.get("tests")))
    assert len(suite.findall("testcase/failure")) == int(str(suite.get("failures")))
    assert int(str(suite.get("failures"))) == report.at_least(limit)
    assert made["md"].count("\n- ") == len(report.changes) + len(report.kept)
    for name in ("text", "md"):
        assert "\x1b" not in made[name]


def _report(count: int, kind: str = "field-removed") -> DriftReport:
    change = ApiChange(kind, ("GET /",), "$.a", "a removed", "a")
    return DriftReport((ReportedChange(change, ("test_it",)),) * count, rewritten=("a",))


def test_many_changes_are_cut_with_a_hint_where_the_others_are() -> None:
    assert len(change_lines(_report(20), shows_all=False)) == 20
    *lines, last = change_lines(_report(33), shows_all=False)
    assert len(lines) == 20
    assert last == "  … and 13 more: all with -v, or in a file with --reprise-report=drift.md"
    assert len(change_lines(_report(33), shows_all=True)) == 33


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (DriftReport(same=("a",) * 69), "69 cassettes say the same, 0 written"),
        (DriftReport(same=("a",)), "1 cassette says the same, 0 written"),
        (DriftReport(same=("a",), is_of_files=True), "1 cassette says the same"),
        (
            DriftReport(rewritten=("a",), same=("b", "c")),
            "no API change; 1 cassette rewritten, 2 say the same",
        ),
        (
            _report(2),
            "2 API changes (2 breaking); 1 cassette rewritten, 0 say the same",
        ),
        (
            DriftReport(kept=("a",), missing=("b",), is_dry=True),
            "no API change; 0 cassettes differ, 0 written, 0 say the same, "
            "1 of failed tests kept, 1 new",
        ),
    ],
)
def test_the_headline_has_all_numbers(report: DriftReport, line: str) -> None:
    assert headline(report) == line


def test_a_limit_counts_what_is_as_grave_or_graver() -> None:
    for kind, rule in RULES.items():
        report = _report(1, kind)
        for limit in SEVERITIES:
            assert bool(failure_line(report, limit)) == is_at_least(rule.severity, limit)
    text = "failed: 2 API changes are compatible or graver (fail-on=compatible)"
    assert failure_line(_report(2), "compatible") == text
