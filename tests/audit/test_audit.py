"""`reprise audit`: finds what is secret in any cassette, tells no value, repairs what it finds."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import jsonserializer, yamlserializer

from pytest_reprise.audit import files
from pytest_reprise.audit.findings import excerpt
from pytest_reprise.cassette.body_files import BODY_FILE_TAG, MIN_BODY_FILE_SIZE
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.commands.main import main
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.forms import (
    CASSETTES,
    CODINGS,
    FORMS,
    KEY,
    PACKAGES,
    PASSWORD,
    SECRETS,
    TOKEN,
    URL,
    coded,
    interaction,
    response,
    vcrpy_yaml,
)
from ..harness.strategies import FEW

_SECRET_VARIABLE = re.compile("PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|JWT|URL|DSN")


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def found(self) -> list[tuple[str, str]]:
        """Slot and rule of each finding, of a run with --format=json."""
        return [(finding["slot"], finding["rule"]) for finding in self.json["findings"]]


Audit: TypeAlias = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty project, in an environment without secrets."""
    for name in filter(_SECRET_VARIABLE.search, os.environ):
        monkeypatch.delenv(name)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str]) -> Audit:
    """Runs `reprise audit`; that no planted value is shown holds for each run."""

    def run(*arguments: str) -> Ran:
        is_pathless = all(argument.startswith("-") for argument in arguments)
        code = main(["audit", *arguments, *["."] * is_pathless])
        said = capsys.readouterr()
        assert not [secret for secret in SECRETS if secret in said.out + said.err]
        return Ran(code, said.out, said.err)

    return run


