"""Small files that mean very large values are refused by every reader, with their line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette import document_text, limits
from pytest_reprise.cassette.load import parse
from pytest_reprise.cassette.yaml import safe
from pytest_reprise.cassette.yaml.safe import InvalidYamlError
from pytest_reprise.errors import CassetteError

from ..harness.bombs import BOMBS, cassette, many_values
from ..harness.runs import Run, Suite
from ..harness.strategies import MANY

PATH = Path("cassettes/test_it.yaml")
MAX_SECONDS = 30
"""CPU time for all bombs together. Without the limits, each of several takes minutes."""
MAX_MEMORY = 600
"""MB at the peak. Without the limits, several bombs need more than the machine has."""

MEASURED = """
import contextlib, io, resource, sys
from pathlib import Path

resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, 4 * 10**9))
from pytest_reprise.commands.main import main

for path in sorted(Path(sys.argv[1]).iterdir()):
    code = {}
    for command in ("check", "show", "diff", "audit", "migrate"):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code[command] = main([command, *[str(path)] * (1 + (command == "diff"))])
    print(path.stem, code)
used = resource.getrusage(resource.RUSAGE_SELF)
print("used", used.ru_utime, used.ru_maxrss / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has another unit elsewhere")
def test_commands_refuse_bombs_in_bounded_time_and_memory(tmp_path: Path) -> None:
    for name, text in BOMBS.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path.parent,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    *lines, used = ran.stdout.splitlines()
    refused = {"check": 1, "show": 2, "diff": 2, "audit": 0, "migrate": 1}
    assert {line for line in lines if not line.endswith(str(refused))} == set()
    seconds, megabytes = map(float, used.split()[1:])
    assert seconds < MAX_SECONDS
    assert megabytes < MAX_MEMORY


def test_replay_refuses_bombs(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    names = ["aliases", "merge keys", "recursive", "deep JSON"]
    directory = pytester.path / "cassettes/test_suite"
    directory.mkdir(parents=True)
    tests = "import httpx\nimport pytest\n"
    for number, name in enumerate(names):
        serializer = 'serializer="json"' if "JSON" in name else ""
        tests += (
            f"\n@pytest.mark.vcr({serializer})\ndef test_{number}():\n"
            '    httpx.get("http://api.test/")\n'
        )
        suffix = "json" if serializer else "yaml"
        (directory / f"test_{number}.{suffix}").write_text(BOMBS[name], encoding="utf-8")
    suite(tests)
    result = run()
    result.assert_outcomes(errors=len(names))
    printed = result.stdout.str()
    assert "test_0.yaml:7: its aliases make it too large" in printed
    assert "test_1.yaml:7: its aliases make it too large" in printed
    assert "test_2.yaml:2: an alias inside of its own anchor" in printed
    assert "test_3.json:1: nested too deeply: it has more than 100 levels" in printed


MANY_VALUES = many_values(1000)


@pytest.mark.parametrize("name", [*BOMBS, *MANY_VALUES])
def test_every_reader_refuses_the_bomb(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in MANY_VALUES:  # to count to the real limit takes seconds
        monkeypatch.setattr(limits, "MAX_VALUES", 900)
    text = BOMBS[name] if name in BOMBS else MANY_VALUES[name]
    with pytest.raises(CassetteError) as caught:
        parse(text, PATH)
    assert 1 <= caught.value.line <= text.count("\n") + 1
    with pytest.raises(InvalidYamlError):
        document_text.read(text)
    with pytest.raises(InvalidYamlError):
        safe.load_by_nodes(text)
    if "JSON" in name:
        with pytest.raises(CassetteError):
            parse(text, PATH, json.loads)
    if "number" not in name:  # that parser computes the number
        with pytest.raises(CassetteError):
            parse(text, PATH, yaml.safe_load)


def test_aliases_of_an_ordinary_size_are_accepted() -> None:
    """vcrpy writes an alias where it holds the same object twice, such as the same headers."""
    text = cassette("hi", "a: &a " + "x" * 50_000 + "\nb: [*a, *a, *a, *a, *a]\n")
    assert len(parse(text, PATH).interactions) == 1


VALUES = st.recursive(
    st.text("ab", max_size=5) | st.integers(0, 99) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _with_aliases(draw: st.DrawFn) -> object:
    """Values in which the same list or mapping is at several places."""
    made: list[object] = [draw(VALUES) for _ in range(2)]
    for _ in range(draw(st.integers(0, 5))):
        made.append([draw(st.sampled_from(made)) for _ in range(draw(st.integers(1, 3)))])
    return made


def _size(value: object) -> tuple[int, int]:
    """Return the number of values, and the levels of nesting, by a walk through all."""
    if not isinstance(value, (dict, list)):
        return 1, 0
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    sizes = [_size(child) for child in inner]
    return 1 + sum(n for n, _ in sizes), 1 + max((depth for _, depth in sizes), default=0)


def _is_refused(text: str) -> bool:
    try:
        safe.load_by_nodes(text)
    except InvalidYamlError:
        return True
    return False


@MANY
@given(_with_aliases())
def test_limits_count_what_the_loaded_values_hold(value: object) -> None:
    text = yaml.dump(value, Dumper=yaml.SafeDumper)
    values, depth = _size(value)
    assert _size(yaml.safe_load(text)) == (values, depth)
    for name, size in (("MAX_VALUES", values), ("MAX_DEPTH", depth)):
        for limit in (size - 1, size):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(limits, name, limit)
                assert _is_refused(text) == (limit < size)


@MANY
@given(st.lists(st.sampled_from('[]{},:"\\ 1a'), max_size=40).map("".join))
def test_json_is_counted_as_it_is_read(text: str) -> None:
    try:
        values, depth = _size(json.loads(text))
    except ValueError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MAX_DEPTH", depth)
        limits.check_json(text)
        patch.setattr(limits, "MAX_DEPTH", depth - 1)
        if depth:
            with pytest.raises(limits.LimitError):
                limits.check_json(text)
    assert len(text) * 3 + 1 >= values


@MANY
@given(VALUES, st.booleans())
def test_the_fast_estimate_is_never_too_low(value: object, flow: bool) -> None:
    for text in (yaml.safe_dump(value, default_flow_style=flow), json.dumps(value)):
        signs = sum(map(text.count, limits._SIGNS))
        assert signs * limits._VALUES_PER_SIGN + 1 >= _size(value)[0]
