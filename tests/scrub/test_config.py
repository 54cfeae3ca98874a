"""The scrubbing configuration: what each key does, and the message for each invalid value."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pytest_reprise.errors import ConfigurationError
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.config import find_root, make_scrubber
from pytest_reprise.scrub.environment import parse_dotenv
from pytest_reprise.scrub.rules.ruleset import FORMAT_RULES

from ..harness.strategies import Json

SECRET = "hunter2" * 4
OTHER = "opensesame-4-all"
JSON = (("Content-Type", "application/json"),)

Answered: TypeAlias = Callable[..., Any]


@pytest.fixture(name="written")
def fixture_written(tmp_path: Path) -> Answered:
    """Scrub a JSON answer with a `[scrub]` table of reprise.toml and an environment."""

    def answer(table: str, value: Json, **environment: str) -> Any:
        (tmp_path / "reprise.toml").write_text(f"[scrub]\n{table}\n", encoding="utf-8")
        return _scrubbed(tmp_path, value, environment)

    return answer


def _scrubbed(root: Path, value: Json, environment: Mapping[str, str] | None = None) -> Any:
    answer = Response(200, "OK", JSON, json.dumps(value).encode())
    scrubber = make_scrubber(root, environment or {})
    (interaction,) = scrubber.scrub([Interaction(Request("GET", "http://api.test/"), answer)])
    assert isinstance(interaction.outcome, Response)
    return json.loads(interaction.outcome.body)


def _problem(root: Path, table: str) -> str:
    """Return the error for a table. It starts with the file, and has one line."""
    (root / "reprise.toml").write_text(table, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        make_scrubber(root, {})
    message = str(raised.value)
    assert message.startswith(f"{root / 'reprise.toml'}: ")
    assert "\n" not in message
    return message.removeprefix(f"{root / 'reprise.toml'}: ")


# --- files ------------------------------------------------------------------------------------


def test_no_configuration_is_needed(tmp_path: Path) -> None:
    assert _scrubbed(tmp_path, {"password": SECRET}) == {"password": "redactedpassword1aaaaaaaaaaa"}


def test_table_in_pyproject(tmp_path: Path) -> None:
    text = '[tool.other]\nx = 1\n[tool.reprise.scrub]\nnames = ["pin"]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert _scrubbed(tmp_path, {"pin": SECRET}) == {"pin": "redactedsecret1aaaaaaaaaaaaa"}


@pytest.mark.parametrize("own", ['[scrub]\nnames = ["mood"]\n', "", "[scrub]"])
def test_own_file_replaces_pyproject(tmp_path: Path, own: str) -> None:
    """Completely: the two tables are not merged."""
    shared = '[tool.reprise.scrub]\nnames = ["pin"]\n'
    (tmp_path / "pyproject.toml").write_text(shared, encoding="utf-8")
    (tmp_path / "reprise.toml").write_text(own, encoding="utf-8")
    assert _scrubbed(tmp_path, {"pin": SECRET}) == {"pin": SECRET}


@pytest.mark.parametrize("name", ["pyproject.toml", "reprise.toml"])
def test_root_is_the_nearest_that_has_one(tmp_path: Path, name: str) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / name).touch()
    assert find_root(below) == tmp_path
    (tmp_path / "a" / name).touch()
    assert find_root(below) == tmp_path / "a"
    (below / name).touch()
    assert find_root(below) == below


def test_root_is_the_start_where_there_is_none(tmp_path: Path) -> None:
    """No directory up to the root has a configuration."""
    assert find_root(tmp_path) == tmp_path


# --- keys -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("field", {"password": SECRET}),
        ("pair", {"name": "password", "value": SECRET}),
        ("assignment", {"a": f"password={SECRET}"}),
        ("sentence", {"a": f"the password is {SECRET} now"}),
        ("github", {"a": "ghp_" + "0a" * 18}),
        ("ssn", {"a": "123-45-6789"}),
        ("url-password", {"a": f"redis://ada:{SECRET}@db"}),
    ],
)
def test_rule_that_is_off_finds_nothing(written: Answered, rule: str, value: Json) -> None:
    assert written("", value) != value
    assert written(f'off = ["{rule}"]', value) == value


def test_names_are_more_names_of_secrets(written: Answered) -> None:
    """They are compared with the last words of a name, in any case."""
    given = {"mood": SECRET, "userMood": OTHER, "moody": "calm and mild", "mood_swing": "none yet"}
    left = {**given, "mood": "redactedsecret1aaaaaaaaaaaaa", "userMood": "redacted2aaaaaaa"}
    assert written('names = ["mood"]', given) == left
    spellings = {"inner-thought": SECRET, "innerThought": SECRET, "INNER_THOUGHT": SECRET}
    assert set(written('names = ["inner_thought"]', spellings).values()) == {
        "redactedsecret1aaaaaaaaaaaaa"
    }


@pytest.mark.parametrize("name", ["пароль", "contraseña", "ключ_доступа", "暗号", "mot_de_passé"])
def test_names_in_any_script(written: Answered, name: str) -> None:
    given = {name: SECRET, "user": "a user", "contrase": "a word", "mot": "said"}
    assert written(f'names = ["{name}"]', given) == {**given, name: "redactedsecret1aaaaaaaaaaaaa"}


def test_configured_names_without_the_field_rule(written: Answered) -> None:
    given = {"mood": SECRET, "password": OTHER}
    left = {"mood": "redactedsecret1aaaaaaaaaaaaa", "password": OTHER}
    assert written('off = ["field"]\nnames = ["mood"]', given) == left


def test_keep_names(written: Answered) -> None:
    """Only this name, not one that ends in it."""
    given = {"password": SECRET, "db_password": OTHER}
    left = {"password": SECRET, "db_password": "redacted1aaaaaaa"}
    assert written('keep_names = ["password"]', given) == left


def test_keep_values(written: Answered) -> None:
    given = {"password": SECRET, "secret": OTHER, "text": f"{SECRET} {OTHER}"}
    left = {
        "password": SECRET,
        "secret": "redacted1aaaaaaa",
        "text": f"{SECRET} redacted1aaaaaaa",
    }
    assert written(f'keep_values = ["{SECRET}"]', given) == left
    kept_of_environment = written(f'keep_values = ["{SECRET}"]', given, API_TOKEN=SECRET)
    assert kept_of_environment == left


def test_values_and_secrets_from(written: Answered) -> None:
    given = {"text": f"{SECRET} and {OTHER} of Ada"}
    table = f'values = ["{SECRET}"]\nsecrets_from = ["FAVOURITE_COLOUR"]'
    left = {"text": "redactedvalue1aaaaaaaaaaaaaa and redacted1aaaaaaa of Ada"}
    assert written(table, given, FAVOURITE_COLOUR=OTHER) == left
    assert written(table, given) == {"text": f"redactedvalue1aaaaaaaaaaaaaa and {OTHER} of Ada"}


def test_working_directory_is_no_password(written: Answered) -> None:
    """Every shell sets PWD, and an answer may contain the path."""
    given = {"text": "/home/ada/shop/orders.py"}
    assert written("", given, PWD="/home/ada/shop") == given
    left = {"text": "Redacted-password-1/orders.py"}
    assert written('secrets_from = ["PWD"]', given, PWD="/home/ada/shop") == left


def test_configured_secrets_without_the_environment_rule(written: Answered) -> None:
    given = {"text": f"{SECRET} and {OTHER} and not-a-secret-1"}
    table = f'off = ["environment"]\nvalues = ["{SECRET}"]\nsecrets_from = ["FAVOURITE_COLOUR"]'
    left = {"text": "redactedvalue1aaaaaaaaaaaaaa and redacted1aaaaaaa and not-a-secret-1"}
    assert written(table, given, FAVOURITE_COLOUR=OTHER, API_TOKEN="not-a-secret-1") == left


@pytest.mark.parametrize(
    ("path", "hits"),
    [
        ("$.note", "a"),
        ("$['note']", "a"),
        ("$.users[*].note", "b c"),
        ("$.users[*]['note']", "b c"),
        ("$['users'][*].note", "b c"),
        ("$..note", "a b c d"),
        ("$.users[*].*", "b c"),
        ("$.*.note", ""),
        ("$.deep.er.note", "d"),
        ("$.deep.*.note", "d"),
        ("$.deep..note", "d"),
        ("$.list[*]", "e f"),
        ("$.not_there", ""),
    ],
)
def test_json_paths(written: Answered, path: str, hits: str) -> None:
    given = {
        "note": "a",
        "users": [{"note": "b"}, {"note": "c"}],
        "deep": {"er": {"note": "d"}},
        "list": ["e", "f"],
    }
    left = json.dumps(written(f'json_paths = ["{path}"]', given))
    assert [letter for letter in "abcdef" if f'"{letter}"' not in left] == hits.split()


def test_json_path_of_a_list_at_the_top(written: Answered) -> None:
    given = [{"a": "b"}, {"a": "c"}]
    left = [{"a": "Redacted-secret-1"}, {"a": "Redacted-secret-2"}]
    assert written('json_paths = ["$[*].a"]', given) == left


@pytest.mark.parametrize("table", ['names = ["member"]', 'json_paths = ["$.member"]'])
def test_configured_number_is_replaced(written: Answered, table: str) -> None:
    """The placeholder is a number too. Default rules leave numbers alone."""
    given = {"member": 73155, "at": 73155, "password": 73155}
    assert written(table, given) == {**given, "member": 90001}
    kept: Json = {"member": [True, None, 7, -1.5]}
    assert written(table, kept) == kept


def test_patterns(written: Answered) -> None:
    table = "[scrub.patterns]\nmember = 'M-\\d+'\nseat = 'seat (?P<secret>\\d+[A-F])'"
    given = {"text": "M-12345678 on seat 12C", "number": 12345678}
    left = {"text": "REDACTED1A on seat Redacted-secret-2", "number": 12345678}
    assert written(table, given) == left
    assert written(f'off = ["seat"]\n{table}', given)["text"].endswith("on seat 12C")


def test_pattern_with_the_id_of_a_vendor(written: Answered) -> None:
    """A new version may add a vendor with the id that a project has given to its own pattern."""
    table = "[scrub.patterns]\nvault = 'door (?P<secret>hvs\\.\\d{4})'"
    token = "hvs.CAESIJ3kq9Zt7Wm2Xb4Lr8Pn6Vd1"
    given = {"text": f"door hvs.1234 or {token}"}
    left = {"text": "door r00.0001 or hvs.RedactedToken1AAAAAAAAAAAAAA"}
    assert written(table, given) == left
    assert written(f'off = ["vault"]\n{table}', given) == given


@pytest.mark.parametrize("rule", sorted(FORMAT_RULES))
def test_a_pattern_may_have_the_id_of_any_format(written: Answered, rule: str) -> None:
    """Also of those that only a newer version has: an update does not break a configuration."""
    table = f"[scrub.patterns]\n{rule} = 'M-\\d+'"
    assert written(table, {"text": "M-12345678"}) == {"text": "REDACTED1A"}


@pytest.mark.parametrize(
    ("rule", "value", "left"),
    [
        ("email", "ada@acme.io", "redacted-1@example.com"),
        ("ip", "8.8.4.4", "198.18.0.1"),
        ("phone", "+44 20 7946 0958", None),
    ],
)
def test_personal(written: Answered, rule: str, value: str, left: str | None) -> None:
    assert written("", {"a": value}) == {"a": value}
    made = written(f'personal = ["{rule}"]', {"a": value})["a"]
    assert made == left or (left is None and made != value)


def test_names_of_persons(written: Answered) -> None:
    given = {"first_name": "Ada", "file_name": "a.txt"}
    left = {"first_name": "Redacted-person-1", "file_name": "a.txt"}
    assert written('personal = ["person"]', given) == left


HOOKS = """
def mark(interaction, learn):
    learn("secret", "open sesame")
    outcome = interaction.outcome
    return interaction._replace(outcome=outcome._replace(body=b'{"a": "open sesame"}'))

