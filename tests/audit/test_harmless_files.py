"""What is no cassette is left alone, and a fixed file loads to the same but for placeholders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.audit.files import parse_source
from pytest_reprise.audit.fix import fix_files
from pytest_reprise.audit.proof import difference_in_form, have_same_form
from pytest_reprise.cassette import document_text
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.audits import Audit, answering, clean, write
from ..harness.forms import CASSETTES, FORMS, PASSWORD, TOKEN
from ..harness.strategies import MANY, SOME, Json, json_values, places, replaced, texts

OTHERS = {
    "compose.yml": f"services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: {PASSWORD}\n",
    "model.json": json.dumps({"eos_token": "<|end|>", "vocab": {"Ġsecret": 7}, "token": TOKEN}),
    "otp.yaml": "otp: 123456\npin:\n  password: 654321\n",
    "chart.yaml": "{{- if .Values.password }}\npassword: " + PASSWORD + "\n{{- end }}\n",
    "empty.yaml": "",
    "words.json": json.dumps([PASSWORD, TOKEN]),
    "openapi.yaml": "openapi: 3.1.0\npaths: {}\ninteraction: {password: " + PASSWORD + "}\n",
}


def test_other_files_of_a_directory_are_left_alone_and_mentioned_once(audit: Audit) -> None:
    for name, text in OTHERS.items():
        write(name, text)
    write("cassettes/a.yaml", clean())
    assert audit().out == "0 findings in 0 of 1 cassette (7 files left alone: not cassettes)\n"
    ran = audit("--fix", ".", "--format=json")
    assert (ran.code, ran.json["fixed"], ran.json["unparsable"]) == (0, {}, [])
    assert ran.json["summary"]["left_alone"] == len(OTHERS)
    assert {name: Path(name).read_text(encoding="utf-8") for name in OTHERS} == OTHERS


def test_recordings_of_other_tools_are_examined(audit: Audit) -> None:
    recording = {"http_interactions": [{"request": {"body": {"password": PASSWORD}}}]}
    write("betamax.json", json.dumps(recording))
    write("cut.yaml", FORMS["cut.yaml"])
    files = {found["file"] for found in audit("--format=json").json["findings"]}
    assert files == {"betamax.json", "cut.yaml"}


def test_named_file_is_not_fixed_if_a_number_would_become_another_one(audit: Audit) -> None:
    """The placeholder 000001 of a code in YAML is the number 1."""
    path = write("otp.yaml", "otp: 123456\nname: ada\n")
    ran = audit("--fix", "otp.yaml")
    assert ran.code == 1
    assert "otp.yaml: left as it is: the new text would not load to the same values" in ran.out
    assert path.read_text(encoding="utf-8") == "otp: 123456\nname: ada\n"


def test_fixed_cassette_with_numbers_loads_to_the_same(audit: Audit) -> None:
    """Numbers in a body stay numbers there, and texts of digits stay texts."""
    body = json.dumps({"otp": 739146, "code": {"otp": "739146"}, "access_token": TOKEN})
    path = write("a.yaml", answering(body, x_ratelimit_reset_tokens=["6m12s"]))
    assert audit("--fix", ".").code == 0
    [found] = yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
    fixed = json.loads(found["response"]["body"]["string"])
    assert type(fixed["otp"]) is int
    assert type(fixed["code"]["otp"]) is str
    assert found["response"]["headers"]["X-Ratelimit-Reset-Tokens"] == ["6m12s"]


@pytest.mark.parametrize("name", ["vcrpy.yaml", "vcrpy.json", "ours.yaml", "extra.yaml"])
@pytest.mark.parametrize(
    ("old", "new"),
    [('"scope', '"skope": 1, "scope'), ("200", "201"), ("200", "'200'"), ("POST", "PUT")],
)
def test_cassette_stays_if_the_new_text_would_not_load_to_the_same(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str
) -> None:
    """Such as a bug in a rule, or in a writer of YAML."""
    path = write(name, CASSETTES[name])
    write_like = document_text.write_like

    def damaged(*args: Any) -> str:
        text = write_like(*args)
        return text.replace(old, new) if old in text else text.replace(old.replace('"', '\\"'), "{")

    monkeypatch.setattr(document_text, "write_like", damaged)
    ran = audit("--fix", ".")
    assert ran.code == 1
    assert f"{name}: left as it is: " in ran.out
    assert path.read_text(encoding="utf-8") == CASSETTES[name]


# --- the proof --------------------------------------------------------------------------------


@MANY
@given(json_values, st.data())
def test_only_texts_may_differ(value: Json, data: st.DataObject) -> None:
    assert have_same_form(value, json.loads(json.dumps(value)))
    place = data.draw(st.sampled_from(places(value)))
    old = _at(value, place)
    new = data.draw(json_values)
    both_texts = isinstance(old, str) and isinstance(new, str)
    is_equal = json.dumps(old) == json.dumps(new)
    if not isinstance(old, (dict, list)) and not isinstance(new, (dict, list)):
        assert have_same_form(value, replaced(value, place, new)) == (both_texts or is_equal)


def _at(value: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


@SOME
@given(json_values)
def test_what_the_scrubber_changes_keeps_its_form(value: Json) -> None:
    """In a body with a secret that is spread to other places of it."""
    body = json.dumps({"password": PASSWORD, "otp": 123456, "more": value, "echo": [PASSWORD]})
    request = Request(
        "POST", "http://a.test/", (("Content-Type", "application/json"),), body.encode()
    )
    made = (Interaction(request, Response(200)),)
    assert difference_in_form(made, Scrubber(Vault()).scrub(made)) == ""


@pytest.mark.parametrize("name", CASSETTES)
def test_a_changed_status_or_header_is_a_difference(name: str) -> None:
    old = parse_source(name, CASSETTES[name].encode()).interactions
    new = parse_source(name, CASSETTES[name].replace("200", "201").encode()).interactions
    assert difference_in_form(old or (), new or ()) == "interaction 1: another kind of outcome"
    assert difference_in_form(old or (), ()) == "another number of interactions"


@SOME
@given(st.dictionaries(texts, json_values, max_size=3), st.integers(), st.sampled_from("yj"))
def test_a_named_file_keeps_all_values_that_are_no_texts(
    tmp_path_factory: pytest.TempPathFactory, more: dict[str, Json], code: int, kind: str
) -> None:
    """It is fixed, or stays as it is."""
    held: dict[str, Any] = {**more, "password": PASSWORD, "otp": code, "pins": [code, str(code)]}
    text = yaml.safe_dump(held) if kind == "y" else json.dumps(held)
    path = tmp_path_factory.mktemp("named") / ("a.yaml" if kind == "y" else "a.json")
    path.write_text(text, encoding="utf-8")
    [result] = fix_files([path], Scrubber(Vault(), from_files=True), {path})
    assert have_same_form(yaml.safe_load(text), yaml.safe_load(path.read_text(encoding="utf-8")))
    assert (path.read_text(encoding="utf-8") == text) == bool(result.problem)
