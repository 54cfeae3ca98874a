"""Values and names that look like secrets and are none, as public cassettes contain them."""

from __future__ import annotations

import json

import pytest

from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.rules.stand_ins import is_stand_in
from pytest_reprise.scrub.scrubber import Scrubber

JSON = (("Content-Type", "application/json"),)
STAND_INS = (
    "REDACTED [REDACTED] <redacted> redacted XXX xxx XXXXXXXX *** ***** ntn_... sk-... ... <token> "
    "<YOUR_API_KEY> AUTHORIZATION-XXX X-API-KEY-XXX DUMMY dummy dummy-api-key DUMMY_TOKEN fake_key "
    "FAKE_OPENAI_API_KEY fake-notion-token mock-token placeholder PLACEHOLDER SANITIZED SCRUBBED "
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx xoxb-xxxx-xxxxxxxx sk-proj-****************abcd "
    "X-GOOG-API-KEY-XXX X-AMZ-SECURITY-TOKEN-XXX ya29.FILTERED_ACCESS_TOKEN_XXX OPENAI_API_KEY "
    "os.environ['AGENTOPS_API_KEY'] process.env.API_KEY "
    "${TOKEN} $TOKEN {{token}} %(token)s <|endoftext|> <|im_end|> </s> <s> <pad> [CLS] dummy-123"
).split()
SECRETS = (
    "hunter2 hunter2-hunter2 correct-horse-battery-9 fake!pass my-dog-fake hunter2... Xx1x2y3z "
    "DummyP4ssword sk-abc...xyz tr0ub4dor&3 xxxkey9f8e7d6c5b4a39 pass**word1 3f9Kq27LmZx81RtYw0Bn"
).split()


@pytest.mark.parametrize("value", STAND_INS)
def test_placeholders_that_people_write_stay(value: str) -> None:
    """In each place, also as the last part of what a vendor's token looks like."""
    assert is_stand_in(value)
    assert _scrubbed_everywhere(value) == []


@pytest.mark.parametrize("value", SECRETS)
def test_secrets_with_a_mask_or_such_a_word_in_them_do_not_stay(value: str) -> None:
    assert not is_stand_in(value)
    body = json.dumps({"password": value}).encode()
    made = Interaction(Request("POST", "http://api.test/", JSON, body), Response(200))
    [scrubbed] = Scrubber(Vault()).scrub([made])
    assert value.encode() not in scrubbed.request.body


def _scrubbed_everywhere(value: str) -> list[str]:
    """Return the places in which a value does not stay."""
    body = json.dumps({"password": value, "api_key": value, "error": f"Invalid key: {value}"})
    places = {
        "authorization": Request("GET", "http://api.test/", (("Authorization", value),)),
        "bearer": Request("GET", "http://api.test/", (("Authorization", f"Bearer {value}"),)),
        "header": Request("GET", "http://api.test/", (("X-Api-Key", value),)),
        "cookie": Request("GET", "http://api.test/", (("Cookie", f"sessionid={value}"),)),
        "json": Request("POST", "http://api.test/", JSON, body.encode()),
        "text": Request("POST", "http://api.test/", (), f"TOKEN={value}\n".encode()),
    }
    if value.isascii() and value.replace("-", "").replace("_", "").isalnum():
        places["query"] = Request("GET", f"http://api.test/?api_key={value}")
    scrub = Scrubber(Vault()).scrub
    return [n for n, r in places.items() if scrub([Interaction(r, Response(200))])[0].request != r]


HARMLESS_HEADERS = {
    "x-ratelimit-reset-tokens": "6m12s",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-input-tokens": "1h23m45.678s",
    "x-rate-limit-tokens-per-minute": "10 per minute, burst 20",
    "anthropic-ratelimit-tokens-reset": "2026-01-31T12:00:00Z",
    "access-control-allow-credentials": "true",
    "x-uses-credentials": "false",
    "x-csrf-token": "Fetch",
    "x-token-time-left": "12.5ms",
    "x-time-to-first-token": "241.7ms",
}


@pytest.mark.parametrize("name", HARMLESS_HEADERS)
def test_headers_with_a_harmless_meaning_stay(name: str) -> None:
    answered = Response(200, "OK", ((name, HARMLESS_HEADERS[name]),))
    [scrubbed] = Scrubber(Vault()).scrub([Interaction(Request("GET", "http://a.test/"), answered)])
    assert scrubbed.outcome == answered


HARMLESS_FIELDS = {
    "eos_token": "<|endoftext|>",
    "bos_token": "<|begin_of_text|>",
    "pad_token": "<|finetune_right_pad_id|>",
    "unk_token": "[UNKNOWN-TOKEN-1]",
    "stop_token": "</answer_end>",
    "additional_special_tokens": ["<|im_start|>", "<|tool_call_begin|>"],
    "logprobs": {"content": [{"token": " https://example", "logprob": -0.1, "bytes": [32]}]},
    "usage": {"prompt_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 0}},
    "token": "################",
    "packages": {"PyJWT": "2.9.0"},
    "readme": "api_key=os.environ.get('ANTHROPIC_API_KEY'), and openai_api_key = os.getenv(NAME)",
    "code": "api_key: AGENTOPS_API_KEY\nclient_secret = process.env.CLIENT_SECRET;\n",
}


@pytest.mark.parametrize("name", HARMLESS_FIELDS)
def test_fields_of_language_models_stay(name: str) -> None:
    body = json.dumps({name: HARMLESS_FIELDS[name]}).encode()
    made = Interaction(Request("GET", "http://a.test/"), Response(200, "OK", JSON, body))
    [scrubbed] = Scrubber(Vault()).scrub([made])
    assert scrubbed == made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-auth-token", "short"),
        ("x-csrf-token", "a8f5f167f44f4964"),
        ("x-acme-token", "3f9Kq27LmZx81RtY"),
        ("password-reset-token", "3f9Kq27LmZx81RtY"),
        ("x-api-key", "abcdef"),
    ],
)
def test_headers_that_hold_secrets_do_not_stay(name: str, value: str) -> None:
    answered = Response(200, "OK", ((name, value),))
    [scrubbed] = Scrubber(Vault()).scrub([Interaction(Request("GET", "http://a.test/"), answered)])
    assert value not in str(scrubbed.outcome)