def write(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def clean(body: object = '{"page": 2}') -> str:
    """A cassette without a secret."""
    made = interaction(None, response(body))
    made["request"]["uri"] = "https://api.test/pages?page=2"
    return vcrpy_yaml(made)


def answering(body: object, path: str = "/things", **headers: list[str]) -> str:
    """A cassette of one call that is answered so."""
    made = interaction(None, response(body, **headers))
    made["request"]["uri"] = f"https://api.test{path}"
    return vcrpy_yaml(made)


# --- what is found ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASSETTES)
def test_each_form_of_a_cassette_is_looked_into(audit: Audit, name: str) -> None:
    write(name, CASSETTES[name])
    ran = audit("--format=json")
    assert ran.code == 1
    slots = {
        ("request body: password", "field"),
        ("request url: api_key", "parameter"),
        ("response body: access_token", "field"),
    }
    assert slots <= set(ran.found)
    assert len(ran.found) == (4 if name == "extra.yaml" else 3)
    assert {f["call"] for f in ran.json["findings"] if f["interaction"]} == {"POST /login"}
    assert ran.json["summary"]["cassettes"] == 1


def test_what_vcrpy_does_not_know_is_looked_into_too(audit: Audit) -> None:
    write("extra.yaml", CASSETTES["extra.yaml"])
    assert ("rest: metadata.password", "field") in audit("--format=json").found


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_are_opened(audit: Audit, coding: str) -> None:
    if coding in PACKAGES:
        pytest.importorskip(PACKAGES[coding])
    write("a.yaml", coded(coding))
    assert ("response body: access_token", "field") in audit("--format=json").found


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_body_that_is_not_compressed_in_spite_of_its_header(audit: Audit, coding: str) -> None:
    if coding in PACKAGES:
        pytest.importorskip(PACKAGES[coding])
    write("a.yaml", answering(json.dumps({"access_token": TOKEN}), content_encoding=[coding]))
    assert audit("--format=json").found == [("response body: access_token", "field")]


def test_closed_body_is_said_and_fails(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    write("a.yaml", answering(b"\x0b\x02\x80abc\x03", content_encoding=["br"]))
    ran = audit()
    assert ran.code == 2
    assert "a.yaml: interaction 1: a body is in br, which cannot be opened" in ran.out


@pytest.mark.parametrize("name", ["text.yaml", "text.json", "cut.yaml"])
def test_files_that_are_no_cassette_are_read_as_text(audit: Audit, name: str) -> None:
    write(name, FORMS[name])
    ran = audit("--format=json")
    assert ran.code == 1
    assert [finding["interaction"] for finding in ran.json["findings"]] == [None] * len(ran.found)
    assert {rule for _, rule in ran.found} <= {"assignment", "field", "parameter"}
    assert len(ran.found) == 3
    assert (ran.json["summary"]["cassettes"], ran.json["summary"]["others"]) == (0, 1)
    assert bool(ran.json["unread"]) == (name == "cut.yaml")


def test_line_of_a_finding_in_a_text(audit: Audit) -> None:
    write("text.yaml", FORMS["text.yaml"])
    assert [f["line"] for f in audit("--format=json").json["findings"]] == [2, 3, 4]


def test_line_is_where_the_interaction_begins(audit: Audit) -> None:
    document = yaml.safe_load(clean())
    document["interactions"] *= 2
    document["interactions"] += yaml.safe_load(CASSETTES["vcrpy.yaml"])["interactions"]
    write("a.yaml", yaml.safe_dump(json.loads(json.dumps(document))))
    write("b.json", json.dumps(document, indent=2))
    findings = audit("--format=json").json["findings"]
    assert {finding["file"] for finding in findings} == {"a.yaml", "b.json"}
    for finding in findings:
        assert finding["interaction"] == 3
        lines = Path(finding["file"]).read_text().splitlines()
        above, below = lines[: finding["line"] - 1], lines[finding["line"] - 1 :]
        assert "\n".join(above).count("page=2") == 2
        assert below[0] in ("- request:", "    {")
        assert URL in "\n".join(below)


@pytest.mark.parametrize(
    "written",
    [
        PASSWORD,
        base64.b64encode(f"ada:{PASSWORD}!".encode()).decode(),
        PASSWORD.encode().hex(),
        PASSWORD.replace("-", "%2D"),
    ],
)
@pytest.mark.parametrize("place", ["body", "path", "comment", "text"])
def test_secret_of_the_environment_is_found_by_its_value(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, written: str, place: str
) -> None:
    texts = {
        "body": answering(f'{{"note": "see {written}"}}'),
        "path": answering("", path=f"/see/{written}/there"),
        "comment": f"# {written}\n{clean()}",
        "text": f"- see {written}\n",
    }
    write("a.yaml", texts[place])
    assert audit("--format=json").found == []
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    ran = audit("--format=json")
    slots = {"body": "response body", "path": "request url", "comment": "file", "text": "file"}
    assert ran.found == [(slots[place], "environment")]
    assert ran.code == 1


def test_secret_of_dotenv_is_found_by_its_value(audit: Audit) -> None:
    write(".env", f"SHOP_PASSWORD={PASSWORD}\n")
    write("a.yaml", answering(f'{{"note": "see {PASSWORD}"}}'))
    assert audit("--format=json").found == [("response body", "environment")]


def test_each_secret_is_told_once(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name; not again by its form, or because its value is known."""
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    monkeypatch.setenv("GITHUB_TOKEN", token)
    write("a.yaml", answering(json.dumps({"access_token": token})))
    assert audit("--format=json").found == [("response body: access_token", "field")]


def test_configuration_is_that_of_the_directory(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = f'keep_values = ["{TOKEN}"]\nnames = ["colour"]\noff = ["parameter"]\n'
    write("reprise.toml", f"[scrub]\n{keep}")
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    write("b.yaml", answering('{"colour": "mauve-and-teal"}'))
    slots = ["request body: password", "response body: colour"]
    assert [slot for slot, _ in audit("--format=json").found] == slots
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert [slot for slot, _ in audit("--format=json", "..").found] == slots


def test_nothing_found_is_said_and_passes(audit: Audit) -> None:
    write("a.yaml", clean())
    assert audit() == Ran(0, "0 findings in 0 of 1 cassette\n", "")


@pytest.mark.parametrize("form", ["cassette", "text", "rest"])
def test_placeholders_are_no_finding(audit: Audit, form: str) -> None:
    numbers = {"otp": "000001", "cvv": 901, "card_number": "4200000000000018"}
    held = {"password": "Redacted-password-1", "api_key": f"facade{'0' * 18}", **numbers}
    texts = {
        "cassette": answering(json.dumps(held)),
        "text": json.dumps(held),
        "rest": json.dumps({"interactions": [], "metadata": held}),
    }
    write("a.json", texts[form])
    assert audit() == Ran(0, audit().out, "")


# --- which files ------------------------------------------------------------------------------


def test_directory_is_searched_at_any_depth(audit: Audit) -> None:
    names = ["a/b/c.yaml", "a/d.yml", "e.json", "a/F.YAML"]
    for name in [*names, "a/not.txt", "node_modules/x.json", ".git/y.yaml"]:
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
    there, back = (
        audit("--format=json", "a", "b", "c.yaml"),
        audit("--format=json", "c.yaml", "b", "a"),
    )
    assert there.out == back.out
    files = [finding["file"] for finding in there.json["findings"]]
    assert files == sorted(files)


# --- what is told -----------------------------------------------------------------------------

TOLD = """\
Here stands what looks like a secret. Of each only a glimpse is shown.

vcrpy.yaml
  line 2: interaction 1, POST /login, request body: password [field] cor…-9 (23 characters)
  line 2: interaction 1, POST /login, request url: api_key [parameter] 9f8…e4 (24 characters)
  line 2: interaction 1, POST /login, response body: access_token [field] tok…Yb (22 characters)

conf.yml: not readable as a cassette: line 1: it is empty
3 findings in 1 of 2 cassettes (1 file that is no cassette)
Repair: reprise audit --fix .
"""


def test_the_whole_text(audit: Audit) -> None:
    write("vcrpy.yaml", CASSETTES["vcrpy.yaml"])
    write("a.yaml", clean())
    write("conf.yml", "")
    assert audit().out == TOLD


def test_repair_that_is_told_can_be_pasted(audit: Audit) -> None:
    write("two words/it's.yaml", CASSETTES["vcrpy.yaml"])
    told = audit("two words/it's.yaml").lines[-1]
    assert told == """Repair: reprise audit --fix 'two words/it'"'"'s.yaml'"""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", "… (shorter than 8)"),
        ("1234567", "… (shorter than 8)"),
        ("12345678", "12… (8 characters)"),
        ("123456789012", "12…2 (12 characters)"),
        ("12345678901234567890", "123…90 (20 characters)"),
        ("1" * 999 + "2", "111…12 (1000 characters)"),
        ("\x1b[31m5678\n", "·[… (10 characters)"),
    ],
)
def test_excerpt(value: str, shown: str) -> None:
    assert excerpt(value) == shown


@given(st.text(max_size=60))
def test_excerpt_shows_a_quarter_at_most(value: str) -> None:
    shown = excerpt(value).partition(" (")[0].replace("…", "", 1)
    assert len(shown) <= len(value) / 4
    assert len(shown) <= 5


def test_secret_in_a_path_or_a_name_is_not_shown(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"password": PASSWORD}), path=f"/of/{PASSWORD}/x"))
    write("b.yaml", answering(json.dumps({"sessions": {PASSWORD: {"otp": "7391"}}})))
    write("c.yaml", answering(json.dumps({"otp": "7391"}), path="/verify/7391"))
    ran = audit("--format=json")
    calls = {finding["call"] for finding in ran.json["findings"]}
    assert calls == {"POST /of/…/x", "POST /things", "POST /verify/…"}
    assert ("response body: sessions.….otp", "field") in ran.found
    assert "7391" not in ran.out


def test_sarif(audit: Audit) -> None:
    write("a dir/test_it[x].yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=sarif")
    assert ran.code == 1
    assert ran.json["version"] == "2.1.0"
    assert ran.json["$schema"].endswith("sarif-2.1.0.json")
    (one,) = ran.json["runs"]
    driver = one["tool"]["driver"]
    assert driver["name"] == "reprise audit"
    assert [rule["id"] for rule in driver["rules"]] == ["field", "parameter"]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(one["results"]) == 3
    result = one["results"][0]
    assert (result["ruleId"], result["level"]) == ("field", "error")
    assert (
        result["message"]["text"] == "POST /login, request body: password: cor…-9 (23 characters)"
    )
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20dir/test_it%5Bx%5D.yaml"
    assert place["region"]["startLine"] == 2
    prints = [r["partialFingerprints"]["place/v1"] for r in one["results"]]
    assert len(set(prints)) == 3


def test_fingerprint_stays_where_lines_move(audit: Audit) -> None:
    def prints() -> list[str]:
        results = audit("--format=sarif").json["runs"][0]["results"]
        return [result["partialFingerprints"]["place/v1"] for result in results]

    text = CASSETTES["vcrpy.yaml"]
    write("a.yaml", text)
    before = prints()
    write("a.yaml", "\n\n" + text)
    assert prints() == before


# --- exit codes -------------------------------------------------------------------------------


def test_no_such_path(audit: Audit) -> None:
    ran = audit("nowhere")
    assert ran == Ran(2, "", "reprise: no such file or directory: nowhere\n")


def test_configuration_that_cannot_be_meant(audit: Audit) -> None:
    write("reprise.toml", "[scrub]\noff = ['feild']\n")
    write("a.yaml", clean())
    ran = audit()
    assert (ran.code, ran.out) == (2, "")
    assert "unknown rule 'feild'" in ran.err


@pytest.mark.parametrize("arguments", [[], ["--format=xml", "."]])
def test_bad_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", *arguments])
    assert ended.value.code == 2


def test_as_a_process(tmp_path: Path) -> None:
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    write("b.yaml", "a: [")
    code = "import sys; from pytest_reprise.commands.main import main; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", code, "audit", "."], capture_output=True, text=True, cwd=tmp_path
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "3 findings in 1 of 1 cassette (1 file that is no cassette)" in ran.stdout
    assert not [secret for secret in SECRETS if secret in ran.stdout]


# --- odd files --------------------------------------------------------------------------------

SOON = f'{{"a": [1, {{"password": "{PASSWORD}"'
ODD: dict[str, str | bytes] = {
    "truncated JSON": answering(SOON),
    "broken gzip": answering(
        gzip.compress(f"{SOON}}}]}}".encode())[:-9], content_encoding=["gzip"]
    ),
    "no gzip at all": answering(f"{SOON}}}]}}", content_encoding=["gzip"]),
    "wrong charset": answering(
        f'{{"ä": "ö", "password": "{PASSWORD}"}}'.encode("latin-1"),
        content_type=["application/json; charset=utf-8"],
    ),
    "unknown charset": answering(
        f"{SOON}}}]}}", content_type=["application/json; charset=klingon"]
    ),
    "deep JSON": answering("[" * 3000 + SOON + "}]}" + "]" * 3000),
    "UTF-16": answering(f"{SOON}}}]}}".encode("utf-16")),
    "CRLF": answering(f"{SOON}}}]}}").replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + answering(f"{SOON}}}]}}"),
    "a file in UTF-16": answering(f"{SOON}}}]}}").encode("utf-16"),
    "not a URL": answering(f"{SOON}}}]}}").replace("https://api.test/", "http://[1"),
    "a cut cassette": answering(f"{SOON}}}]}}")[:-40] + "\n: [",
}


@pytest.mark.parametrize("name", ODD)
def test_secret_is_found_in_an_odd_file(audit: Audit, name: str) -> None:
    write("odd.yaml", ODD[name])
    write("z.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=json")
    files = [finding["file"] for finding in ran.json["findings"]]
    assert files.count("odd.yaml") == 1
    assert files.count("z.yaml") == 3
    assert "Traceback" not in ran.out + ran.err


@pytest.mark.parametrize("name", ODD)
def test_odd_file_is_mended(audit: Audit, name: str) -> None:
    path = write("odd.yaml", ODD[name])
    assert audit("--fix").code == 0
    mended = path.read_bytes()
    assert mended != (ODD[name] if isinstance(ODD[name], bytes) else str(ODD[name]).encode())
    assert audit("--fix") == audit()
    assert path.read_bytes() == mended


UNREADABLE: dict[str, str | bytes] = {
    "it is empty": "",
    "too large": "a: &a [x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 30)}]\n" for n in range(6))
    + "interactions: []\n",
    "nested too deeply": "interactions: " + "[" * 50_000,
    "tag": "interactions:\n- !!python/object/apply:os.system [true]\n",
    "interaction 1 cannot be read": "interactions: [5]\n",
    "it is not UTF-8": b"interactions: []\n# \xff\n",
}


@pytest.mark.parametrize("problem", UNREADABLE)
def test_unreadable_file_is_one_line(audit: Audit, problem: str) -> None:
    write("odd.yaml", UNREADABLE[problem])
    write("z.yaml", clean())
    ran = audit()
    assert ran.code == 0
    assert len(ran.lines) == 2
    assert ran.lines[0].startswith("odd.yaml: not readable as a cassette: ")
    assert problem in ran.lines[0]
    assert ran.lines[1] == "0 findings in 0 of 1 cassette (1 file that is no cassette)"


def test_what_is_no_regular_file_is_said_and_fails(audit: Audit) -> None:
    Path("directory.yaml").mkdir()
    Path("loop.yaml").symlink_to("loop.yaml")
    Path("up").symlink_to(".", target_is_directory=True)
    os.mkfifo("pipe.yaml")
    write("z.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=json")
    assert ran.code == 1
    assert [problem["file"] for problem in ran.json["unseen"]] == ["loop.yaml", "pipe.yaml"]
    assert len(ran.found) == 3
    Path("z.yaml").unlink()
    assert audit().code == 2


def test_file_that_may_not_be_read(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The permission is taken by hand: root may read everything."""
    read_bytes = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self.name == "secret.yaml":
            raise PermissionError(13, "Permission denied")
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    write("secret.yaml", clean())
    write("z.yaml", CASSETTES["vcrpy.yaml"])
    for arguments in ([], ["--fix"]):
        ran = audit(*arguments, ".")
        assert "secret.yaml: cannot be read: Permission denied" in ran.lines
    assert "z.yaml: 3 places mended" in ran.lines


def test_error_in_a_rule_is_one_line(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(PASSWORD)

    monkeypatch.setattr("pytest_reprise.scrub.walk.interaction.visit_body", fail)
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit()
    assert ran.code == 2
    problem = r"a\.yaml: interaction 1: looking at it raised ValueError in test_audit\.py, line \d+"
    assert re.fullmatch(problem, ran.lines[0])
    before = Path("a.yaml").read_bytes()
    ran = audit("--fix", ".")
    assert ran.code == 2
    assert "a.yaml: interaction 1: scrubbing it raised ValueError" in ran.out
    assert Path("a.yaml").read_bytes() == before


def test_secret_at_the_end_of_a_large_body_is_found(audit: Audit) -> None:
    things: list[object] = [{"id": n, "note": "lorem ipsum " * 30} for n in range(25_000)]
    made = interaction(None, response(json.dumps([*things, {"password": PASSWORD}])))
    path = write("a.json", json.dumps({"interactions": [made], "version": 1}))
    assert path.stat().st_size > 9_000_000
    assert ("response body: [].password", "field") in audit("--format=json").found


def test_clean_corpus_asks_for_no_line(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.yaml", clean())
    monkeypatch.setattr(
        "pytest_reprise.cassette.document_text.item_lines", lambda *_: pytest.fail("asked")
    )
    assert audit().code == 0


# --- --fix ------------------------------------------------------------------------------------


def _loaded(path: Path) -> tuple[list[Any], list[Any]]:
    """Requests and responses, as plain vcrpy loads them."""
    serializer = jsonserializer if path.suffix == ".json" else yamlserializer
    requests, responses, *_ = deserialize(path.read_text(encoding="utf-8"), serializer)
    return requests, responses


@pytest.mark.parametrize("name", FORMS)
def test_fix_takes_the_secrets_out_and_leaves_the_rest(audit: Audit, name: str) -> None:
    path = write(name, FORMS[name])
    ran = audit("--fix", ".")
    assert ran.code == 0
    text = path.read_text(encoding="utf-8")
    assert not [secret for secret in SECRETS if secret in text]
    assert "Redacted" in text or "UmVkYWN0ZW" in text
    assert audit("--fix", ".").lines == ran.lines[1:]
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", CASSETTES)
def test_fixed_cassette_is_the_same_for_its_readers(audit: Audit, name: str) -> None:
    path = write(name, CASSETTES[name])
    before = files.source_of(name, path.read_bytes())
    audit("--fix", ".")
    after = files.source_of(name, path.read_bytes())
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


PUT = ("Redacted-password-1", "Redacted-token-1", f"facade{'0' * 17}1")


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


def test_length_of_a_body_is_mended(audit: Audit) -> None:
    path = write("a.yaml", CASSETTES["vcrpy.yaml"])
    audit("--fix", ".")
    request = yaml.safe_load(path.read_text())["interactions"][0]["request"]
    assert request["headers"]["Content-Length"] == [str(len(request["body"]))]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_are_mended(audit: Audit, coding: str) -> None:
    if coding in PACKAGES:
        pytest.importorskip(PACKAGES[coding])
    path = write("a.yaml", coded(coding))
    assert audit("--fix", ".").code == 0
    assert audit("--format=json").found == []
    assert path.read_text() != coded(coding)


def test_one_value_has_one_placeholder_in_all_files(audit: Audit) -> None:
    a = write("a.yaml", answering(json.dumps({"access_token": "first-of-all-1234"})))
    b = write("b.yaml", answering(json.dumps({"access_token": TOKEN})))
    c = write("c.json", json.dumps({"token": TOKEN}))
    audit("--fix", ".")
    assert "Redacted-token-1" in a.read_text()
    assert "Redacted-token-2" in b.read_text()
    assert json.loads(c.read_text()) == {"token": "Redacted-token-2"}


def test_what_a_later_file_tells_goes_from_an_earlier_one(audit: Audit) -> None:
    a = write("a.yaml", answering(json.dumps({"note": f"see {TOKEN}"})))
    b = write("b.txt", f"see {TOKEN}")
    write("c.yaml", answering(json.dumps({"access_token": TOKEN})))
    ran = audit("--fix", "a.yaml", "b.txt", "c.yaml")
    assert ran.lines[:3] == [f"{name}: 1 place mended" for name in ("a.yaml", "b.txt", "c.yaml")]
    assert "see Redacted-token-1" in a.read_text()
    assert b.read_text() == "see Redacted-token-1"


def test_placeholder_that_stands_for_another_value_is_not_given_again(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"access_token": TOKEN})))
    write(
        "b.yaml",
        answering(
            gzip.compress(b'{"access_token": "Redacted-token-1"}'), content_encoding=["gzip"]
        ),
    )
    write("c.txt", "Redacted-token-2")
    audit("--fix", "a.yaml", "b.yaml", "c.txt")
    assert "Redacted-token-3" in Path("a.yaml").read_text()


def test_file_without_a_secret_is_not_touched(audit: Audit) -> None:
    path = write("a.yaml", "# by hand\n" + clean())
    os.utime(path, (1, 1))
    write("b.yaml", CASSETTES["vcrpy.yaml"])
    audit("--fix", ".")
    assert path.stat().st_mtime == 1


def test_mode_bits_stay_and_nothing_lies_about(audit: Audit) -> None:
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


def test_file_that_cannot_be_written_is_said(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    write("a.yaml", CASSETTES["vcrpy.yaml"])
    monkeypatch.setattr("pytest_reprise.audit.fix.replace_cassette", refuse)
    ran = audit("--fix", ".")
    assert ran.code == 1
    assert "a.yaml: cannot be written: Permission denied" in ran.lines


def test_comment_with_a_known_value_goes(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_fix_twice_is_fix_once(first: list[Any], second: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as directory, chdir(directory):
        Path("pyproject.toml").touch()
        paths = [write("a.yaml", vcrpy_yaml(*first)), write("b.yaml", vcrpy_yaml(*second))]
        said = StringIO()
        with redirect_stdout(said):
            assert main(["audit", "--fix", "."]) == 0
            once = [path.read_text() for path in paths]
            assert main(["audit", "--fix", "."]) == 0
        assert [path.read_text() for path in paths] == once
        assert [len(_loaded(path)[0]) for path in paths] == [len(first), len(second)]
        assert not [secret for secret in SECRETS if secret in said.getvalue()]


# --- baseline ---------------------------------------------------------------------------------


def test_accepted_findings_do_not_count(audit: Audit) -> None:
    write("tapes/a.yaml", CASSETTES["vcrpy.yaml"])
    assert audit("--write-baseline=accepted.json", "tapes").code == 0
    ran = audit("--baseline=accepted.json", "tapes")
    assert ran == Ran(0, "0 findings in 0 of 1 cassette (3 accepted by the baseline)\n", "")
    write("tapes/b.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=json", "--baseline=accepted.json", "tapes")
    assert ran.code == 1
    assert {finding["file"] for finding in ran.json["findings"]} == {"tapes/b.yaml"}


def test_the_whole_baseline(audit: Audit) -> None:
    write("tapes/a.yaml", CASSETTES["vcrpy.yaml"])
    Path("ci").mkdir()
    audit("--write-baseline=ci/accepted.json", "tapes")
    text = Path("ci/accepted.json").read_text(encoding="utf-8")
    entry = '    {"file": "../tapes/a.yaml", "call": "POST /login", "slot": "'
    assert text == (
        '{\n  "version": 1,\n  "accepted": [\n'
        f'{entry}request body: password", "rule": "field", "excerpt": "cor…-9 (23 characters)"}},\n'
        f'{entry}request url: api_key", "rule": "parameter", "excerpt": "9f8…e4 (24 characters)"}},'
        f'\n{entry}response body: access_token", "rule": "field", '
        '"excerpt": "tok…Yb (22 characters)"}\n'
        "  ]\n}\n"
    )


def test_empty_baseline(audit: Audit) -> None:
    write("a.yaml", clean())
    audit("--write-baseline=b.json", "a.yaml")
    assert json.loads(Path("b.json").read_text()) == {"version": 1, "accepted": []}
    assert audit("--baseline=b.json", "a.yaml").code == 0


def test_baseline_holds_when_interactions_move(audit: Audit) -> None:
    document = yaml.safe_load(CASSETTES["vcrpy.yaml"])
    path = write("a.yaml", yaml.safe_dump(document))
    audit("--write-baseline=b.json", "a.yaml")
    document["interactions"].insert(0, yaml.safe_load(clean())["interactions"][0])
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    assert audit("--baseline=b.json", "a.yaml").code == 0


def test_baseline_holds_from_another_directory(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("tapes/a.yaml", CASSETTES["vcrpy.yaml"])
    audit("--write-baseline=b.json", "tapes")
    monkeypatch.chdir("tapes")
    assert audit("--baseline=../b.json", ".").code == 0


def test_stale_entries_are_told(audit: Audit) -> None:
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    write("b.yaml", CASSETTES["vcrpy.yaml"])
    audit("--write-baseline=base.json", "a.yaml", "b.yaml")
    write("a.yaml", clean())
    ran = audit("--baseline=base.json", "a.yaml")
    assert ran.code == 0
    assert len(ran.lines) == 4
    assert ran.lines[0].startswith("a.yaml: the baseline has what is no longer there: POST /login")
    Path("b.yaml").unlink()
    assert len(audit("--baseline=base.json", "a.yaml").lines) == 7


def test_fix_leaves_what_is_accepted(audit: Audit) -> None:
    path = write("a.yaml", CASSETTES["vcrpy.yaml"])
    audit("--write-baseline=b.json", "a.yaml")
    baseline = json.loads(Path("b.json").read_text())
    del baseline["accepted"][0]
    write("b.json", json.dumps(baseline))
    assert audit("--fix", "--baseline=b.json", "a.yaml").code == 0
    text = path.read_text()
    assert [secret in text for secret in (PASSWORD, TOKEN, KEY)] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{\n  "version": 1,\n  accepted', 3, "Expecting property name"),
        ("[]", 1, "version"),
        ('{"version": 2, "accepted": []}', 1, "version"),
        ('{"version": 1, "accepted": {}}', 1, "no list"),
        ('{"version": 1, "accepted": [\n5]}', 2, "an entry has the texts"),
        ('{"version": 1, "accepted": [\n\n{"file": "a"}]}', 3, "an entry has the texts"),
        (b'{"version": \xff}', 1, "UTF-8"),
        ("[" * 100_000, 1, "JSON"),
    ],
)
def test_broken_baseline(audit: Audit, text: str | bytes, line: int, problem: str) -> None:
    write("b.json", text)
    ran = audit("--baseline=b.json", ".")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"reprise: b.json:{line}: not a baseline: ")
    assert problem in ran.err


def test_missing_baseline(audit: Audit) -> None:
    ran = audit("--baseline=b.json", ".")
    assert ran.code == 2
    assert "write it with --write-baseline b.json" in ran.err


# --- --review ---------------------------------------------------------------------------------

OPAQUE = "Zk3Qp9Xv7Lm2Rt8Wy4Bn6Hc1"


def test_opaque_values_are_for_review(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"blob": OPAQUE}), path=f"/x?next={OPAQUE[::-1]}"))
    assert audit("--format=json", ".").found == []
    ran = audit("--format=json", "--review", ".")
    assert ran.code == 0
    assert ran.found == [("request url: next", "review"), ("response body: blob", "review")]
    assert {finding["level"] for finding in ran.json["findings"]} == {"note"}
    assert "(2 to review)" in audit("--review", ".").out
    levels = audit("--review", "--format=sarif", ".").json["runs"][0]["results"]
    assert [result["level"] for result in levels] == ["note", "note"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blob", "0b5c1f5e-6f0e-4d39-9d8a-5f0f7f3a8d11"),
        ("etag", OPAQUE),
        ("commit_sha", "f3b2c1d4e5a697887766554433221100aabbccdd"),
        ("request_id", OPAQUE),
        ("blob", OPAQUE[:23]),
        ("blob", "the-quick-brown-fox-jumps-over-13-dogs"),
        ("blob", "Redacted-token-1"),
        ("blob", "facade" + "0" * 30 + "12"),
        ("blob", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("mail", f"{OPAQUE}@example.com"),
    ],
)
def test_what_is_public_is_not_for_review(audit: Audit, name: str, value: str) -> None:
    write("a.yaml", answering(json.dumps({name: value})))
    assert audit("--format=json", "--review", ".").found == []


def test_boundary_of_multipart_is_not_for_review(audit: Audit) -> None:
    body = f"--{OPAQUE}\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--{OPAQUE}--\r\n"
    write("a.yaml", answering(body, content_type=["multipart/form-data"]))
    assert audit("--format=json", "--review", ".").found == []


def test_secret_that_is_found_is_not_for_review_too(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"access_token": OPAQUE})))
    assert audit("--format=json", "--review", ".").found == [
        ("response body: access_token", "field")
    ]


