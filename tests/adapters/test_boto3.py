"""boto3 under vcrpy and under Reprise: streams, retries, and the threads of its transfers."""

from __future__ import annotations

import pytest

from pytest_reprise.commands.main import main

from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "xdist", "faker", "asyncio")
PLAIN = ("-p", "no:reprise")

SUITE = """
    import io
    import os

    import boto3
    import pytest
    from botocore import session as botocore_session
    from botocore.config import Config
    from botocore.exceptions import ClientError

    pytestmark = pytest.mark.vcr


    @pytest.fixture
    def s3(monkeypatch):
        monkeypatch.setattr("time.sleep", lambda _: None)
        retries = {"max_attempts": 3, "mode": "standard"}
        return boto3.client(
            "s3",
            endpoint_url=os.environ["API_BASE_URL"],
            region_name="eu-west-1",
            config=Config(retries=retries, s3={"addressing_style": "path"}),
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/x",
        )


    def test_stream(s3):
        pieces = [*s3.get_object(Bucket="bucket", Key="big")["Body"].iter_chunks(10_000)]
        assert [len(piece) for piece in pieces] == [10_000] * 4
        lines = [*s3.get_object(Bucket="bucket", Key="big")["Body"].iter_lines()]
        assert lines[-1] == b"line 3999"


    def test_part_of_a_stream(s3):
        with s3.get_object(Bucket="bucket", Key="big")["Body"] as body:
            assert body.read(9) == b"line 0000"


    def test_retries(s3):
        answer = s3.get_object(Bucket="bucket", Key="flaky")
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert answer["Body"].read() == b"at last"


    def test_too_many_retries(s3):
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket="bucket", Key="down")
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 3


    def test_transfers_in_threads(s3):
        s3.upload_fileobj(io.BytesIO(b"some bytes"), "bucket", "up")
        made = io.BytesIO()
        s3.download_fileobj("bucket", "big", made)
        assert made.getvalue().endswith(b"line 3999\\n")


    def test_botocore_alone():
        client = botocore_session.get_session().create_client(
            "sts",
            endpoint_url=os.environ["API_BASE_URL"],
            region_name="eu-west-1",
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/x",
        )
        assert client.get_caller_identity()["Account"] == "123456789012"
"""
IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""
TESTS = 6


def _answer(server: Server) -> None:
    down = (503, {"Content-Type": "application/xml"}, b"<Error><Code>SlowDown</Code></Error>")
    big = "".join(f"line {n:04}\n" for n in range(4000)).encode()
    headers = {"Content-Type": "text/plain", "ETag": '"1"'}
    server.answers = {
        "/bucket/big": (200, headers, big),
        "/bucket/flaky": [down, down, (200, headers, b"at last")],
        "/bucket/down": down,
        "/bucket/up": (200, headers, b""),
        "/": (200, {"Content-Type": "text/xml"}, IDENTITY),
    }


@pytest.mark.parametrize("recorder", ["vcrpy", "reprise"])
def test_boto3_replays_what_either_recorded(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester, recorder: str
) -> None:
    _answer(server)
    suite(SUITE)
    recording = PLAIN if recorder == "vcrpy" else ()
    run("--record-mode=once", *recording).assert_outcomes(passed=TESTS)
    server.stop()
    offline = ("--record-mode=none", "--block-network")
    run(*offline).assert_outcomes(passed=TESTS)
    if recorder == "vcrpy":
        assert main(["migrate", str(pytester.path / "cassettes")]) == 0
        run(*offline).assert_outcomes(passed=TESTS)
    run(*offline, *PLAIN).assert_outcomes(passed=TESTS)
    assert len([*pytester.path.rglob("*.yaml")]) == TESTS
