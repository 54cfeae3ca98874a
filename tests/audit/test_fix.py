"""`reprise audit --fix` replaces secrets by placeholders and keeps all else."""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import jsonserializer, yamlserializer

from pytest_reprise.audit.files import parse_source
from pytest_reprise.cassette.file import load
from pytest_reprise.commands.main import main

from ..harness.audits import Audit, answering, clean, write
from ..harness.expected import placeholder
from ..harness.forms import (
    CASSETTES,
    CODINGS,
    FORMS,
    KEY,
    PACKAGES,
    PASSWORD,
    SECRETS,
    TOKEN,
    coded,
    interaction,
    response,
    vcrpy_yaml,
)
from ..harness.strategies import FEW


def _loaded(path: Path) -> tuple[list[Any], list[Any]]:
    """Requests and responses, as plain vcrpy loads them."""
    serializer = jsonserializer if path.suffix == ".json" else yamlserializer
    requests, responses, *_ = deserialize(path.read_text(encoding="utf-8"), serializer)
    return requests, responses


@pytest.mark.parametrize("name", FORMS)
def test_fix_takes_the_secrets_out_and_leaves_the_rest(audit: Audit, name: str) -> None:
    path = write(name, FORMS[name])
    ran = audit("--fix", name)
    assert ran.code == 0
    text = path.read_text(encoding="utf-8")
    assert not [secret for secret in SECRETS if secret in text]
    assert re.search("(?i)redacted|[uc]mVkYWN0ZW", text)
    assert audit("--fix", name).lines == ran.lines[1:]
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", CASSETTES)
def test_fixed_cassette_is_the_same_for_its_readers(audit: Audit, name: str) -> None:
    path = write(name, CASSETTES[name])
    before = parse_source(name, path.read_bytes())
    audit("--fix", ".")
    after = parse_source(name, path.read_bytes())
    assert before.interactions is not None
    assert after.interactions is not None
    assert after.document.keys() == before.document.keys()
    assert ("reprise" in after.document) == (name == "ours.yaml")
    for old, new in zip(before.interactions, after.interactions, strict=True):
        assert json.loads(new.request.body)["user"] == "augusta"
        assert new.request.url.endswith("&page=2")
        assert [n for n, _ in new.request.headers] == [n for n, _ in old.request.headers]
        assert type(new.outcome) is type(old.outcome)
    if name not in ("parsed.yaml", "httpx.yaml"):
        requests, _ = _loaded(path)
        assert [request.uri for request in requests] == [new.request.url]
    if name == "ours.yaml":
        cassette = load(path)
        assert cassette is not None
        assert cassette.header is not None
        assert cassette.header.seed == 7
        assert cassette.interactions[0].at == 0.25


def test_extra_keys_survive(audit: Audit) -> None:
    path = write("extra.yaml", CASSETTES["extra.yaml"])
    audit("--fix", ".")
    document = yaml.safe_load(path.read_text())
    assert document["metadata"] == {"suite": "shop", "password": "Redacted-password-1"}
    (found,) = document["interactions"]
    assert found["recorded_at"] == "2026-01-31T12:00:00"
    assert found["serializer"] == {"name": "own"}


PUT = ("Redacted-password-1", placeholder("token", 1, TOKEN), f"facade{'0' * 17}1")


@pytest.mark.parametrize(
    "name", "vcrpy.yaml vcrpy.json compact.json parsed.yaml httpx.yaml ours.yaml text.yaml".split()
)
def test_only_what_is_secret_changes_in_the_text(audit: Audit, name: str) -> None:
    path = write(name, FORMS[name])
    audit("--fix", name)
    kept = FORMS[name]
    for secret, put in zip(SECRETS, PUT, strict=True):
        kept = kept.replace(secret, put)
    assert _comparable(path.read_text(encoding="utf-8")) == _comparable(kept)


def _comparable(text: str) -> str:
    """Without the length of a body, and however long lines are broken."""
    return re.sub(r"\s+", " ", re.sub(r"(Content-Length\W+)\d+", r"\1N", text))


def test_length_of_a_body_is_updated(audit: Audit) -> None:
    path = write("a.yaml", CASSETTES["vcrpy.yaml"])
    audit("--fix", ".")
    request = yaml.safe_load(path.read_text())["interactions"][0]["request"]
    assert request["headers"]["Content-Length"] == [str(len(request["body"]))]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_are_fixed(audit: Audit, coding: str) -> None:
    if coding in PACKAGES:
        pytest.importorskip(PACKAGES[coding])
    path = write("a.yaml", coded(coding))
    assert audit("--fix", ".").code == 0
    assert audit("--format=json").found == []
    assert path.read_text() != coded(coding)


def test_one_value_has_one_placeholder_in_all_files(audit: Audit) -> None:
    a = write("a.yaml", answering(json.dumps({"access_token": "F1rst0fAll-x82kQ"})))
    b = write("b.yaml", answering(json.dumps({"access_token": TOKEN})))
    c = write("c.json", json.dumps({"token": TOKEN}))
    audit("--fix", ".", "c.json")
    assert placeholder("token", 1, "F1rst0fAll-x82kQ") in a.read_text()
    second = placeholder("token", 2, TOKEN)
    assert second in b.read_text()
    assert json.loads(c.read_text()) == {"token": second}