not_callable = 3
"""


def test_hook(tmp_path: Path, written: Answered, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is imported from the directory of the configuration; `sys.path` is restored."""
    (tmp_path / "hooks_of_ours.py").write_text(HOOKS, encoding="utf-8")
    monkeypatch.syspath_prepend("/somewhere/else")
    path = [*sys.path]
    assert written('hook = "hooks_of_ours:mark"', {"a": 1}) == {"a": "Redacted-secret-1"}
    assert sys.path == path


# --- invalid values ---------------------------------------------------------------------------

INVALID = {
    "unknown key": ('[scrub]\noff_rules = ["jwt"]', "unknown key scrub.off_rules"),
    "near key": ('[scrub]\nkeep_name = ["x"]', "scrub.keep_name. Did you mean 'keep_names'?"),
    "near rule": ('[scrub]\noff = ["fields"]', "scrub.off: unknown rule 'fields'. Did you"),
    "no rule": ('[scrub]\noff = ["qqq"]', "unknown rule 'qqq'. `reprise rules` lists them all."),
    "near personal": ('[scrub]\npersonal = ["emails"]', "scrub.personal: unknown rule"),
    "rule is not personal": ('[scrub]\npersonal = ["jwt"]', "scrub.personal: unknown rule"),
    "scrub is a list": ("scrub = []", "scrub must be a table"),
    "scrub is a number": ("scrub = 3", "scrub must be a table"),
    "broken TOML": ("[scrub\n", "not valid TOML: "),
    "twice": ("[scrub]\nnames = []\nnames = []", "not valid TOML: "),
    "deep": ("a = " + "[" * 5000 + "]" * 5000, "not valid TOML"),
    "patterns are a list": ('[scrub]\npatterns = ["x"]', "scrub.patterns must be a table"),
    "pattern is a number": ("[scrub]\npatterns.x = 3", "scrub.patterns must be a table"),
    "pattern is a table": ("[scrub]\npatterns.x.y = 'a'", "scrub.patterns must be a table"),
    "bad pattern": ("[scrub]\npatterns.x = '('", "scrub.patterns.x: invalid regular expression: "),
    "huge pattern": ("[scrub]\npatterns.x = 'a{99999999999}'", "scrub.patterns.x: invalid regular"),
    "deep pattern": (f"[scrub]\npatterns.x = '{'(' * 5000}'", "scrub.patterns.x: invalid regular"),
    "doubtful pattern": ("[scrub]\npatterns.x = '[[a]b'", "scrub.patterns.x: invalid regular"),
    "flags amid": ("[scrub]\npatterns.x = 'a(?i)b'", "scrub.patterns.x: invalid regular"),
    "empty pattern": ("[scrub]\npatterns.x = ''", "scrub.patterns.x: matches the empty string"),
    "pattern of all": ("[scrub]\npatterns.x = '.*'", "scrub.patterns.x: matches the empty string"),
    "id is taken": (
        "[scrub]\npatterns.jwt = 'a'",
        "scrub.patterns.jwt: a built-in rule has this id",
    ),
    "personal id": (
        "[scrub]\npatterns.email = 'a'",
        "scrub.patterns.email: a built-in rule has this id",
    ),
    "path id": (
        "[scrub]\npatterns.json-path = 'a'",
        "scrub.patterns.json-path: a built-in rule has this id",
    ),
    "short value": (f'[scrub]\nvalues = ["{SECRET}", "abc"]', "scrub.values: number 2 is too"),
    "common value": ('[scrub]\nvalues = ["postgres"]', "scrub.values: number 1 is too"),
    "number as value": ('[scrub]\nvalues = ["12345678"]', "scrub.values: number 1 is too"),
    "hook without a colon": (
        '[scrub]\nhook = "hooks"',
        "scrub.hook: invalid value 'hooks': expected 'module:",
    ),
    "hook is a number": (
        "[scrub]\nhook = 3",
        "scrub.hook: invalid value 3: expected 'module:function'",
    ),
    "hook is a list": ('[scrub]\nhook = ["a:b"]', "scrub.hook: invalid value ['a:b']: expected"),
    "hook is empty": (
        '[scrub]\nhook = ""',
        "scrub.hook: invalid value '': expected 'module:function'",
    ),
    "hook without module": (
        '[scrub]\nhook = ":f"',
        "scrub.hook: invalid value ':f': expected 'module:function'",
    ),
    "hook without function": (
        '[scrub]\nhook = "json:"',
        "scrub.hook: invalid value 'json:': expected 'module:",
    ),
    "hook is not there": ('[scrub]\nhook = "no_such_module:f"', "scrub.hook cannot be imported: "),
    "relative hook": ('[scrub]\nhook = ".hooks:f"', "scrub.hook cannot be imported: "),
    "function not there": ('[scrub]\nhook = "json:f"', "scrub.hook: json has no function 'f'"),
    "not a function": ('[scrub]\nhook = "json:__name__"', "json has no function '__name__'"),
}


