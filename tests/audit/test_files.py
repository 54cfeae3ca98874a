"""Which files `reprise audit` reads."""

from __future__ import annotations

from ..harness.audits import Audit, write
from ..harness.forms import (
    CASSETTES,
)


def test_directory_is_searched_at_any_depth(audit: Audit) -> None:
    names = ["a/b/c.yaml", "a/d.yml", "e.json", "a/F.YAML"]
    others = ["a/not.txt", "node_modules/x.json", ".git/y.yaml", "a/.reprise-abc/z.yaml"]
    for name in [*names, *others]:
        write(name, CASSETTES["vcrpy.yaml"])
    found = {finding["file"] for finding in audit("--format=json").json["findings"]}
    assert found == set(names)


def test_named_file_is_read_whatever_its_suffix(audit: Audit) -> None:
    write("tape.txt", CASSETTES["vcrpy.yaml"])
    assert len(audit("--format=json", "tape.txt").found) == 3


def test_file_that_is_named_twice_is_read_once(audit: Audit) -> None:
    write("a/b.yaml", CASSETTES["vcrpy.yaml"])
    assert len(audit("--format=json", "a", "a/b.yaml").found) == 3


def test_order_does_not_depend_on_the_arguments(audit: Audit) -> None:
    for name in ("b/1.yaml", "a/2.yaml", "c.yaml"):
        write(name, CASSETTES["vcrpy.yaml"])
    first, second = (
        audit("--format=json", "a", "b", "c.yaml"),
        audit("--format=json", "c.yaml", "b", "a"),
    )
    assert first.out == second.out
    files = [finding["file"] for finding in first.json["findings"]]
    assert files == sorted(files)
