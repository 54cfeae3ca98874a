"""The report of a run as JUnit XML: a test case for each test or fixture with recorded requests."""

from __future__ import annotations

from xml.etree import ElementTree

from ..drift.severity import Severity
from ..report.drift_formats import drift_suite, xml_document, xml_text
from .run_report import RunReport


def render_run_junit(report: RunReport, limit: Severity) -> str:
    """Return the report. A missed request is a failure, and so is a change as grave as `limit`."""
    suites = [_suite(report)]
    if report.drift:
        suites.append(drift_suite(report.drift, limit))
    return xml_document("Recorded requests", suites)


def _suite(report: RunReport) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name="Recorded requests")
    missed: dict[tuple[str, str], list[str]] = {}
    for one in report.missed:
        missed.setdefault((one.scope, one.cassette), []).append(one.missed.headline)
    unplayed: dict[tuple[str, str], list[str]] = {}
    for call in report.unplayed:
        unplayed.setdefault((call.scope, call.cassette), []).append(call.call)
    for scope in report.scopes:
        place = scope.name, scope.cassette
        names = {"classname": xml_text(scope.cassette), "name": xml_text(scope.name)}
        case = ElementTree.SubElement(suite, "testcase", names)
        if headlines := missed.get(place):
            failure = ElementTree.SubElement(case, "failure", message=xml_text(headlines[0]))
            failure.text = xml_text("\n".join(headlines))
        if calls := unplayed.get(place):
            output = ElementTree.SubElement(case, "system-out")
            output.text = xml_text("\n".join(["recorded calls that were not made:", *calls]))
    suite.set("tests", str(len(report.scopes)))
    suite.set("failures", str(len(missed)))
    suite.set("errors", "0")
    return suite
