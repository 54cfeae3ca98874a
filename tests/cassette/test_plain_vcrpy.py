"""vcrpy alone replays what Reprise wrote: every committed cassette without a failure."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import vcr
import yaml
from vcr.cassette import Cassette as TheirCassette
from vcr.request import Request as TheirRequest

from pytest_reprise.cassette.body_files import MIN_BODY_FILE_SIZE
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Interaction, Request, Response

ROOT = Path(__file__).parents[2] / "cassettes"
CASSETTES = sorted(ROOT.rglob("*.yaml"))
TAKES_BYTES = not vcr.__version__.startswith("7.")
"""vcrpy 7 decodes what httpx sends, so a binary request body is an error with any cassette. Such a
request is looked up in vcrpy's cassette directly, without httpx."""


def _interactions(path: Path) -> tuple[Interaction, ...]:
    cassette = load(path)
    assert cassette is not None
    return cassette.interactions


def _is_whole(interaction: Interaction) -> bool:
    return isinstance(interaction.outcome, Response) and not interaction.outcome.broken_by


def _same(ours: bytes, theirs: bytes) -> bool:
    """Equal bytes; equal values for JSON that the cassette has as an indented block."""
    return ours == theirs or json.loads(ours) == json.loads(theirs)


def test_there_are_cassettes() -> None:
    assert len(CASSETTES) > 100


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: str(path.relative_to(ROOT)))
def test_plain_vcrpy_replays_it(path: Path) -> None:
    interactions = _interactions(path)
    if not all(map(_is_whole, interactions)):
        interactions = ()  # vcrpy has no failures; another test shows that it loads them
    with vcr.use_cassette(str(path), record_mode="none") as cassette, httpx.Client() as client:
        for interaction in interactions:
            if TAKES_BYTES or _is_text(interaction.request.body):
                _assert_replays(client, interaction)
            else:
                _assert_plays(cassette, interaction)


def _is_text(body: bytes) -> bool:
    return body.decode(errors="ignore").encode() == body


def _assert_replays(client: httpx.Client, interaction: Interaction) -> None:
    request, outcome = interaction.request, interaction.outcome
    assert isinstance(outcome, Response)
    headers = list(request.headers)
    sent = client.build_request(request.method, request.url, headers=headers, content=request.body)
    answer = client.send(sent, stream=True)
    assert answer.status_code == outcome.status
    assert _same(outcome.body, b"".join(answer.iter_raw()))


def _assert_plays(cassette: TheirCassette, interaction: Interaction) -> None:
    request, outcome = interaction.request, interaction.outcome
    assert isinstance(outcome, Response)
    sent = TheirRequest(request.method, request.url, request.body, dict(request.headers))
    answer = cassette.play_response(sent)
    assert answer["status"]["code"] == outcome.status
    assert _same(outcome.body, answer["body"]["string"])


def test_error_of_vcrpy_explains_a_body_file(tmp_path: Path) -> None:
    path = tmp_path / "test_download.yaml"
    answered = Interaction(
        Request("GET", "http://api.test/"), Response(200, body=b"\xff" * MIN_BODY_FILE_SIZE)
    )
    save(path, Cassette((answered,), Header(datetime.now(UTC), "a test")))
    with (
        pytest.raises((ValueError, yaml.YAMLError)) as caught,
        vcr.use_cassette(str(path), record_mode="none"),
    ):
        pass
    # vcrpy 7 says that the cassette is an old one. Only the cause of that error names the tag.
    message = f"{caught.value} {caught.value.__context__}"
    assert "determine a constructor for the tag '!in-a-file-that-vcrpy-cannot-read'" in message
