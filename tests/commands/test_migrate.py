"""`reprise migrate` writes legacy cassettes in the format of Reprise, complete and scrubbed."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import jsonserializer, yamlserializer

from pytest_reprise.cassette.body_files import MIN_BODY_FILE_SIZE
from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.file import load
from pytest_reprise.cassette.model import Cassette
from pytest_reprise.commands import migration
from pytest_reprise.commands.main import main
from pytest_reprise.exchange import Response
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.forms import FORMS, SECRETS, interaction, response, vcrpy_yaml
from ..harness.strategies import SOME, legacy_interactions

_MIGRATED = ("vcrpy", "binary", "bytesio", "iterator", "httpx", "extra")
MIGRATED = tuple(f"{name}.yaml" for name in _MIGRATED)
JSON_FORMS = ("vcrpy.json", "compact.json")


def _migrated(tmp_path: Path, name: str, *options: str) -> tuple[int, Path]:
    file = tmp_path / name
    file.write_text(FORMS[name], encoding="utf-8")
    return main(["migrate", *options, str(file)]), file


def _loaded(file: Path) -> Cassette:
    cassette = load(file, json.loads if file.suffix == ".json" else None)
    assert cassette
    return cassette


@pytest.mark.parametrize("name", [*MIGRATED, *JSON_FORMS])
def test_legacy_cassette_is_migrated(tmp_path: Path, name: str) -> None:
    code, file = _migrated(tmp_path, name)
    assert code == 0
    cassette = _loaded(file)
    assert cassette.header
    assert cassette.header.recorded_with.endswith("migrated")
    (only,) = cassette.interactions
    assert isinstance(only.outcome, Response)
    assert only.outcome.status == 200
    assert json.loads(only.request.body)["user"] == "augusta"
    assert json.loads(only.outcome.body)["scope"] == "read write"
    assert not any(secret in file.read_text(encoding="utf-8") for secret in SECRETS)


@pytest.mark.parametrize("name", [*MIGRATED, *JSON_FORMS])
def test_vcrpy_loads_migrated_cassettes(tmp_path: Path, name: str) -> None:
    _, file = _migrated(tmp_path, name)
    serializer = jsonserializer if file.suffix == ".json" else yamlserializer
    requests, responses = deserialize(file.read_text(encoding="utf-8"), serializer)
    assert [request.method for request in requests] == ["POST"]
    assert json.loads(responses[0]["body"]["string"])["scope"] == "read write"


@pytest.mark.parametrize("name", [*MIGRATED, *JSON_FORMS])
def test_check_writes_nothing(tmp_path: Path, name: str) -> None:
    code, file = _migrated(tmp_path, name, "--check")
    assert code == 1
    assert file.read_text(encoding="utf-8") == FORMS[name]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("ours.yaml", 0, "0 migrated, 1 in the current format"),
        ("text.yaml", 0, "1 not cassettes"),
        ("parsed.yaml", 1, "unknown key 'parsed_body' in interaction 1, "),
        ("cut.yaml", 1, "not migrated: line "),
    ],
)
def test_file_that_is_not_migrated_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, message: str
) -> None:
    assert _migrated(tmp_path, name)[0] == code
    assert message in capsys.readouterr().out
    assert (tmp_path / name).read_text(encoding="utf-8") == FORMS[name]


def test_keys_that_vcrpy_does_not_read_are_dropped_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as the time of the recording, from a serializer of the project."""
    (tmp_path / "plain.yaml").write_text(FORMS["vcrpy.yaml"], encoding="utf-8")
    text = FORMS["vcrpy.json"].removesuffix("}\n") + ', "recorded_at": "2026-01-31"}\n'
    (tmp_path / "own.json").write_text(text, encoding="utf-8")
    assert _migrated(tmp_path, "extra.yaml", "--check")[0] == 1
    assert "does not read would be dropped: metadata (1 file), " in capsys.readouterr().out
    assert main(["migrate", str(tmp_path)]) == 0
    named = "metadata (1 file), recorded_at (2 files), serializer (1 file)"
    dropped = f"keys that vcrpy does not read were dropped: {named}"
    assert dropped in capsys.readouterr().out.splitlines()
    (plain,) = _loaded(tmp_path / "plain.yaml").interactions
    for name in ("own.json", "extra.yaml"):
        (found,) = _loaded(tmp_path / name).interactions
        assert (found.request.body, found.outcome) == (plain.request.body, plain.outcome)