@pytest.mark.parametrize("case", INVALID)
def test_error_for_invalid_value(tmp_path: Path, case: str) -> None:
    table, problem = INVALID[case]
    assert problem in _problem(tmp_path, table)


LISTS = "off names keep_names keep_values values secrets_from json_paths personal".split()


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize(
    "wrong", ["3", "true", '"text"', '""', "[1]", '[["x"]]', '[""]', "{}", "1979-05-27", "nan"]
)
def test_error_for_other_than_a_list_of_strings(tmp_path: Path, key: str, wrong: str) -> None:
    assert f"scrub.{key} " in _problem(tmp_path, f"[scrub]\n{key} = {wrong}")


@pytest.mark.parametrize("key", ["values", "keep_values"])
def test_error_does_not_show_the_value(tmp_path: Path, key: str) -> None:
    """More people read the log than the file."""
    assert SECRET not in _problem(tmp_path, f'[scrub]\n{key} = ["{SECRET}", 3]')


@pytest.mark.parametrize("key", LISTS)
def test_list_may_be_empty_or_have_duplicates(written: Answered, key: str) -> None:
    word = {"off": "ssn", "personal": "ip", "json_paths": "$.zzz"}.get(key, "unheard-of-1")
    assert written(f"{key} = []", {"a": "b"}) == {"a": "b"}
    assert written(f'{key} = ["{word}", "{word}"]', {"a": "b"}) == {"a": "b"}


