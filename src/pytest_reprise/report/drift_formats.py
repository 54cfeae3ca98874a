"""The drift report in each format: one function for each, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias
from xml.etree import ElementTree

from ..drift.severity import RULES, SEVERITIES, Severity
from ..messages import printable, printable_json
from .drift import DriftReport, ReportedChange, change_lines, changes_text, headline
from .markdown import code

Renderer: TypeAlias = Callable[[DriftReport, Severity], str]
"""Returns a text. The severity is that from which on a change is a failure."""


def render_text(report: DriftReport, _: Severity = "breaking") -> str:
    """Return the lines of the terminal, with all changes."""
    return "\n".join([headline(report), *change_lines(report, shows_all=True)]) + "\n"


# --- JSON -------------------------------------------------------------------------------------


def to_json(report: DriftReport) -> dict[str, object]:
    """Return the report as plain values."""
    summary: dict[str, int] = {"changes": len(report.changes)}
    summary.update({str(name): number for name, number in report.counts.items()})
    return {
        "summary": summary,
        "changes": [change_to_json(found) for found in report.changes],
        "operations": [*report.operations],
        "cassettes": {
            "rewritten": [*report.rewritten],
            "same": [*report.same],
            "kept": [*report.kept],
            "new": [*report.missing],
            "gone": [*report.gone],
        },
        "uncertain": [
            {"operations": [*one.operations], "place": one.place, "text": one.text}
            for one in report.uncertain
        ],
    }


def change_to_json(found: ReportedChange) -> dict[str, object]:
    """Return a change as plain values."""
    change = found.change
    return {
        "severity": change.severity,
        "kind": change.kind,
        "operations": [*change.operations],
        "place": change.place,
        "text": change.text,
        "old": change.old,
        "new": change.new,
        "tests": [*found.tests],
        "failed": [*found.failed],
        "cassettes": [*found.cassettes],
    }


def render_json(report: DriftReport, _: Severity = "breaking") -> str:
    """Return the report as a JSON document."""
    return printable_json(to_json(report)) + "\n"


# --- Markdown ---------------------------------------------------------------------------------


def render_markdown(report: DriftReport, _: Severity = "breaking") -> str:
    """Return the report for a pull request."""
    lines = ["# What the API changed", "", f"{_capitalised(headline(report))}.", ""]
    for severity in SEVERITIES:
        found = [c for c in report.changes if c.change.severity == severity]
        if found:
            lines += [f"## {severity.capitalize()}", "", *map(_item, found), ""]
    if report.kept:
        lines += ["## Failed tests", "", "Their cassettes stay as they were:", ""]
        lines += [*(f"- {code(name)}" for name in report.kept), ""]
    return "\n".join(lines)


def _capitalised(text: str) -> str:
    return text[0].upper() + text[1:]


def _item(found: ReportedChange) -> str:
    change = found.change
    return f"- {code(change.operation)}: {code(change.text)} ({found.seen_by})"


# --- JUnit ------------------------------------------------------------------------------------


def render_junit(report: DriftReport, limit: Severity = "breaking") -> str:
    """Return the report as JUnit XML: a test case for each change, and for each operation without
    one. A change as grave as the limit is a failure."""
    return xml_document(changes_text(report), [drift_suite(report, limit)])


def drift_suite(report: DriftReport, limit: Severity) -> ElementTree.Element:
    """Return the suite with these test cases."""
    touched = {name for found in report.changes for name in found.change.operations}
    untouched = [name for name in report.operations if name not in touched]
    failures = report.at_least(limit)
    suite = ElementTree.Element("testsuite", name="API drift")
    for found in report.changes:
        suite.append(_case(found, SEVERITIES.index(limit)))
    for name in untouched:
        ElementTree.SubElement(suite, "testcase", classname=xml_text(name), name="no change")
    total = str(len(report.changes) + len(untouched))
    for name, value in (("tests", total), ("failures", str(failures)), ("errors", "0")):
        suite.set(name, value)
    return suite


def xml_document(name: str, suites: Iterable[ElementTree.Element]) -> str:
    """Return suites as the text of a JUnit file."""
    root = ElementTree.Element("testsuites", name=xml_text(name))
    root.extend(suites)
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, 'unicode')}\n"


def _case(found: ReportedChange, limit: int) -> ElementTree.Element:
    change = found.change
    case = ElementTree.Element(
        "testcase", classname=xml_text(change.operation), name=xml_text(change.text)
    )
    rule = RULES[change.kind]
    details = [f"{change.severity}: {rule.meaning}, and {rule.reason}", found.seen_by]
    details += [*found.tests, *found.cassettes]
    if SEVERITIES.index(change.severity) <= limit:
        told = ElementTree.SubElement(
            case, "failure", message=xml_text(change.text), type=change.kind
        )
    else:
        told = ElementTree.SubElement(case, "system-out")
    told.text = xml_text("\n".join(details))
    return case


def xml_text(text: str) -> str:
    """Return text without the characters that XML does not allow."""
    shown = "\n".join(map(printable, text.split("\n")))
    return shown.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


FORMATS: dict[str, Renderer] = {
    "text": render_text,
    "json": render_json,
    "md": render_markdown,
    "xml": render_junit,
}
"""The formats by name; those of files are also the suffixes of the files."""