def test_reviewed_values_can_be_accepted(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"blob": OPAQUE})))
    audit("--review", "--write-baseline=b.json", "a.yaml")
    assert audit("--review", "--format=json", "--baseline=b.json", "a.yaml").found == []
    assert len(audit("--baseline=b.json", "a.yaml").lines) == 1  # not stale: it was not looked for


# --- bodies in files --------------------------------------------------------------------------

NOISE = bytes([0, *range(128, 256)]) * (MIN_BODY_FILE_SIZE // 128)
LEAKED = f" postgres://shop:{PASSWORD}@db.test/shop ".encode()


def _in_file(body: bytes, name: str = "a.yaml", path: str = "/image") -> Path:
    """A cassette of ours whose body lies beside it; gives the file of the body."""
    answered = Response(200, "OK", (("Content-Type", "application/octet-stream"),), body)
    made = (
        Interaction(Request("GET", "https://api.test/"), Response(204)),
        Interaction(Request("GET", f"https://api.test{path}"), answered),
    )
    save(Path(name), Cassette(made, Header(datetime(2026, 1, 31, tzinfo=UTC), "a test")))
    [file] = Path(name).parent.glob(f"{Path(name).stem}.*.body")
    return file


def test_secret_in_a_body_file_is_found_and_mended(audit: Audit) -> None:
    file = _in_file(NOISE[:600_000] + LEAKED + NOISE[600_000:])
    [finding] = audit("--format=json").json["findings"]
    assert (finding["file"], finding["interaction"]) == ("a.yaml", 2)
    assert finding["call"] == "GET /image"
    assert finding["slot"].startswith("response body")
    assert Path("a.yaml").read_text().splitlines()[finding["line"] - 1] == "- request:"
    assert "a.yaml: 1 place mended" in audit("--fix", ".").lines
    assert not file.exists()
    [mended] = Path().glob("*.body")
    assert PASSWORD.encode() not in mended.read_bytes()
    assert mended.stat().st_size == len(NOISE + LEAKED)
    assert mended.read_bytes().endswith(NOISE[600_000:])
    cassette = load(Path("a.yaml"))
    assert cassette
    outcome = cassette.interactions[1].outcome
    assert isinstance(outcome, Response)
    assert outcome.body == mended.read_bytes()
    before = _all_bytes()
    assert audit("--fix", ".").code == 0
    assert _all_bytes() == before


def _all_bytes() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path().iterdir()}