@pytest.mark.parametrize(
    "path",
    "note .note $ $. $note. $.a. $.a[0] $.a[?(@.b)] $[0:2] $.a[b] $['a $.a,$.b $$.a $...a".split(),
)
def test_unsupported_json_path(tmp_path: Path, path: str) -> None:
    problem = _problem(tmp_path, f'[scrub]\njson_paths = ["{path}"]')
    assert problem.startswith(f"scrub.json_paths: unsupported path {path!r}. ")


@pytest.mark.parametrize("line", ["import no_such_module", "1 / 0", "def (", "raise Exception"])
def test_hook_whose_module_fails(tmp_path: Path, line: str) -> None:
    module = "hooks_" + re.sub(r"\W", "_", line)
    (tmp_path / f"{module}.py").write_text(line + "\n", encoding="utf-8")
    problem = _problem(tmp_path, f'[scrub]\nhook = "{module}:f"')
    assert problem.startswith("scrub.hook cannot be imported: ")


@pytest.mark.parametrize("name", ["pyproject.toml", "reprise.toml"])
@pytest.mark.parametrize("content", [b"\xff\xfe[scrub]", "names = ['é']".encode("latin-1"), b"\0"])
def test_file_that_is_not_toml(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"{name}: not valid TOML: "):
        make_scrubber(tmp_path, {})


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "reprise.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"reprise\.toml: cannot be read: "):
        make_scrubber(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tool = 3", "tool must be a table"),
        ("[tool]\nreprise = []", "tool.reprise must be a table"),
        ("[tool.reprise]\nscrub = true", "tool.reprise.scrub must be a table"),
        ("[[tool.reprise.scrub]]\nnames = []", "tool.reprise.scrub must be a table"),
        ("[tool.reprise.scrub]\nname = []", "unknown key scrub.name. Did you mean 'names'?"),
        ("[tool.reprise.scrubs]\nnames = []", "unknown key tool.reprise.scrubs. Did you mean"),
    ],
)
def test_error_for_invalid_table_in_pyproject(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        make_scrubber(tmp_path, {})
    assert f"{tmp_path / 'pyproject.toml'}: {problem}" in str(raised.value)


def test_error_for_misspelt_table_in_own_file(tmp_path: Path) -> None:
    """Ignored silently, it would leave secrets in cassettes."""
    assert "unknown key scrubs. Did you mean 'scrub'?" in _problem(tmp_path, "[scrubs]\nnames = []")


# --- .env -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=b", {"A": "b"}),
        ("A=b\nC=d\n", {"A": "b", "C": "d"}),
        ("A=b\r\nC=d\r\n", {"A": "b", "C": "d"}),
        (" A = b c \n", {"A": "b c"}),
        ("export A=b", {"A": "b"}),
        ("\texport  A=b", {"A": "b"}),
        ('A="b c"', {"A": "b c"}),
        ("A='b \"c\"'", {"A": 'b "c"'}),
        ('A="b # c" # d', {"A": "b # c"}),
        ("A=b # c", {"A": "b"}),
        ("A=b#c", {"A": "b#c"}),
        ("# A=b\n#C=d\nE=f", {"E": "f"}),
        ("A=\nC=d", {"A": "", "C": "d"}),
        ("A\nC=d", {"C": "d"}),
        ("A= # none\nC=d", {"A": "", "C": "d"}),
        ("A=''\nC=\"\"\n", {"A": "", "C": ""}),
        ('A="b\nc"\nD=e', {"A": "b\nc", "D": "e"}),
        ('A="b\\"c"', {"A": 'b"c'}),
        ("A='b\\'c'", {"A": "b'c"}),
        ('A="b\\nc"', {"A": "b\nc"}),
        ("A='b\\nc'", {"A": "b\\nc"}),
        ("A=b=c==", {"A": "b=c=="}),
        ("A=b\n\n\n\nA=c", {"A": "c"}),
        ("A=p\"q'r", {"A": "p\"q'r"}),
        ('A="open\nB=c', {"A": '"open', "B": "c"}),
        ("1A=b\nB C=d\n=e\nF=g", {"F": "g"}),
        ("\ufeffA=b", {"A": "b"}),
        ("", {}),
    ],
)
def test_variables_of_a_dotenv(text: str, found: dict[str, str]) -> None:
    """As python-dotenv reads them, but without references to other variables."""
    assert parse_dotenv(text) == found