def test_one_secret_has_one_placeholder_in_all_files(tmp_path: Path) -> None:
    """Also in a file that comes before the one that reveals it."""
    login = interaction('{"password": "hunter2-hunter2"}', response("{}"))
    echo = interaction("", response('{"note": "hunter2-hunter2"}'))
    for name, found in (("a", echo), ("b", login)):
        (tmp_path / f"{name}.yaml").write_text(vcrpy_yaml(found), encoding="utf-8")
    assert main(["migrate", str(tmp_path)]) == 0
    texts = [(tmp_path / f"{name}.yaml").read_text(encoding="utf-8") for name in "ab"]
    assert all("Redacted-password-1" in text for text in texts)


def test_times_come_from_the_dates_of_the_answers(tmp_path: Path) -> None:
    dates = ("Fri, 20 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:03 GMT")
    found = (interaction("", response("{}", date=[date])) for date in dates)
    file = tmp_path / "a.yaml"
    file.write_text(vcrpy_yaml(*found), encoding="utf-8")
    assert main(["migrate", str(file)]) == 0
    cassette = _loaded(file)
    assert cassette.header
    assert cassette.header.recorded_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert [i.at for i in cassette.interactions] == [0.0, 3.0]


def test_second_migration_changes_nothing(tmp_path: Path) -> None:
    _, file = _migrated(tmp_path, "vcrpy.yaml")
    before = file.read_bytes()
    assert main(["migrate", str(file)]) == 0
    assert file.read_bytes() == before


def test_vcrpy_loads_a_large_binary_body_after_a_migration(tmp_path: Path) -> None:
    """Reprise would store such a body in a file of its own, which vcrpy cannot read."""
    body = random.Random(1).randbytes(MIN_BODY_FILE_SIZE)
    file = tmp_path / "a.yaml"
    file.write_text(vcrpy_yaml(interaction(body, response(body))), encoding="utf-8")
    assert main(["migrate", str(file)]) == 0
    assert [*tmp_path.iterdir()] == [file]
    (only,) = _loaded(file).interactions
    assert isinstance(only.outcome, Response)
    assert only.request.body == only.outcome.body == body
    requests, responses = deserialize(file.read_text(encoding="utf-8"), yamlserializer)
    assert requests[0].body == responses[0]["body"]["string"] == body


def test_old_httpx_form_with_a_gzip_header_is_readable_after_migration(tmp_path: Path) -> None:
    """It holds the decoded body with the headers of the compressed one."""
    coded = {"Content-Type": ["application/json"], "Content-Encoding": ["gzip"]}
    answered = {"content": '{"n": 1}', "headers": coded, "http_version": "HTTP/1.1"}
    made = interaction("", {**answered, "status_code": 200})
    file = tmp_path / "a.yaml"
    file.write_text(vcrpy_yaml(made), encoding="utf-8")
    before = _loaded(file).interactions
    assert main(["migrate", str(file)]) == 0
    after = _loaded(file).interactions
    assert [i.outcome for i in after] == [i.outcome for i in before]
    assert "content-encoding" not in file.read_text(encoding="utf-8").lower()


@SOME
@given(st.lists(legacy_interactions(), min_size=1, max_size=4), st.booleans())
def test_migrated_cassette_loads_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]], as_json: bool
) -> None:
    """In each form that vcrpy has written. Without secrets nothing but the times is added."""
    file = tmp_path_factory.mktemp("form") / ("a.json" if as_json else "a.yaml")
    document = {"version": 1, "interactions": found}
    file.write_text(json.dumps(document) if as_json else vcrpy_yaml(*found), encoding="utf-8")
    before = _loaded(file)
    assert main(["migrate", str(file)]) == 0
    after = _loaded(file)
    assert [(i.request, i.outcome) for i in after.interactions] == [
        (i.request, i.outcome) for i in before.interactions
    ]


# --- many files -------------------------------------------------------------------------------