def test_secret_that_a_later_file_reveals_is_replaced_in_an_earlier_one(audit: Audit) -> None:
    a = write("a.yaml", answering(json.dumps({"note": f"see {TOKEN}"})))
    b = write("b.txt", f"see {TOKEN}")
    write("c.yaml", answering(json.dumps({"access_token": TOKEN})))
    ran = audit("--fix", "a.yaml", "b.txt", "c.yaml")
    assert ran.lines[:3] == [f"{name}: 1 finding fixed" for name in ("a.yaml", "b.txt", "c.yaml")]
    assert f"see {placeholder('token', 1, TOKEN)}" in a.read_text()
    assert b.read_text() == f"see {placeholder('token', 1, TOKEN)}"


def test_placeholder_of_another_value_is_not_used_again(audit: Audit) -> None:
    first, second, third = (placeholder("token", number, TOKEN) for number in (1, 2, 3))
    write("a.yaml", answering(json.dumps({"access_token": TOKEN})))
    held = gzip.compress(json.dumps({"access_token": first}).encode())
    write("b.yaml", answering(held, content_encoding=["gzip"]))
    write("c.txt", second)
    audit("--fix", "a.yaml", "b.yaml", "c.txt")
    assert third in Path("a.yaml").read_text()


def test_file_without_a_secret_is_not_touched(audit: Audit) -> None:
    path = write("a.yaml", "# by hand\n" + clean())
    os.utime(path, (1, 1))
    write("b.yaml", CASSETTES["vcrpy.yaml"])
    audit("--fix", ".")
    assert path.stat().st_mtime == 1


def test_mode_bits_stay_and_no_temporary_file_is_left(audit: Audit) -> None:
    path = write("a.yaml", CASSETTES["vcrpy.yaml"])
    path.chmod(0o640)
    audit("--fix", ".")
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in Path().iterdir()) == ["a.yaml", "pyproject.toml"]


def test_link_stays_a_link(audit: Audit) -> None:
    target = write("elsewhere/a.txt", CASSETTES["vcrpy.yaml"])
    Path("link.yaml").symlink_to(target)
    assert audit("--fix", "link.yaml").code == 0
    assert Path("link.yaml").is_symlink()
    assert "Redacted" in target.read_text()


def test_file_that_cannot_be_written_is_reported(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    write("a.yaml", CASSETTES["vcrpy.yaml"])
    monkeypatch.setattr("pytest_reprise.audit.fix.replace_cassette", refuse)
    ran = audit("--fix", ".")
    assert ran.code == 1
    assert "a.yaml: cannot be written: Permission denied" in ran.lines


def test_known_value_in_a_comment_is_replaced(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    path = write("a.yaml", f"# {PASSWORD}\n{clean()}")
    assert audit("--fix", ".").code == 0
    assert path.read_text() == f"# Redacted-password-1\n{clean()}"


_WORDS = st.sampled_from(["a", "note", "password", "accessToken", "items", "client_secret", "otp"])
_VALUES = st.sampled_from([PASSWORD, TOKEN, KEY, "7391", "plain words", "", "Redacted-token-1"])
_BODIES = st.recursive(
    _VALUES | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=6,
).map(json.dumps)
_CODED = st.sampled_from(["", "gzip", "deflate"])


@st.composite
def _interactions(draw: st.DrawFn) -> dict[str, Any]:
    sent, answered = draw(_BODIES), draw(_BODIES)
    coding = draw(_CODED)
    body: object = answered
    if coding:
        body = CODINGS[coding](answered.encode())
    elif draw(st.booleans()):
        body = answered.encode()
    headers = {"content_encoding": [coding]} if coding else {}
    made = interaction(
        draw(st.sampled_from([sent, sent.encode(), None])), response(body, **headers)
    )
    made["request"]["headers"]["Authorization"] = [f"Bearer {draw(_VALUES)}"]
    made["request"]["uri"] = f"https://api.test/x/{draw(st.sampled_from(['', *SECRETS]))}?page=1"
    return made


@FEW
@given(st.lists(_interactions(), min_size=1, max_size=3), st.lists(_interactions(), max_size=2))
def test_second_fix_changes_nothing(first: list[Any], second: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as directory, chdir(directory):
        Path("pyproject.toml").touch()
        paths = [write("a.yaml", vcrpy_yaml(*first)), write("b.yaml", vcrpy_yaml(*second))]
        printed = StringIO()
        with redirect_stdout(printed):
            assert main(["audit", "--fix", "."]) == 0
            once = [path.read_text() for path in paths]
            assert main(["audit", "--fix", "."]) == 0
        assert [path.read_text() for path in paths] == once
        assert [len(_loaded(path)[0]) for path in paths] == [len(first), len(second)]
        assert not [secret for secret in SECRETS if secret in printed.getvalue()]
