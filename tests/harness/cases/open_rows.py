"""The rows that fail today, by test and reason, in open_rows.toml.

A test compares its failures with its list in both ways, so the file says exactly what is open.
CASES_UPDATE=1 in the environment rewrites the list of each test that runs; new rows get the reason
"known". Reasons that start with "not promised" stay when everything else is fixed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

_FILE = Path(__file__).with_suffix(".toml")
_UPDATES = "CASES_UPDATE" in os.environ
_VARIES = "varies"
"""The start of the reason of rows that fail for some secrets only. They are not compared."""
_HEAD = "# Rows of the case sets that fail today: [test], then a reason and its rows.\n"


def open_rows(test: str) -> dict[str, str]:
    """Return the rows that are known to fail in a test, with the reason of each."""
    return {row: reason for reason, rows in _read().get(test, {}).items() for row in rows}


def differences(test: str, failed: Mapping[str, str], all_rows: Iterable[str]) -> dict[str, str]:
    """Return the rows whose outcome is not that of the list, with what is wrong."""
    known, rows = open_rows(test), set(all_rows)
    if _UPDATES:
        outside = {
            row: reason
            for row, reason in known.items()
            if row not in rows or reason.startswith(_VARIES)
        }
        _write(test, {**outside, **{row: known.get(row, "known") for row in failed}})
        return {}
    varying = {row for row, reason in known.items() if reason.startswith(_VARIES)}
    passing = [row for row in known if row in rows - varying and row not in failed]
    new = {row: text for row, text in failed.items() if row not in known}
    return {**new, **dict.fromkeys(passing, "passes, but is in open_rows.toml")}


def unknown_rows(all_rows: Iterable[str]) -> set[str]:
    """Return the rows of the list that no set has."""
    return {row for test in _read() for row in open_rows(test)} - set(all_rows)


def _read() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8")) if _FILE.exists() else {}


def _write(test: str, reasons: Mapping[str, str]) -> None:
    every = _read()
    every[test] = {
        reason: sorted(row for row in reasons if reasons[row] == reason)
        for reason in sorted(set(reasons.values()))
    }
    text = _HEAD
    for name, groups in sorted(every.items()):
        text += f"\n[{name}]\n"
        for reason, rows in groups.items():
            text += f'"{reason}" = [\n' + "".join(f'    "{row}",\n' for row in rows) + "]\n"
    _FILE.write_text(text, encoding="utf-8")