def test_unreadable_files_do_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor do files that cannot be replaced, nested too deeply, or are full of odd values."""
    good = vcrpy_yaml(interaction("", response("{}")))
    (tmp_path / "m.yaml").write_text(good, encoding="utf-8")
    (tmp_path / "z.yaml").write_text(good, encoding="utf-8")
    odd = {
        "a.yaml": "interactions: [" + "[" * 3000,
        "b.yaml": "interactions: [{request: 1, response: 2}]\nversion: 1\n",
        "c.yaml": "interactions: [" + "9" * 5000 + "]\nversion: 1\n",
        "d.yaml": good.replace("code: 200", "code: many"),
        "e.yaml": "interactions: &a [*a]\nversion: 1\n",
        "n.json": '{"interactions": [{"request": {}}], "version": 1}',
    }
    for name, text in odd.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "f.yaml").mkdir()
    (tmp_path / "g.yaml").symlink_to(tmp_path / "missing")
    (tmp_path / "h.yaml").write_bytes(good.encode() + b"# \xff\n")
    os.mkfifo(tmp_path / "i.yaml")
    assert main(["migrate", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "2 migrated, 0 in the current format, 0 not cassettes, 9 not migrated" in out
    assert [line for line in out.splitlines() if line.endswith(": 1 interaction")] == [
        f"{tmp_path}/m.yaml: 1 interaction",
        f"{tmp_path}/z.yaml: 1 interaction",
    ]
    assert _loaded(tmp_path / "m.yaml").header
    assert all((tmp_path / name).read_text(encoding="utf-8") == odd[name] for name in odd)


def test_check_does_not_scrub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a cassette takes a tenth of what scrubbing and writing it take."""

    def fail(*_: object) -> None:
        raise AssertionError("scrubbed")

    for name in ("scrub", "learn"):
        monkeypatch.setattr(Scrubber, name, fail)
    code, _ = _migrated(tmp_path, "vcrpy.yaml", "--check")
    assert code == 1


@pytest.mark.parametrize("damage", ["a value", "a type"])
def test_file_stays_if_the_new_one_would_not_load_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """Such as a bug in a writer of YAML."""

    def damaged(cassette: Cassette, *_: object) -> str:
        text = dump(cassette)
        return text.replace("code: 200", "code: 201" if damage == "a value" else "code: '200'")

    monkeypatch.setattr(migration, "dump", damaged)
    code, file = _migrated(tmp_path, "vcrpy.yaml")
    assert code == 1
    assert "not migrated: it would not load to the same" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == FORMS["vcrpy.yaml"]


# --- warnings ---------------------------------------------------------------------------------

SECRET = "3f9Kq27LmZx81RtYw0Bn"


def _called(sent: object, answered: object) -> dict[str, Any]:
    return interaction(json.dumps(sent), response(json.dumps(answered)))


def test_values_with_which_code_may_go_on_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A value of an answer that a later request repeats, and one that is an argument of a tool."""
    arguments = json.dumps({"command": "login", "password": SECRET})
    call = {"message": {"tool_calls": [{"function": {"name": "run", "arguments": arguments}}]}}
    repeated = {"messages": [{"role": "tool", "content": f"logged in with {SECRET}"}]}
    file = tmp_path / "agent.yaml"
    found = (_called({"messages": []}, {"choices": [call]}), _called(repeated, {"choices": []}))
    file.write_text(vcrpy_yaml(*found), encoding="utf-8")
    assert main(["migrate", str(file)]) == 0
    out = capsys.readouterr().out
    assert SECRET not in out + file.read_text(encoding="utf-8")
    assert out.splitlines()[1:3] == [
        "  interaction 1, POST /login: a scrubbed value is an argument of a tool",
        "  interaction 2, POST /login: the request body repeats a scrubbed value of an answer",
    ]
    assert "list the value under keep_values" in out


def test_a_log_in_is_no_reason_for_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its token is sent in a header, where a placeholder matches any value."""
    me = interaction("", response('{"name": "ada"}'))
    me["request"]["headers"]["Authorization"] = [f"Bearer {SECRET}"]
    file = tmp_path / "a.yaml"
    found = (_called({"password": SECRET[::-1]}, {"access_token": SECRET}), me)
    file.write_text(vcrpy_yaml(*found), encoding="utf-8")
    assert main(["migrate", str(file)]) == 0
    assert "scrubbed value" not in capsys.readouterr().out