def test_dotenv_counts_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DB_PASSWORD={SECRET}\nAPI_TOKEN={OTHER}\n", encoding="utf-8")
    given: Json = {"text": f"{SECRET} {OTHER} not-in-a-file"}
    left = {"text": f"Redacted-password-1 {OTHER} redactedxbaaa"}
    assert _scrubbed(tmp_path, given, {"API_TOKEN": "not-in-a-file"}) == left


@pytest.mark.parametrize(
    "around", [b"# \xe9t\xe9\n", b"\0\x01\xff\xfe\n", b"\xef\xbb\xbf", b"\n" * 5000, b"='\"\\#\n"]
)
def test_dotenv_with_invalid_lines(tmp_path: Path, around: bytes) -> None:
    """A comment in Latin-1 does not hide the password."""
    (tmp_path / ".env").write_bytes(around + f"DB_PASSWORD={SECRET}\n".encode())
    assert _scrubbed(tmp_path, {"text": SECRET}) == {"text": "Redacted-password-1"}


@pytest.mark.parametrize("content", [bytes(range(256)) * 50, b"\x80\x04=\x95" * 5000, b"A" * 99999])
def test_binary_dotenv_is_accepted(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    assert _scrubbed(tmp_path, {"a": "b"}) == {"a": "b"}


def test_dotenv_directory_is_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert _scrubbed(tmp_path, {"a": "b"}) == {"a": "b"}