def test_known_value_in_a_body_file_is_found(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    _in_file(NOISE + PASSWORD.encode())
    [finding] = audit("--format=json").json["findings"]
    assert (finding["interaction"], finding["rule"]) == (2, "environment")


def test_body_file_stays_where_something_else_is_mended(audit: Audit) -> None:
    file = _in_file(NOISE, path=f"/image?api_key={TOKEN}")
    assert audit("--fix", ".").code == 0
    assert TOKEN not in Path("a.yaml").read_text()
    assert file.read_bytes() == NOISE
    assert load(Path("a.yaml"))


def test_cassettes_that_share_a_body_file_are_both_mended(audit: Audit) -> None:
    _in_file(NOISE + LEAKED)
    write("b.yaml", Path("a.yaml").read_bytes())
    assert audit("--fix", ".").code == 0
    assert load(Path("a.yaml")) == load(Path("b.yaml")) is not None
    assert len(list(Path().glob("*.body"))) == 1


def test_missing_body_file_is_said_and_fails(audit: Audit) -> None:
    file = _in_file(NOISE, path=f"/image?api_key={TOKEN}")
    file.unlink()
    told = f"a.yaml: interaction 2: the body file {file.name} is missing"
    ran = audit()
    assert ran.code == 1
    assert told in ran.lines
    ran = audit("--fix", ".")
    assert ran.code == 2
    assert told in ran.lines
    assert file.name in Path("a.yaml").read_text()


def test_body_file_of_other_content_is_said_and_left(audit: Audit) -> None:
    file = _in_file(NOISE)
    file.write_bytes(PASSWORD.encode())
    before = _all_bytes()
    ran = audit("--fix", ".")
    assert ran.code == 2
    assert "not the recorded ones" in ran.out
    assert _all_bytes() == before


def test_secret_in_the_name_of_a_body_file_is_left_to_a_person(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    _in_file(NOISE, name=f"{PASSWORD}.yaml")
    before = _all_bytes()
    assert main(["audit", "--fix", "."]) == 1
    assert "a body file has a secret in its name: rename the test" in capsys.readouterr().out
    assert _all_bytes() == before


def test_the_tag_in_a_cassette_of_someone_else_is_refused(audit: Audit) -> None:
    write(
        "a.yaml",
        answering("x").replace("string: x", f"string: {BODY_FILE_TAG} 'a.{'0' * 16}.body'"),
    )
    ran = audit()
    assert "could not determine a constructor for the tag" in ran.out


def test_failed_write_of_a_mended_body_changes_nothing(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _content: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    _in_file(NOISE + LEAKED)
    before = _all_bytes()
    monkeypatch.setattr("pytest_reprise.cassette.file.replace_file", refuse)
    assert "a.yaml: cannot be written: Permission denied" in audit("--fix", ".").lines
    assert _all_bytes() == before


# --- --second-opinion -------------------------------------------------------------------------

SCANNER = """\
#!{python}
import json, sys
json.dump(sys.argv[1:], open({log!r}, "w"))
option = "--report-path" if "--report-path" in sys.argv else "--output"
with open(sys.argv[sys.argv.index(option) + 1], "w") as report:
    report.write({report!r})
sys.exit({code})
"""


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program of that name on the PATH; gives the file in which it notes its arguments."""
    directory = tmp_path.with_name(f"{tmp_path.name}-bin")
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))

    def put(name: str, report: str, code: int = 0) -> Path:
        log = directory / "arguments.json"
        program = directory / name
        program.write_text(
            SCANNER.format(python=sys.executable, log=str(log), report=report, code=code)
        )
        program.chmod(0o755)
        return log

    return put


def _leak(file: Path, line: int) -> dict[str, object]:
    """As gitleaks reports one."""
    return {
        "RuleID": "generic-api-key",
        "Description": "Detected a Generic API Key",
        "StartLine": line,
        "EndLine": line,
        "Match": f"key={TOKEN}",
        "Secret": TOKEN,
        "File": str(file),
        "Fingerprint": f"{file}:generic-api-key:{line}",
    }


def test_gitleaks_is_asked(audit: Audit, scanner: Callable[..., Path]) -> None:
    path = write("a.yaml", "\n" + clean()).resolve()
    write("b.txt", clean())
    leaks = [_leak(path, 5), _leak(path, 1), _leak(path.with_name("b.txt"), 3)]
    log = scanner("gitleaks", json.dumps(leaks))
    ran = audit("--format=json", "--second-opinion", ".")
    assert ran.code == 1
    assert ran.found == [("file", "gitleaks:generic-api-key")] * 2
    told = [(f["line"], f["interaction"], f["call"]) for f in ran.json["findings"]]
    assert told == [(1, None, None), (5, 1, "POST /pages")]
    assert TOKEN[:3] not in ran.out
    arguments = json.loads(log.read_text())
    assert arguments[0] == "dir"
    assert "--redact" in arguments
    assert arguments[-1] == str(path.parent)


def test_kingfisher_is_asked_and_sends_nothing(audit: Audit, scanner: Callable[..., Path]) -> None:
    path = write("a.yaml", clean()).resolve()
    finding = {"path": str(path), "line": 7, "snippet": TOKEN, "fingerprint": "1"}
    record = {"rule": {"name": "API key", "id": "kingfisher.api.1"}, "finding": finding}
    log = scanner("kingfisher", json.dumps({"findings": [record]}) + '\n{"findings": []}\n', 200)
    ran = audit("--format=json", "--second-opinion", ".")
    assert ran.found == [("file", "kingfisher:kingfisher.api.1")]
    assert TOKEN[:3] not in ran.out
    assert {"scan", "--no-validate", "--redact", "--no-update-check"} <= set(
        json.loads(log.read_text())
    )


def test_what_is_said_of_a_body_file_is_told_at_its_interaction(
    audit: Audit, scanner: Callable[..., Path]
) -> None:
    file = _in_file(NOISE).resolve()
    scanner("gitleaks", json.dumps([_leak(file, 1)]))
    [finding] = audit("--format=json", "--second-opinion", ".").json["findings"]
    assert (finding["file"], finding["interaction"]) == ("a.yaml", 2)
    assert file.name in Path("a.yaml").read_text().splitlines()[finding["line"] - 1]


@pytest.mark.parametrize("report", ["", "no JSON", "{}", '[{"File": "a"}]', "[5]"])
def test_scanner_that_fails(audit: Audit, scanner: Callable[..., Path], report: str) -> None:
    write("a.yaml", clean())
    scanner("gitleaks", report or "[", 1)
    ran = audit("--second-opinion", ".")
    assert ran.code == 2
    assert ran.err.startswith("reprise: gitleaks on ")
    assert "it ended with 1" in ran.err


@pytest.mark.usefixtures("scanner")
def test_no_scanner(audit: Audit) -> None:
    write("a.yaml", clean())
    ran = audit("--second-opinion", ".")
    assert (ran.code, ran.out) == (2, "")
    assert "needs gitleaks or kingfisher" in ran.err


# --- reprise rules ----------------------------------------------------------------------------


def test_rules_are_listed_with_their_state(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        "reprise.toml",
        "[scrub]\noff = ['iban']\npersonal = ['email']\njson_paths = ['$.note']\n"
        "[scrub.patterns]\nticket = 'T-[0-9]+'\n",
    )
    assert main(["rules"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["field"].endswith("by the last word of its name")
    assert lines["iban"].endswith("(off)")
    assert lines["email"].endswith("an e-mail address (personal)")
    assert lines["phone"].endswith("(personal, off)")
    assert {"environment", "ticket", "json-path", "github"} <= lines.keys()


# --- pre-commit -------------------------------------------------------------------------------


def test_hook_for_pre_commit() -> None:
    root = Path(__file__).parents[2]
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["entry"]) == ("reprise-audit", "reprise audit")
    wanted = re.compile(hook["files"])
    for name in ("cassettes/a.yaml", "tests/cassettes/x/a.yml", "a/cassettes/b.json"):
        assert wanted.search(name)
    for name in ("a.yaml", "cassettes/a.py", "mycassettes/a.yaml", "cassettes.yaml"):
        assert not wanted.search(name)
